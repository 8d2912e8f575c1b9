"""The sandbox's contract, in process through ``httpx.WSGITransport``."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from seedream_django import parameters, sandbox
from seedream_django.sandbox import reading
from seedream_django.sandbox.painting import painter

from .sandboxed import KEY, Clock, connect, error_of, order, poll, post

ROOT = Path(__file__).parent.parent


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


# -- The envelope and the key --------------------------------------------------------------------------------


def test_success_omits_errors(client: httpx.Client) -> None:
    """A success has ``data`` alone: an SDK takes a present ``errors: []`` for a failure."""
    reply = post(client, order())
    assert reply.status_code == 200
    assert list(reply.json()) == ["data"]
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer Sandbox", "bearer sandbox x"])
def test_wrong_key_is_401(client: httpx.Client, header: str) -> None:
    """A wrong key, also a nearly right one, is invalidApiKey; nothing is accepted."""
    reply = client.post("/v1", json=[order()], headers={"Authorization": header})
    assert reply.status_code == 401
    assert error_of(reply)["code"] == "invalidApiKey"


@pytest.mark.parametrize("header", ["", "Basic sandbox", "Bearer", "Bearer "])
def test_missing_key_is_401(app: sandbox.App, client: httpx.Client, header: str) -> None:
    """No key, or one that is not a Bearer's, is missingApiKey; nothing is accepted."""
    reply = client.post("/v1", json=[order()], headers={"Authorization": header})
    assert reply.status_code == 401
    assert error_of(reply)["code"] == "missingApiKey"
    assert app.books.accepted() == []


def test_authentication_as_first_task(client: httpx.Client) -> None:
    """The key may come as the first task: right, wrong, of a wrong type, or alone."""
    del client.headers["Authorization"]
    login = {"taskType": "authentication", "apiKey": "sandbox"}
    one = order()
    acknowledged = {"taskType": "imageInference", "taskUUID": one["taskUUID"]}
    assert post(client, login, one).json() == {"data": [acknowledged]}
    assert post(client, login).json()["data"][0]["taskType"] == "authentication"
    assert post(client, {**login, "apiKey": "no"}, order()).status_code == 401
    assert post(client, {**login, "apiKey": ["sandbox"]}, order()).status_code == 401
    assert post(client, order(), login).status_code == 401


def test_own_key(tmp_path: Path) -> None:
    """A sandbox made with another key takes that key and no longer the default one."""
    app = sandbox.create_app(tmp_path / "s", key="other", plain=True)
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://sandbox") as client:
        ping = [{"taskType": "ping", "ping": True}]
        assert client.post("/v1", json=ping, headers={"Authorization": "Bearer other"}).status_code == 200
        assert client.post("/v1", json=ping, headers=KEY).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe", b"nonsense", b"[NaN]", b"[" * 200_000, b"{}", b"[]", b'"text"', b"null", b"7",
        b'[{"a":' * 100_000, b"\x00",
    ],
)  # fmt: skip
def test_broken_bodies_are_400(client: httpx.Client, body: bytes) -> None:
    """What is not JSON, not an array or empty is a 400 in the provider's shape, never an exception."""
    reply = client.post("/v1", content=body)
    assert reply.status_code in {400, 411}
    assert error_of(reply)["code"] in {"invalidRequestBody", "lengthRequired"}


@pytest.mark.parametrize(
    "task", [None, 1, "x", [], [[]], {}, {"taskType": 5}, {"taskType": "other"}, {"taskType": []}]
)
def test_broken_tasks_are_400(client: httpx.Client, task: Any) -> None:
    """An entry that is no task is told by itself."""
    assert post(client, task).status_code == 400


def test_addresses_and_methods(client: httpx.Client) -> None:
    """A wrong method is 405 with Allow, an unknown address 404."""
    reply = client.get("/v1")
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")
    assert client.post("/pictures/x.jpg").status_code == 405
    assert client.get("/").status_code == 404
    assert client.post("/v2", json=[]).status_code == 404


