"""The sandbox as a server on a loopback port: a thread a request, a line a request, a clean stop.

Only a server delivers by itself: webhooks and uploads, by its ``Courier``.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

from .app import App
from .courier import Courier

Log = Callable[[str], object]


class PortTaken(OSError):
    """Something else listens on this port."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True  # a sync task that still holds the line must not hold up the stop
    request_queue_size = 128
    courier: Courier | None = None

    def __init__(self, address: tuple[str, int], log: Log) -> None:
        self.log = log
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # As WSGIServer, but without HTTPServer's reverse look-up of the host's name, which may take seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]
        self.setup_environ()

    def deliver_for(self, app: object) -> None:
        """Have a courier carry what the sandbox's orders want delivered, until the server is closed.

        ``app`` is a sandbox, or something around one that has it as its ``app``.
        """
        while not isinstance(app, App):
            if app is None:
                return
            app = getattr(app, "app", None)
        self.courier, self._couriers = Courier(app.provider, self.log), app.provider.couriers
        self._couriers.append(self.courier.take)

    def server_close(self) -> None:
        super().server_close()
        if self.courier is not None:
            self._couriers.remove(self.courier.take)
            self.courier.close()
            self.courier = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.log("- a connection was lost")


class _Handler(WSGIRequestHandler):
    server: _Server
    timeout = 30  # seconds that a silent connection is kept
    began = 0.0
    logged = False

    def handle(self) -> None:
        self.began = time.monotonic()
        super().handle()
        if not self.logged and vars(self).get("raw_requestline"):
            self.log_request("cut")  # by a trigger, or by the other side

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        self.logged = True
        # The path without its query, escaped: no secret and no control character reaches a terminal.
        path = ascii(getattr(self, "path", "-").partition("?")[0])[1:-1][:200]
        took = (time.monotonic() - self.began) * 1000
        self.server.log(f"{self.command or '-'} {path} {code} {size} bytes {took:.0f} ms")

    def log_message(self, format: str, *args: Any) -> None:
        pass  # errors of a connection end in log_request or handle_error


def bind(app: WSGIApplication, port: int, *, host: str = "127.0.0.1", log: Log = print) -> _Server:
    """A server that listens but does not yet answer. Port 0 takes a free one. Raises ``PortTaken``."""
    try:
        server = _Server((host, port), log)
    except OSError as exc:
        if exc.errno in (errno.EADDRINUSE, errno.EACCES):
            raise PortTaken(exc.errno, f"port {port} is taken") from None
        raise
    server.set_app(app)
    server.deliver_for(app)
    return server


def serve(app: WSGIApplication, port: int, *, host: str = "127.0.0.1", log: Log = print) -> None:
    """Serve until ``KeyboardInterrupt`` or another exception raised in this thread, then close the port."""
    with bind(app, port, host=host, log=log) as server:
        server.serve_forever(poll_interval=0.2)


@contextmanager
def running(app: WSGIApplication, port: int = 0, *, log: Log = lambda line: None) -> Iterator[str]:
    """Serve in a thread for the length of a ``with``; gives the root, such as ``http://127.0.0.1:40123``."""
    with bind(app, port, log=log) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
