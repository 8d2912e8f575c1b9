"""The magazine: its pages, its policy, its texts, its people, and the pictures that its pages ask for."""

from __future__ import annotations

import datetime
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from example_project.magazine import articles, people, views
from example_project.magazine.models import Article, Photo, Topic
from example_project.magazine.pictures import TEASER
from seedream_django.models import GeneratedImage, Generation, ImageState, Slot
from seedream_django.parameters import DIMENSIONS

from .editor import Form
from .steps import carry

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


def copied_to(photo: Photo, name: str) -> None:
    """As a worker leaves it that has copied a picture into the photo's field."""
    generation = Generation.objects.create(prompt="A fox", parameters={}, digest="")
    spot: dict[str, Any] = {"object_id": str(photo.pk), "field": "image", "copied": name}
    kind = ContentType.objects.get_for_model(Photo)
    Slot.objects.create(generation=generation, content_type=kind, settled_at=timezone.now(), **spot)


class Images(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


def test_an_article_shows_its_pictures(client: Client, lead: Article, picture: GeneratedImage) -> None:
    """Cover and picture in the text come with size and description, and each says that AI made it."""
    Article.objects.filter(pk=lead.pk).update(cover=picture, inset=picture)
    html = client.get(lead.get_absolute_url()).content.decode()
    cover, inset = Images(html).found
    for image in (cover, inset):
        assert (image["width"], image["height"], image["alt"]) == ("2848", "1600", "A fox sits in the snow.")
    assert (cover["loading"], cover["fetchpriority"]) == ("eager", "high")
    assert inset["loading"] == "lazy"
    assert html.count("Made with AI") == 2
    assert lead.caption in html


def test_an_article_shows_its_photos_and_the_teasers_of_others(
    client: Client, lead: Article, django_assert_num_queries: Any
) -> None:
    """Each with its size and its words, in their order, without opening a file; AI made the one that is a copy."""
    for position in (2, 1, 3):
        image = f"photos/{position}.jpg" if position < 3 else ""
        photo = Photo.objects.create(article=lead, caption=f"Caption {position}", alt=f"Photo {position}")
        Photo.objects.filter(pk=photo.pk).update(position=position, image=image, width=300, height=200)
        # The second has a file that somebody gave since.
        copied_to(photo, "photos/1.jpg" if position == 1 else f"photos/{position}-old.jpg")
    teased = {"teaser": "teasers/a.jpg", "teaser_width": 800, "teaser_height": 640, "teaser_alt": "A motif."}
    Article.objects.exclude(pk=lead.pk).update(**teased)
    with django_assert_num_queries(4):
        html = client.get(lead.get_absolute_url()).content.decode()
    first, second, *teasers = Images(html).found
    assert [first["alt"], second["alt"]] == ["Photo 1", "Photo 2"]
    assert (first["width"], first["height"], first["loading"]) == ("300", "200", "lazy")
    assert "Caption 3" not in html
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", html, re.S)
    assert ["Made with AI" in caption for caption in captions] == [True, False]
    assert html.count("Made with AI") == 1
    assert {(image["alt"], image["width"], image["height"]) for image in teasers} == {
        ("A motif.", "800", "640")
    }
    assert len(teasers) == 3


def test_a_teaser_is_changed_outside_of_the_admin(client: Client, lead: Article) -> None:
    """By who may change the article, with “Generate” beside the field; nobody else gets the form."""
    people.make()
    address = reverse("magazine:teaser", args=[lead.slug])
    assert client.get(address).url.startswith(reverse("admin:login"))  # type: ignore[attr-defined]
    people.User.objects.create_user("reader", password="reader")
    client.login(username="reader", password="reader")
    assert client.get(address).status_code == 403
    client.login(username="editor", password=people.PASSWORD)
    html = client.get(address).content.decode()
    assert "seedream_django/image.js" in html
    assert 'name="teaser-prompt"' in html
    sent = {**Form(html).values, "teaser_alt": "A fox.", "teaser-prompt": "a fox", "teaser-order": "1"}
    answer = client.post(address, sent)
    assert answer.url == lead.get_absolute_url()  # type: ignore[attr-defined]
    lead.refresh_from_db()
    assert (lead.teaser_alt, bool(lead.teaser)) == ("A fox.", False)


def test_who_changes_a_teaser_wrongly_keeps_what_was_typed(client: Client, lead: Article) -> None:
    """The form comes back with its error."""
    people.make()
    client.login(username="editor", password=people.PASSWORD)
    answer = client.post(reverse("magazine:teaser", args=[lead.slug]), {"teaser-prompt": "not ordered"})
    assert answer.status_code == 200
    assert "it was not ordered" in answer.content.decode()


@pytest.mark.parametrize(
    ("size", "opening"), [((2848, 1600), "wide"), ((1664, 2496), "tall"), ((2048, 2048), "tall")]
)
def test_the_cover_decides_how_an_article_opens(
    client: Client, lead: Article, picture: GeneratedImage, size: tuple[int, int], opening: str
) -> None:
    """A wide one lies over the text, any other stands beside the title."""
    GeneratedImage.objects.update(width=size[0], height=size[1])
    Article.objects.filter(pk=lead.pk).update(cover=picture)
    assert f"opening-{opening}" in client.get(lead.get_absolute_url()).content.decode()


def test_a_topic_has_a_picture_of_its_own(client: Client, lead: Article, picture: GeneratedImage) -> None:
    """It stands in the head of the topic's page."""
    Topic.objects.filter(pk=lead.topic_id).update(picture=picture)
    (image,) = Images(client.get(lead.topic.get_absolute_url()).content.decode()).found
    assert (image["alt"], image["loading"]) == ("A fox sits in the snow.", "eager")


def test_the_front_page_loads_its_lead_first(client: Client, lead: Article, picture: GeneratedImage) -> None:
    """One picture is wanted at once, the others when they are scrolled to; each has its size and its words."""
    Article.objects.update(cover=picture)
    first, *others = Images(client.get("/").content.decode()).found
    assert len(others) == views.PLACES - 1
    assert (first["loading"], first["fetchpriority"]) == ("eager", "high")
    assert {(image["loading"], image["fetchpriority"]) for image in others} == {("lazy", "auto")}
    for image in (first, *others):
        assert image["width"]
        assert image["height"]
        assert image["alt"]
        assert image["decoding"] == "async"


@pytest.mark.parametrize("name", ["front", "topic", "article"])
def test_pages_without_a_picture(client: Client, lead: Article, name: str) -> None:
    """Each page is whole without any: the article's own words stand there, and no broken image."""
    Photo.objects.create(article=lead, caption="Still to come")
    urls = {"front": "/", "topic": lead.topic.get_absolute_url(), "article": lead.get_absolute_url()}
    html = client.get(urls[name]).content.decode()
    assert lead.title in html
    assert f"<q>{Article.objects.all()[1].quote}</q>" in html or name == "topic"
    assert 'class="placeholder"' in html
    assert not Images(html).found


def test_it_is_english_whatever_the_browser_asks_for(
    client: Client, lead: Article, picture: GeneratedImage
) -> None:
    """Its texts are: then the dates between them and the words about AI are, too."""
    moment = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.UTC)
    Article.objects.update(cover=picture, published_at=moment)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    for url in ("/", lead.get_absolute_url()):
        html = client.get(url).content.decode()
        assert '<html lang="en">' in html
        assert "4 March" in html
    assert "Made with AI" in html


