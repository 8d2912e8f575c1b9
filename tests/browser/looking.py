"""What is looked at on a page: its width, its contrast and names, and what can be reached without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .conftest import NARROW, WIDE

if TYPE_CHECKING:
    from playwright.sync_api import Page

Shoot = Callable[..., None]

#: Findings in what Django's own templates make, by rule, with a part of the tag that is found. Ours are never here.
DJANGOS_OWN = {
    # The changelist's checkboxes and sort handles are smaller than 24 pixels.
    "target-size": ("action-select", "action-toggle", "ascending", "sortremove", "toggle"),
}

#: Parts of a page in which nothing is ours: in Django 5.2 the links of the path and of the search are told apart from
#: the text by their colour alone, and the two halves of a date have one label.
DJANGOS_PARTS = ("div.breadcrumbs", "#changelist-search", ".field-published_at")
#: axe would fetch and apply style sheets anew, which a strict policy forbids, and the browser would tell of it.
OPTIONS = {"resultTypes": ["violations"], "preload": False}

#: The admin's links change their colour slowly when the scheme changes: half-way they would be found too pale.
SETTLED = "() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished))"
_OVERFLOWS = "() => document.documentElement.scrollWidth > window.innerWidth"


def overflows(page: Page) -> bool:
    """Whether it is wider than the window, once it is there: right after a click a busy machine has less."""
    page.wait_for_load_state()
    return bool(page.evaluate(_OVERFLOWS))


def findings(page: Page, within: tuple[str, ...] = ()) -> list[str]:
    """What axe finds on a page, or only in what these selectors name, that is not Django's own: ``rule: tag``."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_load_state()
    if within and not _there(page, within):
        return []
    page.evaluate(SETTLED)
    parts = {"include": _there(page, within) or [["html"]], "exclude": _there(page, DJANGOS_PARTS)}
    found: list[dict[str, Any]] = Axe().run(page, parts, OPTIONS).response["violations"]
    nodes = [(violation["id"], node["html"]) for violation in found for node in violation["nodes"]]
    return [
        f"{rule}: {tag[:200]}"
        for rule, tag in nodes
        if not any(part in tag for part in DJANGOS_OWN.get(rule, ()))
    ]


def _there(page: Page, selectors: tuple[str, ...]) -> list[list[str]]:
    """As axe wants them: each a list, and only those that the page has."""
    return [[selector] for selector in selectors if page.locator(selector).count()]


def look(page: Page, name: str, shoot: Shoot) -> None:
    """In both schemes and widths nothing overflows, and axe finds nothing of ours.

    axe looks at each scheme and each width once: contrast hangs on the scheme alone, order and size on the width.
    """
    # A link that was just pressed may lead here and not have arrived.
    page.wait_for_load_state()
    for scheme, examined in (("light", NARROW), ("dark", WIDE)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width, height in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": height})
            assert not overflows(page), (name, scheme, width)
            shoot(page, f"{name}-{width}-{scheme}")
            assert (width, height) != examined or findings(page) == [], (name, scheme, width)


def own_page(page: Page) -> None:
    """From the page that has just placed an order to the order's own."""
    page.locator(".seedream-placed a").click()
    page.wait_for_url("**/change/**")


#: The part of a page that shows where the keyboard is: an outline or a ring, on it or on the tile around it.
SHOWS_FOCUS = """() => {
  const element = document.activeElement;
  const places = [element, element.closest("label"), element.parentElement].filter(Boolean);
  return places.some((place) => {
    const style = getComputedStyle(place);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  });
}"""
#: What has the keyboard, in a few words.
FOCUSED = """() => {
  const element = document.activeElement;
  return element.name || element.textContent.trim().replace(/\\s+/g, " ");
}"""


def tabbed(page: Page, steps: int) -> list[str]:
    """Press Tab so often; what had the keyboard after each. Each must show it."""
    seen = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
        assert page.evaluate(SHOWS_FOCUS), seen
    return seen
