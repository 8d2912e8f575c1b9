"""Somebody with a picture in hand: keeps it, copies its tag, takes it along, lays it over another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .conftest import WIDE
from .looking import SHOWS_FOCUS, tabbed
from .test_review import PICTURES, look, open_as, site_of_its_own

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.once

__all__ = ["open_as", "site_of_its_own"]

Shoot = Callable[..., None]

#: How much of the first picture the second leaves free.
CUT = "() => getComputedStyle(document.querySelectorAll('.seedream-frame')[1]).clipPath"


def test_what_one_does_with_a_picture(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """The heart says how it is, the copied tag is told, the file comes, and a tag is found again in the list."""
    page = open_as("owner", "image-edited")
    look(page, "picture-handy", shoot)
    page.locator("#id_title").fill("Written before the heart")
    page.get_by_role("button", name="Favourite", pressed=False).focus()
    assert page.evaluate(SHOWS_FOCUS)
    page.keyboard.press("Enter")
    heart = page.get_by_role("button", name="Favourite", pressed=True)
    heart.wait_for()
    # What is typed beside it stays, and so does the keyboard.
    assert page.locator("#id_title").input_value() == "Written before the heart"
    assert heart.evaluate("e => e === document.activeElement")
    tag = page.get_by_label("In a template").input_value()
    assert tag.startswith('{% seedream_image "')
    page.get_by_role("button", name="Copy").click()
    assert page.locator("seedream-copy output").inner_text() == "Copied."
    page.locator("#id_title").fill("")
    page.locator("#id_title").focus()
    page.keyboard.press("Control+V")
    assert page.locator("#id_title").input_value() == tag
    page.locator("#id_title").fill("A fox for winter")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    assert started.value.suggested_filename.endswith(".jpg")
    page.get_by_label("Tags").fill("winter 2026, front page")
    page.locator("[name=_continue]").click()
    assert page.get_by_label("Tags").input_value() == "front page, winter 2026"
    look(page, "picture-kept", shoot)
    page.goto(PICTURES)
    page.get_by_role("link", name="my favourites").click()
    page.get_by_role("link", name="front page").click()
    page.locator("body.change-list #result_list tbody tr").first.wait_for()
    page.wait_for_load_state()
    assert page.locator("#result_list tbody tr").count() == 1
    look(page, "pictures-tagged", shoot)


def test_hearts_and_tags_in_lists(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """A heart of the list is pressed by keyboard, without a script, and the list is where it was; a tag is renamed."""
    page = open_as("owner", PICTURES + "?state=stored", scripts=False)
    heart = page.get_by_role("button", name="Favourite: ", pressed=False).first
    number = heart.get_attribute("id")
    heart.focus()
    assert page.evaluate(SHOWS_FOCUS)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/?state=stored#{number}")
    assert page.locator(f"#{number}").get_attribute("aria-pressed") == "true"
    page.locator("tr", has=page.locator(f"#{number}")).get_by_role("link").last.click()
    page.get_by_label("Tags").fill("wintre")
    page.locator("input[name=_save]").click()
    page.goto(PICTURES.replace("generatedimage", "tag"))
    page.get_by_role("link", name="wintre").click()
    page.get_by_label("Name").fill("winter")
    page.locator("input[name=_save]").click()
    page.get_by_role("link", name="winter").first.wait_for()
    page.get_by_role("link", name="1", exact=True).click()
    page.get_by_role("button", name="Favourite: ", pressed=True).wait_for()


def test_a_heart_of_the_list_stays_there(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """What is ticked and typed beside it is still there, and so is the keyboard; nothing is asked for unpressed."""
    page = open_as("owner", PICTURES + "?state=stored")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ticks = page.locator("#result_list .action-select")
    ticks.nth(0).check()
    ticks.nth(1).check()
    page.locator("#searchbar").fill("a fox that I look for")
    # As somebody who comes back from another tab.
    page.evaluate("() => { document.dispatchEvent(new Event('visibilitychange')); }")
    heart = page.get_by_role("button", name="Favourite: ", pressed=False).first
    number = heart.get_attribute("id")
    heart.focus()
    assert not asked
    for pressed in ("true", "false", "true"):
        page.keyboard.press("Enter")
        page.locator(f"#{number}[aria-pressed={pressed}]").wait_for()
        page.wait_for_function(f"() => document.activeElement.id === '{number}'")
    assert page.locator("#result_list .action-select:checked").count() == 2
    assert page.locator("#searchbar").input_value() == "a fox that I look for"
    assert page.evaluate(SHOWS_FOCUS)
    look(page, "pictures-heart", shoot)
    # A page in the place of the way back, as Django answers to a token of before; a 403 would be a complaint.
    refuse = {"status": 200, "body": "No."}
    page.route(
        "**/favourite/**", lambda r: r.fulfill(**refuse) if r.request.method == "POST" else r.continue_()
    )
    page.keyboard.press("Enter")
    told = page.locator("tr", has=page.locator(f"#{number}")).locator(".seedream-said")
    told.get_by_text("Not kept.").wait_for()
    page.unroute("**/favourite/**")
    page.keyboard.press("Enter")
    page.locator(f"#{number}[aria-pressed=false]").wait_for()
    assert told.inner_text() == ""
    page.keyboard.press("Enter")
    page.locator(f"#{number}[aria-pressed=true]").wait_for()
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Enter")
    page.locator("tr", has=page.locator(f"#{number}")).get_by_text("Not kept.").first.wait_for()
    look(page, "pictures-heart-refused", shoot)


def test_the_pages_of_lists(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """The gallery with its hearts, the list of tags and the page of one, narrow and wide, light and dark."""
    page = open_as("owner", "image-edited")
    page.get_by_role("button", name="Favourite", pressed=False).click()
    page.get_by_label("Tags").fill("winter, front page")
    page.locator("input[name=_save]").click()
    page.get_by_role("button", name="Favourite: ", pressed=True).wait_for()
    look(page, "pictures-hearts", shoot)
    page.goto(PICTURES + "?layout=table")
    look(page, "pictures-hearts-table", shoot)
    page.goto(PICTURES.replace("generatedimage", "tag"))
    look(page, "tags", shoot)
    page.get_by_role("link", name="winter").click()
    page.wait_for_url("**/tag/*/change/")
    look(page, "tag", shoot)


def test_several_are_tagged(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """Ticked in the list: the field has the keyboard, and says what is wrong beside what was typed; with or without a
    script, each way back leads to the list as it was."""

    def choose(page: Page) -> None:
        for number in (0, 1):
            page.locator("input.action-select").nth(number).check()
        page.locator("select[name=action]").select_option("tag_chosen")
        page.locator("button[name=index]").click()
        page.get_by_role("heading", name="Tag the chosen pictures").wait_for()

    page = open_as("owner", PICTURES + "?state=stored")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    choose(page)
    field = page.get_by_label("Tags", exact=True)
    assert field.evaluate("e => e === document.activeElement")
    assert page.evaluate(SHOWS_FOCUS)
    page.keyboard.type("x" * 51)
    page.keyboard.press("Enter")
    page.get_by_text("is too long").wait_for()
    assert field.input_value() == "x" * 51
    assert field.get_attribute("aria-invalid") == "true"
    look(page, "pictures-tagging", shoot)
    page.get_by_role("link", name="No, take me back").click()
    page.wait_for_url("**/?state=stored")
    page = open_as("owner", PICTURES + "?state=stored", scripts=False)
    choose(page)
    page.get_by_label("Tags", exact=True).fill("winter 2026, front page")
    assert tabbed(page, 1) == ["Add these tags"]
    page.keyboard.press("Enter")
    page.get_by_text("2 pictures have these tags now.").wait_for()
    assert page.url.endswith("/?state=stored")


def test_two_are_compared(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """Chosen in the list; the slider is moved by keyboard, and moves the cut; from right to left as well."""
    page = open_as("owner", PICTURES)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    boxes = page.locator("input.action-select")
    for number in (0, 5):
        boxes.nth(number).check()
    page.locator("select[name=action]").select_option("compare")
    page.locator("button[name=index]").click()
    page.wait_for_url("**/compare/?picture=*")
    slider = page.get_by_role("slider")
    assert "inset(0px 0px 0px 50%)" in page.evaluate(CUT)
    slider.focus()
    assert page.evaluate(SHOWS_FOCUS)
    page.keyboard.press("Home")
    assert "0%" in page.evaluate(CUT)
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    assert "30%" in page.evaluate(CUT)
    look(page, "compare", shoot)
    assert page.get_by_role("heading", name="In what they differ").is_visible()


def test_without_scripts(open_as: Callable[..., Page], shoot: Shoot) -> None:
    """Both stand side by side, the tag can be selected, and the heart is a form."""
    page = open_as("editor", "image-edited", scripts=False)
    assert page.get_by_role("button", name="Copy").count() == 0
    assert page.get_by_label("In a template").get_attribute("readonly") is not None
    page.get_by_role("button", name="Favourite").click()
    page.get_by_role("button", name="Favourite", pressed=True).wait_for()
    page.get_by_role("link", name="Compare").click()
    page.wait_for_load_state()
    frames = page.locator(".seedream-frame")
    boxes = [frames.nth(number).bounding_box() for number in (0, 1)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert page.get_by_role("slider").count() == 0
    shoot(page, "compare-without-scripts")
