"""What the templates of documents need: which template shows a block, and small repairs of rich text."""

import re
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlsplit

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from pact_portal.foundation.documents.blocks import Block, Cell, Row, Table, block_name

register = template.Library()

HEADING = re.compile(r"<(/?)h([1-6])\b")
# A footnote holds text and links, never another span: the allow-list of rich text sees to that.
FOOTNOTE = re.compile(r'<span class="footnote">(.*?)</span>', re.DOTALL)

# The headings above a narrative are h1 (the document) and h2 (the chapter).
FIRST_LEVEL = 3


@register.filter
def block_template(block: Block) -> str:
    """The template that shows this kind of block."""
    return f"includes/document/{block_name(block)}.html"


@register.filter
def host(address: str) -> str:
    """Where a link on the web goes to, such as "www.voorbeeld.nl"; "" for anything but a web address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""


@register.filter
def file_name(name: str) -> str:
    """The last part of a stored name."""
    return name.rpartition("/")[2]


@register.filter
def cells(row: Row, table: Table) -> Iterator[tuple[Cell, str]]:
    """The cells of a row, each with the kind of its column."""
    return zip(row.cells, (column.kind for column in table.columns), strict=True)


@register.filter
def nested_headings(html: str) -> SafeString:
    """Sanitised rich text whose headings start at h3 and never skip a level (PDF/UA-1, 7.4.2)."""
    level, written = FIRST_LEVEL - 1, 0

    def renumber(match: re.Match[str]) -> str:
        nonlocal level, written
        if not match[1]:
            level = written = max(FIRST_LEVEL, min(int(match[2]), level + 1))
        return f"<{match[1]}h{written}"

    return mark_safe(HEADING.sub(renumber, html))


@register.filter
def with_notes(html: str, place: str) -> SafeString:
    """Sanitised rich text with its footnotes as a numbered list below it, each linked both ways, for a web page."""
    notes: list[str] = []
    numbers = count(1)

    def refer(match: re.Match[str]) -> str:
        number = next(numbers)
        notes.append(
            format_html(
                '<li id="{place}-noot-{number}">{text} '
                '<a href="#{place}-verwijzing-{number}" role="doc-backlink">{back}</a></li>',
                place=place,
                number=number,
                text=mark_safe(match[1]),
                back=_("Terug naar de tekst"),
            )
        )
        return format_html(
            '<sup><a id="{place}-verwijzing-{number}" href="#{place}-noot-{number}" role="doc-noteref">'
            "{number}</a></sup>",
            place=place,
            number=number,
        )

    text = FOOTNOTE.sub(refer, html)
    return mark_safe(f'{text}<ol class="footnotes">{"".join(notes)}</ol>' if notes else text)
