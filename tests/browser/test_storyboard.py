"""Somebody in front of a sequence: one frame made anew, the old one put back, captions, all of it as a file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import NARROW, WIDE, Complaints
from .looking import SHOWS_FOCUS, look, overflows
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


@pytest.fixture(scope="module")
def reviewed_story(made: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same on a site that reviews."""
    folder = tmp_path_factory.mktemp("reviewed-story") / "copy"
    copy = made.copy(folder, SEEDREAM_TEST_IMMEDIATE="1", SEEDREAM_TEST_REVIEW="own")
    with copy.serving() as served:
        yield served


@pytest.fixture
def open_strip(
    request: pytest.FixtureRequest, story: Served, chromium: Browser
) -> Iterator[Callable[..., Page]]:
    """Open the order of a sequence and go to its strip; at the end nothing may have gone wrong."""
    complaints, contexts = Complaints(), list[Any]()

    def open_(
        who: str,
        which: str = "sequence",
        *,
        scripts: bool = True,
        reviewed: bool = False,
        locale: str = "en-US",
    ) -> Page:
        site = request.getfixturevalue("reviewed_story") if reviewed else story
        context = chromium.new_context(
            base_url=site.address, reduced_motion="reduce", java_script_enabled=scripts, locale=locale
        )
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": site.sessions[who], "url": site.address}])
        page = context.new_page()
        complaints.listen(page)
        page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        page.goto(site.pages[which])
        press(page.locator(".seedream-tools a").first)
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


STATE = "**/storyboard/state/**"
#: Gone with a reload.
MARK, MARKED = "() => { window.marked = true }", "() => window.marked === true"
FOCUSED = "() => document.activeElement.id || document.activeElement.getAttribute('aria-label')"
NEWS = "{} .seedream-news"


def order(page: Page, number: int, words: str) -> None:
    """From the strip and back to it."""
    press(page.get_by_role("link", name=f"Replace this frame, number {number}"))
    page.wait_for_url(f"**/storyboard/{number}/")
    page.get_by_label("What this frame shall show").fill(words)
    press(page.get_by_role("button", name="Replace this frame"))
    page.get_by_text(f"takes the place of frame {number}").wait_for()


def replaced(page: Page, number: int) -> Locator:
    return page.locator(f"#frame-{number} .seedream-hint", has_text="Replaced by")


def hold(page: Page) -> Callable[[], None]:
    """Nothing of what the page asks for comes before the returned function is called."""
    page.route(STATE, lambda route: None)

    def let_go() -> None:
        # Those that are held go on with it.
        page.unroute(STATE)

    return let_go


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
    replaced(page, 3).wait_for()
    look(page, "storyboard-replaced", shoot)
    back = "Put back into frame 3: earlier picture 1"
    for _ in range(2):
        shown = page.locator("#frame-3 .seedream-still img").get_attribute("src")
        press(page.get_by_role("button", name=back))
        page.wait_for_load_state()
        page.locator(f'#frame-3 .seedream-still img:not([src="{shown}"])').wait_for()


def test_it_renews_itself(open_strip: Callable[..., Page], shoot: Shoot) -> None:
    """Its frame alone, without a reload: words and focus in others stay, it is told, and then nothing is asked."""
    page, asked = open_strip("owner", "sequence-fewer"), list[str]()
    page.on("request", lambda request: "/state/" in request.url and asked.append(request.url))
    order(page, 2, "The fox jumps over a brook")
    page.evaluate(MARK)
    let_go = hold(page)
    first, second = page.locator("#frame-1"), page.locator("#frame-2")
    first.locator("summary").press("Enter")
    written = first.get_by_label("Alternative text")
    written.fill("A fox looks out of")
    assert second.get_by_text("A new picture for this frame is being made.").is_visible()
    assert page.get_by_text("Frame 2: a new picture is being made; the ZIP has").is_visible()
    look(page, "storyboard-ordered", shoot)
    let_go()
    replaced(page, 2).wait_for()
    assert page.evaluate(FOCUSED) == "id_1_alt"
    assert written.input_value() == "A fox looks out of"
    page.locator(NEWS.format("#frame-2"), has_text="Frame 2: Replaced by").wait_for(state="attached")
    page.get_by_text("the ZIP has").wait_for(state="detached")
    assert asked
    assert all("order=2" in each and "order=zip" in each for each in asked)
    # Longer than between two looks.
    asked.clear()
    page.wait_for_timeout(5000)
    assert asked == []
    assert page.evaluate(MARKED)
    # Nor is there anything to ask for on a page that is opened now.
    page.reload()
    page.wait_for_timeout(3000)
    assert asked == []


