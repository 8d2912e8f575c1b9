"""The system checks: each says what is wrong and what to type, and is silent when all is well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core import checks as django_checks
from django.core.management import call_command
from django.test.utils import override_script_prefix
from django.urls import re_path
from django.views.static import serve
from huey import MemoryHuey

from seedream_django import checks, storage_checks
from seedream_django.models import can_keep

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
    ("name", "hint"),
    [("API_KYE", "API_KEY"), ("storage", "STORAGE"), ("NONSENSE_X", "There are: ALERT_EMAILS, ")],
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


def test_huey_s_command(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default queue needs huey's own app for its command; a Huey of the host's does not."""
    settings.DEBUG = True
    monkeypatch.setattr(checks.apps, "is_installed", lambda name: False)
    assert ids(checks.check_queue()) == ["seedream.W009"]
    settings.SEEDREAM = {"HUEY": MemoryHuey("own", immediate=False)}
    assert ids(checks.check_queue()) == []


def test_no_queue(settings: Any) -> None:
    """Whatever keeps the queue from being found is told with the lines to add."""
    settings.SEEDREAM = {"HUEY": "nowhere.huey"}
    assert ids(checks.check_queue()) == ["seedream.E001"]


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
    monkeypatch.setitem(settings.DATABASES, "default", database)
    found = checks.check_database()
    assert ids(found) == expected
    assert all('DATABASES["default"]["OPTIONS"]' in str(message.hint) for message in found)


def test_sqlite_is_told_without_being_asked(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """A plain ``manage.py check`` says it, without ``--database``."""
    monkeypatch.setitem(settings.DATABASES, "default", SQLITE)
    assert "seedream.W003" in [message.id for message in django_checks.run_checks()]


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("API_KEY", b"a-secret-key", "a-secret-key"),
        ("SANDBOX", "yes", True),
        ("SANDBOX_STATE", 3, "books.sqlite3"),
        ("SANDBOX_LATENCY", (5, 2), [1, 1]),
        ("SANDBOX_LATENCY", "2", 0),
        ("SANDBOX_PLAIN", 1, True),
        ("RESULT_HOSTS", "*.runware.ai", ["*.runware.ai"]),
        ("TIMEOUT", "30", 30),
        ("TIMEOUT", 0, 0.5),
        ("PRICE", "free", "0.035"),
        ("PRICE", -1, 0),
        ("PRICE", float("nan"), 0.035),
        ("UPLOAD_TO", None, ""),
        ("PREVIEW_SIZE", True, 300),
        ("LEASE", float("inf"), 90),
    ],
)
def test_values(settings: Any, name: str, wrong: Any, right: Any) -> None:
    """A value of the wrong kind is told with its default, and never with itself: it may be a key."""
    settings.SEEDREAM = {name: wrong}
    found = checks.check_values()
    assert ids(found) == ["seedream.E006"]
    assert f'SEEDREAM["{name}"]' in found[0].msg
    assert "a-secret-key" not in str(found)
    settings.SEEDREAM = {name: right}
    assert ids(checks.check_values()) == []


def test_every_default_is_of_its_own_kind(settings: Any) -> None:
    """Each setting of the table is looked at, and its default is right."""
    del settings.SEEDREAM
    assert ids(checks.check_values()) == []


@pytest.mark.parametrize(
    ("timeout", "expected"), [(30, []), (60, ["seedream.W006"]), (90, ["seedream.W006"])]
)
def test_lease(settings: Any, timeout: int, expected: list[str]) -> None:
    """A call may take twice the time-out: a lease that ends before it makes two workers of one."""
    settings.SEEDREAM = {"TIMEOUT": timeout}
    assert ids(checks.check_values()) == expected


@pytest.mark.parametrize(
    "broken",
    [
        {"BACKEND": "nowhere.Storage"},
        {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"buckit": "x"}},
        {},
    ],
)
def test_storage_that_cannot_be_loaded(settings: Any, broken: dict[str, Any]) -> None:
    """A package or an option that is missing is told by the check; and nothing is ordered that could not be kept."""
    settings.STORAGES = {**settings.STORAGES, "default": broken}
    assert ids(checks.check_storage()) == ["seedream.E007"]
    assert not can_keep()


