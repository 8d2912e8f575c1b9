"""Pictures on pages: a correct ``<img>``, no query, and never a broken page."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.files.storage import FileSystemStorage
from django.template import Context, Template
from django.test import Client, RequestFactory

from example_project.magazine.models import Article, Topic
from seedream_django import pictures
from seedream_django.models import GeneratedImage, Generation, ImageState

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


def test_by_its_number(image: GeneratedImage, django_assert_num_queries: Any) -> None:
    """The image UUID stands for the picture, as a text or as it is: one query, and the same ``<img>``."""
    GeneratedImage.objects.update(alt="A fox")
    for number in (image.image_uuid, str(image.image_uuid), image.image_uuid.hex.upper()):
        with django_assert_num_queries(1):
            assert render(number, 'class="cover"') == render(image, 'class="cover"')


@pytest.mark.parametrize("number", ["", "fox", "6f1f7c1e-3a52-4f0e-9d3b-0f7f5f1f2a01", "\0", "é" * 5000, 12])
def test_a_number_that_there_is_not(number: Any, image: GeneratedImage) -> None:
    """Nothing, and no error."""
    assert render(number) == ""


@pytest.mark.parametrize(
    "hidden",
    [
        {"flagged": True},
        {"state": ImageState.RECEIVED},
        {"state": ImageState.FAILED},
        {"generation__hidden": True},
    ],
)
def test_by_the_number_of_one_that_may_not_be_shown(hidden: dict[str, Any], image: GeneratedImage) -> None:
    """Flagged, not saved, or of an order that was cancelled: nothing."""
    ((column, value),) = hidden.items()
    if column == "generation__hidden":
        Generation.objects.update(hidden=value)
    else:
        GeneratedImage.objects.update(**hidden)
    assert render(image.image_uuid) == ""


def test_attributes(image: GeneratedImage) -> None:
    """Keywords become attributes and win."""
    assert 'class="cover"' in render(image, 'class="cover"')
    assert 'loading="eager"' in render(image, 'loading="eager"')
    assert "lazy" not in render(image, 'loading="eager"')
    assert 'alt="Other"' in render(image, 'alt="Other"')


def test_it_only_decorates(image: GeneratedImage) -> None:
    """One that only decorates is passed over, whatever text it still has; so is one that nobody described yet."""
    image.decorative = True
    assert 'alt=""' in render(image)
    assert 'alt="Here it does not"' in render(image, 'alt="Here it does not"')
    image.decorative, image.alt = False, ""
    assert 'alt=""' in render(image)


def test_attributes_are_escaped(image: GeneratedImage) -> None:
    """No text of an editor's gets out of its attribute."""
    image.alt = '"><script>alert(1)</script>'
    html = render(image)
    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;" in html


# -- A part of it --------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """The tags of a text with their attributes, in the order in which they begin."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_part(image: GeneratedImage) -> None:
    """The part around the focal point, to the pixel, with its own size, and named as the picture is."""
    image.focal_x, image.focal_y = 30, 50
    (svg, outer), (inner, whole) = Tags(render(image, 'ratio="5:4" class="cover"')).found
    left, top, right, bottom = pictures.cut(2848, 1600, 5 / 4, (30, 50))
    assert (svg, inner) == ("svg", "image")
    assert outer == {
        "class": "cover", "role": "img", "aria-label": "A fox", "width": "2000", "height": "1600",
        "focusable": "false", "viewbox": f"{left} {top} {right - left} {bottom - top}",
        "preserveaspectratio": "xMidYMid meet",
    }  # fmt: skip
    assert outer["viewbox"] == "0 0 2000 1600"
    assert whole == {"href": image.file.url, "width": "2848", "height": "1600"}
    image.focal_x = 60
    assert 'viewBox="709 0 2000 1600"' in render(image, 'ratio="5:4"')


def test_part_with_keywords(image: GeneratedImage) -> None:
    """Keywords win here too: size, text and address; what only an ``<img>`` has is left out."""
    given = 'ratio="1:1" width=160 height=160 alt="Other" src="/small.webp" loading="eager" id="cover"'
    (_svg, outer), (_inner, whole) = Tags(render(image, given)).found
    named = {
        name: outer.get(name) for name in ("width", "height", "aria-label", "id", "alt", "src", "loading")
    }
    assert list(named.values()) == ["160", "160", "Other", "cover", None, None, None]
    assert (outer["viewbox"], whole["href"]) == ("624 0 1600 1600", "/small.webp")


def test_part_that_only_decorates(image: GeneratedImage) -> None:
    """What decorates, or was not described yet, is hidden from screen readers."""
    for alt, decorative in (("A fox", True), ("", False), (" ", False)):
        image.alt, image.decorative = alt, decorative
        outer = Tags(render(image, 'ratio="1:1"')).found[0][1]
        assert (outer["aria-hidden"], "role" in outer, "aria-label" in outer) == ("true", False, False)


def test_part_is_escaped(image: GeneratedImage) -> None:
    """Nor does a text get out of its attribute here."""
    image.alt = '"><script>alert(1)</script>'
    (svg, outer), (inner, _whole) = Tags(render(image, 'ratio="1:1"')).found
    assert (svg, inner, outer["aria-label"]) == ("svg", "image", image.alt)


@pytest.mark.parametrize("ratio", ["", "89:50"])
def test_the_whole(ratio: str, image: GeneratedImage, caplog: pytest.LogCaptureFixture) -> None:
    """Without a ratio, or with the picture's own, it is the ``<img>`` that it always was."""
    assert render(image, f'ratio="{ratio}"') == render(image)
    assert caplog.text == ""


@pytest.mark.parametrize("ratio", ["5/4", "0:1", "wide", "1:", 1.25, "1e9:1", "nan:1"])
def test_no_ratio(ratio: Any, image: GeneratedImage, caplog: pytest.LogCaptureFixture) -> None:
    """What is no ratio breaks no page: the whole picture, and a line in the log that says which."""
    template = Template("{% load seedream %}{% seedream_image image ratio=ratio %}")
    assert template.render(Context({"image": image, "ratio": ratio})) == render(image)
    assert f"{ratio!r}, which is none" in caplog.text


def test_no_size(image: GeneratedImage) -> None:
    """Nor does a row that does not know its size."""
    image.width = 0
    assert render(image, 'ratio="1:1"').startswith("<img")


# -- Nothing to show -----------------------------------------------------------------------------------------


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
        render(image, 'ratio="1:1"')


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
