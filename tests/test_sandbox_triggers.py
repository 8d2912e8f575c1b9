"""The ways in which the sandbox fails, by a word in the prompt and by the header ``X-Sandbox``."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from seedream_django import sandbox
from seedream_django.sandbox.failing import CHANCES

from .sandboxed import Clock, connect, error_of, made, order, poll, post, task


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> sandbox.App:
    state = tmp_path / "state.sqlite3"
    return sandbox.create_app(state, latency=4, plain=True, clock=clock, sleep=clock.sleep)


@pytest.fixture
def client(app: sandbox.App) -> Iterator[httpx.Client]:
    with connect(app) as client:
        yield client


def says(*words: str) -> dict[str, dict[str, str]]:
    return {"headers": {"X-Sandbox": " ".join(words)}}


def by_prompt(word: str) -> tuple[str, dict[str, Any]]:
    return f"a red fox {word}", {}


def by_header(word: str) -> tuple[str, dict[str, Any]]:
    return "a red fox", says(word)


DOORS = pytest.mark.parametrize("door", [by_prompt, by_header])


# -- The header ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger", sandbox.TRIGGERS, ids=lambda t: t.word)
def test_the_header_does_what_the_word_does(tmp_path: Path, trigger: sandbox.Trigger) -> None:
    """Acknowledgement, poll and file of one order are the same by either door, and so are the books."""
    seen = []
    for door in (by_prompt, by_header):
        clock = Clock()
        app = sandbox.create_app(
            tmp_path / door.__name__, latency=4, plain=True, clock=clock, sleep=clock.sleep
        )
        prompt, options = door(trigger.word)
        with connect(app) as client:
            asked = order(prompt, numberResults=2, safety={"checkContent": True}, includeCost=True)
            seen.append(shape_of(client, clock, asked, options))
        seen[-1].append([(charge.images, charge.amount) for charge in app.books.charges()])
    assert seen[0] == seen[1]


def shape_of(client: httpx.Client, clock: Clock, asked: dict[str, Any], options: dict[str, Any]) -> list[Any]:
    """What an order met, without what differs from order to order."""
    try:
        shape: list[Any] = [post(client, asked, **options).status_code]
    except OSError:
        shape = ["cut"]
    clock.now += 9
    reply = poll(client, asked)
    items = reply.get("data", [])
    shape += [[(i.get("status"), i.get("cost"), i.get("NSFWContent")) for i in items]]
    shape += [[e["code"] for e in reply.get("errors", [])]]
    return shape + [_file(client, item["imageURL"]) for item in items if "imageURL" in item]


def _file(client: httpx.Client, url: str) -> Any:
    try:
        reply = client.get(url)
    except OSError:
        return "cut"
    return reply.status_code, reply.headers["content-type"], len(reply.content) > 0


def test_spellings_of_the_header(client: httpx.Client) -> None:
    """With and without the prefix, by commas and spaces, in any letters; several act together."""
    for value in ("sandbox:429", "429", "slow, 429", "SANDBOX:429  sandbox:slow"):
        assert post(client, order(), headers={"X-Sandbox": value}).status_code == 429


def test_an_unknown_word_in_the_header_is_told(app: sandbox.App, client: httpx.Client) -> None:
    """A misspelt one must not pass for a success: 400 for the whole request, with the words that there are."""
    reply = post(client, order(), **says("sandbox:slwo"))
    error = error_of(reply)
    assert (reply.status_code, error["code"], error["parameter"]) == (
        400,
        "invalidSandboxHeader",
        "X-Sandbox",
    )
    assert "sandbox:slow" in error["allowedValues"]
    assert app.books.accepted() == []


def test_the_header_acts_on_every_task(app: sandbox.App, client: httpx.Client, clock: Clock) -> None:
    """On each order of a batch, and for all of its life though polls do not repeat it."""
    orders = [order(), order()]
    post(client, *orders, **says("sandbox:slow"))
    clock.now += 29
    assert {item["status"] for item in poll(client, *orders)["data"]} == {"processing"}
    clock.now += 1
    assert {item["status"] for item in poll(client, *orders)["data"]} == {"success"}


QUESTIONS = [
    task("getResponse"), task("ping", ping=True), task("accountManagement", operation="getDetails"),
    task("mediaStorage", operation="delete", media="x"),
]  # fmt: skip


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked["taskType"])
def test_the_header_acts_on_questions(client: httpx.Client, asked: dict[str, Any]) -> None:
    """Polls and the others can be refused, cut and answered with HTML too."""
    assert post(client, asked, **says("sandbox:down")).status_code == 503
    assert post(client, asked, **says("sandbox:badkey")).status_code == 401
    assert [post(client, asked, **says("sandbox:429-bare")).status_code for _ in range(3)][:2] == [429, 429]
    with pytest.raises(OSError, match="cut"):
        post(client, asked, **says("sandbox:cut"))


def test_a_poll_of_html(client: httpx.Client) -> None:
    """A poll with the header can be answered with a page, or be cut within the reply."""
    reply = post(client, task("getResponse"), **says("sandbox:html-reply"))
    assert (reply.status_code, reply.headers["content-type"]) == (502, "text/html")
    with pytest.raises(OSError, match="cut"):
        post(client, task("getResponse"), **says("sandbox:cut-within"))


# -- Cut, HTML, rate limits ----------------------------------------------------------------------------------


@DOORS
def test_cut_before(app: sandbox.App, client: httpx.Client, door: Any) -> None:
    """``sandbox:cut``: no reply, nothing accepted; the same UUID can be sent again."""
    prompt, options = door("sandbox:cut")
    asked = order(prompt)
    with pytest.raises(OSError, match="cut"):
        post(client, asked, **options)
    assert app.books.accepted() == []
    assert post(client, {**asked, "positivePrompt": "a fox"}).status_code == 200


@pytest.mark.parametrize("word", ["sandbox:cut-after", "sandbox:cut-within"])
@pytest.mark.parametrize("method", ["async", "sync"])
@DOORS
def test_cut_after(
    app: sandbox.App, client: httpx.Client, clock: Clock, word: str, method: str, door: Any
) -> None:
    """No whole reply, yet the task is charged, conflicts when it is sent again, and can be polled."""
    prompt, options = door(word)
    asked = order(prompt, deliveryMethod=method)
    with pytest.raises(OSError, match="cut"):
        post(client, asked, **options)
    assert [charge.task_uuid for charge in app.books.charges()] == [asked["taskUUID"]]
    assert error_of(post(client, asked))["code"] == "conflictTaskUUID"
    clock.now += 10
    assert poll(client, asked)["data"][0]["status"] == "success"


def test_html_instead_of_a_reply(app: sandbox.App, client: httpx.Client) -> None:
    """``sandbox:html-reply``: accepted and charged, answered with a proxy's page."""
    reply = post(client, order("sandbox:html-reply"))
    assert (reply.status_code, reply.headers["content-type"]) == (502, "text/html")
    assert b"Bad Gateway" in reply.content
    assert len(app.books.charges()) == 1


