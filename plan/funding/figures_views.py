"""The page with the charts of the money."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from partners.permissions import PactRequest, Permission, requires
from plan.funding import figures
from plan.funding.chart import Figure
from plan.funding.filters import MoneyFilter
from plan.funding.models import PackageYear


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def funding_charts(request: PactRequest, pact: str) -> HttpResponse:
    found = MoneyFilter(request.GET, PackageYear.objects.in_pact(request.pact), request=request)
    package, year = found.number("package"), found.number("year")
    context = {
        "filter": found,
        "figures": [_shown(figure) for figure in figures.of_pact(request.pact, package=package, year=year)],
        "is_filtered": package is not None or year is not None,
    }
    return render(request, f"plan/funding/charts.html{'#rows' if request.htmx else ''}", context)


def _shown(figure: Figure) -> dict[str, Any]:
    """A figure as templates take it. The drawings are made by foundation.charts, which escapes every label."""
    return {"figure": figure, "svg": mark_safe(figure.draw()), "narrow_svg": mark_safe(figure.draw_narrow())}
