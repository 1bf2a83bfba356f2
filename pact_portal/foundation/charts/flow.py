"""A flow in three columns, such as money from packages over sectors to what it is for.

Columns hold stops that are told apart by their key, so that two of the same name stay two. A ribbon is as thick as what
flows, and keeps the colour of where it began; names and values stand beside it, never on it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pact_portal.foundation.charts.bars import NARROW, plain
from pact_portal.foundation.charts.drawing import (
    INK,
    LINE,
    PAPER,
    QUIET,
    SERIES,
    SMALL,
    TEXT,
    Number,
    bar,
    room,
    shortened,
    shown,
    svg,
    text,
    wrapped,
)

REST = "rest"
"""The key of the stop in which the smallest of a column stand together."""

HIGH = 240.0
"""How thick all streams together are, in units of the drawing."""
_EDGE = 6
_GAP = 10
_HEAD = 26
_THINNEST = 0.75
# Per column: where its text begins and how wide it is; left and right of it stand the edges that ribbons touch.
_TEXTS = ((0, 146), (232, 136), (458, 182))
_LEFT = (None, 222, 446)
_RIGHT = (148, 370, None)


@dataclass(frozen=True, slots=True)
class Stop:
    """A place in a column. `key` tells it from others, `label` is read."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Stream:
    """What flows over one stop of every column. The value is not negative."""

    stops: tuple[Stop, ...]
    value: Number


@dataclass(slots=True)
class _Place:
    """A stop in the drawing: its column, its whole value, its words, its top and height."""

    stop: Stop
    column: int
    value: float
    words: list[str]
    height: float
    top: float = 0


def smallest(streams: Iterable[Stream], column: int, most: int) -> list[Stop]:
    """The stops of a column that are too many when at most `most` fit and the smallest stand together in one."""
    values: dict[str, float] = defaultdict(float)
    stops: dict[str, Stop] = {}
    for stream in streams:
        stop = stream.stops[column]
        values[stop.key] += float(stream.value)
        stops.setdefault(stop.key, stop)
    if len(stops) <= most:
        return []
    # The order in which they came decides between equals.
    return sorted(stops.values(), key=lambda stop: -values[stop.key])[most - 1 :]


def gathered(streams: Sequence[Stream], column: int, most: int, label: Callable[[int], str]) -> list[Stream]:
    """The same streams with no more than `most` stops in a column; `label` names the rest by how many it holds."""
    small = {stop.key for stop in smallest(streams, column, most)}
    if not small:
        return list(streams)
    rest = Stop(REST, label(len(small)))
    return [
        replace(stream, stops=(*stream.stops[:column], rest, *stream.stops[column + 1 :]))
        if stream.stops[column].key in small
        else stream
        for stream in streams
    ]


def flow(
    title: str,
    heads: Sequence[str],
    streams: Sequence[Stream],
    *,
    description: str = "",
    shown_as: Callable[[Number], str] = plain,
    high: float = HIGH,
) -> str:
    """Give the flow. `title` is the finding, `heads` names the three columns, `high` is how thick all is together.

    Raises ValueError for a stream that has not three stops, or a value below zero.
    """
    if len(heads) != len(_TEXTS):
        raise ValueError(f"{len(_TEXTS)} columns were expected.")
    flowing = _flowing(streams)
    total = sum(flowing.values())
    scale = high / total if total else 0.0
    columns = _columns(flowing, scale, shown_as)
    tallest = max((_height_of(column) for column in columns), default=0)
    for column in columns:
        y = _HEAD + (tallest - _height_of(column)) / 2
        for place in column:
            place.top = y
            y += place.height + _GAP
    colours = {place.stop.key: _colour(at) for at, place in enumerate(columns[0])}
    parts = [text(x, TEXT, shortened(head, width), bold=True) for head, (x, width) in zip(heads, _TEXTS, strict=True)]
    for before, after in pairwise(columns):
        parts += _ribbons(flowing, before, after, colours, scale)
    parts += [_written(place) for column in columns for place in column]
    return svg(title, description or _described(flowing, columns, shown_as), _HEAD + tallest + 4, parts)


