"""The page of the queue: who sees what of it, why something waits, and what each may do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from huey import MemoryHuey

from seedream_django import conf, turns
from seedream_django.models import Beat, Circuit, Generation, Priority, State, Switch, Turn, after

from .test_turns import waiting

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User], Client]
Person = Callable[..., User]

PAGE, PART = "admin:seedream_django_generation_queue", "admin:seedream_django_generation_queue_state"


@pytest.fixture(autouse=True)
def house(settings: Any, sandbox: Path) -> None:
    """A queue that a worker looks after, so that no page does anything by itself."""
    settings.SEEDREAM = {**settings.SEEDREAM, "HUEY": MemoryHuey("elsewhere")}
    Beat.mark("worker")


@pytest.fixture
def mia(person: Person) -> User:
    return person("mia", "generate")


@pytest.fixture
def chief(person: Person) -> User:
    return person("carla", "generate", "see_others_prompts", "change_generation", "change_switch")


def part(client: Client, name: str = PART) -> str:
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, what: str, row: Generation | None = None, **values: str) -> int:
    address = reverse(f"admin:seedream_django_generation_{what}", args=[row.pk] if row else [])
    return client.post(address, values).status_code


def listed(html: str) -> list[str]:
    """The prompts of what waits, in their order."""
    return re.findall(r'<bdi dir="auto"><a [^>]*>(.*?)</a>', html.partition("<ol")[2])


# -- Looking -------------------------------------------------------------------------------------------------


def test_the_list_leads_there(mia: User, browser: Browser) -> None:
    """Also where there is no order yet."""
    address = reverse(PAGE)
    list_page = browser(mia).get(reverse("admin:seedream_django_generation_changelist"))
    assert f'href="{address}"' in list_page.content.decode()
    assert "Nothing runs and nothing waits." in part(browser(mia), PAGE)


def test_in_the_order_of_turns(editor: User, mia: User, chief: User, browser: Browser) -> None:
    """Who may see others' prompts sees all that waits, whose it is, and how many are ahead of each."""
    waiting(editor, 3, prompt="An owl")
    waiting(mia, 1, prompt="A hare")
    html = part(browser(chief))
    assert listed(html) == ["An owl", "A hare", "An owl", "An owl"]
    assert [f"{n} order{'s' * (n > 1)} " in html for n in (1, 2, 3)] == [True] * 3
    assert "It is next." in html
    assert html.count("<bdi>mia</bdi>") == 1
    assert "0 under way, 4 waiting." in html


def test_others_are_a_number(editor: User, mia: User, browser: Browser) -> None:
    """Who may not sees their own, and of others how many: no prompt, no name, no number of an order."""
    theirs = waiting(editor, 12, prompt="A secret owl")
    Generation.objects.filter(pk=theirs[0].pk).update(state=State.RUNNING, submitted_at=after(-5))
    (mine,) = waiting(mia, 1, prompt="A hare")
    html = part(browser(mia))
    assert listed(html) == ["A hare"]
    assert "Others&#x27; orders: 1 under way, 11 waiting." in html
    assert "1 order is ahead." in html
    assert "secret" not in html
    assert editor.get_username() not in html
    assert not [row for row in theirs if str(row.pk) in html]
    assert str(mine.pk) in html


def test_what_runs(mia: User, browser: Browser) -> None:
    """Since when, how far, and what is being done; what was cancelled says so."""
    first, second = waiting(mia, 2)
    Generation.objects.filter(pk=first.pk).update(state=State.RUNNING, submitted_at=after(-9), usual=20)
    Generation.objects.filter(pk=second.pk).update(state=State.STORING, submitted_at=after(-5), hidden=True)
    html = part(browser(mia))
    assert "2 under way, 0 waiting." in html
    assert "in work" in html
    assert "In work for 9 seconds; about 11 seconds left." in html
    assert "cancelled, hidden" in html
    assert html.count('id="queue-cancel-') == 1
    # What it costs is said before it is pressed; of what waits there is nothing to say.
    assert html.count(">Cancel and hide; it is paid for already</button>") == 1
    waiting(mia, 1)
    assert part(browser(mia)).count(">Cancel</button>") == 1


