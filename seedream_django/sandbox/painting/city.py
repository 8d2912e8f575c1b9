"""Cities: the skyline from afar, and a street in perspective."""

from __future__ import annotations

import math
import random
from itertools import pairwise, product

from . import sky, water
from .canvas import Canvas, Point
from .motifs import BY_NAME
from .palette import Colour, Light, mix
from .scenes import Scene
from .stage import Stage, flat, shape_of

_LAMP = (255, 214, 130)


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
    if rng.random() < 0.5:
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
    stone = mix(mix(light.near, light.far, 0.35), light.low, 0.15)
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
        _tower(canvas, rng, light, shade, (x, ground - height, x + wide, ground), row)
        x += wide * rng.uniform(0.92, 1.25)


def _tower(
    canvas: Canvas,
    rng: random.Random,
    light: Light,
    tone: Colour,
    box: tuple[float, float, float, float],
    row: int,
) -> None:
    left, top, right, ground = box
    wide, middle, crown = right - left, (left + right) / 2, rng.random()
    canvas.fill([(left, ground), *_crown(crown, left, top, right), (right, ground)], tone)
    if crown < 0.5:
        mast = max(1, round(wide * 0.05))
        canvas.draw.line([(middle, top), (middle, top - wide * 0.9)], fill=tone, width=mast)
    canvas.draw.rectangle(
        [middle + wide * 0.18, top + wide * 0.2, right, ground], fill=mix(tone, light.near, 0.22)
    )
    if row:
        _windows(canvas, rng, light, tone, box, row)


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


def _windows(
    canvas: Canvas,
    rng: random.Random,
    light: Light,
    tone: Colour,
    box: tuple[float, float, float, float],
    row: int,
) -> None:
    left, top, right, ground = box
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

