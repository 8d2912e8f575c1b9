"""What is lost: asked again, sent again or written off, by whoever may, with the money told before and after."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse
from huey import MemoryHuey

from seedream_django import late, lost, orders, pipeline, tasks
from seedream_django.exceptions import OrderedMeanwhile
from seedream_django.models import (
    Budget,
    GeneratedImage,
    Generation,
    Kind,
    LedgerEntry,
    Period,
    State,
    after,
)
from seedream_django.sandbox import Books

from .gate import Gate, answering, cut, unavailable
from .steps import carry, past, said, turn
from .test_pipeline import finish_late

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]

EACH = Decimal("0.035")
DECISIONS = ("ask", "send_again", "write_off")


def lost_order(user: User | None = None, word: str = "stuck", **values: Any) -> Generation:
    """An order that the provider took, and of which it never said anything again."""
    generation = orders.place(f"a fox sandbox:{word}", user=user, **values)
    turn(2)
    past(generation, "deadline")
    carry(generation)
    assert generation.state == State.LOST
    return generation


def never_taken(gate: Gate, user: User | None = None) -> Generation:
    """An order that nobody knows: the provider was down for all of the window."""
    gate.spoil["imageInference"] = [unavailable]
    gate.spoil["getTaskDetails"] = [unavailable]
    generation = orders.place("a fox", user=user)
    pipeline.submit(generation.pk)
    past(generation, "ask_until")
    carry(generation)
    assert generation.state == State.LOST
    return generation


def decide(client: Client, name: str, generation: Generation, **values: str) -> Any:
    return client.post(reverse(f"seedream_django:{name}", args=[generation.pk]), values)


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def fragment(client: Client, generation: Generation, **query: str) -> str:
    return client.get(reverse("seedream_django:status", args=[generation.pk]), query).content.decode()


def buttons(page: str) -> list[str]:
    names = "|".join(("again", "ask", "send-again", "write-off"))
    return re.findall(rf'id="seedream-({names})"', page)


def balance(generation: Generation) -> tuple[Decimal, Decimal, Decimal]:
    sums = LedgerEntry.objects.of(generation).balance()
    return sums["reserved"], sums["spent"], sums["unconfirmed"]


# -- Ask again -----------------------------------------------------------------------------------------------


def test_asked_and_unknown(gate: Gate, owner: User, browser: Browser, books: Books) -> None:
    """Poll and archive are asked, and the page says that the provider does not know it; nothing is sent again."""
    generation, client = never_taken(gate, owner), browser(owner)
    before = len(gate.posts)
    assert told(decide(client, "ask", generation)) == [
        "The provider is asked once more. What it answers is told here."
    ]
    asked = {task["taskType"] for task in gate.posts[before:]}
    assert asked == {"getResponse", "getTaskDetails"}
    heard = said(client, generation)
    assert re.search(r"Asked at .+: the provider does not know it\. It may have been charged", heard)
    assert "$0.035 stays reserved until you decide. It is still looked for;" in heard
    assert heard.endswith("Decide below what is to be done.")
    assert (len(gate.submitted()), books.charges()) == (1, [])
    assert balance(generation) == (EACH, 0, 0)


def test_asked_and_still_in_work(owner: User, browser: Browser) -> None:
    """The provider has it and has not finished it: that is said, and the money stays reserved."""
    generation, client = lost_order(owner), browser(owner)
    decide(client, "ask", generation)
    assert re.search(r"Asked at .+: it is still in work there\.", said(client, generation))
    assert balance(generation) == (EACH, 0, 0)


def test_asked_and_no_answer(gate: Gate, owner: User, browser: Browser) -> None:
    """While the provider does not answer, nobody claims that it knows nothing; then the answer replaces that."""
    generation, client = never_taken(gate, owner), browser(owner)
    gate.spoil["getTaskDetails"] = [unavailable]
    decide(client, "ask", generation)
    assert re.search(r"Asked at .+; there is no answer yet\.", said(client, generation))
    turn()
    assert re.search(r"Asked at .+: the provider does not know it\.", said(client, generation))
    # What it said then is no answer to the next question.
    gate.spoil["getResponse"] = [cut]
    decide(client, "ask", generation)
    assert "there is no answer yet" in said(client, generation)


def test_asked_and_found_in_the_archive_alone(
    gate: Gate, owner: User, browser: Browser, books: Books, sandbox: Path
) -> None:
    """The poll has forgotten it and the archive has not: the picture is kept, told and paid, under ``lost``."""
    generation, client = lost_order(owner), browser(owner)
    finish_late(sandbox)
    gate.spoil["getResponse"] = [answering("200 OK", {"data": []})] * 4
    decide(client, "ask", generation)
    turn()
    generation.refresh_from_db()
    assert (generation.state, generation.stored, generation.cost) == (State.LOST, 1, EACH)
    assert said(client, generation) == (
        "1 picture came late, after the end. Cost: $0.035. It was paid for, so it is kept here."
    )
    assert balance(generation) == (0, EACH, 0)
    assert len(books.charges()) == 1
    assert buttons(fragment(client, generation)) == ["again"]


FAILED = {"code": "inferenceError", "message": "No more room.", "taskType": "imageInference"}


def test_asked_and_failed(gate: Gate, editor: User, owner: User, browser: Browser) -> None:
    """The provider says now that it failed: its words are kept, the money is free, and anybody may try again."""
    generation, client = lost_order(editor), browser(owner)
    gate.spoil["getResponse"] = [
        answering("200 OK", {"errors": [{**FAILED, "taskUUID": str(generation.pk)}]})
    ]
    decide(client, "ask", generation)
    assert said(client, generation) == (
        "It was lost; the provider says now: The provider failed to make the picture. It says: “No more room.” "
        "The provider reported no charge. You can order it again."
    )
    generation.refresh_from_db()
    assert (generation.state, generation.failed) == (State.LOST, 1)
    assert balance(generation) == (0, 0, 0)
    assert buttons(fragment(browser(editor), generation)) == ["again"]
    assert "seedream-decide" not in fragment(client, generation)


def test_one_error_for_many_pictures(gate: Gate, owner: User, browser: Browser) -> None:
    """One error where three pictures are missing may be one of three: two looks, and then it is all of them."""
    generation, client = lost_order(owner, results=3), browser(owner)
    answer = answering("200 OK", {"errors": [{**FAILED, "taskUUID": str(generation.pk)}]})
    gate.spoil["getResponse"] = [answer, answer]
    decide(client, "ask", generation)
    generation.refresh_from_db()
    assert (generation.failed, balance(generation)[0]) == (0, 3 * EACH)
    assert generation.look_at < after(late.WATCH_INTERVAL + 1)
    turn()
    generation.refresh_from_db()
    assert (generation.failed, balance(generation)) == (3, (0, 0, 0))


def test_watched_again_for_as_long(owner: User, browser: Browser, sandbox: Path) -> None:
    """Long after its watch was over an owner asks: it is watched anew, and what comes is kept."""
    generation, client = lost_order(owner), browser(owner)
    past(generation, "watch_until")
    finish_late(sandbox)
    turn()
    assert "still looked for" not in said(client, generation)
    assert not GeneratedImage.objects.exists()
    decide(client, "ask", generation)
    turn()
    generation.refresh_from_db()
    assert (generation.stored, generation.watch_until > after(80_000)) == (1, True)


def test_only_what_is_lost_is_asked(owner: User, browser: Browser) -> None:
    """An order that ended otherwise is not touched."""
    generation, client = carry(orders.place("a fox", user=owner)), browser(owner)
    for name in DECISIONS:
        assert "nothing" in told(decide(client, name, generation, confirmed="1"))[-1].lower()
    generation.refresh_from_db()
    assert (generation.asked_at, Generation.objects.count()) == (None, 1)


def test_the_queue_is_away(settings: Any, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row says that it is to be asked: a queue that takes nothing now delays it to the next sweep."""
    generation = lost_order(owner)

    def refuse() -> bool:
        raise ConnectionError("no queue")

    monkeypatch.setattr(tasks, "start_collecting", refuse)
    assert tasks.ask_again(generation)
    assert Generation.objects.to_watch().get() == generation


