"""Pictures that a task names: an upload, an earlier result, an address, a data URI or base64.

Each is turned into a key (``Task.references``). An address of the sandbox's own is looked up; any other is
taken as it is and never fetched: the sandbox does not talk to the outside.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .addresses import is_there, match
from .books import Result, Task
from .errors import rejected
from .gallery import Order
from .media import Facts, Unusable, decoded, inspected
from .provider import Call, Provider

_ADDRESS = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
PATH = "inputs.referenceImages"


@dataclass(frozen=True)
class Found:
    """``data`` is the content where it is not in the stock yet; ``upload`` the UUID of an upload."""

    key: str
    data: bytes | None = None
    facts: Facts | None = None
    upload: str = ""


def resolve(provider: Provider, values: Mapping[str, Any], call: Call) -> list[Found]:
    """What each of the task's references is. Raises ``Rejected`` (400) for the first that is none."""
    texts = values.get("inputs", {}).get("referenceImages", [])
    found = []
    for number, text in enumerate(texts, 1):
        try:
            found.append(look_up(provider, text, call))
        except Unusable as exc:
            said = f"Reference {number}: {exc}"
            limits = {"parameter": PATH, **exc.limits}
            raise rejected(400, "invalidReferenceImages", said, task=values, **limits) from None
    return found


def look_up(provider: Provider, text: str, call: Call) -> Found:
    """What this text stands for. Raises ``Unusable``."""
    name = _as_uuid(text)
    if name:
        return _of_uuid(provider, name)
    if _ADDRESS.fullmatch(text):
        return _of_address(provider, text, call)
    data = decoded(text)
    return Found(digest(data), data, inspected(data))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _as_uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text)) if len(text) == 36 else ""
    except ValueError:
        return ""


def _of_uuid(provider: Provider, name: str) -> Found:
    upload = provider.stock.find(name, provider.clock())
    if upload is not None:
        return Found(upload.key, None, upload.facts, upload.uuid)
    found = provider.books.picture(name)
    if found is None or found[1].code or found[1].ready > provider.clock():
        raise Unusable("There is no picture of this UUID, or its time is over.")
    return Found(f"picture:{name}")


def _of_address(provider: Provider, text: str, call: Call) -> Found:
    if text.startswith(f"{call.origin}/"):
        own = match(text.removeprefix(call.origin))
        if own is None or not is_there(provider, own):
            raise Unusable("There is no picture at this address.")
        return _of_uuid(provider, own.name)
    return Found(f"url:{digest(text.encode('utf-8', 'surrogatepass'))}")


# -- Drawing -------------------------------------------------------------------------------------------------


def order_of(task: Task, result: Result) -> Order:
    return Order(
        task.prompt, result.seed, task.width, task.height, task.format, task.quality,
        task.references, result.position % task.sequence, task.sequence,
    )  # fmt: skip


def picture(provider: Provider, task: Task, result: Result) -> bytes:
    """The result's file, drawn when nobody remembers it."""
    return provider.gallery.file(order_of(task, result), lambda key: content(provider, key))


def content(provider: Provider, key: str) -> bytes | None:
    """The file behind a reference's key; None for an address, because nobody fetched it."""
    if key.startswith("picture:"):
        _draw_up_to(provider, key)
    return provider.stock.blob(key)


def _draw_up_to(provider: Provider, key: str) -> None:
    """Have a picture in the stock that others are made from, and before it those that it is made from itself.

    No recursion: an edit of an edit of an edit may be a long chain. Once drawn it stays, so that it is drawn once.
    """
    waiting, tried = [key], set[str]()
    while waiting:
        found = provider.books.picture(waiting[-1].removeprefix("picture:"))
        if found is None or provider.stock.has(waiting[-1]):
            waiting.pop()
            continue
        before = [k for k in found[0].references if k.startswith("picture:") and k not in tried]
        missing = [k for k in before if not provider.stock.has(k)]
        tried.update(missing)
        if missing:
            waiting += missing
            continue
        provider.stock.keep(waiting.pop(), provider.gallery.file(order_of(*found), provider.stock.blob))
