"""The client: one question, one HTTP request, one answer.

Nothing is ever sent twice here, since only the row knows whether a second submission may cost a second time.
Every error leaves as one of the tree in ``exceptions``, and is raised *outside* the ``except`` block that met
the HTTP library's: so no chain, traceback or debug page reaches the request, whose headers hold the key.

The transports are called directly, without ``httpx.Client``: it logs every address at INFO (a result's
address is signed), keeps cookies, reads the environment and follows redirects unless told not to. With
``transport`` this is the only module that knows the HTTP library.
"""

from __future__ import annotations

import functools
import json
import logging
import re
import time
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from ..exceptions import ForbiddenAddress, NotRun, PictureError, ProviderError, Refused, Unclear
from . import download, guard, replies
from .codes import classify
from .download import Download
from .replies import Failure, Report, Result
from .transport import in_process, network, within

__all__ = ["Download", "Failure", "Report", "Result", "Runware", "classify", "in_process"]

logger = logging.getLogger(__name__)

#: Bytes of a reply that are read. A poll of 100 tasks with 20 results of 600 bytes each is 1.2 MB.
REPLY_BYTES = 8 << 20
#: The same where pictures come inside the reply: 20 JPG of 3072² in base64 are 73 MB.
INLINE_REPLY_BYTES = 80 << 20

#: A host that answers connects in well under a second; waiting longer only blocks a worker.
CONNECT_SECONDS = 10.0
#: The longest wait that a ``Retry-After`` can ask of us, in seconds; a row's deadline is of that order.
LONGEST_WAIT = 3600.0

#: A shorter key (the sandbox's is "sandbox") is a word: blotting it out would garble honest messages.
SECRET_LENGTH = 12

_UNKNOWN_TASK = "taskfailedornotfound"
_OUTCOMES: dict[str, type[ProviderError]] = {"refused": Refused, "not_run": NotRun, "unclear": Unclear}


