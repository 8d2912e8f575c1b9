"""I8: the ledger is what the provider charged, and nothing else is held back or counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from seedream_django.late import SLOW_WATCH_INTERVAL
from seedream_django.models import FINAL, State
from seedream_django.models.money import MICRO

from .reading import LEDGER, PERIODS, Order, dashed, moment, orders, rows
from .world import Broken, World

#: Seconds that pass at most between two looks when all is calm.
STRIDE = 300.0
#: Seconds after which what the provider has to tell of a watched row was heard.
HEARING = STRIDE + SLOW_WATCH_INTERVAL
NEVER = 10.0**9
#: When each row that ended early was last watched.
Watched = dict[str, float]


def broken(here: World) -> Iterator[Broken]:
    """The periods say what the ledger says, and nothing is held back for what is over."""
    periods: Counter[int] = Counter()
    held: Counter[str] = Counter()
    guessed: Counter[str] = Counter()
    for pk, image_uuid, reserved, spent, keys in rows(
        f"SELECT generation_id, image_uuid, reserved, spent, periods FROM {LEDGER}"
    ):
        held[pk] += reserved
        guessed[pk] += 0 if image_uuid else spent
        for key in json.loads(keys):
            periods[key, "reserved"] += reserved
            periods[key, "spent"] += spent
    for key, reserved, spent in rows(f"SELECT id, reserved, spent FROM {PERIODS}"):
        if (periods[key, "reserved"], periods[key, "spent"]) != (reserved, spent):
            yield Broken("I8", f"Period {key} and the ledger differ.")
    yield from _held(here, held, guessed)


def _held(here: World, held: Counter[str], guessed: Counter[str]) -> Iterator[Broken]:
    """An order's price is held back until it is clear what is charged, or somebody guessed that it is."""
    settled = _settled()
    for order in orders():
        wrong = _wrong(here, order, held[order.pk], guessed[order.pk], len(settled.get(order.pk, ())))
        if wrong:
            kept = f"{held[order.pk]} are reserved for it, {guessed[order.pk]} written off"
            yield Broken("I8", f"Row {order.pk} is {order.state}, {wrong}, and {kept}.")


def _wrong(here: World, order: Order, held: int, guessed: int, settled: int) -> str:
    over, lost = order.state in FINAL, order.state == State.LOST
    if guessed and not lost:
        return "which cannot be written off"
    if held and order.is_gone:
        return "and was deleted"
    if over and order.came >= order.expected and (held or guessed):
        return "with nothing missing"
    if over and held and not lost and not order.is_doubtful:
        return "without a doubt"
    if order.came or settled:
        return ""
    is_open = order.is_watched(moment(here)) and order.is_doubtful
    if (not over or lost or is_open) and not order.is_gone and held + guessed != order.price:
        return "of which nothing came"
    return ""


# -- At the end ---------------------------------------------------------------------------------------------


def told(here: World, watched: Watched, order: Order) -> list[Any]:
    """What was charged for a row early enough to be heard of."""
    heard = _heard(watched, order)
    return [made for made in here.provider.charged(dashed(order.pk)) if made.ready_at <= heard]


def _heard(watched: Watched, order: Order) -> float:
    """Until when something may have happened to be heard of for sure. What ended in time has nothing to be told."""
    last = watched.get(order.pk)
    return NEVER if last is None else last - HEARING


def unequal(here: World, watched: Watched) -> Iterator[Broken]:
    """What is spent is what the provider charged, picture by picture; where it named no price, the estimate."""
    settled = _settled()
    whole: Counter[str] = Counter()
    for pk, reserved, spent in rows(f"SELECT generation_id, reserved, spent FROM {LEDGER}"):
        whole[pk] += spent + reserved
    for order in orders():
        charged = _charged(here, order)
        owed = {made.uuid for made in told(here, watched, order)}
        found = dict(settled.get(order.pk, {}))
        if order.is_gone and whole[order.pk] > sum(found.values()):
            # It was written off, and then deleted: counted, by somebody who decided.
            continue
        if not owed <= found.keys() or not found.items() <= charged.items():
            yield Broken("I8", f"Row {order.pk}: charged {charged}, settled {found}.")
        is_known = order.state != State.LOST or _all_told(here, watched, order)
        if is_known and whole[order.pk] != sum(found.values()):
            yield Broken("I8", f"Row {order.pk}: {whole[order.pk]} spent or held, settled {found}.")


def _settled() -> dict[str, Counter[str]]:
    """What is spent for each picture of each order."""
    settled: dict[str, Counter[str]] = {}
    for pk, image_uuid, spent in rows(
        f"SELECT generation_id, image_uuid, spent FROM {LEDGER} WHERE image_uuid IS NOT NULL"
    ):
        settled.setdefault(pk, Counter())[dashed(image_uuid)] += spent
    return settled


def _charged(here: World, order: Order) -> dict[str, int]:
    share = Decimal(str(order.estimate)) / order.expected
    made = here.provider.charged(dashed(order.pk))
    return {one.uuid: round((one.cost if one.named else share) * MICRO) for one in made}


def _all_told(here: World, watched: Watched, order: Order) -> bool:
    """Whether the provider said of each picture of an order that it is there, or failed, in time to be heard."""
    results, heard = here.provider.results(dashed(order.pk)), _heard(watched, order)
    return len(results) == order.expected and max(made.ready_at for made in results) <= heard
