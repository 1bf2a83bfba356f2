"""The worker's door to signing. The jobs of the beat carry no payload: the rows say what is due."""

from celery import shared_task

from partners.signing import completion, opening, reminders, sealing


@shared_task
def seal(signature_id: int) -> None:
    """Seal one signature; does nothing when it was sealed already."""
    sealing.seal(signature_id)


@shared_task
def seal_waiting() -> None:
    """Find the signatures that the broker lost, or of which the seal failed, and complete what a crash left behind."""
    for signature_id in sealing.due()[:200]:
        seal.delay(signature_id)
    for deed_id in sealing.unfinished():
        completion.complete(deed_id)


@shared_task
def open_prepared() -> None:
    """Open the sheets for accession of which the file is there."""
    opening.open_prepared()


@shared_task
def remind() -> None:
    """Remind the partners for which it is time."""
    reminders.remind_all()
