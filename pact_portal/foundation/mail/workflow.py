"""Queueing mail inside the transaction of its reason."""

from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.template.loader import render_to_string

from pact_portal.foundation.mail import tasks
from pact_portal.foundation.mail.models import OutgoingMail


def queue(
    *,
    key: str,
    to: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    user: models.Model | None = None,
    pact: models.Model | None = None,
) -> OutgoingMail:
    """Make the row of one mail, once per `key`, and wake a worker when the transaction is committed.

    `template` names templates/emails/<template>.txt and .html; both get `context`, `subject` and `portal_url`.
    Line ends in the subject are flattened: no header can be smuggled in.
    """
    subject = " ".join(str(subject).split())[:300]
    context = {**context, "subject": subject, "portal_url": settings.PORTAL_URL}
    mail, created = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "pact": pact,
            "recipient": to,
            "recipient_user": user,
            "subject": subject,
            "text": render_to_string(f"emails/{template}.txt", context),
            "html": render_to_string(f"emails/{template}.html", context),
            "message_id": make_msgid(domain=urlsplit(settings.PORTAL_URL).hostname),
        },
    )
    if created:
        tasks.deliver.delay_on_commit(mail.pk)
    return mail
