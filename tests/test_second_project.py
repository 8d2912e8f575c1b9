"""Somebody else's project: ``startproject``, the README's installation lines, and a picture through the admin."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .editor import ADD, Editor
from .mysite import Site

pytestmark = pytest.mark.once


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Any]:
    made: list[Site] = []

    def make(settings: str) -> Site:
        made.append(Site(tmp_path / "my site", settings))
        return made[-1]

    yield make
    for site in made:
        site.close()


def check_a_picture_is_made(site: Site) -> None:
    site.start("manage.py", "runserver", "--noreload", f"127.0.0.1:{site.port}")
    editor = Editor(site.port, site.log)
    with editor.browser:
        editor.log_in()
        page = editor.send(ADD, prompt="A red fox in the snow")
        answer = editor.wait_for_the_picture(page)
    assert answer.status_code == 200
    with Image.open(io.BytesIO(answer.content)) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("JPEG", (2048, 2048))
    (file,) = (site.folder / "media").rglob("a-red-fox-in-the-snow-*.jpg")
    assert file.read_bytes() == answer.content
    assert "Traceback" not in site.log()


def test_a_picture_with_debug_and_no_consumer(sites: Any) -> None:
    """With ``DEBUG=True`` a HUEY dict that does not say otherwise is immediate: the pages carry the work."""
    check_a_picture_is_made(sites('HUEY.pop("immediate", None)\nassert DEBUG\n'))


def test_a_picture_with_a_consumer_of_one_worker(sites: Any) -> None:
    """The same project with the queue's own process, and as little of it as there can be."""
    site = sites('HUEY["immediate"] = False\n')
    assert site.consumer[:2] == ["manage.py", "run_huey"]
    site.start(*site.consumer, "-w", "1")
    check_a_picture_is_made(site)
