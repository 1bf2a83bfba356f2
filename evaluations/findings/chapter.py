"""What the plan document says of findings and adjustments, and which findings are loose ends."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from evaluations.findings.models import Adjustment, Finding
from evaluations.findings.showing import values_of, with_adjustments
from evaluations.findings.values import label_of
from pact_portal.foundation.documents.blocks import Block, Cell, Column, Heading, Row, Table
from partners.pact.models import Pact
from plan.measures.models import Measure


def blocks(pact: Pact) -> list[Block]:
    """What the evaluations showed with what followed, and every adjustment that was not taken back. Three queries."""
    findings = list(with_adjustments(Finding.objects.in_pact(pact)).order_by("evaluation__due_on", "pk"))
    adjustments = list(
        Adjustment.objects.in_pact(pact)
        .exclude(state=Adjustment.State.WITHDRAWN)
        .select_related("measure")
        .order_by("number")
    )
    found: list[Block] = [Heading(_("Bevindingen en bijstellingen"), anchor="bevindingen")]
    found.append(
        Table(
            caption=_("Wat de evaluaties lieten zien"),
            columns=[
                Column(_("Evaluatie"), "date"),
                Column(_("Waarover"), "key"),
                Column(_("Bevinding"), weight=9),
                Column(_("Wat ermee is gedaan"), weight=6),
            ],
            rows=[
                Row(
                    key=f"finding-{each.pk}",
                    anchor=f"bevinding-{each.pk}",
                    cells=[
                        Cell(date_format(each.evaluation.due_on, "j F Y")),
                        _about(each.measure),
                        Cell(each.text),
                        _consequence(each),
                    ],
                )
                for each in findings
            ],
            empty=_("Er zijn nog geen bevindingen vastgelegd."),
        )
    )
    if adjustments:
        found.append(_adjustments(adjustments))
    return found


def _about(measure: Measure | None) -> Cell:
    """The measure by its code. A rejected one stands in no table of the plan, so nothing leads to it."""
    if measure is None:
        return Cell(_("plan"))
    return Cell(measure.code, to=None if measure.state == Measure.State.REJECTED else f"maatregel-{measure.number}")


def _consequence(finding: Finding) -> Cell:
    standing = [each for each in finding.adjustments.all() if each.state != Adjustment.State.WITHDRAWN]
    if standing:
        named = ", ".join(f"{each.code} ({each.get_state_display()})" for each in standing)
        return Cell(_("bijstelling %(codes)s") % {"codes": named}, to=f"bijstelling-{standing[0].number}")
    if finding.closed_at is not None:
        return Cell(_("niets: %(reason)s") % {"reason": finding.close_reason})
    return Cell(_("nog niets"))


def _adjustments(adjustments: list[Adjustment]) -> Table:
    return Table(
        caption=_("Bijstellingen van maatregelen"),
        columns=[
            Column(_("Nr."), "key"),
            Column(_("Waarover"), "key"),
            Column(_("Wat verandert er"), weight=4),
            Column(_("Van en naar"), weight=7),
            Column(_("Waarom"), weight=6),
            Column(_("Status"), weight=4),
        ],
        rows=[
            Row(
                key=f"adjustment-{each.number}",
                anchor=f"bijstelling-{each.number}",
                cells=[
                    Cell(each.code),
                    _about(each.measure),
                    Cell(label_of(each.field)),
                    Cell(values_of(each)),
                    Cell(each.reason),
                    Cell(_state(each)),
                ],
            )
            for each in adjustments
        ],
    )


def _state(adjustment: Adjustment) -> str:
    state = str(adjustment.get_state_display())
    return f"{state} ({adjustment.decision})" if adjustment.decision else state


def loose(pact: Pact) -> Table:
    """The findings from which nothing followed yet. One query."""
    rows = Finding.objects.in_pact(pact).loose().select_related("measure", "evaluation")
    return Table(
        caption=_("Bevindingen zonder gevolg"),
        columns=[Column(_("Evaluatie"), "date"), Column(_("Waarover"), "key"), Column(_("Bevinding"), weight=12)],
        rows=[
            Row(
                key=f"finding-{each.pk}",
                cells=[
                    Cell(date_format(each.evaluation.due_on, "j F Y"), to=f"bevinding-{each.pk}"),
                    Cell(each.measure.code if each.measure else _("plan")),
                    Cell(each.text),
                ],
            )
            for each in rows.order_by("evaluation__due_on", "pk")
        ],
        empty=_("Uit elke bevinding is iets gevolgd."),
    )
