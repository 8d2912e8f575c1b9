"""The pages on going live: their units, their options, their view, and the words that they quote from the screen."""

from __future__ import annotations

import configparser
import datetime
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.contrib import admin
from django.core.management import load_command_class
from django.test import RequestFactory
from django.utils import timezone
from django.utils.text import capfirst

import seedream_django
from seedream_django import conf, sweeping, tasks
from seedream_django.models import Beat, Generation, Switch
from seedream_django.models.house import SKEW

from .steps import made
from .tutorial import Section

pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = Section((DOCS / "howto" / "production.md").read_text())
GROWING = Section((DOCS / "howto" / "growing.md").read_text())
#: What a page shows in italics that is not on a screen of this app.
EXAMPLES = {
    "a lighthouse at dusk",
    "A fox stands in the snow",
    "a fox wakes up",
    "the teapot of image 1",
    "Storage Object",
    "Service Account",
    "Block public",
}
#: Words of Django's own admin.
DJANGO_S = {"Add", "Save", "Delete", "Action"}


def unit(name: str) -> configparser.SectionProxy:
    """The [Service] of a unit on the page."""
    (text,) = (code for _, code in PAGE.blocks if code.startswith(f"# /etc/systemd/system/{name}.service\n"))
    parser = configparser.ConfigParser(
        interpolation=None, strict=True, delimiters=["="], comment_prefixes=["#"]
    )
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text.replace("\\\n", ""))
    assert parser.sections() == ["Unit", "Service", "Install"]
    return parser["Service"]


@pytest.mark.parametrize("name", ["mysite-web", "mysite-worker"])
def test_units_agree(name: str) -> None:
    """Both run the same code as the same user with the same key, and the page speaks of both."""
    service = unit(name)
    assert {service[key] for key in ("User", "WorkingDirectory", "EnvironmentFile")} == {
        "mysite", "/srv/mysite", "/etc/mysite/env",
    }  # fmt: skip
    assert service["ExecStart"].startswith("/srv/mysite/.venv/bin/")
    assert f"systemctl enable --now {'mysite-web mysite-worker'}" in PAGE.text


def test_the_worker_s_options_are_huey_s() -> None:
    """Each exists, is explained in the table, and leaves systemd more time than huey takes."""
    service = unit("mysite-worker")
    words = shlex.split(service["ExecStart"])[3:]
    options = dict(zip(words[::2], words[1::2], strict=True))
    parser = load_command_class("huey.contrib.djhuey", "run_huey").create_parser("manage.py", "run_huey")
    parser.parse_args(words)
    assert all(f"| `{name} {value}` |" in PAGE.text for name, value in options.items())
    assert float(options["--shutdown-timeout"]) < float(service["TimeoutStopSec"])
    assert options["--graceful-signal"] == "TERM"  # what systemd sends


def test_a_container_is_started_as_the_units_start_a_process() -> None:
    """The worker with the unit's options and time to end; no worker is told to leave the sweep to another."""
    (text,) = (code for _, code in GROWING.blocks if code.startswith("# compose.yaml\n"))
    file = yaml.safe_load(text)
    worker = file["services"]["worker"]
    options = shlex.split(unit("mysite-worker")["ExecStart"])[2:]
    assert shlex.split(worker["command"])[2:] == options
    assert worker["stop_grace_period"] == f"{unit('mysite-worker')['TimeoutStopSec']}s"
    assert worker["volumes"] == [f"{name}:/srv/mysite/{name}" for name in file["volumes"]]
    assert {one["env_file"] for one in file["services"].values()} == {"mysite.env"}
    assert "--no-periodic" not in options
    assert "--no-periodic" not in PAGE.text


def test_the_times_on_the_page_about_growing() -> None:
    """How long what takes, in words, is what the code has."""
    said = {
        "It holds a lease of ten seconds": tasks.POLLER_LEASE == 10,
        "After `LEASE`, two minutes": conf.DEFAULTS["LEASE"] == 120,
        "for `STORE_DEADLINE`, three days": conf.DEFAULTS["STORE_DEADLINE"] == 3 * 24 * 60 * 60,
        "the time, within a minute": datetime.timedelta(minutes=1) == SKEW,
        "the sweep finds within a minute": sweeping.SWEEP_INTERVAL == 60,
    }
    assert all(said.values()), said
    assert [words for words in said if words not in GROWING.text.replace("\n", " ")] == []


