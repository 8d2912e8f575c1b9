"""An editor's day in Chromium: from a prompt to a picture on an article's page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .looking import own_page

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

Open = Callable[..., "Page"]
#: Milliseconds; the sandbox takes its time, as the provider does.
SOON = 120_000


def edit(page: Page, title: str) -> None:
    page.goto("/admin/magazine/article/")
    # What is told above the list may lead there, too.
    page.locator("#result_list").get_by_role("link", name=title).last.click()
    page.wait_for_url("**/change/")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.locator(".messagelist .success").wait_for()


def write_prompt(page: Page, prompt: str) -> Locator:
    """Fill the field's panel; return the panel."""
    cover = page.locator("seedream-image[data-name=cover]")
    cover.locator(".seedream-panel > summary").click()
    cover.get_by_label("Prompt").fill(prompt)
    return cover


def cover_of(page: Page, title: str) -> Locator:
    """The picture on the article's public page, once it has one."""
    page.goto("/")
    page.get_by_role("link", name=title, exact=True).click()
    image = page.locator(".story-cover img")
    for _ in range(SOON // 200):
        if image.count():
            break
        page.wait_for_timeout(200)
        page.reload()
    image.wait_for()
    return image


def is_painted(image: Locator) -> bool:
    """Whether the file behind it came and could be decoded, with the size that the tag promised."""
    return bool(
        image.evaluate(
            "async i => { await i.decode(); return i.naturalWidth === Number(i.getAttribute('width')) }"
        )
    )


def test_generate_into_a_field_and_see_it_on_the_page(as_editor: Open, pictures: Path) -> None:
    """The whole way: log in, open an article, generate into its cover, save, see it where readers do."""
    title = "The first cup"
    page = as_editor("/admin/")
    edit(page, title)
    cover = write_prompt(page, "A cup of coffee on a window sill, warm evening light")
    page.screenshot(path=pictures / "field-before.png")
    cover.get_by_role("button", name="Generate").click()
    chosen = cover.locator("input[type=radio][name=cover]:checked:not([value=''])")
    chosen.wait_for(timeout=SOON, state="attached")
    page.screenshot(path=pictures / "field-ready.png")
    save(page)
    image = cover_of(page, title)
    assert is_painted(image)
    page.screenshot(path=pictures / "article.png")
    edit(page, title)
    assert page.locator("seedream-image input[name=cover]:checked").get_attribute("value")


def test_a_picture_that_comes_late_moves_nothing(as_editor: Open) -> None:
    """Who presses Save while the preview is on its way presses Save."""
    page = as_editor("/admin/")
    page.goto("/admin/magazine/article/add/")
    held: list[Route] = []
    page.route("**/*.webp", lambda route: held.append(route))
    cover = write_prompt(page, "A cup of tea on a pile of books")
    cover.get_by_role("button", name="Generate").click()
    shown = cover.locator("[data-part=shown]")
    cover.locator("input[name=cover]:checked:not([value=''])").wait_for(timeout=SOON, state="attached")
    where = "b => b.getBoundingClientRect().top + scrollY"
    button = page.get_by_role("button", name="Save", exact=True).first
    before = button.evaluate(where)
    page.unroute("**/*.webp")
    shown.evaluate("image => image.decode()")
    assert shown.evaluate("image => image.offsetHeight") > 0
    assert held
    assert button.evaluate(where) == before


def test_saved_before_it_is_ready_it_comes_later(as_editor: Open) -> None:
    """An editor need not wait: the field is filled behind their back."""
    title = "Seven hundred and twelve threads"
    page = as_editor("/admin/")
    edit(page, title)
    cover = write_prompt(page, "A loom by a north window, hundreds of threads")
    cover.get_by_role("button", name="Generate").click()
    cover.locator("seedream-status").wait_for(state="attached")
    save(page)
    assert is_painted(cover_of(page, title))


def test_without_javascript(as_editor: Open) -> None:
    """The same with scripts off: the order is taken with the form."""
    title = "The year the fog stayed"
    page = as_editor("/admin/", scripts=False)
    edit(page, title)
    cover = write_prompt(page, "A valley in thick fog, one lantern")
    assert not cover.get_by_role("button", name="Generate").is_visible()
    cover.get_by_label("Order this picture when I save").check()
    save(page)
    assert cover_of(page, title).count() == 1


def test_generate_on_its_own_page(as_editor: Open, pictures: Path) -> None:
    """Prompt, shape, number; then the order's page, which updates itself and shows the pictures as they come."""
    page = as_editor("/admin/seedream_django/generation/add/")
    page.get_by_role("textbox", name="Prompt").fill("A red fox in the snow, watercolour")
    page.get_by_role("radio", name="3:2").check(force=True)
    page.get_by_label("Number of pictures").fill("4")
    page.screenshot(path=pictures / "order.png")
    page.get_by_role("button", name="Generate").click()
    own_page(page)
    page.locator("seedream-status [data-image]").nth(3).wait_for(timeout=SOON)
    page.locator("[data-state=done]").wait_for(timeout=SOON)
    page.screenshot(path=pictures / "status.png")
    page.goto("/admin/seedream_django/generation/")
    page.screenshot(path=pictures / "list.png")
    assert page.locator("#result_list tbody tr").count() >= 1


def test_an_empty_prompt_is_told_in_its_field(as_editor: Open, complaints: list[str]) -> None:
    """Nothing is ordered, and the form is still there with what was typed."""
    page = as_editor("/admin/magazine/article/add/")
    page.locator("#id_title").fill("Half written")
    cover = page.locator("seedream-image[data-name=cover]")
    cover.locator(".seedream-panel > summary").click()
    # Its prompt is filled from the title; cleared, it stays so.
    prompt = cover.get_by_label("Prompt")
    page.wait_for_function("area => area.value", arg=prompt.element_handle())
    prompt.fill(" ")
    cover.get_by_role("button", name="Generate").click()
    cover.get_by_role("alert").get_by_role("listitem").first.wait_for()
    assert page.locator("#id_title").input_value() == "Half written"
    assert all("422" in complaint for complaint in complaints)
    complaints.clear()
