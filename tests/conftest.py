"""What every test may count on: an own sandbox, an own media folder, and no network but loopback."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings


class NetworkTouched(AssertionError):
    """A test reached for another machine."""


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket
    host = address[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", ""}


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Connections to anything but this machine are a failure, in setup and teardown too."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guard(original: Any) -> Any:
        def guarded(self: socket.socket, address: Any) -> Any:
            if not _is_loopback(address):
                raise NetworkTouched(f"A test tried to connect to {address!r}.")
            return original(self, address)

        return guarded

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guard(connect))
        patch.setattr(socket.socket, "connect_ex", guard(connect_ex))
        yield


@pytest.fixture(autouse=True)
def sandbox(settings: Any, tmp_path: Path) -> Path:
    """The sandbox with its own books, no waiting, and files in a folder of this test, which is returned."""
    settings.SEEDREAM = {
        **django_settings.SEEDREAM,
        "SANDBOX": True,
        "SANDBOX_STATE": tmp_path / "sandbox.sqlite3",
        "SANDBOX_LATENCY": 0,
    }
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


# -- What was left out ---------------------------------------------------------------------------------------

_left_out: list[pytest.Item] = []


def pytest_deselected(items: list[pytest.Item]) -> None:
    _left_out.extend(i for i in items if i.get_closest_marker("browser") or i.get_closest_marker("server"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _left_out:
        terminalreporter.write_line(
            f"Left out, because they need a browser or a server: {len(_left_out)}. They run in .ci/run."
        )
