"""Files that the provider puts here itself: from the order's address to the storage, and whatever may go wrong."""

from __future__ import annotations

import hashlib
import io
import logging
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.test import Client
from django.urls import reverse
from PIL import Image

from seedream_django import delivery_checks, inbox, orders, pipeline, receiving, storing, sweeping, tasks
from seedream_django.models import (
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    LedgerEntry,
    State,
    after,
    inbox_name,
)
from seedream_django.sandbox import Books
from seedream_django.sandbox.files import bomb

from .gate import Gate
from .steps import past, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SITE = "https://www.example.org"
CANARY = "canary-3c5d-secret-key"


@pytest.fixture
def site(settings: Any, gate: Gate) -> Gate:
    """A site with a worker, whose inbox is the folder of its private storage; the provider is behind a socket."""
    settings.SEEDREAM |= {
        "UPLOAD_ENDPOINT": True,
        "PUBLIC_URL": SITE,
        "HUEY": "tests.test_pipeline.waiting_queue",
    }
    return gate


def sent(prompt: str = "a red fox", **values: Any) -> Generation:
    """An order that the provider has."""
    generation = orders.place(prompt, **values)
    pipeline.submit(generation.pk)
    generation.refresh_from_db()
    assert generation.state == State.RUNNING
    return generation


def told(generation: Generation) -> GeneratedImage:
    """Its picture, once the provider has told of it."""
    Generation.objects.update(look_at=after(0))
    pipeline.collect()
    return generation.images.get()


def task_of(gate: Gate) -> dict[str, Any]:
    """The last order as the provider got it."""
    return [post for post in gate.posts if post["taskType"] == "imageInference"][-1]


def door(gate: Gate) -> str:
    """Where the last order's file is to be put, from the root of the site."""
    parts = urlsplit(task_of(gate)["uploadEndpoint"])
    assert f"{parts.scheme}://{parts.netloc}" == SITE
    return f"{parts.path}?{parts.query}"


def put(path: str, data: bytes, **headers: Any) -> int:
    """What a stranger's bare PUT is answered with."""
    response = Client(enforce_csrf_checks=True).generic("PUT", path, data, content_type="", **headers)
    return int(response.status_code)


def file_of(image: GeneratedImage) -> bytes:
    """What the provider has at the picture's address, which is what it puts."""
    return httpx.get(image.url, trust_env=False).content


