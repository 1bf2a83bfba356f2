"""What happens to a support question: drafted, revised, submitted, accepted or sent back."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.mail import workflow as mail
from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from partners.people.models import User
from plan.questions import marks
from plan.questions.belonging import check_areas, check_municipalities, refuse_strangers
from plan.questions.models import SupportQuestion

State = SupportQuestion.State

MOVES: dict[str, set[str]] = {
    State.DRAFT: {State.SUBMITTED},
    State.RETURNED: {State.SUBMITTED},
    State.SUBMITTED: {State.ACCEPTED, State.RETURNED},
    State.ACCEPTED: set(),
    State.MERGED: set(),
}
"""domain.md, "Questions": from which state one may go to which."""

OPEN_TO_REVISION = (State.DRAFT, State.SUBMITTED, State.RETURNED)
"""A question is edited until it is accepted (trust.md)."""

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
    areas: Sequence[CollaborationArea],
    municipalities: Sequence[Partnership] = (),
    **fields: Any,
) -> SupportQuestion:
    """Make a draft, which only the own organisation sees. It may lack the areas and the protective level.

    `fields` are those of FIELDS. Raises ValidationError for a field that does not hold, or a row of another pact.
    """
    question = SupportQuestion(pact=pact, created_by=by)
    question.take_number()
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
def submit(question: SupportQuestion, *, by: User) -> SupportQuestion:
    """Hand the question in, for the first time or after it was sent back. From now on every member sees it."""
    _lock(question)
    _refuse_move(question, State.SUBMITTED)
    question.state = State.SUBMITTED
    question.submitted_at = timezone.now()
    question.full_clean()
    check_areas(question.pact, list(question.areas.all()))
    question.save()
    audit.record("question.submitted", question, by=by)
    return question


@transaction.atomic
def accept(question: SupportQuestion, *, by: User, seen: str | None = None) -> SupportQuestion:
    """Take the question into the plan, and tell its submitter. `seen` as in `revise`."""
    _curate(question, to=State.ACCEPTED, by=by, seen=seen)
    return question


@transaction.atomic
def send_back(question: SupportQuestion, *, remark: str, by: User, seen: str | None = None) -> SupportQuestion:
    """Return the question with what should change (at most 2,000 signs), and tell its submitter."""
    _curate(question, to=State.RETURNED, by=by, seen=seen, remark=remark.strip())
    return question


def _curate(question: SupportQuestion, *, to: State, by: User, seen: str | None, remark: str | None = None) -> None:
    _lock(question)
    _refuse_move(question, to)
    marks.refuse_unseen(mark_of(question), seen)
    question.state = to
    if remark is not None:
        question.remark = remark
    question.curated_at = timezone.now()
    question.full_clean()
    question.save()
    record = audit.record(f"question.{to.value}", question, by=by)
    _tell_submitter(question, key=f"question-{to.value}-{record.pk}")


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
    is_draft = question.state == State.DRAFT
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


def _tell_submitter(question: SupportQuestion, *, key: str) -> None:
    """Mail the one who wrote the question, in the language of the portal rather than that of the coordinator."""
    address = reverse("plan:question_detail", args=[question.pact.slug, question.number])
    with translation.override(settings.LANGUAGE_CODE):
        subject = (
            _("Vraag %(code)s is aangenomen")
            if question.state == State.ACCEPTED
            else _("Vraag %(code)s is teruggestuurd")
        )
        mail.queue(
            key=key,
            to=question.created_by.email,
            user=question.created_by,
            subject=subject % {"code": question.code},
            template=f"question_{question.state}",
            context={"question": question, "pact": question.pact, "url": settings.PORTAL_URL + address},
            pact=question.pact,
        )
