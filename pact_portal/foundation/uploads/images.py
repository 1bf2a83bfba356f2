"""Images that stand in a text: always PNG or JPEG, which browsers and the PDF engine both take."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from pact_portal.foundation.uploads import pictures
from pact_portal.foundation.uploads.files import MEGABYTE, CheckedFile, checked, read

LARGEST = 8 * MEGABYTE
LONGEST_SIDE = 2400
"""Pixels: more than fit the width of a printed page at 300 dpi."""
QUALITY = 88


@dataclass(frozen=True)
class CheckedImage(CheckedFile):
    """An image that has passed the door, with its size in pixels."""

    width: int
    height: int


def check_image(uploaded: File) -> CheckedImage:
    """The image made anew from its pixels: PNG or JPEG, upright, without metadata, at most LONGEST_SIDE.

    Takes PNG, JPEG and WebP of at most 8 MB; decided by the content. Raises ValidationError with a sentence that says
    what to do, with code "empty", "too_large", "wrong_type", "trailing", "too_many_pixels" or "broken".
    """
    content = read(uploaded, at_most=LARGEST)
    if not pictures.kind_of(content):
        raise ValidationError(_why_not(content), code="wrong_type")
    made, kind, width, height = pictures.made_anew(content, quality=QUALITY, longest_side=LONGEST_SIDE)
    plain = checked(made, f"image/{kind.lower()}", "png" if kind == "PNG" else "jpg")
    return CheckedImage(plain.content, plain.content_type, plain.sha256, plain.extension, width, height)


def _why_not(content: bytes) -> str:
    if pictures.looks_like_svg(content):
        return _("Een SVG kan opdrachten bevatten en mag daarom niet. Sla de afbeelding op als PNG.")
    if pictures.looks_like_heic(content):
        return _("Dit is een HEIC-foto, die niet elke browser kan tonen. Sla de foto op als JPG en kies dat bestand.")
    return _("Dit is geen PNG, JPG of WebP. Sla de afbeelding op als PNG of JPG en kies dat bestand.")
