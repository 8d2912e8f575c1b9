"""Thousands in flight, with one consumer process: what asking for them costs, and how soon a result is noticed.

    python -m benchmarks.in_flight [--orders 5000] [--seconds 20]

Three runs. *Waiting*: nothing finishes, so all that is used is asking. *Noticing*: a tenth finishes meanwhile, and its
pictures' rows are made; nothing is stored. *Sending*: a fifth of them, each in a request of its own.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from .results import Row, median, p95, tell
from .site import Process, Provider, Site, provider, wait_until, workshop

WORKERS = 4


def waiting(folder: Path, count: int, seconds: float) -> Row:
    with provider(folder, 3600) as there:
        site = Site(folder / "waiting", there)
        there.prepare(site.run("benchmarks.rows", "running", str(count)))
        with site.consumer(WORKERS) as consumer:
            settled(consumer)
            site.run("benchmarks.rows", "begin")
            wait_until(lambda: there.stats()["polled"] >= count)
            before, cpu = there.stats(), consumer.cpu()
            time.sleep(seconds)
            after, cpu = there.stats(), consumer.cpu() - cpu
            asked = after["polled"] - before["polled"]
            return {
                "run": "waiting",
                "orders": count,
                # As if asked once a second: a busy machine asks less often, which must not look cheaper.
                "CPU ms each": 1000 * cpu / max(1, asked) * seconds,
                "asked, times each": asked / count,
                "requests": after["requests"] - before["requests"],
                "peak MB": consumer.peak(),
            }


def noticing(folder: Path, count: int, seconds: float) -> Row:
    """A tenth finishes, one after the other: as many a second as can be stored as well."""
    with provider(folder, 1 + 5 * seconds, 5 * seconds) as there:
        site = Site(folder / "noticing", there, only="Noticing")
        tasks = site.run("benchmarks.rows", "running", str(count))
        with site.consumer(WORKERS) as consumer:
            settled(consumer)
            there.prepare(tasks)
            site.run("benchmarks.rows", "begin")
            start = time.time()
            cpu, asked = consumer.cpu(), there.stats()["polled"]
            time.sleep(seconds + 1)
            cpu, asked = consumer.cpu() - cpu, there.stats()["polled"] - asked
            # What was finished just now has its time as well.
            time.sleep(5)
            ready = there.stats()["ready"]
            due = {pk: moment for pk, moment in ready.items() if start < moment < start + seconds + 1}
            noticed = site.run("benchmarks.rows", "moments")
            late = [noticed[pk][0] - at if pk in noticed else time.time() - at for pk, at in due.items()]
            return {
                "run": "noticing",
                "orders": count,
                "finished": len(due),
                "CPU ms each": 1000 * cpu / max(1, len(due)),
                "asked, times each": asked / count,
                "requests": there.stats()["requests"],
                "peak MB": consumer.peak(),
                "noticed after s, median": median(late or [0.0]),
                "p95": p95(late or [0.0]),
            }


def sending(folder: Path, count: int) -> Row:
    with provider(folder, 3600) as there:
        site = Site(folder / "sending", there)
        site.run("benchmarks.rows", "place", str(count))
        with site.consumer(WORKERS) as consumer:
            wait_until(lambda: there.stats()["requests"] > 0, every=0.02)
            cpu, start = consumer.cpu(), time.monotonic()
            wait_until(lambda: len(there.stats()["ready"]) >= count)
            return {
                "run": "sending",
                "orders": count,
                "CPU ms each": 1000 * (consumer.cpu() - cpu) / count,
                "a second": count / (time.monotonic() - start),
                "requests": there.stats()["requests"],
                "peak MB": consumer.peak(),
            }


def settled(consumer: Process) -> None:
    """Wait until the process has started and is quiet."""
    used = -1.0
    while (now := consumer.cpu()) > used + 0.02 or now < 0.3:
        used = now
        time.sleep(1)


def delays(there: Provider, site: Site, which: int) -> list[float]:
    ready = there.stats()["ready"]
    return [moment[which] - ready[pk] for pk, moment in site.run("benchmarks.rows", "moments").items()]


def bars(rows: list[Row]) -> list[tuple[str, float, str]]:
    found = []
    for row in rows:
        about, cpu = f"{row['orders']:,} in flight", row["CPU ms each"]
        if row["run"] == "waiting":
            found.append((f"CPU of waiting, {about}", cpu / 1.2, f"{cpu:.2f} ms each"))
            found.append((f"memory, {about}", row["peak MB"] / 120, f"{row['peak MB']:.0f} MB"))
        if row["run"] == "noticing":
            late = row["noticed after s, median"]
            found.append((f"time to noticed, {about}", late / 1.0, f"{late:.2f} s"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=20, help="that each takes at the provider")
    parser.add_argument("--only", help="one of the runs")
    given = parser.parse_args()
    with workshop() as folder:
        runs: dict[str, Callable[[], Row]] = {
            "waiting": lambda: waiting(folder, given.orders, given.seconds),
            "noticing": lambda: noticing(folder, given.orders, given.seconds),
            "sending": lambda: sending(folder, max(1, given.orders // 5)),
        }
        rows = [run() for name, run in runs.items() if given.only in (None, name)]
    tell("in_flight", rows, bars=bars(rows), seconds=given.seconds)


if __name__ == "__main__":
    main()
