"""Pages: what a picture's tag costs, and whether a list of a million is as quick as one of a thousand.

    python -m benchmarks.pages
    python -m benchmarks.pages --rows 1000000 --on sqlite

On SQLite and on a PostgreSQL of its own, which it starts and stops. Nothing of the site's own data is touched.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .results import Row, keep

#: Sizes at which queries are counted, and the one that a million is held against.
SIZES, THOUSAND, MILLION = (10, 1_000, 10_000), 1_000, 1_000_000
#: Pictures on a page; the best of so many pages is told.
PICTURES, TIMES = 50, 7
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
#: What a site asks SQLite for.
SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=MILLION, help="in the largest list")
    parser.add_argument("--on", nargs="+", choices=("sqlite", "postgresql"), default=("sqlite", "postgresql"))
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.into:
        options.into.write_text(json.dumps(measure(options.rows)))
        return
    rows = [{"on": kind, **row} for kind in options.on for row in _on(kind, options.rows)]
    keep("pages", rows, bars=bars(rows))


def _on(kind: str, rows: int) -> list[Row]:
    """In a process of its own: Django is set up once, for one database."""
    print(f"\n## {kind}\n", flush=True)
    with database(kind) as entry, tempfile.TemporaryDirectory(prefix="seedream-pages-") as folder:
        into = Path(folder) / "rows.json"
        environment = {**os.environ, "SEEDREAM_TEST_DATABASE": json.dumps(entry)}
        command = [sys.executable, "-m", "benchmarks.pages", "--into", str(into), "--rows", str(rows)]
        subprocess.run(command, env=environment, check=True)
        found: list[Row] = json.loads(into.read_text())
    return found


def bars(rows: list[Row]) -> list[tuple[str, float, str]]:
    """A tag against a plain ``<img>``; a list that meets its goal, and the page that is the furthest from it."""
    named = {
        OURS_NAME: ("a picture's tag", 2.0, "a plain <img>"),
        "orders": ("list of a million orders", 1.5, "a thousand's"),
        "money, with what is stuck": ("page of money, a million", 1.5, "a thousand's"),
    }
    found = []
    for row in rows:
        if row["what"] in named:
            what, goal, against = named[row["what"]]
            found.append(
                (f"{what}, {NAMES[row['on']]}", row["ratio"] / goal, f"{row['ratio']:.1f} × {against}")
            )
    return found


@contextlib.contextmanager
def database(kind: str) -> Iterator[dict[str, Any]]:
    """An empty one, as an entry of ``DATABASES``; gone at the end."""
    if kind == "postgresql":
        from tests import servers

        with servers.postgresql() as entry:
            # One process a connection: what it spends can be told.
            yield {**entry, "OPTIONS": {"options": "-c max_parallel_workers_per_gather=0"}}
        return
    with tempfile.TemporaryDirectory(prefix="seedream-pages-") as folder:
        name = str(Path(folder) / "pages.sqlite3")
        yield {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": SQLITE}


def measure(rows: int) -> list[Row]:
    """All of it, in this process, on the database that the environment names."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    from tests import settings as given

    # As on a site with a worker: a page does none of its work.
    queue: Any = given.HUEY
    queue.immediate = False
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.DEBUG = False
    call_command("migrate", verbosity=0)
    return tags(40 if rows > THOUSAND else 2) + lists(rows)


# -- A tag ---------------------------------------------------------------------------------------------------

PLAIN = (
    '<img src="{{ article.cover.file.url }}" width="{{ article.cover.width }}" '
    'height="{{ article.cover.height }}" alt="{{ article.cover.alt }}" loading="lazy">'
)
BARE = '<img src="{{ article.cover.file.url }}" alt="{{ article.cover.alt }}">'
OURS = "{% seedream_image article.cover %}"
OURS_NAME = "`{% seedream_image %}`"
STYLED = '{% seedream_image article.cover class="cover" sizes="50vw" %}'


def tags(times: int) -> list[Row]:
    """Fifty pictures on a page: ours, and the file field's own address in a template."""
    from example_project.magazine.models import Article

    from . import crowd

    crowd.fill(PICTURES * 2)
    _articles()
    rows = Article.objects.select_related("cover")
    bodies = {
        "`<img>` with `src` and `alt` alone": BARE,
        "plain `<img>`: `src`, `width`, `height`, `alt`, `loading`": PLAIN,
        OURS_NAME: OURS,
        "`{% seedream_image %}` with two attributes": STYLED,
    }
    found = {name: _of_tags(body, rows, times) for name, body in bodies.items()}
    found["`{% seedream_image %}`, prefetched"] = _of_tags(
        OURS, Article.objects.prefetch_related("cover"), times
    )
    _count, paid, alone = found["plain `<img>`: `src`, `width`, `height`, `alt`, `loading`"]
    print(
        f"| {PICTURES} pictures on a page | queries | µs a picture | × plain | µs without the query | × plain |"
    )
    print("|---|---|---|---|---|---|")
    for name, (count, took, bare) in found.items():
        print(f"| {name} | {count} | {took:.0f} | {took / paid:.2f} | {bare:.0f} | {bare / alone:.2f} |")
    print(flush=True)
    Article.objects.all().delete()
    return [
        {"what": name, "queries": [count], "µs a picture": took, "ratio": took / paid}
        for name, (count, took, _bare) in found.items()
    ]


