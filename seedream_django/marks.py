"""The mark "made by AI", put into a picture's file without touching a pixel.

The mark is one property of the IPTC, ``DigitalSourceType = trainedAlgorithmicMedia``, in an XMP packet. A
re-save through Pillow would encode the picture anew and, for PNG, drop the packet in silence; so the bytes
are inserted:

======  ===================================================================================================
JPEG    one APP1 segment, after the leading APP0 and Exif segments
PNG     one ``iTXt`` chunk "XML:com.adobe.xmp", after ``IHDR``
WEBP    one ``XMP `` chunk at the end, and its flag in ``VP8X``; a simple file becomes an extended one first
======  ===================================================================================================

A packet that is already there keeps its content and gains the mark, if it is plain RDF of a sane size; one
that names another source type, or cannot be read, is replaced: two contradicting values would be worse than a
loss. Only the structure around the picture is read and the rest is copied in pieces, so memory does not grow
with it.
"""

from __future__ import annotations

import os
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from .exceptions import BadPicture

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TOOL = "ByteDance Seedream 5.0 Lite"

_DESCRIPTION = (
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    f' Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"'
)


def _tool(name: str) -> str:
    """Who made it, as an attribute of its own namespace; nothing where nobody knows."""
    # What XML has no room for at all, escaped or not.
    name = re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", name)
    return f' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool={quoteattr(name)}' if name else ""


_TOOL = _tool(TOOL)

#: The packet that a file without one gets. The framing is Adobe's, XMP specification part 1, section 7.3.
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    f"{_DESCRIPTION}{_TOOL}/></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
).encode()

#: Bytes of a packet that are read: what a JPEG segment holds is 64 KB, and a camera's is 10.
PACKET_BYTES = 1 << 20
#: Segments or chunks of one file. A PNG of 42 MB in chunks of 8 KB has 5,000.
PARTS = 50_000
_PIECE = 1 << 18


@dataclass(frozen=True)
class _Edit:
    """Put ``new`` in place of the bytes from ``start`` to ``end``."""

    start: int
    end: int
    new: bytes = b""


@dataclass(frozen=True)
class _Layout:
    """Where a file has its packet, if any, and how to give it another: ``edits(packet)``, in any order."""

    packet: bytes | None
    edits: Callable[[bytes], list[_Edit]]
    largest: int = PACKET_BYTES


# -- What others call ----------------------------------------------------------------------------------------


def packet_for(tool: str = TOOL) -> bytes:
    """The packet of a file without one. ``tool``: what made the picture, or blank where nobody knows."""
    return XMP if tool == TOOL else XMP.replace(_TOOL.encode(), _tool(tool).encode())


def mark(source: Path, target: Path, xmp: bytes | None = None, *, tool: str = TOOL) -> None:
    """Write ``source`` with the mark to ``target``; a file that has it is copied as it is.

    ``xmp`` is put in as the whole packet instead; a JPEG takes up to 65,504 bytes. ``tool``: as for ``packet_for``.
    Raises ``BadPicture`` for what is no JPEG, PNG or WEBP, or not one from end to end; then ``target`` is
    untouched. An ``OSError`` of the disk leaves no ``target``.
    """
    with open(source, "rb") as file:
        layout = _layout(file)
        new = xmp if xmp is not None else _merged(layout, tool)
        edits = [] if new == layout.packet else layout.edits(new)
        if target.exists() and os.path.samestat(os.fstat(file.fileno()), target.stat()):
            raise ValueError("A picture cannot be marked in place: a crash half-way would lose it.")
        _write(file, target, sorted(edits, key=lambda edit: (edit.start, edit.end)))


def read(path: Path) -> str | None:
    """Return the file's XMP packet. Raises ``BadPicture``."""
    with open(path, "rb") as file:
        found = _layout(file).packet
    return None if found is None else found.decode("utf-8", "replace")


def is_marked(path: Path) -> bool:
    """Tell whether the file says that it was made by AI. Raises ``BadPicture``."""
    return _says_so(read(path) or "")


# -- The packet ----------------------------------------------------------------------------------------------


def _says_so(packet: str) -> bool:
    """RDF writes a property as an attribute, as an element, or as one with ``rdf:resource``."""
    value = rf"(?:=\s*[\"']|>|rdf:resource\s*=\s*[\"'])\s*{re.escape(SOURCE_TYPE)}\b"
    return re.search(rf"DigitalSourceType\s*{value}", packet) is not None


def _merged(layout: _Layout, tool: str) -> bytes:
    """Return the packet to write: the present one if it is marked, else with our description if it can be."""
    if layout.packet is None:
        return packet_for(tool)
    text = layout.packet.decode("utf-8", "replace")
    if _says_so(text):
        return layout.packet
    made_by = "" if "CreatorTool" in text else _tool(tool)
    merged = text.replace("</rdf:RDF>", f"{_DESCRIPTION}{made_by}/></rdf:RDF>").encode()
    plain = "DigitalSourceType" not in text and text.count("</rdf:RDF>") == 1 and _is_xml(text)
    return (
        merged if plain and len(merged) <= layout.largest and _is_xml(merged.decode()) else packet_for(tool)
    )


