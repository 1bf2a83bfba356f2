"""From document to PDF. Here and in `typeset` is the only door to WeasyPrint.

What comes out is tagged (PDF/UA-1) and archivable (PDF/A-2a), has only the project's own fonts in it, fetched nothing
that was not the project's own, and is the same bytes every time the same document goes in.

A document is typeset in parts: its text in two halves at the same time, then the cover and the contents, which need
to know the page numbers of the text. `binding` makes one file of them.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pact_portal.foundation.documents.binding import bind
from pact_portal.foundation.documents.blocks import Block, Chapter, Document, Figure, Heading, Table
from pact_portal.foundation.documents.fields import fields_of
from pact_portal.foundation.documents.press import typeset_all, typeset_here
from pact_portal.foundation.documents.typeset import Typeset, typeset
from pact_portal.foundation.pages.theme import ramp

Progress = Callable[[int, str], None]

STYLES: tuple[str, ...] = ("css/pdf/document.css",)

# The layout of each kind of document.
LAYOUTS: dict[str, tuple[str, ...]] = {
    "plan": (*STYLES, "css/pdf/plan.css"),
    "evaluation": (*STYLES, "css/pdf/plan.css"),
    "pact": (*STYLES, "css/pdf/pact.css"),
    "evidence": (*STYLES, "css/pdf/small.css"),
    "sheet": (*STYLES, "css/pdf/small.css"),
}

FOLIOS = 50
"""So many page numbers are made at a time."""

LINES_OF_CONTENTS = 33
"""About as many as go on a page: from this the number of pages is guessed before they are typeset."""

WORTH_DIVIDING = 300
"""In the measure of `_weight`: some five pages."""


def _silent(percent: int, step: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents; `page` is empty until the text has been typeset."""

    level: int
    number: str
    title: str
    anchor: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Which pages of a document a template is to write."""

    front: bool = False
    summary: bool = False
    chapters: Sequence[Chapter] = ()
    back: bool = False


def render_document(
    document: Document, *, progress: Progress = _silent, files: Mapping[str, bytes] | None = None
) -> bytes:
    """Give the PDF of a frozen document.

    `progress` hears a percentage and a sentence in the document's language; `files` holds the bytes of its pictures
    by name. Every party of a signature sheet that has a key gets a signature field of that name. Raises KeyError for
    a kind of document that has no layout, ValueError for keys that cannot name a field.
    """
    styles, files = LAYOUTS[document.kind], dict(files or {})
    with translation.override(document.language):
        progress(5, _("De tekst wordt opgemaakt"))
        fields = fields_of(document)
        context = {**context_of(document), "signable": bool(fields)}
        jobs = [(html_of(context, part), styles, files, f"{at}-") for at, part in enumerate(parts(document))]
        progress(15, _("De hoofdstukken worden gezet"))
        texts = typeset_all(jobs)
        progress(75, _("De inhoudsopgave wordt gemaakt"))
        front = _front(context, styles, files, texts)
        progress(90, _("Het bestand wordt samengevoegd"))
        total = front.pages + sum(text.pages for text in texts)
        # The cover has no number.
        return bind(
            [front.content, *(text.content for text in texts)],
            folios(styles, total),
            first=2,
            fields=fields,
        )


def render_pdf(html: str, *, styles: Sequence[str] = STYLES, files: Mapping[str, bytes] | None = None) -> bytes:
    """Give the PDF of a whole HTML page.

    `styles` are names of static stylesheets, `files` the bytes behind `stored:` addresses in the page. Title,
    language, author and dates are taken from the page's head (`<title>`, `<html lang>`, `<meta name="author">`,
    `<meta name="dcterms.created">`); give a date, or the file will carry none.
    """
    made = typeset(html, styles, files)
    return bind([made.content])


def _front(
    context: dict[str, Any], styles: Sequence[str], files: Mapping[str, bytes], texts: Sequence[Typeset]
) -> Typeset:
    """Typeset the cover and the contents.

    How many pages the contents take depends on the numbers in them, and those on how many pages they take. A guess is
    right nearly always; if not, the second round is, for the numbers do not change the length.
    """
    length = 1 + max(1, -(-len(context["entries"]) // LINES_OF_CONTENTS))
    while True:
        front = typeset_here((html_of(_numbered(context, texts, length), Part(front=True)), styles, files, ""))
        if front.pages == length:
            return front
        length = front.pages


def folios(styles: Sequence[str], total: int) -> bytes:
    """Give a PDF with at least `total` pages, of which each holds its own number and nothing else."""
    return _folios(tuple(styles), -(-total // FOLIOS) * FOLIOS)


@functools.lru_cache(maxsize=8)
def _folios(styles: tuple[str, ...], total: int) -> bytes:
    """They are the same for every document, so they are made once per process, by the fifty."""
    html = render_to_string("pdf/folios.html", {"numbers": range(1, total + 1), "total": total})
    return typeset(html, styles).content


def _numbered(context: dict[str, Any], texts: Sequence[Typeset], start: int) -> dict[str, Any]:
    """Give the context with the page of every line of the contents; the text begins after `start` pages."""
    pages: dict[str, int] = {}
    for text in texts:
        pages |= {anchor: start + page + 1 for anchor, page in text.anchors.items()}
        start += text.pages
    return {**context, "entries": [replace(entry, page=str(pages[entry.anchor])) for entry in context["entries"]]}


def parts(document: Document) -> list[Part]:
    """Divide the text between two chapters, as evenly as it goes; the same document is always divided alike.

    A short text stays whole: to divide it would cost more than it gains.
    """
    weights = [_weight(chapter) for chapter in document.chapters]
    at = 0
    if sum(weights) > WORTH_DIVIDING:
        at = min(range(len(weights) + 1), key=lambda cut: abs(sum(weights[:cut]) - sum(weights[cut:])))
    if at == 0:
        return [Part(summary=True, chapters=document.chapters, back=True)]
    return [
        Part(summary=True, chapters=document.chapters[:at]),
        Part(chapters=document.chapters[at:], back=True),
    ]


def _weight(chapter: Chapter) -> int:
    """About how much work a chapter is: a cell costs as much as a line of text, and as a word in a drawing."""
    return 5 + sum(_weight_of(block) for block in chapter.blocks)


def _weight_of(block: Block) -> int:
    if isinstance(block, Figure):
        return 10 + block.svg.count("<text") + (_weight_of(block.table) if block.table else 0)
    return len(block.rows) * len(block.columns) if isinstance(block, Table) else 5


def html_of(context: dict[str, Any], part: Part) -> str:
    """Give a part of the document as an HTML page for the typesetter, in the language that is active."""
    return render_to_string("pdf/document.html", {**context, "part": part})


def context_of(document: Document) -> dict[str, Any]:
    """Give what the templates of a document read."""
    frozen_at = datetime.fromisoformat(document.frozen_at)
    return {
        "document": document,
        "anchors": document.anchors(),
        "entries": entries(document),
        "colours": ramp(document.hue),
        "fingerprint": document.fingerprint,
        "running_title": " · ".join(dict.fromkeys([document.title, document.pact_name])),
        # To the second and with an offset: what PDF dates can hold.
        "frozen_at": frozen_at.isoformat(timespec="seconds"),
        "frozen_on": date_format(frozen_at, "j F Y"),
    }


def entries(document: Document) -> list[Entry]:
    """Give the lines of the contents: the summary, the chapters with their headings, the glossary."""
    lines = [Entry(1, "", _("Samenvatting"), "samenvatting")] if document.summary else []
    for chapter in document.chapters:
        lines.append(Entry(1, chapter.number, chapter.title, chapter.key))
        lines.extend(
            Entry(2, "", block.text, block.anchor)
            for block in chapter.blocks
            if isinstance(block, Heading) and block.anchor
        )
    if document.glossary:
        lines.append(Entry(1, "", _("Begrippen"), "begrippen"))
    return lines
