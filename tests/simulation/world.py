"""What one schedule knows: its chance, its clock, its queue and files, who acts, and what was seen to break."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connection

from .clock import Clock

#: Tasks that workers run.
QUEUED = ("submit", "collect", "store", "discard", "probe", "sweep")


class Killed(BaseException):
    """The process is gone. No ``except Exception`` sees it, and nothing after it reaches database or network."""


class Broken(AssertionError):
    """Something that must always hold did not."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")
        self.invariant, self.what = invariant, what


@dataclass
class Run:
    """One process at one task, and what is to happen to it at which place."""

    name: str
    args: tuple[Any, ...]
    number: int
    event: str = ""
    at: int = 0
    places: int = 0
    dead: bool = False
    #: Its order has reached the provider.
    sent: bool = False
    #: Something was done to it: what it raises after that is no wonder.
    excused: bool = False


@dataclass
class World:
    seed: int
    rng: random.Random = field(init=False)
    clock: Clock = field(default_factory=Clock)
    messages: list[Any] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    calm: bool = False
    story: list[str] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    provider: Any = None
    #: Primary keys of pictures and their UUIDs, as they are seen.
    images: dict[int, str] = field(default_factory=dict)
    #: Every form that was sent (prompt, nonce, how many), and the rows that came of it.
    forms: list[tuple[str, str, dict[str, int]]] = field(default_factory=list)
    placed: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    #: Whoever steps in between two statements of another.
    intruder: Callable[[Run], None] | None = None
    _numbers: int = 0
    #: Until when (on the steady clock) what is away.
    away: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    # -- What is told ----------------------------------------------------------------------------------------

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    def tell(self, text: str) -> None:
        indent = "    " * len(self.runs)
        self.story.append(f"{self.clock.elapsed:9.1f} {indent}{text}")

    def count(self, failure: str) -> None:
        """A line of the table of failures happened."""
        self.counts[failure] += 1
        self.faults += 1

    def breaks(self, invariant: str, what: str) -> None:
        self.broken.append(Broken(invariant, what))
        self.tell(f"BROKEN {invariant}: {what}")

    # -- Chance ----------------------------------------------------------------------------------------------

    def chance(self, failure: str, probability: float) -> bool:
        """Whether this failure happens now; in calm weather none does."""
        if self.calm or self.rng.random() >= probability:
            return False
        self.count(failure)
        return True

    def is_away(self, what: str) -> bool:
        return not self.calm and self.clock.elapsed < self.away.get(what, 0.0)

    # -- Who acts --------------------------------------------------------------------------------------------

    @property
    def current(self) -> Run | None:
        return self.runs[-1] if self.runs else None

    def run(self, name: str, function: Callable[..., Any], *args: Any, event: str = "", at: int = 0) -> None:
        """Let a process do this; it may die of it."""
        self.tell(f"{name}{args!r}" + (f" [{event} at {at}]" if event else ""))
        run = Run(name, args, self.number(), event, at)
        self.runs.append(run)
        try:
            function(*args)
        except Killed:
            pass
        except Exception as error:
            if not run.excused:
                self.breaks("robust", f"{name}{args!r} raised {type(error).__name__}: {error}")
            self.tell(f"{name} raised {type(error).__name__}")
        finally:
            self.runs.pop()

    def kill(self, why: str) -> None:
        self.tell(f"KILLED: {why}")
        self.faults += 1
        run = self.current
        if run is not None:
            run.dead = True
        raise Killed(why)

    # -- Places where something may happen -------------------------------------------------------------------

    def look(self, place: str) -> None:
        """A place in the code that runs, just before something outside of it. Here one dies, or another steps in."""
        run = self.current
        if run is None:
            return
        if run.dead:
            raise Killed("dead already")
        self._away(place, run)
        run.places += 1
        if run.event and run.places >= run.at and not (connection.in_atomic_block and run.event == "other"):
            event, run.event = run.event, ""
            self._happens(event, place, run)

    def _away(self, place: str, run: Run) -> None:
        if place.startswith("disk") and self.is_away("disk"):
            self.count("store-away")
            raise OSError(28, "No space left on device")
        if place.startswith("queue") and self.is_away("queue"):
            self.count("queue-lost")
            run.excused = True
            raise ConnectionError("The queue is down.")

    def _happens(self, event: str, place: str, run: Run) -> None:
        if event == "kill":
            self._count_of(run, "worker-killed")
            self.kill(f"before {place}")
        elif event == "locked" and place == "sql":
            self.tell("database is locked")
            self._count_of(run, "database-locked")
            run.excused = True
            raise OperationalError("database is locked")
        elif event == "slow":
            self.tell(f"stands still before {place}")
            self.clock.sleep(self.rng.choice((5, 70, 130)))
        elif event == "other" and self.intruder is not None:
            self.intruder(run)

    def _count_of(self, run: Run, otherwise: str) -> None:
        """Count the line of the table that it is when this is done to this run now."""
        self.faults += 1
        if run.name in ("order", "order twice", "again", "send again"):
            self.count("order-aborted")
        elif run.name == "store" and self._is_between_file_and_row(run.args[0]):
            self.count("row-database-away")
        elif otherwise == "worker-killed" and run.name == "submit" and self._is_being_sent(run.args[0]):
            self.count("submit-unclear" if run.sent else "submit-killed")
        elif run.name in QUEUED:
            # People's own acts are no worker.
            self.count(otherwise)

    def _is_between_file_and_row(self, pk: int) -> bool:
        found = self._read("SELECT state FROM seedream_django_generatedimage WHERE id = ?", pk)
        name = f"{self.images.get(pk)}.jpg"
        return found == "received" and any(file.endswith(name) for file in self.files)

    def _is_being_sent(self, pk: str) -> bool:
        """Whether an order is claimed, for good, and nobody wrote down what became of it."""
        if connection.in_atomic_block:
            return False
        sql = "SELECT state FROM seedream_django_generation WHERE id = ?"
        return bool(self._read(sql, pk.replace("-", "")) == "submitting")

    def _read(self, sql: str, *params: Any) -> Any:
        found = connection.connection.execute(sql, params).fetchone()
        return found and found[0]

    # -- The database ----------------------------------------------------------------------------------------

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Between any two statements something may happen; the one that runs is not in between."""
        self.look("sql")
        return execute(sql, params, many, context)


_here: list[World] = []


def world() -> World:
    """The schedule that runs."""
    return _here[-1]


def playing() -> bool:
    return bool(_here)


@contextmanager
def entered(new: World) -> Iterator[World]:
    _here.append(new)
    try:
        with connection.execute_wrapper(new.statement):
            yield new
    finally:
        _here.pop()
