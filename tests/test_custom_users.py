"""People of a site's own, with pictures: the page on fields, done as it is written, in a project of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .tutorial import Reader, Section, sections

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = Section((DOCS / "howto" / "fields.md").read_text().partition("\n## A user model of your own\n")[2])
SETTINGS = """
INSTALLED_APPS += ["seedream_django", "huey.contrib.djhuey", "people"]
AUTH_USER_MODEL = "people.Person"
HUEY = {"huey_class": "huey.MemoryHuey", "immediate": True}
SEEDREAM = {"SANDBOX": True, "SANDBOX_LATENCY": 0, "SANDBOX_PLAIN": True}
MEDIA_URL, MEDIA_ROOT = "media/", BASE_DIR / "media"
ALLOWED_HOSTS = ["*"]
"""
URLS = """
from django.urls import include

urlpatterns += [path("seedream/", include("seedream_django.urls"))]
"""
#: An owner adds somebody with a picture that is ordered with the save, then chooses it for both fields of hers.
WORK = """
import re
from django.test import Client
from people.models import Person
from seedream_django import tasks
from seedream_django.models import GeneratedImage

olga = Person.objects.create_superuser("olga", password="x")
client = Client()
client.force_login(olga)
add = "/admin/people/person/add/"
page = client.get(add).content.decode()
values = {"username": "ines", "password1": "s3cr-et-ly", "password2": "s3cr-et-ly", "usable_password": "true"}
order = {"avatar-prompt": "a portrait", "avatar-order": "1", "avatar-results": "1"}
print("panel:", 'name="avatar-prompt"' in page, 'name="portrait-prompt"' in page)
print("added:", client.post(add, {**values, **order}).status_code)
while not Person.objects.get(username="ines").avatar:
    tasks.tend()
print("avatar:", Person.objects.get(username="ines").avatar.name, Person.objects.get(username="ines").avatar.width)
image = GeneratedImage.objects.get()
change = f"/admin/people/person/{olga.pk}/change/"
page = client.get(change).content.decode()
values = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
sent = {"username": "olga", "is_active": "on", "is_staff": "on", "is_superuser": "on", "date_joined_0": "2026-01-01",
    "date_joined_1": "10:00", "avatar-picture": image.pk, "portrait": image.pk}
print("changed:", client.post(change, sent).status_code)
olga.refresh_from_db()
print("both:", bool(olga.avatar), olga.portrait == image)
"""


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path / "my site")
    reader.follow(sections(DOCS / "tutorial.md")[2])
    yield reader
    reader.close()


def test_people_with_pictures(reader: Reader) -> None:
    """Two migrations, no circle; whoever is added or changed in the admin gets a picture in either kind of field."""
    for name, text in (("settings", SETTINGS), ("urls", URLS)):
        with (reader.folder / "mysite" / f"{name}.py").open("a") as file:
            file.write(text)
    (reader.folder / "people").mkdir()
    (reader.folder / "people" / "__init__.py").touch()
    reader.follow(PAGE)
    migrations = (reader.folder / "people" / "migrations").glob("0*.py")
    assert sorted(path.name[:4] for path in migrations) == ["0001", "0002"]
    # Of SQLite and of an address that nobody serves, which the page is not about.
    assert set(re.findall(r"seedream\.\w+", reader.run("python manage.py check"))) == {
        "seedream.W003",
        "seedream.W008",
    }
    (reader.folder / "work.py").write_text(WORK)
    said = reader.run("python manage.py shell -v 0 < work.py")
    assert "panel: True False" in said
    assert "added: 302" in said
    assert "avatar: avatars/a-portrait" in said
    assert " 400" in said
    assert "changed: 302" in said
    assert "both: True True" in said
