"""What every answer needs to know: the books, the stock, the clock, the price, the pictures."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from .books import Books
from .gallery import Gallery
from .stock import Stock

#: Takes a task's UUID, the root of result addresses and the addresses that it wants its results at, by
#: parameter. Returns at once.
Courier = Callable[[str, str, Mapping[str, str]], None]

#: When a task that never ends will be ready, in seconds since the epoch.
NEVER = 1e12


@dataclass(frozen=True)
class Provider:
    """The sandbox's own settings.

    ``latency`` is the shortest and longest time of a task's first result, in seconds; ``price`` is one
    picture's in millionths of a dollar, ``credit`` what the account began with in dollars. With a ``seed``,
    the same order of the same prompt gives the same pictures under every task UUID. ``failures`` is the share
    of submissions that fail, from 0 to 1. ``couriers`` are told of each accepted task that wants its results
    delivered: a server has one, in process there is none.
    """

    books: Books
    stock: Stock
    gallery: Gallery
    latency: tuple[float, float]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    price: int
    credit: Decimal
    seed: int | None = None
    failures: float = 0.0
    couriers: list[Courier] = field(default_factory=list)

    def takes(self, task_uuid: str) -> float:
        """Seconds until the task's first result: the same ones whoever asks."""
        low, high = self.latency
        return low + (high - low) * _digest(task_uuid)[0] / 255

    def seed_of(self, task_uuid: str, number: int) -> int:
        """The seed of a task's n-th result: the frames of a sequence share it."""
        origin = task_uuid if self.seed is None else self.seed
        return int.from_bytes(_digest(f"{origin}:{number}:seed")[:4], "big")

    def drawn(self, number: int, event: str) -> float:
        """A number from 0 to 1 for the n-th event of this name: the same ones with the same seed."""
        return int.from_bytes(_digest(f"{self.seed or 0}:{number}:{event}")[:6], "big") / 2**48


def image_uuid(task_uuid: str, position: int) -> str:
    """The ``imageUUID`` of a task's n-th result: derived, so that every process gives the same."""
    return str(uuid.UUID(bytes=_digest(f"{task_uuid}:{position}")[:16], version=4))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class Call:
    """What a request says besides its tasks.

    ``origin`` is the root of result addresses; ``dry_run`` asks only for the price; ``words`` are the triggers
    of its header; ``account`` names the key that pays, without telling it. ``equal`` and ``of`` are of one task: how
    many before it in this request ask for the same, and how many there are of these in all.
    """

    origin: str
    dry_run: bool = False
    words: str = ""
    account: str = ""
    equal: int = 0
    of: int = 1
