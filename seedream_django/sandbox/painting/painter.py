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
from .scenes import Scene
from .trees import overhang

#: Pixels that a picture is drawn with, then scaled to its size: smooth edges for 2K, bounded time for all.
_DRAWN = 8_000_000

#: What every picture says of itself.
LABEL = "sandbox"

#: Its plate and letters; the plate lets a little of the picture through.
_PLATE, _LETTERS, _CLEAR = (16, 18, 24), (250, 246, 236), 0.14


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
        grades.graded(canvas.image, scene.palette)
    return styles.styled(canvas.image, scene, canvas.dice("style"), size)


def _digest(prompt: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{prompt}".encode("utf-8", "replace")).digest()


def _canvas(scene: Scene, size: tuple[int, int], rng: random.Random) -> Canvas:
    width, height = styles.working_size(size) if scene.style in styles.REDUCED else size
    scale = min(styles.DETAIL.get(scene.style, 1.4), (_DRAWN / (width * height)) ** 0.5)
    drawn = (max(1, round(width * scale)), max(1, round(height * scale)))
    return Canvas(*drawn, rng, cut=scene.style == "papercut")


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
    if (
        scene.place in {"hills", "mountains", "lake", "river", "fields"}
        and canvas.dice("near").random() < 0.35
    ):
        overhang(canvas, scene.light, -1 if stage.sun[0] > canvas.width / 2 else 1)
    if scene.place not in {"table", "room", "underwater", "space"}:
        sky.falling(canvas, scene.light, scene.weather)


# -- The label -----------------------------------------------------------------------------------------------


def sign(picture: Image.Image) -> None:
    """Write "sandbox" on a dark plate in the lower left corner: readable in a preview of 480 pixels too."""
    size = max(9.0, max(picture.size) * 9.8 / 480)
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(LABEL)
    pad, gap = size * 0.42, size * 0.7
    wide, tall = round(right - left + 2.4 * pad), round(bottom - top + 2 * pad)
    x, y = round(gap), picture.height - tall - round(gap)
    box = (x, y, x + wide, y + tall)
    plate = Image.blend(Image.new("RGB", (wide, tall), _PLATE), picture.crop(box), _CLEAR)
    ImageDraw.Draw(plate).text((1.2 * pad - left, pad - top), LABEL, fill=_LETTERS, font=font)
    mask = Image.new("L", (wide, tall))
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, wide - 1, tall - 1], radius=tall * 0.28, fill=255)
    picture.paste(plate, (x, y), mask)
