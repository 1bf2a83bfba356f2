"""How much two questions look alike by their titles. Pure: asks the database nothing, and no text leaves the server.

Dutch glues words together: "schoolovergang" asks the same as "de overgang naar de brugklas". So a word counts as found
when it resembles a word of the other title (token similarity of rapidfuzz, which forgives inflection and typing), or as
far as words of the other title cover it from within.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest

from rapidfuzz import fuzz

THRESHOLD = 0.5
"""From here on titles are shown as similar; tests/plan/test_questions_similarity.py holds the examples it rests on."""

MOST = 5
"""How many are shown."""

LONGEST_TITLE = 200
"""Signs that are looked at: as many as a title may have."""

MOST_WORDS = 12
"""Words of a title that are looked at: those that tell most."""

PIECE = 3
"""Signs of a piece of a word: two words that resemble each other have at least one in common."""

SHORTLIST = 100
"""How many titles are compared with care, of all that have pieces in common."""

ALIKE = 80
"""From here on (0-100) two words are one word, inflected or mistyped."""

SHORTEST_PART = 4
"""Signs that a word needs to count as part of a longer one: "les" stands in too many words."""

EMPTY_WORDS = """
    aan al alle als behoefte ben bij binnen daar dan dat de deze die dit door een en er geen goed haar hebben
    hebt heeft heel help helpen helpt het hier hoe hun ik in is je jongere jongeren kan kind kinderen krijgen
    krijgt kunnen kunt leerling leerlingen maakt maar maken manier meer men met moeten mogelijk na naar niet
    nodig nog nu of om ons onze ook op over samen scholen school te tegen tot tussen u uit uw van vanuit veel
    vinden vindt voor vraag wat we welk welke wie wij wil willen worden wordt zich zien ziet zij zijn zo zodat
    zonder
"""
"""Words that stand in any question, and so tell nothing about what it asks."""

GENERAL_WORDS = """
    aanbod aanpak activiteiten begeleiden begeleiding coach groep hulp jeugdhulp klas leraren ondersteuning
    peuters problemen samenwerking steun training vergroten voorkomen werk
"""
"""Words of many questions, which tell a little."""

SAME = {
    "stap": "overgang",
    "overstap": "overgang",
    "overstappen": "overgang",
    "doorstroom": "overgang",
    "vo": "brugklas",
}
"""Other words for going from one school to the next."""


@dataclass(frozen=True, slots=True)
class Match:
    """One question that resembles what was typed, with how much: from 0 to 1."""

    key: int
    score: float


def rank(title: str, candidates: Iterable[tuple[int, str]], *, most: int = MOST) -> list[Match]:
    """The candidates (key and title) that resemble the title, most alike first, then by key; a key at most once.

    Nothing is found for a title without a word that tells something.
    """
    asked = words_of(title)
    if not asked:
        return []
    best: dict[int, float] = {}
    for key, words in _shortlist(asked, candidates):
        score = _likeness(asked, words)
        if score >= THRESHOLD and score > best.get(key, 0.0):
            best[key] = score
    found = [Match(key, score) for key, score in best.items()]
    return sorted(found, key=lambda match: (-match.score, match.key))[:most]


def _shortlist(asked: frozenset[str], candidates: Iterable[tuple[int, str]]) -> list[tuple[int, frozenset[str]]]:
    """The candidates, with their words, that have most in common with what is asked, at a glance.

    Comparing thousands of titles word by word takes seconds. A glance only looks which pieces of the words that are
    asked stand in the other title, and how much of both that is.
    """
    pieces = {
        word[start : start + PIECE]: _weight(word) / len(word)
        for word in sorted(asked)
        for start in range(max(1, len(word) - PIECE + 1))
    }
    whole = sum(pieces.values())
    seen = []
    for key, title in candidates:
        words = words_of(title)
        text = " ".join(sorted(words))
        if shared := sum(weight for piece, weight in pieces.items() if piece in text):
            seen.append((-shared / whole - shared / len(text), key, text, words))
    return [(key, words) for _glance, key, _text, words in nsmallest(SHORTLIST, seen)]


def similarity(one: str, other: str) -> float:
    """How much two titles look alike, from 0 to 1; the same whichever comes first."""
    return _likeness(words_of(one), words_of(other))


def words_of(title: str) -> frozenset[str]:
    """The stems of the words that tell what a title is about: small letters, no accents, no words of any question.

    MOST_WORDS at most, those that tell most.
    """
    return _words_of(title[:LONGEST_TITLE])


@lru_cache(maxsize=8192)
def _words_of(title: str) -> frozenset[str]:
    plain = title.lower()
    if not plain.isascii():
        plain = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    words = (word for word in re.findall(r"[^\W_]+", plain) if word not in _EMPTY and len(word) > 1)
    stems = {stem_of(SAME.get(word, word)) for word in words}
    if len(stems) > MOST_WORDS:
        stems = set(sorted(stems, key=lambda stem: (-_weight(stem), stem))[:MOST_WORDS])
    return frozenset(stems)


@lru_cache(maxsize=20_000)
def stem_of(word: str) -> str:
    """A word without its ending, and each run of the same sign once: "eenzaamheid" and "eenzame" are both "enzam"."""
    for ending in ("heid", "en", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_PART:
            word = word[: -len(ending)]
            break
    return re.sub(r"(.)\1+", r"\1", word)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Half of it says how much of both is found in each other, half how much of the one that is found best.

    The second half lets a short title be found in a long one, and a compound in the words that it is made of.
    """
    if not one or not other:
        return 0.0
    there, back = _found(one, other), _found(other, one)
    size, size_back = _size(one), _size(other)
    both = (there + back) / (size + size_back)
    return round((both + max(there / size, back / size_back)) / 2, 6)


def _size(words: frozenset[str]) -> float:
    # In one order, so that the sum is the same to the last digit; so below.
    return sum(_weight(word) for word in sorted(words))


def _found(words: frozenset[str], among: frozenset[str]) -> float:
    """How much of the words is found among the others."""
    return sum(_weight(word) * _best(word, among) for word in sorted(words))


@lru_cache(maxsize=20_000)
def _weight(word: str) -> float:
    """A long word tells more than a short one, a general one little."""
    return len(word) * (0.3 if word in _GENERAL else 1.0)


def _best(word: str, among: frozenset[str]) -> float:
    """How much of a word is found in the others, from 0 to 1."""
    if word in among:
        return 1.0
    best = max(_alike(word, other) for other in among)
    covered: set[int] = set()
    for other in among:
        covered.update(_covered(word, other))
    return max(best, len(covered) / len(word))


@lru_cache(maxsize=200_000)
def _alike(word: str, other: str) -> float:
    """How much two words are one: inflected, mistyped, or the shorter one a part of the longer one."""
    ratio = fuzz.ratio(word, other)
    short, long = sorted((word, other), key=lambda each: (len(each), each))
    if len(short) < SHORTEST_PART:
        return 0.0
    if ratio >= ALIKE:
        return ratio / 100
    # As part of a longer word it says half of what it says alone, and more the more of that word it is.
    return 0.5 + 0.5 * len(short) / len(long) if short in long and short not in _GENERAL else 0.0


@lru_cache(maxsize=200_000)
def _covered(word: str, other: str) -> range:
    """The places of the signs of a word at which another word stands in it."""
    start = word.find(other) if SHORTEST_PART <= len(other) < len(word) else -1
    return range(start, start + len(other)) if start >= 0 else range(0)


_EMPTY = frozenset(EMPTY_WORDS.split())
_GENERAL = frozenset(stem_of(word) for word in GENERAL_WORDS.split())
