"""Pictures in storages with a real server behind each: saved, taken as they are, deleted, killed in between, away."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core import serializers
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection, models
from django.test.utils import isolate_apps
from django.utils import timezone
from PIL import Image

from seedream_django import orders, review, spool, tasks
from seedream_django.models import DiscardedFile, GeneratedImage, Generation, ImageState, Review, State
from seedream_django.sandbox import Books

from . import memory
from .servers import ROOT
from .steps import carry, made, turn
from .stores import CANARY, KINDS, PLACES, Store, block, started
from .workshop import Workshop

pytestmark = [
    # Where a client of theirs is behind Python.
    pytest.mark.filterwarnings(
        "ignore:datetime.datetime.utcnow:DeprecationWarning:storages.backends.azure_storage"
    ),
    # AzureStorage leaves its temporary file to the garbage collector when a download fails.
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]

#: A folder is quick; the others need more than Python.
EACH = [pytest.param(kind, marks=[pytest.mark.server] * (kind != "file system")) for kind in KINDS]
#: A folder is killed at, at every gap, in ``test_kills``, and takes no memory: a file is renamed into it.
SERVED = [kind for kind in KINDS if kind != "file system"]
#: What is in no log and on no row: the key, and what stands before a signature in an address.
SECRET = (CANARY, "Signature=", "sig=")


@pytest.fixture(scope="module", params=EACH)
def server(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One of them, running; the next begins when all tests of this one are over."""
    with started(request.param) as store:
        yield store


