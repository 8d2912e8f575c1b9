"""Pictures from a prompt and a seed, by Pillow alone, exactly as large as asked.

The same prompt, seed, size, references and frame give the same pixels; another seed gives another picture of the same
thing, another reference the same scene in other colours.
"""

from __future__ import annotations

import hashlib
import random
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from . import (
    abstract,
    edits,
    figures,
    frames,
    grades,
    isometric,
    matching,
    mounts,
    places,
    references,
    scenes,
    sky,
    styles,
)
from .canvas import Canvas, grained
from .frames import ALONE, Frame
from .motifs import BY_NAME
from .palette import Colour, mix
from .references import Reference
from .scenes import Scene
from .trees import framing_tree

#: Pixels that a picture is drawn with, then scaled to its size: smooth edges for 2K, bounded time for all.
_DRAWN = 8_000_000

#: What every picture says of itself.
LABEL = "sandbox"

#: How much of the picture its strip lets through.
_CLEAR = 0.1

#: Styles that paint with the colours they get, on a paper of their own; of the others ink and paper take the
#: references' colours too, and a finished picture has fewer pixels to change than the one that was drawn.
_PAINTS = set(styles.STYLES) - {"lineart", "ink", "blueprint", "linocut"}

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

#: Where a tree may stand at the picture's edge, which makes the rest far.
_FRAMED = {"hills", "mountains", "lake", "river", "fields"}


class Sources(NamedTuple):
    """What a picture is made from: its references, the first the strongest; the ground that it is painted on."""

    references: tuple[Reference, ...] = ()
    ground: Image.Image | None = None


#: A picture made from its words alone.
NOTHING = Sources()


def plain(
    prompt: str,
    seed: int,
    width: int,
    height: int,
    *,
    sources: Sources = NOTHING,
    frame: Frame = ALONE,
) -> Image.Image:
    """Nine flat colours, in a few milliseconds: for tests, which look at sizes and differences alone.

    The first reference's mean colour is the middle row; the others' and the prompt's are around it. In a sequence
    what is around darkens, frame by frame.
    """
    digest = _digest(prompt, seed)
    tones: list[Colour] = [(digest[k], digest[k + 1], digest[k + 2]) for k in range(0, 27, 3)]
    if sources.references:
        tones = references.tile(sources.references, tuple(tones))
    if frame.moment:
        late = 0.45 * frame.moment
        tones = [tone if 3 <= k < 6 else mix(tone, (0, 0, 0), late) for k, tone in enumerate(tones)]
    tile = Image.frombytes("RGB", (3, 3), bytes(channel for tone in tones for channel in tone))
    return tile.resize((width, height), Image.Resampling.NEAREST)


def paint(
    prompt: str,
    seed: int,
    width: int,
    height: int,
    *,
    sources: Sources = NOTHING,
    frame: Frame = ALONE,
) -> Image.Image:
    """A scene of the prompt's words, ``width`` × ``height`` pixels, RGB, with a corner that says "sandbox".

    References give it their colours and are shown in the other corner. Of a sequence the corner tells the frame.
    """
    rng = random.Random(_digest(prompt, seed))
    picture = _painted(prompt, (width, height), rng, sources, frame)
    picture = grained(picture, rng, 0.04)
    if sources.references:
        prints = [reference.print for reference in sources.references]
        mounts.hang(picture, prints, free(picture, frame.caption), random.Random(seed))
    sign(picture, frame.caption)
    return picture


def _painted(
    prompt: str, size: tuple[int, int], rng: random.Random, sources: Sources, frame: Frame
) -> Image.Image:
    """The scene in its colours and style."""
    first = scenes.read(edits.wanted(prompt) if sources.ground else prompt, rng)
    scene = frames.later(first, frame.moment)
    canvas = _canvas(scene, size, rng, frame.moment)
    if sources.ground:
        edits.edit(canvas, scene, prompt, sources.ground)
    else:
        compose(canvas, scene)
    frames.filmed(canvas, scene)
    if scene.place not in abstract.KINDS or sources.ground:  # these have the palette's colours from the start
        grades.graded(canvas.image, scene.palette, scene.accent)
    brighter = frames.brighter(scene.light, first.light)
    if scene.style in _PAINTS:
        _match(canvas.image, scene, sources, brighter)
    picture = styles.styled(canvas.image, scene, canvas.dice("style"), size)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.HAMMING)
    if scene.style not in _PAINTS:
        _match(picture, scene, sources, brighter)
    return picture


def _match(picture: Image.Image, scene: Scene, sources: Sources, brighter: float) -> None:
    """Bring the references' colours in; a ground has those of the first already."""
    givers = sources.references[1:] if sources.ground else sources.references
    if givers:
        strength = 0.4 if sources.ground else 0.7 if scene.palette else 0.94
        matching.matched(picture, references.together(givers), strength, brighter=brighter)


def _digest(prompt: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{prompt}".encode("utf-8", "replace")).digest()


def _canvas(scene: Scene, size: tuple[int, int], rng: random.Random, moment: float | None) -> Canvas:
    width, height = styles.working_size(size) if scene.style in styles.REDUCED else size
    scale = min(styles.DETAIL.get(scene.style, 1.4), (_DRAWN / (width * height)) ** 0.5)
    drawn = (max(1, round(width * scale)), max(1, round(height * scale)))
    flat = scene.style if scene.style in styles.FLAT else ""
    return Canvas(*drawn, rng, flat=flat, moment=moment)


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


def sign(picture: Image.Image, caption: str = "") -> None:
    """Write the label small in the lower right corner, on a strip of the picture's own tone made lighter or darker.

    ``caption`` stands behind it. At a preview of 480 pixels the letters still stand out from the strip by more than
    4.5 to 1.
    """
    size, font, letters = _letters(picture, caption)
    wide, tall = round(sum(step for _, step in letters) + size * 0.8), round(size * 1.24)
    x, y = picture.width - wide - round(size * 0.5), picture.height - tall - round(size * 0.5)
    behind = picture.crop((max(0, x), max(0, y), picture.width, picture.height))
    strip, ink = _tones(behind.resize((1, 1), Image.Resampling.BOX))
    box = (x, y, x + wide, y + tall)
    plate = Image.blend(Image.new("RGB", (wide, tall), strip), picture.crop(box), _CLEAR)
    draw, at = ImageDraw.Draw(plate), size * 0.45
    for letter, step in letters:
        draw.text((at, tall / 2), letter, fill=ink, font=font, anchor="lm")
        at += step
    picture.paste(plate, (x, y))


def free(picture: Image.Image, caption: str = "") -> int:
    """How many pixels of the lower edge the label leaves free, on its left."""
    size, _, letters = _letters(picture, caption)
    return round(picture.width - sum(step for _, step in letters) - size * 2)


def _letters(picture: Image.Image, caption: str) -> tuple[float, Font, list[tuple[str, float]]]:
    size = max(8.0, max(picture.size) * 8.2 / 480)
    font = ImageFont.load_default(size)
    text = f"{LABEL.upper()} {caption}".strip()
    return size, font, [(letter, font.getlength(letter) + size * 0.1) for letter in text]


def _tones(dot: Image.Image) -> tuple[Colour, Colour]:
    """The strip's and the letters' colour over a ground whose mean colour is this one pixel's."""
    red, green, blue = dot.tobytes()[:3]
    mean = (red, green, blue)
    if 0.3 * red + 0.59 * green + 0.11 * blue > 150:
        return mix(mean, (255, 255, 255), 0.3), mix(mean, (0, 0, 0), 0.93)
    return mix(mean, (0, 0, 0), 0.66), mix(mean, (255, 255, 255), 0.97)