def _is_xml(text: str) -> bool:
    """Tell whether it is well-formed, entities and damaged characters apart: XMP needs neither."""
    if "<!" in text or "\ufffd" in text:
        return False
    try:
        ElementTree.fromstring(text.strip("\ufeff\0 \r\n\t"))
    except ElementTree.ParseError:
        return False
    return True


# -- The file ------------------------------------------------------------------------------------------------


def _layout(file: BinaryIO) -> _Layout:
    size = os.fstat(file.fileno()).st_size
    head = file.read(12)
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg(file, size)
    if head.startswith(_PNG_SIGNATURE):
        return _png(file, size)
    if head.startswith(b"RIFF") and head.endswith(b"WEBP"):
        return _webp(file, size)
    raise BadPicture("The file is no JPEG, PNG or WEBP.")


def _write(file: BinaryIO, target: Path, edits: list[_Edit]) -> None:
    try:
        with open(target, "wb") as out:
            position = 0
            for edit in edits:
                _copy(file, out, position, edit.start)
                out.write(edit.new)
                position = edit.end
            _copy(file, out, position, os.fstat(file.fileno()).st_size)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _copy(file: BinaryIO, out: BinaryIO, start: int, end: int) -> None:
    """Copy one range in pieces; ``shutil.copyfileobj`` knows only "to the end"."""
    file.seek(start)
    while start < end:
        piece = file.read(min(_PIECE, end - start))
        if not piece:
            raise BadPicture("The file became shorter while it was read.")
        out.write(piece)
        start += len(piece)


def take(file: BinaryIO, start: int, count: int) -> bytes:
    """Read exactly ``count`` bytes at ``start``. Raises BadPicture."""
    file.seek(start)
    taken = file.read(count)
    if len(taken) != count:
        raise BadPicture("The file is cut short.")
    return taken


# -- JPEG ----------------------------------------------------------------------------------------------------

JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_APP0, _APP1, _SOS = 0xE0, 0xE1, 0xDA
#: A segment's length has two bytes and counts itself.
_JPEG_LARGEST = 0xFFFF - 2 - len(JPEG_XMP)


def _jpeg(file: BinaryIO, size: int) -> _Layout:
    place, leading, old, packet = 2, True, [], None
    for marker, start, end in segments(file, size):
        head = take(file, start + 4, min(len(JPEG_XMP), end - start - 4))
        leading = leading and (marker == _APP0 or (marker == _APP1 and head.startswith(b"Exif\0")))
        if leading:
            place = end
        if marker == _APP1 and head == JPEG_XMP:
            old.append(_Edit(start, end))
            packet = packet or take(file, start + 4 + len(JPEG_XMP), end - start - 4 - len(JPEG_XMP))
    return _Layout(packet, lambda new: [*old, _Edit(place, place, _segment(new))], _JPEG_LARGEST)


def segments(file: BinaryIO, size: int) -> Iterator[tuple[int, int, int]]:
    """Yield ``(marker, start, end)`` of each segment up to the first scan; FF may fill the gaps."""
    position = 2
    for _ in range(PARTS):
        start, (fill, marker) = position, take(file, position, 2)
        if fill != 0xFF:
            break
        if marker == 0xFF:
            position += 1
            continue
        if marker == _SOS:
            return
        length = int.from_bytes(take(file, position + 2, 2), "big")
        position += 2 + length
        if length < 2 or position > size:
            break
        yield marker, start, position
    raise BadPicture("The JPEG has no picture, or is broken before it.")


def _segment(packet: bytes) -> bytes:
    if len(packet) > _JPEG_LARGEST:
        raise ValueError(f"A packet of {len(packet)} bytes does not fit into a JPEG.")
    return struct.pack(">BBH", 0xFF, _APP1, 2 + len(JPEG_XMP) + len(packet)) + JPEG_XMP + packet


# -- PNG -----------------------------------------------------------------------------------------------------

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_XMP = b"XML:com.adobe.xmp\0"


def _png(file: BinaryIO, size: int) -> _Layout:
    old, packet = [], None
    place = len(_PNG_SIGNATURE) + 12 + 13  # IHDR: frame and content
    for kind, start, length in png_chunks(file, size):
        if (kind == b"IHDR") != (start == len(_PNG_SIGNATURE)) or (kind == b"IHDR" and length != 13):
            raise BadPicture("The PNG does not begin with its header.")
        if kind == b"iTXt" and take(file, start + 8, min(length, len(_PNG_XMP))) == _PNG_XMP:
            old.append(_Edit(start, start + 12 + length))
            packet = packet or _itxt(take(file, start + 8, min(length, PACKET_BYTES)))
    return _Layout(packet, lambda new: [*old, _Edit(place, place, _png_chunk(new))])


