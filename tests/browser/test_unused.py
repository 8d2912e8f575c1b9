"""Before the same is paid for once more: what is there and unused, on the order page and in a picture's place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import NARROW, WIDE, Complaints
from .looking import look, own_page
from .served import Served
from .states import FOX
from .test_states import ORDERS, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

Shoot = Callable[..., None]
Open = Callable[..., "Page"]
TOLD = "3 unused pictures of exactly this order exist."
BUDGET = (
    'INSERT INTO seedream_django_budget (user_id, group_id, period, "limit") '
    "VALUES (NULL, NULL, 'month', 5400000)"
)


@pytest.fixture
def states(made: Served, tmp_path: Path) -> Iterator[Served]:
    wanted = {"SEEDREAM_TEST_IMMEDIATE": "1", "SEEDREAM_TEST_PLAIN": "1"}
    with made.copy(tmp_path / "data", **wanted).serving() as served:
        served.write(BUDGET)
        yield served


@pytest.fixture
def open_page(states: Served, chromium: Browser, complaints: Complaints) -> Iterator[Open]:
    """Open a page as the editor: ``open_page("field-empty", scripts=False)``."""
    contexts = []

    def open_(where: str, scripts: bool = True) -> Page:
        viewport = {"width": WIDE[0], "height": WIDE[1]}
        context = chromium.new_context(
            base_url=states.address, reduced_motion="reduce", viewport=viewport, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        visit(page, states, "editor", where)
        return page

    yield open_
    for context in contexts:
        context.close()
    # A browser tells of every 409 as if something had failed.
    assert [text for text in complaints if "409" not in text] == []


def looked_at(page: Page, shoot: Shoot, name: str) -> None:
    """Narrow and wide, light and dark, it fits; axe finds nothing where there are scripts for it."""
    look(page, name, shoot)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def write(page: Page, within: Locator) -> None:
    """The words and the shape of an order that was carried out before."""
    within.get_by_role("textbox", name="Prompt").fill(FOX)
    within.locator("label.seedream-shape", has_text="3:2").click()


def opened(page: Page) -> Locator:
    """A field that takes pictures of any shape, and stands in a part of the form that folds; its panel is open."""
    place = page.locator("seedream-image[data-name=inset]")
    if not place.is_visible():
        page.get_by_text("A picture in the text", exact=True).click()
    place.locator(".seedream-panel > summary").click()
    return place


def orders_in(page: Page) -> int:
    page.goto(ORDERS)
    found = re.search(r"(\d+) orders", page.locator(".paginator").inner_text())
    assert found
    return int(found[1])


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_on_the_order_page(open_page: Open, scripts: bool, shoot: Shoot) -> None:
    """Nothing is ordered; the pictures have the keyboard's place, each opens beside; the same button then orders."""
    page = open_page(f"{ORDERS}add/", scripts=scripts)
    assert page.locator(".seedream-room").inner_text() == "$5.40 left this month"
    write(page, page.locator(".seedream-order"))
    page.get_by_label("Number of pictures").fill("3")
    page.get_by_role("button", name="Generate").click()
    told = page.locator(".seedream-unused .seedream-said")
    assert TOLD in told.inner_text()
    assert page.get_by_role("textbox", name="Prompt").input_value() == FOX
    assert page.get_by_role("radio", name="3:2").is_checked()
    if scripts:
        assert told.evaluate("said => said === document.activeElement")
        looked_at(page, shoot, "unused-order")
    with page.context.expect_page() as opened:
        page.locator(".seedream-unused").get_by_role("link", name="Picture 1").click()
    assert "/generatedimage/" in opened.value.url
    button = page.get_by_role("button", name="Generate anyway")
    assert button.inner_text() == "Generate anyway · $0.105"
    button.click()
    own_page(page)
    assert page.locator("blockquote").inner_text() == FOX


def test_taken_in_place(open_page: Open, shoot: Shoot) -> None:
    """A picture that is taken is chosen in the field, has the keyboard, and is saved; nothing is ordered."""
    page = open_page("field-empty")
    before, address = orders_in(page), page.go_back() and page.url
    place = opened(page)
    write(page, place)
    place.get_by_role("button", name="Generate").click()
    told = place.locator(".seedream-unused .seedream-said")
    assert TOLD in told.inner_text()
    assert told.evaluate("said => said === document.activeElement")
    assert place.get_by_role("button", name="Generate").count() == 1
    looked_at(page, shoot, "unused-field")
    place.get_by_role("button", name="Picture 2").click()
    chosen = place.locator("input[name=inset]:checked")
    assert chosen.evaluate("input => input === document.activeElement")
    assert place.locator(".seedream-unused").count() == 0
    taken = chosen.get_attribute("value")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.locator(".messagelist .success").wait_for()
    assert orders_in(page) == before
    page.goto(address)
    assert page.locator("input[name=inset]:checked").get_attribute("value") == taken


def test_generated_anyway_in_place(open_page: Open) -> None:
    """Another prompt takes the notice away; the same one brings it again, and its button orders, once."""
    page = open_page("field-empty")
    place = opened(page)
    write(page, place)
    generate = place.locator("[data-part=generate]")
    generate.click()
    place.locator("[data-anyway]").wait_for()
    place.get_by_label("Number of pictures").fill("2")
    assert place.locator("[data-anyway]").inner_text() == "Generate anyway · $0.07"
    place.get_by_role("textbox", name="Prompt").press("End")
    place.get_by_role("textbox", name="Prompt").press("x")
    assert place.locator(".seedream-unused").count() == 0
    place.get_by_role("textbox", name="Prompt").fill(FOX)
    generate.click()
    place.locator("[data-anyway]").dblclick()
    place.locator("[data-state=done] [data-image]").nth(1).wait_for(state="attached")
    assert place.locator(".seedream-unused").count() == 0
    assert place.locator("seedream-status").count() == 1
    assert generate.is_visible()


def test_when_saving_without_scripts(open_page: Open, shoot: Shoot) -> None:
    """The form comes back with them to choose from, and a tick that orders all the same; what was typed stays."""
    page = open_page("field-empty", scripts=False)
    address = page.url
    page.locator("#id_title").fill("A story with a new title")
    place = opened(page)
    write(page, place)
    place.get_by_label("Order this picture when I save").check()
    page.get_by_role("button", name="Save", exact=True).first.click()
    assert TOLD in page.locator("#id_inset_error").inner_text()
    assert page.locator("#id_title").input_value() == "A story with a new title"
    assert place.get_by_role("textbox", name="Prompt").input_value() == FOX
    assert not place.get_by_label("Generate anyway when I save").is_checked()
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    shoot(page, "unused-saving-375")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    shoot(page, "unused-saving-1440")
    place.locator(".seedream-offer", has_text="Unused").nth(2).click()
    taken = place.locator("input[name=inset]:checked").get_attribute("value")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.locator(".messagelist .success").wait_for()
    page.goto(address)
    assert page.locator("input[name=inset]:checked").get_attribute("value") == taken
