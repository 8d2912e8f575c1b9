"""Subjects in their place: how large, on which side, in which light, with their shadow and reflection."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps, ImageStat

from .canvas import Canvas, Point
from .motifs import BY_NAME, Motif
from .palette import Colour, Light, colour, mix
from .pen import Pen
from .scenes import Scene, Subject
from .stage import Stage, shape_of, side_of

#: Rows of a figure that are laid at a time: large ones would need three copies of themselves.
_ROWS = 256

Box = tuple[int, int, int, int]

#: What lights a dark place by itself.
_LAMPS = {"candle", "lantern", "lamp", "campfire"}

#: How far a motif may reach out of its square, as shares of its side: left and right, above, below.
_BESIDE, _ABOVE, _BELOW = 0.62, 0.2, 0.36

#: Of what stands on the ground, what moves on from frame to frame; what flies or swims does anyway.
_WALKS = {
    "fox", "wolf", "deer", "bear", "lion", "elephant", "giraffe", "camel", "tiger", "panda", "monkey", "rabbit",
    "squirrel", "hedgehog", "frog", "mouse", "dragon", "unicorn", "dog", "cat", "horse", "cow", "sheep", "pig",
    "hen", "penguin", "flamingo", "tortoise", "crab", "snail", "car", "bus", "train", "bicycle", "tractor",
    "person", "man", "woman", "child", "couple", "group", "dancer", "runner", "cyclist", "farmer", "old_man",
    "old_woman", "old_couple", "bearded", "robot",
}  # fmt: skip

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
    """Put the subjects side by side, the first one in front; of many the others stand farther off."""
    if scene.hour == "candle" and not any(subject.name in _LAMPS for subject in scene.subjects):
        middle = (canvas.width / 2, canvas.height * 0.62)
        canvas.glow(*middle, canvas.unit * 0.75, scene.light.sun, 0.5)
    for index in reversed(range(len(scene.subjects))):
        subject = scene.subjects[index]
        front = _spot(canvas, scene, stage, BY_NAME[subject.name], index)
        for number, spot in reversed(list(enumerate(_herd(canvas, scene, stage, front, subject, index)))):
            draw(canvas, scene, subject, spot, stage, name=f"figure {index} {number}")


def _herd(
    canvas: Canvas, scene: Scene, stage: Stage, front: Spot, subject: Subject, index: int
) -> list[Spot]:
    """The place of each of a subject that is many: the nearest one, then smaller ones at its sides."""
    if subject.count < 2 or scene.view == "close":
        return [front]
    rng, spots = canvas.dice(f"herd {index}"), []
    motif, turn = BY_NAME[subject.name], side_of(canvas)
    nearest = Spot(front.x + turn * front.size * 0.22, front.y, front.size * 0.8)
    for number in range(1, subject.count):
        size = nearest.size * (0.8 - 0.12 * number) * rng.uniform(0.95, 1.08)
        away = (-turn if number % 2 else turn) * nearest.size * (0.76 + 0.6 * ((number - 1) // 2))
        x = min(max(nearest.x + away, canvas.width * 0.08), canvas.width * 0.92)
        if motif.where == "sky":
            y = max(size, nearest.y - nearest.size * rng.uniform(-0.12, 0.5))
        elif motif.where == "water" and stage.water:
            y = nearest.y - (nearest.y - stage.horizon) * 0.14 * number
        else:
            y = height_at(stage.ground, x) - nearest.size * 0.035 * number
        spots.append(Spot(x, y, size))
    return [nearest, *spots]


def _spot(canvas: Canvas, scene: Scene, stage: Stage, motif: Motif, index: int) -> Spot:
    rng, count = canvas.dice(f"spot {index}"), len(scene.subjects)
    size = canvas.unit * motif.size * (1.08, 0.84, 0.66)[count - 1] * rng.uniform(0.84, 1.06)
    size *= {"wide": 1.08, "square": 1.0, "tall": 1.22}[shape_of(canvas)]
    size *= 1 + 0.1 * (canvas.moment or 0.0)
    if motif.alone or scene.view == "close":
        return _filling(canvas, motif)
    x = canvas.width * _across(canvas, scene, index) + canvas.unit * rng.uniform(-0.05, 0.05)
    x += _on_its_way(canvas, motif, index)
    if motif.where == "sky":
        top = max(size * 1.08, stage.horizon * rng.uniform(0.62, 0.86))
        return Spot(x, min(top, canvas.height * 0.8), size)
    if motif.where == "water" and stage.water:
        y = rng.uniform(*stage.water)
        left, right = span_at(stage.pool, y, canvas.width)
        size = min(size, (right - left) * 0.8)
        room = min(size * 0.3, (right - left) * 0.35)
        return Spot(min(max(x, left + room), right - room), y, size)
    return Spot(x, height_at(stage.ground, x) + size * 0.03, size)


def _on_its_way(canvas: Canvas, motif: Motif, index: int) -> float:
    """How far the subject has come in its sequence: forward, as it looks."""
    still = motif.where in {"ground", "table"} or motif.name == "bridge"
    if not canvas.moment or (still and motif.name not in _WALKS):
        return 0.0
    return (1 if _looks_right(canvas, index) else -1) * canvas.width * 0.13 * canvas.moment


def _looks_right(canvas: Canvas, index: int) -> bool:
    return canvas.dice(f"flip {index}").random() < 0.5


def _filling(canvas: Canvas, motif: Motif) -> Spot:
    """A portrait: a bust rises from the lower edge, anything else has its middle in the picture's."""
    size = canvas.unit * (1.0 if motif.alone else min(1.05, motif.size * 2))
    if motif.alone:
        size *= 1.25 if shape_of(canvas) == "tall" else 0.98
        return Spot(canvas.width / 2, canvas.height * 1.005, size)
    return Spot(canvas.width / 2, min(canvas.height * 1.02, canvas.height / 2 + size * 0.56), size)


