"""What there is to read and to fetch: the reader of the PDF, the file of a deed, sheets, scans and evidence."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.documents import pages
from pact_portal.foundation.documents import workflow as documents
from pact_portal.foundation.documents.models import Rendition
from partners.access import not_shown
from partners.pact import reading
from partners.permissions import PactRequest, Permission, public, requires
from partners.signing import evidence, progress
from partners.signing.document import evidence_facts
from partners.signing.models import Deed, Signature, SignaturePlace
from partners.signing.pages import own_place_of, place_of, progress_url, why_closed

EXTENSIONS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


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
        "place": next((place for place in places if not why_closed(place)), None),
        "is_member": request.access.is_member,
    }
    return render(request, "partners/signing/viewer.html", context)


@public
@require_safe
def deed_pdf(request: PactRequest, pact: str, deed: int) -> HttpResponseBase:
    """The file of a deed as it is now, with all signatures; the public gets what is in force, and what was."""
    deeds = Deed.objects.in_pact(request.pact).select_related("version__pact")
    row = deeds.filter(pk=deed).first()
    if row is None or not (request.access.is_member or row.is_public):
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


@requires(Permission.READ)
@require_safe
def sheet(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """How to sign on paper, with the partner's own sheet to print."""
    row = place_of(request, place)
    context = {
        "place": row,
        "fault": why_closed(row),
        "may_record": request.access.can(Permission.EDIT_PACT),
        **_sheet_rendition(request, row),
    }
    return render(request, "partners/signing/sheet.html", context)


@requires(Permission.READ)
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def sheet_rendition(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """How far the sheet is (GET, asked every second), or ask for it (POST)."""
    row = place_of(request, place)
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
    row = place_of(request, place)
    name = f"{request.pact.slug}-tekenblad-versie-{row.deed.version.number}-{row.position}.pdf"
    return _made(request, "sheet", row, name, back=reverse("partners:sheet", args=[pact, row.pk]))


def _sheet_rendition(request: PactRequest, place: SignaturePlace) -> dict[str, Any]:
    return _rendition_context(request, "sheet", place, _("Maak het tekenblad"))


@requires(Permission.EDIT_PACT)
@require_safe
def scan(request: PactRequest, pact: str, place: int) -> HttpResponseBase:
    """The scan of a signature on paper, for the coordinator."""
    return _scan(request, place_of(request, place))


@requires(Permission.SIGN)
@require_safe
def own_scan(request: PactRequest, pact: str, place: int) -> HttpResponseBase:
    """The scan of a signature on paper, for the signatory of the same partner."""
    return _scan(request, own_place_of(request, place))


def _scan(request: PactRequest, place: SignaturePlace) -> HttpResponseBase:
    """The file as an attachment, under a type of the list: a browser never shows or runs it as something else."""
    signature: Signature | None = getattr(place, "signature", None)
    if signature is None or signature.way != Signature.Way.PAPER:
        messages.info(request, _("Van %(partner)s is er geen handtekening op papier.") % {"partner": place})
        return redirect(progress_url(request.pact.slug, place))
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


def _signature(request: PactRequest, pk: int) -> Signature:
    signatures = Signature.objects.in_pact(request.pact).select_related(
        "place__deed__version__pact", "place__partnership__organisation", "revision__certificate", "recorded_by"
    )
    row: Signature = get_object_or_404(signatures, pk=pk)
    return row


def _rendition_context(request: PactRequest, kind: str, row: Any, label: str) -> dict[str, Any]:
    place = [request.pact.slug, row.pk]
    return pages.context_of(
        _rendition(request, kind, row),
        status_url=reverse(f"partners:{kind}_rendition", args=place),
        download_url=reverse(f"partners:{kind}_pdf", args=place),
        label=label,
    )


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
    return pages.polled(request, context())


def _made(request: PactRequest, kind: str, row: Any, filename: str, *, back: str) -> HttpResponseBase:
    """The file, or the page where it is made."""
    rendition = _rendition(request, kind, row)
    if rendition is None or rendition.state != Rendition.State.READY:
        messages.info(request, _("De PDF is er nog niet. Maak die eerst."))
        return redirect(back)
    return pages.download(rendition, filename)
