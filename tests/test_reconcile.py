"""``seedream_reconcile``: the ledger beside the provider's books, to the cent, by day and key."""

from __future__ import annotations

import datetime
import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from seedream_django import conf, lost, orders, provider, sandbox
from seedream_django.models import Generation, Kind, LedgerEntry, State
from seedream_django.runware import usage
from seedream_django.runware.client import Runware, in_process
from seedream_django.runware.usage import Usage, Use, read_usage
from seedream_django.sandbox import Books

from .gate import KEY, Gate, answering, opened, unavailable
from .sandboxed import order
from .servers import ROOT
from .steps import carry, made, turn
from .test_lost import lost_order

pytestmark = [pytest.mark.django_db, pytest.mark.once]

EACH = Decimal("0.035")
EXACT = "--tolerance=0"


def run(*args: str) -> tuple[int, str, str]:
    """The exit code, what is printed, and the last sentence where it is an error."""
    out = io.StringIO()
    try:
        call_command("seedream_reconcile", *args, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), ""


def told(*args: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = run("--json", *args)
    return code, json.loads(out)


def other_site(path: Path, key: str = "other", **values: Any) -> None:
    """Somebody else orders on the same account."""
    client = Runware(
        key, "http://sandbox/v1", transport=in_process(sandbox.create_app(path, key=key, plain=True))
    )
    client.submit(order(**values))


def moved(generation: Generation, books: Books, accepted: datetime.datetime, came: datetime.datetime) -> None:
    """As if the provider had taken it at one moment, and its pictures had come at another."""
    with closing(sqlite3.connect(books.path)) as connection, connection:
        values = (accepted.timestamp(), str(generation.pk))
        connection.execute("UPDATE task SET accepted = ? WHERE uuid = ?", values)
    entries = LedgerEntry.objects.of(generation)
    QuerySet.update(entries.filter(kind=Kind.RESERVE), at=accepted)
    QuerySet.update(entries.exclude(kind=Kind.RESERVE), at=came)
    Generation.objects.filter(pk=generation.pk).update(created_at=accepted)


# -- Our own flows -------------------------------------------------------------------------------------------


def test_they_agree_to_the_millionth(books: Books) -> None:
    """Done, in part, failed, cancelled before and after it was sent, a sequence: both books say the same."""
    for prompt, values in (
        ("a fox", {"results": 3}),
        ("a fox sandbox:partial", {"results": 4}),
        ("a fox sandbox:fails", {}),
        ("a fox sandbox:refused", {}),
        ("four scenes", {"sequence": 4}),
    ):
        made(prompt, **values)
    orders.cancel(orders.place("never sent"))
    sent = orders.place("sent and cancelled")
    turn()
    orders.cancel(sent)
    carry(sent)
    code, found = told(EXACT)
    assert (code, found["agree"], found["difference"]) == (0, True, "0.000000")
    assert Decimal(found["ours"]) == Decimal(found["provider"]) == books.spent() > 0
    assert [(day["our_pictures"], day["provider_pictures"]) for day in found["days"]] == [
        (sum(charge.images for charge in books.charges()),) * 2
    ]


def test_a_page_for_people(books: Books) -> None:
    """Days, sums, balance and how long it lasts, and that these are the sandbox's books."""
    made("a fox", results=2)
    code, out, error = run()
    day = timezone.localdate().isoformat()
    assert (code, error) == (0, "")
    assert "These are the sandbox's books: nothing was really charged." in out
    assert [day, "$0.07", "$0.07", "$0.00", "$0.00", "2", "/", "2"] in [
        line.split() for line in out.splitlines()
    ]
    assert "Balance: $999.93" in out
    assert "At $0.07 a day, by all keys of the account, it lasts 14284 days." in out
    assert out.endswith("They agree.\n")


def test_a_lost_order_explains_what_it_may_have_cost() -> None:
    """What is reserved for it is no difference; written off it is in both books; of it is told both times."""
    made("a fox")
    generation = lost_order()
    code, found = told(EXACT)
    assert (code, found["difference"], found["unexplained"]) == (0, "0.035000", "0.000000")
    assert (found["reserved"], found["lost"]) == ("0.035000", "0.035000")
    assert "Reserved now for orders that were sent: $0.035, $0.035 of it for lost orders." in run()[1]
    lost.write_off(generation, by=None)
    code, found = told(EXACT)
    assert (code, found["difference"], found["written_off"]) == (0, "0.000000", "0.035000")


def test_what_the_provider_never_charged(gate: Gate) -> None:
    """Written off though the provider never took it: we count more, and are told where to look."""
    gate.spoil["imageInference"] = [unavailable]
    gate.spoil["getTaskDetails"] = [unavailable]
    generation = orders.place("a fox")
    turn()
    Generation.objects.filter(pk=generation.pk).update(ask_until=timezone.now() - datetime.timedelta(days=1))
    assert carry(generation).state == State.LOST
    assert told(EXACT)[0] == 0
    lost.write_off(generation, by=None)
    code, out, error = run(EXACT)
    assert code == 1
    assert error.startswith(
        "They differ by $0.035: we count more than the provider does. Look at what was written off"
    )
    assert "Of ours written off: $0.035." in out


def test_what_only_waits_explains_nothing(books: Books) -> None:
    """An order that was never sent cannot have been charged: its reservation hides nobody else's charge."""
    orders.place("waits", results=4)
    other_site(books.path)
    code, found = told(EXACT)
    assert (code, found["reserved"], found["unexplained"]) == (1, "0.000000", "0.035000")


def test_as_a_process() -> None:
    """By ``manage.py``: 2 and a line where nobody answers, nothing of the key, no traceback."""
    script = (
        "from django.conf import settings; settings.configure(SECRET_KEY='x', DATABASES={'default': {'ENGINE':"
        " 'django.db.backends.sqlite3', 'NAME': ':memory:'}}, INSTALLED_APPS=['django.contrib.auth',"
        " 'django.contrib.contenttypes', 'seedream_django'], HUEY={'immediate': True}, USE_TZ=True,"
        f" SEEDREAM={{'API_KEY': '{KEY}', 'ENDPOINT': 'http://127.0.0.1:9/v1'}});"
        " from django.core.management import execute_from_command_line as run;"
        " run(['manage.py', 'seedream_reconcile'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("CommandError: The provider could not be asked: ")
    assert len(done.stderr.splitlines()) == 1
    assert KEY not in done.stderr


# -- Somebody else -------------------------------------------------------------------------------------------


def test_a_charge_behind_our_back(books: Books) -> None:
    """It differs, ends with 1, names the key; within the tolerance, or of our key alone, it agrees."""
    made("a fox")
    other_site(books.path, numberResults=3)
    code, out, error = run()
    assert code == 1
    assert error.startswith("They differ by $0.105: the provider counts more than we do.")
    (ours, others) = sorted(told()[1]["provider_keys"].items(), key=lambda item: item[1])
    assert (ours[1], others[1]) == ("0.035000", "0.105000")
    assert f"its {others[0]}" in out
    assert "our this key" in out
    assert run("--tolerance", "0.105")[1].endswith("They agree to within $0.105; $0.105 is not explained.\n")
    assert run("--tolerance", "0.105")[0] == run("--tolerance=76%")[0] == 0
    assert run(EXACT, "--key", ours[0])[0] == 0
    code, out, error = run("--key", "nobody")
    assert (code, out) == (2, "")
    assert (
        error == f"The provider names no such key. Those it names: {', '.join(sorted((ours[0], others[0])))}."
    )


def test_a_key_that_was_changed(books: Books, settings: Any) -> None:
    """Each day by the keys of its time; ours by digest, the present one as such, and what was not noted."""
    first = made("a fox")
    QuerySet.update(LedgerEntry.objects.all(), account="")
    second = made("a fox", results=2)
    old = conf.account()
    settings.SEEDREAM |= {"SANDBOX_STATE": books.path.with_name("moved.sqlite3")}
    with opened(settings, books.path):
        third = made("a fox", results=3)
        now = timezone.now()
        for days, generation in ((9, first), (5, second), (0, third)):
            then = now - datetime.timedelta(days=days)
            moved(generation, books, then, then)
        code, found = told(EXACT, "--days", "10")
        out = run("--days", "10")[1]
        assert code == 0
        digests = ("", old.removeprefix("provider:"), found["this_key"])
        assert [day["our_keys"] for day in found["days"]] == [
            {digest: f"{n * EACH:f}000"} for n, digest in enumerate(digests, 1)
        ]
        assert len(found["provider_keys"]) == 2
        assert len([line for line in out.splitlines() if "our this key" in line]) == 1
        assert f"our key {digests[1]}" in out
        assert "our key, not noted" in out
        code, found = told(EXACT, "--account", "this", "--key", *found["days"][-1]["provider_keys"])
        assert (code, found["ours"], found["provider"]) == (0, "0.105000", "0.105000")
        assert told("--account", digests[1], "--days=10")[1]["ours"] == "0.070000"
        code, _, error = run("--account", "0123456789abcdef")
        assert (code, error) == (2, "The ledger has no entries of a key 0123456789abcdef in these days.")
    assert KEY not in out


def test_the_sandbox_is_not_on_a_real_bill(books: Books, settings: Any, tmp_path: Path) -> None:
    """What was tried in the sandbox before there was a key is left out once there is one."""
    made("tried out")
    with opened(settings, tmp_path / "real.sqlite3"):
        made("paid", results=2)
        code, found = told(EXACT)
        assert (code, found["ours"], found["sandbox"]) == (0, "0.070000", False)
    settings.SEEDREAM |= {"SANDBOX": True}
    assert told(EXACT)[1]["ours"] == "0.035000"


# -- Days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_days_are_the_project_s(name: str, settings: Any, books: Books) -> None:
    """A second before and after midnight there are two days, in both books, fourteen hours from UTC too."""
    settings.TIME_ZONE, here = name, ZoneInfo(name)
    midnight = datetime.datetime.combine(timezone.localdate(), datetime.time(), here)
    for seconds, results in ((-1, 1), (1, 2)):
        then = midnight + datetime.timedelta(seconds=seconds)
        moved(made("a fox", results=results), books, then, then)
    code, found = told(EXACT)
    assert code == 0
    assert [(day["ours"], day["provider"]) for day in found["days"]] == [("0.035000",) * 2, ("0.070000",) * 2]
    assert found["days"][1]["day"] == midnight.date().isoformat()


def test_the_days_of_summer_time(settings: Any, books: Books) -> None:
    """Days of 23 and 25 hours: their first and last minutes count towards them."""
    settings.TIME_ZONE, here = "Europe/Berlin", ZoneInfo("Europe/Berlin")
    for day in (datetime.date(2026, 3, 29), datetime.date(2026, 10, 25)):
        for hour, minute in ((0, 1), (23, 59)):
            then = datetime.datetime.combine(day, datetime.time(hour, minute), here)
            moved(made("a fox"), books, then, then)
        code, found = told(EXACT, f"--since={day}", f"--until={day}")
        assert (code, found["ours"], found["provider"]) == (0, "0.070000", "0.070000")


def test_over_midnight(books: Books) -> None:
    """Taken before midnight and come after it: the days differ, the sum so far shows it, and the whole agrees."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    second = datetime.timedelta(seconds=1)
    moved(made("a fox"), books, midnight - second, midnight + second)
    code, found = told(EXACT)
    assert code == 0
    assert [day["difference"] for day in found["days"]] == ["0.035000", "-0.035000"]
    today = timezone.localdate().isoformat()
    code, found = told(EXACT, "--days", "1")
    assert (code, found["difference"], found["ordered_before"]) == (0, "-0.035000", "0.035000")
    before = (midnight - second).date()
    code, found = told(EXACT, f"--since={before}", f"--until={before}")
    assert (code, found["difference"], found["counted_after"]) == (0, "0.035000", "0.035000")
    assert today not in [day["day"] for day in found["days"]]


def test_without_time_zones(settings: Any) -> None:
    """A project with ``USE_TZ = False`` has the days of its own clock."""
    settings.USE_TZ = False
    made("a fox")
    code, found = told(EXACT)
    assert (code, found["ours"], found["provider"]) == (0, "0.035000", "0.035000")


# -- What is left --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("balance", "said"),
    [
        ("0.02", "it lasts less than a day."),
        ("0.035", "it lasts 1 day."),
        ("0", "Nothing is left of it."),
        (None, "The provider does not tell the balance."),
    ],
)
def test_the_balance(balance: str | None, said: str, gate: Gate) -> None:
    """Below a day, a day, used up, and not told."""
    made("a fox")
    answer = {"taskType": "accountManagement", **({"balance": float(balance)} if balance else {})}
    used = provider.client().usage(timezone.localdate(), timezone.localdate(), "UTC")
    assert used.total == EACH
    day = {"date": timezone.localdate().isoformat(), "apiKey": "site", "credits": 0.035}
    gate.spoil["accountManagement"] = [
        answering("200 OK", {"data": [{"usage": {"activity": [day]}}]}),
        answering("200 OK", {"data": [answer]}),
    ]
    code, out, _ = run(EXACT)
    assert code == 0
    assert said in out


def test_the_balance_is_not_needed(gate: Gate) -> None:
    """Where the second question fails, what was compared is told all the same."""
    made("a fox")
    day = {"date": timezone.localdate().isoformat(), "apiKey": "site", "credits": 0.035}
    gate.spoil["accountManagement"] = [
        answering("200 OK", {"data": [{"usage": {"activity": [day]}}]}),
        unavailable,
    ]
    code, found = told(EXACT)
    assert (code, found["ours"], found["provider"], found["balance"]) == (0, "0.035000", "0.035000", None)


def test_nothing_at_all() -> None:
    """No order ever: they agree, and there is no rate."""
    code, out, _ = run()
    assert code == 0
    assert "there is no rate" in out


# -- When it cannot be asked ---------------------------------------------------------------------------------


def test_the_provider_is_away(gate: Gate) -> None:
    """One line and 2, with no traceback; the same for a key that is refused, which is not repeated."""
    gate.spoil["accountManagement"] = [unavailable]
    code, out, error = run()
    assert (code, out) == (2, "")
    assert error.startswith("The provider could not be asked: ")
    refusal = {"errors": [{"code": "invalidApiKey", "message": f"{KEY} is no key."}]}
    gate.spoil["accountManagement"] = [answering("401 Unauthorized", refusal)]
    code, out, error = run()
    assert code == 2
    assert error.endswith('Check SEEDREAM["API_KEY"].')
    assert KEY not in error


def test_its_words_for_groups_are_others(gate: Gate) -> None:
    """Where it does not know how we want it grouped, it is asked without, once; any other refusal is final."""
    made("a fox")
    refusal = {"code": "invalidGroupBy", "message": "No.", "parameter": "groupBy"}
    gate.spoil["accountManagement"] = [answering("400 Bad Request", {"errors": [refusal]})]
    assert run(EXACT)[0] == 0
    asked = [post for post in gate.posts if post.get("operation") == "getUsageActivity"]
    assert ["groupBy" in post for post in asked] == [True, False]
    refusal["parameter"] = "timezone"
    gate.spoil["accountManagement"] = [answering("400 Bad Request", {"errors": [refusal]})]
    code, _, error = run(EXACT)
    assert (code, error) == (2, "The provider could not be asked: No. It does not take the question.")


@pytest.mark.parametrize(
    "args",
    [
        ("--days=0",), ("--days=367",), ("--days=ten",), ("--since=soon",), ("--since=2026-02-30",),
        ("--since=2020-01-01",), ("--since=2999-01-01",), ("--tolerance=-1",), ("--tolerance=nan",),
        ("--tolerance=x%",), ("--since=2026-11-01", "--days=3"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for(args: tuple[str, ...]) -> None:
    """Told in a line."""
    with pytest.raises(CommandError):
        call_command("seedream_reconcile", *args)


def test_wrong_settings_are_no_difference(settings: Any) -> None:
    """Without a key nobody is asked, and it ends with 2: 1 is for books that differ."""
    settings.SEEDREAM |= {"SANDBOX": False, "API_KEY": ""}
    with pytest.raises(CommandError, match="is not set") as caught:
        call_command("seedream_reconcile")
    assert caught.value.returncode == 2


def test_a_ledger_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither is a database that is away."""

    def away(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("password of the database")

    monkeypatch.setattr("seedream_django.management.commands.seedream_reconcile.reconcile", away)
    with pytest.raises(CommandError, match=r"\(OperationalError\)") as caught:
        call_command("seedream_reconcile")
    assert (caught.value.returncode, "password" in str(caught.value)) == (2, False)


# -- Replies -------------------------------------------------------------------------------------------------

D26, D27 = datetime.date(2026, 11, 26), datetime.date(2026, 11, 27)
ROWS = (Use(D26, "site", Decimal("0.07"), None), Use(D27, "site", Decimal("0.035"), None))


def reading(item: Any, secret: str = "") -> Usage:
    return read_usage([item], ZoneInfo("Europe/Berlin"), secret)


@pytest.mark.parametrize(
    "usage",
    [
        {"activity": [{"date": "2026-11-26", "apiKey": "site", "credits": 0.07},
                      {"date": "2026-11-27", "apiKey": "site", "credits": 0.035}]},
        [{"day": "2026-11-26T00:00:00Z", "keyName": "site", "cost": "0.07"},
         {"day": "2026-11-26T23:00:00.5Z", "keyName": "site", "cost": "3.5e-2"}],
        {"rows": [{"period": "2026-11-26T00:00:00+01:00", "key": {"name": "site"}, "amount": {"amount": 0.07}},
                  {"timestamp": 1795734000, "key": {"name": "site"}, "amount": {"total": 0.035, "currency": "usd"}}]},
        {"2026-11-26": {"site": {"total": 0.07}}, "2026-11-27": {"site": {"total": 0.035}}},
        {"days": [{"date": "2026-11-26", "credits": 0.07, "apiKeys": [{"name": "site", "credits": 0.07}]},
                  {"date": "2026-11-27", "apiKeys": [{"name": "site", "credits": 0.035}]}]},
        {"byDay": [{"date": "2026-11-26", "credits": 0.07}, {"date": "2026-11-27", "credits": 0.035}],
         "byDayAndKey": [{"date": "2026-11-26", "apiKey": "site", "credits": 0.07},
                         {"date": "2026-11-27", "apiKey": "site", "credits": 0.035}],
         "groupBy": ["day", "apiKey"], "apiKeys": [{"name": "site"}]},
    ],
)  # fmt: skip
def test_shapes(usage: Any) -> None:
    """However it is spelled and nested, the same days, keys and amounts; the same money is not counted twice."""
    found = reading({"usage": usage, "startDate": "2026-11-01", "endDate": "2026-11-30"})
    assert (found.rows, found.unread, found.readable) == (ROWS, 0, True)


@pytest.mark.parametrize(
    ("row", "unread"),
    [
        ({"date": "2026-11-26", "credits": None}, 1),
        ({"date": "2026-11-26", "credits": True}, 1),
        ({"date": "2026-11-26", "credits": "NaN"}, 1),
        ({"date": "2026-11-26", "credits": "1,50"}, 1),
        ({"date": "2026-11-26", "credits": "1_0"}, 1),
        ({"date": "2026-11-26", "credits": 1e300}, 1),
        ({"date": "2026-11-26", "credits": {"amount": 1, "currency": "EUR"}}, 1),
        ({"date": "26.11.2026", "credits": 1}, 1),
        ({"date": 20261126, "credits": 1}, 1),
        ({"date": [], "credits": 1}, 1),
        ({"credits": 1}, 1),
        ({}, 1),
        (None, 1),
        ("2026-11-26", 1),
        ([], 0),
    ],
)
def test_a_row_that_cannot_be_read(row: Any, unread: int) -> None:
    """It is counted, and the others are read."""
    good = {"date": "2026-11-27", "apiKey": "site", "credits": 0.035}
    found = reading({"usage": {"activity": [row, good]}})
    assert (found.rows, found.unread) == (ROWS[1:], unread)


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"usage": None},
        {"usage": "none"},
        {"usage": {"activity": "soon"}},
        {"usage": {"activity": [1, "x"]}},
    ],
)
def test_nothing_that_can_be_read(item: Any) -> None:
    """An answer without a list is not an answer of nothing."""
    assert not reading(item).readable


