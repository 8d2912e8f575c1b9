"""Other ways to reach the same pages: right to left, enlarged, forced colours, the keyboard alone, no script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from seedream_django.diagnosis import money

from .conftest import NARROW, WIDE, Complaints
from .looking import findings, overflows, own_page, tabbed
from .served import Served
from .test_states import ORDERS, PICTURES, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

Open = Callable[..., "Page"]

PAGES = {"order": f"{ORDERS}add/", "orders": ORDERS, "pictures": PICTURES} | {
    name: name
    for name in ("running-half", "quarantined", "failed-safety", "prompt-arabic", "field-pending", "image")
}


@pytest.fixture(scope="module")
def states(made: Served) -> Iterator[Served]:
    with made.serving():
        yield made


@pytest.fixture
def open_state(states: Served, chromium: Browser, complaints: Complaints) -> Iterator[Open]:
    """Open a state in a window with these properties: ``open_state("done", locale="ar")``."""
    contexts: list[Any] = []

    def open_(where: str, *, size: tuple[int, int] = WIDE, **options: Any) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        options = {"base_url": states.address, "reduced_motion": "reduce", "viewport": viewport, **options}
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        complaints.listen(page)
        visit(page, states, "editor", where)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints


# -- Windows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["ar", "he"])
def test_right_to_left(locale: str, open_state: Open, states: Served) -> None:
    """The whole admin from right to left: nothing overflows, and what stands at the start is on the right."""
    page = open_state("/admin/", locale=locale)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    for where in PAGES.values():
        visit(page, states, "editor", where)
        for width, height in (WIDE, NARROW):
            page.set_viewport_size({"width": width, "height": height})
            assert not overflows(page), (where, width)
    visit(page, states, "editor", "failed-safety")
    style = "getComputedStyle(document.querySelector('.seedream-body'))"
    assert page.evaluate(f"[{style}.borderRightWidth, {style}.borderLeftWidth]") == ["4px", "1px"]


def test_a_prompt_that_runs_the_other_way(open_state: Open, states: Served) -> None:
    """An Arabic prompt in an English admin runs from right to left; what is around it does not."""
    page = open_state("prompt-arabic")
    way = "selector => getComputedStyle(document.querySelector(selector)).direction"
    assert page.evaluate(way, ".seedream-quoted") == "rtl"
    assert page.evaluate(way, ".seedream-said") == "ltr"
    visit(page, states, "editor", ORDERS)
    ways = page.locator(".field-short_prompt bdi").evaluate_all(
        "all => all.map(e => getComputedStyle(e).direction)"
    )
    assert set(ways) == {"rtl", "ltr"}
    visit(page, states, "editor", PAGES["order"])
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill("ثعلب أحمر")
    assert prompt.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_enlarged_to_200_percent(open_state: Open, states: Served) -> None:
    """A window of 1440 pixels at 200 % zoom is one of 720: nothing has to be scrolled sideways."""
    page = open_state("/admin/", size=(720, 450), device_scale_factor=2)
    for where in PAGES.values():
        visit(page, states, "editor", where)
        assert not overflows(page), where


def test_forced_colours(open_state: Open) -> None:
    """Where the system takes the colours away, what is chosen still has an outline."""
    page = open_state(PAGES["order"], forced_colors="active")
    tile = page.locator("label.seedream-shape:has(input:checked)")
    assert tile.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    assert not overflows(page)


def test_theme_toggle(open_state: Open, states: Served) -> None:
    """The admin's own switch makes our pages dark in a light system too."""
    page = open_state("/admin/", color_scheme="light")
    for _ in range(3):
        if page.evaluate("document.documentElement.dataset.theme") != "dark":
            page.locator("button.theme-toggle:visible").first.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    for where in (PAGES["order"], "running-half", "field-pending"):
        visit(page, states, "editor", where)
        assert findings(page) == []


# -- The keyboard --------------------------------------------------------------------------------------------


def test_order_with_the_keyboard_alone(open_state: Open) -> None:
    """From the prompt to the button in the order of the page, with the focus in sight; arrows choose the shape."""
    page = open_state(PAGES["order"])
    page.get_by_role("textbox", name="Prompt").focus()
    page.keyboard.type("a fox by the sea")
    assert tabbed(page, 10) == [
        "From a template",
        *["preset"] * 6,
        "style",
        "What each style adds",
        "shape",
    ]
    page.keyboard.press("ArrowRight")
    assert page.locator("[name=shape]:checked").get_attribute("value") == "4:3"
    # A choice, and no order: nobody has come to the price yet.
    page.keyboard.press("Enter")
    assert tabbed(page, 3) == ["resolution", "make", "results"]
    page.keyboard.press("ArrowUp")
    assert tabbed(page, 4) == ["sequence", "Made from pictures", "More", "Generate · $0.07"]
    page.keyboard.press("Enter")
    own_page(page)
    page.locator("[data-state=queued]").wait_for()
    assert "2304 × 1728" in page.locator(".seedream-facts").inner_text()
    page.locator("#seedream-cancel").focus()
    page.keyboard.press("Enter")
    page.locator("[data-state=cancelled]").wait_for()


