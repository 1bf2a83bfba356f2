"""The pages of indicators: add, change and remove, from the page of their measure."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pact_portal.foundation.pages import confirm
from partners.permissions import PactRequest, Permission, requires
from plan.measures import indicators
from plan.measures.forms import IndicatorForm
from plan.measures.indicators import DECIDED
from plan.measures.models import Indicator, Measure
from plan.measures.views import fetch_to_change


@requires(Permission.PROPOSE_MEASURE)
@require_http_methods(["GET", "POST"])
def add(request: PactRequest, pact: str, number: int) -> HttpResponse:
    measure = fetch_to_change(request, number)
    form = IndicatorForm(request.POST or None, measure=measure)
    if request.method == "POST" and form.is_valid():
        try:
            indicator = indicators.add(measure, by=request.user, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("“%(name)s” staat bij de maatregel.") % {"name": indicator.name})
            return redirect("plan:measure_detail", pact, number)
    return _page(request, form, measure)


def _page(
    request: PactRequest, form: IndicatorForm, measure: Measure, indicator: Indicator | None = None
) -> HttpResponse:
    context = {"form": form, "measure": measure, "indicator": indicator, "is_decided": measure.state in DECIDED}
    return render(request, "plan/measures/indicator.html", context)


@requires(Permission.PROPOSE_MEASURE)
@require_http_methods(["GET", "POST"])
def edit(request: PactRequest, pact: str, number: int, indicator: int) -> HttpResponse:
    measure = fetch_to_change(request, number)
    row = _fetch(measure, indicator)
    form = IndicatorForm(request.POST or None, instance=row, measure=measure)
    if request.method == "POST" and form.is_valid():
        try:
            indicators.revise(row, by=request.user, seen=form.cleaned_data["seen"], **form.values())
        except ValidationError as fault:
            return _refused(request, form, measure, indicator, fault)
        messages.success(request, _("“%(name)s” is bewaard.") % {"name": row.name})
        return redirect("plan:measure_detail", pact, number)
    return _page(request, form, measure, row)


def _refused(
    request: PactRequest, form: IndicatorForm, measure: Measure, pk: int, fault: ValidationError
) -> HttpResponse:
    """The same page with the fault; what somebody took away meanwhile can be added anew from what was typed."""
    measure = fetch_to_change(request, measure.number)
    stands = Indicator.objects.in_pact(request.pact).filter(measure=measure, pk=pk).first()
    if stands is None:
        form.take(fault)
    else:
        form.take_for(fault, stands, indicators.mark_of(stands))
    return _page(request, form, measure, stands)


@requires(Permission.PROPOSE_MEASURE)
@require_POST
def remove(request: PactRequest, pact: str, number: int, indicator: int) -> HttpResponse:
    measure = fetch_to_change(request, number)
    row = measure.indicators.filter(pk=indicator).first()
    if row is None:
        messages.info(request, _("Deze indicator is al weggehaald."))
        return redirect("plan:measure_detail", pact, number)
    page = confirm.ask(
        request,
        title=_("Indicator weghalen"),
        consequence=_("“%(name)s” staat daarna niet meer bij de maatregel.") % {"name": row.name},
        button=_("Weghalen"),
        back=request.path.removesuffix(f"indicators/{indicator}/remove/"),
        danger=True,
    )
    if page:
        return page
    try:
        indicators.remove(row, by=request.user)
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    else:
        messages.success(request, _("“%(name)s” is weggehaald.") % {"name": row.name})
    return redirect("plan:measure_detail", pact, number)


def _fetch(measure: Measure, pk: int) -> Indicator:
    rows = Indicator.objects.in_pact(measure.pact_id).filter(measure=measure)
    return get_object_or_404(rows, pk=pk)
