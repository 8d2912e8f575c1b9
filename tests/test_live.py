"""One question of a page about all its orders: what it is answered, to whom, and that it costs no more than one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from huey import MemoryHuey

from seedream_django import budget, live, lost, orders
from seedream_django.models import FINAL, GeneratedImage, Generation, ImageState, State, Switch, after

from .steps import made

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Person = Callable[..., User]
Browser = Callable[[User | None], Client]
PARTS = re.compile(
    r'<div data-order="([^"]*)"( data-gone)?>(.*?)</div>\n(?=<div data-order|\s*\Z)', re.DOTALL
)
TASK = {"width": 2048, "height": 2048}


@pytest.fixture(autouse=True)
def _a_worker_elsewhere(settings: Any) -> None:
    """Nothing runs inside the requests, which read rows alone."""
    settings.SEEDREAM |= {"HUEY": MemoryHuey("worked off elsewhere", immediate=False)}


def ask(client: Client, *keys: Any, **more: str) -> dict[str, str | None]:
    """What the page is told of each: a fragment, or None for what is gone."""
    response = client.get(reverse("seedream_django:live"), {"order": [str(key) for key in keys], **more})
    assert response.status_code == 200, response.content
    found = PARTS.findall(response.content.decode())
    return {key: None if gone else fragment for key, gone, fragment in found}


def rows(count: int, user: User, state: State = State.RUNNING, **columns: Any) -> list[Generation]:
    """Orders in this state, each with a picture that is there."""
    moments = {"created_at": after(-60), "submitted_at": after(-20)}
    moments |= {"finished_at": after(-5)} if state in FINAL else {}
    values = {"user": user, "state": state, "parameters": TASK, "expected": 2, "usual": 20, **moments}
    found = [
        Generation(**{"prompt": f"fox {n}", "digest": f"d{n}", **values, **columns}) for n in range(count)
    ]
    Generation.objects.bulk_create(found)
    still = {"file": "a.jpg", "preview": "a.webp", "state": ImageState.STORED, "width": 4, "height": 4}
    GeneratedImage.objects.bulk_create(
        GeneratedImage(generation=row, image_uuid=uuid.uuid4(), **still) for row in found
    )
    return found


# -- What is told --------------------------------------------------------------------------------------------


def test_each_has_its_own_fragment(editor: User, browser: Browser) -> None:
    """In the order in which they were asked for, each once, under the very key that the page gave."""
    one, two = rows(2, editor)
    told = ask(browser(editor), two.pk.hex, one.pk, two.pk.hex)
    assert list(told) == [two.pk.hex, str(one.pk)]
    for key, row in zip(told, (two, one), strict=True):
        assert f'aria-label="Progress of “{row.prompt}”"' in (told[key] or "")
        assert f'data-image="{row.images.get().pk}"' in (told[key] or "")


def test_what_is_gone_is_no_error_for_the_others(editor: User, person: Person, browser: Browser) -> None:
    """Deleted, never there, no number at all, or somebody else's: all the same, and nothing of it is told."""
    (mine,), (theirs,) = rows(1, editor), rows(1, person("theo", "generate"), prompt="a secret")
    keys = [mine.pk.hex, theirs.pk.hex, uuid.uuid4().hex, "", "x", '"><script>', "\x00", "1" * 500, "é" * 32]
    response = browser(editor).get(reverse("seedream_django:live"), {"order": keys})
    assert response.status_code == 200
    page = response.content.decode()
    assert page.count(" data-gone></div>") == len(keys) - 1
    assert page.count("data-state=") == 1
    assert "<script>" not in page
    assert "secret" not in page
    assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_nothing_is_asked(editor: User, browser: Browser) -> None:
    """A page without orders is answered with nothing."""
    response = browser(editor).get(reverse("seedream_django:live"))
    assert (response.status_code, response.content.strip()) == (200, b"")


def test_no_more_than_a_hundred(editor: User, browser: Browser) -> None:
    """What goes beyond is not answered, whoever asks for it."""
    keys = [row.pk.hex for row in rows(3, editor)] + [uuid.uuid4().hex for _ in range(200)]
    told = ask(browser(editor), *keys[:2], *keys[3:], keys[2])
    assert list(told) == [*keys[:2], *keys[3:101]]
    assert live.MOST == 100


