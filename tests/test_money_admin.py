"""The owner's page: what was spent, what is stuck, what to do; the ledger as a list and as CSV; the budgets."""

from __future__ import annotations

import csv
import datetime
import io
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from example_project.magazine.models import Article, Topic
from seedream_django import budget, conf, orders, troubles
from seedream_django.admin import figures, ledger
from seedream_django.models import (
    Beat,
    Budget,
    Circuit,
    GeneratedImage,
    Generation,
    ImageState,
    Kind,
    LedgerEntry,
    Period,
    Slot,
    State,
    Switch,
    after,
    midnight,
    next_month,
    today,
)
from seedream_django.retention import Whose, redact

from .editor import Form
from .steps import made, turn

pytestmark = pytest.mark.django_db

Browser = Callable[[User | None], Client]
Person = Callable[..., User]

MONEY = reverse("admin:seedream_django_ledgerentry_changelist")
CSV = reverse("admin:seedream_django_ledgerentry_csv")
BUDGETS = reverse("admin:seedream_django_budget_changelist")
ADD = reverse("admin:seedream_django_budget_add")
INDEX = reverse("admin:index")


def text(client: Client, address: str = MONEY, **query: str) -> str:
    """What the page says: its words without tags, in one line."""
    response = client.get(address, query)
    assert response.status_code == 200
    page = response.content.decode()
    inside = page[page.index('id="content"') :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", inside)))


def entry(**values: Any) -> LedgerEntry:
    """One entry, of an order of its own."""
    return LedgerEntry(**{"kind": Kind.SETTLE, "generation_id": uuid.uuid4(), "pictures": 1, **values})


def spend(amount: str, **values: Any) -> LedgerEntry:
    row = entry(spent=Decimal(amount), **values)
    row.save()
    return row


def lost(user: User | None, prompt: str = "a fox", results: int = 1) -> Generation:
    """An order whose fate nobody knows; its money is still set aside."""
    row = orders.place(prompt, user=user, results=results)
    Generation.objects.filter(pk=row.pk).update(state=State.LOST, finished_at=timezone.now())
    row.refresh_from_db()
    return row


def failed(user: User | None, kind: str, **columns: Any) -> Generation:
    row = orders.place("a fox", user=user)
    values = {"state": State.FAILED, "error_kind": kind, "finished_at": timezone.now(), **columns}
    Generation.objects.filter(pk=row.pk).update(**values)
    row.refresh_from_db()
    with translation.override("en"):
        budget.settle(row)
    return row


# -- Rights --------------------------------------------------------------------------------------------------

BOTH = ("view_ledgerentry", "see_costs")


@pytest.mark.parametrize("rights", [(), ("view_ledgerentry",), ("see_costs",), ("generate", "see_costs")])
def test_who_may_not_see_it(rights: tuple[str, ...], person: Person, browser: Browser) -> None:
    """One right of the two is not enough: no page, no entry, no download, no link to them."""
    client, row = browser(person("petra", *rights)), spend("1")
    one = reverse("admin:seedream_django_ledgerentry_change", args=[row.pk])
    for address in (MONEY, CSV, one):
        assert client.get(address).status_code == 403, address
    assert MONEY not in client.get(INDEX).content.decode()


def test_who_may_see_it(person: Person, browser: Browser) -> None:
    """With both rights the index leads to it; nothing of it can be added, changed or deleted."""
    client, row = browser(person("petra", *BOTH)), spend("1")
    assert f'href="{MONEY}"' in client.get(INDEX).content.decode()
    assert client.get(MONEY).status_code == 200
    page = reverse("admin:seedream_django_ledgerentry_change", args=[row.pk])
    assert 'name="_save"' not in client.get(page).content.decode()
    for name in ("add", "delete", "change"):
        args = [] if name == "add" else [row.pk]
        address = reverse(f"admin:seedream_django_ledgerentry_{name}", args=args)
        assert client.post(address, {"post": "yes"}).status_code == 403, name


def test_prompts_are_for_those_who_may_see_them(editor: User, person: Person, browser: Browser) -> None:
    """Who sees the money but not others' prompts reads neither them nor links that lead nowhere."""
    row = lost(editor, "a secret fox")
    failed(editor, "provider")
    page = reverse("admin:seedream_django_generation_change", args=[row.pk])
    one = reverse("admin:seedream_django_ledgerentry_change", args=[LedgerEntry.objects.of(row).get().pk])
    plain = browser(person("petra", *BOTH, "generate"))
    sees = browser(person("paula", *BOTH, "generate", "see_others_prompts"))
    for client, wanted in ((plain, False), (sees, True)):
        html = client.get(MONEY).content.decode()
        assert ("a secret fox" in html) is wanted
        assert (page in html) is wanted
        assert "edda" in html
        assert ("a secret fox" in client.get(one).content.decode()) is wanted
        lines = b"".join(client.get(CSV, RANGE).streaming_content).decode()
        assert ("a secret fox" in lines) is wanted


ORDERS = reverse("admin:seedream_django_generation_changelist")
PICTURES = reverse("admin:seedream_django_generatedimage_changelist")

#: What no address may ask: each would tell from the number of rows what somebody may not read.
ORACLES = [
    (MONEY, {"prompt__contains": "secret"}),
    (MONEY, {"prompt__startswith": "a"}),
    (MONEY, {"by__username__startswith": "o"}),
    (MONEY, {"user__password__startswith": "p"}),
    (ORDERS, {"cost__gt": "0"}),
    (ORDERS, {"estimate__gt": "0"}),
    (ORDERS, {"user__password__startswith": "p"}),
    (PICTURES, {"cost__gt": "0"}),
    (PICTURES, {"generation__prompt__contains": "secret"}),
    (PICTURES, {"generation__user__password__startswith": "p"}),
]


@pytest.mark.parametrize(("address", "query"), ORACLES, ids=str)
def test_no_list_is_an_oracle(
    address: str, query: dict[str, str], editor: User, person: Person, browser: Browser
) -> None:
    """A list is filtered by what it offers and nothing else: neither by prompts, nor by costs, nor by people."""
    made("a secret fox", user=editor)
    rights = (*BOTH, "generate", "view_generation", "view_generatedimage")
    client = browser(person("petra", *rights))
    assert client.get(address).status_code == 200
    assert client.get(address, query).status_code == 400


def test_the_lists_keep_their_filters(editor: User, owner: User, browser: Browser) -> None:
    """What the lists offer beside them still works."""
    made("a secret fox", user=editor)
    for query in ({"state__exact": "done"}, {"user__id__exact": str(editor.pk)}, {"user__isnull": "False"}):
        assert "a secret fox" in text(browser(owner), ORDERS, **query), query


def test_a_host_may_narrow_what_is_chosen(
    editor: User, owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field of the host's that lets one choose among some pictures opens the list with these, and no others."""
    made("a secret fox", user=editor)
    client, meta = browser(owner), GeneratedImage._meta
    assert client.get(PICTURES, {"flagged": "0"}).status_code == 400
    for choices in ({"flagged": False}, lambda: {"flagged": False}):
        monkeypatch.setattr(meta, "related_fkey_lookups", [choices])
        assert client.get(PICTURES, {"flagged": "0"}).status_code == 200
        assert client.get(PICTURES, {"flagged": "1"}).status_code == 400
        assert client.get(PICTURES, {"cost__gt": "0"}).status_code == 400


# -- What did we spend? --------------------------------------------------------------------------------------


def test_the_figures(editor: User, owner: User, browser: Browser) -> None:
    """Today and this month, unconfirmed, reserved and lost, each with its amount."""
    month = midnight(today().replace(day=1))
    spend("1.25", user=editor, who="edda")
    spend("0.5", at=month, unconfirmed=Decimal("0.5"))
    spend("100", at=month - datetime.timedelta(seconds=1))
    orders.place("a fox", user=editor, results=2)
    lost(editor, results=4)
    said = text(browser(owner))
    first = today().day == 1
    assert f"Spent today {'$1.75 2 pictures' if first else '$1.25 1 picture'}" in said
    assert "Spent this month $1.75 2 pictures" in said
    assert "Of it unconfirmed $0.50" in said
    assert "Reserved now $0.21" in said
    assert "Of it for lost orders $0.14" in said


def test_a_day_is_the_project_s(owner: User, browser: Browser, settings: Any) -> None:
    """Today begins at midnight where the project is, not where UTC or the reader is."""
    settings.TIME_ZONE = "Pacific/Auckland"
    begins = midnight(today())
    spend("1", at=begins)
    spend("2", at=begins - datetime.timedelta(microseconds=1))
    with timezone.override("America/Los_Angeles"):
        assert "Spent today $1.00 1 picture" in text(browser(owner))


def test_what_is_settled_by_a_real_order(editor: User, owner: User, browser: Browser) -> None:
    """An order made by the sandbox stands there as it was billed, with nothing reserved after it."""
    made("a fox", user=editor, results=2)
    said = text(browser(owner))
    assert "Spent today $0.07 2 pictures" in said
    assert "Reserved now $0.00" in said
    assert "edda 2 $0.07" in said
    assert "Not for a place 2 $0.07" in said


def test_by_person(owner: User, browser: Browser) -> None:
    """The twenty who spent the most, the rest in one line; the site's own code, and who is gone, by name."""
    for number in range(1, 25):
        spend(str(number), who=f"person{number:02}")
    spend("50", who="gone")
    spend("0.01", who="")
    said = text(browser(owner))
    assert "gone 1 $50.00 person24 1 $24.00" in said
    assert "person06 1 $6.00 and 6 more $15.01" in said
    assert "person05" not in said.partition("By")[0].partition("Ledger")[0]


def test_by_place(editor: User, owner: User, person: Person, browser: Browser) -> None:
    """Model and label, with a link for those who may open the object; other orders are “not for a place”."""
    topic = Topic.objects.create(name="Nature", slug="nature")
    article = Article.objects.create(title="Foxes", slug="foxes", topic=topic, summary="s", body="b")
    place = ContentType.objects.get_for_model(Article)
    slot = Slot(content_type=place, object_id=str(article.pk), field="cover", user=editor)
    orders.place("a fox", user=editor, slot=slot)
    turn(4)
    spend("1")
    spend("2", model="gone.model", object_id="7", label="Something")
    address = reverse("admin:magazine_article_change", args=[article.pk])
    html = browser(owner).get(MONEY).content.decode()
    assert f'<a href="{address}"><bdi dir="auto">Foxes</bdi></a>' in html
    said = text(browser(owner))
    assert "Something gone.model 1 $2.00 Foxes Article 1 $0.035 Not for a place 1 $1.00" in said
    assert address not in browser(person("petra", *BOTH)).get(MONEY).content.decode()


def test_what_is_for_no_place(
    editor: User, owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line leads to what it counts: what was spent this month without a place, and nothing else."""
    client, month = browser(owner), f"{today():%Y-%m}"
    spend("2", model="magazine.article", object_id="7", label="Foxes")
    link = f'<a href="{MONEY}?period={month}&amp;place=none">Not for a place</a>'
    assert link not in client.get(MONEY).content.decode()
    made("a fox", user=editor, results=2)
    orders.place("an owl", user=editor)
    written_off = entry(kind=Kind.WRITE_OFF, spent=Decimal("0.5"), pictures=0)
    written_off.save()
    old = spend("4", at=midnight(today().replace(day=1)) - datetime.timedelta(days=40))
    assert link in client.get(MONEY).content.decode()
    assert "Not for a place 2 $0.57" in text(client)

    def found(**query: str) -> list[LedgerEntry]:
        return list(client.get(MONEY, {"place": "none", **query}).context["cl"].result_list)

    assert [(row.kind, row.model) for row in found(period=month)] == [
        ("write_off", ""),
        ("settle", ""),
        ("settle", ""),
    ]
    assert "These entries together: $0.57 spent" in text(client, period=month, place="none")
    assert found()[-1] == old
    words = "looked for in the newest 2 entries"
    assert words not in text(client, place="none")
    monkeypatch.setattr("seedream_django.admin.money.LISTED", 2)
    assert words in text(client, place="none")
    assert old not in found()
    assert found(period=f"{old.at:%Y-%m}") == [old]


def test_budgets(editor: User, owner: User, browser: Browser) -> None:
    """Whose, how much is left, spent and reserved, until when; the scarcest first, and none below zero."""
    group = Group.objects.create(name="Desk")
    editor.groups.add(group)
    whole = Budget.objects.create(period=Period.MONTH, limit=Decimal(50))
    mine = Budget.objects.create(user=editor, period=Period.DAY, limit=Decimal("0.2"))
    pool = Budget.objects.create(group=group, period=Period.EVER, limit=Decimal("0.3"))
    made("a fox", user=editor, results=2)
    orders.place("an owl", user=editor)
    html = browser(owner).get(MONEY).content.decode()
    said = text(browser(owner))
    places = [
        said.index(f"{name} ")
        for name in ("edda, a day", "Desk, for good", "the whole installation, a month")
    ]
    assert places == sorted(places)
    assert "$0.095 left of $0.20 $0.07 spent, $0.035 reserved." in said
    assert "Until: no end." in said
    assert '<progress max="100" value="52"' in html
    for row in (whole, mine, pool):
        assert reverse("admin:seedream_django_budget_change", args=[row.pk]) in html
    Budget.objects.filter(pk=mine.pk).update(limit=0)
    assert "$0.00 left of $0.00" in text(browser(owner))


def test_nothing_yet(owner: User, browser: Browser) -> None:
    """An empty ledger is no empty page: it says that all is well, and that nothing limits."""
    said = text(browser(owner))
    for words in (
        "Spent today $0.00", "Nothing is stuck.", "No order failed in the last 30 days.", "Nothing was ordered yet.",
        "Nothing was spent this month.", "There is no budget: whoever may order can order without limit.",
        "nothing is really charged",
    ):  # fmt: skip
        assert words in said, words


def test_with_a_key_nothing_is_said_of_a_sandbox(owner: User, browser: Browser, settings: Any) -> None:
    """What is charged is not called play money."""
    settings.SEEDREAM = {**settings.SEEDREAM, "SANDBOX": False, "API_KEY": "k"}
    assert "Sandbox" not in text(browser(owner))


# -- What is stuck, and what do I do? ------------------------------------------------------------------------


def test_lost_orders(editor: User, owner: User, browser: Browser) -> None:
    """Each with its amount and its page; those that are decided or have come are not among them."""
    rows = [lost(editor, f"fox {number}") for number in range(12)]
    decided, came = lost(editor, "decided"), lost(editor, "came after all")
    budget.write_off(decided, by=owner)
    GeneratedImage.objects.create(generation=came, image_uuid=uuid.uuid4(), cost=Decimal("0.035"))
    Generation.objects.filter(pk=came.pk).update(received=1)
    came.refresh_from_db()
    budget.settle(came)
    html = browser(owner).get(MONEY).content.decode()
    said = text(browser(owner))
    assert "12 orders are lost: the provider never said whether they were charged." in said
    assert "$0.42 stays reserved until you decide." in said
    assert "have the provider asked again, send it again, or write it off" in said
    pages = [reverse("admin:seedream_django_generation_change", args=[row.pk]) for row in rows]
    assert sum(page in html.partition('id="seedream-ledger"')[0] for page in pages) == 10
    assert f'href="{ORDERS}?decision=open"' in html
    assert "decided" not in said.partition("Ledger")[0].replace("until you decide", "")


def test_the_list_of_what_is_to_be_decided(editor: User, owner: User, browser: Browser) -> None:
    """The link from the figures shows as many as it counts; the list says what became of the other lost ones."""
    lost(editor, "a fox")
    decided, came, free = (lost(editor, prompt) for prompt in ("an owl", "a hare", "a wren"))
    budget.write_off(decided, by=owner)
    GeneratedImage.objects.create(generation=came, image_uuid=uuid.uuid4(), cost=Decimal("0.035"))
    for row, column in ((came, "received"), (free, "failed")):
        Generation.objects.filter(pk=row.pk).update(**{column: 1})
        row.refresh_from_db()
        budget.settle(row)
    client = browser(owner)
    said = text(client, ORDERS, decision="open")
    assert "1 order" in said
    assert "a fox" in said
    assert not any(prompt in said for prompt in ("an owl", "a hare", "a wren"))
    html = client.get(ORDERS).content.decode()
    tags = re.findall(r'seedream-tag-bad">([^<]*)<', html)
    assert sorted(tags) == ["lost", "lost, came late", "lost, not charged", "lost, written off"]


def test_pictures_that_are_not_saved(editor: User, owner: User, browser: Browser) -> None:
    """Paid for and not in the storage: in trouble or given up; not what is on its way as ever."""
    generation = made("a fox", user=editor, results=3)
    trying, given_up, _stored = generation.images.order_by("pk")
    for image, state, trouble in (
        (trying, ImageState.RECEIVED, "fetch"),
        (given_up, ImageState.FAILED, "store"),
    ):
        GeneratedImage.objects.filter(pk=image.pk).update(
            state=state, trouble=trouble, error="No space left."
        )
    GeneratedImage.objects.create(generation=generation, image_uuid=uuid.uuid4(), state=ImageState.RECEIVED)
    said = text(browser(owner))
    assert "2 pictures are paid for and not saved." in said
    assert "being saved still: No space left." in said
    assert "given up: No space left." in said
    assert "choose “Fetch again what could not be saved”" in said
    GeneratedImage.objects.filter(pk=given_up.pk).update(created_at=timezone.now() - figures.RECENT * 2)
    assert "1 picture is paid for and not saved." in text(browser(owner))


def test_switched_off(editor: User, owner: User, person: Person, browser: Browser) -> None:
    """The switch, its reason, how many wait, and where it is; the worker is not blamed for it."""
    orders.place("a fox", user=editor)
    Generation.objects.update(created_at=after(-600))
    Switch.objects.create(pk=1, on=False, reason="Bills first.")
    switch = reverse("admin:seedream_django_switch_changelist")
    said = text(browser(owner))
    assert "Generating is switched off: Bills first. 1 order waits." in said
    assert "No worker" not in said
    assert switch in browser(owner).get(MONEY).content.decode().partition('id="content"')[2]
    plain = browser(person("petra", *BOTH)).get(MONEY).content.decode()
    assert switch not in plain.partition('id="content"')[2]


CIRCUITS = [
    ("quota", "The site's account at the provider has no balance left."),
    ("auth", "The provider did not accept the site's key."),
    ("server", "The provider has trouble."),
    ("storage", str(troubles.why_stopped(Circuit(error_kind="storage")))),
]


@pytest.mark.parametrize(("kind", "what"), CIRCUITS, ids=lambda value: value[:12])
def test_circuits(kind: str, what: str, editor: User, owner: User, browser: Browser) -> None:
    """What stands in the way of all orders, how many wait, and what to do; a closed one is no news."""
    orders.place("a fox", user=editor)
    name = Circuit.STORAGE if kind == "storage" else conf.account()
    Circuit.objects.create(name=name, opened_at=timezone.now(), probe_at=after(60), error_kind=kind)
    said = text(browser(owner))
    assert what in said
    assert troubles.owner_advice(Circuit(error_kind=kind)) in said
    assert "1 order waits." in said
    assert "Nothing is stuck." not in said
    assert what in text(browser(owner), period="today")
    Circuit.objects.update(opened_at=None)
    assert "Nothing is stuck." in text(browser(owner))


@pytest.mark.parametrize(
    ("reason", "words"),
    [("Bills first", "Bills first. No order waits."), ("Why not?", "Why not? No order waits.")],
)
def test_switched_off_in_sentences(reason: str, words: str, owner: User, browser: Browser) -> None:
    """What was typed as the reason ends like a sentence before the next begins."""
    Switch.objects.create(pk=1, on=False, reason=reason)
    assert f"Generating is switched off: {words}" in text(browser(owner))


def test_full_budgets(editor: User, owner: User, person: Person, browser: Browser) -> None:
    """One without room for a picture is stuck until its period ends; one that was set to zero was meant so."""
    Budget.objects.create(limit=Decimal(50))
    Budget.objects.create(user=owner, limit=Decimal(0))
    assert "Nothing is stuck." in text(browser(owner))
    ever = Budget.objects.create(user=editor, period=Period.EVER, limit=Decimal("0.1"))
    month = Budget.objects.create(user=editor, period=Period.MONTH, limit=Decimal("0.07"))
    made("a fox", user=editor, results=2)
    said = text(browser(owner))
    first = date_format(next_month(today()), "DATE_FORMAT")
    assert f"The budget “edda, a month” is full: nothing can be ordered on it until {first}." in said
    assert "The budget “edda, for good” is full: nothing can be ordered on it any more." in said
    assert "whole installation, a month” is full" not in said
    assert "Nothing is stuck." not in said
    stuck = browser(owner).get(MONEY).content.decode().partition('id="seedream-budgets"')[0]
    plain = browser(person("petra", *BOTH)).get(MONEY).content.decode()
    for row in (ever, month):
        page = reverse("admin:seedream_django_budget_change", args=[row.pk])
        assert f'<a href="{page}">Raise it</a>' in stuck
        assert page not in plain


def test_no_worker(editor: User, owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders that wait without a worker are stuck; with one, or for a moment only, they are not."""
    monkeypatch.setattr("seedream_django.queue.is_immediate", lambda: False)
    orders.place("a fox", user=editor)
    assert "Nothing is stuck." in text(browser(owner))
    Generation.objects.update(created_at=after(-600))
    said = text(browser(owner))
    assert "No worker is running, so nothing is made. 1 order waits." in said
    assert "manage.py run_huey" in said
    Beat.mark("worker")
    assert "Nothing is stuck." in text(browser(owner))


def test_failures(editor: User, owner: User, browser: Browser) -> None:
    """The newest ten, each with who, what happened, what it cost and what to do; what is old is left out."""
    failed(editor, "validation", finished_at=timezone.now() - figures.RECENT * 2)
    failed(None, "quota")
    for _number in range(9):
        failed(editor, "provider")
    said = text(browser(owner)).partition("The latest failures")[2].partition("Ledger")[0]
    assert said.count("The provider failed to make the picture.") == 9
    assert said.count("Nothing was charged.") == 10
    assert "edda" in said
    assert "the site a fox The site's account at the provider has no balance left." in said
    assert "Top up the account at the provider. Then open the order and try again." in said
    assert "The provider refused the order" not in said


# -- A few queries, at any size ------------------------------------------------------------------------------


def fill(count: int, user: User) -> None:
    """So many more entries, half of them of this month, with what makes every part of the page show something."""
    old = timezone.now() - datetime.timedelta(days=400)
    rows = [
        entry(
            spent=Decimal("0.035"), user=user, who=f"person{number % 40}", label=f"Article {number % 50}",
            model="magazine.article", object_id=str(number % 50), at=timezone.now() if number % 2 else old,
        )
        for number in range(count)
    ]  # fmt: skip
    LedgerEntry.objects.bulk_create(rows, batch_size=500)


def queries(client: Client, **query: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(MONEY, query).status_code == 200
    return [row["sql"] for row in captured]


@pytest.mark.parametrize(
    "query",
    [{}, {"period": "today"}, {"kind__exact": "settle"}, {"q": "person1"}, {"place": "none"}],
    ids=str,
)
def test_as_many_queries_for_ten_entries_as_for_ten_thousand(
    query: dict[str, str], editor: User, owner: User, browser: Browser
) -> None:
    """The page with budgets and everything that can be stuck asks the database as often at either size."""
    client = browser(owner)
    for number in range(3):
        lost(editor, f"fox {number}")
        failed(editor, "provider")
        Budget.objects.create(user=User.objects.create(username=f"u{number}"), limit=Decimal(1))
    image = made("a fox", user=editor).images.get()
    GeneratedImage.objects.filter(pk=image.pk).update(state=ImageState.FAILED)
    fill(10, editor)
    few = len(queries(client, **query))
    fill(9_990, editor)
    # The session and its person are two of them.
    assert len(queries(client, **query)) == few <= 17


def test_no_query_reads_the_whole_ledger(editor: User, owner: User, browser: Browser) -> None:
    """Every statement of the page and of its filters finds its entries by an index."""
    fill(2_000, editor)
    lost(editor)
    month = f"{today():%Y-%m}"
    pages: list[dict[str, str]] = [
        {}, {"period": "today"}, {"period": month, "person": str(editor.pk)}, {"kind__exact": "write_off"},
        {"person": str(editor.pk)}, {"q": str(uuid.uuid4())}, {"q": "person1", "period": month},
        {"place": "none"}, {"place": "none", "period": month}, {"place": "none", "person": str(editor.pk)},
        {"place": "none", "q": "person1"},
    ]  # fmt: skip
    client, plans = browser(owner), 0
    for page in pages:
        for sql in queries(client, **page):
            if "seedream_django_ledgerentry" not in sql:
                continue
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}")
                steps = [step[3] for step in cursor.fetchall()]
            plans += 1
            scanned = [
                s
                for s in steps
                if re.match(r"SCAN seedream_django_ledgerentry(?! USING (COVERING )?INDEX)", s)
            ]
            assert not scanned, (page, sql, steps)
            # A walk along an index is for the newest alone: it ends with the page, or where the list does.
            if any(step.startswith("SCAN seedream_django_ledgerentry") for step in steps):
                assert "LIMIT" in sql, (page, sql, steps)
                assert "GROUP BY" not in sql, (page, sql, steps)
                assert "SUM(" not in sql, (page, sql, steps)
    assert plans > 20


# -- The ledger ----------------------------------------------------------------------------------------------


def test_the_list(editor: User, owner: User, browser: Browser) -> None:
    """Newest first, with signed amounts in words of the language."""
    made("a fox", user=editor)
    said = text(browser(owner)).partition("Ledger")[2]
    assert re.search(r"settled \+\$0\.035 −\$0\.035 – edda a fox", said)  # noqa: RUF001
    assert re.search(r"reserved – \+\$0\.035 – edda a fox", said)
    assert said.index("settled +") < said.index("reserved – +")
    assert "2 entries" in said


def words_of(client: Client) -> list[str]:
    """The cells that say which prompt an entry is for."""
    return re.findall(r'<td class="field-for_what">(.*?)</td>', client.get(MONEY).content.decode())


def test_which_prompt_an_entry_paid_for(editor: User, owner: User, person: Person, browser: Browser) -> None:
    """Its first words lead to its order; one's own or, with the right, everybody's; none where it was redacted."""
    row = orders.place(f"<i>a fox</i> {'in the snow ' * 9}", user=editor)
    page = reverse("admin:seedream_django_generation_change", args=[row.pk])
    words = '<bdi dir="auto">&lt;i&gt;a fox&lt;/i&gt; in the snow in the snow in the snow in the…</bdi>'
    hint, redacted = '<span class="seedream-hint">{}</span>', '<bdi dir="auto">(redacted)</bdi>'
    link = f'<a href="{page}">{{}}</a>'
    editor.user_permissions.add(*Permission.objects.filter(codename__in=BOTH))
    assert words_of(browser(owner)) == [hint.format(link.format(words))]
    assert words_of(browser(editor)) == [hint.format(link.format(words))]
    assert words_of(browser(person("petra", *BOTH, "generate"))) == ["–"]
    # Who may not open orders has no link, and neither has an order that is gone.
    assert words_of(browser(person("paula", *BOTH, "see_others_prompts"))) == [hint.format(words)]
    Generation.objects.update(state=State.FAILED, finished_at=timezone.now())
    redact(Whose(orders=[row.pk]))
    assert words_of(browser(owner)) == [hint.format(link.format(redacted))]
    Generation.objects.all().delete()
    assert words_of(browser(owner)) == [hint.format(redacted)]


def test_an_entry_leads_to_its_order(editor: User, owner: User, person: Person, browser: Browser) -> None:
    """On its own page as well, for those who may open orders."""
    row = orders.place("a fox", user=editor)
    page = reverse("admin:seedream_django_ledgerentry_change", args=[LedgerEntry.objects.get().pk])
    link = f'<a href="{reverse("admin:seedream_django_generation_change", args=[row.pk])}">{row.pk}</a>'
    assert link in browser(owner).get(page).content.decode()
    text = browser(person("paula", *BOTH, "see_others_prompts")).get(page).content.decode()
    assert str(row.pk) in text
    assert link not in text


def test_the_prompt_stands_below_what_it_is_for(
    editor: User, owner: User, person: Person, browser: Browser
) -> None:
    """The object first, as ever; who sees no prompts reads that alone."""
    spend("1", label="Foxes", prompt="a fox", user=editor)
    label = '<bdi dir="auto">Foxes</bdi>'
    assert words_of(browser(owner)) == [
        f'{label}<span class="seedream-hint"><bdi dir="auto">a fox</bdi></span>'
    ]
    assert words_of(browser(person("petra", *BOTH))) == [label]


def test_prompts_take_no_query_of_their_own(owner: User, editor: User, browser: Browser) -> None:
    """As many queries for twenty orders as for one, and no sum or count that looks for orders."""
    client, counts = browser(owner), []
    for count in (1, 19):
        for number in range(count):
            orders.place(f"fox {number}", user=editor)
        counts.append(len(queries(client, kind__exact="reserve")))
    assert len(words_of(client)) == 20
    assert counts[0] == counts[1] <= 7
    # Only the rows of a page ask for their orders.
    entries = [sql for sql in queries(client, period="today") if "ledgerentry" in sql]
    assert ["EXISTS" in sql for sql in entries].count(True) == 1 < len(entries)


def test_filters(editor: User, owner: User, browser: Browser) -> None:
    """By kind, person and period; the period's sums are told; nonsense is refused as Django refuses it."""
    client = browser(owner)
    spend("1", user=editor, who="edda", label="One")
    spend("2", who="", label="Two", at=midnight(datetime.date(2024, 2, 29)))
    entry(kind=Kind.WRITE_OFF, spent=Decimal(4), label="Four", who="x").save()

    def found(**query: str) -> list[str]:
        html = client.get(MONEY, query).content.decode()
        return re.findall(r'<bdi dir="auto">(One|Two|Four)</bdi>', html)

    assert sorted(found(kind__exact="settle")) == ["One", "Two"]
    assert found(person=str(editor.pk)) == ["One"]
    assert found(period="2024-02") == ["Two"]
    assert sorted(found(period="today")) == ["Four", "One"]
    assert "together: $2.00 spent, of it $0.00 unconfirmed; what is reserved changed by $0.00." in text(
        client, period="2024-02"
    )
    assert "edda" in text(client, period="2024-02")
    for nonsense in ({"period": "2024-13"}, {"period": "yesterday"}, {"person": "x"}, {"person": "9" * 21}):
        assert client.get(MONEY, nonsense).headers["Location"].endswith("?e=1"), nonsense
    assert client.get(MONEY, {"person": str(owner.pk)}).content.decode().count("olga") > 1


def test_search(editor: User, owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """An order by its number, however old; words in who and for what, no further back than the list goes."""
    client = browser(owner)
    old = spend("1", who="edda", label="A heron", at=midnight(datetime.date(2020, 1, 1)))
    for _number in range(3):
        spend("1", who="carl")
    assert "A heron" in text(client, q=str(old.generation_id))
    assert "A heron" in text(client, q="HERON")
    assert "A heron" in text(client, q="edd")
    assert "Nothing fits this search or filter." in text(client, q="nobody")
    monkeypatch.setattr("seedream_django.admin.money.LISTED", 2)
    assert "Nothing fits" in text(client, q="heron")
    assert "A heron" in text(client, q="heron", period="2020-01")
    assert "A heron" in text(client, q=str(old.generation_id))
    assert "Only the newest 2 entries are listed." in text(client)


# -- CSV -----------------------------------------------------------------------------------------------------

RANGE = {"since": "2020-01-01", "until": "2030-12-31"}


def downloaded(client: Client, **query: str) -> list[list[str]]:
    response: Any = client.get(CSV, {**RANGE, **query})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(response.streaming_content).decode()
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))


def test_csv(editor: User, owner: User, browser: Browser) -> None:
    """Documented columns, oldest first, plain amounts whatever the reader's language, and a name with the range."""
    generation = made('Füchse, "rot"\nund weiß', user=editor)
    client = browser(owner)
    client.get(MONEY, headers={"accept-language": "de"})
    head, reserved, settled = downloaded(client)
    assert head == [*ledger.COLUMNS, "prompt"]
    rows = [dict(zip(head, row, strict=True)) for row in (reserved, settled)]
    assert [row["kind"] for row in rows] == ["reserve", "settle"]
    assert [(row["reserved"], row["spent"], row["unconfirmed"]) for row in rows] == [
        ("0.035", "0", "0"),
        ("-0.035", "0.035", "0"),
    ]
    assert {row["order"] for row in rows} == {str(generation.pk)}
    assert rows[1]["picture"] == str(generation.images.get().image_uuid)
    assert rows[0]["prompt"] == generation.prompt
    assert rows[0]["who"] == "edda"
    response = client.get(CSV, RANGE)
    wanted = 'attachment; filename="money-2020-01-01-2030-12-31.csv"'
    assert response.headers["Content-Disposition"] == wanted


def test_csv_of_a_range(owner: User, browser: Browser, settings: Any) -> None:
    """Whole days where the project is, the first and the last among them, with their offset."""
    settings.TIME_ZONE = "Europe/Berlin"
    first, after_last = midnight(datetime.date(2026, 3, 1)), midnight(datetime.date(2026, 4, 1))
    blink = datetime.timedelta(microseconds=1)
    for note, at in (("a", first - blink), ("b", first), ("c", after_last - blink), ("d", after_last)):
        spend("1", at=at, note=note)
    head, *rows = downloaded(browser(owner), since="2026-03-01", until="2026-03-31")
    assert [row[head.index("note")] for row in rows] == ["b", "c"]
    assert [row[0] for row in rows] == ["2026-03-01T00:00:00+01:00", "2026-03-31T23:59:59+02:00"]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])  # noqa: RUF001
