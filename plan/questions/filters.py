"""Finding support questions: what a list, its export and the analysis filter by, from the query string."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from partners.organisations.models import Partnership, Sector
from partners.pact.models import CollaborationArea, Pact
from plan.questions.models import SupportQuestion

SORTS = {
    "newest": (_("nieuwste eerst"), ["-number"]),
    "oldest": (_("oudste eerst"), ["number"]),
    "urgency": (_("meest dringend eerst"), ["-urgency", "-number"]),
    "title": (_("op titel"), ["title", "number"]),
}


class AreasAndPlacesFilter(django_filters.FilterSet):
    """What the lists of questions and programmes share: words, an area, a municipality, and who it is of.

    Filters come from the query string. What is not known filters nothing, and says so at its field.
    """

    owner: str
    """The name of the filter with the partnership that the rows belong to."""

    searched: tuple[str, ...]
    """The columns in which words are sought, beside the code."""

    words = django_filters.CharFilter(method="with_words", label=_("Zoek op woorden"), max_length=200)
    area = django_filters.ModelChoiceFilter(
        field_name="areas",
        queryset=CollaborationArea.unscoped.none(),
        label=_("Gebied"),
        empty_label=_("alle gebieden"),
    )
    municipality = django_filters.ModelChoiceFilter(
        method="in_municipality",
        queryset=Partnership.unscoped.none(),
        label=_("Gemeente"),
        empty_label=_("alle gemeenten"),
    )

    def __init__(self, data: Any, queryset: QuerySet, *, request: HttpRequest, pact: Pact) -> None:
        super().__init__(data, queryset=queryset, request=request)
        partners = Partnership.objects.in_pact(pact).select_related("organisation")
        self.filters["area"].queryset = CollaborationArea.objects.in_pact(pact)
        self.filters["municipality"].queryset = partners.municipalities()
        self.filters[self.owner].queryset = partners.order_by("organisation__name")

    def with_words(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Every word stands in one of the columns, or is the code of the row, such as V12."""
        code = self._meta.model.CODE
        for word in value.split():
            condition = Q()
            for column in self.searched:
                condition |= Q(**{f"{column}__icontains": word})
            if word[:1].upper() == code and word[1:].isascii() and word[1:].isdigit():
                condition |= Q(number=int(word[1:]))
            queryset = queryset.filter(condition)
        return queryset

    def in_municipality(self, queryset: QuerySet, _name: str, value: Partnership) -> QuerySet:
        """Those of the municipality, and those of the whole region, which name none."""
        return queryset.filter(Q(municipalities=value) | Q(municipalities__isnull=True)).distinct()


class QuestionFilter(AreasAndPlacesFilter):
    owner = "partner"
    searched = ("title", "description")

    state = django_filters.ChoiceFilter(
        choices=[choice for choice in SupportQuestion.State.choices if choice[0] != SupportQuestion.State.MERGED],
        label=_("Status"),
        empty_label=_("elke status"),
    )
    sector = django_filters.ChoiceFilter(
        field_name="partnership__organisation__sector",
        choices=Sector.choices,
        label=_("Sector"),
        empty_label=_("alle sectoren"),
    )
    partner = django_filters.ModelChoiceFilter(
        field_name="partnership",
        queryset=Partnership.unscoped.none(),
        label=_("Organisatie"),
        empty_label=_("alle organisaties"),
    )
    urgency = django_filters.ChoiceFilter(
        choices=SupportQuestion.Urgency.choices, label=_("Urgentie"), empty_label=_("elke urgentie")
    )
    sort = django_filters.ChoiceFilter(
        choices=[(name, label) for name, (label, _fields) in SORTS.items()],
        method="in_order",
        label=_("Volgorde"),
        empty_label=None,
        null_label=None,
    )

    class Meta:
        model = SupportQuestion
        fields: list[str] = []

    def in_order(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        return queryset.order_by(*SORTS[value][1])