@pytest.mark.parametrize("missing", ["MEDIA_ROOT", "MEDIA_URL"])
def test_media_not_set(settings: Any, missing: str) -> None:
    """As startproject leaves them, pictures would lie in the current folder, under no address."""
    settings.MEDIA_ROOT, settings.MEDIA_URL = "media", "/media/"
    assert ids(checks.check_storage()) == []
    setattr(settings, missing, "")
    assert ids(checks.check_storage()) == ["seedream.W007"]


DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
ELSEWHERE = {**DISK, "OPTIONS": {"location": "pictures", "base_url": "/pictures/"}}
S3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": "pictures"}}


#: A project that serves what lies under /media/. Not the example's: whether that does hangs on when it is imported.
urlpatterns = [re_path(r"^media/(?P<path>.*)$", serve)]


@pytest.mark.parametrize(
    ("debug", "urls", "storage", "expected"),
    [
        (True, "seedream_django.urls", DISK, ["seedream.W008"]),
        (True, __name__, DISK, []),
        (True, __name__, ELSEWHERE, ["seedream.W008"]),
        (False, "seedream_django.urls", DISK, []),
        (True, "seedream_django.urls", S3, []),
        (True, None, DISK, []),
    ],
)
def test_pictures_nobody_serves(
    settings: Any, debug: bool, urls: str | None, storage: dict[str, Any], expected: list[str]
) -> None:
    """In development the web server serves the files, where they lie on this machine."""
    settings.DEBUG, settings.ROOT_URLCONF, settings.MEDIA_URL = debug, urls, "/media/"
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    assert ids(checks.check_addresses()) == expected


def test_pictures_served_below_a_prefix(settings: Any) -> None:
    """A site below a path has it in MEDIA_URL, and its urls.py does not."""
    settings.DEBUG, settings.MEDIA_URL, settings.ROOT_URLCONF = True, "/cms/media/", __name__
    settings.STORAGES = {**settings.STORAGES, "default": {**DISK, "OPTIONS": {"base_url": "/cms/media/"}}}
    assert ids(checks.check_addresses()) == ["seedream.W008"]
    with override_script_prefix("/cms/"):
        assert ids(checks.check_addresses()) == []


@pytest.mark.parametrize(
    "storage",
    [
        {**DISK, "OPTIONS": {"base_url": "http://media.example.com/"}},
        {**S3, "OPTIONS": {"bucket_name": "pictures", "url_protocol": "http:"}},
    ],
)
def test_pictures_on_plain_http(settings: Any, storage: dict[str, Any]) -> None:
    """In production pictures come by https, whichever storage they come from."""
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    settings.DEBUG = False
    assert ids(checks.check_addresses()) == ["seedream.W005"]
    settings.DEBUG = True
    assert ids(checks.check_addresses()) == []


@pytest.mark.parametrize("wrong", [None, ["STORAGE"], [("API_KEY", "a-secret-key")], "STORAGE"])
def test_no_dict(settings: Any, wrong: Any) -> None:
    """A SEEDREAM that is no dict is told, and nothing of it is shown; the other checks still run."""
    settings.SEEDREAM = wrong
    found = [message for message in django_checks.run_checks() if str(message.id).startswith("seedream.E")]
    assert [message.id for message in found] == ["seedream.E006"]
    assert "a-secret-key" not in str(found)


@pytest.mark.parametrize("order", [("seedream_django", "huey.contrib.djhuey"), ("seedream_django",)])
def test_huey_forgotten(tmp_path: Path, order: tuple[str, ...]) -> None:
    """Whoever forgets HUEY is told to add it, and not to install a Redis that they do not want."""
    command = [sys.executable, "-c", FORGOTTEN % (order,)]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "There is no queue: your settings have no HUEY. Add HUEY = {" in told.stderr
    assert told.returncode == 1
    assert "pip install redis" not in told.stderr


FORGOTTEN = """
import importlib.util, sys
from django.conf import settings
from django.core.management import execute_from_command_line
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "redis" else real(name, *more)
apps = ["django.contrib.auth", "django.contrib.contenttypes", *%r]
settings.configure(INSTALLED_APPS=apps, DATABASES={}, USE_TZ=True)
execute_from_command_line(["manage.py", "check"])
"""


def test_urls(settings: Any) -> None:
    """Without our addresses the editor's pages cannot work."""
    assert ids(checks.check_urls()) == []
    settings.ROOT_URLCONF = "example_project.magazine.urls"
    assert ids(checks.check_urls()) == ["seedream.W004"]


