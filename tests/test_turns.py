"""Whose turn it is: one person's five hundred do not keep another's one; nothing is sent twice, nothing forgotten."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from seedream_django import generate, media, orders, pipeline, sweeping, tasks, turns
from seedream_django.models import Beat, Generation, Priority, Reference, State, Turn, after
from seedream_django.sandbox import Books

from .worker import at_once, charges, idle_queue, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

TASK = orders.task_for(orders.clean({"prompt": "A fox", "width": 2048, "height": 2048}))


@pytest.fixture
def huey(settings: Any, sandbox: Path) -> Iterator[Any]:
    with idle_queue(settings) as huey:
        yield huey


@pytest.fixture
def people(db: None) -> list[User]:
    return [User.objects.create_superuser(name) for name in ("ada", "ben", "cid", "dot")]


def waiting(person: User | None, count: int = 1, **columns: Any) -> list[Generation]:
    """Orders of theirs that could be sent, the first the oldest; their line is in the round."""
    line = turns.line_of(person)
    values = {"user": person, "line": line, "parameters": TASK, "deadline": after(3600), **columns}
    values.setdefault("prompt", f"A fox for {person}")
    rows = [Generation(**values, look_at=after(n - 2 * count)) for n in range(count)]
    Generation.objects.bulk_create(rows)
    turns.line_up(values["line"])
    return rows


def take_next() -> Generation:
    """Take whose turn it is, as whoever sends it does."""
    found = turns.next_up()
    assert found is not None
    assert turns.take(found, lease=60)
    return found


def prompts_sent(sandbox: Path) -> list[str]:
    """In the order in which the provider was sent them."""
    rows = {str(row.pk): row.prompt for row in Generation.objects.all()}
    return [rows[charge.task_uuid] for charge in Books(sandbox / "sandbox.sqlite3").charges()]


def who(row: Generation) -> str:
    return str(row.user or "the site")


# -- Fair between people -------------------------------------------------------------------------------------


def test_five_hundred_do_not_keep_one(people: list[User]) -> None:
    """Whoever comes while five hundred of another's wait is the second that is sent, at the latest."""
    ada, ben, *_ = people
    waiting(ada, 500)
    for _ in range(3):
        assert take_next().user == ada
    waiting(ben)
    assert ben in [take_next().user for _ in range(2)]
    assert [take_next().user for _ in range(3)] == [ada] * 3


def test_it_is_sent_second_through_the_queue(huey: Any, sandbox: Path, people: list[User]) -> None:
    """Twenty orders, and then another's one: its task is the last in the queue, and it is sent as the second."""
    ada, ben, *_ = people
    for n in range(20):
        generate(f"Ada's {n}", size="2048x2048", user=ada)
    generate("Ben's", size="2048x2048", user=ben)
    work(huey, 500)
    sent = prompts_sent(sandbox)
    assert sent == ["Ada's 0", "Ben's", *(f"Ada's {n}" for n in range(1, 20))]
    assert sorted(images for _task, images in charges(sandbox)) == [1] * 21


def test_all_have_as_many_turns(people: list[User]) -> None:
    """Four people and the site's own code go round, whoever has how many; who has no more is passed over."""
    for person, count in zip([*people, None], (50, 3, 2, 1, 50), strict=True):
        waiting(person, count)
    sent = [who(take_next()) for _ in range(14)]
    assert sent == [
        *("ada", "ben", "cid", "dot", "the site"),
        *("ada", "ben", "cid", "the site"),
        *("ada", "ben", "the site"),
        *("ada", "the site"),
    ]


def test_within_a_line_the_oldest_comes_first(people: list[User]) -> None:
    """Also of those that were told to wait, once their time has come."""
    rows = waiting(people[0], 3)
    later = waiting(people[0], prompt="later")[0]
    Generation.objects.filter(pk=later.pk).update(look_at=after(60))
    assert [take_next().pk for _ in range(3)] == [row.pk for row in rows]
    assert turns.next_up() is None


def test_who_comes_again_is_at_the_end_of_the_round(people: list[User]) -> None:
    """Who had nothing left to wait for leaves the round; what they order a day later is no older than others'."""
    ada, ben, *_ = people
    waiting(ada)
    Generation.objects.filter(pk=take_next().pk).update(state=State.RUNNING)
    Turn.objects.update(since=after(-86400))
    turns.tidy()
    assert not Turn.objects.exists()
    waiting(ben, 2)
    waiting(ada)
    assert [take_next().user for _ in range(3)] == [ben, ada, ben]


