"""Our ledger beside the provider's own books: by day and key, and whether both come to the same.

The provider counts an order when it takes it, we count a picture when it comes. So a day may differ where the whole
agrees, and the whole may differ by what is under way now, or was when the time looked at began or ended. That much is
known to the cent, and is no difference; anything else is.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Min, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from . import conf, provider
from .exceptions import ProviderError, Refused
from .models import FINAL, Generation, Kind, LedgerEntry, MoneyField, State, midnight
from .runware.usage import Usage, Use

NOTHING = Decimal(0)
#: Days that are compared at once; each is a query, and the provider has a limit of its own.
MAX_DAYS = 366
#: Days that an order can take from its placing to its last picture.
LONGEST = 7
DAY = datetime.timedelta(days=1)

Sums = dict[str, Decimal]


@dataclass(frozen=True)
class Day:
    """One day: what our ledger counted by account, and the provider by the names of its keys."""

    day: datetime.date
    ours: Sums = field(default_factory=dict)
    theirs: Sums = field(default_factory=dict)
    our_pictures: int = 0
    their_pictures: int | None = None
    unconfirmed: Decimal = NOTHING
    written_off: Decimal = NOTHING

    @property
    def spent(self) -> Decimal:
        return sum(self.ours.values(), NOTHING)

    @property
    def charged(self) -> Decimal:
        return sum(self.theirs.values(), NOTHING)


@dataclass(frozen=True)
class UnderWay:
    """What may be in one's books and not yet, or no more, in the other's.

    ``reserved``: of orders that were sent and are not over; ``lost`` is what of it is lost orders'. ``before`` and
    ``after`` were ordered on one side of an edge, and came on the other.
    """

    reserved: Decimal = NOTHING
    lost: Decimal = NOTHING
    before: Decimal = NOTHING
    after: Decimal = NOTHING


@dataclass(frozen=True)
class Reconciliation:
    """Both books from ``since`` to ``until``, both included. ``keys`` are all that the provider named."""

    since: datetime.date
    until: datetime.date
    days: list[Day]
    under_way: UnderWay
    usage: Usage
    keys: Sums
    balance: Decimal | None
    key: str = ""

    @property
    def spent(self) -> Decimal:
        return sum((day.spent for day in self.days), NOTHING)

    @property
    def charged(self) -> Decimal:
        """By its days; by its own sum where it tells no days."""
        if not self.usage.rows and self.usage.total is not None:
            return self.usage.total
        return sum((day.charged for day in self.days), NOTHING)

    @property
    def difference(self) -> Decimal:
        """What the provider counts more than we do."""
        return self.charged - self.spent

    @property
    def unexplained(self) -> Decimal:
        """The difference, without what is known to be under way."""
        found, way = self.difference, self.under_way
        if found > 0:
            return max(NOTHING, found - way.reserved - way.after)
        return min(NOTHING, found + way.before)

    @property
    def a_day(self) -> Decimal | None:
        """What all keys of the account used a day, since the first day with any; None where that was never."""
        total = sum(self.keys.values(), NOTHING) if self.usage.rows else self.charged
        first = min((row.day for row in self.usage.rows if row.amount > 0), default=self.since)
        if total <= 0:
            return None
        return total / max(Decimal(1), _days_from(max(first, self.since), self.until))

    @property
    def days_left(self) -> Decimal | None:
        """How long the balance lasts at that rate."""
        if self.balance is None or self.a_day is None:
            return None
        return max(NOTHING, self.balance) / self.a_day


class UnknownKey(LookupError):
    """The provider named no such key. The names that it did are ``args[0]``."""


def reconcile(
    since: datetime.date, until: datetime.date, *, key: str = "", account: str | None = None
) -> Reconciliation:
    """Ask the provider, and add our ledger up. Raises ``ProviderError`` and ``UnknownKey``.

    ``key`` takes of the provider's only what this key used, ``account`` of ours only what was made with this one.
    """
    usage = _usage(since, until)
    rows = [row for row in usage.rows if since <= row.day <= until]
    keys: Sums = {}
    for row in rows:
        keys[row.key] = keys.get(row.key, NOTHING) + row.amount
    if key and key not in keys:
        raise UnknownKey(sorted(filter(None, keys)))
    days = {day.day: day for day in _ours(since, until, account)}
    for row in rows:
        if not key or row.key == key:
            days[row.day] = _with(days[row.day], row)
    listed = [day for day in days.values() if day.ours or day.theirs]
    way = _under_way(since, until, account)
    return Reconciliation(since, until, listed, way, usage, keys, _balance(), key)


# -- Our side ------------------------------------------------------------------------------------------------


def _entries(account: str | None) -> Any:
    """The ledger's entries of this provider: what the sandbox drew is not on a real one's bill, nor the reverse."""
    entries = LedgerEntry.objects.order_by()
    if account is not None:
        return entries.filter(account=account)
    if conf.sandboxed():
        return entries.filter(account__in=(conf.account(), ""))
    return entries.exclude(account=conf.sandbox_account())


def _ours(since: datetime.date, until: datetime.date, account: str | None) -> Iterator[Day]:
    """Each day as the ledger has it. By its midnights, which every database compares, whatever zones it knows."""
    for number in range((until - since).days + 1):
        day = since + number * DAY
        entries = _entries(account).filter(at__gte=midnight(day), at__lt=midnight(day + DAY))
        rows = list(entries.values("account").annotate(**_SUMS))
        amounts = {
            name: sum((row[name] or NOTHING for row in rows), NOTHING) for name in ("doubted", "given_up")
        }
        yield Day(
            day,
            ours={row["account"]: row["amount"] for row in rows if row["amount"]},
            our_pictures=sum(row["made"] or 0 for row in rows),
            unconfirmed=amounts["doubted"],
            written_off=amounts["given_up"],
        )


_SUMS = {
    "amount": Sum("spent"),
    "doubted": Sum("unconfirmed"),
    "given_up": Sum("spent", filter=Q(kind=Kind.WRITE_OFF)),
    "made": Sum("pictures", filter=Q(kind=Kind.SETTLE)),
}


def has_entries(account: str, since: datetime.date, until: datetime.date) -> bool:
    """Whether the ledger has anything of this account in these days."""
    return bool(_entries(account).filter(at__gte=midnight(since), at__lt=midnight(until + DAY)).exists())


def _under_way(since: datetime.date, until: datetime.date, account: str | None) -> UnderWay:
    start, end = midnight(since), midnight(until + DAY)
    entries, week = _entries(account), LONGEST * DAY
    soon = Q(at__lt=start + week) | Q(kind=Kind.WRITE_OFF)
    before = entries.filter(soon, at__gte=start, at__lt=end).alias(placed=_placed()).filter(placed__lt=start)
    late = entries.filter(at__gte=end, at__lt=end + week).alias(placed=_placed())
    after = late.filter(placed__gte=start, placed__lt=end)
    sent = ~Q(state__in=(State.QUEUED, *FINAL)) | Q(state=State.LOST) | Q(doubtful_since__isnull=False)
    orders = Generation.objects.filter(sent, created_at__gte=start, created_at__lt=end).order_by()
    return UnderWay(
        reserved=_held(entries, orders),
        lost=_held(entries, orders.filter(state=State.LOST)),
        before=max(NOTHING, before.aggregate(sum=Sum("spent"))["sum"] or NOTHING),
        after=max(NOTHING, after.aggregate(sum=Sum("spent"))["sum"] or NOTHING),
    )


def _placed() -> Subquery:
    """When an entry's order was placed: its first entry. Of any kind, or SQLite would walk along all reservations."""
    rows = (
        LedgerEntry.objects.filter(generation_id=OuterRef("generation_id")).order_by().values("generation_id")
    )
    return Subquery(rows.annotate(first=Min("at")).values("first"))


