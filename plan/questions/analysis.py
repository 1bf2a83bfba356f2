"""What the questions of a region are about: counts by area, sector, municipality, age and more. Pure: plain values.

A question counts once at every value that it has: one of two areas stands at both, one for the whole region at every
municipality. So the counts of a subject with several values to a question add up to more than there are questions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from plan.questions.phases import PHASES, Ages


class Subject(StrEnum):
    """What questions are counted by. The value is the name of the filter in a query string."""

    AREA = "area"
    SECTOR = "sector"
    MUNICIPALITY = "municipality"
    PHASE = "phase"
    LEVEL = "level"
    SOURCE = "source"
    URGENCY = "urgency"


Value = int | str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it counts: keys and codes, and the partners behind it. No municipality is the whole region."""

    key: int
    areas: frozenset[int]
    sector: str
    municipalities: frozenset[int]
    ages: Ages
    level: str
    source: str
    urgency: int
    young_people: int = 0
    partners: frozenset[int] = frozenset()

    def has(self, subject: Subject, value: Value) -> bool:
        """Whether the question has this value."""
        if subject is Subject.AREA:
            return value in self.areas
        if subject is Subject.MUNICIPALITY:
            return not self.municipalities or value in self.municipalities
        if subject is Subject.PHASE:
            return self.ages.overlap(PHASES[str(value)])
        own = {
            Subject.SECTOR: self.sector,
            Subject.LEVEL: self.level,
            Subject.SOURCE: self.source,
            Subject.URGENCY: self.urgency,
        }
        return own[subject] == value


@dataclass(frozen=True, slots=True)
class Count:
    """What one value counts: questions, the young people that their submitters estimate, and different partners."""

    value: Value
    questions: int
    young_people: int
    partners: int


def count(questions: Iterable[Question], subject: Subject, values: Sequence[Value]) -> list[Count]:
    """Count the questions at each of the values, in the order of the values; a value that nobody has counts zero."""
    asked = list(questions)
    return [_counted(value, [question for question in asked if question.has(subject, value)]) for value in values]


def total(questions: Iterable[Question]) -> Count:
    """All questions, each once, and each partner once."""
    return _counted("", list(questions))


def most(counts: Sequence[Count]) -> list[Value]:
    """The values with the most questions, more than one when they are equal; none when nothing was counted."""
    highest = max((each.questions for each in counts), default=0)
    return [each.value for each in counts if each.questions == highest] if highest else []


def _counted(value: Value, questions: list[Question]) -> Count:
    partners: set[int] = set().union(*(question.partners for question in questions))
    return Count(value, len(questions), sum(question.young_people for question in questions), len(partners))
