"""The place of evaluations, findings and adjustments on the chain; handed in when the app starts."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from evaluations.findings.models import Adjustment, Finding
from evaluations.findings.workflow import KIND
from evaluations.series.models import Evaluation
from plan.chain import chain, codes
from plan.chain.chain import Link, Side
from plan.decisions.models import Decision, ProposalItem
from plan.measures.models import Measure


def _finding(slug: str, finding: Finding) -> Link:
    url = reverse("evaluations:evaluation_detail", args=[slug, finding.evaluation_id])
    return Link("", Truncator(finding.text).chars(120), f"{url}#bevinding-{finding.pk}", str(finding.evaluation))


def _adjustments(slug: str, rows: Iterable[Adjustment]) -> list[Link]:
    return [
        Link(
            each.code,
            Truncator(each.reason).chars(120),
            reverse("evaluations:adjustment_detail", args=[slug, each.number]),
            str(each.get_state_display()),
        )
        for each in rows
    ]


def findings_of_measure(measure: Measure) -> list[Link]:
    rows = Finding.objects.in_pact(measure.pact_id).filter(measure=measure).select_related("evaluation__series")
    return [_finding(measure.pact.slug, each) for each in rows.order_by("evaluation__due_on", "pk")]


def adjustments_of_measure(measure: Measure) -> list[Link]:
    rows = Adjustment.objects.in_pact(measure.pact_id).filter(measure=measure)
    return _adjustments(measure.pact.slug, rows.order_by("number"))


def finding_of_adjustment(adjustment: Adjustment) -> list[Link]:
    return [_finding(adjustment.pact.slug, adjustment.finding)] if adjustment.finding else []


def measure_of_adjustment(adjustment: Adjustment) -> list[Link]:
    measure = adjustment.measure
    url = reverse("plan:measure_detail", args=[adjustment.pact.slug, measure.number])
    return [Link(measure.code, measure.title, url, str(measure.get_state_display()))]


def proposals_of_adjustment(adjustment: Adjustment) -> list[Link]:
    """The proposals in which it was put on the route. Drafts are for those who write them."""
    items = ProposalItem.objects.in_pact(adjustment.pact_id).filter(
        kind=KIND, object_id=adjustment.pk, proposal__submitted_at__isnull=False
    )
    return [
        Link(
            item.proposal.code,
            item.proposal.title,
            codes.page_of(adjustment.pact.slug, item.proposal.code),
            str(item.proposal.get_state_display()),
        )
        for item in items.select_related("proposal").order_by("proposal__number")
    ]


def decision_of_adjustment(adjustment: Adjustment) -> list[Link]:
    if not adjustment.decision:
        return []
    number = adjustment.decision.removeprefix(Decision.CODE)
    rows = Decision.objects.in_pact(adjustment.pact_id).filter(number=number).select_related("proposal")
    return [
        Link(
            each.code,
            each.proposal.title,
            codes.page_of(adjustment.pact.slug, each.code),
            str(each.get_outcome_display()),
        )
        for each in rows
    ]


def measures_of_evaluation(evaluation: Evaluation) -> list[Link]:
    """The measures about which the evaluation showed something."""
    pact = evaluation.series.pact
    rows = Measure.objects.in_pact(pact).filter(findings__evaluation=evaluation).distinct().order_by("number")
    return [
        Link(
            each.code,
            each.title,
            reverse("plan:measure_detail", args=[pact.slug, each.number]),
            str(each.get_state_display()),
        )
        for each in rows
    ]


def adjustments_of_evaluation(evaluation: Evaluation) -> list[Link]:
    pact = evaluation.series.pact
    rows = Adjustment.objects.in_pact(pact).filter(finding__evaluation=evaluation)
    return _adjustments(pact.slug, rows.order_by("number"))


def register() -> None:
    """Called in `AppConfig.ready()`."""
    codes.register("J", "evaluations:adjustment_detail")
    chain.register(Measure, Side.AFTER, _("Wat evaluaties lieten zien"), 70, findings_of_measure)
    chain.register(Measure, Side.AFTER, _("Bijstellingen"), 80, adjustments_of_measure)
    chain.register(Evaluation, Side.BEFORE, _("Maatregelen waarover iets bleek"), 10, measures_of_evaluation)
    chain.register(Evaluation, Side.AFTER, _("Bijstellingen"), 10, adjustments_of_evaluation)
    chain.register(Adjustment, Side.BEFORE, _("De bevinding"), 10, finding_of_adjustment)
    chain.register(Adjustment, Side.BEFORE, _("De maatregel"), 20, measure_of_adjustment)
    chain.register(Adjustment, Side.AFTER, _("Voorstellen"), 10, proposals_of_adjustment)
    chain.register(Adjustment, Side.AFTER, _("Het besluit"), 20, decision_of_adjustment)
