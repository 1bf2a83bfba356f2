"""What stands on the page of a measure: the proposals that carry it, and what was said about them."""

from typing import Any

from django.db.models import Prefetch

from partners.permissions import PactRequest, Permission
from plan.decisions.filters import with_turn
from plan.decisions.models import Decision, ProposalItem
from plan.decisions.rows import give_steps, visible
from plan.measures.models import Measure

WAITING = (Measure.State.PROPOSED, Measure.State.DEFERRED)
"""In these states a measure waits for a decision."""


def on_measure(request: PactRequest, measure: Measure) -> dict[str, Any]:
    """The key `decisions` for the template. Four queries, whatever the number of proposals."""
    standing = Decision.objects.in_pact(request.pact).standing().select_related("step__body").order_by("number")
    rows = visible(request).filter(items__kind="measure", items__object_id=measure.pk)
    rows = with_turn(rows).prefetch_related(Prefetch("decisions", standing, to_attr="standing")).order_by("-number")
    proposals = list(rows)
    give_steps(proposals, request.pact)
    may_put = request.access.can(Permission.KEEP_DECISIONS) and measure.state in WAITING
    if may_put:
        # Whoever may put it on the route sees every proposal.
        carried = ProposalItem.objects.in_pact(request.pact).filter(kind="measure", object_id=measure.pk, is_open=True)
        may_put = not carried.exists()
    return {"decisions": {"proposals": proposals, "may_put": may_put, "item": f"measure-{measure.pk}"}}
