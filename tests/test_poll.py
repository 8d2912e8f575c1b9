"""One question about all that is in flight: how many tasks it is about, when it is asked, and by whom."""

from __future__ import annotations

import io
import itertools
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from seedream_django import files, pace, pipeline, sandbox, tasks
from seedream_django.models import Beat, Generation, State, after

from .gate import KEY, Gate, answering, unavailable
from .worker import idle_queue, pending, work
from .workshop import Consumer, Workshop, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture(autouse=True)
def batch(monkeypatch: pytest.MonkeyPatch) -> pace.Batch:
    """What a process that has just begun believes."""
    monkeypatch.setattr(pace, "batch", pace.Batch())
    return pace.batch


@pytest.fixture
def strict(gate: Gate) -> Iterator[Strict]:
    """A provider that takes less than ours does; it keeps the sandbox's books."""
    return Strict(gate)


class Strict:
    """Stands before the sandbox: ``refuses`` says of a question's UUIDs what is answered instead, if anything."""

    def __init__(self, gate: Gate) -> None:
        self.gate, self.asked = gate, []  # type: ignore[var-annotated]
        self.refuses: Any = lambda uuids: None
        gate.app, self.app = self, gate.app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        question = [task["taskUUID"] for task in self._tasks() if task["taskType"] == "getResponse"]
        if question and self.gate.requests[-1][0]["taskType"] == "getResponse":
            self.asked.append(question)
            if answer := self.refuses(question):
                return answer(self.app, environ, start_response)
        return self.app(environ, start_response)

    def _tasks(self) -> list[dict[str, Any]]:
        return self.gate.requests[-1] if self.gate.requests else []

    def sizes(self) -> list[int]:
        """How many tasks each question was about, since the last time somebody wanted to know."""
        sizes, self.asked = [len(question) for question in self.asked], []
        return sizes


def in_flight(count: int, *, age: float = 0, **columns: Any) -> list[Generation]:
    """Orders that the provider has, all due, in this order. The sandbox says of what it does not know: in work."""
    values = {
        "state": State.RUNNING, "prompt": "a fox", "digest": "-", "accepted_at": after(-age),
        "deadline": after(3600), **columns,
    }  # fmt: skip
    rows = [Generation(look_at=after(-100 + number / 1000), **values) for number in range(count)]
    return list(Generation.objects.bulk_create(rows))


def due() -> int:
    return Generation.objects.to_collect().count()


def ask(rounds: int = 50) -> list[pipeline.Next]:
    """Rounds of questions until nothing is due, or nothing may be asked."""
    found: list[pipeline.Next] = []
    while len(found) < rounds and due() and not (found and found[-1].pause):
        found.append(pipeline.collect())
    return found


def make_due() -> None:
    Generation.objects.update(look_at=timezone.now())


def status(line: str, payload: Any = None) -> Any:
    return answering(line, payload or {"message": "No."})


