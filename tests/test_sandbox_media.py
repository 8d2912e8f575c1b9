"""The sandbox's uploads and references: what it takes, what it refuses, how long it keeps it."""

from __future__ import annotations

import io
import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from seedream_django import sandbox
from seedream_django.sandbox import media, references
from seedream_django.sandbox.stock import KEPT

from .sandboxed import Clock, as_base64, as_data_uri, connect, error_of, made, order, photo, poll, post, task

REFERENCES = "inputs.referenceImages"
MAX_BYTES = 10 * 1024 * 1024


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


def upload(client: httpx.Client, given: str) -> dict[str, Any]:
    reply = post(client, task("mediaStorage", operation="upload", media=given))
    assert reply.status_code == 200, reply.json()
    return dict(reply.json()["data"][0])


def drop(client: httpx.Client, name: str) -> httpx.Response:
    return post(client, task("mediaStorage", operation="delete", media=name))


def with_references(*given: str, **more: Any) -> dict[str, Any]:
    return order(inputs={"referenceImages": list(given)}, **more)


def keys_of(app: sandbox.App, task: dict[str, Any]) -> tuple[str, ...]:
    found = app.books.task(task["taskUUID"])
    assert found is not None
    return found[0].references


# -- Uploading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("spelt", [as_base64, as_data_uri])
def test_an_upload_has_a_uuid_and_an_address(client: httpx.Client, kind: str, spelt: Any) -> None:
    """Each format, bare or as a data URI (whose type is not believed), comes back byte for byte."""
    data = photo(kind=kind)
    item = upload(client, spelt(data))
    assert (item["taskType"], item["operation"]) == ("mediaStorage", "upload")
    assert uuid.UUID(item["mediaUUID"]).version == 4
    reply = client.get(item["mediaURL"], headers={"Authorization": ""})
    assert reply.content == data
    assert reply.headers["content-type"] == f"image/{kind.lower()}"


def test_image_upload(client: httpx.Client) -> None:
    """The older task answers ``imageUUID`` and ``imageURL``, and its UUID is a reference like any other."""
    asked = task("imageUpload", image=as_data_uri(photo()))
    (item,) = post(client, asked).json()["data"]
    assert (item["taskType"], item["taskUUID"]) == ("imageUpload", asked["taskUUID"])
    assert client.get(item["imageURL"]).content == photo()
    assert post(client, with_references(item["imageUUID"])).status_code == 200


def test_an_upload_by_address(client: httpx.Client) -> None:
    """An address of the sandbox's own is looked up; any other is taken as it is, and nothing is fetched."""
    (item,) = made(client)
    again = upload(client, item["imageURL"])
    assert client.get(again["mediaURL"]).content == client.get(item["imageURL"]).content
    other = upload(client, "https://example.com/a.jpg")
    assert "mediaURL" not in other
    for name in (again["mediaUUID"], other["mediaUUID"]):
        assert post(client, with_references(name)).status_code == 200


def test_a_deleted_upload_is_refused(client: httpx.Client) -> None:
    """Deleting answers its UUID, once; after it the UUID is refused, and its address is gone."""
    item = upload(client, as_base64(photo()))
    (answer,) = drop(client, item["mediaUUID"].upper()).json()["data"]
    assert (answer["operation"], answer["mediaUUID"]) == ("delete", item["mediaUUID"])
    error = error_of(drop(client, item["mediaUUID"]))
    assert (error["code"], error["parameter"]) == ("invalidMedia", "media")
    assert error_of(post(client, with_references(item["mediaUUID"])))["parameter"] == REFERENCES
    assert client.get(item["mediaURL"]).status_code == 404


def test_an_upload_lives_for_thirty_days_after_its_last_use(client: httpx.Client, clock: Clock) -> None:
    """By the provider's clock: a use begins them anew, looking does not, and then the UUID is refused."""
    item = upload(client, as_base64(photo()))
    clock.now += KEPT - 10
    assert post(client, with_references(item["mediaUUID"])).status_code == 200
    clock.now += KEPT - 10
    assert client.get(item["mediaURL"]).status_code == 200
    clock.now += 20
    reply = post(client, with_references(item["mediaUUID"]))
    assert (reply.status_code, error_of(reply)["parameter"]) == (400, REFERENCES)
    assert drop(client, item["mediaUUID"]).status_code == 400


