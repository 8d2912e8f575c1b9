"""Skies: the hour's colours, sun or moon, stars, clouds; and what falls from them."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw, ImageFilter

from .canvas import Canvas, Point
from .palette import Colour, Light, mix
from .stage import side_of


def sky(canvas: Canvas, light: Light, horizon: float, weather: str = "", hour: str = "") -> Point:
    """Fill everything above the horizon; tell where the sun or moon stands."""
    rng = canvas.dice("sky")
    canvas.image.paste(light.low, (0, 0, canvas.width, canvas.height))
    x = canvas.width * (
        0.5
        - side_of(canvas)
        * rng.uniform(*((0.17, 0.36) if canvas.width > canvas.height * 1.2 else (0.28, 0.38)))
    )
    y = horizon * (rng.uniform(0.72, 0.9) if light.low_sun else rng.uniform(0.26, 0.46))
    if canvas.moment:  # in the evening it sinks, in the morning it rises
        x -= side_of(canvas) * canvas.width * 0.05 * canvas.moment
        y += horizon * canvas.moment * (-0.22 if hour in {"dawn", "twilight"} else 0.14)
    if canvas.cut:
        flat_sky(canvas, light, horizon, (x, y), weather)
        return x, y
    canvas.gradient([light.top, light.middle, light.low], 0, max(2, horizon * 1.06))
    if light.dark and not weather:
        _stars(canvas, horizon)
        if hour == "night" and rng.random() < 0.4:
            _aurora(canvas, horizon)
    if weather not in {"storm", "rain", "fog", "snowfall"}:
        _sun(canvas, light, x, y, hour)
    _clouds(canvas, light, horizon, x, y)
    if weather == "rainbow":
        _rainbow(canvas, horizon, x)
    if weather == "storm":
        _lightning(canvas, horizon)
    return x, y


def rings(canvas: Canvas, light: Light, x: float, y: float) -> None:
    """Cut paper has no gradients: the sky is rings around the sun, each lying on the next."""
    canvas.image.paste(light.top, (0, 0, canvas.width, canvas.height))
    span = max(canvas.width, canvas.height)
    for share in (1.0, 0.74, 0.52, 0.34, 0.2):
        tone = mix(mix(light.low, light.middle, min(1.0, share * 1.4)), light.top, max(0.0, share - 0.45))
        canvas.fill(_circle(x, y, span * share), tone)
        if canvas.flat == "glass":
            _panes(canvas, light, (x, y), span * share, tone)
    canvas.fill(_circle(x, y, canvas.unit * 0.085), light.sun)


def _panes(canvas: Canvas, light: Light, at: Point, radius: float, tone: Colour) -> None:
    """A ring of glass is of several panes, none quite like the next."""
    rng, count = canvas.dice(f"panes {round(radius / canvas.unit, 2)}"), 11
    start, box = rng.uniform(0, 360), [at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius]
    for k in range(count):
        other = mix(tone, (light.sun, light.middle, light.top)[k % 3], 0.12 + 0.08 * (k % 2))
        canvas.draw.pieslice(box, start + k * 360 / count, start + (k + 1) * 360 / count, fill=other)


def flat_sky(canvas: Canvas, light: Light, horizon: float, sun: Point, weather: str) -> None:
    """A sky of flat shapes, as the style has it: rings, rays, bands, or for a pen only the sun."""
    wet = weather in {"storm", "rain", "fog", "snowfall"}
    if canvas.flat in {"papercut", "glass"}:
        rings(canvas, light, *sun)
    elif canvas.flat in {"poster", "linocut"} and not wet:
        _rays(canvas, light, *sun)
    else:
        canvas.gradient([light.top, light.middle, light.low], 0, max(2, horizon * 1.06))
    if light.dark and not wet and canvas.flat not in _PENS:
        _stars(canvas, horizon)
    if not wet and canvas.flat != "papercut":
        canvas.disc(*sun, canvas.unit * 0.085, light.sun)
    if canvas.flat not in {"papercut", *_PENS} or wet:
        _flat_clouds(canvas, light, horizon, many=wet)
    if weather == "storm":
        _lightning(canvas, horizon)


#: Styles that draw a line around every shape.
_PENS = {"lineart", "ink", "blueprint"}


def _rays(canvas: Canvas, light: Light, x: float, y: float) -> None:
    """A poster's sky: beams that grow from a halo around the sun."""
    canvas.image.paste(mix(light.middle, light.top, 0.25), (0, 0, canvas.width, canvas.height))
    reach, count = 2.0 * max(canvas.width, canvas.height), 18
    beam = mix(light.middle, light.low, 0.55)
    for k in range(count):
        ends = [(x + reach * math.cos(way), y + reach * math.sin(way))
                for way in (math.tau * (k - 0.25) / count, math.tau * (k + 0.25) / count)]  # fmt: skip
        canvas.draw.polygon([(x, y), *ends], fill=beam)
    canvas.disc(x, y, canvas.unit * 0.21, mix(beam, light.low, 0.7))
    canvas.disc(x, y, canvas.unit * 0.14, mix(light.low, light.sun, 0.45))


