"""Drawn and printed styles: lines, hatching, blocks of ink, glass and stones."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from .canvas import grained, noise
from .grades import GRADES
from .palette import Colour, colour, mix
from .paper import textured
from .scenes import Scene

_PAPER: Colour = (250, 246, 236)


def _ink_of(scene: Scene, usual: str) -> Colour:
    """The colour that lines are drawn in: the palette's, where one is asked for."""
    grade = GRADES.get(scene.palette)
    if grade is None or scene.palette in {"vivid", "muted", "white", "pastel"}:
        return colour(usual)
    dark, next_one = grade.stops.split()[:2]
    return mix(colour(dark), colour(next_one), 0.8)


def outlines(
    picture: Image.Image, size: tuple[int, int], weight: float = 1.0, floor: int = 17, longest: int = 1200
) -> Image.Image:
    """How much ink (0 to 255) the edges of the picture's shapes take, at ``size``: lines of one width, unbroken.

    Found on a picture coarser than the sheet, ``longest`` pixels: a line is to be seen in a preview too.
    """
    share = min(1.0, longest / max(picture.size))
    work = picture.resize(
        (max(3, round(picture.width * share)), max(3, round(picture.height * share))), Image.Resampling.BOX
    )
    edges = work.filter(ImageFilter.GaussianBlur(0.8)).filter(ImageFilter.FIND_EDGES)
    red, green, blue = edges.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    ImageDraw.Draw(most).rectangle([0, 0, most.width - 1, most.height - 1], outline=0, width=2)
    most = most.point([0 if v < floor else 255 for v in range(256)])
    most = most.filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.MinFilter(3))
    most = most.filter(ImageFilter.GaussianBlur(1.1 * weight)).resize(size, Image.Resampling.BICUBIC)
    return most.point([max(0, min(255, round((v - 74) * 4.2))) for v in range(256)])


def _on_paper(ink: Image.Image, tone: Colour, paper: Colour = _PAPER) -> Image.Image:
    sheet = Image.new("RGB", ink.size, paper)
    sheet.paste(tone, (0, 0), ink)
    return sheet


