"""The benchmarks still run. What they find is not looked at: speed is no matter of passing or failing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import plot
from benchmarks.__main__ import RUNS

ROOT = Path(__file__).resolve().parent.parent

#: What each must tell, in its first row.
COLUMNS = {
    "against_sdk": {"in flight", "way", "CPU ms each", "CPU ×SDK", "time ×SDK", "requests", "peak MB"},
    "in_flight": {"run", "orders", "CPU ms each", "requests", "peak MB"},
    "memory": {"way", "pictures", "peak MB", "more MB"},
    "pages": {"on", "what", "queries", "ratio"},
}


pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", list(RUNS))
def test_each_runs(name: str, tmp_path: Path) -> None:
    """Tiny, it ends well, prints its table, and writes the same rows down, with bars that can be drawn."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("DJANGO_")}
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *RUNS[name]],
        cwd=ROOT, env={**env, "SEEDREAM_BENCH_RESULTS": str(tmp_path)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / f"{name}.json").read_text())
    assert set(found["rows"][0]) >= COLUMNS.get(name, set())
    assert done.stdout.count("\n| ") + done.stdout.startswith("| ") >= 1 + len(found["rows"])
    assert plot.drawn(plot.bars(tmp_path)).count("<rect") == 1 + 2 * len(found["bars"])
