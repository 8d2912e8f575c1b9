"""A data folder with real processes that work on it, for tests that look at them from outside and kill them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image

from seedream_django.sandbox import Books, Charge

ROOT = Path(__file__).resolve().parent.parent
#: The person that ``createsuperuser --noinput`` makes.
OWNER = {
    "DJANGO_SUPERUSER_USERNAME": "owner",
    "DJANGO_SUPERUSER_EMAIL": "owner@example.org",
    "DJANGO_SUPERUSER_PASSWORD": "a long pass phrase",
}
Found = TypeVar("Found")


def wait_for(look: Callable[[], Found], seconds: float = 30) -> Found:
    """What ``look`` finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"Nothing came of {look} in {seconds} s."
        time.sleep(0.05)
    return found


class Workshop:
    """Its rows, its files, the sandbox's books, and the processes that belong to it."""

    def __init__(self, data: Path, **seedream: Any) -> None:
        self.data, self.seedream = data, seedream
        self.processes: list[subprocess.Popen[bytes]] = []
        #: Variables for its processes, beside those that ``start`` sets.
        self.variables: dict[str, str] = {}
        self.marker = data / "marker"

    # -- Processes -------------------------------------------------------------------------------------------

    def start(
        self, *command: str, gap: str = "", log: str = "log", pipes: bool = False
    ) -> subprocess.Popen[bytes]:
        """A ``manage.py`` command in a process group of its own; with ``pipes`` the test talks to it."""
        env = {
            **os.environ,
            **OWNER,
            "DJANGO_SETTINGS_MODULE": "tests.gaps.settings",
            "SEEDREAM_DEMO_DATA": str(self.data),
            "SEEDREAM_TEST_SETTINGS": json.dumps(self.seedream),
            "SEEDREAM_GAP": gap,
            "SEEDREAM_GAP_MARKER": str(self.marker),
            # The folder's own, also where this test's rows are elsewhere.
            "SEEDREAM_TEST_DATABASE": "",
            **self.variables,
        }
        with (self.data / log).open("ab") as file:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), *command],
                env=env, stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipes else file, stderr=file, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def run(self, *command: str) -> None:
        assert self.start(*command).wait(60) == 0, self.log()

    def consumer(self, workers: int = 1, gap: str = "", log: str = "log") -> subprocess.Popen[bytes]:
        return self.start("run_huey", "-m", "0.2", "-d", "0.05", "-w", str(workers), gap=gap, log=log)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL to the whole group, from here."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def kill_at(self, gap: str, process: subprocess.Popen[bytes], times: int = 1) -> None:
        """Kill it, having seen that so many of its threads stand at this gap."""
        self.wait_at(gap, process, times)
        assert process.poll() is None
        self.kill(process)
        assert process.returncode == -signal.SIGKILL
        self.marker.unlink()

    def wait_at(self, gap: str, process: subprocess.Popen[bytes], times: int = 1) -> None:
        wait_for(lambda: self.marker.exists() and len(self.stopped()) >= times)
        assert {name for name, _pid, _thread in self.stopped()} == {gap}
        assert {os.getpgid(pid) for _name, pid, _thread in self.stopped()} == {process.pid}

    def stopped(self) -> set[tuple[str, int, int]]:
        words = (line.rsplit(maxsplit=2) for line in self.marker.read_text().splitlines())
        return {(name, int(pid), int(thread)) for name, pid, thread in words}

    def close(self) -> None:
        for process in self.processes:
            self.kill(process)

    def log(self) -> str:
        return (self.data / "log").read_text(errors="replace")

    # -- What there is ---------------------------------------------------------------------------------------

    def rows(self, table: str, app: str = "seedream_django") -> list[dict[str, Any]]:
        """All rows of one of an app's tables, as they are committed."""
        path = self.data / "magazine.sqlite3"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {app}_{table}")]

    def generation(self) -> dict[str, Any]:
        (row,) = self.rows("generation")
        return row

    def images(self) -> list[dict[str, Any]]:
        return self.rows("generatedimage")

    def charges(self) -> list[Charge]:
        path = self.data / "sandbox.sqlite3"
        return Books(path).charges() if path.exists() else []

    def files(self) -> set[str]:
        """Every file below the media folder, half-written ones too."""
        media = self.data / "media"
        return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}

    def wait_until_final(self, seconds: float = 30) -> list[dict[str, Any]]:
        final = {"done", "failed", "cancelled", "lost"}

        def look() -> list[dict[str, Any]]:
            rows = self.rows("generation")
            return rows if rows and all(row["state"] in final for row in rows) else []

        try:
            return wait_for(look, seconds)
        except AssertionError:
            raise AssertionError(f"{self.rows('generation')}\n{self.images()}\n{self.log()}") from None

    def check_kept(self, image: dict[str, Any]) -> set[str]:
        """The picture's file is whole and is what its row says; return the files that belong to it."""
        path = self.data / "media" / image["file"]
        assert image["state"] == "stored"
        assert path.stat().st_size == image["size"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == image["sha256"]
        for name in (image["file"], image["preview"]):
            with Image.open(self.data / "media" / name) as picture:
                picture.load()
                assert name == image["preview"] or picture.size == (image["width"], image["height"])
        return {image["file"], image["preview"]}


class Consumer:
    """A process, and what its log says of its tasks."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self.log = process, log

    def has_worked(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return "Executing " in self.log.read_text()

    def in_hand(self) -> list[str]:
        """The tasks that were begun and not ended."""
        text = self.log.read_text()
        begun = {task: name for name, task in re.findall(r"Executing (\S+): (\S+)", text)}
        ended = set(re.findall(r"\S+: (\S+) executed in", text))
        return [name.rpartition(".")[2] for task, name in begun.items() if task not in ended]

    def done(self) -> list[str]:
        """The tasks that were ended, once for each time."""
        return [
            name.rpartition(".")[2] for name in re.findall(r"(\S+): \S+ executed in", self.log.read_text())
        ]
