"""What the sandbox accepted, made and charged."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, NamedTuple

from .statefile import StateFile

#: Money is kept as a whole number of millionths of a dollar, so that SQL can add it up exactly.
_MICRO = 1_000_000


@dataclass(frozen=True)
class Task:
    """An accepted task.

    ``accepted`` is in seconds since the epoch, ``request`` the task object as JSON. ``references`` are keys:
    the sha256 of a content in the stock, ``picture:`` and an ``imageUUID``, or ``url:`` and the sha256 of an
    address that is not fetched. ``sequence`` is the frames of one result, ``words`` the request's own triggers
    besides the prompt's, ``account`` the name of the key that paid.
    """

    uuid: str
    accepted: float
    prompt: str
    width: int
    height: int
    format: str
    quality: int
    output_type: str
    ttl: int | None
    include_cost: bool
    checked: bool
    request: str
    references: tuple[str, ...] = ()
    sequence: int = 1
    words: str = ""
    account: str = ""


@dataclass(frozen=True)
class Result:
    """One of a task's results. Failed when ``code`` is not empty. ``cost`` is in millionths of a dollar."""

    image: str
    task: str
    position: int
    seed: int
    ready: float
    code: str
    message: str
    cost: int | None


class Charge(NamedTuple):
    """What one task cost, in US dollars."""

    task_uuid: str
    images: int
    amount: Decimal


class Usage(NamedTuple):
    """What one key had made in some time: tasks, pictures, US dollars."""

    account: str
    tasks: int
    images: int
    amount: Decimal


class AlreadyAccepted(Exception):
    """A task of this UUID is in the books."""


_TASK = ", ".join(f'"{f.name}"' for f in fields(Task) if f.name != "request")
_RESULT = ", ".join(f.name for f in fields(Result))


_SUMS = (
    "count(*), coalesce(sum(images), 0), coalesce(sum(amount), 0)"
    " FROM task LEFT JOIN charge ON charge.task = task.uuid"
)
USAGE = f"SELECT account, {_SUMS} WHERE accepted >= ? AND accepted < ? GROUP BY account ORDER BY account"


def micro(price: Decimal | float | str) -> int:
    """US dollars as millionths."""
    return int(Decimal(str(price)) * _MICRO)


