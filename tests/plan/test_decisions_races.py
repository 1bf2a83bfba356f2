"""Two at once on one proposal: each act with a connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from plan.decisions import deciding, writing
from plan.decisions.carried import next_step
from plan.decisions.positions import state_position
from plan.funding import spending
from plan.funding import workflow as funding
from plan.models import Allocation, Decision, Measure, PackageYear, Position, Proposal, ProposalItem, StateChange
from tests.factories import make_allocation, make_measure, make_package, make_proposal, make_route

pytestmark = pytest.mark.django_db(transaction=True)
State = Proposal.State


def at_once(*acts):
    """Run the acts in threads that start together, each with a connection of its own; what each said."""
    start = Barrier(len(acts))

    def run(act):
        try:
            connection.ensure_connection()
            start.wait(20)
            act()
        except ValidationError as fault:
            return " ".join(fault.messages)
        except DatabaseError as fault:
            return f"database: {fault}"
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def fresh(row):
    return type(row).unscoped.get(pk=row.pk)


def say(proposal, outcome, by, step=None):
    proposal = fresh(proposal)
    return deciding.record_outcome(
        proposal,
        step=step or next_step(proposal),
        outcome=outcome,
        decided_on=timezone.localdate(),
        reason="Zo besproken.",
        by=by,
    )


@pytest.fixture
def last(people):
    """A measure and two shares of money, in a proposal at its deciding step."""
    with transaction.atomic():
        make_route(people.pact, ["decides"])
        measure = make_measure(people.pact, lead=people.school)
        year = make_package(people.pact).years.get()
        shares = [make_allocation(year, 1000, measure=measure), make_allocation(year, 2000)]
        proposal = make_proposal(people.pact, [measure, *shares])
    return proposal, measure, shares, year


def states(*rows):
    return [fresh(row).state for row in rows]


def test_it_records_one_decision_when_the_same_is_posted_twice_at_once(people, last):
    proposal, measure, shares, _year = last
    step = next_step(proposal)
    outcomes = at_once(*[lambda: say(proposal, "adopted", people.coordinator, step)] * 4)
    assert max(outcomes) == "done"
    assert all("al vastgelegd, als B1" in one for one in sorted(outcomes)[:-1])
    assert Decision.unscoped.count() == 1
    assert StateChange.unscoped.filter(state="approved").count() == 1
    assert states(measure, *shares) == ["approved", "committed", "committed"]


def test_it_lets_one_of_two_coordinators_say_what_the_step_said(people, last):
    proposal, measure, _shares, _year = last
    step = next_step(proposal)
    outcomes = at_once(
        lambda: say(proposal, "adopted", people.coordinator, step),
        lambda: say(proposal, "rejected", people.coordinator, step),
    )
    assert outcomes.count("done") == 1
    decision = Decision.unscoped.get()
    assert fresh(proposal).state == decision.outcome
    assert states(measure) == [{"adopted": "approved", "rejected": "rejected"}[decision.outcome]]


def test_it_is_decided_or_withdrawn_and_never_both(people, last):
    proposal, measure, shares, _year = last
    step = next_step(proposal)
    outcomes = at_once(
        lambda: say(proposal, "adopted", people.coordinator, step),
        lambda: writing.withdraw(fresh(proposal), reason="Toch niet.", by=people.coordinator),
    )
    assert outcomes.count("done") == 1
    if fresh(proposal).state == State.WITHDRAWN:
        assert states(measure, *shares) == ["proposed"] * 3
        assert not Decision.unscoped.exists()
    else:
        assert states(measure, *shares) == ["approved", "committed", "committed"]
        assert "niet meer intrekken" in " ".join(outcomes)


def test_it_would_be_both_without_its_lock(people, last, monkeypatch):
    """The twin: two who read before either wrote. A withdrawn proposal would have been carried out."""
    proposal, measure, _shares, _year = last
    step = next_step(proposal)
    both_read = Barrier(2)

    def unlocked(one):
        found = Proposal.unscoped.select_related("pact").get(pk=one.pk)
        both_read.wait(20)
        return found

    monkeypatch.setattr(deciding, "lock", unlocked)
    monkeypatch.setattr(writing, "lock", unlocked)
    outcomes = at_once(
        lambda: say(proposal, "adopted", people.coordinator, step),
        lambda: writing.withdraw(fresh(proposal), reason="Toch niet.", by=people.coordinator),
    )
    assert outcomes == ["done", "done"]
    assert states(measure) == ["approved"]
    assert fresh(proposal).withdraw_reason == "Toch niet."


def edit(people, year, **fields):
    package = fresh(year).package
    written = {name: getattr(package, name) for name in funding.FIELDS}
    values = {"sectors": ["po", "vo", "gemeente"], "years": {2026: Decimal(100_000)}, **written, **fields}
    return funding.revise_package(package, by=people.coordinator, **values)


def test_it_adopts_beside_an_edit_of_the_package(people, last):
    proposal, measure, shares, year = last
    sectors = sorted(row.sector for row in year.package.sectors.all())
    step = next_step(proposal)
    outcomes = at_once(
        lambda: say(proposal, "adopted", people.coordinator, step),
        lambda: edit(people, year, years={2026: Decimal(3000)}, sectors=sectors),
        lambda: funding.allocate(fresh(year), amount=Decimal(500), measure=fresh(measure), by=people.coordinator),
        lambda: funding.reject(fresh(shares[1]), by=people.coordinator),
    )
    assert not [one for one in outcomes if one.startswith("database")]
    after = PackageYear.unscoped.get(pk=year.pk)
    counting = Allocation.unscoped.exclude(state="rejected")
    assert after.allocated == sum(row.amount for row in counting)
    assert after.allocated <= after.budget
    # All of the proposal, or nothing of it.
    if outcomes[0] == "done":
        assert states(measure, *shares) == ["approved", "committed", "committed"]
    else:
        assert (states(measure, shares[0]), Decision.unscoped.count()) == (["proposed", "proposed"], 0)


def test_it_adopts_beside_who_books_what_was_committed_before(people, last):
    proposal, measure, shares, year = last
    committed = make_allocation(year, 700, partnership=people.school, state="committed")
    step = next_step(proposal)
    outcomes = at_once(
        lambda: say(proposal, "adopted", people.coordinator, step),
        *(
            lambda once=once: spending.book(
                fresh(committed),
                partnership=people.school,
                amount=Decimal(100),
                spent_on=date(2026, 3, 1),
                description="Begeleiding",
                once=once,
                by=people.coordinator,
            )
            for once in ("5e5f4f0e-0000-4000-8000-000000000001", "5e5f4f0e-0000-4000-8000-000000000002")
        ),
    )
    assert outcomes == ["done"] * 3
    assert states(measure, *shares) == ["approved", "committed", "committed"]
    assert fresh(committed).spent == 200


def test_it_carries_a_row_in_one_of_two_proposals_that_are_written_at_once(people):
    with transaction.atomic():
        measure = make_measure(people.pact)

    def write(title):
        writing.write(
            people.pact,
            title=title,
            explanation="<p>Waarom.</p>",
            partnership=people.school,
            items=[("measure", measure.pk)],
            by=people.coordinator,
        )

    outcomes = at_once(lambda: write("Het ene"), lambda: write("Het andere"), lambda: write("Nog een"))
    assert max(outcomes) == "done"
    assert all("staat al in voorstel P1" in one for one in sorted(outcomes)[:-1])
    assert ProposalItem.unscoped.count() == 1
    assert Proposal.unscoped.count() == 1


def test_it_is_submitted_once(people):
    make_route(people.pact)
    with transaction.atomic():
        proposal = make_proposal(people.pact, submitted=False)
    outcomes = at_once(*[lambda: writing.submit(fresh(proposal), by=people.coordinator)] * 3)
    assert outcomes.count("done") == 1
    assert fresh(proposal).round == 1
    assert fresh(proposal).steps.count() == 3


def test_it_says_where_a_partner_stands_before_the_decision_or_not_at_all(people, last):
    proposal, _measure, _shares, _year = last
    step = next_step(proposal)
    outcomes = at_once(
        lambda: say(proposal, "adopted", people.coordinator, step),
        *(
            lambda partner=partner: state_position(
                fresh(proposal),
                partnership=partner,
                stance="agree",
                mandate="none",
                text="",
                by=people.coordinator,
            )
            for partner in (people.school, people.municipality, people.childcare)
        ),
    )
    assert outcomes[0] == "done"
    assert all(one == "done" or "Een standpunt geven kan alleen" in one for one in outcomes[1:])
    assert Position.unscoped.count() == outcomes[1:].count("done")


def test_it_keeps_one_position_of_a_partner_that_is_stated_twice_at_once(people, last):
    proposal, *_rest = last

    def state(stance):
        state_position(
            fresh(proposal),
            partnership=people.school,
            stance=stance,
            mandate="none",
            text="Daarom.",
            by=people.coordinator,
        )

    assert at_once(lambda: state("agree_if"), lambda: state("object")) == ["done", "done"]
    assert Position.unscoped.count() == 1
    assert Measure.unscoped.count() == 1
