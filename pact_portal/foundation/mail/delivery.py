"""Delivering a queued mail: claim by a conditional update with a lease, send, mark sent.

Exactly once cannot be had over SMTP. A crash between sending and marking sends the same Message-ID once more, and no
mail is lost: the row waits until it says that it was sent.
"""

from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.utils import timezone

from pact_portal.foundation.mail.models import OutgoingMail

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 12


def deliver(mail_id: int) -> bool:
    """Send one mail, when nobody else holds it. True when it was sent by this call.

    A refused address ends the mail; any other fault of the mail server leaves it waiting, longer at each attempt.
    """
    now = timezone.now()
    if not OutgoingMail.objects.waiting().filter(pk=mail_id).update(leased_until=now + LEASE, attempts=F("attempts") + 1):
        return False
    mail = OutgoingMail.objects.get(pk=mail_id)
    message = EmailMultiAlternatives(
        subject=mail.subject, body=mail.text, to=[mail.recipient], headers={"Message-ID": mail.message_id}
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused as refusal:
        mail.state, mail.failure = OutgoingMail.State.FAILED, str(refusal)
        mail.save(update_fields=["state", "failure"])
        return False
    except (SMTPException, OSError) as fault:
        mail.failure = f"{type(fault).__name__}: {fault}"
        mail.leased_until = now + timedelta(seconds=15 * 2 ** min(mail.attempts, 8))
        if mail.attempts >= MOST_ATTEMPTS:
            mail.state = OutgoingMail.State.FAILED
        mail.save(update_fields=["state", "failure", "leased_until"])
        return False
    mail.state, mail.sent_at, mail.failure = OutgoingMail.State.SENT, timezone.now(), ""
    if mail.is_secret:
        mail.text = mail.html = ""
    mail.save(update_fields=["state", "sent_at", "failure", "text", "html"])
    return True
