"""Exactly this once more, while the first is in work or lost: told of before anything is paid, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from example_project.magazine.pictures import COVER
from seedream_django import lost, orders, parameters
from seedream_django.models import Generation, Slot, State

from .editor import Form
from .steps import spot
from .test_fields import Desk, article, cover, desk  # noqa: F401
from .test_lost import lost_order
from .test_once import ADD, Browser, order_of, press, press_again

pytestmark = [pytest.mark.django_db, pytest.mark.once]

STUCK = "a fox sandbox:stuck"
MAKING = "Exactly this is being made already."


def page_of(generation: Generation) -> str:
    return reverse("admin:seedream_django_generation_change", args=[generation.pk])


def box(page: Any) -> str:
    """What is told before anything is ordered."""
    return page.content.decode().partition('class="seedream-unused"')[2].partition("</p>")[0]


@pytest.mark.parametrize("state", [State.QUEUED, State.ASKING, State.RUNNING, State.STORING])
def test_told_that_it_is_in_work(state: str, editor: User, browser: Browser) -> None:
    """Opened anew and sent with the same words: it is told where the first stands, and nothing is ordered."""
    first = orders.place("a fox", user=editor)
    Generation.objects.update(state=state)
    client = browser(editor)
    page = press(client, results="3")
    assert (page.status_code, Generation.objects.count()) == (200, 1)
    assert MAKING in box(page)
    assert "Nothing was ordered yet." in box(page)
    assert f'href="{page_of(first)}"' in box(page)
    assert "<ul" not in page.content.decode().partition('class="seedream-unused"')[2].partition("</div>")[0]
    answers = [press_again(client, page) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Generation.objects.count() == 2


def test_a_double_click_is_not_asked(editor: User, browser: Browser) -> None:
    """The same form twice leads to the one row, whether it is in work or lost meanwhile."""
    client = browser(editor)
    opened = Form(client.get(reverse(ADD)).content.decode()).values
    answers = [client.post(reverse(ADD), {**opened, "prompt": "a fox"}) for _ in range(2)]
    Generation.objects.update(state=State.LOST)
    answers.append(client.post(reverse(ADD), {**opened, "prompt": "a fox"}))
    assert {answer.headers["Location"] for answer in answers} == {
        f"{reverse(ADD)}?ordered={Generation.objects.get().pk}"
    }


@pytest.mark.parametrize("why", ["other words", "cancelled", "another's"])
def test_nothing_to_tell(why: str, editor: User, chief: User, browser: Browser) -> None:
    """Another prompt, what was cancelled, and what somebody may not see are no reason to ask."""
    first = orders.place("an owl" if why == "other words" else "a fox", user=chief if "'" in why else editor)
    if why == "cancelled":
        Generation.objects.filter(pk=first.pk).update(state=State.RUNNING, hidden=True)
    assert press(browser(editor)).status_code == 302


def test_lost_is_refused_to_editors(editor: User, owner: User, browser: Browser) -> None:
    """Typed once more, what is lost may not be ordered by whoever may not decide; the page says whom to ask."""
    first, client = lost_order(editor), browser(editor)
    page = press(client, prompt=STUCK, anyway=first.digest)
    text = page.content.decode()
    assert (
        "Exactly this was ordered already and is lost: it may have been charged, and would then cost twice. "
        "Ask olga." in text
    )
    assert f'href="{page_of(first)}"' in text
    assert "Generate anyway" not in text
    place = browser(editor).post(reverse("seedream_django:order"), {**order_of(STUCK), "spot": spot(editor)})
    assert place.status_code == 422
    assert "would then cost twice. Ask olga." in place.json()["errors"][""][0]
    assert Generation.objects.count() == 1
    # Once it is decided, everybody may.
    lost.write_off(first, by=owner)
    assert press(client, prompt=STUCK).status_code == 302


def test_lost_is_told_to_owners(editor: User, owner: User, browser: Browser) -> None:
    """Who may decide is told that it may cost twice, and may order all the same."""
    first, client = lost_order(editor), browser(owner)
    page = press(client, prompt=STUCK)
    assert "Exactly this is lost: it may have been charged already, and would then cost twice." in box(page)
    assert f'href="{page_of(first)}"' in box(page)
    assert press_again(client, page).status_code == 302
    assert Generation.objects.count() == 2


def test_in_place(editor: User, browser: Browser) -> None:
    """Two windows, the same words: the second is shown the first, with a button that orders all the same."""
    client, data = browser(editor), {**order_of("a fox"), "spot": spot(editor)}
    assert client.post(reverse("seedream_django:order"), {**data, "nonce": "one"}).status_code == 201
    # A double click is the same order, though the first of its clicks is in work.
    assert client.post(reverse("seedream_django:order"), {**data, "nonce": "one"}).status_code == 201
    answer = client.post(reverse("seedream_django:order"), {**data, "nonce": "two"})
    assert (answer.status_code, Slot.objects.count(), Generation.objects.count()) == (409, 1, 1)
    fragment = answer.json()["unused"]
    assert MAKING in fragment
    assert page_of(Generation.objects.get()) in fragment
    assert "<ul" not in fragment
    (known,) = re.findall(r'data-anyway="(\w+)"', fragment)
    known_of = {**data, "nonce": "two", "anyway": known}
    assert client.post(reverse("seedream_django:order"), known_of).status_code == 201
    assert Generation.objects.count() == 2


def test_when_saving(desk: Desk, editor: User) -> None:  # noqa: F811
    """Without JavaScript: the tick is taken out, and only a new one orders all the same."""
    width, height = parameters.DIMENSIONS[COVER.shape][COVER.resolution]
    orders.place("a fox", user=editor, width=width, height=height, added=COVER.hint)
    page = desk.save(cover__prompt="a fox", cover__order="1")
    text = page.content.decode()
    assert page.status_code == 200
    assert f"{MAKING} Wait for it, or tick “Generate anyway when I save”." in text
    assert "cover-order" not in Form(text).values
    (known,) = re.findall(r'name="cover-order" value="(\w{64})"', text)
    assert Generation.objects.count() == 1
    assert desk.save(cover__prompt="a fox", cover__order=known).status_code == 302
    assert Generation.objects.count() == 2


def test_only_those_who_can_are_named(person: Callable[..., User], editor: User, browser: Browser) -> None:
    """Named are those of the active staff who may decide and see the order; nobody without all of that."""
    rights = ("change_generation", "see_others_prompts")
    person("half", "change_generation")
    person("outside", *rights, is_staff=False)
    person("gone", *rights, is_active=False)
    assert told_to(browser(editor), lost_order(editor)) == "Ask an administrator before you order it again."
    person("able", *rights)
    User.objects.create_superuser("zoe")
    found = told_to(browser(editor), Generation.objects.get())
    assert found == "Ask able, zoe before you order it again."


def told_to(client: Client, generation: Generation) -> str:
    page = client.get(reverse("seedream_django:status", args=[generation.pk])).content.decode()
    return re.findall(r"Ask [^.]+\.", page)[0]
