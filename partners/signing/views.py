"""The pages of signing: reading, signing or making a reservation, how far it is, and verifying a file."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.documents import workflow as documents
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.pages import confirm
from partners.access import not_shown
from partners.organisations.models import Partnership
from partners.pact import reading
from partners.pact.models import PactVersion
from partners.people import renewal
from partners.people.models import Membership
from partners.permissions import PactRequest, Permission, Role, public, requires
from partners.signing import drafts, evidence, progress, workflow
from partners.signing.document import evidence_facts
from partners.signing.forms import (
    AccessionForm,
    DeadlineForm,
    MandateForm,
    PaperForm,
    ReasonForm,
    SignForm,
    VerifyForm,
    WithdrawalForm,
)
from partners.signing.models import Deed, Reservation, Signature, SignaturePlace
from partners.signing.verification import verify as verify_file

STOP_POLLING = 286
"""htmx's own status: swap this answer and ask no more."""
LARGEST_TO_VERIFY = 30_000_000
ENVELOPE = 100_000
"""What a form adds around its file, in bytes, at most."""


# --- How far it is ---------------------------------------------------------------------------------------------------


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
        "in_force": in_force,
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
        "is_any_own": any(row["may_sign"] for row in rows),
    }


# --- The coordinator -------------------------------------------------------------------------------------------------


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def signing_open(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """Lay a frozen version on the table."""
    version = get_object_or_404(PactVersion.objects.in_pact(request.pact).select_related("pact"), number=number)
    consequence = _(
        "Alle ondertekenaars van versie %(number)s krijgen een mail met het verzoek om te tekenen. Een eerdere versie "
        "die nog openstaat, kan dan niet meer worden getekend."
    ) % {"number": number}
    form = DeadlineForm(request.POST or None)
    return _act(
        request,
        form=form,
        do=lambda: workflow.open_signing(version, by=request.user, sign_by=form.cleaned_data["sign_by"]),
        done=_("Versie %(number)s staat open om te tekenen. De ondertekenaars krijgen een mail.") % {"number": number},
        title=_("Versie %(number)s openen voor ondertekening") % {"number": number},
        consequence=consequence,
        button=_("Open om te tekenen"),
        leads=_progress_url(pact),
        template="partners/signing/open.html",
        version=version,
        has_file=reading.file_of(version) is not None,
        without_signatory=_without_signatory(request.pact),
        standing=progress.open_deed(request.pact),
    )


def _without_signatory(pact: Any) -> list[Partnership]:
    """The partners that sign, for whom nobody can do so on the screen yet."""
    signing = Membership.objects.in_pact(pact).current().in_roles(Role.SIGNATORY).values("partnership")
    partners = Partnership.objects.in_pact(pact).current().signatories().exclude(pk__in=signing)
    return list(partners.select_related("organisation"))


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def accede(request: PactRequest, pact: str) -> HttpResponse:
    """Let a partner that came later accede by a sheet of its own."""
    in_force = progress.in_force(request.pact)
    later = [partner.pk for partner in progress.may_accede(in_force.version)] if in_force else []
    if not in_force or not later:
        messages.info(
            request,
            _("Toetreden kan pas als het pact door allen is getekend.")
            if not in_force
            else _("Alle partners die ondertekenen, staan al bij deze versie. Voeg eerst een nieuwe partner toe."),
        )
        return redirect("partners:signing_progress", pact)
    partners = Partnership.objects.in_pact(request.pact).filter(pk__in=later).select_related("organisation")
    form = AccessionForm(request.POST or None, partnerships=partners)
    return _act(
        request,
        form=form,
        do=lambda: workflow.accede(in_force.version, by=request.user, **form.cleaned_data),
        done=_("Het blad voor de toetreding wordt gemaakt. Daarna krijgt de ondertekenaar een mail."),
        title=_("Partner laten toetreden"),
        consequence=_(
            "De partner krijgt een eigen blad bij versie %(number)s. De handtekeningen die er al staan, blijven geldig."
        )
        % {"number": in_force.version.number},
        button=_("Blad voor toetreding maken"),
        leads=_progress_url(pact),
    )


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def paper(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """Record a signature that was put on paper, with its scan."""
    row = _place(request, place)
    if fault := _why_closed(row):
        messages.error(request, fault)
        return redirect(_progress_url(pact, row))
    form = PaperForm(request.POST or None, request.FILES or None) if request.method == "POST" else PaperForm()
    return _act(
        request,
        form=form,
        do=lambda: workflow.record_paper(row, by=request.user, **form.cleaned_data),
        done=_("De handtekening op papier van %(partner)s is vastgelegd.") % {"partner": row},
        title=_("Handtekening op papier vastleggen"),
        consequence=_(
            "De handtekening en de scan blijven bewaard en kunnen niet worden gewijzigd of verwijderd. Controleer of "
            "alles klopt met het getekende blad."
        ),
        button=_("Vastleggen"),
        leads=_progress_url(pact, row),
        # A file does not survive a page that asks in between.
        asks=False,
        place=row,
    )


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def withdrawal(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """Record that a partner steps out of the pact, or will not sign it."""
    row = _place(request, place)
    if hasattr(row, "withdrawal"):
        messages.info(request, _("De uittreding van %(partner)s is al vastgelegd.") % {"partner": row})
        return redirect(_progress_url(pact, row))
    form = WithdrawalForm(request.POST or None)
    return _act(
        request,
        form=form,
        do=lambda: workflow.withdraw(row, by=request.user, **form.cleaned_data),
        done=_("De uittreding van %(partner)s is vastgelegd.") % {"partner": row},
        title=_("Uittreding vastleggen"),
        consequence=_(
            "%(partner)s doet vanaf die datum niet meer mee. De handtekening die er staat, blijft zichtbaar. Een "
            "uittreding kan niet ongedaan worden gemaakt."
        )
        % {"partner": row},
        button=_("Uittreding vastleggen"),
        danger=True,
        leads=_progress_url(pact, row),
        place=row,
    )


# --- The signatory ---------------------------------------------------------------------------------------------------


@requires(Permission.SIGN)
@never_cache
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def sign(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """Read and sign: the document, what is asked, two buttons; afterwards how far the seal is."""
    row = _own_place(request, place)
    if request.htmx and request.method == "GET" and hasattr(row, "signature"):
        context = _signed(row)
        status = 200 if context["is_waiting_for_seal"] else STOP_POLLING
        return render(request, "partners/signing/sign.html#seal", context, status=status)
    if hasattr(row, "signature"):
        if request.method == "POST":
            messages.info(request, _("Deze handtekening staat er al. U hoeft niets meer te doen."))
            return redirect("partners:sign", pact, row.pk)
        return render(request, "partners/signing/sign.html", _signed(row))
    if fault := _why_closed(row):
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
                drafts.keep(request, place.pk, {name: request.POST.get(name, "") for name in form.fields})
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
                now = _place(request, place.pk)
                if closed := _why_closed(now):
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


def _why_closed(place: SignaturePlace) -> str:
    """Why nobody can sign at this place any more, as a sentence; "" when one can."""
    if hasattr(place, "withdrawal"):
        return _("%(partner)s doet niet meer mee met dit pact. Tekenen kan niet meer.") % {"partner": place}
    if hasattr(place, "signature"):
        return _("De handtekening van %(partner)s staat er al.") % {"partner": place}
    if place.deed.state == Deed.State.SUPERSEDED:
        return _("Versie %(number)s is opgevolgd door een nieuwere versie en kan niet meer worden getekend.") % {
            "number": place.deed.version.number
        }
    if place.deed.state == Deed.State.PREPARING:
        return _("Het blad wordt nog gemaakt. U krijgt een mail als u kunt tekenen.")
    return ""


def _closed(request: PactRequest, place: SignaturePlace, fault: str) -> HttpResponse:
    """Why nobody can sign here, and where instead; what was typed waits there, but not what was agreed with."""
    still_open = progress.open_deed(request.pact)
    places = progress.own_places(still_open, request.access) if still_open and still_open != place.deed else []
    instead = next((other for other in places if other.partnership_id == place.partnership_id), None)
    if instead and request.method == "POST":
        drafts.keep(request, instead.pk, {name: request.POST.get(name, "") for name in MandateForm.base_fields})
    return render(request, "partners/signing/sign.html", {"place": place, "fault": fault, "instead": instead})


@requires(Permission.SIGN)
@require_http_methods(["GET", "POST"])
def reserve(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """Say why one does not sign yet."""
    row = _own_place(request, place)
    standing = Reservation.objects.in_pact(request.pact).filter(place=row, lifted_at=None).first()
    if fault := _why_closed(row):
        messages.error(request, fault)
        return redirect("partners:sign", pact, row.pk)
    if standing:
        messages.info(request, _("Er staat al een voorbehoud van %(partner)s.") % {"partner": row})
        return redirect(_progress_url(pact, row))
    form = ReasonForm(request.POST or None)
    return _act(
        request,
        form=form,
        do=lambda: workflow.reserve(row, by=request.user, reason=form.cleaned_data["reason"]),
        done=_("Uw voorbehoud is vastgelegd. De coördinator neemt contact met u op."),
        title=_("Voorbehoud maken"),
        consequence=_(
            "Alle leden van het pact kunnen uw voorbehoud lezen. U kunt daarna altijd nog tekenen: dan vervalt het."
        ),
        button=_("Voorbehoud maken"),
        leads=_progress_url(pact, row),
        back=reverse("partners:sign", args=[pact, row.pk]),
        place=row,
    )


@requires(Permission.READ)
@require_http_methods(["GET", "POST"])
def reservation_lift(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """Lift a reservation: its maker's organisation, which alone knows whether it still stands."""
    row = _place(request, place)
    if request.method == "GET":
        return redirect(_progress_url(pact, row))
    standing = Reservation.objects.in_pact(request.pact).filter(place=row, lifted_at=None).first()
    if not request.access.can(Permission.SIGN, row.partnership):
        messages.error(request, _("Alleen de ondertekenaar van de partner zelf kan een voorbehoud opheffen."))
        return redirect(_progress_url(pact, row))
    if standing is None:
        messages.info(request, _("Er staat geen voorbehoud van %(partner)s.") % {"partner": row})
        return redirect(_progress_url(pact, row))
    page = confirm.ask(
        request,
        title=_("Voorbehoud opheffen"),
        consequence=_lifting(row),
        button=_("Opheffen"),
        back=_progress_url(pact, row),
    )
    if page:
        return page
    try:
        workflow.lift_reservation(standing, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, _("Het voorbehoud van %(partner)s is opgeheven.") % {"partner": row})
    return redirect(_progress_url(pact, row))


def _lifting(place: SignaturePlace) -> str:
    return _("Het voorbehoud van %(partner)s vervalt. De reden blijft in het logboek staan.") % {"partner": place}


# --- The own sheet, on paper -----------------------------------------------------------------------------------------


@requires(Permission.READ)
@require_safe
def sheet(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """How to sign on paper, with the partner's own sheet to print."""
    row = _place(request, place)
    context = {
        "place": row,
        "fault": _why_closed(row),
        "may_record": request.access.can(Permission.EDIT_PACT),
        **_sheet_rendition(request, row),
    }
    return render(request, "partners/signing/sheet.html", context)


@requires(Permission.READ)
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def sheet_rendition(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """How far the sheet is (GET, asked every second), or ask for it (POST)."""
    row = _place(request, place)
    return _polled(
        request,
        lambda: _sheet_rendition(request, row),
        back=reverse("partners:sheet", args=[pact, row.pk]),
        kind="sheet",
        row=row,
    )


@requires(Permission.READ)
@require_safe
def sheet_pdf(request: PactRequest, pact: str, place: int) -> HttpResponseBase:
    row = _place(request, place)
    name = f"{request.pact.slug}-tekenblad-versie-{row.deed.version.number}-{row.position}.pdf"
    return _made(request, "sheet", row, name, back=reverse("partners:sheet", args=[pact, row.pk]))


def _sheet_rendition(request: PactRequest, place: SignaturePlace) -> dict[str, Any]:
    return _rendition_context(request, "sheet", place, _("Maak het tekenblad"))


@requires(Permission.EDIT_PACT)
@require_safe
def scan(request: PactRequest, pact: str, place: int) -> HttpResponseBase:
    """The scan of a signature on paper, for the coordinator."""
    return _scan(request, _place(request, place))


@requires(Permission.SIGN)
@require_safe
def own_scan(request: PactRequest, pact: str, place: int) -> HttpResponseBase:
    """The scan of a signature on paper, for the signatory of the same partner."""
    return _scan(request, _own_place(request, place))


EXTENSIONS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


def _scan(request: PactRequest, place: SignaturePlace) -> HttpResponseBase:
    """The file as an attachment, under a type of the list: a browser never shows or runs it as something else."""
    signature: Signature | None = getattr(place, "signature", None)
    if signature is None or signature.way != Signature.Way.PAPER:
        messages.info(request, _("Van %(partner)s is er geen handtekening op papier.") % {"partner": place})
        return redirect(_progress_url(request.pact.slug, place))
    extension = EXTENSIONS.get(signature.scan_type)
    answer = FileResponse(
        signature.scan.open("rb"),
        as_attachment=True,
        filename=f"{request.pact.slug}-scan-{place.position}.{extension or 'bin'}",
        content_type=signature.scan_type if extension else "application/octet-stream",
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


# --- Evidence and files ----------------------------------------------------------------------------------------------


@requires(Permission.READ)
@require_safe
def signature_evidence(request: PactRequest, pact: str, signature: int) -> HttpResponse:
    """How a signature came about."""
    row = _signature(request, signature)
    is_own = request.access.can(Permission.SIGN, row.place.partnership)
    may_edit = request.access.can(Permission.EDIT_PACT)
    context = {
        "signature": row,
        "place": row.place,
        "facts": evidence_facts(row),
        "is_waiting_for_seal": row.way == Signature.Way.ELECTRONIC and not hasattr(row, "revision"),
        "level": evidence.LEVEL,
        "may_see_scan": row.way == Signature.Way.PAPER and may_edit,
        "may_see_own_scan": row.way == Signature.Way.PAPER and is_own and not may_edit,
        **_evidence_rendition(request, row),
    }
    return render(request, "partners/signing/evidence.html", context)


@requires(Permission.READ)
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def evidence_rendition(request: PactRequest, pact: str, signature: int) -> HttpResponse:
    """How far the PDF of the evidence is (GET), or ask for it (POST)."""
    row = _signature(request, signature)
    return _polled(
        request,
        lambda: _evidence_rendition(request, row),
        back=reverse("partners:evidence", args=[pact, row.pk]),
        kind="evidence",
        row=row,
    )


@requires(Permission.READ)
@require_safe
def evidence_pdf(request: PactRequest, pact: str, signature: int) -> HttpResponseBase:
    row = _signature(request, signature)
    name = f"{request.pact.slug}-bewijs-{row.pk}.pdf"
    return _made(request, "evidence", row, name, back=reverse("partners:evidence", args=[pact, row.pk]))


def _evidence_rendition(request: PactRequest, signature: Signature) -> dict[str, Any]:
    return _rendition_context(request, "evidence", signature, _("Maak een PDF van het bewijs"))


@public
@require_safe
def deed_pdf(request: PactRequest, pact: str, deed: int) -> HttpResponseBase:
    """The file of a deed as it is now, with all signatures; the public gets what is in force, and what was."""
    deeds = Deed.objects.in_pact(request.pact).select_related("version__pact")
    row = deeds.filter(pk=deed).first()
    if row is None or not (request.access.is_member or is_public(row)):
        return not_shown(request)
    revision = progress.newest_revision(row)
    if revision is None:
        return not_shown(request)
    version = row.version.number
    suffix = f"-toetreding-{row.number}" if row.number else ""
    return FileResponse(
        revision.file.open("rb"),
        as_attachment=True,
        filename=f"{request.pact.slug}-pact-versie-{version}{suffix}.pdf",
        content_type="application/pdf",
    )


def is_public(deed: Deed) -> bool:
    """Whether anybody may read this deed: it was signed by all; a sheet for accession also while the pact is."""
    return deed.completed_at is not None


@public
@require_safe
def pact_viewer(request: PactRequest, pact: str, number: int) -> HttpResponseBase:
    """A version in the portal's own reader, with the accessible page and the file beside it."""
    version = reading.shown(request, number)
    file = reading.file_of(version) if version else None
    if version is None or file is None:
        return not_shown(request)
    deed = Deed.objects.in_pact(request.pact).filter(version=version, number=0).first()
    places = progress.own_places(deed, request.access) if deed and deed.state == Deed.State.OPEN else []
    context = {
        "version": version,
        "file": file,
        "place": next((place for place in places if not _why_closed(place)), None),
        "is_member": request.access.is_member,
    }
    return render(request, "partners/signing/viewer.html", context)


# --- Verifying -------------------------------------------------------------------------------------------------------


# Nothing changes here and nobody need be known, so no token is asked: then a body that is too large is never read.
@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Anybody hands in a PDF and reads what it is, who signed and whether it is whole. No file is kept."""
    if request.method == "GET":
        return render(request, "partners/signing/verify.html", {"verify_form": VerifyForm()})
    if _announced(request) > LARGEST_TO_VERIFY + ENVELOPE:
        return _too_large(request)
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "partners/signing/verify.html", {"verify_form": form})
    uploaded = form.cleaned_data["file"]
    if uploaded.size > LARGEST_TO_VERIFY:
        return _too_large(request)
    found = verify_file(uploaded.read())
    if found.outcome == "too_large":
        return _too_large(request)
    if found.outcome == "no_pdf":
        form.add_error("file", _("Dit is geen PDF. Kies het PDF-bestand van het pact zoals u het hebt gekregen."))
        return render(request, "partners/signing/verify.html", {"verify_form": form})
    context = {"verify_form": VerifyForm(), "found": found, "filename": uploaded.name, "level": evidence.LEVEL}
    return render(request, "partners/signing/verify.html", context)


def _announced(request: HttpRequest) -> int:
    """How many bytes the request says to bring; 0 when it says none, and then none are read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdecimal() else 0


def _too_large(request: HttpRequest) -> HttpResponse:
    form = VerifyForm({}, {})
    form.errors.clear()
    form.add_error("file", _("Dit bestand is te groot. Een pact is hooguit 30 MB. Kies een ander bestand."))
    return render(request, "partners/signing/verify.html", {"verify_form": form}, status=413)


# --- What these pages share ------------------------------------------------------------------------------------------


def _act(
    request: PactRequest,
    *,
    form: MandateForm | ReasonForm | WithdrawalForm | DeadlineForm,
    do: Callable[[], Any],
    done: str,
    title: str,
    consequence: str,
    button: str,
    leads: str,
    back: str = "",
    danger: bool = False,
    asks: bool = True,
    template: str = "partners/signing/act.html",
    **context: Any,
) -> HttpResponse:
    """A page with one form for one formal act: shown, refused with what was typed, asked about once, carried out."""
    if request.method == "POST" and form.is_valid():
        page = asks and confirm.ask(
            request, title=title, consequence=consequence, button=button, back=back or leads, danger=danger
        )
        if page:
            return page
        try:
            do()
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, done)
            return redirect(leads)
    context |= {"form": form, "title": title, "consequence": consequence, "button": button, "danger": danger}
    return render(request, template, {**context, "asks": asks, "back": back or leads})


def _place(request: PactRequest, pk: int) -> SignaturePlace:
    """A place of this pact, with all that a page says of it; 404 for one of another pact."""
    places = SignaturePlace.objects.in_pact(request.pact).select_related(
        "deed__version__pact", "partnership__organisation", "signature__revision", "withdrawal"
    )
    row: SignaturePlace = get_object_or_404(places, pk=pk)
    return row


def _own_place(request: PactRequest, pk: int) -> SignaturePlace:
    """A place for which the reader may sign; 403 for that of another partner."""
    place = _place(request, pk)
    if not request.access.can(Permission.SIGN, place.partnership):
        raise PermissionDenied
    return place


def _signature(request: PactRequest, pk: int) -> Signature:
    signatures = Signature.objects.in_pact(request.pact).select_related(
        "place__deed__version__pact", "place__partnership__organisation", "revision__certificate", "recorded_by"
    )
    row: Signature = get_object_or_404(signatures, pk=pk)
    return row


def _progress_url(pact: str, place: SignaturePlace | None = None) -> str:
    url = reverse("partners:signing_progress", args=[pact])
    return f"{url}?version={place.deed.version.number}#place-{place.pk}" if place else url


def _rendition_context(request: PactRequest, kind: str, row: Any, label: str) -> dict[str, Any]:
    """What includes/rendition.html takes."""
    place = [request.pact.slug, row.pk]
    return {
        "rendition": _rendition(request, kind, row),
        "request_url": reverse(f"partners:{kind}_rendition", args=place),
        "status_url": reverse(f"partners:{kind}_rendition", args=place),
        "download_url": reverse(f"partners:{kind}_pdf", args=place),
        "label": label,
    }


def _rendition(request: PactRequest, kind: str, row: Any) -> Rendition | None:
    return Rendition.objects.in_pact(request.pact).filter(kind=kind, object_id=row.pk).first()


def _polled(
    request: PactRequest, context: Callable[[], dict[str, Any]], *, back: str, kind: str, row: Any
) -> HttpResponse:
    """How far a file is, or ask for it: for htmx the part of the page, else back to the page."""
    if request.method == "POST":
        documents.request(kind, row.pk, by=request.user, pact=request.pact)
    if not request.htmx:
        return redirect(back)
    shown = context()
    rendition = shown["rendition"]
    goes_on = rendition is None or rendition.is_under_way or request.method == "POST"
    return render(request, "includes/rendition.html", shown, status=200 if goes_on else STOP_POLLING)


def _made(request: PactRequest, kind: str, row: Any, filename: str, *, back: str) -> HttpResponseBase:
    """The file, or the page where it is made."""
    rendition = _rendition(request, kind, row)
    if rendition is None or rendition.state != Rendition.State.READY:
        messages.info(request, _("De PDF is er nog niet. Maak die eerst."))
        return redirect(back)
    return FileResponse(
        rendition.file.open("rb"), as_attachment=True, filename=filename, content_type="application/pdf"
    )
