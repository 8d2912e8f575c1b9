"""What the sandbox delivers by itself as a server, to loopback servers of the test."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from seedream_django import sandbox
from seedream_django.sandbox import courier
from seedream_django.sandbox.courier import is_here

from .sandboxed import KEY, connect, order, photo

pytestmark = pytest.mark.once


class Receiver:
    """A loopback server that keeps what it gets. ``statuses`` are its next answers; then 200."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.news = threading.Condition()
        self.root = ""

    def take(self, method: str, path: str, headers: dict[str, str], body: bytes) -> int:
        with self.news:
            self.got.append((method, path, headers, body))
            self.news.notify_all()
            return self.statuses.pop(0) if self.statuses else 200

    def wait_for(self, count: int) -> None:
        with self.news:
            assert self.news.wait_for(lambda: len(self.got) >= count, timeout=30), self.got

    def told_of(self, path: str) -> dict[str, Any]:
        return dict(next(json.loads(body) for _, its, _, body in self.got if its == path))

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, _, body in self.got]


@contextmanager
def serving(receiver: Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.take(self.command, self.path, dict(self.headers), body))
            self.end_headers()

        do_PUT = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        receiver.root = f"http://127.0.0.1:{server.server_port}"
        yield receiver
        server.shutdown()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serving(Receiver()) as receiver:
        yield receiver


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def app(tmp_path: Path) -> sandbox.App:
    return sandbox.create_app(tmp_path / "state.sqlite3", latency=0, plain=True)


@pytest.fixture
def root(app: sandbox.App, lines: list[str]) -> Iterator[str]:
    with sandbox.running(app, log=lines.append) as root:
        yield root


def send(root: str, **more: Any) -> dict[str, Any]:
    asked = order(**more)
    assert httpx.post(f"{root}/v1", json=[asked], headers=KEY).status_code == 200
    return asked


# -- Webhooks ------------------------------------------------------------------------------------------------


def test_one_post_for_each_result(root: str, receiver: Receiver) -> None:
    """JSON in the envelope of a reply, with the address's own query, and pictures that can be fetched."""
    asked = send(root, numberResults=3, webhookURL=f"{receiver.root}/hook?token=canary", includeCost=True)
    receiver.wait_for(3)
    assert {(method, path) for method, path, _, _ in receiver.got} == {("POST", "/hook?token=canary")}
    assert {headers["Content-Type"] for _, _, headers, _ in receiver.got} == {"application/json"}
    items = [item for told in receiver.told() for item in told["data"]]
    assert all(list(told) == ["data"] for told in receiver.told())
    assert len({item["imageUUID"] for item in items}) == 3
    assert {(item["taskUUID"], item["cost"]) for item in items} == {(asked["taskUUID"], 0.035)}
    assert httpx.get(items[0]["imageURL"]).status_code == 200


def test_errors_are_posted_too(root: str, receiver: Receiver) -> None:
    """A result that failed comes as ``errors``; the flag of a picture stands in its item."""
    safety = {"checkContent": True}
    send(root, prompt="sandbox:partial", numberResults=2, webhookURL=f"{receiver.root}/", safety=safety)
    receiver.wait_for(2)
    (good,) = [told["data"][0] for told in receiver.told() if "data" in told]
    (bad,) = [told["errors"][0] for told in receiver.told() if "errors" in told]
    assert good["NSFWContent"] is False
    assert (bad["code"], bad["status"]) == ("inferenceError", "error")


def test_the_picture_itself_can_be_posted(root: str, receiver: Receiver) -> None:
    """With base64 ordered, the POST has the bytes, as the reply would."""
    send(root, outputType="base64Data", webhookURL=receiver.root)
    receiver.wait_for(1)
    assert "imageBase64Data" in receiver.told()[0]["data"][0]


def test_a_webhook_that_fails_is_repeated(root: str, receiver: Receiver, lines: list[str]) -> None:
    """Until it says 2xx: the same body each time. A redirect is no answer and is not followed."""
    receiver.statuses = [500, 302]
    send(root, webhookURL=f"{receiver.root}/hook")
    receiver.wait_for(3)
    assert len({body for _, _, _, body in receiver.got}) == 1


