"""What a server sends by itself: each result to a webhook, its file to an upload address.

Only to this machine: the sandbox never talks to the outside, and says so of each address that it skips. In
process there is no courier, because nothing runs there in the background. What a server has not delivered when it
stops is lost, as deliveries may be; polling tells all the same.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from . import results as shown
from .books import Result, Task
from .files import uploaded
from .provider import NEVER, Call, Provider
from .triggers import of_task

#: Seconds that the other side has for an answer.
PATIENCE = 5

#: A webhook that fails is repeated after this many seconds, then after twice as many each time, up to the longest.
FIRST, LONGEST, TRIES = 0.25, 8.0, 10

#: Seconds between a result's reply and the PUT of its file.
AFTER_REPLY = 0.25
#: The same where it comes late.
LATE = 30.0

_WORKERS = 4
_ROOM = 10_000


@dataclass(frozen=True)
class Parcel:
    """One result for one address. ``kind`` is ``webhook`` or ``upload``, ``tried`` how often it failed."""

    kind: str
    address: str
    image: str
    origin: str
    tried: int = 0


class Courier:
    """Some threads and a heap of what is due. ``log`` takes a line for each delivery, without path and query."""

    def __init__(self, provider: Provider, log: Callable[[str], object]) -> None:
        self._provider = provider
        self._log = log
        self._due: list[tuple[float, int, Parcel]] = []
        self._numbers = itertools.count()
        self._news = threading.Condition()
        self._open = True
        self._threads: list[threading.Thread] = []
        self._lines: set[HTTPConnection] = set()

    def take(self, task_uuid: str, origin: str, wanted: Mapping[str, str]) -> None:
        """Deliver each result of an accepted task when it is ready. ``wanted`` has the addresses by parameter."""
        known = self._provider.books.task(task_uuid)
        if known is None or known[1][0].ready >= NEVER:
            return
        words, now = of_task(known[0]), self._provider.clock()
        hooks = 0 if "sandbox:hook-lost" in words else 2 if "sandbox:hook-twice" in words else 1
        # A file is put after the reply: where the line is held, that is when the last result is there.
        held = shown.awaited(*known)[-1].ready if wanted.get("deliveryMethod") != "async" else 0.0
        for result in known[1]:
            for _ in range(hooks if "webhookURL" in wanted else 0):
                self._put(result.ready - now, Parcel("webhook", wanted["webhookURL"], result.image, origin))
            if "uploadEndpoint" in wanted and not result.code and "sandbox:upload-lost" not in words:
                upload = Parcel("upload", wanted["uploadEndpoint"], result.image, origin)
                after = LATE if "sandbox:upload-late" in words else AFTER_REPLY
                self._put(max(result.ready, held) - now + after, upload)

    def close(self) -> None:
        """Stop at once: what is under way is broken off."""
        with self._news:
            self._open = False
            self._news.notify_all()
            for line in self._lines:
                _break_off(line)
        for thread in self._threads:
            thread.join(PATIENCE)

    # -- The threads -----------------------------------------------------------------------------------------

    def _put(self, seconds: float, parcel: Parcel) -> None:
        with self._news:
            if not self._open or len(self._due) >= _ROOM:
                return
            heapq.heappush(self._due, (time.monotonic() + max(0.0, seconds), next(self._numbers), parcel))
            while len(self._threads) < _WORKERS:  # only now: most servers are never asked to deliver anything
                self._threads.append(threading.Thread(target=self._work, daemon=True))
                self._threads[-1].start()
            self._news.notify()

    def _work(self) -> None:
        while (parcel := self._next()) is not None:
            try:
                self._carry(parcel)
            except Exception as exc:
                self._log(f"{parcel.kind} failed: {type(exc).__name__}")

    def _next(self) -> Parcel | None:
        """The next parcel when it is due; None when the courier is closed."""
        with self._news:
            while self._open:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._news.wait(wait)
        return None

    def _carry(self, parcel: Parcel) -> None:
        found = self._provider.books.picture(parcel.image)
        assert found is not None  # the books lose nothing
        if (early := found[1].ready - self._provider.clock()) > 0:  # the provider's clock was set back
            self._put(min(early, 1.0), parcel)
            return
        where = urlsplit(parcel.address)
        outcome = self._send(parcel, where, *found) if is_here(where) else "skipped: not on this machine"
        self._log(f"{parcel.kind} to {_named(where)} {outcome}")
        if parcel.kind == "webhook" and not outcome.startswith(("2", "skipped")):
            self._again(parcel)

    def _again(self, parcel: Parcel) -> None:
        if parcel.tried + 1 < TRIES:
            wait = min(LONGEST, FIRST * 2**parcel.tried) * random.uniform(0.9, 1.1)
            self._put(wait, replace(parcel, tried=parcel.tried + 1))

    # -- The wire --------------------------------------------------------------------------------------------

    def _send(self, parcel: Parcel, where: SplitResult, task: Task, result: Result) -> str:
        """The status that it was answered with, or what went wrong."""
        if parcel.kind == "webhook":
            _, results = self._provider.books.task(task.uuid) or (task, [result])
            last = result == results[-1]
            told = shown.told(self._provider, task, result, Call(parcel.origin), last=last)
            body = json.dumps({"errors": told.errors} if told.errors else {"data": told.data}).encode()
            return self._request("POST", where, body, {"Content-Type": "application/json"})
        data = uploaded(self._provider, task, result)
        wrong = "sandbox:upload-wrong" in of_task(task)
        return self._request("PUT", where, data[: len(data) // 2] if wrong else data, {})

    def _request(self, method: str, where: SplitResult, body: bytes, headers: Mapping[str, str]) -> str:
        kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
        line = kind(str(where.hostname), where.port, timeout=PATIENCE)
        try:
            with self._news:
                self._lines.add(line)
            line.request(method, _path(where), body, dict(headers))
            return str(line.getresponse().status)
        except (OSError, HTTPException, ValueError) as exc:
            return f"failed: {type(exc).__name__}"
        finally:
            with self._news:
                self._lines.discard(line)
            line.close()


def _break_off(line: HTTPConnection) -> None:
    with suppress(OSError):
        if line.sock is not None:
            line.sock.shutdown(socket.SHUT_RDWR)  # unlike close() it wakes who waits for an answer


def is_here(where: SplitResult) -> bool:
    """Whether an address leads to this machine, without asking anybody for it: by a loopback address or name."""
    name = where.hostname or ""
    try:
        return (name == "localhost" or ip_address(name).is_loopback) and where.port != 0
    except ValueError:
        return False


def _path(where: SplitResult) -> str:
    return (where.path or "/") + (f"?{where.query}" if where.query else "")


def _named(where: SplitResult) -> str:
    """The host for the log: no path and no query, which may hold a secret, and no control character."""
    return ascii(where.netloc.rpartition("@")[2])[1:-1][:200]
