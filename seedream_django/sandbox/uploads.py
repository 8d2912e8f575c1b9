"""``mediaStorage`` and its older ``imageUpload``: pictures that are kept to be referred to by UUID."""

from __future__ import annotations

import uuid
from typing import Any

from . import addresses
from .errors import Answer
from .media import Unusable, inspected
from .provider import Call, Provider
from .references import Found, content, digest, look_up
from .stock import Upload
from .values import choice_of, only, text_of, uuid_of, wrong


def media_storage(provider: Provider, task: dict[str, Any], call: Call) -> Answer:
    """Keep a picture, or delete one by its UUID. Raises ``Rejected`` (400) for a wrong value."""
    about = {"taskType": "mediaStorage", "taskUUID": uuid_of(task)}
    only(task, "operation", "media")
    operation = choice_of(task, "operation", ["upload", "delete"])
    if operation == "delete":
        return Answer(data=[{**about, "operation": operation, "mediaUUID": _deleted(provider, task, call)}])
    name, address = _kept(provider, task, "media", call)
    shown = {"mediaUUID": name, **({"mediaURL": address} if address else {})}
    return Answer(data=[{**about, "operation": operation, **shown}])


def image_upload(provider: Provider, task: dict[str, Any], call: Call) -> Answer:
    """Keep a picture. Raises ``Rejected`` (400) for a wrong value."""
    about = {"taskType": "imageUpload", "taskUUID": uuid_of(task)}
    only(task, "image")
    name, address = _kept(provider, task, "image", call)
    return Answer(data=[{**about, "imageUUID": name, **({"imageURL": address} if address else {})}])


def _kept(provider: Provider, task: dict[str, Any], field: str, call: Call) -> tuple[str, str]:
    """The new upload's UUID and address. An address of others is kept as such, and has none of ours."""
    try:
        found = _as_file(provider, look_up(provider, text_of(task, field), call))
    except Unusable as exc:
        raise wrong(task, field, str(exc), **exc.limits) from None
    name = str(uuid.uuid4())
    if not call.dry_run:
        provider.stock.add(Upload(name, found.key, found.facts), found.data, provider.clock())
    return name, addresses.of_upload(name, found.facts.format, call) if found.facts else ""


def _as_file(provider: Provider, found: Found) -> Found:
    """A picture of the sandbox's own becomes a file like any other."""
    if not found.key.startswith("picture:"):
        return found
    data = content(provider, found.key) or b""
    return Found(digest(data), data, inspected(data))


def _deleted(provider: Provider, task: dict[str, Any], call: Call) -> str:
    name = text_of(task, "media").lower()
    now = provider.clock()
    there = provider.stock.find(name, now) is not None
    if not there or not (call.dry_run or provider.stock.drop(name, now)):
        raise wrong(task, "media", "There is no upload of this UUID, or its time is over.")
    return name
