"""What a checked file is, and reading one that may be of any size."""

import hashlib
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class CheckedFile:
    """A file that has passed the door, as it is to be stored: type and extension are those of its content."""

    content: bytes
    content_type: str
    sha256: str
    extension: str


def checked(content: bytes, content_type: str, extension: str) -> CheckedFile:
    """The content with the digest by which it is known from now on."""
    return CheckedFile(content, content_type, hashlib.sha256(content).hexdigest(), extension)


def read(uploaded: File, *, at_most: int) -> bytes:
    """The bytes of an upload, taken piece by piece, so that one that is too large is never in memory as a whole.

    `at_most` is in bytes. Raises ValidationError for an empty file ("empty") and for a larger one ("too_large").
    """
    pieces: list[bytes] = []
    taken = 0
    for piece in [] if uploaded.size > at_most else uploaded.chunks():
        taken += len(piece)
        if taken > at_most:
            break
        pieces.append(piece)
    if uploaded.size > at_most or taken > at_most:
        sentence = _("Dit bestand is te groot. Het mag hooguit %(limit)s MB zijn.")
        raise ValidationError(sentence % {"limit": at_most // MEGABYTE}, code="too_large")
    if not taken:
        raise ValidationError(_("Dit bestand is leeg. Kies een ander bestand."), code="empty")
    return b"".join(pieces)
