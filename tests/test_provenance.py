"""What files say of their own making: read, bounded, and nothing broken or hostile gets further than that."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import PngImagePlugin

from seedream_django import marks, provenance
from seedream_django.exceptions import BadPicture
from seedream_django.provenance import Said

from .test_marks import FILES, drawing, itxt, saved

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def read(data: bytes) -> Said:
    return provenance.read(io.BytesIO(data), len(data))


def packet(inside: str) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/">{inside}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()


WHOLE = packet(
    f"<Iptc4xmpExt:DigitalSourceType>{AI}</Iptc4xmpExt:DigitalSourceType>"
    "<Iptc4xmpExt:AIPromptInformation>a fox\nin the snow</Iptc4xmpExt:AIPromptInformation>"
    "<xmp:CreatorTool>Brush 3</xmp:CreatorTool><xmp:CreateDate>2026-02-03</xmp:CreateDate>"
    '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Fox</rdf:li>'
    '<rdf:li xml:lang="de">Fuchs</rdf:li></rdf:Alt></dc:title>'
    "<dc:creator><rdf:Seq><rdf:li>Ada</rdf:li></rdf:Seq></dc:creator>"
)
SAID = {
    "source": "trainedAlgorithmicMedia",
    "prompt": "a fox\nin the snow",
    "tool": "Brush 3",
    "made": "2026-02-03",
    "title": "Fox",
    "creator": "Ada",
}


def texts(packed: bool = False, **said: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    for key, text in said.items():
        info.add_text(key.replace("Creation_", "Creation "), text, zip=packed)
    return saved(drawing(), "PNG", pnginfo=info)


def manifest(tool: str = "Firefly 4", term: str = AI, before: int = 0) -> bytes:
    """What is read of a claim: texts after their keys, in CBOR; so many bytes of a small picture come first."""
    name = b"\x64name" + bytes([0x60 + len(tool)]) + tool.encode()
    source = b"\x71digitalSourceType" + b"\x78" + bytes([len(term)]) + term.encode()
    return b"jumbc2pa" + b"\0" * before + b"\x74claim_generator_info\xa1" + name + source


def in_jpeg(box: bytes, piece: int = 60_000) -> bytes:
    """A JPEG with a box in APP11 segments, each but the first with the box's own 8 bytes once more."""
    picture = saved(drawing(), "JPEG")
    parts, head = [], b"\0\0\0\0jumb"
    for number, start in enumerate(range(0, len(box), piece), 1):
        content = (
            b"JP\0\x01"
            + struct.pack(">I", number)
            + (head if number > 1 else b"")
            + box[start : start + piece]
        )
        parts.append(b"\xff\xeb" + struct.pack(">H", len(content) + 2) + content)
    return picture[:2] + b"".join(parts) + picture[2:]


def in_png(box: bytes) -> bytes:
    picture, content = saved(drawing(), "PNG"), b"caBX" + box
    chunk = struct.pack(">I", len(box)) + content + struct.pack(">I", zlib.crc32(content))
    return picture[:33] + chunk + picture[33:]


def in_webp(box: bytes) -> bytes:
    picture = saved(drawing(), "WEBP", xmp=WHOLE)
    chunk = b"C2PA" + struct.pack("<I", len(box)) + box + b"\0" * (len(box) % 2)
    whole = picture + chunk
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]


# -- What is read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        saved(drawing(), "JPEG", xmp=WHOLE),
        saved(drawing(), "WEBP", xmp=WHOLE),
        itxt(WHOLE.decode()),
        itxt(WHOLE.decode(), packed=True),
    ],
    ids=["jpeg", "webp", "png", "png, packed"],
)
def test_a_packet_says_it_in_every_format(data: bytes) -> None:
    said = read(data)
    assert said.facts() == SAID
    assert said.is_ai
    assert not said.is_photo


def test_our_own_mark_is_read() -> None:
    """What this app marks says of itself what it is."""
    said = read(saved(drawing(), "JPEG", xmp=marks.XMP))
    assert said.facts() == {"source": "trainedAlgorithmicMedia", "tool": marks.TOOL}


@pytest.mark.parametrize("packed", [False, True])
def test_generators_of_png(packed: bool) -> None:
    """Stable Diffusion's tools, InvokeAI and ComfyUI write texts of their own, and no source type."""
    words = "a fox, winter\nNegative prompt: summer\nSteps: 20, Sampler: Euler"
    said = read(texts(packed, parameters=words))
    assert (said.prompt, said.tool, said.is_ai) == ("a fox, winter", "Stable Diffusion", True)
    said = read(texts(packed, invokeai_metadata=json.dumps({"positive_prompt": "an owl"})))
    assert (said.prompt, said.tool, said.is_ai) == ("an owl", "InvokeAI", True)
    said = read(texts(packed, workflow=json.dumps({"nodes": []})))
    assert (said.prompt, said.tool, said.is_ai) == ("", "ComfyUI", True)
    said = read(texts(packed, Software="Paint 2", Title="Owl", Author="Ada", Creation_Time="today"))
    assert said.facts() == {"tool": "Paint 2", "title": "Owl", "creator": "Ada", "made": "today"}
    assert not said.is_ai


@pytest.mark.parametrize("put", [in_jpeg, in_png, in_webp])
def test_content_credentials(put: object) -> None:
    """That there are any, who wrote the claim, and how it says that the picture was made."""
    said = read(put(manifest()))  # type: ignore[operator]
    assert said.signed
    assert said.source == "trainedAlgorithmicMedia"
    assert said.tool == ("Brush 3" if put is in_webp else "Firefly 4")


def test_credentials_in_several_segments() -> None:
    """A small picture comes first, as large as two segments, and the claim is cut in two by a third."""
    box = manifest(before=120_000 - len(b"jumbc2pa") - 40)
    assert read(in_jpeg(box)).tool == "Firefly 4"


