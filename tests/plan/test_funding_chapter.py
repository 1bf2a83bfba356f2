"""What measures and money add to the plan document, and the finding above the chart."""

from decimal import Decimal

import pytest
from django.utils import timezone

from pact_portal.foundation.documents.blocks import Figure, Table
from plan.document.compile import compile_plan
from plan.funding.chapter import chart_blocks
from plan.funding.chart import Total, drawing, finding
from plan.measures.chapter import remains_blocks
from tests.factories import make_allocation, make_measure, make_package, make_pact, make_question


def total(number: int, budget: int, allocated: int) -> Total:
    return Total(number, f"S{number} Pakket", Decimal(budget), Decimal(allocated))


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        ([total(1, 1000, 0)], "Van de €\xa01.000 is nog niets toegewezen"),
        ([total(1, 1000, 1000)], "Alles is toegewezen: €\xa01.000"),
        (
            [total(1, 1000, 900), total(2, 1000, 100)],
            "Van de €\xa02.000 is 50% toegewezen; het meest is over in S2 Pakket",
        ),
    ],
)
def test_it_says_the_finding_above_the_chart(totals: list[Total], said: str) -> None:
    assert finding(totals) == said
    assert f"<title>{said}</title>" in drawing(totals)


def test_it_escapes_what_people_typed_in_the_drawing() -> None:
    drawn = drawing([Total(1, "<script>alert(1)</script>", Decimal(10), Decimal(5))])
    assert "<script" not in drawn
    assert "style=" not in drawn


@pytest.mark.django_db
def test_it_adds_nothing_about_money_that_is_not_there() -> None:
    assert chart_blocks(make_pact()) == []


@pytest.mark.django_db
def test_it_adds_the_years_of_a_package_up_in_one_line() -> None:
    pact = make_pact()
    package = make_package(pact, {2026: 1000, 2027: 3000}, name="Welbevinden jeugd")
    make_allocation(package.years.get(year=2027), Decimal("1000.50"))
    make_package(make_pact(), name="Van elders")
    (figure,) = chart_blocks(pact)
    assert isinstance(figure, Figure)
    assert isinstance(figure.table, Table)
    assert [[cell.text for cell in row.cells] for row in figure.table.rows] == [
        [f"{package.code} Welbevinden jeugd", "€\xa04.000", "€\xa01.000,50", "€\xa02.999,50"]
    ]
    assert figure.table.rows[0].cells[0].to == f"pakket-{package.number}"


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
    assert any(isinstance(block, Figure) and "toegewezen" in block.title for block in document.blocks())
    assert type(document).from_data(document.to_data()) == document
