"""Writes the tables of docs/benchmarks.md from what the runs wrote: between ``<!-- name -->`` and ``<!-- end -->``."""

from __future__ import annotations

import json
import re
from pathlib import Path

from .results import FOLDER, table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def filled(text: str, folder: Path = FOLDER) -> str:
    """The page with the tables of the runs that there are; the others stay as they were."""

    def fill(found: re.Match[str]) -> str:
        path = folder / f"{found[1]}.json"
        if not path.exists():
            return found[0]
        run = json.loads(path.read_text())
        made = f"{run['at'][:10]}, {run['machine']}."
        return f"<!-- {found[1]} -->\n{table(run['rows'])}\n\n{made}\n<!-- end -->"

    return re.sub(r"<!-- (\w+) -->\n(.*?)<!-- end -->", fill, text, flags=re.DOTALL)


def write() -> None:
    PAGE.write_text(filled(PAGE.read_text()))