def test_csv_has_no_formulas(begins: str, owner: User, browser: Browser) -> None:
    """What a spreadsheet would run is quoted, in every column of words; numbers stay numbers."""
    bad = f"{begins}HYPERLINK(1)"
    columns = dict.fromkeys(("who", "door", "label", "model", "object_id", "note", "prompt"), bad)
    spend("-1.5", **columns)
    head, row = downloaded(browser(owner))
    found = dict(zip(head, row, strict=True))
    assert [found[name] for name in ("who", "door", "for_what", "model", "object_id", "note", "prompt")] == [
        f"'{bad}"
    ] * 7
    assert found["spent"] == "-1.5"


SPLIT = [
    ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
    ("x\t+1", "x\t'+1"),
    ("x\n@SUM(1)", "x\n'@SUM(1)"),
    ("x\r\n-1", "x\r\n'-1"),
    ("x|=1", "x|'=1"),
    ('x; "=1"', 'x; "\'=1"'),
    ("x;＝1", "x;'＝1"),  # noqa: RUF001
    ("x;=1;=2", "x;'=1;'=2"),
    ('"=1"', '\'"=1"'),
    (" =1", "' =1"),
    ("a fox; red, not grey - at 1+1 = 2", "a fox; red, not grey - at 1+1 = 2"),
]


