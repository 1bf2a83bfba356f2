"""What steps say, and what comes of it: past every page, all of it or nothing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Meeting
from plan.decisions import carrying, deciding, kinds, writing
from plan.decisions.carried import carried_by, course_of, mark_of_changes, next_step
from plan.decisions.deciding import (
    AlreadyRecorded,
    Changed,
    MeetingRefused,
    MeetingRow,
    outcomes_of,
    record_meeting,
    record_outcome,
    supersede,
)
from plan.funding import reallocating
from plan.funding import workflow as funding
from plan.measures import workflow as measures
from plan.models import (
    Allocation,
    Condition,
    Decision,
    Expenditure,
    Measure,
    Proposal,
    ProposalItem,
    ProposalStep,
    QuestionNews,
    Reallocation,
)
from tests.factories import make_allocation, make_measure, make_package, make_proposal, make_question, make_route

State = Proposal.State


def sentences(fault):
    return " ".join(fault.value.messages)


def say(proposal, outcome, by, **extra):
    values = {"step": next_step(proposal), "decided_on": timezone.localdate(), "reason": "Zo besproken."}
    return record_outcome(proposal, **{**values, "outcome": outcome, "by": by, **extra})


def advise(proposal, by):
    """Bring a proposal to its deciding step."""
    while next_step(proposal).kind != "decides":
        say(proposal, "positive", by)
    return proposal


def states(*rows):
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


def untouched(proposal, *rows):
    """That a refusal wrote nothing at all: by what there is of everything."""
    proposal.refresh_from_db()
    return (
        proposal.state,
        states(*rows),
        Decision.objects.in_pact(proposal.pact).count(),
        AuditRecord.objects.in_pact(proposal.pact).count(),
        QuestionNews.objects.in_pact(proposal.pact).count(),
        OutgoingMail.objects.count(),
        list(ProposalItem.objects.in_pact(proposal.pact).order_by("pk").values_list("is_open", flat=True)),
    )


@pytest.fixture
def route(people):
    return make_route(people.pact)


@pytest.fixture
def chain(people, route):
    """A measure for a question, its money, and money that should move to it, in one proposal at its last step."""
    question = make_question(people.pact, partnership=people.school, created_by=people.representative)
    measure = make_measure(people.pact, questions=[question], lead=people.school, executing=[people.municipality])
    year = make_package(people.pact).years.get()
    share = make_allocation(year, 4000, measure=measure)
    source = make_allocation(year, 3000, state="committed")
    moved = reallocating.propose(source, amount=Decimal(500), measure=measure, reason="Beter.", by=people.coordinator)
    proposal = advise(make_proposal(people.pact, [measure, share, moved]), people.coordinator)
    return proposal, measure, share, source, moved


# --- Going along the steps -------------------------------------------------------------------------------------------


def test_it_says_what_each_kind_of_step_can_say():
    assert outcomes_of("prepares") == outcomes_of("advises") == ["positive", "negative", "sent_back"]
    assert outcomes_of("decides") == ["adopted", "rejected", "deferred", "sent_back"]


def test_it_goes_on_after_advice_also_after_a_negative_one(people, route):
    proposal = make_proposal(people.pact)
    say(proposal, "negative", people.coordinator)
    say(proposal, "positive", people.coordinator)
    assert [stage.status for stage in course_of(proposal)] == ["done", "done", "next"]
    assert proposal.state == State.SUBMITTED
    say(proposal, "adopted", people.coordinator)
    assert (proposal.state, next_step(proposal)) == (State.ADOPTED, None)
    codes = list(Decision.objects.in_pact(people.pact).order_by("number"))
    assert [one.code for one in codes] == ["B1", "B2", "B3"]


@pytest.mark.parametrize("place", [1, 2])
def test_it_names_the_step_that_is_next(people, route, place):
    proposal = make_proposal(people.pact)
    step = ProposalStep.objects.in_pact(people.pact).get(position=place + 1)
    with pytest.raises(ValidationError) as fault:
        say(proposal, outcomes_of(step.kind)[0], people.coordinator, step=step)
    assert "nu bij de stap “Projectgroep (1)”" in sentences(fault)
    assert not Decision.objects.in_pact(people.pact).exists()


def test_it_does_not_say_something_else_of_a_step_that_has_spoken(people, route):
    proposal = make_proposal(people.pact)
    step = next_step(proposal)
    say(proposal, "positive", people.coordinator)
    with pytest.raises(ValidationError) as fault:
        say(proposal, "negative", people.coordinator, step=step)
    assert "nu bij de stap “Klankbordgroep (2)”" in sentences(fault)


def test_it_knows_no_step_of_another_proposal(people, route):
    first, second = make_proposal(people.pact), make_proposal(people.pact)
    say(first, "positive", people.coordinator)
    with pytest.raises(ValidationError) as fault:
        say(second, "positive", people.coordinator, step=course_of(first)[0].step)
    assert "P2 is nu bij de stap" in sentences(fault)
    assert not isinstance(fault.value, AlreadyRecorded)


@pytest.mark.parametrize("state", ["draft", "sent_back", "withdrawn", "adopted", "rejected"])
def test_it_says_nothing_about_what_is_not_under_way(people, route, state):
    proposal = make_proposal(people.pact, submitted=state != "draft")
    step = next_step(proposal) or next_step(make_proposal(people.pact))
    if state == "withdrawn":
        writing.withdraw(proposal, reason="Toch niet.", by=people.coordinator)
    elif state == "sent_back":
        say(proposal, "sent_back", people.coordinator)
    elif state != "draft":
        say(advise(proposal, people.coordinator), state, people.coordinator)
    with pytest.raises(ValidationError) as fault:
        say(proposal, "positive", people.coordinator, step=step, decided_on=timezone.localdate() - timedelta(1))
    assert f"P1 is {proposal.get_state_display()}" in sentences(fault)


@pytest.mark.parametrize("outcome", ["adopted", "deferred", "rejected", "", "x" * 50])
def test_it_takes_only_what_the_step_can_say(people, route, outcome):
    proposal = make_proposal(people.pact)
    with pytest.raises(ValidationError) as fault:
        say(proposal, outcome, people.coordinator)
    assert "Kies uit: positief, negatief, teruggestuurd" in sentences(fault)


@pytest.mark.parametrize("reason", ["", " \n "])
def test_it_asks_for_a_reason(people, route, reason):
    with pytest.raises(ValidationError) as fault:
        say(make_proposal(people.pact), "positive", people.coordinator, reason=reason)
    assert "reason" in fault.value.error_dict


@pytest.mark.parametrize("reason", ["a" * 2001, "Het gaat om 111222333."])
def test_it_refuses_a_reason_that_cannot_be_kept(people, route, reason):
    with pytest.raises(ValidationError) as fault:
        say(make_proposal(people.pact), "positive", people.coordinator, reason=reason)
    assert "reason" in fault.value.error_dict
    assert not Decision.objects.in_pact(people.pact).exists()


# --- The day ---------------------------------------------------------------------------------------------------------


def test_it_takes_no_day_that_cannot_be(people, route):
    with time_machine.travel("2026-09-10T12:00:00+02:00", tick=False):
        proposal = make_proposal(people.pact)
        submitted = timezone.localdate()
        with pytest.raises(ValidationError) as fault:
            say(proposal, "positive", people.coordinator, decided_on=submitted - timedelta(1))
        assert "ingebracht op 10 september 2026" in sentences(fault)
        with pytest.raises(ValidationError) as fault:
            say(proposal, "positive", people.coordinator, decided_on=submitted + timedelta(1))
        assert "niet in de toekomst" in sentences(fault)
    with time_machine.travel("2026-09-20T12:00:00+02:00", tick=False):
        say(proposal, "positive", people.coordinator, decided_on=submitted + timedelta(5))
        with pytest.raises(ValidationError) as fault:
            say(proposal, "positive", people.coordinator, decided_on=submitted + timedelta(4))
        assert "stap hiervoor was op 15 september 2026" in sentences(fault)
        say(proposal, "positive", people.coordinator, decided_on=submitted + timedelta(5))


# --- Twice -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["positive", "sent_back"])
def test_it_says_that_it_was_recorded_before(people, route, outcome):
    proposal = make_proposal(people.pact)
    step = next_step(proposal)
    first = say(proposal, outcome, people.coordinator)
    with pytest.raises(AlreadyRecorded) as fault:
        say(proposal, outcome, people.coordinator, step=step)
    assert fault.value.decision == first
    assert "al vastgelegd, als B1. Er is niets veranderd" in sentences(fault)
    assert Decision.objects.in_pact(people.pact).count() == 1


@pytest.mark.parametrize("outcome", ["positive", "adopted", "deferred"])
@pytest.mark.parametrize("other", [{"reason": "Anders."}, {"conditions": ["Meet het."]}, {"conditions": []}])
def test_it_drops_no_other_words_of_who_recorded_second(people, route, outcome, other):
    proposal = make_proposal(people.pact)
    if outcome != "positive":
        advise(proposal, people.coordinator)
    step, said = next_step(proposal), {"reason": "Zo.", "conditions": ["Een.", "Twee."]}
    first = say(proposal, outcome, people.coordinator, **said)
    with pytest.raises(AlreadyRecorded):
        say(proposal, outcome, people.coordinator, step=step, **{**said, "reason": " Zo.\r\n"})
    with pytest.raises(ValidationError) as fault:
        say(proposal, outcome, people.coordinator, step=step, **{**said, **other})
    assert not isinstance(fault.value, AlreadyRecorded)
    assert f"staat al vast in besluit {first.code}, met een andere reden of andere voorwaarden" in sentences(fault)


def test_it_is_kept_by_the_database_that_a_step_speaks_once(people, route):
    proposal = make_proposal(people.pact)
    first = say(proposal, "positive", people.coordinator)
    row = {
        "pact": people.pact,
        "number": 9,
        "proposal": proposal,
        "step": first.step,
        "outcome": "negative",
        "decided_on": timezone.localdate(),
        "reason": "Anders.",
        "recorded_by": people.coordinator,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.unscoped.create(**row)
    # The twin: one that names what it takes the place of is welcome, once.
    Decision.unscoped.create(**row, supersedes=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.unscoped.create(**{**row, "number": 10}, supersedes=first)


@pytest.mark.parametrize("change", [{"reason": "Anders."}, {"outcome": "negative"}, {"decided_on": "2020-01-01"}])
def test_it_is_never_edited_or_removed(people, route, change):
    decision = say(make_proposal(people.pact), "positive", people.coordinator)
    rows = Decision.objects.in_pact(people.pact).filter(pk=decision.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()


def test_it_could_be_edited_without_its_guard(people, route):
    """The twin: with the trigger off, a decision says something else afterwards."""
    decision = say(make_proposal(people.pact), "positive", people.coordinator)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE plan_decision DISABLE TRIGGER USER")
    assert Decision.objects.in_pact(people.pact).filter(pk=decision.pk).update(outcome="negative") == 1


# --- Adoption: all or nothing ----------------------------------------------------------------------------------------


def test_it_takes_effect_on_every_row_at_once(people, chain):
    proposal, measure, share, source, moved = chain
    decision = say(proposal, "adopted", people.coordinator)
    assert states(measure, share, source, moved) == ["approved", "committed", "committed", "applied"]
    assert (source.amount, moved.result.amount, moved.result.measure) == (2500, 500, measure)
    assert (measure.outcome_on, measure.outcome_reason) == (decision.decided_on, "Zo besproken.")
    assert measure.changes.get(state="approved").decision == decision.code
    assert not ProposalItem.objects.in_pact(people.pact).filter(is_open=True).exists()
    told = QuestionNews.objects.in_pact(people.pact).get(kind="decided")
    assert told.details == {"code": measure.code, "title": measure.title, "outcome": "approved"}
    assert AuditRecord.objects.in_pact(people.pact).filter(action="decision.recorded").count() == 3


def test_it_keeps_what_was_decided_about(people, chain):
    proposal, measure, share, _source, _moved = chain
    decision = say(proposal, "adopted", people.coordinator)
    Measure.objects.in_pact(people.pact).update(title="Later anders", budget=1)
    decision.refresh_from_db()
    assert [row["kind"] for row in decision.content] == ["measure", "allocation", "reallocation"]
    first, second = decision.content[0], decision.content[1]
    assert (first["code"], first["title"], first["pk"]) == (measure.code, measure.title, measure.pk)
    assert ["Begroting", "€\xa010.000"] in first["lines"]
    assert ["Bedrag", "€\xa04.000"] in second["lines"]
    assert second["pk"] == share.pk


def test_it_rejects_every_row(people, chain):
    proposal, measure, share, source, moved = chain
    say(proposal, "rejected", people.coordinator)
    assert states(measure, share, source, moved) == ["rejected", "rejected", "committed", "rejected"]
    assert proposal.state == State.REJECTED


def test_it_sends_back_without_effect(people, chain):
    proposal, *rows = chain
    before = states(*rows)
    say(proposal, "sent_back", people.coordinator)
    assert states(*rows) == before
    assert ProposalItem.objects.in_pact(people.pact).filter(is_open=True).count() == 3


def test_it_defers_and_says_later_what_it_is(people, chain):
    proposal, measure, share, _source, moved = chain
    first = say(proposal, "deferred", people.coordinator)
    assert states(measure, share, moved) == ["deferred", "proposed", "proposed"]
    assert (proposal.state, next_step(proposal)) == (State.DEFERRED, first.step)
    with pytest.raises(AlreadyRecorded):
        say(proposal, "deferred", people.coordinator)
    second = say(proposal, "adopted", people.coordinator)
    assert second.supersedes == first
    assert states(measure, share, moved) == ["approved", "committed", "applied"]
    assert [stage.decision for stage in course_of(proposal)][-1] == second


def test_it_defers_twice_on_two_days(people, route):
    with time_machine.travel("2026-09-10T12:00:00+02:00", tick=False):
        proposal = advise(make_proposal(people.pact), people.coordinator)
        say(proposal, "deferred", people.coordinator)
    with time_machine.travel("2026-10-10T12:00:00+02:00", tick=False):
        say(proposal, "deferred", people.coordinator)
        assert proposal.state == State.DEFERRED
        with pytest.raises(ValidationError) as fault:
            say(proposal, "rejected", people.coordinator, decided_on=timezone.localdate() - timedelta(1))
        assert "aangehouden op 10 oktober 2026" in sentences(fault)
        say(proposal, "rejected", people.coordinator)
    assert proposal.state == State.REJECTED


def spend(people, allocation, amount):
    Expenditure.unscoped.create(
        allocation=allocation,
        partnership=people.school,
        amount=amount,
        spent_on="2026-03-01",
        description="Begeleiding",
        once="5e5f4f0e-0000-4000-8000-000000000001",
        booked_by=people.coordinator,
    )


def test_it_refuses_all_of_it_when_a_source_was_spent_meanwhile(people, chain):
    proposal, measure, share, source, moved = chain
    spend(people, source, 2800)
    before = untouched(proposal, measure, share, source, moved)
    with pytest.raises(ValidationError) as fault:
        say(proposal, "adopted", people.coordinator)
    assert "van primair onderwijs naar M1" in sentences(fault)
    assert untouched(proposal, measure, share, source, moved) == before
    # What cannot be adopted can be sent back: its writer mends it.
    say(proposal, "sent_back", people.coordinator)


def test_it_refuses_all_of_it_when_the_measure_of_an_allocation_was_rejected_meanwhile(people, route):
    own = make_measure(people.pact)
    other = make_measure(people.pact, lead=people.school, state="approved", outcome_on="2026-01-01")
    share = make_allocation(make_package(people.pact).years.get(), measure=other)
    proposal = advise(make_proposal(people.pact, [own, share]), people.coordinator)
    Measure.objects.in_pact(people.pact).filter(pk=other.pk).update(state="rejected", outcome_on="2026-01-01")
    before = untouched(proposal, own, share)
    with pytest.raises(ValidationError) as fault:
        say(proposal, "adopted", people.coordinator)
    assert f"voor {other}: maatregel {other.code} is afgewezen" in sentences(fault)
    assert untouched(proposal, own, share) == before


# --- Money for a measure that nobody approved ------------------------------------------------------------------------


@pytest.fixture
def unapproved(people, route):
    """A measure that waits for its decision, money for it, and money that should move to it."""
    measure = make_measure(people.pact, lead=people.school)
    year = make_package(people.pact).years.get()
    share = make_allocation(year, 4000, measure=measure)
    source = make_allocation(year, 3000, state="committed")
    moved = reallocating.propose(source, amount=Decimal(500), measure=measure, reason="Beter.", by=people.coordinator)
    return measure, share, moved


@pytest.mark.parametrize("place", [1, 2])
def test_it_puts_no_money_on_the_route_for_a_measure_that_stays_behind(people, unapproved, place):
    measure, row = unapproved[0], unapproved[place]
    proposal = make_proposal(people.pact, [row], submitted=False)
    with pytest.raises(ValidationError) as fault:
        writing.submit(proposal, by=people.coordinator)
    assert f"maatregel {measure.code} is voorgesteld" in sentences(fault)
    items = [(type(each).__name__.lower(), each.pk) for each in (measure, row)]
    writing.revise(
        proposal,
        title=proposal.title,
        explanation=proposal.explanation,
        partnership=proposal.partnership,
        items=items,
        by=people.coordinator,
    )
    writing.submit(proposal, by=people.coordinator)


@pytest.mark.parametrize("place", [1, 2])
def test_it_commits_no_money_to_a_measure_that_nobody_approved(people, unapproved, place):
    measure, row = unapproved[0], unapproved[place]
    Measure.objects.in_pact(people.pact).filter(pk=measure.pk).update(state="approved", outcome_on="2026-01-01")
    proposal = advise(make_proposal(people.pact, [row]), people.coordinator)
    Measure.objects.in_pact(people.pact).filter(pk=measure.pk).update(state="proposed", outcome_on=None)
    before = untouched(proposal, measure, row)
    with pytest.raises(ValidationError) as fault:
        say(proposal, "adopted", people.coordinator)
    assert "Geld gaat alleen naar een goedgekeurde maatregel" in sentences(fault)
    assert untouched(proposal, measure, row) == before
    say(proposal, "rejected", people.coordinator)
    assert states(row) == ["rejected"]


@pytest.mark.parametrize("place", [1, 2])
def test_it_commits_none_past_the_route_either(people, unapproved, place):
    """An outcome that supersedes a rejection looks at no problem: the kind itself refuses."""
    measure, row = unapproved[0], unapproved[place]
    proposal = make_proposal(people.pact)
    decision = say(proposal, "positive", people.coordinator)
    kind = {1: carrying.ALLOCATION, 2: carrying.REALLOCATION}[place]
    with pytest.raises(ValidationError, match="Geld gaat alleen naar een goedgekeurde"):
        kind.take_effect(people.pact, row.pk, outcome="adopted", decision=decision, by=people.coordinator)
    assert states(measure, row) == ["proposed", "proposed"]


def test_it_would_commit_money_for_a_proposal_without_the_rule(people, unapproved, monkeypatch):
    measure, share, _moved = unapproved
    monkeypatch.setattr(carrying, "_refuse_unapproved", lambda *given: None)
    decision = say(make_proposal(people.pact), "positive", people.coordinator)
    carrying.ALLOCATION.take_effect(people.pact, share.pk, outcome="adopted", decision=decision, by=people.coordinator)
    assert states(measure, share) == ["proposed", "committed"]
    proposal = advise(make_proposal(people.pact, [measure]), people.coordinator)
    with pytest.raises(ValidationError) as fault:
        say(proposal, "rejected", people.coordinator)
    assert "Vervang eerst het besluit dat dit geld toezegde" in sentences(fault)


def test_it_refuses_all_of_it_when_money_was_taken_back_meanwhile(people, route):
    measure = make_measure(people.pact)
    share = make_allocation(make_package(people.pact).years.get())
    proposal = advise(make_proposal(people.pact, [measure, share]), people.coordinator)
    funding.reject(share, by=people.coordinator)
    before = untouched(proposal, measure, share)
    with pytest.raises(ValidationError) as fault:
        say(proposal, "adopted", people.coordinator)
    assert "€\xa01.000 voor primair onderwijs: " in sentences(fault)
    assert untouched(proposal, measure, share) == before


def test_it_refuses_to_reject_a_measure_that_other_money_counts_on(people, route):
    measure = make_measure(people.pact, lead=people.school)
    proposal = advise(make_proposal(people.pact, [measure]), people.coordinator)
    make_allocation(make_package(people.pact).years.get(), measure=measure)
    before = untouched(proposal, measure)
    with pytest.raises(ValidationError) as fault:
        say(proposal, "rejected", people.coordinator)
    assert f"{measure.code} {measure.title}: Er is nog" in sentences(fault)
    assert untouched(proposal, measure) == before


def test_it_names_the_row_that_the_database_refuses(people, route, monkeypatch):
    """The last net: what the workflow of a row overlooks, the database refuses, and nothing at all is written."""
    measure, share = make_measure(people.pact), make_allocation(make_package(people.pact).years.get())

    def overlooks(pact, pk, **_):
        Allocation.objects.in_pact(pact).filter(pk=pk).update(amount=Decimal(200_000))

    careless = kinds.Kind(**{**vars(carrying.ALLOCATION), "take_effect": overlooks})
    monkeypatch.setitem(kinds._KINDS, "allocation", careless)
    proposal = advise(make_proposal(people.pact, [measure, share]), people.coordinator)
    before = untouched(proposal, measure, share)
    with pytest.raises(ValidationError) as fault:
        say(proposal, "adopted", people.coordinator)
    assert "€\xa01.000 voor primair onderwijs: dit kan nu niet worden doorgevoerd" in sentences(fault)
    assert untouched(proposal, measure, share) == before


def refuses(pact, pk, **_):
    raise ValidationError("Nee.")


def test_it_would_adopt_a_half_without_its_transaction(people, route, monkeypatch):
    """The twin: effects one by one, as they would be without one transaction around them, leave a half behind."""
    measure, share = make_measure(people.pact), make_allocation(make_package(people.pact).years.get())
    proposal = advise(make_proposal(people.pact, [measure, share]), people.coordinator)
    funding.reject(share, by=people.coordinator)
    monkeypatch.setattr(deciding, "_refuse_problems", lambda *_: None)
    monkeypatch.setitem(kinds._KINDS, "allocation", kinds.Kind(**{**vars(carrying.ALLOCATION), "take_effect": refuses}))
    with pytest.raises(ValidationError):
        record_outcome.__wrapped__(
            proposal,
            step=next_step(proposal),
            outcome="adopted",
            decided_on=timezone.localdate(),
            reason="Zo besproken.",
            by=people.coordinator,
        )
    assert states(measure, share) == ["approved", "rejected"]


# --- What changed meanwhile ------------------------------------------------------------------------------------------


def test_it_asks_to_confirm_exactly_what_changed(people, route):
    measure = make_measure(people.pact, title="Zoals het was")
    proposal = make_proposal(people.pact, [measure])
    rows = Measure.objects.in_pact(people.pact).filter(pk=measure.pk)
    rows.update(title="Zoals het nu is")
    with pytest.raises(Changed) as fault:
        say(proposal, "positive", people.coordinator)
    assert f"{measure.code} Zoals het nu is" in sentences(fault)
    assert [(one.was, one.now) for one in fault.value.carried[0].changes] == [("Zoals het was", "Zoals het nu is")]
    seen = mark_of_changes(fault.value.carried)
    # Changed once more while the coordinator read it: asked once more.
    rows.update(title="En nu weer anders")
    for confirmed in (seen, "", "x" * 500):
        with pytest.raises(Changed):
            say(proposal, "positive", people.coordinator, confirmed=confirmed)
    assert not Decision.objects.in_pact(people.pact).exists()
    decision = say(proposal, "positive", people.coordinator, confirmed=mark_of_changes(carried_by(proposal)))
    assert decision.content[0]["title"] == "En nu weer anders"


def test_it_needs_no_confirmation_of_what_was_changed_back(people, route):
    measure = make_measure(people.pact, budget=10000)
    proposal = make_proposal(people.pact, [measure])
    rows = Measure.objects.in_pact(people.pact).filter(pk=measure.pk)
    rows.update(budget=1)
    rows.update(budget=10000)
    say(proposal, "positive", people.coordinator, confirmed="")


def test_it_starts_afresh_when_it_is_submitted_anew(people, route):
    measure = make_measure(people.pact, title="Zoals het was")
    proposal = make_proposal(people.pact, [measure])
    say(proposal, "sent_back", people.coordinator)
    Measure.objects.in_pact(people.pact).update(title="Zoals het nu is")
    writing.submit(proposal, by=people.coordinator)
    say(proposal, "positive", people.coordinator)


# --- Conditions and meetings -----------------------------------------------------------------------------------------


def test_it_keeps_the_conditions_of_an_outcome(people, route):
    texts = ["  Betrek ook de ouders. ", "", "Meet na een jaar."]
    decision = say(make_proposal(people.pact), "positive", people.coordinator, conditions=texts)
    kept = Condition.objects.in_pact(people.pact).filter(decision=decision)
    assert [(one.text, one.state) for one in kept] == [("Betrek ook de ouders.", "open"), ("Meet na een jaar.", "open")]


@pytest.mark.parametrize("texts", [["a" * 2001], ["Nog een."] * 21])
def test_it_refuses_conditions_that_nobody_reads(people, route, texts):
    with pytest.raises(ValidationError) as fault:
        say(make_proposal(people.pact), "positive", people.coordinator, conditions=texts)
    assert "conditions" in fault.value.error_dict
    assert not Decision.objects.in_pact(people.pact).exists()


def make_meeting(body, by, starts_at=None, **fields):
    starts_at = starts_at or timezone.now()
    return Meeting.unscoped.create(
        body=body,
        title="Overleg",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        place="Raadhuis",
        planned_by=by,
        **fields,
    )


def test_it_takes_a_meeting_of_the_body_on_that_day(people, route):
    proposal = make_proposal(people.pact)
    own = make_meeting(route[0].body, people.coordinator)
    wrong = {
        "niet van Projectgroep": make_meeting(route[1].body, people.coordinator),
        "is afgezegd": make_meeting(route[0].body, people.coordinator, cancelled_at=timezone.now()),
        "De bijeenkomst was op": make_meeting(route[0].body, people.coordinator, timezone.now() - timedelta(days=3)),
    }
    for sentence, meeting in wrong.items():
        with pytest.raises(ValidationError) as fault:
            say(proposal, "positive", people.coordinator, meeting=meeting)
        assert sentence in sentences(fault)
    assert say(proposal, "positive", people.coordinator, meeting=own).meeting == own


def row_of(proposal, outcome="positive", **fields):
    return MeetingRow(
        **{"proposal": proposal, "step": next_step(proposal), "outcome": outcome, "reason": "Ja.", **fields}
    )


def test_it_records_a_meeting_as_a_whole(people, route):
    first, second = make_proposal(people.pact), make_proposal(people.pact)
    meeting = make_meeting(route[0].body, people.coordinator)
    rows = [row_of(first, conditions=["Meet het."]), row_of(second, "sent_back")]
    decisions = record_meeting(meeting, rows, by=people.coordinator)
    assert [one.outcome for one in decisions] == ["positive", "sent_back"]
    assert {one.meeting for one in decisions} == {meeting}
    assert states(first, second) == ["submitted", "sent_back"]
    with pytest.raises(AlreadyRecorded):
        record_meeting(meeting, rows, by=people.coordinator)
    assert Decision.objects.in_pact(people.pact).count() == 2


def test_it_records_nothing_of_a_meeting_with_a_fault_and_names_the_proposal(people, route):
    first, second, third = (make_proposal(people.pact) for _ in range(3))
    Measure.objects.in_pact(people.pact).filter(number=3).update(title="Iets anders")
    meeting = make_meeting(route[0].body, people.coordinator)
    with pytest.raises(MeetingRefused) as fault:
        record_meeting(meeting, [row_of(first), row_of(second, "adopted"), row_of(third)], by=people.coordinator)
    assert "P2: Bij deze stap" in sentences(fault)
    assert "P3: Dit is gewijzigd" in sentences(fault)
    assert sorted(fault.value.faults) == [1, 2]
    assert isinstance(fault.value.faults[2], Changed)
    assert not Decision.objects.in_pact(people.pact).exists()


def test_it_lets_a_meeting_say_nothing_about_another_pact(people, route):
    make_route(people.other_pact)
    strange = make_proposal(people.other_pact)
    meeting = make_meeting(route[0].body, people.coordinator)
    with pytest.raises(ValidationError) as fault:
        record_meeting(meeting, [row_of(strange)], by=people.coordinator)
    assert "bij dit pact" in sentences(fault)
    with pytest.raises(ValidationError):
        record_meeting(meeting, [], by=people.coordinator)
    assert not Decision.objects.in_pact(people.other_pact).exists()


def test_it_takes_the_day_of_a_meeting_as_it_is_in_the_netherlands(people, route):
    with time_machine.travel("2026-09-10T12:00:00+02:00", tick=False):
        proposal = make_proposal(people.pact)
        meeting = make_meeting(route[0].body, people.coordinator, datetime(2026, 9, 14, 22, 30, tzinfo=UTC))
    with time_machine.travel("2026-09-20T12:00:00+02:00", tick=False):
        (decision,) = record_meeting(meeting, [row_of(proposal)], by=people.coordinator)
    assert decision.decided_on.isoformat() == "2026-09-15"


def test_it_waits_for_the_day_of_the_meeting(people, route):
    meeting = make_meeting(route[0].body, people.coordinator, timezone.now() + timedelta(days=2))
    with pytest.raises(MeetingRefused) as fault:
        record_meeting(meeting, [row_of(make_proposal(people.pact))], by=people.coordinator)
    assert "niet in de toekomst" in sentences(fault)


# --- Superseding -----------------------------------------------------------------------------------------------------


def instead(decision, outcome, by, **extra):
    values = {"decided_on": timezone.localdate(), "reason": "Verkeerd genoteerd."}
    return supersede(decision, **{**values, "outcome": outcome, "by": by, **extra})


def test_it_corrects_day_and_reason_without_any_effect(people, chain):
    proposal, measure, *_rest = chain
    old = say(proposal, "adopted", people.coordinator, conditions=["Meet het."])
    changes = measure.changes.count()
    new = instead(old, "adopted", people.coordinator)
    assert (new.supersedes, new.reason, new.content) == (old, "Verkeerd genoteerd.", old.content)
    assert measure.changes.count() == changes
    assert [one.text for one in new.conditions.all()] == ["Meet het."]
    old.refresh_from_db()
    assert (old.reason, old.superseded_by) == ("Zo besproken.", new)
    assert list(Decision.objects.in_pact(people.pact).standing().filter(step=old.step)) == [new]


@pytest.mark.parametrize("outcome", ["adopted", "rejected", "deferred"])
def test_it_writes_the_corrected_day_and_reason_on_the_measure(people, route, outcome):
    with time_machine.travel("2026-09-10T12:00:00+02:00", tick=False):
        measure = make_measure(people.pact)
        proposal = advise(make_proposal(people.pact, [measure]), people.coordinator)
    with time_machine.travel("2026-09-20T12:00:00+02:00", tick=False):
        old = say(proposal, outcome, people.coordinator)
        new = instead(old, outcome, people.coordinator, decided_on=date(2026, 9, 15))
        measure.refresh_from_db()
        assert (measure.state, measure.outcome_on, measure.outcome_reason) == (
            carrying.MEASURE_AFTER[outcome],
            date(2026, 9, 15),
            "Verkeerd genoteerd.",
        )
        # What was decided about it since stays.
        Measure.objects.in_pact(people.pact).update(outcome_on=date(2026, 9, 20), outcome_reason="Gestopt.")
        instead(new, outcome, people.coordinator, reason="Nog eens.")
        measure.refresh_from_db()
        assert (measure.outcome_on, measure.outcome_reason) == (date(2026, 9, 20), "Gestopt.")


def test_it_corrects_no_measure_by_what_only_advised(people, route):
    measure = make_measure(people.pact)
    old = say(make_proposal(people.pact, [measure]), "positive", people.coordinator)
    Measure.objects.in_pact(people.pact).update(outcome_on=old.decided_on, outcome_reason=old.reason, state="approved")
    instead(old, "positive", people.coordinator)
    measure.refresh_from_db()
    assert measure.outcome_reason == old.reason


def test_it_corrects_no_day_to_before_the_deferral_that_it_followed(people, route):
    with time_machine.travel("2026-12-01T12:00:00+01:00", tick=False):
        proposal = advise(make_proposal(people.pact), people.coordinator)
    with time_machine.travel("2026-12-10T12:00:00+01:00", tick=False):
        say(proposal, "deferred", people.coordinator, decided_on=date(2026, 12, 5))
        old = say(proposal, "adopted", people.coordinator)
        for outcome in ("adopted", "rejected"):
            with pytest.raises(ValidationError) as fault:
                instead(old, outcome, people.coordinator, decided_on=date(2026, 12, 4))
            assert "aangehouden op 5 december 2026" in sentences(fault)
        new = instead(old, "adopted", people.coordinator, decided_on=date(2026, 12, 5))
        with pytest.raises(ValidationError) as fault:
            instead(new, "adopted", people.coordinator, decided_on=date(2026, 12, 3))
        assert "aangehouden op 5 december 2026" in sentences(fault)


def test_it_corrects_the_day_of_a_deferral_itself_and_of_one_that_was_a_mistake(people, route):
    with time_machine.travel("2026-12-01T12:00:00+01:00", tick=False):
        proposal = advise(make_proposal(people.pact), people.coordinator)
    with time_machine.travel("2026-12-10T12:00:00+01:00", tick=False):
        first = say(proposal, "deferred", people.coordinator, decided_on=date(2026, 12, 5))
        second = instead(first, "deferred", people.coordinator, decided_on=date(2026, 12, 8))
        third = instead(second, "deferred", people.coordinator, decided_on=date(2026, 12, 4))
        fourth = instead(third, "adopted", people.coordinator, decided_on=date(2026, 12, 3))
        last = instead(fourth, "adopted", people.coordinator, decided_on=date(2026, 12, 2))
    assert last.decided_on == date(2026, 12, 2)


def test_it_moves_after_all_the_money_that_was_rejected_by_mistake(people, chain):
    proposal, measure, share, _source, moved = chain
    old = say(proposal, "rejected", people.coordinator)
    assert states(measure, share, moved) == ["rejected", "rejected", "rejected"]
    instead(old, "adopted", people.coordinator)
    assert states(measure, share, moved) == ["approved", "committed", "applied"]


def move_elsewhere(moved):
    """What was said of the money, changed past the workflow."""
    return Reallocation.objects.in_pact(moved.source.package_year.package.pact).filter(pk=moved.pk).update(reason="X.")


def test_it_is_kept_by_the_database_once_money_moved(people, chain):
    proposal, *_rows, moved = chain
    say(proposal, "adopted", people.coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        move_elsewhere(moved)


def test_it_could_be_told_otherwise_without_its_guard_once_money_moved(people, chain):
    proposal, *_rows, moved = chain
    say(proposal, "adopted", people.coordinator)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE plan_reallocation DISABLE TRIGGER USER")
    assert move_elsewhere(moved) == 1


def test_it_supersedes_only_what_stands(people, route):
    proposal = make_proposal(people.pact)
    old = say(proposal, "positive", people.coordinator)
    with pytest.raises(ValidationError) as fault:
        instead(old, "positive", people.coordinator, reason="Zo besproken.")
    assert "staat al zo in besluit B1" in sentences(fault)
    new = instead(old, "negative", people.coordinator)
    with pytest.raises(AlreadyRecorded) as fault:
        instead(old, "negative", people.coordinator)
    assert fault.value.decision == new
    with pytest.raises(ValidationError) as fault:
        instead(old, "positive", people.coordinator)
    assert "B1 is al vervangen door B2" in sentences(fault)
    with pytest.raises(ValidationError) as fault:
        instead(new, "adopted", people.coordinator)
    assert "outcome" in fault.value.error_dict
    with pytest.raises(ValidationError) as fault:
        instead(new, "positive", people.coordinator, reason=" ")
    assert "reason" in fault.value.error_dict


def test_it_says_nothing_else_once_a_later_step_has_spoken(people, route):
    proposal = make_proposal(people.pact)
    old = say(proposal, "positive", people.coordinator)
    say(proposal, "positive", people.coordinator)
    with pytest.raises(ValidationError) as fault:
        instead(old, "negative", people.coordinator)
    assert "“Klankbordgroep (2)” heeft hierna al iets gezegd (B2)" in sentences(fault)
    instead(old, "positive", people.coordinator)


def test_it_keeps_the_days_in_order_when_it_corrects(people, route):
    with time_machine.travel("2026-09-10T12:00:00+02:00", tick=False):
        proposal = make_proposal(people.pact)
        first = say(proposal, "positive", people.coordinator)
    with time_machine.travel("2026-09-20T12:00:00+02:00", tick=False):
        say(proposal, "positive", people.coordinator)
    with time_machine.travel("2026-09-30T12:00:00+02:00", tick=False):
        with pytest.raises(ValidationError) as fault:
            instead(first, "positive", people.coordinator)
        assert "niet na 20 september 2026" in sentences(fault)
        with pytest.raises(ValidationError):
            instead(first, "positive", people.coordinator, decided_on=timezone.localdate() + timedelta(1))
        instead(first, "positive", people.coordinator, decided_on=timezone.localdate() - timedelta(12))


def test_it_sends_back_after_all(people, route):
    proposal = make_proposal(people.pact)
    instead(say(proposal, "positive", people.coordinator), "sent_back", people.coordinator)
    proposal.refresh_from_db()
    assert proposal.state == State.SENT_BACK


def test_it_does_not_take_a_sending_back_away(people, route):
    proposal = make_proposal(people.pact)
    old = say(proposal, "sent_back", people.coordinator)
    with pytest.raises(ValidationError) as fault:
        instead(old, "positive", people.coordinator)
    assert "Breng het opnieuw in" in sentences(fault)
    writing.submit(proposal, by=people.coordinator)
    with pytest.raises(ValidationError) as fault:
        instead(old, "negative", people.coordinator)
    assert "teruggestuurd" in sentences(fault)
    instead(old, "sent_back", people.coordinator)
    proposal.refresh_from_db()
    assert proposal.state == State.SUBMITTED


def test_it_keeps_the_days_of_a_former_round_before_the_next_one(people, route):
    with time_machine.travel("2026-09-10T12:00:00+02:00", tick=False):
        proposal = make_proposal(people.pact)
        old = say(proposal, "sent_back", people.coordinator)
    with time_machine.travel("2026-09-20T12:00:00+02:00", tick=False):
        writing.submit(proposal, by=people.coordinator)
    with time_machine.travel("2026-09-30T12:00:00+02:00", tick=False):
        with pytest.raises(ValidationError) as fault:
            instead(old, "sent_back", people.coordinator)
        assert "niet na 20 september 2026" in sentences(fault)
        instead(old, "sent_back", people.coordinator, decided_on=timezone.localdate() - timedelta(15))


def test_it_changes_nothing_of_what_was_withdrawn(people, route):
    proposal = make_proposal(people.pact)
    old = say(proposal, "positive", people.coordinator)
    writing.withdraw(proposal, reason="Toch niet.", by=people.coordinator)
    with pytest.raises(ValidationError) as fault:
        instead(old, "sent_back", people.coordinator)
    assert "ingetrokken" in sentences(fault)
    instead(old, "positive", people.coordinator)
    assert states(proposal) == ["withdrawn"]


@pytest.fixture
def plain(people, route):
    """A measure and its money, in a proposal at its last step."""
    measure = make_measure(people.pact, lead=people.school)
    share = make_allocation(make_package(people.pact).years.get(), 4000, measure=measure)
    return advise(make_proposal(people.pact, [measure, share]), people.coordinator), measure, share


@pytest.mark.parametrize(
    ("outcome", "after", "is_open"),
    [
        ("rejected", ["rejected", "rejected"], False),
        ("deferred", ["deferred", "proposed"], True),
        ("sent_back", ["proposed", "proposed"], True),
    ],
)
def test_it_takes_an_adoption_back(people, plain, outcome, after, is_open):
    proposal, measure, share = plain
    old = say(proposal, "adopted", people.coordinator)
    new = instead(old, outcome, people.coordinator)
    assert states(measure, share) == after
    assert states(proposal) == [deciding.STATE_AFTER[outcome]]
    assert set(ProposalItem.objects.in_pact(people.pact).values_list("is_open", flat=True)) == {is_open}
    assert measure.changes.last().decision == new.code
    # Only a rejection gives the money back to the year.
    assert share.package_year.allocated == (0 if outcome == "rejected" else 4000)


@pytest.mark.parametrize("outcome", ["deferred", "sent_back"])
def test_it_commits_the_same_money_when_it_is_adopted_again(people, plain, outcome):
    proposal, measure, share = plain
    instead(say(proposal, "adopted", people.coordinator), outcome, people.coordinator)
    proposal.refresh_from_db()
    if outcome == "sent_back":
        advise(writing.submit(proposal, by=people.coordinator), people.coordinator)
    say(proposal, "adopted", people.coordinator)
    assert states(measure, share) == ["approved", "committed"]


@pytest.mark.parametrize("outcome", ["rejected", "deferred"])
def test_it_does_not_take_back_money_that_is_about_to_move(people, plain, outcome):
    proposal, measure, share = plain
    old = say(proposal, "adopted", people.coordinator)
    share.refresh_from_db()
    reallocating.propose(share, amount=Decimal(10), sector="po", reason="Beter.", by=people.coordinator)
    before = untouched(proposal, measure, share)
    with pytest.raises(ValidationError) as fault:
        instead(old, outcome, people.coordinator)
    assert "herverdeling" in sentences(fault)
    assert untouched(proposal, measure, share) == before


def test_it_adopts_after_all_what_was_rejected_by_mistake(people, route):
    measure = make_measure(people.pact)
    proposal = advise(make_proposal(people.pact, [measure]), people.coordinator)
    old = say(proposal, "rejected", people.coordinator)
    with pytest.raises(ValidationError) as fault:
        instead(old, "deferred", people.coordinator)
    assert "komt niet terug op de route" in sentences(fault)
    instead(old, "adopted", people.coordinator)
    assert states(measure, proposal) == ["approved", "adopted"]


def test_it_commits_after_all_money_that_was_rejected_by_mistake_as_long_as_there_is_room(people, plain):
    proposal, measure, share = plain
    old = say(proposal, "rejected", people.coordinator)
    taken = make_allocation(share.package_year, 97_000)
    before = untouched(proposal, measure, share)
    with pytest.raises(ValidationError) as fault:
        instead(old, "adopted", people.coordinator)
    assert f"voor {measure}: Nooit meer dan het budget" in sentences(fault)
    assert untouched(proposal, measure, share) == before
    funding.reject(taken, by=people.coordinator)
    instead(old, "adopted", people.coordinator)
    assert states(measure, share) == ["approved", "committed"]


@pytest.mark.parametrize("outcome", ["rejected", "deferred"])
def test_it_does_not_take_back_what_was_spent(people, plain, outcome):
    proposal, measure, share = plain
    old = say(proposal, "adopted", people.coordinator)
    share.refresh_from_db()
    spend(people, share, 10)
    before = untouched(proposal, measure, share)
    with pytest.raises(ValidationError) as fault:
        instead(old, outcome, people.coordinator)
    assert f"voor {measure}: Van deze toewijzing is al" in sentences(fault)
    assert untouched(proposal, measure, share) == before


def test_it_does_not_take_back_a_measure_that_is_carried_out(people, route):
    measure = make_measure(people.pact)
    proposal = advise(make_proposal(people.pact, [measure]), people.coordinator)
    old = say(proposal, "adopted", people.coordinator)
    measures.start(measure, by=people.coordinator)
    with pytest.raises(ValidationError) as fault:
        instead(old, "rejected", people.coordinator)
    assert f"{measure.code} {measure.title}: " in sentences(fault)
    assert states(measure) == ["running"]


def test_it_does_not_take_back_money_that_moved(people, chain):
    proposal, *rows = chain
    old = say(proposal, "adopted", people.coordinator)
    before = untouched(proposal, *rows)
    with pytest.raises(ValidationError) as fault:
        instead(old, "rejected", people.coordinator)
    assert "kan niet worden teruggedraaid" in sentences(fault)
    assert untouched(proposal, *rows) == before


def test_it_asks_to_confirm_changes_when_it_adopts_after_all(people, route):
    measure = make_measure(people.pact)
    proposal = advise(make_proposal(people.pact, [measure]), people.coordinator)
    old = say(proposal, "rejected", people.coordinator)
    Measure.objects.in_pact(people.pact).update(title="Iets anders")
    with pytest.raises(Changed) as fault:
        instead(old, "adopted", people.coordinator)
    instead(old, "adopted", people.coordinator, confirmed=mark_of_changes(fault.value.carried))
