"""From HTML to PDF by WeasyPrint, in this process. Needs the settings, but no database, templates or apps."""

import functools
import gc
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from pact_portal.foundation.documents import accessibility
from pact_portal.foundation.documents.fetcher import STATIC, ProjectFetcher, static_file
from pact_portal.foundation.documents.letters import printable

# Pango's font map belongs to the process and is not safe to use from two threads.
_lock = threading.RLock()

# A document is some millions of objects that all live until it is written: looking for garbage among them every
# few hundred allocations takes a fifth of the time.
_RARELY = (1_000_000, 20, 100)


@dataclass(frozen=True, slots=True)
class Typeset:
    """A PDF, with the page (from 0) of every anchor in it and its number of pages."""

    content: bytes
    anchors: dict[str, int]
    pages: int


def typeset(html: str, styles: Sequence[str], files: Mapping[str, bytes] | None = None, *, prefix: str = "") -> Typeset:
    """Lay out a whole HTML page and write it as PDF/UA-1 and PDF/A-2a.

    `styles` are names of static stylesheets, `files` the bytes behind `stored:` addresses; `prefix` keeps the IDs of
    several PDFs apart that will be bound into one.
    """
    with _lock, _collecting_rarely():
        page = HTML(string=printable(html), base_url=settings.PORTAL_URL, url_fetcher=ProjectFetcher(files))
        document = page.render(
            font_config=_fonts(),
            stylesheets=[_stylesheet(name, static_file(name).stat().st_mtime_ns) for name in styles],
            pdf_variant=accessibility.VARIANT,
        )
        anchors: dict[str, int] = {}
        for number, each in enumerate(document.pages):
            for name in each.anchors:
                anchors.setdefault(name, number)
        finish = functools.partial(accessibility.finish, prefix=prefix)
        # The file's identifier comes with the binding; here it would cost a second writing of every object.
        content = document.write_pdf(pdf_variant=accessibility.VARIANT, finisher=finish, pdf_identifier=False)
        return Typeset(content, anchors, len(document.pages))


def draw(html: str, styles: Sequence[str]) -> Typeset:
    """Lay out a page that becomes a picture in another PDF, such as the appearance of a signature.

    It has no tags: what it says is told by the place where it is put. Its fonts and colours are as PDF/A-2 asks.
    """
    with _lock:
        page = HTML(string=printable(html), base_url=settings.PORTAL_URL, url_fetcher=ProjectFetcher())
        sheets = [_stylesheet(name, static_file(name).stat().st_mtime_ns) for name in styles]
        document = page.render(font_config=_fonts(), stylesheets=sheets, pdf_variant=accessibility.UNTAGGED)
        content = document.write_pdf(pdf_variant=accessibility.UNTAGGED, pdf_identifier=False)
        return Typeset(content, {}, len(document.pages))


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@functools.cache
def _fonts() -> FontConfiguration:
    return FontConfiguration()


@functools.lru_cache(maxsize=32)
def _stylesheet(name: str, changed_at: int) -> Any:
    """Read a stylesheet once per process, and once more when its file has changed (`changed_at`)."""
    return CSS(url=f"{STATIC}{name}", font_config=_fonts(), url_fetcher=ProjectFetcher())