@pytest.mark.parametrize(("text", "cell"), SPLIT)
def test_csv_has_no_formulas_behind_another_separator(
    text: str, cell: str, owner: User, browser: Browser
) -> None:
    """Where lists are separated by semicolons a spreadsheet splits our cells: no piece of one is a formula."""
    spend("1", prompt=text, note=text)
    head, row = downloaded(browser(owner))
    found = dict(zip(head, row, strict=True))
    assert (found["prompt"], found["note"]) == (cell, cell)
    response: Any = browser(owner).get(CSV, {**RANGE})
    written = b"".join(response.streaming_content).decode()
    for separator in (";", "\t", "|"):
        pieces = [piece for line in csv.reader(io.StringIO(written), delimiter=separator) for piece in line]
        assert not [piece for piece in pieces if piece.strip(' "').startswith(ledger.FORMULAS)]


def test_csv_in_pieces(owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many entries, also of one moment, come once each and in order, and never more than a piece at once."""
    monkeypatch.setattr(ledger, "PIECE", 7)
    moment = timezone.now()
    rows = [
        entry(note=str(number), at=moment if number < 20 else None or timezone.now()) for number in range(50)
    ]
    LedgerEntry.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as captured:
        head, *lines = downloaded(browser(owner))
    assert [line[head.index("note")] for line in lines] == [str(number) for number in range(50)]
    table = connection.ops.quote_name("seedream_django_ledgerentry")
    reads = [q["sql"] for q in captured if f"FROM {table}" in q["sql"]]
    assert len(reads) == 9
    assert all("LIMIT 7" in sql for sql in reads)


BAD_RANGES = [
    ({}, "From: This field is required."),
    ({"since": "x", "until": "2026-01-01"}, "From: Enter a valid date."),
    ({"since": "2026-02-01", "until": "2026-01-01"}, "To: It ends before it begins."),
    ({"since": "2026-02-01", "until": "9999-12-31"}, "To: Ensure this value is less than or equal to"),
]


@pytest.mark.parametrize(("query", "words"), BAD_RANGES, ids=lambda value: str(value)[:40])
def test_a_range_that_is_none(query: dict[str, str], words: str, owner: User, browser: Browser) -> None:
    """It leads back to the page, which says what is wrong with it."""
    client = browser(owner)
    page = client.get(CSV, query, follow=True)
    assert page.redirect_chain == [(MONEY, 302)]
    assert words in unescape(page.content.decode())


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0", "0"), ("0.035", "0.035"), ("-12.5", "-12.5"), ("100", "100"), ("0.000001", "0.000001")],
)
def test_plain_amounts(amount: str, written: str) -> None:
    """No exponent, no zeros that say nothing."""
    assert ledger.plain(Decimal(amount)) == written


# -- Budgets -------------------------------------------------------------------------------------------------


def save(client: Client, address: str, **values: str) -> Any:
    opened = Form(client.get(address).content.decode()).values
    return client.post(address, {**opened, **values})


def log() -> list[str]:
    return [row.get_change_message() for row in LogEntry.objects.order_by("pk")]


def test_a_budget_is_made_raised_and_deleted(editor: User, owner: User, browser: Browser) -> None:
    """Its history says who did it, from which limit to which; deleting says what it means, and keeps the ledger."""
    client = browser(owner)
    assert save(client, ADD, user=str(editor.pk), period="day", limit="0.1").headers["Location"] == BUDGETS
    row = Budget.objects.get()
    made("a fox", user=editor, results=2)
    assert "edda, a day $0.03 $0.10 $0.07 $0.00" in text(client, BUDGETS)
    page = reverse("admin:seedream_django_budget_change", args=[row.pk])
    save(client, page, limit="2.5")
    row.refresh_from_db()
    assert (row.limit, row.user, row.period) == (Decimal("2.5"), editor, "day")
    history = reverse("admin:seedream_django_budget_history", args=[row.pk])
    said = text(client, history)
    assert "olga Limit from $0.10 to $2.50." in said
    assert "Added, with a limit of $0.10." in said
    delete = reverse("admin:seedream_django_budget_delete", args=[row.pk])
    said = text(client, delete)
    assert "What was spent stays in the ledger" in said
    assert "Budget period" not in said.lower().capitalize()
    client.post(delete, {"post": "yes"})
    assert not Budget.objects.exists()
    assert LedgerEntry.objects.count() == 3
    assert LogEntry.objects.latest("pk").object_repr == "edda, a day"


def test_the_log_is_in_the_project_s_language(owner: User, browser: Browser) -> None:
    """Whoever raises a budget in German writes what everybody reads."""
    row = Budget.objects.create(limit=Decimal(1))
    client = browser(owner)
    page = reverse("admin:seedream_django_budget_change", args=[row.pk])
    opened = Form(client.get(page).content.decode()).values
    client.post(page, {**opened, "limit": "2.5"}, headers={"accept-language": "de"})
    assert log() == ["Limit from $1.00 to $2.50."]


BAD_BUDGETS = [
    ({"limit": ""}, "This field is required."),
    ({"limit": "-1"}, "A limit is zero or more."),
    ({"limit": "x"}, "Enter a number."),
    ({"limit": "1", "group": "1", "user": "1"}, "Choose a person or a group, not both."),
    ({"limit": "1"}, "There is such a budget already. Change its limit instead."),
]


@pytest.mark.parametrize(("values", "words"), BAD_BUDGETS, ids=lambda value: str(value)[:40])
def test_a_budget_that_is_none(values: dict[str, str], words: str, owner: User, browser: Browser) -> None:
    """It is said beside the field what is wrong, and what was typed stays."""
    Budget.objects.create(limit=Decimal(1), period=Period.MONTH)
    group = Group.objects.create(name="Desk")
    ids = {"group": str(group.pk), "user": str(owner.pk)}
    response = save(browser(owner), ADD, **{name: ids.get(name, value) for name, value in values.items()})
    assert words in unescape(response.content.decode())
    assert Budget.objects.count() == 1


def test_a_budget_shows_what_is_gone_of_it(
    editor: User, owner: User, person: Person, browser: Browser
) -> None:
    """Beside the limit one reads what is spent, reserved and left; who may not see costs reads none of it."""
    row = Budget.objects.create(user=editor, limit=Decimal(1))
    made("a fox", user=editor, results=2)
    orders.place("an owl", user=editor)
    page = reverse("admin:seedream_django_budget_change", args=[row.pk])
    assert "Spent: $0.07 Reserved: $0.035 Left: $0.895" in text(browser(owner), page)
    plain = browser(person("petra", "view_budget", "change_budget"))
    for address in (page, BUDGETS):
        said = text(plain, address)
        assert not any(amount in said for amount in ("$0.07", "$0.035", "$0.895")), address
    assert "Spent" not in text(browser(owner), ADD)


def test_saving_without_a_change_is_no_history(owner: User, browser: Browser) -> None:
    """Neither of a budget nor of the off switch."""
    row = Budget.objects.create(limit=Decimal(1))
    page = reverse("admin:seedream_django_budget_change", args=[row.pk])
    assert save(browser(owner), page).headers["Location"] == BUDGETS
    Switch.objects.create(pk=1, on=False, reason="Bills first.")
    save(browser(owner), reverse("admin:seedream_django_switch_change", args=[1]))
    assert log() == []


def test_only_the_limit_is_changed(editor: User, owner: User, browser: Browser) -> None:
    """What was counted for one would be wrong for another: whose it is, and for how long, stays."""
    row = Budget.objects.create(user=editor, limit=Decimal(1))
    page = reverse("admin:seedream_django_budget_change", args=[row.pk])
    browser(owner).post(page, {"limit": "3", "user": str(owner.pk), "period": "day"})
    row.refresh_from_db()
    assert (row.user, row.period, row.limit) == (editor, "month", Decimal(3))


def test_a_limit_below_what_is_spent(editor: User, owner: User, browser: Browser) -> None:
    """It is taken, and it is said what it does."""
    row = Budget.objects.create(user=editor, limit=Decimal(1))
    made("a fox", user=editor)
    page = reverse("admin:seedream_django_budget_change", args=[row.pk])
    opened = Form(browser(owner).get(page).content.decode()).values
    said = browser(owner).post(page, {**opened, "limit": "0.01"}, follow=True).content.decode()
    assert "Nothing is left of it: whoever it is for can order nothing now." in said


def test_many_people_are_not_listed(owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more people than a list can show, their number is asked for, with a way to look it up."""
    client = browser(owner)
    assert '<select name="user"' in client.get(ADD).content.decode()
    monkeypatch.setattr("seedream_django.admin.budgets.OFFERED", 0)
    html = client.get(ADD).content.decode()
    assert '<select name="user"' not in html
    assert "vForeignKeyRawIdAdminField" in html


def test_no_budget_yet(owner: User, browser: Browser) -> None:
    """The empty list says what it means."""
    assert "whoever may order can order without limit" in text(browser(owner), BUDGETS)


def test_queries_of_the_budgets(owner: User, browser: Browser) -> None:
    """As many for three as for fifty."""
    client, counts = browser(owner), []
    for count in (3, 50):
        for number in range(Budget.objects.count(), count):
            Budget.objects.create(user=User.objects.create(username=f"u{number}"), limit=Decimal(1))
        with CaptureQueriesContext(connection) as captured:
            client.get(BUDGETS)
        counts.append(len(captured))
    assert counts[0] == counts[1] < 10


# -- Who did it ----------------------------------------------------------------------------------------------


def test_the_switch_s_history(owner: User, browser: Browser) -> None:
    """It says who switched it off, why, and who switched it on again."""
    client = browser(owner)
    page = client.get(reverse("admin:seedream_django_switch_changelist")).headers["Location"]
    client.post(page, {"reason": "Bills first."})
    client.post(page, {"on": "on", "reason": ""})
    client.post(page, {"on": "on", "reason": "x"})
    client.post(page, {"reason": ""})
    wanted = [
        "Switched off: Bills first.",
        "Switched on.",
        "Changed Reason.",
        "Switched off: no reason is given.",
    ]
    assert log() == wanted
    assert "olga Switched off: Bills first." in text(client, page.replace("change", "history"))


def test_an_order_s_history(editor: User, browser: Browser) -> None:
    """The status page leads to it, and it says who ordered."""
    row = made("a fox", user=editor)
    client = browser(editor)
    page = client.get(reverse("admin:seedream_django_generation_change", args=[row.pk])).content.decode()
    history = reverse("admin:seedream_django_generation_history", args=[row.pk])
    assert history in page
    assert "edda Added." in text(client, history)


def test_the_pages_keep_a_strict_policy(editor: User, owner: User, browser: Browser) -> None:
    """Nothing of ours is inline, on the page with everything on it."""
    lost(editor)
    failed(editor, "provider")
    Budget.objects.create(limit=Decimal(1))
    html = browser(owner).get(MONEY).content.decode()
    assert " style=" not in html.partition('id="content"')[2]
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html)