def _flat_clouds(canvas: Canvas, light: Light, horizon: float, *, many: bool) -> None:
    """Heaps of discs on a straight foot, the lit one on the shaded one."""
    rng = canvas.dice("flat clouds")
    for _ in range(7 if many else rng.randint(1, 3)):
        x, y = rng.uniform(0, canvas.width), horizon * rng.uniform(0.08, 0.6)
        reach = canvas.unit * rng.uniform(0.09, 0.17) * (1.5 if many else 1)
        bumps = [(rng.uniform(-0.75, 0.75), rng.uniform(0.16, 0.3)) for _ in range(6)]
        for lift, tone in ((0.0, mix(light.low, light.top, 0.45)), (0.07, mix(light.low, light.sun, 0.35))):
            for off, r in bumps:
                cx, r = x + off * reach, r * reach * (1.15 - abs(off)) * (1 - lift)
                canvas.draw.pieslice([cx - r * 1.5, y - r - lift * reach, cx + r * 1.5, y + r - lift * reach],
                                     180, 360, fill=tone)  # fmt: skip


def _circle(x: float, y: float, radius: float) -> list[Point]:
    return [
        (x + radius * math.cos(i * math.tau / 72), y + radius * math.sin(i * math.tau / 72))
        for i in range(72)
    ]


def _sun(canvas: Canvas, light: Light, x: float, y: float, hour: str) -> None:
    radius = canvas.unit * canvas.dice("sun").uniform(0.05, 0.075) * (1.35 if light.low_sun else 1)
    warm = mix(light.sun, light.low, 0.5)
    canvas.glow(x, y, radius * 11, warm, 0.6)
    canvas.glow(x, y, radius * 3.4, light.sun, 0.75)
    canvas.disc(x, y, radius, light.sun)
    if hour in {"night", "twilight"}:
        _moon(canvas, light, x, y, radius)


def _moon(canvas: Canvas, light: Light, x: float, y: float, radius: float) -> None:
    if canvas.dice("moon").random() < 0.4:
        dx = radius * 0.5
        canvas.disc(x + dx, y - radius * 0.2, radius * 0.92, mix(light.middle, light.sun, 0.2))
        return
    for dx, dy, size in ((-0.3, -0.25, 0.2), (0.25, 0.1, 0.28), (-0.2, 0.4, 0.14), (0.3, -0.42, 0.1)):
        canvas.disc(x + dx * radius, y + dy * radius, size * radius, mix(light.sun, light.middle, 0.09))


def _stars(canvas: Canvas, horizon: float) -> None:
    rng = canvas.dice("stars")
    for _ in range(420):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, horizon)
        size = canvas.unit * rng.choice((0.0006, 0.0008, 0.0008, 0.0012, 0.0022))
        tone = round(255 - 130 * y / horizon)
        canvas.disc(x, y, size, (tone, tone, min(255, tone + 15)))


def _aurora(canvas: Canvas, horizon: float) -> None:
    rng = canvas.dice("aurora")
    for tone in ((64, 224, 160), (52, 180, 190), (150, 90, 210)):
        start, sway = rng.uniform(0, 6), rng.uniform(0.08, 0.16)
        base = horizon * rng.uniform(0.55, 0.8)
        lower = [(i / 24, base - horizon * sway * math.sin(start + i / 4.5)) for i in range(25)]
        tall = horizon * rng.uniform(0.25, 0.5)
        points = [(share * canvas.width, y) for share, y in lower]
        upper = [(x + canvas.unit * 0.05, y - tall) for x, y in points]
        canvas.beam([*points, *reversed(upper)], tone, 0.34, blur=7)