def lineart(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Lines on paper, and nothing else."""
    return _on_paper(outlines(picture, size, 1.0, 9), _ink_of(scene, "#1d2026"))


def ink(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Lines, and hatching that crosses where it is darker."""
    lines = outlines(picture, size, 0.8, 10, 1750)
    grey = ImageOps.autocontrast(picture.convert("L").filter(ImageFilter.GaussianBlur(2)), cutoff=(2, 12))
    corners = Image.radial_gradient("L").point([255 - round(max(0, v - 60) * 0.62) for v in range(256)])
    grey = ImageChops.multiply(grey, corners.resize(grey.size, Image.Resampling.BILINEAR))
    grey = grey.resize(size, Image.Resampling.BILINEAR)
    for level, angle in ((150, 52), (104, -38), (56, 8)):
        dark = grey.point(
            [255 if v < level - 12 else max(0, min(255, (level + 12 - v) * 11)) for v in range(256)]
        )
        lines = ImageChops.lighter(lines, ImageChops.multiply(_hatching(rng, size, angle), dark))
    return textured(_on_paper(lines, _ink_of(scene, "#27231f"), (247, 240, 226)), rng, 0.1)


def _hatching(rng: random.Random, size: tuple[int, int], angle: float) -> Image.Image:
    """Parallel strokes of a pen over the whole sheet, none quite straight."""
    sheet, unit = Image.new("L", size), min(size)
    draw, gap = ImageDraw.Draw(sheet), unit * 0.0072
    dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    reach = (size[0] + size[1]) * 0.75
    steps = int(2 * reach / gap)
    width = max(1, round(unit * 0.0015))
    for k in range(steps):
        off = -reach + k * gap + rng.uniform(-0.25, 0.25) * gap
        x, y = size[0] / 2 - dy * off, size[1] / 2 + dx * off
        at = -reach
        while at < reach:
            end = at + unit * rng.uniform(0.12, 0.3)
            turn = rng.uniform(-0.4, 0.4) * gap
            draw.line(
                [(x + dx * at, y + dy * at), (x + dx * end - dy * turn, y + dy * end + dx * turn)],
                fill=rng.randint(170, 255),
                width=width,
            )
            at = end + unit * 0.006
    return sheet


def blueprint(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """White lines on blue, with the draughtsman's grid and frame."""
    sheet = Image.new("RGB", size, (24, 66, 128))
    draw, unit = ImageDraw.Draw(sheet), min(size)
    for every, tone, width in ((unit / 40, (38, 84, 148), 1), (unit / 8, (58, 106, 170), 2)):
        for k in range(1, int(max(size) / every) + 1):
            draw.line([(k * every, 0), (k * every, size[1])], fill=tone, width=width)
            draw.line([(0, k * every), (size[0], k * every)], fill=tone, width=width)
    sheet.paste((232, 242, 250), (0, 0), outlines(picture, size, 1.0, 9))
    _framed(sheet, (232, 242, 250), 0.035, 0.003)
    return textured(sheet, rng, 0.12)


def _framed(sheet: Image.Image, tone: Colour, gap: float, width: float) -> None:
    unit = min(sheet.size)
    d = round(unit * gap)
    ImageDraw.Draw(sheet).rectangle(
        [d, d, sheet.width - d - 1, sheet.height - d - 1], outline=tone, width=max(1, round(unit * width))
    )


# -- Printed -------------------------------------------------------------------------------------------------


def flattened(picture: Image.Image, rng: random.Random, colours: int, saturation: float = 1.3) -> Image.Image:
    """The picture in a few flat colours, found on a small copy and used on all of it.

    Blurred grain first: the steps of two gradients would meet in stairs.
    """
    picture = grained(ImageEnhance.Color(picture).enhance(saturation), rng, 0.09)
    picture = picture.filter(ImageFilter.GaussianBlur(2.2))
    small = picture.resize((max(1, picture.width // 5), max(1, picture.height // 5)), Image.Resampling.BOX)
    few = small.quantize(colours, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    return picture.quantize(palette=few, dither=Image.Dither.NONE).convert("RGB")


def voted(few: Image.Image, around: int) -> Image.Image:
    """A picture with a palette, in RGB: each pixel with the colour that most of those ``around`` it have."""
    numbers = Image.frombytes("L", few.size, few.tobytes()).filter(ImageFilter.ModeFilter(around))
    few.frombytes(numbers.tobytes())
    return few.convert("RGB")


def poster(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Screen print: eleven flat colours with hard edges, a broad border and a thin line in it."""
    share = min(1.0, 1280 / max(picture.size))
    work = picture.resize(
        (max(9, round(picture.width * share)), max(9, round(picture.height * share))), Image.Resampling.BOX
    )
    work = ImageEnhance.Color(work).enhance(1.3)
    small = work.resize((max(1, work.width // 3), max(1, work.height // 3)), Image.Resampling.BOX)
    few = small.quantize(11, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    # The vote takes away the fringes, where the mixture at an edge is a third colour's.
    sheet = voted(work.quantize(palette=few, dither=Image.Dither.NONE), 5).resize(
        size, Image.Resampling.BICUBIC
    )
    unit = min(size)
    paper = (246, 236, 214)
    ImageDraw.Draw(sheet).rectangle([0, 0, size[0] - 1, size[1] - 1], outline=paper, width=round(unit * 0.05))
    _framed(sheet, mix(scene.light.near, (20, 16, 20), 0.4), 0.036, 0.0045)
    return sheet


def linocut(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Two blocks: flat colour below, black with the gouge's grooves in it above, on a white border."""
    grey = ImageOps.autocontrast(picture.convert("L"), cutoff=(1, 4)).resize(size, Image.Resampling.BILINEAR)
    grey = ImageChops.add(grey, _curved(grey), 1, -128)
    cut = ImageChops.add(grey, _grooves(rng, size), 1, -128)
    black = cut.point([max(0, min(255, (84 - v) * 9)) for v in range(256)])
    solid = grey.point([max(0, min(255, (52 - v) * 12)) for v in range(256)])
    black = ImageChops.lighter(black, solid)
    # No line around what is bright: lightning, windows and foam are cut out of the block.
    dark = grey.resize((size[0] // 4 + 1, size[1] // 4 + 1)).filter(ImageFilter.MaxFilter(3))
    room = dark.point([255 if v < 214 else 0 for v in range(256)]).resize(size, Image.Resampling.BILINEAR)
    black = ImageChops.lighter(black, ImageChops.multiply(outlines(picture, size, 1.3, 34), room))
    small = picture.resize((max(1, picture.width // 2), max(1, picture.height // 2)), Image.Resampling.BOX)
    tint = flattened(small, rng, 6, 1.6).point([round(255 - (255 - v) * 0.78) for v in range(256)] * 3)
    sheet = tint.resize(size, Image.Resampling.BICUBIC)
    sheet.paste(_PAPER, (0, 0), grey.point([max(0, min(255, (v - 218) * 14)) for v in range(256)]))
    worn = noise(rng, size, 240).point([255 if v > 30 else 150 for v in range(256)])
    sheet.paste(_ink_of(scene, "#191b22"), (0, 0), ImageChops.multiply(black, worn))
    gap = round(min(size) * 0.045)
    ImageDraw.Draw(sheet).rectangle([0, 0, size[0] - 1, size[1] - 1], outline=_PAPER, width=gap)
    return textured(sheet, rng, 0.08)


def _curved(grey: Image.Image) -> Image.Image:
    """What pushes dark further down and bright further up, around 128: a block knows no middle."""
    return grey.point([round(128 + 26 * math.sin((v - 128) / 128 * math.pi / 2)) for v in range(256)])


def _grooves(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Lines of light and dark around 128 that sway across the block."""
    rows = 88
    strip = Image.frombytes("L", (1, rows * 2), bytes([74, 182] * rows))
    unit = min(size)
    tall = round(unit * 1.0)
    band = strip.resize((1, tall), Image.Resampling.BICUBIC).resize((64, tall))
    sheet = Image.new("L", size)
    start = rng.uniform(0, 6)
    step = max(2, size[0] // 160)
    for x in range(0, size[0], step):
        shift = round(
            unit * 0.022 * math.sin(start + x / (unit * 0.11)) + unit * 0.03 * math.sin(x / (unit * 0.31))
        )
        for y in range(-tall, size[1] + tall, tall):
            sheet.paste(band.crop((0, 0, step, tall)), (x, y + shift))
    return sheet


# -- Pieces --------------------------------------------------------------------------------------------------


def glass(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Panes of glowing colour, the lead along their contours; behind the subjects a few more panes."""
    share = min(1.0, 820 / max(picture.size))
    work = picture.resize(
        (max(9, round(picture.width * share)), max(9, round(picture.height * share))), Image.Resampling.BOX
    )
    work = ImageEnhance.Color(work).enhance(1.7).filter(ImageFilter.MedianFilter(3))
    panes = work.quantize(22, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    panes = voted(panes, 7)
    lead = _lead(panes, round(max(panes.size) / 260))
    sheet = _lit(panes, rng, size)
    lead = lead.filter(ImageFilter.GaussianBlur(1.0)).resize(size, Image.Resampling.BICUBIC)
    sheet.paste(_LEAD, (0, 0), lead.point([max(0, min(255, (v - 96) * 5)) for v in range(256)]))
    ImageDraw.Draw(sheet).rectangle(
        [0, 0, size[0] - 1, size[1] - 1], outline=_LEAD, width=round(min(size) * 0.022)
    )
    return sheet


_LEAD: Colour = (20, 18, 24)


def _lead(panes: Image.Image, width: int) -> Image.Image:
    """255 where two panes meet, ``width`` pixels to either side of it."""
    most = Image.new("L", panes.size)
    for dx, dy in ((1, 0), (0, 1)):
        change = ImageChops.difference(panes, ImageChops.offset(panes, dx, dy))
        for band in change.split():
            most = ImageChops.lighter(most, band)
    most = most.point([0] * 10 + [255] * 246)
    ImageDraw.Draw(most).rectangle([0, 0, most.width - 1, most.height - 1], outline=0, width=2)
    return most.filter(ImageFilter.MaxFilter(max(3, width | 1)))


def _lit(panes: Image.Image, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Light comes through: glass is uneven, clearer here and deeper there."""
    sheet = panes.resize(size, Image.Resampling.BICUBIC)
    clouds = ImageChops.add(noise(rng, size, 9), noise(rng, size, 34), 2).point(
        [round(88 + v * 0.36) for v in range(256)]
    )
    return ImageChops.overlay(sheet, Image.merge("RGB", [clouds] * 3))


def _corners(
    rng: random.Random, size: tuple[int, int], cells: float, off: float
) -> list[list[tuple[float, float]]]:
    """A grid of points, about ``cells`` along the shorter side, each a little off its place."""
    side = min(size) / cells
    across, down = math.ceil(size[0] / side), math.ceil(size[1] / side)
    return [
        [
            ((i + rng.uniform(-off, off)) * side, (j + rng.uniform(-off, off)) * side)
            for i in range(across + 1)
        ]
        for j in range(down + 1)
    ]


def mosaic(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Small stones in mortar, none quite like the next."""
    at = _corners(rng, size, 78, 0.12)
    across, down = len(at[0]) - 1, len(at) - 1
    tones = ImageEnhance.Color(picture).enhance(1.35).resize((across, down), Image.Resampling.BOX).load()
    assert tones is not None
    sheet = Image.new("RGB", size, (58, 54, 52))
    draw = ImageDraw.Draw(sheet)
    for j in range(down):
        for i in range(across):
            stone = (at[j][i], at[j][i + 1], at[j + 1][i + 1], at[j + 1][i])
            cx, cy = sum(p[0] for p in stone) / 4, sum(p[1] for p in stone) / 4
            shape = [(cx + (x - cx) * 0.87, cy + (y - cy) * 0.87) for x, y in stone]
            turn = rng.randint(-16, 16)
            red, green, blue = (max(0, min(255, v + turn)) for v in tones[i, j])  # type: ignore[union-attr]
            draw.polygon(shape, fill=(red, green, blue))
            draw.line(
                [shape[3], shape[0], shape[1]],
                fill=(min(255, red + 26), min(255, green + 26), min(255, blue + 24)),
                width=max(1, round(min(size) * 0.0009)),
            )
    return sheet
