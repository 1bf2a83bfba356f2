"""No page asks the database more for fifty rows than for one."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from evaluations.models import Answer, Evaluation, Participation
from partners.models import PactSection, Sector, User
from plan.document import workflow as document
from plan.models import Fit
from tests.factories import (
    make_allocation,
    make_fit,
    make_measure,
    make_member,
    make_package,
    make_partner,
    make_programme,
    make_question,
    make_series,
)
from tests.people import People

MANY = 50

PAGES = [
    "",
    "questions/",
    "questions/1/",
    "questions/1/fit/",
    "questions/new/",
    "programmes/",
    "programmes/1/",
    "coverage/",
    "coverage/?by=phase",
    "measures/",
    "measures/1/",
    "measures/new/",
    "funding/",
    "funding/1/",
    "funding/allocate/",
    "plan/",
    "plan/preview/",
    "plan/versions/",
    "evaluations/",
    "evaluations/{evaluation}/",
    "pact/",
    "partners/",
    "partners/{partner}/",
    "partners/people/",
    "log/",
]


def _grow(people: People, rows: int, evaluation: Evaluation) -> None:
    """So many more of everything, and all of it on the first question, programme, measure and package too."""
    pact = people.pact
    first_question, first_programme = pact.supportquestions.get(number=1), pact.programmes.get(number=1)
    first_measure, first_package = pact.measures.get(number=1), pact.supportpackages.get(number=1)
    scale = evaluation.series.topics.get(position=1)
    above = pact.sections.count() + 1
    for number in range(rows):
        partner = make_partner(pact, f"Gemeente {number}", Sector.MUNICIPALITY, contact_email="a@b.example")
        make_member(partner)
        question = make_question(pact, partnership=partner, areas=list(pact.areas.all()), municipalities=[partner])
        programme = make_programme(pact, provider=partner, areas=list(pact.areas.all()), municipalities=[partner])
        make_fit(question, programme)
        make_fit(first_question, programme)
        make_fit(question, first_programme)
        measure = make_measure(pact, lead=partner, questions=[question, first_question], programmes=[programme])
        first_measure.questions.add(question)
        first_measure.executing.add(partner)
        package = make_package(pact)
        make_allocation(package.years.get(), measure=measure)
        make_allocation(first_package.years.get(), 10, measure=first_measure)
        PactSection.unscoped.create(pact=pact, position=above + number, title="Onderdeel", edited_by=people.coordinator)
        participation = Participation.unscoped.create(
            evaluation=evaluation, partnership=partner, answered_at="2026-06-02T10:00+02:00", answered_by=people.other
        )
        Answer.unscoped.create(participation=participation, topic=scale, scale=1 + number % 5)
    series = make_series(pact, name="Nog een cyclus")
    for number in range(rows):
        Evaluation.unscoped.create(
            series=series, due_on=date(2030 + number // 12, 1 + number % 12, 1), closes_on=date(2035, 1, 1)
        )


def _asked(client: Client, path: str) -> int:
    client.get(path)  # what is remembered between requests is remembered now
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200, path
    return len(queries)


@pytest.mark.slow
def test_it_asks_no_more_for_fifty_rows_than_for_one(people: People, client_for: Callable[[User], Client]) -> None:
    pact = people.pact
    question = make_question(pact, partnership=people.school, areas=list(pact.areas.all()))
    programme = make_programme(pact, provider=people.school, areas=list(pact.areas.all()))
    make_fit(question, programme, level=Fit.Level.PARTLY)
    measure = make_measure(
        pact, lead=people.school, questions=[question], programmes=[programme], executing=[people.childcare]
    )
    make_allocation(make_package(pact).years.get(), 10, measure=measure)
    PactSection.unscoped.create(pact=pact, position=1, title="Onderdeel", edited_by=people.coordinator)
    series = make_series(pact, participants=[people.school])
    evaluation = series.evaluations.get()
    evaluation.state, evaluation.opened_at = Evaluation.State.REPORTED, "2026-06-01T10:00+02:00"
    evaluation.save()
    document.sections_of(pact)
    document.freeze(pact, by=people.coordinator)
    client = client_for(people.coordinator)
    pages = [page.format(evaluation=evaluation.pk, partner=people.school.pk) for page in PAGES]
    few = {page: _asked(client, f"/{pact.slug}/{page}") for page in pages}
    # From five answers on a report, and the plan that holds it, says more: there fifty are held against six.
    _grow(people, 6, evaluation)
    reporting = [f"evaluations/{evaluation.pk}/", "plan/preview/"]
    few |= {page: _asked(client, f"/{pact.slug}/{page}") for page in reporting}
    _grow(people, MANY, evaluation)
    many = {page: _asked(client, f"/{pact.slug}/{page}") for page in pages}
    more = {page: f"{few[page]} -> {many[page]}" for page in pages if many[page] > few[page]}
    assert not more
