"""A picture's page: its words, which begin with a proposal, its focal point; and finding what nobody described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from example_project.magazine.models import Article, Topic
from seedream_django import describing, library
from seedream_django.admin import words
from seedream_django.models import GeneratedImage, Generation, ImageState, Slot, Tag

from .steps import made

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]

PICTURE = "admin:seedream_django_generatedimage_change"
PICTURES = "admin:seedream_django_generatedimage_changelist"
NOTE = "Proposed from the prompt: read it, change it, then save."


@pytest.fixture
def image(editor: User) -> GeneratedImage:
    image: GeneratedImage = made("a red fox, in the snow", user=editor).images.get()
    return image


def form_of(client: Client, image: GeneratedImage) -> Any:
    return client.get(reverse(PICTURE, args=[image.pk])).context["adminform"].form


def send(client: Client, image: GeneratedImage, **data: str) -> Any:
    return client.post(reverse(PICTURE, args=[image.pk]), data)


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


# -- Proposals -----------------------------------------------------------------------------------------------


def test_begins_with_a_proposal(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """The fields hold what is proposed, beside a note, and nothing of it is kept before somebody saves."""
    client = browser(editor)
    form = form_of(client, image)
    assert (form["title"].value(), form["alt"].value(), form["decorative"].value()) == (
        "A red fox", "A red fox", False,
    )  # fmt: skip
    # Every picture has that title already.
    assert NOTE in form["alt"].help_text
    assert NOTE not in form["title"].help_text
    assert client.get(reverse(PICTURE, args=[image.pk])).content.decode().count(NOTE) == 1
    assert GeneratedImage.objects.get().alt == ""
    point = {"focal_x": "50", "focal_y": "50"}
    assert send(client, image, title="A red fox", alt="A red fox", **point).status_code == 302
    assert GeneratedImage.objects.get().alt == "A red fox"
    assert LogEntry.objects.latest("pk").get_change_message() == "Changed Alternative text."


def test_about_the_article(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """What the picture was made for is in the proposal, for who may change it; others are told nothing of it."""
    topic = Topic.objects.create(name="Nature", slug="nature")
    article = Article.objects.create(title="Winter", slug="winter", topic=topic)
    content_type = ContentType.objects.get_for_model(Article)
    values = {"content_type": content_type, "field": "cover", "generation": image.generation}
    Slot.objects.create(**values)
    assert words.about_of(image, editor) == ""
    Slot.objects.create(**values, object_id=str(article.pk))
    form = form_of(browser(editor), image)
    assert form["alt"].value() == "Picture for “Winter”: A red fox"
    assert form["title"].value() == "Winter: A red fox"
    assert NOTE in form["title"].help_text
    editor.user_permissions.remove(editor.user_permissions.get(codename="change_article"))
    form = form_of(browser(editor), image)
    assert form["alt"].value() == "A red fox"
    article.delete()
    assert words.about_of(image, User(is_superuser=True)) == ""


@pytest.mark.parametrize(
    ("kept", "value"),
    [({"alt": "A fox looks back", "title": "Fox"}, "A fox looks back"), ({"decorative": True}, "")],
)
def test_what_is_said_stays(
    kept: dict[str, Any], value: str, image: GeneratedImage, editor: User, browser: Browser
) -> None:
    """Where somebody said something already, also that it only decorates, nothing is proposed in its place."""
    describing.describe(image, **kept)
    form = form_of(browser(editor), image)
    assert form["alt"].value() == value
    assert NOTE not in form["alt"].help_text
    assert form["title"].value() == kept.get("title", image.title)


def test_no_prompt(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """Of a prompt that was taken away nothing is proposed, and no note says so."""
    Generation.objects.update(prompt="", prompt_sent="")
    image.step(title="")
    form = form_of(browser(editor), image)
    assert [form[name].value() for name in ("title", "alt")] == ["", ""]
    assert NOTE not in form["title"].help_text + form["alt"].help_text


def test_a_save_for_something_else(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """Who came for a tag or the focal point publishes no words unread, and is told; with own ones they are meant."""
    client, point = browser(editor), {"focal_x": "50", "focal_y": "50"}
    for change in ({"tagged": "winter"}, {"focal_x": "20", "tagged": "winter"}):
        response = client.post(
            reverse(PICTURE, args=[image.pk]),
            {"title": "A red fox", "alt": "A red fox", **point, **change},
            follow=True,
        )
        told = [str(message) for message in response.context["messages"]]
        assert "so what is only proposed was not kept (Alternative text)" in " ".join(told)
        assert GeneratedImage.objects.get().alt == ""
        assert "Alternative text" not in LogEntry.objects.latest("pk").get_change_message()
    assert GeneratedImage.objects.get().focal_x == 20
    # A prompt may have any blanks; a field has them as it likes.
    Generation.objects.update(prompt="a red fox at 5\u00a0km  off")
    proposed = {
        "title": "A red fox",
        "alt": "A red fox at 5 km off",
        "tagged": "winter",
        "focal_x": "30",
        "focal_y": "50",
    }
    client.post(reverse(PICTURE, args=[image.pk]), proposed)
    assert GeneratedImage.objects.get().alt == ""
    Generation.objects.update(prompt="a red fox, in the snow")
    assert [tag.name for tag in Tag.objects.filter(images=image)] == ["winter"]
    assert NOTE in form_of(client, image)["alt"].help_text
    words = {"title": "Reynard", "alt": "A red fox", "tagged": "winter, front page", **point}
    told = client.post(reverse(PICTURE, args=[image.pk]), words, follow=True)
    assert "not kept" not in str([str(message) for message in told.context["messages"]])
    kept = GeneratedImage.objects.get()
    assert (kept.title, kept.alt) == ("Reynard", "A red fox")


def test_for_who_only_looks(image: GeneratedImage, person: Any, browser: Browser) -> None:
    """Who may not change a picture is shown what is there: no proposal, no field."""
    viewer = person("vera", "view_generatedimage", "see_others_prompts")
    page = browser(viewer).get(reverse(PICTURE, args=[image.pk])).content.decode()
    assert NOTE not in page
    assert "id_alt" not in page


# -- Saving --------------------------------------------------------------------------------------------------


def test_it_only_decorates(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """The tick empties the text that was there or proposed: it needs no second step."""
    client = browser(editor)
    for there in ("A red fox", "A fox looks back"):
        assert send(client, image, title="Fox", alt=there).status_code == 302
        for sent in (there, ""):
            assert send(client, image, title="Fox", alt=sent, decorative="on").status_code == 302
            row = GeneratedImage.objects.get()
            assert (row.alt, row.decorative) == ("", True)
            GeneratedImage.objects.update(alt=there, decorative=False)
    GeneratedImage.objects.update(alt="")
    assert send(client, image, title="Fox", alt="A red fox", decorative="on").status_code == 302
    assert GeneratedImage.objects.get().alt == ""


def test_both(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """Words of one's own and the tick are two answers: the field says so, and keeps what was typed."""
    response = send(browser(editor), image, title="Fox", alt="A fox, my own words", decorative="on")
    assert errors(response) == {"decorative": [words.BOTH]}
    assert "A fox, my own words" in response.content.decode()
    row = GeneratedImage.objects.get()
    assert (row.alt, row.decorative, row.title) == ("", False, image.title)


