"""Sky, land and water of a scene, from far to near."""

from __future__ import annotations

import math
from collections.abc import Callable

from .canvas import Canvas, Point, crags, waves
from .palette import Colour, Light, mix


def sky(canvas: Canvas, light: Light, horizon: int) -> Point:
    """Fill everything above the horizon; tell where the sun or moon stands."""
    canvas.image.paste(light.low, (0, 0, canvas.width, canvas.height))
    canvas.gradient([light.top, light.middle, light.low], 0, max(2, round(horizon * 1.1)))
    x, y = canvas.width * canvas.rng.uniform(0.2, 0.8), horizon * canvas.rng.uniform(0.3, 0.68)
    if light.dark:
        _stars(canvas, horizon)
    _clouds(canvas, light, horizon)
    _sun(canvas, light, x, y)
    return x, y


def _sun(canvas: Canvas, light: Light, x: float, y: float) -> None:
    radius = canvas.unit * canvas.rng.uniform(0.055, 0.085)
    canvas.glow(x, y, radius * 9, light.sun, 0.55)
    canvas.glow(x, y, radius * 3, light.sun, 0.8)
    canvas.draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=light.sun)
    if light.dark:
        for dx, dy, size in ((-0.3, -0.25, 0.2), (0.25, 0.1, 0.28), (-0.2, 0.4, 0.14)):
            cx, cy, r = x + dx * radius, y + dy * radius, size * radius
            canvas.draw.ellipse([cx - r, cy - r, cx + r, cy + r], fill=mix(light.sun, light.middle, 0.18))


def _stars(canvas: Canvas, horizon: int) -> None:
    for _ in range(260):
        x, y = canvas.rng.uniform(0, canvas.width), canvas.rng.uniform(0, horizon)
        size = canvas.unit * canvas.rng.choice((0.0006, 0.0008, 0.0012, 0.002))
        tone = round(255 - 120 * y / horizon)
        canvas.draw.ellipse([x - size, y - size, x + size, y + size], fill=(tone, tone, min(255, tone + 15)))


def _clouds(canvas: Canvas, light: Light, horizon: int) -> None:
    rng, ovals = canvas.rng, []
    for _ in range(11 if light.cloudy else 5):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0.06, 0.8) * horizon
        reach = canvas.unit * rng.uniform(0.08, 0.2)
        for _ in range(6):
            dx, dy = rng.uniform(-1, 1) * reach, rng.uniform(-0.16, 0.1) * reach
            ovals.append((x + dx, y + dy, reach * rng.uniform(0.35, 0.7), reach * rng.uniform(0.08, 0.17)))
    tone = mix(light.low, light.top, 0.45) if light.cloudy else mix(light.low, light.sun, 0.5)
    canvas.soft(ovals, tone, 0.3 if light.dark else 0.62)


# -- Land ----------------------------------------------------------------------------------------------------


def ridge(canvas: Canvas, base: float, line: list[float], tone: Colour) -> list[Point]:
    """Fill from a line of heights around ``base`` down to the bottom; give the line's points."""
    step = canvas.width / (len(line) - 1)
    points = [(i * step, base + height) for i, height in enumerate(line)]
    canvas.draw.polygon([(0, canvas.height), *points, (canvas.width, canvas.height)], fill=tone)
    return points


def hills(canvas: Canvas, light: Light, horizon: int, *, trees: int = 0) -> None:
    """Rolling layers, each nearer, darker and lower, with mist between them."""
    for layer in range(4):
        share = layer / 4
        base = horizon + (canvas.height - horizon) * share * 0.62
        swing = canvas.unit * (0.05 + 0.015 * layer)
        tone = mix(light.far, light.near, share)
        line = waves(canvas.rng, swing, 1.1)
        if trees and layer:  # before the ground, which then hides their feet
            tree = mix(light.far, light.tree, 0.25 + share)
            _pines(canvas, base, line, tree, trees * layer, 0.05 + 0.075 * layer)
        ridge(canvas, base, line, tone)
        canvas.veil(base, base + canvas.height * 0.2, light.low, 0.34 - 0.07 * layer)


def mountains(canvas: Canvas, light: Light, horizon: int) -> None:
    """Three jagged ranges with snow on the farthest, and hills before them."""
    for layer in range(3):
        base = horizon + (canvas.height - horizon) * 0.17 * layer
        height = (horizon * 0.5, horizon * 0.3, horizon * 0.14)[layer]
        tone = mix(light.far, light.near, 0.08 + 0.26 * layer)
        points = ridge(canvas, base, crags(canvas.rng, height), tone)
        if layer < 2:
            _snow(
                canvas, points, mix(light.far, light.sun, 0.75 - 0.25 * layer), height * (0.3 - 0.12 * layer)
            )
        canvas.veil(base - height * 0.3, base + canvas.height * 0.16, light.low, 0.5 - 0.12 * layer)