def _across(canvas: Canvas, scene: Scene, index: int) -> float:
    """From 0 to 1: one subject at a third of a wide picture, in the middle of others; more share the room."""
    count, shape = len(scene.subjects), shape_of(canvas)
    side = side_of(canvas)
    if count == 1:
        return 0.5 + side * {"wide": 0.16, "square": 0.07, "tall": 0.04}[shape] * (scene.view != "close")
    order = index if side > 0 else count - 1 - index
    share = {"wide": 0.62, "square": 0.86, "tall": 0.9}[shape]
    return 0.5 + share * ((order + 0.5) / count - 0.5)


def span_at(pool: tuple[Point, ...], y: float, wide: float) -> tuple[float, float]:
    """From where to where the water's surface reaches at this height; all across where nothing is known."""
    found = [
        x0 + (x1 - x0) * (y - y0) / (y1 - y0)
        for (x0, y0), (x1, y1) in zip(pool, (*pool[1:], *pool[:1]), strict=True)
        if min(y0, y1) <= y < max(y0, y1)
    ]
    return (min(found), max(found)) if len(found) > 1 else (0.0, wide)


def height_at(line: list[Point], x: float) -> float:
    return min(line, key=lambda point: abs(point[0] - x))[1]


# -- One figure ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CutOut:
    """A figure alone: its colours times how solid it is, that solidity (0 to 255), and its upper left corner."""

    colours: Image.Image
    alpha: Image.Image
    corner: tuple[int, int]

    def laid(self, canvas: Canvas) -> None:
        """Lay it on the canvas, band by band; what one can see through lets the canvas through."""
        (left, top), wide = self.corner, self.alpha.width
        for row in range(0, self.alpha.height, _ROWS):
            part = (0, row, wide, min(row + _ROWS, self.alpha.height))
            behind = canvas.image.crop((left, top + part[1], left + wide, top + part[3]))
            clear = Image.merge("RGB", [ImageOps.invert(self.alpha.crop(part))] * 3)
            seen = ImageChops.add(ImageChops.multiply(behind, clear), self.colours.crop(part))
            canvas.image.paste(seen, (left, top + row))


def draw(canvas: Canvas, scene: Scene, subject: Subject, spot: Spot, stage: Stage, *, name: str) -> None:
    """The motif, modelled by the light, with what it throws on the ground or the water."""
    motif, light = BY_NAME[subject.name], scene.light
    figure = cut_out(canvas, scene, subject, spot, name)
    if figure is None:
        return
    side = 1 if stage.sun[0] > spot.x else -1
    if scene.place == "underwater":
        pass
    elif motif.where == "water" and stage.water:
        reflect(canvas, figure, spot, mix(light.middle, light.near, 0.4), stage.pool)
    elif (motif.where != "sky" or scene.place in {"table", "room"}) and scene.view != "close":
        _cast(canvas, scene, spot, side)
    if subject.name in _LAMPS and light.dark:
        _shine(canvas, spot)
    elif scene.place not in {"abstract", "pattern"} and scene.style != "minimal":
        set_off(canvas, figure, light, spot)
    if canvas.flat == "papercut":
        _paper_shadow(canvas, figure)
    elif not canvas.cut and scene.style != "minimal":
        model(figure, light, side, spot.size)
    figure.laid(canvas)


