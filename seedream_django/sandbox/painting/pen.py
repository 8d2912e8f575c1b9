"""A pen that draws in a square of side 100: x to the right, y down, feet at y = 100.

Shapes are written as an SVG path's points are, ``"36,40 50,44 62,58"``; tones as ``"#rrggbb"``, or ``"#rrggbbaa"``
where one can see through them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw

from .canvas import Canvas, Point
from .palette import Colour, colour, mix

Shape = str | Sequence[Point]

#: What a shadow draws a colour towards: bluish, as shadows under a sky are.
_SHADOW = colour("#1d1a3a")
_WHITE = colour("#fffaf0")


class Pen:
    """Draws in a motif's square: ``size`` pixels wide, its lower middle at (x, y), mirrored or not.

    ``shade`` is the colour of the scene's shadow, which every colour takes a ``depth`` (0 to 1) of. ``tint`` is
    the colour that the prompt gave the subject, ``season`` one of the four, or "" for any. Every mark goes through
    ``_fill``, ``_light`` or ``_stroke``, in pixels: another style is another three of them.
    """

    def __init__(
        self,
        canvas: Canvas,
        x: float,
        y: float,
        size: float,
        *,
        flip: bool,
        shade: Colour,
        depth: float,
        tint: Colour | None = None,
        season: str = "",
    ) -> None:
        self._draw, self._shade, self._depth, self._tint = canvas.draw, shade, depth, tint
        self._image = canvas.image
        self.size, self.season = size, season
        self.rng: random.Random = canvas.rng
        across = -size / 100 if flip else size / 100
        #: a, b, c, d, e, f: a point goes to (ax + by + c, dx + ey + f), in pixels.
        self._frame = (across, 0.0, x - across * 50, 0.0, size / 100, y - size)

    # -- Shapes ----------------------------------------------------------------------------------------------

    def blob(self, tone: str, shape: Shape, shade: float = 0) -> None:
        """A smooth closed shape through these points; a point given twice is a corner.

        ``shade`` from 0 to 1 is how far the shadow comes in from the right and from below.
        """
        points = self._pixels(_smooth(shape) if isinstance(shape, str) else _bent(shape, closed=True))
        self._solid(points, tone, _facing(points, shade) if shade else None)

    def poly(self, tone: str, shape: Shape, shade: float = 0) -> None:
        """A shape with straight edges; ``shade`` is the share of its width, on the right, that is in shadow."""
        points = self._pixels(points_of(shape))
        self._solid(points, tone, _left(points, shade) if shade else None)

    def box(self, tone: str, x: float, y: float, wide: float, high: float, shade: float = 0) -> None:
        """An upright rectangle, its upper left corner at (x, y)."""
        self.poly(tone, [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], shade)

    def oval(self, tone: str, x: float, y: float, across: float, down: float, shade: float = 0) -> None:
        """An ellipse around (x, y) with these radii."""
        points = self._pixels([(x + across * dx, y + down * dy) for dx, dy in _CIRCLE])
        self._solid(points, tone, _facing(points, shade) if shade else None)

    def star(self, tone: str, x: float, y: float, size: float, rays: int = 4) -> None:
        """A sparkle, or with five rays a star; ``size`` is from its middle to a tip."""
        waist = size * (0.3 if rays == 4 else 0.42)
        ends = ((math.pi * i / rays, waist if i % 2 else size) for i in range(2 * rays))
        self.poly(tone, [(x + far * math.sin(way), y - far * math.cos(way)) for way, far in ends])

    def line(self, tone: str, width: float, shape: Shape) -> None:
        """A stroke with straight parts and round ends."""
        self._stroke(self._pixels(points_of(shape)), tone, self._wide(width))

    def curve(self, tone: str, width: float, shape: Shape) -> None:
        """A smooth stroke through these points."""
        self._stroke(self._pixels(_bent(points_of(shape), closed=False)), tone, self._wide(width))

    def taper(self, tone: str, shape: Shape, *widths: float) -> None:
        """A smooth solid stroke that runs through these widths: a limb, a tail, a trunk."""
        points = self._pixels(_bent(points_of(shape), closed=False))
        self._limb(
            points, tone, [self._wide(_along(widths, i / (len(points) - 1))) for i in range(len(points))]
        )

    def glow(self, tone: str, x: float, y: float, radius: float, strength: float = 0.5) -> None:
        """Light around (x, y) that fades out evenly."""
        veil = f"{tone}{round(255 * strength / 9):02x}"
        for step in range(12, 0, -1):
            self.oval(veil, x, y, radius * step / 12, radius * step / 12)

    # -- Light and colours --------------------------------------------------------------------------------------

    @property
    def dark(self) -> bool:
        """Whether the scene is so dark that lights are on."""
        return self._depth > 0.2

    @contextmanager
    def lit(self, share: float) -> Iterator[None]:
        """What is drawn meanwhile takes only this share of the scene's shadow."""
        before, self._depth = self._depth, self._depth * share
        try:
            yield
        finally:
            self._depth = before

    def coat(self, *tones: str) -> str:
        """The main colour: the one that the prompt names, or else one of these, a little off by the seed."""
        usual = colour(self.rng.choice(tones))
        base = mix(self._tint, (128, 128, 128), 0.08) if self._tint else usual
        drift = self.rng.uniform(-0.09, 0.09)
        return _text(mix(base, _WHITE if drift > 0 else _SHADOW, abs(drift)))

    # -- Places in the square --------------------------------------------------------------------------------

    @contextmanager
    def turned(self, degrees: float, x: float, y: float) -> Iterator[None]:
        """What is drawn meanwhile is turned around (x, y): a head that nods, a mast that leans."""
        sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        with self._framed((cos, -sin, x - x * cos + y * sin, sin, cos, y - x * sin - y * cos)):
            yield

    @contextmanager
    def placed(self, x: float, y: float, scale: float, *, flip: bool = False) -> Iterator[None]:
        """What is drawn meanwhile stands in a smaller square, its lower middle at (x, y)."""
        across = -scale if flip else scale
        with self._framed((across, 0, x - across * 50, 0, scale, y - 100 * scale)):
            yield

    def sides(self, middle: float = 50) -> Iterator[int]:
        """Twice: once as it is, once mirrored there, for what has a left and a right."""
        for side in (0, 1):
            with self._framed((1, 0, 0, 0, 1, 0) if side == 0 else (-1, 0, 2 * middle, 0, 1, 0)):
                yield side

    @contextmanager
    def _framed(self, inner: tuple[float, float, float, float, float, float]) -> Iterator[None]:
        a, b, c, d, e, f = before = self._frame
        g, h, i, j, k, m = inner
        self._frame = (
            a * g + b * j, a * h + b * k, a * i + b * m + c,
            d * g + e * j, d * h + e * k, d * i + e * m + f,
        )  # fmt: skip
        try:
            yield
        finally:
            self._frame = before

    def _pixels(self, points: Sequence[Point]) -> list[Point]:
        a, b, c, d, e, f = self._frame
        return [(a * x + b * y + c, d * x + e * y + f) for x, y in points]

    def _wide(self, width: float) -> float:
        return width * math.hypot(self._frame[1], self._frame[4])

    # -- Marks -----------------------------------------------------------------------------------------------

    def _solid(self, points: list[Point], tone: str, lit: list[Point] | None) -> None:
        self._fill(points, tone if lit is None else darker(tone))
        if lit:
            self._light(lit, tone)

    def _fill(self, points: list[Point], tone: str) -> None:
        """A closed shape."""
        if len(tone) == 9:
            self._glaze(points, tone)
        else:
            self._draw.polygon(points, fill=self._tone(tone))

    def _light(self, points: list[Point], tone: str) -> None:
        """The part of the shape just drawn that faces the light."""
        self._fill(points, tone)

    def _stroke(self, points: list[Point], tone: str, width: float) -> None:
        """A line with round ends, ``width`` pixels wide."""
        if width < 3 and len(tone) == 7:
            self._draw.line(points, fill=self._tone(tone), width=max(1, round(width)), joint="curve")
            return
        if len(tone) == 7:
            self._limb(points, tone, [width] * len(points))
        else:
            self._fill(_band(points, max(1, width) / 2), tone)

    def _limb(self, points: list[Point], tone: str, widths: list[float]) -> None:
        """A round joint at each point and a piece between each two: a tight bend leaves no hole."""
        fill = self._tone(tone)
        ends = list(zip(points, widths, strict=True))
        for (x, y), wide in ends:
            half = wide / 2
            self._draw.ellipse([x - half, y - half, x + half, y + half], fill=fill)
        for (start, wide), (end, next_wide) in pairwise(ends):
            near, far = _band([start, end], wide / 2), _band([start, end], next_wide / 2)
            self._draw.polygon([near[0], far[1], far[2], near[3]], fill=fill)

    def _glaze(self, points: list[Point], tone: str) -> None:
        """A shape that one sees through, also on a sheet that is still empty there."""
        left, top = (max(0, math.floor(min(p[i] for p in points))) for i in (0, 1))
        right, bottom = (min(self._image.size[i], math.ceil(max(p[i] for p in points)) + 1) for i in (0, 1))
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in points], fill=int(tone[7:], 16))
        if self._image.mode == "RGBA":
            layer = Image.new("RGBA", mask.size, self._tone(tone))
            layer.putalpha(mask)
            self._image.alpha_composite(layer, (left, top))
        else:
            self._image.paste(self._tone(tone), (left, top), mask)

    def _tone(self, tone: str) -> Colour:
        return mix(colour(tone[:7]), self._shade, self._depth)


