"""An isometric world: one block of land that floats on a plain ground, and who stands on it."""

from __future__ import annotations

import random

from .canvas import Canvas, Point
from .figures import TINTS, Spot, draw
from .motifs import BY_NAME
from .palette import Colour, Light, mix
from .scenes import Scene, Subject
from .stage import Stage
from .volumes import VOLUMES, Block, Build, fir, round_tree

_TOPS = {
    "sea": (74, 156, 196), "lake": (84, 164, 190), "river": (112, 170, 96), "desert": (232, 190, 122),
    "city": (172, 172, 176), "street": (168, 166, 170), "table": (196, 150, 104), "room": (206, 164, 122),
    "space": (126, 112, 150), "mountains": (134, 168, 128), "underwater": (64, 138, 168),
}  # fmt: skip
_GRASS = (132, 184, 100)


def slab(block: Block, tone: Colour, earth: Colour, thick: float) -> None:
    """The plate itself, in two strata."""
    left, right, front, drop = block.at(-1, 1), block.at(1, -1), block.at(1, 1), block.size * thick
    for top, low, one in ((0.0, 0.3, tone), (0.3, 1.0, earth)):
        for side, shade in ((left, 0.12), (right, 0.34)):
            wall = [(side[0], side[1] + drop * top), (front[0], front[1] + drop * top),
                    (front[0], front[1] + drop * low), (side[0], side[1] + drop * low)]  # fmt: skip
            block.canvas.draw.polygon(wall, fill=mix(one, (20, 20, 40), shade))
    block.face(tone, (-1, 1, 0), (-1, -1, 0), (1, -1, 0), (1, 1, 0))


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
    slab(block, top, mix((150, 104, 70), light.near, 0.4 if light.dark else 0.05), 0.1)
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
            _house(block, at, rng.uniform(0.1, 0.24), tone, light)
        elif scene.place in {"sea", "lake", "desert", "space", "underwater"}:
            side, tone = rng.uniform(0.14, 0.26), mix((150, 140, 132), light.near, 0.2)
            block.box(*at, (side, side), 0, rng.uniform(0.02, 0.07), tone)
        elif scene.place in {"table", "room"}:
            continue
        else:
            tree = fir if light.snow or rng.random() < 0.5 else round_tree
            tree(Build(block, *at, rng.uniform(0.85, 1.25), _leaf_tone(tree is fir, light), light, rng))


def _leaf_tone(needles: bool, light: Light) -> Colour:
    if needles:
        return 46, 104, 74
    red, green, _ = light.tree
    return mix(
        light.tree, (118, 172, 84), 0.55 if green >= red else 0.08
    )  # in autumn and in blossom as it is


def _house(block: Block, at: Point, tall: float, tone: Colour, light: Light) -> None:
    block.box(*at, (0.26, 0.26), 0, tall, tone)
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


def _subjects(canvas: Canvas, scene: Scene, block: Block) -> None:
    """From far to near: what can be built is, anything else stands upright on a round base, facing the viewer."""
    count = len(scene.subjects)
    for index, subject in enumerate(scene.subjects):
        off = (index - (count - 1) / 2) * 0.66
        at, share = (0.1 + off, 0.1 - off), (1.0, 0.72, 0.6)[count - 1]
        if subject.name in VOLUMES:
            _built(canvas, scene, block, subject, at, share)
        else:
            _stood(canvas, scene, block, index, at, share)


def _built(canvas: Canvas, scene: Scene, block: Block, subject: Subject, at: Point, share: float) -> None:
    rng = canvas.dice(f"built {subject.name}")
    build, tones = VOLUMES[subject.name]
    tone = TINTS[subject.tint] if subject.tint else rng.choice(tones)
    grown = 1.0
    if subject.name in {"tree", "pine"}:
        grown = 1.75
        tone = tone if subject.tint else _leaf_tone(subject.name == "pine", scene.light)
    x, y = block.at(at[0] + 0.12, at[1] + 0.06)
    dark = mix(_top(scene), (20, 24, 50), 0.55)
    canvas.soft([(x, y, block.size * 0.24 * share, block.size * 0.1 * share)], dark, 0.6, blur=3)
    build(Build(block, *at, share * grown * 1.12, tone, scene.light, rng))


def _stood(canvas: Canvas, scene: Scene, block: Block, index: int, at: Point, share: float) -> None:
    subject = scene.subjects[index]
    motif, top = BY_NAME[subject.name], _top(scene)
    block.round(*at, (0.4 * share, 0.4 * share), 0, 0.022, mix(top, (255, 255, 255), 0.5))
    x, y = block.at(*at, 0.022)
    size = block.size * min(0.46, 0.62 * motif.size + 0.1) * share
    y -= size * 0.16 if motif.where == "sky" else 0
    stage = Stage([(x, y)], block.y, (canvas.width * 0.1, 0.0))
    draw(canvas, scene, subject, Spot(x, y + size * 0.03, size), stage, name=f"figure {index}")