def test_who_waits_stays_in_the_round(people: list[User]) -> None:
    """However long ago their last turn was, and also when what they have is for later."""
    waiting(people[0])
    Generation.objects.update(look_at=after(600))
    Turn.objects.update(since=after(-86400))
    turns.tidy()
    assert Turn.objects.exists()


def test_a_line_that_nobody_let_in(huey: Any, sandbox: Path, people: list[User]) -> None:
    """Its worker was killed between the order and the queue: the sweep lets it in, and it is sent."""
    waiting(people[0])
    Turn.objects.all().delete()
    sweeping.sweep.enqueue()
    work(huey)
    assert Turn.objects.get().line == turns.line_of(people[0])
    assert Generation.objects.get().state == State.DONE


# -- What people decide --------------------------------------------------------------------------------------


def test_raised_comes_first_of_ones_own_only(people: list[User]) -> None:
    """An editor's raised order overtakes their own, and nobody else's."""
    ada, ben, *_ = people
    mine, others = waiting(ada, 5), waiting(ben, 5)
    assert turns.put_first(mine[3])
    assert turns.put_first(mine[4])
    sent = [take_next().pk for _ in range(6)]
    assert sent == [row.pk for row in (mine[3], others[0], mine[4], others[1], mine[0], others[2])]


def test_before_everybody_s(people: list[User]) -> None:
    """What an owner put there comes first, and costs its person no turn."""
    ada, ben, *_ = people
    mine, others = waiting(ada, 3), waiting(ben, 3)
    assert turns.put_before_all(others[2])
    assert [take_next().pk for _ in range(3)] == [others[2].pk, mine[0].pk, others[0].pk]


def test_put_back(people: list[User]) -> None:
    """It waits again where it would have."""
    rows = waiting(people[0], 3)
    assert turns.put_before_all(rows[2])
    rows[2].refresh_from_db()
    assert turns.put_back(rows[2])
    assert [take_next().pk for _ in range(3)] == [row.pk for row in rows]


@pytest.mark.parametrize("put", [turns.put_first, turns.put_before_all, turns.put_back])
def test_what_does_not_wait_is_left_alone(people: list[User], put: Any) -> None:
    """Sent, or cancelled, meanwhile: nothing changes, and that is told."""
    row = waiting(people[0])[0]
    stale = Generation.objects.get(pk=row.pk)
    take_next()
    assert not put(stale)
    row.refresh_from_db()
    assert not put(row)
    assert (row.line, row.priority) == (turns.line_of(people[0]), Priority.NORMAL)


# -- Nothing twice, nothing forgotten ------------------------------------------------------------------------


def test_four_workers_at_once(huey: Any, sandbox: Path, people: list[User]) -> None:
    """Tasks of sixteen orders run side by side: each is paid once, and none is left for the next sweep."""
    for person in people:
        for n in range(4):
            generate(f"{person} {n}", size="2048x2048", user=person)
    at_once(lambda: (work(huey, 200), connection.close()))
    work(huey, 200)
    assert sorted(images for _task, images in charges(sandbox)) == [1] * 16
    assert not Generation.objects.filter(state=State.QUEUED).exists()


def test_another_was_quicker(huey: Any, sandbox: Path, people: list[User], monkeypatch: Any) -> None:
    """Two workers find the same order: who comes too late looks again, and sends the next."""
    first, second = waiting(people[0], 2)
    found = [first.pk]
    next_key = turns.next_key
    monkeypatch.setattr(turns, "next_key", lambda: found.pop() if found else next_key())
    assert turns.take(first, lease=60)
    pipeline.submit_in_turn(first.pk)
    second.refresh_from_db()
    assert second.state == State.RUNNING


def test_an_order_that_cannot_be_looked_at(
    huey: Any, sandbox: Path, people: list[User], monkeypatch: Any
) -> None:
    """An error of our own over one order puts it off: those behind it are sent."""
    broken, whole = waiting(people[0], 2)
    submit = pipeline.submit

    def breaks(pk: Any) -> pipeline.Next:
        if pk == broken.pk:
            raise ZeroDivisionError
        return submit(pk)

    monkeypatch.setattr(pipeline, "submit", breaks)
    with pytest.raises(ZeroDivisionError):
        pipeline.submit_in_turn(broken.pk)
    pipeline.submit_in_turn(broken.pk)
    whole.refresh_from_db()
    assert whole.state == State.RUNNING


