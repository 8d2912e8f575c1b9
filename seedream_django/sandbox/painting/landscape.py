"""Land, from far to near: hills, mountains, fields, gardens, deserts, woods."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from . import sky
from .canvas import Canvas, Point, crags, waves
from .palette import Colour, Light, mix
from .scenes import Scene
from .stage import Stage, flat, horizon_of
from .trees import leafy, meadow_flowers, pine, tufts


def ridge(canvas: Canvas, base: float, line: Sequence[float], tone: Colour) -> list[Point]:
    """Fill from a line of heights around ``base`` down to the bottom; give the line's points."""
    step = canvas.width / (len(line) - 1)
    points = [(i * step, base + height) for i, height in enumerate(line)]
    canvas.fill([(0, canvas.height), *points, (canvas.width, canvas.height)], tone)
    return points


def opened(canvas: Canvas, scene: Scene) -> tuple[float, Point]:
    """The sky of a landscape: its horizon and its sun."""
    horizon = horizon_of(canvas)
    sun = sky.sky(canvas, scene.light, horizon, scene.weather, scene.hour)
    if not scene.light.dark and canvas.dice("any birds").random() < 0.4:
        sky.bird_flock(canvas, mix(scene.light.far, scene.light.tree, 0.6), horizon)
    return horizon, sun


#: In these each leaf would be a ring of ink.
LINED = {"lineart", "ink", "blueprint"}


# -- Hills ---------------------------------------------------------------------------------------------------


def hills(canvas: Canvas, scene: Scene) -> Stage:
    """Rolling layers, each nearer, darker and lower, with mist and trees between them."""
    horizon, sun = opened(canvas, scene)
    light, rng = scene.light, canvas.dice("hills")
    if rng.random() < 0.6:
        ranges(canvas, light, horizon * 1.02, 0.45, count=1)
    layers(canvas, light, horizon, rng, trees=rng.choice((leafy, pine)))
    line = meadow(canvas, light)
    return Stage(line, horizon, sun)


def layers(canvas: Canvas, light: Light, horizon: float, rng: random.Random, *, trees: object) -> None:
    for layer in range(4):
        share = layer / 4
        base = horizon + (canvas.height - horizon) * share * 0.66
        tone = mix(light.far, light.near, share)
        line = waves(rng, canvas.unit * (0.04 + 0.018 * layer), 0.7 + 0.2 * rng.random())
        if layer and callable(trees):  # before the ground, which then hides their feet
            _grove(canvas, light, rng, base, line, layer, trees)
        points = ridge(canvas, base, line, tone)
        _lit_edge(canvas, points, mix(tone, light.sun, 0.25))
        canvas.veil(base, base + canvas.height * 0.2, light.low, 0.36 - 0.07 * layer)


def _lit_edge(canvas: Canvas, points: list[Point], tone: Colour) -> None:
    """The crest that the sun strikes: thin in the far, for the eye to find the layers."""
    if not canvas.cut:
        canvas.draw.line(points, fill=tone, width=max(1, round(canvas.unit * 0.003)), joint="curve")


def _grove(
    canvas: Canvas, light: Light, rng: random.Random, base: float, line: list[float], layer: int, tree: object
) -> None:
    tone = mix(light.far, light.tree, 0.25 + layer * 0.22)
    for _ in range(rng.randint(1, 3)):
        middle = rng.uniform(0.05, 0.95) * 120
        for _ in range(rng.randint(2, 7)):
            i = max(0, min(120, round(rng.gauss(middle, 7))))
            tall = canvas.unit * (0.03 + 0.035 * layer) * rng.uniform(0.7, 1.25)
            shade = mix(tone, light.near, rng.uniform(0, 0.25))
            tree(canvas, rng, i * canvas.width / 120, base + line[i] + tall * 0.1, tall, shade, light)  # type: ignore[operator]


def meadow(canvas: Canvas, light: Light, share: float = 0.86) -> list[Point]:
    """The foremost ground, with grass and sometimes flowers or a path; gives its line."""
    rng = canvas.dice("meadow")
    line = waves(rng, canvas.unit * 0.018, 0.8)
    tone = light.near if light.snow else mix(light.near, light.tree, 0.35)
    points = ridge(canvas, canvas.height * share, line, tone)
    canvas.veil(canvas.height * (share + 0.02), canvas.height * 1.02, mix(tone, (0, 0, 0), 0.6), 0.4)
    tufts(canvas, light, tone, share)
    if not light.snow and not light.dark and rng.random() < 0.5 and not canvas.cut:
        meadow_flowers(canvas, rng, share)
    return points


