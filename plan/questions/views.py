"""The pages of support questions: list, write, read, curate."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from partners.permissions import PactRequest, Permission, requires
from plan.questions import workflow
from plan.questions.filters import QuestionFilter
from plan.questions.forms import QuestionForm, SendBackForm
from plan.questions.models import SupportQuestion
from plan.questions.timeline import timeline_of

PER_PAGE = 25
State = SupportQuestion.State


def _visible(request: PactRequest) -> Any:
    """The questions of this pact that the reader may see."""
    return SupportQuestion.objects.in_pact(request.pact).visible_to(request.access.partnerships)


def _fetch(request: PactRequest, number: int) -> SupportQuestion:
    questions = _visible(request).select_related("partnership__organisation", "pact", "created_by")
    return get_object_or_404(questions.prefetch_related("areas", "municipalities__organisation"), number=number)


def _may_edit(request: PactRequest, question: SupportQuestion) -> bool:
    """Whether the reader may ever edit it; whether its state allows it is for the workflow to say."""
    return bool(request.access.can(Permission.SUBMIT_QUESTION, question.partnership_id))


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def question_list(request: PactRequest, pact: str) -> HttpResponse:
    questions = _visible(request).select_related("partnership__organisation").prefetch_related("areas")
    found = QuestionFilter(request.GET, questions, request=request, pact=request.pact)
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": found,
        "page": page,
        "may_submit": request.access.can(Permission.SUBMIT_QUESTION),
        "is_filtered": any(value for name, value in request.GET.items() if name not in ("page", "sort")),
    }
    return render(request, f"plan/questions/list.html{'#rows' if request.htmx else ''}", context)


@requires(Permission.SUBMIT_QUESTION)
@require_http_methods(["GET", "POST"])
def new(request: PactRequest, pact: str) -> HttpResponse:
    submitting = "submit" in request.POST
    form = QuestionForm(
        request.POST or None,
        pact=request.pact,
        partnerships=request.access.partnerships_for(Permission.SUBMIT_QUESTION),
        drafting=request.method == "POST" and not submitting,
        initial={"partnership": next(iter(request.access.partnerships), None)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                question = workflow.draft(request.pact, by=request.user, **form.values())
                if submitting:
                    workflow.submit(question, by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            return _saved(request, question)
    return render(request, "plan/questions/form.html", {"form": form, "offers_draft": True})


@requires(Permission.SUBMIT_QUESTION)
@require_http_methods(["GET", "POST"])
def edit(request: PactRequest, pact: str, number: int) -> HttpResponse:
    question = _fetch(request, number)
    if not _may_edit(request, question):
        raise PermissionDenied
    if question.state not in workflow.OPEN_TO_REVISION and request.method == "GET":
        messages.info(
            request,
            _("Deze vraag is %(state)s en kan niet meer worden gewijzigd.") % {"state": question.get_state_display()},
        )
        return redirect("plan:question_detail", pact, number)
    title, state, submitting = question.title, question.state, "submit" in request.POST
    form = QuestionForm(
        request.POST or None,
        instance=question,
        pact=request.pact,
        partnerships=request.access.partnerships_for(Permission.SUBMIT_QUESTION),
        drafting=request.method == "POST" and state == State.DRAFT and not submitting,
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                workflow.revise(question, by=request.user, seen=form.cleaned_data["seen"] or None, **form.values())
                if submitting:
                    workflow.submit(question, by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            return _saved(request, question)
    context = {
        "form": form,
        "question": question,
        "title": title,
        "offers_draft": state in (State.DRAFT, State.RETURNED),
    }
    return render(request, "plan/questions/form.html", {**context, "is_draft": state == State.DRAFT})


def _saved(request: PactRequest, question: SupportQuestion) -> HttpResponse:
    sentences = {
        State.DRAFT: _("Concept %(code)s is bewaard. Alleen uw organisatie ziet het."),
        State.SUBMITTED: _("Vraag %(code)s is ingediend. De coördinator bekijkt uw vraag; u krijgt daarover mail."),
    }
    sentence = sentences.get(State(question.state), _("Vraag %(code)s is bewaard."))
    messages.success(request, sentence % {"code": question.code})
    return redirect("plan:question_detail", request.pact.slug, question.number)


@requires(Permission.READ)
@require_GET
def detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    return _page(request, _fetch(request, number), SendBackForm())


def _page(request: PactRequest, question: SupportQuestion, send_back_form: SendBackForm) -> HttpResponse:
    fits = list(question.fits.select_related("programme__provider__organisation", "judged_by"))
    measures = list(question.measures.select_related("lead__organisation"))
    may_edit = _may_edit(request, question)
    context = {
        "question": question,
        "fits": fits,
        "measures": measures,
        "timeline": timeline_of(question, fits, measures),
        "seen": workflow.mark_of(question),
        "may_edit": may_edit and question.state in workflow.OPEN_TO_REVISION,
        "may_submit": may_edit and State.SUBMITTED in workflow.MOVES[question.state],
        "may_curate": request.access.can(Permission.CURATE_QUESTIONS) and question.state == State.SUBMITTED,
        "may_judge": request.access.can(Permission.ASSESS_FIT) and question.state in (State.SUBMITTED, State.ACCEPTED),
        "form": send_back_form,
    }
    return render(request, "plan/questions/detail.html", context)


@requires(Permission.SUBMIT_QUESTION)
@require_POST
def submit(request: PactRequest, pact: str, number: int) -> HttpResponse:
    question = _fetch(request, number)
    if not _may_edit(request, question):
        raise PermissionDenied
    try:
        workflow.submit(question, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect("plan:question_edit", pact, number)
    return _saved(request, question)


@requires(Permission.CURATE_QUESTIONS)
@require_POST
def accept(request: PactRequest, pact: str, number: int) -> HttpResponse:
    question = _fetch(request, number)
    page = confirm.ask(
        request,
        title=_("Vraag %(code)s aannemen") % {"code": question.code},
        consequence=_("De vraag komt in het plan en kan daarna niet meer worden gewijzigd. De indiener krijgt mail."),
        button=_("Aannemen"),
        back=request.path.removesuffix("accept/"),
    )
    if page:
        return page
    try:
        workflow.accept(question, by=request.user, seen=request.POST.get("seen") or None)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, _("Vraag %(code)s is aangenomen. De indiener krijgt mail.") % {"code": question.code})
    return redirect("plan:question_detail", pact, number)


@requires(Permission.CURATE_QUESTIONS)
@require_POST
def send_back(request: PactRequest, pact: str, number: int) -> HttpResponse:
    question = _fetch(request, number)
    form = SendBackForm(request.POST)
    if form.is_valid():
        try:
            workflow.send_back(
                question, remark=form.cleaned_data["remark"], by=request.user, seen=request.POST.get("seen") or None
            )
        except ValidationError as fault:
            form.take(fault)
            question = _fetch(request, number)
        else:
            messages.success(
                request, _("Vraag %(code)s is teruggestuurd. De indiener krijgt mail.") % {"code": question.code}
            )
            return redirect("plan:question_detail", pact, number)
    return _page(request, question, form)
