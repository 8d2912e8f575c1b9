"""Palette words: how a finished picture is pulled into a few colours."""

from __future__ import annotations

from typing import NamedTuple

from PIL import Image, ImageEnhance, ImageOps

from .palette import colour

#: Rows of a large picture that are changed at a time: a second whole copy would be some 40 MB.
_ROWS = 256


class Grade(NamedTuple):
    """Dark, middle and light end that greys go to; how far (0 to 1); saturation and contrast (1 is as it was)."""

    dark: str
    middle: str
    light: str
    share: float
    saturation: float = 1.0
    contrast: float = 1.0


GRADES: dict[str, Grade] = {
    "mono": Grade("#0d0e10", "#85868a", "#f8f7f3", 1.0, 1.0, 1.15),
    "sepia": Grade("#23150b", "#a07848", "#f7e8cc", 0.96),
    "copper": Grade("#1f0d09", "#b8622c", "#fbe3c8", 0.8, 1.0, 1.1),
    "pastel": Grade("#a4a0c6", "#f0c0cb", "#fdf6e9", 0.58, 0.95),
    "neon": Grade("#0a0626", "#e8198f", "#6ff5ff", 0.78, 1.3, 1.15),
    "earth": Grade("#2b1d12", "#a5713f", "#eedfc0", 0.7, 0.9),
    "vivid": Grade("#000000", "#808080", "#ffffff", 0.0, 1.75, 1.12),
    "muted": Grade("#3c4146", "#9a9a94", "#e6e2d8", 0.42, 0.7, 0.92),
    "warm": Grade("#2a100c", "#d8793c", "#fff0cf", 0.4),
    "cool": Grade("#0a1630", "#5b8fb5", "#eef7fb", 0.45),
    "red": Grade("#2a0608", "#c22a26", "#fbe3d3", 0.76, 1.0, 1.1),
    "orange": Grade("#2b1006", "#e5781e", "#fff0d2", 0.74),
    "yellow": Grade("#3a2706", "#e9b922", "#fff9d8", 0.72),
    "gold": Grade("#1f1608", "#c8932c", "#fff2c6", 0.74, 1.0, 1.1),
    "green": Grade("#07200f", "#3f9150", "#eff6d6", 0.72),
    "teal": Grade("#04211f", "#1f8f8c", "#e6f6ee", 0.74),
    "blue": Grade("#060f33", "#2f66c4", "#eaf3fb", 0.76),
    "indigo": Grade("#0b0930", "#443fa2", "#ece6f6", 0.76),
    "purple": Grade("#190a2b", "#8442ad", "#f6e6f6", 0.74),
    "pink": Grade("#38101f", "#e8709c", "#fff0ee", 0.72),
    "brown": Grade("#1b100a", "#83563a", "#f0e0ca", 0.74),
    "silver": Grade("#1c2024", "#8f979e", "#f6f8f9", 0.8),
    "white": Grade("#8d949b", "#dcdfe0", "#ffffff", 0.72),
    "black": Grade("#060608", "#34353c", "#d8d6d0", 0.72, 0.8, 1.1),
}


def graded(picture: Image.Image, palette: str) -> Image.Image:
    """The picture in this palette; in place, band by band."""
    if palette not in GRADES:
        return picture
    for top in range(0, picture.height, _ROWS):
        band = picture.crop((0, top, picture.width, min(top + _ROWS, picture.height)))
        picture.paste(_band(band, GRADES[palette]), (0, top))
    return picture


def _band(band: Image.Image, grade: Grade) -> Image.Image:
    if grade.share:
        ends = (colour(grade.dark), colour(grade.light), colour(grade.middle))
        band = Image.blend(band, ImageOps.colorize(band.convert("L"), ends[0], ends[1], ends[2]), grade.share)
    if grade.saturation != 1:
        band = ImageEnhance.Color(band).enhance(grade.saturation)
    if grade.contrast != 1:
        # Around a fixed grey: the mean of a band would make its edges visible.
        band = band.point([max(0, min(255, round(128 + (v - 128) * grade.contrast))) for v in range(256)] * 3)
    return band