def test_an_empty_list_is_nothing_used() -> None:
    """No rows, no trouble."""
    assert reading({"usage": {"activity": []}}) == Usage()


#: Anything that JSON can say, often under the names that are looked for.
NAMES = st.sampled_from(
    [*usage.DAYS, *usage.KEYS, *usage.AMOUNTS, "images", "usage", "activity", "2026-11-26"]
)
LEAVES = st.sampled_from(
    ["2026-11-26", "2026-11-26T25:00:00Z", "0001-01-01T00:30:00+14:00", "NaN", "-1e-9", "1e999999"]
)
ANYTHING = st.recursive(
    LEAVES | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=30,
)


@given(st.dictionaries(NAMES, ANYTHING, max_size=4))
def test_whatever_comes_is_read_or_counted(item: Any) -> None:
    """Nothing raises, and every amount that is read is a number with a day."""
    for row in reading(item, secret=KEY).rows:
        assert row.amount.is_finite()
        assert isinstance(row.day, datetime.date)


def test_what_is_nested_without_end() -> None:
    """It is left out, and what is beside it is read."""
    deep: Any = [{"date": "2026-11-26", "credits": 1}]
    for _ in range(5_000):
        deep = {"usage": [deep]}
    assert not reading({"usage": deep}).rows
    good = [{"date": "2026-11-27", "apiKey": "site", "credits": 0.035}]
    assert reading({"other": deep, "usage": {"activity": good}}).rows == ROWS[1:]


