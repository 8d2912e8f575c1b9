"""The system checks: each says what is wrong and what to type, and is silent when all is well."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import checks as django_checks
from django.core.management import call_command
from huey import MemoryHuey

from seedream_django import checks

SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3"}
PRODUCTION = {"API_KEY": "a-key", "SANDBOX": False, "HUEY": MemoryHuey("production", immediate=False)}


def ids(found: list[django_checks.CheckMessage]) -> list[Any]:
    for message in found:
        assert message.hint
    return [message.id for message in found]


@pytest.mark.django_db
def test_the_example_is_well(settings: Any) -> None:
    """The example project as it is developed has nothing to say."""
    settings.DEBUG = True
    call_command("check", fail_level="WARNING")


@pytest.mark.django_db
def test_production_is_well(settings: Any) -> None:
    """A key, a worker, https, an IMMEDIATE SQLite: nothing of ours to say."""
    settings.SEEDREAM = PRODUCTION
    settings.DEBUG = False
    assert [m.id for m in django_checks.run_checks() if str(m.id).startswith("seedream")] == []


@pytest.mark.parametrize(
    ("name", "hint"), [("API_KYE", "API_KEY"), ("storage", "STORAGE"), ("NONSENSE_X", "There are: API_KEY, ")]
)
def test_unknown_name(settings: Any, name: str, hint: str) -> None:
    """A name that there is not is an error with the nearest right one, or with all of them."""
    settings.SEEDREAM = {name: "x"}
    (message,) = checks.check_names()
    assert message.id == "seedream.E002"
    assert name in message.msg
    assert hint in str(message.hint)


def test_storage_alias(settings: Any) -> None:
    """A missing alias is told with the ones that there are."""
    settings.SEEDREAM = {"STORAGE": "pictures"}
    assert ids(checks.check_storage()) == ["seedream.E003"]
    settings.STORAGES = {**settings.STORAGES, "pictures": settings.STORAGES["default"]}
    assert ids(checks.check_storage()) == []


@pytest.mark.parametrize(
    ("seedream", "debug", "expected"),
    [
        ({}, True, []),
        ({}, False, ["seedream.W001"]),
        ({"SANDBOX": True, "API_KEY": "a-key"}, False, ["seedream.W001"]),
        ({"SANDBOX": False}, True, ["seedream.E004"]),
        ({"API_KEY": None, "SANDBOX": False}, False, ["seedream.E004"]),
        ({"API_KEY": "a-key"}, False, []),
        ({"API_KEY": "a-key", "ENDPOINT": "http://api.example.com/v1"}, True, ["seedream.E005"]),
        ({"API_KEY": "a-key", "ENDPOINT": "ftp://127.0.0.1/v1"}, True, []),
        ({"API_KEY": "a-key", "ENDPOINT": "http://127.0.0.1:8765/v1"}, True, []),
        ({"API_KEY": "a-key", "ENDPOINT": "http://localhost:8765/v1"}, True, []),
        ({"API_KEY": "a-key", "ENDPOINT": "http://[::1]:8765/v1"}, True, []),
        ({"API_KEY": "a-key", "ENDPOINT": "api.runware.ai"}, True, ["seedream.E005"]),
    ],
)
def test_provider(settings: Any, seedream: dict[str, Any], debug: bool, expected: list[str]) -> None:
    """No key and no sandbox, a sandbox in production, a key over plain http; no key in any text."""
    settings.SEEDREAM, settings.DEBUG = seedream, debug
    found = checks.check_provider()
    assert ids(found) == expected
    assert "a-key" not in str(found)


@pytest.mark.parametrize(
    ("immediate", "debug", "expected"),
    [(True, False, ["seedream.W002"]), (True, True, []), (False, False, [])],
)
def test_immediate(settings: Any, immediate: bool, debug: bool, expected: list[str]) -> None:
    """Immediate mode is for development."""
    settings.SEEDREAM = {"HUEY": MemoryHuey("checked", immediate=immediate)}
    settings.DEBUG = debug
    assert ids(checks.check_queue()) == expected


@pytest.mark.parametrize(
    ("database", "expected"),
    [
        (SQLITE, ["seedream.W003"]),
        ({**SQLITE, "OPTIONS": {"transaction_mode": "deferred"}}, ["seedream.W003"]),
        ({**SQLITE, "OPTIONS": {"transaction_mode": "immediate"}}, []),
        ({"ENGINE": "django.db.backends.postgresql"}, []),
    ],
)
def test_sqlite(
    monkeypatch: pytest.MonkeyPatch, settings: Any, database: dict[str, Any], expected: list[str]
) -> None:
    """SQLite must be IMMEDIATE, and the hint is the very line; other databases need not."""
    monkeypatch.setitem(settings.DATABASES, "site", database)
    found = checks.check_database(databases=["site"])
    assert ids(found) == expected
    assert all('DATABASES["site"]["OPTIONS"]' in str(message.hint) for message in found)
    assert checks.check_database(databases=None) == []


def test_urls(settings: Any) -> None:
    """Without our addresses the editor's pages cannot work."""
    assert ids(checks.check_urls()) == []
    settings.ROOT_URLCONF = "example_project.magazine.urls"
    assert ids(checks.check_urls()) == ["seedream.W004"]


@pytest.mark.parametrize(("debug", "expected"), [(True, []), (False, ["seedream.W005"])])
def test_media_on_plain_http(settings: Any, debug: bool, expected: list[str]) -> None:
    """In production pictures come by https."""
    settings.MEDIA_URL, settings.DEBUG = "http://media.example.com/", debug
    assert ids(checks.check_urls()) == expected
