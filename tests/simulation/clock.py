"""Time that only the schedule moves; its wall clock may jump, its monotonic one does not."""

from __future__ import annotations

import contextlib
import datetime
import os
import random
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

from django.utils import timezone

#: Two hours before midnight, so that budgets of a day meet the next one. Long past, so that no real file is old.
START = datetime.datetime(2024, 1, 31, 22, tzinfo=datetime.UTC)


class Clock:
    def __init__(self) -> None:
        self.elapsed = 0.0
        self.skew = 0.0

    def sleep(self, seconds: float) -> None:
        self.elapsed += max(0.0, seconds)

    def jump(self, seconds: float) -> None:
        """Somebody sets the clock; no time passes."""
        self.skew += seconds

    def monotonic(self) -> float:
        return 1000.0 + self.elapsed

    def now(self) -> datetime.datetime:
        return START + datetime.timedelta(seconds=self.elapsed + self.skew)

    def timestamp(self) -> float:
        return self.now().timestamp()

    @contextlib.contextmanager
    def ruling(self, rng: random.Random) -> Iterator[None]:
        """While this holds the process has this time, and this chance: UUIDs and jitter follow from the seed."""
        with (
            mock.patch.object(time, "monotonic", self.monotonic),
            mock.patch.object(time, "time", self.timestamp),
            mock.patch.object(time, "sleep", self.sleep),
            mock.patch.object(timezone, "datetime", _datetime(self)),
            mock.patch.object(os, "urandom", rng.randbytes),
        ):
            random.seed(rng.random())
            yield


def _datetime(clock: Clock) -> Any:
    class Datetime(datetime.datetime):
        """What ``django.utils.timezone`` asks: every ``timezone.now`` that was kept as a default asks it, too."""

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return clock.now().astimezone(tz)

    return Datetime
