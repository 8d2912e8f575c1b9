"""What a reply says, task by task.

Everything here is pure: bytes in, frozen dataclasses out. A reply is judged item by item, because one request
may carry a hundred tasks and none of them may suffer from another's nonsense: an item that cannot be read is
counted and left out, it never raises. The rules and their sources are in the project's wire contract,
sections 3, 4 and 8.
"""

from __future__ import annotations

import json
import logging
import math
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from .. import parameters
from .codes import classify

logger = logging.getLogger(__name__)

#: Characters of the provider's own words that are kept: enough for a sentence, too few to fill a page.
MESSAGE_LENGTH = 500
CODE_LENGTH = 100

#: Longer than any signed address seen (some 2,000 characters), and what servers take in a request line.
URL_LENGTH = 8_000

#: US dollars. A picture costs cents: a "cost" beyond this is a unit or a typing error, not a price.
COST_LIMIT = Decimal(1000)

TASK_TYPE_POLL = "getResponse"

#: What is behind an address, of whatever scheme or of none: signatures and tokens.
_QUERY = re.compile(
    r"((?:\b[a-z][a-z0-9+.-]*:)?//[^\s?#\"'<>]*)[?#][^\s\"'<>]*|\?[^\s\"'<>=]*=[^\s\"'<>]*", re.IGNORECASE
)


@dataclass(frozen=True)
class Result:
    """One finished picture. ``cost`` is in US dollars; ``url`` is a secret while it lives."""

    image_uuid: uuid.UUID
    url: str = field(repr=False)
    seed: int | None = None
    cost: Decimal | None = None
    flagged: bool | None = None
    index: int | None = None


@dataclass(frozen=True)
class Failure:
    """One error. ``kind`` is its class (``codes.classify``); ``code`` and ``message`` are the provider's."""

    kind: str
    code: str
    message: str
    parameter: str = ""


@dataclass(frozen=True)
class Report:
    """What one reply says of one task.

    ``results`` have distinct ``image_uuid`` and come by ``resultIndex``, else as they arrived.
    ``processing``: at least one item is still in work. ``known``: the provider knows the task; the bare echo
    of a poll is what it also answers for a task that never arrived, and proves nothing. ``progress`` is a
    percentage.
    """

    task_uuid: uuid.UUID
    results: tuple[Result, ...] = ()
    failures: tuple[Failure, ...] = ()
    processing: bool = False
    known: bool = False
    progress: int | None = None


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


def listed(value: Any) -> list[Any]:
    """Make ``data`` or ``errors`` a list: some tasks answer with a lone object, some gateways with a text.

    An object of nothing is how some languages write an empty list.
    """
    if isinstance(value, list):
        return value
    return [value] if value and isinstance(value, (Mapping, str)) else []


# -- From a mapping to reports -------------------------------------------------------------------------------


def read(
    payload: Mapping[str, Any],
    asked: Sequence[uuid.UUID],
    *,
    status: int = 200,
    polling: bool = False,
    secret: str = "",
) -> tuple[dict[uuid.UUID, Report], list[Failure]]:
    """Return what ``payload`` says of each task in ``asked``, and the errors that speak of no single task.

    With one task asked for, an error without a ``taskUUID`` belongs to it, unless ``polling``: then it is the
    question that failed, not the task. ``secret`` is blotted out of the provider's words.
    """
    drafts = {task_uuid: _Draft(task_uuid) for task_uuid in asked}
    reader = _Reader(drafts, status, polling, secret)
    for item in listed(payload.get("data")):
        reader.take_item(item)
    for item in listed(payload.get("errors")) + listed(payload.get("error")):
        reader.take_error(item)
    reader.tell()
    return {d.task_uuid: d.report() for d in drafts.values() if d.mentioned}, reader.strays


def acknowledged(payload: Mapping[str, Any], task_uuid: uuid.UUID) -> bool:
    """Whether some item, whatever else it says, shows that the task was taken."""
    items = (item for item in listed(payload.get("data")) if isinstance(item, Mapping))
    return any(as_uuid(item.get("taskUUID")) == task_uuid and _status(item) != "error" for item in items)


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

    def __init__(self, drafts: dict[uuid.UUID, _Draft], status: int, polling: bool, secret: str) -> None:
        self.drafts, self.status, self.polling, self.secret = drafts, status, polling, secret
        self.strays: list[Failure] = []
        self.bad = self.foreign = 0

    def take_item(self, item: Any) -> None:
        draft = self._draft_of(item)
        if draft is None:
            return
        draft.mentioned = True
        result = _result(item, draft.task_uuid)
        if result is not None:
            draft.results.setdefault(result.image_uuid, result)
            draft.known = True
        elif _status(item) == "error":
            self._take_failed_item(item, draft)
        else:
            self._take_pending(item, draft)

    def take_error(self, item: Any) -> None:
        """Give an error to its task, or keep it as a stray one when it is the request that it speaks of."""
        if not item:  # null, or an object of nothing: it says nothing of any task
            self.bad += 1
            return
        failure = _failure(item, self.status, self.secret)
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
        task_uuid = as_uuid(item.get("taskUUID")) if isinstance(item, Mapping) else None
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
        nested = listed(item.get("error")) or listed(item.get("errors")) or [item]
        draft.failed_items += [_failure(error, self.status, self.secret) for error in nested]
        draft.known = True

    def _take_pending(self, item: Mapping[str, Any], draft: _Draft) -> None:
        """An acknowledgement, an echo, work in progress; "success" without an address is none of them."""
        draft.known |= isinstance(item.get("taskType"), str) and item["taskType"] != TASK_TYPE_POLL
        if _status(item) == "success":
            self.bad += 1
            return
        draft.processing = True
        draft.progress = _first(_progress(item.get("progress")), draft.progress)


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


