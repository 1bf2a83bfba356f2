"""The pages of the evaluations, by who opens them."""

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from evaluations.models import Answer, Evaluation, EvaluationSeries, Participation
from evaluations.series import workflow
from partners.models import Membership, Partnership
from partners.permissions import Role
from tests.factories import make_member, make_pact, make_partner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_march():
    with time_machine.travel("2027-03-10T12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def detail_url(evaluation):
    return reverse("evaluations:evaluation_detail", kwargs={"pact": "hier", "pk": evaluation.pk})


@pytest.fixture
def answer_url(evaluation):
    return reverse("evaluations:evaluation_answer", kwargs={"pact": "hier", "pk": evaluation.pk})


LIST = "/hier/evaluations/"
NEW = "/hier/evaluations/new/"


def typed(evaluation, *said):
    """The fields of the answer form, in the order of the topics."""
    topics = evaluation.series.topics.all()
    return {f"topic_{topic.pk}": value for topic, value in zip(topics, said, strict=False)}


def content(response):
    return " ".join(response.content.decode().split())


# --- The list ---


@pytest.mark.parametrize("who", ["coordinator", "representative", "signatory", "advisor", "reader"])
def test_it_lists_the_evaluations_for_every_member(evaluation, people, client_for, who):
    page = content(client_for(getattr(people, who)).get(LIST))
    assert "Halfjaarlijkse evaluatie" in page
    assert "0 van 3" in page
    assert page.count("gepland") == 2
    assert ("Nieuwe evaluatiecyclus" in page) == (who == "coordinator")


def test_it_asks_for_the_answer_until_it_is_there(evaluation, people, client_for, say):
    asked = "Uw antwoord wordt gevraagd"
    school, childcare = client_for(people.representative), client_for(people.other)
    assert asked in content(school.get(LIST))
    # A reader answers for nobody.
    assert asked not in content(client_for(people.reader).get(LIST))
    say(evaluation, people.school, "4")
    assert asked not in content(school.get(LIST))
    assert asked in content(childcare.get(LIST))
    workflow.move_on(on=date(2027, 3, 29))
    assert asked not in content(childcare.get(LIST))


def test_it_offers_the_coordinator_the_first_step(people, client_for):
    assert NEW in content(client_for(people.coordinator).get(LIST))
    page = content(client_for(people.reader).get(LIST))
    assert "Nog geen evaluaties" in page
    assert NEW not in page


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ["list", "new", "detail", "answer"])
def test_it_is_no_page_for_a_stranger(evaluation, people, client_for, detail_url, answer_url, name, method):
    url = {"list": LIST, "new": NEW, "detail": detail_url, "answer": answer_url}[name]
    client = client_for(people.stranger)
    assert getattr(client, method)(url).status_code == 404
    # Nor by the address of the own pact.
    if name in ("detail", "answer"):
        assert getattr(client, method)(url.replace("hier", "elders")).status_code in (404, 405)


@pytest.mark.parametrize("name", ["list", "new", "detail", "answer"])
def test_it_sends_who_is_not_signed_in_to_the_door(client, evaluation, detail_url, answer_url, name):
    url = {"list": LIST, "new": NEW, "detail": detail_url, "answer": answer_url}[name]
    response = client.get(url)
    assert response.status_code == 302
    assert "/accounts/login/" in response.url


def test_it_reads_only_by_get_and_answers_only_by_post(people, client_for, detail_url, answer_url):
    client = client_for(people.coordinator)
    assert client.post(LIST).status_code == 405
    assert client.post(detail_url).status_code == 405
    assert client.get(answer_url).status_code == 405


@pytest.mark.parametrize("number", [1, 12])
def test_it_lists_many_with_as_many_queries_as_one(
    people, series_fields, client_for, django_assert_max_num_queries, number
):
    for serial in range(number):
        workflow.plan_series(people.pact, **{**series_fields, "name": f"Cyclus {serial}"})
    client = client_for(people.coordinator)
    client.get(LIST)  # the first page of a session notes that it began
    with django_assert_max_num_queries(8):
        assert content(client.get(LIST)).count("Cyclus ") == number


# --- Planning ---


