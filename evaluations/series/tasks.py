"""The worker's door to evaluations: the tick carries no payload, it finds what is due."""

from celery import shared_task

from evaluations.series import workflow


@shared_task
def tick() -> None:
    """Open what is due and close what is over. May run twice, at the same time, or be missed."""
    workflow.move_on()
