"""The pages of measures: list, propose, read, decide."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from partners.permissions import PactRequest, Permission, requires
from plan.chain import chain
from plan.measures import beside, workflow
from plan.measures.forms import DecisionForm, MeasureFilter, MeasureForm
from plan.measures.models import Measure, MeasureQuerySet
from plan.questions.models import SupportQuestion

PER_PAGE = 25


def _fetch(request: PactRequest, number: int) -> Measure:
    measures = Measure.objects.in_pact(request.pact).with_funding()
    measures = measures.select_related("pact", "lead__organisation", "proposed_by")
    return get_object_or_404(measures.prefetch_related("areas", "executing__organisation"), number=number)


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
    return render(request, "plan/measures/propose.html", {"form": form})


def _asked_questions(request: PactRequest) -> list[SupportQuestion]:
    """The questions that the address chooses beforehand: ?question=3. What is unknown chooses nothing."""
    asked = [text for text in request.GET.getlist("question") if text.isascii() and text.isdigit() and len(text) <= 8]
    return list(SupportQuestion.objects.in_pact(request.pact).accepted().filter(number__in=asked)) if asked else []


@requires(Permission.READ)
@require_GET
def detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    measure = _fetch(request, number)
    return _page(request, measure, DecisionForm(measure=measure))


def _page(request: PactRequest, measure: Measure, form: DecisionForm) -> HttpResponse:
    context = {
        "measure": measure,
        "chain": chain.of(measure),
        "allocations": measure.allocations.select_related("package_year__package"),
        "missing": max(measure.budget - measure.funded, Decimal(0)),
        "surplus": max(measure.funded - measure.budget, Decimal(0)),
        "may_decide": request.access.can(Permission.KEEP_DECISIONS) and measure.state in workflow.MOVES,
        "may_fund": request.access.can(Permission.KEEP_FUNDING)
        and measure.state not in (Measure.State.REJECTED, Measure.State.STOPPED),
        "form": form,
        **beside.context_of(request, measure),
    }
    return render(request, "plan/measures/detail.html", context)


@requires(Permission.KEEP_DECISIONS)
@require_POST
def decide(request: PactRequest, pact: str, number: int) -> HttpResponse:
    measure = _fetch(request, number)
    form = DecisionForm(request.POST, measure=measure)
    if not form.is_valid():
        return _page(request, measure, form)
    outcome = form.cleaned_data["outcome"]
    page = confirm.ask(
        request,
        title=_("Besluit over maatregel %(code)s") % {"code": measure.code},
        consequence=_("De maatregel wordt %(outcome)s. Dat komt in het plan en in het logboek te staan.")
        % {"outcome": outcome.label},
        button=_("Besluit vastleggen"),
        back=request.path.removesuffix("decide/"),
    )
    if page:
        return page
    try:
        workflow.decide(measure, by=request.user, **form.cleaned_data)
    except ValidationError as fault:
        form.take(fault)
        return _page(request, _fetch(request, number), form)
    messages.success(
        request,
        _("Het besluit is vastgelegd: maatregel %(code)s is %(outcome)s.")
        % {"code": measure.code, "outcome": outcome.label},
    )
    return redirect("plan:measure_detail", pact, number)
