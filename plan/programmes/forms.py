"""Keeping programmes, and judging their fit."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField, EuroField
from pact_portal.foundation.forms.guarded import GuardedForm, RowsField
from plan.programmes.models import Fit, Programme
from plan.programmes.workflow import mark_of
from plan.questions.forms import AreasAndPlacesForm

MOST_YOUNG_PEOPLE = 1_000_000


class ProgrammeForm(AreasAndPlacesForm):
    """A programme that exists."""

    owner = "provider"

    class Meta:
        model = Programme
        fields = [
            "provider",
            "name",
            "description",
            "amplitie",
            "preventie",
            "curatie",
            "areas",
            "age_from",
            "age_to",
            "municipalities",
            "reach_per_year",
            "starts_on",
            "ends_on",
            "funding_source",
            "yearly_cost",
        ]
        field_classes = {
            "areas": RowsField,
            "municipalities": RowsField,
            "starts_on": DutchDateField,
            "ends_on": DutchDateField,
            "yearly_cost": EuroField,
        }
        widgets = {
            "name": forms.TextInput(attrs={"class": "input-wide"}),
            "areas": forms.CheckboxSelectMultiple,
            "municipalities": forms.CheckboxSelectMultiple,
            "age_from": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "age_to": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "reach_per_year": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
        }
        help_texts = {
            "description": _("Wat gebeurt er, voor wie, en wat levert het op?"),
            "areas": _("Kies een of meer thema's van het plan."),
            "age_from": _("In jaren, van 0 tot en met 23."),
            "age_to": _("In jaren, van 0 tot en met 23."),
            "municipalities": _("Waar is dit aanbod er? Kiest u niets, dan is het er in de hele regio."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = mark_of(self.instance)

    def clean_reach_per_year(self) -> int | None:
        reach: int | None = self.cleaned_data["reach_per_year"]
        if reach is not None and reach > MOST_YOUNG_PEOPLE:
            raise ValidationError(_("Vul een aantal in van hooguit een miljoen jongeren."), code="too_many")
        return reach


class FitForm(GuardedForm, forms.Form):
    """How far a programme answers one question."""

    programme = forms.ModelChoiceField(
        label=_("Bestaand aanbod"),
        queryset=Programme.unscoped.none(),
        empty_label=_("Kies het aanbod"),
        error_messages={
            "required": _("Kies welk aanbod u beoordeelt."),
            "invalid_choice": _("Kies het aanbod uit de lijst."),
        },
    )
    level = forms.ChoiceField(
        label=_("Sluit het aan?"),
        choices=Fit.Level.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Kies hoe ver het aanbod aansluit.")},
    )
    reason = forms.CharField(
        label=_("Waarom?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Schrijf op waarom u dit vindt.")},
    )
    evidence = forms.CharField(
        label=_("Waar blijkt dat uit?"),
        max_length=300,
        required=False,
        help_text=_("Bijvoorbeeld een evaluatie, cijfers of een gesprek."),
    )
    expires_on = DutchDateField(
        label=_("Geldig tot"), required=False, help_text=_("Vult u niets in, dan geldt het oordeel een jaar.")
    )

    def __init__(self, *args: Any, programmes: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["programme"]).queryset = programmes

    def clean_expires_on(self) -> Any:
        day = self.cleaned_data["expires_on"]
        if day is not None and day <= timezone.localdate():
            raise ValidationError(_("Kies een dag na vandaag."), code="past")
        return day
