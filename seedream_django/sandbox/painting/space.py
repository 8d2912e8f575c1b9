"""Space: a nebula, stars, planets, and the ground of a moon where somebody stands."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from . import landscape
from .canvas import Canvas, crags, noise
from .palette import Colour, mix
from .scenes import Scene
from .stage import Stage, flat

_NEBULAE = (
    ((8, 6, 26), (92, 40, 140), (236, 110, 150), (255, 206, 150)),
    ((4, 12, 30), (20, 84, 132), (70, 190, 190), (226, 246, 220)),
    ((14, 6, 18), (120, 36, 60), (226, 120, 60), (255, 226, 160)),
)


def space(canvas: Canvas, scene: Scene) -> Stage:
    rng = canvas.dice("space")
    deep, one, two, bright = rng.choice(_NEBULAE)
    canvas.image.paste(deep, (0, 0, canvas.width, canvas.height))
    small = (
        max(2, round(256 * canvas.width / max(canvas.width, canvas.height))),
        max(2, round(256 * canvas.height / max(canvas.width, canvas.height))),
    )
    for tone, cells, power in ((one, 3, 1.4), (two, 4, 2.8), (bright, 5, 5.5)):
        canvas.stain(_cloud(rng, small, cells, power), tone)
    _stars(canvas, rng)
    sun = (canvas.width * 0.3, canvas.height * 0.3)
    if all(subject.name != "planet" for subject in scene.subjects):
        sun = _planet(canvas, rng, (one, two, bright))
    line = flat(canvas, 0.84)
    if scene.subjects:
        line = _moonscape(canvas, rng, mix(deep, one, 0.45))
    return Stage(line, canvas.height * 0.7, sun)


def _cloud(rng: random.Random, size: tuple[int, int], cells: int, power: float) -> Image.Image:
    """How strong a veil is: large clouds with smaller and smaller ones in them."""
    sum_of = noise(rng, size, cells)
    for more, share in ((2.3, 0.36), (5, 0.22), (11, 0.12), (23, 0.07)):
        sum_of = Image.blend(sum_of, noise(rng, size, round(cells * more)), share)
    sum_of = ImageOps.autocontrast(sum_of)
    return sum_of.point([round(235 * (v / 255) ** power) for v in range(256)]).filter(
        ImageFilter.GaussianBlur(0.8)
    )


def _stars(canvas: Canvas, rng: random.Random) -> None:
    for i in range(700):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)
        size = canvas.unit * rng.choice((0.0006, 0.0007, 0.001, 0.0014))
        if i % 60 == 0:
            canvas.glow(x, y, canvas.unit * rng.uniform(0.02, 0.05), (226, 232, 255), 0.8)
            size *= 1.8
        canvas.disc(x, y, size, rng.choice(((255, 255, 255), (255, 236, 210), (206, 222, 255))))


def _planet(canvas: Canvas, rng: random.Random, tones: tuple[Colour, Colour, Colour]) -> tuple[float, float]:
    """A banded ball with a night side, perhaps a ring; and a small moon."""
    side = canvas.dice("side").choice((-1, 1))  # the one that the first subject is not on
    x, y = canvas.width * (0.5 - 0.26 * side), canvas.height * rng.uniform(0.22, 0.36)
    radius, ringed = canvas.unit * rng.uniform(0.13, 0.2), rng.random() < 0.6
    base = mix(rng.choice(tones), (240, 214, 180), 0.35)
    canvas.glow(x - radius * 0.3, y - radius * 0.3, radius * 2.2, base, 0.4)
    if ringed:
        _ring(canvas, x, y, radius, base, back=True)
    ball, mask = _ball(rng, max(8, round(radius * 2)), base, tones)
    canvas.image.paste(ball, (round(x - radius), round(y - radius)), mask)
    if ringed:
        _ring(canvas, x, y, radius, base, back=False)
    away = 1 if x < canvas.width / 2 else -1
    canvas.disc(x + away * radius * 2.6, y + radius * 1.3, radius * 0.14, mix(base, (255, 255, 255), 0.5))
    return x, y


def _ball(
    rng: random.Random, side: int, base: Colour, tones: tuple[Colour, Colour, Colour]
) -> tuple[Image.Image, Image.Image]:
    """A planet's disc in bands, lit from the upper left, and its mask."""
    ball = Image.new("RGB", (side, side), base)
    pen, at = ImageDraw.Draw(ball), 0.0
    while at < side:
        wide = side * rng.uniform(0.04, 0.13)
        pen.rectangle([0, at, side, at + wide], fill=mix(base, rng.choice(tones), rng.uniform(0.1, 0.55)))
        at += wide
    ball = ball.filter(ImageFilter.GaussianBlur(side * 0.012))
    ball = ball.rotate(18, Image.Resampling.BILINEAR, fillcolor=base)
    left, top = round(side * 0.62), round(side * 0.66)
    night = Image.radial_gradient("L").resize((side * 2, side * 2)).crop((left, top, left + side, top + side))
    ball.paste((6, 5, 16), (0, 0), night.point([min(255, max(0, round((v - 40) * 2.1))) for v in range(256)]))
    mask = Image.new("L", (side * 2, side * 2))
    ImageDraw.Draw(mask).ellipse([2, 2, side * 2 - 3, side * 2 - 3], fill=255)
    return ball, mask.resize((side, side), Image.Resampling.BOX)


def _ring(canvas: Canvas, x: float, y: float, radius: float, tone: Colour, *, back: bool) -> None:
    wide = radius * 2.1
    for k, share in enumerate((1.0, 0.93, 0.85, 0.78)):
        box = [x - wide * share, y - wide * share * 0.2, x + wide * share, y + wide * share * 0.2]
        start, end = (180, 360) if back else (0, 180)
        canvas.draw.arc(
            box,
            start,
            end,
            fill=mix(tone, (255, 246, 224), 0.2 + 0.16 * (k % 2)),
            width=max(2, round(radius * 0.045)),
        )


def _moonscape(canvas: Canvas, rng: random.Random, tone: Colour) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for layer in range(3):
        shade = mix(mix(tone, (220, 200, 220), 0.22 - 0.1 * layer), (4, 3, 12), 0.3 * layer)
        line = crags(rng, canvas.unit * (0.09, 0.045, 0.02)[layer], 0.45)
        points = landscape.ridge(canvas, canvas.height * (0.76, 0.81, 0.87)[layer], line, shade)
    for _ in range(14):
        x, y = rng.uniform(0, canvas.width), canvas.height * rng.uniform(0.9, 0.99)
        across = canvas.unit * rng.uniform(0.015, 0.06)
        canvas.draw.ellipse(
            [x - across, y - across * 0.25, x + across, y + across * 0.25], fill=mix(shade, (0, 0, 0), 0.4)
        )
        canvas.draw.arc(
            [x - across, y - across * 0.25, x + across, y + across * 0.25],
            20,
            160,
            fill=mix(shade, (255, 255, 255), 0.25),
            width=max(1, round(across * 0.06)),
        )
    return points
