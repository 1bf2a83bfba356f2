"""Finding support questions: what a list, its export and the analysis filter by, from the query string."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.organisations.models import Partnership, Sector
from partners.pact.models import CollaborationArea, Pact
from plan.questions import answered
from plan.questions.models import SupportQuestion
from plan.questions.phases import PHASE_NAMES, PHASES
from plan.questions.support import number_of_supporters

GAP, SUFFICIENT, UNKNOWN = "gap", "sufficient", "unknown"
STANDING = "standing"
"""Both states in which a question speaks for itself, as one choice."""

SORTS = {
    "newest": (_("nieuwste eerst"), ["-number"]),
    "oldest": (_("oudste eerst"), ["number"]),
    "urgency": (_("meest dringend eerst"), ["-urgency", "-number"]),
    "support": (_("meeste partners eerst"), ["-supporters", "-number"]),
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
        if self.owner in self.filters:
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

    def in_phase(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Those whose ages touch the phase: what is for 10 to 14 stands in two of them."""
        return queryset.filter(age_from__lte=PHASES[value].last, age_to__gte=PHASES[value].first)

    def in_municipality(self, queryset: QuerySet, _name: str, value: Partnership) -> QuerySet:
        """Those of the municipality, and those of the whole region, which name none."""
        places = queryset.model.municipalities.through.objects
        row = queryset.model._meta.get_field("municipalities").m2m_field_name()
        named = places.filter(**{row: OuterRef("pk")})
        # Subqueries and no joins: rows are not doubled, so that nothing needs to be made distinct again.
        return queryset.filter(Exists(named.filter(partnership=value)) | ~Exists(named))


class QuestionFilter(AreasAndPlacesFilter):
    owner = "partner"
    searched = ("title", "description")

    state = django_filters.ChoiceFilter(
        choices=[
            (STANDING, _("ingediend of aangenomen")),
            *(choice for choice in SupportQuestion.State.choices if choice[0] != SupportQuestion.State.MERGED),
        ],
        method="in_state",
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
    phase = django_filters.ChoiceFilter(
        choices=list(PHASE_NAMES.items()), method="in_phase", label=_("Leeftijd"), empty_label=_("alle leeftijden")
    )
    level = django_filters.ChoiceFilter(
        field_name="protective_level",
        choices=SupportQuestion.Level.choices,
        label=_("Wat moet sterker worden"),
        empty_label=_("alles"),
    )
    source = django_filters.ChoiceFilter(
        choices=SupportQuestion.Source.choices, label=_("Bron"), empty_label=_("elke bron")
    )
    coverage = django_filters.ChoiceFilter(
        choices=[
            (GAP, _("nog geen voldoende aanbod")),
            (SUFFICIENT, _("voldoende aanbod")),
            (UNKNOWN, _("nog niet beoordeeld")),
        ],
        method="with_coverage",
        label=_("Dekking"),
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
        model = SupportQuestion
        fields: list[str] = []

    def chosen(self, name: str) -> Any:
        """What was chosen in a filter; None for nothing, and for what is not known."""
        return (self.form.cleaned_data.get(name) or None) if self.is_bound and not self.form.errors.get(name) else None

    def in_state(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        return queryset.standing() if value == STANDING else queryset.filter(state=value)  # type: ignore[attr-defined]

    def with_coverage(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Of the accepted questions: those that existing programmes do or do not answer today.

        In a municipality only what is there counts, and in a phase only what is for those ages, as in the matrix.
        """
        on = timezone.localdate()
        judged = answered.judged(
            on=on,
            level="" if value == UNKNOWN else SUFFICIENT,
            municipality=self.chosen("municipality"),
            ages=PHASES.get(self.chosen("phase") or ""),
        )
        return queryset.filter(judged if value == SUFFICIENT else ~judged, state=SupportQuestion.State.ACCEPTED)

    def in_order(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        if value == "support":
            queryset = queryset.annotate(supporters=number_of_supporters())
        return queryset.order_by(*SORTS[value][1])
