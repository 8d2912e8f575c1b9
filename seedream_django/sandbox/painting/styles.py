"""Style words: each makes another picture of the same scene."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from . import prints, strokes
from .canvas import Canvas, noise
from .palette import mix
from .paper import textured, wobbled
from .scenes import Scene

#: Pixels drawn for each pixel of the finished picture, along a side; 1.4 where nothing is said. A style that
#: blurs, prints or blocks what it gets needs no more than the eye can tell.
DETAIL = {
    "watercolour": 0.8,
    "oil": 0.5,
    "pixel": 0.3,
    "mosaic": 0.4,
    "glass": 0.7,
    "lineart": 0.75,
    "ink": 0.75,
    "blueprint": 0.75,
    "linocut": 0.75,
    "poster": 1.0,
    "papercut": 1.0,
    "photo": 1.0,
}

#: Styles of flat shapes: the places leave out gradients, glows and mist for them.
FLAT = {"papercut", "glass", "poster", "linocut", "lineart", "ink", "blueprint", "pixel"}

#: Styles of lines: what is behind the subjects is to have fewer of them. How much of its colour it keeps.
DRAWN = {"ink": 0.7, "glass": 0.86}

#: Squares of a pixel picture along its shorter side.
PIXELS = 128

Style = Callable[[Image.Image, Scene, random.Random, tuple[int, int]], Image.Image]

#: A filter on a large picture is done on at most so many pixels along its longer side.
_WORK = 2048


def styled(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """The picture in the scene's style; its size may differ from ``size``, the one asked for."""
    style = STYLES.get(scene.style)
    return style(picture, scene, rng, working_size(size)) if style else picture


