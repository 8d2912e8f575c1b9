"""Palette words: how a finished picture is pulled into a few colours."""

from __future__ import annotations

from typing import NamedTuple

from PIL import Image, ImageEnhance

from .palette import colour

#: Rows of a large picture that are changed at a time: a second whole copy would be some 40 MB.
_ROWS = 256


class Grade(NamedTuple):
    """Colours from dark to light that greys go to; how far (0 to 1); saturation and contrast (1: as it was)."""

    stops: str
    share: float
    saturation: float = 1.0
    contrast: float = 1.0


GRADES: dict[str, Grade] = {
    "mono": Grade("#0a0b0d #4c4e52 #9a9b9e #f8f7f3", 1.0, 1.0, 1.15),
    "sepia": Grade("#20130a #6d4724 #b98f5c #f7e8cc", 0.96),
    "copper": Grade("#170a0a #5c2513 #b8622c #ecab73 #fdeedd", 0.84, 1.0, 1.08),
    "pastel": Grade("#8f8fc0 #d9a9c9 #f6c8c2 #fbe7c6 #fdf8ee", 0.6, 1.0),
    "neon": Grade("#05031a #22094f #6a0f9c #f0218f #ff7ad1 #86f7ff", 0.86, 1.25, 1.1),
    "earth": Grade("#261910 #6b4a2a #a5713f #d6b27c #f1e5c8", 0.7, 0.9),
    "vivid": Grade("#000000 #ffffff", 0.0, 1.75, 1.12),
    "muted": Grade("#3c4146 #9a9a94 #e6e2d8", 0.42, 0.7, 0.92),
    "warm": Grade("#2a100c #d8793c #fff0cf", 0.4),
    "cool": Grade("#0a1630 #5b8fb5 #eef7fb", 0.45),
    "red": Grade("#220508 #8c1519 #d0342b #f3a07f #fdeadb", 0.78, 1.0, 1.08),
    "orange": Grade("#2b1006 #9c4310 #e8801e #f9c26c #fff3da", 0.76),
    "yellow": Grade("#3a2706 #a8780f #ecc021 #f9e37c #fffae0", 0.74),
    "gold": Grade("#17100a #6b4a14 #c8932c #ecc971 #fff5d3", 0.78, 1.0, 1.08),
    "green": Grade("#06190d #1d5a33 #4c9d57 #a9d08f #f1f7dc", 0.74),
    "teal": Grade("#03191a #0d5558 #1f9490 #8fd0c2 #ebf8f0", 0.76),
    "blue": Grade("#050b29 #153a86 #3572cc #93bdea #eef5fb", 0.78),
    "indigo": Grade("#08072a #2a2670 #5049b0 #a9a3e0 #efeaf8", 0.78),
    "purple": Grade("#160826 #4d2272 #8c4ab5 #c9a0dd #f7eaf8", 0.76),
    "pink": Grade("#300d1b #a63a66 #ec7ba5 #f8bdcb #fff2ef", 0.74),
    "brown": Grade("#160d08 #50311f #8b5e3f #c9a47e #f2e5d2", 0.76),
    "silver": Grade("#16191d #545b62 #99a1a8 #cfd4d8 #f8f9fa", 0.82),
    "white": Grade("#8d949b #d3d7d9 #f2f3f3 #ffffff", 0.74),
    "black": Grade("#040406 #1d1e23 #46474e #a3a29f #e6e4de", 0.8, 0.8, 1.1),
}


def graded(picture: Image.Image, palette: str, accent: str = "") -> Image.Image:
    """The picture in this palette, its lights in the accent's colours; in place, band by band."""
    if palette not in GRADES:
        return picture
    grade = _together(GRADES[palette], GRADES[accent]) if accent in GRADES else GRADES[palette]
    return toned(picture, grade)


def toned(picture: Image.Image, grade: Grade) -> Image.Image:
    """The picture after this grade; in place, band by band."""
    for top in range(0, picture.height, _ROWS):
        band = picture.crop((0, top, picture.width, min(top + _ROWS, picture.height)))
        picture.paste(_band(band, grade), (0, top))
    return picture


def _together(one: Grade, other: Grade) -> Grade:
    """The darks of the one, the lights of the other."""
    return one._replace(
        stops=" ".join(one.stops.split()[:3] + other.stops.split()[-3:]), share=max(one.share, other.share)
    )


def _band(band: Image.Image, grade: Grade) -> Image.Image:
    if grade.share:
        band = Image.blend(band, mapped(band, grade.stops), grade.share)
    if grade.saturation != 1:
        band = ImageEnhance.Color(band).enhance(grade.saturation)
    if grade.contrast != 1:
        # Around a fixed grey: the mean of a band would make its edges visible.
        band = band.point([max(0, min(255, round(128 + (v - 128) * grade.contrast))) for v in range(256)] * 3)
    return band


def mapped(picture: Image.Image, stops: str) -> Image.Image:
    """Each grey of the picture as a colour between these, from dark to light."""
    tones = [colour(text) for text in stops.split()]
    ramp = Image.new("RGB", (len(tones), 1))
    ramp.putdata(tones)
    ramp = ramp.resize((256, 1), Image.Resampling.BILINEAR, box=(0.5, 0, len(tones) - 0.5, 1))
    grey = picture.convert("L")
    return Image.merge("RGB", [grey.point(list(channel.tobytes())) for channel in ramp.split()])
