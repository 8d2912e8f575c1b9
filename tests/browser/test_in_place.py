"""A picture for any field of any form, in Chromium: beside what it has, while the writing goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .conftest import NARROW
from .looking import findings, overflows
from .test_editor import edit, save
from .test_references import picture
from .test_review import open_as, site_of_its_own

pytestmark = pytest.mark.once

__all__ = ["open_as", "site_of_its_own"]

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Open = Callable[..., "Page"]
Shoot = Callable[..., None]
SOON = 120_000
ADD = "/admin/magazine/article/add/"


def place_of(page: Page, name: str) -> Locator:
    return page.locator(f'seedream-image[data-name="{name}"]')


def write(place: Locator, prompt: str) -> None:
    """Open the panel of a field and say what is wanted."""
    place.locator(".seedream-panel > summary").click()
    place.get_by_label("Prompt").fill(f"{prompt} {time.time_ns()}")


def generate(place: Locator, prompt: str) -> None:
    write(place, prompt)
    place.get_by_role("button", name="Generate").click()


def chosen(place: Locator) -> str:
    choices = "input[name=cover]:checked, input[name$='-picture']:checked"
    return str(place.locator(choices).get_attribute("value"))


def wait_for_a_choice(place: Locator) -> None:
    place.locator("[data-part=fresh] input:checked").wait_for(timeout=SOON)


def bare(page: Page, title: str) -> None:
    """The form of an article, without the cover that a run for many may have given it."""
    edit(page, title)
    if page.locator("input[name=cover]:checked:not([value=''])").count():
        page.locator("input[name=cover][value='']").evaluate("e => { e.checked = true; }")
        save(page)
        edit(page, title)


def unfold(page: Page, heading: str) -> None:
    page.get_by_text(heading, exact=True).first.click()


# -- Choosing ------------------------------------------------------------------------------------------------


def test_a_cover_from_its_form(as_editor: Open, shoot: Shoot) -> None:
    """Without a manual: open, generate, read the words, save, and it is there."""
    page = as_editor("/admin/")
    bare(page, "What the lamp is for")
    cover = place_of(page, "cover")
    shoot(page, "place-closed")
    write(cover, "A cup of coffee on a window sill")
    shoot(page, "place-open")
    cover.get_by_role("button", name="Generate").click()
    wait_for_a_choice(cover)
    assert cover.get_by_text(
        "Proposed from the prompt, or from the picture that was changed: read it and change it before you save."
    ).is_visible()
    shoot(page, "place-chosen")
    cover.get_by_label("Alternative text").fill("A cup that steams on a sill")
    assert not cover.locator("[data-part=proposed]").is_visible()
    save(page)
    edit(page, "What the lamp is for")
    cover = place_of(page, "cover")
    cover.locator("img.seedream-shown").wait_for()
    cover.get_by_text("Alternative text and title").click()
    assert cover.get_by_label("Alternative text").input_value() == "A cup that steams on a sill"
    shoot(page, "place-present")
    assert findings(page, ("seedream-image",)) == []


def test_choose_another_and_undo(as_editor: Open) -> None:
    """Of three the first is chosen, another can be; undoing goes back to what was there, and says so."""
    page = as_editor(ADD)
    cover = place_of(page, "cover")
    write(cover, "A lighthouse")
    cover.get_by_label("Number of pictures").fill("3")
    cover.get_by_role("button", name="Generate · $0.105").click()
    cover.locator("[data-part=fresh] input").nth(2).wait_for(timeout=SOON)
    first = chosen(cover)
    cover.locator("[data-part=fresh] label").nth(2).click()
    assert chosen(cover) != first
    assert cover.get_by_role("status").filter(has_text="Chosen:").count() == 1
    cover.get_by_role("button", name="Undo the choice").click()
    assert chosen(cover) == ""
    assert cover.get_by_text("As it was before.").is_visible()
    assert not cover.locator("[data-part=now]").is_visible()
    # The button is gone; the keyboard is not lost.
    assert cover.locator("summary").first.evaluate("e => e === document.activeElement")


def test_an_older_picture_is_found(open_as: Open, shoot: Shoot) -> None:
    """Beyond the newest: by its words and page after page, by keyboard; what is chosen stays chosen, and is undone."""
    page = open_as("owner", ADD)
    cover = place_of(page, "cover")
    cover.get_by_text("Choose a finished picture").click()
    offers = cover.locator("[data-part=offers] label:visible")
    newest = offers.evaluate_all("all => all.map(e => e.control.value)")
    assert len(newest) > 10
    cover.get_by_role("button", name="Older pictures").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.type === 'radio'")
    page.keyboard.press("Space")
    older = chosen(cover)
    assert older
    assert older not in newest
    assert page.evaluate("document.activeElement.value") == older
    words = cover.get_by_role("searchbox", name="Words")
    words.fill("no picture of this site has these words")
    page.keyboard.press("Enter")
    cover.get_by_text("Pictures that were found: 0").wait_for()
    # Nothing was saved, and the choice is still there.
    assert page.url.endswith(ADD)
    assert offers.evaluate_all("all => all.map(e => e.control.value)") == ["", older]
    words.fill("a")
    cover.get_by_role("button", name="Search").click()
    cover.get_by_text("Pictures that were found: 11").wait_for()
    shoot(page, "place-found")
    assert findings(page, ("seedream-image",)) == []
    assert not overflows(page)
    cover.get_by_role("button", name="Undo the choice").click()
    assert chosen(cover) == ""
    # What the form began with is in sight again, though no search found it: the keyboard reaches it.
    page.goto(f"{ADD}?cover={newest[1]}")
    cover.get_by_text("Choose a finished picture").click()
    offers.nth(2).click()
    words.fill("no picture of this site has these words")
    page.keyboard.press("Enter")
    cover.get_by_text("Pictures that were found: 0").wait_for()
    cover.get_by_role("button", name="Undo the choice").click()
    assert chosen(cover) == newest[1]
    assert cover.locator("[data-part=offers] input:checked").is_visible()


def test_the_last_search_counts(open_as: Open) -> None:
    """An answer that comes after that to later words changes nothing."""
    page, held = open_as("owner", ADD), []
    page.route("**/order/", lambda route: route.continue_() if held else held.append(route))
    cover = place_of(page, "cover")
    cover.get_by_text("Choose a finished picture").click()
    words = cover.get_by_role("searchbox", name="Words")
    words.fill("no picture of this site has these words")
    words.press("Enter")
    page.wait_for_timeout(100)
    words.fill("a")
    words.press("Enter")
    cover.get_by_text("Pictures that were found: 11").wait_for()
    with page.expect_response(lambda answer: answer.request == held[0].request):
        held[0].continue_()
    page.wait_for_timeout(300)
    assert cover.get_by_text("Pictures that were found: 11").is_visible()
    assert cover.locator("[data-part=offers] label:visible").count() > 10


def test_nothing_is_chosen_over_what_is_there(as_editor: Open) -> None:
    """A field that has a picture keeps it until somebody chooses another one."""
    page = as_editor(ADD)
    cover = place_of(page, "cover")
    for number in (1, 2):
        generate(cover, "An owl") if number == 1 else cover.get_by_role("button", name="Generate").click()
        if number == 1:
            wait_for_a_choice(cover)
            first = chosen(cover)
            cover.get_by_label("Prompt").fill(f"Another owl {time.time_ns()}")
    cover.locator("[data-part=fresh] input").nth(1).wait_for(timeout=SOON)
    assert chosen(cover) == first


def test_a_file_and_a_picture(as_editor: Open, shoot: Shoot) -> None:
    """Beside an upload control: whoever gives a file takes the choice back, and is told."""
    page = as_editor(ADD)
    unfold(page, "A small picture for lists")
    teaser = place_of(page, "teaser")
    generate(teaser, "A bell")
    wait_for_a_choice(teaser)
    shoot(page, "place-file")
    page.locator("input[type=file][name=teaser]").set_input_files(picture("a.png"))
    assert chosen(teaser) == ""
    assert teaser.get_by_text("You gave a file or cleared the field").is_visible()


def test_where_it_is_cut(as_editor: Open, shoot: Shoot) -> None:
    """A field of a ratio that nobody makes: a click says what stays, and the part that is seen follows."""
    page = as_editor(ADD)
    unfold(page, "A small picture for lists")
    teaser = place_of(page, "teaser")
    generate(teaser, "A whale")
    wait_for_a_choice(teaser)
    seen = teaser.locator("[data-part=kept]")
    seen.wait_for()
    before = seen.evaluate("e => getComputedStyle(e).objectPosition")
    pad = teaser.locator(".seedream-focal-pad")
    pad.scroll_into_view_if_needed()
    pad.click(position={"x": 4, "y": 20})
    assert int(teaser.locator("[name=teaser-focal_x]").input_value()) < 5
    assert seen.evaluate("e => getComputedStyle(e).objectPosition") != before
    shoot(page, "place-cut")


# -- The keyboard --------------------------------------------------------------------------------------------


def test_by_keyboard(as_editor: Open) -> None:
    """Open, write, order with Ctrl+Enter, leave with Escape; Enter in a number saves nothing and orders nothing."""
    page = as_editor(ADD)
    cover = place_of(page, "cover")
    summary = cover.locator(".seedream-panel > summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(f"A tram at night {time.time_ns()}")
    number = cover.get_by_label("Number of pictures")
    number.focus()
    page.keyboard.press("Enter")
    assert page.url.endswith(ADD)
    assert not cover.locator("seedream-status").count()
    page.keyboard.press("Escape")
    assert summary.evaluate("e => e === document.activeElement && !e.parentElement.open")
    page.keyboard.press("Enter")
    cover.get_by_label("Prompt").focus()
    page.keyboard.press("Control+Enter")
    wait_for_a_choice(cover)
    assert page.url.endswith(ADD)


# -- Everywhere ----------------------------------------------------------------------------------------------


def test_a_gallery_fills_itself_while_one_writes(as_editor: Open, shoot: Shoot) -> None:
    """Ten inlines, each ordered from its own form, fill themselves while the text is typed; one question for all."""
    page = as_editor("/admin/")
    edit(page, "The year the fog stayed")
    asked: list[float] = []
    page.on("request", lambda request: "/seedream/live/" in request.url and asked.append(time.monotonic()))
    for number in range(10):
        if number:
            # By keyboard, which hangs on no place of a page that grows.
            page.locator(".add-row a").press("Enter")
        generate(page.locator(f"#photos-{number} seedream-image"), f"Fog {number}")
    body = page.locator("#id_body")
    written = body.input_value()
    body.focus()
    page.keyboard.press("Control+End")
    last = page.locator("#photos-9 seedream-image")
    for _ in range(400):
        page.keyboard.type("more ")
        if page.locator(".inline-related:not(.empty-form) [data-part=fresh] input:checked").count() == 10:
            break
        page.wait_for_timeout(200)
    wait_for_a_choice(last)
    assert body.input_value().startswith(written)
    assert body.input_value().count("more ") > 3
    assert body.evaluate("e => e === document.activeElement")
    assert max(sum(start <= at < start + 0.9 for at in asked) for start in asked) <= 13
    shoot(page, "place-gallery")
    save(page)
    edit(page, "The year the fog stayed")
    for _ in range(60):
        if page.locator("[id^=photos-] .file-upload a").count() == 10:
            break
        page.wait_for_timeout(500)
        page.reload()
    assert page.locator("[id^=photos-] .file-upload a").count() == 10
    shoot(page, "place-gallery-saved")


def test_save_and_leave(as_editor: Open) -> None:
    """Saved before the picture is ready: it is in place later, and whoever saved is told."""
    page = as_editor("/admin/")
    edit(page, "How to listen to a bell")
    unfold(page, "A small picture for lists")
    teaser = place_of(page, "teaser")
    generate(teaser, "A bell in a tower")
    teaser.locator("seedream-status").wait_for(state="attached")
    save(page)
    told = page.locator(".messagelist", has_text="“How to listen to a bell”: the picture is in place")
    for _ in range(80):
        if told.count():
            break
        page.wait_for_timeout(500)
        page.goto("/admin/magazine/article/")
    assert told.count()
    edit(page, "How to listen to a bell")
    assert page.locator(".field-teaser .file-upload a").count() == 1


def test_a_refused_form_keeps_everything(as_editor: Open) -> None:
    """What was chosen and written in the panel is there again, and can still be undone."""
    page = as_editor(ADD)
    cover = place_of(page, "cover")
    generate(cover, "A garden")
    wait_for_a_choice(cover)
    picked = chosen(cover)
    cover.get_by_label("Alternative text").fill("A garden on a roof")
    cover.get_by_text("Settings", exact=True).click()
    cover.get_by_label("Number of pictures").fill("2")
    page.locator("#id_title").fill("Half written")
    page.evaluate("document.querySelector('#article_form').noValidate = true")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.locator(".errornote").wait_for()
    cover = place_of(page, "cover")
    assert chosen(cover) == picked
    assert cover.get_by_label("Alternative text").input_value() == "A garden on a roof"
    cover.get_by_role("button", name="Undo the choice").click()
    assert chosen(cover) == ""


def test_from_the_content(as_editor: Open, shoot: Shoot) -> None:
    """The prompt is filled from the title as it is now, unsaved, and says that it is sent."""
    page = as_editor(ADD)
    page.locator("#id_title").fill("Foxes at dusk")
    cover = place_of(page, "cover")
    cover.locator(".seedream-panel > summary").click()
    prompt = cover.get_by_label("Prompt")
    page.wait_for_function("area => area.value", arg=prompt.element_handle())
    assert prompt.input_value() == "Foxes at dusk"
    assert cover.get_by_text("Text from this page, published or not, is sent to the provider.").is_visible()
    shoot(page, "place-content")


def test_a_text_that_changed(as_editor: Open, shoot: Shoot) -> None:
    """Whoever opens the form again is told, and one press writes the prompt anew; nothing is ordered by itself."""
    page = as_editor("/admin/")
    bare(page, "The night tram has right of way")
    generate(place_of(page, "cover"), "A loom")
    wait_for_a_choice(place_of(page, "cover"))
    page.locator("#id_title").fill("The day tram has right of way")
    save(page)
    edit(page, "The day tram has right of way")
    assert not page.get_by_text("The text has changed since this picture was made.").count()
    page.locator("#id_title").fill("The night tram has right of way")
    save(page)
    edit(page, "The night tram has right of way")
    cover = place_of(page, "cover")
    told = cover.get_by_text("The text has changed since this picture was made.")
    for _ in range(80):  # the copy is made in the queue
        if told.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    assert told.is_visible()
    shoot(page, "place-stale")
    cover.get_by_role("button", name="Write the prompt from the text again").click()
    assert cover.get_by_label("Prompt").input_value().startswith("The night tram has right of way")
    assert not cover.locator("seedream-status").count()


def test_popup(as_editor: Open) -> None:
    """In the window that adds a related object."""
    page = as_editor(f"{ADD}?_popup=1", size=(800, 600))
    cover = place_of(page, "cover")
    generate(cover, "A map")
    wait_for_a_choice(cover)
    assert not overflows(page)


def test_references_go_along(as_editor: Open, complaints: list[str]) -> None:
    """A file of one's own goes along with the order from the page, and stays chosen where that is refused."""
    page = as_editor(ADD)
    cover = place_of(page, "cover")
    write(cover, "In this style")
    cover.get_by_text("Made from pictures").click()
    cover.get_by_label("Upload pictures").set_input_files(picture("mine.png", "orange", (400, 300)))
    cover.get_by_label("Number of pictures").fill("99")
    cover.get_by_role("button", name="Generate").click()
    cover.get_by_role("alert").get_by_role("listitem").first.wait_for()
    cover.get_by_label("Number of pictures").fill("1")
    assert cover.get_by_label("Upload pictures").evaluate("e => e.files.length") == 1
    with page.expect_response("**/seedream/order/") as answer:
        cover.get_by_role("button", name="Generate").click()
    assert answer.value.status == 201
    wait_for_a_choice(cover)
    assert all("422" in complaint for complaint in complaints)
    complaints.clear()


