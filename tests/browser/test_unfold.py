"""With django-unfold over the admin: nothing is unreadable, and every button does what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import NARROW, WIDE, Complaints
from .looking import findings, overflows, own_page
from .served import Served
from .states import FOX
from .test_states import BUDGETS, FINDINGS, MONEY, ORDERS, PICTURES, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

SOON = 120_000
#: Ours; what is around them is unfold's, and its findings are not told.
OURS = (".seedream-order", ".seedream-quoted", ".seedream-status", ".seedream-facts", ".seedream-tools",
        ".seedream-empty", ".seedream-few", ".seedream-tag", ".seedream-preview", ".seedream-image",
        ".seedream-confirm", ".seedream-chosen", ".seedream-unused", ".seedream-money", ".seedream-aside",
        ".seedream-range", ".seedream-origins", ".seedream-change")  # fmt: skip


@pytest.fixture(scope="module")
def states(made: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = Path(tmp_path_factory.mktemp("unfold")) / "data"
    wanted = {"SEEDREAM_TEST_UNFOLD": "1", "SEEDREAM_TEST_IMMEDIATE": "1", "SEEDREAM_TEST_PLAIN": "1"}
    with made.copy(folder, **wanted).serving() as served:
        yield served


@pytest.fixture(params=["light", "dark"])
def page(
    states: Served, chromium: Browser, complaints: Complaints, request: pytest.FixtureRequest
) -> Iterator[Page]:
    viewport = {"width": WIDE[0], "height": WIDE[1]}
    context = chromium.new_context(
        base_url=states.address, reduced_motion="reduce", color_scheme=request.param, viewport=viewport
    )
    page = context.new_page()
    complaints.listen(page)
    yield page
    context.close()
    assert not complaints


def scheme_of(page: Page) -> str:
    return "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"


def looked_at(page: Page, shoot: Callable[..., None], name: str) -> None:
    """In both widths it fits, and axe finds nothing in what is ours."""
    scheme = scheme_of(page)
    assert page.evaluate("document.documentElement.classList.contains('dark')") is (scheme == "dark")
    shoot(page, f"unfold-{name}-{scheme}")
    assert findings(page, within=OURS) == []
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    assert not overflows(page)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def test_from_an_order_to_more_of_it(page: Page, states: Served, shoot: Callable[..., None]) -> None:
    """Order, watch, find it in the list, order more by the list's action: readable and alive at each step."""
    visit(page, states, "editor", f"{ORDERS}add/")
    page.get_by_role("textbox", name="Prompt").fill(f"a {scheme_of(page)} fox under unfold")
    page.get_by_role("radio", name="3:2").check(force=True)
    page.get_by_label("Number of pictures").fill("2")
    looked_at(page, shoot, "order")
    page.get_by_role("button", name="Generate · $0.07").click()
    own_page(page)
    page.locator("[data-state=done]").wait_for(timeout=SOON)
    assert page.locator("seedream-status [data-image]").count() == 2
    looked_at(page, shoot, "status")
    page.get_by_role("button", name="More like this").click()
    page.wait_for_url(lambda address: "/change/" in address)
    page.locator("[data-state=done]").wait_for(timeout=SOON)
    visit(page, states, "editor", ORDERS)
    looked_at(page, shoot, "orders")
    page.locator("#result_list input[name=_selected_action]").first.check()
    page.locator("select[name=action]").first.select_option("more_like_this")
    page.get_by_role("button", name="Run").first.click()
    page.locator(".seedream-confirm").wait_for()
    looked_at(page, shoot, "action")
    page.get_by_role("button", name="More like this · $0.07").click()
    page.get_by_text("1 order was taken.").wait_for()


def test_a_picture_for_a_field(page: Page, states: Served, shoot: Callable[..., None]) -> None:
    """In an article's form the panel orders, the picture becomes the choice, and is saved."""
    visit(page, states, "editor", "field-empty")
    place = page.locator("seedream-image[data-name=cover]")
    place.locator(".seedream-panel > summary").click()
    place.get_by_label("Prompt").fill(f"a {scheme_of(page)} heron under unfold")
    place.get_by_role("button", name="Generate").click()
    place.locator("input[name=cover]:checked:not([value=''])").wait_for(timeout=SOON, state="attached")
    assert place.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert findings(page, within=OURS) == []
    page.get_by_role("button", name="Save and continue editing").first.click()
    page.get_by_text("was changed successfully").wait_for()
    assert page.locator("input[name=cover]:checked").get_attribute("value") != ""
    place.locator(".seedream-choose > summary").click()
    page.locator("input[name=cover][value='']").check()
    page.get_by_role("button", name="Save and continue editing").first.click()
    page.get_by_text("was changed successfully").wait_for()


def test_what_is_unused(
    page: Page, states: Served, shoot: Callable[..., None], complaints: Complaints
) -> None:
    """The pictures that are there already, on the order page and in a field, are as legible there."""
    visit(page, states, "editor", f"{ORDERS}add/")
    page.get_by_role("textbox", name="Prompt").fill(FOX)
    page.get_by_role("radio", name="3:2").check(force=True)
    page.get_by_role("button", name="Generate · $0.035").click()
    page.get_by_role("button", name="Generate anyway · $0.035").wait_for()
    looked_at(page, shoot, "unused-order")
    visit(page, states, "editor", "field-empty")
    place = page.locator("seedream-image[data-name=inset]")
    if not place.is_visible():
        page.get_by_text("A picture in the text", exact=True).click()
    place.locator(".seedream-panel > summary").click()
    place.get_by_label("Prompt").fill(FOX)
    place.get_by_text("3:2", exact=True).click()
    place.get_by_role("button", name="Generate").click()
    place.get_by_role("button", name="Picture 1").wait_for()
    shoot(page, f"unfold-unused-field-{scheme_of(page)}")
    assert place.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert findings(page, within=OURS) == []
    assert all("409" in complaint for complaint in complaints)
    complaints.clear()


STATES = ("running-half", "quarantined", "failed-safety", "prompt-word", "prompt-arabic", "image", "image-flagged",
          "sequence-fewer", "made-from", "order-references", "image-edited",
          "delete", "history", PICTURES, f"{ORDERS}?q=nothing+like+it")  # fmt: skip


def test_states(page: Page, states: Served, shoot: Callable[..., None]) -> None:
    """What is under way, flagged, refused, long, empty or about to be deleted is as legible there."""
    for where in STATES:
        visit(page, states, "editor", where)
        looked_at(page, shoot, where.strip("/").replace("/", "-").partition("?")[0])
    visit(page, states, "newcomer", ORDERS)
    looked_at(page, shoot, "empty")
    page.get_by_role("link", name="Generate pictures").click()
    page.get_by_role("textbox", name="Prompt").wait_for()


def test_money(page: Page, states: Served, shoot: Callable[..., None]) -> None:
    """The owner's page, its ledger and the budgets are as legible there, and what was chosen is downloaded."""
    pages = {"money": MONEY, "money-today": f"{MONEY}?period=today", "budgets": BUDGETS, "findings": FINDINGS}
    for name, where in pages.items():
        visit(page, states, "owner", where)
        looked_at(page, shoot, name)
    visit(page, states, "owner", MONEY)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename.startswith("money-")
