"""What a page tells while pictures are made: one question for all of it, bars that only grow, the keyboard at rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import NARROW, Complaints
from .looking import findings, overflows, own_page
from .served import Served
from .test_editor import SOON, edit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.once

Open = Callable[..., "Page"]
Shoot = Callable[..., None]

ADD = "/admin/seedream_django/generation/add/"


class Questions(list[str]):
    """What a page asks about its orders, by address and number of them."""

    def listen(self, page: Page) -> None:
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if urlsplit(url).path.startswith("/seedream/"):
            self.append(url)

    def orders(self) -> list[list[str]]:
        return [parse_qs(urlsplit(url).query).get("order", []) for url in self]


# -- A site in which every state stays as it is --------------------------------------------------------------


@pytest.fixture(scope="module")
def states(made: Served) -> Iterator[Served]:
    with made.serving():
        yield made


NOW = "strftime('%Y-%m-%d %H:%M:%S', 'now')"
BEGAN = ", ".join(f"{moment} = {NOW}" for moment in ("created_at", "submitted_at", "accepted_at"))


@pytest.fixture
def still(states: Served, chromium: Browser, complaints: Complaints) -> Iterator[Page]:
    """The page of an order in work, half of which is there; it began just now, so that its time is told in seconds."""
    pk = states.pages["running-half"].strip("/").split("/")[-2].replace("-", "")
    states.write(f"UPDATE seedream_django_generation SET {BEGAN} WHERE id = '{pk}'")
    context = chromium.new_context(base_url=states.address, reduced_motion="reduce")
    context.add_cookies([{"name": "sessionid", "value": states.sessions["editor"], "url": states.address}])
    page = context.new_page()
    complaints.listen(page)
    page.goto(states.pages["running-half"])
    yield page
    context.close()
    assert not complaints


#: As many as this more on the page, of these orders in turn; one is nobody's.
MORE = """([count, orders]) => {
  for (let number = 0; number < count; number++) {
    const status = document.createElement("seedream-status");
    status.setAttribute("src", `/seedream/live/?order=${orders[number % orders.length]}`);
    status.dataset.gone = "It is gone.";
    status.innerHTML = '<div data-fragment></div><p role="status" class="seedream-news" data-news></p>';
    document.querySelector("#content-main").append(status);
  }
}"""
#: The page's own clock, in milliseconds: a busy machine makes it wait for longer, and never ask sooner.
ENTRIES = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/live/'))"
TIMES = f"{ENTRIES}.map((one) => one.startTime)"
ASKED = f"(count) => {TIMES}.length >= count"
GAPS = f"{TIMES}.map((time, at, all) => time - all[at - 1]).slice(1)"
NOBODY_S = "00000000000040008000000000000000"


def order_of(states: Served, name: str) -> str:
    return states.pages[name].rstrip("/").split("/")[-2].replace("-", "")


def test_one_question_for_a_hundred(still: Page, states: Served) -> None:
    """One or a hundred, a page asks as often, at one address; those that have ended are asked about once."""
    names = ["running", "running-tall", "queued", "storing", "asking", "done", "twenty"]
    together = Questions()
    still.wait_for_function(ASKED, arg=4)
    alone = still.evaluate(GAPS)
    together.listen(still)
    still.evaluate(MORE, [99, [*(order_of(states, name) for name in names), NOBODY_S]])
    still.wait_for_function(ASKED, arg=12)
    # Those that have just come are asked about at once; after a moment all ask together.
    assert min(alone) > 900
    assert min(still.evaluate(GAPS)[-3:]) > 900
    assert {urlsplit(url).path for url in together} == {"/seedream/live/"}
    ended = {order_of(states, "done"), order_of(states, "twenty"), NOBODY_S}
    assert any(ended < set(orders) for orders in together.orders())
    # Two, because one of them may be due a moment after the others.
    last = set().union(*together.orders()[-2:])
    assert last == {order_of(states, name) for name in (*names[:5], "running-half")}
    assert still.locator("seedream-status [data-state]").count() == 100 - 12
    assert still.locator(".seedream-said", has_text="It is gone.").count() == 12


def test_more_than_fit_into_one_question(still: Page, states: Served) -> None:
    """Beyond a hundred they take turns, and none is forgotten."""
    asked = Questions()
    asked.listen(still)
    still.evaluate(MORE, [150, [order_of(states, "running"), order_of(states, "storing")]])
    still.locator("seedream-status [data-state=storing]").nth(74).wait_for(timeout=SOON)
    assert still.locator("seedream-status [data-state]").count() == 151
    assert max(len(orders) for orders in asked.orders()) <= 100


def test_seconds_are_no_news(still: Page) -> None:
    """They count on and the bar moves; nothing else on the page is touched, and nothing is read aloud."""
    still.evaluate(
        "() => { window.changes = []; const watch = new MutationObserver(all => changes.push("
        "...all.map(one => `${one.type} ${one.target.className || one.target.parentElement?.className}`)));"
        "watch.observe(document.querySelector('seedream-status'), "
        "{childList: true, subtree: true, attributes: true, characterData: true}); }"
    )
    said = still.locator(".seedream-time").inner_text()
    still.wait_for_function("said => document.querySelector('.seedream-time').innerText !== said", arg=said)
    still.wait_for_timeout(1200)
    changes = set(still.evaluate("changes"))
    assert changes <= {"childList seedream-time", "attributes seedream-progress"}
    assert still.locator("[data-news]").inner_text() == ""


FOCI = ["#seedream-cancel", ".seedream-pictures li:nth-child(2) a:first-child", ".seedream-edit >> nth=1"]


@pytest.mark.parametrize("selector", FOCI)
def test_the_keyboard_stays_where_it_is(selector: str, still: Page) -> None:
    """On a button, a picture or a link: while the page is told anew, also where something really changes."""
    still.locator(selector).focus()
    where = still.evaluate("() => document.activeElement.outerHTML")
    said = still.locator(".seedream-time").inner_text()
    still.wait_for_function("said => document.querySelector('.seedream-time').innerText !== said", arg=said)
    assert still.evaluate("() => document.activeElement.outerHTML") == where
    # Something really changes: the sentence is another.
    still.route("**/live/**", lambda route: _changed(route))
    still.locator(".seedream-said", has_text="Something else.").wait_for()
    href = "() => document.activeElement.id || document.activeElement.getAttribute('href')"
    assert still.evaluate(href) in where


def _changed(route: Any) -> None:
    text = route.fetch().text().replace("<strong>2 of 4 are ready.", "<strong>Something else.")
    route.fulfill(body=text, content_type="text/html")


def test_many_are_told_one_after_the_other(still: Page, states: Served) -> None:
    """Ten that change at once are read aloud in turn, each in its own place, and none is lost."""
    still.evaluate(
        "() => { window.told = []; new MutationObserver(all => { for (const one of all) "
        "if (one.target.matches?.('[data-news]')) told.push(performance.now()); })"
        ".observe(document.body, {childList: true, subtree: true}); }"
    )
    still.evaluate(MORE, [5, [order_of(states, "done")]])
    still.wait_for_function("() => told.length === 5", timeout=SOON)
    told = still.evaluate("told")
    assert all(later - earlier > 900 for earlier, later in pairwise(told))


# -- A site that works ---------------------------------------------------------------------------------------

#: Every value that each bar shows, by its order, and how many pictures were there.
SAMPLE = """() => {
  window.seen = {};
  setInterval(() => {
    for (const status of document.querySelectorAll("seedream-status")) {
      const bar = status.querySelector("progress");
      const pictures = status.querySelectorAll("[data-image]").length;
      (seen[status.getAttribute("src")] ||= []).push([bar ? bar.value : null, pictures]);
    }
  }, 30);
}"""


def grew(seen: list[list[Any]], pictures: int) -> None:
    """It only grew, was never full, and gave way to all the pictures."""
    bars = [bar for bar, _pictures in seen if bar is not None]
    assert bars == sorted(bars)
    assert len(set(bars)) > 2, bars
    assert bars[-1] < 100
    assert all(bar is not None or there == pictures or not there for bar, there in seen)
    assert seen[-1] == [None, pictures]


def generate(page: Page, prompt: str, number: int) -> None:
    page.goto(ADD)
    page.get_by_role("textbox", name="Prompt").fill(prompt)
    page.get_by_label("Number of pictures").fill(str(number))
    page.get_by_role("button", name="Generate").click()
    own_page(page)


def test_the_bar_only_grows(as_editor: Open, shoot: Shoot) -> None:
    """From the order to its last picture, on its own page; the second of its kind knows how long it takes."""
    page = as_editor("/admin/")
    for turn in ("first", "second"):
        generate(page, f"A lighthouse in a storm, for the {turn} time", 3)
        page.evaluate(SAMPLE)
        page.locator("[data-state=running]").wait_for(timeout=SOON)
        if turn == "second":
            page.locator(".seedream-time", has_text="about").wait_for(timeout=SOON)
            look(page, "live-own-page", shoot)
        page.locator("[data-state=done]").wait_for(timeout=SOON)
        page.wait_for_timeout(100)
        (seen,) = page.evaluate("seen").values()
        grew(seen, 3)


def test_two_fields_of_one_form(as_editor: Open, shoot: Shoot) -> None:
    """They ask together; each bar grows, and what is written meanwhile and the keyboard are left alone."""
    page = as_editor("/admin/", size=(1440, 900))
    edit(page, "The year the fog stayed")
    cover, inset = (page.locator(f"seedream-image[data-name={name}]") for name in ("cover", "inset"))
    page.locator("summary", has_text="A picture in the text").click()
    for place, number, prompt in ((cover, 3, "A valley in fog, one lantern"), (inset, 2, "A bell in fog")):
        begin(place, prompt, number)
    page.evaluate(SAMPLE)
    questions = Questions()
    questions.listen(page)
    title = page.get_by_label("Title").first
    title.focus()
    for place in (cover, inset):
        place.locator("progress").wait_for(timeout=SOON)
    title.press_sequentially("!", delay=10)
    look(page, "live-two-fields", shoot)
    for place, number in ((cover, 3), (inset, 2)):
        # Where it stood they are no longer: they are choices.
        place.locator("seedream-status [data-image]").nth(number - 1).wait_for(timeout=SOON, state="attached")
        place.locator("[data-state=done]").wait_for(timeout=SOON)
    page.wait_for_timeout(100)
    assert "!" in title.input_value()
    assert {urlsplit(url).path for url in questions} == {"/seedream/live/"}
    assert max(len(orders) for orders in questions.orders()) == 2
    first, second = page.evaluate("seen").values()
    grew(first, 3)
    grew(second, 2)


def begin(place: Locator, prompt: str, number: int) -> None:
    place.locator(".seedream-panel > summary").click()
    place.get_by_label("Prompt").fill(prompt)
    place.get_by_label("Number of pictures").fill(str(number))
    place.get_by_role("button", name="Generate").click()
    place.locator("seedream-status").wait_for(state="attached")


def test_without_javascript(as_editor: Open, shoot: Shoot) -> None:
    """The bar is the server's, and a link asks once more."""
    page = as_editor("/admin/", scripts=False, size=NARROW)
    generate(page, "A lighthouse at noon, without a script", 2)
    assert page.locator("progress").get_attribute("value") is not None
    shoot(page, "live-no-script-375")
    seen = []
    for _ in range(SOON // 300):
        if page.locator("[data-state=done]").count():
            break
        seen.append(int(page.locator("progress").get_attribute("value") or -1))
        page.get_by_role("link", name="Refresh").click()
        page.wait_for_timeout(300)
    assert page.locator("[data-image]").count() == 2
    assert seen == sorted(seen)
    assert seen[-1] < 100


def look(page: Page, name: str, shoot: Shoot) -> None:
    """In both schemes and widths nothing overflows, and axe finds nothing of ours."""
    size = page.viewport_size
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in (375, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            assert not overflows(page), (name, scheme, width)
            shoot(page, f"{name}-{width}-{scheme}")
    assert findings(page, ("seedream-status",)) == [], name
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(size or {"width": 1440, "height": 900})
