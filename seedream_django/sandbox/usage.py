"""``accountManagement``: the balance, and what was used, from the books (docs/wire.md, section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .books import Usage
from .errors import Answer, rejected
from .provider import Call, Provider
from .values import choice_of, only, text_of, texts_of, uuid_of, wrong

#: Answers about the balance that say zero after an order was refused for it.
EMPTY_ANSWERS = 2

#: Longest time that one question covers, in days; each is a query.
MAX_DAYS = 366

_GROUPS = ("day", "apiKey")
_DAY = 24 * 60 * 60


def account(provider: Provider, task: dict[str, Any], call: Call) -> Answer:
    """The account, or its use. Raises ``Rejected`` (400) for a wrong value."""
    uuid = uuid_of(task)
    operation = choice_of(task, "operation", list(_OPERATIONS))
    told = _OPERATIONS[operation](provider, task, call)
    about = {"taskType": "accountManagement", "taskUUID": uuid, "operation": operation}
    return Answer(data=[{**about, **told}])


# -- The account ---------------------------------------------------------------------------------------------


def _details(provider: Provider, task: dict[str, Any], call: Call) -> dict[str, Any]:
    """The balance is in US dollars; below zero too: the sandbox gives credit.

    After a refusal for an empty account it is empty for a while, as if somebody then topped it up.
    """
    only(task, "operation")
    spent, now = provider.books.spent(), provider.clock()
    left = 0.0 if _is_emptied(provider) else float(provider.credit - spent)
    recent = {"today": now - now % _DAY, "last7Days": now - 7 * _DAY, "last30Days": now - 30 * _DAY}
    used = {name: _sums(provider.books.usage(since, now + 1)) for name, since in recent.items()}
    total = {"credits": float(spent), "requests": provider.books.tasks()}
    return {
        "organizationName": "Sandbox",
        "organizationUUID": "5a4db0c5-0000-4000-8000-000000000000",
        "balance": {"amount": left, "freeBalance": 0.0, "currency": "USD"},
        "apiKeys": [{"name": call.account}],
        "usage": {"total": total, **{name: _short(used[name]) for name in used}},
    }


def _short(sums: dict[str, Any]) -> dict[str, Any]:
    return {"credits": sums["credits"], "requests": sums["requests"]}


def _is_emptied(provider: Provider) -> bool:
    """Whether an order was refused for its balance, and nobody has asked often enough since."""
    times = provider.books.counted("emptied", "")
    return bool(times) and provider.books.count("asked while empty", str(times)) <= EMPTY_ANSWERS


# -- Its use -------------------------------------------------------------------------------------------------


def _activity(provider: Provider, task: dict[str, Any], call: Call) -> dict[str, Any]:
    """Tasks, pictures and US dollars by day and key. Days without any are left out."""
    only(task, "operation", "startDate", "endDate", "groupBy", "apiKeys", "timezone")
    zone = _zone(task)
    first, last = _days(provider, task, zone)
    groups = _groups(task)
    keys = texts_of(task, "apiKeys")
    rows = [
        (day, used)
        for day in _each(first, last)
        for used in provider.books.usage(_start(day, zone), _start(day + timedelta(days=1), zone))
        if not keys or used.account in keys
    ]
    return {
        "startDate": first.isoformat(), "endDate": last.isoformat(),
        "usage": {"activity": _grouped(rows, groups), "total": _sums(used for _, used in rows)},
    }  # fmt: skip


def _zone(task: dict[str, Any]) -> ZoneInfo:
    name = text_of(task, "timezone") if "timezone" in task else "UTC"
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # ZoneInfoNotFoundError is a KeyError; a path in the name is a ValueError, a folder an OSError.
        raise wrong(task, "timezone", "Must be a time zone such as Europe/Paris.") from None


def _days(provider: Provider, task: dict[str, Any], zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last day: by default the thirty up to today."""
    today = datetime.fromtimestamp(provider.clock(), zone).date()
    last = _date(task, "endDate", today)
    first = _date(task, "startDate", last - timedelta(days=29))
    names = {"parameter": ["startDate", "endDate"]}
    if first > last:
        raise rejected(400, "invalidStartDate", "Must not be after the end.", task=task, **names)
    if (last - first).days >= MAX_DAYS:
        text = f"Must be at most {MAX_DAYS} days."
        raise rejected(400, "invalidStartDate", text, task=task, max=MAX_DAYS, **names)
    return first, last


def _date(task: dict[str, Any], name: str, default: date) -> date:
    if name not in task:
        return default
    try:
        found = date.fromisoformat(text_of(task, name))
    except ValueError:
        raise wrong(task, name, "Must be a day such as 2026-11-26.") from None
    if not 1970 <= found.year <= 9000:
        raise wrong(task, name, "Must be a day such as 2026-11-26.")
    return found


def _groups(task: dict[str, Any]) -> list[str]:
    """One word or a list of them."""
    asked = [task["groupBy"]] if isinstance(task.get("groupBy"), str) else texts_of(task, "groupBy")
    if not set(asked) <= set(_GROUPS) or len(asked) != len(set(asked)):
        raise wrong(task, "groupBy", f"Choose from: {', '.join(_GROUPS)}.", allowedValues=list(_GROUPS))
    return asked or list(_GROUPS)


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _start(day: date, zone: ZoneInfo) -> float:
    return datetime.combine(day, time(), zone).astimezone(UTC).timestamp()


def _grouped(rows: list[tuple[date, Usage]], groups: list[str]) -> list[dict[str, Any]]:
    found: dict[tuple[str, ...], list[Usage]] = {}
    for day, used in rows:
        values = {"day": day.isoformat(), "apiKey": used.account}
        found.setdefault(tuple(values[group] for group in groups), []).append(used)
    names = {"day": "date", "apiKey": "apiKey"}
    return [
        {**{names[group]: value for group, value in zip(groups, key, strict=True)}, **_sums(used)}
        for key, used in sorted(found.items())
    ]


def _sums(rows: Any) -> dict[str, Any]:
    found = list(rows)
    return {
        "requests": sum(used.tasks for used in found),
        "images": sum(used.images for used in found),
        "credits": float(sum((used.amount for used in found), Decimal(0))),
    }


_OPERATIONS = {"getDetails": _details, "getUsageActivity": _activity}
