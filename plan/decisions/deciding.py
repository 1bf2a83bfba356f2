"""Recording what a step said, and letting an adoption take effect.

Everything happens under the lock of the pact, in one transaction: the decision, the state of the proposal, and what
becomes of every row that it carries. Whoever needs more than one of measures, allocations and package-years holds the
pact first, so that nobody waits in a circle.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.bodies.models import Meeting
from partners.people.models import User
from plan.decisions.carried import Carried, carried_by, content_of, course_of, mark_of_changes, next_step
from plan.decisions.models import Condition, Decision, Outcome, Proposal, ProposalStep, StepKind
from plan.decisions.texts import written
from plan.decisions.writing import close_items, lock, open_items

State = Proposal.State

OUTCOMES: dict[str, list[Outcome]] = {
    StepKind.PREPARES: [Outcome.POSITIVE, Outcome.NEGATIVE, Outcome.SENT_BACK],
    StepKind.ADVISES: [Outcome.POSITIVE, Outcome.NEGATIVE, Outcome.SENT_BACK],
    StepKind.DECIDES: [Outcome.ADOPTED, Outcome.REJECTED, Outcome.DEFERRED, Outcome.SENT_BACK],
}
"""domain.md, "Route and decisions": what a step of each kind can say."""

STATE_AFTER: dict[str, State] = {
    Outcome.POSITIVE: State.SUBMITTED,
    Outcome.NEGATIVE: State.SUBMITTED,
    Outcome.ADOPTED: State.ADOPTED,
    Outcome.REJECTED: State.REJECTED,
    Outcome.DEFERRED: State.DEFERRED,
    Outcome.SENT_BACK: State.SENT_BACK,
}
"""Where a proposal stands after the last thing that was said about it. Advice, also negative, goes on to the next."""

MOST_CONDITIONS = 20


class AlreadyRecorded(ValidationError):
    """The same was recorded before, as `decision`."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(
            _("Dit besluit is al vastgelegd, als %(code)s. Er is niets veranderd.") % {"code": decision.code},
            code="already",
        )
        self.decision = decision


class Changed(ValidationError):
    """What the proposal carries is not what was submitted; `carried` shows the changes."""

    def __init__(self, carried: Sequence[Carried]) -> None:
        names = ", ".join(one.now.name for one in carried if one.changes)
        super().__init__(
            _(
                "Dit is gewijzigd nadat het voorstel werd ingebracht: %(names)s. Bekijk de wijzigingen en bevestig dat "
                "het besluit daarover gaat."
            )
            % {"names": names},
            code="changed",
        )
        self.carried = list(carried)


class MeetingRefused(ValidationError):
    """Nothing of a meeting was recorded. `faults` has, by place in the rows, what is wrong with each."""

    def __init__(self, faults: dict[int, tuple[Proposal, ValidationError]]) -> None:
        super().__init__(
            [f"{proposal.code}: {' '.join(fault.messages)}" for proposal, fault in faults.values()], code="meeting"
        )
        self.faults = {place: fault for place, (_proposal, fault) in faults.items()}


@dataclass(frozen=True)
class MeetingRow:
    """What a meeting said about one proposal."""

    proposal: Proposal
    step: ProposalStep
    outcome: str
    reason: str
    conditions: Sequence[str] = ()
    confirmed: str = ""


def outcomes_of(kind: str) -> list[Outcome]:
    """What a step of this kind can say."""
    return list(OUTCOMES[kind])


@transaction.atomic
def record_outcome(
    proposal: Proposal,
    *,
    step: ProposalStep,
    outcome: str,
    decided_on: date,
    reason: str,
    conditions: Sequence[str] = (),
    meeting: Meeting | None = None,
    confirmed: str = "",
    by: User,
) -> Decision:
    """Record what the next step of a proposal said; an adoption, rejection or deferral takes effect at once.

    `confirmed` is the mark of the changes that the reader saw (`carried.mark_of_changes`). Raises AlreadyRecorded when
    the same was recorded before, Changed when a row changed since the submission and exactly that was not confirmed,
    and ValidationError when the step is not next, the outcome is none of its kind, the reason is missing, the day
    cannot be, the meeting is not of this body and day, or a row cannot take effect (the sentence names it; nothing at
    all is written).
    """
    locked = lock(proposal)
    decision = _record(
        locked,
        step=step,
        outcome=outcome,
        decided_on=decided_on,
        reason=reason,
        conditions=conditions,
        meeting=meeting,
        confirmed=confirmed,
        by=by,
    )
    proposal.state = locked.state
    return decision


