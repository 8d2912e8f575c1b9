"""A plain server on loopback that sends exactly these bytes, and what may be seen of an error.

No HTTP library on this side: what is wrong with a reply is wrong on purpose.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from seedream_django.exceptions import ProviderError

KEY = "canary-4f7a1c9e8b2d4e6f-key"

Script = Callable[[socket.socket], Any]


class Server:
    """Answers each connection with the script at hand. ``requests`` holds what came, as bytes."""

    def __init__(self) -> None:
        self.script: Script = lambda connection: None
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5)
                self.read(connection)
                self.script(connection)

    def read(self, connection: socket.socket) -> None:
        """Wait for a request on this connection; a script may read more than the first."""
        self.requests.append(_request(connection))

    def stop(self) -> None:
        # On Linux closing alone does not wake a thread in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        assert not self._thread.is_alive()


def _request(connection: socket.socket) -> bytes:
    """Read one request; a TLS greeting, which begins with 16 (hex), is not waited for to end."""
    data = b""
    while b"\r\n\r\n" not in data and not data.startswith(b"\x16"):
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().partition(b": ")[::2] for line in head.split(b"\r\n")[1:])
    while len(body) < int(fields.get(b"content-length", 0)):
        body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    if piece := connection.recv(65536):
        return piece
    raise OSError("The other side has gone.")


def sending(data: bytes) -> Script:
    return lambda connection: connection.sendall(data)


def http(body: bytes, status: str = "200 OK", *headers: str, kind: str = "application/json") -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def reply(payload: Any, status: str = "200 OK", *headers: str) -> bytes:
    return http(json.dumps(payload).encode(), status, *headers)


def reset(connection: socket.socket) -> None:
    """Close with RST: what a crashed proxy or a firewall does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(data: bytes, pause: float = 0.05) -> Script:
    """Send byte by byte: no single read ever times out."""

    def script(connection: socket.socket) -> None:
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(pause)

    return script


def silence(connection: socket.socket) -> None:
    """Answer nothing until the other side gives up."""
    connection.recv(1)


# -- Errors -------------------------------------------------------------------------------------------------


def told(error: BaseException) -> str:
    """All that a log, a debug page or a crash report could show of an error."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join([str(error), repr(error), repr(vars(error)), *frames.format()])


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def refusal(action: Callable[[], Any]) -> ProviderError:
    """Run what must fail; no secret is in the error, and nothing of the HTTP library hangs on it."""
    with pytest.raises(ProviderError) as caught:
        action()
    assert KEY not in told(caught.value)
    assert all(type(link).__module__.startswith("seedream_django") for link in chain(caught.value))
    return caught.value
