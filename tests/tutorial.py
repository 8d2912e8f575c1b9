"""A page of the docs as a script: its files, commands, outputs, addresses and forms, section by section."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .running import free_port
from .workshop import OWNER, wait_for

ROOT = Path(__file__).resolve().parent.parent
#: Commands that run on, each in a terminal of its own.
RUN_ON = ("manage.py run_huey", "manage.py runserver")
#: Gives a command a terminal: whoever asks for a password talks to nothing less.
IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
#: What the first line of a block says when the block is a file: ``# mysite/urls.py``, ``<!-- … -->``.
FILE = re.compile(r"(?:#|<!--) ([\w./]+\.\w+)(, at the end)?(?: -->)?\n")


@dataclass(frozen=True)
class Section:
    """What stands below one heading."""

    text: str

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """Each block of code as (language, content)."""
        return re.findall(r"^```(\w+)\n(.*?)^```$", self.text, re.M | re.S)

    @property
    def addresses(self) -> list[str]:
        """The paths of the site's pages that one is told to open, in order."""
        return re.findall(r"<http://127\.0\.0\.1:8000(/\S*)>", self.text)

    @property
    def values(self) -> dict[str, str]:
        """What one is told to fill in: ``{label: value}``."""
        rows: list[tuple[str, str]] = re.findall(r"^\| ([^|`]+) \| `([^|`]+)` \|$", self.text, re.M)
        return dict(rows)


def sections(page: Path) -> dict[int, Section]:
    """The numbered sections of a page."""
    _, *parts = re.split(r"^## (\d+)\. ", page.read_text(), flags=re.M)
    texts = [Section(text.partition("\n## ")[0]) for text in parts[1::2]]
    return dict(zip(map(int, parts[::2]), texts, strict=True))


class Reader:
    """Somebody who does in a folder what a page says, and looks whether what it promises is what one sees."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.processes: list[subprocess.Popen[bytes]] = []
        folder.mkdir()
        inherited = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        here = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        }
        self.env = {**inherited, **here, "PYTHONUNBUFFERED": "1"}

    def follow(self, section: Section) -> None:
        """Write its files, run its commands, compare the outputs."""
        blocks = [*section.blocks, ("", "")]
        for (language, content), (after, expected) in itertools.pairwise(blocks):
            if language == "sh":
                self._type(content, expected if after == "text" else "")
            elif language != "text":
                self._write(content)

    def _write(self, content: str) -> None:
        told = FILE.match(content)
        assert told, f"This block does not say which file it is:\n{content}"
        path = self.folder / told[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if told[2] else "w") as file:
            # Django's own template does not begin with a comment of ours, and Python does not mind one.
            file.write(content[told.end() :] if path.suffix == ".html" else content)

    def _type(self, commands: str, expected: str) -> None:
        expected = expected.replace(":8000", f":{self.port}")
        if any(word in commands for word in RUN_ON):
            self._start(commands.replace("runserver", f"runserver {self.port}"), expected)
            return
        # A page shows what asks for a pass phrase, so what it shows is what must be answered.
        questions = [line for line in expected.splitlines() if re.match(r"Password.*:$", line)]
        fails = "CommandError" in expected
        output = self._talk(commands, questions) if questions else self.run(commands, fails=fails)
        compare(expected, output)

    def run(self, commands: str, *, fails: bool = False) -> str:
        """What they say; each line must succeed, or the last must fail."""
        done = subprocess.run(
            ["sh", "-e", "-c", commands], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
        )  # fmt: skip
        assert bool(done.returncode) == fails, done.stdout
        return done.stdout

    def _talk(self, command: str, questions: list[str]) -> str:
        process = subprocess.Popen(
            [sys.executable, "-c", IN_A_TERMINAL, "sh", "-c", command],
            cwd=self.folder, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        assert process.stdin
        assert process.stdout
        output = ""
        for question in questions:
            while not output.rstrip().endswith(question):
                piece = os.read(process.stdout.fileno(), 1024)
                assert piece, output
                output += piece.decode()
            process.stdin.write(f"{OWNER['DJANGO_SUPERUSER_PASSWORD']}\n".encode())
            process.stdin.flush()
        rest, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output + rest.decode()
        return output + rest.decode()

    def _start(self, command: str, expected: str) -> None:
        path = self.folder / f"{len(self.processes)}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                ["sh", "-c", f"exec {command}"], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        wait_for(lambda: not missing(expected, path.read_text()) or process.poll() is not None)
        compare(expected, path.read_text())

    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
            for pipe in filter(None, (process.stdin, process.stdout)):
                pipe.close()


def missing(expected: str, output: str) -> str:
    """The first expected line that the output does not have, in their order; ``…`` stands for anything."""
    lines = iter(re.split(r"[\r\n]+", output))
    for line in expected.splitlines():
        pattern = re.escape(line.strip()).replace("…", ".*")
        if line.strip() != "…" and not any(re.fullmatch(pattern, said.strip()) for said in lines):
            return line
    return ""


def compare(expected: str, output: str) -> None:
    line = missing(expected, output)
    assert not line, f"The page promises:\n{line}\nbut one sees:\n{output}"
