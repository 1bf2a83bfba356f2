"""How accounts behave: allauth's adapter, with invitation as the only way in and mail by the queue."""

from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.encoding import force_str
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.mail.workflow import queue_rendered


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
