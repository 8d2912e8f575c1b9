"""Solid things for the isometric world: houses, towers, mills and trees with a lit and a shaded side."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .canvas import Canvas, Point
from .palette import Colour, Light, mix

_SHADE: Colour = (24, 22, 48)
_WHITE: Colour = (255, 255, 255)
_SNOW: Colour = (246, 250, 253)
_LAMP: Colour = (255, 220, 140)


class Block:
    """A plate of ``size`` pixels across, whose upper side has its middle at (x, y)."""

    def __init__(self, canvas: Canvas, x: float, y: float, size: float) -> None:
        self.canvas, self.x, self.y, self.size = canvas, x, y, size

    def at(self, across: float, down: float, up: float = 0.0) -> Point:
        """A place on it: both from -1 to 1, along its two edges; ``up`` in shares of the size."""
        x = self.x + (across - down) * self.size * 0.25
        return x, self.y + (across + down) * self.size * 0.125 - up * self.size

    def face(self, tone: Colour, *corners: tuple[float, float, float]) -> None:
        self.canvas.draw.polygon([self.at(*corner) for corner in corners], fill=tone)

    def box(
        self, across: float, down: float, sides: tuple[float, float], up: float, tall: float, tone: Colour
    ) -> None:
        """A cuboid whose foot is at ``up``: its lit top, and two sides in shade."""
        a0, a1 = across - sides[0] / 2, across + sides[0] / 2
        d0, d1 = down - sides[1] / 2, down + sides[1] / 2
        top = up + tall
        self.face(mix(tone, _SHADE, 0.1), (a0, d1, top), (a1, d1, top), (a1, d1, up), (a0, d1, up))
        self.face(mix(tone, _SHADE, 0.34), (a1, d0, top), (a1, d1, top), (a1, d1, up), (a1, d0, up))
        self.face(mix(tone, _WHITE, 0.16), (a0, d0, top), (a1, d0, top), (a1, d1, top), (a0, d1, top))

    def round(
        self, across: float, down: float, radii: tuple[float, float], up: float, tall: float, tone: Colour
    ) -> None:
        """A round wall, ``radii`` at its foot and at its top, with its upper side."""
        (x, y), (_, top) = self.at(across, down, up), self.at(across, down, up + tall)
        low, high = (radius * self.size * 0.3535 for radius in radii)
        pen = self.canvas.draw
        body = [(x - high, top), *_arc(x, y, low, 180, 0), (x + high, top)]
        pen.polygon(body, fill=mix(tone, _SHADE, 0.08))
        for start, shade in ((80, 0.2), (48, 0.34)):
            edge = [(px, py) for px, py in _arc(x, y, low, start, 0)]
            share = math.cos(math.radians(start))
            pen.polygon([(x + high * share, top + high * 0.5 * math.sin(math.radians(start))), *edge, (x + high, top)],
                        fill=mix(tone, _SHADE, shade))  # fmt: skip
        pen.ellipse([x - high, top - high / 2, x + high, top + high / 2], fill=mix(tone, _WHITE, 0.12))

    def cone(self, across: float, down: float, radius: float, up: float, tall: float, tone: Colour) -> None:
        (x, y), (_, tip) = self.at(across, down, up), self.at(across, down, up + tall)
        r, pen = radius * self.size * 0.3535, self.canvas.draw
        pen.polygon([(x, tip), *_arc(x, y, r, 180, 0)], fill=mix(tone, _WHITE, 0.06))
        pen.polygon([(x, tip), *_arc(x, y, r, 74, 0)], fill=mix(tone, _SHADE, 0.26))


def _arc(x: float, y: float, radius: float, start: float, end: float) -> list[Point]:
    """The front half of a flat ellipse between two angles: 180 is left, 90 in front, 0 right."""
    steps = [math.radians(start + (end - start) * k / 16) for k in range(17)]
    return [(x + radius * math.cos(way), y + radius * 0.5 * math.sin(way)) for way in steps]


class Build(NamedTuple):
    """What is built where: on the block, around (across, down), so large, its main colour, in this light."""

    block: Block
    across: float
    down: float
    scale: float
    tone: Colour
    light: Light
    rng: random.Random

    def lit(self, tone: Colour) -> Colour:
        """This colour at this hour."""
        return mix(tone, self.light.near, 0.42 if self.light.dark else 0.0)

    def roof(self, tone: Colour) -> Colour:
        return self.lit(mix(tone, _SNOW, 0.93) if self.light.snow else tone)

    @property
    def glass(self) -> Colour:
        return _LAMP if self.light.dark or self.light.snow or self.light.low_sun else (92, 122, 146)


# -- Houses --------------------------------------------------------------------------------------------------


def house(to: Build) -> None:
    wide, deep, tall, rise = 0.86 * to.scale, 0.66 * to.scale, 0.13 * to.scale, 0.15 * to.scale
    gabled(to, (wide, deep, tall, rise), to.tone, (172, 66, 52))
    a, d, s = to.across, to.down + deep / 2, to.scale
    _pane(to, a - 0.06 * s, d, 0.14 * s, (0.0, 0.092 * s), (126, 60, 42))
    for off in (-0.3, 0.2):
        _pane(to, a + off * s, d, 0.15 * s, (0.045 * s, 0.098 * s), to.glass, frame=True)
    _side_pane(to, a + wide / 2, to.down + 0.06 * s, 0.15 * s, (0.045 * s, 0.098 * s), to.glass)
    _side_pane(to, a + wide / 2, to.down + 0.02 * s, 0.09 * s, (0.155 * s, 0.195 * s), to.glass)
    _chimney(to, a - 0.22 * s, to.down + 0.06 * s, tall + rise * 0.62)


def barn(to: Build) -> None:
    s = to.scale
    gabled(to, (0.95 * s, 0.7 * s, 0.15 * s, 0.14 * s), to.tone, (112, 112, 120))
    d = to.down + 0.35 * s
    _pane(to, to.across - 0.14 * s, d, 0.28 * s, (0.0, 0.12 * s), (240, 234, 222))
    _pane(to, to.across - 0.115 * s, d, 0.23 * s, (0.0, 0.108 * s), mix(to.tone, _SHADE, 0.3))


def church(to: Build) -> None:
    s = to.scale
    gabled(to, (0.9 * s, 0.5 * s, 0.16 * s, 0.15 * s), to.tone, (92, 98, 116))
    for off in (-0.3, -0.08, 0.14):
        _pane(to, to.across + off * s, to.down + 0.25 * s, 0.08 * s, (0.05 * s, 0.12 * s), to.glass)
    a, d = to.across + 0.52 * s, to.down + 0.08 * s
    to.block.box(a, d, (0.32 * s, 0.32 * s), 0, 0.36 * s, to.lit(to.tone))
    _pyramid(to, a, d, 0.38 * s, 0.36 * s, 0.24 * s, to.roof((92, 98, 116)))
    _pane(to, a - 0.05 * s, d + 0.16 * s, 0.1 * s, (0.0, 0.1 * s), (110, 64, 44))
    _pane(to, a - 0.04 * s, d + 0.16 * s, 0.08 * s, (0.24 * s, 0.31 * s), to.glass)


def skyscraper(to: Build) -> None:
    s = to.scale
    for side, up, tall in ((0.62, 0.0, 0.3), (0.48, 0.3, 0.2), (0.3, 0.5, 0.12)):
        to.block.box(to.across, to.down, (side * s, side * s), up * s, tall * s, to.lit(to.tone))
        for floor in range(int(tall / 0.045)):
            low = (up + 0.014 + floor * 0.045) * s
            for k in range(round(side / 0.1)):
                off = (-side / 2 + 0.03 + k * 0.1) * s
                tone = to.glass if to.rng.random() < 0.6 else mix(to.tone, _SHADE, 0.4)
                _pane(to, to.across + off, to.down + side * s / 2, 0.055 * s, (low, low + 0.026 * s), tone)
                _side_pane(
                    to,
                    to.across + side * s / 2,
                    to.down + off,
                    0.055 * s,
                    (low, low + 0.026 * s),
                    mix(tone, _SHADE, 0.2),
                )


def gabled(to: Build, size: tuple[float, float, float, float], wall: Colour, roof: Colour) -> None:
    """Walls and a roof whose ridge runs across: wide, deep, tall to the eaves, and the ridge above these."""
    wide, deep, tall, rise = size
    a0, a1, d0, d1 = to.across - wide / 2, to.across + wide / 2, to.down - deep / 2, to.down + deep / 2
    face, out, wall = to.block.face, 0.06 * to.scale, to.lit(wall)
    face(mix(wall, _SHADE, 0.06), (a0, d1, tall), (a1, d1, tall), (a1, d1, 0), (a0, d1, 0))
    face(
        mix(wall, _SHADE, 0.26),
        (a1, d0, tall),
        (a1, to.down, tall + rise),
        (a1, d1, tall),
        (a1, d1, 0),
        (a1, d0, 0),
    )
    slope, drop, thick, top = (
        to.roof(roof),
        rise * out * 2 / deep,
        0.018 * to.scale,
        tall + rise + 0.012 * to.scale,
    )
    eaves, back = tall - drop + 0.012 * to.scale, (a1 + out, d0 - out)
    face(
        mix(slope, _SHADE, 0.3),
        (*back, eaves),
        (a1 + out, to.down, top),
        (a1 + out, to.down, top - thick),
        (*back, eaves - thick),
    )
    face(mix(slope, _SHADE, 0.22), (a1 + out, to.down, top), (a1 + out, d1 + out, eaves),
         (a1 + out, d1 + out, eaves - thick), (a1 + out, to.down, top - thick))  # fmt: skip
    face(
        slope,
        (a0 - out, d1 + out, eaves),
        (a1 + out, d1 + out, eaves),
        (a1 + out, to.down, top),
        (a0 - out, to.down, top),
    )
    under = to.lit(mix(roof, _SHADE, 0.15)) if to.light.snow else mix(slope, _SHADE, 0.35)
    face(under, (a0 - out, d1 + out, eaves), (a1 + out, d1 + out, eaves), (a1 + out, d1 + out, eaves - thick),
         (a0 - out, d1 + out, eaves - thick))  # fmt: skip
    if not to.light.snow:
        _courses(to, (a0 - out, a1 + out), (to.down, d1 + out), (top, eaves), mix(slope, _SHADE, 0.16))


def _courses(
    to: Build,
    across: tuple[float, float],
    down: tuple[float, float],
    up: tuple[float, float],
    tone: Colour,
) -> None:
    """The lines between a roof's rows of tiles, from the ridge to the eaves."""
    for share in (1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6):
        d, height = (start + (end - start) * share for start, end in (down, up))
        line = [to.block.at(a, d, height) for a in across]
        to.block.canvas.draw.line(line, fill=tone, width=max(1, round(to.block.size * 0.002)))


