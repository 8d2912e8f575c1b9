"""The demo as a process of its own, for tests that look at it from outside."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVING = "Ctrl-C stops everything."
#: Refused before anything is made.
TOO_LONG = "x" * 2001
#: The quickest way to a demo that serves: no pictures.
EMPTY = "--empty"


class Demo:
    """The running command, what it has said so far, and who belongs to it."""

    def __init__(self, data: Path, port: int, *arguments: str) -> None:
        # A variable of the environment is how its processes are told from everybody else's.
        self.data, self.port, self.output = data, port, ""
        self.mark = f"SEEDREAM_DEMO_DATA={data}".encode()
        env = {
            **os.environ,
            "SEEDREAM_DEMO_DATA": str(data),
            "DJANGO_SETTINGS_MODULE": "example_project.settings",
        }
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "demo", "--port", str(port), *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        while piece := os.read(self.process.stdout.fileno(), 4096):
            self.output += piece.decode(errors="replace")
        self.process.stdout.close()

    def wait_for(self, text: str, seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def get(self, path: str = "/") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        finally:
            connection.close()

    def ends(self, seconds: float = 20) -> int:
        status = self.process.wait(seconds)
        self._reader.join(5)
        return status

    def family(self) -> dict[int, str]:
        """Every process that has this demo's data folder in its environment, by its id."""
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and self.mark in (entry / "environ").read_bytes().split(b"\0"):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def clear(self) -> None:
        for pid in self.family():
            os.kill(pid, signal.SIGKILL)
        self.ends()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
