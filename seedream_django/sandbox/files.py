"""What is at an address: a result's file or an upload's, and what the triggers make of it."""

from __future__ import annotations

from functools import cache
from zlib import compress, crc32

from . import addresses, triggers
from .addresses import Address
from .books import Result, Task
from .errors import rejected
from .gallery import FORMATS
from .provider import Provider
from .references import content, picture

#: Status, headers, body. A body that breaks off is a ``Half``.
Reply = tuple[int, dict[str, str], bytes]

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"

_BOMB_SIDE = 30_000


class Half(bytes):
    """A body whose connection is cut when half of it is sent."""


def fetch(provider: Provider, path: str) -> Reply:
    """The reply to a GET of this path. Raises ``Rejected`` (404) where nothing is."""
    address = addresses.match(path)
    if address is None or not addresses.is_there(provider, address):
        raise rejected(404, "notFound", "There is no such picture.")
    if address.kind == "media":
        return 200, _type(address), _of_upload(provider, address)
    found = provider.books.picture(address.name)
    assert found is not None  # it was there a moment ago, and the books lose nothing
    return _spoiled(provider, address, *found)


def _type(address: Address) -> dict[str, str]:
    return {"Content-Type": FORMATS[address.format][1]}


def _of_upload(provider: Provider, address: Address) -> bytes:
    upload = provider.stock.find(address.name, provider.clock())
    data = content(provider, upload.key) if upload else None
    if data is None:
        raise rejected(404, "notFound", "There is no such picture.")
    return data


def uploaded(provider: Provider, task: Task, result: Result) -> bytes:
    """The bytes that are put to an upload address."""
    words = triggers.of_task(task)
    if "sandbox:wrong-type" in words:
        return HTML
    if "sandbox:bomb" in words:
        return bomb()
    data = picture(provider, task, result)
    return data[: len(data) // 2] if "sandbox:truncated" in words else data


def _spoiled(provider: Provider, address: Address, task: Task, result: Result) -> Reply:
    words = triggers.of_task(task)
    if "sandbox:html-always" in words or _acts(provider, words, "sandbox:html", result):
        return 502, {"Content-Type": "text/html"}, HTML
    data = uploaded(provider, task, result)
    if _acts(provider, words, "sandbox:cut-file", result):
        data = Half(data)
    return 200, {"Content-Type": "text/html"} if "sandbox:mislabelled" in words else _type(address), data


def _acts(provider: Provider, words: dict[str, triggers.Trigger], word: str, result: Result) -> bool:
    """Whether a word that acts a few times does so this time."""
    times = words[word].times or 0 if word in words else 0
    return bool(times) and provider.books.count(word, result.image) <= times


@cache
def bomb() -> bytes:
    """A PNG of some kilobytes whose header claims 30,000 × 30,000 pixels."""
    header = _BOMB_SIDE.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    rows = compress(bytes(1 + 3 * _BOMB_SIDE) * 20)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + crc32(name + data).to_bytes(4, "big")
