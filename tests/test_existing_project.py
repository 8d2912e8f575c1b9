"""The page on existing projects, done as it is written: its queue, storage, field, receiver and groups."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .tutorial import Reader, Section, sections

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = Section((DOCS / "howto" / "existing-project.md").read_text())
#: What the page leaves to the reader: a photo of their own, and the row that ties an order to a page.
THEIRS = """
    photo = models.ImageField(blank=True, upload_to="photos")


class PictureOrder(models.Model):
    page = models.ForeignKey(Page, models.CASCADE)
    generation = models.ForeignKey("seedream_django.Generation", models.CASCADE)
"""
READY = """
from django.apps import AppConfig


class MagazineConfig(AppConfig):
    name = "magazine"

    def ready(self):
        from . import pictures
"""
ORDER = """
from django.contrib.auth.models import Group
from seedream_django import tasks
from seedream_django.models import Generation
from magazine.models import Page
from magazine.pictures import order_picture_for

page = Page.objects.create(title="A teapot")
order_picture_for(page, "a teapot", None)
while not page.photo:
    tasks.tend()
    page.refresh_from_db()
print("photo:", page.photo.name, page.photo.width, page.photo.height)
other = Page.objects.create(title="An owl")
order_picture_for(other, "an owl sandbox:nsfw", None)
generation = Generation.objects.latest("created_at")
while not generation.is_final:
    tasks.tend()
    generation.refresh_from_db()
other.refresh_from_db()
print("flagged:", generation.images.get().flagged, repr(other.photo.name))
for group in Group.objects.order_by("name"):
    print("group:", group.name, group.permissions.count())
"""


def block(words: str) -> str:
    """The page's one block of Python that has these words."""
    (code,) = (code for language, code in PAGE.blocks if language == "python" and words in code)
    return code


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path / "my site")
    reader.follow(sections(DOCS / "tutorial.md")[2])
    yield reader
    reader.close()


def write(reader: Reader, path: str, *texts: str, more: bool = False) -> None:
    with (reader.folder / path).open("a" if more else "w") as file:
        file.write("\n".join(("", *texts)))


def test_an_existing_project(reader: Reader) -> None:
    """Installed as the page says, with another storage: no error, a photo of what is not flagged, rights."""
    queue = block('"huey_class"')
    settings = (block('+= ["seedream_django"]'), queue, block('"base_url"'))
    test_s = (
        'INSTALLED_APPS.append("magazine")',
        'HUEY["immediate"] = True',
        'SEEDREAM["SANDBOX_LATENCY"] = 0',
        'SEEDREAM["SAFETY_CHECK"] = True',
    )
    write(reader, "mysite/settings.py", *settings, *test_s, 'MEDIA_ROOT = BASE_DIR / "media"', more=True)
    urls = (block('include("seedream_django.urls")'), block('static("/pictures/"'))
    write(reader, "mysite/urls.py", *urls, more=True)
    write(reader, "magazine/models.py", block("class Page(models.Model)").rstrip() + THEIRS)
    write(reader, "magazine/admin.py", block("class PageAdmin"))
    write(reader, "magazine/pictures.py", block("@receiver([image_stored"))
    write(reader, "magazine/apps.py", READY)
    write(reader, "groups.py", block("EDITORS = "))
    write(reader, "order.py", ORDER)
    reader.run("python manage.py makemigrations magazine && python manage.py migrate")
    assert re.findall(r"seedream\.\w+", reader.run("python manage.py check")) == ["seedream.W003"]
    reader.run("python manage.py shell -v 0 < groups.py")
    said = reader.run("python manage.py shell -v 0 < order.py")
    assert "photo: photos/photo" in said
    assert " 2848 1600" in said
    assert "flagged: True ''" in said
    assert re.findall(r"group: (.*)", said) == ["Chief editors 20", "Editors 5"]
    # The picture is in the other storage, and only the photo among the uploads.
    assert len(list((reader.folder / "pictures").rglob("a-teapot-*.jpg"))) == 1
    assert [path.parent.name for path in (reader.folder / "media").rglob("*.jpg")] == ["photos"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('SEEDREAM["STORAGE"] = "picture"', ["seedream.E003", '"picture"', '"pictures"']),
        ('STORAGES["pictures"]["BACKEND"] = "nowhere.Storage"', ["seedream.E007", "nowhere"]),
        ('STORAGES["pictures"]["OPTIONS"] = {"bucket": "x"}', ["seedream.E007", "bucket"]),
    ],
)
def test_a_storage_that_is_not_there_is_told_by_the_check(reader: Reader, more: str, told: list[str]) -> None:
    """By the check, with what to type, and not by a traceback from the models' import."""
    blocks = (block('+= ["seedream_django"]'), block('"huey_class"'), block('"base_url"'))
    write(reader, "mysite/settings.py", *blocks, more, more=True)
    said = reader.run("python manage.py check", fails=True)
    assert [word for word in told if word not in said] == []
    assert "Traceback" not in said


def test_it_can_be_taken_out_again(reader: Reader) -> None:
    """The migration goes back to nothing."""
    write(reader, "mysite/settings.py", block('+= ["seedream_django"]'), block('"huey_class"'), more=True)
    reader.run("python manage.py migrate && python manage.py migrate seedream_django zero")
    look = "from django.db import connection; print(*connection.introspection.table_names(), sep='/')"
    tables = reader.run(f'python manage.py shell -v 0 -c "{look}"').strip().split("/")
    assert "auth_user" in tables
    assert not [table for table in tables if "seedream" in table]


def test_it_counts_its_tables() -> None:
    """The page says how many the migration makes."""
    from django.apps import apps

    numbers = {21: "twenty-one", 22: "twenty-two", 23: "twenty-three", 24: "twenty-four", 25: "twenty-five"}
    count = len(list(apps.get_app_config("seedream_django").get_models()))
    assert f"The migrations make {numbers[count]} tables" in PAGE.text
