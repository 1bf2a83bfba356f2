"""Existing before new, at the moment of deciding: which new measures the rule would not let pass any more.

The rule is held when a measure is proposed (plan.measures.existing_first). Judgements expire and new ones are made
between that day and the decision: whoever decides is told, and may decide all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from partners.pact.models import Pact
from plan.decisions.carried import Carried
from plan.measures.models import Measure
from plan.measures.weighing import hindrances

UNDECIDED = (Measure.State.PROPOSED, Measure.State.DEFERRED, Measure.State.REJECTED)
"""States from which a decision can approve a measure."""


@dataclass(frozen=True)
class Weighed:
    """A new measure, and per question that it answers why nothing new would be started for that today."""

    name: str
    url: str
    sentences: list[str]


def refused_today(pact: Pact, carried: Sequence[Carried]) -> list[Weighed]:
    """The new measures among these rows that could not be proposed today, by number. Five queries at most."""
    keys = [one.item.object_id for one in carried if one.kind.name == "measure"]
    if not keys:
        return []
    rows = Measure.objects.in_pact(pact).filter(pk__in=keys, kind=Measure.Kind.START, state__in=UNDECIDED)
    measures = list(rows.prefetch_related("questions").order_by("number"))
    if not measures:
        return []
    asked = {measure.pk: [each.merged_into_id or each.pk for each in measure.questions.all()] for measure in measures}
    found = hindrances(pact, {each for measure in measures for each in measure.questions.all()})
    weighed = []
    for measure in measures:
        sentences = [one.sentence for one in found if one.question.pk in asked[measure.pk]]
        if sentences:
            url = reverse("plan:measure_detail", args=[pact.slug, measure.number])
            weighed.append(Weighed(str(measure), url, sentences))
    return weighed
