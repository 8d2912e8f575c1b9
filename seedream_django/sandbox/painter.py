"""Pictures from a prompt and a seed, by Pillow alone, exactly as large as asked.

The same prompt, seed and size give the same pixels; another seed gives another picture of the same thing.
"""

from __future__ import annotations

import hashlib
import random

from PIL import Image, ImageDraw, ImageFont

from . import landscape, scenes
from .canvas import Canvas, Point, grained
from .motifs import BY_NAME, Motif
from .palette import Light, mix
from .pen import Pen
from .scenes import Scene

#: Pixels that a picture is drawn with, then scaled to its size: smooth edges for 2K, bounded time for all.
_DRAWN = 9_500_000

#: What every picture says of itself.
LABEL = "sandbox"


def plain(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    """Nine flat colours, in a few milliseconds: for tests, which look at sizes and differences alone."""
    tile = Image.frombytes("RGB", (3, 3), _digest(prompt, seed)[:27])
    return tile.resize((width, height), Image.Resampling.NEAREST)


def paint(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    """A scene of the prompt's words, ``width`` × ``height`` pixels, RGB, with a line that says "sandbox"."""
    rng = random.Random(_digest(prompt, seed))
    scale = min(1.5, (_DRAWN / (width * height)) ** 0.5)
    canvas = Canvas(max(1, round(width * scale)), max(1, round(height * scale)), rng)
    _compose(canvas, scenes.read(prompt, rng))
    picture = canvas.image
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.HAMMING)
    picture = grained(picture, rng, 0.05)
    _sign(picture, prompt)
    return picture


def _digest(prompt: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{prompt}".encode("utf-8", "replace")).digest()


# -- The scene -----------------------------------------------------------------------------------------------


def _compose(canvas: Canvas, scene: Scene) -> None:
    if scene.place == "table":
        landscape.table(canvas, scene.light)
        _place(canvas, scene, [(canvas.width, canvas.height * 0.86)] * 2)
        return
    horizon = round(canvas.height * canvas.rng.uniform(0.5, 0.6))
    sun_x, _ = landscape.sky(canvas, scene.light, horizon)
    ground = _land(canvas, scene, horizon, sun_x)
    _place(canvas, scene, ground)


def _land(canvas: Canvas, scene: Scene, horizon: int, sun_x: float) -> list[Point]:
    """Everything between the sky and the subjects; gives the line that these stand on."""
    light = scene.light
    if scene.place == "lake":
        landscape.mountains(canvas, light, round(horizon * 0.98))
    if scene.place in {"sea", "lake"}:
        start = horizon if scene.place == "sea" else round(horizon * 1.12)
        landscape.sea(canvas, light, start, sun_x, canvas.height)
        return landscape.shore(canvas, light, left=sun_x > canvas.width / 2)
    landscape.LANDS[scene.place](canvas, light, horizon)
    if scene.place in {"city", "desert"}:
        return [(0, canvas.height * 0.9), (canvas.width, canvas.height * 0.9)]
    return landscape.meadow(canvas, light)


def _place(canvas: Canvas, scene: Scene, ground: list[Point]) -> None:
    """Put the subjects side by side, the first one in front."""
    count = len(scene.subjects)
    for index, name in reversed(list(enumerate(scene.subjects))):
        motif = BY_NAME[name]
        x = canvas.width * ((index + 0.5) / count + canvas.rng.uniform(-0.06, 0.06))
        size = canvas.unit * motif.size * (1.0, 0.85, 0.72)[count - 1] * canvas.rng.uniform(0.94, 1.06)
        _stand(canvas, scene, motif, x, size, ground)


def _stand(canvas: Canvas, scene: Scene, motif: Motif, x: float, size: float, ground: list[Point]) -> None:
    y = {
        "sky": max(size * 1.08, canvas.height * canvas.rng.uniform(0.46, 0.6)),
        "water": canvas.height * canvas.rng.uniform(0.74, 0.82),
        "ground": _height_at(ground, x) + size * 0.03,
    }[motif.where]
    light = scene.light
    if motif.where == "ground":
        canvas.soft([(x, y - size * 0.01, size * 0.5, size * 0.05)], mix(light.near, (0, 0, 0), 0.55), 0.55)
    flip, depth = canvas.rng.random() < 0.5, 0.3 if light.dark else 0.08
    motif.shape(Pen(canvas, x, y, size, flip=flip, shade=_shade(light), depth=depth))


def _shade(light: Light) -> tuple[int, int, int]:
    return mix(light.middle, light.near, 0.5)


def _height_at(line: list[Point], x: float) -> float:
    return min(line, key=lambda point: abs(point[0] - x))[1]


# -- The label -----------------------------------------------------------------------------------------------


def _sign(picture: Image.Image, prompt: str) -> None:
    """Write "sandbox" and as much of the prompt as fits into the lower left corner, on a dark plate."""
    size = max(10.0, min(picture.size) / 34)
    font = ImageFont.load_default(size)
    text = _label(font, prompt, picture.width - size * 4)
    left, top, right, bottom = font.getbbox(text)
    pad, x, y = size * 0.6, size, picture.height - size * 1.2 - (bottom - top)
    plate = [x - pad * 0.2, y - pad, x + (right - left) + pad * 1.6, y + (bottom - top) + pad]
    layer = picture.crop((int(plate[0]), int(plate[1]), int(plate[2]) + 1, int(plate[3]) + 1))
    layer = Image.blend(layer, Image.new("RGB", layer.size, (16, 18, 24)), 0.72)
    picture.paste(layer, (int(plate[0]), int(plate[1])))
    ImageDraw.Draw(picture).text((x + pad * 0.7 - left, y - top), text, fill=(250, 246, 236), font=font)


def _label(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, prompt: str, room: float) -> str:
    # The built-in font has Latin letters only: what it cannot show would be a row of boxes.
    words = "".join(c if " " <= c <= "\u017f" else " " for c in prompt[:200]).split()
    text = LABEL
    for count in range(1, min(len(words), 9) + 1):
        longer = f"{LABEL} · {' '.join(words[:count])}"
        if font.getlength(longer) > room:
            break
        text = longer
    return text