def test_what_nobody_needs_goes(app: sandbox.App, client: httpx.Client, clock: Clock) -> None:
    """The bytes of uploads that are over or deleted go from the file, but for what a picture was made from."""
    needed, over = photo(colour="red"), photo(colour="blue")
    post(client, with_references(upload(client, as_base64(needed))["mediaUUID"]))
    upload(client, as_base64(over))
    clock.now += KEPT + 1
    last = upload(client, as_base64(photo(colour="green")))
    drop(client, last["mediaUUID"])
    with sqlite3.connect(app.books.path) as connection:
        assert [row[0] for row in connection.execute("SELECT data FROM blob")] == [needed]
        assert connection.execute("SELECT count(*) FROM media").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    ("change", "code", "parameter", "limits"),
    [
        ({"operation": None}, "invalidOperation", "operation", {"allowedValues": ["upload", "delete"]}),
        ({"operation": "list"}, "invalidOperation", "operation", {"allowedValues": ["upload", "delete"]}),
        ({"operation": []}, "invalidOperation", "operation", {"allowedValues": ["upload", "delete"]}),
        ({"media": ""}, "invalidMedia", "media", {}),
        ({"media": 5}, "invalidMedia", "media", {}),
        ({"media": "nonsense!"}, "invalidMedia", "media", {}),
        ({"media": str(uuid.uuid4())}, "invalidMedia", "media", {}),
        ({"media": "http://sandbox/pictures/x.jpg"}, "invalidMedia", "media", {}),
        ({"name": "x"}, "unsupportedParameter", "name", {}),
        ({"taskUUID": "x"}, "invalidTaskUUID", "taskUUID", {}),
    ],
)
def test_wrong_uploads(
    client: httpx.Client, change: dict[str, Any], code: str, parameter: str, limits: dict[str, Any]
) -> None:
    """Each wrong value is a 400 with its code, parameter and limits."""
    asked = {**task("mediaStorage", operation="upload", media=as_base64(photo())), **change}
    reply = post(client, asked)
    error = error_of(reply)
    assert (reply.status_code, error["code"], error["parameter"]) == (400, code, parameter)
    assert limits.items() <= error.items()


@pytest.mark.parametrize("name", ["operation", "media", "taskUUID"])
def test_missing_fields_of_an_upload(client: httpx.Client, name: str) -> None:
    """What is missing is told by name; so is the image of the older task."""
    asked = task("mediaStorage", operation="upload", media=as_base64(photo()))
    del asked[name]
    error = error_of(post(client, asked))
    assert (error["code"], error["parameter"]) == (f"missing{name[0].upper()}{name[1:]}", name)
    assert error_of(post(client, task("imageUpload")))["code"] == "missingImage"


def test_a_dry_upload_keeps_nothing(app: sandbox.App, client: httpx.Client) -> None:
    """It is checked and forgotten; a dry deletion deletes nothing."""
    dry = {"X-Runware-Dry-Run": "1"}
    asked = task("mediaStorage", operation="upload", media=as_base64(photo()))
    (item,) = post(client, asked, headers=dry).json()["data"]
    assert post(client, with_references(item["mediaUUID"])).status_code == 400
    assert post(client, {**asked, "media": "x"}, headers=dry).status_code == 400
    kept = upload(client, as_base64(photo()))["mediaUUID"]
    assert post(client, task("mediaStorage", operation="delete", media=kept), headers=dry).status_code == 200
    assert drop(client, kept).status_code == 200


# -- What is a picture ---------------------------------------------------------------------------------------


def noise(size: int) -> bytes:
    """A whole PNG of so many bytes: what follows its end is ignored."""
    data = photo()
    return data + bytes(size - len(data))


USABLE = [
    photo((15, 15)),
    photo((15, 240)),
    photo((240, 15)),
    photo((6000, 6000), "JPEG"),
    noise(MAX_BYTES),
]


