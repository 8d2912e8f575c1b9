"""What an order is made from, in Chromium: with scripts and without, by keyboard, and how it looks when refused."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from .conftest import NARROW, WIDE, Complaints
from .looking import SHOWS_FOCUS, findings, overflows, own_page
from .served import Served
from .test_states import ORDERS, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

SOON = 120_000
ADD = f"{ORDERS}add/"
Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def states(made: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = Path(tmp_path_factory.mktemp("references")) / "data"
    with made.copy(folder, SEEDREAM_TEST_IMMEDIATE="1", SEEDREAM_TEST_PLAIN="1").serving() as served:
        yield served


@pytest.fixture
def open_as(states: Served, chromium: Browser, complaints: Complaints) -> Iterator[Open]:
    """Open a page as the editor; nothing may go wrong in it."""
    contexts: list[Any] = []

    def open_(where: str, *, scripts: bool = True, size: tuple[int, int] = WIDE, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=states.address, reduced_motion="reduce", java_script_enabled=scripts,
            viewport={"width": size[0], "height": size[1]}, **options,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        visit(page, states, "editor", where)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints


def picture(name: str, colour: str = "teal", size: tuple[int, int] = (96, 64)) -> FilePayload:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def names(page: Page) -> list[str]:
    # Without a script a button that was just pressed leads to a page that may not have arrived.
    page.wait_for_load_state()
    return page.locator("[data-row] [data-name]").all_text_contents()


def unfold(page: Page) -> None:
    page.get_by_text("Made from pictures").click()


# -- With scripts --------------------------------------------------------------------------------------------


def test_upload_arrange_and_order(open_as: Open) -> None:
    """Files are shown as soon as they are chosen, the rest of the page stays, and the order is made of them."""
    page = open_as(ADD)
    page.get_by_role("textbox", name="Prompt").fill("The fox of image 1 in the style of image 2")
    unfold(page)
    page.get_by_label("Upload pictures").set_input_files([picture("a.png"), picture("b.png", "orange")])
    page.locator("[data-row]").nth(1).wait_for()
    assert names(page) == ["a.png", "b.png"]
    for thumb in page.locator("[data-row] img").all():
        assert thumb.evaluate(
            "async i => { i.loading = 'eager'; await i.decode(); return i.naturalWidth > 0 }"
        )
    assert page.get_by_role("textbox", name="Prompt").input_value().startswith("The fox of image 1")
    page.get_by_role("button", name="Move b.png up").click()
    page.get_by_text("b.png is number 1 now.").wait_for()
    assert names(page) == ["b.png", "a.png"]
    page.get_by_label("Use as (b.png)").select_option("style")
    page.get_by_role("button", name="Generate · $0.035").click()
    own_page(page)
    page.locator("[data-state=done]").wait_for(timeout=SOON)
    made_from = page.get_by_role("region", name="Made from").get_by_role("listitem")
    assert [" ".join(text.split()) for text in made_from.all_inner_texts()] == [
        "b.png The style",
        "a.png A guide",
    ]


def test_earlier_pictures_and_addresses(open_as: Open) -> None:
    """Tiles, older ones and lines are added by one button; a wrong line is told, and is there to be mended."""
    page = open_as(ADD)
    unfold(page)
    page.locator(".seedream-pick input").nth(2).check()
    page.get_by_role("button", name="Older pictures").click()
    page.get_by_role("button", name="Newer pictures").wait_for()
    assert len(names(page)) == 1
    page.locator(".seedream-pick input").first.check()
    lines = page.get_by_label("Addresses or UUIDs, one per line")
    lines.fill("fox\nhttps://pictures.example/fox.jpg?key=1")
    page.get_by_role("button", name="Add what is chosen").click()
    wrong = page.get_by_text("“fox”: It is no address")
    wrong.wait_for()
    assert wrong.evaluate("e => document.activeElement === e")
    assert lines.input_value() == "fox"
    assert names(page)[2:] == ["https://pictures.example/fox.jpg"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_earlier_pictures_by_words(open_as: Open, scheme: str, shoot: Callable[..., None]) -> None:
    """By keyboard: Enter in the words searches, what was ticked is taken, and the keyboard stays where it was."""
    page = open_as(ADD, color_scheme=scheme)
    unfold(page)
    group = page.get_by_role("group", name="Earlier pictures")
    words, tiles = group.get_by_label("Words"), group.get_by_role("checkbox")
    older = group.get_by_role("button", name="Older pictures")
    older.press("Enter")
    group.get_by_role("button", name="Newer pictures").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Older pictures"
    assert page.evaluate(SHOWS_FOCUS)
    words.fill("long-billed")
    words.press("Enter")
    page.get_by_text("Pictures that were found: 0").wait_for()
    assert group.get_by_text("Nothing was found there.").is_visible()
    words.fill("fox autumn")
    words.press("Enter")
    page.get_by_text(re.compile("Pictures that were found: [1-9]")).wait_for()
    assert page.evaluate("document.activeElement.value") == "seek"
    assert words.input_value() == "fox autumn"
    for width, height in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": height})
        assert not overflows(page)
        shoot(page, f"references-words-{width}-{scheme}")
        assert findings(page) == []
    tiles.first.press("Space")
    words.fill("nothing like it")
    words.press("Enter")
    page.locator("[data-row]").wait_for()
    assert page.evaluate("document.activeElement.name") == "references-role"
    assert len(names(page)) == 1
    assert words.input_value() == "nothing like it"


def test_by_keyboard(open_as: Open) -> None:
    """Each button is reached and shows it; what was pressed keeps the keyboard, or what follows it has it."""
    page = open_as("order-references")
    first, second = names(page)[:2]
    page.get_by_role("button", name=f"Move {first} down").focus()
    for number, expected in enumerate(([second, first], [second]), 2):
        page.keyboard.press("Enter")
        page.get_by_text(f"{first} is number {number} now.").wait_for()
        assert names(page)[:2][: len(expected)] == expected
        assert page.evaluate(SHOWS_FOCUS)
        assert page.evaluate("document.activeElement.value.startsWith('down')")
    gone = names(page)[6]
    page.get_by_role("button", name=f"Take {gone} away").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=f"Take {gone} away").wait_for(state="detached")
    assert page.evaluate("document.activeElement !== document.body")
    assert len(names(page)) == 6


def test_back_and_again(open_as: Open) -> None:
    """Whoever comes back from an order finds what it was made from, in its order and with its roles, and so does
    whoever loads the page again; a page that is opened anew is empty.
    """
    page = open_as(ADD)
    page.get_by_role("textbox", name="Prompt").fill("A fox that somebody comes back to")
    unfold(page)
    page.get_by_label("Upload pictures").set_input_files([picture("a.png"), picture("b.png", "orange")])
    page.locator("[data-row]").nth(1).wait_for()
    page.get_by_role("button", name="Move b.png up").click()
    page.get_by_text("b.png is number 1 now.").wait_for()
    page.get_by_label("Use as (b.png)").select_option("style")
    page.get_by_role("button", name="Generate · $0.035").click()
    own_page(page)
    page.get_by_role("heading", name="Made from").wait_for()
    page.go_back()
    for again in (page.go_back, page.reload):
        again()
        page.locator("[data-row]").nth(1).wait_for()
        assert names(page) == ["b.png", "a.png"]
        assert page.get_by_label("Use as (b.png)").input_value() == "style"
    page.goto(page.url)
    page.goto(ADD + "?")
    page.wait_for_load_state("networkidle")
    assert names(page) == []


def test_the_price_follows(open_as: Open) -> None:
    """Writing a number means its way; the price on the button is that of the number that counts."""
    page = open_as(ADD)
    page.get_by_label("Pictures at most").fill("5")
    assert page.get_by_role("radio", name="A sequence").is_checked()
    page.get_by_role("button", name="Generate · up to $0.175").wait_for()
    page.get_by_label("Number of pictures").fill("2")
    page.get_by_role("button", name="Generate · $0.07").wait_for()
    page.get_by_role("radio", name="A sequence").check()
    page.get_by_role("button", name="Generate · up to $0.175").wait_for()


def test_logged_out(open_as: Open, complaints: Complaints) -> None:
    """Whoever was logged out meanwhile is told, and keeps the page with everything in it."""
    page = open_as(ADD)
    page.get_by_role("textbox", name="Prompt").fill("a long prompt")
    unfold(page)
    page.context.clear_cookies()
    page.get_by_label("Upload pictures").set_input_files([picture("a.png")])
    page.get_by_text("That did not work, and nothing was changed.").wait_for()
    assert page.get_by_role("textbox", name="Prompt").input_value() == "a long prompt"
    complaints.clear()


# -- Without ---------------------------------------------------------------------------------------------------


def test_without_scripts(open_as: Open) -> None:
    """Every button sends the form, which comes back at its place with what was given; then it is ordered."""
    page = open_as(ADD, scripts=False)
    page.get_by_role("textbox", name="Prompt").fill("Make it evening")
    unfold(page)
    group = page.get_by_role("group", name="Earlier pictures")
    group.get_by_label("Words").fill("fox")
    group.get_by_label("Words").press("Enter")
    assert group.get_by_label("Words").input_value() == "fox"
    group.get_by_label("Words").fill("forest")
    group.get_by_role("button", name="Search").click()
    assert page.url.endswith("#made-from")
    assert group.get_by_label("Words").input_value() == "forest"
    page.get_by_label("Upload pictures").set_input_files([picture("a.png"), picture("b.png", "orange")])
    page.locator(".seedream-pick input").first.check()
    page.get_by_role("button", name="Add what is chosen").click()
    assert page.url.endswith("#made-from")
    assert names(page)[:2] == ["a.png", "b.png"]
    page.get_by_label("Use as (b.png)").select_option("edit")
    page.get_by_role("button", name="Move b.png up").click()
    page.get_by_role("button", name="Take a.png away").click()
    assert names(page)[:1] == ["b.png"]
    assert page.get_by_label("Use as (b.png)").input_value() == "edit"
    assert page.get_by_role("textbox", name="Prompt").input_value() == "Make it evening"
    assert page.get_by_text("$0.035 for each picture").is_visible()
    page.get_by_role("radio", name="A sequence").check()
    page.get_by_label("Pictures at most").fill("14")
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("A sequence that is made from 2 pictures may have 13 at most.").wait_for()
    page.get_by_label("Pictures at most").fill("3")
    page.get_by_role("button", name="Generate").click()
    own_page(page)
    page.get_by_role("heading", name="Made from").wait_for()
    assert page.get_by_text("a sequence of up to 3").count() == 1


# -- How it looks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_refused(open_as: Open, scheme: str, shoot: Callable[..., None]) -> None:
    """With errors in it the page fits both widths, and axe finds nothing."""
    page = open_as("order-edit", color_scheme=scheme)
    assert "make it evening" in (
        page.get_by_role("textbox", name="Prompt").get_attribute("placeholder") or ""
    )
    note: FilePayload = {"name": "a note.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.get_by_label("Upload pictures").set_input_files(
        [note, picture("thin.png", size=(14, 90)), picture("good.png")]
    )
    page.get_by_text("“thin.png”: It has 14 × 90 pixels").wait_for()
    for width, height in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": height})
        assert not overflows(page)
        shoot(page, f"references-refused-{width}-{scheme}")
        assert findings(page) == []
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("Nothing was ordered yet. Please correct").wait_for()
    assert names(page)[1:] == ["good.png"]
    shoot(page, f"references-refused-order-{scheme}")
    assert findings(page) == []
