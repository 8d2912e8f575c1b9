"""Pictures on pages: a correct ``<img>``, no query, and never a broken page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.files.storage import FileSystemStorage
from django.template import Context, Template
from django.test import Client, RequestFactory

from example_project.magazine.models import Article, Topic
from seedream_django.models import GeneratedImage, ImageState

from .steps import made

pytestmark = pytest.mark.django_db


def render(image: Any, attributes: str = "") -> str:
    template = Template("{% load seedream %}[{% seedream_image image " + attributes + " %}]")
    return str(template.render(Context({"image": image})))[1:-1]


@pytest.fixture
def image() -> GeneratedImage:
    image: GeneratedImage = made("a fox", width=2848, height=1600).images.get()
    image.alt = "A fox"
    return image


def test_img(image: GeneratedImage) -> None:
    """Address, size, alternative text, and loaded only when it is near."""
    url = image.file.url
    assert render(image) == f'<img alt="A fox" height="1600" loading="lazy" src="{url}" width="2848">'


def test_attributes(image: GeneratedImage) -> None:
    """Keywords become attributes and win; a picture without a text only decorates."""
    assert 'class="cover"' in render(image, 'class="cover"')
    assert 'loading="eager"' in render(image, 'loading="eager"')
    assert "lazy" not in render(image, 'loading="eager"')
    assert 'alt="Other"' in render(image, 'alt="Other"')
    image.alt = ""
    assert 'alt=""' in render(image)


def test_attributes_are_escaped(image: GeneratedImage) -> None:
    """No text of an editor's gets out of its attribute."""
    image.alt = '"><script>alert(1)</script>'
    html = render(image)
    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;" in html


@pytest.mark.parametrize("nothing", [None, "", 5, "a text", object()], ids=str)
def test_nothing(nothing: Any) -> None:
    """What is no picture shows nothing."""
    assert render(nothing) == ""


@pytest.mark.parametrize("state", [ImageState.RECEIVED, ImageState.FAILED])
def test_unfinished(state: ImageState, image: GeneratedImage) -> None:
    """A picture whose file is not complete shows nothing."""
    image.state = state
    assert render(image) == ""


def test_flagged(image: GeneratedImage) -> None:
    """Nor does one that the provider's safety check flagged; one that it cleared, or said nothing of, is shown."""
    for flagged, shown in ((True, False), (False, True), (None, True)):
        image.flagged = flagged
        assert bool(render(image)) is shown


class NoAddress(FileSystemStorage):
    def url(self, name: str | None) -> str:
        raise NotImplementedError("this storage has no addresses")


def test_a_storage_without_addresses(
    image: GeneratedImage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A storage that fails does not break the page; the log says for which picture."""
    monkeypatch.setattr(image.file, "storage", NoAddress())
    assert render(image) == ""
    assert f"picture {image.pk}" in caplog.text


def test_a_row_without_a_file() -> None:
    """Nor does a row that should have a file and has none."""
    assert render(GeneratedImage(state=ImageState.STORED)) == ""


def test_no_query(image: GeneratedImage, django_assert_num_queries: Any) -> None:
    """The row is all that is needed."""
    with django_assert_num_queries(0):
        render(image)


def test_on_the_magazines_page(image: GeneratedImage) -> None:
    """An article's page shows its cover."""
    image.save()
    topic = Topic.objects.create(name="Nature", slug="nature")
    article = Article.objects.create(title="Foxes", slug="foxes", topic=topic, cover=image, body="A\n\nB")
    page = Client().get(article.get_absolute_url()).content.decode()
    assert image.file.url in page
    assert 'width="2848"' in page


# -- Where a picture is changed ------------------------------------------------------------------------------


def edit_url(source: Any, user: Any) -> str:
    request = RequestFactory().get("/")
    request.user = user
    template = Template("{% load seedream %}{% seedream_edit_url source as url %}{{ url|safe }}")
    return str(template.render(Context({"source": source, "request": request})))


def test_the_way_to_an_edit(image: GeneratedImage, owner: User, browser: Callable[..., Client]) -> None:
    """It leads to an order that changes this picture: one of ours by its number, a field's file by a signed token."""
    assert edit_url(image, owner) == f"/admin/seedream_django/generation/add/?edit={image.pk}"
    for source in (image, image.preview):
        page = browser(owner).get(edit_url(source, owner)).content.decode()
        assert 'value="edit" selected' in page


def test_no_way_to_an_edit(
    image: GeneratedImage, person: Callable[..., User], owner: User, browser: Callable[..., Client]
) -> None:
    """Nothing for a reader, for who may not order, for an empty field, without a request; others' tokens are void."""
    reader = person("rita")
    assert [edit_url(source, owner) for source in (None, "", image.private_file)] == ["", "", ""]
    assert [edit_url(image, user) for user in (reader, AnonymousUser())] == ["", ""]
    assert Template("{% load seedream %}{% seedream_edit_url i %}").render(Context({"i": image})) == ""
    other = person("otto", "generate", "view_generation", "view_generatedimage")
    page = browser(other).get(edit_url(image.preview, owner)).content.decode()
    assert 'value="edit" selected' not in page
