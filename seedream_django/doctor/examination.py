"""One examination: every part, the slow ones beside one another, and the rows that keep what was found."""

from __future__ import annotations

import datetime
import functools
import logging
import time
import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from .. import conf, queue
from ..models import Beat, Finding, after
from ..queue import shared_task
from . import keeping, outside, queueing, rows
from .found import GRACE, Found, Look, looked

logger = logging.getLogger(__name__)

#: The row of an examination that somebody asked for: when, and who has begun it.
ASKED = "examination"
#: Seconds that one takes at most; and after which another may be asked for.
TAKES = 60

#: All parts, in the order that they are told in: what others rest on comes first.
PARTS = (
    "settings", "database", "queue", "worker", "key", "provider", "balance", "storage", "private", "spool",
    "webhook", "upload", "switch", "sending", "orders", "pictures", "lost", "budgets",
)  # fmt: skip

#: What the database tells, once it is known to answer.
_TOLD: tuple[tuple[str, Callable[[], Found]], ...] = (
    ("worker", rows.worker),
    ("webhook", rows.webhook),
    ("switch", rows.switch),
    ("sending", rows.sending),
    ("orders", rows.orders),
    ("pictures", rows.pictures),
    ("lost", rows.lost),
    ("budgets", rows.budgets),
)


def examine(trip: Callable[[], Found] = queueing.examined) -> list[Finding]:
    """Look at every part, keep what is found, and return it in order. Raises nothing.

    ``trip`` is the way through the queue and back; a worker that was asked to examine has made it already.
    """
    database = Look("database", rows.database).result()
    answers = database.level != "ill"
    waiting = _price() if answers else _one_picture()
    looks = [Look(name, look) for name, look in _beside(waiting)]
    found = [database, *(_told() if answers else ())]
    # Waits for a worker, and the others go on meanwhile.
    if answers:
        found.append(trip())
    found += [look.result() for look in looks]
    _clear_away([look for look in looks if look.name in ("storage", "private")])
    return _keep(sorted(found, key=lambda one: PARTS.index(one.name)), answers)


def _beside(waiting: Decimal) -> Iterable[tuple[str, Callable[[], Found]]]:
    yield "settings", outside.settings_
    yield "key", outside.key
    yield "provider", outside.provider_
    yield "balance", functools.partial(outside.balance, waiting)
    yield "storage", keeping.pictures
    yield "private", keeping.private
    yield "spool", keeping.spool_
    if conf.UPLOAD_ENDPOINT is True:
        yield "upload", keeping.upload


def _price() -> Decimal:
    try:
        return rows.price_of_waiting()
    except DatabaseError:
        return _one_picture()


def _one_picture() -> Decimal:
    return Decimal(str(conf.PRICE))


def _told() -> list[Found]:
    asked = [(name, look) for name, look in _TOLD if name != "webhook" or conf.WEBHOOK_URL is True]
    return [looked(name, look) for name, look in asked]


def _clear_away(looks: list[Look]) -> None:
    until = time.monotonic() + GRACE
    for look in looks:
        look.clear_away(until)


# -- Rows ----------------------------------------------------------------------------------------------------


def _keep(found: list[Found], answers: bool) -> list[Finding]:
    now = timezone.now()
    findings = [
        Finding(name=one.name, level=one.level, code=one.code, facts=one.facts, found_at=now) for one in found
    ]
    if answers:
        try:
            _save(findings)
        except DatabaseError as error:
            logger.warning("What was found could not be kept (%s).", type(error).__name__)
    return findings


def _save(findings: list[Finding]) -> None:
    for one in findings:
        values = {"level": one.level, "code": one.code, "facts": one.facts, "found_at": one.found_at}
        # As in Beat.mark: of several that make the row at once, MariaDB ends some as a deadlock.
        if not Finding.objects.filter(name=one.name).update(**values):
            Finding.objects.get_or_create(name=one.name, defaults=values)
    Finding.objects.exclude(name__in=[one.name for one in findings]).delete()


# -- Asked for from a page -----------------------------------------------------------------------------------


def ask() -> bool:
    """Have a worker examine, and return at once; tell whether it was asked for now. Raises what the queue raises."""
    token, now = uuid.uuid4().hex, timezone.now()
    Beat.objects.get_or_create(name=ASKED, defaults={"seen_at": now})
    # A click that is not the first asks nothing: without a worker questions would pile up.
    free = Q(holder="") | Q(seen_at__lt=after(-TAKES))
    if not Beat.objects.filter(free, name=ASKED).update(holder=token, seen_at=now, lease_until=None):
        return False
    try:
        carry_out.enqueue(token)
    except Exception:
        _forget(token)
        raise
    return True


def _forget(token: str) -> None:
    Beat.objects.filter(name=ASKED, holder=token).update(holder="", lease_until=None)


@shared_task("examine")
def carry_out(token: str) -> None:
    """What a page asked for, in a worker. The way through the queue is the time that it took to get here."""
    asked = Beat.objects.filter(name=ASKED, holder=token, lease_until__isnull=True)
    since = asked.values_list("seen_at", flat=True).first()
    if since is None or not asked.update(lease_until=after(TAKES)):
        return
    waited = (timezone.now() - since).total_seconds()
    examine(lambda: queueing.judged(waited))
    _forget(token)


def asked_since() -> tuple[datetime.datetime | None, bool]:
    """Since when an examination is asked for and not over, and whether a worker has begun it."""
    row = Beat.objects.filter(name=ASKED).exclude(holder="").first()
    if row is None:
        return None, False
    # Who began it may have died.
    return row.seen_at, row.lease_until is not None and row.lease_until > timezone.now()


def way() -> str:
    """Who could examine for a page: a ``worker``, nobody (``none``), or the request itself (``immediate``)."""
    try:
        return "immediate" if queue.is_immediate() else "worker"
    except ImproperlyConfigured:
        return "none"
