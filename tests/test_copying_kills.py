"""kill -9 of real consumers while they copy a picture into a field's own storage: one file, and the field has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image

from seedream_django import marks

from .workshop import Workshop, wait_for

pytestmark = pytest.mark.once

ORDER = """
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from example_project.magazine.models import Article, Photo, Topic
from seedream_django import orders
from seedream_django.models import Slot
topic = Topic.objects.create(name="Nature", slug="nature")
article = Article.objects.create(title="Foxes", slug="foxes", topic=topic)
photo = Photo.objects.create(article=article)
owner = User.objects.get()
spot = Slot(content_type=ContentType.objects.get_for_model(Photo), object_id=str(photo.pk), field="image", user=owner)
spot.options = {"ratio": "3:2", "max_width": 300}
orders.place("A red fox in the snow", user=owner, slot=spot)
"""


class Gap(NamedTuple):
    """What lies there while a process stands at it: half-written files, and files in the field's own folder."""

    name: str
    half: int = 0
    saved: int = 0


GAPS = (
    Gap("copy claimed"),
    Gap("copy fetched", half=1),
    Gap("half a copy", half=3, saved=1),
    # The storage has all of it, and the field does not say so.
    Gap("copy saved", saved=1),
)


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which a picture is ordered for a photo, and no consumer has run yet."""
    workshop = Workshop(tmp_path_factory.mktemp("ordered"))
    workshop.run("migrate", "-v", "0")
    workshop.run("createsuperuser", "--noinput")
    workshop.run("shell", "-v", "0", "-c", ORDER)
    return workshop.data


@pytest.fixture
def workshop(ordered: Path, tmp_path: Path) -> Iterator[Workshop]:
    shutil.copytree(ordered, tmp_path / "data")
    workshop = Workshop(tmp_path / "data")
    yield workshop
    workshop.close()


def the_photo(workshop: Workshop) -> dict[str, Any]:
    (photo,) = workshop.rows("photo", app="magazine")
    return photo


def check_at_gap(workshop: Workshop, gap: Gap) -> None:
    """The field is empty, whatever lies in its folder."""
    (slot,) = workshop.rows("slot")
    assert (the_photo(workshop)["image"], the_photo(workshop)["width"], slot["settled_at"]) == (
        "",
        None,
        None,
    )
    names = workshop.files()
    half = {name for name in names if name.startswith(".seedream-spool/")}
    saved = {name for name in names if name.startswith("photos/")}
    assert (len(half), len(saved)) == (gap.half, gap.saved)
    # What may lie there is on the row before it does, so that whoever comes next finds it.
    assert saved <= {slot["copied"]}


def check_copied(workshop: Workshop) -> None:
    """One whole file, cut, marked, and what the field says; nothing half-written, nothing else, and one charge."""
    (slot,), (image,), photo = workshop.rows("slot"), workshop.images(), the_photo(workshop)
    assert (slot["note"], slot["image_id"], slot["copied"]) == ("", image["id"], photo["image"])
    path = workshop.data / "media" / photo["image"]
    with Image.open(path) as picture:
        picture.load()
        assert picture.size == (photo["width"], photo["height"]) == (300, 200)
    assert marks.is_marked(path)
    assert workshop.files() == {photo["image"], *workshop.check_kept(image)}
    assert (len(workshop.charges()), workshop.rows("discardedfile")) == (1, [])


@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.name)
def test_killed_while_it_copies(workshop: Workshop, gap: Gap) -> None:
    """Until the copy is whole the field refers to nothing; whoever comes next puts one file there."""
    workshop.kill_at(gap.name, workshop.consumer(gap=gap.name))
    check_at_gap(workshop, gap)
    workshop.consumer()
    wait_for(lambda: workshop.rows("slot")[0]["settled_at"], 60)
    check_copied(workshop)
