"""The sweep: it finds, once a minute, whatever nobody is looking at, because a queue forgets."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import Min
from django.utils import timezone

from . import (
    bulk,
    bulking,
    circuit,
    conf,
    files,
    late,
    limits,
    media,
    notices,
    pipeline,
    queue,
    references,
    slots,
    storing,
    storyboards,
    turns,
)
from .models import (
    WORKING,
    Beat,
    BulkRun,
    Circuit,
    GeneratedImage,
    Generation,
    ImageState,
    Slot,
    State,
    Switch,
    after,
)
from .queue import shared_task
from .tasks import (
    SWEEP_LIMIT,
    appoint_heir,
    discard,
    end_stored,
    move,
    probe,
    probe_in_time,
    safely,
    start_collecting,
    store,
    submit,
)  # fmt: skip

logger = logging.getLogger(__name__)

#: Seconds between two sweeps by the clock.
SWEEP_INTERVAL = 60.0
#: Seconds for which a mail server may keep one worker, before another tries.
MAILING = 600
#: A sweep takes no longer than this, in seconds.
SWEEP_TAKES = 5


@shared_task("sweep", minutes="*")
def sweep() -> None:
    """Find whatever nobody is looking at; runs every minute and when a consumer starts."""
    _see_to_the_clock()
    Beat.mark("worker")
    # Each worker of a starting consumer queues one; one a second is enough, and one after that for all others.
    if not Beat.take("sweep", uuid.uuid4().hex, seconds=1):
        _sweep_in(1.0)
        return
    for step in SWEEP:
        try:
            step()
        except Exception:
            # A disk that is full must not keep the sweep from what else it looks after.
            logger.exception("A part of the sweep failed: %s.", step.__name__)


queue.on_startup(sweep)


@shared_task("mail")
def mail() -> None:
    """Mail what people were not told on a page. A task of its own, one at a time: a mail server may take its time."""
    holder = uuid.uuid4().hex
    if Beat.take("mail", holder, MAILING):
        notices.mail()
        Beat.rest("mail", holder)


# -- What the sweep looks after ------------------------------------------------------------------------------


def _see_to_the_clock() -> None:
    """When the clock was set back, look at once at what was put off before: it would wait for as long as that."""
    if not Beat.is_ahead("worker"):
        return
    logger.warning("The clock was set back: everything that waits is looked at now.")
    now, lease = timezone.now(), after(conf.LEASE)
    pictures = GeneratedImage.objects.filter(state=ImageState.RECEIVED)
    waiting = Slot.objects.filter(settled_at__isnull=True)
    for rows in (Generation.objects.all(), pictures, GeneratedImage.objects.approved(), waiting):
        rows.filter(look_at__gt=now).update(look_at=now)
        rows.filter(lease_until__gt=lease).update(lease_until=lease)
    Beat.objects.filter(lease_until__gt=lease).update(lease_until=lease)
    turns.start_anew(now)
    circuit.try_now()


def _wake_queued() -> None:
    """Wake what waits, the oldest first; while nothing is sent, or may be, only what is out of time."""
    if not Switch.current().on:
        return
    waiting = Generation.objects.to_submit().order_by("look_at").values_list("pk", flat=True)
    count = 0 if Circuit.objects.open().exists() else limits.to_wake(SWEEP_LIMIT)
    late = waiting.filter(deadline__lt=timezone.now())
    for pk in dict.fromkeys([*waiting[:count], *late[:SWEEP_LIMIT]]):
        submit.enqueue(str(pk))


def _wake_probe() -> None:
    delay = circuit.next_try()
    if delay == 0:
        probe.enqueue()
    elif delay is not None:
        probe_in_time()


def _recover_abandoned() -> None:
    for generation in Generation.objects.abandoned()[:SWEEP_LIMIT]:
        pipeline.recover(generation)


def _wake_unstored() -> None:
    images = GeneratedImage.objects
    for rows, task in ((images.to_store(), store), (images.to_move(), move)):
        for pk in rows.order_by("pk").values_list("pk", flat=True)[:SWEEP_LIMIT]:
            task.enqueue(pk)


def _empty_inboxes() -> None:
    files.empty_inboxes(SWEEP_LIMIT)


def _wake_discarding() -> None:
    if files.discarded().exists():
        discard.enqueue()


def _see_to_the_poller() -> None:
    if not (Generation.objects.in_flight().exists() or Generation.objects.to_watch().exists()):
        return
    if not start_collecting():
        # Who holds the lease may have died: another looks again when it is over.
        appoint_heir(Beat.left("poller") or 0.0)


def _wake_mailing() -> None:
    if notices.to_mail():
        mail.enqueue()


def _sweep_when_a_lease_ends() -> None:
    """Look again as soon as a worker that holds a row now must have died, rather than up to a minute later."""
    now = timezone.now()
    # Also what ended while this sweep was at work: it may have been held when it was looked at.
    since = after(-SWEEP_TAKES)
    held = (
        Generation.objects.filter(state=State.SUBMITTING, lease_until__gt=since),
        GeneratedImage.objects.filter(state=ImageState.RECEIVED, lease_until__gt=since),
        GeneratedImage.objects.approved().filter(lease_until__gt=since),
        BulkRun.objects.filter(state__in=WORKING, lease_until__gt=since),
        Slot.objects.filter(settled_at__isnull=True, lease_until__gt=since),
    )
    ends = [end for rows in held if (end := rows.aggregate(end=Min("lease_until"))["end"])]
    if ends:
        _sweep_in(max(1.0, (min(ends) - now).total_seconds() + 0.1))


def _sweep_in(delay: float) -> None:
    if delay < SWEEP_INTERVAL and Beat.take("next sweep", uuid.uuid4().hex, delay):
        sweep.enqueue(delay=delay)


SWEEP: tuple[Callable[[], object], ...] = (
    circuit.stand_still,
    circuit.tell_untold,
    turns.tidy,
    _wake_queued,
    _wake_probe,
    _recover_abandoned,
    _wake_unstored,
    end_stored,
    slots.fill_waiting,
    storyboards.take_waiting,
    late.end_watches,
    storing.clear_spool,
    references.clear,
    media.clear,
    _empty_inboxes,
    _wake_discarding,
    bulking.wake_due,
    bulk.clear,
    _see_to_the_poller,
    _wake_mailing,
    _sweep_when_a_lease_ends,
)


def wake_waiting(**kwargs: Any) -> None:
    """Have workers look at what waited while nothing was sent."""
    if not queue.is_immediate():
        safely(_wake_queued)
