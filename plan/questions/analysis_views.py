"""The page of the regional analysis: what the questions are about, as charts with tables that lead to the lists."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from partners.permissions import PactRequest, Permission, requires
from plan.questions import figures
from plan.questions.analysis import Subject
from plan.questions.filters import STANDING, QuestionFilter
from plan.questions.models import SupportQuestion


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def analysis(request: PactRequest, pact: str) -> HttpResponse:
    """Without a state chosen: the questions that stand, which are those handed in and those accepted."""
    questions = SupportQuestion.objects.in_pact(request.pact).visible_to(request.access.partnerships)
    found = AnalysisFilter(request.GET, questions, request=request, pact=request.pact)
    chosen = found.qs if found.chosen("state") else found.qs.standing()
    only = {subject: getattr(value, "pk", value) for subject in Subject if (value := found.chosen(subject.value))}
    counted = figures.of_questions(request.pact, chosen, only=_as_counted(only))
    query = {name: getattr(value, "pk", value) for name in found.filters if (value := found.chosen(name))}
    query.setdefault("state", STANDING)
    context = {
        "filter": found,
        "total": figures.cells(counted.total),
        "questions": counted.total.questions,
        "figures": [_shown(figure, query, reverse("plan:question_list", args=[pact])) for figure in counted.figures],
        "headings": figures.headings(),
        "is_filtered": any(value for name, value in request.GET.items()),
    }
    return render(request, f"plan/questions/analysis.html{'#rows' if request.htmx else ''}", context)


class AnalysisFilter(QuestionFilter):
    """The filters of the list; an order makes no difference to counts."""

    sort = None


def _as_counted(only: dict[Subject, Any]) -> dict[Subject, int | str]:
    """Values as the figures know them: a query string has the urgency as text."""
    return {subject: int(value) if subject is Subject.URGENCY else value for subject, value in only.items()}


def _shown(figure: figures.Figure, query: dict[str, Any], questions: str) -> dict[str, Any]:
    """A figure with its table; each row leads to the list that it counts."""
    return {
        "figure": figure,
        # Made by foundation.charts, which escapes every label.
        "svg": mark_safe(figure.svg),
        "narrow_svg": mark_safe(figure.narrow_svg),
        "rows": [
            {
                "label": line.label,
                "cells": figures.cells(line.count),
                "url": _list(figure.subject, line.count.value, query, questions),
            }
            for line in figure.lines
        ],
    }


def _list(subject: Subject, value: int | str, query: dict[str, Any], questions: str) -> str:
    """Where the questions of one row are listed, or "".

    In a municipality or phase other answers count, so that "no answer" is another list there than the one counted here.
    """
    if "coverage" in query and subject.value not in query and subject in (Subject.MUNICIPALITY, Subject.PHASE):
        return ""
    return f"{questions}?{urlencode({**query, subject.value: value})}"
