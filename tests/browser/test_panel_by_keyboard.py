"""A field's panel without a mouse, in colours that the system forces, and in the window behind “+”."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from example_project.magazine.people import PASSWORD

from .looking import FOCUSED, SHOWS_FOCUS, tabbed
from .test_in_place import ADD, SOON, generate, place_of, wait_for_a_choice, write

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Open = Callable[..., "Page"]
Shoot = Callable[..., None]

HAS_THE_KEYBOARD = "element => element === document.activeElement"
#: Whether the outline of the chosen tile, and the frame of the others, have a colour and a width.
DRAWN = """label => {
  const style = getComputedStyle(label);
  return [style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0, parseFloat(style.borderTopWidth) > 0];
}"""


def is_folded(place: Locator) -> bool:
    return not place.locator("[data-part=parameters]").evaluate("e => e.open")


def inset_of(page: Page) -> Locator:
    """A field that takes any shape."""
    page.get_by_text("A picture in the text", exact=True).first.click()
    return place_of(page, "inset")


def test_through_the_panel_and_its_results(as_editor: Open) -> None:
    """Tab goes through it from the top to the button; the results are chosen with an arrow or the space bar."""
    page = as_editor(ADD)
    inset = inset_of(page)
    inset.locator(".seedream-panel > summary").focus()
    page.keyboard.press("Enter")
    names = tabbed(page, 1)
    page.keyboard.type(f"Two lamps {time.time_ns()}")
    names += tabbed(page, 9)
    wanted = ["inset-prompt", "Settings", "inset-shape", "inset-make", "inset-results", "inset-sequence"]
    assert [name for name in names if name in wanted] == wanted, names
    assert names.index("Made from pictures") < [name.startswith("Generate") for name in names].index(True)
    inset.locator("input[name=inset-shape]:checked").focus()
    page.keyboard.press("ArrowRight")
    assert inset.locator("input[name=inset-shape]:checked").get_attribute("value") != "1:1"
    inset.get_by_label("Number of pictures").focus()
    page.keyboard.press("ArrowUp")
    while not page.evaluate(FOCUSED).startswith("Generate"):
        tabbed(page, 1)
    page.keyboard.press("Space")
    offers = inset.locator("[data-part=fresh] input")
    offers.nth(1).wait_for(timeout=SOON)
    assert page.evaluate(FOCUSED).startswith("Generate")
    for _ in range(8):
        tabbed(page, 1)
        if inset.locator("[data-part=fresh] input:checked").evaluate(HAS_THE_KEYBOARD):
            break
    first = inset.locator("[data-part=fresh] input:checked").get_attribute("value")
    page.keyboard.press("ArrowRight")
    second = inset.locator("[data-part=fresh] input:checked").get_attribute("value")
    assert first != second
    assert page.evaluate(SHOWS_FOCUS)
    page.keyboard.press("ArrowLeft")
    assert inset.locator("[data-part=fresh] input:checked").get_attribute("value") == first
    inset.get_by_role("button", name="Undo the choice").press("Enter")
    offers.nth(1).focus()
    page.keyboard.press("Space")
    assert inset.locator("[data-part=fresh] input:checked").get_attribute("value") == second
    assert page.url.endswith(ADD)


def test_an_ordered_panel_folds_away(as_editor: Open, shoot: Shoot) -> None:
    """What was decided makes room, and is there again at one press; the prompt and the results stay."""
    page = as_editor(ADD)
    inset = inset_of(page)
    write(inset, "A lamp")
    assert not is_folded(inset)
    inset.get_by_label("Number of pictures").fill("2")
    prompt = inset.get_by_label("Prompt").input_value()
    tall = inset.bounding_box()
    inset.get_by_role("button", name="Generate").click()
    inset.locator("[data-part=fresh] input").nth(1).wait_for(timeout=SOON)
    assert is_folded(inset)
    small = inset.locator(".seedream-panel").bounding_box()
    assert small
    assert tall
    assert small["height"] < tall["height"] * 0.75
    assert inset.get_by_label("Prompt").is_visible()
    assert inset.get_by_label("Prompt").input_value() == prompt
    assert inset.get_by_role("button", name="Generate").evaluate(HAS_THE_KEYBOARD)
    shoot(page, "place-folded")
    inset.get_by_text("Settings", exact=True).click()
    assert inset.get_by_label("Number of pictures").input_value() == "2"
    # From inside what folds away the keyboard goes to what opens it again.
    inset.get_by_label("Prompt").fill(f"Another lamp {time.time_ns()}")
    inset.get_by_label("Number of pictures").press("Control+Enter")
    inset.locator("[data-part=parameters]:not([open])").wait_for(timeout=SOON)
    assert inset.get_by_text("Settings", exact=True).evaluate(HAS_THE_KEYBOARD)


def test_an_error_opens_what_it_is_in(as_editor: Open, complaints: list[str]) -> None:
    """What is wrong is never behind what is folded away."""
    page = as_editor(ADD)
    inset = inset_of(page)
    generate(inset, "A lamp")
    wait_for_a_choice(inset)
    inset.get_by_text("Settings", exact=True).click()
    inset.get_by_label("Number of pictures").fill("99")
    inset.get_by_text("Settings", exact=True).click()
    inset.get_by_role("button", name="Generate").click()
    inset.get_by_role("alert").get_by_role("listitem").first.wait_for()
    assert inset.get_by_label("Number of pictures").evaluate(HAS_THE_KEYBOARD)
    assert all("422" in complaint for complaint in complaints)
    complaints.clear()


def test_in_forced_colours(as_editor: Open, shoot: Shoot) -> None:
    """Where the system has its own colours, frames are still there, and what is chosen is seen."""
    page = as_editor(ADD)
    page.emulate_media(forced_colors="active")
    inset = inset_of(page)
    write(inset, "Two lamps")
    inset.get_by_label("Number of pictures").fill("2")
    shape = inset.locator("label:has(input[name=inset-shape]:checked)")
    other = inset.locator("label:has(input[name=inset-shape]:not(:checked))").first
    assert [label.evaluate(DRAWN) for label in (shape, other)] == [[True, True], [False, True]]
    shoot(page, "place-forced-panel")
    inset.get_by_role("button", name="Generate").click()
    inset.locator("[data-part=fresh] input").nth(1).wait_for(timeout=SOON)
    chosen, left = (inset.locator("[data-part=fresh] label").nth(at) for at in (0, 1))
    assert [label.evaluate(DRAWN) for label in (chosen, left)] == [[True, True], [False, True]]
    shoot(page, "place-forced")


def test_a_window_that_adds_a_related_object(open_page: Open, shoot: Shoot, complaints: list[str]) -> None:
    """Ordered, chosen and saved in the window behind “+”: the form that opened it has the new one chosen."""
    page = open_page("/admin/login/")
    page.locator("#id_username").fill("owner")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("[type=submit]").click()
    page.wait_for_url("**/admin/")
    page.goto(ADD)
    page.locator("#id_title").fill("Half written")
    with page.expect_popup() as opened:
        page.locator("#add_id_topic").click()
    window = opened.value
    complaints.listen(window)  # type: ignore[attr-defined]
    name = f"Lamps {time.time_ns()}"
    window.locator("#id_name").fill(name)
    window.locator("#id_description").fill("All that gives light")
    window.locator("#id_slug").fill(name.lower().replace(" ", "-"))
    picture = place_of(window, "picture")
    generate(picture, "A lamp")
    wait_for_a_choice(picture)
    shoot(window, "place-popup")
    with window.expect_event("close"):
        window.locator("[name=_save]").click()
    topic = page.locator("#id_topic")
    assert topic.evaluate("e => e.selectedOptions[0].text") == name
    assert page.locator("#id_title").input_value() == "Half written"
    with page.expect_popup() as opened:
        page.locator("#change_id_topic").click()
    shown = place_of(opened.value, "picture").locator("img.seedream-shown")
    shown.wait_for()
    assert shown.evaluate("e => e.complete && e.naturalWidth > 0 || e.decode().then(() => true)")
