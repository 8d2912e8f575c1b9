"""``manage.py demo`` as a newcomer runs it: a real process, real children, a real port."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import EMPTY, SERVING, TOO_LONG, Demo, free_port
from tests.workshop import wait_for

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once


@pytest.fixture
def demos(tmp_path: Path) -> Iterator[list[Demo]]:
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.clear()


def named(family: dict[int, str], word: str) -> int:
    (pid,) = (pid for pid, command in family.items() if word in command)
    return pid


def pictures(demo: Demo) -> list[Path]:
    """Those of the app's own: copies that fields hold lie elsewhere."""
    return list(Path(demo.data, "media", "seedream").rglob("*.jpg"))


def states(demo: Demo) -> list[str]:
    """The state of each order."""
    with contextlib.closing(sqlite3.connect(Path(demo.data, "magazine.sqlite3"), timeout=20)) as connection:
        return [state for (state,) in connection.execute("SELECT state FROM seedream_django_generation")]


def test_from_nothing_to_a_magazine_with_its_pictures(tmp_path: Path, demos: list[Demo]) -> None:
    """It serves before any picture is there; they come, described; Ctrl-C ends all; a second run goes on."""
    demos.append(demo := Demo(tmp_path / "the data", free_port()))
    demo.wait_for(SERVING)
    assert demo.get()[0] == 200
    assert "type:" in demo.output
    assert "/admin/magazine/article/" in demo.output
    demo.wait_for("pictures are on their pages")
    made = re.search(r"(\d+) of (\d+) pictures are on their pages", demo.output)
    assert made
    assert made[1] == made[2] == str(len(pictures(demo)))
    html = demo.get()[1]
    shown = re.findall(r"<img [^>]*>", html)
    assert len(shown) == 11
    for image in shown:
        assert re.search(r'alt="[^"]+"', image), image
    (lead,) = Path(demo.data, "media").rglob("a-red-fox-in-deep-snow-*.jpg")
    (source,) = re.findall(rf'src="([^"]*{re.escape(lead.name)})"', html)
    assert demo.get(source)[0] == 200

    family = demo.family()
    assert named(family, "run_huey")
    assert named(family, "runserver")
    os.kill(demo.process.pid, signal.SIGINT)
    assert demo.ends() == 0
    assert demo.family() == {}
    assert "Traceback" not in demo.output

    demos.append(again := Demo(demo.data, demo.port))
    again.wait_for(SERVING)
    assert "pictures are on their pages" not in again.output
    assert lead.name in again.get()[1]
    os.kill(again.process.pid, signal.SIGTERM)
    assert again.ends() == 0
    assert again.family() == {}
    assert len(pictures(again)) == int(made[1])


def test_a_prompt_of_ones_own_leads_the_front_page(tmp_path: Path, demos: list[Demo]) -> None:
    """It is made before the demo says that it serves, and stands on the page that is named."""
    demos.append(demo := Demo(tmp_path / "data", free_port(), "--prompt", "A lighthouse at dusk", EMPTY))
    demo.wait_for(SERVING)
    (file,) = pictures(demo)
    assert file.name.startswith("a-lighthouse-at-dusk")
    assert f"The picture    {file}" in demo.output
    page = re.search(r"Its article    http://[^/]+(/articles/\S+)", demo.output)
    assert page
    for path in ("/", page[1]):
        assert file.name in demo.get(path)[1]


@pytest.mark.parametrize(
    ("moment", "arguments"), [("Generating", ("--prompt", "A lighthouse at dusk")), (SERVING, ())]
)
def test_ctrl_c_while_pictures_are_made(
    tmp_path: Path, demos: list[Demo], moment: str, arguments: tuple[str, ...]
) -> None:
    """It ends at once, every process with it, and shows nobody a traceback; the next run goes on with the rest."""
    demos.append(demo := Demo(tmp_path / "data", free_port(), *arguments))
    demo.wait_for(moment)
    os.killpg(demo.process.pid, signal.SIGINT)
    assert demo.ends() == 0
    assert demo.family() == {}
    assert "Traceback" not in demo.output
    if moment == SERVING:
        ordered, made = len(states(demo)), len(pictures(demo))
        demos.append(again := Demo(demo.data, demo.port))
        again.wait_for(SERVING)
        wait_for(lambda: len(pictures(again)) > made)
        # What was ordered is not ordered again, and none of it was given up.
        assert len(states(again)) == ordered > made
        assert not {"failed", "cancelled", "lost"} & set(states(again))


@pytest.mark.parametrize("word", ["run_huey", "runserver"])
def test_when_one_dies_the_other_is_ended(tmp_path: Path, demos: list[Demo], word: str) -> None:
    """Half a demo would only puzzle: it says which part ended, where its log is, and stops."""
    demos.append(demo := Demo(tmp_path / "data", free_port(), EMPTY))
    demo.wait_for(SERVING)
    os.kill(named(demo.family(), word), signal.SIGKILL)
    assert demo.ends() == 1
    last = demo.output.strip().splitlines()[-1]
    assert re.search(r"The (worker|web server) ended by itself .* Its log: (.*)$", last), last
    assert Path(last.rpartition("Its log: ")[2]).exists()
    assert demo.family() == {}


def test_a_taken_port_is_told_in_one_line(tmp_path: Path, demos: list[Demo]) -> None:
    """Before anything is made, with the command for another port that is free."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        demos.append(demo := Demo(tmp_path / "data", port))
        assert demo.ends() == 1
    (line,) = demo.output.strip().splitlines()
    assert f"Port {port} is taken" in line
    assert re.search(rf"make demo PORT=(?!{port}\b)\d+", line)
    assert not (tmp_path / "data" / "magazine.sqlite3").exists()


@pytest.mark.parametrize("port", ["0", "65536"])
def test_a_port_that_does_not_exist(tmp_path: Path, demos: list[Demo], port: str) -> None:
    """It is told in one line, with how to choose another."""
    demos.append(demo := Demo(tmp_path / "data", int(port)))
    assert demo.ends() == 1
    (line,) = demo.output.strip().splitlines()
    assert "make demo PORT=" in line


def test_a_wrong_prompt_leaves_the_magazine_standing(tmp_path: Path, demos: list[Demo]) -> None:
    """The command's own line says why; the magazine is served, so that one can look around."""
    demos.append(demo := Demo(tmp_path / "data", free_port(), "--prompt", TOO_LONG, EMPTY))
    demo.wait_for(SERVING)
    assert "2000" in demo.output
    assert "Traceback" not in demo.output
    assert demo.get()[0] == 200
