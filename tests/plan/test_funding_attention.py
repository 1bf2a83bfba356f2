"""What about the money asks for attention: each euro is named once, what was done is not named, and who is told."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pact_portal.front.dashboard import money_tasks
from partners.access import Access
from partners.models import Membership, User
from plan.funding import contributing, settling
from plan.funding.attention import Attention, attention_of
from plan.models import Allocation, Measure, SupportPackage
from tests.factories import make_allocation, make_measure, make_package
from tests.people import People
from tests.plan.test_funding_settlement import make_expenditure

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
TODAY = date(2026, 11, 23)
OPEN, SOON, OVER = date(2029, 2, 1), date(2027, 2, 1), date(2026, 6, 30)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel("2026-11-23T12:00:00+01:00", tick=False):
        yield


def found(people: People, kind: str, on: date = TODAY) -> list[Attention]:
    return [each for each in attention_of(people.pact, on=on) if each.kind == kind]


def said(people: People, kind: str) -> list[str]:
    return [each.text.replace("\u00a0", " ") for each in found(people, kind)]


def package_of(people: People, budget: int, until: date = OPEN) -> SupportPackage:
    return make_package(people.pact, {2026: budget}, name="Jeugd", spend_until=until)


def measure_of(people: People, state: str = "running", budget: int = 5_000) -> Measure:
    outcome = {"outcome_on": date(2026, 1, 5), "outcome_reason": "Akkoord."}
    return make_measure(people.pact, lead=people.school, state=state, budget=Decimal(budget), **outcome)


def give(
    people: People, package: SupportPackage, amount: int, state: str = "committed", **target: object
) -> Allocation:
    target = target or {"partnership": people.school}
    return make_allocation(package.years.get(), amount, state=state, created_by=people.coordinator, **target)


class TestWhatRunsOut:
    def test_it_names_what_was_given_and_not_spent_before_the_end_of_the_window(self, people: People) -> None:
        package = package_of(people, 5_000, SOON)
        make_expenditure(give(people, package, 3_000), 1_000, people.school)
        assert said(people, "runs_out") == [
            "Van “Jeugd” is € 2.000 toegewezen en nog niet besteed. Besteden kan tot en met 1 februari 2027."
        ]
        assert said(people, "no_target") == ["€ 2.000 van “Jeugd” voor 2026 heeft nog geen bestemming."]

    def test_it_names_each_euro_once(self, people: People) -> None:
        package = package_of(people, 5_000, SOON)
        make_expenditure(give(people, package, 1_000), 400, people.school)
        give(people, package, 700, "proposed")
        give(people, package, 900, measure=measure_of(people, "stopped"))
        named = [each for each in attention_of(people.pact, on=TODAY) if each.kind not in ("not_in", "short")]
        assert {each.kind: each.amount for each in named} == {"no_target": 2_400, "runs_out": 1_300, "stranded": 900}
        # All of the budget but what was spent.
        assert sum(each.amount for each in named) == 5_000 - 400

    def test_it_is_silent_while_the_end_is_far_or_all_is_spent(self, people: People) -> None:
        give(people, package_of(people, 5_000), 5_000)
        package = package_of(people, 1_000, SOON)
        make_expenditure(give(people, package, 1_000), 1_000, people.school)
        assert found(people, "runs_out") == []

    def test_it_asks_to_settle_after_the_window_until_all_is_settled(self, people: People) -> None:
        package = package_of(people, 1_000, OVER)
        share = give(people, package, 800)
        make_expenditure(share, 500, people.school)
        assert said(people, "runs_out") == [
            "De bestedingsperiode van “Jeugd” eindigde op 30 juni 2026. Van wat is toegewezen, is € 300 niet besteed. "
            "Reken af."
        ]
        settling.settle_package(package, by=people.coordinator)
        assert found(people, "runs_out") == []
        assert found(people, "no_target") == []

    def test_it_asks_to_settle_what_is_spent_to_the_last_cent(self, people: People) -> None:
        package = package_of(people, 1_000, OVER)
        make_expenditure(give(people, package, 800), 800, people.school)
        assert said(people, "runs_out") == [
            "De bestedingsperiode van “Jeugd” eindigde op 30 juni 2026. Alles is besteed. Reken af."
        ]

    def test_it_turns_from_spending_to_settling_the_day_after_the_last_day(self, people: People) -> None:
        give(people, package_of(people, 1_000, TODAY), 1_000)
        assert "Besteden kan tot en met 23 november 2026." in said(people, "runs_out")[0]
        (after,) = found(people, "runs_out", date(2026, 11, 24))
        assert after.text.endswith("Reken af.")


class TestWhatIsStranded:
    @pytest.mark.parametrize("state", ["stopped", "rejected", "finished"])
    def test_it_names_money_that_a_measure_holds_that_is_over(self, people: People, state: str) -> None:
        measure = measure_of(people, state)
        share = give(people, package_of(people, 5_000), 5_000, measure=measure)
        make_expenditure(share, 1_000, people.school)
        (point,) = found(people, "stranded")
        assert point.text.replace("\u00a0", " ") == (
            f"Maatregel {measure.code} is {measure.get_state_display()} en houdt € 4.000 uit “Jeugd” vast. Reken af, "
            "of herverdeel dit geld."
        )
        assert (point.url, point.amount) == (f"/hier/funding/allocations/{share.pk}/", Decimal(4_000))

    def test_it_names_a_proposal_that_nobody_took_back(self, people: People) -> None:
        measure = measure_of(people, "stopped")
        give(people, package_of(people, 5_000), 5_000, "proposed", measure=measure)
        assert said(people, "stranded") == [
            f"Voor maatregel {measure.code} is € 5.000 uit “Jeugd” voorgesteld, maar zij is gestopt. Trek dat "
            "voorstel in."
        ]

    def test_it_is_silent_once_settled_rejected_or_spent(self, people: People) -> None:
        measure, package = measure_of(people, "stopped"), package_of(people, 5_000)
        give(people, package, 100, "rejected", measure=measure)
        make_expenditure(give(people, package, 200, measure=measure), 200, people.school)
        settling.settle(give(people, package, 300, measure=measure), by=people.coordinator)
        give(people, package, 400, measure=measure_of(people))
        assert found(people, "stranded") == []

    def test_it_has_a_heading_and_a_link_on_the_list(self, people: People, client_for: ClientFor) -> None:
        share = give(people, package_of(people, 5_000), 5_000, measure=measure_of(people, "stopped"))
        page = client_for(people.coordinator).get("/hier/funding/").content.decode()
        assert "<h3>Geld bij maatregelen die voorbij zijn</h3>" in page
        assert f'<li><a href="/hier/funding/allocations/{share.pk}/">Maatregel' in page
        assert "voorbij zijn" not in client_for(people.reader).get("/hier/funding/").content.decode()
        assert client_for(people.stranger).get("/hier/funding/").status_code == 404


class TestWhatIsShort:
    def test_it_says_what_of_the_money_was_not_promised_yet(self, people: People) -> None:
        measure, package = measure_of(people), package_of(people, 5_000)
        give(people, package, 1_000, measure=measure)
        give(people, package, 1_500, "proposed", measure=measure)
        give(people, package, 200, "rejected", measure=measure)
        assert said(people, "short") == [
            f"Maatregel {measure.code} komt € 2.500 tekort: begroot is € 5.000, er is € 2.500, waarvan € 1.500 nog "
            "niet is toegezegd."
        ]

    def test_it_says_no_more_where_all_is_promised(self, people: People) -> None:
        measure = measure_of(people)
        give(people, package_of(people, 5_000), 1_000, measure=measure)
        contributing.pledge(
            measure, partnership=people.school, year=2026, amount=Decimal(500), by=people.representative
        )
        assert said(people, "short") == [
            f"Maatregel {measure.code} komt € 3.500 tekort: begroot is € 5.000, er is € 1.500."
        ]

    def test_it_does_not_call_thrift_a_shortage(self, people: People) -> None:
        measure = measure_of(people)
        share = give(people, package_of(people, 5_000), 5_000, measure=measure)
        make_expenditure(share, 4_000, people.school)
        settling.settle(share, by=people.coordinator)
        assert found(people, "short") == []
        measure_of(people, budget=1)
        assert len(found(people, "short")) == 1

    def test_it_still_names_what_was_short_before_it_was_settled(self, people: People) -> None:
        measure = measure_of(people)
        share = give(people, package_of(people, 5_000), 3_000, measure=measure)
        make_expenditure(share, 1_000, people.school)
        settling.settle(share, by=people.coordinator)
        assert said(people, "short") == [
            f"Maatregel {measure.code} komt € 2.000 tekort: begroot is € 5.000, er is € 3.000."
        ]

    def test_the_page_of_the_measure_says_what_was_not_promised_yet(
        self, people: People, client_for: ClientFor
    ) -> None:
        measure = measure_of(people)
        give(people, package_of(people, 5_000), 5_000, "proposed", measure=measure)
        page = client_for(people.reader).get(f"/hier/measures/{measure.number}/").content.decode()
        assert "Voor alles wat begroot is, is er geld." in page
        assert "Dat is samen €\u00a05.000, waarvan €\u00a05.000 nog niet is toegezegd." in page

    def test_the_page_of_the_measure_calls_thrift_no_shortage(self, people: People, client_for: ClientFor) -> None:
        measure = measure_of(people)
        share = give(people, package_of(people, 5_000), 5_000, measure=measure)
        make_expenditure(share, 4_000, people.school)
        settling.settle(share, by=people.coordinator)
        page = client_for(people.reader).get(f"/hier/measures/{measure.number}/").content.decode()
        assert "is nog geen geld" not in page
        assert "nog niet is toegezegd" not in page
        assert "Bij het afrekenen viel €\u00a01.000 vrij: dat was niet nodig." in page


class TestTheTask:
    def tasks(self, people: People, user: User) -> list[str]:
        rows = Membership.unscoped.filter(user=user).select_related("partnership__organisation")
        return [str(task.title) for task in money_tasks.of(Access(people.pact, list(rows)))]

    def test_it_counts_packages_and_measures_and_not_sentences(self, people: People) -> None:
        give(people, package_of(people, 5_000, SOON), 1_000)
        # Without a target, running out and not come in: three things, one package.
        assert len(attention_of(people.pact, on=TODAY)) == 3
        assert self.tasks(people, people.coordinator) == ["Bekijk het geld van 1 steunpakket of maatregel"]
        measure_of(people)
        assert self.tasks(people, people.coordinator) == ["Bekijk het geld van 2 steunpakketten en maatregelen"]

    def test_it_is_of_who_keeps_the_money_and_gone_with_the_last_point(self, people: People) -> None:
        assert self.tasks(people, people.coordinator) == []
        package_of(people, 5_000)
        assert self.tasks(people, people.coordinator) != []
        assert self.tasks(people, people.representative) == self.tasks(people, people.reader) == []


def test_it_knows_nothing_of_another_pact(people: People) -> None:
    package = make_package(people.other_pact, {2026: 1_000}, spend_until=OVER)
    make_allocation(package.years.get(), 1_000, state="committed", measure=make_measure(people.other_pact))
    assert attention_of(people.pact, on=TODAY) == []
    assert attention_of(people.other_pact, on=TODAY) != []


def test_it_asks_the_database_as_much_for_twenty_rows_as_for_one(people: People) -> None:
    def add() -> None:
        package = package_of(people, 5_000, SOON)
        give(people, package, 1_000, measure=measure_of(people, "stopped"))
        give(people, package, 1_000, "proposed", measure=measure_of(people))

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(attention_of(people.pact, on=TODAY)) >= 5
        return len(seen)

    add()
    before = queries()
    for _ in range(19):
        add()
    assert queries() == before
