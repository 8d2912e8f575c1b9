"""What one does with a picture that is there: take it along, order it again, show it in a template."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import Storage
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from seedream_django import orders
from seedream_django.admin import handy
from seedream_django.models import GeneratedImage, Generation, State

from .editor import Form
from .steps import made
from .test_collecting import page_of
from .test_library import picture

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]


@pytest.fixture
def image(editor: User) -> GeneratedImage:
    found: GeneratedImage = made("a red fox, in the snow", user=editor).images.get()
    return found


def page(client: Client, image: GeneratedImage) -> str:
    return client.get(page_of(image)).content.decode()


# -- Taking it along -----------------------------------------------------------------------------------------


def test_the_file_comes_as_it_is(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """Every byte, to be kept under a name that says what it shows, as nothing but a picture."""
    response = browser(editor).get(page_of(image, "download"))
    assert b"".join(response.streaming_content) == Path(image.file.path).read_bytes()  # type: ignore[attr-defined]
    short = str(image.image_uuid)[:8]
    assert response.headers["Content-Disposition"] == f'attachment; filename="A red fox {short}.jpg"'
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]
    assert f'href="{page_of(image, "download")}"' in page(browser(editor), image)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc passwd"),
        ('a "b"\r\nX-Evil: 1 <c> | d?', "a b X-Evil 1 c d"),
        ("ثعلب أحمر", "ثعلب أحمر"),
        ("…" * 300, "…" * 60),
        (" . ", ""),
        ("fox \u202egnp.exe\u2066 \x9f", "fox gnp.exe"),
    ],
)
def test_names_of_files(title: str, name: str) -> None:
    """No title leads out of a folder, ends a header or is too long; other scripts stay as they are."""
    image = picture(1, title=title, format="PNG")
    short = str(image.image_uuid)[:8]
    assert handy.file_name(image) == f"{name} {short}.png".strip()


def test_what_is_not_to_be_taken_along(
    image: GeneratedImage, editor: User, owner: User, person: Any, browser: Browser
) -> None:
    """A flagged one by nobody; another's by nobody else; what is no file any more is told."""
    assert browser(person("otto", "view_generatedimage")).get(page_of(image, "download")).status_code == 404
    assert browser(person("wanda")).get(page_of(image, "download")).status_code == 403
    assert browser(editor).post(page_of(image, "download")).status_code == 405
    Path(image.file.path).unlink()
    response = browser(editor).get(page_of(image, "download"), follow=True)
    assert "This picture cannot be fetched at the moment." in response.content.decode()
    GeneratedImage.objects.update(flagged=True)
    for user in (editor, owner):
        assert browser(user).get(page_of(image, "download")).status_code == 404
        assert "/download/" not in page(browser(user), image)


class Elsewhere(Storage):
    """One whose files another machine has."""

    def url(self, name: str | None, **wishes: Any) -> str:
        return f"https://pictures.example.org/{name}{wishes or ''}"


