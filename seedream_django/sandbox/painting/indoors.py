"""Rooms: a table by a window, and a room to stand in."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from .canvas import Canvas, waves
from .palette import Colour, Light, mix
from .scenes import Scene
from .stage import Stage, flat, shape_of

_WALLS = ((214, 196, 168), (150, 172, 160), (178, 132, 110), (120, 140, 162), (206, 176, 150), (98, 116, 108))
_CLOTHS = ((240, 232, 216), (178, 72, 58), (70, 104, 122), (222, 186, 110), (112, 132, 96))


def table(canvas: Canvas, scene: Scene) -> Stage:
    """A wall, a window at one side, its light on the wall, and a table with a cloth or bare wood."""
    light, rng = scene.light, canvas.dice("table")
    edge = canvas.height * {"wide": 0.6, "square": 0.63, "tall": 0.68}[shape_of(canvas)]
    wall = _wall(canvas, rng, light, edge)
    side = rng.choice((-1, 1))
    window_x = canvas.width * (0.5 + 0.33 * side)
    size = min(canvas.unit * 0.46, edge * 0.66)
    window(canvas, rng, scene, window_x, edge * 0.5, size)
    _slant(canvas, light, window_x, edge, -side)
    if rng.random() < 0.6:
        _frame_on_wall(canvas, rng, light, canvas.width * (0.5 - 0.3 * side), edge * 0.42, wall)
    _board(canvas, rng, light, edge)
    return Stage(
        flat(canvas, edge / canvas.height + (1 - edge / canvas.height) * 0.55), edge, (window_x, edge * 0.4)
    )


def room(canvas: Canvas, scene: Scene) -> Stage:
    """A floor, a wall with a window, a lamp, a plant, a rug."""
    light, rng = scene.light, canvas.dice("room")
    edge = canvas.height * 0.7
    wall = _wall(canvas, rng, light, edge)
    side = rng.choice((-1, 1))
    window_x = canvas.width * (0.5 + 0.24 * side)
    window(canvas, rng, scene, window_x, edge * 0.46, min(canvas.unit * 0.5, edge * 0.68))
    floor = mix(_dimmed((164, 116, 78), light), light.low, 0.12)
    canvas.gradient([mix(floor, light.low, 0.2), mix(floor, (20, 12, 10), 0.4)], edge, canvas.height)
    _planks(canvas, edge, mix(floor, (30, 18, 12), 0.35))
    canvas.draw.rectangle(
        [0, edge - canvas.unit * 0.02, canvas.width, edge], fill=mix(wall, (255, 255, 255), 0.3)
    )
    _rug(canvas, rng, light, edge)
    _slant(canvas, light, window_x, canvas.height * 0.95, -side)
    _shelf(canvas, rng, light, canvas.width * (0.5 - 0.32 * side), edge)
    _plant(canvas, rng, light, canvas.width * (0.5 + 0.43 * side), edge + canvas.unit * 0.05)
    return Stage(flat(canvas, 0.88), edge, (window_x, edge * 0.4))


def _dimmed(tone: Colour, light: Light) -> Colour:
    return mix(tone, light.near, 0.62 if light.dark else 0.1)


def _wall(canvas: Canvas, rng: random.Random, light: Light, edge: float) -> Colour:
    wall = mix(_dimmed(rng.choice(_WALLS), light), light.low, 0.12)
    canvas.gradient([mix(wall, (0, 0, 0), 0.22), wall, mix(wall, light.sun, 0.12)], 0, edge)
    if rng.random() < 0.4:
        stripe = mix(wall, light.sun, 0.07)
        wide = canvas.unit * 0.045
        for k in range(0, int(canvas.width / wide) + 1, 2):
            canvas.draw.rectangle([k * wide, 0, k * wide + wide * 0.5, edge], fill=stripe)
    return wall


def window(canvas: Canvas, rng: random.Random, scene: Scene, x: float, y: float, size: float) -> None:
    """A sash window with the hour's sky and hills in it, a sill and curtains."""
    light = scene.light
    left, top, right, bottom = x - size * 0.4, y - size * 0.5, x + size * 0.4, y + size * 0.5
    canvas.glow(x, y, size * 1.5, light.sun, 0.4)
    view = _view(light, rng, max(2, round(right - left)), max(2, round(bottom - top)))
    canvas.image.paste(view, (round(left), round(top)))
    frame, bar = mix(_dimmed((246, 240, 228), light), light.low, 0.1), size * 0.028
    draw, width = canvas.draw, max(2, round(bar * 1.6))
    draw.rectangle([left - bar, top - bar, right + bar, bottom + bar], outline=frame, width=width)
    draw.rectangle([x - bar / 2, top, x + bar / 2, bottom], fill=frame)
    draw.rectangle([left, y - size * 0.08, right, y - size * 0.08 + bar], fill=frame)
    sill = [left - bar * 3, bottom + bar, right + bar * 3, bottom + bar * 2.6]
    draw.rectangle(sill, fill=mix(frame, (0, 0, 0), 0.1))
    _curtains(canvas, rng, light, (left, top, right, bottom), size)


