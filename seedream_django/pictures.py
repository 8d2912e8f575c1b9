"""Looking at picture files: what they are, whether they are whole, and a small preview. Pure; knows no Django."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from PIL import Image, ImageFilter, ImageOps

from .exceptions import BadPicture
from .parameters import (
    MAX_ASPECT,
    REFERENCE_BYTES,
    REFERENCE_MIN_SIDE,
    REFERENCE_PIXELS,
    Problem,
    gettext_noop,
)

_ = gettext_noop

#: What the provider can make, by Pillow's name. Decided by content; no header and no file name is believed.
FORMATS = {"JPEG": "JPG", "PNG": "PNG", "WEBP": "WEBP"}
#: Many a phone's photo is a JPEG with further pictures behind it, which Pillow gives a name of its own.
_NAMES = {**FORMATS, "MPO": "JPG"}
EXTENSIONS = {"JPG": "jpg", "PNG": "png", "WEBP": "webp"}

#: The largest picture of the model has 10.4 megapixels; more than this is a decompression bomb.
MAX_PIXELS = 40_000_000

#: What is left of a flagged picture for everybody: so many patches of colour on its longer side.
BLUR_GRID = 12


@dataclass(frozen=True)
class Facts:
    """``format`` is JPG, PNG or WEBP; ``width`` and ``height`` are in pixels."""

    format: str
    width: int
    height: int


def inspect(path: Path) -> Facts:
    """Read the header, refuse what is too large, then decode all of it. Raises BadPicture.

    Of 200 truncated JPEGs ``verify()`` caught 5 and a full decode all of them.
    """
    try:
        with Image.open(path, formats=list(FORMATS)) as image:
            _check_pixels(image)
            image.load()
            return Facts(_NAMES[image.format or ""], image.width, image.height)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        # Pillow raises all of these for broken files.
        raise BadPicture("The file is broken or not a picture.") from error


def glance(source: Path | IO[bytes]) -> Facts:
    """Read the header alone, which takes no memory. Raises BadPicture for what is no picture of ours, or too large."""
    try:
        with Image.open(source, formats=list(FORMATS)) as image:
            _check_pixels(image)
            return Facts(_NAMES[image.format or ""], image.width, image.height)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, BadPicture):
            raise
        raise BadPicture("The file is broken or not a picture.") from error


def preview(path: Path | IO[bytes], size: int, xmp: bytes = b"") -> bytes:
    """A WEBP of at most ``size`` pixels on its longer side, with ``xmp`` as its metadata."""
    with Image.open(path, formats=list(FORMATS)) as image:
        small = _small(image, size)
        out = io.BytesIO()
        small.save(out, "WEBP", quality=80, method=2, xmp=xmp)
        return out.getvalue()


def blurred(path: Path, size: int, xmp: bytes = b"") -> bytes:
    """The same of a picture that nobody may recognise: its colours, roughly where they are.

    What is in the file is all that there is: no filter of a page's can be taken off it.
    """
    with Image.open(path, formats=list(FORMATS)) as image:
        shape = _small(image, size)
        # Transparency would show the outline.
        grid = shape.convert("RGB").resize(_within(BLUR_GRID, shape.size), Image.Resampling.BOX)
        soft = grid.resize(shape.size, Image.Resampling.BICUBIC)
        soft = soft.filter(ImageFilter.GaussianBlur(max(shape.size) / BLUR_GRID))
        out = io.BytesIO()
        soft.save(out, "WEBP", quality=60, method=2, xmp=xmp)
        return out.getvalue()


def _small(image: Image.Image, size: int) -> Image.Image:
    # JPEG can be decoded at a fraction of its size: three times faster here.
    image.draft("RGB", (size, size))
    small = ImageOps.exif_transpose(image)
    # First: a palette shrinks badly, and 16 bits a channel not at all.
    if small.mode not in ("RGB", "RGBA"):
        small = small.convert("RGBA" if "transparency" in small.info else "RGB")
    small.thumbnail((size, size))
    return small


def _within(longest: int, size: tuple[int, int]) -> tuple[int, int]:
    scale = longest / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _check_pixels(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise BadPicture(f"The picture claims {image.width} × {image.height} pixels.")


# -- As a reference ------------------------------------------------------------------------------------------

#: What is wrong with a reference: its bytes, its smaller side, its pixels, its aspect.
REFERENCE_TEXTS = (
    _("It has %(size)s MB; a reference may have %(max)s at most."),
    _("It has %(width)s × %(height)s pixels; each side of a reference must have more than %(min)s."),
    _("It has %(width)s × %(height)s pixels; a reference may have %(max)s megapixels at most."),
    _("The aspect of %(width)s × %(height)s is outside 1:16 to 16:1."),
)


def check_reference(facts: Facts, size: int) -> Problem | None:
    """Tell what is wrong with a picture of so many bytes as a reference, or ``None``."""
    width, height = facts.width, facts.height
    megabytes = {"size": f"{size / 2**20:.1f}", "max": REFERENCE_BYTES >> 20}
    sides = {"width": width, "height": height}
    wrong: tuple[tuple[bool, Mapping[str, Any]], ...] = (
        (size > REFERENCE_BYTES, megabytes),
        (min(width, height) <= REFERENCE_MIN_SIDE, {**sides, "min": REFERENCE_MIN_SIDE}),
        (width * height > REFERENCE_PIXELS, {**sides, "max": REFERENCE_PIXELS // 1_000_000}),
        (max(width, height) > MAX_ASPECT * min(width, height), sides),
    )
    for (is_wrong, params), text in zip(wrong, REFERENCE_TEXTS, strict=True):
        if is_wrong:
            return Problem("inputs.referenceImages", "invalidReferenceImages", text, params)
    return None