def test_a_webhook_is_given_up(app: sandbox.App, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries nothing more is sent, and others are delivered as ever."""
    monkeypatch.setattr(courier, "FIRST", 0.001)
    monkeypatch.setattr(courier, "LONGEST", 0.002)
    receiver.statuses = [500] * courier.TRIES
    with sandbox.running(app) as root:
        send(root, webhookURL=f"{receiver.root}/bad")
        receiver.wait_for(courier.TRIES)
        send(root, webhookURL=f"{receiver.root}/good")
        receiver.wait_for(courier.TRIES + 1)
    assert [path for _, path, _, _ in receiver.got] == ["/bad"] * courier.TRIES + ["/good"]


def test_repeats_double_up_to_eight_seconds() -> None:
    """250 ms, then twice as long each time, never more than eight seconds."""
    waits = [min(courier.LONGEST, courier.FIRST * 2**tried) for tried in range(courier.TRIES - 1)]
    assert waits == [0.25, 0.5, 1, 2, 4, 8, 8, 8, 8]


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://127.0.0.1:8000/x", True), ("http://localhost/", True), ("https://[::1]:1/x?y", True),
        ("http://127.9.9.9/", True), ("http://u:p@127.0.0.1/", True),
        ("https://example.com/", False), ("http://10.0.0.1/", False), ("http://0.0.0.0/", False),
        ("http://localhost.example.com/", False), ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1@example.com/", False), ("http://2130706433/", False), ("http://127.1/", False),
        ("http://127.0.0.1:99999/", False), ("http://169.254.169.254/", False),
    ],
)  # fmt: skip
def test_only_this_machine(address: str, here: bool) -> None:
    """A loopback address or ``localhost``, by its name alone: nobody is asked where a name leads."""
    assert is_here(urlsplit(address)) is here


def test_another_host_is_logged_and_skipped(root: str, receiver: Receiver, lines: list[str]) -> None:
    """One line without path and query; the order itself is as ever."""
    send(root, webhookURL="https://hooks.example/a/secret?token=canary", uploadEndpoint="http://[")
    send(root, webhookURL=f"{receiver.root}/secret?token=canary")
    receiver.wait_for(1)
    until(lambda: sum(line.startswith(("webhook", "upload")) for line in lines) >= 3)
    assert "webhook to hooks.example skipped: not on this machine" in lines
    assert f"webhook to {receiver.root.removeprefix('http://')} 200" in lines
    assert not any("canary" in line or "secret" in line for line in lines)


def until(there: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(600):
        if there():
            return
        pause.wait(0.05)
    raise AssertionError("it never came")


def test_webhooks_that_come_twice_or_never(app: sandbox.App, receiver: Receiver) -> None:
    """``sandbox:hook-twice`` posts each result twice; ``sandbox:hook-lost`` none, and a poll tells it."""
    with sandbox.running(app) as root:
        lost = send(root, prompt="sandbox:hook-lost", webhookURL=f"{receiver.root}/lost")
        send(root, prompt="sandbox:hook-twice", webhookURL=f"{receiver.root}/twice")
        receiver.wait_for(2)
        question = {"taskType": "getResponse", "taskUUID": lost["taskUUID"]}
        (item,) = httpx.post(f"{root}/v1", json=[question], headers=KEY).json()["data"]
    assert item["status"] == "success"
    assert [path for _, path, _, _ in receiver.got] == ["/twice"] * 2
    assert receiver.got[0][3] == receiver.got[1][3]


# -- Uploads -------------------------------------------------------------------------------------------------


def test_the_file_is_put(root: str, receiver: Receiver) -> None:
    """The raw bytes that the result's address serves, to that very address, whose query is kept."""
    asked = send(root, uploadEndpoint=f"{receiver.root}/bucket/a.jpg?X-Amz-Signature=abc")
    receiver.wait_for(1)
    ((method, path, _, body),) = receiver.got
    assert (method, path) == ("PUT", "/bucket/a.jpg?X-Amz-Signature=abc")
    assert Image.open(io.BytesIO(body)).format == "JPEG"
    question = {"taskType": "getResponse", "taskUUID": asked["taskUUID"]}
    (item,) = httpx.post(f"{root}/v1", json=[question], headers=KEY).json()["data"]
    assert httpx.get(item["imageURL"]).content == body


def test_several_results_overwrite_each_other(root: str, receiver: Receiver) -> None:
    """Each is put to the one address; one that failed is not."""
    send(root, prompt="sandbox:partial", numberResults=3, uploadEndpoint=f"{receiver.root}/a.jpg")
    receiver.wait_for(2)
    assert [path for _, path, _, _ in receiver.got] == ["/a.jpg"] * 2


@pytest.mark.parametrize(
    ("word", "whole"), [("sandbox:wrong-type", False), ("sandbox:truncated", False), ("sandbox:bomb", False)]
)
def test_spoiled_files_are_put_spoiled(root: str, receiver: Receiver, word: str, whole: bool) -> None:
    """What a word does to the file at its address it does to the one that is put."""
    send(root, prompt=word, uploadEndpoint=f"{receiver.root}/a.jpg")
    receiver.wait_for(1)
    with pytest.raises((OSError, Image.DecompressionBombError)):
        Image.open(io.BytesIO(receiver.got[0][3])).load()


def test_an_upload_that_never_comes(root: str, receiver: Receiver) -> None:
    """``sandbox:upload-lost`` puts nothing, while the webhook and the result's address are as ever."""
    to = {"webhookURL": f"{receiver.root}/hook", "uploadEndpoint": f"{receiver.root}/lost"}
    send(root, prompt="sandbox:upload-lost", **to)
    send(root, uploadEndpoint=f"{receiver.root}/there")
    receiver.wait_for(2)
    assert sorted(path for _, path, _, _ in receiver.got) == ["/hook", "/there"]
    assert httpx.get(receiver.told_of("/hook")["data"][0]["imageURL"]).status_code == 200


def test_an_upload_that_comes_late(
    root: str, receiver: Receiver, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """``sandbox:upload-late`` puts the file long after one that was ordered later."""
    monkeypatch.setattr(courier, "LATE", 1.5)
    send(root, prompt="sandbox:upload-late", uploadEndpoint=f"{receiver.root}/late")
    send(root, uploadEndpoint=f"{receiver.root}/usual")
    receiver.wait_for(2)
    assert [path for _, path, _, _ in receiver.got] == ["/usual", "/late"]


def test_a_wrong_upload(root: str, receiver: Receiver) -> None:
    """``sandbox:upload-wrong`` puts half of a file that is whole at its own address."""
    to = {"webhookURL": f"{receiver.root}/hook", "uploadEndpoint": f"{receiver.root}/half"}
    send(root, prompt="sandbox:upload-wrong", **to)
    receiver.wait_for(2)
    whole = httpx.get(receiver.told_of("/hook")["data"][0]["imageURL"]).content
    (half,) = [body for method, _, _, body in receiver.got if method == "PUT"]
    assert half == whole[: len(whole) // 2]


# -- Where it acts -------------------------------------------------------------------------------------------


def test_in_process_nothing_is_delivered(app: sandbox.App, receiver: Receiver) -> None:
    """Nobody ticks: the order is taken and told by polls, and no thread starts."""
    before = threading.active_count()
    with connect(app) as client:
        assert client.post("/v1", json=[order(webhookURL=receiver.root)]).status_code == 200
    assert threading.active_count() <= before
    assert app.provider.couriers == []


def test_a_server_around_the_sandbox_delivers_too(app: sandbox.App, receiver: Receiver) -> None:
    """What stands around a sandbox and has it as its ``app`` is served with its courier."""

    class Around:
        def __init__(self, app: Any) -> None:
            self.app = app

        def __call__(self, environ: Any, start_response: Any) -> Any:
            return self.app(environ, start_response)

    with sandbox.running(Around(app)) as root:
        send(root, webhookURL=receiver.root)
        receiver.wait_for(1)


def test_a_stop_ends_the_courier(app: sandbox.App) -> None:
    """What waits is dropped, what hangs is broken off, and the sandbox is in process again."""
    with serving(Receiver()) as receiver:
        hanging = threading.Event()
        receiver.take = lambda *args: hanging.wait(30) and 200  # type: ignore[method-assign, return-value]
        with sandbox.running(app) as root:
            send(root, webhookURL=receiver.root)
            send(root, prompt="sandbox:slow", webhookURL=receiver.root)
            (take,) = app.provider.couriers
            line = take.__self__._lines  # type: ignore[attr-defined]
            until(lambda: bool(line))
        assert app.provider.couriers == []
        hanging.set()


def test_orders_that_never_end_are_not_waited_for(app: sandbox.App, receiver: Receiver) -> None:
    """``sandbox:stuck`` leaves nothing in the heap."""
    with sandbox.running(app) as root:
        send(root, prompt="sandbox:stuck", webhookURL=receiver.root)
        (take,) = app.provider.couriers
        assert take.__self__._due == []  # type: ignore[attr-defined]


def test_an_upload_to_the_sandbox_itself(root: str) -> None:
    """The media address of a served sandbox answers over the socket as well."""
    import base64

    media = base64.b64encode(photo()).decode()
    asked = {**order(), "taskType": "mediaStorage"}
    task = {"taskType": "mediaStorage", "taskUUID": asked["taskUUID"], "operation": "upload", "media": media}
    (item,) = httpx.post(f"{root}/v1", json=[task], headers=KEY).json()["data"]
    assert httpx.get(item["mediaURL"]).content == photo()
