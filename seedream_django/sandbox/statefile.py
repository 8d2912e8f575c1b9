"""The sandbox's SQLite file, shared by threads and processes; one of an older sandbox is brought up to date.

One short connection per call. Opening one takes 0.1 ms, survives a fork, and is closed in the call that
opened it; a connection per thread would stay open in a server that starts a thread per request.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from zlib import crc32

#: The tables as they were at first. What came later is in ``_COLUMNS``, so that old files and new ones agree.
_TABLES = (
    """CREATE TABLE IF NOT EXISTS task (
        uuid TEXT PRIMARY KEY, accepted REAL NOT NULL, prompt TEXT NOT NULL,
        width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL, quality INTEGER NOT NULL,
        output_type TEXT NOT NULL, ttl INTEGER, include_cost INTEGER NOT NULL, checked INTEGER NOT NULL,
        request TEXT NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS result (
        image TEXT PRIMARY KEY, task TEXT NOT NULL REFERENCES task, position INTEGER NOT NULL,
        seed INTEGER NOT NULL, ready REAL NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, cost INTEGER
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS charge (
        task TEXT PRIMARY KEY REFERENCES task, images INTEGER NOT NULL, amount INTEGER NOT NULL,
        at REAL NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS count (
        name TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (name, key)
    ) WITHOUT ROWID""",
    # Apart from its task: with references it has megabytes, and a column behind it is read through all of them.
    "CREATE TABLE IF NOT EXISTS request (task TEXT PRIMARY KEY REFERENCES task, body TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS blob (key TEXT PRIMARY KEY, kept INTEGER NOT NULL, data BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS media (
        uuid TEXT PRIMARY KEY, key TEXT NOT NULL, at REAL NOT NULL, used REAL NOT NULL,
        bytes INTEGER, format TEXT, width INTEGER, height INTEGER
    ) WITHOUT ROWID""",
)

_COLUMNS = {
    "references": "TEXT NOT NULL DEFAULT '[]'",
    "sequence": "INTEGER NOT NULL DEFAULT 1",
    "words": "TEXT NOT NULL DEFAULT ''",
    "account": "TEXT NOT NULL DEFAULT ''",
}

_INDEXES = (
    "CREATE UNIQUE INDEX IF NOT EXISTS result_task ON result (task, position)",
    "CREATE INDEX IF NOT EXISTS task_accepted ON task (accepted, uuid)",
    "CREATE INDEX IF NOT EXISTS blob_loose ON blob (key) WHERE kept = 0",
    "CREATE INDEX IF NOT EXISTS media_key ON media (key)",
    "CREATE INDEX IF NOT EXISTS media_used ON media (used)",
)

#: What a file says that has all of this, so that opening one that is up to date waits for nobody.
_VERSION = crc32(repr((_TABLES, _COLUMNS, _INDEXES)).encode()) >> 1


class StateFile:
    """``path`` is the caller's alone: nothing from the network reaches it."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _patiently(self._prepare)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")  # waits for its turn here, never in the middle
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def one(self, sql: str, *values: object) -> int | str:
        """The first column of a query that always has a row."""
        with self.reading() as connection:
            value: int | str = connection.execute(sql, values).fetchone()[0]
            return value

    def _prepare(self) -> None:
        with self.reading() as connection:
            # Kept in the file; readers do not wait for writers.
            connection.execute("PRAGMA journal_mode = WAL")
            if connection.execute("PRAGMA user_version").fetchone()[0] == _VERSION:
                return
        with self.writing() as connection:
            for statement in _TABLES:
                connection.execute(statement)
            there = {row[1] for row in connection.execute("PRAGMA table_info(task)")}
            for name in _COLUMNS.keys() - there:
                connection.execute(f'ALTER TABLE task ADD COLUMN "{name}" {_COLUMNS[name]}')
            for statement in _INDEXES:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_VERSION}")

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
