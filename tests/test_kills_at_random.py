"""kill -9 of real consumers at random moments, over each kind of queue: the books, the ledger and the files agree.

``SEEDREAM_SEED=…`` repeats a run as far as it can be repeated: the same orders, victims and moments, on a machine
that is never the same.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from .servers import Servers
from .workshop import Consumer, Workshop, wait_for

pytestmark = pytest.mark.server

#: A hundred in all.
KILLS = {"sqlite": 34, "postgresql": 33, "redis": 33}
#: Orders that are open at any time, so that a victim has work in hand.
OPEN = 8
#: Seconds that a victim works, at most, before it is killed.
LONGEST = 0.8
#: What is ordered: how many pictures, and what goes wrong with them. Each kind once, then any.
ORDERS = (
    (1, ""), (3, ""), (2, ""), (4, ""),
    (3, "sandbox:partial"), (2, "sandbox:nullcost"), (1, "sandbox:503-after"), (2, "sandbox:503-after"),
    (1, "sandbox:html"), (1, "sandbox:429"), (2, "sandbox:fails"), (1, "sandbox:flagged-late"),
    (1, "sandbox:refused"),
)  # fmt: skip
PRICE = Decimal("0.035")
FINAL = {"done", "failed", "cancelled", "lost"}


class Site(Workshop):
    """A site with a database and a queue of its own, a clerk who takes its orders, and consumers that die."""

    def __init__(self, data: Path, database: dict[str, Any] | None, huey: dict[str, Any] | None) -> None:
        super().__init__(data, LEASE=3, SANDBOX_LATENCY=[0, 0.5])
        if database:
            self.variables["SEEDREAM_TEST_DATABASE"] = json.dumps(database)
        if huey:
            self.variables["SEEDREAM_TEST_HUEY"] = json.dumps({"name": "kills", "immediate": False, **huey})
        self.run("migrate", "-v", "0")
        self.clerk = self.start("clerk", pipes=True)
        self.ask("allow", "1000")
        self.consumers = 0

    def ask(self, *question: Any) -> Any:
        assert self.clerk.stdin
        assert self.clerk.stdout
        self.clerk.stdin.write(json.dumps(question).encode() + b"\n")
        self.clerk.stdin.flush()
        answer = self.clerk.stdout.readline()
        assert answer, self.log()
        return json.loads(answer)

    def rows(self, table: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.ask("rows", table)
        return rows

    def start_consumer(self) -> Consumer:
        self.consumers += 1
        log = f"consumer-{self.consumers}.log"
        return Consumer(self.consumer(workers=2, log=log), self.data / log)

    def open(self) -> int:
        return sum(row["state"] not in FINAL for row in self.rows("generation"))

    def is_settled(self) -> bool:
        """Nothing is open; what three killed workers had in hand is given up, and fetched again by its owner."""
        if self.open():
            return False
        return not self.ask("fetch_again") and {image["state"] for image in self.images()} == {"stored"}

    def finish(self) -> None:
        """Let one consumer come to the end of everything."""
        last = self.start_consumer()
        try:
            wait_for(self.is_settled, 200)
        except AssertionError:
            open_rows = [row for row in self.rows("generation") if row["state"] not in FINAL]
            unkept = [image for image in self.images() if image["state"] != "stored"]
            raise AssertionError(f"{open_rows}\n{unkept}\n{last.log.read_text()}\n{self.log()}") from None

    def close(self) -> None:
        super().close()
        for pipe in (self.clerk.stdin, self.clerk.stdout):
            assert pipe
            pipe.close()


@pytest.fixture
def site(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Site]:
    database, huey = {
        "sqlite": lambda: (None, None),
        "postgresql": lambda: (
            servers["postgresql"],
            {"huey_class": "huey.PostgresHuey", "dsn": _dsn(servers["postgresql"])},
        ),
        "redis": lambda: (servers["mariadb"], {"huey_class": "huey.RedisHuey", "url": servers["redis"]}),
    }[request.param]()
    site = Site(tmp_path, database, huey)
    yield site
    site.close()


def _dsn(database: dict[str, Any]) -> str:
    return f"host={database['HOST']} user={database['USER']} dbname={database['NAME']}"


@pytest.mark.parametrize("site", KILLS, indirect=True)
def test_consumers_killed_at_random(site: Site, request: pytest.FixtureRequest) -> None:
    """What was charged is what is settled is what is stored, whole and readable; nothing is open, nothing is left."""
    seed = int(os.environ.get("SEEDREAM_SEED") or random.randrange(10**6))
    kills = KILLS[request.node.callspec.params["site"]]
    print(f"SEEDREAM_SEED={seed}")
    tally = kill(site, random.Random(seed), kills)
    print(f"{kills} kills, in hand: {dict(tally)}")
    assert {"submit", "collect", "store"} <= set(tally), (
        "The moments were not random enough to prove anything."
    )
    site.finish()
    check_books(site)


def kill(site: Site, chance: random.Random, kills: int) -> Counter[str]:
    """Kill one of two consumers at work, replace it, and again; tell what they had in hand."""
    tally: Counter[str] = Counter()
    orders = [*ORDERS, *chance.choices(ORDERS, k=1000)]
    consumers = [site.start_consumer(), site.start_consumer()]
    for _ in range(kills):
        place(site, orders)
        victim = chance.randrange(2)
        wait_for(consumers[victim].has_worked, 120)
        time.sleep(chance.uniform(0, LONGEST))
        site.kill(consumers[victim].process)
        assert consumers[victim].process.returncode == -9
        tally.update(consumers[victim].in_hand() or ["nothing"])
        consumers[victim] = site.start_consumer()
    for consumer in consumers:
        site.kill(consumer.process)
    return tally


def place(site: Site, orders: list[tuple[int, str]]) -> None:
    for _ in range(OPEN - site.open()):
        results, words = orders.pop(0)
        site.ask("order", f"A red fox in the snow {words}".strip(), results)


# -- What must be true in the end ----------------------------------------------------------------------------


def check_books(site: Site) -> None:
    """Charges are settled entries are stored files, as multisets; nothing else is there, or reserved without doubt."""
    charged = Counter((charge.task_uuid, charge.images, charge.amount) for charge in site.charges())
    assert charged
    held = in_doubt(site)
    assert charged == settled(site.rows("ledgerentry"), held)
    images = site.images()
    kept = [site.check_kept(image) for image in images]
    assert site.files() == set().union(*kept)
    assert sum(map(len, kept)) == len(site.files())
    stored = Counter(image["generation_id"] for image in images)
    assert charged == Counter((pk, count, count * PRICE) for pk, count in stored.items())
    check_orders(site, stored)
    check_budget(site, sum(charge.amount for charge in site.charges()), len(held) * PRICE)


def in_doubt(site: Site) -> set[str]:
    """Orders that were refused after a worker had died over them: they are watched, and their price is held."""
    ended = (row for row in site.rows("generation") if row["state"] == "failed" and row["doubtful_since"])
    doubtful = {row["id"]: row for row in ended}
    assert all("sandbox:refused" in row["prompt"] and row["watch_until"] for row in doubtful.values())
    return set(doubtful)


def settled(entries: list[dict[str, Any]], held: set[str]) -> Counter[tuple[str, int, Decimal]]:
    """Per order its pictures and what they cost. No order has anything reserved, unless it is in doubt."""
    orders: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        orders.setdefault(entry["generation_id"], []).append(entry)
    for pk, of_one in orders.items():
        assert total(of_one, "reserved") == (PRICE if pk in held else 0), of_one
    paid = {pk: [e for e in of_one if e["kind"] in {"settle", "write_off"}] for pk, of_one in orders.items()}
    return Counter(
        (pk, total(of_one, "pictures"), total(of_one, "spent")) for pk, of_one in paid.items() if of_one
    )


def total(entries: list[dict[str, Any]], name: str) -> Any:
    return sum(Decimal(entry[name]) for entry in entries)


def check_orders(site: Site, stored: Counter[str]) -> None:
    """None is open, and each says itself how many pictures it has; what the provider did not bill is unconfirmed."""
    entries = site.rows("ledgerentry")
    for row in site.rows("generation"):
        assert row["state"] in FINAL, row
        assert (row["received"], row["stored"]) == (stored[row["id"]],) * 2, row
        mine = [entry for entry in entries if entry["generation_id"] == row["id"]]
        guessed = stored[row["id"]] * PRICE if "sandbox:nullcost" in row["prompt"] else 0
        assert total(mine, "unconfirmed") == guessed, row


def check_budget(site: Site, spent: Decimal, held: Decimal) -> None:
    (period,) = site.rows("budgetperiod")
    assert (Decimal(period["spent"]), Decimal(period["reserved"])) == (spent, held)
