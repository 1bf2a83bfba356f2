"""Whether a file is one of ours, and what it says: the rule behind the page where anybody hands in a PDF.

The rule, in this order: the SHA-256 of the whole file is among those of the files that the portal made; only then is
it opened: the last signature covers the whole file, and every signature in it is right by a certificate with which
the portal has sealed. Bytes that are not known are never parsed, so nothing that somebody hands in can do harm; and
what a signature library alone lets through (a changed byte that the signature does not cover) is refused by the hash.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.sealing import checking
from partners.pact.models import Pact, PactVersion
from partners.pact.workflow import KIND
from partners.signing import progress
from partners.signing.models import Deed, DeedRevision, SealCertificate, Signature
from partners.signing.opening import ACCESSION

Outcome = Literal["whole", "older", "unknown", "no_pdf", "too_large"]

LARGEST = 50 * 1024 * 1024
"""In bytes; larger than any file that the portal makes, and small enough to be read at once."""


@dataclass(frozen=True, slots=True)
class FoundSignatory:
    """One partner of a deed, as the verified file and the register tell.

    `is_in_file` says whether the electronic signature is in this very file; a signature on paper never is.
    """

    partner: str
    state: progress.State
    who: str
    function: str
    mandate: str
    signed_in: str
    on: date | None
    at: datetime | None
    is_in_file: bool
    is_intact: bool
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found.

    "whole": the newest file of its deed, untouched; "older": untouched, but others signed after it or another version
    came; "unknown": no file of this portal, or one that was changed; "no_pdf": no PDF at all; "too_large".
    """

    outcome: Outcome
    sha256: str = ""
    pact: Pact | None = None
    version: PactVersion | None = None
    deed: Deed | None = None
    revision: DeedRevision | None = None
    is_newest: bool = False
    is_newest_version: bool = False
    is_certified: bool = False
    is_demo_seal: bool = False
    fault: str = ""
    signatories: list[FoundSignatory] = field(default_factory=list)

    @property
    def is_genuine(self) -> bool:
        """Whether this file was made by the portal and not a byte of it was changed."""
        return self.outcome in {"whole", "older"}


def verify(data: bytes) -> Verification:
    """Judge the bytes of a file. Never raises for bad bytes."""
    if len(data) > LARGEST:
        return Verification("too_large")
    sha256 = hashlib.sha256(data).hexdigest()
    revision = _revision(sha256)
    version, deed = (revision.deed.version, revision.deed) if revision else _prepared(sha256)
    if version is None:
        return Verification("no_pdf" if b"%PDF-" not in data[:1024] else "unknown", sha256)
    certificates = _certificates()
    verdict = checking.check(data, certificates=[certificate.pem for certificate in certificates])
    if not verdict.is_whole:
        # A file of ours of which the seal cannot be confirmed is refused as well: a check that failed is no yes.
        return Verification("unknown", sha256, fault=verdict.fault)
    newest = progress.newest_revision(deed) if deed else None
    is_newest = revision is None or (newest is not None and newest.pk == revision.pk)
    is_newest_version = _is_newest(version)
    is_current = deed is None or deed.state != Deed.State.SUPERSEDED
    return Verification(
        outcome="whole" if is_newest and is_newest_version and is_current else "older",
        sha256=sha256,
        pact=version.pact,
        version=version,
        deed=deed,
        revision=revision,
        is_newest=is_newest,
        is_newest_version=is_newest_version,
        is_certified=any(found.is_certification for found in verdict.signatures),
        is_demo_seal=bool(revision and revision.certificate.is_demo),
        signatories=_signatories(deed, revision, verdict.signatures) if deed and revision else [],
    )


def _revision(sha256: str) -> DeedRevision | None:
    """The revision with exactly these bytes. Across pacts: whoever holds the file has read what it says."""
    return (
        DeedRevision.objects.across_pacts()
        .select_related("deed__version__pact", "certificate")
        .filter(sha256=sha256)
        .first()
    )


def _prepared(sha256: str) -> tuple[PactVersion | None, Deed | None]:
    """The version, or the sheet for accession, of which these are the bytes before it was opened to be signed."""
    ready = Rendition.objects.across_pacts().filter(sha256=sha256, state=Rendition.State.READY)
    rendition = ready.filter(kind__in=[KIND, ACCESSION]).first()
    if rendition is None:
        return None, None
    if rendition.kind == KIND:
        versions = PactVersion.objects.in_pact(rendition.pact_id).select_related("pact")
        return versions.filter(pk=rendition.object_id).first(), None
    deeds = Deed.objects.in_pact(rendition.pact_id).select_related("version__pact")
    deed = deeds.filter(pk=rendition.object_id).first()
    return (deed.version, deed) if deed else (None, None)


def _certificates() -> list[SealCertificate]:
    return list(SealCertificate.objects.order_by("first_used_at"))


def _is_newest(version: PactVersion) -> bool:
    """Whether no later version was signed by all. One that is still being written or signed is nobody's business."""
    later = Deed.objects.in_pact(version.pact_id).filter(number=0, version__number__gt=version.number)
    return not later.filter(completed_at__isnull=False).exists()


def _signatories(deed: Deed, revision: DeedRevision, found: Sequence[checking.FoundSignature]) -> list[FoundSignatory]:
    """The partners of a deed with what the file and the register say of each, in the order of the sheets.

    While the pact is not public, only those are named whose signature is in the file that was handed in; how it
    stands with the others is not told either.
    """
    fields = {signature.field: signature for signature in found}
    people = []
    for status in progress.status_of(deed):
        in_file = fields.get(status.place.field)
        is_told = deed.is_public or in_file is not None
        people.append(
            FoundSignatory(
                partner=status.name,
                state=status.state if is_told else "waiting",
                who=status.who if is_told else "",
                function=status.function if is_told else "",
                mandate=status.mandate if is_told else "",
                signed_in=status.signed_in if is_told else "",
                on=status.on if is_told else None,
                at=status.at if is_told else None,
                is_in_file=in_file is not None,
                is_intact=in_file is not None and in_file.is_intact,
                signature=status.signature if is_told else None,
            )
        )
    return people
