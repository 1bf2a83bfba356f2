"""What happens to a measure: proposing, revising, what is decided about it, carrying it out, adjusting it."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.audit.workflow import record
from pact_portal.foundation.templatetags.portal import euro
from partners.models import CollaborationArea, Pact, Partnership, User
from plan.measures.models import Measure, StateChange
from plan.measures.weighing import hindrances
from plan.programmes.models import Programme
from plan.questions import marks, news
from plan.questions.belonging import check_areas, refuse_strangers
from plan.questions.models import QuestionNews, SupportQuestion

State = Measure.State

MOVES: dict[str, dict[State, set[State]]] = {
    "decide": {
        State.PROPOSED: {State.APPROVED, State.REJECTED, State.DEFERRED},
        State.DEFERRED: {State.APPROVED, State.REJECTED, State.DEFERRED},
        # Only a decision of the register that takes the place of the rejection does so.
        State.REJECTED: {State.APPROVED, State.DEFERRED, State.PROPOSED},
    },
    "undo_approval": {State.APPROVED: {State.REJECTED, State.DEFERRED, State.PROPOSED}},
    "start": {State.APPROVED: {State.RUNNING}},
    "finish": {State.RUNNING: {State.FINISHED}},
    "stop": {State.APPROVED: {State.STOPPED}, State.RUNNING: {State.STOPPED}},
}
"""Per function of this module: from which state it leads to which."""

OPEN_TO_REVISION = (State.PROPOSED, State.DEFERRED)
"""In these states who proposed it may still write it anew."""
ADJUSTED_IN = (State.APPROVED, State.RUNNING)
"""In these states a decision can adjust it."""

FIELDS = (
    *("title", "kind", "line", "reason_not_broaden", "starts_on", "ends_on"),
    *("goal", "learning_question", "budget", "remains_after"),
)
"""What the one who proposes writes; number, state and decision are not theirs to give."""
MANY = ("areas", "questions", "programmes", "executing")

ADJUSTABLE = ("title", "goal", "starts_on", "ends_on", "budget", "learning_question", "remains_after")
"""What a decision after an evaluation may change of a measure that was approved."""


def mark_of(measure: Measure) -> str:
    """The mark of what its lead wrote: tells whether the measure is still what a reader saw."""
    return marks.mark_of(measure, (*FIELDS, "lead"), MANY)


@transaction.atomic
def propose(
    pact: Pact,
    *,
    lead: Partnership,
    by: User,
    areas: Iterable[CollaborationArea],
    questions: Iterable[SupportQuestion],
    programmes: Iterable[Programme] = (),
    executing: Iterable[Partnership] = (),
    on: date | None = None,
    **fields: Any,
) -> Measure:
    """Put a measure on the list as proposed, and return it.

    `fields` are those named in FIELDS; `on` is the day on which it was proposed when the portal hears of it later,
    today when None. Raises ValidationError when a field is wrong, a row is of another pact, a question is not accepted,
    the day has not come, or the rule existing-before-new (see existing_first) refuses it.
    """
    on = on or timezone.localdate()
    _refuse_future(on)
    many = {"areas": areas, "questions": questions, "programmes": programmes, "executing": executing}
    measure = Measure(pact=pact, proposed_by=by)
    # The pact before its questions, as whoever merges takes them.
    measure.take_number()
    asked = _write(measure, lead=lead, many={name: list(rows) for name, rows in many.items()}, fields=fields)
    StateChange.unscoped.create(measure=measure, state=measure.state, on=on, by=by)
    record("measure.proposed", measure, by=by, kind=measure.kind, questions=[question.code for question in asked])
    _tell_proposed(measure, asked, by=by)
    return measure


@transaction.atomic
def revise(
    measure: Measure,
    *,
    by: User,
    lead: Partnership,
    areas: Iterable[CollaborationArea],
    questions: Iterable[SupportQuestion],
    programmes: Iterable[Programme] = (),
    executing: Iterable[Partnership] = (),
    seen: str | None = None,
    **fields: Any,
) -> Measure:
    """Write a measure anew that was not decided about yet, by the rules of `propose`, and return it.

    Fields that are not given stay. A question that it answered already stays allowed when it was merged meanwhile.
    `seen` is the mark that the writer started from. Raises ValidationError also when it was decided about, when
    somebody changed it meanwhile, and when money was allocated that its new partners may not receive.
    """
    many = {"areas": areas, "questions": questions, "programmes": programmes, "executing": executing}
    rows: dict[str, list[Any]] = {name: list(given) for name, given in many.items()}
    Pact.objects.select_for_update(no_key=True).get(pk=measure.pact_id)
    # The questions before the measure, as everywhere.
    _held(rows["questions"], measure.pact)
    locked = _lock(measure)
    if locked.state not in OPEN_TO_REVISION:
        raise ValidationError(why_not_revised(locked), code="wrong_state")
    marks.refuse_unseen(mark_of(locked), seen)
    before = {question.pk for question in locked.questions.all()}
    asked = _write(locked, lead=lead, many=rows, fields=fields, answered=before)
    _refuse_losing_money(locked)
    record("measure.revised", locked, by=by, questions=[question.code for question in asked])
    _tell_proposed(locked, [question for question in asked if question.pk not in before], by=by)
    return locked


def why_not_revised(measure: Measure) -> str:
    """What to tell who wants to write a measure anew that was decided about."""
    words = {"code": measure.code, "state": measure.get_state_display()}
    if measure.state in ADJUSTED_IN:
        return _("Maatregel %(code)s is %(state)s. Wijzigen kan dan alleen met een bijstelling en een besluit.") % words
    return _("Maatregel %(code)s is %(state)s en is niet meer te wijzigen.") % words


@transaction.atomic
def decide(measure: Measure, *, outcome: State, on: date, reason: str, by: User, decision: str = "") -> Measure:
    """Record what was decided on a day about a measure that is not approved yet, and return it.

    `decision` is the code of the decision in the register. Raises ValidationError when there is nothing to decide, the
    reason is missing, the day has not come, a measure is rejected that money still counts on, or a rejection is taken
    back without a decision that does so.
    """
    locked = _lock(measure)
    before = State(locked.state)
    to = _refuse_move(locked, "decide", outcome)
    if before == State.REJECTED and not decision:
        raise ValidationError(
            _("Maatregel %(code)s is afgewezen. Alleen een nieuw besluit op de route verandert dat.")
            % {"code": locked.code}
        )
    if to == State.REJECTED:
        _refuse_with_money(locked)
    return _decided(measure, locked, to, on=on, reason=reason, by=by, decision=decision)


@transaction.atomic
def undo_approval(measure: Measure, *, outcome: State, on: date, reason: str, by: User, decision: str) -> Measure:
    """Take an approval back because a later decision says otherwise: rejected, deferred, or proposed once more.

    Raises ValidationError when the measure is carried out already or over, or when money was committed to it.
    """
    locked = _lock(measure)
    to = _refuse_move(locked, "undo_approval", outcome)
    committed = _allocated(locked, state__in=["committed", "settled"])
    if committed:
        raise ValidationError(
            _("Voor maatregel %(code)s is al %(amount)s toegezegd. De goedkeuring kan daarom niet terug.")
            % {"code": locked.code, "amount": euro(committed)}
        )
    if to == State.REJECTED:
        _refuse_with_money(locked)
    return _decided(measure, locked, to, on=on, reason=reason, by=by, decision=decision)


@transaction.atomic
def correct_outcome(measure: Measure, *, was: tuple[date, str], on: date, reason: str) -> None:
    """Write the day and the reason of what was decided anew, because a decision corrects them.

    `was` is what the corrected decision said: a measure about which something else was decided since keeps that. The
    timeline keeps what was recorded at the time. The audit trail has it at the decision.
    """
    locked = _lock(measure)
    if (locked.outcome_on, locked.outcome_reason) == was:
        locked.outcome_on, locked.outcome_reason = on, reason
        locked.full_clean()
        locked.save(update_fields=["outcome_on", "outcome_reason"])


@transaction.atomic
def start(measure: Measure, *, by: User, on: date | None = None) -> Measure:
    """Say that an approved measure is carried out, from a day on (today when None), and return it."""
    locked = _lock(measure)
    return _carried(measure, locked, _refuse_move(locked, "start", State.RUNNING), on=on, by=by)


@transaction.atomic
def finish(measure: Measure, *, by: User, on: date | None = None) -> Measure:
    """Say that a measure has been carried out, on a day (today when None), and return it."""
    locked = _lock(measure)
    return _carried(measure, locked, _refuse_move(locked, "finish", State.FINISHED), on=on, by=by)


@transaction.atomic
def stop(measure: Measure, *, on: date, reason: str, by: User, decision: str) -> Measure:
    """End a measure before it was carried out, by a decision, and return it. Money that is left is settled after."""
    locked = _lock(measure)
    to = _refuse_move(locked, "stop", State.STOPPED)
    return _decided(measure, locked, to, on=on, reason=reason, by=by, decision=decision)


@transaction.atomic
def adjust(measure: Measure, *, changes: Mapping[str, Any], by: User, decision: str, on: date) -> Measure:
    """Change fields of an approved or running measure as a decision says, and return it.

    `changes` holds the new values by field, of those in ADJUSTABLE, as values or as text (2027-03-14, 1234.50).
    Raises ValidationError when the measure is in another state, a value does not hold, or the day has not come.
    """
    if unknown := changes.keys() - set(ADJUSTABLE):
        raise TypeError(f"adjust() takes no {', '.join(sorted(unknown))}")
    locked = _lock(measure)
    if locked.state not in ADJUSTED_IN:
        raise ValidationError(
            _("Maatregel %(code)s is %(state)s. Bijstellen kan alleen als zij is goedgekeurd of in uitvoering is.")
            % {"code": locked.code, "state": locked.get_state_display()}
        )
    _refuse_future(on)
    before = {name: str(getattr(locked, name)) for name in changes}
    for name, value in changes.items():
        setattr(locked, name, value.strip() if isinstance(value, str) else value)
    locked.full_clean()
    locked.save(update_fields=list(changes))
    record(
        "measure.adjusted",
        locked,
        by=by,
        decision=decision,
        on=on.isoformat(),
        before=before,
        after={name: str(getattr(locked, name)) for name in changes},
    )
    for name in changes:
        setattr(measure, name, getattr(locked, name))
    return locked


def _write(
    measure: Measure,
    *,
    lead: Partnership,
    many: dict[str, list[Any]],
    fields: dict[str, Any],
    answered: Iterable[int] = (),
) -> list[SupportQuestion]:
    """Write what its lead gave, under the lock of the pact; gives the questions as they stand, locked.

    `answered` are the keys of the questions that the measure answers already.
    """
    if unknown := fields.keys() - set(FIELDS):
        raise TypeError(f"a measure takes no {', '.join(sorted(unknown))} from who writes it")
    pact = measure.pact
    refuse_strangers(pact, field="lead", rows=[lead])
    for name in ("questions", "programmes", "executing"):
        refuse_strangers(pact, field=name, rows=many[name])
    measure.lead = lead
    for name, value in fields.items():
        # A text of spaces is no text: the reason of a new measure among them.
        setattr(measure, name, value.strip() if isinstance(value, str) else value)
    questions = _held(many["questions"], pact)
    measure.full_clean()
    check_areas(pact, many["areas"])
    _refuse_unaccepted(questions, set(answered))
    _refuse_new_before_existing(measure, questions, many["programmes"])
    measure.save()
    for name in MANY:
        getattr(measure, name).set(many[name])
    return questions


def _held(questions: Iterable[SupportQuestion], pact: Pact) -> list[SupportQuestion]:
    """The questions as they stand now, and locked: none is taken back or merged while it is being answered.

    Those in which merged ones live on are locked along: theirs are the judgements that count.
    """
    keys = {question.pk for question in questions}
    every = SupportQuestion.objects.in_pact(pact)
    roots = every.filter(pk__in=keys, merged_into__isnull=False).values("merged_into")
    locked = every.filter(Q(pk__in=keys) | Q(pk__in=roots)).select_for_update(no_key=True).order_by("pk")
    return [question for question in locked if question.pk in keys]


def _lock(measure: Measure) -> Measure:
    rows = Measure.objects.in_pact(measure.pact_id).select_related("pact").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=measure.pk)


def _refuse_move(measure: Measure, act: str, to: State) -> State:
    """The state that the act leads to; ValidationError when the table does not lead there from where it stands."""
    if to in MOVES[act].get(State(measure.state), set()):
        return State(to)
    words = {"code": measure.code, "state": measure.get_state_display(), "outcome": State(to).label}
    sentences = {
        "start": _("Maatregel %(code)s is %(state)s. Alleen een goedgekeurde maatregel kan beginnen."),
        "finish": _("Maatregel %(code)s is %(state)s. Alleen een maatregel in uitvoering kan worden afgerond."),
        "stop": _("Maatregel %(code)s is %(state)s. Stoppen kan alleen als zij is goedgekeurd of in uitvoering is."),
        "undo_approval": _("Maatregel %(code)s is %(state)s. De goedkeuring kan dan niet meer terug."),
    }
    otherwise = _("Maatregel %(code)s is %(state)s. Het besluit “%(outcome)s” kan dan niet meer.")
    raise ValidationError(sentences.get(act, otherwise) % words, code="wrong_state")


def _decided(
    measure: Measure, locked: Measure, to: State, *, on: date, reason: str, by: User, decision: str
) -> Measure:
    """Write what a decision brings about."""
    if not reason.strip():
        raise ValidationError({"reason": _("Schrijf op waarom dit besluit is genomen.")})
    _refuse_future(on)
    # Proposed once more: nothing stands decided about it.
    is_open = to == State.PROPOSED
    locked.outcome_on, locked.outcome_reason = (None, "") if is_open else (on, reason.strip())
    made = _move(measure, locked, to, on=on, reason=reason.strip(), by=by, decision=decision)
    if not is_open:
        for question in locked.questions.order_by("pk"):
            key = f"decided-{made.pk}-{question.pk}"
            _tell(locked, question, QuestionNews.Kind.DECIDED, key=key, by=by, outcome=to.value)
    return locked


def _carried(measure: Measure, locked: Measure, to: State, *, on: date | None, by: User) -> Measure:
    """Write what those who carry it out say of it; what was decided stays on the row."""
    on = on or timezone.localdate()
    _refuse_future(on)
    last = locked.changes.order_by("-pk").values_list("on", flat=True).first()
    if last and on < last:
        raise ValidationError(
            {
                "on": _("Maatregel %(code)s is sinds %(day)s %(state)s. Kies die dag of een latere.")
                % {"code": locked.code, "day": f"{last:%-d-%-m-%Y}", "state": locked.get_state_display()}
            }
        )
    _move(measure, locked, to, on=on, reason="", by=by, decision="")
    return locked


def _move(
    measure: Measure, locked: Measure, to: State, *, on: date, reason: str, by: User, decision: str
) -> AuditRecord:
    """Bring the locked measure into a state, with its row in the timeline; `measure` follows what was written."""
    before, locked.state = State(locked.state), to
    locked.full_clean()
    written = ["state", "outcome_on", "outcome_reason"]
    locked.save(update_fields=written)
    StateChange.unscoped.create(measure=locked, state=to, on=on, reason=reason, decision=decision, by=by)
    for name in written:
        setattr(measure, name, getattr(locked, name))
    action = "measure.reopened" if to == State.PROPOSED else f"measure.{to.value}"
    return record(action, locked, by=by, on=on.isoformat(), before=before.value, decision=decision)


def _refuse_future(on: date) -> None:
    if on > timezone.localdate():
        raise ValidationError({"on": _("Kies vandaag of een dag die al is geweest.")}, code="future")


def _tell_proposed(measure: Measure, questions: Iterable[SupportQuestion], *, by: User) -> None:
    for question in questions:
        _tell(measure, question, QuestionNews.Kind.MEASURE, key=f"measure-{measure.pk}-{question.pk}", by=by)


def _tell(
    measure: Measure, question: SupportQuestion, kind: QuestionNews.Kind, *, key: str, by: User, outcome: str = ""
) -> None:
    """Let who follows the question know what became of it by this measure."""
    path = reverse("plan:measure_detail", args=[measure.pact.slug, measure.number])
    news.tell(question, kind, key=key, by=by, path=path, code=measure.code, title=measure.title, outcome=outcome)


def _refuse_unaccepted(questions: list[SupportQuestion], answered: set[int]) -> None:
    """A measure stands in the chain: it answers a question, and one that the pact has accepted.

    One of `answered` may have been merged since: it lives on in the other.
    """
    if not questions:
        raise ValidationError({"questions": _("Kies ten minste één ondersteuningsvraag die de maatregel beantwoordt.")})
    state = SupportQuestion.State
    waiting = [
        question.code
        for question in questions
        if question.state != state.ACCEPTED and not (question.state == state.MERGED and question.pk in answered)
    ]
    if waiting:
        raise ValidationError(
            {
                "questions": _("Nog niet aangenomen: %(questions)s. Kies alleen aangenomen vragen.")
                % {"questions": get_text_list(waiting, _("en"))}
            }
        )


def _refuse_new_before_existing(
    measure: Measure, questions: list[SupportQuestion], programmes: list[Programme]
) -> None:
    if measure.kind != Measure.Kind.START:
        if not programmes:
            raise ValidationError(
                {"programmes": _("Kies het bestaande aanbod dat u voortzet of verbreedt.")}, code="existing_first"
            )
        return
    if refusals := [each.sentence for each in hindrances(measure.pact, questions, lock=True)]:
        raise ValidationError({"kind": refusals}, code="existing_first")


def _allocated(measure: Measure, **which: Any) -> Decimal:
    """The euros of packages that stand against the measure and were not rejected. They stand in the slice above."""
    rows = measure.allocations.exclude(state="rejected").filter(**which)
    return Decimal(rows.aggregate(total=Sum("amount", default=Decimal(0)))["total"])


def _refuse_with_money(measure: Measure) -> None:
    """Money that serves nothing is a loose end: it is taken back first. Allocating locks the measure as well."""
    if committed := _allocated(measure, state__in=["committed", "settled"]):
        raise ValidationError(
            _("Voor maatregel %(code)s is al %(amount)s toegezegd. Vervang eerst het besluit dat dit geld toezegde.")
            % {"code": measure.code, "amount": euro(committed)}
        )
    if funded := _allocated(measure):
        raise ValidationError(
            _("Er is nog %(amount)s toegewezen aan maatregel %(code)s. Wijs eerst die toewijzingen af.")
            % {"amount": euro(funded), "code": measure.code}
        )


def _refuse_losing_money(measure: Measure) -> None:
    """Each package from which money was allocated stays open to the sector of the lead or of one that executes it."""
    sectors = [measure.lead.organisation.sector]
    sectors += measure.executing.order_by("pk").values_list("organisation__sector", flat=True)
    kept = measure.allocations.exclude(state="rejected").select_related("package_year__package")
    lost = kept.exclude(package_year__package__sectors__sector__in=sectors)
    if codes := sorted({allocation.package_year.package.code for allocation in lost}):
        raise ValidationError(
            {
                "executing": _(
                    "Er is geld toegewezen uit %(codes)s, en dat is niet bestemd voor de sectoren die u nu kiest. Laat "
                    "een partner uit zo'n sector meedoen, of wijs die toewijzing eerst af."
                )
                % {"codes": get_text_list(codes, _("en"))}
            }
        )
