"""The magazine: its pages, its policy, its texts, its people."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from example_project.magazine import articles, people
from example_project.magazine.models import Article, Topic
from seedream_django.models import GeneratedImage, Generation, ImageState

FOLDER = Path(articles.__file__).parent


@pytest.fixture
def lead(db: None) -> Article:
    return articles.seed()


@pytest.fixture
def picture(db: None) -> GeneratedImage:
    generation = Generation.objects.create(
        prompt="A fox", parameters={"width": 2848, "height": 1600}, digest=""
    )
    return GeneratedImage.objects.create(
        generation=generation,
        image_uuid="5b3bb8fa-d3c6-4a4c-a1ac-6a9a3ed5a8a4",
        state=ImageState.STORED,
        file=ContentFile(b"bytes", name="fox.jpg"),
        width=2848,
        height=1600,
        alt="A fox sits in the snow.",
    )


class Images(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


def test_an_article_shows_its_cover(client: Client, lead: Article, picture: GeneratedImage) -> None:
    """The page carries the picture with size and description, and says that AI made it."""
    Article.objects.filter(pk=lead.pk).update(cover=picture)
    html = client.get(lead.get_absolute_url()).content.decode()
    (image,) = Images(html).found
    assert (image["width"], image["height"], image["alt"]) == ("2848", "1600", "A fox sits in the snow.")
    assert "made with AI" in html


@pytest.mark.parametrize("name", ["front", "topic", "article"])
def test_pages_without_a_cover(client: Client, lead: Article, name: str) -> None:
    """Each page is whole without any picture: a placeholder stands there, no broken image."""
    urls = {"front": "/", "topic": lead.topic.get_absolute_url(), "article": lead.get_absolute_url()}
    html = client.get(urls[name]).content.decode()
    assert lead.title in html
    assert 'class="placeholder"' in html
    assert not Images(html).found


def test_an_empty_magazine_says_what_to_do(client: Client, db: None) -> None:
    """Before anything is published the front page points to the admin."""
    assert reverse("admin:magazine_article_add") in client.get("/").content.decode()


def test_pages_cost_the_same_however_many_articles(
    client: Client, lead: Article, picture: GeneratedImage, django_assert_num_queries: Any
) -> None:
    """Covers and topics come with their articles: no query for each."""
    Article.objects.update(cover=picture)
    topic = lead.topic.get_absolute_url()
    with django_assert_num_queries(2):
        client.get("/")
    with django_assert_num_queries(3):
        client.get(topic)


def test_what_is_not_published_yet_is_not_shown(client: Client, lead: Article) -> None:
    """An article of tomorrow has no page."""
    Article.objects.filter(pk=lead.pk).update(published_at="2999-01-01T00:00Z")
    assert client.get(lead.get_absolute_url()).status_code == 404
    assert lead.title not in client.get("/").content.decode()


@pytest.mark.parametrize("url", ["/", "/admin/login/", "/seedream/nothing/"])
def test_every_answer_has_the_strict_policy(client: Client, db: None, url: str) -> None:
    """The admin, a page and an error alike: nothing inline, nothing from elsewhere."""
    policy = client.get(url).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_no_page_has_anything_inline() -> None:
    """What the policy would block does not stand in a template."""
    for template in (FOLDER / "templates").rglob("*.html"):
        assert not re.search(r"<style|<script|\sstyle=|\son\w+=", template.read_text()), template


def test_seeding_twice_changes_nothing(lead: Article) -> None:
    """The second time adds no article and keeps an editor's words."""
    Article.objects.filter(pk=lead.pk).update(title="Changed by an editor")
    counts = Article.objects.count(), Topic.objects.count()
    assert articles.seed().title == "Changed by an editor"
    assert (Article.objects.count(), Topic.objects.count()) == counts
    assert counts == (7, 3)


def test_the_texts_break_only_between_paragraphs(lead: Article) -> None:
    """Source lines are wrapped; the page's lines are not."""
    for article in Article.objects.all():
        assert "\n" not in article.body.replace("\n\n", "")
        assert len(article.body.split()) > 150


def test_the_editor_may_write_and_generate_and_no_more(db: None) -> None:
    """The demo's editor works as an editor would: no superuser, no rights over people or deletion."""
    people.make()
    people.make()
    editor = people.User.objects.get(username="editor")
    assert editor.is_staff
    assert not editor.is_superuser
    may = editor.get_all_permissions()
    assert may == {
        f"{app}.{codename}" for app, codenames in people.EDITOR_MAY.items() for codename in codenames
    }


def test_a_changed_password_is_kept(db: None) -> None:
    """Running the demo again resets nobody's password."""
    people.make()
    editor = people.User.objects.get(username="editor")
    editor.set_password("mine")
    editor.save()
    people.make()
    assert people.User.objects.get(username="editor").check_password("mine")


def test_both_can_log_in(client: Client, db: None) -> None:
    """With the password that the demo prints."""
    people.make()
    assert client.login(username="editor", password=people.PASSWORD)
    assert client.get(reverse("admin:magazine_article_add")).status_code == 200
    assert client.login(username="owner", password=people.PASSWORD)
