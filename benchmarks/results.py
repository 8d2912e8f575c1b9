"""What a run found: a table for the terminal, and a file below var/benchmarks for the plot and the page."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(
    os.environ.get("SEEDREAM_BENCH_RESULTS") or Path(__file__).resolve().parent.parent / "var/benchmarks"
)

Row = dict[str, Any]


def tell(name: str, rows: Sequence[Row], **more: Any) -> None:
    """Print the rows as a table of Markdown, and write them down with the machine that they were made on."""
    print(table(rows), flush=True)
    keep(name, rows, **more)


def keep(name: str, rows: Sequence[Row], **more: Any) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = {"at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), "machine": machine()}
    text = json.dumps({"name": name, **made, **more, "rows": list(rows)}, indent=1)
    (FOLDER / f"{name}.json").write_text(f"{text}\n")


def table(rows: Sequence[Row]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(shown(row.get(column, "")) for column in columns) + " |" for row in rows]
    return "\n".join(lines)


def shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3)


def p95(values: Sequence[float]) -> float:
    return round(sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)], 3)
