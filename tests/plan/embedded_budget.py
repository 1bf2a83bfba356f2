"""Run by test_funding_embedded.py in a process of its own, on a new SQLite database; prints what it found as JSON."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from uuid import uuid4

import django
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction


def doors_of_spending(outcome: Callable[[Callable[[], object]], str]) -> dict[str, dict[str, str]]:
    """What came of every door, with its guards and without, each on a scene of its own that is rolled back."""
    from tests.plan import funding_doors

    guards: dict[str, str] = {}

    def tried(prepare: Callable[[], None]) -> dict[str, str]:
        outcomes = {}
        for name in funding_doors.NAMES:
            with transaction.atomic():
                guards[name], act = funding_doors.doors(funding_doors.scene())[name]
                prepare()
                outcomes[name] = outcome(act)
                transaction.set_rollback(True)
            funding_doors.guards_back()
        return outcomes

    closed, opened = tried(lambda: None), tried(funding_doors.guards_off)
    return {"spending doors": closed, "spending doors open": opened, "spending guards": guards}


def main() -> None:
    django.setup()
    # Hundreds of accounts nobody signs in with.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("migrate", verbosity=0)

    from plan.funding import settling, spending, workflow
    from plan.models import Allocation, PackageYear
    from tests.factories import make_allocation, make_package, make_pact, make_partner, make_user

    found: dict[str, object] = {"vendor": connection.vendor}
    with transaction.atomic():
        pact, user = make_pact(), make_user()
        cents = make_package(pact, {2026: Decimal("0.30")}).years.get()
        millions = make_package(pact, {2026: Decimal("9999999999.99")}).years.get()
        raced = make_package(pact, {2026: Decimal(10)}).years.get()

    def outcome(act: Callable[[], object]) -> str:
        try:
            with transaction.atomic():
                act()
        except ValidationError as fault:
            return fault.messages[0]
        except IntegrityError as fault:
            return str(fault)
        return "granted"

    def allocated(year: PackageYear) -> str:
        year.refresh_from_db()
        return str(year.allocated)

    def allocate(year: PackageYear, amount: str) -> str:
        return outcome(lambda: workflow.allocate(year, amount=Decimal(amount), by=user, sector="po"))

    # 0.10 + 0.20 is more than 0.30 in binary fractions; in euros it is not.
    found["cents"] = [allocate(cents, amount) for amount in ("0.10", "0.20", "0.01")]
    found["cents allocated"] = allocated(cents)
    found["millions"] = [allocate(millions, amount) for amount in ("9999999999.98", "0.01", "0.01")]
    found["millions allocated"] = allocated(millions)

    def rows(*amounts: str) -> list[Allocation]:
        return [Allocation(package_year=cents, amount=Decimal(a), sector="po", created_by=user) for a in amounts]

    def sql(statement: str, *values: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    of_cents = Allocation.objects.in_pact(pact).filter(package_year=cents)
    doors: dict[str, Callable[[], object]] = {
        "create": lambda: make_allocation(cents, Decimal("0.01")),
        "bulk_create": lambda: Allocation.unscoped.bulk_create(rows("0.01")),
        "update": lambda: of_cents.update(amount=Decimal("0.16")),
        "budget lowered": lambda: PackageYear.unscoped.filter(pk=cents.pk).update(budget=Decimal("0.29")),
        "raw insert": lambda: sql(
            "INSERT INTO plan_allocation"
            " (package_year_id, amount, spent, released, sector, note, state, created_by_id, created_at)"
            " VALUES (%s, '0.01', 0, 0, 'po', '', 'proposed', %s, '2026-01-01')",
            cents.pk,
            user.pk,
        ),
        "raw update": lambda: sql("UPDATE plan_allocation SET amount = '0.16' WHERE package_year_id = %s", cents.pk),
    }
    found["doors"] = {name: outcome(act) for name, act in doors.items()}
    found["after the doors"] = allocated(cents)
    workflow.reject(of_cents.order_by("pk").first(), by=user)
    found["after a rejection"] = allocated(cents)

    def worker(_number: int) -> list[str]:
        try:
            return [allocate(raced, "1") for _ in range(5)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        outcomes = [outcome for outcomes in pool.map(worker, range(4)) for outcome in outcomes]
    found["raced"] = [outcomes.count("granted"), sum("nog €\xa00 over" in outcome for outcome in outcomes)]
    found["raced allocated"] = allocated(raced)

    found |= doors_of_spending(outcome)

    with transaction.atomic():
        partner = make_partner(pact, sector="po")
        of_spending = make_package(pact, {2026: Decimal(100)}).years.get()
        share = make_allocation(of_spending, Decimal(10), partnership=partner, state="committed")
        small = make_allocation(of_spending, Decimal("0.30"), partnership=partner, state="committed")

    def book(allocation: Allocation, amount: str) -> str:
        values = {"partnership": partner, "amount": Decimal(amount), "spent_on": date(2026, 1, 1)}
        return outcome(lambda: spending.book(allocation, **values, description="Huur", once=uuid4(), by=user))

    found["cents spent"] = [book(small, amount) for amount in ("0.10", "0.20", "0.01")]
    settled = settling.settle(small, by=user)
    found["cents settled"] = [str(settled.amount), str(settled.released)]

    def booker(_number: int) -> list[str]:
        try:
            own = Allocation.unscoped.get(pk=share.pk)
            return [book(own, "1") for _ in range(5)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        outcomes = [outcome for outcomes in pool.map(booker, range(4)) for outcome in outcomes]
    found["booked"] = [outcomes.count("granted"), sum("nog €\xa00 over" in outcome for outcome in outcomes)]
    share.refresh_from_db()
    found["booked spent"] = str(share.spent)
    found["allocated with them"] = allocated(of_spending)
    print(json.dumps(found))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main()
