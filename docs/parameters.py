"""Writes the tables of docs/reference/parameters.md from ``seedream_django.parameters``.

python docs/parameters.py            writes them
python docs/parameters.py --check    only says whether they are stale, as ``make docs`` does and a test

The page is committed as it is written, so that it reads on a forge.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from seedream_django import parameters
from seedream_django.parameters import PAGE, Parameter

PATH = Path(__file__).resolve().parent / "reference" / "parameters.md"
STALE = (
    "The tables of docs/reference/parameters.md are stale: run “python docs/parameters.py” and commit them."
)
#: What is between the two is written here; everything else on the page is written by hand.
TABLE = "<!-- {name}: written by docs/parameters.py -->\n{rows}<!-- end of {name} -->\n"


def written(page: str, keywords: Collection[str]) -> str:
    """The page with fresh tables. ``keywords`` are those that an order may decide."""
    ordered = [row for row in PAGE if row.keyword in keywords]
    rest = [row for row in PAGE if row.keyword not in keywords]
    tables = {
        "in an order": parameter_rows(ordered),
        "not in an order": parameter_rows(rest),
        "sizes": size_rows(),
    }
    for name, rows in tables.items():
        old = TABLE.format(name=name, rows="(?:.*\n)*?")
        new = TABLE.format(name=name, rows="".join(f"| {' | '.join(cells)} |\n" for cells in rows))
        page, count = re.subn(old, lambda _, new=new: new, page)
        if count != 1:
            raise ValueError(f"{PATH} needs one place for the table “{name}”.")
    return page


def parameter_rows(rows: Iterable[Parameter]) -> list[list[str]]:
    head = ["keyword", "path on the wire", "type and bounds", "meaning"]
    return [head, ["---"] * len(head), *map(cells, rows)]


def cells(row: Parameter) -> list[str]:
    return [f"`{row.keyword}`", f"`{row.path}`", facts(row), row.help]


def facts(row: Parameter) -> str:
    said = [row.type, *(["required"] if row.required else [])]
    said += [f"paired with `{row.pair}`"] if row.pair else []
    said += [bounds(row)] if row.minimum is not None else []
    said += [", ".join(f"`{choice}`" for choice in row.choices)] if row.choices else []
    said += [f"default `{row.default}`"] if row.default is not None else []
    return "; ".join(said)


def bounds(row: Parameter) -> str:
    return f"from {row.minimum}" if row.maximum is None else f"{row.minimum} to {row.maximum}"


def size_rows() -> list[list[str]]:
    head = ["shape", *parameters.RESOLUTIONS]
    sizes = {shape: [by[r] for r in parameters.RESOLUTIONS] for shape, by in parameters.DIMENSIONS.items()}
    rows = [
        [f"`{shape}`", *(f"{width}x{height}" for width, height in pairs)] for shape, pairs in sizes.items()
    ]
    return [head, ["---"] * len(head), *rows]


def keywords_of_an_order() -> Collection[str]:
    """They are in a module that knows Django, which wants settings first."""
    import django
    from django.conf import settings

    apps = ["django.contrib.contenttypes", "django.contrib.auth", "seedream_django"]
    settings.configure(INSTALLED_APPS=apps)
    django.setup()
    from seedream_django.orders import KEYWORDS

    return KEYWORDS


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the tables are stale")
    page = PATH.read_text()
    fresh = written(page, keywords_of_an_order())
    if not parser.parse_args().check:
        PATH.write_text(fresh)
    elif fresh != page:
        sys.exit(STALE)


if __name__ == "__main__":
    main()
