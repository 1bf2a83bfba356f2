"""The pages of money: packages, their years, and where it goes."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from pact_portal.foundation.templatetags.portal import euro
from partners.permissions import PactRequest, Permission, requires
from plan.chain import chain
from plan.funding import bookable, settling, twice, workflow
from plan.funding.attention import attention_of
from plan.funding.forms import (
    AllocationFilter,
    AllocationForm,
    IntakeFormSet,
    PackageForm,
    PackageYearFilter,
    YearFormSet,
    budgets_of,
    intakes_of,
    partners_now,
)
from plan.funding.models import Allocation, Intake, PackageYear, SupportPackage
from plan.measures.models import Measure
from plan.questions.marks import is_stale

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
    context = {
        "filter": found,
        "years": years,
        "sums": _sums(years),
        "may_keep": (may_keep := request.access.can(Permission.KEEP_FUNDING)),
        # Beside the list, which htmx swaps without it.
        "attention": attention_of(request.pact, on=timezone.localdate()) if may_keep and not request.htmx else [],
        # Who keeps the packages may book on all of them; the list would be that of the packages.
        "bookable": [] if may_keep else bookable.for_reader(request.access),
        "is_filtered": any(request.GET.values()),
    }
    return render(request, f"plan/funding/list.html{'#rows' if request.htmx else ''}", context)


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    package = _fetch(request, number)
    years = list(package.years.all())
    lines = _lines(package, years)
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
        "lines": lines,
        "total": _total(lines),
        "chain": chain.of(package),
        "filter": found,
        "page": Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page")),
        "may_keep": request.access.can(Permission.KEEP_FUNDING),
        "may_settle": request.access.can(Permission.KEEP_FUNDING) and any(line.open for line in lines),
        "is_filtered": any(value for name, value in request.GET.items() if name != "page"),
    }
    return render(request, f"plan/funding/detail.html{'#rows' if request.htmx else ''}", context)


@dataclass(frozen=True)
class YearLine:
    """One year of a package, or all of them together: euros, and how many allocations can be settled (`open`)."""

    year: int | None
    budget: Decimal
    came_in: Decimal
    committed: Decimal
    spent: Decimal
    remaining: Decimal
    open: int = 0
    intakes: tuple[Intake, ...] = ()


def _lines(package: SupportPackage, years: list[PackageYear]) -> list[YearLine]:
    """The years with what was promised (settled included) and spent of them, and who received what."""
    counting = Allocation.objects.in_pact(package.pact_id).filter(package_year__package=package).order_by()
    promised = Q(state__in=[Allocation.State.COMMITTED, Allocation.State.SETTLED])
    sums = {
        row["package_year"]: row
        for row in counting.values("package_year").annotate(
            committed=Sum("amount", filter=promised, default=Decimal(0)),
            spent_sum=Sum("spent", default=Decimal(0)),
            open=Count("pk", filter=Q(state=Allocation.State.COMMITTED)),
        )
    }
    received: dict[int, list[Intake]] = {}
    for intake in (
        Intake.objects.in_pact(package.pact_id)
        .filter(package_year__package=package)
        .select_related("partnership__organisation")
    ):
        received.setdefault(intake.package_year_id, []).append(intake)
    nothing: dict[str, Any] = {"committed": Decimal(0), "spent_sum": Decimal(0), "open": 0}
    return [
        YearLine(
            year=row.year,
            budget=row.budget,
            came_in=row.came_in,
            committed=(found := sums.get(row.pk, nothing))["committed"],
            spent=found["spent_sum"],
            remaining=row.remaining,
            open=found["open"],
            intakes=tuple(received.get(row.pk, [])),
        )
        for row in years
    ]


def _total(lines: list[YearLine]) -> YearLine:
    def sum_of(name: str) -> Decimal:
        return sum((getattr(line, name) for line in lines), Decimal(0))

    return YearLine(
        year=None,
        budget=sum_of("budget"),
        came_in=sum_of("came_in"),
        committed=sum_of("committed"),
        spent=sum_of("spent"),
        remaining=sum_of("remaining"),
    )


@requires(Permission.KEEP_FUNDING)
@require_http_methods(["GET", "POST"])
def add(request: PactRequest, pact: str) -> HttpResponse:
    return _write(request, SupportPackage(pact=request.pact))


@requires(Permission.KEEP_FUNDING)
@require_http_methods(["GET", "POST"])
def revise(request: PactRequest, pact: str, number: int) -> HttpResponse:
    return _write(request, _fetch(request, number))


def _formsets(request: PactRequest, package: SupportPackage) -> tuple[BaseFormSet, BaseFormSet]:
    """The lines of the years and of what came in, as they stand or as they were typed."""
    years = [{"year": row.year, "budget": row.budget} for row in package.years.all()] if package.pk else []
    intakes = list(
        Intake.objects.in_pact(request.pact)
        .filter(package_year__package=package.pk)
        .select_related("package_year", "partnership__organisation")
        .order_by("package_year__year", "partnership__organisation__name")
    )
    # A partner that left keeps its line.
    partners = list(dict.fromkeys([*partners_now(request.pact), *(row.partnership for row in intakes)]))
    lines = [
        {"year": row.package_year.year, "partnership": row.partnership_id, "amount": row.amount} for row in intakes
    ]
    return (
        YearFormSet(request.POST or None, initial=years, prefix="years"),
        IntakeFormSet(request.POST or None, initial=lines, prefix="intakes", form_kwargs={"partners": partners}),
    )


def _write(request: PactRequest, package: SupportPackage) -> HttpResponse:
    """The form of a new package and of one that exists; the name in the title is the one that is kept.

    When somebody else changed it meanwhile, the page shows how it stands beside what was typed, and takes the next
    press as a choice made with both in sight.
    """
    kept_name, stands = package.name, None
    form = PackageForm(request.POST or None, instance=package, pact=request.pact)
    years, intakes = _formsets(request, package)
    if request.method == "POST" and all([form.is_valid(), years.is_valid(), intakes.is_valid()]):
        values = {"by": request.user, "years": budgets_of(years), "intakes": intakes_of(intakes), **form.values()}
        try:
            if package.pk:
                saved = workflow.revise_package(package, seen=form.cleaned_data["seen"] or None, **values)
            else:
                saved, _made = twice.add_package(request.pact, **values)
        except ValidationError as fault:
            form.take(fault)
            if is_stale(fault):
                stands = _as_it_stands(request, package.number)
                sent = request.POST.copy()
                sent["seen"] = workflow.mark_of(stands)
                form.data = sent
        else:
            messages.success(request, _("Steunpakket %(code)s is bewaard.") % {"code": saved.code})
            return redirect("plan:package_detail", request.pact.slug, saved.number)
    context = {
        "form": form,
        "formset": years,
        "intakes": intakes,
        "package": package if package.pk else None,
        "kept_name": kept_name,
        "stands": stands,
    }
    return render(request, "plan/funding/form.html", context)


def _as_it_stands(request: PactRequest, number: int) -> SupportPackage:
    """The package as others left it, with its sectors, its years and who received what of them."""
    received = "years__intakes__partnership__organisation"
    packages = SupportPackage.objects.in_pact(request.pact).prefetch_related("sectors", received)
    row: SupportPackage = get_object_or_404(packages, number=number)
    return row


@requires(Permission.KEEP_FUNDING)
@require_POST
def package_settle(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """Settle every committed allocation of a package: what was not spent returns to its year."""
    package = _fetch(request, number)
    back = redirect("plan:package_detail", pact, number)
    if page := confirm.ask(
        request,
        title=_("Steunpakket afrekenen"),
        consequence=_(
            "Alle toegezegde bedragen van %(package)s worden afgerekend. Wat niet is besteed, valt vrij in het "
            "steunpakket. Daarna kunt u op deze toewijzingen niets meer boeken. Dit kunt u niet terugdraaien."
        )
        % {"package": package},
        button=_("Steunpakket afrekenen"),
        back=back.url,
    ):
        return page
    try:
        settled = settling.settle_package(package, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        _say_settled(request, settled)
    return back


def _say_settled(request: PactRequest, settled: list[Allocation]) -> None:
    text = ngettext(
        "%(count)s toewijzing is afgerekend. Er valt %(released)s vrij.",
        "%(count)s toewijzingen zijn afgerekend. Er valt %(released)s vrij.",
        len(settled),
    )
    released = sum((row.released for row in settled), Decimal(0))
    messages.success(request, text % {"count": len(settled), "released": euro(released)})


@requires(Permission.KEEP_FUNDING)
@require_http_methods(["GET", "POST"])
def allocate(request: PactRequest, pact: str) -> HttpResponse:
    form = AllocationForm(request.POST or None, pact=request.pact, initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        try:
            allocation, made = twice.allocate(by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.take(fault)
        else:
            words = {
                "amount": euro(allocation.amount),
                "package": allocation.package_year.package.name,
                "target": allocation.target,
            }
            if made:
                messages.success(request, _("%(amount)s van “%(package)s” is toegewezen aan: %(target)s.") % words)
            else:
                messages.info(
                    request,
                    _(
                        "Dit voorstel van %(amount)s voor %(target)s stond er al. Wilt u er echt twee? Geef het tweede "
                        "een andere toelichting."
                    )
                    % words,
                )
            return redirect("plan:allocation_detail", pact, allocation.pk)
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