_FACADES = (
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
        tone = mix(rng.choice(_FACADES), light.near, 0.66 if light.dark else 0.12)
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


# -- From above ----------------------------------------------------------------------------------------------


def aerial_city(canvas: Canvas, scene: Scene) -> Stage:
    """Blocks and roofs from straight above, with their shadows."""
    light, rng = scene.light, canvas.dice("blocks")
    canvas.image.paste(
        mix(mix((150, 146, 142), light.far, 0.3), light.near, 0.3), (0, 0, canvas.width, canvas.height)
    )
    side = canvas.unit / 6
    for row in range(int(canvas.height / side) + 1):
        for column in range(int(canvas.width / side) + 1):
            _block(canvas, rng, light, column * side, row * side, side * 0.86)
    return Stage(flat(canvas, 0.75), 0.0, (0.0, 0.0))


def _block(canvas: Canvas, rng: random.Random, light: Light, x: float, y: float, side: float) -> None:
    """Four roofs, or now and then a little park."""
    if rng.random() < 0.2:
        canvas.draw.rectangle([x, y, x + side, y + side], fill=mix((96, 150, 84), light.near, 0.3))
        for _ in range(16):
            at = (x + rng.uniform(0.1, 0.9) * side, y + rng.uniform(0.1, 0.9) * side)
            canvas.disc(
                *at, side * rng.uniform(0.05, 0.1), mix((60, 116, 66), light.sun, rng.uniform(0, 0.2))
            )
        return
    half, gap = side / 2, side * 0.03
    for dx, dy in product((0.0, half), (0.0, half)):
        box = (x + dx + gap, y + dy + gap, x + dx + half - gap, y + dy + half - gap)
        _roof(canvas, rng, light, box, side)


def _roof(
    canvas: Canvas, rng: random.Random, light: Light, box: tuple[float, float, float, float], side: float
) -> None:
    left, top, right, low = box
    long, wall = side * rng.uniform(0.05, 0.3), side * 0.06
    down = long * 0.6
    tone = mix(rng.choice(_FACADES), light.near, 0.55 if light.dark else 0.08)
    shade = [(left, low), (right, low), (right, top), (right + long, top + down),
             (right + long, low + down), (left + long, low + down)]  # fmt: skip
    canvas.draw.polygon(shade, fill=mix(light.near, (40, 40, 50), 0.5))
    canvas.draw.rectangle(box, fill=tone)
    canvas.draw.rectangle(
        [left + wall, top + wall, right - wall, low - wall], fill=mix(tone, light.sun, 0.25)
    )


def aerial_land(canvas: Canvas, scene: Scene) -> Stage:
    """Fields from above: strips of crops, a river, a road, hedges."""
    light, rng = scene.light, canvas.dice("patches")
    hold = 0.6 if light.dark else 0.18
    canvas.image.paste(mix(light.near, light.tree, 0.4), (0, 0, canvas.width, canvas.height))
    crops = [
        mix(tone, light.near, hold)
        for tone in (
            (212, 184, 92),
            (124, 158, 74),
            (92, 132, 66),
            (190, 142, 84),
            (158, 180, 96),
            (222, 206, 140),
        )
    ]
    lean, span = rng.uniform(0.1, 0.3), canvas.unit * 0.21
    for row in range(-3, int(canvas.height / span) + 4):
        x = -canvas.unit * 0.4
        while x < canvas.width * 1.3:
            wide = span * rng.uniform(0.7, 1.9)
            _patch(canvas, rng, (x, row * span + x * lean * 0.4), wide, span, lean, rng.choice(crops))
            x += wide
    _winding(canvas, rng, light)
    return Stage(flat(canvas, 0.72), 0.0, (0.0, 0.0), (canvas.height * 0.5, canvas.height * 0.6))


def _patch(
    canvas: Canvas, rng: random.Random, corner: Point, wide: float, tall: float, lean: float, tone: Colour
) -> None:
    x, y = corner
    gap = canvas.unit * 0.004

    def at(along: float, down: float) -> Point:
        px, py = x + gap + (wide - 2 * gap) * along, y + gap + (tall - 2 * gap) * down
        return px + (py - y) * lean, py + wide * along * lean * 0.4

    canvas.draw.polygon([at(0, 0), at(1, 0), at(1, 1), at(0, 1)], fill=tone)
    rows, width = rng.randint(6, 16), max(1, round(canvas.unit * 0.0018))
    for k in range(1, rows):
        ends = (
            (at(k / rows, 0), at(k / rows, 1)) if rng.random() < 0.9 else (at(0, k / rows), at(1, k / rows))
        )
        canvas.draw.line(ends, fill=mix(tone, (60, 70, 30), 0.22), width=width)
    for _ in range(rng.randint(0, 6)):
        px, py = at(rng.random(), rng.choice((0.02, 0.98)))
        r = canvas.unit * rng.uniform(0.006, 0.013)
        canvas.disc(px + r * 0.5, py + r * 0.5, r, (44, 58, 40))
        canvas.disc(px, py, r, mix((70, 112, 62), tone, 0.2))


def _winding(canvas: Canvas, rng: random.Random, light: Light) -> None:
    """A river with sandy banks, a road that crosses it on a bridge, and a farm beside the road."""
    turn = rng.uniform(0, 6)
    steps = [k / 120 for k in range(-4, 125)]
    river = [(canvas.width * (0.5 + 0.24 * math.sin(turn + s * 4.4) + 0.05 * math.sin(2 + s * 11)), canvas.height * s)
             for s in steps]  # fmt: skip
    cross = 64 + rng.randint(-14, 14)
    water = mix(light.middle, (36, 112, 160), 0.75)
    for tone, wide in (((222, 208, 166), 0.062), (mix(water, (255, 255, 255), 0.22), 0.052), (water, 0.044)):
        canvas.draw.polygon(_band(river, canvas.unit * wide, 0.25), fill=tone)
    road = [(canvas.width * (k / 40), river[cross][1] + canvas.unit * 0.05 * math.sin(k / 6 + turn)) for k in range(-1, 42)]
    for tone, wide in ((mix((150, 138, 116), light.near, 0.2), 0.013), (mix((236, 226, 204), light.near, 0.2), 0.0095)):
        canvas.draw.polygon(_band(road, canvas.unit * wide, 0.0), fill=tone)
    x = river[cross][0]
    at = min(range(len(road)), key=lambda k: abs(road[k][0] - x))
    span = [road[max(0, at - 1)], road[at], road[min(len(road) - 1, at + 1)]]
    canvas.draw.polygon(_band([(px, py + canvas.unit * 0.012) for px, py in span], canvas.unit * 0.014, 0.0), fill=mix(water, (0, 0, 0), 0.45))
    canvas.draw.polygon(_band(span, canvas.unit * 0.016, 0.0), fill=(238, 232, 220))
    canvas.draw.polygon(_band(span, canvas.unit * 0.0105, 0.0), fill=(196, 186, 168))
    far = at + (9 if x < canvas.width / 2 else -9)
    _farm(canvas, rng, light, road[max(3, min(len(road) - 4, far))])


def _band(line: list[Point], half: float, uneven: float) -> list[Point]:
    """The outline of a strip along this line, ``half`` pixels to either side, here and there wider."""
    left, right = [], []
    for k, (x, y) in enumerate(line):
        (x0, y0), (x1, y1) = line[max(0, k - 1)], line[min(len(line) - 1, k + 1)]
        long = math.hypot(x1 - x0, y1 - y0) or 1.0
        wide = half * (1 + uneven * math.sin(k / 9))
        left.append((x + (y1 - y0) / long * wide, y - (x1 - x0) / long * wide))
        right.append((x - (y1 - y0) / long * wide, y + (x1 - x0) / long * wide))
    return [*left, *reversed(right)]


def _farm(canvas: Canvas, rng: random.Random, light: Light, at: Point) -> None:
    """Roofs around a yard, each with its shadow, and trees."""
    x, y, u = *at, canvas.unit
    canvas.draw.ellipse([x - u * 0.085, y - u * 0.12, x + u * 0.085, y + u * 0.002], fill=mix((206, 190, 150), light.near, 0.2))
    for dx, dy, wide, tall in ((-0.055, -0.095, 0.045, 0.028), (0.012, -0.1, 0.03, 0.05), (-0.05, -0.045, 0.026, 0.03)):
        left, top, right, low = x + dx * u, y + dy * u, x + (dx + wide) * u, y + (dy + tall) * u
        off = u * 0.012
        canvas.draw.polygon([(left, low), (right, top), (right + off, top + off), (right + off, low + off), (left + off, low + off)],
                            fill=mix(light.near, (40, 40, 44), 0.6))  # fmt: skip
        roof = mix((188, 78, 56), light.near, 0.15)
        canvas.draw.rectangle([left, top, right, low], fill=roof)
        if wide > tall:
            canvas.draw.rectangle([left, (top + low) / 2, right, low], fill=mix(roof, (30, 20, 30), 0.28))
        else:
            canvas.draw.rectangle([(left + right) / 2, top, right, low], fill=mix(roof, (30, 20, 30), 0.28))
    for _ in range(9):
        r, way = u * rng.uniform(0.009, 0.015), rng.uniform(math.pi, math.tau)
        px, py = x + math.cos(way) * u * 0.1, y - u * 0.045 + math.sin(way) * u * 0.085
        canvas.disc(px + r * 0.5, py + r * 0.5, r, (44, 58, 40))
        canvas.disc(px, py, r, mix((70, 112, 62), light.sun, rng.uniform(0, 0.15)))
