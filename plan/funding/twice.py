"""Telling a second click from a second thing: what stands already exactly as it was sent is not made again.

The pact is held before looking, so that two clicks at the same moment make one row; the functions of the workflow
take the same lock first. Each gives the row, and whether it was made now.
"""

from decimal import Decimal
from typing import Any

from django.db import transaction

from partners.models import Pact, Partnership, User
from plan.funding import contributing, holding, reallocating, workflow
from plan.funding.models import Allocation, Contribution, Intake, PackageYear, Reallocation, SupportPackage
from plan.measures.models import Measure

TARGET = ("measure", "sector", "partnership")


@transaction.atomic
def add_package(
    pact: Pact,
    *,
    by: User,
    sectors: list[str],
    years: dict[int, Decimal],
    intakes: dict[int, dict[Partnership, Decimal]],
    **fields: Any,
) -> tuple[SupportPackage, bool]:
    """As workflow.add_package; a package of the pact with the same words, sectors, years and intakes is that one."""
    holding.hold_pact(pact.pk)
    for package in SupportPackage.objects.in_pact(pact).filter(**fields).prefetch_related("sectors", "years"):
        has_sectors = {row.sector for row in package.sectors.all()} == set(sectors)
        has_years = {row.year: row.budget for row in package.years.all()} == years
        if has_sectors and has_years and _received(package) == {year: rows for year, rows in intakes.items() if rows}:
            return package, False
    return workflow.add_package(pact, by=by, sectors=sectors, years=years, intakes=intakes, **fields), True


def _received(package: SupportPackage) -> dict[int, dict[Partnership, Decimal]]:
    found: dict[int, dict[Partnership, Decimal]] = {}
    rows = Intake.objects.in_pact(package.pact_id).filter(package_year__package=package)
    for row in rows.select_related("package_year", "partnership"):
        found.setdefault(row.package_year.year, {})[row.partnership] = row.amount
    return found


@transaction.atomic
def allocate(
    package_year: PackageYear, *, by: User, amount: Decimal, note: str, **target: Any
) -> tuple[Allocation, bool]:
    """As workflow.allocate; one that the same person proposed alike, and that still waits, is that one."""
    pact = holding.hold_pact(package_year.package.pact_id)
    before: Allocation | None = (
        Allocation.objects.in_pact(pact)
        .filter(package_year=package_year, amount=amount, note=note.strip(), created_by=by, **_wanted(target))
        .filter(state=Allocation.State.PROPOSED)
        .first()
    )
    if before is not None:
        return before, False
    return workflow.allocate(package_year, by=by, amount=amount, note=note, **target), True


@transaction.atomic
def reallocate(
    source: Allocation, *, by: User, amount: Decimal, reason: str, **target: Any
) -> tuple[Reallocation, bool]:
    """As reallocating.propose; one that the same person proposed alike, and that still waits, is that one."""
    pact = holding.hold_pact(holding.pact_of(source))
    before: Reallocation | None = (
        Reallocation.objects.in_pact(pact)
        .filter(source=source, amount=amount, reason=reason.strip(), created_by=by, **_wanted(target))
        .filter(state=Reallocation.State.PROPOSED)
        .first()
    )
    if before is not None:
        return before, False
    return reallocating.propose(source, by=by, amount=amount, reason=reason, **target), True


@transaction.atomic
def pledge(
    measure: Measure, *, by: User, partnership: Partnership, year: int, amount: Decimal, note: str = ""
) -> tuple[Contribution, bool]:
    """As contributing.pledge; one that stands of the same partner, year, amount and note is that one."""
    pact = holding.hold_pact(measure.pact_id)
    before: Contribution | None = (
        Contribution.objects.in_pact(pact)
        .filter(measure=measure, partnership=partnership, year=year, amount=amount, note=note.strip())
        .filter(withdrawn_at__isnull=True)
        .first()
    )
    if before is not None:
        return before, False
    made = contributing.pledge(measure, by=by, partnership=partnership, year=year, amount=amount, note=note)
    return made, True


def _wanted(target: dict[str, Any]) -> dict[str, Any]:
    return {name: target.get(name) or ("" if name == "sector" else None) for name in TARGET}
