"""Committing, rejecting, reallocating, settling and pledging, past every form."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError

from pact_portal.foundation.audit.models import AuditRecord
from partners.models import Sector
from plan.funding import contributing, reallocating, settling, spending, twice, workflow
from plan.models import Allocation, Contribution, Measure, PackageYear, Reallocation
from tests.factories import make_allocation, make_measure, make_package, make_partner
from tests.people import People

pytestmark = pytest.mark.django_db
State = Allocation.State


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-23T12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def year(people: People) -> PackageYear:
    """A year with a budget of 1,000, for primary and secondary schools and municipalities."""
    year: PackageYear = make_package(people.pact, years={2026: 1_000}, name="Jeugd").years.get()
    return year


def refused(act: Any, *rows: Any, **values: Any) -> str:
    with pytest.raises(ValidationError) as fault:
        act(*rows, **values)
    return " ".join(fault.value.messages).replace("\u00a0", " ")


def spend(people: People, allocation: Allocation, amount: str) -> None:
    spending.book(
        allocation,
        partnership=spending.spenders_of(allocation)[0],
        amount=Decimal(amount),
        spent_on=date(2026, 5, 1),
        description="Huur",
        once=uuid4(),
        by=people.coordinator,
    )


def in_use(year: PackageYear) -> Decimal:
    year.refresh_from_db()
    return year.allocated


class TestCommitting:
    def test_it_commits_by_a_decision_and_tells_the_log(self, people: People, year: PackageYear) -> None:
        row = workflow.allocate(year, amount=Decimal(10), by=people.coordinator, sector=Sector.PRIMARY)
        workflow.commit(row, by=people.coordinator, decision="B7")
        assert row.state == State.COMMITTED
        log = AuditRecord.objects.in_pact(people.pact).get(action="allocation.committed")
        assert log.details["decision"] == "B7"

    def test_it_commits_nothing_to_a_measure_that_was_rejected_meanwhile(
        self, people: People, year: PackageYear
    ) -> None:
        measure = make_measure(people.pact, lead=people.school)
        row = make_allocation(year, 10, measure=measure)
        Measure.unscoped.filter(pk=measure.pk).update(state="rejected", outcome_on=date(2026, 1, 1))
        sentence = refused(workflow.commit, row, by=people.coordinator, decision="B1")
        assert sentence == f"Maatregel {measure.code} is afgewezen. Daar kan geen geld meer naartoe."
        assert refused(workflow.allocate, year, amount=Decimal(1), by=people.coordinator, measure=measure) == sentence

    def test_it_commits_nothing_to_who_may_not_receive_any_more(self, people: People, year: PackageYear) -> None:
        measure = make_measure(people.pact, lead=people.childcare, executing=[people.school])
        row = make_allocation(year, 10, measure=measure)
        measure.executing.clear()
        sentence = refused(workflow.commit, row, by=people.coordinator)
        assert "“Jeugd” mag niet naar de sector kinderopvang." in sentence

    def test_it_takes_committed_money_back_by_a_decision_only(self, people: People, year: PackageYear) -> None:
        row = make_allocation(year, 10, state="committed")
        assert "€ 10 is toegezegd. Alleen een besluit" in refused(workflow.reject, row, by=people.coordinator)
        workflow.reject(row, by=people.coordinator, decision="B2")
        assert (row.state, in_use(year)) == (State.REJECTED, 0)
        # A second click is harmless, and says so.
        assert refused(workflow.reject, row, by=people.coordinator, decision="B2") == (
            "Deze toewijzing is al afgewezen. Er is niets veranderd."
        )
        settled = settling.settle(make_allocation(year, 10, state="committed"), by=people.coordinator)
        assert refused(workflow.reject, settled, by=people.coordinator, decision="B2") == (
            "Deze toewijzing is afgerekend en kan niet meer worden: afgewezen."
        )

    def test_it_promises_nothing_more_to_a_measure_that_is_finished(self, people: People, year: PackageYear) -> None:
        measure = make_measure(people.pact, lead=people.school)
        waiting = make_allocation(year, 10, measure=measure)
        promised = make_allocation(year, 20, measure=measure, state="committed")
        Measure.unscoped.filter(pk=measure.pk).update(state="finished", outcome_on=date(2026, 1, 1))
        measure.refresh_from_db()
        sentence = f"Maatregel {measure.code} is afgerond. Daar kan geen geld meer naartoe."
        assert refused(workflow.commit, waiting, by=people.coordinator, decision="B1") == sentence
        assert refused(workflow.allocate, year, amount=Decimal(1), by=people.coordinator, measure=measure) == sentence
        # Its last bills are paid.
        spend(people, promised, "20")
        promised.refresh_from_db()
        assert promised.spent == 20

    def test_it_undoes_a_commitment_of_which_nothing_was_spent(self, people: People, year: PackageYear) -> None:
        first, second = (make_allocation(year, 10, state="committed") for _ in range(2))
        workflow.undo_commit(first, by=people.coordinator, decision="B3")
        assert (first.state, in_use(year)) == (State.REJECTED, 10)
        spend(people, second, "0.01")
        sentence = refused(workflow.undo_commit, second, by=people.coordinator, decision="B3")
        assert sentence.startswith("Van deze toewijzing is al € 0,01 besteed.")
        proposed = make_allocation(year, 10)
        assert "is voorgesteld" in refused(workflow.undo_commit, proposed, by=people.coordinator, decision="B3")

    def test_it_commits_what_was_rejected_when_a_decision_replaces_that_one_and_the_budget_is_there(
        self, people: People, year: PackageYear
    ) -> None:
        row = make_allocation(year, 600, state="rejected")
        assert "is afgewezen" in refused(workflow.commit, row, by=people.coordinator)
        other = make_allocation(year, 500)
        sentence = refused(workflow.commit, row, by=people.coordinator, decision="B4")
        assert "is voor 2026 nog € 500 over. U vroeg € 600." in sentence
        workflow.reject(other, by=people.coordinator)
        workflow.commit(row, by=people.coordinator, decision="B4")
        assert in_use(year) == 600


class TestReallocating:
    def propose(self, people: People, source: Allocation, **changes: Any) -> Reallocation:
        values = {
            "amount": Decimal(40),
            "sector": Sector.SECONDARY,
            "reason": "Daar is meer nodig.",
            "by": people.coordinator,
            **changes,
        }
        return reallocating.propose(source, **values)

    def test_it_moves_a_part_and_the_year_stays_as_it_was(self, people: People, year: PackageYear) -> None:
        source = make_allocation(year, 100, state="committed")
        spend(people, source, "30")
        moved = self.propose(people, source)
        assert in_use(year) == 100
        reallocating.apply(moved, by=people.coordinator, decision="B5")
        source.refresh_from_db()
        assert (source.amount, source.spent, source.state) == (60, 30, State.COMMITTED)
        result = moved.result
        assert result is not None
        assert (result.amount, result.sector, result.state) == (40, Sector.SECONDARY, State.COMMITTED)
        assert result.package_year == year
        assert in_use(year) == 100
        sentence = refused(reallocating.apply, moved, by=people.coordinator, decision="B5")
        assert sentence == "Deze herverdeling van € 40 is al doorgevoerd."

    def test_it_settles_a_source_of_which_nothing_is_left(self, people: People, year: PackageYear) -> None:
        source = make_allocation(year, 100, state="committed")
        reallocating.apply(self.propose(people, source, amount=Decimal(100)), by=people.coordinator, decision="B5")
        source.refresh_from_db()
        assert (source.amount, source.released, source.state) == (0, 0, State.SETTLED)
        assert in_use(year) == 100

    def test_it_moves_a_whole_year_that_is_full(self, people: People, year: PackageYear) -> None:
        source = make_allocation(year, 1_000, state="committed")
        reallocating.apply(self.propose(people, source, amount=Decimal(999)), by=people.coordinator, decision="B5")
        assert in_use(year) == 1_000

    def test_it_refuses_more_than_was_not_spent(self, people: People, year: PackageYear) -> None:
        source = make_allocation(year, 100, state="committed")
        moved = self.propose(people, source, amount=Decimal(80))
        spend(people, source, "30")
        expected = "Van deze toewijzing van € 100 is nog € 70 niet besteed. U wilt € 80 herverdelen."
        assert refused(reallocating.apply, moved, by=people.coordinator, decision="B5") == expected
        assert refused(self.propose, people, source, amount=Decimal(80)) == expected
        moved.refresh_from_db()
        assert moved.state == Reallocation.State.PROPOSED

    @pytest.mark.parametrize("state", ["proposed", "rejected"])
    def test_it_moves_committed_money_only(self, people: People, year: PackageYear, state: str) -> None:
        source = make_allocation(year, 100, state=state)
        assert "Alleen toegezegd geld wordt herverdeeld." in refused(self.propose, people, source)

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"sector": Sector.PRIMARY}, "Het geld staat al bij deze bestemming."),
            ({"sector": Sector.VOCATIONAL}, "mag niet naar de sector mbo"),
            ({"sector": ""}, "Kies één bestemming"),
            ({"reason": "  "}, "Dit veld"),
            ({"amount": Decimal(0)}, "groter is dan nul"),
            ({"amount": Decimal("0.001")}, "hele centen"),
        ],
    )
    def test_it_names_the_rule(self, people: People, year: PackageYear, change: Any, sentence: str) -> None:
        source = make_allocation(year, 100, state="committed")
        assert sentence in refused(self.propose, people, source, **change)

    def test_it_takes_no_target_of_another_pact_or_that_ended(self, people: People, year: PackageYear) -> None:
        source = make_allocation(year, 100, state="committed")
        elsewhere = make_partner(people.other_pact)
        assert "bij dit pact hoort" in refused(self.propose, people, source, sector="", partnership=elsewhere)
        measure = make_measure(people.pact, lead=people.school)
        moved = self.propose(people, source, sector="", measure=measure)
        Measure.unscoped.filter(pk=measure.pk).update(state="stopped", outcome_on=date(2026, 1, 1))
        assert "is gestopt" in refused(reallocating.apply, moved, by=people.coordinator, decision="B5")
        assert "is gestopt" in refused(reallocating.refuse_impossible, Reallocation.unscoped.get())
        finished = make_measure(people.pact, lead=people.school, state="finished", outcome_on=date(2026, 1, 1))
        assert "is afgerond. Daar kan" in refused(self.propose, people, source, sector="", measure=finished)

    def test_it_moves_the_money_of_a_measure_that_stopped(self, people: People, year: PackageYear) -> None:
        measure = make_measure(people.pact, lead=people.school, state="stopped", outcome_on=date(2026, 1, 1))
        source = make_allocation(year, 100, measure=measure, state="committed")
        reallocating.apply(self.propose(people, source), by=people.coordinator, decision="B5")
        assert in_use(year) == 100

    def test_it_leaves_the_money_where_it_is_when_it_is_rejected(self, people: People, year: PackageYear) -> None:
        source = make_allocation(year, 100, state="committed")
        moved = self.propose(people, source)
        reallocating.reject(moved, by=people.coordinator)
        source.refresh_from_db()
        assert (source.amount, moved.state) == (100, Reallocation.State.REJECTED)
        assert "is al afgewezen" in refused(reallocating.apply, moved, by=people.coordinator, decision="")
        assert "is al afgewezen" in refused(reallocating.reject, moved, by=people.coordinator)

    def test_it_moves_after_all_what_was_rejected_by_mistake(self, people: People, year: PackageYear) -> None:
        source = make_allocation(year, 100, state="committed")
        moved = self.propose(people, source)
        reallocating.reject(moved, by=people.coordinator, decision="B4")
        moved.refresh_from_db()
        reallocating.apply(moved, by=people.coordinator, decision="B5")
        moved.refresh_from_db()
        assert (moved.state, moved.result.state, in_use(year)) == (Reallocation.State.APPLIED, "committed", 100)
        assert "is al" in refused(reallocating.apply, moved, by=people.coordinator, decision="B6")

    def test_it_holds_back_settling_and_rejecting_until_it_is_handled(self, people: People, year: PackageYear) -> None:
        source = make_allocation(year, 100, state="committed")
        moved = self.propose(people, source)
        sentence = "Er is een herverdeling van € 40 uit deze toewijzing voorgesteld. Handel die eerst af."
        assert refused(settling.settle, source, by=people.coordinator) == sentence
        assert refused(settling.settle_package, year.package, by=people.coordinator) == sentence
        assert refused(workflow.reject, source, by=people.coordinator, decision="B6") == sentence
        reallocating.reject(moved, by=people.coordinator)
        settling.settle(source, by=people.coordinator)


class TestSettling:
    def test_it_gives_back_what_was_not_spent(self, people: People, year: PackageYear) -> None:
        row = make_allocation(year, 100, state="committed")
        spend(people, row, "33.33")
        settling.settle(row, by=people.coordinator)
        assert (row.amount, row.spent, row.released) == (Decimal("33.33"), Decimal("33.33"), Decimal("66.67"))
        assert in_use(year) == Decimal("33.33")
        assert refused(settling.settle, row, by=people.coordinator) == ("Deze toewijzing is al afgerekend op € 33,33.")

    @pytest.mark.parametrize(("state", "word"), [("proposed", "voorgesteld"), ("rejected", "afgewezen")])
    def test_it_settles_committed_money_only(self, people: People, year: PackageYear, state: str, word: str) -> None:
        row = make_allocation(year, 100, state=state)
        assert f"Deze toewijzing is {word}." in refused(settling.settle, row, by=people.coordinator)

    def test_it_settles_a_package_as_a_whole_and_once(self, people: People, year: PackageYear) -> None:
        rows = [make_allocation(year, 100, state="committed") for _ in range(3)]
        make_allocation(year, 50)
        spend(people, rows[1], "99.99")
        done = settling.settle_package(year.package, by=people.coordinator)
        assert [row.pk for row in done] == [row.pk for row in rows]
        assert in_use(year) == Decimal("149.99")
        assert "Er is niets af te rekenen" in refused(settling.settle_package, year.package, by=people.coordinator)


class TestContributing:
    def pledge(self, people: People, measure: Measure, **changes: Any) -> Contribution:
        values = {
            "partnership": people.school,
            "year": 2026,
            "amount": Decimal(500),
            "by": people.coordinator,
            **changes,
        }
        return contributing.pledge(measure, **values)

    def test_it_stands_beside_the_packages(self, people: People, year: PackageYear) -> None:
        measure = make_measure(people.pact, lead=people.school)
        self.pledge(people, measure)
        assert in_use(year) == 0

    def test_it_is_given_once_per_partner_and_year(self, people: People) -> None:
        measure = make_measure(people.pact)
        first = self.pledge(people, measure)
        assert refused(self.pledge, people, measure) == (
            "Schoolbestuur Hier draagt in 2026 al € 500 bij. Trek die bijdrage eerst in."
        )
        self.pledge(people, measure, year=2027)
        contributing.withdraw(first, by=people.coordinator)
        assert refused(contributing.withdraw, first, by=people.coordinator) == (
            "Deze bijdrage van € 500 is al ingetrokken."
        )
        self.pledge(people, measure, amount=Decimal(400))

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"year": 2025}, "loopt van 2026 tot en met 2027. 2025 valt daarbuiten."),
            ({"year": 2028}, "2028 valt daarbuiten."),
            ({"amount": Decimal(-1)}, "groter is dan nul"),
            ({"amount": Decimal(10) ** 15}, "te groot"),
        ],
    )
    def test_it_names_the_rule(self, people: People, change: Any, sentence: str) -> None:
        assert sentence in refused(self.pledge, people, make_measure(people.pact), **change)

    def test_it_takes_no_partner_of_another_pact_and_no_measure_that_ended(self, people: People) -> None:
        measure = make_measure(people.pact)
        elsewhere = make_partner(people.other_pact)
        assert "bij dit pact hoort" in refused(self.pledge, people, measure, partnership=elsewhere)
        Measure.unscoped.filter(pk=measure.pk).update(state="rejected", outcome_on=date(2026, 1, 1))
        assert "is afgewezen" in refused(self.pledge, people, measure)

    def test_the_same_one_sent_twice_stands_once(self, people: People) -> None:
        measure = make_measure(people.pact)
        values = {"partnership": people.school, "year": 2026, "by": people.coordinator}
        first, made = twice.pledge(measure, amount=Decimal(500), note="Uren", **values)
        again, made_again = twice.pledge(measure, amount=Decimal(500), note=" Uren ", **values)
        assert (first, made, made_again) == (again, True, False)
        assert "draagt in 2026 al € 500 bij" in refused(
            twice.pledge, measure, amount=Decimal(501), note="Uren", **values
        )
        contributing.withdraw(first, by=people.coordinator)
        _row, made = twice.pledge(measure, amount=Decimal(500), note="Uren", **values)
        assert made
        assert Contribution.unscoped.count() == 2


class TestPackages:
    def revise(self, people: People, year: PackageYear, **changes: Any) -> Any:
        package = year.package
        values = {
            "sectors": [row.sector for row in package.sectors.all()],
            "years": {row.year: row.budget for row in package.years.all()},
            "by": people.coordinator,
            **changes,
        }
        return workflow.revise_package(package, **values)

    def test_it_keeps_how_the_budget_came_in(self, people: People, year: PackageYear) -> None:
        self.revise(people, year, intakes={2026: {people.school: Decimal("600.10"), people.municipality: Decimal(300)}})
        year.refresh_from_db()
        assert year.came_in == Decimal("900.10")
        self.revise(people, year, earmark="Alleen voor jongeren.")
        assert year.intakes.count() == 2
        self.revise(people, year, intakes={2026: {people.school: Decimal(1_000)}}, years={2026: Decimal(1_000)})
        year.refresh_from_db()
        assert year.came_in == 1_000

    def test_it_raises_and_lowers_budget_and_intake_together(self, people: People, year: PackageYear) -> None:
        for budget in (2_000, 5, 700):
            amount = Decimal(budget)
            self.revise(people, year, years={2026: amount}, intakes={2026: {people.school: amount}})
            year.refresh_from_db()
            assert year.budget == year.came_in == amount

    def test_it_names_the_rule_of_what_came_in(self, people: People, year: PackageYear) -> None:
        for intakes, sentence in [
            ({2026: {people.school: Decimal(600), people.municipality: Decimal("400.01")}}, "budget van € 1.000"),
            ({2027: {people.school: Decimal(1)}}, "2027 is geen jaar van dit steunpakket."),
            ({2026: {make_partner(people.other_pact): Decimal(1)}}, "bij dit pact hoort"),
            ({2026: {people.school: Decimal(0)}}, "groter is dan nul"),
        ]:
            assert sentence in refused(self.revise, people, year, intakes=intakes)
        self.revise(people, year, intakes={2026: {people.school: Decimal(600)}})
        assert "is al € 600 binnengekomen" in refused(self.revise, people, year, years={2026: Decimal(599)})

    def test_it_keeps_the_window_round_what_was_spent(self, people: People, year: PackageYear) -> None:
        row = make_allocation(year, 100, state="committed")
        spend(people, row, "30")
        sentence = refused(self.revise, people, year, spend_from=date(2026, 5, 2))
        assert sentence == "Op 1 mei 2026 is al € 30 besteed. Die dag moet binnen de bestedingsperiode blijven."
        self.revise(people, year, spend_from=date(2026, 5, 1))
        assert "2025 valt buiten de periode" in refused(
            self.revise, people, year, years={2025: Decimal(1), 2026: Decimal(1_000)}
        )

    def test_it_keeps_a_sector_that_carries_out_a_measure_with_its_money(
        self, people: People, year: PackageYear
    ) -> None:
        measure = make_measure(people.pact, lead=people.school, executing=[people.childcare, people.municipality])
        row = make_allocation(year, 100, measure=measure, state="committed")
        # One who carries it out may take the place of the other.
        self.revise(people, year, sectors=["po"])
        self.revise(people, year, sectors=["gemeente"])
        sentence = (
            f"Maatregel {measure.code} krijgt geld van dit steunpakket. Laat één van deze sectoren staan: gemeente."
        )
        assert refused(self.revise, people, year, sectors=["vo"]) == sentence
        assert {allowed.sector for allowed in year.package.sectors.all()} == {"gemeente"}
        workflow.reject(row, by=people.coordinator, decision="B1")
        self.revise(people, year, sectors=["vo"])

    def test_it_marks_what_came_in_and_the_new_fields(self, people: People, year: PackageYear) -> None:
        package = year.package
        before = workflow.mark_of(package)
        self.revise(people, year, intakes={2026: {people.school: Decimal(1)}})
        after = workflow.mark_of(package)
        assert before != after
        assert "Iemand anders" in refused(self.revise, people, year, seen=before, account_to="Provincie")
        self.revise(people, year, seen=after, account_to="Provincie", account_by=date(2028, 4, 1))
