"""A site with a row for every state, served without a worker, so that each state stays as it is."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.running import ROOT, free_port
from tests.workshop import wait_for


class Served:
    """Its processes, where each state is, and a session for each person."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data, self.port = data, free_port()
        self.environment = {
            **os.environ,
            "SEEDREAM_DEMO_DATA": str(data),
            "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
            **environment,
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def make_states(self) -> None:
        # Plain pictures, unless somebody wants to look at them.
        plain = "" if os.environ.get("SEEDREAM_SCREENSHOTS") else "1"
        environment = {**self.environment, "SEEDREAM_TEST_IMMEDIATE": "1", "SEEDREAM_TEST_PLAIN": plain}
        command = [sys.executable, "-m", "tests.browser.states"]
        made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
        assert made.returncode == 0, made.stderr
        (self.data / "states.json").write_text(made.stdout)

    def read_states(self) -> None:
        states = json.loads((self.data / "states.json").read_text())
        self.sessions: dict[str, str] = states["sessions"]
        self.pages: dict[str, str] = states["pages"]

    @contextlib.contextmanager
    def serving(self) -> Iterator[Served]:
        self.read_states()
        command = [
            sys.executable,
            str(ROOT / "manage.py"),
            "runserver",
            "--noreload",
            f"127.0.0.1:{self.port}",
        ]
        with (self.data / "server.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait_until_it_answers()
            yield self
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def copy(self, data: Path, **environment: str) -> Served:
        """The same states in a site of their own."""
        shutil.copytree(self.data, data)
        return Served(data, **environment)

    def _wait_until_it_answers(self) -> None:
        try:
            wait_for(self._answers, 60)
        except AssertionError as error:
            last = (self.data / "server.log").read_text(errors="replace")[-2000:]
            raise AssertionError(f"{self.address} does not answer. Its log ends: {last}") from error

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as link:
            # Where nobody listens yet, a connection may be given the same port, and is then one with itself.
            return bool(link.getsockname() != link.getpeername())
        return False

    @contextlib.contextmanager
    def mood(self, name: str) -> Iterator[None]:
        """What holds for the whole house for a while: the worker is ``gone``, or the owner switched it ``off``."""
        do, undo = MOODS[name]
        self.write(do)
        try:
            yield
        finally:
            self.write(undo)

    def write(self, statement: str) -> None:
        with contextlib.closing(sqlite3.connect(self.data / "magazine.sqlite3", timeout=20)) as connection:
            connection.execute(statement)
            connection.commit()


BEAT = "UPDATE seedream_django_beat SET seen_at = '{} 12:00:00' WHERE name = 'worker'"
SWITCH = "UPDATE seedream_django_switch SET \"on\" = {}, reason = 'The budget of this month is spent.'"
MOODS = {
    "": ("SELECT 1", "SELECT 1"),
    "gone": (BEAT.format("2020-01-01"), BEAT.format("2999-01-01")),
    "off": (SWITCH.format(0), SWITCH.format(1)),
}
