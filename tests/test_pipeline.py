"""The rules that money forces: one POST a row, then only questions; what was paid for is kept."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from seedream_django import late, lost, orders, pipeline, sweeping
from seedream_django.models import GeneratedImage, Generation, State, Switch
from seedream_django.retention import Whose, redact
from seedream_django.sandbox import Books

from .gate import Gate, answering, cut, slow, unavailable
from .steps import carry, made, past, said, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User], Client]


def finish_late(sandbox: Path) -> None:
    """The provider finishes what it had been stuck with, or had called failed."""
    with sqlite3.connect(sandbox / "sandbox.sqlite3") as books:
        books.execute("UPDATE result SET ready = 0, code = '', message = ''")
    books.close()


# -- One POST, then questions --------------------------------------------------------------------------------


def test_conflict_means_accepted(books: Books, gate: Gate) -> None:
    """The same UUID sent twice: the refusal proves the first was taken, and the picture comes, charged once."""
    generation = orders.place("a fox")
    turn()
    Generation.objects.update(state=State.QUEUED, accepted_at=None)
    turn()
    generation.refresh_from_db()
    assert (generation.state, generation.error_code) == (State.RUNNING, "")
    assert carry(generation).state == State.DONE
    assert gate.submitted() == [str(generation.pk)] * 2
    assert [c.images for c in books.charges()] == [1]


@pytest.mark.parametrize("happens", [cut, slow], ids=["cut", "slow"])
def test_unclear_but_taken(
    happens: Any, gate: Gate, books: Books, settings: Any, editor: User, browser: Browser
) -> None:
    """The answer to an accepted POST is lost on the wire: it is asked about, and never sent again."""
    settings.SEEDREAM |= {"TIMEOUT": 0.3 if happens is slow else 5}
    gate.spoil["imageInference"] = [happens]
    generation, client = orders.place("a fox", user=editor), browser(editor)
    pipeline.submit(generation.pk)
    generation.refresh_from_db()
    assert (generation.state, generation.error_kind) == (State.ASKING, "network")
    assert Generation.objects.get().accepted_at is None
    carry(generation)
    assert said(client, generation) == "1 picture is ready."
    assert gate.submitted() == [str(generation.pk)]
    # The poll knew it: no need to trouble the archive.
    assert "getTaskDetails" not in {task["taskType"] for task in gate.posts}
    assert [c.images for c in books.charges()] == [1]


def test_unclear_and_never_taken(gate: Gate, books: Books) -> None:
    """Nobody knows the task: only then it is sent again, under the same UUID."""
    gate.spoil["imageInference"] = [unavailable]
    generation = orders.place("a fox")
    pipeline.submit(generation.pk)
    assert gate.submitted() == [str(generation.pk)]
    assert carry(generation).state == State.DONE
    kinds = [task["taskType"] for task in gate.posts]
    first_two = [n for n, kind in enumerate(kinds) if kind == "imageInference"]
    assert "getResponse" in kinds[first_two[0] : first_two[1]]
    assert "getTaskDetails" in kinds[first_two[0] : first_two[1]]
    assert gate.submitted() == [str(generation.pk)] * 2
    assert [c.images for c in books.charges()] == [1]


def test_known_to_the_archive_alone(gate: Gate, books: Books) -> None:
    """A poll answers for a task that never arrived as for one in the queue: the archive is asked before a POST."""
    generation = orders.place("sandbox:503-after")
    pipeline.submit(generation.pk)
    echo = {"taskType": "getResponse", "taskUUID": str(generation.pk), "status": "processing"}
    gate.spoil["getResponse"] = [answering("200 OK", {"data": [echo]})]
    assert carry(generation).state == State.DONE
    assert gate.submitted() == [str(generation.pk)]
    assert len(books.charges()) == 1


def test_questions_that_fail_are_asked_again(gate: Gate, books: Books) -> None:
    """While the archive does not answer, nothing is sent again: silence is not a no."""
    gate.spoil["imageInference"] = [unavailable]
    gate.spoil["getTaskDetails"] = [unavailable, cut]
    gate.spoil["getResponse"] = [cut]
    generation = orders.place("a fox")
    for _ in range(4):
        turn()
        assert gate.submitted() == [str(generation.pk)]
    assert carry(generation).state == State.DONE
    assert [c.images for c in books.charges()] == [1]


@pytest.mark.parametrize("word", ["fails", "flagged-late"])
def test_errors_after_acceptance_are_final(word: str, gate: Gate) -> None:
    """What failed at the provider is not sent again, however often one looks."""
    generation = made(f"sandbox:{word}")
    turn(4)
    generation.refresh_from_db()
    assert generation.state == State.FAILED
    assert gate.submitted() == [str(generation.pk)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_row(gate: Gate, books: Books, settings: Any) -> None:
    """Many workers are woken for the same row: one claims it, one POST leaves the house."""
    settings.SEEDREAM |= {"HUEY": "tests.test_pipeline.waiting_queue"}
    generation = orders.place("a fox")
    together = threading.Barrier(6)

    def work() -> None:
        together.wait(10)
        pipeline.submit(generation.pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert gate.submitted() == [str(generation.pk)]
    assert [c.images for c in books.charges()] == [1]
    generation.refresh_from_db()
    assert (generation.state, generation.attempts) == (State.RUNNING, 1)


def waiting_queue() -> Any:
    from huey import MemoryHuey

    return MemoryHuey("waiting", immediate=False)


def test_a_worker_that_wakes_after_its_lease(gate: Gate) -> None:
    """Whoever lost the row to another may not move it any more: the attempt it was read in is over."""
    generation = orders.place("a fox")
    slow_worker, fast_worker = Generation.objects.get(), Generation.objects.get()
    assert fast_worker.step(State.SUBMITTING, lease=60, attempts=1)
    assert not slow_worker.step(State.SUBMITTING, lease=60, attempts=1)
    generation.refresh_from_db()
    assert generation.attempts == 1


# -- Workers that die ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [False, True], ids=["before the POST", "after the POST"])
def test_killed_while_sending(sent: bool, gate: Gate, books: Books) -> None:
    """Once the lease is over the row is asked about; it is charged once wherever its worker died."""
    generation = orders.place("a fox")
    if sent:
        turn()
    Generation.objects.update(state=State.SUBMITTING, attempts=1, accepted_at=None)
    past(generation, "lease_until")
    assert carry(generation).state == State.DONE
    assert (generation.crashes, [c.images for c in books.charges()]) == (1, [1])
    assert gate.submitted() == [str(generation.pk)]


def test_a_row_that_ends_its_workers() -> None:
    """After three dead workers a row is given up, and still watched."""
    generation = orders.place("a fox")
    Generation.objects.update(state=State.SUBMITTING, crashes=2)
    past(generation, "lease_until")
    turn()
    generation.refresh_from_db()
    assert (generation.state, generation.error_kind) == (State.LOST, "crash")
    assert generation.watch_until


# -- Late news -----------------------------------------------------------------------------------------------


def test_late_after_lost(sandbox: Path, books: Books, chief: User, browser: Browser) -> None:
    """A lost order's picture comes after all: it is stored, counted, charged, and told, and stays "lost"."""
    generation = orders.place("sandbox:stuck", user=chief)
    turn(2)
    past(generation, "deadline")
    assert carry(generation).state == State.LOST
    finish_late(sandbox)
    turn()
    generation.refresh_from_db()
    assert (generation.state, generation.stored, generation.cost) == (State.LOST, 1, generation.estimate)
    assert generation.images.get().file.size
    assert said(browser(chief), generation) == (
        "1 picture came late, after the end. Cost: $0.035. It was paid for, so it is kept here."
    )
    assert len(books.charges()) == 1


