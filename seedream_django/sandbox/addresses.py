"""Where results and uploads are fetched: their addresses, and how long these live.

A result with a ``ttl`` has its address for that long. Asked about later, it gets a new one for another ``ttl``,
which says in its path until when; the old one stays gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .books import Result, Task
from .gallery import FORMATS
from .provider import Call, Provider
from .triggers import of_task

_HEX = "[0-9a-f]"
_UUID = rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_PATH = re.compile(rf"/(pictures|media)/(?:([0-9]{{1,12}})/)?({_UUID})\.(jpg|png|webp)", re.ASCII)
_BY_EXTENSION = {extension: name for name, (extension, _) in FORMATS.items()}


@dataclass(frozen=True)
class Address:
    """``kind`` is ``pictures`` or ``media``, ``name`` a UUID, ``until`` in whole seconds since the epoch."""

    kind: str
    name: str
    format: str
    until: int | None = None


def match(path: str) -> Address | None:
    """Read a path without a query; None where it is none of ours."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    kind, until, name, extension = found.groups()
    return Address(kind, name, _BY_EXTENSION[extension], int(until) if until else None)


def of_result(provider: Provider, task: Task, result: Result, call: Call) -> str:
    """The address that a result has now: the first one, or after that one's time a fresh one."""
    fresh = ""
    if task.ttl and provider.clock() > result.ready + task.ttl:
        fresh = f"{int(provider.clock()) + task.ttl}/"
    return f"{call.origin}/pictures/{fresh}{result.image}.{FORMATS[task.format][0]}"


def of_upload(name: str, format: str, call: Call) -> str:
    return f"{call.origin}/media/{name}.{FORMATS[format][0]}"


def is_there(provider: Provider, address: Address) -> bool:
    """Whether something is at this address now."""
    if address.kind == "pictures":
        found = provider.books.picture(address.name)
        return found is not None and _shows(provider, address, *found)
    upload = provider.stock.find(address.name, provider.clock())
    return bool(upload and upload.facts and upload.facts.format == address.format)


def _shows(provider: Provider, address: Address, task: Task, result: Result) -> bool:
    now = provider.clock()
    if result.code or now < result.ready or address.format != task.format:
        return False
    return "sandbox:expired" not in of_task(task) and now <= _until(provider, address, task, result)


def _until(provider: Provider, address: Address, task: Task, result: Result) -> float:
    """When the address dies, in seconds since the epoch. One that nobody gave out is dead already."""
    if not task.ttl or task.output_type != "URL":
        return float("inf") if address.until is None else 0
    if address.until is None:
        return result.ready + task.ttl
    return address.until if address.until <= provider.clock() + task.ttl else 0
