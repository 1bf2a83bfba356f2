"""How far existing programmes answer the questions, as a grid: areas against layers or ages."""

from collections.abc import Sequence
from dataclasses import dataclass

from pact_portal.foundation.charts.drawing import LINE, PAPER, TEXT, WIDTH, line, on, shown, svg, text, wrapped

_LABEL = 200
_HIGH = 40

# Best fit in the cell: colour, and a mark that says the same without colour.
FITS = {
    "unknown": ("#ffffff", "?"),
    "none": ("#f0d9b5", "–"),
    "partly": ("#9cc9cd", "±"),
    "sufficient": ("#00636c", "+"),
}


@dataclass(frozen=True, slots=True)
class Square:
    """One cell: its best fit (a key of `FITS`) and how many programmes it counts."""

    fit: str
    programmes: int


def heat(
    title: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Square]]],
    *,
    fits: dict[str, str],
    description: str = "",
) -> str:
    """Give the grid. `fits` holds the words for the keys of `FITS`, shown in the legend and in the description."""
    width = (WIDTH - _LABEL) / max(1, len(columns))
    parts, x = [], 0.0
    for fit, (colour, mark) in FITS.items():
        parts += [_square(x, 0, 16, 16, colour), text(x + 8, 12, mark, anchor="middle", fill=on(colour))]
        parts.append(text(x + 22, 12, fits[fit]))
        x += WIDTH / len(FITS)
    heads = [wrapped(column, width - 8) for column in columns]
    y = 30.0 + LINE * max((len(words) for words in heads), default=0)
    for at, words in enumerate(heads):
        for nth, word in enumerate(words):
            baseline = y - 6 - LINE * (len(words) - 1 - nth)
            parts.append(text(_LABEL + width * (at + 0.5), baseline, word, anchor="middle", bold=True))
    for label, squares in rows:
        if len(squares) != len(columns):
            raise ValueError(f"{label}: {len(columns)} squares were expected.")
        words = wrapped(label, _LABEL - 12)
        parts += [text(0, y + TEXT + 2 + LINE * nth, word) for nth, word in enumerate(words)]
        for at, square in enumerate(squares):
            colour, mark = FITS[square.fit]
            parts.append(_square(_LABEL + width * at, y, width - 2, _HIGH - 2, colour))
            parts.append(
                text(
                    _LABEL + width * (at + 0.5) - 1,
                    y + 24,
                    f"{mark} {square.programmes}",
                    anchor="middle",
                    fill=on(colour),
                )
            )
        y += _HIGH
        parts.append(line(0, y - 1, _LABEL - 8, y - 1))
    return svg(title, description or _described(columns, rows, fits), y + 2, parts)


def _square(x: float, y: float, width: float, height: float, fill: str) -> str:
    edge = "#9aa3ad" if fill == PAPER else fill
    return (
        f'<rect x="{shown(x)}" y="{shown(y)}" width="{shown(width)}" height="{shown(height)}" fill="{fill}" '
        f'stroke="{edge}" stroke-width="1"/>'
    )


def _described(columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Square]]], fits: dict[str, str]) -> str:
    return " ".join(
        f"{label}: "
        + ", ".join(
            f"{column} {fits[square.fit]} ({square.programmes})"
            for column, square in zip(columns, squares, strict=True)
        )
        + "."
        for label, squares in rows
    )
