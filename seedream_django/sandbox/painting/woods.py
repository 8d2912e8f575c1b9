"""Woods: rows of trunks, the light between them, leaves above and below."""

from __future__ import annotations

import random

from . import sky
from .canvas import Canvas, waves
from .landscape import LINED, ridge
from .palette import Colour, Light, mix
from .scenes import Scene
from .stage import Stage, side_of
from .trees import canopy, fallen, tufts


def forest(canvas: Canvas, scene: Scene) -> Stage:
    """Rows of trunks that fade into the light at the end, and shafts of it between them."""
    light, rng = scene.light, canvas.dice("forest")
    horizon = round(canvas.height * 0.62)
    glow_x = canvas.width * (0.5 - side_of(canvas) * rng.uniform(0.1, 0.26))
    air = mix(light.low, light.far, 0.1 if light.dark else 0.35)
    canvas.gradient([mix(light.tree, light.middle, 0.6), mix(air, light.sun, 0.25), air], 0, canvas.height)
    if canvas.flat in {"papercut", "glass", "poster"}:
        sky.rings(canvas, light, glow_x, horizon * 0.55)
    canvas.glow(glow_x, horizon * 0.6, max(canvas.width, canvas.height) * 0.6, light.sun, 0.75)
    for row in range(5):
        if canvas.cut and row < 2:
            continue  # paper has no haze for them to be lost in
        share = row / 4
        tone = mix(mix(air, light.sun, 0.15), mix(light.tree, light.near, 0.35), 0.16 + 0.84 * share)
        base = horizon + (canvas.height * 0.88 - horizon) * share**1.4
        _trunks(canvas, rng, row, base, tone, light, glow_x)
        ground = mix(air, light.near if light.snow else mix(light.near, light.tree, 0.4), 0.2 + 0.8 * share)
        points = ridge(canvas, base, waves(rng, canvas.unit * 0.012, 1.1), ground)
        if row == 2:
            _shafts(canvas, rng, light, glow_x)
    tufts(canvas, light, mix(light.near, light.tree, 0.4), 0.88)
    if scene.season == "autumn":
        fallen(canvas, light, horizon)
    if not light.snow and canvas.flat not in {"glass", *LINED}:
        canopy(canvas, light, rng, 0.2, mix(mix(light.tree, air, 0.35), light.near, 0.1))
        canopy(canvas, light, rng, 0.13, light.tree)
    return Stage(points, horizon, (glow_x, horizon * 0.5))


def _trunks(
    canvas: Canvas, rng: random.Random, row: int, base: float, tone: Colour, light: Light, glow_x: float
) -> None:
    """Near rows leave the middle free for who stands there."""
    count, wide = (26, 18, 12, 8, 4)[row], canvas.unit * (0.008, 0.013, 0.022, 0.036, 0.075)[row]
    spread = canvas.width / canvas.unit
    for i in range(max(2, round(count * min(2.2, spread) ** 0.7))):
        x = canvas.width * ((i + rng.uniform(0.1, 0.9)) / max(2, round(count * min(2.2, spread) ** 0.7)))
        if row > 2 and abs(x - canvas.width / 2) < canvas.width * (0.2 if row == 3 else 0.33):
            continue
        _trunk(
            canvas, rng, x, base + canvas.unit * 0.02 * row, wide * rng.uniform(0.6, 1.3), tone, light, glow_x
        )


def _trunk(
    canvas: Canvas,
    rng: random.Random,
    x: float,
    foot: float,
    wide: float,
    tone: Colour,
    light: Light,
    glow_x: float,
) -> None:
    lean = rng.uniform(-0.04, 0.04) * canvas.height
    trunk = [
        (x - wide * 0.75, foot),
        (x - wide * 0.36 + lean, -5),
        (x + wide * 0.36 + lean, -5),
        (x + wide * 0.75, foot),
    ]
    canvas.fill(trunk, tone)
    side = 1 if glow_x > x else -1
    lit = [(x + side * wide * 0.75, foot), (x + side * wide * 0.36 + lean, -5),
           (x + side * wide * 0.2 + lean, -5), (x + side * wide * 0.42, foot)]  # fmt: skip
    canvas.draw.polygon(lit, fill=mix(tone, light.sun, 0.22))
    for _ in range(3):
        y, long = rng.uniform(0, 0.45) * canvas.height, wide * rng.uniform(3, 7)
        turn = rng.choice((-1, 1))
        at = x + lean * (1 - y / max(1.0, foot))
        canvas.draw.polygon([(at, y), (at + turn * long, y - long * 0.6), (at, y + wide * 0.6)], fill=tone)


def _shafts(canvas: Canvas, rng: random.Random, light: Light, glow_x: float) -> None:
    if canvas.cut:
        return
    lean = rng.choice((-1, 1)) * canvas.width * 0.25
    for _ in range(5):
        x, wide = rng.gauss(glow_x, canvas.width * 0.2), canvas.unit * rng.uniform(0.02, 0.07)
        foot = x + lean
        points = [(x - wide * 0.5, -10), (x + wide * 0.5, -10),
                  (foot + wide * 1.8, canvas.height * 0.8), (foot - wide * 1.4, canvas.height * 0.8)]  # fmt: skip
        canvas.beam(points, mix(light.sun, light.low, 0.3), 0.12 if light.dark else 0.22, blur=3)