def test_a_hundred_fit_into_an_address() -> None:
    """gunicorn takes a first line of 4094 bytes: a hundred of them stay below it."""
    asked = "&".join(f"order={uuid.uuid4().hex}" for _ in range(live.MOST))
    assert len(f"GET {reverse('seedream_django:live')}?in=field&{asked} HTTP/1.1") < 4000


WHO = {"anonymous": None, "inactive": 0, "reader": 0, "editor": 1, "chief": 2, "owner": 2}


def test_who_is_told(editor: User, chief: User, owner: User, person: Person, browser: Browser) -> None:
    """Of their own orders, or of all for those who see others'; to whom is logged out a sentence, no login page."""
    people = {
        "anonymous": None,
        "reader": person("rita", is_staff=False),
        "inactive": person("ina", is_active=False),
    }
    people |= {"editor": editor, "chief": chief, "owner": owner}
    both = [*rows(1, editor), *rows(1, person("theo", "generate"))]
    found: dict[str, int | None] = {}
    for who, user in people.items():
        response = browser(user).get(reverse("seedream_django:live"), {"order": [row.pk.hex for row in both]})
        told = response.content.decode()
        found[who] = told.count("data-state=") if response.status_code == 200 else None
        if found[who] is None:
            assert (response.status_code, told) == (
                403,
                "You are logged out. Log in again; your order is kept.",
            )
    assert found == {**WHO, "inactive": None}


def test_it_is_only_read(editor: User, browser: Browser) -> None:
    """Nothing is changed by asking, and by no other way than GET."""
    address = reverse("seedream_django:live")
    assert browser(editor).post(address).status_code == 405


def test_inside_a_form_there_is_no_form(editor: User, browser: Browser) -> None:
    """``in=field`` holds for all: buttons of their own, and no form inside the page's."""
    told = ask(browser(editor), *[row.pk.hex for row in rows(2, editor, progress=3)], **{"in": "field"})
    assert all("<form" not in (fragment or "<form") for fragment in told.values())
    assert all("data-post=" in (fragment or "") for fragment in told.values())


