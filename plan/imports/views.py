"""The pages of bringing rows in from a spreadsheet and taking them out, for every register that is in kinds.py."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from pact_portal.foundation.pages.polling import STOP_POLLING
from pact_portal.foundation.spreadsheets import writing
from partners.permissions import PactRequest, Permission, requires
from plan.imports import exporting, workflow
from plan.imports.forms import ImportForm
from plan.imports.kinds import Kind, kind_of
from plan.imports.models import Import

State = Import.State


def _kind(name: str) -> Kind:
    kind = kind_of(name)
    if kind is None:
        raise Http404(_("Deze pagina bestaat niet."))
    return kind


def _fetch(request: PactRequest, pk: int) -> tuple[Import, Kind]:
    """The reader's own import, or any of the pact for who curates it."""
    rows = Import.objects.in_pact(request.pact).select_related("uploaded_by")
    if not request.access.can(Permission.CURATE_QUESTIONS):
        rows = rows.filter(uploaded_by=request.user)
    row = get_object_or_404(rows, pk=pk)
    return row, _kind(row.kind)


def _form(request: PactRequest) -> str:
    """The kind of file that is asked for; what is not known gives xlsx."""
    form = request.GET.get("format", "")
    return form if form in writing.FORMATS else writing.FORMATS[0]


@requires(Permission.IMPORT_ROWS)
@require_http_methods(["GET", "POST"])
def new(request: PactRequest, pact: str, kind: str) -> HttpResponse:
    register = _kind(kind)
    if not request.access.can(register.permission):
        raise PermissionDenied
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        uploaded: Any = request.FILES["file"]
        name = "".join(sign for sign in uploaded.name if sign.isprintable()) or _("bestand")
        row = workflow.upload(
            request.pact, kind=register, file=form.cleaned_data["file"], filename=name, by=request.user
        )
        return redirect("plan:import_detail", pact, row.pk)
    earlier = Import.objects.in_pact(request.pact).filter(kind=kind, uploaded_by=request.user)[:5]
    return render(request, "plan/imports/new.html", {"form": form, "kind": register, "earlier": earlier})


@requires(Permission.IMPORT_ROWS)
@require_GET
@vary_on_headers("HX-Request")
def detail(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    """The import with how far it is; htmx asks for that part every second until there is something to decide."""
    row, kind = _fetch(request, pk)
    context = {"import": row, "kind": kind, "is_under_way": row.state in (State.WAITING, State.CONFIRMED)}
    if not request.htmx:
        return render(request, "plan/imports/detail.html", context)
    status = 200 if context["is_under_way"] else STOP_POLLING
    return render(request, "plan/imports/detail.html#outcome", context, status=status)


@requires(Permission.IMPORT_ROWS)
@require_POST
def apply(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    row, kind = _fetch(request, pk)
    if not request.access.can(kind.permission):
        raise PermissionDenied
    back = request.path.removesuffix("apply/")
    page = row.state == State.READY and confirm.ask(
        request,
        title=_("Rijen uit %(file)s overnemen") % {"file": row.filename},
        consequence=_("Alle rijen komen in het portaal, en iedereen in het pact kan ze lezen."),
        button=_("Overnemen"),
        back=back,
    )
    if page:
        return page
    try:
        workflow.confirm(row, by=request.user, has_looked="looked" in request.POST)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    return redirect(back)


@requires(Permission.IMPORT_ROWS)
@require_POST
def cancel(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    row, _kind_of_row = _fetch(request, pk)
    try:
        workflow.cancel(row, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, _("De import is geannuleerd. Er is niets overgenomen."))
    return redirect("plan:import_detail", pact, pk)


@requires(Permission.IMPORT_ROWS)
@require_GET
def template(request: PactRequest, pact: str, kind: str) -> HttpResponse:
    """The empty file to fill in, with what may stand in each column."""
    register = _kind(kind)
    if not request.access.can(register.permission):
        raise PermissionDenied
    form = _form(request)
    content = exporting.template_of(register, request, form=form)
    return writing.answer(content, form=form, name=f"{request.pact.slug} {register.sheet} voorbeeld")


@requires(Permission.READ)
@require_GET
def export(request: PactRequest, pact: str, kind: str) -> HttpResponse:
    """The rows that the reader sees with the filters of the list, as a file."""
    register, form = _kind(kind), _form(request)
    content = exporting.export_of(register, request, form=form)
    return writing.answer(content, form=form, name=writing.name_of(request.pact.slug, register.sheet))
