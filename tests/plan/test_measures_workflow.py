"""Proposing, revising, deciding, carrying out and adjusting: fields, rows of one pact, moves, money, timeline."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from plan.funding.workflow import allocate, reject
from plan.measures import workflow
from plan.models import Allocation, Contribution, Fit, Measure, StateChange, SupportQuestion
from plan.questions.marks import is_stale
from plan.questions.merging import merge
from tests.factories import (
    make_allocation,
    make_fit,
    make_measure,
    make_package,
    make_pact,
    make_partner,
    make_programme,
    make_question,
)
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


ACTS: dict[str, tuple[Callable[..., Measure], bool, bool]] = {
    "decide": (workflow.decide, True, True),
    "undo_approval": (workflow.undo_approval, True, True),
    "start": (workflow.start, False, False),
    "finish": (workflow.finish, False, False),
    "stop": (workflow.stop, True, False),
}
"""Per act of MOVES: its function, whether a decision is behind it, and whether it is told the outcome."""


def act(name: str, measure: Measure, people: People, outcome: State) -> Measure:
    function, by_decision, told = ACTS[name]
    given: dict[str, Any] = {"by": people.coordinator}
    if by_decision:
        given |= {"on": TODAY(), "reason": "Zo besloten.", "decision": "B7"}
    if told:
        given["outcome"] = outcome
    return function(measure, **given)


@pytest.mark.parametrize("name", list(ACTS))
@pytest.mark.parametrize("before", list(State))
def test_it_moves_only_as_the_table_says(people: People, name: str, before: State) -> None:
    told = ACTS[name][2]
    for outcome in State if told else [next(iter({to for tos in workflow.MOVES[name].values() for to in tos}))]:
        measure = make_measure(people.pact, state=before, outcome_on=date(2026, 1, 1))
        if outcome in workflow.MOVES[name].get(before, set()):
            assert act(name, measure, people, outcome).state == outcome
            change = measure.changes.get()
            assert (change.state, change.decision) == (outcome, "B7" if ACTS[name][1] else "")
        else:
            with pytest.raises(ValidationError, match=f"is {before.label}"):
                act(name, measure, people, outcome)
            assert not measure.changes.exists()
        measure.refresh_from_db()
        assert measure.state in (before, outcome)


def test_it_keeps_every_way_of_the_life_of_a_measure_in_one_table() -> None:
    """Nothing but deciding anew leads out of an end, and every state is reached."""
    assert set(workflow.MOVES) == set(ACTS)
    leaves = {state for moves in workflow.MOVES.values() for state in moves}
    reached = {to for moves in workflow.MOVES.values() for tos in moves.values() for to in tos}
    assert leaves == set(State) - {State.FINISHED, State.STOPPED}
    assert reached == set(State)


def test_it_takes_a_rejection_back_only_by_a_decision(people: People) -> None:
    measure = propose(people)
    decide(measure, people, outcome=State.REJECTED)
    with pytest.raises(ValidationError, match="Alleen een nieuw besluit op de route"):
        decide(measure, people)
    assert decide(measure, people, decision="B9").state == State.APPROVED


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


def committed(people: People, measure: Measure, amount: int = 250) -> Allocation:
    return make_allocation(make_package(people.pact).years.get(), amount, measure=measure, state="committed")


@pytest.mark.parametrize("outcome", [State.REJECTED, State.DEFERRED, State.PROPOSED])
def test_it_takes_an_approval_back(people: People, outcome: State) -> None:
    measure = propose(people)
    decide(measure, people, decision="B1")
    act("undo_approval", measure, people, outcome)
    measure.refresh_from_db()
    is_open = outcome == State.PROPOSED
    assert (measure.state, measure.outcome_on is None, measure.outcome_reason == "") == (outcome, is_open, is_open)
    told = [(change.state, change.decision) for change in measure.changes.order_by("pk")]
    assert told == [("proposed", ""), ("approved", "B1"), (outcome, "B7")]


@pytest.mark.parametrize("outcome", [State.REJECTED, State.DEFERRED, State.PROPOSED])
def test_it_takes_no_approval_back_on_which_money_was_committed(people: People, outcome: State) -> None:
    measure = propose(people)
    decide(measure, people)
    committed(people, measure)
    with pytest.raises(ValidationError, match="De goedkeuring kan daarom niet terug"):
        act("undo_approval", measure, people, outcome)
    measure.refresh_from_db()
    assert measure.state == State.APPROVED


def test_it_takes_an_approval_back_with_money_that_is_only_proposed_but_does_not_reject_it(people: People) -> None:
    measure = propose(people)
    decide(measure, people)
    make_allocation(make_package(people.pact).years.get(), 250, measure=measure)
    with pytest.raises(ValidationError, match="Wijs eerst die toewijzingen af"):
        act("undo_approval", measure, people, State.REJECTED)
    assert act("undo_approval", measure, people, State.DEFERRED).state == State.DEFERRED


@pytest.mark.parametrize("name", ["undo_approval", "stop"])
@pytest.mark.parametrize(
    ("changes", "field"), [({"reason": " "}, "reason"), ({"on": TODAY() + timedelta(days=2)}, "on")]
)
def test_it_asks_a_reason_and_a_day_that_has_come_for_what_is_undone(
    people: People, name: str, changes: dict[str, Any], field: str
) -> None:
    measure = make_measure(people.pact, state=State.APPROVED, outcome_on=date(2026, 1, 1))
    given = {"on": TODAY(), "reason": "Zo.", "decision": "B2", "by": people.coordinator, **changes}
    if name == "undo_approval":
        given["outcome"] = State.DEFERRED
    with pytest.raises(ValidationError) as refused:
        ACTS[name][0](measure, **given)
    assert field in refused.value.message_dict
    assert not measure.changes.exists()


def test_it_keeps_the_decision_on_the_row_while_it_is_carried_out(people: People) -> None:
    measure = propose(people)
    decide(measure, people, on=date(2026, 3, 1), decision="B1")
    workflow.start(measure, on=date(2026, 4, 1), by=people.representative)
    workflow.finish(measure, by=people.representative)
    measure.refresh_from_db()
    assert (measure.outcome_on, measure.outcome_reason) == (date(2026, 3, 1), "Past bij de vraag.")
    days = [change.on for change in measure.changes.order_by("pk")]
    assert days == [TODAY(), date(2026, 3, 1), date(2026, 4, 1), TODAY()]
    actions = AuditRecord.objects.in_pact(people.pact).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["measure.proposed", "measure.approved", "measure.running", "measure.finished"]


@pytest.mark.parametrize("day", [date(2026, 2, 28), TODAY() + timedelta(days=2)])
def test_it_starts_no_sooner_than_it_was_approved_and_no_later_than_today(people: People, day: date) -> None:
    measure = propose(people)
    decide(measure, people, on=date(2026, 3, 1))
    with pytest.raises(ValidationError) as refused:
        workflow.start(measure, on=day, by=people.representative)
    assert "on" in refused.value.message_dict


def test_it_stops_by_a_decision_whatever_money_stands_against_it(people: People) -> None:
    measure = propose(people)
    decide(measure, people)
    committed(people, measure)
    act("stop", measure, people, State.STOPPED)
    measure.refresh_from_db()
    assert (measure.state, measure.outcome_reason) == (State.STOPPED, "Zo besloten.")


def test_it_tells_who_asked_what_was_decided(people: People) -> None:
    question = make_question(people.pact)
    measure = propose(people, questions=[question])
    decide(measure, people)
    act("undo_approval", measure, people, State.PROPOSED)
    decide(measure, people)
    kinds = question.news.order_by("pk").values_list("kind", "details__outcome")
    assert list(kinds) == [("measure", ""), ("decided", "approved"), ("decided", "approved")]


NEW_VALUES: dict[str, Any] = {
    "title": "Anders",
    "goal": "<p>Een ander doel.</p>",
    "starts_on": "2026-02-01",
    "ends_on": date(2028, 1, 31),
    "budget": "7500.50",
    "learning_question": "Wat werkt?",
    "remains_after": "De gemeente betaalt.",
}


@pytest.mark.parametrize("state", [State.APPROVED, State.RUNNING])
def test_it_adjusts_what_a_decision_says(people: People, state: State) -> None:
    assert set(NEW_VALUES) == set(workflow.ADJUSTABLE)
    measure = make_measure(people.pact, state=state, outcome_on=date(2026, 1, 1))
    workflow.adjust(measure, changes=NEW_VALUES, by=people.coordinator, decision="B3", on=TODAY())
    assert (measure.budget, measure.starts_on) == (Decimal("7500.50"), date(2026, 2, 1))
    measure.refresh_from_db()
    assert (measure.title, measure.ends_on, measure.state) == ("Anders", date(2028, 1, 31), state)
    record = AuditRecord.objects.in_pact(people.pact).get(action="measure.adjusted")
    assert (record.details["decision"], record.details["after"]["budget"]) == ("B3", "7500.50")
    assert record.details["before"]["budget"] == "10000.00"


@pytest.mark.parametrize("state", [state for state in State if state not in workflow.ADJUSTED_IN])
def test_it_adjusts_only_what_is_approved_or_running(people: People, state: State) -> None:
    measure = make_measure(people.pact, state=state, outcome_on=date(2026, 1, 1))
    with pytest.raises(ValidationError, match=f"is {state.label}. Bijstellen kan alleen"):
        workflow.adjust(measure, changes={"title": "Nee"}, by=people.coordinator, decision="B3", on=TODAY())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"budget": "-1"}, "budget"),
        ({"budget": "veel"}, "budget"),
        ({"budget": "0.001"}, "budget"),
        ({"ends_on": "2026-02-31"}, "ends_on"),
        ({"ends_on": date(2020, 1, 1)}, "__all__"),
        ({"remains_after": ""}, "remains_after"),
    ],
)
def test_it_adjusts_nothing_to_what_does_not_hold(people: People, changes: dict[str, Any], field: str) -> None:
    measure = make_measure(people.pact, state=State.RUNNING, outcome_on=date(2026, 1, 1))
    with pytest.raises(ValidationError) as refused:
        workflow.adjust(measure, changes=changes, by=people.coordinator, decision="B3", on=TODAY())
    assert field in refused.value.message_dict
    assert not AuditRecord.objects.in_pact(people.pact).filter(action="measure.adjusted").exists()


@pytest.mark.parametrize("field", ["state", "kind", "lead", "number", "funded"])
def test_it_adjusts_no_other_field(people: People, field: str) -> None:
    measure = make_measure(people.pact, state=State.RUNNING, outcome_on=date(2026, 1, 1))
    with pytest.raises(TypeError, match=field):
        workflow.adjust(measure, changes={field: "x"}, by=people.coordinator, decision="B3", on=TODAY())


def revise(measure: Measure, people: People, **changes: Any) -> Measure:
    many: dict[str, Any] = {name: list(getattr(measure, name).all()) for name in workflow.MANY}
    return workflow.revise(measure, **{"by": people.representative, "lead": measure.lead, **many, **changes})


def mark_of(measure: Measure) -> str:
    """As a page takes it: of the row as it is stored."""
    return workflow.mark_of(Measure.unscoped.get(pk=measure.pk))


def test_it_revises_until_it_is_decided(people: People) -> None:
    measure = propose(people)
    other = make_question(people.pact)
    answered = measure.questions.get()
    revise(measure, people, title=" Beter ", budget=Decimal(1), questions=[answered, other], lead=people.municipality)
    measure.refresh_from_db()
    assert (measure.title, measure.budget, measure.lead) == ("Beter", Decimal(1), people.municipality)
    assert [row.kind for row in other.news.all()] == ["measure"]
    assert answered.news.count() == 1
    decide(measure, people, outcome=State.DEFERRED)
    revise(measure, people, title="Nog beter")
    decide(measure, people)
    with pytest.raises(ValidationError, match="alleen met een bijstelling en een besluit"):
        revise(measure, people, title="Te laat")
    assert AuditRecord.objects.in_pact(people.pact).filter(action="measure.revised").count() == 2


@pytest.mark.parametrize("state", [state for state in State if state not in workflow.OPEN_TO_REVISION])
def test_it_revises_nothing_that_was_decided(people: People, state: State) -> None:
    measure = propose(people)
    Measure.unscoped.update(state=state, outcome_on=date(2026, 1, 1))
    with pytest.raises(ValidationError, match=f"is {state.label}"):
        revise(measure, people, title="Te laat")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"questions": []}, "questions"),
        ({"areas": []}, "areas"),
        ({"programmes": []}, "programmes"),
        ({"budget": Decimal(-1)}, "budget"),
        ({"kind": Measure.Kind.START}, "__all__"),
        ({"kind": Measure.Kind.START, "reason_not_broaden": "Zo."}, "kind"),
    ],
)
def test_it_revises_by_the_rules_of_proposing(people: People, changes: dict[str, Any], field: str) -> None:
    measure = propose(people)
    before = mark_of(measure)
    with pytest.raises(ValidationError) as refused:
        revise(measure, people, **changes)
    assert field in refused.value.message_dict
    assert mark_of(measure) == before


@pytest.mark.parametrize("field", ["lead", "areas", "questions", "programmes", "executing"])
def test_it_revises_to_no_row_of_another_pact(people: People, field: str) -> None:
    measure, other = propose(people), make_pact()
    strangers = {
        "lead": make_partner(other),
        "areas": [other.areas.first()],
        "questions": [make_question(other)],
        "programmes": [make_programme(other)],
        "executing": [make_partner(other)],
    }
    with pytest.raises(ValidationError) as refused:
        revise(measure, people, **{field: strangers[field]})
    assert field in refused.value.message_dict


def test_it_revises_nobody_over(people: People) -> None:
    measure = propose(people)
    seen = mark_of(measure)
    revise(measure, people, seen=seen, executing=[people.childcare])
    with pytest.raises(ValidationError) as refused:
        revise(measure, people, seen=seen, title="Over de ander heen")
    assert is_stale(refused.value)
    measure.refresh_from_db()
    assert measure.title == "De coach blijft"


def test_it_holds_existing_before_new_on_revising_too(people: People) -> None:
    question, programme = make_question(people.pact), make_programme(people.pact)
    fit = make_fit(question, programme, level=Fit.Level.PARTLY)
    measure = propose(people, questions=[question], kind=Measure.Kind.START, reason_not_broaden="Te klein.")
    revise(measure, people, title="Nieuw, en goed")
    Fit.unscoped.filter(pk=fit.pk).update(level=Fit.Level.SUFFICIENT)
    with pytest.raises(ValidationError) as refused:
        revise(measure, people, title="Nieuw, maar niet nodig")
    assert str(programme) in refused.value.message_dict["kind"][0]


def test_it_judges_a_merged_question_by_the_one_in_which_it_lives_on(people: People) -> None:
    question, root = make_question(people.pact), make_question(people.pact)
    make_fit(question, make_programme(people.pact), level=Fit.Level.PARTLY)
    measure = propose(people, questions=[question], kind=Measure.Kind.START, reason_not_broaden="Te klein.")
    merge(question, into=root, by=people.coordinator)
    with pytest.raises(ValidationError, match=f"Beoordeel eerst .*{root.code}"):
        revise(measure, people, title="Anders")
    make_fit(root, make_programme(people.pact), level=Fit.Level.PARTLY)
    assert revise(measure, people, title="Anders").questions.get() == question
    with pytest.raises(ValidationError, match="Nog niet aangenomen"):
        propose(people, questions=[question])


def test_it_changes_no_partners_that_the_money_needs(people: People) -> None:
    measure = propose(people)
    package = make_package(people.pact, sectors=[people.school.organisation.sector])
    make_allocation(package.years.get(), 250, measure=measure)
    make_allocation(package.years.get(), 250, measure=propose(people))
    with pytest.raises(ValidationError, match=f"Er is geld toegewezen uit {package.code}"):
        revise(measure, people, lead=people.municipality)
    revise(measure, people, lead=people.municipality, executing=[people.school])
    reject(measure.allocations.get(), by=people.coordinator)
    revise(measure, people, lead=people.municipality, executing=[])


def test_it_counts_what_partners_add_and_multiplies_nothing(people: People) -> None:
    measure = make_measure(people.pact)
    for amount, state in ((250, "proposed"), (100, "committed"), (999, "rejected")):
        make_allocation(make_package(people.pact).years.get(), amount, measure=measure, state=state)
    for year, amount, withdrawn in ((2026, 40, None), (2027, 2, None), (2028, 999, timezone.now())):
        Contribution.unscoped.create(
            measure=measure,
            partnership=people.school,
            year=year,
            amount=amount,
            withdrawn_at=withdrawn,
            added_by=people.coordinator,
        )
    bare = make_measure(people.pact)
    funded = {row.pk: row.funded for row in Measure.objects.in_pact(people.pact).with_funding()}
    assert funded == {measure.pk: Decimal(392), bare.pk: Decimal(0)}
    # The joins that the subqueries stand in for count each row as often as there are others.
    joined = Measure.unscoped.filter(pk=measure.pk).aggregate(
        total=Sum("allocations__amount"), added=Sum("contributions__amount")
    )
    assert joined["total"] + joined["added"] != Decimal(1349 + 1041)


@pytest.mark.parametrize(
    "change",
    [lambda rows: rows.update(state="stopped"), lambda rows: rows.update(reason="x"), lambda rows: rows.delete()],
)
def test_it_keeps_the_timeline_in_the_database(people: People, change: Callable[[Any], Any]) -> None:
    measure = propose(people)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(StateChange.unscoped.filter(measure=measure))
    assert measure.changes.get().state == State.PROPOSED


def test_it_would_lose_the_timeline_without_the_guard(people: People) -> None:
    measure = propose(people)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE plan_statechange DISABLE TRIGGER USER")
    StateChange.unscoped.filter(measure=measure).update(state="stopped")
    assert measure.changes.get().state == State.STOPPED
