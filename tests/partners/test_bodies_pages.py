"""The pages of bodies and meetings: who sees them, who changes them, and what they keep."""

from datetime import date, timedelta

import icalendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from pact_portal.foundation.mail.models import OutgoingMail
from partners.bodies import workflow
from partners.models import Body, Meeting, Membership, Seat
from tests.factories import make_member

SOON = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=30)
DAY = localtime(SOON)
MEETING = {
    "title": "Begroting 2027",
    "day": f"{DAY.day}-{DAY.month}-{DAY.year}",
    "begins": "9.30",
    "ends": "11 uur",
    "place": "Stadhuis, kamer 2",
    "agenda": "<p>Welkom</p><script>alert(1)</script>",
}


def address(name, people, *args):
    return reverse(f"partners:{name}", args=[people.pact.slug, *args])


def membership_of(user):
    return Membership.unscoped.select_related("partnership__pact").get(user=user)


@pytest.fixture
def body(people):
    body = workflow.found(people.pact, name="Stuurgroep", kind=Body.Kind.STEERING, by=people.coordinator)
    workflow.take_seat(body, membership=membership_of(people.signatory), part=Seat.Part.CHAIR, by=people.coordinator)
    return body


@pytest.fixture
def meeting(people, body):
    return workflow.plan(
        body,
        title="Opening",
        starts_at=SOON,
        ends_at=SOON + timedelta(hours=2),
        place="Raadhuis",
        agenda="<p>Kennismaken</p>",
        by=people.coordinator,
    )


@pytest.fixture
def elsewhere(people):
    body = workflow.found(people.other_pact, name="Kerngroep", kind=Body.Kind.PROJECT, by=people.stranger)
    seat = workflow.take_seat(
        body, membership=membership_of(people.stranger), part=Seat.Part.MEMBER, by=people.stranger
    )
    times = {"starts_at": SOON, "ends_at": SOON + timedelta(hours=1)}
    return body, seat, workflow.plan(body, title="Geheim", place="Elders", by=people.stranger, **times)


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_it_lists_bodies_and_what_is_planned(people, client_for, meeting, elsewhere):
    text = client_for(people.reader).get(address("body_list", people)).content.decode()
    for shown in ("Stuurgroep", "Opening", "Raadhuis"):
        assert shown in text
    for hidden in ("Kerngroep", "Geheim", "Overleg toevoegen"):
        assert hidden not in text
    assert "Overleg toevoegen" in client_for(people.coordinator).get(address("body_list", people)).content.decode()


def test_it_says_what_belongs_in_an_empty_list(people, client_for):
    assert "Nog geen overleggen" in client_for(people.reader).get(address("body_list", people)).content.decode()


def test_it_shows_a_body_to_every_member_and_its_management_to_who_may(people, client_for, body, meeting):
    page = address("body_detail", people, body.pk)
    read = client_for(people.advisor).get(page).content.decode()
    for shown in ("Stuurgroep", "wethouder", "Gemeente Hier", "voorzitter", "Opening"):
        assert shown in read
    assert "wethouder@hier.example" not in read
    for control in ("Eruit halen", "Bijeenkomst plannen", "Overleg opheffen", "Iemand toevoegen"):
        assert control not in read
        assert control in client_for(people.coordinator).get(page).content.decode()


def test_it_shows_a_meeting_with_its_agenda_and_file(people, client_for, meeting):
    client = client_for(people.other)
    text = client.get(address("meeting_detail", people, meeting.pk)).content.decode()
    assert "Kennismaken" in text
    assert "Bijeenkomst afzeggen" not in text
    answer = client.get(address("meeting_ics", people, meeting.pk))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert f'filename="bijeenkomst-{DAY:%Y-%m-%d}.ics"' in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["DTSTART"].dt == meeting.starts_at
    assert event["URL"].endswith(address("meeting_detail", people, meeting.pk))


