"""What a reply says, task by task.

Everything here is pure: bytes in, frozen dataclasses out. A reply is judged item by item, because one request
may carry a hundred tasks and none of them may suffer from another's nonsense: an item that cannot be read is
counted and left out, it never raises. The rules and their sources are in the project's wire contract,
sections 3, 4 and 8.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from .. import parameters
from . import items
from .inline import Picture
from .items import Failure, Result

logger = logging.getLogger(__name__)

TASK_TYPE_POLL = "getResponse"

_NO_PICTURES: Mapping[str, Picture] = MappingProxyType({})


@dataclass(frozen=True)
class Report:
    """What one reply says of one task.

    ``results`` have distinct ``image_uuid`` and come by ``resultIndex``, else as they arrived.
    ``processing``: at least one item is still in work. ``known``: the provider knows the task; the bare echo
    of a poll is what it also answers for a task that never arrived, and proves nothing. ``progress`` is a
    percentage. ``complete``: the provider held the line until this was all. ``silent``: where this is of an order of
    several tasks, those of which the reply does not show that the provider knows them.
    """

    task_uuid: uuid.UUID
    results: tuple[Result, ...] = ()
    failures: tuple[Failure, ...] = ()
    processing: bool = False
    known: bool = False
    progress: int | None = None
    complete: bool = False
    silent: tuple[uuid.UUID, ...] = ()


# -- From bytes to a mapping ---------------------------------------------------------------------------------


def decode(body: bytes) -> dict[str, Any]:
    """Read one reply. Raises ``ValueError`` with a few words, none of them from the body, when it is not one.

    What is no JSON but inside one item (bytes of another encoding, NaN, a number without end) is read as nothing:
    a hundred tasks may share the reply, and none must go unheard for another's sake.
    """
    reason = "it is not a JSON object"
    try:
        text = body.decode(json.detect_encoding(body), "replace")
        payload = json.loads(text, parse_constant=_no_number, parse_int=_number)
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError:
        reason = "it is not JSON"
    else:
        if isinstance(payload, dict):
            return payload
    raise ValueError(reason)  # outside the handlers: json's own error carries the whole body


def _no_number(name: str) -> None:
    """NaN and Infinity, which Python's reader knows: a cost of NaN would poison every sum."""


def _number(digits: str) -> int | None:
    """A whole number; Python refuses to read thousands of digits, and nobody counts so far."""
    return int(digits) if len(digits) <= 40 else None


# -- From a mapping to reports -------------------------------------------------------------------------------


def read(
    payload: Mapping[str, Any],
    asked: Sequence[uuid.UUID],
    *,
    status: int = 200,
    polling: bool = False,
    secret: str = "",
    pictures: Mapping[str, Picture] = _NO_PICTURES,
) -> tuple[dict[uuid.UUID, Report], list[Failure]]:
    """Return what ``payload`` says of each task in ``asked``, and the errors that speak of no single task.

    With one task asked for, an error without a ``taskUUID`` belongs to it, unless ``polling``: then it is the
    question that failed, not the task. ``secret`` is blotted out of the provider's words. ``pictures`` are what was
    taken out of the reply while it came (``inline``).
    """
    drafts = {task_uuid: _Draft(task_uuid) for task_uuid in asked}
    reader = _Reader(drafts, status, polling, secret, pictures)
    for item in items.listed(payload.get("data")):
        reader.take_item(item)
    for item in items.listed(payload.get("errors")) + items.listed(payload.get("error")):
        reader.take_error(item)
    reader.tell()
    return {d.task_uuid: d.report() for d in drafts.values() if d.mentioned}, reader.strays


def acknowledged(payload: Mapping[str, Any], task_uuid: uuid.UUID) -> bool:
    """Whether some item, whatever else it says, shows that the task was taken."""
    named = [item for item in items.listed(payload.get("data")) if isinstance(item, Mapping)]
    ours = [item for item in named if items.as_uuid(item.get("taskUUID")) == task_uuid]
    return any(items.status_of(item) != "error" for item in ours)


class _Draft:
    """A report while its items come in."""

    def __init__(self, task_uuid: uuid.UUID) -> None:
        self.task_uuid = task_uuid
        self.results: dict[uuid.UUID, Result] = {}
        self.failures: list[Failure] = []
        self.failed_items: list[Failure] = []
        self.processing = self.known = self.mentioned = False
        self.progress: int | None = None

    def report(self) -> Report:
        """Freeze. The dict keeps arrival and the sort is stable: items without an index stay in order."""
        results = sorted(self.results.values(), key=lambda r: (r.index is None, r.index or 0))
        # Four that failed alike are four; one that is told in both lists is one.
        failures = (*self.failures, *(f for f in self.failed_items if f not in self.failures))
        return Report(self.task_uuid, tuple(results), failures, self.processing, self.known, self.progress)