def _view(light: Light, rng: random.Random, wide: int, tall: int) -> Image.Image:
    """What is outside: the hour's sky, and three hills."""
    view = Canvas(wide, tall, random.Random(rng.random()))
    view.gradient([light.top, light.middle, light.low], 0, tall * 0.75)
    view.glow(wide * 0.6, tall * 0.4, wide * 0.9, light.sun, 0.6)
    for k, tone in enumerate((light.far, mix(light.far, light.near, 0.5), mix(light.near, light.tree, 0.4))):
        base = tall * (0.66 + 0.13 * k)
        crest = [(i * wide / 120, base + h) for i, h in enumerate(waves(rng, tall * 0.05, 1.0))]
        view.draw.polygon([(0, tall), *crest, (wide, tall)], fill=tone)
    return view.image


def _curtains(
    canvas: Canvas, rng: random.Random, light: Light, box: tuple[float, float, float, float], size: float
) -> None:
    left, top, right, bottom = box
    tone = mix(_dimmed(rng.choice(_CLOTHS), light), light.low, 0.15)
    for at, side in ((left, -1), (right, 1)):
        for fold in range(4):
            x = at + side * size * 0.045 * (fold - 1)
            shade = mix(tone, (0, 0, 0), 0.07 * (fold % 2) + 0.05)
            canvas.draw.polygon(
                [
                    (x - size * 0.03, top - size * 0.1),
                    (x + size * 0.03, top - size * 0.1),
                    (x + size * 0.04, bottom + size * 0.16),
                    (x - size * 0.03, bottom + size * 0.16),
                ],
                fill=shade,
            )
    canvas.draw.line(
        [(left - size * 0.2, top - size * 0.1), (right + size * 0.2, top - size * 0.1)],
        fill=mix(tone, (40, 26, 16), 0.6),
        width=max(2, round(size * 0.018)),
    )


def _slant(canvas: Canvas, light: Light, x: float, foot: float, side: int) -> None:
    """The window's light, falling across the room."""
    lean, wide = side * canvas.unit * 0.5, canvas.unit * 0.12
    points = [
        (x - wide, foot * 0.3),
        (x + wide, foot * 0.3),
        (x + wide * 2 + lean, foot * 1.3),
        (x - wide * 2 + lean, foot * 1.3),
    ]
    canvas.beam(points, light.sun, 0.1 if light.dark else 0.2, blur=5)


def _frame_on_wall(
    canvas: Canvas, rng: random.Random, light: Light, x: float, y: float, wall: Colour
) -> None:
    w, h = canvas.unit * 0.1, canvas.unit * 0.13
    canvas.draw.rectangle([x - w + 6, y - h + 8, x + w + 6, y + h + 8], fill=mix(wall, (0, 0, 0), 0.25))
    canvas.draw.rectangle([x - w, y - h, x + w, y + h], fill=_dimmed((70, 48, 34), light))
    canvas.draw.rectangle(
        [x - w * 0.86, y - h * 0.89, x + w * 0.86, y + h * 0.89], fill=_dimmed((240, 234, 222), light)
    )
    tone = _dimmed(rng.choice(_CLOTHS[1:]), light)
    canvas.draw.rectangle(
        [x - w * 0.6, y - h * 0.66, x + w * 0.6, y + h * 0.66], fill=mix(tone, (255, 255, 255), 0.35)
    )
    canvas.disc(x, y, w * 0.36, tone)


def _board(canvas: Canvas, rng: random.Random, light: Light, edge: float) -> None:
    """The table's top, seen a little from above."""
    if rng.random() < 0.4:
        cloth = _dimmed(rng.choice(_CLOTHS), light)
        canvas.gradient([mix(cloth, light.sun, 0.2), cloth, mix(cloth, light.near, 0.3)], edge, canvas.height)
        _checks(canvas, edge, mix(cloth, (255, 255, 255), 0.25))
    else:
        wood = mix(_dimmed((150, 98, 60), light), light.low, 0.1)
        canvas.gradient(
            [mix(wood, light.low, 0.35), wood, mix(wood, (36, 20, 12), 0.45)], edge, canvas.height
        )
        for _ in range(70):
            y = rng.uniform(edge, canvas.height)
            left, long = rng.uniform(-0.3, 1) * canvas.width, rng.uniform(0.1, 0.6) * canvas.width
            grain = mix(wood, (56, 30, 18), rng.uniform(0.15, 0.5))
            canvas.draw.line(
                [(left, y), (left + long, y + canvas.unit * rng.uniform(-0.003, 0.003))],
                fill=grain,
                width=max(1, round(canvas.unit * 0.0017)),
            )
    canvas.draw.rectangle(
        [0, edge, canvas.width, edge + canvas.unit * 0.006],
        fill=mix(light.low, light.sun, 0.4) if not light.dark else mix(light.low, light.near, 0.4),
    )


