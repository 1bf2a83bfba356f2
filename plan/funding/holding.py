"""Holding the rows of money until a transaction ends, always in one order, so that nobody waits in a circle.

The order: pact, measure, allocations, package-years. Whoever moves money between rows holds the pact first, and so
waits for every other one that does. Booking what was spent holds the allocation alone: it touches no year.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from partners.models import Pact
from plan.funding.models import Allocation, PackageYear
from plan.measures.models import Measure

NO_MONEY_FOR = {Measure.State.REJECTED, Measure.State.STOPPED, Measure.State.FINISHED}
"""Measures that are not carried out (any more). What was promised before is still booked."""


def hold_pact(pact_id: int) -> Pact:
    """The row of the pact. Not its key: rows that point to it can be written meanwhile."""
    return Pact.objects.select_for_update(no_key=True).get(pk=pact_id)


def hold_measure(pact_id: int, pk: int) -> Measure:
    """The measure as it stands now, so that nobody rejects it meanwhile. Refused when it takes no money any more."""
    measure = Measure.objects.in_pact(pact_id).select_for_update(no_key=True).filter(pk=pk).first()
    if measure is None:
        raise ValidationError({"measure": _("Kies alleen uit wat bij dit pact hoort.")}, code="other_pact")
    if measure.state in NO_MONEY_FOR:
        raise ended(measure)
    return measure


def ended(measure: Measure) -> ValidationError:
    """The refusal of money for a measure that is not carried out (any more)."""
    sentence = _("Maatregel %(code)s is %(state)s. Daar kan geen geld meer naartoe.") % {
        "code": measure.code,
        "state": measure.get_state_display(),
    }
    return ValidationError({"measure": ValidationError(sentence, code="measure_ended")})


def hold_allocation(allocation: Allocation) -> Allocation:
    """The allocation as it stands now: only its own row, whose years and packages are locked after it."""
    rows = Allocation.objects.in_pact(pact_of(allocation)).select_related("package_year__package")
    held: Allocation = rows.select_for_update(of=("self",), no_key=True).get(pk=allocation.pk)
    return held


def hold_year(pact_id: int, pk: int) -> PackageYear:
    """The year as it stands now. Its package is read after the lock."""
    rows = PackageYear.objects.in_pact(pact_id).select_for_update(of=("self",), no_key=True)
    year: PackageYear = rows.get(pk=pk)
    return year


def pact_of(allocation: Allocation) -> int:
    """The key of the pact whose money this is."""
    return int(allocation.package_year.package.pact_id)


def show(held: Allocation, on: Allocation) -> None:
    """Let the row of the caller show what was written on the row that was held."""
    for name in ("state", "amount", "spent", "released"):
        setattr(on, name, getattr(held, name))
