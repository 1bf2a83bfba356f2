"""How an amount grows in time, against the lines that it should stay under and the days that matter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from pact_portal.foundation.charts.bars import NARROW, plain
from pact_portal.foundation.charts.drawing import (
    INK,
    LINE,
    PAPER,
    QUIET,
    RULE,
    SERIES,
    TEXT,
    WIDTH,
    Number,
    bar,
    line,
    room,
    shortened,
    shown,
    svg,
    text,
)

_HIGH = 190
_EDGE = 6
_SAMPLE = 28
_AREA = "#d9e8e9"
# Lines differ by their dashes before they differ by colour.
_DASHES = ("8 4", "2 4", "12 4 2 4")
_LEVELS = ("#5b4b8a", "#8a4b00", "#2e6b34")


@dataclass(frozen=True, slots=True)
class Level:
    """A line across: what it stands for, and its value."""

    label: str
    value: Number


@dataclass(frozen=True, slots=True)
class Mark:
    """A day that matters, such as today or the end of a period."""

    label: str
    on: date


def course(
    title: str,
    name: str,
    points: Sequence[tuple[date, Number]],
    *,
    first: date,
    last: date,
    levels: Sequence[Level] = (),
    marks: Sequence[Mark] = (),
    description: str = "",
    shown_as: Callable[[Number], str] = plain,
    width: float = WIDTH,
) -> str:
    """Give the course of `name` from `first` until `last`.

    `points` are the values that were reached on a day, in order; each holds until the next. What lies outside the
    period is drawn on its edge. `title` is the finding. Values are not negative, and there are at most three levels.
    """
    if len(levels) > len(_DASHES) or any(value < 0 for _on, value in points) or last <= first:
        raise ValueError("At most three levels, values of zero or more and a period were expected.")
    reached = points[-1][1] if points else 0
    parts, y = _legend(Level(name, reached), levels, shown_as, width)
    most = max([float(reached), *(float(level.value) for level in levels)]) or 1.0
    top, days = y + LINE * len(marks) + 10, (last - first).days
    bottom = top + _HIGH

    def across(on: date) -> float:
        return _EDGE + (width - 2 * _EDGE) * max(0, min(days, (on - first).days)) / days

    def up(value: Number) -> float:
        return bottom - (_HIGH - 4) * float(value) / most

    parts += _line_of(points, across, up, bottom)
    parts += [_across(level, nth, up, width) for nth, level in enumerate(levels)]
    for nth, mark in enumerate(marks):
        x, baseline = across(mark.on), y + LINE * nth + TEXT
        label = shortened(mark.label, width - 2 * _EDGE)
        begins = max(0.0, min(x - room(label) / 2, width - room(label)))
        # On paper of its own, for the line of the mark above it may pass here.
        parts.append(bar(begins, baseline - TEXT, room(label), LINE, PAPER))
        parts += [line(x, baseline + 4, x, bottom, QUIET), text(begins, baseline, label, fill=QUIET)]
    parts.append(line(_EDGE, bottom, width - _EDGE, bottom, INK))
    parts += _years(first, last, across, bottom)
    return svg(
        title, description or _described(name, points, levels, marks, shown_as), bottom + LINE + 6, parts, width=width
    )


def narrow(
    title: str,
    name: str,
    points: Sequence[tuple[date, Number]],
    *,
    first: date,
    last: date,
    levels: Sequence[Level] = (),
    marks: Sequence[Mark] = (),
    description: str = "",
    shown_as: Callable[[Number], str] = plain,
) -> str:
    """Give the same for a telephone."""
    return course(
        title,
        name,
        points,
        first=first,
        last=last,
        levels=levels,
        marks=marks,
        description=description,
        shown_as=shown_as,
        width=NARROW,
    )


def _legend(
    own: Level, levels: Sequence[Level], shown_as: Callable[[Number], str], width: float
) -> tuple[list[str], float]:
    """What each line is, drawn as it is drawn below, with its value; as many lines as that needs."""
    parts, x, y = [], 0.0, 0.0
    for nth, each in enumerate([own, *levels]):
        words = shortened(f"{each.label} {shown_as(each.value)}", width - _SAMPLE - 6)
        taken = _SAMPLE + 6 + room(words) + LINE
        if x and x + taken - LINE > width:
            x, y = 0.0, y + LINE + 2
        parts.append(_stroke(x, y + 7, x + _SAMPLE, y + 7, nth - 1))
        parts.append(text(x + _SAMPLE + 6, y + TEXT - 1, words))
        x += taken
    return parts, y + LINE + 10


def _stroke(x: float, y: float, to: float, at: float, nth: int) -> str:
    """The line of a level; -1 is the line of the course itself."""
    ends = f'x1="{shown(x)}" y1="{shown(y)}" x2="{shown(to)}" y2="{shown(at)}"'
    if nth < 0:
        return f'<line {ends} stroke="{SERIES[0]}" stroke-width="3"/>'
    return f'<line {ends} stroke="{_LEVELS[nth]}" stroke-width="2" stroke-dasharray="{_DASHES[nth]}"/>'


def _across(level: Level, nth: int, up: Callable[[Number], float], width: float) -> str:
    return _stroke(_EDGE, up(level.value), width - _EDGE, up(level.value), nth)


def _line_of(
    points: Sequence[tuple[date, Number]],
    across: Callable[[date], float],
    up: Callable[[Number], float],
    bottom: float,
) -> list[str]:
    if not points:
        return []
    placed = [(across(on), up(value)) for on, value in points]
    if placed[0][0] > _EDGE:
        placed.insert(0, (_EDGE, bottom))
    path = " ".join(f"{shown(x)},{shown(y)}" for x, y in placed)
    return [
        f'<polygon points="{path} {shown(placed[-1][0])},{shown(bottom)} {shown(placed[0][0])},{shown(bottom)}" '
        f'fill="{_AREA}"/>',
        f'<polyline points="{path}" fill="none" stroke="{SERIES[0]}" stroke-width="3" stroke-linejoin="round"/>',
        f'<circle cx="{shown(placed[-1][0])}" cy="{shown(placed[-1][1])}" r="4" fill="{SERIES[0]}"/>',
    ]


def _years(first: date, last: date, across: Callable[[date], float], bottom: float) -> list[str]:
    """Years below the line: a hairline where each begins, its number in the middle of what is seen of it."""
    parts, taken = [], 0.0
    for year in range(first.year, last.year + 1):
        begins, ends = across(max(first, date(year, 1, 1))), across(min(last, date(year, 12, 31)))
        if year > first.year:
            parts.append(line(begins, bottom, begins, bottom + 5, RULE))
        x = begins + (ends - begins - room(str(year))) / 2
        # A year of which too little is seen has no number.
        if ends - begins >= room(str(year)) and x >= taken:
            parts.append(text(x, bottom + LINE, str(year), fill=QUIET))
            taken = x + room(str(year)) + 4
    return parts


def _described(
    name: str,
    points: Sequence[tuple[date, Number]],
    levels: Sequence[Level],
    marks: Sequence[Mark],
    shown_as: Callable[[Number], str],
) -> str:
    """Say the chart in words; the table beside it says it again, in rows."""
    reached = points[-1][1] if points else 0
    said = [f"{each.label} {shown_as(each.value)}." for each in [Level(name, reached), *levels]]
    return " ".join([*said, *(f"{mark.label}." for mark in marks)])