# -- The spool -----------------------------------------------------------------------------------------------


def test_the_spool_is_ours_alone(settings: Any, tmp_path: Path) -> None:
    """A folder that is there or can be made is well; one that others may write to, or a file in the way, is not."""
    for folder in (tmp_path, tmp_path / "new" / "folder"):
        settings.SEEDREAM = {"SPOOL": folder}
        assert storage_checks.check_spool() == []
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    for name in ("file", "file/below", "open"):
        settings.SEEDREAM = {"SPOOL": str(tmp_path / name)}
        assert ids(storage_checks.check_spool()) == ["seedream.W011"]
    settings.SEEDREAM = {"SPOOL": 5}
    assert storage_checks.check_spool() == []
    assert ids(checks.check_values()) == ["seedream.E006"]


def test_the_spool_is_not_served(settings: Any, tmp_path: Path) -> None:
    """Hidden and flagged pictures may wait there: not among the files that everybody can fetch."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SEEDREAM = {"SPOOL": tmp_path / "media" / "spool"}
    assert ids(storage_checks.check_spool()) == ["seedream.W012"]
    settings.SEEDREAM = {"SPOOL": tmp_path / "media-spool"}
    assert storage_checks.check_spool() == []


# -- The private storage -------------------------------------------------------------------------------------


def test_the_private_storage_is_there(settings: Any) -> None:
    """An alias that there is not, or that cannot be loaded, is an error: nothing could be kept."""
    settings.STORAGES = {**settings.STORAGES, "broken": {"BACKEND": "nowhere.Storage"}}
    for alias, words in (("gone", "which is not in STORAGES"), ("broken", "cannot be loaded")):
        settings.SEEDREAM = {"PRIVATE_STORAGE": alias}
        (message,) = storage_checks.check_private()
        assert (message.id, words in message.msg) == ("seedream.E012", True)
    settings.SEEDREAM = {"PRIVATE_STORAGE": 5}
    assert storage_checks.check_private() == []
    assert ids(checks.check_values()) == ["seedream.E006"]


def test_the_private_storage_is_private(settings: Any, tmp_path: Path) -> None:
    """Neither the storage of the others under either name, nor a folder that is served."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BASE_DIR = tmp_path
    inside = {**DISK, "OPTIONS": {"location": str(tmp_path / "media" / "private")}}
    beside = {**DISK, "OPTIONS": {"location": str(tmp_path / "media-private")}}
    settings.STORAGES = {**settings.STORAGES, "same": DISK, "inside": inside, "beside": beside}
    for alias, found in (("default", 1), ("same", 1), ("inside", 1), ("beside", 0), (None, 0)):
        settings.SEEDREAM = {"PRIVATE_STORAGE": alias}
        assert ids(storage_checks.check_private()) == ["seedream.W016"] * found, alias
    settings.MEDIA_ROOT = tmp_path
    settings.SEEDREAM = {}
    assert ids(storage_checks.check_private()) == ["seedream.W016"]


def test_every_machine_sees_what_is_private(settings: Any, tmp_path: Path) -> None:
    """Where pictures are kept elsewhere and flagged ones on this disk, another machine could not show them."""
    settings.BASE_DIR = tmp_path
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {
        **settings.STORAGES,
        "far": memory,
        "far private": {**memory, "OPTIONS": {"base_url": "x"}},
    }
    for asked, alias, found in (
        (True, None, 1),
        ("fast", None, 1),
        (False, None, 0),
        (True, "far private", 0),
    ):
        settings.SEEDREAM = {"STORAGE": "far", "SAFETY_CHECK": asked, "PRIVATE_STORAGE": alias}
        assert ids(storage_checks.check_private()) == ["seedream.W018"] * found, (asked, alias)


@pytest.mark.parametrize(
    ("value", "found"), [(True, 0), (False, 0), ("fast", 0), ("none", 0), ("slow", 1), (1, 1)]
)
def test_the_safety_check_is_one_of_four(value: Any, found: int, settings: Any) -> None:
    """A word that the provider does not know is told here, not by a refused order."""
    settings.SEEDREAM = {"SAFETY_CHECK": value}
    assert ids(checks.check_values()) == ["seedream.E006"] * found
