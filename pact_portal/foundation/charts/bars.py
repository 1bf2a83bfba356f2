"""Lying bars: what was budgeted against what was given out, and how one total is divided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pact_portal.foundation.charts.drawing import (
    LINE,
    QUIET,
    SERIES,
    SMALL,
    TEXT,
    WIDTH,
    Number,
    bar,
    legend,
    line,
    on,
    room,
    svg,
    text,
    wrapped,
)

_LABEL = 200
NARROW = 300
_THICK = 14
_GAP = 14


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chart: its label and one value per series. Values are not negative."""

    label: str
    values: Sequence[Number]


def plain(value: Number) -> str:
    """Give a whole number in Dutch: 1.250."""
    return f"{round(value):,}".replace(",", ".")


def grouped(
    title: str,
    series: Sequence[str],
    lines: Sequence[Line],
    *,
    description: str = "",
    shown_as: Callable[[Number], str] = plain,
    named: bool = False,
) -> str:
    """Give one bar per series under each other for every line, such as budget, allocated and spent per package.

    `title` is the finding; `shown_as` writes a value as it is to be read. With `named` each bar says its series itself,
    and there is no legend.
    """
    return _chart(title, series, lines, description, shown_as, stacked=False, keyed=not named, named=named)


def single(
    title: str, name: str, lines: Sequence[Line], *, description: str = "", shown_as: Callable[[Number], str] = plain
) -> str:
    """Give one bar per line, each with one value, such as questions per area. `name` is what is counted.

    What the bars are is in the title, so there is no legend.
    """
    return _chart(title, [name], lines, description, shown_as, stacked=False, keyed=False)


def narrow(title: str, name: str, lines: Sequence[Line], *, shown_as: Callable[[Number], str] = plain) -> str:
    """Give the chart of `single` for a telephone: half as wide, with each label above its bar."""
    return _narrow(title, [name], lines, shown_as, names=())


def narrow_grouped(
    title: str, series: Sequence[str], lines: Sequence[Line], *, shown_as: Callable[[Number], str] = plain
) -> str:
    """Give the chart of `grouped` for a telephone; each bar says its series itself."""
    return _narrow(title, series, lines, shown_as, names=series)


def _narrow(
    title: str,
    series: Sequence[str],
    lines: Sequence[Line],
    shown_as: Callable[[Number], str],
    *,
    names: Sequence[str],
) -> str:
    most = max((float(value) for each in lines for value in each.values), default=0)
    tail = max((room(end) for each in lines for end in _ends(each, shown_as, names)), default=0) + 8
    scale = max(0.0, NARROW - tail) / most if most else 0.0
    parts, y = [], 0.0
    for each in lines:
        words = wrapped(each.label, NARROW)
        parts += [text(0, y + TEXT + LINE * at, word) for at, word in enumerate(words)]
        y += LINE * len(words) + 2
        parts.append(_group(each, y, scale, _ends(each, shown_as, names), start=0))
        y += (_THICK + 3) * len(each.values) - 3 + _GAP
    return svg(title, _described(series, lines, shown_as), y, parts, width=NARROW)


def stacked(
    title: str,
    series: Sequence[str],
    lines: Sequence[Line],
    *,
    description: str = "",
    shown_as: Callable[[Number], str] = plain,
) -> str:
    """Give one bar per line, divided over the series, with its total behind it, such as a package over the sectors."""
    return _chart(title, series, lines, description, shown_as, stacked=True)


def _chart(
    title: str,
    series: Sequence[str],
    lines: Sequence[Line],
    description: str,
    shown_as: Callable[[Number], str],
    *,
    stacked: bool,
    keyed: bool = True,
    named: bool = False,
) -> str:
    for each in lines:
        if len(each.values) != len(series) or any(value < 0 for value in each.values):
            raise ValueError(f"{each.label}: {len(series)} values of zero or more were expected.")
    totals = [sum(map(float, each.values)) if stacked else max(map(float, each.values), default=0) for each in lines]
    most = max(totals, default=0)
    names = series if named else ()
    if stacked:
        ends = [shown_as(sum(each.values)) for each in lines]
    else:
        ends = [end for each in lines for end in _ends(each, shown_as, names)]
    tail = max((room(end) for end in ends), default=0) + 8
    scale = (WIDTH - _LABEL - tail) / most if most else 0.0
    drawn, y = legend(series, 0) if keyed else ("", 0.0)
    parts = [drawn]
    for each in lines:
        words = wrapped(each.label, _LABEL - 12)
        rows = 1 if stacked else len(series)
        height = max(rows * (_THICK + 3), len(words) * LINE)
        parts += [text(0, y + TEXT + LINE * at, word) for at, word in enumerate(words)]
        parts.append(
            _stack(each, y, scale, shown_as) if stacked else _group(each, y, scale, _ends(each, shown_as, names))
        )
        y += height + _GAP
        parts.append(line(0, y - _GAP / 2, WIDTH, y - _GAP / 2))
    return svg(title, description or _described(series, lines, shown_as), y, parts)


def _group(each: Line, y: float, scale: float, ends: Sequence[str], *, start: float = _LABEL) -> str:
    parts = []
    for at, (value, end, colour) in enumerate(zip(each.values, ends, _colours(len(each.values)), strict=True)):
        top, width = y + at * (_THICK + 3), float(value) * scale
        parts += [
            bar(start, top, width, _THICK, colour),
            text(start + width + 6, top + TEXT - 1, end, fill=QUIET),
        ]
    return "".join(parts)


def _ends(each: Line, shown_as: Callable[[Number], str], names: Sequence[str]) -> list[str]:
    """What stands behind each bar of a line: its value, and where bars say it themselves what it counts."""
    if not names:
        return [shown_as(value) for value in each.values]
    return [f"{shown_as(value)} {name}" for value, name in zip(each.values, names, strict=True)]


def _stack(each: Line, y: float, scale: float, shown_as: Callable[[Number], str]) -> str:
    parts, x = [], float(_LABEL)
    for value, colour in zip(each.values, _colours(len(each.values)), strict=True):
        width, words = float(value) * scale, shown_as(value)
        parts.append(bar(x, y, width, _THICK + 4, colour))
        if width > room(words, SMALL) + 6:
            parts.append(text(x + width / 2, y + TEXT, words, size=SMALL, anchor="middle", fill=on(colour)))
        x += width
    parts.append(text(x + 6, y + TEXT + 1, shown_as(sum(each.values)), bold=True))
    return "".join(parts)


def _colours(count: int) -> list[str]:
    return [SERIES[index % len(SERIES)] for index in range(count)]


def _described(series: Sequence[str], lines: Sequence[Line], shown_as: Callable[[Number], str]) -> str:
    """Say the chart in words; the table beside it says it again, in rows."""
    return " ".join(
        f"{each.label}: "
        + ", ".join(f"{name} {shown_as(value)}" for name, value in zip(series, each.values, strict=True))
        + "."
        for each in lines
    )