def working_size(size: tuple[int, int]) -> tuple[int, int]:
    share = min(1.0, _WORK / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def step_back(canvas: Canvas, kept: float) -> None:
    """Pale what is there so far: a pen will find fewer edges in it than in what comes before it."""
    canvas.replace(canvas.image.point([round(255 - (255 - v) * kept) for v in range(256)] * 3))


# -- Watercolour ---------------------------------------------------------------------------------------------


def watercolour(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Washes whose pigment flows, settles in the paper's grain and gathers at their rims; a bare border."""
    work = wobbled(picture, rng, 0.006)
    soft = work.filter(ImageFilter.GaussianBlur(min(work.size) * 0.0016)).filter(ImageFilter.MedianFilter(3))
    soft = ImageEnhance.Color(soft).enhance(1.25)
    work = ImageChops.subtract(soft, _rims(soft))
    work = ImageChops.subtract(work, _rims(wobbled(soft, rng, 0.009)).point([v // 2 for v in range(256)] * 3))
    bare = ImageChops.invert(work)  # what the pigment takes of the paper's white
    bare = ImageChops.multiply(bare, Image.merge("RGB", [_flow(rng, work.size)] * 3))
    bare = ImageChops.multiply(bare, Image.merge("RGB", [_ragged(rng, work.size)] * 3))
    sheet = ImageChops.multiply(ImageChops.invert(bare), Image.new("RGB", work.size, (254, 251, 244)))
    _splashes(sheet, picture, rng)
    return textured(sheet.resize(size, Image.Resampling.BICUBIC), rng, 0.05)


def _rims(work: Image.Image) -> Image.Image:
    """How much darker a wash is along its own edge, inside it: nothing on the lighter side."""
    share = min(1.0, 800 / max(work.size))
    small = work.resize(
        (max(3, round(work.width * share)), max(3, round(work.height * share))), Image.Resampling.BOX
    )
    around = small.filter(ImageFilter.GaussianBlur(4.5))
    rim = ImageChops.subtract(around, small).point(
        [min(84, round(max(0, v - 4) * 1.0)) for v in range(256)] * 3
    )
    return rim.resize(work.size, Image.Resampling.BICUBIC)


def _flow(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """How much of the pigment lies where, from 0 to 255: clouds of it, back-runs with a hard edge, and grains."""
    wide, mid = noise(rng, size, 4), noise(rng, size, 13)
    clouds = ImageChops.add(wide, mid, 2).point(
        [round(156 + min(99, max(0, v - 62) * 0.8)) for v in range(256)]
    )
    runs = ImageChops.add(noise(rng, size, 3), noise(rng, size, 19), 2)
    runs = runs.point(
        [255 - round(16 * max(0.0, 1 - abs(v - 118) / 7)) - min(16, max(0, 118 - v)) for v in range(256)]
    )
    half = (max(1, size[0] // 2), max(1, size[1] // 2))
    grains = noise(rng, half, max(half) // 2).point([min(255, round(222 + v * 0.26)) for v in range(256)])
    return ImageChops.multiply(
        ImageChops.multiply(clouds, runs), grains.resize(size, Image.Resampling.BILINEAR)
    )


def _ragged(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """White at the painted middle, black at the bare border, with a brush's uneven edge between."""
    share = 420 / max(size)
    small = (max(8, round(size[0] * share)), max(8, round(size[1] * share)))
    mask = Image.new("L", small)
    gap = min(small) * 0.062
    ImageDraw.Draw(mask).rectangle([gap, gap, small[0] - gap, small[1] - gap], fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(gap * 0.36))
    rough = ImageChops.add(noise(rng, small, 9), noise(rng, small, 38), 2).point(
        [round(128 + (v - 128) * 0.8) for v in range(256)]
    )
    mask = ImageChops.add(mask, rough, 1, -128)
    return mask.resize(size, Image.Resampling.BICUBIC).point(
        [max(0, min(255, (v - 104) * 9)) for v in range(256)]
    )


def _splashes(work: Image.Image, picture: Image.Image, rng: random.Random) -> None:
    draw, unit = ImageDraw.Draw(work), min(work.size)
    for _ in range(16):
        x, y = (
            rng.random() * work.width,
            rng.choice((rng.uniform(0.0, 0.04), rng.uniform(0.95, 1.0))) * work.height,
        )
        tone = picture.getpixel((min(picture.width - 1, round(x)), min(picture.height - 1, round(y))))
        r = unit * rng.uniform(0.0012, 0.005)
        draw.ellipse([x - r, y - r, x + r, y + r], fill=mix(tone, (255, 255, 255), 0.45))  # type: ignore[arg-type]


# -- Paint and paper -----------------------------------------------------------------------------------------


def oil(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    return strokes.oil(ImageEnhance.Color(picture).enhance(1.2), rng, size)


def papercut(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """The layers threw their shadows when they were painted; here comes the paper."""
    return textured(picture, rng, 0.085)


def pixel(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Large squares of twenty colours: each takes the colour that most of it has, none a mixture."""
    share = PIXELS / min(size)
    grid = (max(1, round(size[0] * share)), max(1, round(size[1] * share)))
    work = picture.resize((grid[0] * 3, grid[1] * 3), Image.Resampling.BOX)
    work = ImageEnhance.Color(work).enhance(1.2)
    few = work.quantize(20, Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE)
    return prints.voted(few, 3).resize(grid, Image.Resampling.NEAREST).resize(size, Image.Resampling.NEAREST)


# -- The camera ----------------------------------------------------------------------------------------------


def out_of_focus(canvas: Canvas, scene: Scene) -> None:
    """Blur what is behind the subject; small lights become discs."""
    if not scene.subjects:
        return
    image = canvas.image
    small = image.resize((max(1, image.width // 4), max(1, image.height // 4)), Image.Resampling.BOX)
    small = small.filter(
        ImageFilter.GaussianBlur(min(small.size) * (0.022 if scene.view == "close" else 0.014))
    )
    _bokeh(small, canvas.dice("bokeh"), scene)
    small = small.filter(ImageFilter.GaussianBlur(min(small.size) * 0.0025))
    canvas.replace(small.resize(image.size, Image.Resampling.BICUBIC))


def _bokeh(small: Image.Image, rng: random.Random, scene: Scene) -> None:
    unit = min(small.size)
    for _ in range(30):
        x, y = rng.uniform(0, small.width), small.height * rng.uniform(0.05, 0.75)
        side = max(3, round(unit * rng.uniform(0.024, 0.085)))
        disc = Image.new("L", (side, side))
        ImageDraw.Draw(disc).ellipse([0, 0, side - 1, side - 1], fill=rng.randint(20, 72))
        small.paste(mix(scene.light.sun, scene.light.low, rng.random()), (round(x), round(y)), disc)


def photo(picture: Image.Image, scene: Scene, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Film: warm lights and cool shadows, dark corners, black bars above and below a wide picture."""
    picture = _split_toned(picture)
    corners = Image.radial_gradient("L").point([round(max(0, v - 96) * 1.15) for v in range(256)])
    picture.paste((6, 7, 12), (0, 0), corners.resize(picture.size, Image.Resampling.BILINEAR))
    if picture.width > picture.height * 1.2:
        bar = round(picture.height * 0.075)
        for top in (0, picture.height - bar):
            picture.paste((4, 4, 6), (0, top, picture.width, top + bar))
    return picture


def _split_toned(picture: Image.Image) -> Image.Image:
    def curve(lift: float, gain: float) -> list[int]:
        values = []
        for v in range(256):
            t = v / 255
            s = t * t * (3 - 2 * t) * 0.55 + t * 0.45
            values.append(max(0, min(255, round(255 * (lift * (1 - s) + s * gain)))))
        return values

    return picture.point([*curve(0.0, 1.05), *curve(0.02, 1.0), *curve(0.06, 0.93)])


STYLES: dict[str, Style] = {
    "watercolour": watercolour,
    "oil": oil,
    "papercut": papercut,
    "pixel": pixel,
    "photo": photo,
    "lineart": prints.lineart,
    "ink": prints.ink,
    "blueprint": prints.blueprint,
    "poster": prints.poster,
    "linocut": prints.linocut,
    "glass": prints.glass,
    "mosaic": prints.mosaic,
}

#: Styles that give a picture of the working size; the others keep the size that was drawn.
REDUCED = set(STYLES) - {"papercut", "photo"}
