"""Where partners stand on a proposal, and what became of their conditions: past every page."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from partners.models import Partnership
from plan.decisions import conditions, writing
from plan.decisions.carried import next_step
from plan.decisions.deciding import AlreadyRecorded, record_outcome, supersede
from plan.decisions.positions import asked, positions_of, state_position
from plan.models import Condition, Position
from tests.factories import make_partner, make_proposal, make_route


def sentences(fault):
    return " ".join(fault.value.messages)


def say(proposal, outcome, by, **extra):
    values = {"step": next_step(proposal), "decided_on": timezone.localdate(), "reason": "Zo besproken."}
    return record_outcome(proposal, **{**values, "outcome": outcome, "by": by, **extra})


def state(proposal, partnership, by, stance="agree", **fields):
    values = {"mandate": "none", "text": "", **fields}
    return state_position(proposal, partnership=partnership, stance=stance, by=by, **values)


@pytest.fixture
def proposal(people):
    make_route(people.pact)
    return make_proposal(people.pact, partnership=people.school)


# --- Positions -------------------------------------------------------------------------------------------------------


def test_it_asks_who_signs_and_takes_part_today(people, proposal):
    make_partner(people.pact, kind=Partnership.Kind.EXECUTING)
    make_partner(people.pact, left_on=timezone.localdate())
    make_partner(people.pact, joined_on=date(2099, 1, 1))
    assert asked(proposal) == [people.municipality, people.school, people.childcare]


def test_it_keeps_what_was_said_last(people, proposal):
    first = state(proposal, people.school, people.representative, "agree", mandate="board")
    second = state(proposal, people.school, people.representative, "object", text="Te duur.")
    assert first == second
    (kept,) = positions_of(proposal)
    assert (kept.stance, kept.mandate, kept.text, kept.round) == ("object", "none", "Te duur.", 1)
    made = AuditRecord.objects.in_pact(people.pact).filter(action="position.stated")
    assert made.count() == 2
    # A second click says nothing new.
    state(proposal, people.school, people.representative, "object", text=" Te duur. ")
    assert made.count() == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"stance": "agree_if"}, "__all__"),
        ({"stance": "object", "text": "  "}, "__all__"),
        ({"stance": "no_mandate", "mandate": "board"}, "__all__"),
        ({"stance": "perhaps"}, "stance"),
        ({"mandate": "koning"}, "mandate"),
        ({"stance": "object", "text": "a" * 2001}, "text"),
        ({"stance": "object", "text": "Over 111222333."}, "text"),
    ],
)
def test_it_refuses_what_does_not_hold(people, proposal, fields, field):
    with pytest.raises(ValidationError) as fault:
        state(proposal, people.school, people.representative, **fields)
    assert field in fault.value.error_dict
    assert positions_of(proposal) == []


def test_it_is_for_those_who_sign(people, proposal):
    executing = make_partner(people.pact, "Jongerenwerk Hier", kind=Partnership.Kind.EXECUTING)
    left = make_partner(people.pact, "Weggegaan", left_on=timezone.localdate())
    for partner in (executing, left):
        with pytest.raises(ValidationError) as fault:
            state(proposal, partner, people.coordinator)
        assert f"{partner} tekent dit pact niet" in sentences(fault)
    with pytest.raises(ValidationError) as fault:
        state(proposal, people.other_pact.partnerships.get(), people.coordinator)
    assert "bij dit pact" in sentences(fault)


def test_it_is_for_what_is_under_way(people, proposal):
    draft = make_proposal(people.pact, submitted=False)
    with pytest.raises(ValidationError) as fault:
        state(draft, people.school, people.representative)
    assert "P2 is concept" in sentences(fault)
    for outcome in ("positive", "positive", "deferred"):
        say(proposal, outcome, people.coordinator)
        state(proposal, people.school, people.representative, "object", text=outcome)
    say(proposal, "adopted", people.coordinator)
    with pytest.raises(ValidationError) as fault:
        state(proposal, people.school, people.representative)
    assert "P1 is vastgesteld. Een standpunt geven kan alleen zolang" in sentences(fault)
    assert positions_of(proposal)[0].text == "deferred"


def test_it_is_said_anew_in_a_second_round(people, proposal):
    former = state(proposal, people.school, people.representative, "object", text="Te duur.")
    say(proposal, "sent_back", people.coordinator)
    writing.submit(proposal, by=people.coordinator)
    assert positions_of(proposal) == []
    state(proposal, people.school, people.representative, "agree")
    former.refresh_from_db()
    assert (former.round, former.stance) == (1, "object")
    assert [one.stance for one in positions_of(proposal)] == ["agree"]


@pytest.mark.parametrize("over", ["adopted", "withdrawn", "sent back", "second round"])
def test_it_is_kept_by_the_database_once_its_round_is_over(people, proposal, over):
    position = state(proposal, people.school, people.representative, "object", text="Te duur.")
    rows = Position.objects.in_pact(people.pact).filter(pk=position.pk)
    assert rows.update(text="Veel te duur.") == 1
    if over == "adopted":
        for outcome in ("positive", "positive", "adopted"):
            say(proposal, outcome, people.coordinator)
    elif over == "withdrawn":
        writing.withdraw(proposal, reason="Toch niet.", by=people.coordinator)
    else:
        say(proposal, "sent_back", people.coordinator)
        if over == "second round":
            writing.submit(proposal, by=people.coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(stance="agree")
    with pytest.raises(IntegrityError), transaction.atomic():
        Position.unscoped.create(
            proposal=proposal, round=1, partnership=people.childcare, stance="agree", stated_by=people.other
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()


def test_it_could_be_rewritten_afterwards_without_its_guard(people, proposal):
    """The twin: with the trigger off, an objection becomes a "yes" after the decision."""
    position = state(proposal, people.school, people.representative, "object", text="Te duur.")
    writing.withdraw(proposal, reason="Toch niet.", by=people.coordinator)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE plan_position DISABLE TRIGGER USER")
    assert Position.objects.in_pact(people.pact).filter(pk=position.pk).update(stance="agree") == 1


# --- Conditions ------------------------------------------------------------------------------------------------------


def test_it_makes_a_condition_of_agreeing_if(people, proposal):
    position = state(proposal, people.school, people.representative, "agree_if", text="Als het in de wijk is.")
    (condition,) = conditions.conditions_of(proposal)
    assert (condition.position, condition.text, condition.state) == (position, "Als het in de wijk is.", "open")


def test_it_opens_a_condition_again_with_another_text(people, proposal):
    state(proposal, people.school, people.representative, "agree_if", text="In de wijk.")
    (condition,) = conditions.conditions_of(proposal)
    conditions.answer(condition, state="met", answer="Het is in de wijk.", by=people.coordinator)
    # Another mandate is no other condition.
    state(proposal, people.school, people.representative, "agree_if", text="In de wijk.", mandate="board")
    assert conditions.conditions_of(proposal)[0].state == "met"
    state(proposal, people.school, people.representative, "agree_if", text="In elke wijk.")
    (condition,) = conditions.conditions_of(proposal)
    assert (condition.text, condition.state, condition.answer) == ("In elke wijk.", "open", "")
    assert condition.answered_by is None


def test_it_asks_no_more_for_a_condition_that_was_taken_back(people, proposal):
    state(proposal, people.school, people.representative, "agree_if", text="In de wijk.")
    state(proposal, people.school, people.representative, "agree")
    assert conditions.conditions_of(proposal) == []
    state(proposal, people.school, people.representative, "agree_if", text="In de wijk.")
    conditions.answer(conditions.conditions_of(proposal)[0], state="dropped", answer="Te duur.", by=people.coordinator)
    state(proposal, people.school, people.representative, "agree")
    # What was answered stays in the books.
    assert Condition.objects.in_pact(people.pact).get().answer == "Te duur."
    assert conditions.conditions_of(proposal) == []


def test_it_says_that_a_condition_was_taken_back_meanwhile(people, proposal):
    state(proposal, people.school, people.representative, "agree_if", text="In de wijk.")
    (condition,) = conditions.conditions_of(proposal)
    state(proposal, people.school, people.representative, "agree")
    with pytest.raises(ValidationError) as fault:
        conditions.answer(condition, state="met", answer="Gedaan.", by=people.coordinator)
    assert "ingetrokken" in sentences(fault)


@pytest.mark.parametrize("to", ["met", "dropped"])
def test_it_says_what_was_done_with_a_condition(people, proposal, to):
    say(proposal, "positive", people.coordinator, conditions=["Betrek de ouders."])
    (condition,) = conditions.conditions_of(proposal)
    with pytest.raises(ValidationError) as fault:
        conditions.answer(condition, state=to, answer=" ", by=people.coordinator)
    assert "answer" in fault.value.error_dict
    with pytest.raises(ValidationError) as fault:
        conditions.answer(condition, state="weg", answer="Gedaan.", by=people.coordinator)
    assert "state" in fault.value.error_dict
    with pytest.raises(ValidationError):
        conditions.answer(condition, state=to, answer="a" * 2001, by=people.coordinator)
    answered = conditions.answer(condition, state=to, answer=" Gedaan. ", by=people.coordinator)
    assert (answered.state, answered.answer, answered.answered_by) == (to, "Gedaan.", people.coordinator)
    conditions.answer(condition, state=to, answer="Gedaan.", by=people.coordinator)
    assert AuditRecord.objects.in_pact(people.pact).filter(action="condition.answered").count() == 1
    opened = conditions.answer(condition, state="open", answer="", by=people.coordinator)
    assert (opened.state, opened.answer, opened.answered_by) == ("open", "", None)


def test_it_drops_the_conditions_of_what_was_not_said_after_all(people, proposal):
    old = say(proposal, "positive", people.coordinator, conditions=["Betrek de ouders."])
    values = {"outcome": "negative", "decided_on": timezone.localdate(), "by": people.coordinator}
    supersede(old, **values, conditions=[], reason="Anders.")
    assert conditions.conditions_of(proposal) == []
    assert Condition.objects.in_pact(people.pact).count() == 1


@pytest.mark.parametrize("outcome", ["positive", "negative"])
def test_it_takes_conditions_along_with_what_was_done_with_them(people, proposal, outcome):
    old = say(proposal, "positive", people.coordinator, conditions=["Betrek de ouders.", "Meet het."])
    first, second = conditions.conditions_of(proposal)
    conditions.answer(first, state="met", answer="Dat is gedaan.", by=people.coordinator)
    values = {"outcome": outcome, "decided_on": timezone.localdate(), "by": people.coordinator}
    new = supersede(old, **values, reason="Anders.")
    told = [("Betrek de ouders.", "met", "Dat is gedaan."), ("Meet het.", "open", "")]
    for decision in (old, new):
        assert [(one.text, one.state, one.answer) for one in decision.conditions.order_by("pk")] == told
    assert [one.decision for one in conditions.conditions_of(proposal)] == [new, new]
    with pytest.raises(ValidationError, match=f"Besluit {new.code} kwam in de plaats"):
        conditions.answer(second, state="met", answer="Te laat.", by=people.coordinator)
    newest = supersede(new, **values, conditions=["Meet het vaak.", "Betrek  de ouders."], reason="Anders.")
    told = [("Meet het vaak.", "open"), ("Betrek de ouders.", "met")]
    assert [(one.text, one.state) for one in newest.conditions.order_by("pk")] == told


def test_it_corrects_conditions_alone(people, proposal):
    old = say(proposal, "positive", people.coordinator, conditions=["Betrek de ouders."])
    values = {"outcome": "positive", "decided_on": old.decided_on, "reason": old.reason, "by": people.coordinator}
    with pytest.raises(ValidationError, match="Er is niets veranderd"):
        supersede(old, **values, conditions=["Betrek de ouders."])
    new = supersede(old, **values, conditions=["Betrek ook de ouders."])
    with pytest.raises(AlreadyRecorded) as fault:
        supersede(old, **values, conditions=["Betrek ook de ouders."])
    assert fault.value.decision == new


def test_it_keeps_the_conditions_of_the_round_that_is_going_on(people, proposal):
    state(proposal, people.school, people.representative, "agree_if", text="In de wijk.")
    say(proposal, "sent_back", people.coordinator, conditions=["Reken het na."])
    writing.submit(proposal, by=people.coordinator)
    # A partner speaks anew; what a body asked when it sent the proposal back still stands.
    assert [one.text for one in conditions.conditions_of(proposal)] == ["Reken het na."]
