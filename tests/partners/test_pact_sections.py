"""The sections of the pact: their order, their titles, gone and back, and the history of their text."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.richtext.revisions import StaleText, restore_text, save_text
from partners.models import PactSection
from partners.pact import workflow
from partners.pact.readiness import ingredients

HTMX = {"HX-Request": "true"}


@pytest.fixture
def sections(people):
    return [
        workflow.add_section(people.pact, title=title, body=f"<p>Tekst {title}</p>", by=people.coordinator)
        for title in ("Aanleiding", "Ambitie", "Afspraken")
    ]


def address(name, people, *args):
    return reverse(f"partners:{name}", args=[people.pact.slug, *args])


def titles(people):
    rows = PactSection.objects.in_pact(people.pact).in_text()
    assert [row.position for row in rows] == sorted({row.position for row in rows})
    return [row.title for row in rows]


def actions(people):
    return list(AuditRecord.objects.in_pact(people.pact).order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize(
    ("which", "up", "order"),
    [
        (1, True, ["Ambitie", "Aanleiding", "Afspraken"]),
        (1, False, ["Aanleiding", "Afspraken", "Ambitie"]),
        (0, True, ["Aanleiding", "Ambitie", "Afspraken"]),
        (2, False, ["Aanleiding", "Ambitie", "Afspraken"]),
    ],
)
def test_it_moves_a_section_by_one_place(people, sections, which, up, order):
    workflow.move_section(sections[which], up=up, by=people.coordinator)
    assert titles(people) == order


def test_it_moves_by_a_button_and_says_where_the_section_stands(people, client_for, sections):
    client = client_for(people.coordinator)
    there = address("section_move", people, sections[2].pk)
    answer = client.post(there, {"direction": "up"}, follow=True)
    assert answer.redirect_chain[0][0].endswith(f"#section-{sections[2].pk}")
    assert "“Afspraken” staat nu op plaats 2." in answer.content.decode()
    strange = client.post(there, {"direction": "zijwaarts"}, follow=True)
    assert "omhoog of omlaag" in strange.content.decode()
    assert titles(people) == ["Aanleiding", "Afspraken", "Ambitie"]


def test_it_does_not_move_a_section_that_is_gone(people, client_for, sections):
    workflow.remove_section(sections[1], by=people.coordinator)
    answer = client_for(people.coordinator).post(
        address("section_move", people, sections[1].pk), {"direction": "up"}, follow=True
    )
    assert "is intussen weggehaald" in answer.content.decode()
    assert titles(people) == ["Aanleiding", "Afspraken"]


def test_it_has_the_database_refuse_two_sections_in_one_place(people, sections):
    with pytest.raises(IntegrityError), transaction.atomic():
        PactSection.objects.in_pact(people.pact).update(position=1)


def test_it_gives_a_section_another_title(people, client_for, sections):
    client, there = client_for(people.coordinator), address("section_rename", people, sections[0].pk)
    assert 'value="Aanleiding"' in client.get(there).content.decode()
    assert client.post(there, {"title": " "}).status_code == 200
    assert client.post(there, {"title": "x" * 161}).status_code == 200
    client.post(there, {"title": "Waarom dit pact"})
    assert titles(people)[0] == "Waarom dit pact"
    assert actions(people).count("section.renamed") == 1


def test_it_asks_before_removing_a_section_and_puts_it_back_where_it_stood(people, client_for, sections):
    client = client_for(people.coordinator)
    asked = client.post(address("section_remove", people, sections[1].pk))
    assert "U kunt het later terugzetten." in asked.content.decode()
    assert len(titles(people)) == 3
    removed = client.post(address("section_remove", people, sections[1].pk), {"confirmed": "1"}, follow=True)
    assert "Weggehaalde onderdelen" in removed.content.decode()
    assert titles(people) == ["Aanleiding", "Afspraken"]
    assert [section.title for section in ingredients(people.pact)["sections"]] == ["Aanleiding", "Afspraken"]
    workflow.move_section(sections[2], up=True, by=people.coordinator)
    client.post(address("section_put_back", people, sections[1].pk))
    assert titles(people) == ["Afspraken", "Ambitie", "Aanleiding"]
    assert actions(people)[-3:] == ["section.removed", "section.moved", "section.put_back"]


def test_it_removes_and_puts_back_once(people, sections):
    for _time in range(2):
        workflow.remove_section(sections[0], by=people.coordinator)
    for _time in range(2):
        workflow.put_back_section(sections[0], by=people.coordinator)
    assert titles(people) == ["Aanleiding", "Ambitie", "Afspraken"]
    assert actions(people).count("section.removed") == actions(people).count("section.put_back") == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_it_keeps_the_text_of_who_wrote_while_the_section_was_removed(people, client_for, sections, headers):
    workflow.remove_section(sections[0], by=people.coordinator)
    answer = client_for(people.coordinator).post(
        address("section_edit", people, sections[0].pk),
        {"body": "<p>Een uur werk</p>", "base": "1"},
        headers=headers,
        follow=True,
    )
    assert "intussen weggehaald uit de tekst" in answer.content.decode()
    sections[0].refresh_from_db()
    assert sections[0].body == "<p>Een uur werk</p>"


def test_it_shows_who_saved_what_and_marks_the_words(people, client_for, sections):
    save_text(sections[0], body="<p>Tekst van de Aanleiding</p>", base=1, by=people.coordinator)
    text = client_for(people.reader).get(address("section_history", people, sections[0].pk)).content.decode()
    assert "coördinator" in text
    assert '<ins><span class="visually-hidden">toegevoegd: </span>van de<' in text
    assert "Terugzetten" not in text
    swapped = client_for(people.reader).get(
        address("section_history", people, sections[0].pk), {"from": "2", "to": "1"}
    )
    assert '<del><span class="visually-hidden">weggehaald: </span>van de<' in swapped.content.decode()


@pytest.mark.parametrize("query", [{"from": "9", "to": "1"}, {"from": "x", "to": "1"}, {"from": "1"}, {"to": "9" * 40}])
def test_it_says_that_a_revision_is_not_there(people, client_for, sections, query):
    save_text(sections[0], body="<p>Nieuw</p>", base=1, by=people.coordinator)
    answer = client_for(people.reader).get(address("section_history", people, sections[0].pk), query)
    assert answer.status_code == 404
    assert "Kies" in answer.content.decode()


def test_it_restores_an_earlier_text_as_a_new_revision(people, client_for, sections):
    save_text(sections[0], body="<p>Nieuw</p>", base=1, by=people.coordinator)
    there = address("section_restore", people, sections[0].pk)
    client_for(people.coordinator).post(there, {"number": "1", "base": "2"})
    sections[0].refresh_from_db()
    assert (sections[0].body, sections[0].revision) == ("<p>Tekst Aanleiding</p>", 3)
    assert sections[0].revisions.count() == 3


def test_it_restores_nothing_over_what_somebody_saved_meanwhile(people, client_for, sections):
    save_text(sections[0], body="<p>Nieuw</p>", base=1, by=people.coordinator)
    save_text(sections[0], body="<p>Nog nieuwer</p>", base=2, by=people.coordinator)
    answer = client_for(people.coordinator).post(
        address("section_restore", people, sections[0].pk), {"number": "1", "base": "2"}, follow=True
    )
    text = answer.content.decode()
    assert "heeft deze tekst intussen bewaard. Er is niets teruggezet." in text
    assert "Van revisie 1 naar revisie 3" in text
    sections[0].refresh_from_db()
    assert sections[0].body == "<p>Nog nieuwer</p>"
    with pytest.raises(StaleText):
        restore_text(sections[0], number=1, base=2, by=people.coordinator)


@pytest.mark.parametrize(
    ("data", "status"), [({"number": "9", "base": "1"}, 404), ({"number": "x"}, 302), ({"number": "9" * 30}, 302)]
)
def test_it_restores_nothing_for_a_strange_number(people, client_for, sections, data, status):
    there = address("section_restore", people, sections[0].pk)
    assert client_for(people.coordinator).post(there, data).status_code == status
    sections[0].refresh_from_db()
    assert sections[0].revision == 1


@pytest.mark.parametrize(
    "name", ["section_move", "section_remove", "section_put_back", "section_restore", "section_rename"]
)
def test_it_lets_only_the_coordinator_of_this_pact_change_the_text(people, client_for, sections, name):
    there, data = address(name, people, sections[1].pk), {"direction": "up", "title": "X", "confirmed": "1"}
    assert client_for(people.other).post(there, data).status_code == 403
    assert client_for(people.stranger).post(there, data).status_code == 404
    # The coordinator of another pact does not reach it by the address of the own pact either.
    elsewhere = reverse(f"partners:{name}", args=[people.other_pact.slug, sections[1].pk])
    assert client_for(people.stranger).post(elsewhere, data).status_code == 404
    assert titles(people) == ["Aanleiding", "Ambitie", "Afspraken"]
    assert client_for(people.coordinator).post(there, data).status_code in (200, 302)


def test_it_shows_the_history_to_members_only(people, client_for, sections):
    there = address("section_history", people, sections[0].pk)
    assert client_for(people.other).get(there).status_code == 200
    assert client_for(people.stranger).get(there).status_code == 404


def test_it_refuses_a_title_that_is_empty_past_the_form(people, sections):
    with pytest.raises(ValidationError):
        workflow.rename_section(sections[0], title="  ", by=people.coordinator)