def planning(people, **changes):
    """The fields of the planning form as a browser sends them."""
    return {
        "name": "Evaluatie van het schooljaar",
        "starts_on": "31-3-2027",
        "ends_on": "31 december 2027",
        "every_months": "3",
        "open_days": "14",
        "participants": [str(people.school.pk), str(people.childcare.pk)],
        "topics-TOTAL_FORMS": "4",
        "topics-INITIAL_FORMS": "0",
        "topics-0-text": "Hoe gaat het?",
        "topics-0-kind": "scale",
        "topics-0-options": "",
        "topics-1-text": "Wat vraagt aandacht?",
        "topics-1-kind": "choice",
        "topics-1-options": "Tijd\r\nGeld\r\n\r\n",
        "topics-2-text": "Hoeveel jongeren?",
        "topics-2-kind": "number",
        "topics-2-options": "",
        "topics-2-counts_people": "on",
        "topics-3-text": "",
        "topics-3-kind": "scale",
        "topics-3-options": "",
        **changes,
    }


def test_it_plans_a_series(people, client_for):
    response = client_for(people.coordinator).post(NEW, planning(people), follow=True)
    assert "is gepland met 4 evaluaties" in content(response)
    series = EvaluationSeries.objects.in_pact(people.pact).get()
    assert [each.due_on for each in series.evaluations.all()] == [
        date(2027, 3, 31),
        date(2027, 6, 30),
        date(2027, 9, 30),
        date(2027, 12, 31),
    ]
    assert [(each.text, each.kind, each.options, each.counts_people) for each in series.topics.all()] == [
        ("Hoe gaat het?", "scale", [], False),
        ("Wat vraagt aandacht?", "choice", ["Tijd", "Geld"], False),
        ("Hoeveel jongeren?", "number", [], True),
    ]
    assert set(series.participants.all()) == {people.school, people.childcare}
    assert series.created_by == people.coordinator


def test_it_proposes_every_partner_that_takes_part(people, client_for):
    Partnership.unscoped.filter(pk=people.childcare.pk).update(left_on=date(2027, 1, 1))
    page = content(client_for(people.coordinator).get(NEW))
    assert page.count("checked") == 2
    assert "Kinderopvang Hier" not in page


@pytest.mark.parametrize("who", ["representative", "signatory", "advisor", "reader"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_lets_only_the_coordinator_plan(people, client_for, who, method):
    response = getattr(client_for(getattr(people, who)), method)(NEW, planning(people))
    assert response.status_code == 403
    assert not EvaluationSeries.objects.in_pact(people.pact).exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Getypte vraag"),
        ({"starts_on": "morgen"}, "dag, maand en jaar"),
        ({"starts_on": "9-3-2027"}, "Kies vandaag of een latere dag."),
        ({"ends_on": "1-1-2027"}, "De einddatum mag niet voor de begindatum liggen."),
        ({"every_months": "0"}, ""),
        ({"every_months": "veel"}, ""),
        ({"every_months": "1e400"}, ""),
        ({"open_days": "120"}, "De volgende evaluatie begint al na"),
        ({"participants": []}, ""),
        ({"participants": ["999999"]}, ""),
        ({"participants": ["9" * 40]}, ""),
        ({"participants": ["x"]}, ""),
        ({"topics-1-options": "Tijd"}, "Geef 2 tot en met 12 keuzes."),
        ({"topics-0-options": "ja\nnee"}, "Alleen bij een keuze horen keuzes."),
        ({"topics-0-counts_people": "on"}, "Alleen een getal kan jongeren tellen."),
        ({"topics-3-options": "zonder vraag"}, ""),
        ({"topics-0-kind": "smiley"}, ""),
        ({"topics-0-text": "a\x00b"}, ""),
        ({"topics-1-options": "a\x00\nb"}, ""),
        ({"topics-TOTAL_FORMS": "veel"}, ""),
        ({"topics-TOTAL_FORMS": "900"}, ""),
    ],
)
def test_it_keeps_what_was_typed_when_a_plan_is_refused(people, client_for, changes, words):
    fields = planning(people, **{"topics-2-text": "Getypte vraag", **changes})
    response = client_for(people.coordinator).post(NEW, fields)
    assert response.status_code == 200
    page = content(response)
    assert words in page
    assert "31 december 2027" in page or "ends_on" in changes
    assert "Getypte vraag" in page or changes.get("topics-TOTAL_FORMS") == "veel"
    assert "utrecht-alert--error" in page
    assert not EvaluationSeries.objects.in_pact(people.pact).exists()


