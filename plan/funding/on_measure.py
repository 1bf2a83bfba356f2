"""The money of a measure, on its page: who pays, how much of the budget is there, and what is still missing."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from partners.permissions import PactRequest, Permission
from plan.funding.models import Allocation, Contribution
from plan.funding.workflow import NO_MONEY_FOR
from plan.measures.models import Measure

State = Allocation.State


@dataclass
class Funder:
    """One who pays: a package (`url` is its page) or a partner of its own means. Euros over all years."""

    name: str
    url: str = ""
    amount: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)


@dataclass(frozen=True)
class Given:
    """A contribution as this reader sees it."""

    row: Contribution
    may_withdraw: bool


def beside(request: PactRequest, measure: Measure) -> dict[str, Any]:
    """For plan.measures.beside: the name `money` in the template of a measure."""
    slug = request.pact.slug
    allocations = list(
        Allocation.objects.in_pact(request.pact).filter(measure=measure).select_related("package_year__package")
    )
    contributions = list(
        Contribution.objects.in_pact(request.pact)
        .filter(measure=measure, withdrawn_at__isnull=True)
        .select_related("partnership__organisation")
    )
    funders = _funders(allocations, contributions, slug)
    funded = sum((funder.amount for funder in funders), Decimal(0))
    released = sum((row.released for row in allocations if row.state == State.SETTLED), Decimal(0))
    is_open = measure.state not in NO_MONEY_FOR
    return {
        "money": {
            "allocations": allocations,
            "contributions": [
                Given(row, request.access.can(Permission.BOOK_EXPENDITURE, row.partnership_id)) for row in contributions
            ],
            "funders": funders,
            "budget": measure.budget,
            "funded": funded,
            "spent": sum((funder.spent for funder in funders), Decimal(0)),
            "undecided": sum((row.amount for row in allocations if row.state == State.PROPOSED), Decimal(0)),
            "released": released,
            # What was left when money was settled is no shortage: less was needed.
            "missing": max(measure.budget - funded - released, Decimal(0)),
            "surplus": max(funded - measure.budget, Decimal(0)),
            "may_fund": is_open and request.access.can(Permission.KEEP_FUNDING),
            "may_contribute": is_open and request.access.can(Permission.BOOK_EXPENDITURE),
        }
    }


def _funders(allocations: list[Allocation], contributions: list[Contribution], slug: str) -> list[Funder]:
    """Packages in order of number, then partners; what was rejected pays nothing."""
    found: dict[tuple[str, int], Funder] = {}
    for row in allocations:
        package = row.package_year.package
        if row.state == State.REJECTED:
            continue
        url = reverse("plan:package_detail", args=[slug, package.number])
        funder = found.setdefault(("package", package.pk), Funder(f"{package} ({package.giver})", url))
        funder.amount += row.amount
        funder.spent += row.spent
    for given in contributions:
        funder = found.setdefault(("partner", given.partnership_id), Funder(str(given.partnership)))
        funder.amount += given.amount
    return list(found.values())
