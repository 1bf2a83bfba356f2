"""Coverage against the database: the matrix, the list of gaps, the dashboard and the plan say the same."""

import html
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pact_portal.foundation.documents.blocks import Figure, Table
from pact_portal.front.dashboard.overview import figures_of
from partners.models import Sector
from plan.document import registers
from plan.measures import workflow as measures
from plan.models import Fit, Measure, SupportQuestion
from plan.programmes.chapter import coverage_blocks
from plan.programmes.matrix import Look, matrix_from, matrix_of, read
from plan.questions import answered
from plan.questions.filters import QuestionFilter
from tests.factories import make_fit, make_partner, make_programme, make_question

State = SupportQuestion.State
TODAY = timezone.localdate


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def found(people, rf, **query):
    """The numbers of the questions that the list shows with these filters."""
    rows = SupportQuestion.objects.in_pact(people.pact)
    filtered = QuestionFilter(query, rows, request=rf.get("/"), pact=people.pact)
    assert not filtered.form.errors
    return set(filtered.qs.values_list("number", flat=True))


# --- The law ---------------------------------------------------------------------------------------------------------

days = st.integers(-3, 3)
pacts = st.fixed_dictionaries(
    {
        "questions": st.lists(
            st.tuples(
                st.sampled_from([State.ACCEPTED, State.ACCEPTED, State.SUBMITTED, State.RETURNED]), st.booleans()
            ),
            max_size=4,
        ),
        "programmes": st.lists(
            st.tuples(st.none() | days, st.booleans(), st.sampled_from([(4, 11), (12, 23)])), min_size=1, max_size=3
        ),
        "fits": st.dictionaries(
            st.tuples(st.integers(0, 3), st.integers(0, 2)), st.tuples(st.sampled_from(Fit.Level), days), max_size=8
        ),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(plan=pacts)
def test_it_closes_a_gap_exactly_when_a_sufficient_fit_holds_and_says_so_everywhere(people, rf, plan):
    today, place = TODAY(), people.municipality
    Fit.objects.in_pact(people.pact).delete()
    people.pact.supportquestions.all().delete()
    people.pact.programmes.all().delete()
    asked = [
        make_question(people.pact, state=state, remark="Noem de leeftijd.", municipalities=[place] if local else [])
        for state, local in plan["questions"]
    ]
    offered = [
        make_programme(
            people.pact,
            ends_on=None if ends is None else today + timedelta(days=ends),
            municipalities=[people.school] if elsewhere else [],
            age_from=first,
            age_to=last,
        )
        for ends, elsewhere, (first, last) in plan["programmes"]
    ]
    for (question, programme), (level, expires) in plan["fits"].items():
        if question < len(asked) and programme < len(offered):
            make_fit(
                asked[question],
                offered[programme],
                level=level,
                judged_on=today - timedelta(days=10),
                expires_on=today + timedelta(days=expires),
            )

    def suffices(fit, *, there=False, grown=False):
        return (
            fit.level == Fit.Level.SUFFICIENT
            and fit.expires_on > today
            and (fit.programme.ends_on is None or fit.programme.ends_on >= today)
            and not (there and fit.programme.municipalities.exists())
            and not (grown and fit.programme.age_to < 12)
        )

    def gaps(**look):
        return {
            question.number
            for question in asked
            if question.state == State.ACCEPTED
            and not any(suffices(fit, **look) for fit in question.fits.select_related("programme"))
        }

    numbers = {question.pk: question.number for question in asked}
    accepted = {question.number for question in asked if question.state == State.ACCEPTED}
    matrix = matrix_of(people.pact, on=today)
    assert {numbers[key] for key in matrix.gaps} == gaps()
    assert found(people, rf, coverage="gap") == gaps()
    assert found(people, rf, coverage="sufficient") == accepted - gaps()
    assert found(people, rf, coverage="unknown") <= gaps()
    figure = figures_of(people.pact)[0]
    assert re.findall(r"\d+", figure.note) == [str(len(accepted) - len(gaps())), str(len(gaps()))]
    rows = registers.read(people.pact, on=today)
    assert {q.number for q in rows.questions if rows.best_fit(q) != Fit.Level.SUFFICIENT} == gaps()
    there = read(people.pact, on=today, look=Look(municipality=place))
    assert {numbers[key] for key in matrix_from(there).gaps} == gaps(there=True)
    assert found(people, rf, coverage="gap", municipality=place.pk) == gaps(there=True)
    grown = read(people.pact, on=today, look=Look(phase="12-18"))
    assert {numbers[key] for key in matrix_from(grown).gaps} == gaps(grown=True)
    assert found(people, rf, coverage="gap", phase="12-18") == gaps(grown=True)


def test_it_never_counts_a_merged_question_but_the_one_it_stands_in(people, rf):
    root = make_question(people.pact, title="De vraag die blijft")
    merged = make_question(people.pact, state=State.MERGED, merged_into=root)
    make_fit(merged, make_programme(people.pact))
    assert matrix_of(people.pact, on=TODAY()).gaps == [root.pk]
    assert found(people, rf, coverage="gap") == {root.number}
    assert found(people, rf, coverage="sufficient") == set()
    assert [q.pk for q in registers.read(people.pact, on=TODAY()).questions] == [root.pk]


def test_it_counts_no_judgement_of_a_programme_that_has_ended(people, client_for, rf):
    question = make_question(people.pact)
    programme = make_programme(people.pact, name="Brugklascoach", ends_on=TODAY())
    make_fit(question, programme)
    assert found(people, rf, coverage="sufficient") == {question.number}
    programme.ends_on = TODAY() - timedelta(days=1)
    programme.save()
    assert found(people, rf, coverage="gap") == found(people, rf, coverage="unknown") == {question.number}
    page = text_of(client_for(people.reader).get(address("question_detail", people.pact, question.number)))
    assert "telt niet mee: aanbod is gestopt" in page


def test_it_lets_a_new_measure_through_no_door_that_an_ended_programme_holds(people):
    """What ended is not assessed: neither does it stop a new measure, nor is it the judgement that one needs."""
    question = make_question(people.pact)
    ended = make_programme(people.pact, ends_on=TODAY() - timedelta(days=1))
    make_fit(question, ended)

    def propose():
        return measures.propose(
            people.pact,
            lead=people.school,
            by=people.representative,
            areas=list(people.pact.areas.all())[:1],
            questions=[question],
            programmes=[],
            executing=[],
            title="Iets nieuws",
            kind=Measure.Kind.START,
            line=Measure.Line.DEVELOP,
            starts_on=TODAY(),
            ends_on=TODAY() + timedelta(days=300),
            goal="<p>Jongeren vinden hulp.</p>",
            budget=1000,
            remains_after="De school gaat door.",
            reason_not_broaden="Er is niets om te verbreden.",
        )

    with pytest.raises(ValidationError, match="Beoordeel eerst"):
        propose()
    make_fit(question, make_programme(people.pact), level=Fit.Level.PARTLY)
    assert propose().pk


# --- Filters ---------------------------------------------------------------------------------------------------------


def test_it_finds_by_phase_level_and_source(people, rf):
    young = make_question(people.pact, age_from=2, age_to=4, protective_level="family", source="conversation")
    old = make_question(people.pact, age_from=12, age_to=23, source="school_scan")
    assert found(people, rf, phase="0-4") == {young.number}
    assert found(people, rf, phase="4-12") == {young.number}
    assert found(people, rf, phase="18-23") == {old.number}
    assert found(people, rf, level="family") == {young.number}
    assert found(people, rf, source="school_scan") == {old.number}
    draft = make_question(people.pact, state=State.SUBMITTED)
    assert found(people, rf, state="standing") == {young.number, old.number, draft.number}
    make_question(people.pact, state=State.RETURNED, remark="Noem de leeftijd.")
    assert found(people, rf, state="standing") == {young.number, old.number, draft.number}


def test_it_finds_once_what_names_several_municipalities(people, rf):
    other = make_partner(people.pact, "Gemeente Daar", Sector.MUNICIPALITY)
    both = make_question(people.pact, municipalities=[people.municipality, other])
    region, there = make_question(people.pact), make_question(people.pact, municipalities=[other])
    rows = SupportQuestion.objects.in_pact(people.pact)
    query = {"municipality": people.municipality.pk}
    filtered = QuestionFilter(query, rows, request=rf.get("/"), pact=people.pact)
    assert sorted(filtered.qs.values_list("number", flat=True)) == [both.number, region.number]
    assert found(people, rf, municipality=other.pk) == {both.number, region.number, there.number}


def test_it_leaves_a_question_open_where_the_programme_is_not(people, client_for):
    bergen = make_partner(people.pact, "Gemeente Bergen", Sector.MUNICIPALITY)
    heiloo = make_partner(people.pact, "Gemeente Heiloo", Sector.MUNICIPALITY)
    question = make_question(people.pact, title="Wie helpt bij de overstap?")
    make_fit(question, make_programme(people.pact, municipalities=[heiloo]))
    client, url = client_for(people.reader), address("coverage", people.pact)
    assert "Elke vraag heeft een voldoende antwoord" in text_of(client.get(url))
    assert "Elke vraag heeft een voldoende antwoord" in text_of(client.get(url, {"municipality": heiloo.pk}))
    page = text_of(client.get(url, {"municipality": bergen.pk}))
    assert "1 van 1 vragen heeft nog geen voldoende antwoord" in page
    assert "Alleen aanbod dat er in deze gemeente is, telt mee." in page


def test_it_leads_from_every_cell_to_the_questions_that_it_counts(people, client_for):
    first, second = people.pact.areas.all()
    place = people.municipality
    for ages in [(0, 3), (4, 14), (12, 23)]:
        make_question(people.pact, areas=[first], age_from=ages[0], age_to=ages[1], municipalities=[place])
    make_question(people.pact, areas=[first, second], age_from=8, age_to=9, partnership=people.childcare)
    make_question(people.pact, areas=[second], state=State.SUBMITTED)
    client = client_for(people.reader)
    queries = ["", "?by=phase", f"?by=phase&municipality={place.pk}", "?by=phase&phase=4-12", "?sector=kinderopvang"]
    for query in queries:
        page = text_of(client.get(address("coverage", people.pact) + query))
        cells = re.findall(r'class="matrix__cell" href="([^"]+)">.*?keer aanbod, (\d+) vra', page, re.DOTALL)
        assert cells
        for link, count in cells:
            listed = client.get(link)
            assert listed.context["page"].paginator.count == int(count), link


def test_it_leads_from_the_gaps_to_the_same_gaps_in_the_list(people, client_for):
    place = people.municipality
    for _ in range(3):
        make_fit(make_question(people.pact), make_programme(people.pact, municipalities=[people.municipality]))
    other = make_partner(people.pact, "Gemeente Daar", Sector.MUNICIPALITY)
    make_question(people.pact, municipalities=[place])
    client = client_for(people.reader)
    for query, count in [({}, 1), ({"municipality": place.pk}, 1), ({"municipality": other.pk}, 3)]:
        answer = client.get(address("coverage", people.pact), query)
        assert len(answer.context["matrix"].gaps) == count
        assert client.get(answer.context["gaps_url"]).context["page"].paginator.count == count


def test_it_shows_only_the_row_or_column_that_was_chosen(people, client_for):
    area = people.pact.areas.first()
    make_question(people.pact, areas=list(people.pact.areas.all()), age_from=4, age_to=18)
    client, url = client_for(people.reader), address("coverage", people.pact)
    matrix = client.get(url, {"area": area.pk, "by": "phase", "phase": "12-18"}).context["matrix"]
    assert [row.area for row in matrix.rows] == [area]
    assert [str(column) for column in matrix.columns] == ["12 tot 18 jaar"]


@pytest.mark.parametrize(
    "query", ["area=9999", "area=x", "phase=9-99", "sector=niets", "municipality=\x00", "by=niets", f"area={'9' * 40}"]
)
def test_it_ignores_an_unknown_filter_and_says_so(people, client_for, query):
    make_question(people.pact)
    page = text_of(client_for(people.reader).get(f"{address('coverage', people.pact)}?{query}"))
    assert "Wij hebben dat filter niet gebruikt" in page
    assert "1 van 1 vragen" in page


def test_it_refuses_to_filter_on_rows_of_another_pact(people, client_for):
    make_question(people.pact)
    url = f"{address('coverage', people.pact)}?area={people.other_pact.areas.first().pk}"
    assert "Wij hebben dat filter niet gebruikt" in text_of(client_for(people.reader).get(url))


def test_it_answers_htmx_with_the_rows_alone(people, client_for):
    make_question(people.pact)
    part = text_of(client_for(people.reader).get(address("coverage", people.pact), headers={"hx-request": "true"}))
    assert '<div id="rows"' in part
    assert "<html" not in part


def test_it_says_when_no_question_passes_the_filters(people, client_for):
    make_question(people.pact)
    url = address("coverage", people.pact)
    assert "Haal een filter weg" in text_of(client_for(people.reader).get(url, {"sector": "hbo"}))


def test_it_keeps_the_filters_when_the_matrix_is_divided_otherwise(people, client_for):
    make_question(people.pact)
    page = text_of(client_for(people.reader).get(address("coverage", people.pact), {"sector": "po", "page": "1"}))
    assert "sector=po&by=phase" in page


def test_it_asks_the_database_as_often_for_one_question_as_for_thirty(people, client_for):
    client = client_for(people.reader)
    place = people.municipality.pk
    pages = [
        address("coverage", people.pact),
        address("coverage", people.pact) + f"?by=phase&phase=4-12&municipality={place}",
        address("question_list", people.pact) + f"?coverage=gap&municipality={place}",
        address("question_analysis", people.pact),
    ]

    def grow(times):
        for _ in range(times):
            partner = make_partner(people.pact)
            make_fit(
                make_question(people.pact, partnership=partner, municipalities=[people.municipality]),
                make_programme(people.pact, provider=partner, municipalities=[people.municipality]),
            )
            make_question(people.pact, partnership=partner)

    def asked(url):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    grow(1)
    before = [asked(url) for url in pages]
    grow(15)
    assert [asked(url) for url in pages] == before


# --- The plan --------------------------------------------------------------------------------------------------------


def test_it_hands_the_plan_both_matrices(people):
    make_fit(make_question(people.pact, age_from=4, age_to=14), make_programme(people.pact, age_from=4, age_to=11))
    make_question(people.pact)
    _heading, by_layer, by_age, gaps = coverage_blocks(people.pact)
    assert isinstance(by_layer, Figure)
    assert isinstance(by_age, Figure)
    assert isinstance(gaps, Table)
    assert [column.label for column in by_age.table.columns][1:] == [
        "0 tot 4 jaar",
        "4 tot 12 jaar",
        "12 tot 18 jaar",
        "18 tot en met 23 jaar",
    ]
    assert by_age.title == "Per gebied en leeftijd: in 1 van 4 vakken is er aanbod dat voldoende aansluit"
    assert len(gaps.rows) == 1


def test_it_would_miss_what_ended_without_the_day_of_its_end(people):
    """The twin: with the end left out of the condition, the gap would seem closed."""
    question = make_question(people.pact)
    make_fit(question, make_programme(people.pact, ends_on=TODAY() - timedelta(days=1)))
    accepted = SupportQuestion.objects.in_pact(people.pact).accepted()
    unguarded = accepted.filter(fits__level="sufficient", fits__expires_on__gt=TODAY())
    assert unguarded.count() == 1
    assert accepted.filter(answered.sufficient(on=TODAY())).count() == 0
