"""Answering by the workflow."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from evaluations.answering import workflow
from evaluations.answering.forms import AnswerForm
from evaluations.answering.values import NO_VIEW
from evaluations.models import Answer, Evaluation, Participation
from evaluations.series import workflow as series_workflow
from pact_portal.foundation.audit.models import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_march():
    with time_machine.travel("2027-03-10T12:00:00+01:00", tick=False):
        yield


def test_it_keeps_an_answer_on_every_topic(evaluation, people, say):
    participation = say(evaluation, people.school, "4", "12,5", "Geld", "Meer overleg")
    assert (participation.answered_at, participation.answered_by) == (timezone.now(), people.representative)
    scale, number, choice, text = participation.answers.all()
    assert (scale.scale, scale.no_view) == (4, False)
    assert number.number == Decimal("12.50")
    assert choice.choice == "Geld"
    assert text.text == "Meer overleg"
    record = AuditRecord.objects.in_pact(people.pact).get(action="evaluation.answered")
    assert (record.by, record.details) == (people.representative, {})


def test_it_writes_down_the_day_of_an_answer_that_is_entered_later(evaluation, people):
    participation = evaluation.participations.get(partnership=people.school)
    scale = evaluation.series.topics.first()
    with time_machine.travel("2027-06-10T12:00:00+02:00", tick=False):
        said = workflow.answer(participation, values={scale.pk: 4}, by=people.representative, on=date(2027, 3, 28))
    assert timezone.localtime(said.answered_at).date() == date(2027, 3, 28)


def test_it_replaces_what_was_said_before(evaluation, people, say):
    say(evaluation, people.school, "4", "12", "Geld", "Meer overleg")
    participation = say(evaluation, people.school, NO_VIEW, "", "Tijd", "")
    scale, choice = participation.answers.all()
    assert (scale.scale, scale.no_view, choice.choice) == (None, True, "Tijd")
    actions = AuditRecord.unscoped.filter(subject_kind="evaluations.participation").order_by("id")
    assert [each.action for each in actions] == ["evaluation.answered", "evaluation.answer_revised"]


def test_it_tells_all_faults_at_once_and_keeps_nothing(evaluation, people, say):
    with pytest.raises(ValidationError) as refusal:
        say(evaluation, people.school, "9", "veel", "Rust", "x" * 5001)
    topics = evaluation.series.topics.all()
    assert set(refusal.value.message_dict) == {f"topic_{topic.pk}" for topic in topics}
    assert not Answer.unscoped.exists()
    assert Participation.objects.in_pact(people.pact).unanswered().count() == 3


def test_it_refuses_a_topic_of_another_series(evaluation, people, series_fields):
    other = series_workflow.plan_series(people.pact, **{**series_fields, "name": "Andere"})
    participation = evaluation.participations.get(partnership=people.school)
    with pytest.raises(ValidationError, match="hoort niet bij"):
        workflow.answer(participation, values={other.topics.first().pk: "4"}, by=people.representative)


def test_it_refuses_an_empty_form_without_scales(people, series_fields):
    series_workflow.plan_series(people.pact, **{**series_fields, "topics": [{"kind": "open", "text": "Hoe gaat het?"}]})
    series_workflow.move_on(on=date(2027, 3, 1))
    participation = Participation.objects.in_pact(people.pact).get(partnership=people.school)
    with pytest.raises(ValidationError, match="ten minste één vraag"):
        workflow.answer(participation, values={}, by=people.representative)


def test_it_takes_answers_on_the_last_day(evaluation, people, say):
    with time_machine.travel("2027-03-28T23:30:00+02:00", tick=False):
        assert say(evaluation, people.school, "4").answered_at is not None


def test_it_refuses_answers_after_the_last_day_also_when_the_tick_was_missed(evaluation, people, say):
    with (
        time_machine.travel("2027-03-29T00:30:00+02:00", tick=False),
        pytest.raises(ValidationError, match=r"gesloten\. U kon antwoorden tot en met 28 maart 2027"),
    ):
        say(evaluation, people.school, "4")
    assert not Answer.unscoped.exists()


@pytest.mark.parametrize("state", [Evaluation.State.CLOSED, Evaluation.State.REPORTED, Evaluation.State.PROCESSED])
def test_it_refuses_answers_on_a_closed_evaluation(evaluation, people, say, state):
    Evaluation.unscoped.filter(pk=evaluation.pk).update(state=state)
    with pytest.raises(ValidationError, match="gesloten"):
        say(evaluation, people.school, "4")


def test_it_says_when_a_scheduled_evaluation_opens(evaluation, people):
    second = evaluation.series.evaluations.get(due_on=date(2027, 9, 1))
    participation = second.participations.create(partnership=people.school)
    with pytest.raises(ValidationError, match=r"nog niet open\. Vanaf 1 september 2027"):
        workflow.answer(participation, values={}, by=people.representative)


@pytest.mark.parametrize("changes", [{"scale": 0}, {"scale": 6}, {"no_view": True}])
def test_it_is_held_by_the_database_past_the_workflow(evaluation, people, say, changes):
    answer = say(evaluation, people.school, "4").answers.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.unscoped.filter(pk=answer.pk).update(**changes)


def test_it_keeps_one_answer_per_topic_past_the_workflow(evaluation, people, say):
    answer = say(evaluation, people.school, "4").answers.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.unscoped.create(participation=answer.participation, topic=answer.topic, scale=3)


def test_it_refuses_a_citizen_service_number_in_an_answer(evaluation, people, say):
    with pytest.raises(ValidationError) as refusal:
        say(evaluation, people.school, "4", "12", "Geld", "Zie leerling 725.763.863")
    assert "725" not in str(refusal.value)
    assert not Answer.unscoped.filter(participation__evaluation=evaluation).exists()


def test_its_form_asks_about_personal_data_in_an_open_answer_only(evaluation, people):
    participation = evaluation.participations.get(partnership=people.school)
    topics = list(evaluation.series.topics.all())
    scale, number, choice, text = (f"topic_{topic.pk}" for topic in topics)
    data = {scale: "4", number: "725763863", choice: "Geld", text: "Bel 06-12345678"}
    form = AnswerForm(participation, topics, data)
    assert [fault.code for fault in form.errors.as_data()[text]] == ["personal_data"]
    assert set(form.errors) == {text}
    confirmed = {**data, "privacy_confirmed": "on", "privacy_seen": form["privacy_seen"].value()}
    assert AnswerForm(participation, topics, confirmed).is_valid()
    form = AnswerForm(participation, topics, {**confirmed, text: "BSN 725763863"})
    assert [fault.code for fault in form.errors.as_data()[text]] == ["bsn"]
