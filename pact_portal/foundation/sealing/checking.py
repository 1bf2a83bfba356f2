"""Reading the signatures of a PDF: are they whole, do they hold, and are they the portal's.

This alone does not say that a file is whole: in a PDF there is room that no signature looks at, and the library
accepts some changed files. Whoever must know asks first whether the SHA-256 of the whole file is known.
"""

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoundSignature:
    """A signature as it stands in the file; `name`, `reason` and `signed_at` are what the signature says itself.

    `is_intact`: what it covers was not changed after it was put. `is_trusted`: put with one of the certificates that
    were handed in, while that was valid. `covers_file`: nothing stands behind it in the file.
    """

    field: str
    name: str
    reason: str
    place: str
    signed_at: datetime | None
    is_certification: bool
    is_intact: bool
    is_trusted: bool
    covers_file: bool
    fingerprint: str


@dataclass(frozen=True)
class Verdict:
    """All signatures in the order of the file. `is_whole` only when all hold; else `fault` says to the reader why."""

    signatures: list[FoundSignature] = field(default_factory=list)
    is_whole: bool = False
    fault: str = ""


def check(pdf: bytes, *, certificates: Sequence[str]) -> Verdict:
    """Give the verdict on a file; `certificates` (PEM) are those that the portal ever sealed with.

    Never raises for what is in the file: what cannot be read is not whole.
    """
    known = {_fingerprint(x509.load_pem_x509_certificate(pem.encode())) for pem in certificates}
    try:
        return _verdict(PdfFileReader(io.BytesIO(pdf)), known)
    except Exception as fault:  # noqa: BLE001 - a file from outside may be anything, and nothing of it is believed
        log.info("Unreadable signatures: %s", type(fault).__name__)
        return Verdict(fault=_("De handtekeningen in dit bestand zijn niet te lezen."))


def _verdict(reader: PdfFileReader, known: set[str]) -> Verdict:
    embedded = list(reader.embedded_signatures)
    if not embedded:
        return Verdict(fault=_("In dit bestand staan geen handtekeningen."))
    certification = reader.root.get("/Perms", {}).get("/DocMDP")
    found, whole_revisions = [], True
    for each in embedded:
        is_certification = certification is not None and each.sig_object is certification.get_object()
        # The analysis of what was added costs most, and the certification's covers all that comes after it.
        each.compute_integrity_info(skip_diff=not is_certification)
        whole_revisions &= each.coverage in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
        found.append(_found(each, known, is_certification=is_certification))
    return Verdict(found, *_judged(embedded, found, whole_revisions=whole_revisions))


def _judged(
    embedded: Sequence[EmbeddedPdfSignature], found: Sequence[FoundSignature], *, whole_revisions: bool
) -> tuple[bool, str]:
    if not all(each.is_intact for each in found) or not whole_revisions:
        return False, _("Dit bestand is veranderd nadat het is ondertekend.")
    if not all(each.is_trusted for each in found):
        return False, _("In dit bestand staat een handtekening die niet van dit portaal komt.")
    first = embedded[0]
    if not found[0].is_certification or first.docmdp_level != MDPPerm.FILL_FORMS:
        return False, _("Dit bestand is niet door het portaal verzegeld.")
    if not first.summarise_integrity_info()["docmdp_ok"]:
        return False, _("Aan dit bestand is na de verzegeling meer toegevoegd dan handtekeningen.")
    if not found[-1].covers_file:
        return False, _("Aan dit bestand is na de laatste handtekening iets toegevoegd.")
    return True, ""


def _found(signature: EmbeddedPdfSignature, known: set[str], *, is_certification: bool) -> FoundSignature:
    certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
    same_digest, valid = validate_sig_integrity(
        signature.signer_info,
        signature.signer_cert,
        expected_content_type="data",
        actual_digest=signature.compute_digest(),
    )
    signed_at = signature.self_reported_timestamp
    in_time = signed_at is not None and (
        certificate.not_valid_before_utc <= signed_at <= certificate.not_valid_after_utc
    )
    fingerprint = _fingerprint(certificate)
    return FoundSignature(
        field=str(signature.field_name),
        name=_said(signature, "/Name"),
        reason=_said(signature, "/Reason"),
        place=_said(signature, "/Location"),
        signed_at=signed_at,
        is_certification=is_certification,
        is_intact=same_digest and valid,
        is_trusted=in_time and fingerprint in known,
        covers_file=signature.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        fingerprint=fingerprint,
    )


def _said(signature: EmbeddedPdfSignature, key: str) -> str:
    value: Any = signature.sig_object.get(key, "")
    return str(value)


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()
