"""Fifty orders at once at a budget for thirty: exactly thirty, with real connections and real commits.

It runs on the database of the settings, which here is the example's SQLite; ``test_on_servers.py`` runs it on the
others.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, connections
from django.db.models import Sum

from seedream_django import generate, orders
from seedream_django.exceptions import OverBudget
from seedream_django.models import Budget, BudgetPeriod, Generation, LedgerEntry

from .worker import idle_queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

PRICE = Decimal("0.035")
ROOM = 30 * PRICE


@pytest.fixture(autouse=True)
def _no_worker(settings: Any) -> Iterator[None]:
    """Orders stay as they were taken, so that what is reserved can be counted; and the settings are the example's."""
    if connection.vendor == "sqlite":
        assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    with idle_queue(settings):
        yield


@pytest.fixture
def people(person: Callable[..., User]) -> list[User]:
    """Five who share two groups: some are in one, some in the other, some in both."""
    groups = [Group.objects.create(name=name) for name in ("news", "sport")]
    people = [person(f"p{number}", "generate") for number in range(5)]
    for number, one in enumerate(people):
        one.groups.set([groups[:1], groups, groups[::-1], groups, groups[:1]][number])
    return people


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What each returns or raises, all begun in the same moment, each with a connection of its own."""
    barrier = threading.Barrier(len(calls), timeout=60)
    came: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            came[place] = call()
        except BaseException as error:
            came[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return came


def kinds(came: list[Any]) -> Counter[str]:
    return Counter(type(one).__name__ for one in came)


def check_sums(taken: int) -> None:
    """Rows, ledger and every period that applied to all say that so much is reserved, and nothing spent."""
    assert Generation.objects.count() == taken
    entries = LedgerEntry.objects.all()
    assert set(entries.values_list("generation_id", flat=True)) == set(
        Generation.objects.values_list("pk", flat=True)
    )
    assert entries.balance() == {"reserved": taken * PRICE, "spent": 0, "unconfirmed": 0}
    for period in BudgetPeriod.objects.select_related("budget"):
        mine = [entry for entry in entries if period.pk in entry.periods]
        assert (period.reserved, period.spent) == (len(mine) * PRICE, 0)
        assert period.reserved <= period.budget.limit


@pytest.mark.parametrize("tight", ["group", "installation", "both"])
def test_fifty_at_once_at_a_budget_for_thirty(people: list[User], tight: str) -> None:
    """Thirty are taken, twenty are told that there is no room, nobody is told of a lock; no budget is passed."""
    news, sport = Group.objects.order_by("pk")
    limits = {"group": (ROOM, 50 * PRICE), "installation": (50 * PRICE, ROOM), "both": (ROOM, ROOM)}[tight]
    Budget.objects.create(group=news, period="month", limit=limits[0])
    Budget.objects.create(group=sport, period="day", limit=50 * PRICE)
    Budget.objects.create(period="ever", limit=limits[1])

    came = at_once([
        lambda user=people[number % 5]: generate("A fox", user=user) for number in range(50)
    ])  # fmt: skip
    assert kinds(came) == {"Generation": 30, "OverBudget": 20}
    check_sums(30)
    assert BudgetPeriod.objects.get(budget__group=news).reserved == ROOM


def test_orders_of_several_pictures_fill_a_budget(people: list[User]) -> None:
    """Of orders of different sizes as many are taken as fit, whichever come first; the pool is never passed."""
    Budget.objects.create(group=Group.objects.get(name="news"), period="day", limit=ROOM)
    came = at_once([
        lambda number=number: generate("A fox", user=people[number % 5], results=1 + number % 4)
        for number in range(40)
    ])  # fmt: skip
    assert set(kinds(came)) == {"Generation", "OverBudget"}
    pictures = Generation.objects.aggregate(n=Sum("expected"))["n"]
    assert 27 <= pictures <= 30
    period = BudgetPeriod.objects.get()
    assert period.reserved == pictures * PRICE == LedgerEntry.objects.balance()["reserved"]


def test_the_same_key_ten_times_at_once(people: list[User]) -> None:
    """It is one row, one reservation, and everybody has that row."""
    Budget.objects.create(period="ever", limit=ROOM)
    came = at_once([lambda: generate("A fox", user=people[0], key="once")] * 10)
    assert kinds(came) == {"Generation": 10}
    assert len({one.pk for one in came}) == 1
    check_sums(1)


def test_the_same_key_ten_times_at_once_without_room(people: list[User]) -> None:
    """Whoever waits for the one that is refused is refused as well, and no row is left."""
    Budget.objects.create(period="ever", limit=PRICE / 2)
    came = at_once([lambda: generate("A fox", user=people[0], key="once")] * 10)
    assert kinds(came) == {"OverBudget": 10}
    check_sums(0)


def test_cancelled_at_once_with_new_orders(people: list[User]) -> None:
    """What is cancelled makes room while others order: the sums are what the rows say, whoever was first."""
    Budget.objects.create(group=Group.objects.get(name="news"), period="ever", limit=ROOM)
    Budget.objects.create(period="ever", limit=ROOM)
    first = [generate("A fox", user=people[number % 5]) for number in range(20)]
    came = at_once([
        *(lambda one=one: orders.cancel(one) for one in first),
        *(lambda number=number: generate("A wolf", user=people[number % 5]) for number in range(30)),
    ])  # fmt: skip
    assert came[:20] == [True] * 20
    taken = [one for one in came[20:] if isinstance(one, Generation)]
    assert all(isinstance(one, (Generation, OverBudget)) for one in came[20:])
    assert 10 <= len(taken) <= 30
    for period in BudgetPeriod.objects.all():
        assert (period.reserved, period.spent) == (len(taken) * PRICE, 0)
    assert LedgerEntry.objects.balance()["reserved"] == len(taken) * PRICE