# -- Mountains -----------------------------------------------------------------------------------------------


def mountains(canvas: Canvas, scene: Scene) -> Stage:
    """Jagged ranges with snow on the far ones, a wooded hill, and a meadow."""
    horizon, sun = opened(canvas, scene)
    light, rng = scene.light, canvas.dice("mountains")
    ranges(canvas, light, horizon, 1.0)
    base = horizon + (canvas.height - horizon) * 0.5
    line = waves(rng, canvas.unit * 0.035, 0.9)
    for i in range(0, 121, 2):
        if rng.random() < 0.75:
            tall = canvas.unit * rng.uniform(0.035, 0.085)
            x = (i + rng.uniform(-0.9, 0.9)) * canvas.width / 120
            tone = mix(mix(light.far, light.tree, 0.75), light.low, rng.uniform(0, 0.12))
            pine(canvas, rng, x, base + line[i] + tall * 0.1, tall, tone, light)
    ridge(canvas, base, line, mix(light.far, light.near, 0.72))
    canvas.veil(base, base + canvas.height * 0.2, light.low, 0.2)
    return Stage(meadow(canvas, light), horizon, sun)


def ranges(canvas: Canvas, light: Light, horizon: float, tall: float, count: int = 3) -> None:
    """Mountain ranges above ``horizon``; ``tall`` from 0 to 1."""
    rng = canvas.dice("ranges")
    for layer in range(count):
        base = horizon + (canvas.height - horizon) * 0.13 * layer
        height = min(horizon, canvas.width * 0.8) * (0.68, 0.38, 0.17)[layer] * tall
        tone = mix(mix(light.far, light.middle, 0.25), light.near, (0.06, 0.3, 0.52)[layer])
        if canvas.cut:  # no mist parts it from the sky
            tone = mix(tone, mix(light.tree, light.top, 0.3), (0.5, 0.55, 0.6)[layer])
        points = ridge(canvas, base, crags(rng, height), tone)
        _faces(canvas, rng, points, base, tone, light, layer)
        canvas.veil(base - height * 0.4, base + canvas.height * 0.14, light.low, 0.55 - 0.13 * layer)


def _faces(
    canvas: Canvas,
    rng: random.Random,
    points: list[Point],
    base: float,
    tone: Colour,
    light: Light,
    layer: int,
) -> None:
    """Each peak has a shaded side and, in the far ranges, snow: deep on peaks, none in valleys."""
    heights = [y for _, y in points]
    low, top = max(heights), min(heights)
    for i in range(4, len(points) - 4, 1):
        x, y = points[i]
        if y == min(heights[i - 4 : i + 5]) and y < low - (low - top) * 0.3:
            drop = base - y
            slope = [p for p in points[i : i + 14] if p[1] >= y]
            foot = [(x + drop * rng.uniform(-0.06, 0.1), y + drop * k / 3) for k in (3, 2, 1)]
            canvas.draw.polygon([*slope, *foot], fill=mix(tone, light.near, 0.14))
    if layer < 2:
        _snow(canvas, rng, points, mix(light.far, light.sun, 0.78 - 0.25 * layer), (low - top) * 0.3)


def _snow(canvas: Canvas, rng: random.Random, points: list[Point], tone: Colour, depth: float) -> None:
    top, low = min(y for _, y in points), max(y for _, y in points)
    lower = []
    for x, y in points:
        share = max(0.0, (low - y) / max(1.0, low - top) - 0.42)
        lower.append((x, y + depth * share * rng.uniform(0.5, 2.1)))
    canvas.draw.polygon([*points, *reversed(lower)], fill=tone)


# -- Dry and tilled ------------------------------------------------------------------------------------------


def desert(canvas: Canvas, scene: Scene) -> Stage:
    """Dunes, each with a lit and a shaded side along its crest."""
    horizon, sun = opened(canvas, scene)
    light, rng = scene.light, canvas.dice("desert")
    dim = 0.62 if light.dark else 0.16
    sand = mix(mix((240, 184, 112), light.low, 0.25), light.near, dim)
    shade = mix(mix((176, 98, 54), light.near, 0.2), light.near, dim)
    for layer in range(4):
        base = horizon + (canvas.height - horizon) * (0.02 + layer * 0.22)
        line = waves(rng, canvas.unit * (0.03 + 0.026 * layer), 0.55 + 0.2 * rng.random())
        tone = mix(mix(light.far, sand, 0.66 + 0.11 * layer), shade, 0.08 * layer)
        points = ridge(canvas, base, line, tone)
        if layer:
            _lee(canvas, rng, points, mix(tone, shade, 0.3 + 0.14 * layer), layer)
        canvas.veil(base, base + canvas.height * 0.16, light.low, 0.2 - 0.05 * layer)
    return Stage(points, horizon, sun)