@transaction.atomic
def record_meeting(meeting: Meeting, rows: Sequence[MeetingRow], *, by: User) -> list[Decision]:
    """Record what a meeting said about its proposals, on the day of the meeting: all of it, or nothing.

    Raises AlreadyRecorded when all of it was recorded before, MeetingRefused, with the proposals named, when any row
    is refused, and ValidationError when there is no row.
    """
    if not rows:
        raise ValidationError(_("Kies bij ten minste één voorstel wat de bijeenkomst zei."), code="no_row")
    if any(row.proposal.pact_id != meeting.body.pact_id for row in rows):
        raise ValidationError(_("Kies alleen uit wat bij dit pact hoort."), code="other_pact")
    # By key, like every other who needs more than one.
    wanted = {row.proposal.pk: row.proposal for row in rows}
    locked = {key: lock(wanted[key]) for key in sorted(wanted)}
    decisions: list[Decision] = []
    faults: dict[int, tuple[Proposal, ValidationError]] = {}
    for place, row in enumerate(rows):
        try:
            with transaction.atomic():
                decision = _record(
                    locked[row.proposal.pk],
                    step=row.step,
                    outcome=row.outcome,
                    decided_on=day_of(meeting),
                    reason=row.reason,
                    conditions=row.conditions,
                    meeting=meeting,
                    confirmed=row.confirmed,
                    by=by,
                )
            decisions.append(decision)
        except ValidationError as fault:
            faults[place] = (row.proposal, fault)
    repeated = [fault for _proposal, fault in faults.values() if isinstance(fault, AlreadyRecorded)]
    if len(repeated) == len(rows):
        raise repeated[0]
    if faults:
        raise MeetingRefused(faults)
    for row in rows:
        row.proposal.state = locked[row.proposal.pk].state
    return decisions


@transaction.atomic
def supersede(
    decision: Decision,
    *,
    outcome: str,
    decided_on: date,
    reason: str,
    conditions: Sequence[str] | None = None,
    by: User,
    confirmed: str = "",
) -> Decision:
    """Record another decision in the place of one that stands, and return it; the former one stays to be read.

    The same outcome corrects the day, the reason and the conditions, here and on the rows, and changes nothing else.
    Another outcome is possible as long as no later step said anything: what a deciding step adopted is undone, what it
    did not adopt yet takes effect. `conditions` are those of the former decision when None; one that stays keeps what
    was done with it. Raises AlreadyRecorded for a second click, Changed as `record_outcome` does, and ValidationError
    when the decision stands no more, or a row cannot go back or forth (the sentence names it; nothing at all is
    written).
    """
    proposal = lock(decision.proposal)
    old = Decision.objects.in_pact(proposal.pact_id).select_related("step__body", "meeting").get(pk=decision.pk)
    kept = _conditions_of(old)
    texts = [one.text for one in kept] if conditions is None else conditions
    _refuse_superseded(old, outcome, decided_on, reason, texts)
    step = old.step
    _refuse_outcome(step, outcome)
    _refuse_day(proposal, step, decided_on)
    _refuse_before_deferral(old, decided_on)
    if outcome == old.outcome:
        new = _corrected(old, decided_on, reason, by)
        _correct(proposal, old, new, by)
    else:
        _refuse_turn(proposal, old, outcome)
        carried = carried_by(proposal)
        if old.outcome != Outcome.ADOPTED:
            _refuse_changed(carried, confirmed)
        # What was rejected by mistake is a problem everywhere but here.
        if old.outcome != Outcome.REJECTED:
            _refuse_problems(carried, outcome)
        new = _saved(
            Decision(
                pact=proposal.pact,
                proposal=proposal,
                step=step,
                outcome=outcome,
                decided_on=decided_on,
                reason=_reason(reason),
                content=content_of(carried),
                meeting=_meeting_on(old, decided_on),
                supersedes=old,
                recorded_by=by,
            )
        )
        if old.outcome == Outcome.ADOPTED:
            _undo(proposal, carried, new, by)
        else:
            _take_effect(proposal, carried, new, by)
        _go_on(proposal, new)
    _add_conditions(new, texts, kept)
    audit.record("decision.superseded", new, by=by, former=old.code, outcome=new.outcome, before=old.outcome)
    decision.proposal.state = proposal.state
    return new


