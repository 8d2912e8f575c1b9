"""What the magazine opens with, read from ``stories/``. Seeding it twice changes nothing of an editor's."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from seedream_django import orders
from seedream_django.models import Generation, Slot, Style
from seedream_django.parameters import DIMENSIONS
from seedream_django.places import Place

from .models import Article, Photo, Topic
from .pictures import PHOTO, TEASER

FOLDER = Path(__file__).parent / "stories"
#: What editors may add to any prompt.
STYLES = {
    "Oil painting": "Oil painting, visible brush strokes, warm light.",
    "Papercut": "Layered papercut, soft shadows, few colours.",
}


#: A field that wants nothing in particular.
ANYWHERE = Place()


@dataclass(frozen=True)
class Shot:
    """A picture that a page asks for: its field there, and what to order."""

    page: Article | Topic | Photo
    field: str
    shape: str
    prompt: str
    alt: str
    #: The same in each run: what was ordered with it is not ordered again.
    nonce: str
    place: Place = ANYWHERE


def seed() -> Article:
    """Make whatever is missing; return the article that leads the front page."""
    for name, words in STYLES.items():
        Style.objects.get_or_create(name=name, defaults={"words": words})
    topics = {slug: _topic(slug, values) for slug, values in _topics().items()}
    newest = timezone.now().replace(minute=0, second=0, microsecond=0)
    for days, (slug, values) in enumerate(_stories().items()):
        defaults = {
            **{name: values[name] for name in ("title", "author", "summary", "quote")},
            "topic": topics[values["topic"]],
            "body": _joined(values["body"]),
            "caption": values.get("inset", {}).get("caption", ""),
            "teaser_alt": values.get("teaser", {}).get("alt", ""),
            "published_at": newest - datetime.timedelta(days=3 * days),
        }
        article, is_new = Article.objects.get_or_create(slug=slug, defaults=defaults)
        if is_new:
            _series(article, values.get("photos", ()))
    return Article.objects.get(slug=next(iter(_stories())))


def shots() -> list[Shot]:
    """The pictures that are missing on the pages: covers as the front page shows them, then the rest."""
    stories = [
        (article, story)
        for slug, story in _stories().items()
        if (article := Article.objects.filter(slug=slug).first())
    ]
    asked = [_shot(article, "cover", story) for article, story in stories]
    topics = Topic.objects.in_bulk(field_name="slug")
    asked += [_shot(topics[slug], "picture", values) for slug, values in _topics().items() if slug in topics]
    asked += [_shot(article, "inset", story) for article, story in stories]
    asked += [_shot(article, "teaser", story, TEASER) for article, story in stories]
    asked += [shot for article, story in stories for shot in _photos(article, story)]
    return [shot for shot in asked if shot is not None]


def _shot(page: Article | Topic, field: str, texts: dict[str, Any], place: Place = ANYWHERE) -> Shot | None:
    """What this field lacks, if its story has words for it."""
    values = texts.get(field)
    if not values or getattr(page, field):
        return None
    shape = values.get("shape") or place.shape
    return Shot(page, field, shape, values["prompt"], values["alt"], f"{page.slug} {field}", place)


def _photos(article: Article, story: dict[str, Any]) -> list[Shot]:
    """The photos of the series that an editor left as it was seeded, and that have no picture yet."""
    prompts = {photo["caption"]: photo["prompt"] for photo in story.get("photos", ())}
    return [
        Shot(
            *(photo, "image", PHOTO.shape, prompts[photo.caption], photo.alt),
            nonce=f"{article.slug} photo {photo.position}",
            place=PHOTO,
        )
        for photo in (article.photos.filter(image="") if prompts else ())
        if photo.caption in prompts
    ]


def order(shot: Shot, user: User) -> Generation:
    """Order it for its field, which is filled when it comes. The same nonce is the same order, paid once."""
    place = Slot(
        content_type=ContentType.objects.get_for_model(shot.page),
        object_id=str(shot.page.pk),
        field=shot.field,
        user=user,
        options=shot.place.options(),
    )
    width, height = DIMENSIONS[shot.shape]["2K"]
    return orders.place(
        shot.prompt,
        user=user,
        door="demo",
        slot=place,
        nonce=shot.nonce,
        width=width,
        height=height,
    )


def _topic(slug: str, values: dict[str, Any]) -> Topic:
    defaults = {"name": values["name"], "description": values["description"]}
    return Topic.objects.get_or_create(slug=slug, defaults=defaults)[0]


def _series(article: Article, photos: Iterable[dict[str, Any]]) -> None:
    for position, values in enumerate(photos, 1):
        Photo.objects.create(article=article, caption=values["caption"], alt=values["alt"], position=position)


def _topics() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / "topics.toml").read_text("utf-8"))


def _stories() -> dict[str, dict[str, Any]]:
    """The newest first, by slug: files are named ``01-the-slug.toml``."""
    files = sorted(FOLDER.glob("[0-9]*.toml"))
    return {file.stem.partition("-")[2]: tomllib.loads(file.read_text("utf-8")) for file in files}


def _joined(body: str) -> str:
    """Each paragraph in one line: wrapped as in the file, it would break on the page."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in body.strip().split("\n\n"))
