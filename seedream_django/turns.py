"""Whose turn it is: a round of everybody who waits, so that one person's five hundred do not keep another's one.

A task of the queue is no order's own; it is one turn. Who gets it is decided when it runs: of those who wait the one
who had none for the longest, counted from when they came into the round, and of theirs the raised order, else the
oldest. What an owner put before everybody's is a line of its own that never had its turn.

A turn costs one look at the row of each who waits, however many orders they have.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from .models import Generation, GenerationQuerySet, Priority, State, Turn, after

#: Seconds after which one who waits for nothing leaves the round.
IDLE = 60.0
#: Seconds that the line of those who come first has waited, whenever it is looked at: a century.
ALWAYS = 3.2e9
#: Lines that one look brings into the round.
LINES = 500


def line_of(user: Any) -> str:
    """The line in which this person's orders wait. A digest: of somebody whose account is deleted it says nothing."""
    key = getattr(user, "pk", user)
    return Turn.SITE if key is None else hashlib.sha256(f"line {key}".encode()).hexdigest()[:20]


# -- Who is next ---------------------------------------------------------------------------------------------


def next_up() -> Generation | None:
    """The order whose turn it is, or None where nothing waits that could be sent now."""
    key = next_key()
    return Generation.objects.filter(pk=key).first() if key else None


def next_key() -> uuid.UUID | None:
    """Its key alone: one query, whose cost grows with those who wait and not with their orders."""
    theirs = Generation.objects.to_submit().filter(line=OuterRef("line")).order_by("look_at").values("pk")
    # One after the other, so that an index finds the first of each.
    first = (Subquery(theirs.filter(priority=level)[:1]) for level in (Priority.RAISED, Priority.NORMAL))
    round_ = Turn.objects.annotate(next=Coalesce(*first)).filter(next__isnull=False)
    key: uuid.UUID | None = round_.order_by("since").values_list("next", flat=True).first()
    return key


def need_not_wait(pk: Any) -> bool:
    """Whether this order goes on at once: its time is over, or it had its turn and nobody knows what became of it.

    Where it is in doubt it may be sent again for a few minutes only, and what it costs is held meanwhile.
    """
    late = Q(deadline__lt=timezone.now()) | Q(ask_until__lt=timezone.now())
    return Generation.objects.to_submit().filter(late | Q(doubtful_since__isnull=False), pk=pk).exists()


def take(generation: Generation, **columns: Any) -> bool:
    """Claim it, and note that its line had its turn: both or neither, whoever dies. Tell whether it is ours."""
    with transaction.atomic():
        taken = generation.step(State.SUBMITTING, **columns)
        if taken:
            mark(generation.line)
    return taken


def mark(line: str) -> None:
    """Note that this line had its turn."""
    Turn.objects.filter(line=line).exclude(line=Turn.FIRST).update(since=timezone.now())


def mark_of(pk: Any) -> None:
    """The same of the line of this order."""
    for line in Generation.objects.filter(pk=pk).values_list("line", flat=True):
        mark(line)


def waited_since(line: str) -> datetime.datetime | None:
    """Since when this line has had no turn; None where it is not in the round."""
    return Turn.objects.filter(line=line).values_list("since", flat=True).first()


def give_back(line: str, since: datetime.datetime | None) -> None:
    """Nothing came of the turn that this line was noted for: it has waited since then after all."""
    if since is not None:
        Turn.objects.filter(line=line, since__gt=since).update(since=since)


def start_anew(now: datetime.datetime) -> None:
    """The clock was set back: nobody has waited since a moment that is still to come."""
    Turn.objects.filter(since__gt=now).update(since=now)


def line_up(line: str) -> None:
    """Let a line into the round, at its end; one that is in it keeps its place."""
    since = after(-ALWAYS) if line == Turn.FIRST else timezone.now()
    Turn.objects.get_or_create(line=line, defaults={"since": since})


def tidy() -> None:
    """Let in whoever waits and is not in the round, and leave out who waits for nothing. Each sweep does."""
    in_it = Turn.objects.filter(line=OuterRef("line"))
    missing = Generation.objects.filter(~Exists(in_it), state=State.QUEUED).order_by()
    for line in missing.values_list("line", flat=True).distinct()[:LINES]:
        line_up(line)
    # What is being sent, or asked about, may have to wait once more.
    before = (State.QUEUED, State.SUBMITTING, State.ASKING)
    waiting = Generation.objects.filter(line=OuterRef("line"), state__in=before)
    Turn.objects.filter(~Exists(waiting), since__lt=after(-IDLE)).delete()


