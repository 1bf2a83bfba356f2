"""Changes of bodies: founded, renamed and ended; who sits in them; their meetings, of which the members get mail."""

import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.mail import workflow as mail
from partners.bodies.models import Body, Meeting, Seat
from partners.people.correspondence import fallbacks_of
from partners.people.models import Membership

BODY_FIELDS = ("name", "kind", "purpose")
MEETING_FIELDS = ("title", "starts_at", "ends_at", "place", "agenda")


class StaleMeeting(ValidationError):
    """Somebody else changed the meeting meanwhile; `current` is how it stands now."""

    def __init__(self, current: Meeting) -> None:
        super().__init__(
            _(
                "Iemand anders heeft deze bijeenkomst intussen gewijzigd. Uw tekst staat nog hieronder. "
                "Vergelijk, pas zo nodig aan en bewaar opnieuw."
            )
        )
        self.current = current


# --- Bodies ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def found(pact: models.Model, *, name: str, kind: str, by: models.Model, purpose: str = "") -> Body:
    """Make a body of the pact. Raises ValidationError when there is one of this name."""
    _lock_pact(pact)
    body = Body(pact_id=pact.pk, name=name.strip(), kind=kind, purpose=purpose)
    _refuse_same_name(body)
    body.full_clean()
    body.save()
    audit.record("body.founded", body, by=by, kind=body.kind)
    return body


@transaction.atomic
def change(body: Body, *, by: models.Model, **changes: Any) -> Body:
    """Change any of `BODY_FIELDS`. Raises ValidationError for a name that another body has, or an ended body."""
    _lock_pact(body.pact)
    current = _lock(body)
    _demand_meeting(current)
    changed = sorted(name for name in BODY_FIELDS if name in changes and changes[name] != getattr(current, name))
    if not changed:
        return current
    for name in changed:
        setattr(current, name, changes[name])
    _refuse_same_name(current)
    current.full_clean()
    current.save()
    audit.record("body.changed", current, by=by, fields=changed)
    return current


@transaction.atomic
def end(body: Body, *, by: models.Model) -> Body:
    """End a body today, with all its seats; what it did stays.

    Raises ValidationError when it has ended, or has meetings still to come.
    """
    current = _lock(body)
    _demand_meeting(current)
    coming = Meeting.objects.in_pact(current.pact_id).upcoming().filter(body=current).count()
    if coming:
        raise ValidationError(
            ngettext(
                "Dit overleg heeft nog een bijeenkomst. Zeg die eerst af.",
                "Dit overleg heeft nog %(number)s bijeenkomsten. Zeg die eerst af.",
                coming,
            )
            % {"number": coming}
        )
    today = timezone.localdate()
    current.ended_on = today
    current.full_clean()
    current.save(update_fields=["ended_on"])
    for seat in Seat.objects.in_pact(current.pact_id).filter(body=current, ended_on=None).select_for_update():
        _leave(seat, today)
    audit.record("body.ended", current, by=by)
    return current


# --- Seats -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def take_seat(
    body: Body,
    *,
    membership: Membership,
    part: str,
    by: models.Model,
    started_on: datetime.date | None = None,
) -> Seat:
    """Let a member of the pact sit in the body, from `started_on` (today when it is not given).

    Raises ValidationError for somebody who sits in it already, in whatever role, who is no member of this pact today,
    for a day to come, and for a body that has ended.
    """
    current = _lock(body)
    _demand_meeting(current)
    today = timezone.localdate()
    members = Membership.objects.in_pact(current.pact_id).current()
    member = members.select_related("user", "partnership__organisation").filter(pk=membership.pk).first()
    if member is None:
        raise ValidationError({"membership": _("Deze persoon is geen lid van dit pact. Kies iemand uit de lijst.")})
    if started_on and started_on > today:
        raise ValidationError({"started_on": _("Kies vandaag of een eerdere dag.")})
    seats = Seat.objects.in_pact(current.pact_id).filter(body=current)
    if seats.current().filter(membership__user_id=member.user_id).exists():
        raise ValidationError({"membership": _("Deze persoon zit al in dit overleg.")})
    # Of a membership that had ended and holds again, the earlier seat is history.
    for earlier in seats.filter(membership=member, ended_on=None).select_for_update():
        _leave(earlier, today)
    seat = Seat(body=current, membership=member, part=part, started_on=started_on or today)
    seat.full_clean()
    seat.save()
    audit.record("seat.taken", seat, by=by, pact=current.pact, part=seat.part)
    return seat


