"""What the owner's page says: what was spent, what is stuck. A fixed number of queries, whatever the ledger's size.

Every sum is made in the database: over the entries since the month began, which an index finds, or over the orders
that are not over. Nothing here reads the ledger from its beginning.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import Count, Max, Min, OuterRef, Prefetch, Q, Subquery, Sum, Window
from django.utils.text import capfirst
from django.utils.timezone import now

from ..budget import share_of
from ..diagnosis import money
from ..models import (
    FINAL,
    Beat,
    Budget,
    GeneratedImage,
    Generation,
    ImageState,
    Kind,
    LedgerEntry,
    MoneyField,
    State,
    Switch,
    after,
    midnight,
    today,
)
from ..pace import HEARD, OVERDUE

#: Rows of a table, and of a list of troubles.
TOP, FEW = 20, 10
#: What failed longer ago than this is no news.
RECENT = datetime.timedelta(days=30)

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Line:
    """One row of a table: whose it is, what kind of thing, where that is, how many pictures, what they cost."""

    name: str
    pictures: int
    amount: Decimal
    kind: str = ""
    url: str = ""

    @property
    def amount_shown(self) -> str:
        return money(self.amount)


@dataclass(frozen=True)
class Table:
    """The largest ones, and what the others come to."""

    lines: list[Line] = field(default_factory=list)
    more: int = 0
    rest: Decimal = NOTHING

    @property
    def rest_shown(self) -> str:
        return money(self.rest)


# -- Spent ---------------------------------------------------------------------------------------------------


def spent() -> dict[str, Any]:
    """What this month's entries come to, and today's among them."""
    sums = _this_month().aggregate(
        month=Sum("spent"),
        today=Sum("spent", filter=Q(at__gte=midnight(today()))),
        unconfirmed=Sum("unconfirmed"),
        elsewhere=Sum("spent", filter=Q(model="")),
        made_elsewhere=Sum("pictures", filter=Q(kind=Kind.SETTLE, model="")),
        made=Sum("pictures", filter=Q(kind=Kind.SETTLE)),
        made_today=Sum("pictures", filter=Q(kind=Kind.SETTLE, at__gte=midnight(today()))),
    )
    return {name: amount or NOTHING for name, amount in sums.items()}


def by_person(month: Decimal, address: Any) -> Table:
    """This month's sums for each person; ``address`` gives where a person's entries are."""
    # The name first: by the account first, SQLite would walk along the index of all time that begins with it.
    rows, more = _largest("who", "user_id")
    lines = [Line(row["who"], row["made"] or 0, row["amount"], url=address(row["user_id"])) for row in rows]
    return Table(lines, more, month - _total(lines))


def by_place(month: Decimal, address: Any) -> Table:
    """This month's sums for each object that pictures are for; ``address`` gives its page, or blank."""
    rows, more = _largest("model", "object_id", label=Max("label"))
    lines = [
        Line(
            row["label"] or row["object_id"],
            row["made"] or 0,
            row["amount"],
            kind=_name_of(row["model"]),
            url=address(row["model"], row["object_id"]),
        )
        for row in rows
    ]
    return Table(lines, more, month - _total(lines))


def _this_month() -> Any:
    return LedgerEntry.objects.filter(at__gte=midnight(today().replace(day=1))).order_by()


def _largest(*columns: str, **more: Any) -> tuple[list[dict[str, Any]], int]:
    """The groups that the most was spent on, and how many others there are."""
    made = Sum("pictures", filter=Q(kind=Kind.SETTLE))
    entries = _this_month().exclude(model="") if columns[0] == "model" else _this_month()
    groups = entries.values(*columns).annotate(amount=Sum("spent"), made=made, **more)
    rows = groups.exclude(amount=0).annotate(groups=Window(Count("*"))).order_by("-amount", *columns)[:TOP]
    listed = list(rows)
    return listed, (listed[0]["groups"] - len(listed) if listed else 0)


def _total(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in lines), NOTHING)


def _name_of(model: str) -> str:
    try:
        return capfirst(str(apps.get_model(model)._meta.verbose_name))
    except (LookupError, ValueError):
        return model


