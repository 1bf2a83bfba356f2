"""Money as a neighbour on the chain: what a measure gets, which measures a package serves, what became of money."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.templatetags.portal import euro
from plan.chain import chain, codes
from plan.chain.chain import Link, Side
from plan.funding.models import Allocation, Expenditure, Reallocation, SupportPackage
from plan.measures.models import Measure
from plan.measures.neighbours import link_of as link_of_measure


def register() -> None:
    """Called in `AppConfig.ready()`."""
    codes.register(SupportPackage.CODE, "plan:package_detail")
    chain.register(
        Measure,
        Side.AFTER,
        _("Het geld"),
        10,
        allocations_of_measure,
        missing=_("Er is nog geen geld toegewezen aan deze maatregel."),
    )
    chain.register(SupportPackage, Side.AFTER, _("Maatregelen die hiermee worden betaald"), 10, measures_of_package)
    chain.register(Allocation, Side.BEFORE, _("De maatregel"), 10, measure_of_allocation)
    chain.register(Allocation, Side.BEFORE, _("Het steunpakket"), 20, package_of_allocation)
    chain.register(Allocation, Side.BEFORE, _("Herverdeeld uit"), 30, source_of_allocation)
    chain.register(
        Allocation, Side.AFTER, _("Bestedingen"), 10, spent_of_allocation, missing=_("Er is nog niets geboekt.")
    )
    chain.register(Allocation, Side.AFTER, _("Herverdeeld naar"), 20, results_of_allocation)


def link_of_package(package: SupportPackage, slug: str, note: str = "") -> Link:
    """The package as a neighbour in the pact with this slug."""
    return Link(package.code, package.name, reverse("plan:package_detail", args=[slug, package.number]), note)


def link_of_allocation(allocation: Allocation, slug: str) -> Link:
    """The allocation as a neighbour: its amount, out of which package and year, and its state."""
    year = allocation.package_year
    title = _("%(amount)s uit %(package)s, %(year)s") % {
        "amount": euro(allocation.amount),
        "package": year.package.name,
        "year": year.year,
    }
    url = reverse("plan:allocation_detail", args=[slug, allocation.pk])
    return Link(year.package.code, str(title), url, allocation.get_state_display())


def allocations_of_measure(measure: Measure) -> list[Link]:
    """All that did not come to nothing."""
    rows = Allocation.objects.in_pact(measure.pact_id).counting().filter(measure=measure)
    slug = measure.pact.slug
    return [link_of_allocation(row, slug) for row in rows.select_related("package_year__package")]


def measures_of_package(package: SupportPackage) -> list[Link]:
    """Each measure once, with what it gets of the package: what was committed, and apart what is only proposed.

    A measure whose money was all moved or fell free gets nothing, and is no neighbour.
    """
    slug = package.pact.slug
    theirs = Q(allocations__package_year__package=package, allocations__amount__gt=0)
    proposed = theirs & Q(allocations__state=Allocation.State.PROPOSED)
    committed = theirs & Q(allocations__state__in=[Allocation.State.COMMITTED, Allocation.State.SETTLED])
    rows: Iterable[Any] = (
        Measure.objects.in_pact(package.pact_id)
        .filter(proposed | committed)
        .annotate(
            committed_sum=Sum("allocations__amount", filter=committed, default=Decimal(0)),
            proposed_sum=Sum("allocations__amount", filter=proposed, default=Decimal(0)),
        )
        .order_by("number")
    )
    return [link_of_measure(row, slug, _given(row.committed_sum, row.proposed_sum)) for row in rows]


def _given(committed: Decimal, proposed: Decimal) -> str:
    """What a measure gets, in words: "€ 500", "€ 700 voorgesteld" or both."""
    asked = gettext("%(amount)s voorgesteld") % {"amount": euro(proposed)} if proposed else ""
    return ", ".join(filter(None, [euro(committed) if committed else "", asked]))


def measure_of_allocation(allocation: Allocation) -> list[Link]:
    measure = allocation.measure
    return [link_of_measure(measure, allocation.package_year.package.pact.slug)] if measure else []


def package_of_allocation(allocation: Allocation) -> list[Link]:
    package = allocation.package_year.package
    return [link_of_package(package, package.pact.slug, package.giver)]


def source_of_allocation(allocation: Allocation) -> list[Link]:
    """Where the money stood before a decision moved it."""
    package = allocation.package_year.package
    moves = Reallocation.objects.in_pact(package.pact_id).filter(result=allocation)
    return [
        Link(package.code, move.source.target, _address(move.source_id, package.pact.slug), euro(move.amount))
        for move in moves.select_related("source__measure", "source__partnership__organisation")
    ]


def results_of_allocation(allocation: Allocation) -> list[Link]:
    """Where decisions moved money of this allocation to."""
    package = allocation.package_year.package
    moves = Reallocation.objects.in_pact(package.pact_id).filter(
        source=allocation, state=Reallocation.State.APPLIED, result__isnull=False
    )
    return [
        Link(package.code, move.target, _address(move.result_id, package.pact.slug), euro(move.amount))
        for move in moves.select_related("measure", "partnership__organisation")
    ]


def spent_of_allocation(allocation: Allocation) -> list[Link]:
    """One link to all that was booked: how many, and how much."""
    pact = allocation.package_year.package.pact
    booked = Expenditure.objects.in_pact(pact).filter(allocation=allocation, cancelled_at__isnull=True)
    sums = booked.order_by().aggregate(count=Count("pk"), amount=Sum("amount", default=Decimal(0)))
    if not sums["count"]:
        return []
    title = ngettext("%(count)s besteding", "%(count)s bestedingen", sums["count"]) % {"count": sums["count"]}
    return [Link("", title, f"{_address(allocation.pk, pact.slug)}#spent", euro(sums["amount"]))]


def _address(pk: int | None, slug: str) -> str:
    return reverse("plan:allocation_detail", args=[slug, pk])
