"""Settling: an allocation comes down to what was really spent, and what is left returns to its year."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pact_portal.foundation.audit.workflow import record
from pact_portal.foundation.templatetags.portal import euro
from partners.models import User
from plan.funding import holding
from plan.funding.models import Allocation, PackageYear, SupportPackage
from plan.funding.workflow import refuse_while_moving


@transaction.atomic
def settle(allocation: Allocation, *, by: User) -> Allocation:
    """Settle a committed allocation: `released` is what returns to the year, `amount` is what was spent.

    Raises ValidationError when it is not committed (any more), or a part of it is being reallocated.
    """
    holding.hold_pact(holding.pact_of(allocation))
    held = holding.hold_allocation(allocation)
    if held.state == Allocation.State.SETTLED:
        raise ValidationError(
            _("Deze toewijzing is al afgerekend op %(spent)s.") % {"spent": euro(held.spent)}, code="state"
        )
    if held.state != Allocation.State.COMMITTED:
        raise ValidationError(
            _("Deze toewijzing is %(state)s. Alleen toegezegd geld wordt afgerekend.")
            % {"state": held.get_state_display()},
            code="state",
        )
    refuse_while_moving(held)
    _settle(held, by=by)
    holding.show(held, on=allocation)
    return held


@transaction.atomic
def settle_package(package: SupportPackage, *, by: User) -> list[Allocation]:
    """Settle every committed allocation of a package, and return them; all or none.

    Raises ValidationError when there is nothing (left) to settle, or a part of one is being reallocated.
    """
    holding.hold_pact(package.pact_id)
    rows = Allocation.objects.in_pact(package.pact_id).filter(package_year__package=package)
    committed = rows.filter(state=Allocation.State.COMMITTED).select_related("package_year__package")
    held: list[Allocation] = list(committed.select_for_update(of=("self",), no_key=True).order_by("pk"))
    if not held:
        raise ValidationError(
            _("Er is niets af te rekenen: “%(package)s” heeft geen toegezegd geld dat nog open staat.")
            % {"package": package.name},
            code="nothing_to_settle",
        )
    years = PackageYear.objects.in_pact(package.pact_id).filter(package=package)
    list(years.select_for_update(no_key=True).order_by("pk"))
    for allocation in held:
        refuse_while_moving(allocation)
        _settle(allocation, by=by)
    record("package.settled", package, by=by, allocations=len(held), spent=str(sum(row.spent for row in held)))
    return held


def _settle(held: Allocation, *, by: User) -> None:
    held.released = held.amount - held.spent
    held.amount = held.spent
    held.state = Allocation.State.SETTLED
    held.save(update_fields=["amount", "released", "state"])
    record(
        "allocation.settled",
        held,
        by=by,
        pact=held.package_year.package.pact,
        amount=str(held.amount),
        released=str(held.released),
    )
