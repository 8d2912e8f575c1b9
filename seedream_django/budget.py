"""Money: reserved with the order, settled with each picture, and never out of sight.

Every function runs inside the transaction that moves the order, after the order's row was made or locked in it,
so that no order is ever in a state that its money does not know of. What an order has reserved and spent is the
sum of its ledger entries; the periods of the budgets hold the same sums, where one UPDATE can decide on them.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import conf
from .diagnosis import money
from .exceptions import OverBudget
from .models import (
    Budget,
    BudgetPeriod,
    GeneratedImage,
    Generation,
    Kind,
    LedgerEntry,
    Period,
    State,
    dollars,
)
from .people import people_with

#: The smallest amount that is kept: a millionth of a dollar.
SMALLEST = Decimal("0.000001")

Balance = dict[str, Decimal]
NOTHING: Balance = {"reserved": Decimal(0), "spent": Decimal(0), "unconfirmed": Decimal(0)}


# -- Reserving -----------------------------------------------------------------------------------------------


def reserve(generation: Generation, periods: list[BudgetPeriod]) -> None:
    """Set the estimate aside in each of these periods, or in none. Raises OverBudget.

    One conditional UPDATE over all periods decides: where fewer rows have room than apply, nothing is reserved.
    """
    amount = generation.estimate
    periods = _locked(periods)
    keys = [period.pk for period in periods]
    with_room = BudgetPeriod.objects.filter(pk__in=keys).with_room_for(amount)
    if keys and with_room.update(reserved=F("reserved") + dollars(amount)) < len(keys):
        tight = min(periods, key=lambda period: period.left)
        raise OverBudget(_refusal(tight, generation.user, amount, generation.expected))
    origin = {
        "user": generation.user,
        "who": _name_of(generation.user),
        "door": generation.door,
        "prompt": generation.prompt,
        "periods": keys,
        "account": conf.account(),
    }
    LedgerEntry.objects.create(
        kind=Kind.RESERVE,
        generation_id=generation.pk,
        reserved=amount,
        pictures=generation.expected,
        **origin,
    )


def periods_for(user: Any) -> list[BudgetPeriod]:
    """The present period of every budget that an order by this person counts towards, made where it is missing.

    Better before the order's transaction than in it: MariaDB keeps what two of them inserted at once locked for
    both, so that neither could go on.
    """
    starts = {budget.pk: budget.start() for budget in Budget.objects.for_user(user)}
    found = _present(starts)
    missing = starts.keys() - {period.budget_id for period in found}
    if not missing:
        return found
    new = [BudgetPeriod(budget_id=pk, start=starts[pk]) for pk in sorted(missing)]
    BudgetPeriod.objects.bulk_create(new, ignore_conflicts=True)
    return _present(starts)


def _present(starts: dict[int, Any]) -> list[BudgetPeriod]:
    if not starts:
        return []
    rows = BudgetPeriod.objects.filter(budget__in=starts, start__in=set(starts.values()))
    return [period for period in rows.select_related("budget") if starts[period.budget_id] == period.start]


def _locked(periods: list[BudgetPeriod]) -> list[BudgetPeriod]:
    """Lock the periods, in one order for everybody: two orders that wait for each other would both fail."""
    if not periods:
        return []
    budgets = {period.pk: period.budget for period in periods}
    rows = list(BudgetPeriod.objects.filter(pk__in=budgets).order_by("pk").select_for_update())
    for row in rows:
        # A join would be locked too, or could not be.
        row.budget = budgets[row.pk]
    return rows


# -- Settling ------------------------------------------------------------------------------------------------


def settle(generation: Generation) -> Decimal | None:
    """Write down what each picture that came costs, and give back what cannot be charged any more.

    Return what the provider says it billed, or None as long as any picture's cost is not known.

    Harmless to repeat: what is in the ledger already is not written again. A picture whose cost the provider did
    not name counts with its share of the estimate, unconfirmed. A lost order keeps its reservation until all of
    it came or somebody decides; what was written off and then failed at the provider was not charged after all.
    """
    before = _balances(generation)
    held = _sum(before.values())["reserved"]
    written_off = before.get(None, NOTHING)["spent"]
    share = share_of(generation)
    entries: list[LedgerEntry] = []
    for image in generation.images.only("image_uuid", "cost", "generation_id"):
        change = _cost_change(image, before.get(image.image_uuid, NOTHING), share)
        if change is None:
            continue
        new = image.image_uuid not in before
        freed = min(held, share) if new else Decimal(0)
        held -= freed
        entries.append(LedgerEntry(kind=Kind.SETTLE, image_uuid=image.image_uuid, pictures=new, **change))
        entries[-1].reserved = -freed
        if new and not freed and written_off > 0:
            # It was given up and counted already, and here it is after all.
            back = min(written_off, share)
            written_off -= back
            entries.append(LedgerEntry(kind=Kind.WRITE_OFF, spent=-back, unconfirmed=-back))
    if written_off > 0 and _is_all_known(generation):
        entries.append(LedgerEntry(kind=Kind.WRITE_OFF, spent=-written_off, unconfirmed=-written_off))
    if held > 0 and _cannot_cost_more(generation):
        entries.append(LedgerEntry(kind=Kind.RELEASE, reserved=-held))
    _write(generation, entries)
    return _billed(before, entries)


def write_off(generation: Generation, *, by: Any = None, note: str = "") -> Decimal:
    """Count what is still reserved for an order whose fate nobody knows as spent. Return the amount."""
    amount = _sum(_balances(generation).values())["reserved"]
    if amount > 0:
        entry = LedgerEntry(kind=Kind.WRITE_OFF, reserved=-amount, spent=amount, unconfirmed=amount)
        entry.by, entry.note, entry.pictures = by, note[:200], generation.expected
        _write(generation, [entry])
    return amount


def reserved_for(generation: Generation) -> Decimal:
    """What is still set aside for this order."""
    return LedgerEntry.objects.of(generation).balance()["reserved"]


def share_of(generation: Generation) -> Decimal:
    """One picture's share of the estimate."""
    return (generation.estimate / max(generation.expected, 1)).quantize(SMALLEST)


