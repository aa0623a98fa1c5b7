"""From one brand colour, chosen well or badly, to a palette that can be read in light and in dark.

Contrast as WCAG 2.2 defines it (1.4.3, 1.4.11): https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from dataclasses import dataclass

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
# Of the surfaces in style.css, those against which a colour stands out least: `--well`.
LIGHT_SURFACE: Colour = (0xF6, 0xF7, 0xF9)
DARK_SURFACE: Colour = (0x24, 0x29, 0x33)
TEXT_CONTRAST = 4.6  # AA asks for 4.5; rounding to whole channels eats a little
SHAPE_CONTRAST = 3.1


@dataclass(frozen=True)
class Palette:
    """`fill`, `on_fill`, `edge`: a button, its text and its border; `accent`: links and the focus ring.

    The button keeps the brand's colour, however pale; the border makes its shape seen. All `#rrggbb`.
    """

    fill: str
    on_fill: str
    edge: str
    accent: str


def light_palette(brand: str) -> Palette:
    return _palette(_parse(brand), LIGHT_SURFACE, BLACK)


def dark_palette(brand: str) -> Palette:
    return _palette(_parse(brand), DARK_SURFACE, WHITE)


def _palette(brand: Colour, surface: Colour, away: Colour) -> Palette:
    on_fill = WHITE if contrast(WHITE, brand) >= TEXT_CONTRAST else BLACK
    edge = until_contrast(brand, away, surface, SHAPE_CONTRAST)
    accent = until_contrast(brand, away, surface, TEXT_CONTRAST)
    return Palette(_format(brand), _format(on_fill), _format(edge), _format(accent))


def until_contrast(colour: Colour, away: Colour, against: Colour, enough: float) -> Colour:
    """The colour, moved as little as needed towards `away`, until it stands out from `against`."""
    for percent in range(0, 101, 2):
        mixed = _mix(colour, away, percent / 100)
        if contrast(mixed, against) >= enough:
            return mixed
    return away


def contrast(one: Colour, other: Colour) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _mix(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _parse(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _format(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
