"""How accounts behave: allauth's adapter, with invitation as the only way in and mail by the queue."""

from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.encoding import force_str

from pact_portal.foundation.mail.workflow import queue_rendered


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by himself; no page waits for the mail server."""

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
