"""The inbox's door: what a PUT may look like, and what becomes of everything else that knocks there."""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import random
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.test import AsyncClient, Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seedream_django import delivery, files, orders, sandbox, spool, storing, tasks, tokens, uploads
from seedream_django.models import GeneratedImage, Generation, ImageState, State, after, inbox_name
from seedream_django.sandbox import Books

from .gate import KEY, speaking_to
from .memory import MEGABYTE, forget, memory
from .steps import worked
from .worker import idle_queue, pending

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PICTURE = b"\xff\xd8 not looked at here"


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.SEEDREAM |= {
        "UPLOAD_ENDPOINT": True,
        "PUBLIC_URL": "https://www.example.org",
        "HUEY": "tests.test_pipeline.waiting_queue",
        "MAX_BYTES": 10_000,
    }


@pytest.fixture
def huey(site: None, settings: Any) -> Iterator[Any]:
    """The queue, in which everything waits."""
    with idle_queue(settings) as queue:
        yield queue


@pytest.fixture
def generation(site: None, sandbox: Path) -> Generation:
    """An order that the provider works on, and whose file it may put."""
    generation = orders.place("a red fox")
    Generation.objects.update(state=State.RUNNING, inbox_until=after(60))
    generation.refresh_from_db()
    return generation


def door(generation: Generation, **changed: Any) -> str:
    """The address of its one task, from the root of the site."""
    (task,) = generation.task_uuids
    given = {"pk": generation.pk, "task_uuid": task, "token": tokens.make(tokens.UPLOAD, task), **changed}
    path = reverse("seedream_django:upload", args=[given["pk"], given["task_uuid"]])
    return f"{path}?token={given['token']}"


def put(path: str, data: bytes = PICTURE, method: str = "PUT", **headers: Any) -> int:
    client = Client(enforce_csrf_checks=True)
    return int(client.generic(method, path, data, content_type="", **headers).status_code)


def there(folder: Path) -> dict[str, bytes]:
    """Every file of the private storage, half-written ones too."""
    private = folder / "seedream-private"
    return {
        str(path.relative_to(private)): path.read_bytes() for path in private.rglob("*") if path.is_file()
    }


# -- What is taken -------------------------------------------------------------------------------------------


def test_the_address_that_is_sent(generation: Generation) -> None:
    """It is the view's own, below the site's address, and good."""
    sent = urlsplit(delivery.addresses(generation, generation.pk)["uploadEndpoint"])
    assert f"{sent.path}?{sent.query}" == door(generation)


def test_taken(generation: Generation, sandbox: Path) -> None:
    """Whole, under its task's name, for the site's own user alone."""
    assert put(door(generation)) == 200
    name = inbox_name(generation.pk)
    assert there(sandbox) == {name: PICTURE}
    assert (sandbox / "seedream-private" / name).stat().st_mode & 0o777 == 0o600


def test_a_folder_with_an_alias(generation: Generation, sandbox: Path, settings: Any) -> None:
    """Any folder that the settings name will do."""
    entry = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": sandbox / "kept"},
    }
    settings.STORAGES = {**settings.STORAGES, "private": entry}
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "private"}
    assert put(door(generation)) == 200
    assert (sandbox / "kept" / inbox_name(generation.pk)).read_bytes() == PICTURE


def test_of_any_type(generation: Generation, sandbox: Path) -> None:
    """Nobody says which headers the provider sends, so none counts: no type makes Django read the body as a form."""
    for kind in ("image/jpeg", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "é"):
        data = kind.encode() + PICTURE
        response = Client().generic("PUT", door(generation), data, content_type=kind)
        assert response.status_code == 200
        assert there(sandbox) == {inbox_name(generation.pk): data}


def test_a_second_replaces_the_first(generation: Generation, sandbox: Path) -> None:
    """The later one counts, whole."""
    for data in (PICTURE * 100, PICTURE):
        assert put(door(generation), data) == 200
    assert there(sandbox) == {inbox_name(generation.pk): PICTURE}


