"""The pages of money: packages, their years, and where it goes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from pact_portal.foundation.templatetags.portal import euro
from partners.permissions import PactRequest, Permission, requires
from plan.funding import chart, workflow
from plan.funding.forms import (
    AllocationFilter,
    AllocationForm,
    PackageForm,
    PackageYearFilter,
    YearFormSet,
    budgets_of,
)
from plan.funding.models import Allocation, PackageYear, SupportPackage
from plan.measures.models import Measure

PER_PAGE = 50


def _fetch(request: PactRequest, number: int) -> SupportPackage:
    packages = SupportPackage.objects.in_pact(request.pact).prefetch_related("sectors", "years")
    return get_object_or_404(packages, number=number)


def _sums(years: list[PackageYear]) -> dict[str, Decimal]:
    budget = sum((year.budget for year in years), Decimal(0))
    allocated = sum((year.allocated for year in years), Decimal(0))
    return {"budget": budget, "allocated": allocated, "remaining": budget - allocated}


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def package_list(request: PactRequest, pact: str) -> HttpResponse:
    found = PackageYearFilter(request.GET, PackageYear.objects.in_pact(request.pact), request=request)
    years = list(found.qs.select_related("package").prefetch_related("package__sectors"))
    totals = chart.totals_of(years)
    context = {
        "filter": found,
        "years": years,
        "sums": _sums(years),
        "figure_title": chart.finding(totals) if totals else "",
        "figure_svg": mark_safe(chart.drawing(totals)) if totals else "",
        "figure_headings": chart.headings(),
        "figure_rows": chart.rows(totals),
        "may_keep": request.access.can(Permission.KEEP_FUNDING),
        "is_filtered": any(request.GET.values()),
    }
    return render(request, f"plan/funding/list.html{'#rows' if request.htmx else ''}", context)


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    package = _fetch(request, number)
    years = list(package.years.all())
    rows = Allocation.objects.in_pact(request.pact).filter(package_year__package=package)
    found = AllocationFilter(
        request.GET,
        rows.select_related("package_year", "measure", "partnership__organisation").order_by(
            "package_year__year", "pk"
        ),
        request=request,
        years=years,
    )
    context = {
        "package": package,
        "years": years,
        "sums": _sums(years),
        "filter": found,
        "page": Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page")),
        "may_keep": request.access.can(Permission.KEEP_FUNDING),
        "is_filtered": any(value for name, value in request.GET.items() if name != "page"),
    }
    return render(request, f"plan/funding/detail.html{'#rows' if request.htmx else ''}", context)


@requires(Permission.KEEP_FUNDING)
@require_http_methods(["GET", "POST"])
def add(request: PactRequest, pact: str) -> HttpResponse:
    return _write(request, SupportPackage(pact=request.pact), [])


@requires(Permission.KEEP_FUNDING)
@require_http_methods(["GET", "POST"])
def revise(request: PactRequest, pact: str, number: int) -> HttpResponse:
    package = _fetch(request, number)
    return _write(request, package, [{"year": row.year, "budget": row.budget} for row in package.years.all()])


def _write(request: PactRequest, package: SupportPackage, years: list[dict[str, Any]]) -> HttpResponse:
    """The form of a new package and of one that exists; the name in the title is the one that is kept."""
    kept_name = package.name
    form = PackageForm(request.POST or None, instance=package, pact=request.pact)
    formset = YearFormSet(request.POST or None, initial=years, prefix="years")
    if request.method == "POST" and all([form.is_valid(), formset.is_valid()]):
        values = {"by": request.user, "years": budgets_of(formset), **form.values()}
        try:
            if package.pk:
                saved = workflow.revise_package(package, seen=form.cleaned_data["seen"] or None, **values)
            else:
                saved = workflow.add_package(request.pact, **values)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Steunpakket %(code)s is bewaard.") % {"code": saved.code})
            return redirect("plan:package_detail", request.pact.slug, saved.number)
    context = {"form": form, "formset": formset, "package": package if package.pk else None, "kept_name": kept_name}
    return render(request, "plan/funding/form.html", context)


@requires(Permission.KEEP_FUNDING)
@require_http_methods(["GET", "POST"])
def allocate(request: PactRequest, pact: str) -> HttpResponse:
    form = AllocationForm(request.POST or None, pact=request.pact, initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        try:
            allocation = workflow.allocate(by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.take(fault)
        else:
            year = allocation.package_year
            messages.success(
                request,
                _("%(amount)s van “%(package)s” is toegewezen aan: %(target)s.")
                % {"amount": euro(allocation.amount), "package": year.package.name, "target": allocation.target},
            )
            return redirect("plan:package_detail", pact, year.package.number)
    return render(request, "plan/funding/allocate.html", {"form": form})


def _asked(request: PactRequest) -> dict[str, Any]:
    """What the address chooses beforehand: ?measure=3 and ?package=2&year=2027. What is unknown chooses nothing."""

    def asked(name: str) -> int:
        text = request.GET.get(name, "")
        # Eight digits at most: what is longer is no number of a row, and no integer of every database.
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 8 else 0

    measures, years = Measure.objects.in_pact(request.pact), PackageYear.objects.in_pact(request.pact)
    return {
        "measure": measures.filter(number=asked("measure")).first(),
        "package_year": years.filter(package__number=asked("package"), year=asked("year")).first(),
    }


@requires(Permission.KEEP_FUNDING)
@require_POST
def commit(request: PactRequest, pact: str, allocation: int) -> HttpResponse:
    return _move(
        request,
        allocation,
        move=workflow.commit,
        title=_("Toewijzing toezeggen"),
        consequence=_("%(amount)s wordt toegezegd aan: %(target)s."),
        done=_("%(amount)s is toegezegd aan: %(target)s."),
    )


@requires(Permission.KEEP_FUNDING)
@require_POST
def reject(request: PactRequest, pact: str, allocation: int) -> HttpResponse:
    return _move(
        request,
        allocation,
        move=workflow.reject,
        title=_("Toewijzing afwijzen"),
        consequence=_("%(amount)s voor %(target)s komt weer vrij in het steunpakket. Dit kunt u niet terugdraaien."),
        done=_("De toewijzing van %(amount)s aan %(target)s is afgewezen. Het geld is weer vrij."),
    )


def _move(
    request: PactRequest, pk: int, *, move: Callable[..., Allocation], title: str, consequence: str, done: str
) -> HttpResponse:
    rows = Allocation.objects.in_pact(request.pact).select_related(
        "package_year__package__pact", "measure", "partnership__organisation"
    )
    allocation = get_object_or_404(rows, pk=pk)
    number = allocation.package_year.package.number
    words = {"amount": euro(allocation.amount), "target": allocation.target}
    back = redirect("plan:package_detail", request.pact.slug, number)
    if page := confirm.ask(request, title=title, consequence=consequence % words, button=title, back=back.url):
        return page
    try:
        move(allocation, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, done % words)
    return back
