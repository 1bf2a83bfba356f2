"""The pages of programmes: list, keep, read, judge their fit, and the coverage matrix."""

import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from partners.permissions import PactRequest, Permission, requires
from plan.programmes import workflow
from plan.programmes.filters import ProgrammeFilter
from plan.programmes.forms import FitForm, ProgrammeForm
from plan.programmes.matrix import ANSWERS, BY_LAYER, BY_PHASE, SYMBOLS, matrix_of
from plan.programmes.models import Programme
from plan.questions.models import SupportQuestion

PER_PAGE = 25


def _fetch(request: PactRequest, number: int) -> Programme:
    programmes = Programme.objects.in_pact(request.pact).select_related("provider__organisation", "pact")
    return get_object_or_404(programmes.prefetch_related("areas", "municipalities__organisation"), number=number)


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def programme_list(request: PactRequest, pact: str) -> HttpResponse:
    programmes = Programme.objects.in_pact(request.pact)
    programmes = programmes.select_related("provider__organisation").prefetch_related("areas")
    found = ProgrammeFilter(request.GET, programmes, request=request, pact=request.pact)
    context = {
        "filter": found,
        "page": Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page")),
        "may_keep": request.access.can(Permission.KEEP_PROGRAMMES),
        "is_filtered": any(value for name, value in request.GET.items() if name not in ("page", "sort")),
    }
    return render(request, f"plan/programmes/list.html{'#rows' if request.htmx else ''}", context)


@requires(Permission.KEEP_PROGRAMMES)
@require_http_methods(["GET", "POST"])
def new(request: PactRequest, pact: str) -> HttpResponse:
    form = ProgrammeForm(
        request.POST or None,
        pact=request.pact,
        partnerships=request.access.partnerships_for(Permission.KEEP_PROGRAMMES),
        initial={"provider": next(iter(request.access.partnerships), None)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            programme = workflow.add(request.pact, by=request.user, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Aanbod %(code)s staat op de lijst.") % {"code": programme.code})
            return redirect("plan:programme_detail", pact, programme.number)
    return render(request, "plan/programmes/form.html", {"form": form})


@requires(Permission.KEEP_PROGRAMMES)
@require_http_methods(["GET", "POST"])
def edit(request: PactRequest, pact: str, number: int) -> HttpResponse:
    programme = _fetch(request, number)
    if not request.access.can(Permission.KEEP_PROGRAMMES, programme.provider_id):
        raise PermissionDenied
    title = str(programme)
    form = ProgrammeForm(
        request.POST or None,
        instance=programme,
        pact=request.pact,
        partnerships=request.access.partnerships_for(Permission.KEEP_PROGRAMMES),
    )
    if request.method == "POST" and form.is_valid():
        try:
            workflow.revise(programme, by=request.user, seen=form.cleaned_data["seen"] or None, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Aanbod %(code)s is bewaard.") % {"code": programme.code})
            return redirect("plan:programme_detail", pact, number)
    return render(request, "plan/programmes/form.html", {"form": form, "programme": programme, "title": title})


@requires(Permission.READ)
@require_GET
def detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    programme = _fetch(request, number)
    # A question that was sent back after it was judged is still everybody's to see; a draft never has a fit.
    fits = programme.fits.select_related("question__partnership__organisation", "judged_by")
    context = {
        "programme": programme,
        "fits": fits,
        "measures": programme.measures.select_related("lead__organisation"),
        "may_edit": request.access.can(Permission.KEEP_PROGRAMMES, programme.provider_id),
    }
    return render(request, "plan/programmes/detail.html", context)


@requires(Permission.ASSESS_FIT)
@require_http_methods(["GET", "POST"])
def judge(request: PactRequest, pact: str, question: int) -> HttpResponse:
    """Judge a programme against the question; `?programme=` with its number opens an earlier judgement to renew."""
    visible = SupportQuestion.objects.in_pact(request.pact).visible_to(request.access.partnerships)
    asked = get_object_or_404(visible.select_related("pact", "partnership__organisation"), number=question)
    programmes = Programme.objects.in_pact(request.pact)
    if not request.access.can(Permission.ASSESS_FIT, asked.partnership_id):
        own = [partnership.pk for partnership in request.access.partnerships_for(Permission.ASSESS_FIT)]
        programmes = programmes.filter(provider__in=own)
        if not programmes.exists():
            raise PermissionDenied
    chosen = _chosen(programmes, request.GET.get("programme", ""))
    earlier = chosen.fits.filter(question=asked).first() if chosen else None
    initial = {"programme": chosen}
    if earlier:
        initial |= {name: getattr(earlier, name) for name in ("level", "reason", "evidence")}
    form = FitForm(request.POST or None, programmes=programmes, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            fit = workflow.judge_fit(asked, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.take(fault)
        else:
            sentence = _("Het oordeel over %(code)s is bewaard en geldt tot %(day)s.")
            messages.success(request, sentence % {"code": fit.programme.code, "day": f"{fit.expires_on:%-d-%-m-%Y}"})
            return redirect("plan:question_detail", pact, question)
    return render(request, "plan/programmes/fit.html", {"form": form, "question": asked, "earlier": earlier})


def _chosen(programmes: QuerySet, number: str) -> Programme | None:
    """The programme of which the query string holds the number; what is no number chooses nothing."""
    return programmes.filter(number=int(number)).first() if re.fullmatch("[0-9]{1,9}", number) else None


@requires(Permission.READ)
@require_GET
def coverage(request: PactRequest, pact: str) -> HttpResponse:
    by = BY_PHASE if request.GET.get("by") == BY_PHASE else BY_LAYER
    matrix = matrix_of(request.pact, by=by, on=timezone.localdate())
    context = {
        "matrix": matrix,
        "gaps": Paginator(matrix.gaps, PER_PAGE).get_page(request.GET.get("page")),
        "by": by,
        "legend": [(SYMBOLS[answer], words) for answer, words in ANSWERS.items()],
    }
    return render(request, "plan/programmes/coverage.html", context)
