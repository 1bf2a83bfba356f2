"""What happens to a support question: drafted, revised, submitted, withdrawn, accepted or sent back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from partners.people.models import Membership, User
from plan.questions import marks, news
from plan.questions.belonging import check_areas, check_municipalities, refuse_strangers
from plan.questions.models import QuestionNews, SupportQuestion
from plan.questions.support import supporters_of

State = SupportQuestion.State

MOVES: dict[str, set[str]] = {
    State.DRAFT: {State.SUBMITTED, State.WITHDRAWN},
    State.RETURNED: {State.SUBMITTED, State.WITHDRAWN},
    State.SUBMITTED: {State.ACCEPTED, State.RETURNED, State.WITHDRAWN},
    State.ACCEPTED: {State.WITHDRAWN},
    State.MERGED: set(),
    State.WITHDRAWN: {State.SUBMITTED},
}
"""domain.md, "Questions": from which state one may go to which. Merging is in merging.py."""

OPEN_TO_REVISION = (State.DRAFT, State.SUBMITTED, State.RETURNED, State.WITHDRAWN)
"""A question is edited until it is accepted (trust.md)."""

UNFINISHED = (State.DRAFT, State.WITHDRAWN)
"""In these states a question may lack what a submitted one must have."""

LONGEST_REASON = 2000
"""Signs of the reason for which a question is taken back."""

FIELDS = (
    "partnership",
    "title",
    "description",
    "age_from",
    "age_to",
    "transition",
    "protective_level",
    "young_people",
    "urgency",
    "source",
)
"""What its owner writes, besides the areas and the municipalities."""


def mark_of(question: SupportQuestion) -> str:
    """The mark of what its owner wrote and of its state: tells whether the question is still what a reader saw."""
    return marks.mark_of(question, ["state", *FIELDS])


@transaction.atomic
def draft(
    pact: Pact,
    *,
    partnership: Partnership,
    by: User,
    areas: Sequence[CollaborationArea] = (),
    municipalities: Sequence[Partnership] = (),
    unless_within: timedelta | None = None,
    **fields: Any,
) -> SupportQuestion:
    """Make a draft, which only the own organisation sees. It may lack the areas and the protective level.

    `fields` are those of FIELDS. With `unless_within` the draft is given back that the same person wrote with the same
    fields that short ago: a second click makes no second question. Raises ValidationError for a field that does not
    hold, or a row of another pact.
    """
    question = SupportQuestion(pact=pact, created_by=by)
    # Locks the pact: of two clicks at once the second one sees what the first one made.
    question.take_number()
    if unless_within is not None:
        since = timezone.now() - unless_within
        same = SupportQuestion.objects.in_pact(pact).filter(
            created_by=by, state=State.DRAFT, created_at__gte=since, partnership=partnership, **fields
        )
        if first := same.order_by("pk").first():
            return first
    _write(question, {"partnership": partnership, **fields}, areas, municipalities)
    audit.record("question.drafted", question, by=by)
    return question


@transaction.atomic
def revise(
    question: SupportQuestion,
    *,
    by: User,
    areas: Sequence[CollaborationArea] | None = None,
    municipalities: Sequence[Partnership] | None = None,
    seen: str | None = None,
    **fields: Any,
) -> SupportQuestion:
    """Change what the question says, until it is accepted. What is not given stays.

    `seen` is the mark of the question that the writer started from; when somebody changed it meanwhile,
    ValidationError says so and nothing is written.
    """
    _lock(question)
    if question.state not in OPEN_TO_REVISION:
        raise ValidationError(
            _("Deze vraag is %(state)s en kan niet meer worden gewijzigd.") % {"state": question.get_state_display()},
            code="state",
        )
    marks.refuse_unseen(mark_of(question), seen)
    _write(question, fields, areas, municipalities)
    audit.record("question.revised", question, by=by)
    return question


@transaction.atomic
def submit(question: SupportQuestion, *, by: User, seen: str | None = None) -> SupportQuestion:
    """Hand the question in, for the first time or again. From now on every member sees it. `seen` as in `revise`.

    Raises ValidationError with, by field, what the question still lacks.
    """
    _lock(question)
    _refuse_move(question, State.SUBMITTED)
    marks.refuse_unseen(mark_of(question), seen)
    question.state = State.SUBMITTED
    question.submitted_at = timezone.now()
    question.withdrawn_at, question.withdrawal_reason = None, ""
    if faults := faults_of(question):
        raise ValidationError(faults)
    question.save()
    audit.record("question.submitted", question, by=by)
    return question


def faults_of(question: SupportQuestion) -> dict[str, list[str]]:
    """By field: what keeps the question, as it is kept, from being handed in. Empty when nothing does."""
    faults: dict[str, list[str]] = {}
    checks = (question.full_clean, lambda: check_areas(question.pact, list(question.areas.all())))
    for check in checks:
        try:
            check()
        except ValidationError as fault:
            faults |= {name: _sentences(question, name, of_field) for name, of_field in fault.error_dict.items()}
    return faults


def _sentences(question: SupportQuestion, name: str, faults: list[ValidationError]) -> list[str]:
    """The faults of one field; what was left open is called by its label, as the reader may not have the form."""
    return [
        _("Vul nog in: %(field)s.") % {"field": getattr(question._meta.get_field(name), "verbose_name", name)}
        if fault.code in ("blank", "null")
        else sentence
        for fault in faults
        for sentence in fault.messages
    ]


@transaction.atomic
def withdraw(
    question: SupportQuestion, *, by: User, reason: str = "", as_coordinator: bool = False, seen: str | None = None
) -> SupportQuestion:
    """Take the question back; it can be handed in again. `reason` has at most 2,000 signs; `seen` as in `revise`.

    Only a coordinator takes back what was accepted. Who follows it is told of that when the coordinator acts for
    another partner. Raises ValidationError while others count on it: a partner that
    endorsed it, a question that was merged into it, or a measure that answers it.
    """
    _lock(question)
    _refuse_move(question, State.WITHDRAWN)
    marks.refuse_unseen(mark_of(question), seen)
    if question.state == State.ACCEPTED and not as_coordinator:
        raise ValidationError(
            _("Vraag %(code)s is aangenomen. Vraag de coördinator om de vraag in te trekken.")
            % {"code": question.code},
            code="state",
        )
    refuse_longer(reason, field="reason", most=LONGEST_REASON)
    _refuse_with_others(question)
    before = question.state
    question.state = State.WITHDRAWN
    question.withdrawn_at, question.withdrawal_reason = timezone.now(), reason.strip()
    # What a draft may lack, a draft that was taken back may lack as well.
    question.full_clean(exclude=None if question.protective_level else {"protective_level"})
    question.save()
    record = audit.record("question.withdrawn", question, by=by, before=before)
    if as_coordinator and not _acts_for(by, question.partnership):
        news.tell(
            question,
            QuestionNews.Kind.WITHDRAWN,
            key=f"question-withdrawn-{record.pk}",
            by=by,
            at=question.withdrawn_at,
            remark=question.withdrawal_reason,
        )
    return question


def _acts_for(user: User, partnership: Partnership) -> bool:
    return Membership.objects.in_pact(partnership.pact_id).current().filter(user=user, partnership=partnership).exists()


def refuse_longer(text: str, *, field: str, most: int) -> None:
    """Raise ValidationError on `field` for a text of more than `most` signs: a text column itself asks nothing."""
    if len(text) > most:
        raise ValidationError(
            {field: ValidationError(_("Schrijf hooguit %(most)s tekens.") % {"most": most}, code="max_length")}
        )


def _refuse_with_others(question: SupportQuestion) -> None:
    """Raise ValidationError when somebody else would lose a question by this one being taken back."""
    if merged := _codes_merged(question):
        raise ValidationError(
            _(
                "In vraag %(code)s zijn andere vragen opgegaan: %(merged)s. Vraag de coördinator om dat eerst "
                "ongedaan te maken, of om de vraag op naam van een andere partner te zetten."
            )
            % {"code": question.code, "merged": merged},
            code="merged",
        )
    others = [each.partnership for each in supporters_of(question) if each.partnership.pk != question.partnership_id]
    if others:
        raise ValidationError(
            _(
                "Dit is ook de vraag van %(partners)s. Vraag de coördinator om de vraag op naam van een andere "
                "partner te zetten; dan blijft de vraag bestaan."
            )
            % {"partners": get_text_list([str(partnership) for partnership in others], _("en"))},
            code="endorsed",
        )
    # By the question's own relation: measures belong to a slice above, and imports point down.
    answering = question.measures.exclude(state__in=["rejected", "stopped"]).order_by("number")
    if codes := ", ".join(measure.code for measure in answering):
        raise ValidationError(
            _("Vraag %(code)s hoort bij %(measures)s en kan daarom niet worden ingetrokken.")
            % {"code": question.code, "measures": codes},
            code="measures",
        )


def _codes_merged(question: SupportQuestion) -> str:
    return ", ".join(other.code for other in question.merged.order_by("number"))


@transaction.atomic
def accept(question: SupportQuestion, *, by: User, seen: str | None = None) -> SupportQuestion:
    """Take the question into the plan, and tell who follows it. `seen` as in `revise`."""
    _curate(question, to=State.ACCEPTED, by=by, seen=seen)
    return question


@transaction.atomic
def send_back(question: SupportQuestion, *, remark: str, by: User, seen: str | None = None) -> SupportQuestion:
    """Return the question with what should change (at most 2,000 signs), and tell who follows it.

    Raises ValidationError for one into which others were merged: they would wait for a text that is not theirs.
    """
    _curate(question, to=State.RETURNED, by=by, seen=seen, remark=remark.strip())
    return question


def _curate(question: SupportQuestion, *, to: State, by: User, seen: str | None, remark: str | None = None) -> None:
    _lock(question)
    _refuse_move(question, to)
    marks.refuse_unseen(mark_of(question), seen)
    merged = _codes_merged(question) if to == State.RETURNED else ""
    if merged:
        raise ValidationError(
            _(
                "In vraag %(code)s zijn andere vragen opgegaan: %(merged)s. Maak dat eerst ongedaan en stuur de vraag "
                "dan terug, of neem de vraag aan."
            )
            % {"code": question.code, "merged": merged},
            code="merged",
        )
    question.state = to
    if remark is not None:
        question.remark = remark
    question.curated_at = timezone.now()
    question.full_clean()
    question.save()
    record = audit.record(f"question.{to.value}", question, by=by)
    kind = QuestionNews.Kind.ACCEPTED if to == State.ACCEPTED else QuestionNews.Kind.RETURNED
    details: dict[str, Any] = {} if remark is None else {"remark": remark}
    news.tell(question, kind, key=f"question-{to.value}-{record.pk}", by=by, **details)


def _lock(question: SupportQuestion) -> None:
    """Read the row as it stands now and keep others from it until the transaction ends."""
    question.refresh_from_db(from_queryset=SupportQuestion.unscoped.select_for_update())


def _refuse_move(question: SupportQuestion, to: State) -> None:
    if to not in MOVES[question.state]:
        raise ValidationError(
            _("Dit kan niet meer: vraag %(code)s is intussen %(state)s.")
            % {"code": question.code, "state": question.get_state_display()},
            code="state",
        )


def _write(
    question: SupportQuestion,
    fields: dict[str, Any],
    areas: Sequence[CollaborationArea] | None,
    municipalities: Sequence[Partnership] | None,
) -> None:
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"a question has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(question, name, value)
    is_draft = question.state in UNFINISHED
    refuse_strangers(question.pact, field="partnership", rows=[question.partnership])
    if areas is not None:
        check_areas(question.pact, areas, required=not is_draft)
    if municipalities is not None:
        check_municipalities(question.pact, municipalities)
    question.full_clean(exclude={"protective_level"} if is_draft and not question.protective_level else None)
    question.save()
    if areas is not None:
        question.areas.set(areas)
    if municipalities is not None:
        question.municipalities.set(municipalities)