def day_of(meeting: Meeting) -> date:
    """The day of a meeting in the Netherlands: the day of what it decides."""
    return timezone.localdate(meeting.starts_at)


# --- One decision ----------------------------------------------------------------------------------------------------


def _record(
    proposal: Proposal,
    *,
    step: ProposalStep,
    outcome: str,
    decided_on: date,
    reason: str,
    conditions: Sequence[str],
    meeting: Meeting | None,
    confirmed: str,
    by: User,
) -> Decision:
    """Record one outcome; the proposal is locked."""
    standing = _standing_of(proposal, step)
    if standing is not None and (standing.outcome, standing.decided_on) == (outcome, decided_on):
        _refuse_said_otherwise(standing, reason, conditions)
        raise AlreadyRecorded(standing)
    expected = _refuse_not_next(proposal, step)
    _refuse_outcome(expected, outcome)
    _refuse_day(proposal, expected, decided_on)
    if standing is not None and decided_on < standing.decided_on:
        raise _before_deferral(standing)
    _refuse_meeting(expected, meeting, decided_on)
    carried = carried_by(proposal)
    _refuse_changed(carried, confirmed)
    _refuse_problems(carried, outcome)
    decision = _saved(
        Decision(
            pact=proposal.pact,
            proposal=proposal,
            step=expected,
            outcome=outcome,
            decided_on=decided_on,
            reason=_reason(reason),
            content=content_of(carried),
            meeting=meeting,
            # Only a deferral stands at a step that is next.
            supersedes=standing,
            recorded_by=by,
        )
    )
    _add_conditions(decision, conditions)
    _take_effect(proposal, carried, decision, by)
    _go_on(proposal, decision)
    audit.record(
        "decision.recorded", decision, by=by, proposal=proposal.code, outcome=decision.outcome, step=expected.name
    )
    return decision


def _saved(decision: Decision) -> Decision:
    decision.take_number()
    decision.full_clean()
    decision.save()
    return decision


def _corrected(old: Decision, decided_on: date, reason: str, by: User) -> Decision:
    """The same decision with another day or reason."""
    return _saved(
        Decision(
            pact=old.pact,
            proposal=old.proposal,
            step=old.step,
            outcome=old.outcome,
            decided_on=decided_on,
            reason=_reason(reason),
            content=old.content,
            meeting=_meeting_on(old, decided_on),
            supersedes=old,
            recorded_by=by,
        )
    )


def _meeting_on(old: Decision, day: date) -> Meeting | None:
    """The meeting of a decision, when what takes its place is of the same day."""
    return old.meeting if old.meeting is not None and day_of(old.meeting) == day else None


def _reason(text: str) -> str:
    return written("reason", text, missing=_("Schrijf op waarom dit de uitkomst is."))


def _conditions_of(decision: Decision) -> list[Condition]:
    """The conditions of a decision in order, held: nobody answers one while another decision takes it over."""
    rows = Condition.objects.in_pact(decision.pact_id).filter(decision=decision)
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def _add_conditions(decision: Decision, conditions: Sequence[str], former: Sequence[Condition] = ()) -> None:
    """Add these texts; one of the `former` conditions that is among them comes with what was done with it."""
    answered = {_one_line(one.text): one for one in former}
    texts = [text for text in (written("conditions", one) for one in conditions) if text]
    if len(texts) > MOST_CONDITIONS:
        raise ValidationError(
            {"conditions": _("Een besluit heeft ten hoogste %(most)s voorwaarden.") % {"most": MOST_CONDITIONS}}
        )
    for text in texts:
        condition = Condition(proposal=decision.proposal, decision=decision, text=text)
        if same := answered.get(_one_line(text)):
            for name in ("text", "state", "answer", "answered_by", "answered_at"):
                setattr(condition, name, getattr(same, name))
        try:
            condition.full_clean()
        except ValidationError as fault:
            raise ValidationError({"conditions": fault.messages}) from fault
        condition.save()


