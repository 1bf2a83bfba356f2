"""What the decisions add to the plan document."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext, override

from pact_portal.foundation.documents.blocks import Heading, Table
from partners.models import User
from plan.decisions.carried import next_step
from plan.decisions.chapter import decision_blocks
from plan.decisions.counting import in_words
from plan.decisions.deciding import record_outcome, supersede
from plan.decisions.models import Decision, Outcome, Proposal
from plan.decisions.positions import state_position
from plan.decisions.writing import submit
from plan.document import chapters
from plan.document.models import Component
from plan.funding import reallocating
from tests.factories import make_allocation, make_measure, make_package, make_proposal, make_route
from tests.people import People

pytestmark = pytest.mark.django_db


def say(proposal: Proposal, outcome: str, by: User, **fields: Any) -> Decision:
    step = next_step(proposal)
    assert step is not None
    values = {"decided_on": timezone.localdate(), "reason": "Zo besproken."}
    return record_outcome(proposal, step=step, outcome=outcome, by=by, **{**values, **fields})


def table(blocks: list[Any], caption: str) -> list[list[str]]:
    found = next(block for block in blocks if isinstance(block, Table) and block.caption == caption)
    return [[cell.text for cell in row.cells] for row in found.rows]


LIST = "De besluiten en adviezen die gelden"
UNDER_WAY = "Waar elk voorstel is, en hoe de partners erin staan"
OPEN = "Voorwaarden die nog openstaan"


def test_it_says_that_nothing_was_decided_yet(people: People) -> None:
    blocks = decision_blocks(people.pact)
    assert [block.text for block in blocks if isinstance(block, Heading)] == ["Besluitenlijst"]
    assert table(blocks, LIST) == []


def test_it_lists_the_route_and_the_decisions_that_stand(people: People) -> None:
    steps = make_route(people.pact)
    make_route(people.other_pact)
    proposal = make_proposal(people.pact)
    decision = say(proposal, Outcome.POSITIVE, people.coordinator)
    say(make_proposal(people.other_pact), Outcome.NEGATIVE, people.stranger)
    later = supersede(
        decision,
        outcome=Outcome.POSITIVE,
        decided_on=decision.decided_on,
        reason="Met de hele reden.",
        by=people.coordinator,
    )
    blocks = decision_blocks(people.pact)
    route = table(blocks, "De overleggen waarlangs een voorstel gaat")
    assert [row[2] for row in route] == [step.body.name for step in steps]
    assert [(row[0], row[3], row[5]) for row in table(blocks, LIST)] == [(later.code, "positief", "Met de hele reden.")]


def test_it_names_rows_by_code_and_money_by_its_sum(people: People) -> None:
    make_route(people.pact, ["decides"])
    years = [make_package(people.pact).years.get() for _at in range(2)]
    measures = [make_measure(people.pact) for _at in range(2)]
    money = [
        make_allocation(years[0], 1_000, measure=measures[0]),
        make_allocation(years[0], Decimal("2000.50"), measure=measures[1]),
        make_allocation(years[1], Decimal("629.50"), measure=measures[0]),
    ]
    proposal = make_proposal(people.pact, [*measures, *money])
    decision = say(proposal, Outcome.ADOPTED, people.coordinator)
    [row] = table(decision_blocks(people.pact), LIST)
    codes = ", ".join(measure.code for measure in measures)
    assert row[1] == f"{proposal} ({codes}, €\xa03.630)"
    assert row[4] == f"{decision.decided_on.day}-{decision.decided_on.month}-{decision.decided_on.year}"
    with override("en"):
        [row] = table(decision_blocks(people.pact), gettext(LIST))
        assert row[1] == f"{proposal} ({codes}, €\xa03,630)"
    moved = reallocating.propose(
        money[0], amount=Decimal(400), measure=measures[1], reason="Daar is meer nodig.", by=people.coordinator
    )
    other = make_proposal(people.pact, [moved])
    say(other, Outcome.ADOPTED, people.coordinator)
    assert table(decision_blocks(people.pact), LIST)[1][1] == f"{other} (herverdeling van €\xa0400)"


def test_it_gives_a_day_the_room_it_needs(people: People) -> None:
    """In the PDF a day of ten signs stands within its column."""
    make_route(people.pact)
    say(make_proposal(people.pact), Outcome.POSITIVE, people.coordinator)
    tables = [block for block in decision_blocks(people.pact) if isinstance(block, Table)]
    dates = [
        (column.weight, max(len(row.cells[place].text) for row in block.rows))
        for block in tables
        for place, column in enumerate(block.columns)
        if column.kind == "date"
    ]
    assert len(dates) == 2
    assert all(weight >= 4 and length <= len("14-10-2026") for weight, length in dates)


def test_it_counts_positions_and_names_conditions_that_are_open(people: People) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    state_position(
        proposal,
        partnership=people.school,
        stance="agree_if",
        mandate="board",
        text="Als er vervanging is.",
        by=people.representative,
    )
    state_position(proposal, partnership=people.childcare, stance="agree", mandate="none", text="", by=people.other)
    say(proposal, Outcome.POSITIVE, people.coordinator, conditions=["Vraag de ouders."])
    blocks = decision_blocks(people.pact)
    [row] = table(blocks, UNDER_WAY)
    assert row[0] == proposal.code
    assert row[4] == "1 akkoord, 1 akkoord onder voorwaarde; 1 partner zei nog niets"
    assert [line[2] for line in table(blocks, OPEN)] == ["Als er vervanging is.", "Vraag de ouders."]


def test_it_leaves_out_what_an_earlier_round_said(people: People) -> None:
    make_route(people.pact)
    proposal = make_proposal(people.pact)
    state_position(
        proposal, partnership=people.school, stance="agree_if", mandate="none", text="Als.", by=people.representative
    )
    say(proposal, Outcome.SENT_BACK, people.coordinator)
    submit(proposal, by=people.coordinator)
    blocks = decision_blocks(people.pact)
    assert table(blocks, UNDER_WAY)[0][4] == "3 partners zeiden nog niets"
    assert not [block for block in blocks if isinstance(block, Table) and block.caption == OPEN]


def test_it_asks_the_database_as_much_for_many_rows_as_for_one(people: People) -> None:
    make_route(people.pact)
    asked = []
    for more in (1, 5):
        for _at in range(more):
            proposal = make_proposal(people.pact)
            say(proposal, Outcome.POSITIVE, people.coordinator, conditions=["Een."])
            state_position(
                proposal,
                partnership=people.school,
                stance="agree_if",
                mandate="none",
                text="Als.",
                by=people.representative,
            )
        with CaptureQueriesContext(connection) as queries:
            decision_blocks(people.pact)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_it_is_handed_in_for_its_chapter(people: People) -> None:
    blocks = chapters.handed_in(Component.DECISIONS, people.pact)
    assert isinstance(blocks[0], Heading)
    assert blocks[0].text == "Besluitenlijst"


@pytest.mark.parametrize(
    ("stances", "silent", "words"),
    [
        ([], 0, "niemand"),
        ([], 1, "1 partner zei nog niets"),
        (["agree", "agree", "object"], 0, "2 akkoord, 1 bezwaar"),
        (["no_mandate"], 3, "1 nog geen mandaat; 3 partners zeiden nog niets"),
    ],
)
def test_it_counts_in_words(stances: list[str], silent: int, words: str) -> None:
    assert in_words(stances, silent=silent) == words
