"""Certifying a PDF, and signing in its fields (PAdES, by pyHanko).

First the portal certifies the whole file: from then on nothing may change but the filling in of signatures. Every
signature is an addition at the end of the file, so the earlier ones stay valid. Nothing is written by half: either
the new file comes back, or a fault is raised and there is none.
"""

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.stamp import NoOpStampStyle

from pact_portal.foundation.documents.fields import CERTIFICATION, TIMESTAMP
from pact_portal.foundation.sealing.faults import FieldTaken, NotCertified, UnknownField
from pact_portal.foundation.sealing.keys import SealKey
from pact_portal.foundation.sealing.stamp import Stamp, style_of

__all__ = ["FieldTaken", "NotCertified", "Stamp", "UnknownField", "certify", "sign"]

_PADES = PdfSignatureMetadata(md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)


def certify(pdf: bytes, key: SealKey) -> bytes:
    """Seal the file as a whole, so that nothing may change in it but the filling in of signatures.

    Raises UnknownField for a file without places for signatures, FieldTaken for one that was certified already,
    TimestampFault when a timestamp is asked for and cannot be had.
    """
    writer = _Addition(io.BytesIO(pdf))
    _empty_field(writer, CERTIFICATION)
    with translation.override(_language(writer)):
        metadata = replace(
            _PADES,
            field_name=CERTIFICATION,
            certify=True,
            docmdp_permissions=MDPPerm.FILL_FORMS,
            name=_("Zegel van het portaal"),
            reason=_("Vastgestelde tekst: alleen ondertekenen is nog mogelijk"),
        )
    return _signed(writer, metadata, key, NoOpStampStyle(), timezone.now())


def sign(pdf: bytes, *, field: str, stamp: Stamp, key: SealKey) -> bytes:
    """Put a signature in a field of a certified file.

    The moment in the signature is the stamp's: when the signatory signed, not when the seal was put; but now, when the
    key was not valid then, as readers hold the one against the other. Raises UnknownField, FieldTaken, NotCertified,
    or TimestampFault when a timestamp is asked for and cannot be had.
    """
    writer = _Addition(io.BytesIO(pdf))
    if field in (CERTIFICATION, TIMESTAMP):
        raise UnknownField(field)
    place = _empty_field(writer, field)
    if "/DocMDP" not in writer.root.get("/Perms", {}):
        raise NotCertified(field)
    left, bottom, right, top = map(float, place["/Rect"])
    with translation.override(_language(writer)):
        metadata = replace(
            _PADES,
            field_name=field,
            name=stamp.name,
            location=stamp.place,
            reason=_("%(function)s, namens %(organisation)s")
            % {"function": stamp.function, "organisation": stamp.organisation},
        )
        style = style_of(stamp, width=right - left, height=top - bottom, is_demo=key.is_demo)
    was_valid = key.valid_from <= stamp.signed_at <= key.valid_until
    return _signed(writer, metadata, key, style, stamp.signed_at if was_valid else timezone.now())


class _Addition(IncrementalPdfFileWriter):
    """An addition to a file that leaves its metadata as they are: they claim PDF/A and PDF/UA, as the pages do.

    pyHanko would write them anew. `_update_meta` is private; a test fails when pyHanko no longer calls it.
    """

    def _update_meta(self) -> None:
        """Write nothing."""


class _Signer(PdfSigner):
    """Signs at a given moment, instead of at that of the machine."""

    signed_at: datetime

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        """Give the session, at the moment that was set."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.signed_at
        return session


def _signed(writer: _Addition, metadata: PdfSignatureMetadata, key: SealKey, style: Any, moment: datetime) -> bytes:
    signer = _Signer(metadata, key.signer, timestamper=key.timestamper, stamp_style=style)
    signer.signed_at = timezone.localtime(moment).replace(microsecond=0)
    return signer.sign_pdf(writer, existing_fields_only=True).getvalue()


def _empty_field(writer: _Addition, name: str) -> Any:
    """Give the field. Raises UnknownField when it is not there, FieldTaken when it holds a signature."""
    for found, value, reference in enumerate_sig_fields(writer):
        if found == name:
            if value is not None:
                raise FieldTaken(name)
            return reference.get_object()
    raise UnknownField(name)


def _language(writer: _Addition) -> str:
    """The language of the document, as far as the portal speaks it."""
    return str(writer.root.get("/Lang", "nl"))[:2]
