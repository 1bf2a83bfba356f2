"""Packages with their sectors, years and what came in, and dividing their money."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField, EuroField
from pact_portal.foundation.forms.guarded import GuardedForm
from pact_portal.foundation.templatetags.portal import euro
from partners.organisations.models import Partnership, Sector
from partners.pact.models import Pact
from plan.funding.models import Allocation, PackageYear, SupportPackage
from plan.funding.workflow import NO_MONEY_FOR, mark_of
from plan.measures.models import Measure

MOST_YEARS = 10
MOST_INTAKES = 200


def amount_field(**kwargs: Any) -> EuroField:
    """A field for euros greater than zero."""
    too_little = _("Vul een bedrag in dat groter is dan nul.")
    return EuroField(min_value=Decimal("0.01"), error_messages={"min_value": too_little}, **kwargs)


def year_field(**kwargs: Any) -> forms.IntegerField:
    """A field for a year, in a text box: no browser counts up by accident."""
    out_of_range = _("Vul een jaar in van 2000 tot en met 2100.")
    return forms.IntegerField(
        label=_("Jaar"),
        min_value=2000,
        max_value=2100,
        widget=forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": _("Vul een jaar in, bijvoorbeeld 2027."),
            "min_value": out_of_range,
            "max_value": out_of_range,
        },
        **kwargs,
    )


def partners_now(pact: Pact) -> QuerySet:
    """The partners that take part now, by name."""
    return Partnership.objects.in_pact(pact).current().select_related("organisation").order_by("organisation__name")


def offer_measures(field: forms.ModelChoiceField, pact: Pact) -> None:
    """Let a field offer the measures that can get money.

    One that was rejected while the page was open is not offered, and refused by the workflow with the reason.
    """
    field.queryset = measures = Measure.objects.in_pact(pact)
    offered = measures.exclude(state__in=NO_MONEY_FOR)
    field.choices = [("", field.empty_label), *((row.pk, str(row)) for row in offered)]


class PackageForm(GuardedForm, forms.ModelForm):
    """A package and the sectors that may receive it. Its years stand in YearFormSet."""

    sectors = forms.MultipleChoiceField(
        label=_("Sectoren die dit geld mogen ontvangen"), choices=Sector.choices, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    """The mark of the package as the writer got it (see workflow.mark_of)."""

    class Meta:
        model = SupportPackage
        fields = [
            *("name", "giver", "legal_form", "purpose", "earmark"),
            *("account_to", "accountability", "account_by", "spend_from", "spend_until"),
        ]
        field_classes = {"account_by": DutchDateField, "spend_from": DutchDateField, "spend_until": DutchDateField}
        widgets = {
            "name": forms.TextInput(attrs={"class": "input-wide"}),
            "account_to": forms.TextInput(attrs={"class": "input-wide"}),
        }
        help_texts = {
            "giver": _("Bijvoorbeeld: Rijk, provincie of een gemeente."),
            "purpose": _("Waarvoor is dit geld gegeven?"),
            "account_to": _("Aan wie laat u zien waar het geld naartoe ging?"),
            "account_by": _("De dag waarop de verantwoording er moet zijn, bijvoorbeeld 15-7-2027."),
        }

    def __init__(self, *args: Any, pact: Pact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.pact = pact
        if self.instance.pk:
            self.initial["sectors"] = [row.sector for row in self.instance.sectors.all()]
            self.initial["seen"] = mark_of(self.instance)

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in (*self.Meta.fields, "sectors")}


class YearForm(GuardedForm, forms.Form):
    """The budget of one year. A line that is empty, or was emptied, counts for nothing."""

    year = year_field(required=False)
    budget = amount_field(label=_("Budget, in euro"), required=False)

    def clean(self) -> None:
        given = {name for name, value in self.cleaned_data.items() if value is not None}
        if given == {"budget"} and "year" not in self.errors:
            self.add_error("year", _("Vul bij dit budget ook het jaar in."))
        if given == {"year"} and "budget" not in self.errors:
            self.add_error("budget", _("Vul bij dit jaar ook het budget in."))


class YearForms(forms.BaseFormSet):
    """The years of a package. Emptying a line takes its year away."""

    def clean(self) -> None:
        if any(self.errors):
            return
        years = [form.cleaned_data["year"] for form in _filled(self)]
        if len(years) != len(set(years)):
            raise ValidationError(_("Elk jaar kan één keer. Tel de bedragen van hetzelfde jaar bij elkaar op."))


YearFormSet = forms.formset_factory(YearForm, formset=YearForms, extra=3, max_num=MOST_YEARS, validate_max=True)


class IntakeForm(GuardedForm, forms.Form):
    """What one organisation received of a year, on its own account. An emptied line counts for nothing."""

    year = year_field(required=False)
    partnership = forms.TypedChoiceField(
        required=False,
        label=_("Organisatie"),
        empty_value=None,
        error_messages={"invalid_choice": _("Kies een organisatie uit de lijst.")},
    )
    amount = amount_field(label=_("Bedrag, in euro"), required=False)

    def __init__(self, *args: Any, partners: Iterable[Partnership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The lines share one list of partners: none of them asks the database again.
        by_key = {str(row.pk): row for row in partners}
        field = cast("forms.TypedChoiceField", self.fields["partnership"])
        field.choices = [("", _("kies een organisatie")), *((key, str(row)) for key, row in by_key.items())]

        def row_of(key: Any) -> Partnership:
            if str(key) not in by_key:
                raise ValueError(key)
            return by_key[str(key)]

        field.coerce = row_of

    def clean(self) -> None:
        given = {name for name, value in self.cleaned_data.items() if value is not None}
        if not given:
            return
        asked = {
            "year": _("Vul bij deze regel ook het jaar in."),
            "partnership": _("Kies bij deze regel ook de organisatie."),
            "amount": _("Vul bij deze regel ook het bedrag in."),
        }
        for name, sentence in asked.items():
            if name not in given and name not in self.errors:
                self.add_error(name, sentence)


class IntakeForms(forms.BaseFormSet):
    """How the budget of each year came in. One line per year and organisation."""

    def clean(self) -> None:
        if any(self.errors):
            return
        seen = [(form.cleaned_data["year"], form.cleaned_data["partnership"]) for form in _filled(self)]
        if len(seen) != len(set(seen)):
            raise ValidationError(
                _("Elke organisatie kan per jaar één keer. Tel de bedragen van hetzelfde jaar bij elkaar op.")
            )


IntakeFormSet = forms.formset_factory(IntakeForm, formset=IntakeForms, extra=3, max_num=MOST_INTAKES, validate_max=True)


def _filled(formset: forms.BaseFormSet) -> list[forms.BaseForm]:
    return [form for form in formset.forms if form.cleaned_data.get("year") is not None]


def budgets_of(formset: forms.BaseFormSet) -> dict[int, Decimal]:
    """The budget per year, in euros, of a formset that is valid."""
    return {form.cleaned_data["year"]: form.cleaned_data["budget"] for form in _filled(formset)}


def intakes_of(formset: forms.BaseFormSet) -> dict[int, dict[Partnership, Decimal]]:
    """What came in per year and organisation, in euros, of a formset that is valid."""
    found: dict[int, dict[Partnership, Decimal]] = {}
    for form in _filled(formset):
        values = form.cleaned_data
        found.setdefault(values["year"], {})[values["partnership"]] = values["amount"]
    return found


class YearField(forms.ModelChoiceField):
    """A year of a package, with what is left of it."""

    def label_from_instance(self, obj: PackageYear) -> str:
        return _("%(package)s, %(year)s – nog %(left)s over") % {
            "package": obj.package,
            "year": obj.year,
            "left": euro(obj.remaining),
        }


class TargetForm(GuardedForm, forms.Form):
    """An amount, and its one target: a measure, the share of a sector or that of an organisation."""

    amount = amount_field(label=_("Bedrag, in euro"), help_text=_("Bijvoorbeeld 12.500 of 1.234,56."))
    measure = forms.ModelChoiceField(
        queryset=Measure.unscoped.none(),
        required=False,
        label=_("Voor een maatregel"),
        empty_label=_("niet voor een maatregel"),
        help_text=_("Kies één bestemming: een maatregel, een sector of een organisatie."),
    )
    sector = forms.ChoiceField(
        required=False, label=_("Of voor een sector"), choices=[("", _("niet voor een sector")), *Sector.choices]
    )
    partnership = forms.ModelChoiceField(
        queryset=Partnership.unscoped.none(),
        required=False,
        label=_("Of voor een organisatie"),
        empty_label=_("niet voor een organisatie"),
    )

    def __init__(self, *args: Any, pact: Pact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = cast("forms.ModelChoiceField", self.fields["partnership"])
        partners.queryset = partners_now(pact)
        offer_measures(cast("forms.ModelChoiceField", self.fields["measure"]), pact)


class AllocationForm(TargetForm):
    """An amount of one year of a package, for one target."""

    package_year = YearField(
        queryset=PackageYear.unscoped.none(), label=_("Steunpakket en jaar"), empty_label=_("kies een steunpakket")
    )
    note = forms.CharField(label=_("Toelichting"), required=False, max_length=300)
    field_order = ("package_year", "amount", "measure", "sector", "partnership", "note")

    def __init__(self, *args: Any, pact: Pact, **kwargs: Any) -> None:
        super().__init__(*args, pact=pact, **kwargs)
        years = cast("forms.ModelChoiceField", self.fields["package_year"])
        years.queryset = PackageYear.objects.in_pact(pact).select_related("package")


class PackageYearFilter(django_filters.FilterSet):
    """The filters of the list of packages, from the query string."""

    year = django_filters.ChoiceFilter(label=_("Jaar"), empty_label=_("alle jaren"))
    sector = django_filters.ChoiceFilter(
        field_name="package__sectors__sector",
        choices=Sector.choices,
        label=_("Mag naar sector"),
        empty_label=_("alle sectoren"),
    )

    class Meta:
        model = PackageYear
        fields: list[str] = []

    def __init__(self, data: Any, queryset: QuerySet, *, request: HttpRequest) -> None:
        super().__init__(data, queryset=queryset, request=request)
        years = queryset.order_by("year").values_list("year", flat=True).distinct()
        self.filters["year"].extra["choices"] = [(year, year) for year in years]


class AllocationFilter(django_filters.FilterSet):
    """The filters of the allocations of one package."""

    year = django_filters.ChoiceFilter(field_name="package_year__year", label=_("Jaar"), empty_label=_("alle jaren"))
    state = django_filters.ChoiceFilter(
        choices=Allocation.State.choices, label=_("Status"), empty_label=_("elke status")
    )

    class Meta:
        model = Allocation
        fields: list[str] = []

    def __init__(self, data: Any, queryset: QuerySet, *, request: HttpRequest, years: list[PackageYear]) -> None:
        super().__init__(data, queryset=queryset, request=request)
        self.filters["year"].extra["choices"] = [(row.year, row.year) for row in years]