# -- From an item to a result or a failure -------------------------------------------------------------------


def _result(item: Mapping[str, Any], task_uuid: uuid.UUID) -> Result | None:
    """Read a finished item: one with an ``imageURL``. Everything else about it may be missing or wrong."""
    url = item.get("imageURL")
    if not isinstance(url, str) or len(url) > URL_LENGTH or not re.fullmatch(r"https?://[\x21-\x7e]+", url):
        return None
    seed = _whole(item.get("seed"))
    return Result(
        image_uuid=as_uuid(item.get("imageUUID")) or _derived_uuid(item, url, seed, task_uuid),
        url=url,
        seed=seed,
        cost=money(item.get("cost")),
        flagged=_flag(item.get("NSFWContent")),
        index=_whole(item.get("resultIndex")),
    )


def _derived_uuid(item: Mapping[str, Any], url: str, seed: int | None, task_uuid: uuid.UUID) -> uuid.UUID:
    """Mint a name for a paid picture that came without a good one: always the same for the same picture.

    The query is left out, since a signature in it changes from poll to poll; seed and index stand in for it.
    """
    raw = item.get("imageUUID")
    if isinstance(raw, (str, int)) and raw != "" and not isinstance(raw, bool):
        return uuid.uuid5(task_uuid, _printable(str(raw)))
    return uuid.uuid5(task_uuid, f"{url.partition('?')[0]} {seed} {_whole(item.get('resultIndex'))}")


def _failure(item: Any, status: int, secret: str) -> Failure:
    if not isinstance(item, Mapping):
        item = {"message": item}
    code = _text(item.get("code"), secret)[:CODE_LENGTH]
    parameter = item.get("parameter")
    names = parameter if isinstance(parameter, list) else [parameter]
    return Failure(
        kind=classify(code, status)[0],
        code=code,
        message=_text(item.get("message"), secret),
        parameter=", ".join(filter(None, (_text(name, secret) for name in names[:20])))[:MESSAGE_LENGTH],
    )


def _text(value: Any, secret: str) -> str:
    """Bound the provider's words and take out what must not be kept: our key, the query of any address."""
    if not isinstance(value, str):
        return ""
    text = value.replace(secret, "[key]") if secret else value
    text = _printable(text[: 4 * MESSAGE_LENGTH])
    return _QUERY.sub(lambda found: f"{found[1] or ''}?…", text)[:MESSAGE_LENGTH]


def _printable(text: str) -> str:
    """Drop what a database or a terminal chokes on: NUL, control characters, halves of surrogate pairs."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+", " ", text).strip()


def _status(item: Mapping[str, Any]) -> str:
    status = item.get("status")
    return status.lower() if isinstance(status, str) else ""


def as_uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _whole(value: Any) -> int | None:
    """A whole number that a 64-bit column holds, or ``None``."""
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return value if good else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _progress(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        return None  # NaN and infinity fail the comparison
    return math.floor(value)


def money(value: Any, limit: Decimal = COST_LIMIT) -> Decimal | None:
    """Read US dollars through their decimal text: 0.035 must not become 0.03500000000000000333."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        amount = Decimal(str(value)[:64])
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < limit else None


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


# -- The archive ---------------------------------------------------------------------------------------------


def archived(payload: Mapping[str, Any], task_uuid: uuid.UUID, secret: str = "") -> Report | None:
    """Read ``getTaskDetails``: what the archived response says; ``None`` where the reply holds no record.

    The whole archived response is the task's, its errors too; none yet (null) means that it is in work.
    """
    for item in listed(payload.get("data")):
        if isinstance(item, Mapping) and "response" in item and as_uuid(item.get("taskUUID")) == task_uuid:
            response = item["response"]
            content = response if isinstance(response, Mapping) else {"data": response}
            report = read(content, [task_uuid], secret=secret)[0].get(task_uuid)
            return replace(report or Report(task_uuid, processing=True), known=True)
    return None