def test_it_asks_for_at_least_one_question(people, client_for):
    empty = {f"topics-{number}-{field}": "" for number in range(3) for field in ("text", "options")}
    fields = planning(people, **empty)
    del fields["topics-2-counts_people"]
    assert "Stel ten minste één evaluatievraag." in content(client_for(people.coordinator).post(NEW, fields))


def test_it_refuses_a_partner_of_another_pact(people, client_for):
    elsewhere = people.other_pact.partnerships.get()
    response = client_for(people.coordinator).post(NEW, planning(people, participants=[str(elsewhere.pk)]))
    assert response.status_code == 200
    assert "Gemeente Elders" not in content(response)
    assert not EvaluationSeries.objects.in_pact(people.pact).exists()


def test_it_shows_the_days_before_planning(people, client_for):
    client = client_for(people.coordinator)
    response = client.post(NEW, planning(people, preview="1", name=""))
    page = content(response)
    assert "Zo komen er 4 evaluaties:" in page
    assert "30 juni 2027, antwoorden tot en met 13 juli 2027" in page
    # Nothing was handed in yet: no faults, and everything typed is still there.
    assert "utrecht-alert--error" not in page
    assert "Wat vraagt aandacht?" in page
    assert "Tijd Geld" in page
    assert page.count("checked") == 3
    assert not EvaluationSeries.objects.in_pact(people.pact).exists()
    assert "HX-Request" in response.headers["Vary"]


def test_it_answers_htmx_with_the_days_alone(people, client_for):
    client = client_for(people.coordinator)
    page = content(client.post(NEW, planning(people, preview="1"), headers={"HX-Request": "true"}))
    assert page.startswith('<div id="days"')
    assert "Zo komen er 4 evaluaties:" in page
    assert "<form" not in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts_on": "onzin"}, "Vul eerst een geldige begindatum"),
        ({"ends_on": "1-4-2026"}, "niet voor de begindatum"),
        ({"ends_on": "1-4-2099"}, "meer dan 60"),
        ({"ends_on": "31-12-9999"}, "meer dan 60"),
    ],
)
def test_it_says_why_there_are_no_days_to_show(people, client_for, changes, words):
    page = content(client_for(people.coordinator).post(NEW, planning(people, preview="1", **changes)))
    assert words in page


def test_it_gives_more_rows_and_keeps_the_typed_ones(people, client_for):
    client = client_for(people.coordinator)
    page = content(client.post(NEW, planning(people, more="1")))
    assert page.count("<legend>Evaluatievraag") == 7
    assert 'name="topics-TOTAL_FORMS" value="7"' in page
    assert "Wat vraagt aandacht?" in page
    part = content(client.post(NEW, planning(people, more="1"), headers={"HX-Request": "true"}))
    assert part.startswith("<section")
    assert part.count("<legend>Evaluatievraag") == 7


def test_it_plans_after_more_rows(people, client_for):
    """The page with more rows is an ordinary form again, of which empty rows still do not count."""
    client = client_for(people.coordinator)
    page = content(client.post(NEW, planning(people, more="1")))
    fields = planning(people)
    fields |= dict(re.findall(r'name="(topics-[A-Z]+_FORMS)" value="([0-9]+)"', page))
    assert fields["topics-TOTAL_FORMS"] == "7"
    client.post(NEW, fields | {"topics-6-text": "Nog een vraag", "topics-6-kind": "open"})
    series = EvaluationSeries.objects.in_pact(people.pact).get()
    assert [each.text for each in series.topics.all()][-1] == "Nog een vraag"


# --- Answering ---


@pytest.mark.parametrize("who", ["coordinator", "signatory", "representative", "advisor", "other"])
def test_it_gives_the_form_to_who_may_answer_for_a_participant(people, client_for, detail_url, answer_url, who):
    user = getattr(people, who)
    page = content(client_for(user).get(detail_url))
    assert answer_url in page
    own = Membership.objects.in_pact(people.pact).get(user=user).partnership
    assert f"Antwoorden van {own}" in page


