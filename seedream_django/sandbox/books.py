"""What the sandbox accepted, made and charged: one SQLite file, shared by threads and processes.

One short connection per call. Opening one takes 0.1 ms, survives a fork, and is closed in the call that
opened it; a connection per thread would stay open in a server that starts a thread per request.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

#: Money is kept as a whole number of millionths of a dollar, so that SQL can add it up exactly.
_MICRO = 1_000_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS task (
    uuid TEXT PRIMARY KEY, accepted REAL NOT NULL, prompt TEXT NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL, quality INTEGER NOT NULL,
    output_type TEXT NOT NULL, ttl INTEGER, include_cost INTEGER NOT NULL, checked INTEGER NOT NULL,
    request TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS result (
    image TEXT PRIMARY KEY, task TEXT NOT NULL REFERENCES task, position INTEGER NOT NULL,
    seed INTEGER NOT NULL, ready REAL NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, cost INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS result_task ON result (task, position);
CREATE TABLE IF NOT EXISTS charge (
    task TEXT PRIMARY KEY REFERENCES task, images INTEGER NOT NULL, amount INTEGER NOT NULL, at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS count (
    name TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (name, key)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Task:
    """An accepted task. ``accepted`` is in seconds since the epoch, ``request`` the task object as JSON."""

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


class AlreadyAccepted(Exception):
    """A task of this UUID is in the books."""


_TASK = ", ".join(f.name for f in fields(Task) if f.name != "request")
_RESULT = ", ".join(f.name for f in fields(Result))


def micro(price: Decimal | float | str) -> int:
    """US dollars as millionths."""
    return int(Decimal(str(price)) * _MICRO)


class Books:
    """The state file. ``path`` is the caller's alone: nothing from the network reaches it."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _patiently(self._prepare)

    # -- Accepting -------------------------------------------------------------------------------------------

    def accept(self, task: Task, results: Iterable[Result], images: int, amount: int) -> None:
        """Write down a task, its results and its one charge, all or nothing.

        ``amount`` is in millionths of a dollar; zero ``images`` charge nothing. Raises ``AlreadyAccepted``.
        """
        with self._writing() as connection:
            try:
                _insert(connection, "task", [_row(task)])
            except sqlite3.IntegrityError:
                raise AlreadyAccepted(task.uuid) from None
            _insert(connection, "result", [_row(result) for result in results])
            if images:
                _insert(connection, "charge", [(task.uuid, images, amount, task.accepted)])

    def count(self, name: str, key: str) -> int:
        """Count one more event of this name and key; tell how many there are now."""
        sql = "INSERT INTO count VALUES (?, ?, 1) ON CONFLICT (name, key) DO UPDATE SET n = n + 1 RETURNING n"
        with self._writing() as connection:
            return int(connection.execute(sql, (name, key)).fetchone()[0])

    def counted(self, name: str, key: str) -> int:
        """How many events of this name and key were counted."""
        return int(self._one("SELECT coalesce(max(n), 0) FROM count WHERE name = ? AND key = ?", name, key))

    # -- Asking ----------------------------------------------------------------------------------------------

    def task(self, uuid: str) -> tuple[Task, list[Result]] | None:
        """An accepted task, without its ``request``, and its results in order."""
        with closing(self._connect()) as connection:
            row = connection.execute(f"SELECT {_TASK} FROM task WHERE uuid = ?", (uuid,)).fetchone()
            if row is None:
                return None
            sql = f"SELECT {_RESULT} FROM result WHERE task = ? ORDER BY position"
            return Task(*[*row, ""]), [Result(*r) for r in connection.execute(sql, (uuid,))]

    def request(self, uuid: str) -> str:
        """The task object of an accepted task, as JSON. Apart, because references may make it megabytes."""
        return str(self._one("SELECT request FROM task WHERE uuid = ?", uuid))

    def picture(self, image: str) -> tuple[Task, Result] | None:
        """The result of this ``imageUUID`` and its task."""
        with closing(self._connect()) as connection:
            row = connection.execute(f"SELECT {_RESULT} FROM result WHERE image = ?", (image,)).fetchone()
            if row is None:
                return None
            result = Result(*row)
            task = connection.execute(f"SELECT {_TASK} FROM task WHERE uuid = ?", (result.task,)).fetchone()
            return Task(*[*task, ""]), result

    def accepted(self) -> list[str]:
        """The UUIDs of every task ever accepted, in order of acceptance."""
        with closing(self._connect()) as connection:
            return [row[0] for row in connection.execute("SELECT uuid FROM task ORDER BY accepted, uuid")]

    def charges(self) -> list[Charge]:
        """Every charge, in order: at most one a task."""
        sql = "SELECT task, images, amount FROM charge ORDER BY at, task"
        with closing(self._connect()) as connection:
            return [Charge(t, n, Decimal(amount) / _MICRO) for t, n, amount in connection.execute(sql)]

    def spent(self) -> Decimal:
        """The sum of all charges, in US dollars."""
        return Decimal(self._one("SELECT coalesce(sum(amount), 0) FROM charge")) / _MICRO

    # -- The file --------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        with closing(self._connect()) as connection:
            # Kept in the file; readers do not wait for writers.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)

    def _one(self, sql: str, *values: str) -> int | str:
        with closing(self._connect()) as connection:
            value: int | str = connection.execute(sql, values).fetchone()[0]
            return value

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")  # waits for its turn here, never in the middle
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        # A killed process loses nothing by this, only a power cut might; with it a call is ten times faster.
        connection.execute("PRAGMA synchronous = OFF")
        return connection


def _patiently(prepare: Callable[[], None], seconds: float = 30) -> None:
    """Try until it is our turn: SQLite does not wait when two processes make the same new file at once."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return prepare()
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _row(record: Task | Result) -> tuple[object, ...]:
    return tuple(getattr(record, f.name) for f in fields(record))


def _insert(connection: sqlite3.Connection, table: str, rows: list[tuple[object, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
