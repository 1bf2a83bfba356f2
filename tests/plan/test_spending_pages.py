"""The pages of one allocation: booking, receipts, taking back, settling, reallocating; and what partners add."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from partners.models import User
from partners.permissions import Role
from plan.funding import bookable, reallocating, settling, spending
from plan.models import Allocation, Contribution, Expenditure, Measure, Reallocation, SupportPackage
from tests.factories import make_allocation, make_measure, make_member, make_package, make_partner
from tests.people import People

ClientFor = Callable[[User], Client]
FUNDING = "/hier/funding/"
TODAY = "2026-11-02T12:00:00+01:00"


@pytest.fixture(autouse=True)
def now_and_files(settings: Any, tmp_path: Path) -> Any:
    """A day inside the window of the package, and a folder of their own for the receipts."""
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def package(people: People) -> SupportPackage:
    return make_package(people.pact, {2026: 10_000, 2027: 5_000}, name="Welbevinden jeugd", giver="Rijk")


@pytest.fixture
def measure(people: People) -> Measure:
    return make_measure(
        people.pact, title="De mentor blijft", lead=people.school, executing=[people.childcare], budget=Decimal(5_000)
    )


@pytest.fixture
def row(people: People, package: SupportPackage, measure: Measure) -> Allocation:
    """A thousand euros that were promised to a measure of the school and the childcare, which gets none of it."""
    return make_allocation(package.years.get(year=2026), 1_000, measure=measure, state="committed")


def page_of(allocation: Allocation, act: str = "") -> str:
    return f"{FUNDING}allocations/{allocation.pk}/{act}"


def typed(people: People, **changes: Any) -> dict[str, Any]:
    return {
        "partnership": people.school.pk,
        "amount": "250,50",
        "spent_on": "1-10-2026",
        "description": "Begeleiding van de mentoren",
        "reference": "F-12",
        "once": str(uuid4()),
        **changes,
    }


def a_pdf() -> SimpleUploadedFile:
    book, made = pikepdf.new(), BytesIO()
    book.add_blank_page()
    book.save(made)
    return SimpleUploadedFile("rekening.pdf", made.getvalue(), "application/pdf")


def a_picture(name: str = "bon.jpg") -> SimpleUploadedFile:
    made = BytesIO()
    Image.new("RGB", (20, 20)).save(made, "PNG")
    return SimpleUploadedFile(name, made.getvalue(), "image/jpeg")


def booked(allocation: Allocation) -> list[Expenditure]:
    return list(Expenditure.unscoped.filter(allocation=allocation).order_by("pk"))


def book(people: People, allocation: Allocation, amount: int = 100, **fields: Any) -> Expenditure:
    values = {"partnership": people.school, "spent_on": date(2026, 10, 1), "description": "Huur", **fields}
    made, _is_new = spending.book(allocation, amount=Decimal(amount), once=uuid4(), by=people.representative, **values)
    return made


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_it_shows_where_the_money_stands(people: People, client_for: ClientFor, row: Allocation) -> None:
    book(people, row, 250, description="Zaalhuur", reference="F-7")
    response = client_for(people.reader).get(page_of(row))
    page = response.content.decode()
    for text in ["De mentor blijft", "Welbevinden jeugd", "Zaalhuur", "F-7", "€\xa0750", "25% van de toewijzing"]:
        assert text in page
    # Who only reads finds nothing to press, and the chain leads both ways.
    assert not re.search(r"/(book|move|settle|cancel|attach)/", page)
    assert "Waarom doen wij dit?" in page
    assert f"{page_of(row)}#spent" in page
    assert f"/hier/measures/{row.measure.number}/" in page


def test_it_offers_each_reader_what_may_be_done(people: People, client_for: ClientFor, row: Allocation) -> None:
    def acts(user: User) -> set[str]:
        page = client_for(user).get(page_of(row)).content.decode()
        return {act for act in ("book", "move", "settle", "reject") if page_of(row, f"{act}/") in page}

    assert acts(people.coordinator) == {"book", "move", "settle"}
    assert acts(people.representative) == {"book"}
    # The childcare carries the measure out, but the package is not for its sector.
    assert acts(people.other) == acts(people.signatory) == acts(people.reader) == set()


def test_it_says_what_has_to_be_decided_about_a_proposed_amount(
    people: People, client_for: ClientFor, package: SupportPackage
) -> None:
    row = make_allocation(package.years.get(year=2026), 500)
    page = client_for(people.coordinator).get(page_of(row)).content.decode()
    assert "Dit geld is nog niet toegezegd" in page
    assert f"?item=allocation-{row.pk}" in page
    assert page_of(row, "reject/") in page
    assert page_of(row, "book/") not in page
    told = client_for(people.representative).get(page_of(row)).content.decode()
    assert "Dit geld is nog niet toegezegd" in told
    assert "?item=" not in told


def test_it_books_what_was_spent_once(people: People, client_for: ClientFor, row: Allocation) -> None:
    client, address = client_for(people.representative), page_of(row, "book/")
    assert "nog €\xa01.000 over" in client.get(address).content.decode()
    form = typed(people)
    assert client.post(address, form).headers["Location"] == page_of(row)
    (spent,) = booked(row)
    assert (spent.amount, spent.spent_on, spent.reference) == (Decimal("250.50"), date(2026, 10, 1), "F-12")
    assert spent.booked_by == people.representative
    # The second click of the same form.
    again = client.post(address, form, follow=True).content.decode()
    assert "Dit formulier was al verstuurd" in again
    assert booked(row) == [spent]
    row.refresh_from_db()
    assert row.spent == Decimal("250.50")


def test_it_gives_every_form_a_mark_of_its_own(people: People, client_for: ClientFor, row: Allocation) -> None:
    client, address = client_for(people.representative), page_of(row, "book/")

    def mark(response: Any) -> str:
        found = re.search(r'name="once" value="([^"]+)"', response.content.decode())
        assert found
        return found[1]

    assert mark(client.get(address)) != mark(client.get(address))
    # One that was refused keeps its mark; one that was mangled gets a new one, and says to send again.
    form = typed(people, amount="niets")
    assert mark(client.post(address, form)) == form["once"]
    for odd in ["", "x" * 50, "9" * 100_000]:
        response = client.post(address, typed(people, once=odd))
        assert response.status_code == 200
        assert "verstuur het nog een keer" in response.content.decode()
        assert client.post(address, typed(people, once=mark(response))).status_code == 302
    assert len(booked(row)) == 3


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("1.000", "1000"), ("€ 12,5", "12.50"), ("999.99", "999.99"), ("0,01", "0.01"), ("1000.00", "1000")],
)
def test_it_reads_what_was_spent_as_people_type_it(
    people: People, client_for: ClientFor, row: Allocation, amount: str, expected: str
) -> None:
    client_for(people.representative).post(page_of(row, "book/"), typed(people, amount=amount))
    assert [spent.amount for spent in booked(row)] == [Decimal(expected)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": "0"}, "groter is dan nul"),
        ({"amount": "-5"}, "groter is dan nul"),
        ({"amount": "0.001"}, "twee cijfers achter de komma"),
        ({"amount": "1000000000000000"}, "te groot"),
        ({"amount": "1e15"}, "Vul een bedrag in euro"),
        ({"amount": "NaN"}, "Vul een bedrag in euro"),
        ({"amount": ""}, "Bedrag, in euro: Dit veld is verplicht"),
        ({"amount": "1.000,01"}, "Nooit meer dan de toewijzing"),
        ({"spent_on": "31-12-2025"}, "valt daarbuiten"),
        ({"spent_on": "3-11-2026"}, "moet nog komen"),
        ({"spent_on": "31-2-2026"}, "Vul een datum in"),
        ({"spent_on": "1-1-0001"}, "valt daarbuiten"),
        ({"description": ""}, "Waaraan is het uitgegeven? "),
        ({"description": "x" * 10_000_00}, "200"),
        ({"description": "Huur\x00"}, "Waaraan"),
        ({"description": "voor 725763863"}, "burgerservicenummer"),
        ({"partnership": "x"}, "Kies een partner uit de lijst."),
        ({"partnership": "9" * 40}, "Kies een partner uit de lijst."),
        ({"partnership": ""}, "Kies een partner."),
    ],
)
def test_it_refuses_a_booking_with_a_sentence_and_keeps_what_was_typed(
    people: People, client_for: ClientFor, row: Allocation, changes: dict[str, Any], said: str
) -> None:
    response = client_for(people.representative).post(page_of(row, "book/"), typed(people, **changes))
    page = response.content.decode()
    assert response.status_code == 200
    assert said in page
    assert 'value="F-12"' in page
    assert booked(row) == []


def test_it_lets_nobody_book_for_another_partner(
    people: People, client_for: ClientFor, row: Allocation, package: SupportPackage
) -> None:
    other_school = make_partner(people.pact, "Schoolbestuur Verderop")
    row.measure.executing.add(other_school)
    form = typed(people, partnership=other_school.pk)
    address = page_of(row, "book/")
    assert "Kies een partner uit de lijst." in client_for(people.representative).post(address, form).content.decode()
    # The childcare takes part in the measure, and the package is not for its sector.
    assert client_for(people.other).get(address).status_code == 403
    assert client_for(people.other).post(address, typed(people)).status_code == 403
    assert client_for(people.stranger).post(address, typed(people)).status_code == 404
    assert booked(row) == []
    # The coordinator books for whoever spends it, and for nobody else.
    client = client_for(people.coordinator)
    refused = client.post(address, typed(people, partnership=people.childcare.pk)).content.decode()
    assert "Kies een partner uit de lijst." in refused
    assert client.post(address, form).status_code == 302
    assert [spent.partnership for spent in booked(row)] == [other_school]


def test_it_opens_no_form_where_nothing_can_be_booked(
    people: People, client_for: ClientFor, package: SupportPackage, row: Allocation
) -> None:
    client = client_for(people.coordinator)
    proposed = make_allocation(package.years.get(year=2026), 100, partnership=people.school)
    said = client.get(page_of(proposed, "book/"), follow=True).content.decode()
    assert "Deze toewijzing is voorgesteld. Alleen op toegezegd geld kunt u boeken." in said
    nobody = make_allocation(package.years.get(year=2026), 100, sector="vo", state="committed")
    assert "nog geen partner" in client.get(page_of(nobody, "book/"), follow=True).content.decode()
    # Settled while the form was open: refused, and what was typed is still there.
    settling.settle(row, by=people.coordinator)
    response = client_for(people.representative).post(page_of(row, "book/"), typed(people))
    page = response.content.decode()
    assert "Alleen toegezegd geld wordt besteed" in page
    assert "Begeleiding van de mentoren" in page


def test_it_keeps_and_gives_back_a_receipt(people: People, client_for: ClientFor, row: Allocation) -> None:
    client = client_for(people.representative)
    assert client.post(page_of(row, "book/"), typed(people, receipt=a_pdf())).status_code == 302
    (spent,) = booked(row)
    address = f"{FUNDING}spent/{spent.pk}/receipt/"
    assert address in client.get(page_of(row)).content.decode()
    for reader in [people.reader, people.signatory, people.coordinator]:
        response = client_for(reader).get(address)
        assert b"".join(response.streaming_content).startswith(b"%PDF-")
        assert response.headers["Content-Type"] == "application/pdf"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "private, no-store"
    assert client_for(people.stranger).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    # A file that the disk has lost is told, and breaks nothing.
    Path(spent.receipt.path).unlink()
    assert "niet gevonden" in client.get(address, follow=True).content.decode()


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (SimpleUploadedFile("a.pdf", b""), "leeg"),
        (SimpleUploadedFile("a.pdf", b"<html><script>alert(1)</script>"), "geen PDF"),
        (SimpleUploadedFile("a.pdf", b"%PDF-1.7 stuk"), "beschadigd"),
        (SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "geen PDF"),
    ],
)
def test_it_keeps_no_file_that_is_no_receipt(
    people: People, client_for: ClientFor, row: Allocation, upload: SimpleUploadedFile, said: str
) -> None:
    upload.seek(0)
    page = client_for(people.representative).post(page_of(row, "book/"), typed(people, receipt=upload))
    assert page.status_code == 200
    assert said in page.content.decode()
    assert booked(row) == []


def test_it_adds_a_receipt_afterwards_once(people: People, client_for: ClientFor, row: Allocation) -> None:
    spent = book(people, row)
    client, address = client_for(people.representative), f"{FUNDING}spent/{spent.pk}/attach/"
    assert address in client.get(page_of(row)).content.decode()
    assert "nog geen bewijsstuk" in client.get(f"{FUNDING}spent/{spent.pk}/receipt/", follow=True).content.decode()
    assert "Kies het bewijsstuk." in client.post(address).content.decode()
    assert client_for(people.other).post(address, {"receipt": a_pdf()}).status_code == 403
    assert client_for(people.stranger).get(address).status_code == 404
    assert client.post(address, {"receipt": a_picture()}).status_code == 302
    spent.refresh_from_db()
    assert spent.receipt.name.endswith(".png")
    kept = spent.receipt.name
    assert "al een bewijsstuk" in client.post(address, {"receipt": a_pdf()}, follow=True).content.decode()
    spent.refresh_from_db()
    assert spent.receipt.name == kept
    assert address not in client.get(page_of(row)).content.decode()


def test_it_takes_an_invoice_number_that_looks_like_a_bsn(
    people: People, client_for: ClientFor, row: Allocation
) -> None:
    client = client_for(people.representative)
    number = "202600002"
    page = client.post(page_of(row, "book/"), typed(people, description=f"Zaalhuur {number}")).content.decode()
    assert "burgerservicenummer" in page
    assert client.post(page_of(row, "book/"), typed(people, reference=number)).status_code == 302
    (spent,) = booked(row)
    assert spent.reference == number


def test_it_adds_no_receipt_to_what_was_cancelled(people: People, client_for: ClientFor, row: Allocation) -> None:
    spent = book(people, row)
    spending.cancel(spent, reason="Dubbel", by=people.representative)
    client, address = client_for(people.representative), f"{FUNDING}spent/{spent.pk}/attach/"
    answer = client.get(address, follow=True)
    assert answer.redirect_chain == [(page_of(row), 302)]
    assert "Deze besteding is ingetrokken." in answer.content.decode()
    client.post(address, {"receipt": a_pdf()})
    spent.refresh_from_db()
    assert not spent.receipt


def test_it_shows_the_receipt_of_what_was_cancelled_to_the_coordinator_only(
    people: People, client_for: ClientFor, row: Allocation
) -> None:
    client_for(people.representative).post(page_of(row, "book/"), typed(people, receipt=a_pdf()))
    (spent,) = booked(row)
    address = f"{FUNDING}spent/{spent.pk}/receipt/"
    readers = [people.coordinator, people.representative, people.other, people.reader]

    def seen_by(user: User) -> tuple[int, bool]:
        """How the address answers, and whether the page offers it."""
        answer = client_for(user).get(address)
        assert answer.status_code == 403 or b"".join(answer.streaming_content).startswith(b"%PDF-")
        return answer.status_code, address in client_for(user).get(page_of(row)).content.decode()

    assert [seen_by(user) for user in readers] == [(200, True)] * 4
    spending.cancel(spent, reason="Er stond een naam op", by=people.representative)
    assert [seen_by(user) for user in readers] == [(200, True)] + [(403, False)] * 3


def test_it_takes_a_booking_back_with_a_reason_after_asking_once(
    people: People, client_for: ClientFor, row: Allocation
) -> None:
    spent = book(people, row, 400)
    client, address = client_for(people.representative), f"{FUNDING}spent/{spent.pk}/cancel/"
    assert address in client.get(page_of(row)).content.decode()
    assert "Schrijf op waarom" in client.post(address, {"reason": " ", "confirmed": "1"}).content.decode()
    asked = client.post(address, {"reason": "Dubbel geboekt"}).content.decode()
    assert 'name="confirmed"' in asked
    assert "Dubbel geboekt" in asked
    spent.refresh_from_db()
    assert spent.cancelled_at is None
    assert client.post(address, {"reason": "Dubbel geboekt", "confirmed": "1"}).headers["Location"] == page_of(row)
    page = client.get(page_of(row)).content.decode()
    assert "Dubbel geboekt" in page
    assert address not in page
    row.refresh_from_db()
    assert row.spent == 0
    again = client.post(address, {"reason": "Nog eens", "confirmed": "1"})
    assert "al ingetrokken" in again.content.decode()
    assert "al ingetrokken" in client.get(address, follow=True).content.decode()


def test_it_lets_nobody_take_back_what_another_partner_booked(
    people: People, client_for: ClientFor, row: Allocation
) -> None:
    spent = book(people, row)
    address = f"{FUNDING}spent/{spent.pk}/cancel/"
    for user, status in [(people.other, 403), (people.reader, 403), (people.stranger, 404)]:
        assert client_for(user).get(address).status_code == status
        assert client_for(user).post(address, {"reason": "x", "confirmed": "1"}).status_code == status
    spent.refresh_from_db()
    assert spent.cancelled_at is None


def test_it_settles_an_allocation_after_asking_once(people: People, client_for: ClientFor, row: Allocation) -> None:
    book(people, row, 400)
    client, address = client_for(people.coordinator), page_of(row, "settle/")
    asked = client.post(address).content.decode()
    assert "Van €\xa01.000 is €\xa0400 besteed. €\xa0600 valt vrij" in asked
    said = client.post(address, {"confirmed": "1"}, follow=True).content.decode()
    assert "afgerekend op €\xa0400. Er valt €\xa0600 vrij" in said
    row.refresh_from_db()
    assert (row.state, row.amount, row.released) == ("settled", 400, 600)
    assert "al afgerekend" in client.post(address, {"confirmed": "1"}, follow=True).content.decode()
    page = client.get(page_of(row)).content.decode()
    assert not re.search(r"/(book|move|settle|cancel)/", page)
    assert "€\xa0600 viel vrij" in page


def moved(people: People, **changes: Any) -> dict[str, Any]:
    empty = {"measure": "", "sector": "", "partnership": ""}
    return {"amount": "300", "reason": "Hier blijft geld over.", **empty, **changes}


def test_it_proposes_to_reallocate_and_says_that_it_takes_a_decision(
    people: People, client_for: ClientFor, row: Allocation
) -> None:
    client, address = client_for(people.coordinator), page_of(row, "move/")
    assert "vraagt om een besluit" in client.get(address).content.decode()
    assert client.post(address, moved(people, partnership=people.school.pk)).headers["Location"] == page_of(row)
    move = Reallocation.objects.in_pact(people.pact).get()
    assert (move.source, move.amount, move.state) == (row, 300, "proposed")
    page = client.get(page_of(row)).content.decode()
    assert f"?item=reallocation-{move.pk}" in page
    assert "Hier blijft geld over." in page
    # The second click of the same form makes no second proposal.
    again = client.post(address, moved(people, partnership=people.school.pk), follow=True).content.decode()
    assert "stond er al" in again
    assert Reallocation.objects.in_pact(people.pact).count() == 1
    row.refresh_from_db()
    assert row.amount == 1_000
    withdraw = f"{FUNDING}moves/{move.pk}/reject/"
    assert withdraw in page
    assert "Het geld blijft waar het is." in client.post(withdraw).content.decode()
    assert client.post(withdraw, {"confirmed": "1"}).headers["Location"] == page_of(row)
    move.refresh_from_db()
    assert move.state == "rejected"
    assert "al afgewezen" in client.post(withdraw, {"confirmed": "1"}, follow=True).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Kies één bestemming"),
        ({"sector": "po", "partnership": "own"}, "Kies één bestemming"),
        ({"sector": "kinderopvang"}, "mag niet naar de sector kinderopvang"),
        ({"measure": "own"}, "Het geld staat al bij deze bestemming."),
        ({"sector": "po", "amount": "1000,01"}, "nog €\xa01.000 niet besteed"),
        ({"sector": "po", "amount": "0"}, "groter is dan nul"),
        ({"sector": "po", "amount": "-3"}, "groter is dan nul"),
        ({"sector": "po", "amount": "0,001"}, "twee cijfers achter de komma"),
        ({"sector": "po", "amount": "1000000000000000"}, "te groot"),
        ({"sector": "po", "reason": ""}, "Schrijf op waarom"),
        ({"measure": "9" * 40}, "Selecteer een geldige keuze"),
        ({"partnership": "x"}, "Selecteer een geldige keuze"),
    ],
)
def test_it_refuses_to_reallocate_with_a_sentence(
    people: People, client_for: ClientFor, row: Allocation, changes: dict[str, Any], said: str
) -> None:
    own = {"measure": row.measure_id, "partnership": people.school.pk}
    values = {name: own.get(name, value) if value == "own" else value for name, value in changes.items()}
    response = client_for(people.coordinator).post(page_of(row, "move/"), moved(people, **values))
    page = response.content.decode()
    assert response.status_code == 200
    assert said in page
    if "reason" not in changes:
        assert "Hier blijft geld over." in page
    assert not Reallocation.objects.in_pact(people.pact).exists()


def test_it_shows_where_money_came_from_and_went_to(people: People, client_for: ClientFor, row: Allocation) -> None:
    move = reallocating.propose(row, amount=Decimal(300), sector="po", reason="Blijft over.", by=people.coordinator)
    moved_on = reallocating.apply(move, by=people.coordinator, decision="B1").result
    client = client_for(people.reader)
    there, back = client.get(page_of(row)).content.decode(), client.get(page_of(moved_on)).content.decode()
    assert page_of(moved_on) in there
    assert "€\xa0300 ging naar: primair onderwijs" in there
    assert page_of(row) in back
    assert "€\xa0300 kwam van:" in back


def test_it_asks_the_database_as_much_for_fifty_bookings_as_for_one(
    people: People, client_for: ClientFor, row: Allocation
) -> None:
    def add() -> None:
        partner = make_partner(people.pact)
        row.measure.executing.add(partner)
        book(people, row, 1, partnership=partner)
        reallocating.propose(row, amount=Decimal(1), partnership=partner, reason="Meer.", by=people.coordinator)

    add()
    client, measure_page = client_for(people.coordinator), f"/hier/measures/{row.measure.number}/"
    pages = [page_of(row), page_of(row, "book/"), page_of(row, "move/"), measure_page]
    queries(client, pages[0])
    before = [queries(client, page) for page in pages]
    for _ in range(49):
        add()
    assert [queries(client, page) for page in pages] == before


def test_it_lists_for_a_representative_where_to_book(
    people: People, client_for: ClientFor, row: Allocation, package: SupportPackage
) -> None:
    page = client_for(people.representative).get(FUNDING).content.decode()
    assert "Waar u op kunt boeken" in page
    assert page_of(row, "book/") in page
    for user in [people.other, people.reader, people.signatory, people.coordinator]:
        assert "Waar u op kunt boeken" not in client_for(user).get(FUNDING).content.decode()


def test_its_list_of_where_to_book_is_the_rule_of_who_spends(people: People, package: SupportPackage) -> None:
    year = package.years.get(year=2026)
    left = make_partner(people.pact, "Vertrokken school", left_on=date(2026, 2, 1))
    partners = [people.municipality, people.school, people.childcare, left]
    measures = [
        make_measure(people.pact, lead=lead, executing=executing)
        for lead, executing in [
            (people.school, [people.childcare]),
            (people.childcare, [people.school, people.municipality]),
            (people.childcare, [left]),
        ]
    ]
    rows = [make_allocation(year, 10, measure=row, state="committed") for row in measures]
    rows += [make_allocation(year, 10, partnership=row, state="committed") for row in (people.school, left)]
    rows += [make_allocation(year, 10, sector=sector, state="committed") for sector in ("po", "vo", "gemeente")]
    make_allocation(year, 10, partnership=people.school)
    make_allocation(make_package(people.other_pact).years.get(), 10, sector="po", state="committed")
    for partner in partners:
        expected = [row.pk for row in rows if partner in spending.spenders_of(row)]
        assert sorted(row.pk for row in bookable.of(people.pact, [partner])) == sorted(expected)
    assert not bookable.of(people.pact, [])


def pledge(people: People, target: Measure, **changes: Any) -> dict[str, Any]:
    values = {"measure": target.pk, "partnership": people.childcare.pk, "year": "2026", "amount": "1.500"}
    return {**values, "note": "Uren van medewerkers", **changes}


def test_it_pledges_and_withdraws_what_a_partner_adds(
    people: People, client_for: ClientFor, measure: Measure, row: Allocation
) -> None:
    client, page = client_for(people.other), f"/hier/measures/{measure.number}/"
    address = f"{FUNDING}contributions/new/?measure={measure.number}"
    assert address.replace("&", "&amp;") in client.get(page).content.decode()
    assert "De mentor blijft" in client.get(address).content.decode()
    assert client.post(address, pledge(people, measure)).headers["Location"] == page
    (given,) = Contribution.objects.in_pact(people.pact)
    assert (given.partnership, given.amount, given.year) == (people.childcare, 1_500, 2026)
    # The same form again adds nothing, and says so; another amount is a fault.
    again = client.post(address, pledge(people, measure), follow=True).content.decode()
    assert "De bijdrage van Kinderopvang Hier van €\xa01.500 in 2026 stond er al." in again
    assert "Trek die bijdrage eerst in" not in again
    other = client.post(address, pledge(people, measure, amount="1.600")).content.decode()
    assert "al €\xa01.500" in other
    response = client.get(page)
    money = response.context["money"]
    assert (money["funded"], money["missing"]) == (2_500, 2_500)
    assert [funder.amount for funder in money["funders"]] == [1_000, 1_500]
    withdraw = f"{FUNDING}contributions/{given.pk}/withdraw/"
    assert withdraw in response.content.decode()
    assert withdraw not in client_for(people.representative).get(page).content.decode()
    for user, status in [(people.representative, 403), (people.reader, 403), (people.stranger, 404)]:
        assert client_for(user).post(withdraw, {"confirmed": "1"}).status_code == status
    assert "telt dan niet meer mee" in client.post(withdraw).content.decode()
    assert client.post(withdraw, {"confirmed": "1"}).headers["Location"] == page
    given.refresh_from_db()
    assert given.withdrawn_at
    assert "al ingetrokken" in client.post(withdraw, {"confirmed": "1"}, follow=True).content.decode()
    assert client.get(page).context["money"]["funded"] == 1_000


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": "-1"}, "groter is dan nul"),
        ({"amount": "0"}, "groter is dan nul"),
        ({"amount": "0.001"}, "twee cijfers achter de komma"),
        ({"amount": "1000000000000000"}, "te groot"),
        ({"year": "2025"}, "valt daarbuiten"),
        ({"year": "x"}, "Vul een jaar in, bijvoorbeeld 2027."),
        ({"year": "99999"}, "van 2000 tot en met 2100"),
        ({"partnership": "foreign"}, "Kies een partner uit de lijst."),
        ({"partnership": "9" * 40}, "Kies een partner uit de lijst."),
        ({"measure": "9" * 40}, "Selecteer een geldige keuze"),
        ({"measure": ""}, "Maatregel: Dit veld is verplicht"),
    ],
)
def test_it_refuses_a_contribution_with_a_sentence(
    people: People, client_for: ClientFor, measure: Measure, changes: dict[str, Any], said: str
) -> None:
    if changes.get("partnership") == "foreign":
        changes = {"partnership": people.school.pk}
    address = f"{FUNDING}contributions/new/"
    response = client_for(people.other).post(address, pledge(people, measure, **changes))
    assert response.status_code == 200
    assert said in response.content.decode()
    assert "Uren van medewerkers" in response.content.decode()
    assert not Contribution.objects.in_pact(people.pact).exists()


def test_it_gives_no_contribution_to_a_measure_that_ended_or_of_elsewhere(
    people: People, client_for: ClientFor, measure: Measure
) -> None:
    client, address = client_for(people.other), f"{FUNDING}contributions/new/"
    elsewhere = make_measure(people.other_pact)
    assert "Selecteer een geldige keuze" in client.post(address, pledge(people, elsewhere)).content.decode()
    Measure.unscoped.filter(pk=measure.pk).update(state="stopped", outcome_on=date(2026, 1, 1))
    assert "gestopt" in client.post(address, pledge(people, measure)).content.decode()
    assert "Eigen bijdrage" not in client.get(f"/hier/measures/{measure.number}/").content.decode()
    for odd in ["x", "9" * 40, "²", str(elsewhere.number + 90)]:
        assert client.get(f"{address}?measure={odd}").status_code == 200
    assert not Contribution.objects.in_pact(people.pact).exists()


def test_it_says_on_the_page_of_a_measure_who_pays_and_what_is_missing(
    people: People, client_for: ClientFor, measure: Measure, row: Allocation
) -> None:
    book(people, row, 400)
    make_allocation(row.package_year, 700, measure=measure, state="rejected")
    page = client_for(people.reader).get(f"/hier/measures/{measure.number}/")
    text = page.content.decode()
    assert "Van de €\xa05.000 is er €\xa01.000. Voor €\xa04.000 is nog geen geld." in text
    assert "Tot nu toe is €\xa0400 besteed." in text
    assert page_of(row) in text
    assert "Wijs geld toe" not in text
    assert "Wijs geld toe" in client_for(people.coordinator).get(f"/hier/measures/{measure.number}/").content.decode()


BOOKING = [
    ("get", "allocations/{row}/book/"),
    ("post", "allocations/{row}/book/"),
    ("get", "spent/{spent}/cancel/"),
    ("post", "spent/{spent}/cancel/"),
    ("get", "spent/{spent}/attach/"),
    ("post", "spent/{spent}/attach/"),
    ("get", "contributions/new/"),
    ("post", "contributions/new/"),
    ("post", "contributions/{given}/withdraw/"),
]


@pytest.mark.parametrize("role", list(Role))
def test_it_lets_each_role_book_as_the_table_says(
    people: People, client_for: ClientFor, row: Allocation, measure: Measure, role: Role
) -> None:
    spent = book(people, row)
    given = Contribution.unscoped.create(
        measure=measure, partnership=people.school, year=2026, amount=10, added_by=people.coordinator
    )
    client = client_for(make_member(people.school, role))
    for method, place in BOOKING:
        address = FUNDING + place.format(row=row.pk, spent=spent.pk, given=given.pk)
        expected = 200 if role in (Role.COORDINATOR, Role.REPRESENTATIVE) else 403
        assert getattr(client, method)(address).status_code == expected, (method, place)


def test_it_answers_rows_of_elsewhere_and_odd_numbers_with_404(
    people: People, client_for: ClientFor, row: Allocation
) -> None:
    client = client_for(people.coordinator)
    foreign = make_allocation(make_package(people.other_pact).years.get(), 10, state="committed")
    partner = make_partner(people.other_pact)
    spent, _is_new = spending.book(
        foreign,
        partnership=partner,
        amount=Decimal(5),
        spent_on=date(2026, 10, 1),
        description="Elders",
        once=uuid4(),
        by=people.stranger,
    )
    given = Contribution.unscoped.create(
        measure=make_measure(people.other_pact), partnership=partner, year=2026, amount=10, added_by=people.stranger
    )
    places = [*BOOKING, ("get", "spent/{spent}/receipt/"), ("get", "allocations/{row}/")]
    for method, place in places:
        if "{" not in place:
            continue
        for keys in [(foreign.pk, spent.pk, given.pk), ("9" * 30,) * 3]:
            address = FUNDING + place.format(row=keys[0], spent=keys[1], given=keys[2])
            assert getattr(client, method)(address, {"confirmed": "1"}).status_code == 404, address
