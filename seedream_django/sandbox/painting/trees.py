"""What grows: trees, grass and flowers, in the colours of the light."""

from __future__ import annotations

import random

from .canvas import Canvas
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
    for i in range(520):
        near = (i / 520) ** 0.8
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


def overhang(canvas: Canvas, light: Light, side: int) -> None:
    """A dark branch from an upper corner: something near, which makes the rest far."""
    rng = canvas.dice("overhang")
    tone = mix(light.tree, (0, 0, 0), 0.35)
    x0 = 0 if side < 0 else canvas.width
    long = canvas.unit * rng.uniform(0.4, 0.6)
    points = [
        (x0 - side * long * s, canvas.unit * (0.03 + 0.12 * s + 0.1 * s * s))
        for s in (-0.05, 0.25, 0.5, 0.75, 1.0)
    ]
    for start in range(4):
        width = max(2, round(canvas.unit * (0.016 - 0.0035 * start)))
        canvas.draw.line(points[start : start + 2], fill=tone, width=width, joint="curve")
    for _ in range(110):
        share = rng.uniform(0.05, 1.0)
        x = x0 - side * long * share + canvas.unit * rng.uniform(-0.03, 0.03)
        y = canvas.unit * (0.03 + 0.12 * share + 0.1 * share * share + rng.uniform(-0.05, 0.07))
        size = canvas.unit * rng.uniform(0.008, 0.018)
        leaf = mix(tone, light.sun, rng.choice((0, 0, 0.08, 0.18)))
        canvas.draw.ellipse([x - size * 1.3, y - size * 0.6, x + size * 1.3, y + size * 0.6], fill=leaf)
