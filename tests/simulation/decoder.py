"""Pictures of a few hundred bytes that still know whether they are whole, and a decoder for them."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image

from seedream_django.exceptions import BadPicture
from seedream_django.pictures import MAX_PIXELS, Facts

from .world import world

MARK = b"made by AI"
DIGEST = 64


def draw(image_uuid: str, *, pixels: int = 4_000_000, poison: bool = False) -> bytes:
    """The bytes of one picture: what it says of itself, some filling, and a digest of both."""
    header = json.dumps({"uuid": image_uuid, "pixels": pixels, "poison": poison}).encode()
    body = header + b"\n" + hashlib.sha256(header).digest() * 8
    return body + hashlib.sha256(body).hexdigest().encode()


def read(data: bytes) -> dict[str, Any]:
    """What a whole picture says of itself, marked or not. Raises ValueError for any other bytes."""
    data = data.removesuffix(MARK)
    body, digest = data[:-DIGEST], data[-DIGEST:]
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise ValueError("not whole")
    header: dict[str, Any] = json.loads(body.partition(b"\n")[0])
    return header


def _small(colour: str) -> bytes:
    """What somebody gives to make a picture from: a real one, since its header is read by the app's own code."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(out, "PNG")
    return out.getvalue()


GIVEN = [_small("teal"), _small("coral")]


# -- What the app's own decoder is replaced by ---------------------------------------------------------------


def inspect(path: Path, *args: Any, **kwargs: Any) -> Facts:
    world().look("decode")
    try:
        header = read(path.read_bytes())
    except ValueError as error:
        raise BadPicture("The file is broken or not a picture.") from error
    if header["pixels"] > MAX_PIXELS:
        world().count("download-endless")
        raise BadPicture(f"The picture claims {header['pixels']} pixels.")
    if header["poison"]:
        world().count("worker-poison")
        world().kill("the picture ended its worker")
    return Facts("JPG", 2048, 2048)


def preview(path: Path, *args: Any, **kwargs: Any) -> bytes:
    header = read(path.read_bytes())
    return draw(header["uuid"], pixels=1)


def mark(source: Path, target: Path, *args: Any, **kwargs: Any) -> None:
    target.write_bytes(source.read_bytes().removesuffix(MARK) + MARK)
