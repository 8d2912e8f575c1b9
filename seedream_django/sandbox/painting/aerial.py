"""Seen from straight above: a city's roofs, and fields with a river."""

from __future__ import annotations

import math
import random
from itertools import product

from .canvas import Canvas, Point
from .city import FACADES
from .palette import Colour, Light, mix
from .scenes import Scene
from .stage import Stage, flat


def town(canvas: Canvas, scene: Scene) -> Stage:
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
    tone = mix(rng.choice(FACADES), light.near, 0.55 if light.dark else 0.08)
    shade = [(left, low), (right, low), (right, top), (right + long, top + down),
             (right + long, low + down), (left + long, low + down)]  # fmt: skip
    canvas.draw.polygon(shade, fill=mix(light.near, (40, 40, 50), 0.5))
    canvas.draw.rectangle(box, fill=tone)
    canvas.draw.rectangle(
        [left + wall, top + wall, right - wall, low - wall], fill=mix(tone, light.sun, 0.25)
    )


def country(canvas: Canvas, scene: Scene) -> Stage:
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
    turn, unit = rng.uniform(0, 6), canvas.unit
    river = [_bend(canvas, turn, k / 120) for k in range(-4, 125)]
    x, y = river[64 + rng.randint(-14, 14)]
    road = [(canvas.width * k / 40, y + unit * 0.05 * math.sin(k / 6 + turn)) for k in range(-1, 42)]
    water = mix(light.middle, (36, 112, 160), 0.75)
    for tone, wide in (((222, 208, 166), 0.062), (mix(water, (255, 255, 255), 0.22), 0.052), (water, 0.044)):
        canvas.draw.polygon(_band(river, unit * wide, 0.25), fill=tone)
    for tone, wide in (((150, 138, 116), 0.013), ((236, 226, 204), 0.0095)):
        canvas.draw.polygon(_band(road, unit * wide, 0.0), fill=mix(tone, light.near, 0.2))
    at = min(range(3, len(road) - 3), key=lambda k: abs(road[k][0] - x))
    span = road[at - 1 : at + 2]
    shadow = [(px, py + unit * 0.012) for px, py in span]
    for line, tone, wide in ((shadow, mix(water, (0, 0, 0), 0.45), 0.014), (span, (238, 232, 220), 0.016),
                             (span, (196, 186, 168), 0.0105)):  # fmt: skip
        canvas.draw.polygon(_band(line, unit * wide, 0.0), fill=tone)
    _farm(canvas, rng, light, road[max(3, min(len(road) - 4, at + (9 if x < canvas.width / 2 else -9)))])


def _bend(canvas: Canvas, turn: float, share: float) -> Point:
    """The river's middle at this share of the height."""
    x = 0.5 + 0.24 * math.sin(turn + share * 4.4) + 0.05 * math.sin(2 + share * 11)
    return canvas.width * x, canvas.height * share


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
    canvas.draw.ellipse(
        [x - u * 0.085, y - u * 0.12, x + u * 0.085, y + u * 0.002],
        fill=mix((206, 190, 150), light.near, 0.2),
    )
    for dx, dy, wide, tall in _BARNS:
        _barn(canvas, light, (x + dx * u, y + dy * u, x + (dx + wide) * u, y + (dy + tall) * u))
    for _ in range(9):
        r, way = u * rng.uniform(0.009, 0.015), rng.uniform(math.pi, math.tau)
        px, py = x + math.cos(way) * u * 0.1, y - u * 0.045 + math.sin(way) * u * 0.085
        canvas.disc(px + r * 0.5, py + r * 0.5, r, (44, 58, 40))
        canvas.disc(px, py, r, mix((70, 112, 62), light.sun, rng.uniform(0, 0.15)))


#: Left, top, width and height around the yard's foot, in shares of the picture's unit.
_BARNS = ((-0.055, -0.095, 0.045, 0.028), (0.012, -0.1, 0.03, 0.05), (-0.05, -0.045, 0.026, 0.03))


def _barn(canvas: Canvas, light: Light, box: tuple[float, float, float, float]) -> None:
    """A roof of two slopes along its longer side, and its shadow."""
    (left, top, right, low), off, roof = box, canvas.unit * 0.012, mix((188, 78, 56), light.near, 0.15)
    shade = [
        (left, low),
        (right, top),
        (right + off, top + off),
        (right + off, low + off),
        (left + off, low + off),
    ]
    canvas.draw.polygon(shade, fill=mix(light.near, (40, 40, 44), 0.6))
    canvas.draw.rectangle(box, fill=roof)
    half = (left, (top + low) / 2) if right - left > low - top else ((left + right) / 2, top)
    canvas.draw.rectangle([*half, right, low], fill=mix(roof, (30, 20, 30), 0.28))
