"""What is filled in about a partner, and the filters of the list."""

from typing import Any, cast

import django_filters
from django import forms
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField
from pact_portal.foundation.forms.guarded import GuardedForm
from partners.organisations.models import Organisation, Partnership, Sector


class ContactField(forms.ModelChoiceField):
    """A member of the organisation, by name and role."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user} ({obj.get_role_display()})"


def _offer_contacts(form: forms.ModelForm) -> None:
    """Let the field `contact` offer who takes part for this organisation today."""
    memberships = form.instance.memberships(manager="objects").in_pact(form.instance.pact_id).current()
    contact = cast("forms.ModelChoiceField", form.fields["contact"])
    contact.queryset = memberships.select_related("user").order_by("user__name", "role")
    contact.empty_label = _("niemand")


CONTACT_FAULTS = {"invalid_choice": _("Kies iemand die meedoet namens deze organisatie.")}


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
        fields = ["kind", "position", "joined_on", "municipality", "contact", "contact_email", "website", "description"]
        field_classes = {"joined_on": DutchDateField, "contact": ContactField}
        widgets = {
            "kind": forms.RadioSelect,
            "position": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "description": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts = {
            "joined_on": _("Bijvoorbeeld 16-6-2022."),
            "municipality": _("Alleen als de organisatie in één gemeente ligt."),
            "contact": _("Deze persoon krijgt post voor de organisatie als niemand anders die kan krijgen."),
            "contact_email": _("Liefst een algemeen adres, geen persoonlijk adres."),
            "website": _("Begin met https://"),
        }
        error_messages = {
            "kind": {"required": _("Kies hoe de organisatie meedoet.")},
            "joined_on": {"required": _("Vul in vanaf wanneer de organisatie meedoet.")},
            "municipality": {"invalid_choice": _("Kies een gemeente die meedoet aan dit pact.")},
            "contact": CONTACT_FAULTS,
        }

    field_order = ["name", "sector"]

    def __init__(self, *args: Any, pact: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["kind"]).choices = Partnership.Kind.choices
        self.pact_id = pact.pk
        municipality = cast("forms.ModelChoiceField", self.fields["municipality"])
        others = Partnership.objects.in_pact(pact).municipalities().select_related("organisation")
        municipality.queryset = others.exclude(pk=self.instance.pk)
        municipality.empty_label = _("geen")
        if self.instance.pk:
            _offer_contacts(self)
            organisation = self.instance.organisation
            self.initial = {"name": organisation.name, "sector": organisation.sector, **self.initial}
        else:
            # The workflow puts a new partner last.
            self.fields["position"].required = False
            self.initial.pop("position", None)
            self.fields["position"].initial = None
            del self.fields["contact"]

    def clean_position(self) -> int | None:
        position: int | None = self.cleaned_data["position"]
        return self.instance.position if position is None and self.instance.pk else position

    def _post_clean(self) -> None:
        # By its pact the model tells whether the municipality belongs to it.
        if self.instance.pk is None:
            self.instance.pact_id = self.pact_id
        super()._post_clean()  # type: ignore[misc]  # private in the stubs

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in self.fields}


class OwnPartnerForm(GuardedForm, forms.ModelForm):
    """What a representative keeps of the own organisation."""

    class Meta:
        model = Partnership
        fields = ["contact", "contact_email", "website", "description"]
        field_classes = {"contact": ContactField}
        widgets = PartnerForm.Meta.widgets
        help_texts = PartnerForm.Meta.help_texts
        error_messages = {"contact": CONTACT_FAULTS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_contacts(self)

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in self.fields}


class LeaveForm(GuardedForm, forms.Form):
    """From which day an organisation no longer takes part."""

    left_on = DutchDateField(
        label=_("Doet mee tot"),
        help_text=_("Vanaf deze dag doet de organisatie niet meer mee. Bijvoorbeeld 31-12-2027."),
        error_messages={"required": _("Vul in vanaf welke dag de organisatie niet meer meedoet.")},
    )


def _municipalities(request: HttpRequest | None) -> Any:
    if request is None:
        return Partnership.objects.none()
    pact = request.pact  # type: ignore[attr-defined]  # set by partners.access
    return Partnership.objects.in_pact(pact).municipalities().select_related("organisation")


class PartnerFilter(django_filters.FilterSet):
    """The filters of the list, from the query string."""

    kind = django_filters.ChoiceFilter(
        choices=Partnership.Kind.choices, label=_("Deelname als"), empty_label=_("elke deelname")
    )
    sector = django_filters.ChoiceFilter(
        field_name="organisation__sector", choices=Sector.choices, label=_("Sector"), empty_label=_("alle sectoren")
    )
    municipality = django_filters.ModelChoiceFilter(
        queryset=_municipalities, label=_("Gemeente"), empty_label=_("alle gemeenten"), method="in_municipality"
    )

    class Meta:
        model = Partnership
        fields: list[str] = []

    def in_municipality(self, partners: Any, name: str, municipality: Partnership) -> Any:
        """The municipality itself, and who lies in it."""
        return partners.filter(Q(pk=municipality.pk) | Q(municipality=municipality))
