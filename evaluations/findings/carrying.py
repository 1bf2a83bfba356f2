"""Adjustments as what a proposal can carry; handed in to plan.decisions.kinds when the app starts."""

from collections.abc import Collection, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from evaluations.findings import workflow
from evaluations.findings.models import Adjustment
from evaluations.findings.values import in_words, label_of
from partners.pact.models import Pact
from partners.people.models import User
from plan.decisions.kinds import Kind, Shown
from plan.decisions.models import Decision, Outcome


def offered(pact: Pact) -> Sequence[Adjustment]:
    """Those that nobody decided on, of measures that can be adjusted."""
    rows = Adjustment.objects.in_pact(pact).filter(
        state=Adjustment.State.PROPOSED, measure__state__in=workflow.ADJUSTED
    )
    return list(rows.select_related("measure").order_by("number"))


def show(pact: Pact, keys: Collection[int]) -> dict[int, Shown]:
    """The adjustments with these keys. One query."""
    rows = Adjustment.objects.in_pact(pact).filter(pk__in=keys).select_related("measure", "finding")
    return {row.pk: _shown(pact, row) for row in rows}


def _shown(pact: Pact, row: Adjustment) -> Shown:
    undecided = row.state == Adjustment.State.PROPOSED
    # What stands there now is told as long as it can still change; after that what stood there when it was applied.
    now = in_words(row.field, workflow.present(row.measure, row.field) if undecided else row.before)
    lines = [(_("Wat verandert er"), label_of(row.field)), (_("Nu"), now)]
    lines.append((_("Wordt"), in_words(row.field, row.after)))
    lines.append((_("Waarom"), row.reason))
    if row.finding:
        lines.append((_("Bevinding"), row.finding.text))
    problem = ""
    if row.state == Adjustment.State.WITHDRAWN:
        problem = _("Bijstelling %(code)s is ingetrokken. Haal die uit het voorstel.") % {"code": row.code}
    elif undecided:
        problem = workflow.refusal(row.measure)
    url = reverse("evaluations:adjustment_detail", args=[pact.slug, row.number])
    return Shown(row.code, str(row.measure), url, lines, problem)


def take_effect(pact: Pact, pk: int, *, outcome: Outcome, decision: Decision, by: User) -> None:
    """Adopted: the measure changes. Rejected: the adjustment is turned down. Deferred: it waits."""
    adjustment = Adjustment.objects.in_pact(pact).select_related("measure").get(pk=pk)
    if outcome == Outcome.ADOPTED:
        confirmed = _confirmed(adjustment, decision.content)
        workflow.apply(adjustment, decision=decision.code, on=decision.decided_on, by=by, confirmed=confirmed)
    elif outcome == Outcome.REJECTED:
        workflow.reject(adjustment, decision=decision.code, by=by)


def _confirmed(adjustment: Adjustment, content: list[dict[str, Any]]) -> str | None:
    """What stands on the measure now, when the decision says that it was decided with that in sight; else None."""
    now = workflow.present(adjustment.measure, adjustment.field)
    with override(settings.LANGUAGE_CODE):
        line = [_("Nu"), in_words(adjustment.field, now)]
    seen = [each for each in content if (each.get("kind"), each.get("pk")) == (workflow.KIND, adjustment.pk)]
    return now if any(line in [list(pair) for pair in each.get("lines", [])] for each in seen) else None


def undo(pact: Pact, pk: int, *, outcome: Outcome, decision: Decision, by: User) -> None:
    """The adoption gives way to another outcome: the measure says what it said, and that outcome takes effect."""
    adjustment = Adjustment.objects.in_pact(pact).select_related("measure").get(pk=pk)
    workflow.take_back(adjustment, decision=decision.code, on=decision.decided_on, by=by)
    take_effect(pact, pk, outcome=outcome, decision=decision, by=by)


ADJUSTMENT = Kind(
    name=workflow.KIND,
    label=gettext_lazy("bijstelling"),
    position=40,
    offered=offered,
    show=show,
    take_effect=take_effect,
    undo=undo,
)
