"""What grows: trees, grass and flowers, in the colours of the light."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from .canvas import Canvas, Point
from .palette import Colour, Light, mix


def pine(
    canvas: Canvas, rng: random.Random, x: float, y: float, size: float, tone: Colour, light: Light
) -> None:
    """A conifer of three tiers, snow on them where it lies."""
    canvas.draw.rectangle([x - size * 0.03, y - size * 0.2, x + size * 0.03, y], fill=tone)
    for low, wide in ((0.1, 0.27), (0.32, 0.215), (0.53, 0.155), (0.71, 0.1)):
        foot, half = y - size * low, size * wide
        tip = foot - size * 0.34
        canvas.draw.polygon([(x - half, foot), (x + half, foot), (x, tip)], fill=tone)
        if light.snow:
            snow = mix(light.near, tone, 0.3)
            canvas.draw.polygon(
                [(x, tip), (x - half * 0.75, foot - size * 0.05), (x - half * 0.1, foot - size * 0.1)],
                fill=snow,
            )


def leafy(
    canvas: Canvas, rng: random.Random, x: float, y: float, size: float, tone: Colour, light: Light
) -> None:
    """A round crown with a lit side; bare and with a cap of snow in winter."""
    trunk = mix(tone, (40, 26, 18), 0.5)
    canvas.draw.polygon(
        [
            (x - size * 0.05, y),
            (x + size * 0.05, y),
            (x + size * 0.02, y - size * 0.6),
            (x - size * 0.02, y - size * 0.6),
        ],
        fill=trunk,
    )
    if light.snow:
        _bare(canvas, rng, x, y - size * 0.45, size * 0.5, trunk)
        return
    for shift, share, radius in ((0.05, 0.0, 0.24), (-0.02, 0.1, 0.2), (-0.06, 0.26, 0.13)):
        shade = mix(tone, light.sun, share * (0.5 if light.dark else 1.0))
        for _ in range(7):
            cx = x + size * (shift + rng.uniform(-0.2, 0.2))
            cy = y - size * (0.66 - shift * 1.2 + rng.uniform(-0.17, 0.2))
            r = size * radius * rng.uniform(0.6, 1.0)
            canvas.draw.ellipse([cx - r, cy - r * 0.9, cx + r, cy + r * 0.9], fill=shade)


def _bare(canvas: Canvas, rng: random.Random, x: float, y: float, size: float, tone: Colour) -> None:
    for turn in (-0.8, -0.45, -0.15, 0.2, 0.5, 0.85):
        tip = (x + turn * size, y - size * rng.uniform(0.6, 1.0))
        middle = (x + turn * size * 0.4, y - size * 0.3)
        canvas.draw.line([(x, y), middle, tip], fill=tone, width=max(1, round(size * 0.05)))
        for side in (-0.16, 0.16):
            twig = (tip[0] + side * size, tip[1] - size * 0.12)
            canvas.draw.line(
                [((middle[0] + tip[0]) / 2, (middle[1] + tip[1]) / 2), twig],
                fill=tone,
                width=max(1, round(size * 0.025)),
            )


def tufts(canvas: Canvas, light: Light, tone: Colour, share: float) -> None:
    """Blades of grass below ``share`` of the height, longer the nearer."""
    rng = canvas.dice("tufts")
    blades = [mix(tone, light.sun, part) for part in ((0.3, 0.1, 0.5) if light.snow else (0.1, 0.2, 0.3))]
    dark = mix(tone, (0, 0, 0), 0.25)
    if canvas.flat in {"poster", "glass"}:
        return  # crumbs, among their large shapes
    count = 60 if canvas.flat in {"lineart", "ink", "blueprint"} else 520
    for i in range(count):
        near = (i / count) ** 0.8
        x, y = rng.uniform(0, canvas.width), canvas.height * (share + 0.02 + (1.02 - share) * near)
        tall = canvas.unit * rng.uniform(0.008, 0.022) * (0.8 + 1.8 * near)
        lean = tall * rng.uniform(-0.5, 0.5)
        wide = max(1.0, canvas.unit * 0.0016 * (0.7 + near))
        fill = dark if i % 3 == 0 and not light.snow else rng.choice(blades)
        canvas.draw.polygon([(x - wide, y), (x + wide, y), (x + lean, y - tall)], fill=fill)


def meadow_flowers(
    canvas: Canvas, rng: random.Random, share: float, count: int = 70, beds: bool = False
) -> None:
    """Dots of two or three colours, larger the nearer; in beds they leave the middle free."""
    tones = rng.sample(
        [(236, 92, 110), (250, 206, 84), (247, 244, 240), (172, 108, 196), (240, 138, 84), (96, 136, 214)], 3
    )
    for i in range(count):
        near = i / count
        x = rng.random() if not beds else abs(rng.choice((0, 1)) - abs(rng.gauss(0, 0.17)))
        y = canvas.height * (share + 0.03 + (0.97 - share) * near)
        size = canvas.unit * (0.003 + 0.009 * near) * rng.uniform(0.7, 1.3)
        tone = rng.choice(tones)
        cx = x * canvas.width
        stem = mix((60, 110, 60), (20, 40, 20), 1 - near)
        canvas.draw.line([(cx, y), (cx, y + size * 4)], fill=stem, width=max(1, round(size * 0.35)))
        for dx, dy in ((0, -0.8), (0.8, 0), (-0.8, 0), (0, 0.8)):
            canvas.disc(cx + dx * size, y + dy * size, size * 0.75, tone)
        canvas.disc(cx, y, size * 0.5, (250, 226, 130))


# -- Leaves --------------------------------------------------------------------------------------------------


def leaf(canvas: Canvas, x: float, y: float, long: float, way: float, tone: Colour) -> None:
    """A pointed leaf that begins at (x, y) and grows towards ``way``, in radians."""
    dx, dy = math.cos(way) * long, math.sin(way) * long
    half = ((0.0, 0.0), (0.2, 0.13), (0.45, 0.19), (0.75, 0.11), (1.0, 0.0))
    edge = [(x + dx * s - dy * b, y + dy * s + dx * b) for s, b in half]
    other = [(x + dx * s + dy * b, y + dy * s - dx * b) for s, b in reversed(half)]
    canvas.draw.polygon([*edge, *other], fill=tone)


def canopy(canvas: Canvas, light: Light, rng: random.Random, depth: float, tone: Colour) -> None:
    """Crowns that meet above the picture, lower at its sides: leaf upon leaf, those at the rim in the light."""
    count = round(52 * max(1.0, canvas.width / canvas.unit))
    for i in range(count):
        x = canvas.width * (i + rng.random()) / count
        side = abs(2 * x / canvas.width - 1)
        hang = canvas.height * depth * (0.4 + 0.6 * side**1.5) * rng.uniform(0.6, 1.15)
        for _ in range(9):
            share = rng.random()
            lit = mix(tone, light.sun, 0.03 + 0.2 * share * rng.random())
            size = canvas.unit * rng.uniform(0.024, 0.042)
            leaf(canvas, x + rng.gauss(0, canvas.unit * 0.016), hang * share - size * 0.5, size,
                 rng.gauss(math.pi / 2, 0.7), lit)  # fmt: skip


def fallen(canvas: Canvas, light: Light, top: float) -> None:
    """Autumn's leaves: many on the ground below ``top``, a few still in the air."""
    rng = canvas.dice("fallen")
    tones = [
        mix(tone, light.near, 0.2) for tone in ((226, 142, 44), (198, 78, 36), (236, 184, 76), (150, 62, 34))
    ]
    for i in range(230):
        near = (i / 230) ** 0.7
        y = (
            top + (canvas.height - top) * (0.3 + 0.7 * near)
            if i % 8
            else canvas.height * rng.uniform(0.15, 0.8)
        )
        long, flat = canvas.unit * (0.008 + 0.016 * near) * rng.uniform(0.7, 1.2), rng.choice((0.0, math.pi))
        leaf(
            canvas,
            rng.uniform(0, canvas.width),
            y,
            long,
            flat + rng.gauss(0, 0.6 if i % 8 else 1.5),
            rng.choice(tones),
        )