def test_in_one_line(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """A text is one line, however it was typed; one that is too long is told."""
    client = browser(editor)
    send(client, image, title="Fox", alt=" A fox\r\n looks  back ")
    assert GeneratedImage.objects.get().alt == "A fox looks back"
    assert list(errors(send(client, image, title="Fox", alt="a" * 501))) == ["alt"]


def test_nothing_else_of_the_row(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """A worker may have the row in hand: only words and point are written."""
    client, save = browser(editor), GeneratedImage.save
    seen: list[Any] = []

    def meanwhile(self: GeneratedImage, **kwargs: Any) -> None:
        GeneratedImage.objects.filter(pk=self.pk).update(attempts=7, error="meanwhile")
        seen.append(kwargs)
        save(self, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GeneratedImage, "save", meanwhile)
        assert send(client, image, title="Fox", alt="A fox").status_code == 302
    assert len(seen) == 1
    row = GeneratedImage.objects.get()
    assert (row.title, row.attempts, row.error) == ("Fox", 7, "meanwhile")


# -- The focal point -----------------------------------------------------------------------------------------


def test_focal_point(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """Two numbers, and the picture tied to them; without them they stay."""
    client = browser(editor)
    send(client, image, title="Fox", alt="A fox", focal_x="30", focal_y="0")
    row = GeneratedImage.objects.get()
    assert (row.focal_x, row.focal_y) == (30, 0)
    send(client, image, title="Fox", alt="A fox", focal_x="", focal_y="100")
    row = GeneratedImage.objects.get()
    assert (row.focal_x, row.focal_y) == (30, 100)
    page = client.get(reverse(PICTURE, args=[image.pk])).content.decode()
    assert '<seedream-focal data-for-x="id_focal_x" data-for-y="id_focal_y"' in page
    assert 'max="100"' in page


@pytest.mark.parametrize("wrong", ["101", "-1", "a", "1.5"])
def test_no_percentage(wrong: str, image: GeneratedImage, editor: User, browser: Browser) -> None:
    """What is no percentage is told beside its field."""
    response = send(browser(editor), image, title="Fox", alt="A fox", focal_x="50", focal_y=wrong)
    assert list(errors(response)) == ["focal_y"]


def test_nothing_to_point_at(image: GeneratedImage, owner: User, browser: Browser) -> None:
    """A picture that is blurred or not there is not pointed at."""
    client = browser(owner)
    for change in ({"flagged": True}, {"flagged": False, "preview": ""}):
        GeneratedImage.objects.update(**change)
        page = client.get(reverse(PICTURE, args=[image.pk])).content.decode()
        assert "<seedream-focal" not in page


# -- Those that nobody described -----------------------------------------------------------------------------


def found(client: Client, **query: str) -> list[str]:
    response = client.get(reverse(PICTURES), query)
    assert response.status_code == 200
    return sorted(row.title for row in response.context["cl"].result_list)


def test_filter(editor: User, browser: Browser) -> None:
    """Those without alternative text that do not only decorate; the list tells of each as well."""
    images = list(made("a fox", user=editor, results=5).images.all())
    for name, row in zip(("none", "alt", "decorative", "failed", "flagged"), images, strict=True):
        GeneratedImage.objects.filter(pk=row.pk).update(title=name)
    named = {row.title: row for row in GeneratedImage.objects.all()}
    describing.describe(named["alt"], alt="A fox")
    describing.describe(named["decorative"], decorative=True)
    GeneratedImage.objects.filter(title="failed").update(state=ImageState.FAILED)
    GeneratedImage.objects.filter(title="flagged").update(flagged=True)
    client = browser(editor)
    assert found(client, words="none") == ["flagged", "none"]
    assert found(client, words="decorative") == ["decorative"]
    assert len(found(client, words="nonsense")) == len(found(client)) == 5
    page = client.get(reverse(PICTURES)).content.decode()
    assert page.count("no alternative text yet") == 1
    assert "without alternative text" in page


def test_filter_of_a_long_list(chief: User, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks through the newest of them, and leads on to those before."""
    for prompt in ("one", "two", "three", "four"):
        made(prompt, user=chief)
    monkeypatch.setattr(library, "LOOKED_THROUGH", 2)
    client = browser(chief)
    describing.describe(GeneratedImage.objects.get(title="Four"), alt="Four")
    response = client.get(reverse(PICTURES), {"words": "none"})
    assert [row.title for row in response.context["cl"].result_list] == ["Three"]
    response = client.get(reverse(PICTURES) + response.context["cl"].older)
    assert [row.title for row in response.context["cl"].result_list] == ["Two", "One"]