class Books(StateFile):
    """The state file's tasks, results and charges."""

    # -- Accepting -------------------------------------------------------------------------------------------

    def accept(
        self,
        task: Task,
        results: Iterable[Result],
        images: int,
        amount: int,
        blobs: Mapping[str, bytes] | None = None,
    ) -> None:
        """Write down a task, its results, its one charge and the contents it refers to, all or nothing.

        ``amount`` is in millionths of a dollar; zero ``images`` charge nothing. Raises ``AlreadyAccepted``.
        """
        with self.writing() as connection:
            try:
                _insert(connection, "task", {**vars(task), "request": "", "references": _dumped(task)})
            except sqlite3.IntegrityError:
                raise AlreadyAccepted(task.uuid) from None
            _insert(connection, "request", {"task": task.uuid, "body": task.request})
            for result in results:
                _insert(connection, "result", vars(result))
            if images:
                row = {"task": task.uuid, "images": images, "amount": amount, "at": task.accepted}
                _insert(connection, "charge", row)
            _keep(connection, task.references, blobs or {})

    def count(self, name: str, key: str) -> int:
        """Count one more event of this name and key; tell how many there are now."""
        sql = "INSERT INTO count VALUES (?, ?, 1) ON CONFLICT (name, key) DO UPDATE SET n = n + 1 RETURNING n"
        with self.writing() as connection:
            return int(connection.execute(sql, (name, key)).fetchone()[0])

    def counted(self, name: str, key: str) -> int:
        """How many events of this name and key were counted."""
        return int(self.one("SELECT coalesce(max(n), 0) FROM count WHERE name = ? AND key = ?", name, key))

    # -- Asking ----------------------------------------------------------------------------------------------

    def knows(self, uuid: str) -> bool:
        """Whether a task of this UUID was accepted."""
        return bool(self.one("SELECT EXISTS (SELECT 1 FROM task WHERE uuid = ?)", uuid))

    def task(self, uuid: str) -> tuple[Task, list[Result]] | None:
        """An accepted task, without its ``request``, and its results in order."""
        with self.reading() as connection:
            row = connection.execute(f"SELECT {_TASK} FROM task WHERE uuid = ?", (uuid,)).fetchone()
            if row is None:
                return None
            sql = f"SELECT {_RESULT} FROM result WHERE task = ? ORDER BY position"
            return _task(row), [Result(*r) for r in connection.execute(sql, (uuid,))]

    def request(self, uuid: str) -> str:
        """The task object of an accepted task, as JSON. Apart, because references may make it megabytes."""
        body = "SELECT body FROM request WHERE request.task = task.uuid"
        return str(self.one(f"SELECT coalesce(({body}), request) FROM task WHERE uuid = ?", uuid))

    def picture(self, image: str) -> tuple[Task, Result] | None:
        """The result of this ``imageUUID`` and its task."""
        with self.reading() as connection:
            row = connection.execute(f"SELECT {_RESULT} FROM result WHERE image = ?", (image,)).fetchone()
            if row is None:
                return None
            result = Result(*row)
            task = connection.execute(f"SELECT {_TASK} FROM task WHERE uuid = ?", (result.task,)).fetchone()
            return _task(task), result

    def accepted(self) -> list[str]:
        """The UUIDs of every task ever accepted, in order of acceptance."""
        with self.reading() as connection:
            return [row[0] for row in connection.execute("SELECT uuid FROM task ORDER BY accepted, uuid")]

    # -- Money -----------------------------------------------------------------------------------------------

    def charges(self) -> list[Charge]:
        """Every charge, in order: at most one a task."""
        sql = "SELECT task, images, amount FROM charge ORDER BY at, task"
        with self.reading() as connection:
            return [Charge(t, n, _dollars(amount)) for t, n, amount in connection.execute(sql)]

    def spent(self) -> Decimal:
        """The sum of all charges, in US dollars."""
        return _dollars(self.one("SELECT coalesce(sum(amount), 0) FROM charge"))

    def tasks(self) -> int:
        """How many tasks were accepted."""
        return int(self.one("SELECT count(*) FROM task"))

    def usage(self, since: float, until: float) -> list[Usage]:
        """What each key had made from ``since`` until before ``until``, in seconds since the epoch."""
        sql = (
            f"SELECT account, {_SUMS} WHERE accepted >= ? AND accepted < ? GROUP BY account ORDER BY account"
        )
        with self.reading() as connection:
            found = connection.execute(sql, (since, until))
            return [Usage(name, tasks, images, _dollars(amount)) for name, tasks, images, amount in found]

    def days(self) -> list[tuple[str, int, int, Decimal]]:
        """Each day (of UTC, as ``2026-11-26``) that had tasks: how many, their pictures, US dollars."""
        sql = f"SELECT date(accepted, 'unixepoch') AS day, {_SUMS} GROUP BY day ORDER BY day"
        with self.reading() as connection:
            return [(day, n, images, _dollars(amount)) for day, n, images, amount in connection.execute(sql)]


def _dollars(amount: int | str) -> Decimal:
    return Decimal(amount) / _MICRO


def _dumped(task: Task) -> str:
    return json.dumps(task.references)


def _task(row: tuple[Any, ...]) -> Task:
    values = dict(zip((f.name for f in fields(Task) if f.name != "request"), row, strict=True))
    return Task(**{**values, "references": tuple(json.loads(values["references"])), "request": ""})


def _insert(connection: sqlite3.Connection, table: str, values: Mapping[str, object]) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))


def _keep(connection: sqlite3.Connection, keys: Iterable[str], blobs: Mapping[str, bytes]) -> None:
    """From now on these contents stay, because a picture is made from them."""
    connection.executemany("INSERT OR IGNORE INTO blob VALUES (?, 1, ?)", blobs.items())
    connection.executemany("UPDATE blob SET kept = 1 WHERE key = ?", [(key,) for key in keys])
