"""The worker's door to imports."""

from celery import shared_task

from plan.imports import running


@shared_task
def work(import_id: int) -> None:
    """Look through or take over one file; does nothing when that is done or somebody is at it."""
    running.work(import_id)


@shared_task
def sweep() -> None:
    """Tidy up, find what the broker lost or a crash left behind, and hand it out again."""
    for import_id in running.sweep():
        work.delay(import_id)
