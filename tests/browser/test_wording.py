"""An editor who begins with an example, keeps it as a template, fills its gaps, and takes templates in from a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import Complaints
from .looking import look, tabbed
from .served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

Shoot = Callable[..., None]
Open = Callable[..., "Page"]

TEMPLATES = "/admin/seedream_django/prompttemplate/"
STYLES = "/admin/seedream_django/style/"
ORDER = "/admin/seedream_django/generation/add/"
#: Whether all pictures of a page are there.
DRAWN = (
    "() => [...document.querySelectorAll('.seedream-examples img')].every((each) => each.naturalWidth > 0)"
)
FILE = {
    "seedream_django": 1,
    "styles": [{"name": "Ink", "words": "black ink, quick strokes"}],
    "templates": [
        {"name": "Portrait", "text": "{person}, drawn", "style": "Ink"},
        {"name": "An Arabic one", "text": "{موضوع} في الشتاء"},
        {"name": "Broken", "text": "{the subject}", "shape": "5:4"},
        7,
    ],
}


@pytest.fixture
def open_as(made: Served, chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a page of a site of its own as somebody; at the end nothing may have gone wrong in it."""
    complaints, contexts = Complaints(), []
    with made.copy(tmp_path / "copy").serving() as served:

        def open_(who: str, where: str, *, scripts: bool = True) -> Page:
            context = chromium.new_context(
                base_url=served.address, reduced_motion="reduce", java_script_enabled=scripts
            )
            contexts.append(context)
            context.add_cookies([{"name": "sessionid", "value": served.sessions[who], "url": served.address}])
            page = context.new_page()
            complaints.listen(page)
            page.goto(where)
            return page

        yield open_
        for context in contexts:
            context.close()
    assert not complaints


def test_from_an_example_to_an_order(open_as: Open, shoot: Shoot) -> None:
    """Each step says what it did and takes the keyboard there; typed words are asked about; nothing is ordered."""
    page = open_as("owner", TEMPLATES)
    look(page, "templates-empty", shoot)
    page.get_by_role("link", name="Examples").first.click()
    for each in page.locator(".seedream-examples img").all():
        each.scroll_into_view_if_needed()
    page.wait_for_function(DRAWN)
    look(page, "examples", shoot)
    page.get_by_role("button", name="Keep Portrait as a template").press("Enter")
    page.get_by_text("“Portrait” is a template of yours now.").wait_for()
    page.goto(TEMPLATES)
    look(page, "templates", shoot)
    page.get_by_role("link", name="Portrait", exact=True).click()
    page.wait_for_url("**/change/")
    look(page, "template", shoot)
    page.goto(TEMPLATES)
    page.get_by_role("link", name="Use “Portrait”").click()
    page.get_by_label("Person").fill("a baker")
    page.get_by_role("button", name="Use", exact=True).press("Enter")
    page.get_by_text("Say what stands here.").wait_for()
    assert page.evaluate("document.activeElement.name") == "wording-gap-mood"
    look(page, "order-gap-missing", shoot)
    page.keyboard.type("content")
    page.get_by_role("textbox", name="Prompt").fill("my own words")
    page.get_by_role("button", name="Use", exact=True).press("Enter")
    page.get_by_text("You wrote a prompt already.").wait_for()
    assert page.get_by_role("textbox", name="Prompt").input_value() == "my own words"
    look(page, "order-asks", shoot)
    assert tabbed(page, 2)[0] == "wording-do"
    page.get_by_role("button", name="Replace what I wrote").press("Enter")
    page.get_by_text("Filled in from “Portrait”").wait_for()
    assert (
        page.get_by_role("textbox", name="Prompt").input_value().startswith("Portrait of a baker, content,")
    )
    assert page.get_by_label("Style", exact=True).input_value() == "Quiet light"
    look(page, "order-filled", shoot)


def test_a_file(open_as: Open, shoot: Shoot) -> None:
    """What it would do is told by name before anything changes; the press does that, and no more."""
    page = open_as("owner", TEMPLATES + "import/")
    look(page, "import", shoot)
    page.get_by_label("Or its text").fill("{")
    page.get_by_role("button", name="Look at it").click()
    page.get_by_text("This is no JSON").wait_for()
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "templates.json", "mimeType": "application/json", "buffer": json.dumps(FILE).encode()}
    )
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("heading", name="What this file would do").wait_for()
    look(page, "import-look", shoot)
    page.get_by_role("button", name="Take in 3 entries").click()
    page.get_by_text("3 entries were taken in.").wait_for()
    page.goto(STYLES)
    look(page, "styles-tools", shoot)


def test_without_scripts(open_as: Open) -> None:
    """A style that is our look is chosen and said; a template is used, by the page's own buttons alone."""
    page = open_as("owner", STYLES + "add/", scripts=False)
    page.locator("#id_name").fill("Winter")
    page.locator("#id_words").fill("soft light")
    page.locator("#id_house").check()
    page.locator("input[name=_save]").click()
    page.goto(f"{ORDER}?template=example-abstract-background")
    assert page.locator("select[name=style] option:checked").inner_text() == "Our look: Winter"
    page.get_by_label("Colour", exact=True).fill("teal")
    page.get_by_label("Other colour").fill("sand")
    page.get_by_role("button", name="Use", exact=True).click()
    assert "soft waves of teal and sand" in page.get_by_role("textbox", name="Prompt").input_value()
    assert page.locator("input[name=shape]:checked").get_attribute("value") == "16:9"
    assert page.locator("select[name=style] option:checked").inner_text() == "Our look: Winter"
