"""The host's own queue, whichever way it has one: each in a project of its own, with its own consumer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from huey import MemoryHuey

from seedream_django import queue
from seedream_django.checks import check_queue

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent

SETTINGS = """
import sys
from pathlib import Path

BASE_DIR = Path(__file__).parent
SECRET_KEY = "test"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "seedream_django"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3",
                         "OPTIONS": {"transaction_mode": "IMMEDIATE"}}}
MEDIA_ROOT = BASE_DIR / "media"
SEEDREAM = {"SANDBOX": True, "SANDBOX_LATENCY": 0, "SANDBOX_PLAIN": True, "POLL_INTERVAL": 0.2}
QUEUE = {"huey_class": "huey.SqliteHuey", "filename": str(BASE_DIR / "queue.sqlite3"), "immediate": False}
# As where the package is not installed, whatever is.
sys.modules["redis"] = None
"""

OWN_QUEUE = """
from pathlib import Path
from huey import SqliteHuey

huey = SqliteHuey("own", filename=str(Path(__file__).parent / "queue.sqlite3"))

def get_huey():
    return huey

def broken():
    raise LookupError("no such queue")

not_a_huey = 5
"""

DJANGO_HUEY = """
def get_pictures():
    import django_huey
    return django_huey.get_queue("pictures")
"""

CONSUMER = """
import django
django.setup()
from own_queue import huey
"""


class Host:
    """A project that has only what it needs for pictures."""

    def __init__(self, folder: Path, settings: str) -> None:
        self.folder = folder
        files = {
            "host_settings": SETTINGS + settings,
            "own_queue": OWN_QUEUE,
            "pictures_queue": DJANGO_HUEY,
            "consumer": CONSUMER,
        }
        for name, text in files.items():
            (folder / f"{name}.py").write_text(text)
        path = os.pathsep.join([str(folder), str(ROOT)])
        self.env = {**os.environ, "DJANGO_SETTINGS_MODULE": "host_settings", "PYTHONPATH": path}
        self.consumer: subprocess.Popen[bytes] | None = None

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        arguments = [sys.executable, "-m", *command]
        return subprocess.run(
            arguments, env=self.env, cwd=self.folder, capture_output=True, text=True, timeout=60
        )

    def start_consumer(self, *command: str) -> None:
        with (self.folder / "log").open("wb") as log:
            self.consumer = subprocess.Popen(
                [sys.executable, "-m", *command, "-m", "0.2", "-d", "0.05"],
                env=self.env, cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def close(self) -> None:
        if self.consumer:
            os.killpg(self.consumer.pid, signal.SIGKILL)
            self.consumer.wait(10)


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Any]:
    made: list[Host] = []

    def make(settings: str) -> Host:
        made.append(Host(tmp_path, settings))
        return made[-1]

    yield make
    for host in made:
        host.close()


BINDINGS = {
    "djhuey": ('HUEY = QUEUE\nINSTALLED_APPS.append("huey.contrib.djhuey")', ("django", "run_huey")),
    "own object": ('SEEDREAM["HUEY"] = "own_queue.huey"', ("huey.bin.huey_consumer", "consumer.huey")),
    "function": ('SEEDREAM["HUEY"] = "own_queue.get_huey"', ("huey.bin.huey_consumer", "consumer.huey")),
    "django-huey": (
        'SEEDREAM["HUEY"] = "pictures_queue.get_pictures"\nINSTALLED_APPS.append("django_huey")\n'
        'DJANGO_HUEY = {"default": "other", "queues": {"other": {**QUEUE, "name": "other"}, "pictures": QUEUE}}',
        ("django", "djangohuey", "--queue", "pictures"),
    ),
}


@pytest.mark.parametrize("name", BINDINGS)
def test_a_picture_through_the_hosts_own_queue(hosts: Any, name: str) -> None:
    """The app runs unchanged with each, carried by that queue's own consumer; without an admin, too."""
    settings, consumer = BINDINGS[name]
    host = hosts(settings)
    migrated = host.run("django", "migrate", "-v", "0")
    assert migrated.returncode == 0, migrated.stderr
    host.start_consumer(*consumer)
    made = host.run(
        "django", "seedream_generate", "A fox", "--size", "2048x2048", "--wait", "--timeout", "20"
    )
    assert made.returncode == 0, made.stderr + (host.folder / "log").read_text()
    assert Path(made.stdout.strip()).is_relative_to(host.folder / "media")
    assert Path(made.stdout.strip()).stat().st_size > 0


def test_no_queue_and_no_redis_is_told(hosts: Any) -> None:
    """Nothing exits or crashes: the check says what to type, and everything but a queue works."""
    host = hosts("")
    checked = host.run("django", "check")
    assert "seedream.E001" in checked.stderr
    assert '"huey_class": "huey.SqliteHuey"' in checked.stderr
    assert "huey.contrib.djhuey" in checked.stderr
    assert "Traceback" not in checked.stderr
    assert "seedream.E001" in host.run("django", "migrate").stderr
    assert host.run("django", "migrate", "-v", "0", "--skip-checks").returncode == 0
    shell = host.run("django", "shell", "-v", "0", "-c", ORDER)
    assert shell.stdout.split() == ["queued"], shell.stderr


ORDER = "from seedream_django import generate; print(generate('A fox').state)"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('SEEDREAM["HUEY"] = "nowhere.huey"', "No module named 'nowhere'"),
        ('SEEDREAM["HUEY"] = "own_queue.nothing"', '"nothing"'),
        ('SEEDREAM["HUEY"] = "own_queue.broken"', "LookupError: no such queue"),
        ('SEEDREAM["HUEY"] = "own_queue.not_a_huey"', "not a Huey"),
        ('HUEY = {"huey_class": "huey.NoSuchHuey"}', "NoSuchHuey"),
        ('HUEY = {"immediate": False}', "redis"),
    ],
)
def test_a_wrong_queue_is_told(hosts: Any, line: str, words: str) -> None:
    """The check names what is wrong in one error; the command does not die of it."""
    checked = hosts(line).run("django", "check")
    assert checked.returncode == 1
    assert checked.stderr.count("(seedream.E001)") == 1
    assert words in checked.stderr
    assert "Traceback" not in checked.stderr


def test_binding_twice_registers_once(settings: Any) -> None:
    """However often it is bound, each task is there once, under its own name."""
    huey: Any = MemoryHuey("twice")
    settings.SEEDREAM = {**settings.SEEDREAM, "HUEY": huey}
    assert queue.bind() is queue.bind() is huey
    names = sorted(name.rpartition(".")[2] for name in huey._registry._registry)
    assert names == [
        "answer", "bulk", "collect", "discard", "examine", "fill", "heir", "mail", "move", "probe", "store", "submit",
        "sweep",
    ]  # fmt: skip
    assert len(huey._registry.periodic_tasks) == 1


def test_an_object_that_is_no_huey(settings: Any) -> None:
    """A setting that is simply wrong is an ImproperlyConfigured here and a check for the person."""
    settings.SEEDREAM = {**settings.SEEDREAM, "HUEY": object()}
    with pytest.raises(ImproperlyConfigured, match="not a Huey"):
        queue.bind()
    assert [message.id for message in check_queue()] == ["seedream.E001"]
