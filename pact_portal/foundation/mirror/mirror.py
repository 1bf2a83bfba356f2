"""Finds the words of a list in a Dutch text, in every form that they take. Pure.

A word of the list is found
- inflected: plural, diminutive, the -e of an adjective (Snowball's stemmer for Dutch, with diminutives and -eren beside
  it): "kwetsbaar kind" in "kwetsbare kinderen", "probleemjongere" in "Probleemjongeren";
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
ENDINGS = ("etjes", "etje", "tjes", "tje", "pjes", "pje", "jes", "je", "eren", "'s", "s")
SHORTEST = 4
"""What must be left of a word without its ending."""

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
JOINT = re.compile(r"[ \t]*-?[ \t]*\n?[ \t]*")
LONGEST_JOINT = 12
"""Signs between two words of a phrase."""

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
    """A word of a text, in small letters, and what stands between it and the next one: None when that parts them."""

    word: str
    start: int
    end: int
    joint: str | None


@dataclass(frozen=True, slots=True)
class _Term:
    """A word or phrase of the list, taken apart: the forms of each of its words, and of all written as one."""

    term: str
    parts: tuple[frozenset[str], ...]
    last: str
    closed: frozenset[str]
    whole: str


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
        if between is not None and (len(between) > LONGEST_JOINT or not JOINT.fullmatch(between)):
            between = None
        yield _Part(word.group().replace("\u2019", "'"), word.start(), word.end(), between)


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
    if _is_last(near[0].word, term.closed, term.whole):
        return 1
    # One word of the list, which the text breaks in two.
    if len(near) > 1 and near[0].joint is not None and term.whole.startswith(near[0].word):
        return 2 * _is_last(near[0].word + near[1].word, term.closed, term.whole)
    return 0


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
            taken = _Term(term, tuple(map(_forms, words)), words[-1], _forms(whole), whole)
            index.setdefault(words[0][:2], []).append(taken)
    return index