def test_without_a_quote_its_letter_stands_for_it(client: Client, lead: Article) -> None:
    """An editor need not think of one."""
    Article.objects.filter(pk=lead.pk).update(quote="", title="Quiet")
    assert "<b>Q</b>" in client.get("/").content.decode()


def test_an_empty_magazine_says_what_to_do(client: Client, db: None) -> None:
    """Before anything is published the front page points to the admin."""
    assert reverse("admin:magazine_article_add") in client.get("/").content.decode()


def test_an_empty_topic_says_so(client: Client, lead: Article) -> None:
    """No hole where the articles would be."""
    Article.objects.all().delete()
    assert "Nothing here yet" in client.get(lead.topic.get_absolute_url()).content.decode()


def test_a_page_that_is_not_there(client: Client, lead: Article) -> None:
    """The magazine's own page says so, with a way back and something to read."""
    answer = client.get("/nowhere/")
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "The tide has taken this page" in html
    assert lead.title in html


def test_pages_cost_the_same_however_many_articles(
    client: Client, lead: Article, picture: GeneratedImage, django_assert_num_queries: Any
) -> None:
    """Pictures and topics come with their articles: no query for each."""
    topic, page = lead.topic.get_absolute_url(), lead.get_absolute_url()
    for cover in (None, picture):
        Article.objects.update(cover=cover, inset=cover)
        Topic.objects.update(picture=cover)
        for url, queries in (("/", 2), (topic, 3), (page, 4)):
            with django_assert_num_queries(queries):
                client.get(url)


def test_pages_ask_neither_the_storage_nor_the_provider(
    client: Client, lead: Article, picture: GeneratedImage, settings: Any
) -> None:
    """They are shown while both are away: a page knows addresses, it opens no file and orders nothing."""
    Article.objects.update(cover=picture, inset=picture, teaser="gone.jpg", teaser_width=8, teaser_height=8)
    Topic.objects.update(picture=picture)
    picture.file.storage.delete(picture.file.name)
    settings.SEEDREAM = {
        **settings.SEEDREAM,
        "SANDBOX": False,
        "API_KEY": "x",
        "ENDPOINT": "https://192.0.2.1",
    }
    for url in ("/", lead.topic.get_absolute_url(), lead.get_absolute_url()):
        assert picture.file.name in client.get(url).content.decode()
    assert Generation.objects.count() == 1