# --- What it does to the proposal and to its rows --------------------------------------------------------------------


def _take_effect(proposal: Proposal, carried: Sequence[Carried], decision: Decision, by: User) -> None:
    """Bring the rows where an outcome of a deciding step wants them; advice and sending back leave them alone."""
    outcome = Outcome(decision.outcome)
    if outcome in (Outcome.ADOPTED, Outcome.REJECTED, Outcome.DEFERRED):
        in_order = list(reversed(carried)) if outcome == Outcome.REJECTED else list(carried)
        for one in in_order:
            _apply(one, one.kind.take_effect, proposal, outcome, decision, by)


def _undo(proposal: Proposal, carried: Sequence[Carried], decision: Decision, by: User) -> None:
    """Take an adoption back, row by row in reverse, and bring each row where the new outcome wants it."""
    for one in reversed(carried):
        if one.kind.undo is None:
            raise ValidationError(
                _("%(row)s: het vaststellen hiervan kan niet worden teruggedraaid. Maak een nieuw voorstel.")
                % {"row": one.now.name},
                code="no_undo",
            )
        _apply(one, one.kind.undo, proposal, Outcome(decision.outcome), decision, by)


def _correct(proposal: Proposal, former: Decision, decision: Decision, by: User) -> None:
    """Write the day, the reason and the code of the same outcome anew on the rows that keep them."""
    if decision.step.kind == StepKind.DECIDES and decision.outcome != Outcome.SENT_BACK:
        for one in carried_by(proposal):
            if one.kind.correct is not None:
                one.kind.correct(proposal.pact, one.item.object_id, former=former, decision=decision, by=by)


def _go_on(proposal: Proposal, decision: Decision) -> None:
    """Bring the proposal where the decision leads; as long as it is open, no other proposal carries its rows."""
    was_over = proposal.state in Proposal.OVER
    proposal.state = STATE_AFTER[decision.outcome]
    proposal.save(update_fields=["state"])
    if proposal.state in Proposal.OVER:
        close_items(proposal)
    elif was_over:
        open_items(proposal)


def _apply(
    one: Carried, act: Callable[..., None], proposal: Proposal, outcome: Outcome, decision: Decision, by: User
) -> None:
    """Let the outcome take effect on one row; a refusal, also of the database itself, names the row."""
    try:
        with transaction.atomic():
            act(proposal.pact, one.item.object_id, outcome=outcome, decision=decision, by=by)
    except ValidationError as fault:
        raise ValidationError([f"{one.now.name}: {message}" for message in fault.messages], code="effect") from fault
    except IntegrityError as fault:
        raise ValidationError(
            _("%(row)s: dit kan nu niet worden doorgevoerd. Kijk na of er genoeg geld over is.")
            % {"row": one.now.name},
            code="effect",
        ) from fault


# --- What is refused -------------------------------------------------------------------------------------------------


def _standing_of(proposal: Proposal, step: ProposalStep) -> Decision | None:
    rows = Decision.objects.in_pact(proposal.pact_id).standing()
    found: Decision | None = rows.filter(proposal=proposal, step_id=step.pk).first()
    return found


def _refuse_not_next(proposal: Proposal, step: ProposalStep) -> ProposalStep:
    """The step that is next, which is the one given; else the sentence says which one is."""
    expected = next_step(proposal)
    if expected is None:
        raise ValidationError(
            _("Voorstel %(code)s is %(state)s. Er valt nu niets over vast te leggen.")
            % {"code": proposal.code, "state": proposal.get_state_display()},
            code="state",
        )
    if expected.pk != step.pk:
        raise ValidationError(
            _("Voorstel %(code)s is nu bij de stap “%(step)s” van %(body)s. Leg eerst vast wat daar is gezegd.")
            % {"code": proposal.code, "step": expected.name, "body": expected.body.name},
            code="not_next",
        )
    return expected


