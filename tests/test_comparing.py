"""Two pictures are compared: those that one chose, or one with what it was made from."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from seedream_django.models import GeneratedImage, Generation

from .steps import made
from .test_collecting import LIST, page_of
from .test_library import picture

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]
PAGE = reverse("admin:seedream_django_generatedimage_compare")


def of(*images: GeneratedImage) -> str:
    return f"{PAGE}?{'&'.join(f'picture={image.pk}' for image in images)}"


def chosen(client: Client, *images: GeneratedImage) -> Any:
    data = {"action": "compare", "_selected_action": [image.pk for image in images]}
    return client.post(LIST, data, follow=True)


def test_two_are_chosen_in_the_list(editor: User, browser: Browser) -> None:
    """The older one comes first, whichever was ticked first; of any other number it says what is wrong."""
    new, old, third = (picture(number, editor, title=f"Fox {number}") for number in (1, 2, 3))
    client = browser(editor)
    response = chosen(client, new, old)
    assert response.redirect_chain == [(of(old, new), 302)]
    assert response.status_code == 200
    assert [image.pk for image in response.context["images"]] == [old.pk, new.pk]
    for images, count in (([new], 1), ([new, old, third], 3)):
        text = chosen(client, *images).content.decode()
        assert f"Two pictures can be compared. You chose {count}." in text


def test_in_what_they_differ(editor: User, chief: User, browser: Browser) -> None:
    """What is another is told of both, what is the same by its name alone; costs to those who may see them."""
    fox = picture(1, editor, prompt="a <fox>", title="Fox", seed=1, cost="0.035")
    owl = picture(1, editor, prompt="an owl", title="Owl", seed=2, cost="0.07")
    response = browser(editor).get(of(fox, owl))
    facts = {label: (one, other) for label, one, other in response.context["facts"]}
    assert facts == {"Prompt": ("a <fox>", "an owl"), "Seed": ("1", "2")}
    assert response.context["same"].startswith("Size, Shape")
    # Named of each, also where the order left it to the provider.
    assert "File format" in response.context["same"]
    text = response.content.decode()
    assert "a &lt;fox&gt;" in text
    assert "$" not in text
    facts = {label: (one, other) for label, one, other in browser(chief).get(of(fox, owl)).context["facts"]}
    assert facts["Cost"] == ("$0.035", "$0.07")
    Generation.objects.filter(pk=fox.generation_id).update(redacted_at=timezone.now(), prompt="")
    response = browser(editor).get(of(fox, owl))
    assert "(redacted)" in response.content.decode()


def test_what_they_were_made_from(editor: User, browser: Browser) -> None:
    """Where two differ in that, it is told as well."""
    fox, owl = (made(prompt, user=editor).images.get() for prompt in ("a fox", "an owl"))
    one, other = (made("in snow", user=editor, references=[image]).images.get() for image in (fox, owl))
    facts = {label: found for label, *found in browser(editor).get(of(one, other)).context["facts"]}
    assert facts["Made from"] == ["A fox", "An owl"]
    assert "Made from" not in {row[0] for row in browser(editor).get(of(fox, owl)).context["facts"]}


def test_one_that_is_not_saved(editor: User, browser: Browser) -> None:
    """There is nothing to see of it: its state is told, and no picture without an address is on the page."""
    fox, owl = picture(1, editor, title="Fox"), made("an owl", user=editor).images.get()
    GeneratedImage.objects.filter(pk=fox.pk).update(state="received")
    text = browser(editor).get(of(fox, owl)).content.decode()
    assert 'src=""' not in text
    assert "made, not yet saved" in text
    assert owl.file_url in text


def test_both_must_be_seen(editor: User, person: Any, browser: Browser) -> None:
    """Somebody else's is not there, neither is anything but two numbers; who may see no pictures may not ask."""
    mine, other = picture(1, editor), picture(2, person("otto"))
    client = browser(editor)
    for query in ("", "?picture=1", f"?picture={mine.pk}&picture={mine.pk}", "?picture=x&picture=y"):
        assert client.get(f"{PAGE}{query}").status_code == 404, query
    assert client.get(of(mine, other)).status_code == 404
    assert client.get(f"{PAGE}?picture={mine.pk}&picture={'9' * 18}").status_code == 404
    assert client.get(f"{PAGE}?picture={mine.pk}&picture={'9' * 30}").status_code == 404
    assert client.get(f"{PAGE}?picture={mine.pk}&picture=²").status_code == 404
    assert client.post(of(mine, picture(3, editor))).status_code == 405
    assert browser(person("wanda")).get(of(mine, other)).status_code == 403
    assert browser(None).get(of(mine, other)).status_code == 302


def test_a_flagged_one_stays_blurred(editor: User, owner: User, browser: Browser) -> None:
    """Whoever looks: its file is not on the page, and it is said why."""
    fox, owl = made("a fox", user=editor).images.get(), made("an owl", user=editor).images.get()
    GeneratedImage.objects.filter(pk=owl.pk).update(flagged=True)
    text = browser(owner).get(of(fox, owl)).content.decode()
    assert fox.file_url in text
    assert owl.file_url not in text
    assert owl.preview_url in text
    assert "seedream-flagged" in text
    assert "waiting for a decision" in text


def test_a_picture_leads_to_its_nearest(editor: User, chief: User, person: Any, browser: Browser) -> None:
    """To what it was made from, else to the newest that was made from it; to nobody else's."""
    first = made("a fox", user=editor).images.get()
    assert "/compare/?" not in browser(editor).get(page_of(first)).content.decode()
    second = made("in the snow", user=editor, references=[first]).images.get()
    for image in (first, second):
        text = unescape(browser(editor).get(page_of(image)).content.decode())
        pair = of(first, second) if image == second else of(second, first)
        assert f'href="{pair}"' in text
    otto = person("otto", "generate", "view_generatedimage")
    GeneratedImage.objects.filter(pk=first.pk).update(generation=made("an owl", user=chief))
    Generation.objects.filter(pk=second.generation_id).update(user=otto)
    assert "/compare/?" not in browser(otto).get(page_of(second)).content.decode()


def test_it_costs_the_same_for_any_two(editor: User, browser: Browser) -> None:
    """One query for both pictures and their orders, beside who asks."""
    client, images = browser(editor), [picture(number, editor) for number in range(4)]
    client.get(of(*images[:2]))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(of(*images[2:])).status_code == 200
    pictures = [query["sql"] for query in captured if "seedream_django_generatedimage" in query["sql"]]
    assert len(pictures) == 1
