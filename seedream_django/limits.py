"""How many at once, of all processes together: orders being sent, and orders that the provider has in hand.

An order that finds no place is not queued again and again. Whoever frees a place names the orders that waited
longest, and the sweep finds what nobody named.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from . import conf
from .models import Beat, Generation, State

#: A place for one POST; a number follows.
POST = "post"
#: Locked while one process counts what the provider has in hand.
ROOM = "room at the provider"
#: Noted when an order found no place, so that whoever frees one looks for it.
TURNED_AWAY = "turned away"

#: States in which the provider may have an order that is not finished.
IN_HAND = (State.SUBMITTING, State.ASKING, State.RUNNING)

Place = TypeVar("Place")


@contextmanager
def post(lease: float) -> Iterator[bool]:
    """Hold one of the places for POSTs; tell whether one was free. A dead holder has it for ``lease`` seconds."""
    holder = uuid.uuid4().hex
    name = _look_twice(lambda: _take_post(holder, lease))
    try:
        yield name is not None
    finally:
        if name is not None:
            Beat.rest(name, holder)


def claim(step: Callable[[], bool]) -> bool:
    """Take this step if the provider may be given one order more; tell whether it was taken."""
    if conf.MAX_WAITING is None:
        return step()
    return bool(_look_twice(lambda: _claim_with_room(step)))


def next_waiting(count: int | None = 1) -> tuple[tuple[Any, float], ...]:
    """The orders that have waited longest, for whoever freed a place; none as long as nobody was turned away.

    Without a ``count`` as many as there are free places for POSTs.
    """
    noted = Beat.last(TURNED_AWAY)
    if noted is None:
        return ()
    if (count := min(len(_free_posts()) if count is None else count, _room())) <= 0:
        return ()
    found = Generation.objects.to_submit().order_by("look_at").values_list("pk", flat=True)[:count]
    if not found:
        # Not if somebody was turned away just now.
        Beat.objects.filter(name=TURNED_AWAY, seen_at=noted).delete()
    return tuple((pk, 0.0) for pk in found)


def next_for_all_places() -> tuple[tuple[Any, float], ...]:
    """The orders that have waited longest, one for each free place, for whoever freed one of them.

    Several that are done at once all name the same oldest one; the last of them names one for each place as well.
    """
    return next_waiting(None)


def pass_on(pk: Any) -> tuple[tuple[Any, float], ...]:
    """For whoever was to send an order that is no longer to be sent.

    If another sends it, that one names the next. If it was stopped or deleted nobody does, so its turn goes on.
    """
    if Generation.objects.filter(pk=pk).exclude(state=State.CANCELLED).exists():
        return ()
    return next_for_all_places()


def is_full() -> bool:
    """Whether no more may be sent now: what waits, waits for a place."""
    return not _free_posts() or _room() <= 0


def to_wake(most: int) -> int:
    """How many of those that wait are worth waking: no more than have a place, once some had none."""
    if Beat.last(TURNED_AWAY) is None:
        return most
    return max(0, min(most, int(conf.MAX_POSTS), _room()))


def _look_twice(look: Callable[[], Place | None]) -> Place | None:
    """Look for a place; in vain, note it and look once more, for one that was freed before it was noted."""
    found = look()
    if found is None:
        Beat.mark(TURNED_AWAY)
        found = look()
    return found


def _take_post(holder: str, lease: float) -> str | None:
    free = _free_posts()
    random.shuffle(free)
    return next((name for name in free if Beat.take(name, holder, lease)), None)


def _free_posts() -> list[str]:
    names = [f"{POST} {number}" for number in range(1, int(conf.MAX_POSTS) + 1)]
    held = Beat.objects.filter(name__in=names, lease_until__gte=timezone.now()).values_list("name", flat=True)
    return sorted(set(names) - set(held))


def _claim_with_room(step: Callable[[], bool]) -> bool | None:
    """Take the step; None without room. What counts and what claims is one at a time, by the lock of a row."""
    Beat.objects.get_or_create(name=ROOM, defaults={"seen_at": timezone.now()})
    with transaction.atomic():
        # Written before anything is read: on every database others wait here.
        Beat.objects.filter(name=ROOM).update(seen_at=timezone.now())
        return step() if _room() > 0 else None


def _room() -> int:
    """How many orders more the provider may be given."""
    if conf.MAX_WAITING is None:
        return 1_000_000
    in_hand: int = Generation.objects.filter(state__in=IN_HAND).count()
    return int(conf.MAX_WAITING) - in_hand
