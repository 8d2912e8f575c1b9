"""When to look again at what the provider has: often while it is young, then ever more slowly."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from . import conf
from .delivery import is_inline
from .exceptions import ProviderError, Refused, Unclear
from .late import WATCH_INTERVAL
from .models import FINAL, Generation, after

#: Tasks asked about in one request, at most. Of these a fifth may have ended and be only watched.
BATCH = 100
#: Seconds between two looks at an order, once pictures of it came inside the reply.
INLINE_INTERVAL = 5.0


def interval(generation: Generation) -> float:
    """Seconds to the next look: often while it is young, then ever more slowly."""
    if generation.state in FINAL:
        return WATCH_INTERVAL
    # Where the pictures come inside the replies, each look brings all that are ready.
    shortest = INLINE_INTERVAL if is_inline(generation) and generation.received else conf.POLL_INTERVAL
    age = (timezone.now() - (generation.accepted_at or generation.created_at)).total_seconds()
    return max(float(shortest), min(age / 20, 15.0))


def between_tries(generation: Generation) -> float:
    """Seconds to the next try at what an order is made from: 5, ever more, 60; and up to half as much again."""
    age = (timezone.now() - generation.created_at).total_seconds()
    return min(max(5.0, age / 10), 60.0) * (1 + random.random() / 2)


def put_off(generations: Iterable[Generation], delay: float | None = None) -> None:
    """Set the next look of many rows in a few updates: one a row every second would be too many writes."""
    waits: dict[int, list[Any]] = {}
    for generation in generations:
        waits.setdefault(round(delay or interval(generation)), []).append(generation.pk)
    for wait, pks in waits.items():
        Generation.objects.filter(pk__in=pks).update(look_at=after(wait))


def until_next_look() -> float | None:
    """Seconds until a row is due, or None when nothing is in flight. What is only watched has the sweep."""
    in_flight = Generation.objects.in_flight().order_by("look_at")
    look_at = in_flight.values_list("look_at", flat=True).first()
    return max(0.0, (look_at - timezone.now()).total_seconds()) if look_at else None


def is_too_much(error: ProviderError) -> bool:
    """Whether fewer tasks in one question may help: it was refused as such, or its answer was longer than is read."""
    if isinstance(error, Refused):
        return error.kind == "validation"
    return isinstance(error, Unclear) and error.status is not None and error.status < 400


class Batch:
    """How many tasks one question is about: half as many when that was too much, then more again, one by one.

    Each process finds out for itself: a limit of the provider's is no fact of ours to keep.
    """

    def __init__(self) -> None:
        self.size = BATCH

    def shrink(self, size: int) -> None:
        self.size = max(1, size)

    def grow(self, asked: int) -> None:
        """So many went well. Of fewer than there may be nothing is learned."""
        if asked >= self.size:
            self.size = min(BATCH, self.size + 1)


batch = Batch()


def is_past(moment: Any, *, ahead: float = 0) -> bool:
    return moment is not None and moment < after(ahead)
