"""Saying "ook onze vraag": by the workflow, by the pages, and by two at once."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from partners.models import Membership
from plan.questions import endorsing, workflow
from plan.questions.endorsing import endorse, unendorse
from plan.questions.models import Endorsement, QuestionNews, SupportQuestion
from tests.factories import make_member, make_pact, make_partner, make_question

State = SupportQuestion.State


@pytest.fixture
def question(people):
    return make_question(people.pact, partnership=people.school, created_by=people.representative, title="Overgang")


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    return response.content.decode()


def given(pact):
    return list(Endorsement.objects.in_pact(pact).values_list("question", "partnership"))


# --- The rules -------------------------------------------------------------------------------------------------------


def test_it_counts_a_partner_once_and_says_nothing_new_the_second_time(people, question):
    first = endorse(question, partnership=people.childcare, by=people.other, note=" Bij ons ook. ")
    assert first.note == "Bij ons ook."
    assert endorse(question, partnership=people.childcare, by=people.other) is None
    assert given(people.pact) == [(question.pk, people.childcare.pk)]
    assert AuditRecord.objects.in_pact(people.pact).get().action == "question.endorsed"
    news = QuestionNews.objects.in_pact(people.pact).get()
    assert (news.kind, news.by, news.details) == ("endorsed", people.other, {"partner": "Kinderopvang Hier"})


def test_it_is_held_to_once_by_the_database_itself(people, question):
    endorse(question, partnership=people.childcare, by=people.other)
    with pytest.raises(IntegrityError), transaction.atomic():
        Endorsement.unscoped.create(question=question, partnership=people.childcare, endorsed_by=people.other)


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED, State.WITHDRAWN])
def test_it_endorses_only_what_stands(people, question, state):
    SupportQuestion.unscoped.filter(pk=question.pk).update(state=state, remark="x", withdrawn_at=question.submitted_at)
    with pytest.raises(ValidationError):
        endorse(question, partnership=people.childcare, by=people.other)
    assert given(people.pact) == []


def test_it_does_not_endorse_its_own_question_nor_for_another_pact(people, question):
    with pytest.raises(ValidationError) as fault:
        endorse(question, partnership=people.school, by=people.representative)
    assert "telt al mee" in fault.value.messages[0]
    with pytest.raises(ValidationError) as fault:
        endorse(question, partnership=people.other_pact.partnerships.first(), by=people.stranger)
    assert "bij dit pact" in fault.value.messages[0]
    with pytest.raises(ValidationError):
        endorse(question, partnership=people.childcare, by=people.other, note="lang " * 200)
    assert given(people.pact) == []


def test_it_counts_at_the_root_when_the_question_was_merged(people, question):
    child = make_question(people.pact, state=State.MERGED, merged_into=question, partnership=people.municipality)
    endorse(child, partnership=people.childcare, by=people.other)
    assert given(people.pact) == [(question.pk, people.childcare.pk)]
    # Who asked what was merged stands behind it already.
    assert endorse(child, partnership=people.municipality, by=people.signatory) is None
    # And who endorsed that before is not counted twice.
    Endorsement.unscoped.all().delete()
    Endorsement.unscoped.create(question=child, partnership=people.childcare, endorsed_by=people.other)
    assert endorse(question, partnership=people.childcare, by=people.other) is None


def test_it_takes_back_everything_it_gave(people, question):
    child = make_question(people.pact, state=State.MERGED, merged_into=question, partnership=people.municipality)
    Endorsement.unscoped.create(question=child, partnership=people.childcare, endorsed_by=people.other)
    Endorsement.unscoped.create(question=question, partnership=people.municipality, endorsed_by=people.signatory)
    assert unendorse(child, partnership=people.childcare, by=people.other)
    assert not unendorse(child, partnership=people.childcare, by=people.other)
    assert given(people.pact) == [(question.pk, people.municipality.pk)]
    assert AuditRecord.objects.in_pact(people.pact).get().action == "question.unendorsed"


def test_it_is_no_news_when_it_was_taken_back_before_anybody_was_told(people, question):
    endorse(question, partnership=people.childcare, by=people.other)
    unendorse(question, partnership=people.childcare, by=people.other)
    assert not QuestionNews.objects.in_pact(people.pact).exists()


# --- The pages -------------------------------------------------------------------------------------------------------


def test_it_is_a_button_for_representatives_and_signatories_of_others(people, client_for, question):
    detail = address("question_detail", people.pact, question.number)
    url = address("question_endorse", people.pact, question.number)
    shown = {who: url in text_of(client_for(getattr(people, who)).get(detail)) for who in MEMBERS}
    assert shown == {
        "representative": False,  # of the school itself
        "other": True,
        "signatory": True,
        "coordinator": False,
        "advisor": False,
        "reader": False,
    }


MEMBERS = ("representative", "other", "signatory", "coordinator", "advisor", "reader")


@pytest.mark.parametrize("name", ["question_endorse", "question_unendorse"])
def test_it_is_refused_to_who_may_not(people, client_for, question, name):
    url = address(name, people.pact, question.number)
    for who, status in (("coordinator", 403), ("advisor", 403), ("reader", 403), ("stranger", 404)):
        assert client_for(getattr(people, who)).post(url, {"confirmed": "1"}).status_code == status, who
    assert client_for(people.other).get(url).status_code == 405
    draft = make_question(people.pact, partnership=people.school, state=State.DRAFT)
    assert client_for(people.other).post(address(name, people.pact, draft.number)).status_code == 404
    assert given(people.pact) == []


def test_it_is_endorsed_and_shown_with_the_note(people, client_for, question):
    client = client_for(people.other)
    url = address("question_endorse", people.pact, question.number)
    response = client.post(url, {"note": "Bij twee van onze locaties."}, follow=True)
    page = text_of(response)
    for words in ("is nu ook uw vraag", "2 partners staan achter deze vraag", "Bij twee van onze locaties."):
        assert words in page
    assert "was al ook uw vraag" in text_of(client.post(url, follow=True))
    assert len(given(people.pact)) == 1
    listed = text_of(client.get(address("question_list", people.pact)))
    assert "partners staan hierachter" in listed


def test_it_keeps_a_note_that_is_too_long(people, client_for, question):
    note = "Bij ons ook. " * 60
    response = client_for(people.other).post(address("question_endorse", people.pact, question.number), {"note": note})
    assert response.status_code == 200
    assert "fault-summary" in text_of(response)
    assert "Bij ons ook. Bij ons ook." in text_of(response)
    assert given(people.pact) == []


def test_it_asks_on_whose_behalf_when_there_are_several(people, client_for, question):
    second = make_partner(people.pact, "Tweede opvang", sector="kinderopvang")
    Membership.unscoped.create(user=people.other, partnership=second, role="signatory")
    client, url = client_for(people.other), address("question_endorse", people.pact, question.number)
    for sent in ({}, {"partnership": people.municipality.pk}, {"partnership": "x"}, {"partnership": "9" * 40}):
        page = text_of(client.post(url, sent))
        assert "Tweede opvang" in page
        assert "fault-summary" in page
    client.post(url, {"partnership": second.pk})
    assert given(people.pact) == [(question.pk, second.pk)]
    detail = text_of(client.get(address("question_detail", people.pact, question.number)))
    assert address("question_unendorse", people.pact, question.number) in detail
    # For the one that is left there is nothing to choose on the page, but the address still wants to know.
    client.post(url, {"partnership": people.childcare.pk})
    assert len(given(people.pact)) == 2


def test_it_speaks_for_no_other_partner(people, client_for, question):
    client_for(people.other).post(
        address("question_endorse", people.pact, question.number), {"partnership": people.municipality.pk}
    )
    assert given(people.pact) == [(question.pk, people.childcare.pk)]


def test_it_asks_once_before_taking_back(people, client_for, question):
    endorse(question, partnership=people.childcare, by=people.other)
    client, url = client_for(people.other), address("question_unendorse", people.pact, question.number)
    assert "telt dan niet meer mee" in text_of(client.post(url))
    assert len(given(people.pact)) == 1
    assert "niet meer ook uw vraag" in text_of(client.post(url, {"confirmed": "1"}, follow=True))
    assert given(people.pact) == []
    assert "Er is niets veranderd" in text_of(client.post(url, {"confirmed": "1"}, follow=True))


def test_it_shows_the_own_questions_and_what_waits_for_one_first(people, client_for, question):
    own = people.childcare
    make_question(people.pact, partnership=own, title="Wacht op de coördinator", state=State.SUBMITTED)
    make_question(people.pact, partnership=own, title="Nog niet af", state=State.DRAFT)
    make_question(people.pact, partnership=own, title="Moet anders", state=State.RETURNED, remark="Noem de leeftijd.")
    make_question(people.pact, partnership=people.school, title="Van een ander")
    endorse(question, partnership=own, by=people.other)
    page = text_of(client_for(people.other).get(address("question_own", people.pact)))
    places = [page.index(words) for words in ("Moet anders", "Nog niet af", "Wacht op de coördinator", "Overgang")]
    assert places == sorted(places)
    assert "Van een ander" not in page
    assert "Kinderopvang Hier" in page
    assert page.count("Afmaken") == page.count("Aanpassen") == 1
    # A reader of the same organisation sees the same, without the buttons.
    reader = text_of(client_for(people.reader).get(address("question_own", people.pact)))
    assert "Moet anders" in reader
    assert "Aanpassen" not in reader
    assert client_for(people.stranger).get(address("question_own", people.pact)).status_code == 404


def test_it_no_longer_tells_of_an_endorsement_that_was_taken_back(people, client_for, question):
    own = make_question(people.pact, partnership=people.school, created_by=people.representative)
    client, url = client_for(people.representative), address("question_own", people.pact)
    for _ in range(2):
        endorse(own, partnership=people.childcare, by=people.other)
        QuestionNews.objects.in_pact(people.pact).update(mailed_at=timezone.now())
        assert "Ook de vraag van Kinderopvang Hier" in text_of(client.get(url))
        unendorse(own, partnership=people.childcare, by=people.other)
        assert "Ook de vraag van" not in text_of(client.get(url))
    # What was mailed is kept, so that it is not mailed again.
    assert QuestionNews.objects.in_pact(people.pact).get().mailed_at is not None


def test_it_says_what_belongs_on_an_empty_page(people, client_for):
    url = address("question_own", people.pact)
    assert "Schrijf een vraag op" in text_of(client_for(people.representative).get(url))
    assert address("question_new", people.pact) not in text_of(client_for(people.reader).get(url))


def test_it_shows_the_texts_of_what_was_merged_and_the_way_to_where_it_lives_on(people, client_for, question):
    child = make_question(
        people.pact,
        state=State.MERGED,
        merged_into=question,
        partnership=people.childcare,
        title="De sprong naar de brugklas",
        description="<p>Vooral in de eerste weken.</p>",
    )
    client = client_for(people.reader)
    root_page = text_of(client.get(address("question_detail", people.pact, question.number)))
    for words in ("De sprong naar de brugklas", "Vooral in de eerste weken.", f"met vraag {child.code}"):
        assert words in root_page
    child_page = text_of(client.get(address("question_detail", people.pact, child.number)))
    assert address("question_detail", people.pact, question.number) in child_page
    assert "De vraag gaat verder in" in child_page


def test_it_asks_the_database_as_often_for_one_row_as_for_many(people, client_for):
    client = client_for(people.other)
    root = make_question(people.pact, partnership=people.school)
    urls = [address("question_own", people.pact), address("question_detail", people.pact, root.number)]

    def queries():
        found = []
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            found.append(len(asked))
        return found

    def add():
        make_question(people.pact, partnership=people.childcare, state=State.DRAFT)
        endorsed = make_question(people.pact, partnership=make_partner(people.pact))
        endorse(endorsed, partnership=people.childcare, by=people.other)
        make_question(people.pact, partnership=people.childcare, state=State.MERGED, merged_into=root)
        partner = make_partner(people.pact)
        endorse(root, partnership=partner, by=make_member(partner))

    add()
    before = queries()
    for _ in range(8):
        add()
    assert queries() == before


# --- Two at once -----------------------------------------------------------------------------------------------------


def at_once(*acts):
    """Run the acts in threads with connections of their own; what each returned, or its fault."""
    start, outcomes = threading.Barrier(len(acts)), {}

    def run(place, act):
        try:
            start.wait(timeout=10)
            outcomes[place] = act()
        except (ValidationError, IntegrityError) as fault:
            outcomes[place] = fault
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return [outcomes[place] for place in range(len(acts))]


@pytest.fixture
def asked(transactional_db):
    with transaction.atomic():
        pact = make_pact()
        school, other = make_partner(pact), make_partner(pact)
        question = make_question(pact, partnership=school, state=State.SUBMITTED, created_by=make_member(school))
        member = make_member(other)
    return question, other, member


@pytest.mark.django_db(transaction=True)
def test_it_endorses_once_when_two_click_at_once(asked):
    question, other, member = asked
    outcomes = at_once(*[lambda: endorse(question, partnership=other, by=member)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Endorsement", "NoneType"]
    assert Endorsement.unscoped.count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_would_refuse_the_second_click_without_the_lock(asked, monkeypatch):
    """The twin: unlocked, both see nothing, and only the constraint is left, which answers with a fault."""
    question, other, member = asked
    both = threading.Barrier(2)

    def unlocked(asked):
        return SupportQuestion.unscoped.get(pk=asked.pk)

    def late(root):
        both.wait(timeout=10)
        return []

    monkeypatch.setattr(endorsing, "_lock_root", unlocked)
    monkeypatch.setattr(endorsing, "supporters_of", late)
    outcomes = at_once(*[lambda: endorse(question, partnership=other, by=member)] * 2)
    assert any(isinstance(outcome, ValidationError | IntegrityError) for outcome in outcomes)
    assert Endorsement.unscoped.count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_is_either_endorsed_or_taken_back_but_never_both(asked):
    question, other, member = asked

    def fresh():
        return SupportQuestion.unscoped.get(pk=question.pk)

    outcomes = at_once(
        lambda: endorse(fresh(), partnership=other, by=member),
        lambda: workflow.withdraw(fresh(), by=question.created_by),
    )
    assert sum(isinstance(outcome, ValidationError) for outcome in outcomes) == 1
    question.refresh_from_db()
    assert (question.state == State.WITHDRAWN) is not Endorsement.unscoped.exists()
