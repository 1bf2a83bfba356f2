"""The rhythm of evaluating: what was asked and when, and planning a new series."""

import datetime
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from evaluations.series import schedule, workflow
from evaluations.series.asked import answering_for
from evaluations.series.forms import ROWS_AT_FIRST, ROWS_MORE, SeriesForm, TopicFormSet
from evaluations.series.models import Evaluation, EvaluationSeries
from partners.permissions import PactRequest, Permission, requires


@requires(Permission.READ)
@require_safe
def series_list(request: PactRequest, pact: str) -> HttpResponse:
    """Every series of the pact with its evaluations and their response."""
    evaluations = Evaluation.objects.in_pact(request.pact).with_response()
    series = (
        EvaluationSeries.objects.in_pact(request.pact)
        .prefetch_related(Prefetch("evaluations", evaluations), "topics")
        .order_by("-starts_on", "-pk")
    )
    asked = Evaluation.objects.in_pact(request.pact).waiting_for(answering_for(request.access))
    context = {
        "series": series,
        "asked": asked.select_related("series"),
        "may_manage": request.access.can(Permission.MANAGE_EVALUATIONS),
    }
    return render(request, "evaluations/series/list.html", context)


@requires(Permission.MANAGE_EVALUATIONS)
@vary_on_headers("HX-Request")
def series_new(request: PactRequest, pact: str) -> HttpResponse:
    """Plan a series. Two buttons only change the page: more rows for questions, and the days that would follow."""
    if request.method != "POST":
        return _new_page(request, SeriesForm(pact=request.pact), TopicFormSet(prefix="topics"))
    form = SeriesForm(request.POST, pact=request.pact)
    topics: Any = TopicFormSet(request.POST, prefix="topics")
    if "preview" in request.POST or "more" in request.POST:
        more = ROWS_MORE if "more" in request.POST else 0
        return _new_page(request, _as_typed(form, request), _topics_as_typed(topics, more), days=_days(form))
    if form.is_valid() and topics.is_valid():
        fields = {name: form.cleaned_data[name] for name in form.fields}
        try:
            series = workflow.plan_series(request.pact, by=request.user, topics=topics.asked(), **fields)
        except ValidationError as fault:
            form.take(fault)
        else:
            number = series.evaluations.count()
            messages.success(
                request,
                ngettext(
                    "‘%(series)s’ is gepland met %(number)s evaluatie.",
                    "‘%(series)s’ is gepland met %(number)s evaluaties.",
                    number,
                )
                % {"series": series.name, "number": number},
            )
            return redirect("evaluations:series_list", pact=pact)
    return _new_page(request, form, topics, days=_days(form))


def _new_page(request: PactRequest, form: SeriesForm, topics: Any, *, days: Any = None) -> HttpResponse:
    template = "evaluations/series/new.html"
    if request.htmx and "preview" in request.POST:
        template += "#days"
    elif request.htmx and "more" in request.POST:
        template += "#topics"
    context = {"form": form, "topics": topics, "days": days, "most": workflow.MOST_EVALUATIONS}
    return render(request, template, context)


def _days(form: SeriesForm) -> list[tuple[datetime.date, datetime.date]] | None:
    """Opening and last day of what would follow, at most one too many; None while a field is missing."""
    form.is_valid()
    given = form.cleaned_data  # without the fields that are at fault
    if not {"starts_on", "ends_on", "every_months", "open_days"} <= given.keys():
        return None
    due = schedule.due_days(given["starts_on"], given["ends_on"], given["every_months"])
    return [(day, schedule.last_day(day, given["open_days"])) for day in islice(due, workflow.MOST_EVALUATIONS + 1)]


def _as_typed(form: SeriesForm, request: PactRequest) -> SeriesForm:
    """The form with what was typed and no faults: nothing was handed in yet."""
    return SeriesForm(pact=request.pact, initial={name: form[name].value() for name in form.fields})


def _topics_as_typed(topics: Any, more: int) -> Any:
    typed = [{name: row[name].value() for name in row.fields} for row in topics.forms]
    shown = TopicFormSet(prefix="topics", initial=typed)
    shown.extra = min(len(typed) + more, workflow.MOST_TOPICS) if typed else ROWS_AT_FIRST
    return shown
