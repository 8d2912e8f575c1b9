"""What a picture's file says of its own making: who made it, with what, in which words. Read only; knows no Django.

It is a claim and no proof: an XMP packet can be written by anybody, and of C2PA content credentials the signature is
not checked, only read. Read are

=====  =====================================================================================================
XMP    source type, system and prompt of the IPTC, Dublin Core's title, description and creator, the program
C2PA   the source type of an action, and who wrote the claim
PNG    texts of generators: ``parameters``, ``invokeai_metadata``, ``workflow``; and the standard keywords
=====  =====================================================================================================

Only the structure around the picture is read, and of that no more than bounds allow.
"""

from __future__ import annotations

import json
import re
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

from . import marks, prompts
from .exceptions import BadPicture

#: The last part of a term of https://cv.iptc.org/newscodes/digitalsourcetype/ by which a picture is AI's, or a photo.
COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
AI = ("trainedAlgorithmicMedia", COMPOSITE)
CAMERA = ("digitalCapture", "computationalCapture", "negativeFilm", "positiveFilm", "print")

#: Programs that write no such term, by what they write instead.
GENERATORS = ("Stable Diffusion", "InvokeAI", "ComfyUI")

#: Bytes of content credentials that are looked through: they have small pictures in them.
CREDENTIALS_BYTES = 4 << 20
#: Bytes of a text, packed and unpacked.
TEXT_BYTES = 1 << 18
#: Texts of a PNG that are looked at: each is unpacked and parsed. Of packets and of credentials the first counts.
TEXTS = 64
#: Of a packet those that are read; a program writes one, or one for each schema.
DESCRIPTIONS = 16
#: Characters that are kept of a prompt or a description, and of anything else.
LONG, SHORT = 4000, 200

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
#: Where in a packet each is said; the first that says anything counts.
_PROPERTIES = {
    "source": (f"{_IPTC}DigitalSourceType", f"{_IPTC}DigitalSourcefileType"),
    "tool": (f"{_IPTC}AISystemUsed", f"{_XMP}CreatorTool"),
    "prompt": (f"{_IPTC}AIPromptInformation",),
    "title": (f"{_DC}title",),
    "description": (f"{_DC}description",),
    "creator": (f"{_DC}creator",),
    "made": (f"{_XMP}CreateDate",),
}
#: The same of the PNG specification's keywords.
_KEYWORDS = {
    "Software": "tool",
    "Title": "title",
    "Description": "description",
    "Author": "creator",
    "Creation Time": "made",
}


@dataclass
class Said:
    """What a file says of itself, each in one text, blank where it says nothing.

    ``source``: the last part of the IPTC's term. ``signed``: it has content credentials, which hold only as long as
    no byte of it changes.
    """

    source: str = ""
    tool: str = ""
    prompt: str = ""
    title: str = ""
    description: str = ""
    creator: str = ""
    made: str = ""
    signed: bool = False

    @property
    def is_ai(self) -> bool:
        """Whether it says that AI made it, or made a part of it."""
        return self.source in AI or bool(self.prompt) or self.tool in GENERATORS

    @property
    def is_photo(self) -> bool:
        """Whether it says that a camera or a scanner made it."""
        return self.source in CAMERA

    def facts(self) -> dict[str, str | bool]:
        """What is said, without what is not: to be kept as JSON."""
        return {name: value for name, value in asdict(self).items() if value}

    def add(self, name: str, text: str) -> None:
        """What is said first counts."""
        if name == "source":
            text = text.rstrip("/").rpartition("/")[2]
        if not getattr(self, name):
            kept = LONG if name in ("prompt", "description") else SHORT
            text = prompts.clean(text) if kept == LONG else prompts.one_line(text)
            setattr(self, name, text[:kept])


def read(file: BinaryIO, size: int) -> Said:
    """What a JPG, PNG or WEBP of so many bytes says of itself. Raises BadPicture for what is none, or broken."""
    said = Said()
    for kind, content in sorted(_first(_parts(file, size)), key=lambda part: _ORDER.index(part[0])):
        _READERS[kind](said, content)
    file.seek(0)
    return said