def test_late_is_told_before_its_turn(huey: Any, people: list[User]) -> None:
    """What waited past its time is not sent, and has no turn to wait for: its own task ends it."""
    waiting(people[1])
    late = waiting(people[0], 2)[1]
    Generation.objects.filter(pk=late.pk).update(deadline=after(-1))
    tasks.submit.enqueue(str(late.pk))
    work(huey, 1)
    late.refresh_from_db()
    assert (late.state, late.error_kind) == (State.FAILED, "deadline")
    assert Generation.objects.filter(state=State.QUEUED).count() == 2


def test_a_claim_and_its_mark_are_one(people: list[User], monkeypatch: Any) -> None:
    """A worker that dies between the two has done neither."""
    row = waiting(people[0])[0]
    since = Turn.objects.get().since

    def dies(line: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(turns, "mark", dies)
    with pytest.raises(KeyboardInterrupt):
        turns.take(row, lease=60)
    assert Generation.objects.get().state == State.QUEUED
    assert Turn.objects.get().since == since


# -- How many are before -------------------------------------------------------------------------------------

#: Lines of some orders each: how many wait, which of them is raised, and which was put before everybody's.
LINES = st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5), st.integers(-1, 5)), min_size=1, max_size=4)


@given(LINES)
@settings(max_examples=25)
def test_what_is_told_is_what_happens(lines: list[tuple[int, int, int]]) -> None:
    """The number ahead, the order of the page and the turns themselves agree, whoever waits with how many."""
    for rows_of in (Generation.objects.all(), Turn.objects.all()):
        # What waits may not be deleted.
        rows_of._raw_delete(rows_of.db)
    rows: list[Generation] = []
    for number, (count, raised, first) in enumerate(lines):
        theirs = waiting(None, count, line=f"line {number}", prompt=f"line {number}")
        for n, row in enumerate(theirs):
            row.priority = Priority.RAISED if n == raised else Priority.NORMAL
            row.line = Turn.FIRST if n == first else row.line
            row.save()
        rows += theirs
    turns.line_up(Turn.FIRST)
    # Where nobody let a line in yet, the number and the page agree all the same.
    Turn.objects.filter(line__in=[f"line {number}" for number, (n, *_) in enumerate(lines) if n % 2]).delete()
    told = turns.all_ahead(rows)
    assert [told[row.pk] for row in turns.in_order()] == list(range(len(rows)))
    for number in range(len(lines)):
        turns.line_up(f"line {number}")
    ahead = turns.all_ahead(rows)
    listed = [row.pk for row in turns.in_order()]
    sent = [take_next().pk for _ in rows]
    assert listed == sent
    assert [ahead[pk] for pk in sent] == list(range(len(rows)))
    assert turns.next_up() is None


def test_of_what_cannot_be_sent_now_nothing_is_told(people: list[User]) -> None:
    """It is for later, it is under way, or it has ended."""
    rows = waiting(people[0], 3)
    later, gone, last = rows
    Generation.objects.filter(pk=later.pk).update(look_at=after(60))
    Generation.objects.filter(pk=gone.pk).update(state=State.RUNNING)
    assert turns.all_ahead(Generation.objects.all()) == {last.pk: 0}
    assert turns.ahead(later) == 0


# -- What it costs -------------------------------------------------------------------------------------------


def test_a_turn_reads_indexes_alone(people: list[User]) -> None:
    """Whose turn it is is found by the round's index, and for each in it by that of the orders: nothing is sorted,
    and no table is gone through. It asks SQLite how it would answer, and so runs on SQLite alone."""
    waiting(people[0], 50)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        turns.next_key()
    (query,) = queries.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        plan = [row[3] for row in cursor.fetchall()]
    assert not [line for line in plan if "TEMP B-TREE" in line], plan
    assert [line for line in plan if "seedream_django_generation" in line or "U0" in line]
    for line in plan:
        if line.startswith("SEARCH"):
            assert "seedream_gen_turn (state=? AND line=? AND priority=? AND look_at<?)" in line, plan
        if line.startswith("SCAN") and "CONSTANT" not in line:
            assert "seedream_turn_since" in line, plan


