"""The pages of bodies and their meetings."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pact_portal.foundation.pages import confirm
from partners.bodies import calendar, workflow
from partners.bodies.forms import BodyForm, MeetingForm, SeatForm
from partners.bodies.models import Body, Meeting, Seat
from partners.permissions import PactRequest, Permission, requires


@requires(Permission.READ)
@require_safe
def body_list(request: PactRequest, pact: str) -> HttpResponse:
    coming = list(Meeting.objects.in_pact(request.pact).upcoming().select_related("body"))
    first: dict[int, Meeting] = {}
    for meeting in coming:
        first.setdefault(meeting.body_id, meeting)
    sitting = Prefetch("seats", Seat.objects.in_pact(request.pact).current(), to_attr="sitting")
    bodies = list(Body.objects.in_pact(request.pact).prefetch_related(sitting))
    today = timezone.localdate()
    current = [body for body in bodies if body.ended_on is None or body.ended_on > today]
    context = {
        "bodies": [(body, first.get(body.pk)) for body in current],
        "ended": [body for body in bodies if body not in current],
        "meetings": coming,
        "may_manage": request.access.can(Permission.MANAGE_PARTNERS),
    }
    return render(request, "partners/bodies/list.html", context)


@requires(Permission.READ)
@require_safe
def body_detail(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    body = _body(request, pk)
    seats = Seat.objects.in_pact(request.pact).filter(body=body)
    people = seats.select_related("membership__user", "membership__partnership__organisation")
    meetings = Meeting.objects.in_pact(request.pact).filter(body=body)
    coming = list(meetings.upcoming())
    has_ended = _has_ended(body)
    parts = Seat.Part.values
    context = {
        "body": body,
        "has_ended": has_ended,
        "seats": sorted(people.current(), key=lambda seat: (parts.index(seat.part), seat.membership.user.name.lower())),
        "meetings": coming,
        "earlier": meetings.exclude(pk__in=[meeting.pk for meeting in coming]).order_by("-starts_at"),
        "may_manage": request.access.can(Permission.MANAGE_PARTNERS) and not has_ended,
    }
    return render(request, "partners/bodies/detail.html", context)


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def body_add(request: PactRequest, pact: str) -> HttpResponse:
    form = BodyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            body = workflow.found(request.pact, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("%(name)s staat erbij. Kies nu wie erin zitten.") % {"name": body})
            return redirect("partners:body_detail", pact, body.pk)
    return render(request, "partners/bodies/form.html", {"form": form})


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def body_edit(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    body = _body(request, pk)
    form = BodyForm(request.POST or None, instance=_body(request, pk))
    if request.method == "POST" and form.is_valid():
        try:
            body = workflow.change(body, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De gegevens van %(name)s zijn bewaard.") % {"name": body})
            return redirect("partners:body_detail", pact, body.pk)
    return render(request, "partners/bodies/form.html", {"form": form, "body": body})


@requires(Permission.MANAGE_PARTNERS)
@require_POST
def body_end(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    body = _body(request, pk)
    page = confirm.ask(
        request,
        title=_("Overleg opheffen"),
        consequence=_("%(name)s komt dan niet meer bijeen. Wie erin zaten en wanneer, blijft bewaard.")
        % {"name": body},
        button=_("Opheffen"),
        back=_address(body),
        danger=True,
    )
    if page:
        return page
    return _act(request, workflow.end, body, _("%(name)s is opgeheven.") % {"name": body}, _address(body))


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def seat_add(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    body = _body(request, pk)
    form = SeatForm(request.POST or None, body=body)
    if request.method == "POST" and form.is_valid():
        try:
            seat = workflow.take_seat(body, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.take(fault)
        else:
            done = _("%(who)s zit nu in %(body)s.")
            messages.success(request, done % {"who": seat.membership.user, "body": body})
            return redirect("partners:body_detail", pact, body.pk)
    return render(request, "partners/bodies/seat.html", {"form": form, "body": body})


@requires(Permission.MANAGE_PARTNERS)
@require_POST
def seat_end(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    seats = Seat.objects.in_pact(request.pact).select_related("body__pact", "membership__user")
    seat = get_object_or_404(seats, pk=pk)
    words = {"who": seat.membership.user, "body": seat.body}
    page = confirm.ask(
        request,
        title=_("Uit het overleg halen"),
        consequence=_("%(who)s zit dan niet meer in %(body)s en krijgt geen mail meer over bijeenkomsten.") % words,
        button=_("Eruit halen"),
        back=_address(seat.body),
        danger=True,
    )
    if page:
        return page
    done = _("%(who)s zit niet meer in %(body)s.") % words
    return _act(request, workflow.leave_seat, seat, done, _address(seat.body))


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def meeting_add(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    body = _body(request, pk)
    form = MeetingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = workflow.plan(body, by=request.user, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De bijeenkomst is gepland. De leden krijgen een mail."))
            return redirect("partners:meeting_detail", pact, meeting.pk)
    return render(request, "partners/bodies/meeting_form.html", {"form": form, "body": body})


@requires(Permission.READ)
@require_safe
def meeting_detail(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    meeting = _meeting(request, pk)
    context = {
        "meeting": meeting,
        "body": meeting.body,
        "is_over": meeting.ends_at <= timezone.now(),
        "may_manage": request.access.can(Permission.MANAGE_PARTNERS) and not workflow.refusal(meeting),
    }
    return render(request, "partners/bodies/meeting.html", context)


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def meeting_edit(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    meeting = _meeting(request, pk)
    if sentence := workflow.refusal(meeting):
        messages.error(request, sentence)
        return redirect("partners:meeting_detail", pact, pk)
    form = MeetingForm(request.POST or None, meeting=meeting)
    theirs = None
    if request.method == "POST" and form.is_valid():
        base = form.cleaned_data["base"]
        try:
            workflow.change_meeting(meeting, base=-1 if base is None else base, by=request.user, **form.values())
        except workflow.StaleMeeting as stale:
            # Saving once more is a choice made with both in sight.
            theirs = stale.current
            form.data = {**request.POST.dict(), "base": str(theirs.sequence)}
            form.take(stale)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De bijeenkomst is bewaard. Bij een wijziging krijgen de leden een mail."))
            return redirect("partners:meeting_detail", pact, pk)
    context = {"form": form, "body": meeting.body, "meeting": meeting, "theirs": theirs}
    return render(request, "partners/bodies/meeting_form.html", context)


@requires(Permission.MANAGE_PARTNERS)
@require_POST
def meeting_cancel(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    meeting = _meeting(request, pk)
    back = reverse("partners:meeting_detail", args=[pact, pk])
    page = confirm.ask(
        request,
        title=_("Bijeenkomst afzeggen"),
        consequence=_("De leden van %(body)s krijgen een mail dat “%(title)s” niet doorgaat.")
        % {"body": meeting.body, "title": meeting.title},
        button=_("Afzeggen"),
        back=back,
        danger=True,
    )
    if page:
        return page
    return _act(request, workflow.cancel, meeting, _("De bijeenkomst is afgezegd. De leden krijgen een mail."), back)


@requires(Permission.READ)
@require_safe
@never_cache
def meeting_ics(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    meeting = _meeting(request, pk)
    page = f"{settings.PORTAL_URL}{reverse('partners:meeting_detail', args=[pact, pk])}"
    kind = f"text/calendar; charset=utf-8; method={calendar.method_of(meeting)}"
    headers = {"Content-Disposition": f'attachment; filename="{calendar.name_of(meeting)}"'}
    return HttpResponse(calendar.file_of(meeting, url=page), content_type=kind, headers=headers)


def _body(request: PactRequest, pk: int) -> Body:
    return get_object_or_404(Body.objects.in_pact(request.pact).select_related("pact"), pk=pk)


def _meeting(request: PactRequest, pk: int) -> Meeting:
    return get_object_or_404(Meeting.objects.in_pact(request.pact).select_related("body__pact"), pk=pk)


def _has_ended(body: Body) -> bool:
    return body.ended_on is not None and body.ended_on <= timezone.localdate()


def _address(body: Body) -> str:
    return reverse("partners:body_detail", args=[body.pact.slug, body.pk])


def _act(request: PactRequest, act: Any, row: Any, done: str, back: str) -> HttpResponse:
    try:
        act(row, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, done)
    return redirect(back)
