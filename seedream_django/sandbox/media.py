"""Pictures that come in: what the bytes are, and whether the provider takes them (docs/wire.md, section 2)."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from PIL import Image

from ..parameters import MAX_ASPECT, REFERENCE_BYTES, REFERENCE_MIN_SIDE, REFERENCE_PIXELS

#: Pillow's name -> the provider's. Decided by content: no data URI's type and no extension is believed.
FORMATS = {"JPEG": "JPG", "PNG": "PNG", "WEBP": "WEBP"}


@dataclass(frozen=True)
class Facts:
    """``bytes`` is the file's size; ``width`` and ``height`` are in pixels."""

    bytes: int
    format: str
    width: int
    height: int


class Unusable(Exception):
    """Why this is no picture that the provider takes; ``limits`` are what it adds to its error object."""

    def __init__(self, text: str, **limits: Any) -> None:
        super().__init__(text)
        self.limits: Mapping[str, Any] = limits


def decoded(text: str) -> bytes:
    """The bytes of a data URI or of bare base64. Raises ``Unusable``."""
    if text[:5].lower() == "data:":
        head, _, text = text.partition(",")
        if not head.lower().endswith(";base64"):
            raise Unusable("A data URI must be in base64.")
    if len(text) > REFERENCE_BYTES * 4 // 3 + 4:
        _too_large()
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if not data:
        raise Unusable("Must be the UUID of a picture, a web address, a data URI or base64.")
    return data


def inspected(data: bytes) -> Facts:
    """What the file is; all of it is decoded. Raises ``Unusable``."""
    if len(data) > REFERENCE_BYTES:
        _too_large()
    try:
        with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
            # A JPEG with further pictures behind it has another name in Pillow.
            facts = Facts(len(data), FORMATS.get(str(image.format), "JPG"), image.width, image.height)
            _check_size(facts)
            image.load()
            return facts
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        _too_many_pixels()
    except (OSError, SyntaxError, ValueError):
        # Pillow raises all of these for broken files.
        known = list(FORMATS.values())
        raise Unusable("Must be a whole picture in PNG, JPG or WEBP.", allowedValues=known) from None


def _check_size(facts: Facts) -> None:
    width, height = facts.width, facts.height
    if min(width, height) <= REFERENCE_MIN_SIDE:
        raise Unusable(
            f"Each side must have more than {REFERENCE_MIN_SIDE} pixels.", min=REFERENCE_MIN_SIDE + 1
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise Unusable("The aspect must be from 1:16 to 16:1.", min=1 / MAX_ASPECT, max=MAX_ASPECT)
    if width * height > REFERENCE_PIXELS:
        _too_many_pixels()


def _too_large() -> NoReturn:
    raise Unusable("Must be a file of at most 10 MB.", max=REFERENCE_BYTES)


def _too_many_pixels() -> NoReturn:
    raise Unusable("Must have at most 36 megapixels.", max=REFERENCE_PIXELS)
