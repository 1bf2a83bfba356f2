"""The report: what it shows, and what it keeps to itself."""

from datetime import date

import pytest
import time_machine

from evaluations.models import Evaluation
from evaluations.reporting import chapter, figures
from evaluations.reporting.outcomes import Outcome
from evaluations.reporting.report import Withheld, report_of
from evaluations.series import workflow
from pact_portal.foundation.documents.blocks import Figure, Paragraph, Table

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered_by_five(people, series_fields, more_partners, say):
    """Five of eight partners answered: 4, 4, 5, 2 and no view."""
    partners = [people.municipality, people.school, people.childcare, *more_partners]
    workflow.plan_series(people.pact, **{**series_fields, "participants": partners})
    workflow.move_on(on=date(2027, 3, 1))
    evaluation = Evaluation.objects.in_pact(people.pact).open().get()
    with time_machine.travel("2027-03-10T12:00:00+01:00", tick=False):
        for number, partner in enumerate(more_partners):
            say(
                evaluation,
                partner,
                ["4", "4", "5", "2", "no_view"][number],
                str(number * 10),
                "Geld",
                f"tekst {number}",
            )
    return evaluation


def test_it_shows_only_the_response_while_people_can_still_answer(answered_by_five):
    report = report_of(answered_by_five)
    assert (report.invited, report.answered) == (8, 5)
    assert (report.withheld, report.topics) == (Withheld.NOT_CLOSED, ())


def test_it_shows_the_outcomes_after_closing(answered_by_five, people):
    workflow.move_on(on=date(2027, 3, 29))
    report = report_of(Evaluation.objects.in_pact(people.pact).reported().get())
    assert report.withheld is None
    assert [each.topic.kind for each in report.topics] == ["scale", "number", "choice", "open"]
    scale, number, choice, text = (each.outcome for each in report.topics)
    # Four judged: too few, though five answered.
    assert scale == Outcome(given=4, no_view=1, withheld=True)
    assert (number.figures.lowest, number.figures.highest, number.figures.mean) == (0, 40, 20)
    assert choice.choices == (("Tijd", 0), ("Geld", 5), ("Mensen", 0))
    assert text.texts == tuple(f"tekst {number}" for number in range(5))


def test_it_shows_no_outcomes_of_fewer_than_five(series, people, say):
    workflow.move_on(on=date(2027, 3, 1))
    evaluation = Evaluation.objects.in_pact(people.pact).open().get()
    with time_machine.travel("2027-03-10T12:00:00+01:00", tick=False):
        say(evaluation, people.school, "4", "3", "Geld", "Herkenbare tekst")
    workflow.move_on(on=date(2027, 3, 29))
    report = report_of(Evaluation.objects.in_pact(people.pact).reported().get())
    assert (report.withheld, report.topics, report.answered) == (Withheld.TOO_FEW, (), 1)


def judged(people, say, more_partners, *judgements):
    evaluation = Evaluation.objects.in_pact(people.pact).open().get()
    with time_machine.travel("2027-03-10T12:00:00+01:00", tick=False):
        for partner, judgement in zip(more_partners, judgements, strict=True):
            say(evaluation, partner, judgement)
    workflow.move_on(on=date(2027, 3, 29))
    return report_of(Evaluation.objects.in_pact(people.pact).reported().get())


@pytest.fixture
def asked_of_five(people, series_fields, more_partners):
    workflow.plan_series(people.pact, **{**series_fields, "participants": more_partners})
    workflow.move_on(on=date(2027, 3, 1))


def test_it_draws_the_scales_with_their_finding(asked_of_five, people, say, more_partners):
    figure = figures.of_scales(judged(people, say, more_partners, "4", "4", "5", "2", "1"))
    assert figure.title == "60 % van de partners geeft een 4 of 5: Hoe gaat de samenwerking?"
    assert figure.svg.startswith("<svg")
    assert "<title>60 %" in figure.svg
    assert figure.headings[0] == "Evaluatievraag"
    assert figure.rows == (("Hoe gaat de samenwerking?", "1", "1", "0", "2", "1", "0"),)


