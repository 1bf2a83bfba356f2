"""The regional analysis on its page and in the plan: what it counts, and the lists that it leads to."""

import html
import re

import pytest
from django.urls import reverse

from pact_portal.foundation.documents.blocks import Figure
from partners.models import Sector
from plan.models import Endorsement, SupportQuestion
from plan.questions import figures
from plan.questions.chapter import analysis_blocks
from plan.questions.support import support_counts
from tests.factories import make_partner, make_question

State = SupportQuestion.State


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def counts(answer):
    """Per subject the rows of its table: label to (questions, young people, partners)."""
    return {
        shown["figure"].subject.value: {row["label"]: tuple(row["cells"]) for row in shown["rows"]}
        for shown in answer.context["figures"]
    }


@pytest.fixture
def asked(people):
    first, second = people.pact.areas.all()
    there = make_partner(people.pact, "Gemeente Daar", Sector.MUNICIPALITY)
    return [
        make_question(
            people.pact,
            partnership=people.school,
            areas=[first],
            age_from=4,
            age_to=11,
            young_people=1200,
            municipalities=[people.municipality],
        ),
        make_question(
            people.pact,
            partnership=people.childcare,
            areas=[first, second],
            age_from=0,
            age_to=3,
            young_people=40,
            urgency=3,
            source="conversation",
            protective_level="family",
        ),
        make_question(people.pact, partnership=there, areas=[first], state=State.SUBMITTED, age_from=16, age_to=23),
        make_question(people.pact, partnership=people.school, state=State.RETURNED, remark="Noem de leeftijd."),
        make_question(people.pact, partnership=people.school, state=State.DRAFT),
    ]


def test_it_counts_the_questions_that_stand(people, client_for, asked):
    answer = client_for(people.reader).get(address("question_analysis", people.pact))
    page, found = text_of(answer), counts(answer)
    assert answer.context["total"] == ["3", "1.240", "3"]
    assert found["area"] == {"Soepele overgangen": ("3", "1.240", "3"), "Onderwijs en jeugdhulp": ("1", "40", "1")}
    assert found["sector"]["primair onderwijs"] == ("1", "1.200", "1")
    assert found["municipality"] == {"Gemeente Hier": ("3", "1.240", "3"), "Gemeente Daar": ("2", "40", "2")}
    assert found["phase"]["4 tot 12 jaar"] == ("1", "1.200", "1")
    assert found["urgency"]["zo snel mogelijk"] == ("1", "40", "1")
    assert "Meeste vragen gaan over Soepele overgangen (3 van 3)" in page
    assert "2 vragen gaan over de hele regio, en tellen bij elke gemeente mee." in page
    assert page.count("<svg") >= 7
    assert page.count("Toon de cijfers als tabel") == 7


def test_it_says_the_finding_however_the_questions_are_divided(people, client_for):
    client, url = client_for(people.reader), address("question_analysis", people.pact)
    first, second = people.pact.areas.all()
    make_question(people.pact, areas=[first])
    make_question(people.pact, areas=[second])
    assert "Soepele overgangen en Onderwijs en jeugdhulp (elk 1 van 2)" in text_of(client.get(url))
    for level, source in [("family", "conversation"), ("young_person", "school_scan")]:
        make_question(people.pact, protective_level=level, source=source)
    make_question(people.pact, protective_level="family")
    make_question(people.pact, protective_level="young_person")
    page = text_of(client.get(url))
    assert "De vragen zijn gelijk verdeeld (elk 2 van 6)" in page


def test_it_says_that_a_question_of_several_municipalities_counts_at_each(people, client_for):
    there = make_partner(people.pact, "Gemeente Daar", Sector.MUNICIPALITY)
    make_question(people.pact, municipalities=[people.municipality, there])
    client, url = client_for(people.reader), address("question_analysis", people.pact)
    assert "Een vraag over meer gemeenten telt bij elk van die gemeenten mee." in text_of(client.get(url))
    make_question(people.pact)
    page = text_of(client.get(url))
    assert "telt bij elk van die gemeenten mee. 1 vraag gaat over de hele regio, en telt bij elke gemeente mee." in page
    assert {counted[0] for counted in counts(client.get(url))["municipality"].values()} == {"2"}


