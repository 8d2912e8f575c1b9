"""What the magazine opens with, read from ``stories/``. Seeding it twice changes nothing of an editor's."""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from seedream_django import orders
from seedream_django.models import Generation, Slot
from seedream_django.parameters import DIMENSIONS

from .models import Article, Topic

FOLDER = Path(__file__).parent / "stories"


@dataclass(frozen=True)
class Shot:
    """A picture that a page asks for: its field there, and what to order."""

    page: Article | Topic
    field: str
    shape: str
    prompt: str
    alt: str


def seed() -> Article:
    """Make whatever is missing; return the article that leads the front page."""
    topics = {slug: _topic(slug, values) for slug, values in _topics().items()}
    newest = timezone.now().replace(minute=0, second=0, microsecond=0)
    for days, (slug, values) in enumerate(_stories().items()):
        defaults = {
            **{name: values[name] for name in ("title", "author", "summary", "quote")},
            "topic": topics[values["topic"]],
            "body": _joined(values["body"]),
            "caption": values.get("inset", {}).get("caption", ""),
            "published_at": newest - datetime.timedelta(days=3 * days),
        }
        Article.objects.get_or_create(slug=slug, defaults=defaults)
    return Article.objects.get(slug=next(iter(_stories())))


def shots() -> list[Shot]:
    """The pictures that are missing on the pages: covers as the front page shows them, then the rest."""
    articles = Article.objects.in_bulk(field_name="slug")
    topics = Topic.objects.in_bulk(field_name="slug")
    asked: list[tuple[Article | Topic | None, str, Any]]
    asked = [(articles.get(slug), "cover", story.get("cover")) for slug, story in _stories().items()]
    asked += [(topics.get(slug), "picture", values["picture"]) for slug, values in _topics().items()]
    asked += [(articles.get(slug), "inset", story.get("inset")) for slug, story in _stories().items()]
    return [
        Shot(page, field, values["shape"], values["prompt"], values["alt"])
        for page, field, values in asked
        if page and values and getattr(page, f"{field}_id") is None
    ]


def order(shot: Shot, user: User) -> Generation:
    """Order it for its field, which is filled when it comes. The same nonce is the same order, paid once."""
    place = Slot(
        content_type=ContentType.objects.get_for_model(shot.page),
        object_id=str(shot.page.pk),
        field=shot.field,
        user=user,
    )
    width, height = DIMENSIONS[shot.shape]["2K"]
    return orders.place(
        shot.prompt,
        user=user,
        door="demo",
        slot=place,
        nonce=f"{shot.page.slug} {shot.field}",
        width=width,
        height=height,
    )


def _topic(slug: str, values: dict[str, Any]) -> Topic:
    defaults = {"name": values["name"], "description": values["description"]}
    return Topic.objects.get_or_create(slug=slug, defaults=defaults)[0]


def _topics() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / "topics.toml").read_text("utf-8"))


def _stories() -> dict[str, dict[str, Any]]:
    """The newest first, by slug: files are named ``01-the-slug.toml``."""
    files = sorted(FOLDER.glob("[0-9]*.toml"))
    return {file.stem.partition("-")[2]: tomllib.loads(file.read_text("utf-8")) for file in files}


def _joined(body: str) -> str:
    """Each paragraph in one line: wrapped as in the file, it would break on the page."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in body.strip().split("\n\n"))
