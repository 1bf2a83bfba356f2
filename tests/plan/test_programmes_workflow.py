"""Keeping programmes and judging their fit, past every form."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from plan.programmes import workflow
from plan.programmes.chapter import coverage_blocks
from plan.programmes.matrix import BY_PHASE, matrix_of
from plan.programmes.models import Fit, Programme
from plan.questions.models import SupportQuestion
from tests.factories import make_fit, make_programme, make_question

State = SupportQuestion.State


def add(people, **fields):
    values = {
        "provider": people.school,
        "by": people.representative,
        "areas": list(people.pact.areas.all())[:1],
        "name": "Brugklascoach",
        "preventie": True,
        **fields,
    }
    return workflow.add(people.pact, **values)


def judge(people, question, programme, **fields):
    values = {
        "level": Fit.Level.SUFFICIENT,
        "reason": "Bereikt alle scholen.",
        "evidence": "Evaluatie van 2025",
        "by": people.coordinator,
        **fields,
    }
    return workflow.judge_fit(question, programme, **values)


def test_it_puts_a_programme_on_the_list_and_changes_it(people):
    programme = add(people, yearly_cost=Decimal("1250.50"), municipalities=[people.municipality])
    assert programme.code == "A1"
    workflow.revise(programme, by=people.coordinator, name="Brugklascoach en mentor", curatie=True)
    programme.refresh_from_db()
    assert programme.layer_names == "preventie, curatie"
    assert programme.yearly_cost == Decimal("1250.50")
    actions = list(AuditRecord.objects.in_pact(people.pact).order_by("id").values_list("action", flat=True))
    assert actions == ["programme.added", "programme.revised"]


@pytest.mark.parametrize(
    "fault",
    [
        {"preventie": False},
        {"age_from": 12, "age_to": 4},
        {"age_to": 24},
        {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)},
        {"yearly_cost": Decimal(-1)},
        {"yearly_cost": Decimal("1e20")},
        {"reach_per_year": -1},
        {"areas": []},
        {"name": ""},
    ],
)
def test_it_refuses_a_programme_that_breaks_a_rule(people, fault):
    with pytest.raises(ValidationError):
        add(people, **fault)
    assert not Programme.objects.in_pact(people.pact).exists()


@pytest.mark.parametrize(
    "fault",
    [
        {"preventie": False, "amplitie": False, "curatie": False},
        {"age_from": 12, "age_to": 4},
        {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)},
    ],
)
def test_it_refuses_it_in_the_database_itself(people, fault):
    programme = make_programme(people.pact)
    with pytest.raises(IntegrityError), transaction.atomic():
        Programme.objects.in_pact(people.pact).filter(pk=programme.pk).update(**fault)


def test_it_refuses_rows_of_another_pact(people):
    other = people.other_pact
    for strange in (
        {"areas": list(other.areas.all())},
        {"municipalities": list(other.partnerships.all())},
        {"provider": other.partnerships.first()},
    ):
        with pytest.raises(ValidationError, match="bij dit pact"):
            add(people, **strange)
    question = make_question(people.pact)
    with pytest.raises(ValidationError, match="bij dit pact"):
        judge(people, question, make_programme(other))


def test_it_refuses_to_write_over_what_somebody_else_wrote(people):
    programme = add(people)
    seen = workflow.mark_of(programme)
    workflow.revise(programme, by=people.representative, name="De eerste naam")
    with pytest.raises(ValidationError, match="Iemand anders"):
        workflow.revise(programme, by=people.coordinator, name="De tweede naam", seen=seen)


def test_it_judges_for_a_year_and_renews_the_same_judgement(people):
    question, programme = make_question(people.pact), make_programme(people.pact)
    first = judge(people, question, programme, level=Fit.Level.PARTLY)
    assert first.expires_on == timezone.localdate() + timedelta(days=365)
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        first.refresh_from_db()
        assert first.is_expired
        second = judge(people, question, programme, evidence="Evaluatie")
        assert second.pk == first.pk
        assert not second.is_expired
        assert second.judged_on == timezone.localdate()
    actions = list(AuditRecord.objects.in_pact(people.pact).order_by("id").values_list("action", flat=True))
    assert actions == ["fit.judged", "fit.renewed"]


@pytest.mark.parametrize(
    "fault",
    [{"level": "perfect"}, {"reason": ""}, {"expires_on": date(2020, 1, 1)}, {"evidence": ""}, {"evidence": " "}],
)
def test_it_refuses_a_judgement_that_breaks_a_rule(people, fault):
    with pytest.raises(ValidationError):
        judge(people, make_question(people.pact), make_programme(people.pact), **fault)
    assert not Fit.objects.in_pact(people.pact).exists()


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED, State.WITHDRAWN])
def test_it_judges_only_questions_that_are_handed_in(people, state):
    question = make_question(people.pact, state=state, remark="Noem de leeftijd.", withdrawn_at=timezone.now())
    with pytest.raises(ValidationError, match="ingediend of aangenomen"):
        judge(people, question, make_programme(people.pact))


def test_it_keeps_one_judgement_per_pair_in_the_database_itself(people):
    question, programme = make_question(people.pact), make_programme(people.pact)
    make_fit(question, programme)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_fit(question, programme)


# --- The matrix over rows --------------------------------------------------------------------------------------------


def test_it_shows_a_gap_until_a_sufficient_fit_is_judged_and_again_when_it_expires(people):
    question, programme = make_question(people.pact), make_programme(people.pact)
    make_question(people.pact, state=State.SUBMITTED)
    make_question(people.other_pact)
    today = timezone.localdate()
    assert matrix_of(people.pact, on=today).gaps == [question.pk]
    judge(people, question, programme, level=Fit.Level.PARTLY)
    assert matrix_of(people.pact, on=today).gaps == [question.pk]
    fit = judge(people, question, programme)
    assert matrix_of(people.pact, on=today).gaps == []
    assert matrix_of(people.pact, on=fit.expires_on).gaps == [question.pk]


def test_it_groups_by_layer_or_by_age(people):
    area = people.pact.areas.first()
    question = make_question(people.pact, areas=[area], age_from=10, age_to=14)
    judge(people, question, make_programme(people.pact, age_from=12, age_to=18), level=Fit.Level.PARTLY)
    today = timezone.localdate()
    by_layer = matrix_of(people.pact, on=today).rows
    assert [cell.answer for cell in by_layer[0].cells] == ["unknown", "partly", "unknown"]
    assert [cell.answer for cell in by_layer[1].cells] == ["empty"] * 3
    by_phase = matrix_of(people.pact, by=BY_PHASE, on=today).rows
    assert [cell.answer for cell in by_phase[0].cells] == ["empty", "unknown", "partly", "empty"]


def test_it_hands_the_plan_the_matrix_and_the_gaps(people):
    assert coverage_blocks(people.pact) == []
    question = make_question(people.pact, title="Wie helpt bij de overstap?")
    heading, figure, _by_age, table = coverage_blocks(people.pact)
    assert heading.anchor == "dekking"
    assert figure.title == "1 van 1 vragen heeft nog geen voldoende aanbod"
    assert figure.svg.startswith("<svg")
    assert table.rows[0].cells[0].to == f"vraag-{question.number}"
    assert table.rows[0].cells[1].text == "Wie helpt bij de overstap?"
