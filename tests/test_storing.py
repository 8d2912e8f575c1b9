"""Keeping a picture: temporary file, full check, storage, row; and all that can go wrong between them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from seedream_django import orders, spool, storing, tasks
from seedream_django.models import (
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    State,
    after,
    picture_storage,
)
from seedream_django.sandbox import Books

from .steps import LONG_AGO, carry, made, past, turn

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def received(prompt: str = "a fox", **values: Any) -> GeneratedImage:
    """A picture that has just come and that nobody has looked at."""
    image = made(prompt, **values).images.get()
    url = f"http://sandbox/pictures/{image.image_uuid}.jpg"
    for name in (image.file.name, image.preview.name):
        storages["default"].delete(name)
    fresh: dict[str, Any] = {"url": url, "file": "", "preview": "", "attempts": 0, "stored_at": None}
    GeneratedImage.objects.filter(pk=image.pk).update(state=ImageState.RECEIVED, **fresh)
    Generation.objects.filter(pk=image.generation_id).update(state=State.STORING, stored=0)
    return GeneratedImage.objects.get(pk=image.pk)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# -- Storages ------------------------------------------------------------------------------------------------


def test_another_storage_by_alias(settings: Any, sandbox: Path) -> None:
    """``SEEDREAM["STORAGE"]`` names the storage; the host's own media are left alone."""
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": sandbox / "own"}}
    settings.STORAGES = {**settings.STORAGES, "pictures": own}
    settings.SEEDREAM |= {"STORAGE": "pictures"}
    assert made().state == State.DONE
    assert len(files_in(sandbox / "own")) == 2
    assert not (sandbox / "media").exists()


class Remote(Storage):
    """Keeps its files elsewhere, as S3 does."""

    files: dict[str, bytes] = {}

    def exists(self, name: str) -> bool:
        return name in self.files

    def _open(self, name: str, mode: str) -> ContentFile[bytes]:
        return ContentFile(self.files[name])

    def _save(self, name: str, content: Any) -> str:
        self.files[name] = content.read()
        return name


