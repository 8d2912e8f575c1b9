"""The library: an editor looks for a picture, in a gallery or a table, narrow or wide, with or without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import NARROW, WIDE, Complaints
from .looking import look, tabbed
from .served import Served
from .test_review import Shoot
from .test_states import PICTURES, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

#: Cards beside each other in the first row.
ACROSS = """() => {
  const tops = [...document.querySelectorAll("#result_list tbody tr")].map((row) => row.getBoundingClientRect().top);
  return tops.filter((top) => top === tops[0]).length;
}"""


@pytest.fixture(scope="module")
def states(made: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with made.copy(Path(tmp_path_factory.mktemp("library")) / "data").serving() as served:
        yield served


@pytest.fixture(params=[True])
def page(
    states: Served, chromium: Browser, complaints: Complaints, request: pytest.FixtureRequest
) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=states.address, reduced_motion="reduce", java_script_enabled=request.param
    )
    page = context.new_page()
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    complaints.listen(page)
    yield page
    context.close()
    assert not complaints


def titles(page: Page) -> list[str]:
    return [each.strip() for each in page.locator("#result_list .field-named bdi").all_inner_texts()]


def test_find_it_again(page: Page, states: Served, shoot: Shoot) -> None:
    """Words narrow the gallery, a filter narrows it further, the card leads to how the picture was made."""
    visit(page, states, "owner", PICTURES)
    everything = titles(page)
    look(page, "library-gallery", shoot)
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    assert page.evaluate(ACROSS) == 2
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    assert page.evaluate(ACROSS) >= 4
    page.locator("#searchbar").fill("fox autumn")
    page.locator("#searchbar").press("Enter")
    page.wait_for_url("**q=fox+autumn**")
    foxes = titles(page)
    assert 0 < len(foxes) < len(everything)
    page.get_by_role("link", name="16:9", exact=True).click()
    page.wait_for_url("**shape=16**")
    assert len(titles(page)) < len(foxes)
    page.go_back()
    look(page, "library-found", shoot)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.locator("#result_list .field-small a").first.click()
    page.wait_for_url("**/change/**")
    told = page.locator(".field-written").inner_text()
    assert "fox" in told.lower()
    assert "autumn" in told.lower()
    look(page, "library-details", shoot)


def test_page_by_page_by_keyboard(page: Page, states: Served, shoot: Shoot) -> None:
    """Each card's box and link are reached and show it; a table is a press away, and stays; pages lead on and back."""
    visit(page, states, "owner", PICTURES)
    page.locator("#action-toggle").focus()
    assert len(set(tabbed(page, 6))) > 1
    page.keyboard.press("Space")
    page.get_by_role("link", name="Table", exact=True).press("Enter")
    page.locator(".seedream-table").wait_for()
    look(page, "library-table", shoot)
    visit(page, states, "owner", PICTURES)
    assert page.get_by_role("columnheader", name="Title").is_visible()
    page.get_by_role("link", name="Gallery", exact=True).press("Enter")
    page.locator(".seedream-gallery").wait_for()
    first = titles(page)
    page.get_by_role("link", name="Older", exact=True).press("Enter")
    page.wait_for_url("**older=**")
    assert titles(page) != first
    look(page, "library-older", shoot)
    page.get_by_role("link", name="Newer", exact=True).press("Enter")
    page.wait_for_url("**newer=**")
    assert titles(page) == first


@pytest.mark.parametrize("page", [False], indirect=True)
def test_without_scripts(page: Page, states: Served) -> None:
    """Links and a form: everything but choosing all of a page at once."""
    visit(page, states, "owner", f"{PICTURES}?q=fox")
    page.get_by_role("link", name="Table", exact=True).click()
    assert "q=fox" in page.url
    page.get_by_role("link", name="Gallery", exact=True).click()
    page.locator("#result_list .field-named a").first.click()
    assert "/change/" in page.url
    assert page.locator(".field-settings dl").count() == 1
