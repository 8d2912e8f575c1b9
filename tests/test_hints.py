"""What a webhook leads to: one question, soon; and that nothing is lost where none comes."""

from __future__ import annotations

import contextlib
import datetime
import logging
import threading
import time
import uuid
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.auth.models import User
from django.core import serializers
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from django.test import AsyncClient, Client
from django.test.utils import override_script_prefix
from django.urls import reverse
from django.utils import timezone

from seedream_django import delivery, generate, pace, pipeline, receiving, sandbox, tasks, tokens
from seedream_django.models import Beat, GeneratedImage, Generation, State, after
from seedream_django.runware.items import Result
from seedream_django.runware.replies import Report

from .gate import KEY, Gate, cut, speaking_to
from .steps import carry, past
from .worker import idle_queue, order, pending, work
from .workshop import wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SECOND = datetime.timedelta(seconds=1)
HERE = {"WEBHOOK_URL": True, "PUBLIC_URL": "http://127.0.0.1:9"}


def awaited(**columns: Any) -> Generation:
    """An order that the provider has, whose next look is far away."""
    generation = generate("a fox", size="2048x2048")
    moments = {"accepted_at": timezone.now(), "look_at": after(600), "deadline": after(900)}
    Generation.objects.filter(pk=generation.pk).update(
        **{"state": State.RUNNING, "hooked": True, **moments, **columns}
    )
    generation.refresh_from_db()
    return generation


# -- One row -------------------------------------------------------------------------------------------------


def test_one_look_a_second_and_none_forgotten() -> None:
    """The first leads to a look now, the next to one a second later, those before that one to nothing more."""
    generation = awaited()
    assert pace.told(generation.pk)
    generation.refresh_from_db()
    first = generation.told_at
    assert generation.look_at == first
    # The look was taken, and the next is far away again.
    Generation.objects.update(look_at=after(600))
    assert pace.told(generation.pk)
    generation.refresh_from_db()
    assert generation.look_at == generation.told_at == first + SECOND
    assert not any(pace.told(generation.pk) for _ in range(5))
    Generation.objects.update(told_at=after(-1.5), look_at=after(600))
    assert pace.told(generation.pk)
    generation.refresh_from_db()
    assert generation.look_at <= timezone.now()


def test_a_look_that_is_due_anyway_stays() -> None:
    """Nobody gets further back in the queue by being told of."""
    generation = awaited(look_at=after(-30))
    assert pace.told(generation.pk)
    assert Generation.objects.get().look_at == generation.look_at


def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    """A look that is said to come in an hour counts for nothing."""
    generation = awaited(told_at=after(3600))
    assert pace.told(generation.pk)
    assert Generation.objects.get().look_at <= timezone.now()


@pytest.mark.parametrize(
    ("state", "columns", "needed"),
    [
        (State.RUNNING, {}, True),
        (State.ASKING, {}, True),
        (State.LOST, {"watch_until": after(3600)}, True),
        (State.DONE, {"watch_until": after(-3600)}, False),
        (State.DONE, {}, False),
        (State.STORING, {}, False),
    ],
)
def test_only_what_is_awaited_is_looked_at(state: State, columns: dict[str, Any], needed: bool) -> None:
    """In flight or watched; what is over stays as it is to the last column."""
    generation = awaited(state=state, **columns)
    before = serializers.serialize("json", [generation])
    assert pace.told(generation.pk) == needed
    generation.refresh_from_db()
    assert (generation.look_at <= timezone.now()) == needed
    assert (serializers.serialize("json", [generation]) == before) != needed


def test_what_waits_to_be_sent_keeps_its_time() -> None:
    """It is told of, which counts once it is sent; when it may be sent is another matter."""
    generation = awaited(state=State.QUEUED)
    assert pace.told(generation.pk)
    assert Generation.objects.get().look_at == generation.look_at


