"""The magazine in Chromium: it fits, it is calm, it says what its pictures show, and it is worth a screenshot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from example_project.magazine.people import PASSWORD
from tests.running import EMPTY, Demo, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

Open = Callable[..., "Page"]
#: Seconds for all the pictures of the first start.
SOON = 120
PAGES = {
    "front": "/",
    "topic": "/topics/places/",
    "story": "/articles/the-fox-at-the-weather-station/",
    "tall": "/articles/what-the-lamp-is-for/",
    "series": "/articles/a-harbour-that-leaves-twice-a-day/",
    "bare": "/articles/seven-hundred-and-twelve-threads/",
}
SIZES = {"narrow": (375, 800), "middle": (768, 1024), "wide": (1440, 900)}

in_both_schemes = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo as a newcomer has it, with all pictures on their pages."""
    demo = Demo(tmp_path_factory.mktemp("magazine"), free_port())
    try:
        demo.wait_for("pictures are on their pages", SOON)
        yield demo
    finally:
        demo.clear()


def show_all(page: Page) -> None:
    """Have every picture of the page come, also those that nobody scrolled to yet."""
    page.evaluate(
        """async () => {
            for (const image of document.images) image.loading = 'eager';
            await Promise.all([...document.images].map(image => image.decode()));
        }"""
    )


