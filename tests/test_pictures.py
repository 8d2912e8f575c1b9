"""Looking at picture files: what they are, whether they are whole, and a small preview."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from seedream_django import marks, pictures
from seedream_django.exceptions import BadPicture

from . import memory


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


# -- A part of it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aspect", "focal", "box"),
    [
        (1, (50, 50), (200, 0, 600, 400)),
        (1, (0, 0), (0, 0, 400, 400)),
        (1, (100, 100), (400, 0, 800, 400)),
        (1, (30, 90), (40, 0, 440, 400)),
        (4, (30, 90), (0, 200, 800, 400)),
        (4, (30, 60), (0, 140, 800, 340)),
        (2, (7, 93), (0, 0, 800, 400)),
        (1e6, (50, 50), (0, 200, 800, 201)),
        (1e-6, (100, 50), (799, 0, 800, 400)),
    ],
)
def test_cut(aspect: float, focal: tuple[int, int], box: tuple[int, int, int, int]) -> None:
    """The largest part of that shape, its middle at the focal point, moved inside where that is near an edge."""
    assert pictures.cut(800, 400, aspect, focal) == box


def test_a_cut_keeps_the_focal_point() -> None:
    """Whatever the shape: the part is inside the picture, touches two of its edges, and has the point in it."""
    chance = random.Random(7)
    for _number in range(2000):
        width, height = chance.randint(1, 4000), chance.randint(1, 4000)
        aspect, focal = 4 ** chance.uniform(-2, 2), (chance.randint(0, 100), chance.randint(0, 100))
        left, top, right, bottom = pictures.cut(width, height, aspect, focal)
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert right - left == width or bottom - top == height
        assert left - 1 <= width * focal[0] / 100 <= right + 1
        assert top - 1 <= height * focal[1] / 100 <= bottom + 1
        assert abs((right - left) - aspect * (bottom - top)) <= max(aspect, 1)


# -- A copy for a place --------------------------------------------------------------------------------------


def striped(path: Path, size: tuple[int, int], format: str = "PNG", **values: Any) -> Path:
    """Each column as red as it is far from the left, in percent of the width; each row as green."""
    image = Image.linear_gradient("L").rotate(90).resize(size)
    Image.merge("RGB", (image, Image.linear_gradient("L").resize(size), Image.new("L", size))).save(
        path, format, **values
    )
    return path


def corner(path: Path) -> tuple[int, int]:
    """How far from the left and the top of the original the copy begins, in percent."""
    with Image.open(path) as image:
        red, green, _blue = image.convert("RGB").getpixel((0, 0))  # type: ignore[misc]
    return round(red / 2.55), round(green / 2.55)


@pytest.mark.parametrize(
    ("size", "wanted", "result"),
    [
        ((640, 400), {}, (640, 400)),
        ((640, 400), {"width": 640}, (640, 400)),
        ((640, 400), {"width": 1000}, (640, 400)),
        ((640, 400), {"width": 320}, (320, 200)),
        ((640, 400), {"width": 100, "aspect": 1.0}, (100, 100)),
        ((640, 400), {"aspect": 21 / 9}, (640, 274)),
        ((640, 400), {"aspect": 9 / 21}, (171, 400)),
        ((640, 400), {"width": 1000, "aspect": 21 / 9}, (640, 274)),
        ((640, 400), {"width": 1}, (1, 1)),
        ((640, 400), {"aspect": 1000.0}, (640, 1)),
        ((2848, 1600), {"aspect": 16 / 9}, (2848, 1600)),
    ],
)
def test_the_size_of_a_copy(size: Any, wanted: Any, result: Any, tmp_path: Path) -> None:
    """Cut to the ratio, never enlarged, at most so wide; the provider's own 16:9 is one."""
    source = striped(tmp_path / "a", size)
    facts = pictures.rendition(source, tmp_path / "b", **wanted)
    assert facts == pictures.inspect(tmp_path / "b") == pictures.Facts("PNG", *result)
    if result == size:
        assert (tmp_path / "b").read_bytes() == source.read_bytes()


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
@pytest.mark.parametrize("width", [None, 200])
@pytest.mark.parametrize(
    ("focal", "begins"),
    [((50, 50), 25), ((0, 0), 0), ((20, 0), 0), ((40, 50), 15), ((100, 100), 50), ((75, 10), 50)],
)
def test_where_a_copy_is_cut(format: str, width: Any, focal: Any, begins: int, tmp_path: Path) -> None:
    """Half of the picture, around the point as far as the picture goes; also where a JPEG is decoded smaller."""
    source = striped(tmp_path / "a", (1600, 800), format)
    pictures.rendition(source, tmp_path / "b", width=width, aspect=1.0, focal=focal)
    left, top = corner(tmp_path / "b")
    assert abs(left - begins) <= 2
    assert top <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_that_was_held_otherwise(orientation: int, tmp_path: Path) -> None:
    """The copy is as a browser shows the original, without being turned once more."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = striped(tmp_path / "a.jpg", (640, 400), "JPEG", exif=exif)
    with Image.open(source) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    facts = pictures.rendition(source, tmp_path / "b", width=200, aspect=1.0, focal=(0, 100))
    side = min(upright.size)
    expected = upright.crop((0, upright.height - side, side, upright.height)).resize((200, 200))
    assert facts == pictures.Facts("JPG", 200, 200)
    with Image.open(tmp_path / "b") as copy:
        assert not copy.getexif()
        assert max(ImageStat.Stat(ImageChops.difference(copy, expected)).mean) < 3
    pictures.rendition(source, tmp_path / "c", width=640)
    assert (tmp_path / "c").read_bytes() == source.read_bytes()


@pytest.mark.parametrize(
    ("format", "mode", "wanted"),
    [
        ("PNG", "RGBA", "JPG"), ("PNG", "P", "JPG"), ("PNG", "L", "JPG"), ("PNG", "LA", "JPG"), ("PNG", "1", "PNG"),
        ("PNG", "LA", "WEBP"), ("JPEG", "CMYK", "PNG"), ("JPEG", "CMYK", "JPG"), ("JPEG", "L", "WEBP"),
        ("WEBP", "RGBA", "PNG"), ("WEBP", "RGB", "JPG"),
    ],
)  # fmt: skip
def test_another_format(format: str, mode: str, wanted: str, tmp_path: Path) -> None:
    """Whatever is in the file, the copy is one of the format that is wanted."""
    source = picture(tmp_path / "a", format, mode)
    facts = pictures.rendition(source, tmp_path / "b", width=320, format=wanted)
    assert facts == pictures.inspect(tmp_path / "b") == pictures.Facts(wanted, 320, 200)


def test_what_is_see_through(tmp_path: Path) -> None:
    """Where a format has no transparency there is white paper; where it has, it stays."""
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(source := tmp_path / "a", "PNG")
    pictures.rendition(source, tmp_path / "b", width=32, format="JPG")
    pictures.rendition(source, tmp_path / "c", width=32, format="WEBP")
    with Image.open(tmp_path / "b") as paper, Image.open(tmp_path / "c") as glass:
        assert min(paper.getpixel((5, 5))) > 250  # type: ignore[arg-type, type-var]
        assert glass.getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_its_colours(format: str, tmp_path: Path) -> None:
    """A copy keeps the profile that says what its numbers mean; one of inks goes with the inks."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = picture(tmp_path / "a", format, icc_profile=profile)
    pictures.rendition(source, tmp_path / "b", width=100)
    with Image.open(tmp_path / "b") as copy:
        assert copy.info["icc_profile"] == profile
    inks = picture(tmp_path / "c", "JPEG", "CMYK", icc_profile=profile)
    pictures.rendition(inks, tmp_path / "d", width=100, format="PNG")
    with Image.open(tmp_path / "d") as copy:
        assert "icc_profile" not in copy.info


