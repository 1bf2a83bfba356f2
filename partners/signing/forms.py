"""What is asked for a signature, on screen or on paper, a reservation, a withdrawal, and of a file to verify."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField
from pact_portal.foundation.forms.guarded import GuardedForm
from pact_portal.foundation.forms.uploads import ScanField
from partners.organisations.models import Partnership

LONGEST_REASON = 4000


class MandateForm(GuardedForm, forms.Form):
    """Who signs, in what function, on what mandate and where."""

    signatory = forms.CharField(
        label=_("Naam van wie tekent"),
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Vul de naam in van wie tekent.")},
    )
    function = forms.CharField(
        label=_("Functie"),
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
        help_text=_("Bijvoorbeeld: wethouder jeugd, of voorzitter van het bestuur."),
        error_messages={"required": _("Vul de functie in.")},
    )
    mandate = forms.CharField(
        label=_("Mandaat"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "input-wide"}),
        help_text=_(
            "Waarop berust de bevoegdheid om te tekenen? Bijvoorbeeld: besluit van het college van 2 juni 2026."
        ),
        error_messages={"required": _("Vul in waarop de bevoegdheid om te tekenen berust.")},
    )
    signed_in = forms.CharField(
        label=_("Plaats"),
        max_length=120,
        help_text=_("De plaats waar wordt getekend."),
        error_messages={"required": _("Vul de plaats in waar wordt getekend.")},
    )


class SignForm(MandateForm):
    """An electronic signature: `consent` is the exact wording that is kept with it, `read` the file that was read."""

    read = forms.IntegerField(required=False, min_value=0, max_value=32_767, widget=forms.HiddenInput)
    consent = forms.BooleanField(
        error_messages={"required": _("Zet een vinkje als u het pact hebt gelezen en wilt ondertekenen.")}
    )

    def __init__(self, *args: Any, consent: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = consent


class PaperForm(MandateForm):
    """A signature that was put on paper, with the scan of the signed sheet."""

    signed_on = DutchDateField(
        label=_("Datum van ondertekening"),
        help_text=_("De datum die op het blad staat, bijvoorbeeld 14-3-2027."),
        error_messages={"required": _("Vul de datum in die op het blad staat.")},
    )
    scan = ScanField(
        label=_("Scan van het getekende blad"),
        error_messages={"required": _("Kies de scan van het getekende blad.")},
    )

    field_order = ("scan", "signed_on", "signed_in", "signatory", "function", "mandate")

    def clean_signed_on(self) -> Any:
        day = self.cleaned_data["signed_on"]
        if day > timezone.localdate():
            raise ValidationError(
                _("Deze dag is nog niet geweest. Vul de datum in die op het blad staat."), code="future"
            )
        return day


class ReasonForm(GuardedForm, forms.Form):
    """A partner's reason not to sign yet."""

    reason = forms.CharField(
        label=_("Wat is uw voorbehoud?"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Zeg wat er nodig is om wel te tekenen. Alle leden van het pact kunnen dit lezen."),
        error_messages={"required": _("Schrijf op wat uw voorbehoud is.")},
    )


class WithdrawalForm(GuardedForm, forms.Form):
    """When and why a partner steps out."""

    withdrawn_on = DutchDateField(
        label=_("Datum van uittreding"), error_messages={"required": _("Vul de datum van uittreding in.")}
    )
    reason = forms.CharField(
        label=_("Reden"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Alle leden van het pact kunnen dit lezen."),
        error_messages={"required": _("Schrijf op waarom de partner uittreedt.")},
    )


class DeadlineForm(GuardedForm, forms.Form):
    """Before which day the partners are asked to sign."""

    sign_by = DutchDateField(
        label=_("Tekenen vóór"),
        required=False,
        help_text=_("Bijvoorbeeld 14-3-2027. Wie dan nog niet heeft getekend, krijgt een herinnering."),
    )

    def clean_sign_by(self) -> Any:
        day = self.cleaned_data["sign_by"]
        if day is not None and day <= timezone.localdate():
            raise ValidationError(_("Kies een dag na vandaag."), code="past")
        return day


class AccessionForm(DeadlineForm):
    """Which partner accedes to the pact by a sheet of its own."""

    partnership = forms.ModelChoiceField(
        label=_("Welke partner treedt toe?"),
        queryset=Partnership.unscoped.none(),
        empty_label=_("kies een partner"),
        error_messages={
            "required": _("Kies de partner die toetreedt."),
            "invalid_choice": _("Kies een partner uit de lijst."),
        },
    )
    field_order = ("partnership", "sign_by")

    def __init__(self, *args: Any, partnerships: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["partnership"]).queryset = partnerships


class VerifyForm(GuardedForm, forms.Form):
    """A file of which somebody wants to know whether it is the pact, and whole."""

    file = forms.FileField(
        label=_("Het PDF-bestand"),
        help_text=_("Hooguit 30 MB. Het portaal bewaart uw bestand niet."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": _("Kies eerst een PDF-bestand."),
            "missing": _("Kies eerst een PDF-bestand."),
            "invalid": _("Kies eerst een PDF-bestand."),
            "empty": _("Dit bestand is leeg. Haal de PDF opnieuw op."),
            "max_length": _("De naam van dit bestand is te lang. Geef het bestand een kortere naam."),
        },
    )
