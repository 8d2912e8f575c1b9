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

#: Styles of lines: what is behind the subjects is to have fewer of them. How much of its colour it keeps.
DRAWN = {"lineart": 0.55, "ink": 0.55, "blueprint": 0.55, "glass": 0.8}

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
    """Thin colour that pools at its edges, bleeds, and leaves the paper's border white."""
    work = wobbled(picture.filter(ImageFilter.GaussianBlur(min(picture.size) * 0.0007)), rng, 0.005)
    work = (
        ImageEnhance.Color(work).enhance(1.3).point([round(255 - (255 - v) * 0.93) for v in range(256)] * 3)
    )
    work = ImageChops.multiply(work, Image.merge("RGB", [_pools(work)] * 3))
    white = Image.new("RGB", work.size, (253, 250, 243))
    work = Image.composite(white, work, _blooms(rng, work.size))
    work = Image.composite(work, white, _ragged(rng, work.size))
    _splashes(work, picture, rng)
    return textured(work.resize(size, Image.Resampling.BICUBIC), rng, 0.11)


def _pools(work: Image.Image) -> Image.Image:
    """Pigment gathers where a wash ends: dark lines along edges, white elsewhere."""
    share = min(1.0, 900 / max(work.size))
    small = work.resize(
        (max(3, round(work.width * share)), max(3, round(work.height * share))), Image.Resampling.BOX
    )
    edges = small.convert("L").filter(ImageFilter.FIND_EDGES)
    ImageDraw.Draw(edges).rectangle([0, 0, small.width - 1, small.height - 1], outline=0, width=2)
    edges = edges.filter(ImageFilter.GaussianBlur(0.9)).resize(work.size, Image.Resampling.BICUBIC)
    return edges.point([max(128, 255 - round(max(0, v - 5) * 3.4)) for v in range(256)])


def _blooms(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Where water pushed the colour away: how much paper shows, from 0 to 255."""
    wide, fine = noise(rng, size, 5), noise(rng, size, 17)
    both = ImageChops.add(wide, fine, 2)
    return both.point([round(min(92, max(0, (v - 120) * 1.3))) for v in range(256)])


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
            rng.choice((rng.uniform(0.0, 0.2), rng.uniform(0.86, 1.0))) * work.height,
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
    """Large squares of few colours."""
    share = 104 / min(picture.size)
    grid = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    small = ImageEnhance.Color(picture.resize(grid, Image.Resampling.BOX)).enhance(1.25)
    small = small.filter(ImageFilter.UnsharpMask(1, 60, 0))
    few = small.quantize(28, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    return few.resize(size, Image.Resampling.NEAREST)


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
