"""Asking for a file."""

from django.db import models, transaction
from django.utils import timezone

from pact_portal.foundation.background import wake
from pact_portal.foundation.documents import tasks
from pact_portal.foundation.documents.models import Rendition


@transaction.atomic
def request(kind: str, object_id: int, *, pact: models.Model, by: models.Model | None) -> Rendition:
    """The rendition of an object, asked for once: a second request finds the first; a failed one is tried again."""
    rendition, created = Rendition.unscoped.get_or_create(
        kind=kind, object_id=object_id, defaults={"pact": pact, "requested_by": by}
    )
    if rendition.state == Rendition.State.FAILED:
        rendition.state, rendition.attempts, rendition.progress = Rendition.State.WAITING, 0, 0
        rendition.leased_until = timezone.now()
        rendition.save(update_fields=["state", "attempts", "progress", "leased_until"])
        created = True
    if created:
        wake(tasks.render, rendition.pk)
    return rendition
