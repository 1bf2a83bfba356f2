"""Finding programmes: what a list and its export filter by, from the query string."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from partners.organisations.models import Partnership
from plan.programmes.models import Layer, Programme
from plan.questions.filters import AreasAndPlacesFilter

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

    def in_order(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        # Databases disagree on where "not known" sorts, so it is said.
        return queryset.alias(has_reach=Q(reach_per_year__isnull=False)).order_by(*SORTS[value][1])