def _pyramid(
    to: Build, across: float, down: float, side: float, up: float, tall: float, tone: Colour
) -> None:
    half, tip = side / 2, (across, down, up + tall)
    to.block.face(
        mix(tone, _WHITE, 0.05), (across - half, down + half, up), (across + half, down + half, up), tip
    )
    to.block.face(
        mix(tone, _SHADE, 0.25), (across + half, down - half, up), (across + half, down + half, up), tip
    )


def _chimney(to: Build, across: float, down: float, up: float) -> None:
    s = to.scale
    to.block.box(across, down, (0.1 * s, 0.1 * s), up, 0.1 * s, to.lit((152, 92, 76)))
    if to.light.snow:
        to.block.box(across, down, (0.12 * s, 0.12 * s), up + 0.1 * s, 0.012 * s, to.lit(_SNOW))
    x, y = to.block.at(across, down, up + 0.12 * s)
    u = to.block.size * s
    puffs = [
        (x + u * 0.016 * k, y - u * 0.036 * k, u * (0.011 + 0.006 * k), u * (0.01 + 0.005 * k))
        for k in range(5)
    ]
    to.block.canvas.soft(puffs, (250, 250, 250), 0.75, blur=1.6)


def _pane(
    to: Build,
    across: float,
    down: float,
    wide: float,
    up: tuple[float, float],
    tone: Colour,
    *,
    frame: bool = False,
) -> None:
    """A window or door in a wall that looks to the left."""
    if frame:
        gap = 0.012 * to.scale
        _pane(to, across - 2 * gap, down, wide + 4 * gap, (up[0] - gap, up[1] + gap), (244, 240, 230))
    a, b = across, across + wide
    to.block.face(
        to.lit(tone) if tone != _LAMP else tone,
        (a, down, up[0]),
        (b, down, up[0]),
        (b, down, up[1]),
        (a, down, up[1]),
    )