def test_it_asks_as_many_queries_for_thirty_seats_and_meetings_as_for_one(people, client_for, body, meeting):
    client = client_for(people.coordinator)
    pages = [
        address("body_list", people),
        address("body_detail", people, body.pk),
        address("seat_add", people, body.pk),
    ]

    def asked():
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                client.get(page)
            counts.append(len(queries))
        return counts

    asked()
    few = asked()
    for number in range(30):
        member = make_member(people.school)
        make_member(people.school)
        workflow.take_seat(body, membership=membership_of(member), part=Seat.Part.MEMBER, by=people.coordinator)
        Meeting.unscoped.create(
            body=body,
            title=f"Keer {number}",
            starts_at=SOON,
            ends_at=SOON + timedelta(hours=1),
            place="x",
            planned_by=people.coordinator,
        )
    assert asked() == few


# --- Changing --------------------------------------------------------------------------------------------------------


def test_it_founds_and_renames_a_body(people, client_for):
    client = client_for(people.coordinator)
    answer = client.post(address("body_add", people), {"name": "Klankbord", "kind": Body.Kind.ADVISORY, "purpose": "x"})
    body = Body.objects.in_pact(people.pact).get()
    assert answer.url == address("body_detail", people, body.pk)
    client.post(address("body_edit", people, body.pk), {"name": "Jongeren", "kind": Body.Kind.ADVISORY, "purpose": ""})
    body.refresh_from_db()
    assert (body.name, body.purpose) == ("Jongeren", "")


def test_it_keeps_what_was_typed_when_the_name_is_taken(people, client_for, body):
    client = client_for(people.coordinator)
    typed = {"name": "STUURGROEP", "kind": Body.Kind.ADVISORY, "purpose": "Waarover het gaat"}
    other = workflow.found(people.pact, name="Projectgroep", kind=Body.Kind.PROJECT, by=people.coordinator)
    for page in (address("body_add", people), address("body_edit", people, other.pk)):
        answer = client.post(page, typed)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "Er is al een overleg met deze naam." in text
        assert "Waarover het gaat" in text
    # The page is still about the body as it is stored.
    assert "Gegevens van Projectgroep" in text


def test_it_asks_before_a_body_ends(people, client_for, body):
    client = client_for(people.coordinator)
    page = client.post(address("body_end", people, body.pk))
    assert "blijft bewaard" in page.content.decode()
    assert Body.objects.in_pact(people.pact).current().exists()
    client.post(address("body_end", people, body.pk), {"confirmed": "1"})
    assert not Body.objects.in_pact(people.pact).current().exists()
    text = client.get(address("body_detail", people, body.pk)).content.decode()
    assert "opgeheven" in text
    assert "Bijeenkomst plannen" not in text
    assert "Opgeheven overleggen" in client.get(address("body_list", people)).content.decode()


def test_it_says_why_a_body_cannot_end_yet(people, client_for, body, meeting):
    page = client_for(people.coordinator).post(address("body_end", people, body.pk), {"confirmed": "1"}, follow=True)
    assert "Zeg die eerst af." in page.content.decode()


def test_it_seats_only_who_is_in_the_list(people, client_for, body):
    client = client_for(people.coordinator)
    page = address("seat_add", people, body.pk)
    text = client.get(page).content.decode()
    assert "bestuurder school" in text
    assert "coördinator elders" not in text
    assert "wethouder –" not in text  # sits there already
    foreign = [membership_of(people.stranger).pk, membership_of(people.signatory).pk, 10**30, "x", "\x00", ""]
    for membership in foreign:
        answer = client.post(page, {"membership": membership, "part": "member", "started_on": "1-2-2026"})
        assert answer.status_code == 200
        assert "1-2-2026" in answer.content.decode()
        assert answer.context["form"].errors["membership"]
    assert Seat.objects.in_pact(people.pact).count() == 1
    member = membership_of(people.representative)
    answer = client.post(page, {"membership": member.pk, "part": "secretary", "started_on": "1-2-2026"})
    assert answer.url == address("body_detail", people, body.pk)
    seat = Seat.objects.in_pact(people.pact).get(membership=member)
    assert (seat.part, seat.started_on) == ("secretary", date(2026, 2, 1))