@transaction.atomic
def leave_seat(seat: Seat, *, by: models.Model) -> Seat:
    """End a seat today. Raises ValidationError when it has ended."""
    body = _lock(seat.body)
    seats = Seat.objects.in_pact(body.pact_id).select_related("membership__user", "body__pact")
    current: Seat = seats.get(pk=seat.pk)
    if current.ended_on is not None:
        raise ValidationError(_("Deze persoon zit al niet meer in dit overleg."))
    _leave(current, timezone.localdate())
    audit.record("seat.ended", current, by=by, pact=body.pact)
    return current


def describe_seats(membership: Membership) -> list[str]:
    """What would move when this membership ends, for the page that asks who takes over."""
    return [
        _("%(part)s van %(body)s") % {"part": seat.get_part_display(), "body": seat.body} for seat in _seats(membership)
    ]


@transaction.atomic
def move_seats(membership: Membership, successor: Membership | None, by: models.Model | None) -> int:
    """End the seats of a membership today; the successor, when there is one, takes them over. Gives how many.

    A successor who sits in a body already keeps that one seat. The earlier seats stay as history.
    """
    today = timezone.localdate()
    seats = _seats(membership)
    for seat in seats:
        body = _lock(seat.body)
        _leave(seat, today)
        audit.record("seat.ended", seat, by=by, pact=body.pact)
        if successor is None:
            continue
        others = Seat.objects.in_pact(body.pact_id).filter(body=body, membership__user_id=successor.user_id)
        if others.current().exists() or others.filter(membership=successor, ended_on=None).exists():
            continue
        taken = Seat(body=body, membership=successor, part=seat.part, started_on=today)
        taken.full_clean()
        taken.save()
        audit.record("seat.taken", taken, by=by, pact=body.pact, part=taken.part)
    return len(seats)


# --- Meetings --------------------------------------------------------------------------------------------------------


@transaction.atomic
def plan(
    body: Body,
    *,
    title: str,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    place: str,
    by: models.Model,
    agenda: str = "",
) -> Meeting:
    """Plan a meeting and mail it to who sits in the body.

    Raises ValidationError for a time that is over, an end before the start, and a body that has ended.
    """
    current = _lock(body)
    _demand_meeting(current)
    _demand_time_to_come(starts_at)
    meeting = Meeting(
        body=current,
        title=title.strip(),
        starts_at=starts_at,
        ends_at=ends_at,
        place=place.strip(),
        agenda=agenda,
        planned_by=by,  # type: ignore[misc]  # the user model of this app
    )
    meeting.full_clean()
    meeting.save()
    audit.record("meeting.planned", meeting, by=by, pact=current.pact)
    _tell(meeting, "planned", _("Bijeenkomst: %(title)s"))
    return meeting


@transaction.atomic
def change_meeting(meeting: Meeting, *, base: int, by: models.Model, **changes: Any) -> Meeting:
    """Change any of `MEETING_FIELDS` of a meeting to come, and mail the change to who sits in the body.

    `base` is the sequence that the change started from. Raises StaleMeeting when the meeting has changed since, and
    ValidationError for one that is called off or over, and for times that cannot be.
    """
    current = _lock_meeting(meeting)
    _demand_to_come(current)
    if current.sequence != base:
        raise StaleMeeting(current)
    changed = sorted(name for name in MEETING_FIELDS if name in changes and changes[name] != getattr(current, name))
    if not changed:
        return current
    if "starts_at" in changed:
        _demand_time_to_come(changes["starts_at"])
    for name in changed:
        setattr(current, name, changes[name])
    current.sequence += 1
    current.full_clean()
    current.save()
    audit.record("meeting.changed", current, by=by, pact=current.body.pact, fields=changed)
    _tell(current, "changed", _("Gewijzigd: %(title)s"))
    return current