def test_it_gives_a_reader_the_report_and_no_form(people, client_for, detail_url, answer_url):
    client = client_for(people.reader)
    page = content(client.get(detail_url))
    assert answer_url not in page
    assert "Verslag" in page
    assert client.post(answer_url).status_code == 403


def test_it_gives_no_form_to_a_partner_that_is_not_asked(people, client_for, evaluation, detail_url, answer_url):
    bystander = make_member(make_partner(people.pact, "Toeschouwer"))
    client = client_for(bystander)
    assert answer_url not in content(client.get(detail_url))
    assert client.post(answer_url, typed(evaluation, "4")).status_code == 404
    # Nor for somebody else's partner.
    fields = {**typed(evaluation, "4"), "partnership": people.school.pk}
    assert client.post(answer_url, fields).status_code == 404
    assert not Answer.unscoped.exists()


def test_it_does_not_answer_for_another_partner(people, client_for, evaluation, answer_url):
    client = client_for(people.other)
    fields = {**typed(evaluation, "4"), "partnership": people.school.pk}
    assert client.post(answer_url, fields).status_code == 404
    assert not Answer.unscoped.exists()


@pytest.mark.parametrize("partnership", ["x", "-1", "9" * 40, "٣", "1.5"])
def test_it_finds_no_partner_by_nonsense(people, client_for, evaluation, answer_url, partnership):
    fields = {**typed(evaluation, "4"), "partnership": partnership}
    assert client_for(people.other).post(answer_url, fields).status_code == 404


def test_it_keeps_answers_and_lets_them_be_revised(people, client_for, evaluation, detail_url, answer_url):
    client = client_for(people.representative)
    response = client.post(answer_url, typed(evaluation, "4", "12,5", "Geld", "Meer overleg"), follow=True)
    page = content(response)
    assert response.redirect_chain == [(detail_url, 302)]
    assert "De antwoorden van Schoolbestuur Hier zijn bewaard." in page
    assert "Bewaard op 10 maart 2027, 12:00" in page
    assert 'value="12,5"' in page
    assert "Meer overleg" in page
    assert "1 van de 3 partners hebben geantwoord." in page
    client.post(answer_url, typed(evaluation, "no_view", "", "", "Toch niet"))
    participation = Participation.objects.in_pact(people.pact).answered().get()
    scale, text = participation.answers.all()
    assert (scale.no_view, text.text) == (True, "Toch niet")


def test_it_keeps_what_was_typed_when_an_answer_is_refused(people, client_for, evaluation, answer_url):
    fields = typed(evaluation, "", "heel veel", "Rust", "Mijn lange tekst")
    response = client_for(people.representative).post(answer_url, fields)
    page = content(response)
    assert response.status_code == 200
    assert "Er zijn 3 dingen die nog niet kloppen" in page
    assert 'value="heel veel"' in page
    assert "Mijn lange tekst" in page
    assert not Answer.unscoped.exists()


@pytest.mark.parametrize("text", ["\x00\x07", "a\x00b", "<script>alert(1)</script>", "=1+1", "x" * 20_000, "\u202e"])
@pytest.mark.parametrize("position", range(4))
def test_it_breaks_on_no_text(people, client_for, evaluation, answer_url, text, position):
    said = ["4", "1", "Geld", "tekst"]
    said[position] = text
    response = client_for(people.representative).post(answer_url, typed(evaluation, *said))
    assert response.status_code in (200, 302)
    assert b"<script>alert" not in response.content


