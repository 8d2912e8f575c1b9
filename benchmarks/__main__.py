"""All that is measured, then page and plot: ``python -m benchmarks``. ``--quick``: tiny, to see that it runs."""

from __future__ import annotations

import subprocess
import sys

#: What runs, and what it is given to be quick. Each writes var/benchmarks/<name>.json.
RUNS: dict[str, tuple[str, ...]] = {
    "against_sdk": ("--orders", "5", "--seconds", "1"),
    "in_flight": ("--orders", "20", "--seconds", "1"),
    "memory": ("--results", "2"),
    # On PostgreSQL, too, where it is in earnest.
    "pages": ("--rows", "100", "--on", "sqlite"),
}


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    for name, little in RUNS.items():
        print(f"\n{name}\n", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *(little if quick else ())]
        subprocess.run(command, check=True)
    if not quick:
        subprocess.run([sys.executable, "-m", "benchmarks.plot"], check=True)


if __name__ == "__main__":
    main()
