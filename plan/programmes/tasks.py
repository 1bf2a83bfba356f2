"""The worker's door to programmes. The job of the beat carries no payload: the rows say what is due."""

from celery import shared_task

from plan.programmes import checking


@shared_task
def ask_checks() -> None:
    """Ask the providers for which it is time whether their programmes are still right."""
    checking.ask_all()