@pytest.mark.parametrize(
    ("terms", "source", "is_ai"),
    [
        (["digitalCapture"], "digitalCapture", False),
        (
            ["digitalCapture", "compositeWithTrainedAlgorithmicMedia"],
            "compositeWithTrainedAlgorithmicMedia",
            True,
        ),
    ],
)
def test_a_part_by_ai_makes_it_ai_s(terms: list[str], source: str, is_ai: bool) -> None:
    box = manifest(term=AI.replace("trainedAlgorithmicMedia", terms[0]))
    for term in terms[1:]:
        box += b"\0digitalsourcetype/" + term.encode() + b"\0"
    said = read(in_png(box))
    assert said.is_ai is is_ai
    assert (said.source, said.is_photo) == (source, not is_ai)


# -- What is kept out ----------------------------------------------------------------------------------------


def test_texts_are_cut_and_cleaned() -> None:
    """No line of a file is longer than a row takes, and none turns the direction of a page around."""
    said = read(texts(parameters="x" * 10_000, Title="a\u202eb\nc" + "y" * 500, Software="tool\0two"))
    assert len(said.prompt) == provenance.LONG
    assert said.title == "ab c" + "y" * (provenance.SHORT - 4)
    assert "\0" not in said.tool


@pytest.mark.parametrize(
    "inside",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]><x/>',
        "<broken",
        "",
        "<dc:title/>",
        "<dc:title><rdf:Alt/></dc:title>",
    ],
)
def test_a_packet_that_says_nothing(inside: str) -> None:
    """Entities are not for XMP, and what is broken is passed over: the picture is still one."""
    assert read(saved(drawing(), "JPEG", xmp=packet(inside))).facts() == {}


def test_a_packed_bomb_stays_small() -> None:
    """A text that unpacks to a hundred megabytes is read as far as the bound."""
    bomb = zlib.compress(b"x" * 100_000_000, 9)
    content = b"zTXtparameters\0\0" + bomb
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    picture = saved(drawing(), "PNG")
    assert read(picture[:33] + chunk + picture[33:]).prompt == "x" * provenance.LONG


def chunk(kind: bytes, content: bytes) -> bytes:
    whole = kind + content
    return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))


def test_of_many_texts_some_are_read() -> None:
    """Each is unpacked and parsed: fifty thousand of them would hold a worker for minutes."""
    read_of: list[int] = []
    packed = chunk(b"zTXt", b"workflow\0\0" + zlib.compress(b"{}"))
    many = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet("")) * 300 + packed * 300
    picture = saved(drawing(), "PNG")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("xmp", "zTXt"):
            patch.setitem(provenance._READERS, name, lambda said, content: read_of.append(len(content)))
        read(picture[:33] + many + picture[33:])
    assert len(read_of) == 1 + provenance.TEXTS


def test_a_deep_packet_is_read_as_far_as_the_bound() -> None:
    """One description in another, and in none of them what is looked for at the end."""
    deep = "<dc:title><rdf:Description>" * 400 + "</rdf:Description></dc:title>" * 400
    assert read(saved(drawing(), "JPEG", xmp=packet(deep))).facts() == {}


@pytest.mark.parametrize("data", [b"", b"GIF89a" + b"\0" * 20, FILES["jpeg"][:20], FILES["png"][:40]])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadPicture):
        read(data)


@settings(max_examples=300)
@given(
    st.sampled_from([in_jpeg(manifest()), in_png(manifest()), in_webp(manifest()), itxt(WHOLE.decode())]),
    st.data(),
)
def test_mutated_files_are_read_or_refused(data: bytes, draw: st.DataObject) -> None:
    changed = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 8))):
        changed[draw.draw(st.integers(0, len(changed) - 1))] = draw.draw(st.integers(0, 255))
    cut = draw.draw(st.integers(0, len(changed)))
    for one in (bytes(changed), bytes(changed[:cut])):
        try:
            said = read(one)
        except BadPicture:
            continue
        json.dumps(said.facts())


# -- Marking -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        in_jpeg(manifest()),
        in_png(manifest("Camera", AI.replace("trainedAlgorithmicMedia", "digitalCapture"))),
        saved(drawing(), "JPEG", xmp=WHOLE.replace(b"trained", b"compositeWithTrained")),
        saved(drawing(), "WEBP", xmp=WHOLE),
    ],
    ids=["signed jpeg", "signed png", "composite", "marked"],
)
def test_what_says_it_itself_stays_as_it_is(data: bytes, tmp_path: Path) -> None:
    """One byte more and its credentials would not hold any more."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(data)
    provenance.mark(source, target)
    assert target.read_bytes() == data


def test_credentials_are_no_word_for_it(tmp_path: Path) -> None:
    """A part of that name with anything in it is none: such a file is marked."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(in_png(b"nothing of the kind"))
    provenance.mark(source, target)
    assert not read(source.read_bytes()).signed
    assert marks.is_marked(target)


def test_a_name_that_xml_has_no_room_for(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(FILES["png"])
    marks.mark(source, target, tool="Br\uffffush\x01")
    assert read(target.read_bytes()).tool == "Brush"


@pytest.mark.parametrize("tool", ["", 'Paint "2" <x>'])
def test_what_does_not_say_it_is_marked_without_our_name(tool: str, tmp_path: Path) -> None:
    """The mark names the program that the file names, or none: it was not Seedream."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(texts(Software=tool) if tool else FILES["png"])
    provenance.mark(source, target)
    assert marks.is_marked(target)
    assert read(target.read_bytes()).facts() == {
        "source": "trainedAlgorithmicMedia", **({"tool": tool} if tool else {}),
    }  # fmt: skip
