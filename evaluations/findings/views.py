"""The pages of findings and adjustments."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluations.findings import workflow
from evaluations.findings.forms import AdjustmentForm, ChoiceForm, CloseForm, FindingForm
from evaluations.findings.models import STOP, Adjustment, Finding
from evaluations.findings.values import in_words, is_rich, label_of
from evaluations.series.models import Evaluation
from pact_portal.foundation.pages import confirm
from partners.permissions import PactRequest, Permission, requires
from plan.chain import chain, codes
from plan.decisions.models import ProposalItem

LONGEST_KEY = 18
"""Digits: everything shorter fits the key of a row."""


def _report(pact: str, evaluation_pk: int) -> str:
    """The findings on the page of an evaluation."""
    return f"{reverse('evaluations:evaluation_detail', args=[pact, evaluation_pk])}#bevindingen"


@requires(Permission.MANAGE_EVALUATIONS)
@require_http_methods(["GET", "POST"])
def finding_add(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    evaluation = get_object_or_404(Evaluation.objects.in_pact(request.pact).select_related("series__pact"), pk=pk)
    if evaluation.state not in Evaluation.REPORTED:
        messages.warning(request, _("Bevindingen legt u vast zodra de evaluatie gesloten is en het verslag er is."))
        return redirect("evaluations:evaluation_detail", pact, pk)
    form = FindingForm(request.POST or None, pact=request.pact)
    if request.method == "POST" and form.is_valid():
        text, measure = form.cleaned_data["text"], form.cleaned_data["measure"]
        try:
            _finding, made = workflow.record(evaluation, text=text, measure=measure, by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            done, same = _("De bevinding is vastgelegd."), _("Deze bevinding stond er al.")
            messages.success(request, done if made else same)
            return redirect(_report(pact, pk))
    return render(request, "evaluations/findings/add.html", {"form": form, "evaluation": evaluation})


@requires(Permission.MANAGE_EVALUATIONS)
@require_http_methods(["GET", "POST"])
def finding_close(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    findings = Finding.objects.in_pact(request.pact).select_related("evaluation__series__pact", "measure")
    finding = get_object_or_404(findings, pk=pk)
    back = _report(pact, finding.evaluation_id)
    if finding.closed_at is not None:
        messages.info(request, _("Deze bevinding is al gesloten."))
        return redirect(back)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            closed = workflow.close(finding, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            done, before = _("De bevinding is gesloten."), _("Deze bevinding is al gesloten.")
            messages.success(request, done if closed else before)
            return redirect(back)
    return render(request, "evaluations/findings/close.html", {"form": form, "finding": finding, "back": back})


@requires(Permission.MANAGE_EVALUATIONS)
@require_http_methods(["GET", "POST"])
def adjustment_new(request: PactRequest, pact: str) -> HttpResponse:
    """Two steps, both in the address: which measure and what of it (?measure=, ?field=), then the new value."""
    finding = _asked_finding(request)
    asked = {name: request.GET.get(name, "") for name in ("measure", "field")}
    if finding is not None and finding.measure and not asked["measure"]:
        asked["measure"] = str(finding.measure.number)
    choice = ChoiceForm(
        asked if "field" in request.GET else None,
        pact=request.pact,
        initial=asked,
        # What was typed is kept when the measure was stopped meanwhile: the workflow says so on the filled form.
        takes_any_state=request.method == "POST",
    )
    if not choice.is_valid():
        return render(request, "evaluations/findings/choose.html", {"form": choice, "finding": finding})
    measure, field = choice.cleaned_data["measure"], choice.cleaned_data["field"]
    form = AdjustmentForm(request.POST or None, measure=measure, field=field)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            adjustment, made = workflow.propose(
                measure,
                field=field,
                after=values.get("after"),
                reason=values["reason"],
                finding=finding,
                seen=values["seen"],
                by=request.user,
            )
        except ValidationError as fault:
            form.take(fault)
            measure.refresh_from_db()
            form.show_anew(measure, field)
        else:
            done = _(
                "Bijstelling %(code)s is voorgesteld. Breng die nu in een voorstel, dan kan erover worden besloten."
            )
            same = _("Deze bijstelling stond er al: %(code)s.")
            messages.success(request, (done if made else same) % {"code": adjustment.code})
            return redirect("evaluations:adjustment_detail", pact, adjustment.number)
    context = {
        "form": form,
        "finding": finding,
        "measure": measure,
        "field": label_of(field),
        "stops": field == STOP,
        "before": _value(field, workflow.present(measure, field)),
        "back": f"{request.path}?measure={measure.number}{f'&finding={finding.pk}' if finding else ''}",
    }
    return render(request, "evaluations/findings/new.html", context)


def _asked_finding(request: PactRequest) -> Finding | None:
    """The finding in the address (?finding=pk); an unknown one is none."""
    text = request.GET.get("finding", "")
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY):
        return None
    findings = Finding.objects.in_pact(request.pact).select_related("evaluation__series", "measure")
    found: Finding | None = findings.filter(pk=text).first()
    return found


def _value(field: str, text: str) -> dict[str, Any]:
    """A kept value for the template: rich text as HTML, everything else in words."""
    return {"rich": text} if is_rich(field) and text else {"text": in_words(field, text)}


@requires(Permission.READ)
@require_GET
def adjustment_detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    adjustment = _fetch(request, number)
    undecided = adjustment.state == Adjustment.State.PROPOSED
    now = workflow.present(adjustment.measure, adjustment.field)
    context = {
        "adjustment": adjustment,
        "field": label_of(adjustment.field),
        "before": _value(adjustment.field, adjustment.before),
        "after": _value(adjustment.field, adjustment.after),
        # What was changed in another way since it was proposed.
        "now": _value(adjustment.field, now) if undecided and now != adjustment.before else None,
        "problem": workflow.refusal(adjustment.measure) if undecided else "",
        "decision_url": codes.page_of(pact, adjustment.decision),
        "proposal": _proposal(request, adjustment) if undecided else None,
        "is_undecided": undecided,
        "may_manage": request.access.can(Permission.MANAGE_EVALUATIONS),
        "may_propose": request.access.can(Permission.KEEP_DECISIONS),
        "chain": chain.of(adjustment),
    }
    return render(request, "evaluations/findings/adjustment.html", context)


def _fetch(request: PactRequest, number: int) -> Adjustment:
    rows = Adjustment.objects.in_pact(request.pact).select_related(
        "pact", "measure__lead__organisation", "finding__evaluation__series", "created_by"
    )
    return get_object_or_404(rows, number=number)


def _proposal(request: PactRequest, adjustment: Adjustment) -> dict[str, str] | None:
    """The proposal in which it stands now; one that was never put on the route only for those who write it."""
    items = ProposalItem.objects.in_pact(request.pact).filter(kind=workflow.KIND, object_id=adjustment.pk, is_open=True)
    if not request.access.can(Permission.KEEP_DECISIONS):
        items = items.filter(proposal__submitted_at__isnull=False)
    item = items.select_related("proposal").first()
    if item is None:
        return None
    return {"name": str(item.proposal), "url": codes.page_of(request.pact.slug, item.proposal.code)}


@requires(Permission.MANAGE_EVALUATIONS)
@require_POST
def adjustment_withdraw(request: PactRequest, pact: str, number: int) -> HttpResponse:
    adjustment = _fetch(request, number)
    page = confirm.ask(
        request,
        title=_("Bijstelling %(code)s intrekken") % {"code": adjustment.code},
        consequence=_("Er wordt dan niet over besloten. De bijstelling blijft te lezen."),
        button=_("Intrekken"),
        back=request.path.removesuffix("withdraw/"),
        danger=True,
    )
    if page:
        return page
    try:
        withdrawn = workflow.withdraw(adjustment, by=request.user)
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    else:
        done, before = _("Bijstelling %(code)s is ingetrokken."), _("Bijstelling %(code)s was al ingetrokken.")
        messages.success(request, (done if withdrawn else before) % {"code": adjustment.code})
    return redirect("evaluations:adjustment_detail", pact, number)
