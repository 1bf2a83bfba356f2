"""The worker's door to documents."""

from celery import shared_task

from pact_portal.foundation.documents import rendering
from pact_portal.foundation.documents.models import Rendition


@shared_task
def render(rendition_id: int) -> None:
    """Make one file; does nothing when it is there already or somebody is at it."""
    rendering.render(rendition_id)


@shared_task
def render_waiting() -> None:
    """Find what the broker lost or a crash left behind, and hand it out again."""
    for rendition_id in Rendition.objects.across_pacts().waiting().order_by("pk").values_list("pk", flat=True)[:50]:
        render.delay(rendition_id)
