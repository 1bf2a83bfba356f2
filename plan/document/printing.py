"""The PDF of a frozen version; handed in under the kind "plan" when the app starts."""

from pact_portal.foundation.documents.blocks import Document
from pact_portal.foundation.documents.registry import Progress
from pact_portal.foundation.documents.render import render_document
from plan.document.models import PlanVersion


def print_version(version_id: int, progress: Progress) -> bytes:
    """The PDF of the version with this id, from its frozen content alone: the same bytes every time."""
    version = PlanVersion.objects.across_pacts().get(pk=version_id)
    return render_document(Document.from_data(version.content), progress=progress)