def test_it_draws_no_bar_for_a_scale_with_too_few_judgements(asked_of_five, people, say, more_partners):
    figure = figures.of_scales(judged(people, say, more_partners, "4", "4", "5", "2", "no_view"))
    assert figure.title == "Te weinig antwoorden om oordelen te tonen"
    assert "Minder dan 5 antwoorden: niet getoond." in figure.svg
    assert figure.rows == (("Hoe gaat de samenwerking?", "–", "–", "–", "–", "–", "1"),)


def test_it_tells_on_what_the_partners_are_most_positive(people, series_fields, more_partners, say):
    topics = [{"kind": "scale", "text": "Overleg"}, {"kind": "scale", "text": "Resultaat"}]
    workflow.plan_series(people.pact, **{**series_fields, "participants": more_partners, "topics": topics})
    workflow.move_on(on=date(2027, 3, 1))
    evaluation = Evaluation.objects.in_pact(people.pact).open().get()
    with time_machine.travel("2027-03-10T12:00:00+01:00", tick=False):
        for partner in more_partners:
            say(evaluation, partner, "3", "5")
    workflow.move_on(on=date(2027, 3, 29))
    report = report_of(Evaluation.objects.in_pact(people.pact).reported().get())
    assert figures.of_scales(report).title == "Het meest positief (100 % geeft een 4 of 5): Resultaat"


def test_it_makes_the_chapter_of_the_plan(asked_of_five, people, say, more_partners):
    judged(people, say, more_partners, "4", "4", "5", "2", "1")
    heading, table, evaluation_heading, response, figure = chapter.blocks(people.pact)
    assert heading.text == "Evaluaties tot nu toe"
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["1 maart 2027", "Halfjaarlijkse evaluatie", "gerapporteerd", "5 van 5"],
        ["1 september 2027", "Halfjaarlijkse evaluatie", "gepland", "–"],
        ["1 maart 2028", "Halfjaarlijkse evaluatie", "gepland", "–"],
    ]
    assert evaluation_heading.text == "Halfjaarlijkse evaluatie, 1 maart 2027"
    assert response.text == "Van de 5 gevraagde partners antwoordden er 5."
    assert isinstance(figure, Figure)
    assert figure.table.rows[0].cells[1].text == "1"


def test_it_says_in_the_chapter_why_there_is_no_figure(series, people, say):
    workflow.move_on(on=date(2027, 3, 1))
    workflow.move_on(on=date(2027, 3, 29))
    *_first, response, reason = chapter.blocks(people.pact)
    assert isinstance(reason, Paragraph)
    assert "Minder dan 5 antwoorden" in reason.text
    assert response.text == "Van de 3 gevraagde partners antwoordden er 0."


def test_it_leaves_the_chapter_of_another_pact_empty(series, people):
    _heading, table = chapter.blocks(people.other_pact)
    assert isinstance(table, Table)
    assert table.rows == []
    assert table.empty == "Er zijn nog geen evaluaties gepland."


def test_it_makes_the_chapter_with_as_many_queries_for_three_evaluations_as_for_one(
    people, series_fields, more_partners, say, django_assert_max_num_queries
):
    workflow.plan_series(people.pact, **{**series_fields, "participants": more_partners})
    for month in (date(2027, 3, 1), date(2027, 9, 1), date(2028, 3, 1)):
        workflow.move_on(on=month)
        evaluation = Evaluation.objects.in_pact(people.pact).open().get()
        with time_machine.travel(month, tick=False):
            for partner in more_partners:
                say(evaluation, partner, "3", "5")
        with time_machine.travel(evaluation.closes_on, tick=False):
            workflow.move_on(on=date.fromordinal(evaluation.closes_on.toordinal() + 1))
        with django_assert_max_num_queries(6):
            blocks = chapter.blocks(people.pact)
    assert sum(isinstance(block, Figure) for block in blocks) == 3