class _Reader:
    """Sorts the items of one reply to their drafts and counts what fits nowhere."""

    def __init__(
        self,
        drafts: dict[uuid.UUID, _Draft],
        status: int,
        polling: bool,
        secret: str,
        pictures: Mapping[str, Picture],
    ) -> None:
        self.drafts, self.status, self.polling, self.secret = drafts, status, polling, secret
        self.pictures = pictures
        self.strays: list[Failure] = []
        self.bad = self.foreign = 0

    def take_item(self, item: Any) -> None:
        draft = self._draft_of(item)
        if draft is None:
            return
        draft.mentioned = True
        result = items.result(item, draft.task_uuid, self.pictures)
        if result is not None:
            draft.results.setdefault(result.image_uuid, result)
            draft.known = True
        elif items.status_of(item) == "error":
            self._take_failed_item(item, draft)
        else:
            self._take_pending(item, draft)

    def take_error(self, item: Any) -> None:
        """Give an error to its task, or keep it as a stray one when it is the request that it speaks of."""
        if not item:  # null, or an object of nothing: it says nothing of any task
            self.bad += 1
            return
        failure = items.failure(item, self.status, self.secret)
        draft = self._owner(item)
        if draft is None or (self.polling and _speaks_of_the_poll(item, failure.kind, self.status)):
            self.strays.append(failure)
            return
        draft.mentioned = draft.known = True
        draft.failures.append(failure)

    def tell(self) -> None:
        """Log numbers only: the content is the provider's, and addresses in it are secrets."""
        if self.bad or self.foreign:
            logger.warning("Ignored in a reply: %d bad items, %d of other tasks", self.bad, self.foreign)

    def _draft_of(self, item: Any) -> _Draft | None:
        task_uuid = items.as_uuid(item.get("taskUUID")) if isinstance(item, Mapping) else None
        if task_uuid is None:
            self.bad += 1
        elif task_uuid not in self.drafts:
            self.foreign += 1
        else:
            return self.drafts[task_uuid]
        return None

    def _owner(self, item: Any) -> _Draft | None:
        """Find the task of an error; one that names another's is not ours, even if we asked for one."""
        raw = item.get("taskUUID") if isinstance(item, Mapping) else None
        if raw in (None, ""):
            return None if self.polling or len(self.drafts) != 1 else next(iter(self.drafts.values()))
        return self._draft_of(item)

    def _take_failed_item(self, item: Mapping[str, Any], draft: _Draft) -> None:
        """``status: "error"`` in ``data``: the error is the item itself, or nested in it."""
        nested = items.listed(item.get("error")) or items.listed(item.get("errors")) or [item]
        draft.failed_items += [items.failure(error, self.status, self.secret) for error in nested]
        draft.known = True

    def _take_pending(self, item: Mapping[str, Any], draft: _Draft) -> None:
        """An acknowledgement, an echo, work in progress; "success" without an address is none of them."""
        draft.known |= isinstance(item.get("taskType"), str) and item["taskType"] != TASK_TYPE_POLL
        if items.status_of(item) == "success":
            self.bad += 1
            return
        draft.processing = True
        draft.progress = items.first(items.progress_of(item.get("progress")), draft.progress)


def _speaks_of_the_poll(item: Any, kind: str, status: int) -> bool:
    """Tell whether an error answers the question rather than the task: both carry the same ``taskUUID``.

    A rate limit or a revoked key met while asking must not end a paid generation. An error with the task's
    own ``taskType`` is the task's. Without it only what a generation itself can die of is believed, and what
    sounds like a badly put question (``validation``) only where the request as a whole went well.
    """
    task_type = item.get("taskType") if isinstance(item, Mapping) else None
    if isinstance(task_type, str) and task_type.lower() == parameters.TASK_TYPE.lower():
        return False
    if kind == "validation":
        return status != 200
    return kind not in {"safety", "provider"}


# -- The archive ---------------------------------------------------------------------------------------------


def archived(
    payload: Mapping[str, Any],
    task_uuid: uuid.UUID,
    secret: str = "",
    pictures: Mapping[str, Picture] = _NO_PICTURES,
) -> Report | None:
    """Read ``getTaskDetails``: what the archived response says; ``None`` where the reply holds no record.

    The whole archived response is the task's, its errors too; none yet (null) means that it is in work.
    """
    for item in items.listed(payload.get("data")):
        if (
            isinstance(item, Mapping)
            and "response" in item
            and items.as_uuid(item.get("taskUUID")) == task_uuid
        ):
            response = item["response"]
            content = response if isinstance(response, Mapping) else {"data": response}
            report = read(content, [task_uuid], secret=secret, pictures=pictures)[0].get(task_uuid)
            return replace(report or Report(task_uuid, processing=True), known=True)
    return None
