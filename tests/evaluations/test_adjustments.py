"""Adjustments: proposed, withdrawn, put on the route, applied by a decision, taken back."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from evaluations.findings import values, workflow
from evaluations.findings.carrying import ADJUSTMENT
from evaluations.findings.models import STOP, Adjustment, Finding
from pact_portal.foundation.models import AuditRecord
from partners.models import Body, User
from plan.chain import chain
from plan.decisions import carried, deciding, kinds, route, writing
from plan.decisions.models import Decision, Outcome, Proposal, StepKind
from plan.measures import workflow as measures
from plan.models import Measure
from tests.factories import make_finding, make_measure, make_reported
from tests.people import People

Browser = Callable[[User], Client]


@pytest.fixture
def measure(people: People) -> Measure:
    return make_measure(
        people.pact,
        title="Transfercoaches",
        state=Measure.State.RUNNING,
        outcome_on=date(2026, 5, 1),
        budget=Decimal("10000.00"),
    )


@pytest.fixture
def finding(people: People, measure: Measure) -> Finding:
    return make_finding(make_reported(people.pact), measure=measure, text="Te weinig coaches.")


def propose(
    people: People, measure: Measure, field: str = "budget", after: Any = Decimal(15_000), **more: Any
) -> Adjustment:
    return workflow.propose(
        measure, field=field, after=after, reason="Er is meer vraag.", by=people.coordinator, **more
    )[0]


@pytest.fixture
def steering(people: People) -> Body:
    """A route of one step, that decides."""
    body = Body.unscoped.create(pact=people.pact, name="Stuurgroep", kind=Body.Kind.STEERING)
    route.keep_route(people.pact, steps=[route.StepRow("Besluit", body, StepKind.DECIDES, 28)], by=people.coordinator)
    return body


def write(people: People, *rows: Adjustment) -> Proposal:
    items = [(ADJUSTMENT.name, row.pk) for row in rows]
    return writing.write(
        people.pact,
        title="Bijstellen na een jaar",
        explanation="<p>Na de evaluatie.</p>",
        partnership=people.municipality,
        items=items,
        by=people.coordinator,
    )


def submit(people: People, *rows: Adjustment) -> Proposal:
    return writing.submit(write(people, *rows), by=people.coordinator)


def decide(people: People, proposal: Proposal, outcome: Outcome, confirmed: str = "") -> Decision:
    step = carried.next_step(proposal)
    assert step is not None
    return deciding.record_outcome(
        proposal,
        step=step,
        outcome=outcome,
        decided_on=timezone.localdate(),
        reason="Zo besloten.",
        confirmed=confirmed,
        by=people.coordinator,
    )


# --- Values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "text", "words"),
    [
        ("budget", Decimal("1234.5"), "1234.50", "€ 1.234,50"),
        ("ends_on", date(2027, 3, 14), "2027-03-14", "14 maart 2027"),
        ("goal", "<p>Een <strong>doel</strong></p>", "<p>Een <strong>doel</strong></p>", "Een doel"),
        ("title", "Een titel", "Een titel", "Een titel"),
        ("learning_question", "", "", "niets"),
        (STOP, "running", "running", "in uitvoering"),
    ],
)
def test_it_keeps_and_shows_values(field: str, value: Any, text: str, words: str) -> None:
    assert values.as_text(value) == text
    assert values.in_words(field, text).replace("\u00a0", " ") == words


def test_it_shows_what_cannot_be_read_as_it_stands() -> None:
    assert values.in_words("budget", "veel") == "veel"
    assert values.in_words("ends_on", "2027-02-30") == "2027-02-30"


def test_it_can_adjust_every_field_that_measures_allow(people: People, measure: Measure) -> None:
    """What is kept as text comes back as the same value, for each field that can be adjusted."""
    for name in measures.ADJUSTABLE:
        text = workflow.present(measure, name)
        assert values.as_text(values.from_text(name, text)) == text
        assert values.label_of(name)


# --- Proposing --------------------------------------------------------------------------------------------------------


def test_it_proposes_an_adjustment_once(people: People, measure: Measure, finding: Finding) -> None:
    one = propose(people, measure, finding=finding)
    assert (one.code, one.before, one.after, one.state) == ("J1", "10000.00", "15000.00", "proposed")
    again, made = workflow.propose(
        measure, field="budget", after=Decimal("15000.0"), reason="Nog eens.", finding=finding, by=people.coordinator
    )
    assert (again.pk, made) == (one.pk, False)
    assert not Finding.objects.in_pact(people.pact).loose().exists()
    measure.refresh_from_db()
    assert measure.budget == Decimal(10_000)


@pytest.mark.parametrize(
    ("field", "after", "words"),
    [
        ("budget", Decimal(10000), "staat er al zo"),
        ("budget", Decimal(-1), "minstens 0"),
        ("ends_on", date(2025, 1, 1), "einddatum"),
        ("title", "", "leeg"),
        ("title", "x" * 201, "200"),
        ("number", 7, "uit de lijst"),
        ("lead", None, "uit de lijst"),
        ("remains_after", "Bel 111222333", "burgerservicenummer"),
    ],
)
def test_it_refuses_what_the_measure_could_not_hold(
    people: People, measure: Measure, field: str, after: Any, words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        propose(people, measure, field, after)
    assert words in str(refused.value)
    assert not Adjustment.objects.in_pact(people.pact).exists()


@pytest.mark.parametrize("state", ["proposed", "rejected", "finished", "stopped"])
def test_it_refuses_a_measure_that_is_not_carried_out(people: People, state: str) -> None:
    measure = make_measure(people.pact, state=state, outcome_on=date(2026, 5, 1))
    with pytest.raises(ValidationError, match="goedgekeurd of in uitvoering"):
        propose(people, measure)


def test_it_refuses_a_finding_that_is_closed_or_about_something_else(
    people: People, measure: Measure, finding: Finding
) -> None:
    other = make_measure(people.pact, state="running", outcome_on=date(2026, 5, 1))
    elsewhere = make_finding(make_reported(people.other_pact))
    for wrong, row in [(finding, other), (elsewhere, measure)]:
        with pytest.raises(ValidationError, match="gaat niet over"):
            propose(people, row, finding=wrong)
    workflow.close(finding, reason="Niets nodig.", by=people.coordinator)
    with pytest.raises(ValidationError, match="gesloten"):
        propose(people, measure, finding=finding)


def test_it_keeps_a_finding_open_while_an_adjustment_of_it_stands(
    people: People, measure: Measure, finding: Finding
) -> None:
    adjustment = propose(people, measure, finding=finding)
    with pytest.raises(ValidationError, match="J1"):
        workflow.close(finding, reason="Toch niet.", by=people.coordinator)
    workflow.withdraw(adjustment, by=people.coordinator)
    assert workflow.close(finding, reason="Toch niet.", by=people.coordinator)


def test_it_withdraws_once_and_never_from_a_proposal(people: People, measure: Measure, steering: Body) -> None:
    one, other = propose(people, measure), propose(people, measure, "title", "Meer coaches")
    assert workflow.withdraw(one, by=people.coordinator)
    assert not workflow.withdraw(one, by=people.coordinator)
    submit(people, other)
    with pytest.raises(ValidationError, match="P1"):
        workflow.withdraw(other, by=people.coordinator)


# --- The route --------------------------------------------------------------------------------------------------------


def test_it_offers_what_is_proposed_to_the_route(people: People, measure: Measure) -> None:
    one, other = propose(people, measure), propose(people, measure, "title", "Meer coaches")
    workflow.withdraw(other, by=people.coordinator)
    assert [row.pk for row in kinds.kind_of("adjustment").offered(people.pact)] == [one.pk]
    assert ADJUSTMENT.offered(people.other_pact) == []
    shown = kinds.show(ADJUSTMENT, people.pact, [one.pk, other.pk])
    assert [(a, b.replace("\u00a0", " ")) for a, b in shown[one.pk].lines[:3]] == [
        ("Wat verandert er", "begroting, in euro"),
        ("Nu", "€ 10.000"),
        ("Wordt", "€ 15.000"),
    ]
    assert "ingetrokken" in shown[other.pk].problem
    assert kinds.show(ADJUSTMENT, people.other_pact, [one.pk]) == {}


def test_it_is_applied_by_the_decision_that_adopts_it(
    people: People, measure: Measure, finding: Finding, steering: Body
) -> None:
    adjustment = propose(people, measure, finding=finding)
    decision = decide(people, submit(people, adjustment), Outcome.ADOPTED)
    adjustment.refresh_from_db()
    measure.refresh_from_db()
    assert (adjustment.state, adjustment.decision, measure.budget) == ("applied", decision.code, Decimal(15_000))
    actions = AuditRecord.objects.in_pact(people.pact).values_list("action", flat=True)
    assert {"adjustment.proposed", "adjustment.applied", "measure.adjusted"} <= set(actions)
    assert [link.code for group in chain.of(adjustment).after for link in group.links] == ["P1", decision.code]


def test_it_stops_a_measure(people: People, measure: Measure, steering: Body) -> None:
    adjustment = propose(people, measure, STOP, None)
    assert (adjustment.before, adjustment.after, adjustment.stops) == ("running", "stopped", True)
    decision = decide(people, submit(people, adjustment), Outcome.ADOPTED)
    measure.refresh_from_db()
    assert measure.state == "stopped"
    assert measure.changes.latest("pk").decision == decision.code
    with pytest.raises(ValidationError, match="niet terug te draaien"):
        deciding.supersede(
            decision, outcome=Outcome.REJECTED, decided_on=timezone.localdate(), reason="Toch.", by=people.coordinator
        )


def test_it_leaves_the_measure_when_it_is_rejected_or_deferred(
    people: People, measure: Measure, steering: Body
) -> None:
    adjustment = propose(people, measure)
    proposal = submit(people, adjustment)
    decide(people, proposal, Outcome.DEFERRED)
    adjustment.refresh_from_db()
    assert adjustment.state == "proposed"
    decision = decide(people, proposal, Outcome.REJECTED)
    adjustment.refresh_from_db()
    measure.refresh_from_db()
    assert (adjustment.state, adjustment.decision, measure.budget) == ("rejected", decision.code, Decimal(10_000))
    later = deciding.supersede(
        decision, outcome=Outcome.ADOPTED, decided_on=timezone.localdate(), reason="Toch wel.", by=people.coordinator
    )
    adjustment.refresh_from_db()
    assert (adjustment.state, adjustment.decision) == ("applied", later.code)


def test_it_is_taken_back_when_the_adoption_is(people: People, measure: Measure, steering: Body) -> None:
    adjustment = propose(people, measure)
    decision = decide(people, submit(people, adjustment), Outcome.ADOPTED)
    later = deciding.supersede(
        decision, outcome=Outcome.REJECTED, decided_on=timezone.localdate(), reason="Vergissing.", by=people.coordinator
    )
    adjustment.refresh_from_db()
    measure.refresh_from_db()
    assert (adjustment.state, adjustment.decision, measure.budget) == ("rejected", later.code, Decimal(10_000))


def test_it_is_not_taken_back_over_a_later_change(people: People, measure: Measure, steering: Body) -> None:
    first = decide(people, submit(people, propose(people, measure)), Outcome.ADOPTED)
    measure.refresh_from_db()
    decide(people, submit(people, propose(people, measure, after=Decimal(20_000))), Outcome.ADOPTED)
    with pytest.raises(ValidationError, match="inmiddels iets anders"):
        deciding.supersede(
            first, outcome=Outcome.REJECTED, decided_on=timezone.localdate(), reason="Fout.", by=people.coordinator
        )
    measure.refresh_from_db()
    assert measure.budget == Decimal(20_000)


def changed_meanwhile(people: People, measure: Measure, budget: int) -> None:
    measures.adjust(
        measure, changes={"budget": Decimal(budget)}, by=people.coordinator, decision="B99", on=timezone.localdate()
    )


def test_it_asks_to_confirm_what_changed_meanwhile(people: People, measure: Measure, steering: Body) -> None:
    adjustment = propose(people, measure)
    proposal = submit(people, adjustment)
    changed_meanwhile(people, measure, 12_000)
    with pytest.raises(deciding.Changed):
        decide(people, proposal, Outcome.ADOPTED)
    changes = carried.carried_by(proposal)[0].changes
    assert [(each.label, each.was.replace("\u00a0", " "), each.now.replace("\u00a0", " ")) for each in changes] == [
        ("Nu", "€ 10.000", "€ 12.000")
    ]
    decide(people, proposal, Outcome.ADOPTED, confirmed=carried.mark_of_changes(carried.carried_by(proposal)))
    adjustment.refresh_from_db()
    measure.refresh_from_db()
    assert (adjustment.before, measure.budget) == ("12000.00", Decimal(15_000))


def test_it_refuses_a_change_that_nobody_confirmed(people: People, measure: Measure) -> None:
    adjustment = propose(people, measure)
    changed_meanwhile(people, measure, 12_000)
    with pytest.raises(ValidationError, match="staat nu iets anders"):
        workflow.apply(adjustment, decision="B1", on=timezone.localdate(), by=people.coordinator, confirmed=None)
    measure.refresh_from_db()
    assert measure.budget == Decimal(12_000)


def test_it_would_overwrite_without_the_guard(people: People, measure: Measure) -> None:
    """The twin: who says beforehand that whatever stands there is right writes over what another decided."""
    adjustment = propose(people, measure)
    changed_meanwhile(people, measure, 12_000)
    now = workflow.present(measure, "budget")
    workflow.apply(adjustment, decision="B1", on=timezone.localdate(), by=people.coordinator, confirmed=now)
    measure.refresh_from_db()
    assert measure.budget == Decimal(15_000)


def test_it_applies_one_of_two_to_the_same_field(people: People, measure: Measure, steering: Body) -> None:
    """In one proposal the second would undo what the first says, so nothing at all takes effect."""
    rows = propose(people, measure), propose(people, measure, after=Decimal(20_000))
    with pytest.raises(ValidationError, match="iets anders"):
        decide(people, submit(people, *rows), Outcome.ADOPTED)
    measure.refresh_from_db()
    assert measure.budget == Decimal(10_000)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE evaluations_adjustment SET after = '1.00' WHERE id = %s",
        "UPDATE evaluations_adjustment SET field = 'title' WHERE id = %s",
        "UPDATE evaluations_adjustment SET reason = 'anders' WHERE id = %s",
        "UPDATE evaluations_adjustment SET state = 'applied' WHERE id = %s",
        "UPDATE evaluations_adjustment SET decision = 'B1' WHERE id = %s",
        "DELETE FROM evaluations_adjustment WHERE id = %s",
    ],
)
def test_it_is_refused_by_the_database_to_change_what_was_asked(people: People, measure: Measure, change: str) -> None:
    adjustment = propose(people, measure)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [adjustment.pk])
    adjustment.refresh_from_db()
    assert (adjustment.after, adjustment.state, adjustment.decision) == ("15000.00", "proposed", "")


# --- The pages --------------------------------------------------------------------------------------------------------


def new(query: str, slug: str = "hier") -> str:
    return reverse("evaluations:adjustment_new", args=[slug]) + query


def page(number: int, name: str = "adjustment_detail", slug: str = "hier") -> str:
    return reverse(f"evaluations:{name}", args=[slug, number])


def test_it_goes_from_finding_to_adjustment_in_two_steps(
    people: People, measure: Measure, finding: Finding, client_for: Browser
) -> None:
    client = client_for(people.coordinator)
    first = client.get(new(f"?finding={finding.pk}")).content.decode()
    assert "Te weinig coaches." in first
    assert f'<option value="{measure.number}" selected>' in first
    second = client.get(new(f"?finding={finding.pk}&measure={measure.number}&field=budget"))
    assert 'value="10.000"' in second.content.decode()
    seen = second.context["form"].fields["seen"].mark
    answer = client.post(
        new(f"?finding={finding.pk}&measure={measure.number}&field=budget"),
        {"after": "12.500,50", "reason": "Meer vraag.", "seen": seen},
        follow=True,
    )
    adjustment = Adjustment.objects.in_pact(people.pact).get()
    assert (adjustment.after, adjustment.finding) == ("12500.50", finding)
    assert "Breng in een voorstel" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("ends_on", "14 maart 2028", "2028-03-14"),
        ("budget", "1234.50", "1234.50"),
        ("goal", "<p>Nieuw<script>x</script></p>", "<p>Nieuw</p>"),
        ("learning_question", "", ""),
        ("remains_after", "Regel 1\nRegel 2", "Regel 1\nRegel 2"),
    ],
)
def test_it_takes_a_value_as_the_form_of_the_measure_does(
    people: People, measure: Measure, client_for: Browser, field: str, typed: str, kept: str
) -> None:
    Measure.objects.in_pact(people.pact).update(learning_question="Wat werkt?")
    url, client = new(f"?measure={measure.number}&field={field}"), client_for(people.coordinator)
    seen = client.get(url).context["form"].fields["seen"].mark
    client.post(url, {"after": typed, "reason": "Daarom.", "seen": seen})
    assert Adjustment.objects.in_pact(people.pact).get().after.replace("\r\n", "\n") == kept


@pytest.mark.parametrize("typed", ["-5", "0.001", "1e15", "1000000000000000", "veel", "", "\x00"])
def test_it_keeps_what_was_typed_when_an_amount_is_none(
    people: People, measure: Measure, client_for: Browser, typed: str
) -> None:
    url = new(f"?measure={measure.number}&field=budget")
    answer = client_for(people.coordinator).post(url, {"after": typed, "reason": "Om deze reden."})
    assert answer.status_code == 200
    assert "Om deze reden." in answer.content.decode()
    assert not Adjustment.objects.in_pact(people.pact).exists()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?measure=x&field=budget",
        "?measure=999&field=budget",
        "?measure=1&field=number",
        "?measure=1&field=",
        "?finding=99999999999999999999&measure=1",
        "?finding=x",
        "?measure=%00&field=budget",
    ],
)
def test_it_asks_again_when_the_address_is_wrong(
    people: People, measure: Measure, client_for: Browser, query: str
) -> None:
    answer = client_for(people.coordinator).get(new(query))
    assert answer.status_code == 200
    assert "Kies eerst wat er verandert" in answer.content.decode()


def test_it_shows_what_stands_now_to_who_has_an_old_page(people: People, measure: Measure, client_for: Browser) -> None:
    url, client = new(f"?measure={measure.number}&field=budget"), client_for(people.coordinator)
    seen = client.get(url).context["form"].fields["seen"].mark
    changed_meanwhile(people, measure, 12_000)
    answer = client.post(url, {"after": "15000", "reason": "Daarom.", "seen": seen})
    text = answer.content.decode().replace("\u00a0", " ")
    assert "Iemand anders heeft dit gewijzigd" in text
    assert "€ 12.000" in text
    assert 'value="15000"' in text
    client.post(url, {"after": "15000", "reason": "Daarom.", "seen": answer.context["form"].fields["seen"].mark})
    assert Adjustment.objects.in_pact(people.pact).get().before == "12000.00"


def test_it_lets_only_the_coordinator_adjust(people: People, measure: Measure, client_for: Browser) -> None:
    propose(people, measure)
    for user, status in [(people.coordinator, 200), (people.representative, 403), (people.stranger, 404)]:
        assert client_for(user).get(new("")).status_code == status
        withdrawn = client_for(user).post(page(1, "adjustment_withdraw")).status_code
        assert withdrawn == status
    for user, status in [(people.reader, 200), (people.stranger, 404)]:
        assert client_for(user).get(page(1)).status_code == status
    assert client_for(people.stranger).get(page(1, slug="elders")).status_code == 404
    assert "Intrekken" not in client_for(people.reader).get(page(1)).content.decode()


def test_it_names_a_draft_only_to_who_writes_it(people: People, measure: Measure, client_for: Browser) -> None:
    adjustment = propose(people, measure)
    draft = write(people, adjustment)
    writer = client_for(people.coordinator).get(page(1)).content.decode()
    assert reverse("plan:proposal_detail", args=["hier", draft.number]) in writer
    for user in (people.reader, people.representative):
        text = client_for(user).get(page(1)).content.decode()
        assert draft.title not in text
        assert reverse("plan:proposal_detail", args=["hier", draft.number]) not in text
    # What never was put on the route stays with its writers, also when they take it back.
    writing.withdraw(draft, reason="", by=people.coordinator)
    assert draft.title not in client_for(people.reader).get(page(1)).content.decode()


def test_it_names_a_proposal_on_the_route_to_every_reader(
    people: People, measure: Measure, steering: Body, client_for: Browser
) -> None:
    proposal = submit(people, propose(people, measure))
    link = reverse("plan:proposal_detail", args=["hier", proposal.number])
    client = client_for(people.reader)
    assert link in client.get(page(1)).content.decode()
    assert client.get(link).status_code == 200


def test_it_offers_a_proposal_only_to_who_may_write_one(people: People, measure: Measure, client_for: Browser) -> None:
    propose(people, measure)
    link = reverse("plan:proposal_new", args=["hier"])
    for user in (people.coordinator, people.representative, people.reader):
        client = client_for(user)
        assert (link in client.get(page(1)).content.decode()) == (client.get(link).status_code == 200)


def test_it_keeps_what_was_typed_when_the_measure_was_stopped_meanwhile(
    people: People, measure: Measure, client_for: Browser
) -> None:
    url, client = new(f"?measure={measure.number}&field=budget"), client_for(people.coordinator)
    seen = client.get(url).context["form"].fields["seen"].mark
    Measure.unscoped.filter(pk=measure.pk).update(state="stopped")
    answer = client.post(url, {"after": "15000", "reason": "Er is veel meer vraag.", "seen": seen})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Bijstellen kan alleen als zij is goedgekeurd of in uitvoering is." in text
    assert "Er is veel meer vraag." in text
    assert 'value="15000"' in text
    assert not Adjustment.objects.in_pact(people.pact).exists()
    # Who comes new gets no form for it.
    assert "Kies eerst wat er verandert" in client.get(url).content.decode()


def test_it_asks_before_it_withdraws(people: People, measure: Measure, client_for: Browser) -> None:
    propose(people, measure)
    client = client_for(people.coordinator)
    assert client.get(page(1, "adjustment_withdraw")).status_code == 405
    assert "Er wordt dan niet over besloten" in client.post(page(1, "adjustment_withdraw")).content.decode()
    done = client.post(page(1, "adjustment_withdraw"), {"confirmed": "1"}, follow=True).content.decode()
    again = client.post(page(1, "adjustment_withdraw"), {"confirmed": "1"}, follow=True).content.decode()
    assert "J1 is ingetrokken" in done
    assert "J1 was al ingetrokken" in again
    assert "Breng in een voorstel" not in again


def test_it_says_on_the_page_what_changed_and_what_decided(
    people: People, measure: Measure, steering: Body, client_for: Browser
) -> None:
    adjustment = propose(people, measure)
    client = client_for(people.coordinator)
    changed_meanwhile(people, measure, 12_000)
    text = client.get(page(1)).content.decode().replace("\u00a0", " ")
    assert "De maatregel is intussen gewijzigd" in text
    assert "€ 12.000" in text
    decision = decide(people, submit(people, adjustment), Outcome.ADOPTED)
    text = client.get(page(1)).content.decode()
    assert decision.code in text
    assert "doorgevoerd" in text


def test_it_asks_the_same_number_of_queries_for_many_adjustments(
    people: People, measure: Measure, client_for: Browser
) -> None:
    client = client_for(people.coordinator)
    urls = [reverse("plan:measure_detail", args=["hier", measure.number]), page(1)]

    def queries() -> list[int]:
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            counts.append(len(captured))
        return counts

    propose(people, measure)
    queries()
    before = queries()
    for amount in range(10):
        propose(people, measure, after=Decimal(20_000 + amount))
    assert queries() == before


def test_it_shows_many_adjustments_to_the_route_with_one_query(people: People, measure: Measure) -> None:
    keys = [propose(people, measure, after=Decimal(20_000 + amount)).pk for amount in range(5)]
    with CaptureQueriesContext(connection) as captured:
        kinds.show(ADJUSTMENT, people.pact, keys)
    assert len(captured) == 1
