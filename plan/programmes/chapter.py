"""What this slice adds to the plan document: the coverage matrix, its gaps, and what overlaps."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.foundation.charts import coverage as chart
from pact_portal.foundation.documents.blocks import Block, Cell, Column, Figure, Heading, Paragraph, Row, Table
from partners.pact.models import Pact
from plan.programmes import overlapping
from plan.programmes.matrix import ANSWERS, BY_LAYER, BY_PHASE, Matrix, gap_questions, matrix_from, read

MOST_OVERLAPS = 50
"""So many pairs stand in the table at most; the rest is counted."""
MOST_UNMARKED = 5
"""So many of them wait for an agreement."""


def coverage_blocks(pact: Pact) -> list[Block]:
    """How far existing programmes answer the accepted questions today, and which ones wait for an answer."""
    known = read(pact, on=timezone.localdate())
    by_layer, by_phase = matrix_from(known, by=BY_LAYER), matrix_from(known, by=BY_PHASE)
    if not by_layer.questions:
        return []
    return [
        Heading(_("Hoe ver het aanbod de vragen beantwoordt"), anchor="dekking"),
        _figure(
            by_layer,
            _gap_count(by_layer),
            caption=_("Beste oordeel per gebied en laag, met het aantal keer aanbod"),
            key="coverage",
        ),
        _figure(
            by_phase,
            _age_finding(by_phase),
            caption=_("Beste oordeel per gebied en leeftijd, met het aantal keer aanbod"),
            key="coverage-age",
        ),
        Table(
            caption=_("Aangenomen vragen zonder voldoende aanbod"),
            columns=[Column(_("Nr."), "key"), Column(_("Vraag"), weight=8), Column(_("Namens"), weight=5)],
            rows=[
                Row(
                    key=f"gap-{question.number}",
                    cells=[
                        Cell(question.code, to=f"vraag-{question.number}"),
                        Cell(question.title),
                        Cell(str(question.partnership)),
                    ],
                )
                for question in gap_questions(pact, by_layer.gaps)
            ],
            empty=_("Bij elke aangenomen vraag is er voldoende aanbod."),
        ),
    ]


def overlap_blocks(pact: Pact) -> list[Block]:
    """Which programmes and measures of different providers are for the same young people, and what was agreed."""
    found = overlapping.read(pact)
    if not found.pairs:
        return []
    unmarked = [pair for pair in found.pairs if pair.key not in found.marks]
    marked = [pair for pair in found.pairs if pair.key in found.marks]
    # What was agreed is what a reader of the plan is told; of the rest a few show what it is about.
    shown = [*marked, *unmarked[:MOST_UNMARKED]][:MOST_OVERLAPS]
    rows = []
    for pair in shown:
        mark = found.marks.get(pair.key)
        agreed = [str(mark.get_kind_display()), mark.note] if mark else [_("nog niet besproken")]
        rows.append(
            Row(
                key=f"overlap-{pair.first.code}-{pair.second.code}",
                cells=[
                    Cell(pair.first.code, to=overlapping.anchor_of(pair.first)),
                    Cell(f"{pair.first.title} ({found.provider(pair.first)})"),
                    Cell(pair.second.code, to=overlapping.anchor_of(pair.second)),
                    Cell(f"{pair.second.title} ({found.provider(pair.second)})"),
                    Cell(": ".join(part for part in agreed if part)),
                ],
            )
        )
    blocks: list[Block] = [
        Heading(_("Wat elkaar overlapt"), anchor="overlap"),
        Paragraph(_overlap_count(len(found.pairs), len(unmarked))),
        Table(
            caption=_("Aanbod en maatregelen van verschillende aanbieders voor dezelfde jongeren"),
            columns=[
                Column(_("Nr."), "key"),
                Column(_("Wat"), weight=6),
                Column(_("Nr."), "key"),
                Column(_("Overlapt met"), weight=6),
                Column(_("Afspraak"), weight=5),
            ],
            rows=rows,
        ),
    ]
    if len(found.pairs) > len(shown):
        more = len(found.pairs) - len(shown)
        blocks.append(
            Paragraph(
                ngettext(
                    "In het portaal staat nog %(count)s andere overlap.",
                    "In het portaal staan nog %(count)s andere overlappen.",
                    more,
                )
                % {"count": more}
            )
        )
    return blocks


def _overlap_count(every: int, unmarked: int) -> str:
    found = ngettext(
        "%(count)s keer zijn twee aanbieders er voor dezelfde jongeren, in hetzelfde gebied en dezelfde laag.",
        "%(count)s keer zijn twee aanbieders er voor dezelfde jongeren, in hetzelfde gebied en dezelfde laag.",
        every,
    ) % {"count": every}
    if not unmarked:
        return f"{found} " + _("Over elk daarvan is een afspraak gemaakt.")
    waiting = ngettext(
        "Over %(count)s daarvan is nog niets afgesproken.", "Over %(count)s daarvan is nog niets afgesproken.", unmarked
    )
    return f"{found} " + waiting % {"count": unmarked}


def _gap_count(matrix: Matrix) -> str:
    count = len(matrix.gaps)
    return ngettext(
        "%(count)s van %(total)s vragen heeft nog geen voldoende aanbod",
        "%(count)s van %(total)s vragen hebben nog geen voldoende aanbod",
        count,
    ) % {"count": count, "total": matrix.questions}


def _age_finding(matrix: Matrix) -> str:
    """In how many of the squares where something is asked there is an answer that suffices."""
    asked = [cell for row in matrix.rows for cell in row.cells if cell.questions]
    answered = [cell for cell in asked if cell.answer == "sufficient"]
    return _("Per gebied en leeftijd: in %(count)s van %(total)s vakken is er aanbod dat voldoende aansluit") % {
        "count": len(answered),
        "total": len(asked),
    }


def _figure(matrix: Matrix, title: str, *, caption: str, key: str) -> Figure:
    columns = [str(column) for column in matrix.columns]
    return Figure(
        title=title,
        svg=chart.heat(
            title,
            columns,
            [
                (
                    row.area.name,
                    # The chart knows no empty square: where nothing is asked, nothing is known.
                    [chart.Square(cell.answer if cell.questions else "unknown", cell.programmes) for cell in row.cells],
                )
                for row in matrix.rows
            ],
            fits={answer.key: str(words) for answer, words in ANSWERS.items()},
        ),
        table=Table(
            caption=caption,
            columns=[Column(_("Gebied"), weight=8), *(Column(column, weight=5) for column in columns)],
            rows=[
                Row(
                    key=f"{key}-{row.area.position}",
                    cells=[
                        Cell(row.area.name),
                        *(
                            Cell(f"{cell.words} ({cell.programmes})" if cell.questions else str(cell.words))
                            for cell in row.cells
                        ),
                    ],
                )
                for row in matrix.rows
            ],
        ),
    )
