"""Proposals and decisions as neighbours on the chain: of what they carry, and of each other."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plan.chain import chain, codes
from plan.chain.chain import Link, Side
from plan.decisions import kinds
from plan.decisions.carried import carried_by
from plan.decisions.models import Decision, Proposal
from plan.funding.models import Allocation, Reallocation
from plan.measures.models import Measure


def register() -> None:
    """Called in `AppConfig.ready()`."""
    codes.register(Proposal.CODE, "plan:proposal_detail")
    codes.register(Decision.CODE, "plan:decision_detail")
    decided = _("Voorstellen en besluiten")
    chain.register(Measure, Side.AFTER, decided, 40, of_measure)
    chain.register(Allocation, Side.AFTER, decided, 10, of_allocation)
    chain.register(Reallocation, Side.AFTER, decided, 10, of_reallocation)
    chain.register(Proposal, Side.BEFORE, _("Waarover dit voorstel gaat"), 10, rows_of_proposal)
    chain.register(Proposal, Side.AFTER, _("Besluiten"), 10, decisions_of_proposal)
    chain.register(Decision, Side.BEFORE, _("Het voorstel"), 10, proposal_of_decision)
    chain.register(Decision, Side.BEFORE, _("Waarover is besloten"), 20, rows_of_decision)
    chain.register(Decision, Side.AFTER, _("In de plaats hiervan"), 10, successor_of_decision)


def of_measure(measure: Measure) -> list[Link]:
    return carrying("measure", measure.pk, measure.pact_id)


def of_allocation(allocation: Allocation) -> list[Link]:
    return carrying("allocation", allocation.pk, allocation.package_year.package.pact_id)


def of_reallocation(reallocation: Reallocation) -> list[Link]:
    return carrying("reallocation", reallocation.pk, reallocation.source.package_year.package.pact_id)


def carrying(kind: str, key: int, pact: int) -> list[Link]:
    """The proposals that carry a row, and what the steps said about them as it stands. Two queries.

    A proposal that was never put on the route is its writers' alone, and is left out.
    """
    rows = Proposal.objects.in_pact(pact).filter(items__kind=kind, items__object_id=key, submitted_at__isnull=False)
    proposals = list(rows.select_related("pact").order_by("number"))
    if not proposals:
        return []
    slug = proposals[0].pact.slug
    decisions = Decision.objects.in_pact(pact).standing().filter(proposal__in=proposals)
    links = [_proposal(each, slug) for each in proposals]
    return links + [_decision(each, slug) for each in decisions.select_related("step__body", "proposal")]


def rows_of_proposal(proposal: Proposal) -> list[Link]:
    return [Link(one.now.code, one.now.title, one.now.url, str(one.kind.label)) for one in carried_by(proposal)]


def decisions_of_proposal(proposal: Proposal) -> list[Link]:
    rows = Decision.objects.in_pact(proposal.pact_id).standing().filter(proposal=proposal)
    return [_decision(each, proposal.pact.slug) for each in rows.select_related("step__body", "proposal")]


def proposal_of_decision(decision: Decision) -> list[Link]:
    return [_proposal(decision.proposal, decision.pact.slug)]


def rows_of_decision(decision: Decision) -> list[Link]:
    by_kind: dict[str, list[int]] = {}
    for row in decision.content:
        by_kind.setdefault(row["kind"], []).append(row["pk"])
    links = []
    for kind in kinds.every():
        shown = kinds.show(kind, decision.pact, by_kind.get(kind.name, []))
        links += [Link(one.code, one.title, one.url, str(kind.label)) for one in shown.values()]
    return links


def successor_of_decision(decision: Decision) -> list[Link]:
    successor = getattr(decision, "superseded_by", None)
    return [_decision(successor, decision.pact.slug)] if successor else []


def _proposal(proposal: Proposal, slug: str) -> Link:
    address = reverse("plan:proposal_detail", args=[slug, proposal.number])
    return Link(proposal.code, proposal.title, address, str(proposal.get_state_display()))


def _decision(decision: Any, slug: str) -> Link:
    address = reverse("plan:decision_detail", args=[slug, decision.number])
    title = f"{decision.step.body}: {decision.get_outcome_display()}"
    return Link(decision.code, title, address)