def test_a_worker_is_woken(huey: Any, generation: Generation) -> None:
    """With a row for its picture the picture is looked at, without one the provider is asked; no later than now."""
    Generation.objects.update(look_at=after(60))
    put(door(generation))
    assert pending(huey) == ["collect"]
    assert Generation.objects.to_collect().exists()
    huey.flush()
    GeneratedImage.objects.create(generation=generation, image_uuid=uuid.uuid4(), look_at=after(60))
    put(door(generation))
    assert pending(huey) == ["store"]
    assert GeneratedImage.objects.to_store().exists()


def test_a_queue_that_cannot_be_found(generation: Generation, settings: Any, sandbox: Path) -> None:
    """Whatever is wrong with the site's queue, the file is here and the provider is told so."""
    settings.SEEDREAM |= {"HUEY": "tests.nowhere.huey"}
    assert put(door(generation)) == 200
    assert there(sandbox)


def test_a_queue_that_is_away(generation: Generation, settings: Any, sandbox: Path) -> None:
    """The file is here: a worker finds it without being told."""
    settings.SEEDREAM |= {"HUEY": Broken()}
    assert put(door(generation)) == 200
    assert there(sandbox) == {inbox_name(generation.pk): PICTURE}


class Broken:
    """A queue that takes nothing."""

    immediate = False

    def periodic_task(self, *args: Any, **kwargs: Any) -> Any:
        return lambda function: function

    def task(self, *args: Any, **kwargs: Any) -> Any:
        def refuse(*args: Any) -> None:
            raise ConnectionError("The queue is away.")

        return lambda function: refuse

    def on_startup(self, name: str) -> Any:
        return lambda function: function


def test_under_asgi(generation: Generation, sandbox: Path) -> None:
    """The same of a request that came through ASGI."""

    async def knock() -> Any:
        client = AsyncClient(enforce_csrf_checks=True)
        return await client.generic("PUT", door(generation), PICTURE, content_type="image/jpeg")

    assert async_to_sync(knock)().status_code == 200
    assert there(sandbox) == {inbox_name(generation.pk): PICTURE}


# -- What is refused -----------------------------------------------------------------------------------------


def test_other_methods(generation: Generation, sandbox: Path) -> None:
    """It takes a PUT and nothing else, with a good token too."""
    for method in ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        assert put(door(generation), method=method) == 405
    assert there(sandbox) == {}


def test_no_token_is_no_query(generation: Generation, sandbox: Path) -> None:
    """A wrong one, another purpose's, another task's, two of them, none: refused, and the database is not asked."""
    good = tokens.make(tokens.UPLOAD, generation.pk)
    wrong = (
        "", "x", good[:-1], good + "0", good.upper(), "0" * 64, f"{good}&token={good}", "%00", "é" * 64, "a" * 9999,
        tokens.make(tokens.WEBHOOK, generation.pk), tokens.make(tokens.UPLOAD, uuid.uuid4()),
    )  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        assert {put(door(generation, token=token)) for token in wrong} == {403}
        assert put(door(generation).partition("?")[0]) == 403
        assert put(door(generation, task_uuid=uuid.uuid4(), token=good)) == 403
    assert not queries.captured_queries
    assert there(sandbox) == {}


def test_a_token_of_an_earlier_key(generation: Generation, settings: Any) -> None:
    """A key may be changed while orders are under way; one that is forgotten opens nothing."""
    address = door(generation)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    assert put(address) == 403
    settings.SECRET_KEY_FALLBACKS = [old]
    assert put(address) == 200


