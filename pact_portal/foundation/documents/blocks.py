"""The one structure from which the page, the PDF and every other form of a document are made.

A document is frozen as plain data: text that is ready to be read, in one language, with no rows, querysets or lazy
strings in it. Rendering it again in ten years must not need the database of that day. So everything here is a string,
a whole number, a truth value or a list of those; `to_data` gives JSON-ready data, `from_data` gives the same
document back, and `fingerprint` is the SHA-256 of its canonical JSON.

Rows, chapters and other things that two versions are compared on carry a `key` that stays the same from version to
version (`"question-12"`), and may carry an `anchor`: the name under which links inside the document find them.
"""

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, Union

SCHEMA = 1
"""Raised when the shape changes in a way that old data cannot be read with; `from_data` then translates."""

ColumnKind = Literal["text", "key", "number", "euro", "date"]

# How much of the table's width a column asks for, when it does not say so itself.
_WEIGHTS: dict[str, int] = {"text": 6, "key": 2, "number": 2, "euro": 4, "date": 3}


class UnreadableDocument(ValueError):
    """The data is no document: an unknown block, an unknown field, a missing one, or a value of another type."""


@dataclass(slots=True)
class Fact:
    """One label with its value: "Vastgesteld" / "16 juni 2022"."""

    label: str
    value: str


@dataclass(slots=True)
class Column:
    """A column: its heading, what it holds (decides alignment) and its share of the width (0 = by kind)."""

    label: str
    kind: ColumnKind = "text"
    weight: int = 0


@dataclass(slots=True)
class Cell:
    """The text of a cell as it is to be read, and, where it names another row or chapter, that one's anchor."""

    text: str
    to: str | None = None


@dataclass(slots=True)
class Row:
    """A row of a register. `key` is what two versions are compared on, `anchor` what links point to."""

    key: str
    cells: list[Cell]
    anchor: str | None = None


@dataclass(slots=True)
class Narrative:
    """Rich text that was sanitised before it was kept; a footnote in it is `<span class="footnote">`."""

    html: str


@dataclass(slots=True)
class Heading:
    """A heading inside a chapter."""

    text: str
    anchor: str | None = None


@dataclass(slots=True)
class Paragraph:
    """Plain text."""

    text: str


@dataclass(slots=True)
class Facts:
    """A short list of labels and values; `style="key"` sets the values large, for a handful of figures."""

    items: list[Fact]
    style: Literal["list", "key"] = "list"


@dataclass(slots=True)
class Items:
    """A list of sentences, with bullets or numbers."""

    items: list[str]
    numbered: bool = False


@dataclass(slots=True)
class Quote:
    """What somebody said, set apart from the text; `source` says who, by function, `link` where the story is."""

    text: str
    source: str = ""
    link: str = ""


@dataclass(slots=True)
class Table:
    """A register as a table. With no rows the sentence `empty` is shown instead."""

    caption: str
    columns: list[Column]
    rows: list[Row]
    empty: str = ""

    def widths(self) -> list[int]:
        """Give the width of each column in whole percents that add up to 100."""
        weights = [column.weight or _WEIGHTS[column.kind] for column in self.columns]
        edges = [round(100 * sum(weights[: index + 1]) / sum(weights)) for index in range(len(weights))]
        return [edge - before for before, edge in pairwise([0, *edges])]


@dataclass(slots=True)
class Figure:
    """A chart: the finding is its title; `svg` comes from foundation.charts, with the same numbers in `table`."""

    title: str
    svg: str
    description: str = ""
    table: Table | None = None


@dataclass(slots=True)
class Picture:
    """An image of the file store, by name; its bytes are handed to the renderer. No alt text, no picture."""

    name: str
    alt: str
    caption: str = ""


@dataclass(slots=True)
class Party:
    """A place on a signature sheet. Empty fields become lines to write on."""

    name: str
    key: str = ""
    signatory: str = ""
    function: str = ""
    place: str = ""
    signed_on: str = ""


@dataclass(slots=True)
class SignatureSheet:
    """Parties in two columns, with "Aldus ondertekend", place and date below; one page of its own in the PDF."""

    title: str
    parties: list[Party]
    statement: str = ""
    place: str = ""
    date: str = ""


Block = Narrative | Heading | Paragraph | Facts | Items | Quote | Table | Figure | Picture | SignatureSheet

# The names that stand in stored data. Never rename one: frozen versions hold them.
_KINDS: dict[str, type] = {
    "narrative": Narrative,
    "heading": Heading,
    "paragraph": Paragraph,
    "facts": Facts,
    "items": Items,
    "quote": Quote,
    "table": Table,
    "figure": Figure,
    "picture": Picture,
    "signatures": SignatureSheet,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}

# Fields that came after documents were frozen. Empty they are not stored, so that old data keeps its fingerprint.
_LATER: dict[type, frozenset[str]] = {Quote: frozenset({"link"})}


def block_name(block: Block) -> str:
    """The name of this kind of block, in stored data and of the template that shows it."""
    return _NAMES[type(block)]


