"""Packages with their sectors and years, and dividing their money."""

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


def _amount(**kwargs: Any) -> EuroField:
    """A field for euros greater than zero."""
    too_little = _("Vul een bedrag in dat groter is dan nul.")
    return EuroField(min_value=Decimal("0.01"), error_messages={"min_value": too_little}, **kwargs)


class PackageForm(GuardedForm, forms.ModelForm):
    """A package and the sectors that may receive it. Its years stand in YearFormSet."""

    sectors = forms.MultipleChoiceField(
        label=_("Sectoren die dit geld mogen ontvangen"), choices=Sector.choices, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    """The mark of the package as the writer got it (see workflow.mark_of)."""

    class Meta:
        model = SupportPackage
        fields = ["name", "giver", "legal_form", "purpose", "accountability", "spend_from", "spend_until"]
        field_classes = {"spend_from": DutchDateField, "spend_until": DutchDateField}
        widgets = {"name": forms.TextInput(attrs={"class": "input-wide"})}
        help_texts = {
            "giver": _("Bijvoorbeeld: Rijk, provincie of een gemeente."),
            "purpose": _("Waarvoor is dit geld gegeven?"),
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

    year = forms.IntegerField(
        label=_("Jaar"),
        required=False,
        min_value=2000,
        max_value=2100,
        widget=forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
        error_messages={
            "invalid": _("Vul een jaar in, bijvoorbeeld 2027."),
            "min_value": _("Vul een jaar in van 2000 tot en met 2100."),
            "max_value": _("Vul een jaar in van 2000 tot en met 2100."),
        },
    )
    budget = _amount(label=_("Budget, in euro"), required=False)

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


def _filled(formset: forms.BaseFormSet) -> list[forms.BaseForm]:
    return [form for form in formset.forms if form.cleaned_data.get("year") is not None]


def budgets_of(formset: forms.BaseFormSet) -> dict[int, Decimal]:
    """The budget per year, in euros, of a formset that is valid."""
    return {form.cleaned_data["year"]: form.cleaned_data["budget"] for form in _filled(formset)}


class YearField(forms.ModelChoiceField):
    """A year of a package, with what is left of it."""

    def label_from_instance(self, obj: PackageYear) -> str:
        return _("%(package)s, %(year)s – nog %(left)s over") % {
            "package": obj.package,
            "year": obj.year,
            "left": euro(obj.remaining),
        }


class AllocationForm(GuardedForm, forms.Form):
    """An amount of one year of a package, for one target."""

    package_year = YearField(
        queryset=PackageYear.unscoped.none(), label=_("Steunpakket en jaar"), empty_label=_("kies een steunpakket")
    )
    amount = _amount(label=_("Bedrag, in euro"), help_text=_("Bijvoorbeeld 12.500 of 1.234,56."))
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
    note = forms.CharField(label=_("Toelichting"), required=False, max_length=300)

    def __init__(self, *args: Any, pact: Pact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = cast("forms.ModelChoiceField", self.fields["package_year"])
        years.queryset = PackageYear.objects.in_pact(pact).select_related("package")
        partners = cast("forms.ModelChoiceField", self.fields["partnership"])
        partners.queryset = (
            Partnership.objects.in_pact(pact).current().select_related("organisation").order_by("organisation__name")
        )
        measure = cast("forms.ModelChoiceField", self.fields["measure"])
        measure.queryset = measures = Measure.objects.in_pact(pact)
        # One that was rejected while this page was open is not offered, and refused by the workflow with the reason.
        offered = measures.exclude(state__in=NO_MONEY_FOR)
        measure.choices = [("", measure.empty_label), *((row.pk, str(row)) for row in offered)]


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
