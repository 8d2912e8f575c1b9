"""The mark goes in without a pixel changing, and nothing broken gets through or hangs."""

from __future__ import annotations

import io
import struct
import tempfile
import tracemalloc
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, PngImagePlugin

from seedream_django import marks
from seedream_django.exceptions import BadPicture

OTHER = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="Agency"/></rdf:RDF></x:xmpmeta>'
    b'<?xpacket end="w"?>'
)


def drawing(mode: str = "RGB", size: tuple[int, int] = (61, 43)) -> Image.Image:
    """A picture whose pixels all differ from their neighbours, with every alpha where the mode has one."""
    ramp = Image.linear_gradient("L").resize(size)
    bands = [ramp, ramp.rotate(90), ramp.rotate(180), ramp.rotate(270)]
    if mode == "P":
        return Image.merge("RGB", bands[:3]).quantize(16)
    return Image.merge(mode, bands[: len(mode)])


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def itxt(packet: str, *, packed: bool = False) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet, zip=packed)
    return saved(drawing(), "PNG", pnginfo=info)


def exif() -> bytes:
    return b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"


FRAMES = [drawing(), drawing().rotate(90), drawing().rotate(180)]
FILES = {
    "jpeg": saved(drawing(), "JPEG"),
    "jpeg grey": saved(drawing("L"), "JPEG"),
    "jpeg cmyk": saved(drawing("CMYK"), "JPEG"),
    "jpeg progressive": saved(drawing(), "JPEG", progressive=True),
    "jpeg with exif": saved(drawing(), "JPEG", exif=exif()),
    "jpeg with a profile": saved(drawing(), "JPEG", icc_profile=b"p" * 70_000),
    "jpeg with a packet": saved(drawing(), "JPEG", xmp=OTHER),
    "png": saved(drawing(), "PNG"),
    "png with alpha": saved(drawing("RGBA"), "PNG"),
    "png palette": saved(drawing("P"), "PNG", transparency=3),
    "png with a packet": itxt(OTHER.decode()),
    "png with a packed packet": itxt(OTHER.decode(), packed=True),
    "webp lossy": saved(drawing(), "WEBP"),
    "webp lossy odd size": saved(drawing(size=(1, 3)), "WEBP"),
    "webp lossy with alpha": saved(drawing("RGBA"), "WEBP"),
    "webp lossless": saved(drawing(), "WEBP", lossless=True),
    "webp lossless with alpha": saved(drawing("RGBA"), "WEBP", lossless=True, exact=True),
    "webp with exif": saved(drawing(), "WEBP", exif=exif()),
    "webp with a packet": saved(drawing(), "WEBP", xmp=OTHER),
    "webp animated": saved(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:], lossless=True),
}
kinds = pytest.mark.parametrize("kind", FILES)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


def frames(path: Path) -> list[Image.Image]:
    with Image.open(path) as image:
        images = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            images.append(image.convert("RGBA") if image.mode == "P" else image.copy())
        return images


def packet_by_pillow(path: Path) -> bytes:
    with Image.open(path) as image:
        image.load()
        packet = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
    return packet.encode() if isinstance(packet, str) else packet


def descriptions(path: Path) -> list[ElementTree.Element]:
    """The RDF descriptions in the packet that Pillow finds, read by a parser of XML."""
    tree = ElementTree.fromstring(packet_by_pillow(path))
    return tree.findall(".//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")


# -- What the mark does --------------------------------------------------------------------------------------


@kinds
def test_pixels_are_identical_and_pillow_reads_the_mark(kind: str, source: Path, target: Path) -> None:
    """Every kind of file keeps every pixel of every frame, and another program finds the property."""
    source.write_bytes(FILES[kind])
    marks.mark(source, target)
    before, after = frames(source), frames(target)
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert (old.mode, old.size) == (new.mode, new.size)
        assert ImageChops.difference(old, new).getbbox(alpha_only=False) is None
    assert f'DigitalSourceType="{marks.SOURCE_TYPE}"'.encode() in packet_by_pillow(target)
    assert marks.is_marked(target)
    assert not marks.is_marked(source)


