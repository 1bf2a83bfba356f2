"""The pages of the plan: edit its six texts, read it whole, freeze it, and find its versions again."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.pages.polling import STOP_POLLING
from pact_portal.foundation.richtext.editing import Editor, edit
from partners.permissions import PactRequest, Permission, requires
from partners.wording import advice
from plan.chain import chain, codes
from plan.decisions.models import ProposalItem
from plan.document import adoption, workflow
from plan.document.compile import compile_plan
from plan.document.forms import FreezeForm
from plan.document.live import Line, lines_of
from plan.document.models import Component, PlanSection, PlanVersion


def _card(
    request: PactRequest, section: PlanSection, lines: dict[Component, list[Line]] | None = None, **context: Any
) -> dict[str, Any]:
    """What templates/plan/document/section.html shows of one component."""
    component = Component(section.component)
    return {
        "section": section,
        "slug": component.name.lower(),
        "lines": (lines or lines_of(request.pact))[component],
        "may_edit": request.access.can(Permission.EDIT_PLAN),
        **context,
    }


def _section(request: PactRequest, slug: str) -> PlanSection:
    """The section of the component that an address names by its code, such as "funding"."""
    for section in workflow.sections_of(request.pact):
        if Component(section.component).name.lower() == slug:
            return section
    raise Http404(_("Dit onderdeel heeft het plan niet."))


@requires(Permission.READ)
@require_GET
def editor(request: PactRequest, pact: str) -> HttpResponse:
    lines = lines_of(request.pact)
    context = {
        "cards": [_card(request, section, lines) for section in workflow.sections_of(request.pact)],
        "newest": PlanVersion.objects.in_pact(request.pact).defer("content").first(),
        "in_force": _in_force(request),
        "may_edit": request.access.can(Permission.EDIT_PLAN),
    }
    return render(request, "plan/document/editor.html", context)


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def section(request: PactRequest, pact: str, component: str) -> HttpResponse:
    """One component to read: what "Annuleren" puts back in place of the editor."""
    card = _card(request, _section(request, component))
    if request.htmx:
        return render(request, "plan/document/section.html", {"card": card, "arrives": True})
    return redirect(_place(pact, component))


@requires(Permission.EDIT_PLAN)
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def section_edit(request: PactRequest, pact: str, component: str) -> HttpResponse:
    """One component in the editor: in its place on the page by htmx, or as a page of its own."""
    section = _section(request, component)
    editing = edit(request, section, by=request.user)
    if editing.saved:
        return _saved(request, pact, component, editing)
    card = _card(request, section, editor=editing)
    template = "plan/document/section.html" if request.htmx else "plan/document/edit.html"
    return render(request, template, {"card": card, "form": editing.form, "arrives": True})


def _saved(request: PactRequest, pact: str, component: str, editing: Editor) -> HttpResponse:
    words = advice.of(request.pact, [], rich=[editing.section.body])
    if request.htmx:
        card = _card(request, _section(request, component), saved=True, advice=words)
        return render(request, "plan/document/section.html", {"card": card, "arrives": True})
    messages.success(request, _("“%(section)s” is bewaard.") % {"section": editing.section})
    if words:
        messages.info(request, advice.in_words(words))
    return redirect(_place(pact, component))


@requires(Permission.EDIT_PLAN)
@require_POST
def section_autosave(request: PactRequest, pact: str, component: str) -> HttpResponse:
    """Save what is being typed, and answer with the line below the editor; the writer goes on typing.

    On a stale base nothing is saved and nothing is overwritten: the line says that saving will show both texts.
    """
    editing = edit(request, _section(request, component), by=request.user)
    status = 200 if editing.saved else 422
    return render(request, "plan/document/autosaved.html", {"editor": editing}, status=status)


def _place(pact: str, component: str) -> str:
    """The address of one component on the page of the editor."""
    return f"{reverse('plan:plan', kwargs={'pact': pact})}#{component}"


@requires(Permission.READ)
@require_GET
def preview(request: PactRequest, pact: str) -> HttpResponse:
    """The whole plan as it would be frozen now."""
    newest = PlanVersion.objects.in_pact(request.pact).defer("content").first()
    document = compile_plan(request.pact, number=newest.number + 1 if newest else 1, label="", frozen_at=timezone.now())
    context = {
        "document": document,
        "anchors": document.anchors(),
        "may_edit": request.access.can(Permission.EDIT_PLAN),
    }
    return render(request, "plan/document/preview.html", context)


@requires(Permission.EDIT_PLAN)
@require_http_methods(["GET", "POST"])
def freeze(request: PactRequest, pact: str) -> HttpResponse:
    """State what freezing means, ask for a name, and freeze."""
    form = FreezeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            version = workflow.freeze(request.pact, by=request.user, label=form.cleaned_data["label"])
        except workflow.Unchanged as unchanged:
            messages.warning(request, unchanged.messages[0])
            return redirect("plan:version_detail", pact=pact, number=unchanged.version.number)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(
                request, _("Versie %(number)s is bevroren. De PDF wordt nu gemaakt.") % {"number": version.number}
            )
            return redirect("plan:version_detail", pact=pact, number=version.number)
    newest = PlanVersion.objects.in_pact(request.pact).defer("content").first()
    context = {"form": form, "newest": newest, "next": newest.number + 1 if newest else 1}
    return render(request, "plan/document/freeze.html", context)


@requires(Permission.READ)
@require_GET
def version_list(request: PactRequest, pact: str) -> HttpResponse:
    versions = list(PlanVersion.objects.in_pact(request.pact).defer("content").select_related("frozen_by"))
    renditions = adoption.renditions_of(versions)
    context = {
        "rows": [
            (version, renditions.get(version.pk), codes.page_of(pact, version.decision) if version.decision else "")
            for version in versions
        ],
        "in_force": next((version for version in versions if version.state == PlanVersion.State.ADOPTED), None),
        "may_edit": request.access.can(Permission.EDIT_PLAN),
    }
    return render(request, "plan/document/versions.html", context)


def _version(request: PactRequest, number: int) -> PlanVersion:
    versions = PlanVersion.objects.in_pact(request.pact).select_related("frozen_by", "pact")
    return get_object_or_404(versions, number=number)


def _rendition(version: PlanVersion) -> Rendition | None:
    return adoption.renditions_of([version]).get(version.pk)


@requires(Permission.READ)
@require_GET
def version_detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """A frozen version, read from its content alone, with who adopted it."""
    version = _version(request, number)
    document = adoption.document_of(version)
    context = {
        "version": version,
        "document": document,
        "anchors": document.anchors(),
        "rendition": _rendition(version),
        "newer": _in_force(request) if version.state == PlanVersion.State.SUPERSEDED else None,
        "decision_url": codes.page_of(pact, version.decision) if version.decision else "",
        "may_propose": _may_propose(request, version),
        "chain": chain.of(version),
    }
    return render(request, "plan/document/version.html", context)


def _in_force(request: PactRequest) -> PlanVersion | None:
    """The version that is in force, without its content."""
    rows = PlanVersion.objects.in_pact(request.pact).defer("content").filter(state=PlanVersion.State.ADOPTED)
    found: PlanVersion | None = rows.first()
    return found


def _may_propose(request: PactRequest, version: PlanVersion) -> bool:
    """Whether the reader can put this version in a proposal: it can be adopted, and stands in none yet."""
    if not request.access.can(Permission.KEEP_DECISIONS) or version.state not in adoption.ADOPTABLE:
        return False
    in_force = _in_force(request)
    if in_force is not None and in_force.number > version.number:
        return False
    items = ProposalItem.objects.in_pact(request.pact).filter(kind=adoption.PLAN_VERSION.name, object_id=version.pk)
    return not items.filter(is_open=True).exists()


@requires(Permission.READ)
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def version_rendition(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """How far the PDF is (GET, polled by htmx), or ask for it again (POST)."""
    version = _version(request, number)
    if request.method == "POST":
        workflow.ask_for_pdf(version, by=request.user)
    if not request.htmx:
        return redirect("plan:version_detail", pact=pact, number=number)
    rendition = _rendition(version)
    done = request.method == "GET" and (rendition is None or not rendition.is_under_way)
    context = {"version": version, "rendition": rendition}
    return render(request, "plan/document/version_rendition.html", context, status=STOP_POLLING if done else 200)


@requires(Permission.READ)
@require_GET
def version_pdf(request: PactRequest, pact: str, number: int) -> HttpResponseBase:
    """The file, once it is ready; before that back to the version, which shows how far it is."""
    rendition = _rendition(_version(request, number))
    if rendition is None or rendition.state != Rendition.State.READY:
        messages.warning(request, _("De PDF van deze versie is nog niet klaar. Hieronder ziet u hoe ver het is."))
        return redirect("plan:version_detail", pact=pact, number=number)
    return FileResponse(
        rendition.file.open("rb"),
        as_attachment=True,
        filename=f"uitvoeringsplan-{pact}-v{number}.pdf",
        content_type="application/pdf",
    )
