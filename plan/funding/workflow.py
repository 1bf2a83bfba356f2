"""Keeping packages, and dividing their money. Amounts are euros with at most two decimals.

Two locks keep a year within its budget. Here the row of the year is locked before it is read, so that a refusal can
say what is left; in the database a trigger keeps the sum and a CHECK refuses more than the budget (see the migration
0002), whatever door the money comes by. Locks are taken in one order: measure, allocation, year.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from pact_portal.foundation.audit.workflow import record
from pact_portal.foundation.templatetags.portal import euro
from partners.models import Pact, Partnership, Sector, User
from plan.funding.models import Allocation, PackageSector, PackageYear, SupportPackage
from plan.measures.models import Measure
from plan.questions.marks import refuse_unseen

MOVES: dict[Allocation.State, set[Allocation.State]] = {
    Allocation.State.PROPOSED: {Allocation.State.COMMITTED, Allocation.State.REJECTED},
    Allocation.State.COMMITTED: {Allocation.State.REJECTED},
}
"""From which state an allocation goes to which. A rejected one stays as a trace, and gives its money back."""

FIELDS = {"name", "giver", "legal_form", "purpose", "accountability", "spend_from", "spend_until"}
"""What is written about a package, besides its sectors and years."""

NO_MONEY_FOR = {Measure.State.REJECTED, Measure.State.STOPPED}
"""Measures that are not carried out (any more)."""

NEVER_OVER_BUDGET = "package_year_never_over_budget"


def mark_of(package: SupportPackage) -> str:
    """A short text that changes when anything that is written about a package changes: fields, sectors, budgets.

    A page carries it in its form; handed back as `seen`, it tells that the package is still what the reader saw.
    """
    written = [str(getattr(package, name)) for name in sorted(FIELDS)]
    written += sorted(row.sector for row in package.sectors.all())
    written += sorted(f"{row.year} {row.budget:.2f}" for row in package.years.all())
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()[:32]


@transaction.atomic
def add_package(
    pact: Pact, *, by: User, sectors: Sequence[str], years: dict[int, Decimal], **fields: Any
) -> SupportPackage:
    """Put a package on the list and return it.

    `sectors` are codes of Sector that may receive it, `years` gives the budget per year, `fields` are those of FIELDS.
    Raises ValidationError when a field is wrong, no sector or year is given, or a year lies outside the window.
    """
    package = SupportPackage(pact=pact)
    package.take_number()
    _write(package, fields, sectors, years)
    _save_sectors(package, sectors)
    for year, budget in sorted(years.items()):
        _save_year(PackageYear(package=package, year=year), budget)
    record("package.added", package, by=by, years=_as_text(years), sectors=sorted(sectors))
    return package


@transaction.atomic
def revise_package(
    package: SupportPackage,
    *,
    by: User,
    sectors: Sequence[str],
    years: dict[int, Decimal],
    seen: str | None = None,
    **fields: Any,
) -> SupportPackage:
    """Change a package to what is given; a year that is not in `years` goes.

    Raises ValidationError as `add_package` does, when money that was already allocated would lose its budget, its
    year or its right to the package, and when the package is no longer the one with the mark `seen`.
    """
    locked: SupportPackage = SupportPackage.objects.in_pact(package.pact_id).select_for_update().get(pk=package.pk)
    kept = {
        row.year: row
        for row in PackageYear.objects.in_pact(locked.pact_id)
        .filter(package=locked)
        .select_for_update()
        .order_by("year")
    }
    refuse_unseen(mark_of(locked), seen)
    _write(locked, fields, sectors, years)
    _refuse_lost_sectors(locked, sectors)
    _save_sectors(locked, sectors)
    for year in sorted(kept.keys() - years.keys()):
        if kept[year].allocations.exists():
            raise ValidationError(
                {"years": _("Het jaar %(year)s kan niet weg: er zijn toewijzingen uit dit jaar.") % {"year": year}}
            )
        kept[year].delete()
    for year, budget in sorted(years.items()):
        _save_year(kept.get(year) or PackageYear(package=locked, year=year), budget)
    record("package.revised", locked, by=by, years=_as_text(years), sectors=sorted(sectors))
    return locked


@transaction.atomic
def allocate(
    package_year: PackageYear,
    *,
    amount: Decimal,
    by: User,
    measure: Measure | None = None,
    sector: str = "",
    partnership: Partnership | None = None,
    note: str = "",
) -> Allocation:
    """Propose an amount of one year for exactly one target: a measure, a sector's share or an organisation's share.

    Raises ValidationError that names the rule: one target, a positive amount in whole cents, a target of the same
    pact, a measure that is carried out, a sector that may receive the package, a year inside the spending window, and
    never more than what is left of the budget.
    """
    pact_id = package_year.package.pact_id
    if measure is not None:
        measure = _locked_measure(pact_id, measure.pk)
    if partnership is not None and partnership.pact_id != pact_id:
        raise ValidationError({"partnership": _("Kies alleen uit wat bij dit pact hoort.")}, code="other_pact")
    year = _locked_year(pact_id, package_year.pk)
    allocation = Allocation(
        package_year=year,
        amount=amount,
        measure=measure,
        sector=sector,
        partnership=partnership,
        note=note.strip(),
        created_by=by,
    )
    allocation.full_clean()
    _refuse_outside_window(year.package, year.year)
    _refuse_ineligible(allocation)
    _refuse_over_budget(year, allocation.amount)
    with _net(year, allocation.amount):
        allocation.save()
    record("allocation.proposed", allocation, by=by, pact=year.package.pact, amount=str(allocation.amount))
    # The trigger has written the sum; the caller's row shows it too.
    package_year.refresh_from_db(fields=["allocated"])
    return allocation


@transaction.atomic
def commit(allocation: Allocation, *, by: User) -> Allocation:
    """Promise the money of a proposed allocation. Raises ValidationError when that is no longer possible."""
    return _move(allocation, Allocation.State.COMMITTED, by=by)


@transaction.atomic
def reject(allocation: Allocation, *, by: User) -> Allocation:
    """Turn an allocation down; its money returns to the year. Raises ValidationError when it was rejected before."""
    return _move(allocation, Allocation.State.REJECTED, by=by)


def _move(allocation: Allocation, to: Allocation.State, *, by: User) -> Allocation:
    pact = allocation.package_year.package.pact
    if to == Allocation.State.COMMITTED and allocation.measure_id:
        _locked_measure(pact.pk, allocation.measure_id)
    # Only the row itself: the year is locked by the trigger, after this one.
    locked: Allocation = Allocation.objects.in_pact(pact).select_for_update(of=("self",)).get(pk=allocation.pk)
    before = Allocation.State(locked.state)
    if to not in MOVES.get(before, set()):
        raise ValidationError(
            _("Deze toewijzing is %(before)s en kan niet meer worden: %(after)s.")
            % {"before": before.label, "after": to.label},
            code="state",
        )
    locked.state = to
    locked.full_clean()
    locked.save(update_fields=["state"])
    record(f"allocation.{to.value}", locked, by=by, pact=pact, amount=str(locked.amount), before=before.value)
    allocation.state = to
    return locked


def _locked_measure(pact_id: int, pk: int) -> Measure:
    """The measure as it stands now, held until the end of the transaction, so that nobody rejects it meanwhile."""
    measure = Measure.objects.in_pact(pact_id).select_for_update().filter(pk=pk).first()
    if measure is None:
        raise ValidationError({"measure": _("Kies alleen uit wat bij dit pact hoort.")}, code="other_pact")
    if measure.state in NO_MONEY_FOR:
        raise ValidationError(
            {
                "measure": _("Maatregel %(code)s is %(state)s. Daar kan geen geld meer naartoe.")
                % {"code": measure.code, "state": measure.get_state_display()}
            },
            code="measure_ended",
        )
    return measure


def _locked_year(pact_id: int, pk: int) -> PackageYear:
    """The year as it stands now, held until the end of the transaction. The package is read after the lock."""
    year: PackageYear = PackageYear.objects.in_pact(pact_id).select_for_update(of=("self",)).get(pk=pk)
    return year


def _refuse_outside_window(package: SupportPackage, year: int) -> None:
    if not package.spend_from.year <= year <= package.spend_until.year:
        raise ValidationError(
            _("%(year)s valt buiten de periode waarin dit geld besteed mag worden: %(first)s tot en met %(last)s.")
            % {"year": year, "first": package.spend_from.year, "last": package.spend_until.year},
            code="outside_window",
        )


def _refuse_ineligible(allocation: Allocation) -> None:
    """Money goes to the sectors for which its giver gave it. A joint project needs one partner of such a sector."""
    package = allocation.package_year.package
    allowed = {row.sector for row in package.sectors.all()}
    if allocation.measure is not None:
        partners = [allocation.measure.lead, *allocation.measure.executing.select_related("organisation")]
        field, receiving = "measure", {partner.organisation.sector for partner in partners}
    elif allocation.partnership is not None:
        field, receiving = "partnership", {allocation.partnership.organisation.sector}
    else:
        field, receiving = "sector", {allocation.sector}
    if receiving & allowed:
        return
    labels = {"allowed": _sector_names(allowed), "receiving": _sector_names(receiving), "package": package.name}
    raise ValidationError(
        {
            field: _("“%(package)s” mag niet naar de sector %(receiving)s. Dit geld is bestemd voor: %(allowed)s.")
            % labels
        },
        code="sector_not_allowed",
    )


def _refuse_over_budget(year: PackageYear, amount: Decimal) -> None:
    if amount > year.remaining:
        raise _over_budget(year, amount)


def _over_budget(year: PackageYear, amount: Decimal) -> ValidationError:
    values = {"left": euro(year.remaining), "year": year.year, "package": year.package.name, "amount": euro(amount)}
    return ValidationError(
        {
            "amount": _(
                "Nooit meer dan het budget: van “%(package)s” is voor %(year)s nog %(left)s over. U vroeg %(amount)s."
            )
            % values
        },
        code="over_budget",
    )


@contextmanager
def _net(year: PackageYear, amount: Decimal) -> Iterator[None]:
    """Turn the database's own refusal to go over the budget into the sentence that the reader knows."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as fault:
        if NEVER_OVER_BUDGET not in str(fault):
            raise
        year.refresh_from_db(fields=["budget", "allocated"])
        raise _over_budget(year, amount) from fault


