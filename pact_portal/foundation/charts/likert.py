"""Answers on a scale, as bars around the middle: left what was answered low, right what was answered high."""

from collections.abc import Sequence
from dataclasses import dataclass

from pact_portal.foundation.charts.drawing import (
    LINE,
    QUIET,
    SMALL,
    TEXT,
    WIDTH,
    bar,
    legend,
    line,
    on,
    room,
    svg,
    text,
    wrapped,
)

# From low to high: two that differ in hue and in lightness, with grey between them.
COLOURS = ("#8a4b00", "#e0a458", "#d5dade", "#7db8be", "#00636c")
FEWEST = 5
"""Numbers about fewer people than this are not shown: they could be told apart."""

_LABEL = 220
_TAIL = 60
_THICK = 18
_GAP = 12


@dataclass(frozen=True, slots=True)
class Answers:
    """How often each step of the scale was chosen, from low to high, for one question."""

    question: str
    counts: Sequence[int]

    @property
    def total(self) -> int:
        """How many answered."""
        return sum(self.counts)


def bars(title: str, steps: Sequence[str], questions: Sequence[Answers], *, too_few: str, description: str = "") -> str:
    """Give the answers on a scale of five, one bar per question.

    `steps` are the five words of the scale, from low to high; `too_few` is the sentence in place of a bar where fewer
    than `FEWEST` people answered.
    """
    for each in questions:
        if len(steps) != len(COLOURS) or len(each.counts) != len(COLOURS) or min(each.counts) < 0:
            raise ValueError(f"{each.question}: {len(COLOURS)} steps with a count of zero or more were expected.")
    visible = [each for each in questions if each.total >= FEWEST]
    # Half of the middle step lies on either side of the middle.
    left = max((_share(each, low=True) for each in visible), default=1)
    right = max((_share(each, low=False) for each in visible), default=1)
    scale = (WIDTH - _LABEL - _TAIL) / (left + right)
    middle = _LABEL + left * scale
    drawn, y = legend(steps, 0, colours=COLOURS)
    parts, first = [drawn], y
    for each in questions:
        words = wrapped(each.question, _LABEL - 12, most=3)
        parts += [text(0, y + TEXT + LINE * at, word) for at, word in enumerate(words)]
        if each in visible:
            parts.append(_bar(each, middle - _share(each, low=True) * scale, y, scale))
            parts.append(text(WIDTH, y + TEXT + 1, f"n={each.total}", anchor="end", fill=QUIET))
        else:
            parts.append(text(_LABEL, y + TEXT + 1, too_few, fill=QUIET))
        y += max(_THICK, len(words) * LINE) + _GAP
    if visible:
        parts.append(line(middle, first - 4, middle, y - _GAP + 4, QUIET))
    return svg(title, description or _described(steps, visible), y, parts)


def percentages(counts: Sequence[int]) -> list[int]:
    """Give whole percents that add up to 100, the largest remainders rounded up; all zero when nobody answered."""
    total = sum(counts)
    if not total:
        return [0] * len(counts)
    floors = [100 * count // total for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda at: (-(100 * counts[at] % total), at))
    for at in by_remainder[: 100 - sum(floors)]:
        floors[at] += 1
    return floors


def _share(each: Answers, *, low: bool) -> float:
    side = each.counts[:2] if low else each.counts[3:]
    return (sum(side) + each.counts[2] / 2) / each.total


def _bar(each: Answers, x: float, y: float, scale: float) -> str:
    parts = []
    for count, percent, colour in zip(each.counts, percentages(each.counts), COLOURS, strict=True):
        width, words = count / each.total * scale, f"{percent}%"
        parts.append(bar(x, y, width, _THICK, colour))
        if width > room(words, SMALL) + 4:
            parts.append(text(x + width / 2, y + TEXT, words, size=SMALL, anchor="middle", fill=on(colour)))
        x += width
    return "".join(parts)


def _described(steps: Sequence[str], questions: Sequence[Answers]) -> str:
    return " ".join(
        f"{each.question}: "
        + ", ".join(f"{step} {percent}%" for step, percent in zip(steps, percentages(each.counts), strict=True))
        + "."
        for each in questions
    )
