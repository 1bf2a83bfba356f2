"""What measures add to the plan document besides the register: what is learnt, what is left, and what is measured."""

from django.utils.translation import gettext as _

from pact_portal.foundation.documents.blocks import Block, Cell, Column, Heading, Row, Table
from partners.pact.models import Pact
from plan.measures.aims import rhythm_of, written
from plan.measures.models import Indicator, Measure


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


def indicator_blocks(pact: Pact) -> list[Block]:
    """The numbers that the measures should move: from where, to where, and how often they are read."""
    rows = Indicator.objects.in_pact(pact).filter(measure__in=Measure.objects.in_pact(pact).in_force())
    indicators = rows.select_related("measure").order_by("measure__number", "pk")
    return [
        Heading(_("Waaraan wij zien of het werkt"), anchor="indicatoren"),
        Table(
            caption=_("Indicatoren van de maatregelen"),
            columns=[
                Column(_("Nr."), "key"),
                Column(_("Indicator")),
                Column(_("Nulmeting"), "number"),
                Column(_("Streefgetal"), "number"),
                Column(_("Richting")),
                Column(_("Eenheid")),
                Column(_("Hoe vaak")),
            ],
            rows=[
                Row(
                    key=f"indicator-{indicator.pk}",
                    cells=[
                        Cell(indicator.measure.code, to=f"maatregel-{indicator.measure.number}"),
                        Cell(indicator.name),
                        Cell(written(indicator.baseline) or _("niet bekend")),
                        Cell(written(indicator.target)),
                        Cell(indicator.get_direction_display()),
                        Cell(indicator.unit),
                        Cell(rhythm_of(indicator)),
                    ],
                )
                for indicator in indicators
            ],
            empty=_("Er zijn nog geen indicatoren."),
        ),
    ]