def test_a_rate_limit_without_retry_after(client: httpx.Client) -> None:
    """``sandbox:429-bare`` says nothing of when, and lets the task in at its third try."""
    asked = order("sandbox:429-bare")
    replies = [post(client, asked) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [429, 429, 200]
    assert not any("retry-after" in reply.headers for reply in replies)


# -- Late ----------------------------------------------------------------------------------------------------


def test_late(app: sandbox.App, client: httpx.Client, clock: Clock) -> None:
    """``sandbox:late``: the task looks complete with one picture fewer; half a minute later the last is there."""
    asked = order("sandbox:late", numberResults=3)
    post(client, asked)
    clock.now += 10
    assert [item["status"] for item in poll(client, asked)["data"]] == ["success"] * 2
    (details,) = post(client, {**asked, "taskType": "getTaskDetails"}).json()["data"]
    assert len(details["response"]["data"]) == 2
    clock.now += 30
    items = poll(client, asked)["data"]
    assert [item["status"] for item in items] == ["success"] * 3
    assert client.get(items[2]["imageURL"]).status_code == 200
    assert [(charge.images, charge.amount) for charge in app.books.charges()] == [(3, Decimal("0.105"))]


def test_a_late_one_of_one_is_waited_for(client: httpx.Client, clock: Clock) -> None:
    """A task of one result cannot look complete without it: it is processing until then."""
    asked = order("sandbox:late")
    post(client, asked)
    clock.now += 33
    assert poll(client, asked)["data"][0]["status"] == "processing"
    clock.now += 1
    assert poll(client, asked)["data"][0]["status"] == "success"


def test_a_sync_order_does_not_wait_for_the_late_one(client: httpx.Client, clock: Clock) -> None:
    """Its reply has the others; a poll afterwards brings the last."""
    asked = order("sandbox:late", numberResults=2, deliveryMethod="sync")
    assert len(post(client, asked).json()["data"]) == 1
    clock.now += 60
    assert len(poll(client, asked)["data"]) == 2


# -- Files ---------------------------------------------------------------------------------------------------


def file_of(client: httpx.Client, prompt: str, **more: Any) -> httpx.Response:
    (item,) = made(client, prompt=prompt, **more)
    return client.get(item["imageURL"])


def test_a_file_of_another_type(client: httpx.Client) -> None:
    """``sandbox:wrong-type``: 200 and the type of a picture, and HTML in it."""
    reply = file_of(client, "sandbox:wrong-type")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/jpeg")
    assert reply.content.startswith(b"<html>")


def test_a_mislabelled_file(client: httpx.Client) -> None:
    """``sandbox:mislabelled``: the picture itself, sent as HTML."""
    reply = file_of(client, "sandbox:mislabelled")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html")
    assert Image.open(io.BytesIO(reply.content)).format == "JPEG"


@pytest.mark.parametrize("name", ["JPG", "PNG", "WEBP"])
def test_a_bomb(client: httpx.Client, name: str) -> None:
    """``sandbox:bomb``: a few kilobytes whose header claims 900 megapixels."""
    reply = file_of(client, "sandbox:bomb", outputFormat=name)
    assert len(reply.content) < 20_000
    assert reply.content[16:24] == (30_000).to_bytes(4, "big") * 2
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(reply.content))


