"""The whole way: a prompt becomes a row, a task, a file in a storage, and a picture on a page."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from PIL import Image

import seedream_django
from seedream_django import marks, orders, storing
from seedream_django.conf import DEFAULTS
from seedream_django.models import GeneratedImage, Generation, ImageState, Review, State, private_storage
from seedream_django.sandbox import Books
from seedream_django.templatetags.seedream import seedream_image

from .gate import Gate
from .steps import carry, made, turn

PILLOW = {"JPG": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}
ENDINGS = {"JPG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
FILES = [
    ("JPG", 4, (2048, 2048)),
    ("JPG", 1, (3000, 2345)),
    ("PNG", 1, (2848, 1600)),
    ("PNG", 4, (1921, 1921)),
    ("WEBP", 1, (1600, 2848)),
    ("WEBP", 4, (2001, 1999)),
]


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def stored_bytes(image: GeneratedImage) -> bytes:
    with storages["default"].open(image.file.name) as file:
        return bytes(file.read())


@pytest.mark.django_db
@pytest.mark.parametrize(("format", "results", "size"), FILES)
def test_prompt_to_files(
    format: str, results: int, size: tuple[int, int], books: Books, sandbox: Path, editor: User
) -> None:
    """Every format, one or four results, listed and odd sizes: complete rows, one charge, no stray file."""
    generation = seedream_django.generate(
        "A red fox, in snow", size=size, results=results, user=editor, output_format=format
    )
    assert generation.state == State.QUEUED
    carry(generation)
    images = list(generation.images.order_by("position"))
    assert (generation.state, len(images)) == (State.DONE, results)
    assert (generation.received, generation.stored, generation.failed) == (results, results, 0)
    assert generation.cost == generation.estimate == results * DEFAULTS["PRICE"]
    assert [(c.task_uuid, c.images) for c in books.charges()] == [(str(generation.pk), results)]
    assert books.accepted() == [str(generation.pk)]
    assert [image.position for image in images] == list(range(results))
    assert len({image.seed for image in images}) == results
    for image in images:
        check_row(image, format, size)
    assert files_in(sandbox / "media") == sorted(n for i in images for n in (i.file.name, i.preview.name))


def check_row(image: GeneratedImage, format: str, size: tuple[int, int]) -> None:
    data = stored_bytes(image)
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert (picture.format, picture.size) == (PILLOW[format], size)
    assert (image.state, image.format, (image.width, image.height)) == (ImageState.STORED, format, size)
    assert (image.size, image.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert len(image.sha256_received) == 64
    assert image.sha256_received != image.sha256
    assert (image.url, image.error, image.lease_until) == ("", "", None)
    assert image.cost == DEFAULTS["PRICE"]
    assert image.seed is not None
    assert image.title == "A red fox"
    assert re.fullmatch(r"seedream/\d{4}/\d\d/a-red-fox-in-snow-[0-9a-f-]{36}\.\w+", image.file.name)
    assert image.file.name.endswith(f"{image.image_uuid}{ENDINGS[format]}")
    check_marks(image)


def check_marks(image: GeneratedImage) -> None:
    assert marks.is_marked(Path(image.file.path))
    assert marks.is_marked(Path(image.preview.path))
    with Image.open(image.preview.path) as preview:
        assert (preview.format, max(preview.size)) == ("WEBP", 480)


@pytest.mark.django_db
def test_names_without_the_prompt(settings: Any) -> None:
    """With SLUG_NAMES off nothing of the prompt is in a file's name."""
    settings.SEEDREAM |= {"SLUG_NAMES": False, "UPLOAD_TO": "pictures"}
    image = made("a secret product").images.get()
    assert image.file.name == f"pictures/{image.image_uuid}.jpg"
    assert image.preview.name == f"pictures/{image.image_uuid}-preview.webp"


@pytest.mark.django_db
def test_a_prompt_without_latin_letters_still_has_a_name() -> None:
    """No slug can be made of such a prompt: the name is the UUID alone."""
    image = made("雪の中の狐").images.get()
    assert Path(image.file.name).name == f"{image.image_uuid}.jpg"


