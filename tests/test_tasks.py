"""What the queue does and does not have to remember: wakes, the one poller, the sweep."""

from __future__ import annotations

import datetime
import shutil
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from seedream_django import generate, sweeping, tasks
from seedream_django.models import Beat, GeneratedImage, Generation, State, after
from seedream_django.runware.client import Runware

from .worker import at_once, charges, idle_queue, order, pending, scheduled, wake_scheduled, work
from .workshop import Workshop, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def huey(settings: Any, sandbox: Path) -> Iterator[Any]:
    with idle_queue(settings) as huey:
        yield huey


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds of the poller that end at once."""
    monkeypatch.setattr(tasks, "ROUND", 0.2)


# -- Wakes ---------------------------------------------------------------------------------------------------


def test_from_the_order_to_the_file(huey: Any, sandbox: Path) -> None:
    """Each task wakes the next; at the end nothing is queued and nobody holds the poller's lease."""
    generation = order()
    assert pending(huey) == ["submit"]
    assert set(work(huey)) == {"submit", "collect", "store"}
    generation.refresh_from_db()
    assert generation.state == State.DONE
    assert charges(sandbox) == [(str(generation.pk), 1)]
    assert pending(huey) == []
    assert Beat.objects.get(name="poller").lease_until is None


def test_five_wakes_and_four_workers_are_one_post(
    huey: Any, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim decides: real threads at the same row send it once, and store its picture once."""
    posted: list[Any] = []
    submit, download = Runware.submit_all, Runware.download
    monkeypatch.setattr(Runware, "submit_all", lambda *a, **k: (posted.append("submit"), submit(*a, **k))[1])
    monkeypatch.setattr(
        Runware, "download", lambda *a, **k: (posted.append("download"), download(*a, **k))[1]
    )
    generation = order()
    for _ in range(4):
        tasks.submit.enqueue(str(generation.pk))
    assert pending(huey) == ["submit"] * 5
    at_once(lambda: work(huey))
    work(huey)
    for _ in range(5):
        tasks.store.enqueue(GeneratedImage.objects.get().pk)
    at_once(lambda: work(huey))
    generation.refresh_from_db()
    assert generation.state == State.DONE
    assert sorted(posted) == ["download", "submit"]
    assert charges(sandbox) == [(str(generation.pk), 1)]


def test_only_primary_keys_are_queued(huey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a worker would have to trust, and nothing secret: the prompt and the address stay in the row."""
    seen: list[bytes] = []
    enqueue = huey.storage.enqueue
    monkeypatch.setattr(huey.storage, "enqueue", lambda data, *a: (seen.append(data), enqueue(data, *a))[1])
    order(prompt="An unmistakable fox")
    work(huey)
    sweeping.sweep.enqueue()
    messages = [huey.serializer.deserialize(data) for data in seen]
    names = {message.name.rpartition(".")[2] for message in messages}
    assert names == {"submit", "collect", "store", "sweep", "heir"}
    assert {type(arg) for message in messages for arg in message.args or ()} == {str, int}
    assert not any(message.kwargs for message in messages)
    assert not any(word in data for data in seen for word in (b"unmistakable", b"http"))


def test_a_queue_that_is_away_refuses_no_order(
    huey: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The order is taken and the failure logged; when the queue is back the sweep finds the row."""

    def away(*args: Any) -> None:
        raise ConnectionError("The queue is away.")

    with monkeypatch.context() as patch:
        patch.setattr(huey.storage, "enqueue", away)
        generation = generate("A fox", size="2048x2048")
    assert generation.state == State.QUEUED
    assert "did not take submit" in caplog.text
    assert pending(huey) == []
    sweeping.sweep()
    assert pending(huey) == ["submit"]
    work(huey)
    generation.refresh_from_db()
    assert generation.state == State.DONE


def test_an_emptied_queue_loses_nothing(huey: Any, sandbox: Path) -> None:
    """Rows waiting to be sent, to be asked about and to be stored are all found by one sweep."""
    waiting, sent = order(), order()
    tasks.submit(str(sent.pk))
    huey.flush()
    Beat.objects.all().delete()
    sweeping.sweep()
    assert sorted(pending(huey)) == ["collect", "submit"]
    work(huey)
    assert {g.state for g in Generation.objects.all()} == {State.DONE}
    assert sorted(charges(sandbox)) == sorted((str(g.pk), 1) for g in (waiting, sent))


# -- The one poller ------------------------------------------------------------------------------------------


def test_one_chain_however_many_wakes(huey: Any, quick: None) -> None:
    """Of many wakes one becomes the chain; others end at once and leave nothing behind."""
    order(State.RUNNING, "sandbox:stuck")
    assert [tasks.start_collecting() for _ in range(5)] == [True, False, False, False, False]
    assert pending(huey) == ["collect"]
    for _ in range(4):
        tasks.collect.enqueue(uuid.uuid4().hex)
    assert work(huey, times=10) == ["collect"] * 10
    assert pending(huey) == ["collect"]


def test_the_chain_ends_and_starts_again(huey: Any, quick: None) -> None:
    """With nothing in flight nothing polls; the next accepted row starts it anew."""
    generation = order(State.RUNNING, "sandbox:stuck")
    tasks.start_collecting()
    work(huey, times=2)
    assert pending(huey) == ["collect"]
    Generation.objects.filter(pk=generation.pk).update(state=State.LOST)
    work(huey)
    assert (pending(huey), scheduled(huey)) == ([], [])
    second = order()
    assert "collect" in work(huey)
    second.refresh_from_db()
    assert second.state == State.DONE
    assert (pending(huey), scheduled(huey)) == ([], [])


def test_a_resting_chain_gives_way_to_news(huey: Any, sandbox: Path) -> None:
    """While the only row in flight is due much later, a new one does not wait for that; one chain is left."""
    order(State.RUNNING, "sandbox:stuck", look_at=after(3600))
    tasks.start_collecting()
    assert work(huey) == ["collect", "collect"]  # the second only moves itself to the schedule
    assert scheduled(huey) == ["collect"]
    second = order()
    work(huey)
    second.refresh_from_db()
    assert second.state == State.DONE
    assert wake_scheduled(huey) == ["collect"] * 2
    work(huey)
    assert scheduled(huey) == ["collect"]


def test_a_dead_pollers_lease_is_handed_over(huey: Any, quick: None) -> None:
    """While it may live nobody polls beside it; whoever was to look when its lease is over polls on then."""
    order(State.RUNNING, "sandbox:stuck")
    assert Beat.take("poller", "dead", 30)
    sweeping.sweep()
    for _ in range(2):
        work(huey)
        assert wake_scheduled(huey, heir=True) == ["heir"]
        assert work(huey) == []
        assert Beat.objects.get(name="poller").holder == "dead"

    Beat.objects.filter(name="poller").update(seen_at=after(-100), lease_until=after(-70))
    assert wake_scheduled(huey, heir=True) == ["heir"]
    assert work(huey, times=1) == ["collect"]
    assert Beat.objects.get(name="poller").holder != "dead"
    assert pending(huey) == ["collect"]


def test_a_poller_that_is_killed_has_an_heir(huey: Any, quick: None) -> None:
    """Without a sweep and without a new order: while anything is in flight somebody will look, one at a time."""
    order(State.RUNNING, "sandbox:stuck")
    tasks.start_collecting()
    assert work(huey, times=3) == ["collect"] * 3
    assert [task.name for task in huey.scheduled()] == ["heir"]
    # Killed with it in hand.
    huey.storage.flush_queue()
    Beat.objects.filter(name="poller").update(seen_at=after(-11), lease_until=after(-1))
    assert wake_scheduled(huey, heir=True) == ["heir"]
    assert work(huey, times=2) == ["collect"] * 2
    assert [task.name for task in huey.scheduled()] == ["heir"]


def test_the_heir_goes_when_there_is_nothing_to_inherit(huey: Any) -> None:
    """When all has come nobody is left behind in the queue."""
    order()
    work(huey)
    assert Generation.objects.get().state == State.DONE
    assert wake_scheduled(huey, heir=True) == ["heir"]
    work(huey)
    assert (huey.pending(), huey.scheduled()) == ([], [])


def test_a_promise_far_back_in_the_queue_does_not_stop_the_poller(huey: Any, quick: None) -> None:
    """In a queue longer than the lease the first look that comes up polls, though a later one has the lease."""
    order(State.RUNNING, "sandbox:stuck")
    tasks.collect.enqueue("early")
    assert Beat.take("poller", "late", 30)
    Beat.objects.filter(name="poller").update(seen_at=after(-100))
    tasks.collect.enqueue("late")
    assert work(huey, times=2) == ["collect"] * 2
    assert pending(huey) == ["collect"]
    assert Beat.objects.get(name="poller").holder == "early"


def test_the_poller_yields_to_other_work(huey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one worker it does not sleep on while an order waits in the queue."""
    order(State.RUNNING, "sandbox:stuck")
    tasks.start_collecting()
    # The heir is on its way to the schedule, and that is other work as well.
    assert work(huey, times=1) == ["collect"]
    assert pending(huey) == ["collect"]
    monkeypatch.setattr(tasks, "ROUND", 60.0)
    later = threading.Timer(0.3, lambda: tasks.submit.enqueue("nobody"))
    later.start()
    started = timezone.now()
    assert work(huey, times=1) == ["collect"]
    later.join()
    assert (timezone.now() - started).total_seconds() < 3
    assert pending(huey) == ["submit", "collect"]


# -- One worker ----------------------------------------------------------------------------------------------


def test_one_worker_is_not_held_up_by_what_is_in_flight(tmp_path: Path) -> None:
    """While one generation takes half a minute, another is sent within two seconds and done soon after."""
    workshop = Workshop(tmp_path)
    workshop.run("migrate", "-v", "0")
    workshop.run("seedream_generate", "sandbox:slow", "--size", "2048x2048")
    try:
        workshop.consumer()
        wait_for(lambda: workshop.generation()["state"] == "running")
        workshop.run("seedream_generate", "A red fox", "--size", "2048x2048", "--wait", "--timeout", "20")
        states = {row["prompt"]: row for row in workshop.rows("generation")}
        assert states["sandbox:slow"]["state"] == "running"
        assert states["A red fox"]["state"] == "done"
        assert seconds(states["A red fox"], "created_at", "submitted_at") < 2
        assert seconds(states["A red fox"], "submitted_at", "finished_at") < 5
    finally:
        workshop.close()
        shutil.rmtree(tmp_path)


def seconds(row: dict[str, Any], start: str, end: str) -> float:
    moments = [datetime.datetime.fromisoformat(row[name]) for name in (start, end)]
    return (moments[1] - moments[0]).total_seconds()