def _articles() -> None:
    from example_project.magazine.models import Article, Topic
    from seedream_django.models import GeneratedImage

    topic = Topic.objects.create(name="Nature", slug="nature")
    covers = GeneratedImage.objects.shown()[:PICTURES]
    Article.objects.bulk_create(
        Article(title=f"Foxes {image.pk}", slug=f"foxes-{image.pk}", topic=topic, cover=image, body="A")
        for image in covers
    )


def _of_tags(body: str, rows: Any, times: int) -> tuple[int, float, float]:
    """Queries of the page; microseconds of a picture in it, with the page's query and without."""
    from django.template import Context, Template

    template = Template(f"{{% load seedream %}}{{% for article in articles %}}{body}{{% endfor %}}")

    def page(articles: Any = None) -> str:
        return str(template.render(Context({"articles": rows.all() if articles is None else articles})))

    assert page().count("<img") == PICTURES
    loaded = list(rows.all())
    whole, alone = best(page, times), best(lambda: page(loaded), times)
    return queries(page), whole * 1e6 / PICTURES, alone * 1e6 / PICTURES


# -- Lists ---------------------------------------------------------------------------------------------------

ORDERS = "/admin/seedream_django/generation/"
IMAGES = "/admin/seedream_django/generatedimage/"
MONEY = "/admin/seedream_django/ledgerentry/"

#: Each page by what it is called; ``{deep}`` is a page far behind, ``{month}`` this month.
PAGES = {
    "orders": ORDERS,
    "orders, a deep page": f"{ORDERS}?p={{deep}}",
    "orders, done": f"{ORDERS}?state__exact=done",
    "orders, failed": f"{ORDERS}?state__exact=failed",
    "orders, in work": f"{ORDERS}?state__exact=running",
    "orders, to be decided": f"{ORDERS}?decision=open",
    "orders of one person": f"{ORDERS}?user__id__exact={{person}}",
    "orders, searched": f"{ORDERS}?q=number+7",
    "orders, searched in vain": f"{ORDERS}?q=walrus",
    "pictures": IMAGES,
    "pictures, a deep page": f"{IMAGES}?older={{place}}",
    "pictures, back from there": f"{IMAGES}?newer={{place}}",
    "pictures, waiting for a decision": f"{IMAGES}?review=waiting",
    "pictures, approved": f"{IMAGES}?review=approved",
    "pictures, not saved": f"{IMAGES}?state=failed",
    "pictures of a shape": f"{IMAGES}?shape=1:1",
    "pictures of a shape that none has": f"{IMAGES}?shape=21:9",
    "pictures of one person": f"{IMAGES}?who={{person}}",
    "pictures on a page": f"{IMAGES}?used=yes",
    "pictures that are nowhere": f"{IMAGES}?used=no",
    "pictures of last month": f"{IMAGES}?when=last_month",
    "pictures, searched": f"{IMAGES}?q=number+7",
    "pictures, searched in vain": f"{IMAGES}?q=walrus",
    "pictures, searched by a tag": f"{IMAGES}?q=front",
    "pictures, searched by a rare tag": f"{IMAGES}?q=greenhouse",
    "pictures, all of it at once": f"{IMAGES}?q=fox&shape=1:1&used=no&when=year",
    "one picture": f"{IMAGES}{{picture}}/change/",
    "one picture's review": f"{IMAGES}{{flagged}}/review/",
    "money, with what is stuck": MONEY,
    "ledger, a deep page": f"{MONEY}?p={{deep}}",
    "ledger, this month": f"{MONEY}?period={{month}}",
    "ledger, settled": f"{MONEY}?kind__exact=settle",
    "ledger of one person": f"{MONEY}?person={{person}}",
    "ledger, searched": f"{MONEY}?q=Article+7",
    "one order": f"{ORDERS}{{done}}/change/",
    "its status": "/seedream/{done}/status/",
    "status of one in work, polled": "/seedream/{running}/status/",
}

