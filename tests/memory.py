"""As a process of its own: what it takes of memory to save a file of 50 MB, and to compare one that is there already.

    python -m tests.memory '{"BACKEND": …, "OPTIONS": {…}}'

prints both in bytes, as JSON; what stands on its standard input is run as settings before. A file is saved as pictures
are, from a disk; no picture is decoded, which takes memory of its own, by its pixels and not by its bytes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

MEGABYTE = 1 << 20
BYTES = 50 * MEGABYTE


def memory(what: str) -> int:
    """Bytes, by a line of this process's status: ``VmRSS`` for now, ``VmHWM`` for the most since ``forget``."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024


def forget() -> int:
    """Begin to count the most anew; return what is in use now."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def growth(storage: Any, name: str, path: Path) -> int:
    """How much more the process had at its worst while it put this file there."""
    from seedream_django import files, spool

    before = forget()
    files.put(storage, name, files.Moved(path), spool.sha256(path))
    return memory("VmHWM") - before


def file_of(folder: Path, size: int) -> Path:
    path = folder / f"{size}.jpg"
    with path.open("wb") as file:
        for _ in range(size // MEGABYTE):
            file.write(os.urandom(MEGABYTE))
    return path


def measured(storage: Any, folder: Path) -> dict[str, int]:
    small, large = file_of(folder, MEGABYTE), file_of(folder, BYTES)
    # Twice: with that all is imported and connected, and both ways were gone.
    for _ in range(2):
        growth(storage, "small.jpg", small)
    return {"saved": growth(storage, "large.jpg", large), "compared": growth(storage, "large.jpg", large)}


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.utils.module_loading import import_string

    from .stores import name_localhost

    django.setup()
    name_localhost(setattr)
    entry = json.loads(sys.argv[1])
    exec(sys.stdin.read(), {"STORAGES": {"pictures": entry}})
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(import_string(entry["BACKEND"])(**entry["OPTIONS"]), Path(folder))))
