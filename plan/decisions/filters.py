"""Finding proposals and decisions: what their lists and the export filter by, from the query string."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from partners.bodies.models import Body
from partners.organisations.models import Partnership
from partners.pact.models import Pact
from plan.decisions.models import Decision, Outcome, Proposal, ProposalStep, StepKind

UNDER_WAY = "under_way"
"""Both states in which a body still has to say something, as one choice."""


def with_turn(proposals: Any) -> Any:
    """Adds `turn`: the key of the step whose turn it is; None for what is not on the route.

    That is the first step of this round about which nothing was said, or the last word was to hold it over.
    """
    said = Decision.unscoped.filter(step=OuterRef("pk"), superseded_by__isnull=True).exclude(outcome=Outcome.DEFERRED)
    waiting = ProposalStep.unscoped.filter(
        ~Exists(said), proposal=OuterRef("pk"), round=OuterRef("round"), proposal__state__in=Proposal.UNDER_WAY
    )
    return proposals.annotate(turn=Subquery(waiting.order_by("position").values("pk")[:1]))


class ProposalFilter(django_filters.FilterSet):
    """The filters of the list of proposals. Its rows carry `turn` (see with_turn)."""

    state = django_filters.ChoiceFilter(
        choices=[(UNDER_WAY, _("op de route")), *Proposal.State.choices],
        method="in_state",
        label=_("Status"),
        empty_label=_("elke status"),
    )
    body = django_filters.ModelChoiceFilter(
        method="at_body",
        queryset=Body.unscoped.none(),
        label=_("Wie is aan de beurt"),
        empty_label=_("maakt niet uit"),
    )
    partner = django_filters.ModelChoiceFilter(
        field_name="partnership",
        queryset=Partnership.unscoped.none(),
        label=_("Namens"),
        empty_label=_("alle partners"),
    )

    class Meta:
        model = Proposal
        fields: list[str] = []

    def __init__(self, data: Any, queryset: QuerySet, *, request: HttpRequest, pact: Pact) -> None:
        super().__init__(data, queryset=queryset, request=request)
        self.filters["body"].queryset = Body.objects.in_pact(pact)
        self.filters["partner"].queryset = (
            Partnership.objects.in_pact(pact).select_related("organisation").order_by("organisation__name")
        )

    def in_state(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        return queryset.filter(state__in=Proposal.UNDER_WAY if value == UNDER_WAY else [value])

    def at_body(self, queryset: QuerySet, _name: str, value: Body) -> QuerySet:
        return queryset.filter(turn__in=ProposalStep.unscoped.filter(body=value).values("pk"))


class DecisionFilter(django_filters.FilterSet):
    """The filters of the register of decisions and of its export."""

    words = django_filters.CharFilter(method="with_words", label=_("Zoek op woorden"), max_length=200)
    body = django_filters.ModelChoiceFilter(
        field_name="step__body", queryset=Body.unscoped.none(), label=_("Overleg"), empty_label=_("alle overleggen")
    )
    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, label=_("Uitkomst"), empty_label=_("elke uitkomst"))
    kind = django_filters.ChoiceFilter(
        field_name="step__kind",
        choices=[
            (StepKind.PREPARES.value, _("voorbereiding")),
            (StepKind.ADVISES.value, _("advies")),
            (StepKind.DECIDES.value, _("besluit")),
        ],
        label=_("Soort stap"),
        empty_label=_("elke stap"),
    )
    year = django_filters.ChoiceFilter(
        field_name="decided_on__year", choices=[], label=_("Jaar"), empty_label=_("alle jaren")
    )

    class Meta:
        model = Decision
        fields: list[str] = []

    def __init__(self, data: Any, queryset: QuerySet, *, request: HttpRequest, pact: Pact) -> None:
        super().__init__(data, queryset=queryset, request=request)
        self.filters["body"].queryset = Body.objects.in_pact(pact)
        days = Decision.objects.in_pact(pact).dates("decided_on", "year", order="DESC")
        self.filters["year"].extra["choices"] = [(str(day.year), str(day.year)) for day in days]

    def with_words(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Every word stands in the proposal, in the reason or in a condition, or is the code of either row."""
        for word in value.split():
            condition = (
                Q(proposal__title__icontains=word)
                | Q(reason__icontains=word)
                | Q(step__name__icontains=word)
                | Q(pk__in=Decision.unscoped.filter(conditions__text__icontains=word).values("pk"))
            )
            letter, digits = word[:1].upper(), word[1:]
            if digits.isascii() and digits.isdigit() and len(digits) < 10:
                if letter == Decision.CODE:
                    condition |= Q(number=int(digits))
                elif letter == Proposal.CODE:
                    condition |= Q(proposal__number=int(digits))
            queryset = queryset.filter(condition)
        return queryset
