"""The client: one question, one HTTP request, one answer.

Nothing is ever sent twice here, since only the row knows whether a second submission may cost a second time.
Every error leaves as one of the tree in ``exceptions``, and is raised *outside* the ``except`` block that met
the HTTP library's: so no chain, traceback or debug page reaches the request, whose headers hold the key.

The transports are called directly, without ``httpx.Client``: it logs every address at INFO (a result's
address is signed), keeps cookies, reads the environment and follows redirects unless told not to. With
``transport`` this is the only module that knows the HTTP library.
"""

from __future__ import annotations

import base64
import functools
import json
import logging
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import httpx

from ..exceptions import PictureError, ProviderError, Refused
from . import answers, download, exchange, guard, items, replies
from .answers import Answer
from .codes import classify
from .download import Download
from .inline import Inline, Sieve
from .items import Failure, Result
from .replies import Report
from .transport import in_process, network, within
from .usage import Usage, read_usage, usage_task

__all__ = ["Download", "Failure", "Inline", "Report", "Result", "Runware", "classify", "in_process"]

logger = logging.getLogger(__name__)

#: Bytes of a reply that are read. A poll of 100 tasks with 20 results of 600 bytes each is 1.2 MB.
REPLY_BYTES = 8 << 20
#: Seconds that an exchange may take in which the provider holds the line, or sends pictures inside its reply.
SECONDS = 300.0

#: A host that answers connects in well under a second; waiting longer only blocks a worker.
CONNECT_SECONDS = 10.0

#: A shorter key (the sandbox's is "sandbox") is a word: blotting it out would garble honest messages.
SECRET_LENGTH = 12

#: An address that somebody named may lead on so often.
MAX_REDIRECTS = 4
_REDIRECTS = (301, 302, 303, 307, 308)
#: No endpoint at all: nothing is at home there.
ANYWHERE = "https:"

