"""Programmes as rows of a spreadsheet."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.spreadsheets.paragraphs import html_of, text_of
from partners.permissions import PactRequest, Permission
from plan.imports.cells import (
    ChoiceCell,
    CodeCell,
    DateCell,
    EuroCell,
    LinkCell,
    ManyChoicesCell,
    NameCell,
    RichCell,
    TextCell,
    WholeCell,
)
from plan.imports.registers import Column, RegisterResource, Step
from plan.programmes.filters import ProgrammeFilter
from plan.programmes.models import Layer, Programme
from plan.questions.exchange import age, areas, municipalities
from plan.questions.models import OLDEST, YOUNGEST

MOST_YOUNG_PEOPLE = 1_000_000


class ProgrammeResource(RegisterResource):
    """The register of programmes."""

    model = Programme
    owner_key = "provider"
    title_key = "name"
    permission = Permission.KEEP_PROGRAMMES

    number = Column("nummer", "number", CodeCell("A"), hint="Leeg voor nieuw aanbod.", width=10)
    provider = Column(
        "aanbieder", "provider", NameCell("De partners van dit pact zijn:"), required=True, hint="De organisatie."
    )
    name = Column("naam", "name", TextCell(200), required=True, width=40, hint="Hooguit 200 tekens.")
    description = Column("omschrijving", "description", RichCell(), width=60, fallback="", hint="Gewone tekst.")
    layers = Column(
        "lagen",
        "layers",
        ManyChoicesCell(Layer.choices),
        required=True,
        hint="Meer lagen? Zet er een puntkomma tussen.",
        width=24,
    )
    areas = areas()
    age_from = age("leeftijd vanaf", "age_from", YOUNGEST)
    age_to = age("leeftijd tot en met", "age_to", OLDEST)
    municipalities = municipalities(
        "Waar is dit aanbod er? Zet een puntkomma tussen de gemeenten. Leeg is de hele regio."
    )
    reach_per_year = Column(
        "bereik per jaar",
        "reach_per_year",
        WholeCell(0, MOST_YOUNG_PEOPLE, "Vul een heel aantal in van hooguit een miljoen jongeren."),
        hint="Hoeveel jongeren per jaar.",
        width=12,
    )
    starts_on = Column("loopt vanaf", "starts_on", DateCell(), hint="Een datum, bijvoorbeeld 1-9-2026.", width=14)
    ends_on = Column("loopt tot en met", "ends_on", DateCell(), hint="Een datum, bijvoorbeeld 31-7-2028.", width=14)
    funding_source = Column("wie betaalt het", "funding_source", TextCell(160), fallback="", width=30)
    yearly_cost = Column(
        "kosten per jaar", "yearly_cost", EuroCell(), hint="In euro, bijvoorbeeld 1.250 of 1.250,50.", width=14
    )
    nji_level = Column(
        "erkenning NJi",
        "nji_level",
        ChoiceCell(Programme.NjiLevel.choices),
        fallback="",
        hint="Het niveau in de databank van het NJi.",
        width=30,
    )
    link = Column("link", "link", LinkCell(), fallback="", hint="Een webadres dat begint met https://.", width=30)

    def values_of(self, row: Programme) -> dict[str, Any]:
        return {
            "provider": row.provider_id,
            "name": row.name,
            "description": text_of(row.description) if row.description else "",
            "layers": frozenset(layer.value for layer in row.layers),
            "age_from": row.age_from,
            "age_to": row.age_to,
            "reach_per_year": row.reach_per_year,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "funding_source": row.funding_source,
            "yearly_cost": row.yearly_cost,
            "nji_level": row.nji_level,
            "link": row.link,
        }

    def faults_of(self, values: dict[str, Any]) -> list[tuple[str, str]]:
        faults = super().faults_of(values)
        if values["starts_on"] and values["ends_on"] and values["ends_on"] < values["starts_on"]:
            faults.append((self._name("ends_on"), _("De einddatum mag niet voor de begindatum liggen.")))
        return faults

    def fields_of(self, values: dict[str, Any]) -> dict[str, Any]:
        made = {name: value for name, value in values.items() if name not in ("areas", "municipalities", "layers")}
        if "layers" in values:
            made |= {layer.value: layer.value in values["layers"] for layer in Layer}
        if "provider" in made:
            made["provider_id"] = made.pop("provider")
        if "description" in made:
            made["description"] = html_of(made["description"])
        return made

    def touch(self, row: Programme, step: Step) -> tuple[str, ...]:
        # Who brings a programme up to date says that it is right.
        row.confirmed_on, row.confirmed_by = timezone.localdate(), self.by
        return "confirmed_on", "confirmed_by"


def filtered(request: PactRequest) -> Any:
    """The programmes with the filters of the list, as an export needs them."""
    rows = Programme.objects.in_pact(request.pact).select_related("provider__organisation")
    rows = rows.prefetch_related("areas", "municipalities__organisation")
    return ProgrammeFilter(request.GET, rows, request=request, pact=request.pact).qs
