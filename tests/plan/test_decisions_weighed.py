"""Existing before new when a new measure is decided about: said to who decides, and no refusal."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from plan.decisions.carried import carried_by, next_step
from plan.decisions.models import Decision, Proposal
from plan.decisions.weighed import refused_today
from plan.models import Measure, SupportQuestion
from tests.factories import make_fit, make_measure, make_programme, make_proposal, make_question, make_route
from tests.people import People

pytestmark = pytest.mark.django_db

WARNING = "Bestaand gaat voor nieuw."


@pytest.fixture
def question(people: People) -> SupportQuestion:
    return make_question(people.pact)


def make_new(people: People, *questions: SupportQuestion) -> Measure:
    return make_measure(
        people.pact, kind=Measure.Kind.START, reason_not_broaden="Er is niets.", questions=list(questions)
    )


def judge(people: People, question: SupportQuestion, level: str) -> None:
    make_fit(question, make_programme(people.pact), level=level)


def names(people: People, proposal: Proposal) -> list[str]:
    return [one.name for one in refused_today(people.pact, carried_by(proposal))]


def test_it_names_what_could_not_be_proposed_today(people: People, question: SupportQuestion) -> None:
    make_route(people.pact)
    new, judged = make_new(people, question), make_question(people.pact)
    other = make_new(people, judged)
    judge(people, judged, "partly")
    proposal = make_proposal(people.pact, [new, other, make_measure(people.pact, questions=[question])])
    [one] = refused_today(people.pact, carried_by(proposal))
    assert one.name == str(new)
    assert len(one.sentences) == 1
    assert str(question) in one.sentences[0]
    # What changes between the proposal and the decision counts, both ways.
    judge(people, question, "partly")
    assert names(people, proposal) == []
    judge(people, judged, "sufficient")
    assert names(people, proposal) == [str(other)]
    Measure.objects.in_pact(people.pact).filter(pk=other.pk).update(state="approved", outcome_on=timezone.localdate())
    assert names(people, proposal) == []


def test_it_is_told_to_who_decides_and_stops_nobody(people: People, client_for: Any, question: SupportQuestion) -> None:
    make_route(people.pact, ["decides"])
    measure = make_new(people, question)
    proposal = make_proposal(people.pact, [measure])
    client, address = client_for(people.coordinator), reverse("plan:proposal_decide", args=["hier", proposal.number])
    assert WARNING in client.get(address).content.decode()
    step = next_step(proposal)
    assert step is not None
    today = f"{timezone.localdate():%d-%m-%Y}"
    data = {"outcome": "adopted", "decided_on": today, "reason": "Toch doen.", "step": step.pk}
    assert WARNING in client.post(address, data).content.decode()
    assert WARNING not in client.post(address, {**data, "outcome": "rejected"}).content.decode()
    client.post(address, {**data, "confirmed": "1"})
    assert Decision.objects.in_pact(people.pact).get().outcome == "adopted"
    measure.refresh_from_db()
    assert measure.state == "approved"


def test_it_says_nothing_when_the_rule_lets_it_pass(people: People, client_for: Any, question: SupportQuestion) -> None:
    make_route(people.pact)
    judge(people, question, "partly")
    proposal = make_proposal(people.pact, [make_new(people, question)])
    address = reverse("plan:proposal_decide", args=["hier", proposal.number])
    assert WARNING not in client_for(people.coordinator).get(address).content.decode()


def test_it_asks_as_much_for_many_measures_as_for_one(people: People) -> None:
    make_route(people.pact)
    asked = []
    for many in (1, 6):
        rows = [make_new(people, make_question(people.pact), make_question(people.pact)) for _at in range(many)]
        carried = carried_by(make_proposal(people.pact, rows))
        with CaptureQueriesContext(connection) as queries:
            assert len(refused_today(people.pact, carried)) == many
        asked.append(len(queries))
    assert asked[0] == asked[1]
