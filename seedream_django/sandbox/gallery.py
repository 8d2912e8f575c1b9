"""Pictures as files: drawn when they are asked for, a few of the last ones kept in memory."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from .painting import painter

#: outputFormat -> (extension, content type).
FORMATS = {"JPG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "WEBP": ("webp", "image/webp")}

#: The file behind a reference's key; None where it is an address that nobody fetches.
Media = Callable[[str], bytes | None]

#: Bytes of finished files that are kept: some thirty pictures of 2K.
_KEPT = 64 * 1024 * 1024


@dataclass(frozen=True)
class Order:
    """What a picture depends on: the same order is the same bytes. Sizes in pixels, ``quality`` 20 to 99.

    ``references`` are the keys of what it is made from, in order; ``frame`` is its place among the ``frames`` of
    one sequence, from 0.
    """

    prompt: str
    seed: int
    width: int
    height: int
    format: str
    quality: int
    references: tuple[str, ...] = ()
    frame: int = 0
    frames: int = 1


class Gallery:
    """Draws each order once as long as it is remembered. Safe across threads."""

    def __init__(self, *, plain: bool = False) -> None:
        self._draw = painter.plain if plain else painter.paint
        self._plain = plain
        self._files: OrderedDict[Order, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def file(self, order: Order, media: Media) -> bytes:
        """The picture's file, in its format. ``media`` gives the file behind a reference's key, or None."""
        with self._lock:
            if order in self._files:
                self._files.move_to_end(order)
                return self._files[order]
        data = self._encode(order)  # outside the lock: a second of work must not hold up the others
        self._keep(order, data)
        return data

    def _encode(self, order: Order) -> bytes:
        picture = self._draw(order.prompt, order.seed, order.width, order.height)
        out = io.BytesIO()
        _SAVERS[order.format](picture, out, order.quality, self._plain)
        return out.getvalue()

    def _keep(self, order: Order, data: bytes) -> None:
        with self._lock:
            if order not in self._files:
                self._files[order] = data
                self._size += len(data)
            while self._size > _KEPT:
                _, dropped = self._files.popitem(last=False)
                self._size -= len(dropped)


def _save_jpg(picture: Image.Image, out: io.BytesIO, quality: int, fast: bool) -> None:
    picture.save(out, "JPEG", quality=quality)


def _save_png(picture: Image.Image, out: io.BytesIO, quality: int, fast: bool) -> None:
    picture.save(out, "PNG", compress_level=1 if fast else 4)  # lossless: it has no quality


def _save_webp(picture: Image.Image, out: io.BytesIO, quality: int, fast: bool) -> None:
    picture.save(out, "WEBP", quality=quality, method=0 if fast else 2)


_SAVERS = {"JPG": _save_jpg, "PNG": _save_png, "WEBP": _save_webp}
