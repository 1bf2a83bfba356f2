"""The accounts for the givers: they agree with the sums to the cent, on the page and in the files, for who may read."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from partners.models import Organisation, Partnership, Sector, User
from plan.funding import settlement, sums
from plan.funding.models import Allocation, Expenditure, Intake, PackageYear, SupportPackage
from plan.funding.neighbours import measures_of_package
from plan.funding.sums import Budget, Entry, Money, Target
from tests.factories import make_allocation, make_measure, make_package, make_partner
from tests.people import People

ClientFor = Callable[[User], Client]
PAGE, EXPORT = "/hier/funding/settlement/", "/hier/funding/settlement/export/"


def make_expenditure(allocation: Allocation, amount: Decimal | int, partner: Partnership, **fields: Any) -> Expenditure:
    row: Expenditure = Expenditure.unscoped.create(
        **{
            "allocation": allocation,
            "partnership": partner,
            "amount": amount,
            "spent_on": date(2026, 3, 1),
            "description": "Begeleiding",
            "once": uuid4(),
            "booked_by": allocation.created_by,
            **fields,
        }
    )
    return row


@pytest.fixture
def package(people: People) -> SupportPackage:
    """Two years; a measure, a share of an organisation and one of a sector; something spent, released and rejected."""
    package = make_package(people.pact, {2026: 10_000, 2027: 5_000}, name="Welbevinden jeugd", giver="Rijk")
    first, second = package.years.get(year=2026), package.years.get(year=2027)
    Intake.unscoped.create(package_year=first, partnership=people.municipality, amount=Decimal("8000.50"))
    measure = make_measure(people.pact, title="Mentoren blijven", lead=people.school)
    given = make_allocation(first, Decimal("3000.10"), measure=measure, state="committed")
    make_expenditure(given, Decimal("1000.01"), people.school)
    make_expenditure(given, Decimal(500), people.municipality)
    make_allocation(first, 2_000, partnership=people.municipality)
    make_allocation(second, 700, sector=Sector.PRIMARY, state="committed")
    make_allocation(second, 900, state="rejected")
    settled = make_allocation(second, 1_000, partnership=people.school, state="committed")
    make_expenditure(settled, 400, people.school)
    Allocation.unscoped.filter(pk=settled.pk).update(state="settled", amount=400, released=600)
    return package


def test_it_accounts_for_every_year_of_a_package(people: People, package: SupportPackage) -> None:
    make_package(people.other_pact, name="Van elders")
    (account,) = settlement.read(people.pact).packages
    first, second = account.years[2026], account.years[2027]
    assert (first.budget, first.came_in) == (10_000, Decimal("8000.50"))
    assert (first.allocated, first.committed) == (Decimal("5000.10"), Decimal("3000.10"))
    assert (first.spent, first.released) == (Decimal("1500.01"), 0)
    assert (first.remaining, first.unspent) == (Decimal("4999.90"), Decimal("8499.99"))
    assert [measure.title for measure in first.measures] == ["M1 Mentoren blijven"]
    assert (second.allocated, second.committed, second.spent, second.released) == (1_100, 1_100, 400, 600)
    assert (second.remaining, second.measures) == (3_900, [])
    assert account.total.unspent == Decimal("13099.99")


def test_it_accounts_for_every_organisation(people: People, package: SupportPackage) -> None:
    city, school, sector = settlement.read(people.pact).organisations
    assert (city.name, city.received, city.shares) == ("Gemeente Hier", Decimal("8000.50"), 2_000)
    # Its share is only proposed: on that it may not spend yet.
    assert (city.measures_amount, city.committed, city.spent, city.open) == (0, 0, 500, 0)
    assert (school.name, school.received, school.shares) == ("Schoolbestuur Hier", 0, 400)
    assert (school.measures_amount, school.spent) == (Decimal("3000.10"), Decimal("1400.01"))
    assert (school.committed, school.open) == (Decimal("3400.10"), Decimal("1500.09"))
    assert (sector.name, sector.shares, sector.open) == ("primair onderwijs (hele sector)", 700, 700)


def test_it_names_a_measure_only_once_something_was_committed_to_it(people: People, package: SupportPackage) -> None:
    asked = make_measure(people.pact, title="Nog gevraagd", lead=people.school)
    emptied = make_measure(people.pact, title="Alles weg", lead=people.school)
    year = package.years.get(year=2027)
    make_allocation(year, 300, measure=asked)
    settled = make_allocation(year, 200, measure=emptied, state="committed")
    Allocation.unscoped.filter(pk=settled.pk).update(state="settled", amount=0, released=200)
    found = settlement.read(people.pact)
    assert [measure.code for measure in found.total.measures] == ["M1"]
    assert {measure.code for holder in found.organisations for measure in holder.measures} == {"M1"}
    assert next(each for each in sums.per_package(sums.read(people.pact))).measures == (1, asked.number)
    assert [(link.code, link.note) for link in measures_of_package(package)] == [
        ("M1", "€\xa03.000,10"),
        (asked.code, "€\xa0300 voorgesteld"),
    ]
    make_allocation(year, 50, measure=asked, state="committed")
    assert measures_of_package(package)[1].note == "€\xa050, €\xa0300 voorgesteld"
    assert [measure.code for measure in settlement.read(people.pact).total.measures] == ["M1", asked.code]


def agrees(found: settlement.Settlement, money: Money) -> None:
    """The accounts of packages and of organisations come to the same as the sums."""
    whole, all_of_them = found.total, found.of_all
    added = sums.total(money)
    assert (whole.budget, whole.allocated, whole.committed, whole.spent) == (
        added.budget,
        added.allocated,
        added.committed,
        added.spent,
    )
    assert whole.remaining == added.remaining
    assert whole.unspent == added.budget - added.spent
    assert all_of_them.shares + all_of_them.measures_amount == added.allocated
    assert all_of_them.spent == added.spent
    assert all_of_them.committed == added.committed
    assert all_of_them.open == added.committed - added.spent
    for line in sums.per_package(money):
        account = next(each for each in found.packages if each.number == line.key).total
        assert (account.allocated, account.committed, account.spent) == (
            line.sum.allocated,
            line.sum.committed,
            line.sum.spent,
        )
        promised = {entry.measure for entry in money.entries if entry.package == line.key and entry.is_committed}
        assert {measure.number for measure in account.measures} == promised - {None}
        assert promised - {None} <= set(line.measures)


def test_its_totals_are_those_of_the_sums(people: People, package: SupportPackage) -> None:
    found = settlement.read(people.pact)
    agrees(found, sums.read(people.pact))
    assert found.of_all.received == found.total.came_in == Decimal("8000.50")


cents = st.decimals(Decimal("0.01"), 1_000_000, places=2)
PARTNERS = {
    number: Partnership(pk=number, organisation=Organisation(pk=number % 3, name=f"Naam {number % 3}", sector="po"))
    for number in range(1, 5)
}
PACKAGES = {number: SupportPackage(number=number, name=f"Pakket {number}", giver="Rijk") for number in (1, 2, 3)}


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    target = draw(st.sampled_from(list(Target)))
    amount = draw(cents)
    state = draw(st.sampled_from(["proposed", "committed", "settled"]))
    spent = Decimal(0)
    if state != "proposed":
        spent = amount if state == "settled" else draw(st.decimals(0, amount, places=2))
    partner = None if target is Target.SECTOR else draw(st.sampled_from(sorted(PARTNERS)))
    part = draw(st.decimals(0, spent, places=2))
    spenders = ((1, "a", part), (2, "b", spent - part)) if spent else ()
    number = draw(st.integers(1, 5))
    return Entry(
        allocation=draw(st.integers(1, 10**6)),
        package=draw(st.sampled_from([1, 2, 3])),
        package_label="Pakket",
        year=draw(st.sampled_from([2026, 2027])),
        target=target,
        measure=number if target is Target.MEASURE else None,
        measure_title=f"M{number} Titel" if target is Target.MEASURE else "",
        sector="po",
        partnership=partner,
        organisation="",
        amount=amount,
        spent=spent,
        state=state,
        spenders=spenders,
    )


@given(st.lists(entries(), max_size=40), st.lists(cents, min_size=6, max_size=6))
def test_packages_and_organisations_add_up_to_the_same_cents(each: list[Entry], budgets: list[Decimal]) -> None:
    years = [(package, year) for package in PACKAGES for year in (2026, 2027)]
    money = Money(
        budgets=[
            Budget(package, "Pakket", year, amount, amount / 2)
            for (package, year), amount in zip(years, budgets, strict=True)
        ],
        entries=each,
    )
    found = settlement.of_money(money, packages=PACKAGES, released={}, received=[], partners=PARTNERS)
    agrees(found, money)
    assert len({account.key for account in found.organisations}) == len(found.organisations)


@pytest.mark.django_db
def test_it_shows_the_accounts_with_links_and_totals(
    people: People, client_for: ClientFor, package: SupportPackage
) -> None:
    make_package(people.pact, {2026: 50}, name="Tweede")
    page = client_for(people.reader).get(PAGE).content.decode()
    for text in ["Welbevinden jeugd", "Tweede", "€\xa08.499,99", "€\xa015.050", "primair onderwijs (hele sector)"]:
        assert text in page
    assert f'href="/hier/funding/{package.number}/"' in page
    assert 'href="/hier/measures/1/"' in page
    assert f"{EXPORT}?by=organisation&amp;format=csv" in page
    # Who hears the page hears the code once.
    assert page.count('>M1<span class="visually-hidden"> Mentoren blijven</span>') == 2


@pytest.mark.parametrize(
    ("query", "shown"), [("package=2", ["S2"]), ("package=9", ["S1", "S2"]), ("package=x", ["S1", "S2"])]
)
def test_it_shows_one_package_by_the_address(
    people: People, client_for: ClientFor, package: SupportPackage, query: str, shown: list[str]
) -> None:
    make_package(people.pact, {2026: 50}, name="Tweede")
    response = client_for(people.reader).get(f"{PAGE}?{query}", headers={"HX-Request": "true"})
    page = response.content.decode()
    assert page.strip().startswith('<div id="rows"')
    assert [account.code for account in response.context["settlement"].packages] == shown
    assert ("kennen wij niet" in page) == (len(shown) == 2)
    assert ("?by=package&amp;package=2&amp;format=xlsx" in page) == (len(shown) == 1)


def test_it_says_when_there_is_nothing_to_account_for(people: People, client_for: ClientFor) -> None:
    assert "Nog niets te verantwoorden" in client_for(people.reader).get(PAGE).content.decode()


def sheet_of(response: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(response.content)).active.rows]


def csv_of(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def test_it_exports_the_accounts_per_package_as_numbers(
    people: People, client_for: ClientFor, package: SupportPackage
) -> None:
    client = client_for(people.reader)
    heads, first, second = sheet_of(client.get(f"{EXPORT}?format=xlsx&by=package"))
    row = dict(zip(heads, first, strict=True))
    assert (row["Nummer"], row["Gever"], row["Jaar"], row["Budget"]) == ("S1", "Rijk", 2026, 10_000)
    assert (row["Besteed"], row["Nog vrij"], row["Niet besteed"]) == (1500.01, 4999.9, 8499.99)
    assert row["Maatregelen"] == "M1 Mentoren blijven"
    assert dict(zip(heads, second, strict=True))["Vrijgevallen"] == 600
    text = csv_of(client.get(f"{EXPORT}?format=csv&by=package"))
    assert dict(zip(*text[:2], strict=True))["Besteed"] == "1500,01"


def test_it_exports_the_accounts_per_organisation(
    people: People, client_for: ClientFor, package: SupportPackage
) -> None:
    make_package(people.pact, {2026: 50}, name="Tweede")
    client = client_for(people.reader)
    heads, *rows = sheet_of(client.get(f"{EXPORT}?by=organisation"))
    assert [(row[heads.index("Organisatie")], row[heads.index("Door haar besteed")]) for row in rows] == [
        ("Gemeente Hier", 500),
        ("Schoolbestuur Hier", 1400.01),
        ("primair onderwijs (hele sector)", 0),
    ]
    assert [(row[heads.index("Toegezegd")], row[heads.index("Nog te besteden")]) for row in rows] == [
        (0, 0),
        (3400.1, 1500.09),
        (700, 700),
    ]
    response = client.get(f"{EXPORT}?by=organisation&package=2&format=csv")
    assert len(csv_of(response)) == 1
    assert "verantwoording-per-organisatie-s2" in response.headers["Content-Disposition"]


def test_no_text_in_an_export_is_a_formula(people: People, client_for: ClientFor) -> None:
    evil = '=HYPERLINK("https://kwaad.example")'
    package = make_package(people.pact, name=evil, giver="+31", account_to="@SUM(A1)")
    measure = make_measure(people.pact, title="-2+3", lead=make_partner(people.pact, evil))
    make_allocation(package.years.get(), 10, measure=measure)
    client = client_for(people.reader)
    for by in ["package", "organisation"]:
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"{EXPORT}?by={by}").content))
        risky = [cell for row in book.active.rows for cell in row if str(cell.value)[:1] in "=+@"]
        assert risky
        assert all(cell.data_type == "s" and cell.quotePrefix for cell in risky)
        written = csv_of(client.get(f"{EXPORT}?by={by}&format=csv"))
        assert not [cell for row in written for cell in row if cell[:1] in tuple("=+@")]
        assert f"'{evil}" in written[1]


@pytest.mark.parametrize("query", ["format=pdf", "by=maan", "package=x", "package=²", f"package={'9' * 40}", "format="])
def test_what_is_not_known_gives_the_whole_file(
    people: People, client_for: ClientFor, package: SupportPackage, query: str
) -> None:
    assert len(sheet_of(client_for(people.reader).get(f"{EXPORT}?{query}"))) == 3


def test_strangers_see_no_accounts(people: People, client_for: ClientFor, package: SupportPackage) -> None:
    for address in [PAGE, EXPORT]:
        assert client_for(people.stranger).get(address).status_code == 404
        assert Client().get(address).status_code == 302
        assert client_for(people.reader).post(address).status_code == 405


def test_it_asks_the_database_as_much_for_fifty_rows_as_for_one(people: People, client_for: ClientFor) -> None:
    client = client_for(people.coordinator)

    def add() -> None:
        year: PackageYear = make_package(people.pact).years.get()
        partner = make_partner(people.pact)
        Intake.unscoped.create(package_year=year, partnership=partner, amount=5)
        given = make_allocation(year, 10, measure=make_measure(people.pact), state="committed")
        make_expenditure(given, 1, partner)
        make_allocation(year, 1, partnership=partner)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    addresses = [PAGE, f"{EXPORT}?by=package", f"{EXPORT}?by=organisation", "/hier/funding/charts/", "/hier/funding/"]
    add()
    queries(PAGE)
    before = [queries(address) for address in addresses]
    for _ in range(49):
        add()
    assert [queries(address) for address in addresses] == before