def too_long(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """More bytes than a reply may have."""
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"data": [', b" " * (8 << 20), b"]}"]


# -- How many ------------------------------------------------------------------------------------------------

TOO_MUCH = {
    "400": status("400 Bad Request", {"errors": [{"code": "invalidTaskCount", "message": "Too many."}]}),
    "413": status("413 Content Too Large"),
    "longer than is read": too_long,
    "unreadable": status("200 OK", {"data": "?", "errors": [{"code": "inferenceError", "message": "It broke."}]}),
    "one's words for all": status("400 Bad Request", {"errors": [{"code": "contentPolicyViolation"}]}),
}  # fmt: skip


@pytest.mark.parametrize("answer", TOO_MUCH.values(), ids=TOO_MUCH)
def test_half_as_many_where_that_was_too_much(answer: Any, strict: Strict, batch: pace.Batch) -> None:
    """All are answered in the same turn, and then it is one more each time, as long as that goes well."""
    strict.refuses = lambda uuids: answer if len(uuids) > 30 else None
    in_flight(100)
    ask()
    assert strict.sizes() == [100, 50, 25, 26, 27, 22]
    make_due()
    ask()
    assert strict.sizes() == [28, 29, 30, 13]
    make_due()
    ask()
    assert strict.sizes() == [31, 15, 16, 17, 18, 19, 15]
    strict.refuses = lambda uuids: None
    batch.shrink(97)
    for size in (97, 98, 99, 100, 100):
        make_due()
        ask()
        assert strict.sizes()[0] == size


@pytest.mark.parametrize("place", [0, 30, 99])
def test_one_that_is_refused_by_itself(place: int, strict: Strict) -> None:
    """Found by halving and left out for a minute; it was not the size: the others are answered, all in one again."""
    rows = in_flight(100)
    poisoned = rows[place]
    strict.refuses = lambda uuids: TOO_MUCH["400"] if str(poisoned.pk) in uuids else None
    for found in ask():
        assert not found.pause
    sizes = strict.sizes()
    assert len(sizes) < 20, sizes
    assert due() == 0
    poisoned.refresh_from_db()
    assert poisoned.look_at > after(50)
    assert Generation.objects.filter(look_at__gt=after(50)).count() == 1
    Generation.objects.exclude(pk=poisoned.pk).update(look_at=timezone.now())
    ask()
    assert sum(strict.sizes()) == 99


def test_one_that_is_refused_does_not_end_before_its_time(strict: Strict) -> None:
    """It is not failed for it; past its deadline it ends as any other of which nobody knows."""
    poisoned, other = in_flight(2)
    strict.refuses = lambda uuids: TOO_MUCH["400"] if str(poisoned.pk) in uuids else None
    ask()
    assert {row.state for row in Generation.objects.all()} == {State.RUNNING}
    Generation.objects.filter(pk=poisoned.pk).update(deadline=after(-1), look_at=after(-1))
    ask()
    assert Generation.objects.get(pk=poisoned.pk).state == State.LOST
    assert Generation.objects.get(pk=other.pk).state == State.RUNNING


def test_where_every_question_is_refused(strict: Strict) -> None:
    """Eight requests a round at most; three alone are enough to see that it is none of them; then there is a pause."""
    in_flight(400)
    strict.refuses = lambda uuids: status("404 Not Found")
    rounds = []
    for _ in range(3):
        found = pipeline.collect()
        rounds.append((len(strict.sizes()), found.pause))
    assert max(count for count, _ in rounds) <= 8
    assert [pause for _, pause in rounds] == [False, False, True]
    assert found.collect == 5
    assert not due()
    strict.refuses = lambda uuids: None
    make_due()
    ask()
    assert strict.sizes() == [100] * 4
    assert not due()


NOT_THE_SIZE = {
    "rate limit": status("429 Too Many Requests"),
    "rate limit by code": status("400 Bad Request", {"errors": [{"code": "rateLimitExceeded", "message": "No."}]}),
    "key": status("401 Unauthorized"),
    "account": status("402 Payment Required"),
    "forbidden": status("403 Forbidden"),
    "proxy": unavailable,
    "gateway": status("504 Gateway Timeout"),
    "broken": status("500 Internal Server Error"),
}  # fmt: skip


@pytest.mark.parametrize("answer", NOT_THE_SIZE.values(), ids=NOT_THE_SIZE)
def test_what_has_nothing_to_do_with_how_many(answer: Any, strict: Strict, batch: pace.Batch) -> None:
    """One request, whatever is in flight, and then nothing until the pause is over."""
    in_flight(150)
    strict.refuses = lambda uuids: answer
    (found,) = ask()
    assert strict.sizes() == [100]
    assert (found.pause, found.collect, batch.size) == (True, 5, 100)


def test_nobody_there(settings: Any, gate: Gate, batch: pace.Batch) -> None:
    """A network that is away is no reason to ask about fewer, either."""
    settings.SEEDREAM |= {"ENDPOINT": "http://127.0.0.1:9/v1"}
    in_flight(150)
    (found,) = ask()
    assert (found.pause, batch.size) == (True, 100)


@pytest.mark.parametrize(("seconds", "pause"), [("20", 20), ("3000", 60), ("0", 5)])
def test_a_wait_that_is_asked_for(seconds: str, pause: float, strict: Strict) -> None:
    """Retry-After holds for all that is in flight, for a minute at most: then one question is asked again."""

    def later(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("429 Too Many Requests", [("Retry-After", seconds)])
        return [b"{}"]

    strict.refuses = lambda uuids: later
    in_flight(150)
    (found,) = ask()
    assert found.collect == pause


@pytest.mark.parametrize(("size", "expected"), [(100, (80, 20)), (10, (8, 2)), (2, (1, 1)), (1, (1, 0))])
def test_what_is_only_watched_is_a_fifth(
    size: int, expected: tuple[int, int], strict: Strict, batch: pace.Batch
) -> None:
    """Never in the way of what is in flight; and where it leaves room, the others have it."""
    flying = {str(row.pk) for row in in_flight(100)}
    watched = in_flight(100, watch_until=after(3600))
    Generation.objects.filter(pk__in=[row.pk for row in watched]).update(state=State.LOST)
    batch.shrink(size)
    pipeline.collect()
    question = strict.asked[0]
    assert (
        len(flying.intersection(question)),
        len(flying.symmetric_difference(question) - flying),
    ) == expected


def test_all_that_is_due_in_one_round(strict: Strict, monkeypatch: pytest.MonkeyPatch) -> None:
    """One look reads what is due once, and asks about it in as many requests as it takes."""
    monkeypatch.setattr(pipeline, "BLINK", 60)
    in_flight(250)
    found = pipeline.collect()
    assert strict.sizes() == [100, 100, 50]
    assert not due()
    # What becomes due in the meantime shares a request.
    assert found.collect is not None
    assert found.collect >= pace.LULL


def test_a_round_ends_in_time(strict: Strict, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left then is due at once, and is asked about next."""
    monkeypatch.setattr(pipeline, "BLINK", 0)
    in_flight(250)
    assert pipeline.collect().collect == 0
    assert strict.sizes() == [100]
    assert due() == 150


def test_who_was_moved_meanwhile_is_not_judged(strict: Strict) -> None:
    """An answer is of the row as it was when it was asked about; one that moved on since is left alone."""
    (row,) = in_flight(1, deadline=after(-1))

    def moves_on(uuids: list[str]) -> None:
        Generation.objects.filter(pk=row.pk).update(state=State.STORING)
        connections.close_all()

    strict.refuses = moves_on
    pipeline.collect()
    assert Generation.objects.get().state == State.STORING


@pytest.mark.parametrize(("told", "shown"), [(4, 0), (5, 5), (64, 60), (100, 95)])
def test_the_bar_moves_in_steps(told: int, shown: int, batch: pace.Batch) -> None:
    """Steps that can be seen, so that many rows share one write; and never to its end before it is one."""
    (row,) = in_flight(1)
    pace.put_off([row], 1, progress={row.pk: told})
    assert Generation.objects.get().progress == shown
    Generation.objects.update(progress=97)
    row.refresh_from_db()
    pace.put_off([row], 1, progress={row.pk: told})
    assert Generation.objects.get().progress == 97


def test_what_ended_is_not_gone_through() -> None:
    """A round, and the sweep of the inboxes, find what is still watched by its own index, among however many."""
    rounds = {"seedream_gen_watch": pace.due, "seedream_gen_inbox": lambda: files.empty_inboxes(10)}
    for index, look in rounds.items():
        with CaptureQueriesContext(connection) as queries:
            look()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
            assert index in str(cursor.fetchall()[0])


# -- When ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "seconds"), [(0, 1), (20, 1), (60, 3), (200, 10), (1000, 15)])
def test_young_ones_every_second_old_ones_more_slowly(
    age: float, seconds: float, strict: Strict, settings: Any
) -> None:
    """As the rows say, which are put off together."""
    settings.SEEDREAM |= {"POLL_INTERVAL": 1}
    in_flight(20, age=age)
    pipeline.collect()
    looks = Generation.objects.values_list("look_at", flat=True)
    waits = [(look - timezone.now()).total_seconds() for look in looks]
    assert seconds - 1 < min(waits) <= max(waits) <= seconds
    assert len(set(looks)) == 1


def test_old_ones_do_not_slow_the_young(strict: Strict) -> None:
    """The next round is when the youngest is due."""
    in_flight(20, age=1000)
    in_flight(1)
    found = pipeline.collect()
    assert found.collect is not None
    assert found.collect <= 1
    make_due()


# -- Whose ---------------------------------------------------------------------------------------------------


@pytest.fixture
def huey(settings: Any, gate: Gate) -> Iterator[Any]:
    with idle_queue(settings) as huey:
        settings.SEEDREAM |= {"SANDBOX": False}
        yield huey


def test_a_pause_is_everybody_s(huey: Any, strict: Strict) -> None:
    """While nothing may be asked the poller keeps its lease: an order that is accepted meanwhile starts no other."""
    strict.refuses = lambda uuids: status("429 Too Many Requests")
    in_flight(300)
    assert tasks.start_collecting()
    work(huey)
    assert strict.sizes() == [100]
    assert not tasks.start_collecting()
    assert (Beat.left("poller") or 0) > tasks.poller_lease()
    for _ in range(3):
        tasks.collect.enqueue(uuid.uuid4().hex)
    work(huey)
    assert strict.sizes() == []
    assert pending(huey) == []


def test_a_slow_provider_has_one_question(huey: Any, strict: Strict, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for an answer longer than its lease keeps it: nobody asks beside it."""
    monkeypatch.setattr(tasks, "POLLER_LEASE", 0.4)
    monkeypatch.setattr(tasks, "ROUND", 0.1)
    others = []

    def slow(app: Any, environ: dict[str, Any], start_response: Any) -> Any:
        for _ in range(15):
            time.sleep(0.1)
            others.append(tasks.start_collecting())
        connections.close_all()
        return app(environ, start_response)

    strict.refuses = lambda uuids: slow
    in_flight(1)
    assert tasks.start_collecting()
    work(huey, times=1)
    assert others == [False] * 15
    assert strict.sizes() == [1]


def test_one_worker_does_what_waits_between_two_rounds(
    huey: Any, strict: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much is due: when a round's time is over comes whatever else was queued before the next."""
    monkeypatch.setattr(pipeline, "BLINK", 0)
    in_flight(300)
    assert tasks.start_collecting()
    for _ in range(3):
        tasks.submit.enqueue(str(uuid.uuid4()))
    assert work(huey, times=4) == ["collect", "submit", "submit", "submit"]
    assert strict.sizes() == [100]
    tasks.store.enqueue(0)
    assert work(huey, times=2) == ["collect", "store"]


# -- In processes --------------------------------------------------------------------------------------------


class Watched:
    """The sandbox, and how many questions it was asked at the same time."""

    def __init__(self, state: Path) -> None:
        self.app = sandbox.create_app(state, key=KEY, latency=0, plain=True)
        self.lock, self.asking, self.together = threading.Lock(), 0, 0
        self.moments: list[float] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if b'"getResponse"' not in body:
            return self.app(environ, start_response)
        with self.lock:
            self.moments.append(time.monotonic())
            self.asking += 1
            self.together = max(self.together, self.asking)
        try:
            time.sleep(0.1)
            return list(self.app(environ, start_response))
        finally:
            with self.lock:
                self.asking -= 1


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Watched, Workshop]]:
    """The provider behind a port, and a site that orders there, with a lease of three seconds."""
    provider = Watched(tmp_path / "sandbox.sqlite3")
    with sandbox.running(provider) as root:
        site = Workshop(tmp_path, SANDBOX=False, API_KEY=KEY, ENDPOINT=f"{root}/v1", LEASE=3)
        try:
            site.run("migrate", "-v", "0")
            yield provider, site
        finally:
            site.close()


def test_one_poller_of_all_processes(watched: tuple[Watched, Workshop]) -> None:
    """Never two questions at once; a poller that is killed is followed by another process, without a sweep."""
    provider, site = watched
    site.run("seedream_generate", "sandbox:stuck", "--size", "2048x2048")
    logs = [f"consumer-{number}.log" for number in range(3)]
    living = [Consumer(site.consumer(workers=2, log=log), site.data / log) for log in logs]
    for _ in range(2):
        asked = len(provider.moments)
        wait_for(lambda: len(provider.moments) > asked + 3)  # noqa: B023
        poller = wait_for(lambda: next((one for one in living if "collect" in one.in_hand()), None))
        site.kill(poller.process)
        living.remove(poller)
        asked = len(provider.moments)
        wait_for(lambda: len(provider.moments) > asked, 20)  # noqa: B023
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(provider.moments))
    print(f"Of {len(gaps)} pauses between two questions the longest: {gaps[-2:]} s")
    assert provider.together == 1
    assert any("heir" in one.log.read_text() for one in living)