def _snow(canvas: Canvas, points: list[Point], tone: Colour, depth: float) -> None:
    """White caps: deep on peaks, none in valleys, with a ragged lower edge."""
    top, low = min(y for _, y in points), max(y for _, y in points)
    lower = []
    for x, y in points:
        share = max(0.0, (low - y) / max(1.0, low - top) - 0.42)
        lower.append((x, y + depth * share * canvas.rng.uniform(0.5, 2.1)))
    canvas.draw.polygon([*points, *reversed(lower)], fill=tone)


def forest(canvas: Canvas, light: Light, horizon: int) -> None:
    """Rows of conifers on rolling ground."""
    hills(canvas, light, horizon, trees=26)


def _pines(canvas: Canvas, base: float, line: list[float], tone: Colour, count: int, size: float) -> None:
    for _ in range(count):
        i = canvas.rng.randrange(len(line))
        x = (i + canvas.rng.uniform(-0.5, 0.5)) * canvas.width / (len(line) - 1)
        tall = canvas.unit * size * canvas.rng.uniform(0.7, 1.3)
        _pine(
            canvas, x, base + line[i] + tall * 0.12, tall, mix(tone, (0, 0, 0), canvas.rng.uniform(0, 0.16))
        )


def _pine(canvas: Canvas, x: float, y: float, size: float, tone: Colour) -> None:
    canvas.draw.rectangle([x - size * 0.03, y - size * 0.2, x + size * 0.03, y], fill=tone)
    for low, wide in ((0.1, 0.27), (0.34, 0.21), (0.57, 0.14)):
        foot = y - size * low
        canvas.draw.polygon(
            [(x - size * wide, foot), (x + size * wide, foot), (x, foot - size * 0.42)], fill=tone
        )


def desert(canvas: Canvas, light: Light, horizon: int) -> None:
    """Dunes with a lit and a shaded side."""
    sand, shade = mix(light.low, (222, 160, 92), 0.6), mix(light.near, (150, 84, 44), 0.55)
    for layer in range(4):
        base = horizon + (canvas.height - horizon) * layer * 0.2
        line = waves(canvas.rng, canvas.unit * (0.03 + 0.02 * layer), 0.8)
        points = ridge(canvas, base, line, mix(sand, shade, 0.1 + 0.17 * layer))
        drop = canvas.unit * (0.05 + 0.03 * layer)
        shadow = [(x + drop, y + drop * (1 + math.sin(i / 9 + layer))) for i, (x, y) in enumerate(points)]
        canvas.draw.polygon([*points, *reversed(shadow)], fill=mix(sand, shade, 0.28 + 0.17 * layer))


def city(canvas: Canvas, light: Light, horizon: int) -> None:
    """Three rows of buildings, the nearer ones with lit windows."""
    ground = horizon + round((canvas.height - horizon) * 0.5)
    canvas.draw.rectangle([0, horizon, canvas.width, canvas.height], fill=mix(light.far, light.low, 0.4))
    for row in range(3):
        tone = mix(light.far, light.near, (0.15, 0.5, 0.88)[row])
        _buildings(canvas, light, tone, ground, canvas.unit * (0.5, 0.42, 0.26)[row], windows=row)
        canvas.veil(ground - canvas.unit * 0.3, ground, light.low, 0.3 - 0.12 * row)
    canvas.draw.rectangle([0, ground, canvas.width, canvas.height], fill=mix(light.near, light.tree, 0.5))


def _buildings(canvas: Canvas, light: Light, tone: Colour, ground: int, tall: float, *, windows: int) -> None:
    x, rng = -canvas.unit * 0.02, canvas.rng
    while x < canvas.width:
        wide, height = canvas.unit * rng.uniform(0.05, 0.11), tall * rng.uniform(0.4, 1.0)
        canvas.draw.rectangle([x, ground - height, x + wide, ground], fill=tone)
        if rng.random() < 0.3:
            middle, roof = x + wide / 2, ground - height
            spire = [(middle - wide * 0.2, roof), (middle, roof - height * 0.22), (middle + wide * 0.2, roof)]
            canvas.draw.polygon(spire, fill=tone)
        if windows:
            _windows(canvas, light, x, ground - height, wide, height)
        x += wide * rng.uniform(0.95, 1.25)


