"""An order of several tasks: one POST, each task judged by its own UUID, and one row that tells of all."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from seedream_django import generate, lost, pace, parts, pipeline, receiving, retention, spool
from seedream_django.models import GeneratedImage, Generation, LedgerEntry, State, after
from seedream_django.runware.items import Failure, Result
from seedream_django.runware.replies import Report
from seedream_django.sandbox import Books, create_app, running

from .gate import KEY, Gate, answering, cut, gateway_timeout, speaking_to, unavailable
from .steps import carry, past, said, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NOTHING = dict.fromkeys(("reserved", "spent", "unconfirmed"), Decimal(0))


@pytest.fixture(autouse=True)
def places(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each task has a place of its own in the inbox; nothing is ever put there, and nobody waits for it."""
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True, "PUBLIC_URL": "https://www.example.com"}
    monkeypatch.setattr(receiving, "PATIENCE", 0)


@pytest.fixture(autouse=True)
def whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "batch", pace.Batch())


def sent(gate: Gate) -> list[list[str]]:
    """The task UUIDs of each paid POST that came."""
    orders = [tasks for tasks in gate.requests if tasks[0]["taskType"] == "imageInference"]
    return [[task["taskUUID"] for task in tasks] for tasks in orders]


def submitted(generation: Generation) -> Generation:
    pipeline.submit(generation.pk)
    generation.refresh_from_db()
    return generation


def collected(generation: Generation) -> Generation:
    Generation.objects.update(look_at=timezone.now())
    pipeline.collect()
    generation.refresh_from_db()
    return generation


CODES = {
    "r": "invalidPositivePrompt",
    "l": "rateLimitExceeded",
    "c": "conflictTaskUUID",
    "u": "internalServerError",
}


def fated(fates: str, status: int = 200) -> Callable[..., Any]:
    """A POST whose tasks meet these fates, one by one.

    ``a``: taken; ``m``: taken, and missing in the reply; ``c``: taken before; ``n``: not taken, and missing; ``r``:
    refused; ``l``: later; ``u``: an error of the server's.
    """

    def answer(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        tasks = json.loads(environ["wsgi.input"].read())
        there = [task for task, fate in zip(tasks, fates, strict=True) if fate in "amc"]
        told = {task["taskUUID"] for task, fate in zip(tasks, fates, strict=True) if fate == "a"}
        body = json.dumps(there).encode()
        inner = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        payload = json.loads(b"".join(app(inner, lambda *args: None))) if there else {}
        data = [item for item in payload.get("data", []) if item["taskUUID"] in told]
        errors = [
            {"code": CODES[fate], "message": f"About number {n}.", "taskUUID": task["taskUUID"]}
            for n, (task, fate) in enumerate(zip(tasks, fates, strict=True))
            if fate in CODES
        ]
        start_response(f"{status} Said", [("Content-Type", "application/json")])
        return [json.dumps({"data": data, "errors": errors}).encode()]

    return answer


def ordered(gate: Gate, fates: str, status: int = 200, **values: Any) -> Generation:
    """An order whose tasks met these fates, as it is after its POST."""
    gate.spoil["imageInference"] = [fated(fates, status)]
    return submitted(generate("a fox", results=len(fates), **values))


def uuid_in(address: str) -> str:
    """The last one in it, which is the task's."""
    return re.findall(r"[0-9a-f-]{36}", urlsplit(address).path)[-1]


# -- One order, one POST, several tasks -----------------------------------------------------------------------


def test_each_result_is_a_task_of_one_order(gate: Gate, settings: Any, books: Books) -> None:
    """One row, one reservation, one POST: a task for each result, each with its own UUID and place; one webhook."""
    settings.SEEDREAM |= {"WEBHOOK_URL": lambda generation: f"https://example.com/{generation.pk}"}
    generation = carry(generate("a fox", results=4))
    (tasks,) = (tasks for tasks in gate.requests if tasks[0]["taskType"] == "imageInference")
    assert [task["taskUUID"] for task in tasks] == generation.tasks
    assert generation.tasks[0] == str(generation.pk)
    assert len({uuid.UUID(task) for task in generation.tasks}) == 4
    assert [generation.tasks.index(uuid_in(task["uploadEndpoint"])) for task in tasks] == [0, 1, 2, 3]
    assert {task["webhookURL"] for task in tasks} == {f"https://example.com/{generation.pk}"}
    assert {task["numberResults"] for task in tasks} == {1}
    assert (generation.state, generation.stored, generation.received) == (State.DONE, 4, 4)
    images = generation.images.order_by("position")
    assert [image.position for image in images] == [0, 1, 2, 3]
    assert [str(image.task_uuid) for image in images] == generation.tasks
    assert [charge.images for charge in books.charges()] == [1, 1, 1, 1]
    assert LedgerEntry.objects.balance() == {**NOTHING, "spent": books.spent()}
    assert LedgerEntry.objects.filter(kind="reserve").count() == 1


@pytest.mark.parametrize(
    "values", [{"results": 1}, {"results": 1, "sequence": 3}, {"results": 2, "sequence": 2}]
)
def test_one_result_and_a_sequence_are_one_task(values: dict[str, int], gate: Gate) -> None:
    """One has its place anyway; a sequence is one task whatever is done, and is put nowhere."""
    generation = carry(generate("a fox", **values))
    assert sent(gate) == [[str(generation.pk)]]
    assert generation.tasks == []
    assert generation.state == State.DONE
    has_place = "uploadEndpoint" in gate.posts[0]
    assert has_place == (values == {"results": 1})


@pytest.mark.parametrize(
    "setting", ["", "https://bucket.example.com/one", lambda generation: "https://b.example.com/one"]
)
def test_an_address_for_the_order_splits_nothing(setting: Any, gate: Gate, settings: Any) -> None:
    """Where there is one address for all, several results stay one task, and are not put there."""
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": setting}
    generation = carry(generate("a fox", results=3))
    assert sent(gate) == [[str(generation.pk)]]
    assert (generation.stored, generation.tasks) == (3, [])
    assert "uploadEndpoint" not in gate.posts[0]


def test_what_may_have_been_sent_keeps_its_tasks(gate: Gate, settings: Any, books: Books) -> None:
    """The setting is switched between two tries: several tasks stay these, and one task stays one."""
    gate.spoil["imageInference"] = [answering("429 Later", {}), answering("429 Later", {})]
    several = submitted(generate("a fox", results=2))
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": ""}
    one = submitted(generate("a cat", results=2))
    assert (several.state, one.state) == (State.QUEUED, State.QUEUED)
    carry(several)
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True}
    carry(one)
    tasks = [several.tasks, [str(one.pk)], several.tasks, [str(one.pk)]]
    assert sorted(sent(gate)) == sorted(tasks)
    assert [row.stored for row in (several, one)] == [2, 2]
    assert sorted(charge.images for charge in books.charges()) == [1, 1, 2]


