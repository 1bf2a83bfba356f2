"""The list of the language mirror of a pact, and the advice that follows from it."""

import threading
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.mirror.mirror import find
from partners.models import MirrorTerm
from partners.wording import advice, workflow
from partners.wording.defaults import DEFAULTS
from tests.factories import make_pact


def term(pact, **fields):
    return workflow.add(pact, **{"term": "etiket", "reason": "Daarom.", "alternative": "naam", "by": None, **fields})


def test_the_standard_list_fits_its_columns_and_finds_itself():
    assert len(DEFAULTS) >= 15
    assert len({each.term.lower() for each in DEFAULTS}) == len(DEFAULTS)
    for each in DEFAULTS:
        assert [hit.term for hit in find(each.term, [each.term])] == [each.term]
        assert len(each.term) <= 80
        assert len(each.reason) <= 300
        assert len(each.alternative) <= 160
        # The advice may not lead to another word of the list.
        assert find(each.alternative, [other.term for other in DEFAULTS]) == []


def test_it_installs_what_is_missing_and_keeps_the_rest(people):
    row = term(people.pact, term=DEFAULTS[0].term.upper(), reason="Onze reden.")
    assert workflow.install_defaults(people.pact) == len(DEFAULTS) - 1
    assert workflow.install_defaults(people.pact) == 0
    row.refresh_from_db()
    assert row.reason == "Onze reden."
    assert MirrorTerm.objects.in_pact(people.other_pact).count() == 0
    for each in MirrorTerm.objects.in_pact(people.pact):
        each.full_clean()


def test_the_migration_gives_every_pact_the_list(people):
    module = import_module("partners.migrations.0008_words_of_the_mirror_for_every_pact")
    term(people.pact, term=DEFAULTS[0].term)
    module.install(apps, None)
    module.install(apps, None)
    for pact in (people.pact, people.other_pact):
        assert MirrorTerm.objects.in_pact(pact).count() == len(DEFAULTS)


def test_it_refuses_a_word_twice_also_past_the_workflow(people):
    term(people.pact)
    with pytest.raises(ValidationError, match="staat al op de lijst"):
        term(people.pact, term=" ETIKET ")
    with pytest.raises(IntegrityError), transaction.atomic():
        MirrorTerm.unscoped.create(pact=people.pact, term="Etiket", reason="r", alternative="a")
    assert term(people.other_pact).pk


@pytest.mark.parametrize("word", ["kwetsbaar/zwak", "(risico)kind", "drop_out", "kind!", "drop\u2013out", "a. b"])
def test_it_refuses_a_word_that_it_would_never_find(people, word):
    assert find(word, [word]) == [] or not all(sign.isalnum() or sign in " -'" for sign in word)
    with pytest.raises(ValidationError, match="Gebruik alleen letters") as caught:
        term(people.pact, term=word)
    assert set(caught.value.error_dict) == {"term"}
    row = term(people.pact)
    with pytest.raises(ValidationError, match="Gebruik alleen letters"):
        workflow.change(row, term=word, reason="r", alternative="a", by=None)
    # A word that was let in before can still get another reason.
    MirrorTerm.unscoped.filter(pk=row.pk).update(term=word)
    assert workflow.change(row, term=word, reason="Anders.", alternative="a", by=None).reason == "Anders."


@pytest.mark.parametrize("word", ["drop-out", "vmbo'er", "vmbo\u2019er", "groep 8", "cafe\u0301kind", "5-jarige"])
def test_it_takes_the_signs_of_words(people, word):
    row = term(people.pact, term=word)
    assert find(f"Een {word} hier", [row.term])


def test_it_refuses_a_list_without_end(people, monkeypatch):
    monkeypatch.setattr(workflow, "MOST", 1)
    term(people.pact)
    with pytest.raises(ValidationError, match="Haal eerst een woord weg"):
        term(people.pact, term="ander")


def test_a_second_click_removes_nothing_more(people):
    row = term(people.pact)
    assert workflow.remove(row, by=people.coordinator) is True
    assert workflow.remove(row, by=people.coordinator) is False
    assert list(AuditRecord.unscoped.filter(action="mirror_term.removed").values_list("subject_label")) == [("etiket",)]


def test_changing_what_was_removed_is_refused_with_a_sentence(people):
    row = term(people.pact)
    stale = MirrorTerm.objects.in_pact(people.pact).get()
    workflow.remove(row, by=None)
    with pytest.raises(ValidationError, match="intussen van de lijst gehaald"):
        workflow.change(stale, term="x", reason="r", alternative="a", by=None)


def test_saving_without_a_change_leaves_no_trace(people):
    row = term(people.pact)
    before = AuditRecord.unscoped.count()
    workflow.change(row, term="etiket", reason="Daarom.", alternative="naam", by=people.coordinator)
    assert AuditRecord.unscoped.count() == before


def test_it_refuses_a_bsn_in_the_list(people):
    with pytest.raises(ValidationError) as caught:
        term(people.pact, reason="Zoals bij 725763863.")
    assert set(caught.value.error_dict) == {"reason"}


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_word_at_once_leave_it_there_once():
    pact = make_pact()
    outcomes = []
    barrier = threading.Barrier(2)

    def add():
        barrier.wait()
        try:
            outcomes.append(term(pact).pk > 0)
        except ValidationError:
            outcomes.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, True]
    assert MirrorTerm.objects.in_pact(pact).count() == 1


# --- Advice ------------------------------------------------------------------------------------------------------


def test_it_advises_on_each_word_once_by_the_list_of_the_pact(people, django_assert_num_queries):
    workflow.install_defaults(people.pact)
    with django_assert_num_queries(1):
        found = advice.of(
            people.pact, ["Hangjongeren en probleemjongeren, hangjongeren.", None, ""], rich=["<p>drop-<b>outs</b></p>"]
        )
    assert [(line.text, line.term) for line in found] == [
        ("Hangjongeren", "hangjongere"),
        ("probleemjongeren", "probleemjongere"),
        ("drop-outs", "drop-out"),
    ]
    assert advice.of(people.other_pact, ["Hangjongeren"]) == []


def test_it_asks_the_database_nothing_without_a_text(people, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert advice.of(people.pact, ["", None, "  "]) == []


def test_it_looks_at_no_more_than_some_pages(people):
    workflow.install_defaults(people.pact)
    assert advice.of(people.pact, ["a " * 10_000 + "drop-out"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "kwetsbare jonge kinderen",
        "kwetsbaarste kinderen",
        "kansarme kinderen",
        "achterstandsleerlingen",
        "risicojeugd",
        "zorgkinderen",
        "een probleemgezin",
    ],
)
def test_the_standard_list_knows_the_usual_words(people, text):
    workflow.install_defaults(people.pact)
    assert advice.of(people.pact, [text])


def test_it_says_the_advice_in_one_sentence(people):
    workflow.install_defaults(people.pact)
    found = advice.of(people.pact, ["hangjongeren en drop-outs"])
    assert advice.in_words(found).startswith("Taalspiegel, als advies: “hangjongeren” (liever: jongeren die elkaar")
    assert advice.in_words([]) == ""