def test_focus_is_kept_in_the_frame_that_renews(open_strip: Callable[..., Page]) -> None:
    """It stays at what one was about to press."""
    page = open_strip("owner", "sequence-fewer")
    order(page, 3, "The fox sleeps")
    let_go, mine = hold(page), "Replace this frame, number 3"
    page.get_by_role("link", name=mine).focus()
    let_go()
    replaced(page, 3).wait_for()
    assert page.evaluate(FOCUSED) == mine


def test_it_waits_for_review(open_strip: Callable[..., Page], shoot: Shoot) -> None:
    """Said without a reload once it is there, with the way to decide; decided, it stands in the frame."""
    page = open_strip("owner", reviewed=True)
    press(page.get_by_role("link", name="Replace this frame, number 4"))
    page.wait_for_url("**/storyboard/4/")
    assert page.get_by_text("The new picture takes the place once it is approved.").is_visible()
    page.go_back()
    order(page, 4, "The fox sleeps under a snowy fir")
    assert page.get_by_text("takes the place of frame 4 once it is approved.").is_visible()
    fourth, zip_ = page.locator("#frame-4"), page.locator(".seedream-zip")
    waits = "A new picture waits for review. It takes the place once it is approved."
    fourth.get_by_text(waits).first.wait_for()
    told = "Frame 4: a new picture waits for review; the ZIP has the one that is here."
    zip_.get_by_text(told).wait_for()
    assert (
        zip_.get_by_role("link", name="Download as ZIP").get_attribute("aria-describedby") == "seedream-zip"
    )
    look(page, "storyboard-waits", shoot)
    press(page.get_by_role("link", name="Replace this frame, number 4"))
    page.wait_for_url("**/storyboard/4/")
    assert page.get_by_text(waits).is_visible()
    look(page, "frame-waits", shoot)
    press(page.get_by_role("link", name="Look at it and decide, frame 4"))
    page.wait_for_url("**/review/")
    press(page.get_by_role("button", name="Approve"))
    page.wait_for_url("**/change/")
    page.go_back()
    page.go_back()
    press(page.get_by_role("link", name="Back to the storyboard"))
    replaced(page, 4).wait_for()
    page.get_by_text("the ZIP has").wait_for(state="detached")


#: In how many rows they stand, and whether all are within the window.
ROWS = """() => {
  const boxes = [...document.querySelectorAll(".seedream-strip > li")].map((item) => item.getBoundingClientRect());
  return {
    rows: new Set(boxes.map((box) => Math.round(box.top))).size,
    inside: boxes.every((box) => box.left >= 0 && box.right <= window.innerWidth),
  };
}"""
ANOTHER = "strip => strip.append(strip.lastElementChild.cloneNode(true))"


@pytest.mark.parametrize("locale", ["en-US", "ar"])
def test_all_frames_are_seen(open_strip: Callable[..., Page], shoot: Shoot, locale: str) -> None:
    """Four in a row on a laptop, beside the admin's menu, one on a telephone; none out of sight at the side."""
    page = open_strip("owner", locale=locale)
    strip = page.locator(".seedream-strip")
    assert page.evaluate("() => document.dir") == ("rtl" if locale == "ar" else "ltr")
    for count in (4, 6, 15):
        while strip.locator("> li").count() < count:
            strip.evaluate(ANOTHER)
        for width, rows in ((1280, -(-count // 4)), (320, count)):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(ROWS) == {"rows": rows, "inside": True}, (count, width)
            assert not overflows(page)
            assert strip.evaluate("strip => strip.scrollWidth <= strip.clientWidth")
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                shoot(page, f"storyboard-{count}-frames-{locale}-{width}-{scheme}")


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
