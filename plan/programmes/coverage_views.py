"""The page of coverage: the matrix, and the questions that nothing answers sufficiently."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from partners.permissions import PactRequest, Permission, requires
from plan.programmes.coverage_filters import CoverageFilter
from plan.programmes.matrix import ANSWERS, SYMBOLS, Matrix, gap_questions, matrix_from, read
from plan.questions.filters import GAP
from plan.questions.models import SupportQuestion

PER_PAGE = 25


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def coverage(request: PactRequest, pact: str) -> HttpResponse:
    accepted = SupportQuestion.objects.in_pact(request.pact).accepted()
    found = CoverageFilter(request.GET, accepted, request=request, pact=request.pact)
    matrix = matrix_from(
        read(request.pact, on=timezone.localdate(), look=found.look, questions=found.qs), by=found.divided_by
    )
    page = Paginator(matrix.gaps, PER_PAGE).get_page(request.GET.get("page"))
    chosen = {
        name: getattr(value, "pk", value)
        for name in ("sector", "municipality", "phase", "area")
        if (value := found.chosen(name))
    }
    questions = reverse("plan:question_list", args=[pact])
    context = {
        "filter": found,
        "matrix": matrix,
        "rows": _linked(matrix, questions, {"state": SupportQuestion.State.ACCEPTED.value, **chosen}),
        "gaps": page,
        "questions": gap_questions(request.pact, list(page)),
        "gaps_url": f"{questions}?{urlencode({**chosen, 'coverage': GAP})}",
        "by": found.divided_by,
        "is_filtered": bool(chosen),
        "legend": [(SYMBOLS[answer], words) for answer, words in ANSWERS.items()],
    }
    return render(request, f"plan/programmes/coverage.html{'#rows' if request.htmx else ''}", context)


def _linked(matrix: Matrix, questions: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows, each with where its questions are listed, and each cell too: the same filters lead to the same rows."""

    def address(**more: Any) -> str:
        return f"{questions}?{urlencode({**query, **{name: value for name, value in more.items() if value}})}"

    return [
        {
            "area": row.area,
            "url": address(area=row.area.pk),
            "cells": [(cell, address(area=row.area.pk, phase=cell.phase)) for cell in row.cells],
        }
        for row in matrix.rows
    ]
