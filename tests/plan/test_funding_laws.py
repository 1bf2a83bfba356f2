"""The laws of money: however it is looked at it is the same money, and never more than came in.

First over made-up lists, without a database; then a machine that does anything in any order against the real one, and
holds the database's columns, the sums and its own small bookkeeping against each other after every step.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from partners.models import Sector
from plan.funding import contributing, reallocating, settling, spending, sums, workflow
from plan.models import Allocation, Contribution, Expenditure, Measure, PackageYear, Reallocation
from tests.factories import make_measure, make_package, make_pact, make_partner, make_user

SECTORS = [Sector.PRIMARY, Sector.SECONDARY, Sector.MUNICIPALITY]
VIEWS = [
    sums.per_package,
    sums.per_year,
    sums.per_package_year,
    sums.per_sector,
    sums.per_measure,
    sums.per_organisation,
]

cents = st.decimals(min_value="0.01", max_value="9999999999.99", places=2)


@st.composite
def entries(draw: st.DrawFn) -> sums.Entry:
    """An allocation of any kind, of which a part was spent by one or two partners."""
    amount = draw(cents)
    state = draw(st.sampled_from(["proposed", "committed", "settled"]))
    parts = []
    if state != "proposed":
        left = amount
        for partnership in draw(st.lists(st.integers(1, 4), max_size=2, unique=True)):
            part = draw(st.decimals(min_value=0, max_value=left, places=2))
            parts.append((partnership, f"partner {partnership}", part))
            left -= part
    spent = sum((part for *_who, part in parts), Decimal(0))
    target = draw(st.sampled_from(sums.Target))
    package, partnership = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    return sums.Entry(
        allocation=draw(st.integers(1, 10**6)),
        package=package,
        package_label=f"S{package}",
        year=draw(st.integers(2026, 2028)),
        target=target,
        measure=draw(st.integers(1, 3)) if target == sums.Target.MEASURE else None,
        measure_title="M" if target == sums.Target.MEASURE else "",
        sector=draw(st.sampled_from(SECTORS)),
        partnership=None if target == sums.Target.SECTOR else partnership,
        organisation="" if target == sums.Target.SECTOR else f"partner {partnership}",
        amount=spent if state == "settled" else amount,
        spent=spent,
        state=state,
        spenders=tuple(parts),
    )


budgets = st.builds(
    lambda package, year, amount: sums.Budget(package, f"S{package}", year, amount),
    st.integers(1, 3),
    st.integers(2026, 2028),
    cents,
)
all_money = st.builds(sums.Money, st.lists(budgets, max_size=4), st.lists(entries(), max_size=6))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(money=all_money)
def test_it_is_the_same_money_however_it_is_looked_at(money: sums.Money) -> None:
    whole = sums.total(money)
    for view in VIEWS:
        lines = view(money)
        together = sum((line.sum for line in lines), sums.Sum())
        assert (together.allocated, together.committed, together.spent) == (
            whole.allocated,
            whole.committed,
            whole.spent,
        )
        assert len({line.key for line in lines}) == len(lines)
        served = {number for line in lines for number in line.measures}
        # What was settled at nothing serves no measure.
        assert served == {entry.measure for entry in money.entries if entry.measure is not None and entry.amount}
    for view in (sums.per_package, sums.per_year, sums.per_package_year):
        assert sum((line.sum.budget for line in view(money)), Decimal(0)) == whole.budget
        assert sum((line.sum.remaining for line in view(money)), Decimal(0)) == whole.remaining
    for view in (sums.per_sector, sums.per_measure, sums.per_organisation):
        assert all(line.sum.budget == line.sum.allocated for line in view(money))
    assert sum(sums.spent_per_organisation(money).values(), Decimal(0)) == whole.spent
    assert whole.spent <= whole.committed <= whole.allocated


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(money=all_money, data=st.data())
def test_it_takes_away_exactly_what_an_entry_was(money: sums.Money, data: st.DataObject) -> None:
    """No euro stands in two lines: without one entry, one line of each view is less, and by that entry."""
    if not money.entries:
        return
    place = data.draw(st.integers(0, len(money.entries) - 1))
    gone = money.entries[place]
    rest = sums.Money(money.budgets, [*money.entries[:place], *money.entries[place + 1 :]])
    for view in VIEWS:
        after = {line.key: line.sum.allocated for line in view(rest)}
        lost = [
            line.sum.allocated - after.get(line.key, Decimal(0))
            for line in view(money)
            if line.sum.allocated != after.get(line.key, Decimal(0))
        ]
        assert lost == ([gone.amount] if gone.amount else [])


def test_it_would_count_twice_what_stands_with_every_partner() -> None:
    """The twin: a joint project counted with each who spends of it is more than there is."""
    spenders = ((1, "een", Decimal(40)), (2, "twee", Decimal(60)))
    entry = sums.Entry(
        1, 1, "S1", 2026, sums.Target.MEASURE, 1, "M1", "po", 1, "een", Decimal(100), Decimal(100), "settled", spenders
    )
    money = sums.Money(entries=[entry])
    naive = sum(entry.amount for _who in entry.spenders)
    assert naive == 200
    assert sums.total(money).allocated == sum(line.sum.allocated for line in sums.per_organisation(money)) == 100


class Books(RuleBasedStateMachine):
    """Two packages of three years in all, two measures, three partners; everything in one transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.user, self.pact = make_user(password=None), make_pact()
        self.partners = [make_partner(self.pact, sector=sector) for sector in SECTORS]
        self.childcare = make_partner(self.pact, sector=Sector.CHILDCARE)
        self.years = [
            *make_package(self.pact, {2026: 1_000, 2027: Decimal("0.05")}).years.order_by("year"),
            make_package(self.pact, {2026: Decimal("333.33")}).years.get(),
        ]
        self.measures = [
            make_measure(self.pact, lead=self.partners[0], executing=[self.partners[2]]),
            # Childcare may not receive: the money counts with the school that carries it out.
            make_measure(self.pact, lead=self.childcare, executing=[self.partners[1]]),
        ]
        self.targets: list[dict[str, Any]] = [
            *({"sector": sector} for sector in SECTORS),
            *({"partnership": partner} for partner in self.partners),
            *({"measure": measure} for measure in self.measures),
        ]
        self.refusals: set[str] = set()
        self.rows: list[int] = []
        self.bookings: list[int] = []
        self.moves: list[int] = []
        # Its own books: per allocation year, amount, spent, state; what each expenditure was; what was pledged.
        self.books: dict[int, dict[str, Any]] = {}
        self.spent: dict[int, tuple[int, Decimal]] = {}
        self.pledged: dict[tuple[int, int], Decimal] = {}

    def teardown(self) -> None:
        assert all(len(sentence) > 20 for sentence in self.refusals)
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def does(self, act: Any, *rows: Any, **values: Any) -> Any:
        """What the act gave, or None when it was refused with a sentence; anything else is a fault."""
        try:
            with transaction.atomic():
                return act(*rows, by=self.user, **values)
        except ValidationError as fault:
            self.refusals |= set(fault.messages)
            return None

    def row(self, place: int) -> Allocation:
        found: Allocation = Allocation.unscoped.get(pk=self.rows[place % len(self.rows)])
        return found

    def enter(self, row: Allocation) -> None:
        self.rows.append(row.pk)
        self.books[row.pk] = {
            "year": row.package_year_id,
            "amount": row.amount,
            "spent": Decimal(0),
            "state": str(row.state),
        }

    amounts = st.one_of(
        st.decimals(min_value="0.01", max_value="400", places=2), st.sampled_from([Decimal("0.01"), Decimal("0.05")])
    )
    wrong = st.sampled_from([Decimal(0), Decimal(-1), Decimal("0.001"), Decimal(10) ** 15, Decimal("NaN")])

    @rule(year=st.integers(0, 2), goal=st.integers(0, 7), amount=amounts)
    def allocate(self, year: int, goal: int, amount: Decimal) -> None:
        chosen = PackageYear.unscoped.get(pk=self.years[year].pk)
        left = chosen.budget - self.in_use(chosen.pk)
        made = self.does(workflow.allocate, chosen, amount=amount, **self.targets[goal])
        assert (made is not None) == (amount <= left)
        if made is not None:
            self.enter(made)

    @rule(year=st.integers(0, 2), amount=wrong)
    def allocate_no_amount(self, year: int, amount: Decimal) -> None:
        assert self.does(workflow.allocate, self.years[year], amount=amount, sector=Sector.PRIMARY) is None

    @precondition(lambda self: self.rows)
    @rule(place=st.integers(0, 50))
    def commit(self, place: int) -> None:
        row = self.row(place)
        done = self.does(workflow.commit, row)
        assert (done is not None) == (self.books[row.pk]["state"] == "proposed")
        if done is not None:
            self.books[row.pk]["state"] = "committed"

    @precondition(lambda self: self.rows)
    @rule(place=st.integers(0, 50), decision=st.sampled_from(["", "B1"]))
    def reject(self, place: int, decision: str) -> None:
        row = self.row(place)
        if self.does(workflow.reject, row, decision=decision) is not None:
            assert self.books[row.pk]["spent"] == 0
            self.books[row.pk]["state"] = "rejected"

    @precondition(lambda self: self.rows)
    @rule(place=st.integers(0, 50), amount=amounts)
    def book(self, place: int, amount: Decimal) -> None:
        row = self.row(place)
        own = self.books[row.pk]
        partner, once = spending.spenders_of(row)[0], uuid4()
        values = {"partnership": partner, "amount": amount, "spent_on": date(2026, 5, 1), "description": "Huur"}
        done = self.does(spending.book, row, once=once, **values)
        assert (done is not None) == (own["state"] == "committed" and amount <= own["amount"] - own["spent"])
        if done is not None:
            # The same form again books nothing.
            again = self.does(spending.book, row, once=once, **values)
            assert again is not None
            assert again[1] is False
            own["spent"] += amount
            self.spent[done[0].pk] = (row.pk, amount)
            self.bookings.append(done[0].pk)

    @precondition(lambda self: self.bookings)
    @rule(place=st.integers(0, 50))
    def cancel(self, place: int) -> None:
        booking = Expenditure.unscoped.get(pk=self.bookings[place % len(self.bookings)])
        if self.does(spending.cancel, booking, reason="Fout.") is not None:
            row, amount = self.spent.pop(booking.pk)
            self.books[row]["spent"] -= amount

    @precondition(lambda self: self.rows)
    @rule(place=st.integers(0, 50), goal=st.integers(0, 7), amount=amounts)
    def propose_move(self, place: int, goal: int, amount: Decimal) -> None:
        values = {"amount": amount, "reason": "Meer nodig.", **self.targets[goal]}
        made = self.does(reallocating.propose, self.row(place), **values)
        if made is not None:
            self.moves.append(made.pk)

    @precondition(lambda self: self.moves)
    @rule(place=st.integers(0, 50), adopts=st.booleans())
    def handle_move(self, place: int, adopts: bool) -> None:
        moved = Reallocation.unscoped.get(pk=self.moves[place % len(self.moves)])
        if not adopts:
            self.does(reallocating.reject, moved)
            return
        done = self.does(reallocating.apply, moved, decision="B2")
        if done is not None:
            self.enter(done.result)
            own = self.books[moved.source_id]
            own["amount"] -= moved.amount
            if not own["amount"]:
                own["state"] = "settled"

    @precondition(lambda self: self.rows)
    @rule(place=st.integers(0, 50))
    def settle(self, place: int) -> None:
        row = self.row(place)
        if self.does(settling.settle, row) is not None:
            self.books[row.pk] |= {"state": "settled", "amount": self.books[row.pk]["spent"]}

    @rule(first=st.booleans())
    def settle_package(self, first: bool) -> None:
        for row in self.does(settling.settle_package, self.years[0 if first else 2].package) or []:
            self.books[row.pk] |= {"state": "settled", "amount": self.books[row.pk]["spent"]}

    @rule(measure=st.integers(0, 1), partner=st.integers(0, 2), amount=amounts)
    def pledge(self, measure: int, partner: int, amount: Decimal) -> None:
        given, by = self.measures[measure], self.partners[partner]
        done = self.does(contributing.pledge, given, partnership=by, year=2026, amount=amount)
        assert (done is not None) == ((given.pk, by.pk) not in self.pledged)
        if done is not None:
            self.pledged[given.pk, by.pk] = amount

    @rule(measure=st.integers(0, 1), partner=st.integers(0, 2))
    def withdraw(self, measure: int, partner: int) -> None:
        given, by = self.measures[measure], self.partners[partner]
        standing = Contribution.unscoped.filter(measure=given, partnership=by, withdrawn_at__isnull=True).first()
        if standing is not None and self.does(contributing.withdraw, standing) is not None:
            del self.pledged[given.pk, by.pk]

    def in_use(self, year: int) -> Decimal:
        counting = (own for own in self.books.values() if own["year"] == year and own["state"] != "rejected")
        return sum((own["amount"] for own in counting), Decimal(0))

    @invariant()
    def the_columns_are_the_books(self) -> None:
        for year in PackageYear.unscoped.filter(package__pact=self.pact):
            assert year.allocated == self.in_use(year.pk) <= year.budget
        released: dict[int, Decimal] = defaultdict(Decimal)
        for row in Allocation.unscoped.filter(package_year__package__pact=self.pact):
            own = self.books[row.pk]
            assert (row.amount, row.spent, row.state) == (own["amount"], own["spent"], own["state"])
            standing = row.expenditures.filter(cancelled_at__isnull=True)
            assert standing.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"] == row.spent <= row.amount
            released[row.package_year_id] += row.released
        assert all(amount >= 0 for amount in released.values())

    @invariant()
    def all_sums_are_the_same_money(self) -> None:
        money, counting = sums.read(self.pact), [o for o in self.books.values() if o["state"] != "rejected"]
        whole = sums.total(money)
        assert whole.allocated == sum((own["amount"] for own in counting), Decimal(0))
        assert whole.spent == sum((amount for _row, amount in self.spent.values()), Decimal(0))
        promised = (own["amount"] for own in counting if own["state"] != "proposed")
        assert whole.committed == sum(promised, Decimal(0))
        assert whole.budget == Decimal("1333.38")
        for view in VIEWS:
            together = sum((line.sum for line in view(money)), sums.Sum())
            assert (together.allocated, together.committed, together.spent) == (
                whole.allocated,
                whole.committed,
                whole.spent,
            )
        assert sum(sums.spent_per_organisation(money).values(), Decimal(0)) == whole.spent
        # Childcare leads a measure and may not receive: nothing counts with it.
        assert {line.key for line in sums.per_sector(money)} <= set(SECTORS)

    @invariant()
    def what_partners_add_is_money_of_its_own(self) -> None:
        money, pledged = sums.read(self.pact), sum(self.pledged.values(), Decimal(0))
        assert sums.total_pledged(money) == pledged
        assert sum(sums.pledged_per_measure(money).values(), Decimal(0)) == pledged
        assert sum(sums.pledged_per_organisation(money).values(), Decimal(0)) == pledged
        of_packages = {line.key: line.sum.allocated for line in sums.per_measure(money)}
        for measure in Measure.objects.in_pact(self.pact).with_funding():
            own = sums.pledged_per_measure(money).get(measure.number, Decimal(0))
            assert measure.funded == of_packages.get(measure.number, Decimal(0)) + own


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_agrees_to_the_cent_through_any_sequence_of_acts() -> None:
    with time_machine.travel("2026-11-23T12:00:00+01:00", tick=False):
        run_state_machine_as_test(
            Books,
            settings=settings(
                max_examples=15,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


@pytest.mark.django_db
def test_it_reads_all_money_in_as_many_queries_for_one_as_for_fifty(django_assert_num_queries: Any) -> None:
    pact = make_pact()
    lead = make_partner(pact, sector=Sector.PRIMARY)
    year = make_package(pact).years.get()
    user = make_user(password=None)
    for amount in (1, 49):
        for _ in range(amount):
            measure = make_measure(pact, lead=lead, executing=[lead])
            workflow.allocate(year, amount=Decimal(1), by=user, measure=measure)
        with django_assert_num_queries(7):
            sums.read(pact)