#: The lists again, for somebody who sees only what they ordered: a tenth, which has fewer pages and no other person.
OWN = tuple(name for name in PAGES if name.startswith(("orders", "pictures")) and "{" not in PAGES[name])


def lists(rows: int) -> list[Row]:
    """Queries at each size, and how long a page takes with all rows as against a thousand."""
    found: dict[str, dict[int, tuple[int, float]]] = {}
    for size in (*(size for size in SIZES if size < rows), rows):
        for name, figures in _of_lists(size, TIMES if rows > THOUSAND and size in (THOUSAND, rows) else 1):
            found.setdefault(name, {})[size] = figures
    return told(found, rows)


def _of_lists(size: int, times: int) -> Iterator[tuple[str, tuple[int, float]]]:
    from django.contrib.auth.models import User
    from django.test import Client

    from . import crowd

    began = time.perf_counter()
    crowd.fill(size)
    print(f"{size:,} rows made in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    chief = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("olga")
    places = _named(size)
    for person, names, whose in ((chief, tuple(PAGES), ""), (_editor(), OWN, ", one's own")):
        client = Client()
        client.force_login(person)
        for name in names:

            def page(url: str = PAGES[name].format(**places), client: Client = client) -> None:
                response = client.get(url)
                assert response.status_code == 200, (url, response.status_code)

            # The session and its person are two.
            yield f"{name}{whose}", (queries(page) - 2, best(page, times))


def _editor() -> Any:
    """One of those who ordered, with an editor's rights and no other's."""
    from django.contrib.auth.models import Permission, User

    editor = User.objects.get(username="person7")
    User.objects.filter(pk=editor.pk).update(is_staff=True)
    editor.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label="seedream_django",
            codename__in=("view_generation", "view_generatedimage", "add_generation"),
        )
    )
    return editor


def _named(size: int) -> dict[str, Any]:
    """What the addresses name at this size."""
    from django.contrib.auth.models import User

    from seedream_django import paging
    from seedream_django.models import GeneratedImage, Generation, today

    flagged = GeneratedImage.objects.filter(flagged=True).order_by("-pk").first()
    if flagged is None:
        flagged = GeneratedImage.objects.filter(state="stored")[:1].get()
        GeneratedImage.objects.filter(pk=flagged.pk).update(flagged=True, review="waiting")
    return {
        "deep": max(1, min(size, 10_000) // 50),
        "place": quote(str(paging.Place.of(GeneratedImage.objects.all()[min(size, 10_000) * 4 // 5]))),
        "picture": GeneratedImage.objects.filter(state="stored", flagged=None).latest("created_at").pk,
        "person": User.objects.get(username="person7").pk,
        "flagged": flagged.pk,
        "month": f"{today():%Y-%m}",
        "done": Generation.objects.filter(state="done").latest("created_at").pk,
        "running": Generation.objects.filter(state="running").latest("created_at").pk,
    }


def told(found: dict[str, dict[int, tuple[int, float]]], rows: int) -> list[Row]:
    base = THOUSAND if rows > THOUSAND else min(SIZES)
    sizes = list(next(iter(found.values())))
    print(
        f"| page | queries at {', '.join(f'{size:,}' for size in sizes)} | CPU ms at {base:,} | at {rows:,} | ratio |"
    )
    print("|---|---|---|---|---|")
    kept: list[Row] = []
    for name, figures in found.items():
        counts = [count for count, _ in figures.values()]
        shown = str(counts[0]) if len(set(counts)) == 1 else ", ".join(map(str, counts))
        few, many = figures[base][1], figures[rows][1]
        print(f"| {name} | {shown} | {few * 1e3:.0f} | {many * 1e3:.0f} | {many / few:.2f} |")
        ms = {f"CPU ms at {base:,}": few * 1e3, f"at {rows:,}": many * 1e3}
        kept.append({"what": name, "queries": sorted(set(counts)), **ms, "ratio": many / few})
    return kept


# -- How it is measured --------------------------------------------------------------------------------------


def queries(page: Callable[[], Any]) -> int:
    """How often a page asks the database, once it has been shown."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    page()
    with CaptureQueriesContext(connection) as captured:
        page()
    return len(captured)


def best(page: Callable[[], Any], times: int) -> float:
    """Seconds of the processor for a page, the database's with them: the least of so many."""
    gc.collect()
    took: list[float] = []
    while len(took) < times and sum(took) < 5:
        began = spent()
        page()
        took.append(spent() - began)
    return min(took)


def spent() -> float:
    """Seconds of the processor that this process has used, and the PostgreSQL that works for it."""
    from django.db import connection

    theirs = 0
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        pid = connection.connection.info.backend_pid
        theirs = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    return time.process_time() + theirs / 1e9


if __name__ == "__main__":
    main()
