"""Being the worker of a queue, one task at a time, so that a test decides what happens when."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils import timezone
from huey import MemoryHuey
from huey.signals import SIGNAL_ERROR

from seedream_django import generate, queue
from seedream_django.models import Generation
from seedream_django.sandbox import Books

#: Whoever looks at the poller when its lease is over: while anything is in flight one of these is always scheduled.
HEIR = "heir"


@contextlib.contextmanager
def idle_queue(settings: Any, huey: Any = None) -> Iterator[Any]:
    """A queue that no worker reads unless the test is it. No task may end in an error."""
    huey = huey or MemoryHuey(uuid.uuid4().hex)
    settings.SEEDREAM = {
        **settings.SEEDREAM,
        "HUEY": huey,
        "SANDBOX_PLAIN": True,
        "SANDBOX_LATENCY": 0,
        "POLL_INTERVAL": 0.05,
    }
    queue.bind()
    errors: list[Any] = []
    huey.signal(SIGNAL_ERROR)(lambda signal, task, error: errors.append(error))
    yield huey
    assert errors == []


def pending(huey: Any) -> list[str]:
    return [task.name for task in huey.pending() if task.name != HEIR]


def scheduled(huey: Any) -> list[str]:
    return [task.name for task in huey.scheduled() if task.name != HEIR]


def work(huey: Any, times: int = 20) -> list[str]:
    """Be a worker until nothing is queued, ``times`` at most; tell what was run. What is for later stays there."""
    names: list[str] = []
    while len(names) < times and (task := huey.dequeue()):
        huey.execute(task)
        if task.name != HEIR:
            names.append(task.name)
    return names


def wake_scheduled(huey: Any, *, heir: bool = False) -> list[str]:
    """Queue what is scheduled, as huey does when its time has come; tell what that was. The heir only if asked."""
    found = huey.read_schedule(timezone.now().replace(year=2999, tzinfo=None))
    for task in found:
        if task.name == HEIR and not heir:
            huey.add_schedule(task)
            continue
        task.eta = None
        huey.enqueue(task)
    return [task.name for task in found if heir or task.name != HEIR]


def at_once(job: Any, times: int = 4) -> None:
    threads = [threading.Thread(target=job) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def order(state: str = "", prompt: str = "A fox", **columns: Any) -> Generation:
    """An order, then put into a state of which nobody was told."""
    generation = generate(prompt, size="2048x2048")
    if state:
        queue.bind().flush()
        Generation.objects.filter(pk=generation.pk).update(state=state, **columns)
        generation.refresh_from_db()
    return generation


def charges(sandbox: Path) -> list[tuple[str, int]]:
    return [(charge.task_uuid, charge.images) for charge in Books(sandbox / "sandbox.sqlite3").charges()]
