"""How many at once: never more than the settings allow, in however many processes; and nobody waits for nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from seedream_django import checks, circuit, limits, media, orders, pipeline, sandbox, sweeping, tasks
from seedream_django.models import Beat, Generation, State, Switch, after
from seedream_django.sandbox import Books

from .gate import KEY, Gate, answering
from .worker import charges, idle_queue, order, pending, work
from .workshop import Workshop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def huey(settings: Any, sandbox: Path) -> Iterator[Any]:
    with idle_queue(settings) as huey:
        yield huey


class Crowded(Gate):
    """Counts how many submissions are in here at once."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.present = self.most = 0
        self.together = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or self._read(environ) != "imageInference":
            return self.app(environ, start_response)
        with self._lock:
            self.present += 1
            self.most = max(self.most, self.present)
        if self.present > 1:
            self.together.set()
        # The first waits for a second; from then on each stays long enough for a third to be seen.
        self.together.wait(3)
        threading.Event().wait(0.1)
        try:
            return self.app(environ, start_response)
        finally:
            with self._lock:
                self.present -= 1


ORDERS = """
from seedream_django import generate

for n in range(12):
    generate(f"Fox {n}", size="2048x2048")
"""


def waiting(number: int) -> list[Generation]:
    """Different orders that nobody was told of, the oldest first."""
    rows = [order(State.QUEUED, f"Fox {n}") for n in range(number)]
    for n, row in enumerate(rows):
        Generation.objects.filter(pk=row.pk).update(look_at=after(n - 100))
    return rows


def at_once(jobs: list[Callable[[], object]]) -> None:
    together = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        together.wait(10)
        job()
        connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def hold(number: int) -> None:
    """Take this many places for POSTs, as other processes would."""
    for n in range(1, number + 1):
        assert Beat.take(f"{limits.POST} {n}", "another process", 60)


def let_go(number: int) -> None:
    Beat.rest(f"{limits.POST} {number}", "another process")


# -- POSTs ---------------------------------------------------------------------------------------------------


def test_two_processes_never_send_more_than_allowed(tmp_path: Path) -> None:
    """Two consumers with four workers each and two places: two at once, never three, and all twelve are made."""
    crowd = Crowded(sandbox.create_app(tmp_path / "sandbox.sqlite3", key=KEY, latency=0, plain=True))
    with sandbox.running(crowd) as root:
        provider = {"SANDBOX": False, "API_KEY": KEY, "ENDPOINT": f"{root}/v1", "TIMEOUT": 5, "LEASE": 12}
        workshop = Workshop(tmp_path, **provider, MAX_POSTS=2)
        try:
            workshop.run("migrate", "-v", "0")
            workshop.run("shell", "-c", ORDERS)
            for _ in range(2):
                workshop.consumer(workers=4)
            rows = workshop.wait_until_final(60)
        finally:
            workshop.close()
    assert {row["state"] for row in rows} == {"done"}
    assert crowd.most == 2
    assert sorted(images for _task, images, _amount in workshop.charges()) == [1] * 12


def test_no_place_no_claim(huey: Any, sandbox: Path) -> None:
    """A row that finds no place stays as it is, and is not queued again to try its luck."""
    (row,) = waiting(1)
    hold(4)
    assert pipeline.submit(row.pk) == pipeline.Next()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.QUEUED, 0)
    assert charges(sandbox) == []


def test_whoever_frees_a_place_wakes_the_oldest(huey: Any) -> None:
    """Turned away, the rows are named one by one, in their order, by those who are done; the queue stays short."""
    rows = waiting(4)
    hold(4)
    for row in reversed(rows):
        assert pipeline.submit(row.pk) == pipeline.Next()
    let_go(1)
    last = order(State.QUEUED, "The last")
    assert pipeline.submit(last.pk).submit == ((rows[0].pk, 0.0),)
    tasks.submit.enqueue(str(rows[0].pk))
    work(huey, 50)
    assert {row.state for row in Generation.objects.all()} == {State.DONE}


def test_where_nobody_was_turned_away_nobody_is_woken(huey: Any) -> None:
    """Each order has a task of its own in the queue: a second one would be for nothing."""
    rows = waiting(3)
    assert pipeline.submit(rows[0].pk).submit == ()
    hold(4)
    pipeline.submit(rows[1].pk)
    let_go(1)
    assert pipeline.submit(rows[1].pk).submit == ((rows[2].pk, 0.0),)
    assert pipeline.submit(rows[2].pk).submit == ()
    # Nobody waits any more: the note is gone.
    assert Beat.last(limits.TURNED_AWAY) is None


def named(found: pipeline.Next) -> list[Any]:
    return [pk for pk, _delay in found.submit]


def test_places_freed_at_once_are_all_filled(huey: Any) -> None:
    """Four are done in the same moment: between them they name one order for each place, not one for all."""
    rows, found = waiting(10), []
    Beat.mark(limits.TURNED_AWAY)
    done = threading.Barrier(4)
    rest = Beat.rest

    def rest_together(name: str, holder: str) -> None:
        done.wait(10)
        rest(name, holder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Beat, "rest", rest_together)
        at_once([lambda pk=row.pk: found.append(named(pipeline.submit(pk))) for row in rows[:4]])  # type: ignore[misc]
    oldest = [row.pk for row in rows[4:8]]
    assert max(found, key=len) == oldest
    assert all(pks == oldest[: len(pks)] for pks in found)