def mark(source: Path, target: Path) -> None:
    """Write ``source``, which was made elsewhere, with the mark to ``target``.

    Not one byte changes where it has content credentials, which would not hold any more, nor where it says that it is
    AI's; else it gets the mark, with the program that it names, if any. Raises BadPicture and OSError.
    """
    with source.open("rb") as file:
        said = read(file, source.stat().st_size)
    if said.signed or said.source == COMPOSITE or marks.is_marked(source):
        shutil.copyfile(source, target)
    else:
        marks.mark(source, target, tool=said.tool)


def _first(parts: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Of each kind no more than counts; the others are passed, so that what is broken further on is refused."""
    left = {"xmp": 1, "c2pa": 1, "text": TEXTS}
    for kind, content in parts:
        counted = kind if kind in left else "text"
        if left[counted]:
            left[counted] -= 1
            yield kind, content


# -- The parts of a file ---------------------------------------------------------------------------------------


def _parts(file: BinaryIO, size: int) -> Iterator[tuple[str, bytes]]:
    file.seek(0)
    head = file.read(12)
    if head.startswith(b"\xff\xd8\xff"):
        yield from _of_jpeg(file, size)
    elif head.startswith(b"\x89PNG\r\n\x1a\n"):
        yield from _of_png(file, size)
    elif head.startswith(b"RIFF") and head.endswith(b"WEBP"):
        yield from _of_webp(file, size)
    else:
        raise BadPicture("The file is no JPEG, PNG or WEBP.")


def _of_jpeg(file: BinaryIO, size: int) -> Iterator[tuple[str, bytes]]:
    """Credentials are in APP11 segments: 8 bytes of their own, and in all but the first the box's header once more."""
    credentials = bytearray()
    for marker, start, end in marks.segments(file, size):
        content = marks.take(file, start + 4, end - start - 4) if marker in (0xE1, 0xEB) else b""
        if content.startswith(marks.JPEG_XMP):
            yield "xmp", content[len(marks.JPEG_XMP) :]
        elif marker == 0xEB and content.startswith(b"JP") and len(credentials) < CREDENTIALS_BYTES:
            credentials += content[16 if credentials else 8 :]
    if b"c2pa" in credentials:
        yield "c2pa", bytes(credentials)


def _of_png(file: BinaryIO, size: int) -> Iterator[tuple[str, bytes]]:
    for kind, start, length in marks.png_chunks(file, size):
        if kind == b"caBX":
            yield "c2pa", marks.take(file, start + 8, min(length, CREDENTIALS_BYTES))
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            content = marks.take(file, start + 8, min(length, TEXT_BYTES))
            is_packet = content.startswith(b"XML:com.adobe.xmp\0")
            yield ("xmp", _international(content)) if is_packet else (kind.decode(), content)


def _of_webp(file: BinaryIO, size: int) -> Iterator[tuple[str, bytes]]:
    riff_end = 8 + int.from_bytes(marks.take(file, 4, 4), "little")
    for kind, start, length, _end in marks.webp_chunks(file, min(riff_end, size)):
        if kind == b"XMP ":
            yield "xmp", marks.take(file, start + 8, min(length, marks.PACKET_BYTES))
        elif kind == b"C2PA":
            yield "c2pa", marks.take(file, start + 8, min(length, CREDENTIALS_BYTES))


# -- What each says --------------------------------------------------------------------------------------------


def _read_packet(said: Said, packet: bytes) -> None:
    """XMP is plain RDF; what has entities of its own, or is broken, says nothing."""
    text = packet.decode("utf-8", "replace").strip("\ufeff\0 \r\n\t")
    if "<!" in text or len(packet) > TEXT_BYTES:
        return
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return
    descriptions = list(root.iter(f"{_RDF}Description"))[:DESCRIPTIONS]
    for name, properties in _PROPERTIES.items():
        for key in properties:
            for description in descriptions:
                if getattr(said, name):
                    break
                said.add(name, description.get(key) or _value(description.find(key)))


def _value(element: ElementTree.Element | None) -> str:
    """A property's text, or of several the first: ``rdf:Alt`` begins with the language that counts."""
    if element is None:
        return ""
    if resource := element.get(f"{_RDF}resource"):
        return resource
    item = element.find(f".//{_RDF}li")
    return (element if item is None else item).text or ""


def _read_credentials(said: Said, manifest: bytes) -> None:
    """A claim is CBOR (C2PA 2.1, 10); a text follows its key there, so that no more than that is read of it."""
    if b"jumb" not in manifest[:64] or b"c2pa" not in manifest:
        return
    said.signed = True
    terms = re.findall(rb"digitalsourcetype/([A-Za-z]{1,60})", manifest)
    # What anything in it was made by decides: a part by AI makes the whole AI's.
    for term in sorted(terms, key=lambda term: term.decode() not in AI)[:1]:
        said.source = said.source if said.source in AI else term.decode()
    at = manifest.find(b"\x74claim_generator_info")
    named = _text_after(manifest[at : at + 400], b"\x64name") if at >= 0 else ""
    said.add("tool", named or _text_after(manifest, b"\x6fclaim_generator"))


def _text_after(data: bytes, key: bytes) -> str:
    """The CBOR text string that follows a key (RFC 8949, 3): of up to 255 bytes, or blank."""
    at = data.find(key) + len(key)
    if at < len(key) or at + 2 > len(data) or data[at] >> 5 != 3:
        return ""
    length, start = data[at] & 31, at + 1
    if length == 24:
        length, start = data[start], start + 1
    return (
        data[start : start + length].decode("utf-8", "replace")
        if length < 256 and data[at] & 31 <= 24
        else ""
    )


def _read_text(said: Said, content: bytes) -> None:
    key, _, text = content.partition(b"\0")
    _say(said, key.decode("latin-1"), text.decode("latin-1"))


def _read_packed_text(said: Said, content: bytes) -> None:
    key, _, packed = content.partition(b"\0")
    _say(said, key.decode("latin-1"), _unpacked(packed[1:]).decode("latin-1"))


def _read_international_text(said: Said, content: bytes) -> None:
    key = content.partition(b"\0")[0]
    _say(said, key.decode("latin-1"), _international(content).decode("utf-8", "replace"))


def _international(content: bytes) -> bytes:
    """Keyword, whether it is packed, how, language, translated keyword, text (PNG specification, 11.3.3.4)."""
    rest = content.partition(b"\0")[2]
    text = rest[2:].split(b"\0", 2)[-1]
    return _unpacked(text) if rest[:1] == b"\1" else text


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, TEXT_BYTES)
    except zlib.error:
        return b""


def _say(said: Said, key: str, text: str) -> None:
    """What generators write: AUTOMATIC1111 and its heirs, InvokeAI, ComfyUI, and the standard's own keywords."""
    if key == "parameters":
        said.add("prompt", re.split(r"\n(?:Negative prompt:|Steps:)", text)[0])
        said.add("tool", "Stable Diffusion")
    elif key in ("invokeai_metadata", "workflow"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return
        if key == "invokeai_metadata" and isinstance(found, dict):
            said.add("prompt", str(found.get("positive_prompt") or ""))
        said.add("tool", "InvokeAI" if key == "invokeai_metadata" else "ComfyUI")
    elif key in _KEYWORDS:
        said.add(_KEYWORDS[key], text)


_READERS = {
    "xmp": _read_packet,
    "iTXt": _read_international_text,
    "tEXt": _read_text,
    "zTXt": _read_packed_text,
    "c2pa": _read_credentials,
}
#: The standards before what programs write as they like; content credentials last, since they may only correct.
_ORDER = tuple(_READERS)