def _windows(canvas: Canvas, light: Light, left: float, top: float, wide: float, height: float) -> None:
    pane = canvas.unit * 0.0085
    rows, columns = int(height / (pane * 2.4)), int(wide / (pane * 2.2))
    lit = mix((255, 214, 130), light.sun, 0.3)
    for row in range(1, rows):
        for column in range(columns):
            if canvas.rng.random() < (0.42 if light.dark else 0.24):
                x = left + pane * 0.8 + column * pane * 2.2
                y = top + row * pane * 2.4
                canvas.draw.rectangle([x, y, x + pane, y + pane * 1.35], fill=lit)


# -- Water ---------------------------------------------------------------------------------------------------


def sea(canvas: Canvas, light: Light, horizon: int, sun_x: float, bottom: int) -> None:
    """Water from the horizon to ``bottom``: the sky turned over, darker near, the sun's path, waves."""
    deep = mix(light.top, light.near, 0.45)
    canvas.gradient(
        [mix(light.low, light.middle, 0.35), mix(light.middle, deep, 0.45), deep], horizon, bottom
    )
    rng = canvas.rng
    for i in range(420):
        share = rng.random() ** 1.6
        y = horizon + (bottom - horizon) * share
        if i % 3 == 0:
            x = rng.gauss(sun_x, canvas.unit * (0.03 + 0.16 * share))
            tone = mix(light.sun, light.middle, 0.15 + 0.35 * share)
        else:
            x, tone = rng.uniform(0, canvas.width), mix(deep, light.middle, 0.3 + 0.3 * (i % 2))
        length = canvas.unit * (0.008 + 0.06 * share) * rng.uniform(0.5, 1.5)
        thick = canvas.unit * (0.0008 + 0.0035 * share)
        canvas.draw.ellipse([x - length, y - thick, x + length, y + thick], fill=tone)


def shore(canvas: Canvas, light: Light, *, left: bool) -> list[Point]:
    """A near bank that rises to one side; gives its line."""
    base, rise = canvas.height * 0.95, canvas.height * 0.11
    roll = waves(canvas.rng, canvas.unit * 0.012, 1.5)
    line = [h - rise * (1 - i / 120 if left else i / 120) for i, h in enumerate(roll)]
    return ridge(canvas, base, line, mix(light.near, light.tree, 0.35))


def meadow(canvas: Canvas, light: Light) -> list[Point]:
    """The foremost ground, with blades of grass; gives its line."""
    line = waves(canvas.rng, canvas.unit * 0.018, 0.8)
    tone = light.near if light.snow else mix(light.near, light.tree, 0.4)
    points = ridge(canvas, canvas.height * 0.86, line, tone)
    blade = mix(tone, light.low, 0.5 if light.snow else 0.2)
    for _ in range(240):
        x, y = canvas.rng.uniform(0, canvas.width), canvas.height * canvas.rng.uniform(0.88, 1.0)
        tall, lean = (
            canvas.unit * canvas.rng.uniform(0.008, 0.022),
            canvas.unit * canvas.rng.uniform(-0.006, 0.006),
        )
        canvas.draw.line(
            [(x, y), (x + lean, y - tall)], fill=blade, width=max(1, round(canvas.unit * 0.0014))
        )
    return points


def table(canvas: Canvas, light: Light) -> None:
    """A room instead of a landscape: a wall, a window's light, a table."""
    edge = round(canvas.height * 0.68)
    canvas.gradient([mix(light.low, light.far, 0.5), mix(light.low, light.sun, 0.3)], 0, edge)
    x = canvas.width * canvas.rng.uniform(0.2, 0.4)
    canvas.glow(x, canvas.height * 0.25, canvas.unit * 0.7, light.sun, 0.7)
    wood = (128, 82, 52)
    canvas.gradient([mix(wood, light.low, 0.35), mix(wood, (40, 24, 16), 0.35)], edge, canvas.height)
    for _ in range(46):
        y = canvas.rng.uniform(edge, canvas.height)
        left, length = canvas.rng.uniform(-0.2, 1) * canvas.width, canvas.rng.uniform(0.1, 0.5) * canvas.width
        grain = mix(wood, (60, 34, 22), canvas.rng.uniform(0.2, 0.6))
        canvas.draw.line(
            [(left, y), (left + length, y)], fill=grain, width=max(1, round(canvas.unit * 0.0016))
        )


LANDS: dict[str, Callable[[Canvas, Light, int], None]] = {
    "hills": hills,
    "mountains": mountains,
    "forest": forest,
    "desert": desert,
    "city": city,
}
