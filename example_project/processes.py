"""Starts the demo's processes, notices when one dies, and ends them all."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

#: Seconds that a process may take to answer, and to end when asked to.
START, STOP = 60, 10
#: What ends the demo.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Died(Exception):
    """A process ended by itself, or never answered."""


class Processes:
    """A with block of processes: none is left when it ends, however it ends."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.guests: list[subprocess.Popen[bytes]] = []
        self.interrupted = False

    def __enter__(self) -> Processes:
        for number in SIGNALS:
            signal.signal(number, self._interrupt)
        return self

    def __exit__(self, *exception: type[BaseException] | BaseException | TracebackType | None) -> None:
        # Impatience must not leave anything behind: this takes seconds at most.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        everyone = [*self.guests, *self.running.values()]
        for process in everyone:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP
        for process in everyone:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            # Also when it is gone: what it started may not be.
            _signal_group(process, signal.SIGKILL)
            process.wait()

    def start(self, name: str, command: Sequence[str], env: dict[str, str]) -> None:
        """Start a process in a group of its own, so that a Ctrl-C reaches it through us, in order."""
        with self.log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def run(self, command: Sequence[str], env: dict[str, str]) -> int:
        """Run one before everybody's eyes and return its status. Raises Died if another ends meanwhile."""
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, start_new_session=True)
        self.guests.append(process)
        while process.poll() is None:
            self.check()
            time.sleep(0.1)
        return process.returncode

    def _interrupt(self, *_: object) -> None:
        # Raised right here, it would be lost where Python runs a finaliser, or between a process's start and
        # its place on the list: check() raises it, within a third of a second.
        self.interrupted = True

    def log(self, name: str) -> Path:
        return self.logs / f"{name.replace(' ', '-')}.log"

    def wait_until(self, name: str, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START
        while not answers():
            self.check()
            if time.monotonic() > deadline:
                raise Died(f"The {name} does not answer. Its log: {self.log(name)}")
            time.sleep(0.1)

    def check(self) -> None:
        """Raise Died if one has ended, KeyboardInterrupt after a Ctrl-C."""
        if self.interrupted:
            raise KeyboardInterrupt
        for name, process in self.running.items():
            if process.poll() is not None:
                raise Died(
                    f"The {name} ended by itself (status {process.returncode}). Its log: {self.log(name)}"
                )

    def watch(self) -> None:
        """Return never; end with Died or KeyboardInterrupt."""
        while True:
            self.check()
            time.sleep(0.3)


def is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def answers(host: str, port: int) -> bool:
    """Whether a web page comes; asked without the proxy that the environment may name."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    # The leader's id names the group, also once the leader is gone.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
