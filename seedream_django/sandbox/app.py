"""The WSGI application: one address for tasks, one for pictures.

It answers every request, however broken, and raises nothing: through ``httpx.WSGITransport`` an exception
would surface in the caller.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import parameters
from . import inference, questions, triggers
from .books import Books, Result, Task, micro
from .errors import Answer, Rejected, error, rejected
from .gallery import FORMATS, Gallery
from .provider import Call, Provider
from .results import order_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

#: Largest request: fourteen references of 10 MB as base64 make 187 MB, and nothing honest is larger.
MAX_BODY = 200 * 1024 * 1024

#: Whole numbers of more digits than this are read as floats: no parameter has them, and SQLite holds no more.
_MAX_DIGITS = 18

_CHUNK = 64 * 1024
_HEX = "[0-9a-f]"
_PICTURE = re.compile(
    rf"/pictures/({_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}})\.(jpg|png|webp)", re.ASCII
)
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:.]{2,45}\](:[0-9]{1,5})?", re.ASCII)
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"

_TASKS: dict[str, Callable[[Provider, dict[str, Any], Call], Answer | Callable[[], Answer]]] = {
    parameters.TASK_TYPE: inference.submit,
    "getResponse": questions.get_response,
    "getTaskDetails": questions.get_task_details,
    "accountManagement": questions.account,
    "ping": questions.ping,
}

Reply = tuple[int, dict[str, str], bytes]


def create_app(
    state: Path | str,
    *,
    key: str = "sandbox",
    latency: float | tuple[float, float] = (1.5, 3.0),
    base: str | None = None,
    price: Decimal | float | str = parameters.PRICE,
    credit: Decimal | float | str = 1000,
    seed: int | None = None,
    plain: bool = False,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> App:
    """Make the application over the SQLite file ``state``, which is created when missing.

    ``latency``: seconds to a task's first result, a number or (shortest, longest). ``base``: the root of
    result addresses, by default the scheme and host that each request came to. ``price``: US dollars a
    picture; ``credit``: what the account began with. ``seed``: makes every task's seeds the same. ``plain``:
    pictures of flat colours in milliseconds, for tests.
    """
    low, high = latency if isinstance(latency, tuple) else (latency, latency)
    provider = Provider(
        books=Books(state),
        gallery=Gallery(plain=plain),
        latency=(float(low), float(high)),
        clock=clock,
        sleep=sleep,
        price=micro(price),
        credit=Decimal(str(credit)),
        seed=seed,
    )
    return App(provider, key=key, base=base)


class App:
    """The WSGI callable. ``books`` tells what it accepted and charged."""

    def __init__(self, provider: Provider, *, key: str, base: str | None) -> None:
        self.provider = provider
        self.books = provider.books
        self._key = key
        self._base = base.rstrip("/") if base else None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            status, headers, body = self._reply(environ)
        except Exception:
            logger.exception("The sandbox failed to answer")
            failed = error("internalServerError", "Internal error.")
            status, headers, body = _json(Answer(errors=[failed], status=500))
        headers["Content-Length"] = str(len(body))
        start_response(f"{status} {HTTPStatus(status).phrase}", list(headers.items()))
        return iter(()) if environ.get("REQUEST_METHOD") == "HEAD" else _chunks(body)

    def _reply(self, environ: WSGIEnvironment) -> Reply:
        path = environ.get("PATH_INFO", "")
        try:
            if path.rstrip("/") == "/v1":
                return self._api(environ)
            if path.startswith("/pictures/"):
                return self._picture(environ, path)
            raise rejected(404, "notFound", "There is nothing at this address.")
        except Rejected as rejection:
            return _json(rejection.answer)

    # -- Tasks -----------------------------------------------------------------------------------------------

    def _api(self, environ: WSGIEnvironment) -> Reply:
        _allow(environ, "POST")
        tasks = self._authenticated(environ, _tasks(_read(environ)))
        call = Call(self._origin(environ), dry_run=environ.get("HTTP_X_RUNWARE_DRY_RUN") == "1")
        # First every task is taken, then those that hold the line are waited for.
        taken = [self._take(task, call) for task in tasks]
        return _json(_together([part if isinstance(part, Answer) else part() for part in taken]))

    def _take(self, task: Any, call: Call) -> Answer | Callable[[], Answer]:
        try:
            return _handler(task)(self.provider, task, call)
        except Rejected as rejection:
            return rejection.answer

    def _authenticated(self, environ: WSGIEnvironment, tasks: list[Any]) -> list[Any]:
        """The tasks without the authentication. Raises ``Rejected`` (401) for the whole request."""
        scheme, _, given = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        by_task = isinstance(tasks[0], dict) and tasks[0].get("taskType") == "authentication"
        secret: Any = given.strip()
        if scheme.lower() != "bearer":
            secret = tasks[0].get("apiKey") if by_task else None
        if not secret:
            raise _unauthorized("missingApiKey", "An API key is required.")
        right = isinstance(secret, str) and hmac.compare_digest(_bytes(secret), _bytes(self._key))
        if not right or any(map(_says_badkey, tasks)):
            raise _unauthorized("invalidApiKey", "Invalid API key.")
        # Alone, the authentication is answered; before other tasks it is silent.
        return tasks if not by_task or len(tasks) == 1 else tasks[1:]

    def _origin(self, environ: WSGIEnvironment) -> str:
        if self._base:
            return self._base
        host = str(environ.get("HTTP_HOST", ""))
        if not _HOST.fullmatch(host):
            host = f"{environ.get('SERVER_NAME', 'sandbox')}:{environ.get('SERVER_PORT', '80')}"
        return f"{environ.get('wsgi.url_scheme', 'http')}://{host}"

    # -- Pictures --------------------------------------------------------------------------------------------

    def _picture(self, environ: WSGIEnvironment, path: str) -> Reply:
        _allow(environ, "GET", "HEAD")
        match = _PICTURE.fullmatch(path)
        found = self.books.picture(match[1]) if match else None
        if match is None or found is None or not self._is_there(*found, match[2]):
            raise rejected(404, "notFound", "There is no such picture.")
        task, result = found
        words = triggers.find(task.prompt)
        if self._breaks(words, result):
            return 502, {"Content-Type": "text/html"}, _HTML
        data = self.provider.gallery.file(order_of(task, result))
        data = data[: len(data) // 2] if "sandbox:truncated" in words else data
        return 200, {"Content-Type": FORMATS[task.format][1]}, data

    def _is_there(self, task: Task, result: Result, extension: str) -> bool:
        now = self.provider.clock()
        expires = result.ready + task.ttl if task.ttl and task.output_type == "URL" else float("inf")
        gone = "sandbox:expired" in triggers.find(task.prompt) or now > expires
        return not (gone or result.code or now < result.ready or extension != FORMATS[task.format][0])

    def _breaks(self, words: dict[str, triggers.Trigger], result: Result) -> bool:
        if "sandbox:html-always" in words:
            return True
        times = words["sandbox:html"].times or 0 if "sandbox:html" in words else 0
        return bool(times) and self.books.count("sandbox:html", result.image) <= times


# -- Reading -------------------------------------------------------------------------------------------------


def _allow(environ: WSGIEnvironment, *methods: str) -> None:
    if environ.get("REQUEST_METHOD") not in methods:
        text = f"Use {' or '.join(methods)}."
        raise rejected(405, "methodNotAllowed", text, headers={"Allow": ", ".join(methods)})


def _read(environ: WSGIEnvironment) -> bytes:
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


def _tasks(body: bytes) -> list[Any]:
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


def _handler(task: Any) -> Callable[[Provider, dict[str, Any], Call], Answer | Callable[[], Answer]]:
    if not isinstance(task, dict):
        raise rejected(400, "invalidTask", "Each task must be an object.")
    if "taskType" not in task:
        raise rejected(400, "missingTaskType", "This value is required.", task=task, parameter="taskType")
    kind = task["taskType"]
    if kind == "authentication":
        return _welcome
    if not isinstance(kind, str) or kind not in _TASKS:
        text, known = "The sandbox does not know this task type.", list(_TASKS)
        raise rejected(400, "invalidTaskType", text, task=task, parameter="taskType", allowedValues=known)
    return _TASKS[kind]


def _welcome(provider: Provider, task: dict[str, Any], call: Call) -> Answer:
    return Answer(data=[{"taskType": "authentication", "connectionSessionUUID": str(uuid.uuid4())}])


def _says_badkey(task: Any) -> bool:
    prompt = task.get("positivePrompt") if isinstance(task, dict) else None
    return isinstance(prompt, str) and "sandbox:badkey" in triggers.find(prompt)


def _unauthorized(code: str, message: str) -> Rejected:
    about = {"taskType": "authentication"}
    return rejected(401, code, message, task=about, parameter="apiKey")


def _bytes(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogatepass")


# -- Writing -------------------------------------------------------------------------------------------------


def _together(answers: list[Answer]) -> Answer:
    """One reply: finished items first; 200 unless every task failed, then the status of the first."""
    whole = Answer(status=200 if any(a.status == 200 for a in answers) else answers[0].status)
    for answer in answers:
        whole.data += answer.data
        whole.errors += answer.errors
        whole.headers |= answer.headers
    whole.data.sort(key=lambda item: item.get("status") == "processing")
    return whole


def _json(answer: Answer) -> Reply:
    # A part that is empty is left out: an official SDK takes a present "errors": [] for a failure.
    parts = {name: value for name, value in (("data", answer.data), ("errors", answer.errors)) if value}
    headers = {"Content-Type": "application/json", **answer.headers}
    return answer.status, headers, json.dumps(parts).encode()


def _chunks(body: bytes) -> Iterator[bytes]:
    return (body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK))
