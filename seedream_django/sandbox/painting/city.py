"""Cities: the skyline from afar, and a street in perspective."""

from __future__ import annotations

import random
from itertools import pairwise, product
from typing import NamedTuple

from . import sky, water
from .canvas import Canvas, Point
from .motifs import BY_NAME
from .palette import Colour, Light, mix
from .scenes import Scene
from .stage import Stage, flat, shape_of

_LAMP = (255, 214, 130)


class Tower(NamedTuple):
    """One house of the skyline: its edges in pixels, its colour, and its row, 0 the farthest."""

    left: float
    top: float
    right: float
    ground: float
    tone: Colour
    row: int


def skyline(canvas: Canvas, scene: Scene) -> Stage:
    """Rows of towers, the nearer ones with lit windows, before water or a quay."""
    horizon = round(canvas.height * (0.7 if shape_of(canvas) != "tall" else 0.74))
    light, rng = scene.light, canvas.dice("city")
    sun = sky.sky(canvas, light, horizon, scene.weather, scene.hour)
    tall = min(horizon * 0.78, canvas.unit * 0.75)
    for row in range(4):
        tone = mix(mix(light.far, light.low, 0.3 - 0.1 * row), light.near, (0.1, 0.36, 0.62, 0.86)[row])
        _towers(canvas, rng, light, tone, horizon, tall * (1.0, 0.74, 0.56, 0.3)[row], row)
        canvas.veil(horizon - tall * 0.5, horizon, light.low, 0.42 - 0.12 * row)
    if rng.random() < 0.8:
        if canvas.flat in {"", "pixel"}:
            water.mirrored(canvas, light, horizon, sun[0], smear=12)
        else:
            water.cut_waves(canvas, light, horizon)
        right, low = float(canvas.width), float(canvas.height)
        if any(BY_NAME[subject.name].where == "ground" for subject in scene.subjects):
            low = canvas.height * 0.9
            _quay(canvas, light, low)
        pool = ((0.0, horizon), (right, horizon), (right, low), (0.0, low))
        return Stage(flat(canvas, 0.95), horizon, sun, (canvas.height * 0.8, canvas.height * 0.86), pool)
    _square(canvas, light, horizon)
    return Stage(flat(canvas, 0.9), horizon, sun)


def _quay(canvas: Canvas, light: Light, top: float) -> None:
    """A promenade with a lit kerb and bollards, for who stands before the water."""
    stone = mix(mix(light.near, light.far, 0.45), light.low, 0.12)
    canvas.fill([(0, top), (canvas.width, top), (canvas.width, canvas.height), (0, canvas.height)], stone)
    kerb, step = canvas.unit * 0.008, canvas.unit * 0.16
    canvas.draw.rectangle([0, top, canvas.width, top + kerb], fill=mix(stone, light.low, 0.45))
    for k in range(int(canvas.width / step) + 1):
        x = (k + 0.5) * step
        post = [x - kerb, top - kerb * 3.5, x + kerb, top + kerb]
        canvas.draw.rounded_rectangle(post, kerb * 0.6, fill=mix(stone, light.near, 0.6))
    canvas.veil(top, canvas.height * 1.1, mix(light.near, (0, 0, 0), 0.4), 0.5)


def _square(canvas: Canvas, light: Light, top: float) -> None:
    """Paving that runs to the houses."""
    stone = mix(mix(light.near, light.far, 0.6 if light.dark else 0.35), light.low, 0.15)
    canvas.fill([(0, top), (canvas.width, top), (canvas.width, canvas.height), (0, canvas.height)], stone)
    canvas.veil(top, canvas.height * 1.1, mix(light.near, (0, 0, 0), 0.35), 0.6)
    line, middle = mix(stone, light.near, 0.5), canvas.width / 2
    wide = max(1, round(canvas.unit * 0.0016))
    for k in range(1, 9):
        y = top + (canvas.height - top) * (k / 8) ** 1.8
        canvas.draw.line([(0, y), (canvas.width, y)], fill=line, width=wide)
    for k in range(-14, 15):
        foot = middle + k * canvas.width * 0.22
        canvas.draw.line(
            [(middle + k * canvas.width * 0.05, top), (foot, canvas.height)], fill=line, width=wide
        )


