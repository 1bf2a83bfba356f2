"""The pages of support questions, as each of the people sees them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plan.questions.models import SupportQuestion
from plan.questions.workflow import mark_of
from tests.factories import make_fit, make_measure, make_partner, make_programme, make_question

State = SupportQuestion.State
HTMX = {"HTTP_HX_REQUEST": "true"}


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    return response.content.decode()


# --- The list --------------------------------------------------------------------------------------------------------


def test_it_lists_what_was_submitted_and_counts_it_in_words(people, client_for):
    make_question(people.pact, title="Wie helpt bij de overstap?")
    make_question(people.pact, title="Wie helpt bij verdriet?")
    make_question(people.other_pact, title="Iets van elders")
    page = text_of(client_for(people.reader).get(address("question_list", people.pact)))
    assert "2 vragen" in page
    assert "Wie helpt bij verdriet?" in page
    assert "Iets van elders" not in page


def test_it_hides_a_draft_from_all_but_the_own_organisation(people, client_for):
    draft = make_question(people.pact, title="Nog niet af", state=State.DRAFT, partnership=people.school)
    for user, status in (
        (people.representative, 200),
        (people.other, 404),
        (people.coordinator, 404),
        (people.reader, 404),
    ):
        client = client_for(user)
        assert client.get(address("question_detail", people.pact, draft.number)).status_code == status
        assert ("Nog niet af" in text_of(client.get(address("question_list", people.pact)))) is (status == 200)


def test_it_filters_sorts_and_pages_by_the_address(people, client_for):
    second = people.pact.areas.last()
    make_question(people.pact, title="Rust in de klas", areas=[second], urgency=3, partnership=people.school)
    make_question(
        people.pact, title="Sport na school", municipalities=[people.municipality], partnership=people.childcare
    )
    make_question(people.pact, title="Later misschien", state=State.SUBMITTED, partnership=people.school)
    client, url = client_for(people.reader), address("question_list", people.pact)

    def found(**query):
        page = text_of(client.get(url, query))
        return {title for title in ("Rust in de klas", "Sport na school", "Later misschien") if title in page}

    assert found(words="rust klas") == {"Rust in de klas"}
    assert found(words="V2") == {"Sport na school"}
    assert found(area=second.pk) == {"Rust in de klas"}
    assert found(state="submitted") == {"Later misschien"}
    assert found(sector="kinderopvang") == {"Sport na school"}
    assert found(partner=people.childcare.pk) == {"Sport na school"}
    assert found(urgency=3) == {"Rust in de klas"}
    assert found(municipality=people.municipality.pk) == {"Rust in de klas", "Sport na school", "Later misschien"}
    assert found(words="bestaat niet") == set()
    page = text_of(client.get(url, {"sort": "title"}))
    assert page.index("Later misschien") < page.index("Rust in de klas") < page.index("Sport na school")


def test_it_shows_one_page_at_a_time(people, client_for):
    for _ in range(30):
        make_question(people.pact)
    client, url = client_for(people.reader), address("question_list", people.pact)
    assert text_of(client.get(url)).count('<th scope="row">') == 25
    assert text_of(client.get(url, {"page": "2"})).count('<th scope="row">') == 5
    assert client.get(url, {"page": "zeven"}).status_code == 200
    assert client.get(url, {"page": "999999999999999999999999"}).status_code == 200


def test_it_answers_htmx_with_the_rows_alone_and_announces_the_count(people, client_for):
    make_question(people.pact)
    response = client_for(people.reader).get(address("question_list", people.pact), **HTMX)
    page = text_of(response)
    assert page.strip().startswith('<div id="rows"')
    assert 'data-announce="1 vraag gevonden"' in page
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize(
    "query",
    [
        {"area": "999999"},
        {"area": "een"},
        {"area": "9" * 40},
        {"state": "onbekend"},
        {"sector": "<script>"},
        {"partner": "\x00"},
        {"urgency": "9"},
        {"sort": "drop"},
        {"words": "\x00"},
        {"words": "a" * 300},
        {"municipality": "-1"},
    ],
)
def test_it_says_that_it_does_not_know_a_filter(people, client_for, query):
    make_question(people.pact, title="Wie helpt bij de overstap?")
    response = client_for(people.reader).get(address("question_list", people.pact), query)
    assert response.status_code == 200
    assert "kennen wij niet" in text_of(response)
    assert "Wie helpt bij de overstap?" in text_of(response)


def test_it_does_not_filter_by_an_area_of_another_pact(people, client_for):
    url, area = address("question_list", people.pact), people.other_pact.areas.first()
    assert "kennen wij niet" in text_of(client_for(people.reader).get(url, {"area": area.pk}))


def test_it_says_what_belongs_on_an_empty_list(people, client_for):
    url = address("question_list", people.pact)
    assert "Schrijf de eerste vraag op" in text_of(client_for(people.representative).get(url))
    page = text_of(client_for(people.reader).get(url))
    assert "Nog geen vragen" in page
    assert address("question_new", people.pact) not in page


# --- Reading and curating --------------------------------------------------------------------------------------------


def test_it_shows_what_becomes_of_a_question(people, client_for):
    question = make_question(people.pact, partnership=people.school)
    make_fit(question, make_programme(people.pact, name="Brugklascoach"), reason="Bereikt alle scholen.")
    measure = make_measure(people.pact, questions=[question], title="Brugklascoach op elke school")
    page = text_of(client_for(people.advisor).get(address("question_detail", people.pact, question.number)))
    for words in (
        "Brugklascoach",
        "Bereikt alle scholen.",
        "Brugklascoach op elke school",
        f"Beantwoord met {measure.code}",
        "Besluit over de maatregel",
    ):
        assert words in page


def test_it_asks_once_before_accepting_and_then_mails(people, client_for, mailoutbox):
    question = make_question(people.pact, state=State.SUBMITTED, created_by=people.representative)
    client, url = client_for(people.coordinator), address("question_accept", people.pact, question.number)
    assert "aannemen" in text_of(client.post(url, {"seen": mark_of(question)}))
    question.refresh_from_db()
    assert question.state == State.SUBMITTED
    response = client.post(url, {"seen": mark_of(question), "confirmed": "1"}, follow=True)
    assert "is aangenomen" in text_of(response)
    question.refresh_from_db()
    assert question.state == State.ACCEPTED


def test_it_tells_the_second_coordinator_what_happened(people, client_for):
    question = make_question(people.pact, state=State.SUBMITTED)
    client, seen = client_for(people.coordinator), mark_of(question)
    url = address("question_accept", people.pact, question.number)
    client.post(url, {"seen": seen, "confirmed": "1"})
    response = client.post(url, {"seen": seen, "confirmed": "1"}, follow=True)
    assert "is intussen aangenomen" in text_of(response)
    back = client.post(
        address("question_send_back", people.pact, question.number), {"seen": seen, "remark": "Noem de leeftijd."}
    )
    assert "is intussen aangenomen" in text_of(back)
    assert text_of(back).count("Noem de leeftijd.") == 1


def test_it_sends_back_in_place_and_keeps_a_remark_that_is_too_long(people, client_for):
    question = make_question(people.pact, state=State.SUBMITTED)
    client, url = client_for(people.coordinator), address("question_send_back", people.pact, question.number)
    assert "Schrijf op wat de indiener moet aanpassen." in text_of(client.post(url, {"remark": " "}))
    long = "Noem de leeftijd. " * 200
    assert "Noem de leeftijd." in text_of(client.post(url, {"remark": long}))
    question.refresh_from_db()
    assert question.state == State.SUBMITTED
    response = client.post(url, {"remark": "Noem de leeftijd.", "seen": mark_of(question)}, follow=True)
    assert "is teruggestuurd" in text_of(response)
    assert "Noem de leeftijd." in text_of(response)


@pytest.mark.parametrize("name", ["question_accept", "question_send_back", "question_submit"])
def test_it_changes_a_question_by_post_only_and_only_by_those_who_may(people, client_for, name):
    question = make_question(people.pact, state=State.SUBMITTED, partnership=people.school)
    url = address(name, people.pact, question.number)
    assert client_for(people.coordinator).get(url).status_code == 405
    for who, status in (("other", 403), ("reader", 403), ("stranger", 404)):
        assert client_for(getattr(people, who)).post(url, {"confirmed": "1"}).status_code == status, who


def test_it_is_not_there_for_strangers(people, client_for):
    question = make_question(people.pact)
    client = client_for(people.stranger)
    for url in (
        address("question_list", people.pact),
        address("question_new", people.pact),
        address("question_detail", people.pact, question.number),
        address("question_detail", people.other_pact, 77),
        address("question_detail", people.other_pact, 10**20),
    ):
        assert client.get(url).status_code == 404


def queries_of(client, url):
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_it_asks_the_database_as_often_for_one_row_as_for_fifty(people, client_for):
    client = client_for(people.coordinator)

    def add():
        question = make_question(
            people.pact,
            areas=list(people.pact.areas.all()),
            partnership=make_partner(people.pact),
            municipalities=[people.municipality],
        )
        make_fit(question, make_programme(people.pact, provider=make_partner(people.pact)))
        make_fit(first, make_programme(people.pact, provider=make_partner(people.pact)))
        make_measure(people.pact, questions=[first], lead=make_partner(people.pact))

    first = make_question(people.pact)
    add()
    urls = [address("question_list", people.pact), address("question_detail", people.pact, first.number)]
    before = [queries_of(client, url) for url in urls]
    for _ in range(20):
        add()
    assert [queries_of(client, url) for url in urls] == before
