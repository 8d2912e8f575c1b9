"""The WSGI application: one address for tasks, one for results, one for uploads.

It answers every request, however broken, and raises nothing but the ``ConnectionResetError`` of a cut that was
asked for: a server on a socket closes the connection then, ``httpx.WSGITransport`` shows it to the caller.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import parameters
from . import failing, inference, questions, triggers, uploads, usage
from .books import Books, micro
from .errors import Answer, Rejected, error, rejected
from .files import HTML, Half, Reply, fetch
from .gallery import Gallery
from .provider import Call, Provider
from .reading import allow, read, tasks_in
from .stock import Stock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:.]{2,45}\](:[0-9]{1,5})?", re.ASCII)

Handler = Callable[[Provider, dict[str, Any], Call], Answer | Callable[[], Answer]]

_TASKS: dict[str, Handler] = {
    parameters.TASK_TYPE: inference.submit,
    "getResponse": questions.get_response,
    "getTaskDetails": questions.get_task_details,
    "mediaStorage": uploads.media_storage,
    "imageUpload": uploads.image_upload,
    "accountManagement": usage.account,
    "ping": questions.ping,
}


def create_app(
    state: Path | str,
    *,
    key: str = "sandbox",
    latency: float | tuple[float, float] = (1.5, 3.0),
    base: str | None = None,
    price: Decimal | float | str = parameters.PRICE,
    credit: Decimal | float | str = 1000,
    seed: int | None = None,
    failures: float = 0.0,
    plain: bool = False,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> App:
    """Make the application over the SQLite file ``state``, which is created when missing.

    ``latency``: seconds to a task's first result, a number or (shortest, longest). ``base``: the root of
    result addresses, by default the scheme and host that each request came to. ``price``: US dollars a
    picture; ``credit``: what the account began with. ``seed``: makes every task's seeds the same. ``failures``:
    the share of submissions that fail, chosen by the seed. ``plain``: pictures of flat colours in milliseconds,
    for tests.
    """
    low, high = latency if isinstance(latency, tuple) else (latency, latency)
    books = Books(state)
    provider = Provider(
        books=books,
        stock=Stock(books),
        gallery=Gallery(plain=plain),
        latency=(float(low), float(high)),
        clock=clock,
        sleep=sleep,
        price=micro(price),
        credit=Decimal(str(credit)),
        seed=seed,
        failures=failures,
    )
    return App(provider, key=key, base=base)


class App:
    """The WSGI callable. ``books`` tells what it accepted and charged."""

    def __init__(self, provider: Provider, *, key: str, base: str | None) -> None:
        self.provider = provider
        self.books = provider.books
        self._key = key
        # A name for the key that does not tell it, for the books.
        self._account = f"key-{hashlib.sha256(_bytes(key)).hexdigest()[:8]}"
        self._base = base.rstrip("/") if base else None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            status, headers, body = self._reply(environ)
        except ConnectionResetError:
            raise  # a cut that was asked for
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
            if path.startswith(("/pictures/", "/media/")):
                return self._picture(environ, path)
            raise rejected(404, "notFound", "There is nothing at this address.")
        except Rejected as rejection:
            return _json(rejection.answer)

    # -- Tasks -----------------------------------------------------------------------------------------------

    def _api(self, environ: WSGIEnvironment) -> Reply:
        allow(environ, "POST")
        words = _header(environ)
        tasks = self._authenticated(environ, tasks_in(read(environ)), words)
        dry_run = environ.get("HTTP_X_RUNWARE_DRY_RUN") == "1"
        call = Call(self._origin(environ), dry_run, words, self._account)
        # First every task is taken, then those that hold the line are waited for.
        taken = [self._take(task, one) for task, one in zip(tasks, _counted(tasks, call), strict=True)]
        return _sent(_together([part if isinstance(part, Answer) else part() for part in taken]))

    def _take(self, task: Any, call: Call) -> Answer | Callable[[], Answer]:
        try:
            handler = _handler(task)
            if handler is inference.submit:
                return handler(self.provider, task, call)
            return self._asked(handler, task, call)
        except Rejected as rejection:
            return rejection.answer

    def _asked(self, handler: Handler, task: dict[str, Any], call: Call) -> Answer | Callable[[], Answer]:
        """The answer to a task that is no order: only the header's words act on it."""
        found = triggers.find(call.words)
        failing.refuse(self.provider, task, found)
        answer = handler(self.provider, task, call)
        assert isinstance(answer, Answer)  # only orders hold the line
        return failing.instead(found, task) or replace(
            answer, spoil="half" if failing.is_halved(found) else ""
        )

    def _authenticated(self, environ: WSGIEnvironment, tasks: list[Any], words: str) -> list[Any]:
        """The tasks without the authentication. Raises ``Rejected`` (401) for the whole request."""
        scheme, _, given = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        by_task = isinstance(tasks[0], dict) and tasks[0].get("taskType") == "authentication"
        secret: Any = given.strip()
        if scheme.lower() != "bearer":
            secret = tasks[0].get("apiKey") if by_task else None
        if not secret:
            raise _unauthorized("missingApiKey", "An API key is required.")
        right = isinstance(secret, str) and hmac.compare_digest(_bytes(secret), _bytes(self._key))
        if not right or any(_says_badkey(task, words) for task in tasks):
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

    def _picture(self, environ: WSGIEnvironment, path: str) -> Reply:
        allow(environ, "GET", "HEAD")
        return fetch(self.provider, path)


