"""How far what exists answers what is asked: the coverage matrix and its gaps. Pure: plain values in, plain values out.

After the Preventiematrix of the Nederlands Jeugdinstituut: questions grouped by area, against the layer of the
programmes or the age of the young people; each cell shows the best judgement and how many programmes answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from plan.questions.phases import Ages


class Answer(IntEnum):
    """How far a question is answered, from least to best. Nobody judged yet is less than judged as not fitting."""

    UNKNOWN = 0
    NONE = 1
    PARTLY = 2
    SUFFICIENT = 3

    @property
    def key(self) -> str:
        """The name in templates and charts: "unknown", "none", "partly", "sufficient"."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Asked:
    """An accepted question: its key, the keys of its areas, and the ages that it is about."""

    key: int
    areas: frozenset[int]
    ages: Ages


@dataclass(frozen=True, slots=True)
class Offered:
    """A programme: its key, its layers, its ages, and the keys of its municipalities; none is the whole region."""

    key: int
    layers: frozenset[str]
    ages: Ages
    municipalities: frozenset[int] = frozenset()

    def is_in(self, municipality: int | None) -> bool:
        """Whether it is there for who lives in this municipality; None asks nothing."""
        return municipality is None or not self.municipalities or municipality in self.municipalities


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far a programme answers a question, and from which day on that no longer counts: see `counts_until`."""

    question: int
    programme: int
    answer: Answer
    expires_on: date

    def holds(self, on: date) -> bool:
        """Whether it counts on a day; on the day of expiry it no longer does."""
        return self.expires_on > on


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: how many questions are asked, the best answer, and how many programmes answer at least partly."""

    questions: int
    best: Answer
    programmes: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the matrix: the key of the area, and a cell per column."""

    area: int
    cells: tuple[Cell, ...]


def valid(judgements: Iterable[Judgement], *, on: date) -> list[Judgement]:
    """Those that count on a day. An expired one is unknown until it is renewed."""
    return [judgement for judgement in judgements if judgement.holds(on)]


def counts_until(expires_on: date, ends_on: date | None) -> date:
    """From which day on a judgement no longer counts: that of its expiry, or the day after its programme's last.

    What has ended answers nobody any more, however well it once fitted.
    """
    return expires_on if ends_on is None else min(expires_on, ends_on + timedelta(days=1))


def looked_at(
    judgements: Iterable[Judgement],
    programmes: Iterable[Offered],
    *,
    municipality: int | None = None,
    ages: Ages | None = None,
) -> list[Judgement]:
    """The judgements that count for one municipality and for some ages: of programmes that are there, and for those.

    A programme in Heiloo alone leaves a question in Bergen open, also when the question is asked in the whole region.
    """
    there = {
        programme.key
        for programme in programmes
        if programme.is_in(municipality) and (ages is None or programme.ages.overlap(ages))
    }
    return [judgement for judgement in judgements if judgement.programme in there]


def gaps(questions: Iterable[Asked], judgements: Iterable[Judgement], *, on: date) -> list[int]:
    """The keys of the questions that no valid judgement calls sufficiently answered, in the order given."""
    answered = {judgement.question for judgement in valid(judgements, on=on) if judgement.answer is Answer.SUFFICIENT}
    return [question.key for question in questions if question.key not in answered]


def by_layer(
    areas: Sequence[int],
    layers: Sequence[str],
    questions: Iterable[Asked],
    programmes: Iterable[Offered],
    judgements: Iterable[Judgement],
    *,
    on: date,
) -> list[Line]:
    """The matrix of areas against the layers of the programmes that answer. Every question stands in every layer."""
    asked, offered = list(questions), {programme.key: programme for programme in programmes}
    counting = [judgement for judgement in valid(judgements, on=on) if judgement.programme in offered]
    columns = [
        (
            {question.key: question for question in asked},
            [judgement for judgement in counting if layer in offered[judgement.programme].layers],
        )
        for layer in layers
    ]
    return _lines(areas, columns)


def by_phase(
    areas: Sequence[int],
    phases: Sequence[Ages],
    questions: Iterable[Asked],
    programmes: Iterable[Offered],
    judgements: Iterable[Judgement],
    *,
    on: date,
) -> list[Line]:
    """The matrix of areas against ages: a question or programme stands in every phase that its ages touch."""
    asked, offered = list(questions), {programme.key: programme for programme in programmes}
    counting = [judgement for judgement in valid(judgements, on=on) if judgement.programme in offered]
    columns = [
        (
            {question.key: question for question in asked if question.ages.overlap(phase)},
            [judgement for judgement in counting if offered[judgement.programme].ages.overlap(phase)],
        )
        for phase in phases
    ]
    return _lines(areas, columns)


def _lines(areas: Sequence[int], columns: Sequence[tuple[Mapping[int, Asked], Sequence[Judgement]]]) -> list[Line]:
    found = [_column(questions, judgements) for questions, judgements in columns]
    nothing = Cell(0, Answer.UNKNOWN, 0)
    return [Line(area, tuple(column.get(area, nothing) for column in found)) for area in areas]


def _column(questions: Mapping[int, Asked], judgements: Sequence[Judgement]) -> dict[int, Cell]:
    """The cells of one column, by area: one pass over the questions, one over the judgements."""
    asked: dict[int, int] = defaultdict(int)
    best: dict[int, Answer] = defaultdict(lambda: Answer.UNKNOWN)
    answering: dict[int, set[int]] = defaultdict(set)
    for question in questions.values():
        for area in question.areas:
            asked[area] += 1
    for judgement in judgements:
        if judgement.question not in questions:
            continue
        for area in questions[judgement.question].areas:
            best[area] = max(best[area], judgement.answer)
            if judgement.answer >= Answer.PARTLY:
                answering[area].add(judgement.programme)
    return {area: Cell(asked[area], best[area], len(answering[area])) for area in asked}
