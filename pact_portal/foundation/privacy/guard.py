"""Finds in a Dutch text what points at one person: BSN, telephone, e-mail, date of birth, bank account. Pure.

A citizen service number (BSN) is what passes its check digit (the eleven test of the Dutch tax office, as python-stdnum
has it), whatever words stand around it. The other kinds are told by their shape and by the words beside them, so they
can be wrong: callers ask the writer to confirm. What was found goes to no log and no mail.

Every search takes time in proportion to the length of the text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Literal, get_args

from stdnum import iban, numdb
from stdnum.nl import bsn

from pact_portal.foundation.privacy.signs import normalised

Kind = Literal["bsn", "phone", "email", "birth_date", "iban"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and where: `text` stands from `start` up to `end`. Its repr keeps the text to itself."""

    kind: Kind
    start: int
    end: int
    text: str = field(repr=False)

    @property
    def hint(self) -> str:
        """Enough to find it back in one's own text: the first signs. Of a BSN nothing at all."""
        return "" if self.kind == "bsn" else f"{self.text[:3].rstrip()}…"


def find(text: str) -> list[Finding]:
    """All that was found, in the order of the text. Rich text goes through `plain` first."""
    signs, places = normalised(text)
    found: list[tuple[int, int, Kind]] = []
    # An account holds digits that look like other numbers, so it comes first.
    for kind, search in SEARCHES:
        found = _merged(found, [(start, end, kind) for start, end in search(signs)])
    if places is None:
        return [Finding(kind, start, end, text[start:end]) for start, end, kind in found]
    return [
        Finding(kind, places[start], places[end - 1] + 1, text[places[start] : places[end - 1] + 1])
        for start, end, kind in found
    ]


def has_bsn(text: str) -> bool:
    """Whether a BSN stands in the text: the one thing that no row may hold. Quick for a text without long numbers."""
    signs, _places = normalised(text)
    if not ENOUGH_DIGITS.search(signs):
        return False
    accounts = list(_ibans(signs))
    return any(not any(start <= at < end for start, end in accounts) for at, _end in _bsns(signs))


def _merged(found: list[tuple[int, int, Kind]], more: list[tuple[int, int, Kind]]) -> list[tuple[int, int, Kind]]:
    """Both, in order, without those of `more` that overlap one of `found`; each is without overlaps itself."""
    merged: list[tuple[int, int, Kind]] = []
    at = 0
    for each in more:
        while at < len(found) and found[at][0] < each[0]:
            merged.append(found[at])
            at += 1
        overlaps_last = bool(merged) and merged[-1][1] > each[0]
        overlaps_next = at < len(found) and found[at][0] < each[1]
        if not overlaps_last and not overlaps_next:
            merged.append(each)
    return merged + found[at:]


# --- From HTML to text -------------------------------------------------------------------------------------------

INLINE = {"a", "abbr", "b", "big", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}


class _Text(HTMLParser):
    """A rich text as it is read: tags inside a word vanish, others part; where a link leads stands behind it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._address = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._address = dict(attributes).get("href") or ""
        elif tag == "br":
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append("\t")
        elif tag not in INLINE:
            self.pieces.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._address:
            self.pieces.append(f" ({self._address}) ")
            self._address = ""
        elif tag not in INLINE and tag not in ("br", "td", "th"):
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def plain(html: str) -> str:
    """What a reader sees of rich text, and where its links lead to. Bold inside a number does not hide the number."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.pieces)


# --- Citizen service numbers -------------------------------------------------------------------------------------

DIGITS = re.compile(r"[0-9]+")
BETWEEN = re.compile(r" ?[./_-] ?| {1,2}|\n")
BSN_WORD = re.compile(r"\bbsn|burgerservice|sofi-?n", re.IGNORECASE)
ENOUGH_DIGITS = re.compile(r"(?:[0-9][ ./_\n-]{0,3}){7}[0-9]")
NEAR = 40
"""Signs before a number in which a word must stand to say something about it."""
GROUPED = {(3, 3, 3), (4, 2, 3)}
"""How people write a number of nine digits in groups, also between other numbers."""


def _bsns(signs: str) -> Iterator[Span]:
    """Nine digits that pass the eleven test: in one piece, or in groups parted by the same space, dot or dash."""
    groups = [match.span() for match in DIGITS.finditer(signs)]
    words = [match.start() for match in BSN_WORD.finditer(signs)]
    gaps = [_gap(signs[left[1] : right[0]]) for left, right in pairwise(groups)]
    at = word = 0
    while at < len(groups):
        start = groups[at][0]
        while word < len(words) and words[word] < start - NEAR:
            word += 1
        named = word < len(words) and words[word] < start
        size = _bsn_at(signs, groups, gaps, at, named=named)
        if size:
            yield start, groups[at + size - 1][1]
        at += size or 1