def test_it_leads_from_every_row_to_the_questions_that_it_counts(people, client_for, asked):
    client, place = client_for(people.representative), people.municipality.pk
    area = people.pact.areas.first().pk
    for query in [
        "",
        "?state=accepted",
        f"?area={area}",
        f"?municipality={place}&state=standing",
        "?phase=0-4",
        "?coverage=gap",
        "?urgency=3",
        "?words=hoe&sector=po",
    ]:
        answer = client.get(address("question_analysis", people.pact) + query)
        followed = 0
        for shown in answer.context["figures"]:
            for row in shown["rows"]:
                if row["url"]:
                    followed += 1
                    listed = client.get(row["url"]).context
                    assert not listed["filter"].form.errors
                    assert listed["page"].paginator.count == int(row["cells"][0]), (query, row)
        assert followed > 5


def test_it_counts_the_chosen_value_alone(people, client_for, asked):
    second = people.pact.areas.last()
    found = counts(client_for(people.reader).get(address("question_analysis", people.pact), {"area": second.pk}))
    assert found["area"] == {"Onderwijs en jeugdhulp": ("1", "40", "1")}
    assert found["sector"] == {"kinderopvang": ("1", "40", "1")}


def test_it_counts_each_partner_behind_a_question_once(people):
    root = make_question(people.pact, partnership=people.school)
    merged = make_question(people.pact, partnership=people.childcare, state=State.MERGED, merged_into=root)
    for question, partner in [(root, people.childcare), (merged, people.municipality), (merged, people.school)]:
        Endorsement.unscoped.create(question=question, partnership=partner, endorsed_by=people.coordinator)
    rows = figures.read(SupportQuestion.objects.in_pact(people.pact).standing())
    assert [(row.key, len(row.partners)) for row in rows] == [(root.pk, 3)]
    assert support_counts([root]) == {root.pk: 3}


def test_it_counts_nothing_of_another_pact_nor_what_others_are_still_writing(people, client_for):
    make_question(people.other_pact)
    make_question(people.pact, partnership=people.school, state=State.DRAFT)
    url = address("question_analysis", people.pact)
    assert "Er is nog geen vraag ingediend." in text_of(client_for(people.reader).get(url))
    drafts = {"state": "draft"}
    assert "Geen vraag past bij al uw filters" in text_of(client_for(people.reader).get(url, drafts))
    assert client_for(people.representative).get(url, drafts).context["questions"] == 1
    assert client_for(people.stranger).get(url).status_code == 404


@pytest.mark.parametrize(
    "query", ["state=x", "area=9999", "phase=\x00", "urgency=9", "coverage=x", "level=x", "source=x"]
)
def test_it_ignores_an_unknown_filter_and_says_so(people, client_for, asked, query):
    answer = client_for(people.reader).get(f"{address('question_analysis', people.pact)}?{query}")
    assert "Wij hebben dat filter niet gebruikt" in text_of(answer)
    assert answer.context["questions"] == 3


def test_it_answers_htmx_with_the_figures_alone(people, client_for, asked):
    part = text_of(
        client_for(people.reader).get(address("question_analysis", people.pact), headers={"hx-request": "true"})
    )
    assert '<div id="rows"' in part
    assert "<html" not in part


def test_it_hands_the_plan_the_accepted_questions_with_the_same_charts(people, client_for, asked):
    assert analysis_blocks(people.other_pact) == []
    heading, *blocks = analysis_blocks(people.pact)
    assert heading.anchor == "analyse"
    charts = [block for block in blocks if isinstance(block, Figure)]
    assert len(charts) == 6
    answer = client_for(people.reader).get(address("question_analysis", people.pact), {"state": "accepted"})
    on_page = [str(shown["svg"]) for shown in answer.context["figures"]]
    # The last one of the page, urgency, is not in the plan.
    assert [chart.svg for chart in charts] == on_page[:-1]
    assert charts[0].title == "Meeste vragen gaan over Soepele overgangen (2 van 2)"
    assert [cell.text for cell in charts[0].table.rows[0].cells] == ["Soepele overgangen", "2", "1.240", "2"]
    keys = [row.key for chart in charts for row in chart.table.rows]
    assert len(keys) == len(set(keys))


def test_it_draws_every_bar_with_its_number(people, client_for, asked):
    page = text_of(client_for(people.reader).get(address("question_analysis", people.pact)))
    drawn = re.findall(r"<desc>([^<]*)</desc>", page)
    assert any("Soepele overgangen: vragen 3." in words for words in drawn)
