"""What every chart is drawn with: a frame that can be read by ear, text, bars, and colours that carry their text.

The same string stands on the page and in the PDF, so it has no style attribute and no style element (the content
security policy forbids both), only presentation attributes. Every label is escaped here, and nowhere else.
"""

from collections.abc import Iterable
from decimal import Decimal
from xml.sax.saxutils import escape

from pact_portal.foundation.pages.theme import contrast

Number = int | float | Decimal

WIDTH = 640
TEXT = 12
SMALL = 10
LINE = 16
INK = "#16202b"
PAPER = "#ffffff"
QUIET = "#4a5460"
RULE = "#ccd3d9"

# Solid colours in an order that also differs in lightness, so that they stay apart in grey.
SERIES = ("#00636c", "#e0a458", "#5b4b8a", "#9cc9cd", "#8a4b00", "#c9c3dd", "#2e6b34", "#f0d9b5")

_FAMILY = "'Source Sans 3', 'Source Sans 3 Extended', 'Source Sans 3 Variable', sans-serif"
# The average width of a letter in Source Sans, as a share of the size; wide enough for capitals and figures.
_LETTER = 0.56
# XML 1.0 cannot hold these, escaped or not.
_UNPRINTABLE = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)))


def svg(title: str, description: str, height: float, parts: Iterable[str], *, width: float = WIDTH) -> str:
    """Give a whole drawing. `title` is the finding, `description` says in words what the drawing shows."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {shown(width)} {shown(height)}" role="img" '
        f'font-family="{_FAMILY}" font-size="{TEXT}" fill="{INK}">'
        f"<title>{escape(clean(title))}</title><desc>{escape(clean(description))}</desc>{''.join(parts)}</svg>"
    )


def text(
    x: float, y: float, words: str, *, size: int = TEXT, anchor: str = "start", fill: str = INK, bold: bool = False
) -> str:
    """Give one line of text with its baseline at `y`; `anchor` is start, middle or end."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{shown(x)}" y="{shown(y)}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"{weight}>'
        f"{escape(clean(words))}</text>"
    )


def bar(x: float, y: float, width: float, height: float, fill: str) -> str:
    """Give a bar; nothing at all when it has no width, so that a zero leaves no line."""
    if width <= 0:
        return ""
    return f'<rect x="{shown(x)}" y="{shown(y)}" width="{shown(width)}" height="{shown(height)}" fill="{fill}"/>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = RULE) -> str:
    """Give a hairline."""
    ends = f'x1="{shown(x1)}" y1="{shown(y1)}" x2="{shown(x2)}" y2="{shown(y2)}"'
    return f'<line {ends} stroke="{stroke}" stroke-width="1"/>'


def legend(
    labels: Iterable[str], y: float, *, colours: Iterable[str] = SERIES, width: float = WIDTH
) -> tuple[str, float]:
    """Give the legend, wrapped over as many lines as it needs, and the height that it takes."""
    parts, x, top = [], 0.0, y
    for name, colour in zip(labels, colours, strict=False):
        label = shortened(name, width - 2 * LINE)
        taken = LINE + room(label) + LINE
        if x and x + taken > width:
            x, top = 0.0, top + LINE + 2
        parts += [bar(x, top, TEXT, TEXT, colour), text(x + LINE, top + TEXT - 2, label)]
        x += taken
    return "".join(parts), top - y + LINE + 8


def wrapped(words: str, width: float, *, most: int = 2, size: int = TEXT) -> list[str]:
    """Break a label into at most `most` lines of this width; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    current = ""
    for word in clean(words).split():
        candidate = f"{current} {word}".strip()
        if current and room(candidate, size) > width:
            lines.append(current)
            candidate = word
        current = candidate
    lines.append(current)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [shortened(each, width, size=size) for each in lines]


def shortened(words: str, width: float, *, size: int = TEXT) -> str:
    """Give the words, cut with an ellipsis where they would be wider than `width`."""
    words = clean(words)
    if room(words, size) <= width:
        return words
    return words[: max(0, int(width / (size * _LETTER)) - 1)].rstrip() + "…"


def room(words: str, size: int = TEXT) -> float:
    """Give the width that the words take, on the safe side."""
    return len(words) * size * _LETTER


def on(fill: str) -> str:
    """Give the colour of text on this colour: whichever of ink and paper has the higher contrast."""
    return max((INK, PAPER), key=lambda colour: contrast(colour, fill))


def shown(value: float) -> str:
    """Give a coordinate with two decimals at most, and never in the notation with an exponent."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def clean(words: str) -> str:
    """Give the words without the characters that XML cannot hold."""
    return str(words).translate(_UNPRINTABLE)