def _clouds(canvas: Canvas, light: Light, horizon: float, sun_x: float, sun_y: float) -> None:
    """Heaps with a flat foot: shade first, then the lit side a little nearer to the sun."""
    rng, shade, lit = canvas.dice("clouds"), [], []
    for _ in range(14 if light.cloudy else rng.randint(2, 6)):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0.05, 0.85) * horizon
        x += canvas.width * 0.06 * (canvas.moment or 0.0)
        reach = canvas.unit * rng.uniform(0.07, 0.2) * (1.5 if light.cloudy else 1)
        reach *= 0.5 + 0.8 * (1 - y / horizon)
        for _ in range(9):
            dx = rng.uniform(-1, 1) * reach
            tall = reach * rng.uniform(0.08, 0.2) * (1.15 - abs(dx) / reach)
            across = reach * rng.uniform(0.25, 0.5)
            shade.append((x + dx, y, across, tall))
            lit.append((x + dx + (sun_x - x) * 0.012, y - tall * 0.45, across * 0.8, tall * 0.75))
    dull = 0.5 if light.cloudy else 0.22
    canvas.soft(shade, mix(light.low, light.top, dull), 0.3 if light.dark else 0.62)
    canvas.soft(lit, mix(light.low, light.sun, 0.6), 0.12 if light.dark else 0.3 if light.cloudy else 0.6)


def _rainbow(canvas: Canvas, horizon: float, sun_x: float) -> None:
    scale = 512 / max(canvas.width, canvas.height)
    x = canvas.width * (0.7 if sun_x < canvas.width / 2 else 0.3)
    radius, band = max(canvas.unit * 0.52, horizon * 0.72), canvas.unit * 0.013
    tones = ((224, 60, 60), (240, 140, 50), (246, 214, 70), (90, 180, 90), (60, 120, 210), (120, 80, 180))
    for i, tone in enumerate(tones):
        mask = Image.new("L", (round(canvas.width * scale), round(canvas.height * scale)))
        r = (radius - i * band) * scale
        cx, cy = x * scale, horizon * 1.04 * scale
        width = max(2, round(band * scale * 1.4))
        ImageDraw.Draw(mask).ellipse([cx - r, cy - r, cx + r, cy + r], outline=150, width=width)
        canvas.stain(mask.filter(ImageFilter.GaussianBlur(1.3)), tone)


