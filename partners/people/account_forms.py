"""The forms of signing in, in the words of the portal."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import EVERY_FIELD, GuardedForm
from partners.people import sign_on

CODE_ATTRIBUTES = {"class": "input-short", "autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}


class RenewalForm(GuardedForm, forms.Form):
    """The code of the mail."""

    privacy_exempt = EVERY_FIELD

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "input-short", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Vul de code uit de e-mail in.")},
    )


def code_field(label: Any, help_text: Any = "") -> forms.CharField:
    """The field for six digits of an app, or for a recovery code."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=40,
        widget=forms.TextInput(attrs=CODE_ATTRIBUTES),
        error_messages={"required": _("Vul de code in.")},
    )


class OnceMixin:
    """A code of the app works once, also while allauth would still take the one of half a minute ago."""

    user: Any

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        digits = "".join(sign for sign in code if sign.isalnum())
        lasting = settings.MFA_TOTP_TOLERANCE * 2 * 30 + 30
        if not cache.add(f"second-factor-used:{self.user.pk}:{digits}", True, timeout=lasting):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(OnceMixin, GuardedForm, AuthenticateForm):
    privacy_exempt = EVERY_FIELD

    code = code_field(_("Code"), _("De zes cijfers uit uw app, of een herstelcode."))


class RenewSecondFactorForm(OnceMixin, GuardedForm, ReauthenticateForm):
    privacy_exempt = EVERY_FIELD

    code = code_field(_("Code"), _("De zes cijfers uit uw app, of een herstelcode."))


class ActivateAppForm(GuardedForm, ActivateTOTPForm):
    """The first code of an app: from here on this session has shown a second factor."""

    privacy_exempt = EVERY_FIELD

    code = code_field(_("Code uit de app"), _("Zes cijfers. Ze veranderen elke halve minuut."))

    def clean_code(self) -> str:
        code: str = super().clean_code()
        record_authentication(context.request, self.user, method="mfa", type="totp", reauthenticated=True)
        return code


class AddPasskeyForm(GuardedForm, AddWebAuthnForm):
    """A passkey, by which one also signs in without mail or password when the device can ask who one is."""

    privacy_exempt = EVERY_FIELD

    name = forms.CharField(
        label=_("Naam"),
        help_text=_("Zodat u deze passkey herkent, bijvoorbeeld: telefoon van het werk."),
        max_length=80,
        required=False,
    )
    passwordless = forms.BooleanField(
        label=_("Hiermee ook inloggen zonder wachtwoord of code"),
        help_text=_("Uw apparaat vraagt dan om uw vinger, gezicht of pincode."),
        required=False,
        initial=True,
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and cleaned.get("credential"):
            record_authentication(context.request, self.user, method="mfa", type="webauthn", reauthenticated=True)
        return cleaned


class NamePasskeyForm(GuardedForm, EditWebAuthnForm):
    privacy_exempt = EVERY_FIELD

    name = forms.CharField(
        label=_("Naam"), max_length=80, error_messages={"required": _("Geef deze passkey een naam.")}
    )


class SignInForm(GuardedForm, LoginForm):
    """Address and password; whose organisation has single sign-on needs no password and is led there."""

    privacy_exempt = EVERY_FIELD

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sign_on: dict[str, Any] | None = None
        if settings.OIDC_PROVIDERS:
            self.fields["password"].required = False

    def clean(self) -> dict[str, Any]:
        self.sign_on = sign_on.provider_for(str(self.cleaned_data.get("login") or ""))
        if self.sign_on:
            return self.cleaned_data
        if not self.cleaned_data.get("password") and not self.errors:
            self.add_error("password", _("Vul uw wachtwoord in."))
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        return cleaned

    def login(self, request: Any, redirect_url: str | None = None) -> Any:
        if self.sign_on:
            return sign_on.lead_to(request, self.sign_on, redirect_url)
        return super().login(request, redirect_url)
