"""The tags that make a PDF readable by ear, repaired where WeasyPrint's own stop short.

This module alone touches what WeasyPrint and pydyf keep private: `weasyprint.pdf.tags._build_box_tree`, which makes
the structure elements of one box, and `pydyf.PDF.page_references`, which rebuilds its list at every call.
`tests/foundation/test_documents_tags.py` fails when either changes; the version is pinned for the same reason.

What is repaired, and by which rule of PDF/UA-1 (ISO 14289-1) or PDF 1.7 (ISO 32000-1):

- headers of a table get their Scope (UA 7.5);
- running heads and everything marked `aria-hidden` become artifacts (UA 7.1, 7.8);
- a footnote is a Note with its own ID, its number a Lbl, its call a Reference (UA 7.9);
- the language of a passage in another language is kept (UA 7.2);
- the alternative of a drawing is its title and its description (UA 7.3), and its box is in points from the
  lower left corner (PDF 14.8.5.4.3);
- a place for a signature is a Form that knows its box, for `fields` to put the field over (UA 7.18.4);
- contents are TOC and TOCI, and label and value of a description list stand in one list item (PDF 14.8.4.3).
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pydyf
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.pdf import tags as weasyprint_tags

from pact_portal.foundation.documents.fields import MARK

SVG = "{http://www.w3.org/2000/svg}"
CSS_TO_POINTS = 0.75

_build_box_tree = weasyprint_tags._build_box_tree

# Elements that WeasyPrint leaves without a meaning, and the structure type that says the same in PDF.
_TYPES = {"figure": "Div", "header": "Div", "nav": "Div", "aside": "Div", "footer": "Div"}
_INLINE = {"em": "Span", "strong": "Span", "b": "Span", "i": "Span", "sup": "Span", "sub": "Span", "q": "Quote"}
_TYPES.update(_INLINE)
# A contents list: what is a list item elsewhere.
_CONTENTS = {"/L": "/TOC", "/LI": "/TOCI", "/LBody": "/Reference"}


def _repaired_box_tree(
    box: Any,
    parent: Any,
    pdf: Any,
    page_number: int,
    nums: dict[int, Any],
    annotations: list[Any],
    tags: dict[Any, Any],
) -> Iterator[Any]:
    """Do what WeasyPrint does for this box, and repair the elements that come out of it."""
    actual = box._box if isinstance(box, AbsolutePlaceholder) else box
    if _is_artifact(actual):
        _leave_out(actual, pdf, page_number, nums, tags)
        return
    for element in _build_box_tree(box, parent, pdf, page_number, nums, annotations, tags):
        if actual.element is not None and actual.element_tag not in ("html", "body"):
            _repair(element, actual, pdf, page_number)
        yield element


def _is_artifact(box: Any) -> bool:
    if isinstance(box, boxes.MarginBox):
        return True
    return box.element is not None and box.element.get("aria-hidden") == "true"


def _leave_out(box: Any, pdf: Any, page_number: int, nums: dict[int, Any], tags: dict[Any, Any]) -> None:
    """Take the marked content of a box out of the structure; `as_artifacts` rewrites its marks afterwards."""
    pending = [box]
    while pending:
        each = pending.pop()
        each = each._box if isinstance(each, AbsolutePlaceholder) else each
        pending.extend(getattr(each, "children", ()))
        if each in tags:
            mark = tags.pop(each)["mcid"]
            # The array of the parent tree is indexed by mark, so the place must stay taken.
            nums[mark] = "null"
            _artifacts(pdf)[page_number].add(mark)


def _artifacts(pdf: Any) -> defaultdict[int, set[int]]:
    if not hasattr(pdf, "artifact_marks"):
        pdf.artifact_marks = defaultdict(set)
    return pdf.artifact_marks


def _repair(element: Any, box: Any, pdf: Any, page_number: int) -> None:
    source, tag = box.element, box.element_tag
    plain_tag = isinstance(source.tag, str) and tag == source.tag
    if plain_tag:
        if tag in _TYPES and element["S"] == "/NonStruct":
            element["S"] = f"/{_TYPES[tag]}"
        if language := source.get("lang"):
            element["Lang"] = pydyf.String(language)
        if element["S"] == "/TH":
            element["A"]["Scope"] = "/Row" if source.get("scope") == "row" else "/Column"
        elif element["S"] == "/Figure":
            _repair_figure(element, box, pdf, page_number)
        elif field := source.get("data-field"):
            element["S"] = "/Form"
            element["ID"] = pydyf.String(f"{MARK}{field}")
            element["A"] = pydyf.Dictionary({"O": "/Layout", "BBox": _content_box(box, pdf, page_number)})
        elif tag in ("ol", "ul", "li") and "contents" in source.get("class", "").split():
            element["S"] = _CONTENTS.get(element["S"], element["S"])
        elif tag in ("dl", "div", "dt", "dd"):
            _repair_description(element, tag, source)
        elif "footnote" in source.get("class", "").split() and element["S"] == "/Span":
            element["S"] = "/Note"
            element["ID"] = pydyf.String(f"note-{element.number}")
    elif tag.endswith("::footnote-call"):
        element["S"] = "/Reference"
    elif tag.endswith("::footnote-marker"):
        element["S"] = "/Lbl"


def _repair_figure(element: Any, box: Any, pdf: Any, page_number: int) -> None:
    if box.element.tag == f"{SVG}svg":
        parts = [box.element.findtext(f"{SVG}title"), box.element.findtext(f"{SVG}desc")]
        element["Alt"] = pydyf.String(" ".join(part.strip() for part in parts if part and part.strip()))
    element["A"]["BBox"] = _content_box(box, pdf, page_number)


def _content_box(box: Any, pdf: Any, page_number: int) -> Any:
    """Give the box in points from the lower left corner of its page."""
    page = _object(pdf, pdf.page_references[page_number])
    height = float(page["MediaBox"][3])
    left, top = box.content_box_x() * CSS_TO_POINTS, height - box.content_box_y() * CSS_TO_POINTS
    right, bottom = left + box.width * CSS_TO_POINTS, top - box.height * CSS_TO_POINTS
    return pydyf.Array((left, bottom, right, top))


def _repair_description(element: Any, tag: str, source: Any) -> None:
    """Make `dl > div > dt + dd` into a list whose items have a label and a body.

    WeasyPrint gives dt and dd an item each: an LI with an LBody in it. Both come by here, the LBody first.
    """
    if tag == "div" and "fact" in source.get("class", "").split():
        element["S"] = "/LI"
    elif tag in ("dt", "dd"):
        element["S"] = {"/LBody": "/NonStruct", "/LI": "/Lbl" if tag == "dt" else "/LBody"}.get(
            element["S"], element["S"]
        )


def as_artifacts(pdf: Any) -> None:
    """Rewrite the marks of what was left out, in the pages' streams, from structure to pagination artifacts."""
    for page_number, marks in _artifacts(pdf).items():
        page = _object(pdf, pdf.page_references[page_number])
        tokens = _object(pdf, page["Contents"]).stream
        for index, token in enumerate(tokens):
            if isinstance(token, pydyf.Dictionary) and token.get("MCID") in marks and tokens[index + 1] == b"BDC":
                tokens[index - 1] = b"/Artifact"
                tokens[index] = pydyf.Dictionary({"Type": "/Pagination"})


