"""Pictures inside a reply: taken out while it comes, onto the disk, whatever the pieces it comes in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream_django.runware import inline
from seedream_django.runware.inline import Inline, Picture, Sieve

RAW = b"\xff\xd8\xff" + bytes(range(256)) * 3
TEXT = base64.b64encode(RAW).decode()
HIDDEN = 'a word: "imageBase64Data":"AAAA", and \\'


def sifted(body: bytes, folder: Path, *, size: int = 1000, pieces: int = 50) -> tuple[Any, Sieve]:
    """What is left of a reply, as JSON, and the sieve that it went through, a few bytes at a time."""
    sieve = Sieve(Inline(folder / "reply", size))
    left = b"".join(sieve.feed(body[start : start + pieces]) for start in range(0, len(body), pieces))
    return json.loads(left + sieve.end()), sieve


def only(body: bytes, folder: Path, **values: Any) -> Picture:
    payload, sieve = sifted(body, folder, **values)
    item = payload["data"][0]
    return sieve.pictures[item.get("imageBase64Data") or item["imageDataURI"]]


@pytest.mark.parametrize("pieces", [1, 2, 3, 7, 64, 65, 100_000])
def test_a_picture_goes_to_disk_and_the_rest_stays(pieces: int, tmp_path: Path) -> None:
    """However the reply is cut, the file has the very bytes, for this user's eyes; text around it is as it was."""
    item = {"note": HIDDEN, "imageBase64Data": TEXT, "seed": 7, "end": "\\"}
    payload, sieve = sifted(json.dumps({"data": [item]}).encode(), tmp_path, pieces=pieces)
    ((word, picture),) = sieve.pictures.items()
    assert payload == {"data": [{**item, "imageBase64Data": word}]}
    assert picture.path
    assert picture.path.read_bytes() == RAW
    assert picture.path.stat().st_mode & 0o777 == 0o600
    assert (picture.size, picture.sha256) == (len(RAW), hashlib.sha256(RAW).hexdigest())
    assert re.fullmatch("[0-9a-f]{16}-0", word)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.rstrip("="),
        f"data:image/jpeg;base64,{TEXT}",
        TEXT.replace("/", "\\/"),
        TEXT.replace("+", "\\u002B").replace("/", "\\u002f"),
        "\\r\\n".join(TEXT[start : start + 76] for start in range(0, len(TEXT), 76)),
        f"data:image\\/png;base64,{TEXT}",
    ],
    ids=["plain", "unpadded", "data URI", "slashes", "code points", "lines", "escaped URI"],
)
@pytest.mark.parametrize("key", ["imageBase64Data", "imageDataURI"])
def test_spellings(key: str, text: str, tmp_path: Path) -> None:
    """Base64 as it is written by servers of all kinds, in either field."""
    picture = only(f'{{"data":[{{"{key}" :\n"{text}"}}]}}'.encode(), tmp_path)
    assert picture.path
    assert picture.path.read_bytes() == RAW


@pytest.mark.parametrize(
    "text",
    [
        TEXT[:-1] + "*", TEXT[:4] + "=" + TEXT[5:], "AAAAA", "data:image/png,abcd",
        "data:" + "x" * 500, "data:", f"{TEXT}\\u00e9", f"{TEXT}\\\\", f'{TEXT}\\"{TEXT}', "héhé", "A" * 1400,
    ],
    ids=lambda text: text[-12:],
)  # fmt: skip
@pytest.mark.parametrize("pieces", [1, 5, 10_000])
def test_what_cannot_be_kept_came_all_the_same(text: str, pieces: int, tmp_path: Path) -> None:
    """No base64, or too large: nothing stays on the disk, the reply is read on, the picture known to be paid."""
    body = f'{{"data":[{{"imageBase64Data":"{text}","seed":7}}],"more":1}}'.encode()
    payload, sieve = sifted(body, tmp_path, pieces=pieces)
    ((word, picture),) = sieve.pictures.items()
    assert picture.path is None
    assert payload == {"data": [{"imageBase64Data": word, "seed": 7}], "more": 1}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ['""', "null", "7", "[]"])
def test_no_picture_is_none(value: str, tmp_path: Path) -> None:
    """An empty text, or something else than a text, stays as it is."""
    payload, sieve = sifted(f'{{"imageBase64Data":{value}}}'.encode(), tmp_path)
    assert payload == {"imageBase64Data": json.loads(value)}
    assert sieve.pictures == {}


def test_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    """Where no file can be made the reply is read all the same, and its picture is known to have come."""
    picture = only(json.dumps({"data": [{"imageBase64Data": TEXT}]}).encode(), tmp_path / "nowhere")
    assert picture.path is None


def test_a_flood_of_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than any order can have are counted and not kept."""
    monkeypatch.setattr(inline, "MAX_PICTURES", 3)
    body = json.dumps({"data": [{"imageBase64Data": "AAAA"}] * 5}).encode()
    _payload, sieve = sifted(body, tmp_path)
    assert [picture.path is not None for picture in sieve.pictures.values()] == [True] * 3 + [False] * 2
    assert len(list(tmp_path.iterdir())) == 3


def test_a_reply_that_is_cut(tmp_path: Path) -> None:
    """What came last is of no use, and no file stays open."""
    sieve = Sieve(Inline(tmp_path / "reply", 1000))
    left = sieve.feed(f'{{"data":[{{"imageBase64Data":"{TEXT[:100]}'.encode()) + sieve.end()
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(left)


def test_a_large_picture_takes_no_memory(tmp_path: Path) -> None:
    """Of 20 MB in base64 less than 1 MB lies in memory at any moment."""
    piece = base64.b64encode(bytes(range(256)) * 256 * 3)
    sieve = Sieve(Inline(tmp_path / "reply", 30 << 20))

    def body() -> Iterator[bytes]:
        yield b'{"data":[{"imageBase64Data":"'
        yield from [piece[start : start + 65_536] for start in range(0, len(piece), 65_536)] * 107
        yield b'"}]}'

    tracemalloc.start()
    try:
        left = b"".join(map(sieve.feed, body())) + sieve.end()
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    (picture,) = sieve.pictures.values()
    assert picture.size == 107 * 256 * 256 * 3
    assert len(left) < 100
    assert peak < 1 << 20


@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=300), st.text(max_size=20)), max_size=4),
    st.integers(1, 200),
    st.sampled_from(["imageBase64Data", "imageDataURI"]),
)
def test_any_reply(items: list[tuple[bytes, str]], pieces: int, key: str) -> None:
    """Whatever bytes and words, and wherever it is cut: each picture is its own, each word unchanged."""
    data = [{"note": note, key: base64.b64encode(raw).decode(), "after": note} for raw, note in items]
    with tempfile.TemporaryDirectory() as folder:
        payload, sieve = sifted(json.dumps({"data": data}).encode(), Path(folder), pieces=pieces)
        assert [(item["note"], item["after"]) for item in payload["data"]] == [(n, n) for _, n in items]
        found = [sieve.pictures[item[key]].path for item in payload["data"]]
        assert [path.read_bytes() for path in found if path] == [raw for raw, _ in items]


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes(noise: bytes, pieces: int) -> None:
    """What is no JSON at all passes, and raises nothing."""
    with tempfile.TemporaryDirectory() as folder:
        sieve = Sieve(Inline(Path(folder) / "reply", 100))
        body = noise[:50] + b'"imageBase64Data":"' + noise
        for start in range(0, len(body), pieces):
            sieve.feed(body[start : start + pieces])
        sieve.end()
