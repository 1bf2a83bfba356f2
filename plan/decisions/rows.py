"""Which proposals the reader of a page sees, and where these are on the route."""

from collections.abc import Iterable
from typing import Any

from django.shortcuts import get_object_or_404

from partners.permissions import PactRequest, Permission
from plan.decisions.models import Proposal, ProposalStep


def visible(request: PactRequest) -> Any:
    """The proposals of this pact that the reader may see: what was never put on the route is its writers' alone."""
    proposals = Proposal.objects.in_pact(request.pact).select_related("pact", "partnership__organisation", "written_by")
    if request.access.can(Permission.KEEP_DECISIONS):
        return proposals
    return proposals.filter(submitted_at__isnull=False)


def fetch(request: PactRequest, number: int) -> Proposal:
    """One of these. Raises Http404 when there is none with this number."""
    proposal: Proposal = get_object_or_404(visible(request), number=number)
    return proposal


def give_steps(proposals: Iterable[Any], pact: Any) -> None:
    """Set `next` on each proposal that comes with `turn`: the step whose turn it is, or None. One query."""
    proposals = list(proposals)
    keys = [each.turn for each in proposals if each.turn]
    steps = ProposalStep.objects.in_pact(pact).select_related("body").in_bulk(keys)
    for proposal in proposals:
        proposal.next = steps.get(proposal.turn)
