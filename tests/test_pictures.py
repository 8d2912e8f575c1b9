"""Looking at picture files: what they are, whether they are whole, and a small preview."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from seedream_django import marks, pictures
from seedream_django.exceptions import BadPicture


def picture(
    path: Path, format: str, mode: str = "RGB", size: tuple[int, int] = (640, 400), **values: Any
) -> Path:
    """A file full of noise, so that a cut through it is a cut through the picture."""
    noise = random.Random(7).randbytes(size[0] * size[1])
    Image.frombytes("L", size, noise).convert(mode).save(path, format, **values)
    return path


@pytest.mark.parametrize(("format", "name"), [("JPEG", "JPG"), ("PNG", "PNG"), ("WEBP", "WEBP")])
def test_inspect(format: str, name: str, tmp_path: Path) -> None:
    """The format is what the bytes are, whatever the file is called."""
    path = picture(tmp_path / "a.txt", format)
    assert pictures.inspect(path) == pictures.Facts(name, 640, 400)


def test_several_in_one_jpeg(tmp_path: Path) -> None:
    """A phone's photo may have another picture behind it: it is the JPEG that it begins with."""
    Image.new("RGB", (64, 48)).save(
        path := tmp_path / "a.jpg", "MPO", save_all=True, append_images=[Image.new("RGB", (32, 24))]
    )
    assert pictures.glance(path) == pictures.inspect(path) == pictures.Facts("JPG", 64, 48)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.98])
def test_truncated(format: str, share: float, tmp_path: Path) -> None:
    """A file that is cut anywhere is caught by the full decode."""
    path = picture(tmp_path / "a", format)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BadPicture, match="broken or not a picture"):
        pictures.inspect(path)


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header claims more than there is."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    )


NOT_PICTURES = [
    b"", b"<html>502 Bad Gateway</html>", b"GIF89a" + b"\0" * 100, b"BM" + b"\0" * 100, b"\0" * 1000,
    b"%!PS-Adobe-3.0 EPSF-3.0\n", bomb(60_000, 60_000), bomb(8000, 8000), bomb(0, 0),
]  # fmt: skip


@pytest.mark.parametrize("data", NOT_PICTURES, ids=range(len(NOT_PICTURES)))
def test_not_a_picture(data: bytes, tmp_path: Path) -> None:
    """Other formats, pages, nothing at all, and headers that claim too much are refused before a decode."""
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    with pytest.raises(BadPicture):
        pictures.inspect(path)


@pytest.mark.parametrize(("format", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "RGBA"),
                                              ("PNG", "P"), ("PNG", "I;16"), ("WEBP", "RGBA")])  # fmt: skip
def test_preview(format: str, mode: str, tmp_path: Path) -> None:
    """Every mode gives a small WEBP with the mark, the longer side at the limit."""
    small = pictures.preview(picture(tmp_path / "a", format, mode), 48, marks.XMP)
    with Image.open(io.BytesIO(small)) as preview:
        assert (preview.format, preview.size) == ("WEBP", (48, 30))
    (tmp_path / "small").write_bytes(small)
    assert marks.is_marked(tmp_path / "small")


def test_preview_stands_as_the_picture_does(tmp_path: Path) -> None:
    """A picture that is turned by its Exif is turned in the preview."""
    exif = Image.Exif()
    exif[0x0112] = 6
    small = pictures.preview(picture(tmp_path / "a", "JPEG", exif=exif), 64)
    with Image.open(io.BytesIO(small)) as preview:
        assert preview.size == (40, 64)


def test_preview_never_grows(tmp_path: Path) -> None:
    """A picture that is smaller than a preview stays as it is."""
    small = pictures.preview(picture(tmp_path / "a", "PNG", size=(30, 20)), 480)
    with Image.open(io.BytesIO(small)) as preview:
        assert preview.size == (30, 20)
