"""The pages of the language mirror: who reads and keeps the list, and what is said of a text."""

import logging
import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pact_portal.foundation.audit.models import AuditRecord
from partners.models import MirrorTerm
from partners.wording import workflow
from tests.factories import make_question

WORD = {"term": "brugpieper", "reason": "Klinkt kleinerend.", "alternative": "leerling van klas 1"}


def address(name, pact, *args):
    return reverse(f"partners:{name}", args=[pact.slug, *args])


@pytest.fixture
def row(people):
    return workflow.add(people.pact, by=people.coordinator, **WORD)


@pytest.fixture
def check(people, client_for):
    def check(text, user=None, **more):
        client = client_for(user or people.reader)
        return client.post(address("mirror_check", people.pact), {"text": text, **more})

    return check


def test_every_member_reads_the_list(people, client_for, row):
    for user in (people.coordinator, people.representative, people.reader):
        page = client_for(user).get(address("mirror_terms", people.pact)).content.decode()
        assert "brugpieper" in page
        assert "leerling van klas 1" in page
        assert ("Weghalen" in page) == (user == people.coordinator)


def test_strangers_and_visitors_see_nothing(people, client_for, row):
    stranger = client_for(people.stranger)
    assert stranger.get(address("mirror_terms", people.pact)).status_code == 404
    assert stranger.post(address("mirror_check", people.pact), {"text": "brugpieper"}).status_code == 404
    assert stranger.get(address("mirror_term_edit", people.other_pact, row.pk)).status_code == 404
    assert stranger.post(address("mirror_term_remove", people.other_pact, row.pk)).status_code == 404
    assert Client().get(address("mirror_terms", people.pact)).status_code == 302
    assert Client().post(address("mirror_check", people.pact), {"text": "x"}).status_code == 302
    assert MirrorTerm.objects.in_pact(people.pact).count() == 1


def test_only_who_manages_the_pact_changes_the_list(people, client_for, row):
    for user in (people.representative, people.reader, people.signatory, people.advisor):
        client = client_for(user)
        assert client.get(address("mirror_term_new", people.pact)).status_code == 403
        assert client.post(address("mirror_term_new", people.pact), WORD).status_code == 403
        assert client.post(address("mirror_term_edit", people.pact, row.pk), WORD).status_code == 403
        assert client.post(address("mirror_term_remove", people.pact, row.pk), {"confirmed": 1}).status_code == 403
        assert client.post(address("mirror_defaults", people.pact)).status_code == 403
    assert MirrorTerm.objects.in_pact(people.pact).count() == 1


def test_the_coordinator_keeps_the_list(people, client_for):
    client = client_for(people.coordinator)
    client.post(address("mirror_term_new", people.pact), WORD)
    row = MirrorTerm.objects.in_pact(people.pact).get()
    assert row.reason == "Klinkt kleinerend."
    client.post(address("mirror_term_edit", people.pact, row.pk), {**WORD, "term": "brugklasser"})
    row.refresh_from_db()
    assert row.term == "brugklasser"
    asked = client.post(address("mirror_term_remove", people.pact, row.pk))
    assert asked.status_code == 200
    assert MirrorTerm.objects.in_pact(people.pact).exists()
    client.post(address("mirror_term_remove", people.pact, row.pk), {"confirmed": 1})
    assert not MirrorTerm.objects.in_pact(people.pact).exists()
    again = client.post(address("mirror_term_remove", people.pact, row.pk), {"confirmed": 1}, follow=True)
    assert "staat niet meer op de lijst" in again.content.decode()
    done = client.post(address("mirror_defaults", people.pact), follow=True).content.decode()
    assert "woorden bij gekomen" in done
    done = client.post(address("mirror_defaults", people.pact), follow=True).content.decode()
    assert "De hele standaardlijst staat er al op" in done


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("term", "", "Vul het woord of de woordgroep in."),
        ("term", "…", "Vul een woord met letters in."),
        ("term", "a" * 81, "80"),
        ("term", "kwetsbaar/zwak", "Gebruik alleen letters"),
        ("term", "brug\x07pieper", "tekens die niet te zien zijn"),
        ("reason", "x" * 2_000_000, "300"),
        ("reason", "Zoals bij 725763863.", "burgerservicenummer"),
        ("reason", "Bel 06-12345678.", "telefoonnummer (06-…)"),
        ("alternative", "", "Vul in wat iemand beter kan schrijven."),
    ],
)
def test_bad_input_gets_a_sentence_and_stays(people, client_for, field, value, words):
    client = client_for(people.coordinator)
    page = client.post(address("mirror_term_new", people.pact), {**WORD, field: value})
    assert page.status_code == 200
    assert words in page.content.decode()
    assert page.context["form"][field].value() == value
    assert not MirrorTerm.objects.in_pact(people.pact).exists()


def test_who_was_second_sees_what_stands_there_and_may_still_save(people, client_for, row):
    client = client_for(people.coordinator)
    page = address("mirror_term_edit", people.pact, row.pk)
    seen = client.get(page).context["form"]["seen"].value()
    workflow.change(row, **{**WORD, "reason": "Van een collega."}, by=None)
    late = client.post(page, {**WORD, "reason": "Van mij.", "seen": seen})
    assert late.status_code == 200
    assert "Van een collega." in late.content.decode()
    assert late.context["form"]["reason"].value() == "Van mij."
    row.refresh_from_db()
    assert row.reason == "Van een collega."
    again = client.post(page, {**WORD, "reason": "Van mij.", "seen": late.context["form"]["seen"].value()})
    assert again.status_code == 302
    row.refresh_from_db()
    assert row.reason == "Van mij."


