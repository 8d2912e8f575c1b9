"""How connections are made: with one deadline for an exchange, and for results to checked addresses only.

httpx's time-outs are for each single read, so a server that sends a byte every few seconds holds a worker for
ever. Here the sockets know when the exchange must be over. With ``client`` the only module that knows the
HTTP library.
"""

from __future__ import annotations

import functools
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpcore
import httpx

from . import guard

_exchange = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give whatever this thread reads and writes meanwhile so many seconds in all."""
    _exchange.deadline = time.monotonic() + seconds
    try:
        yield
    finally:
        _exchange.deadline = None


class _Discreet(logging.Filter):
    """Keeps the HTTP library's debug lines of our exchanges out of the log: a redirect's address may be signed.

    Those of anybody else in the process go their way.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(_exchange, "deadline", None) is None


logging.getLogger("httpcore.http11").addFilter(_Discreet("seedream_django"))


def in_process(app: Any) -> httpx.BaseTransport:
    """Return a transport that calls the WSGI application ``app``; it knows no network and no time-outs."""
    return httpx.WSGITransport(app=app)


def network(endpoint: str = "") -> httpx.BaseTransport:
    """Make a transport without proxies, retries or HTTP/2; with ``endpoint`` the guard checks connections.

    httpx has no public way to hand a backend to its pool: this is the one line that reaches in, and tests
    hold it (an address that the guard refuses must raise from here).
    """
    transport = httpx.HTTPTransport(verify=_tls(), trust_env=False, retries=0)
    transport._pool._network_backend = _Backend(endpoint)
    return transport


@functools.cache
def _tls() -> ssl.SSLContext:
    """One context for the process: reading the certificates takes 110 ms."""
    return httpx.create_ssl_context(trust_env=False)


class _Backend(httpcore.SyncBackend):
    """Connects to the very address that was checked: between check and connection a name may change."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        """Try the addresses in order. Raises ``ForbiddenAddress`` when the name leads inward."""
        *others, last = self._addresses(host, port)
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return _Stream(super().connect_tcp(address, port, _left(timeout), *args, **kwargs))
        return _Stream(super().connect_tcp(last, port, _left(timeout), *args, **kwargs))

    def _addresses(self, host: str, port: int) -> list[str]:
        if not self._endpoint:
            return [host]
        with suppress(socket.gaierror):
            return guard.resolve(host, port, self._endpoint)
        raise httpcore.ConnectError("the name is unknown")


class _Stream(httpcore.NetworkStream):
    """A connection on which the exchange's deadline counts, too."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _left(timeout: float | None) -> float | None:
    """Return the shorter of ``timeout`` and what the exchange has left. Raises ``ReadTimeout`` at its end."""
    deadline: float | None = getattr(_exchange, "deadline", None)
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the exchange took too long")
    return left if timeout is None else min(timeout, left)
