"""Writing proposals, putting them on the route and taking them back, past every page."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from partners.models import Body
from plan.decisions import writing
from plan.decisions.carried import carried_by, course_of, earlier_rounds, mark_of_changes, next_step
from plan.decisions.deciding import record_outcome
from plan.funding import reallocating
from plan.models import Allocation, Measure, Proposal, ProposalItem
from tests.factories import make_allocation, make_measure, make_package, make_proposal, make_route

State = Proposal.State


def sentences(fault):
    return " ".join(fault.value.messages)


def say(proposal, outcome, by, **extra):
    return record_outcome(
        proposal,
        step=next_step(proposal),
        outcome=outcome,
        decided_on=timezone.localdate(),
        reason="Zo besproken.",
        by=by,
        **extra,
    )


def write(people, *rows, **fields):
    return writing.write(
        people.pact,
        **{
            "title": "Een brede aanpak",
            "explanation": "<p>Waarom wij dit vragen.</p>",
            "partnership": people.school,
            "items": [(type(row).__name__.lower(), row.pk) for row in rows],
            "by": people.coordinator,
            **fields,
        },
    )


def items_of(proposal):
    rows = ProposalItem.objects.in_pact(proposal.pact_id).filter(proposal=proposal)
    return sorted(rows.values_list("kind", "object_id"))


@pytest.fixture
def route(people):
    return make_route(people.pact)


# --- Writing ---------------------------------------------------------------------------------------------------------


def test_it_writes_a_draft_that_carries_rows_of_several_kinds(people):
    measure = make_measure(people.pact)
    share = make_allocation(make_package(people.pact).years.get())
    committed = make_allocation(make_package(people.pact).years.get(), state="committed")
    moved = reallocating.propose(committed, amount=100, measure=measure, reason="Beter zo.", by=people.coordinator)
    proposal = write(people, moved, share, measure)
    assert (proposal.code, proposal.state, proposal.round) == ("P1", State.DRAFT, 0)
    carried = carried_by(proposal)
    assert [one.kind.name for one in carried] == ["measure", "allocation", "reallocation"]
    assert [one.now.problem for one in carried] == ["", "", ""]
    assert measure.code in carried[0].now.name
    assert "€\xa01.000 voor" in carried[1].now.title
    assert "naar M1" in carried[2].now.title
    assert course_of(proposal) == []


def test_it_may_carry_nothing_yet(people):
    assert items_of(write(people)) == []


def test_it_makes_one_draft_of_two_clicks(people):
    measure = make_measure(people.pact)
    first = write(people, measure)
    assert write(people, measure) == first
    assert Proposal.objects.in_pact(people.pact).count() == 1
    assert AuditRecord.objects.in_pact(people.pact).filter(action="proposal.written").count() == 1
    # Somebody else, or later, is another proposal.
    assert write(people, by=people.representative) != write(people)


@pytest.mark.parametrize("field", ["title", "explanation"])
def test_it_asks_for_its_words(people, field):
    with pytest.raises(ValidationError) as fault:
        write(people, **{field: "  "})
    assert field in fault.value.error_dict
    assert not Proposal.objects.in_pact(people.pact).exists()


def test_it_carries_nothing_of_another_pact(people):
    strange = make_measure(people.other_pact, title="Iets van elders")
    elsewhere = make_allocation(make_package(people.other_pact).years.get())
    for row in (strange, elsewhere):
        with pytest.raises(ValidationError) as fault:
            write(people, row)
        assert "bij dit pact" in sentences(fault)
        assert "elders" not in sentences(fault)
    with pytest.raises(ValidationError):
        write(people, partnership=people.other_pact.partnerships.get())


@pytest.mark.parametrize(
    "items", [[("measure", 0)], [("measure", 2**40)], [("allocation", 2**70)], [("niets", 1)], [("", -1)]]
)
def test_it_carries_nothing_that_is_not_there(people, items):
    with pytest.raises(ValidationError) as fault:
        write(people, items=items)
    assert "bij dit pact" in sentences(fault)


@pytest.mark.parametrize("state", ["approved", "rejected", "running", "finished", "stopped"])
def test_it_carries_only_what_waits_for_a_decision(people, state):
    measure = make_measure(people.pact, state=state, outcome_on="2026-01-01")
    with pytest.raises(ValidationError) as fault:
        write(people, measure)
    assert f"{measure.code} {measure.title}: deze maatregel is al" in sentences(fault)


def test_it_carries_a_row_in_one_proposal_at_a_time(people):
    measure = make_measure(people.pact)
    first = write(people, measure)
    with pytest.raises(ValidationError) as fault:
        write(people, measure, title="Een ander voorstel")
    assert f"{measure.code} {measure.title} staat al in voorstel P1" in sentences(fault)
    second = write(people, title="Een ander voorstel")
    with pytest.raises(ValidationError) as fault:
        writing.revise(
            second,
            title="x",
            explanation="<p>y</p>",
            partnership=people.school,
            items=[("measure", measure.pk)],
            by=people.coordinator,
        )
    assert "staat al in voorstel P1" in sentences(fault)
    writing.withdraw(first, reason="", by=people.coordinator)
    write(people, measure, title="Een ander voorstel")


def test_it_is_kept_by_the_database_that_a_row_is_in_one_open_proposal(people):
    measure = make_measure(people.pact)
    write(people, measure)
    second = write(people, title="Een ander voorstel")
    row = {"proposal": second, "kind": "measure", "object_id": measure.pk}
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposalItem.unscoped.create(**row)
    # The twin: of a proposal that is over, the row is free.
    ProposalItem.unscoped.create(**row, is_open=False)


def test_it_offers_what_is_free_and_what_it_carries_itself(people):
    own, other, free = (make_measure(people.pact) for _ in range(3))
    make_measure(people.pact, state="approved", outcome_on="2026-01-01")
    make_measure(people.other_pact)
    proposal = write(people, own)
    write(people, other, title="Een ander voorstel")
    assert [one.pk for one in writing.offered(people.pact)] == [free.pk]
    assert {one.pk for one in writing.offered(people.pact, proposal=proposal)} == {own.pk, free.pk}


def test_it_shows_fifty_rows_with_as_many_queries_as_one(people):
    year = make_package(people.pact).years.get()
    one = write(people, make_measure(people.pact, executing=[people.school]), make_allocation(year))
    many = write(
        people,
        *(make_measure(people.pact, executing=[people.school]) for _ in range(25)),
        *(make_allocation(year, 10) for _ in range(25)),
        title="Veel",
    )
    with CaptureQueriesContext(connection) as of_one:
        carried_by(one)
    with CaptureQueriesContext(connection) as of_many:
        assert len(carried_by(many)) == 50
    assert len(of_many) == len(of_one)


# --- Revising --------------------------------------------------------------------------------------------------------


def revise(people, proposal, *rows, **fields):
    return writing.revise(
        proposal,
        **{
            "title": proposal.title,
            "explanation": proposal.explanation,
            "partnership": proposal.partnership,
            "items": [(type(row).__name__.lower(), row.pk) for row in rows],
            "by": people.coordinator,
            **fields,
        },
    )


def test_it_changes_words_and_rows_of_a_draft(people):
    first, second = make_measure(people.pact), make_measure(people.pact)
    proposal = write(people, first)
    revise(people, proposal, second, title="Anders")
    assert (proposal.title, items_of(proposal)) == ("Anders", [("measure", second.pk)])
    assert AuditRecord.objects.in_pact(people.pact).filter(action="proposal.revised").count() == 1
    revise(people, proposal, second)
    assert AuditRecord.objects.in_pact(people.pact).filter(action="proposal.revised").count() == 1


def test_it_tells_that_somebody_else_changed_it(people):
    proposal = write(people, make_measure(people.pact))
    seen = writing.mark_of(proposal)
    revise(people, proposal, seen=seen)
    with pytest.raises(ValidationError) as fault:
        revise(people, proposal, title="Anders", seen=seen)
    assert "Iemand anders" in sentences(fault)
    revise(people, proposal, title="Anders", seen=writing.mark_of(proposal))


def test_it_stays_as_it_is_on_the_route(people, route):
    proposal = make_proposal(people.pact)
    with pytest.raises(ValidationError) as fault:
        revise(people, proposal)
    assert "in behandeling en kan niet meer worden gewijzigd" in sentences(fault)
    rows = Proposal.objects.in_pact(people.pact).filter(pk=proposal.pk)
    for change in ({"title": "Anders"}, {"explanation": "<p>Anders</p>"}, {"partnership": people.school}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    items = ProposalItem.objects.in_pact(people.pact).filter(proposal=proposal)
    for act in (lambda: items.update(shown=[]), lambda: items.update(object_id=0), items.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposalItem.unscoped.create(proposal=proposal, kind="measure", object_id=make_measure(people.pact).pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()


def test_it_would_carry_something_else_without_its_guard(people, route):
    """The twin: with the triggers off, what bodies decide about changes under their hands."""
    proposal = make_proposal(people.pact)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE plan_proposalitem DISABLE TRIGGER USER")
    other = make_measure(people.pact)
    assert ProposalItem.objects.in_pact(people.pact).filter(proposal=proposal).update(object_id=other.pk) == 1


# --- Submitting ------------------------------------------------------------------------------------------------------


def test_it_puts_a_draft_on_the_route(people, route):
    measure = make_measure(people.pact, title="Een maatjesproject")
    proposal = write(people, measure)
    writing.submit(proposal, by=people.coordinator)
    assert (proposal.state, proposal.round) == (State.SUBMITTED, 1)
    assert [stage.status for stage in course_of(proposal)] == ["next", "later", "later"]
    shown = ProposalItem.objects.in_pact(people.pact).get().shown
    assert ["Onderwerp", "Een maatjesproject"] in shown
    assert mark_of_changes(carried_by(proposal)) == ""


def test_it_says_that_a_second_click_changed_nothing(people, route):
    proposal = make_proposal(people.pact)
    with pytest.raises(ValidationError) as fault:
        writing.submit(proposal, by=people.coordinator)
    assert "al ingebracht. Er is niets veranderd" in sentences(fault)
    assert proposal.round == 1


def test_it_needs_a_route(people):
    proposal = write(people, make_measure(people.pact))
    with pytest.raises(ValidationError) as fault:
        writing.submit(proposal, by=people.coordinator)
    assert "nog geen besluitroute" in sentences(fault)


def test_it_needs_bodies_that_still_meet(people, route):
    Body.objects.in_pact(people.pact).filter(pk=route[1].body_id).update(ended_on=timezone.localdate())
    proposal = write(people, make_measure(people.pact))
    with pytest.raises(ValidationError) as fault:
        writing.submit(proposal, by=people.coordinator)
    assert f"{route[1].body.name} is opgeheven" in sentences(fault)


def test_it_needs_something_to_decide_about(people, route):
    proposal = write(people)
    with pytest.raises(ValidationError) as fault:
        writing.submit(proposal, by=people.coordinator)
    assert "nog geen onderdelen" in sentences(fault)
    assert Proposal.objects.in_pact(people.pact).get().state == State.DRAFT


def test_it_needs_rows_that_can_take_effect(people, route):
    measure = make_measure(people.pact)
    share = make_allocation(make_package(people.pact).years.get(), measure=measure)
    proposal = write(people, share)
    Measure.objects.in_pact(people.pact).update(state="rejected", outcome_on="2026-01-01")
    with pytest.raises(ValidationError) as fault:
        writing.submit(proposal, by=people.coordinator)
    assert f"maatregel {measure.code} is afgewezen" in sentences(fault)
    Allocation.objects.in_pact(people.pact).update(state="rejected")
    with pytest.raises(ValidationError) as fault:
        writing.submit(proposal, by=people.coordinator)
    assert "deze toewijzing is al afgewezen" in sentences(fault)
    assert Proposal.objects.in_pact(people.pact).get().round == 0


def test_it_goes_a_second_round_after_it_was_sent_back(people, route):
    measure, extra = make_measure(people.pact), make_measure(people.pact)
    proposal = make_proposal(people.pact, [measure])
    say(proposal, "positive", people.coordinator)
    say(proposal, "sent_back", people.coordinator)
    assert proposal.state == State.SENT_BACK
    assert [stage.status for stage in course_of(proposal)] == ["done", "done", "later"]
    revise(people, proposal, measure, extra, title="Nu met meer")
    writing.submit(proposal, by=people.coordinator)
    assert (proposal.state, proposal.round) == (State.SUBMITTED, 2)
    assert [stage.status for stage in course_of(proposal)] == ["next", "later", "later"]
    former = earlier_rounds(proposal)
    assert [one.number for one in former] == [1]
    assert [stage.decision and stage.decision.outcome for stage in former[0].stages] == ["positive", "sent_back", None]


# --- What changed since ----------------------------------------------------------------------------------------------


def test_it_shows_what_changed_since_it_was_submitted(people, route):
    measure = make_measure(people.pact, title="Zoals het was", budget=10000)
    proposal = make_proposal(people.pact, [measure])
    Measure.objects.in_pact(people.pact).update(title="Zoals het nu is", budget=12000, learning_question="Helpt het?")
    carried = carried_by(proposal)
    changes = {change.label: (change.was, change.now) for change in carried[0].changes}
    assert changes == {
        "Onderwerp": ("Zoals het was", "Zoals het nu is"),
        "Begroting": ("€\xa010.000", "€\xa012.000"),
        "Leervraag": ("", "Helpt het?"),
    }
    mark = mark_of_changes(carried)
    Measure.objects.in_pact(people.pact).update(budget=13000)
    assert mark_of_changes(carried_by(proposal)) not in ("", mark)


def test_it_sees_no_change_in_what_the_route_does_itself(people, route):
    measure = make_measure(people.pact)
    proposal = make_proposal(people.pact, [measure])
    for outcome in ("positive", "positive", "deferred"):
        say(proposal, outcome, people.coordinator)
    measure.refresh_from_db()
    assert measure.state == "deferred"
    assert mark_of_changes(carried_by(proposal)) == ""


# --- Withdrawing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [(), ("positive", "positive", "deferred"), ("sent_back",)])
def test_it_is_taken_back_until_it_is_decided(people, route, said):
    measure = make_measure(people.pact)
    proposal = make_proposal(people.pact, [measure])
    for outcome in said:
        say(proposal, outcome, people.coordinator)
    with pytest.raises(ValidationError) as fault:
        writing.withdraw(proposal, reason=" ", by=people.coordinator)
    assert "waarom u het voorstel intrekt" in sentences(fault)
    writing.withdraw(proposal, reason="Er is een beter plan.", by=people.coordinator)
    assert (proposal.state, next_step(proposal)) == (State.WITHDRAWN, None)
    assert [one.pk for one in writing.offered(people.pact)] == [measure.pk]
    with pytest.raises(ValidationError) as fault:
        writing.withdraw(proposal, reason="Nog eens.", by=people.coordinator)
    assert "P1 is al ingetrokken" in sentences(fault)


@pytest.mark.parametrize("outcome", ["adopted", "rejected"])
def test_it_is_not_taken_back_after_the_decision(people, route, outcome):
    proposal = make_proposal(people.pact)
    for one in ("positive", "negative", outcome):
        say(proposal, one, people.coordinator)
    with pytest.raises(ValidationError) as fault:
        writing.withdraw(proposal, reason="Toch niet.", by=people.coordinator)
    assert "niet meer intrekken" in sentences(fault)


def test_it_refuses_a_reason_longer_than_anybody_reads(people, route):
    proposal = make_proposal(people.pact)
    with pytest.raises(ValidationError) as fault:
        writing.withdraw(proposal, reason="a" * 2001, by=people.coordinator)
    assert "2000" in sentences(fault)