# -- Not over yet --------------------------------------------------------------------------------------------


def held() -> dict[str, Any]:
    """What is set aside for orders that are not over, what of it for lost ones, and how many wait since when."""
    lost = Q(state=State.LOST, held__gt=0)
    open_ = Q(state__in=[State.LOST, *(state for state in State if state not in FINAL)])
    # Ended in doubt, and watched: it may still have been charged. “Not null” is nothing that an index would find.
    watched = Q(watch_until__gt=midnight(datetime.date(2000, 1, 1)), doubtful_since__isnull=False)
    sums = _holding(open_ | watched).aggregate(
        reserved=Sum("held"),
        lost=Sum("held", filter=lost),
        losses=Count("pk", filter=lost),
        waiting=Count("pk", filter=Q(state=State.QUEUED)),
        oldest=Min("created_at", filter=Q(state=State.QUEUED)),
    )
    return {**sums, "reserved": sums["reserved"] or NOTHING, "lost": sums["lost"] or NOTHING}


def losses() -> list[Generation]:
    """The latest lost orders that money is still set aside for, each with what is ``held``."""
    rows = _holding(Q(state=State.LOST)).filter(held__gt=0).select_related("user")
    return list(rows.order_by("-finished_at", "-pk")[:FEW])


def _holding(which: Q) -> Any:
    return with_money(Generation.objects.filter(which).order_by())


def with_money(rows: Any) -> Any:
    """These orders, each with what the ledger still reserves for it, and what of it was written off."""
    entries = LedgerEntry.objects.filter(generation_id=OuterRef("pk")).order_by().values("generation_id")
    sums = {"held": Sum("reserved"), "written_off": Sum("spent", filter=Q(kind=Kind.WRITE_OFF))}
    return rows.annotate(
        **{
            name: Subquery(entries.annotate(sum=amount).values("sum"), output_field=MoneyField())
            for name, amount in sums.items()
        }
    )


def unsaved() -> list[GeneratedImage]:
    """Pictures that are paid for and not in the storage: in trouble, or given up lately."""
    troubled = Q(state=ImageState.RECEIVED) & ~Q(trouble="")
    given_up = Q(state=ImageState.FAILED, created_at__gte=now() - RECENT)
    rows = GeneratedImage.objects.filter(
        troubled | given_up, state__in=(ImageState.RECEIVED, ImageState.FAILED)
    )
    rows = rows.select_related("generation__user").annotate(groups=Window(Count("*")))
    return list(rows.order_by("-created_at", "-pk")[:FEW])


def cost_of(image: GeneratedImage) -> Decimal:
    return share_of(image.generation) if image.cost is None else image.cost


def failures() -> list[Generation]:
    """The latest orders that failed, with what is asked of their pictures."""
    rows = Generation.objects.filter(state=State.FAILED, finished_at__gte=now() - RECENT)
    images = Prefetch("images", queryset=GeneratedImage.objects.only("generation_id", "state", "error"))
    return list(rows.select_related("user").prefetch_related(images).order_by("-finished_at", "-pk")[:FEW])


def house() -> tuple[Switch, datetime.datetime | None]:
    """The off switch, and when a worker was last seen."""
    return Switch.current(), Beat.last("worker")


def webhooks() -> tuple[datetime.datetime | None, bool]:
    """When the provider last told of a result, and whether it was silent about the latest order."""
    last = Beat.last(HEARD)
    # Looked at alone it is found by an index; and a while later, because the poll may be quicker than a webhook.
    done = Generation.objects.filter(state=State.DONE, finished_at__lt=after(-OVERDUE)).order_by(
        "-finished_at"
    )[:1]
    ends = [row.finished_at for row in done if row.hooked and row.told_at is None]
    return last, any(last is None or (end is not None and last < end) for end in ends)


def budgets() -> list[Any]:
    """Those with the least left first."""
    rows: Any = Budget.objects.with_present().select_related("user", "group")
    return list(rows.order_by("left", "pk")[: TOP + 1])