def _lee(canvas: Canvas, rng: random.Random, points: list[Point], tone: Colour, layer: int) -> None:
    """From each crest to the next valley on its right a crescent of shade below the edge."""
    heights = [y for _, y in points]
    for i in range(6, len(points) - 6):
        x0, y0 = points[i]
        if y0 == min(heights[i - 6 : i + 7]):
            end = max(range(i + 6, min(len(points), i + 60)), key=lambda k: heights[k])
            crest = points[i : end + 1]
            deep = min(canvas.unit * (0.05 + 0.05 * layer), (crest[-1][0] - x0) * 0.15) * rng.uniform(
                0.8, 1.3
            )
            lower = []
            for k, (x, y) in enumerate(crest):
                share = k / (len(crest) - 1)
                lower.append(
                    (
                        x + deep * 0.4 * math.sin(math.pi * share),
                        y + deep * math.sin(math.pi * share**0.8) ** 1.2,
                    )
                )
            canvas.draw.polygon([*crest, *reversed(lower)], fill=tone)


_CROPS = {
    "wheat": (230, 190, 82), "weizen": (230, 190, 82), "blé": (230, 190, 82), "lavender": (140, 104, 190),
    "lavendel": (140, 104, 190), "lavande": (140, 104, 190), "vineyard": (142, 172, 72),
    "rapeseed": (240, 214, 60), "harvest": (220, 176, 80),
}  # fmt: skip


def fields(canvas: Canvas, scene: Scene) -> Stage:
    """Furrows that run to the horizon, in the colours of what grows there."""
    horizon, sun = opened(canvas, scene)
    light, rng = scene.light, canvas.dice("fields")
    layers_at = horizon + (canvas.height - horizon) * 0.02
    ranges(canvas, light, layers_at, 0.25, count=1)
    ridge(canvas, layers_at, waves(rng, canvas.unit * 0.025, 0.9), mix(light.far, light.near, 0.4))
    top = horizon + (canvas.height - horizon) * 0.1
    dry = scene.season == "autumn"
    usual = (
        rng.choice(((206, 150, 70), (184, 118, 58), (214, 168, 92)))
        if dry
        else rng.choice(((230, 190, 82), (142, 172, 72), (222, 202, 92), (112, 160, 78)))
    )
    crop = next((tone for word, tone in _CROPS.items() if word in scene.words), usual)
    hold = 0.7 if light.dark else 0.3 if light.low_sun else 0.1
    bright, dark = mix(crop, light.near, hold), mix(crop, light.tree, 0.5 + hold / 2)
    ridge(canvas, top, waves(rng, canvas.unit * 0.008, 0.6), light.near if light.snow else dark)
    _furrows(canvas, rng, top, mix(light.near, light.sun, 0.4) if light.snow else bright)
    for _ in range(rng.randint(9, 14) if dry else rng.randint(3, 6)):
        x, tall = canvas.width * rng.random(), canvas.unit * rng.uniform(0.05, 0.1)
        leaves = mix(light.tree, rng.choice(((226, 164, 52), (198, 84, 40), light.tree)), 0.5 if dry else 0)
        leafy(canvas, rng, x, top + tall * 0.06, tall, mix(light.far, leaves, 0.8), light)
    canvas.veil(canvas.height * 0.8, canvas.height, mix(dark, (0, 0, 0), 0.5), 0.4)
    return Stage(flat(canvas, 0.88), horizon, sun)


