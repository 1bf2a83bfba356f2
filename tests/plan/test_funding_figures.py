"""The charts of the money: what they say, what they count, and the page on which they stand."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.charts.flow import Stop, Stream
from pact_portal.foundation.templatetags.portal import share
from pact_portal.front.dashboard.overview import figures_of
from partners.models import Sector, User
from plan.funding import chart, figures, sums
from plan.funding.chart import Course, PackageBars, SectorPart
from plan.funding.models import SupportPackage
from tests.factories import make_allocation, make_measure, make_package
from tests.people import People
from tests.plan.test_funding_settlement import make_expenditure

ClientFor = Callable[[User], Client]
PAGE, LIST = "/hier/funding/charts/", "/hier/funding/"
TODAY = date(2026, 11, 23)


def package(number: int, budget: int, committed: int, spent: int) -> PackageBars:
    return PackageBars(number, f"S{number} Pakket", Decimal(budget), Decimal(committed), Decimal(spent))


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        ([package(1, 1000, 0, 0)], "Van de €\xa01.000 is nog niets toegezegd"),
        ([package(1, 1000, 500, 100), package(2, 1000, 500, 0)], "Van de €\xa02.000 is 50% toegezegd en 5% besteed"),
        ([package(1, 1000, 999, 1)], "Van de €\xa01.000 is 99% toegezegd en 1% besteed"),
        ([package(1, 1000, 1000, 1000)], "Van de €\xa01.000 is 100% toegezegd en 100% besteed"),
    ],
)
def test_it_says_the_finding_above_the_packages(packages: list[PackageBars], said: str) -> None:
    figure = chart.of_packages(packages)
    assert figure
    assert figure.title == said
    assert f"<title>{said}</title>" in figure.draw()
    assert f"<title>{said}</title>" in figure.draw_narrow()
    assert "Niet besteed" in figure.headings
    assert "€\xa01.000 budget" in figure.draw()


def test_it_never_calls_a_few_cents_nothing() -> None:
    figure = chart.of_packages([PackageBars(1, "S1 Pakket", Decimal("0.40"), Decimal("0.40"), Decimal(0))])
    assert figure
    assert figure.title == "Van de €\xa00,40 is 100% toegezegd en 0% besteed"
    assert chart.of_packages([package(1, 0, 0, 0)]).title == "Van de €\xa00 is nog niets toegezegd"  # type: ignore[union-attr]


def test_it_draws_the_smallest_packages_together_where_there_is_no_room() -> None:
    packages = [package(number, 100 * (number % 7 + 1), 10, 1) for number in range(1, 31)]
    figure = chart.of_packages(packages, most=8)
    assert figure
    assert len(figure.rows) == 30
    drawn = figure.draw()
    assert drawn.count(" budget</text>") == 8
    assert "overige (23)" in drawn
    assert "De 23 kleinste steunpakketten staan in de grafiek samen" in figure.note
    kept = [each for each in packages if f">{each.label}<" in drawn]
    rest = sum(each.budget for each in packages) - sum(each.budget for each in kept)
    assert len(kept) == 7
    assert f"€\xa0{rest:,} budget".replace(",", ".") in drawn
    assert "overige" not in chart.of_packages(packages[:8], most=8).draw()  # type: ignore[union-attr]
    assert chart.of_packages(packages).draw().count(" budget</text>") == 30  # type: ignore[union-attr]


def test_every_page_says_the_same_part_of_the_money(people: People, client_for: ClientFor) -> None:
    year = make_package(people.pact, {2026: 10_000}).years.get()
    make_allocation(year, 9_960, partnership=people.school, state="committed")
    client = client_for(people.coordinator)
    assert "99% van het budget" in client.get(LIST).content.decode()
    assert figures_of(people.pact)[2].value == "99%"
    assert "is 99% toegezegd" in client.get(PAGE).content.decode()


@given(st.decimals(0, 10**9, places=2), st.decimals(0, 10**9, places=2))
def test_a_percentage_says_nothing_of_nothing_only_and_all_of_all_only(part: Decimal, rest: Decimal) -> None:
    found = share(part, part + rest)
    assert (found == 0) == (part == 0)
    assert (found == 100) == (rest == 0 and part > 0)


def test_it_says_which_sector_gets_most() -> None:
    parts = [SectorPart("po", "primair onderwijs", Decimal(100)), SectorPart("gemeente", "gemeente", Decimal(300))]
    figure = chart.of_sectors(parts)
    assert figure
    assert figure.title == "Het meeste geld gaat naar: gemeente (75% van €\xa0400)"
    assert figure.rows == [["gemeente", "€\xa0300", "75%"], ["primair onderwijs", "€\xa0100", "25%"]]
    assert "€\xa0300 (75%)" in figure.draw()
    even = chart.of_sectors([SectorPart("po", "po", Decimal(1)), SectorPart("vo", "vo", Decimal(1))])
    assert even
    assert even.title == "2 sectoren krijgen het meest, elk 50% van €\xa02"


def stream(target: str, amount: int) -> Stream:
    return Stream((Stop("package-1", "S1"), Stop("sector-po", "po"), Stop(target, target)), Decimal(amount))


def test_it_says_where_most_goes_and_how_many_stand_together() -> None:
    streams = [stream(f"M{number}", number) for number in range(1, 41)]
    figure = chart.of_flow(streams)
    assert figure
    assert figure.title == "Van de €\xa0820 gaat het grootste bedrag naar M40: €\xa040"
    assert figure.note == "De 29 kleinste bestemmingen staan samen onder “overige”."
    assert len(figure.rows) == 12
    assert ["S1", "po", "overige (29)", "€\xa0435"] in figure.rows
    few = chart.of_flow(streams[:3])
    assert few
    assert few.note == ""


def spending(**changes: object) -> Course:
    return Course(
        **{  # type: ignore[arg-type]
            "months": [(date(2026, 1, 31), Decimal(100)), (date(2026, 11, 30), Decimal(50))],
            "budget": Decimal(1000),
            "committed": Decimal(600),
            "first": date(2026, 1, 1),
            "ends": [date(2027, 12, 31)],
            "today": TODAY,
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Van de €\xa0600 die is toegezegd, is 25% besteed; besteden kan tot en met 31 december 2027"),
        ({"months": []}, "is nog niets besteed; besteden kan tot en met 31 december 2027"),
        ({"months": [], "committed": Decimal(0)}, "Er is nog niets toegezegd, en dus nog niets besteed"),
        ({"ends": [date(2026, 6, 30)]}, "is 25% besteed; de periode eindigde op 30 juni 2026"),
    ],
)
def test_it_says_how_far_the_spending_is(changes: dict[str, object], said: str) -> None:
    figure = chart.of_course(spending(**changes))
    assert figure
    assert said in figure.title
    assert "vandaag: 23 november 2026" in figure.draw()


def test_it_marks_the_first_end_that_comes_and_the_last() -> None:
    figure = chart.of_course(spending(ends=[date(2026, 1, 31), date(2026, 12, 31), date(2027, 6, 30)]))
    assert figure
    drawn = figure.draw()
    assert "eerste einde: 31 december 2026" in drawn
    assert "besteden tot en met 30 juni 2027" in drawn
    assert "31 januari 2026" not in drawn


def test_it_adds_up_per_month() -> None:
    course = spending(months=[(date(2026, 12, 31), Decimal(5)), (date(2027, 1, 31), Decimal("7.50"))])
    figure = chart.of_course(course)
    assert figure
    assert figure.rows == [["december 2026", "€\xa05", "€\xa05"], ["januari 2027", "€\xa07,50", "€\xa012,50"]]
    assert figure.words.startswith("Maand: december 2026; Besteed: €\xa05; Opgeteld: €\xa05. Maand: januari")


months = st.dates(date(2020, 1, 1), date(2030, 12, 31)).map(lambda day: day.replace(day=1))


@given(
    st.dictionaries(months, st.decimals(Decimal("0.01"), 10**6, places=2), max_size=20),
    st.dates(date(2020, 1, 1), date(2031, 1, 1)),
)
def test_every_month_stands_there_once_and_nothing_is_lost(spent: dict[date, Decimal], until: date) -> None:
    found = figures.months_of(spent, until=until)
    assert sum(amount for _on, amount in found) == sum(spent.values())
    places = [on.year * 12 + on.month for on, _amount in found]
    assert places == list(range(places[0], places[0] + len(places))) if places else not spent


@pytest.fixture
def money(people: People) -> SupportPackage:
    """One package of two years and one of one: to a measure, an organisation and a sector."""
    first = make_package(people.pact, {2026: 10_000, 2027: 5_000}, name="Welbevinden jeugd")
    second = make_package(people.pact, {2026: 1_000}, name="Ontmoeting")
    measure = make_measure(people.pact, title="Mentoren blijven", lead=people.school)
    given_out = make_allocation(first.years.get(year=2026), 3_000, measure=measure, state="committed")
    make_expenditure(given_out, 1_000, people.school, spent_on=date(2026, 2, 3))
    cancelled = make_expenditure(given_out, 70, people.school, spent_on=date(2026, 2, 4))
    cancelled.cancelled_at, cancelled.cancelled_by = cancelled.booked_at, people.coordinator
    cancelled.cancel_reason = "Dubbel"
    cancelled.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    make_allocation(first.years.get(year=2027), 500, partnership=people.municipality, state="rejected")
    make_allocation(second.years.get(), 200, sector=Sector.SECONDARY)
    make_allocation(first.years.get(year=2027), 800, partnership=people.municipality)
    make_package(people.other_pact, name="Van elders")
    return first


@time_machine.travel("2026-11-23T10:00:00+01:00", tick=False)
def test_its_figures_are_those_of_the_sums(people: People, money: SupportPackage) -> None:
    found = {figure.key: figure for figure in figures.of_pact(people.pact)}
    assert list(found) == ["packages", "flow", "sectors", "course"]
    whole = sums.total(sums.read(people.pact))
    assert whole.spent == 1_000
    assert found["packages"].title == "Van de €\xa016.000 is 19% toegezegd en 6% besteed"
    assert found["flow"].rows == [
        ["S1 Welbevinden jeugd", "primair onderwijs", "M1 Mentoren blijven", "€\xa03.000"],
        ["S1 Welbevinden jeugd", "gemeente", "aandeel Gemeente Hier", "€\xa0800"],
        ["S2 Ontmoeting", "voortgezet onderwijs", "aandeel voortgezet onderwijs", "€\xa0200"],
    ]
    assert found["sectors"].rows[0] == ["primair onderwijs", "€\xa03.000", "75%"]
    assert found["course"].rows[0] == ["februari 2026", "€\xa01.000", "€\xa01.000"]
    assert found["course"].rows[-1] == ["november 2026", "€\xa00", "€\xa01.000"]


@pytest.mark.parametrize(
    ("query", "packages", "flows"),
    [
        ("", 2, 3),
        ("package=1", 1, 2),
        ("package=2", 1, 1),
        ("year=2026", 2, 2),
        ("package=1&year=2027", 1, 1),
        ("package=2&year=2027", 0, 0),
        ("package=99", 2, 3),
        ("year=x", 2, 3),
        (f"package={'9' * 40}&year=²", 2, 3),
    ],
)
def test_it_draws_what_the_address_chooses(
    people: People, client_for: ClientFor, money: SupportPackage, query: str, packages: int, flows: int
) -> None:
    response = client_for(people.reader).get(f"{PAGE}?{query}", headers={"HX-Request": "true"})
    assert response.content.decode().strip().startswith('<div id="rows"')
    rows = {shown["figure"].key: len(shown["figure"].rows) for shown in response.context["figures"]}
    assert rows.get("packages", 0) == packages
    assert rows.get("flow", 0) == flows
    assert ("Haal een filter weg" in response.content.decode()) == (packages == 0)


def test_its_page_has_drawings_for_wide_and_narrow_with_tables(
    people: People, client_for: ClientFor, money: SupportPackage
) -> None:
    page = client_for(people.reader).get(PAGE).content.decode()
    assert page.count("figure__chart--wide") == page.count("figure__chart--narrow") == 4
    assert page.count('<details class="figure__data"') == 4
    assert "Van elders" not in page
    assert not re.search(r"<svg[^>]*style=", page)


def test_it_says_when_there_is_nothing_to_draw(people: People, client_for: ClientFor) -> None:
    page = client_for(people.reader).get(PAGE).content.decode()
    assert "Nog niets te tekenen" in page
    assert "<figure" not in page


def test_strangers_see_no_charts(people: People, client_for: ClientFor, money: SupportPackage) -> None:
    assert client_for(people.stranger).get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302
    assert client_for(people.reader).post(PAGE).status_code == 405


def test_the_coordinator_sees_what_asks_for_attention_on_the_list(
    people: People, client_for: ClientFor, money: SupportPackage
) -> None:
    page = client_for(people.coordinator).get(LIST).content.decode()
    assert "Aandachtspunten bij het geld" in page
    assert "van “Ontmoeting” voor 2026 heeft nog geen bestemming." in page
    assert f'<li><a href="{LIST}2/">' in page
    assert "Aandachtspunten" not in client_for(people.reader).get(LIST).content.decode()
    swapped = client_for(people.coordinator).get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert "Aandachtspunten" not in swapped


def test_a_list_without_points_of_attention_has_no_card(people: People, client_for: ClientFor) -> None:
    assert "Aandachtspunten" not in client_for(people.coordinator).get(LIST).content.decode()
