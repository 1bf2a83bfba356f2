"""Every door by which money could get past the workflow, on PostgreSQL and on SQLite: used by two tests.

Each door is an act on rows of its own, that the database must refuse; the name of the guard tells which one does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import uuid4

from django.db import connection
from django.db.models import F
from django.utils import timezone

from partners.models import Pact, Partnership, Sector, User
from plan.models import Allocation, Expenditure, PackageSector, PackageYear, Reallocation, SupportPackage
from tests.factories import make_allocation, make_measure, make_package, make_pact, make_partner, make_user

OVERSPENT = "allocation_never_overspent"
FOR_COMMITTED = "allocation_spent_when_committed"
SETTLED_IS_SPENT = "allocation_settled_is_what_was_spent"
WINDOW = "money is spent inside the window of its package"
WINDOW_KEPT = "money was spent outside the new window"
COMMITTED = "only committed money is spent"
SECTOR = "the package is not for this sector"
SECTOR_USED = "a share was given to this sector"
EXPENDITURE = "rows of plan_expenditure are never changed"
ALLOCATION = "rows of plan_allocation are never changed"
SECTORS = "rows of plan_packagesector are never changed"
REALLOCATION = "rows of plan_reallocation are never changed"
MOVES = "a reallocation moves its amount within its year"
CAME_IN = "package_year_came_in_within_budget"
SECTOR_CARRIES = "a measure of this sector gets money of the package"
YEARS_KEPT = "a year of the package lies outside the new window"
YEAR_IN_WINDOW = "a year lies inside the window of its package"
ALLOCATED_SUM = "allocated of plan_packageyear is the sum of rows of plan_allocation"
CAME_IN_SUM = "came_in of plan_packageyear is the sum of rows of plan_intake"
SPENT_SUM = "spent of plan_allocation is the sum of rows of plan_expenditure"


@dataclass
class Scene:
    """A package of 1,000 for schools and municipalities, with a school's share of 100 of which 60 was spent."""

    pact: Pact
    user: User
    school: Partnership
    package: SupportPackage
    year: PackageYear
    share: Allocation
    spent: Expenditure
    cancelled: Expenditure
    settled: Allocation
    moved: Reallocation


def expenditure(allocation: Allocation, partnership: Partnership, by: User, **changes: object) -> Expenditure:
    """An expenditure of 10 that is not saved."""
    return Expenditure(
        **{
            "allocation": allocation,
            "partnership": partnership,
            "amount": Decimal(10),
            "spent_on": date(2026, 5, 1),
            "description": "Huur",
            "once": uuid4(),
            "booked_by": by,
            **changes,
        }
    )


