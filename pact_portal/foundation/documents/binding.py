"""Binds parts that were typeset apart into one PDF, with one tree of tags, one outline and one set of links.

Joining pages alone would lose the tags. What is joined here, by ISO 32000-1: the pages with their numbers (12.4.2),
the structure tree and its parent tree (14.7), the tree of element IDs (14.7.2), the named destinations (12.3.2.3),
the outline (12.3.3). Links that were written as `document:anchor` become links to that place. Page numbers are laid
over each page as artifacts. The result is the same bytes for the same parts.
"""

import io
import zlib
from collections.abc import Sequence
from itertools import batched
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf, String

from pact_portal.foundation.documents.fields import Field, place

LINK = "document:"


def bind(parts: Sequence[bytes], folios: bytes | None = None, *, first: int = 1, fields: Sequence[Field] = ()) -> bytes:
    """Give one PDF of the parts, in this order.

    `folios` is a PDF of which page n holds the number n and nothing else; they are laid over the pages from `first`
    on. `fields` are the places for signatures. Metadata, colour profile and language are the first part's.
    """
    book = pikepdf.open(io.BytesIO(parts[0]))
    trees = _Trees(book)
    sources = [pikepdf.open(io.BytesIO(part)) for part in parts[1:]]
    for source in sources:
        before = len(book.pages)
        book.pages.extend(source.pages)
        trees.join(source, list(book.pages)[before:], before)
    trees.make_fields(fields)
    trees.write()
    _link(book, trees.destinations)
    if folios is not None:
        numbers = pikepdf.open(io.BytesIO(folios))
        for at in range(first - 1, len(book.pages)):
            _lay_over(book.pages[at], book.copy_foreign(numbers.pages[at].as_form_xobject()), at + 1)
        book.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.D)]))
    return _written(book)


def _written(book: Pdf) -> bytes:
    """Write the book, with no stream whose data ends in a carriage return.

    Data that ends so runs together with the end of line that follows it: readers go by the stream's length, but
    checkers of PDF/A stumble over it. The last byte of compressed data is a checksum of the content, whatever the
    level (RFC 1950), so one in 256 streams ends so: those get an end of line of their own, after the compressed data.
    Of the streams in which the writer gathers objects only the writer knows; then it gathers none.
    """
    for each in book.objects:
        if isinstance(each, pikepdf.Stream):
            _end_well(each)
    content = b""
    for mode in (pikepdf.ObjectStreamMode.generate, pikepdf.ObjectStreamMode.disable):
        written = io.BytesIO()
        book.save(written, object_stream_mode=mode, deterministic_id=True)
        content = written.getvalue()
        if b"\r\nendstream" not in content:
            break
    return content


def _end_well(stream: pikepdf.Stream) -> None:
    """Compress what the writer would compress, and let no compressed data end in a carriage return.

    Metadata stay plain: PDF/A asks that they can be read as text.
    """
    if "/Filter" not in stream and stream.get("/Type") != Name.Metadata:
        stream.write(zlib.compress(stream.read_bytes()), filter=Name.FlateDecode)
    raw = stream.read_raw_bytes()
    if raw.endswith(b"\r"):
        kept: dict[str, Any] = {"filter": stream.get("/Filter"), "decode_parms": stream.get("/DecodeParms")}
        stream.write(raw + b"\n", **kept)


