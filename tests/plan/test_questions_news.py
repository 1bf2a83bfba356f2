"""What became of a question, told and mailed."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from evaluations.series import workflow as evaluations
from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Membership
from plan.measures import workflow as measures
from plan.measures.models import Measure
from plan.questions import digest, tasks, workflow
from plan.questions.models import Endorsement, QuestionNews, SupportQuestion
from plan.questions.news import Kind, sentence_of, tell
from tests.factories import (
    make_measure,
    make_member,
    make_pact,
    make_partner,
    make_programme,
    make_question,
    make_series,
)


def test_it_tells_the_same_news_once(people):
    question = make_question(people.pact)
    for _ in range(2):
        tell(question, Kind.MEASURE, key="measure-1", by=people.coordinator, code="M1", title="Een maatje")
    news = QuestionNews.objects.in_pact(people.pact).get()
    assert news.happened_at is not None
    assert "M1" in sentence_of(news)
    assert "Een maatje" in sentence_of(news)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", list(Kind))
def test_it_has_a_sentence_for_every_kind_also_without_details(kind, language):
    with translation.override(language):
        sentence = sentence_of(QuestionNews(kind=kind))
    assert sentence.endswith(".")
    assert "%(" not in sentence


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        (Kind.MATCHED, {"code": "A3", "name": "Maatje 50% korting", "level": "sufficient"}, "voldoende"),
        (Kind.MATCHED, {"code": "A3", "name": "Maatje", "level": "partly"}, "deels"),
        (Kind.DECIDED, {"code": "M3", "title": "Maatje", "outcome": "rejected"}, "afgewezen"),
        (Kind.DECIDED, {"code": "M3", "title": "Maatje", "outcome": "deferred"}, "uitgesteld"),
        (Kind.ENDORSED, {"partner": "Gemeente Hier"}, "Gemeente Hier"),
        (Kind.MERGED, {"code": "V4", "title": "Overgang"}, "V4"),
    ],
)
def test_it_says_what_happened_by_its_details(kind, details, words):
    with translation.override("nl"):
        assert words in sentence_of(QuestionNews(kind=kind, details=details))


# --- The mail --------------------------------------------------------------------------------------------------------


def later():
    return timezone.now() + timedelta(minutes=11)


def mails():
    return {mail.recipient: mail for mail in OutgoingMail.objects.order_by("pk")}


@pytest.fixture
def question(people):
    return make_question(
        people.pact, partnership=people.school, created_by=people.representative, title="Overgang naar de brugklas"
    )


def test_it_mails_each_follower_one_mail_of_all_news(people, question):
    second = make_question(people.pact, partnership=people.school, created_by=people.representative)
    Endorsement.unscoped.create(question=question, partnership=people.childcare, endorsed_by=people.other)
    tell(question, Kind.RETURNED, key="a", by=people.coordinator, remark="Noem de leeftijd.")
    tell(question, Kind.MEASURE, key="b", path="/hier/measures/1/", code="M1", title="Een maatje")
    tell(second, Kind.ACCEPTED, key="c")
    digest.mail_due(now=later())
    found = mails()
    assert set(found) == {people.representative.email, people.other.email}
    own = found[people.representative.email]
    for words in ("Overgang naar de brugklas", "Noem de leeftijd.", "M1", "/hier/measures/1/", second.code):
        assert words in own.text
        assert words in own.html
    assert "2 vragen" in own.subject
    assert "/accounts/roles/" in own.text
    assert question.code in found[people.other.email].subject
    assert second.code not in found[people.other.email].text
    digest.mail_due(now=later())
    assert OutgoingMail.objects.count() == 2


def test_it_waits_until_the_news_is_ten_minutes_old(people, question):
    tell(question, Kind.ACCEPTED, key="a")
    digest.mail_due(now=timezone.now() + timedelta(minutes=9))
    assert not OutgoingMail.objects.exists()
    digest.mail_due(now=later())
    assert OutgoingMail.objects.count() == 1


def test_it_mails_nobody_about_what_they_did_or_do_not_want(people, question):
    Endorsement.unscoped.create(question=question, partnership=people.childcare, endorsed_by=people.other)
    tell(question, Kind.ENDORSED, key="a", by=people.other, partner="Kinderopvang Hier")
    people.representative.news_by_mail = False
    people.representative.save()
    digest.mail_due(now=later())
    assert not OutgoingMail.objects.exists()
    assert QuestionNews.objects.in_pact(people.pact).get().mailed_at is not None


def test_it_goes_to_who_stands_in_for_somebody_that_left(people, question):
    Membership.objects.in_pact(people.pact).filter(user=people.representative).update(
        ended_on=timezone.localdate() - timedelta(days=1)
    )
    tell(question, Kind.ACCEPTED, key="a")
    digest.mail_due(now=later())
    # Nobody represents the school any more: the coordinators are the last who are written to.
    assert set(mails()) == {people.coordinator.email}
    heir = make_member(people.school, "representative")
    tell(question, Kind.MEASURE, key="b", code="M1")
    digest.mail_due(now=later())
    assert set(mails()) == {people.coordinator.email, heir.email}


def test_it_tells_the_general_address_how_to_stop_without_an_account(people, question):
    Membership.objects.in_pact(people.pact).filter(partnership=people.school).update(
        ended_on=timezone.localdate() - timedelta(days=1)
    )
    people.school.contact_email = "bestuur@school.example"
    people.school.save()
    tell(question, Kind.ACCEPTED, key="a")
    digest.mail_due(now=later())
    mail = mails()["bestuur@school.example"]
    assert "/accounts/roles/" not in mail.text
    assert "coördinator" in mail.text


def test_it_also_tells_who_asked_what_was_merged(people, question):
    child = make_question(
        people.pact,
        partnership=people.childcare,
        created_by=people.other,
        state=SupportQuestion.State.MERGED,
        merged_into=question,
    )
    Endorsement.unscoped.create(question=child, partnership=people.municipality, endorsed_by=people.signatory)
    tell(question, Kind.MEASURE, key="a", code="M1", title="Een maatje")
    digest.mail_due(now=later())
    assert set(mails()) == {people.representative.email, people.other.email, people.signatory.email}


def test_it_asks_only_the_submitter_to_adjust(people, question, client_for):
    Endorsement.unscoped.create(question=question, partnership=people.childcare, endorsed_by=people.other)
    SupportQuestion.unscoped.filter(pk=question.pk).update(state=SupportQuestion.State.SUBMITTED)
    workflow.send_back(question, remark="Noem de leeftijd.", by=people.coordinator)
    digest.mail_due(now=later())
    own, endorser = mails()[people.representative.email], mails()[people.other.email]
    own_page, endorsers_page = (
        client_for(who).get(reverse("plan:question_own", args=[people.pact.slug])).content.decode()
        for who in (people.representative, people.other)
    )
    for text in (own.text, own.html, own_page):
        assert "pas de vraag aan" in text
    assert "Noem de leeftijd." in own.text
    for text in (endorser.text, endorser.html, endorsers_page):
        assert "Teruggestuurd naar de indiener." in text
        assert "as de vraag aan" not in text
        assert "Noem de leeftijd." not in text
    assert "De indiener past de vraag aan." in endorsers_page


def test_it_tells_of_thirty_questions_at_most(people):
    for number in range(35):
        tell(make_question(people.pact, created_by=people.coordinator), Kind.ACCEPTED, key=f"a{number}")
    digest.mail_due(now=later())
    mail = OutgoingMail.objects.get()
    assert "35 vragen" in mail.subject
    assert "nog 5 vragen" in mail.text


def test_it_leaves_other_pacts_their_turn_when_one_fails(people, question, monkeypatch):
    elsewhere = make_question(people.other_pact, created_by=people.stranger)
    tell(question, Kind.ACCEPTED, key="a")
    tell(elsewhere, Kind.ACCEPTED, key="b")
    whole = digest._mail_pact

    def broken(pact, before):
        if pact == people.pact:
            raise RuntimeError("proef")
        whole(pact, before)

    monkeypatch.setattr(digest, "_mail_pact", broken)
    with pytest.raises(ExceptionGroup):
        digest.mail_due(now=later())
    assert set(mails()) == {people.stranger.email}
    monkeypatch.undo()
    digest.mail_due(now=later())
    assert set(mails()) == {people.stranger.email, people.representative.email}


def test_it_loses_and_doubles_nothing_when_the_mail_cannot_be_made(people, question, monkeypatch):
    tell(question, Kind.ACCEPTED, key="a")

    def broken(pact, post):
        raise RuntimeError("proef")

    monkeypatch.setattr(digest, "_queue", broken)
    with pytest.raises(ExceptionGroup):
        digest.mail_due(now=later())
    assert QuestionNews.objects.in_pact(people.pact).get().mailed_at is None


@pytest.mark.django_db(transaction=True)
def test_it_mails_once_under_two_workers():
    with transaction.atomic():
        pact = make_pact()
        school = make_partner(pact)
        member = make_member(school)
        question = make_question(pact, partnership=school, created_by=member)
        for number in range(5):
            tell(question, Kind.MEASURE, key=f"m{number}", code=f"M{number}")
    start, faults = threading.Barrier(2), []

    def work():
        try:
            start.wait(timeout=10)
            digest.mail_due(now=later())
        except Exception as fault:  # noqa: BLE001 - told to the test below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert not faults
    text = OutgoingMail.objects.get().text
    assert all(text.count(f"Maatregel M{number}") == 1 for number in range(5))


def test_it_is_mailed_by_the_beat(people, question, settings):
    jobs = {job["task"] for job in settings.CELERY_BEAT_SCHEDULE.values()}
    assert tasks.mail_news.name in jobs
    assert "plan.questions.tasks" in settings.CELERY_IMPORTS
    with time_machine.travel(timezone.now() - timedelta(hours=1), tick=False):
        tell(question, Kind.ACCEPTED, key="a")
    tasks.mail_news()
    assert OutgoingMail.objects.count() == 1


# --- Stopping it -----------------------------------------------------------------------------------------------------


def test_it_can_be_stopped_and_started_again(people, client_for):
    client, url = client_for(people.representative), reverse("partners:choose_news")
    page = client.get(reverse("partners:own_memberships")).content.decode()
    assert "Stop deze mail" in page
    for wish, wanted in (("0", False), ("0", False), ("1", True)):
        response = client.post(url, {"news_by_mail": wish}, follow=True)
        assert response.status_code == 200
        people.representative.refresh_from_db()
        assert people.representative.news_by_mail is wanted
    assert client.get(url).status_code == 405
    people.other.refresh_from_db()
    assert people.other.news_by_mail


def test_it_asks_a_visitor_to_sign_in(db, client):
    assert client.post(reverse("partners:choose_news"), {"news_by_mail": "0"}).status_code == 302


# --- What other slices tell ------------------------------------------------------------------------------------------


def kinds(pact):
    rows = QuestionNews.objects.in_pact(pact).order_by("pk")
    return [(row.question.number, row.kind, row.details.get("outcome", "")) for row in rows]


def test_it_tells_of_a_measure_and_what_was_decided(people, question):
    programme = make_programme(people.pact)
    measure = measures.propose(
        people.pact,
        lead=people.school,
        by=people.representative,
        areas=[people.pact.areas.first()],
        questions=[question],
        programmes=[programme],
        title="Brugklascoach",
        kind="continue",
        line="strengthen",
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 1, 1),
        goal="<p>Rust.</p>",
        budget=Decimal(100),
        remains_after="De school betaalt.",
    )
    for outcome in (Measure.State.DEFERRED, Measure.State.APPROVED):
        measures.decide(measure, outcome=outcome, on=timezone.localdate(), reason="Goed.", by=people.coordinator)
    assert kinds(people.pact) == [
        (question.number, "measure", ""),
        (question.number, "decided", "deferred"),
        (question.number, "decided", "approved"),
    ]
    row = QuestionNews.objects.in_pact(people.pact).first()
    assert row.path == reverse("plan:measure_detail", args=[people.pact.slug, measure.number])


def test_it_answers_no_question_that_was_taken_back_meanwhile(people, question):
    stale = SupportQuestion.unscoped.get(pk=question.pk)
    workflow.withdraw(question, by=people.coordinator, as_coordinator=True)
    with pytest.raises(ValidationError) as fault:
        measures.propose(
            people.pact,
            lead=people.school,
            by=people.representative,
            areas=[people.pact.areas.first()],
            questions=[stale],
            programmes=[make_programme(people.pact)],
            title="Brugklascoach",
            kind="continue",
            line="strengthen",
            starts_on=date(2026, 1, 1),
            ends_on=date(2027, 1, 1),
            goal="<p>Rust.</p>",
            budget=Decimal(100),
            remains_after="De school betaalt.",
        )
    assert "questions" in fault.value.error_dict


def test_it_tells_of_an_evaluation_to_who_has_a_measure_in_force(people, question):
    other = make_question(people.pact)
    running = make_measure(
        people.pact,
        questions=[question],
        state=Measure.State.APPROVED,
        outcome_on=date(2026, 2, 1),
        outcome_reason="Goed.",
    )
    make_measure(people.pact, questions=[other])
    make_series(people.pact, [people.school])
    evaluations.move_on(on=date(2026, 6, 1))
    for _ in range(2):
        evaluations.move_on(on=date(2026, 7, 15))
    news = QuestionNews.objects.in_pact(people.pact).get()
    assert (news.question, news.kind, news.details["code"]) == (question, Kind.EVALUATED, running.code)
    assert "/evaluations/" in news.path
