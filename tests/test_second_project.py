"""Somebody else's project: ``startproject``, the README's installation lines, and a picture through the admin."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .editor import ADD, Editor
from .running import free_port
from .workshop import OWNER

ROOT = Path(__file__).resolve().parent.parent


def blocks(language: str) -> list[str]:
    """The blocks of code that the README has under its heading "Installation"."""
    _, _, rest = (ROOT / "README.md").read_text().partition("\n## Installation\n")
    return re.findall(rf"^```{language}\n(.*?)^```", rest.partition("\n## ")[0], re.M | re.S)


def lines_for(name: str) -> str:
    """What the README has one add to ``settings.py`` or ``urls.py``: the latter's block names ``urlpatterns``."""
    return "".join(b for b in blocks("python") if ("urlpatterns" in b) == (name == "urls.py"))


def commands() -> list[list[str]]:
    """What the README has one type in the project, without the interpreter's name."""
    lines = "".join(blocks("sh")).splitlines()
    return [line.split()[1:] for line in lines if line.startswith("python manage.py")]


class Site:
    """The new project and its processes."""

    def __init__(self, folder: Path, settings: str) -> None:
        self.folder, self.port = folder, free_port()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.env = {
            **{k: v for k, v in os.environ.items() if k not in {"DJANGO_SETTINGS_MODULE", "DEBUG"}},
            "PYTHONPATH": str(ROOT),
            **OWNER,
        }
        folder.mkdir()
        self.run("-m", "django", "startproject", "mysite", ".")
        for name, more in (("settings.py", settings), ("urls.py", "")):
            with (folder / "mysite" / name).open("a") as file:
                file.write(f"\n{lines_for(name)}\n{more}")
        migrate, self.consumer = commands()
        self.run(*migrate)
        self.run("manage.py", "createsuperuser", "--noinput")

    def run(self, *command: str) -> None:
        done = subprocess.run(
            [sys.executable, *command],
            env=self.env, cwd=self.folder, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def start(self, *command: str) -> None:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def close(self) -> None:
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


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