def scene() -> Scene:
    pact, user = make_pact(), make_user(password=None)
    school = make_partner(pact, sector=Sector.PRIMARY)
    package = make_package(pact, {2026: 1_000})
    year = package.years.get()
    share = make_allocation(year, 100, partnership=school, state="committed")
    spent, cancelled = (expenditure(share, school, user, amount=Decimal(amount)) for amount in (60, 7))
    spent.save()
    cancelled.save()
    Expenditure.unscoped.filter(pk=cancelled.pk).update(
        cancelled_at=timezone.now(), cancelled_by=user, cancel_reason="Fout."
    )
    settled = make_allocation(year, 50, partnership=school, state="committed")
    expenditure(settled, school, user, amount=Decimal(20)).save()
    Allocation.unscoped.filter(pk=settled.pk).update(state="settled", amount=20, released=30)
    source = make_allocation(year, 30, sector=Sector.PRIMARY, state="committed")
    moved = Reallocation.unscoped.create(
        source=source,
        amount=5,
        sector=Sector.SECONDARY,
        reason="Meer nodig.",
        state="applied",
        result=make_allocation(year, 5, sector=Sector.SECONDARY, state="committed"),
        created_by=user,
    )
    return Scene(pact, user, school, package, year, share, spent, cancelled, settled, moved)


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def doors(scene: Scene) -> dict[str, tuple[str, Callable[[], object]]]:
    """Per name what refuses it, and the act."""
    year, share, school, user = scene.year, scene.share, scene.school, scene.user
    allocations, expenditures = Allocation.unscoped, Expenditure.unscoped
    years, packages, childcare = (
        PackageYear.unscoped,
        SupportPackage.unscoped,
        make_partner(scene.pact, sector=Sector.CHILDCARE),
    )
    elsewhere = make_package(scene.pact, {2026: 10}, sectors=[Sector.VOCATIONAL]).years.get()
    measure = make_measure(scene.pact, lead=childcare)
    turned_down = make_allocation(year, 10, sector=Sector.CHILDCARE, state="rejected")
    town = make_partner(scene.pact, sector=Sector.MUNICIPALITY)
    joint = make_package(scene.pact, {2026: 10}, sectors=[Sector.MUNICIPALITY, Sector.SECONDARY]).years.get()
    make_allocation(joint, 10, measure=make_measure(scene.pact, lead=childcare, executing=[town, school]))
    empty = make_allocation(year, 10, sector=Sector.PRIMARY)
    later = make_package(scene.pact, {2026: 100}, spend_from=date(2026, 6, 1)).years.get()
    early = make_allocation(later, 10, partnership=school, state="committed")

    def book(allocation: Allocation = share, **changes: object) -> Callable[[], object]:
        return lambda: expenditure(allocation, school, user, **changes).save()

    def move(**changes: object) -> Callable[[], object]:
        values = {
            "source": scene.moved.source,
            "amount": Decimal(3),
            "sector": Sector.SECONDARY,
            "reason": "Meer.",
            "state": "applied",
            "created_by": user,
            **changes,
        }
        return lambda: Reallocation.unscoped.create(**values)

    rows = [expenditure(share, school, user, amount=Decimal(amount)) for amount in (30, 11)]
    return {
        "spent over the allocation": (OVERSPENT, book(amount=Decimal("40.01"))),
        "many at once over the allocation": (OVERSPENT, lambda: expenditures.bulk_create(rows)),
        "allocation below what was spent": (OVERSPENT, lambda: allocations.filter(pk=share.pk).update(amount=59)),
        "a sum of what was spent that is another": (
            SPENT_SUM,
            lambda: sql("UPDATE plan_allocation SET spent = 0 WHERE id = %s", share.pk),
        ),
        "a sum of what was allocated that is another": (
            ALLOCATED_SUM,
            lambda: sql("UPDATE plan_packageyear SET allocated = 0 WHERE id = %s", year.pk),
        ),
        "a sum that is a cent off": (
            ALLOCATED_SUM,
            lambda: years.filter(pk=year.pk).update(allocated=F("allocated") - Decimal("0.01")),
        ),
        "a sum of what came in that is another": (
            CAME_IN_SUM,
            lambda: years.filter(pk=year.pk).update(came_in=Decimal("0.01")),
        ),
        "spent of what was proposed": (COMMITTED, book(empty)),
        "spent of what was settled": (COMMITTED, book(scene.settled)),
        "rejected while spent": (FOR_COMMITTED, lambda: allocations.filter(pk=share.pk).update(state="rejected")),
        "settled above what was spent": (
            SETTLED_IS_SPENT,
            lambda: allocations.filter(pk=share.pk).update(state="settled"),
        ),
        "a settled one opened again": (
            ALLOCATION,
            lambda: allocations.filter(pk=scene.settled.pk).update(state="committed", amount=50),
        ),
        "a settled one for another": (
            ALLOCATION,
            lambda: sql("UPDATE plan_allocation SET released = 1 WHERE id = %s", scene.settled.pk),
        ),
        "a cancelled amount below what was settled": (
            SETTLED_IS_SPENT,
            lambda: expenditures.filter(allocation=scene.settled).update(
                cancelled_at=timezone.now(), cancelled_by=user, cancel_reason="Fout."
            ),
        ),
        "before the window": (WINDOW, book(spent_on=date(2025, 12, 31))),
        "after the window": (WINDOW, book(spent_on=date(2028, 1, 1))),
        "before a window of its own": (WINDOW, book(early)),
        "a window moved off": (
            WINDOW_KEPT,
            lambda: packages.filter(pk=scene.package.pk).update(spend_from=date(2026, 5, 2)),
        ),
        "a window cut off": (
            WINDOW_KEPT,
            lambda: packages.filter(pk=scene.package.pk).update(spend_until=date(2026, 4, 30)),
        ),
        "a window moved past a year": (
            YEARS_KEPT,
            lambda: packages.filter(pk=elsewhere.package_id).update(spend_from=date(2027, 1, 1)),
        ),
        "a window cut off before a year": (
            YEARS_KEPT,
            lambda: sql(
                "UPDATE plan_supportpackage SET spend_from = '2025-01-01', spend_until = '2025-12-31' WHERE id = %s",
                elsewhere.package_id,
            ),
        ),
        "a year after the window": (YEAR_IN_WINDOW, lambda: years.create(package=scene.package, year=2028, budget=1)),
        "a year put before the window": (YEAR_IN_WINDOW, lambda: years.filter(pk=elsewhere.pk).update(year=2025)),
        "a sector that may not": (SECTOR, lambda: make_allocation(year, 1, sector=Sector.CHILDCARE)),
        "an organisation that may not": (SECTOR, lambda: make_allocation(year, 1, partnership=childcare)),
        "a measure of those who may not": (SECTOR, lambda: make_allocation(year, 1, measure=measure)),
        "moved to a package for others": (
            SECTOR,
            lambda: allocations.filter(pk=empty.pk).update(package_year=elsewhere),
        ),
        "moved to a sector that may not": (
            SECTOR,
            lambda: allocations.filter(pk=empty.pk).update(sector=Sector.CHILDCARE),
        ),
        "revived for a sector that may not": (
            SECTOR,
            lambda: allocations.filter(pk=turned_down.pk).update(state="proposed"),
        ),
        "a sector taken away": (
            SECTOR_USED,
            lambda: PackageSector.objects.filter(package=scene.package, sector=Sector.PRIMARY).delete(),
        ),
        "the sector of a measure taken away": (
            SECTOR_CARRIES,
            lambda: PackageSector.objects.filter(package=joint.package, sector=Sector.MUNICIPALITY).delete(),
        ),
        "all sectors of a measure taken away": (
            SECTOR_CARRIES,
            lambda: PackageSector.objects.filter(package=joint.package).delete(),
        ),
        "a sector made another": (
            SECTORS,
            lambda: PackageSector.objects.filter(package=scene.package, sector=Sector.PRIMARY).update(
                sector=Sector.VOCATIONAL
            ),
        ),
        "an expenditure edited": (EXPENDITURE, lambda: expenditures.filter(pk=scene.spent.pk).update(amount=1)),
        "an expenditure moved": (
            EXPENDITURE,
            lambda: expenditures.filter(pk=scene.spent.pk).update(allocation=early),
        ),
        "an expenditure redated": (
            EXPENDITURE,
            lambda: sql("UPDATE plan_expenditure SET spent_on = '2030-01-01' WHERE id = %s", scene.spent.pk),
        ),
        "an expenditure deleted": (EXPENDITURE, lambda: expenditures.filter(pk=scene.spent.pk).delete()),
        "a cancelled one revived": (
            EXPENDITURE,
            lambda: expenditures.filter(pk=scene.cancelled.pk).update(
                cancelled_at=None, cancelled_by=None, cancel_reason=""
            ),
        ),
        "a reallocation undone": (
            REALLOCATION,
            lambda: Reallocation.unscoped.filter(pk=scene.moved.pk).update(state="rejected", result=None),
        ),
        "a reallocation of more than it takes": (
            MOVES,
            move(result=make_allocation(year, 4, sector=Sector.SECONDARY, state="committed")),
        ),
        "a reallocation to another year": (
            MOVES,
            move(result=make_allocation(later, 3, sector=Sector.SECONDARY, state="committed")),
        ),
        "more came in than the budget": (
            CAME_IN,
            lambda: year.intakes.model.unscoped.create(
                package_year=year, partnership=school, amount=Decimal("1000.01")
            ),
        ),
    }


