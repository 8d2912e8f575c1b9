"""What a place gives to those who stand in it."""

from __future__ import annotations

from typing import NamedTuple

from .canvas import Canvas, Point


class Stage(NamedTuple):
    """The line that subjects stand on, where the land ends, where the sun is; the water's rows and outline."""

    ground: list[Point]
    horizon: float
    sun: Point
    water: tuple[float, float] | None = None
    pool: tuple[Point, ...] = ()


def shape_of(canvas: Canvas) -> str:
    """``wide``, ``tall`` or ``square``: what the composition follows."""
    ratio = canvas.width / canvas.height
    return "wide" if ratio > 1.2 else "tall" if ratio < 0.85 else "square"


def side_of(canvas: Canvas) -> int:
    """On which side of the middle the first subject stands, -1 or 1; sun and moon keep to the other."""
    return canvas.dice("side").choice((-1, 1))


def horizon_of(canvas: Canvas) -> float:
    """Low in wide and tall pictures, which have a sky to show; near the middle in square ones."""
    low, high = {"wide": (0.58, 0.66), "square": (0.52, 0.6), "tall": (0.56, 0.64)}[shape_of(canvas)]
    return round(canvas.height * canvas.dice("horizon").uniform(low, high))


def flat(canvas: Canvas, share: float) -> list[Point]:
    """A level line to stand on."""
    return [(canvas.width * i / 20, canvas.height * share) for i in range(21)]