@pytest.mark.django_db
def test_the_view_for_monitoring() -> None:
    """Well with a worker, an order and nothing stuck; not well without a worker, or with an order that stands."""
    (code,) = (code for _, code in PAGE.blocks if code.startswith("# mysite/health.py\n"))
    namespace: dict[str, Any] = {}
    exec(code, namespace)

    def look() -> tuple[int, dict[str, Any]]:
        answer = namespace["pictures"](RequestFactory().get("/"))
        return answer.status_code, json.loads(answer.content)

    assert look()[0] == 503
    Beat.mark("worker")
    made()
    status, facts = look()
    assert (status, facts["done"], facts["failed"], facts["stuck"]) == (200, 1, 0, 0)
    Generation.objects.update(state="queued", created_at=timezone.now() - datetime.timedelta(hours=1))
    assert look()[0] == 503
    Switch(pk=1, on=False).save()
    assert look()[0] == 200


# -- Words from the screen -----------------------------------------------------------------------------------


def screen() -> str:
    """Every text of the app, in one: what templates and modules say, with folded strings joined."""
    folder = Path(seedream_django.__file__).parent
    sources = [path.read_text() for end in ("py", "html") for path in folder.rglob(f"*.{end}")]
    return re.sub(r'"\s*\n\s*f?"', "", "\n".join(sources)).lower()


def quoted(name: str) -> list[str]:
    """What a page shows as words on a screen: italics, quotations, and the first cells of its last table."""
    text = re.sub(
        r"^\d+\. |^- ", "", re.sub(r"```.*?```", "", (DOCS / name).read_text(), flags=re.S), flags=re.M
    )
    italics = re.findall(r"(?<![\w*])\*([^*\s][^*]*?)\*(?![\w*])", text)
    blocks = [re.sub(r"^> ?", "", block, flags=re.M) for block in re.findall(r"(?:^> .*\n)+", text, re.M)]
    sentences = [s for block in blocks for s in re.findall(r"[^.]+\.(?=\s|$)", block.replace("**", ""))]
    told = re.findall(r"^\| `?([A-Z][^`|]+\.?)`? \| ", text.partition("it says | ")[2], re.M)
    words = [re.sub(r"\s+", " ", part).strip() for found in (italics, sentences, told) for part in found]
    return [part for word in words for part in re.split(r" \u203a ", word)]


QUOTING = [
    "tutorial.md",
    "editors.md",
    "troubleshooting.md",
    "howto/production.md",
    "howto/existing-project.md",
]


@pytest.mark.parametrize("name", QUOTING)
def test_words_from_the_screen_are_on_the_screen(name: str) -> None:
    """Who searches for what they see finds it, and who reads of a button finds that button."""
    there = screen()
    found = [word for word in quoted(name) if not word.startswith(tuple(EXAMPLES)) and word not in DJANGO_S]
    assert found
    assert [word for word in found if not is_in(there, word)] == []


@pytest.mark.parametrize("name", [*QUOTING, "../README.md"])
def test_ways_through_the_admin_are_there(name: str) -> None:
    """A path in italics names the app, a list as the admin calls it, and what its page offers."""
    ours = [model for model in admin.site._registry if model._meta.app_label == "seedream_django"]
    lists = {capfirst(str(model._meta.verbose_name_plural)) for model in ours}
    ways = re.findall(r"\*([^*\n]+ \u203a [^*]+)\*", (DOCS / name).read_text())
    for app, *rest in (re.split(r"\s\u203a\s", way) for way in ways):
        assert app == str(apps.get_app_config("seedream_django").verbose_name)
        assert rest[0] in lists, rest
        assert rest[1:] in ([], ["Add"])
    assert ways


def test_log_lines_are_the_code_s() -> None:
    """Each line of the page's table is written by the app, or is huey's about a task of ours."""
    table = PAGE.text.partition("\n## Log lines\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\| `([^`]+)` \|", table, re.M)
    assert [line for line in lines if not is_in(screen(), line)] == [
        "Executing seedream_django.sweeping.sweep"
    ]
    assert not is_in(screen(), "Could not eat 3 pictures.")


def is_in(there: str, words: str) -> bool:
    """Whether the code says this; numbers, names and reasons stand where it has a placeholder."""
    pattern = re.escape(words.lower().rstrip(".:"))
    holes = {r"\b\d+\b": r"%\\(?\\w*\\)?s", r"\\\(.*?\\\)$": ".*", "…": ".*", r"\bsubmit\b": "%s"}
    for what, hole in holes.items():
        pattern = re.sub(what, hole, pattern)
    return bool(re.search(pattern, there))
