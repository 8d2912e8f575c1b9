"""The rows, read past the app and past the schedule."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from seedream_django.models.money import MICRO

from .world import World

ROWS, IMAGES = "seedream_django_generation", "seedream_django_generatedimage"
LEDGER, BUDGETS = "seedream_django_ledgerentry", "seedream_django_budget"
PERIODS = "seedream_django_budgetperiod"
REFERENCES, GIVEN = "seedream_django_reference", "seedream_django_referencefile"


def moment(here: World) -> str:
    """The wall clock, as SQLite holds it."""
    return str(here.clock.now().replace(tzinfo=None))


def rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    """Read past the app and past the schedule."""
    found: list[tuple[Any, ...]] = connection.connection.execute(sql, params).fetchall()
    return found


def dashed(pk: str) -> str:
    """A UUID as the wire has it; SQLite keeps it without dashes."""
    return f"{pk[:8]}-{pk[8:12]}-{pk[12:16]}-{pk[16:20]}-{pk[20:]}"


class Order(NamedTuple):
    """What the invariants want to know of one row, also of one that was deleted."""

    pk: str
    state: str
    estimate: float
    expected: int
    came: int
    is_doubtful: int
    watch_until: str | None
    is_gone: int

    @property
    def price(self) -> int:
        return round(Decimal(str(self.estimate)) * MICRO)

    def is_watched(self, now: str) -> bool:
        return self.watch_until is not None and self.watch_until > now


def orders() -> list[Order]:
    columns = (
        "id, state, estimate, expected, received + failed, doubtful_since IS NOT NULL, watch_until || ''"
    )
    sql = f"SELECT {columns}, 0 FROM {ROWS} UNION ALL SELECT {columns}, 1 FROM sim_gone"
    return [Order(*columns) for columns in rows(sql)]


def standing(pks: Iterable[str]) -> int:
    """How many of these orders have a row."""
    marks = ", ".join("?" * len(set(pks)))
    return int(rows(f"SELECT count(*) FROM {ROWS} WHERE id IN ({marks})", *pks)[0][0])


def check_references(here: World, task_uuid: str, named: list[str | None]) -> None:
    """What the provider makes an order from is what was given for it, in that order."""
    sql = f"SELECT sha256 FROM {REFERENCES} WHERE generation_id = ? ORDER BY position"
    given = [sha256 for (sha256,) in rows(sql, task_uuid.replace("-", ""))]
    gone = not standing([task_uuid.replace("-", "")])
    if not gone and named != given:
        here.breaks("I7", f"{task_uuid} is made from {named} and not from {given}.")
