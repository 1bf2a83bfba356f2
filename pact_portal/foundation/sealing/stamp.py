"""What stands in the field of a signature, as one page from the typesetter.

pyHanko's own stamps set text in a font that is not embedded, which neither PDF/A nor PDF/UA allows; so the appearance
is a picture of a page, in the project's own fonts.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import StaticStampStyle

from pact_portal.foundation.documents.typeset import draw

STYLES = ("css/pdf/document.css", "css/pdf/stamp.css")
SIZES = (8.4, 7.4, 6.4, 5.6)
"""In points; the first with which all fits is taken. When none is small enough, the texts are shortened."""


@dataclass(frozen=True)
class Stamp:
    """Who signs, and on what ground: what is read in the field."""

    name: str
    function: str
    organisation: str
    mandate: str
    place: str
    signed_at: datetime


def style_of(stamp: Stamp, *, width: float, height: float, is_demo: bool) -> StaticStampStyle:
    """Give the appearance of a signature in a field of this size, in points, in the language that is active."""
    return StaticStampStyle(
        background=_Page(drawn(stamp, width=width, height=height, is_demo=is_demo)),
        border_width=0,
        background_opacity=1.0,
        background_layout=SimpleBoxLayoutRule(
            x_align=AxisAlignment.ALIGN_MIN, y_align=AxisAlignment.ALIGN_MIN, margins=Margins.uniform(0)
        ),
    )


def drawn(stamp: Stamp, *, width: float, height: float, is_demo: bool) -> bytes:
    """Give the appearance as a PDF of which the first page is to be shown."""
    signed_at = timezone.localtime(stamp.signed_at)
    context = {
        "stamp": stamp,
        "signed_on": date_format(signed_at, "j F Y"),
        "signed_at": signed_at.strftime("%H:%M"),
        "is_demo": is_demo,
        "width": f"{width:.3f}",
        "height": f"{height:.3f}",
    }
    for size, short in (*((size, False) for size in SIZES), (SIZES[-1], True)):
        made = draw(render_to_string("pdf/stamp.html", {**context, "size": f"{size}", "short": short}), STYLES)
        if made.pages == 1:
            break
    return made.content


class _Page(PdfContent):
    """A page of a PDF in memory, as content for pyHanko."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = content

    def render(self) -> bytes:
        """Give the drawing instructions; the page itself goes along as a resource."""
        writer: Any = self.writer
        if not isinstance(writer, BasePdfFileWriter):
            raise TypeError("a stamp is drawn into a file")
        page = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._content)))
        left, bottom, right, top = map(float, page.get_object()["/BBox"])
        self.box = BoxConstraints(width=right - left, height=top - bottom)
        self.resources.xobject["/Stamp"] = page
        return b"/Stamp Do"
