"""Letters that the project's fonts do not have.

Left alone, the typesetter would take them from a font of the machine: another file on every machine, and an embedded
font that nobody chose; or, without such a font, it would draw a box, which PDF/A forbids. So they are written with
letters that the fonts do have, or as a question mark.
"""

import functools
import logging
import unicodedata

from fontTools.ttLib import TTFont

from pact_portal.foundation.documents.fetcher import static_file

log = logging.getLogger(__name__)

FONTS = ("source-sans-3-latin-400-normal", "source-sans-3-latin-ext-400-normal")
SPELLED = {
    "\u2010": "-",
    "\u2011": "-",
    "\u202f": "\u00a0",
    "\u2192": "->",
    "\u2190": "<-",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "<>",
    "\u2713": "x",
    "\ufe0f": "",
    "\u200d": "",
    "\ufeff": "",
}
UNKNOWN = "?"
_ESCAPED = str.maketrans({"<": "&lt;", ">": "&gt;"})


def printable(html: str) -> str:
    """Give the page with every letter that the fonts lack replaced. The same page always gives the same result."""
    html = unicodedata.normalize("NFC", html)
    missing = {letter for letter in set(html) if ord(letter) not in _covered() and not letter.isspace()}
    if not missing:
        return html
    log.warning(
        "Letters that the fonts do not have: %s", " ".join(f"U+{ord(letter):04X}" for letter in sorted(missing))
    )
    return html.translate({ord(letter): _spelled(letter).translate(_ESCAPED) for letter in missing})


def _spelled(letter: str) -> str:
    if letter in SPELLED:
        return SPELLED[letter]
    plain = "".join(
        each
        for each in unicodedata.normalize("NFKD", letter)
        if ord(each) in _covered() and not unicodedata.combining(each)
    )
    return plain or UNKNOWN


@functools.cache
def _covered() -> frozenset[int]:
    found: set[int] = set()
    for name in FONTS:
        with TTFont(static_file(f"vendor/fonts/{name}.woff2"), lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)
