"""What coverage and overlap are looked at by, from the query string."""

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from plan.programmes.matrix import BY_LAYER, BY_PHASE, Look
from plan.questions.filters import QuestionFilter


class CoverageFilter(QuestionFilter):
    """The questions of the matrix, and what counts as an answer to them; `by` is how the matrix is divided."""

    words = partner = state = level = source = urgency = coverage = sort = None

    by = django_filters.ChoiceFilter(
        choices=[(BY_LAYER, _("laag")), (BY_PHASE, _("leeftijd"))], method="as_divided", widget=forms.HiddenInput
    )

    def as_divided(self, queryset: QuerySet, _name: str, _value: str) -> QuerySet:
        """How the matrix is divided leaves the questions as they are."""
        return queryset

    @property
    def divided_by(self) -> str:
        return self.chosen("by") or BY_LAYER

    @property
    def look(self) -> Look:
        """What was chosen, as the matrix takes it."""
        chosen = self.chosen
        return Look(area=chosen("area"), municipality=chosen("municipality"), phase=chosen("phase") or "")
