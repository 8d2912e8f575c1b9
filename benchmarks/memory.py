"""The most memory that one worker needs for one order, in each way that pictures come.

    python -m benchmarks.memory

For each way a fresh consumer process with one worker stores one order. What it has at rest, after an order of one
small picture, is what the others are held against.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from .results import Row, tell
from .site import BYTES, Process, Provider, Site, provider, wait_until, workshop

#: Way, results, side.
CASES = [("URL", 1, 2048), ("URL", 20, 3072), ("base64Data", 20, 3072), ("dataURI", 20, 3072)]
#: Put by the provider into a folder of this site, through its web server.
UPLOAD = (20, 3072)


def measured(folder: Path, there: Provider, way: str, results: int, side: int) -> Row:
    site = Site(folder / f"{way}-{results}-{side}", there)
    with site.consumer(1) as consumer:
        # What every process has after its first order: modules, a connection, a picture once decoded.
        order(site, 1, 2048, "URL")
        before = consumer.peak()
        order(site, results, side, way)
        reply = 0.0 if way == "URL" else results * BYTES[side] * 4 / 3 / 1e6
        return {
            "way": way,
            "pictures": f"{results} × {side}²",
            "reply MB": reply or "",
            "before MB": before,
            "peak MB": consumer.peak(),
            "more MB": consumer.peak() - before,
            "more × the reply": (consumer.peak() - before) / reply if reply else "",
        }


def uploaded(folder: Path, there: Provider, results: int, side: int) -> list[Row]:
    """What the process that takes the files needs, and the one that stores them."""
    port = free_port()
    site = Site(folder / "upload", there, UPLOAD_ENDPOINT=True, PUBLIC_URL=f"http://127.0.0.1:{port}")
    had = there.stats()["put"]
    with serving(site, port) as web, site.consumer(1) as consumer:
        order(site, 1, 2048, "URL")
        before = [web.peak(), consumer.peak()]
        order(site, results, side, "URL")
        if there.stats()["put"] - had != results + 1:
            raise SystemExit("Not all files were put here.")
        return [
            {
                "way": way,
                "pictures": f"{results} × {side}²",
                "reply MB": "",
                "before MB": rest,
                "peak MB": process.peak(),
                "more MB": process.peak() - rest,
                "more × the reply": "",
            }
            for way, process, rest in zip(
                ("upload, web", "upload, worker"), (web, consumer), before, strict=True
            )
        ]


@contextlib.contextmanager
def serving(site: Site, port: int) -> Iterator[Process]:
    command = [sys.executable, "-m", "django", "runserver", "--noreload", f"127.0.0.1:{port}"]
    process = Process(command, site.env, site.folder / "web.log")
    try:
        wait_until(lambda: is_open(port))
        yield process
    finally:
        process.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def order(site: Site, results: int, side: int, way: str) -> None:
    had = site.run("benchmarks.rows", "stored")
    values = {"results": results, "width": side, "height": side, "output_type": way}
    site.run("benchmarks.rows", "place", "1", json.dumps(values))
    wait_until(lambda: site.run("benchmarks.rows", "stored") >= had + results, every=0.5)


def bars(rows: list[Row]) -> list[tuple[str, float, str]]:
    first, *others = rows
    found = []
    for row in others:
        if row["way"].startswith("upload"):
            found.append(
                (f"memory, 20 × 3072², {row['way']}", row["more MB"] / 40, f"{row['more MB']:.0f} MB")
            )
        elif row["way"] == "URL":
            more = row["peak MB"] - first["peak MB"]
            found.append(("memory, 20 × 3072² by address", more / 40, f"{more:.0f} MB more than 1 × 2048²"))
        else:
            more = row["more × the reply"]
            found.append((f"memory, 20 × 3072² as {row['way']}", more / 4, f"{more:.2f} × the reply"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=int, default=20, help="pictures of the larger orders")
    given = parser.parse_args()
    with workshop() as folder, provider(folder, 1) as there:
        cases = [(way, min(results, given.results), side) for way, results, side in CASES]
        rows = [measured(folder, there, *case) for case in cases]
        results, side = UPLOAD
        rows += uploaded(folder, there, min(results, given.results), side)
    tell("memory", rows, bars=bars(rows))


if __name__ == "__main__":
    main()
