"""Sea, lakes, rivers, and what is under them."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from PIL import Image, ImageOps

from . import landscape
from .canvas import Canvas, Point, waves
from .palette import Light, mix
from .scenes import Scene
from .stage import Stage, flat
from .trees import leafy, pine, tufts


def sea(canvas: Canvas, scene: Scene) -> Stage:
    """Open water with the sun's path on it, perhaps a far coast, and a near bank."""
    horizon, sun = landscape.opened(canvas, scene)
    light, rng = scene.light, canvas.dice("sea")
    if rng.random() < 0.6:
        _far_coast(canvas, rng, light, horizon, sun[0])
    _waters(canvas, light, horizon, sun[0], rough=scene.weather == "storm")
    bank = _shore(canvas, light, left=sun[0] > canvas.width / 2)
    return Stage(
        bank, horizon, sun, (canvas.height * 0.72, canvas.height * 0.79), _before(canvas, horizon, bank)
    )


def _far_coast(canvas: Canvas, rng: random.Random, light: Light, horizon: float, sun_x: float) -> None:
    for layer, share in ((0, 0.1), (1, 0.32)):
        line = waves(rng, canvas.unit * 0.03, 1.2)
        away = 1 if sun_x < canvas.width / 2 else -1
        slope = [
            max(-canvas.unit * 0.11, h - canvas.unit * 0.05 * (2 - layer) * (away * (i / 60 - 1)))
            for i, h in enumerate(line)
        ]
        tone = mix(mix(light.far, light.low, 0.35), light.near, share)
        landscape.ridge(canvas, horizon + canvas.unit * 0.012, [min(0.0, h) for h in slope], tone)


def _waters(canvas: Canvas, light: Light, horizon: float, sun_x: float, *, rough: bool) -> None:
    """The sky turned over, darker near; broken lines of light, longer the nearer."""
    deep = mix(mix(light.top, light.near, 0.4), (12, 60, 84), 0.1 if light.dark else 0.3)
    near = mix(light.middle, deep, 0.5)
    if canvas.cut:
        cut_waves(canvas, light, horizon)
        return
    canvas.gradient(
        [mix(light.low, light.middle, 0.35), near, deep, mix(deep, (0, 0, 0), 0.25)], horizon, canvas.height
    )
    rng = canvas.dice("waters")
    spread = max(1.0, canvas.width / canvas.height)
    for i in range(round(620 * min(2.0, spread))):
        share = rng.random() ** 1.7
        y = horizon + 2 + (canvas.height - horizon) * share
        if i % 3 == 0:
            x, tone = (
                rng.gauss(sun_x, canvas.unit * (0.025 + 0.15 * share)),
                mix(light.sun, light.middle, 0.1 + 0.4 * share),
            )
        else:
            x, tone = (
                rng.uniform(0, canvas.width),
                # As the water around it is there, a little darker or brighter: far off no dark dashes.
                mix(
                    mix(mix(light.low, near, min(1.0, share * 3)), deep, min(0.8, share * 1.5)),
                    light.middle,
                    0.3 * (i % 2),
                ),
            )
        long = canvas.unit * (0.006 + 0.06 * share) * rng.uniform(0.5, 1.5)
        thick = canvas.unit * (0.0007 + 0.0036 * share) * (1.8 if rough else 1)
        canvas.draw.ellipse([x - long, y - thick, x + long, y + thick], fill=tone)
    if rough:
        _breakers(canvas, light, horizon)


def cut_waves(canvas: Canvas, light: Light, horizon: float) -> None:
    deep = mix(light.top, light.near, 0.4)
    for layer in range(5):
        base = horizon + (canvas.height - horizon) * layer * 0.2
        often = 6 + layer
        tall = canvas.unit * 0.012 * (1 + layer * 0.4)
        line = [-abs(math.sin(math.pi * often * i / 120 + layer)) * tall for i in range(121)]
        landscape.ridge(canvas, base, line, mix(mix(light.middle, light.low, 0.2), deep, layer / 4))