# -- Finding the task -----------------------------------------------------------------------------------------


def _handler(task: Any) -> Handler:
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


def _counted(tasks: list[Any], call: Call) -> list[Call]:
    """The call as each task meets it: how many before it ask for the same, and how many do in all."""
    if len(tasks) == 1 or not all(
        isinstance(t, dict) and t.get("taskType") == parameters.TASK_TYPE for t in tasks
    ):
        return [call] * len(tasks)
    asked = [inference.alike(task) for task in tasks]
    return [replace(call, equal=asked[:n].count(one), of=asked.count(one)) for n, one in enumerate(asked)]


def _welcome(provider: Provider, task: dict[str, Any], call: Call) -> Answer:
    return Answer(data=[{"taskType": "authentication", "connectionSessionUUID": str(uuid.uuid4())}])


def _header(environ: WSGIEnvironment) -> str:
    """The triggers of the header ``X-Sandbox``. Raises ``Rejected`` for a word that is none."""
    words = triggers.in_header(str(environ.get("HTTP_X_SANDBOX", "")))
    for word in words.split():
        if word not in triggers.BY_WORD:
            known = list(triggers.BY_WORD)
            text = "The header X-Sandbox has a word that the sandbox does not know."
            raise rejected(400, "invalidSandboxHeader", text, parameter="X-Sandbox", allowedValues=known)
    return words


def _says_badkey(task: Any, words: str) -> bool:
    prompt = task.get("positivePrompt") if isinstance(task, dict) else None
    return "sandbox:badkey" in triggers.find(f"{prompt if isinstance(prompt, str) else ''} {words}")


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
        whole.spoil = whole.spoil or answer.spoil
    whole.data.sort(key=lambda item: item.get("status") == "processing")
    return whole


def _sent(answer: Answer) -> Reply:
    """The reply, or what a trigger makes of it. Raises ``ConnectionResetError`` for one that is cut."""
    if answer.spoil == "cut":
        raise ConnectionResetError("The sandbox cut the connection, as it was asked to.")
    if answer.spoil == "html":
        return 502, {"Content-Type": "text/html"}, HTML
    status, headers, body = _json(answer)
    return status, headers, Half(body) if answer.spoil == "half" else body


def _json(answer: Answer) -> Reply:
    # A part that is empty is left out: an official SDK takes a present "errors": [] for a failure.
    parts = {name: value for name, value in (("data", answer.data), ("errors", answer.errors)) if value}
    headers = {"Content-Type": "application/json", **answer.headers}
    return answer.status, headers, json.dumps(parts).encode()


def _chunks(body: bytes) -> Iterator[bytes]:
    end = len(body) // 2 if isinstance(body, Half) else len(body)
    for start in range(0, end, _CHUNK):
        yield body[start : min(end, start + _CHUNK)]
    if end < len(body):
        raise ConnectionResetError("The sandbox cut the connection, as it was asked to.")
