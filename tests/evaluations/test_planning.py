"""Planning a series by the workflow."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from evaluations.models import Evaluation, EvaluationSeries, Topic
from evaluations.series import workflow
from pact_portal.foundation.audit.models import AuditRecord

pytestmark = pytest.mark.django_db


def test_it_plans_every_evaluation_until_the_end(series, people):
    planned = Evaluation.objects.in_pact(people.pact).values_list("due_on", "closes_on", "state")
    assert list(planned) == [
        (date(2027, 3, 1), date(2027, 3, 28), "scheduled"),
        (date(2027, 9, 1), date(2027, 9, 28), "scheduled"),
        (date(2028, 3, 1), date(2028, 3, 28), "scheduled"),
    ]
    assert [topic.position for topic in series.topics.all()] == [1, 2, 3, 4]
    assert set(series.participants.all()) == {people.municipality, people.school, people.childcare}
    record = AuditRecord.objects.in_pact(people.pact).get(action="series.planned")
    assert (record.by, record.details) == (people.coordinator, {"evaluations": 3, "topics": 4})


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"ends_on": date(2027, 2, 28)}, "__all__", "niet voor de begindatum"),
        ({"every_months": 0}, "every_months", ""),
        ({"every_months": 25}, "every_months", ""),
        ({"open_days": 0}, "open_days", ""),
        ({"open_days": 181}, "open_days", ""),
        ({"name": ""}, "name", ""),
        ({"name": "n" * 161}, "name", ""),
        ({"participants": []}, "participants", "ten minste één partner"),
        ({"every_months": 1, "open_days": 30}, "open_days", "al na 29 dagen"),
        ({"every_months": 1, "ends_on": date(2040, 1, 1), "open_days": 5}, "ends_on", "hooguit 60 evaluaties"),
        ({"topics": []}, "__all__", "ten minste één evaluatievraag"),
        ({"topics": [{"kind": "scale", "text": "Goed?"}] * 41}, "__all__", "hooguit 40"),
        ({"topics": [{"kind": "scale", "text": ""}]}, "text", ""),
        ({"topics": [{"kind": "smiley", "text": "Goed?"}]}, "kind", ""),
        ({"topics": [{"kind": "choice", "text": "Wat?", "options": ["Tijd"]}]}, "options", "2 tot en met 12"),
        ({"topics": [{"kind": "choice", "text": "Wat?", "options": ["Tijd", " Tijd "]}]}, "options", "één keer"),
        ({"topics": [{"kind": "choice", "text": "Wat?", "options": ["Tijd", "t" * 201]}]}, "options", "200 tekens"),
        ({"topics": [{"kind": "scale", "text": "Goed?", "options": ["ja", "nee"]}]}, "__all__", "Alleen bij een keuze"),
        ({"topics": [{"kind": "scale", "text": "Goed?", "counts_people": True}]}, "__all__", "Alleen een getal"),
    ],
)
def test_it_refuses_a_series_that_cannot_be(people, series_fields, changes, field, words):
    with pytest.raises(ValidationError) as refusal:
        workflow.plan_series(people.pact, **{**series_fields, **changes})
    faults = refusal.value.message_dict if hasattr(refusal.value, "error_dict") else {"__all__": refusal.value.messages}
    assert words in " ".join(faults[field])
    assert not EvaluationSeries.objects.in_pact(people.pact).exists()


def test_it_refuses_a_partner_of_another_pact(people, series_fields):
    elsewhere = people.other_pact.partnerships.get()
    with pytest.raises(ValidationError, match="partners van dit pact"):
        workflow.plan_series(people.pact, **{**series_fields, "participants": [people.school, elsewhere]})


def test_it_names_a_partner_that_is_given_twice_once(people, series_fields):
    planned = workflow.plan_series(people.pact, **{**series_fields, "participants": [people.school, people.school]})
    assert planned.participants.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"due_on": date(2027, 9, 1)},
        {"closes_on": date(2027, 2, 1)},
        {"state": "open"},
        {"state": "closed"},
    ],
)
def test_it_is_held_by_the_database_past_the_workflow(series, changes):
    first = series.evaluations.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.unscoped.filter(pk=first.pk).update(**changes)


@pytest.mark.parametrize(
    "changes", [{"ends_on": date(2020, 1, 1)}, {"every_months": 0}, {"open_days": 0}, {"open_days": 181}]
)
def test_it_keeps_a_series_in_range_past_the_workflow(series, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        EvaluationSeries.unscoped.filter(pk=series.pk).update(**changes)


@pytest.mark.parametrize("changes", [{"options": ["ja"]}, {"counts_people": True}, {"position": 2}])
def test_it_keeps_a_topic_whole_past_the_workflow(series, changes):
    scale = series.topics.get(kind=Topic.Kind.SCALE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Topic.unscoped.filter(pk=scale.pk).update(**changes)
