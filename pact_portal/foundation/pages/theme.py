"""The colours of a region, made from one hue. Pure: numbers in, style sheet out.

Colours are made in OKLCH (Björn Ottosson, 2020), where equal lightness looks equally light whatever the hue; so one
set of steps keeps its contrast for every region. Colours of status (fault, warning, done) never change.
"""

import math

DEFAULT_HUE = 205
CHROMA = 0.1
NEUTRAL_CHROMA = 0.014
# Step of the design system's palette: lightness, and the share of the chroma that is used there.
STEPS = {
    50: (0.985, 0.10),
    100: (0.960, 0.26),
    200: (0.915, 0.48),
    300: (0.830, 0.72),
    400: (0.540, 1.0),
    500: (0.450, 1.0),
    600: (0.360, 0.9),
    700: (0.240, 0.6),
}
# The step that carries white text and is used for links: WCAG 2.2, success criterion 1.4.3, asks 4.5.
MAIN_STEP = 500
REQUIRED_CONTRAST = 4.5
# Hues that look like the colour of a fault; the settings page of a pact warns about them.
RED_HUES = range(5, 50)


def looks_like_a_fault(hue: int) -> bool:
    """Whether buttons in this hue (degrees) would read as faults or dangerous acts."""
    return hue % 360 in RED_HUES


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def colour(lightness: float, chroma: float, hue: float) -> str:
    """The sRGB colour "#rrggbb" of an OKLCH colour; chroma is lowered until a screen can show it.

    Lowering the chroma, not clipping the channels, keeps the lightness and so the contrast.
    """
    channels = _linear(lightness, chroma, hue)
    while chroma > 0 and not all(-1e-6 <= value <= 1 + 1e-6 for value in channels):
        chroma = max(0.0, chroma - 0.002)
        channels = _linear(lightness, chroma, hue)
    encoded = (
        12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
        for value in (min(1.0, max(0.0, channel)) for channel in channels)
    )
    return "#" + "".join(f"{round(value * 255):02x}" for value in encoded)


def luminance(hex_colour: str) -> float:
    """Relative luminance (0 black, 1 white) as WCAG 2.2 defines it."""
    shares = (int(hex_colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio between two colours, 1 to 21, as WCAG 2.2 defines it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ramp(hue: int, chroma: float = CHROMA) -> dict[int, str]:
    """The eight steps of one colour, light to dark, for a hue in degrees."""
    return {step: colour(lightness, chroma * share, hue % 360) for step, (lightness, share) in STEPS.items()}


def stylesheet(hue: int) -> str:
    """Style sheet that gives the design system's brand and grey the hue of a region (degrees, any whole number).

    Raises ArithmeticError when white text on the main colour would be too faint.
    """
    palettes = {"violet": ramp(hue), "grijs": ramp(hue, NEUTRAL_CHROMA)}
    for steps in palettes.values():
        if contrast(steps[MAIN_STEP], "#ffffff") < REQUIRED_CONTRAST:
            raise ArithmeticError(f"the main step of hue {hue} has too little contrast with white")
    lines = [
        f"  --voorbeeld-kleuren-{name}-{step}: {value};"
        for name, steps in palettes.items()
        for step, value in steps.items()
    ]
    return "\n".join([".voorbeeld-theme {", *lines, "}", ""])
