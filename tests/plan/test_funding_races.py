"""Money that several people move at once, each on a connection of its own: never more than there is, whoever wins."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import Sum

from partners.models import Sector, User
from plan.funding import reallocating, settling, spending, workflow
from plan.models import Allocation, Expenditure, PackageYear, Reallocation, SupportPackage
from tests.factories import make_allocation, make_package, make_pact, make_partner, make_user

pytestmark = pytest.mark.slow
ATTEMPTS, CONNECTIONS, PORTION = 200, 20, Decimal(10)
ROUNDS = 5


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-23T12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def user(transactional_db: None) -> User:
    return make_user(password=None)


def make_share(user: User, amount: int = 1_000, budget: int = 5_000) -> Allocation:
    """A committed share of a school, in a year of its own, that other connections see."""
    with transaction.atomic():
        pact = make_pact()
        school = make_partner(pact, sector=Sector.PRIMARY)
        year = make_package(pact, {2026: budget}).years.get()
        return make_allocation(year, amount, partnership=school, state="committed", created_by=user)


def book(allocation: Allocation, user: User, amount: Decimal = PORTION, **values: Any) -> str:
    """What came of booking an amount: "booked", or the first sentence of the refusal."""
    own = Allocation.unscoped.get(pk=allocation.pk)
    try:
        _row, made = spending.book(
            own,
            partnership=own.partnership,
            amount=amount,
            spent_on=date(2026, 5, 1),
            description="Huur",
            **{"once": uuid4(), "by": user, **values},
        )
    except ValidationError as fault:
        return str(fault.messages[0])
    return "booked" if made else "booked before"


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act gave, all begun at the same moment: its result, or the ValidationError."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(60)
            return act()
        except ValidationError as fault:
            return fault
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def spent(allocation: Allocation) -> Decimal:
    """The sum of what stands, as the rows say it."""
    rows = Expenditure.unscoped.filter(allocation=allocation, cancelled_at__isnull=True)
    total: Decimal = rows.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]
    return total


def allocated(year: PackageYear) -> tuple[Decimal, Decimal]:
    """What the year says, and what its rows say."""
    year = PackageYear.unscoped.get(pk=year.pk)
    rows = Allocation.unscoped.filter(package_year=year).exclude(state="rejected")
    return year.allocated, rows.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]


def test_it_books_exactly_the_allocation_from_200_parallel_bookings(user: User) -> None:
    share = make_share(user)

    def worker() -> Counter[str]:
        return Counter(book(share, user) for _ in range(ATTEMPTS // CONNECTIONS))

    outcomes = sum(at_once(*[worker] * CONNECTIONS), Counter())
    told = "Nooit meer dan de toewijzing: van de €\u00a01.000 is nog €\u00a00 over. U wilde €\u00a010 boeken."
    assert outcomes == {"booked": 100, told: 100}
    share.refresh_from_db()
    assert share.spent == spent(share) == 1_000


def naive(share: Allocation, user: User, looked: threading.Barrier) -> Counter[str]:
    """What one writes without thinking of others: add up, compare, insert. All look before the first one writes."""
    outcomes: Counter[str] = Counter()
    for _ in range(ATTEMPTS // CONNECTIONS):
        before = spent(share)
        looked.wait(60)
        if before + PORTION > 1_000 - PORTION * 10:
            outcomes["told why"] += 1
        else:
            try:
                Expenditure.unscoped.create(
                    allocation=share,
                    partnership=share.partnership,
                    amount=PORTION * 6,
                    spent_on=date(2026, 5, 1),
                    description="Huur",
                    once=uuid4(),
                    booked_by=user,
                )
                outcomes["booked"] += 1
            except IntegrityError:
                outcomes["refused by the database"] += 1
        looked.wait(60)
    return outcomes


@contextmanager
def without_guards() -> Iterator[None]:
    """The database without the sum of what was spent and its CHECK."""
    check = next(c for c in Allocation._meta.constraints if c.name == spending.NEVER_OVERSPENT)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE plan_expenditure DISABLE TRIGGER USER")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Allocation, check)
    try:
        yield
    finally:
        Expenditure.unscoped.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Allocation, check)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE plan_expenditure ENABLE TRIGGER USER")


def test_it_would_overspend_without_lock_and_guards(user: User) -> None:
    share, looked = make_share(user), threading.Barrier(CONNECTIONS)
    with without_guards():
        at_once(*[lambda: naive(share, user, looked)] * CONNECTIONS)
        assert spent(share) > 1_000


def test_it_stays_within_the_allocation_by_the_database_alone(user: User) -> None:
    share, looked = make_share(user), threading.Barrier(CONNECTIONS)
    outcomes = sum(at_once(*[lambda: naive(share, user, looked)] * CONNECTIONS), Counter())
    share.refresh_from_db()
    assert share.spent == spent(share) <= 1_000
    assert outcomes["refused by the database"] > 0


def test_it_books_one_form_once_however_often_it_is_sent(user: User) -> None:
    share, once = make_share(user), uuid4()
    outcomes = Counter(at_once(*[lambda: book(share, user, once=once)] * 8))
    assert outcomes == {"booked": 1, "booked before": 7}
    assert spent(share) == PORTION


def test_it_settles_at_what_was_spent_while_somebody_books(user: User) -> None:
    for _ in range(ROUNDS):
        share = make_share(user)
        booked, settled = at_once(
            lambda share=share: book(share, user),
            lambda share=share: settling.settle(Allocation.unscoped.get(pk=share.pk), by=user),
        )
        share.refresh_from_db()
        assert isinstance(settled, Allocation)
        assert share.state == Allocation.State.SETTLED
        assert share.amount == share.spent == spent(share) == (PORTION if booked == "booked" else 0)
        assert share.amount + share.released == 1_000
        assert booked == "booked" or "is afgerekend. Alleen toegezegd geld" in str(booked)
        assert allocated(share.package_year) == (share.amount, share.amount)


def test_it_moves_only_what_nobody_spends_meanwhile(user: User) -> None:
    for _ in range(ROUNDS):
        share = make_share(user)
        moved = reallocating.propose(share, amount=Decimal(995), sector=Sector.SECONDARY, reason="Meer nodig.", by=user)
        booked, applied = at_once(
            lambda share=share: book(share, user),
            lambda moved=moved: reallocating.apply(Reallocation.unscoped.get(pk=moved.pk), by=user, decision="B1"),
        )
        share.refresh_from_db()
        # One of the two is refused, always: 10 and 995 do not both fit.
        assert (booked == "booked") == isinstance(applied, ValidationError)
        assert share.amount == (1_000 if booked == "booked" else 5)
        assert share.spent == spent(share) <= share.amount
        assert allocated(share.package_year) == (1_000, 1_000)


def test_it_settles_once_when_two_do(user: User) -> None:
    for _ in range(ROUNDS):
        share = make_share(user)
        book(share, user)
        package = SupportPackage.unscoped.get(years=share.package_year_id)
        outcomes = at_once(
            lambda share=share: settling.settle(Allocation.unscoped.get(pk=share.pk), by=user),
            lambda share=share: settling.settle(Allocation.unscoped.get(pk=share.pk), by=user),
            lambda package=package: settling.settle_package(package, by=user),
        )
        assert sum(isinstance(outcome, ValidationError) for outcome in outcomes) == 2
        share.refresh_from_db()
        assert (share.amount, share.spent, share.released) == (10, 10, 990)
        assert allocated(share.package_year) == (10, 10)


def test_it_never_moves_the_same_money_twice(user: User) -> None:
    share = make_share(user)
    moves = [
        reallocating.propose(share, amount=Decimal(600), sector=Sector.SECONDARY, reason="Meer nodig.", by=user)
        for _ in range(4)
    ]
    outcomes = at_once(
        *(
            lambda moved=moved: reallocating.apply(Reallocation.unscoped.get(pk=moved.pk), by=user, decision="B1")
            for moved in [*moves, *moves]
        )
    )
    assert sum(not isinstance(outcome, ValidationError) for outcome in outcomes) == 1
    share.refresh_from_db()
    assert share.amount == 400
    assert allocated(share.package_year) == (1_000, 1_000)


def test_it_never_lowers_a_budget_below_what_is_allocated_meanwhile(user: User) -> None:
    for _ in range(ROUNDS):
        share = make_share(user, amount=10, budget=100)
        package = SupportPackage.unscoped.get(years=share.package_year_id)
        sectors = list(package.sectors.values_list("sector", flat=True))
        revised, given = at_once(
            lambda package=package, sectors=sectors: workflow.revise_package(
                package, sectors=sectors, years={2026: Decimal(50)}, by=user
            ),
            lambda share=share: workflow.allocate(
                PackageYear.unscoped.get(pk=share.package_year_id),
                amount=Decimal(60),
                sector=Sector.PRIMARY,
                by=user,
            ),
        )
        # 60 beside 10 fits in 100 and not in 50: one of the two is refused, always.
        assert isinstance(revised, ValidationError) != isinstance(given, ValidationError)
        year = PackageYear.unscoped.get(pk=share.package_year_id)
        assert (year.budget, year.allocated) == ((100, 70) if isinstance(revised, ValidationError) else (50, 10))


def test_it_never_books_a_day_that_the_window_loses_meanwhile(user: User) -> None:
    for _ in range(ROUNDS):
        share = make_share(user)
        package = SupportPackage.unscoped.get(years=share.package_year_id)
        sectors = list(package.sectors.values_list("sector", flat=True))
        revised, booked = at_once(
            lambda package=package, sectors=sectors: workflow.revise_package(
                package, sectors=sectors, years={2026: Decimal(5_000)}, spend_from=date(2026, 6, 1), by=user
            ),
            lambda share=share: book(share, user),
        )
        assert isinstance(revised, (ValidationError, IntegrityError)) == (booked == "booked")


def test_it_gives_no_sector_money_that_loses_it_meanwhile_past_the_workflow(user: User) -> None:
    """Both guards hold the year, so that the second one sees what the first did."""
    for _ in range(ROUNDS):
        share = make_share(user)
        year = PackageYear.unscoped.get(pk=share.package_year_id)

        def attempt(act: Callable[[], object]) -> Callable[[], bool]:
            def run() -> bool:
                try:
                    act()
                except IntegrityError:
                    return False
                return True

            return run

        given, taken = at_once(
            attempt(lambda year=year: make_allocation(year, 5, sector=Sector.SECONDARY, created_by=user)),
            attempt(lambda year=year: year.package.sectors.filter(sector=Sector.SECONDARY).delete()),
        )
        assert given != taken
