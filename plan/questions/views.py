"""The pages of support questions: list, own list, read, curate. Writing is in writing_views.py."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from partners.permissions import PactRequest, Permission, requires
from plan.chain import chain
from plan.questions import beside, endorsing, endorsing_views, workflow
from plan.questions.curation_block import block_of
from plan.questions.curation_forms import NoteForm
from plan.questions.filters import QuestionFilter
from plan.questions.forms import SendBackForm
from plan.questions.models import Endorsement, QuestionNews, SupportQuestion
from plan.questions.news import sentence_of
from plan.questions.rows import fetch, may_edit, visible
from plan.questions.support import support_counts
from plan.questions.timeline import next_step, timeline_of

PER_PAGE = 25
State = SupportQuestion.State

OWN_TURN = (State.RETURNED, State.DRAFT)
"""In these states a question waits for who wrote it."""

WHOSE_TURN = Case(
    When(state=State.RETURNED, then=Value(0)),
    When(state=State.DRAFT, then=Value(1)),
    When(state=State.SUBMITTED, then=Value(2)),
    When(state=State.ACCEPTED, then=Value(3)),
    default=Value(4),
)
"""What asks something of the reader stands first."""


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def question_list(request: PactRequest, pact: str) -> HttpResponse:
    questions = visible(request).select_related("partnership__organisation").prefetch_related("areas")
    found = QuestionFilter(request.GET, questions, request=request, pact=request.pact)
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    counts = support_counts(page.object_list)
    for question in page.object_list:
        question.support = counts[question.pk]
    context = {
        "filter": found,
        "page": page,
        "may_submit": request.access.can(Permission.SUBMIT_QUESTION),
        "may_curate": request.access.can(Permission.CURATE_QUESTIONS),
        "is_filtered": any(value for name, value in request.GET.items() if name not in ("page", "sort")),
    }
    return render(request, f"plan/questions/list.html{'#rows' if request.htmx else ''}", context)


@requires(Permission.READ)
@require_GET
def own(request: PactRequest, pact: str) -> HttpResponse:
    """What the own organisation asks, and what it endorsed: where each stands, what waits for the reader first."""
    partnerships = request.access.partnerships
    questions = visible(request).select_related("partnership__organisation", "merged_into")
    asked = questions.filter(partnership__in=partnerships).annotate(turn=WHOSE_TURN).order_by("turn", "-number")
    endorsed = questions.filter(
        Exists(Endorsement.unscoped.filter(question=OuterRef("pk"), partnership__in=partnerships))
    ).order_by("-number")
    pages = {
        "asked": Paginator(asked, PER_PAGE).get_page(request.GET.get("page")),
        "endorsed": Paginator(endorsed, PER_PAGE).get_page(request.GET.get("page_endorsed")),
    }
    shown = [question for page in pages.values() for question in page.object_list]
    latest = _latest_news(request, shown)
    counts = support_counts(shown)
    partners = {partnership.pk for partnership in partnerships}
    for question in shown:
        question.support = counts[question.pk]
        row = latest.get(question.pk) or latest.get(question.merged_into_id)
        # The news of the one in which it lives on is of that one's partner.
        told_of = question if row and row.question_id == question.pk else question.merged_into
        is_own = told_of is not None and told_of.partnership_id in partners
        question.latest = {"sentence": sentence_of(row, own=is_own), "at": row.happened_at} if row else None
        question.next_step = next_step(question, row, own=question.partnership_id in partners)
        question.is_own_turn = question.state in OWN_TURN and may_edit(request, question)
    context = {**pages, "may_submit": request.access.can(Permission.SUBMIT_QUESTION)}
    return render(request, "plan/questions/own.html", context)


def _latest_news(request: PactRequest, questions: list[SupportQuestion]) -> dict[int, QuestionNews]:
    """The last thing that became of each of these questions and of those that they were merged into, in one query."""
    keys = {key for question in questions for key in (question.pk, question.merged_into_id) if key}
    rows = QuestionNews.objects.in_pact(request.pact).filter(endorsing.told_still(), question__in=keys)
    rows = rows.order_by("happened_at", "pk")
    return {row.question_id: row for row in rows}


@requires(Permission.READ)
@require_GET
def detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    return page_of(request, fetch(request, number))


def page_of(
    request: PactRequest,
    question: SupportQuestion,
    *,
    send_back_form: SendBackForm | None = None,
    note_form: NoteForm | None = None,
) -> HttpResponse:
    """The page of a question; with the form of a coordinator in which something is wrong, if there is one."""
    fits = list(question.fits.select_related("programme__provider__organisation", "judged_by"))
    merged = list(
        question.merged.select_related("partnership__organisation")
        .prefetch_related("measures__lead__organisation")
        .order_by("number")
    )
    measures = _measures_of(question, merged)
    news = _news_of(question)
    is_editor = may_edit(request, question)
    context = {
        "question": question,
        "fits": fits,
        "chain": chain.of(question),
        "merged": merged,
        "timeline": timeline_of(
            question, news, fits, measures, partners={each.pk for each in request.access.partnerships}
        ),
        "may_edit": is_editor and question.state in workflow.OPEN_TO_REVISION,
        "may_submit": is_editor and State.SUBMITTED in workflow.MOVES[question.state],
        "may_withdraw": is_editor
        and State.WITHDRAWN in workflow.MOVES[question.state]
        and (question.state != State.ACCEPTED or request.access.can(Permission.CURATE_QUESTIONS)),
        "curation": block_of(request, question, send_back_form=send_back_form, note_form=note_form),
        "may_judge": request.access.can(Permission.ASSESS_FIT) and question.state in (State.SUBMITTED, State.ACCEPTED),
        "form": send_back_form or note_form,
        **endorsing_views.context_of(request, question),
        **beside.context_of(request, question, fits),
    }
    return render(request, "plan/questions/detail.html", context)


def _measures_of(question: SupportQuestion, merged: list[SupportQuestion]) -> list[Any]:
    """The measures that answer the question or one merged into it, each once, by number. One query."""
    own = question.measures.select_related("lead__organisation")
    found = {measure.pk: measure for each in merged for measure in each.measures.all()}
    found |= {measure.pk: measure for measure in own}
    return sorted(found.values(), key=lambda measure: measure.number)


def _news_of(question: SupportQuestion) -> list[QuestionNews]:
    """The news of the question, of those merged into it, and of the one that it was merged into."""
    rows = QuestionNews.objects.in_pact(question.pact_id).select_related("question")
    return list(
        rows.filter(
            Q(question=question.pk) | Q(question__merged_into=question.pk) | Q(question=question.merged_into_id)
        )
    )
