"""Every state of the admin, narrow and wide, light and dark: nothing overflows, and axe finds nothing of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from .conftest import WIDE, Complaints
from .looking import look
from .served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

Shoot = Callable[..., None]
MONEY, BUDGETS = "/admin/seedream_django/ledgerentry/", "/admin/seedream_django/budget/"
FINDINGS = "/admin/seedream_django/finding/"
ORDERS, PICTURES = "/admin/seedream_django/generation/", "/admin/seedream_django/generatedimage/"

#: Pages of orders and pictures, as ``states.py`` names them; the editor's.
ROWS = [
    "queued", "submitting", "running", "running-tall", "running-half", "running-slow", "running-hidden", "storing",
    "asking", "retrying", "done", "wide", "tall", "partly", "hidden", "shown-after-all", "late", "cancelled", "lost",
    "lost-written-off", "lost-failed",
    "failed-safety", "failed-validation", "failed-auth", "failed-quota", "failed-rate_limit", "failed-provider",
    "failed-server", "failed-network", "failed-storing", "failed-deadline", "failed-timeout", "twenty", "twenty-tall",
    "quarantined", "quarantined-all", "prompt-long", "prompt-word", "prompt-lines", "prompt-arabic", "image",
    "image-flagged", "image-tall", "field", "field-empty", "field-flagged", "field-pending", "field-failed", "delete",
    "history", "sequence", "sequence-fewer", "sequence-running", "made-from", "edit", "image-edited", "order-edit",
    "order-references",
]  # fmt: skip
#: Who looks at what, and what holds for the whole house meanwhile.
STATES = {name: ("editor", name, "") for name in ROWS} | {
    "index": ("editor", "/admin/", ""),
    "app": ("owner", "/admin/seedream_django/", ""),
    "switch": ("owner", "switch", ""),
    "switched-off": ("owner", "switch", "off"),
    "orders": ("editor", ORDERS, ""),
    "orders-of-all": ("owner", ORDERS, ""),
    "orders-empty": ("newcomer", ORDERS, ""),
    "orders-empty-reader": ("reader", ORDERS, ""),
    "orders-no-hits": ("editor", f"{ORDERS}?q=nothing+like+it", ""),
    "orders-no-hits-filter": ("newcomer", f"{ORDERS}?state__exact=lost", ""),
    "pictures": ("editor", PICTURES, ""),
    "pictures-empty": ("newcomer", PICTURES, ""),
    "pictures-no-hits": ("editor", f"{PICTURES}?q=nothing+like+it", ""),
    "order": ("editor", f"{ORDERS}add/", ""),
    "order-without-costs": ("thrifty", f"{ORDERS}add/", ""),
    "order-switched-off": ("editor", f"{ORDERS}add/", "off"),
    "order-popup": ("editor", f"{ORDERS}add/?_popup=1", ""),
    "lost-to-decide": ("owner", "lost", ""),
    "lost-unknown-to-decide": ("owner", "lost-unknown", ""),
    "lost-written-off-owner": ("owner", "lost-written-off", ""),
    "queued-no-worker": ("editor", "queued", "gone"),
    "queued-switched-off": ("editor", "queued", "off"),
    "done-without-costs": ("thrifty", "without-costs", ""),
    "money": ("owner", MONEY, ""),
    "money-switched-off": ("owner", MONEY, "off"),
    "money-today": ("owner", f"{MONEY}?period=today", ""),
    "money-no-hits": ("owner", f"{MONEY}?q=nothing+like+it", ""),
    "findings": ("owner", FINDINGS, ""),
    "ledger-entry": ("owner", "ledger-entry", ""),
    "budgets": ("owner", BUDGETS, ""),
    "budget": ("owner", "budget", ""),
    "budget-add": ("owner", f"{BUDGETS}add/", ""),
    "budget-delete": ("owner", "budget-delete", ""),
}


@pytest.fixture(scope="module")
def states(made: Served) -> Iterator[Served]:
    with made.serving():
        yield made


@pytest.fixture(scope="module")
def shared(states: Served, chromium: Browser) -> Iterator[tuple[Page, Complaints]]:
    """One page for all: a state is loaded once, and then looked at in each size and scheme."""
    context = chromium.new_context(base_url=states.address, reduced_motion="reduce")
    page, complaints = context.new_page(), Complaints()
    complaints.listen(page)
    yield page, complaints
    context.close()


@pytest.fixture
def page(shared: tuple[Page, Complaints]) -> Iterator[Page]:
    page, complaints = shared
    yield page
    told, complaints[:] = list(complaints), []
    assert not told


def visit(page: Page, states: Served, who: str, where: str) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": states.sessions[who], "url": states.address}])
    page.goto(states.pages.get(where, where))


@pytest.mark.parametrize("name", STATES)
def test_state(name: str, page: Page, states: Served, shoot: Shoot) -> None:
    """In either scheme it fits both widths, and axe finds no contrast, name or order of ours at fault in them."""
    who, where, mood = STATES[name]
    with states.mood(mood):
        page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        visit(page, states, who, where)
        look(page, name, shoot)
