"""What comes inside replies reaches the storage whatever happens between: kills, other machines, broken bytes."""

from __future__ import annotations

import base64
import datetime
import json
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from seedream_django import generate, judging, late, pipeline, receiving, spool, storing
from seedream_django.models import GeneratedImage, Generation, ImageState, LedgerEntry, State
from seedream_django.sandbox import Books

from .gate import Gate, answering, unavailable
from .steps import LONG_AGO, carry, past, turn
from .test_pipeline import finish_late

pytestmark = [pytest.mark.django_db, pytest.mark.once]


class Killed(BaseException):
    """A worker's end, in the middle of its work."""


@pytest.fixture(params=["base64Data", "dataURI"])
def inside(request: pytest.FixtureRequest, gate: Gate) -> Callable[..., Generation]:
    """Orders whose pictures come inside the replies of a provider behind a socket."""
    return lambda prompt="a fox", **values: generate(prompt, output_type=request.param, **values)


def here(sandbox: Path) -> list[str]:
    """What lies in the spool."""
    return sorted(path.name for path in (sandbox / "spool").iterdir())


def came(generation: Generation) -> GeneratedImage:
    """Carry it to where its picture came, and is not stored yet."""
    pipeline.submit(generation.pk)
    Generation.objects.update(look_at=timezone.now())
    pipeline.collect()
    return generation.images.get()


def asked(gate: Gate, kind: str = "getResponse") -> int:
    return sum(task["taskType"] == kind for task in gate.posts)


def test_what_came_waits_under_its_order_s_name(inside: Any, sandbox: Path, gate: Gate) -> None:
    """As it came, for this user alone; storing needs nobody, and leaves nothing."""
    generation = inside()
    image = came(generation)
    (name,) = here(sandbox)
    assert name == f"{image.image_uuid}.{generation.pk}.received"
    assert (sandbox / "spool" / name).stat().st_mode & 0o777 == 0o600
    before = len(gate.posts)
    assert storing.store(image.pk) is None
    image.refresh_from_db()
    assert (image.state, len(gate.posts), here(sandbox)) == (ImageState.STORED, before, [])


