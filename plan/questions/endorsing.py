"""Saying "ook onze vraag", and taking that back. One row is the queue: the question that stands for itself."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.organisations.models import Partnership
from partners.people.models import User
from plan.questions import news
from plan.questions.belonging import refuse_strangers
from plan.questions.models import Endorsement, QuestionNews, SupportQuestion
from plan.questions.support import supporters_of
from plan.questions.workflow import refuse_longer

State = SupportQuestion.State

ENDORSED_IN = (State.SUBMITTED, State.ACCEPTED)
"""A question can be endorsed while it stands."""

LONGEST_NOTE = 500
"""Signs of how it is at the partner that endorses."""


@transaction.atomic
def endorse(question: SupportQuestion, *, partnership: Partnership, by: User, note: str = "") -> Endorsement | None:
    """Let a partner say that the question is theirs too; one that was merged leads to where it lives on.

    Gives the endorsement, or None when this partner stood behind it already: then nothing changes. Raises
    ValidationError when the question does not stand, is the partner's own, or the partner is of another pact.
    """
    root = _lock_root(question)
    refuse_strangers(root.pact, field="partnership", rows=[partnership])
    if root.state not in ENDORSED_IN:
        raise ValidationError(
            _("Vraag %(code)s is %(state)s. U kunt een vraag ondersteunen zolang die is ingediend of aangenomen.")
            % {"code": root.code, "state": root.get_state_display()},
            code="state",
        )
    if root.partnership_id == partnership.pk:
        raise ValidationError(
            _("Vraag %(code)s is van uw eigen organisatie. Die telt al mee.") % {"code": root.code}, code="own"
        )
    if partnership.pk in {each.partnership.pk for each in supporters_of(root)}:
        return None
    refuse_longer(note, field="note", most=LONGEST_NOTE)
    endorsement = Endorsement(question=root, partnership=partnership, endorsed_by=by, note=note.strip())
    endorsement.full_clean()
    endorsement.save()
    audit.record("question.endorsed", root, by=by, partnership=partnership.pk)
    # The same partner is news once, however often it changes its mind.
    news.tell(root, QuestionNews.Kind.ENDORSED, key=_key(root.pk, partnership.pk), by=by, partner=str(partnership))
    return endorsement


KEY = "question-endorsed-"
"""What the keys of the news of endorsements begin with; the question and the partner come after it."""


def _key(question: int, partnership: int) -> str:
    return f"{KEY}{question}-{partnership}"


def told_still() -> Q:
    """As a filter on news: not that of an endorsement that was taken back."""
    parts = [Value(KEY), Cast("question", TextField()), Value("-"), Cast("partnership", TextField())]
    standing = Endorsement.unscoped.filter(question=OuterRef("question"))
    standing = standing.annotate(told_as=Concat(*parts, output_field=TextField()))
    return ~Q(kind=QuestionNews.Kind.ENDORSED) | Q(Exists(standing.filter(told_as=OuterRef("key"))))


@transaction.atomic
def unendorse(question: SupportQuestion, *, partnership: Partnership, by: User) -> bool:
    """Take back what `endorse` did, at the question and at those merged into it. False when there was nothing."""
    root = _lock_root(question)
    endorsements = Endorsement.objects.in_pact(root.pact_id).filter(partnership=partnership)
    given = endorsements.filter(question=root) | endorsements.filter(question__merged_into=root)
    if not given.exists():
        return False
    keys = [_key(pk, partnership.pk) for pk in given.values_list("question", flat=True)]
    given.delete()
    # What was mailed stays, so that it is not mailed again; `told_still` leaves it out.
    QuestionNews.objects.in_pact(root.pact_id).filter(mailed_at=None, key__in=keys).delete()
    audit.record("question.unendorsed", root, by=by, partnership=partnership.pk)
    return True


def _lock_root(question: SupportQuestion) -> SupportQuestion:
    """The question, or the one in which it lives on, locked.

    One row only, so that it waits for a merge that locks several but never the other way round.
    """
    rows = SupportQuestion.objects.in_pact(question.pact_id)
    found: SupportQuestion = rows.get(pk=question.pk)
    while True:
        found = rows.select_for_update().get(pk=found.merged_into_id or found.pk)
        if found.merged_into_id is None:
            return found