class Unread(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("The body was read.")


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (None, 411), ("", 411), ("0", 400), ("-1", 400), ("1e3", 400), ("٣", 400), ("10001", 413),
        ("9" * 5000, 413), ("99999999999999999", 413),
    ],
)  # fmt: skip
def test_a_wrong_length_is_refused_unread(
    length: str | None, status: int, generation: Generation, sandbox: Path
) -> None:
    """None, none that is a number, nothing, more than a picture may have."""
    request = RequestFactory().generic("PUT", door(generation))
    request.META.pop("CONTENT_LENGTH", None)
    if length is not None:
        request.META["CONTENT_LENGTH"] = length
    request._stream = Unread()
    assert uploads.upload(request, generation.pk, generation.pk).status_code == status
    assert there(sandbox) == {}


def test_in_pieces_of_unknown_number(generation: Generation) -> None:
    """A body that does not say how long it is, whatever its Content-Length says."""
    assert put(door(generation), HTTP_TRANSFER_ENCODING="chunked") == 411


def test_a_part_of_a_file(generation: Generation, sandbox: Path) -> None:
    """What says that it is a part is not taken for the whole."""
    assert put(door(generation), HTTP_CONTENT_RANGE="bytes 0-9/100") == 400
    assert there(sandbox) == {}


@pytest.mark.parametrize("why", ["unknown", "over", "none", "another's", "not a folder"])
def test_what_nobody_waits_for(why: str, generation: Generation, sandbox: Path, settings: Any) -> None:
    """With a good token, and no order that waits for such a file here."""
    address = door(generation)
    if why == "unknown":
        Generation.objects.all().delete() if False else Generation.objects.filter(
            pk=generation.pk
        )._raw_delete("default")
    elif why == "another's":
        address = door(generation, task_uuid=(other := uuid.uuid4()), token=tokens.make(tokens.UPLOAD, other))
    elif why == "not a folder":
        memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
        settings.STORAGES = {**settings.STORAGES, "private": memory}
        settings.SEEDREAM |= {"PRIVATE_STORAGE": "private"}
    else:
        Generation.objects.update(inbox_until=after(-1) if why == "over" else None)
    assert put(address) == 404
    assert there(sandbox) == {}


def test_a_stored_picture_is_not_read(generation: Generation, sandbox: Path) -> None:
    """It is answered as if all were well, and the body is left unread."""
    GeneratedImage.objects.create(generation=generation, image_uuid=uuid.uuid4(), state=ImageState.STORED)
    request = RequestFactory().generic("PUT", door(generation), PICTURE)
    request._stream = Unread()
    assert uploads.upload(request, generation.pk, generation.pk).status_code == 200
    assert there(sandbox) == {}


class Breaking(io.BytesIO):
    """A body whose sender goes away after so many bytes: silently, or with an error of the server's."""

    def __init__(self, data: bytes, error: Exception | None) -> None:
        super().__init__(data)
        self.error = error

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        if not piece and self.error:
            raise self.error
        return piece


@pytest.mark.parametrize(
    "error", [None, OSError("reset"), ValueError("of a server's own"), ConnectionResetError()]
)
def test_a_body_that_breaks_off(error: Exception | None, generation: Generation, sandbox: Path) -> None:
    """Nothing of it stays, and it is no error of ours."""
    request = RequestFactory().generic("PUT", door(generation))
    request.META["CONTENT_LENGTH"] = "5000"
    request._stream = Breaking(PICTURE, error)
    assert uploads.upload(request, generation.pk, generation.pk).status_code == 400
    assert there(sandbox) == {}


class Meanwhile(io.BytesIO):
    """A body that takes its time, in which something happens."""

    def __init__(self, data: bytes, happens: Callable[[], Any]) -> None:
        super().__init__(data)
        self.happens = happens

    def read(self, size: int | None = -1) -> bytes:
        if piece := super().read(size):
            self.happens()
        return piece


