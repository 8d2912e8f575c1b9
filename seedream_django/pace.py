"""When to look again at what the provider has: often while it is young, then ever more slowly."""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from django.db.models import Case, F, Value, When
from django.db.models.fields.json import KT
from django.utils import timezone

from . import conf
from .delivery import is_inline
from .exceptions import NotRun, ProviderError
from .late import WATCH_INTERVAL
from .models import FINAL, Asked, Beat, Generation, GenerationQuerySet, State, after

#: Tasks asked about in one request, at most. Of these a fifth may have ended and be only watched.
BATCH = 100
#: Requests that one look at what is due is for, at most.
BATCHES = 20
#: Seconds at least between two looks, unless one left something: what becomes due meanwhile shares a request.
LULL = 0.2
#: Tasks in a row that may each be refused alone, before it is taken for a refusal of whatever is asked.
ALONE = 3
#: Seconds until a task that was refused alone is asked about again: the others lose a few questions to it each time.
ALONE_INTERVAL = 60.0
#: Nobody answers: seconds until anything is asked again, at least and at most.
PAUSE = (5.0, 60.0)
#: Seconds between two looks at an order, once pictures of it came inside the reply.
INLINE_INTERVAL = 5.0
Row = TypeVar("Row", bound=Asked)

#: Percent by which the bar of an order moves.
STEP = 5


class Due(NamedTuple):
    """A row that is due, as far as asking about it needs it: read whole, thousands of rows cost more than asking."""

    pk: uuid.UUID
    state: str
    attempts: int
    tasks: list[str]
    refused: dict[str, list[str]]
    output_type: str | None
    deadline: datetime.datetime | None
    quiet_since: datetime.datetime | None
    progress: int
    received: int
    hooked: bool
    told_at: datetime.datetime | None
    accepted_at: datetime.datetime | None
    created_at: datetime.datetime

    @property
    def task_uuids(self) -> list[uuid.UUID]:
        return [uuid.UUID(task) for task in self.tasks] or [self.pk]

    @property
    def is_split(self) -> bool:
        return len(self.tasks) > 1


_COLUMNS = tuple(KT("parameters__outputType") if name == "output_type" else name for name in Due._fields)