def _gap(between: str) -> str:
    """What parts two groups of digits of one number, or "" where the number ends."""
    return (between.strip(" ") or " ") if len(between) <= 3 and BETWEEN.fullmatch(between) else ""


def _bsn_at(signs: str, groups: list[Span], gaps: list[str], at: int, *, named: bool) -> int:
    """How many groups from the one at `at` make a BSN, or 0."""
    start, end = groups[at]
    if end - start == 9:
        return int(_is_bsn(signs[start:end]) and not _is_something_else(signs, start))
    if end - start > 9:
        return 0
    digits, sizes = signs[start:end], [end - start]
    gap = gaps[at] if at < len(gaps) else ""
    begins = at == 0 or gaps[at - 1] != gap
    if not named and not begins and end - start not in (3, 4):
        return 0
    last = at
    while len(digits) < 9 and last < len(gaps) and gap and gaps[last] == gap:
        last += 1
        digits += signs[slice(*groups[last])]
        sizes.append(groups[last][1] - groups[last][0])
    if named and len(digits) == 8 and _is_bsn(f"0{digits}"):
        return len(sizes)
    if len(digits) != 9 or len(sizes) == 1 or not _is_bsn(digits):
        return 0
    alone = begins and (last >= len(gaps) or gaps[last] != gap)
    year_beside_number = tuple(sizes) in {(4, 5), (5, 4)}
    if named or tuple(sizes) in GROUPED or (alone and not year_beside_number):
        return 0 if _is_something_else(signs, start) else len(sizes)
    return 0


def _is_bsn(digits: str) -> bool:
    return bool(bsn.is_valid(digits))


OTHER_NUMBER = re.compile(
    r"(?:€ ?|\+[0-9]{2} ?-?(?:\(0\))? ?|\b0031[ -]?|\brsin(?:-?nummer)?(?: is)?:? ?)$", re.IGNORECASE
)


def _is_something_else(signs: str, start: int) -> bool:
    """An amount, the rest of a telephone number, or the number of a legal person (RSIN), which is public."""
    return bool(OTHER_NUMBER.search(signs[max(0, start - 20) : start]))


# --- Bank accounts -----------------------------------------------------------------------------------------------

IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2} ?[0-9]{2}")
IBAN_GAP = " .-\u00a0"


@cache
def _length_of_iban(country: str) -> int:
    """How many signs an account of the country has; 0 where the country has no IBAN."""
    known = numdb.get("iban").info(country)[0][1].get("bban", "")
    return 4 + sum(int(size) for size in re.findall(r"[0-9]+", known)) if known else 0


def _ibans(signs: str) -> Iterator[Span]:
    """Signs that pass the check of ISO 13616, in one piece or in groups."""
    past = 0
    for match in IBAN_START.finditer(signs):
        start = match.start()
        length = _length_of_iban(signs[start : start + 2].upper()) if start >= past else 0
        end, held = start, 0
        while held < length and end < len(signs):
            sign = signs[end]
            if sign.isascii() and sign.isalnum():
                held += 1
            elif sign not in IBAN_GAP or signs[end - 1] in IBAN_GAP:
                break
            end += 1
        if not length or held < length or (end < len(signs) and signs[end].isalnum()):
            continue
        if iban.is_valid("".join(sign for sign in signs[start:end] if sign.isalnum())):
            yield start, end
            past = end


# --- Addresses of e-mail -----------------------------------------------------------------------------------------

AT = re.compile(r" ?[\[(] ?(?:at|apenstaartje) ?[\])] ?| @ |@", re.IGNORECASE)
LOCAL_END = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}$")
DOMAIN = re.compile(r"(?:[^\W_][\w-]{0,62}\.){1,8}[^\W\d_]{2,24}(?![^\W_])")


def _emails(signs: str) -> Iterator[Span]:
    past = 0
    for match in AT.finditer(signs):
        local = LOCAL_END.search(signs, max(past, match.start() - 64), match.start())
        domain = DOMAIN.match(signs, match.end(), match.end() + 255)
        if local and domain and any(sign.isalnum() for sign in local.group()):
            yield local.start(), domain.end()
            past = domain.end()


# --- Telephone numbers -------------------------------------------------------------------------------------------