def _refuse_outcome(step: ProposalStep, outcome: str) -> None:
    possible = outcomes_of(step.kind)
    if outcome not in possible:
        raise ValidationError(
            {
                "outcome": _("Bij deze stap kan dit niet de uitkomst zijn. Kies uit: %(possible)s.")
                % {"possible": ", ".join(str(one.label) for one in possible)}
            }
        )


def _refuse_day(proposal: Proposal, step: ProposalStep, decided_on: date) -> None:
    """Not in the future, not before the proposal was submitted, and in the order of the steps."""
    fault = ""
    if decided_on > timezone.localdate():
        fault = _("Een besluit kan niet in de toekomst liggen.")
    elif earliest := _earliest(proposal, step, decided_on):
        fault = earliest
    elif proposal.submitted_at and step.round < proposal.round and decided_on > _submitted_on(proposal):
        fault = _("Dit kan niet na %(day)s zijn: toen is het voorstel opnieuw ingebracht.") % {
            "day": _day(_submitted_on(proposal))
        }
    else:
        later = _said(proposal, step.round).filter(step__position__gt=step.position).order_by("decided_on").first()
        if later is not None and decided_on > later.decided_on:
            fault = _("Dit kan niet na %(day)s zijn: toen was de stap die hierop volgt.") % {
                "day": _day(later.decided_on)
            }
    if fault:
        raise ValidationError({"decided_on": ValidationError(fault, code="day")})


def _earliest(proposal: Proposal, step: ProposalStep, decided_on: date) -> str:
    if step.round == proposal.round and proposal.submitted_at and decided_on < _submitted_on(proposal):
        return _("Het voorstel is ingebracht op %(day)s. Kies die dag of een latere.") % {
            "day": _day(_submitted_on(proposal))
        }
    former = _said(proposal, step.round).filter(step__position__lt=step.position).order_by("-decided_on").first()
    if former is None and step.round > 1:
        former = _said(proposal, step.round - 1).order_by("-decided_on").first()
    if former is not None and decided_on < former.decided_on:
        return _("De stap hiervoor was op %(day)s. Kies die dag of een latere.") % {"day": _day(former.decided_on)}
    return ""


def _submitted_on(proposal: Proposal) -> date:
    return timezone.localdate(proposal.submitted_at)


def _said(proposal: Proposal, round_number: int) -> Any:
    """The decisions that stand of one round."""
    return Decision.objects.in_pact(proposal.pact_id).standing().filter(proposal=proposal, step__round=round_number)


def _day(day: date) -> str:
    return date_format(day, "j F Y")


def _refuse_meeting(step: ProposalStep, meeting: Meeting | None, decided_on: date) -> None:
    if meeting is None:
        return
    fault = ""
    if meeting.body_id != step.body_id:
        fault = _("Deze bijeenkomst is niet van %(body)s.") % {"body": step.body.name}
    elif meeting.cancelled_at:
        fault = _("Deze bijeenkomst is afgezegd.")
    elif day_of(meeting) != decided_on:
        fault = _("De bijeenkomst was op %(day)s. Kies die dag, of geen bijeenkomst.") % {"day": _day(day_of(meeting))}
    if fault:
        raise ValidationError({"meeting": ValidationError(fault, code="meeting")})


def _refuse_changed(carried: Sequence[Carried], confirmed: str) -> None:
    if (mark := mark_of_changes(carried)) and mark != confirmed:
        raise Changed(carried)


def _refuse_problems(carried: Sequence[Carried], outcome: str) -> None:
    """An adoption is of rows that can take effect; the sentence names each that cannot."""
    faults = [f"{one.now.name}: {one.now.problem}" for one in carried if one.now.problem]
    if outcome == Outcome.ADOPTED and faults:
        raise ValidationError(faults, code="problem")