@pytest.mark.parametrize("data", USABLE, ids=lambda data: str(len(data)))
def test_the_edges_of_what_is_taken(data: bytes) -> None:
    """15 pixels a side, 1:16, 36 megapixels and 10 MB are all right."""
    assert media.inspected(data).bytes == len(data)


UNUSABLE = [
    (photo((14, 14)), {"min": 15}),
    (photo((14, 200)), {"min": 15}),
    (photo((15, 241)), {"max": 16}),
    (photo((241, 15)), {"max": 16}),
    (photo((6001, 6000), "JPEG"), {"max": 36_000_000}),
    (noise(MAX_BYTES + 1), {"max": MAX_BYTES}),
    (photo((100, 100), "GIF"), {"allowedValues": ["JPG", "PNG", "WEBP"]}),
    (photo((100, 100), "BMP"), {"allowedValues": ["JPG", "PNG", "WEBP"]}),
    (photo((100, 100), "JPEG")[:400], {"allowedValues": ["JPG", "PNG", "WEBP"]}),
    (b"<html>not a picture</html>", {"allowedValues": ["JPG", "PNG", "WEBP"]}),
    (b"\x89PNG\r\n\x1a\n", {"allowedValues": ["JPG", "PNG", "WEBP"]}),
]


@pytest.mark.parametrize(("data", "limits"), UNUSABLE, ids=range(len(UNUSABLE)))
@pytest.mark.parametrize("door", ["media", "image", "reference"])
def test_unusable_pictures(
    app: sandbox.App, client: httpx.Client, data: bytes, limits: dict[str, Any], door: str
) -> None:
    """By every door: a 400 with the limit that it breaks, and nothing is kept or charged."""
    given = as_data_uri(data)
    code, parameter, asked = {
        "media": ("invalidMedia", "media", task("mediaStorage", operation="upload", media=given)),
        "image": ("invalidImage", "image", task("imageUpload", image=given)),
        "reference": ("invalidReferenceImages", REFERENCES, with_references(given)),
    }[door]
    reply = post(client, asked)
    error = error_of(reply)
    assert (reply.status_code, error["code"], error["parameter"]) == (400, code, parameter)
    assert limits.items() <= error.items()
    assert app.books.accepted() == []


def test_a_bomb_is_refused_by_its_header(client: httpx.Client) -> None:
    """Thirty thousand pixels a side are refused without being decoded, also as a reference."""
    from seedream_django.sandbox.files import bomb

    assert error_of(post(client, with_references(as_base64(bomb()))))["max"] == 36_000_000


def test_every_way_to_break_a_picture_is_told() -> None:
    """A byte changed anywhere in the first hundred of each format is a picture or ``Unusable``, never an error."""
    for kind in ("PNG", "JPEG", "WEBP"):
        data = photo((40, 30), kind)
        for place in range(min(100, len(data))):
            for value in (0, 0x7F, 0xFF):
                with suppress(media.Unusable):
                    media.inspected(data[:place] + bytes([value]) + data[place + 1 :])


# -- References ----------------------------------------------------------------------------------------------


def test_each_kind_of_reference_has_its_key(app: sandbox.App, client: httpx.Client) -> None:
    """In the order given: content by its sha256, own pictures by UUID and by address, other addresses unfetched."""
    (picture,) = made(client)
    kept = upload(client, as_base64(photo()))
    content = media.decoded(as_base64(photo()))
    asked = with_references(
        picture["imageUUID"].upper(),
        "https://example.com/a.jpg?secret=1",
        as_base64(photo()),
        kept["mediaUUID"],
        kept["mediaURL"],
        picture["imageURL"],
        as_data_uri(photo(colour="red")),
    )
    assert post(client, asked).status_code == 200
    keys = keys_of(app, asked)
    assert keys[0] == keys[5] == f"picture:{picture['imageUUID']}"
    assert keys[1].startswith("url:")
    assert "secret" not in keys[1]
    assert keys[2] == keys[3] == keys[4]
    stock = app.provider.stock
    assert stock.blob(keys[2]) == content
    assert stock.blob(keys[6]) == photo(colour="red")
    assert stock.blob(keys[1]) is None