SEP = r"[ ./\-]{0,3}"
PHONE = re.compile(
    rf"(?<![0-9+])(?<![0-9][.,/\-])(?:"
    # From abroad: +31 6 12345678, 0031 (0)72 555 55 55.
    rf"(?:\(?\+31\)?|0031){SEP}(?:\(0\))?{SEP}[1-9](?:{SEP}[0-9]){{8}}"
    # Mobile: 06-12345678. Area code of three or four digits: (072) 555 55 55, 0226-123456.
    rf"|\(?06\)?{SEP}[0-9](?:{SEP}[0-9]){{7}}"
    rf"|\(?0[1-9][0-9]\)?{SEP}[0-9](?:{SEP}[0-9]){{6}}"
    rf"|\(?0[1-9][0-9]{{2}}\)?{SEP}[0-9](?:{SEP}[0-9]){{5}}"
    # Of another country.
    r"|\+(?!31)[1-9][0-9]{0,2}(?:[ \-]?[0-9]){8,12}"
    r")(?![0-9])(?![.,\-/][0-9])"
)
DATE_AT_FRONT = re.compile(r"[0-9]{2}[-/.][0-9]{2}[-/.](?:19|20)[0-9]{2}")
MONTH_AND_YEAR = re.compile(r"0[0-9]{1}[-/.](?:19|20)[0-9]{2}[ ./-]+[0-9]{2}[-/.]")
ISBN_BEFORE = re.compile(r"isbn(?:-10)?:? ?$", re.IGNORECASE)


def _phones(signs: str) -> Iterator[Span]:
    for match in PHONE.finditer(signs):
        shown = match.group()
        before = signs[max(0, match.start() - 10) : match.start()]
        if DATE_AT_FRONT.match(shown) or MONTH_AND_YEAR.match(shown) or ISBN_BEFORE.search(before):
            continue
        yield match.span()


# --- Dates of birth ----------------------------------------------------------------------------------------------

MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
    "|jan|feb|mrt|apr|jun|jul|aug|sept|sep|okt|oct|nov|dec"
    "|january|february|march|may|june|july|august|october"
)
DATE = re.compile(
    r"(?<![0-9])(?:"
    r"[0-3]?[0-9] ?[-/.] ?[01]?[0-9] ?[-/.] ?(?:(?:19|20)[0-9]{2}|'?[0-9]{2})"
    rf"|[0-3]?[0-9](?:e|ste|de)?[ -](?:{MONTHS})\.?[ -](?:(?:19|20)[0-9]{{2}}|'[0-9]{{2}})"
    r"|(?:19|20)[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9]"
    r"|[0-3][0-9][01][0-9](?:19|20)[0-9]{2}"
    r")(?![0-9])",
    re.IGNORECASE,
)
BORN = re.compile(
    r"\b(?:geboren|geboorte(?:datum|dag)?|geb|geb\.?dat|jarig|verjaardag|born|date of birth|dob)\b",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?]\s+(?=[A-Z])|\n")
COHORT = re.compile(r"\b(?:voor|vóór|vòòr|na|vanaf|tot|sinds|tussen|t/m|before|after)\s+(?:[\w/]+\s+)?$", re.IGNORECASE)
PERSON = re.compile(
    r"\b(?:leerling|kind|jongen|meisje|jongere|zoon|dochter|peuter|kleuter|baby|broer|zus|broertje|zusje|student|pupil)"
    r"(?: [0-9])?\s?[(,:]\s?$|\b[0-9]{1,2} jaar \($",
    re.IGNORECASE,
)


def _birth_dates(signs: str) -> Iterator[Span]:
    """A whole date beside a word of birth, or right behind the word for a young person or an age: "zoon (3-4-2012)".

    "Geboren voor 1 januari 2015" is said of a group, so it is none.
    """
    for match in DATE.finditer(signs):
        start, end = match.span()
        before = SENTENCE_END.split(signs[max(0, start - 60) : start])[-1]
        if COHORT.search(before) or re.search(r"\btussen\b", before, re.IGNORECASE):
            continue
        after = SENTENCE_END.split(signs[end : end + 32])[0]
        born_after = BORN.search(after)
        if (
            BORN.search(before)
            or PERSON.search(before)
            or (born_after and not DIGITS.search(after[: born_after.start()]))
        ):
            yield start, end


SEARCHES: tuple[tuple[Kind, Callable[[str], Iterator[Span]]], ...] = (
    ("iban", _ibans),
    ("bsn", _bsns),
    ("email", _emails),
    ("phone", _phones),
    ("birth_date", _birth_dates),
)
