"""What the database tells: of itself, of the worker, of what is stuck, of budgets."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connections, router
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Q, Sum
from django.utils import timezone

from .. import circuit, conf, pace, queue
from ..diagnosis import WORKER_SILENT
from ..models import (
    Beat,
    Budget,
    Circuit,
    Finding,
    GeneratedImage,
    Generation,
    ImageState,
    State,
    Switch,
    after,
)
from .found import Found, doubtful, ill, well

#: Seconds past its time from which on an order is stuck: two sweeps have not found it.
SLACK = 150
#: An unfinished order older than this is worth a look.
LONG = datetime.timedelta(minutes=15)
#: What was given up longer ago is no news.
RECENT = datetime.timedelta(days=30)
#: Per cent of a budget from which on it is told.
NEARLY = 90
#: Budgets and pictures that a sentence names.
FEW = 5


# -- The database itself -------------------------------------------------------------------------------------


def database() -> Found:
    """Whether it answers, has our tables, and takes a second writer."""
    alias = router.db_for_write(Generation)
    connection = connections[alias]
    try:
        connection.ensure_connection()
        if _is_unmigrated(connection):
            return ill("database", "unmigrated")
        Finding.objects.exists()
    except DatabaseError as error:
        return ill("database", "away", error=type(error).__name__)
    if connection.vendor != "sqlite":
        return well("database", "ready", vendor=connection.display_name)
    # Django 5.2 and later keep it there, whatever the settings called it.
    mode = str(getattr(connection, "transaction_mode", None) or "").upper()
    if mode not in ("IMMEDIATE", "EXCLUSIVE"):
        return doubtful("database", "deferred", alias=alias)
    return well("database", "ready", vendor=connection.display_name)


def _is_unmigrated(connection: Any) -> bool:
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    return bool(executor.migration_plan(graph.leaf_nodes("seedream_django")))


# -- The worker ----------------------------------------------------------------------------------------------


def worker() -> Found:
    """When one was last seen: its sweep shows it once a minute."""
    try:
        if queue.is_immediate():
            return doubtful("worker", "immediate")
    except Exception:
        return ill("worker", "no_queue")
    seen = Beat.last("worker")
    if seen is None:
        return ill("worker", "never")
    if Beat.is_ahead("worker"):
        return doubtful("worker", "ahead")
    silent = timezone.now() - seen
    facts = {"seconds": max(0, int(silent.total_seconds()))}
    return ill("worker", "silent", **facts) if silent > WORKER_SILENT else well("worker", "seen", **facts)


def webhook() -> Found:
    """When the provider last told of a result, where it is asked to tell this site."""
    came = Beat.last(pace.HEARD)
    hooked = Generation.objects.filter(hooked=True, state=State.DONE)
    # What ended a while ago and nobody told of: the provider does not reach this site.
    ended = hooked.filter(finished_at__lt=after(-pace.OVERDUE)).order_by("-finished_at")
    last: Any = ended.values_list("finished_at", "told_at").first()
    if came is None:
        return doubtful("webhook", "never") if last else well("webhook", "none_yet")
    facts = {"seconds": max(0, int((timezone.now() - came).total_seconds()))}
    if last and last[1] is None and came < last[0]:
        return doubtful("webhook", "missing", **facts)
    return well("webhook", "came", **facts)


# -- What waits, and what is stuck ---------------------------------------------------------------------------


def price_of_waiting() -> Decimal:
    """What is not sent yet will cost, and one picture at least."""
    total = Generation.objects.filter(state=State.QUEUED).aggregate(total=Sum("estimate"))["total"]
    return max(Decimal(str(conf.PRICE)), Decimal(total or 0))


def switch() -> Found:
    return well("switch", "on") if Switch.current().on else doubtful("switch", "off")


def sending() -> Found:
    """Whether a circuit is open. Of why, the kind alone: the provider's words may quote anything."""
    stops = list(Circuit.objects.open())
    if not stops:
        return well("sending", "goes")
    return ill("sending", "stopped", kinds=[one.error_kind for one in stops])


def orders() -> Found:
    """Orders that no sweep has ended although their time is over, and such as take long."""
    unfinished = Generation.objects.unfinished()
    late = unfinished.filter(_late()).count()
    sums = unfinished.aggregate(count=Count("pk"), oldest=Min("created_at"))
    if late:
        return ill("orders", "stuck", count=late)
    if sums["oldest"] and timezone.now() - sums["oldest"] > LONG:
        minutes = int((timezone.now() - sums["oldest"]).total_seconds() // 60)
        return doubtful("orders", "long", count=sums["count"], minutes=minutes)
    return well("orders", "moving", count=sums["count"])


def _late() -> Q:
    then = after(-SLACK)
    late = Q(state=State.SUBMITTING, lease_until__lt=then)
    if not circuit.stands_still(circuit.ORDERS):
        late |= Q(state=State.QUEUED, deadline__lt=then)
    if not circuit.stands_still(circuit.QUESTIONS):
        late |= Q(state=State.RUNNING, deadline__lt=then) | Q(state=State.ASKING, ask_until__lt=then)
    return late


def pictures() -> Found:
    """Paid pictures that are not in the storage: tried again still, or given up."""
    rows = GeneratedImage.objects
    given_up = rows.filter(state=ImageState.FAILED, created_at__gte=timezone.now() - RECENT).count()
    trying = rows.filter(state=ImageState.RECEIVED).exclude(trouble="").count()
    if given_up:
        return doubtful("pictures", "given_up", count=given_up)
    return doubtful("pictures", "trying", count=trying) if trying else well("pictures", "saved")


def lost() -> Found:
    count = Generation.objects.undecided().count()
    return doubtful("lost", "undecided", count=count) if count else well("lost", "none")


def budgets() -> Found:
    """Budgets without room for one more picture, and those that are nearly used up. Of zero is what was wanted."""
    price = Decimal(str(conf.PRICE))
    rows: list[Any] = list(Budget.objects.with_present().select_related("user", "group").filter(limit__gt=0))
    if not rows:
        return well("budgets", "none")
    full = [_named(one) for one in rows if one.left < price]
    used = [_named(one) for one in rows if price <= one.left < one.limit * (100 - NEARLY) / 100]
    if full or used:
        code = "full" if full else "nearly"
        return doubtful("budgets", code, full=full[:FEW], nearly=used[:FEW], count=len(full or used))
    return well("budgets", "room", count=len(rows))


def _named(budget: Budget) -> list[str]:
    """Whose it is and its period, to be said in the reader's language; nobody's is the installation's."""
    whose = str(budget.user or budget.group or "")
    return [whose, budget.period]
