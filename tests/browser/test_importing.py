"""Pictures from elsewhere: chosen by an editor, each judged for itself, and what became of it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..test_importing import FOX, MUTE, PHOTO
from .looking import look, tabbed
from .served import Served
from .test_library import page, states  # noqa: F401 - fixtures
from .test_review import Shoot
from .test_states import PICTURES, visit

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Page

pytestmark = pytest.mark.once


def file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": data}


def test_bring_pictures_along(page: Page, states: Served, shoot: Shoot) -> None:  # noqa: F811
    """From the list to the page, by keyboard to the button; the focus goes to what became of each file."""
    visit(page, states, "owner", PICTURES)
    page.get_by_role("link", name="Bring pictures along").click()
    look(page, "import-pictures", shoot)
    page.get_by_label("Files").set_input_files(
        [file("fox.jpg", FOX), file("photo.jpg", PHOTO), file("night-train.png", MUTE)]
    )
    page.get_by_label("Files").focus()
    assert tabbed(page, 2)[0] == "is_ai"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="1 picture joins the library").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "What became of the files"
    assert page.get_by_text("Its file says that it is a photograph.").is_visible()
    assert page.get_by_text("Its file does not say that AI made it.").is_visible()
    look(page, "import-pictures-outcome", shoot)
    page.get_by_role("link", name="Fox", exact=True).click()
    page.get_by_text("made by AI", exact=True).wait_for()
    look(page, "import-pictures-details", shoot)
