"""The pages on which proposals are written, put on the route, judged by partners and decided."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners.access import Access
from partners.bodies.models import Body, Meeting
from partners.models import Pact, User
from plan.decisions import deciding, deciding_views
from plan.decisions.carried import carried_by, mark_of_changes, next_step
from plan.decisions.deciding import record_outcome, supersede
from plan.decisions.models import Condition, Decision, Outcome, Position, Proposal
from plan.decisions.positions import state_position
from plan.decisions.route import steps_of
from plan.decisions.writing import mark_of, revise, submit
from plan.measures.models import Measure
from tests.factories import (
    make_allocation,
    make_body,
    make_measure,
    make_package,
    make_proposal,
    make_route,
)
from tests.people import People

pytestmark = pytest.mark.django_db


def at(name: str, pact: Pact, *args: Any) -> str:
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def main_of(page: str) -> str:
    """The page without its menu and its dialog."""
    return page.partition("<main")[2].partition("</main>")[0]


def make_meeting(body: Body, by: User, days_ago: int = 0) -> Meeting:
    starts = timezone.now() - timedelta(days=days_ago, minutes=5)
    return Meeting.unscoped.create(
        body=body,
        title=f"Vergadering {body}",
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        place="Raadhuis",
        planned_by=by,
    )


def say(proposal: Proposal, outcome: str, by: User, **fields: Any) -> Decision:
    """What the next step says, today."""
    step = next_step(proposal)
    assert step is not None
    return record_outcome(
        proposal, step=step, outcome=outcome, decided_on=timezone.localdate(), reason="Zo besproken.", by=by, **fields
    )


def outcome_data(proposal: Proposal, outcome: str, **fields: Any) -> dict[str, Any]:
    step = next_step(proposal)
    assert step is not None
    today = timezone.localdate()
    return {
        "outcome": outcome,
        "decided_on": f"{today.day}-{today.month}-{today.year}",
        "reason": "Het past bij het pact.",
        "step": step.pk,
        **fields,
    }


# --- The route -------------------------------------------------------------------------------------------------------


def route_data(pact: Pact, rows: list[dict[str, Any]], seen: str) -> dict[str, Any]:
    data: dict[str, Any] = {"steps-TOTAL_FORMS": len(rows), "steps-INITIAL_FORMS": 0, "seen": seen}
    for at_row, row in enumerate(rows):
        data |= {f"steps-{at_row}-{name}": value for name, value in row.items()}
    return data


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return found[1]


def test_it_proposes_a_route_with_the_bodies_of_the_pact(people: People, client_for: Any) -> None:
    bodies = {
        kind: make_body(people.pact, f"De {kind.label}", kind)
        for kind in (Body.Kind.STEERING, Body.Kind.PROJECT, Body.Kind.ADVISORY)
    }
    make_body(people.other_pact, "Stuurgroep elders", Body.Kind.STEERING)
    page = client_for(people.coordinator).get(at("decision_route_edit", people.pact))
    initial = page.context["formset"].initial
    assert [(row["body"], row["kind"]) for row in initial] == [
        (bodies[Body.Kind.PROJECT].pk, "prepares"),
        (bodies[Body.Kind.ADVISORY].pk, "advises"),
        (bodies[Body.Kind.STEERING].pk, "decides"),
    ]
    assert "Stuurgroep elders" not in page.content.decode()


def test_it_keeps_the_route_in_the_order_of_the_numbers(people: People, client_for: Any) -> None:
    first, second = make_body(people.pact, "Projectgroep"), make_body(people.pact, "Stuurgroep")
    client, address = client_for(people.coordinator), at("decision_route_edit", people.pact)
    rows = [
        {"position": "2", "name": "Besluit", "body": second.pk, "kind": "decides", "days": "14"},
        {"position": "1", "name": "Voorbereiding", "body": first.pk, "kind": "prepares", "days": "28"},
        {"position": "", "name": "", "body": "", "kind": "", "days": "28"},
    ]
    answer = client.post(address, route_data(people.pact, rows, seen_in(client.get(address).content.decode())))
    assert answer.status_code == 302
    assert [(step.name, step.days) for step in steps_of(people.pact)] == [("Voorbereiding", 28), ("Besluit", 14)]


def test_it_takes_a_step_away_whatever_is_wrong_with_it(people: People, client_for: Any) -> None:
    body = make_body(people.pact, "Stuurgroep")
    client, address = client_for(people.coordinator), at("decision_route_edit", people.pact)
    rows = [
        {"position": "1", "name": "Weg", "body": "", "kind": "advises", "days": "nul", "remove": "on"},
        {"position": "2", "name": "Besluit", "body": body.pk, "kind": "decides", "days": "14"},
    ]
    client.post(address, route_data(people.pact, rows, seen_in(client.get(address).content.decode())))
    assert [step.name for step in steps_of(people.pact)] == ["Besluit"]


def test_it_shows_what_stands_of_a_stale_route_and_saves_the_second_time(people: People, client_for: Any) -> None:
    body = make_body(people.pact, "Stuurgroep")
    client, address = client_for(people.coordinator), at("decision_route_edit", people.pact)
    seen = seen_in(client.get(address).content.decode())
    make_route(people.pact)
    rows = [{"position": "1", "name": "Alleen besluiten", "body": body.pk, "kind": "decides", "days": "14"}]
    answer = client.post(address, route_data(people.pact, rows, seen))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Zo staat het er nu" in page
    assert "Alleen besluiten" in page
    assert len(steps_of(people.pact)) == 3
    assert client.post(address, route_data(people.pact, rows, seen_in(page))).status_code == 302
    assert [step.name for step in steps_of(people.pact)] == ["Alleen besluiten"]


@pytest.mark.parametrize(
    "row",
    [
        {"name": "Besluit", "body": "x", "kind": "decides", "days": "14"},
        {"name": "Besluit", "body": "99999999999999999999999999", "kind": "decides", "days": "14"},
        {"name": "Besluit", "body": "", "kind": "decides", "days": "14"},
        {"name": "Besluit", "kind": "rules", "days": "14"},
        {"name": "Besluit", "kind": "decides", "days": "0"},
        {"name": "Besluit", "kind": "decides", "days": "9" * 40},
        {"name": "Bes\x07luit", "kind": "decides", "days": "14"},
        {"name": "x" * 1000, "kind": "decides", "days": "14"},
        {"name": "Advies", "kind": "advises", "days": "14"},
        {"name": "Besluit", "kind": "decides", "days": "14", "position": "-1"},
    ],
)
def test_it_refuses_a_route_that_cannot_be_in_words(people: People, client_for: Any, row: dict[str, Any]) -> None:
    body = make_body(people.pact, "Stuurgroep")
    client, address = client_for(people.coordinator), at("decision_route_edit", people.pact)
    data = route_data(people.pact, [{"body": body.pk, **row}], seen_in(client.get(address).content.decode()))
    answer = client.post(address, data)
    assert answer.status_code == 200
    assert "utrecht-alert--error" in answer.content.decode()
    assert not steps_of(people.pact)


def test_it_refuses_a_body_of_another_pact(people: People, client_for: Any) -> None:
    elsewhere = make_body(people.other_pact, "Stuurgroep elders")
    client, address = client_for(people.coordinator), at("decision_route_edit", people.pact)
    make_body(people.pact, "Stuurgroep")
    rows = [{"name": "Besluit", "body": elsewhere.pk, "kind": "decides", "days": "14"}]
    answer = client.post(address, route_data(people.pact, rows, seen_in(client.get(address).content.decode())))
    assert answer.status_code == 200
    assert "Kies een overleg uit de lijst" in answer.content.decode()
    assert not steps_of(people.pact)


def test_it_lets_only_a_coordinator_change_the_route(people: People, client_for: Any) -> None:
    make_route(people.pact)
    address, edit = at("decision_route", people.pact), at("decision_route_edit", people.pact)
    assert edit in client_for(people.coordinator).get(address).content.decode()
    page = client_for(people.other).get(address)
    assert page.status_code == 200
    assert edit not in page.content.decode()
    assert client_for(people.other).get(edit).status_code == 403
    assert client_for(people.other).post(edit, {}).status_code == 403
    assert client_for(people.stranger).get(address).status_code == 404
    assert client_for(people.stranger).get(edit).status_code == 404


# --- Writing ---------------------------------------------------------------------------------------------------------


def proposal_data(people: People, **fields: Any) -> dict[str, Any]:
    return {
        "title": "Stel de maatregel vast",
        "explanation": "<p>Er is nu geld voor.</p>",
        "partnership": people.municipality.pk,
        **fields,
    }


def test_it_chooses_a_measure_beforehand_by_the_address(people: People, client_for: Any) -> None:
    measure = make_measure(people.pact)
    page = client_for(people.coordinator).get(at("proposal_new", people.pact), {"item": f"measure-{measure.pk}"})
    assert page.context["form"]["rows_measure"].value() == [str(measure.pk)]
    assert measure.title in page.content.decode()


@pytest.mark.parametrize(
    "item", ["measure-x", "measure-", "-", "nothing-1", "measure-" + "9" * 30, "measure-²", "\x00"]
)
def test_it_chooses_nothing_by_an_unknown_address(people: People, client_for: Any, item: str) -> None:
    make_measure(people.pact)
    page = client_for(people.coordinator).get(at("proposal_new", people.pact), {"item": item})
    assert page.status_code == 200
    assert not page.context["form"]["rows_measure"].value()


def test_it_names_the_proposal_that_a_measure_is_in_already(people: People, client_for: Any) -> None:
    make_route(people.pact)
    measure = make_measure(people.pact)
    other = make_proposal(people.pact, [measure])
    page = client_for(people.coordinator).get(at("proposal_new", people.pact), {"item": f"measure-{measure.pk}"})
    assert f"Dit staat al in voorstel {other.code}" in page.content.decode()
    assert "rows_measure" not in page.context["form"].fields


def test_it_keeps_a_draft_that_only_coordinators_see(people: People, client_for: Any) -> None:
    measure = make_measure(people.pact)
    client = client_for(people.coordinator)
    answer = client.post(at("proposal_new", people.pact), proposal_data(people, rows_measure=[measure.pk]))
    proposal = Proposal.objects.in_pact(people.pact).get()
    assert answer["Location"] == at("proposal_detail", people.pact, proposal.number)
    assert [(item.kind, item.object_id) for item in proposal.items.all()] == [("measure", measure.pk)]
    assert client.get(answer["Location"]).status_code == 200
    assert client_for(people.other).get(answer["Location"]).status_code == 404
    listed = client_for(people.other).get(at("proposal_list", people.pact)).content.decode()
    assert proposal.title not in listed


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"title": "Voor\x07stel"},
        {"explanation": ""},
        {"explanation": "x" * 100_000},
        {"partnership": ""},
        {"partnership": "x"},
        {"partnership": "9" * 40},
        {"rows_measure": ["x"]},
        {"rows_measure": ["999999"]},
        {"rows_measure": ["9" * 40]},
    ],
)
def test_it_refuses_a_proposal_that_cannot_be(people: People, client_for: Any, fields: Any) -> None:
    make_measure(people.pact)
    data = proposal_data(people, **fields)
    answer = client_for(people.coordinator).post(at("proposal_new", people.pact), data)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Proposal.objects.in_pact(people.pact).exists()


def test_it_refuses_rows_and_partners_of_another_pact(people: People, client_for: Any) -> None:
    make_measure(people.pact)
    foreign = make_measure(people.other_pact)
    client = client_for(people.coordinator)
    for fields in ({"rows_measure": [foreign.pk]}, {"partnership": foreign.lead_id}):
        answer = client.post(at("proposal_new", people.pact), proposal_data(people, **fields))
        assert answer.status_code == 200
    assert not Proposal.objects.in_pact(people.pact).exists()


def test_it_shows_what_stands_of_a_stale_draft_and_saves_the_second_time(people: People, client_for: Any) -> None:
    proposal = make_proposal(people.pact, submitted=False)
    client, address = client_for(people.coordinator), at("proposal_edit", people.pact, proposal.number)
    seen = client.get(address).context["form"]["seen"].value()
    revise(
        proposal,
        title="Van iemand anders",
        explanation=proposal.explanation,
        partnership=proposal.partnership,
        items=[],
        by=people.coordinator,
    )
    data = proposal_data(people, title="Van mij", seen=seen)
    answer = client.post(address, data)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Van iemand anders" in page
    assert "Van mij" in page
    proposal.refresh_from_db()
    assert proposal.title == "Van iemand anders"
    again = {**data, "seen": answer.context["form"]["seen"].value()}
    assert again["seen"] == mark_of(proposal)
    assert client.post(address, again).status_code == 302
    proposal.refresh_from_db()
    assert proposal.title == "Van mij"


def test_it_edits_nothing_that_is_on_the_route(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    client, address = client_for(people.coordinator), at("proposal_edit", people.pact, proposal.number)
    answer = client.post(address, proposal_data(people), follow=True)
    assert "kan niet meer worden gewijzigd" in answer.content.decode()
    proposal.refresh_from_db()
    assert proposal.title != "Stel de maatregel vast"


def test_it_asks_before_submitting_and_takes_a_second_click(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact, submitted=False)
    client, address = client_for(people.coordinator), at("proposal_submit", people.pact, proposal.number)
    seen = seen_in(client.get(at("proposal_detail", people.pact, proposal.number)).content.decode())
    asked = client.post(address, {"seen": seen})
    assert asked.status_code == 200
    assert "De partners krijgen een mail" in asked.content.decode()
    assert seen_in(asked.content.decode()) == seen
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.DRAFT
    client.post(address, {"seen": seen, "confirmed": "1"})
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.SUBMITTED
    again = client.post(address, {"seen": seen, "confirmed": "1"}, follow=True)
    assert "al ingebracht" in again.content.decode()
    proposal.refresh_from_db()
    assert proposal.round == 1


@pytest.mark.parametrize("keeps_mark", [True, False])
def test_it_puts_no_rows_on_the_route_that_the_reader_never_saw(
    people: People, client_for: Any, keeps_mark: bool
) -> None:
    make_route(people.pact)
    measure, money = make_measure(people.pact), make_allocation(make_package(people.pact).years.get(), 4000)
    proposal = make_proposal(people.pact, [measure], submitted=False)
    client, address = client_for(people.coordinator), at("proposal_submit", people.pact, proposal.number)
    seen = seen_in(client.get(at("proposal_detail", people.pact, proposal.number)).content.decode())
    revise(
        proposal,
        title=proposal.title,
        explanation=proposal.explanation,
        partnership=proposal.partnership,
        items=[("measure", measure.pk), ("allocation", money.pk)],
        by=people.coordinator,
    )
    page = client.post(address, {"seen": seen if keeps_mark else "", "confirmed": "1"}, follow=True).content.decode()
    assert "Iemand anders heeft dit gewijzigd" in page
    assert "€ 4.000" in page.replace("\xa0", " ")
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.DRAFT
    client.post(address, {"seen": seen_in(page), "confirmed": "1"})
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.SUBMITTED


def test_it_would_put_them_there_without_the_mark(people: People) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact, submitted=False)
    seen = mark_of(proposal)
    revise(
        proposal,
        title=proposal.title,
        explanation=proposal.explanation,
        partnership=proposal.partnership,
        items=[("measure", make_measure(people.pact).pk)],
        by=people.coordinator,
    )
    with pytest.raises(ValidationError, match="Iemand anders"):
        submit(proposal, by=people.coordinator, seen=seen)
    assert submit(proposal, by=people.coordinator).state == Proposal.State.SUBMITTED


def test_it_says_what_stands_in_the_way_of_submitting(people: People, client_for: Any) -> None:
    proposal = make_proposal(people.pact, submitted=False)
    revise(
        proposal,
        title=proposal.title,
        explanation=proposal.explanation,
        partnership=proposal.partnership,
        items=[],
        by=people.coordinator,
    )
    page = client_for(people.coordinator).get(at("proposal_detail", people.pact, proposal.number)).content.decode()
    assert "Leg eerst de route vast" in page
    assert "er staat nog niets in dit voorstel" in page
    assert at("proposal_submit", people.pact, proposal.number) not in page


def test_it_asks_for_a_reason_to_withdraw(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    client, address = client_for(people.coordinator), at("proposal_withdraw", people.pact, proposal.number)
    assert client.post(address, {"reason": ""}).status_code == 200
    client.post(address, {"reason": "Er komt een beter plan."})
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.WITHDRAWN
    again = client.post(address, {"reason": "Nog eens."}, follow=True)
    assert "is al ingetrokken" in again.content.decode()


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_it_says_where_each_proposal_is_and_filters(people: People, client_for: Any) -> None:
    steps = make_route(people.pact)
    first, second = make_proposal(people.pact), make_proposal(people.pact)
    say(second, Outcome.POSITIVE, people.coordinator)
    client, address = client_for(people.reader), at("proposal_list", people.pact)
    page = client.get(address)
    turns = {row.pk: row.next.body for row in page.context["page"].object_list}
    assert turns == {first.pk: steps[0].body, second.pk: steps[1].body}
    at_second = client.get(address, {"body": steps[1].body_id})
    assert [row.pk for row in at_second.context["page"].object_list] == [second.pk]
    assert not client.get(address, {"state": "adopted"}).context["page"].object_list
    assert len(client.get(address, {"state": "under_way"}).context["page"].object_list) == 2
    unknown = client.get(address, {"state": "x", "body": "y", "partner": "9" * 40, "page": "z"})
    assert unknown.status_code == 200
    assert "Een van de filters kennen wij niet" in unknown.content.decode()


def test_it_shows_what_changed_since_it_was_submitted(people: People, client_for: Any) -> None:
    make_route(people.pact)
    measure = make_measure(people.pact, title="De oude titel")
    proposal = make_proposal(people.pact, [measure])
    Measure.objects.in_pact(people.pact).filter(pk=measure.pk).update(title="De nieuwe titel")
    page = client_for(people.reader).get(at("proposal_detail", people.pact, proposal.number)).content.decode()
    assert "De oude titel" in page
    assert "De nieuwe titel" in page
    assert "Er is iets gewijzigd nadat dit werd ingebracht" in page


def test_it_shows_who_said_nothing_yet(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    state_position(
        proposal, partnership=people.school, stance="agree", mandate="board", text="", by=people.representative
    )
    page = client_for(people.reader).get(at("proposal_detail", people.pact, proposal.number))
    stands = page.context["stands"]
    assert {stand.partnership.pk for stand in stands if stand.position is None} == {
        people.municipality.pk,
        people.childcare.pk,
    }
    assert page.context["counted"] == "1 akkoord; 2 partners zeiden nog niets"


def test_it_gives_each_reader_their_own_next_step(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    address = at("proposal_detail", people.pact, proposal.number)
    own = client_for(people.representative).get(address).content.decode()
    assert at("position_state", people.pact, proposal.number, people.school.pk) in own
    assert at("position_state", people.pact, proposal.number, people.childcare.pk) not in own
    assert at("proposal_decide", people.pact, proposal.number) not in own
    keeper = main_of(client_for(people.coordinator).get(address).content.decode())
    assert at("proposal_decide", people.pact, proposal.number) in keeper
    assert keeper.count("nl-button--primary") == 1
    reader = main_of(client_for(people.reader).get(address).content.decode())
    assert "nl-button--primary" not in reader
    assert client_for(people.stranger).get(address).status_code == 404


def test_it_asks_the_database_as_much_for_many_rows_as_for_one(people: People, client_for: Any) -> None:

    make_route(people.pact)
    proposal = make_proposal(people.pact, [make_measure(people.pact)])
    say(proposal, Outcome.POSITIVE, people.coordinator)
    client = client_for(people.coordinator)
    small = {}
    addresses = {name: at(name, people.pact) for name in ("proposal_list", "decision_list")}
    for name, address in addresses.items():
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(address)
        small[name] = len(asked)
    for _at in range(6):
        say(make_proposal(people.pact), Outcome.POSITIVE, people.coordinator)
    for name, address in addresses.items():
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        assert len(asked) == small[name], name


# --- The outcome of a step -------------------------------------------------------------------------------------------


def test_it_shows_an_outcome_before_it_is_recorded(people: People, client_for: Any) -> None:
    steps = make_route(people.pact)
    proposal = make_proposal(people.pact)
    client, address = client_for(people.coordinator), at("proposal_decide", people.pact, proposal.number)
    data = outcome_data(proposal, "positive", conditions="Eerst de leerlingenraad vragen.\n\n Na een jaar terugkijken.")
    review = client.post(address, data)
    assert f"gaat naar {steps[1].body}" in review.content.decode()
    assert not Decision.objects.in_pact(people.pact).exists()
    client.post(address, {**data, "confirmed": "1"})
    decision = Decision.objects.in_pact(people.pact).get()
    assert decision.outcome == Outcome.POSITIVE
    assert [each.text for each in decision.conditions.order_by("pk")] == [
        "Eerst de leerlingenraad vragen.",
        "Na een jaar terugkijken.",
    ]


def test_it_loses_nothing_on_the_way_back_from_the_review(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    client, address = client_for(people.coordinator), at("proposal_decide", people.pact, proposal.number)
    page = client.post(address, {**outcome_data(proposal, "negative", reason="Te duur voor nu."), "again": "1"})
    assert "Te duur voor nu." in page.content.decode()
    assert not Decision.objects.in_pact(people.pact).exists()


def test_it_names_measures_and_euros_before_an_adoption(people: People, client_for: Any) -> None:
    make_route(people.pact, ["decides"])
    measure = make_measure(people.pact)
    package = make_package(people.pact, {2027: 10_000})
    allocation = make_allocation(package.years.get(), 2500, measure=measure)
    proposal = make_proposal(people.pact, [measure, allocation])
    client, address = client_for(people.coordinator), at("proposal_decide", people.pact, proposal.number)
    data = outcome_data(proposal, "adopted")
    review = client.post(address, data).content.decode()
    assert f"Maatregel {measure.code} {measure.title} wordt goedgekeurd." in review
    assert "Samen wordt € 2.500" in review.replace("\xa0", " ")
    client.post(address, {**data, "confirmed": "1"})
    measure.refresh_from_db()
    allocation.refresh_from_db()
    proposal.refresh_from_db()
    assert (measure.state, allocation.state, proposal.state) == ("approved", "committed", "adopted")


def test_it_keeps_the_other_words_of_who_recorded_second(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    client, address = client_for(people.coordinator), at("proposal_decide", people.pact, proposal.number)
    data = {**outcome_data(proposal, "positive"), "confirmed": "1"}
    client.post(address, data)
    first = Decision.objects.in_pact(people.pact).get()
    for other in ({"reason": "Met andere woorden."}, {"conditions": "Met andere woorden."}):
        page = client.post(address, {**data, **other})
        text = page.content.decode()
        assert page.status_code == 200
        assert f"staat al vast in besluit {first.code}" in text
        assert "Met andere woorden.</textarea>" in text
        assert f'href="{at("decision_detail", people.pact, first.number)}"' in text
    assert Decision.objects.in_pact(people.pact).get() == first


def test_it_leads_to_the_decision_that_exists_when_posted_twice(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    client, address = client_for(people.coordinator), at("proposal_decide", people.pact, proposal.number)
    data = {**outcome_data(proposal, "positive"), "confirmed": "1"}
    client.post(address, data)
    decision = Decision.objects.in_pact(people.pact).get()
    for again in (data, {name: value for name, value in data.items() if name != "confirmed"}):
        answer = client.post(address, again, follow=True)
        assert answer.redirect_chain[-1][0] == at("decision_detail", people.pact, decision.number)
        assert "al vastgelegd" in answer.content.decode()
    assert Decision.objects.in_pact(people.pact).count() == 1


def test_it_says_which_step_is_next(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    last = proposal.steps.get(kind="decides")
    client, address = client_for(people.coordinator), at("proposal_decide", people.pact, proposal.number)
    answer = client.post(address, {**outcome_data(proposal, "adopted"), "step": last.pk, "confirmed": "1"})
    assert answer.status_code == 200
    assert "Leg eerst vast wat daar is gezegd" in answer.content.decode()
    assert not Decision.objects.in_pact(people.pact).exists()


def test_it_takes_a_tick_only_for_the_changes_that_were_shown(people: People, client_for: Any) -> None:
    make_route(people.pact)
    measure = make_measure(people.pact)
    proposal = make_proposal(people.pact, [measure])
    rows = Measure.objects.in_pact(people.pact).filter(pk=measure.pk)
    rows.update(title="Een andere titel")
    client, address = client_for(people.coordinator), at("proposal_decide", people.pact, proposal.number)
    data = {**outcome_data(proposal, "positive"), "confirmed": "1"}
    refused = client.post(address, data)
    assert refused.status_code == 200
    assert "Kruis aan dat het besluit over de wijziging gaat" in refused.content.decode()
    mark = mark_of_changes(carried_by(proposal))
    rows.update(title="Nog een andere titel")
    assert client.post(address, {**data, "changes": mark}).status_code == 200
    assert not Decision.objects.in_pact(people.pact).exists()
    mark = mark_of_changes(carried_by(proposal))
    assert client.post(address, {**data, "changes": mark}).status_code == 302
    assert Decision.objects.in_pact(people.pact).count() == 1


def test_it_would_decide_unseen_about_what_changed_without_the_mark(
    people: People, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin with the guard off: with no mark of changes, nobody is asked whether they were seen."""
    make_route(people.pact)
    measure = make_measure(people.pact)
    proposal = make_proposal(people.pact, [measure])
    Measure.objects.in_pact(people.pact).filter(pk=measure.pk).update(title="Een andere titel")
    for module in (deciding, deciding_views):
        monkeypatch.setattr(module, "mark_of_changes", lambda _carried: "")
    address = at("proposal_decide", people.pact, proposal.number)
    client_for(people.coordinator).post(address, {**outcome_data(proposal, "positive"), "confirmed": "1"})
    assert Decision.objects.in_pact(people.pact).count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "adopted"},
        {"outcome": ""},
        {"outcome": "x" * 100_000},
        {"decided_on": "32-13-2026"},
        {"decided_on": "", "meeting": ""},
        {"decided_on": "1-1-2999"},
        {"decided_on": "1-1-1999"},
        {"reason": ""},
        {"reason": "x" * 2001},
        {"reason": "Waarom\x07niet"},
        {"conditions": "\n".join(["x"] * 21)},
        {"meeting": "x"},
        {"meeting": "9" * 40},
    ],
)
def test_it_refuses_an_outcome_that_cannot_be_in_words(people: People, client_for: Any, fields: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    address = at("proposal_decide", people.pact, proposal.number)
    answer = client_for(people.coordinator).post(
        address, {**outcome_data(proposal, "positive"), **fields, "confirmed": "1"}
    )
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Decision.objects.in_pact(people.pact).exists()


@pytest.mark.parametrize("step", ["", "x", "0", "-1", "9" * 60])
def test_it_holds_whatever_step_is_posted(people: People, client_for: Any, step: str) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    address = at("proposal_decide", people.pact, proposal.number)
    data = {**outcome_data(proposal, "positive"), "step": step, "confirmed": "1"}
    assert client_for(people.coordinator).post(address, data).status_code == 200


def test_it_takes_the_day_of_the_meeting(people: People, client_for: Any) -> None:
    steps = make_route(people.pact)
    proposal = make_proposal(people.pact)
    meeting = make_meeting(steps[0].body, people.coordinator)
    elsewhere = make_meeting(steps[1].body, people.coordinator)
    client, address = client_for(people.coordinator), at("proposal_decide", people.pact, proposal.number)
    data = {**outcome_data(proposal, "positive"), "decided_on": "", "confirmed": "1"}
    assert client.post(address, {**data, "meeting": elsewhere.pk}).status_code == 200
    client.post(address, {**data, "meeting": meeting.pk})
    decision = Decision.objects.in_pact(people.pact).get()
    assert (decision.meeting, decision.decided_on) == (meeting, timezone.localdate())


def test_it_lets_only_a_coordinator_of_the_pact_record_an_outcome(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    data = {**outcome_data(proposal, "positive"), "confirmed": "1"}
    for name in ("proposal_decide", "proposal_edit", "proposal_submit", "proposal_withdraw"):
        address = at(name, people.pact, proposal.number)
        assert client_for(people.other).post(address, data).status_code == 403, name
        assert client_for(people.stranger).post(address, data).status_code == 404, name
    assert not Decision.objects.in_pact(people.pact).exists()


def test_it_finds_no_proposal_of_another_pact(people: People, client_for: Any) -> None:
    make_route(people.other_pact)
    proposal = make_proposal(people.other_pact)
    client = client_for(people.coordinator)
    for name in ("proposal_detail", "proposal_decide", "proposal_edit", "proposal_withdraw"):
        assert client.get(at(name, people.pact, proposal.number)).status_code == 404, name


# --- A meeting -------------------------------------------------------------------------------------------------------


def rows_of(page: str) -> list[str]:
    return re.findall(r'name="row" value="([^"]*)"', page)


def test_it_records_what_a_meeting_treated_and_leaves_the_rest(people: People, client_for: Any) -> None:
    steps = make_route(people.pact)
    first, second, third = (make_proposal(people.pact) for _at in range(3))
    say(third, Outcome.POSITIVE, people.coordinator)
    meeting = make_meeting(steps[0].body, people.coordinator)
    client, address = client_for(people.coordinator), at("meeting_record", people.pact, meeting.pk)
    page = client.get(address).content.decode()
    assert [row.partition(":")[0] for row in rows_of(page)] == [str(first.number), str(second.number)]
    data = {
        "row": rows_of(page),
        f"p{first.number}-outcome": "positive",
        f"p{first.number}-reason": "Goed voorbereid.",
        f"p{first.number}-conditions": "Houd de scholen op de hoogte.",
        f"p{second.number}-outcome": "",
        f"p{second.number}-reason": "",
    }
    review = client.post(address, data).content.decode()
    assert "Klopt dit?" in review
    assert second.title not in review
    client.post(address, {**data, "confirmed": "1"})
    decision = Decision.objects.in_pact(people.pact).get(meeting=meeting)
    assert (decision.proposal, decision.outcome) == (first, Outcome.POSITIVE)
    assert decision.conditions.get().text == "Houd de scholen op de hoogte."
    again = client.post(address, {**data, "confirmed": "1"}, follow=True)
    assert "Dit is al vastgelegd" in again.content.decode()
    assert Decision.objects.in_pact(people.pact).filter(meeting=meeting).count() == 1


@pytest.mark.parametrize("outcome", ["positive", "negative"])
def test_it_keeps_at_the_meeting_what_takes_the_place_of_a_decision(
    people: People, client_for: Any, outcome: str
) -> None:
    steps = make_route(people.pact)
    proposal = make_proposal(people.pact)
    with time_machine.travel(datetime(2027, 3, 3, 12, tzinfo=UTC), tick=False):
        meeting = make_meeting(steps[0].body, people.coordinator)
        first = say(proposal, Outcome.POSITIVE, people.coordinator, meeting=meeting)
        later = supersede(
            first, outcome=outcome, decided_on=first.decided_on, reason="Zo was het.", by=people.coordinator
        )
        client = client_for(people.coordinator)
        page = main_of(client.get(at("meeting_record", people.pact, meeting.pk)).content.decode())
    assert later.meeting == meeting
    assert f"<s>{first.code}</s>" in page
    assert f"vervangen door {later.code}" in page
    assert f"<s>{later.code}</s>" not in page


def test_it_takes_another_day_from_the_meeting(people: People, client_for: Any) -> None:
    steps = make_route(people.pact)
    with time_machine.travel(datetime(2027, 3, 3, 12, tzinfo=UTC), tick=False):
        proposal = make_proposal(people.pact)
    with time_machine.travel(datetime(2027, 3, 10, 12, tzinfo=UTC), tick=False):
        meeting = make_meeting(steps[0].body, people.coordinator)
        first = say(proposal, Outcome.POSITIVE, people.coordinator, meeting=meeting)
        earlier = first.decided_on - timedelta(days=1)
        later = supersede(first, outcome="negative", decided_on=earlier, reason="Per mail.", by=people.coordinator)
    assert later.meeting is None


def test_it_records_a_meeting_wholly_or_not_at_all(people: People, client_for: Any) -> None:
    steps = make_route(people.pact)
    first, second = make_proposal(people.pact), make_proposal(people.pact)
    meeting = make_meeting(steps[0].body, people.coordinator)
    client, address = client_for(people.coordinator), at("meeting_record", people.pact, meeting.pk)
    data = {
        "row": rows_of(client.get(address).content.decode()),
        f"p{first.number}-outcome": "positive",
        f"p{first.number}-reason": "Goed voorbereid.",
        f"p{second.number}-outcome": "negative",
        f"p{second.number}-reason": "",
        "confirmed": "1",
    }
    answer = client.post(address, data)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"Kijk bij: {second.code}" in page
    assert "Goed voorbereid." in page
    assert not Decision.objects.in_pact(people.pact).exists()
    # Meanwhile the first went on: now the core refuses it, and the page names it.
    say(first, Outcome.SENT_BACK, people.coordinator)
    data[f"p{second.number}-reason"] = "Nog niet rijp."
    refused = client.post(address, data)
    assert refused.status_code == 200
    assert f"Kijk bij: {first.code}" in refused.content.decode()
    assert not Decision.objects.in_pact(people.pact).filter(proposal=second).exists()


@pytest.mark.parametrize("row", ["", "x", "1", "1:", ":1", "1:x", "9" * 30 + ":1", "1:" + "9" * 30, "\x00:\x00"])
def test_it_holds_whatever_row_of_a_meeting_is_posted(people: People, client_for: Any, row: str) -> None:
    steps = make_route(people.pact)
    make_proposal(people.pact)
    meeting = make_meeting(steps[0].body, people.coordinator)
    address = at("meeting_record", people.pact, meeting.pk)
    answer = client_for(people.coordinator).post(address, {"row": row, "confirmed": "1"})
    assert answer.status_code == 200
    assert "Kies bij ten minste één voorstel" in answer.content.decode()


def test_it_shows_what_a_coming_meeting_is_about(people: People, client_for: Any) -> None:
    steps = make_route(people.pact)
    proposal = make_proposal(people.pact)
    meeting = make_meeting(steps[0].body, people.coordinator, days_ago=-3)
    client, address = client_for(people.coordinator), at("meeting_record", people.pact, meeting.pk)
    page = client.get(address).content.decode()
    assert proposal.title in page
    assert 'name="row"' not in page
    data = {"row": f"{proposal.number}:{proposal.steps.first().pk}", f"p{proposal.number}-outcome": "positive"}
    data |= {f"p{proposal.number}-reason": "Alvast.", "confirmed": "1"}
    assert client.post(address, data).status_code == 200
    assert not Decision.objects.in_pact(people.pact).exists()


def test_it_lets_only_a_coordinator_of_the_pact_record_a_meeting(people: People, client_for: Any) -> None:
    steps = make_route(people.pact)
    meeting = make_meeting(steps[0].body, people.coordinator)
    address = at("meeting_record", people.pact, meeting.pk)
    assert client_for(people.other).get(address).status_code == 403
    assert client_for(people.stranger).get(address).status_code == 404
    elsewhere = at("meeting_record", people.other_pact, meeting.pk)
    assert client_for(people.stranger).get(elsewhere).status_code == 404


def test_it_asks_the_database_as_much_for_a_full_meeting_as_for_one(people: People, client_for: Any) -> None:
    steps = make_route(people.pact)
    meeting = make_meeting(steps[0].body, people.coordinator)
    client, address = client_for(people.coordinator), at("meeting_record", people.pact, meeting.pk)
    asked = []
    for more in (1, 4):
        for _at in range(more):
            make_proposal(people.pact, [make_measure(people.pact)])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked.append(len(queries))
    assert asked[0] == asked[1]


# --- Positions and conditions ----------------------------------------------------------------------------------------


def test_it_lets_a_signatory_state_a_position_and_change_it(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    client = client_for(people.signatory)
    address = at("position_state", people.pact, proposal.number, people.municipality.pk)
    data = {"stance": "agree_if", "mandate": "college", "text": "Als het geld er is."}
    assert client.post(address, data).status_code == 302
    assert Condition.objects.in_pact(people.pact).get().text == "Als het geld er is."
    assert client.get(address).context["form"]["text"].value() == "Als het geld er is."
    client.post(address, {"stance": "agree", "mandate": "college", "text": ""})
    position = Position.objects.in_pact(people.pact).get()
    assert (position.stance, position.stated_by) == ("agree", people.signatory)


@pytest.mark.parametrize(
    "data",
    [
        {"stance": "agree_if", "text": ""},
        {"stance": "object", "text": "   "},
        {"stance": "no_mandate", "mandate": "board"},
        {"stance": ""},
        {"stance": "x" * 100_000},
        {"stance": "agree", "mandate": "x"},
        {"stance": "agree", "text": "x" * 2001},
        {"stance": "agree", "text": "Ja\x07"},
    ],
)
def test_it_refuses_a_position_that_cannot_be_in_words(people: People, client_for: Any, data: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    address = at("position_state", people.pact, proposal.number, people.school.pk)
    answer = client_for(people.representative).post(address, data)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Position.objects.in_pact(people.pact).exists()


def test_it_lets_a_partner_speak_for_itself_and_a_coordinator_for_all(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    address = at("position_state", people.pact, proposal.number, people.school.pk)
    data = {"stance": "agree", "mandate": "none", "text": ""}
    assert client_for(people.other).post(address, data).status_code == 403
    assert client_for(people.reader).post(address, data).status_code == 403
    assert client_for(people.stranger).post(address, data).status_code == 404
    assert not Position.objects.in_pact(people.pact).exists()
    assert client_for(people.coordinator).post(address, data).status_code == 302
    elsewhere = next(iter(people.other_pact.partnerships.all())).pk
    foreign = at("position_state", people.pact, proposal.number, elsewhere)
    assert client_for(people.coordinator).post(foreign, data).status_code == 404


def test_it_would_let_anybody_speak_for_a_partner_without_the_rule(
    people: People, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin with the guard off: the rule of the page is what keeps one partner from speaking for another."""
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    monkeypatch.setattr(Access, "can", lambda *_args: True)
    address = at("position_state", people.pact, proposal.number, people.school.pk)
    client_for(people.other).post(address, {"stance": "agree", "mandate": "none", "text": ""})
    assert Position.objects.in_pact(people.pact).get().stated_by == people.other


def test_it_takes_no_position_after_the_decision(people: People, client_for: Any) -> None:
    make_route(people.pact, ["decides"])
    proposal = make_proposal(people.pact)
    say(proposal, Outcome.REJECTED, people.coordinator)
    address = at("position_state", people.pact, proposal.number, people.school.pk)
    answer = client_for(people.representative).post(address, {"stance": "agree"}, follow=True)
    assert "alleen zolang het in behandeling is" in answer.content.decode()
    assert not Position.objects.in_pact(people.pact).exists()


def test_it_lets_the_coordinator_answer_a_condition(people: People, client_for: Any) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    say(proposal, Outcome.POSITIVE, people.coordinator, conditions=["Vraag de ouders."])
    condition = Condition.objects.in_pact(people.pact).get()
    address = at("condition_answer", people.pact, condition.pk)
    data = {"state": "met", "answer": "De ouderraad is gevraagd."}
    assert client_for(people.other).post(address, data).status_code == 403
    assert client_for(people.stranger).post(address, data).status_code == 404
    client = client_for(people.coordinator)
    assert client.post(address, {"state": "met", "answer": ""}).status_code == 200
    assert client.post(address, {"state": "x", "answer": "y"}).status_code == 200
    assert client.post(address, data).status_code == 302
    condition.refresh_from_db()
    assert (condition.state, condition.answered_by) == ("met", people.coordinator)
    page = client_for(people.reader).get(at("proposal_detail", people.pact, proposal.number)).content.decode()
    assert "De ouderraad is gevraagd." in page


# --- On the page of a measure ----------------------------------------------------------------------------------------


def test_it_offers_to_put_a_measure_on_the_route(people: People, client_for: Any) -> None:
    make_route(people.pact)
    measure = make_measure(people.pact)
    address = at("measure_detail", people.pact, measure.number)
    link = f"{at('proposal_new', people.pact)}?item=measure-{measure.pk}"
    assert link in client_for(people.coordinator).get(address).content.decode()
    assert link not in client_for(people.representative).get(address).content.decode()
    proposal = make_proposal(people.pact, [measure])
    page = client_for(people.coordinator).get(address).content.decode()
    assert link not in page
    assert at("proposal_detail", people.pact, proposal.number) in page


def test_it_keeps_a_draft_from_the_page_of_its_measure(people: People, client_for: Any) -> None:
    measure = make_measure(people.pact)
    proposal = make_proposal(people.pact, [measure], submitted=False)
    address = at("measure_detail", people.pact, measure.number)
    link = at("proposal_detail", people.pact, proposal.number)
    assert link in client_for(people.coordinator).get(address).content.decode()
    assert link not in client_for(people.reader).get(address).content.decode()


def test_it_stands_in_the_menu(people: People, client_for: Any) -> None:
    client: Client = client_for(people.reader)
    assert at("decision_list", people.pact) in client.get(at("measure_list", people.pact)).content.decode()
