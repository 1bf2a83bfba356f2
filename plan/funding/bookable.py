"""On which allocations a partner may book: the same rule as `spending.spenders_of`, asked from the partner's side."""

from collections.abc import Iterable

from django.db.models import Q

from partners.access import Access
from partners.models import Pact, Partnership
from partners.permissions import Permission
from plan.funding.models import Allocation, AllocationQuerySet

MOST_SHOWN = 100


def for_reader(access: Access) -> list[Allocation]:
    """The committed allocations on which the reader may book for a partner that he acts for, at most MOST_SHOWN."""
    own = [row for row in access.partnerships if access.can(Permission.BOOK_EXPENDITURE, row)]
    return list(of(access.pact, own)[:MOST_SHOWN]) if own else []


def of(pact: Pact, partnerships: Iterable[Partnership]) -> AllocationQuerySet:
    """The committed allocations of the pact of which one of these partners spends, each once."""
    theirs = Q(pk__in=[])
    taking_part = set(Partnership.objects.in_pact(pact).current().values_list("pk", flat=True))
    for partner in partnerships:
        sector = partner.organisation.sector
        # Of a measure spends who carries it out, when the package is meant for its sector.
        carries_out = Q(measure__lead=partner) | Q(measure__executing=partner)
        theirs |= Q(partnership=partner) | (Q(sector=sector) if partner.pk in taking_part else Q(pk__in=[]))
        theirs |= carries_out & Q(package_year__package__sectors__sector=sector)
    rows = Allocation.objects.in_pact(pact).filter(theirs, state=Allocation.State.COMMITTED)
    found: AllocationQuerySet = (
        Allocation.objects.in_pact(pact)
        .filter(pk__in=rows.order_by().values("pk"))
        .select_related("package_year__package", "measure", "partnership__organisation")
        .order_by("package_year__year", "package_year__package__number", "pk")
    )
    return found