def drawn(size: tuple[int, int] = (2048, 2048), kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def lay(folder: Path, generation: Generation, data: bytes) -> Path:
    """As a bucket has it: there is the file, and nobody told us."""
    path = folder / "seedream-private" / inbox_name(generation.pk)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.parent.chmod(0o700)
    path.write_bytes(data)
    return path


def private_files(folder: Path) -> set[str]:
    there = folder / "seedream-private"
    return {str(path.relative_to(there)) for path in there.rglob("*") if path.is_file()}


def check_stored(image: GeneratedImage, data: bytes, sandbox: Path) -> None:
    """Stored as a download would be, paid once, and nothing is left in the inbox."""
    image.refresh_from_db()
    generation = image.generation
    generation.refresh_from_db()
    assert (image.state, generation.state, generation.stored) == (ImageState.STORED, State.DONE, 1)
    assert (image.trouble, image.error, image.crashes, image.url) == ("", "", 0, "")
    assert image.sha256_received == hashlib.sha256(data).hexdigest()
    stored = Path(image.file.path).read_bytes()
    assert (len(stored), hashlib.sha256(stored).hexdigest()) == (image.size, image.sha256)
    assert b"trainedAlgorithmicMedia" in stored
    Image.open(io.BytesIO(stored)).load()
    assert LedgerEntry.objects.balance()["spent"] == generation.cost
    tasks.discard()
    assert private_files(sandbox) == set()
    assert not DiscardedFile.objects.exists()


# -- From the order to the storage ---------------------------------------------------------------------------


def test_put_and_stored(site: Gate, sandbox: Path, books: Books) -> None:
    """What was put is stored and nothing is fetched; the same bytes, marks and money as by address."""
    image = told(sent())
    data = file_of(image)
    site.fetched.clear()
    assert put(door(site), data) == 200
    assert private_files(sandbox) == {inbox_name(image.generation_id)}
    folder = sandbox / "seedream-private"
    assert (folder / inbox_name(image.generation_id)).stat().st_mode & 0o777 == 0o600
    assert (folder / "inbox").stat().st_mode & 0o777 == 0o700
    assert storing.store(image.pk) is None
    assert site.fetched == []
    check_stored(image, data, sandbox)
    assert len(books.charges()) == 1


def test_by_address_and_by_upload_is_the_same(site: Gate, sandbox: Path, settings: Any) -> None:
    """The same bytes: the row says the same of them, whichever way they came."""
    image = told(sent())
    lay(sandbox, image.generation, data := file_of(image))
    storing.store(image.pk)
    check_stored(image, data, sandbox)
    uploaded = {name: getattr(image, name) for name in ("format", "width", "height", "size", "sha256")}
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": ""}
    GeneratedImage.objects.filter(pk=image.pk).update(
        state=ImageState.RECEIVED, url=f"{site_root(site, image)}", size=0, sha256="", attempts=0
    )
    Generation.objects.update(inbox_until=None, state=State.STORING, stored=0)
    storing.store(image.pk)
    check_stored(image, data, sandbox)
    assert uploaded == {name: getattr(image, name) for name in uploaded}


def site_root(site: Gate, image: GeneratedImage) -> str:
    """The address that the provider gave for a picture."""
    report = receiving.poll([image.generation])[image.generation_id]
    return str(report.results[0].url)


def test_put_before_its_news(site: Gate, sandbox: Path) -> None:
    """A file that comes before anybody told of its picture waits for that, and has the provider asked at once."""
    generation = sent()
    Generation.objects.update(look_at=after(60))
    data = drawn()
    assert put(door(site), data) == 200
    assert Generation.objects.to_collect().exists()
    image = told(generation)
    assert storing.store(image.pk) is None
    check_stored(image, data, sandbox)


def test_waited_for_then_fetched(site: Gate, sandbox: Path) -> None:
    """An upload that does not come is looked for a few times, which counts as no attempt; then it is fetched."""
    image = told(sent())
    data = file_of(image)
    assert storing.store(image.pk) == pytest.approx(1.0)
    for age, delay in ((1.5, 1.5), (5, 5), (13, 2)):
        GeneratedImage.objects.update(look_at=after(-1), created_at=after(-age))
        assert storing.store(image.pk) == pytest.approx(delay, abs=0.5)
    image.refresh_from_db()
    assert (image.state, image.attempts, image.trouble, image.lease_until) == (
        ImageState.RECEIVED,
        0,
        "",
        None,
    )
    GeneratedImage.objects.update(look_at=after(-1), created_at=after(-receiving.PATIENCE))
    assert storing.store(image.pk) is None
    check_stored(image, data, sandbox)


def test_not_waited_for_long_where_none_comes(site: Gate, sandbox: Path) -> None:
    """Where the last upload did not come the next is hardly waited for; once one comes all are again."""
    ago = {"look_at": after(-1), "created_at": after(-receiving.LITTLE_PATIENCE - 1)}
    first = told(sent())
    GeneratedImage.objects.update(**ago)
    assert storing.store(first.pk)
    GeneratedImage.objects.update(created_at=after(-receiving.PATIENCE), look_at=after(-1))
    assert storing.store(first.pk) is None
    assert not inbox.comes()
    second = told(sent("a blue fox"))
    GeneratedImage.objects.filter(pk=second.pk).update(**ago)
    assert storing.store(second.pk) is None
    third = told(sent("a green fox"))
    assert put(door(site), file_of(third)) == 200
    assert inbox.comes()
    fourth = told(sent("a white fox"))
    GeneratedImage.objects.filter(pk=fourth.pk).update(**ago)
    assert storing.store(fourth.pk)


def test_not_waited_for_where_none_was_asked_for(gate: Gate) -> None:
    """Without an inbox a picture is fetched at once, and the private storage is not asked for anything."""
    generation = sent()
    assert generation.inbox_until is None
    assert "uploadEndpoint" not in task_of(gate)
    assert storing.store(told(generation).pk) is None
    assert generation.images.get().is_stored


def test_several_results(site: Gate, sandbox: Path, books: Books) -> None:
    """Each result is a task with a place of its own; the one that comes is taken, the other one is waited for."""
    generation = sent(results=2)
    doors = {}
    for task in [post for post in site.posts if post["taskType"] == "imageInference"]:
        parts = urlsplit(task["uploadEndpoint"])
        doors[task["taskUUID"]] = f"{parts.path}?{parts.query}"
    assert sorted(doors) == sorted(map(str, generation.task_uuids))
    Generation.objects.update(look_at=after(0))
    pipeline.collect()
    first, second = generation.images.all()
    data = {image.pk: file_of(image) for image in (first, second)}
    site.fetched.clear()
    assert put(doors[str(first.task_uuid)], data[first.pk]) == 200
    assert storing.store(first.pk) is None
    assert storing.store(second.pk) == pytest.approx(1.0)
    assert put(doors[str(second.task_uuid)], data[second.pk]) == 200
    assert storing.store(second.pk) is None
    assert site.fetched == []
    for image in (first, second):
        image.refresh_from_db()
        assert image.sha256_received == hashlib.sha256(data[image.pk]).hexdigest()
    tasks.discard()
    assert private_files(sandbox) == set()
    assert sum(charge.images for charge in books.charges()) == 2


def test_whose_it_is_must_be_known(site: Gate, sandbox: Path) -> None:
    """Two pictures came of one task, against what was asked for: one file is not both of them, so both are fetched."""
    image = told(sent())
    data = file_of(image)
    other = GeneratedImage.objects.create(
        generation=image.generation, image_uuid=uuid.uuid4(), url=f"{image.url}?", position=1
    )
    lay(sandbox, image.generation, drawn())
    for each in (image, other):
        assert storing.store(each.pk) is None
        each.refresh_from_db()
        assert each.sha256_received == hashlib.sha256(data).hexdigest()
    tasks.discard()
    assert private_files(sandbox) == set()


def test_a_sequence_goes_without(site: Gate) -> None:
    """The pictures of one task would overwrite each other, so a sequence has no inbox, and waits for none."""
    generation = sent(sequence=2)
    assert generation.inbox_until is None
    assert "uploadEndpoint" not in task_of(site)


def test_what_is_flagged(site: Gate, sandbox: Path, settings: Any) -> None:
    """It never lies anywhere but in the private storage: from the inbox to its private name."""
    settings.SEEDREAM |= {"SAFETY_CHECK": True}
    image = told(sent("a fox sandbox:nsfw"))
    assert put(door(site), file_of(image)) == 200
    storing.store(image.pk)
    image.refresh_from_db()
    tasks.discard()
    assert image.is_held_back
    assert image.is_stored
    assert private_files(sandbox) == {image.private_file.name}


def test_inside_a_reply_goes_first(site: Gate, sandbox: Path) -> None:
    """What came inside the reply is here already: nobody waits for the upload, and it is not opened."""
    image = told(sent(output_type="base64Data"))
    lay(sandbox, image.generation, b"not looked at")
    storing.store(image.pk)
    image.refresh_from_db()
    assert image.is_stored
    tasks.discard()
    assert private_files(sandbox) == set()


# -- Wrong, late, for nothing --------------------------------------------------------------------------------

WRONG: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "a page": lambda: b"<html>502 Bad Gateway</html>",
    "cut in half": lambda: drawn()[: len(drawn()) // 2],
    "of another size": lambda: drawn((1024, 1024)),
    "of another format": lambda: drawn(kind="PNG"),
    "a bomb": bomb,
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_upload_is_not_used(what: str, site: Gate, sandbox: Path) -> None:
    """It is removed, and the picture is fetched in the same attempt: no trouble is on the row."""
    image = told(sent())
    data = file_of(image)
    lay(sandbox, image.generation, WRONG[what]())
    GeneratedImage.objects.update(created_at=after(-receiving.PATIENCE))
    assert storing.store(image.pk) is None
    check_stored(image, data, sandbox)


def test_an_upload_that_is_too_large(site: Gate, sandbox: Path, settings: Any) -> None:
    """It is told by its size, removed and not read."""
    image = told(sent())
    data = file_of(image)
    settings.SEEDREAM |= {"MAX_BYTES": len(data)}
    path = lay(sandbox, image.generation, data + b"\0")
    assert storing.store(image.pk) is None
    assert not path.exists()
    check_stored(image, data, sandbox)


def test_an_upload_that_ends_workers(site: Gate, sandbox: Path) -> None:
    """After two that died over it the picture is fetched, and saved by the third."""
    image = told(sent())
    data = file_of(image)
    lay(sandbox, image.generation, drawn((2048, 2048)))
    GeneratedImage.objects.update(crashes=2, attempts=2)
    assert storing.store(image.pk) is None
    check_stored(image, data, sandbox)


def test_a_private_storage_that_is_away(site: Gate, sandbox: Path) -> None:
    """What cannot be read is not waited for longer than what did not come; the picture is fetched."""
    image = told(sent())
    data = file_of(image)
    path = lay(sandbox, image.generation, data)
    path.unlink()
    path.mkdir()
    (path / "in the way").touch()
    GeneratedImage.objects.update(created_at=after(-receiving.PATIENCE))
    assert storing.store(image.pk) is None
    image.refresh_from_db()
    assert image.is_stored


def test_put_when_it_is_stored(site: Gate, sandbox: Path) -> None:
    """Answered as if it were taken, and not read."""
    image = told(sent())
    lay(sandbox, image.generation, data := file_of(image))
    storing.store(image.pk)
    assert put(door(site), drawn()) == 200
    check_stored(image, data, sandbox)


def test_what_a_bucket_takes_too_late(site: Gate, sandbox: Path) -> None:
    """Removed by a sweep once no more can come; before that, and while a picture waits, it stays."""
    image = told(sent())
    lay(sandbox, image.generation, file_of(image))
    past(image.generation, "inbox_until")
    sweeping._empty_inboxes()
    assert private_files(sandbox) == {inbox_name(image.generation_id)}
    storing.store(image.pk)
    tasks.discard()
    assert private_files(sandbox) == set()

    lay(sandbox, image.generation, b"late")
    Generation.objects.update(inbox_until=after(60))
    sweeping._empty_inboxes()
    assert Generation.objects.exclude(inbox_until=None).exists()
    past(image.generation, "inbox_until")
    sweeping._empty_inboxes()
    tasks.discard()
    assert private_files(sandbox) == set()
    assert Generation.objects.get().inbox_until is None


@pytest.mark.parametrize("word", ["sandbox:fails", "sandbox:stuck"])
def test_what_comes_for_an_order_that_ended(word: str, site: Gate, sandbox: Path) -> None:
    """Failed or lost: what was put for it is removed when no more can come."""
    generation = sent(f"a fox {word}")
    lay(sandbox, generation, drawn())
    past(generation, "deadline", "inbox_until")
    Generation.objects.update(look_at=after(0))
    pipeline.collect()
    generation.refresh_from_db()
    assert generation.is_final
    sweeping._empty_inboxes()
    tasks.discard()
    assert private_files(sandbox) == set()


def test_deleted(site: Gate, sandbox: Path, django_capture_on_commit_callbacks: Any) -> None:
    """With the order goes what was put for it; a PUT after that finds no order, and leaves nothing."""
    image = told(sent())
    lay(sandbox, image.generation, file_of(image))
    storing.store(image.pk)
    tasks.discard()
    lay(sandbox, image.generation, b"late")
    Generation.objects.update(watch_until=None)
    with django_capture_on_commit_callbacks(execute=True):
        Generation.objects.get().delete()
    tasks.discard()
    assert put(door(site), drawn()) == 404
    assert private_files(sandbox) == set()
    assert not DiscardedFile.objects.exists()


@pytest.mark.parametrize("how", ["put", "laid"])
def test_a_picture_that_was_given_up(how: str, site: Gate, sandbox: Path) -> None:
    """What could not be fetched and comes after all is good news: it is stored."""
    image = told(sent("a fox sandbox:expired"))
    GeneratedImage.objects.update(created_at=after(-receiving.PATIENCE))
    storing.store(image.pk)
    past(image, "trouble_since", "look_at")
    storing.store(image.pk)
    image.refresh_from_db()
    assert image.state == ImageState.FAILED
    if how == "put":
        assert put(door(site), drawn()) == 200
    else:
        lay(sandbox, image.generation, drawn())
        Generation.objects.update(look_at=after(0))
        pipeline.collect()
    assert storing.store(image.pk) is None
    image.refresh_from_db()
    assert image.is_stored


# -- The setting changes -------------------------------------------------------------------------------------


def test_switched_off_in_flight(site: Gate, sandbox: Path, settings: Any) -> None:
    """What was sent with an inbox is looked for there, and taken by its door; new orders go without."""
    image = told(sent())
    address = door(site)
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": ""}
    data = file_of(image)
    site.fetched.clear()
    assert put(address, data) == 200
    storing.store(image.pk)
    assert site.fetched == []
    check_stored(image, data, sandbox)
    assert sent("an owl").inbox_until is None


def test_switched_on_in_flight(gate: Gate, settings: Any) -> None:
    """What was sent without an inbox is fetched at once."""
    generation = sent()
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True, "PUBLIC_URL": SITE}
    assert storing.store(told(generation).pk) is None
    assert generation.images.get().is_stored


def test_sent_again_without(site: Gate, settings: Any) -> None:
    """What was perhaps taken with an inbox keeps it, when it is sent again without one."""
    generation = orders.place("a fox sandbox:cut")
    pipeline.submit(generation.pk)
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": ""}
    until = Generation.objects.get().inbox_until
    assert until is not None
    Generation.objects.update(state=State.QUEUED, look_at=after(0))
    pipeline.submit(generation.pk)
    assert Generation.objects.get().inbox_until == until


def test_code_s_own_address_goes_first(site: Gate, settings: Any) -> None:
    """An order that names an upload address is put there, and has no inbox."""
    generation = sent(upload_endpoint="https://files.example.org/fox.jpg")
    assert task_of(site)["uploadEndpoint"] == "https://files.example.org/fox.jpg"
    assert generation.inbox_until is None


def test_immediate_mode(gate: Gate, sandbox: Path, settings: Any) -> None:
    """Where tasks run inside the caller, the PUT asks nobody for anything; whoever looks at a page does the rest."""
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True, "PUBLIC_URL": SITE}
    generation = sent()
    asked, data = len(gate.requests), drawn()
    assert put(door(gate), data) == 200
    assert len(gate.requests) == asked
    turn(2)
    check_stored(generation.images.get(), data, sandbox)


