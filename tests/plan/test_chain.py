"""The chain: what registers is found on the right side, in order; codes lead to pages."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from partners.models import User
from plan.chain import chain, codes
from plan.chain.chain import Group, Link, Place, Side
from plan.models import Indicator, Programme, SupportQuestion
from plan.questions.merging import merge
from tests.factories import make_fit, make_measure, make_partner, make_programme, make_question
from tests.people import People

ClientFor = Callable[[User], Client]


@dataclass
class Row:
    """A kind of row that only these tests know."""

    links: list[Link]


@pytest.fixture
def finders(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry without anything."""
    monkeypatch.setattr(chain, "_finders", {})


def some(row: Row) -> list[Link]:
    return row.links


def none(row: Row) -> list[Link]:
    return []


LINK = Link("V1", "Een vraag", "/hier/questions/1/")


@pytest.mark.usefixtures("finders")
def test_it_gives_groups_by_side_and_position() -> None:
    chain.register(Row, Side.AFTER, "later", 20, some)
    chain.register(Row, Side.AFTER, "eerder", 10, lambda row: row.links)
    chain.register(Row, Side.BEFORE, "ervoor", 10, some)
    place = chain.of(Row([LINK]))
    assert [group.heading for group in place.after] == ["eerder", "later"]
    assert place.before == [Group("ervoor", [LINK])]


@pytest.mark.usefixtures("finders")
def test_it_registers_the_same_finder_once_per_model_and_side() -> None:
    for heading in ("eerst", "daarna"):
        chain.register(Row, Side.AFTER, heading, 10, some)
    chain.register(Row, Side.BEFORE, "ervoor", 10, some)
    place = chain.of(Row([LINK]))
    assert [group.heading for group in place.before + place.after] == ["ervoor", "daarna"]


@pytest.mark.usefixtures("finders")
def test_it_leaves_out_what_is_empty_unless_that_is_a_loose_end() -> None:
    chain.register(Row, Side.AFTER, "stil", 10, none)
    assert chain.of(Row([])) == Place()
    chain.register(Row, Side.AFTER, "los eind", 20, some, missing="Er is nog niets.")
    assert chain.of(Row([])).after == [Group("los eind", [], "Er is nog niets.")]


def test_it_knows_nothing_of_rows_that_nobody_handed_in() -> None:
    assert chain.of(Row([LINK])) == Place()


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("V3", "/hier/questions/3/"),
        ("A12", "/hier/programmes/12/"),
        ("M1", "/hier/measures/1/"),
        ("Q1", ""),
        ("v3", ""),
        ("V0", ""),
        ("V03", ""),
        ("V", ""),
        ("3", ""),
        ("", ""),
        ("V3 ", ""),
        ("V3\n", ""),
        ("V٣", ""),
        ("V" + "9" * 40, ""),
        ("V-1", ""),
    ],
)
def test_it_leads_from_a_code_to_a_page(code: str, address: str) -> None:
    assert codes.page_of("hier", code) == address


@given(st.text())
def test_it_takes_any_text_for_a_code(code: str) -> None:
    assert isinstance(codes.page_of("hier", code), str)


def titles(groups: list[Group]) -> dict[str, list[str]]:
    return {group.heading: [link.title for link in group.links] for group in groups}


def test_it_walks_the_chain_in_both_directions(people: People) -> None:
    pact = people.pact
    question, programme = make_question(pact, title="Wie helpt?"), make_programme(pact, name="Coach")
    make_fit(question, programme)
    measure = make_measure(pact, title="De coach blijft", questions=[question], programmes=[programme])
    indicator = Indicator.unscoped.create(measure=measure, name="Overstap", unit="procent", direction="up", target=60)
    assert titles(chain.of(question).after) == {"Bestaand aanbod": ["Coach"], "Maatregelen": ["De coach blijft"]}
    assert titles(chain.of(programme).before) == {"De vragen": ["Wie helpt?"]}
    assert titles(chain.of(programme).after) == {"Maatregelen die hierop voortbouwen": ["De coach blijft"]}
    place = chain.of(measure)
    assert titles(place.before)["De vragen"] == ["Wie helpt?"]
    assert titles(place.before)["Het aanbod waarop wij voortbouwen"] == ["Coach"]
    shown = next(link for group in place.after for link in group.links if link.title == "Overstap")
    assert shown.url == f"/hier/measures/{measure.number}/#indicator-{indicator.pk}"


def test_it_shows_loose_ends_on_the_page(people: People, client_for: ClientFor) -> None:
    question = make_question(people.pact)
    page = client_for(people.reader).get(f"/hier/questions/{question.number}/").content.decode()
    assert "Er is nog geen maatregel die deze vraag beantwoordt." in page


def test_it_counts_what_answers_a_merged_question_for_its_root(people: People) -> None:
    asked, root = make_question(people.pact), make_question(people.pact)
    make_measure(people.pact, title="De coach blijft", questions=[asked, root])
    merge(asked, into=root, by=people.coordinator)
    assert titles(chain.of(root).after)["Maatregelen"] == ["De coach blijft"]


def count(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_it_asks_as_much_for_many_neighbours_as_for_one(people: People, client_for: ClientFor) -> None:
    pact = people.pact
    question, programme = make_question(pact), make_programme(pact)

    def add(row: SupportQuestion | Programme) -> None:
        make_fit(make_question(pact, partnership=make_partner(pact)), programme)
        make_fit(question, make_programme(pact, provider=make_partner(pact)))
        make_measure(pact, questions=[question], programmes=[programme], lead=make_partner(pact))

    client = client_for(people.reader)
    for row, address in ((question, "questions"), (programme, "programmes")):
        place = f"/hier/{address}/{row.number}/"
        add(row)
        before = count(client, place)
        for _ in range(8):
            add(row)
        assert count(client, place) == before
