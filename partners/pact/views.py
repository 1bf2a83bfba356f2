"""The pages of the pact: its text, its frozen versions and their PDF."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.documents import workflow as documents
from pact_portal.foundation.documents.blocks import Document
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.pages import confirm
from pact_portal.foundation.richtext.editing import edit
from partners.access import not_shown
from partners.pact import workflow
from partners.pact.forms import SectionForm
from partners.pact.models import PactSection, PactVersion
from partners.permissions import PactRequest, Permission, public, requires

STOP_POLLING = 286
"""htmx's own status: swap this answer and ask no more."""


@requires(Permission.READ)
@require_safe
def pact_detail(request: PactRequest, pact: str) -> HttpResponse:
    may_edit = request.access.can(Permission.EDIT_PACT)
    versions = list(PactVersion.objects.in_pact(request.pact).defer("content").select_related("frozen_by"))
    context = {
        "sections": PactSection.objects.in_pact(request.pact).select_related("edited_by"),
        "versions": versions,
        "newest": versions[0].number if versions else 0,
        "may_edit": may_edit,
        "obstacles": workflow.obstacles(request.pact) if may_edit else [],
        "consequence": _freezing(versions[0].number + 1 if versions else 1),
    }
    return render(request, "partners/pact/detail.html", context)


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def section_add(request: PactRequest, pact: str) -> HttpResponse:
    form = SectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            section = workflow.add_section(request.pact, title=form.cleaned_data["title"], body="", by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Het onderdeel “%(title)s” is toegevoegd.") % {"title": section})
            return redirect("partners:section_edit", pact, section.pk)
    return render(request, "partners/pact/section_form.html", {"form": form})


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def section_edit(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    """Edit one section: within the page by htmx, on a page of its own without."""
    section = get_object_or_404(PactSection.objects.in_pact(request.pact).select_related("edited_by", "pact"), pk=pk)
    editor = edit(request, section, by=request.user)
    context: dict[str, Any] = {"section": editor.section, "editor": editor, "form": editor.form, "may_edit": True}
    if editor.saved:
        saved = _("“%(title)s” is bewaard om %(time)s.") % {"title": section, "time": date_format(localtime(), "H:i")}
        if request.htmx:
            return render(request, "partners/pact/detail.html#section", context | {"announcement": saved})
        messages.success(request, saved)
        return redirect(f"{reverse('partners:pact_detail', args=[pact])}#section-{section.pk}")
    if request.htmx:
        context["target"] = f"#section-{section.pk}"
        return render(request, "partners/pact/section_edit.html#editor", context)
    return render(request, "partners/pact/section_edit.html", context)


@requires(Permission.EDIT_PACT)
@require_POST
def freeze(request: PactRequest, pact: str) -> HttpResponse:
    after = request.POST.get("after", "")
    number = int(after) if after.isascii() and after.isdecimal() and len(after) < 9 else None
    page = confirm.ask(
        request,
        title=_("Pacttekst vaststellen"),
        consequence=_freezing((number or 0) + 1),
        button=_("Vaststellen"),
        back=reverse("partners:pact_detail", args=[pact]),
    )
    if page:
        return page
    try:
        version = workflow.freeze(request.pact, by=request.user, after=number)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect("partners:pact_detail", pact)
    messages.success(request, _("Versie %(number)s is vastgesteld. De PDF wordt gemaakt.") % {"number": version.number})
    return redirect("partners:pact_version", pact, version.number)


@public
@require_safe
def version_detail(request: PactRequest, pact: str, number: int) -> HttpResponseBase:
    """A frozen version as a page; the public reads the newest of a signed pact."""
    version = _shown(request, number)
    if version is None:
        return not_shown(request)
    document = Document.from_data(version.content)
    is_member = request.access.is_member
    context = {
        "version": version,
        "document": document,
        "anchors": document.anchors(),
        "is_member": is_member,
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
    context = _rendition_context(request, version)
    rendition = context["rendition"]
    status = 200 if rendition is None or rendition.is_under_way or request.method == "POST" else STOP_POLLING
    return render(request, "includes/rendition.html", context, status=status)


@public
@require_safe
def version_pdf(request: PactRequest, pact: str, number: int) -> HttpResponseBase:
    """The file of a frozen version, under a name that says what it is."""
    version = _shown(request, number)
    rendition = _rendition(version) if version else None
    if rendition is None or rendition.state != Rendition.State.READY:
        return not_shown(request)
    return FileResponse(
        rendition.file.open("rb"),
        as_attachment=True,
        filename=f"{request.pact.slug}-pact-versie-{number}.pdf",
        content_type="application/pdf",
    )


def _freezing(number: int) -> str:
    return _(
        "De tekst en de tekenbladen worden vastgelegd als versie %(number)s. Die versie verandert nooit meer en kan "
        "niet worden verwijderd. U kunt daarna wel verder werken aan een volgende versie."
    ) % {"number": number}


def _shown(request: PactRequest, number: int) -> PactVersion | None:
    """The version with this number, when the reader may see it: members all, others the newest of a signed pact."""
    versions = PactVersion.objects.in_pact(request.pact).select_related("frozen_by", "pact")
    if request.access.is_member:
        return versions.filter(number=number).first()
    newest = versions.order_by("-number").first() if request.pact.signed_on else None
    return newest if newest and newest.number == number else None


def _rendition(version: PactVersion) -> Rendition | None:
    return Rendition.objects.in_pact(version.pact_id).filter(kind=workflow.KIND, object_id=version.pk).first()


def _rendition_context(request: PactRequest, version: PactVersion) -> dict[str, Any]:
    """What includes/rendition.html takes."""
    place = [request.pact.slug, version.number]
    return {
        "rendition": _rendition(version),
        "request_url": reverse("partners:pact_version_rendition", args=place),
        "status_url": reverse("partners:pact_version_rendition", args=place),
        "download_url": reverse("partners:pact_version_pdf", args=place),
    }
