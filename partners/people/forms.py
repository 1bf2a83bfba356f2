"""Inviting somebody, answering an invitation, handing over what a leaver had, and reviewing the rights."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm
from partners.organisations.models import Partnership
from partners.people.models import Invitation, Membership, RightsReview
from partners.people.review import Line
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


class DeclineForm(GuardedForm, forms.Form):
    """Why somebody does not take part, for the coordinator."""

    reason = forms.CharField(
        label=_("Waarom doet u niet mee?"),
        help_text=_("De coördinator die u uitnodigde leest dit. U hoeft niets in te vullen."),
        required=False,
        max_length=Invitation._meta.get_field("decline_reason").max_length,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SuccessorField(forms.ModelChoiceField):
    """A member, by name and role."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user} ({obj.get_role_display()})"


class EndForm(GuardedForm, forms.Form):
    """Who takes over what stands on a membership that ends."""

    successor = SuccessorField(
        queryset=Membership.objects.none(),
        label=_("Wie neemt dit over?"),
        help_text=_("U kunt kiezen uit de mensen die nu meedoen namens dezelfde organisatie."),
        required=False,
        blank=True,
        empty_label=_("niemand, dit blijft open tot u iemand aanwijst"),
        error_messages={"invalid_choice": _("Kies iemand anders die nu meedoet namens dezelfde organisatie.")},
        widget=forms.RadioSelect,
    )

    with_role = forms.BooleanField(required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["with_role"].label = _("Geef deze persoon ook de rol ‘%(role)s’ namens %(partner)s") % {
            "role": membership.get_role_display(),
            "partner": membership.partnership,
        }
        self.fields["with_role"].help_text = _(
            "Taken die bij de rol horen, gaan dan door. Deze persoon krijgt hierover een mail."
        )
        others = Membership.objects.in_pact(membership.partnership.pact_id).current().select_related("user")
        successor = cast("forms.ModelChoiceField", self.fields["successor"])
        successor.queryset = (
            others.filter(partnership=membership.partnership_id)
            .exclude(user=membership.user_id)
            .order_by("user__name", "role")
        )

    def clean(self) -> dict[str, Any] | None:
        # A successor that was refused has said so at its own field.
        nobody = "successor" in self.cleaned_data and self.cleaned_data["successor"] is None
        if self.cleaned_data.get("with_role") and nobody:
            self.add_error("successor", ValidationError(_("Kies wie de rol krijgt, of haal het vinkje weg.")))
        return self.cleaned_data


class ReviewForm(GuardedForm, forms.Form):
    """Which memberships end, of the list that the reader saw, and what is worth noting."""

    end = forms.MultipleChoiceField(
        label=_("Beëindigen"),
        required=False,
        error_messages={"invalid_choice": _("Kies alleen uit de lijst: een van uw keuzes staat er niet in.")},
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        label=_("Opmerking"),
        help_text=_("Bijvoorbeeld met wie u de lijst hebt besproken."),
        required=False,
        max_length=RightsReview._meta.get_field("note").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = [str(line.membership.pk) for line in lines]
        cast("forms.MultipleChoiceField", self.fields["end"]).choices = [
            (key, str(line.membership)) for key, line in zip(self.keys, lines, strict=True)
        ]

    def clean(self) -> dict[str, Any] | None:
        # What the reader did not see, the reader has not reviewed.
        seen = self.data.getlist("seen") if hasattr(self.data, "getlist") else []
        if set(seen) != set(self.keys):
            raise ValidationError(_("De lijst van mensen is intussen veranderd. Kijk hem opnieuw na."))
        return self.cleaned_data

    @property
    def kept(self) -> dict[int, bool]:
        """For every membership whether it stays, as the workflow takes it."""
        return {int(key): key not in self.cleaned_data["end"] for key in self.keys}