def narrow(
    title: str,
    streams: Sequence[Stream],
    *,
    most: int,
    rest: Callable[[int], str],
    description: str = "",
    shown_as: Callable[[Number], str] = plain,
) -> str:
    """Give the flow for a telephone: under every stop of the first column a bar for each place that it flows to.

    Of more than `most` the smallest stand together; `rest` names them by how many they are.
    """
    flowing = _flowing(streams)
    firsts = list(dict.fromkeys(stops[0] for stops in flowing))
    groups: list[tuple[Stop, float, list[tuple[str, float]]]] = []
    for first in firsts:
        rows = [(_way(stops[1:]), value) for stops, value in flowing.items() if stops[0] == first]
        rows.sort(key=lambda row: -row[1])
        if len(rows) > most:
            rows, small = rows[: most - 1], rows[most - 1 :]
            rows.append((rest(len(small)), sum(value for _label, value in small)))
        groups.append((first, sum(value for _label, value in rows), rows))
    every = [row for _first, _value, rows in groups for row in rows]
    tail = max((room(shown_as(value)) for _label, value in every), default=0) + 8
    biggest = max((value for _label, value in every), default=0)
    scale = max(0.0, NARROW - tail) / biggest if biggest else 0.0
    parts, y = [], 0.0
    for at, (first, value, rows) in enumerate(groups):
        words = [*wrapped(first.label, NARROW), shown_as(value)]
        parts += [text(0, y + TEXT + LINE * nth, word, bold=True) for nth, word in enumerate(words)]
        y += LINE * len(words) + 6
        for label, amount in rows:
            lines = wrapped(label, NARROW)
            parts += [text(0, y + TEXT + LINE * nth, word) for nth, word in enumerate(lines)]
            y += LINE * len(lines) + 2
            parts.append(bar(0, y, amount * scale, TEXT, _colour(at)))
            parts.append(text(amount * scale + 6, y + TEXT - 2, shown_as(amount), fill=QUIET))
            y += TEXT + _GAP
        y += _GAP
    return svg(title, description or _told(flowing, shown_as), y, parts, width=NARROW)


def _flowing(streams: Sequence[Stream]) -> dict[tuple[Stop, ...], float]:
    """Streams over the same stops added up, without those that carry nothing. A key has the label that came first."""
    named: dict[tuple[int, str], Stop] = {}
    found: dict[tuple[Stop, ...], float] = defaultdict(float)
    for stream in streams:
        if len(stream.stops) != len(_TEXTS) or stream.value < 0:
            raise ValueError(f"{len(_TEXTS)} stops and a value of zero or more were expected: {stream}")
        if stream.value:
            stops = tuple(named.setdefault((at, stop.key), stop) for at, stop in enumerate(stream.stops))
            found[stops] += float(stream.value)
    return dict(found)


def _columns(
    flowing: dict[tuple[Stop, ...], float], scale: float, shown_as: Callable[[Number], str]
) -> list[list[_Place]]:
    """The stops of every column from top to bottom: the first as they came, the others beside what flows to them."""
    columns: list[list[_Place]] = []
    for column, (_x, width) in enumerate(_TEXTS):
        values: dict[Stop, float] = defaultdict(float)
        thick: dict[Stop, float] = defaultdict(float)
        drawn: dict[tuple[Stop, Stop, Stop], float] = defaultdict(float)
        for stops, value in flowing.items():
            values[stops[column]] += value
            for side in (column - 1, column + 1):
                if 0 <= side < len(stops):
                    drawn[(stops[column], stops[0], Stop(f"{side} {stops[side].key}", ""))] += value
        sides: dict[tuple[Stop, str], float] = defaultdict(float)
        for (stop, _first, other), value in drawn.items():
            sides[(stop, other.key[0])] += _thickness(value, scale)
        for (stop, _side), height in sides.items():
            thick[stop] = max(thick[stop], height)
        places = []
        for stop, value in values.items():
            words = [*wrapped(stop.label, width), shown_as(value)]
            places.append(_Place(stop, column, value, words, max(thick[stop], len(words) * (LINE - 1) + 2)))
        if columns:
            middle = _middles(flowing, columns[-1], column)
            places.sort(key=lambda place: (place.stop.key == REST, middle[place.stop], -place.value))
        else:
            places.sort(key=lambda place: place.stop.key == REST)
        columns.append(places)
    return columns


def _middles(flowing: dict[tuple[Stop, ...], float], before: list[_Place], column: int) -> dict[Stop, float]:
    """Per stop of a column at which place of the column before it most of it comes from, on average."""
    at = {place.stop: nth for nth, place in enumerate(before)}
    weighed: dict[Stop, float] = defaultdict(float)
    values: dict[Stop, float] = defaultdict(float)
    for stops, value in flowing.items():
        weighed[stops[column]] += at[stops[column - 1]] * value
        values[stops[column]] += value
    return {stop: weighed[stop] / value for stop, value in values.items()}


