"""What an account used, by day and key, from a reply whose shape nobody documents.

Everything here is pure. A row is whatever has an amount and a day, under any of several names and however nested. Of
several lists the one that says most is taken, because another may be the same money once more. What cannot be read
is counted, and never guessed.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

DAYS = ("date", "day", "period", "startDate", "start", "timestamp", "time")
KEYS = ("apiKeyName", "keyName", "apiKey", "api_key", "key", "name")
AMOUNTS = ("credits", "cost", "amount", "totalCredits", "totalCost", "total", "spent", "usd")
PICTURES = ("images", "results")

#: Levels of nesting, and rows, that are looked at.
DEPTH, MANY = 8, 50_000
#: US dollars: beyond this it is a unit or a typing error.
LIMIT = Decimal(10**9)
SMALLEST = Decimal("0.000001")
#: Characters of a key's name that are kept.
NAME_LENGTH = 60
#: What looks like a key, or the number of one, and not like a name that somebody gave it.
_SECRET = re.compile(r"[A-Za-z0-9]{24,}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Use:
    """What one key used in one day. ``key`` is a name that may be shown; blank where none is told."""

    day: date
    key: str
    amount: Decimal
    pictures: int | None = None


@dataclass(frozen=True)
class Usage:
    """``total`` is the sum that the reply itself names, if it does; ``unread`` are rows that could not be read.

    ``readable`` is false where the reply has nothing that could be such a list.
    """

    rows: tuple[Use, ...] = ()
    total: Decimal | None = None
    unread: int = 0
    readable: bool = True


@dataclass(frozen=True)
class _Reader:
    zone: tzinfo
    secret: str

    # -- One row ---------------------------------------------------------------------------------------------

    def day(self, value: Any) -> date | None:
        """A day, or the moment at which it begins: in seconds, in milliseconds, or as ISO 8601 has it."""
        try:
            if isinstance(value, str):
                moment = datetime.fromisoformat(value.strip())
            elif isinstance(value, int) and 10**9 <= value < 10**13:
                moment = datetime.fromtimestamp(value / (1 if value < 10**11 else 1000), self.zone)
            else:
                return None
            # Midnight of whatever offset is how some write a day.
            is_day = moment.tzinfo is None or moment.time() == time()
            return moment.date() if is_day else moment.astimezone(self.zone).date()
        except (ValueError, OverflowError, OSError):
            return None

    def name(self, value: Any) -> str:
        """A key's name; a key itself, ours or another's, is never handed on."""
        if isinstance(value, Mapping):
            return next(filter(None, (self.name(value.get(name)) for name in reversed(KEYS))), "")
        if not isinstance(value, str):
            return ""
        text = "".join(letter for letter in value[: 4 * NAME_LENGTH] if letter.isprintable()).strip()
        if (self.secret and self.secret in text) or _SECRET.fullmatch(text):
            return f"{text[:4]}… ({hashlib.sha256(text.encode()).hexdigest()[:6]})"
        return text[:NAME_LENGTH]

    def row(self, item: Any, day: date | None, key: str) -> list[Use] | None:
        """What one item of a list says: itself, or the lists in it; None where it cannot be read."""
        if not isinstance(item, Mapping):
            return None
        day = next(filter(None, (self.day(item.get(name)) for name in DAYS)), day)
        own = next(filter(None, (self.name(item.get(name)) for name in KEYS)), "")
        if day is None:
            return None
        key, told = own or key, amount_of(item)
        parts = [] if own and told is not None else self.parts(item, day, key)
        if parts and told in (None, sum(part.amount for part in parts)):
            return parts
        return None if told is None else [Use(day, key, told, pictures_of(item))]

    def parts(self, item: Mapping[str, Any], day: date, key: str) -> list[Use]:
        """A day's keys, as a list in it or under their names."""
        for value in item.values():
            table = self.table(value, day, key)
            if table is not None and table[0]:
                return table[0]
        return []

    # -- A list of them --------------------------------------------------------------------------------------

    def table(self, value: Any, day: date | None = None, key: str = "") -> tuple[list[Use], int] | None:
        """The rows of a list, or of an object by days or by keys, and how many others it has; None if it is none."""
        items: list[tuple[Any, date | None, str]]
        if isinstance(value, list):
            if value and not any(isinstance(item, (Mapping, list)) for item in value):
                return None
            items = [(item, day, key) for item in value]
        elif (
            isinstance(value, Mapping)
            and value
            and all(isinstance(v, (Mapping, list)) for v in value.values())
        ):
            items = [self._named(name, item, day, key) for name, item in value.items()]
            if all(at is None for _, at, _ in items):
                return None
        else:
            return None
        return self.rows(items)

    def _named(self, name: str, item: Any, day: date | None, key: str) -> tuple[Any, date | None, str]:
        found = self.day(name)
        return (item, found, key) if found else (item, day, self.name(name))

    def rows(self, items: Sequence[tuple[Any, date | None, str]]) -> tuple[list[Use], int]:
        found: list[Use] = []
        unread = 0
        for item, day, key in items[:MANY]:
            inner = self.table(item, day, key) if isinstance(item, list) or _is_bare(item) else None
            rows = inner[0] if inner is not None else self.row(item, day, key)
            unread += inner[1] if inner is not None else rows is None
            found += rows or []
        return found, unread + max(0, len(items) - MANY)