@pytest.mark.parametrize("progress", [0, 50])
def test_one_that_comes_during_the_poll_is_not_put_off(
    progress: int, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was on its way already, and says nothing of what was just told: it is asked once more."""
    settings.SEEDREAM |= {"SANDBOX_LATENCY": 600}
    generation = generate("a fox", size="2048x2048")
    pipeline.submit(generation.pk)
    Generation.objects.update(hooked=True, look_at=after(-1))
    poll = receiving.poll

    def meanwhile(*args: Any) -> Any:
        reports = poll(*args)
        assert pace.told(generation.pk)
        if progress:
            from dataclasses import replace

            return {pk: replace(report, progress=progress) for pk, report in reports.items()}
        return reports

    monkeypatch.setattr(receiving, "poll", meanwhile)
    assert (pipeline.collect().collect or 0) <= pace.LULL
    generation.refresh_from_db()
    assert generation.state == State.RUNNING
    assert generation.look_at <= timezone.now()
    # The next poll is the one that the webhook led to; after it there is time again.
    monkeypatch.setattr(receiving, "poll", poll)
    Beat.mark(pace.HEARD)
    pipeline.collect()
    assert Generation.objects.get().look_at > after(10)


def test_one_that_comes_with_half_of_an_order(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer has one picture and the webhook tells of the next: that is asked about at once as well."""
    settings.SEEDREAM |= {"SANDBOX_LATENCY": 600}
    generation = generate("a fox", size="2048x2048", results=2)
    pipeline.submit(generation.pk)
    Generation.objects.update(hooked=True, look_at=after(-1))
    Beat.mark(pace.HEARD)
    result = Result(uuid.uuid4(), "http://127.0.0.1:1/a.jpg")

    def meanwhile(*args: Any) -> Any:
        assert pace.told(generation.pk)
        return {generation.pk: Report(generation.pk, results=(result,), processing=True, known=True)}

    monkeypatch.setattr(receiving, "poll", meanwhile)
    pipeline.collect()
    generation.refresh_from_db()
    assert (generation.received, generation.look_at <= timezone.now()) == (1, True)


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
def test_one_that_is_quicker_than_our_own_row(
    lost: bool, gate: Gate, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes before we know that the provider has the order: then the first look is at once."""
    settings.SEEDREAM |= HERE
    Beat.mark(pace.HEARD)
    generation = generate("a fox", size="2048x2048")
    gate.spoil["imageInference"] = [cut] if lost else []
    send = receiving.submit

    def meanwhile(*args: Any) -> Any:
        try:
            return send(*args)
        finally:
            assert pace.told(generation.pk)

    monkeypatch.setattr(receiving, "submit", meanwhile)
    pipeline.submit(generation.pk)
    generation.refresh_from_db()
    assert generation.state == (State.ASKING if lost else State.RUNNING)
    assert generation.look_at <= timezone.now()


# -- How often it is asked -----------------------------------------------------------------------------------


def test_slow_while_they_come_and_quick_when_they_stop(settings: Any) -> None:
    """Only an order that was sent with our webhook is asked about slowly, and only while some arrive."""
    generation, other = awaited(), awaited(hooked=False)
    assert pace.interval(generation) < 2
    Beat.mark(pace.HEARD)
    assert pace.interval(generation) == pace.first_look(generation) == pace.HOOKED_INTERVAL
    assert pace.interval(other) < 2
    Beat.objects.filter(name=pace.HEARD).update(seen_at=after(-pace.HEARING - 1))
    assert pace.interval(generation) < 2
    assert pace.first_look(generation) == 1.0


def test_it_is_looked_up_once_a_round(django_assert_max_num_queries: Any) -> None:
    """Whether webhooks come is one question to the database for all rows together."""
    rows = [awaited() for _ in range(20)]
    Beat.mark(pace.HEARD)
    with django_assert_max_num_queries(2):
        pace.put_off(rows)
    assert all(row.look_at > after(10) for row in Generation.objects.all())


def test_at_most_one_sign_of_life_a_second() -> None:
    """However many come: it is a row that all of them would write to."""
    generation = awaited()
    tasks.hint(generation.pk)
    first = Beat.last(pace.HEARD)
    tasks.hint(generation.pk)
    assert Beat.last(pace.HEARD) == first


# -- What is sent --------------------------------------------------------------------------------------------


def test_each_order_carries_an_address_of_its_own(gate: Gate, settings: Any) -> None:
    """With a token that is good for it alone, which is in no row; the row knows that it was sent with one."""
    settings.SEEDREAM |= HERE
    first, second = generate("a fox"), generate("two foxes", results=3)
    for generation in (first, second):
        pipeline.submit(generation.pk)
        generation.refresh_from_db()
        assert generation.hooked
    addresses = {task["webhookURL"] for task in gate.posts if "webhookURL" in task}
    assert addresses >= {delivery.public_address("webhook", tokens.WEBHOOK, g.pk) for g in (first, second)}
    rows = str(serializers.serialize("json", [*Generation.objects.all(), *GeneratedImage.objects.all()]))
    assert "token=" not in rows
    assert not any(tokens.make(tokens.WEBHOOK, g.pk) in rows for g in (first, second))


def test_an_order_with_a_listener_of_its_own(gate: Gate, settings: Any) -> None:
    """Code may have one order's results told elsewhere: then nothing is waited for here."""
    settings.SEEDREAM |= HERE
    generation = generate("a fox", webhook_url="https://example.org/made")
    pipeline.submit(generation.pk)
    generation.refresh_from_db()
    assert not generation.hooked
    assert [task["webhookURL"] for task in gate.posts if "webhookURL" in task] == ["https://example.org/made"]


def test_an_order_whose_line_is_held(gate: Gate, settings: Any) -> None:
    """Its results come on that line, and nobody is missed who tells of them besides."""
    with idle_queue(settings):
        settings.SEEDREAM |= HERE
        generation = generate("a fox", delivery_method="sync")
        pipeline.submit(generation.pk)
    generation.refresh_from_db()
    assert (generation.hooked, generation.received) == (False, 1)


def test_switched_while_it_is_under_way(gate: Gate, settings: Any, client: Client) -> None:
    """Off: what was sent with it is told of still. On: what was sent without is polled."""
    settings.SEEDREAM |= HERE
    sent = generate("a fox")
    pipeline.submit(sent.pk)
    settings.SEEDREAM |= {"WEBHOOK_URL": ""}
    later = generate("two foxes")
    pipeline.submit(later.pk)
    assert dict(Generation.objects.values_list("pk", "hooked")) == {sent.pk: True, later.pk: False}
    assert told_of(client, sent) == 200
    settings.SEEDREAM |= HERE
    assert {carry(sent).state, carry(later).state} == {State.DONE}


def told_of(client: Client, generation: Generation, prefix: str = "") -> int:
    path = reverse("seedream_django:webhook", args=[generation.pk])
    token = tokens.make(tokens.WEBHOOK, generation.pk)
    address = f"{path.removeprefix(prefix)}?token={token}"
    return client.post(address, b"{}", content_type="application/json").status_code


@pytest.mark.parametrize("known", [False, True], ids=["the proxy's alone", "Django's as well"])
def test_behind_a_path_prefix(known: bool, settings: Any, client: Client) -> None:
    """The prefix is in the address once, whether Django knows of it or only the proxy; and it arrives."""
    settings.SEEDREAM |= {**HERE, "PUBLIC_URL": "https://www.example.org/cms/"}
    generation = awaited()
    with override_script_prefix("/cms/") if known else contextlib.nullcontext():
        (address,) = delivery.addresses(generation, generation.pk).values()
    root, _, query = address.partition("?token=")
    assert root == f"https://www.example.org/cms/seedream/hook/{generation.pk}/"
    assert query == tokens.make(tokens.WEBHOOK, generation.pk)
    # As the proxy passes it on: without the prefix, which a server may name beside.
    path = address.removeprefix("https://www.example.org/cms")
    if known:
        settings.FORCE_SCRIPT_NAME = "/cms"
    assert client.post(path, b"{}", content_type="application/json").status_code == 200
    assert Generation.objects.get().told_at is not None


def test_under_asgi(settings: Any) -> None:
    """The same view answers where Django runs as ASGI."""
    generation = awaited()
    path = reverse("seedream_django:webhook", args=[generation.pk])
    statuses = [
        async_to_sync(AsyncClient().post)(path + query, b"{}", content_type="application/json").status_code
        for query in ("", f"?token={tokens.make(tokens.WEBHOOK, generation.pk)}")
    ]
    assert statuses == [403, 200]
    assert Generation.objects.get().told_at is not None


# -- Who asks ------------------------------------------------------------------------------------------------


def test_in_immediate_mode_the_request_asks_nobody(gate: Gate, settings: Any, client: Client) -> None:
    """Nothing goes over the network while the provider waits for our answer; who looks at a page has it asked."""
    settings.SEEDREAM |= HERE
    Beat.mark(pace.HEARD)
    generation = generate("a fox", size="2048x2048")
    pipeline.submit(generation.pk)
    gate.requests.clear()
    assert told_of(client, generation) == 200
    assert gate.requests == []
    tasks.tend()
    assert gate.requests
    assert carry(generation).state == State.DONE


@pytest.fixture
def huey(settings: Any, sandbox: Path) -> Iterator[Any]:
    with idle_queue(settings) as huey:
        yield huey


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken(huey: Any, settings: Any, client: Client) -> None:
    """What was to be asked about in a quarter of a minute is asked about now; a queue that is away is no failure."""
    settings.SEEDREAM |= HERE
    Beat.mark(pace.HEARD)
    generation = order()
    work(huey)
    assert pending(huey) == []
    generation.refresh_from_db()
    assert (generation.state, generation.look_at > after(5)) == (State.RUNNING, True)
    assert told_of(client, generation) == 200
    assert pending(huey) == ["collect"]
    work(huey)
    generation.refresh_from_db()
    assert generation.state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_away_is_no_failure(
    huey: Any, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The row is due, and the sweep finds it."""
    generation = awaited()

    def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("The queue is away.")

    monkeypatch.setattr(huey.storage, "enqueue", away)
    assert told_of(client, generation) == 200
    assert "The queue did not take what start_collecting has for it" in caplog.text
    assert tokens.make(tokens.WEBHOOK, generation.pk) not in caplog.text
    assert Generation.objects.get().look_at <= timezone.now()


@pytest.mark.django_db(transaction=True)
def test_a_poller_that_sleeps_notices(huey: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds the lease sleeps until the next look; one that comes nearer meanwhile wakes it."""
    monkeypatch.setattr(tasks, "ROUND", 60.0)
    monkeypatch.setattr(tasks, "BLINK", 0.02)
    generation = order()
    work(huey, times=1)
    huey.flush()
    Generation.objects.update(look_at=after(30), hooked=True)
    slept = threading.Thread(target=lambda: (tasks._poll_for_a_while(), connections.close_all()))
    slept.start()
    # Another process has the lease, so a webhook starts nothing here.
    Beat.take("poller", "another", 60)
    tasks.hint(generation.pk)
    assert pending(huey) == []
    slept.join(20)
    assert not slept.is_alive()
    generation.refresh_from_db()
    assert generation.received == 1


# -- What the owner sees -------------------------------------------------------------------------------------


def owner_s_page(browser: Any, owner: User) -> str:
    return unescape(
        browser(owner).get(reverse("admin:seedream_django_ledgerentry_changelist")).content.decode()
    )


@pytest.mark.parametrize(
    ("told", "last", "words"),
    [
        (None, None, "No webhook of the provider has ever arrived"),
        (None, 3600, "webhooks do not arrive any more"),
        (500, 400, ""),
        # It may have come just after the poll that was quicker.
        (None, 60, ""),
    ],
)
def test_the_owner_s_page_says_when_the_last_one_came(
    told: int | None, last: int | None, words: str, settings: Any, browser: Any, owner: User
) -> None:
    """And where none comes although orders were sent with one: that, and what to look at."""
    settings.SEEDREAM |= {**HERE, "SANDBOX": False, "API_KEY": KEY}
    awaited(state=State.DONE, finished_at=after(-500), told_at=told and after(-told))
    if last is not None:
        Beat.objects.create(name=pace.HEARD, seen_at=after(-last))
    page = owner_s_page(browser, owner)
    assert ("PUBLIC_URL must be the address" in page) == bool(words)
    assert words in page
    said = (
        "No webhook of the provider has come yet." if last is None else "last webhook came at this moment: "
    )
    assert said in page
    assert "token=" not in page


def test_where_none_is_wanted_none_is_spoken_of(browser: Any, owner: User) -> None:
    """A site that only asks reads nothing of webhooks."""
    assert "ebhook" not in owner_s_page(browser, owner)


# -- From the provider to the file ---------------------------------------------------------------------------


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextlib.contextmanager
def site() -> Iterator[str]:
    """This site on a loopback port, a thread a request."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextlib.contextmanager
def workers(huey: Any, count: int) -> Iterator[None]:
    """Threads that do what is queued, and what is scheduled when its time has come."""
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            for task in huey.read_schedule(datetime.datetime.now(datetime.UTC).replace(tzinfo=None)):
                huey.enqueue(task)
            if task := huey.dequeue():
                huey.execute(task)
            else:
                time.sleep(0.02)
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()


@contextlib.contextmanager
def provider_and_site(settings: Any, state: Path, latency: float = 0.5) -> Iterator[Gate]:
    gate = Gate(sandbox.create_app(state, key=KEY, latency=latency, plain=True))
    with site() as root, sandbox.running(gate) as endpoint, speaking_to(settings, f"{endpoint}/v1"):
        settings.SEEDREAM |= {"WEBHOOK_URL": True, "PUBLIC_URL": root, "POLL_INTERVAL": 1.0}
        yield gate


def questions(gate: Gate) -> int:
    return sum(tasks[0]["taskType"] == "getResponse" for tasks in gate.requests)


def done(*generations: Generation) -> bool:
    rows = Generation.objects.filter(pk__in=[generation.pk for generation in generations])
    return all(row.state == State.DONE for row in rows)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [1, 3])
def test_the_picture_comes_by_the_webhook(
    count: int, huey: Any, settings: Any, sandbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Though nobody would ask for ten minutes: with one worker, and with several, one of which has the lease.

    No log line and no row of all this has a token.
    """
    Beat.mark(pace.HEARD)
    caplog.set_level(logging.DEBUG)
    with (
        pytest.MonkeyPatch.context() as patch,
        provider_and_site(settings, sandbox / "served.sqlite3") as gate,
    ):
        patch.setattr(pace, "HOOKED_INTERVAL", 600.0)
        with workers(huey, count):
            one, four = order(), generate("foxes sandbox:hook-twice", size="2048x2048", results=4)
            wait_for(lambda: done(one, four), 60)
        assert {row.told_at is None for row in Generation.objects.all()} == {False}
        assert GeneratedImage.objects.filter(state="stored").count() == 5
        # Two orders, five results, six deliveries: a look each at most, and one that came between.
        assert 1 <= questions(gate) <= 8
    rows = [
        row for model in apps.get_app_config("seedream_django").get_models() for row in model.objects.all()
    ]
    seen = caplog.text + serializers.serialize("json", rows)
    assert str(four.pk) in seen
    assert not any(
        word in seen for word in ("token=", *(tokens.make(tokens.WEBHOOK, o.pk) for o in (one, four)))
    )


@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_is_lost(huey: Any, settings: Any, sandbox: Path, editor: User) -> None:
    """The poll finds the picture all the same, as slowly as the webhooks of others allow it."""
    Beat.mark(pace.HEARD)
    with pytest.MonkeyPatch.context() as patch, provider_and_site(settings, sandbox / "served.sqlite3", 0.1):
        patch.setattr(pace, "HOOKED_INTERVAL", 2.0)
        with workers(huey, 1):
            generation = generate("a fox sandbox:hook-lost", size="2048x2048", user=editor)
            wait_for(lambda: done(generation), 60)
        generation.refresh_from_db()
        assert (generation.hooked, generation.told_at) == (True, None)


@pytest.mark.django_db(transaction=True)
def test_one_that_comes_late(huey: Any, settings: Any, client: Client) -> None:
    """Repeated after the end: answered like the first, and the order, its pictures and its money stay as they are."""
    settings.SEEDREAM |= HERE
    generation = order()
    work(huey)
    past(generation, "look_at")
    tasks.start_collecting()
    work(huey)
    generation.refresh_from_db()
    assert generation.state == State.DONE
    rows = [*Generation.objects.all(), *GeneratedImage.objects.all()]
    before = serializers.serialize("json", rows)
    assert [told_of(client, generation) for _ in range(3)] == [200] * 3
    assert pending(huey) == []
    rows = [*Generation.objects.all(), *GeneratedImage.objects.all()]
    assert serializers.serialize("json", rows) == before