def _side_pane(
    to: Build, across: float, down: float, wide: float, up: tuple[float, float], tone: Colour
) -> None:
    """The same in a wall that looks to the right."""
    a, b = down - wide / 2, down + wide / 2
    to.block.face(
        mix(tone, _SHADE, 0.08),
        (across, a, up[0]),
        (across, b, up[0]),
        (across, b, up[1]),
        (across, a, up[1]),
    )


# -- Towers --------------------------------------------------------------------------------------------------


def castle(to: Build) -> None:
    """Four towers, from the far one to the near one, the walls between them, a keep in the middle."""
    s, stone, far = to.scale * 1.25, to.lit(to.tone), 0.36
    at, box = (to.across, to.down), to.block.box
    _turret(to, at[0] - far * s, at[1] - far * s, s)
    box(at[0] - far * s, at[1], (0.1 * s, 2 * far * s), 0, 0.15 * s, stone)
    box(at[0], at[1] - far * s, (2 * far * s, 0.1 * s), 0, 0.15 * s, stone)
    box(*at, (0.34 * s, 0.34 * s), 0, 0.32 * s, stone)
    _pyramid(to, *at, 0.4 * s, 0.32 * s, 0.16 * s, to.roof((86, 92, 130)))
    _turret(to, at[0] - far * s, at[1] + far * s, s)
    _turret(to, at[0] + far * s, at[1] - far * s, s)
    box(at[0] + far * s, at[1], (0.1 * s, 2 * far * s), 0, 0.15 * s, stone)
    box(at[0], at[1] + far * s, (2 * far * s, 0.1 * s), 0, 0.15 * s, stone)
    front = at[1] + (far + 0.05) * s
    _pane(to, at[0] - 0.09 * s, front, 0.18 * s, (0.0, 0.1 * s), (84, 56, 40))
    for k in range(6):
        box(at[0] + (-0.3 + 0.12 * k) * s, front - 0.03 * s, (0.06 * s, 0.05 * s), 0.15 * s, 0.025 * s, stone)
        box(
            at[0] + (far + 0.02) * s,
            at[1] + (-0.3 + 0.12 * k) * s,
            (0.05 * s, 0.06 * s),
            0.15 * s,
            0.025 * s,
            stone,
        )
    _turret(to, at[0] + far * s, at[1] + far * s, s)


