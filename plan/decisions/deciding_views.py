"""The pages on which a coordinator records what was said: one step, a whole meeting, and what takes the place of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partners.bodies.models import Meeting
from partners.permissions import PactRequest, Permission, requires
from plan.decisions import deciding
from plan.decisions.carried import Carried, carried_by, carried_by_each, course_of, mark_of_changes
from plan.decisions.consequences import adoption, consequences, undoing
from plan.decisions.deciding import AlreadyRecorded, Changed, MeetingRefused, MeetingRow, day_of, outcomes_of
from plan.decisions.filters import with_turn
from plan.decisions.forms import MeetingRowForm, OutcomeForm, SupersedeForm
from plan.decisions.models import Decision, Outcome, Proposal, ProposalStep
from plan.decisions.rows import fetch
from plan.decisions.weighed import Weighed, refused_today
from plan.funding.models import Allocation

LONGEST_NUMBER = 10
LONGEST_MARK = 64
TECHNICAL = ("csrfmiddlewaretoken", "confirmed", "again")
"""What a page that asks once more does not post along."""
FAVOURABLE = (Outcome.POSITIVE, Outcome.ADOPTED)
"""Who says this is told what speaks against it."""


@dataclass
class Said:
    """One outcome as the page that asks once more shows it."""

    proposal: Proposal
    step: ProposalStep
    outcome: Outcome
    day: Any
    reason: str
    conditions: Sequence[str]
    sentences: list[str]
    weighed: list[Weighed]


def _is_sure(request: PactRequest) -> bool:
    return bool(request.POST.get("confirmed"))


def _wants_review(request: PactRequest) -> bool:
    """Whether the reader comes from the form, and neither from the page that asks once more nor back from it."""
    return not _is_sure(request) and not request.POST.get("again")


def _review(request: PactRequest, said: Sequence[Said], *, title: str, back: str, danger: bool = False) -> HttpResponse:
    """The page that says what will happen and asks once more. "Pas aan" leads back to the form as it was filled in."""
    fields = [(name, value) for name, values in request.POST.lists() if name not in TECHNICAL for value in values]
    context = {"said": said, "fields": fields, "title": title, "back": back, "danger": danger}
    return render(request, "plan/decisions/review.html", context)


def _committed(pact: Any, carried: Sequence[Carried]) -> Decimal:
    """The euros of the allocations among these rows."""
    keys = [one.item.object_id for one in carried if one.kind.name == "allocation"]
    if not keys:
        return Decimal(0)
    total: Decimal = (
        Allocation.objects.in_pact(pact).filter(pk__in=keys).aggregate(total=Sum("amount", default=Decimal(0)))["total"]
    )
    return total


def _seen(request: PactRequest, name: str = "changes") -> str:
    """The mark of the changes that the reader ticked to have seen."""
    return request.POST.get(name, "")[:LONGEST_MARK]


def _unseen() -> ValidationError:
    return ValidationError(
        _("Er is iets gewijzigd nadat het voorstel werd ingebracht. Kruis aan dat het besluit over de wijziging gaat."),
        code="changed",
    )


def _step(proposal: Proposal, key: str) -> ProposalStep | None:
    """The step of this proposal that a form names; None for what is none of its steps."""
    if not (key.isascii() and key.isdigit() and len(key) <= LONGEST_NUMBER + 8):
        return None
    steps = ProposalStep.objects.in_pact(proposal.pact_id).filter(proposal=proposal).select_related("body")
    found: ProposalStep | None = steps.filter(pk=int(key)).first()
    return found


def _following(proposal: Proposal, step: ProposalStep) -> ProposalStep | None:
    return next((stage.step for stage in course_of(proposal) if stage.step.position > step.position), None)


# --- One step --------------------------------------------------------------------------------------------------------


@requires(Permission.KEEP_DECISIONS)
@require_http_methods(["GET", "POST"])
def decide(request: PactRequest, pact: str, number: int) -> HttpResponse:
    proposal = fetch(request, number)
    back = reverse("plan:proposal_detail", args=[pact, number])
    course = course_of(proposal)
    stage = next((each for each in course if each.status == "next"), None)
    step = _step(proposal, request.POST.get("step", "")) or (stage.step if stage else None)
    if step is None:
        sentence = _("Voorstel %(code)s is %(state)s. Er valt nu niets over vast te leggen.")
        messages.info(request, sentence % {"code": proposal.code, "state": proposal.get_state_display()})
        return redirect(back)
    carried = carried_by(proposal)
    form = OutcomeForm(request.POST or None, step=step, pact=request.pact, outcomes=outcomes_of(step.kind))
    if request.method == "POST" and form.is_valid() and not request.POST.get("again"):
        is_next = stage is not None and stage.step == step
        if is_next and mark_of_changes(carried) not in ("", _seen(request)):
            form.take(_unseen())
        elif is_next and _wants_review(request):
            return _review(
                request,
                [_said(proposal, step, carried, form.cleaned_data)],
                title=_("Klopt dit?"),
                back=back,
            )
        else:
            answer = _recorded(request, proposal, step, form)
            if answer is not None:
                return answer
            carried = carried_by(proposal)
    context = {
        "proposal": proposal,
        "step": step,
        "stage": stage,
        # Somebody else recorded this step meanwhile: what was typed stays on the page, beside the way to that.
        "standing": next((each.decision for each in course if each.step == step and each.status == "done"), None),
        "form": form,
        "carried": carried,
        "mark": mark_of_changes(carried),
        "is_seen": _seen(request) == mark_of_changes(carried),
        "problems": [one for one in carried if one.now.problem],
        "weighed": refused_today(request.pact, carried),
    }
    return render(request, "plan/decisions/decide.html", context)


def _said(proposal: Proposal, step: ProposalStep, carried: Sequence[Carried], filled: dict[str, Any]) -> Said:
    sentences = consequences(
        filled["outcome"],
        carried,
        following=_following(proposal, step),
        committed=_committed(proposal.pact, carried),
    )
    return Said(
        proposal=proposal,
        step=step,
        outcome=filled["outcome"],
        day=filled["decided_on"],
        reason=filled["reason"],
        conditions=filled.get("conditions", []),
        sentences=sentences,
        weighed=refused_today(proposal.pact, carried) if filled["outcome"] in FAVOURABLE else [],
    )


def _recorded(request: PactRequest, proposal: Proposal, step: ProposalStep, form: OutcomeForm) -> HttpResponse | None:
    """The answer after recording; None when it was refused, and the form says why."""
    filled = {name: value for name, value in form.cleaned_data.items() if name in OUTCOME_FIELDS}
    try:
        decision = deciding.record_outcome(proposal, step=step, confirmed=_seen(request), by=request.user, **filled)
    except AlreadyRecorded as fault:
        messages.info(request, " ".join(fault.messages))
        return redirect("plan:decision_detail", request.pact.slug, fault.decision.number)
    except Changed as fault:
        form.take(fault)
    except ValidationError as fault:
        form.take(fault)
    else:
        sentence = _("Besluit %(code)s is vastgelegd: %(outcome)s.")
        messages.success(request, sentence % {"code": decision.code, "outcome": decision.get_outcome_display()})
        return redirect("plan:proposal_detail", request.pact.slug, proposal.number)
    return None


OUTCOME_FIELDS = ("outcome", "decided_on", "reason", "conditions", "meeting")


# --- A meeting -------------------------------------------------------------------------------------------------------


@dataclass
class Item:
    """One proposal on the page of a meeting."""

    proposal: Proposal
    step: ProposalStep
    carried: list[Carried]
    form: MeetingRowForm
    mark: str
    is_seen: bool = False

    @property
    def prefix(self) -> str:
        return f"p{self.proposal.number}"

    @property
    def tick(self) -> str:
        """The name of the tick that carries the mark of the changes."""
        return f"{self.prefix}-changes"


@requires(Permission.KEEP_DECISIONS)
@require_http_methods(["GET", "POST"])
def meeting(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    meetings = Meeting.objects.in_pact(request.pact).select_related("body__pact")
    row = get_object_or_404(meetings, pk=pk)
    back = reverse("plan:decision_list", args=[pact])
    items = _items(request, row)
    is_over = row.cancelled_at is None and row.starts_at <= timezone.now()
    fault_text = ""
    if request.method == "POST" and not request.POST.get("again"):
        fault_text = _meeting_fault(items)
        treated = [
            item for item in items if item.form.is_bound and item.form.is_valid() and item.form.cleaned_data["outcome"]
        ]
        if not fault_text and is_over and treated and _wants_review(request):
            said = [_said_in(row, item) for item in treated]
            return _review(request, said, title=_("Klopt dit?"), back=back)
        if not fault_text:
            answer, fault_text = _recorded_meeting(request, row, treated)
            if answer is not None:
                return answer
    context = {
        "meeting": row,
        "items": items,
        "is_over": is_over,
        "fault_text": fault_text,
        "recorded": list(
            Decision.objects.in_pact(request.pact)
            .filter(meeting=row)
            .select_related("proposal", "step", "superseded_by")
            .order_by("pk")
        ),
    }
    return render(request, "plan/decisions/meeting.html", context)


def _items(request: PactRequest, row: Meeting) -> list[Item]:
    """The proposals whose turn it is at the body of the meeting, and those that a form was sent about."""
    at_body = ProposalStep.objects.in_pact(request.pact).filter(body=row.body_id).values("pk")
    posted = dict(_posted(request))
    waiting = with_turn(Proposal.objects.in_pact(request.pact).under_way()).filter(turn__in=at_body)
    turns = dict(waiting.values_list("pk", "turn"))
    wanted = Proposal.objects.in_pact(request.pact).select_related("pact", "partnership__organisation")
    sent = dict(wanted.filter(number__in=posted).values_list("pk", "number"))
    found = wanted.filter(pk__in={*turns, *sent}).order_by("number")
    steps = (
        ProposalStep.objects.in_pact(request.pact).select_related("body").in_bulk([*turns.values(), *posted.values()])
    )
    items = []
    rows = carried_by_each(list(found))
    for proposal in found:
        step = steps.get(posted.get(proposal.number, 0))
        if step is None or step.proposal_id != proposal.pk or step.body_id != row.body_id:
            step = steps.get(turns.get(proposal.pk, 0))
        if step is None:
            continue
        carried = rows[proposal.pk]
        mark, prefix = mark_of_changes(carried), f"p{proposal.number}"
        data = request.POST if proposal.number in posted else None
        form = MeetingRowForm(data, prefix=prefix, outcomes=outcomes_of(step.kind))
        seen = bool(mark) and _seen(request, f"{prefix}-changes") == mark
        items.append(Item(proposal, step, carried, form, mark, seen))
    return items


def _posted(request: PactRequest) -> list[tuple[int, int]]:
    """The pairs of number and step that the page sent along, as "12:34". What is none of these is left out."""
    pairs = []
    for text in request.POST.getlist("row")[:200]:
        number, _colon, step = text.partition(":")
        if all(part.isascii() and part.isdigit() and len(part) <= LONGEST_NUMBER for part in (number, step)):
            pairs.append((int(number), int(step)))
    return pairs


def _meeting_fault(items: Sequence[Item]) -> str:
    """Put the fault of each row at its row; what stands above the page, or "" when all is well."""
    bound = [item for item in items if item.form.is_bound]
    faulty = [item for item in bound if not item.form.is_valid()]
    for item in bound:
        if item not in faulty and item.form.cleaned_data["outcome"] and item.mark and not item.is_seen:
            item.form.take(_unseen())
            faulty.append(item)
    if not faulty:
        return ""
    return _("Er is nog niets vastgelegd. Kijk bij: %(codes)s.") % {
        "codes": ", ".join(item.proposal.code for item in faulty)
    }


def _said_in(row: Meeting, item: Item) -> Said:
    return _said(item.proposal, item.step, item.carried, {**item.form.cleaned_data, "decided_on": day_of(row)})


def _recorded_meeting(request: PactRequest, row: Meeting, treated: Sequence[Item]) -> tuple[HttpResponse | None, str]:
    """The answer after recording; or None with the sentence that says why it was refused."""
    rows = [
        MeetingRow(
            proposal=item.proposal,
            step=item.step,
            outcome=item.form.cleaned_data["outcome"],
            reason=item.form.cleaned_data["reason"],
            conditions=item.form.cleaned_data["conditions"],
            confirmed=item.mark if item.is_seen else "",
        )
        for item in treated
    ]
    try:
        decisions = deciding.record_meeting(row, rows, by=request.user)
    except AlreadyRecorded:
        messages.info(request, _("Dit is al vastgelegd. Er is niets veranderd."))
    except MeetingRefused as fault:
        for place, refused in fault.faults.items():
            treated[place].form.take(refused)
        codes = ", ".join(treated[place].proposal.code for place in fault.faults)
        return None, _("Er is nog niets vastgelegd. Kijk bij: %(codes)s.") % {"codes": codes}
    except ValidationError as fault:
        return None, " ".join(fault.messages)
    else:
        codes = ", ".join(decision.code for decision in decisions)
        messages.success(request, _("Vastgelegd: %(codes)s.") % {"codes": codes})
    return redirect("plan:meeting_record", request.pact.slug, row.pk), ""


# --- In the place of an earlier one ----------------------------------------------------------------------------------


@requires(Permission.KEEP_DECISIONS)
@require_http_methods(["GET", "POST"])
def supersede(request: PactRequest, pact: str, number: int) -> HttpResponse:
    decisions = Decision.objects.in_pact(request.pact).select_related(
        "proposal__pact", "step__body", "meeting", "superseded_by"
    )
    decision = get_object_or_404(decisions, number=number)
    back = reverse("plan:decision_detail", args=[pact, number])
    successor = getattr(decision, "superseded_by", None)
    if successor is not None and request.method == "GET":
        sentence = _("Besluit %(code)s is al vervangen door %(later)s.")
        messages.info(request, sentence % {"code": decision.code, "later": successor.code})
        return redirect("plan:decision_detail", pact, successor.number)
    carried = carried_by(decision.proposal)
    form = SupersedeForm(
        request.POST or None,
        decision=decision,
        outcomes=outcomes_of(decision.step.kind),
        conditions=[one.text for one in decision.conditions.order_by("pk")],
    )
    if request.method == "POST" and form.is_valid() and not request.POST.get("again"):
        runs = form.cleaned_data["outcome"] != decision.outcome and decision.outcome != Outcome.ADOPTED
        if successor is None and runs and mark_of_changes(carried) not in ("", _seen(request)):
            form.take(_unseen())
        elif successor is None and _wants_review(request):
            said = [_said_instead(decision, carried, form.cleaned_data)]
            return _review(request, said, title=_("Klopt dit?"), back=back, danger=True)
        else:
            answer = _superseded(request, decision, form)
            if answer is not None:
                return answer
    context = {
        "decision": decision,
        "proposal": decision.proposal,
        "form": form,
        "carried": carried,
        "mark": mark_of_changes(carried) if decision.outcome != Outcome.ADOPTED else "",
        "is_seen": _seen(request) == mark_of_changes(carried),
    }
    return render(request, "plan/decisions/supersede.html", context)


def _said_instead(decision: Decision, carried: Sequence[Carried], filled: dict[str, Any]) -> Said:
    """What happens when this takes the place of the decision."""
    outcome = filled["outcome"]
    committed = _committed(decision.pact_id, carried)
    said = _said(decision.proposal, decision.step, carried, filled)
    if outcome == decision.outcome:
        said.sentences = [
            _("Alleen de dag, de reden en de voorwaarden veranderen. Aan wat is besloten verandert niets.")
        ]
    elif decision.outcome == Outcome.ADOPTED:
        said.sentences = undoing(outcome, carried, committed=committed)
    elif outcome == Outcome.ADOPTED:
        said.sentences = adoption(carried, committed=committed)
    kept = _("Besluit %(code)s blijft leesbaar, doorgestreept en met een verwijzing naar dit besluit.")
    said.sentences.append(kept % {"code": decision.code})
    return said


def _superseded(request: PactRequest, decision: Decision, form: SupersedeForm) -> HttpResponse | None:
    try:
        later = deciding.supersede(decision, confirmed=_seen(request), by=request.user, **form.values())
    except AlreadyRecorded as fault:
        messages.info(request, " ".join(fault.messages))
        return redirect("plan:decision_detail", request.pact.slug, fault.decision.number)
    except ValidationError as fault:
        form.take(fault)
        return None
    words = {"later": later.code, "code": decision.code}
    messages.success(request, _("Besluit %(later)s komt in de plaats van %(code)s.") % words)
    return redirect("plan:decision_detail", request.pact.slug, later.number)
