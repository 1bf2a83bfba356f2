"""The first file of a deed: the certified file, under its own name, becomes revision 0."""

from django.db import transaction

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.documents import workflow as documents
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.sealing import checking
from partners.signing import letters
from partners.signing.models import Deed, DeedRevision, SealCertificate

ACCESSION = "accession"
"""The kind of rendition of a sheet by which a partner accedes; its object is the deed."""


def certificate_of(rendition: Rendition) -> SealCertificate | None:
    """The certificate by which a ready file is certified; None when it is not, or not by a seal of this portal."""
    with rendition.file.open("rb") as file:
        content = file.read()
    known = {certificate.fingerprint: certificate for certificate in SealCertificate.objects.all()}
    verdict = checking.check(content, certificates=[certificate.pem for certificate in known.values()])
    if verdict.is_whole:
        return next((known[found.fingerprint] for found in verdict.signatures if found.is_certification), None)
    return None


def first_revision(deed: Deed, rendition: Rendition, certificate: SealCertificate) -> DeedRevision:
    """Revision 0 of a deed: the file of the rendition itself, not a copy."""
    revision = DeedRevision(
        deed=deed,
        number=0,
        certificate=certificate,
        file=rendition.file.name,
        size=rendition.size or 0,
        sha256=rendition.sha256,
    )
    revision.full_clean()
    revision.save()
    return revision


def open_prepared() -> int:
    """Open the sheets for accession of which the file is there. May run twice, or be missed. Gives how many."""
    opened = 0
    for deed_id in list(
        Deed.objects.across_pacts().filter(state=Deed.State.PREPARING).order_by("pk").values_list("pk", flat=True)
    ):
        opened += _open(deed_id)
    return opened


@transaction.atomic
def _open(deed_id: int) -> bool:
    deed = (
        Deed.objects.across_pacts()
        .select_for_update(no_key=True, of=("self",))
        .select_related("version__pact")
        .get(pk=deed_id)
    )
    if deed.state != Deed.State.PREPARING:
        return False
    # What was given up, as when the key was away, is asked for again: nobody else can.
    rendition = documents.request(ACCESSION, deed.pk, pact=deed.version.pact, by=deed.opened_by)
    if rendition.state != Rendition.State.READY:
        return False
    certificate = certificate_of(rendition)
    if certificate is None:
        return False
    first_revision(deed, rendition, certificate)
    deed.state = Deed.State.OPEN
    deed.full_clean()
    deed.save(update_fields=["state"])
    audit.record(
        "accession.opened",
        deed,
        by=deed.opened_by,
        pact=deed.version.pact,
        version=deed.version.number,
        sheet=deed.number,
    )
    letters.ask_all(deed)
    return True
