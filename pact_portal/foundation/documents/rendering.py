"""Making the file of a rendition: look whether it is there, else claim, make, store, mark ready. May run twice."""

import hashlib
import logging
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.documents.registry import CannotRender, renderer_of

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=6)
MOST_ATTEMPTS = 3
BETWEEN_ATTEMPTS = timedelta(seconds=20)


def render(rendition_id: int) -> bool:
    """Make one file when nobody else holds it. True when this call made it.

    A fault leaves a sentence for the reader: its own when it is a CannotRender, else a general one, and then the log
    has the trace. After three attempts the rendition fails, until somebody asks for it again.
    """
    claimed = (
        Rendition.objects.across_pacts()
        .waiting()
        .filter(pk=rendition_id)
        .update(state=Rendition.State.WORKING, leased_until=timezone.now() + LEASE, attempts=F("attempts") + 1)
    )
    if not claimed:
        return False
    row = Rendition.objects.across_pacts().filter(pk=rendition_id)
    rendition = row.get()

    def progress(percent: int, step: str) -> None:
        row.update(progress=max(0, min(100, percent)), step=step[:120])

    try:
        content = renderer_of(rendition.kind)(rendition.object_id, progress)
    except CannotRender as reason:
        log.warning("rendering %s %s must wait: %s", rendition.kind, rendition.object_id, reason)
        _fail(rendition, str(reason))
        return False
    except Exception:  # whatever goes wrong in a document: the reader is told, the log says what, the worker lives on
        log.exception("rendering %s %s failed", rendition.kind, rendition.object_id)
        _fail(
            rendition,
            _("Het maken van het bestand is niet gelukt. Probeer het opnieuw of meld het aan de beheerder."),
        )
        return False
    digest = hashlib.sha256(content).hexdigest()
    rendition.file.save(f"{digest[:16]}.pdf", ContentFile(content), save=False)
    row.update(
        state=Rendition.State.READY,
        progress=100,
        step="",
        failure="",
        file=rendition.file.name,
        size=len(content),
        sha256=digest,
        ready_at=timezone.now(),
    )
    return True


def _fail(rendition: Rendition, sentence: str) -> None:
    """Try again in a while, or stop after the last attempt."""
    given_up = rendition.attempts >= MOST_ATTEMPTS
    Rendition.objects.across_pacts().filter(pk=rendition.pk).update(
        state=Rendition.State.FAILED if given_up else Rendition.State.WAITING,
        leased_until=timezone.now() + BETWEEN_ATTEMPTS,
        failure=sentence,
    )