def test_it_asks_before_somebody_leaves_a_body(people, client_for, body):
    client = client_for(people.coordinator)
    seat = Seat.objects.in_pact(people.pact).get()
    assert "geen mail meer" in client.post(address("seat_end", people, seat.pk)).content.decode()
    assert Seat.objects.in_pact(people.pact).current().exists()
    for expected in ("zit niet meer in Stuurgroep", "zit al niet meer in dit overleg"):
        page = client.post(address("seat_end", people, seat.pk), {"confirmed": "1"}, follow=True)
        assert expected in page.content.decode()
    assert not Seat.objects.in_pact(people.pact).current().exists()


def test_it_plans_a_meeting_in_dutch_time_and_mails_it(people, client_for, body):
    answer = client_for(people.coordinator).post(address("meeting_add", people, body.pk), MEETING)
    meeting = Meeting.objects.in_pact(people.pact).get()
    assert answer.url == address("meeting_detail", people, meeting.pk)
    starts, ends = localtime(meeting.starts_at), localtime(meeting.ends_at)
    assert (starts.hour, starts.minute, ends.hour) == (9, 30, 11)
    assert "script" not in meeting.agenda
    assert OutgoingMail.objects.get(subject="Bijeenkomst: Begroting 2027").recipient == "wethouder@hier.example"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ends": "8:00"}, "Het einde moet na het begin liggen."),
        ({"day": "1-1-2020"}, "Dit tijdstip is al geweest."),
        ({"day": "31-2-2027"}, "Vul een datum in"),
        ({"begins": "straks"}, "Vul een tijd in"),
        ({"title": ""}, "Vul het onderwerp in."),
        ({"place": "x" * 201}, ""),
        ({"title": "a\x07b"}, "tekens die niet te zien zijn"),
        ({"day": "9" * 50}, "Vul een datum in"),
    ],
)
def test_it_keeps_what_was_typed_of_a_meeting_that_cannot_be(people, client_for, body, meeting, typed, sentence):
    client = client_for(people.coordinator)
    filled = {**MEETING, **typed, "agenda": "<p>Lange tekst</p>", "base": "0"}
    for page in (address("meeting_add", people, body.pk), address("meeting_edit", people, meeting.pk)):
        answer = client.post(page, filled)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert sentence in text
        assert answer.context["form"].errors
        assert "Lange tekst" in text
    assert Meeting.objects.in_pact(people.pact).get().sequence == 0


def test_it_changes_a_meeting_and_mails_the_change(people, client_for, meeting):
    client = client_for(people.coordinator)
    text = client.get(address("meeting_edit", people, meeting.pk)).content.decode()
    assert 'value="Raadhuis"' in text
    answer = client.post(address("meeting_edit", people, meeting.pk), {**MEETING, "base": "0"})
    assert answer.url == address("meeting_detail", people, meeting.pk)
    changed = Meeting.objects.in_pact(people.pact).get()
    assert (changed.place, changed.sequence) == ("Stadhuis, kamer 2", 1)
    assert OutgoingMail.objects.filter(subject="Gewijzigd: Begroting 2027").count() == 1


def test_it_shows_both_texts_when_two_change_a_meeting_and_loses_neither(people, client_for, meeting):
    workflow.change_meeting(meeting, base=0, by=people.coordinator, place="Online", agenda="<p>Van de ander</p>")
    client = client_for(people.coordinator)
    page = address("meeting_edit", people, meeting.pk)
    answer = client.post(page, {**MEETING, "agenda": "<p>Van mij</p>", "base": "0"})
    text = answer.content.decode()
    assert answer.status_code == 200
    for shown in ("intussen gewijzigd", "Zo staat het er nu", "Online", "Van de ander", "Van mij", "Stadhuis, kamer 2"):
        assert shown in text
    assert 'name="base" value="1"' in text
    assert Meeting.objects.in_pact(people.pact).get().place == "Online"
    client.post(page, {**MEETING, "agenda": "<p>Van mij</p>", "base": "1"})
    assert Meeting.objects.in_pact(people.pact).get().agenda == "<p>Van mij</p>"