def test_the_queue_stays_short(huey: Any) -> None:
    """One worker and four places: a task that finds its order taken names nobody, so the tasks do not multiply."""
    rows = waiting(30)
    Beat.mark(limits.TURNED_AWAY)
    tasks.submit.enqueue(str(rows[0].pk))
    run = work(huey, 1000)
    assert {row.state for row in Generation.objects.all()} == {State.DONE}
    assert run.count("submit") <= 4 * 30 + 1


def test_another_was_quicker(huey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers at one order: the one that comes too late has a place, and names the next for it."""
    rows = waiting(3)
    Beat.mark(limits.TURNED_AWAY)
    hold(3)

    def quicker(stops: Any) -> bool:
        Generation.objects.filter(pk=rows[0].pk).update(state=State.SUBMITTING, lease_until=after(60))
        return True

    monkeypatch.setattr(circuit, "take_turn", quicker)
    assert named(pipeline.submit(rows[0].pk)) == [rows[1].pk]
    # Taken before it looked: whoever has it names the next.
    assert named(pipeline.submit(rows[0].pk)) == []


def test_what_was_stopped_passes_its_turn_on(huey: Any) -> None:
    """The order that was named is cancelled, or deleted, before anybody sent it: the next is named instead."""
    cancelled, deleted, oldest = waiting(3)
    Beat.mark(limits.TURNED_AWAY)
    deleted_pk = deleted.pk
    assert cancelled.cancel()
    assert deleted.cancel()
    deleted.delete()
    for pk in (cancelled.pk, deleted_pk):
        assert named(pipeline.submit(pk)) == [oldest.pk]
    hold(4)
    assert named(pipeline.submit(cancelled.pk)) == []


def test_what_is_only_asked_about_passes_its_turn_on(huey: Any) -> None:
    """An order past its window is not sent again; the next is named."""
    late, oldest = waiting(2)
    Beat.mark(limits.TURNED_AWAY)
    Generation.objects.filter(pk=late.pk).update(ask_until=after(-1), doubtful_since=after(-60))
    found = pipeline.submit(late.pk)
    assert (named(found), found.collect) == ([oldest.pk], 0)


def test_a_place_freed_in_the_same_moment_is_found(huey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Freed between the look and the note, it would be told to nobody: so one looks twice."""
    (row,) = waiting(1)
    hold(4)
    mark = Beat.mark

    def free_and_mark(name: str) -> None:
        let_go(3)
        mark(name)

    monkeypatch.setattr(Beat, "mark", free_and_mark)
    pipeline.submit(row.pk)
    row.refresh_from_db()
    assert row.state == State.RUNNING


def test_a_holder_that_died_frees_its_place(huey: Any) -> None:
    """Its lease ends by itself."""
    (row,) = waiting(1)
    hold(4)
    Beat.objects.filter(name=f"{limits.POST} 2").update(lease_until=after(-1))
    pipeline.submit(row.pk)
    row.refresh_from_db()
    assert row.state == State.RUNNING


def test_a_place_is_freed_whatever_happens(huey: Any, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that nobody foresaw does not cost a place."""

    def fail(*args: Any) -> Any:
        raise RuntimeError("Nobody foresaw this.")

    (row,) = waiting(1)
    monkeypatch.setattr(media, "tasks_for", fail)
    with pytest.raises(RuntimeError):
        pipeline.submit(row.pk)
    assert not Beat.objects.filter(name__startswith=limits.POST, lease_until__isnull=False).exists()


def test_the_sweep_wakes_no_more_than_there_are_places(huey: Any) -> None:
    """With thousands waiting, waking them all each minute would be for nothing; the rest is woken one by one."""
    rows = waiting(9)
    sweeping.sweep()
    assert pending(huey) == ["submit"] * 9
    huey.flush()
    Beat.mark(limits.TURNED_AWAY)
    Beat.objects.filter(name="sweep").delete()
    sweeping.sweep()
    assert [task.args for task in huey.pending()] == [(str(row.pk),) for row in rows[:4]]


def test_the_sweep_ends_what_is_late_behind_others(huey: Any) -> None:
    """A row far back in a long line ends in time all the same."""
    rows = waiting(9)
    Beat.mark(limits.TURNED_AWAY)
    Generation.objects.filter(pk=rows[-1].pk).update(deadline=after(-1))
    sweeping.sweep()
    assert str(rows[-1].pk) in [task.args[0] for task in huey.pending()]
    assert pipeline.submit(rows[-1].pk).submit == ((rows[0].pk, 0.0),)
    rows[-1].refresh_from_db()
    assert (rows[-1].state, rows[-1].error_kind) == (State.FAILED, "deadline")


# -- What the provider has in hand ---------------------------------------------------------------------------


@pytest.fixture
def room_for_two(settings: Any, huey: Any) -> Any:
    settings.SEEDREAM = {**settings.SEEDREAM, "MAX_WAITING": 2, "MAX_POSTS": 8}
    return huey


def test_no_more_in_hand_than_allowed(room_for_two: Any, sandbox: Path) -> None:
    """Eight workers at eight rows in the same moment: two are accepted, six wait."""
    rows = waiting(8)
    for row in rows:
        Generation.objects.filter(pk=row.pk).update(prompt=f"{row.prompt} sandbox:stuck")
    at_once([lambda pk=row.pk: pipeline.submit(pk) for row in rows])  # type: ignore[misc]
    assert len(charges(sandbox)) == 2
    states = sorted(Generation.objects.values_list("state", flat=True))
    assert states == [State.QUEUED] * 6 + [State.RUNNING] * 2


def test_counting_begins_with_a_lock(room_for_two: Any) -> None:
    """Whatever the database, others wait before they count: the first statement writes the row that all write."""
    Beat.mark(limits.ROOM)
    with CaptureQueriesContext(connection) as queries:
        assert limits.claim(lambda: True)
    begin = next(n for n, query in enumerate(queries) if query["sql"].startswith("BEGIN"))
    assert queries[begin + 1]["sql"].startswith("UPDATE")
    assert limits.ROOM in queries[begin + 1]["sql"]
    assert "COUNT" in queries[begin + 2]["sql"]


@pytest.mark.parametrize("state", [State.RUNNING, State.ASKING, State.SUBMITTING])
def test_what_counts_as_in_hand(state: State, room_for_two: Any, sandbox: Path) -> None:
    """Accepted, perhaps accepted, and just being sent; what is being saved the provider is done with."""
    others = [order(state, lease_until=after(60), look_at=after(60)) for _ in range(2)]
    (row,) = waiting(1)
    assert pipeline.submit(row.pk) == pipeline.Next()
    assert charges(sandbox) == []
    Generation.objects.filter(pk=others[0].pk).update(state=State.STORING)
    pipeline.submit(row.pk)
    assert [task for task, _images in charges(sandbox)] == [str(row.pk)]


def test_all_come_through_a_narrow_door(room_for_two: Any, sandbox: Path) -> None:
    """Nine orders, room for two: each picture that comes wakes the next, without a sweep."""
    for n in range(9):
        order(prompt=f"Fox {n}")
    work(room_for_two, 300)
    assert {row.state for row in Generation.objects.all()} == {State.DONE}
    assert len(charges(sandbox)) == 9


def test_without_room_the_sweep_wakes_nobody(room_for_two: Any) -> None:
    """It would be in vain."""
    for _ in range(2):
        order(State.RUNNING, look_at=after(900))
    rows = waiting(3)
    pipeline.submit(rows[0].pk)
    room_for_two.flush()
    sweeping.sweep()
    assert "submit" not in pending(room_for_two)


def test_a_refusal_makes_room(huey: Any, gate: Gate, settings: Any) -> None:
    """What the provider does not take is not in its hand; the next in line is named."""
    settings.SEEDREAM = {**settings.SEEDREAM, "MAX_WAITING": 1}
    rows = waiting(2)
    in_hand = order(State.RUNNING, look_at=after(900))
    assert pipeline.submit(rows[1].pk) == pipeline.Next()
    Generation.objects.filter(pk=in_hand.pk).update(state=State.LOST)
    refusal = {"errors": [{"code": "invalidPositivePrompt", "message": "No."}]}
    gate.spoil["imageInference"] = [answering("400 Bad Request", refusal)]
    assert pipeline.submit(rows[0].pk).submit == ((rows[1].pk, 0.0),)


# -- The settings --------------------------------------------------------------------------------------------

WRONG = [
    ("MAX_POSTS", 0, 1), ("MAX_POSTS", 2.5, 4), ("MAX_POSTS", True, 4), ("MAX_POSTS", None, 4),
    ("MAX_WAITING", 0, None), ("MAX_WAITING", "9", 9),
    ("CIRCUIT_FAILURES", -1, 5),
    ("ALERT_EMAILS", "olga@example.org", ["olga@example.org"]), ("ALERT_EMAILS", ["olga"], []),
    ("ALERT_EMAILS", ["olga@example.org\nBcc: all@example.org"], ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrong", "right"), WRONG)
def test_values(settings: Any, name: str, wrong: Any, right: Any) -> None:
    """Whole numbers from one on, and real addresses."""
    settings.SEEDREAM = {name: wrong}
    assert [message.id for message in checks.check_values()] == ["seedream.E006"]
    settings.SEEDREAM = {name: right}
    assert checks.check_values() == []


def test_switched_off_nobody_is_named(huey: Any, books: Books) -> None:
    """The off switch comes before every place."""
    rows = waiting(2)
    Switch.objects.create(pk=1, on=False)
    Beat.mark(limits.TURNED_AWAY)
    assert [pipeline.submit(row.pk) for row in rows] == [pipeline.Next()] * 2
    assert books.accepted() == []
    assert orders.estimate() > 0
    assert timezone.now() > Generation.objects.earliest("created_at").created_at