def _balances(generation: Generation) -> dict[uuid.UUID | None, Balance]:
    """What the ledger says of each picture of an order, and under None of the order itself."""
    rows = LedgerEntry.objects.of(generation).order_by().values("image_uuid")
    sums = rows.annotate(r=Sum("reserved"), s=Sum("spent"), u=Sum("unconfirmed"))
    return {
        row["image_uuid"]: {"reserved": row["r"], "spent": row["s"], "unconfirmed": row["u"]} for row in sums
    }


def _sum(balances: Iterable[Balance]) -> Balance:
    listed = list(balances)
    return {name: sum((balance[name] for balance in listed), Decimal(0)) for name in NOTHING}


def _billed(before: Mapping[uuid.UUID | None, Balance], entries: Iterable[LedgerEntry]) -> Decimal | None:
    """By the ledger, which remembers the pictures that were deleted."""
    pictures = [balance for image_uuid, balance in before.items() if image_uuid is not None]
    pictures += [{"spent": e.spent, "unconfirmed": e.unconfirmed} for e in entries if e.image_uuid]
    unconfirmed = sum((picture["unconfirmed"] for picture in pictures), Decimal(0))
    spent = sum((picture["spent"] for picture in pictures), Decimal(0))
    return spent if pictures and not unconfirmed else None


def _cost_change(image: GeneratedImage, before: Balance, share: Decimal) -> Balance | None:
    """By how much the ledger has to change to say what this picture costs, or None if it says so."""
    spent = share if image.cost is None else image.cost
    unconfirmed = share if image.cost is None else Decimal(0)
    change = {"spent": spent - before["spent"], "unconfirmed": unconfirmed - before["unconfirmed"]}
    return change if any(change.values()) else None


def _is_all_known(generation: Generation) -> bool:
    return generation.received + generation.failed >= generation.expected


def _cannot_cost_more(generation: Generation) -> bool:
    """Whether nothing of it can be charged any more. What ended in doubt may be, as long as it is watched."""
    if _is_all_known(generation) or generation.state in (State.STORING, State.DONE):
        return True
    in_doubt = generation.doubtful_since is not None and generation.watch_until is not None
    return generation.state in (State.FAILED, State.CANCELLED) and not in_doubt