# -- Without a script ----------------------------------------------------------------------------------------


def test_without_a_script(open_state: Open, states: Served) -> None:
    """Order, look again, cancel: each is a form or a link."""
    page = open_state(PAGES["order"], java_script_enabled=False)
    page.get_by_role("textbox", name="Prompt").fill("a fox in the hills")
    page.get_by_role("button", name="Generate").click()
    own_page(page)
    page.get_by_role("link", name="Refresh").click()
    page.get_by_role("button", name="Cancel").click()
    assert "Nothing was charged." in page.locator(".seedream-said").inner_text()
    visit(page, states, "editor", "field-pending")
    assert page.get_by_role("link", name="See how it stands").is_visible()


# -- What moves ----------------------------------------------------------------------------------------------


def test_a_picture_takes_the_room_that_was_kept_for_it(open_state: Open) -> None:
    """What is still to come has the very size of what has come: nothing jumps."""
    page = open_state("running-half")
    boxes = page.locator(".seedream-pictures li").evaluate_all(
        "all => all.map(e => e.firstElementChild.getBoundingClientRect()).map(b => [b.width, b.height])"
    )
    assert len(boxes) == 4
    assert max(abs(a - b) for box in boxes for a, b in zip(box, boxes[0], strict=True)) < 1


def test_a_screen_reader_is_not_talked_over(open_state: Open, states: Served) -> None:
    """Of many changes in a row the first and the latest are told, seconds apart; the end is told at once."""
    page = open_state("queued")
    fragment = "<div data-order='{}'><div class='seedream-body' data-state='{}' {} data-say='{}'></div></div>"
    asked = 0

    def answer(route: Any) -> None:
        nonlocal asked
        asked += 1
        ended = asked > 25
        key = parse_qs(urlsplit(route.request.url).query)["order"][0]
        state, when = ("done", "") if ended else ("running", "data-next=50")
        body = fragment.format(key, state, when, f"{asked} of 26")
        route.fulfill(body=body, content_type="text/html")

    page.evaluate(
        "() => { window.told = []; const news = document.querySelector('[data-news]');"
        " new MutationObserver(() => told.push(news.textContent)).observe(news, {childList: true}); }"
    )
    page.route("**/live/**", answer)
    page.locator("[data-state=done]").wait_for()
    told = page.evaluate("told")
    assert told[0] == "1 of 26"
    assert told[-1] == "26 of 26"
    assert len(told) <= 3


def test_after_a_log_out(open_state: Open, states: Served, complaints: Complaints) -> None:
    """The page says so in sight instead of seeming to go on; back after a new log-in, it goes on."""
    page = open_state("running-half")
    assert page.locator(".seedream-progress").is_visible()
    page.context.clear_cookies()
    page.locator(".seedream-said", has_text="You are logged out. Log in again;").wait_for()
    assert page.locator(".seedream-said").inner_text() == page.locator("[data-news]").inner_text()
    assert not page.locator(".seedream-progress").is_visible()
    assert page.locator("[data-image]").count() == 2
    complaints[:] = [complaint for complaint in complaints if "403" not in complaint]
    session = {"name": "sessionid", "value": states.sessions["editor"], "url": states.address}
    page.context.add_cookies([session])  # type: ignore[list-item]
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator(".seedream-progress").wait_for()
    assert "logged out" not in page.locator(".seedream-said").inner_text()


def test_a_price_in_the_server_s_digits(open_state: Open) -> None:
    """The price follows the number of pictures at each change, in the server's words whatever the browser's are."""
    page = open_state(PAGES["order"])
    page.evaluate("document.documentElement.lang = 'fa'")
    price = page.locator("seedream-price")
    seen = []
    for number in ("4", "2", "20"):
        page.get_by_label("Number of pictures").fill(number)
        seen.append(price.text_content())
    assert seen == ["$0.14", "$0.07", "$0.70"]


@pytest.mark.parametrize("language", ["en", "de", "fr"])
@pytest.mark.parametrize("amount", ["0.00375", "0.035125"])
def test_a_price_of_many_digits(amount: str, language: str, open_state: Open) -> None:
    """Beside each number of pictures stands what the server says of it, to the last millionth."""
    page = open_state(PAGES["order"])
    with translation.override(language):
        prices = [money(Decimal(amount) * number) for number in range(1, 21)]
    price = page.locator("seedream-price")
    price.evaluate("(price, prices) => { price.dataset.prices = prices }", "|".join(prices))
    seen = []
    for number in range(20, 0, -1):
        page.get_by_label("Number of pictures").fill(str(number))
        seen.append(price.text_content())
    assert seen[::-1] == prices
    for nonsense in ("21", "0", "", "1.5", "-1"):
        page.get_by_label("Number of pictures").fill(nonsense)
        assert price.text_content() == prices[0]
