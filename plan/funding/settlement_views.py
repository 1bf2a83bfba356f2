"""The accounts of the packages: as a page, and as a file for who gave the money."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.spreadsheets import writing
from partners.permissions import PactRequest, Permission, requires
from plan.funding import exporting
from plan.funding import settlement as accounts
from plan.funding.filters import PackageFilter
from plan.funding.models import PackageYear


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def settlement(request: PactRequest, pact: str) -> HttpResponse:
    found = PackageFilter(request.GET, PackageYear.objects.in_pact(request.pact), request=request)
    context = {
        "filter": found,
        "settlement": accounts.read(request.pact, package=found.number("package")),
        "package": found.number("package"),
        "is_filtered": found.number("package") is not None,
    }
    return render(request, f"plan/funding/settlement.html{'#rows' if request.htmx else ''}", context)


@requires(Permission.READ)
@require_GET
def settlement_export(request: PactRequest, pact: str) -> HttpResponse:
    """?format=xlsx or csv, ?by=package or organisation, ?package= the number of one. What is not known is the first."""
    found = PackageFilter(request.GET, PackageYear.objects.in_pact(request.pact), request=request)
    number = found.number("package")
    form = "csv" if request.GET.get("format") == "csv" else "xlsx"
    by = "organisation" if request.GET.get("by") == "organisation" else "package"
    content = exporting.file_of(accounts.read(request.pact, package=number), by=by, form=form)
    words = [request.pact.slug, _(exporting.SHEETS[by])]
    if number is not None:
        words.append(f"S{number}")
    return writing.answer(content, form=form, name=writing.name_of(*words))
