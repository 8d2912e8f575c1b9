"""A site to measure: its folder, its provider, and its processes with what each has used of CPU and memory."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: Seconds that anything may take before the run is given up.
PATIENCE = 300.0
#: Bytes that a picture of 2048 × 2048 and of 3072 × 3072 has, about.
BYTES = {2048: 2_000_000, 3072: 2_750_000}


class Process:
    """A child whose CPU and memory are read from the kernel."""

    def __init__(
        self, command: Sequence[str], env: dict[str, str], log: Path, *, talks: bool = False
    ) -> None:
        self.log = log
        heard = subprocess.PIPE if talks else subprocess.DEVNULL
        with log.open("ab") as out:
            self.popen = subprocess.Popen(
                command, env=env, cwd=ROOT, stdin=heard, stdout=subprocess.PIPE, stderr=out
            )

    def line(self) -> str:
        assert self.popen.stdout
        text = self.popen.stdout.readline().decode().strip()
        if not text:
            raise SystemExit(f"{self.popen.args!r} said nothing:\n{self.log.read_text()[-2000:]}")
        return text

    def cpu(self) -> float:
        """Seconds of CPU, of all its threads, in user and kernel."""
        fields = Path(f"/proc/{self.popen.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self) -> float:
        """Megabytes that it had at most."""
        return self._memory("VmHWM")

    def now(self) -> float:
        """Megabytes that it has."""
        return self._memory("VmRSS")

    def _memory(self, name: str) -> float:
        text = Path(f"/proc/{self.popen.pid}/status").read_text()
        return int(text.partition(f"{name}:")[2].split()[0]) / 1024

    def stop(self) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGINT)
            try:
                self.popen.wait(15)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe:
                pipe.close()


class Provider:
    """The provider's process, and what it counted."""

    def __init__(self, process: Process) -> None:
        self.process, self.root = process, process.line()

    def stats(self) -> dict[str, Any]:
        return self._ask("/stats", None)

    def prepare(self, tasks: list[dict[str, Any]]) -> None:
        """Forget what it has, and have it take these as if they had been ordered now."""
        self._ask("/tasks", json.dumps(tasks).encode())

    def _ask(self, path: str, data: bytes | None) -> dict[str, Any]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.root}{path}", data, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


class Site:
    """One folder with database, queue and media, and the processes that work in it."""

    def __init__(self, folder: Path, provider: Provider, *, only: str = "", **seedream: Any) -> None:
        folder.mkdir(parents=True)
        self.folder, self.provider = folder, provider
        self.env = environment() | {
            "SEEDREAM_DEMO_DATA": str(folder),
            "SEEDREAM_BENCH_ENDPOINT": f"{provider.root}/v1",
            "SEEDREAM_BENCH": json.dumps(seedream),
            "SEEDREAM_BENCH_APP": f"benchmarks.bare.{only}" if only else "",
        }
        self._migrate(folder.parent / "migrated")

    def _migrate(self, done: Path) -> None:
        """As it is when empty: made once, then copied."""
        if done.exists():
            shutil.copytree(done, self.folder, dirs_exist_ok=True)
        else:
            self.manage("migrate")
            shutil.copytree(self.folder, done)

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "django", *arguments, "--verbosity", "0"]
        subprocess.run(command, env=self.env, cwd=ROOT, check=True, stdin=subprocess.DEVNULL)

    def run(self, module: str, *arguments: str) -> Any:
        """Have a module of these do its part inside the site, and tell what it found."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, env=self.env, cwd=ROOT, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def consumer(self, workers: int) -> Iterator[Process]:
        # As docs/howto/production.md starts it.
        options = ["--workers", str(workers), "--max-delay", "1", "--quiet"]
        command = [sys.executable, "-m", "django", "run_huey", *options]
        process = Process(command, self.env, self.folder / "consumer.log")
        try:
            yield process
        finally:
            process.stop()


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SEEDREAM_", "DJANGO_"))}
    return {**kept, "DJANGO_SETTINGS_MODULE": "benchmarks.settings", "DEBUG": "0", "PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def workshop() -> Iterator[Path]:
    """A folder that is gone in the end, with pictures in it."""
    folder = Path(tempfile.mkdtemp(prefix="seedream-bench-"))
    # Whoever ends a run ends its processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        (folder / "pictures").mkdir()
        for side, size in BYTES.items():
            (folder / "pictures" / f"{side}.jpg").write_bytes(drawn(side, size))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def provider(folder: Path, seconds: float, spread: float = 0) -> Iterator[Provider]:
    command = [sys.executable, "-m", "benchmarks.provider", "--pictures", str(folder / "pictures")]
    command += ["--seconds", str(seconds), "--spread", str(spread)]
    process = Process(command, environment(), folder / "provider.log")
    try:
        yield Provider(process)
    finally:
        process.stop()


def drawn(side: int, size: int) -> bytes:
    """A JPEG of about so many bytes: soft noise, which neither is flat nor costs more to decode than a photograph."""
    from PIL import Image

    noise = Image.frombytes("RGB", (side // 4, side // 4), random.Random(7).randbytes(3 * (side // 4) ** 2))
    picture = noise.resize((side, side), Image.Resampling.BICUBIC)
    for quality in (95, 90, 85, 80, 70, 60, 50, 40, 30):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= size:
            break
    # The rest is filled up behind the picture's end, where no decoder looks.
    return out.getvalue() + bytes(max(0, size - out.tell()))


def wait_until(done: Callable[[], bool], *, every: float = 0.1, seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise SystemExit("It took too long.")
        time.sleep(every)
