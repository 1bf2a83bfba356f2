"""The pages of measures: list, propose, edit, read, start and finish. Those of indicators: indicator_views.py."""

from collections.abc import Callable
from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from partners.permissions import PactRequest, Permission, requires
from plan.chain import chain
from plan.chain.codes import page_of
from plan.measures import beside, indicators, workflow
from plan.measures.aims import rhythm_of, sentence_of
from plan.measures.forms import MeasureFilter, MeasureForm
from plan.measures.models import Measure, MeasureQuerySet
from plan.measures.weighing import Hindrance, hindrances
from plan.questions.models import SupportQuestion

PER_PAGE = 25
DECIDED = (Measure.State.APPROVED, Measure.State.REJECTED, Measure.State.DEFERRED, Measure.State.STOPPED)
"""States that a decision brings about: its day and reason stand above the page."""


def fetch(request: PactRequest, number: int) -> Measure:
    """The measure of this pact with what its pages show. Raises Http404 when there is none with this number."""
    measures = Measure.objects.in_pact(request.pact).with_funding()
    measures = measures.select_related("pact", "lead__organisation", "proposed_by")
    return get_object_or_404(measures.prefetch_related("areas", "executing__organisation"), number=number)


def fetch_to_change(request: PactRequest, number: int) -> Measure:
    """The same, for who may propose for its lead. Raises PermissionDenied for others."""
    measure = fetch(request, number)
    if not request.access.can(Permission.PROPOSE_MEASURE, measure.lead_id):
        raise PermissionDenied
    return measure


def _totals(measures: MeasureQuerySet) -> dict[str, Decimal]:
    """What the measures cost together, and how much of that is there, in euros."""
    budget = measures.aggregate(total=Sum("budget", default=Decimal(0)))["total"]
    # By the measures with money only, so that no sum counts a row of another twice.
    funded = measures.with_funding().aggregate(total=Sum("funded", default=Decimal(0)))["total"]
    return {"budget": budget, "funded": funded, "missing": max(budget - funded, Decimal(0))}


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def measure_list(request: PactRequest, pact: str) -> HttpResponse:
    measures = Measure.objects.in_pact(request.pact)
    found = MeasureFilter(request.GET, measures, request=request, pact=request.pact)
    chosen = measures.filter(pk__in=found.qs.order_by().values("pk"))
    rows = (
        chosen.with_funding()
        .select_related("lead__organisation")
        .prefetch_related("areas", "questions")
        .order_by("number")
    )
    context = {
        "filter": found,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "totals": _totals(chosen),
        "may_propose": request.access.can(Permission.PROPOSE_MEASURE),
        "is_filtered": any(value for name, value in request.GET.items() if name != "page"),
    }
    return render(request, f"plan/measures/list.html{'#rows' if request.htmx else ''}", context)