def _breakers(canvas: Canvas, light: Light, horizon: float) -> None:
    """Swells, each darker at its foot, with foam that blows off the highest crests."""
    rng, foam = canvas.dice("breakers"), mix(light.low, (255, 255, 255), 0.45)
    for layer in range(6):
        share = 0.08 + 0.15 * layer
        base = horizon + (canvas.height - horizon) * share
        tall = canvas.unit * (0.01 + 0.05 * share)
        line = [
            h - 0.4 * tall * abs(math.sin(i / (4 + 9 * share) + layer))
            for i, h in enumerate(waves(rng, tall, 2.4 - share))
        ]
        tone = mix(mix(light.top, light.near, 0.45), light.middle, 0.62 - 0.4 * share)
        points = landscape.ridge(canvas, base, line, tone)
        canvas.veil(base, base + canvas.height * 0.12, mix(light.near, light.top, 0.5), 0.45)
        rim = max(1, round(canvas.unit * 0.004 * (0.5 + share)))
        canvas.draw.line(points, fill=mix(tone, foam, 0.4), width=rim, joint="curve")
        high = sorted(y for _, y in points)[len(points) // 3]
        for (x, y), following in pairwise(points):
            if y < high:
                width = max(1, round(canvas.unit * 0.011 * share * (1.2 if y < high - tall * 0.3 else 0.6)))
                canvas.draw.line([(x, y), following], fill=foam, width=width)
            if y < high - tall * 0.25 and rng.random() < 0.5:
                for _ in range(6):
                    at = (x + abs(rng.gauss(0, tall * 0.7)), y - abs(rng.gauss(0, tall * 0.35)))
                    canvas.disc(*at, tall * rng.uniform(0.015, 0.07), foam)


def _shore(canvas: Canvas, light: Light, *, left: bool) -> list[Point]:
    """A near bank that rises to one side; gives its line."""
    base, rise = canvas.height * 0.95, canvas.height * 0.11
    roll = waves(canvas.dice("shore"), canvas.unit * 0.012, 1.5)
    line = [h - rise * (1 - i / 120 if left else i / 120) for i, h in enumerate(roll)]
    sand = mix(mix((214, 178, 128), light.low, 0.25), light.near, 0.8 if light.dark else 0.35)
    points = landscape.ridge(canvas, base, line, light.near if light.snow else sand)
    canvas.draw.line(
        [(x, y - canvas.unit * 0.004) for x, y in points],
        fill=mix(light.low, (255, 255, 255), 0.4),
        width=max(1, round(canvas.unit * 0.004)),
        joint="curve",
    )
    canvas.veil(base - rise * 0.6, canvas.height * 1.02, mix(light.near, (0, 0, 0), 0.4), 0.5)
    return points


# -- Still water ---------------------------------------------------------------------------------------------


def lake(canvas: Canvas, scene: Scene) -> Stage:
    """Mountains and their reflection, pines at the far bank."""
    horizon, sun = landscape.opened(canvas, scene)
    light, rng = scene.light, canvas.dice("lake")
    landscape.ranges(canvas, light, horizon * 0.97, 0.95, count=2)
    line = waves(rng, canvas.unit * 0.02, 1.0)
    base = horizon - canvas.unit * 0.012
    for i in range(0, 121):
        if rng.random() < 0.6 - 0.5 * math.sin(math.pi * i / 120):
            tall = canvas.unit * rng.uniform(0.05, 0.12) * (1.3 - math.sin(math.pi * i / 120))
            pine(
                canvas,
                rng,
                i * canvas.width / 120,
                base + min(0, line[i]) + tall * 0.1,
                tall,
                mix(light.far, light.tree, 0.75),
                light,
            )
    landscape.ridge(canvas, base, [min(0.0, h) for h in line], mix(light.far, light.near, 0.7))
    mirrored(canvas, light, horizon, sun[0])
    bank = _shore(canvas, light, left=sun[0] > canvas.width / 2)
    return Stage(
        bank, horizon, sun, (canvas.height * 0.71, canvas.height * 0.78), _before(canvas, horizon, bank)
    )


def _before(canvas: Canvas, horizon: float, bank: list[Point]) -> tuple[Point, ...]:
    """The water between the horizon and the bank."""
    return (0.0, horizon), (float(canvas.width), horizon), *reversed(bank)


def mirrored(canvas: Canvas, light: Light, horizon: float, sun_x: float, smear: int = 1) -> None:
    """What is above ``horizon`` upside down below it, a little darker, in ripples that grow.

    ``smear``: lights are drawn out downwards into streaks, over so many of 400 rows.
    """
    top, depth = round(horizon), canvas.height - round(horizon)
    above = canvas.image.crop((0, max(0, top - depth), canvas.width, top))
    turned = ImageOps.flip(above)
    if smear > 1:
        turned = turned.resize((canvas.width, max(2, 400 // smear)), Image.Resampling.BOX)
    turned = turned.resize((canvas.width, depth), Image.Resampling.BICUBIC)
    deep = mix(mix(light.top, light.near, 0.5), (10, 50, 70), 0.2)
    turned.paste(
        deep,
        (0, 0),
        Image.linear_gradient("L").resize(turned.size).point([round(38 + v * 0.5) for v in range(256)]),
    )
    canvas.image.paste(turned, (0, top))
    _ripple(canvas, turned, top)
    rng = canvas.dice("ripples")
    for _ in range(150):
        share = rng.random() ** 1.5
        x, y = (
            rng.choice((rng.gauss(sun_x, canvas.unit * 0.15), rng.uniform(0, canvas.width))),
            top + 3 + depth * share,
        )
        long, thick = (
            canvas.unit * (0.01 + 0.09 * share) * rng.uniform(0.4, 1.4),
            canvas.unit * (0.0006 + 0.002 * share),
        )
        canvas.draw.ellipse(
            [x - long, y - thick, x + long, y + thick], fill=mix(light.low, light.middle, 0.3 + 0.4 * share)
        )


def _ripple(canvas: Canvas, turned: Image.Image, top: int) -> None:
    """Rows moved sideways, more the nearer: a few hundred strips, not pixels."""
    rows = max(1, turned.height // 260)
    for y in range(0, turned.height, rows):
        share = y / turned.height
        shift = canvas.unit * (0.001 + 0.007 * share) * math.sin(y / (canvas.unit * (0.004 + 0.007 * share)))
        strip = turned.crop((0, y, turned.width, min(y + rows, turned.height)))
        canvas.image.paste(strip, (round(shift), top + y))


def river(canvas: Canvas, scene: Scene) -> Stage:
    """A stream that winds from the hills to the lower edge."""
    horizon, sun = landscape.opened(canvas, scene)
    light, rng = scene.light, canvas.dice("river")
    landscape.ranges(canvas, light, horizon, 0.6, count=2)
    base = horizon + (canvas.height - horizon) * 0.06
    for i in range(30):
        x, tall = canvas.width * rng.random(), canvas.unit * rng.uniform(0.05, 0.12)
        (leafy if i % 3 else pine)(
            canvas, rng, x, base + tall * 0.15, tall, mix(light.far, light.tree, 0.7), light
        )
    grass = light.near if light.snow else mix(light.near, light.sun, 0.08)
    landscape.ridge(canvas, base, waves(rng, canvas.unit * 0.006, 0.8), grass)
    canvas.veil(base, canvas.height * 1.05, light.tree, 0.45)
    tufts(canvas, light, mix(light.near, light.tree, 0.3), base / canvas.height)
    pool = _stream(canvas, rng, light, base)
    return Stage(flat(canvas, 0.86), horizon, sun, (canvas.height * 0.8, canvas.height * 0.86), pool)


def _stream(canvas: Canvas, rng: random.Random, light: Light, top: float) -> tuple[Point, ...]:
    """Give its outline."""
    turn, left, right = rng.uniform(0, 6), [], []
    for i in range(121):
        share = i / 120
        y = top + (canvas.height - top) * share**1.3
        x = canvas.width * (0.5 + 0.28 * math.sin(turn + share * 5) * (0.35 + 0.5 * share))
        wide = canvas.unit * (0.015 + 0.3 * share**1.4)
        left.append((x - wide, y))
        right.append((x + wide, y))
    bank = mix(light.near, (0, 0, 0), 0.3)
    lip = canvas.unit * 0.008
    canvas.draw.polygon(
        [*((x - lip, y - lip) for x, y in left), *((x + lip, y - lip) for x, y in reversed(right))], fill=bank
    )
    canvas.draw.polygon([*left, *reversed(right)], fill=mix(light.middle, light.low, 0.35))
    for i in range(120):
        share = rng.random() ** 0.7
        at = min(120, round(share * 120))
        x, y = rng.uniform(left[at][0], right[at][0]), left[at][1]
        long = (right[at][0] - left[at][0]) * rng.uniform(0.03, 0.12)
        tone = (
            mix(light.sun, light.middle, rng.uniform(0.1, 0.5))
            if i % 2
            else mix(light.middle, light.top, 0.6)
        )
        thick = canvas.unit * (0.0008 + 0.003 * share)
        canvas.draw.ellipse([x - long, y - thick, x + long, y + thick], fill=tone)
    return *left, *reversed(right)


# -- Under water ---------------------------------------------------------------------------------------------


_DEPTHS = ((168, 232, 226), (44, 160, 184), (12, 84, 132), (6, 36, 78))
_NIGHT_DEPTHS = ((60, 120, 160), (18, 62, 108), (8, 28, 66), (4, 12, 34))


def underwater(canvas: Canvas, scene: Scene) -> Stage:
    """Light from above, weed and coral at the sides, bubbles, a floor of sand."""
    rng = canvas.dice("under")
    canvas.gradient(_NIGHT_DEPTHS if scene.light.dark else _DEPTHS, 0, canvas.height)
    _rays(canvas, rng)
    _shoal(canvas, rng)
    for layer in range(3):
        base, tone = canvas.height * (0.8 + 0.065 * layer), mix((20, 96, 136), (8, 38, 66), layer / 2)
        _weeds(canvas, rng, base, layer, tone)
        sand = mix(tone, (196, 178, 132), 0.38 if layer == 2 else 0.08)
        points = landscape.ridge(canvas, base, waves(rng, canvas.unit * 0.02, 1.4), sand)
    _corals(canvas, rng)
    _bubbles(canvas, rng)
    rows = (canvas.height * 0.52, canvas.height * 0.72)
    return Stage(points, canvas.height * 0.5, (canvas.width / 2, 0.0), rows)


def _rays(canvas: Canvas, rng: random.Random) -> None:
    for _ in range(7):
        x, wide = rng.uniform(-0.1, 1.1) * canvas.width, canvas.unit * rng.uniform(0.03, 0.1)
        foot, low = x + (x - canvas.width / 2) * 0.35, float(canvas.height)
        ray: list[Point] = [
            (x - wide, -10),
            (x + wide, -10),
            (foot + wide * 2.4, low),
            (foot - wide * 2.2, low),
        ]
        canvas.beam(ray, (206, 246, 238), rng.uniform(0.08, 0.2), blur=4)


def _bubbles(canvas: Canvas, rng: random.Random) -> None:
    for _ in range(60):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height * 0.85)
        r = canvas.unit * rng.uniform(0.002, 0.009)
        rim = max(1, round(r * 0.25))
        canvas.draw.ellipse([x - r, y - r, x + r, y + r], outline=(206, 244, 244), width=rim)


def _shoal(canvas: Canvas, rng: random.Random) -> None:
    x0, y0 = canvas.width * rng.uniform(0.2, 0.8), canvas.height * rng.uniform(0.16, 0.4)
    for _ in range(26):
        x, y = rng.gauss(x0, canvas.unit * 0.14), rng.gauss(y0, canvas.unit * 0.06)
        s = canvas.unit * rng.uniform(0.006, 0.014)
        tone = mix((14, 84, 122), (160, 220, 220), rng.uniform(0, 0.5))
        canvas.draw.ellipse([x - s, y - s * 0.4, x + s, y + s * 0.4], fill=tone)
        canvas.draw.polygon(
            [(x + s * 0.8, y), (x + s * 1.5, y - s * 0.4), (x + s * 1.5, y + s * 0.4)], fill=tone
        )


def _weeds(canvas: Canvas, rng: random.Random, base: float, layer: int, tone: tuple[int, int, int]) -> None:
    for _ in range(16):
        x = canvas.width * abs(rng.choice((0, 1)) - abs(rng.gauss(0, 0.2)))
        tall, sway = canvas.unit * rng.uniform(0.1, 0.34) * (0.7 + 0.3 * layer), rng.uniform(0, 6)
        width = canvas.unit * rng.uniform(0.006, 0.014)
        spine = [
            (x + canvas.unit * 0.02 * math.sin(sway + k / 1.6), base + 20 - tall * k / 8) for k in range(9)
        ]
        left = [(px - width * (1 - k / 9), py) for k, (px, py) in enumerate(spine)]
        right = [(px + width * (1 - k / 9), py) for k, (px, py) in enumerate(spine)]
        canvas.draw.polygon([*left, *reversed(right)], fill=mix(tone, (36, 140, 100), rng.uniform(0, 0.5)))


def _corals(canvas: Canvas, rng: random.Random) -> None:
    for _ in range(9):
        x = canvas.width * abs(rng.choice((0, 1)) - abs(rng.gauss(0, 0.16)))
        y, size = canvas.height * rng.uniform(0.93, 1.0), canvas.unit * rng.uniform(0.05, 0.12)
        tone = rng.choice(((232, 108, 98), (240, 158, 92), (206, 92, 140), (242, 206, 122)))
        for turn in (-0.9, -0.5, -0.15, 0.2, 0.55, 0.95):
            tip = (x + turn * size, y - size * rng.uniform(0.9, 1.4))
            width = max(2, round(size * 0.16))
            canvas.draw.line(
                [(x, y), ((x + tip[0]) / 2 + turn * size * 0.2, (y + tip[1]) / 2), tip],
                fill=tone,
                width=width,
                joint="curve",
            )
            canvas.disc(tip[0], tip[1], width * 0.62, mix(tone, (255, 255, 255), 0.25))