class _Trees:
    """The trees of the book while parts are joined to it."""

    def __init__(self, book: Pdf) -> None:
        self.book = book
        self.structure = book.Root.StructTreeRoot
        self.document = self.structure.K[0]
        self.kids = list(self.document.K)
        self.parents = _pairs(self.structure.ParentTree.Nums)
        self.next_key = 1 + max((int(key) for key, _ in self.parents), default=-1)
        self.destinations = _names(book.Root, "/Dests")
        self.ids = _pairs(self.structure.IDTree.Names) if "/IDTree" in self.structure else []
        with book.open_outline() as outline:
            self.outline = [_outlined(item, book, 0) for item in outline.root]

    def join(self, source: Pdf, pages: Sequence[pikepdf.Page], first: int) -> None:
        """Join the trees of a part whose pages now begin at `first`."""
        structure = self.book.copy_foreign(source.Root.StructTreeRoot)
        offset = self.next_key
        for key, value in _pairs(structure.ParentTree.Nums):
            self.parents.append((int(key) + offset, value))
            self.next_key = max(self.next_key, int(key) + offset + 1)
        for page in pages:
            _shift(page.obj, "/StructParents", offset)
            for annotation in page.obj.get("/Annots", []):
                _shift(annotation, "/StructParent", offset)
        for element in structure.K[0].K:
            element.P = self.document
            self.kids.append(element)
        if "/IDTree" in structure:
            self.ids += _pairs(structure.IDTree.Names)
        names = source.make_indirect(
            Dictionary(Names=Array([x for pair in _names(source.Root, "/Dests") for x in pair]))
        )
        self.destinations += _pairs(self.book.copy_foreign(names).Names)
        with source.open_outline() as outline:
            self.outline += [_outlined(item, source, first) for item in outline.root]

    def make_fields(self, fields: Sequence[Field]) -> None:
        """Make the places for signatures."""
        if fields:
            elements, parents = place(self.book, fields, self.ids, self.next_key)
            self.kids += elements
            self.parents += parents
            self.next_key += len(parents)

    def write(self) -> None:
        """Put the joined trees into the book."""
        root = self.book.Root
        self.document.K = Array(self.kids)
        self.structure.ParentTree = self.book.make_indirect(Dictionary(Nums=_flat(self.parents)))
        self.structure.ParentTreeNextKey = self.next_key
        if self.ids:
            self.structure.IDTree = self.book.make_indirect(Dictionary(Names=_flat(_sorted(self.ids))))
        self.destinations = _sorted(self.destinations)
        if self.destinations:
            root.Names = Dictionary(Dests=self.book.make_indirect(Dictionary(Names=_flat(self.destinations))))
        with self.book.open_outline() as outline:
            outline.root[:] = self.outline


def _link(book: Pdf, destinations: Sequence[tuple[Any, Any]]) -> None:
    """Turn addresses of the document into places in the file. An unknown one is a fault of the template: KeyError."""
    known = {str(name): name for name, _ in destinations}
    for page in book.pages:
        for annotation in page.obj.get("/Annots", []):
            action = annotation.get("/A")
            if action is not None and str(action.get("/URI", "")).startswith(LINK):
                annotation.Dest = known[str(action.URI).removeprefix(LINK)]
                del annotation["/A"]


def _lay_over(page: pikepdf.Page, folio: pikepdf.Object, number: int) -> None:
    # A name of our own: by default it would be a random one.
    name = page.add_resource(folio, Name.XObject, Name(f"/Folio{number}"))
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"\nQ\n/Artifact <</Type /Pagination>> BDC\nq %s Do Q\nEMC" % str(name).encode())


def _outlined(item: OutlineItem, source: Pdf, first: int) -> OutlineItem:
    """The same outline item for the book, in which the part's pages begin at `first`."""
    place: Any = item.destination
    numbers = {page.obj.objgen: at for at, page in enumerate(source.pages)}
    made = OutlineItem(item.title, first + numbers[place[0].objgen], "XYZ", left=float(place[2]), top=float(place[3]))
    made.is_closed = item.is_closed
    made.children.extend(_outlined(child, source, first) for child in item.children)
    return made


def _shift(holder: Any, key: str, offset: int) -> None:
    if key in holder:
        holder[key] = int(holder[key]) + offset


def _names(root: Any, kind: str) -> list[tuple[Any, Any]]:
    names = root.get("/Names", {}).get(kind)
    return [] if names is None else _pairs(names.Names)


def _pairs(flat: Any) -> list[tuple[Any, Any]]:
    return [(key, value) for key, value in batched(list(flat), 2)]


def _flat(pairs: Sequence[tuple[Any, Any]]) -> Array:
    return Array([item for pair in pairs for item in pair])


def _sorted(pairs: Sequence[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """By the bytes of the name, as readers search; of two with one name the first counts."""
    first: dict[bytes, tuple[Any, Any]] = {}
    for name, value in pairs:
        first.setdefault(bytes(String(str(name))), (String(str(name)), value))
    return [first[name] for name in sorted(first)]
