"""The pictures of the docs, taken from pages as they are: ``make screenshots`` keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw, ImageFont

from .conftest import Complaints
from .served import Served
from .test_states import MONEY, ORDERS, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

PROMPT = "A red fox in a forest in autumn, golden hour"
#: What the contact sheet shows, and what it says below; on a light page, then on a dark one.
SHEET = [
    ("running-half", "As they come", "light"),
    ("partly", "Three of four came", "light"),
    ("failed-safety", "Refused", "light"),
    ("queued-no-worker", "No worker", "light"),
    ("quarantined", "Flagged", "dark"),
    ("lost", "Lost, and looked for", "dark"),
    ("hidden", "Cancelled too late", "dark"),
    ("orders-empty", "Nothing yet", "dark"),
]
ON_A_PHONE = (f"{ORDERS}add/", "running-half", ORDERS)
GAP, GROUND, INK = 24, "#e9ecef", "#212529"


@pytest.fixture(scope="module")
def states(made: Served) -> Iterator[Served]:
    with made.serving():
        yield made


@pytest.fixture
def page(states: Served, chromium: Browser, complaints: Complaints) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=states.address, reduced_motion="reduce", viewport={"width": 1280, "height": 860}
    )
    page = context.new_page()
    complaints.listen(page)
    yield page
    context.close()
    assert not complaints


def beside(images: list[Image.Image], columns: int, captions: list[str] | None = None) -> Image.Image:
    """Pictures of one size in rows, each with its caption below."""
    width, height = images[0].size
    below = 44 if captions else 0
    rows = -(-len(images) // columns)
    sheet = Image.new("RGB", (columns * (width + GAP) + GAP, rows * (height + below + GAP) + GAP), GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(26)
    for number, image in enumerate(images):
        x, y = GAP + number % columns * (width + GAP), GAP + number // columns * (height + below + GAP)
        sheet.paste(image, (x, y))
        if captions:
            draw.text((x + 2, y + height + 8), captions[number], INK, font)
    return sheet


def shot(page: Page, folder: Path) -> Image.Image:
    page.screenshot(path=folder / "part.png")
    with Image.open(folder / "part.png") as image:
        return image.convert("RGB")


def test_order_and_status(page: Page, states: Served, pictures: Path) -> None:
    """The page to order, filled in, and the page on which the pictures have come."""
    page.set_viewport_size({"width": 1280, "height": 1280})
    visit(page, states, "editor", f"{ORDERS}add/")
    page.get_by_role("textbox", name="Prompt").fill(PROMPT)
    page.get_by_role("radio", name="3:2").check(force=True)
    page.get_by_label("Number of pictures").fill("4")
    assert page.get_by_role("button", name="Generate · $0.14").is_visible()
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    page.screenshot(path=pictures / "order.png")
    page.set_viewport_size({"width": 1280, "height": 860})
    visit(page, states, "editor", "done")
    assert page.locator("[data-image]").count() == 4
    page.screenshot(path=pictures / "status.png")


def test_field(page: Page, states: Served, pictures: Path) -> None:
    """A picture's place in an article's form, with its panel open."""
    page.set_viewport_size({"width": 1180, "height": 1500})
    visit(page, states, "editor", "field")
    place = page.locator(".field-cover")
    place.locator(".seedream-panel > summary").click()
    place.get_by_label("Prompt").fill("A harbour at low tide, boats lying on ribbed sand, warm evening light")
    place.locator(".seedream-choose > summary").click()
    # What is folded away is never loaded, and would be waited for without end.
    for image in place.locator("img:visible").all():
        image.scroll_into_view_if_needed()
        image.evaluate("image => image.decode()")
    place.locator("[name=cover]").first.scroll_into_view_if_needed()
    place.screenshot(path=pictures / "field.png")


def test_money(page: Page, states: Served, pictures: Path) -> None:
    """The owner's page, down to the budgets."""
    page.set_viewport_size({"width": 1180, "height": 1450})
    visit(page, states, "owner", MONEY)
    assert page.get_by_text("orders are lost: the provider never said").is_visible()
    page.screenshot(path=pictures / "money.png")


def test_phone(page: Page, states: Served, pictures: Path) -> None:
    """Order, watch and list on a phone."""
    page.set_viewport_size({"width": 375, "height": 780})
    shots = []
    for where in ON_A_PHONE:
        visit(page, states, "editor", where)
        page.locator("#content").evaluate("content => content.scrollIntoView()")
        shots.append(shot(page, pictures))
    beside(shots, 3).save(pictures / "mobile.png")


def test_states(page: Page, states: Served, pictures: Path) -> None:
    """What an editor may meet, each with a few words."""
    page.set_viewport_size({"width": 720, "height": 460})
    shots = []
    for where, _caption, scheme in SHEET:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        who, where, mood = ("newcomer", ORDERS, "") if where == "orders-empty" else ("editor", where, "")
        if where == "queued-no-worker":
            where, mood = "queued", "gone"
        with states.mood(mood):
            visit(page, states, who, where)
            page.locator("#content").evaluate("content => content.scrollIntoView()")
            shots.append(shot(page, pictures))
    beside(shots, 4, [caption for _where, caption, _scheme in SHEET]).save(pictures / "states.png")