def test_killed_between_reply_and_disk(
    inside: Any, sandbox: Path, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies with the reply in its hands: the next poll brings the same again, which is paid once."""
    generation = inside()
    pipeline.submit(generation.pk)

    def killed(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(spool, "receive", killed)
        Generation.objects.update(look_at=timezone.now())
        with pytest.raises(Killed):
            pipeline.collect()
    assert not GeneratedImage.objects.exists()
    assert here(sandbox) == []
    assert carry(generation).state == State.DONE
    assert [charge.images for charge in books.charges()] == [1]


def test_killed_between_disk_and_row(inside: Any, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are there and no row knows them: the next poll makes it, and finds them."""
    generation = inside()
    pipeline.submit(generation.pk)

    def killed(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(judging, "record", killed)
        Generation.objects.update(look_at=timezone.now())
        with pytest.raises(Killed):
            pipeline.collect()
    assert len(here(sandbox)) == 1
    assert carry(generation).state == State.DONE
    assert here(sandbox) == []


@pytest.mark.parametrize("archived", [False, True], ids=["the poll", "the archive"])
def test_another_machine_has_it(archived: bool, inside: Any, sandbox: Path, gate: Gate, books: Books) -> None:
    """Where the bytes are not on this machine they are asked for again, of the poll or of the archive."""
    image = came(inside())
    for path in (sandbox / "spool").iterdir():
        path.unlink()
    if archived:
        gate.spoil["getResponse"] = [answering("200 OK", {"data": []})]
    before = asked(gate)
    assert storing.store(image.pk) is None
    image.refresh_from_db()
    assert image.state == ImageState.STORED
    assert asked(gate) == before + 1
    assert asked(gate, "getTaskDetails") == archived
    assert [charge.images for charge in books.charges()] == [1]


def test_one_question_brings_all_of_an_order(inside: Any, sandbox: Path, gate: Gate) -> None:
    """Each reply has all pictures of its order: with four of them missing here, one question is enough."""
    generation = inside(results=4)
    pipeline.submit(generation.pk)
    Generation.objects.update(look_at=timezone.now())
    pipeline.collect()
    for path in (sandbox / "spool").iterdir():
        path.unlink()
    before = asked(gate)
    for image in generation.images.all():
        storing.store(image.pk)
    generation.refresh_from_db()
    assert (generation.state, generation.stored, asked(gate)) == (State.DONE, 4, before + 1)


def test_a_spool_that_takes_nothing(inside: Any, settings: Any, sandbox: Path, books: Books) -> None:
    """A full or forbidden spool loses nothing: the row knows the picture, and its bytes are asked for once more."""
    forbidden = sandbox / "forbidden"
    forbidden.mkdir(mode=0o777)
    forbidden.chmod(0o777)
    settings.SEEDREAM |= {"SPOOL": forbidden}
    generation = inside()
    assert came(generation).state == ImageState.RECEIVED
    assert list(forbidden.iterdir()) == []
    assert carry(generation).state == State.DONE
    assert [charge.images for charge in books.charges()] == [1]


def test_without_any_folder(inside: Any, settings: Any, sandbox: Path) -> None:
    """The spool cannot even be made: the bytes go beside the storage's own half-written files."""
    (sandbox / "file").write_text("")
    settings.SEEDREAM |= {"SPOOL": sandbox / "file" / "spool"}
    assert carry(inside()).state == State.DONE
    assert list((sandbox / "media" / spool.HALF_WRITTEN).iterdir()) == []


def replacing(picture: str) -> Any:
    """Answers as the provider does, with another text in the place of each picture."""

    def answer(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        payload = json.loads(b"".join(app(environ, lambda status, headers: None)))
        for item in payload["data"]:
            for key in {"imageBase64Data", "imageDataURI"} & set(item):
                item[key] = picture
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(payload).encode()]

    return answer


BROKEN = {
    "no base64": "no picture!",
    "no picture": base64.b64encode(b"<html>502</html>").decode(),
    "cut short": base64.b64encode(b"\xff\xd8\xff\xe0" + b"x" * 200).decode(),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_bytes_are_asked_for_again(what: str, inside: Any, gate: Gate, books: Books) -> None:
    """What came is no picture: it is paid, so it stays on its row, and the next attempt gets it whole."""
    generation = inside()
    gate.spoil["getResponse"] = [replacing(BROKEN[what])] * 2
    gate.spoil["getTaskDetails"] = [unavailable]
    image = came(generation)
    assert storing.store(image.pk)
    image.refresh_from_db()
    assert (image.state, image.trouble) == (ImageState.RECEIVED, "fetch")
    assert image.error
    assert carry(generation).state == State.DONE
    assert [charge.images for charge in books.charges()] == [1]


def test_broken_for_good_is_told_and_counted(inside: Any, gate: Gate, sandbox: Path) -> None:
    """It stays broken: after its time the row ends failed, its UUID kept, its money as billed."""
    generation = inside()
    gate.spoil["getResponse"] = gate.spoil["getTaskDetails"] = [replacing(BROKEN["no picture"])] * 40
    image = came(generation)
    storing.store(image.pk)
    past(image, "trouble_since")
    carry(generation)
    image.refresh_from_db()
    assert (generation.state, image.state) == (State.FAILED, ImageState.FAILED)
    assert image.error == "The file is broken or not a picture."
    assert generation.cost == LedgerEntry.objects.balance()["spent"] == Decimal("0.035")
    assert here(sandbox) == []


def test_too_large_is_refused(inside: Any, settings: Any, sandbox: Path) -> None:
    """MAX_BYTES holds inside a reply, too: nothing of it stays on the disk."""
    settings.SEEDREAM |= {"MAX_BYTES": 100}
    image = came(inside())
    assert here(sandbox) == []
    assert storing.store(image.pk)
    image.refresh_from_db()
    assert image.error == "The provider does not hand out the picture's bytes."


class Away(FileSystemStorage):
    """A storage that takes nothing."""

    def _save(self, name: str, content: Any) -> str:
        raise OSError("away")


def test_while_the_storage_is_away(inside: Any, settings: Any, sandbox: Path, gate: Gate) -> None:
    """The marked picture waits as every other does; once the storage is back nobody is asked for it."""
    usual = settings.STORAGES
    settings.STORAGES = {**usual, "default": {"BACKEND": "tests.test_receiving.Away"}}
    image = came(inside())
    assert storing.store(image.pk)
    assert str(image.image_uuid) in here(sandbox)
    settings.STORAGES = usual
    before = len(gate.posts)
    image.refresh_from_db()
    past(image, "look_at")
    assert storing.store(image.pk) is None
    image.refresh_from_db()
    assert (image.state, len(gate.posts), here(sandbox)) == (ImageState.STORED, before, [])


def test_another_order_s_UUID_overwrites_nothing(gate: Gate, sandbox: Path) -> None:
    """A reply that names another order's picture leaves that one's bytes alone."""
    first, second = (generate(word, output_type="base64Data") for word in ("a fox", "a cat"))
    image = came(first)
    bytes_before = spool.received(image)
    assert bytes_before
    whole = bytes_before.read_bytes()
    item = {"taskType": "imageInference", "taskUUID": str(second.pk), "imageUUID": str(image.image_uuid)}
    gate.spoil["getResponse"] = [
        answering("200 OK", {"data": [{**item, "status": "success", "imageBase64Data": "AAAA"}]})
    ]
    pipeline.submit(second.pk)
    Generation.objects.filter(pk=second.pk).update(look_at=timezone.now())
    pipeline.collect()
    assert bytes_before.read_bytes() == whole
    assert GeneratedImage.objects.count() == 1


def test_an_address_where_bytes_were_ordered(gate: Gate) -> None:
    """The provider answers with an address all the same: it is fetched from there."""
    generation = generate("a fox", output_type="base64Data")
    plain = generate("a fox")
    url = came(plain).url

    def by_address(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        item = {"taskType": "imageInference", "taskUUID": str(generation.pk), "status": "success"}
        payload = {"data": [{**item, "imageUUID": str(generation.pk), "imageURL": url, "cost": 0.035}]}
        return list(answering("200 OK", payload)(app, environ, start_response))

    gate.spoil["getResponse"] = [by_address]
    image = came(generation)
    assert image.url == url
    assert carry(generation).state == State.DONE


def test_bytes_where_an_address_was_ordered(gate: Gate) -> None:
    """The provider answers with bytes all the same: they are paid for, so they get a row, and are asked for."""
    generation = generate("a fox")
    item = {"taskType": "imageInference", "taskUUID": str(generation.pk), "imageUUID": str(generation.pk)}
    payload = {"data": [{**item, "status": "success", "imageBase64Data": picture_of(gate)}]}
    gate.spoil["getResponse"] = [answering("200 OK", payload)] * 2
    image = came(generation)
    assert (image.url, image.state) == ("", ImageState.RECEIVED)
    assert storing.store(image.pk) is None
    assert carry(generation).state == State.DONE


def picture_of(gate: Gate) -> str:
    """A whole picture, as base64."""
    image = came(generate("a cat", output_type="base64Data"))
    path = spool.received(image)
    assert path
    return base64.b64encode(path.read_bytes()).decode()


def test_a_picture_that_comes_after_the_end(inside: Any, gate: Gate, sandbox: Path) -> None:
    """A watched order is asked about alone, too, and slowly; what comes late is stored under its end."""
    generation = inside("a fox sandbox:stuck")
    pipeline.submit(generation.pk)
    past(generation, "deadline")
    carry(generation)
    assert generation.state == State.LOST
    finish_late(sandbox)
    turn(2)
    generation.refresh_from_db()
    assert (generation.state, generation.stored) == (State.LOST, 1)
    assert here(sandbox) == []
    assert generation.look_at > timezone.now() + datetime.timedelta(seconds=late.WATCH_INTERVAL)


def test_what_was_given_up_comes_again_whole(inside: Any, gate: Gate, sandbox: Path) -> None:
    """Broken for its time and given up, it is stored as soon as the provider hands it out whole."""
    generation = inside()
    gate.spoil["getResponse"] = [replacing(BROKEN["no picture"])] * 3
    gate.spoil["getTaskDetails"] = [unavailable] * 3
    image = came(generation)
    storing.store(image.pk)
    past(image, "trouble_since")
    carry(generation)
    assert generation.state == State.FAILED
    gate.spoil.clear()
    turn(2)
    image.refresh_from_db()
    assert image.state == ImageState.STORED


# -- What is left over ---------------------------------------------------------------------------------------


@pytest.fixture
def left(sandbox: Path) -> Iterator[Callable[[str, float], Path]]:
    """Makes a file in the spool, so many seconds old."""

    def make(name: str, age: float) -> Path:
        path = spool.folder() / name
        path.write_bytes(b"x")
        os.utime(path, (timezone.now().timestamp() - age,) * 2)
        return path

    return make


def test_what_a_dead_worker_left_is_cleared(left: Any, gate: Gate, inside: Any) -> None:
    """A reply half-read, and bytes of a picture that is stored, go; what a row waits for stays, however old."""
    done = carry(inside())
    waiting = inside("a cat")
    image, other = done.images.get(), came(waiting)
    half = left("reply-0123.0.part", 2 * 24 * 60 * 60)
    young = left("reply-4567.0.part", 60)
    stored = left(f"{image.image_uuid}.{done.pk}.received", 0)
    needed = left(f"{other.image_uuid}.{waiting.pk}.received", LONG_AGO.total_seconds() * 10)
    unknown = left(f"{done.pk}.{done.pk}.received", 30 * 24 * 60 * 60)
    stranger = left("somebody-else's.received", 30 * 24 * 60 * 60)
    storing.clear_spool()
    there = {path: path.exists() for path in (half, young, stored, needed, unknown, stranger)}
    assert there == {half: False, young: True, stored: False, needed: True, unknown: False, stranger: True}


def test_what_is_stored_is_not_kept_again(inside: Any, sandbox: Path) -> None:
    """Each reply brings all pictures of an order: those that are stored already leave nothing here."""
    generation = carry(inside())
    assert receiving.poll([generation])[generation.pk].results
    assert here(sandbox) == []
