"""Somebody describes a picture: words that begin with a proposal, a focal point by mouse, keyboard or in numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.template import Context, Template

from seedream_django.models import GeneratedImage, ImageState

from .conftest import NARROW, WIDE, Complaints
from .looking import look, tabbed
from .served import Served
from .states import HARBOUR

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.once

Shoot = Callable[..., None]
Open = Callable[..., "Page"]

NOTE = "Proposed from the prompt: read it, change it, then save."
PAD = "seedream-focal [role=application]"
#: Where the middle of the marker is, in percent of the picture.
MARKED = """() => {
  const selectors = [".seedream-focal-mark", "seedream-focal img"];
  const [mark, image] = selectors.map((selector) => document.querySelector(selector).getBoundingClientRect());
  const x = (mark.left + mark.width / 2 - image.left) / image.width;
  const y = (mark.top + mark.height / 2 - image.top) / image.height;
  return [x, y].map((part) => Math.round(part * 100));
}"""
#: The element with its numbers inside, put into a page twice, and how many changes it told of.
INSIDE = """() => {
  const focal = Object.assign(document.createElement("seedream-focal"), { id: "ours" });
  Object.assign(focal.dataset, { said: "{x}, {y}", label: "Point" });
  const input = (axis) => Object.assign(document.createElement("input"), { name: `cover-focal_${axis}` });
  focal.append(document.querySelector("seedream-focal img").cloneNode(), input("x"), input("y"));
  window.told = 0;
  focal.addEventListener("change", () => (window.told += 1));
  document.querySelector("#content").prepend(focal);
  document.querySelector("#content").append(focal);
}"""


@pytest.fixture(scope="module")
def described(made: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The states once more: what is described here stays described."""
    with made.copy(Path(tmp_path_factory.mktemp("words")) / "copy").serving() as served:
        yield served


@pytest.fixture
def open_as(described: Served, chromium: Browser) -> Iterator[Open]:
    """Open a page as somebody; at the end nothing may have gone wrong in it."""
    complaints, contexts = Complaints(), []

    def open_(who: str, where: str, *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=described.address,
            reduced_motion="reduce",
            java_script_enabled=scripts,
            viewport={"width": WIDE[0], "height": WIDE[1]},
        )
        contexts.append(context)
        context.add_cookies(
            [{"name": "sessionid", "value": described.sessions[who], "url": described.address}]
        )
        page = context.new_page()
        complaints.listen(page)
        page.goto(described.pages.get(where, where))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints


def point(page: Page) -> list[int]:
    """What the two numbers say, which is where the marker is and what is told."""
    x, y = (int(page.locator(f"#id_focal_{axis}").input_value()) for axis in "xy")
    said = page.locator(".seedream-focal-said").inner_text()
    assert said == f"Focal point: {x} % from the left, {y} % from the top"
    assert page.evaluate(MARKED) == [x, y]
    return [x, y]


def save(page: Page) -> None:
    page.locator("input[name=_continue]").click()
    page.get_by_text("was changed successfully").wait_for()


def test_words(open_as: Open, shoot: Shoot) -> None:
    """The fields begin with a proposal, beside a note; once it was read and saved, no note is left."""
    page = open_as("editor", "image")
    assert page.get_by_text(NOTE).count() == 1
    proposal = page.locator("#id_alt").input_value()
    assert proposal == "A red fox in a forest in autumn"
    described = page.locator("#id_alt").get_attribute("aria-describedby") or "nothing"
    assert NOTE in page.locator(f"#{described}").inner_text()
    look(page, "words-proposed", shoot)
    page.locator("#id_alt").fill("A fox sits among beeches and looks at us")
    save(page)
    assert page.locator("#id_alt").input_value() == "A fox sits among beeches and looks at us"
    page.locator("#id_alt").fill("A fox")
    page.get_by_label("It only decorates").check()
    page.locator("input[name=_continue]").click()
    page.get_by_text("Either it says something, or it only decorates").wait_for()
    look(page, "words-both", shoot)
    page.locator("#id_alt").fill("")
    save(page)
    assert page.get_by_label("It only decorates").is_checked()
    assert page.get_by_text(NOTE).count() == 0


def test_the_list(open_as: Open, described: Served, shoot: Shoot) -> None:
    """What nobody described is marked, and found."""
    page = open_as("editor", "/admin/seedream_django/generatedimage/")
    assert page.get_by_text("no alternative text yet").count() > 5
    page.get_by_role("link", name="without alternative text").click()
    page.wait_for_url("**?words=none")
    look(page, "words-none", shoot)


