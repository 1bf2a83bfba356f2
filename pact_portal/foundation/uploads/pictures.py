"""Pictures, made anew from their pixels: what else was in the file stays behind.

Where a photograph was taken, with which telephone, the text that somebody hid in a comment, the page or program that
hangs behind the last pixel: none of it is in a file that was written again. The same bytes give the same result.
"""

import struct
import zlib
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MOST_PIXELS = 60_000_000
"""A sheet of A4 at 600 dpi has 35 million; unpacked, 60 million take up to 240 MB."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What Pillow raises for files that are not what they seem; a test flips bits to see that this is all.
BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError, struct.error, zlib.error),
    *(AttributeError, TypeError),  # what Pillow raises where the notes of a camera are of another kind than they say
)


def kind_of(content: bytes) -> str:
    """ "PNG", "JPEG", "WEBP" or "", by the first bytes."""
    if content.startswith(PNG_SIGNATURE):
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "WEBP" if content.startswith(b"RIFF") and content[8:12] == b"WEBP" else ""


def looks_like_heic(content: bytes) -> bool:
    """Whether this is how some telephones save photographs."""
    return content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")


def looks_like_svg(content: bytes) -> bool:
    return b"<svg" in content[:4096].lower()


def made_anew(content: bytes, *, quality: int, longest_side: int | None = None) -> tuple[bytes, str, int, int]:
    """A PNG or JPEG of the same pixels, upright: its bytes, its kind, its width and height.

    `content` begins as one of the kinds of `kind_of`. PNG stays PNG; what is soft anyway (JPEG, most WebP) becomes
    JPEG of that `quality`, unless it is see-through. A picture with a side over `longest_side` is made smaller.
    Raises ValidationError: "trailing" for another file behind the picture, "too_many_pixels", "broken".
    """
    kind = kind_of(content)
    try:
        if content[_end_of(content, kind) :].strip(b"\0\r\n\t "):
            raise ValidationError(
                _(
                    "Achter deze afbeelding zit nog een ander bestand, bijvoorbeeld een filmpje. "
                    "Sla de afbeelding opnieuw op als PNG of JPG, en kies dan dat bestand."
                ),
                code="trailing",
            )
        with Image.open(BytesIO(content), formats=[kind]) as image:
            _demand_bearable(image)
            # Of a series, the first picture.
            image.seek(0)
            image.load()
            upright = _plain(ImageOps.exif_transpose(image))
            is_lossless = kind == "PNG" or b"VP8L" in content[:64]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        sentence = _("Deze afbeelding heeft te veel beeldpunten. Maak haar kleiner: hooguit %(limit)s miljoen.")
        raise ValidationError(sentence % {"limit": MOST_PIXELS // 1_000_000}, code="too_many_pixels") from bomb
    except BROKEN as fault:
        raise ValidationError(
            _("Deze afbeelding is beschadigd. Sla haar opnieuw op als PNG of JPG, of kies een andere."), code="broken"
        ) from fault
    if longest_side:
        upright.thumbnail((longest_side, longest_side))
    # Pillow would write along what it finds here.
    upright.info = {}
    made = BytesIO()
    options: dict[str, Any] = {}
    to_kind = "PNG" if is_lossless or upright.mode in ("LA", "RGBA") else "JPEG"
    if to_kind == "JPEG":
        options = {"quality": quality, "optimize": True}
    upright.save(made, format=to_kind, **options)
    return made.getvalue(), to_kind, upright.width, upright.height


def _demand_bearable(image: Image.Image) -> None:
    """Asked before anything is unpacked: a file of a few kilobytes can hold a picture of gigabytes."""
    if image.width * image.height > MOST_PIXELS:
        raise Image.DecompressionBombError(f"{image.width} x {image.height}")


def _plain(image: Image.Image) -> Image.Image:
    """The pixels in one of the modes that PNG and JPEG share between all readers."""
    if image.mode in ("L", "LA", "RGB", "RGBA"):
        return image
    if image.mode.startswith("I"):
        # 16 bits of grey; Pillow would cut them off instead of scaling them.
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode == "1":
        return image.convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _end_of(content: bytes, kind: str) -> int:
    """Where the picture ends in its file. Raises one of BROKEN when it does not."""
    if kind == "WEBP":
        size: int = struct.unpack_from("<I", content, 4)[0]
        return 8 + size + size % 2
    if kind == "PNG":
        at = len(PNG_SIGNATURE)
        while True:
            length, name = struct.unpack_from(">I4s", content, at)
            at += 12 + length
            if name == b"IEND":
                return at
    at = _end_of_jpeg(content, 0)
    # Some telephones put a smaller or a second exposure behind the first one: pictures again.
    while content.startswith(b"\xff\xd8\xff", at):
        at = _end_of_jpeg(content, at)
    return at


def _end_of_jpeg(content: bytes, start: int) -> int:
    """Where the JPEG that begins at `start` ends: behind its marker EOI (ITU-T T.81, annex B)."""
    at = start + 2
    while True:
        at = content.index(b"\xff", at)
        marker = content[at + 1]
        if marker == 0xD9:
            return at + 2
        # Filling, a stuffed zero within the pixels, and the marks of a restart have no length.
        if marker == 0xFF:
            at += 1
        elif marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD7:
            at += 2
        else:
            at += 2 + max(2, struct.unpack_from(">H", content, at + 2)[0])
