"""Which rows of the registers a frozen plan names: read from the anchors of the document. Pure."""

import re
from collections.abc import Iterable

ANCHOR = re.compile(r"([a-z]+)-([1-9][0-9]{0,8})")

_letters = {
    "vraag": "V",
    "aanbod": "A",
    "maatregel": "M",
    "pakket": "S",
    "voorstel": "P",
    "besluit": "B",
}
"""The letter of the codes of rows, by the word before the number in their anchors."""


def register(word: str, letter: str) -> None:
    """Hand in the anchors of one more kind of row: "bijstelling-3" is J3."""
    _letters[word] = letter


def codes_in(anchors: Iterable[str]) -> list[str]:
    """The codes of the rows to which these anchors belong, each once and in order; other anchors give nothing."""
    found = {
        (_letters[named[1]], int(named[2]))
        for anchor in anchors
        if (named := ANCHOR.fullmatch(anchor)) and named[1] in _letters
    }
    return [f"{letter}{number}" for letter, number in sorted(found)]
