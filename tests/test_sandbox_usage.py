"""The sandbox's account: the balance, and what was used by day and key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from seedream_django import sandbox
from seedream_django.sandbox.books import USAGE

from .sandboxed import Clock, connect, error_of, order, post, task

pytestmark = pytest.mark.once

NOON = datetime.fromisoformat("2026-11-26T12:00:00+00:00").timestamp()
DAY = 24 * 60 * 60


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.now = NOON
    return clock


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> sandbox.App:
    return sandbox.create_app(tmp_path / "state.sqlite3", latency=0, plain=True, clock=clock)


@pytest.fixture
def client(app: sandbox.App) -> Iterator[httpx.Client]:
    with connect(app) as client:
        yield client


@pytest.fixture
def other(tmp_path: Path, clock: Clock, app: sandbox.App) -> Iterator[httpx.Client]:
    """The same books by another key."""
    app = sandbox.create_app(tmp_path / "state.sqlite3", key="other", latency=0, plain=True, clock=clock)
    with connect(app) as client:
        client.headers["Authorization"] = "Bearer other"
        yield client


def ask(client: httpx.Client, **more: Any) -> httpx.Response:
    return post(client, task("accountManagement", **{"operation": "getUsageActivity", **more}))


def activity(client: httpx.Client, **more: Any) -> list[dict[str, Any]]:
    reply = ask(client, **more)
    assert reply.status_code == 200, reply.json()
    return list(reply.json()["data"][0]["usage"]["activity"])


def name_of(client: httpx.Client) -> str:
    (details,) = post(client, task("accountManagement", operation="getDetails")).json()["data"]
    return str(details["apiKeys"][0]["name"])


def test_details(client: httpx.Client, clock: Clock) -> None:
    """Organisation, balance, and what was used: today, in seven and thirty days, ever."""
    post(client, order())
    clock.now += 3 * DAY
    post(client, order(numberResults=2))
    (details,) = post(client, task("accountManagement", operation="getDetails")).json()["data"]
    assert details["organizationName"] == "Sandbox"
    assert details["balance"] == {"amount": pytest.approx(999.895), "freeBalance": 0.0, "currency": "USD"}
    used = {name: (u["requests"], pytest.approx(u["credits"])) for name, u in details["usage"].items()}
    assert used == {
        "total": (2, 0.105),
        "today": (1, 0.07),
        "last7Days": (2, 0.105),
        "last30Days": (2, 0.105),
    }


def test_by_day_and_key(client: httpx.Client, other: httpx.Client, clock: Clock) -> None:
    """Tasks, pictures and dollars of each day and key, oldest first; days without any are left out."""
    for number, who in ((1, client), (2, client), (4, other)):
        post(who, order(numberResults=number))
    clock.now += 2 * DAY
    post(client, order())
    post(client, order("sandbox:fails"))
    rows = activity(client, groupBy=["day", "apiKey"])
    keys = sorted([name_of(client), name_of(other)])
    first = {row["apiKey"]: (row["requests"], row["images"]) for row in rows if row["date"] == "2026-11-26"}
    assert first == {name_of(client): (2, 3), name_of(other): (1, 4)}
    assert [(row["date"], row["apiKey"]) for row in rows] == [
        *(("2026-11-26", key) for key in keys),
        ("2026-11-28", name_of(client)),
    ]
    assert (rows[-1]["requests"], rows[-1]["images"], rows[-1]["credits"]) == (2, 1, 0.035)


def test_groups(client: httpx.Client, other: httpx.Client) -> None:
    """By day alone, by key alone, as a word or a list; the total is the same."""
    for who in (client, other):
        post(who, order())
    assert [row["images"] for row in activity(client, groupBy="day")] == [2]
    assert [row["images"] for row in activity(client, groupBy=["apiKey"])] == [1, 1]
    assert "date" not in activity(client, groupBy="apiKey")[0]
    assert "apiKey" not in activity(client, groupBy="day")[0]
    for groups in ("day", "apiKey", ["day", "apiKey"]):
        (told,) = ask(client, groupBy=groups).json()["data"]
        assert told["usage"]["total"] == {"requests": 2, "images": 2, "credits": 0.07}


def test_one_key_of_several(client: httpx.Client, other: httpx.Client) -> None:
    """``apiKeys`` are the names that the details tell; the others are left out."""
    for who in (client, other):
        post(who, order())
    assert [row["apiKey"] for row in activity(client, apiKeys=[name_of(other)])] == [name_of(other)]
    assert activity(client, apiKeys=["key-unknown"]) == []


def test_days_are_those_of_the_time_zone(client: httpx.Client, clock: Clock) -> None:
    """An hour before midnight in UTC is the next day in Paris, and its bounds move with it."""
    clock.now = NOON + 11.5 * 60 * 60
    post(client, order())
    assert activity(client, groupBy="day")[0]["date"] == "2026-11-26"
    assert activity(client, groupBy="day", timezone="Europe/Paris")[0]["date"] == "2026-11-27"
    day = {"startDate": "2026-11-27", "endDate": "2026-11-27"}
    assert activity(client, **day) == []
    assert len(activity(client, timezone="Europe/Paris", **day)) == 1


def test_a_day_of_23_hours(client: httpx.Client, clock: Clock) -> None:
    """When clocks go forward nothing is told twice and nothing is left out."""
    clock.now = datetime.fromisoformat("2026-03-29T00:30:00+00:00").timestamp()
    for _ in range(26):
        post(client, order())
        clock.now += 60 * 60
    rows = activity(client, groupBy="day", timezone="Europe/Paris")
    assert [(row["date"], row["requests"]) for row in rows] == [("2026-03-29", 22), ("2026-03-30", 4)]


def test_what_is_told_without_asking(client: httpx.Client) -> None:
    """Thirty days up to today, in UTC, by day and key."""
    post(client, order())
    (told,) = ask(client).json()["data"]
    assert (told["startDate"], told["endDate"]) == ("2026-10-28", "2026-11-26")
    (row,) = told["usage"]["activity"]
    assert (row["date"], row["apiKey"]) == ("2026-11-26", name_of(client))


def test_a_key_is_not_in_the_books(tmp_path: Path) -> None:
    """Neither in the file nor in an answer: it is called by a digest."""
    app = sandbox.create_app(tmp_path / "s", key="canary-key", latency=0, plain=True)
    with connect(app) as client:
        client.headers["Authorization"] = "Bearer canary-key"
        post(client, order())
        assert "canary" not in ask(client).text
    assert not any(b"canary" in path.read_bytes() for path in tmp_path.iterdir())


WRONG = [
    ({"startDate": "yesterday"}, "invalidStartDate", "startDate", {}),
    ({"startDate": 20261126}, "invalidStartDate", "startDate", {}),
    ({"startDate": "2026-11-31"}, "invalidStartDate", "startDate", {}),
    ({"startDate": "0001-01-01"}, "invalidStartDate", "startDate", {}),
    ({"endDate": ""}, "invalidEndDate", "endDate", {}),
    ({"endDate": "9999-12-31"}, "invalidEndDate", "endDate", {}),
    ({"endDate": None}, "invalidEndDate", "endDate", {}),
    ({"startDate": "2026-11-27", "endDate": "2026-11-26"}, "invalidStartDate", ["startDate", "endDate"], {}),
    ({"startDate": "2025-11-25"}, "invalidStartDate", ["startDate", "endDate"], {"max": 366}),
    ({"groupBy": "week"}, "invalidGroupBy", "groupBy", {"allowedValues": ["day", "apiKey"]}),
    ({"groupBy": ["day", "day"]}, "invalidGroupBy", "groupBy", {"allowedValues": ["day", "apiKey"]}),
    ({"groupBy": 5}, "invalidGroupBy", "groupBy", {}),
    ({"groupBy": [5]}, "invalidGroupBy", "groupBy", {}),
    ({"apiKeys": "key"}, "invalidApiKeys", "apiKeys", {}),
    ({"apiKeys": [""]}, "invalidApiKeys", "apiKeys", {}),
    ({"timezone": "Mars/Olympus"}, "invalidTimezone", "timezone", {}),
    ({"timezone": "../etc/passwd"}, "invalidTimezone", "timezone", {}),
    ({"timezone": "Europe"}, "invalidTimezone", "timezone", {}),
    ({"timezone": "\ud83d"}, "invalidTimezone", "timezone", {}),
    ({"timezone": "x\x00"}, "invalidTimezone", "timezone", {}),
    ({"timezone": 1}, "invalidTimezone", "timezone", {}),
    ({"operation": "steal"}, "invalidOperation", "operation", {"allowedValues": ["getDetails", "getUsageActivity"]}),
    ({"page": 2}, "unsupportedParameter", "page", {}),
    ({"operation": "getDetails", "startDate": "2026-11-26"}, "unsupportedParameter", "startDate", {}),
    ({"taskUUID": "x"}, "invalidTaskUUID", "taskUUID", {}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "parameter", "limits"), WRONG)
def test_wrong_questions(
    client: httpx.Client, change: dict[str, Any], code: str, parameter: Any, limits: dict[str, Any]
) -> None:
    """Each wrong value is a 400 with its code, parameter and limits."""
    reply = ask(client, **change)
    error = error_of(reply)
    assert (reply.status_code, error["code"], error["parameter"]) == (400, code, parameter)
    assert limits.items() <= error.items()


def test_a_question_without_an_operation(client: httpx.Client) -> None:
    """It is missing, by name."""
    assert error_of(post(client, task("accountManagement")))["code"] == "missingOperation"


def test_many_days_are_quick_to_ask(app: sandbox.App, client: httpx.Client) -> None:
    """Each day is looked up by an index, never by reading all tasks."""
    with app.books.reading() as connection:
        plan = " ".join(str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {USAGE}", (1, 2)))
    assert "SCAN" not in plan
    assert "task_accepted" in plan
