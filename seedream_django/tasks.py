"""The queue's side: every task only says "look at this row now".

The row is the truth. huey forgets a task as soon as it hands it out, so a killed worker loses what it held;
``sweeping`` finds, once a minute, whatever nobody is looking at.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.db import connections
from django.db.models import Q
from django.utils import timezone

from . import (
    circuit,
    conf,
    copying,
    files,
    inbox,
    lost,
    moving,
    pace,
    pipeline,
    queue,
    slots,
    storing,
    turns,
)
from .judging import Next
from .models import FINAL, Beat, GeneratedImage, Generation, ImageState, Slot, State
from .queue import SharedTask, shared_task

logger = logging.getLogger(__name__)

#: Seconds that ``collect`` keeps a worker before it queues itself again; for a longer wait it lets go of its lease.
ROUND = 4.0
#: Seconds between two looks of a waiting ``collect`` at whether other work waits for its worker.
BLINK = 0.25
#: Seconds after which a poller that was not heard of is replaced: a restart must not make new orders wait.
POLLER_LEASE = 10.0
#: Rows of each kind that one sweep wakes.
SWEEP_LIMIT = 500
#: States in which the provider is asked about an order, or may be.
_ASKED_ABOUT = (State.RUNNING, State.ASKING, *FINAL)


# -- Tasks ---------------------------------------------------------------------------------------------------


@shared_task("submit")
def submit(pk: str) -> None:
    _follow(_send(pk))


def _send(pk: Any) -> Next:
    """Where nothing waits in a queue there are no turns: whoever orders is looked at."""
    return pipeline.submit(pk) if queue.is_immediate() else pipeline.submit_in_turn(pk)


@shared_task("collect")
def collect(holder: str) -> None:
    """Poll for all that is in flight. One chain of these runs at a time, in whichever process holds the lease."""
    if not Beat.keep("poller", holder, poller_lease()):
        return
    appoint_heir(poller_lease())
    with _at_work(holder):
        found = _poll_for_a_while()
    delay = found.collect
    if delay is not None and (found.pause or delay <= ROUND):
        pause = delay if found.pause else 0.0
        # Held on to while nothing may be asked: else the next order that is accepted would have it asked at once.
        if Beat.keep("poller", holder, poller_lease() + pause):
            collect.enqueue(holder, delay=pause)
        return
    # In this order: of one that is killed in between, the next look is in the queue.
    if delay is not None:
        collect.enqueue(holder, delay=delay)
    Beat.rest("poller", holder)
    # A row may have been accepted just before: whoever told of it was sent away by the lease.
    sooner = pace.until_next_look()
    if sooner is not None and sooner <= ROUND:
        start_collecting()


@shared_task("heir")
def heir(holder: str) -> None:
    """Go on polling when the lease of the poller is over: one that was killed tells nobody."""
    left = Beat.left("poller")
    if left is not None and left > 0:
        appoint_heir(left, holder)
        return
    Beat.rest("heir", holder)
    if left is not None:
        start_collecting()


def appoint_heir(delay: float, holder: str = "") -> None:
    """Have somebody look at the poller when its lease would be over, unless somebody will."""
    holder, delay = holder or uuid.uuid4().hex, max(0.0, delay) + 0.1
    if Beat.take("heir", holder, delay):
        heir.enqueue(holder, delay=delay)


@contextlib.contextmanager
def _at_work(holder: str) -> Iterator[None]:
    """Keep the lease while the provider takes its time to answer: who waits is not dead."""
    over, lease = threading.Event(), poller_lease()

    def keep() -> None:
        try:
            while not over.wait(lease / 2):
                Beat.keep("poller", holder, lease)
        except Exception:
            logger.exception("The poller could not say that it is at work.")
        finally:
            connections.close_all()

    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@shared_task("store")
def store(pk: int) -> None:
    delay = storing.store(pk)
    if delay is not None:
        store.enqueue(pk, delay=delay)


@shared_task("move")
def move(pk: int) -> None:
    delay = moving.move(pk)
    if delay is not None:
        move.enqueue(pk, delay=delay)


@shared_task("fill")
def fill(pk: int) -> None:
    delay = copying.copy(pk)
    if delay is not None:
        fill.enqueue(pk, delay=delay)


@shared_task("discard")
def discard() -> None:
    files.remove_discarded(SWEEP_LIMIT)


@shared_task("probe")
def probe() -> None:
    """See whether what stands in the way of new orders is over, and look again later if not."""
    orders, pictures = circuit.probe()
    for pk in orders:
        submit.enqueue(str(pk))
    for image_pk in pictures:
        store.enqueue(image_pk)
    # Who is to be tried may be far back in the queue.
    probe_in_time(circuit.FIRST_TRY if orders or pictures else 1.0)


def probe_in_time(at_least: float = 1.0) -> None:
    until = circuit.next_try()
    if until is None:
        return
    delay = max(at_least, until)
    if Beat.take("next probe", uuid.uuid4().hex, delay):
        probe.enqueue(delay=delay)


# -- Waking --------------------------------------------------------------------------------------------------


def wake(generation: Generation, **kwargs: Any) -> None:
    """Have a worker look at a new order, and its line come into the round; else the sweep sees to both."""

    def let_in() -> None:
        turns.line_up(generation.line)

    safely(let_in)
    _wake(submit, str(generation.pk))


def wake_store(image: GeneratedImage, **kwargs: Any) -> None:
    """Have a worker take in a picture that somebody brought along."""
    _wake(store, image.pk)


def wake_move(image: GeneratedImage, **kwargs: Any) -> None:
    """Have a worker move a picture that was approved."""
    if image.is_moving:
        _wake(move, image.pk)


def wake_fill(slot: Slot, **kwargs: Any) -> None:
    """Have a worker copy a picture into the field that waits for it."""
    _wake(fill, slot.pk)


def take_upload(generation: Generation, task_uuid: uuid.UUID) -> None:
    """Have a worker look at an order of which a file came just now."""
    inbox.came()
    now = timezone.now()
    images = generation.images.filter(Q(task_uuid=task_uuid) | Q(task_uuid=None))
    for image in images.filter(state=ImageState.FAILED):
        storing.fetch_again(image)
    images.filter(state=ImageState.RECEIVED).update(look_at=now)
    known = list(images.values_list("pk", flat=True))
    if not known:
        # The news of it is still to come.
        Generation.objects.filter(pk=generation.pk, state__in=_ASKED_ABOUT).update(look_at=now)
    if _is_done_elsewhere():
        for pk in known:
            _wake(store, pk)
        if not known:
            safely(start_collecting)


def wake_discard(**kwargs: Any) -> None:
    """Have a worker remove the files of deleted rows."""
    _wake(discard)


def wake_probe(**kwargs: Any) -> None:
    """Have a worker try, when its time has come, what stands in the way of new orders."""
    # Where tasks run inside the caller nothing comes later by itself: whoever looks at a page sees to it.
    if not queue.is_immediate():
        safely(probe_in_time)


def safely(step: Callable[[], object]) -> None:
    try:
        step()
    except Exception:
        logger.exception("The queue did not take what %s has for it; the next sweep does.", step.__name__)


def try_now() -> bool:
    """Have what stands in the way of new orders tried at once; tell whether anything does."""
    found = bool(circuit.try_now())
    if found:
        _wake(probe)
    return found


def fetch_again(image: GeneratedImage) -> bool:
    """Give a picture that could not be kept another chance; tell whether it was one."""
    if not storing.fetch_again(image):
        return False
    _wake(store, image.pk)
    return True


def ask_again(generation: Generation) -> bool:
    """Have the provider asked at once what became of a lost order; tell whether it is lost."""
    if not lost.ask(generation):
        return False
    try:
        start_collecting()
    except Exception:
        logger.exception("The queue did not take collect; the next sweep finds it.")
    return True


def hint(pk: Any, heard: bool = True) -> None:
    """The provider says that something of this order is ready: have it asked soon, once however often it says so.

    ``heard``: from here on webhooks are counted on.
    """
    if heard:
        Beat.mark(pace.HEARD, every=1)
    if pace.told(pk) and _is_done_elsewhere():
        safely(start_collecting)


def _is_done_elsewhere() -> bool:
    """Whether a worker does what is queued. In a request of the provider's nothing is done: whoever looks at a page
    sees to it, or the next sweep."""
    try:
        return not queue.is_immediate()
    except Exception:
        # The host's, which may be anything. What is noted is noted.
        logger.exception("There is no queue.")
        return False


def _wake(task: SharedTask, *args: Any) -> None:
    try:
        task.enqueue(*args)
    except Exception:
        # Queues have errors of their own. The row is there: nothing may make it look refused.
        logger.exception("The queue did not take %s; the next sweep finds it.", task.name)


def start_collecting() -> bool:
    """Start the chain of ``collect``, unless one runs; tell whether it was started."""
    holder = uuid.uuid4().hex
    if queue.is_immediate():
        _follow(pipeline.collect(), collecting=False)
    elif not Beat.take("poller", holder, poller_lease()):
        return False
    else:
        collect.enqueue(holder)
    return True


def tend() -> None:
    """In huey's immediate mode, where nothing runs by itself, do one step of everything that is due.

    For pages and commands that wait for a picture. Elsewhere a worker does this, and it does nothing.
    """
    if not queue.is_immediate():
        return
    _tend_circuits()
    for pk in Generation.objects.to_submit().order_by("look_at").values_list("pk", flat=True)[:5]:
        _follow(_send(pk), collecting=False)
    for generation in Generation.objects.abandoned()[:5]:
        pipeline.recover(generation)
    _follow(pipeline.collect(), collecting=False)
    for image_pk in GeneratedImage.objects.to_store().order_by("pk").values_list("pk", flat=True)[:5]:
        storing.store(image_pk)
    for image_pk in GeneratedImage.objects.to_move().order_by("pk").values_list("pk", flat=True)[:5]:
        moving.move(image_pk)
    end_stored()
    for slot in slots.waiting(5):
        if slot.is_copied:
            copying.copy(slot.pk)
    slots.fill_waiting(5)


def end_stored() -> None:
    storing_rows = Generation.objects.filter(state=State.STORING)
    for generation in storing_rows.exclude(images__state=ImageState.RECEIVED)[:SWEEP_LIMIT]:
        storing.settle(generation)


def _tend_circuits() -> None:
    circuit.stand_still()
    circuit.tell_untold()
    for image_pk in circuit.probe()[1]:
        storing.store(image_pk)


def _follow(found: Next, *, collecting: bool = True) -> None:
    for pk, delay in found.submit:
        # Where tasks run inside one another, those that only wait for a place are left to the next look.
        if delay or not queue.is_immediate():
            submit.enqueue(str(pk), delay=delay)
    for image_pk, delay in found.store:
        store.enqueue(image_pk, delay=delay)
    if collecting and found.collect is not None:
        start_collecting()


def poller_lease() -> float:
    return float(min(POLLER_LEASE, conf.LEASE))


def _poll_for_a_while() -> Next:
    """Poll in rounds until other work waits or ROUND is over. Return what the last one found."""
    until = time.monotonic() + ROUND
    while True:
        found = pipeline.collect()
        _follow(found, collecting=False)
        if found.collect is None or found.pause:
            return found
        if found.collect > ROUND or time.monotonic() + found.collect > until:
            return found
        if _other_work_came(found.collect):
            return replace(found, collect=0.0)


def _other_work_came(seconds: float) -> bool:
    """Sleep, but not while somebody waits for this worker, nor once a row is due sooner than was thought."""
    until = time.monotonic() + seconds
    while not (waiting := queue.is_waiting()) and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, BLINK))
        if Generation.objects.to_collect().exists():
            return False
    return waiting
