"""What this slice adds to the plan document: what the accepted questions are about, as charts with their tables."""

from django.utils.translation import gettext as _

from pact_portal.foundation.documents.blocks import Block, Cell, Column, Figure, Heading, Paragraph, Row, Table
from partners.pact.models import Pact
from plan.questions import figures
from plan.questions.analysis import Subject
from plan.questions.models import SupportQuestion


def analysis_blocks(pact: Pact) -> list[Block]:
    """The accepted questions by area, sector, municipality, age, level and source; none, no blocks.

    Young people and partners are counted by area alone: every column of every table costs the reader a look, and the
    page of the analysis has them all.
    """
    found = figures.of_questions(pact, SupportQuestion.objects.in_pact(pact).accepted())
    if not found.total.questions:
        return []
    blocks: list[Block] = [Heading(_("Waar de vragen over gaan"), anchor="analyse")]
    counted = [Column(heading, "number", 3) for heading in figures.headings()]
    for figure in found.figures:
        if figure.subject == Subject.URGENCY:
            continue
        columns = counted if figure.subject == Subject.AREA else counted[:1]
        blocks.append(
            Figure(
                title=figure.title,
                svg=figure.svg,
                description=figure.title,
                table=Table(
                    caption=_("Aangenomen vragen per onderwerp: %(subject)s") % {"subject": figure.label},
                    columns=[Column(figure.label, weight=8), *columns],
                    rows=[
                        Row(
                            key=f"analysis-{figure.subject}-{line.count.value}",
                            cells=[
                                Cell(line.label),
                                *(Cell(text) for text in figures.cells(line.count)[: len(columns)]),
                            ],
                        )
                        for line in figure.lines
                    ],
                ),
            )
        )
        if figure.note:
            blocks.append(Paragraph(figure.note))
    return blocks
