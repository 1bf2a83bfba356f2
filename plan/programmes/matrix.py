"""The coverage matrix of one pact: reads the rows, and puts words to what `coverage` makes of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from plan.programmes import coverage
from plan.programmes.models import Fit, Layer, Programme
from plan.questions.models import SupportQuestion
from plan.questions.phases import PHASE_NAMES, PHASES, Ages

ANSWERS: dict[coverage.Answer, Promise] = {
    coverage.Answer.SUFFICIENT: _("voldoende"),
    coverage.Answer.PARTLY: _("deels"),
    coverage.Answer.NONE: _("sluit niet aan"),
    coverage.Answer.UNKNOWN: _("onbekend"),
}
"""The words for an answer; best first, as in a legend."""

SYMBOLS = {
    coverage.Answer.SUFFICIENT: "+",
    coverage.Answer.PARTLY: "±",
    coverage.Answer.NONE: "–",
    coverage.Answer.UNKNOWN: "?",
}

BY_LAYER, BY_PHASE = "layer", "phase"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is shown: a symbol, the same in words, the counts, and the phase of a column of ages."""

    symbol: str
    answer: str
    words: Promise
    programmes: int
    questions: int
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    area: CollaborationArea
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The matrix with the keys of its gaps: questions that nothing answers sufficiently, in the order of reading."""

    columns: list[Promise | str]
    rows: list[Row]
    gaps: list[int]
    questions: int


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at; nothing given is everything. Of an area or a phase only its own row or column is shown."""

    area: CollaborationArea | None = None
    municipality: Partnership | None = None
    phase: str = ""

    @property
    def ages(self) -> Ages | None:
        return PHASES.get(self.phase)


WHOLE = Look()


@dataclass(frozen=True, slots=True)
class Known:
    """All that a matrix is made of, as it counts on a day: plain values, read once for as many matrices as needed."""

    areas: list[CollaborationArea]
    phases: list[str]
    asked: list[coverage.Asked]
    offered: list[coverage.Offered]
    judgements: list[coverage.Judgement]
    on: date


def read(pact: Pact, *, on: date, look: Look = WHOLE, questions: QuerySet[SupportQuestion] | None = None) -> Known:
    """Read the accepted questions of the pact, or those given, with what answers them on a day; six queries.

    Rows come as values: of two thousand questions nothing else is needed. The most urgent come first.
    """
    chosen = SupportQuestion.objects.in_pact(pact).accepted() if questions is None else questions
    areas_of: dict[int, set[int]] = defaultdict(set)
    pairs = SupportQuestion.areas.through.objects.filter(supportquestion__in=chosen.order_by().values("pk"))
    for question, area in pairs.values_list("supportquestion_id", "collaborationarea_id"):
        areas_of[question].add(area)
    asked = [
        coverage.Asked(key, frozenset(areas_of[key]), Ages(first, last))
        for key, first, last in chosen.order_by("-urgency", "number").values_list("pk", "age_from", "age_to")
    ]
    places: dict[int, set[int]] = defaultdict(set)
    named = Programme.municipalities.through.objects.filter(programme__pact=pact)
    for programme, place in named.values_list("programme_id", "partnership_id"):
        places[programme].add(place)
    layers = [layer.value for layer in Layer]
    offered = [
        coverage.Offered(
            key,
            frozenset(layer for layer, aims in zip(layers, aimed, strict=True) if aims),
            Ages(first, last),
            frozenset(places[key]),
        )
        for key, first, last, *aimed in Programme.objects.in_pact(pact)
        .order_by("pk")
        .values_list("pk", "age_from", "age_to", *layers)
    ]
    fits = Fit.objects.in_pact(pact).filter(question__state=SupportQuestion.State.ACCEPTED).order_by("pk")
    judgements = [
        coverage.Judgement(
            question, programme, coverage.Answer[level.upper()], coverage.counts_until(expires_on, ends_on)
        )
        for question, programme, level, expires_on, ends_on in fits.values_list(
            "question_id", "programme_id", "level", "expires_on", "programme__ends_on"
        )
    ]
    here = look.municipality.pk if look.municipality else None
    return Known(
        areas=[area for area in CollaborationArea.objects.in_pact(pact) if look.area in (None, area)],
        phases=[phase for phase in PHASES if look.phase in ("", phase)],
        asked=asked,
        offered=offered,
        judgements=coverage.looked_at(judgements, offered, municipality=here, ages=look.ages),
        on=on,
    )


def matrix_from(known: Known, *, by: str = BY_LAYER) -> Matrix:
    """Make the matrix by layer or by phase of what was read; no queries."""
    keys = [area.pk for area in known.areas]
    columns: list[Promise | str]
    if by == BY_PHASE:
        names = known.phases
        phases = [PHASES[name] for name in names]
        lines = coverage.by_phase(keys, phases, known.asked, known.offered, known.judgements, on=known.on)
        columns = [PHASE_NAMES[name] for name in names]
    else:
        lines = coverage.by_layer(keys, list(Layer.values), known.asked, known.offered, known.judgements, on=known.on)
        columns, names = list(Layer.labels), [""] * len(Layer)
    return Matrix(
        columns=columns,
        rows=[
            Row(area, [_shown(cell, name) for cell, name in zip(line.cells, names, strict=True)])
            for area, line in zip(known.areas, lines, strict=True)
        ],
        gaps=coverage.gaps(known.asked, known.judgements, on=known.on),
        questions=len(known.asked),
    )


def matrix_of(pact: Pact, *, by: str = BY_LAYER, on: date) -> Matrix:
    """The matrix of the whole pact on a day."""
    return matrix_from(read(pact, on=on), by=by)


def gap_questions(pact: Pact, keys: Sequence[int]) -> list[SupportQuestion]:
    """The questions behind some gaps, in the order of the keys, with what a list shows of them; two queries."""
    rows = (
        SupportQuestion.objects.in_pact(pact)
        .filter(pk__in=keys)
        .select_related("partnership__organisation")
        .defer("description")
        .prefetch_related("areas")
    )
    found = {question.pk: question for question in rows}
    return [found[key] for key in keys if key in found]


def _shown(cell: coverage.Cell, phase: str) -> Cell:
    if not cell.questions:
        return Cell("", "empty", _("geen vraag"), 0, 0, phase)
    return Cell(SYMBOLS[cell.best], cell.best.key, ANSWERS[cell.best], cell.programmes, cell.questions, phase)
