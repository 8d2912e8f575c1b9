"""The owner's page without a script, by the keyboard alone, and while there is nothing to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from example_project.magazine.people import LIMIT, PASSWORD
from tests.running import EMPTY, SERVING, Demo, free_port

from .conftest import NARROW, WIDE, Complaints
from .looking import findings, overflows, tabbed
from .served import Served
from .test_states import MONEY, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def states(made: Served) -> Iterator[Served]:
    with made.serving():
        yield made


@pytest.fixture
def open_as_owner(states: Served, chromium: Browser, complaints: Complaints) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_(**options: object) -> Page:
        context = chromium.new_context(base_url=states.address, reduced_motion="reduce", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        visit(page, states, "owner", MONEY)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints


def test_without_a_script(open_as_owner: Callable[..., Page]) -> None:
    """Figures, filters, links and the download are plain HTML."""
    page = open_as_owner(java_script_enabled=False)
    assert page.get_by_role("heading", name="What did we spend?").is_visible()
    assert page.get_by_text("orders are lost: the provider never said").is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.locator("#changelist-filter").get_by_role("link", name="today").click()
    assert page.get_by_text("These entries together:").is_visible()
    page.get_by_role("link", name="What was spent, and what is stuck").click()
    page.locator(".seedream-problem li a").first.click()
    assert page.url.endswith("/change/")


def test_by_keyboard(open_as_owner: Callable[..., Page]) -> None:
    """Every link from the figures to the ledger is reached in the order of the page, and shows it."""
    page = open_as_owner(viewport={"width": WIDE[0], "height": WIDE[1]})
    page.locator("#seedream-spent").evaluate("heading => { heading.tabIndex = -1; heading.focus(); }")
    links = page.locator("#content .seedream-money").first.locator("a").all_inner_texts()
    assert len(links) > 15
    seen = tabbed(page, len(links) + 3)
    assert [" ".join(text.split()) for text in links] == seen[: len(links)]
    assert seen[-1] == "since"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo of this module's own: in the others' something was ordered."""
    demo = Demo(tmp_path_factory.mktemp("new"), free_port(), EMPTY)
    try:
        demo.wait_for(SERVING)
        yield demo
    finally:
        demo.clear()


def test_before_the_first_order(open_page: Callable[..., Page]) -> None:
    """An owner who looks at a new site sees a page that says that all is well."""
    page = open_page("/admin/login/")
    page.locator("#id_username").fill("owner")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("[type=submit]").click()
    page.wait_for_url("**/admin/")
    page.goto(MONEY)
    for words in ("Nothing is stuck.", "No order failed in the last 30 days.", "Nothing was ordered yet."):
        assert page.get_by_text(words).is_visible()
    assert page.get_by_text(f"left of ${LIMIT}.00").is_visible()
    for width, height in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": height})
        assert not overflows(page)
        assert findings(page) == []
