"""What was found of one part, and looking at several parts beside one another, none for longer than its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from ..models import Finding

#: Seconds that a part has. What takes longer is told as such.
LIMIT = 10.0
#: Seconds more that it has to clear away what it made.
GRACE = 10.0

WELL, DOUBTFUL, ILL = Finding.Level.WELL, Finding.Level.DOUBTFUL, Finding.Level.ILL


@dataclass(frozen=True)
class Found:
    """One part: how it is, what it is by a code, and the facts of its sentence. Never a secret or an error's text."""

    name: str
    level: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


def well(name: str, code: str, **facts: Any) -> Found:
    return Found(name, WELL, code, facts)


def doubtful(name: str, code: str, **facts: Any) -> Found:
    return Found(name, DOUBTFUL, code, facts)


def ill(name: str, code: str, **facts: Any) -> Found:
    return Found(name, ILL, code, facts)


def failed(name: str, error: BaseException) -> Found:
    """The part itself failed. Of the error only its type: its words may hold an address or a key."""
    return ill(name, "failed", error=type(error).__name__)


def looked(name: str, look: Callable[[], Found]) -> Found:
    """What a look finds, whatever it raises: settings and storages of the host raise what they like."""
    try:
        return look()
    except Exception as error:
        return failed(name, error)


class Look:
    """A look at one part in a thread of its own, because a socket that hangs cannot be interrupted."""

    def __init__(self, name: str, look: Callable[[], Found]) -> None:
        self.name, self._look, self._limit = name, look, LIMIT
        self._found: Found | None = None
        self._until = time.monotonic() + LIMIT
        self._thread = threading.Thread(target=self._run, name=f"seedream doctor {name}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._found = looked(self.name, self._look)
        finally:
            # A storage may keep its files in the database, and this thread has a connection of its own.
            connections.close_all()

    def result(self) -> Found:
        self._thread.join(max(0.0, self._until - time.monotonic()))
        return self._found or ill(self.name, "too_slow", seconds=self._limit)

    def clear_away(self, until: float) -> None:
        """Wait for one that took too long: it may still be removing what it wrote."""
        self._thread.join(max(0.0, until - time.monotonic()))