def _refuse_superseded(old: Decision, outcome: str, decided_on: date, reason: str, conditions: Sequence[str]) -> None:
    """Only what stands is superseded, by something else, with a reason."""
    said = (str(outcome), decided_on)
    later = Decision.objects.in_pact(old.pact_id).filter(supersedes=old).first()
    if later is not None:
        if (later.outcome, later.decided_on) == said and _says(later, reason, conditions):
            raise AlreadyRecorded(later)
        raise ValidationError(
            _("Besluit %(code)s is al vervangen door %(later)s. Bekijk dat besluit.")
            % {"code": old.code, "later": later.code},
            code="superseded",
        )
    if (old.outcome, old.decided_on) == said and _says(old, reason, conditions):
        raise ValidationError(
            _("Dit staat al zo in besluit %(code)s. Er is niets veranderd.") % {"code": old.code}, code="unchanged"
        )


def _says(decision: Decision, reason: str, conditions: Sequence[str]) -> bool:
    """Whether a decision has these words: its reason, and its conditions in order."""
    wanted = [_one_line(text) for text in conditions if text.strip()]
    return (_one_line(decision.reason), [_one_line(one.text) for one in _conditions_of(decision)]) == (
        _one_line(reason),
        wanted,
    )


def _one_line(text: str) -> str:
    """What of a text makes it another one: not its spaces, nor how a browser sends the ends of its lines."""
    return " ".join(text.split())


def _refuse_said_otherwise(standing: Decision, reason: str, conditions: Sequence[str]) -> None:
    """Who records the same outcome in other words is told where the words that stand can be replaced."""
    if not _says(standing, reason, conditions):
        raise ValidationError(
            _(
                "Deze uitkomst staat al vast in besluit %(code)s, met een andere reden of andere voorwaarden. Moet uw "
                "tekst gelden? Open besluit %(code)s en kies “Vervang dit besluit”."
            )
            % {"code": standing.code},
            code="said_otherwise",
        )


def _refuse_before_deferral(old: Decision, decided_on: date) -> None:
    """What a step said after it had deferred stays after that, also when its day is corrected.

    A deferral that gave way to an earlier day was a mistake, and one that gave way to a deferral was corrected.
    """
    later = old
    while old.outcome != Outcome.DEFERRED and later.supersedes_id:
        former = Decision.objects.in_pact(old.pact_id).get(pk=later.supersedes_id)
        if former.outcome == Outcome.DEFERRED:
            if decided_on < former.decided_on <= later.decided_on:
                raise _before_deferral(former)
            return
        later = former


def _before_deferral(deferral: Decision) -> ValidationError:
    fault = _("Deze stap is aangehouden op %(day)s. Kies die dag of een latere.")
    return ValidationError({"decided_on": ValidationError(fault % {"day": _day(deferral.decided_on)}, code="day")})


def _refuse_turn(proposal: Proposal, old: Decision, outcome: str) -> None:
    """Another outcome is possible as long as nothing followed from the former one that cannot be taken back."""
    fault = ""
    later = [stage for stage in course_of(proposal) if stage.step.position > old.step.position and stage.decision]
    if proposal.state == State.WITHDRAWN:
        fault = _("Het voorstel is ingetrokken. U kunt nog wel de datum en de reden verbeteren.")
    elif old.outcome == Outcome.SENT_BACK or old.step.round != proposal.round:
        fault = _(
            "Het voorstel is toen teruggestuurd. Breng het opnieuw in; u kunt nog wel de datum en de reden verbeteren."
        )
    elif later:
        fault = _(
            "De stap “%(step)s” heeft hierna al iets gezegd (%(code)s). U kunt nog wel de datum en de reden verbeteren."
        ) % {"step": later[0].step.name, "code": later[0].decision.code if later[0].decision else ""}
    elif old.outcome == Outcome.REJECTED and outcome != Outcome.ADOPTED:
        fault = _(
            "Een afgewezen voorstel komt niet terug op de route. Maak een nieuw voorstel; u kunt nog wel de datum en "
            "de reden verbeteren."
        )
    if fault:
        raise ValidationError({"outcome": ValidationError(fault, code="turn")})
