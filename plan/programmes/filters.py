"""Finding programmes: what a list and its export filter by, from the query string."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.organisations.models import Partnership
from plan.programmes.models import Layer, Programme
from plan.questions.filters import AreasAndPlacesFilter
from plan.questions.phases import PHASE_NAMES

DUE = "due"
ANY_LEVEL = "any"

SORTS = {
    "name": (_("op naam"), ["name", "number"]),
    "newest": (_("nieuwste eerst"), ["-number"]),
    "reach": (_("grootste bereik eerst"), ["-has_reach", "-reach_per_year", "number"]),
}


class ProgrammeFilter(AreasAndPlacesFilter):
    owner = "provider"
    searched = ("name", "description")

    layer = django_filters.ChoiceFilter(
        choices=Layer.choices, method="in_layer", label=_("Laag"), empty_label=_("alle lagen")
    )
    provider = django_filters.ModelChoiceFilter(
        queryset=Partnership.unscoped.none(), label=_("Aanbieder"), empty_label=_("alle aanbieders")
    )
    phase = django_filters.ChoiceFilter(
        choices=list(PHASE_NAMES.items()), method="in_phase", label=_("Leeftijd"), empty_label=_("alle leeftijden")
    )
    nji = django_filters.ChoiceFilter(
        choices=[(ANY_LEVEL, _("erkend, elk niveau")), *Programme.NjiLevel.choices],
        method="at_level",
        label=_("Erkenning NJi"),
        empty_label=_("maakt niet uit"),
    )
    example = django_filters.ChoiceFilter(
        choices=[("yes", _("alleen voorbeelden"))],
        method="as_example",
        label=_("Inspirerend voorbeeld"),
        empty_label=_("maakt niet uit"),
    )
    check = django_filters.ChoiceFilter(
        choices=[(DUE, _("langer dan een jaar geleden"))],
        method="by_check",
        label=_("Nagekeken"),
        empty_label=_("maakt niet uit"),
    )
    sort = django_filters.ChoiceFilter(
        choices=[(name, label) for name, (label, _fields) in SORTS.items()],
        method="in_order",
        label=_("Volgorde"),
        empty_label=None,
        null_label=None,
    )

    class Meta:
        model = Programme
        fields: list[str] = []

    def in_layer(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        return queryset.filter(**{Layer(value).value: True})

    def at_level(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        return queryset.exclude(nji_level="") if value == ANY_LEVEL else queryset.filter(nji_level=value)

    def as_example(self, queryset: Any, _name: str, _value: str) -> QuerySet:
        examples: QuerySet = queryset.examples()
        return examples

    def by_check(self, queryset: Any, _name: str, _value: str) -> QuerySet:
        """Those that nobody has confirmed for more than a year, and that have not ended."""
        due: QuerySet = queryset.check_due(timezone.localdate())
        return due

    def in_order(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        # Databases disagree on where "not known" sorts, so it is said.
        return queryset.alias(has_reach=Q(reach_per_year__isnull=False)).order_by(*SORTS[value][1])


class ExampleFilter(AreasAndPlacesFilter):
    """The few filters above the gallery of examples."""

    owner = "provider"
    searched = ("name", "description", "example_reason")

    layer = ProgrammeFilter.base_filters["layer"]
    phase = ProgrammeFilter.base_filters["phase"]

    class Meta:
        model = Programme
        fields: list[str] = []

    in_layer = ProgrammeFilter.in_layer