# -- What people decide --------------------------------------------------------------------------------------


def put_first(generation: Generation) -> bool:
    """Have this order come before its person's others; tell whether it still waits. Others' turns stay."""
    return _put(generation, line_of(generation.user_id), Priority.RAISED)


def put_before_all(generation: Generation) -> bool:
    """Have this order come before everybody's; tell whether it still waits."""
    if not _put(generation, Turn.FIRST, Priority.NORMAL):
        return False
    line_up(Turn.FIRST)
    return True


def put_back(generation: Generation) -> bool:
    """Have this order wait where it would if nobody had raised it; tell whether it still waits."""
    return _put(generation, line_of(generation.user_id), Priority.NORMAL)


def _put(generation: Generation, line: str, priority: Priority) -> bool:
    line_up(line)
    # As it was read: what somebody else decided meanwhile is not undone.
    as_read = {"state": State.QUEUED, "line": generation.line, "priority": generation.priority}
    moved = Generation.objects.filter(pk=generation.pk, **as_read).update(line=line, priority=priority)
    if moved:
        generation.line, generation.priority = line, priority
    return bool(moved)


# -- The order of all ----------------------------------------------------------------------------------------


def in_order() -> GenerationQuerySet:
    """All that could be sent now, in the order in which it will be, if nothing else comes."""
    of_its_own = Window(
        RowNumber(),
        partition_by=F("line"),
        order_by=(F("priority").desc(), F("look_at").asc(), F("pk").asc()),
    )
    since = Turn.objects.filter(line=OuterRef("line")).values("since")
    return (
        Generation.objects.to_submit()
        .annotate(
            turn=Case(When(line=Turn.FIRST, then=Value(0)), default=of_its_own, output_field=IntegerField()),
            since=Coalesce(Subquery(since), Window(Min("look_at"), partition_by=F("line"))),
        )
        .order_by("turn", "since", "line", "-priority", "look_at", "pk")
    )


def ahead(generation: Generation) -> int:
    """How many orders come before this one. Those that are ordered later may still come before it."""
    return all_ahead([generation]).get(generation.pk, 0)


def all_ahead(generations: Iterable[Generation]) -> Mapping[Any, int]:
    """The same of many at once, by their keys, in three queries; of what does not wait nothing is told."""
    keys = [row.pk for row in generations if row.state == State.QUEUED]
    if not keys:
        return {}
    before = _own_before(keys)
    lines = Generation.objects.to_submit().order_by().values_list("line")
    found = {line: (n, oldest) for line, n, oldest in lines.annotate(n=Count("*"), oldest=Min("look_at"))}
    counts = {line: n for line, (n, _oldest) in found.items()}
    since = dict(Turn.objects.filter(line__in=found).values_list("line", "since"))
    # Where nobody has let a line into the round yet, it has waited since its first order.
    places = {line: (since.get(line, oldest), line) for line, (_n, oldest) in found.items()}
    return {pk: _ahead(line, own, counts, places) for pk, (line, own) in before.items()}


def _ahead(line: str, own: int, counts: Mapping[str, int], places: Mapping[str, tuple[Any, str]]) -> int:
    """Each other line has as many turns as this one before it, and one more where it comes first."""
    if line == Turn.FIRST:
        return own
    others = ((other, n) for other, n in counts.items() if other not in (line, Turn.FIRST))
    turns = sum(min(n, own + (places[other] < places[line])) for other, n in others)
    return own + counts.get(Turn.FIRST, 0) + turns


def _own_before(keys: list[Any]) -> dict[Any, tuple[str, int]]:
    """The line of each that could be sent now, and how many of that line come before it."""
    theirs = Generation.objects.filter(state=State.QUEUED, line=OuterRef("line")).order_by()
    # Two ranges of the index, each with one end: with “or”, or with two ends, SQLite goes through the whole line.
    alike = theirs.filter(priority=OuterRef("priority"), look_at__lt=OuterRef("look_at"))
    raised = theirs.due().filter(priority=Priority.RAISED)
    rows = Generation.objects.to_submit().filter(pk__in=keys)
    columns = rows.annotate(alike=_number(alike), raised=_number(raised))
    found = columns.values_list("pk", "line", "priority", "alike", "raised")
    return {
        pk: (line, same + (above if level == Priority.NORMAL else 0))
        for pk, line, level, same, above in found
    }


def _number(rows: QuerySet[Generation]) -> Coalesce:
    """How many these are, as a column; an index alone has the answer."""
    return Coalesce(Subquery(rows.values("line").annotate(n=Count("*")).values("n")), 0)
