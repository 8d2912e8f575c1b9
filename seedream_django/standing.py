"""How it stands with the house and with many orders in it, read at once.

Each question is asked when its answer is first needed, and then for all the orders together: a page with a hundred
of them makes no more queries than one with a single one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Sum

from . import turns
from .models import Beat, Circuit, Generation, Kind, LedgerEntry, State, Switch
from .people import people_to_decide, reviewers, reviewers_of


class Standing:
    """The house, and these orders in it, at one moment; for whoever puts that into words.

    ``user`` is whom it is told, where that matters.
    """

    def __init__(self, generations: Iterable[Generation], user: Any = None) -> None:
        self.generations, self.user = list(generations), user

    # -- The house

    @cached_property
    def switch(self) -> Switch:
        return Switch.current()

    @cached_property
    def stop(self) -> Circuit | None:
        """What stands in the way of new orders, or None."""
        return Circuit.objects.open().first()

    @cached_property
    def worker_seen_at(self) -> datetime.datetime | None:
        return Beat.last("worker")

    @cached_property
    def people_to_decide(self) -> str:
        return people_to_decide()

    def people_to_review(self, generation: Generation) -> str:
        """Those who decide about this order's pictures, by name."""
        return reviewers_of(generation, self._reviewers)

    @cached_property
    def _reviewers(self) -> list[Any]:
        return reviewers()

    # -- The line

    def ahead_of(self, generation: Generation) -> int:
        """How many orders are before this one, of all that could be sent now."""
        return self._ahead.get(generation.pk, 0)

    @cached_property
    def _ahead(self) -> Mapping[Any, int]:
        return turns.all_ahead(self.generations)

    # -- Money of what is lost

    def reserved_for(self, generation: Generation) -> Decimal:
        """What is still set aside for a lost order."""
        return self._reserved.get(generation.pk) or Decimal(0)

    def is_open(self, generation: Generation) -> bool:
        """Whether it is lost, and may still turn out to be paid."""
        return generation.state == State.LOST and self.reserved_for(generation) > 0

    def written_off(self, generation: Generation) -> LedgerEntry | None:
        """The entry by which somebody gave it up, or None."""
        return self._written_off.get(generation.pk)

    @cached_property
    def _reserved(self) -> dict[Any, Decimal]:
        rows = LedgerEntry.objects.filter(generation_id__in=self._lost).order_by().values("generation_id")
        return dict(rows.annotate(held=Sum("reserved")).values_list("generation_id", "held"))

    @cached_property
    def _written_off(self) -> dict[Any, LedgerEntry]:
        entries = LedgerEntry.objects.filter(
            generation_id__in=self._lost, kind=Kind.WRITE_OFF, reserved__lt=0
        )
        return {entry.generation_id: entry for entry in entries.select_related("by").order_by("pk")}

    @cached_property
    def _lost(self) -> list[Any]:
        return [row.pk for row in self.generations if row.state == State.LOST]

    # -- What was made from them

    def made_from(self, generation: Generation) -> int:
        """How many orders were made from this one, which has ended."""
        return self._children.get(generation.pk, 0)

    def sent_again_as(self, generation: Generation) -> list[Generation]:
        """The orders that a lost one was sent again as, the first one first."""
        return self._again.get(generation.pk, [])

    def sees(self, generation: Generation) -> bool:
        """Whether the person may see one of those that a lost order was sent again as."""
        return generation.pk in self._seen

    @cached_property
    def _children(self) -> dict[Any, int]:
        ended = [row.pk for row in self.generations if row.is_final]
        rows = Generation.objects.filter(parent__in=ended).order_by().values("parent_id")
        return dict(rows.annotate(count=Count("pk")).values_list("parent_id", "count"))

    @cached_property
    def _again(self) -> dict[Any, list[Generation]]:
        found: dict[Any, list[Generation]] = {}
        for row in Generation.objects.filter(parent__in=self._lost).order_by("created_at"):
            found.setdefault(row.parent_id, []).append(row)
        return found

    @cached_property
    def _seen(self) -> set[Any]:
        rows = Generation.objects.filter(parent__in=self._lost)
        return set(rows.visible_to(self.user).values_list("pk", flat=True))
