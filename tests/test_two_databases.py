"""A site whose articles lie in another database than the pictures, and one whose requests are transactions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .tutorial import Reader, sections

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parent.parent / "docs"
SETTINGS = """
INSTALLED_APPS += ["seedream_django", "huey.contrib.djhuey", "news"]
HUEY = {"huey_class": "huey.MemoryHuey", "immediate": True}
SEEDREAM = {"SANDBOX": True, "SANDBOX_LATENCY": 0, "SANDBOX_PLAIN": True}
MEDIA_URL, MEDIA_ROOT = "media/", BASE_DIR / "media"
ALLOWED_HOSTS = ["*"]
DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}
"""
TWO = """
DATABASES["articles"] = {**DATABASES["default"], "NAME": BASE_DIR / "articles.sqlite3"}
DATABASE_ROUTERS = ["news.routers.Router"]
"""
ATOMIC = """
for database in DATABASES.values():
    database["ATOMIC_REQUESTS"] = True
"""
NEWS = {
    "__init__": "",
    "models": """
from django.db import models

class Article(models.Model):
    title = models.CharField(max_length=80)
    photo = models.ImageField(upload_to="photos", blank=True)

    def __str__(self):
        return self.title
""",
    "routers": """
class Router:
    def db_for_read(self, model, **hints):
        return "articles" if model._meta.app_label == "news" else None

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return (db == "articles") == (app_label == "news")
""",
    "admin": """
from django.contrib import admin
from seedream_django.admin import SeedreamAdminMixin
from seedream_django.places import slot
from .models import Article

@admin.register(Article)
class ArticleAdmin(SeedreamAdminMixin, admin.ModelAdmin):
    seedream_fields = {"photo": slot()}
""",
}
URLS = """
from django.urls import include

urlpatterns += [path("seedream/", include("seedream_django.urls"))]
"""
#: Ordered with the save; in place, then saved before it is there; and a finished one that is chosen.
WORK = """
import re
import time
from django.contrib.auth import get_user_model
from django.test import Client
from news.models import Article
from seedream_django import tasks
from seedream_django.models import GeneratedImage, Generation, LedgerEntry, Slot

olga = get_user_model().objects.create_superuser("olga", password="x")
client = Client()
client.force_login(olga)
add = "/admin/news/article/add/"

def fill(title):
    until = time.monotonic() + 60
    while not Article.objects.get(title=title).photo and time.monotonic() < until:
        tasks.tend()
        time.sleep(0.02)
    return bool(Article.objects.get(title=title).photo)

order = {"photo-prompt": "a harbour", "photo-order": "1", "photo-results": "1", "photo-shape": "1:1"}
print("with the save:", client.post(add, {"title": "harbour", **order}).status_code, fill("harbour"))

page = client.get(add).content.decode()
spot = re.search(r'data-spot="([^"]+)"', page)
sent = {"prompt": "a tower", "results": "1", "make": "variations", "shape": "1:1", "nonce": "n" * 20}
told = client.post("/seedream/order/", {"spot": spot[1], **sent})
print("in place:", told.status_code)
sent = {"title": "tower", "photo-slot": told.json()["slot"]}
print("and left:", client.post(add, sent).status_code, fill("tower"))

image = GeneratedImage.objects.order_by("pk").first()
print("chosen:", client.post(add, {"title": "again", "photo-picture": image.pk}).status_code, fill("again"))
print("orders:", Generation.objects.count(), "slots:", Slot.objects.filter(settled_at__isnull=False, note="").count())
print("reserved:", LedgerEntry.objects.balance()["reserved"])
"""


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path / "my site")
    reader.follow(sections(DOCS / "tutorial.md")[2])
    yield reader
    reader.close()


@pytest.mark.parametrize(
    ("more", "databases"), [(TWO, ["articles"]), (ATOMIC, []), (TWO + ATOMIC, ["articles"])]
)
def test_a_picture_gets_into_an_article(more: str, databases: list[str], reader: Reader) -> None:
    """Ordered with the save, in place and left, or chosen: it is copied there, once, and settled."""
    for name, text in (("settings", SETTINGS + more), ("urls", URLS)):
        with (reader.folder / "mysite" / f"{name}.py").open("a") as file:
            file.write(text)
    (reader.folder / "news").mkdir()
    for name, text in NEWS.items():
        (reader.folder / "news" / f"{name}.py").write_text(text)
    reader.run("python manage.py makemigrations -v 0 news")
    for database in ["default", *databases]:
        reader.run(f"python manage.py migrate -v 0 --database {database}")
    (reader.folder / "work.py").write_text(WORK)
    said = reader.run("python manage.py shell -v 0 < work.py")
    assert "with the save: 302 True" in said, said
    assert "in place: 201" in said, said
    assert "and left: 302 True" in said, said
    assert "chosen: 302 True" in said, said
    assert "orders: 2 slots: 3" in said, said
    assert "reserved: 0" in said, said