def _towers(
    canvas: Canvas, rng: random.Random, light: Light, tone: Colour, ground: float, tall: float, row: int
) -> None:
    x = -canvas.unit * rng.uniform(0.0, 0.05)
    while x < canvas.width:
        wide = canvas.unit * rng.uniform(0.05, 0.12) * (1 + 0.15 * row)
        centre = 1 - 0.45 * abs((x + wide / 2) / canvas.width - 0.5) * 2
        height = tall * rng.uniform(0.45, 1.0) * (centre if row < 2 else 1)
        shade = mix(tone, light.far, rng.uniform(0, 0.14))
        _tower(canvas, rng, light, Tower(x, ground - height, x + wide, ground, shade, row))
        x += wide * rng.uniform(0.92, 1.25)


def _tower(canvas: Canvas, rng: random.Random, light: Light, tower: Tower) -> None:
    left, top, right, ground, tone, row = tower
    wide, middle, crown = right - left, (left + right) / 2, rng.random()
    canvas.fill([(left, ground), *_crown(crown, left, top, right), (right, ground)], tone)
    if crown < 0.5:
        mast = max(1, round(wide * 0.05))
        canvas.draw.line([(middle, top), (middle, top - wide * 0.9)], fill=tone, width=mast)
    canvas.draw.rectangle(
        [middle + wide * 0.18, top + wide * 0.2, right, ground], fill=mix(tone, light.near, 0.22)
    )
    if row:
        _windows(canvas, rng, light, tower)


def _crown(kind: float, left: float, top: float, right: float) -> list[Point]:
    """A roof's line from left to right: a point, steps, or flat."""
    wide = right - left
    step = wide * 0.2
    if kind < 0.2:
        return [(left, top), (left + wide / 2, top - wide * 0.5), (right, top)]
    if kind < 0.4:
        return [(left, top + step), (left + step, top + step), (left + step, top),
                (right - step, top), (right - step, top + step), (right, top + step)]  # fmt: skip
    return [(left, top), (right, top)]


def _windows(canvas: Canvas, rng: random.Random, light: Light, tower: Tower) -> None:
    left, top, right, ground, tone, row = tower
    pane = canvas.unit * (0.004 + 0.002 * row)
    lit, dim = mix(_LAMP, light.sun, 0.25), mix(tone, light.middle, 0.3)
    often = 0.45 if light.dark else 0.16
    for down in range(1, int((ground - top) / (pane * 2.5))):
        for across in range(int((right - left) / (pane * 2.1))):
            chance = rng.random()
            if chance < often + 0.3:
                x, y = left + pane * (0.7 + across * 2.1), top + down * pane * 2.5
                canvas.draw.rectangle([x, y, x + pane, y + pane * 1.4], fill=lit if chance < often else dim)


# -- A street ------------------------------------------------------------------------------------------------

FACADES = (
    (206, 122, 88),
    (226, 188, 124),
    (184, 104, 96),
    (150, 160, 158),
    (214, 166, 140),
    (120, 140, 156),
    (232, 214, 184),
)

_AWNINGS = ((178, 52, 46), (46, 98, 92), (204, 148, 58))


def street(canvas: Canvas, scene: Scene) -> Stage:
    """Houses on both sides that meet at the end of the road."""
    light, rng = scene.light, canvas.dice("street")
    horizon = round(canvas.height * 0.58)
    meet = (canvas.width * rng.uniform(0.34, 0.66), float(horizon))
    sky.sky(canvas, light, horizon, scene.weather, scene.hour)
    canvas.glow(*meet, canvas.unit * 0.6, light.sun, 0.7)
    _road(canvas, rng, light, meet)
    for side in (-1, 1):
        _row_of_houses(canvas, rng, light, meet, side)
    _lamps(canvas, light, meet)
    canvas.glow(*meet, canvas.unit * 0.32, mix(light.low, light.sun, 0.5), 0.5)
    return Stage(flat(canvas, 0.89), horizon, meet)


def _road(canvas: Canvas, rng: random.Random, light: Light, meet: Point) -> None:
    stone = mix(mix((134, 126, 124), light.far, 0.4), light.near, 0.6 if light.dark else 0.25)
    x, y = meet
    canvas.draw.rectangle([0, y, canvas.width, canvas.height], fill=mix(stone, light.low, 0.3))
    reach = canvas.width * 0.42
    canvas.draw.polygon([(x, y), (x + reach, canvas.height), (x - reach, canvas.height)], fill=stone)
    canvas.veil(y, canvas.height * 1.1, mix(light.near, (0, 0, 0), 0.3), 0.5)
    wide = max(1, round(canvas.unit * 0.0016))
    line = mix(stone, light.near, 0.4)
    for k in range(1, 22):
        row = y + (canvas.height - y) * (k / 22) ** 1.9
        canvas.draw.line([(0, row), (canvas.width, row)], fill=line, width=wide)
    shine = [
        (x - reach * 0.12, y),
        (x + reach * 0.12, y),
        (x + reach * 0.5, canvas.height),
        (x - reach * 0.5, canvas.height),
    ]
    canvas.beam(shine, mix(light.sun, light.low, 0.4), 0.34, blur=8)


