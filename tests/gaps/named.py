"""The gaps by name: each stops the process between two lines of the app, by wrapping one of its functions."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile

from seedream_django import (
    bulk,
    copying,
    files,
    inbox,
    judging,
    media,
    moving,
    orders,
    pipeline,
    storing,
    tasks,
)
from seedream_django.runware.client import Runware


def stop() -> None:
    """Say where we are, in a line that is written at once, and go no further."""
    line = f"{os.environ['SEEDREAM_GAP']} {os.getpid()} {threading.get_ident()}\n"
    handle = os.open(os.environ["SEEDREAM_GAP_MARKER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, line.encode())
    os.close(handle)
    time.sleep(3600)


def before(room: Any, name: str, when: Callable[..., Any] = lambda *args: True) -> Callable[[], None]:
    """Stop before this function runs, if ``when`` says so of its arguments."""

    def open_the_gap() -> None:
        original = getattr(room, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if when(*args):
                stop()
            return original(*args, **kwargs)

        setattr(room, name, wrapped)

    return open_the_gap


def once_done(room: Any, name: str, when: Callable[[Any], Any] = bool) -> Callable[[], None]:
    """Stop once this function has run, if ``when`` says so of what it returned."""

    def open_the_gap() -> None:
        original = getattr(room, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if when(result):
                stop()
            return result

        setattr(room, name, wrapped)

    return open_the_gap


def half_of_the_first() -> None:
    """Write half of the first file under its own name, as a storage does that is cut off, and stop."""
    put = files.put

    def wrapped(storage: Any, name: str, content: Any, sha256: str) -> None:
        data = content.read()
        storage.save(name, ContentFile(data[: len(data) // 2]))
        stop()
        put(storage, name, ContentFile(data), sha256)

    files.put = wrapped


def half_of_a_copy() -> None:
    """The same of a copy in a field's own storage."""

    def wrapped(slot: Any, path: Path) -> None:
        data = path.read_bytes()
        slot.host_field.storage.save(slot.copied, ContentFile(data[: len(data) // 2]))
        stop()

    copying._save = wrapped


def _has_results(reports: dict[Any, Any]) -> bool:
    return any(report.results for report in reports.values())


def _is_picture(storage: Any, name: str, *args: Any) -> bool:
    return not name.endswith(("-preview.webp", "-blurred.webp"))


def _is_preview(storage: Any, name: str, *args: Any) -> bool:
    return name.endswith("-preview.webp")


def _wants_storing(found: pipeline.Next) -> bool:
    return bool(found.store)


def _has_stored(generation: Any) -> bool:
    return bool(generation.images.stored().exists())


#: What happened last before the process stops.
GAPS: dict[str, Callable[[], None]] = {
    # The order
    "inserted": once_done(orders, "_insert"),
    "ordered": before(tasks.submit, "enqueue"),
    # The consumer
    "references sent": once_done(media, "prepare", lambda prepared: prepared.uuids),
    "claimed": once_done(pipeline, "_claim"),
    "submitted": once_done(Runware, "submit_all"),
    "running": once_done(judging, "accepted"),
    "polled": once_done(Runware, "poll", _has_results),
    "recorded": once_done(judging, "record"),
    "finished": once_done(pipeline, "collect", _wants_storing),
    "fetching": once_done(storing, "_claim"),
    "downloaded": once_done(Runware, "download"),
    "taken": once_done(inbox, "take"),
    "opening": before(storing.pictures, "inspect"),
    "half a preview": half_of_the_first,
    "preview stored": before(files, "put", _is_picture),
    "stored": before(storing, "_finish"),
    "kept": before(storing, "settle", _has_stored),
    "emptying": before(files, "remove_discarded"),
    # A run for many objects
    "object claimed": once_done(bulk, "_claim"),
    "object ordered": before(bulk, "_note"),
    "object noted": once_done(bulk, "_note", lambda nothing: True),
    # A copy in a field's own storage
    "copy claimed": once_done(copying, "_claim"),
    "copy fetched": once_done(copying, "_fetch", lambda nothing: True),
    "half a copy": half_of_a_copy,
    "copy saved": before(copying, "_finish"),
    # The way out of the private storage
    "to move": before(moving, "_fetch"),
    "copied": once_done(moving, "_fetch", lambda nothing: True),
    "half a moved file": half_of_the_first,
    "file moved": before(files, "put", _is_preview),
    "preview moved": before(moving, "_finish"),
    "moved": before(files, "clear"),
}
