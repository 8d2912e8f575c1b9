"""Twenty fixed prompts, as the sandbox paints them: the contact sheets of the docs, or a set to match blind.

python -m tests.gallery                    writes docs/images/gallery.webp and made.webp
python -m tests.gallery --blind FOLDER     numbered pictures without captions, the prompts shuffled, a key
"""

from __future__ import annotations

import argparse
import io
import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from seedream_django.sandbox.painting import edits, painter, references
from seedream_django.sandbox.painting.frames import Frame

SHEET = Path(__file__).parents[1] / "docs" / "images" / "gallery.webp"

#: The second sheet: what is made from other pictures, and a sequence.
MADE = SHEET.with_name("made.webp")

#: A sheet's file may weigh so many bytes: it stands in a repository.
WEIGHT = 150_000

#: Prompt, seed, shape (width, height).
PROMPTS: tuple[tuple[str, int, tuple[int, int]], ...] = (
    ("a red fox in a forest in autumn, golden hour", 1, (3, 2)),
    ("Leuchtturm im Sturm an der Nordsee, Linolschnitt", 3, (2, 3)),
    ("un bateau sur la mer, coucher de soleil, aquarelle", 3, (3, 2)),
    ("mountain lake at dawn", 1, (16, 9)),
    ("an abstract composition in teal and gold", 3, (1, 1)),
    ("city skyline at night, neon", 6, (16, 9)),
    ("a bowl of fruit on a table, oil painting", 5, (1, 1)),
    ("pixel art of a castle by a lake", 4, (3, 2)),
    ("isometric cottage in winter", 9, (1, 1)),
    ("line art of a cat in a living room", 10, (1, 1)),
    ("art deco poster of a train in the mountains", 2, (2, 3)),
    ("paper cut deer at sunset", 12, (3, 2)),
    ("a turtle at a coral reef, underwater", 2, (3, 2)),
    ("aerial view of fields and a river", 14, (3, 2)),
    ("ink drawing of a church in the hills", 8, (3, 2)),
    ("a seamless pattern of blossoms in copper", 19, (1, 1)),
    ("hot air balloons over the desert at sunrise", 3, (16, 9)),
    ("an astronaut in space", 3, (3, 2)),
    ("stained glass sunflowers", 2, (2, 3)),
    ("lavender fields with a windmill in summer", 3, (21, 9)),
)

#: Of the second sheet: what is ordered from which of the twenty, and the scene told in four frames.
FROM: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("a lighthouse by the sea", (16,)),
    ("a lighthouse by the sea", (19, 5)),
    ("replace the windmill with an elephant", (19,)),
    ("make it night", (0,)),
)
TOLD, _FRAMES = ("a boat on the sea", 3), 4

_PAPER, _INK = (243, 240, 233), (52, 50, 46)
_WIDE, _GAP, _EDGE, _CAPTION = 1500, 22, 44, 70

#: How many pictures hang in each row: rows of much the same height.
_ROWS = (5, 6, 5, 4)


def paint(prompt: str, seed: int, shape: tuple[int, int], longest: int = 2048) -> Image.Image:
    share = longest / max(shape)
    return painter.paint(prompt, seed, round(shape[0] * share), round(shape[1] * share))


def sheet() -> Image.Image:
    """All of them in rows of one height, each with its prompt underneath."""
    hung = rows()
    height = 2 * _EDGE + sum(round(tall) + _CAPTION for _, tall in hung)
    page = Image.new("RGB", (_WIDE, height), _PAPER)
    top = _EDGE
    for items, tall in hung:
        _hang(page, items, top, tall)
        top += round(tall) + _CAPTION
    return page


def second() -> Image.Image:
    """Four pictures made from others over the four frames of a sequence, each with its prompt underneath."""
    wide = (_WIDE - 2 * _EDGE - 3 * _GAP) / 4
    tall = wide * 2 / 3
    page = Image.new("RGB", (_WIDE, round(2 * (_EDGE + tall + _CAPTION) - _EDGE)), _PAPER)
    for row, items in enumerate((_made(), _told())):
        top = _EDGE + round(row * (tall + _CAPTION))
        for column, (picture, prompt) in enumerate(items):
            _one(page, picture, prompt, (_EDGE + column * (wide + _GAP), top), (wide, tall))
    return page


