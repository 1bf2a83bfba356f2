"""Scans of what was signed on paper: PDF, PNG or JPEG.

A PDF is kept as it came, byte for byte: it is evidence, and a signature or a seal that the scanner put in it would not
survive being written again. So it is looked through instead, and refused when it can do anything but be read. A
photograph of a sheet is made anew from its pixels, for its file tells where and with whose telephone it was taken,
which proves nothing and is nobody's business; of its pixels none is left out.
"""

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from pact_portal.foundation.uploads import pictures
from pact_portal.foundation.uploads.files import MEGABYTE, CheckedFile, checked, read

LARGEST = 15 * MEGABYTE
QUALITY = 95
LONGEST_WAIT = 10
"""Seconds by the clock, for a machine that has much to do; a scan takes a fraction of one."""
INSPECTION = Path(__file__).with_name("inspection.py")


def check_scan(uploaded: File) -> CheckedFile:
    """The scan as it is to be stored. Takes PDF, PNG and JPEG of at most 15 MB; decided by the content.

    Raises ValidationError with a sentence that says what to do, with code "empty", "too_large", "wrong_type",
    "trailing", "too_many_pixels", "broken", "encrypted", "active" or "complex".
    """
    content = read(uploaded, at_most=LARGEST)
    if content.startswith(b"%PDF-"):
        answer = inspect(content)
        if answer != "clean":
            raise ValidationError(_sentence(answer), code=answer)
        return checked(content, "application/pdf", "pdf")
    if pictures.kind_of(content) not in ("PNG", "JPEG"):
        raise ValidationError(_why_not(content), code="wrong_type")
    made, kind, _width, _height = pictures.made_anew(content, quality=QUALITY)
    return checked(made, f"image/{kind.lower()}", "png" if kind == "PNG" else "jpg")


def inspect(content: bytes) -> str:
    """What inspection.py says of a PDF, in a process with little memory and time; "complex" when it got no answer."""
    if zipfile.is_zipfile(BytesIO(content)):
        return "broken"
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(INSPECTION)],
            input=content,
            capture_output=True,
            timeout=LONGEST_WAIT,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        return "complex"
    answer = done.stdout.decode("ascii", "replace")
    return answer if answer in ("clean", "encrypted", "broken", "active") else "complex"


def _sentence(answer: str) -> str:
    return {
        "encrypted": _("Deze PDF is beveiligd met een wachtwoord. Sla de PDF op zonder beveiliging en kies die."),
        "active": _(
            "Deze PDF bevat opdrachten of andere bestanden, en dat hoort niet in een scan. "
            "Scan het vel opnieuw, of maak er een foto van (JPG)."
        ),
        "complex": _("Deze PDF zit te ingewikkeld in elkaar. Scan het vel opnieuw, of maak er een foto van (JPG)."),
        "broken": _("Deze PDF is beschadigd. Scan het vel opnieuw, of maak er een foto van (JPG)."),
    }[answer]


def _why_not(content: bytes) -> str:
    if pictures.looks_like_heic(content):
        return _("Dit is een HEIC-foto, die niet elke browser kan tonen. Sla de foto op als JPG en kies dat bestand.")
    return _("Dit is geen PDF, PNG of JPG. Scan het vel als PDF, of maak er een foto van (JPG).")