def test_body_is_capped(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body over the cap is refused by its length, before it is read; a bad length is 400."""
    monkeypatch.setattr(reading, "MAX_BODY", 100)
    assert post(client, order()).status_code == 413
    assert client.post("/v1", content=b"[]", headers={"Content-Length": "-2"}).status_code == 400
    assert client.post("/v1", content=b"[]", headers={"Content-Length": "9" * 30}).status_code == 400
    assert client.post("/v1", content=b"[]", headers={"Content-Length": "50"}).status_code == 400


def test_batch_with_partial_success(app: sandbox.App, client: httpx.Client) -> None:
    """Each error is its own task's; the others succeed, and the reply is 200."""
    good, bad = order(), order("")
    reply = post(client, bad, good)
    assert reply.status_code == 200
    assert [item["taskUUID"] for item in reply.json()["data"]] == [good["taskUUID"]]
    assert [e["taskUUID"] for e in reply.json()["errors"]] == [bad["taskUUID"]]
    assert app.books.accepted() == [good["taskUUID"]]


def test_batch_that_failed_answers_the_first_status(client: httpx.Client) -> None:
    """When every task failed the reply has the status of its first error."""
    assert post(client, order("sandbox:nobalance"), order("")).status_code == 402
    assert post(client, order(""), order("sandbox:nobalance")).status_code == 400


# -- Validation ----------------------------------------------------------------------------------------------

FORMATS = {"allowedValues": ["JPG", "PNG", "WEBP"]}
REFERENCES = "inputs.referenceImages"
WRONG = [
    ({"positivePrompt": ""}, "invalidPositivePrompt", "positivePrompt", {"min": 1, "max": 2000}),
    ({"positivePrompt": "x" * 2001}, "invalidPositivePrompt", "positivePrompt", {"min": 1, "max": 2000}),
    ({"positivePrompt": "\ud83d"}, "invalidPositivePrompt", "positivePrompt", {}),
    ({"positivePrompt": "sandbox:typo"}, "invalidPositivePrompt", "positivePrompt", {}),
    ({"numberResults": 0}, "invalidNumberResults", "numberResults", {"min": 1, "max": 20}),
    ({"numberResults": 21}, "invalidNumberResults", "numberResults", {"min": 1, "max": 20}),
    ({"numberResults": 10**400}, "invalidNumberResults", "numberResults", {}),
    ({"width": 10**400}, "invalidWidth", "width", {}),
    ({"width": 10**17, "height": 10}, "unsupportedDimensions", ["width", "height"], {}),
    ({"width": 1024, "height": 1024}, "unsupportedDimensions", ["width", "height"], {"min": 3_686_400}),
    ({"width": "2048"}, "invalidWidth", "width", {}),
    ({"outputFormat": "GIF"}, "invalidOutputFormat", "outputFormat", FORMATS),
    ({"outputQuality": 19}, "invalidOutputQuality", "outputQuality", {"min": 20, "max": 99}),
    ({"ttl": 59}, "invalidTtl", "ttl", {"min": 60}),
    ({"seed": 5}, "unsupportedParameter", "seed", {}),
    ({"taskUUID": "no"}, "invalidTaskUUID", "taskUUID", {}),
    ({"taskUUID": str(uuid.uuid1())}, "invalidTaskUUID", "taskUUID", {}),
    ({"model": "other:model@1"}, "invalidModel", "model", {"allowedValues": [parameters.MODEL]}),
    ({"inputs": {"referenceImages": []}}, "invalidReferenceImagesCount", REFERENCES, {"max": 14}),
    ({"inputs": {"referenceImages": ["u"] * 15}}, "invalidReferenceImagesCount", REFERENCES, {"max": 14}),
    (
        {"providerSettings": {"bytedance": {"maxSequentialImages": 16}}}, "invalidMaxSequentialImages",
        "providerSettings.bytedance.maxSequentialImages", {"min": 1, "max": 15},
    ),
    (
        {"settings": {"maxSequentialImages": 2}, "inputs": {"referenceImages": ["u"] * 14}},
        "invalidMaxSequentialImages", "providerSettings.bytedance.maxSequentialImages", {"max": 15},
    ),
    (
        {"referenceImages": ["u"], "inputs": {"referenceImages": ["u"]}}, "invalidParameters",
        ["referenceImages", "inputs.referenceImages"], {},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "parameter", "limits"), WRONG)
def test_wrong_values(
    app: sandbox.App,
    client: httpx.Client,
    change: dict[str, Any],
    code: str,
    parameter: Any,
    limits: dict[str, Any],
) -> None:
    """A wrong value is a 400 with code, parameter, limits and the task's identity; nothing is accepted."""
    task = order(**change)
    reply = post(client, task)
    error = error_of(reply)
    assert reply.status_code == 400
    assert (error["code"], error["parameter"]) == (code, parameter)
    assert (error["taskType"], error["taskUUID"]) == ("imageInference", task["taskUUID"])
    assert error["message"]
    assert error["documentation"].startswith("https://")
    assert limits.items() <= error.items()
    assert app.books.accepted() == []


@pytest.mark.parametrize("name", ["taskUUID", "model", "positivePrompt", "width", "height"])
def test_missing_values(client: httpx.Client, name: str) -> None:
    """A required value that is missing is told by name."""
    task = order()
    del task[name]
    error = error_of(post(client, task))
    assert (error["code"], error["parameter"]) == ("missing" + name[0].upper() + name[1:], name)


def test_both_spellings_are_taken(app: sandbox.App, client: httpx.Client) -> None:
    """Newer and older spellings mean the same as the page's."""
    task = order(settings={"maxSequentialImages": 3}, referenceImages=["https://example.com/a.jpg"])
    assert post(client, task).status_code == 200
    kept = json.loads(app.books.request(task["taskUUID"]))
    assert kept["providerSettings"] == {"bytedance": {"maxSequentialImages": 3}}
    assert kept["inputs"] == {"referenceImages": ["https://example.com/a.jpg"]}


# -- Delivery ------------------------------------------------------------------------------------------------


def test_async_from_acknowledgement_to_file(client: httpx.Client, clock: Clock) -> None:
    """An acknowledgement of two keys, processing with progress, then the item and its file."""
    task = order(includeCost=True)
    assert post(client, task).json()["data"] == [{"taskType": "imageInference", "taskUUID": task["taskUUID"]}]
    clock.now += 2
    (item,) = poll(client, task)["data"]
    about = {"taskType": "imageInference", "taskUUID": task["taskUUID"]}
    assert item == {**about, "status": "processing", "progress": 50}
    clock.now += 2
    (item,) = poll(client, task)["data"]
    assert about.items() <= item.items()
    assert (item["status"], item["cost"]) == ("success", 0.035)
    assert item["imageURL"] == f"http://sandbox/pictures/{item['imageUUID']}.jpg"
    assert isinstance(item["seed"], int)
    picture = client.get(item["imageURL"], headers={"Authorization": ""})
    assert picture.headers["content-type"] == "image/jpeg"
    assert int(picture.headers["content-length"]) == len(picture.content)
    assert Image.open(io.BytesIO(picture.content)).size == (2048, 2048)


def test_results_come_one_after_another(client: httpx.Client, clock: Clock) -> None:
    """Replies are cumulative, finished items come first, and each result has its own UUID and seed."""
    task = order(numberResults=3)
    post(client, task)
    seen: list[list[str]] = []
    for _ in range(8):
        clock.now += 1
        items = poll(client, task)["data"]
        done = [i["imageUUID"] for i in items if i["status"] == "success"]
        assert [i["status"] for i in items] == ["success"] * len(done) + ["processing"] * (len(done) < 3)
        seen.append(done)
    assert [len(done) for done in seen] == [0, 0, 0, 1, 2, 3, 3, 3]
    assert all(seen[-1][: len(done)] == done for done in seen)
    assert len({i["seed"] for i in items}) == len({i["imageUUID"] for i in items}) == 3


def test_several_polls_in_one_request(client: httpx.Client, clock: Clock) -> None:
    """One request asks about many; finished items of all come before what is processing or unknown."""
    early, late, never = order(), order(), order()
    post(client, early)
    clock.now += 4
    post(client, late)
    items = poll(client, never, late, early)["data"]
    assert [i["status"] for i in items] == ["success", "processing", "processing"]
    assert items[0]["taskUUID"] == early["taskUUID"]
    assert items[1] == {"taskType": "getResponse", "taskUUID": never["taskUUID"], "status": "processing"}


def test_sync_holds_the_line(client: httpx.Client, clock: Clock) -> None:
    """A sync task answers its items, without a status, after its time."""
    task = order(numberResults=2, deliveryMethod="sync")
    items = post(client, task).json()["data"]
    assert sum(clock.slept) == 5
    assert len(items) == 2
    assert "status" not in items[0]
    assert "cost" not in items[0]
    assert client.get(items[0]["imageURL"]).status_code == 200


def test_sync_batch_waits_once(client: httpx.Client, clock: Clock) -> None:
    """All tasks of a batch are taken before any is waited for."""
    assert len(post(client, *(order(deliveryMethod="sync") for _ in range(3))).json()["data"]) == 3
    assert sum(clock.slept) == 4


@pytest.mark.parametrize(("kind", "key"), [("base64Data", "imageBase64Data"), ("dataURI", "imageDataURI")])
def test_bytes_in_the_reply(client: httpx.Client, kind: str, key: str) -> None:
    """Base64 and data URIs carry the very picture."""
    (item,) = post(client, order(deliveryMethod="sync", outputType=kind, outputFormat="WEBP")).json()["data"]
    head, _, text = item[key].rpartition(",")
    assert head == ("data:image/webp;base64" if kind == "dataURI" else "")
    assert Image.open(io.BytesIO(base64.b64decode(text))).format == "WEBP"
    assert "imageURL" not in item


@pytest.mark.parametrize(("name", "kind"), [("JPG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP")])
def test_formats(client: httpx.Client, name: str, kind: str) -> None:
    """Each format is what it says, by content, type and extension; another extension is not there."""
    (item,) = post(client, order(deliveryMethod="sync", outputFormat=name)).json()["data"]
    reply = client.get(item["imageURL"])
    assert reply.headers["content-type"] == f"image/{kind.lower()}"
    assert Image.open(io.BytesIO(reply.content)).format == kind
    other = "png" if name != "PNG" else "jpg"
    assert client.get(item["imageURL"].rpartition(".")[0] + "." + other).status_code == 404
    head = client.head(item["imageURL"])
    assert (head.status_code, head.content) == (200, b"")


def test_quality_changes_the_file(client: httpx.Client) -> None:
    """A lower quality makes a smaller file of the same picture."""
    sizes = []
    for quality in (20, 99):
        (item,) = post(client, order(deliveryMethod="sync", outputQuality=quality)).json()["data"]
        sizes.append(len(client.get(item["imageURL"]).content))
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("size", sorted(parameters.LISTED))
def test_every_listed_size_is_exact(client: httpx.Client, size: tuple[int, int]) -> None:
    """Each of the sixteen sizes comes back exactly, and decodes to its end."""
    (item,) = post(client, order(deliveryMethod="sync", width=size[0], height=size[1])).json()["data"]
    picture = Image.open(io.BytesIO(client.get(item["imageURL"]).content))
    picture.load()
    assert picture.size == size


@pytest.mark.parametrize("size", [(480, 7680), (12800, 800), (1920, 1920), (2560, 1440), (3225, 3226)])
def test_the_window_is_served_too(client: httpx.Client, size: tuple[int, int]) -> None:
    """The edges of the pixel window are accepted and exact."""
    (item,) = post(client, order(deliveryMethod="sync", width=size[0], height=size[1])).json()["data"]
    assert Image.open(io.BytesIO(client.get(item["imageURL"]).content)).size == size


def test_sequences(app: sandbox.App, client: httpx.Client) -> None:
    """A sequence brings that many items, times the number of results, each charged."""
    settings = {"bytedance": {"maxSequentialImages": 4}}
    reply = post(client, order(deliveryMethod="sync", providerSettings=settings, numberResults=2))
    assert len({item["imageUUID"] for item in reply.json()["data"]}) == 8
    assert [c.images for c in app.books.charges()] == [8]


def test_safety_shows_only_when_on(client: httpx.Client) -> None:
    """``NSFWContent`` is there when checking is on, by either switch."""
    for safety in ({"checkContent": True}, {"mode": "fast"}):
        (item,) = post(client, order(deliveryMethod="sync", safety=safety)).json()["data"]
        assert item["NSFWContent"] is False
    (item,) = post(client, order(deliveryMethod="sync", safety={"mode": "none"})).json()["data"]
    assert "NSFWContent" not in item


def test_ttl(client: httpx.Client, clock: Clock) -> None:
    """An address dies with its ttl; without one it lives."""
    orders = order(deliveryMethod="sync", ttl=60), order(deliveryMethod="sync")
    dying, living = (post(client, one).json()["data"][0] for one in orders)
    clock.now += 50
    assert client.get(dying["imageURL"]).status_code == 200
    clock.now += 20
    assert client.get(dying["imageURL"]).status_code == 404
    assert client.get(living["imageURL"]).status_code == 200


def test_pictures_are_not_there_early_or_unknown(client: httpx.Client) -> None:
    """An address is 404 before its time, for an unknown UUID and for anything that is no UUID."""
    from seedream_django.sandbox.provider import image_uuid

    task = order()
    post(client, task)
    early = image_uuid(task["taskUUID"], 0)
    for name in (early, str(uuid.uuid4()), "..%2f..%2fetc%2fpasswd", "x", early + "%0a", "%00"):
        assert client.get(f"/pictures/{name}.jpg").status_code == 404


def test_addresses_come_from_the_request(app: sandbox.App, tmp_path: Path) -> None:
    """Result addresses have the caller's scheme, host and port; a strange host does not; ``base`` decides."""
    transport = httpx.WSGITransport(app=app)
    for root, host, shown in (
        ("http://127.0.0.1:8765", None, "http://127.0.0.1:8765/"),
        ("https://sandbox", None, "https://sandbox/"),
        ("http://sandbox", 'x"><script>', "http://sandbox:80/"),
    ):
        with httpx.Client(transport=transport, base_url=root, headers=KEY) as client:
            headers = {"Host": host} if host else {}
            (item,) = post(client, order(deliveryMethod="sync"), headers=headers).json()["data"]
            assert item["imageURL"].startswith(shown)
    other = sandbox.create_app(tmp_path / "b", latency=0, plain=True, base="https://im.example/")
    with connect(other) as client:
        (item,) = post(client, order(deliveryMethod="sync")).json()["data"]
        assert item["imageURL"].startswith("https://im.example/pictures/")


# -- The other tasks -----------------------------------------------------------------------------------------


def test_task_details(client: httpx.Client, clock: Clock) -> None:
    """The archive has the request at once and the response when all is there; unknown is 404."""
    task = order()
    ask = {"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}
    reply = post(client, ask)
    assert (reply.status_code, error_of(reply)["code"]) == (404, "taskFailedOrNotFound")
    post(client, task)
    (details,) = post(client, ask).json()["data"]
    assert details == {**ask, "request": [task], "response": None}
    clock.now += 4
    (details,) = post(client, ask).json()["data"]
    assert details["response"]["data"][0]["taskUUID"] == task["taskUUID"]


def test_the_archive_holds_no_key(app: sandbox.App, client: httpx.Client, tmp_path: Path) -> None:
    """A key that came as a task is nowhere in the state file."""
    app._key = "canary-key"
    del client.headers["Authorization"]
    login = {"taskType": "authentication", "apiKey": "canary-key"}
    assert post(client, login, order("my words")).status_code == 200
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"my words" in kept
    assert b"canary-key" not in kept


def test_ping(client: httpx.Client) -> None:
    """Ping answers pong, and a wrong ping is told."""
    reply = post(client, {"taskType": "ping", "ping": True})
    assert reply.json() == {"data": [{"taskType": "ping", "pong": True}]}
    assert post(client, {"taskType": "ping"}).status_code == 400


def test_account(client: httpx.Client) -> None:
    """The balance is what the account began with less every charge."""
    ask = {"taskType": "accountManagement", "taskUUID": str(uuid.uuid4()), "operation": "getDetails"}
    before = post(client, ask).json()["data"][0]["balance"]["amount"]
    post(client, order(numberResults=4))
    assert before - post(client, ask).json()["data"][0]["balance"]["amount"] == pytest.approx(0.14)
    assert post(client, {**ask, "operation": "steal"}).status_code == 400


def test_questions_need_a_uuid(client: httpx.Client) -> None:
    """A question without a proper taskUUID is a 400."""
    for kind in ("getResponse", "getTaskDetails"):
        assert error_of(post(client, {"taskType": kind}))["code"] == "missingTaskUUID"
        assert error_of(post(client, {"taskType": kind, "taskUUID": "x"}))["code"] == "invalidTaskUUID"


def test_dry_run(app: sandbox.App, client: httpx.Client) -> None:
    """A dry run validates and prices, and leaves no trace."""
    task = order(numberResults=3)
    reply = post(client, task, headers={"X-Runware-Dry-Run": "1"})
    assert reply.json()["data"] == [
        {"taskType": "imageInference", "taskUUID": task["taskUUID"], "cost": pytest.approx(0.105)}
    ]
    assert post(client, order(""), headers={"X-Runware-Dry-Run": "1"}).status_code == 400
    assert (app.books.accepted(), app.books.charges()) == ([], [])
    post(client, task)
    assert error_of(post(client, task, headers={"X-Runware-Dry-Run": "1"}))["code"] == "conflictTaskUUID"


# -- The books -----------------------------------------------------------------------------------------------


def test_one_charge_a_task(app: sandbox.App, client: httpx.Client) -> None:
    """An accepted task is charged once, for all its results; a refused one not at all."""
    task = order(numberResults=4)
    for attempt in (task, task, order(""), order("sandbox:refused")):
        post(client, attempt)
    poll(client, task)
    assert app.books.charges() == [(task["taskUUID"], 4, Decimal("0.14"))]


def test_price(tmp_path: Path) -> None:
    """The price is the caller's to set, and adds up exactly."""
    app = sandbox.create_app(tmp_path / "s", price="0.1", latency=0, plain=True)
    with connect(app) as client:
        for _ in range(3):
            post(client, order())
    assert app.books.spent() == Decimal("0.3")


def test_conflict_survives_case_and_restart(app: sandbox.App, client: httpx.Client, tmp_path: Path) -> None:
    """A used taskUUID conflicts for ever: in other letters, and in another process's sandbox."""
    task = order()
    post(client, task)
    shouted = {**task, "taskUUID": task["taskUUID"].upper()}
    assert error_of(post(client, shouted))["code"] == "conflictTaskUUID"
    again = sandbox.create_app(tmp_path / "state.sqlite3", plain=True)
    with connect(again) as other:
        reply = post(other, task)
    assert (reply.status_code, error_of(reply)["code"]) == (400, "conflictTaskUUID")


def test_conflict_in_one_batch(app: sandbox.App, client: httpx.Client) -> None:
    """The same UUID twice in one request is accepted once."""
    task = order()
    reply = post(client, task, task)
    assert len(reply.json()["data"]) == len(reply.json()["errors"]) == 1
    assert len(app.books.charges()) == 1


def test_conflict_between_threads(app: sandbox.App) -> None:
    """Of eight threads that send the same twenty tasks, each task is accepted by exactly one."""
    tasks = [order() for _ in range(20)]
    statuses: list[int] = []

    def send() -> None:
        with connect(app) as client:
            statuses.extend(post(client, task).status_code for task in tasks)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(200) == 20
    assert statuses.count(400) == 140
    assert len(app.books.charges()) == 20


_SENDER = """
import json, sys, httpx
from seedream_django import sandbox
tasks = json.load(sys.stdin)
app = sandbox.create_app(sys.argv[1], plain=True)
transport = httpx.WSGITransport(app=app)
with httpx.Client(transport=transport, base_url="http://sandbox") as client:
    replies = [client.post("/v1", json=[t], headers={"Authorization": "Bearer sandbox"}) for t in tasks]
print(sum(r.status_code == 200 for r in replies), sum(r.status_code == 400 for r in replies))
"""


def _run_sender(state: Path, tasks: str) -> list[int]:
    command = [sys.executable, "-c", _SENDER, str(state)]
    done = subprocess.run(
        command, cwd=ROOT, input=tasks, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return [int(n) for n in done.stdout.split()]


def test_conflict_between_processes(tmp_path: Path) -> None:
    """Two processes that start together on a new file accept each of forty tasks exactly once."""
    state = tmp_path / "shared.sqlite3"
    tasks = json.dumps([order() for _ in range(40)])
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda n: _run_sender(state, tasks), range(2)))
    assert sum(c[0] for c in counts) == 40
    assert sum(c[1] for c in counts) == 40
    assert len(sandbox.Books(state).charges()) == 40


# -- Trigger words -------------------------------------------------------------------------------------------

REFUSALS = [trigger for trigger in sandbox.TRIGGERS if trigger.at == "submit" and not trigger.spoil]


@pytest.mark.parametrize("trigger", REFUSALS, ids=lambda t: t.word)
def test_refusals(app: sandbox.App, client: httpx.Client, trigger: sandbox.Trigger) -> None:
    """Each refusing word answers its status and code, and the books stay empty."""
    reply = post(client, order(f"a fox {trigger.word.upper()} at night"))
    assert reply.status_code == trigger.status
    assert error_of(reply)["code"] == trigger.code
    limited = trigger.status == 429 and trigger.word != "sandbox:429-bare"
    assert reply.headers.get("retry-after") == ("1" if limited else None)
    assert (app.books.accepted(), app.books.charges()) == ([], [])


def test_rate_limit_ends(app: sandbox.App, client: httpx.Client, tmp_path: Path) -> None:
    """``sandbox:429`` lets each task in at its third try, counted across sandboxes on one file."""
    other = connect(sandbox.create_app(tmp_path / "state.sqlite3", plain=True))
    task = order("sandbox:429")
    with other:
        assert [post(c, task).status_code for c in (client, other, client, other)] == [429, 429, 200, 400]
    assert post(client, order("sandbox:429")).status_code == 429
    assert len(app.books.charges()) == 1


def test_rate_limit_for_ever(client: httpx.Client) -> None:
    """``sandbox:always429`` never lets a task in."""
    task = order("sandbox:always429")
    assert {post(client, task).status_code for _ in range(5)} == {429}


def test_503_after_accepting(app: sandbox.App, client: httpx.Client, clock: Clock) -> None:
    """``sandbox:503-after`` answers 503, yet the task is charged, conflicts if sent again, can be polled."""
    task = order("sandbox:503-after")
    assert post(client, task).status_code == 503
    assert len(app.books.charges()) == 1
    assert error_of(post(client, task))["code"] == "conflictTaskUUID"
    clock.now += 4
    assert poll(client, task)["data"][0]["status"] == "success"


@pytest.mark.parametrize(
    ("word", "code", "status"),
    [("sandbox:fails", "inferenceError", 500), ("sandbox:flagged-late", "contentPolicyViolation", 400)],
)
def test_late_failures(
    app: sandbox.App, client: httpx.Client, clock: Clock, word: str, code: str, status: int
) -> None:
    """Accepted, processing, then one error a result with its status; free; sync answers a status."""
    task = order(word, numberResults=2)
    assert post(client, task).status_code == 200
    assert poll(client, task)["data"][0]["status"] == "processing"
    clock.now += 8
    reply = poll(client, task)
    assert list(reply) == ["errors"]
    told = [(e["code"], e["status"], e["taskUUID"]) for e in reply["errors"]]
    assert told == [(code, "error", task["taskUUID"])] * 2
    assert app.books.charges() == []
    assert post(client, order(word, deliveryMethod="sync")).status_code == status
    details = post(client, {"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}).json()["data"][0]
    assert [e["code"] for e in details["response"]["errors"]] == [code, code]


def test_partial(app: sandbox.App, client: httpx.Client, clock: Clock) -> None:
    """``sandbox:partial``: the last of n errors, the others come and are what is charged."""
    task = order("sandbox:partial", numberResults=3)
    post(client, task)
    clock.now += 8
    reply = poll(client, task)
    assert [len(reply["data"]), len(reply["errors"])] == [2, 1]
    assert app.books.charges() == [(task["taskUUID"], 2, Decimal("0.07"))]
    sync = post(client, order("sandbox:partial", numberResults=3, deliveryMethod="sync"))
    assert sync.status_code == 200
    assert [len(sync.json()["data"]), len(sync.json()["errors"])] == [2, 1]


def test_nsfw(app: sandbox.App, client: httpx.Client) -> None:
    """``sandbox:nsfw``: the last of n is flagged where the check was asked for; all are paid for."""
    for asked, flags in ((True, [False, False, True]), (False, [None] * 3)):
        task = order("sandbox:nsfw", numberResults=3, deliveryMethod="sync", safety={"checkContent": asked})
        assert [item.get("NSFWContent") for item in post(client, task).json()["data"]] == flags
    assert [charge.images for charge in app.books.charges()] == [3, 3]


def test_slow(client: httpx.Client, clock: Clock) -> None:
    """``sandbox:slow`` takes thirty seconds."""
    task = order("sandbox:slow")
    post(client, task)
    clock.now += 29
    assert poll(client, task)["data"][0]["status"] == "processing"
    clock.now += 1
    assert poll(client, task)["data"][0]["status"] == "success"


def test_stuck(app: sandbox.App, client: httpx.Client, clock: Clock) -> None:
    """``sandbox:stuck`` is charged and processing for ever; a sync one ends in 504."""
    task = order("sandbox:stuck")
    post(client, task)
    clock.now += 10_000_000
    assert poll(client, task)["data"][0]["status"] == "processing"
    assert len(app.books.charges()) == 1
    reply = post(client, order("sandbox:stuck", deliveryMethod="sync"))
    assert (reply.status_code, error_of(reply)["code"]) == (504, "timeoutProvider")


def test_null_cost(client: httpx.Client) -> None:
    """``sandbox:nullcost`` answers a null cost where one was asked for."""
    (item,) = post(client, order("sandbox:nullcost", includeCost=True, deliveryMethod="sync")).json()["data"]
    assert item["cost"] is None


def picture_of(client: httpx.Client, prompt: str) -> str:
    (item,) = post(client, order(prompt, deliveryMethod="sync")).json()["data"]
    return str(item["imageURL"])


def test_html(client: httpx.Client) -> None:
    """``sandbox:html`` answers 502 with HTML twice, then the picture; ``-always`` for ever."""
    url = picture_of(client, "sandbox:html")
    replies = [client.get(url) for _ in range(3)]
    assert [r.status_code for r in replies] == [502, 502, 200]
    assert replies[0].headers["content-type"] == "text/html"
    assert Image.open(io.BytesIO(replies[2].content)).size == (2048, 2048)
    url = picture_of(client, "sandbox:html-always")
    assert {client.get(url).status_code for _ in range(4)} == {502}


def test_truncated(client: httpx.Client) -> None:
    """``sandbox:truncated`` is a file that opens and does not decode, with a Content-Length that fits it."""
    for _ in range(2):
        reply = client.get(picture_of(client, "sandbox:truncated"))
        assert reply.status_code == 200
        assert int(reply.headers["content-length"]) == len(reply.content)
        with pytest.raises(OSError, match="truncated"):
            Image.open(io.BytesIO(reply.content)).load()


def test_expired(client: httpx.Client) -> None:
    """``sandbox:expired`` has an address that is gone."""
    assert client.get(picture_of(client, "sandbox:expired")).status_code == 404


def test_words_act_together(client: httpx.Client, clock: Clock) -> None:
    """Two words in one prompt both act."""
    task = order("sandbox:slow sandbox:partial", numberResults=2)
    post(client, task)
    clock.now += 29
    assert poll(client, task)["data"][0]["status"] == "processing"
    clock.now += 60
    assert len(poll(client, task)["errors"]) == 1


def test_every_trigger_is_documented_and_tested() -> None:
    """Each word has a sentence, is unique, and stands in a test of the sandbox or is among the refusals."""
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_sandbox*.py")
    )
    assert len(sandbox.triggers.BY_WORD) == len(sandbox.TRIGGERS)
    for trigger in sandbox.TRIGGERS:
        assert trigger.text.endswith(".")
        assert trigger in REFUSALS or f'"{trigger.word}' in source


# -- Pictures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [painter.plain, painter.paint])
def test_pictures_are_determined(draw: Any) -> None:
    """The same prompt, seed and size give the same pixels; another prompt or seed gives others."""
    first = draw("a red fox", 1, 480, 320).tobytes()
    assert first == draw("a red fox", 1, 480, 320).tobytes()
    assert first != draw("a red fox", 2, 480, 320).tobytes()
    assert first != draw("a blue whale", 1, 480, 320).tobytes()


@pytest.mark.parametrize("size", [(1600, 480), (480, 1600), (64, 1024), (1024, 64), (333, 777)])
def test_painted_sizes_are_exact(size: tuple[int, int]) -> None:
    """A painted picture is exactly as large as asked, in any shape, and RGB."""
    picture = painter.paint("a lighthouse in a storm, night 🦊 \x00", 5, *size)
    assert (picture.size, picture.mode) == (size, "RGB")


def test_seed_option_repeats_pictures(tmp_path: Path) -> None:
    """With ``seed`` two tasks of the same prompt have the same seeds and distinct image UUIDs."""
    app = sandbox.create_app(tmp_path / "s", seed=7, latency=0, plain=True)
    with connect(app) as client:
        items = [post(client, order(deliveryMethod="sync")).json()["data"][0] for _ in range(2)]
    assert items[0]["seed"] == items[1]["seed"]
    assert items[0]["imageUUID"] != items[1]["imageUUID"]


def test_the_sandbox_knows_no_django(tmp_path: Path) -> None:
    """Importing and using the sandbox imports neither Django nor httpx nor huey."""
    code = (
        "import sys, seedream_django.sandbox as s; s.create_app(sys.argv[1])\n"
        "found = {m.partition('.')[0] for m in sys.modules} & {'django', 'httpx', 'huey'}\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "s")], cwd=ROOT, check=True)


@pytest.mark.parametrize("prompt", ["🦊", "2026", "!!!", "...", "🦊" * 1000])
def test_prompt_without_a_letter(tmp_path: Path, prompt: str) -> None:
    """What no word decides is still a picture: it was paid for."""
    picture = painter.paint(prompt, 1, 2048, 2048)
    assert picture.size == (2048, 2048)