def _checks(canvas: Canvas, edge: float, tone: Colour) -> None:
    middle = canvas.width / 2
    shade = Image.new("L", canvas.image.size)
    pen = ImageDraw.Draw(shade)
    for k in range(-14, 15, 2):
        near, far = canvas.width * 0.12, canvas.width * 0.085
        pen.polygon(
            [
                (middle + k * far, edge),
                (middle + (k + 1) * far, edge),
                (middle + (k + 1) * near, canvas.height),
                (middle + k * near, canvas.height),
            ],
            fill=90,
        )
    canvas.image.paste(tone, (0, 0), shade)
    pen.rectangle([0, 0, canvas.width, canvas.height], fill=0)
    for k in range(0, 8, 2):
        top, low = (edge + (canvas.height - edge) * (j / 8) ** 1.35 for j in (k, k + 1))
        pen.rectangle([0, top, canvas.width, low], fill=90)
    canvas.image.paste(tone, (0, 0), shade)


def _planks(canvas: Canvas, edge: float, tone: Colour) -> None:
    middle, wide = canvas.width / 2, max(1, round(canvas.unit * 0.002))
    for k in range(-16, 17):
        canvas.draw.line(
            [(middle + k * canvas.width * 0.06, edge), (middle + k * canvas.width * 0.14, canvas.height)],
            fill=tone,
            width=wide,
        )


def _rug(canvas: Canvas, rng: random.Random, light: Light, edge: float) -> None:
    x, y = canvas.width / 2, edge + (canvas.height - edge) * 0.58
    across, down = canvas.unit * 0.44, (canvas.height - edge) * 0.34
    tone = _dimmed(rng.choice(_CLOTHS[1:]), light)
    for share, mixed in ((1.0, 0.0), (0.86, 0.3), (0.78, 0.05), (0.4, 0.35)):
        canvas.draw.ellipse(
            [x - across * share, y - down * share, x + across * share, y + down * share],
            fill=mix(tone, (250, 240, 220), mixed),
        )


def _shelf(canvas: Canvas, rng: random.Random, light: Light, x: float, edge: float) -> None:
    """A bookcase: what says "room" at a glance."""
    wide, tall = canvas.unit * 0.15, edge * 0.62
    top, wood = edge - tall, _dimmed((104, 70, 46), light)
    canvas.draw.rectangle([x - wide, top, x + wide, edge + canvas.unit * 0.02], fill=wood)
    for row in range(4):
        y0, y1 = top + tall * (0.04 + row * 0.245), top + tall * (0.23 + row * 0.245)
        canvas.draw.rectangle([x - wide * 0.9, y0, x + wide * 0.9, y1], fill=mix(wood, (0, 0, 0), 0.45))
        at = x - wide * 0.86
        while at < x + wide * 0.78:
            thick, high = wide * rng.uniform(0.07, 0.15), (y1 - y0) * rng.uniform(0.6, 0.95)
            tone = _dimmed(rng.choice((*_CLOTHS, *_WALLS)), light)
            canvas.draw.rectangle([at, y1 - high, at + thick * 0.9, y1], fill=tone)
            at += thick * (1 if rng.random() < 0.92 else 3)


def _plant(canvas: Canvas, rng: random.Random, light: Light, x: float, y: float) -> None:
    size, green = canvas.unit * 0.28, _dimmed((58, 112, 72), light)
    for turn in (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9):
        tip = (x + turn * size * 0.6, y - size * rng.uniform(0.8, 1.15))
        bend = (x + turn * size * 0.22, y - size * 0.6)
        wide = size * 0.06
        canvas.draw.polygon(
            [(x, y - size * 0.25), (bend[0] - wide, bend[1]), tip, (bend[0] + wide, bend[1])],
            fill=mix(green, light.sun, rng.uniform(0, 0.25)),
        )
    pot = _dimmed((196, 110, 76), light)
    canvas.draw.polygon(
        [
            (x - size * 0.2, y - size * 0.28),
            (x + size * 0.2, y - size * 0.28),
            (x + size * 0.14, y),
            (x - size * 0.14, y),
        ],
        fill=pot,
    )
