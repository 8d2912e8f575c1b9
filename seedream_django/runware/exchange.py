"""One exchange: a request out, a response in, and in whose words its troubles are told.

Every error is raised *outside* the ``except`` block that met the HTTP library's, so that no chain, traceback or debug
page reaches the request, whose headers hold the key.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from ..exceptions import ForbiddenAddress, NotRun, PictureError, ProviderError, Unclear
from . import guard, inline
from .inline import Sieve

#: The longest wait that a ``Retry-After`` can ask of us, in seconds; a row's deadline is of that order.
LONGEST_WAIT = 3600.0

#: Bytes that are unpacked at a time.
_PIECE = 1 << 18

#: What the HTTP library raises; and ``OSError``, which the WSGI transport lets through.
_NETWORK_ERRORS = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError)


_NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def start(
    transport: httpx.BaseTransport, request: httpx.Request, translate: Callable[[Exception], Exception]
) -> httpx.Response:
    """Send once; return the response, its body still to come. Errors go through ``translate``."""
    try:
        return transport.handle_request(request)
    except ForbiddenAddress:  # an OSError too, but ours: the guard would not connect
        raise
    except _NETWORK_ERRORS as error:
        problem = translate(error)
    raise problem


def chunks(response: httpx.Response, translate: Callable[[Exception], Exception]) -> Iterator[bytes]:
    """Pass the body on as it comes. Only the wire's errors are translated, not those of the reader."""
    try:
        yield from response.iter_raw()
        return
    except _NETWORK_ERRORS as error:
        problem = translate(error)
    raise problem


def read(response: httpx.Response, limit: int, sieve: Sieve | None = None) -> bytes | None:
    """Read the body; ``None`` when it is beyond ``limit`` bytes or packed in an unknown way.

    With ``sieve`` pictures are taken out while it comes, and what is left counts. Some gateways compress without being
    asked.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "deflate"):
        return None
    body = bytearray()
    came = chunks(response, network_problem)
    try:
        for chunk in came if encoding in ("", "identity") else _unpacked(came):
            body += sieve.feed(chunk) if sieve else chunk
            if len(body) > limit or (sieve and sieve.taken > inline.REPLY_BYTES):
                return None
    except zlib.error:
        return None
    finally:
        body += sieve.end() if sieve else b""
    return bytes(body) if len(body) <= limit else None


def _unpacked(came: Iterator[bytes]) -> Iterator[bytes]:
    """Undo gzip or zlib (47 means either), a piece at a time: a small body may become a large one."""
    unpacker = zlib.decompressobj(47)
    for chunk in came:
        while chunk:
            yield unpacker.decompress(chunk, _PIECE)
            chunk = unpacker.unconsumed_tail


def retry_after(value: str | None) -> float | None:
    """Read a ``Retry-After`` header, seconds or an HTTP date, as seconds from now: 0 to ``LONGEST_WAIT``."""
    if value is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,12}(\.[0-9]{1,6})?\s*", value):
        return min(float(value), LONGEST_WAIT)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    seconds = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)


def network_problem(error: Exception) -> ProviderError:
    """Tell whether the request may have reached the provider: only a connection never made says no."""
    if isinstance(error, _NEVER_CONNECTED):
        return NotRun(f"No connection to the provider ({type(error).__name__}).", kind="network")
    return Unclear(f"The connection to the provider broke ({type(error).__name__}).", kind="network")


def picture_problem(url: str, error: Exception) -> PictureError:
    return PictureError(f"{guard.bare(url)} could not be fetched ({type(error).__name__}).")
