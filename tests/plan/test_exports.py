"""Taking registers out: what the reader sees, with the filters of the list, and so that it can be brought in again."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from pact_portal.foundation.spreadsheets.reading import opened
from partners.models import User
from plan.models import Endorsement
from tests.factories import make_programme, make_question
from tests.people import People
from tests.plan.import_samples import HEADINGS, bring, take_over

ClientFor = Callable[[User], Client]


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def rows_of(content: bytes, sheet: str = "") -> list[dict[str, Any]]:
    with opened(content, sheet=sheet) as found:
        names = [str(name) for name in found.header.cells]
        return [dict(zip(names, [*row.cells, *[None] * 40], strict=False)) for row in found.rows]


def fetched(client: Client, address: str) -> list[dict[str, Any]]:
    response = client.get(address)
    assert response.status_code == 200
    return rows_of(response.content)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_it_exports_a_question(people: People, client_for: ClientFor, form: str) -> None:
    question = make_question(
        people.pact,
        partnership=people.school,
        title="=Hoe helpen wij hen?",
        description="<p>Een <strong>bezoek</strong>.</p><p>En meer.</p>",
        municipalities=[people.municipality],
        areas=list(people.pact.areas.all()),
        young_people=40,
    )
    Endorsement.unscoped.create(question=question, partnership=people.childcare, endorsed_by=people.other)
    response = client_for(people.reader).get(f"/hier/questions/export/?format={form}")
    assert response["Content-Disposition"].startswith('attachment; filename="hier-vragen-20')
    (row,) = rows_of(response.content)
    assert row["nummer"] == "V1"
    assert (row["namens"], row["vraag in één zin"]) == ("Schoolbestuur Hier", "=Hoe helpen wij hen?")
    assert row["toelichting"] == "Een bezoek.\n\nEn meer."
    assert row["gebieden"] == "Soepele overgangen; Onderwijs en jeugdhulp"
    assert (row["gemeenten"], row["wat moet sterker worden"]) == ("Gemeente Hier", "in de omgeving")
    assert (str(row["aantal jongeren"]), row["urgentie"], row["bron"]) == ("40", "binnen een jaar", "eigen signaal")
    assert (row["status"], str(row["aantal partners achter de vraag"])) == ("aangenomen", "2")
    assert row["ingediend op"] == (date(2026, 1, 2) if form == "xlsx" else "2-1-2026")


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_it_brings_its_own_export_in_without_a_change(people: People, client_for: ClientFor, form: str) -> None:
    make_question(
        people.pact,
        partnership=people.school,
        title="'=Hoe & wat; dan?",
        description="<h3>Kop</h3><ul><li>a</li></ul><p>b<br>c &lt; d</p>",
        transition="primary_secondary",
        municipalities=[people.municipality],
    )
    make_question(people.pact, partnership=people.school, state="submitted", young_people=3, urgency=1)
    content = client_for(people.representative).get(f"/hier/questions/export/?format={form}").content
    row = bring(people.pact, people.representative, content)
    assert (row.state, row.counts["unchanged"]) == ("ready", 2), row.faults or row.counts
    make_programme(
        people.pact,
        provider=people.school,
        curatie=True,
        yearly_cost=Decimal("1234567.50"),
        starts_on=date(2026, 9, 1),
        nji_level="good",
        link="https://www.voorbeeld.example/",
        reach_per_year=1200,
        funding_source="-",
    )
    content = client_for(people.representative).get(f"/hier/programmes/export/?format={form}").content
    row = bring(people.pact, people.representative, content, kind="programmes")
    assert (row.state, row.counts["unchanged"]) == ("ready", 1), row.faults or row.counts
    assert take_over(row, people.representative).state == "applied"


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_it_brings_in_a_list_with_rows_of_others_and_drafts(people: People, client_for: ClientFor, form: str) -> None:
    draft = make_question(people.pact, partnership=people.school, state="draft", protective_level="")
    draft.areas.clear()
    for partnership in (people.school, people.childcare):
        make_question(people.pact, partnership=partnership, state="submitted")
        make_question(people.pact, partnership=partnership, state="withdrawn")
    make_programme(people.pact, provider=people.childcare, starts_on=date(1985, 1, 1), ends_on=date(2100, 1, 2))
    make_programme(people.pact, provider=people.school, starts_on=date(26, 9, 1), ends_on=date(1900, 2, 28))
    client = client_for(people.representative)
    for register, rows in (("questions", 4), ("programmes", 2)):
        content = client.get(f"/hier/{register}/export/?format={form}").content
        row = bring(people.pact, people.representative, content, kind=register)
        assert (row.state, row.counts.get("unchanged")) == ("ready", rows), row.faults or row.counts


def test_it_exports_what_the_filters_of_the_list_leave(people: People, client_for: ClientFor) -> None:
    make_question(people.pact, title="De eerste?", partnership=people.school)
    make_question(people.pact, title="De tweede?", state="submitted")
    make_question(people.pact, title="De derde?", state="submitted", urgency=3)
    client = client_for(people.reader)
    found = fetched(client, "/hier/questions/export/?state=submitted&sort=oldest")
    assert [row["vraag in één zin"] for row in found] == ["De tweede?", "De derde?"]
    assert [row["nummer"] for row in fetched(client, "/hier/questions/export/?words=V1")] == ["V1"]
    assert len(fetched(client, "/hier/questions/export/?state=bestaat-niet&format=pdf")) == 3
    make_programme(people.pact, name="Samen sterk", amplitie=True)
    make_programme(people.pact, name="Eerder erbij")
    assert [row["naam"] for row in fetched(client, "/hier/programmes/export/?layer=amplitie")] == ["Samen sterk"]


def test_it_exports_nothing_that_the_reader_does_not_see(people: People, client_for: ClientFor) -> None:
    make_question(people.pact, partnership=people.school, state="draft", title="Nog niet klaar?")
    make_question(people.other_pact, title="Van elders?")
    assert fetched(client_for(people.other), "/hier/questions/export/") == []
    # Nor a draft of one's own: it may lack what a row that is brought in must have.
    assert fetched(client_for(people.representative), "/hier/questions/export/") == []
    assert client_for(people.stranger).get("/hier/questions/export/").status_code == 404
    assert client_for(people.stranger).get("/hier/programmes/export/").status_code == 404


def test_it_reads_the_same_in_every_language(people: People, client_for: ClientFor) -> None:
    make_question(people.pact)
    with translation.override("en"):
        client = client_for(people.reader)
        client.cookies["django_language"] = "en"
        (row,) = fetched(client, "/hier/questions/export/")
    assert (row["status"], row["urgentie"]) == ("aangenomen", "binnen een jaar")


@pytest.mark.parametrize("register", ["questions", "programmes"])
def test_it_asks_as_many_questions_for_fifty_rows_as_for_one(
    people: People, client_for: ClientFor, register: str
) -> None:
    make = make_question if register == "questions" else make_programme
    client, counted = client_for(people.reader), []
    # The first request of a session does more.
    client.get("/hier/")
    client.get(f"/hier/{register}/export/")
    for more in (1, 49):
        for _each in range(more):
            make(people.pact, municipalities=[people.municipality])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(f"/hier/{register}/export/")
        counted.append(len(queries))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_it_offers_a_file_to_fill_in(people: People, client_for: ClientFor, form: str) -> None:
    response = client_for(people.representative).get(f"/hier/imports/template/questions/?format={form}")
    with opened(response.content) as sheet:
        assert sheet.header.cells == HEADINGS
        assert list(sheet.rows) == []
    row = bring(people.pact, people.representative, response.content, name=f"leeg.{form}")
    assert row.faults[0]["reason"].startswith("In dit bestand staan geen rijen.")


def test_it_explains_the_columns_on_a_second_sheet(people: People, client_for: ClientFor) -> None:
    content = client_for(people.representative).get("/hier/imports/template/programmes/").content
    explained = {row["Kolom"]: row["Wat u invult"] for row in rows_of(content, "Uitleg")}
    assert "Soepele overgangen; Onderwijs en jeugdhulp" in explained["gebieden"]
    assert "Verplicht." in explained["lagen"]
    assert "amplitie; preventie; curatie" in explained["lagen"]
    assert "Gemeente Elders" not in str(explained)
