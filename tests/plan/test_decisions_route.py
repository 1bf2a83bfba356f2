"""The route of a pact, past every page: what it may be, and that a proposal keeps the one it began with."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from plan.decisions.carried import course_of
from plan.decisions.route import StepRow, keep_route, mark_of_route, steps_of
from plan.models import DecisionStep, ProposalStep
from tests.factories import make_body, make_proposal, make_route


def sentences(fault):
    return " ".join(fault.value.messages)


@pytest.fixture
def rows(people):
    """Three steps, each with a body of the pact."""
    bodies = [make_body(people.pact, name) for name in ("Projectgroep", "Klankbordgroep", "Stuurgroep")]
    kinds = ["prepares", "advises", "decides"]
    return [StepRow(f"Stap {kind}", body, kind, 14) for body, kind in zip(bodies, kinds, strict=True)]


def test_it_keeps_the_steps_in_order(people, rows):
    keep_route(people.pact, steps=rows, by=people.coordinator)
    kept = [(step.position, step.name, step.body, step.kind, step.days) for step in steps_of(people.pact)]
    assert kept == [(place, row.name, row.body, row.kind, 14) for place, row in enumerate(rows, 1)]
    assert AuditRecord.objects.in_pact(people.pact).filter(action="route.kept").count() == 1
    assert steps_of(people.other_pact) == []


def test_it_replaces_the_former_route_and_notes_nothing_when_it_is_the_same(people, rows):
    keep_route(people.pact, steps=rows, by=people.coordinator)
    keep_route(people.pact, steps=rows, by=people.coordinator)
    assert AuditRecord.objects.in_pact(people.pact).filter(action="route.kept").count() == 1
    keep_route(people.pact, steps=rows[1:], by=people.coordinator)
    assert [step.name for step in steps_of(people.pact)] == ["Stap advises", "Stap decides"]
    assert [step.position for step in steps_of(people.pact)] == [1, 2]


def wrong_routes(people, rows):
    """By what is wrong: the steps, and what the sentence says."""
    strange = make_body(people.other_pact, "Stuurgroep elders")
    over = make_body(people.pact, "Opgeheven groep", ended_on=timezone.localdate())
    last = rows[-1]
    return {
        "none": ([], "ten minste één stap"),
        "does not decide": (rows[:2], "laatste stap besluit"),
        "decides twice": ([last, last], "Alleen de laatste stap besluit"),
        "many": ([*[rows[0]] * 12, last], "ten hoogste 12"),
        "of another pact": ([replace(last, body=strange)], "Stap 1: Kies alleen uit wat bij dit pact hoort."),
        "ended": ([rows[0], replace(last, body=over)], "Stap 2: Opgeheven groep is opgeheven"),
        "no name": ([replace(last, name="  ")], "Stap 1:"),
        "long name": ([replace(last, name="a" * 121)], "Stap 1:"),
        "no days": ([replace(last, days=0)], "Stap 1:"),
        "many days": ([replace(last, days=366)], "Stap 1:"),
        "no kind": ([rows[0], replace(last, kind="slaapt")], "laatste stap besluit"),
        "unknown kind": ([replace(rows[0], kind="slaapt"), last], "Stap 1:"),
    }


WRONG = [
    *("none", "does not decide", "decides twice", "many", "of another pact", "ended"),
    *("no name", "long name", "no days", "many days", "no kind", "unknown kind"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_it_refuses_a_route_that_leads_nowhere(people, rows, wrong):
    keep_route(people.pact, steps=rows, by=people.coordinator)
    steps, sentence = wrong_routes(people, rows)[wrong]
    with pytest.raises(ValidationError) as fault:
        keep_route(people.pact, steps=steps, by=people.coordinator)
    assert sentence in sentences(fault)
    assert "elders" not in sentences(fault)
    assert len(steps_of(people.pact)) == 3


def test_it_refuses_a_route_that_somebody_changed_meanwhile(people, rows):
    seen = mark_of_route(people.pact)
    keep_route(people.pact, steps=rows, by=people.coordinator, seen=seen)
    with pytest.raises(ValidationError) as fault:
        keep_route(people.pact, steps=rows[2:], by=people.coordinator, seen=seen)
    assert "Iemand anders" in sentences(fault)
    assert len(steps_of(people.pact)) == 3


def test_it_takes_a_route_of_one_step_and_of_twelve(people, rows):
    keep_route(people.pact, steps=rows[2:], by=people.coordinator)
    keep_route(people.pact, steps=[*[rows[0]] * 11, rows[2]], by=people.coordinator)
    assert len(steps_of(people.pact)) == 12


def test_it_lets_a_proposal_keep_the_route_with_which_it_began(people, rows):
    keep_route(people.pact, steps=rows, by=people.coordinator)
    proposal = make_proposal(people.pact)
    keep_route(people.pact, steps=rows[2:], by=people.coordinator)
    assert [stage.step.name for stage in course_of(proposal)] == [row.name for row in rows]
    assert [stage.step.name for stage in course_of(make_proposal(people.pact))] == ["Stap decides"]


def test_it_gives_every_step_its_days_after_the_one_before(people, rows):
    keep_route(people.pact, steps=rows, by=people.coordinator)
    with time_machine.travel("2026-09-30T23:30:00+02:00", tick=False):
        proposal = make_proposal(people.pact)
        due = [stage.step.due_on for stage in course_of(proposal)]
        assert due == [date(2026, 9, 30) + timedelta(days=days) for days in (14, 28, 42)]
        assert [stage.is_late for stage in course_of(proposal)] == [False] * 3
    with time_machine.travel("2026-10-14T12:00:00+02:00", tick=False):
        assert not any(stage.is_late for stage in course_of(proposal))
    with time_machine.travel("2026-11-30T12:00:00+01:00", tick=False):
        assert [stage.is_late for stage in course_of(proposal)] == [True, False, False]


def test_it_is_kept_by_the_database_what_steps_a_proposal_took(people):
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    steps = ProposalStep.objects.in_pact(people.pact).filter(proposal=proposal)
    with pytest.raises(IntegrityError), transaction.atomic():
        steps.update(due_on=date(2030, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        steps.delete()
    # The twin: the route of the pact itself is for who keeps it.
    assert DecisionStep.objects.in_pact(people.pact).update(days=7) == 3
