"""Nothing is sent while nobody can serve it: what opens a circuit, what waits meanwhile, and what closes it."""

from __future__ import annotations

import datetime
import threading
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from seedream_django import circuit, conf, generate, pipeline, signals, sweeping, tasks
from seedream_django.exceptions import NotRun, Refused, Unclear
from seedream_django.models import (
    Beat,
    Circuit,
    GeneratedImage,
    Generation,
    State,
    Switch,
    after,
)
from seedream_django.runware.client import Runware

from .gate import Gate, answering, unavailable
from .steps import said
from .test_limits import at_once
from .worker import HEIR, charges, idle_queue, order, pending, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

Browser = Callable[[User], Client]
KEPT = "Your order is kept and goes on by itself as soon as that is over."


@pytest.fixture
def huey(settings: Any, sandbox: Path) -> Iterator[Any]:
    with idle_queue(settings) as huey:
        yield huey


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What the host was told, in order."""
    heard: list[str] = []

    def stopped(circuit: Circuit, **kwargs: Any) -> None:
        heard.append(f"stopped: {circuit.error_kind}")

    def resumed(circuit: Circuit, **kwargs: Any) -> None:
        heard.append(f"resumed: {circuit.error_kind}")

    signals.submissions_stopped.connect(stopped)
    signals.submissions_resumed.connect(resumed)
    yield heard
    signals.submissions_stopped.disconnect(stopped)
    signals.submissions_resumed.disconnect(resumed)


def is_open() -> Circuit | None:
    return Circuit.objects.open().first()


def opened(kind: str, name: str = "", **columns: Any) -> Circuit:
    """A circuit that has been open for five minutes and is not due yet."""
    values = {"opened_at": after(-300), "probe_at": after(60), "error_kind": kind, **columns}
    return Circuit.objects.create(name=name or conf.account(), **values)


def make_due() -> None:
    Circuit.objects.update(probe_at=timezone.now() - datetime.timedelta(seconds=1))


def waiting(number: int) -> list[Generation]:
    """Different orders that nobody was told of, the oldest first."""
    rows = [order(State.QUEUED, f"Fox {n}") for n in range(number)]
    for n, row in enumerate(rows):
        Generation.objects.filter(pk=row.pk).update(look_at=after(n - 100))
    return rows


def send(rows: list[Generation]) -> None:
    for row in rows:
        pipeline.submit(row.pk)


NO = [
    pytest.param("401 Unauthorized", "invalidApiKey", "auth", id="401"),
    pytest.param("403 Forbidden", "forbidden", "auth", id="403"),
    pytest.param("402 Payment Required", "insufficientCredits", "quota", id="402"),
]


def no(status: str, code: str) -> Any:
    return answering(status, {"errors": [{"code": code, "message": "We say no."}]})


# -- The provider refuses the site ---------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "code", "kind"), NO)
def test_a_refusal_of_the_site_stops_everybody(
    status: str, code: str, kind: str, huey: Any, gate: Gate, told: list[str]
) -> None:
    """One row is refused and ends; the second stays where it is, unsent, and the host is told once."""
    first, second, third = waiting(3)
    gate.spoil["imageInference"] = [no(status, code)]
    send([first, second, third])
    assert gate.submitted() == [str(first.pk)]
    states = [Generation.objects.get(pk=row.pk).state for row in (first, second, third)]
    assert states == [State.FAILED, State.QUEUED, State.QUEUED]
    stop = is_open()
    assert stop is not None
    assert (stop.error_kind, stop.error_code, stop.error_message) == (kind, code, "We say no.")
    assert told == [f"stopped: {kind}"]


def test_an_empty_account_until_it_is_topped_up(
    huey: Any, sandbox: Path, told: list[str], editor: User, browser: Browser
) -> None:
    """The account is asked ever more slowly, for nothing; once it has money, what waits goes on by itself."""
    refused = order(prompt="sandbox:nobalance")
    work(huey)
    kept = order(prompt="A fox")
    Generation.objects.filter(pk=kept.pk).update(user=editor)
    work(huey)
    kept.refresh_from_db()
    assert kept.state == State.QUEUED
    assert said(browser(editor), kept) == (
        f"The site's account at the provider has no balance left. Nothing has been charged. {KEPT}"
    )
    waits = []
    for _ in range(3):
        stop = is_open()
        assert stop is not None
        waits.append((stop.probe_at - timezone.now()).total_seconds())
        make_due()
        tasks.probe()
    assert waits[0] < 38 < 59 < waits[1] < 76 < 119 < waits[2]
    assert told == ["stopped: quota", "resumed: quota"]
    assert is_open() is None
    work(huey)
    kept.refresh_from_db()
    assert kept.state == State.DONE
    refused.refresh_from_db()
    assert (refused.state, refused.error_kind) == (State.FAILED, "quota")
    assert charges(sandbox) == [(str(kept.pk), 1)]


def test_a_wrong_key_is_told_by_a_poll_too(huey: Any, gate: Gate) -> None:
    """A 401 to a question stops new orders before one is refused for it; what was sent stays as it is."""
    sent, kept = waiting(2)
    send([sent])
    gate.spoil["getResponse"] = [no("401 Unauthorized", "invalidApiKey")]
    Generation.objects.update(look_at=timezone.now())
    pipeline.collect()
    send([kept])
    stop = is_open()
    assert stop is not None
    assert stop.error_kind == "auth"
    assert gate.submitted() == [str(sent.pk)]
    sent.refresh_from_db()
    assert sent.state == State.RUNNING


BALANCES = [
    pytest.param([Decimal("0.035")], True, id="enough"),
    pytest.param([Decimal("0.034")], False, id="not enough for one picture"),
    pytest.param([None, "pong"], True, id="not told, but the key works"),
    pytest.param([Refused("no", kind="auth", status=401)], False, id="wrong key"),
    pytest.param([Refused("no", kind="auth", code="missingApiKey")], False, id="no key at all"),
    pytest.param([Refused("no", kind="quota", status=402)], False, id="nothing left"),
    pytest.param([Refused("no", kind="auth", status=403), "pong"], True, id="may not see the balance"),
    pytest.param([Refused("no", kind="validation", status=400), "pong"], True, id="not a question"),
    pytest.param([Unclear("no", kind="server", status=503)], False, id="nobody answers"),
    pytest.param([None, NotRun("no", kind="network")], False, id="nobody answers a ping"),
]


@pytest.mark.parametrize(("answers", "closes"), BALANCES)
def test_what_a_free_question_finds_out(
    answers: list[Any], closes: bool, huey: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a key that works and a balance that is enough close it; where the balance is not told, the key does."""
    left = list(answers)

    def answer(self: Runware) -> Any:
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(Runware, "balance", answer)
    monkeypatch.setattr(Runware, "ping", answer)
    opened("quota", probe_at=after(-1))
    assert circuit.probe() == ([], [])
    assert (is_open() is None) == closes
    assert left == []