_UNKNOWN_TASK = "taskfailedornotfound"


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
        if "_outside" in self.__dict__:
            self._outside.close()

    # -- Paid ------------------------------------------------------------------------------------------------

    def submit(
        self, task: Mapping[str, Any], *, inline: Inline | None = None, seconds: float = SECONDS
    ) -> Report:
        """Send one task, once, as ``submit_all`` does; raise what became of it where it was not taken."""
        (answer,) = self.submit_all([task], inline=inline, seconds=seconds).values()
        if isinstance(answer, ProviderError):
            raise answer
        return answer

    def submit_all(
        self, tasks: Sequence[Mapping[str, Any]], *, inline: Inline | None = None, seconds: float = SECONDS
    ) -> dict[uuid.UUID, Report | ProviderError]:
        """Send these tasks in one request, once, and tell of each what became of it.

        An acknowledgement is a report that is known and processing. ``sync`` tasks hold the line, for ``seconds`` at
        most: their reports have all results, and are ``complete``. With ``inline`` pictures may come inside the
        reply, and go there.

        What was not taken is ``Refused``, ``NotRun`` or ``Unclear``; these are raised where there is no reply at all.
        A ``Refused`` with code ``conflictTaskUUID`` proves that an earlier submission of the same task was accepted.
        """
        task_uuids = [uuid.UUID(str(task["taskUUID"])) for task in tasks]
        held = tasks[0].get("deliveryMethod") == "sync"
        answer = self._ask(tasks, inline=inline, seconds=seconds, wait=seconds if held else None)
        return answer.of_tasks(task_uuids, held=held)

    # -- Free ------------------------------------------------------------------------------------------------

    def poll(
        self, task_uuids: Sequence[uuid.UUID], *, inline: Inline | None = None, seconds: float = SECONDS
    ) -> dict[uuid.UUID, Report]:
        """Ask for many tasks in one request; tasks that the reply does not mention are absent.

        With ``inline`` pictures may come inside the reply, and go there; it may then take ``seconds``.

        Raises ``ProviderError`` when the reply says nothing of any task: unreadable, or an error of the
        request.
        """
        if not task_uuids:
            return {}
        tasks = [{"taskType": replies.TASK_TYPE_POLL, "taskUUID": str(u)} for u in task_uuids]
        answer = self._ask(tasks, inline=inline, seconds=seconds)
        reports, strays = answer.read(task_uuids, polling=True)
        if not reports and (strays or answer.status >= 400 or "data" not in answer.payload):
            raise answer.problem(strays)
        if strays:
            logger.warning("Errors of a poll as a whole: %s", sorted({failure.kind for failure in strays}))
        return reports

    def details(
        self, task_uuid: uuid.UUID, *, inline: Inline | None = None, seconds: float = SECONDS
    ) -> Report | None:
        """Ask the archive; ``None`` when it says that it does not know the task. Raises ``ProviderError``.

        A task that is there without a response is known and in work: a null response is no proof of failure.
        Only the code, said of this task and of nothing else, counts as "unknown": a bare 404 may come from any
        proxy, and a resubmission would follow from it.
        """
        task = {"taskType": "getTaskDetails", "taskUUID": str(task_uuid)}
        answer = self._ask([task], inline=inline, seconds=seconds)
        report = replies.archived(answer.payload, task_uuid, self._secret, answer.pictures)
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
        return items.money(value, limit=Decimal(10**9))

    def usage(self, start: date, end: date, timezone: str, *, grouped: bool = True) -> Usage:
        """Return what the account used from one day to another, by day and key. Raises ``ProviderError``."""
        answer = self._ask([usage_task(start, end, timezone, grouped=grouped)])
        if answer.status >= 400 or not answer.items():
            raise answer.problem(answer.read([])[1])
        return read_usage(answer.items(), ZoneInfo(timezone), self._secret)

    def keep(self, picture: bytes, content_type: str) -> uuid.UUID:
        """Have the provider keep a picture; return the UUID that references name it by. Raises ``ProviderError``.

        By ``mediaStorage``, or by its older form where the provider does not know that.
        """
        media = f"data:{content_type};base64,{base64.b64encode(picture).decode()}"
        task = {"taskUUID": str(uuid.uuid4()), "operation": "upload", "media": media}
        try:
            return self._kept({"taskType": "mediaStorage", **task}, "mediaUUID")
        except Refused as error:
            if error.code not in ("invalidTaskType", "unsupportedTaskType"):
                raise
        task = {"taskUUID": str(uuid.uuid4()), "image": media}
        return self._kept({"taskType": "imageUpload", **task}, "imageUUID")

    def _kept(self, task: Mapping[str, Any], name: str) -> uuid.UUID:
        answer = self._ask([task])
        task_uuid = uuid.UUID(str(task["taskUUID"]))
        named = [
            items.as_uuid(item.get(name))
            for item in answer.items()
            if answer.status < 400 and items.as_uuid(item.get("taskUUID")) in (task_uuid, None)
        ]
        if (kept := next(filter(None, named), None)) is not None:
            return kept
        raise answer.problem(answer.read([task_uuid])[0].get(task_uuid, Report(task_uuid)).failures)

    def fetch(
        self, url: str, path: Path, *, max_bytes: int = download.MAX_BYTES, seconds: float = download.SECONDS
    ) -> Download:
        """Stream a public ``https`` address that somebody named to the new file ``path``, as ``download`` does.

        A redirect is followed, a few times, to where each may lead. Raises what ``download`` raises.
        """
        deadline = time.monotonic() + seconds
        for _hop in range(MAX_REDIRECTS):
            origin, left = guard.check(url, ANYWHERE, ("*",)), max(1.0, deadline - time.monotonic())
            with within(left), closing(self._open_file(self._outside, url, origin, left)) as response:
                if response.status_code not in _REDIRECTS:
                    return _save(response, url, path, max_bytes, deadline)
                url = urljoin(url, response.headers.get("Location", ""))
        raise PictureError(f"{guard.bare(url)} leads on and on.")

    def download(
        self, url: str, path: Path, *, max_bytes: int = download.MAX_BYTES, seconds: float = download.SECONDS
    ) -> Download:
        """Stream a result to the new file ``path``; on any error no file stays.

        Raises ``ForbiddenAddress``, ``Expired`` or another ``PictureError``, none of which names the query,
        and a plain ``OSError`` when it is our own disk that fails.
        """
        origin = guard.check(url, self._endpoint, self._hosts)
        deadline = time.monotonic() + seconds
        with within(seconds), closing(self._open_file(self._files, url, origin, seconds)) as response:
            return _save(response, url, path, max_bytes, deadline)

    def _open_file(
        self, transport: httpx.BaseTransport, url: str, origin: tuple[str, str], seconds: float
    ) -> httpx.Response:
        extensions = self._timeouts(min(self._timeout, seconds))
        request = None
        with suppress(httpx.InvalidURL, UnicodeError):
            request = httpx.Request("GET", url, headers=_HEADERS, extensions=extensions)
        # Two parsers, two opinions: that is an attack. By ``raw_host``, the name as it is looked up.
        if request is None or (request.url.scheme, request.url.raw_host.decode()) != origin:
            raise guard.forbidden(url)
        return exchange.start(transport, request, functools.partial(exchange.picture_problem, url))

    @functools.cached_property
    def _outside(self) -> httpx.BaseTransport:
        """To any public address, also where the provider itself is the sandbox."""
        return network(ANYWHERE)

    @property
    def _secret(self) -> str:
        return self._key if len(self._key) >= SECRET_LENGTH else ""

    def _timeouts(self, seconds: float) -> dict[str, Any]:
        connect = min(seconds, CONNECT_SECONDS)
        return {"timeout": {"connect": connect, "pool": connect, "read": seconds, "write": seconds}}

    def _ask(
        self,
        tasks: Sequence[Mapping[str, Any]],
        *,
        inline: Inline | None = None,
        seconds: float = SECONDS,
        wait: float | None = None,
    ) -> Answer:
        """POST once and read the reply, whatever its status. Raises a ``ProviderError``.

        ``wait`` is how long the provider may be silent; ``seconds`` bounds the whole where that, or a reply with
        pictures inside, takes longer than others.
        """
        if not re.fullmatch(r"[\x21-\x7e]+", self._key):
            message = "The key is empty, or has characters that no key has."
            raise Refused(message, kind="auth", code="missingApiKey")
        request = httpx.Request(
            "POST",
            self._endpoint,
            content=json.dumps(tasks, allow_nan=False).encode(),
            headers={**_HEADERS, "Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
            extensions=self._timeouts(self._timeout if wait is None else wait),
        )
        limit = 2 * self._timeout if inline is None and wait is None else seconds
        sieve = None if inline is None else Sieve(inline)
        with within(limit), closing(exchange.start(self._api, request, exchange.network_problem)) as response:
            answer = answers.read(response, exchange.read(response, REPLY_BYTES, sieve), self._secret)
        return answer if sieve is None else replace(answer, pictures=sieve.pictures)


#: Compression is declined: pictures do not shrink, and a reply that inflates is one more thing to bound.
_HEADERS = {"User-Agent": "seedream-django", "Accept": "*/*", "Accept-Encoding": "identity"}


def _save(response: httpx.Response, url: str, path: Path, max_bytes: int, deadline: float) -> Download:
    chunks = exchange.chunks(response, functools.partial(exchange.picture_problem, url))
    answer = download.Response(response.status_code, response.headers, chunks)
    return download.save(answer, url, path, max_bytes, deadline)