def test_the_collector_is_woken(settings: Any, owner: User, browser: Browser, gate: Gate) -> None:
    """Where a worker runs, the request only wakes it: no view calls the provider."""
    generation = lost_order(owner)
    huey = MemoryHuey("waiting for the owner", immediate=False)
    settings.SEEDREAM |= {"HUEY": huey}
    before = len(gate.posts)
    decide(browser(owner), "ask", generation)
    assert len(gate.posts) == before
    assert ["collect" in task.name for task in huey.pending()] == [True]


# -- Send again ----------------------------------------------------------------------------------------------


def test_sent_again(owner: User, browser: Browser, books: Books) -> None:
    """First the page that says it may cost twice; then one new row with a reservation of its own, however often."""
    generation, client = lost_order(owner), browser(owner)
    page = decide(client, "send_again", generation).content.decode()
    assert "This may cost twice." in page
    assert "$0.035 stays reserved for it until you decide about it" in page
    assert Generation.objects.count() == 1
    answers = [decide(client, "send_again", generation, confirmed="1", count="0") for _ in range(2)]
    new = Generation.objects.exclude(pk=generation.pk).get()
    address = reverse("admin:seedream_django_generation_change", args=[new.pk])
    assert {answer.headers["Location"] for answer in answers} == {address}
    assert (new.parent, new.user, new.door) == (generation, owner, "again")
    assert (balance(generation)[0], balance(new)[0]) == (EACH, EACH)
    page = fragment(client, generation)
    assert "It was sent again:" in page
    assert address in page
    # The sandbox took both: that is what was meant.
    assert [charge.images for charge in books.charges()] == [1, 1]


