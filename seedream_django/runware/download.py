"""A result's bytes, from the wire to a file, with a cap on their number and on the time they take.

Knows no HTTP library: the client hands over status, headers and the chunks as they come.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..exceptions import BadPicture, Expired, PictureError

#: The model's largest picture has 10.4 million pixels: 42 MB with alpha as they lie in memory, unpacked.
MAX_BYTES = 64 << 20
#: For one file in all; 64 MB in that time is 4 Mbit/s.
SECONDS = 120.0

#: What a storage answers for an address that is over: gone, never there, or its signature has run out.
_GONE = (403, 404, 410)


@dataclass(frozen=True)
class Download:
    """A file that came whole: ``size`` in bytes, ``sha256`` in hex, of the bytes as received."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Response:
    """What the client opened. ``headers`` is case-insensitive, ``chunks`` are the bytes as sent."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterable[bytes]


def save(response: Response, url: str, path: Path, max_bytes: int, deadline: float) -> Download:
    """Write the body to ``path``, which must not exist yet and is for this user's eyes only.

    ``deadline`` is on the monotonic clock. Raises ``Expired``, ``BadPicture`` or another ``PictureError``,
    and a plain ``OSError`` when it is our own disk that fails; then no file stays. Not synced to disk: this
    is the temporary file, which after a crash is fetched again; what must last is what the storage is given.
    """
    _check_head(response, url, max_bytes)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            received = _pour(response, url, file.write, max_bytes, deadline)
        _check_length(response, url, received.size)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return received


def _check_head(response: Response, url: str, max_bytes: int) -> None:
    """Refuse by status and headers what is not worth a byte, such as a proxy's page (seen live)."""
    if response.status in _GONE:
        raise Expired(f"The picture's address is gone (HTTP status {response.status}).")
    if response.status != 200:
        raise PictureError(f"The picture's address answered with HTTP status {response.status}.")
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise PictureError("The picture came packed, which was not asked for.")
    if response.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise PictureError("The picture's address answered with a page, not a picture.")
    if (_length(response) or 0) > max_bytes:
        raise BadPicture(f"The picture is larger than {max_bytes} bytes.")


def _pour(
    response: Response, url: str, write: Callable[[bytes], object], max_bytes: int, deadline: float
) -> Download:
    digest, size = hashlib.sha256(), 0
    for chunk in response.chunks:
        size += len(chunk)
        if size > max_bytes:
            raise BadPicture(f"The picture is larger than {max_bytes} bytes.")
        if time.monotonic() > deadline:
            raise PictureError("The picture came too slowly.")
        digest.update(chunk)
        write(chunk)
    return Download(size, digest.hexdigest())


def _check_length(response: Response, url: str, size: int) -> None:
    """Hold the size against ``Content-Length``: a socket's transport does it too, the in-process one not."""
    if size == 0 or _length(response) not in (None, size):
        raise PictureError(f"The picture was cut short at {size} bytes.")


def _length(response: Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
