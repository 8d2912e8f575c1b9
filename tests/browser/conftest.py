"""A site as editors have it (web server, worker, database, files) and Chromium in front of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from example_project.magazine.people import PASSWORD
from tests.browser.served import Served
from tests.running import EMPTY, SERVING, Demo, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Background work of Chromium's own would look for machines that a test must not need.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NARROW, WIDE = (375, 800), (1440, 900)
#: Milliseconds that anything may take: other work of the machine's makes it slow, and proves nothing.
PATIENCE = 90_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, serving, with no picture yet."""
    demo = Demo(tmp_path_factory.mktemp("site"), free_port(), EMPTY)
    try:
        demo.wait_for(SERVING)
        yield demo
    finally:
        demo.clear()


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A site with a row for every state, not served."""
    made = Served(tmp_path_factory.mktemp("states"))
    made.make_states()
    return made


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        new_context = browser.new_context

        def patient(**options: Any) -> Any:
            context = new_context(**options)
            context.set_default_timeout(PATIENCE)
            return context

        browser.new_context = patient  # type: ignore[method-assign]
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: the folder that SEEDREAM_SCREENSHOTS names, or a temporary one."""
    folder = Path(os.environ.get("SEEDREAM_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def shoot() -> Callable[..., None]:
    """Take a picture of the whole page for whoever asked for them: ``shoot(page, "order")``."""
    folder = os.environ.get("SEEDREAM_SCREENSHOTS")

    def shoot(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return shoot


class Complaints(list[str]):
    """What the browser complained about: errors on the console, the policy's refusals, files that are missing."""

    def listen(self, page: Page) -> None:
        page.on("console", lambda message: message.type in {"error", "warning"} and self.append(message.text))
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on(
            "response", lambda answer: answer.status >= 400 and self.append(f"{answer.status} {answer.url}")
        )


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def open_page(site: Demo, chromium: Browser, complaints: Complaints) -> Iterator[Callable[..., Page]]:
    """Open a page of the site: ``open_page("/", dark=True)``. At the end, nothing may have gone wrong in it."""
    contexts: list[Any] = []

    def open_(
        path: str,
        *,
        size: tuple[int, int] = WIDE,
        dark: bool = False,
        scripts: bool = True,
        locale: str = "en-US",
    ) -> Page:
        context = chromium.new_context(
            base_url=f"http://127.0.0.1:{site.port}",
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale=locale,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def as_editor(open_page: Callable[..., Page]) -> Callable[..., Page]:
    """The same, after logging in as the editor."""

    def open_(path: str, **options: Any) -> Page:
        page = open_page("/admin/login/", **options)
        page.locator("#id_username").fill("editor")
        page.locator("#id_password").fill(PASSWORD)
        page.locator("[type=submit]").click()
        page.wait_for_url("**/admin/")
        page.goto(path)
        return page

    return open_