def _write(package: SupportPackage, fields: dict[str, Any], sectors: Sequence[str], years: dict[int, Decimal]) -> None:
    """Set, check and save the package itself; its sectors and years are checked against it."""
    if unknown := fields.keys() - FIELDS:
        raise TypeError(f"a package has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(package, name, value)
    package.full_clean()
    if not sectors or not set(sectors) <= set(Sector.values):
        raise ValidationError({"sectors": _("Kies ten minste één sector die dit geld mag ontvangen.")})
    if not years:
        raise ValidationError({"years": _("Vul voor ten minste één jaar een budget in.")})
    for year in years:
        _refuse_outside_window(package, year)
    package.save()


def _save_sectors(package: SupportPackage, sectors: Sequence[str]) -> None:
    package.sectors.exclude(sector__in=sectors).delete()
    present = {row.sector for row in package.sectors.all()}
    PackageSector.objects.bulk_create(
        PackageSector(package=package, sector=sector) for sector in sorted(set(sectors) - present)
    )


def _save_year(year: PackageYear, budget: Decimal) -> None:
    """Write the budget of a year, never below what was already allocated."""
    year.budget = budget
    try:
        # First the amount itself: one that is no number cannot be compared.
        year.clean_fields()
    except ValidationError as fault:
        raise ValidationError({"years": fault.messages}) from fault
    if year.budget < year.allocated:
        raise ValidationError(
            {
                "years": _("Uit %(year)s is al %(allocated)s toegewezen. Het budget kan niet lager worden dan dat.")
                % {"year": year.year, "allocated": euro(year.allocated)}
            },
            code="over_budget",
        )
    year.full_clean()
    if year.pk:
        year.save(update_fields=["budget"])
    else:
        year.save()


def _refuse_lost_sectors(package: SupportPackage, sectors: Sequence[str]) -> None:
    """A sector that received a share keeps its right to the package."""
    counting = Allocation.objects.in_pact(package.pact_id).counting().filter(package_year__package=package)
    shares = counting.filter(measure__isnull=True).values_list("sector", "partnership__organisation__sector")
    lost = {own or of_partner for own, of_partner in shares} - set(sectors)
    if lost:
        raise ValidationError(
            {
                "sectors": _("Er is al geld toegewezen aan: %(sectors)s. Deze sectoren moeten erbij blijven.")
                % {"sectors": _sector_names(lost)}
            }
        )


def _sector_names(sectors: set[str]) -> str:
    return get_text_list([str(sector.label) for sector in Sector if sector in sectors], _("en"))


def _as_text(years: dict[int, Decimal]) -> dict[str, str]:
    return {str(year): str(budget) for year, budget in sorted(years.items())}
