"""What was uploaded, and every content that a picture is made from: a room of the state file."""

from __future__ import annotations

from dataclasses import dataclass

from .media import Facts
from .statefile import StateFile

#: Seconds that an upload is kept after it was last used.
KEPT = 30 * 24 * 60 * 60


@dataclass(frozen=True)
class Upload:
    """``key`` as in ``Task.references``. Without ``facts`` it is an address that was not fetched."""

    uuid: str
    key: str
    facts: Facts | None


class Stock:
    """``now`` is in seconds since the epoch everywhere: the provider's clock, not the machine's."""

    def __init__(self, file: StateFile) -> None:
        self._file = file

    def add(self, upload: Upload, data: bytes | None, now: float) -> None:
        """Keep an upload. What nobody used for thirty days goes."""
        facts = upload.facts
        about = (facts.bytes, facts.format, facts.width, facts.height) if facts else (None,) * 4
        with self._file.writing() as connection:
            if data is not None:
                connection.execute("INSERT OR IGNORE INTO blob VALUES (?, 0, ?)", (upload.key, data))
            row = (upload.uuid, upload.key, now, now, *about)
            connection.execute("INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            connection.execute("DELETE FROM media WHERE used < ?", (now - KEPT,))
            connection.execute(_SWEEP)

    def find(self, uuid: str, now: float) -> Upload | None:
        """The upload of this UUID, unless its time is over. Looking is no use of it."""
        sql = "SELECT key, bytes, format, width, height FROM media WHERE uuid = ? AND used >= ?"
        with self._file.reading() as connection:
            row = connection.execute(sql, (uuid, now - KEPT)).fetchone()
        if row is None:
            return None
        key, *about = row
        return Upload(uuid, key, Facts(*about) if about[0] is not None else None)

    def use(self, uuids: list[str], now: float) -> None:
        """From now on their thirty days begin anew."""
        with self._file.writing() as connection:
            connection.executemany("UPDATE media SET used = ? WHERE uuid = ?", [(now, u) for u in uuids])

    def drop(self, uuid: str, now: float) -> bool:
        """Delete an upload; pictures that were made from it can still be drawn. False where there is none."""
        with self._file.writing() as connection:
            sql = "DELETE FROM media WHERE uuid = ? AND used >= ?"
            there = connection.execute(sql, (uuid, now - KEPT)).rowcount > 0
            connection.execute(_SWEEP)
            return there

    def blob(self, key: str) -> bytes | None:
        with self._file.reading() as connection:
            row = connection.execute("SELECT data FROM blob WHERE key = ?", (key,)).fetchone()
        return bytes(row[0]) if row else None

    def has(self, key: str) -> bool:
        return bool(self._file.one("SELECT EXISTS (SELECT 1 FROM blob WHERE key = ?)", key))

    def keep(self, key: str, data: bytes) -> None:
        """Keep a content for good."""
        with self._file.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO blob VALUES (?, 1, ?)", (key, data))


_SWEEP = "DELETE FROM blob WHERE kept = 0 AND NOT EXISTS (SELECT 1 FROM media WHERE media.key = blob.key)"