def test_a_reference_that_is_a_picture_is_that_picture(app: sandbox.App, client: httpx.Client) -> None:
    """Its own picture reaches the gallery as the very file that its address serves."""
    (picture,) = made(client)
    file = client.get(picture["imageURL"]).content
    made(client, inputs={"referenceImages": [picture["imageUUID"]]})
    assert references.content(app.provider, f"picture:{picture['imageUUID']}") == file


def test_an_edit_of_an_edit(app: sandbox.App, client: httpx.Client) -> None:
    """A chain of sixty edits, none of them ever fetched, is drawn without running out of stack."""
    (item,) = made(client, numberResults=1)
    for _ in range(60):
        (item,) = made(client, inputs={"referenceImages": [item["imageUUID"]]})
    reply = client.get(item["imageURL"])
    assert Image.open(io.BytesIO(reply.content)).size == (2048, 2048)


@pytest.mark.parametrize(
    "given",
    [
        str(uuid.uuid4()), "not a picture", "data:image/png,xyz", "data:image/png;base64,", "data:", "\ud83d",
        "http://sandbox/pictures/nothing.jpg", "http://sandbox/other", "ftp://example.com/a.jpg", "A" * 15_000_000,
    ],
    ids=lambda given: repr(given)[:30],
)  # fmt: skip
def test_references_that_are_none(app: sandbox.App, client: httpx.Client, given: str) -> None:
    """An unknown UUID, broken data, an address of ours with nothing at it: 400, which says the reference's number."""
    asked = with_references(as_base64(photo()), given)
    reply = post(client, asked)
    error = error_of(reply)
    assert (reply.status_code, error["code"]) == (400, "invalidReferenceImages")
    assert (error["parameter"], error["taskUUID"]) == (REFERENCES, asked["taskUUID"])
    assert "Reference 2" in error["message"]
    assert (app.books.accepted(), app.books.charges()) == ([], [])


def test_a_picture_that_is_not_there_is_no_reference(client: httpx.Client, clock: Clock) -> None:
    """Not before it is made, and not when it failed."""
    from seedream_django.sandbox.provider import image_uuid

    early, failed = order(), order("sandbox:fails")
    for one in (early, failed):
        post(client, one)
        assert post(client, with_references(image_uuid(one["taskUUID"], 0))).status_code == 400
    clock.now += 60
    assert post(client, with_references(image_uuid(early["taskUUID"], 0))).status_code == 200
    assert post(client, with_references(image_uuid(failed["taskUUID"], 0))).status_code == 400


def test_a_conflict_is_told_before_a_reference_that_has_gone(client: httpx.Client) -> None:
    """A task that is sent again conflicts, which proves that it was accepted, though its upload was deleted."""
    name = upload(client, as_base64(photo()))["mediaUUID"]
    asked = with_references(name)
    post(client, asked)
    drop(client, name)
    assert error_of(post(client, asked))["code"] == "conflictTaskUUID"


def test_a_deleted_upload_still_makes_its_picture(client: httpx.Client, clock: Clock) -> None:
    """What was accepted with it is drawn, though the upload is gone."""
    name = upload(client, as_base64(photo()))["mediaUUID"]
    asked = with_references(name)
    post(client, asked)
    drop(client, name)
    clock.now += 10
    (item,) = poll(client, asked)["data"]
    assert client.get(item["imageURL"]).status_code == 200


def test_polls_do_not_read_the_request(app: sandbox.App, client: httpx.Client) -> None:
    """Megabytes of base64 are in a table of their own, and the archive gives them back."""
    asked = with_references(as_base64(noise(8_000_000)))
    post(client, asked)
    with sqlite3.connect(app.books.path) as connection:
        assert connection.execute("SELECT request FROM task").fetchone() == ("",)
    connection.close()
    (details,) = post(client, {**asked, "taskType": "getTaskDetails"}).json()["data"]
    assert details["request"] == [asked]


# -- Sequences -----------------------------------------------------------------------------------------------


