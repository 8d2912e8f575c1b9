"""A real round trip through the queue: a task of ours that some worker runs, and that writes a row."""

from __future__ import annotations

import time
import uuid

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from .. import queue
from ..diagnosis import WORKER_SILENT
from ..models import Beat, after
from ..queue import shared_task
from .found import LIMIT, WELL, Found, Look, doubtful, ill, looked, well

#: The row that the worker writes. One: what was asked and never answered leaves no others behind.
QUESTION = "doctor queue"
#: Seconds after which an idle worker should have looked.
SLOW = 2.0
#: A question that waits in the queue is not asked again for so long, so that they do not pile up without a worker.
ASKED = 10 * 60
BLINK = 0.1


@shared_task("answer")
def answer(token: str) -> None:
    """A worker was here."""
    Beat.objects.filter(name=QUESTION, holder=token).update(lease_until=timezone.now())


def there_and_back() -> Found:
    """Ask, and wait for a worker's answer, in as long as the whole may take."""
    until = time.monotonic() + LIMIT
    try:
        if queue.is_immediate():
            return doubtful("queue", "immediate")
    except ImproperlyConfigured:
        return ill("queue", "unusable")
    token = uuid.uuid4().hex
    Beat.objects.get_or_create(name=QUESTION, defaults={"seen_at": timezone.now()})
    start = time.monotonic()
    asked = _ask(token)
    if asked.level != WELL:
        return asked
    while time.monotonic() < until:
        if Beat.objects.filter(name=QUESTION, lease_until__isnull=False).exists():
            return judged(time.monotonic() - start)
        time.sleep(BLINK)
    return _unanswered()


def judged(seconds: float) -> Found:
    """A round trip that took so long."""
    facts = {"seconds": round(max(0.0, seconds), 2)}
    return doubtful("queue", "slow", **facts) if seconds > SLOW else well("queue", "works", **facts)


def _ask(token: str) -> Found:
    """Queue one question, unless one waits there already."""
    row = Beat.objects.filter(name=QUESTION)
    still = row.exclude(holder="").filter(lease_until__isnull=True, seen_at__gt=after(-ASKED))
    if still.exists() and (waits := Look("queue", _waits).result()).code != "nothing":
        return waits
    row.update(holder=token, seen_at=timezone.now(), lease_until=None)
    return Look("queue", lambda: _enqueue(token)).result()


def _waits() -> Found:
    return well("queue", "asked" if queue.is_waiting() else "nothing")


def _enqueue(token: str) -> Found:
    try:
        answer.enqueue(token)
    except Exception as error:
        return ill("queue", "not_taken", error=type(error).__name__)
    return well("queue", "asked")


def _unanswered() -> Found:
    seen = Beat.last("worker")
    alive = seen is not None and timezone.now() - seen < WORKER_SILENT
    return doubtful("queue", "busy", seconds=LIMIT) if alive else ill("queue", "no_worker", seconds=LIMIT)


def examined() -> Found:
    return looked("queue", there_and_back)
