"""What this slice adds to the plan document: the coverage matrix and its gaps."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.foundation.charts import coverage as chart
from pact_portal.foundation.documents.blocks import Block, Cell, Column, Figure, Heading, Row, Table
from partners.pact.models import Pact
from plan.programmes.matrix import ANSWERS, Matrix, matrix_of


def coverage_blocks(pact: Pact) -> list[Block]:
    """How far existing programmes answer the accepted questions today, and which ones wait for an answer."""
    matrix = matrix_of(pact, on=timezone.localdate())
    if not matrix.questions:
        return []
    return [
        Heading(_("Hoe ver het aanbod de vragen beantwoordt"), anchor="dekking"),
        _figure(matrix),
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
                for question in matrix.gaps
            ],
            empty=_("Bij elke aangenomen vraag is er voldoende aanbod."),
        ),
    ]


def _figure(matrix: Matrix) -> Figure:
    columns = [str(column) for column in matrix.columns]
    count = len(matrix.gaps)
    title = ngettext(
        "%(count)s van %(total)s vragen heeft nog geen voldoende aanbod",
        "%(count)s van %(total)s vragen hebben nog geen voldoende aanbod",
        count,
    ) % {"count": count, "total": matrix.questions}
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
            caption=_("Beste oordeel per gebied en laag, met het aantal keer aanbod"),
            columns=[Column(_("Gebied"), weight=8), *(Column(column, weight=5) for column in columns)],
            rows=[
                Row(
                    key=f"coverage-{row.area.position}",
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