def test_two_lists_that_contradict() -> None:
    """Nobody knows whether they are the same money: the first is taken, the other is counted as unread."""
    one = [{"date": "2026-11-26", "apiKey": "site", "credits": 1}]
    two = [{"date": "2026-11-26", "apiKey": "site", "credits": 2}]
    found = reading({"usage": {"images": one, "text": two}})
    assert ([row.amount for row in found.rows], found.unread) == ([1], 1)


def test_keys_are_not_handed_on() -> None:
    """Not ours, nor another's that stands where a name belongs; two of them stay two."""
    keys = [KEY, "a1B2" * 8, "a1B2" * 7 + "zzzz", "0c6cf4d0-8f1a-4a9e-9d3a-0a1b2c3d4e5f", "My\x1b[31m site\n"]
    rows = [{"date": "2026-11-26", "apiKey": key, "credits": 1} for key in keys]
    names = [row.key for row in reading({"usage": {"activity": rows}}, secret=KEY).rows]
    assert not set(names) & set(keys)
    assert len(set(names)) == len(keys)
    assert names[-1] == "My[31m site"


@pytest.mark.parametrize(
    ("usage", "code", "said"),
    [
        ({"usage": {"activity": [{"date": "?", "credits": 1}]}}, 2, "Nothing was compared."),
        ({"usage": {}}, 2, "Nothing was compared."),
        ({"usage": {"total": {"credits": 0}}}, 0, ""),
        ({"usage": {"total": {"credits": 5}}}, 1, "They differ by $5.00"),
        ({"usage": {"activity": [{"date": "1999-01-01", "credits": 7}]}}, 0, ""),
    ],
)
def test_what_is_made_of_an_odd_answer(usage: Any, code: int, said: str, gate: Gate) -> None:
    """Nothing is compared with what cannot be read; a bare sum is; days that were not asked for are not ours."""
    gate.spoil["accountManagement"] = [answering("200 OK", {"data": [usage]})]
    found, _, error = run()
    assert found == code
    assert said in error


# -- Size ----------------------------------------------------------------------------------------------------


def test_as_many_queries_as_days(books: Books) -> None:
    """However many entries there are; and a year is one more query a day."""

    def queries(*args: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            run(*args)
        return len(captured)

    made("a fox")
    few = queries("--days=10")
    rows = LedgerEntry.objects.all()
    (settled,) = rows.filter(kind=Kind.SETTLE)
    for _ in range(200):
        settled.pk, settled._state.adding = None, True
        settled.save()
    assert queries("--days=10") == few
    assert queries("--days=30") == few + 20
