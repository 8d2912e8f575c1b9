"""What an answer of the provider means for a row: where it goes from here, and what is looked at next.

Every step is a compare-and-set, so that any other worker can go on from where this one died.
"""

from __future__ import annotations

import datetime
import logging
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from . import budget, circuit, conf, late, pace, parts, receiving
from .exceptions import ProviderError
from .late import NO_ERROR, QUIET, record, words
from .models import FINAL, Generation, State, after
from .runware.replies import Report
from .storing import backoff, settle

logger = logging.getLogger(__name__)

#: Until the next look at a row that could not be judged, in seconds.
UNFORESEEN = 30.0
#: Workers that may die over one row before the row is given up.
MAX_CRASHES = 3


@dataclass(frozen=True)
class Next:
    """What to look at next. ``submit`` and ``store`` hold (primary key, seconds from now).

    With ``pause`` nobody answers, and nothing is asked before ``collect`` seconds are over. ``again``: another was
    quicker with the order that was to be sent, so the turn is still there.
    """

    submit: tuple[tuple[Any, float], ...] = ()
    store: tuple[tuple[int, float], ...] = ()
    collect: float | None = None
    pause: bool = False
    again: bool = False


def merge(nexts: list[Next]) -> Next:
    pauses = [n.collect for n in nexts if n.pause and n.collect is not None]
    delays = pauses or [n.collect for n in nexts if n.collect is not None]
    return Next(
        submit=tuple(s for n in nexts for s in n.submit),
        store=tuple(s for n in nexts for s in n.store),
        collect=min(delays) if delays else None,
        pause=bool(pauses),
    )


# -- One row -------------------------------------------------------------------------------------------------


def look(generation: Generation, report: Report) -> Next:
    try:
        return _look(generation, report)
    except Exception:
        # One row that nobody foresaw must not stop the rows after it; past its time it ends all the same.
        logger.exception("Could not judge generation %s.", generation.pk)
        if generation.state not in FINAL and pace.is_past(generation.deadline):
            end(generation, State.LOST, watch=True, error_kind="timeout")
        else:
            pace.put_off([generation], UNFORESEEN)
        return Next()


def _look(generation: Generation, report: Report) -> Next:
    if generation.state == State.ASKING:
        return _ask(generation, report)
    if generation.state in FINAL:
        return Next(store=late.news(generation, report))
    return judge(generation, report)


def accepted(generation: Generation, report: Report) -> Next:
    taken = generation.step(
        State.RUNNING,
        accepted_at=timezone.now(),
        look_at=after(pace.first_look(generation)),
        deadline=after(conf.RUN_DEADLINE),
        doubtful_since=None,
        ask_until=None,
        **NO_ERROR,
    )
    pace.heed(generation)
    circuit.accepted()
    if taken and (report.results or report.failures):
        return judge(generation, report)
    return Next(collect=conf.POLL_INTERVAL)


def _ask(generation: Generation, report: Report) -> Next:
    """Find out whether an unclear submission was accepted: by the poll, else by the provider's archive."""
    if report.known:
        return accepted(generation, report)
    try:
        found = receiving.details(generation)
    except ProviderError:
        if not lose_past_window(generation):
            pace.put_off([generation], 5.0)
        return Next(collect=5.0)
    if found is not None:
        return accepted(generation, found)
    return _send_again(generation)


def is_to_be_searched_for(generation: Any, report: Report) -> bool:
    """Whether tasks of an order that was taken are unknown for so long that the archive has to know."""
    if not report.silent or generation.accepted_at is None:
        return False
    return circuit.is_over(generation.accepted_at + datetime.timedelta(seconds=float(conf.ASK_WINDOW)))


def _search(generation: Generation, report: Report) -> Report:
    """Ask the archive for tasks that no poll knows. What it does not know either was never taken, and failed."""
    # What came already may be forgotten by now.
    came = set(generation.images.values_list("task_uuid", flat=True))
    missing = [task for task in report.silent if task not in came]
    if not missing:
        return report
    try:
        found = receiving.details(generation, of=missing)
    except ProviderError:
        return report
    return parts.searched(generation, report, missing, found)


def _send_again(generation: Generation) -> Next:
    """Nothing knows it. Under its own UUID it cannot be charged twice: a conflict means accepted."""
    delay = backoff(generation.attempts)
    if lose_past_window(generation) or not generation.step(State.QUEUED, look_at=after(delay)):
        return Next()
    return Next(submit=((generation.pk, delay),))


def lose_past_window(generation: Generation) -> bool:
    if generation.crashes >= MAX_CRASHES:
        return end(generation, State.LOST, watch=True, error_kind="crash")
    since = generation.doubtful_since or generation.created_at
    if not circuit.is_over(
        generation.ask_until or since + datetime.timedelta(seconds=float(conf.ASK_WINDOW))
    ):
        return False
    return end(generation, State.LOST, watch=True)


def judge(generation: Generation, report: Report) -> Next:
    """Record what came, and decide whether that is all."""
    if is_to_be_searched_for(generation, report):
        report = _search(generation, report)
    images = record(generation, report.results)
    received = max(generation.received, generation.images.count() + len(generation.removed))
    failed = max(generation.failed, len(report.failures))
    counts = {"received": received, "failed": failed}
    if not _is_complete(generation, report, received + failed - _extra(generation)):
        _note(generation, report, counts)
        return Next(store=images, collect=conf.POLL_INTERVAL)
    error = words(report.failures[0]) if report.failures else NO_ERROR
    if received:
        generation.step(State.STORING, progress=100, **counts, **error)
        settle(generation)
    elif report.failures:
        end(generation, State.FAILED, watch=True, **counts, **error)
        circuit.not_made(generation, error["error_kind"], error["error_code"])
    else:
        end(generation, State.LOST, watch=True, error_kind="timeout")
    # Not only the new ones: who recorded the others may have died before it told anybody.
    return Next(store=tuple((pk, 0.0) for pk in generation.images.to_store().values_list("pk", flat=True)))


def _is_complete(generation: Generation, report: Report, came: int) -> bool:
    """Successes and errors reach what was expected; or nothing has been in work for two looks in a row."""
    if report.complete or came >= generation.expected or circuit.is_over(generation.deadline):
        return True
    return came > 0 and not report.processing and pace.is_past(generation.quiet_since, ahead=-QUIET)


def _extra(generation: Generation) -> int:
    """Pictures beyond the one that each of several tasks was asked for: they stand for no other task's."""
    if not generation.is_split:
        return 0
    tasks = generation.images.values("task_uuid").order_by().distinct()
    return generation.images.count() - tasks.count()


def _note(generation: Generation, report: Report, counts: dict[str, int]) -> None:
    quiet_since = None if report.processing else generation.quiet_since or timezone.now()
    progress = max(generation.progress, min(report.progress or 0, 99))
    # Where webhooks come, one may have come since it was read: it must not be put off over that.
    moments = {} if generation.hooked else {"look_at": after(pace.interval(generation))}
    generation.change(progress=progress, quiet_since=quiet_since, **moments, **counts)
    if generation.hooked:
        pace.put_off([generation])


def end(generation: Generation, state: State, **changes: Any) -> bool:
    """Take the last step and see to the money: both or neither."""
    with transaction.atomic():
        ended = generation.finish(state, **changes)
        if ended:
            budget.settle(generation)
    return ended