def test_sent_again_once_more(owner: User, browser: Browser) -> None:
    """Whoever sends it again for the third time is told how often it was done already."""
    generation, client = lost_order(owner), browser(owner)
    for count, words in enumerate(
        ("This may cost twice.", "sent again once already", "sent again 2 times already")
    ):
        assert words in decide(client, "send_again", generation).content.decode()
        decide(client, "send_again", generation, confirmed="1", count=str(count))
    assert Generation.objects.count() == 4


def test_sent_again_by_an_owner(editor: User, owner: User, browser: Browser) -> None:
    """The editor reads that it was sent again and how that stands, without a link to what only the owner may see."""
    generation = lost_order(editor)
    decide(browser(owner), "send_again", generation, confirmed="1", count="0")
    new = Generation.objects.exclude(pk=generation.pk).get()
    assert f"{new.pk}" in fragment(browser(owner), generation)
    new.refresh_from_db()
    page = fragment(browser(editor), generation)
    assert f"It was sent again: {new.summary()} (somebody else's order)" in page
    assert f"{new.pk}" not in page


def test_redacted_is_not_sent_again(owner: User, browser: Browser) -> None:
    """Without its words it cannot be sent: the button is not there, the others are."""
    generation = lost_order(owner)
    Generation.objects.update(prompt="", redacted_at=generation.created_at)
    assert buttons(fragment(browser(owner), generation)) == ["ask", "write-off"]


def test_sent_again_over_budget(owner: User, browser: Browser) -> None:
    """The lost one's reservation counts: where there is no room for another, that is said, and nothing ordered."""
    Budget.objects.create(period=Period.EVER, limit=Decimal("0.05"))
    generation, client = lost_order(owner), browser(owner)
    words = told(decide(client, "send_again", generation, confirmed="1", count="0"))[-1]
    assert words.startswith("The budget has no room for this order")
    assert Generation.objects.count() == 1


def test_sent_again_by_two_owners(owner: User, person: Callable[..., User], browser: Browser) -> None:
    """Both saw the page before either pressed: the second orders nothing, and is led to what the first ordered."""
    generation = lost_order(owner)
    other = person("max", "generate", "change_generation", "see_others_prompts")
    for user in (owner, other):
        assert 'name="count" value="0"' in decide(browser(user), "send_again", generation).content.decode()
    decide(browser(owner), "send_again", generation, confirmed="1", count="0")
    for count in ("0", "", "many"):
        late = decide(browser(other), "send_again", generation, confirmed="1", count=count)
        assert told(late)[-1].startswith("The same was ordered again meanwhile, so nothing was ordered now.")
        assert late.headers["Location"] == reverse(
            "admin:seedream_django_generation_change", args=[generation.pk]
        )
    assert generation.children.count() == 1
    assert LedgerEntry.objects.balance()["reserved"] == 2 * EACH
    # From a page that counts the first one it is a decision of its own.
    assert 'value="1"' in decide(browser(other), "send_again", generation).content.decode()
    decide(browser(other), "send_again", generation, confirmed="1", count="1")
    assert generation.children.count() == 2


