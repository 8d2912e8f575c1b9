"""The sandbox behind a real socket, and a gatekeeper who counts what comes and spoils what he is told to."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seedream_django import provider, sandbox

KEY = "canary-4f7a1c9e8b2d4e6f-key"

Spoil = Callable[[Any, dict[str, Any], Any], Iterable[bytes]]


class Gate:
    """Passes requests on to the sandbox. ``spoil[task type]`` holds what happens to the next ones instead."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.posts: list[dict[str, Any]] = []
        self.requests: list[list[dict[str, Any]]] = []
        self.fetched: list[str] = []
        self.spoil: dict[str, list[Spoil]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        kind = self._read(environ) if environ["REQUEST_METHOD"] == "POST" else "file"
        if kind == "file":
            self.fetched.append(environ["PATH_INFO"])
        waiting = self.spoil.get(kind)
        if waiting:
            return waiting.pop(0)(self.app, environ, start_response)
        return self.app(environ, start_response)

    def _read(self, environ: dict[str, Any]) -> str:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
        tasks = json.loads(body)
        self.posts += tasks
        self.requests.append(tasks)
        return str(tasks[0]["taskType"])

    def submitted(self) -> list[str]:
        """The task UUID of each paid POST that came."""
        return [task["taskUUID"] for task in self.posts if task["taskType"] == "imageInference"]


@contextmanager
def opened(settings: Any, state: Path, **values: Any) -> Iterator[Gate]:
    """Serve it on a loopback port, and have the app use it as the provider, with a key."""
    gate = Gate(sandbox.create_app(state, key=KEY, latency=0, plain=True))
    with sandbox.running(gate) as root, speaking_to(settings, f"{root}/v1", **values):
        yield gate


@contextmanager
def speaking_to(settings: Any, endpoint: str, **values: Any) -> Iterator[None]:
    """Use the real transport, to this endpoint."""
    settings.SEEDREAM |= {"SANDBOX": False, "API_KEY": KEY, "ENDPOINT": endpoint, "TIMEOUT": 5, **values}
    try:
        yield
    finally:
        provider.client().close()
        provider._provider.cache_clear()


# -- What may happen to a request ----------------------------------------------------------------------------


def unavailable(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """A proxy's 503, before anything reached the provider."""
    start_response("503 Service Unavailable", [("Content-Type", "text/html")])
    return [b"<html>try later</html>"]


def cut(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The provider takes it, and the connection breaks in the middle of the answer."""
    list(app(environ, lambda status, headers: None))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "1000")])
    return [b'{"data": [']


def gateway_timeout(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The provider takes it, and a gateway before it loses patience."""
    list(app(environ, lambda status, headers: None))
    start_response("504 Gateway Timeout", [("Content-Type", "text/html")])
    return [b"<html>504</html>"]


def slow(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The provider takes it, and answers when nobody listens any more."""
    body = list(app(environ, start_response))
    time.sleep(0.6)
    return body


def answering(status: str, payload: Any) -> Spoil:
    """Answers this, and passes nothing on."""

    def answer(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(payload).encode()]

    return answer
