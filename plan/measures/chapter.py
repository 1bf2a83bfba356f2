"""What measures add to the plan document besides the register: what is learnt, and what is left after the money."""

from django.utils.translation import gettext as _

from pact_portal.foundation.documents.blocks import Block, Cell, Column, Heading, Row, Table
from partners.pact.models import Pact
from plan.measures.models import Measure


def remains_blocks(pact: Pact) -> list[Block]:
    """Per measure that was not rejected: its learning question, and what goes on after the packages, and who pays."""
    measures = Measure.objects.in_pact(pact).in_force()
    return [
        Heading(_("Wat er blijft als het steungeld op is"), anchor="wat-blijft"),
        Table(
            caption=_("Leervraag, en wat er per maatregel blijft"),
            columns=[Column(_("Nr."), "key"), Column(_("Maatregel")), Column(_("Leervraag")), Column(_("Wat blijft"))],
            rows=[
                Row(
                    key=f"remains-{measure.number}",
                    cells=[
                        Cell(measure.code, to=f"maatregel-{measure.number}"),
                        Cell(measure.title),
                        Cell(measure.learning_question or "–"),
                        Cell(measure.remains_after),
                    ],
                )
                for measure in measures
            ],
            empty=_("Er zijn nog geen maatregelen."),
        ),
    ]