def _write(generation: Generation, entries: list[LedgerEntry]) -> None:
    """Add entries that carry on what was reserved: the same person, the same budgets."""
    if not entries:
        return
    first = LedgerEntry.objects.of(generation).filter(kind=Kind.RESERVE).first()
    keys = first.periods if first else []
    model, object_id, label = _place_of(generation)
    for entry in entries:
        entry.generation_id = generation.pk
        entry.periods, entry.account = keys, conf.account()
        entry.user = first.user if first else generation.user
        entry.who = first.who if first else _name_of(generation.user)
        entry.door, entry.prompt = generation.door, generation.prompt
        entry.model, entry.object_id, entry.label = model, object_id, label
    LedgerEntry.objects.bulk_create(entries)
    change = {name: sum((getattr(e, name) for e in entries), Decimal(0)) for name in ("reserved", "spent")}
    periods = BudgetPeriod.objects.filter(pk__in=keys)
    if keys and list(periods.order_by("pk").select_for_update()):
        periods.update(**{name: F(name) + dollars(amount) for name, amount in change.items()})


def _name_of(user: Any) -> str:
    return str(user.get_username()) if user else ""


def _place_of(generation: Generation) -> tuple[str, str, str]:
    """The object that an order is for: its model, its key, and what a person calls it."""
    slot = generation.slots.exclude(object_id="").select_related("content_type").order_by("pk").first()
    if slot is None:
        return "", "", ""
    kind, model = slot.content_type, slot.content_type.model_class()
    label = ""
    # The host's own code and tables: whatever is wrong with them, the money is written down.
    with contextlib.suppress(Exception), transaction.atomic():
        label = str(model._base_manager.filter(pk=slot.object_id).first() or "") if model else ""
    return f"{kind.app_label}.{kind.model}", slot.object_id, label[:200]


# -- What is left --------------------------------------------------------------------------------------------


def tightest(user: Any) -> BudgetPeriod | None:
    """Of the budgets that an order by this person counts towards, the one with least left; None without any.

    Only reads: where nothing was ordered yet in the present period, the row is not saved.
    """
    budgets = list(Budget.objects.for_user(user).select_related("user", "group"))
    found = {
        period.budget_id: period for period in _present({budget.pk: budget.start() for budget in budgets})
    }
    periods = [
        found.get(budget.pk) or BudgetPeriod(budget=budget, start=budget.start()) for budget in budgets
    ]
    return min(periods, key=lambda period: period.left, default=None)


def check(user: Any, amount: Decimal, pictures: int) -> None:
    """Raise OverBudget where ``reserve`` would now. Nothing is set aside: it may be gone when it is ordered."""
    period = tightest(user)
    if period is not None and period.left < amount:
        raise OverBudget(_refusal(period, user, amount, pictures))


def room(period: BudgetPeriod, user: Any, price: Decimal) -> str:
    """What is left of a budget, in words: dollars for those who may see costs, pictures at this price for others."""
    if _sees_costs(user):
        return str(LEFT[Period(period.budget.period)]) % {"left": money(period.left)}
    count = _pictures_in(period, price)
    return ngettext("room for %(count)s more picture", "room for %(count)s more pictures", count) % {
        "count": count
    }


LEFT: dict[Period, Any] = {
    Period.DAY: gettext_lazy("%(left)s left today"),
    Period.MONTH: gettext_lazy("%(left)s left this month"),
    Period.EVER: gettext_lazy("%(left)s left"),
}


def _sees_costs(user: Any) -> bool:
    return user is None or bool(user.has_perm("seedream_django.see_costs"))


def _pictures_in(period: BudgetPeriod, price: Decimal) -> int:
    return int(period.left // price) if price else 0


def _refusal(period: BudgetPeriod, user: Any, amount: Decimal, pictures: int) -> str:
    """Which budget has no room, what is left of it, and who can raise it."""
    words = {"budget": period.budget, "people": people_with("seedream_django.change_budget")}
    count = _pictures_in(period, amount / max(pictures, 1))
    if _sees_costs(user):
        words |= {"left": money(period.left), "price": money(amount)}
        why = _(
            "The budget has no room for this order: of “%(budget)s” %(left)s is left, and it costs %(price)s."
        )
    else:
        words["count"] = count
        why = ngettext(
            "The budget has no room for this order: “%(budget)s” has room for %(count)s more picture.",
            "The budget has no room for this order: “%(budget)s” has room for %(count)s more pictures.",
            count,
        )
    # Where not even one picture has room, less would not help.
    todo = _("Order less, or ask %(people)s to raise it.") if count else _("Ask %(people)s to raise it.")
    return " ".join([why % words, todo % words, _("Nothing was charged.")])
