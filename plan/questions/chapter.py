"""What this slice adds to the plan document: what the accepted questions are about, as charts with their tables."""

from django.utils.translation import gettext as _

from pact_portal.foundation.documents.blocks import Block, Cell, Column, Figure, Heading, Paragraph, Row, Table
from partners.pact.models import Pact
from plan.questions import figures
from plan.questions.models import SupportQuestion


def analysis_blocks(pact: Pact) -> list[Block]:
    """The accepted questions by area, sector, municipality, age, level, source and urgency; none, no blocks."""
    found = figures.of_questions(pact, SupportQuestion.objects.in_pact(pact).accepted())
    if not found.total.questions:
        return []
    blocks: list[Block] = [Heading(_("Waar de vragen over gaan"), anchor="analyse")]
    counted = [Column(heading, "number", 3) for heading in figures.headings()]
    for figure in found.figures:
        blocks.append(
            Figure(
                title=figure.title,
                svg=figure.svg,
                description=figure.title,
                table=Table(
                    caption=_("Aangenomen vragen per onderwerp: %(subject)s") % {"subject": figure.label},
                    columns=[Column(figure.label, weight=8), *counted],
                    rows=[
                        Row(
                            key=f"analysis-{figure.subject}-{line.count.value}",
                            cells=[Cell(line.label), *(Cell(text) for text in figures.cells(line.count))],
                        )
                        for line in figure.lines
                    ],
                ),
            )
        )
        if figure.note:
            blocks.append(Paragraph(figure.note))
    return blocks