# -- Tones ---------------------------------------------------------------------------------------------------


def darker(tone: str, share: float = 0.26) -> str:
    """The tone with less light on it; as transparent as before."""
    return _text(mix(colour(tone[:7]), _SHADOW, share)) + tone[7:]


def lighter(tone: str, share: float = 0.3) -> str:
    return _text(mix(colour(tone[:7]), _WHITE, share)) + tone[7:]


def _text(tone: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*tone)


# -- Points --------------------------------------------------------------------------------------------------

_CIRCLE = [(math.cos(math.tau * i / 48), math.sin(math.tau * i / 48)) for i in range(48)]


@lru_cache(512)
def _read(text: str) -> tuple[Point, ...]:
    pairs = [pair.split(",") for pair in text.split()]
    return tuple((float(x), float(y)) for x, y in pairs)


@lru_cache(512)
def _smooth(text: str) -> tuple[Point, ...]:
    return tuple(_bent(_read(text), closed=True))


def points_of(shape: Shape) -> Sequence[Point]:
    return _read(shape) if isinstance(shape, str) else shape


#: What the four points around a step of a curve weigh in it (Catmull-Rom).
_WEIGHTS = [
    (
        -t / 2 + t * t - t**3 / 2,
        1 - 2.5 * t * t + 1.5 * t**3,
        t / 2 + 2 * t * t - 1.5 * t**3,
        (t**3 - t * t) / 2,
    )
    for t in (step / 10 for step in range(10))
]


