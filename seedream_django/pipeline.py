"""Carrying an order out: where network and database meet, and nowhere else.

Each function looks at one row (or one batch), does one step, and returns what to look at next; it never
enqueues. Every step begins with a claim by compare-and-set and ends in a state from which any other worker
can go on, so that a worker may die between any two lines.

================  ====================================================================================
queued            ``submit_in_turn`` decides whose turn it is; ``submit`` claims it and sends one POST
submitting        somebody is sending it; once the lease is over ``recover`` asks instead of sending again
asking            nobody knows whether the provider took it; ``collect`` asks
running           the provider has it; ``collect`` asks, all rows in one request
storing           all results are known; ``store`` fetches and keeps each
================  ====================================================================================
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from . import circuit, conf, inbox, judging, limits, media, pace, parts, receiving, turns
from .delivery import ASYNC, SYNC, addresses, goes_to_inbox, is_hooked, is_inline, tasks_of
from .exceptions import NotRun, ProviderError, Refused
from .judging import Next
from .late import words
from .models import Circuit, Generation, State, Switch, after, can_keep
from .pace import Due
from .runware.replies import Report
from .storing import backoff

#: Orders whose pictures come inside the replies and that are asked about in a row, each in a request of its own.
APART = 4
#: Seconds after which one look at what is due ends: what came is handed on, and the rest is looked at next.
BLINK = 0.25
#: Times that one task looks whose turn it is, while others are quicker with what it finds.
LOOKS = 20


# -- Submitting ----------------------------------------------------------------------------------------------


def submit_in_turn(pk: Any) -> Next:
    """Send the order whose turn it is. ``pk`` is that whose task this is: it has a turn to give, and no right to it.

    There are as many tasks as orders that wait, so each is sent by some task; what the queue forgot the sweep finds.
    """
    if turns.need_not_wait(pk):
        return submit(pk)
    for _ in range(LOOKS):
        chosen = turns.next_key()
        if chosen is None:
            # Nothing waits, or nobody has let its line into the round.
            return submit(pk)
        if not (found := _submit_or_put_off(chosen)).again:
            return found
    return Next(submit=((pk, 1.0),))


def _submit_or_put_off(pk: Any) -> Next:
    """Send it. One that cannot even be looked at has had its turn all the same: others wait behind its person."""
    try:
        return submit(pk)
    except Exception:
        later = after(judging.UNFORESEEN)
        Generation.objects.to_submit().filter(pk=pk).update(look_at=later)
        turns.mark_of(pk)
        raise


def submit(pk: Any) -> Next:
    """Send one queued row to the provider: one POST, then only questions."""
    generation = Generation.objects.to_submit().filter(pk=pk).first()
    stops = list(Circuit.objects.open())
    if not Switch.current().on or not circuit.may_try(stops):
        return Next()
    if generation is None:
        return Next(submit=limits.pass_on(pk), again=True)
    if circuit.is_over(generation.deadline, circuit.ORDERS) and not generation.doubtful_since:
        judging.end(generation, State.FAILED, error_kind=generation.error_kind or "deadline")
        return Next(submit=limits.next_waiting())
    if any(circuit.is_over(end, circuit.ORDERS) for end in (generation.deadline, generation.ask_until)):
        return _only_ask(generation)
    if not can_keep():
        # What could not be kept is not sent: the sweep looks again, until the deadline.
        return Next()
    if generation.references.exists():
        return _submit_made_from(generation, stops)
    return _submit(generation, stops, media.Prepared())


def _submit_made_from(generation: Generation, stops: list[Circuit]) -> Next:
    """First the references, which cost nothing. Meanwhile nobody else looks at the row, unless this one dies."""
    if not Generation.objects.to_submit().filter(pk=generation.pk).update(look_at=after(conf.LEASE)):
        return Next(again=True)
    # Its turn comes first: where one order is tried, no other one's references are sent either.
    if not circuit.take_turn(stops):
        return _let_go(generation)
    # Not only with the claim: meanwhile it would be the turn of this person's next.
    since = turns.waited_since(generation.line)
    turns.mark(generation.line)
    try:
        prepared = media.prepare(generation)
    except ProviderError as error:
        return _not_prepared(generation, error)
    # That may have taken minutes: something may stand in the way by now.
    tried = [circuit.name for circuit in stops]
    if not Switch.current().on or Circuit.objects.open().exclude(name__in=tried).exists():
        turns.give_back(generation.line, since)
        return _let_go(generation)
    found = _submit(generation, [], prepared)
    if generation.state == State.QUEUED and not generation.attempts:
        # There was no place for it, or another was quicker.
        turns.give_back(generation.line, since)
    return found


def _submit(generation: Generation, stops: list[Circuit], prepared: media.Prepared) -> Next:
    if (answer := _post(generation, stops, prepared)) is None:
        # Where another was quicker with this row, there may be a place for the next.
        if prepared.uuids:
            _let_go(generation)
        return Next(submit=limits.next_for_all_places(), again=_was_taken(generation))
    if isinstance(answer, Refused) and media.forget(prepared, answer):
        generation.step(State.QUEUED, look_at=timezone.now())
        return Next(submit=((generation.pk, 0.0),))
    judge: Any = _not_accepted if isinstance(answer, ProviderError) else judging.accepted
    found = judge(generation, answer)
    # Counted only now: what was refused makes room at the provider as well.
    return judging.merge([found, Next(submit=limits.next_for_all_places())])


def _was_taken(generation: Generation) -> bool:
    as_read = {
        "state": State.QUEUED,
        "attempts": generation.attempts,
        "redacted_at": generation.redacted_at,
    }
    return not Generation.objects.filter(pk=generation.pk, **as_read).exists()


def _let_go(generation: Generation) -> Next:
    """Others may take it, unless somebody has it by now. It keeps its place among those that wait."""
    generation.change(look_at=generation.look_at)
    return Next()


def _not_prepared(generation: Generation, error: ProviderError) -> Next:
    """Nothing was sent yet but references: it ends, or waits its time."""
    if isinstance(error, Refused):
        judging.end(generation, State.FAILED, **words(error))
        if error.kind in circuit.ACCOUNT:
            circuit.refused(error, generation)
        return Next(submit=limits.next_waiting())
    found = _later(generation, error)
    if error.kind != media.KIND:
        circuit.not_sent(generation, error)
    return found if found.submit else Next(submit=limits.next_waiting())


def _post(
    generation: Generation, stops: list[Circuit], prepared: media.Prepared
) -> Report | ProviderError | None:
    """Claim the row and send it, once; None where there is no place for it, or it is not ours."""
    held = receiving.is_held(generation)
    lease = conf.LEASE + (conf.SYNC_TIMEOUT if held or is_inline(generation) else 0)
    with limits.post(lease) as free:
        if not free or not circuit.take_turn(stops):
            return None
        if not generation.attempts:
            # By the claim they are there before the first POST, and then never change.
            generation.tasks = tasks_of(generation)
        # Before the claim, which notes what was asked for; signing may take its time, and locks nothing.
        to = [addresses(generation, task_uuid) for task_uuid in generation.task_uuids]
        if not _claim(generation, lease, to):
            return None
        how = {"deliveryMethod": SYNC if held else ASYNC}
        tasks = [{**task, **how} for task in media.tasks_for(generation, prepared, to)]
        try:
            return receiving.submit(generation, tasks)
        except ProviderError as error:
            return error


def _only_ask(generation: Generation) -> Next:
    """It waited past its time, and an earlier attempt may have been charged: it is not sent, and not given up."""
    if generation.step(State.SUBMITTING, lease=conf.LEASE, attempts=generation.attempts + 1):
        _doubt(generation, look_at=timezone.now())
    return Next(submit=limits.next_waiting(), collect=0)


def recover(generation: Generation) -> Next:
    """Take over a row whose worker died while sending: perhaps it was sent, so ask."""
    _doubt(generation, crashes=generation.crashes + 1, look_at=timezone.now())
    return Next(collect=0)


def _claim(generation: Generation, lease: float, to: Sequence[Mapping[str, str]] = ()) -> bool:
    columns: dict[str, Any] = {
        "attempts": generation.attempts + 1,
        "submitted_at": generation.submitted_at or timezone.now(),
        # An earlier attempt may have been taken. Where the line is held, the answer comes on it.
        "hooked": generation.hooked or (is_hooked(to) and not receiving.is_held(generation)),
        "tasks": generation.tasks,
    }
    if goes_to_inbox(to):
        # Otherwise it stays: an earlier attempt may have been accepted.
        columns["inbox_until"] = after(inbox.seconds())
    return limits.claim(lambda: turns.take(generation, lease=lease, **columns))


def _not_accepted(generation: Generation, error: ProviderError) -> Next:
    if parts.is_conflict(error):
        return judging.accepted(generation, receiving.silence(generation))
    if isinstance(error, Refused):
        judging.end(generation, State.FAILED, **words(error))
        circuit.refused(error, generation)
        return Next()
    found = (_later if isinstance(error, NotRun) else _unclear)(generation, error)
    circuit.not_sent(generation, error)
    return found


def _unclear(generation: Generation, error: ProviderError) -> Next:
    delay = backoff(generation.attempts)
    _doubt(generation, look_at=after(delay), **words(error))
    return Next(collect=delay)


def _doubt(generation: Generation, **columns: Any) -> None:
    """From here on the provider may have it, whatever it says later: until it is accepted, or for good."""
    since = generation.doubtful_since or timezone.now()
    until = generation.ask_until or after(conf.ASK_WINDOW)
    generation.step(State.ASKING, doubtful_since=since, ask_until=until, **columns)
    pace.heed(generation)


def _later(generation: Generation, error: ProviderError) -> Next:
    unsent = generation.state == State.QUEUED
    wait = pace.between_tries(generation) if unsent else backoff(generation.attempts)
    delay = max(wait, error.retry_after or 0)
    if circuit.is_over(generation.deadline, circuit.ORDERS, ahead=delay) and not generation.doubtful_since:
        judging.end(generation, State.FAILED, **words(error))
        return Next()
    columns = {"look_at": after(delay), **words(error)}
    generation.change(**columns) if unsent else generation.step(State.QUEUED, **columns)
    return Next(submit=((generation.pk, delay),))


# -- Collecting ----------------------------------------------------------------------------------------------


def collect() -> Next:
    """Ask the provider once about what is due, in as few requests as it takes; judge each row by its own UUID."""
    due = pace.due()
    if not due:
        return Next(collect=pace.until_next_look())
    together = [row for row in due if not is_inline(row)]
    apart = [row for row in due if is_inline(row)]
    nexts: list[Next] = []
    try:
        _ask_together(together, nexts)
    except ProviderError as error:
        pause = replace(_unreachable([*together, *apart], error), pause=True)
        return judging.merge([*nexts, pause])
    nexts += _ask_apart(apart[:APART])
    # What the provider has done with makes room for others; where there is no limit nobody waits for it.
    freed = limits.next_waiting(len(nexts)) if nexts and conf.MAX_WAITING is not None else ()
    return judging.merge([*nexts, Next(submit=freed, collect=pace.next_round(len(due), len(together)))])


def _ask_together(due: list[Due], nexts: list[Next]) -> None:
    """Ask about all of these, for ``BLINK`` at most: what is left then is due in the next round.

    Where the provider takes no question about so many, about half as many. What was asked is taken from ``due``, and
    what to look at next added to ``nexts``: both count also where nobody answers any more. Raises ProviderError.
    """
    quiet: list[tuple[Due, int]] = []
    until = time.monotonic() + BLINK
    try:
        while due:
            rows = pace.fitting(due, pace.batch.size)
            asked = min(pace.tasks_of(rows), pace.batch.size)
            try:
                nexts += _ask_about(rows, quiet)
            except ProviderError as error:
                if not pace.is_too_much(error):
                    raise
                if asked > 1:
                    pace.batch.shrink(asked // 2)
                    continue
                nexts.append(_refused_alone(rows[0], due, error))
                del due[:1]
                return
            pace.batch.grow(asked)
            del due[: len(rows)]
            if time.monotonic() >= until:
                return
    finally:
        _put_off(quiet)


def _refused_alone(row: Due, due: list[Due], error: ProviderError) -> Next:
    """It is left out for a while, so that the others are answered; unless none ever is."""
    rest = _ask_about_each(row)
    hopeless = pace.batch.is_not_the_size()
    found = _unreachable(due if hopeless else [row], error)
    pace.put_off([row], pace.ALONE_INTERVAL)
    return replace(judging.merge([*rest, found]), pause=hopeless)


def _ask_about_each(row: Due) -> list[Next]:
    """Of several tasks one may spoil each question that it is in: the others are asked about without it."""
    if not row.is_split:
        return []
    try:
        found = _ask_about([row], [], one_by_one=True)
    except ProviderError:
        return []
    pace.batch.grow(1)
    return found


def _ask_apart(due: list[Due]) -> list[Next]:
    nexts: list[Next] = []
    for row in due:
        quiet: list[tuple[Due, int]] = []
        # Nobody else asks for all its pictures meanwhile, unless this one dies.
        pace.put_off([row], max(judging.UNFORESEEN, float(conf.SYNC_TIMEOUT)))
        try:
            nexts += _ask_about([row], quiet)
        except ProviderError as error:
            rest = _ask_about_each(row) if pace.is_too_much(error) else []
            nexts += [*rest, _unreachable([row], error)]
        _put_off(quiet)
    return nexts


def _ask_about(due: list[Due], quiet: list[tuple[Due, int]], *, one_by_one: bool = False) -> list[Next]:
    """One request about all of these. Those without news go to ``quiet``, with how far they are.

    Raises ProviderError where nobody answers.
    """
    how = (1, pace.is_too_much) if one_by_one else (pace.batch.size,)
    reports = receiving.poll(due, *how)
    news: dict[Any, tuple[Due, Report]] = {}
    for row in due:
        report = reports.get(row.pk) or receiving.silence(row)
        if _says_nothing_new(row, report):
            quiet.append((row, report.progress or 0))
        else:
            news[row.pk] = row, report
    found = Generation.objects.in_bulk(news) if news else {}
    for pk, generation in found.items():
        # What the provider told of since then is not in its answer, and leads to a look of its own.
        generation.told_at = news[pk][0].told_at
    return [
        judging.look(found[pk], report)
        for pk, (row, report) in news.items()
        if pk in found and _is_unmoved(found[pk], row)
    ]


def _is_unmoved(generation: Generation, row: Due) -> bool:
    """Whether nobody moved it since it was read: the answer is of then."""
    return (generation.state, generation.attempts) == (row.state, row.attempts)


def _put_off(quiet: list[tuple[Due, int]]) -> None:
    pace.put_off([row for row, _progress in quiet], progress={row.pk: progress for row, progress in quiet})


def _unreachable(due: list[Due], error: ProviderError) -> Next:
    """Nobody answers: what is past its time ends all the same, the rest is asked about later."""
    shortest, longest = pace.PAUSE
    delay = max(shortest, error.retry_after or 0)
    if isinstance(error, Refused) and error.kind in circuit.ACCOUNT and error.status != 403:
        # The next order would be refused as well. What was sent stays as it is.
        circuit.refused(error)
    for generation in Generation.objects.in_bulk([row.pk for row in due]).values():
        if generation.state == State.ASKING:
            judging.lose_past_window(generation)
        elif generation.state == State.RUNNING and circuit.is_over(generation.deadline):
            judging.judge(generation, receiving.silence(generation))
    pace.put_off(due, delay)
    return Next(collect=min(delay, longest))


def _says_nothing_new(row: Due, report: Report) -> bool:
    if row.state != State.RUNNING or pace.is_past(row.deadline) or report.failures:
        return False
    if row.quiet_since is not None or judging.is_to_be_searched_for(row, report):
        return False
    return report.processing and len(report.results) <= row.received