# -- Each task by its own UUID --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fates", "kind"),
    [("aaar", "validation"), ("raaa", "validation"), ("arrr", "validation"), ("aall", "rate_limit")],
)
def test_some_are_taken(fates: str, kind: str, gate: Gate, books: Books) -> None:
    """What was refused, or was to wait, is a failed result of an order that was taken: told, released, not sent."""
    generation = ordered(gate, fates)
    taken = fates.count("a")
    assert (generation.state, generation.failed) == (State.RUNNING, 4 - taken)
    carry(generation)
    assert (generation.state, generation.stored, generation.failed) == (State.DONE, taken, 4 - taken)
    first = next(number for number, fate in enumerate(fates) if fate != "a")
    assert (generation.error_kind, generation.error_message) == (kind, f"About number {first}.")
    assert [image.position for image in generation.images.order_by("position")] == [
        place for place, fate in enumerate(fates) if fate == "a"
    ]
    assert len(sent(gate)) == 1
    assert LedgerEntry.objects.balance() == {**NOTHING, "spent": books.spent()}
    assert books.spent() == taken * Decimal("0.035")


def test_all_are_refused(gate: Gate, books: Books) -> None:
    """Then the order is, with the provider's words and free of charge."""
    generation = ordered(gate, "rrr", 400)
    assert (generation.state, generation.error_code) == (State.FAILED, "invalidPositivePrompt")
    assert LedgerEntry.objects.balance() == NOTHING


@pytest.mark.parametrize("fates", ["llll", "lrrl"])
def test_none_is_taken_and_some_may_be_later(fates: str, gate: Gate, books: Books) -> None:
    """Nothing ran: the whole order waits its time, and goes again under the same UUIDs."""
    generation = ordered(gate, fates, 429)
    assert generation.state == State.QUEUED
    carry(generation)
    assert (generation.state, generation.stored) == (State.DONE, 4)
    assert sent(gate) == [generation.tasks] * 2
    assert len(books.charges()) == 4


