"""Looking at picture files: what they are, whether they are whole, and a small preview. Pure; knows no Django."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
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


def cut(
    width: int, height: int, aspect: float, focal: tuple[int, int] = (50, 50)
) -> tuple[int, int, int, int]:
    """The largest part of this aspect around the focal point: its left, top, right and bottom, in pixels.

    ``aspect`` is width divided by height; ``focal`` is in percent from the left and the top: the middle of the part
    where there is room, and always in it. Pages that show a part and copies that are one call this, so that both show
    the same.
    """
    wide = min(width, max(1, round(height * aspect)))
    high = min(height, max(1, round(width / aspect)))
    left = _start(wide, width, focal[0])
    top = _start(high, height, focal[1])
    return left, top, left + wide, top + high


def _start(length: int, whole: int, percent: int) -> int:
    return min(max(round(whole * percent / 100 - length / 2), 0), whole - length)


def _check_pixels(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise BadPicture(f"The picture claims {image.width} × {image.height} pixels.")


# -- As a copy for a place ------------------------------------------------------------------------------------

#: How well a copy is kept that had to be encoded anew.
_SAVED: dict[str, dict[str, Any]] = {
    "JPG": {"quality": 88},
    "PNG": {},
    "WEBP": {"quality": 86, "method": 4},
}
#: What each format can hold without being converted.
_MODES = {"JPG": ("RGB", "L", "CMYK"), "PNG": ("RGB", "RGBA", "L", "LA"), "WEBP": ("RGB", "RGBA")}
_PILLOW = {name: pillow for pillow, name in FORMATS.items()}
#: Ratios are the same within this factor: the provider's own 16:9 has 2848 × 1600 pixels.
SAME_RATIO = 1.002
_ORIENTATION = 0x0112


def rendition(
    source: Path,
    target: Path,
    *,
    width: int | None = None,
    aspect: float | None = None,
    focal: tuple[int, int] = (50, 50),
    format: str = "",
) -> Facts:
    """Write a copy at most ``width`` pixels wide and cut to ``aspect`` around the focal point, in percent.

    What needs neither is copied byte by byte, and not decoded. Never enlarged; the cut stays inside the picture.
    ``format`` is JPG, PNG or WEBP, and else the picture's own. Raises BadPicture, or OSError for the disk.
    """
    try:
        changed, facts = _changed(source, width, aspect, focal, format)
        if changed is None:
            shutil.copyfile(source, target)
        else:
            _save(changed, target, facts.format)
        return facts
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        # Pillow's own have no number: with one it is the disk.
        if getattr(error, "errno", None) is not None:
            raise
        raise BadPicture("The file is broken or not a picture.") from error


def _changed(
    source: Path, width: int | None, aspect: float | None, focal: tuple[int, int], format: str
) -> tuple[Image.Image | None, Facts]:
    """The picture as it is to be, or None where it is so already. Of the original nothing is kept in memory."""
    with Image.open(source, formats=list(FORMATS)) as image:
        _check_pixels(image)
        own = _NAMES[image.format or ""]
        box, size = _cut(_upright(image), width, aspect, focal)
        facts = Facts(format or own, *size)
        if facts.format == own and size == _upright(image):
            return None, facts
        return _scaled(image, box, size), facts


def _upright(image: Image.Image) -> tuple[int, int]:
    """Its size as a browser shows it: a camera may have been held sideways."""
    sideways = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    return (image.height, image.width) if sideways else image.size


def _cut(
    whole: tuple[int, int], width: int | None, aspect: float | None, focal: tuple[int, int]
) -> tuple[tuple[int, int, int, int], tuple[int, int]]:
    """The part of the picture that is kept, and how large it becomes."""
    kept = list(whole)
    ratio = whole[0] / whole[1]
    if aspect and not 1 / SAME_RATIO < ratio / aspect < SAME_RATIO:
        kept = [min(whole[0], round(whole[1] * aspect)), min(whole[1], round(whole[0] / aspect))]
    kept = [max(1, side) for side in kept]
    corner = [
        min(max(0, round(side * point / 100 - part / 2)), side - part)
        for side, part, point in zip(whole, kept, focal, strict=True)
    ]
    size = (kept[0], kept[1])
    if width and width < kept[0]:
        size = (width, max(1, round(width * kept[1] / kept[0])))
    return (corner[0], corner[1], corner[0] + kept[0], corner[1] + kept[1]), size


def _scaled(image: Image.Image, box: tuple[int, int, int, int], size: tuple[int, int]) -> Image.Image:
    whole = _upright(image)
    # JPEG can be decoded at a fraction of its size, which takes a fraction of the memory.
    factor = size[0] / (box[2] - box[0])
    image.draft(image.mode, (ceil(image.width * factor), ceil(image.height * factor)))
    profile = image.info.get("icc_profile")
    if image.getexif().get(_ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
    if image.mode not in ("RGB", "RGBA", "L", "LA", "CMYK"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    decoded = image.width / whole[0], image.height / whole[1]
    part = tuple(edge * decoded[number % 2] for number, edge in enumerate(box))
    scaled = image.resize(size, Image.Resampling.LANCZOS, box=part, reducing_gap=3)  # type: ignore[arg-type]
    scaled.info = {"icc_profile": profile} if profile else {}
    return scaled


def _save(image: Image.Image, target: Path, format: str) -> None:
    profile = image.info.get("icc_profile")
    if image.mode not in _MODES[format]:
        # A profile of inks says nothing of a screen's colours.
        profile = None if image.mode == "CMYK" else profile
        image = image.convert("RGBA" if "A" in image.mode else "RGB")
    if image.mode == "RGBA" and format == "JPG":
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    image.save(target, _PILLOW[format], icc_profile=profile, **_SAVED[format])


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