@dataclass(slots=True)
class Chapter:
    """A chapter: `key` is its anchor and what versions are compared on, `number` what stands before the title."""

    key: str
    title: str
    blocks: list[Block]
    number: str = ""


@dataclass(slots=True)
class Document:
    """A whole document: cover, one-page summary, chapters, glossary, colophon.

    `kind` chooses the layout: "plan" and "evaluation" are portrait, "pact" is landscape. `frozen_at` is an ISO 8601
    moment with offset; it is the date of the file, so that the same document always gives the same bytes. `notice`
    is shown on every page (example data, concept). `state` is the word to show, not a code; `hue` is the pact's
    colour in degrees (see foundation.pages.theme).
    """

    kind: str
    title: str
    pact_name: str
    frozen_at: str
    chapters: list[Chapter]
    subtitle: str = ""
    motto: str = ""
    version: int = 1
    state: str = ""
    language: str = "nl"
    hue: int = 205
    notice: str = ""
    author: str = ""
    cover: list[Fact] = field(default_factory=list)
    summary: list[Block] = field(default_factory=list)
    glossary: list[Fact] = field(default_factory=list)
    colophon: list[Fact] = field(default_factory=list)

    def to_data(self) -> dict[str, Any]:
        """Give the document as data that `json.dumps` takes, with the schema's number."""
        return {"schema": SCHEMA, **_plain(self)}

    @classmethod
    def from_data(cls, data: Any) -> "Document":
        """Give the document that `to_data` was called on; raises `UnreadableDocument` for anything else."""
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise UnreadableDocument(f"A document of schema {SCHEMA} was expected.")
        return _build(cls, {name: value for name, value in data.items() if name != "schema"}, "document")

    def canonical(self) -> bytes:
        """Give the document as JSON in one fixed form: sorted keys, no spaces, UTF-8."""
        return json.dumps(
            self.to_data(), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        ).encode("utf-8")

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the canonical form, in hexadecimals."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def anchors(self) -> set[str]:
        """Give every name that a link inside this document may point to."""
        found = {chapter.key for chapter in self.chapters}
        for block in self.blocks():
            if isinstance(block, Heading) and block.anchor:
                found.add(block.anchor)
            elif isinstance(block, Table):
                found.update(row.anchor for row in block.rows if row.anchor)
        return found

    def parties(self) -> list[Party]:
        """Give the places on all signature sheets, in order."""
        return [party for block in self.blocks() if isinstance(block, SignatureSheet) for party in block.parties]

    @property
    def first_picture(self) -> Picture | None:
        """The picture that a cover can show as well."""
        return next((block for block in self.blocks() if isinstance(block, Picture)), None)

    def blocks(self) -> Iterator[Block]:
        """Go through all blocks in reading order, the summary first."""
        yield from self.summary
        for chapter in self.chapters:
            yield from chapter.blocks


def _plain(value: Any) -> Any:
    """Turn dataclasses into dicts; a block says in `block` which one it is."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    later = _LATER.get(type(value), frozenset())
    data = {
        member.name: _plain(content)
        for member in dataclasses.fields(value)
        if (content := getattr(value, member.name)) or member.name not in later
    }
    name = _NAMES.get(type(value))
    return {"block": name, **data} if name else data


def _build(expected: Any, value: Any, where: str) -> Any:
    """Build a value of the expected type from plain data, or raise `UnreadableDocument` that names the place."""
    if expected == Block:
        if not isinstance(value, dict) or value.get("block") not in _KINDS:
            raise UnreadableDocument(f"{where}: no known block.")
        return _build_dataclass(_KINDS[value["block"]], value, where)
    if dataclasses.is_dataclass(expected):
        return _build_dataclass(typing.cast("type", expected), value, where)
    origin, choices = typing.get_origin(expected), typing.get_args(expected)
    if origin is list:
        if not isinstance(value, list):
            raise UnreadableDocument(f"{where}: a list was expected.")
        return [_build(choices[0], item, f"{where}[{index}]") for index, item in enumerate(value)]
    if origin is Literal:
        if value not in choices:
            raise UnreadableDocument(f"{where}: one of {', '.join(map(str, choices))} was expected.")
        return value
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _build(next(choice for choice in choices if choice is not types.NoneType), value, where)
    if type(value) is not expected:
        # Also keeps lazy translations and safe strings out of what is frozen.
        raise UnreadableDocument(f"{where}: {expected.__name__} was expected, got {type(value).__name__}.")
    return value


def _build_dataclass(expected: type, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise UnreadableDocument(f"{where}: fields were expected.")
    if expected in _NAMES:
        if value.get("block") != _NAMES[expected]:
            raise UnreadableDocument(f"{where}: a {_NAMES[expected]} was expected.")
        value = {name: item for name, item in value.items() if name != "block"}
    hints = typing.get_type_hints(expected)
    if unknown := sorted(set(value) - set(hints)):
        raise UnreadableDocument(f"{where}: unknown field {unknown[0]}.")
    try:
        return expected(**{name: _build(hints[name], item, f"{where}.{name}") for name, item in value.items()})
    except TypeError as fault:
        raise UnreadableDocument(f"{where}: {fault}") from fault