def _made() -> list[tuple[Image.Image, str]]:
    found = []
    for prompt, numbers in FROM:
        givers = [paint(*PROMPTS[number], longest=1024) for number in numbers]
        read = tuple(references.read("", _file(giver)) for giver in givers)
        ground = givers[0] if edits.asked(prompt) else None
        sources = painter.Sources(read, ground)
        found.append((painter.paint(prompt, 3, 1536, 1024, sources=sources), prompt))
    return found


def _told() -> list[tuple[Image.Image, str]]:
    return [
        (painter.paint(*TOLD, 1536, 1024, frame=Frame(number, _FRAMES)), "" if number else TOLD[0])
        for number in range(_FRAMES)
    ]


def _file(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def rows() -> list[tuple[list[tuple[str, int, tuple[int, int]]], float]]:
    """The pictures row by row, and the height at which each row is as wide as the sheet."""
    found, left = [], list(PROMPTS)
    for count in _ROWS:
        row, left = left[:count], left[count:]
        room = _WIDE - 2 * _EDGE - _GAP * (count - 1)
        found.append((row, room / sum(w / h for _, _, (w, h) in row)))
    return found


def _hang(
    page: Image.Image, items: Sequence[tuple[str, int, tuple[int, int]]], top: int, tall: float
) -> None:
    left = float(_EDGE)
    for prompt, seed, shape in items:
        wide = tall * shape[0] / shape[1]
        _one(page, paint(prompt, seed, shape), prompt, (left, top), (wide, tall))
        left += wide + _GAP


def _one(
    page: Image.Image, picture: Image.Image, prompt: str, at: tuple[float, int], size: tuple[float, float]
) -> None:
    (left, top), (wide, tall) = at, size
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    picture = picture.resize((round(wide), round(tall)), Image.Resampling.LANCZOS)
    draw.rectangle([left - 1, top - 1, left + picture.width, top + picture.height], outline=(206, 201, 190))
    page.paste(picture, (round(left), top))
    for line, text in enumerate(_wrapped(prompt, font, wide)):
        draw.text((left, top + tall + 7 + 16 * line), text, fill=_INK, font=font)


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, room: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines[:3]


def encoded(page: Image.Image) -> bytes:
    """The sheet as WEBP, as good as its weight allows."""
    for quality in range(88, 20, -4):
        out = io.BytesIO()
        page.save(out, "WEBP", quality=quality, method=6)
        if len(out.getvalue()) < WEIGHT:
            break
    return out.getvalue()


def blind(folder: Path, seed: int = 2026, longest: int = 2048) -> None:
    """01.jpg to 20.jpg, ``prompts.txt`` in another order (a letter each), and ``key.txt``."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(seed)
    pictures, letters = list(PROMPTS), "ABCDEFGHIJKLMNOPQRST"
    dice.shuffle(pictures)
    listed = dice.sample(pictures, len(pictures))
    for number, (prompt, one, shape) in enumerate(pictures, 1):
        paint(prompt, one, shape, longest).save(folder / f"{number:02}.jpg", quality=90)
    named = {item: letter for letter, item in zip(letters, listed, strict=True)}
    listing = "".join(f"{named[item]}  {item[0]}\n" for item in listed)
    (folder / "prompts.txt").write_text(listing, encoding="utf-8")
    key = "".join(f"{number:02}  {named[item]}\n" for number, item in enumerate(pictures, 1))
    (folder / "key.txt").write_text(key, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--blind", type=Path, metavar="FOLDER")
    told = parser.parse_args()
    if told.blind:
        blind(told.blind)
    else:
        SHEET.write_bytes(encoded(sheet()))
        MADE.write_bytes(encoded(second()))


if __name__ == "__main__":
    main()