def test_no_more_than_fifty(mia: User, chief: User, browser: Browser) -> None:
    """A long queue is shown as far as its beginning, and the rest is a number, which ends as well."""
    waiting(mia, 70)
    html = part(browser(mia))
    assert len(listed(html)) == 50
    assert "And 20 more." in html
    waiting(chief, 1000)
    html = part(browser(chief))
    assert len(listed(html)) == 50
    assert "0 under way, more than 1000 waiting." in html
    assert "And more than 950 more." in html


def test_as_many_queries_for_a_hundred(mia: User, chief: User, browser: Browser) -> None:
    """As for two, of whomever."""

    def count(user: User) -> int:
        client = browser(user)
        client.get(reverse(PART))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(PART))
        return len(queries)

    def add(number: int) -> None:
        for person in (mia, chief):
            running = waiting(person, number)
            Generation.objects.filter(pk__in=[row.pk for row in running]).update(state=State.RUNNING)
            waiting(person, number)
            later = waiting(person, number)
            Generation.objects.filter(pk__in=[row.pk for row in later]).update(look_at=after(60))

    add(1)
    few = [count(user) for user in (mia, chief)]
    add(14)
    assert [count(user) for user in (mia, chief)] == few


# -- Why it waits --------------------------------------------------------------------------------------------


def _off() -> None:
    Switch.objects.create(pk=1, on=False, reason="Lunch")


def _open() -> None:
    Circuit.objects.create(name=conf.account(), opened_at=after(-5), probe_at=after(60), error_kind="quota")


def _silent() -> None:
    Beat.objects.filter(name="worker").update(seen_at=after(-3600))
    Generation.objects.update(created_at=after(-60))


def _full() -> None:
    for n in range(1, 5):
        Beat.take(f"post {n}", "another", 60)


@pytest.mark.parametrize(
    ("happen", "words"),
    [
        (_off, "Generating is switched off: Lunch"),
        (_open, "account"),
        (_silent, "No worker is running, so nothing is made yet."),
        (_full, "As many orders as the settings allow are under way"),
    ],
)
def test_why_nothing_is_sent(happen: Any, words: str, mia: User, browser: Browser) -> None:
    """One sentence above all, and none while all goes its way."""
    waiting(mia)
    assert "seedream-warn" not in part(browser(mia))
    happen()
    html = part(browser(mia))
    assert words in html
    assert "seedream-warn" in html


def test_why_one_waits(mia: User, browser: Browser) -> None:
    """It is tried again later, and why."""
    (row,) = waiting(mia)
    Generation.objects.filter(pk=row.pk).update(look_at=after(600), error_kind="rate_limit")
    html = part(browser(mia))
    assert "Next try:" in html
    assert "ahead" not in html


# -- Deciding ------------------------------------------------------------------------------------------------


def test_an_editor_raises_their_own(editor: User, mia: User, browser: Browser) -> None:
    """It comes before their others, and back again; another's turn is where it was, and both are in the history."""
    mine, theirs = waiting(mia, 2), waiting(editor, 1)
    client = browser(mia)
    assert press(client, "first", mine[1]) == 302
    assert [row.pk for row in turns.in_order()] == [mine[1].pk, theirs[0].pk, mine[0].pk]
    assert "raised" in part(client)
    assert press(client, "back", mine[1]) == 302
    assert [row.pk for row in turns.in_order()] == [mine[0].pk, theirs[0].pk, mine[1].pk]
    said = LogEntry.objects.filter(object_id=str(mine[1].pk)).order_by("pk")
    assert [entry.change_message for entry in said] == [
        "Put it before the others of its person.",
        "Put it back into its turn.",
    ]


def test_an_owner_puts_one_before_all(editor: User, mia: User, chief: User, browser: Browser) -> None:
    """Theirs to do and to take back: whose order it is may do neither."""
    waiting(editor, 3)
    mine = waiting(mia, 3)
    assert press(browser(mia), "before_all", mine[2]) == 403
    assert press(browser(chief), "before_all", mine[2]) == 302
    assert turns.next_key() == mine[2].pk
    assert "before everybody" in part(browser(mia))
    for what in ("first", "back"):
        press(browser(mia), what, mine[2])
        assert turns.next_key() == mine[2].pk
    assert press(browser(chief), "back", mine[2]) == 302
    assert turns.next_key() != mine[2].pk


@pytest.mark.parametrize("what", ["first", "before_all", "back"])
def test_others_orders_are_nobodys_to_move(what: str, editor: User, mia: User, browser: Browser) -> None:
    """Who may not see an order is told that there is none; who may see it and not decide may not."""
    (row,) = waiting(editor)
    assert press(browser(mia), what, row) == 404
    assert Generation.objects.get(pk=row.pk).line == turns.line_of(editor)
    assert Generation.objects.get(pk=row.pk).priority == Priority.NORMAL


