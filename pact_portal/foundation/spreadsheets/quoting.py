"""Text in a csv that a spreadsheet program would take for a formula gets an apostrophe before it, and loses it again.

Both are each other's reverse for every text: one that already begins with apostrophes before such a sign gets one
more. (OWASP, "CSV Injection"; the wide forms are taken for the narrow ones by some programs.)
"""

import re

RISKY = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def quoted(text: str) -> str:
    """The text as it may stand in a csv."""
    return f"'{text}" if RISKY.match(text) else text


def unquoted(text: str) -> str:
    """The text that `quoted` was given; a text that was typed with an apostrophe before such a sign loses that."""
    return text[1:] if text.startswith("'") and RISKY.match(text) else text
