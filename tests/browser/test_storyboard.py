"""Somebody in front of a sequence: one frame made anew, the old one put back, captions, all of it as a file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import NARROW, WIDE, Complaints
from .looking import SHOWS_FOCUS, look
from .served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.once

Shoot = Callable[..., None]


@pytest.fixture(scope="module")
def story(made: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The states once more, where whoever looks does a worker's work."""
    copy = made.copy(tmp_path_factory.mktemp("story") / "copy", SEEDREAM_TEST_IMMEDIATE="1")
    with copy.serving() as served:
        yield served


@pytest.fixture
def open_strip(story: Served, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open the order of a sequence and go to its strip; at the end nothing may have gone wrong."""
    complaints, contexts = Complaints(), list[Any]()

    def open_(who: str, which: str = "sequence", *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=story.address, reduced_motion="reduce", java_script_enabled=scripts
        )
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": story.sessions[who], "url": story.address}])
        page = context.new_page()
        complaints.listen(page)
        page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        page.goto(story.pages[which])
        press(page.get_by_role("link", name="Storyboard"))
        page.wait_for_url("**/storyboard/")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints


def press(control: Locator) -> None:
    """By keyboard, where one sees it."""
    control.focus()
    assert control.page.evaluate(SHOWS_FOCUS)
    control.press("Enter")


def until(page: Page, text: str) -> None:
    """Look again until it is so: each look does a step of the work."""
    for _ in range(20):
        if page.get_by_text(text).count():
            return
        page.reload()
    raise AssertionError(page.locator("#content").inner_text())


def test_by_keyboard(open_strip: Callable[..., Page], shoot: Shoot) -> None:
    """Replaced, come, put back, and the other one taken again: each step is a link or a button that says its frame."""
    page = open_strip("owner")
    frames = page.get_by_role("list", name="Frames in order").get_by_role("heading", level=2)
    assert frames.all_inner_texts() == ["Frame 1", "Frame 2", "Frame 3", "Frame 4"]
    look(page, "storyboard", shoot)
    press(page.get_by_role("link", name="Replace this frame, number 3"))
    page.wait_for_url("**/storyboard/3/")
    assert page.get_by_text("Frame 2, before it").is_visible()
    assert page.get_by_text("Frame 4, after it").is_visible()
    look(page, "frame", shoot)
    page.get_by_label("What this frame shall show").fill("")
    press(page.get_by_role("button", name="Replace this frame"))
    page.get_by_text("Please correct what is marked below").wait_for()
    look(page, "frame-wrong", shoot)
    page.get_by_label("What this frame shall show").fill("The fox sleeps under a snowy fir")
    page.get_by_label("Keep close to the present picture").press("Space")
    press(page.get_by_role("button", name="Replace this frame"))
    page.get_by_text("takes the place of frame 3").wait_for()
    assert page.url.endswith("/storyboard/#frame-3")
    look(page, "storyboard-ordered", shoot)
    until(page, "Replaced by")
    look(page, "storyboard-replaced", shoot)
    back = "Put back into frame 3: earlier picture 1"
    for _ in range(2):
        shown = page.locator("#frame-3 .seedream-still img").get_attribute("src")
        press(page.get_by_role("button", name=back))
        page.wait_for_load_state()
        page.locator(f'#frame-3 .seedream-still img:not([src="{shown}"])').wait_for()


def test_as_wide_as_there_is_room(open_strip: Callable[..., Page]) -> None:
    """Beside each other where there is room, below each other where there is none."""
    page = open_strip("owner")

    def places() -> list[tuple[float, float]]:
        boxes = [page.locator(f"#frame-{number}").bounding_box() for number in (1, 2)]
        return [(box["x"], box["y"]) for box in boxes if box]

    (left, top), (right, level) = places()
    assert (left < right, top) == (True, level)
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    (left, top), (right, level) = places()
    assert (left, top < level) == (right, True)


def test_without_scripts(open_strip: Callable[..., Page], tmp_path: Any, shoot: Shoot) -> None:
    """A caption is written and read, and the file has it."""
    page = open_strip("owner", scripts=False)
    first = page.locator("#frame-1")
    first.locator("summary").press("Enter")
    first.get_by_label("Title").fill("At the edge of the forest")
    first.get_by_label("Alternative text").fill("A fox looks out of the trees")
    shoot(page, "storyboard-caption")
    first.get_by_role("button", name="Save the caption of frame 1").press("Enter")
    first.get_by_text("At the edge of the forest", exact=True).first.wait_for()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download as ZIP").press("Enter")
    started.value.save_as(tmp_path / "story.zip")
    with zipfile.ZipFile(tmp_path / "story.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "01-at-the-edge-of-the-forest.jpg"
        assert "At the edge of the forest" in archive.read("captions.txt").decode()


def test_while_it_is_being_made(open_strip: Callable[..., Page], shoot: Shoot) -> None:
    """The strip says so, and has the frames that are there."""
    page = open_strip("owner", "sequence-running")
    assert page.get_by_text("This sequence is still being made.").is_visible()
    look(page, "storyboard-running", shoot)