def test_a_file_that_is_cut(client: httpx.Client) -> None:
    """``sandbox:cut-file``: twice the connection ends half-way, then the whole picture comes."""
    (item,) = made(client, prompt="sandbox:cut-file")
    for _ in range(2):
        with pytest.raises(OSError, match="cut"):
            client.get(item["imageURL"])
    assert Image.open(io.BytesIO(client.get(item["imageURL"]).content)).size == (2048, 2048)


# -- Addresses that die --------------------------------------------------------------------------------------


def test_an_expired_address_is_asked_for_again(client: httpx.Client, clock: Clock) -> None:
    """After its ttl an address is gone for good; a poll, and the archive, give a fresh one for another ttl."""
    asked = order(ttl=60)
    post(client, asked)
    clock.now += 60
    (first,) = poll(client, asked)["data"]
    clock.now += 5
    assert client.get(first["imageURL"]).status_code == 404
    (again,) = poll(client, asked)["data"]
    assert again["imageUUID"] == first["imageUUID"]
    assert again["imageURL"] != first["imageURL"]
    (details,) = post(client, {**asked, "taskType": "getTaskDetails"}).json()["data"]
    assert details["response"]["data"][0]["imageURL"] == again["imageURL"]
    clock.now += 60
    assert client.get(again["imageURL"]).status_code == 200
    assert client.get(first["imageURL"]).status_code == 404
    clock.now += 1
    assert client.get(again["imageURL"]).status_code == 404


def test_nobody_makes_an_address_that_lives_longer(client: httpx.Client, clock: Clock) -> None:
    """A moment that the sandbox did not give out is dead, for results without a ttl as well."""
    (living,), (dying,) = made(client), made(client, ttl=60)
    for item in (living, dying):
        path = item["imageURL"].replace("/pictures/", "/pictures/999999999999/")
        assert client.get(path).status_code == 404


def test_some_addresses_stay_gone(client: httpx.Client, clock: Clock) -> None:
    """``sandbox:expired``: the fresh address is gone as the first one was."""
    asked = order("sandbox:expired", ttl=60)
    post(client, asked)
    for _ in range(3):
        clock.now += 61
        (item,) = poll(client, asked)["data"]
        assert client.get(item["imageURL"]).status_code == 404


# -- Failures by chance --------------------------------------------------------------------------------------


def outcomes(folder: Path, **options: Any) -> list[Any]:
    """How forty submissions ended, in order."""
    app = sandbox.create_app(folder, latency=0, plain=True, **options)
    with connect(app) as client:
        return [_outcome(client) for _ in range(40)]


def _outcome(client: httpx.Client) -> Any:
    try:
        return post(client, order()).status_code
    except OSError:
        return "cut"


def test_failures_by_chance_are_the_seed_s(tmp_path: Path) -> None:
    """The same seed fails the same submissions in the same way, another one others; all ways come about."""
    first = outcomes(tmp_path / "a", failures=0.5, seed=1)
    assert first == outcomes(tmp_path / "b", failures=0.5, seed=1)
    assert first != outcomes(tmp_path / "c", failures=0.5, seed=2)
    assert set(first) == {200, 429, 503, "cut"}
    assert 10 < first.count(200) < 30


@pytest.mark.parametrize(("share", "expected"), [(0, {200}), (1, {429, 503, "cut"})])
def test_no_failure_and_nothing_else(tmp_path: Path, share: float, expected: set[Any]) -> None:
    """A share of 0 fails nothing, a share of 1 everything; a wrong order and a dry run are told as ever."""
    assert set(outcomes(tmp_path / "s", failures=share)) == expected
    with connect(sandbox.create_app(tmp_path / "s", failures=share, plain=True)) as client:
        assert post(client, order("")).status_code == 400
        assert post(client, order(), headers={"X-Runware-Dry-Run": "1"}).status_code == 200


def test_chance_has_only_real_words() -> None:
    """What failures draw from are triggers."""
    assert set(CHANCES) <= set(sandbox.triggers.BY_WORD)


def test_nothing_of_a_header_stays_but_the_words(app: sandbox.App, client: httpx.Client) -> None:
    """The archive has the task as it was sent: the header is no part of it."""
    asked = order()
    post(client, asked, **says("sandbox:slow"))
    assert json.loads(app.books.request(asked["taskUUID"])) == asked
