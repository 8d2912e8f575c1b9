"""All that is measured, then page and plot: ``python -m benchmarks``. ``--quick``: tiny, to see that it runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

#: What runs, and what it is given to be quick. Each writes var/benchmarks/<name>.json.
RUNS: dict[str, tuple[str, ...]] = {
    "against_sdk": ("--orders", "5", "--seconds", "1"),
    "in_flight": ("--orders", "20", "--seconds", "1"),
    "memory": ("--results", "2"),
    # On PostgreSQL, too, where it is in earnest.
    "pages": ("--rows", "100", "--on", "sqlite"),
}


def main() -> None:
    if "--quick" in sys.argv[1:]:
        with tempfile.TemporaryDirectory(prefix="seedream-bench-") as folder:
            # What was measured in earnest stays.
            failed = run({"SEEDREAM_BENCH_RESULTS": folder}, quick=True)
            python("plot", f"{folder}/benchmarks.svg", SEEDREAM_BENCH_RESULTS=folder)
    else:
        failed = run({}, quick=False)
        python("plot")
    sys.exit(f"Failed: {', '.join(failed)}" if failed else 0)


def run(env: dict[str, str], *, quick: bool) -> list[str]:
    """Run each, also after one that failed; tell which did."""
    failed = []
    for name, little in RUNS.items():
        print(f"\n{name}\n", flush=True)
        if python(name, *(little if quick else ()), **env):
            failed.append(name)
    return failed


def python(name: str, *arguments: str, **env: str) -> int:
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    return subprocess.run(command, env={**os.environ, **env}).returncode


if __name__ == "__main__":
    main()
