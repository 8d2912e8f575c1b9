"""A surface and the strokes that all pictures are made of."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from .palette import Colour

Point = tuple[float, float]


class Canvas:
    """An RGB image, what draws on it, and one seed's dice. Sizes in pixels; ``unit`` is its shorter side."""

    def __init__(self, width: int, height: int, rng: random.Random) -> None:
        self.image = Image.new("RGB", (width, height))
        self.draw = ImageDraw.Draw(self.image)
        self.rng = rng
        self.width, self.height = width, height
        self.unit = min(width, height)

    def gradient(self, stops: Sequence[Colour], top: int, bottom: int) -> None:
        """Fill the rows from ``top`` to ``bottom`` with these colours, evenly spaced."""
        if bottom > top:
            strip = Image.new("RGB", (1, len(stops)))
            strip.putdata(list(stops))
            size = (1, bottom - top)
            column = strip.resize(size, Image.Resampling.BICUBIC, box=(0, 0.5, 1, len(stops) - 0.5))
            self.image.paste(column.resize((self.width, bottom - top)), (0, top))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """A round light that fades out at ``radius``; ``strength`` from 0 to 1 in its middle."""
        size = max(2, round(radius * 2))
        fade = ImageOps.invert(Image.radial_gradient("L")).resize((128, 128))
        fade = fade.point([round(strength * 255 * max(0.0, (v - 75) / 180) ** 1.8) for v in range(256)])
        mask = fade.resize((size, size), Image.Resampling.BICUBIC)
        self.image.paste(colour, (round(x - size / 2), round(y - size / 2)), mask)

    def veil(self, top: float, bottom: float, colour: Colour, strength: float) -> None:
        """Mist: none at ``top``, ``strength`` (0 to 1) at ``bottom``."""
        start, end = max(0, round(top)), min(self.height, round(bottom))
        if end > start:
            fade = Image.linear_gradient("L").point([round(v * strength) for v in range(256)])
            self.image.paste(colour, (0, start), fade.resize((self.width, end - start)))

    def soft(
        self, ovals: Sequence[tuple[float, float, float, float]], colour: Colour, strength: float
    ) -> None:
        """Blurred ovals (x, y, radius across, radius down), as clouds are."""
        scale = 256 / max(self.width, self.height)
        mask = Image.new("L", (max(1, round(self.width * scale)), max(1, round(self.height * scale))))
        pen = ImageDraw.Draw(mask)
        for x, y, across, down in ovals:
            box = [(x - across) * scale, (y - down) * scale, (x + across) * scale, (y + down) * scale]
            pen.ellipse(box, fill=round(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(2.2))
        self.image.paste(colour, (0, 0), mask.resize(self.image.size, Image.Resampling.BICUBIC))


def grained(picture: Image.Image, rng: random.Random, strength: float) -> Image.Image:
    """With paper grain, which also hides the steps of a gradient. The dice decide it, so it repeats."""
    side = 256
    noise = Image.frombytes("L", (side, side), rng.randbytes(side * side))
    noise = noise.point([round(128 + (v - 128) * strength) for v in range(256)])
    sheet = Image.new("L", picture.size)
    for x in range(0, picture.width, side):
        for y in range(0, picture.height, side):
            sheet.paste(noise, (x, y))
    return ImageChops.add(picture, Image.merge("RGB", [sheet] * 3), 1, -128)


def rounded(points: Sequence[Point], steps: int = 10) -> list[Point]:
    """A closed smooth curve through these points (Catmull-Rom)."""
    count = len(points)
    curve: list[Point] = []
    for i in range(count):
        four = [points[(i + k) % count] for k in (-1, 0, 1, 2)]
        curve += [_between(four, step / steps) for step in range(steps)]
    return curve


def _between(four: Sequence[Point], t: float) -> Point:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = four

    def along(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (
            2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
        )

    return along(x0, x1, x2, x3), along(y0, y1, y2, y3)


def waves(rng: random.Random, height: float, bumps: float) -> list[float]:
    """A rolling line: for each 1/120 of the width its height between about -``height`` and +``height``."""
    parts = [(rng.uniform(0.6, 1.4) * bumps * k, rng.uniform(0, math.tau), 1 / k) for k in (1, 2, 3.7)]
    return [
        height
        * sum(size * math.sin(math.tau * often * i / 120 + start) for often, start, size in parts)
        / 1.8
        for i in range(121)
    ]


def crags(rng: random.Random, height: float, roughness: float = 0.47) -> list[float]:
    """A jagged line of 129 heights around zero, by halving and shifting."""
    line = [rng.uniform(-0.5, 0.5), rng.uniform(0.2, 0.8), rng.uniform(-0.5, 0.5)]
    spread = 0.75
    while len(line) < 129:
        middles = [(a + b) / 2 + rng.uniform(-spread, spread) for a, b in pairwise(line)]
        line = [v for pair in zip(line, middles, strict=False) for v in pair] + [line[-1]]
        spread *= roughness
    return [-height * v for v in line]