@pytest.mark.django_db
def test_flagged(gate: Gate, settings: Any, editor: User) -> None:
    """Over the wire: the check is asked for, and what it flags is paid, kept, no choice, and on no page."""
    settings.SEEDREAM |= {"SAFETY_CHECK": True}
    generation = carry(seedream_django.generate("a fox sandbox:nsfw", results=2, user=editor))
    assert gate.posts[0]["safety"] == {"checkContent": True}
    clear, flagged = generation.images.order_by("position")
    assert (clear.flagged, flagged.flagged) == (False, True)
    assert (generation.state, flagged.state) == (State.DONE, ImageState.STORED)
    assert (flagged.cost, private_storage().size(flagged.private_file.name)) == (
        DEFAULTS["PRICE"],
        flagged.size,
    )
    assert (flagged.file.name, flagged.review) == ("", Review.WAITING)
    assert list(GeneratedImage.objects.choosable_by(editor)) == [clear]
    assert (bool(seedream_image(clear)), seedream_image(flagged)) == (True, "")


@pytest.mark.django_db
def test_nothing_is_flagged_unasked(gate: Gate) -> None:
    """Without SAFETY_CHECK the provider says nothing of it, and nothing is held back."""
    assert DEFAULTS["SAFETY_CHECK"] is False
    image = made("a fox sandbox:nsfw").images.get()
    assert ("safety" in gate.posts[0], image.flagged, bool(seedream_image(image))) == (False, None, True)


@pytest.mark.django_db
def test_steps_of_one_order() -> None:
    """Each turn is one step, and each step leaves a state that another worker can go on from."""
    generation = orders.place("a red fox")
    seen = []
    while not generation.is_final and len(seen) < 9:
        seen.append(generation.state)
        turn()
        generation.refresh_from_db()
    assert seen == [State.QUEUED, State.RUNNING]
    assert generation.state == State.DONE
    moments = (generation.created_at, generation.submitted_at, generation.accepted_at, generation.finished_at)
    assert sorted(moments) == list(moments)


@pytest.mark.django_db
def test_storing_again_after_a_crash_finds_the_same_file(sandbox: Path) -> None:
    """A worker that died after the file was saved: the next one finds it, and saves no second."""
    generation = orders.place("a red fox")
    turn()
    turn()
    image = generation.images.get()
    before, files, inode = (
        stored_bytes(image),
        files_in(sandbox / "media"),
        Path(image.file.path).stat().st_ino,
    )
    url = f"http://sandbox/pictures/{image.image_uuid}.jpg"
    crashed = {"state": ImageState.RECEIVED, "url": url, "file": "", "preview": "", "sha256": ""}
    GeneratedImage.objects.filter(pk=image.pk).update(**crashed)
    Generation.objects.filter(pk=generation.pk).update(state=State.STORING)
    assert storing.store(image.pk) is None
    again = generation.images.get()
    assert (again.state, again.sha256, again.file.name) == (ImageState.STORED, image.sha256, image.file.name)
    assert (stored_bytes(again), files_in(sandbox / "media")) == (before, files)
    assert Path(again.file.path).stat().st_ino == inode


@pytest.mark.django_db
def test_a_different_file_under_the_name_is_replaced(sandbox: Path) -> None:
    """Half a file that another storage left under the name does not stay, nor make a second name."""
    image = made().images.get()
    good = stored_bytes(image)
    Path(image.file.path).write_bytes(good[:1000])
    url = f"http://sandbox/pictures/{image.image_uuid}.jpg"
    GeneratedImage.objects.filter(pk=image.pk).update(state=ImageState.RECEIVED, url=url)
    storing.store(image.pk)
    assert stored_bytes(image) == good
    assert len(files_in(sandbox / "media")) == 2


@pytest.mark.django_db(transaction=True)
def test_queue_is_woken_on_commit() -> None:
    """With huey immediate the order is submitted in the same call, right after its row is committed."""
    generation = orders.place("a red fox")
    generation.refresh_from_db()
    assert generation.state == State.RUNNING