def test_a_turn_costs_no_more_with_ten_thousand(people: list[User]) -> None:
    """With ten of one person's or ten thousand: the same query, in nearly the same time."""
    waiting(people[0], 10)
    few = seconds()
    waiting(people[0], 9_990)
    assert seconds() < max(5 * few, 0.02)


def seconds() -> float:
    """What one look takes, at the best of ten."""

    def one() -> float:
        begun = time.perf_counter()
        turns.next_key()
        return time.perf_counter() - begun

    return min(one() for _ in range(10))


# -- What must not keep the others ---------------------------------------------------------------------------


def test_a_clock_that_was_set_back(people: list[User]) -> None:
    """Who had a turn in an hour that is still to come waits no longer than anybody else."""
    ada, ben, *_ = people
    waiting(ada)
    Turn.objects.update(since=after(3600))
    Beat.mark("worker")
    Beat.objects.filter(name="worker").update(seen_at=after(3600))
    waiting(ben, 50)
    sweeping._see_to_the_clock()
    assert ada in [take_next().user for _ in range(2)]


def test_orders_that_our_own_code_fails_at(
    huey: Any, people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They cost their person a turn each, so that the next is another's."""
    ada, ben, *_ = people
    broken = {row.pk for row in waiting(ada, 15)}
    (bens,) = waiting(ben)
    real = pipeline.submit

    def breaks(pk: Any) -> object:
        if pk in broken:
            raise ZeroDivisionError
        return real(pk)

    monkeypatch.setattr(pipeline, "submit", breaks)
    with pytest.raises(ZeroDivisionError):
        pipeline.submit_in_turn(bens.pk)
    pipeline.submit_in_turn(next(iter(broken)))
    bens.refresh_from_db()
    assert bens.state != State.QUEUED


def test_without_a_queue_whoever_orders_is_looked_at(sandbox: Path, people: list[User]) -> None:
    """In huey's immediate mode, where no task is left for an order that gave its turn away."""
    waiting(people[0])
    row = generate("Ben's", size="2048x2048", user=people[1])
    row.refresh_from_db()
    assert row.state != State.QUEUED


def test_what_is_in_doubt_goes_on_at_once(huey: Any, sandbox: Path, people: list[User]) -> None:
    """It had its turn, and may be sent again for a few minutes only: its own task sends it, whoever else waits."""
    ada, ben, *_ = people
    waiting(ben, 3)
    (row,) = waiting(ada, 1, doubtful_since=after(-590), ask_until=after(30), attempts=1)
    Generation.objects.filter(pk=row.pk).update(look_at=after(-0.1))
    pipeline.submit_in_turn(row.pk)
    row.refresh_from_db()
    assert row.state == State.RUNNING


def test_a_line_of_what_is_being_sent_stays(people: list[User]) -> None:
    """It may have to wait once more, and would then have no place in the round."""
    ada, ben, *_ = people
    waiting(ada)
    row = take_next()
    waiting(ben, 3)
    for state in (State.SUBMITTING, State.ASKING):
        Generation.objects.filter(pk=row.pk).update(state=state)
        Turn.objects.filter(line=row.line).update(since=after(-61))
        turns.tidy()
        assert Turn.objects.filter(line=row.line).exists()
    Generation.objects.filter(pk=row.pk).update(state=State.RUNNING)
    turns.tidy()
    assert not Turn.objects.filter(line=row.line).exists()


def test_what_an_owner_decided_meanwhile_stays(people: list[User]) -> None:
    """An editor who looks at an old page moves nothing that was put before everybody's since."""
    (row,) = waiting(people[0])
    old = Generation.objects.get(pk=row.pk)
    assert turns.put_before_all(Generation.objects.get(pk=row.pk))
    assert not turns.put_first(old)
    row.refresh_from_db()
    assert row.line == Turn.FIRST


def test_a_turn_of_which_nothing_came(
    huey: Any, sandbox: Path, people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order made from pictures, for which there is no place in the end, keeps its turn."""
    (row,) = waiting(people[0])
    for person in people[1:]:
        waiting(person, 3)
    Reference.objects.create(generation=row, position=1)
    monkeypatch.setattr(media, "prepare", lambda generation: media.Prepared(uuids=("x",)))
    for number in range(1, 5):
        Beat.take(f"post {number}", "another", 60)
    assert turns.next_key() == row.pk
    pipeline.submit_in_turn(row.pk)
    assert turns.next_key() == row.pk
