"""The editor's pages in other languages: long words fit narrow windows, and numbers follow the language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.views.defaults import ERROR_PAGE_TEMPLATE

from .conftest import NARROW, Complaints
from .looking import own_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

#: Milliseconds; the sandbox takes its time.
SOON = 120_000
ADD = "/admin/seedream_django/generation/add/"
#: The window of the pictures in the docs.
DESK = (1280, 800)
GENERATE = ".seedream-pay button"


@dataclass(frozen=True)
class Language:
    """What a browser asks for, and what its owner types and reads."""

    name: str
    locale: str
    prompt: str
    left: str
    button: str
    ready: str
    gone: str


LANGUAGES = (
    Language(
        "german", "de-DE", "Ein Bergsee in den Alpen im Herbst, Abendlicht, Aquarell",
        "Verbleibende Zeichen: 1.944", "Erzeugen · 0,14 $", "4 Bilder sind fertig. Kosten: 0,14 $.",
        "Diesen Auftrag gibt es nicht mehr, oder Sie dürfen ihn nicht mehr sehen.",
    ),
    Language(
        "french", "fr-FR", "Un champ de lavande au coucher de soleil, aquarelle",
        "Caractères restants : 1 949", "Générer · 0,14 $US", "4 images sont prêtes. Coût : 0,14 $US.",
        "Cette commande n’existe plus, ou vous n’avez plus le droit de la voir.",
    ),
    Language(
        "arabic", "ar", "بحيرة جبلية في الخريف، ضوء المساء، ألوان مائية",
        "الأحرف المتبقية: 1,954", "توليد · 0,14 $", "4 صور جاهزة. التكلفة: 0,14 $.",
        "لم يعد هذا الطلب موجودًا، أو لم تعد لديك صلاحية رؤيته.",
    ),
)  # fmt: skip


def plain(text: str | None) -> str:
    """With ordinary blanks, where print has narrow or fixed ones."""
    return re.sub(r"\s+", " ", text or "").strip()


@pytest.fixture(params=LANGUAGES, ids=lambda language: language.name)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture
def in_language(as_editor: Callable[..., Page], language: Language) -> Callable[..., Page]:
    """Open a page with a browser that asks for this language, logged in as the editor."""
    return partial(as_editor, locale=language.locale)


def ordered(page: Page, language: Language, more: str = "") -> None:
    """Order four pictures on the open page, and wait until they are there."""
    page.locator("#id_prompt").fill(language.prompt + more)
    page.locator("[name=shape][value='3:2']").check(force=True)
    page.locator("#id_results").fill("4")
    page.locator(GENERATE).click()
    own_page(page)
    page.locator("[data-state=done]").wait_for(timeout=SOON)
    page.locator("[data-image]").nth(3).evaluate("image => image.decode()")


def test_from_prompt_to_pictures(
    in_language: Callable[..., Page], language: Language, pictures: Path
) -> None:
    """Labels, the count of what is left, the price on the button and the cost are in the browser's language."""
    page = in_language(ADD, size=DESK)
    assert page.locator("html").get_attribute("lang") == language.locale[:2]
    page.locator("#id_prompt").fill(language.prompt)
    assert plain(page.locator(".seedream-count").text_content()) == language.left
    page.locator("#id_results").fill("4")
    assert plain(page.locator(GENERATE).text_content()) == language.button
    ordered(page, language)
    assert plain(page.locator(".seedream-said").text_content()) == language.ready
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=pictures / f"{language.name}.png")


#: What Django answers outside of DEBUG, to everybody in English.
NOT_FOUND = ERROR_PAGE_TEMPLATE % {
    "title": "Not Found", "details": "The requested resource was not found on this server."
}  # fmt: skip


def test_an_order_that_is_gone(
    in_language: Callable[..., Page], language: Language, complaints: Complaints
) -> None:
    """Somebody deleted it meanwhile: the script says so in the page's words, to eyes and ears."""
    page = in_language(ADD, size=DESK)
    page.route(
        "**/live/**", lambda route: route.fulfill(status=404, body=NOT_FOUND, content_type="text/html")
    )
    page.locator("#id_prompt").fill(language.prompt)
    page.locator(GENERATE).click()
    own_page(page)
    page.locator("[data-news]", has_text=language.gone).wait_for(state="attached", timeout=SOON)
    assert page.locator(".seedream-said").inner_text() == language.gone
    assert not page.locator(".seedream-progress").is_visible()
    assert complaints
    assert all("404" in complaint for complaint in complaints)
    complaints.clear()


#: Whatever is wider than its place: the page itself, a row with our field, or a label, a button, a sentence in it.
TOO_WIDE = """
    [...document.querySelectorAll("html, .form-row:has(.seedream-image), button, label, legend, summary, dd, dt, " +
            ".seedream-said, .help, .errornote")]
        .filter(e => e.checkVisibility() && e.scrollWidth > Math.max(e.clientWidth, e === document.documentElement
            ? innerWidth : 0) && getComputedStyle(e).display !== "inline")
        .map(e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 60)}`)
"""


def test_long_words_fit(in_language: Callable[..., Page], language: Language, pictures: Path) -> None:
    """On a telephone nothing is cut off or pushes the page aside: order, status, list, and a field's panel."""
    page = in_language(ADD, size=NARROW)
    for summary in page.locator("details.seedream-more summary").all():
        summary.click()
    assert page.evaluate(TOO_WIDE) == []
    page.screenshot(path=pictures / f"{language.name}-order-narrow.png", full_page=True)
    # Another order than the one before, which would be told of first.
    ordered(page, language, more=" 375 × 812")
    for name, path in {
        "status": page.url,
        "list": "/admin/seedream_django/generation/",
        "field": "/admin/magazine/article/add/",
    }.items():
        page.goto(path)
        for panel in page.locator("seedream-image summary:visible").all():
            panel.click()
        page.screenshot(path=pictures / f"{language.name}-{name}-narrow.png", full_page=True)
        # The admin's own table of rows scrolls in its own box.
        assert page.evaluate(TOO_WIDE) == [], name


@pytest.mark.parametrize("locale", ["es-ES", "nl-NL", "pt-BR", "ja-JP"])
def test_the_others_fit_too(as_editor: Callable[..., Page], locale: str, pictures: Path) -> None:
    """The pages with the most words, on a telephone."""
    page = as_editor(ADD, size=NARROW, locale=locale)
    assert page.locator("html").get_attribute("lang") in (locale.lower(), locale[:2])
    for summary in page.locator("details.seedream-more summary").all():
        summary.click()
    assert page.evaluate(TOO_WIDE) == []
    page.screenshot(path=pictures / f"{locale}-order-narrow.png", full_page=True)
    page.goto("/admin/magazine/article/add/")
    for panel in page.locator("seedream-image summary:visible").all():
        panel.click()
    page.screenshot(path=pictures / f"{locale}-field-narrow.png", full_page=True)
    assert page.evaluate(TOO_WIDE) == []