def usage_task(start: date, end: date, timezone: str, *, grouped: bool = True) -> dict[str, Any]:
    """The task that asks for it; both days are in it."""
    return {
        "taskType": "accountManagement", "taskUUID": str(uuid.uuid4()), "operation": "getUsageActivity",
        "startDate": start.isoformat(), "endDate": end.isoformat(), "timezone": timezone,
        **({"groupBy": ["day", "apiKey"]} if grouped else {}),
    }  # fmt: skip


def read_usage(items: Sequence[Mapping[str, Any]], zone: tzinfo, secret: str = "") -> Usage:
    """Read the answer to ``getUsageActivity``. ``secret`` is our key, which must not be handed on."""
    reader = _Reader(zone, secret)
    items = [_shallow(item, DEPTH) for item in items]
    tables = [table for item in items for table in _tables(reader, item)]
    total = next((told for item in items if (told := _total(item)) is not None), None)
    if not tables:
        return Usage(total=total, readable=total is not None)
    best = max(tables, key=lambda table: (bool(table[0]), all(row.key for row in table[0])))
    if not best[0]:
        return Usage(total=total, unread=sum(unread for _, unread in tables))
    # Two lists that say as much: nobody knows whether they are the same money.
    rivals = [t for t in tables if t is not best and t[0] and _sum(t[0]) != _sum(best[0])]
    return Usage(tuple(best[0]), total, best[1] + sum(len(rows) for rows, _ in rivals))


def _shallow(value: Any, depth: int) -> Any:
    """The same without what is nested more deeply: nothing that follows needs to watch where it ends."""
    if isinstance(value, (Mapping, list)) and not depth:
        return None
    if isinstance(value, Mapping):
        return {name: _shallow(inner, depth - 1) for name, inner in value.items()}
    return [_shallow(inner, depth - 1) for inner in value] if isinstance(value, list) else value


def _tables(reader: _Reader, value: Any) -> Iterator[tuple[list[Use], int]]:
    """Everything in a reply that may be a list of rows, outermost first."""
    if not isinstance(value, Mapping):
        return
    for name, inner in value.items():
        if name in ("apiKeys", "team"):
            continue  # people and keys, with nothing that they used
        table = reader.table(inner)
        if table is not None:
            yield table
        if table is None or not table[0]:
            yield from _tables(reader, inner)


def _is_bare(item: Any) -> bool:
    """Whether an object only holds others: no amount of its own."""
    return (
        isinstance(item, Mapping)
        and bool(item)
        and all(isinstance(v, (Mapping, list)) for v in item.values())
    )


def _total(item: Mapping[str, Any]) -> Decimal | None:
    """The sum that the reply names: ``total``, on its own or under ``usage``."""
    usage = item.get("usage")
    for place in (usage, item):
        if isinstance(place, Mapping) and "total" in place:
            return amount_of({"amount": place["total"]})
    return None


def _sum(rows: Sequence[Use]) -> Decimal:
    return sum((row.amount for row in rows), Decimal(0))


# -- Numbers -------------------------------------------------------------------------------------------------


def amount_of(item: Mapping[str, Any]) -> Decimal | None:
    """US dollars under any of their names; also one level deeper, with a currency that says so."""
    for name in AMOUNTS:
        value = item.get(name)
        if isinstance(value, Mapping):
            if str(value.get("currency", "USD")).upper() == "USD":
                found = next((dollars(value[n]) for n in AMOUNTS if n in value), None)
                if found is not None:
                    return found
        elif (amount := dollars(value)) is not None:
            return amount
    return None


def dollars(value: Any) -> Decimal | None:
    """A number, also as text, to the millionth of a dollar. Below zero it is a refund."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        amount = Decimal(str(value).strip()[:64])
        # Python reads digits of every script, and groups of them; the provider writes neither.
        good = amount.is_finite() and abs(amount) < LIMIT and re.fullmatch(r"[-+.0-9eE]+", str(value).strip())
        return amount.quantize(SMALLEST) if good else None
    except InvalidOperation:
        return None


def pictures_of(item: Mapping[str, Any]) -> int | None:
    """How many pictures, where that is told."""
    for name in PICTURES:
        value = item.get(name)
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
            return value
    return None
