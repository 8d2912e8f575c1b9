"""The most memory that one worker needs for one order, in each way that pictures come.

    python -m benchmarks.memory

For each way a fresh consumer process with one worker stores one order. What it has at rest, after an order of one
small picture, is what the others are held against.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .results import Row, tell
from .site import BYTES, Provider, Site, provider, wait_until, workshop

#: Way, results, side.
CASES = [("URL", 1, 2048), ("URL", 20, 3072), ("base64Data", 20, 3072), ("dataURI", 20, 3072)]


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


def order(site: Site, results: int, side: int, way: str) -> None:
    had = site.run("benchmarks.rows", "stored")
    values = {"results": results, "width": side, "height": side, "output_type": way}
    site.run("benchmarks.rows", "place", "1", json.dumps(values))
    wait_until(lambda: site.run("benchmarks.rows", "stored") >= had + results, every=0.5)


def bars(rows: list[Row]) -> list[tuple[str, float, str]]:
    first, *others = rows
    found = []
    for row in others:
        if row["way"] == "URL":
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
    tell("memory", rows, bars=bars(rows))


if __name__ == "__main__":
    main()
