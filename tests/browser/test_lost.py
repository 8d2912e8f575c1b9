"""An owner in front of what is lost: three buttons that say what they do, and two pages that ask, by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import WIDE, Complaints
from .looking import look, tabbed
from .served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

Shoot = Callable[..., None]


@pytest.fixture
def site_of_its_own(made: Served, tmp_path: Path) -> Iterator[Served]:
    """The states once more: what is decided here is decided."""
    with made.copy(tmp_path / "copy").serving() as served:
        yield served


@pytest.fixture
def page(site_of_its_own: Served, chromium: Browser) -> Iterator[Page]:
    """The lost order's page, as its owner sees it; at the end nothing may have gone wrong in it."""
    served, complaints = site_of_its_own, Complaints()
    context = chromium.new_context(base_url=served.address, reduced_motion="reduce")
    context.add_cookies([{"name": "sessionid", "value": served.sessions["owner"], "url": served.address}])
    page = context.new_page()
    complaints.listen(page)
    page.goto(served.pages["lost"])
    yield page
    context.close()
    assert not complaints


def test_by_keyboard(page: Page, shoot: Shoot) -> None:
    """Each button is reached, shows it, and is described by its words; the two that may cost ask before they do."""
    page.locator("#seedream-ask").focus()
    page.keyboard.press("Shift+Tab")
    assert tabbed(page, 3) == ["Ask again", "Send again · $0.07…", "Write off · $0.07…"]
    for name in ("ask", "send-again", "write-off"):
        described = page.locator(f"#seedream-{name}").get_attribute("aria-describedby")
        assert page.locator(f"#{described}").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/write-off/")
    look(page, "lost-write-off", shoot)
    assert "is counted as spent, unconfirmed" in page.locator("#content-main").inner_text()
    page.get_by_role("link", name="No, take me back").click()
    page.locator("#seedream-send-again").click()
    page.wait_for_url("**/send-again/")
    look(page, "lost-send-again", shoot)
    assert "This may cost twice." in page.locator("#content-main").inner_text()


def test_asked_sent_again_and_written_off(page: Page, shoot: Shoot) -> None:
    """One after the other: the page says each time what was done, and what is left to decide."""
    lost = page.url
    page.locator("#seedream-ask").click()
    page.get_by_text("The provider is asked once more.").wait_for()
    assert "there is no answer yet" in page.locator(".seedream-said").inner_text()
    page.locator("#seedream-send-again").click()
    page.get_by_role("button", name="Send again · $0.07").click()
    page.get_by_text("Waiting").first.wait_for()
    assert page.url != lost
    page.goto(lost)
    assert page.locator(".seedream-sent a").inner_text() == "waiting"
    page.locator("#seedream-write-off").click()
    page.get_by_role("button", name="Write off · $0.07").click()
    page.wait_for_url(lost)
    assert "Written off at $0.07 by Olga Owner." in page.locator(".seedream-said").inner_text()
    assert page.locator("#seedream-write-off").count() == 0
    look(page, "lost-decided", shoot)


def test_without_scripts(site_of_its_own: Served, chromium: Browser) -> None:
    """Forms are forms: the same decisions without JavaScript."""
    served = site_of_its_own
    context = chromium.new_context(base_url=served.address, java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": served.sessions["owner"], "url": served.address}])
    page = context.new_page()
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.goto(served.pages["lost"])
    page.locator("#seedream-write-off").click()
    page.get_by_role("button", name="Write off · $0.07").click()
    assert "Written off at $0.07 by Olga Owner." in page.locator(".seedream-said").inner_text()
    context.close()
