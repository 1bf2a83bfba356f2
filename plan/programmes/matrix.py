"""The coverage matrix of one pact: reads the rows, and puts words to what `coverage` makes of them."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.pact.models import CollaborationArea, Pact
from plan.programmes import coverage
from plan.programmes.models import Fit, Layer, Programme
from plan.questions.models import SupportQuestion

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

PHASE_NAMES: dict[str, Promise] = {
    "0-4": _("0 tot 4 jaar"),
    "4-12": _("4 tot 12 jaar"),
    "12-18": _("12 tot 18 jaar"),
    "18-23": _("18 tot en met 23 jaar"),
}

BY_LAYER, BY_PHASE = "layer", "phase"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is shown: a symbol, the same in words, and the counts."""

    symbol: str
    answer: str
    words: Promise
    programmes: int
    questions: int


@dataclass(frozen=True, slots=True)
class Row:
    area: CollaborationArea
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The matrix with its gaps: accepted questions that nothing answers sufficiently, the most urgent first."""

    columns: list[Promise | str]
    rows: list[Row]
    gaps: list[SupportQuestion]
    questions: int


def matrix_of(pact: Pact, *, by: str = BY_LAYER, on: date) -> Matrix:
    """Read the accepted questions of the pact with what answers them on a day; five queries, whatever their number."""
    areas = list(CollaborationArea.objects.in_pact(pact))
    questions = list(
        SupportQuestion.objects.in_pact(pact)
        .accepted()
        .select_related("partnership__organisation")
        .prefetch_related("areas")
        .order_by("-urgency", "number")
    )
    fits = Fit.objects.in_pact(pact).filter(question__state=SupportQuestion.State.ACCEPTED)
    judgements = [
        coverage.Judgement(question, programme, coverage.Answer[level.upper()], expires_on)
        for question, programme, level, expires_on in fits.order_by().values_list(
            "question_id", "programme_id", "level", "expires_on"
        )
    ]
    programmes = [
        coverage.Offered(programme.pk, frozenset(programme.layers), coverage.Ages(programme.age_from, programme.age_to))
        for programme in Programme.objects.in_pact(pact).defer("description")
    ]
    asked = [
        coverage.Asked(
            question.pk,
            frozenset(area.pk for area in question.areas.all()),
            coverage.Ages(question.age_from, question.age_to),
        )
        for question in questions
    ]
    keys = [area.pk for area in areas]
    columns: list[Promise | str]
    if by == BY_PHASE:
        phases = list(coverage.PHASES.values())
        lines = coverage.by_phase(keys, phases, asked, programmes, judgements, on=on)
        columns = [PHASE_NAMES[name] for name in coverage.PHASES]
    else:
        lines = coverage.by_layer(keys, list(Layer.values), asked, programmes, judgements, on=on)
        columns = list(Layer.labels)
    open_questions = set(coverage.gaps(asked, judgements, on=on))
    return Matrix(
        columns=columns,
        rows=[Row(area, [_shown(cell) for cell in line.cells]) for area, line in zip(areas, lines, strict=True)],
        gaps=[question for question in questions if question.pk in open_questions],
        questions=len(questions),
    )


def _shown(cell: coverage.Cell) -> Cell:
    if not cell.questions:
        return Cell("", "empty", _("geen vraag"), 0, 0)
    return Cell(SYMBOLS[cell.best], cell.best.key, ANSWERS[cell.best], cell.programmes, cell.questions)
