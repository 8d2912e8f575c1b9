"""The prompt from the content, in Chromium: what stands in the form's controls now, and never over typed words."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.template.loader import render_to_string

import seedream_django

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.once

SCRIPT = (Path(seedream_django.__file__).parent / "static/seedream_django/content.js").read_text()
CASES = json.loads((Path(__file__).parent.parent / "filled.json").read_text())

FORM = """
<form>
<input name="photos-3-title" value="Foxes"><textarea name="photos-3-summary">&lt;p&gt;At dusk&lt;/p&gt;</textarea>
<select name="photos-3-topic"><option value="">---</option><option value="n" selected>Nature</option></select>
<input type="checkbox" name="photos-3-live" value="on" checked>
<input name="title" value="Not this one">
<details><summary>Generate</summary><input type="hidden" name="photos-3-cover-began" data-part="began" value="{began}">
<input type="hidden" name="photos-3-cover-text" data-part="text" value="{began}">
<textarea name="photos-3-cover-prompt">{prompt}</textarea>{element}</details>
</form>
"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    errors: list[Any] = []
    page.on("pageerror", lambda error: errors.append(error))
    page.set_content("<p></p>")
    # As a module whose functions can be called, in a page without a server.
    address = f"data:text/javascript;base64,{base64.b64encode(SCRIPT.encode()).decode()}"
    page.evaluate("async (address) => { window.content = await import(address); }", address)
    yield page
    assert errors == []
    page.close()


def show(page: Page, prompt: str = "", began: str = "", limit: int = 2000) -> None:
    """A panel of an inline. ``began``: what the server filled its prompt with, from what was saved."""
    context = {
        "template": "{title}. {summary} ({topic}) {live}",
        "field": "cover",
        "label": "Fill in",
        "limit": limit,
    }
    element = render_to_string("seedream_django/widgets/_content.html", context)
    html = FORM.replace("{prompt}", prompt).replace("{began}", began).replace("{element}", element)
    page.evaluate("(html) => { document.body.innerHTML = html; }", html)


def opened(page: Page) -> None:
    page.click("summary")
    page.evaluate("() => new Promise((done) => setTimeout(done, 50))")


def prompt(page: Page) -> str:
    return page.locator("[name=photos-3-cover-prompt]").input_value()


def said(page: Page) -> str:
    return page.locator("[role=status]").inner_text()


FILLED = "Foxes. At dusk (Nature"


def test_the_same_cases_as_the_server(page: Page) -> None:
    """Each case of the table comes out as in Python."""
    made = page.evaluate(
        "(cases) => cases.map((each) => content.cut(content.fill(each.template, each.values), each.limit ?? 2000))",
        CASES,
    )
    assert dict(zip((case["says"] for case in CASES), made, strict=True)) == {
        case["says"]: case["filled"] for case in CASES
    }


@pytest.mark.parametrize(
    "text", ["'word '.repeat(2e5)", "'<'.repeat(1e6)", "'<a'.repeat(5e5)", "'<' + 'a'.repeat(1e6)",
             "'<!--'.repeat(2e5)", "'<script>'.repeat(1e5)", "'&'.repeat(1e6)", "'<p ' + 'x=y '.repeat(2e5)"],
)  # fmt: skip
def test_a_million_characters(text: str, page: Page) -> None:
    """Text of any size and kind takes a moment in the browser, too."""
    took = page.evaluate(f"() => {{ const text = {text}, began = performance.now(); content.plain(text); "
                         "return performance.now() - began; }")  # fmt: skip
    assert took < 500


def test_filled_when_the_panel_opens(page: Page) -> None:
    """An empty prompt begins with what is in the form now; nothing is sent, and mark-up in it is no mark-up."""
    show(page)
    page.fill("[name=photos-3-title]", "<img src=x onerror=alert(1)>Red foxes")
    opened(page)
    assert prompt(page) == page.locator("[data-part=began]").input_value() == "Red foxes. At dusk (Nature"
    assert "Text from this page, published or not, is sent to the provider." in page.inner_text("details")


def test_what_the_server_filled_in_is_refreshed(page: Page) -> None:
    """The text that was saved gives way to the one in the form, and is still nothing that somebody wrote."""
    show(page, FILLED, FILLED)
    page.fill("[name=photos-3-title]", "Otters")
    opened(page)
    assert prompt(page) == page.locator("[data-part=began]").input_value() == "Otters. At dusk (Nature"
    page.select_option("[name=photos-3-topic]", "")
    page.fill("[name=photos-3-summary]", "")
    page.click("[data-part=fill]")
    assert prompt(page) == "Otters"
    page.fill("[name=photos-3-title]", " ")
    page.click("[data-part=fill]")
    assert (prompt(page), said(page)) == ("Otters", "There is no text in the form yet.")


def test_words_are_not_replaced_unasked(page: Page) -> None:
    """Typed words stay when the panel opens, and at the first press, which asks; the second replaces them."""
    show(page, "my own words", FILLED)
    opened(page)
    button = page.locator("[data-part=fill]")
    button.click()
    assert (prompt(page), button.inner_text()) == ("my own words", "Replace what you wrote?")
    assert said(page) == "You wrote something else. Press once more to replace it."
    page.fill("[name=photos-3-cover-prompt]", "other words")
    assert button.inner_text() == "Fill in"
    button.click()
    button.click()
    assert (prompt(page), button.inner_text(), said(page)) == (FILLED, "Fill in", "")


def test_told_when_it_is_cut(page: Page) -> None:
    """A text that is too long is cut at a word, and that is said."""
    show(page, limit=13)
    opened(page)
    assert prompt(page) == "Foxes. At"
    assert said(page) == "The text is longer than a prompt may be: its beginning was filled in."


def test_an_editor_that_writes_late(page: Page) -> None:
    """A rich-text editor can write into its control when it is told that it is read."""
    show(page)
    page.evaluate(
        """() => document.addEventListener("seedream:read", (event) => {
            event.target.closest("form").elements["photos-3-summary"].value = "Just typed";
        })"""
    )
    opened(page)
    assert prompt(page) == "Foxes. Just typed (Nature"


def test_in_a_cloned_inline(page: Page) -> None:
    """A panel that was cloned, and whose controls were renamed, reads the controls beside it."""
    show(page)
    page.evaluate(
        """() => {
            const clone = document.querySelector("form").cloneNode(true);
            for (const each of clone.querySelectorAll("[name]")) each.name = each.name.replace("-3-", "-11-");
            document.body.append(clone);
            clone.elements["photos-11-title"].value = "Otters";
        }"""
    )
    page.locator("summary").nth(1).click()
    page.locator("[data-part=fill]").nth(1).click()
    assert page.locator("[name=photos-11-cover-prompt]").input_value() == "Otters. At dusk (Nature"
    assert prompt(page) == ""


def test_without_a_script(chromium: Browser) -> None:
    """The notice stands there, and no button that does nothing."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(render_to_string("seedream_django/widgets/_content.html", {"template": "{title}"}))
    assert not page.locator("button").is_visible()
    assert page.get_by_text("published or not").is_visible()
    context.close()