def due() -> list[Due]:
    """What the provider is to be asked about now, as its requests ask: of each a fifth may only be watched."""
    share = max(1, batch.size // 5)
    watched = _read(Generation.objects.to_watch(), BATCHES * share)
    in_flight = _read(Generation.objects.to_collect(), BATCHES * max(1, batch.size - share))
    found: list[Due] = []
    while watched:
        some = fitting(watched, share)
        many = fitting(in_flight, max(1, batch.size - tasks_of(some)))
        found += [*many, *some]
        del in_flight[: len(many)], watched[: len(some)]
    return found + in_flight


def _read(rows: GenerationQuerySet, limit: int) -> list[Due]:
    return [Due._make(row) for row in rows.order_by("look_at").values_list(*_COLUMNS)[:limit]]


def interval(generation: Generation | Due, heard: bool | None = None) -> float:
    """Seconds to the next look: often while it is young, then ever more slowly; slowly where webhooks tell.

    ``heard`` is ``hears()``, for who knows it already.
    """
    if generation.state in FINAL:
        return WATCH_INTERVAL
    if generation.hooked and (hears() if heard is None else heard):
        return HOOKED_INTERVAL
    # Where the pictures come inside the replies, each look brings all that are ready.
    shortest = INLINE_INTERVAL if is_inline(generation) and generation.received else conf.POLL_INTERVAL
    age = (timezone.now() - (generation.accepted_at or generation.created_at)).total_seconds()
    return max(float(shortest), min(age / 20, 15.0))


def between_tries(generation: Generation) -> float:
    """Seconds to the next try at what an order is made from: 5, ever more, 60; and up to half as much again."""
    age = (timezone.now() - generation.created_at).total_seconds()
    return min(max(5.0, age / 10), 60.0) * (1 + random.random() / 2)


def put_off(
    generations: Iterable[Generation | Due],
    delay: float | None = None,
    *,
    progress: Mapping[Any, int] = MappingProxyType({}),
) -> None:
    """Set the next look of many rows in a few updates: one a row every second would be too many writes.

    Those that the provider told of since they were read stay as they are. ``progress``: how far some are, in percent.
    """
    generations = list(generations)
    heard = any(generation.hooked for generation in generations) and hears()
    alike: dict[tuple[float, Any, int | None], list[Any]] = {}
    for generation in generations:
        wait = _no_later(generation, round(delay or interval(generation, heard)))
        shown = _shown(generation, progress.get(generation.pk, 0))
        alike.setdefault((wait, generation.told_at, shown), []).append(generation.pk)
    for (wait, told_at, step), pks in alike.items():
        rows = Generation.objects.filter(pk__in=pks, told_at=told_at)
        if step is None:
            rows.update(look_at=after(wait))
        else:
            rows.filter(state=State.RUNNING).update(look_at=after(wait), progress=step)


def _shown(generation: Generation | Due, progress: int) -> int | None:
    """Where the bar moves to, in steps that can be seen and that many rows share; None where it stays."""
    step = min(progress, 99) // STEP * STEP
    return step if step > generation.progress else None


def until_next_look(at_least: float = 0.0) -> float | None:
    """Seconds until a row is due, or None when nothing is in flight. What is only watched has the sweep."""
    in_flight = Generation.objects.in_flight().order_by("look_at")
    look_at = in_flight.values_list("look_at", flat=True).first()
    return max(at_least, (look_at - timezone.now()).total_seconds()) if look_at else None


def next_round(asked: int, left: int) -> float | None:
    """Seconds to the next look at what is due: at once where this one left something, or read as much as one may."""
    most = BATCHES * max(1, batch.size - max(1, batch.size // 5))
    return until_next_look(0.0 if left or asked >= most else LULL)


# -- Webhooks ------------------------------------------------------------------------------------------------

#: The sign of life of the provider's webhooks.
HEARD = "webhook"
#: Seconds between two looks at an order whose results the provider tells of, as long as it does.
HOOKED_INTERVAL = 15.0
#: Seconds after the last webhook of any order in which the next one is counted on.
HEARING = 15 * 60.0
#: Seconds after an order's end in which a webhook of it may still come: the poll may have been quicker.
OVERDUE = 60.0
#: Seconds between two looks that webhooks may cause at one order, however many come.
HINT_INTERVAL = datetime.timedelta(seconds=1)


def hears() -> bool:
    """Whether webhooks arrive, as far as anybody knows: then there is no need to ask often."""
    seen_at = Beat.last(HEARD)
    return seen_at is not None and after(-HEARING) < seen_at <= after(HEARING)


def first_look(generation: Generation) -> float:
    """Seconds to the first look at an order that the provider just accepted."""
    return HOOKED_INTERVAL if generation.hooked and hears() else float(conf.POLL_INTERVAL)


def told(pk: Any) -> bool:
    """The provider says that something is ready: bring the next look nearer; tell whether that was needed.

    ``told_at`` is the moment of that look. It may lie a second ahead: what comes right after a look has another one,
    and everything that comes before that one needs none of its own. One that loses against another that came at the
    same moment has that one's look.
    """
    rows = Generation.objects.filter(pk=pk).awaited()
    read = rows.values_list("told_at", flat=True)[:1]
    if not read or (moment := _next_hint(read[0])) is None:
        return False
    sooner = When(look_at__gt=moment, state__in=(State.RUNNING, State.ASKING, *FINAL), then=Value(moment))
    look_at = Case(sooner, default=F("look_at"))
    return bool(rows.filter(told_at=read[0]).update(told_at=moment, look_at=look_at))


def _next_hint(last: datetime.datetime | None) -> datetime.datetime | None:
    """When the look is that this hint leads to; None where one is to come already."""
    now = timezone.now()
    if last is None or not now - HINT_INTERVAL < last <= now + HINT_INTERVAL:
        return now
    return None if last > now else last + HINT_INTERVAL


def heed(generation: Generation) -> None:
    """Look at once where the provider told of a result before we knew that it has the order."""
    if generation.hooked:
        rows = Generation.objects.filter(pk=generation.pk, told_at__isnull=False)
        rows.in_flight().update(look_at=timezone.now())


def _no_later(generation: Generation | Due, wait: float) -> float:
    """So many seconds, or less where a webhook's look is to come before that."""
    left = (generation.told_at - timezone.now()) if generation.told_at else datetime.timedelta()
    return min(wait, left.total_seconds()) if datetime.timedelta() < left <= HINT_INTERVAL else wait


# -- How many at once ----------------------------------------------------------------------------------------


def tasks_of(rows: Iterable[Asked]) -> int:
    """How many tasks these orders are."""
    return sum(max(1, len(row.tasks)) for row in rows)


def fitting(rows: Sequence[Row], size: int) -> list[Row]:
    """Of these the first whose tasks go into one question; one at least, however many it has."""
    count = tasks = 0
    for row in rows[:size]:
        tasks += max(1, len(row.tasks))
        if count and tasks > size:
            break
        count += 1
    return list(rows[:count])


def is_too_much(error: ProviderError) -> bool:
    """Whether fewer tasks in one question may help: it was answered, and not about the account, the rate or a fault.

    It is refused as such, its reply is longer than is read, or one task has spoilt it for the others.
    """
    if error.status is None or error.status >= 500 or error.status == 408:
        return False
    return not isinstance(error, NotRun) and error.kind not in ("auth", "quota")


class Batch:
    """How many tasks one question is about: half as many when that was too much, then more again, one by one.

    Each process finds out for itself: a limit of the provider's is no fact of ours to keep.
    """

    def __init__(self) -> None:
        self.size = BATCH
        #: Questions about one task alone that were too much, since one went well.
        self.alone = 0

    def shrink(self, size: int) -> None:
        self.size = max(1, size)

    def grow(self, asked: int) -> None:
        """So many went well. Of fewer than there may be nothing is learned."""
        self.alone = 0
        if asked >= self.size:
            self.size = min(BATCH, self.size + 1)

    def is_not_the_size(self) -> bool:
        """Even one alone was too much: then it was never the size. Tell whether it cannot be that one task either."""
        self.size = BATCH
        self.alone += 1
        return self.alone >= ALONE


batch = Batch()


def is_past(moment: Any, *, ahead: float = 0) -> bool:
    return moment is not None and moment < after(ahead)
