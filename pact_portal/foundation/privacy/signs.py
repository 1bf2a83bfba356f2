"""The signs of a text as a reader takes them, whatever stands behind them. Pure."""

import re
import unicodedata
from functools import cache

ASCII_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def normalised(text: str) -> tuple[str, list[int] | None]:
    """The text with plain digits, dashes and spaces, and per sign its place in `text` (None: the same place).

    What nobody sees (a zero-width space, a soft hyphen, an accent that stands alone) is left out.
    """
    if text.isascii() and not ASCII_CONTROLS.search(text):
        return text, None
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        if sign == "\r" and text.startswith("\n", place + 1):
            # The end of a line, as forms send it, is one sign.
            continue
        meant = _stands_for(sign)
        if meant:
            signs.append(meant)
            places.append(place)
    return "".join(signs), places


@cache
def _stands_for(sign: str) -> str:
    """The one ASCII sign that a reader takes it for where there is one; "" for what nobody sees."""
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(sign)
    if sign in "\n\t\r":
        return "\n" if sign == "\r" else sign
    if category in ("Cf", "Cc", "Cs", "Mn", "Me"):
        return ""
    if category == "Pd" or sign == "\u2212":
        return "-"
    if category in ("Zs", "Zl", "Zp"):
        return " "
    wide = unicodedata.normalize("NFKC", sign)
    return wide if len(wide) == 1 else sign