@pytest.mark.parametrize("why", ["deleted", "emptied"])
def test_nobody_waits_when_it_is_here(why: str, generation: Generation, sandbox: Path) -> None:
    """Its order was deleted, or its inbox emptied, while it came: it does not lie there for ever."""

    def happens() -> None:
        Generation.objects.update(state=State.DONE, inbox_until=after(-1 if why == "emptied" else 60))
        if why == "deleted":
            Generation.objects.get().delete()
        files.empty_inboxes(10)
        files.remove_discarded(10)

    request = RequestFactory().generic("PUT", door(generation), PICTURE)
    request._stream = Meanwhile(PICTURE, happens)
    assert uploads.upload(request, generation.pk, generation.pk).status_code == 404
    assert there(sandbox) == {}


def test_a_body_that_is_longer_than_it_says(generation: Generation, sandbox: Path) -> None:
    """Where a server hands out more than the length, it is refused as a whole: who knows which part it is."""
    request = RequestFactory().generic("PUT", door(generation))
    request.META["CONTENT_LENGTH"] = str(len(PICTURE))
    request._stream = io.BytesIO(PICTURE + b"more")
    assert uploads.upload(request, generation.pk, generation.pk).status_code == 400
    assert there(sandbox) == {}


def test_a_disk_that_takes_nothing(
    generation: Generation, sandbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Others may write to the folder, or it is none: 503, a line without the address, and no file."""
    private = sandbox / "seedream-private"
    private.mkdir(mode=0o777)
    private.chmod(0o777)
    assert put(door(generation)) == 503
    private.rmdir()
    private.touch()
    assert put(door(generation)) == 503
    lines = [r.getMessage() for r in caplog.records if r.name == "seedream_django.uploads"]
    assert len(lines) == 2
    assert tokens.make(tokens.UPLOAD, generation.pk) not in caplog.text


def test_what_a_web_server_left_half_written(generation: Generation, sandbox: Path) -> None:
    """Killed while a body came: it is never looked at, and the sweep removes it a day later."""
    put(door(generation))
    half = sandbox / "seedream-private" / spool.HALF_WRITTEN / f"{generation.pk}.0.put"
    half.write_bytes(PICTURE[:5])
    storing.clear_spool()
    assert half.exists()
    os.utime(half, (0, 0))
    storing.clear_spool()
    assert there(sandbox) == {inbox_name(generation.pk): PICTURE}


def test_a_thousand_hostile_ones(generation: Generation, sandbox: Path) -> None:
    """Forged, short, long, of any method, length and type, one after the other: none is taken, none is a 500."""
    dice = random.Random(6)
    good = tokens.make(tokens.UPLOAD, generation.pk)
    statuses = set()
    for _ in range(1000):
        token = dice.choice([good, good[::-1], "", "é", good[:32], dice.randbytes(32).hex()])
        task = dice.choice([generation.pk, uuid.UUID(bytes=dice.randbytes(16))])
        request = RequestFactory().generic(
            dice.choice(["PUT", "PUT", "PUT", "POST", "GET"]), door(generation, task_uuid=task, token=token),
            content_type=dice.choice(["", "image/png", "multipart/form-data", "text/plain; charset=no-such"]),
        )  # fmt: skip
        data = dice.randbytes(dice.randrange(0, 64))
        # One that is right in all else has the wrong length.
        request.META["CONTENT_LENGTH"] = dice.choice(
            ["", "-5", "x", "10001", str(len(data) + 1), str(max(0, len(data) - 1)), "0"]
        )
        request._stream = io.BytesIO(data)
        statuses.add(uploads.upload(request, generation.pk, task).status_code)
    assert statuses == {400, 403, 405, 411, 413}
    assert there(sandbox) == {}


# -- Over a socket -------------------------------------------------------------------------------------------


@pytest.fixture
def lines() -> list[str]:
    """What the sandbox's server says that it did."""
    return []


@pytest.fixture
def served(
    transactional_db: None, live_server: Any, settings: Any, tmp_path: Path, lines: list[str]
) -> Iterator[str]:
    """This site on a port, and the sandbox on another, which puts files here by itself."""
    state = tmp_path / "sandbox.sqlite3"
    app = sandbox.create_app(state, key=KEY, latency=0, plain=True)
    with (
        sandbox.running(app, log=lines.append) as root,
        speaking_to(settings, f"{root}/v1", PUBLIC_URL=live_server.url),
    ):
        settings.SEEDREAM |= {"MAX_BYTES": 100 * MEGABYTE, "HUEY": "tests.test_pipeline.waiting_queue"}
        yield live_server.url


@pytest.mark.parametrize("word", ["", "sandbox:upload-wrong", "sandbox:upload-lost"])
def test_from_the_order_to_the_picture(
    word: str, served: str, sandbox: Path, monkeypatch: pytest.MonkeyPatch, books: Books, lines: list[str]
) -> None:
    """The provider puts the file to this site, which stores it; or fetches it, where that is wrong or lost."""
    monkeypatch.setattr("seedream_django.receiving.PATIENCE", 1.0)
    generation = orders.place(f"a fox {word}")
    worked(generation)
    image = generation.images.get()
    assert image.is_stored
    assert generation.state == State.DONE
    fetched = [line for line in lines if line.startswith("GET ")]
    assert len(fetched) == bool(word)
    assert len(books.charges()) == 1
    tasks.discard()
    assert there(sandbox) == {}


def test_a_connection_that_is_cut(served: str, sandbox: Path) -> None:
    """Half of a body, then nothing: nothing stays, and the next PUT is taken."""
    generation = orders.place("a fox")
    Generation.objects.update(state=State.RUNNING, inbox_until=after(60))
    host, port = urlsplit(served).hostname, urlsplit(served).port
    head = f"PUT {door(generation)} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 200000\r\n\r\n".encode()
    with socket.create_connection((host, port)) as line:
        line.sendall(head + b"x" * 100_000)
        line.shutdown(socket.SHUT_WR)
        answer = line.recv(1000)
    assert b" 400 " in answer.splitlines()[0]
    assert there(sandbox) == {}
    assert _send(served, generation, PICTURE) == 200


def _send(root: str, generation: Generation, data: bytes) -> int:
    line = http.client.HTTPConnection(urlsplit(root).netloc, timeout=30)
    try:
        line.request("PUT", door(generation), data)
        return line.getresponse().status
    finally:
        line.close()


def test_several_at_once(served: str, sandbox: Path) -> None:
    """Eight that put different files to one name: one of them is there, whole, and nothing else."""
    generation = orders.place("a fox")
    Generation.objects.update(state=State.RUNNING, inbox_until=after(60))
    bodies = [bytes([number]) * 300_000 for number in range(8)]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda body=body: statuses.append(_send(served, generation, body)))
        for body in bodies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert statuses == [200] * 8
    ((name, data),) = there(sandbox).items()
    assert name == inbox_name(generation.pk)
    assert data in bodies


def test_memory_is_flat(generation: Generation, sandbox: Path, settings: Any) -> None:
    """A body of 64 MB takes no more than some pieces of it."""
    settings.SEEDREAM |= {"MAX_BYTES": 100 * MEGABYTE}
    size = 64 * MEGABYTE

    class Large(io.BytesIO):
        left = size

        def read(self, wanted: int | None = -1) -> bytes:
            assert wanted
            piece = b"x" * min(wanted, self.left)
            self.left -= len(piece)
            return piece

    environ = RequestFactory()._base_environ(REQUEST_METHOD="PUT", PATH_INFO="/", CONTENT_LENGTH=str(size))
    request = WSGIRequest(
        {**environ, "wsgi.input": Large(), "QUERY_STRING": door(generation).partition("?")[2]}
    )
    before = forget()
    assert uploads.upload(request, generation.pk, generation.pk).status_code == 200
    assert memory("VmHWM") - before < 8 * MEGABYTE
    path = sandbox / "seedream-private" / inbox_name(generation.pk)
    assert path.stat().st_size == size
    assert hashlib.sha256(path.read_bytes()).hexdigest() == hashlib.sha256(b"x" * size).hexdigest()