def _held(entries: Any, orders: Any) -> Decimal:
    """What is still set aside for these orders."""
    held = entries.filter(generation_id=OuterRef("pk")).values("generation_id").annotate(sum=Sum("reserved"))
    column = Subquery(held.values("sum"), output_field=MoneyField())
    return orders.annotate(held=column).aggregate(sum=Sum("held"))["sum"] or NOTHING


# -- Theirs --------------------------------------------------------------------------------------------------


def _usage(since: datetime.date, until: datetime.date) -> Usage:
    """By day and key; where the provider does not know these words, which it documents nowhere, as it likes."""
    client = provider.client()
    try:
        return client.usage(since, until, settings.TIME_ZONE)
    except Refused as error:
        if "groupby" not in error.parameter.lower():
            raise
    return client.usage(since, until, settings.TIME_ZONE, grouped=False)


def _balance() -> Decimal | None:
    """What is left; None where it is not told, which takes nothing from what was compared."""
    with contextlib.suppress(ProviderError):
        return provider.client().balance()
    return None


def _with(day: Day, row: Use) -> Day:
    """The day, with one more row of the provider's."""
    theirs = {**day.theirs, row.key: day.theirs.get(row.key, NOTHING) + row.amount}
    counts = [n for n in (day.their_pictures, row.pictures) if n is not None]
    return replace(day, theirs=theirs, their_pictures=sum(counts) if counts else None)


def _days_from(first: datetime.date, last: datetime.date) -> Decimal:
    """Days from the beginning of one to the end of another, or until now."""
    end = min(timezone.now(), midnight(last + DAY))
    return Decimal((end - midnight(first)).total_seconds()) / Decimal(DAY.total_seconds())
