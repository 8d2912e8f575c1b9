"""Pictures inside a reply, taken out of it while it comes: base64 goes to disk in pieces, and never lies in memory.

What is left of the reply is small and read as usual; where a picture was stands a word that nobody else can know.
"""

from __future__ import annotations

import binascii
import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

#: Bytes of one reply in all: twenty PNG of the model's largest size are 840 MB in base64.
REPLY_BYTES = 1 << 30
#: Pictures of one reply that are kept: twenty results, each a sequence of fifteen.
MAX_PICTURES = 300

#: No string of JSON holds a bare quote, so this is a key, wherever it stands: but for one whose quote is escaped.
_KEY = re.compile(rb'(?<!\\)"(?:imageBase64Data|imageDataURI)"[ \t\r\n]{0,8}:[ \t\r\n]{0,8}"')
#: Longer than the longest key, its quote included.
_HELD = 64
_SPACE = b" \t\r\n"
#: The inside of a string, up to its end or to an escape that is cut in two.
_TEXT = re.compile(rb'(?:[^"\\]++|\\(?:u.{4}|[^u]))*+', re.DOTALL)
_ESCAPES = re.compile(rb"\\(u.{4}|[^u])", re.DOTALL)
_PLAIN = {b"/": b"/", b"n": b"", b"r": b"", b"t": b""}
#: A data URI says what it is in less than this.
_PREFIX = 128


@dataclass(frozen=True)
class Inline:
    """Where the pictures of a reply go: new files beside ``stem``, none larger than ``max_bytes``."""

    stem: Path
    max_bytes: int


@dataclass(frozen=True)
class Picture:
    """One that came inside a reply: ``size`` in bytes, ``sha256`` in hex.

    ``path`` is ``None`` where it came and could not be kept: it is too large or no base64, or our disk is full.
    """

    size: int
    sha256: str
    path: Path | None = field(default=None, repr=False)


class Sieve:
    """Takes a reply as it comes, gives back what is left of it. ``pictures`` are by the words in their places."""

    def __init__(self, inline: Inline) -> None:
        self._inline = inline
        self._held = b""
        self._open: _Pouring | None = None
        self._word = secrets.token_hex(8)
        self.pictures: dict[str, Picture] = {}
        self.taken = 0

    def feed(self, chunk: bytes) -> bytes:
        self.taken += len(chunk)
        data, self._held = self._held + chunk, b""
        left: list[bytes] = []
        while data:
            data = self._pour(data, left) if self._open else self._look(data, left)
        return b"".join(left)

    def end(self) -> bytes:
        """The last bytes. A picture that did not end is closed; the reply is then no JSON, and of no use."""
        if self._open is not None:
            self._open.close()
            self._open = None
        return self._held

    def _look(self, data: bytes, left: list[bytes]) -> bytes:
        found = _KEY.search(data)
        if found is None:
            left.append(data[:-_HELD])
            self._held = data[-_HELD:]
            return b""
        left.append(data[: found.end()])
        number = len(self.pictures)
        # Several replies may share a stem.
        path = self._inline.stem.with_name(f"{self._inline.stem.name}.{self._word}-{number}.part")
        self._open = _Pouring(path, self._inline.max_bytes, kept=number < MAX_PICTURES)
        return data[found.end() :]

    def _pour(self, data: bytes, left: list[bytes]) -> bytes:
        assert self._open is not None
        whole = _TEXT.match(data).end()  # type: ignore[union-attr]  # it matches nothing, too
        self._open.feed(data[:whole])
        if data[whole : whole + 1] != b'"':
            self._held = data[whole:]
            return b""
        picture, self._open = self._open.close(), None
        if picture is not None:
            word = f"{self._word}-{len(self.pictures)}"
            self.pictures[word] = picture
            left.append(word.encode())
        return data[whole:]


class _Pouring:
    """One picture on its way to disk."""

    def __init__(self, path: Path, max_bytes: int, *, kept: bool) -> None:
        self._path, self._max_bytes = path, max_bytes
        self._rest, self._size, self._digest = b"", 0, hashlib.sha256()
        self._begun, self._padded, self._bad = False, False, not kept
        self._file: BinaryIO | None = None

    def feed(self, data: bytes) -> None:
        if self._bad:
            return
        try:
            self._take(data)
        except (ValueError, OSError):
            # No base64, too much of it, or our own disk: the reply goes on, and its picture is asked for again.
            self._drop()

    def close(self) -> Picture | None:
        """What came; nothing for a text without a byte."""
        try:
            if not self._bad:
                self._finish()
        except (ValueError, OSError):
            self._drop()
        if self._bad:
            return Picture(self._size, self._digest.hexdigest())
        if self._file is None:
            return None
        self._file.close()
        return Picture(self._size, self._digest.hexdigest(), self._path)

    def _take(self, data: bytes) -> None:
        if b"\\" in data:
            data = _ESCAPES.sub(_unescaped, data)
        data = self._rest + data.translate(None, _SPACE)
        if not self._begun and not (data := self._after_prefix(data)):
            return
        whole = len(data) // 4 * 4
        self._rest = data[whole:]
        self._write(data[:whole])

    def _after_prefix(self, data: bytes) -> bytes:
        """What comes after ``data:image/…;base64,``, where it is a data URI; nothing until that is known."""
        prefix, comma, rest = data.partition(b",")
        is_uri = data.startswith(b"data:"[: len(data)])
        if is_uri and not comma and len(data) < _PREFIX:
            self._rest = data
            return b""
        if is_uri and not (comma and prefix.endswith(b";base64")):
            raise ValueError("no base64")
        self._begun, self._rest = True, b""
        return rest if is_uri else data

    def _finish(self) -> None:
        if not self._begun and self._rest:
            raise ValueError("cut short")
        if self._rest:
            # Whoever leaves the padding out says the same.
            self._write(self._rest + b"=" * (-len(self._rest) % 4))
        if self._file is not None:
            self._file.flush()

    def _write(self, data: bytes) -> None:
        if not data:
            return
        if self._padded:
            raise ValueError("more after the end")
        self._padded = data.endswith(b"=")
        picture = binascii.a2b_base64(data, strict_mode=True)
        self._size += len(picture)
        if self._size > self._max_bytes:
            raise ValueError("too large")
        if self._file is None:
            self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._digest.update(picture)
        self._file.write(picture)

    def _drop(self) -> None:
        self._bad, self._rest = True, b""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._path.unlink(missing_ok=True)


def _unescaped(found: re.Match[bytes]) -> bytes:
    """JSON may write ``/`` and ``+`` otherwise, and some servers do. What is no base64 stays, and is refused."""
    escape = found[1]
    if re.fullmatch(rb"u00[0-7][0-9a-fA-F]", escape):
        return bytes([int(escape[1:], 16)])
    return _PLAIN.get(escape, found[0])


def inside(item: Mapping[str, Any], pictures: Mapping[str, Picture]) -> tuple[Picture | None, bool]:
    """The picture that came inside a result, and whether one did: it was paid for, kept or not."""
    words = [w for w in map(item.get, ("imageBase64Data", "imageDataURI")) if isinstance(w, str) and w]
    return next((pictures[word] for word in words if word in pictures), None), bool(words)
