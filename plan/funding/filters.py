"""Which money is looked at: what the charts and the accounts filter by, from the query string."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from plan.funding.models import PackageYear


class PackageFilter(django_filters.FilterSet):
    """One package by its number. What is not known filters nothing, and says so at its field."""

    package = django_filters.ChoiceFilter(
        field_name="package__number", label=_("Steunpakket"), empty_label=_("alle steunpakketten")
    )

    class Meta:
        model = PackageYear
        fields: list[str] = []

    def __init__(self, data: Any, queryset: QuerySet[PackageYear], *, request: HttpRequest) -> None:
        super().__init__(data, queryset=queryset, request=request)
        rows = queryset.order_by("package__number", "year").values_list("package__number", "package__name", "year")
        self.known = list(rows)
        packages = {number: name for number, name, _year in self.known}
        self.filters["package"].extra["choices"] = [(number, f"S{number} {name}") for number, name in packages.items()]

    def number(self, name: str) -> int | None:
        """What was chosen; None for nothing, and for what is not known."""
        if not self.form.is_valid() and name in self.form.errors:
            return None
        chosen = self.form.cleaned_data.get(name)
        return int(chosen) if chosen else None


class MoneyFilter(PackageFilter):
    """One package, one year of budgets, or both."""

    year = django_filters.ChoiceFilter(label=_("Uit het budget van"), empty_label=_("alle jaren"))

    def __init__(self, data: Any, queryset: QuerySet[PackageYear], *, request: HttpRequest) -> None:
        super().__init__(data, queryset=queryset, request=request)
        years = sorted({year for _number, _name, year in self.known})
        self.filters["year"].extra["choices"] = [(year, year) for year in years]