@transaction.atomic
def cancel(meeting: Meeting, *, by: models.Model) -> Meeting:
    """Call a meeting off, and mail that to who sits in the body. Raises ValidationError when it is off or over."""
    current = _lock_meeting(meeting)
    _demand_to_come(current)
    current.cancelled_at = timezone.now()
    current.sequence += 1
    current.full_clean()
    current.save()
    audit.record("meeting.cancelled", current, by=by, pact=current.body.pact)
    _tell(current, "cancelled", _("Afgezegd: %(title)s"))
    return current


def refusal(meeting: Meeting) -> str:
    """Why this meeting can be changed no more, in a sentence; "" when it can."""
    if meeting.cancelled_at:
        return _("Deze bijeenkomst is afgezegd.")
    return _("Deze bijeenkomst is al geweest.") if meeting.ends_at <= timezone.now() else ""


def _tell(meeting: Meeting, what: str, subject: str) -> None:
    """One mail to each who sits in the body today, however many roles they hold."""
    pact = meeting.body.pact
    seats = Seat.objects.in_pact(pact).current().filter(body=meeting.body)
    rows = seats.select_related("membership__user", "membership__partnership__organisation").order_by("pk")
    members = {seat.membership.user_id: seat.membership for seat in rows}
    paths = {
        "url": reverse("partners:meeting_detail", args=[pact.slug, meeting.pk]),
        "file_url": reverse("partners:meeting_ics", args=[pact.slug, meeting.pk]),
    }
    # Of the members the portal does not know which language they read.
    with override(settings.LANGUAGE_CODE):
        for member in members.values():
            mail.queue(
                key=f"meeting-{meeting.pk}-{meeting.sequence}-{member.user_id}",
                to=member.user.email,
                subject=subject % {"title": meeting.title},
                template="meeting",
                context={
                    "meeting": meeting,
                    "pact": pact,
                    "what": what,
                    **{name: f"{settings.PORTAL_URL}{path}" for name, path in paths.items()},
                },
                user=member.user,
                pact=pact,
                fallbacks=fallbacks_of(member.partnership, apart_from=[member.user.email]),
            )


def _seats(membership: Membership) -> list[Seat]:
    """The seats that stand on a membership, body by body."""
    seats = Seat.objects.in_pact(membership.partnership.pact_id).filter(membership=membership, ended_on=None)
    return list(seats.select_related("body__pact", "membership__user").order_by("body_id"))


def _leave(seat: Seat, day: datetime.date) -> None:
    seat.ended_on = max(day, seat.started_on)
    seat.full_clean()
    seat.save(update_fields=["ended_on"])


def _lock_pact(pact: models.Model) -> None:
    """Bodies of one pact get their names one after the other."""
    type(pact)._default_manager.select_for_update().get(pk=pact.pk)


def _lock(body: Body) -> Body:
    """Seats and meetings of one body change one after the other."""
    bodies = Body.objects.in_pact(body.pact_id).select_for_update(of=("self",)).select_related("pact")
    current: Body = bodies.get(pk=body.pk)
    return current


def _lock_meeting(meeting: Meeting) -> Meeting:
    body = _lock(meeting.body)
    current: Meeting = Meeting.objects.in_pact(body.pact_id).select_related("body__pact").get(pk=meeting.pk)
    return current


def _refuse_same_name(body: Body) -> None:
    same = Body.objects.in_pact(body.pact_id).filter(name__iexact=body.name.strip()).exclude(pk=body.pk)
    if same.exists():
        raise ValidationError({"name": _("Er is al een overleg met deze naam.")})


def _demand_meeting(body: Body) -> None:
    if body.ended_on and body.ended_on <= timezone.localdate():
        raise ValidationError(_("Dit overleg is opgeheven. Er kan niets meer aan veranderen."))


def _demand_to_come(meeting: Meeting) -> None:
    if sentence := refusal(meeting):
        raise ValidationError(sentence)


def _demand_time_to_come(starts_at: datetime.datetime) -> None:
    if starts_at <= timezone.now():
        raise ValidationError({"starts_at": _("Dit tijdstip is al geweest. Kies een dag en een tijd die nog komen.")})