@pytest.mark.parametrize(("balance", "closes"), [("0.699", False), ("0.7", True)])
@pytest.mark.parametrize("due", [True, False])
def test_a_balance_that_is_not_enough_for_the_next_order(
    balance: str, closes: bool, due: bool, huey: Any, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty pictures wait, perhaps to be tried later, before a cheap one: none of them dies for a test."""
    dear, cheap = generate("Twenty foxes", size="2048x2048", results=20), order(State.QUEUED)
    huey.flush()
    Generation.objects.filter(pk=dear.pk).update(look_at=after(-100 if due else 100))
    Generation.objects.filter(pk=cheap.pk).update(look_at=after(-50 if due else 200))
    monkeypatch.setattr(Runware, "balance", lambda self: Decimal(balance))
    opened("quota", probe_at=after(-1))
    circuit.probe()
    assert (is_open() is None) == closes
    send([dear])
    assert gate.submitted() == ([str(dear.pk)] if closes and due else [])


def test_one_process_asks(huey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has read the same moment too late asks nothing: one question for each time."""
    asked: list[str] = []
    monkeypatch.setattr(Runware, "balance", lambda self: asked.append("?") or Decimal(0))
    opened("quota", probe_at=after(-1))
    stale = list(Circuit.objects.open())
    circuit.probe()
    assert not circuit.take_turn(stale)
    assert circuit.probe() == ([], [])
    assert asked == ["?"]


def test_no_order_is_the_test_of_an_empty_account(huey: Any, gate: Gate) -> None:
    """However long it is open, no order is sacrificed to find out."""
    opened("quota", probe_at=after(-1))
    send(waiting(2))
    assert gate.submitted() == []


def test_closed_too_soon_it_waits_longer(huey: Any, gate: Gate) -> None:
    """A balance that is there and still refused does not make the circuit flutter at its quickest."""
    opened("quota", probe_at=after(-1), probes=3)
    circuit.probe()
    assert is_open() is None
    gate.spoil["imageInference"] = [no("402 Payment Required", "insufficientCredits")]
    send(waiting(1))
    stop = is_open()
    assert stop is not None
    assert stop.probe_at is not None
    assert stop.probe_at > after(30 * 2**4 - 5)


# -- A run of failures ---------------------------------------------------------------------------------------


def test_a_run_of_failures(huey: Any, gate: Gate, told: list[str]) -> None:
    """The fifth of five different orders that could not be sent stops the sixth."""
    rows = waiting(6)
    gate.spoil["imageInference"] = [unavailable] * 6
    send(rows[:4])
    assert is_open() is None
    send(rows[4:])
    assert gate.submitted() == [str(row.pk) for row in rows[:5]]
    assert told == ["stopped: server"]


def test_one_order_that_always_fails_stops_nobody(huey: Any, gate: Gate) -> None:
    """The same prompt again and again, in one row or in many, is one failure."""
    rows = [order(State.QUEUED, "The same") for _ in range(7)]
    gate.spoil["imageInference"] = [unavailable] * 9
    send(rows)
    assert len(gate.submitted()) == 7
    assert is_open() is None


def test_an_acceptance_between_ends_the_run(huey: Any, gate: Gate) -> None:
    """Four failures, one acceptance, four failures: all is sent."""
    rows = waiting(9)
    gate.spoil["imageInference"] = [unavailable] * 4
    send(rows[:5])
    gate.spoil["imageInference"] = [unavailable] * 4
    send(rows[5:])
    assert len(gate.submitted()) == 9
    assert is_open() is None


@pytest.mark.parametrize("word", ["always429", "refused", "flagged-late"])
def test_what_is_no_failure(word: str, huey: Any) -> None:
    """A rate limit, a prompt that the provider will not have, and its safety check: none of them stops anybody."""
    for n in range(6):
        order(prompt=f"Fox {n} sandbox:{word}")
    work(huey)
    assert is_open() is None
    assert not Beat.objects.filter(holder=conf.account()).exists()


def test_what_is_made_and_fails(huey: Any, sandbox: Path, told: list[str]) -> None:
    """Five different orders that fail at the provider; an acceptance shows nothing then, a picture does."""
    for n in range(5):
        order(prompt=f"Fox {n} sandbox:fails")
    work(huey, 60)
    assert told == ["stopped: provider"]
    circuit.accepted()
    assert is_open() is not None
    tried, kept = waiting(2)
    make_due()
    tasks.probe()
    work(huey, 60)
    assert told == ["stopped: provider", "resumed: provider"]
    assert {Generation.objects.get(pk=row.pk).state for row in (tried, kept)} == {State.DONE}


def test_tried_with_one_order_at_a_time(huey: Any, gate: Gate, told: list[str]) -> None:
    """Half open: of three that wait one is sent; it fails, and the next is another's turn; one success wakes all."""
    opened("server", probe_at=after(-1))
    rows = waiting(3)
    gate.spoil["imageInference"] = [unavailable]
    tasks.probe()
    assert pending(huey) == ["submit", "probe"]
    huey.flush()
    send(rows)
    assert gate.submitted() == [str(rows[0].pk)]
    make_due()
    assert circuit.probe() == ([rows[1].pk], [])
    send(rows[1:2])
    assert gate.submitted() == [str(row.pk) for row in rows[:2]]
    assert told == ["resumed: server"]
    assert pending(huey) == ["submit"]
    work(huey)
    assert {Generation.objects.get(pk=row.pk).state for row in rows[1:]} == {State.DONE}


def test_nothing_waits_to_be_tried(huey: Any) -> None:
    """Then the free question decides, so that nobody looks at a stop that is long over."""
    opened("network", probe_at=after(-1))
    assert circuit.probe() == ([], [])
    assert is_open() is None


def test_another_key_begins_anew(huey: Any, gate: Gate, settings: Any) -> None:
    """The circuit belongs to the account: under another key orders go out at once. No row holds a key."""
    opened("auth")
    (row,) = waiting(1)
    send([row])
    assert gate.submitted() == []
    name = conf.account()
    settings.SEEDREAM |= {"ENDPOINT": settings.SEEDREAM["ENDPOINT"].replace("127.0.0.1", "localhost")}
    assert conf.account() != name
    assert settings.SEEDREAM["API_KEY"] not in name
    send([row])
    assert gate.submitted() == [str(row.pk)]


def test_opened_at_once_by_many_it_is_told_once(huey: Any, told: list[str]) -> None:
    """Four workers are refused in the same moment."""
    together = threading.Barrier(4)

    def refuse() -> None:
        together.wait(10)
        circuit.refused(Refused("No.", kind="quota", code="insufficientCredits"))
        connection.close()

    threads = [threading.Thread(target=refuse) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == ["stopped: quota"]


def test_opened_between_a_look_and_the_opening(
    huey: Any, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process opens it when this one has just seen it closed: the database decides who tells."""
    wait, refusal = circuit._wait, Refused("No.", kind="quota")

    def meanwhile(tries: int) -> float:
        monkeypatch.setattr(circuit, "_wait", wait)
        circuit.refused(refusal)
        return wait(tries)

    monkeypatch.setattr(circuit, "_wait", meanwhile)
    circuit.refused(refusal)
    assert told == ["stopped: quota"]


def test_told_before_the_clocks(huey: Any, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is locked as the clocks are seen to does not keep anybody from hearing of it."""

    def locked() -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(circuit, "stand_still", locked)
        with pytest.raises(OperationalError):
            circuit.refused(Refused("No.", kind="auth"))
    stop = is_open()
    assert stop is not None
    stand_still, calls = circuit.stand_still, []

    def locked_at_last() -> None:
        calls.append("?")
        if len(calls) > 1:
            locked()
        stand_still()

    monkeypatch.setattr(circuit, "stand_still", locked_at_last)
    with pytest.raises(OperationalError):
        circuit._close(stop)
    assert told == ["stopped: auth", "resumed: auth"]
    assert Circuit.objects.get().untold_since is None


@pytest.mark.parametrize(("step", "said"), [("opens", "stopped: auth"), ("closes", "resumed: auth")])
def test_killed_before_it_told(
    step: str, said: str, huey: Any, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies between the step and the telling: a sweep tells of it, once, when it must be dead."""
    stop = opened("auth") if step == "closes" else None

    def killed(name: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(circuit, "_tell", killed)
        with pytest.raises(KeyboardInterrupt):
            circuit._close(stop) if stop else circuit.refused(Refused("No.", kind="auth"))
    sweeping.sweep()
    assert told == []
    Circuit.objects.update(untold_since=after(-conf.LEASE - 1))
    for _ in range(3):
        Beat.objects.filter(name="sweep").delete()
        sweeping.sweep()
    assert told == [said]


def test_what_was_not_told_is_told_by_one_of_many(huey: Any, told: list[str]) -> None:
    """Two sweeps that look at once: the database decides who tells. Of an account no longer used nobody hears."""
    opened("auth", untold_since=after(-conf.LEASE - 1))
    opened("auth", "provider:another", untold_since=after(-conf.LEASE - 1))
    at_once([circuit.tell_untold] * 4)
    assert told == ["stopped: auth"]


def test_killed_as_it_closed_one_failure_is_one(
    huey: Any, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run that opened it is forgotten with the closing, wherever the worker dies."""
    gate.spoil["imageInference"] = [unavailable] * 6
    rows = waiting(6)
    send(rows[:5])
    stop = is_open()
    assert stop is not None

    def killed(name: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(circuit, "_tell", killed)
        with pytest.raises(KeyboardInterrupt):
            circuit._close(stop)
    send(rows[5:])
    assert len(gate.submitted()) == 6
    assert is_open() is None


QUOTED = [
    pytest.param("No money for “a SECRET fox\nin its moonlit garden”.", id="all"),
    pytest.param("No money for “A secret fox in its …”.", id="the beginning"),
    pytest.param("No money for “… fox in its moonlit …”.", id="the middle"),
    pytest.param("No money for “… its moonlit  garden”.", id="the end"),
]


@pytest.mark.parametrize("words", QUOTED)
@pytest.mark.parametrize("column", ["prompt", "prompt_sent"])
def test_words_that_repeat_a_prompt_are_not_kept(words: str, column: str, huey: Any) -> None:
    """What is shown and mailed to owners holds nobody's prompt, nor a part of it, as written or as sent."""
    row = order(State.QUEUED, "Something else")
    setattr(row, column, "A secret fox in its moonlit garden")
    circuit.refused(Refused(words, kind="quota"), row)
    stop = is_open()
    assert stop is not None
    assert stop.error_message == ""


def test_words_that_are_kept(huey: Any) -> None:
    """A word or two that a prompt happens to have in common with the provider hides nothing."""
    row = order(State.QUEUED, "An account without credits")
    circuit.refused(Refused("The account has no credits.", kind="quota"), row)
    stop = is_open()
    assert stop is not None
    assert stop.error_message == "The account has no credits."


def test_words_about_an_order_are_not_kept(huey: Any, gate: Gate) -> None:
    """What is said of orders and not of the site is on their rows; the stop keeps the kind and the code."""
    rows = waiting(5)
    for n, row in enumerate(rows):
        circuit.not_made(row, "provider", f"code{n}")
    stop = is_open()
    assert stop is not None
    assert (stop.error_kind, stop.error_code, stop.error_message) == ("provider", "code4", "")
    circuit._close(stop)
    for row in rows:
        circuit.not_sent(row, Unclear("The model did not like a fox.", kind="server", status=503))
    stop = is_open()
    assert stop is not None
    assert (stop.error_kind, stop.error_message) == ("server", "")


def test_words_are_kept_as_long_as_it_is_open(huey: Any) -> None:
    """A row that is closed says no longer what was said; who is told of the end is told the kind."""
    circuit.refused(Refused("No credits.", kind="quota"))
    stop = is_open()
    assert stop is not None
    assert stop.error_message == "No credits."
    circuit._close(stop)
    closed = Circuit.objects.get()
    assert (closed.error_kind, closed.error_message) == ("quota", "")


# -- The storage ---------------------------------------------------------------------------------------------


def away(*args: Any, **kwargs: Any) -> Any:
    raise OSError(28, "No space left on device")


def test_a_full_disk_stops_new_orders_until_a_picture_is_stored(
    huey: Any, monkeypatch: pytest.MonkeyPatch, told: list[str], sandbox: Path
) -> None:
    """Two pictures that the storage did not take; the third order is not paid before one of them is stored."""
    with monkeypatch.context() as patch:
        patch.setattr(storages["default"], "save", away)
        made = [order(prompt=f"Fox {n}") for n in range(2)]
        work(huey)
        assert told == ["stopped: storage"]
        kept = order(prompt="Fox 3")
        work(huey)
        assert {uuid for uuid, _images in charges(sandbox)} == {str(row.pk) for row in made}
        make_due()
        # A picture that waits is the test, not an order.
        assert circuit.probe()[0] == []
        send([kept])
        assert len(charges(sandbox)) == 2
    make_due()
    tasks.probe()
    work(huey)
    assert told == ["stopped: storage", "resumed: storage"]
    kept.refresh_from_db()
    assert kept.state == State.DONE


def test_one_picture_that_is_not_taken_stops_nobody(huey: Any) -> None:
    """However often it is tried."""
    image = GeneratedImage.objects.create(generation=order(State.STORING), image_uuid=uuid.uuid4())
    for _ in range(5):
        circuit.not_stored(image, "full")
    assert is_open() is None


def test_a_storage_that_nothing_waits_for(huey: Any, gate: Gate) -> None:
    """With no picture left to try, one new order is; without that either, it is believed again."""
    opened("storage", Circuit.STORAGE, probe_at=after(-1))
    rows = waiting(2)
    send(rows)
    assert gate.submitted() == [str(rows[0].pk)]
    Generation.objects.update(state=State.CANCELLED)
    make_due()
    circuit.probe()
    assert is_open() is None


# -- Clocks --------------------------------------------------------------------------------------------------


@pytest.fixture
def frozen(huey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays one moment, so that what is put off is put off by what was to be, however slow the machine."""
    moment = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: moment)


def seconds_left(row: Generation, column: str = "deadline") -> float:
    row.refresh_from_db()
    left: float = (getattr(row, column) - timezone.now()).total_seconds()
    return left


def test_deadlines_stand_still(frozen: None) -> None:
    """Open for five minutes: what waits has five minutes more; what the provider has goes on as it was."""
    queued = order(State.QUEUED, deadline=after(50))
    running = order(State.RUNNING, deadline=after(50), look_at=after(900))
    asking = order(State.ASKING, deadline=after(50), ask_until=after(60), look_at=after(900))
    opened("quota")
    circuit.stand_still()
    assert [seconds_left(queued), seconds_left(running)] == [350, 50]
    assert [seconds_left(asking), seconds_left(asking, "ask_until")] == [350, 60]


@pytest.mark.parametrize("kind", ["network", "server", "auth"])
def test_clocks_of_questions_that_nobody_answers(kind: str, frozen: None) -> None:
    """Where the provider cannot be asked either, the time to ask does not run."""
    running = order(State.RUNNING, deadline=after(50), look_at=after(900))
    asking = order(State.ASKING, ask_until=after(60), look_at=after(900))
    queued = order(State.QUEUED, ask_until=after(60), doubtful_since=after(-9))
    opened(kind)
    circuit.stand_still()
    assert seconds_left(running) == 350
    assert [seconds_left(row, "ask_until") for row in (asking, queued)] == [360, 360]


def test_many_sweeps_count_each_second_once(frozen: None) -> None:
    """Whoever comes a moment later adds that moment, and whoever looked at the same time adds nothing."""
    queued = order(State.QUEUED, deadline=after(50))
    opened("quota")
    for _ in range(5):
        circuit.stand_still()
    assert seconds_left(queued) == 350
    last = Beat.last(circuit.ORDERS)
    assert circuit._wind(circuit.ORDERS, last, after(1), goes_on=False)
    assert not circuit._wind(circuit.ORDERS, last, after(1), goes_on=False)


def test_clocks_that_are_set(frozen: None) -> None:
    """Set back, nothing is added, let alone taken; set forward by a day, ten minutes at most."""
    queued = order(State.QUEUED, deadline=after(3000))
    opened("quota", opened_at=timezone.now())
    circuit.stand_still()
    Beat.objects.filter(name=circuit.ORDERS).update(seen_at=after(86_400))
    circuit.stand_still()
    assert seconds_left(queued) == 3000
    Beat.objects.filter(name=circuit.ORDERS).update(seen_at=after(-86_400))
    circuit.stand_still()
    assert seconds_left(queued) == 3600


def test_closing_counts_to_the_second_and_no_further(frozen: None) -> None:
    """The time up to the closing is made up for, the time after it is not, and no clock is left standing."""
    queued = order(State.QUEUED, deadline=after(50))
    circuit._close(opened("server"))
    assert seconds_left(queued) == 350
    assert not circuit.stands_still(circuit.ORDERS)
    assert not circuit.stands_still(circuit.QUESTIONS)


def test_switched_on_again_before_a_sweep_nothing_is_late(huey: Any, gate: Gate) -> None:
    """A row whose time ran out during a stop is not ended by a worker that is quicker than the sweep."""
    row = order(State.QUEUED, deadline=after(50))
    Switch.objects.create(pk=1, on=False)
    sweeping.sweep()
    Beat.objects.filter(name=circuit.ORDERS).update(seen_at=after(-120))
    Generation.objects.update(deadline=after(-5))
    Switch.objects.update(on=True)
    send([row])
    row.refresh_from_db()
    assert row.state != State.FAILED
    circuit.stand_still()
    assert not circuit.stands_still(circuit.ORDERS)


def test_nothing_is_lost_while_nobody_can_be_asked(huey: Any, gate: Gate) -> None:
    """Neither the end of its time nor of its window ends a row while the circuit is open; afterwards they do."""
    running = order(State.RUNNING, accepted_at=after(-99))
    asking = order(State.ASKING, doubtful_since=after(-99))
    stop = opened("network")
    circuit.stand_still()
    Generation.objects.update(deadline=after(-1), ask_until=after(-1), look_at=after(-1))
    gate.spoil["getResponse"] = [unavailable] * 2
    pipeline.collect()
    assert set(Generation.objects.values_list("state", flat=True)) == {State.RUNNING, State.ASKING}
    circuit._close(stop)
    Generation.objects.update(deadline=after(-1), ask_until=after(-1), look_at=after(-1))
    pipeline.collect()
    assert {running.pk, asking.pk} == set(
        Generation.objects.filter(state=State.LOST).values_list("pk", flat=True)
    )


def test_rows_without_a_window_of_their_own(huey: Any, gate: Gate) -> None:
    """What was in doubt before the column was there ends when ``ASK_WINDOW`` has passed since."""
    order(State.ASKING, doubtful_since=after(-conf.ASK_WINDOW - 5), look_at=after(-1))
    young = order(State.ASKING, doubtful_since=after(-conf.ASK_WINDOW + 60), look_at=after(-1))
    gate.spoil["getResponse"] = [unavailable]
    pipeline.collect()
    assert list(Generation.objects.filter(state=State.ASKING)) == [young]


# -- The queue -----------------------------------------------------------------------------------------------


def test_the_sweep_is_the_safety_net(huey: Any) -> None:
    """A probe that the queue forgot is queued again; while it is open nothing that waits is woken."""
    waiting(3)
    opened("server", probe_at=after(-1))
    sweeping.sweep()
    assert pending(huey) == ["probe"]
    work(huey, 1)
    # The other is for later, and is still on its way to the schedule.
    assert pending(huey) == ["submit", "probe"]


def test_the_next_try_is_scheduled_once(huey: Any) -> None:
    """Opening schedules the try; the sweeps until then add none."""
    circuit.refused(Refused("No.", kind="auth"))
    sweeping.sweep()
    tasks.wake_probe()
    assert work(huey) == ["probe"]
    (scheduled,) = (task for task in huey.scheduled() if task.name != HEIR)
    assert 28 < (scheduled.eta - timezone.now().replace(tzinfo=None)).total_seconds() < 39


def test_a_queue_that_is_away(huey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be queued does not keep the circuit from opening and closing."""
    monkeypatch.setattr(huey.storage, "add_to_schedule", away)
    monkeypatch.setattr(huey.storage, "enqueue", away)
    circuit.refused(Refused("No.", kind="auth"))
    stop = is_open()
    assert stop is not None
    circuit._close(stop)
    assert is_open() is None


# -- What people see -----------------------------------------------------------------------------------------

PAGES = ["generation_changelist", "generation_add", "generatedimage_changelist"]


@pytest.mark.parametrize("page", PAGES)
def test_the_banner(page: str, huey: Any, editor: User, owner: User, browser: Browser) -> None:
    """Editors read that orders wait; owners also why, since when and what to do. Closed, nobody reads of it."""
    address = reverse(f"admin:seedream_django_{page}")
    stop = opened("quota", error_message="Not enough <credits>.")
    seen = {user: browser(user).get(address).content.decode() for user in (editor, owner)}
    for text in seen.values():
        assert "has no balance left" in text.replace("&#x27;", "'")
        assert "New orders are kept and wait." in text
    for words in ("Not enough &lt;credits&gt;.", "Top up the account", "Next try", "Try now"):
        assert words in seen[owner]
        assert words not in seen[editor]
    circuit._close(stop)
    assert "seedream-banner" not in browser(owner).get(address).content.decode()


def test_the_banner_is_one_query(huey: Any, owner: User, rf: Any, django_assert_num_queries: Any) -> None:
    """However many circuits there are, and however often a page asks."""
    from django.template import Context, Template

    opened("quota")
    opened("storage", Circuit.STORAGE)
    request = rf.get("/")
    request.user = owner
    template = Template("{% load seedream_admin %}{% seedream_banner %}{% seedream_banner %}")
    with django_assert_num_queries(1):
        text = template.render(Context({"request": request}))
    assert text.count("<section") == 2
    assert text.count("are kept and wait.") == 2


def test_try_now(huey: Any, owner: User, browser: Browser) -> None:
    """The owner need not wait: it is due at once, a worker is woken, and the switch's history says who pressed."""
    opened("quota")
    address = reverse("seedream_django:try-now")
    back = reverse("admin:seedream_django_generation_changelist")
    response = browser(owner).post(address, {"next": back})
    assert (response.status_code, response.url) == (302, back)
    assert pending(huey) == ["probe"]
    assert circuit.next_try() == 0
    entry = LogEntry.objects.get()
    page = browser(owner).get(reverse("admin:seedream_django_switch_history", args=[entry.object_id]))
    assert "Tried at once what stands in the way of new orders." in page.content.decode()
    assert entry.user == owner
    work(huey)
    assert is_open() is None
    browser(owner).post(address)
    assert pending(huey) == []
    # Nothing stood in the way, so nothing is told of.
    assert LogEntry.objects.count() == 1


def test_try_now_is_the_owners(huey: Any, editor: User, browser: Browser) -> None:
    """Editors may not press it, and a link does not."""
    stop = opened("quota")
    assert browser(editor).post(reverse("seedream_django:try-now")).status_code == 403
    assert browser(editor).get(reverse("seedream_django:try-now")).status_code == 405
    assert Circuit.objects.get().probe_at == stop.probe_at


def test_every_kind_has_words(huey: Any, editor: User, browser: Browser) -> None:
    """A stop of each kind says what it is, in a sentence of its own."""
    row, seen = order(State.QUEUED), set()
    Generation.objects.update(user=editor)
    for kind in ("auth", "quota", "network", "server", "provider", "storage"):
        stop = opened(kind)
        seen.add(said(browser(editor), row))
        stop.delete()
    assert len(seen) == 6
    assert all(words.endswith(KEPT) for words in seen)


def test_in_immediate_mode_a_page_that_is_looked_at_tries(gate: Gate, editor: User, browser: Browser) -> None:
    """Where nothing runs by itself, whoever looks at the order sees to it that it goes on."""
    stop = opened("server")
    row = order()
    Generation.objects.filter(pk=row.pk).update(user=editor)
    assert said(browser(editor), row).endswith(KEPT)
    make_due()
    said(browser(editor), row)
    row.refresh_from_db()
    assert row.state != State.QUEUED
    assert stop.name not in {stop.name for stop in Circuit.objects.open()}
