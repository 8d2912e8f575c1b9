"""An isometric world: one block of land that floats on a plain ground, and who stands on it."""

from __future__ import annotations

import random

from .canvas import Canvas, Point
from .figures import Spot, draw
from .motifs import BY_NAME
from .palette import Colour, Light, mix
from .scenes import Scene
from .stage import Stage

_TOPS = {
    "sea": (74, 156, 196), "lake": (84, 164, 190), "river": (112, 170, 96), "desert": (232, 190, 122),
    "city": (172, 172, 176), "street": (168, 166, 170), "table": (196, 150, 104), "room": (206, 164, 122),
    "space": (126, 112, 150), "mountains": (134, 168, 128), "underwater": (64, 138, 168),
}  # fmt: skip
_GRASS = (132, 184, 100)


class Block:
    """A plate of ``size`` pixels across, whose upper side has its middle at (x, y)."""

    def __init__(self, canvas: Canvas, x: float, y: float, size: float) -> None:
        self.canvas, self.x, self.y, self.size = canvas, x, y, size

    def at(self, across: float, down: float, up: float = 0.0) -> Point:
        """A place on it: both from -1 to 1, along its two edges; ``up`` in shares of the size."""
        return self.x + (across - down) * self.size * 0.25, self.y + (
            across + down
        ) * self.size * 0.125 - up * self.size

    def box(self, across: float, down: float, side: float, tall: float, tone: Colour) -> None:
        """A cuboid: its lit top, and two sides in shade."""
        half = side / 2
        a, b, c, d = (
            (across - half, down - half),
            (across + half, down - half),
            (across + half, down + half),
            (across - half, down + half),
        )
        pen = self.canvas.draw
        pen.polygon(
            [self.at(*d, tall), self.at(*c, tall), self.at(*c), self.at(*d)],
            fill=mix(tone, (20, 20, 40), 0.2),
        )
        pen.polygon(
            [self.at(*b, tall), self.at(*c, tall), self.at(*c), self.at(*b)],
            fill=mix(tone, (20, 20, 40), 0.42),
        )
        pen.polygon(
            [self.at(*a, tall), self.at(*b, tall), self.at(*c, tall), self.at(*d, tall)],
            fill=mix(tone, (255, 255, 255), 0.12),
        )

    def slab(self, tone: Colour, earth: Colour, thick: float) -> None:
        """The plate itself, in two strata."""
        pen, left, right, front, back = (
            self.canvas.draw,
            self.at(-1, 1),
            self.at(1, -1),
            self.at(1, 1),
            self.at(-1, -1),
        )
        drop = self.size * thick
        for top, low, one in ((0.0, 0.3, tone), (0.3, 1.0, earth)):
            y0, y1 = drop * top, drop * low
            pen.polygon(
                [
                    (left[0], left[1] + y0),
                    (front[0], front[1] + y0),
                    (front[0], front[1] + y1),
                    (left[0], left[1] + y1),
                ],
                fill=mix(one, (20, 20, 40), 0.16),
            )
            pen.polygon(
                [
                    (right[0], right[1] + y0),
                    (front[0], front[1] + y0),
                    (front[0], front[1] + y1),
                    (right[0], right[1] + y1),
                ],
                fill=mix(one, (20, 20, 40), 0.36),
            )
        pen.polygon([left, back, right, front], fill=tone)


def compose(canvas: Canvas, scene: Scene) -> None:
    light, rng = scene.light, canvas.dice("isometric")
    back = mix(mix(light.low, light.middle, 0.35), (255, 255, 255), 0.0 if light.dark else 0.25)
    canvas.gradient([mix(back, (255, 255, 255), 0.1), back, mix(back, light.middle, 0.25)], 0, canvas.height)
    size = min(canvas.width * 0.86, canvas.height * 1.2)
    block = Block(canvas, canvas.width / 2, canvas.height * 0.6, size)
    canvas.soft(
        [(block.x, block.y + size * 0.24, size * 0.5, size * 0.13)], mix(back, (10, 10, 30), 0.6), 0.6, blur=7
    )
    top = _top(scene)
    block.slab(top, mix((150, 104, 70), light.near, 0.4 if light.dark else 0.05), 0.1)
    _ground(block, rng, top, scene)
    _around(block, rng, light, scene)
    _subjects(canvas, scene, block)


def _top(scene: Scene) -> Colour:
    light = scene.light
    top = mix(light.near, (255, 255, 255), 0.2) if light.snow else _TOPS.get(scene.place, _GRASS)
    return mix(top, light.near, 0.55 if light.dark else 0.18 if light.low_sun else 0.0)


