"""What every answer needs to know: the books, the clock, the price, the pictures."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from .books import Books
from .gallery import Gallery

#: When a task that never ends will be ready, in seconds since the epoch.
NEVER = 1e12


@dataclass(frozen=True)
class Provider:
    """The sandbox's own settings.

    ``latency`` is the shortest and longest time of a task's first result, in seconds; ``price`` is one
    picture's in millionths of a dollar, ``credit`` what the account began with in dollars. With a ``seed``,
    the same order of the same prompt gives the same pictures under every task UUID.
    """

    books: Books
    gallery: Gallery
    latency: tuple[float, float]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    price: int
    credit: Decimal
    seed: int | None = None

    def takes(self, task_uuid: str) -> float:
        """Seconds until the task's first result: the same ones whoever asks."""
        low, high = self.latency
        return low + (high - low) * _digest(task_uuid)[0] / 255

    def seed_of(self, task_uuid: str, position: int) -> int:
        origin = task_uuid if self.seed is None else self.seed
        return int.from_bytes(_digest(f"{origin}:{position}:seed")[:4], "big")


def image_uuid(task_uuid: str, position: int) -> str:
    """The ``imageUUID`` of a task's n-th result: derived, so that every process gives the same."""
    return str(uuid.UUID(bytes=_digest(f"{task_uuid}:{position}")[:16], version=4))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class Call:
    """What a request says besides its tasks: the root of result addresses, whether it only asks the price."""

    origin: str
    dry_run: bool = False
