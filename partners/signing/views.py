"""The pages of signing: how far it is, sign, make a reservation."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from pact_portal.foundation.pages.polling import STOP_POLLING
from partners.pact.models import PactVersion
from partners.people import renewal
from partners.permissions import PactRequest, Permission, requires
from partners.signing import drafts, evidence, progress, workflow
from partners.signing.forms import (
    MandateForm,
    ReasonForm,
    SignForm,
)
from partners.signing.models import Deed, Reservation, Signature, SignaturePlace
from partners.signing.pages import act, own_place_of, place_of, progress_url, why_closed


@requires(Permission.READ)
@require_safe
def signing_progress(request: PactRequest, pact: str) -> HttpResponse:
    """All partners with how it stands; the deed on the table, else the one in force, or the version that is asked."""
    deeds = list(Deed.objects.in_pact(request.pact).select_related("version__pact").order_by("-version", "number"))
    shown = _chosen(request, deeds)
    sheets = [_sheet_of(request, deed) for deed in deeds if shown and deed.version_id == shown.version_id]
    in_force = progress.in_force(request.pact)
    newest = PactVersion.objects.in_pact(request.pact).defer("content").first()
    may_edit = request.access.can(Permission.EDIT_PACT)
    context = {
        "shown": shown,
        "sheets": sheets,
        "versions": list({deed.version.number: deed.version for deed in deeds}.values()),
        "may_edit": may_edit,
        # What the coordinator can do next: open the newest version, let a later partner accede.
        "to_open": newest if may_edit and newest and all(deed.version_id != newest.pk for deed in deeds) else None,
        "may_accede": bool(may_edit and in_force and progress.may_accede(in_force.version)),
    }
    return render(request, "partners/signing/progress.html", context)


def _chosen(request: PactRequest, deeds: list[Deed]) -> Deed | None:
    """The deed of the version in the query string; else the one that is open, in force, or newest."""
    pacts = [deed for deed in deeds if deed.number == 0]
    asked = request.GET.get("version", "")
    by_number = [deed for deed in pacts if str(deed.version.number) == asked]
    still_open = [deed for deed in pacts if deed.state == Deed.State.OPEN]
    complete = [deed for deed in pacts if deed.state == Deed.State.COMPLETE]
    return next(iter([*by_number, *still_open, *complete, *pacts]), None)


def _sheet_of(request: PactRequest, deed: Deed) -> dict[str, Any]:
    """A deed with its places, and what this reader can do at each."""
    statuses = progress.status_of(deed)
    may_edit = request.access.can(Permission.EDIT_PACT)
    is_standing = deed.state != Deed.State.SUPERSEDED
    rows = []
    for status in statuses:
        is_own = request.access.can(Permission.SIGN, status.partner)
        is_asked = deed.state == Deed.State.OPEN and status.state in {"waiting", "reserved"}
        rows.append(
            {
                "status": status,
                "may_sign": is_own and is_asked,
                "may_print": (is_own or may_edit) and is_asked,
                "may_record": may_edit and is_asked,
                "may_withdraw": may_edit and is_standing and status.state not in {"withdrawn", "sealing"},
                "may_lift": bool(status.reservation) and is_own and deed.state == Deed.State.OPEN,
                "may_see_scan": status.state == "paper" and may_edit,
                "may_see_own_scan": status.state == "paper" and is_own and not may_edit,
            }
        )
    return {
        "deed": deed,
        "rows": rows,
        "count": progress.count_of(statuses),
        "is_past": progress.is_past(deed),
        "has_file": progress.newest_revision(deed) is not None,
    }


@requires(Permission.SIGN)
@never_cache
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def sign(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """Read and sign: the document, what is asked, two buttons; afterwards how far the seal is."""
    row = own_place_of(request, place)
    if hasattr(row, "signature"):
        if request.method == "POST":
            messages.info(request, _("Deze handtekening staat er al. U hoeft niets meer te doen."))
            return redirect("partners:sign", pact, row.pk)
        context = _signed(row)
        if not request.htmx:
            return render(request, "partners/signing/sign.html", context)
        status = 200 if context["is_waiting_for_seal"] else STOP_POLLING
        return render(request, "partners/signing/sign.html#seal", context, status=status)
    if fault := why_closed(row):
        return _closed(request, row, fault)
    return _signing(request, row)


def _signing(request: PactRequest, place: SignaturePlace) -> HttpResponse:
    """The form of an electronic signature: shown, refused, sent round by the sign-in page, or carried out."""
    here = reverse("partners:sign", args=[request.pact.slug, place.pk])
    wording = consent_of(place)
    if request.method == "POST":
        form = SignForm(request.POST, consent=wording)
        if form.is_valid():
            if way := renewal.demand(request):
                _keep_typed(request, place)
                messages.info(
                    request, _("Laat eerst opnieuw zien dat u het bent. Daarna tekent u; wat u typte, blijft staan.")
                )
                return way
            page = confirm.ask(
                request,
                title=_("Het pact ondertekenen"),
                consequence=_consequence(place),
                button=_("Ondertekenen"),
                back=here,
            )
            if page:
                return page
            try:
                _put(request, place, form, wording)
            except ValidationError as fault:
                # Somebody may have signed, or opened a newer version, since the place was looked at.
                now = place_of(request, place.pk)
                if closed := why_closed(now):
                    return _closed(request, now, closed)
                form.take(fault)
            else:
                drafts.forget(request)
                messages.success(request, _("U hebt ondertekend namens %(partner)s.") % {"partner": place})
                return redirect(here)
    else:
        initial = {"signatory": request.user.name, **drafts.kept(request, place.pk), "read": _newest_number(place)}
        form = SignForm(initial=initial, consent=wording)
    statuses = progress.status_of(place.deed)
    context = {
        "form": form,
        "place": place,
        "is_recent": renewal.recent(request),
        "consequence": _consequence(place),
        "revision": progress.newest_revision(place.deed),
        "signed": [status for status in statuses if status.state in {"signed", "paper", "sealing"}],
        "count": progress.count_of(statuses),
        "is_past": progress.is_past(place.deed),
        "reservation": next((status.reservation for status in statuses if status.place.pk == place.pk), None),
    }
    return render(request, "partners/signing/sign.html", context)


def _put(request: PactRequest, place: SignaturePlace, form: SignForm, wording: str) -> None:
    """Sign, with what the request tells as evidence. Raises ValidationError of the workflow."""
    data = form.cleaned_data
    # The file that stood on the page; others may have signed since, and their file is another.
    read = place.deed.revisions.filter(number=data["read"]).first()
    workflow.sign(
        place,
        by=request.user,
        signatory=data["signatory"],
        function=data["function"],
        mandate=data["mandate"],
        signed_in=data["signed_in"],
        consent=data["consent"],
        evidence=evidence.of_request(
            request,
            text_sha256=place.deed.content_sha256,
            file_sha256=read.sha256 if read else "",
            consent=wording,
        ),
    )


def consent_of(place: SignaturePlace) -> str:
    """The words that a signatory agrees with; kept with the signature as they are."""
    return _(
        "Ik heb %(document)s gelezen en onderteken namens %(partner)s. Ik ben daartoe bevoegd. Ik weet dat dit een "
        "%(level)s is."
    ) % {"document": place.deed, "partner": place, "level": evidence.LEVEL}


def _consequence(place: SignaturePlace) -> str:
    return _(
        "U ondertekent %(document)s namens %(partner)s. Uw handtekening komt in de PDF en kan niet worden gewijzigd of "
        "verwijderd."
    ) % {"document": place.deed, "partner": place}


def _newest_number(place: SignaturePlace) -> int | None:
    newest = progress.newest_revision(place.deed)
    return newest.number if newest else None


def _signed(place: SignaturePlace) -> dict[str, Any]:
    """What the page shows once there is a signature."""
    signature: Signature | None = getattr(place, "signature", None)
    is_sealed = signature is not None and (
        signature.way == Signature.Way.PAPER or getattr(signature, "revision", None) is not None
    )
    return {"place": place, "signature": signature, "is_waiting_for_seal": bool(signature and not is_sealed)}


def _closed(request: PactRequest, place: SignaturePlace, fault: str) -> HttpResponse:
    """Why nobody can sign here, and where instead; what was typed waits there, but not what was agreed with."""
    still_open = progress.open_deed(request.pact)
    places = progress.own_places(still_open, request.access) if still_open and still_open != place.deed else []
    instead = next((other for other in places if other.partnership_id == place.partnership_id), None)
    if instead and request.method == "POST":
        _keep_typed(request, instead)
    return render(request, "partners/signing/sign.html", {"place": place, "fault": fault, "instead": instead})


def _keep_typed(request: PactRequest, place: SignaturePlace) -> None:
    """Keep who signs and on what mandate, for when the page of this place is opened again; never the consent."""
    drafts.keep(request, place.pk, {name: request.POST.get(name, "") for name in MandateForm.base_fields})


@requires(Permission.SIGN)
@require_http_methods(["GET", "POST"])
def reserve(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """Say why one does not sign yet."""
    row = own_place_of(request, place)
    standing = Reservation.objects.in_pact(request.pact).filter(place=row, lifted_at=None).first()
    if fault := why_closed(row):
        messages.error(request, fault)
        return redirect("partners:sign", pact, row.pk)
    if standing:
        messages.info(request, _("Er staat al een voorbehoud van %(partner)s.") % {"partner": row})
        return redirect(progress_url(pact, row))
    form = ReasonForm(request.POST or None)
    return act(
        request,
        form=form,
        do=lambda: workflow.reserve(row, by=request.user, reason=form.cleaned_data["reason"]),
        done=_("Uw voorbehoud is vastgelegd. De coördinator neemt contact met u op."),
        title=_("Voorbehoud maken"),
        consequence=_(
            "Alle leden van het pact kunnen uw voorbehoud lezen. U kunt daarna altijd nog tekenen: dan vervalt het."
        ),
        button=_("Voorbehoud maken"),
        leads=progress_url(pact, row),
        back=reverse("partners:sign", args=[pact, row.pk]),
        place=row,
    )


@requires(Permission.READ)
@require_http_methods(["GET", "POST"])
def reservation_lift(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """Lift a reservation: its maker's organisation, which alone knows whether it still stands."""
    row = place_of(request, place)
    if request.method == "GET":
        return redirect(progress_url(pact, row))
    standing = Reservation.objects.in_pact(request.pact).filter(place=row, lifted_at=None).first()
    if not request.access.can(Permission.SIGN, row.partnership):
        messages.error(request, _("Alleen de ondertekenaar van de partner zelf kan een voorbehoud opheffen."))
        return redirect(progress_url(pact, row))
    if standing is None:
        messages.info(request, _("Er staat geen voorbehoud van %(partner)s.") % {"partner": row})
        return redirect(progress_url(pact, row))
    page = confirm.ask(
        request,
        title=_("Voorbehoud opheffen"),
        consequence=_lifting(row),
        button=_("Opheffen"),
        back=progress_url(pact, row),
    )
    if page:
        return page
    try:
        workflow.lift_reservation(standing, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, _("Het voorbehoud van %(partner)s is opgeheven.") % {"partner": row})
    return redirect(progress_url(pact, row))


def _lifting(place: SignaturePlace) -> str:
    return _("Het voorbehoud van %(partner)s vervalt. De reden blijft in het logboek staan.") % {"partner": place}
