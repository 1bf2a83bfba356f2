"""What happens to a question, past every form."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from pact_portal.foundation.audit.models import AuditRecord
from plan.questions import workflow
from plan.questions.models import Endorsement, QuestionNews, SupportQuestion
from tests.factories import make_measure, make_member, make_pact, make_partner, make_question

State = SupportQuestion.State


def draft(people, **fields):
    values = {
        "partnership": people.school,
        "by": people.representative,
        "areas": list(people.pact.areas.all())[:1],
        "title": "Hoe maken wij de overstap makkelijker?",
        "protective_level": SupportQuestion.Level.SURROUNDINGS,
        **fields,
    }
    return workflow.draft(people.pact, **values)


def sentences(fault):
    return " ".join(fault.value.messages)


def test_it_goes_from_draft_to_accepted_and_tells_the_submitter_once(people):
    question = draft(people)
    assert question.state == State.DRAFT
    workflow.submit(question, by=people.representative)
    workflow.accept(question, by=people.coordinator)
    question.refresh_from_db()
    assert question.state == State.ACCEPTED
    assert question.curated_at is not None
    news = QuestionNews.objects.in_pact(people.pact).get()
    assert (news.question, news.kind, news.by) == (question, QuestionNews.Kind.ACCEPTED, people.coordinator)
    actions = AuditRecord.objects.in_pact(people.pact).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["question.drafted", "question.submitted", "question.accepted"]


def test_it_goes_back_with_a_remark_and_can_be_handed_in_again(people):
    question = draft(people)
    workflow.submit(question, by=people.representative)
    workflow.send_back(question, remark="Noem de leeftijd.", by=people.coordinator)
    assert question.state == State.RETURNED
    assert QuestionNews.objects.in_pact(people.pact).get().details == {"remark": "Noem de leeftijd."}
    workflow.revise(question, by=people.representative, age_from=12, age_to=18)
    workflow.submit(question, by=people.representative)
    workflow.send_back(question, remark="Noem ook de gemeente.", by=people.coordinator)
    assert QuestionNews.objects.in_pact(people.pact).filter(kind=QuestionNews.Kind.RETURNED).count() == 2


def test_it_numbers_the_questions_of_each_pact_from_one(people):
    first, second = draft(people), draft(people)
    assert (first.code, second.code) == ("V1", "V2")
    elsewhere = make_question(people.other_pact)
    assert elsewhere.code == "V1"


def test_it_keeps_an_unfinished_draft_but_takes_in_only_a_whole_question(people):
    question = draft(people, areas=[], protective_level="")
    with pytest.raises(ValidationError) as fault:
        workflow.submit(question, by=people.representative)
    assert set(fault.value.error_dict) == {"protective_level", "areas"}
    workflow.revise(question, by=people.representative, protective_level=SupportQuestion.Level.FAMILY)
    with pytest.raises(ValidationError) as fault:
        workflow.submit(question, by=people.representative)
    assert "samenwerkingsgebied" in sentences(fault)
    question.refresh_from_db()
    assert question.state == State.DRAFT


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (0, 24), (12, 4), (30, 40)])
def test_it_refuses_a_question_outside_the_age_band(people, first, last):
    with pytest.raises(ValidationError):
        draft(people, age_from=first, age_to=last)
    assert not SupportQuestion.objects.in_pact(people.pact).exists()


@pytest.mark.parametrize(("first", "last"), [(0, 24), (12, 4)])
def test_it_refuses_such_ages_in_the_database_itself(people, first, last):
    question = make_question(people.pact)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportQuestion.objects.in_pact(people.pact).filter(pk=question.pk).update(age_from=first, age_to=last)


def test_it_refuses_areas_places_and_partners_of_another_pact(people):
    other = people.other_pact
    for strange in (
        {"areas": list(other.areas.all())},
        {"municipalities": list(other.partnerships.all())},
        {"partnership": other.partnerships.first()},
    ):
        with pytest.raises(ValidationError) as fault:
            draft(people, **strange)
        assert "bij dit pact" in sentences(fault)


def test_it_takes_only_municipalities_as_municipality(people):
    with pytest.raises(ValidationError) as fault:
        draft(people, municipalities=[people.childcare])
    assert "gemeenten" in sentences(fault)
    assert draft(people, municipalities=[people.municipality]).municipalities.count() == 1


def test_it_asks_for_a_remark_when_sending_back(people):
    question = make_question(people.pact, state=State.SUBMITTED)
    with pytest.raises(ValidationError) as fault:
        workflow.send_back(question, remark="  ", by=people.coordinator)
    assert "aanpassen" in sentences(fault)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportQuestion.objects.in_pact(people.pact).filter(pk=question.pk).update(state=State.RETURNED, remark="")


@pytest.mark.parametrize("state", [State.DRAFT, State.ACCEPTED, State.RETURNED, State.MERGED, State.WITHDRAWN])
def test_it_curates_only_what_is_handed_in(people, state):
    question = make_question(people.pact, state=state, remark="Noem de leeftijd.")
    with pytest.raises(ValidationError):
        workflow.accept(question, by=people.coordinator)
    with pytest.raises(ValidationError):
        workflow.send_back(question, remark="Anders.", by=people.coordinator)
    assert not QuestionNews.objects.in_pact(people.pact).exists()


@pytest.mark.parametrize("state", [State.ACCEPTED, State.MERGED])
def test_it_is_no_longer_edited_once_accepted(people, state):
    question = make_question(people.pact, state=state)
    with pytest.raises(ValidationError) as fault:
        workflow.revise(question, by=people.representative, title="Iets anders")
    assert "niet meer" in sentences(fault)
    question.refresh_from_db()
    assert question.title != "Iets anders"


def test_it_refuses_to_write_over_what_somebody_else_wrote(people):
    question = draft(people)
    seen = workflow.mark_of(question)
    workflow.revise(question, by=people.representative, title="De eerste schrijver")
    with pytest.raises(ValidationError) as fault:
        workflow.revise(question, by=people.coordinator, title="De tweede schrijver", seen=seen)
    assert "Iemand anders" in sentences(fault)
    question.refresh_from_db()
    assert question.title == "De eerste schrijver"


def test_it_accepts_only_what_the_coordinator_has_read(people):
    question = make_question(people.pact, state=State.SUBMITTED, partnership=people.school)
    seen = workflow.mark_of(question)
    workflow.revise(question, by=people.representative, areas=[people.pact.areas.last()])
    with pytest.raises(ValidationError):
        workflow.accept(question, by=people.coordinator, seen=seen)
    workflow.accept(question, by=people.coordinator, seen=workflow.mark_of(question))


def test_it_knows_no_field_of_the_workflow_itself(people):
    with pytest.raises(TypeError):
        draft(people, state=State.ACCEPTED)


# --- Taking back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.RETURNED])
def test_it_is_taken_back_and_handed_in_again(people, state):
    question = make_question(people.pact, state=state, partnership=people.school, remark="Noem de leeftijd.")
    workflow.withdraw(question, by=people.representative, reason="  Is opgelost. ")
    question.refresh_from_db()
    assert (question.state, question.withdrawal_reason) == (State.WITHDRAWN, "Is opgelost.")
    assert question.withdrawn_at is not None
    assert AuditRecord.objects.in_pact(people.pact).get().details == {"before": state}
    workflow.submit(question, by=people.representative)
    question.refresh_from_db()
    assert (question.state, question.withdrawal_reason, question.withdrawn_at) == (State.SUBMITTED, "", None)


def test_it_is_taken_back_unfinished_and_finished_afterwards(people):
    question = draft(people, areas=[], protective_level="")
    workflow.withdraw(question, by=people.representative)
    assert not SupportQuestion.objects.in_pact(people.pact).visible_to([people.childcare]).exists()
    with pytest.raises(ValidationError):
        workflow.submit(question, by=people.representative)
    workflow.revise(question, by=people.representative, areas=[people.pact.areas.first()], protective_level="family")
    workflow.submit(question, by=people.representative)


def test_it_leaves_an_accepted_question_to_the_coordinator(people):
    question = make_question(people.pact, partnership=people.school)
    with pytest.raises(ValidationError) as fault:
        workflow.withdraw(question, by=people.representative)
    assert "coördinator" in sentences(fault)
    workflow.withdraw(question, by=people.coordinator, as_coordinator=True)
    assert question.state == State.WITHDRAWN


def test_it_keeps_no_reason_without_end(people):
    question = make_question(people.pact, state=State.SUBMITTED)
    with pytest.raises(ValidationError):
        workflow.withdraw(question, by=people.representative, reason="x" * 2001)


def test_it_says_that_it_was_taken_back_already(people):
    question = make_question(people.pact, state=State.SUBMITTED)
    workflow.withdraw(question, by=people.representative)
    with pytest.raises(ValidationError) as fault:
        workflow.withdraw(question, by=people.representative, reason="Nog eens")
    assert "ingetrokken" in sentences(fault)
    question.refresh_from_db()
    assert question.withdrawal_reason == ""


def test_it_is_not_taken_back_while_it_is_also_the_question_of_others(people):
    question = make_question(people.pact, state=State.SUBMITTED, partnership=people.school)
    Endorsement.unscoped.create(question=question, partnership=people.childcare, endorsed_by=people.other)
    with pytest.raises(ValidationError) as fault:
        workflow.withdraw(question, by=people.coordinator, as_coordinator=True)
    assert str(people.childcare) in sentences(fault)
    # The coordinator puts it on the name of the other; then the first one lets go of it.
    workflow.revise(question, by=people.coordinator, partnership=people.childcare)
    workflow.withdraw(question, by=people.other)
    assert question.state == State.WITHDRAWN


def test_it_is_not_taken_back_while_it_speaks_for_another(people):
    question = make_question(people.pact, state=State.SUBMITTED, partnership=people.school)
    other = make_question(people.pact, state=State.MERGED, partnership=people.school, merged_into=question)
    with pytest.raises(ValidationError) as fault:
        workflow.withdraw(question, by=people.representative)
    assert other.code in sentences(fault)
    with pytest.raises(ValidationError):
        workflow.withdraw(other, by=people.representative)


def test_it_is_not_taken_back_while_a_measure_answers_it(people):
    question = make_question(people.pact, partnership=people.school)
    measure = make_measure(people.pact, questions=[question])
    with pytest.raises(ValidationError) as fault:
        workflow.withdraw(question, by=people.coordinator, as_coordinator=True)
    assert measure.code in sentences(fault)
    measure.state = "rejected"
    measure.outcome_on, measure.outcome_reason = "2026-02-01", "Te duur."
    measure.save()
    workflow.withdraw(question, by=people.coordinator, as_coordinator=True)


def test_it_takes_back_only_what_was_read(people):
    question = make_question(people.pact, state=State.SUBMITTED)
    seen = workflow.mark_of(question)
    workflow.revise(question, by=people.coordinator, title="Anders")
    with pytest.raises(ValidationError) as fault:
        workflow.withdraw(question, by=people.representative, seen=seen)
    assert "Iemand anders" in sentences(fault)


@pytest.mark.django_db(transaction=True)
def test_it_tells_the_second_of_two_who_curate_at_once():
    pact = make_pact()
    school = make_partner(pact)
    coordinator, submitter = make_member(school, "coordinator"), make_member(school)
    with transaction.atomic():
        question = make_question(pact, state=State.SUBMITTED, created_by=submitter)
    start, outcomes = threading.Barrier(2), []

    def curate(act):
        try:
            own = SupportQuestion.unscoped.get(pk=question.pk)
            start.wait(timeout=10)
            act(own)
            outcomes.append("done")
        except ValidationError as fault:
            outcomes.append(fault.messages[0])
        finally:
            connection.close()

    acts = (
        lambda own: workflow.accept(own, by=coordinator),
        lambda own: workflow.send_back(own, remark="Noem de leeftijd.", by=coordinator),
    )
    threads = [threading.Thread(target=curate, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    refusal, success = sorted(outcomes)
    assert refusal.startswith("Dit kan niet meer")
    assert success == "done"
    assert QuestionNews.objects.in_pact(pact).count() == 1
