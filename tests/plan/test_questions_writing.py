"""Writing a question in short steps, as each of the people does it."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Membership
from plan.questions.digest import mail_due
from plan.questions.models import Endorsement, QuestionNews, SupportQuestion
from plan.questions.workflow import draft as workflow_draft
from plan.questions.workflow import mark_of, revise
from tests.factories import make_member, make_pact, make_partner, make_question

State = SupportQuestion.State
HTMX = {"HTTP_HX_REQUEST": "true"}


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    return response.content.decode()


def the_question(people):
    return SupportQuestion.objects.in_pact(people.pact).get()


def step(people, question, slug):
    return address("question_step", people.pact, question.number, slug)


def review(people, question):
    return address("question_review", people.pact, question.number)


TEXT = {
    "title": "Hoe maken wij de overstap makkelijker?",
    "description": "<p>Leerlingen vinden de overstap spannend.</p>",
    "next": "1",
}
AUDIENCE = {"age_from": "10", "age_to": "14", "transition": "primary_secondary", "young_people": "120", "next": "1"}


def theme(people, **fields):
    return {
        "areas": [people.pact.areas.first().pk],
        "protective_level": "surroundings",
        "urgency": "3",
        "source": "school_scan",
        "next": "1",
        **fields,
    }


@pytest.fixture
def draft(people):
    return make_question(
        people.pact,
        state=State.DRAFT,
        partnership=people.school,
        created_by=people.representative,
        title="Meer rust in de klas",
        protective_level="",
    )


def test_it_goes_from_the_first_step_to_handing_in(people, client_for):
    client = client_for(people.representative)
    response = client.post(address("question_new", people.pact), TEXT)
    question = the_question(people)
    assert (question.state, question.partnership) == (State.DRAFT, people.school)
    assert response["Location"] == step(people, question, "audience")
    assert "Stap 2 van 4" in text_of(client.get(response["Location"]))
    response = client.post(response["Location"], {**AUDIENCE, "municipalities": [people.municipality.pk]})
    assert response["Location"] == step(people, question, "theme")
    response = client.post(response["Location"], theme(people))
    assert response["Location"] == review(people, question)
    page = text_of(client.get(response["Location"]))
    for words in (TEXT["title"], "overstap spannend", "10 tot en met 14 jaar", "120", "in de omgeving", "schoolscan"):
        assert words in page
    assert page.count(">Wijzig<") == 3
    question.refresh_from_db()
    url = address("question_submit", people.pact, question.number)
    client.post(url, {"seen": mark_of(question)})
    question.refresh_from_db()
    assert question.state == State.SUBMITTED
    assert question.created_by == people.representative
    assert [place.pk for place in question.municipalities.all()] == [people.municipality.pk]
    again = client.post(url, {"seen": mark_of(question)}, follow=True)
    assert "al ingediend" in text_of(again)


def test_it_keeps_an_unfinished_draft_and_shows_what_is_missing_with_the_way_to_it(people, client_for, draft):
    client = client_for(people.representative)
    draft.areas.clear()
    response = client.post(step(people, draft, "theme"), {"urgency": "2", "source": "own_signal", "later": "1"})
    assert response["Location"] == address("question_detail", people.pact, draft.number)
    page = text_of(client.get(review(people, draft)))
    assert "Dit is nog nodig" in page
    assert "Vul nog in: wat moet sterker worden." in page
    assert f"{step(people, draft, 'theme')}?back=review" in page
    assert address("question_submit", people.pact, draft.number) not in page
    refused = client.post(address("question_submit", people.pact, draft.number), {})
    assert refused["Location"] == review(people, draft)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_it_asks_in_place_for_what_a_step_needs(people, client_for, draft):
    page = text_of(client_for(people.representative).post(step(people, draft, "theme"), theme(people, areas=[])))
    assert "fault-summary" in page
    assert "checked" in page


def test_it_comes_back_to_the_review_from_there(people, client_for, draft):
    client = client_for(people.representative)
    response = client.post(f"{step(people, draft, 'audience')}?back=review", AUDIENCE)
    assert response["Location"] == review(people, draft)
    page = text_of(client.get(f"{step(people, draft, 'audience')}?back=review"))
    assert f'href="{review(people, draft)}"' in page


@pytest.mark.parametrize("state", [State.SUBMITTED, State.RETURNED])
def test_it_changes_what_was_handed_in_by_the_same_steps(people, client_for, state):
    question = make_question(people.pact, state=state, partnership=people.school, remark="Noem de leeftijd.")
    client = client_for(people.representative)
    page = text_of(client.get(step(people, question, "audience")))
    assert ("Noem de leeftijd." in page) is (state == State.RETURNED)
    response = client.post(step(people, question, "audience"), AUDIENCE)
    assert response["Location"] == review(people, question)
    question.refresh_from_db()
    assert (question.state, question.age_from) == (state, 10)
    # What was handed in lacks nothing, also when one says "later".
    assert client.post(step(people, question, "theme"), theme(people, areas=[], later="1")).status_code == 200
    shows_button = f'action="{address("question_submit", people.pact, question.number)}"'
    assert (shows_button in text_of(client.get(review(people, question)))) is (state == State.RETURNED)


def test_it_asks_on_whose_behalf_only_when_there_is_a_choice(people, client_for):
    url = address("question_new", people.pact)
    assert 'name="partnership"' not in text_of(client_for(people.representative).get(url))
    # What is not asked cannot be chosen either.
    client_for(people.representative).post(url, {**TEXT, "partnership": people.childcare.pk})
    assert the_question(people).partnership == people.school
    Membership.unscoped.create(user=people.other, partnership=people.school, role="representative")
    page = text_of(client_for(people.other).get(url))
    assert 'name="partnership"' in page
    strange = {**TEXT, "title": "Iets heel anders", "partnership": people.municipality.pk}
    assert client_for(people.other).post(url, strange).status_code == 200
    assert SupportQuestion.objects.in_pact(people.pact).count() == 1


def test_it_lets_the_coordinator_put_a_question_on_another_name(people, client_for):
    question = make_question(people.pact, state=State.SUBMITTED, partnership=people.school)
    sent = {**TEXT, "partnership": people.childcare.pk, "seen": mark_of(question)}
    client_for(people.coordinator).post(step(people, question, "question"), sent)
    question.refresh_from_db()
    assert question.partnership == people.childcare


@pytest.mark.parametrize(
    ("slug", "fault"),
    [
        ("question", {"title": ""}),
        ("question", {"title": "x" * 201}),
        ("question", {"title": "niet\x00goed"}),
        ("question", {"title": "niet\x07goed"}),
        ("question", {"title": "twee\nregels"}),
        ("question", {"description": "lang " * 5000}),
        ("audience", {"age_from": "-1"}),
        ("audience", {"age_to": "24"}),
        ("audience", {"age_from": "15", "age_to": "4"}),
        ("audience", {"age_from": "veel"}),
        ("audience", {"age_from": "1e400"}),
        ("audience", {"age_from": "9" * 5000}),
        ("audience", {"young_people": "9" * 30}),
        ("audience", {"young_people": "-4"}),
        ("audience", {"transition": "onbekend"}),
        ("audience", {"municipalities": ["een"]}),
        ("theme", {"urgency": "9"}),
        ("theme", {"source": "onbekend"}),
        ("theme", {"protective_level": ""}),
        ("theme", {"areas": []}),
        ("theme", {"areas": ["9" * 40]}),
        ("theme", {"areas": ["\x00"]}),
    ],
)
def test_it_keeps_what_was_typed_when_something_is_wrong(people, client_for, draft, slug, fault):
    before = mark_of(draft)
    sent = {**{"question": TEXT, "audience": AUDIENCE, "theme": theme(people)}[slug], **fault}
    response = client_for(people.representative).post(step(people, draft, slug), sent)
    assert response.status_code == 200
    page = text_of(response)
    assert "fault-summary" in page
    assert mark_of(SupportQuestion.unscoped.get(pk=draft.pk)) == before
    assert "Meer rust in de klas" in page
    if slug == "question" and "description" not in fault:
        assert "overstap spannend" in page
    if slug == "audience" and "young_people" not in fault:
        assert 'value="120"' in page


@pytest.mark.logs_errors
def test_it_refuses_ten_megabytes_with_a_sentence(people, client_for):
    response = client_for(people.representative).post(
        address("question_new", people.pact), {**TEXT, "description": "x" * 10_000_000}
    )
    assert response.status_code in {400, 413}
    assert not SupportQuestion.objects.in_pact(people.pact).exists()


def test_it_calls_optional_only_what_a_submitted_question_may_lack(people, client_for, draft):
    client = client_for(people.representative)
    optional = [text_of(client.get(step(people, draft, slug))).count("niet verplicht") for slug in STEPS]
    # The description; the transition, the municipalities and the number of young people.
    assert optional == [1, 3, 0]


STEPS = ("question", "audience", "theme")


def test_it_takes_no_areas_or_places_of_another_pact(people, client_for, draft):
    client, other = client_for(people.representative), people.other_pact
    for slug, sent in (
        ("theme", theme(people, areas=[other.areas.first().pk])),
        ("audience", {**AUDIENCE, "municipalities": [other.partnerships.first().pk]}),
    ):
        assert "Kies alleen uit de lijst" in text_of(client.post(step(people, draft, slug), sent))


def test_it_cleans_the_description(people, client_for):
    text = "<p>Goed</p><script>alert(1)</script><img src=x onerror=alert(1)>"
    client_for(people.representative).post(address("question_new", people.pact), {**TEXT, "description": text})
    assert "script" not in the_question(people).description
    assert "img" not in the_question(people).description


def test_it_keeps_the_second_text_when_two_edit_at_once(people, client_for):
    question = make_question(people.pact, state=State.SUBMITTED, partnership=people.school)
    url = step(people, question, "question")
    sent = {**TEXT, "partnership": people.school.pk, "seen": mark_of(question)}
    client_for(people.representative).post(url, {**sent, "title": "De eerste tekst"})
    response = client_for(people.coordinator).post(url, {**sent, "title": "De tweede tekst"})
    assert "Iemand anders" in text_of(response)
    assert "De tweede tekst" in text_of(response)
    question.refresh_from_db()
    assert question.title == "De eerste tekst"


def seen_in(page):
    return re.search(r'name="seen" value="([0-9a-f]{32})"', page)[1]


def test_it_saves_on_a_second_press_what_stands_beside_the_other_text(people, client_for, draft):
    client, url = client_for(people.representative), step(people, draft, "question")
    seen = seen_in(text_of(client.get(url)))
    revise(
        draft,
        by=people.coordinator,
        title="Tekst van een collega",
        description="<p>Zijn <strong>toelichting</strong></p>",
    )
    sent = {**TEXT, "title": "Mijn eigen tekst", "description": "", "seen": seen}
    page = text_of(client.post(url, sent))
    stands = page[page.index("Zo staat het er nu") : page.index("<form", page.index("Zo staat het er nu"))]
    assert "Tekst van een collega" in stands
    assert "<strong>toelichting</strong>" in stands
    assert 'value="Mijn eigen tekst"' in page
    draft.refresh_from_db()
    assert draft.title == "Tekst van een collega"
    client.post(url, {**sent, "seen": seen_in(page)})
    draft.refresh_from_db()
    assert (draft.title, draft.description) == ("Mijn eigen tekst", "")


def test_it_is_refused_again_when_it_changes_once_more(people, client_for, draft):
    client, url = client_for(people.representative), step(people, draft, "audience")
    sent = {**AUDIENCE, "seen": seen_in(text_of(client.get(url)))}
    for number in (5, 6):
        revise(draft, by=people.coordinator, young_people=number)
        page = text_of(client.post(url, sent))
        assert f"<p>{number}</p>" in page
        sent["seen"] = seen_in(page)
    client.post(url, sent)
    draft.refresh_from_db()
    assert draft.young_people == 120


def test_it_says_so_when_something_else_was_changed(people, client_for, draft):
    client, url = client_for(people.representative), step(people, draft, "question")
    page = text_of(client.get(url))
    revise(draft, by=people.coordinator, young_people=5)
    sent = {"title": draft.title, "description": draft.description, "seen": seen_in(page)}
    page = text_of(client.post(url, sent))
    assert "Er is iets anders gewijzigd" in page
    assert client.post(url, {**sent, "seen": seen_in(page)}).status_code == 302


def test_it_makes_one_draft_of_a_double_click(people, client_for):
    client, url = client_for(people.representative), address("question_new", people.pact)
    with time_machine.travel(timezone.now(), tick=False) as now:
        first = client.post(url, TEXT)
        assert client.post(url, TEXT)["Location"] == first["Location"]
        assert SupportQuestion.objects.in_pact(people.pact).count() == 1
        # Somebody else, another text, and the same one later are questions of their own.
        client_for(people.other).post(url, TEXT)
        client.post(url, {**TEXT, "description": "<p>Anders.</p>"})
        assert SupportQuestion.objects.in_pact(people.pact).count() == 3
        now.shift(timedelta(seconds=61))
        client.post(url, TEXT)
        assert SupportQuestion.objects.in_pact(people.pact).count() == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("within", [timedelta(minutes=1), None])
def test_it_makes_one_draft_of_two_clicks_at_once(within):
    pact = make_pact()
    school = make_partner(pact)
    member = make_member(school)
    start = threading.Barrier(2)

    def click():
        try:
            start.wait(timeout=10)
            workflow_draft(pact, partnership=school, by=member, title="Twee keer", unless_within=within)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    # Without the look at what is there already two clicks are two questions.
    assert SupportQuestion.objects.in_pact(pact).count() == (1 if within else 2)


@pytest.mark.parametrize(("state", "is_read"), [(State.RETURNED, True), (State.WITHDRAWN, True), (State.DRAFT, False)])
def test_it_says_that_others_read_what_is_saved_at_one_that_was_handed_in(people, client_for, state, is_read):
    question = make_question(people.pact, state=state, partnership=people.school, remark="Noem de leeftijd.")
    page = text_of(client_for(people.representative).get(step(people, question, "audience")))
    assert ("kunnen lezen wat u hier opslaat" in page) is is_read


def test_it_is_edited_by_owner_and_coordinator_until_accepted(people, client_for):
    question = make_question(people.pact, state=State.SUBMITTED, partnership=people.school)
    urls = [
        address("question_edit", people.pact, question.number),
        review(people, question),
        address("question_withdraw", people.pact, question.number),
        *(step(people, question, slug) for slug in STEPS),
    ]
    statuses = {
        "representative": 200,
        "coordinator": 200,
        "other": 403,
        "reader": 403,
        "signatory": 403,
        "advisor": 403,
        "stranger": 404,
    }
    for who, status in statuses.items():
        client = client_for(getattr(people, who))
        assert [client.get(url).status_code for url in urls] == [status] * len(urls), who
    accepted = make_question(people.pact, partnership=people.school)
    client = client_for(people.representative)
    for url in (step(people, accepted, "question"), review(people, accepted)):
        assert client.get(url)["Location"] == address("question_detail", people.pact, accepted.number)
    response = client.post(step(people, accepted, "question"), {**TEXT, "title": "Toch anders"})
    assert "kan niet meer worden gewijzigd" in text_of(response)
    assert "Toch anders" in text_of(response)


def test_it_knows_no_other_steps(people, client_for, draft):
    assert client_for(people.representative).get(step(people, draft, "geheim")).status_code == 404


def test_it_keeps_a_partner_and_a_place_that_have_left(people, client_for):
    question = make_question(
        people.pact, state=State.SUBMITTED, partnership=people.school, municipalities=[people.municipality]
    )
    for partnership in (people.school, make_partner(people.pact, sector="gemeente"), people.municipality):
        partnership.left_on = timezone.localdate() - timedelta(days=1)
        partnership.save()
    coordinator = make_member(people.childcare, "coordinator")
    client = client_for(coordinator)
    client.post(step(people, question, "question"), {**TEXT, "partnership": people.school.pk})
    client.post(step(people, question, "audience"), {**AUDIENCE, "municipalities": [people.municipality.pk]})
    question.refresh_from_db()
    assert (question.title, question.age_from) == (TEXT["title"], 10)
    assert question.municipalities.get() == people.municipality


# --- Similar questions -----------------------------------------------------------------------------------------------


@pytest.fixture
def existing(people):
    return make_question(people.pact, title="Training tegen faalangst", partnership=people.childcare)


def test_it_shows_similar_questions_while_one_types(people, client_for, existing):
    client, url = client_for(people.representative), address("question_similar", people.pact)
    response = client.get(url, {"title": "faalangsttraining"}, **HTMX)
    page = text_of(response)
    assert page.strip().startswith('<div id="similar"')
    assert "Training tegen faalangst" in page
    assert address("question_endorse", people.pact, existing.number) in page
    assert 'data-announce="1 vraag lijkt op die van u"' in page
    assert "HX-Request" in response.headers["Vary"]
    assert "Training" not in text_of(client.get(url, {"title": "zwemles"}, **HTMX))
    form = text_of(client.get(address("question_new", people.pact)))
    assert f'hx-get="{url}"' in form
    assert f'href="{url}"' in form


def test_it_shows_them_once_more_before_going_on(people, client_for, existing):
    client = client_for(people.representative)
    response = client.post(address("question_new", people.pact), {**TEXT, "title": "faalangsttraining"}, follow=True)
    draft = SupportQuestion.objects.in_pact(people.pact).get(title="faalangsttraining")
    page = text_of(response)
    assert "Bestaat uw vraag al?" in page
    assert page.index("Ook onze vraag") < page.index("Toch een nieuwe vraag")
    assert f'href="{step(people, draft, "audience")}"' in page
    # The same title is not asked about again.
    again = client.post(step(people, draft, "question"), {**TEXT, "title": "faalangsttraining"})
    assert again["Location"] == step(people, draft, "audience")


def test_it_endorses_in_place_of_the_draft(people, client_for, existing, draft):
    url = address("question_endorse", people.pact, existing.number)
    response = client_for(people.representative).post(url, {"instead_of": draft.number}, follow=True)
    assert "is nu ook uw vraag" in text_of(response)
    draft.refresh_from_db()
    assert draft.state == State.WITHDRAWN
    assert Endorsement.objects.in_pact(people.pact).get().partnership == people.school


@pytest.mark.parametrize("who", ["other", "signatory"])
def test_it_leaves_the_drafts_of_others_alone(people, client_for, who):
    existing = make_question(people.pact, partnership=people.school)
    own = make_question(people.pact, state=State.DRAFT, partnership=people.school)
    for number in (own.number, existing.number, "x", "9" * 30, "\x00", -1):
        client_for(getattr(people, who)).post(
            address("question_endorse", people.pact, existing.number), {"instead_of": number}
        )
    own.refresh_from_db()
    existing.refresh_from_db()
    assert (own.state, existing.state) == (State.DRAFT, State.ACCEPTED)


def test_it_leads_a_merged_one_to_where_it_lives_on_and_hides_what_is_not_shared(people, client_for):
    root = make_question(people.pact, title="Iets met een andere naam", partnership=people.childcare)
    make_question(people.pact, title="Training tegen faalangst", state=State.MERGED, merged_into=root)
    make_question(people.pact, title="Faalangsttraining van de buren", state=State.DRAFT, partnership=people.childcare)
    make_question(people.other_pact, title="Faalangsttraining elders")
    for state in (State.RETURNED, State.WITHDRAWN):
        make_question(people.pact, title=f"Faalangsttraining {state}", state=state, remark="Anders.")
    page = text_of(
        client_for(people.representative).get(
            address("question_similar", people.pact), {"title": "faalangsttraining"}, **HTMX
        )
    )
    assert page.count("task-list__title") == 1
    assert "Iets met een andere naam" in page


def test_it_says_what_is_already_ones_own(people, client_for, existing):
    Endorsement.unscoped.create(question=existing, partnership=people.school, endorsed_by=people.representative)
    make_question(people.pact, title="Faalangst", partnership=people.school, state=State.SUBMITTED)
    page = text_of(
        client_for(people.representative).get(address("question_similar", people.pact), {"title": "faalangst"}, **HTMX)
    )
    assert "Al ook uw vraag" in page
    assert "Uw eigen vraag" in page
    assert "question_endorse" not in page
    reader = text_of(
        client_for(people.reader).get(address("question_similar", people.pact), {"title": "faalangst"}, **HTMX)
    )
    assert "Ook onze vraag" not in reader


@pytest.mark.parametrize("query", [{}, {"title": ""}, {"title": "\x00"}, {"title": "x" * 5000}, {"for": "V1"}])
def test_it_finds_nothing_in_what_tells_nothing(people, client_for, existing, query):
    for headers in ({}, HTMX):
        response = client_for(people.representative).get(address("question_similar", people.pact), query, **headers)
        assert response.status_code == 200


def test_it_asks_few_queries_for_similar_ones_among_two_thousand(people, client_for):
    first = make_question(people.pact, title="Training tegen faalangst")
    client, url = client_for(people.representative), address("question_similar", people.pact)

    def queries():
        client.get(url, {"title": "faalangsttraining"}, **HTMX)
        with CaptureQueriesContext(connection) as asked:
            client.get(url, {"title": "faalangsttraining"}, **HTMX)
        return len(asked)

    before = queries()
    SupportQuestion.unscoped.bulk_create(
        SupportQuestion(
            pact=people.pact,
            number=number,
            partnership=people.childcare,
            title=f"Vraag over faalangst, nummer {number}",
            protective_level="family",
            state=State.SUBMITTED,
            created_by=first.created_by,
            submitted_at=first.submitted_at,
        )
        for number in range(first.number + 1, first.number + 2000)
    )
    assert queries() <= before


# --- Taking back -----------------------------------------------------------------------------------------------------


def test_it_is_taken_back_on_a_page_that_says_what_that_means(people, client_for):
    question = make_question(people.pact, state=State.SUBMITTED, partnership=people.school)
    client, url = client_for(people.representative), address("question_withdraw", people.pact, question.number)
    page = text_of(client.get(url))
    assert "telt dan niet meer mee" in page
    too_long = client.post(url, {"reason": "Opgelost. " * 300})
    assert "Opgelost." in text_of(too_long)
    response = client.post(url, {"reason": "Al opgelost.", "seen": mark_of(question)}, follow=True)
    assert "is ingetrokken" in text_of(response)
    assert "Al opgelost." in text_of(response)
    again = client.post(url, {"reason": "Nog eens."})
    assert "intussen ingetrokken" in text_of(again)
    question.refresh_from_db()
    assert (question.state, question.withdrawal_reason) == (State.WITHDRAWN, "Al opgelost.")
    page = text_of(client.get(review(people, question)))
    assert address("question_submit", people.pact, question.number) in page


def test_it_is_taken_back_on_a_second_press_when_it_was_changed(people, client_for):
    question = make_question(people.pact, state=State.SUBMITTED, partnership=people.school)
    client, url = client_for(people.representative), address("question_withdraw", people.pact, question.number)
    sent = {"reason": "Al opgelost.", "seen": seen_in(text_of(client.get(url)))}
    revise(question, by=people.coordinator, title="Door een collega gewijzigd")
    page = text_of(client.post(url, sent))
    assert "Al opgelost." in page
    assert page.count("Door een collega gewijzigd") >= 2
    question.refresh_from_db()
    assert question.state == State.SUBMITTED
    client.post(url, {**sent, "seen": seen_in(page)})
    question.refresh_from_db()
    assert question.state == State.WITHDRAWN


def test_it_tells_the_submitter_that_a_coordinator_took_it_back(people, client_for):
    question = make_question(people.pact, partnership=people.school, created_by=people.representative)
    url = address("question_withdraw", people.pact, question.number)
    client_for(people.coordinator).post(url, {"reason": "Dubbel met V9."})
    mail_due(now=timezone.now() + timedelta(minutes=11))
    mail = OutgoingMail.objects.get()
    assert mail.recipient == people.representative.email
    assert "Ingetrokken door de coördinator." in mail.text
    assert "Dubbel met V9." in mail.text
    client, detail = client_for(people.representative), address("question_detail", people.pact, question.number)
    page = text_of(client.get(detail))
    assert "Ingetrokken door de coördinator" in page
    assert "Ingetrokken door de indiener" not in page
    # Taken back once more, now by the submitter: both stand there.
    client.post(address("question_submit", people.pact, question.number))
    client.post(url, {"reason": "Toch niet."})
    page = text_of(client.get(detail))
    assert "Ingetrokken door de coördinator" in page
    assert "Ingetrokken door de indiener" in page


@pytest.mark.parametrize("who", ["representative", "coordinator"])
def test_it_is_no_news_to_take_back_ones_own(people, client_for, who):
    partnership = people.school if who == "representative" else people.municipality
    question = make_question(people.pact, state=State.SUBMITTED, partnership=partnership)
    client_for(getattr(people, who)).post(address("question_withdraw", people.pact, question.number), {})
    question.refresh_from_db()
    assert question.state == State.WITHDRAWN
    assert not QuestionNews.objects.in_pact(people.pact).exists()
    page = text_of(client_for(people.reader).get(address("question_detail", people.pact, question.number)))
    assert "Ingetrokken door de indiener" in page


def test_it_names_who_else_asks_it(people, client_for):
    question = make_question(people.pact, state=State.SUBMITTED, partnership=people.school)
    Endorsement.unscoped.create(question=question, partnership=people.childcare, endorsed_by=people.other)
    response = client_for(people.representative).post(
        address("question_withdraw", people.pact, question.number), {"reason": "Weg ermee."}
    )
    page = text_of(response)
    assert str(people.childcare) in page
    assert "Weg ermee." in page
    question.refresh_from_db()
    assert question.state == State.SUBMITTED


def test_it_lets_only_the_coordinator_take_back_what_was_accepted(people, client_for):
    question = make_question(people.pact, partnership=people.school)
    url = address("question_withdraw", people.pact, question.number)
    detail = address("question_detail", people.pact, question.number)
    assert url not in text_of(client_for(people.representative).get(detail))
    assert "Vraag de coördinator" in text_of(client_for(people.representative).post(url, {}))
    assert url in text_of(client_for(people.coordinator).get(detail))
    client_for(people.coordinator).post(url, {})
    question.refresh_from_db()
    assert question.state == State.WITHDRAWN