def sequence(frames: int) -> dict[str, Any]:
    return {"providerSettings": {"bytedance": {"maxSequentialImages": frames}}}


def test_frames_know_their_place(app: sandbox.App, client: httpx.Client) -> None:
    """Each result is a sequence with one seed; the frames of one result share it, in order."""
    asked = order(deliveryMethod="sync", numberResults=2, **sequence(3))
    items = post(client, asked).json()["data"]
    task, results = app.books.task(asked["taskUUID"]) or (None, [])
    assert task is not None
    orders = [references.order_of(task, result) for result in results]
    assert [(o.frame, o.frames) for o in orders] == [(0, 3), (1, 3), (2, 3)] * 2
    seeds = [item["seed"] for item in items]
    assert seeds[:3] == [seeds[0]] * 3
    assert seeds[3:] == [seeds[3]] * 3
    assert seeds[0] != seeds[3]


@pytest.mark.parametrize(("asked", "come"), [(1, 1), (2, 1), (3, 1), (6, 4)])
def test_fewer(app: sandbox.App, client: httpx.Client, clock: Clock, asked: int, come: int) -> None:
    """``sandbox:fewer``: all but the last two frames, at least one; then nothing is processing; what came is paid."""
    one = order("sandbox:fewer", numberResults=2, **sequence(asked))
    post(client, one)
    clock.now += 60
    reply = poll(client, one)
    assert list(reply) == ["data"]
    assert [item["status"] for item in reply["data"]] == ["success"] * come * 2
    assert [charge.images for charge in app.books.charges()] == [come * 2]
    frames = [
        references.order_of(task, r).frame for task, rs in [app.books.task(one["taskUUID"])] for r in rs
    ]  # type: ignore[misc]
    assert frames == [*range(come)] * 2


# -- Older files ---------------------------------------------------------------------------------------------

_OLD = """
CREATE TABLE task (
    uuid TEXT PRIMARY KEY, accepted REAL NOT NULL, prompt TEXT NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL, quality INTEGER NOT NULL,
    output_type TEXT NOT NULL, ttl INTEGER, include_cost INTEGER NOT NULL, checked INTEGER NOT NULL,
    request TEXT NOT NULL
);
CREATE TABLE result (
    image TEXT PRIMARY KEY, task TEXT NOT NULL REFERENCES task, position INTEGER NOT NULL,
    seed INTEGER NOT NULL, ready REAL NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, cost INTEGER
) WITHOUT ROWID;
CREATE TABLE charge (
    task TEXT PRIMARY KEY REFERENCES task, images INTEGER NOT NULL, amount INTEGER NOT NULL, at REAL NOT NULL
) WITHOUT ROWID;
"""


def test_the_file_of_an_older_sandbox_still_opens(tmp_path: Path) -> None:
    """Its tasks are polled, drawn and archived as before, and new ones are taken beside them; twice as well."""
    state, asked = tmp_path / "old.sqlite3", order()
    image = str(uuid.uuid4())
    with sqlite3.connect(state) as connection:
        connection.executescript(_OLD)
        row = (asked["taskUUID"], 1.0, "a fox", 2048, 2048, "JPG", 95, "URL", None, 1, 0, json.dumps(asked))
        connection.execute("INSERT INTO task VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row)
        result = (image, asked["taskUUID"], 0, 7, 2.0, "", "", 35_000)
        connection.execute("INSERT INTO result VALUES (?,?,?,?,?,?,?,?)", result)
        connection.execute("INSERT INTO charge VALUES (?, 1, 35000, 1.0)", (asked["taskUUID"],))
    connection.close()
    for _ in range(2):
        with connect(sandbox.create_app(state, latency=0, plain=True)) as client:
            (item,) = poll(client, asked)["data"]
            assert (item["imageUUID"], item["seed"], item["cost"]) == (image, 7, 0.035)
            assert client.get(item["imageURL"]).status_code == 200
            (details,) = post(client, {**asked, "taskType": "getTaskDetails"}).json()["data"]
            assert details["request"] == [asked]
            made(client, inputs={"referenceImages": [image]})