def test_another_machine_is_asked_by_the_browser(
    image: GeneratedImage, editor: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is fetched here: one is sent there, with the file's name where addresses are signed for it."""
    monkeypatch.setattr(image.file.field, "storage", Elsewhere())
    client = browser(editor)
    response = client.get(page_of(image, "download"))
    assert response.headers["Location"] == f"https://pictures.example.org/{image.file.name}"
    signed = {"signature_version": "s3v4", "querystring_auth": True, "custom_domain": None}
    for name, value in signed.items():
        monkeypatch.setattr(Elsewhere, name, value, raising=False)
    response = client.get(page_of(image, "download"))
    assert "ResponseContentDisposition" in response.headers["Location"]
    assert "A%20red%20fox" in response.headers["Location"] or "A red fox" in response.headers["Location"]


# -- In a template -------------------------------------------------------------------------------------------


def test_the_tag_that_is_copied_shows_it(image: GeneratedImage, editor: User, browser: Browser) -> None:
    """What the page has to copy, put into a template, is this picture; of a flagged one there is none."""
    text = page(browser(editor), image)
    tag = unescape(text.partition('id="seedream-tag" readonly dir="ltr" value="')[2].partition('"')[0])
    shown = Template("{% load seedream %}" + tag).render(Context())
    assert image.file.url in shown
    GeneratedImage.objects.update(flagged=True)
    assert "seedream-tag" not in page(browser(editor), image)


# -- Again ---------------------------------------------------------------------------------------------------


def test_all_of_it_again(editor: User, browser: Browser) -> None:
    """The order page begins with everything that the order said, and what it is made from; sent, it is the same."""
    first = made("a fox", user=editor).images.get()
    order = made(
        "in the snow",
        user=editor,
        width=2848,
        height=1600,
        results=3,
        output_format="WEBP",
        output_quality=80,
        optimize_prompt_mode="fast",
        references=[(first, "edit")],
    )
    image, client = order.images.all()[0], browser(editor)
    add = f"{reverse('admin:seedream_django_generation_add')}?from={order.pk}"
    assert f'href="{add}"' in page(client, image)
    begun = client.get(add)
    assert begun.context["form"]["prompt"].value() == "in the snow"
    values = {**Form(begun.content.decode()).values, "prompt": "in the snow"}
    response = client.post(reverse("admin:seedream_django_generation_add"), values)
    # Unchanged it is what there is already: first that is told.
    told = {**values, "anyway": response.context["form"].alike.digest}
    response = client.post(reverse("admin:seedream_django_generation_add"), told)
    assert response.status_code == 302
    new = Generation.objects.order_by("created_at").last()
    assert new is not None
    assert new != order
    ours = {key: value for key, value in order.parameters.items() if key not in ("taskUUID", "seed")}
    theirs = {key: value for key, value in new.parameters.items() if key not in ("taskUUID", "seed")}
    assert (new.prompt, new.expected, theirs) == (order.prompt, order.expected, ours)
    assert [(row.image_id, row.role) for row in new.references.all()] == [(first.pk, "edit")]


def test_more_like_this_is_one_press(
    image: GeneratedImage, editor: User, chief: User, browser: Browser
) -> None:
    """With its price for those who may see it; pressed twice on one page it is one order."""
    client, again = browser(editor), reverse("seedream_django:again", args=[image.generation_id])
    text = page(client, image)
    assert f'action="{again}" id="seedream-more"' in text
    assert "$" not in text
    assert f"· {'$0.035'}" in page(browser(chief), image)
    three = made("owls", user=editor, results=3).images.all()[0]
    assert "More like this · 3 pictures</button>" in page(client, three)
    assert "More like this · 3 pictures · $0.105</button>" in page(browser(chief), three)
    count = {"count": "0"}
    assert client.post(again, count).status_code == client.post(again, count).status_code == 302
    assert Generation.objects.filter(parent=image.generation).count() == 1
    assert 'name="count" value="1"' in page(client, image)


def test_others_of_exactly_this(editor: User, browser: Browser) -> None:
    """Beside “More like this” stands how many there are that nobody uses: without the one that is looked at."""
    image = made("an owl", user=editor).images.get()
    client = browser(editor)
    assert "more picture" not in page(client, image)
    made("an owl", user=editor)
    assert "1 more picture of exactly this exists that nobody uses." in page(client, image)


def test_no_button_that_would_not_do_anything(editor: User, person: Any, browser: Browser) -> None:
    """Who may not order has no way to; nor has anybody where the words are gone, or the order may cost twice."""
    image = made("a fox", user=editor).images.get()
    looks = browser(person("lea", "view_generatedimage", "see_others_prompts"))
    for gone in ("seedream-more", "?from=", "?edit="):
        assert gone not in page(looks, image)
    client, rows = browser(editor), Generation.objects.filter(pk=image.generation_id)
    rows.update(redacted_at=timezone.now())
    for gone in ("seedream-more", "?from="):
        assert gone not in page(client, image)
    rows.update(redacted_at=None)
    assert "seedream-more" in page(client, image)
    lost = orders.place("a lost fox", user=editor)
    Generation.objects.filter(pk=lost.pk).update(state=State.LOST)
    GeneratedImage.objects.update(generation=lost)
    for gone in ("seedream-more", "?from="):
        assert gone not in page(client, image)
