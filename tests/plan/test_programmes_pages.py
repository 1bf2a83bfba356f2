"""The pages of programmes, of judging their fit, and of coverage, as each of the people sees them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from plan.programmes.models import Fit, Programme
from plan.programmes.workflow import mark_of
from plan.questions.models import SupportQuestion
from tests.factories import make_fit, make_measure, make_partner, make_programme, make_question

State = SupportQuestion.State
HTMX = {"HTTP_HX_REQUEST": "true"}


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    return response.content.decode()


def filled(people, **fields):
    return {
        "provider": people.school.pk,
        "name": "Brugklascoach",
        "description": "<p>Een coach op school.</p>",
        "preventie": "on",
        "areas": [people.pact.areas.first().pk],
        "age_from": "11",
        "age_to": "14",
        "municipalities": [people.municipality.pk],
        "reach_per_year": "300",
        "starts_on": "1-9-2025",
        "ends_on": "31 juli 2027",
        "funding_source": "schoolbestuur",
        "yearly_cost": "12.500,50",
        **fields,
    }


def judgement(programme, **fields):
    return {
        "programme": programme.pk,
        "level": "sufficient",
        "reason": "Bereikt alle scholen.",
        "evidence": "Evaluatie van 2025",
        **fields,
    }


def test_it_lists_and_filters_programmes(people, client_for):
    second = people.pact.areas.last()
    make_programme(people.pact, name="Sportcoach", amplitie=True, provider=people.school)
    make_programme(people.pact, name="Gezinshulp", areas=[second], curatie=True, provider=people.childcare)
    make_programme(people.other_pact, name="Iets van elders")
    client, url = client_for(people.reader), address("programme_list", people.pact)

    def found(**query):
        page = text_of(client.get(url, query))
        return {name for name in ("Sportcoach", "Gezinshulp", "Iets van elders") if name in page}

    assert found() == {"Sportcoach", "Gezinshulp"}
    assert found(words="sport") == {"Sportcoach"}
    assert found(words="A2") == {"Gezinshulp"}
    assert found(layer="curatie") == {"Gezinshulp"}
    assert found(area=second.pk) == {"Gezinshulp"}
    assert found(provider=people.school.pk) == {"Sportcoach"}
    assert found(municipality=people.municipality.pk) == {"Sportcoach", "Gezinshulp"}
    assert found(sort="reach") == {"Sportcoach", "Gezinshulp"}
    for query in ({"layer": "onbekend"}, {"area": "9" * 40}, {"provider": "\x00"}, {"sort": "drop"}):
        response = client.get(url, query)
        assert response.status_code == 200
        assert "kennen wij niet" in text_of(response)


def test_it_answers_htmx_with_the_rows_alone_and_announces_the_count(people, client_for):
    make_programme(people.pact)
    page = text_of(client_for(people.reader).get(address("programme_list", people.pact), **HTMX))
    assert page.strip().startswith('<div id="rows"')
    assert "data-announce=" in page


def test_it_leads_to_the_own_list_the_examples_and_to_import_and_export_with_the_filters(people, client_for):
    make_programme(people.pact, name="Sportcoach")
    url = address("programme_list", people.pact)
    page = text_of(client_for(people.representative).get(url, {"words": "sport"}))
    for name in ("programme_own", "programme_examples"):
        assert address(name, people.pact) in page
    assert address("import_new", people.pact, "programmes") in page
    assert f"{address('programme_export', people.pact)}?words=sport&amp;format=xlsx" in page
    read_only = text_of(client_for(people.reader).get(url))
    assert address("programme_own", people.pact) not in read_only
    assert address("import_new", people.pact, "programmes") not in read_only


def test_it_says_what_belongs_on_an_empty_list(people, client_for):
    url = address("programme_list", people.pact)
    assert "Zet het eerste aanbod op de lijst" in text_of(client_for(people.representative).get(url))
    assert address("programme_new", people.pact) not in text_of(client_for(people.reader).get(url))


def test_it_puts_a_programme_on_the_list_and_changes_it(people, client_for):
    client = client_for(people.representative)
    client.post(address("programme_new", people.pact), filled(people))
    programme = Programme.objects.in_pact(people.pact).get()
    assert str(programme.yearly_cost) == "12500.50"
    assert str(programme.ends_on) == "2027-07-31"
    url = address("programme_edit", people.pact, programme.number)
    client.post(url, filled(people, name="Brugklasmentor", seen=mark_of(programme)))
    programme.refresh_from_db()
    assert programme.name == "Brugklasmentor"
    response = client.post(url, filled(people, name="Nog een naam", seen="verouderd"))
    page = text_of(response)
    assert "Iemand anders" in page
    assert "Nog een naam" in page
    stands = page[page.index("Zo staat het er nu") : page.index("Klopt dat?")]
    assert "Brugklasmentor" in stands
    # Only what differs: the rest stands in the form already.
    assert "schoolbestuur" not in stands
    seen = re.search(r'name="seen" value="([0-9a-f]{32})"', page)[1]
    client.post(url, filled(people, name="Nog een naam", seen=seen))
    programme.refresh_from_db()
    assert programme.name == "Nog een naam"


def test_it_is_kept_by_provider_and_coordinator(people, client_for):
    programme = make_programme(people.pact, provider=people.school)
    url = address("programme_edit", people.pact, programme.number)
    statuses = {
        "representative": 200,
        "coordinator": 200,
        "other": 403,
        "reader": 403,
        "signatory": 403,
        "stranger": 404,
    }
    for who, status in statuses.items():
        assert client_for(getattr(people, who)).get(url).status_code == status, who
        assert client_for(getattr(people, who)).post(url, filled(people)).status_code in {status, 302}, who
    response = client_for(people.other).post(address("programme_new", people.pact), filled(people))
    assert response.status_code == 200
    assert Programme.objects.in_pact(people.pact).count() == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"name": ""},
        {"name": "niet\x00goed"},
        {"preventie": ""},
        {"age_from": "20", "age_to": "3"},
        {"age_to": "99999999999999999999"},
        {"reach_per_year": "9" * 30},
        {"reach_per_year": "5000000"},
        {"yearly_cost": "1e400"},
        {"yearly_cost": "-5"},
        {"yearly_cost": "gratis"},
        {"starts_on": "32-13-2026"},
        {"starts_on": "1-1-2027", "ends_on": "1-1-2026"},
        {"areas": []},
        {"areas": ["9" * 40]},
        {"nji_level": "perfect"},
        {"link": "javascript:alert(1)"},
        {"link": "ftp://voorbeeld.example/bestand"},
        {"link": "niet een adres"},
        {"link": "https://voorbeeld.example/" + "x" * 300},
        {"is_example": "on", "example_reason": " "},
        {"example_reason": "x" * 601},
        {"description": "lang " * 5000},
    ],
)
def test_it_keeps_what_was_typed_when_something_is_wrong(people, client_for, fault):
    response = client_for(people.representative).post(address("programme_new", people.pact), filled(people, **fault))
    assert response.status_code == 200
    page = text_of(response)
    assert "fault-summary" in page
    assert "schoolbestuur" in page
    if "description" not in fault:
        assert "Een coach op school." in page
    assert not Programme.objects.in_pact(people.pact).exists()


def test_it_takes_no_areas_or_places_of_another_pact(people, client_for):
    other = people.other_pact
    for strange in ({"areas": [other.areas.first().pk]}, {"municipalities": [other.partnerships.first().pk]}):
        response = client_for(people.representative).post(
            address("programme_new", people.pact), filled(people, **strange)
        )
        assert "Kies alleen uit de lijst" in text_of(response)


# --- Fit -------------------------------------------------------------------------------------------------------------


def test_it_judges_a_fit_and_renews_it(people, client_for):
    question, programme = make_question(people.pact), make_programme(people.pact, name="Brugklascoach")
    client, url = client_for(people.coordinator), address("fit_judge", people.pact, question.number)
    response = client.post(url, judgement(programme), follow=True)
    assert "Brugklascoach" in text_of(response)
    assert "sluit voldoende aan" in text_of(response)
    again = text_of(client.get(url, {"programme": programme.number}))
    assert "komt uw oordeel daarvoor in de plaats" in again
    assert "Bereikt alle scholen." in again
    client.post(url, judgement(programme, level="partly"))
    assert Fit.objects.in_pact(people.pact).get().level == Fit.Level.PARTLY
    for number in ("nee", "9" * 40, "\x00", "²"):
        assert client.get(url, {"programme": number}).status_code == 200


def test_it_judges_on_a_second_press_what_somebody_judged_meanwhile(people, client_for):
    question, programme = make_question(people.pact, partnership=people.school), make_programme(people.pact)
    client, url = client_for(people.representative), address("fit_judge", people.pact, question.number)
    seen = re.search(r'name="seen" value="([0-9]+)"', text_of(client.get(url)))[1]
    other = judgement(programme, level="partly", reason="Alleen groep 8 doet mee.")
    client_for(people.coordinator).post(url, other)
    sent = judgement(programme, reason="Alle scholen doen mee.", seen=seen)
    page = text_of(client.post(url, sent))
    assert "Iemand anders" in page
    assert "Alleen groep 8 doet mee." in page
    assert "Alle scholen doen mee." in page
    assert Fit.objects.in_pact(people.pact).get().level == "partly"
    sent["seen"] = re.search(r'name="seen" value="([0-9]+)"', page)[1]
    client.post(url, sent)
    assert Fit.objects.in_pact(people.pact).get().level == "sufficient"


def test_it_lets_partners_judge_their_own_question_or_their_own_programme(people, client_for):
    own = make_question(people.pact, partnership=people.school)
    foreign = make_question(people.pact, partnership=people.childcare)
    of_school = make_programme(people.pact, provider=people.school)
    of_childcare = make_programme(people.pact, provider=people.childcare)
    client = client_for(people.representative)
    client.post(address("fit_judge", people.pact, own.number), judgement(of_childcare))
    client.post(address("fit_judge", people.pact, foreign.number), judgement(of_school))
    assert Fit.objects.in_pact(people.pact).count() == 2
    response = client.post(address("fit_judge", people.pact, foreign.number), judgement(of_childcare))
    assert "Kies het aanbod uit de lijst." in text_of(response)
    assert Fit.objects.in_pact(people.pact).count() == 2


def test_it_lets_nobody_else_judge(people, client_for):
    question = make_question(people.pact, partnership=people.school)
    programme = make_programme(people.pact, provider=people.school)
    url = address("fit_judge", people.pact, question.number)
    for who, status in (("other", 403), ("signatory", 403), ("advisor", 403), ("reader", 403), ("stranger", 404)):
        client = client_for(getattr(people, who))
        assert client.get(url).status_code == status, who
        assert client.post(url, judgement(programme)).status_code == status, who


@pytest.mark.parametrize(
    "fault",
    [
        {"level": "perfect"},
        {"reason": " "},
        {"reason": "x" * 2001},
        {"reason": "niet\x00goed"},
        {"evidence": "x" * 301},
        {"evidence": " "},
        {"seen": "geen getal"},
        {"expires_on": "1-1-2020"},
        {"expires_on": "morgen"},
        {"programme": "9" * 40},
        {"programme": "een"},
    ],
)
def test_it_keeps_what_was_typed_when_a_judgement_is_wrong(people, client_for, fault):
    question, programme = make_question(people.pact), make_programme(people.pact)
    sent = {**judgement(programme), "evidence": "Gesprek met mentoren", **fault}
    response = client_for(people.coordinator).post(address("fit_judge", people.pact, question.number), sent)
    assert response.status_code == 200
    assert "fault-summary" in text_of(response)
    if "evidence" not in fault:
        assert "Gesprek met mentoren" in text_of(response)
    assert not Fit.objects.in_pact(people.pact).exists()


def test_it_judges_no_programme_of_another_pact(people, client_for):
    question, strange = make_question(people.pact), make_programme(people.other_pact)
    response = client_for(people.coordinator).post(
        address("fit_judge", people.pact, question.number), judgement(strange)
    )
    assert "Kies het aanbod uit de lijst." in text_of(response)


def test_it_shows_an_expired_fit_as_unknown(people, client_for):
    question, programme = make_question(people.pact), make_programme(people.pact)
    today = timezone.localdate()
    make_fit(question, programme, judged_on=today - timedelta(days=366), expires_on=today)
    for url in (
        address("question_detail", people.pact, question.number),
        address("programme_detail", people.pact, programme.number),
    ):
        page = text_of(client_for(people.reader).get(url))
        assert "oordeel is verlopen" in page
        assert "sluit voldoende aan" not in page


# --- Coverage --------------------------------------------------------------------------------------------------------


def test_it_shows_the_matrix_with_words_beside_every_sign(people, client_for):
    covered = make_question(people.pact, title="Deze is beantwoord")
    make_question(people.pact, title="Deze staat open")
    make_fit(covered, make_programme(people.pact))
    client, url = client_for(people.reader), address("coverage", people.pact)
    page = text_of(client.get(url))
    assert "1 van 2 vragen heeft nog geen voldoende antwoord" in page
    assert "Deze staat open" in page
    assert "Deze is beantwoord" not in page
    assert "voldoende, 1 keer aanbod" in page
    assert "12 tot 18 jaar" in text_of(client.get(url, {"by": "phase"}))
    assert "preventie" in text_of(client.get(url, {"by": "onbekend"}))


def test_it_shows_the_gaps_one_page_at_a_time_the_most_urgent_first(people, client_for):
    for _ in range(27):
        make_question(people.pact)
    make_question(people.pact, title="Dit kan niet wachten", urgency=3)
    client, url = client_for(people.reader), address("coverage", people.pact)
    page = text_of(client.get(url))
    assert page.count("task-list__title") == 25
    assert "Dit kan niet wachten" in page
    assert text_of(client.get(url, {"page": "2"})).count("task-list__title") == 3
    assert client.get(url, {"page": "\x00"}).status_code == 200


def test_it_says_when_there_is_nothing_to_compare(people, client_for):
    assert "Nog niets te vergelijken" in text_of(client_for(people.reader).get(address("coverage", people.pact)))


def test_it_is_not_there_for_strangers(people, client_for):
    programme, client = make_programme(people.pact), client_for(people.stranger)
    for url in (
        address("programme_list", people.pact),
        address("programme_new", people.pact),
        address("programme_detail", people.pact, programme.number),
        address("programme_detail", people.other_pact, programme.number),
        address("coverage", people.pact),
    ):
        assert client.get(url).status_code == 404


def queries_of(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_it_asks_the_database_as_often_for_one_row_as_for_fifty(people, client_for):
    client = client_for(people.coordinator)
    first, asked = make_programme(people.pact), make_question(people.pact)

    def add():
        question = make_question(
            people.pact, partnership=make_partner(people.pact), areas=list(people.pact.areas.all())
        )
        programme = make_programme(
            people.pact, provider=make_partner(people.pact), municipalities=[people.municipality], amplitie=True
        )
        make_fit(question, first)
        make_fit(question, programme, level="partly")
        make_measure(people.pact, programmes=[first], lead=make_partner(people.pact))

    add()
    urls = [
        address("programme_list", people.pact),
        address("programme_detail", people.pact, first.number),
        address("fit_judge", people.pact, asked.number),
        address("coverage", people.pact),
        address("coverage", people.pact) + "?by=phase",
    ]
    before = [queries_of(client, url) for url in urls]
    for _ in range(20):
        add()
    assert [queries_of(client, url) for url in urls] == before
