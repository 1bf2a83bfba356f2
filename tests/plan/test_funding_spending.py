"""Booking what was spent, past every form: each rule with its sentence, and nothing lost."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.uploads.files import CheckedFile, checked
from pact_portal.foundation.uploads.scans import check_scan
from partners.models import Sector
from plan.funding import settling, spending
from plan.models import Allocation, Expenditure, Measure
from tests.factories import make_allocation, make_measure, make_package, make_partner
from tests.people import People

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-23T12:00:00+01:00", tick=False):
        yield


@dataclass
class Booking:
    """What is booked in these tests unless a test says otherwise."""

    people: People
    allocation: Allocation

    def __call__(self, **changes: Any) -> tuple[Expenditure, bool]:
        values = {
            "partnership": self.people.school,
            "amount": Decimal("12.50"),
            "spent_on": date(2026, 3, 1),
            "description": "Zaalhuur",
            "once": uuid4(),
            "by": self.people.representative,
            **changes,
        }
        return spending.book(values.pop("allocation", self.allocation), **values)


@pytest.fixture
def booking(people: People) -> Booking:
    """A share of 100 euros of the school, committed."""
    year = make_package(people.pact, name="Jeugd").years.get()
    return Booking(people, make_allocation(year, 100, partnership=people.school, state="committed"))


def refused(act: Any, **values: Any) -> str:
    with pytest.raises(ValidationError) as fault:
        act(**values)
    return " ".join(fault.value.messages).replace(NBSP, " ")


def picture(color: str = "white") -> CheckedFile:
    """A photograph of a receipt that has passed the door."""
    made = BytesIO()
    Image.new("RGB", (40, 40), color).save(made, "JPEG")
    return check_scan(ContentFile(made.getvalue(), "bon.jpg"))


def test_it_books_what_was_spent_and_keeps_the_sum(booking: Booking) -> None:
    expenditure, made = booking(reference=" F-12 ")
    assert made
    assert (expenditure.amount, expenditure.reference) == (Decimal("12.50"), "F-12")
    assert booking.allocation.spent == Decimal("12.50")
    assert booking.allocation.unspent == Decimal("87.50")
    log = AuditRecord.objects.in_pact(booking.people.pact).get()
    assert (log.action, log.details["amount"]) == ("expenditure.booked", "12.50")


def test_it_books_up_to_the_last_cent_and_not_one_further(booking: Booking) -> None:
    booking(amount=Decimal("99.99"))
    booking(amount=Decimal("0.01"))
    sentence = refused(booking, amount=Decimal("0.01"))
    assert sentence == "Nooit meer dan de toewijzing: van de € 100 is nog € 0 over. U wilde € 0,01 boeken."


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        (Decimal(-1), "groter is dan nul"),
        (Decimal(0), "groter is dan nul"),
        (Decimal("-0"), "groter is dan nul"),
        (Decimal("0.001"), "hele centen"),
        (Decimal("1.005"), "hele centen"),
        (Decimal(10) ** 15, "te groot. Het hoogste bedrag is € 9.999.999.999,99"),
        (Decimal("1E+400"), "te groot"),
        (Decimal("NaN"), "Vul een bedrag in"),
        (Decimal("sNaN"), "Vul een bedrag in"),
        (Decimal("Infinity"), "Vul een bedrag in"),
        (12.5, "Vul een bedrag in"),
        (None, "Vul een bedrag in"),
        ("veel", "Vul een bedrag in"),
    ],
)
def test_it_refuses_what_is_no_amount(booking: Booking, amount: Any, sentence: str) -> None:
    assert sentence in refused(booking, amount=amount)
    assert not Expenditure.unscoped.exists()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (date(2025, 12, 31), "“Jeugd” wordt besteed van 1 januari 2026 tot en met 31 december 2027."),
        (date(2028, 1, 1), "1 januari 2028 valt daarbuiten."),
        (date(2026, 11, 24), "24 november 2026 moet nog komen."),
    ],
)
def test_it_refuses_a_day_outside_the_window_or_still_to_come(booking: Booking, day: date, sentence: str) -> None:
    assert sentence in refused(booking, spent_on=day)


@pytest.mark.parametrize("day", [date(2026, 1, 1), TODAY])
def test_it_takes_the_first_day_of_the_window_and_today(booking: Booking, day: date) -> None:
    assert booking(spent_on=day)[1]


@pytest.mark.parametrize(
    ("state", "word"), [("proposed", "voorgesteld"), ("rejected", "afgewezen"), ("settled", "afgerekend")]
)
def test_it_spends_committed_money_only(people: People, booking: Booking, state: str, word: str) -> None:
    year = booking.allocation.package_year
    row = make_allocation(year, 0 if state == "settled" else 10, partnership=people.school, state=state)
    assert f"is {word}. Alleen toegezegd geld wordt besteed." in refused(booking, allocation=row)


def test_it_books_a_form_that_is_sent_twice_once(booking: Booking) -> None:
    once = uuid4()
    first, made = booking(once=once)
    second, made_again = booking(once=once)
    assert (made, made_again, first.pk) == (True, False, second.pk)
    assert booking.allocation.spent == Decimal("12.50")


def test_it_says_so_when_the_same_form_comes_back_with_another_amount_or_elsewhere(booking: Booking) -> None:
    once = uuid4()
    booking(once=once)
    assert "er is toen € 12,50 geboekt. Open een leeg formulier" in refused(booking, once=once, amount=Decimal(13))
    other = make_allocation(booking.allocation.package_year, 5, partnership=booking.people.school, state="committed")
    assert "al voor een andere toewijzing verstuurd" in refused(booking, once=once, allocation=other)


def test_it_lets_only_those_spend_for_whom_the_money_is(people: People, booking: Booking) -> None:
    sentence = refused(booking, partnership=people.childcare)
    assert sentence == "Kinderopvang Hier kan dit geld niet besteden. Dat kan: Schoolbestuur Hier."
    stranger = make_partner(people.other_pact, "Onbekend", Sector.PRIMARY)
    assert "Deze organisatie kan dit geld niet besteden" in refused(booking, partnership=stranger)


def test_it_knows_who_may_spend_a_share_of_a_sector_and_a_joint_project(people: People, booking: Booking) -> None:
    year = booking.allocation.package_year
    second = make_partner(people.pact, "Andere school", Sector.PRIMARY)
    make_partner(people.pact, "Vertrokken school", Sector.PRIMARY, left_on=date(2026, 1, 1))
    share = make_allocation(year, 10, sector=Sector.PRIMARY, state="committed")
    assert spending.spenders_of(share) == [second, people.school]
    measure = make_measure(people.pact, lead=people.childcare, executing=[second, people.municipality])
    project = make_allocation(year, 10, measure=measure, state="committed")
    # Childcare leads it, but the giver did not name its sector; partners come in their own order.
    assert set(spending.spenders_of(project)) == {second, people.municipality}
    assert spending.spenders_of(booking.allocation) == [people.school]


def test_it_books_of_a_partner_that_left_what_was_spent_before_that(people: People, booking: Booking) -> None:
    people.school.left_on = date(2026, 3, 1)
    people.school.save()
    sentence = "Schoolbestuur Hier doet sinds 1 maart 2026 niet meer mee. Boek wat vóór die dag is besteed."
    for day in (date(2026, 3, 1), date(2026, 9, 1)):
        assert refused(booking, spent_on=day) == sentence
    _row, made = booking(spent_on=date(2026, 2, 28))
    assert made


def test_it_gives_back_what_is_cancelled_and_keeps_the_row(booking: Booking) -> None:
    expenditure, _made = booking()
    spending.cancel(expenditure, reason=" Dubbel geboekt. ", by=booking.people.representative)
    booking.allocation.refresh_from_db()
    assert booking.allocation.spent == 0
    kept = Expenditure.unscoped.get()
    assert (kept.cancel_reason, kept.cancelled_by) == ("Dubbel geboekt.", booking.people.representative)
    sentence = refused(spending.cancel, expenditure=kept, reason="Nog eens.", by=booking.people.representative)
    assert sentence == "Deze besteding van € 12,50 is al ingetrokken."


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_it_cancels_only_with_a_reason_that_fits(booking: Booking, reason: str) -> None:
    expenditure, _made = booking()
    with pytest.raises(ValidationError) as fault:
        spending.cancel(expenditure, reason=reason, by=booking.people.representative)
    assert list(fault.value.message_dict) == ["reason"]
    assert Expenditure.unscoped.get().cancelled_at is None


def test_it_cancels_nothing_of_what_was_settled(booking: Booking) -> None:
    expenditure, _made = booking()
    settling.settle(booking.allocation, by=booking.people.coordinator)
    sentence = refused(spending.cancel, expenditure=expenditure, reason="Fout.", by=booking.people.coordinator)
    assert sentence == "Deze toewijzing is afgerekend op € 12,50. Bestedingen kunnen niet meer worden ingetrokken."
    assert "Alleen toegezegd geld" in refused(booking)


def test_it_keeps_a_receipt_under_the_digest_of_its_content(booking: Booking, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    receipt = picture()
    expenditure, _made = booking(receipt=receipt)
    expenditure.refresh_from_db()
    assert expenditure.receipt_sha256 == receipt.sha256
    assert expenditure.receipt.read() == receipt.content
    expenditure.receipt.close()
    pact, allocation = booking.people.pact.pk, booking.allocation.pk
    assert expenditure.receipt.name == f"receipts/{pact}/{allocation}-{receipt.sha256[:16]}.jpg"


def test_it_adds_a_receipt_later_but_never_another(booking: Booking, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    expenditure, _made = booking()
    first = picture()
    spending.attach(expenditure, receipt=first, by=booking.people.representative)
    again = spending.attach(expenditure, receipt=first, by=booking.people.representative)
    assert again.receipt_sha256 == first.sha256
    sentence = refused(spending.attach, expenditure=expenditure, receipt=picture("red"), by=booking.people.coordinator)
    assert "hoort al een bewijsstuk" in sentence
    actions = list(AuditRecord.objects.in_pact(booking.people.pact).values_list("action", flat=True))
    assert actions.count("expenditure.receipt_added") == 1


@pytest.mark.parametrize("content", [b"MZ\x90\x00 a program", b"<svg xmlns='x'/>", b"GIF89a", b"%PDF-1.7 broken"])
def test_it_lets_no_receipt_in_that_is_no_scan(booking: Booking, content: bytes) -> None:
    with pytest.raises(ValidationError):
        check_scan(ContentFile(content, "bon.pdf"))
    # And past the door too.
    other = checked(content, "application/x-msdownload", "exe")
    assert "geen PDF, PNG of JPG" in refused(booking, receipt=other)
    assert not Expenditure.unscoped.exists()


def test_it_keeps_text_within_its_column_and_free_of_service_numbers(booking: Booking) -> None:
    assert refused(booking, description="x" * 201)
    assert refused(booking, description=" ")
    assert "BSN" in refused(booking, description="Voor leerling 111222333")


def test_it_refuses_by_the_database_with_the_same_sentence(booking: Booking, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_refuse_unless_committed", "_refuse_day"):
        monkeypatch.setattr(spending, name, lambda *_values: None)
    monkeypatch.setattr(Allocation, "unspent", Decimal(1_000))
    with pytest.raises(ValidationError) as fault:
        booking(amount=Decimal("100.01"))
    assert fault.value.error_dict["amount"][0].code == "overspent"
    assert "valt daarbuiten" in refused(booking, spent_on=date(2028, 1, 1))
    Allocation.unscoped.filter(pk=booking.allocation.pk).update(state="proposed")
    assert "Alleen toegezegd geld" in refused(booking)


def test_it_lets_a_measure_that_stopped_pay_its_last_bills(people: People, booking: Booking) -> None:
    measure = make_measure(people.pact, lead=people.school)
    row = make_allocation(booking.allocation.package_year, 100, measure=measure, state="committed")
    Measure.unscoped.filter(pk=measure.pk).update(state="stopped", outcome_on=TODAY)
    assert booking(allocation=row)[1]


def test_it_takes_any_uuid_of_a_form(booking: Booking) -> None:
    assert booking(once=UUID(int=1))[0].once == UUID(int=1)
