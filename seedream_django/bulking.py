"""The queue's side of runs for many objects: "look at this run now"."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from . import bulk, queue, tasks
from .models import BulkItem, BulkRun, Generation, ItemState, Slot
from .queue import shared_task

logger = logging.getLogger(__name__)

#: Runs that one sweep wakes.
LIMIT = 100
#: Orders that one look at a page makes, where tasks run inside the request.
IN_A_REQUEST = 3


@shared_task("bulk")
def go_on(pk: str) -> None:
    """Take one step of a run, and the next one later: whoever comes too early leaves it to the one that is due."""
    delay = bulk.step(pk)
    # Where tasks run inside the caller nothing comes later by itself: whoever looks at the page sees to it.
    if delay is not None and not queue.is_immediate():
        go_on.enqueue(str(pk), delay=max(delay, 0.1))


def wake(run: BulkRun) -> None:
    """Have a worker look at a run, once what was decided about it is committed."""
    transaction.on_commit(partial(_enqueue, run.pk))


def wake_for(generation: Generation, **kwargs: Any) -> None:
    """An order of a run has ended; listens to ``generation_finished``."""
    if generation.door == bulk.DOOR:
        _wake_all(BulkItem.objects.filter(generation=generation))


def wake_for_slot(slot: Slot, **kwargs: Any) -> None:
    """A place was filled, or given up; listens to ``slot_settled``."""
    items = BulkItem.objects.filter(slot=slot)
    if late := items.exclude(state=ItemState.ORDERED).select_related("run").first():
        bulk.late(late.run)
    else:
        _wake_all(items)


def tend(run: BulkRun) -> None:
    """In huey's immediate mode, where nothing runs by itself, take one small step of a run that somebody looks at."""
    if queue.is_immediate():
        bulk.step(run.pk, IN_A_REQUEST)
        tasks.tend()
        BulkRun.objects.filter(pk=run.pk).update(look_at=timezone.now())


def wake_due() -> None:
    """Find the runs that nobody looks at; the sweep does."""
    for pk in BulkRun.objects.due().order_by("look_at").values_list("pk", flat=True)[:LIMIT]:
        go_on.enqueue(str(pk))


def _wake_all(items: QuerySet[BulkItem]) -> None:
    for pk in items.values_list("run", flat=True):
        BulkRun.objects.filter(pk=pk).update(look_at=timezone.now())
        _enqueue(pk)


def _enqueue(pk: Any) -> None:
    try:
        if not queue.is_immediate():
            go_on.enqueue(str(pk))
    except Exception:
        # Queues have errors of their own. The row is there.
        logger.exception("The queue did not take a step of a run; the next sweep finds it.")
