"""The bytes of the pictures in a text: kept under the digest of their content, so that a frozen name stays right."""

import hashlib
import re

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from pact_portal.foundation.documents.blocks import Document, Picture
from pact_portal.foundation.documents.registry import CannotRender
from pact_portal.foundation.uploads.images import CheckedImage

TYPES = {"png": "image/png", "jpg": "image/jpeg"}
NAME = re.compile(rf"[0-9a-f]{{64}}\.(?:{'|'.join(TYPES)})")
"""The last part of a stored name; it is also the last part of the picture's address."""


def name_of(pact_id: int, sha256: str, extension: str) -> str:
    """The name under which a picture of a pact is stored, and by which a frozen document calls it."""
    return f"pictures/{pact_id}/{sha256}.{extension}"


def store(pact_id: int, image: CheckedImage) -> str:
    """Keep the image and give its name. The same image is kept once."""
    name = name_of(pact_id, image.sha256, image.extension)
    if not default_storage.exists(name):
        kept = default_storage.save(name, ContentFile(image.content))
        if kept != name:
            # Somebody else stored the same image in between.
            default_storage.delete(kept)
    return name


def files_of(document: Document) -> dict[str, bytes]:
    """The bytes of every picture in the document by its name, for `render_document(files=...)`.

    Raises CannotRender when one is missing, or is no longer what was frozen.
    """
    files: dict[str, bytes] = {}
    for block in document.blocks():
        if isinstance(block, Picture) and block.name not in files:
            files[block.name] = _read(block)
    return files


def _read(picture: Picture) -> bytes:
    try:
        with default_storage.open(picture.name) as file:
            content: bytes = file.read()
    except OSError as fault:
        raise CannotRender(_missing(picture)) from fault
    if hashlib.sha256(content).hexdigest() != picture.name.rpartition("/")[2].partition(".")[0]:
        raise CannotRender(_missing(picture))
    return content


def _missing(picture: Picture) -> str:
    return _("De afbeelding “%(alt)s” is niet meer te lezen. Zet het bestand terug uit de reservekopie.") % {
        "alt": picture.alt
    }