def _turret(to: Build, across: float, down: float, s: float) -> None:
    to.block.round(across, down, (0.13 * s, 0.125 * s), 0, 0.24 * s, to.lit(to.tone))
    to.block.cone(across, down, 0.165 * s, 0.235 * s, 0.15 * s, to.roof((178, 68, 62)))


def lighthouse(to: Build) -> None:
    s, place = to.scale * 0.96, (to.across, to.down)
    to.block.round(*place, (0.42 * s, 0.4 * s), 0, 0.03 * s, to.lit((150, 144, 138)))
    for k in range(5):
        wide, next_one = 0.24 - 0.022 * k, 0.24 - 0.022 * (k + 1)
        tone = to.tone if k % 2 == 0 else (248, 244, 236)
        to.block.round(*place, (wide * s, next_one * s), (0.03 + 0.085 * k) * s, 0.087 * s, to.lit(tone))
    to.block.round(*place, (0.19 * s, 0.19 * s), 0.455 * s, 0.016 * s, to.lit((70, 70, 82)))
    to.block.round(*place, (0.1 * s, 0.1 * s), 0.471 * s, 0.06 * s, _LAMP)
    to.block.cone(*place, 0.13 * s, 0.528 * s, 0.06 * s, to.roof(to.tone))


def windmill(to: Build) -> None:
    s, place = to.scale * 1.15, (to.across, to.down)
    to.block.round(*place, (0.3 * s, 0.2 * s), 0, 0.32 * s, to.lit(to.tone))
    to.block.cone(*place, 0.23 * s, 0.315 * s, 0.12 * s, to.roof((120, 72, 52)))
    x, y = to.block.at(*place)
    u = to.block.size * s
    x, y, pen = x - u * 0.05, y - u * 0.26, to.block.canvas.draw
    turn = to.rng.uniform(0.3, 1.2)
    for k in range(4):
        dx, dy = math.cos(turn + k * math.pi / 2) * 0.86, math.sin(turn + k * math.pi / 2)
        tip, root = (x + dx * u * 0.25, y + dy * u * 0.25), (x + dx * u * 0.05, y + dy * u * 0.05)
        off = (-dy * u * 0.045, dx * u * 0.045)
        pen.polygon([root, tip, (tip[0] + off[0], tip[1] + off[1]), (root[0] + off[0], root[1] + off[1])],
                    fill=to.lit((246, 240, 226)))  # fmt: skip
        pen.line([(x, y), tip], fill=to.lit((104, 72, 52)), width=max(2, round(u * 0.01)))
    to.block.canvas.disc(x, y, u * 0.014, to.lit((84, 58, 44)))
    _pane(to, to.across + 0.1 * s, to.down + 0.19 * s, 0.11 * s, (0.0, 0.09 * s), (96, 60, 44))


