"""The provider's own SDK and this app, one after the other, on the same provider with the same orders.

    python -m benchmarks.against_sdk [--orders 200 1000] [--seconds 20]

Four runs for each number of orders. *SDK*: ``runware-sdk`` over REST, in one event loop; each file is written to a
folder. *Wire*: our client alone, which does just that. *App, bare*: the app in one consumer process, with its rows in
SQLite, without what the SDK does not do either (decoding each picture to its end, the mark, the preview). *App*: all.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .in_flight import WORKERS, delays
from .results import Row, median, p95, tell
from .site import Process, Provider, Site, environment, provider, wait_until, workshop

#: Each a program that orders, waits and fetches, and keeps nothing but files.
ALONE = {"SDK": "benchmarks.sdk", "wire": "benchmarks.wire"}


def alone(folder: Path, there: Provider, count: int, way: str) -> Row:
    files = folder / f"{way}-{count}"
    files.mkdir()
    command = [sys.executable, "-m", ALONE[way], there.root, str(count), str(files)]
    process = Process(command, environment(), folder / f"{way}.log", talks=True)
    try:
        cpu, start = accepted(there, process, count)
        found = json.loads(process.line())
        ready = there.stats()["ready"]
        late = [stored - ready[task_uuid] for task_uuid, stored in found]
        return row(way, count, process, cpu, start, late, there)
    finally:
        process.stop()


def with_app(folder: Path, there: Provider, count: int, only: str) -> Row:
    site = Site(folder / f"app-{count}-{only}", there, only=only)
    site.run("benchmarks.rows", "place", str(count))
    with site.consumer(WORKERS) as process:
        cpu, start = accepted(there, process, count)
        wait_until(lambda: site.run("benchmarks.rows", "stored") >= count, every=1)
        used = row("app, bare" if only else "app", count, process, cpu, start, [0.0], there)
    late = delays(there, site, 1)
    return {**used, **lateness(late), "noticed after s, median": median(delays(there, site, 0))}


def accepted(there: Provider, process: Process, count: int) -> tuple[float, float]:
    """The CPU that it has used, and the moment, when the last order is accepted."""
    wait_until(lambda: len(there.stats()["ready"]) >= count, every=0.05)
    return process.cpu(), time.monotonic()


def row(
    name: str, count: int, process: Process, cpu: float, start: float, late: Sequence[float], there: Provider
) -> Row:
    return {
        "in flight": count,
        "way": name,
        "CPU ms each": 1000 * (process.cpu() - cpu) / count,
        "in all": 1000 * process.cpu() / count,
        **lateness(late),
        "requests": there.stats()["requests"],
        "peak MB": process.peak(),
        "from the last accepted to the last stored, s": time.monotonic() - start,
    }


def lateness(late: Sequence[float]) -> Row:
    return {"stored after s, median": median(late), "p95": p95(late)}


def compared(rows: list[Row]) -> list[Row]:
    """Each row with its ratios to the SDK's of the same number."""
    for each in rows:
        (sdk,) = (
            other for other in rows if other["way"] == "SDK" and other["in flight"] == each["in flight"]
        )
        each["CPU ×SDK"] = each["CPU ms each"] / sdk["CPU ms each"]
        each["in all ×SDK"] = each["in all"] / sdk["in all"]
        each["time ×SDK"] = each["stored after s, median"] / sdk["stored after s, median"]
    return rows


#: What the goals for each way are: of the SDK's CPU, and of its time.
GOALS = {"wire": (0.7, 0.25), "app, bare": (None, 0.25), "app": (None, 0.25)}


def bars(rows: list[Row]) -> list[tuple[str, float, str]]:
    found = []
    for row in rows:
        cpu, late = GOALS.get(row["way"], (None, None))
        for what, column, goal in (("CPU", "CPU ×SDK", cpu), ("time to stored", "time ×SDK", late)):
            if goal:
                about = f"{what}, {row['way']}, {row['in flight']:,} in flight"
                found.append((about, row[column] / goal, f"{row[column]:.2f} × the SDK's"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[200, 1000])
    parser.add_argument(
        "--seconds", type=float, default=20, help="that each takes at the provider, on average"
    )
    parser.add_argument(
        "--spread", type=float, help="seconds more or less that it may take; half as many as that"
    )
    given = parser.parse_args()
    spread = given.seconds / 2 if given.spread is None else given.spread
    ways: list[Callable[[Path, Provider, int], Row]] = [
        lambda folder, there, count: alone(folder, there, count, "SDK"),
        lambda folder, there, count: alone(folder, there, count, "wire"),
        lambda folder, there, count: with_app(folder, there, count, "Bare"),
        lambda folder, there, count: with_app(folder, there, count, ""),
    ]
    rows = []
    with workshop() as folder:
        for count in given.orders:
            for way in ways:
                with provider(folder, given.seconds, spread) as there:
                    rows.append(way(folder, there, count))
    tell("against_sdk", compared(rows), bars=bars(rows), seconds=given.seconds, spread=spread)


if __name__ == "__main__":
    main()
