"""Finds in a Dutch text what points at one person: BSN, telephone, e-mail, date of birth, bank account. Pure.

A citizen service number (BSN) is what passes its check digit (the eleven test of the Dutch tax office, as python-stdnum
has it), whatever words stand around it. The other kinds are told by their shape and by the words beside them, so they
can be wrong: callers ask the writer to confirm. What was found goes to no log and no mail.

Every search takes time in proportion to the length of the text.
"""

import html
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Literal, get_args
from urllib.parse import unquote_plus

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


def find(text: str, *, today: date | None = None) -> list[Finding]:
    """All that was found, in the order of the text. Rich text goes through `plain` first.

    With `today`, a date on which nobody of whom the text speaks can have been born is none of birth.
    """
    signs, places = normalised(text)
    # An account holds digits that look like other numbers, so it comes first.
    found: list[tuple[int, int, Kind]] = [(start, end, "iban") for start, end in _ibans(signs)]
    for kind, search in SEARCHES:
        found = _merged(found, [(start, end, kind) for start, end in search(signs)])
    found = _merged(found, [(start, end, "birth_date") for start, end in _birth_dates(signs, today)])
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
OPENING = re.compile(r"<(?:!--|[!?/]?[A-Za-z])")
TAG_NAME = re.compile(r"[A-Za-z][^\s/>]*")
TAG_END = re.compile(r"""(?:[^>"']|"[^"]*"|'[^']*')*+>""")
HREF = re.compile(r"""[\s/"']href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
ENDLESS_REFERENCE = re.compile(r"&#[xX]?[0-9A-Fa-f]{9,};?")
CELL_GAP = "\t\t"
"""Between two cells: more than between two words, less than between two paragraphs."""


def plain(html_text: str) -> str:
    """What a reader sees of rich text, and where its links lead to. Bold inside a number does not hide the number.

    Tags inside a word vanish, others part. What only looks like a tag, because its end is missing, is text.
    """
    pieces: list[str] = []
    address = ""
    for tag, found in _taken_apart(html_text):
        if not tag:
            # A reference to no sign at all would be counted out, digit by digit.
            pieces.append(html.unescape(ENDLESS_REFERENCE.sub("\ufffd", found)))
        elif tag == "a":
            link = HREF.search(found)
            address = html.unescape(ENDLESS_REFERENCE.sub("", next(filter(None, link.groups()), ""))) if link else ""
        elif tag == "/a":
            pieces.append(_read_address(address))
            address = ""
        elif tag in ("td", "th"):
            pieces.append(CELL_GAP)
        elif tag == "br":
            pieces.append("\n")
        elif tag.removeprefix("/") not in (*INLINE, "br", "td", "th"):
            pieces.append("\n\n")
    return "".join(pieces) + _read_address(address)


def _read_address(address: str) -> str:
    """Where a link leads, as written and as a browser reads it."""
    read = unquote_plus(address)
    both = address if read == address else f"{address} , {read}"
    return f" ({both}) " if address else ""


def _taken_apart(html_text: str) -> Iterator[tuple[str, str]]:
    """The tags of a text with their insides, and with an empty name the text between them.

    Looks at no sign more than a few times: once an end is found missing, it is not looked for again.
    """
    at = read = 0
    has_quotes, has_comments = True, True
    while opening := OPENING.search(html_text, at):
        start = opening.start()
        end = -1
        if opening.group() == "<!--" and has_comments:
            end = html_text.find("-->", start + 2) + 3
            has_comments = end > 2
            end = end if has_comments else -1
        if end < 0 and has_quotes:
            whole = TAG_END.match(html_text, start + 1)
            has_quotes = whole is not None
            end = whole.end() if whole else -1
        if end < 0:
            end = html_text.find(">", start) + 1
        if end <= 0:
            break
        yield "", html_text[read:start]
        name = TAG_NAME.match(html_text, start + 1 + html_text.startswith("/", start + 1), end)
        if name:
            yield ("/" if html_text[start + 1] == "/" else "") + name.group().lower(), html_text[name.end() : end]
        at = read = end
    yield "", html_text[read:]


# --- Citizen service numbers -------------------------------------------------------------------------------------

DIGITS = re.compile(r"[0-9]+")
ENOUGH_DIGITS = re.compile(r"(?:[0-9][^0-9A-Za-z]{0,12}){7}[0-9]")
BSN_WORD = re.compile(r"\bbsn|burgerservice|sofi-?n", re.IGNORECASE)
NEAR = 40
"""Signs before a number in which a word must stand to say something about it."""
NEAR_BEHIND = 20
"""The same, of a word that follows the number."""
GROUPED = {(3, 3, 3), (4, 2, 3)}
"""How people write a number of nine digits in groups, also between other numbers."""

# What parts the groups of one number. In groups of any size only what is usual, and each time the same.
USUAL = re.compile(r" ?[./_-] ?| {1,2}|\n")
# In groups of three, or as the tax office has them, nearly anything short; "123, 456, 782" counts something up.
SHORT = re.compile(r" {1,3}| ?[\t\n] ?|(?![,;] )[ \t]?(?:[^\w\s+=€%$<>\"]|_){1,2}[ \t]?")
# Behind the word for the number anything that is no word, be it the border of a cell.
ANY = re.compile(r"(?:[^\w\s]|_|\s+){1,4}")
LONGEST_GAP = 12


def _bsns(signs: str) -> Iterator[Span]:
    """Nine digits that pass the eleven test: in one piece, or in groups as people part them.

    Beside the word for the number, groups of any size with anything short between them count, and eight digits too.
    """
    groups = [match.span() for match in DIGITS.finditer(signs)]
    words = [match.start() for match in BSN_WORD.finditer(signs)]
    gaps = [signs[left[1] : right[0]][: LONGEST_GAP + 1] for left, right in pairwise(groups)]
    at = 0
    while at < len(groups):
        size = _bsn_at(signs, groups, gaps, at, words)
        if size:
            yield groups[at][0], groups[at + size - 1][1]
        at += size or 1


def _bsn_at(signs: str, groups: list[Span], gaps: list[str], at: int, words: list[int]) -> int:
    """How many groups from the one at `at` make a BSN, or 0. `words`: where the word for the number stands."""
    start, end = groups[at]
    if end - start > 9:
        return 0
    behind = bisect_left(words, start)
    named = behind > 0 and words[behind - 1] >= start - NEAR
    if not named:
        size = _unnamed_size(signs, groups, gaps, at)
        if size and not _is_something_else(signs, start, groups[at + size - 1][1]):
            return size
        named_behind = behind < len(words) and words[behind] < end + NEAR
        if not named_behind or OTHER_WORD.search(signs, max(0, start - NEAR_OTHER), start):
            return 0
    if TELEPHONE.search(signs, max(0, start - 20), start):
        return 0
    size = _named_size(signs, groups, gaps, at, eight=named)
    if size and not named:
        last = groups[at + size - 1][1]
        if words[behind] >= last + NEAR_BEHIND or SOMETHING_BEHIND.match(signs, last):
            return 0
    return size


def _named_size(signs: str, groups: list[Span], gaps: list[str], at: int, *, eight: bool) -> int:
    """How many groups from `at` on make nine digits that pass or, with `eight`, the last eight of such a number."""
    digits, size, size_of_eight = "", 0, 0
    for start, end in groups[at : at + 9]:
        digits += signs[start:end]
        size += 1
        if len(digits) == 8 and eight and _may_lack_its_zero(signs, groups, gaps, at, size) and _is_bsn(f"0{digits}"):
            size_of_eight = size
        if len(digits) >= 9 or at + size > len(gaps) or not _parts_anything(gaps[at + size - 1]):
            break
    return size if len(digits) == 9 and _is_bsn(digits) else size_of_eight


def _may_lack_its_zero(signs: str, groups: list[Span], gaps: list[str], at: int, size: int) -> bool:
    """Whether eight digits are no date, no two years and no end of a telephone number."""
    start, end = groups[at][0], groups[at + size - 1][1]
    if DATE.match(signs, start, end) or TWO_YEARS.match(signs, start, end):
        return False
    return not (at and _parts_anything(gaps[at - 1]) and signs[groups[at - 1][0]] == "0")


def _unnamed_size(signs: str, groups: list[Span], gaps: list[str], at: int) -> int:
    """How many groups from `at` on make a BSN by their form alone, or 0."""
    digits, sizes = "", []
    for start, end in groups[at : at + 9]:
        digits += signs[start:end]
        sizes.append(end - start)
        if len(digits) >= 9 or at + len(sizes) > len(gaps) or not SHORT.fullmatch(gaps[at + len(sizes) - 1]):
            break
    if len(digits) != 9 or not _is_bsn(digits):
        return 0
    size = len(sizes)
    if size == 1:
        return 1
    within = gaps[at : at + size - 1]
    before = gaps[at - 1] if at else ""
    after = gaps[at + size - 1] if at + size - 1 < len(gaps) else ""
    usual = {_usual(gap) for gap in within}
    if tuple(sizes) in GROUPED:
        if _counts(signs, groups[at : at + size], within):
            return 0
        # Amounts stand in rows, and only look as if they were parted in another way.
        a_row = (at and SHORT.fullmatch(before) and groups[at - 1][1] - groups[at - 1][0] > 2) or SHORT.fullmatch(after)
        return size if len(usual - {""}) == len(usual) == 1 or not a_row else 0
    if len(usual) != 1 or "" in usual or tuple(sizes) in {(4, 5), (5, 4)}:
        return 0
    alone = _usual(before) not in usual and _usual(after) not in usual
    return size if alone else 0


def _usual(gap: str) -> str:
    """The sign that parts two groups as is usual, or ""."""
    return (gap.strip(" ") or " ") if len(gap) <= 3 and USUAL.fullmatch(gap) else ""


def _parts_anything(gap: str) -> bool:
    return len(gap) <= LONGEST_GAP and bool(ANY.fullmatch(gap))


def _counts(signs: str, groups: list[Span], gaps: list[str]) -> bool:
    """Whether groups are rather counts or an amount: three round numbers, or a year with two counts behind it."""
    if any(gap.strip(" ") not in ("", ".") for gap in gaps):
        return False
    first = signs[slice(*groups[0])]
    if len(first) == 4:
        return first[:2] in ("19", "20") and not any(gap.strip(" ") for gap in gaps)
    return all(signs[end - 1] == "0" for _start, end in groups)


def _is_bsn(digits: str) -> bool:
    return bool(bsn.is_valid(digits))


TWO_YEARS = re.compile(r"(?:19|20)[0-9]{2}[^0-9]+(?:19|20)[0-9]{2}")
TELEPHONE = re.compile(r"(?:\+[0-9]{2} ?-?(?:\(0\))? ?|\b0031[ -]?)$")
AMOUNT = re.compile(r"€ ?$")
NEAR_OTHER = 30
OTHER_WORD = re.compile(r"\b(?:btw|rsin|loonheffing|fiscaal\s*nummer|fiscale\s*nummer)", re.IGNORECASE)
SOMETHING_BEHIND = re.compile(
    r"[ .]?[BL][0-9]{2}(?![0-9])|\s?(?:euro|leerlingen|jongeren|plekken|plaatsen|kinderen|studenten|inwoners)\b",
    re.IGNORECASE,
)


def _is_something_else(signs: str, start: int, end: int) -> bool:
    """An amount or a count, the rest of a telephone number, or a public number of a legal person (RSIN, VAT)."""
    return bool(
        AMOUNT.search(signs, max(0, start - 2), start)
        or TELEPHONE.search(signs, max(0, start - 20), start)
        or OTHER_WORD.search(signs, max(0, start - NEAR_OTHER), start)
        or SOMETHING_BEHIND.match(signs, end)
    )


NINE_IN_ADDRESS = re.compile(r"(?<![0-9])([0-9]{3})([^\w]{1,3}|_|)([0-9]{3})([^\w]{1,3}|_|)([0-9]{3})(?![0-9])")


def address_has_bsn(address: str) -> bool:
    """Whether a BSN stands in the address of a page or of a mailbox, also where it was coded with per cents.

    An address is full of numbers, so that other groups than of three say nothing.
    """
    for read in {address, unquote_plus(address)}:
        signs, _places = normalised(read)
        if any(_is_bsn(match[1] + match[3] + match[5]) for match in NINE_IN_ADDRESS.finditer(signs)):
            return True
    return False


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
FILE_BEFORE = re.compile(
    r"\b(?:kenmerk|zaak|dossier|besluit|factuur|project|referentie|order)(?:-?(?:nummer|nr|code))?\.?(?: is)?:? ?$",
    re.IGNORECASE,
)


def _phones(signs: str) -> Iterator[Span]:
    for match in PHONE.finditer(signs):
        shown = match.group()
        before = signs[max(0, match.start() - 10) : match.start()]
        if DATE_AT_FRONT.match(shown) or MONTH_AND_YEAR.match(shown) or ISBN_BEFORE.search(before):
            continue
        if shown.isdigit() and FILE_BEFORE.search(signs, max(0, match.start() - 30), match.start()):
            continue
        yield match.span()


# --- Dates of birth ----------------------------------------------------------------------------------------------

MONTHS = (
    ("januari", "jan", "january"),
    ("februari", "feb", "february"),
    ("maart", "mrt", "march"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "jun", "june"),
    ("juli", "jul", "july"),
    ("augustus", "aug", "august"),
    ("september", "sept", "sep"),
    ("oktober", "okt", "oct", "october"),
    ("november", "nov"),
    ("december", "dec"),
)
MONTH_OF = {name: number for number, names in enumerate(MONTHS, start=1) for name in names}
# The longest first: "mei" is no beginning of "meisje", but "jan" is one of "januari".
MONTH_NAMES = "|".join(sorted(MONTH_OF, key=len, reverse=True))
DATE = re.compile(
    r"(?<![0-9])(?:"
    r"([0-3]?[0-9]) ?[-/.] ?([01]?[0-9]) ?[-/.] ?((?:19|20)[0-9]{2}|'?[0-9]{2})"
    rf"|([0-3]?[0-9])(?:e|ste|de)?[ -]({MONTH_NAMES})\.?[ -]((?:19|20)[0-9]{{2}}|'[0-9]{{2}})"
    r"|((?:19|20)[0-9]{2})[-/.]([01]?[0-9])[-/.]([0-3]?[0-9])"
    r"|([0-3][0-9])([01][0-9])((?:19|20)[0-9]{2})"
    r")(?![0-9])",
    re.IGNORECASE,
)
BORN = re.compile(
    r"\b(?:geboren|geboorte(?:datum|dag)?|geb|geb\.?dat|jarig|verjaardag|born|date of birth|dob)\b",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?]\s+(?=[A-Z])|\n")
COHORT = re.compile(r"\b(?:voor|vóór|vòòr|na|vanaf|tot|sinds|tussen|t/m|before|after)\s+(?:[\w/]+\s+)?$", re.IGNORECASE)
CHILD = "jongen|meisje|zoon|dochter|baby|broer|zus|broertje|zusje"
YOUNG = {"kind": 0, "peuter": 1, "kleuter": 3, "leerling": 3, "pupil": 3, "jongere": 8, "student": 12}
"""What the young are called, and from what age on."""
PERSON = re.compile(
    rf"\b(?:(?:{CHILD})(?: [0-9])?\s?[(,:]|({'|'.join(YOUNG)})(?: [0-9])?\s?\(|[0-9]{{1,2}} jaar \()\s?$",
    re.IGNORECASE,
)
ANYBODY = re.compile(rf"\b(?:{CHILD}|{'|'.join(YOUNG)}|hij|zij|ik|moeder|vader|ouder)", re.IGNORECASE)
A_THING = re.compile(
    r"\b(?:het|dit|ons|de|deze|onze|een) (?:[\w-]*)(?:pact|plan|school|stichting|project|idee|groep|programma"
    r"|vereniging|initiatief|samenwerking|organisatie|gemeente|traject)\b[^(:;]{0,30}$",
    re.IGNORECASE,
)


def _birth_dates(signs: str, today: date | None) -> Iterator[Span]:
    """A whole date beside a word of birth, or right behind who is young: "zoon, 3-4-2012", "leerling (3-4-2012)".

    "Geboren voor 1 januari 2015" is said of a group, and "het pact is op 1 mei 2021 geboren" of a thing, so they are
    none.
    """
    for match in DATE.finditer(signs):
        start, end = match.span()
        before = SENTENCE_END.split(signs[max(0, start - 60) : start])[-1]
        if COHORT.search(before) or re.search(r"\btussen\b", before, re.IGNORECASE):
            continue
        after = SENTENCE_END.split(signs[end : end + 32])[0]
        born_after = BORN.search(after)
        person = PERSON.search(before)
        if born_after and DIGITS.search(after[: born_after.start()]):
            born_after = None
        born = BORN.search(before) or born_after
        if born and not person and A_THING.search(before) and not ANYBODY.search(before):
            continue
        if not (born or person):
            continue
        age = 1 if born or not person or not person[1] else max(1, YOUNG.get(person[1].lower(), 1))
        if today is None or _may_be_born(match, today, age):
            yield start, end


def _may_be_born(match: re.Match[str], today: date, age: int) -> bool:
    """Whether somebody of `age` years or more can be born on the date, which may be none: then, too."""
    found = [part for part in match.groups() if part]
    day, month, year = reversed(found) if len(found[0]) == 4 else found
    full = int(year.strip("'"))
    if full < 100:
        full += 2000 if full <= today.year % 100 else 1900
    number = int(month) if month.isdigit() else MONTH_OF.get(month.lower(), 1)
    born = (full, number, int(day))
    return born <= (today.year - age, today.month, today.day)


SEARCHES: tuple[tuple[Kind, Callable[[str], Iterator[Span]]], ...] = (
    ("bsn", _bsns),
    ("email", _emails),
    ("phone", _phones),
)