@in_both_schemes
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_pages_fit(open_page: Open, pictures: Path, size: tuple[int, int], dark: bool) -> None:
    """No page is wider than its window, and every picture on it comes."""
    page = open_page("/", size=size, dark=dark)
    for name, path in PAGES.items():
        page.goto(path)
        show_all(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        page.screenshot(path=pictures / f"{name}-{size[0]}-{'dark' if dark else 'light'}.png", full_page=True)


def test_the_front_page_has_pictures_of_many_shapes(open_page: Open) -> None:
    """Wide, square and tall places stand side by side, and each picture has its place's shape."""
    page = open_page("/")
    show_all(page)
    shapes = page.evaluate(
        """[...document.images].map(image => {
            const box = image.parentElement.getBoundingClientRect();
            return [box.width / box.height, image.naturalWidth / image.naturalHeight];
        })"""
    )
    for wanted in (21 / 9, 16 / 9, 3 / 2, 1, 2 / 3):
        assert any(abs(place - wanted) < 0.08 for place, _ in shapes), wanted
    for place, picture in shapes:
        assert 0.7 < place / picture < 1.4, (place, picture)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_nothing_moves_while_pictures_come(open_page: Open, path: str, size: tuple[int, int]) -> None:
    """Each place has its height while its picture is held back, and nothing moves when it comes."""
    page = open_page("/", size=size)
    held: list[Route] = []
    released = False
    page.route("**/media/**", lambda route: route.continue_() if released else held.append(route))
    page.goto(path, wait_until="domcontentloaded")
    painted = page.evaluate(
        "() => new Promise(go => requestAnimationFrame(() => requestAnimationFrame(() => go(performance.now()))))"
    )
    released = True
    for route in held:
        route.continue_()
    show_all(page)
    shift = page.evaluate(
        """painted => new Promise(resolve => {
            let moved = 0;
            new PerformanceObserver(list => {
                for (const entry of list.getEntries()) if (entry.startTime > painted) moved += entry.value;
            }).observe({type: 'layout-shift', buffered: true});
            setTimeout(() => resolve(moved), 300);
        })""",
        painted,
    )
    assert shift < 0.01


@in_both_schemes
@pytest.mark.parametrize("size", [SIZES["narrow"], SIZES["wide"]], ids=["narrow", "wide"])
def test_axe_finds_nothing(open_page: Open, size: tuple[int, int], dark: bool) -> None:
    """Contrast, names, landmarks, order of headings: clean in both colour schemes."""
    from axe_playwright_python.sync_playwright import Axe

    page = open_page("/", size=size, dark=dark)
    for path in PAGES.values():
        page.goto(path)
        show_all(page)
        found = Axe().run(page)
        assert not found.response["violations"], f"{path}\n{found.generate_report()}"


def test_the_keyboard_goes_straight_to_the_content(open_page: Open) -> None:
    """The first stop is the skip link, which then can be seen; every stop after it has an outline."""
    page = open_page("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("link => link === document.activeElement && link.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    outlined = """() => {
        const link = document.activeElement;
        return document.querySelector('main').contains(link) &&
            [getComputedStyle(link), getComputedStyle(link, '::after')].some(style => style.outlineStyle === 'solid')
    }"""
    for _ in range(4):
        assert page.evaluate(outlined)
        page.keyboard.press("Tab")


def test_the_whole_card_leads_to_its_story(open_page: Open) -> None:
    """A click on a picture opens its article; a click on the topic opens the topic."""
    page = open_page("/")
    # The title's link lies over all of its card, so the click is the mouse's and not the picture's.
    page.locator(".card-picture").nth(1).scroll_into_view_if_needed()
    box = page.locator(".card-picture").nth(1).bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(f"**{PAGES['tall']}")
    page.goto("/")
    page.locator(".kicker a").nth(1).click()
    page.wait_for_url("**/topics/weather/")


def test_only_this_machine_is_asked(open_page: Open, site: Demo) -> None:
    """Fonts, pictures, styles: nothing comes from elsewhere, and no script is run."""
    page = open_page("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES.values():
        page.goto(path)
        show_all(page)
        assert page.locator("script").count() == 0
    assert all(url.startswith(f"http://127.0.0.1:{site.port}/") for url in asked)


def test_the_editors_list_shows_covers(as_editor: Open, pictures: Path) -> None:
    """Which story still needs a picture is seen at a glance, and found with a filter."""
    page = as_editor("/admin/magazine/article/")
    show_all(page)
    page.screenshot(path=pictures / "articles.png")
    assert page.locator("#result_list img").count() == 11
    page.get_by_role("link", name="Empty", exact=True).first.click()
    page.wait_for_url("**cover__isempty=1")
    page.locator("#result_list tbody tr").first.wait_for()
    assert page.locator("#result_list tbody tr").count() == 2
    page.get_by_role("link", name="The owl who keeps the hours").click()
    page.screenshot(path=pictures / "article-form.png", full_page=True)
    assert page.locator("seedream-image[data-name=cover]").is_visible()
    assert not page.locator("seedream-image[data-name=inset]").is_visible()


def test_before_the_pictures_come(open_page: Open, tmp_path: Path, pictures: Path) -> None:
    """A magazine without one picture has nothing broken in it."""
    empty = Demo(tmp_path / "data", free_port(), EMPTY)
    try:
        empty.wait_for("Ctrl-C")
        page = open_page(f"http://127.0.0.1:{empty.port}/")
        assert page.locator("img").count() == 0
        assert page.locator(".placeholder").count() == 13
        page.screenshot(path=pictures / "front-empty.png", full_page=True)
    finally:
        empty.clear()


def test_the_picture_of_the_readme(open_page: Open, pictures: Path) -> None:
    """The front page wide in the light, and beside it narrow in the dark."""
    from PIL import Image

    sheet = Image.new("RGB", (1440 + 390 + 120, 1840 + 80), "#dfe4e2")
    for name, size, dark, left in (("wide", (1440, 1840), False, 40), ("narrow", (390, 1840), True, 1520)):
        page = open_page("/", size=size, dark=dark)
        show_all(page)
        page.screenshot(path=pictures / f"magazine-{name}.png")
        with Image.open(pictures / f"magazine-{name}.png") as shot:
            sheet.paste(shot, (left, 40))
    sheet.resize((1300, 1280)).save(pictures / "magazine.png")


def test_what_the_demo_says_to_try(open_page: Open, site: Demo, pictures: Path) -> None:
    """Its three steps, word by word, end on a page that shows the new picture. It comes last: it fills a cover."""
    url, prompt = re.search(r"no cover yet: (\S+)\n.*type: (.*)\n", site.output).groups()  # type: ignore[union-attr]
    page = open_page(url)
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(url)
    cover = page.locator("seedream-image[data-name=cover]")
    cover.get_by_text("Generate a picture").click()
    cover.get_by_label("Prompt").fill(prompt)
    cover.get_by_role("button", name="Generate").click()
    chosen = cover.locator("input[type=radio][name=cover]:checked:not([value=''])")
    chosen.wait_for(timeout=40_000, state="attached")
    page.get_by_role("button", name="Save and continue editing").first.click()
    page.locator(".messagelist .success").wait_for()
    page.get_by_role("link", name="View on site").click()
    page.locator(".story-cover img").wait_for()
    show_all(page)
    page.screenshot(path=pictures / "tried.png")
