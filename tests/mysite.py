"""Somebody else's project, made as the README says: ``startproject``, its lines, ``migrate``, a superuser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

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
    """The new project and its processes. The app is this repository's, unless ``python`` has one of its own."""

    def __init__(self, folder: Path, settings: str = "", python: Path | None = None) -> None:
        self.folder, self.port = folder, free_port()
        self.python = python or Path(sys.executable)
        self.processes: list[subprocess.Popen[bytes]] = []
        ours = {"DJANGO_SETTINGS_MODULE", "DEBUG", "PYTHONPATH"}
        self.env = {**{k: v for k, v in os.environ.items() if k not in ours}, **OWNER}
        if python is None:
            self.env["PYTHONPATH"] = str(ROOT)
        folder.mkdir()
        self.run("-m", "django", "startproject", "mysite", ".")
        for name, more in (("settings.py", settings), ("urls.py", "")):
            with (folder / "mysite" / name).open("a") as file:
                file.write(f"\n{lines_for(name)}\n{more}")
        migrate, self.consumer = commands()
        self.run(*migrate)
        self.run("manage.py", "createsuperuser", "--noinput")

    def run(self, *command: str) -> str:
        """What the command printed, of both kinds; it must succeed."""
        done = subprocess.run(
            [self.python, *command],
            env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    def start(self, *command: str) -> None:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [self.python, *command],
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
