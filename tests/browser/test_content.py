"""The prompt from the content, in Chromium: what stands in the form's controls now, and never over typed words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

import seedream_django
from seedream_django import places
from seedream_django.places import slot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.once

STATIC = Path(seedream_django.__file__).parent / "static/seedream_django"
#: What the view does with what it is sent, for a field that begins with these.
PLACE = slot(prompt_from="{title}. {summary} ({topic}) {live}")
ANSWERED = ("title", "summary", "topic")

FORM = """
<form>
<input name="photos-3-title" value="Foxes"><textarea name="photos-3-summary">&lt;p&gt;At dusk&lt;/p&gt;</textarea>
<select name="photos-3-topic"><option value="">---</option><option value="n" selected>Nature</option></select>
<input type="checkbox" name="photos-3-live" value="on" checked>
<input name="title" value="Not this one">
<seedream-image data-order="/order/" data-spot="spot">
<input type="hidden" name="photos-3-cover-was"><input type="hidden" name="photos-3-cover-slot" data-part="slot">
<input type="radio" name="photos-3-cover" value="" checked hidden>
<button type="button" data-part="undo" hidden>Undo</button>
<details class="seedream-panel"><summary>Generate</summary>
<input type="hidden" name="photos-3-cover-began" value="{began}" data-part="began">
<input type="hidden" name="photos-3-cover-text" value="{began}" data-part="text">
<textarea name="photos-3-cover-prompt">{prompt}</textarea>{element}
<input type="hidden" name="photos-3-cover-nonce"><button type="button" data-part="generate" hidden>Generate</button>
</details></seedream-image>
</form>
"""


class Server:
    """Answers as the view does; ``limit`` is what a prompt may have."""

    def __init__(self) -> None:
        self.limit, self.asked, self.away = 2000, 0, False

    def answer(self, route: Any) -> None:
        self.asked += 1
        if self.away:
            route.abort()
            return
        sent = parse_qs(route.request.post_data, keep_blank_values=True)
        assert (sent["spot"], sent["fill"]) == (["spot"], ["1"])
        whole = places.fill(PLACE.prompt_from, {n: ", ".join(sent.get(f"from-{n}", [])) for n in ANSWERED})
        text = places.cut(whole, self.limit)
        route.fulfill(
            json={"text": text, "said": "It is cut." if text != whole else "" if text else "Nothing."}
        )


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    page = chromium.new_page()
    errors: list[Any] = []
    page.on("pageerror", lambda error: errors.append(error))
    script = '<p></p><script type="module" src="/image.js"></script>'
    page.route("http://site.test/", lambda route: route.fulfill(body=script, content_type="text/html"))
    page.route("http://site.test/image.js", lambda route: route.fulfill(path=STATIC / "image.js"))
    page.route("http://site.test/order/", server.answer)
    page.goto("http://site.test/")
    yield page
    assert errors == []
    page.close()


def show(page: Page, prompt: str = "", began: str = "") -> None:
    """A panel of an inline. ``began``: what the server filled its prompt with, from what was saved."""
    context = {"fields": PLACE.names, "label": "Fill in"}
    element = render_to_string("seedream_django/widgets/_content.html", context)
    html = FORM.replace("{prompt}", prompt).replace("{began}", began).replace("{element}", element)
    page.evaluate("(html) => { document.body.innerHTML = html; }", html)


def opened(page: Page) -> None:
    """Open the panel and let it be answered."""
    page.click("summary")
    settled(page)


def settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("() => new Promise((done) => setTimeout(done, 60))")
    page.wait_for_load_state("networkidle")


def press(page: Page) -> None:
    page.click("[data-part=fill]")
    settled(page)


def prompt(page: Page) -> str:
    return page.locator("[name=photos-3-cover-prompt]").input_value()


def said(page: Page) -> str:
    return page.locator("[role=status]").inner_text()


FILLED = "Foxes. At dusk (n"


def test_filled_when_the_panel_opens(page: Page) -> None:
    """An empty prompt begins with what is in the form now; nothing is sent, and mark-up in it is no mark-up."""
    show(page)
    page.fill("[name=photos-3-title]", "<img src=x onerror=alert(1)>Red foxes")
    opened(page)
    assert prompt(page) == page.locator("[data-part=began]").input_value() == "Red foxes. At dusk (n"
    assert "Text from this page, published or not, is sent to the provider." in page.inner_text("details")


def test_what_the_server_filled_in_is_refreshed(page: Page) -> None:
    """The text that was saved gives way to the one in the form, and is still nothing that somebody wrote."""
    show(page, FILLED, FILLED)
    page.fill("[name=photos-3-title]", "Otters")
    opened(page)
    assert prompt(page) == page.locator("[data-part=began]").input_value() == "Otters. At dusk (n"
    page.select_option("[name=photos-3-topic]", "")
    page.fill("[name=photos-3-summary]", "")
    press(page)
    assert prompt(page) == "Otters"
    page.fill("[name=photos-3-title]", " ")
    press(page)
    assert (prompt(page), said(page)) == ("Otters", "Nothing.")


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
    press(page)
    assert (prompt(page), button.inner_text(), said(page)) == (FILLED, "Fill in", "")


def test_told_when_it_is_cut(page: Page, server: Server) -> None:
    """A text that is too long is cut at a word, and that is said."""
    server.limit = 13
    show(page)
    opened(page)
    assert prompt(page) == "Foxes. At"
    assert said(page) == "It is cut."


def test_who_writes_on_meanwhile_is_not_written_over(page: Page) -> None:
    """What is typed while the server is asked stays."""
    show(page)
    page.evaluate("""() => {
        document.querySelector("details").open = true;
        document.querySelector("[name=photos-3-cover-prompt]").value = "my own words";
    }""")
    page.route("http://site.test/order/", lambda route: route.fulfill(json={"text": "too late", "said": ""}))
    press(page)
    assert prompt(page) == "my own words"


def test_without_an_answer(page: Page, server: Server) -> None:
    """Nothing is changed, and that is said."""
    server.away = True
    show(page, FILLED, FILLED)
    opened(page)
    assert (prompt(page), server.asked) == (FILLED, 1)
    assert said(page).startswith("That did not work, and nothing was changed.")


def test_an_editor_that_writes_late(page: Page) -> None:
    """A rich-text editor can write into its control when it is told that it is read."""
    show(page)
    page.evaluate(
        """() => document.addEventListener("seedream:read", (event) => {
            event.target.closest("form").elements["photos-3-summary"].value = "Just typed";
        })"""
    )
    opened(page)
    assert prompt(page) == "Foxes. Just typed (n"


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
    settled(page)
    assert page.locator("[name=photos-11-cover-prompt]").input_value() == "Otters. At dusk (n"
    assert prompt(page) == ""


def test_without_a_script(chromium: Browser) -> None:
    """The notice stands there, and no button that does nothing."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    panel = render_to_string("seedream_django/widgets/_content.html", {"fields": ["title"]})
    styles = Path(str(finders.find("seedream_django/image.css"))).read_text()
    page.set_content(f"<style>{styles}</style><seedream-image>{panel}</seedream-image>")
    assert not page.locator("button").is_visible()
    assert page.get_by_text("published or not").is_visible()
    context.close()
