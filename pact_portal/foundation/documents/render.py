"""From document to PDF. This module is the only door to WeasyPrint.

What comes out is tagged (PDF/UA-1) and archivable (PDF/A-2a), has only the project's own fonts in it, fetched nothing
that was not the project's own, and is the same bytes every time the same document goes in.
"""

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from pact_portal.foundation.documents import accessibility
from pact_portal.foundation.documents.blocks import Document, Heading
from pact_portal.foundation.documents.fetcher import STATIC, ProjectFetcher, static_file
from pact_portal.foundation.pages.theme import ramp

Progress = Callable[[int, str], None]

STYLES: tuple[str, ...] = ("css/pdf/document.css",)

# The layout of each kind of document: its template and its stylesheets.
LAYOUTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "plan": ("pdf/plan.html", (*STYLES, "css/pdf/plan.css")),
    "evaluation": ("pdf/plan.html", (*STYLES, "css/pdf/plan.css")),
    "pact": ("pdf/pact.html", (*STYLES, "css/pdf/pact.css")),
}


def _silent(percent: int, step: str) -> None:
    """Tell nobody."""


# Pango's font map belongs to the process and is not safe to use from two threads.
_lock = threading.RLock()


def render_document(
    document: Document, *, progress: Progress = _silent, files: Mapping[str, bytes] | None = None
) -> bytes:
    """Give the PDF of a frozen document.

    `progress` hears a percentage and a sentence in the document's language; `files` holds the bytes of its pictures
    by name. Raises KeyError for a kind of document that has no layout.
    """
    template, styles = LAYOUTS[document.kind]
    with translation.override(document.language):
        progress(5, _("De tekst wordt opgemaakt"))
        html = html_of(document, template)
        progress(20, _("De pagina's worden gemaakt"))
        content = render_pdf(html, styles=styles, files=files)
        progress(95, _("Het bestand wordt bewaard"))
        return content


def html_of(document: Document, template: str) -> str:
    """Give the whole document as one HTML page for the renderer, in the language that is active."""
    return render_to_string(template, context_of(document))


def context_of(document: Document) -> dict[str, Any]:
    """Give what the templates of a document read."""
    frozen_at = datetime.fromisoformat(document.frozen_at)
    return {
        "document": document,
        "anchors": document.anchors(),
        "entries": entries(document),
        "running_title": " · ".join(dict.fromkeys([document.title, document.pact_name])),
        "colours": ramp(document.hue),
        "fingerprint": document.fingerprint,
        # To the second and with an offset: what PDF dates can hold.
        "frozen_at": frozen_at.isoformat(timespec="seconds"),
        "frozen_on": date_format(frozen_at, "j F Y"),
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents."""

    level: int
    number: str
    title: str
    anchor: str


def entries(document: Document) -> list[Entry]:
    """Give the lines of the contents: the summary, the chapters with their headings, the glossary."""
    lines = [Entry(1, "", _("Samenvatting"), "samenvatting")] if document.summary else []
    for chapter in document.chapters:
        lines.append(Entry(1, chapter.number, chapter.title, chapter.key))
        for block in chapter.blocks:
            if isinstance(block, Heading) and block.anchor:
                lines.append(Entry(2, "", block.text, block.anchor))
    if document.glossary:
        lines.append(Entry(1, "", _("Begrippen"), "begrippen"))
    return lines


def render_pdf(html: str, *, styles: Sequence[str] = STYLES, files: Mapping[str, bytes] | None = None) -> bytes:
    """Give the PDF of a whole HTML page.

    `styles` are names of static stylesheets, `files` the bytes behind `stored:` addresses in the page. Title,
    language, author and dates are taken from the page's head (`<title>`, `<html lang>`, `<meta name="author">`,
    `<meta name="dcterms.created">`); give a date, or the file will carry none.
    """
    with _lock:
        page = HTML(string=html, base_url=settings.PORTAL_URL, url_fetcher=ProjectFetcher(files))
        return page.write_pdf(
            font_config=_fonts(),
            stylesheets=[_stylesheet(name, static_file(name).stat().st_mtime_ns) for name in styles],
            pdf_variant=accessibility.VARIANT,
            finisher=accessibility.finish,
        )


@functools.cache
def _fonts() -> FontConfiguration:
    return FontConfiguration()


@functools.lru_cache(maxsize=32)
def _stylesheet(name: str, changed_at: int) -> CSS:
    """Read a stylesheet once per process, and once more when its file has changed (`changed_at`)."""
    return CSS(url=f"{STATIC}{name}", font_config=_fonts(), url_fetcher=ProjectFetcher())
