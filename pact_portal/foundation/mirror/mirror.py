"""Finds the words of a list in a Dutch text, in every form that they take. Pure.

A word of the list is found
- inflected: plural, diminutive, the -e and -ste of an adjective (Snowball's stemmer for Dutch, with diminutives, -eren
  and -ste beside it): "kwetsbaar kind" in "kwetsbare kinderen", "probleemjongere" in "Probleemjongeren";
- with one adjective between the words of a phrase: "kwetsbare kinderen" in "kwetsbare, jonge kinderen";
- with or without a hyphen or space inside, also at the end of a line: "drop-out", "dropout", "corona-" and "generatie";
- at the front of a longer word when it has `COMPOUND` letters or more: "leerachterstand" in "leerachterstandenbeleid";
- behind a hyphen: "probleemjongere" in "ex-probleemjongere".
It is not found inside or at the end of another word: "achterstand" does not meet "leerachterstand".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from pact_portal.foundation.privacy.signs import normalised

COMPOUND = 7
"""From how many letters a word is also looked for at the front of longer words: shorter ones begin too many."""
REST = 3
"""How many letters at least follow it there."""
ENDINGS = ("etjes", "etje", "tjes", "tje", "pjes", "pje", "jes", "je", "eren", "ste", "'s", "s")
SHORTEST = 4
"""What must be left of a word without its ending."""

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
JOINT = re.compile(r"[ \t]*-?[ \t]*\n?[ \t]*")
LONGEST_JOINT = 12
"""Signs between two words of a phrase."""
COMMA = re.compile(r"[ \t]*,[ \t]*\n?[ \t]*")
SHORTEST_ADJECTIVE = 4
"""What is shorter and ends in -e is an article or a pronoun: "de", "die"."""

_stemmer = snowballstemmer.stemmer("dutch_porter")


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the list in a text: `text` stands from `start` up to `end`."""

    term: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a text, in small letters, and what stands between it and the next one: None when that parts them.

    `comma`: only a comma parts it from the next one.
    """

    word: str
    start: int
    end: int
    joint: str | None
    comma: bool = False


@dataclass(frozen=True, slots=True)
class _Term:
    """A word or phrase of the list, taken apart: the forms of each of its words, and of all written as one."""

    term: str
    parts: tuple[frozenset[str], ...]
    last: str
    closed: frozenset[str]
    whole: str
    spaced: bool


def find(text: str, terms: Iterable[str]) -> list[Hit]:
    """Where words of the list stand in the text, in order; of two that overlap the first, of these the longest."""
    index = _index(tuple(terms))
    if not index:
        return []
    signs, places = normalised(text)
    parts = list(_parts(_small(signs)))
    hits: list[Hit] = []
    at = 0
    while at < len(parts):
        found = [(_size(term, parts, at), term) for term in index.get(parts[at].word[:2], ())]
        size, term = max(found, key=lambda each: each[0], default=(0, None))
        if term is None or not size:
            at += 1
            continue
        start, end = parts[at].start, parts[at + size - 1].end
        if places is not None:
            start, end = places[start], places[end - 1] + 1
        hits.append(Hit(term.term, start, end, text[start:end]))
        at += size
    return hits


def _small(signs: str) -> str:
    """In small letters, each in its place."""
    small = signs.lower()
    return small if len(small) == len(signs) else "".join(min(sign.lower(), sign, key=len) for sign in signs)


def _parts(signs: str) -> Iterator[_Part]:
    words = list(WORD.finditer(signs))
    for word, following in zip(words, [*words[1:], None], strict=False):
        between = signs[word.end() : following.start()] if following else None
        comma = False
        if between is not None and (len(between) > LONGEST_JOINT or not JOINT.fullmatch(between)):
            comma = len(between) <= LONGEST_JOINT and COMMA.fullmatch(between) is not None
            between = None
        yield _Part(word.group().replace("\u2019", "'"), word.start(), word.end(), between, comma)


def _size(term: _Term, parts: list[_Part], at: int) -> int:
    """How many words of the text from `at` on are the term, or 0."""
    size = len(term.parts)
    near = parts[at : at + max(size, 2)]
    if len(near) >= size and all(part.joint is not None for part in near[: size - 1]):
        *front, last = near[:size]
        if all(_forms(part.word) & forms for part, forms in zip(front, term.parts, strict=False)) and _is_last(
            last.word, term.parts[-1], term.last
        ):
            return size
    if term.spaced and size == 2 and _has_adjective_between(term, parts[at : at + 3]):
        return 3
    if _is_last(near[0].word, term.closed, term.whole):
        return 1
    # One word of the list, which the text breaks in two.
    if len(near) > 1 and near[0].joint is not None and term.whole.startswith(near[0].word):
        return 2 * _is_last(near[0].word + near[1].word, term.closed, term.whole)
    return 0


def _has_adjective_between(term: _Term, near: list[_Part]) -> bool:
    """Whether the three words are those of the phrase with an adjective between them."""
    if len(near) < 3 or not (near[0].comma or near[0].joint) or not near[1].joint:
        return False
    front, between, last = near
    return (
        len(between.word) >= SHORTEST_ADJECTIVE
        and between.word.endswith("e")
        and bool(_forms(front.word) & term.parts[0])
        and _is_last(last.word, term.parts[1], term.last)
    )


def _is_last(word: str, forms: frozenset[str], base: str) -> bool:
    """Whether the word is a form of `base`, or a longer word that begins with it."""
    if len(base) >= COMPOUND and len(word) >= len(base) + REST and word.startswith(base):
        return True
    return bool(_forms(word) & forms)


@lru_cache(10_000)
def _forms(word: str) -> frozenset[str]:
    """What the word is without its endings; two words with a form in common are taken for the same."""
    if len(word) > 60:
        return frozenset({word})
    bare = {word, *(word.removesuffix(ending) for ending in ENDINGS if len(word) - len(ending) >= SHORTEST)}
    stems = {_stemmer.stemWord(each) for each in bare}
    # "Gezinn-en" and "gezin" are one word.
    return frozenset({*stems, *(stem[:-1] for stem in stems if len(stem) >= SHORTEST and stem[-1] == stem[-2])})


@lru_cache(64)
def _index(terms: tuple[str, ...]) -> dict[str, list[_Term]]:
    """The terms, by the two letters with which they begin: no ending changes those."""
    index: dict[str, list[_Term]] = {}
    for term in terms:
        signs, _places = normalised(term)
        words = [part.word for part in _parts(_small(signs))]
        if words:
            whole = "".join(words)
            spaced = " " in signs.strip() and "-" not in signs
            taken = _Term(term, tuple(map(_forms, words)), words[-1], _forms(whole), whole, spaced)
            index.setdefault(words[0][:2], []).append(taken)
    return index
