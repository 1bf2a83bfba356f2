"""How accounts behave: allauth's adapter, with invitation as the only way in and mail by the queue."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from uuid import uuid4

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes, force_str
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.mail.workflow import queue_rendered
from partners.people import renewal, second_factor


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by himself; no page waits for the mail server."""

    # allauth's own Dutch says "jij"; the portal says "u", and what to do.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Dit account is gesloten. Vraag de coördinator van uw pact wat u kunt doen."),
        "cannot_remove_primary_email": _(
            "U kunt uw hoofdadres niet weghalen. Maak eerst een ander adres uw hoofdadres."
        ),
        "duplicate_email": _("Dit e-mailadres hoort al bij uw account."),
        "email_password_mismatch": _("Het e-mailadres of het wachtwoord klopt niet."),
        "email_taken": _("Er is al een account met dit e-mailadres."),
        "enter_current_password": _("Vul uw huidige wachtwoord in."),
        "incorrect_code": _("Deze code klopt niet. Controleer de code in de mail."),
        "incorrect_password": _("Dit wachtwoord klopt niet."),
        "invalid_login": _("Inloggen is niet gelukt. Probeer het opnieuw."),
        "invalid_or_expired_key": _("Deze link of code werkt niet meer. Vraag een nieuwe aan."),
        "invalid_password_reset": _("Deze link werkt niet meer. Vraag een nieuwe aan."),
        "max_email_addresses": _("U kunt niet meer dan %d e-mailadressen toevoegen."),
        "rate_limited": _("U vraagt dit te vaak achter elkaar. Wacht een paar minuten en probeer het opnieuw."),
        "too_many_login_attempts": _("Te veel pogingen om in te loggen. Wacht vijf minuten en probeer het opnieuw."),
        "unknown_email": _("Bij dit e-mailadres hoort geen account."),
        "unverified_primary_email": _("Bevestig eerst uw hoofdadres."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There is no user name: people sign in by e-mail address."""

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """The portal's own rule (see renewal) in place of allauth's, which lets accounts without password through."""
        return not renewal.recent(current.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """How one proves oneself anew: the second factor first; a mailed code only where there is none."""
        if not user.is_authenticated:
            return []
        words = {
            "mfa_reauthenticate": _("Met een code uit uw app, of een herstelcode"),
            "mfa_reauthenticate:webauthn": _("Met een passkey"),
            "reauthenticate": _("Met uw wachtwoord"),
        }
        found = {method["id"]: method for method in super().get_reauthentication_methods(user)}
        kept = [{**found[key], "description": word} for key, word in words.items() if key in found]
        kinds = second_factor.kinds(user)
        if kinds and Authenticator.Type.TOTP not in kinds:  # a passkey first: recovery codes run out
            kept.sort(key=lambda method: method["id"] != "mfa_reauthenticate:webauthn")
        if not kinds:
            kept.append({"id": "renew", "description": _("Met een code per e-mail"), "url": reverse("accounts:renew")})
        return kept

    def format_email_subject(self, subject: str) -> str:
        """The subject as it stands in the template: the sender says already whose mail it is."""
        return force_str(subject)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue a mail of the sign-in pages. It holds a code or link, so its text is wiped once it was sent."""
        message = self.render_mail(template_prefix, email, {"request": self.request, "email": email, **context})
        subject, text = str(message.subject), str(message.body)
        html = render_to_string(
            "emails/account.html", {"subject": subject, "text": text, "portal_url": settings.PORTAL_URL}
        )
        # Each is asked for anew: two codes are two mails.
        queue_rendered(
            key=f"{template_prefix}-{uuid4()}", to=email, subject=subject, text=text, html=html, is_secret=True
        )


class SecondFactorAdapter(DefaultMFAAdapter):
    """The second factor: its words, and its secrets, which never stand readable in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _("U hebt tweestapsverificatie. Dan kunt u geen ander e-mailadres toevoegen."),
        "cannot_delete_authenticator": _(
            "Voor uw rol is tweestapsverificatie nodig. Stel eerst een andere manier in; daarna kunt u deze weghalen."
        ),
        "cannot_generate_recovery_codes": _("Stel eerst een app of passkey in. Daarna krijgt u herstelcodes."),
        "incorrect_code": _(
            "Deze code klopt niet, of is al gebruikt. Wacht op de volgende code in uw app en vul die in."
        ),
        "unverified_email": _("Bevestig eerst uw e-mailadres. Daarna kunt u tweestapsverificatie instellen."),
    }

    def build_totp_svg(self, url: str) -> SafeString:
        """The picture that the app scans, as markup inside the page: the policy allows no data: addresses."""
        code = qrcode.QRCode(border=4)
        code.add_data(url)
        rows = code.get_matrix()
        path = "".join(
            f"M{column} {row}h1v1h-1z" for row, line in enumerate(rows) for column, dark in enumerate(line) if dark
        )
        return format_html(
            '<svg xmlns="http://www.w3.org/2000/svg" width="220" height="220" viewBox="0 0 {size} {size}" role="img"'
            ' aria-label="{label}" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/>'
            '<path d="{path}" fill="#000"/></svg>',
            size=len(rows),
            label=_("QR-code om met uw app te scannen"),
            path=path,
        )

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text; when the portal's SECRET_KEY has changed since, a text that no code fits."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not second_factor.is_last_needed(authenticator.user, authenticator.pk)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}


def _cipher() -> MultiFernet:
    """Seals with the portal's secret key, and opens with that and with those it had before."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(urlsafe_b64encode(sha256(b"second factor " + force_bytes(key)).digest())) for key in keys]
    )
