"""Which version of the pact a reader may see, and which file of it is the newest."""

from dataclasses import dataclass

from django.urls import reverse

from pact_portal.foundation.documents.models import Rendition
from partners.pact.models import Pact, PactVersion
from partners.pact.workflow import KIND
from partners.permissions import PactRequest


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A PDF to read: where it is fetched, its SHA-256, its size in bytes, and how many signatures are in it."""

    url: str
    sha256: str
    size: int
    signatures: int


def shown(request: PactRequest, number: int) -> PactVersion | None:
    """The version with this number, when the reader may see it: members all of them, others what is public."""
    versions = PactVersion.objects.in_pact(request.pact).select_related("frozen_by", "pact")
    if request.access.is_member:
        return versions.filter(number=number).first()
    return next((version for version in public_versions(request.pact) if version.number == number), None)


def public_versions(pact: Pact) -> list[PactVersion]:
    """What everybody may read, the newest first: the version in force and those that were before it.

    A newer one that is not signed by all is not among them. The deeds are of the slice above, hence by their relation.
    """
    versions = PactVersion.objects.in_pact(pact).select_related("frozen_by", "pact").order_by("-number")
    return list(versions.filter(deeds__number=0, deeds__completed_at__isnull=False))


def rendition_of(version: PactVersion) -> Rendition | None:
    """The certified file that was made of a version, or how far it is."""
    return Rendition.objects.in_pact(version.pact_id).filter(kind=KIND, object_id=version.pk).first()


def file_of(version: PactVersion) -> ShownFile | None:
    """The newest file of a version: with the signatures put so far, once it is on the table; None before it is made."""
    slug = version.pact.slug
    deed = version.deeds.filter(number=0).first()
    revision = deed.revisions.order_by("-number").first() if deed else None
    if deed and revision:
        url = reverse("partners:deed_pdf", args=[slug, deed.pk])
        return ShownFile(url, revision.sha256, revision.size, revision.number)
    rendition = rendition_of(version)
    if rendition is None or rendition.state != Rendition.State.READY:
        return None
    url = reverse("partners:pact_version_pdf", args=[slug, version.number])
    return ShownFile(url, rendition.sha256, rendition.size or 0, 0)