@requires(Permission.PROPOSE_MEASURE)
@require_http_methods(["GET", "POST"])
def propose(request: PactRequest, pact: str) -> HttpResponse:
    leads = list(request.access.partnerships_for(Permission.PROPOSE_MEASURE))
    own = [partnership for partnership in request.access.partnerships if partnership in leads]
    form = MeasureForm(
        request.POST or None,
        pact=request.pact,
        leads=leads,
        initial={"lead": next(iter(own), None), "questions": _asked_questions(request)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            measure = workflow.propose(request.pact, by=request.user, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Maatregel %(code)s is voorgesteld.") % {"code": measure.code})
            return redirect("plan:measure_detail", pact, measure.number)
    return render(request, "plan/measures/form.html", {"form": form, "hindrances": _hindrances(request, form)})


def _asked_questions(request: PactRequest) -> list[SupportQuestion]:
    """The questions that the address chooses beforehand: ?question=3. What is unknown chooses nothing."""
    asked = [text for text in request.GET.getlist("question") if text.isascii() and text.isdigit() and len(text) <= 8]
    return list(SupportQuestion.objects.in_pact(request.pact).accepted().filter(number__in=asked)) if asked else []


def _hindrances(request: PactRequest, form: MeasureForm) -> list[Hindrance]:
    """When something new was refused because of what exists: the questions and programmes that stand in its way."""
    is_new = form.is_bound and form.data.get("kind") == Measure.Kind.START
    if not is_new or not form.has_error("kind") or "questions" not in form.cleaned_data:
        return []
    return hindrances(request.pact, form.cleaned_data["questions"])


@requires(Permission.PROPOSE_MEASURE)
@require_http_methods(["GET", "POST"])
def edit(request: PactRequest, pact: str, number: int) -> HttpResponse:
    measure = fetch_to_change(request, number)
    title = str(measure)
    if request.method == "GET" and measure.state not in workflow.OPEN_TO_REVISION:
        messages.info(request, workflow.why_not_revised(measure))
        return redirect("plan:measure_detail", pact, number)
    leads = request.access.partnerships_for(Permission.PROPOSE_MEASURE)
    form = MeasureForm(request.POST or None, instance=measure, pact=request.pact, leads=leads)
    if request.method == "POST" and form.is_valid():
        try:
            workflow.revise(measure, by=request.user, seen=form.cleaned_data["seen"], **form.values())
        except ValidationError as fault:
            measure = fetch(request, number)
            form.take_for(fault, measure, workflow.mark_of(measure))
        else:
            messages.success(request, _("Maatregel %(code)s is bewaard.") % {"code": measure.code})
            return redirect("plan:measure_detail", pact, number)
    context = {"form": form, "measure": measure, "title": title, "hindrances": _hindrances(request, form)}
    return render(request, "plan/measures/form.html", context)


@requires(Permission.READ)
@require_GET
def detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    measure = fetch(request, number)
    may_write = request.access.can(Permission.PROPOSE_MEASURE, measure.lead_id)
    changes = measure.changes.select_related("by").order_by("pk")
    context = {
        "measure": measure,
        "chain": chain.of(measure),
        "timeline": [(change, page_of(pact, change.decision)) for change in changes],
        "indicators": [(each, sentence_of(each), rhythm_of(each)) for each in measure.indicators.order_by("pk")],
        "may_edit": may_write and measure.state in workflow.OPEN_TO_REVISION,
        "may_start": may_write and measure.state in workflow.MOVES["start"],
        "may_finish": may_write and measure.state in workflow.MOVES["finish"],
        "may_measure": may_write and measure.state not in indicators.SETTLED,
        "holds_indicators": measure.state in indicators.DECIDED,
        "is_decided": measure.state in DECIDED,
        **beside.context_of(request, measure),
    }
    return render(request, "plan/measures/detail.html", context)


@requires(Permission.PROPOSE_MEASURE)
@require_POST
def start(request: PactRequest, pact: str, number: int) -> HttpResponse:
    return _carry(
        request,
        fetch_to_change(request, number),
        workflow.start,
        Measure.State.RUNNING,
        title=_("Uitvoering van maatregel %(code)s starten"),
        consequence=_("De maatregel staat vanaf vandaag op “in uitvoering”."),
        button=_("Uitvoering starten"),
    )


@requires(Permission.PROPOSE_MEASURE)
@require_POST
def finish(request: PactRequest, pact: str, number: int) -> HttpResponse:
    return _carry(
        request,
        fetch_to_change(request, number),
        workflow.finish,
        Measure.State.FINISHED,
        title=_("Maatregel %(code)s afronden"),
        consequence=_("De maatregel staat vanaf vandaag op “afgerond”. Dat is niet terug te draaien."),
        button=_("Afronden"),
    )


def _carry(
    request: PactRequest,
    measure: Measure,
    act: Callable[..., Measure],
    to: Measure.State,
    *,
    title: str,
    consequence: str,
    button: str,
) -> HttpResponse:
    """Start or finish it, after asking once; a second click finds it done."""
    back = reverse("plan:measure_detail", args=[request.pact.slug, measure.number])
    words = {"code": measure.code, "state": to.label}
    if measure.state == to:
        messages.info(request, _("Maatregel %(code)s is al %(state)s.") % words)
        return redirect(back)
    page = confirm.ask(request, title=title % words, consequence=consequence, button=button, back=back)
    if page:
        return page
    try:
        act(measure, by=request.user)
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    else:
        messages.success(request, _("Maatregel %(code)s is nu %(state)s.") % words)
    return redirect(back)
