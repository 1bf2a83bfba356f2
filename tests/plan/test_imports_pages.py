"""The pages of an import, for who may, another partner's member and somebody of another pact."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partners.models import User
from plan.imports import running
from plan.imports.models import Import
from plan.models import SupportQuestion
from tests.factories import make_question
from tests.people import People
from tests.plan.import_samples import bring, sheet, take_over

ClientFor = Callable[[User], Client]
HTMX = {"HTTP_HX_REQUEST": "true"}
State = Import.State


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def send(client: Client, content: bytes, name: str = "vragen.xlsx", kind: str = "questions") -> Any:
    return client.post(f"/hier/imports/new/{kind}/", {"file": SimpleUploadedFile(name, content)})


def test_it_walks_from_file_to_register(people: People, client_for: ClientFor) -> None:
    client = client_for(people.representative)
    page = client.get("/hier/imports/new/questions/").content.decode()
    assert "/hier/imports/template/questions/?format=xlsx" in page
    response = send(client, sheet([{}]))
    row = Import.unscoped.get()
    assert response.headers["Location"] == f"/hier/imports/{row.pk}/"
    page = client.get(response.headers["Location"]).content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert client.get(f"/hier/imports/{row.pk}/", **HTMX).status_code == 200
    Import.unscoped.filter(pk=row.pk).update(done=1200, total=5000)
    part = client.get(f"/hier/imports/{row.pk}/", **HTMX).content.decode()
    assert "1.200 van 5.000 rijen" in part
    assert "<html" not in part
    running.work(row.pk)
    response = client.get(f"/hier/imports/{row.pk}/", **HTMX)
    assert response.status_code == 286
    assert "Hoe helpen wij kinderen die naar het vo gaan?" in response.content.decode()
    # Without JavaScript the page asks first.
    assert "Alle rijen komen in het portaal" in client.post(f"/hier/imports/{row.pk}/apply/").content.decode()
    row.refresh_from_db()
    assert row.state == State.READY
    response = client.post(f"/hier/imports/{row.pk}/apply/", {"confirmed": "1"})
    assert response.headers["Location"] == f"/hier/imports/{row.pk}/"
    assert client.get(f"/hier/imports/{row.pk}/", **HTMX).status_code == 200
    running.work(row.pk)
    response = client.get(f"/hier/imports/{row.pk}/", **HTMX)
    assert (response.status_code, "Alle rijen zijn overgenomen." in response.content.decode()) == (286, True)
    assert SupportQuestion.unscoped.count() == 1
    # A second click is harmless, and says so.
    page = client.post(f"/hier/imports/{row.pk}/apply/", {"confirmed": "1"}, follow=True).content.decode()
    assert "al overgenomen" in page
    assert "vragen.xlsx" in client.get("/hier/imports/new/questions/").content.decode()


def test_it_shows_row_column_and_reason(people: People, client_for: ClientFor) -> None:
    row = bring(people.pact, people.representative, sheet([{"leeftijd vanaf": 99}, {"urgentie": "<b>nu</b>"}]))
    page = client_for(people.representative).get(f"/hier/imports/{row.pk}/").content.decode()
    assert "Wij vonden 2 fouten." in page
    assert "Rij 2" in page
    assert "leeftijd vanaf" in page
    assert "&lt;b&gt;nu&lt;/b&gt;" in page
    assert "/apply/" not in page


def test_it_says_which_row_becomes_what(people: People, client_for: ClientFor) -> None:
    title = "Wat was het?"
    make_question(people.pact, partnership=people.school, state="draft", title=title)
    make_question(people.pact, partnership=people.school, state="submitted")
    cells: list[dict[str, Any]] = [{"nummer": 1}, {"nummer": "V2", "vraag in één zin": "Iets anders?"}]
    row = bring(people.pact, people.representative, sheet([*cells, {"vraag in één zin": "Nieuw?"}]))
    page = client_for(people.representative).get(f"/hier/imports/{row.pk}/").content.decode()
    assert re.search("gewijzigd: vraag in één zin, [^<;]+; wordt ingediend", page)
    assert re.search("gewijzigd: vraag in één zin, [^<;]+</span>", page)
    assert f"vraag in één zin was: {title}" in page
    assert "V2 Iets anders?" in page
    assert "Die vraag wordt ingediend." in page


def test_it_offers_nothing_to_take_over_when_nothing_changes(people: People, client_for: ClientFor) -> None:
    content = sheet([{"toelichting": "Mail naar info@voorbeeld.nl."}])
    client = client_for(people.representative)
    row = bring(people.pact, people.representative, content)
    page = client.get(f"/hier/imports/{row.pk}/").content.decode()
    assert ("Neem alle rijen over" in page, "Er is niets over te nemen" in page) == (True, False)
    take_over(row, people.representative)
    row = bring(people.pact, people.representative, content)
    page = client.get(f"/hier/imports/{row.pk}/").content.decode()
    assert ("Neem alle rijen over" in page, "Er is niets over te nemen" in page) == (False, True)
    assert "/apply/" not in page
    assert "Bekijk de lijst" in page


@pytest.mark.parametrize("state", ["returned", "withdrawn"])
def test_it_says_that_a_question_stays_sent_back(people: People, client_for: ClientFor, state: str) -> None:
    question = make_question(people.pact, partnership=people.school, state=state, remark="Noem de leeftijd.")
    client = client_for(people.representative)
    row = bring(people.pact, people.representative, client.get("/hier/questions/export/").content)
    page = client.get(f"/hier/imports/{row.pk}/").content.decode()
    assert "1 rij hoort bij een vraag die is teruggestuurd of ingetrokken" in page
    question.refresh_from_db()
    assert question.state == state


def test_it_says_that_faults_are_gone_after_a_week(people: People, client_for: ClientFor) -> None:
    row = bring(people.pact, people.representative, sheet([{"urgentie": "nooit"}]))
    with time_machine.travel(row.uploaded_at + timedelta(days=8), tick=False):
        running.sweep()
        page = client_for(people.representative).get(f"/hier/imports/{row.pk}/").content.decode()
    assert "Wij vonden 1 fout." in page
    assert "bewaren wij een week" in page


def test_it_asks_for_a_tick_when_there_are_warnings(people: People, client_for: ClientFor) -> None:
    row = bring(people.pact, people.representative, sheet([{"toelichting": "Mail naar info@voorbeeld.nl."}]))
    client = client_for(people.representative)
    assert 'name="looked"' in client.get(f"/hier/imports/{row.pk}/").content.decode()
    page = client.post(f"/hier/imports/{row.pk}/apply/", {"confirmed": "1"}, follow=True).content.decode()
    assert "Kruis aan" in page
    client.post(f"/hier/imports/{row.pk}/apply/", {"confirmed": "1", "looked": "1"})
    row.refresh_from_db()
    assert row.state == State.CONFIRMED


def test_it_cancels(people: People, client_for: ClientFor) -> None:
    row = bring(people.pact, people.representative, sheet([{}]))
    client = client_for(people.representative)
    assert "Er is niets overgenomen" in client.post(f"/hier/imports/{row.pk}/cancel/", follow=True).content.decode()
    assert "was al geannuleerd" in client.post(f"/hier/imports/{row.pk}/cancel/", follow=True).content.decode()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Dit bestand is leeg."),
        (b"<html></html>", "Dit is een webpagina"),
        (b"PK\x03\x04", "Dit bestand is beschadigd."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "het oude formaat"),
        (b"x" * 10_000_001, "Het mag hooguit 10 MB zijn."),
    ],
)
def test_it_refuses_a_file_at_the_door(people: People, client_for: ClientFor, content: bytes, sentence: str) -> None:
    response = send(client_for(people.representative), content)
    assert (response.status_code, sentence in response.content.decode()) == (200, True)
    assert not Import.unscoped.exists()


def test_it_asks_for_a_file(people: People, client_for: ClientFor) -> None:
    page = client_for(people.representative).post("/hier/imports/new/questions/").content.decode()
    assert "Kies een bestand." in page


def test_it_stores_a_name_that_can_be_shown(people: People, client_for: ClientFor) -> None:
    send(client_for(people.representative), sheet([{}]), name="a\x07\u202e<b>.xlsx")
    assert Import.unscoped.get().filename == "a<b>.xlsx"


def test_it_is_for_who_may(people: People, client_for: ClientFor) -> None:
    for address in ("/hier/imports/new/questions/", "/hier/imports/template/programmes/"):
        assert client_for(people.representative).get(address).status_code == 200
        assert client_for(people.reader).get(address).status_code == 403
        assert client_for(people.advisor).get(address).status_code == 403
        assert client_for(people.stranger).get(address).status_code == 404
    assert client_for(people.coordinator).get("/hier/imports/new/bestaat-niet/").status_code == 404


def test_it_shows_an_import_to_nobody_else(people: People, client_for: ClientFor) -> None:
    row = bring(people.pact, people.representative, sheet([{}]))
    for who, status in (("representative", 200), ("coordinator", 200), ("other", 404), ("stranger", 404)):
        client = client_for(getattr(people, who))
        assert client.get(f"/hier/imports/{row.pk}/").status_code == status
    for who, status in (("other", 404), ("reader", 403), ("stranger", 404)):
        for act in ("apply", "cancel"):
            response = client_for(getattr(people, who)).post(f"/hier/imports/{row.pk}/{act}/", {"confirmed": "1"})
            assert response.status_code == status
    assert client_for(people.stranger).get(f"/elders/imports/{row.pk}/").status_code == 404
    row.refresh_from_db()
    assert row.state == State.READY


def test_it_asks_as_many_questions_for_many_faults_as_for_one(people: People, client_for: ClientFor) -> None:
    client, counted = client_for(people.representative), []
    # The first request of a session does more.
    client.get("/hier/imports/new/questions/")
    for number in (1, 50):
        bad = [{"vraag in één zin": f"Vraag {each}?", "leeftijd vanaf": 99} for each in range(number)]
        row = bring(people.pact, people.representative, sheet(bad))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/hier/imports/{row.pk}/").content.decode()
        counted.append(len(queries))
        assert len(re.findall("Vul een hele leeftijd in", page)) == number
    assert counted[0] == counted[1]
