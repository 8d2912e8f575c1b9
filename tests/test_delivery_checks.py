"""What the checks say of delivery to this site itself: each says what to write, and is silent when all is well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seedream_django import delivery_checks

TOKEN = "canary-token-of-an-address"
HERE = {"WEBHOOK_URL": True, "PUBLIC_URL": "https://www.example.org/magazine"}
REAL = {"API_KEY": "a-key", "SANDBOX": False}

urlpatterns: list[Any] = []  # a site without our addresses


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.org"]


def said(settings: Any, **values: Any) -> list[tuple[Any, str]]:
    settings.SEEDREAM = values
    found = [*delivery_checks.check_public_url(), *delivery_checks.check_own_urls()]
    assert TOKEN not in str(found)
    return [(message.id, str(message.hint)) for message in found]


@pytest.mark.parametrize(
    "values",
    [
        {},
        HERE,
        {**HERE, "PUBLIC_URL": "https://www.example.org/"},
        {**HERE, "PUBLIC_URL": "http://127.0.0.1:8000"},
        {**HERE, **REAL, "PUBLIC_URL": "http://[::1]:8000", "ENDPOINT": "http://localhost:8787/v1"},
        {"WEBHOOK_URL": "https://example.com/hook"},
        {"PUBLIC_URL": "nowhere, and nobody asks for it"},
        {**HERE, "PUBLIC_URL": 7},
    ],
)
def test_right_settings_are_silent(values: dict[str, Any], settings: Any) -> None:
    """An address of this site with or without a path, and what does not need one; of a wrong type E006 speaks."""
    assert said(settings, **values) == []


def test_an_address_of_the_site_is_needed(settings: Any, tmp_path: Path) -> None:
    """Without one the provider cannot be told where to; for uploads only where our own view takes them."""
    for name in ("WEBHOOK_URL", "UPLOAD_ENDPOINT"):
        ((found, hint),) = said(settings, **{name: True})
        assert found == "seedream.E015"
        assert '"PUBLIC_URL": "https://www.example.org"' in hint
    settings.STORAGES |= {"bucket": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    assert said(settings, UPLOAD_ENDPOINT=True, PRIVATE_STORAGE="bucket") == []


@pytest.mark.parametrize(
    "address",
    [
        "www.example.org",
        "ftp://www.example.org",
        "https://",
        "https:///magazine",
        "https://www.example.org:port/",
        "https://[::1",
        f"https://www.example.org/?token={TOKEN}",
        "https://www.example.org/?",
        f"https://www.example.org/#{TOKEN}",
        f"https://me:{TOKEN}@www.example.org",
        " https://www.example.org",
    ],
)
def test_an_address_that_no_path_can_be_added_to(address: str, settings: Any) -> None:
    """Each is an error, and nothing of it is repeated: it may hold a secret."""
    assert [found for found, _ in said(settings, **HERE | {"PUBLIC_URL": address})] == ["seedream.E016"]


def test_doubtful_addresses(settings: Any) -> None:
    """Plain http can be read along, and nobody else reaches this machine by its own name for itself."""
    assert [f for f, _ in said(settings, **HERE | {"PUBLIC_URL": "http://example.org"})] == ["seedream.W020"]
    for own in ("http://localhost:8000", "https://127.0.0.1", "http://[::1]/"):
        assert [f for f, _ in said(settings, **HERE | REAL | {"PUBLIC_URL": own})] == ["seedream.W021"]


def test_a_host_that_django_refuses(settings: Any) -> None:
    """What comes there is answered with 400 before our view is asked; a port and a path do not matter."""
    settings.ALLOWED_HOSTS = ["www.example.org"]
    for address in ("https://www.example.org:8443/a", "https://WWW.example.org"):
        assert said(settings, **HERE | {"PUBLIC_URL": address}) == []
    ((found, hint),) = said(settings, **HERE | {"PUBLIC_URL": "https://hooks.example.org/a"})
    assert (found, 'ALLOWED_HOSTS = ["hooks.example.org", …]' in hint) == ("seedream.W028", True)
    assert said(settings, PUBLIC_URL="https://hooks.example.org") == []


def test_our_addresses_must_be_included(settings: Any) -> None:
    """Where nothing of ours is in urls.py, nothing that the provider sends arrives."""
    settings.ROOT_URLCONF = "tests.test_delivery_checks"
    ((found, hint),) = said(settings, **HERE)
    assert (found, 'include("seedream_django.urls")' in hint) == ("seedream.E017", True)
    assert said(settings) == []