def index_ids(pdf: Any, prefix: str) -> None:
    """Put the prefix before every ID, and write the tree of IDs that PDF 14.7.2 asks for.

    The headers that a cell names are the same objects as the IDs, so they change along.
    """
    found = []
    for each in pdf.objects:
        if isinstance(each, dict) and each.get("Type") == "/StructElem" and "ID" in each:
            identifier = each["ID"]
            identifier.string = f"{prefix}{identifier.string}"
            reference: bytes = each.reference  # type: ignore[attr-defined] # a dict of pydyf, which is untyped
            found.append((identifier, reference))
    if found:
        names = pydyf.Array(item for pair in sorted(found, key=lambda pair: pair[0].string) for item in pair)
        _object(pdf, pdf.catalog["StructTreeRoot"])["IDTree"] = pydyf.Dictionary({"Names": names})


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]


def _page_references(pdf: Any) -> list[bytes]:
    """pydyf's property, kept instead of rebuilt: every structure element asks for it, and pages only ever come on."""
    kids = pdf.pages["Kids"]
    known: list[bytes] = pdf.__dict__.setdefault("known_page_references", [])
    known.extend(b"%d %d R" % (kids[at], kids[at + 1]) for at in range(3 * len(known), len(kids), 3))
    return known


weasyprint_tags._build_box_tree = _repaired_box_tree
pydyf.PDF.page_references = property(_page_references)
