"""The register of decisions: the list, one decision, what takes the place of it, and the file."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from partners.models import Pact, User
from plan.chain import chain, codes
from plan.decisions import neighbours
from plan.decisions.carried import next_step
from plan.decisions.deciding import record_outcome, supersede
from plan.decisions.models import Decision, Outcome, Proposal
from plan.measures.models import Measure
from tests.factories import make_allocation, make_measure, make_package, make_proposal, make_route
from tests.people import People

pytestmark = pytest.mark.django_db


def at(name: str, pact: Pact, *args: Any) -> str:
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def say(proposal: Proposal, outcome: str, by: User, **fields: Any) -> Decision:
    """What the next step says, today."""
    step = next_step(proposal)
    assert step is not None
    values = {"decided_on": timezone.localdate(), "reason": "Zo besproken.", **fields}
    return record_outcome(proposal, step=step, outcome=outcome, by=by, **values)


def correct(decision: Decision, by: User, **fields: Any) -> Decision:
    values = {"outcome": decision.outcome, "decided_on": decision.decided_on, "reason": "De reden was onvolledig."}
    return supersede(decision, by=by, **{**values, **fields})


def today() -> str:
    day = timezone.localdate()
    return f"{day.day}-{day.month}-{day.year}"


def shown(page: Any) -> list[str]:
    return [decision.code for decision in page.context["page"].object_list]


def test_it_finds_decisions_by_every_filter(people: People, client_for: Any) -> None:
    steps = make_route(people.pact)
    first = make_proposal(people.pact, title="Brugklas oefenen")
    second = make_proposal(people.pact, title="Taalklas erbij")
    say(first, Outcome.POSITIVE, people.coordinator)
    say(first, Outcome.NEGATIVE, people.coordinator, conditions=["Vraag eerst de ouderraad."])
    say(second, Outcome.SENT_BACK, people.coordinator)
    client, address = client_for(people.reader), at("decision_list", people.pact)
    assert shown(client.get(address)) == ["B3", "B2", "B1"]
    found = {
        ("words", "brugklas"): ["B2", "B1"],
        ("words", "ouderraad"): ["B2"],
        ("words", "b3"): ["B3"],
        ("words", first.code): ["B2", "B1"],
        ("words", "brugklas ouderraad"): ["B2"],
        ("words", "komt niet voor"): [],
        ("outcome", "sent_back"): ["B3"],
        ("kind", "advises"): ["B2"],
        ("body", str(steps[1].body_id)): ["B2"],
        ("year", str(timezone.localdate().year)): ["B3", "B2", "B1"],
    }
    for (name, value), expected in found.items():
        assert shown(client.get(address, {name: value})) == expected, (name, value)
    assert client_for(people.stranger).get(address).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"body": "x"},
        {"body": "9" * 40},
        {"outcome": "ja"},
        {"kind": "\x00"},
        {"year": "1900"},
        {"year": "99999999999"},
        {"words": "x" * 10_000},
        {"words": "B" + "9" * 30},
        {"words": "B²"},
        {"page": "-1"},
    ],
)
def test_it_holds_whatever_the_address_of_the_register_says(people: People, client_for: Any, query: Any) -> None:
    make_route(people.pact)
    say(make_proposal(people.pact), Outcome.POSITIVE, people.coordinator)
    client = client_for(people.reader)
    assert client.get(at("decision_list", people.pact), query).status_code == 200
    assert client.get(at("decision_export", people.pact), query).status_code == 200


def test_it_does_not_find_by_a_body_of_another_pact(people: People, client_for: Any) -> None:
    foreign = make_route(people.other_pact)[0].body
    make_route(people.pact)
    say(make_proposal(people.pact), Outcome.POSITIVE, people.coordinator)
    page = client_for(people.reader).get(at("decision_list", people.pact), {"body": foreign.pk})
    assert "Een van de filters kennen wij niet" in page.content.decode()
    assert foreign.name not in page.content.decode()


def test_it_strikes_a_superseded_decision_and_names_its_successor(people: People, client_for: Any) -> None:
    make_route(people.pact)
    decision = say(make_proposal(people.pact), Outcome.POSITIVE, people.coordinator)
    later = correct(decision, people.coordinator)
    client = client_for(people.reader)
    listed = client.get(at("decision_list", people.pact)).content.decode()
    assert f"<s>{decision.code} " in listed
    assert f"<s>{later.code} " not in listed
    page = client.get(at("decision_detail", people.pact, decision.number)).content.decode()
    assert "Dit besluit geldt niet meer" in page
    assert at("decision_detail", people.pact, later.number) in page
    successor = client.get(at("decision_detail", people.pact, later.number)).content.decode()
    assert "In de plaats van" in successor
    assert at("decision_detail", people.pact, decision.number) in successor


def test_it_shows_what_was_decided_about_as_it_stood(people: People, client_for: Any) -> None:
    make_route(people.pact)
    measure = make_measure(people.pact, title="Zoals het toen stond")
    decision = say(make_proposal(people.pact, [measure]), Outcome.POSITIVE, people.coordinator)
    Measure.objects.in_pact(people.pact).filter(pk=measure.pk).update(title="Zoals het nu staat")
    page = client_for(people.reader).get(at("decision_detail", people.pact, decision.number))
    assert [row["title"] for row in page.context["content"]] == ["Zoals het toen stond"]
    assert at("measure_detail", people.pact, measure.number) in page.content.decode()


def test_it_asks_the_database_as_much_for_many_rows_as_for_one(people: People, client_for: Any) -> None:
    make_route(people.pact)
    one = say(make_proposal(people.pact), Outcome.POSITIVE, people.coordinator, conditions=["Een."])
    many = say(
        make_proposal(people.pact, [make_measure(people.pact) for _at in range(5)]),
        Outcome.POSITIVE,
        people.coordinator,
        conditions=["Een.", "Twee.", "Drie."],
    )
    client = client_for(people.coordinator)
    for name, numbers in {"decision_detail": (one.number, many.number), "proposal_detail": (1, 2)}.items():
        asked = []
        for number in (numbers[0], *numbers):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(at(name, people.pact, number)).status_code == 200
            asked.append(len(queries))
        assert asked[1] == asked[2], name


# --- In the place of an earlier one ----------------------------------------------------------------------------------


def test_it_says_what_superseding_does_before_it_is_done(people: People, client_for: Any) -> None:
    make_route(people.pact, ["decides"])
    measure = make_measure(people.pact)
    package = make_package(people.pact, {2027: 10_000})
    allocation = make_allocation(package.years.get(), 2500, measure=measure)
    decision = say(make_proposal(people.pact, [measure, allocation]), Outcome.ADOPTED, people.coordinator)
    client, address = client_for(people.coordinator), at("decision_supersede", people.pact, decision.number)
    data = {"outcome": "rejected", "decided_on": today(), "reason": "Het geld is er toch niet."}
    review = client.post(address, data).content.decode().replace("\xa0", " ")
    assert "wordt teruggedraaid" in review
    # The money once, and its sum.
    assert (review.count("weer vrij"), review.count("niet meer vastgelegd")) == (2, 0)
    assert "Samen komt € 2.500" in review
    assert "Daarmee is het voorstel afgehandeld" in review
    deferral = client.post(address, {**data, "outcome": "deferred"}).content.decode().replace("\xa0", " ")
    assert "wordt aangehouden." in deferral
    assert "niet meer vastgelegd, en blijft gevraagd" in deferral
    assert "weer vrij" not in deferral
    measure.refresh_from_db()
    assert measure.state == Measure.State.APPROVED
    answer = client.post(address, {**data, "confirmed": "1"})
    later = Decision.objects.in_pact(people.pact).standing().get()
    assert answer["Location"] == at("decision_detail", people.pact, later.number)
    measure.refresh_from_db()
    allocation.refresh_from_db()
    assert (measure.state, allocation.state) == ("rejected", "rejected")


def test_it_begins_with_the_conditions_that_stand_and_keeps_what_is_written(people: People, client_for: Any) -> None:
    make_route(people.pact, ["decides"])
    conditions = ["Betrek de ouders.", "Meet het."]
    decision = say(make_proposal(people.pact), Outcome.ADOPTED, people.coordinator, conditions=conditions)
    client, address = client_for(people.coordinator), at("decision_supersede", people.pact, decision.number)
    assert "Betrek de ouders.\nMeet het.</textarea>" in client.get(address).content.decode()
    data = {"outcome": "adopted", "decided_on": today(), "reason": "Zo.", "conditions": "Meet het.\r\nBel eerst."}
    review = client.post(address, data).content.decode()
    assert "de reden en de voorwaarden veranderen" in review
    assert "Bel eerst." in review
    client.post(address, {**data, "confirmed": "1"})
    later = Decision.objects.in_pact(people.pact).standing().get()
    assert [one.text for one in later.conditions.order_by("pk")] == ["Meet het.", "Bel eerst."]
    condition = decision.conditions.first()
    answer = at("condition_answer", people.pact, condition.pk)
    assert answer not in client.get(at("decision_detail", people.pact, decision.number)).content.decode()
    page = client.post(answer, {"state": "met", "answer": "Dat is gedaan."})
    assert f"Besluit {later.code} kwam in de plaats" in page.content.decode()
    assert "Dat is gedaan." in page.content.decode()


def test_it_leads_to_the_successor_when_posted_twice(people: People, client_for: Any) -> None:
    make_route(people.pact)
    decision = say(make_proposal(people.pact), Outcome.POSITIVE, people.coordinator)
    client, address = client_for(people.coordinator), at("decision_supersede", people.pact, decision.number)
    data = {"outcome": "positive", "decided_on": today(), "reason": "Met de hele reden.", "confirmed": "1"}
    client.post(address, data)
    later = Decision.objects.in_pact(people.pact).standing().get()
    again = client.post(address, data, follow=True)
    assert again.redirect_chain[-1][0] == at("decision_detail", people.pact, later.number)
    assert Decision.objects.in_pact(people.pact).count() == 2
    read = client.get(address, follow=True)
    assert f"al vervangen door {later.code}" in read.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "adopted"},
        {"outcome": "x"},
        {"decided_on": "1-1-2999"},
        {"decided_on": "morgen"},
        {"reason": ""},
        {"reason": "x" * 2001},
        {"reason": "Zo\x07"},
    ],
)
def test_it_refuses_a_successor_that_cannot_be_in_words(people: People, client_for: Any, fields: Any) -> None:
    make_route(people.pact)
    decision = say(make_proposal(people.pact), Outcome.POSITIVE, people.coordinator)
    data = {"outcome": "negative", "decided_on": today(), "reason": "Toch niet.", "confirmed": "1", **fields}
    answer = client_for(people.coordinator).post(at("decision_supersede", people.pact, decision.number), data)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert Decision.objects.in_pact(people.pact).count() == 1


def test_it_lets_only_a_coordinator_of_the_pact_supersede(people: People, client_for: Any) -> None:
    make_route(people.pact)
    decision = say(make_proposal(people.pact), Outcome.POSITIVE, people.coordinator)
    address = at("decision_supersede", people.pact, decision.number)
    data = {"outcome": "negative", "decided_on": today(), "reason": "Toch niet.", "confirmed": "1"}
    assert client_for(people.other).post(address, data).status_code == 403
    assert client_for(people.stranger).post(address, data).status_code == 404
    assert (
        address
        not in client_for(people.other).get(at("decision_detail", people.pact, decision.number)).content.decode()
    )
    assert Decision.objects.in_pact(people.pact).count() == 1


# --- The file --------------------------------------------------------------------------------------------------------


def test_it_exports_what_the_filters_leave(people: People, client_for: Any) -> None:
    make_route(people.pact)
    first, second = make_proposal(people.pact, title="=1+1"), make_proposal(people.pact)
    decision = say(first, Outcome.POSITIVE, people.coordinator, conditions=["Vraag de ouders."])
    later = correct(decision, people.coordinator)
    say(second, Outcome.NEGATIVE, people.coordinator)
    client, address = client_for(people.reader), at("decision_export", people.pact)
    made = client.get(address, {"format": "csv", "outcome": "positive"})
    rows = list(csv.DictReader(io.StringIO(made.content.decode("utf-8-sig")), delimiter=";"))
    assert [row["nummer"] for row in rows] == [later.code, decision.code]
    assert rows[0]["in de plaats van"] == decision.code
    assert rows[1]["vervangen door"] == later.code
    assert rows[0]["voorwaarden"] == "Vraag de ouders. (staat open)"
    assert rows[0]["wat is gevraagd"] != "=1+1"
    sheet = load_workbook(io.BytesIO(client.get(address, {"format": "xlsx"}).content)).active
    assert sheet is not None
    values = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in values[1:]] == ["B3", later.code, decision.code]
    assert values[2][3] == "=1+1"
    assert sheet["D3"].data_type == "s"


def test_it_exports_the_same_number_of_questions_for_many_rows(people: People, client_for: Any) -> None:
    make_route(people.pact)
    client, address = client_for(people.reader), at("decision_export", people.pact)
    asked = []
    for more in (1, 5):
        for _at in range(more):
            say(make_proposal(people.pact), Outcome.POSITIVE, people.coordinator, conditions=["Een."])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked.append(len(queries))
    assert asked[0] == asked[1]


# --- The chain -------------------------------------------------------------------------------------------------------


def titles(groups: list[Any]) -> list[str]:
    return [link.code or link.title for group in groups for link in group.links]


def test_it_stands_on_the_chain_in_both_directions(people: People) -> None:
    neighbours.register()
    make_route(people.pact, ["decides"])
    measure = make_measure(people.pact)
    allocation = make_allocation(make_package(people.pact, {2027: 10_000}).years.get(), 2500, measure=measure)
    proposal = make_proposal(people.pact, [measure, allocation])
    decision = say(proposal, Outcome.ADOPTED, people.coordinator)
    for row in (measure, allocation):
        assert {proposal.code, decision.code} <= set(titles(chain.of(row).after))
    assert measure.code in titles(chain.of(proposal).before)
    assert decision.code in titles(chain.of(proposal).after)
    assert {proposal.code, measure.code} <= set(titles(chain.of(decision).before))
    assert codes.page_of(people.pact.slug, decision.code) == at("decision_detail", people.pact, decision.number)
    assert codes.page_of(people.pact.slug, proposal.code) == at("proposal_detail", people.pact, proposal.number)


def test_it_keeps_drafts_off_the_chain(people: People) -> None:
    measure = make_measure(people.pact)
    proposal = make_proposal(people.pact, [measure], submitted=False)
    assert proposal.code not in titles(chain.of(measure).after)