# -- Trees ---------------------------------------------------------------------------------------------------


def fir(to: Build) -> None:
    """Four tiers, with snow on the upper part of each where it lies."""
    s, place = to.scale, (to.across, to.down)
    to.block.round(*place, (0.035 * s, 0.035 * s), 0, 0.05 * s, to.lit((104, 74, 52)))
    green = to.lit(to.tone)
    for k, (radius, up) in enumerate(((0.2, 0.04), (0.165, 0.095), (0.125, 0.15), (0.085, 0.2))):
        to.block.cone(*place, radius * s, up * s, (0.12 - 0.008 * k) * s, green)
        if to.light.snow:
            to.block.cone(
                *place, radius * 0.72 * s, (up + 0.033) * s, (0.087 - 0.008 * k) * s, to.lit((232, 240, 247))
            )


def round_tree(to: Build) -> None:
    if to.light.snow:
        fir(to)
        return
    s = to.scale
    to.block.round(to.across, to.down, (0.04 * s, 0.03 * s), 0, 0.12 * s, to.lit((112, 78, 52)))
    x, y = to.block.at(to.across, to.down, 0.17 * s)
    r, leaf = to.block.size * 0.066 * s, to.lit(to.tone)
    for dx, dy, size, tone in ((0, 0, 1.0, mix(leaf, _SHADE, 0.22)), (-0.12, -0.1, 0.84, leaf),
                               (-0.26, -0.26, 0.48, mix(leaf, _WHITE, 0.16))):  # fmt: skip
        to.block.canvas.disc(x + dx * r, y + dy * r, r * size, tone)


#: What is built, by the motif's name, and the colours that it may have.
VOLUMES: dict[str, tuple[Callable[[Build], None], Sequence[Colour]]] = {
    "house": (house, ((244, 236, 220), (236, 214, 176), (206, 222, 226))),
    "barn": (barn, ((176, 58, 48),)),
    "church": (church, ((240, 234, 222),)),
    "skyscraper": (skyscraper, ((150, 172, 196), (196, 178, 160))),
    "castle": (castle, ((206, 198, 186), (222, 204, 172))),
    "lighthouse": (lighthouse, ((206, 60, 50), (44, 84, 140))),
    "windmill": (windmill, ((238, 230, 214), (186, 112, 84))),
    "pine": (fir, ((46, 104, 74),)),
    "tree": (round_tree, ((96, 156, 78),)),
}