NAMES = [
    "spent over the allocation",
    "many at once over the allocation",
    "allocation below what was spent",
    "a sum of what was spent that is another",
    "a sum of what was allocated that is another",
    "a sum that is a cent off",
    "a sum of what came in that is another",
    "spent of what was proposed",
    "spent of what was settled",
    "rejected while spent",
    "settled above what was spent",
    "a settled one opened again",
    "a settled one for another",
    "a cancelled amount below what was settled",
    "before the window",
    "after the window",
    "before a window of its own",
    "a window moved off",
    "a window cut off",
    "a window moved past a year",
    "a window cut off before a year",
    "a year after the window",
    "a year put before the window",
    "a sector that may not",
    "an organisation that may not",
    "a measure of those who may not",
    "moved to a package for others",
    "moved to a sector that may not",
    "revived for a sector that may not",
    "a sector taken away",
    "the sector of a measure taken away",
    "all sectors of a measure taken away",
    "a sector made another",
    "an expenditure edited",
    "an expenditure moved",
    "an expenditure redated",
    "an expenditure deleted",
    "a cancelled one revived",
    "a reallocation undone",
    "a reallocation of more than it takes",
    "a reallocation to another year",
    "more came in than the budget",
]


def guards_off() -> None:
    """Take every trigger and CHECK of the money away, inside a transaction that is rolled back after it."""
    checks = {
        "plan_allocation": [OVERSPENT, FOR_COMMITTED, SETTLED_IS_SPENT],
        "plan_packageyear": [CAME_IN],
    }
    tables = [
        *("plan_allocation", "plan_expenditure", "plan_packagesector", "plan_packageyear", "plan_supportpackage"),
        "plan_reallocation",
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
            for name, table in cursor.fetchall():
                if table in tables:
                    cursor.execute(f"DROP TRIGGER {name}")
            return
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, names in checks.items():
            for name in names:
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def guards_back() -> None:
    """What a rollback does not bring back: on SQLite the CHECKs."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