@pytest.mark.parametrize("state", State.values)
def test_the_first_paint_is_every_later_one(
    state: State, owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of an order, its own address and the answer for a page say the same, to the letter."""
    (row,) = rows(1, owner, state, usual=None)
    now = timezone.now()
    # Between two answers the bar may move on.
    monkeypatch.setattr("seedream_django.live.timezone.now", lambda: now)
    client, token = browser(owner), re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    page = client.get(reverse("admin:seedream_django_generation_change", args=[row.pk])).content.decode()
    alone = client.get(reverse("seedream_django:status", args=[row.pk])).content.decode()
    (told,) = ask(client, row.pk.hex).values()
    still = [re.sub(r"\d+ seconds", "", token.sub("", text or "-").strip()) for text in (told, alone)]
    assert still[0] == still[1]
    assert still[0] in re.sub(r"\d+ seconds", "", token.sub("", page))
    assert f'src="{reverse("seedream_django:live")}?order={row.pk.hex}"' in page


def test_the_bar_and_the_seconds(editor: User, browser: Browser) -> None:
    """The server says how far it is, also to who runs no script; at the end there is a picture instead."""
    (row,) = rows(1, editor, accepted_at=after(-19))
    client = browser(editor)
    (told,) = ask(client, row.pk.hex).values()
    bar = re.search(r'<progress [^>]*max="100" value="(\d+)"', told or "")
    assert bar
    assert 70 < int(bar[1]) < 90
    assert "In work for 20 seconds; most take about 20 seconds." in (told or "")
    Generation.objects.update(state=State.DONE)
    assert "<progress" not in (ask(client, row.pk.hex)[row.pk.hex] or "<progress")


def test_numbers_for_scripts_have_no_separators(editor: User, browser: Browser, settings: Any) -> None:
    """A project that writes 1,000 for people still tells the script 1000, inside the answer for a page too."""
    settings.USE_THOUSAND_SEPARATOR = True
    (told,) = ask(browser(editor), rows(1, editor)[0].pk.hex).values()
    assert 'data-next="1000"' in (told or "")
    assert 'viewBox="0 0 2048 2048"' in (told or "")


def test_the_place_in_the_line_of_each(editor: User, person: Person, browser: Browser) -> None:
    """Each is told how many are before it, of all orders: those of the page, and those of others that have their turn
    before."""
    line = [orders.place(f"fox {n}", user=editor if n % 2 else person(f"p{n}", "generate")) for n in range(6)]
    told = ask(browser(editor), *[row.pk.hex for row in reversed(line) if row.user == editor])
    words = [re.search(r"<strong>(.*?)</strong>", fragment or "") for fragment in told.values()]
    assert [found and found[1] for found in words] == [
        "Waiting; 5 orders are before yours.",
        "Waiting; 4 orders are before yours.",
        "Waiting; 1 order is before yours.",
    ]


def test_unused_ones_of_each(editor: User, browser: Browser, settings: Any) -> None:
    """Each says how many more there are of its own words that nobody uses: not of another's, nor those it shows."""
    settings.SEEDREAM |= {"HUEY": MemoryHuey("here", immediate=True)}
    two, one, again = (made(words, user=editor, results=2) for words in ("a fox", "an owl", "an owl"))
    client = browser(editor)
    assert "more picture" not in (ask(client, two.pk.hex)[two.pk.hex] or "more picture")
    assert "2 more pictures of exactly this exist that nobody uses." in (
        ask(client, one.pk.hex)[one.pk.hex] or ""
    )
    # Both are on this page.
    assert "more picture" not in (ask(client, one.pk.hex, again.pk.hex)[one.pk.hex] or "more picture")
    again.images.filter(position=0).delete()
    assert "1 more picture of exactly this exists that nobody uses." in (
        ask(client, one.pk.hex)[one.pk.hex] or ""
    )


# -- What it costs -------------------------------------------------------------------------------------------


def _asked(client: Client, found: list[Generation], **more: str) -> int:
    keys = [row.pk.hex for row in found]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        told = ask(client, *keys, **more)
    assert all(told[key] for key in keys)
    return len(queries)


def _lose(found: list[Generation], owner: User) -> None:
    """Each its own fate: undecided or written off, and sent again."""
    for number, row in enumerate(found):
        budget.reserve(row, budget.periods_for(owner))
        if number % 3 == 1:
            lost.write_off(row, by=owner)
        Generation.objects.create(parent=row, prompt="again", parameters=TASK, user=owner)


@pytest.mark.parametrize("in_place", [False, True], ids=["page", "field"])
@pytest.mark.parametrize("state", State.values)
def test_a_hundred_cost_as_many_queries_as_one(
    state: State, in_place: bool, owner: User, browser: Browser
) -> None:
    """In every state, for whoever sees and decides everything."""
    found = rows(100, owner, state, estimate=0.07)
    if state == State.LOST:
        _lose(found, owner)
    GeneratedImage.objects.filter(generation__in=found[::4]).update(flagged=True)
    client, more = browser(owner), {"in": "field"} if in_place else {}
    ask(client, found[0].pk.hex)
    # What is lost is undecided, written off or in part there: each of these asks for something of its own.
    few = found[:3] if state == State.LOST else found[:1]
    assert _asked(client, few, **more) == (all_ := _asked(client, found, **more))
    assert all_ < 20


@pytest.mark.parametrize("mood", ["", "off", "no worker"])
def test_a_mixed_page_costs_no_more_than_all_its_kinds(mood: str, owner: User, browser: Browser) -> None:
    """Ten of every state at once: as many queries as for one of each, whatever holds for the house."""
    if mood == "off":
        Switch.objects.create(pk=1, on=False)
    found = {
        state: rows(10, owner, state, created_at=timezone.now() if not mood else after(-90))
        for state in State
    }
    _lose(found[State.LOST], owner)
    client = browser(owner)
    some = _asked(client, [first for first, *_others in found.values()])
    assert _asked(client, [row for several in found.values() for row in several]) == some
    assert some < 30


def test_the_own_page_costs_no_more_than_before(owner: User, browser: Browser) -> None:
    """One order that is in work: its session, its person, the row, its pictures, and what they change."""
    (row,) = rows(1, owner)
    client = browser(owner)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("seedream_django:status", args=[row.pk]))
    assert len(queries) == 5
