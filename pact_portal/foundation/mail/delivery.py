"""Delivering a queued mail: claim by a conditional update with a lease, send, mark sent.

Exactly once cannot be had over SMTP. A crash between sending and marking sends the same Message-ID once more, and no
mail is lost: the row waits until it says that it was sent, or that it never can be.
"""

from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pact_portal.foundation.mail import fallback
from pact_portal.foundation.mail.models import OutgoingMail

# Longer than a task may take (CELERY_TASK_TIME_LIMIT): a lease runs out under a dead worker, never under a slow one.
LEASE = timedelta(minutes=6)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=5)
"""How long a mail server may be away before a mail is given up: RFC 5321, 4.5.4.1 asks for four to five days."""

State = OutgoingMail.State


def deliver(mail_id: int) -> bool:
    """Send one mail, when nobody else holds it. True when it was sent by this call.

    A mail that is refused for good (an address that does not exist, a header that cannot be) fails. Any other fault
    of the mail server leaves it waiting, longer at each attempt. One that failed falls back to its next address; the
    sweep sends that one.
    """
    lease = timezone.now() + LEASE
    if not _claim(mail_id, lease):
        return False
    mail = OutgoingMail.objects.get(pk=mail_id)
    try:
        _message(mail).send()
    except SMTPRecipientsRefused as refusal:
        codes = [code for code, _text in refusal.recipients.values()]
        # 4xx means "not now", such as a server that makes unknown senders wait; 5xx means never (RFC 5321, 4.2.1).
        _failed(mail, lease, refusal, for_good=min(codes, default=0) >= 500)
        return False
    except ValueError as fault:
        _failed(mail, lease, fault, for_good=True)
        return False
    except (SMTPException, OSError) as fault:
        _failed(mail, lease, fault)
        return False
    _sent(mail)
    return True


def _claim(mail_id: int, lease: datetime) -> bool:
    """Take a waiting mail in hand until `lease`. One statement: of two that try, one succeeds."""
    return bool(
        OutgoingMail.objects.waiting().filter(pk=mail_id).update(leased_until=lease, attempts=F("attempts") + 1)
    )


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    """The mail as it goes out; every attempt carries the same Message-ID. Raises ValueError for a bad header."""
    message = EmailMultiAlternatives(
        subject=mail.subject, body=mail.text, to=[mail.recipient], headers={"Message-ID": mail.message_id}
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


@transaction.atomic
def _failed(mail: OutgoingMail, lease: datetime, fault: Exception, *, for_good: bool = False) -> None:
    """Note a fault, unless the lease has run out meanwhile and somebody else has taken the mail.

    That it failed and that it falls back are one: neither exists without the other.
    """
    now = timezone.now()
    held = OutgoingMail.objects.filter(pk=mail.pk, state=State.WAITING, leased_until=lease)
    failure = f"{type(fault).__name__}: {fault}".replace("\x00", "")
    if not for_good and now - mail.created_at <= GIVE_UP_AFTER:
        # Beyond nine attempts the power of two is longer than the longest wait anyway.
        wait = min(FIRST_WAIT * 2 ** min(mail.attempts - 1, 9), LONGEST_WAIT)
        held.update(failure=failure, leased_until=now + wait)
    elif held.update(failure=failure, state=State.FAILED, **_wiped(mail)):
        fallback.fall_back(mail)


def _wiped(mail: OutgoingMail) -> dict[str, Any]:
    """What of a mail that is done with is no longer kept: the text, when it was secret."""
    return {"text": "", "html": ""} if mail.is_secret else {}


def _sent(mail: OutgoingMail) -> None:
    """Note that the mail went out, whoever holds it by now. What was secret is wiped."""
    OutgoingMail.objects.filter(pk=mail.pk).update(state=State.SENT, sent_at=timezone.now(), failure="", **_wiped(mail))
