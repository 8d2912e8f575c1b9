"""Subjects in their place: how large, on which side, in which light, with their shadow and reflection."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageOps

from .canvas import Canvas, Point
from .motifs import BY_NAME, Motif
from .palette import Colour, Light, colour, mix
from .pen import Pen
from .scenes import Scene, Subject
from .stage import Stage, shape_of

#: How far a motif may reach out of its square, as shares of its side: left and right, above, below.
_BESIDE, _ABOVE, _BELOW = 0.55, 0.45, 0.2

TINTS: dict[str, Colour] = {
    name: colour(text)
    for name, text in {
        "red": "#c8372d", "orange": "#ee8a2c", "yellow": "#f2c83a", "gold": "#d9a23a", "green": "#3f9a57",
        "teal": "#1f8f8f", "blue": "#2c62c4", "indigo": "#3b3796", "purple": "#7b3fa6", "pink": "#ee86ae",
        "brown": "#7c5233", "silver": "#a4acb4", "white": "#f6f3ec", "black": "#23242b", "copper": "#b8662f",
    }.items()
}  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """Where a motif stands: the middle of its foot, and its side, in pixels."""

    x: float
    y: float
    size: float


def place(canvas: Canvas, scene: Scene, stage: Stage) -> None:
    """Put the subjects side by side, the first one in front."""
    count = len(scene.subjects)
    for index in reversed(range(count)):
        motif = BY_NAME[scene.subjects[index].name]
        spot = _spot(canvas, scene, stage, motif, index)
        draw(canvas, scene, scene.subjects[index], spot, stage, name=f"figure {index}")


def _spot(canvas: Canvas, scene: Scene, stage: Stage, motif: Motif, index: int) -> Spot:
    rng, count = canvas.dice(f"spot {index}"), len(scene.subjects)
    size = canvas.unit * motif.size * (1.12, 0.9, 0.76)[count - 1] * rng.uniform(0.94, 1.06)
    size *= {"wide": 1.08, "square": 1.0, "tall": 1.25}[shape_of(canvas)]
    if scene.view == "close":
        size = canvas.unit * min(1.0, motif.size * 2)
    x = canvas.width * _across(canvas, scene, index) + canvas.unit * rng.uniform(-0.04, 0.04)
    if scene.view == "close":
        return Spot(x, min(canvas.height * 1.02, canvas.height / 2 + size * 0.56), size)
    if motif.where == "sky":
        top = max(size * 1.08, stage.horizon * rng.uniform(0.62, 0.86))
        return Spot(x, min(top, canvas.height * 0.8), size)
    if motif.where == "water" and stage.water:
        low, high = stage.water
        return Spot(x, rng.uniform(low, high), size)
    return Spot(x, height_at(stage.ground, x) + size * 0.03, size)


def _across(canvas: Canvas, scene: Scene, index: int) -> float:
    """From 0 to 1: one subject at a third of a wide picture, in the middle of others; more share the room."""
    count, shape = len(scene.subjects), shape_of(canvas)
    side = canvas.dice("side").choice((-1, 1))
    if count == 1:
        return 0.5 + side * {"wide": 0.15, "square": 0.05, "tall": 0.03}[shape] * (scene.view != "close")
    order = index if side > 0 else count - 1 - index
    share = {"wide": 0.62, "square": 0.86, "tall": 0.9}[shape]
    return 0.5 + share * ((order + 0.5) / count - 0.5)


def height_at(line: list[Point], x: float) -> float:
    return min(line, key=lambda point: abs(point[0] - x))[1]


# -- One figure ----------------------------------------------------------------------------------------------


def draw(canvas: Canvas, scene: Scene, subject: Subject, spot: Spot, stage: Stage, *, name: str) -> None:
    """The motif, modelled by the light, with what it throws on the ground or the water."""
    motif, light = BY_NAME[subject.name], scene.light
    sprite, corner = cut_out(canvas, scene, subject, spot, name)
    side = 1 if stage.sun[0] > spot.x else -1
    if motif.where == "water" and stage.water:
        _reflect(canvas, sprite, corner, spot, mix(light.middle, light.near, 0.4))
    elif motif.where != "sky" or scene.place in {"table", "room"}:
        _cast(canvas, scene, spot, side)
    if canvas.cut:
        _paper_shadow(canvas, sprite, corner)
    elif scene.style != "minimal":
        model(sprite, light, side, spot.size)
    canvas.image.paste(sprite, corner, sprite)


def cut_out(
    canvas: Canvas, scene: Scene, subject: Subject, spot: Spot, name: str
) -> tuple[Image.Image, tuple[int, int]]:
    """The motif alone on nothing (RGBA), and where its upper left corner goes."""
    rng = canvas.dice(name)
    left, top = math.floor(spot.x - spot.size * (0.5 + _BESIDE)), math.floor(spot.y - spot.size * (1 + _ABOVE))
    side, tall = math.ceil(spot.size * (1 + 2 * _BESIDE)), math.ceil(spot.size * (1 + _ABOVE + _BELOW))
    sheet = Canvas(max(2, side), max(2, tall), rng, mode="RGBA")
    light = scene.light
    pen = Pen(
        sheet,
        spot.x - left,
        spot.y - top,
        spot.size,
        flip=rng.random() < 0.5,
        shade=mix(light.middle, light.near, 0.5),
        depth=0.88 if scene.hour == "backlit" else 0.34 if light.dark else 0.06,
        **({"tint": TINTS[subject.tint]} if subject.tint else {}),
    )
    BY_NAME[subject.name].shape(pen)
    return sheet.image, (left, top)


def model(sprite: Image.Image, light: Light, side: int, size: float) -> None:
    """Give a flat figure a lit and a shaded side: its own outline, blurred and moved against itself."""
    alpha = sprite.getchannel("A")
    small = alpha.reduce(max(1, round(size / 120)))
    scale = small.width / alpha.width
    reach = size * scale
    soft = small.filter(ImageFilter.GaussianBlur(reach * 0.055))
    for turn, tone, strength in ((side, light.near, 0.46), (-side, light.sun, 0.24)):
        away = ImageChops.offset(soft, round(turn * reach * 0.05), round(-reach * 0.045 * turn * side))
        edge = ImageChops.subtract(small, away).point([round(v * strength) for v in range(256)])
        mask = ImageChops.multiply(edge.resize(alpha.size, Image.Resampling.BILINEAR), alpha)
        sprite.paste((*tone, 255), (0, 0), mask)
    sprite.putalpha(alpha)


def _cast(canvas: Canvas, scene: Scene, spot: Spot, side: int) -> None:
    """The shadow on the ground, away from the light."""
    tone, long = mix(scene.light.near, (0, 0, 0), 0.6), spot.size * (0.3 if scene.light.low_sun else 0.12)
    oval = (spot.x - side * long, spot.y - spot.size * 0.012, spot.size * 0.44 + long * 0.5, spot.size * 0.045)
    canvas.soft([oval], tone, 0.5)
    canvas.soft([(spot.x, spot.y - spot.size * 0.012, spot.size * 0.34, spot.size * 0.028)], tone, 0.6, blur=1.2)


def _paper_shadow(canvas: Canvas, sprite: Image.Image, corner: tuple[int, int]) -> None:
    alpha = sprite.getchannel("A")
    small = alpha.reduce(8).filter(ImageFilter.GaussianBlur(canvas.unit * 0.001))
    mask = small.resize(alpha.size, Image.Resampling.BILINEAR).point([round(v * 0.5) for v in range(256)])
    off = round(canvas.unit * 0.014)
    canvas.image.paste((24, 16, 20), (corner[0] + off, corner[1] - off // 2 + off), mask)


def _reflect(canvas: Canvas, sprite: Image.Image, corner: tuple[int, int], spot: Spot, water: Colour) -> None:
    foot = round(spot.y) - corner[1]
    above = ImageOps.flip(sprite.crop((0, 0, sprite.width, max(1, foot))))
    above = above.resize((above.width, max(1, round(above.height * 0.55))), Image.Resampling.BILINEAR)
    fade = ImageOps.invert(Image.linear_gradient("L")).resize(above.size).point([round(v * 0.55) for v in range(256)])
    tone = Image.blend(above.convert("RGB"), Image.new("RGB", above.size, water), 0.35)
    canvas.image.paste(tone, (corner[0], corner[1] + foot), ImageChops.multiply(above.getchannel("A"), fade))
