"""What measures and money add to the plan document."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pact_portal.foundation.documents.blocks import Figure, Items, Paragraph, Table
from partners.models import Pact
from plan.document.compile import compile_plan
from plan.funding import contributing
from plan.funding.chapter import attention_blocks, chart_blocks, contribution_blocks
from plan.measures.chapter import remains_blocks
from tests.factories import make_allocation, make_measure, make_package, make_pact, make_partner, make_question
from tests.plan.test_funding_settlement import make_expenditure


def table_of(figure: Any) -> list[list[str]]:
    assert isinstance(figure, Figure)
    assert isinstance(figure.table, Table)
    return [[cell.text for cell in row.cells] for row in figure.table.rows]


def figures_of(pact: Pact) -> list[Figure]:
    return [block for block in chart_blocks(pact) if isinstance(block, Figure)]


@pytest.mark.django_db
def test_it_adds_nothing_about_money_that_is_not_there() -> None:
    pact = make_pact()
    assert chart_blocks(pact) == contribution_blocks(pact) == attention_blocks(pact) == []


@pytest.mark.django_db
@time_machine.travel("2026-11-23T10:00:00+01:00", tick=False)
def test_it_adds_the_years_of_a_package_up_in_one_line() -> None:
    pact = make_pact()
    package = make_package(pact, {2026: 1000, 2027: 3000}, name="Welbevinden jeugd")
    measure = make_measure(pact, lead=make_partner(pact))
    make_allocation(package.years.get(year=2027), Decimal("1000.50"), state="committed", measure=measure)
    make_allocation(package.years.get(year=2026), 400)
    make_package(make_pact(), name="Van elders")
    packages, sectors, flow, course = figures_of(pact)
    assert packages.title == "Van de €\xa04.000 is 25% toegezegd en 0% besteed"
    assert table_of(packages) == [
        [
            *(f"{package.code} Welbevinden jeugd", "€\xa04.000", "€\xa00", "€\xa01.000,50", "€\xa00", "€\xa00"),
            *("€\xa04.000", measure.code),
        ]
    ]
    assert packages.table is not None
    assert packages.table.rows[0].cells[0].to == f"pakket-{package.number}"
    assert f"gaat het grootste bedrag naar {measure.code} {measure.title}: €\xa01.001" in flow.title
    assert sectors.table is None
    assert sectors.description == "Sector: primair onderwijs; Toegewezen: €\xa01.400,50; Aandeel: 100%."
    assert course.title.startswith("Van de €\xa01.001 die is toegezegd, is nog niets besteed")


@pytest.mark.django_db
@time_machine.travel("2026-11-23T10:00:00+01:00", tick=False)
def test_it_says_in_the_plan_what_was_spent_per_month() -> None:
    pact = make_pact()
    partner = make_partner(pact)
    given = make_allocation(make_package(pact).years.get(), 1_000, partnership=partner, state="committed")
    make_expenditure(given, 200, partner, spent_on=date(2026, 1, 15))
    make_expenditure(given, 50, partner, spent_on=date(2026, 11, 1))
    described = figures_of(pact)[-1].description
    assert described.startswith("Maand: januari 2026; Besteed: €\xa0200; Opgeteld: €\xa0200. Maand: februari 2026;")
    assert "Maand: november 2026; Besteed: €\xa050; Opgeteld: €\xa0250." in described


@pytest.mark.django_db
def test_it_keeps_the_flow_of_forty_measures_short() -> None:
    pact = make_pact()
    year = make_package(pact).years.get()
    for _ in range(40):
        make_allocation(year, 10, measure=make_measure(pact))
    flow = figures_of(pact)[2]
    assert "overige (33)" in flow.svg
    said = [block.text for block in chart_blocks(pact) if isinstance(block, Paragraph)]
    assert any("De 33 kleinste bestemmingen staan samen" in text for text in said)


@pytest.mark.django_db
def test_it_adds_what_partners_add_themselves_once_per_measure() -> None:
    pact = make_pact()
    measure = make_measure(pact)
    for name, amount in [("Gemeente B", 500), ("Gemeente A", 250)]:
        contributing.pledge(
            measure, partnership=make_partner(pact, name), year=2026, amount=Decimal(amount), by=measure.proposed_by
        )
    table = contribution_blocks(pact)[-1]
    assert isinstance(table, Table)
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        [f"{measure.code} {measure.title}", "Gemeente A; Gemeente B", "€\xa0750"]
    ]


@pytest.mark.django_db
@time_machine.travel("2026-11-23T10:00:00+01:00", tick=False)
def test_it_names_some_points_of_attention_and_counts_the_rest() -> None:
    pact = make_pact()
    for _ in range(20):
        make_package(pact, spend_until=timezone.localdate() + timedelta(days=400))
    (_heading, items) = attention_blocks(pact)
    assert isinstance(items, Items)
    assert len(items.items) == 9
    assert "is €\xa00 van de €\xa0100.000 binnengekomen" in items.items[0]
    assert items.items[-1] == "En nog 12 punten."


@pytest.mark.django_db
def test_it_asks_the_database_as_much_for_fifty_rows_as_for_one() -> None:
    pact = make_pact()

    def add() -> None:
        measure = make_measure(pact)
        given = make_allocation(make_package(pact).years.get(), 10, measure=measure, state="committed")
        make_expenditure(given, 1, measure.lead)
        contributing.pledge(measure, partnership=measure.lead, year=2026, amount=Decimal(5), by=measure.proposed_by)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert chart_blocks(pact)
            assert contribution_blocks(pact)
            assert attention_blocks(pact)
        return len(seen)

    add()
    before = queries()
    for _ in range(20):
        add()
    assert queries() == before


@pytest.mark.django_db
def test_it_says_what_remains_of_every_measure_but_the_rejected() -> None:
    pact = make_pact()
    kept = make_measure(pact, remains_after="De school neemt het over.", learning_question="Wie bereiken wij?")
    make_measure(pact, state="rejected", outcome_on="2026-01-01")
    table = remains_blocks(pact)[-1]
    assert isinstance(table, Table)
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        [kept.code, kept.title, "Wie bereiken wij?", "De school neemt het over."]
    ]


@pytest.mark.django_db
def test_it_reaches_the_plan_with_links_that_lead_somewhere() -> None:
    pact = make_pact()
    measure = make_measure(pact, questions=[make_question(pact)])
    make_allocation(make_package(pact).years.get(), 2500, measure=measure)
    document = compile_plan(pact, number=1, label="", frozen_at=timezone.now())
    assert {f"maatregel-{measure.number}", "pakket-1", "wat-blijft"} <= document.anchors()
    assert any(isinstance(block, Figure) and "toegezegd" in block.title for block in document.blocks())
    assert type(document).from_data(document.to_data()) == document
