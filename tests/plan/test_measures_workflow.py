"""Proposing and deciding: fields, rows of one pact, moves, money."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from plan.funding.workflow import allocate, reject
from plan.measures import workflow
from plan.models import Measure, SupportQuestion
from tests.factories import make_measure, make_package, make_pact, make_partner, make_programme, make_question
from tests.people import People

TODAY = timezone.localdate
State = Measure.State


def propose(people: People, **changes: Any) -> Measure:
    pact = people.pact
    fields: dict[str, Any] = {
        "lead": people.school,
        "by": people.representative,
        "areas": [pact.areas.first()],
        "title": "De coach blijft",
        "kind": Measure.Kind.CONTINUE,
        "line": Measure.Line.STRENGTHEN,
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "goal": "<p>Jongeren kunnen bij iemand terecht.</p>",
        "budget": Decimal(5000),
        "remains_after": "De school betaalt het zelf.",
        **changes,
    }
    fields.setdefault("questions", [make_question(pact)])
    fields.setdefault("programmes", [make_programme(pact)])
    return workflow.propose(pact, **fields)


def decide(measure: Measure, people: People, **changes: Any) -> Measure:
    return workflow.decide(
        measure,
        **{
            "outcome": State.APPROVED,
            "on": TODAY(),
            "reason": "Past bij de vraag.",
            "by": people.coordinator,
            **changes,
        },
    )


def test_it_numbers_measures_in_order_and_leaves_a_trace(people: People) -> None:
    assert [propose(people).code, propose(people).code] == ["M1", "M2"]
    assert AuditRecord.objects.in_pact(people.pact).filter(action="measure.proposed").count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("kind", "invent"),
        ("line", ""),
        ("budget", Decimal(-1)),
        ("budget", Decimal("NaN")),
        ("budget", Decimal("1E15")),
        ("goal", "<script>alert(1)</script>"),
        ("remains_after", ""),
        ("questions", []),
        ("areas", []),
    ],
)
def test_it_refuses_what_does_not_hold_and_names_the_field(people: People, field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        propose(people, **{field: value})
    assert field in refused.value.message_dict


def test_it_refuses_an_end_before_its_begin(people: People) -> None:
    with pytest.raises(ValidationError, match="einddatum"):
        propose(people, ends_on=date(2025, 1, 1))


@pytest.mark.parametrize("state", [State.APPROVED, State.RUNNING])
def test_it_lets_nobody_propose_a_measure_as_decided(people: People, state: str) -> None:
    with pytest.raises(TypeError, match="state"):
        propose(people, state=state)


@pytest.mark.parametrize("field", ["lead", "areas", "questions", "programmes", "executing"])
def test_it_refuses_rows_of_another_pact(people: People, field: str) -> None:
    other = make_pact()
    strangers = {
        "lead": make_partner(other),
        "areas": [other.areas.first()],
        "questions": [make_question(other)],
        "programmes": [make_programme(other)],
        "executing": [make_partner(other)],
    }
    with pytest.raises(ValidationError) as refused:
        propose(people, **{field: strangers[field]})
    assert refused.value.message_dict == {field: ["Kies alleen uit wat bij dit pact hoort."]}


@pytest.mark.parametrize("state", [SupportQuestion.State.SUBMITTED, SupportQuestion.State.DRAFT])
def test_it_answers_accepted_questions_only(people: People, state: str) -> None:
    question = make_question(people.pact, state=state)
    with pytest.raises(ValidationError, match=f"Nog niet aangenomen: {question.code}"):
        propose(people, questions=[question])


@pytest.mark.parametrize("outcome", [State.APPROVED, State.REJECTED, State.DEFERRED])
def test_it_records_a_decision_with_date_and_reason(people: People, outcome: State) -> None:
    measure = propose(people)
    decide(measure, people, outcome=outcome, on=date(2026, 3, 1), reason="  Zo besloten. ")
    measure = Measure.objects.in_pact(people.pact).get()
    assert (measure.state, measure.outcome_on, measure.outcome_reason) == (outcome, date(2026, 3, 1), "Zo besloten.")
    assert AuditRecord.objects.in_pact(people.pact).filter(action=f"measure.{outcome}").exists()


@pytest.mark.parametrize("before", list(State))
@pytest.mark.parametrize("outcome", list(State))
def test_it_moves_only_as_the_table_says(people: People, before: State, outcome: State) -> None:
    measure = make_measure(people.pact, state=before, outcome_on=date(2026, 1, 1))
    if outcome in workflow.MOVES.get(before, set()):
        assert decide(measure, people, outcome=outcome).state == outcome
    else:
        with pytest.raises(ValidationError, match=f"is {before.label}"):
            decide(measure, people, outcome=outcome)


def test_it_does_not_take_the_same_decision_twice(people: People) -> None:
    measure = propose(people)
    stale = Measure.objects.in_pact(people.pact).get(pk=measure.pk)
    decide(measure, people)
    with pytest.raises(ValidationError, match="is goedgekeurd"):
        decide(stale, people)


def test_it_decides_a_deferred_measure_later(people: People) -> None:
    measure = propose(people)
    decide(measure, people, outcome=State.DEFERRED)
    assert decide(measure, people).state == State.APPROVED


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"reason": "  "}, "reason"), ({"on": TODAY() + timedelta(days=2)}, "on")],
)
def test_it_asks_a_reason_and_a_day_that_has_come(people: People, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        decide(propose(people), people, **changes)
    assert field in refused.value.message_dict


def test_it_does_not_reject_a_measure_on_which_money_still_counts(people: People) -> None:
    measure = propose(people)
    row = allocate(make_package(people.pact).years.get(), amount=Decimal(250), by=people.coordinator, measure=measure)
    with pytest.raises(ValidationError) as refused:
        decide(measure, people, outcome=State.REJECTED)
    assert "nog €\xa0250 toegewezen aan maatregel M1" in refused.value.messages[0]
    reject(row, by=people.coordinator)
    assert decide(measure, people, outcome=State.REJECTED).state == State.REJECTED
