"""What came in, was added and was spent in the demonstration pact. Every amount is invented."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from pact_portal.front.demo.cast import Cast
from plan.funding import contributing, reallocating, settling, spending
from plan.measures import indicators
from plan.models import Allocation, Indicator, Measure

INTAKES: dict[str, list[tuple[str, str]]] = {
    "Welbevinden jeugd in coronatijd en daarna": [("Gemeente Alkmaar", "0.6"), ("Gemeente Castricum", "0.4")],
    "Nationaal Programma Onderwijs": [
        ("Clusius College", "0.3"),
        ("Horizon College", "0.3"),
        ("Inholland", "0.2"),
        ("Rollebol kindercentra", "0.1"),
    ],
    "Aanpak jeugdwerkloosheid": [("Gemeente Alkmaar", "1")],
}
"""Which share of each year of a package came in at whom."""

CONTRIBUTIONS: list[tuple[int, str, str, str]] = [
    (1, "Horizon College", "15000", "uren van de eigen mentoren"),
    (4, "Gemeente Alkmaar", "40000", "uit de begroting jeugd"),
    (4, "Gemeente Heiloo", "12500", ""),
]
"""Measure, partner, euros from its own means, note."""

SPENT: list[tuple[int, str, list[tuple[str, str, str]]]] = [
    (
        1,
        "0.62",
        [("Horizon College", "Uren transfercoaches", "TC"), ("Clusius College", "Scholing van mentoren", "SM")],
    ),
    (3, "0.8", [("Rollebol kindercentra", "Gesprekken bij de overdracht", "WO")]),
    (5, "0.45", [("Gemeente Alkmaar", "Coaches op twee scholen", "JGC"), ("Gemeente Heiloo", "Coach in Heiloo", "H")]),
    (8, "0.3", [("Gemeente Uitgeest", "Proefweken sport en muziek", "SP")]),
    (9, "1", [("Inholland", "Begeleiding eerste honderd dagen", "HBO")]),
    (15, "0.5", [("Horizon College", "Loopbaanbegeleiding", "LB")]),
]
"""An allocation by its place, which part of it is spent, and by whom on what, over the months that have passed."""

SETTLED = [9]
"""The places of allocations that are settled: all was spent."""

INDICATORS: list[tuple[int, dict[str, Any]]] = [
    (
        1,
        {
            "name": "Jongeren met een coach tot de kerstvakantie",
            "unit": "jongeren",
            "direction": Indicator.Direction.UP,
            "baseline": Decimal(120),
            "target": Decimal(240),
            "every_months": 6,
            "source": "registratie van de coaches",
            "counts_people": True,
        },
    ),
    (
        2,
        {
            "name": "Peuters die met een gesprek naar de basisschool gaan",
            "unit": "procent",
            "direction": Indicator.Direction.UP,
            "baseline": Decimal(55),
            "target": Decimal(90),
            "every_months": 12,
            "source": "kinderopvang",
        },
    ),
    (
        4,
        {
            "name": "Scholen met een vaste dag van een coach",
            "unit": "scholen",
            "direction": Indicator.Direction.UP,
            "baseline": Decimal(2),
            "target": Decimal(5),
            "every_months": 6,
        },
    ),
    (
        4,
        {
            "name": "Wachttijd tot het eerste gesprek",
            "unit": "dagen",
            "direction": Indicator.Direction.DOWN,
            "baseline": Decimal(21),
            "target": Decimal(7),
            "every_months": 6,
            "source": "jeugd- en gezinscoaches",
        },
    ),
    (
        5,
        {
            "name": "Kinderen die na de proefweken blijven sporten",
            "unit": "kinderen",
            "direction": Indicator.Direction.UP,
            "baseline": None,
            "target": Decimal(60),
            "every_months": 6,
            "counts_people": True,
        },
    ),
]
"""Measure, and what it should move."""


def add_indicators(cast: Cast, measures: list[Measure]) -> None:
    for place, row in INDICATORS:
        indicators.add(measures[place - 1], by=cast.coordinator, **row)


def add_own_means(cast: Cast, measures: list[Measure], today: date) -> None:
    for place, organisation, amount, note in CONTRIBUTIONS:
        contributing.pledge(
            measures[place - 1],
            partnership=cast.partners[organisation],
            year=today.year,
            amount=Decimal(amount).quantize(Decimal("0.01")),
            note=note,
            by=cast.coordinator,
        )


def intakes_of(cast: Cast, name: str, years: dict[int, Decimal]) -> dict[int, dict[Any, Decimal]]:
    """What came in of a package: per year, by whom it was received, in euros."""
    return {
        year: {
            cast.partners[organisation]: (budget * Decimal(part)).quantize(Decimal("0.01"))
            for organisation, part in INTAKES.get(name, [])
            if organisation in cast.partners
        }
        for year, budget in years.items()
    }


def spend(cast: Cast, allocations: list[Allocation], today: date) -> None:
    """Book what was spent since the first of January, a booking a month, in turn by those who carry it out."""
    first = date(today.year, 1, 1)
    days = [day for month in range(12) if (day := first + timedelta(days=30 * month + 14)) <= today] or [today]
    serial: Counter[str] = Counter()
    for place, part, spenders in SPENT:
        allocation = allocations[place - 1]
        whole = (allocation.amount * Decimal(part)).quantize(Decimal("0.01"))
        each = (whole / len(days)).quantize(Decimal("0.01"))
        for turn, day in enumerate(days):
            organisation, description, letters = spenders[turn % len(spenders)]
            serial[letters] += 1
            last = turn == len(days) - 1
            spending.book(
                allocation,
                partnership=cast.partners[organisation],
                amount=whole - each * turn if last else each,
                spent_on=day,
                description=description,
                reference=f"{letters}-{serial[letters]:03}",
                once=uuid4(),
                by=cast.actor(organisation),
            )
    for place in SETTLED:
        allocation = allocations[place - 1]
        allocation.refresh_from_db()
        settling.settle(allocation, by=cast.coordinator)


def propose_moving(cast: Cast, allocations: list[Allocation], measures: list[Measure]) -> None:
    """After the first evaluation: a part of one measure's money would do more elsewhere."""
    allocations[7].refresh_from_db()
    reallocating.propose(
        allocations[7],
        amount=Decimal("9000.00"),
        measure=measures[3],
        reason="De start in Uitgeest duurde lang. Coaches kunnen er dit jaar meer mee.",
        by=cast.coordinator,
    )
