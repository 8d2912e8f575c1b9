"""What goes over the wire: replies as they should be, and all the ways in which they are not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from .settings import KEY
from .world import World

# -- Replies -------------------------------------------------------------------------------------------------


class Body(httpx.SyncByteStream):
    """A body that comes in pieces, and may end, or never end, as it likes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self.pieces


def answer(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=Body(iter((body,))))


def reply(payload: Any, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    headers = {"Content-Type": "application/json", **(headers or {})}
    return answer(json.dumps(payload).encode(), status, headers)


def error(code: str, message: str, task_uuid: str | None) -> dict[str, Any]:
    return {"code": code, "message": message} | ({"taskUUID": task_uuid} if task_uuid else {})


def failure(task_uuid: str) -> dict[str, Any]:
    said = error("inferenceError", "It could not be made.", task_uuid)
    return {**said, "taskType": "imageInference", "status": "error"}


# -- What becomes of a submission that was taken --------------------------------------------------------------


def _timeout(here: World, response: httpx.Response) -> httpx.Response:
    here.count("submit-unclear")
    here.clock.sleep(30)
    raise httpx.ReadTimeout("The read operation timed out.")


def _bad_gateway(here: World, response: httpx.Response) -> httpx.Response:
    here.count("submit-unclear")
    return answer(b"<html>Bad gateway</html>", 502, {"Content-Type": "text/html"})


def _server_error(here: World, response: httpx.Response) -> httpx.Response:
    here.count("submit-unclear")
    return reply({"errors": [error("internalServerError", "Sorry.", None)]}, 500)


def _unnamed(here: World, response: httpx.Response) -> httpx.Response:
    """It was taken, and the reply does not say so."""
    here.count("reply-partial")
    return reply({"data": []})


def _killed_after(here: World, response: httpx.Response) -> httpx.Response:
    here.count("submit-unclear")
    here.kill("after the provider took it")
    raise AssertionError


AFTER: dict[str, Callable[[World, httpx.Response], httpx.Response]] = {
    "timeout": _timeout,
    "bad gateway": _bad_gateway,
    "error": _server_error,
    "unnamed": _unnamed,
    "killed after": _killed_after,
}

# -- What becomes of a question ------------------------------------------------------------------------------


def _slow_answer(here: World) -> httpx.Response:
    here.clock.sleep(30)
    raise httpx.ReadTimeout("The read operation timed out.")


NONSENSE: dict[str, Callable[[World], httpx.Response]] = {
    "time-out": _slow_answer,
    "a page": lambda here: answer(
        b"<html></html>", here.rng.choice((200, 502)), {"Content-Type": "text/html"}
    ),
    "half a reply": lambda here: answer(b'{"data":[{"taskType":"imageInf'),
    "nothing": lambda here: answer(b""),
    "NaN": lambda here: answer(b'{"data":[{"cost":NaN}]}'),
    "a pit": lambda here: answer(b'{"data":' + b"[" * 20_000),
    "wrong types": lambda here: reply({"data": 5, "errors": {"code": [], "message": 3}}),
    "busy": lambda here: reply(
        {"errors": [error("rateLimitExceeded", "Later.", None)]}, 429, {"Retry-After": "7"}
    ),
    "the key": lambda here: reply({"errors": [error("invalidApiKey", f"Who is {KEY}?", None)]}, 401),
    "packed": lambda here: answer(b"\x1f\x8b\x00", 200, {"Content-Encoding": "br"}),
}

# -- What becomes of a download ------------------------------------------------------------------------------


def _endless(here: World) -> Iterator[bytes]:
    while True:
        here.clock.sleep(20)
        yield b"."


def _cut(here: World, content: bytes) -> httpx.Response:
    return answer(content[: len(content) // 2], 200, {"Content-Length": str(len(content))})


DOWNLOADS: dict[str, Callable[[World, bytes], httpx.Response]] = {
    "cut short": _cut,
    "half, unsaid": lambda here, content: answer(content[: len(content) // 2]),
    "a page": lambda here, content: answer(b"<html>" * 9, 502, {"Content-Type": "text/html"}),
    "no bytes": lambda here, content: answer(b""),
    "another type": lambda here, content: answer(b"GIF89a" + content),
    "a flipped bit": lambda here, content: answer(content[:20] + bytes([content[20] ^ 1]) + content[21:]),
    "too large": lambda here, content: answer(b"." * 5000),
    "endless": lambda here, content: httpx.Response(200, stream=Body(_endless(here))),
    "elsewhere": lambda here, content: answer(b"", 302, {"Location": "http://169.254.169.254/"}),
}
