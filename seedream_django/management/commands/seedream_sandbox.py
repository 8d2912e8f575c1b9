"""``manage.py seedream_sandbox``: the sandbox as a server, for another process or another tool; or its books."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ... import conf, sandbox

HOST = "127.0.0.1"


class Command(BaseCommand):
    requires_system_checks = ()  # it needs no database and no settings of ours to be right
    help = "Serve the provider's API on this machine: drawn pictures, no key, no charge."

    def add_arguments(self, parser: ArgumentParser) -> None:
        state, latency = conf.sandbox_state(), conf.SANDBOX_LATENCY
        parser.add_argument("--port", type=int, default=8765, help="Port on 127.0.0.1 (default 8765).")
        parser.add_argument("--state", type=Path, default=state, help="The SQLite file with its books.")
        parser.add_argument("--key", default="sandbox", help="The key that it takes (default sandbox).")
        parser.add_argument(
            "--latency", type=float, nargs="+", default=latency, metavar="SECONDS",
            help="Seconds that a picture takes: one number, or the shortest and the longest.",
        )  # fmt: skip
        parser.add_argument(
            "--failures", type=float, default=0.0, metavar="RATE",
            help="The share of submissions that fail with 503, 429 or a cut connection, from 0 to 1 (default 0).",
        )  # fmt: skip
        parser.add_argument(
            "--seed", type=int, help="Makes the pictures of a prompt, and the failures, the same every time."
        )
        parser.add_argument("--books", action="store_true", help="Print the account and its use, and end.")

    def handle(self, *, port: int, state: Path, key: str, books: bool, **options: Any) -> None:
        if books and not state.exists():
            raise CommandError(f"There are no books at {state}. Choose the file with --state.")
        app = sandbox.create_app(
            state, key=key, latency=_pair(options["latency"]), price=conf.PRICE,
            seed=options["seed"], failures=_share(options["failures"]),
        )  # fmt: skip
        if books:
            self._print_books(app)
        else:
            self._serve(app, port, state, key)

    def _serve(self, app: sandbox.App, port: int, state: Path, key: str) -> None:
        try:
            server = sandbox.bind(app, port, log=self._say)
        except (sandbox.PortTaken, OverflowError):
            raise CommandError(
                f"Port {port} is taken or cannot be used. Choose another with --port."
            ) from None
        with server:
            self._introduce(server.server_port, state, key)
            _serve_until_stopped(server)
        self._say("The sandbox has stopped.")

    def _print_books(self, app: sandbox.App) -> None:
        """The account, then a line for each day that had tasks."""
        spent, tasks = app.books.spent(), app.books.tasks()
        self._say(f"Books: {app.books.path}")
        self._say(f"Balance: ${app.provider.credit - spent:.3f}, after ${spent:.3f} for {tasks} tasks")
        if tasks:
            self._say(f"{'day (UTC)':<10} {'tasks':>8} {'pictures':>8} {'charged':>10}")
        for day, number, images, amount in app.books.days():
            self._say(f"{day:<10} {number:>8} {images:>8} {f'${amount:.3f}':>10}")

    def _introduce(self, port: int, state: Path, key: str) -> None:
        endpoint = f"http://{HOST}:{port}/v1"
        self._say(f"The sandbox serves at {endpoint} until Ctrl-C. Its books: {state}")
        self._say("To use it, put these two into your settings:")
        shown = key if key == "sandbox" else "…"
        self._say(f'    SEEDREAM = {{"API_KEY": "{shown}", "ENDPOINT": "{endpoint}"}}')

    def _say(self, line: Any) -> None:
        self.stdout.write(str(line))
        self.stdout.flush()


def _pair(latency: Any) -> tuple[float, float]:
    """The shortest and longest of one number, two, or the setting's pair."""
    numbers = list(latency) if isinstance(latency, (list, tuple)) else [latency]
    if not 1 <= len(numbers) <= 2 or min(numbers) < 0:
        raise CommandError("--latency takes one number of seconds, or two: the shortest and the longest.")
    return float(min(numbers)), float(max(numbers))


def _share(failures: float) -> float:
    if not 0 <= failures <= 1:
        raise CommandError("--failures takes a share from 0, nothing fails, to 1, everything does.")
    return failures


def _serve_until_stopped(server: Any) -> None:
    """Answer requests until SIGINT or SIGTERM."""
    # SIGINT too: a shell that starts it in the background has it ignored.
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
