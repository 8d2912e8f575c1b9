"""The changelists' actions: what spends shows the price first, and is done once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from example_project.magazine.models import Topic
from seedream_django import lost, orders
from seedream_django.models import Budget, GeneratedImage, Generation, ImageState, State, Switch
from seedream_django.sandbox import Books

from .steps import LONG_AGO, carry, made, turn

pytestmark = pytest.mark.django_db

Browser = Callable[[User | None], Client]
LIST = "admin:seedream_django_generation_changelist"


def ask(client: Client, action: str, *rows: Any, name: str = LIST, **values: str) -> Any:
    data = {"action": action, ACTION_CHECKBOX_NAME: [str(row.pk) for row in rows], **values}
    return client.post(reverse(name), data)


def confirm(client: Client, action: str, page: Any, *rows: Any) -> Any:
    """Press the button of the page that shows the price."""
    (nonce,) = re.findall(r'name="nonce" value="([^"]+)"', page.content.decode())
    counts = dict(re.findall(r'name="(count-[^"]+)" value="([^"]+)"', page.content.decode()))
    return ask(client, action, *rows, confirmed="1", nonce=nonce, **counts)


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize(("action", "word"), [("try_again", " sandbox:fails"), ("more_like_this", "")])
def test_confirmed_then_ordered(action: str, word: str, chief: User, browser: Browser, books: Books) -> None:
    """First the price, and nothing ordered; then new rows; sent twice, the same rows."""
    rows = [made(f"fox {n}{word}", user=chief, results=n) for n in (1, 2)]
    client = browser(chief)
    page = ask(client, action, *rows)
    content = page.content.decode()
    assert "This places 2 new orders: 3 pictures · <strong>$0.105</strong>" in content
    assert Generation.objects.count() == 2
    for _ in range(2):
        assert told(confirm(client, action, page, *rows))[-1] == "2 orders were taken."
    new = Generation.objects.filter(parent__in=rows)
    assert {(row.parent, row.prompt, row.expected) for row in new} == {
        (r, r.prompt, r.expected) for r in rows
    }
    assert {(row.door, row.user) for row in new} == {("again", chief)}
    for row in new:
        carry(row)
    assert len(books.charges()) == (0 if word else 4)


def test_the_next_time_is_another_order(chief: User, browser: Browser) -> None:
    """A page that is opened anew has a nonce of its own."""
    row, client = made("a fox", user=chief), browser(chief)
    for _ in range(2):
        confirm(client, "more_like_this", ask(client, "more_like_this", row), row)
    assert Generation.objects.filter(parent=row).count() == 2


def test_another_did_it_meanwhile(chief: User, owner: User, browser: Browser) -> None:
    """Two people look at the same page, and both press: the second is told, and pays for nothing."""
    rows = [made(prompt, user=chief) for prompt in ("a fox", "an owl")]
    first, second = browser(chief), browser(owner)
    page, same = ask(first, "more_like_this", rows[0]), ask(second, "more_like_this", *rows)
    assert told(confirm(first, "more_like_this", page, rows[0])) == ["1 order was taken."]
    assert told(confirm(second, "more_like_this", same, *rows)) == [
        "“a fox”: The same was ordered again meanwhile, so nothing was ordered now. See what comes of that first.",
        "1 order was taken.",
    ]
    assert [row.children.count() for row in rows] == [1, 1]


def test_only_what_fits(editor: User, browser: Browser) -> None:
    """Try again takes what ended badly, more like this what has pictures; else it says so."""
    done, failed = made("a fox", user=editor), made("sandbox:fails", user=editor)
    queued, client = orders.place("waiting", user=editor), browser(editor)
    for action, fits in (("try_again", failed), ("more_like_this", done)):
        page = ask(client, action, done, failed, queued).content.decode()
        assert re.findall(rf'name="{ACTION_CHECKBOX_NAME}" value="([^"]+)"', page) == [str(fits.pk)]
    response = ask(client, "try_again", done, queued)
    assert told(response) == ["Nothing to do: “Try again” does not fit what was chosen."]
    assert Generation.objects.count() == 3


def test_no_price_for_editors(editor: User, browser: Browser) -> None:
    """Who may not see costs is told the number of pictures alone."""
    row = made("a fox", user=editor)
    page = ask(browser(editor), "more_like_this", row).content.decode()
    assert "This places 1 new order: 1 picture" in page
    assert "$" not in page


def test_unused_ones_are_told_of(editor: User, chief: User, browser: Browser) -> None:
    """Before more of the same is ordered: how many are there that nobody uses, of those one may choose."""
    rows = [made("a fox", user=editor, results=2), made("an owl", user=editor)]
    made("a fox", user=chief)
    page = ask(browser(editor), "more_like_this", *rows).content.decode()
    assert "3 unused pictures of exactly this exist." in page
    topic = Topic.objects.create(name="Owls", slug="owls", picture=rows[1].images.get())
    assert "2 unused pictures" in ask(browser(editor), "more_like_this", *rows).content.decode()
    assert "unused" not in ask(browser(editor), "more_like_this", rows[1]).content.decode()
    Generation.objects.filter(pk=rows[0].pk).update(digest="")
    assert "unused" not in ask(browser(editor), "more_like_this", *rows).content.decode()
    topic.delete()
    assert "1 unused picture of" in ask(browser(editor), "more_like_this", rows[1]).content.decode()


def test_over_budget(chief: User, browser: Browser) -> None:
    """Of two orders that the budget has room for one of, one is taken, and of the other it is told why not."""
    rows, client = [made(prompt, user=chief) for prompt in ("a fox", "an owl")], browser(chief)
    page = ask(client, "more_like_this", *rows)
    Budget.objects.create(limit="0.05")
    refused, taken = told(confirm(client, "more_like_this", page, *rows))
    assert re.match(
        r"“(a fox|an owl)”: The budget has no room .* \$0\.015 is left, and it costs \$0\.035", refused
    )
    assert taken == "1 order was taken."
    Budget.objects.update(limit=1)
    assert told(confirm(client, "more_like_this", page, *rows))[-1] == "2 orders were taken."
    assert Generation.objects.count() == 4


def test_lost_ones_are_warned_of(editor: User, owner: User, browser: Browser) -> None:
    """What is lost may have been paid for: an owner is told so before it is ordered again, an editor asks one."""
    row = orders.place("sandbox:stuck", user=editor)
    turn()
    Generation.objects.update(deadline=row.created_at - LONG_AGO)
    assert carry(row).state == State.LOST
    page = ask(browser(owner), "try_again", row).content.decode()
    assert "they may have been charged already, and would then cost twice" in page
    assert told(ask(browser(editor), "try_again", row))[0] == (
        "“sandbox:stuck”: This order may have been charged already, and would then cost twice. Ask olga."
    )
    assert Generation.objects.count() == 1
    # Who wrote it off has decided: there is nothing more to warn of.
    lost.write_off(row, by=owner)
    assert "they may have been charged already" not in ask(browser(owner), "try_again", row).content.decode()


def test_rights(editor: User, chief: User, person: Callable[..., User], browser: Browser) -> None:
    """Others' rows cannot be reached through an action, nor any without the right to generate."""
    theirs = made("secret", user=chief)
    page = ask(browser(editor), "more_like_this", theirs)
    assert b"secret" not in page.content
    viewer = person("vera", "view_generation", "see_others_prompts")
    ask(browser(viewer), "more_like_this", theirs, confirmed="1", nonce="n")
    assert Generation.objects.count() == 1
    assert "More like this" not in browser(viewer).get(reverse(LIST)).content.decode()


