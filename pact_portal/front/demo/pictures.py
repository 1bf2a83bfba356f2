"""The picture in the demonstration pact: a young person amid those who help, drawn here, so that it is nobody's."""

import io
import math

from PIL import Image, ImageDraw

ALT = (
    "Tekening: een jongere staat in het midden van drie kringen van mensen. Lijnen verbinden de jongere met gezin, "
    "school en buurt."
)
CAPTION = "Een veerkrachtig netwerk om iedere jongere heen."

SIDE = 1200
_FINER = 3  # drawn larger and then made smaller, so that edges are smooth
_PAPER, _INK = "#eef6f6", "#0f4c55"
_RINGS = [(0.205, 3, "#1f8a94"), (0.33, 5, "#d98324"), (0.445, 8, "#6d5ba6")]
"""Of each ring its radius as a share of the side, how many people stand on it, and their colour."""


def drawing() -> bytes:
    """The picture as a PNG of SIDE by SIDE pixels; always the same bytes."""
    side = SIDE * _FINER
    image = Image.new("RGB", (side, side), _PAPER)
    draw = ImageDraw.Draw(image)
    middle = side / 2
    for share, _count, _colour in _RINGS:
        _disc(draw, middle, middle, share * side, outline="#c3dcde", width=side // 240)
    people = [
        (middle + share * side * math.cos(angle), middle + share * side * math.sin(angle), turn, colour)
        for turn, (share, count, colour) in enumerate(_RINGS)
        for angle in (math.tau * number / count + 0.5 * turn - math.pi / 2 for number in range(count))
    ]
    for x, y, _turn, _colour in people:
        draw.line([(middle, middle), (x, y)], fill="#c3dcde", width=side // 300)
    for x, y, turn, colour in people:
        _person(draw, x, y, side * (0.036 - 0.004 * turn), colour)
    _disc(draw, middle, middle, side * 0.11, fill="#ffffff")
    _person(draw, middle, middle, side * 0.062, _INK)
    made = io.BytesIO()
    image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(made, "PNG", optimize=True)
    return made.getvalue()


def _person(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, colour: str) -> None:
    """A head above shoulders, on a white ground that keeps lines out of it."""
    _disc(draw, x, y, size * 1.35, fill="#ffffff")
    _disc(draw, x, y - size * 0.42, size * 0.42, fill=colour)
    draw.pieslice([x - size * 0.85, y + size * 0.1, x + size * 0.85, y + size * 1.6], 180, 360, fill=colour)


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, **style: object) -> None:
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], **style)  # type: ignore[arg-type]
