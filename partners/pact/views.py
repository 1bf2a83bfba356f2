"""The pages of the pact: its text, its frozen versions and their PDF."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pact_portal.foundation.documents import comparison, pages
from pact_portal.foundation.documents import workflow as documents
from pact_portal.foundation.documents.blocks import Document, Picture
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.pages import confirm
from partners.access import not_shown
from partners.pact import pictures, reading, workflow
from partners.pact.forms import ChooseTwoForm
from partners.pact.models import Pact, PactVersion, SectionPicture
from partners.pact.readiness import is_unchanged_since, obstacles
from partners.pact.testimonies import withdrawn_words
from partners.pact.text_views import sections_of
from partners.permissions import PactRequest, Permission, public, requires


@requires(Permission.READ)
@require_safe
def pact_detail(request: PactRequest, pact: str) -> HttpResponse:
    may_edit = request.access.can(Permission.EDIT_PACT)
    versions = list(PactVersion.objects.in_pact(request.pact).defer("content").select_related("frozen_by"))
    sections = list(sections_of(request.pact))
    context = {
        "sections": [section for section in sections if section.removed_at is None],
        "removed": [section for section in sections if section.removed_at] if may_edit else [],
        "versions": versions,
        "newest": versions[0].number if versions else 0,
        "may_edit": may_edit,
    }
    return render(request, "partners/pact/detail.html", context)


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def freeze(request: PactRequest, pact: str) -> HttpResponse:
    """Say what stands in the way and what freezing means (GET); freeze, once confirmed (POST)."""
    here = reverse("partners:pact_freeze", args=[pact])
    if request.method != "POST":
        return render(request, "partners/pact/freeze.html", _before_freezing(request.pact))
    after = request.POST.get("after", "")
    number = int(after) if after.isascii() and after.isdecimal() and len(after) < 9 else None
    page = confirm.ask(
        request,
        title=_("Pacttekst vaststellen"),
        consequence=_freezing((number or 0) + 1),
        button=_("Vaststellen"),
        back=here,
    )
    if page:
        return page
    try:
        version = workflow.freeze(request.pact, by=request.user, after=number)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect(here)
    messages.success(
        request,
        _("Versie %(number)s is vastgesteld. De PDF wordt nu gemaakt en gewaarmerkt.") % {"number": version.number},
    )
    return redirect("partners:pact_version", pact, version.number)


def _before_freezing(pact: Pact) -> dict[str, Any]:
    """What templates/partners/pact/freeze.html shows."""
    newest = PactVersion.objects.in_pact(pact).defer("content").first()
    found = obstacles(pact)
    number = newest.number + 1 if newest else 1
    return {
        "newest": newest,
        "number": number,
        "blocking": [obstacle for obstacle in found if obstacle.blocks],
        "warnings": [obstacle for obstacle in found if not obstacle.blocks],
        "is_unchanged": newest is not None and is_unchanged_since(pact, newest),
        "consequence": _freezing(number),
    }


@requires(Permission.READ)
@require_safe
def compare(request: PactRequest, pact: str) -> HttpResponse:
    """What changed between two frozen versions; without a choice, between the two newest."""
    versions = list(PactVersion.objects.in_pact(request.pact).select_related("frozen_by"))
    context: dict[str, Any] = {"versions": versions}
    status = 200
    if len(versions) > 1:
        choices = [
            (
                version.number,
                _("Versie %(number)s, %(day)s")
                % {"number": version.number, "day": date_format(localtime(version.frozen_at), "j F Y")},
            )
            for version in versions
        ]
        newest = {"from": versions[1].number, "to": versions[0].number}
        asked = "from" in request.GET or "to" in request.GET
        form = ChooseTwoForm(request.GET if asked else newest, choices=choices)
        context["form"] = form
        if form.is_valid():
            by_number = {version.number: version for version in versions}
            older, newer = by_number[form.cleaned_data["from"]], by_number[form.cleaned_data["to"]]
            context |= {
                "older": older,
                "newer": newer,
                "comparison": comparison.compare(Document.from_data(older.content), Document.from_data(newer.content)),
            }
        else:
            status = 404
    return render(request, "partners/pact/compare.html", context, status=status)


@public
@require_safe
def pact_picture(request: PactRequest, pact: str, name: str) -> HttpResponseBase:
    """A picture, called by what is in it: to members any of this pact, to others what stands in a text they may read.

    What is behind a name never changes, so a browser may keep it for a while.
    """
    if not pictures.NAME.fullmatch(name) or not _shows_picture(request, name):
        return not_shown(request)
    sha256, _dot, extension = name.partition(".")
    try:
        file = default_storage.open(pictures.name_of(request.pact.pk, sha256, extension))
    except OSError:
        return not_shown(request)
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return FileResponse(file, filename=name, content_type=pictures.TYPES[extension], headers=headers)


def _shows_picture(request: PactRequest, name: str) -> bool:
    sha256, _dot, extension = name.partition(".")
    stored = pictures.name_of(request.pact.pk, sha256, extension)
    if request.access.is_member:
        return SectionPicture.objects.in_pact(request.pact).filter(file=stored).exists()
    return any(
        isinstance(block, Picture) and block.name == stored
        for version in reading.public_versions(request.pact)
        for block in Document.from_data(version.content).blocks()
    )


@public
@require_safe
def version_detail(request: PactRequest, pact: str, number: int) -> HttpResponseBase:
    """A frozen version as a page; the public reads the version in force, and those that were."""
    version = reading.shown(request, number)
    if version is None:
        return not_shown(request)
    document = Document.from_data(version.content)
    is_member = request.access.is_member
    context = {
        "version": version,
        "document": document,
        "anchors": document.anchors(),
        "withdrawn": withdrawn_words(request.pact),
        "is_member": is_member,
        "may_edit": request.access.can(Permission.EDIT_PACT),
        "deed": version.deeds.filter(number=0).first(),
        "file": reading.file_of(version),
        **_rendition_context(request, version),
    }
    return render(request, "partners/pact/version.html", context)


@requires(Permission.READ)
@require_http_methods(["GET", "POST"])
def version_rendition(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """How far the PDF is (GET, asked every second), or ask for it again (POST)."""
    version = get_object_or_404(PactVersion.objects.in_pact(request.pact).defer("content"), number=number)
    if request.method == "POST":
        documents.request(workflow.KIND, version.pk, by=request.user, pact=request.pact)
    if not request.htmx:
        return redirect("partners:pact_version", pact, number)
    return pages.polled(request, _rendition_context(request, version))


@public
@require_safe
def version_pdf(request: PactRequest, pact: str, number: int) -> HttpResponseBase:
    """The file of a frozen version, under a name that says what it is."""
    version = reading.shown(request, number)
    rendition = reading.rendition_of(version) if version else None
    if rendition is None or rendition.state != Rendition.State.READY:
        return not_shown(request)
    return pages.download(rendition, f"{request.pact.slug}-pact-versie-{number}.pdf")


def _freezing(number: int) -> str:
    return _(
        "De tekst en de tekenbladen worden vastgelegd als versie %(number)s. Die versie verandert nooit meer en kan "
        "niet worden verwijderd. U kunt daarna wel verder werken aan een volgende versie."
    ) % {"number": number}


def _rendition_context(request: PactRequest, version: PactVersion) -> dict[str, Any]:
    place = [request.pact.slug, version.number]
    return pages.context_of(
        reading.rendition_of(version),
        status_url=reverse("partners:pact_version_rendition", args=place),
        download_url=reverse("partners:pact_version_pdf", args=place),
    )