class Runware:
    """The provider, behind one key and one endpoint. Safe to share between threads; make one per process.

    ``transport`` stands in for the network (``in_process``); ``hosts`` are the patterns that results may come
    from; ``timeout`` bounds in seconds each wait for the other side, and twice that one whole exchange.
    """

    def __init__(
        self,
        key: str,
        endpoint: str,
        *,
        transport: httpx.BaseTransport | None = None,
        hosts: Sequence[str] = ("*.runware.ai",),
        timeout: float = 30.0,
    ) -> None:
        self._key, self._endpoint, self._hosts = key, endpoint, tuple(hosts)
        self._timeout = timeout
        self._owns = transport is None
        self._api = transport or network()
        self._files = transport or network(endpoint)

    def __repr__(self) -> str:
        return f"<Runware {self._endpoint.partition('?')[0]}>"

    def close(self) -> None:
        """Close the connections that this client opened; an injected transport is its owner's to close."""
        if self._owns:
            self._api.close()
            self._files.close()

    # -- Paid ------------------------------------------------------------------------------------------------

    def submit(self, task: Mapping[str, Any]) -> Report:
        """Send one task, once. An acknowledgement is a report that is known and processing.

        Raises ``Refused``, ``NotRun`` or ``Unclear``. A ``Refused`` with code ``conflictTaskUUID`` proves
        that an earlier submission of the same task was accepted.
        """
        task_uuid = uuid.UUID(str(task["taskUUID"]))
        inline = task.get("outputType", "URL") != "URL"
        answer = self._ask([task], INLINE_REPLY_BYTES if inline else REPLY_BYTES)
        reports, _ = answer.read([task_uuid])
        report = reports.get(task_uuid, Report(task_uuid))
        if answer.status < 400 and (report.results or report.processing):
            return replace(report, known=True)
        if report.results:
            # A gateway gave up half-way: what is there is paid, the rest may still run.
            return replace(report, failures=(), processing=True)
        raise answer.problem(report.failures, accepted=report.processing)

    # -- Free ------------------------------------------------------------------------------------------------

    def poll(self, task_uuids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Report]:
        """Ask for many tasks in one request; tasks that the reply does not mention are absent.

        Raises ``ProviderError`` when the reply says nothing of any task: unreadable, or an error of the
        request.
        """
        if not task_uuids:
            return {}
        answer = self._ask([{"taskType": replies.TASK_TYPE_POLL, "taskUUID": str(u)} for u in task_uuids])
        reports, strays = answer.read(task_uuids, polling=True)
        if not reports and (strays or answer.status >= 400 or "data" not in answer.payload):
            raise answer.problem(strays)
        if strays:
            logger.warning("Errors of a poll as a whole: %s", sorted({failure.kind for failure in strays}))
        return reports

    def details(self, task_uuid: uuid.UUID) -> Report | None:
        """Ask the archive; ``None`` when it says that it does not know the task. Raises ``ProviderError``.

        A task that is there without a response is known and in work: a null response is no proof of failure.
        Only the code, said of this task and of nothing else, counts as "unknown": a bare 404 may come from any
        proxy, and a resubmission would follow from it.
        """
        answer = self._ask([{"taskType": "getTaskDetails", "taskUUID": str(task_uuid)}])
        report = replies.archived(answer.payload, task_uuid, self._secret)
        if report is not None and (answer.status < 400 or report.results):
            return report
        reports, strays = answer.read([task_uuid])
        own = reports.get(task_uuid, Report(task_uuid))
        contradicted = report is not None or own.results or own.processing
        codes = {failure.code.lower() for failure in own.failures}
        if answer.status in (200, 400, 404) and _UNKNOWN_TASK in codes and not contradicted:
            return None
        raise answer.problem([*own.failures, *strays])

    def ping(self) -> None:
        """Return when key and endpoint work; raise ``ProviderError`` when they do not."""
        answer = self._ask([{"taskType": "ping", "ping": True}])
        if answer.status >= 400 or not any(item.get("pong") for item in answer.items()):
            raise answer.problem(answer.read([])[1])

    def balance(self) -> Decimal | None:
        """Return the account's US dollars, ``None`` where the reply has none. Raises ``ProviderError``."""
        task_uuid = str(uuid.uuid4())
        task = {"taskType": "accountManagement", "taskUUID": task_uuid, "operation": "getDetails"}
        answer = self._ask([task])
        if answer.status >= 400 or not answer.items():
            raise answer.problem(answer.read([])[1])
        amount = answer.items()[0].get("balance")
        value = amount.get("amount") if isinstance(amount, Mapping) else amount
        return replies.money(value, limit=Decimal(10**9))

    def download(
        self, url: str, path: Path, *, max_bytes: int = download.MAX_BYTES, seconds: float = download.SECONDS
    ) -> Download:
        """Stream a result to the new file ``path``; on any error no file stays.

        Raises ``ForbiddenAddress``, ``Expired`` or another ``PictureError``, none of which names the query,
        and a plain ``OSError`` when it is our own disk that fails.
        """
        origin = guard.check(url, self._endpoint, self._hosts)
        timeouts = self._timeouts(min(self._timeout, seconds))
        request = httpx.Request("GET", url, headers=_HEADERS, extensions=timeouts)
        if (request.url.scheme, request.url.host) != origin:  # two parsers, two opinions: that is an attack
            raise guard.forbidden(url)
        deadline = time.monotonic() + seconds
        translate = functools.partial(_picture_problem, url)
        with within(seconds), closing(_open(self._files, request, translate)) as response:
            answer = download.Response(response.status_code, response.headers, _chunks(response, translate))
            return download.save(answer, url, path, max_bytes, deadline)

    @property
    def _secret(self) -> str:
        return self._key if len(self._key) >= SECRET_LENGTH else ""

    def _timeouts(self, seconds: float) -> dict[str, Any]:
        connect = min(seconds, CONNECT_SECONDS)
        return {"timeout": {"connect": connect, "pool": connect, "read": seconds, "write": seconds}}

    def _ask(self, tasks: Sequence[Mapping[str, Any]], limit: int = REPLY_BYTES) -> _Answer:
        """POST once and read the reply, whatever its status. Raises a ``ProviderError``."""
        if not re.fullmatch(r"[\x21-\x7e]+", self._key):
            message = "The key is empty, or has characters that no key has."
            raise Refused(message, kind="auth", code="missingApiKey")
        request = httpx.Request(
            "POST",
            self._endpoint,
            content=json.dumps(tasks, allow_nan=False).encode(),
            headers={**_HEADERS, "Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
            extensions=self._timeouts(self._timeout),
        )
        with within(2 * self._timeout), closing(_open(self._api, request, _network_problem)) as response:
            return _answer(response, _read(response, limit), self._secret)


#: Compression is declined: pictures do not shrink, and a reply that inflates is one more thing to bound.
_HEADERS = {"User-Agent": "seedream-django", "Accept": "*/*", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class _Answer:
    """A reply, read to its end. ``trouble`` tells why ``payload`` is empty where it should not be."""

    status: int
    payload: dict[str, Any] = field(repr=False)
    trouble: str = ""
    retry_after: float | None = None
    secret: str = field(default="", repr=False)

    def read(
        self, asked: Sequence[uuid.UUID], *, polling: bool = False
    ) -> tuple[dict[uuid.UUID, Report], list[Failure]]:
        return replies.read(self.payload, asked, status=self.status, polling=polling, secret=self.secret)

    def items(self) -> list[Mapping[str, Any]]:
        return [item for item in replies.listed(self.payload.get("data")) if isinstance(item, Mapping)]

    def problem(self, failures: Sequence[Failure], *, accepted: bool = False) -> ProviderError:
        """Make the exception of the failure that binds us most, or of the bare status where there is none."""
        failure = min(failures, key=self._rank, default=None)
        if failure is None:
            kind, outcome = classify("", self.status)
            failure = Failure("server" if self.status < 400 else kind, "", self._words())
        else:
            outcome = classify(failure.code, self.status)[1]
        return _OUTCOMES["unclear" if accepted else outcome](
            failure.message or failure.code or self._words(),
            kind=failure.kind,
            code=failure.code,
            parameter=failure.parameter,
            status=self.status,
            retry_after=self.retry_after,
        )

    def _rank(self, failure: Failure) -> int:
        """Order failures of one task: proof that it was accepted, then doubt, then a no, then "later"."""
        if failure.code.lower() == "conflicttaskuuid":
            return 0
        return ["unclear", "refused", "not_run"].index(classify(failure.code, self.status)[1]) + 1

    def _words(self) -> str:
        if self.status >= 400:
            return f"The provider answered with HTTP status {self.status}."
        return f"The provider's reply could not be used: {self.trouble or 'it does not name the task'}."


# -- The exchange --------------------------------------------------------------------------------------------

#: What the HTTP library raises; and ``OSError``, which the WSGI transport lets through.
_NETWORK_ERRORS = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError)


_NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def _open(
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


def _chunks(response: httpx.Response, translate: Callable[[Exception], Exception]) -> Iterator[bytes]:
    """Pass the body on as it comes. Only the wire's errors are translated, not those of the reader."""
    try:
        yield from response.iter_raw()
        return
    except _NETWORK_ERRORS as error:
        problem = translate(error)
    raise problem


def _answer(response: httpx.Response, body: bytes | None, secret: str) -> _Answer:
    payload: dict[str, Any] = {}
    trouble = "" if body is not None else "it is too long, or packed in an unknown way"
    try:
        payload = replies.decode(body) if body is not None else {}
    except ValueError as error:
        trouble = str(error)
    if not trouble and 300 <= response.status_code < 400:
        payload, trouble = {}, "it is a redirect"
    wait = retry_after(response.headers.get("Retry-After"))
    return _Answer(response.status_code, payload, trouble, wait, secret)


def _read(response: httpx.Response, limit: int) -> bytes | None:
    """Read the body; ``None`` when it is beyond ``limit`` bytes or packed in an unknown way.

    Some gateways compress without being asked.
    """
    body = bytearray()
    for chunk in _chunks(response, _network_problem):
        body += chunk
        if len(body) > limit:
            return None
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return bytes(body)
    return _unpack(body, limit) if encoding in ("gzip", "deflate") else None


def _unpack(body: bytes | bytearray, limit: int) -> bytes | None:
    """Undo gzip or zlib (47 means either); ``limit`` keeps a small body from becoming a large one."""
    try:
        unpacked = zlib.decompressobj(47).decompress(body, limit + 1)
    except zlib.error:
        return None
    return unpacked if len(unpacked) <= limit else None


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


def _network_problem(error: Exception) -> ProviderError:
    """Tell whether the request may have reached the provider: only a connection never made says no."""
    if isinstance(error, _NEVER_CONNECTED):
        return NotRun(f"No connection to the provider ({type(error).__name__}).", kind="network")
    return Unclear(f"The connection to the provider broke ({type(error).__name__}).", kind="network")


def _picture_problem(url: str, error: Exception) -> PictureError:
    return PictureError(f"{guard.bare(url)} could not be fetched ({type(error).__name__}).")
