"""What the answers on one topic come to. Pure: answers in, counts and figures out.

Fewer than five answers are not shown: who said what could be told apart. "Geen zicht op" is no judgement, and is
counted apart.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Protocol

FEWEST = 5
"""Numbers about fewer than this are not shown (domain.md, words and privacy)."""

STEPS = 5
CENT = Decimal("0.01")


class Said(Protocol):
    """One answer, in the columns of Answer."""

    scale: int | None
    no_view: bool
    number: Decimal | None
    choice: str
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What numbers come to. A figure is None where it would be about one, two, three or four people."""

    mean: Decimal | None
    median: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said on one topic. `given` counts the answers without "geen zicht op"; when `withheld`, only those two
    counts are filled."""

    given: int
    no_view: int = 0
    withheld: bool = False
    steps: tuple[int, ...] = ()
    """How often each step of a scale was chosen, from 1 to 5."""
    figures: Figures | None = None
    choices: tuple[tuple[str, int], ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def high(self) -> int:
        """How many chose 4 or 5."""
        return sum(self.steps[3:])

    @property
    def low(self) -> int:
        """How many chose 1 or 2."""
        return sum(self.steps[:2])


def of_scale(answers: Sequence[Said]) -> Outcome:
    counts = Counter(answer.scale for answer in answers if answer.scale is not None)
    given, no_view = counts.total(), sum(answer.no_view for answer in answers)
    if given < FEWEST:
        return Outcome(given, no_view, withheld=True)
    return Outcome(given, no_view, steps=tuple(counts[step] for step in range(1, STEPS + 1)))


def of_number(answers: Sequence[Said], *, counts_people: bool) -> Outcome:
    """`counts_people`: the numbers themselves are about people, and a figure from one to four is left out."""
    numbers = sorted(answer.number for answer in answers if answer.number is not None)
    if len(numbers) < FEWEST:
        return Outcome(len(numbers), withheld=True)
    total = sum(numbers, Decimal())

    def shown(figure: Decimal) -> Decimal | None:
        return None if counts_people and 0 < figure < FEWEST else figure.quantize(CENT, ROUND_HALF_UP)

    return Outcome(
        len(numbers),
        figures=Figures(
            mean=shown(total / len(numbers)),
            median=shown(median(numbers)),
            lowest=shown(numbers[0]),
            highest=shown(numbers[-1]),
            total=shown(total),
        ),
    )


def of_choice(answers: Sequence[Said], options: Sequence[str]) -> Outcome:
    counts = Counter(answer.choice for answer in answers if answer.choice)
    if counts.total() < FEWEST:
        return Outcome(counts.total(), withheld=True)
    return Outcome(counts.total(), choices=tuple((option, counts[option]) for option in options))


def of_texts(answers: Sequence[Said]) -> Outcome:
    """The texts in the order of the alphabet: the order of answering would tell who wrote which."""
    texts = sorted((answer.text for answer in answers if answer.text), key=str.casefold)
    if len(texts) < FEWEST:
        return Outcome(len(texts), withheld=True)
    return Outcome(len(texts), texts=tuple(texts))