# -- Addresses and secrets -----------------------------------------------------------------------------------

BUCKET = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": "private",
        "endpoint_url": "http://127.0.0.1:9",
        "access_key": "a-key-id",
        "secret_key": CANARY,
        "signature_version": "s3v4",
        "location": "site",
        "querystring_auth": False,
        "custom_domain": "cdn.example.org",
    },
}


@pytest.fixture
def bucket(settings: Any, gate: Gate) -> dict[str, Any]:
    """A bucket that nobody serves: signing asks nobody."""
    options = dict(BUCKET["OPTIONS"])
    settings.STORAGES = {**settings.STORAGES, "private": {"BACKEND": BUCKET["BACKEND"], "OPTIONS": options}}
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True, "PRIVATE_STORAGE": "private"}
    return options


def test_the_address_of_a_bucket(bucket: dict[str, Any], gate: Gate) -> None:
    """Signed for one PUT of one name, at the bucket itself, for as long as the row says."""
    generation = sent()
    parts = urlsplit(task_of(gate)["uploadEndpoint"])
    query = parse_qs(parts.query)
    assert parts.netloc == "127.0.0.1:9"
    assert parts.path.endswith(f"site/{inbox_name(generation.pk)}")
    assert query["X-Amz-SignedHeaders"] == ["host"]
    assert query["X-Amz-Expires"] == [str(inbox.seconds())]
    assert generation.inbox_until is not None
    assert abs((generation.inbox_until - after(inbox.seconds())).total_seconds()) < 60