def _furrows(canvas: Canvas, rng: random.Random, top: float, tone: Colour) -> None:
    """Rows between the point where they meet and the lower edge, wider the nearer."""
    meet = canvas.width * rng.uniform(0.25, 0.75)
    count = 17
    for i in range(-count, count + 1):
        near = meet + i * canvas.width * 0.16
        wide = canvas.width * 0.08
        at = meet + i * canvas.width * 0.012
        rows = [(at - wide * 0.08, top + 2), (at + wide * 0.08, top + 2), (near + wide * 0.55, canvas.height),
                (near - wide * 0.45, canvas.height)]  # fmt: skip
        canvas.draw.polygon(rows, fill=tone)
    if canvas.cut:
        return
    for i in range(-count, count + 1):  # bushes along them, the lit ones over the shaded ones
        for k in range(46):
            share = ((k + rng.random()) / 46) ** 1.7
            x = (
                meet
                + i * canvas.width * (0.012 + 0.148 * share)
                + canvas.width * rng.uniform(-0.03, 0.03) * share
            )
            r, y = canvas.width * (0.0015 + 0.0105 * share), top + (canvas.height - top) * share
            if -r < x < canvas.width + r:
                shade = mix(tone, ((255, 250, 240), (30, 20, 50))[k % 2], rng.uniform(0.03, 0.15))
                canvas.draw.ellipse([x - r * 1.2, y - r * 0.8, x + r * 1.2, y + r * 0.5], fill=shade)


def garden(canvas: Canvas, scene: Scene) -> Stage:
    """A lawn between hedges and trees, a path, and beds of flowers."""
    horizon, sun = opened(canvas, scene)
    light, rng = scene.light, canvas.dice("garden")
    base = horizon + (canvas.height - horizon) * 0.25
    for depth, count in ((0.35, 9), (0.7, 7)):
        for i in range(count):
            x = canvas.width * (i + rng.uniform(0.1, 0.9)) / count
            tall = canvas.unit * rng.uniform(0.14, 0.26) * (0.7 + depth * 0.5)
            leafy(canvas, rng, x, base + tall * 0.1, tall, mix(light.far, light.tree, depth), light)
    lawn = mix(light.near, light.sun, 0.16)
    ridge(canvas, base, waves(rng, canvas.unit * 0.006, 0.6), lawn)
    canvas.veil(base, canvas.height * 1.1, light.tree, 0.5)
    _path(
        canvas, rng, base, mix(mix((226, 206, 170), light.low, 0.3), light.near, 0.65 if light.dark else 0.1)
    )
    if canvas.flat not in LINED:
        meadow_flowers(canvas, rng, (base / canvas.height) + 0.08, count=170, beds=True)
    return Stage(flat(canvas, 0.87), horizon, sun)


def _path(canvas: Canvas, rng: random.Random, top: float, tone: Colour) -> None:
    turn, left, right = rng.uniform(0, 6), [], []
    for i in range(25):
        share = i / 24
        y = top + (canvas.height - top) * share
        x = canvas.width * (0.5 + 0.13 * math.sin(turn + share * 3.4) * (0.4 + share))
        wide = canvas.unit * (0.012 + 0.15 * share**1.5)
        left.append((x - wide, y))
        right.append((x + wide, y))
    canvas.draw.polygon([*left, *reversed(right)], fill=tone)


# -- Almost nothing ------------------------------------------------------------------------------------------


def minimal(canvas: Canvas, scene: Scene) -> Stage:
    """A plain ground, one great disc, one line of land."""
    light, rng = scene.light, canvas.dice("minimal")
    back = mix(mix(light.low, light.middle, 0.25), (255, 255, 255), 0.0 if light.dark else 0.4)
    canvas.image.paste(back, (0, 0, canvas.width, canvas.height))
    side = rng.choice((-1, 1))
    x, y = canvas.width * (0.5 + 0.12 * side), canvas.height * rng.uniform(0.36, 0.44)
    disc = mix(light.sun, light.middle, 0.25) if light.dark else mix((236, 106, 72), light.middle, 0.3)
    canvas.disc(x, y, canvas.unit * 0.24, disc)
    base, points = canvas.height * 0.78, []
    for k, tone in enumerate((mix(light.far, light.near, 0.35), mix(light.near, light.tree, 0.4))):
        line = (
            crags(rng, canvas.unit * 0.16)
            if scene.place == "mountains" and not k
            else waves(rng, canvas.unit * 0.03, 0.5)
        )
        level = scene.place in {"sea", "lake", "table"}
        if scene.place in {"sea", "lake"}:
            tone = mix(mix(light.middle, (40, 110, 150), 0.5), light.near, 0.1 + 0.3 * k)
        points = ridge(canvas, base + canvas.height * 0.07 * k, [0.0] * 121 if level else line, tone)
    return Stage(points, base, (x, y), (base + canvas.height * 0.05, base + canvas.height * 0.1))
