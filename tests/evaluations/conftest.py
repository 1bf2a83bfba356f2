"""A series as the workflow plans it, and answers from several partners."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from evaluations.answering import workflow as answering
from evaluations.models import Evaluation, EvaluationSeries, Participation, Topic
from evaluations.series import workflow
from partners.models import Partnership
from tests.factories import make_member, make_partner
from tests.people import People

TOPICS = [
    {"kind": Topic.Kind.SCALE, "text": "Hoe gaat de samenwerking?"},
    {"kind": Topic.Kind.NUMBER, "text": "Hoeveel jongeren bereikte u?", "counts_people": True},
    {"kind": Topic.Kind.CHOICE, "text": "Wat vraagt aandacht?", "options": ["Tijd", "Geld", "Mensen"]},
    {"kind": Topic.Kind.OPEN, "text": "Wat kan beter?"},
]


@pytest.fixture
def series_fields(people: People) -> dict[str, Any]:
    """What plan_series takes besides the pact."""
    return {
        "by": people.coordinator,
        "name": "Halfjaarlijkse evaluatie",
        "starts_on": date(2027, 3, 1),
        "ends_on": date(2028, 3, 1),
        "every_months": 6,
        "open_days": 28,
        "participants": [people.municipality, people.school, people.childcare],
        "topics": TOPICS,
    }


@pytest.fixture
def series(people: People, series_fields: dict[str, Any]) -> EvaluationSeries:
    """Three evaluations: 1 March and 1 September 2027, 1 March 2028; municipality, school and childcare answer."""
    return workflow.plan_series(people.pact, **series_fields)


@pytest.fixture
def evaluation(series: EvaluationSeries) -> Evaluation:
    """The first evaluation, opened on its day."""
    workflow.move_on(on=date(2027, 3, 1))
    return Evaluation.objects.in_pact(series.pact).get(due_on=date(2027, 3, 1))


@pytest.fixture
def more_partners(people: People) -> list[Partnership]:
    """Five more partners with a representative each."""
    partners = [make_partner(people.pact, f"Partner {number}") for number in range(5)]
    for partner in partners:
        make_member(partner)
    return partners


Say = Callable[..., Participation]


@pytest.fixture
def say() -> Say:
    """Answer for a partner: a value per topic, in the order of the topics."""

    def answered(evaluation: Evaluation, partner: Partnership, *said: Any) -> Participation:
        topics = evaluation.series.topics.all()
        participation = evaluation.participations.get(partnership=partner)
        return answering.answer(
            participation,
            values={topic.pk: value for topic, value in zip(topics, said, strict=False)},
            by=partner.memberships.first().user,
        )

    return answered