@pytest.mark.parametrize("base", ["", "x", "-1", "9" * 40])
def test_it_changes_no_meeting_on_an_unknown_base(people, client_for, meeting, base):
    answer = client_for(people.coordinator).post(address("meeting_edit", people, meeting.pk), {**MEETING, "base": base})
    assert answer.status_code == 200
    assert Meeting.objects.in_pact(people.pact).get().place == "Raadhuis"


def test_it_asks_before_a_meeting_is_called_off_and_then_leaves_it(people, client_for, meeting):
    client = client_for(people.coordinator)
    page = address("meeting_cancel", people, meeting.pk)
    assert "krijgen een mail" in client.post(page).content.decode()
    assert Meeting.objects.in_pact(people.pact).get().cancelled_at is None
    assert "is afgezegd" in client.post(page, {"confirmed": "1"}, follow=True).content.decode()
    assert OutgoingMail.objects.filter(subject="Afgezegd: Opening").count() == 1
    assert "Deze bijeenkomst is afgezegd." in client.post(page, {"confirmed": "1"}, follow=True).content.decode()
    again = client.get(address("meeting_edit", people, meeting.pk), follow=True).content.decode()
    assert "Deze bijeenkomst is afgezegd." in again
    assert "Bijeenkomst afzeggen" not in again
    file = client.get(address("meeting_ics", people, meeting.pk))
    assert b"METHOD:CANCEL" in file.content
    assert file.headers["Content-Type"].endswith("method=CANCEL")


# --- Who may not -----------------------------------------------------------------------------------------------------


def test_it_refuses_every_change_to_who_does_not_manage_partners(people, client_for, body, meeting):
    seat = Seat.objects.in_pact(people.pact).get()
    pages = [
        address("body_add", people),
        address("body_edit", people, body.pk),
        address("body_end", people, body.pk),
        address("seat_add", people, body.pk),
        address("seat_end", people, seat.pk),
        address("meeting_add", people, body.pk),
        address("meeting_edit", people, meeting.pk),
        address("meeting_cancel", people, meeting.pk),
    ]
    for user in (people.representative, people.signatory, people.advisor, people.reader):
        client = client_for(user)
        assert [client.post(page, {"confirmed": "1"}).status_code for page in pages] == [403] * len(pages)
    stranger = client_for(people.stranger)
    read = [address("body_list", people), address("body_detail", people, body.pk)]
    read += [address(name, people, meeting.pk) for name in ("meeting_detail", "meeting_ics")]
    for page in [*pages, *read]:
        assert stranger.get(page).status_code == 404
        assert stranger.post(page, {"confirmed": "1"}).status_code == 404
    assert Meeting.objects.in_pact(people.pact).get().cancelled_at is None
    assert Seat.objects.in_pact(people.pact).current().count() == 1


def test_it_hides_rows_of_another_pact(people, client_for, elsewhere):
    body, seat, meeting = elsewhere
    client = client_for(people.coordinator)
    for name, row in [
        *((name, body) for name in ("body_detail", "body_edit", "seat_add", "meeting_add")),
        *((name, meeting) for name in ("meeting_detail", "meeting_edit", "meeting_ics")),
    ]:
        assert client.get(address(name, people, row.pk)).status_code == 404
    for name, row in (("body_end", body), ("seat_end", seat), ("meeting_cancel", meeting)):
        assert client.post(address(name, people, row.pk), {"confirmed": "1"}).status_code == 404
        assert client.get(address(name, people, row.pk)).status_code == 405
    assert Meeting.objects.in_pact(people.other_pact).get().cancelled_at is None