def test_taken_before(gate: Gate, books: Books) -> None:
    """All of them conflict: our own first POST was taken, and its results come."""
    generation = ordered(gate, "cccc", 400)
    assert generation.state == State.RUNNING
    carry(generation)
    assert (generation.stored, len(books.charges()), len(sent(gate))) == (4, 4, 1)


@pytest.mark.parametrize("fates", ["ccar", "caua", "cccm"])
def test_some_were_taken_before(fates: str, gate: Gate, books: Books) -> None:
    """Others are taken now, refused, or in doubt: each is what it is, and all that was taken comes."""
    generation = ordered(gate, fates)
    assert generation.state == State.RUNNING
    carry(generation, 4)
    taken = sum(fate in "acm" for fate in fates)
    assert (generation.received, len(books.charges()), len(sent(gate))) == (taken, taken, 1)


def test_what_is_missing_in_the_reply_is_asked_for(gate: Gate, books: Books) -> None:
    """The reply says nothing of one that was taken: it is in doubt, not refused, and comes."""
    generation = ordered(gate, "aaam")
    assert (generation.state, generation.failed) == (State.RUNNING, 0)
    carry(generation)
    assert (generation.stored, generation.failed, len(books.charges())) == (4, 0, 4)


@pytest.mark.parametrize("fates", ["aann", "aanu", "rnna"])
def test_what_nobody_knows_failed(fates: str, gate: Gate, books: Books) -> None:
    """Neither poll nor archive knows it: after the time for asking it was never taken, long before the deadline."""
    generation = ordered(gate, fates)
    for _ in range(3):
        assert collected(generation).state == State.RUNNING
    assert not [task for task in gate.posts if task["taskType"] == "getTaskDetails"]
    past(generation, "accepted_at")
    carry(generation)
    taken = fates.count("a")
    assert (generation.state, generation.stored, generation.failed) == (State.DONE, taken, 4 - taken)
    assert generation.summary() == f"{taken} of 4"
    assert len(sent(gate)) == 1
    assert LedgerEntry.objects.balance() == {**NOTHING, "spent": books.spent()}


def test_while_the_archive_is_away_nobody_gives_up(gate: Gate) -> None:
    """An archive that does not answer says nothing: the order goes on waiting."""
    generation = ordered(gate, "aan")
    past(generation, "accepted_at")
    gate.spoil["getTaskDetails"] = [unavailable]
    assert (collected(generation).state, generation.refused) == (State.RUNNING, {})
    assert carry(generation).state == State.DONE


