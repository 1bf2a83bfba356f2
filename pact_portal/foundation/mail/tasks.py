"""The worker's door to the mail."""

from celery import shared_task

from pact_portal.foundation.mail import delivery
from pact_portal.foundation.mail.models import OutgoingMail


@shared_task
def deliver(mail_id: int) -> None:
    """Send one mail; does nothing when it was sent already or somebody is at it."""
    delivery.deliver(mail_id)


@shared_task
def deliver_waiting() -> None:
    """Find what the broker lost or a crash left behind, and hand it out again."""
    for mail_id in OutgoingMail.objects.waiting().order_by("created_at").values_list("pk", flat=True)[:500]:
        deliver.delay(mail_id)
