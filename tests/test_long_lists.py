"""Lists that are longer than a list goes: where it ended is said, the rest is a link away, nothing is read for it."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from seedream_django import library, paging
from seedream_django.admin import long
from seedream_django.admin.orders import GenerationAdmin
from seedream_django.models import GeneratedImage, Generation, ImageState, Review, State

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]

ORDERS = "admin:seedream_django_generation_changelist"
PICTURES = "admin:seedream_django_generatedimage_changelist"
NOW = timezone.now()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that end after six rows, two on a page."""
    monkeypatch.setattr(long, "LISTED", 6)
    monkeypatch.setattr(GenerationAdmin, "list_per_page", 2)


def ordered(count: int, user: User | None = None, **values: Any) -> list[Generation]:
    """So many orders with a picture each, the newest first; their prompts and titles are numbered."""
    task = {"width": 2048, "height": 2048}
    rows = Generation.objects.bulk_create(
        Generation(
            prompt=f"fox {number:03}", parameters=task, user=user, created_at=NOW - datetime.timedelta(hours=number),
            **{"state": State.DONE, **values},
        )
        for number in range(count)
    )  # fmt: skip
    GeneratedImage.objects.bulk_create(
        GeneratedImage(
            generation=row, image_uuid=uuid.uuid4(), state=ImageState.STORED, title=row.prompt,
            created_at=row.created_at,
        )
        for row in rows
    )  # fmt: skip
    return rows


def read(client: Client, address: str) -> tuple[list[str], str, int]:
    """Which rows a page lists, where its link to older ones leads, and how many pages there are."""
    response = client.get(address)
    assert response.status_code == 200
    page = response.content.decode()
    shown = dict.fromkeys(re.findall(r"<bdi dir=\"auto\">(fox \d+)", page))
    older = re.search(r'<a href="([^"]+)">Older ones</a>', page)
    return list(shown), unescape(older[1]) if older else "", response.context["cl"].paginator.num_pages


@pytest.mark.parametrize("name", [ORDERS])
def test_every_row_is_reached(name: str, short: None, owner: User, browser: Browser) -> None:
    """Page after page, and list after list by its link: all of them, in order, and the last list has no link."""
    rows = ordered(16)
    client, address, seen = browser(owner), reverse(name), []
    for _list in range(10):
        pages = read(client, address)[2]
        assert pages <= 3
        join = "&" if "?" in address else "?"
        older = ""
        for number in range(1, pages + 1):
            shown, older, _pages = read(client, f"{address}{join}p={number}")
            assert bool(older) <= (number == pages)
            seen += shown
        if not older:
            break
        address = reverse(name) + older
    # Where one list ends the next begins, with the same row.
    assert list(dict.fromkeys(seen)) == [row.prompt for row in rows]


@pytest.mark.parametrize("name", [ORDERS])
def test_words_are_looked_for_in_the_newest(name: str, short: None, owner: User, browser: Browser) -> None:
    """A search reads as far as a list goes, says so, and leads on; what is chosen beside it narrows it first."""
    ordered(16)
    client, address, found = browser(owner), f"{reverse(name)}?q=fox+014", []
    for _list in range(5):
        shown, older, _pages = read(client, address)
        found.append(shown)
        if not older:
            break
        assert "Words were looked for in the newest 6 rows." in client.get(address).content.decode()
        address = reverse(name) + older
    assert found[-1] == ["fox 014"]
    assert not any(found[:-1])
    assert len(found) > 2


@pytest.mark.parametrize(
    "moment", ["", "yesterday", "2026-02-30T00:00:00+00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T00:00:00+00:00",
               "2026-01-01T00:00:00", "'; DROP TABLE"],
)  # fmt: skip
def test_a_moment_that_is_none(moment: str, owner: User, browser: Browser) -> None:
    """An address that somebody has typed shows the list from its beginning."""
    ordered(3)
    response = browser(owner).get(reverse(ORDERS), {"before": moment})
    assert response.status_code == 200
    assert len(response.context["cl"].result_list) == 3


def test_who_ordered(owner: User, editor: User, person: Any, browser: Browser) -> None:
    """The filter by person offers those who ordered, each once, and nobody else."""
    ordered(3, editor)
    person("nina")
    specs = browser(owner).get(reverse(ORDERS)).context["cl"].filter_specs
    people = next(spec for spec in specs if isinstance(spec, long.PeopleFilter))
    assert [name for _key, name in people.lookup_choices] == ["edda"]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        (ORDERS, ""), (ORDERS, "p=3"), (ORDERS, "state__exact=done"), (ORDERS, "state__exact=failed"),
        (ORDERS, "decision=open"), (ORDERS, "q=fox"), (ORDERS, "user__id__exact={pk}"), (PICTURES, ""),
        (PICTURES, "older={place}"), (PICTURES, "newer={place}"), (PICTURES, "review=waiting"),
        (PICTURES, "review=approved"), (PICTURES, "q=fox"), (PICTURES, "shape=16:9"), (PICTURES, "used=no"),
        (PICTURES, "used=yes"), (PICTURES, "state=failed"), (PICTURES, "who={pk}"), (PICTURES, "when=month"),
        (PICTURES, "state=stored"), (PICTURES, "words=none"),
    ],
)  # fmt: skip
def test_nothing_reads_or_sorts_a_whole_table(
    name: str, query: str, editor: User, owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite walks along an index as far as a page or a list goes, and sorts nothing but what has an equal."""
    monkeypatch.setattr(long, "LISTED", 200)
    monkeypatch.setattr(library, "LOOKED_THROUGH", 200)
    monkeypatch.setattr(library, "RARE", 100)
    ordered(300, editor)
    client = browser(owner)
    GeneratedImage.objects.update(flagged=True, review=Review.WAITING)
    place = quote(str(paging.Place.of(GeneratedImage.objects.all()[100])))
    address = f"{reverse(name)}?{query.format(pk=editor.pk, place=place)}"
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    # The session and its person are two; what became of the pictures that forms wait for is one.
    # Flagged ones, people and tags, for what there is to choose from; a few to find the page; why orders wait.
    assert len(captured) - 3 <= 7
    for row in captured:
        if "seedream_django_generat" not in row["sql"]:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {row['sql'].replace('%', '%%')}")
            steps = [step[3] for step in cursor.fetchall()]
        scans = [s for s in steps if re.match(r"SCAN seedream_django_\w+", s)]
        assert all("USING" in s for s in scans), (row["sql"], steps)
        assert not scans or "LIMIT" in row["sql"], (row["sql"], steps)
        if "IN (" not in row["sql"]:
            assert "USE TEMP B-TREE FOR ORDER BY" not in steps, (row["sql"], steps)
