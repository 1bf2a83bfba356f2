"""The pages of coordinators: what waits, several at once, merging, notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from partners.permissions import PactRequest, Permission, requires
from plan.questions import curation, merging, noting, workflow
from plan.questions.bulk import carry_out
from plan.questions.curation import Act, Unreadable
from plan.questions.curation_forms import WAITING_LONGEST, NoteForm, QueueFilter, RemarkForm, TargetForm
from plan.questions.forms import SendBackForm
from plan.questions.models import SupportQuestion
from plan.questions.nearest import nearest
from plan.questions.rows import fetch
from plan.questions.similarity import MOST as MOST_SIMILAR
from plan.questions.similarity import rank
from plan.questions.support import support_counts
from plan.questions.views import page_of
from plan.questions.workflow import mark_of

PER_PAGE = 25
LONGEST_QUERY = 2000
"""Signs of the filters that travel along with a choice of rows."""

State = SupportQuestion.State


def _handed_in(request: PactRequest) -> Any:
    """All that was ever handed in: a draft is its owner's alone, whoever curates."""
    questions = SupportQuestion.objects.in_pact(request.pact).filter(submitted_at__isnull=False)
    return questions.select_related("partnership__organisation", "merged_into")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the queue."""

    question: SupportQuestion
    support: int
    similar: SupportQuestion | None
    is_chosen: bool


@requires(Permission.CURATE_QUESTIONS)
@require_GET
@vary_on_headers("HX-Request")
def queue(request: PactRequest, pact: str) -> HttpResponse:
    submitted = SupportQuestion.objects.in_pact(request.pact).submitted()
    rows = submitted.select_related("partnership__organisation").prefetch_related("areas")
    found = QueueFilter(
        request.GET,
        rows.annotate(notes_written=Count("notes")).order_by(*WAITING_LONGEST),
        request=request,
        pact=request.pact,
    )
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    chosen = request.GET.getlist("chosen")
    query = request.GET.copy()
    query.pop("chosen", None)
    context = {
        "filter": found,
        "page": page,
        "rows": _waiting(request, page.object_list, chosen),
        "query": query.urlencode(),
        "all_chosen": "all" in chosen,
        "is_filtered": any(value for name, value in query.items() if name not in ("page", "sort")),
    }
    return render(request, f"plan/questions/queue.html{'#rows' if request.htmx else ''}", context)


def _waiting(request: PactRequest, questions: Iterable[SupportQuestion], chosen: Sequence[str]) -> list[Waiting]:
    """The rows with what helps to judge them: four queries, whatever their number."""
    questions = list(questions)
    standing = SupportQuestion.objects.in_pact(request.pact).standing()
    alike = nearest([each.pk for each in questions], dict(standing.order_by().values_list("pk", "title")))
    found = standing.in_bulk([match.key for match in alike.values()])
    support = support_counts(questions)
    return [
        Waiting(
            question=each,
            support=support[each.pk],
            similar=found.get(alike[each.pk].key) if each.pk in alike else None,
            is_chosen="all" in chosen or str(each.number) in chosen,
        )
        for each in questions
    ]


# --- One question ----------------------------------------------------------------------------------------------------


@requires(Permission.CURATE_QUESTIONS)
@require_POST
def accept(request: PactRequest, pact: str, number: int) -> HttpResponse:
    question = fetch(request, number)
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
    question = fetch(request, number)
    form = SendBackForm(request.POST)
    if form.is_valid():
        try:
            workflow.send_back(
                question, remark=form.cleaned_data["remark"], by=request.user, seen=request.POST.get("seen") or None
            )
        except ValidationError as fault:
            form.take(fault)
            question = fetch(request, number)
        else:
            messages.success(
                request, _("Vraag %(code)s is teruggestuurd. De indiener krijgt mail.") % {"code": question.code}
            )
            return redirect("plan:question_detail", pact, number)
    return page_of(request, question, send_back_form=form)


@requires(Permission.CURATE_QUESTIONS)
@require_POST
def note(request: PactRequest, pact: str, number: int) -> HttpResponse:
    question = fetch(request, number)
    form = NoteForm(request.POST, question=question)
    if form.is_valid():
        try:
            noting.note(question, text=form.cleaned_data["text"], by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De notitie is bewaard. Alleen coördinatoren lezen die."))
            return redirect("plan:question_detail", pact, number)
    return page_of(request, question, note_form=form)


# --- Several at once -------------------------------------------------------------------------------------------------


@requires(Permission.CURATE_QUESTIONS)
@require_POST
def bulk(request: PactRequest, pact: str) -> HttpResponse:
    """What would happen to each of the chosen questions; for a merge first the question into which they go."""
    try:
        act = _act(request)
        numbers = curation.numbers_of(request.POST.getlist("chosen"))
        questions = _chosen(request, numbers)
    except Unreadable as fault:
        messages.error(request, str(fault))
        return _to_queue(request, request.POST.getlist("chosen"))
    context: dict[str, Any] = {"act": act, "query": _query(request)}
    if act != Act.MERGE:
        form = RemarkForm() if act == Act.RETURN else None
        return _preview(request, {**context, "form": form}, questions)
    posted = request.POST if "choosing" in request.POST else None
    target_form = TargetForm(posted, pact=request.pact, similar=_similar_to(request, questions))
    if "target" in target_form.fields and len(questions) > 1:
        target_form.fields["target"].label = _("De gekozen vragen, en wat er het meest op lijkt")
    if posted is None or not target_form.is_valid():
        return render(
            request, "plan/questions/bulk_target.html", {**context, "form": target_form, "questions": questions}
        )
    return _preview(request, context, questions, into=target_form.into)


@requires(Permission.CURATE_QUESTIONS)
@require_POST
def bulk_apply(request: PactRequest, pact: str) -> HttpResponse:
    """Do what the preview showed, with what has not changed since."""
    try:
        act = _act(request)
        marks = curation.marks_of(request.POST.getlist("row"))
        questions = _chosen(request, sorted(marks))
        into_marks = curation.marks_of(request.POST.getlist("into")[:1]) if act == Act.MERGE else {}
        into = _chosen(request, list(into_marks))[0] if into_marks else None
    except Unreadable as fault:
        messages.error(request, str(fault))
        return _to_queue(request)
    form = RemarkForm(request.POST) if act == Act.RETURN else None
    if form is not None and not form.is_valid():
        return _preview(request, {"act": act, "query": _query(request), "form": form}, questions, marks=marks)
    try:
        done = carry_out(
            request.pact,
            act,
            marks,
            by=request.user,
            remark=form.cleaned_data["remark"] if form else "",
            into=into,
            into_seen=next(iter(into_marks.values()), None),
        )
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        for tone, sentence in curation.sentences_of(done):
            getattr(messages, tone)(request, sentence)
    return _to_queue(request)


def _act(request: PactRequest) -> Act:
    try:
        return Act(request.POST.get("act", ""))
    except ValueError as fault:
        raise Unreadable(_("Kies wat u met deze vragen wilt doen: aannemen, terugsturen of samenvoegen.")) from fault


def _chosen(request: PactRequest, numbers: Sequence[int]) -> list[SupportQuestion]:
    """The questions with these numbers, as far as the coordinator may know of them. Raises Unreadable."""
    rows = _handed_in(request).filter(number__in=numbers).prefetch_related("areas", "municipalities")
    questions = list(rows.order_by(*WAITING_LONGEST))
    if len(questions) != len(numbers):
        raise Unreadable(_("Een van de gekozen vragen kennen wij niet. Kies opnieuw."))
    return questions


def _preview(
    request: PactRequest,
    context: dict[str, Any],
    questions: Sequence[SupportQuestion],
    *,
    into: SupportQuestion | None = None,
    marks: dict[int, str] | None = None,
) -> HttpResponse:
    """`marks` are those of an earlier preview, which the coordinator read; without them, as the questions stand now."""
    # Who chooses the target among them means the others.
    rows = curation.plan_of(context["act"], [each for each in questions if each != into], into=into)
    planned = {
        "doable": [
            (row.question, f"{row.question.number}:{(marks or {}).get(row.question.number) or mark_of(row.question)}")
            for row in rows
            if not row.refusal
        ],
        "refused": [row for row in rows if row.refusal],
        "into": into,
        "into_row": f"{into.number}:{mark_of(into)}" if into else "",
    }
    return render(request, "plan/questions/bulk.html", {**context, **planned})


def _query(request: PactRequest) -> str:
    """The filters of the queue from which the rows were chosen."""
    return QueryDict(request.POST.get("query", "")[:LONGEST_QUERY]).urlencode()


def _to_queue(request: PactRequest, chosen: Sequence[str] = ()) -> HttpResponse:
    """Back to the queue as it was, with the same rows ticked as far as they fit in an address."""
    query = QueryDict(_query(request), mutable=True)
    query.setlist("chosen", [text for text in chosen if curation.NUMBER.fullmatch(text)][: curation.MOST])
    address = reverse("plan:question_queue", args=[request.pact.slug])
    return redirect(f"{address}?{query.urlencode()}" if query else address)


# --- One into another ------------------------------------------------------------------------------------------------


def _similar_to(request: PactRequest, questions: Sequence[SupportQuestion]) -> list[tuple[SupportQuestion, str]]:
    """The questions to merge into, with their labels: of several chosen ones they themselves, then what looks alike."""
    standing = SupportQuestion.objects.in_pact(request.pact).standing()
    titles = list(standing.order_by().values_list("pk", "title"))
    own = [each.pk for each in questions]
    best: dict[int, float] = {}
    for question in questions[:MOST_SIMILAR]:
        for match in rank(question.title, [(key, title) for key, title in titles if key not in own]):
            best[match.key] = max(match.score, best.get(match.key, 0.0))
    keys = [
        *(own if len(own) > 1 else []),
        *sorted(best, key=lambda key: (-best[key], key))[:MOST_SIMILAR],
    ]
    found = standing.select_related("partnership__organisation").in_bulk(keys)
    support = support_counts(found.values())
    return [(found[key], _label(found[key], support[key])) for key in keys if key in found]


def _label(question: SupportQuestion, support: int) -> str:
    return _("%(code)s %(title)s (%(partner)s; %(state)s; partners: %(support)s)") % {
        "code": question.code,
        "title": question.title,
        "partner": question.partnership,
        "state": question.get_state_display(),
        "support": support,
    }


@requires(Permission.CURATE_QUESTIONS)
@require_http_methods(["GET", "POST"])
def merge(request: PactRequest, pact: str, number: int) -> HttpResponse:
    question = fetch(request, number)
    initial = {"seen": mark_of(question), "target": request.GET.get("into", "")[:9]}
    form = TargetForm(
        request.POST or None, pact=request.pact, similar=_similar_to(request, [question]), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        into, refusal = form.into, merging.refusal_of(question, form.into)
        if refusal:
            form.add_error(None, refusal)
        elif page := confirm.ask(
            request,
            title=_("Vraag %(code)s samenvoegen met %(into)s") % {"code": question.code, "into": into},
            consequence=_consequence(question, into),
            button=_("Samenvoegen"),
            back=request.path,
        ):
            return page
        else:
            try:
                merging.merge(question, into=into, by=request.user, seen=form.cleaned_data["seen"] or None)
            except ValidationError as fault:
                question = fetch(request, number)
                form.take_for(fault, question, mark_of(question))
            else:
                messages.success(
                    request,
                    _("Vraag %(code)s is opgegaan in vraag %(into)s. Wie de vraag volgt, krijgt mail.")
                    % {"code": question.code, "into": into.code},
                )
                return redirect("plan:question_detail", pact, into.number)
    context = {"form": form, "question": question, "can_merge": question.state in merging.MERGEABLE}
    return render(request, "plan/questions/merge.html", context)


def _consequence(question: SupportQuestion, into: SupportQuestion) -> str:
    sentence = _(
        "%(into)s spreekt voortaan ook voor %(code)s. Wat partners bij %(code)s schreven en wie dat ook hun vraag "
        "noemde, telt mee bij %(into)s. U kunt dit ongedaan maken totdat het plan opnieuw wordt vastgesteld."
    ) % {"into": into.code, "code": question.code}
    return str(sentence)


@requires(Permission.CURATE_QUESTIONS)
@require_POST
def unmerge(request: PactRequest, pact: str, number: int) -> HttpResponse:
    question = fetch(request, number)
    page = confirm.ask(
        request,
        title=_("Samenvoegen van vraag %(code)s ongedaan maken") % {"code": question.code},
        consequence=_(
            "De vraag staat weer op zichzelf, zoals daarvoor, met wat er eerder in was opgegaan. Wie de vraag volgt, "
            "krijgt mail."
        ),
        button=_("Ongedaan maken"),
        back=request.path.removesuffix("unmerge/"),
    )
    if page:
        return page
    try:
        merging.undo(question, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, _("Vraag %(code)s staat weer op zichzelf.") % {"code": question.code})
    return redirect("plan:question_detail", pact, number)
