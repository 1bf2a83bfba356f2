"""What is filled in about a partner, and the filters of the list."""

from typing import Any, cast

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField
from pact_portal.foundation.forms.guarded import GuardedForm
from partners.organisations.models import Organisation, Partnership, Sector


class PartnerForm(GuardedForm, forms.ModelForm):
    """All that a coordinator keeps of a partner."""

    name = forms.CharField(
        label=_("Naam van de organisatie"),
        max_length=Organisation._meta.get_field("name").max_length,
        error_messages={"required": _("Vul de naam van de organisatie in.")},
    )
    sector = forms.ChoiceField(
        label=_("Sector"),
        choices=[("", _("kies een sector")), *Sector.choices],
        error_messages={"required": _("Kies de sector van de organisatie.")},
    )

    class Meta:
        model = Partnership
        fields = ["kind", "position", "joined_on", "left_on", "contact_email", "website", "description"]
        field_classes = {"joined_on": DutchDateField, "left_on": DutchDateField}
        widgets = {
            "kind": forms.RadioSelect,
            "position": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "description": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts = {
            "joined_on": _("Bijvoorbeeld 16-6-2022."),
            "left_on": _("Alleen als de organisatie niet meer meedoet. Wat zij deed, blijft bewaard."),
            "contact_email": _("Liefst een algemeen adres, geen persoonlijk adres."),
            "website": _("Begin met https://"),
        }
        error_messages = {
            "kind": {"required": _("Kies hoe de organisatie meedoet.")},
            "joined_on": {"required": _("Vul in vanaf wanneer de organisatie meedoet.")},
        }

    field_order = ["name", "sector"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["kind"]).choices = Partnership.Kind.choices
        if self.instance.pk:
            organisation = self.instance.organisation
            self.initial = {"name": organisation.name, "sector": organisation.sector, **self.initial}
        else:
            # The workflow puts a new partner last.
            self.fields["position"].required = False
            self.initial.pop("position", None)
            self.fields["position"].initial = None
            del self.fields["left_on"]

    def clean_position(self) -> int | None:
        position: int | None = self.cleaned_data["position"]
        return self.instance.position if position is None and self.instance.pk else position

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in self.fields}


class OwnPartnerForm(GuardedForm, forms.ModelForm):
    """What a representative keeps of the own organisation."""

    class Meta:
        model = Partnership
        fields = ["contact_email", "website", "description"]
        widgets = PartnerForm.Meta.widgets
        help_texts = PartnerForm.Meta.help_texts

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in self.fields}


class PartnerFilter(django_filters.FilterSet):
    """The filters of the list, from the query string."""

    kind = django_filters.ChoiceFilter(
        choices=Partnership.Kind.choices, label=_("Deelname als"), empty_label=_("elke deelname")
    )
    sector = django_filters.ChoiceFilter(
        field_name="organisation__sector", choices=Sector.choices, label=_("Sector"), empty_label=_("alle sectoren")
    )

    class Meta:
        model = Partnership
        fields: list[str] = []