def framing_tree(canvas: Canvas, light: Light, side: int) -> None:
    """A near trunk at the picture's edge and one bough: in leaf, or bare with snow on it in winter."""
    rng, unit = canvas.dice("overhang"), canvas.unit
    tone = mix(mix(light.tree, (52, 36, 26), 0.5), (0, 0, 0), 0.35)
    edge, foot = 0.0 if side < 0 else float(canvas.width), float(canvas.height)
    trunk = ((-1, 0.0), (0.5, 0.0), (0.62, 0.7), (1.3, 1.0), (-1, 1.0))
    canvas.draw.polygon([(edge - side * unit * 0.055 * off, foot * down) for off, down in trunk], fill=tone)
    _bough(canvas, rng, light, (edge, unit * 0.2), -side, unit * rng.uniform(0.4, 0.55), tone)
    _bough(canvas, rng, light, (edge, unit * 0.08), -side, unit * rng.uniform(0.25, 0.35), tone)


def _bough(
    canvas: Canvas, rng: random.Random, light: Light, start: Point, turn: int, long: float, tone: Colour
) -> None:
    """From ``start`` outwards, thinner and thinner, a twig at every step."""
    points = [
        (start[0] + turn * long * s, start[1] - long * 0.22 * math.sin(s * 2.4))
        for s in (i / 8 for i in range(9))
    ]
    for i, (one, other) in enumerate(pairwise(points)):
        canvas.draw.line(
            [one, other], fill=tone, width=max(2, round(canvas.unit * 0.019 * (1 - i / 9))), joint="curve"
        )
        for way in (-0.9, 0.8):
            if i:
                _twig(
                    canvas,
                    rng,
                    light,
                    other,
                    math.pi / 2 - turn * math.pi / 2 + way * turn * rng.uniform(0.7, 1.2),
                    tone,
                )


def _twig(canvas: Canvas, rng: random.Random, light: Light, at: Point, way: float, tone: Colour) -> None:
    long, dx, dy = canvas.unit * rng.uniform(0.045, 0.085), math.cos(way), math.sin(way)
    tip = (at[0] + dx * long, at[1] + dy * long)
    canvas.draw.line([at, tip], fill=tone, width=max(1, round(canvas.unit * 0.004)))
    if light.snow:
        lift = canvas.unit * 0.004
        canvas.draw.line([(at[0], at[1] - lift), (tip[0], tip[1] - lift)], fill=mix(light.near, (255, 255, 255), 0.4),
                         width=max(1, round(canvas.unit * 0.003)))  # fmt: skip
        return
    for step in range(7):
        share, side = (step + 1) / 7, (-1, 1)[step % 2]
        green = mix(mix(light.tree, tone, 0.35), light.sun, rng.choice((0.0, 0.06, 0.14)))
        leaf(canvas, at[0] + dx * long * share, at[1] + dy * long * share, canvas.unit * rng.uniform(0.026, 0.036),
             way + side * rng.uniform(0.5, 0.9) * (step < 6), green)  # fmt: skip