def test_no_copy_of_what_is_broken(tmp_path: Path) -> None:
    """What cannot be decoded, or claims too much, is cut by nobody; a disk that fails is another matter."""
    source = picture(tmp_path / "a", "JPEG")
    source.write_bytes(source.read_bytes()[:-2000])
    with pytest.raises(BadPicture, match="broken or not a picture"):
        pictures.rendition(source, tmp_path / "b", width=100)
    (tmp_path / "c").write_bytes(bomb(8_000, 8_000))
    with pytest.raises(BadPicture):
        pictures.rendition(tmp_path / "c", tmp_path / "b")
    whole = picture(tmp_path / "d", "JPEG")
    for wanted in ({}, {"width": 100}):
        with pytest.raises(FileNotFoundError):
            pictures.rendition(whole, tmp_path / "nowhere" / "b", **wanted)


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("wanted", [{"width": 1920, "aspect": 21 / 9}, {"aspect": 21 / 9}])
def test_what_a_copy_takes_of_memory(format: str, wanted: Any, tmp_path: Path) -> None:
    """Of 9.4 megapixels less than 120 MB, however little is cut off; a JPEG that is made smaller takes 60 at most."""
    source = striped(tmp_path / "a", (4096, 2304), format)
    pictures.rendition(picture(tmp_path / "b", format), tmp_path / "c", width=100)
    before = memory.forget()
    pictures.rendition(source, tmp_path / "c", **wanted)
    limit = 60 if format == "JPEG" else 120
    assert memory.memory("VmHWM") - before < limit * memory.MEGABYTE