def cut_out(canvas: Canvas, scene: Scene, subject: Subject, spot: Spot, name: str) -> CutOut | None:
    """Draw the motif on white and on black: where the two differ one can see through it. None: out of sight."""
    left, right = spot.x - spot.size * (0.5 + _BESIDE), spot.x + spot.size * (0.5 + _BESIDE)
    top, bottom = spot.y - spot.size * (1 + _ABOVE), spot.y + spot.size * _BELOW
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    size = (min(canvas.width, math.ceil(right)) - x0, min(canvas.height, math.ceil(bottom)) - y0)
    if min(size) < 2:
        return None
    at = Spot(spot.x - x0, spot.y - y0, spot.size)
    white = _drawn(canvas, scene, subject, at, size, (255, 255, 255), name).getchannel("G")
    black = _drawn(canvas, scene, subject, at, size, (0, 0, 0), name)
    alpha = ImageOps.invert(ImageChops.difference(black.getchannel("G"), white))
    box = _with_margin(alpha.getbbox(), size, round(spot.size * 0.06))
    if box is None:
        return None
    if box[2] - box[0] > size[0] * 0.8:  # little to save
        return CutOut(black, alpha, (x0, y0))
    return CutOut(black.crop(box), alpha.crop(box), (x0 + box[0], y0 + box[1]))


def _with_margin(box: Box | None, size: tuple[int, int], gap: int) -> Box | None:
    if box is None:
        return None
    return max(0, box[0] - gap), max(0, box[1] - gap), min(size[0], box[2] + gap), min(size[1], box[3] + gap)


def _drawn(
    canvas: Canvas,
    scene: Scene,
    subject: Subject,
    spot: Spot,
    size: tuple[int, int],
    ground: Colour,
    name: str,
) -> Image.Image:
    rng, light = canvas.dice(name), scene.light
    sheet = Canvas(max(2, size[0]), max(2, size[1]), rng)
    sheet.image.paste(ground, (0, 0, *sheet.image.size))
    pen = Pen(
        sheet,
        spot.x,
        spot.y,
        spot.size,
        flip=_looks_right(canvas, int(name.split()[1])),  # a herd goes one way
        shade=mix(light.middle, light.near, 0.5),
        depth=0.88 if scene.hour == "backlit" else 0.34 if light.dark else 0.06,
        tint=TINTS[subject.tint] if subject.tint else None,
        season=scene.season,
    )
    BY_NAME[subject.name].shape(pen)
    return sheet.image


def model(figure: CutOut, light: Light, side: int, size: float) -> None:
    """Give a flat figure a lit and a shaded side: its own outline, blurred and moved against itself."""
    alpha = figure.alpha.point([255 if v > 200 else 0 for v in range(256)])
    small = alpha.reduce(max(1, round(size / 120)))
    reach = size * small.width / alpha.width
    soft = small.filter(ImageFilter.GaussianBlur(reach * 0.055))
    for turn, tone, strength in ((side, light.near, 0.34), (-side, light.sun, 0.17)):
        away = ImageChops.offset(soft, round(turn * reach * 0.05), round(-reach * 0.045 * turn * side))
        edge = ImageChops.subtract(small, away).point([round(v * strength) for v in range(256)])
        mask = ImageChops.multiply(edge.resize(alpha.size, Image.Resampling.BILINEAR), alpha)
        figure.colours.paste(tone, (0, 0), mask)


def _cast(canvas: Canvas, scene: Scene, spot: Spot, side: int) -> None:
    """The shadow on the ground, away from the light."""
    tone, long = mix(scene.light.near, (0, 0, 0), 0.6), spot.size * (0.3 if scene.light.low_sun else 0.12)
    oval = (
        spot.x - side * long,
        spot.y - spot.size * 0.012,
        spot.size * 0.44 + long * 0.5,
        spot.size * 0.045,
    )
    canvas.soft([oval], tone, 0.5)
    canvas.soft(
        [(spot.x, spot.y - spot.size * 0.012, spot.size * 0.34, spot.size * 0.028)], tone, 0.6, blur=1.2
    )


def _shine(canvas: Canvas, spot: Spot) -> None:
    """The room around a flame: a wide warm light, a bright one near it, and a pool on what it stands on."""
    x, y = spot.x, spot.y - spot.size * 0.72
    canvas.glow(x, y, canvas.unit * 1.25, (204, 112, 38), 0.5)
    canvas.glow(x, y, canvas.unit * 0.55, (255, 186, 92), 0.55)
    canvas.soft([(x, spot.y, spot.size * 1.1, spot.size * 0.16)], (255, 196, 108), 0.5, blur=7)