def test_what_only_the_archive_knows(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that no poll tells of and that the archive has is kept."""
    generation = ordered(gate, "aaa")
    hidden = uuid.UUID(generation.tasks[2])
    poll = type(receiving.client()).poll

    def forgetful(self: Any, tasks: Any, **how: Any) -> dict[uuid.UUID, Report]:
        return {task: r for task, r in poll(self, tasks, **how).items() if task != hidden}

    monkeypatch.setattr(type(receiving.client()), "poll", forgetful)
    for _ in range(3):
        assert collected(generation).state == State.RUNNING
    past(generation, "accepted_at")
    carry(generation)
    assert (generation.state, generation.stored, generation.failed) == (State.DONE, 3, 0)


def says(monkeypatch: pytest.MonkeyPatch, polled: list[Report], archived: list[Report] | None = None) -> None:
    """From here on poll and archive say this, and of other tasks nothing."""
    runware = type(receiving.client())
    told, kept = ({report.task_uuid: report for report in reports} for reports in (polled, archived or []))
    monkeypatch.setattr(
        runware, "poll", lambda self, tasks, **how: {task: told[task] for task in tasks if task in told}
    )
    monkeypatch.setattr(runware, "details", lambda self, task, **how: kept.get(task))


def came(task: uuid.UUID, pictures: int = 1) -> Report:
    results = [Result(uuid.uuid4(), "http://127.0.0.1:1/a.jpg") for _ in range(pictures)]
    return Report(task, results=tuple(results), known=True)


def in_work(task: uuid.UUID) -> Report:
    return Report(task, processing=True, known=True)


def test_what_came_may_be_forgotten(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows how long the provider tells of a result: one that came never counts as failed besides."""
    generation = ordered(gate, "aa")
    first, second = generation.task_uuids
    says(monkeypatch, [came(first), in_work(second)])
    assert collected(generation).received == 1
    past(generation, "accepted_at")
    says(monkeypatch, [Report(first, processing=True), in_work(second)])
    assert (collected(generation).state, generation.failed, generation.refused) == (State.RUNNING, 0, {})


def test_a_failure_that_only_the_archive_knows(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts, and the order does not wait for it until its deadline."""
    generation = ordered(gate, "aa")
    first, second = generation.task_uuids
    failed = Report(second, failures=(Failure("provider", "inferenceError", "No."),), known=True)
    says(monkeypatch, [came(first), Report(second, processing=True)], [failed])
    past(generation, "accepted_at")
    assert collected(generation).state == State.STORING
    assert (generation.received, generation.failed, generation.error_code) == (1, 1, "inferenceError")


def test_what_the_archive_has_is_fetched_at_once(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """While others are in work a worker is sent for it: its address may die."""
    generation = ordered(gate, "aa")
    first, second = generation.task_uuids
    says(monkeypatch, [in_work(first), Report(second, processing=True)], [came(second)])
    past(generation, "accepted_at")
    Generation.objects.update(look_at=timezone.now())
    found = pipeline.collect().store
    image = GeneratedImage.objects.get()
    assert (found, image.task_uuid) == (((image.pk, 0.0),), second)


def test_two_pictures_of_one_task_do_not_stand_for_another(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One task brings more than was asked for: both are kept, and the other task is waited for as well."""
    generation = ordered(gate, "aa")
    first, second = generation.task_uuids
    says(monkeypatch, [both := came(first, 2), in_work(second)])
    assert (collected(generation).state, generation.received) == (State.RUNNING, 2)
    says(monkeypatch, [both, came(second)])
    assert (collected(generation).state, generation.received) == (State.STORING, 3)


def test_one_fails_in_work(gate: Gate, books: Books) -> None:
    """Among equal tasks the last fails: the others are kept, and the row says so."""
    generation = carry(generate("a fox sandbox:partial", results=4))
    assert (generation.state, generation.stored, generation.failed) == (State.DONE, 3, 1)
    assert generation.summary() == "3 of 4"
    assert LedgerEntry.objects.balance() == {**NOTHING, "spent": Decimal("0.105")}


def test_refused_and_failed_are_two(gate: Gate) -> None:
    """One was refused with the POST, another failed in work: two are missing, and nothing waits for a third."""
    gate.spoil["imageInference"] = [fated("raaa")]
    generation = carry(generate("a fox sandbox:partial", results=4))
    assert (generation.state, generation.stored, generation.failed) == (State.DONE, 2, 2)


def test_a_refusal_that_the_poll_repeats_is_one(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked about a task that it never took, the provider may say that it failed: the one in work is waited for."""
    generation = ordered(gate, "aar")
    first, second, refused = generation.task_uuids
    gone = Failure("provider", "taskFailedOrNotFound", "No.")
    says(monkeypatch, [came(first), in_work(second), Report(refused, failures=(gone,), known=True)])
    assert collected(generation).state == State.RUNNING
    assert (generation.received, generation.failed) == (1, 1)


# -- In doubt -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("happens", [cut, gateway_timeout], ids=["cut", "504"])
@pytest.mark.parametrize("method", ["async", "sync"])
def test_a_lost_reply_is_asked_for(
    happens: Any, method: str, gate: Gate, settings: Any, books: Books
) -> None:
    """All were taken and the reply is lost: it is known if any of them is, and nothing is sent again."""
    settings.SEEDREAM |= {"HUEY": "tests.test_pipeline.waiting_queue"}
    gate.spoil["imageInference"] = [happens]
    generation = submitted(generate("a fox", results=3, delivery_method=method))
    assert generation.state == State.ASKING
    assert collected(generation).state in (State.RUNNING, State.STORING)
    settings.SEEDREAM = {name: value for name, value in settings.SEEDREAM.items() if name != "HUEY"}
    assert carry(generation).stored == 3
    assert (len(sent(gate)), len(books.charges())) == (1, 3)


def test_nobody_knows_any(gate: Gate, books: Books) -> None:
    """The POST never came: poll and archive say so of each task, and all go once more under the same UUIDs."""
    gate.spoil["imageInference"] = [unavailable]
    generation = submitted(generate("a fox", results=3))
    assert generation.state == State.ASKING
    assert collected(generation).state == State.QUEUED
    carry(generation)
    assert sent(gate) == [generation.tasks] * 2
    assert (generation.stored, len(books.charges())) == (3, 3)


class Killed(BaseException):
    """A worker's end, in the middle of its work."""


@pytest.mark.parametrize("after", [False, True], ids=["before the POST", "after the POST"])
def test_a_worker_dies(after: bool, gate: Gate, books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its claim and its POST, or before anything is known of the reply: the tasks keep their UUIDs."""
    generation = generate("a fox", results=3)

    def killed(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(parts if after else pipeline.media, "taken" if after else "tasks_for", killed)
        with pytest.raises(Killed):
            pipeline.submit(generation.pk)
    generation.refresh_from_db()
    tasks = generation.tasks
    assert (generation.state, len(tasks)) == (State.SUBMITTING, 3)
    past(generation, "lease_until")
    carry(generation)
    assert (generation.state, generation.stored, generation.tasks) == (State.DONE, 3, tasks)
    assert sent(gate) == [tasks]
    assert len(books.charges()) == 3


def test_taken_in_part_by_a_post_whose_reply_was_lost(gate: Gate, books: Books) -> None:
    """Some were taken and the worker saw no reply: the order is taken, and the others failed in the end."""
    gate.spoil["imageInference"] = [fated("ammr", 503)]
    generation = submitted(generate("a fox", results=4))
    carry(generation, 3)
    assert generation.state == State.RUNNING
    past(generation, "accepted_at")
    carry(generation)
    assert (generation.stored, generation.failed, len(books.charges())) == (3, 1, 3)


def test_a_lost_order_that_an_owner_asks_about(gate: Gate, books: Books) -> None:
    """Given up as lost, and asked about again: what was made of any of its tasks is kept, and paid once."""
    gate.spoil["imageInference"] = [fated("mmmm", 503)]
    generation = submitted(generate("a fox", results=4))
    gate.spoil["getResponse"] = [unavailable]
    past(generation, "doubtful_since", "ask_until")
    assert collected(generation).state == State.LOST
    assert lost.ask(generation)
    turn(3)
    generation.refresh_from_db()
    assert (generation.state, generation.received, generation.stored) == (State.LOST, 4, 4)
    assert LedgerEntry.objects.balance() == {**NOTHING, "spent": books.spent()}


# -- Asking ---------------------------------------------------------------------------------------------------


def test_what_only_the_archive_knows_of_a_lost_order(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner asks: the poll tells of one task, and of the other the archive, which is asked all the same."""
    generation = ordered(gate, "aa")
    first, second = generation.task_uuids
    Generation.objects.update(state=State.LOST, watch_until=after(600))
    lost.ask(generation)
    says(monkeypatch, [came(first), Report(second, processing=True)], [came(first), came(second)])
    collected(generation)
    assert (generation.state, generation.received) == (State.LOST, 2)
    assert LedgerEntry.objects.balance()["reserved"] == 0


def test_one_that_spoils_every_question(gate: Gate) -> None:
    """A task that cannot be asked about, alone or with others, keeps no result of its order's other tasks from us."""
    generation = submitted(generate("a fox", results=4))
    spoilt, app = generation.tasks[1], gate.app

    def refuses(environ: dict[str, Any], start_response: Any) -> Any:
        asked = gate.requests[-1]
        if asked[0]["taskType"] == "getResponse" and spoilt in [task["taskUUID"] for task in asked]:
            answer = answering("400 Bad", {"errors": [{"code": "invalidTaskUUID"}]})
            return answer(app, environ, start_response)
        return app(environ, start_response)

    gate.app = refuses
    turn(2)
    generation.refresh_from_db()
    assert (generation.state, generation.received) == (State.RUNNING, 3)
    past(generation, "accepted_at")
    carry(generation)
    assert (generation.state, generation.stored) == (State.DONE, 4)


def test_a_question_counts_tasks(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of orders with many tasks fewer share a request; no more than the batch, unless one alone has more."""
    for _ in range(5):
        submitted(generate("a fox", results=20))
    monkeypatch.setattr(pipeline, "BLINK", 0)
    pace.batch.size = 70
    monkeypatch.setattr(pipeline, "BLINK", 60)
    before = len(gate.requests)
    Generation.objects.update(look_at=timezone.now())
    pipeline.collect()
    assert [len(tasks) for tasks in gate.requests[before:]] == [60, 40]


def test_an_order_of_more_tasks_than_a_question_takes(gate: Gate) -> None:
    """The provider takes ever fewer: one order's tasks are asked about in several requests, and all come."""
    generation = submitted(generate("a fox", results=12))
    gate.spoil["getResponse"] = [answering("400 Too many", {"errors": [{"code": "tooManyTasks"}]})]
    before = len(gate.requests)
    collected(generation)
    assert [len(tasks) for tasks in gate.requests[before:]] == [12, 6, 6]
    assert carry(generation).stored == 12


@pytest.mark.parametrize("kind", ["base64Data", "dataURI"])
def test_pictures_inside_the_replies(kind: str, gate: Gate, sandbox: Path, books: Books) -> None:
    """One question for each order brings all its tasks' pictures; what is missing here is asked for once more."""
    generation = submitted(generate("a fox", results=3, output_type=kind))
    other = submitted(generate("a cat", results=2, output_type=kind))
    before = len(gate.requests)
    collected(generation)
    polls = [[task["taskUUID"] for task in tasks] for tasks in gate.requests[before:]]
    assert sorted(polls) == sorted([generation.tasks, Generation.objects.get(pk=other.pk).tasks])
    for path in (sandbox / "spool").iterdir():
        path.unlink()
    carry(generation)
    assert (generation.stored, carry(other).stored) == (3, 2)
    assert list((sandbox / "spool").iterdir()) == []
    assert len(books.charges()) == 5


def test_inside_several_replies(gate: Gate) -> None:
    """Where one question takes fewer tasks than an order has, the pictures of each reply are kept."""
    generation = ordered(gate, "aaa", output_type="base64Data")
    pace.batch.shrink(1)
    images = collected(generation).images.all()
    assert [spool.received(image) is not None for image in images] == [True] * 3


def test_an_address_that_died(gate: Gate, sandbox: Path) -> None:
    """The archive is asked about the picture's own task."""
    generation = collected(submitted(generate("a fox", results=3)))
    image = generation.images.get(position=2)
    GeneratedImage.objects.filter(pk=image.pk).update(url="http://127.0.0.1:1/gone")
    image.refresh_from_db()
    gate.spoil["getResponse"] = [unavailable]
    receiving.ask_for_another_address(image)
    image.refresh_from_db()
    assert image.url.startswith("http://127.0.0.1")
    assert "gone" not in image.url
    (asked,) = (task for task in gate.posts if task["taskType"] == "getTaskDetails")
    assert asked["taskUUID"] == generation.tasks[2]


def test_their_words_go_with_the_prompt(gate: Gate) -> None:
    """What the provider said of a task that it did not take may quote the prompt: redacting takes it away."""
    generation = ordered(gate, "ar")
    assert "About number 1." in json.dumps(generation.refused)
    carry(generation)
    retention.redact(retention.Whose(orders=[generation.pk]))
    generation.refresh_from_db()
    assert "About" not in json.dumps(generation.refused)
    assert list(generation.refused) == generation.tasks[1:]


# -- The same pictures ----------------------------------------------------------------------------------------


@pytest.fixture
def seeded(settings: Any, sandbox: Path) -> Iterator[Gate]:
    """The sandbox behind a socket, whose seeds are always the same."""
    gate = Gate(create_app(sandbox / "sandbox.sqlite3", key=KEY, latency=0, plain=True, seed=7))
    with running(gate) as root, speaking_to(settings, f"{root}/v1"):
        yield gate


def test_the_same_pictures_as_one_task(seeded: Gate, settings: Any) -> None:
    """Four tasks of one result, or one task of four: with a seed the sandbox makes the same four pictures."""
    several = carry(generate("a fox", results=4))
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": ""}
    one = carry(generate("a fox", results=4))
    facts = ("position", "seed", "sha256_received", "sha256", "size", "cost", "state")
    found = [list(row.images.order_by("position").values_list(*facts)) for row in (several, one)]
    assert found[0] == found[1]
    assert len({sha256 for _, _, sha256, *_ in found[0]}) == 4
    assert (several.estimate, several.cost) == (one.estimate, one.cost)
    assert several.is_split
    assert not one.is_split


@pytest.mark.parametrize(
    ("fates", "why"), [("aaan", "failed to make the picture"), ("aaar", "refused"), ("aaal", "is busy")]
)
def test_people_read_what_is_missing(fates: str, why: str, gate: Gate, owner: User, browser: Any) -> None:
    """The page says how many there are, and why not all: in words, whichever way the others went."""
    generation = ordered(gate, fates)
    Generation.objects.update(user=owner)
    past(generation, "accepted_at")
    carry(generation)
    words = said(browser(owner), generation)
    assert words.startswith("3 of 4 pictures came. The provider ")
    assert why in words