@kinds
def test_marking_twice_changes_nothing(kind: str, source: Path, target: Path, tmp_path: Path) -> None:
    """A marked file is copied byte for byte, so a repeated store makes the same file with the same hash."""
    source.write_bytes(FILES[kind])
    marks.mark(source, target)
    marks.mark(target, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == target.read_bytes()
    assert target.read_bytes().count(marks.SOURCE_TYPE.encode()) == 1


@kinds
def test_everything_but_the_packet_stays(kind: str, source: Path, target: Path) -> None:
    """EXIF, profile, orientation and animation are as they were; Pillow's parsers agree on the whole file."""
    source.write_bytes(FILES[kind])
    marks.mark(source, target)
    with Image.open(source) as old, Image.open(target) as new:
        for name in ("exif", "icc_profile", "jfif", "transparency", "duration", "loop"):
            assert old.info.get(name) == new.info.get(name), name
        assert dict(old.getexif()) == dict(new.getexif())


@pytest.mark.parametrize("kind", [kind for kind in FILES if kind.endswith("packet")])
def test_the_provider_s_packet_keeps_its_content(kind: str, source: Path, target: Path) -> None:
    """A packet that was there gains the mark, is still XML, and is the only one in the file."""
    source.write_bytes(FILES[kind])
    marks.mark(source, target)
    packet = marks.read(target) or ""
    assert 'photoshop:Credit="Agency"' in packet
    assert marks.SOURCE_TYPE in packet
    assert len(descriptions(target)) == 2


@pytest.mark.parametrize(
    "packet",
    [
        OTHER.replace(b"photoshop:Credit", b"photoshop:DigitalSourceType"),
        OTHER.replace(b"</x:xmpmeta>", b""),
        OTHER.replace(b"<x:xmpmeta", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x:xmpmeta"),
        OTHER.replace(b"Agency", b"\xff\xfe"),
        OTHER.replace(b"Agency", b"x" * (65_500 - len(OTHER))),
        b"",
        b"not XML at all",
    ],
    ids=["another source type", "not closed", "entities", "not UTF-8", "full", "empty", "garbage"],
)
def test_a_packet_that_cannot_take_the_mark_is_replaced(packet: bytes, source: Path, target: Path) -> None:
    """Rather a lost packet than two values of one property, or a file without the mark."""
    plain = FILES["jpeg"]
    source.write_bytes(plain[:20] + marks._segment(packet) + plain[20:])
    marks.mark(source, target)
    assert (marks.read(target) or "").encode() == marks.XMP
    assert ImageChops.difference(frames(source)[0], frames(target)[0]).getbbox() is None


def test_an_own_packet_goes_in_as_it_is(source: Path, target: Path) -> None:
    """``xmp=`` replaces what is there as a whole; a JPEG's limit is told before a file is made."""
    source.write_bytes(FILES["jpeg with a packet"])
    marks.mark(source, target, b"<own/>")
    assert marks.read(target) == "<own/>"
    with pytest.raises(ValueError, match="does not fit"):
        marks.mark(source, target.with_name("other"), b"x" * 70_000)
    assert not target.with_name("other").exists()


@pytest.mark.parametrize(
    "text",
    [
        f"<a:DigitalSourceType>{marks.SOURCE_TYPE}</a:DigitalSourceType>",
        f"<a:DigitalSourceType rdf:resource='{marks.SOURCE_TYPE}'/>",
        f"a:DigitalSourceType = '{marks.SOURCE_TYPE}'",
    ],
)
def test_every_spelling_of_the_property_counts(text: str, source: Path) -> None:
    """The provider may come to mark its own pictures; none is then marked twice."""
    source.write_bytes(itxt(text))
    assert marks.is_marked(source)


def test_another_source_type_is_no_mark(source: Path) -> None:
    """The value has to be ours to its end, not only to begin like it."""
    source.write_bytes(itxt(f'a:DigitalSourceType="{marks.SOURCE_TYPE}Composite"'))
    assert not marks.is_marked(source)


def test_the_packet_says_which_program_made_it(source: Path, target: Path) -> None:
    """Tool and source type are under the names and namespaces that the standards give them."""
    source.write_bytes(FILES["jpeg"])
    marks.mark(source, target)
    (description,) = descriptions(target)
    iptc, xmp = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}", "{http://ns.adobe.com/xap/1.0/}"
    assert description.get(f"{iptc}DigitalSourceType") == marks.SOURCE_TYPE
    assert description.get(f"{xmp}CreatorTool") == marks.TOOL


# -- Layout --------------------------------------------------------------------------------------------------


def test_jpeg_keeps_jfif_and_exif_in_front(source: Path, target: Path) -> None:
    """JFIF demands to be first and EXIF readers look there: the new segment follows both."""
    source.write_bytes(FILES["jpeg with exif"])
    marks.mark(source, target)
    data = target.read_bytes()
    assert data[2:4] in (b"\xff\xe0", b"\xff\xe1")
    assert data.index(b"Exif\0\0") < data.index(b"http://ns.adobe.com/xap/1.0/\0") < data.index(b"\xff\xdb")


def test_png_chunk_follows_the_header_and_has_a_good_checksum(source: Path, target: Path) -> None:
    """Ancillary text before the picture is found by readers that stop at IDAT."""
    source.write_bytes(FILES["png"])
    marks.mark(source, target)
    data = target.read_bytes()
    (length,) = struct.unpack(">I", data[33:37])
    assert data[37:41] == b"iTXt"
    assert struct.unpack(">I", data[41 + length : 45 + length])[0] == zlib.crc32(data[37 : 41 + length])


@pytest.mark.parametrize(
    ("kind", "alpha"), [("webp lossy", 0), ("webp lossless", 0), ("webp lossless with alpha", 0x10)]
)
def test_simple_webp_becomes_extended(kind: str, alpha: int, source: Path, target: Path) -> None:
    """Canvas, flags and the file's length are right: a decoder may trust them for its buffers."""
    source.write_bytes(FILES[kind])
    marks.mark(source, target)
    data = target.read_bytes()
    assert data[12:16] == b"VP8X"
    assert data[20] == 0x04 | alpha
    assert (int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1) == (61, 43)
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    assert len(data) % 2 == 0


def test_webp_without_its_last_padding_is_repaired(source: Path, target: Path) -> None:
    """A writer that forgets the last byte of padding costs nobody a paid picture."""
    plain = saved(drawing(size=(16, 16)), "WEBP", lossless=True)
    (length,) = struct.unpack("<I", plain[16:20])
    odd = plain[: 20 + length] if length % 2 else plain[:20] + plain[20 : 20 + length] + b"\0"
    odd = odd[:16] + struct.pack("<I", len(odd) - 20) + odd[20:]
    source.write_bytes(odd[:4] + struct.pack("<I", len(odd) - 8) + odd[8:])
    assert len(odd) % 2 == 1
    marks.mark(source, target)
    assert marks.is_marked(target)
    assert frames(target)[0].size == (16, 16)


# -- What must not go through --------------------------------------------------------------------------------

BROKEN = {
    "nothing": b"",
    "text": b"<html>502 Bad Gateway</html>",
    "gif": saved(drawing("P"), "GIF"),
    "jpeg start only": b"\xff\xd8\xff",
    "jpeg fill bytes only": b"\xff\xd8" + b"\xff" * 200,
    "jpeg length 0": b"\xff\xd8\xff\xe0\0\0" + b"\0" * 50,
    "jpeg length beyond the end": b"\xff\xd8\xff\xe0\xff\xff" + b"\0" * 50,
    "jpeg without a scan": FILES["jpeg"][:20] + b"\xff\xd9",
    "png without IEND": FILES["png"][:-12],
    "png length beyond the end": FILES["png"][:33] + b"\xff\xff\xff\xff" + FILES["png"][37:],
    "png without a header": FILES["png"][:8] + FILES["png"][33:],
    "png kind of no letters": FILES["png"][:37] + b"\0\0\0\0" + FILES["png"][41:],
    "webp without chunks": b"RIFF\x04\0\0\0WEBP",
    "webp cut": FILES["webp lossy"][:-2],
    "webp without a picture": b"RIFF\x0c\0\0\0WEBPABCD\0\0\0\0",
    "webp inter frame": FILES["webp lossy"][:20] + b"\1" + FILES["webp lossy"][21:],
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_refused_before_a_file_is_made(kind: str, source: Path, target: Path) -> None:
    """One exception for all of it, and no target that somebody could take for a picture."""
    source.write_bytes(BROKEN[kind])
    for action in (lambda: marks.mark(source, target), lambda: marks.read(source)):
        with pytest.raises(BadPicture):
            action()
    assert not target.exists()


@pytest.mark.parametrize("count", [2, 400_000])
def test_a_bomb_of_tiny_segments_is_cut_off(count: int, source: Path, target: Path) -> None:
    """Segments of no content cost a step each: their number is bounded, so the time is."""
    source.write_bytes(b"\xff\xd8" + b"\xff\xe5\0\x02" * count + FILES["jpeg"][2:])
    if count < marks.PARTS:
        marks.mark(source, target)
        assert marks.is_marked(target)
    else:
        with pytest.raises(BadPicture):
            marks.mark(source, target)


def test_a_packed_bomb_in_a_packet_stays_small(source: Path, target: Path) -> None:
    """100 MB of packet, packed into 100 KB, are never unpacked beyond the cap."""
    content = b"iTXtXML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b" " * 100_000_000, 1)
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    source.write_bytes(FILES["png"][:33] + chunk + FILES["png"][33:])
    assert len(marks.read(source) or "") == marks.PACKET_BYTES
    marks.mark(source, target)
    assert (marks.read(target) or "").encode() == marks.XMP


def test_in_place_is_refused(source: Path) -> None:
    """Writing over what is being read would lose the only copy of a paid picture."""
    source.write_bytes(FILES["jpeg"])
    with pytest.raises(ValueError, match="in place"):
        marks.mark(source, source)
    assert source.read_bytes() == FILES["jpeg"]


def test_memory_does_not_grow_with_the_picture(source: Path, target: Path) -> None:
    """30 MB of picture go through in pieces: less than 2 MB are held at any time."""
    with open(source, "wb") as file:
        file.write(FILES["jpeg"])
        file.truncate(30 << 20)
    tracemalloc.start()
    marks.mark(source, target)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert target.stat().st_size > 30 << 20
    assert peak < 2 << 20


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(sorted(FILES)),
    cut=st.integers(0, 3000),
    edits=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
)
def test_mutated_files_are_marked_or_refused(kind: str, cut: int, edits: list[tuple[int, int]]) -> None:
    """Bytes changed in the structure, or cut off: the mark is in and readable, or it is BadPicture."""
    data = bytearray(FILES[kind][: len(FILES[kind]) - cut if cut > 1500 else None])
    for position, value in edits:
        if position < len(data):
            data[position] = value
    _mark_or_refuse(bytes(data))


@settings(max_examples=150, deadline=None)
@given(
    head=st.sampled_from(
        [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\0\0\0WEBP", b"RIFF\x20\0\0\0WEBPVP8X"]
    ),
    tail=st.binary(max_size=300),
)
def test_garbage_is_refused(head: bytes, tail: bytes) -> None:
    """Anything behind a good signature ends in an answer, never in an error of struct or an index."""
    _mark_or_refuse(head + tail)


def _mark_or_refuse(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source"), Path(folder, "target")
        source.write_bytes(data)
        try:
            marks.mark(source, target)
        except BadPicture:
            assert not target.exists()
        else:
            assert marks.is_marked(target)
