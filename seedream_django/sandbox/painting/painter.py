"""Pictures from a prompt and a seed, by Pillow alone, exactly as large as asked.

The same prompt, seed and size give the same pixels; another seed gives another picture of the same thing.
"""

from __future__ import annotations

import hashlib
import random

from PIL import Image, ImageDraw, ImageFont

from . import abstract, figures, grades, isometric, places, scenes, sky, styles
from .canvas import Canvas, grained
from .motifs import BY_NAME
from .palette import Colour, mix
from .scenes import Scene
from .trees import framing_tree

#: Pixels that a picture is drawn with, then scaled to its size: smooth edges for 2K, bounded time for all.
_DRAWN = 8_000_000

#: What every picture says of itself.
LABEL = "sandbox"

#: How much of the picture its strip lets through.
_CLEAR = 0.1

#: Where a tree may stand at the picture's edge, which makes the rest far.
_FRAMED = {"hills", "mountains", "lake", "river", "fields"}


def plain(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    """Nine flat colours, in a few milliseconds: for tests, which look at sizes and differences alone."""
    tile = Image.frombytes("RGB", (3, 3), _digest(prompt, seed)[:27])
    return tile.resize((width, height), Image.Resampling.NEAREST)


def paint(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    """A scene of the prompt's words, ``width`` × ``height`` pixels, RGB, with a corner that says "sandbox"."""
    rng = random.Random(_digest(prompt, seed))
    picture = _painted(prompt, (width, height), rng)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.HAMMING)
    picture = grained(picture, rng, 0.04)
    sign(picture)
    return picture


def _painted(prompt: str, size: tuple[int, int], rng: random.Random) -> Image.Image:
    """The scene in its colours and style; at a size that suits these, in the shape of ``size``."""
    scene = scenes.read(prompt, rng)
    canvas = _canvas(scene, size, rng)
    compose(canvas, scene)
    if scene.place not in abstract.KINDS:  # these have the palette's colours from the start
        grades.graded(canvas.image, scene.palette, scene.accent)
    return styles.styled(canvas.image, scene, canvas.dice("style"), size)


def _digest(prompt: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{prompt}".encode("utf-8", "replace")).digest()


def _canvas(scene: Scene, size: tuple[int, int], rng: random.Random) -> Canvas:
    width, height = styles.working_size(size) if scene.style in styles.REDUCED else size
    scale = min(styles.DETAIL.get(scene.style, 1.4), (_DRAWN / (width * height)) ** 0.5)
    drawn = (max(1, round(width * scale)), max(1, round(height * scale)))
    return Canvas(*drawn, rng, flat=scene.style if scene.style in styles.FLAT else "")


def compose(canvas: Canvas, scene: Scene) -> None:
    """The order of things: the place, what is far out of focus, the subjects, what is near, what falls."""
    if scene.place in abstract.KINDS:
        abstract.KINDS[scene.place](canvas, scene)
        return
    if scene.style == "isometric":
        isometric.compose(canvas, scene)
        return
    stage = places.build(canvas, scene)
    alone = any(BY_NAME[subject.name].alone for subject in scene.subjects)
    if scene.style == "photo" or scene.view == "close" or alone:
        styles.out_of_focus(canvas, scene)
    if scene.style in styles.DRAWN and scene.subjects:
        styles.step_back(canvas, styles.DRAWN[scene.style])
    figures.place(canvas, scene, stage)
    if scene.place in _FRAMED and scene.style in {"", "photo"} and canvas.dice("near").random() < 0.16:
        framing_tree(canvas, scene.light, -1 if stage.sun[0] > canvas.width / 2 else 1)
    if scene.place not in {"table", "room", "underwater", "space"}:
        sky.falling(canvas, scene.light, scene.weather)


# -- The label -----------------------------------------------------------------------------------------------


def sign(picture: Image.Image) -> None:
    """Write the label small in the lower right corner, on a strip of the picture's own tone made lighter or darker.

    At a preview of 480 pixels the letters still stand out from the strip by more than 4.5 to 1.
    """
    size = max(8.0, max(picture.size) * 8.2 / 480)
    font, text = ImageFont.load_default(size), LABEL.upper()
    letters = [font.getlength(letter) + size * 0.1 for letter in text]
    wide, tall = round(sum(letters) + size * 0.8), round(size * 1.24)
    x, y = picture.width - wide - round(size * 0.5), picture.height - tall - round(size * 0.5)
    behind = picture.crop((max(0, x), max(0, y), picture.width, picture.height))
    strip, ink = _tones(behind.resize((1, 1), Image.Resampling.BOX))
    box = (x, y, x + wide, y + tall)
    plate = Image.blend(Image.new("RGB", (wide, tall), strip), picture.crop(box), _CLEAR)
    draw, at = ImageDraw.Draw(plate), size * 0.45
    for letter, step in zip(text, letters, strict=True):
        draw.text((at, tall / 2), letter, fill=ink, font=font, anchor="lm")
        at += step
    picture.paste(plate, (x, y))


def _tones(dot: Image.Image) -> tuple[Colour, Colour]:
    """The strip's and the letters' colour over a ground whose mean colour is this one pixel's."""
    red, green, blue = dot.tobytes()[:3]
    mean = (red, green, blue)
    if 0.3 * red + 0.59 * green + 0.11 * blue > 150:
        return mix(mean, (255, 255, 255), 0.3), mix(mean, (0, 0, 0), 0.93)
    return mix(mean, (0, 0, 0), 0.66), mix(mean, (255, 255, 255), 0.97)
