"""The PDF of a frozen version, not certified yet: made from what was frozen, never from the rows of today."""

from pact_portal.foundation.documents.blocks import Document
from pact_portal.foundation.documents.registry import Progress
from pact_portal.foundation.documents.render import render_document
from partners.pact.models import PactVersion
from partners.pact.pictures import files_of


def render_version(version_id: int, progress: Progress) -> bytes:
    """The PDF of a version of a pact. Raises PactVersion.DoesNotExist."""
    version = PactVersion.objects.across_pacts().get(pk=version_id)
    return render_frozen(Document.from_data(version.content), progress)


def render_frozen(document: Document, progress: Progress) -> bytes:
    """The PDF of a frozen document with its pictures. Raises CannotRender when a picture is gone."""
    return render_document(document, progress=progress, files=files_of(document))