# -- How it looks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), NARROW], ids=["wide", "narrow"])
def test_looks(dark: bool, size: tuple[int, int], as_editor: Open, shoot: Shoot) -> None:
    """Everything open: it fits, and axe finds nothing of ours at fault."""
    page = as_editor("/admin/", dark=dark, size=size)
    edit(page, "What the lamp is for")
    for heading in ("A picture in the text", "A small picture for lists"):
        unfold(page, heading)
    for summary in page.locator("seedream-image summary:visible").all():
        summary.click()
    assert not overflows(page)
    assert findings(page, ("seedream-image",)) == []
    shoot(page, f"place-looks-{'dark' if dark else 'light'}-{size[0]}")


def test_without_javascript(as_editor: Open, shoot: Shoot) -> None:
    """By plain controls: a sequence, made from the present picture, ordered with the save; it comes later."""
    page = as_editor("/admin/", scripts=False)
    edit(page, "What the lamp is for")
    cover = place_of(page, "cover")
    cover.locator(".seedream-panel > summary").click()
    cover.get_by_label("Prompt").fill(f"The same at night {time.time_ns()}")
    cover.get_by_label("A sequence").check()
    cover.get_by_label("Pictures at most").fill("2")
    cover.get_by_text("Made from pictures").click()
    cover.get_by_label("Order this picture when I save").check()
    shoot(page, "place-plain")
    save(page)
    page.goto("/admin/seedream_django/generation/")
    assert page.locator("#result_list tbody tr").first.get_by_text("The same at night").count()
