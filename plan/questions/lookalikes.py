"""The questions of a pact that ask the same as a title, as the reader may see and endorse them."""

from dataclasses import dataclass

from partners.permissions import PactRequest, Permission
from plan.questions.models import Endorsement, SupportQuestion
from plan.questions.rows import visible
from plan.questions.similarity import rank
from plan.questions.support import support_counts

State = SupportQuestion.State


@dataclass(frozen=True, slots=True)
class Lookalike:
    """One similar question: where it stands, how many partners are behind it, and what the reader has to do with it."""

    question: SupportQuestion
    support: int
    is_own: bool
    is_endorsed: bool


def of(request: PactRequest, title: str, *, apart_from: SupportQuestion | None = None) -> list[Lookalike]:
    """The questions that stand and resemble the title, most alike first; a merged one leads to where it lives on.

    Six queries at most, however many questions there are.
    """
    rows = visible(request).filter(state__in=[State.SUBMITTED, State.ACCEPTED, State.MERGED])
    if apart_from is not None:
        rows = rows.exclude(pk=apart_from.pk)
    titles = rows.order_by().values_list("pk", "merged_into", "title")
    ranked = rank(title, ((root or pk, text) for pk, root, text in titles.iterator()))
    if not ranked:
        return []
    standing = SupportQuestion.objects.in_pact(request.pact).standing().filter(pk__in=[each.key for each in ranked])
    questions = {
        question.pk: question
        for question in standing.select_related("partnership__organisation").prefetch_related("areas")
    }
    counts = support_counts(questions.values())
    own = {partnership.pk for partnership in request.access.partnerships_for(Permission.ENDORSE_QUESTION)}
    endorsements = Endorsement.objects.in_pact(request.pact).filter(partnership__in=own)
    endorsed = set(
        (
            endorsements.filter(question__in=questions) | endorsements.filter(question__merged_into__in=questions)
        ).values_list("question", "question__merged_into")
    )
    behind = {pk for pair in endorsed for pk in pair}
    return [
        Lookalike(
            questions[each.key],
            counts[each.key],
            is_own=questions[each.key].partnership_id in own,
            is_endorsed=each.key in behind,
        )
        for each in ranked
        if each.key in questions
    ]