def test_by_mouse(open_as: Open, shoot: Shoot) -> None:
    """A click on the picture sets the point, also on a small one; saved, it is there again."""
    page = open_as("editor", "image-tall")
    assert point(page) == [50, 50]
    look(page, "focal", shoot)
    for size in (NARROW, WIDE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        box = page.locator("seedream-focal img").bounding_box()
        assert box
        page.mouse.move(0, 0)
        page.locator(PAD).click(position={"x": box["width"] * 0.3, "y": box["height"] * 0.6})
        assert point(page) == [30, 60]
        page.locator(PAD).click(position={"x": box["width"] - 1, "y": 1})
        x, y = point(page)
        assert (x >= 99, y <= 1) == (True, True)
    page.locator(PAD).click(position={"x": box["width"] * 0.3, "y": box["height"] * 0.6})
    save(page)
    assert point(page) == [30, 60]
    shoot(page, "focal-set")


def test_by_keyboard(open_as: Open, shoot: Shoot) -> None:
    """Arrow keys on the picture and in the numbers, by 1 and with Shift by 10, and no further than the edge."""
    page = open_as("editor", "image-edited")
    pad = page.locator(PAD)
    assert "arrow keys" in (pad.get_attribute("aria-label") or "")
    page.locator("#id_focal_x").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    tabbed(page, 1)
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "application"
    shoot(page, "focal-keyboard")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert point(page) == [51, 52]
    for key in ("Shift+ArrowLeft", "ArrowLeft", "Shift+ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    assert point(page) == [40, 41]
    for _time in range(6):
        page.keyboard.press("Shift+ArrowUp")
        page.keyboard.press("Shift+ArrowLeft")
    assert point(page) == [0, 0]
    page.keyboard.press("Tab")
    for key in ("ArrowUp", "Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert point(page) == [11, 0]
    page.locator("#id_focal_y").fill("75")
    assert point(page) == [11, 75]
    page.locator("#id_focal_y").fill("")
    assert page.evaluate(MARKED) == [11, 50]
    page.locator("#id_focal_y").fill("20")
    save(page)
    assert point(page) == [11, 20]


def test_without_scripts(open_as: Open, shoot: Shoot) -> None:
    """The numbers are the control: with no script they are typed, beside a picture that is only a picture."""
    page = open_as("editor", "image-edited", scripts=False)
    assert page.locator(".seedream-focal-mark").count() == 0
    page.locator("#id_focal_x").fill("12")
    page.locator("#id_focal_y").fill("88")
    shoot(page, "focal-without-scripts")
    page.locator("input[name=_continue]").click()
    assert [page.locator(f"#id_focal_{axis}").input_value() for axis in "xy"] == ["12", "88"]


def test_for_who_only_looks(open_as: Open) -> None:
    """Who may not change a picture points at nothing."""
    page = open_as("thrifty", "/admin/seedream_django/generatedimage/")
    page.locator("#result_list .field-named a").first.click()
    page.locator("seedream-focal img").wait_for()
    assert page.locator(".seedream-focal-mark").count() == 0
    assert page.locator("seedream-focal [tabindex]").count() == 0


def test_inside_another_form(open_as: Open) -> None:
    """The element takes the numbers inside it as well, is made by a script, moves, and leaves nothing behind."""
    page = open_as("editor", "image")
    page.evaluate(INSIDE)
    ours = page.locator("#ours")
    assert ours.locator(".seedream-focal-mark").count() == 1
    assert ours.locator("output").inner_text() == "50, 50"
    ours.locator("[role=application]").press("ArrowUp")
    values = [ours.locator(f"[name=cover-focal_{axis}]").input_value() for axis in "xy"]
    assert (values, ours.locator("output").inner_text()) == (["50", "49"], "50, 49")
    # One step, though it was put into the page twice; and the page's own is not moved.
    assert page.evaluate("() => window.told") == 2
    assert page.locator("#id_focal_y").input_value() == "50"


def test_a_part_on_a_page(open_as: Open, shoot: Shoot) -> None:
    """What the tag writes shows the part around the point, scales as a picture does, and needs no style attribute."""
    page = open_as("editor", "image")
    link = page.locator(".field-file_link a")
    image = GeneratedImage(
        state=ImageState.STORED, file=str(link.inner_text()), width=2496, height=1664, alt="A fox", focal_x=70
    )
    tag = '{% load seedream %}{% seedream_image image ratio="1:1" src=src id="part" %}'
    html = Template(tag).render(Context({"image": image, "src": link.get_attribute("href")}))
    page.evaluate("html => document.querySelector('#content').insertAdjacentHTML('afterbegin', html)", html)
    assert page.get_by_role("img", name="A fox").get_attribute("id") == "part"
    part = page.locator("#part").evaluate(
        """part => {
          part.style.width = "200px";
          part.style.height = "auto";
          const [outer, inner] = [part, part.querySelector("image")].map((each) => each.getBoundingClientRect());
          return [outer.width, outer.height, inner.width, inner.left - outer.left].map(Math.round);
        }"""
    )
    assert part == [200, 200, 300, -100]
    page.wait_for_load_state("networkidle")
    shoot(page, "part")


def test_writing_a_style(open_as: Open, shoot: Shoot) -> None:
    """A style's page shows a whole prompt as it is sent."""
    page = open_as("owner", "/admin/seedream_django/style/add/")
    page.locator("#id_name").fill("Harbour")
    page.locator("#id_words").fill(HARBOUR)
    page.locator("input[name=_continue]").click()
    page.get_by_text("A red fox in the snow, seen from afar").wait_for()
    look(page, "style", shoot)
    page.goto("/admin/seedream_django/style/")
    look(page, "styles", shoot)
