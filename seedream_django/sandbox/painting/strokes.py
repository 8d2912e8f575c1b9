"""Oil: the picture painted again with strokes, broad ones first, fine ones where there is detail."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .palette import Colour

#: Side of the grid of directions, in cells.
_GRID = 96

Directions = list[float]


def oil(picture: Image.Image, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Strokes along the edges of what they show, on a canvas whose weave and relief catch the light."""
    small = picture.resize(_fitted(picture.size, 640), Image.Resampling.BOX)
    ways = _directions(small, rng)
    sheet = small.filter(ImageFilter.GaussianBlur(5)).resize(_fitted(size, 2048), Image.Resampling.BILINEAR)
    unit = min(sheet.size)
    source, fine = small.filter(ImageFilter.GaussianBlur(3)), small.filter(ImageFilter.SHARPEN)
    detail = _detail(small)
    calm = detail.point([255 if v < 16 else 0 for v in range(256)])  # no broad stroke over small forms
    _layer(sheet, source, ways, rng, unit * 0.03, 0.9, calm)
    _layer(sheet, small, ways, rng, unit * 0.012, 0.5, None)
    _layer(sheet, fine, ways, rng, unit * 0.0058, 0.85, detail)
    truth = picture.resize(sheet.size, Image.Resampling.BILINEAR)
    keep = detail.point([min(216, max(0, v - 5) * 7) for v in range(256)]).filter(
        ImageFilter.GaussianBlur(1.2)
    )
    sheet.paste(truth, (0, 0), keep.resize(sheet.size, Image.Resampling.BILINEAR))
    return _relief(sheet)


def _fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    share = min(1.0, longest / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _directions(small: Image.Image, rng: random.Random) -> Directions:
    """For each cell of a grid the angle across which brightness changes least."""
    grey = (
        small.convert("L").resize((_GRID, _GRID), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.9))
    )
    across = grey.filter(ImageFilter.Kernel((3, 3), (-1, 0, 1, -2, 0, 2, -1, 0, 1), 2, 128)).tobytes()
    down = grey.filter(ImageFilter.Kernel((3, 3), (-1, -2, -1, 0, 0, 0, 1, 2, 1), 2, 128)).tobytes()
    start, ways = rng.uniform(0, math.tau), []
    for i, (dx, dy) in enumerate(zip(across, down, strict=True)):
        dx, dy = dx - 128, dy - 128
        if dx * dx + dy * dy > 30:
            ways.append(math.atan2(dy, dx) + math.pi / 2)
        else:
            ways.append(0.55 * math.sin(start + i % _GRID / 13) + 0.4 * math.sin(i // _GRID / 9))
    return ways


def _detail(small: Image.Image) -> Image.Image:
    """Bright where there is something to show."""
    soft = small.filter(ImageFilter.GaussianBlur(4))
    return ImageChops.difference(small, soft).convert("L").filter(ImageFilter.MaxFilter(7))


def _layer(
    sheet: Image.Image,
    source: Image.Image,
    ways: Directions,
    rng: random.Random,
    width: float,
    cover: float,
    only: Image.Image | None,
) -> None:
    draw = ImageDraw.Draw(sheet)
    colours, where = source.load(), only.load() if only else None
    assert colours is not None
    wide, tall = sheet.size
    sx, sy = source.width / wide, source.height / tall
    count = round(wide * tall / (width * width) * cover * (1.0 if only is None else 0.9))
    for _ in range(count):
        x, y = rng.random() * wide, rng.random() * tall
        px, py = int(x * sx), int(y * sy)
        if where is not None and where[px, py] < 12 and rng.random() < 0.85:  # type: ignore[operator]
            continue
        way = ways[int(y / tall * _GRID) * _GRID + int(x / wide * _GRID)] + rng.gauss(0, 0.1)
        _stroke(draw, (x, y), way, width * rng.uniform(0.7, 1.2), colours[px, py], rng)  # type: ignore[arg-type]


def _stroke(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    way: float,
    width: float,
    tone: Colour,
    rng: random.Random,
) -> None:
    """One stroke: two bristle tracks of slightly different colour."""
    reach = width * rng.uniform(0.9, 1.9)
    dx, dy = math.cos(way) * reach, math.sin(way) * reach
    (x, y), shift, half = at, rng.randint(-8, 8), width / 2
    red, green, blue = tone
    main = _clamped((red + shift, green + shift, blue + shift))
    draw.line([(x - dx, y - dy), (x + dx, y + dy)], fill=main, width=max(2, round(width)))
    for cx, cy in ((x - dx, y - dy), (x + dx, y + dy)):
        draw.ellipse([cx - half, cy - half, cx + half, cy + half], fill=main)
    ox, oy = -dy / reach * width, dx / reach * width
    for off, more in ((0.28, 9), (-0.2, -7)):
        ends = [
            (x - dx * 0.8 + ox * off, y - dy * 0.8 + oy * off),
            (x + dx * 0.9 + ox * off, y + dy * 0.9 + oy * off),
        ]
        track = _clamped((main[0] + more, main[1] + more, main[2] + more // 2))
        draw.line(ends, fill=track, width=max(1, round(width * 0.2)))


def _clamped(tone: tuple[int, int, int]) -> Colour:
    red, green, blue = tone
    return max(0, min(255, red)), max(0, min(255, green)), max(0, min(255, blue))


def _relief(sheet: Image.Image) -> Image.Image:
    """The thickness of the paint: each edge of a stroke has a bright and a dark side."""
    sheet = sheet.filter(ImageFilter.GaussianBlur(0.7))
    grey = sheet.convert("L")
    relief = grey.filter(ImageFilter.Kernel((3, 3), (-1, -1, 0, -1, 0, 1, 0, 1, 1), 5, 128))
    return ImageChops.add(sheet, Image.merge("RGB", [relief] * 3), 1, -128)
