"""Inviting somebody, and accepting an invitation."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm
from partners.organisations.models import Partnership
from partners.people.models import Invitation
from partners.permissions import Role


class InviteForm(GuardedForm, forms.ModelForm):
    """Who is invited, for which organisation, to do what."""

    class Meta:
        model = Invitation
        fields = ["email", "name", "partnership", "role"]
        widgets = {"role": forms.RadioSelect}
        help_texts = {
            "email": _("Op dit adres komt de uitnodiging aan. Het wordt ook het adres om mee in te loggen."),
            "name": _("Bijvoorbeeld: bestuurder van een school, of wethouder jeugd."),
        }
        error_messages = {
            "email": {"required": _("Vul het e-mailadres in.")},
            "name": {"required": _("Vul een naam of functie in.")},
            "partnership": {
                "required": _("Kies de organisatie."),
                "invalid_choice": _("Kies een organisatie uit de lijst."),
            },
            "role": {"required": _("Kies een rol.")},
        }

    def __init__(self, *args: Any, pact: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = Partnership.objects.in_pact(pact).current().select_related("organisation")
        partnership = cast("forms.ModelChoiceField", self.fields["partnership"])
        partnership.queryset = partners.order_by("organisation__name")
        partnership.empty_label = _("kies een organisatie")
        cast("forms.ChoiceField", self.fields["role"]).choices = Role.choices

    def _get_validation_exclusions(self) -> set[str]:
        # What the form does not show is made by the workflow, which checks the whole.
        return {field.name for field in Invitation._meta.fields}


class AcceptForm(GuardedForm, forms.Form):
    """How a new member wants to sign in from now on."""

    class Way:
        CODE, PASSWORD = "code", "password"

    way = forms.ChoiceField(
        label=_("Hoe wilt u inloggen?"),
        choices=[
            (Way.CODE, _("Met een code die ik per e-mail krijg")),
            (Way.PASSWORD, _("Met een wachtwoord")),
        ],
        widget=forms.RadioSelect,
        initial=Way.CODE,
        error_messages={"required": _("Kies hoe u wilt inloggen.")},
    )
    password = forms.CharField(
        label=_("Wachtwoord"),
        help_text=_("Alleen als u met een wachtwoord wilt inloggen. Ten minste 12 tekens; een korte zin werkt goed."),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any] | None:
        if self.cleaned_data.get("way") == self.Way.PASSWORD and not self.cleaned_data.get("password"):
            self.add_error("password", ValidationError(_("Vul een wachtwoord in, of kies voor inloggen met een code.")))
        return self.cleaned_data

    @property
    def chosen(self) -> str | None:
        """The password, or None for who signs in by code."""
        return self.cleaned_data["password"] if self.cleaned_data["way"] == self.Way.PASSWORD else None