def test_it_breaks_on_no_half_of_a_character(people, client_for, evaluation, answer_url):
    scale, _number, _choice, text = evaluation.series.topics.all()
    body = f"topic_{scale.pk}=%ED%A0%80&topic_{text.pk}=%ED%A0%80"
    response = client_for(people.representative).post(
        answer_url, body, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 200


def test_it_loses_nothing_when_the_evaluation_has_closed(people, client_for, evaluation, answer_url):
    workflow.move_on(on=date(2027, 3, 29))
    response = client_for(people.representative).post(
        answer_url, typed(evaluation, "4", "12", "Geld", "Mijn lange tekst")
    )
    page = content(response)
    assert response.status_code == 200
    assert "Deze evaluatie is gesloten. U kon antwoorden tot en met 28 maart 2027." in page
    assert "Mijn lange tekst" in page
    assert 'value="12"' in page
    assert not Answer.unscoped.exists()


def test_it_shows_no_form_when_the_evaluation_has_closed_or_is_yet_to_open(
    people, client_for, evaluation, detail_url, answer_url
):
    with time_machine.travel("2027-03-29T12:00:00+02:00", tick=False):
        page = content(client_for(people.representative).get(detail_url))
        assert "Verslag" in page
        assert answer_url not in page
    client = client_for(people.representative)
    second = evaluation.series.evaluations.get(due_on=date(2027, 9, 1))
    page = content(client.get(reverse("evaluations:evaluation_detail", kwargs={"pact": "hier", "pk": second.pk})))
    assert "Deze evaluatie opent op 1 september 2027" in page
    assert "Verslag" not in page


def test_it_lets_who_acts_for_two_partners_choose(people, client_for, evaluation, detail_url, answer_url):
    Membership.unscoped.create(
        user=people.representative, partnership=people.childcare, role=Role.REPRESENTATIVE, started_on=date(2021, 1, 1)
    )
    client = client_for(people.representative)
    page = content(client.get(detail_url, {"partnership": people.childcare.pk}))
    assert "Antwoorden van Kinderopvang Hier" in page
    assert f'name="partnership" value="{people.childcare.pk}"' in page
    client.post(answer_url, {**typed(evaluation, "4"), "partnership": people.childcare.pk})
    assert Participation.objects.in_pact(people.pact).answered().get().partnership == people.childcare


# --- The report ---


def test_it_reports_after_closing_without_names_beside_answers(people, series_fields, more_partners, say, client_for):
    workflow.plan_series(people.pact, **{**series_fields, "participants": more_partners})
    workflow.move_on(on=date(2027, 3, 1))
    evaluation = Evaluation.objects.in_pact(people.pact).open().get()
    for number, partner in enumerate(more_partners):
        say(evaluation, partner, "4", str(number), "Geld", f"Voorstel {number}")
    url = reverse("evaluations:evaluation_detail", kwargs={"pact": "hier", "pk": evaluation.pk})
    client = client_for(people.reader)
    page = content(client.get(url))
    assert "De uitkomsten staan hier na 28 maart 2027." in page
    assert "Voorstel" not in page
    assert "<svg xmlns" not in page.split("Verslag")[1].split("Wie is gevraagd")[0]

    workflow.move_on(on=date(2027, 3, 29))
    page = content(client.get(url))
    assert "5 van de 5 partners hebben geantwoord." in page
    assert "100 % van de partners geeft een 4 of 5" in page
    assert "Voorstel 0" in page
    assert "minder dan 5" in page
    assert "Partner 0" in page


def test_it_says_why_it_shows_no_outcomes_of_fewer_than_five(people, client_for, evaluation, detail_url, say):
    say(evaluation, people.school, "4", "3", "Geld", "Herkenbare tekst")
    workflow.move_on(on=date(2027, 3, 29))
    page = content(client_for(people.coordinator).get(detail_url))
    assert "Minder dan vijf partners hebben geantwoord." in page
    assert "Herkenbare tekst" not in page
    assert "niet geantwoord" in page


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("number", [1, 50])
def test_it_shows_many_answers_with_as_many_queries_as_one(
    series_fields, say, client_for, django_assert_max_num_queries, number, closed
):
    pact = make_pact(slug="groot")
    partners = [make_partner(pact) for _number in range(number)]
    users = [make_member(partner) for partner in partners]
    series = workflow.plan_series(pact, **{**series_fields, "by": users[0], "participants": partners})
    workflow.move_on(on=date(2027, 3, 1))
    evaluation = series.evaluations.first()
    for partner in partners:
        say(evaluation, partner, "4", "3", "Geld", "tekst")
    if closed:
        workflow.move_on(on=date(2027, 3, 29))
    client = client_for(users[0])
    there = reverse("evaluations:evaluation_detail", kwargs={"pact": "groot", "pk": evaluation.pk})
    client.get(there)  # the first page of a session notes that it began
    with django_assert_max_num_queries(14):
        page = client.get(there)
    assert page.status_code == 200
