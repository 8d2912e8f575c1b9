"""Pictures as files: drawn when they are asked for, a few of the last ones kept in memory."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from .painting import edits, painter, references
from .painting.frames import Frame
from .painting.painter import Sources
from .painting.references import Reference

#: outputFormat -> (extension, content type).
FORMATS = {"JPG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "WEBP": ("webp", "image/webp")}

#: Bytes of finished files that are kept: some thirty pictures of 2K.
_KEPT = 64 * 1024 * 1024


#: References whose colours and print are remembered, some 200 kB each.
_READ = 32

#: The file behind a reference's key; None where it is an address that nobody fetches.
Media = Callable[[str], bytes | None]


def _no_media(key: str) -> bytes | None:
    return None


@dataclass(frozen=True)
class Order:
    """What a picture depends on: the same order is the same bytes. Sizes in pixels, ``quality`` 20 to 99.

    ``references``: keys in their order: the sha256 of an uploaded picture's bytes, ``picture:<imageUUID>``,
    ``url:<sha256 of a URL>``. ``frame`` counts from 0, of the ``frames`` of a sequence.
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
        self._references: OrderedDict[str, Reference] = OrderedDict()

    def file(self, order: Order, media: Media = _no_media) -> bytes:
        """The picture's file, in its format. ``media`` is asked for the references that are not remembered."""
        with self._lock:
            if order in self._files:
                self._files.move_to_end(order)
                return self._files[order]
        data = self._encode(order, media)  # outside the lock: a second of work must not hold up the others
        self._keep(order, data)
        return data

    def _encode(self, order: Order, media: Media) -> bytes:
        sources, frame = self._sources(order, media), Frame(order.frame, order.frames)
        picture = self._draw(
            order.prompt, order.seed, order.width, order.height, sources=sources, frame=frame
        )
        out = io.BytesIO()
        _SAVERS[order.format](picture, out, order.quality, self._plain)
        return out.getvalue()

    # -- What it is made from --------------------------------------------------------------------------------

    def _sources(self, order: Order, media: Media) -> Sources:
        """Each reference read by itself, and let go of, before the next one."""
        read = tuple(self._reference(key, media) for key in order.references)
        ground = None
        if read and not self._plain and edits.asked(order.prompt):
            data = media(order.references[0])
            longest = max(order.width, order.height)
            ground = (references.opened(data, longest) if data else None) or read[0].print
        return Sources(read, ground)

    def _reference(self, key: str, media: Media) -> Reference:
        with self._lock:
            if key in self._references:
                self._references.move_to_end(key)
                return self._references[key]
        found = references.read(key, media(key))
        with self._lock:
            self._references[key] = found
            while len(self._references) > _READ:
                self._references.popitem(last=False)
        return found

    # -- What was drawn --------------------------------------------------------------------------------------

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
