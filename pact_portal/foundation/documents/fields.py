"""Places for signatures in a PDF: empty signature fields, there before the first signature.

A certified file allows nothing but filling in what is there, so every party of a signature sheet gets its field when
the document is bound, and so do the seal of the portal and a timestamp. A field is a widget annotation over the
party's room (ISO 32000-1, 12.7.4.5), tagged as a Form whose only child is the widget (14.8.4.5; PDF/UA-1, 7.18.4).

The template marks the room of a party by `data-field`; `tags` makes that element a Form that knows its box and goes
by the ID `field-<name>`; here the widget is put over it. The two fields that nobody sees stand on the last page and
have no size.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from pikepdf import Array, Dictionary, Name, Pdf, String

from pact_portal.foundation.documents.blocks import Document

CERTIFICATION = "certification"
TIMESTAMP = "timestamp"

MARK = "field-"
_MARKED = re.compile(rf"(?:\d+-)?{MARK}(.+)", re.DOTALL)

SIGNATURES_EXIST, APPEND_ONLY = 1, 2
PRINT, LOCKED = 4, 128


@dataclass(frozen=True, slots=True)
class Field:
    """A signature field: its name in the file, and how it is called to who fills it in or hears it."""

    name: str
    label: str


def fields_of(document: Document) -> list[Field]:
    """The fields of a document, labelled in the language that is active; none when no party of it has a key.

    Raises ValueError for a key that cannot be the name of a field: one with a full stop, or one that comes twice.
    """
    parties = [party for party in document.parties() if party.key]
    if not parties:
        return []
    fields = [
        Field(CERTIFICATION, _("Zegel van het portaal")),
        *(Field(party.key, _("Handtekening van %(name)s") % {"name": party.name}) for party in parties),
        Field(TIMESTAMP, _("Tijdstempel")),
    ]
    names = [field.name for field in fields]
    if len(set(names)) < len(names) or any("." in name for name in names):
        raise ValueError(f"the keys of the parties cannot name fields: {names}")
    return fields


def place(
    book: Pdf, fields: Sequence[Field], ids: Iterable[tuple[Any, Any]], next_key: int
) -> tuple[list[Any], list[tuple[int, Any]]]:
    """Put the fields into a bound file.

    `ids` are the names of structure elements with the elements, `next_key` is the first free key of the parent tree.
    Gives the structure elements that must join the document's, and the pairs for the parent tree. Raises KeyError
    when the text has no place for a field.
    """
    rooms = {match[1]: element for name, element in ids if (match := _MARKED.fullmatch(str(name)))}
    last = book.pages[-1].obj
    loose, parents, widgets = [], [], []
    for key, field in enumerate(fields, start=next_key):
        if field.name in (CERTIFICATION, TIMESTAMP):
            element = book.make_indirect(
                Dictionary(
                    Type=Name.StructElem, S=Name.Form, Pg=last, P=book.Root.StructTreeRoot.K[0], Alt=String(field.label)
                )
            )
            loose.append(element)
            box: list[Any] = [0, 0, 0, 0]
        else:
            element = rooms[field.name]
            element.Alt = String(field.label)
            box = list(element.A.BBox)
        widget = _widget(book, field, page=element.Pg, box=box, key=key)
        # Not in an array: pyHanko's difference analysis would take its own signature for a change of the tags.
        element.K = Dictionary(Type=Name.OBJR, Obj=widget, Pg=element.Pg)
        parents.append((key, element))
        widgets.append(widget)
    book.Root.AcroForm = book.make_indirect(Dictionary(Fields=Array(widgets), SigFlags=SIGNATURES_EXIST | APPEND_ONLY))
    return loose, parents


def _widget(book: Pdf, field: Field, *, page: Any, box: Sequence[Any], key: int) -> Any:
    widget = book.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String(field.name),
            TU=String(field.label),
            Rect=Array(box),
            P=page,
            F=PRINT | LOCKED,
            StructParent=key,
        )
    )
    if any(box):
        empty = book.make_stream(b"")
        empty.update(
            Dictionary(
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, box[2] - box[0], box[3] - box[1]]),
                Resources=Dictionary(),
            )
        )
        widget.AP = Dictionary(N=empty)
    if "/Annots" not in page:
        page.Annots = Array()
    page.Annots.append(widget)
    page.Tabs = Name.S
    return widget
