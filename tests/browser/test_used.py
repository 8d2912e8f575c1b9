"""Somebody who wants to delete a picture that stands in an article: told where, led there, and then free to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .test_review import look, open_as, site_of_its_own

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.once

__all__ = ["open_as", "site_of_its_own"]

Shoot = Callable[..., None]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_picture_in_use(open_as: Callable[..., Page], shoot: Shoot, scripts: bool) -> None:
    """Its page and the page to delete it list the places, by links; there is no button that deletes it."""
    page = open_as("owner", "image", scripts=scripts)
    used = page.get_by_role("region", name="Used in")
    assert "Article: A story that has its picture (cover)" in used.inner_text()
    if scripts:
        look(page, "picture-used", shoot)
    page.goto(page.url.replace("/change/", "/delete/"))
    assert (
        "A picture that stands somewhere is taken out there first." in page.locator("#content").inner_text()
    )
    assert page.locator("#content input[type=submit]").count() == 0
    if scripts:
        look(page, "delete-used", shoot)
    page.get_by_role("link", name="A story that has its picture").click()
    page.wait_for_url("**/magazine/article/*/change/")