def test_who_sees_all_and_decides_nothing(editor: User, person: Person, browser: Browser) -> None:
    """They look, without a button."""
    reader = person("rita", "view_generation", "see_others_prompts")
    (row,) = waiting(editor, prompt="An owl")
    html = part(browser(reader), PAGE)
    assert listed(html) == ["An owl"]
    assert "queue-cancel-" not in html
    assert "queue-pause" not in html
    for what in ("first", "before_all", "back"):
        assert press(browser(reader), what, row) == 403


def test_what_was_sent_meanwhile(mia: User, browser: Browser) -> None:
    """The page was of another moment: nothing changes, and it says so."""
    (row,) = waiting(mia)
    assert turns.take(Generation.objects.get(pk=row.pk), lease=60)
    client = browser(mia)
    assert press(client, "first", row) == 302
    assert "It does not wait any more." in part(client, PAGE)
    assert Generation.objects.get(pk=row.pk).priority == Priority.NORMAL


def test_cancel_leads_back(mia: User, browser: Browser) -> None:
    """The button of the page is the one that cancels everywhere, and the queue is shown again."""
    (row,) = waiting(mia)
    client = browser(mia)
    html = part(client)
    address = reverse("seedream_django:cancel", args=[row.pk])
    assert f'action="{address}"' in html
    answer = client.post(address, {"next": reverse(PAGE)}, follow=True)
    assert answer.redirect_chain == [(reverse(PAGE), 302)]
    assert Generation.objects.get(pk=row.pk).state == State.CANCELLED


def test_a_free_cancel_that_comes_too_late(mia: User, browser: Browser) -> None:
    """Whoever pressed a button that costs nothing pays for nothing hidden: the order goes on, and they decide anew."""
    (order,) = waiting(mia, 1)
    client = browser(mia)
    assert 'name="free" value="1"' in part(client)
    Generation.objects.filter(pk=order.pk).update(state=State.RUNNING, submitted_at=after(0))
    assert 'name="free"' not in part(client)
    cancel = reverse("seedream_django:cancel", args=[order.pk])
    for asked in ({"path": cancel, "data": {"free": "1"}}, {"path": f"{cancel}?free=1"}):
        answer = client.post(**asked, follow=True)
        assert "It has been sent meanwhile and is paid for, so it goes on." in answer.content.decode()
        order.refresh_from_db()
        assert not order.hidden
    client.post(cancel)
    order.refresh_from_db()
    assert order.hidden


def test_pause_and_go_on(mia: User, chief: User, browser: Browser) -> None:
    """It is the off switch: who may flip that, with a reason that editors read, and a line in its history."""
    waiting(mia)
    client = browser(chief)
    assert 'id="queue-pause"' in part(client, PAGE)
    assert press(client, "pause", reason="  We wait\nfor the budget ") == 302
    switch = Switch.objects.get()
    assert (switch.on, switch.reason, switch.changed_by) == (False, "We wait for the budget", chief)
    html = part(client, PAGE)
    assert "Generating is switched off: We wait for the budget" in html
    assert 'id="queue-pause"' not in html
    assert 'id="queue-go-on"' in html
    assert press(client, "pause", reason="Again") == 302
    assert "That was done already." in part(client, PAGE)
    assert press(client, "go_on") == 302
    assert Switch.objects.get().on
    said = LogEntry.objects.filter(object_id="1").order_by("pk").values_list("change_message", flat=True)
    assert list(said) == ["Switched off: We wait for the budget", "Switched on."]


@pytest.mark.parametrize("what", ["pause", "go_on"])
def test_who_may_not_pause(what: str, mia: User, browser: Browser) -> None:
    """It has no button for them, and no effect."""
    _off() if what == "go_on" else None
    assert press(browser(mia), what) == 403
    assert Switch.current().on == (what == "pause")
    html = part(browser(mia), PAGE)
    assert "queue-pause" not in html
    assert "queue-go-on" not in html


def test_without_any_right(person: Person, browser: Browser) -> None:
    """Who may see no order sees no queue."""
    client = browser(person("nora"))
    assert [client.get(reverse(name)).status_code for name in (PAGE, PART)] == [403, 403]
    assert not Turn.objects.exists()