def _lightning(canvas: Canvas, horizon: float) -> None:
    rng = canvas.dice("lightning")
    x = canvas.width * rng.uniform(0.25, 0.75)
    canvas.glow(x, horizon * 0.3, canvas.unit * 0.55, (236, 238, 255), 0.55)
    bold = 2.2 if canvas.cut else 1.0
    path: list[Point] = [(x, 0)]
    while path[-1][1] < horizon:
        px, py = path[-1]
        path.append((px + canvas.unit * rng.uniform(-0.05, 0.05), py + canvas.unit * rng.uniform(0.02, 0.07)))
    width = max(2, round(canvas.unit * 0.006 * bold))
    for start in range(2, len(path) - 2, 3):
        px, py = path[start]
        side = rng.choice((-1, 1))
        branch = [
            (px + side * canvas.unit * 0.03 * k, py + canvas.unit * (0.025 * k + rng.uniform(0, 0.02)))
            for k in range(4)
        ]
        canvas.draw.line(branch, fill=(226, 228, 252), width=max(1, width // 3))
    canvas.draw.line(path, fill=(255, 255, 255), width=width, joint="curve")


# -- What falls ----------------------------------------------------------------------------------------------


def falling(canvas: Canvas, light: Light, weather: str) -> None:
    """Rain, snow or mist before everything else."""
    if weather in {"rain", "storm"} and canvas.flat not in _PENS:
        _rain(canvas, light)
    elif weather == "snowfall":
        _snow(canvas)
    elif weather == "fog":
        for low, strength in ((0.62, 0.55), (0.8, 0.4)):
            canvas.soft(_bank(canvas, low), mix(light.low, light.middle, 0.3), strength, blur=9)


def _bank(canvas: Canvas, low: float) -> list[tuple[float, float, float, float]]:
    rng = canvas.dice(f"fog{low}")
    return [
        (
            rng.uniform(0, canvas.width),
            canvas.height * (low + rng.uniform(-0.06, 0.06)),
            canvas.width * rng.uniform(0.12, 0.35),
            canvas.height * rng.uniform(0.02, 0.055),
        )
        for _ in range(12)
    ]


def _rain(canvas: Canvas, light: Light) -> None:
    rng = canvas.dice("rain")
    lean, tone = rng.uniform(0.12, 0.3) * rng.choice((-1, 1)), mix(light.low, (255, 255, 255), 0.35)
    span = canvas.width / canvas.unit * canvas.height / canvas.unit
    mask = Image.new("L", canvas.image.size)
    pen = ImageDraw.Draw(mask)
    bold = 2.2 if canvas.cut else 1.0  # few and broad where a shape is cut or printed
    for _ in range(round(520 * min(3.0, span) / bold**3)):
        x, y = rng.uniform(-0.1, 1.1) * canvas.width, rng.uniform(-0.1, 1) * canvas.height
        near = rng.random() ** 2
        long = canvas.unit * (0.02 + 0.08 * near) * bold**0.5
        width = max(1, round(canvas.unit * (0.0007 + 0.0022 * near) * bold))
        pen.line([(x, y), (x - lean * long, y + long)], fill=round(70 + 80 * near), width=width)
    canvas.image.paste(tone, (0, 0), mask)


def _snow(canvas: Canvas) -> None:
    rng, flakes = canvas.dice("snow"), []
    for i in range(620):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)
        near = rng.random() ** 4
        size = canvas.unit * (0.0016 + 0.011 * near)
        if i % 9 == 0:
            flakes.append((x, y, size * 2.2, size * 2.2))
        else:
            canvas.disc(x, y, size, (255, 255, 255))
    canvas.soft(flakes, (255, 255, 255), 0.85, blur=0.9)


def bird_flock(canvas: Canvas, tone: Colour, horizon: float) -> None:
    """A few far birds, which give a sky its size."""
    rng = canvas.dice("birds")
    x, y = canvas.width * rng.uniform(0.2, 0.8), horizon * rng.uniform(0.3, 0.6)
    for _ in range(rng.randint(3, 7)):
        bx, by = x + canvas.unit * rng.uniform(-0.1, 0.1), y + canvas.unit * rng.uniform(-0.05, 0.05)
        span = canvas.unit * rng.uniform(0.008, 0.014)
        wing = [(bx - span, by - span * 0.45), (bx, by), (bx + span, by - span * 0.5)]
        canvas.draw.line(wing, fill=tone, width=max(1, round(canvas.unit * 0.0022)), joint="curve")


def crossing(canvas: Canvas, light: Light, moment: float) -> None:
    """Birds on their way across, in a loose wedge; at each ``moment`` (0 to 1) farther on, wings up or down."""
    rng = canvas.dice("crossing")
    way, tone = rng.choice((-1, 1)), mix(light.tree, light.far, 0.2)
    x = canvas.width * (0.5 + way * (moment - 0.5) * 0.8)
    y = canvas.height * (rng.uniform(0.14, 0.24) + 0.05 * (0.5 - moment))
    for number in range(rng.randint(5, 7)):
        row = (number + 1) // 2
        bx = x - way * canvas.unit * (0.045 * row + rng.uniform(0, 0.012))
        by = y + canvas.unit * ((0.026 if number % 2 else -0.022) * row + rng.uniform(-0.006, 0.006))
        span, lift = canvas.unit * 0.019, math.sin(moment * 9 + number * 1.7)
        tip = by - span * (0.25 + 0.4 * lift)
        wing = [(bx - span, tip), (bx - span * 0.4, by - span * 0.3), (bx, by),
                (bx + span * 0.4, by - span * 0.3), (bx + span, tip)]  # fmt: skip
        canvas.draw.line(wing, fill=tone, width=max(1, round(canvas.unit * 0.0042)), joint="curve")