@pytest.fixture
def store(server: Store, settings: Any, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty one, which the settings name; nothing is left of this test in it, nor in the temporary folder."""
    (sandbox / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(sandbox / "tmp"))
    settings.STORAGES = {**settings.STORAGES, **server.entries}
    settings.SEEDREAM |= {"STORAGE": "pictures", "PRIVATE_STORAGE": "private"}
    for name, place in (("file", "pictures"), ("preview", "pictures"), ("private_file", "private")):
        # The fields asked when they were imported.
        monkeypatch.setattr(GeneratedImage._meta.get_field(name), "storage", storages[place])
    yield server
    server.start()
    assert not files_in(sandbox / "tmp")
    for place in PLACES:
        for name in server.names(place):
            server.storage(place).delete(name)


@pytest.fixture
def impatient(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's client tries for two minutes before it says anything, and no option of its storage says otherwise."""
    if store.kind == "Google":
        from google.cloud.storage.retry import DEFAULT_RETRY

        monkeypatch.setattr(DEFAULT_RETRY, "_timeout", 0.5)


def whole(store: Store) -> set[str]:
    """What has its last name; a folder also has the half-written."""
    return {name for name in store.names() if not name.startswith(spool.HALF_WRITTEN)}


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def check_kept(store: Store, image: GeneratedImage, place: str = "pictures") -> None:
    """It is stored, whole, is what its row says, and nothing else is there."""
    assert image.state == ImageState.STORED
    data = store.read(str(image.file.name), place)
    assert (len(data), hashlib.sha256(data).hexdigest()) == (image.size, image.sha256)
    for bytes_of in (data, store.read(str(image.preview.name), place)):
        Image.open(io.BytesIO(bytes_of)).load()
    assert store.names(place) == {image.file.name, image.preview.name}


def received_again(image: GeneratedImage) -> None:
    """The row, as a worker leaves it that was killed after its files were stored."""
    url = f"http://sandbox/pictures/{image.image_uuid}.jpg"
    columns: dict[str, Any] = {"url": url, "file": "", "attempts": 0, "stored_at": None}
    GeneratedImage.objects.filter(pk=image.pk).update(state=ImageState.RECEIVED, **columns)
    Generation.objects.filter(pk=image.generation_id).update(state=State.STORING, stored=0)


# -- Saving and deleting -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_saved_with_its_preview(store: Store) -> None:
    """Four pictures and their previews, each whole and under the name that its row has; nothing half-written."""
    generation = made(results=4)
    assert (generation.state, generation.stored) == (State.DONE, 4)
    names = set()
    for image in generation.images.all():
        names |= {image.file.name, image.preview.name}
        assert hashlib.sha256(store.read(str(image.file.name))).hexdigest() == image.sha256
        assert Image.open(io.BytesIO(store.read(str(image.preview.name)))).format == "WEBP"
        assert image.file_url
    assert store.names() == names
    assert len(names) == 8


@pytest.mark.django_db
def test_its_address(store: Store) -> None:
    """Where addresses are signed, they show the picture to whoever has one, and without the signature nothing."""
    image = made().images.get()
    if not image.file_url.startswith("http"):
        assert image.file_url == f"/pictures/{image.file.name}"
        return
    assert httpx.get(image.file_url, trust_env=False).content == store.read(str(image.file.name))
    bare, _, signature = image.file_url.partition("?")
    assert bool(signature) == (store.kind in ("S3", "Azure"))
    # Azure does not tell a stranger that there is something; this S3 calls a missing signature a bad request.
    assert not signature or httpx.get(bare, trust_env=False).status_code in (400, 403, 404, 409)


@pytest.mark.django_db
def test_taken_as_it_is(store: Store, monkeypatch: pytest.MonkeyPatch, books: Books) -> None:
    """What is complete already, under the picture's own names, is not sent a second time."""
    image = made().images.get()
    received_again(image)

    def refuse(*args: Any, **kwargs: Any) -> str:
        raise AssertionError("It was sent again.")

    monkeypatch.setattr(storages["pictures"], "save", refuse)
    carry(image.generation)
    again = GeneratedImage.objects.get()
    assert (again.file.name, again.sha256) == (image.file.name, image.sha256)
    check_kept(store, again)
    assert len(books.charges()) == 1


@pytest.mark.django_db
def test_what_is_there_and_is_not_the_picture(store: Store) -> None:
    """Half of it under its own name, as a storage leaves it that was cut off, is replaced."""
    image = made().images.get()
    received_again(image)
    name, data = str(image.file.name), store.read(str(image.file.name))
    store.storage().delete(name)
    store.storage().save(name, ContentFile(data[: len(data) // 2]))
    carry(image.generation)
    check_kept(store, GeneratedImage.objects.get())


@pytest.mark.django_db
@pytest.mark.usefixtures("impatient")
def test_both_files_go_with_the_row(store: Store) -> None:
    """A deleted picture leaves nothing; while the storage is away the names wait, on rows of their own."""
    first, second = made(results=2).images.all()
    first.delete()
    tasks.discard()
    check_kept(store, second)
    store.stop()
    second.delete()
    tasks.discard()
    assert set(DiscardedFile.objects.values_list("name", flat=True)) == {
        second.file.name,
        second.preview.name,
    }
    store.start()
    tasks.discard()
    assert store.names() == set()
    assert not DiscardedFile.objects.exists()


@pytest.mark.django_db
@isolate_apps("tests")
def test_adopted_by_another_app(store: Store) -> None:
    """Its name and size make a row of any model with an image field, and no question to the storage: it is away."""
    image = made().images.get()

    class Photo(models.Model):
        file = models.ImageField(storage=storages["pictures"], width_field="width", height_field="height")
        width = models.PositiveIntegerField()
        height = models.PositiveIntegerField()

        class Meta:
            app_label = "tests"

        def __str__(self) -> str:
            return str(self.file)

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE tests_photo (id integer PRIMARY KEY, file text, width integer, height integer)"
        )
    store.stop()
    try:
        Photo(pk=1, file=image.file.name, width=image.width, height=image.height).save()
        photo = Photo.objects.get()
        assert (photo.file.name, photo.width, photo.height) == (image.file.name, image.width, image.height)
    finally:
        store.start()
    with photo.file.open() as file:
        assert hashlib.sha256(file.read()).hexdigest() == image.sha256


# -- Flagged -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("impatient")
def test_flagged_and_approved(
    store: Store, settings: Any, django_capture_on_commit_callbacks: Any, books: Books
) -> None:
    """It lies behind the private alias, alone; approved while the storage is away it moves once that is back."""
    settings.SEEDREAM |= {"SAFETY_CHECK": True}
    image = made("a fox sandbox:nsfw").images.get()
    assert (image.state, image.review, image.file.name) == (ImageState.STORED, Review.WAITING, "")
    assert store.names("private") == {image.private_file.name}
    assert store.names() == {image.preview.name}
    data = store.read(str(image.private_file.name), "private")
    assert hashlib.sha256(data).hexdigest() == image.sha256

    store.stop()
    with django_capture_on_commit_callbacks(execute=True):
        assert review.decide(image, True, by=None)
    image.refresh_from_db()
    assert re.match(r"The (private )?storage did not (give|take) the file \(", image.error)
    assert not [secret for secret in SECRET if secret in image.error]
    store.start()
    GeneratedImage.objects.update(look_at=timezone.now())
    tasks.move(image.pk)
    tasks.discard()
    image.refresh_from_db()
    assert store.names("private") == set()
    check_kept(store, image)
    assert store.read(str(image.file.name)) == data
    assert len(books.charges()) == 1


# -- Away ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("impatient")
def test_away(store: Store, sandbox: Path, caplog: pytest.LogCaptureFixture, books: Books) -> None:
    """The row says why in plain words, its bytes wait in the spool, and they are stored when the server is back.

    No key and no signed address is in what is logged, nor in any row.
    """
    caplog.set_level(logging.INFO)
    store.stop()
    generation = orders.place("a fox")
    turn(3)
    image = generation.images.get()
    assert (image.state, image.trouble, image.spooled_on) == (ImageState.RECEIVED, "store", spool.MACHINE)
    assert image.error.startswith("The storage did not take the file (")
    (waiting,) = files_in(sandbox / "spool")
    assert hashlib.sha256(waiting.read_bytes()).hexdigest() == image.sha256
    rows = serializers.serialize("json", [*Generation.objects.all(), *GeneratedImage.objects.all()])
    assert not [secret for secret in SECRET if secret in rows + caplog.text]

    store.start()
    carry(generation)
    check_kept(store, generation.images.get())
    assert not files_in(sandbox / "spool")
    assert len(books.charges()) == 1


# -- Killed between the storage and the row ------------------------------------------------------------------


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which one picture is ordered and no consumer has run yet."""
    workshop = Workshop(tmp_path_factory.mktemp("ordered"))
    workshop.run("migrate", "-v", "0")
    workshop.run("seedream_generate", "A red fox in the snow", "--size", "2048x2048")
    return workshop.data


@pytest.fixture
def workshop(store: Store, ordered: Path, tmp_path: Path) -> Iterator[Workshop]:
    """That folder, with consumers who save to the store."""
    shutil.copytree(ordered, tmp_path / "data")
    (tmp_path / "data" / "tmp").mkdir()
    workshop = Workshop(tmp_path / "data", STORAGE="pictures")
    workshop.variables = {
        **store.variables,
        "TMPDIR": str(tmp_path / "data" / "tmp"),
        "SEEDREAM_TEST_STORAGES": json.dumps(store.entries),
    }
    yield workshop
    workshop.close()


@pytest.mark.server
@pytest.mark.parametrize("server", SERVED, indirect=True)
def test_killed_between_the_storage_and_the_row(store: Store, workshop: Workshop) -> None:
    """SIGKILL with both files stored and no row that says so; then another consumer.

    The same names, each once and whole; one row, one charge, and nothing half-written anywhere.
    """
    workshop.kill_at("stored", workshop.consumer(gap="stored"))
    names = whole(store)
    assert [(image["state"], image["file"]) for image in workshop.images()] == [("received", "")]

    workshop.consumer()
    workshop.wait_until_final()
    (image,) = workshop.images()
    assert image["state"] == "stored"
    assert store.names() == names == {image["file"], image["preview"]}
    data = store.read(image["file"])
    assert (len(data), hashlib.sha256(data).hexdigest()) == (image["size"], image["sha256"])
    Image.open(io.BytesIO(store.read(image["preview"]))).load()
    assert len(workshop.charges()) == 1
    assert not files_in(workshop.data / "tmp")
    assert not files_in(workshop.data / "spool")


# -- Memory, and the page ------------------------------------------------------------------------------------


@pytest.mark.server
@pytest.mark.parametrize("server", SERVED, indirect=True)
def test_memory_of_fifty_megabytes(store: Store) -> None:
    """Saving such a file, and comparing it with what is there, takes no more than 10 MB beside what there is.

    By the settings that the pages have, in a process of its own. A picture is not decoded here: see ``tests.memory``.
    """
    settings = block("s3.md", "settings.py, little memory and no long waits") if store.kind == "S3" else ""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.memory", json.dumps(store.entries["pictures"])],
        cwd=ROOT, input=settings, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    grown = json.loads(done.stdout)
    print(store.kind, grown)
    assert max(grown.values()) <= 10 * memory.MEGABYTE


@pytest.mark.server
def test_the_page_has_the_storage_that_is_tried_here() -> None:
    """SFTP's class, line by line, but for the types."""
    ours = (ROOT / "tests" / "sftp.py").read_text().partition("class ")[2].replace(" -> None", "")
    assert block("storages.md", "mysite/storages.py").partition("class ")[2] == ours
