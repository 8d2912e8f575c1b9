"""The studio in Chromium: by keyboard alone, what is beside the form, what is dropped on it, and how it looks."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import NARROW, WIDE
from .looking import look, overflows, own_page, tabbed
from .served import Served
from .test_references import ADD, SOON, names, open_as, picture, unfold  # noqa: F401

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

Open = Callable[..., "Page"]
FOCUSED = "document.activeElement.name || document.activeElement.className"
IN_SIGHT = """button => {
  const box = button.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}"""
#: A file among what is dropped or pasted; the event is what a browser would send.
GIVE = """([type, name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0))], name, { type: "image/png" }));
  const how = { bubbles: true, cancelable: true, [type === "paste" ? "clipboardData" : "dataTransfer"]: data };
  const event = type === "paste" ? new ClipboardEvent(type, how) : new DragEvent(type, how);
  return !document.querySelector("#id_prompt").dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def states(made: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = Path(tmp_path_factory.mktemp("studio")) / "data"
    served = made.copy(folder, SEEDREAM_TEST_IMMEDIATE="1", SEEDREAM_TEST_PLAIN="1")
    served.write(
        "UPDATE magazine_article SET teaser_width = 96, teaser_height = 64, teaser = (SELECT file FROM"
        " seedream_django_generatedimage WHERE file <> '' LIMIT 1) WHERE id = (SELECT MIN(id) FROM magazine_article)"
    )
    with served.serving():
        yield served


def prompt(page: Page) -> Any:
    return page.get_by_role("textbox", name="Prompt")


def of_the_site(page: Page) -> Any:
    return page.get_by_role("group", name="Pictures of this site").get_by_label("Words")


def placed(page: Page) -> None:
    page.locator(".seedream-placed").wait_for()


def test_a_picture_by_keyboard_alone(open_as: Open) -> None:  # noqa: F811
    """Write, choose, generate, change a word, generate more: no mouse is needed, and the keyboard is never lost."""
    page = open_as(ADD)
    prompt(page).focus()
    page.keyboard.type("A heron in the reeds")
    assert tabbed(page, 1) == ["From a template"]
    while page.evaluate(FOCUSED) != "shape":
        tabbed(page, 1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Enter")
    placed(page)
    assert page.evaluate(FOCUSED) == "seedream-aside seedream-placed"
    assert prompt(page).input_value() == "A heron in the reeds"
    assert page.get_by_role("radio", name="4:3").is_checked()
    newest = page.locator(".seedream-latest article").first
    newest.locator("[data-state=done] img").wait_for(timeout=SOON)
    assert newest.get_by_role("link", name="A heron in the reeds", exact=True).is_visible()
    # Exactly the same: told, and not paid for once more by the same keys.
    for _ in range(2):
        page.keyboard.press("Control+Enter")
        page.get_by_text("1 unused picture of exactly this order exists.").wait_for()
        assert page.evaluate(FOCUSED) == "seedream-said"
    prompt(page).focus()
    page.keyboard.press("End")
    page.keyboard.type(" at dawn")
    page.keyboard.press("Meta+Enter")
    placed(page)
    headings = page.locator(".seedream-latest h3").all_inner_texts()
    assert headings[:2] == ["A heron in the reeds at dawn", "A heron in the reeds"]


def test_an_error_keeps_everything(open_as: Open) -> None:  # noqa: F811
    """What was written, set and given is there; the keyboard is at what is wrong, and the same keys go on."""
    page = open_as(ADD)
    prompt(page).fill("A stork on a chimney")
    unfold(page)
    page.get_by_label("Upload pictures").set_input_files([picture("a.png")])
    page.locator("[data-row]").wait_for()
    page.get_by_label("Number of pictures").fill("99")
    prompt(page).press("Control+Enter")
    page.get_by_text("Ensure this value is less than or equal to 20.").wait_for()
    assert page.evaluate(FOCUSED) == "results"
    assert (prompt(page).input_value(), names(page)) == ("A stork on a chimney", ["a.png"])
    page.keyboard.press("Control+A")
    page.keyboard.type("2")
    page.keyboard.press("Control+Enter")
    placed(page)
    assert names(page) == ["a.png"]
    assert page.get_by_label("Number of pictures").input_value() == "2"


def test_escape_folds(open_as: Open) -> None:  # noqa: F811
    """What the keyboard is in is folded, and its heading has the keyboard; nothing in it is lost."""
    page = open_as(ADD)
    unfold(page)
    page.get_by_label("Addresses or UUIDs").fill("https://pictures.example/fox.jpg")
    page.keyboard.press("Escape")
    assert not page.get_by_label("Addresses or UUIDs").is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Made from pictures"
    page.keyboard.press("Enter")
    assert page.get_by_label("Addresses or UUIDs").input_value() == "https://pictures.example/fox.jpg"


def test_dropped_and_pasted(open_as: Open) -> None:  # noqa: F811
    """Wherever in the form, as if chosen; each is in the list, unfolded, and its role has the keyboard."""
    page = open_as(ADD)
    for number, kind in enumerate(("drop", "paste"), 1):
        sent = base64.b64encode(picture(f"{kind}.png", ("teal", "orange")[number - 1])["buffer"]).decode()
        assert page.evaluate(GIVE, [kind, f"{kind}.png", sent])
        page.locator("[data-row]").nth(number - 1).wait_for()
        page.wait_for_function("document.activeElement.name === 'references-role'")
    assert names(page) == ["drop.png", "paste.png"]


def test_from_the_site_s_own_pictures(open_as: Open) -> None:  # noqa: F811
    """Enter searches and orders nothing; what is ticked is in the list, and sent."""
    page = open_as(ADD)
    prompt(page).fill("The same in winter")
    unfold(page)
    page.get_by_label("Where").select_option(label="Articles: teaser")
    of_the_site(page).press("Enter")
    page.get_by_text("Pictures that were found: 1").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Search"
    page.locator("[data-hit] input").check()
    page.get_by_role("button", name="Add what is chosen").click()
    page.locator("[data-row]").wait_for()
    prompt(page).press("Control+Enter")
    placed(page)
    assert len(names(page)) == 1


def test_without_scripts(open_as: Open) -> None:  # noqa: F811
    """Sets, the search and the order are buttons of the form; what was written stays."""
    page = open_as(ADD, scripts=False)
    prompt(page).fill("A crane over rice fields")
    page.get_by_role("button", name="Large, for print").click()
    assert page.get_by_role("radio", name="3K").is_checked()
    unfold(page)
    page.get_by_label("Where").select_option(label="Articles: teaser")
    of_the_site(page).fill("nothing like it")
    of_the_site(page).press("Enter")
    assert page.get_by_text("Nothing was found there.").is_visible()
    page.get_by_role("button", name="Generate").click()
    placed(page)
    assert prompt(page).input_value() == "A crane over rice fields"
    own_page(page)
    assert "3744 × 2496" in page.locator(".seedream-facts").inner_text()


def test_how_it_looks(open_as: Open, states: Served, shoot: Callable[..., None]) -> None:  # noqa: F811
    """Fits and reads in both schemes and widths, with all of it unfolded; the button is in sight wherever one is."""
    page = open_as(ADD)
    prompt(page).fill("A kingfisher over a brook")
    page.get_by_role("radio", name="A sequence").check()
    page.get_by_role("button", name="Generate").click()
    placed(page)
    page.get_by_text("More", exact=True).click()
    unfold(page)
    look(page, "studio", shoot)
    button = page.get_by_role("button", name="Generate")
    for width, height in (NARROW, (1024, 800), WIDE):
        page.set_viewport_size({"width": width, "height": height})
        assert not overflows(page), width
        for end in ("0", "document.querySelector('#generation_form').offsetHeight / 2"):
            page.evaluate(f"scrollTo(0, {end})")
            assert button.evaluate(IN_SIGHT), (width, end)
        form, side = (page.locator(each).bounding_box() for each in ("#generation_form", ".seedream-latest"))
        assert form
        assert side
        assert (side["x"] >= form["x"] + form["width"]) == (width >= 1024)


# -- Where each state stays as it is ---------------------------------------------------------------------------


def test_what_waits_can_be_cancelled_beside_the_form(made: Served, chromium: Any) -> None:
    """It is told live, and cancelled without leaving: what was written meanwhile stays, and the keyboard is near."""
    with made.serving():
        context = chromium.new_context(base_url=made.address, reduced_motion="reduce")
        context.add_cookies([{"name": "sessionid", "value": made.sessions["editor"], "url": made.address}])
        page = context.new_page()
        page.goto(ADD)
        prompt(page).fill("A swan on black water")
        prompt(page).press("Control+Enter")
        placed(page)
        newest = page.locator(".seedream-latest article").first
        assert newest.locator("[data-state=queued]").is_visible()
        prompt(page).fill("Something else by now")
        newest.get_by_role("button", name="Cancel").press("Enter")
        newest.locator("[data-state=cancelled]").wait_for()
        assert prompt(page).input_value() == "Something else by now"
        assert newest.evaluate("article => article.contains(document.activeElement)")
        context.close()
