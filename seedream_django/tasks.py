"""The queue's side: every task only says "look at this row now".

The row is the truth. huey forgets a task as soon as it hands it out, so a killed worker loses what it held;
``sweep`` finds, once a minute, whatever nobody is looking at.
"""

from __future__ import annotations

import logging
import time
import uuid
from typing import Any

from django.core.files.storage import InvalidStorageError, storages
from django.db.models import F

from . import conf, pipeline, queue, slots, storing
from .models import Beat, DiscardedFile, GeneratedImage, Generation, ImageState, State, Switch, after
from .queue import shared_task

logger = logging.getLogger(__name__)

#: Seconds that ``collect`` keeps a worker before it queues itself again.
ROUND = 4.0
#: Seconds after which a poller that was not heard of is replaced; it may have to wait its turn in the queue.
POLLER_LEASE = 60.0
#: Rows of each kind that one sweep wakes.
SWEEP_LIMIT = 500
#: Attempts at removing a discarded file.
DISCARD_ATTEMPTS = 100


# -- Tasks ---------------------------------------------------------------------------------------------------


@shared_task("submit")
def submit(pk: str) -> None:
    _follow(pipeline.submit(pk))


@shared_task("collect")
def collect(holder: str) -> None:
    """Poll for all that is in flight. One chain of these runs at a time, in whichever process holds the lease."""
    if not Beat.take("poller", holder, POLLER_LEASE):
        return
    delay = _poll_for_a_while()
    if delay is None:
        Beat.give_back("poller", holder)
        # A row may have been accepted just before the lease was given back.
        if Generation.objects.filter(state__in=(State.RUNNING, State.ASKING)).exists():
            start_collecting()
    else:
        Beat.take("poller", holder, POLLER_LEASE + delay)
        collect.enqueue(holder, delay=delay if delay > ROUND else None)


@shared_task("store")
def store(pk: int) -> None:
    delay = storing.store(pk)
    if delay is not None:
        store.enqueue(pk, delay=delay)


@shared_task("discard")
def discard() -> None:
    """Remove the files of deleted rows."""
    for file in DiscardedFile.objects.filter(attempts__lt=DISCARD_ATTEMPTS).order_by("attempts", "pk")[
        :SWEEP_LIMIT
    ]:
        try:
            storages[file.storage].delete(file.name)
        except (InvalidStorageError, OSError) as error:
            logger.warning("Could not remove %s (%s).", file.name, type(error).__name__)
            DiscardedFile.objects.filter(pk=file.pk).update(attempts=F("attempts") + 1)
        else:
            file.delete()


@shared_task("sweep", minutes="*")
def sweep() -> None:
    """Find whatever nobody is looking at; runs every minute and when a consumer starts."""
    Beat.mark("worker")
    if not Beat.take("sweep", uuid.uuid4().hex, seconds=5):
        return
    if Switch.current().on:
        _wake_queued()
    else:
        # Nothing that waits for the owner may run out of time meanwhile.
        Generation.objects.filter(state=State.QUEUED).update(deadline=after(conf.QUEUE_DEADLINE))
    for generation in Generation.objects.abandoned()[:SWEEP_LIMIT]:
        pipeline.recover(generation)
    for pk in GeneratedImage.objects.to_store().values_list("pk", flat=True)[:SWEEP_LIMIT]:
        store.enqueue(pk)
    for generation in Generation.objects.filter(state=State.STORING).exclude(
        images__state=ImageState.RECEIVED
    )[:SWEEP_LIMIT]:
        storing.settle(generation)
    slots.fill_waiting()
    storing.clear_spool()
    if DiscardedFile.objects.filter(attempts__lt=DISCARD_ATTEMPTS).exists():
        discard.enqueue()
    if Generation.objects.to_collect().exists() or Generation.objects.to_watch().exists():
        start_collecting()


queue.on_startup(sweep)


# -- Waking --------------------------------------------------------------------------------------------------


def wake(generation: Generation, **kwargs: Any) -> None:
    """Have a worker look at a new order. The queue may be away: the row waits, and the sweep finds it."""
    try:
        submit.enqueue(str(generation.pk))
    except Exception:
        # Queues have errors of their own. The order is taken: nothing may make it look refused.
        logger.exception("The queue did not take generation %s; the next sweep will.", generation.pk)


def wake_discard(**kwargs: Any) -> None:
    """Have a worker remove the files of deleted rows."""
    try:
        discard.enqueue()
    except Exception:
        logger.exception("The queue did not take the removal of files; the next sweep will.")


def start_collecting() -> None:
    """Start the chain of ``collect``, unless one runs."""
    holder = uuid.uuid4().hex
    if queue.is_immediate():
        _follow(pipeline.collect(), collecting=False)
    elif Beat.take("poller", holder, POLLER_LEASE):
        collect.enqueue(holder)


def tend() -> None:
    """In huey's immediate mode, where nothing runs by itself, do one step of everything that is due.

    For pages and commands that wait for a picture. Elsewhere a worker does this, and it does nothing.
    """
    if not queue.is_immediate():
        return
    for pk in Generation.objects.to_submit().values_list("pk", flat=True)[:5]:
        _follow(pipeline.submit(pk), collecting=False)
    for generation in Generation.objects.abandoned()[:5]:
        pipeline.recover(generation)
    _follow(pipeline.collect(), collecting=False)
    for image_pk in GeneratedImage.objects.to_store().values_list("pk", flat=True)[:5]:
        storing.store(image_pk)
    slots.fill_waiting(5)


def _follow(found: pipeline.Next, *, collecting: bool = True) -> None:
    for pk, delay in found.submit:
        submit.enqueue(str(pk), delay=delay)
    for image_pk, delay in found.store:
        store.enqueue(image_pk, delay=delay)
    if collecting and found.collect is not None:
        start_collecting()


def _wake_queued() -> None:
    for pk in Generation.objects.to_submit().values_list("pk", flat=True)[:SWEEP_LIMIT]:
        submit.enqueue(str(pk))


def _poll_for_a_while() -> float | None:
    """Poll in rounds until other work waits or ROUND is over. Return seconds to the next look, or None."""
    until = time.monotonic() + ROUND
    while True:
        found = pipeline.collect()
        _follow(found, collecting=False)
        if found.collect is None:
            return None
        if found.collect > ROUND or time.monotonic() + found.collect > until:
            return found.collect
        time.sleep(found.collect)
        if queue.is_waiting():
            return 0.0
