"""Charged and without a file: fetched again while anything knows it, and kept here while the storage is away."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import stat
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seedream_django import circuit, conf, orders, signals, spool, storing, tasks
from seedream_django.models import Circuit, GeneratedImage, Generation, ImageState, State, after
from seedream_django.sandbox import Books

from .gate import Gate, answering
from .steps import carry, past, said, turn
from .test_storing import files_in, received

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]

DEAD = "http://127.0.0.1:1/gone.jpg"


class Away(FileSystemStorage):
    """Takes nothing."""

    def _save(self, name: str, content: Any) -> str:
        raise ConnectionError("away")


class Full(FileSystemStorage):
    """Its disk is full: not even the folder for what is half-written can be made."""

    def path(self, name: str) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")


class AwayElsewhere(Storage):
    """No folder, and takes nothing, as S3 on a bad day."""

    def exists(self, name: str) -> bool:
        raise ConnectionError("away")


@pytest.fixture
def away(settings: Any, sandbox: Path) -> Callable[..., None]:
    """Take the storage away, or bring it back: ``away(Full)``, ``away(None)``."""
    good = settings.STORAGES

    def set_to(kind: type[Storage] | None = Away) -> None:
        options = {"location": str(sandbox / "media")} if kind in (Away, Full) else {}
        bad = {"BACKEND": f"{__name__}.{kind.__name__}" if kind else "", "OPTIONS": options}
        settings.STORAGES = {**good, "default": bad} if kind else good

    return set_to


class Swallowing(Storage):
    """Answers so late that another worker has taken the row: nothing here is quicker than a lease."""

    def exists(self, name: str) -> bool:
        GeneratedImage.objects.update(attempts=F("attempts") + 1, lease_until=after(-1), look_at=after(-1))
        raise TimeoutError


def forgotten(sandbox: Path) -> None:
    """From now on the provider has no file any more, at whatever address."""
    rewrite(sandbox, "a fox sandbox:expired")


def rewrite(sandbox: Path, prompt: str) -> None:
    with sqlite3.connect(sandbox / "sandbox.sqlite3") as book:
        book.execute("UPDATE task SET prompt = ?", [prompt])
    book.close()


def waiting(sandbox: Path) -> list[Path]:
    folder = sandbox / "spool"
    return files_in(folder) if folder.exists() else []


def try_now(image: GeneratedImage) -> GeneratedImage:
    """One attempt, as if its time had come."""
    GeneratedImage.objects.filter(pk=image.pk).update(look_at=after(-1))
    storing.store(image.pk)
    return GeneratedImage.objects.get(pk=image.pk)


def test_a_storage_that_swallows_every_lease(away: Any, gate: Gate, books: Books, sandbox: Path) -> None:
    """No worker that comes back still has its row: the bytes wait all the same, and the storage's circuit is told."""
    away(Swallowing)
    first, second = orders.place("a fox"), orders.place("an owl")
    turn(3)
    assert len(waiting(sandbox)) == 2
    fetched = len(gate.fetched)
    assert {image.spooled_on for image in GeneratedImage.objects.all()} == {spool.MACHINE}
    turn(2)
    assert len(gate.fetched) == fetched
    assert Circuit.objects.open().get().name == Circuit.STORAGE
    away(None)
    GeneratedImage.objects.update(url=DEAD)
    assert (carry(first).state, carry(second).state) == (State.DONE, State.DONE)
    assert waiting(sandbox) == []
    assert len(books.charges()) == 2


# -- The spool -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Away, Full, AwayElsewhere])
def test_bytes_wait_while_the_storage_is_away(
    kind: type[Storage], away: Any, gate: Gate, books: Books, sandbox: Path
) -> None:
    """Fetched once; when the storage is back the address is dead, and the very same bytes are stored all the same."""
    away(kind)
    generation = orders.place("a fox")
    turn(3)
    (path,) = waiting(sandbox)
    image = generation.images.get()
    fetched = len(gate.fetched)
    assert (path.name, image.spooled_on) == (str(image.image_uuid), spool.MACHINE)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == image.sha256
    assert (image.state, image.trouble, path.stat().st_size) == (ImageState.RECEIVED, "store", image.size)
    turn(3)
    assert (len(gate.fetched), waiting(sandbox)) == (fetched, [path])
    away(None)
    GeneratedImage.objects.update(url=DEAD)
    assert carry(generation).state == State.DONE
    stored = generation.images.get()
    with storages["default"].open(stored.file.name) as file:
        assert hashlib.sha256(file.read()).hexdigest() == image.sha256 == stored.sha256
    assert (stored.sha256_received, stored.spooled_on) == (image.sha256_received, "")
    assert (len(gate.fetched), waiting(sandbox)) == (fetched, [])
    assert [charge.images for charge in books.charges()] == [1]