def test_late_after_failed(sandbox: Path, editor: User, browser: Browser) -> None:
    """The same where the provider had called it failed."""
    generation = made("sandbox:fails", user=editor, results=2)
    assert generation.state == State.FAILED
    finish_late(sandbox)
    turn()
    words = "2 pictures came late, after the end. It was paid for, so it is kept here."
    assert said(browser(editor), generation) == words
    generation.refresh_from_db()
    assert (generation.state, generation.stored) == (State.FAILED, 2)


def test_late_after_one_had_failed(sandbox: Path, gate: Gate) -> None:
    """The same where one of three was called failed and the others came: an error beside them is no last word."""
    generation = made("sandbox:partial", results=3)
    assert (generation.state, generation.stored, generation.failed) == (State.DONE, 2, 1)
    finish_late(sandbox)
    turn(2)
    generation.refresh_from_db()
    assert (generation.state, generation.stored) == (State.DONE, 3)
    assert len(gate.submitted()) == 1


def test_late_after_cancelled(books: Books, editor: User, browser: Browser) -> None:
    """Cancelled while in doubt whether it was taken: what comes is kept out of sight, and said to be paid."""
    generation = orders.place("sandbox:503-after", user=editor)
    pipeline.submit(generation.pk)
    Generation.objects.update(state=State.QUEUED)
    generation.refresh_from_db()
    assert generation.cancel()
    turn()
    generation.refresh_from_db()
    assert (generation.state, generation.stored, generation.hidden) == (State.CANCELLED, 1, True)
    words = "Cancelled, but it had been sent already: it is made, and kept out of sight. It is paid for."
    assert said(browser(editor), generation) == words
    assert len(books.charges()) == 1


def test_cancelled_before_it_was_sent_is_not_watched(gate: Gate) -> None:
    """Nothing was sent, so nothing is asked: no request is made for it, ever."""
    generation = orders.place("a fox")
    assert generation.cancel()
    turn(3)
    assert gate.posts == []


def test_nothing_new_in_late_news(sandbox: Path) -> None:
    """A picture that was told once is told again by every poll, and stays one row."""
    generation = orders.place("sandbox:stuck")
    turn(2)
    past(generation, "deadline")
    turn()
    finish_late(sandbox)
    turn(3)
    assert GeneratedImage.objects.count() == 1