def test_a_storage_without_a_folder(settings: Any, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that is no folder has its half-written files in the temporary one, and leaves none there."""
    monkeypatch.setattr("tempfile.tempdir", str(sandbox / "tmp"))
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": f"{__name__}.Remote"}}
    image = made().images.get()
    assert storages["default"].exists(image.file.name)
    assert storages["default"].exists(image.preview.name)
    assert [path.name for path in (sandbox / "tmp").iterdir()]
    assert not files_in(sandbox / "tmp")
    assert not (sandbox / "media").exists()


def test_a_spool_that_others_may_write_to(sandbox: Path) -> None:
    """A folder for half-written files that others may write to is not used, and the row says why."""
    folder = sandbox / "media" / spool.HALF_WRITTEN
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    generation = orders.place("a fox")
    turn(3)
    assert "others may write to it" in generation.images.get().error
    folder.chmod(0o700)
    assert carry(generation).state == State.DONE


def test_a_storage_that_cannot_be_loaded(settings: Any) -> None:
    """What stands in for it takes nothing, has nothing, and says why: an alias, or what it leads to, is not there."""
    settings.STORAGES = {**settings.STORAGES, "broken": {"BACKEND": "nowhere.Storage"}}
    for alias, why in (("gone", "Could not find config for 'gone'"), ("broken", "No module named 'nowhere'")):
        settings.SEEDREAM |= {"STORAGE": alias}
        storage = picture_storage()
        for ask in (storage.url, storage.exists, storage.open, storage.delete, storage.size, storage.listdir):
            with pytest.raises(ImproperlyConfigured, match=f'"{alias}" cannot be loaded: .*{why}'):
                ask("a.jpg")
        with pytest.raises(ImproperlyConfigured, match=why):
            storage.save("a.jpg", ContentFile(b""))


class Ambiguous(FileSystemStorage):
    """Takes the file, and says that it did not."""

    def save(self, name: Any, content: Any, max_length: Any = None) -> str:
        super().save(name, content, max_length)
        raise TimeoutError("perhaps")


class Renaming(FileSystemStorage):
    """Somebody saves under the same name in the last moment."""

    def get_available_name(self, name: str, max_length: Any = None) -> str:
        stem, dot, ending = name.rpartition(".")
        return f"{stem}_x7{dot}{ending}"


@pytest.mark.parametrize("storage", ["Ambiguous", "Renaming"])
def test_a_storage_that_answers_strangely(storage: str, settings: Any, sandbox: Path) -> None:
    """An ambiguous save is repeated and found; a file under another name is taken away again."""
    good = settings.STORAGES
    bad = {"BACKEND": f"{__name__}.{storage}", "OPTIONS": {"location": str(sandbox / "media")}}
    settings.STORAGES = {**good, "default": bad}
    generation = orders.place("a fox")
    turn(4)
    generation.refresh_from_db()
    assert generation.state in (State.STORING, State.DONE)
    assert not [path for path in files_in(sandbox / "media") if "_x7" in path.name]
    settings.STORAGES = good
    assert carry(generation).state == State.DONE
    assert len(files_in(sandbox / "media")) == 2


def test_no_folder_name(settings: Any) -> None:
    """``UPLOAD_TO`` may be empty: the files then lie at the top of the storage."""
    settings.SEEDREAM |= {"UPLOAD_TO": ""}
    assert "/" not in made().images.get().file.name


# -- Workers -------------------------------------------------------------------------------------------------


def test_one_worker_a_picture() -> None:
    """While one worker holds a picture another leaves it alone; once the lease is over it may."""
    image = received()
    GeneratedImage.objects.update(lease_until=after(60))
    assert storing.store(image.pk) is None
    assert GeneratedImage.objects.get().state == ImageState.RECEIVED
    GeneratedImage.objects.update(lease_until=after(-1))
    storing.store(image.pk)
    assert GeneratedImage.objects.get().state == ImageState.STORED


def test_a_picture_that_ends_its_workers(sandbox: Path) -> None:
    """A file that killed three workers is not opened a fourth time; its identity stays."""
    image = received()
    GeneratedImage.objects.update(crashes=3)
    storing.store(image.pk)
    image.refresh_from_db()
    assert (image.state, image.error) == (ImageState.FAILED, "It ended the worker that opened it.")
    assert image.url
    assert Generation.objects.get().state == State.FAILED
    assert not files_in(sandbox / "media")


def test_an_attempt_that_goes_well_forgives_the_others() -> None:
    """Workers that died before (a deploy, say) are not held against a good picture."""
    image = received()
    GeneratedImage.objects.update(crashes=2)
    storing.store(image.pk)
    image.refresh_from_db()
    assert (image.state, image.crashes) == (ImageState.STORED, 0)


def test_nothing_to_do() -> None:
    """A picture that is stored, or gone, is left alone."""
    image = made().images.get()
    assert storing.store(image.pk) is None
    assert storing.store(image.pk + 1) is None
    image.refresh_from_db()
    assert image.attempts == 1


def test_leftovers_of_a_dead_worker(sandbox: Path) -> None:
    """Half-written files do not stay: not of this picture once it is stored, not old ones of others."""
    image = received()
    folder = sandbox / "media" / spool.HALF_WRITTEN
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{image.image_uuid}.1.received").write_bytes(b"half")
    (folder / "old").write_bytes(b"half")
    (folder / "new").write_bytes(b"half")
    os.utime(folder / "old", (time.time() - 90_000,) * 2)
    storing.store(image.pk)
    storing.clear_spool()
    assert {path.name for path in folder.iterdir()} == {"new"}


def test_row_deleted_while_it_is_stored(settings: Any, sandbox: Path) -> None:
    """The row goes while its file is being saved: nobody else knows the files, so they are discarded."""
    deleting = {"BACKEND": f"{__name__}.Deleting", "OPTIONS": {"location": str(sandbox / "media")}}
    image = received()
    settings.STORAGES = {**settings.STORAGES, "default": deleting}
    storing.store(image.pk)
    tasks.discard()
    assert not GeneratedImage.objects.exists()
    assert not DiscardedFile.objects.exists()
    assert not files_in(sandbox / "media")


class Deleting(FileSystemStorage):
    """While the original is saved, somebody deletes its row."""

    def _save(self, name: str, content: Any) -> str:
        if "preview" not in name:
            # Past the app's own refusal, as somebody with SQL could.
            rows = GeneratedImage.objects.all()
            rows._raw_delete(rows.db)
        return super()._save(name, content)


# -- Addresses -----------------------------------------------------------------------------------------------


def test_an_expired_address_is_asked_for_again(books: Books) -> None:
    """A URL that has died is not the end: the provider is asked for a new one, and nothing is paid."""
    image = received()
    GeneratedImage.objects.update(url=f"http://sandbox/pictures/{'0' * 8}-0000-4000-8000-{'0' * 12}.jpg")
    assert storing.store(image.pk)
    image.refresh_from_db()
    assert image.url.endswith(f"{image.image_uuid}.jpg")
    assert carry(image.generation).state == State.DONE
    assert len(books.charges()) == 1


def test_fetched_again_after_it_was_given_up(books: Books) -> None:
    """A picture that could not be kept is given another chance by hand: stored, told, not paid again."""
    generation = orders.place("a fox sandbox:html-always")
    turn(3)
    past(generation.images.get(), "trouble_since")
    carry(generation)
    image = generation.images.get()
    assert (generation.state, image.state) == (State.FAILED, ImageState.FAILED)
    assert storing.fetch_again(image)
    assert not storing.fetch_again(image)
    assert GeneratedImage.objects.get().state == ImageState.RECEIVED
    assert len(books.charges()) == 1


# -- Counting ------------------------------------------------------------------------------------------------


def test_costs_that_are_not_all_known() -> None:
    """One picture without a cost: the whole is not known, rather than too low."""
    generation = made("a fox", results=2)
    GeneratedImage.objects.filter(position=1).update(cost=None)
    storing.settle(generation)
    assert generation.cost is None


def test_backoff_grows_and_ends() -> None:
    """Waits double up to a minute, with jitter, however often it was tried."""
    waits = [storing.backoff(attempt) for attempt in (1, 2, 3, 4, 7, 100, 10_000)]
    for wait, base in zip(waits, (1, 2, 4, 8, 60, 60, 60), strict=True):
        assert base <= wait <= 1.5 * base


# -- Discarding ----------------------------------------------------------------------------------------------


def test_discarded_files_are_removed(sandbox: Path, django_capture_on_commit_callbacks: Any) -> None:
    """Deleting a row has the queue remove its files; the note goes with them."""
    generation = made("a fox", results=2)
    assert len(files_in(sandbox / "media")) == 4
    with django_capture_on_commit_callbacks(execute=True):
        generation.delete()
    assert not files_in(sandbox / "media")
    assert not DiscardedFile.objects.exists()


class Stuck(FileSystemStorage):
    """Cannot remove anything."""

    def delete(self, name: str) -> None:
        raise PermissionError(13, "Permission denied")


def test_files_that_cannot_be_removed_yet(settings: Any, sandbox: Path) -> None:
    """The note stays until the file is gone; a storage that no longer exists keeps nobody else waiting."""
    good = settings.STORAGES
    storages["default"].save("a.jpg", ContentFile(b"a"))
    DiscardedFile.objects.create(storage="default", name="a.jpg")
    DiscardedFile.objects.create(storage="gone", name="b.jpg")
    bad = {"BACKEND": f"{__name__}.Stuck", "OPTIONS": {"location": str(sandbox / "media")}}
    settings.STORAGES = {**good, "default": bad}
    tasks.discard()
    assert set(DiscardedFile.objects.values_list("attempts", flat=True)) == {1}
    settings.STORAGES = good
    DiscardedFile.objects.update(created_at=after(-LONG_AGO.total_seconds()))
    tasks.discard()
    assert list(DiscardedFile.objects.values_list("storage", flat=True)) == ["gone"]
    assert not files_in(sandbox / "media")
