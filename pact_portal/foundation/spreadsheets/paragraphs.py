"""Rich text in a cell, and what stands in a cell as rich text. Pure.

A cell holds plain text: a blank line parts paragraphs, a line end is one. `text_of(html_of(text))` is `normal(text)`,
and `normal` of that is itself; of rich text that a person made, the words stay and the marks go.
"""

import re
from html import escape, unescape

from django.utils.html import strip_tags

BLANK_LINE = re.compile(r"\n[ \t\f]*\n\s*")
SPACES = re.compile(r"[ \t\f\r\x0b]+")
LINE_END = re.compile(r"\r\n|\r")
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
ITEM = re.compile(r"</(?:li|tr)>", re.IGNORECASE)
BLOCK = re.compile(r"</(?:p|h3|h4|ul|ol|blockquote|table)>", re.IGNORECASE)
CELL = re.compile(r"</t[hd]>", re.IGNORECASE)


def normal(text: str) -> str:
    """The text with single spaces, and paragraphs parted by one blank line."""
    parts = BLANK_LINE.split(LINE_END.sub("\n", text).strip())
    lines = ("\n".join(SPACES.sub(" ", line).strip() for line in part.split("\n")).strip() for part in parts)
    return "\n\n".join(line for line in lines if line)


def html_of(text: str) -> str:
    """Paragraphs of HTML in which every sign stands for itself."""
    parts = normal(text).split("\n\n")
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in parts if part)


def text_of(html: str) -> str:
    """The words of clean rich text, with its paragraphs and lines."""
    marked = BREAK.sub("\n", CELL.sub(" ", SPACES.sub(" ", html.replace("\n", " "))))
    marked = BLOCK.sub("\n\n", ITEM.sub("\n", marked))
    return normal(unescape(strip_tags(marked)))
