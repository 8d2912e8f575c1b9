"""Writes the tables of docs/reference/parameters.md from ``seedream_django.parameters``.

python docs/parameters.py            writes them
python docs/parameters.py --check    only says whether they are stale, as ``make docs`` does and a test

The page is committed as it is written, so that it reads on a forge.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from runpy import run_path
from typing import Any

from seedream_django import parameters
from seedream_django.parameters import BY_PATH, PAGE, Parameter

FOLDER = Path(__file__).resolve().parent
PATH = FOLDER / "reference" / "parameters.md"
#: How each row is set, and what proves it. A file beside this one, wherever it is run from.
ROWS = run_path(str(FOLDER / "rows.py"))["ROWS"]
STALE = (
    "The tables of docs/reference/parameters.md are stale: run “python docs/parameters.py” and commit them."
)
#: What is between the two is written here; everything else on the page is written by hand.
TABLE = "<!-- {name}: written by docs/parameters.py -->\n{rows}<!-- end of {name} -->\n"


def written(page: str, keywords: Collection[str], fields: Mapping[str, Any]) -> str:
    """The page with fresh tables. ``keywords`` are those that an order may decide, ``fields`` its form's."""
    ordered = [row for row in PAGE if row.keyword in keywords]
    rest = [row for row in PAGE if row.keyword not in keywords]
    tables = {
        "in an order": parameter_rows(ordered),
        "not in an order": parameter_rows(rest),
        "doors": door_rows(fields),
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


def door_rows(fields: Mapping[str, Any]) -> list[list[str]]:
    head = [
        "parameter",
        "who decides",
        "in the admin",
        "command",
        "Python",
        "setting",
        "proof",
        "proof, sandbox",
    ]
    return [head, ["---"] * len(head), *(doors(row, fields) for row in ROWS)]


def doors(row: Any, fields: Mapping[str, Any]) -> list[str]:
    site = "the site, or code" if row.python else "the site"
    who = {"form": "whoever orders", "settings": site, "app": "the app"}[BY_PATH[row.path].door]
    told = [f"*{fields[name].label}*: {shown(fields[name], value)}" for name, value in row.admin.items()]
    examples = [f"`{example}`" if example else "" for example in (row.command, row.python, row.setting)]
    proofs = [proof(row.ours), proof(row.theirs)]
    return [f"`{row.path}`", ": ".join(filter(None, [who, row.app])), ", ".join(told), *examples, *proofs]


def shown(field: Any, value: str) -> str:
    """A value as the form's page has it."""
    return str(dict(getattr(field, "choices", ())).get(value, value))


def proof(tests: Iterable[str]) -> str:
    return " ".join(f"`{test}`" for test in tests)


def size_rows() -> list[list[str]]:
    head = ["shape", *parameters.RESOLUTIONS]
    sizes = {shape: [by[r] for r in parameters.RESOLUTIONS] for shape, by in parameters.DIMENSIONS.items()}
    rows = [
        [f"`{shape}`", *(f"{width}x{height}" for width, height in pairs)] for shape, pairs in sizes.items()
    ]
    return [head, ["---"] * len(head), *rows]


def words_of_the_app() -> tuple[Collection[str], Mapping[str, Any]]:
    """What an order may decide, and its form's fields: in modules that know Django, which wants settings first."""
    import django
    from django.conf import settings

    if not settings.configured:
        apps = ["django.contrib.contenttypes", "django.contrib.auth", "seedream_django"]
        settings.configure(INSTALLED_APPS=apps)
        django.setup()
    from seedream_django.order_forms import OrderForm
    from seedream_django.orders import KEYWORDS

    return KEYWORDS, OrderForm.base_fields


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the tables are stale")
    page = PATH.read_text()
    fresh = written(page, *words_of_the_app())
    if not parser.parse_args().check:
        PATH.write_text(fresh)
    elif fresh != page:
        sys.exit(STALE)


if __name__ == "__main__":
    main()
