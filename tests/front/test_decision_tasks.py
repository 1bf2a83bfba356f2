"""What waits on the way to a decision, on the start page: for whoever it waits, and nobody else."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from partners.models import User
from plan.decisions import conditions, deciding, positions
from plan.decisions.carried import next_step
from plan.models import Proposal
from tests.factories import make_measure, make_proposal, make_route
from tests.people import People

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


def _page(client: Client, people: People) -> str:
    return client.get(f"/{people.pact.slug}/").content.decode()


def _say(proposal: Proposal, outcome: str, people: People, **fields: object) -> None:
    step = next_step(proposal)
    assert step is not None
    deciding.record_outcome(
        proposal,
        step=step,
        outcome=outcome,
        decided_on=timezone.localdate(),
        reason="Zo gezegd.",
        by=people.coordinator,
        **fields,
    )
    proposal.refresh_from_db()


def test_it_asks_a_partner_for_its_position_until_it_stated_one(people: People, client_for: ClientFor) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    asked = f"Geef een standpunt over {proposal.code} namens {people.school}"
    client = client_for(people.representative)
    assert asked in _page(client, people)
    assert asked not in _page(client_for(people.reader), people)
    assert asked not in _page(client_for(people.other), people)
    positions.state_position(
        proposal, partnership=people.school, stance="agree", mandate="board", text="", by=people.representative
    )
    assert asked not in _page(client, people)


def test_it_asks_the_coordinator_to_put_measures_on_the_route(people: People, client_for: ClientFor) -> None:
    make_route(people.pact)
    measure = make_measure(people.pact)
    client = client_for(people.coordinator)
    page = _page(client, people)
    assert "Breng 1 voorgestelde maatregel in een voorstel" in page
    assert f"item=measure-{measure.pk}" in page
    assert "Breng 1 voorgestelde" not in _page(client_for(people.representative), people)
    make_proposal(people.pact, [measure], submitted=False)
    assert "Breng 1 voorgestelde" not in _page(client, people)


def test_it_asks_for_the_outcome_of_the_step_that_is_next(people: People, client_for: ClientFor) -> None:
    steps = make_route(people.pact)
    proposal = make_proposal(people.pact)
    client = client_for(people.coordinator)
    for step, outcome in zip(steps, ("positive", "negative", "deferred"), strict=True):
        assert f"Leg vast wat {step.body} zegt over {proposal.code}" in _page(client, people)
        _say(proposal, outcome, people)
    assert f"Leg vast wat {steps[-1].body} zegt over {proposal.code}" in _page(client, people)
    _say(proposal, "adopted", people)
    page = _page(client, people)
    assert "Leg vast wat" not in page
    assert "Geef een standpunt" not in page


def test_it_asks_for_a_proposal_that_was_sent_back(people: People, client_for: ClientFor) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    _say(proposal, "sent_back", people)
    page = _page(client_for(people.coordinator), people)
    assert f"Pas voorstel {proposal.code} aan en breng het opnieuw in" in page
    assert "Leg vast wat" not in page


def test_it_asks_to_follow_up_what_was_promised(people: People, client_for: ClientFor) -> None:
    make_route(people.pact, ["decides"])
    proposal = make_proposal(people.pact)
    _say(proposal, "adopted", people, conditions=["Vraag het ook aan jongeren."])
    client = client_for(people.coordinator)
    assert "Volg 1 voorwaarde bij een vastgesteld voorstel op" in _page(client, people)
    condition = proposal.conditions.get()
    conditions.answer(condition, state="met", answer=f"Gevraagd op {date(2026, 6, 1)}.", by=people.coordinator)
    assert "Volg 1 voorwaarde" not in _page(client, people)


@pytest.mark.parametrize("conditions_after", [["Vraag het ook aan jongeren."], ["Bel eerst."]])
def test_it_asks_once_to_follow_up_what_was_corrected(
    people: People, client_for: ClientFor, conditions_after: list[str]
) -> None:
    make_route(people.pact, ["decides"])
    proposal = make_proposal(people.pact)
    _say(proposal, "adopted", people, conditions=["Vraag het ook aan jongeren."])
    deciding.supersede(
        proposal.decisions.get(),
        outcome="adopted",
        decided_on=timezone.localdate(),
        reason="Beter gezegd.",
        conditions=conditions_after,
        by=people.coordinator,
    )
    page = _page(client_for(people.coordinator), people)
    assert "Volg 1 voorwaarde bij een vastgesteld voorstel op" in page
    assert conditions_after[0] in page
