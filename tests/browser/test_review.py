"""Somebody in front of what the safety check flagged: blurred until opened; two buttons that say what they do."""

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

PICTURES = "/admin/seedream_django/generatedimage/"
#: Whether the picture itself was fetched and can be seen.
SEEN = "() => document.querySelector('.seedream-look img').naturalWidth > 0"


@pytest.fixture
def site_of_its_own(made: Served, tmp_path: Path) -> Iterator[Served]:
    """The states once more: what is decided here is decided."""
    with made.copy(tmp_path / "copy").serving() as served:
        yield served


@pytest.fixture
def open_as(site_of_its_own: Served, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody; at the end nothing may have gone wrong in it."""
    served, complaints, contexts = site_of_its_own, Complaints(), []

    def open_(who: str, where: str, *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=served.address, reduced_motion="reduce", java_script_enabled=scripts
        )
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": served.sessions[who], "url": served.address}])
        page = context.new_page()
        complaints.listen(page)
        page.goto(served.pages.get(where, where))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints


def test_by_keyboard(open_as: Callable[..., Page], site_of_its_own: Served, shoot: Shoot) -> None:
    """Nothing is fetched before it is opened; each step is reached, shows it, and says what it does."""
    page, fetched = open_as("owner", "held-back-change"), []
    page.on("request", lambda request: request.url.endswith("/look/") and fetched.append(request.url))
    look(page, "flagged-waiting", shoot)
    page.get_by_role("link", name="Look at it and decide").press("Enter")
    page.wait_for_url("**/review/")
    look(page, "review", shoot)
    assert fetched == []
    page.locator("summary").focus()
    page.keyboard.press("Shift+Tab")
    assert tabbed(page, 1) == ["Look at it"]
    page.keyboard.press("Enter")
    page.wait_for_function(SEEN)
    assert len(fetched) == 1
    look(page, "review-open", shoot)
    page.locator("summary").focus()
    assert tabbed(page, 4) == ["decision", "reason", "decision", "No, take me back"]
    for name in ("Approve", "Reject"):
        described = page.get_by_role("button", name=name, exact=True).get_attribute("aria-describedby")
        assert page.locator(f"#{described}").inner_text().startswith(name)
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_text("1 picture is approved: it moves to the public storage").wait_for()
    assert page.url.endswith(site_of_its_own.pages["held-back-change"])
    look(page, "flagged-approved", shoot)


def test_for_who_may_not_decide(open_as: Callable[..., Page], site_of_its_own: Served, shoot: Shoot) -> None:
    """The order's page blurs what is a blur already, says what it waits for and who decides, and leads to no file."""
    page = open_as("editor", "held-back")
    look(page, "order-flagged", shoot)
    words = page.locator("#content-main").inner_text()
    assert "waiting for a decision" in words
    assert "Whether it may be used is for Olga Owner to decide." in words
    sources = page.eval_on_selector_all("#content-main img", "images => images.map(image => image.src)")
    assert ["-blurred.webp" in source for source in sources] == [True]
    assert page.get_by_role("link", name="Look at it and decide").count() == 0


def test_without_scripts(open_as: Callable[..., Page]) -> None:
    """Forms are forms: looking and deciding need no JavaScript."""
    page = open_as("owner", "held-back-review", scripts=False)
    page.locator("summary").click()
    page.locator(".seedream-look img").scroll_into_view_if_needed()
    page.get_by_role("button", name="Reject").click()
    assert "1 picture is rejected" in page.locator("#content").page.content()
    assert "and rejected" in page.locator(".field-safety").inner_text()


def test_several_at_once(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """The list finds what waits, asks before it decides, and then has nothing that waits."""
    page = open_as("owner", f"{PICTURES}?review=waiting")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    look(page, "pictures-waiting", shoot)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("approve")
    page.locator("button[name=index]").click()
    page.get_by_text("Approved, it moves to the public storage and can be used").wait_for()
    look(page, "review-several", shoot)
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("pictures are approved").wait_for()
    page.goto(f"{PICTURES}?review=waiting")
    assert page.locator("#result_list tbody tr").count() == 0
