"""The worker's door to questions: the job carries no payload, it finds what is due."""

from celery import shared_task

from plan.questions import digest


@shared_task
def mail_news() -> None:
    """Mail what became of questions to who follows them. May run twice, at the same time, or be missed."""
    digest.mail_due()
