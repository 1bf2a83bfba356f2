"""Which programmes may answer a question, and which questions a programme may answer. Pure: asks the database nothing.

A question and a programme look alike here: areas, ages, municipalities and words. `rank` puts one beside many. It only
suggests: whether something really answers is judged by people.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rapidfuzz import fuzz

MOST_WORDS = 60
"""So many different words of one text are looked at; the first ones say what it is about."""
LONGEST_TEXT = 3_000
"""Signs of a text that are read for its words, tags included."""
SHORTEST_WORD = 4
SHORTEST_PART = 5
"""So many letters a word has at least to be recognised as part of a compound: angst in faalangst, not eten in weten."""
ALIKE = 86
"""How alike two words are, of 100 (Indel similarity), to count as one: mentor and mentoren, coach and coaches."""

POINTS_PER_AREA = 30
POINTS_FOR_AGES = 20
POINTS_FOR_PLACES = 10
POINTS_PER_WORD = 8
MOST_WORD_POINTS = 40

_SMALL_WORDS = """
aanbod aantal achter alle alleen allemaal alles altijd ander andere anders begin behoefte beter bieden biedt
bij bijna bijvoorbeeld binnen blijft blijven buiten daar daarbij daardoor daarna daarom deze dezelfde dingen
doel doen doet door drie dus echt een eens eerder eerst eerste elkaar ener enige enkele extra gaan gaat gebruik
gebruiken geeft geen gemeente gemeenten geven goed goede graag groep groepen grote haar hebben heeft heel
helpen helpt hem hier hoe hulp ieder iedereen iemand iets jaar jeugd jeugdige jeugdigen jong jongere
jongeren kind kinderen kleine komen komt krijgen krijgt kunnen kunt langer leerling leerlingen leert leren
maakt maar maken manier meer mensen met mijn minder moet moeten mogelijk naar nemen niet niets nieuwe nodig
omdat omgaan onder ondersteunen ondersteuning ondersteunt onderwijs onze organisatie organisaties ouders
over partner partners periode programma project regio samen scholen school schooljaar sinds soms staan staat
steeds steun student studenten tegen terecht thema tijd tijdens tussen twee tweede uren vaak vanaf vanuit veel
verder verschillende via vinden vindt voor vooral vraag vragen waar waarbij waarin waarom wanneer want waren
week weken welke werk werken werkt weten wie wij wil willen worden wordt zelf zich zien ziet zijn zitten
zoals zonder zorgen zorgt zou zouden zowel zullen
"""
STOP_WORDS = frozenset(_SMALL_WORDS.split())
"""Words that say nothing of what a text is about: small words, and those that every question and programme has."""

WORD = re.compile(r"[^\W\d_]+")
TAG = re.compile(r"<[^>]*>|&[a-z#0-9]+;", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Subject:
    """A question or a programme. `places` are keys of municipalities; none means the whole region."""

    key: int
    areas: frozenset[int]
    age_from: int
    age_to: int
    places: frozenset[int]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One that may fit, with what it shares. `ages` are the first and last age in common.

    `same_place`: a municipality in common, or one of the two is there for the whole region.
    """

    key: int
    points: float
    areas: frozenset[int]
    ages: tuple[int, int]
    same_place: bool
    words: tuple[str, ...]

    @property
    def reasons(self) -> str:
        """What they share, in words: "zelfde gebied, 12-18 jaar, woorden: faalangst"."""
        parts = []
        if self.areas:
            count = len(self.areas)
            parts.append(ngettext("zelfde gebied", "%(count)s dezelfde gebieden", count) % {"count": count})
        first, last = self.ages
        parts.append(
            _("%(age)s jaar") % {"age": first}
            if first == last
            else _("%(first)s-%(last)s jaar") % {"first": first, "last": last}
        )
        if not self.same_place:
            parts.append(_("in een andere gemeente"))
        if self.words:
            parts.append(
                ngettext("woord: %(words)s", "woorden: %(words)s", len(self.words)) % {"words": ", ".join(self.words)}
            )
        return ", ".join(parts)


def words_of(*texts: str) -> tuple[str, ...]:
    """The words that tell what texts are about, each once, in order, in small letters; at most MOST_WORDS.

    The texts may be HTML. Small words, and words that every text of this kind has, are left out.
    """
    telling: dict[str, None] = {}
    for text in texts:
        for found in WORD.finditer(TAG.sub(" ", text[:LONGEST_TEXT]).lower()):
            if len(found[0]) >= SHORTEST_WORD and found[0] not in STOP_WORDS:
                telling[found[0]] = None
                if len(telling) == MOST_WORDS:
                    return tuple(telling)
    return tuple(telling)


class Vocabulary:
    """Words in which to look for those that say the same as another, by their first and their last letters."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_start: dict[str, list[str]] = defaultdict(list)
        self._by_end: dict[str, list[str]] = defaultdict(list)
        for word in dict.fromkeys(words):
            self._by_start[word[:3]].append(word)
            self._by_end[word[-3:]].append(word)

    def alike(self, word: str) -> set[str]:
        """Those that are equal, inflected, or a compound with the other in it."""
        # The first letters of an inflected word stay; that also keeps "leiden" apart from "lijden".
        starting = self._by_start.get(word[:3], ())
        found = {other for other in starting if fuzz.ratio(word, other) >= ALIKE or _one_in_other(word, other)}
        return found | {other for other in self._by_end.get(word[-3:], ()) if _one_in_other(word, other)}


def _one_in_other(one: str, other: str) -> bool:
    """Whether the shorter stands at the start or the end of the longer."""
    part, whole = sorted((one, other), key=len)
    return len(part) >= SHORTEST_PART and (whole.startswith(part) or whole.endswith(part))


def rank(subject: Subject, candidates: Iterable[Subject], *, limit: int | None = None) -> list[Suggestion]:
    """Those that may fit the subject, the likeliest first; of equals the one that came first stays first.

    Left out are those of which no age overlaps, and those that share neither an area nor a word.
    """
    of_age = [other for other in candidates if _ages(subject, other)]
    vocabulary = Vocabulary(word for other in of_age for word in other.words)
    same = {word: vocabulary.alike(word) for word in subject.words}
    found = [suggestion for other in of_age if (suggestion := _compare(subject, other, same))]
    found.sort(key=lambda suggestion: -suggestion.points)
    return found[:limit]


def _compare(subject: Subject, other: Subject, same: Mapping[str, set[str]]) -> Suggestion | None:
    areas = subject.areas & other.areas
    known = set(other.words)
    words = tuple(word for word in subject.words if not known.isdisjoint(same.get(word, ())))
    ages = _ages(subject, other)
    if ages is None or not (areas or words):
        return None
    same_place = not subject.places or not other.places or not subject.places.isdisjoint(other.places)
    years = ages[1] - ages[0] + 1
    points = (
        len(areas) * POINTS_PER_AREA
        + POINTS_FOR_AGES * years / (subject.age_to - subject.age_from + 1)
        + same_place * POINTS_FOR_PLACES
        + min(len(words) * POINTS_PER_WORD, MOST_WORD_POINTS)
    )
    return Suggestion(other.key, points, areas, ages, same_place, words[:5])


def _ages(one: Subject, other: Subject) -> tuple[int, int] | None:
    """The first and last age that both are about; None when there is none."""
    first, last = max(one.age_from, other.age_from), min(one.age_to, other.age_to)
    return (first, last) if first <= last else None
