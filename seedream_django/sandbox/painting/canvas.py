"""A surface and the strokes that all pictures are made of."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .palette import Colour

Point = tuple[float, float]


#: In how many flat steps a style shows a gradient; the styles of lines in one, for each step would be a line.
_STEPS = {"papercut": 4, "glass": 3, "poster": 4, "linocut": 3, "pixel": 7}


class Canvas:
    """An RGB image, what draws on it, and one seed's dice. Sizes in pixels; ``unit`` is its shorter side.

    ``flat``: the style that wants flat shapes, without gradients, glows and mist; "" is any other. ``cut`` says
    that there is one; of cut paper each layer of land casts a shadow on the one behind it. ``moment`` says where in
    a sequence this frame is, from 0 to 1; None is a picture alone.
    """

    def __init__(
        self,
        width: int,
        height: int,
        rng: random.Random,
        *,
        flat: str = "",
        moment: float | None = None,
    ) -> None:
        self.image = Image.new("RGB", (width, height))
        self.draw = ImageDraw.Draw(self.image)
        self.rng = rng
        self.width, self.height = width, height
        self.unit = min(width, height)
        self.flat, self.cut = flat, bool(flat)
        self.moment = moment
        self._key = rng.getrandbits(64)

    def replace(self, image: Image.Image) -> None:
        """Go on with another image of the same size."""
        self.image = image
        self.draw = ImageDraw.Draw(image)

    def dice(self, name: str) -> random.Random:
        """Dice for one part alone: what the other parts roll, or the size, does not change them."""
        return random.Random(f"{self._key}/{name}")

    def fill(self, points: Sequence[Point], tone: Colour) -> None:
        """A shape of one colour: a layer of the picture."""
        if self.flat == "papercut":
            self.shadow(points)
        self.draw.polygon(list(points), fill=tone)

    def shadow(self, points: Sequence[Point], strength: float = 0.5) -> None:
        """The soft shadow of a shape that lies a little above the rest; only its own box is touched."""
        scale, off, margin = 320 / max(self.width, self.height), self.unit * 0.012, self.unit * 0.04
        left = max(0.0, min(x for x, _ in points) - margin)
        top = max(0.0, min(y for _, y in points) - margin)
        right = min(float(self.width), max(x for x, _ in points) + margin)
        bottom = min(float(self.height), max(y for _, y in points) + margin)
        if right - left < 2 or bottom - top < 2:
            return
        mask = Image.new("L", (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))))
        moved = [((x + off - left) * scale, (y - off * 0.6 - top) * scale) for x, y in points]
        ImageDraw.Draw(mask).polygon(moved, fill=round(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(3.4))
        size = (round(right - left), round(bottom - top))
        self.image.paste(
            (24, 16, 20), (round(left), round(top)), mask.resize(size, Image.Resampling.BILINEAR)
        )

    def stain(self, mask: Image.Image, colour: Colour) -> None:
        """A colour where a small mask, stretched over all, says so."""
        self.image.paste(colour, (0, 0), mask.resize(self.image.size, Image.Resampling.BILINEAR))

    def gradient(self, stops: Sequence[Colour], top: float, bottom: float) -> None:
        """Fill the rows from ``top`` to ``bottom`` with these colours, evenly spaced."""
        start, end = round(top), round(bottom)
        if end > start:
            strip = Image.new("RGB", (1, len(stops)))
            strip.putdata(list(stops))
            size = (1, end - start)
            column = strip.resize(size, Image.Resampling.BICUBIC, box=(0, 0.5, 1, len(stops) - 0.5))
            if self.cut:  # paper has no gradients, only one sheet below the other
                steps = (1, _STEPS.get(self.flat, 1))
                column = column.resize(steps, Image.Resampling.BOX).resize(size, Image.Resampling.NEAREST)
            self.image.paste(column.resize((self.width, end - start)), (0, start))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """A round light that fades out at ``radius``; ``strength`` from 0 to 1 in its middle."""
        if self.cut:
            return
        left, top = max(0.0, x - radius), max(0.0, y - radius)
        right, bottom = min(float(self.width), x + radius), min(float(self.height), y + radius)
        if right - left < 2 or bottom - top < 2:
            return
        share = 256 / (2 * radius)
        edges = (left - x, top - y, right - x, bottom - y)
        box = tuple(max(0.0, min(256.0, (edge + radius) * share)) for edge in edges)
        fade = Image.radial_gradient("L").point(
            [round(strength * 255 * max(0.0, (180 - v) / 180) ** 1.8) for v in range(256)]
        )
        size = (max(1, round(right - left)), max(1, round(bottom - top)))
        self.image.paste(colour, (round(left), round(top)), fade.resize(size, Image.Resampling.BILINEAR, box))  # type: ignore[arg-type]

    def disc(self, x: float, y: float, radius: float, tone: Colour) -> None:
        self.draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=tone)

    def veil(self, top: float, bottom: float, colour: Colour, strength: float) -> None:
        """Mist: none at ``top``, ``strength`` (0 to 1) at ``bottom``."""
        start, end = max(0, round(top)), min(self.height, round(bottom))
        if end > start and not self.cut:
            fade = Image.linear_gradient("L").point([round(v * strength) for v in range(256)])
            self.image.paste(colour, (0, start), fade.resize((self.width, end - start)))

    def soft(
        self,
        ovals: Sequence[tuple[float, float, float, float]],
        colour: Colour,
        strength: float,
        blur: float = 2.2,
    ) -> None:
        """Blurred ovals (x, y, radius across, radius down), as clouds are."""
        if self.cut:
            return
        mask, scale = self._small_mask()
        pen = ImageDraw.Draw(mask)
        for x, y, across, down in ovals:
            box = [(x - across) * scale, (y - down) * scale, (x + across) * scale, (y + down) * scale]
            pen.ellipse(box, fill=round(255 * strength))
        self.stain(mask.filter(ImageFilter.GaussianBlur(blur)), colour)

    def beam(self, points: Sequence[Point], colour: Colour, strength: float, blur: float = 2.0) -> None:
        """A blurred shape of light or shade."""
        if self.cut:
            return
        mask, scale = self._small_mask()
        ImageDraw.Draw(mask).polygon([(x * scale, y * scale) for x, y in points], fill=round(255 * strength))
        self.stain(mask.filter(ImageFilter.GaussianBlur(blur)), colour)

    def _small_mask(self) -> tuple[Image.Image, float]:
        scale = 256 / max(self.width, self.height)
        size = (max(1, round(self.width * scale)), max(1, round(self.height * scale)))
        return Image.new("L", size), scale


def noise(rng: random.Random, size: tuple[int, int], cells: int) -> Image.Image:
    """Soft clouds of grey around 128, about ``cells`` of them along the longer side."""
    longer = max(size)
    across, down = (max(2, round(cells * side / longer)) for side in size)
    dust = Image.frombytes("L", (across, down), rng.randbytes(across * down))
    return dust.resize(size, Image.Resampling.BICUBIC)


def grained(picture: Image.Image, rng: random.Random, strength: float) -> Image.Image:
    """With paper grain, which also hides the steps of a gradient. The dice decide it, so it repeats.

    Tile by tile, in place: a second copy of a large picture would be some 40 MB.
    """
    side = 256
    dust = Image.frombytes("L", (side, side), rng.randbytes(side * side))
    tile = Image.merge("RGB", [dust.point([round(128 + (v - 128) * strength) for v in range(256)])] * 3)
    for x in range(0, picture.width, side):
        for y in range(0, picture.height, side):
            part = picture.crop((x, y, min(x + side, picture.width), min(y + side, picture.height)))
            grain = tile if part.size == tile.size else tile.crop((0, 0, *part.size))
            picture.paste(ImageChops.add(part, grain, 1, -128), (x, y))
    return picture


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
