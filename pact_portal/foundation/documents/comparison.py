"""What changed between two frozen documents. Pure: two structures in, one structure of plain dataclasses out.

Chapters are compared by their key, rows of registers by theirs, texts word by word. All that stands in either document
is in the answer, marked as the same, added or removed; the number and the moment of the version, which always differ,
are left out. Swapping the documents swaps what was added and what was removed; the order is that of the new one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from pact_portal.foundation.documents.blocks import (
    Block,
    Chapter,
    Document,
    Fact,
    Facts,
    Figure,
    Heading,
    Items,
    Narrative,
    Paragraph,
    Picture,
    Quote,
    SignatureSheet,
    Table,
)
from pact_portal.foundation.richtext.wording import (
    Change,
    MarkedPassage,
    Passage,
    Piece,
    compare_passages,
    compare_words,
    opcodes,
    passages_of,
    words_of,
)

Fields = dict[str, str]
"""What a row says, by the label of its column."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One cell of a row under its label."""

    label: str
    pieces: tuple[Piece, ...]

    @property
    def is_same(self) -> bool:
        return all(piece.change is Change.SAME for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of a register; `name` is its first cell, as it is now or as it last was."""

    key: str
    name: str
    change: Change
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class TableChange:
    """One register, list of facts or signature sheet."""

    caption: str
    change: Change
    rows: tuple[RowChange, ...]


@dataclass(frozen=True, slots=True)
class ChapterChange:
    """One chapter: what became of it, of its title, of its text and of its registers."""

    key: str
    title: tuple[Piece, ...]
    change: Change
    is_moved: bool
    passages: tuple[MarkedPassage, ...]
    tables: tuple[TableChange, ...]

    def runs(self) -> list[tuple[bool, list[MarkedPassage]]]:
        """The passages in runs: whether they changed, and which they are. A page can fold those that did not."""
        return [
            (changed, list(run))
            for changed, run in groupby(self.passages, key=lambda passage: passage.change is not Change.SAME)
        ]

    @property
    def name(self) -> str:
        """The title as it is now, or as it last was."""
        kept = [piece.text for piece in self.title if piece.change is not Change.REMOVED]
        return " ".join(kept or [piece.text for piece in self.title])


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of both documents: what stands before the chapters as a register of facts, then the chapters."""

    front: TableChange
    chapters: tuple[ChapterChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether not a word differs."""
        return self.front.change is Change.SAME and not self.changed_chapters

    @property
    def changed_chapters(self) -> list[ChapterChange]:
        return [chapter for chapter in self.chapters if chapter.change is not Change.SAME or chapter.is_moved]

    @property
    def same_chapters(self) -> list[ChapterChange]:
        return [chapter for chapter in self.chapters if chapter.change is Change.SAME and not chapter.is_moved]


@dataclass(frozen=True, slots=True)
class _Table:
    caption: str
    rows: dict[str, Fields]


def compare(old: Document, new: Document) -> Comparison:
    """What changed from the old document to the new one. Labels are in the language that is active."""
    return Comparison(_compare_table("", _front(old), _front(new)), _compare_chapters(_chapters(old), _chapters(new)))


def _front(document: Document) -> _Table:
    """What stands on the cover and behind the chapters."""
    facts = [
        Fact(_("Titel"), document.title),
        Fact(_("Ondertitel"), document.subtitle),
        Fact(_("Motto"), document.motto),
        Fact(_("Toestand"), document.state),
        Fact(_("Mededeling op elke bladzijde"), document.notice),
        *document.cover,
        *document.glossary,
    ]
    return _Table("", _fact_rows([fact for fact in facts if words_of(fact.value)]))


def _chapters(document: Document) -> dict[str, Chapter]:
    chapters = list(document.chapters)
    if document.summary:
        chapters.insert(0, Chapter(key="samenvatting", title=_("Samenvatting"), blocks=document.summary))
    return _unique((chapter.key, chapter) for chapter in chapters)


def _unique[Value](pairs: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """By key; where a key comes more than once, the further ones are told apart by their turn."""
    seen: Counter[str] = Counter()
    found: dict[str, Value] = {}
    for key, value in pairs:
        seen[key] += 1
        found[key if seen[key] == 1 else f"{key} ({seen[key]})"] = value
    return found


def _compare_chapters(old: dict[str, Chapter], new: dict[str, Chapter]) -> tuple[ChapterChange, ...]:
    old = _by_keys_of(new, old)
    # Where chapters that are in both stand in another order, the least number of them is said to have moved.
    before, after = [key for key in old if key in new], [key for key in new if key in old]
    stayed = {
        key for change, i1, i2, _j1, _j2 in opcodes(before, after) if change is Change.SAME for key in before[i1:i2]
    }
    return tuple(
        _compare_chapter(key, old.get(key), new.get(key), is_moved=key in old and key in new and key not in stayed)
        for key in _in_order(old, new)
    )


def _by_keys_of(new: dict[str, Chapter], old: dict[str, Chapter]) -> dict[str, Chapter]:
    """The old chapters, under the keys of the new ones where only their title says that they are the same.

    Versions that were frozen before sections had keys of their own call a chapter by its place.
    """
    lost, found = _by_title(old, new), _by_title(new, old)
    renamed = {lost[title]: found[title] for title in lost if title in found}
    return {renamed.get(key, key): chapter for key, chapter in old.items()}


def _by_title(chapters: dict[str, Chapter], others: dict[str, Chapter]) -> dict[str, str]:
    """The keys by title of chapters that the others have no key for; titles that come more than once say nothing."""
    alone = [(chapter.title, key) for key, chapter in chapters.items() if key not in others]
    often = Counter(title for title, _key in alone)
    return {title: key for title, key in alone if often[title] == 1}


def _in_order(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """The keys of both: the new ones in their order, each removed one after what stood before it."""
    order = list(new)
    place = 0
    for key in old:
        if key in new:
            place = order.index(key) + 1
        else:
            order.insert(place, key)
            place += 1
    return order


def _compare_chapter(key: str, old: Chapter | None, new: Chapter | None, *, is_moved: bool) -> ChapterChange:
    old_blocks, new_blocks = old.blocks if old else [], new.blocks if new else []
    title = compare_words(words_of(old.title if old else ""), words_of(new.title if new else ""))
    passages = tuple(compare_passages(_passages(old_blocks), _passages(new_blocks)))
    tables = tuple(_compare_tables(_tables(old_blocks), _tables(new_blocks)))
    changes = {*(p.change for p in title), *(p.change for p in passages), *(t.change for t in tables)}
    is_same = changes <= {Change.SAME}
    return ChapterChange(key, title, _fate(old, new, is_same=is_same), is_moved, passages, tables)


def _fate(old: object | None, new: object | None, *, is_same: bool) -> Change:
    if old is None:
        return Change.ADDED
    if new is None:
        return Change.REMOVED
    return Change.SAME if is_same else Change.CHANGED


def _passages(blocks: list[Block]) -> list[Passage]:
    """What of a chapter is text."""
    found: list[Passage] = []
    for block in blocks:
        match block:
            case Narrative():
                found += passages_of(block.html)
            case Heading():
                found.append(Passage("h3", words_of(block.text)))
            case Paragraph():
                found.append(Passage("p", words_of(block.text)))
            case Items():
                found += [Passage("li", words_of(item)) for item in block.items]
            case Quote():
                link = f"({block.link})" if block.link else ""
                found.append(Passage("quote", words_of(f"{block.text} – {block.source} {link}")))
            case Picture():
                # Another image is another picture, even with the same words.
                found.append(Passage(f"picture {block.name}", words_of(f"{block.alt} – {block.caption}")))
            case Figure():
                found.append(Passage("figure", words_of(f"{block.title} {block.description}")))
    return [passage for passage in found if passage.words]


def _tables(blocks: list[Block]) -> dict[str, _Table]:
    """What of a chapter is a register, by its caption."""
    found: list[_Table] = []
    for block in blocks:
        match block:
            case Table():
                found.append(_register(block))
            case Figure(table=Table() as table):
                found.append(_register(table))
            case Facts():
                found.append(_Table(_("Gegevens"), _fact_rows(block.items)))
            case SignatureSheet():
                found.append(_sheet(block))
    return _unique((table.caption, table) for table in found)


def _register(table: Table) -> _Table:
    labels = list(_unique((column.label, None) for column in table.columns))
    return _Table(
        table.caption,
        _unique((row.key, _fields(zip(labels, (cell.text for cell in row.cells), strict=False))) for row in table.rows),
    )


def _fact_rows(facts: Iterable[Fact]) -> dict[str, Fields]:
    return _unique((fact.label, {fact.label: fact.value}) for fact in facts)


def _sheet(sheet: SignatureSheet) -> _Table:
    rows: list[tuple[str, Fields]] = [
        (
            party.key or party.name,
            _fields(
                [
                    (_("Partner"), party.name),
                    (_("Naam"), party.signatory),
                    (_("Functie"), party.function),
                    (_("Plaats"), party.place),
                    (_("Datum"), party.signed_on),
                ]
            ),
        )
        for party in sheet.parties
    ]
    statement = [(_("Verklaring"), sheet.statement), (_("Plaats"), sheet.place), (_("Datum"), sheet.date)]
    return _Table(sheet.title or _("Tekenblad"), _unique([("", _fields(statement)), *rows]))


def _fields(pairs: Iterable[tuple[str, str]]) -> Fields:
    return {label: text for label, text in pairs if words_of(text)}


def _compare_tables(old: dict[str, _Table], new: dict[str, _Table]) -> list[TableChange]:
    return [_compare_table(caption, old.get(caption), new.get(caption)) for caption in _in_order(old, new)]


def _compare_table(caption: str, old: _Table | None, new: _Table | None) -> TableChange:
    was, now = old.rows if old else {}, new.rows if new else {}
    rows = tuple(_compare_row(key, was.get(key), now.get(key)) for key in _in_order(was, now))
    is_same = all(row.change is Change.SAME for row in rows)
    return TableChange(caption, _fate(old, new, is_same=is_same), rows)


def _compare_row(key: str, old: Fields | None, new: Fields | None) -> RowChange:
    was, now = old or {}, new or {}
    fields = tuple(
        FieldChange(label, compare_words(words_of(was.get(label, "")), words_of(now.get(label, ""))))
        for label in _in_order(was, now)
    )
    name = next(iter((now or was).values()), "")
    return RowChange(key, name, _fate(old, new, is_same=all(field.is_same for field in fields)), fields)
