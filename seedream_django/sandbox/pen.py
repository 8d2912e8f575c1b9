"""A pen that draws in a square of side 1: x to the right, y down, feet at y = 1."""

from __future__ import annotations

import random

from .canvas import Canvas, Point, rounded
from .palette import Colour, colour, mix


class Pen:
    """Draws in a motif's square: ``size`` pixels wide, its lower middle at (x, y), mirrored or not.

    ``shade`` is the colour of the scene's shadow, which every colour takes a ``depth`` (0 to 1) of.
    """

    def __init__(
        self, canvas: Canvas, x: float, y: float, size: float, *, flip: bool, shade: Colour, depth: float
    ) -> None:
        self._draw, self._flip, self._shade, self._depth = canvas.draw, flip, shade, depth
        self._left, self._top, self.size = x - size / 2, y - size, size
        self.rng: random.Random = canvas.rng

    def blob(self, tone: str, *points: Point) -> None:
        """A smooth closed shape through these points."""
        self._draw.polygon([self._at(p) for p in rounded(points)], fill=self._tone(tone))

    def poly(self, tone: str, *points: Point) -> None:
        self._draw.polygon([self._at(p) for p in points], fill=self._tone(tone))

    def oval(self, tone: str, x: float, y: float, across: float, down: float) -> None:
        (x0, y0), (x1, y1) = self._at((x - across, y - down)), self._at((x + across, y + down))
        self._draw.ellipse([min(x0, x1), y0, max(x0, x1), y1], fill=self._tone(tone))

    def line(self, tone: str, width: float, *points: Point) -> None:
        """A stroke; ``width`` as a share of the square's side."""
        pixels = max(1, round(width * self.size))
        self._draw.line([self._at(p) for p in points], fill=self._tone(tone), width=pixels, joint="curve")

    def _at(self, point: Point) -> Point:
        x = 1 - point[0] if self._flip else point[0]
        return self._left + x * self.size, self._top + point[1] * self.size

    def _tone(self, tone: str) -> Colour:
        return mix(colour(tone), self._shade, self._depth)