def _row_of_houses(canvas: Canvas, rng: random.Random, light: Light, meet: Point, side: int) -> None:
    """From the far end to the near one; each house is a wall in perspective with its windows."""
    edges = [0.07, 0.11, 0.17, 0.26, 0.38, 0.54, 0.78, 1.15]
    for far, near in pairwise(edges):
        tone = mix(rng.choice(FACADES), light.near, 0.66 if light.dark else 0.12)
        tone = mix(mix(tone, light.low, 0.5 * (1 - min(1.0, near))), light.near, 0.16 * (side > 0))
        tall = rng.uniform(0.85, 1.25)
        _house(canvas, rng, light, meet, (far * side, near * side), tall, tone)


class Wall:
    """One house's front in perspective: both ways from 0 to 1, along from the far edge, up from the ground."""

    def __init__(self, canvas: Canvas, meet: Point, span: tuple[float, float], tall: float) -> None:
        self.canvas, self.meet, self.span, self.tall = canvas, meet, span, tall

    def at(self, along: float, up: float) -> Point:
        depth = self.span[0] + (self.span[1] - self.span[0]) * along
        near, canvas = abs(depth), self.canvas
        foot = self.meet[1] + (canvas.height - self.meet[1]) * near * 0.95
        rise = canvas.height * 1.15 * near * self.tall
        return self.meet[0] + depth * canvas.width * 0.56, foot - rise * up

    def pane(self, left: float, right: float, low: float, high: float, tone: Colour) -> None:
        corners = (self.at(left, low), self.at(left, high), self.at(right, high), self.at(right, low))
        self.canvas.draw.polygon(corners, fill=tone)


def _house(
    canvas: Canvas,
    rng: random.Random,
    light: Light,
    meet: Point,
    span: tuple[float, float],
    tall: float,
    tone: Colour,
) -> None:
    wall = Wall(canvas, meet, span, tall)
    canvas.fill([wall.at(0, 0), wall.at(0, 1), wall.at(1, 1), wall.at(1, 0)], tone)
    roof = mix(mix((120, 62, 52), light.near, 0.4), light.low, 0.3 * (1 - min(1.0, abs(span[1]))))
    canvas.draw.polygon([wall.at(0, 1), wall.at(0.1, 1.13), wall.at(0.9, 1.13), wall.at(1, 1)], fill=roof)
    lit, dull = mix(_LAMP, light.sun, 0.2), mix(tone, (20, 28, 44), 0.5)
    for floor, across in product(range(3), (0.14, 0.44, 0.72)):
        low = 0.3 + floor * 0.22
        wall.pane(across - 0.02, across + 0.17, low - 0.01, low + 0.14, mix(tone, (255, 255, 255), 0.3))
        shown = lit if rng.random() < (0.6 if light.dark else 0.12) else dull
        wall.pane(across, across + 0.15, low, low + 0.13, shown)
    door = rng.choice((0.2, 0.6))
    wall.pane(door, door + 0.16, 0, 0.17, mix(dull, (90, 40, 30), 0.4))
    if rng.random() < 0.5:
        awning = mix(rng.choice(_AWNINGS), light.near, 0.5 if light.dark else 0.15)
        canvas.draw.polygon(
            [wall.at(0.1, 0.24), wall.at(0.9, 0.24), wall.at(0.95, 0.18), wall.at(0.05, 0.18)], fill=awning
        )


def _lamps(canvas: Canvas, light: Light, meet: Point) -> None:
    post = mix(light.near, (0, 0, 0), 0.5)
    for side in (-1, 1):
        for depth in (0.16, 0.3, 0.62):
            x = meet[0] + side * depth * canvas.width * 0.42
            foot = meet[1] + (canvas.height - meet[1]) * depth * 0.98
            tall = canvas.height * 0.42 * depth
            canvas.draw.line([(x, foot), (x, foot - tall)], fill=post, width=max(2, round(tall * 0.025)))
            r = tall * 0.05
            if light.dark:
                canvas.glow(x, foot - tall, r * 9, _LAMP, 0.75)
            canvas.disc(x, foot - tall, r, _LAMP if light.dark else mix(post, light.low, 0.7))