def test_what_is_not_published_yet_is_not_shown(client: Client, lead: Article) -> None:
    """An article of tomorrow has no page."""
    Article.objects.filter(pk=lead.pk).update(published_at="2999-01-01T00:00Z")
    assert client.get(lead.get_absolute_url()).status_code == 404
    assert lead.title not in client.get("/").content.decode()


def test_the_pages_for_developers_keep_their_looks(client: Client, db: None, settings: Any) -> None:
    """With DEBUG a missing page is Django's own, which styles itself inline."""
    settings.DEBUG = True
    assert "Content-Security-Policy" not in client.get("/nowhere/").headers
    assert "Content-Security-Policy" in client.get("/").headers


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
    assert counts == (13, 4)


def test_the_texts_break_only_between_paragraphs(lead: Article) -> None:
    """Source lines are wrapped; the page's lines are not."""
    for article in Article.objects.all():
        assert "\n" not in article.body.replace("\n\n", "")
        assert len(article.body.split()) > 150
        assert len(article.paragraphs()) == article.body.count("\n\n") + 1 > 3


def test_each_quote_is_in_its_text(lead: Article) -> None:
    """What is set large was really said."""
    for article in Article.objects.all():
        start = " ".join(article.quote.rstrip(".").split()[-4:]).lower()
        assert start in article.body.lower(), article.quote


def test_the_pages_ask_for_pictures_of_many_shapes(lead: Article) -> None:
    """As wide as the lead, as tall as a column, and square; each says what it shows; two stories wait."""
    asked = articles.shots()
    assert {shot.shape for shot in asked if shot.field == "cover"} == {"21:9", "16:9", "3:2", "1:1", "2:3"}
    assert {shot.shape for shot in asked} <= set(DIMENSIONS)
    assert all(shot.alt and shot.prompt for shot in asked)
    covers = [shot.page for shot in asked if shot.field == "cover"]
    assert covers[0] == lead
    assert Article.objects.count() - len(covers) == 2
    assert {shot.page for shot in asked if shot.field == "picture"} == set(Topic.objects.all())


def test_a_picture_that_was_ordered_comes_to_its_page(client: Client, lead: Article) -> None:
    """Through the app's own door, in the editor's name, into the field of the object that asked."""
    people.make()
    editor = people.User.objects.get(username="editor")
    topic = next(shot for shot in articles.shots() if shot.page == lead.topic)
    for shot in (articles.shots()[0], topic):
        carry(articles.order(shot, editor))
    lead.refresh_from_db()
    assert lead.cover
    assert (lead.cover.width, lead.cover.height) == DIMENSIONS["21:9"]["2K"]
    assert lead.cover.generation.user == editor
    assert lead.cover.file.name in client.get("/").content.decode()
    lead.topic.refresh_from_db()
    assert lead.topic.picture


def test_the_series_and_the_teaser_come_as_files(
    lead: Article, django_capture_on_commit_callbacks: Any
) -> None:
    """Cut to the shape of their fields and no wider than these want them, beside words that were seeded."""
    people.make()
    editor = people.User.objects.get(username="editor")
    ordered = [shot for shot in articles.shots() if shot.field in ("teaser", "image")]
    assert len(ordered) == 4
    for shot in (ordered[0], ordered[-1]):
        with django_capture_on_commit_callbacks(execute=True):
            carry(articles.order(shot, editor))
        shot.page.refresh_from_db()
    teased, photo = ordered[0].page, ordered[-1].page
    assert isinstance(teased, Article)
    assert isinstance(photo, Photo)
    assert (teased.teaser_width, teased.teaser_height) == (800, 640)
    assert teased.teaser_alt == ordered[0].alt
    assert TEASER.ratio == "5:4"
    assert (photo.width, photo.article) == (1600, teased)
    assert photo.alt == ordered[-1].alt
    assert str(photo) == photo.caption
    assert [shot for shot in articles.shots() if shot.field in ("teaser", "image")] == ordered[1:-1]


def test_ordering_twice_orders_once(lead: Article) -> None:
    """A second start of the demo pays for nothing again, whatever became of the first."""
    people.make()
    editor = people.User.objects.get(username="editor")
    for _ in range(2):
        for shot in articles.shots():
            articles.order(shot, editor)
    assert Generation.objects.count() == Slot.objects.count() == len(articles.shots())


def test_the_editor_may_write_and_generate_and_no_more(db: None) -> None:
    """The demo's editor works as an editor would: no superuser, no rights over people; of deletion, photos alone."""
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