def _ground(block: Block, rng: random.Random, top: Colour, scene: Scene) -> None:
    """Tiles of two greens, or waves, or the lines of a road."""
    steps = 8
    for i in range(steps):
        for j in range(steps):
            if (i + j) % 2:
                a, b = -1 + 2 * i / steps, -1 + 2 * j / steps
                side = 2 / steps
                tile = [
                    block.at(a, b),
                    block.at(a + side, b),
                    block.at(a + side, b + side),
                    block.at(a, b + side),
                ]
                block.canvas.draw.polygon(tile, fill=mix(top, (255, 255, 255), 0.08))
    if scene.place in {"city", "street"}:
        for one, other in (((-1, 0.02), (1, 0.3)), ((0.02, -1), (0.3, 1))):
            road = [
                block.at(one[0], one[1]),
                block.at(other[0], one[1]),
                block.at(other[0], other[1]),
                block.at(one[0], other[1]),
            ]
            block.canvas.draw.polygon(road, fill=mix((96, 98, 108), scene.light.near, 0.3))


def _around(block: Block, rng: random.Random, light: Light, scene: Scene) -> None:
    """Small things at the back and the sides, from far to near."""
    spots = [
        (-0.8, -0.8),
        (-0.8, -0.45),
        (-0.45, -0.8),
        (-0.8, -0.1),
        (-0.1, -0.8),
        (-0.82, 0.3),
        (0.34, -0.82),
        (-0.8, 0.72),
        (0.74, -0.8),
    ]
    for across, down in sorted(spots, key=sum):
        at = (across + rng.uniform(-0.06, 0.06), down + rng.uniform(-0.06, 0.06))
        if scene.place in {"city", "street"}:
            tone = mix(
                rng.choice(((206, 122, 88), (226, 188, 124), (120, 140, 166), (178, 108, 104))),
                light.near,
                0.45 if light.dark else 0.05,
            )
            _house(block, rng, at, rng.uniform(0.1, 0.24), tone, light)
        elif scene.place in {"sea", "lake", "desert", "space", "underwater"}:
            block.box(
                *at, rng.uniform(0.14, 0.26), rng.uniform(0.02, 0.07), mix((150, 140, 132), light.near, 0.2)
            )
        elif scene.place in {"table", "room"}:
            continue
        else:
            _tree(block, rng, at, light)


def _house(block: Block, rng: random.Random, at: Point, tall: float, tone: Colour, light: Light) -> None:
    block.box(*at, 0.26, tall, tone)
    lit = (255, 220, 140) if light.dark else mix(tone, (30, 40, 60), 0.55)
    for floor in range(int(tall / 0.05)):
        for k in (-0.07, 0.02):
            up = 0.02 + floor * 0.05
            a, b, c = at[0] + k, at[0] + k + 0.05, at[1] + 0.13
            block.canvas.draw.polygon(
                [
                    block.at(a, c, up),
                    block.at(b, c, up),
                    block.at(b, c, up + 0.025),
                    block.at(a, c, up + 0.025),
                ],
                fill=lit,
            )


def _tree(block: Block, rng: random.Random, at: Point, light: Light) -> None:
    block.box(*at, 0.05, 0.05, mix((112, 78, 52), light.near, 0.3))
    leaf = mix(light.tree, light.sun, 0.2)
    side, up = rng.uniform(0.2, 0.26), 0.05
    for share in (1.0, 0.74, 0.46):
        raised = Block(block.canvas, block.x, block.y - up * block.size, block.size)
        raised.box(*at, side * share, 0.05, mix(leaf, (255, 255, 255), 0.75) if light.snow else leaf)
        up += 0.045


def _subjects(canvas: Canvas, scene: Scene, block: Block) -> None:
    """On a plinth each, so that they stand on something with sides."""
    count = len(scene.subjects)
    for index, subject in enumerate(scene.subjects):
        off = (index - (count - 1) / 2) * 0.6
        at = (0.12 + off, 0.12 - off)
        block.box(*at, 0.62 / max(1, count * 0.7), 0.045, mix(_top(scene), (255, 255, 255), 0.35))
        x, y = block.at(*at, 0.045)
        size = block.size * min(0.46, 0.62 * BY_NAME[subject.name].size + 0.1) / (1, 1.35, 1.6)[count - 1]
        y -= size * 0.16 if BY_NAME[subject.name].where == "sky" else -size * 0.03
        stage = Stage([(x, y)], block.y, (canvas.width * 0.1, 0.0))
        draw(canvas, scene, subject, Spot(x, y, size), stage, name=f"figure {index}")
