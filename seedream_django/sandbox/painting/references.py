"""What a picture is made from: the colours of each reference, and a small print of it.

References come from outside: whatever cannot be read, is too large or is not there becomes colours and stripes that
its key alone decides. One is decoded at a time, as small as it is needed.
"""

from __future__ import annotations

import hashlib
import io
from typing import NamedTuple, cast

from PIL import Image, ImageDraw, ImageOps

from .palette import Colour, colour, mix

#: A larger picture is not decoded: the largest of the model has 10.4 megapixels.
MOST_PIXELS = 40_000_000

#: Pixels along a print's longer side.
PRINT = 256

#: How many colours are taken from one picture.
_TONES = 8

_FORMATS = ("JPEG", "PNG", "WEBP")


class Reference(NamedTuple):
    """``tones``: its colours, each with its share of the picture, the largest first; ``mean`` is their mixture."""

    tones: tuple[tuple[Colour, float], ...]
    mean: Colour
    print: Image.Image


def read(key: str, data: bytes | None) -> Reference:
    """The reference of these bytes; of its key, where there are none or no picture can be read from them."""
    picture = (opened(data, PRINT) if data else None) or stripes(key)
    dot = picture.resize((1, 1), Image.Resampling.BOX).tobytes()
    return Reference(_tones(picture), (dot[0], dot[1], dot[2]), picture)


def opened(data: bytes, longest: int) -> Image.Image | None:
    """The picture, RGB, at most ``longest`` pixels on its longer side; None for what is broken or too large."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", (longest, longest))  # a JPEG is decoded at a fraction of its size
            small = image if image.mode in {"RGB", "RGBA"} else image.convert("RGBA")
            small.thumbnail((longest, longest))
            return _on_white(ImageOps.exif_transpose(small))
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError):
        return None  # Pillow raises all of these for broken files
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    sheet = Image.new("RGB", picture.size, (255, 255, 255))
    sheet.paste(picture, (0, 0), picture)
    return sheet


def _tones(picture: Image.Image) -> tuple[tuple[Colour, float], ...]:
    small = picture.resize((64, 64), Image.Resampling.BOX)
    few = small.quantize(_TONES, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    channels, counts = few.getpalette() or [], cast("list[tuple[int, int]]", few.getcolors())
    found = []
    for count, number in sorted(counts, reverse=True):
        red, green, blue = channels[3 * number : 3 * number + 3]
        found.append(((red, green, blue), count / 4096))
    return tuple(found)


def stripes(key: str) -> Image.Image:
    """Five colours in stripes: what stands for a picture that nobody can look at."""
    digest = hashlib.sha256(key.encode("utf-8", "replace")).digest()
    main, light = digest[0] * 360 / 256, 30 + digest[1] % 35
    picture = Image.new("RGB", (PRINT, PRINT))
    draw, left = ImageDraw.Draw(picture), 0.0
    for step, turn in enumerate((0, 18, -22, 38, 180)):
        tone = colour(f"hsl({(main + turn) % 360:.0f}, {45 + digest[2 + step] % 45}%, {light + 5 * step}%)")
        wide = PRINT * (0.36, 0.24, 0.18, 0.12, 0.1)[step]
        draw.rectangle([left, 0, left + wide, PRINT], fill=tone)
        left += wide
    return picture


def together(references: tuple[Reference, ...]) -> tuple[tuple[Colour, float], ...]:
    """The colours of all, the first reference's the strongest; shares sum to 1."""
    found = []
    for number, reference in enumerate(references):
        weight, kept = 1 / (number + 1) ** 1.3, reference.tones[: max(1, _TONES // (number + 1))]
        whole = sum(share for _, share in kept)
        found += [(tone, weight * share / whole) for tone, share in kept]
    whole = sum(share for _, share in found)
    return tuple((tone, share / whole) for tone, share in found)


def tile(references: tuple[Reference, ...], spare: tuple[Colour, ...]) -> list[Colour]:
    """Nine flat colours: the first reference's mean in the middle row, its tones above, the others' means below."""
    first = references[0]
    tones = [tone for tone, _ in first.tones]
    above = [mix(first.mean, tones[k % len(tones)], 0.8) for k in range(3)]
    below = [reference.mean for reference in references[1:3]]
    return [*above, first.mean, first.mean, first.mean, *below, *spare][:9]
