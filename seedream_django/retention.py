"""Prompts taken away, when their time is over or on request: from orders, titles, the ledger and the admin's log.

Amounts, who and when stay, and so do pictures, their alternative texts and the titles that somebody wrote. What is
still in work keeps its prompt until it has ended. Everything goes in batches, so that memory stays flat, and may be
done again after it was interrupted.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from . import prompts
from .models import FINAL, GeneratedImage, Generation, GenerationQuerySet, ImageState, LedgerEntry

#: Rows that are looked at, and changed, at a time.
BATCH = 500
#: What stands in the admin's log for what was there. English, as the log's other words: it is shown as it is stored.
IN_LOG = "(redacted)"


@dataclass(frozen=True)
class Whose:
    """Which prompts: all that are given hold together.

    ``before``: of orders older than that. ``user``: of this person's. ``who``: of the orders of an account that is
    gone, by the name in the ledger. ``orders``: of these.
    """

    before: datetime.datetime | None = None
    user: Any = None
    who: str = ""
    orders: Collection[uuid.UUID] | None = None

    def rows(self) -> GenerationQuerySet:
        rows = Generation.objects.all()
        if self.before is not None:
            rows = rows.filter(created_at__lt=self.before)
        if self.orders is not None:
            rows = rows.filter(pk__in=self.orders)
        if self.user is not None or self.who:
            rows = rows.filter(self._theirs("pk"))
        return rows

    def entries(self) -> models.QuerySet[LedgerEntry]:
        """Of the ledger, whether or not their order is still there."""
        entries = LedgerEntry.objects.all()
        if self.before is not None:
            entries = entries.filter(at__lt=self.before)
        if self.orders is not None:
            entries = entries.filter(generation_id__in=self.orders)
        if self.user is not None:
            entries = entries.filter(user=self.user)
        return entries.filter(user=None, who=self.who) if self.who else entries

    def log(self) -> Q:
        """Of the admin's log, those whose order or picture is gone: who acted is all that is known of them."""
        chosen = Q()
        if self.before is not None:
            chosen &= Q(action_time__lt=self.before)
        if self.orders is not None:
            chosen &= Q(object_id__in=[str(pk) for pk in self.orders])
        if self.user is not None or self.who:
            known = LedgerEntry.objects.filter(pk__in=self.entries().values("pk")).values_list(
                "generation_id", flat=True
            )
            chosen &= Q(object_id__in=[str(pk) for pk in known.distinct()]) | Q(user=self.user)
        return chosen

    def _theirs(self, key: str) -> Q:
        if self.user is not None:
            return Q(user=self.user)
        named = LedgerEntry.objects.filter(user=None, who=self.who)
        return Q(**{f"{key}__in": named.values("generation_id")}, user=None)


@dataclass
class Redacted:
    """How many were touched, or would be; ``left`` orders are still in work."""

    orders: int = 0
    titles: int = 0
    entries: int = 0
    log: int = 0
    left: int = 0


def redact(whose: Whose, *, dry_run: bool = False) -> Redacted:
    """Take the prompts away, or only count them."""
    done = Redacted()
    rows = _ended(whose.rows())
    done.left = whose.rows().filter(redacted_at=None).count() - rows.filter(redacted_at=None).count()
    for keys in _batches(rows.filter(redacted_at=None)):
        with transaction.atomic():
            _redact_orders(keys, done, dry_run)
    for keys in _batches(_orphans(whose.entries())):
        done.entries += _redact_entries(LedgerEntry.objects.filter(pk__in=keys), dry_run)
    if apps.is_installed("django.contrib.admin"):
        _redact_log(whose, rows, done, dry_run)
    return done
