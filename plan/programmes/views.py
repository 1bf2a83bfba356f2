"""The pages of programmes: list, keep, read, and judge their fit."""

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
from plan.chain import chain
from plan.programmes import judgements, matching, workflow
from plan.programmes.example_views import voices_of, withdrawable
from plan.programmes.filters import ProgrammeFilter
from plan.programmes.forms import FitForm, ProgrammeForm
from plan.programmes.models import Programme
from plan.programmes.overlap_views import overlaps_block
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
            programme = _fetch(request, number)
            form.take_for(fault, programme, workflow.mark_of(programme))
        else:
            messages.success(request, _("Aanbod %(code)s is bewaard.") % {"code": programme.code})
            return redirect("plan:programme_detail", pact, number)
    return render(request, "plan/programmes/form.html", {"form": form, "programme": programme, "title": title})


@requires(Permission.READ)
@require_GET
def detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    programme = _fetch(request, number)
    # A question that was sent back after it was judged is still everybody's to see; a draft never has a fit.
    fits = list(
        programme.fits.select_related("question__partnership__organisation", "question__merged_into", "judged_by")
    )
    for fit in fits:
        fit.programme = programme
    may_edit = request.access.can(Permission.KEEP_PROGRAMMES, programme.provider_id)
    voices = list(voices_of(request.pact).filter(programmes=programme))
    context = {
        "programme": programme,
        "fits": fits,
        "chain": chain.of(programme),
        "voices": voices,
        "may_edit": may_edit,
        "withdrawable": withdrawable(request, voices) if may_edit else set(),
        "seen": workflow.mark_of_all([programme]),
        **matching.beside_programme(request, programme, fits),
        "overlap_block": overlaps_block(request, programme.code),
    }
    return render(request, "plan/programmes/detail.html", context)


@requires(Permission.ASSESS_FIT)
@require_http_methods(["GET", "POST"])
def judge(request: PactRequest, pact: str, question: int) -> HttpResponse:
    """Judge a programme against the question; `?programme=` with its number opens an earlier judgement to renew."""
    visible = SupportQuestion.objects.in_pact(request.pact).visible_to(request.access.partnerships)
    asked = get_object_or_404(
        visible.select_related("pact", "partnership__organisation", "merged_into"), number=question
    )
    programmes = _judgeable(request, asked)
    if asked.state not in workflow.JUDGED_IN and request.method == "GET":
        messages.info(request, workflow.why_not_judged(asked))
        return redirect("plan:question_detail", pact, (asked.merged_into or asked).number)
    chosen = _chosen(programmes, request.GET.get("programme", ""))
    fits = judgements.with_history(asked.fits.select_related("programme__provider__organisation", "judged_by"))
    earlier = next((fit for fit in fits if chosen and fit.programme_id == chosen.pk), None)
    initial = {"programme": chosen, "seen": judgements.newest(request.pact)}
    if earlier:
        initial |= {name: getattr(earlier, name) for name in ("level", "reason", "evidence")}
    judged = [fit.programme_id for fit in fits]
    suggested = {row.pk: reasons for row, reasons in matching.programmes_for(asked, judged=judged)}
    form = FitForm(request.POST or None, programmes=programmes, suggested=suggested, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            fit = workflow.judge_fit(asked, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            # The mark first: a judgement that comes between the two is refused once more rather than missed.
            mark = judgements.newest(request.pact)
            stands = asked.fits.select_related("judged_by").filter(programme=form.cleaned_data["programme"]).first()
            form.take_for(fault, stands, mark)
        else:
            sentence = _("Het oordeel over %(code)s is bewaard en geldt tot %(day)s.")
            messages.success(request, sentence % {"code": fit.programme.code, "day": f"{fit.expires_on:%-d-%-m-%Y}"})
            return redirect("plan:question_detail", pact, question)
    merged = judgements.at_merged(asked, judged=judged)
    context = {
        "form": form,
        "question": asked,
        "earlier": earlier,
        "merged_fits": [fit for fit in merged if chosen and fit.programme_id == chosen.pk],
    }
    return render(request, "plan/programmes/fit.html", context)


def _judgeable(request: PactRequest, question: SupportQuestion) -> QuerySet:
    """The programmes that the reader may judge at this question: all at the own question, else the own ones.

    What has ended answers nothing any more, and is left out.
    """
    programmes = Programme.objects.in_pact(request.pact)
    running: QuerySet = programmes.running(timezone.localdate())
    if request.access.can(Permission.ASSESS_FIT, question.partnership_id):
        return running
    own = [partnership.pk for partnership in request.access.partnerships_for(Permission.ASSESS_FIT)]
    if not programmes.filter(provider__in=own).exists():
        raise PermissionDenied
    return running.filter(provider__in=own)


def _chosen(programmes: QuerySet, number: str) -> Programme | None:
    """The programme of which the query string holds the number; what is no number chooses nothing."""
    return programmes.filter(number=int(number)).first() if re.fullmatch("[0-9]{1,9}", number) else None
