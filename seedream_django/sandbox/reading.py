"""A request's body: bounded, whole, JSON, an array of tasks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .errors import rejected

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: Largest request: fourteen references of 10 MB as base64 make 187 MB, and nothing honest is larger.
MAX_BODY = 200 * 1024 * 1024

#: Whole numbers of more digits than this are read as floats: no parameter has them, and SQLite holds no more.
_MAX_DIGITS = 18


def allow(environ: WSGIEnvironment, *methods: str) -> None:
    if environ.get("REQUEST_METHOD") not in methods:
        text = f"Use {' or '.join(methods)}."
        raise rejected(405, "methodNotAllowed", text, headers={"Allow": ", ".join(methods)})


def read(environ: WSGIEnvironment) -> bytes:
    length = str(environ.get("CONTENT_LENGTH") or "")
    if not length:
        raise rejected(411, "lengthRequired", "The request needs a Content-Length.")
    if not (length.isascii() and length.isdigit()) or len(length) > _MAX_DIGITS:
        raise rejected(400, "invalidContentLength", "The Content-Length is no number.")
    if int(length) > MAX_BODY:
        raise rejected(413, "requestTooLarge", "The request is too large.", max=MAX_BODY)
    try:
        data = environ["wsgi.input"].read(int(length))
    except OSError:
        data = b""
    if len(data) < int(length):
        raise rejected(400, "invalidRequestBody", "The request was cut short.")
    return bytes(data)


def tasks_in(body: bytes) -> list[Any]:
    try:
        tasks = json.loads(body, parse_constant=_no_constant, parse_int=_bounded_int)
    except (ValueError, RecursionError):
        raise rejected(400, "invalidRequestBody", "The body is not JSON.") from None
    if not isinstance(tasks, list) or not tasks:
        raise rejected(400, "invalidRequestBody", "The body must be an array of one or more tasks.")
    return tasks


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _bounded_int(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)
