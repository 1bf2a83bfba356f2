"""Money is never over budget: by the form, by the workflow, past both, and whatever runs at the same time."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners.models import Sector
from plan.funding import workflow
from plan.measures.workflow import decide
from plan.models import Allocation, Measure, PackageYear
from tests.factories import make_allocation, make_measure, make_package, make_pact, make_partner, make_user

BUDGET, PORTION, ATTEMPTS, CONNECTIONS = Decimal(100_000), Decimal(1_000), 200, 40


def counted(year: PackageYear) -> Decimal:
    """The sum of what counts, as the rows say it."""
    counting = Allocation.objects.in_pact(year.package.pact).counting().filter(package_year=year)
    return counting.aggregate(total=Sum("amount", default=Decimal(0)))["total"]


def race(attempt: Callable[[int], str]) -> Counter[str]:
    """Make ATTEMPTS attempts on CONNECTIONS connections of their own, all started at once; count what came of them."""
    start = threading.Barrier(CONNECTIONS)

    def run(worker: int) -> list[str]:
        try:
            start.wait(30)
            return [attempt(worker) for _ in range(ATTEMPTS // CONNECTIONS)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return Counter(outcome for outcomes in pool.map(run, range(CONNECTIONS)) for outcome in outcomes)


@pytest.fixture
def year(transactional_db: None) -> PackageYear:
    """A year with a budget of 100,000, committed, so that other connections see it."""
    with transaction.atomic():
        return make_package(make_pact(), years={2026: BUDGET}).years.get()


@contextmanager
def without_guards() -> Iterator[None]:
    """The database without its trigger and its CHECK."""
    check = next(c for c in PackageYear._meta.constraints if c.name == workflow.NEVER_OVER_BUDGET)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE plan_allocation DISABLE TRIGGER plan_allocation_sum")
    with connection.schema_editor() as editor:
        editor.remove_constraint(PackageYear, check)
    try:
        yield
    finally:
        Allocation.unscoped.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(PackageYear, check)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE plan_allocation ENABLE TRIGGER plan_allocation_sum")


@pytest.mark.slow
def test_it_grants_exactly_the_budget_to_200_parallel_requests(year: PackageYear) -> None:
    user = make_user()
    sentences: set[str] = set()

    def attempt(worker: int) -> str:
        try:
            workflow.allocate(PackageYear.unscoped.get(pk=year.pk), amount=PORTION, by=user, sector=Sector.PRIMARY)
        except ValidationError as fault:
            sentences.update(fault.messages)
            return "told why"
        return "granted"

    assert race(attempt) == {"granted": 100, "told why": 100}
    year.refresh_from_db()
    assert counted(year) == year.allocated == BUDGET
    assert len(sentences) == 1
    assert "nog €\u00a00 over" in sentences.pop()


def naive_attempt(year: PackageYear) -> Callable[[int], str]:
    """What one writes without thinking of others: add up, compare, insert. All look before the first one writes."""
    user, looked = make_user(), threading.Barrier(CONNECTIONS)

    def attempt(worker: int) -> str:
        spent = counted(year)
        looked.wait(30)
        outcome = "told why"
        if spent + PORTION <= BUDGET:
            try:
                make_allocation(year, PORTION, created_by=user)
                outcome = "granted"
            except IntegrityError:
                outcome = "refused by the database"
        looked.wait(30)
        return outcome

    return attempt


@pytest.mark.slow
def test_it_would_overspend_without_lock_and_guards(year: PackageYear) -> None:
    with without_guards():
        outcomes = race(naive_attempt(year))
        assert counted(year) == 120_000
        assert outcomes == {"granted": 120, "told why": 80}


@pytest.mark.slow
def test_it_stays_within_budget_by_the_database_alone_when_the_code_is_naive(year: PackageYear) -> None:
    outcomes = race(naive_attempt(year))
    year.refresh_from_db()
    assert counted(year) == year.allocated == BUDGET
    assert outcomes == {"granted": 100, "refused by the database": 20, "told why": 80}


def past_the_form(year: PackageYear) -> dict[str, Callable[[], object]]:
    """Every door by which money could come past the workflow, on a year with 100 left and a row of 50 in it."""
    user = make_user()
    row = make_allocation(year, 50)
    rejected = make_allocation(year, 101, state=Allocation.State.REJECTED)

    def sql(statement: str, *values: object) -> Callable[[], object]:
        def run() -> None:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)

        return run

    def rows(*amounts: int) -> list[Allocation]:
        return [
            Allocation(package_year=year, amount=amount, sector=Sector.PRIMARY, created_by=user) for amount in amounts
        ]

    in_pact = Allocation.objects.in_pact(year.package.pact)
    return {
        "create": lambda: make_allocation(year, Decimal("50.01")),
        "bulk_create": lambda: Allocation.unscoped.bulk_create(rows(30, 21)),
        "update": lambda: in_pact.filter(pk=row.pk).update(amount=Decimal("100.01")),
        "revive": lambda: in_pact.filter(pk=rejected.pk).update(state=Allocation.State.PROPOSED),
        "budget lowered": lambda: PackageYear.unscoped.filter(pk=year.pk).update(budget=49),
        "raw insert": sql(
            "INSERT INTO plan_allocation"
            " (package_year_id, amount, spent, released, sector, note, state, created_by_id, created_at)"
            " VALUES (%s, 51, 0, 0, 'po', '', 'proposed', %s, now())",
            year.pk,
            user.pk,
        ),
        "raw update": sql("UPDATE plan_allocation SET amount = 101 WHERE id = %s", row.pk),
    }


@pytest.mark.parametrize(
    "door",
    ["create", "bulk_create", "update", "revive", "budget lowered", "raw insert", "raw update"],
)
@pytest.mark.django_db
def test_it_refuses_money_over_budget_by_every_door(door: str) -> None:
    year = make_package(make_pact(), years={2026: 100}).years.get()
    act = past_the_form(year)[door]
    with pytest.raises(IntegrityError, match=workflow.NEVER_OVER_BUDGET), transaction.atomic():
        act()
    year.refresh_from_db()
    assert counted(year) == year.allocated == 50


@pytest.mark.django_db
def test_it_moves_the_sum_along_when_money_moves_to_another_year() -> None:
    package = make_package(make_pact(), years={2026: 100, 2027: 100})
    first, second = package.years.order_by("year")
    row = make_allocation(first, 60)
    Allocation.objects.in_pact(package.pact).filter(pk=row.pk).update(package_year=second, amount=70)
    assert list(package.years.order_by("year").values_list("allocated", flat=True)) == [0, 70]
    row.refresh_from_db()
    row.delete()
    assert list(package.years.order_by("year").values_list("allocated", flat=True)) == [0, 0]


@pytest.mark.django_db
def test_it_says_the_same_sentence_when_only_the_database_saw_it(monkeypatch: pytest.MonkeyPatch) -> None:
    year = make_package(make_pact(), years={2026: 100}).years.get()
    monkeypatch.setattr(workflow, "_refuse_over_budget", lambda *_: None)
    with pytest.raises(ValidationError) as refused:
        workflow.allocate(year, amount=Decimal("100.01"), by=make_user(), sector=Sector.PRIMARY)
    assert "is voor 2026 nog €\u00a0100 over" in refused.value.message_dict["amount"][0]
    assert counted(year) == 0


amounts = st.decimals(min_value="0.01", max_value="700", places=2)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("allocate"), amounts),
        st.tuples(st.sampled_from(["commit", "reject"]), st.integers(0, 9)),
    ),
    max_size=14,
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts)
def test_it_keeps_the_sum_to_the_cent_through_any_sequence_of_acts(acts: list[tuple[str, Decimal | int]]) -> None:
    with transaction.atomic():
        user = make_user()
        year = make_package(make_pact(), years={2026: 1000}).years.get()
        made: list[Allocation] = []
        expected: dict[int, Decimal] = {}
        for act, value in acts:
            try:
                with transaction.atomic():
                    if act == "allocate":
                        row = workflow.allocate(year, amount=Decimal(value), by=user, sector=Sector.PRIMARY)
                        made.append(row)
                        expected[row.pk] = row.amount
                    elif made:
                        row = made[int(value) % len(made)]
                        move = workflow.commit if act == "commit" else workflow.reject
                        move(row, by=user, decision="B1")
                        if act == "reject":
                            del expected[row.pk]
                        else:
                            # A decision may also promise what was rejected.
                            expected[row.pk] = row.amount
            except ValidationError:
                if act == "allocate":
                    assert sum(expected.values()) + Decimal(value) > year.budget
            year.refresh_from_db()
            assert year.allocated == counted(year) == sum(expected.values()) <= year.budget
        transaction.set_rollback(True)


@pytest.mark.slow
def test_it_never_rejects_a_measure_and_gives_it_money_at_the_same_time(transactional_db: None) -> None:
    """Both lock the measure, so the second one sees what the first did: one of the two is refused, always."""
    with transaction.atomic():
        pact = make_pact()
        user, year = make_user(), make_package(pact).years.get()
        measures = [make_measure(pact, lead=make_partner(pact, sector=Sector.PRIMARY)) for _ in range(8)]
    start = threading.Barrier(2)

    def run(act: Callable[[Measure], object]) -> list[bool]:
        taken = []
        try:
            for measure in measures:
                start.wait(30)
                try:
                    act(Measure.unscoped.get(pk=measure.pk))
                    taken.append(True)
                except ValidationError:
                    taken.append(False)
        finally:
            connections.close_all()
        return taken

    def give(measure: Measure) -> object:
        own = PackageYear.unscoped.get(pk=year.pk)
        return workflow.allocate(own, amount=Decimal(10), by=user, measure=measure)

    def turn_down(measure: Measure) -> object:
        return decide(measure, outcome=Measure.State.REJECTED, on=date(2026, 1, 1), reason="Nee.", by=user)

    with ThreadPoolExecutor(2) as pool:
        given, rejected = pool.map(run, [give, turn_down])
    assert [gave != turned for gave, turned in zip(given, rejected, strict=True)] == [True] * len(measures)
