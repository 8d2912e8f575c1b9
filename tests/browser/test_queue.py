"""The page of the queue in front of an owner: looked at, and an order moved, the whole paused, by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import Complaints
from .looking import look
from .served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

Shoot = Callable[..., None]

ORDERS = "seedream_django_generation"
QUEUE = "/admin/seedream_django/generation/queue/"


@pytest.fixture
def page(made: Served, tmp_path: Path, chromium: Browser) -> Iterator[Page]:
    """The queue of a site with a row in every state, as its owner sees it; nothing may go wrong in it."""
    with made.copy(tmp_path / "copy").serving() as served:
        # What ended badly waits once more, and could be sent now; a third of it is somebody else's.
        served.write(f"UPDATE {ORDERS} SET state = 'queued' WHERE state IN ('failed', 'lost', 'cancelled')")
        served.write(f"UPDATE {ORDERS} SET look_at = created_at, hidden = 0 WHERE state = 'queued'")
        other = "user_id = (SELECT id FROM auth_user WHERE username = 'newcomer'), line = 'newcomer'"
        served.write(f"UPDATE {ORDERS} SET {other} WHERE state = 'queued' AND rowid % 3 = 0")
        context, complaints = (
            chromium.new_context(base_url=served.address, reduced_motion="reduce"),
            Complaints(),
        )
        context.add_cookies([{"name": "sessionid", "value": served.sessions["owner"], "url": served.address}])
        page = context.new_page()
        complaints.listen(page)
        page.goto(QUEUE)
        yield page
        context.close()
    assert not complaints


def test_looked_at(page: Page, shoot: Shoot) -> None:
    """In both schemes and widths; the list of orders leads there."""
    assert page.locator("ol.seedream-turns > li").count() > 2
    assert page.locator("ul.seedream-turns progress").count() > 1
    look(page, "queue", shoot)
    page.goto("/admin/seedream_django/generation/")
    page.get_by_role("link", name="Queue").click()
    page.wait_for_url(f"**{QUEUE}")


def test_moved_by_keyboard(page: Page) -> None:
    """The last that waits is put before all: it is the first at once, without a reload, and the keyboard stays on its
    button, which takes it back."""
    rows = page.locator("ol.seedream-turns > li")
    last = rows.last.get_by_role("button", name="Before everybody's")
    key = last.get_attribute("id")
    page.evaluate("window.untouched = true")
    last.focus()
    page.keyboard.press("Enter")
    back = rows.first.get_by_role("button", name="Back into its turn")
    back.wait_for()
    assert back.get_attribute("id") == key
    page.wait_for_function("key => document.activeElement.id === key", arg=key)
    page.keyboard.press("Enter")
    page.locator(f"#{key}", has_text="Before everybody's").wait_for()
    page.wait_for_function("key => document.activeElement.id === key", arg=key)
    assert page.evaluate("window.untouched")


def test_paused_with_a_reason(page: Page, shoot: Shoot) -> None:
    """It says why nothing is sent, and who may goes on."""
    page.get_by_label("Why it is paused").fill("The budget of this month is spent.")
    page.keyboard.press("Enter")
    page.get_by_text("Generating is switched off: The budget of this month is spent.").wait_for()
    look(page, "queue-paused", shoot)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Pause the queue").wait_for()