def set_off(canvas: Canvas, figure: CutOut, light: Light, spot: Spot) -> None:
    """Where a figure is as bright and as coloured as what is behind it, that is made lighter or darker around it.

    The styles of few flat colours get a thin rim instead.
    """
    (left, top), size = figure.corner, figure.alpha.size
    small = (max(2, size[0] // 12), max(2, size[1] // 12))
    solid = figure.alpha.resize(small, Image.Resampling.BOX).point(
        [255 if v > 190 else 0 for v in range(256)]
    )
    if solid.getbbox() is None:
        return
    behind = canvas.image.crop((left, top, left + size[0], top + size[1])).resize(small, Image.Resampling.BOX)
    here = ImageStat.Stat(figure.colours.resize(small, Image.Resampling.BOX), solid).mean
    there = ImageStat.Stat(behind, solid).mean
    near, ground = 1 - math.dist(here, there) / 66, (round(there[0]), round(there[1]), round(there[2]))
    pale = sum(there) > max(300.0, sum(here) - 20)  # as what is behind is, only more so: no colour of its own
    if canvas.flat in _RIMS:
        _rim(canvas, figure, _RIMS[canvas.flat])
    elif near > 0 and not canvas.cut:
        tone = mix(ground, (255, 252, 240), 0.62) if pale or light.dark else mix(ground, light.sun, 0.6)
        _halo(canvas, figure, tone, 0.3 + 0.4 * near, spot)


#: Styles with a rim around each figure.
_RIMS: dict[str, Colour] = {"pixel": (30, 22, 40), "linocut": (255, 255, 255)}


def _rim(canvas: Canvas, figure: CutOut, tone: Colour) -> None:
    share = 3 if canvas.flat == "pixel" else max(1, round(canvas.unit / 260))
    small = figure.alpha.reduce(share).point([255 if v > 120 else 0 for v in range(256)])
    wider = small.filter(ImageFilter.MaxFilter(3)).resize(figure.alpha.size, Image.Resampling.BILINEAR)
    canvas.image.paste(tone, figure.corner, wider)


def _halo(canvas: Canvas, figure: CutOut, tone: Colour, strength: float, spot: Spot) -> None:
    """A soft light around the figure, none at its feet, where the ground is."""
    scale = 256 / max(canvas.width, canvas.height)
    mask = Image.new("L", (max(1, round(canvas.width * scale)), max(1, round(canvas.height * scale))))
    shape = figure.alpha.resize(
        [max(1, round(side * scale)) for side in figure.alpha.size], Image.Resampling.BOX
    )
    mask.paste(shape, (round(figure.corner[0] * scale), round(figure.corner[1] * scale)))
    wide = mask.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.GaussianBlur(13))
    foot, rise = round(spot.y * scale), max(2, round(spot.size * scale * 0.4))
    fade = ImageOps.invert(Image.linear_gradient("L")).resize((mask.width, rise))
    wide.paste(ImageChops.multiply(wide.crop((0, foot - rise, mask.width, foot)), fade), (0, foot - rise))
    wide.paste(0, (0, foot, mask.width, mask.height + foot))
    canvas.stain(wide.point([round(min(255, v * 1.2) * strength) for v in range(256)]), tone)


def _paper_shadow(canvas: Canvas, figure: CutOut) -> None:
    small = figure.alpha.reduce(8).filter(ImageFilter.GaussianBlur(canvas.unit * 0.001))
    mask = small.resize(figure.alpha.size, Image.Resampling.BILINEAR).point(
        [round(v * 0.5) for v in range(256)]
    )
    off = round(canvas.unit * 0.014)
    canvas.image.paste((24, 16, 20), (figure.corner[0] + off, figure.corner[1] + off // 2), mask)


def reflect(canvas: Canvas, figure: CutOut, spot: Spot, water: Colour, pool: tuple[Point, ...]) -> None:
    """Upside down below the water line, half as tall, fading, in ripples; only where there is water."""
    foot, left = min(figure.alpha.height, round(spot.y) - figure.corner[1]), figure.corner[0]
    size = (figure.alpha.width, max(1, round(foot * 0.55)))
    tone, solid = (
        ImageOps.flip(image.crop((0, 0, size[0], max(1, foot)))).resize(size, Image.Resampling.BILINEAR)
        for image in (figure.colours, figure.alpha)
    )
    fade = (
        ImageOps.invert(Image.linear_gradient("L")).resize(size).point([round(v * 0.55) for v in range(256)])
    )
    tone = Image.blend(tone, Image.new("RGB", size, water), 0.35)
    mask, top = ImageChops.multiply(solid, fade), figure.corner[1] + foot
    wet = Image.new("L", size, 0 if pool else 255)
    if pool:
        ImageDraw.Draw(wet).polygon([(x - left, y - top) for x, y in pool], fill=255)
    step = max(2, size[1] // 60)
    for y in range(0, size[1], step):
        shift = round(canvas.unit * 0.005 * math.sin(y / step * 1.3) * (y / size[1]) ** 0.7)
        low = min(y + step, size[1])
        moved = (-shift, y, size[0] - shift, low)
        seen = ImageChops.multiply(mask.crop(moved), wet.crop((0, y, size[0], low)))
        canvas.image.paste(tone.crop(moved), (left, top + y), seen)
