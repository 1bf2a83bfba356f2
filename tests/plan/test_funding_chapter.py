"""What measures and money add to the plan document."""

import re
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
from plan.funding import chart, contributing, figures, sums
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


def said_of(pact: Pact) -> str:
    return " ".join(block.text for block in chart_blocks(pact) if isinstance(block, Paragraph))


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
    packages, flow = figures_of(pact)
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
    (sectors,) = [block for block in chart_blocks(pact) if isinstance(block, Table)]
    assert sectors.caption == "Het meeste geld gaat naar: primair onderwijs (100% van €\xa01.401)"
    assert [[cell.text for cell in row.cells] for row in sectors.rows] == [
        ["primair onderwijs", "€\xa01.400,50", "100%"]
    ]
    assert "Van de €\xa01.001 die is toegezegd, is nog niets besteed" in said_of(pact)


@pytest.mark.django_db
@time_machine.travel("2026-11-23T10:00:00+01:00", tick=False)
def test_it_says_in_the_plan_what_was_spent_per_year() -> None:
    pact = make_pact()
    partner = make_partner(pact)
    given = make_allocation(make_package(pact).years.get(), 1_000, partnership=partner, state="committed")
    make_expenditure(given, 200, partner, spent_on=date(2026, 1, 15))
    make_expenditure(given, 50, partner, spent_on=date(2026, 11, 1))
    said = said_of(pact)
    assert "Van de €\xa01.000 die is toegezegd, is 25% besteed; besteden kan tot en met 31 december 2027." in said
    assert "Besteed: in 2026 €\xa0250." in said


@pytest.mark.django_db
def test_it_keeps_the_flow_of_forty_measures_short() -> None:
    pact = make_pact()
    year = make_package(pact).years.get()
    for _ in range(40):
        make_allocation(year, 10, measure=make_measure(pact))
    flow = figures_of(pact)[1]
    assert "overige (33)" in flow.svg
    assert "De 33 kleinste bestemmingen staan samen" in said_of(pact)


@pytest.mark.django_db
def test_its_charts_of_forty_packages_with_long_names_fit_on_one_sheet() -> None:
    pact = make_pact()
    partner = make_partner(pact)
    for number in range(40):
        package = make_package(pact, name=f"Steunpakket {number} voor het welbevinden van jongeren " * 3)
        make_allocation(package.years.get(), 1_000 + number, partnership=partner, state="committed")
    packages, flow = figures_of(pact)
    # The text of a sheet is 170 by 245 mm; the box of a chart takes 10 mm of the width, and with its title 30 mm of
    # the height.
    for figure in (packages, flow):
        (box,) = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', figure.svg)
        assert 160 * float(box[1]) / float(box[0]) < 245 - 30
        assert "overige (33)" in figure.svg
    assert len(table_of(packages)) == 40
    assert "De 33 kleinste steunpakketten staan in de grafiek samen" in said_of(pact)
    assert "De 33 kleinste steunpakketten staan samen" in said_of(pact)
    # Without the limit the drawing is higher than a sheet.
    whole = chart.of_packages(figures.bars_of(sums.read(pact)))
    assert whole
    (box,) = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', whole.draw())
    assert 160 * float(box[1]) / float(box[0]) > 245


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
    assert len(items.items) == 7
    assert "is €\xa00 van de €\xa0100.000 binnengekomen" in items.items[0]
    assert items.items[-1] == "En nog 14 punten."


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