def test_no_address_is_signed_for_longer_than_can_be(settings: Any) -> None:
    """Seven days are the most that a storage signs for."""
    settings.SEEDREAM |= {"RUN_DEADLINE": 30 * 24 * 3600}
    assert inbox.seconds() == 7 * 24 * 3600


@pytest.mark.parametrize("change", [{"signature_version": "s3"}, {"access_key": None, "secret_key": None}])
def test_what_cannot_be_signed(
    change: dict[str, Any],
    bucket: dict[str, Any],
    gate: Gate,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It stops no order: that goes without, nobody waits for an upload, and the log has no address."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {**BUCKET, "OPTIONS": {**bucket, **change}},
    }
    generation = sent()
    assert "uploadEndpoint" not in task_of(gate)
    assert generation.inbox_until is None
    (line,) = [r.getMessage() for r in caplog.records if r.name == "seedream_django.delivery"]
    assert line.startswith('SEEDREAM["UPLOAD_ENDPOINT"] failed (')
    assert storing.store(told(generation).pk) is None


@pytest.mark.parametrize("where", ["folder", "bucket"])
def test_no_address_is_anywhere(
    where: str, request: pytest.FixtureRequest, owner: User, browser: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither token nor signature is on a row, a page or in a log line, nor in what a traceback shows of frames."""
    gate = request.getfixturevalue("gate")
    request.getfixturevalue({"folder": "site", "bucket": "bucket"}[where])
    with caplog.at_level(logging.DEBUG, "seedream_django"):
        generation = sent(user=owner)
        address = task_of(gate)["uploadEndpoint"]
        secret = address.partition("token=")[2] or address.partition("X-Amz-Signature=")[2]
        assert len(secret) == 64
        storing.store(told(generation).pk)
        frames = _frames_of_a_failure()
    client = browser(owner)
    page = client.get(reverse("admin:seedream_django_generation_change", args=[generation.pk]))
    rows = serializers.serialize("json", [*Generation.objects.all(), *GeneratedImage.objects.all()])
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("seedream_django")]
    shown = [rows, page.content.decode(), *ours, frames]
    assert not [text for text in shown if secret in text]
    assert "X-Amz-Signature" not in "".join(shown)


def _frames_of_a_failure() -> str:
    """What a crash report shows of an order that nobody foresaw: with the variables of each frame."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receiving, "submit", lambda generation, task: {}["unforeseen"])
        generation = orders.place("an unforeseen fox")
        with pytest.raises(KeyError) as caught:
            pipeline.submit(generation.pk)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(shown.format())
    assert "uploadEndpoint" in text
    return text


# -- What the checks say of it -------------------------------------------------------------------------------

MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
FOLDER = {"BACKEND": "seedream_django.models.storage.PrivateFolder"}
V2 = {**BUCKET, "OPTIONS": {**BUCKET["OPTIONS"], "signature_version": "s3"}}


@pytest.mark.parametrize(
    ("private", "pictures", "values", "expected"),
    [
        (MEMORY, None, {}, "W025"),
        (V2, None, {}, "W027"),
        (BUCKET, None, {}, ""),
        (BUCKET, BUCKET, {}, ""),
        (None, BUCKET, {}, "W026"),
        (FOLDER, BUCKET, {}, ""),
        (None, None, {}, ""),
        (MEMORY, None, {"UPLOAD_ENDPOINT": "https://example.com/put"}, ""),
        (None, None, {"PRIVATE_STORAGE": "missing"}, ""),
    ],
)
def test_checks(private: Any, pictures: Any, values: dict[str, Any], expected: str, settings: Any) -> None:
    """A storage that takes no bare PUT, one that signs in version 2, and a folder that another machine cannot see."""
    settings.SEEDREAM = {"UPLOAD_ENDPOINT": True, "PUBLIC_URL": SITE}
    for name, alias, entry in (
        ("PRIVATE_STORAGE", "private", private),
        ("STORAGE", "pictures", pictures),
    ):
        if entry is not None:
            settings.STORAGES = {**settings.STORAGES, alias: entry}
            settings.SEEDREAM |= {name: alias}
    settings.SEEDREAM |= values
    found = delivery_checks.check_inbox()
    assert [message.id for message in found] == [f"seedream.{expected}"] * bool(expected)
    assert all(message.hint for message in found)