def _bent(points: Sequence[Point], *, closed: bool) -> list[Point]:
    """A smooth curve through these points, with a corner where one is given twice."""
    count, curve = len(points), list[Point]()
    for i in range(count if closed else count - 1):
        if closed:
            before, start, end, after = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        else:
            before, start, end, after = (points[max(0, min(count - 1, i + k))] for k in (-1, 0, 1, 2))
        if start != end:
            curve += [
                (before[0] * a + start[0] * b + end[0] * c + after[0] * d,
                 before[1] * a + start[1] * b + end[1] * c + after[1] * d)
                for a, b, c, d in _WEIGHTS
            ]  # fmt: skip
    return curve if closed else [*curve, points[-1]]


def _facing(points: Sequence[Point], shade: float) -> list[Point]:
    """What of a round shape is lit from the upper left: its points drawn into an ellipse that lies there."""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    across, down = (right - left) * 0.56 or 1, (bottom - top) * 0.56 or 1
    x0, y0 = (left + right) / 2 - across * shade, (top + bottom) / 2 - down * shade
    lit = []
    for x, y in points:
        far = max(1.0, math.hypot((x - x0) / across, (y - y0) / down))
        lit.append((x0 + (x - x0) / far, y0 + (y - y0) / far))
    return lit


def _left(points: Sequence[Point], shade: float) -> list[Point]:
    """What of a shape lies left of an upright cut."""
    low, high = min(x for x, _ in points), max(x for x, _ in points)
    cut, kept = high - (high - low) * shade, []
    for (x, y), (nx, ny) in zip(points, [*points[1:], points[0]], strict=True):
        if x <= cut:
            kept.append((x, y))
        if (x - cut) * (nx - cut) < 0:
            kept.append((cut, y + (ny - y) * (cut - x) / (nx - x)))
    return kept


def _along(values: Sequence[float], share: float) -> float:
    """Where a run through these values is after this share of the way."""
    step = share * (len(values) - 1)
    i = min(int(step), len(values) - 2)
    return values[i] + (values[i + 1] - values[i]) * (step - i)


def _band(points: Sequence[Point], half: float) -> list[Point]:
    """The outline of a line that is twice ``half`` wide."""
    left, right = [], []
    for i, (x, y) in enumerate(points):
        (x0, y0), (x1, y1) = points[max(0, i - 1)], points[min(len(points) - 1, i + 1)]
        long = math.hypot(x1 - x0, y1 - y0) or 1
        dx, dy = (y0 - y1) / long * half, (x1 - x0) / long * half
        left.append((x + dx, y + dy))
        right.append((x - dx, y - dy))
    return left + right[::-1]