def test_without_a_mark_the_last_one_wins(people, client_for, row):
    """The twin: it is the mark that tells."""
    workflow.change(row, **{**WORD, "reason": "Van een collega."}, by=None)
    client_for(people.coordinator).post(address("mirror_term_edit", people.pact, row.pk), {**WORD, "seen": ""})
    row.refresh_from_db()
    assert row.reason == WORD["reason"]


def test_a_word_that_stands_there_is_refused_and_stays_in_the_form(people, client_for, row):
    page = client_for(people.coordinator).post(address("mirror_term_new", people.pact), WORD)
    assert page.status_code == 200
    assert "Dit woord staat al op de lijst." in page.content.decode()


def test_the_list_asks_as_many_queries_for_one_word_as_for_many(people, client_for, row):
    client = client_for(people.coordinator)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(address("mirror_terms", people.pact))
        return len(captured)

    queries()
    one = queries()
    workflow.install_defaults(people.pact)
    assert queries() == one


# --- What is said while somebody writes --------------------------------------------------------------------------


def test_it_says_what_the_mirror_of_the_pact_sees(people, check, row):
    said = check("Onze Brugpiepers zijn vrolijk.").content.decode()
    assert "<strong>Brugpiepers</strong>: Klinkt kleinerend." in said
    assert "leerling van klas 1" in said
    workflow.change(row, **{**WORD, "term": "uk"}, by=None)
    assert "Klinkt kleinerend" not in check("Onze Brugpiepers").content.decode()


def test_the_list_of_another_pact_says_nothing(people, check):
    workflow.add(people.other_pact, by=None, **WORD)
    assert check("brugpieper").content.decode().strip() == ""


def test_it_warns_early_of_personal_data(people, check):
    said = check("BSN 725763863, bel 06-12345678").content.decode()
    assert "Hier lijkt een burgerservicenummer" in said
    assert "een telefoonnummer (06-…)" in said
    assert "725763863" not in said
    assert "12345678" not in said


def test_it_reads_rich_text_as_rich_text_only(people, check, row):
    assert "Brugpieper" in check("<p>Brug<b>pieper</b></p>", kind="rich").content.decode()
    assert "Klinkt" not in check("<p>Brug<b>pieper</b></p>", kind="plain").content.decode()


@pytest.mark.parametrize("text", ["<a " * 6000, "<a/" * 6666, "<a x=" * 4000, "<a x='" * 3300, "&#" + "1" * 15_000])
def test_it_answers_at_once_on_pieces_of_tags(check, text):
    begun = time.process_time()
    assert check(text, kind="rich").status_code == 200
    assert time.process_time() - begun < 2


def test_it_escapes_what_it_shows(people, check):
    workflow.add(people.pact, term="etiket", reason="<script>1</script>", alternative="<b>x</b>", by=None)
    said = check("<i>etiket</i>").content.decode()
    assert "<script>" not in said
    assert "<b>x" not in said
    assert "&lt;script&gt;" in said


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00\x07", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]
)
def test_it_answers_on_any_text(check, text):
    answer = check(text)
    assert answer.status_code == 200
    assert answer.content.decode().strip() == ""


def test_it_looks_at_the_first_part_of_a_long_text_and_says_so(check, row):
    said = check("brugpieper " + "a " * 20_000).content.decode()
    assert "Klinkt kleinerend" in said
    assert "Alleen het eerste deel" in said


@pytest.mark.logs_errors
def test_it_refuses_ten_megabytes(check, row, logged_errors):
    assert check("brugpieper " * 1_000_000).status_code == 400
    assert "brugpieper" not in "\n".join(record.getMessage() for record in logged_errors)


def test_it_only_takes_a_post_with_a_mark_of_this_page(people, client_for, row):
    client = client_for(people.reader)
    assert client.get(address("mirror_check", people.pact)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.reader)
    assert strict.post(address("mirror_check", people.pact), {"text": "brugpieper"}).status_code == 403


def test_it_keeps_nothing(people, check, row, caplog):
    before = AuditRecord.unscoped.count()
    with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as captured:
        check("Een brugpieper met 06-12345678")
    assert AuditRecord.unscoped.count() == before
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert "brugpieper" not in logged
    assert not [query for query in captured if "brugpieper" in query["sql"] and "SELECT" not in query["sql"]]


def test_the_pages_of_a_pact_say_where_to_ask_and_the_others_do_not(people, client_for):
    client = client_for(people.coordinator)
    page = client.get(address("mirror_term_new", people.pact)).content.decode()
    assert f'data-mirror="{address("mirror_check", people.pact)}"' in page
    assert page.count("data-readable") == 3
    assert "data-mirror" not in Client().get(reverse("account_login")).content.decode()


def test_the_review_of_a_question_shows_what_the_mirror_says(people, client_for):
    workflow.install_defaults(people.pact)
    question = make_question(
        people.pact,
        state="draft",
        partnership=people.school,
        created_by=people.representative,
        title="Hoe bereiken wij hangjongeren?",
        description="<p>De <b>corona</b>generatie.</p>",
    )
    page = client_for(people.representative).get(reverse("plan:question_review", args=["hier", question.number]))
    assert "<strong>hangjongeren</strong>" in page.content.decode()
    assert "<strong>coronageneratie</strong>" in page.content.decode()
