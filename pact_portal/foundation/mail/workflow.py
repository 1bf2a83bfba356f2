"""Queueing mail inside the transaction of its reason."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.template.loader import render_to_string

from pact_portal.foundation.background import wake
from pact_portal.foundation.mail import tasks
from pact_portal.foundation.mail.fallback import LONGEST_KEY, in_order
from pact_portal.foundation.mail.models import OutgoingMail, new_message_id


def queue(
    *,
    key: str,
    to: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    user: models.Model | None = None,
    pact: models.Model | None = None,
    is_secret: bool = False,
    fallbacks: Iterable[str] = (),
    notice: str = "",
) -> OutgoingMail:
    """Make the row of one mail, once per `key`, and wake a worker when the transaction is committed.

    `template` names templates/emails/<template>.txt and .html; both get `context`, `subject` and `portal_url`.
    The text of a secret mail (a link or code that lets somebody in) is wiped once it was sent or given up.
    When the mail cannot be delivered it goes to the first of `fallbacks`, then to the next (see `fallback`). Of a
    secret mail they get no text but `notice`: sentences that say what to do.
    """
    subject = one_line(subject)
    context = {**context, "subject": subject, "portal_url": settings.PORTAL_URL}
    return queue_rendered(
        key=key,
        to=to,
        subject=subject,
        text=render_to_string(f"emails/{template}.txt", context),
        html=render_to_string(f"emails/{template}.html", context),
        user=user,
        pact=pact,
        is_secret=is_secret,
        fallbacks=fallbacks,
        notice=notice,
    )


def queue_rendered(
    *,
    key: str,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    user: models.Model | None = None,
    pact: models.Model | None = None,
    is_secret: bool = False,
    fallbacks: Iterable[str] = (),
    notice: str = "",
) -> OutgoingMail:
    """The same for a mail whose text was made elsewhere, such as those of the sign-in pages.

    Raises ValueError for a key that leaves no room for those of the fallbacks.
    """
    others = in_order(fallbacks, apart_from=to)
    if others and len(key) > LONGEST_KEY:
        raise ValueError(f"the key of a mail with fallbacks has at most {LONGEST_KEY} characters: {key}")
    mail, created = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "pact": pact,  # type: ignore[misc]  # a pact, of a floor above
            "recipient": to,
            "recipient_user": user,
            "subject": one_line(subject),
            "text": text,
            "html": html,
            "is_secret": is_secret,
            "fallbacks": others,
            "notice": notice,
            "message_id": new_message_id(),
        },
    )
    if created:
        wake(tasks.deliver, mail.pk)
    return mail


def one_line(subject: str) -> str:
    """A subject whose line ends are flattened, so that no header can be smuggled in; 300 characters at most."""
    return " ".join(str(subject).split())[:300]
