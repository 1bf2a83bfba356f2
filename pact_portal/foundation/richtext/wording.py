"""What changed between two texts, word by word. Pure.

A rich text is taken apart in passages (a paragraph, a heading, an item of a list), each with its words. Swapping the
two texts gives the same answer with what was added and what was removed swapped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any

LARGEST = 1_000_000
"""Of two sequences the product of their lengths. Beyond it nothing is looked for: all was replaced."""
ALIKE = 0.4
"""The share of words in common from which one passage counts as a changed form of the other."""


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row with the same lot: same, added or removed."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """Words that stand together; `style` says as what: p, h3, h4, li, quote, cell, footnote, picture, figure."""

    style: str
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class MarkedPassage:
    """A passage in which is marked what came and what went."""

    style: str
    change: Change
    pieces: tuple[Piece, ...]

    @property
    def kind(self) -> str:
        """The first word of the style; a picture has its name behind it."""
        return self.style.partition(" ")[0]


STYLES = {"p": "p", "h3": "h3", "h4": "h4", "li": "li", "blockquote": "quote", "td": "cell", "th": "cell"}


class _Passages(HTMLParser):
    """Takes sanitised rich text apart. A footnote comes after the passage in which it is called."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Passage] = []
        self._styles: list[str] = []
        self._text: list[str] = []
        self._note: list[str] | None = None
        self._notes: list[str] = []
        self._address = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "span":
            self._note = []
        elif tag == "a":
            self._address = dict(attributes).get("href") or ""
        elif tag == "br":
            self.handle_data(" ")
        elif tag in STYLES:
            self._end()
            self._styles.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "span" and self._note is not None:
            self._notes.append("".join(self._note))
            self._note = None
        elif tag == "a" and self._address:
            # Where a link goes to is part of what a text says.
            self.handle_data(f" ({self._address})")
            self._address = ""
        elif tag in STYLES and tag in self._styles:
            self._end()
            while self._styles.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        (self._text if self._note is None else self._note).append(data)

    def close(self) -> None:
        super().close()
        if self._note is not None:
            self._notes.append("".join(self._note))
        self._end()

    def _end(self) -> None:
        # A paragraph in an item or a quotation is that item or quotation.
        outer = next((tag for tag in self._styles if tag != "p"), "p")
        self.found += [Passage(STYLES[outer], words) for words in [words_of("".join(self._text))] if words]
        self.found += [Passage("footnote", words) for words in map(words_of, self._notes) if words]
        self._text, self._notes = [], []


def words_of(text: str) -> tuple[str, ...]:
    """The words of plain text; white space parts them."""
    return tuple(text.split())


def passages_of(html: str) -> list[Passage]:
    """The passages of a rich text, in order."""
    parser = _Passages()
    parser.feed(html)
    parser.close()
    return parser.found


def compare_texts(old: str, new: str) -> list[MarkedPassage]:
    """The passages of both rich texts, what came and went marked in them."""
    return compare_passages(passages_of(old), passages_of(new))


def compare_passages(old: Sequence[Passage], new: Sequence[Passage]) -> list[MarkedPassage]:
    """All passages of both, in order; one that was rewritten stands there once, its words marked."""
    marked: list[MarkedPassage] = []
    for change, i1, i2, j1, j2 in opcodes(old, new):
        if change is Change.SAME:
            marked += [_whole(passage, Change.SAME) for passage in new[j1:j2]]
        else:
            marked += _rewritten(old[i1:i2], new[j1:j2])
    return marked


def compare_words(old: Sequence[str], new: Sequence[str]) -> tuple[Piece, ...]:
    """The words of both, in order; what was removed stands before what came in its place."""
    return tuple(_pieces(old, new))


def opcodes(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[Change, int, int, int, int]]:
    """How the one sequence becomes the other: what is the same (SAME), and what is not (CHANGED), with the places.

    The steps of `opcodes(b, a)` are those of `opcodes(a, b)`, mirrored: difflib by itself does not see to that.
    """
    if list(old) > list(new):
        return [(change, i1, i2, j1, j2) for change, j1, j2, i1, i2 in opcodes(new, old)]
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old_end, new_end = len(old) - end, len(new) - end
    steps = [(Change.SAME, 0, start, 0, start)] if start else []
    if (old_end - start) * (new_end - start) > LARGEST:
        steps.append((Change.CHANGED, start, old_end, start, new_end))
    else:
        matcher = SequenceMatcher(None, old[start:old_end], new[start:new_end], autojunk=False)
        steps += [
            (Change.SAME if tag == "equal" else Change.CHANGED, start + i1, start + i2, start + j1, start + j2)
            for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        ]
    return [*steps, *([(Change.SAME, old_end, len(old), new_end, len(new))] if end else [])]


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for change, i1, i2, j1, j2 in opcodes(old, new):
        if change is Change.SAME:
            yield Piece(Change.SAME, " ".join(new[j1:j2]))
            continue
        if i1 < i2:
            yield Piece(Change.REMOVED, " ".join(old[i1:i2]))
        if j1 < j2:
            yield Piece(Change.ADDED, " ".join(new[j1:j2]))


def _rewritten(old: Sequence[Passage], new: Sequence[Passage]) -> list[MarkedPassage]:
    """Passages of which none is the same: the n-th is taken for a form of the n-th, where they are alike."""
    marked: list[MarkedPassage] = []
    for at in range(max(len(old), len(new))):
        was, now = old[at : at + 1], new[at : at + 1]
        if was and now and was[0].style == now[0].style and _are_alike(was[0].words, now[0].words):
            marked.append(MarkedPassage(now[0].style, Change.CHANGED, compare_words(was[0].words, now[0].words)))
        else:
            marked += [_whole(passage, Change.REMOVED) for passage in was]
            marked += [_whole(passage, Change.ADDED) for passage in now]
    return marked


def _are_alike(old: Sequence[str], new: Sequence[str]) -> bool:
    same = sum(i2 - i1 for change, i1, i2, _j1, _j2 in opcodes(old, new) if change is Change.SAME)
    return 2 * same >= ALIKE * (len(old) + len(new))


def _whole(passage: Passage, change: Change) -> MarkedPassage:
    return MarkedPassage(passage.style, change, (Piece(change, passage.text),))
