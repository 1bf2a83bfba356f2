"""Bodies, who sits in them and when they meet: past the pages, by the workflow and the file for calendars."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import icalendar
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.forms.fields import DutchTimeField
from pact_portal.foundation.mail.models import OutgoingMail
from partners.bodies import calendar, workflow
from partners.bodies.forms import MeetingForm
from partners.models import Body, Meeting, Membership, Seat
from partners.people import handover
from partners.people import workflow as people_workflow
from partners.permissions import Role
from tests.factories import make_member, make_pact, make_partner

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STARTS = datetime(2026, 12, 3, 9, 30, tzinfo=AMSTERDAM)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def body(people):
    return workflow.found(people.pact, name="Stuurgroep", kind=Body.Kind.STEERING, by=people.coordinator)


def membership_of(user):
    return Membership.unscoped.select_related("partnership__pact").get(user=user)


def seated(body, user, by, part=Seat.Part.MEMBER):
    return workflow.take_seat(body, membership=membership_of(user), part=part, by=by)


def planned(body, by, **fields):
    filled = {"title": "Begroting", "starts_at": STARTS, "ends_at": STARTS + timedelta(hours=2), "place": "Stadhuis"}
    return workflow.plan(body, by=by, **{**filled, **fields})


def actions(people):
    records = AuditRecord.objects.in_pact(people.pact).order_by("pk")
    return [record.action for record in records if record.action.split(".")[0] in ("body", "seat", "meeting")]


def mails(what=""):
    return list(OutgoingMail.objects.filter(key__startswith="meeting-", subject__startswith=what).order_by("pk"))


# --- Bodies and seats ------------------------------------------------------------------------------------------------


def test_it_founds_renames_and_ends_a_body(people, body):
    changed = workflow.change(body, by=people.coordinator, name="Bestuurlijk overleg", purpose="Besluiten")
    assert (changed.name, changed.purpose) == ("Bestuurlijk overleg", "Besluiten")
    seated(body, people.signatory, people.coordinator)
    ended = workflow.end(changed, by=people.coordinator)
    assert ended.ended_on == date(2026, 11, 23)
    assert not Body.objects.in_pact(people.pact).current().exists()
    assert not Seat.objects.in_pact(people.pact).current().exists()
    assert Seat.objects.in_pact(people.pact).count() == 1
    assert actions(people) == ["body.founded", "body.changed", "seat.taken", "body.ended"]


def test_it_records_no_change_that_was_none(people, body):
    workflow.change(body, by=people.coordinator, name="Stuurgroep")
    assert actions(people) == ["body.founded"]


def test_it_refuses_a_second_body_of_the_same_name(people, body):
    with pytest.raises(ValidationError, match="Er is al een overleg met deze naam"):
        workflow.found(people.pact, name="stuurgroep ", kind=Body.Kind.PROJECT, by=people.coordinator)
    other = workflow.found(people.pact, name="Projectgroep", kind=Body.Kind.PROJECT, by=people.coordinator)
    with pytest.raises(ValidationError, match="Er is al een overleg met deze naam"):
        workflow.change(other, by=people.coordinator, name="STUURGROEP")
    with pytest.raises(IntegrityError), transaction.atomic():
        Body.unscoped.create(pact=people.pact, name="Stuurgroep", kind=Body.Kind.PROJECT)
    # Another pact has its own.
    assert workflow.found(people.other_pact, name="Stuurgroep", kind=Body.Kind.STEERING, by=people.stranger).pk


def test_it_changes_nothing_of_an_ended_body(people, body):
    seat = seated(body, people.signatory, people.coordinator)
    workflow.end(body, by=people.coordinator)
    for act in (
        lambda: workflow.end(body, by=people.coordinator),
        lambda: workflow.change(body, by=people.coordinator, name="Anders"),
        lambda: seated(body, people.other, people.coordinator),
        lambda: planned(body, people.coordinator),
    ):
        with pytest.raises(ValidationError, match="Dit overleg is opgeheven"):
            act()
    with pytest.raises(ValidationError, match="zit al niet meer"):
        workflow.leave_seat(seat, by=people.coordinator)


def test_it_ends_no_body_that_still_meets(people, body):
    meeting = planned(body, people.coordinator)
    with pytest.raises(ValidationError, match="nog een bijeenkomst"):
        workflow.end(body, by=people.coordinator)
    planned(body, people.coordinator)
    with pytest.raises(ValidationError, match="nog 2 bijeenkomsten"):
        workflow.end(body, by=people.coordinator)
    assert not Body.objects.in_pact(people.pact).exclude(ended_on=None).exists()
    assert meeting.cancelled_at is None


def test_it_seats_a_member_and_lets_them_leave(people, body):
    seat = workflow.take_seat(
        body,
        membership=membership_of(people.signatory),
        part=Seat.Part.CHAIR,
        by=people.coordinator,
        started_on=date(2026, 1, 5),
    )
    assert (seat.started_on, seat.part) == (date(2026, 1, 5), "chair")
    left = workflow.leave_seat(seat, by=people.coordinator)
    assert left.ended_on == date(2026, 11, 23)
    assert seated(body, people.signatory, people.coordinator).pk != seat.pk
    assert actions(people) == ["body.founded", "seat.taken", "seat.ended", "seat.taken"]


def test_it_seats_nobody_of_another_pact_nor_who_has_left(people, body):
    with pytest.raises(ValidationError, match="geen lid van dit pact"):
        seated(body, people.stranger, people.coordinator)
    Membership.unscoped.filter(user=people.other).update(ended_on=date(2026, 11, 23))
    with pytest.raises(ValidationError, match="geen lid van dit pact"):
        seated(body, people.other, people.coordinator)
    assert not Seat.objects.in_pact(people.pact).exists()


def test_it_seats_a_person_once_whatever_the_roles(people, body):
    second = people_workflow.join(people.signatory, people.municipality, Role.READER, by=people.coordinator)
    first = Membership.unscoped.get(user=people.signatory, role=Role.SIGNATORY)
    workflow.take_seat(body, membership=first, part=Seat.Part.CHAIR, by=people.coordinator)
    for membership in (first, second):
        with pytest.raises(ValidationError, match="zit al in dit overleg"):
            workflow.take_seat(body, membership=membership, part=Seat.Part.MEMBER, by=people.coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.unscoped.create(body=body, membership=first)


def test_it_seats_nobody_from_a_day_to_come(people, body):
    with pytest.raises(ValidationError, match="vandaag of een eerdere dag"):
        workflow.take_seat(
            body,
            membership=membership_of(people.other),
            part=Seat.Part.MEMBER,
            by=people.coordinator,
            started_on=date(2026, 11, 24),
        )


# --- Who takes over --------------------------------------------------------------------------------------------------


def test_it_hands_the_seats_over_with_the_membership(people, body):
    seat = seated(body, people.representative, people.coordinator, Seat.Part.SECRETARY)
    successor = membership_of(make_member(people.school, name="opvolger school"))
    leaving = membership_of(people.representative)
    assert "secretaris van Stuurgroep" in handover.describe(leaving)
    with transaction.atomic():
        assert handover.move(leaving, successor, people.coordinator)["seats"] == 1
    seat.refresh_from_db()
    assert seat.ended_on == date(2026, 11, 23)
    sitting = Seat.objects.in_pact(people.pact).current().get()
    assert (sitting.membership, sitting.part) == (successor, "secretary")
    assert handover.describe(leaving) == []


def test_it_lets_go_of_the_seats_without_a_successor_or_with_one_who_sits_there(people, body):
    seated(body, people.representative, people.coordinator)
    other = seated(body, people.other, people.coordinator)
    assert workflow.move_seats(membership_of(people.representative), membership_of(people.other), None) == 1
    assert Seat.objects.in_pact(people.pact).current().get() == other
    assert workflow.move_seats(membership_of(people.other), None, None) == 1
    assert not Seat.objects.in_pact(people.pact).current().exists()
    assert workflow.move_seats(membership_of(people.other), None, None) == 0


# --- Meetings --------------------------------------------------------------------------------------------------------


def test_it_mails_a_planned_changed_and_cancelled_meeting_to_who_sits_there(people, body):
    seated(body, people.signatory, people.coordinator)
    seated(body, people.representative, people.coordinator)
    workflow.leave_seat(seated(body, people.other, people.coordinator), by=people.coordinator)
    meeting = planned(body, people.coordinator)
    moved = workflow.change_meeting(meeting, base=0, by=people.coordinator, place="Online")
    assert moved.sequence == 1
    called_off = workflow.cancel(moved, by=people.coordinator)
    assert (called_off.sequence, called_off.cancelled_at) == (2, NOW)
    for what in ("Bijeenkomst: Begroting", "Gewijzigd: Begroting", "Afgezegd: Begroting"):
        assert {mail.recipient for mail in mails(what)} == {"wethouder@hier.example", "school@hier.example"}
    text = mails("Gewijzigd")[0].text
    assert "donderdag 3 december 2026, 09:30 – 11:30" in text
    assert "Online" in text
    assert f"/hier/partners/meetings/{meeting.pk}/calendar.ics" in text
    assert "gaat niet door" in mails("Afgezegd")[0].text
    assert actions(people)[-3:] == ["meeting.planned", "meeting.changed", "meeting.cancelled"]


def test_it_mails_nothing_when_nothing_changed(people, body):
    seated(body, people.signatory, people.coordinator)
    meeting = planned(body, people.coordinator)
    same = workflow.change_meeting(meeting, base=0, by=people.coordinator, title="Begroting", starts_at=STARTS)
    assert same.sequence == 0
    assert len(mails()) == 1


def test_it_lets_no_header_in_by_the_subject_of_a_meeting(people, body):
    seated(body, people.signatory, people.coordinator)
    planned(body, people.coordinator, title="Begroting\r\nBcc: iedereen@elders.example")
    assert "\n" not in mails()[0].subject


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}, "al geweest"),
        ({"ends_at": STARTS}, "Het einde moet na het begin liggen"),
        ({"ends_at": STARTS - timedelta(hours=1)}, "Het einde moet na het begin liggen"),
        ({"title": " "}, "kan niet leeg zijn"),
    ],
)
def test_it_plans_no_meeting_that_cannot_be(people, body, fields, sentence):
    with pytest.raises(ValidationError, match=sentence):
        planned(body, people.coordinator, **fields)
    assert not Meeting.objects.in_pact(people.pact).exists()
    assert not mails()


def test_it_has_the_database_refuse_an_end_before_the_start(people, body):
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.unscoped.create(
            body=body, title="x", place="y", starts_at=STARTS, ends_at=STARTS, planned_by=people.coordinator
        )


def test_it_changes_no_meeting_that_is_off_or_over(people, body):
    meeting = planned(body, people.coordinator)
    workflow.cancel(meeting, by=people.coordinator)
    for act in (
        lambda: workflow.cancel(meeting, by=people.coordinator),
        lambda: workflow.change_meeting(meeting, base=1, by=people.coordinator, place="Elders"),
    ):
        with pytest.raises(ValidationError, match="is afgezegd"):
            act()
    over = planned(body, people.coordinator)
    with time_machine.travel(STARTS + timedelta(days=1)), pytest.raises(ValidationError, match="al geweest"):
        workflow.cancel(over, by=people.coordinator)
    with pytest.raises(ValidationError, match="al geweest"):
        workflow.change_meeting(over, base=0, by=people.coordinator, starts_at=NOW - timedelta(hours=1))


def test_it_shows_what_somebody_else_changed_meanwhile(people, body):
    meeting = planned(body, people.coordinator)
    workflow.change_meeting(meeting, base=0, by=people.coordinator, place="Raadhuis")
    with pytest.raises(workflow.StaleMeeting) as stale:
        workflow.change_meeting(meeting, base=0, by=people.coordinator, place="Online")
    assert stale.value.current.place == "Raadhuis"
    assert Meeting.objects.in_pact(people.pact).get().place == "Raadhuis"


# --- The file for calendars ------------------------------------------------------------------------------------------


def read_back(meeting):
    content = calendar.file_of(meeting, url=f"https://pact.example/hier/partners/meetings/{meeting.pk}/")
    parsed = icalendar.Calendar.from_ical(content)
    (event,) = parsed.walk("VEVENT")
    return content, parsed, event


def test_it_makes_a_file_that_a_calendar_reads(people, body):
    agenda = "<p>Welkom &amp; opening</p><ul><li><p>Begroting</p></li><li><p>Rondvraag, wvttk; einde</p></li></ul>"
    meeting = planned(body, people.coordinator, agenda=agenda)
    content, parsed, event = read_back(meeting)
    assert (parsed["VERSION"], parsed["METHOD"]) == ("2.0", "PUBLISH")
    assert event["UID"].startswith(f"{meeting.uid}@")
    assert (event["SEQUENCE"], event["STATUS"]) == (0, "CONFIRMED")
    assert event["DTSTART"].dt == STARTS
    assert event["DTSTART"].params["TZID"] == "Europe/Amsterdam"
    assert event["DTEND"].dt == STARTS + timedelta(hours=2)
    assert event["DTSTAMP"].dt == meeting.changed_at.replace(microsecond=0)
    assert event["SUMMARY"] == "Stuurgroep: Begroting"
    assert event["LOCATION"] == "Stadhuis"
    assert event["ORGANIZER"].startswith("mailto:")
    lines = event["DESCRIPTION"].split("\n")
    assert lines[:3] == ["Welkom & opening", "- Begroting", "- Rondvraag, wvttk; einde"]
    assert lines[-1] == event["URL"] == f"https://pact.example/hier/partners/meetings/{meeting.pk}/"
    assert [zone["TZID"] for zone in parsed.walk("VTIMEZONE")] == ["Europe/Amsterdam"]
    # RFC 5545, 3.1: lines end in CRLF and hold 75 octets at most.
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert not parsed.errors
    assert not event.errors


def test_it_names_the_same_meeting_in_every_file(people, body):
    meeting = planned(body, people.coordinator)
    before = read_back(meeting)[2]
    with time_machine.travel(NOW + timedelta(hours=1)):
        moved = workflow.change_meeting(
            meeting,
            base=0,
            by=people.coordinator,
            starts_at=STARTS + timedelta(days=1),
            ends_at=STARTS + timedelta(days=2),
        )
        after = read_back(moved)[2]
        off = workflow.cancel(moved, by=people.coordinator)
    _content, parsed, cancelled = read_back(off)
    assert before["UID"] == after["UID"] == cancelled["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"], cancelled["SEQUENCE"]) == (0, 1, 2)
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    assert (parsed["METHOD"], cancelled["STATUS"]) == ("CANCEL", "CANCELLED")
    assert calendar.file_of(off, url="x") == calendar.file_of(off, url="x")


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("", ""),
        ("<p>een<br>twee</p><p>drie</p>", "een\ntwee\ndrie"),
        ('<p>Doe mee: <a href="https://meet.example/x">hier</a></p>', "Doe mee: hier (https://meet.example/x)"),
        ('<p><a href="https://meet.example/x">https://meet.example/x</a></p>', "https://meet.example/x"),
        ("<h3>Kop</h3><p>BEGIN:VEVENT\nEND:VEVENT</p>", "Kop\nBEGIN:VEVENT END:VEVENT"),
    ],
)
def test_it_writes_an_agenda_as_plain_text(html, words):
    assert calendar.words_of(html) == words


def test_it_lets_nothing_typed_become_a_line_of_the_file(people, body):
    meeting = planned(
        body, people.coordinator, title="x\r\nATTACH:https://a.nl", agenda="<p>a</p><p>END:VEVENT</p>", place="a\nb;c,d"
    )
    _content, parsed, event = read_back(meeting)
    assert "ATTACH" not in event
    assert len(parsed.walk("VEVENT")) == 1
    assert event["LOCATION"] == "a\nb;c,d"


# --- Days and times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "hours", "minutes"),
    [
        *(("9:30", 9, 30), ("09.30", 9, 30), ("9u30", 9, 30), ("0:05", 0, 5), ("23:59", 23, 59)),
        *(("14 uur", 14, 0), ("14", 14, 0), ("14:00 uur", 14, 0), (" 8 u ", 8, 0)),
    ],
)
def test_it_reads_a_time_as_people_write_it(typed, hours, minutes):
    read = DutchTimeField().clean(typed)
    assert (read.hour, read.minute) == (hours, minutes)


@pytest.mark.parametrize("typed", ["24:00", "9:60", "half tien", "9:3", "-1", "9:30:15", "9 am", "٩:٣٠"])
def test_it_says_how_to_write_a_time_that_it_cannot_read(typed):
    with pytest.raises(ValidationError, match="bijvoorbeeld 9:30"):
        DutchTimeField().clean(typed)


@given(st.times())
def test_it_reads_back_the_time_that_it_shows(moment):
    shown = DutchTimeField().widget.format_value(moment)
    assert DutchTimeField().clean(shown) == moment.replace(second=0, microsecond=0)


TYPED = {"title": "Begroting", "day": "3-12-2026", "begins": "9:30", "ends": "11:00", "place": "Stadhuis", "agenda": ""}


def test_it_takes_day_and_times_as_they_are_in_the_netherlands():
    form = MeetingForm(TYPED)
    assert form.is_valid()
    assert form.values()["starts_at"] == datetime(2026, 12, 3, 8, 30, tzinfo=UTC)
    summer = MeetingForm(TYPED | {"day": "3-6-2027"})
    assert summer.is_valid()
    assert summer.values()["starts_at"] == datetime(2027, 6, 3, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"ends": "9:00"}, "ends", "Het einde moet na het begin liggen."),
        ({"ends": "9:30"}, "ends", "Het einde moet na het begin liggen."),
        ({"day": "28-3-2027", "begins": "2:30", "ends": "4:00"}, "begins", "Deze tijd bestaat niet op deze dag."),
        ({"day": "1-1-0001", "begins": "0:00"}, "begins", "Deze tijd bestaat niet op deze dag."),
        ({"day": "morgen"}, "day", "Vul een datum in"),
        ({"begins": "half tien"}, "begins", "Vul een tijd in"),
        ({"day": ""}, "day", "Vul de datum in."),
        ({"title": "a\x00b"}, "title", ""),
    ],
)
def test_it_says_at_the_field_what_cannot_be(typed, field, sentence):
    form = MeetingForm(TYPED | typed)
    assert not form.is_valid()
    assert sentence in form.errors[field][0]


def test_it_shows_a_meeting_in_the_form_as_it_was_filled_in(people, body):
    meeting = planned(body, people.coordinator)
    page = str(MeetingForm(meeting=meeting))
    for shown in ("3-12-2026", "09:30", "11:30", "Stadhuis"):
        assert f'value="{shown}"' in page


# --- Several at the same moment --------------------------------------------------------------------------------------


def all_at_once(act, times=4):
    start = Barrier(times)

    def call(_number):
        try:
            start.wait(10)
            return act()
        except ValidationError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(call, range(times)))


@pytest.fixture
def board(transactional_db):
    school = make_partner(make_pact(), "School")
    coordinator = make_member(school, Role.COORDINATOR)
    body = workflow.found(school.pact, name="Stuurgroep", kind=Body.Kind.STEERING, by=coordinator)
    return body, membership_of(coordinator), coordinator


def refused(results):
    return sum(isinstance(result, ValidationError) for result in results)


@pytest.mark.django_db(transaction=True)
def test_it_seats_once_whom_several_add_at_once(board):
    body, membership, coordinator = board
    results = all_at_once(
        lambda: workflow.take_seat(body, membership=membership, part=Seat.Part.MEMBER, by=coordinator)
    )
    assert refused(results) == 3
    assert Seat.objects.in_pact(body.pact).count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_would_seat_twice_in_two_roles_without_the_lock(board, monkeypatch):
    """The twin: the database refuses the same membership twice, and only the lock the same person in two roles."""
    body, membership, coordinator = board
    reader = people_workflow.join(coordinator, membership.partnership, Role.READER, by=coordinator)
    together = Barrier(2, timeout=10)

    def seat_both():
        pair = iter([membership, reader])
        return all_at_once(
            lambda: workflow.take_seat(body, membership=next(pair), part=Seat.Part.MEMBER, by=coordinator), times=2
        )

    assert refused(seat_both()) == 1
    Seat.unscoped.all().delete()
    full_clean = Seat.full_clean

    def wait_for_the_other(seat, *args, **kwargs):
        together.wait()
        full_clean(seat, *args, **kwargs)

    monkeypatch.setattr(workflow, "_lock", lambda body: body)
    monkeypatch.setattr(Seat, "full_clean", wait_for_the_other)
    assert refused(seat_both()) == 0
    assert Seat.objects.in_pact(body.pact).current().count() == 2


@pytest.mark.django_db(transaction=True)
def test_it_calls_off_once_what_several_call_off_at_once(board):
    body, membership, coordinator = board
    workflow.take_seat(body, membership=membership, part=Seat.Part.MEMBER, by=coordinator)
    meeting = planned(body, coordinator)
    assert refused(all_at_once(lambda: workflow.cancel(meeting, by=coordinator))) == 3
    assert Meeting.objects.in_pact(body.pact).get().sequence == 1
    assert len(mails("Afgezegd")) == 1


@pytest.mark.django_db(transaction=True)
def test_it_keeps_one_of_several_changes_made_at_once(board):
    body, _membership, coordinator = board
    meeting = planned(body, coordinator)
    places = iter(["Raadhuis", "Online", "School", "Bibliotheek"])
    results = all_at_once(
        lambda: workflow.change_meeting(meeting, base=0, by=coordinator, place=next(places)),
    )
    assert refused(results) == 3
    assert timezone.localtime(Meeting.objects.in_pact(body.pact).get().starts_at) == STARTS