@pytest.mark.django_db(transaction=True)
def test_sent_again_by_many_at_once(person: Callable[..., User], settings: Any) -> None:
    """Four owners press at the same moment: one order, one reservation, and three are told."""
    generation = lost_order()
    owners = [person(name, "generate", "change_generation") for name in ("ann", "bob", "cyd", "dan")]
    together, done = threading.Barrier(4), []
    settings.SEEDREAM |= {"HUEY": MemoryHuey("worked off elsewhere", immediate=False)}

    def press(user: User) -> None:
        together.wait(10)
        try:
            lost.send_again(generation, by=user, nonce="again", seen=0)
            done.append("ordered")
        except OrderedMeanwhile:
            done.append("told")
        connection.close()

    threads = [threading.Thread(target=press, args=[user]) for user in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == ["ordered", "told", "told", "told"]
    assert generation.children.count() == 1
    assert LedgerEntry.objects.balance()["reserved"] == 2 * EACH


# -- Write off -----------------------------------------------------------------------------------------------


def test_written_off(editor: User, owner: User, browser: Browser) -> None:
    """First what it means; then the money is spent, unconfirmed, told with who decided, and not offered again."""
    generation, client = lost_order(editor, results=2), browser(owner)
    page = decide(client, "write_off", generation).content.decode()
    assert "<strong>$0.07</strong> is counted as spent" in page
    assert balance(generation) == (2 * EACH, 0, 0)
    words = told(decide(client, "write_off", generation, confirmed="1"))
    assert words == ["It is written off. If its picture comes after all, it is kept here."]
    assert balance(generation) == (0, 2 * EACH, 2 * EACH)
    assert LedgerEntry.objects.get(kind=Kind.WRITE_OFF).by == owner
    assert "Written off at $0.07 by olga. If its picture comes after all" in said(client, generation)
    heard = said(browser(editor), generation)
    assert "Written off by olga: it counts as paid." in heard
    assert "$" not in heard
    assert buttons(fragment(client, generation)) == ["again", "ask"]
    assert "nothing to write off" in told(decide(client, "write_off", generation, confirmed="1"))[-1]
    assert LedgerEntry.objects.filter(kind=Kind.WRITE_OFF).count() == 1
    # Decided is decided: who may generate may order it once more.
    assert buttons(fragment(browser(editor), generation)) == ["again"]


def test_why_it_was_written_off(editor: User, owner: User, browser: Browser) -> None:
    """A reason may be given: the ledger and the history keep it in one line, and no more than their column holds."""
    client, generation = browser(owner), lost_order(editor)
    page = decide(client, "write_off", generation).content.decode()
    assert '<label for="seedream-note">' in page
    assert 'name="note" id="seedream-note" maxlength="200"' in page
    assert 'name="note"' not in decide(client, "send_again", generation).content.decode()
    decide(client, "write_off", generation, confirmed="1", note=" On the\0 bill,\n see March. " + "x" * 300)
    note = LedgerEntry.objects.get(kind=Kind.WRITE_OFF).note
    assert note.startswith("On the bill, see March. xxx")
    assert len(note) == 200
    assert LogEntry.objects.latest("pk").get_change_message() == f"Wrote it off. {note}"


def test_written_off_and_then_it_came(owner: User, browser: Browser, sandbox: Path) -> None:
    """A picture that comes after all is kept, and the books say what was billed instead of what was feared."""
    generation, client = lost_order(owner, results=2), browser(owner)
    decide(client, "write_off", generation, confirmed="1")
    finish_late(sandbox)
    turn()
    generation.refresh_from_db()
    assert (generation.stored, generation.cost) == (2, 2 * EACH)
    assert balance(generation) == (0, 2 * EACH, 0)
    assert said(client, generation).startswith("2 pictures came late, after the end. Cost: $0.07.")


def test_some_came_late_and_some_did_not(owner: User, browser: Browser, gate: Gate, sandbox: Path) -> None:
    """One of two came: the other's share stays reserved, and can still be decided about."""
    generation, client = lost_order(owner, results=2), browser(owner)
    finish_late(sandbox)
    pipeline.collect()
    Generation.objects.update(look_at=after(-1))
    (result, _other) = client_results(generation)
    gate.spoil["getResponse"] = [answering("200 OK", {"data": [result]})] * 3
    turn(2)
    heard = said(client, generation)
    assert heard.startswith("1 picture came late, after the end. Cost: $0.035. Of the others nobody knows. ")
    assert "$0.035 stays reserved until you decide." in heard
    decide(client, "write_off", generation, confirmed="1")
    assert balance(generation) == (0, 2 * EACH, EACH)


def client_results(generation: Generation) -> list[dict[str, Any]]:
    """What the provider would show of each of its pictures."""
    from seedream_django.provider import client

    report = client().poll([generation.pk])[generation.pk]
    GeneratedImage.objects.filter(generation=generation).delete()
    return [
        {
            "taskType": "imageInference",
            "taskUUID": str(generation.pk),
            "imageUUID": str(result.image_uuid),
            "imageURL": result.url,
            "cost": 0.035,
        }
        for result in report.results
    ]


@pytest.mark.django_db(transaction=True)
def test_two_owners_at_once(owner: User) -> None:
    """Both press at the same moment: it is written off once."""
    generation = lost_order(owner)
    together, done = threading.Barrier(4), []

    def press() -> None:
        together.wait(10)
        done.append(lost.write_off(generation, by=owner))
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == [False, False, False, True]
    assert balance(generation) == (0, EACH, EACH)


# -- Who may -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DECISIONS)
def test_who_may_decide(
    name: str, editor: User, chief: User, owner: User, person: Callable[..., User], browser: Browser
) -> None:
    """It takes the right to change orders, and to see this one; others find nothing there, and nothing happens."""
    generation = lost_order(editor)
    may = person("max", "generate", "change_generation", "see_others_prompts")
    blind = person("bea", "generate", "change_generation")
    found = {
        str(user): decide(browser(user), name, generation).status_code
        for user in (None, editor, chief, blind)
    }
    assert found == {"None": 403, "edda": 404, "carl": 404, "bea": 404}
    generation.refresh_from_db()
    assert (generation.asked_at, Generation.objects.count()) == (None, 1)
    for user in (may, owner):
        assert decide(browser(user), name, generation).status_code == (302 if name == "ask" else 200)
    assert browser(owner).get(reverse(f"seedream_django:{name}", args=[generation.pk])).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert decide(strict, name, generation, confirmed="1").status_code == 403
    assert (Generation.objects.count(), balance(generation)[0]) == (1, EACH)


def test_an_editor_is_told_whom_to_ask(editor: User, owner: User, browser: Browser) -> None:
    """What happened and whom to ask; no amounts, no buttons, and no way around them."""
    User.objects.filter(pk=owner.pk).update(first_name="Olga", last_name="Owner")
    generation, client = lost_order(editor), browser(editor)
    assert said(client, generation) == (
        "The provider did not say what became of this order. It may have been charged, once. It is still looked "
        "for; if the picture comes, it is kept here. Ask Olga Owner before you order it again."
    )
    page = fragment(client, generation)
    assert buttons(page) == []
    assert "Change and order again" not in page
    response = client.post(reverse("seedream_django:again", args=[generation.pk]), {"count": "0"})
    assert told(response) == [
        "This order may have been charged already, and would then cost twice. Ask Olga Owner."
    ]
    assert Generation.objects.count() == 1


def test_what_an_owner_sees(owner: User, person: Callable[..., User], browser: Browser) -> None:
    """Three buttons with their prices, for those who may see prices; in a form's field there are none."""
    generation = lost_order(owner, results=2)
    page = fragment(browser(owner), generation)
    assert buttons(page) == ["ask", "send-again", "write-off"]
    assert "Send again · $0.07…" in page
    assert "Write off · $0.07…" in page
    assert "seedream-decide" not in fragment(browser(owner), generation, **{"in": "field"})
    frugal = person("fred", "generate", "change_generation", "see_others_prompts")
    page = fragment(browser(frugal), generation)
    assert buttons(page) == ["ask", "send-again", "write-off"]
    assert "$" not in page
    for name in ("send_again", "write_off"):
        assert "$" not in decide(browser(frugal), name, generation).content.decode()


# -- Watching ------------------------------------------------------------------------------------------------


def test_the_page_of_what_is_watched_looks_now_and_then(owner: User, browser: Browser) -> None:
    """Slowly while something may come, faster while an answer is awaited, and not at all once nothing may."""
    generation, client = lost_order(owner), browser(owner)
    assert 'data-next="30000"' in fragment(client, generation)
    Generation.objects.update(asked_at=after(0), error_kind="", look_at=after(60))
    assert 'data-next="4000"' in fragment(client, generation)
    past(generation, "watch_until")
    assert "data-next" not in fragment(client, generation)


# -- The protocol before it --------------------------------------------------------------------------------


def test_never_sent_outside_the_window(gate: Gate, books: Books) -> None:
    """It waited in the queue past the window: whether its UUID still protects it nobody knows, so it is only asked."""
    gate.spoil["imageInference"] = [unavailable]
    generation = orders.place("a fox")
    pipeline.submit(generation.pk)
    Generation.objects.update(state=State.QUEUED, look_at=after(-1))
    past(generation, "ask_until")
    carry(generation)
    assert generation.state == State.LOST
    assert gate.submitted() == [str(generation.pk)]
    assert balance(generation) == (EACH, 0, 0)


def test_kept_reserved_when_it_is_lost(owner: User) -> None:
    """Nobody knows whether it was charged: its money is neither spent nor free."""
    assert balance(lost_order(owner, results=2)) == (2 * EACH, 0, 0)