def png_chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield ``(kind, start, length of the content)`` of each chunk, ``IEND`` last."""
    position = len(_PNG_SIGNATURE)
    for _ in range(PARTS):
        length, kind = struct.unpack(">I4s", take(file, position, 8))
        if not kind.isalpha() or position + 12 + length > size:
            break
        yield kind, position, length
        if kind == b"IEND":
            return
        position += 12 + length
    raise BadPicture("The PNG is broken or cut short.")


def _itxt(content: bytes) -> bytes:
    """Return the text after keyword, compression flag and method, language and translated keyword."""
    packed = content[len(_PNG_XMP) : len(_PNG_XMP) + 1] == b"\1"
    text = content[len(_PNG_XMP) + 2 :].split(b"\0", 2)[-1]
    if not packed:
        return text
    try:
        return zlib.decompressobj().decompress(text, PACKET_BYTES)
    except zlib.error:
        return b""


def _png_chunk(packet: bytes) -> bytes:
    content = b"iTXt" + _PNG_XMP + b"\0\0\0\0" + packet
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))


# -- WEBP ----------------------------------------------------------------------------------------------------

_HAS_XMP, _HAS_ALPHA = 0x04, 0x10


def _webp(file: BinaryIO, size: int) -> _Layout:
    """Frame: ``RIFF``, length, ``WEBP``, then chunks, each padded to an even length (RFC 9649)."""
    riff_end = 8 + int.from_bytes(take(file, 4, 4), "little")
    chunks = list(webp_chunks(file, min(riff_end, size)))
    if riff_end > size or not chunks:
        raise BadPicture("The WEBP is cut short.")
    old = [_Edit(start, min(end, riff_end)) for kind, start, _, end in chunks if kind == b"XMP "]
    packets = [take(file, s + 8, min(n, PACKET_BYTES)) for kind, s, n, _ in chunks if kind == b"XMP "]
    header = _webp_header(file, *chunks[0][:3])
    end = _Edit(riff_end, riff_end)
    # Some writers forget the last padding; a packet at the end is dropped with its own.
    padding = b"\0" * (chunks[-1][3] - riff_end) if chunks[-1][0] != b"XMP " else b""

    def edits(packet: bytes) -> list[_Edit]:
        tail = _Edit(end.start, end.end, padding + _webp_chunk(b"XMP ", packet))
        changes = [header, *old, tail]
        length = riff_end - 8 + sum(len(e.new) - (e.end - e.start) for e in changes)
        return [_Edit(4, 8, struct.pack("<I", length)), *changes]

    return _Layout(packets[0] if packets else None, edits)


def webp_chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield ``(kind, start, length of the content, end with padding)`` of each chunk."""
    position = 12
    for _ in range(PARTS):
        if position >= size:
            return
        kind, length = struct.unpack("<4sI", take(file, position, 8))
        end = position + 8 + length
        if end > size:
            break
        yield kind, position, length, end + length % 2
        position = end + length % 2
    raise BadPicture("The WEBP is broken or cut short.")


def _webp_header(file: BinaryIO, kind: bytes, start: int, length: int) -> _Edit:
    """Return the edit that makes the file an extended one with the XMP flag."""
    if kind == b"VP8X" and length >= 10:
        flags = take(file, start + 8, 1)[0]
        return _Edit(start + 8, start + 9, bytes([flags | _HAS_XMP]))
    if kind == b"VP8 " and length >= 10:
        width, height = _lossy_size(take(file, start + 8, 10))
        return _Edit(start, start, _vp8x(_HAS_XMP, width, height))
    if kind == b"VP8L" and length >= 5:
        bits = _lossless_bits(take(file, start + 8, 5))
        flags = _HAS_XMP | (_HAS_ALPHA if bits >> 28 & 1 else 0)
        return _Edit(start, start, _vp8x(flags, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
    raise BadPicture("The WEBP does not begin with a picture.")


def _lossy_size(frame: bytes) -> tuple[int, int]:
    """Width and height of a VP8 key frame: after a 3-byte tag and the start code, 14 bits each (RFC 6386)."""
    width, height = struct.unpack("<HH", frame[6:10])
    if frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a" or not (width & 0x3FFF and height & 0x3FFF):
        raise BadPicture("The WEBP has no key frame.")
    return width & 0x3FFF, height & 0x3FFF


def _lossless_bits(content: bytes) -> int:
    """The 32 bits after the signature 2F, from below: width - 1, height - 1 (14 each), alpha, version (3)."""
    if content[0] != 0x2F:
        raise BadPicture("The WEBP has no lossless picture.")
    return int.from_bytes(content[1:5], "little")


def _vp8x(flags: int, width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size)


def _webp_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
