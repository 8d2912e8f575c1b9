"""Somebody who decides about pictures, one after the other, by single keys; and without them, and without scripts."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import Complaints
from .looking import SHOWS_FOCUS, look
from .served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

Shoot = Callable[..., None]

PICTURES = "/admin/seedream_django/generatedimage/"
QUEUE = f"{PICTURES}review/"
#: Pictures that are made candidates of, beside the two that are flagged already.
CANDIDATES = 4
TABLE = "seedream_django_generatedimage"
FREE = f"SELECT id, file FROM {TABLE} WHERE state = 'stored' AND file <> '' AND review = '' ORDER BY created_at, id"
HAS_FOCUS = "() => document.activeElement.id"
SHOWN = "() => document.querySelector('.seedream-judge [name=picture]')?.value"


@pytest.fixture(scope="module")
def reviewed(made: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The states once more, on a site that reviews, with some of its pictures not approved yet."""
    copy = made.copy(tmp_path_factory.mktemp("reviewed") / "copy", SEEDREAM_TEST_REVIEW="own")
    with contextlib.closing(sqlite3.connect(copy.data / "magazine.sqlite3")) as connection:
        for pk, file in connection.execute(FREE).fetchmany(CANDIDATES):
            name = Path(file)
            private = name.with_name(f"{name.stem}-private{name.suffix}")
            (copy.data / "private" / private).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(copy.data / "media" / name, copy.data / "private" / private)
            change = f"UPDATE {TABLE} SET review = 'waiting', file = '', private_file = ?, created_at = ? WHERE id = ?"
            # Older than what is flagged.
            connection.execute(change, (str(private), f"2026-01-01 12:00:{pk % 60:02}", pk))
        connection.commit()
    with copy.serving() as served:
        yield served


@pytest.fixture
def open_as(reviewed: Served, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody; at the end nothing may have gone wrong in it."""
    complaints, contexts = Complaints(), []

    def open_(who: str, where: str, *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=reviewed.address, reduced_motion="reduce", java_script_enabled=scripts
        )
        contexts.append(context)
        session = {"name": "sessionid", "value": reviewed.sessions[who], "url": reviewed.address}
        context.add_cookies([session])
        page = context.new_page()
        complaints.listen(page)
        page.goto(where)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints


def test_by_single_keys(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """Each key does what the page says, none while one types; a decision is told, and the next has the focus."""
    page = open_as("owner", PICTURES)
    way = page.get_by_role("link", name="Waiting for your decision: 6")
    look(page, "pictures-to-review", shoot)
    way.press("Enter")
    page.wait_for_url(f"**{QUEUE}")
    page.locator(".seedream-review figure img").first.scroll_into_view_if_needed()
    look(page, "review-queue", shoot)
    first = page.evaluate(SHOWN)
    page.keyboard.press("j")
    page.wait_for_url("**?at=*")
    second = page.evaluate(SHOWN)
    assert (second != first, page.evaluate(HAS_FOCUS)) == (True, "review-picture")
    page.keyboard.press("k")
    page.wait_for_function(f"wanted => ({SHOWN})() === wanted", arg=first)
    with page.expect_popup() as opened:
        page.keyboard.press("z")
    assert opened.value.url.endswith(f"/{first}/look/")
    opened.value.close()
    page.keyboard.press("r")
    assert page.evaluate("() => document.activeElement.name") == "reason"
    assert page.evaluate(SHOWS_FOCUS)
    page.keyboard.type("Zebra, jar, rake")
    assert page.locator("[name=reason]").input_value() == "Zebra, jar, rake"
    page.keyboard.press("Enter")
    page.get_by_text("1 picture is rejected").wait_for()
    assert (page.evaluate(SHOWN), page.evaluate(HAS_FOCUS)) == (second, "review-picture")
    assert page.evaluate(SHOWS_FOCUS)
    assert "1 picture is rejected" in page.get_by_role("status").inner_text()
    look(page, "review-queue-decided", shoot)
    page.keyboard.press("a")
    page.get_by_text("1 picture is approved").wait_for()
    assert page.evaluate(SHOWN) not in (first, second)


def test_the_keys_can_be_switched_off(open_as: Callable[..., Page]) -> None:
    """By the box, for good: then a letter is a letter, on the next page too."""
    page = open_as("owner", QUEUE)
    shown = page.evaluate(SHOWN)
    box = page.get_by_label("Keyboard shortcuts")
    box.focus()
    page.keyboard.press("Space")
    page.reload()
    assert not page.get_by_label("Keyboard shortcuts").is_checked()
    for key in "ajkzr":
        page.keyboard.press(key)
    page.reload()
    assert page.evaluate(SHOWN) == shown
    page.get_by_label("Keyboard shortcuts").check()
    page.keyboard.press("r")
    assert page.evaluate("() => document.activeElement.name") == "reason"


def test_what_is_flagged_stays_blurred(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """Its bytes are fetched once Z opens it, and not before."""
    page, fetched = open_as("owner", QUEUE), []
    while not page.locator(".seedream-review .seedream-flagged").count():
        shown = page.evaluate(SHOWN)
        page.keyboard.press("j")
        page.wait_for_function(f"shown => ![shown, undefined].includes(({SHOWN})())", arg=shown)
    page.on("request", lambda request: request.url.endswith("/look/") and fetched.append(request.url))
    look(page, "review-queue-flagged", shoot)
    assert fetched == []
    page.keyboard.press("z")
    page.wait_for_function("() => document.querySelector('.seedream-look img').naturalWidth > 0")
    assert len(fetched) == 1


def test_without_scripts(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """Links and forms; no word of keys; a rejection without a reason does not leave the page."""
    page = open_as("owner", QUEUE, scripts=False)
    assert not page.get_by_text("Keyboard shortcuts").is_visible()
    page.get_by_role("link", name="Skip", exact=True).click()
    page.wait_for_url("**?at=*")
    page.get_by_role("link", name="Previous").click()
    page.get_by_role("button", name="Reject").click()
    assert page.locator(".messagelist").count() == 0
    page.get_by_label("Why it is rejected").fill("It does not fit our look.")
    page.get_by_role("button", name="Reject").click()
    page.get_by_text("1 picture is rejected").wait_for()
    shoot(page, "review-queue-without-scripts")


def test_for_who_ordered_it(open_as: Callable[..., Page], reviewed: Served, shoot: Shoot) -> None:
    """The picture's page says that it waits or why it was rejected, shows it, and leads to no decision."""
    with contextlib.closing(sqlite3.connect(reviewed.data / "magazine.sqlite3")) as connection:
        query = f"SELECT id FROM {TABLE} WHERE review = 'waiting' AND flagged IS NOT 1"
        (pk,) = connection.execute(query).fetchone()
    page = open_as("editor", f"{PICTURES}{pk}/change/")
    assert page.get_by_role("link", name="Open the original").is_visible()
    assert page.get_by_role("link", name="Look at it and decide").count() == 0
    look(page, "picture-waiting", shoot)
