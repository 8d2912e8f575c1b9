"""The owner has the house examined: from the page about money to the lines, by a worker, without a reload."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from example_project.magazine.people import PASSWORD

from .conftest import NARROW, WIDE
from .looking import findings, overflows, tabbed
from .test_states import FINDINGS, MONEY

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

SOON = 120_000


@pytest.fixture
def as_owner(open_page: Callable[..., Page]) -> Callable[..., Page]:
    def open_(path: str, **options: object) -> Page:
        page = open_page("/admin/login/", **options)
        page.locator("#id_username").fill("owner")
        page.locator("#id_password").fill(PASSWORD)
        page.locator("[type=submit]").click()
        page.wait_for_url("**/admin/")
        page.goto(path)
        return page

    return open_


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_examined_by_a_worker(as_owner: Callable[..., Page], shoot: Callable[..., None], dark: bool) -> None:
    """One click, and the lines come by themselves; in either scheme and width axe finds nothing."""
    page = as_owner(MONEY, dark=dark)
    page.get_by_role("link", name="Is all well? Examine every part").click()
    page.get_by_role("button", name="Examine now").click()
    page.get_by_text("A worker answered").wait_for(timeout=SOON)
    page.locator("[data-state=over]").wait_for(timeout=SOON)
    assert page.locator(".seedream-findings li").count() >= 15
    assert page.get_by_text("A file was written, read back the same and removed").count() == 2
    for size in (NARROW, WIDE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert not overflows(page)
        assert findings(page) == []
        shoot(page, f"examined-{size[0]}-{'dark' if dark else 'light'}")


def test_without_a_script_and_by_keyboard(as_owner: Callable[..., Page]) -> None:
    """The button is an ordinary form's, reached by Tab, and the page says to reload it."""
    page = as_owner(FINDINGS, scripts=False)
    page.locator("[data-fragment]").evaluate("part => { part.tabIndex = -1; part.focus(); }")
    assert tabbed(page, 1) == ["Examine now"]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Examine now").wait_for()
    assert page.locator("[data-state]").is_visible()