def _ribbons(
    flowing: dict[tuple[Stop, ...], float],
    before: list[_Place],
    after: list[_Place],
    colours: dict[str, str],
    scale: float,
) -> list[str]:
    left = {place.stop: (nth, place) for nth, place in enumerate(before)}
    right = {place.stop: (nth, place) for nth, place in enumerate(after)}
    column = before[0].column if before else 0
    values: dict[tuple[Stop, Stop, Stop], float] = defaultdict(float)
    for stops, value in flowing.items():
        values[(stops[column], stops[column + 1], stops[0])] += value
    order = {key: nth for nth, key in enumerate(colours)}
    leaves = _stacked(values, left, scale, side=0, order=lambda one: (right[one[1]][0], order[one[2].key]))
    comes = _stacked(values, right, scale, side=1, order=lambda one: (left[one[0]][0], order[one[2].key]))
    x, to = float(_RIGHT[column] or 0), float(_LEFT[column + 1] or 0)
    ribbons, edges = [], []
    for one, value in sorted(values.items(), key=lambda item: -item[1]):
        colour, thick = colours[one[2].key], _thickness(value, scale)
        ribbons.append(_ribbon(x + _EDGE, leaves[one], to, comes[one], thick, _pale(colour)))
        edges += [bar(x, leaves[one], _EDGE, thick, colour), bar(to, comes[one], _EDGE, thick, colour)]
    return [*ribbons, *edges]


def _stacked(
    values: dict[tuple[Stop, Stop, Stop], float],
    places: dict[Stop, tuple[int, _Place]],
    scale: float,
    *,
    side: int,
    order: Callable[[tuple[Stop, Stop, Stop]], tuple[int, int]],
) -> dict[tuple[Stop, Stop, Stop], float]:
    """At what height each ribbon touches its stop: under each other, in the order of the other side."""
    tops: dict[tuple[Stop, Stop, Stop], float] = {}
    for stop, (_nth, place) in places.items():
        mine = sorted((one for one in values if one[side] == stop), key=order)
        y = place.top + (place.height - sum(_thickness(values[one], scale) for one in mine)) / 2
        for one in mine:
            tops[one] = y
            y += _thickness(values[one], scale)
    return tops


def _ribbon(x: float, y: float, to: float, at: float, thick: float, fill: str) -> str:
    half = shown((x + to) / 2)
    begins, ends = shown(x), shown(to)
    return (
        f'<path d="M{begins} {shown(y)}C{half} {shown(y)} {half} {shown(at)} {ends} {shown(at)}'
        f"V{shown(at + thick)}C{half} {shown(at + thick)} {half} {shown(y + thick)} {begins} {shown(y + thick)}Z"
        f'" fill="{fill}" stroke="{PAPER}" stroke-width="0.5"/>'
    )


def _written(place: _Place) -> str:
    x = _TEXTS[place.column][0]
    top = place.top + (place.height - len(place.words) * (LINE - 1)) / 2
    *name, value = place.words
    return "".join(
        [
            *(text(x, top + TEXT + (LINE - 1) * nth, word, fill=INK) for nth, word in enumerate(name)),
            text(x, top + TEXT + (LINE - 1) * len(name) - 1, value, size=SMALL, fill=QUIET, bold=True),
        ]
    )


def _thickness(value: float, scale: float) -> float:
    return max(_THINNEST, value * scale)


def _height_of(column: list[_Place]) -> float:
    return sum(place.height for place in column) + _GAP * max(0, len(column) - 1)


def _colour(at: int) -> str:
    return SERIES[at % len(SERIES)]


def _pale(colour: str) -> str:
    """The colour with six parts of paper to four of itself."""
    mixed = [round(0.4 * int(colour[at : at + 2], 16) + 0.6 * 255) for at in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _described(
    flowing: dict[tuple[Stop, ...], float], columns: list[list[_Place]], shown_as: Callable[[Number], str]
) -> str:
    order = {place.stop: nth for nth, place in enumerate(columns[0])}
    return _told(dict(sorted(flowing.items(), key=lambda item: (order[item[0][0]], -item[1]))), shown_as)


def _told(flowing: dict[tuple[Stop, ...], float], shown_as: Callable[[Number], str]) -> str:
    """Say the flow in words; the table beside it says it again, in rows."""
    return " ".join(f"{_way(stops)}: {shown_as(value)}." for stops, value in flowing.items())


def _way(stops: Sequence[Stop]) -> str:
    return " › ".join(stop.label for stop in stops)
