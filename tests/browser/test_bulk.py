"""Pictures for many articles, as a person makes them: choose in the list, look, a sample, pause, the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from example_project.magazine.people import PASSWORD

from .conftest import NARROW, WIDE, Complaints
from .looking import findings, overflows, tabbed
from .served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.once

SOON = 120_000
#: Articles without a cover.
LIST = "/admin/magazine/article/?cover__isempty=1"


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


def begin(page: Page, count: int) -> None:
    """Choose the first so many articles of the list, and the action."""
    for box in page.locator("input.action-select").all()[:count]:
        box.check()
    page.locator("select[name=action]").first.select_option("generate_for_these")
    page.locator("button[name=index]").first.click()
    page.locator("#bulk-plan").wait_for()


def look_at(page: Page, shoot: Callable[..., None], name: str) -> None:
    """In either width nothing is cut off, in either scheme axe finds nothing."""
    for size, scheme in ((NARROW, "dark"), (WIDE, "light")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert not overflows(page), (name, size)
        assert findings(page) == [], (name, scheme)
        shoot(page, f"bulk-{name}-{size[0]}-{scheme}")


def test_a_sample_and_the_rest(as_owner: Callable[..., Page], shoot: Callable[..., None]) -> None:
    """Each click leads on, the page renews itself, and at the end every article has its picture."""
    page = as_owner(LIST)
    begin(page, 5)
    assert page.locator(".seedream-written li").count() == 3
    look_at(page, shoot, "plan")
    page.locator("textarea[name=prompt]").fill("{title} {nonsense}")
    page.locator("#bulk-sample").click()
    page.locator(".errorlist").wait_for()
    look_at(page, shoot, "mistake")
    page.locator("textarea[name=prompt]").fill("A watercolour: {title}")
    page.locator("#bulk-sample").click()
    page.get_by_text("This is what it makes now.").wait_for()
    page.locator(".seedream-written li", has_text="A watercolour:").first.wait_for()
    page.locator("#bulk-sample").click()
    page.locator("[data-state=sample]").wait_for()
    look_at(page, shoot, "sample")
    page.locator("[data-state=sampled]").wait_for(timeout=SOON)
    assert page.locator(".seedream-samples img").count() == 3
    look_at(page, shoot, "sampled")
    page.locator("#bulk-rest").click()
    page.locator("#bulk-pause").click()
    page.locator("[data-state=paused]").wait_for()
    page.locator("#bulk-resume").wait_for()
    look_at(page, shoot, "paused")
    page.locator("#bulk-resume").click()
    page.locator("[data-state=done]").wait_for(timeout=SOON)
    assert page.locator(".seedream-objects img").count() == 5
    look_at(page, shoot, "done")
    page.get_by_role("link", name="All bulk runs").click()
    look_at(page, shoot, "list")


def test_without_a_script_and_by_keyboard(as_owner: Callable[..., Page], shoot: Callable[..., None]) -> None:
    """Forms alone: everything is reached by Tab, and the page says to reload it."""
    page = as_owner(LIST, scripts=False)
    begin(page, 2)
    page.locator("textarea[name=prompt]").focus()
    seen = tabbed(page, 8)
    assert "shape" in seen
    assert "Look at the prompts again" in seen
    page.locator("#bulk-sample").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("[data-state=sample], [data-state=done]").wait_for()
    if page.locator("[data-state=sample]").count():
        assert "Reload the page" in page.locator(".seedream-said").first.inner_text()
    for _ in range(60):
        if page.locator("[data-state=done]").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    assert page.locator("[data-state=done]").count()
    shoot(page, "bulk-without-a-script")


@pytest.fixture
def reviewing(made: Served, chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """The owner's list of articles without a cover, on a site where each picture has to be approved."""
    copy = made.copy(tmp_path / "copy", SEEDREAM_TEST_REVIEW="own", SEEDREAM_TEST_IMMEDIATE="1")
    complaints = Complaints()
    with copy.serving() as served:
        context = chromium.new_context(base_url=served.address, reduced_motion="reduce")
        context.add_cookies([{"name": "sessionid", "value": served.sessions["owner"], "url": served.address}])
        page = context.new_page()
        complaints.listen(page)
        page.goto(LIST)
        yield page
        context.close()
    assert not complaints


def test_a_sample_that_waits_for_review(reviewing: Page, shoot: Callable[..., None]) -> None:
    """Each of its pictures is shown and decided about; then its row says what became of it."""
    page = reviewing
    begin(page, 5)
    page.locator("#bulk-sample").click()
    page.locator("[data-state=sampled]").wait_for(timeout=SOON)
    assert page.locator(".seedream-samples img").count() == 3
    assert page.locator(".seedream-objects img").count() == 3
    look_at(page, shoot, "review")
    for number, decision in enumerate(("approve", "reject")):
        run = page.url
        page.locator(".seedream-samples a", has_text="Look at it and decide").first.click()
        if decision == "reject":
            page.locator("[name=reason]").fill("It does not fit our look.")
        page.locator(f"button[value={decision}]").click()
        page.goto(run)
        assert page.locator(".seedream-samples a", has_text="Look at it and decide").count() == 2 - number
    page.get_by_text("rejected: It does not fit our look.").first.wait_for()
    page.locator(".seedream-said", has_text="1 of 5 is in place.").wait_for()
    look_at(page, shoot, "reviewed")