def test_nobody_else_reads_it(away: Any, sandbox: Path) -> None:
    """Folder and files are for the worker's own user: they may be hidden, or flagged."""
    away()
    orders.place("a fox")
    turn(3)
    (path,) = waiting(sandbox)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_others_may_write_to_is_not_used(sandbox: Path) -> None:
    """The storage's own folder for half-written files is not safe: the bytes wait in the spool, the row says why."""
    folder = sandbox / "media" / spool.HALF_WRITTEN
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    generation = orders.place("a fox")
    turn(3)
    assert "others may write to it" in generation.images.get().error
    assert len(waiting(sandbox)) == 1
    assert not files_in(folder)


@pytest.mark.parametrize("spoil", ["a file", "others may write"])
def test_without_a_spool_it_is_fetched_each_time(
    spoil: str, away: Any, gate: Gate, sandbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A spool that cannot be used is no reason to give a picture up: told in the log, and fetched again."""
    if spoil == "a file":
        (sandbox / "spool").write_text("in the way")
    else:
        (sandbox / "spool").mkdir()
        (sandbox / "spool").chmod(0o777)
    away()
    generation = orders.place("a fox")
    turn(4)
    image = generation.images.get()
    assert (image.state, image.spooled_on, image.trouble) == (ImageState.RECEIVED, "", "store")
    assert "The spool did not take a picture" in caplog.text
    assert len(gate.fetched) >= 2
    away(None)
    assert carry(generation).state == State.DONE


def test_bytes_that_changed_while_they_waited(away: Any, gate: Gate, sandbox: Path) -> None:
    """What is broken is fetched anew; what is only another whole picture is taken as it is, with its own SHA-256."""
    away()
    generation = orders.place("a fox")
    turn(3)
    (path,) = waiting(sandbox)
    image, fetched = generation.images.get(), len(gate.fetched)
    away(None)
    path.write_bytes(path.read_bytes()[:-200])
    assert try_now(image).state == ImageState.STORED
    assert len(gate.fetched) == fetched + 1
    assert not waiting(sandbox)


def test_another_whole_picture_under_its_name(away: Any, gate: Gate, sandbox: Path) -> None:
    """It is decoded to its end, and the row says what is really there."""
    away()
    generation = orders.place("a fox")
    turn(3)
    (path,) = waiting(sandbox)
    image, fetched = generation.images.get(), len(gate.fetched)
    other = path.read_bytes() + b"\0"
    path.write_bytes(other)
    away(None)
    stored = try_now(image)
    assert (stored.state, len(gate.fetched)) == (ImageState.STORED, fetched)
    assert stored.sha256 == hashlib.sha256(other).hexdigest() != image.sha256
    assert stored.size == len(other)


def test_the_spool_was_emptied(away: Any, gate: Gate, sandbox: Path) -> None:
    """Somebody cleared it: the row does not go on saying that the bytes wait here, and they are fetched."""
    away()
    generation = orders.place("a fox")
    turn(3)
    waiting(sandbox)[0].unlink()
    away(None)
    GeneratedImage.objects.update(url=DEAD)
    image = try_now(generation.images.get())
    assert (image.spooled_on, image.trouble) == ("", "fetch")


# -- Other machines ------------------------------------------------------------------------------------------


def test_another_machine_has_it(
    away: Any, editor: User, browser: Browser, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the address is dead it is left to the machine that has the bytes, as long as a storage may be away."""
    monkeypatch.setattr(spool, "MACHINE", "web1")
    away()
    generation = orders.place("a fox", user=editor)
    turn(3)
    away(None)
    forgotten(sandbox)
    monkeypatch.setattr(spool, "MACHINE", "web2")
    here = conf.spool()
    here.rename(here.with_name("on-web1"))
    image = try_now(generation.images.get())
    past(image, "created_at")
    GeneratedImage.objects.update(trouble_since=after(-conf.FETCH_DEADLINE - 60))
    for _ in range(3):
        image = try_now(image)
    assert (image.state, image.error) == (ImageState.RECEIVED, "Its bytes wait on the machine web1.")
    assert "could not be saved yet: Its bytes wait on the machine web1." in said(browser(editor), generation)
    assert image.trouble == "spool"
    here.with_name("on-web1").rename(here)
    monkeypatch.setattr(spool, "MACHINE", "web1")
    assert try_now(image).state == ImageState.STORED


def test_another_machine_has_it_and_never_comes_back(away: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends in its time, and where the bytes were stays on the row."""
    image = received()
    trouble: dict[str, Any] = {"spooled_on": "web1", "trouble": "store", "url": DEAD}
    GeneratedImage.objects.update(**trouble, trouble_since=after(-conf.STORE_DEADLINE + 60))
    image = try_now(image)
    # Its time goes on from when the first machine could not store it.
    assert (image.state, image.trouble) == (ImageState.RECEIVED, "spool")
    GeneratedImage.objects.update(trouble_since=after(-conf.STORE_DEADLINE - 60))
    image = try_now(image)
    assert (image.state, image.spooled_on) == (ImageState.FAILED, "web1")
    assert Generation.objects.get().state == State.FAILED


def test_the_clock_goes_on_from_machine_to_machine(away: Any) -> None:
    """What one could not store and another cannot fetch has waited since the first of both, in either order."""
    image = received()
    since = after(-3600)
    GeneratedImage.objects.update(spooled_on="web1", trouble="store", url=DEAD, trouble_since=since)
    image = try_now(image)
    assert (image.trouble, image.trouble_since) == ("spool", since)


def test_given_up_on_a_machine_without_the_bytes_it_gets_another_chance(gate: Gate) -> None:
    """While it is watched, it is tried now and then: the machine that has it may be back."""
    generation = orders.place("a fox sandbox:html-always")
    turn(3)
    address = generation.images.get().url
    given_up(generation)
    GeneratedImage.objects.update(trouble="spool", spooled_on="web1", url=address, attempts=7)
    turn()
    assert generation.images.get().attempts == 1


def test_a_machine_that_is_gone_does_not_hold_everybody(
    away: Any, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storage is well again and only a picture on a dead machine is left: an order is tried, and all goes on."""
    picture = received()
    GeneratedImage.objects.update(spooled_on="web1", trouble="store", url=DEAD, trouble_since=after(-60))
    Circuit.objects.create(
        name=Circuit.STORAGE, error_kind=Circuit.STORAGE, opened_at=after(-60), probe_at=after(-1)
    )
    waits = orders.place("another fox")
    assert circuit.probe() == ([], [picture.pk])
    assert try_now(picture).trouble == "spool"
    Circuit.objects.update(probe_at=after(-1))
    assert circuit.probe() == ([waits.pk], [])
    assert carry(waits).state == State.DONE
    assert not Circuit.objects.open().exists()
    assert GeneratedImage.objects.get(pk=picture.pk).state == ImageState.RECEIVED


def test_another_machine_can_fetch_it(away: Any, gate: Gate, sandbox: Path) -> None:
    """While the address lives any machine may; what then still waits on the first is removed there by the sweep."""
    away()
    generation = orders.place("a fox")
    turn(3)
    (path,) = waiting(sandbox)
    content = path.read_bytes()
    path.unlink()
    GeneratedImage.objects.update(spooled_on="web1")
    away(None)
    assert carry(generation).state == State.DONE
    path.write_bytes(content)
    storing.clear_spool()
    assert not waiting(sandbox)


# -- What is cleared -----------------------------------------------------------------------------------------


def test_what_a_row_needs_is_not_cleared(away: Any, sandbox: Path) -> None:
    """Neither what still waits nor what was given up, however old; half of a dead worker's file is, and old."""
    away()
    generation = orders.place("a fox")
    turn(3)
    (path,) = waiting(sandbox)
    half, fresh, foreign = (path.with_name(name) for name in ("x.1.part", "y.2.part", "notes.txt"))
    for extra in (half, fresh, foreign):
        extra.write_bytes(b"half")
    for old in (path, half, foreign):
        os.utime(old, (time.time() - 900_000,) * 2)
    storing.clear_spool()
    assert set(waiting(sandbox)) == {path, fresh, foreign}
    GeneratedImage.objects.update(state=ImageState.FAILED)
    storing.clear_spool()
    assert path.exists()
    GeneratedImage.objects.update(state=ImageState.STORED)
    storing.clear_spool()
    assert not path.exists()
    assert generation.pk


def test_what_another_database_needs_is_not_cleared(away: Any, sandbox: Path) -> None:
    """Two sites over one folder: what this one does not know stays for as long as the other's storage may be away."""
    away()
    orders.place("a fox")
    turn(3)
    (ours,) = waiting(sandbox)
    names = [str(uuid.uuid4()) for _ in range(3)]
    theirs, old, ancient = (ours.with_name(name) for name in names)
    for path, days in ((theirs, 0), (old, 3.9), (ancient, 4.1)):
        path.write_bytes(b"whole, to another")
        os.utime(path, (time.time() - days * 86400,) * 2)
    storing.clear_spool()
    assert set(waiting(sandbox)) == {ours, theirs, old}


def test_many_that_wait(away: Any, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is put there does not look at all the others, and the sweep asks for them in parts."""
    monkeypatch.setattr(spool, "PIECE", 2)
    listed: list[int] = []
    files = spool._files
    monkeypatch.setattr(spool, "_files", lambda: listed.append(1) or files())
    away()
    generation = orders.place("a fox", results=5)
    turn(4)
    paths = waiting(sandbox)
    assert (len(paths), len(listed)) == (5, 0)
    stored = GeneratedImage.objects.filter(pk__in=generation.images.values("pk")[:3])
    stored.update(state=ImageState.STORED)
    with CaptureQueriesContext(connection) as queries:
        storing.clear_spool()
    assert len(queries) == 3
    assert len(listed) == 1
    left = set(generation.images.exclude(state=ImageState.STORED).values_list("image_uuid", flat=True))
    assert {uuid.UUID(path.name) for path in waiting(sandbox)} == left


def test_what_was_given_up_is_still_here(
    away: Any, gate: Gate, owner: User, browser: Browser, sandbox: Path
) -> None:
    """The storage was away for too long: when it is back, an owner's click stores what waits, without a download."""
    away()
    generation = orders.place("a fox", user=owner)
    turn(3)
    GeneratedImage.objects.update(trouble_since=after(-conf.STORE_DEADLINE - 60), url=DEAD)
    assert carry(generation).state == State.FAILED
    away(None)
    fetched = len(gate.fetched)
    assert tasks.fetch_again(generation.images.get())
    generation.refresh_from_db()
    assert (generation.stored, len(gate.fetched), waiting(sandbox)) == (1, fetched, [])
    assert said(browser(owner), generation).startswith("1 picture came late, after the end. Cost: $0.035.")


def test_a_killed_worker_leaves_no_half_file(
    away: Any, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it copied: nothing lies under the picture's name, and the next worker does it over."""
    image = received()
    away()

    def killed(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(spool, "_sync", killed)
        with pytest.raises(KeyboardInterrupt):
            try_now(image)
    assert not waiting(sandbox)
    GeneratedImage.objects.update(lease_until=None)
    try_now(image)
    assert len(waiting(sandbox)) == 1
    away(None)
    assert try_now(image).state == ImageState.STORED


# -- Fetched again while anything knows it -------------------------------------------------------------------


def test_a_new_address_from_the_archive(gate: Gate) -> None:
    """The poll has forgotten the task: the archive still has the picture's address."""
    generation = orders.place("a fox")
    gate.spoil["file"] = [answering("404 Not Found", {})]
    turn(2)
    image = generation.images.get()
    good = image.url
    GeneratedImage.objects.update(url=good.replace(str(image.image_uuid), str(generation.pk)))
    gate.spoil["getResponse"] = [answering("200 OK", {"data": []})]
    assert try_now(image).url == good
    assert gate.posts[-1]["taskType"] == "getTaskDetails"
    assert try_now(image).state == ImageState.STORED


def test_an_address_that_only_fails_is_replaced_too(books: Books) -> None:
    """A host that is gone does not say that the address has died: after a few attempts another is asked for."""
    image = received()
    GeneratedImage.objects.update(url="http://sandbox/elsewhere/x.jpg")
    for _ in range(storing.STALE + 1):
        image = try_now(image)
    assert image.state == ImageState.STORED
    assert len(books.charges()) == 1


def given_up(generation: Generation) -> GeneratedImage:
    """Its picture, whose address never worked, after its time."""
    GeneratedImage.objects.filter(generation=generation, state=ImageState.RECEIVED).update(url=DEAD)
    past(generation.images.get(), "trouble_since")
    GeneratedImage.objects.update(trouble="fetch")
    carry(generation)
    image = generation.images.get()
    assert (generation.state, image.state) == (State.FAILED, ImageState.FAILED)
    return image


def test_what_was_given_up_is_fetched_from_a_new_address(
    sandbox: Path, books: Books, editor: User, browser: Browser
) -> None:
    """While it is watched the provider is asked: what it has elsewhere by now is stored, told, and signalled."""
    generation = orders.place("a fox sandbox:html-always", user=editor)
    turn(3)
    image = given_up(generation)
    assert generation.watch_until
    assert "It is paid for; its number at the provider is kept." in said(browser(editor), generation)
    rewrite(sandbox, "a fox")
    heard: list[int] = []

    def listen(image: GeneratedImage, **kwargs: Any) -> None:
        heard.append(image.pk)

    signals.image_stored.connect(listen)
    try:
        turn()
    finally:
        signals.image_stored.disconnect(listen)
    generation.refresh_from_db()
    assert (generation.state, generation.stored, heard) == (State.FAILED, 1, [image.pk])
    assert said(browser(editor), generation).startswith("1 picture came late, after the end.")
    assert len(books.charges()) == 1


def test_the_same_dead_address_is_not_tried_for_ever(gate: Gate) -> None:
    """An address that was tried for its time is left alone until the provider has another."""
    generation = orders.place("a fox sandbox:html-always")
    turn(3)
    past(generation.images.get(), "trouble_since")
    GeneratedImage.objects.update(trouble="fetch")
    carry(generation)
    fetched = len(gate.fetched)
    turn(3)
    assert (len(gate.fetched), generation.images.get().state) == (fetched, ImageState.FAILED)
    generation.refresh_from_db()
    assert generation.look_at > after(300)


def test_a_picture_that_ended_its_workers_is_left_alone(gate: Gate) -> None:
    """By itself nothing opens again what ended three workers; a person may."""
    generation = orders.place("a fox sandbox:html-always")
    turn(3)
    image = given_up(generation)
    GeneratedImage.objects.update(crashes=storing.MAX_CRASHES)
    fetched = len(gate.fetched)
    turn(2)
    assert len(gate.fetched) == fetched
    assert storing.fetch_again(image)


def test_a_page_tells_that_it_is_fetched_again(editor: User, browser: Browser) -> None:
    """An owner had it fetched again: the editor's page says so, and looks until it is there."""
    generation = orders.place("a fox sandbox:html-always", user=editor)
    turn(3)
    image = given_up(generation)
    assert storing.fetch_again(image)
    client = browser(editor)
    assert said(client, generation) == (
        "The picture could not be saved in its time. It is being fetched once more. "
        "It is paid for; fetching it costs nothing."
    )
    page = client.get(reverse("seedream_django:status", args=[generation.pk])).content.decode()
    assert 'data-next="1000"' in page


class Grudging(FileSystemStorage):
    """Takes the file, moves it into place, and then says that it did not."""

    def save(self, name: Any, content: Any, max_length: Any = None) -> str:
        saved = super().save(name, content, max_length)
        if "preview" in saved:
            return saved
        raise TimeoutError("perhaps")


def test_a_storage_that_took_it_after_all(settings: Any, gate: Gate, sandbox: Path) -> None:
    """The file was moved away before the error: it is fetched into the spool, and then found to be the same."""
    good = settings.STORAGES
    bad = {"BACKEND": f"{__name__}.Grudging", "OPTIONS": {"location": str(sandbox / "media")}}
    settings.STORAGES = {**good, "default": bad}
    generation = orders.place("a fox")
    turn(2)
    assert len(waiting(sandbox)) <= 1
    settings.STORAGES = good
    assert carry(generation).state == State.DONE
    assert not waiting(sandbox)
    assert len([path for path in files_in(sandbox / "media") if path.suffix == ".jpg"]) == 1


# -- What it cost --------------------------------------------------------------------------------------------


def test_what_a_deleted_picture_cost_is_remembered() -> None:
    """Two came, one is deleted, and something is counted anew: the order cost what it cost."""
    generation = carry(orders.place("a fox", results=2))
    cost = generation.cost
    generation.images.all()[0].delete()
    storing.settle(generation)
    generation.refresh_from_db()
    assert (generation.cost, generation.images.count()) == (cost, 1)
    assert cost == generation.estimate


def test_where_the_spool_lies(settings: Any, tmp_path: Path) -> None:
    """In the folder that is named, else beside the project, where it outlasts a restart."""
    settings.SEEDREAM = {"SPOOL": str(tmp_path / "s")}
    assert conf.spool() == tmp_path / "s"
    settings.SEEDREAM = {}
    settings.BASE_DIR = str(tmp_path)
    assert conf.spool() == tmp_path / "seedream-spool"