def test_switched_off(chief: User, browser: Browser) -> None:
    """The owner's reason is told, and nothing is ordered."""
    row, client = made("a fox", user=chief), browser(chief)
    page = ask(client, "more_like_this", row)
    Switch.objects.create(pk=1, on=False, reason="Budget spent.")
    assert told(confirm(client, "more_like_this", page, row)) == [
        "“a fox”: Generating is switched off: Budget spent."
    ]
    assert Generation.objects.count() == 1


def test_no_longer_a_valid_order(chief: User, browser: Browser, settings: Any) -> None:
    """A size that the site does not take any more is told; the others are ordered."""
    odd, good = made("odd", user=chief, width=2001, height=1999), made("good", user=chief)
    settings.SEEDREAM |= {"LISTED_SIZES_ONLY": True}
    client = browser(chief)
    texts = told(confirm(client, "more_like_this", ask(client, "more_like_this", odd, good), odd, good))
    assert [text for text in texts if text.startswith("“odd”: Width:")]
    assert "1 order was taken." in texts


def test_fetch_again(chief: User, browser: Browser, books: Books) -> None:
    """A paid picture that could not be saved gets another chance, free of charge."""
    row = orders.place("a fox", user=chief)
    turn()
    turn()
    image = row.images.get()
    url = f"http://sandbox/pictures/{image.image_uuid}.jpg"
    GeneratedImage.objects.update(state=ImageState.FAILED, url=url, file="", preview="")
    Generation.objects.update(state=State.FAILED, stored=0)
    client, name = browser(chief), "admin:seedream_django_generatedimage_changelist"
    assert told(ask(client, "fetch_again", image, name=name)) == ["1 picture is fetched again."]
    image.refresh_from_db()
    row.refresh_from_db()
    assert (image.state, row.state, row.stored) == (ImageState.STORED, State.FAILED, 1)
    assert told(ask(client, "fetch_again", image, name=name))[-1].startswith("Nothing to do")
    assert len(books.charges()) == 1
