"""The pages of the language mirror: what it is, its list, and its answer to what somebody is writing."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pact_portal.foundation.pages import confirm
from pact_portal.foundation.privacy.guard import find, plain
from pact_portal.foundation.privacy.wording import BSN_FAULT, named
from pact_portal.foundation.richtext.allowlist import clean
from partners.permissions import PactRequest, Permission, requires
from partners.wording import advice, workflow
from partners.wording.forms import MirrorTermForm
from partners.wording.models import MirrorTerm


@requires(Permission.READ)
@require_safe
def mirror_terms(request: PactRequest, pact: str) -> HttpResponse:
    context = {
        "terms": MirrorTerm.objects.in_pact(request.pact),
        "may_manage": request.access.can(Permission.MANAGE_PARTNERS),
    }
    return render(request, "partners/wording/list.html", context)


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def mirror_term_new(request: PactRequest, pact: str) -> HttpResponse:
    form = MirrorTermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = workflow.add(request.pact, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("“%(term)s” staat op de lijst.") % {"term": row.term})
            return redirect("partners:mirror_terms", pact)
    return render(request, "partners/wording/form.html", {"form": form})


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def mirror_term_edit(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    row = _row(request, pk)
    form = MirrorTermForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            row = workflow.change(row, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("“%(term)s” is bewaard.") % {"term": row.term})
            return redirect("partners:mirror_terms", pact)
    return render(request, "partners/wording/form.html", {"form": form, "term": row})


@requires(Permission.MANAGE_PARTNERS)
@require_POST
def mirror_term_remove(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    row = MirrorTerm.objects.in_pact(request.pact).select_related("pact").filter(pk=pk).first()
    if row is None:
        if MirrorTerm.objects.across_pacts().filter(pk=pk).exists():
            raise Http404(_("Deze pagina bestaat niet."))
        messages.info(request, _("Dit woord staat niet meer op de lijst."))
        return redirect("partners:mirror_terms", pact)
    page = confirm.ask(
        request,
        title=_("Van de lijst halen"),
        consequence=_("De taalspiegel wijst niet meer op “%(term)s”.") % {"term": row.term},
        button=_("Van de lijst halen"),
        back=reverse("partners:mirror_terms", args=[pact]),
        danger=True,
    )
    if page:
        return page
    workflow.remove(row, by=request.user)
    messages.success(request, _("“%(term)s” staat niet meer op de lijst.") % {"term": row.term})
    return redirect("partners:mirror_terms", pact)


@requires(Permission.MANAGE_PARTNERS)
@require_POST
def mirror_defaults(request: PactRequest, pact: str) -> HttpResponse:
    added = workflow.install_defaults(request.pact, by=request.user)
    if added:
        sentence = ngettext("Er is %(words)s woord bij gekomen.", "Er zijn %(words)s woorden bij gekomen.", added)
        messages.success(request, sentence % {"words": added})
    else:
        messages.info(request, _("De hele standaardlijst staat er al op."))
    return redirect("partners:mirror_terms", pact)


@sensitive_post_parameters("text")
@never_cache
@requires(Permission.READ)
@require_POST
def mirror_check(request: PactRequest, pact: str) -> HttpResponse:
    """What mirror and guard say of the text that is being written, as a piece of HTML. Keeps nothing."""
    text = request.POST.get("text", "")
    is_cut = len(text) > advice.LONGEST
    text = text[: advice.LONGEST]
    if request.POST.get("kind") == "rich":
        # The pieces of a tag without an end are no text of the writer.
        text = plain(clean(text))
    findings = find(text, today=timezone.localdate())
    context = {
        "advice": advice.of(request.pact, [text]),
        "has_bsn": any(each.kind == "bsn" for each in findings),
        "bsn_fault": BSN_FAULT,
        "personal": named(others) if (others := [each for each in findings if each.kind != "bsn"]) else "",
        "is_cut": is_cut,
    }
    return render(request, "partners/wording/check.html", context)


def _row(request: PactRequest, pk: int) -> MirrorTerm:
    rows = MirrorTerm.objects.in_pact(request.pact).select_related("pact")
    row: MirrorTerm = get_object_or_404(rows, pk=pk)
    return row
