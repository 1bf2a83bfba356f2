"""The route of the demonstration pact, and what was put to it and decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pact_portal.front.demo.cast import Cast
from partners.models import Body
from plan.decisions import conditions, deciding, positions, route, writing
from plan.decisions.carried import next_step
from plan.decisions.models import Condition, Outcome, Proposal, StepKind
from plan.models import Allocation, Measure

STEPS = [
    ("Voorbereiden", "projectgroep", StepKind.PREPARES, 14),
    ("Advies van jongeren en ouders", "klankbordgroep", StepKind.ADVISES, 21),
    ("Besluit", "stuurgroep", StepKind.DECIDES, 28),
]
"""Name, kind of body, what it does, and how many days it has."""

# `said`: what each step said so many days ago. `stands`: partner, stance, mandate, condition or explanation.
PROPOSALS: list[dict[str, Any]] = [
    {
        "title": "De eerste maatregelen, en de verdeling van het geld van dit jaar",
        "explanation": "<p>Vijf maatregelen bouwen voort op wat er al is. Scholen en gemeenten vroegen erom, en het "
        "aanbod werkt. Het geld van dit jaar gaat voor een deel naar deze maatregelen en voor een deel naar de "
        "sectoren.</p>",
        "by": "Gemeente Alkmaar",
        "measures": [1, 2, 4, 5, 6],
        "allocations": "committed",
        "days_ago": 60,
        "stands": [
            ("Gemeente Alkmaar", "agree", "college", ""),
            ("Gemeente Bergen", "agree", "college", ""),
            ("Gemeente Heiloo", "agree_if", "college", "De coaches werken ook op de school in Heiloo, vanaf de start."),
            ("Clusius College", "agree", "consent", ""),
            ("Horizon College", "agree", "board", ""),
            ("Inholland", "agree", "board", ""),
            ("Rollebol kindercentra", "agree", "board", "Graag ook tijd voor het gesprek met ouders."),
            ("Gemeente Uitgeest", "no_mandate", "none", "Het college bespreekt dit volgende week."),
        ],
        "answers": "Afgesproken met de trekker: Heiloo krijgt een vaste dag vanaf de eerste schoolweek.",
        "said": [
            (50, "positive", "De voorstellen zijn volledig, en bouwen voort op bestaand aanbod.", []),
            (
                40,
                "positive",
                "Jongeren herkennen zich in de keuze. Wij willen weten wat ervan terechtkomt.",
                ["Jongeren horen na een halfjaar wat er met hun advies is gedaan."],
            ),
            (30, "adopted", "De maatregelen beantwoorden de vragen die het vaakst zijn gesteld.", []),
        ],
    },
    {
        "title": "M@ZL eerder, en op meer scholen",
        "explanation": "<p>Eerder in gesprek met wie thuisblijft: na twee weken, en op drie scholen meer.</p>",
        "by": "Samenwerkingsverband Voortgezet Onderwijs Noord-Kennemerland",
        "measures": [8],
        "days_ago": 55,
        "stands": [("Gemeente Bergen", "object", "college", "De schoolarts heeft nu al te weinig uren.")],
        "said": [
            (50, "positive", "Goed uitgewerkt. Let op de uren van de jeugdarts.", []),
            (40, "negative", "Wij missen wat jongeren zelf willen als zij thuisblijven.", []),
            (30, "deferred", "De stuurgroep wil eerst weten hoe het verzuim zich ontwikkelt.", []),
        ],
    },
    {
        "title": "Oefenen met de brugklas: een nieuwe start",
        "explanation": "<p>Voor deze overgang bestaat nog niets. Twee besturen willen het samen proberen.</p>",
        "by": "Samenwerkingsverband Passend Primair Onderwijs Noord-Kennemerland",
        "measures": [3],
        "allocations": "of_measures",
        "days_ago": 20,
        "stands": [
            ("Gemeente Alkmaar", "agree", "college", ""),
            ("SKOA/Kiddies", "agree_if", "board", "Kinderen met een eigen begeleider doen ook mee."),
            ("Gemeente Heiloo", "no_mandate", "none", ""),
        ],
        "said": [(12, "positive", "Het enige nieuwe voorstel. De vraag is beoordeeld, en er is geen aanbod.", [])],
    },
    {
        "title": "Geldcafé in vier gemeenten",
        "explanation": "<p>De avonden over geld reizen langs vier gemeenten.</p>",
        "by": "Gemeente Dijk en Waard",
        "measures": [7],
        "allocations": "of_measures",
        "days_ago": None,
    },
]

OF_THE_PLAN: dict[str, Any] = {
    "title": "Het uitvoeringsplan vaststellen, versie 1",
    "explanation": "<p>De eerste versie van het plan, met de vragen, het aanbod, de maatregelen en het geld.</p>",
    "by": "Gemeente Alkmaar",
    "days_ago": 0,
    "stands": [("Gemeente Castricum", "agree", "college", "")],
}
"""The proposal to adopt the plan as it was frozen."""

OF_THE_NEIGHBOUR: dict[str, Any] = {
    "title": "De eerste maatregel van Andere Regio",
    "explanation": "<p>Een training die er al is, ook voor de brugklas.</p>",
    "by": "Schoolbestuur De Brug",
    "measures": [1],
    "allocations": "committed",
    "days_ago": 20,
    "said": [(10, "adopted", "Het aanbod bestaat en werkt.", [])],
}
"""The one proposal of the neighbouring pact."""


@dataclass
class Carried:
    """What the lists above speak of by its place: the measures, and the allocations that are to be promised at once."""

    measures: list[Measure]
    allocations: list[Allocation]
    committed: list[Allocation]


def lay_route(cast: Cast) -> None:
    """The steps of the pact, each at the first body of its kind."""
    bodies = {body.kind: body for body in Body.objects.in_pact(cast.pact).order_by("-pk")}
    steps = [
        route.StepRow(name=name, body=bodies[kind], kind=does, days=days)
        for name, kind, does, days in STEPS
        if kind in bodies
    ]
    route.keep_route(cast.pact, steps=steps, by=cast.coordinator)


def decide(cast: Cast, carried: Carried, rows: Sequence[dict[str, Any]], today: date) -> None:
    """Put the proposals to the route, and record what was said of them."""
    for row in rows:
        measures = [carried.measures[place - 1] for place in row["measures"]]
        items = [("measure", measure.pk) for measure in measures]
        items += [("allocation", allocation.pk) for allocation in _money_of(row, measures, carried)]
        put(cast, row, items, today)


def _money_of(row: dict[str, Any], measures: list[Measure], carried: Carried) -> list[Allocation]:
    if row.get("allocations") == "committed":
        return carried.committed
    if row.get("allocations") == "of_measures":
        return [each for each in carried.allocations if each.measure in measures and each not in carried.committed]
    return []


def put(cast: Cast, row: dict[str, Any], items: list[tuple[str, int]], today: date) -> Proposal:
    """One proposal with what it carries; without `days_ago` it stays a draft."""
    proposal = writing.write(
        cast.pact,
        title=row["title"],
        explanation=row["explanation"],
        partnership=cast.partners[row["by"]],
        items=items,
        by=cast.coordinator,
    )
    if row["days_ago"] is None:
        return proposal
    proposal = writing.submit(proposal, by=cast.coordinator, on=today - timedelta(days=row["days_ago"]))
    for organisation, stance, mandate, text in row.get("stands", []):
        positions.state_position(
            proposal,
            partnership=cast.partners[organisation],
            stance=stance,
            mandate=mandate,
            text=text,
            by=cast.actor(organisation),
        )
    if answer := row.get("answers"):
        for condition in Condition.objects.in_pact(cast.pact).filter(proposal=proposal):
            conditions.answer(condition, state=Condition.State.MET, answer=answer, by=cast.coordinator)
    for days, outcome, reason, asked in row.get("said", []):
        step = next_step(proposal)
        if step is None:
            raise RuntimeError(f"{proposal} is not on its way")
        deciding.record_outcome(
            proposal,
            step=step,
            outcome=Outcome(outcome),
            decided_on=today - timedelta(days=days),
            reason=reason,
            conditions=asked,
            by=cast.coordinator,
        )
        proposal.refresh_from_db()
    return proposal
