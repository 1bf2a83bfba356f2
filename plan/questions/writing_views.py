"""The pages on which a question is written: short steps, similar questions, everything at a glance, handing in."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from partners.permissions import PactRequest, Permission, requires
from partners.wording import advice
from plan.questions import lookalikes, steps, workflow
from plan.questions.forms import QuestionStepForm, QuestionTextForm, WithdrawForm
from plan.questions.models import SupportQuestion
from plan.questions.rows import draft_of, fetch, may_edit
from plan.questions.similarity import LONGEST_TITLE

State = SupportQuestion.State

DOUBLE_CLICK = timedelta(minutes=1)
"""Who sends the same first step again within this time means the draft that is there already."""


@requires(Permission.SUBMIT_QUESTION)
@require_http_methods(["GET", "POST"])
def new(request: PactRequest, pact: str) -> HttpResponse:
    """Step 1 of a new question. From here on the question exists, as a draft."""
    form = QuestionTextForm(
        request.POST or None,
        pact=request.pact,
        partnerships=request.access.partnerships_for(Permission.SUBMIT_QUESTION),
        initial={"partnership": next(iter(request.access.partnerships), None), "title": request.GET.get("title", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            question = workflow.draft(request.pact, by=request.user, unless_within=DOUBLE_CLICK, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            return _onward(request, question, steps.STEPS[0], title_is_new=True)
    return _step_page(request, form, steps.STEPS[0], question=None)


@requires(Permission.SUBMIT_QUESTION)
@require_http_methods(["GET", "POST"])
def step(request: PactRequest, pact: str, number: int, step: str) -> HttpResponse:
    """One step of a question that exists."""
    current = steps.BY_SLUG.get(step)
    if current is None:
        raise Http404
    question = _own(request, number)
    if question.state not in workflow.OPEN_TO_REVISION and request.method == "GET":
        return _closed(request, question)
    title = question.title
    form = current.form(
        request.POST or None,
        # Another object: what was typed stays out of what the page shows of the question.
        instance=fetch(request, number),
        pact=request.pact,
        partnerships=request.access.partnerships_for(Permission.SUBMIT_QUESTION),
        unfinished="later" in request.POST and question.state in workflow.UNFINISHED,
    )
    if request.method == "POST" and form.is_valid():
        try:
            workflow.revise(question, by=request.user, seen=form.cleaned_data["seen"] or None, **form.values())
        except ValidationError as fault:
            question = fetch(request, number)
            form.take_for(fault, question, workflow.mark_of(question))
        else:
            return _onward(request, question, current, title_is_new=question.title != title)
    return _step_page(request, form, current, question=question)


def _own(request: PactRequest, number: int) -> SupportQuestion:
    question = fetch(request, number)
    if not may_edit(request, question):
        raise PermissionDenied
    return question


def _closed(request: PactRequest, question: SupportQuestion) -> HttpResponse:
    messages.info(
        request,
        _("Deze vraag is %(state)s en kan niet meer worden gewijzigd.") % {"state": question.get_state_display()},
    )
    return redirect("plan:question_detail", request.pact.slug, question.number)


def _onward(request: PactRequest, question: SupportQuestion, done: steps.Step, *, title_is_new: bool) -> HttpResponse:
    """To the page that comes next: the similar questions after a new title, the next step of a draft, the review."""
    slug = request.pact.slug
    if "later" in request.POST:
        messages.success(
            request, _("Concept %(code)s is bewaard. Alleen uw organisatie ziet het.") % {"code": question.code}
        )
        return redirect("plan:question_detail", slug, question.number)
    if question.state != State.DRAFT:
        messages.success(request, _("Vraag %(code)s is bewaard.") % {"code": question.code})
        return redirect("plan:question_review", slug, question.number)
    back_to_review = request.GET.get("back") == "review"
    if title_is_new and lookalikes.of(request, question.title, apart_from=question):
        query = {"title": question.title, "for": str(question.number)} | ({"back": "review"} if back_to_review else {})
        return redirect(f"{reverse('plan:question_similar', args=[slug])}?{urlencode(query)}")
    return redirect(_next_address(request, question, done, back_to_review=back_to_review))


def _next_address(
    request: PactRequest, question: SupportQuestion, done: steps.Step, *, back_to_review: bool = False
) -> str:
    following = None if back_to_review else steps.after(done)
    if following is None:
        return reverse("plan:question_review", args=[request.pact.slug, question.number])
    return reverse("plan:question_step", args=[request.pact.slug, question.number, following.slug])


def _step_page(
    request: PactRequest, form: QuestionStepForm, current: steps.Step, *, question: SupportQuestion | None
) -> HttpResponse:
    slug = request.pact.slug
    back_to_review = question is not None and (question.state != State.DRAFT or request.GET.get("back") == "review")
    if question is not None and back_to_review:
        back = reverse("plan:question_review", args=[slug, question.number])
    elif question is not None and current.number > 1:
        back = reverse("plan:question_step", args=[slug, question.number, steps.STEPS[current.number - 2].slug])
    else:
        back = reverse("plan:question_own" if question else "plan:question_list", args=[slug])
    context = {
        "form": form,
        "step": current,
        "last": steps.REVIEW,
        "question": question,
        "is_draft": question is None or question.state == State.DRAFT,
        "may_pause": question is None or question.state in workflow.UNFINISHED,
        "goes_back": back_to_review,
        "back": back,
    }
    if current.number == 1 and context["is_draft"]:
        _search_while_typing(form, slug, question)
        typed = form["title"].value() or ""
        context |= _similar_context(request, str(typed), question)
    return render(request, "plan/questions/step.html", context)


def _search_while_typing(form: QuestionStepForm, slug: str, question: SupportQuestion | None) -> None:
    """Let the title ask for similar questions while one types."""
    address = reverse("plan:question_similar", args=[slug])
    form.fields["title"].widget.attrs |= {
        "hx-get": f"{address}?for={question.number}" if question else address,
        "hx-trigger": "input changed delay:400ms",
        "hx-target": "#similar",
        "hx-swap": "outerHTML",
        "hx-sync": "this:replace",
        "autocomplete": "off",
    }


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def similar(request: PactRequest, pact: str) -> HttpResponse:
    """The questions of the pact that ask the same as a title: a part of step 1, and a page of its own after it."""
    draft = draft_of(request, request.GET.get("for", ""))
    context = _similar_context(request, request.GET.get("title", ""), draft)
    if draft is not None:
        back_to_review = request.GET.get("back") == "review"
        context["onward"] = _next_address(request, draft, steps.STEPS[0], back_to_review=back_to_review)
    context["may_submit"] = request.access.can(Permission.SUBMIT_QUESTION)
    return render(request, f"plan/questions/similar.html{'#typed' if request.htmx else ''}", context)


def _similar_context(request: PactRequest, title: str, draft: SupportQuestion | None) -> dict[str, Any]:
    return {
        "title": title[:LONGEST_TITLE],
        "draft": draft,
        "found": lookalikes.of(request, title, apart_from=draft),
        "may_endorse": request.access.can(Permission.ENDORSE_QUESTION),
    }


@requires(Permission.SUBMIT_QUESTION)
@require_GET
def review(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """The last step: everything that was filled in, what is still missing, and the button to hand it in."""
    question = _own(request, number)
    if question.state not in workflow.OPEN_TO_REVISION:
        return _closed(request, question)
    may_submit = State.SUBMITTED in workflow.MOVES[question.state]
    context = {
        "question": question,
        "steps": steps.STEPS,
        "last": steps.REVIEW,
        "faults": steps.faults_by_step(workflow.faults_of(question)) if may_submit else [],
        "may_submit": may_submit,
        "seen": workflow.mark_of(question),
        "advice": advice.of(request.pact, [question.title], rich=[question.description]),
    }
    return render(request, "plan/questions/review.html", context)


@requires(Permission.SUBMIT_QUESTION)
@require_POST
def submit(request: PactRequest, pact: str, number: int) -> HttpResponse:
    question = _own(request, number)
    try:
        workflow.submit(question, by=request.user, seen=request.POST.get("seen") or None)
    except ValidationError as fault:
        if fetch(request, number).state == State.SUBMITTED:
            # A second click, or a colleague who was first: it is as the reader wants it.
            messages.info(request, _("Vraag %(code)s is al ingediend.") % {"code": question.code})
            return redirect("plan:question_detail", pact, number)
        messages.error(request, " ".join(fault.messages))
        return redirect("plan:question_review", pact, number)
    messages.success(
        request,
        _("Vraag %(code)s is ingediend. De coördinator bekijkt uw vraag; u krijgt daarover mail.")
        % {"code": question.code},
    )
    return redirect("plan:question_detail", pact, number)


@requires(Permission.SUBMIT_QUESTION)
@require_http_methods(["GET", "POST"])
def withdraw(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """The page that says what taking back means, and asks why. The page itself is the question."""
    question = _own(request, number)
    form = WithdrawForm(
        request.POST if request.method == "POST" else None, initial={"seen": workflow.mark_of(question)}
    )
    if form.is_bound and form.is_valid():
        try:
            workflow.withdraw(
                question,
                by=request.user,
                reason=form.cleaned_data["reason"],
                as_coordinator=request.access.can(Permission.CURATE_QUESTIONS),
                seen=form.cleaned_data["seen"] or None,
            )
        except ValidationError as fault:
            question = fetch(request, number)
            form.take_for(fault, question, workflow.mark_of(question))
        else:
            messages.success(
                request,
                _("Vraag %(code)s is ingetrokken. U kunt de vraag later opnieuw indienen.") % {"code": question.code},
            )
            return redirect("plan:question_detail", pact, number)
    return render(request, "plan/questions/withdraw.html", {"form": form, "question": question})
