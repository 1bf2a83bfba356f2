"""Whether the questions of a new measure were held to what exists: the rule of existing_first, on what was judged."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from partners.pact.models import Pact
from plan.chain.chain import Link
from plan.measures import existing_first
from plan.programmes.models import Fit
from plan.programmes.neighbours import as_found
from plan.questions.models import SupportQuestion


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A question that stands in the way of a new measure: why, in one sentence, and what was judged for it."""

    question: SupportQuestion
    sentence: str
    judged: list[Link]


def hindrances(pact: Pact, questions: Iterable[SupportQuestion], *, lock: bool = False) -> list[Hindrance]:
    """The questions for which something new is not the answer today, by number; a merged one speaks by its root.

    With `lock`, inside a transaction: waits for whoever is judging one of them at this moment. Three queries.
    """
    keys = {question.merged_into_id or question.pk for question in questions}
    rows = SupportQuestion.objects.in_pact(pact).filter(pk__in=keys).order_by("pk")
    if lock:
        rows = rows.select_for_update(no_key=True)
    found = []
    for question in sorted(rows.prefetch_related("fits__programme"), key=lambda each: each.number):
        fits: list[Fit] = sorted(question.fits.all(), key=lambda fit: fit.programme.number)
        judgements = tuple(
            existing_first.Judgement(str(fit.programme), fit.level == Fit.Level.SUFFICIENT, fit.expires_on)
            for fit in fits
            if not fit.programme.has_ended
        )
        asked = existing_first.Question(label=str(question), judgements=judgements)
        found += [
            Hindrance(question, sentence, [as_found(fit, pact.slug) for fit in fits])
            for sentence in existing_first.refusals_of_new([asked], on=timezone.localdate())
        ]
    return found