# -- Cancelling ----------------------------------------------------------------------------------------------


def test_cancel_after_the_claim(books: Books, sandbox: Path) -> None:
    """It was sent: charged once and kept, but shown nowhere and for nobody to choose."""
    generation = orders.place("a fox")
    turn()
    generation.refresh_from_db()
    assert not generation.cancel()
    carry(generation)
    assert (generation.state, generation.hidden, generation.stored) == (State.DONE, True, 1)
    assert Path(generation.images.get().file.path).exists()
    assert len(books.charges()) == 1
    assert not GeneratedImage.objects.choosable_by(User.objects.create_superuser("any")).exists()


# -- Replies that make no sense ------------------------------------------------------------------------------


def test_a_picture_of_another_order(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """A result that carries the UUID of another's picture does not take it over."""
    first = made("a fox")
    image = first.images.get()
    second = orders.place("an owl")
    turn()
    item = {
        "taskType": "imageInference", "taskUUID": str(second.pk), "imageUUID": str(image.image_uuid),
        "imageURL": "http://127.0.0.1/x.jpg", "status": "success",
    }  # fmt: skip
    gate.spoil["getResponse"] = [answering("200 OK", {"data": [item]})]
    turn()
    image.refresh_from_db()
    assert image.generation_id == first.pk
    assert "another's picture" in caplog.text


NONSENSE = ["", [], {}, {"data": None}, {"data": ["x", 5, {}]}, {"errors": [{"code": "internalServerError"}]}]


@pytest.mark.parametrize("payload", NONSENSE, ids=str)
def test_a_poll_that_says_nothing(payload: Any, gate: Gate) -> None:
    """The row waits for a better answer, and gets it."""
    generation = orders.place("a fox")
    turn()
    gate.spoil["getResponse"] = [answering("200 OK", payload)]
    turn()
    generation.refresh_from_db()
    assert generation.state == State.RUNNING
    assert carry(generation).state == State.DONE


def test_an_address_that_is_not_the_providers(gate: Gate, editor: User, browser: Browser) -> None:
    """A result that lies elsewhere is not opened; its identity stays, and the row says why."""
    generation = orders.place("a fox", user=editor)
    turn()
    item = {
        "taskType": "imageInference", "taskUUID": str(generation.pk), "status": "success",
        "imageUUID": "0c7a5f0e-52a5-4d84-9a4a-1c1f2f5f9b02",
        "imageURL": "http://169.254.169.254/latest/meta-data?token=secret",
    }  # fmt: skip
    gate.spoil["getResponse"] = [answering("200 OK", {"data": [item]})]
    turn(2)
    past(generation.images.get(), "trouble_since")
    carry(generation)
    assert (generation.state, generation.error_kind) == (State.FAILED, "storing")
    words = said(browser(editor), generation)
    assert "169.254.169.254/latest/meta-data is not an address that results may come from." in words
    assert "token" not in words


# -- The off switch ------------------------------------------------------------------------------------------


def test_off_keeps_what_waits(gate: Gate, books: Books) -> None:
    """Nothing that waits is sent while it is off; its time does not run out; then it goes on."""
    generation = orders.place("a fox")
    Switch.objects.create(pk=1, on=False)
    turn(3)
    assert gate.posts == []
    past(generation, "deadline")
    sweeping.sweep()
    Switch.objects.update(on=True)
    assert carry(generation).state == State.DONE
    assert len(books.charges()) == 1


def test_off_keeps_what_was_sent() -> None:
    """What had been sent is paid for: it is collected and stored while it is off."""
    generation = orders.place("a fox")
    turn()
    Switch.objects.create(pk=1, on=False)
    assert carry(generation).state == State.DONE


# -- What is said of a prompt that is gone -------------------------------------------------------------------


@pytest.mark.parametrize("meanwhile", [False, True])
def test_late_words_do_not_bring_a_prompt_back(
    meanwhile: bool, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A written-off order is redacted before or while the provider says why it failed: only that it did is noted."""
    generation = orders.place("a canary sandbox:stuck")
    turn(2)
    past(generation, "deadline")
    assert carry(generation).state == State.LOST
    assert lost.write_off(generation, by=None)
    error = {"code": "inferenceError", "message": "“a canary” failed.", "taskType": "imageInference"}
    answer = answering("200 OK", {"errors": [{**error, "taskUUID": str(generation.pk)}]})
    gate.spoil["getResponse"] = [answer, answer]
    fate = late._fate

    def redacted_meanwhile(*args: Any) -> dict[str, Any]:
        found = fate(*args)
        assert redact(Whose()).orders == 1
        monkeypatch.setattr(late, "_fate", fate)
        return found

    if meanwhile:
        monkeypatch.setattr(late, "_fate", redacted_meanwhile)
    else:
        redact(Whose())
    for _ in range(2):
        turn()
    generation.refresh_from_db()
    assert (generation.failed, generation.error_code) == (1, "inferenceError")
    assert (generation.prompt, generation.error_message) == ("", "")
