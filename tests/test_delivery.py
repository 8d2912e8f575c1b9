"""Delivery: from the settings, or code's word for one order, to the wire and back into a stored picture."""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from seedream_django import (
    checks,
    conf,
    delivery,
    delivery_checks,
    generate,
    orders,
    pipeline,
    receiving,
    storing,
)
from seedream_django.exceptions import InvalidOrder
from seedream_django.models import Beat, GeneratedImage, Generation, ImageState, LedgerEntry, State, after
from seedream_django.order_forms import OrderForm
from seedream_django.panels import InPlaceForm
from seedream_django.sandbox import Books, create_app, running

from . import steps
from .gate import KEY, Gate, cut, gateway_timeout, slow, speaking_to, unavailable
from .steps import LONG_AGO, carry, made, past
from .test_sandbox_courier import Receiver, serving

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User | None], Client]

TOKEN = "canary-7d1e9b0c-token"
HOOK = f"https://example.com/hook?token={TOKEN}"
PUT = f"https://bucket.example.com/one.jpg?X-Amz-Signature={TOKEN}"

WAYS = [("URL", "async"), ("URL", "sync"), ("base64Data", "async"), ("dataURI", "sync")]


def sent(books: Books, generation: Generation) -> dict[str, Any]:
    """The task as the sandbox accepted it."""
    return dict(json.loads(books.request(str(generation.pk))))


# -- Settings, and code ---------------------------------------------------------------------------------------


def test_today_s_defaults(books: Books) -> None:
    """Without any of these settings an order goes out as it always did: acknowledged, and by address."""
    task = sent(books, made("a fox"))
    assert (task["outputType"], task["deliveryMethod"], task["includeCost"]) == ("URL", "async", True)
    assert not {"ttl", "webhookURL", "uploadEndpoint"} & set(task)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("OUTPUT_TYPE", "outputType", "base64Data"),
        ("OUTPUT_TYPE", "outputType", "dataURI"),
        ("TTL", "ttl", 3600),
        ("WEBHOOK_URL", "webhookURL", HOOK),
        ("UPLOAD_ENDPOINT", "uploadEndpoint", PUT),
    ],
)
def test_each_setting_reaches_the_wire(name: str, path: str, value: Any, settings: Any, books: Books) -> None:
    """A setting is what the provider gets, from whichever door the order came."""
    settings.SEEDREAM |= {name: value}
    generation = orders.place("a fox", door="admin")
    carry(generation)
    assert sent(books, generation)[path] == value


@pytest.mark.parametrize(
    ("keyword", "path", "value"),
    [
        ("output_type", "outputType", "dataURI"),
        ("ttl", "ttl", 60),
        ("webhook_url", "webhookURL", "https://example.com/made"),
        ("upload_endpoint", "uploadEndpoint", "https://example.com/put/fox.jpg"),
    ],
)
def test_code_says_it_for_one_order(keyword: str, path: str, value: Any, settings: Any, books: Books) -> None:
    """A keyword of ``generate`` goes before the setting, for that order alone."""
    settings.SEEDREAM |= {"WEBHOOK_URL": HOOK, "UPLOAD_ENDPOINT": PUT, "TTL": 900}
    generation = generate("a fox", **{keyword: value})
    carry(generation)
    assert sent(books, generation)[path] == value
    assert sent(books, made("a cat")).get(path) != value


def test_sync_is_what_the_row_says(settings: Any) -> None:
    """The setting and the keyword are kept with the order; how it is sent is another matter."""
    settings.SEEDREAM |= {"DELIVERY_METHOD": "sync"}
    assert orders.place("a fox").parameters["deliveryMethod"] == "sync"
    assert generate("a fox", delivery_method="async").parameters["deliveryMethod"] == "async"


@pytest.mark.parametrize("door", ["admin", "field", "again"])
@pytest.mark.parametrize("keyword", orders.DELIVERY)
def test_people_do_not_decide_it(door: str, keyword: str) -> None:
    """Through a person's door a delivery keyword is an unknown one, and no row is made."""
    with pytest.raises(InvalidOrder) as caught:
        orders.place("a fox", door=door, **{keyword: "x"})
    assert list(caught.value.errors) == [keyword]
    assert not Generation.objects.exists()


def test_no_form_has_it(editor: User, browser: Browser) -> None:
    """Neither of the forms has such a field, and what is posted under such a name changes nothing."""
    names = {*delivery.KEYWORDS, "model", "task_type", "task_uuid", "include_cost"}
    for form in (OrderForm, InPlaceForm):
        assert not names & set(form.base_fields)
    data = {
        "prompt": "a fox", "shape": "1:1", "resolution": "2K", "results": "1", "output_format": "JPG",
        "output_quality": "95", "optimize_prompt_mode": "standard", "nonce": "n",
        "output_type": "dataURI", "delivery_method": "sync", "ttl": "60", "webhook_url": HOOK,
    }  # fmt: skip
    browser(editor).post(reverse("admin:seedream_django_generation_add"), data)
    task = Generation.objects.get().parameters
    assert (task["outputType"], task["deliveryMethod"]) == ("URL", "async")
    assert not {"ttl", "webhookURL"} & set(task)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"output_type": "url"}, "Choose one of: URL, base64Data, dataURI."),
        ({"delivery_method": "later"}, "Choose one of: sync, async."),
        ({"ttl": 59}, "Must be at least 60; it is 59."),
        ({"ttl": "3600"}, "whole number"),
        ({"webhook_url": "example.com"}, "Must be a web address."),
        ({"webhook_url": HOOK}, "may have no password and no query"),
        ({"webhook_url": "https://me:word@example.com/"}, "may have no password and no query"),
        ({"upload_endpoint": PUT}, 'SEEDREAM["UPLOAD_ENDPOINT"]'),
        ({"upload_endpoint": "https://example.com/x", "results": 2}, "several would overwrite each other"),
        ({"upload_endpoint": "https://example.com/x", "sequence": 2}, "several would overwrite each other"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_code_may_not_say(values: dict[str, Any], words: str) -> None:
    """A wrong value is named by its keyword in a sentence that repeats no address, and no row is made."""
    with pytest.raises(InvalidOrder) as caught:
        generate("a fox", **values)
    assert list(caught.value.errors) == [next(iter(values))]
    assert words in str(caught.value.errors)
    assert TOKEN not in f"{caught.value} {caught.value.errors}"
    assert not Generation.objects.exists()


def test_it_makes_no_other_picture(books: Books) -> None:
    """However it is delivered, it is the same order: found by its digest, and the same row under its key."""
    plain = made("a fox")
    image = orders.unused_like("a fox", output_type="dataURI", ttl=60).get()
    assert image.generation == plain
    first = generate("a fox", key="k", webhook_url="https://example.com/made")
    assert generate("a fox", key="k", output_type="base64Data", ttl=90) == first
    assert first.digest == plain.digest


def test_again_goes_by_the_settings(settings: Any) -> None:
    """Ordering the same once more keeps nothing of how the old one was delivered."""
    old = generate("a fox", output_type="dataURI", webhook_url="https://example.com/made")
    carry(old)
    settings.SEEDREAM |= {"TTL": 600}
    task = orders.again(old).parameters
    assert (task["outputType"], task["ttl"]) == ("URL", 600)
    assert "webhookURL" not in task


def test_ttl_only_where_there_is_an_address(settings: Any) -> None:
    """With pictures inside the replies nothing could expire, so nothing is asked for."""
    settings.SEEDREAM |= {"TTL": 600}
    assert "ttl" not in generate("a fox", output_type="base64Data").parameters
    assert generate("a fox").parameters["ttl"] == 600


# -- The addresses of the settings -----------------------------------------------------------------------------


def by_order(generation: Generation) -> str:
    return f"https://bucket.example.com/{generation.pk}.jpg?signature={TOKEN}"


def failing(generation: Generation) -> str:
    raise RuntimeError(f"No access with {TOKEN}.")


def talking(generation: Generation) -> Any:
    return ["https://example.com/", generation]


@pytest.mark.parametrize("setting", [by_order, "tests.test_delivery.by_order"], ids=["function", "path"])
def test_an_address_for_each_order(setting: Any, settings: Any, books: Books) -> None:
    """A function is asked for each order when it is sent: so can an address be signed for one file."""
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": setting}
    for generation in (made("a fox"), made("a cat")):
        assert sent(books, generation)["uploadEndpoint"] == by_order(generation)


@pytest.mark.parametrize("setting", [failing, talking, "nowhere.at_all", 7], ids=str)
def test_a_function_that_fails(
    setting: Any, settings: Any, books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    """The order is sent without the address and its picture comes; the log says so, and no secret."""
    settings.SEEDREAM |= {"WEBHOOK_URL": setting}
    generation = made("a fox")
    assert generation.state == State.DONE
    assert "webhookURL" not in sent(books, generation)
    assert 'SEEDREAM["WEBHOOK_URL"]' in caplog.text
    assert TOKEN not in caplog.text


def test_an_upload_is_for_one_picture(settings: Any, books: Books) -> None:
    """Several results overwrite each other at one address, so such an order goes without; a webhook does not mind."""
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": PUT, "WEBHOOK_URL": HOOK}
    generation = made("a fox", results=2)
    task = sent(books, generation)
    assert "uploadEndpoint" not in task
    assert task["webhookURL"] == HOOK
    assert generation.stored == 2


def test_their_secrets_stay_in_the_settings(
    settings: Any, owner: User, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """Token and signature are sent to the provider, and are in no row, page, log line or repr."""
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": PUT, "WEBHOOK_URL": HOOK}
    with caplog.at_level(logging.DEBUG):
        generation = made("a fox", user=owner)
    assert generation.state == State.DONE
    client = browser(owner)
    pages = [
        client.get(reverse("admin:seedream_django_generation_change", args=[generation.pk])),
        client.get(reverse("admin:seedream_django_generation_changelist")),
        client.get(reverse("seedream_django:status", args=[generation.pk])),
    ]
    rows = [*Generation.objects.all(), *generation.images.all()]
    texts = [page.content.decode() for page in pages]
    assert TOKEN not in "\n".join([serializers.serialize("json", rows), caplog.text, repr(rows), *texts])


# -- All ways to the same picture ----------------------------------------------------------------------------


class Clock:
    """The sandbox's time."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def seeded(settings: Any, sandbox: Path, clock: Clock) -> Iterator[Gate]:
    """The sandbox behind a socket, whose seeds are always the same; and a queue with a worker, as in production."""
    state = sandbox / "sandbox.sqlite3"
    gate = Gate(create_app(state, key=KEY, latency=0, plain=True, seed=7, clock=clock))
    queue = {"HUEY": "tests.test_pipeline.waiting_queue"}
    with running(gate) as root, speaking_to(settings, f"{root}/v1", **queue):
        yield gate


def worked(generation: Generation, rounds: int = 12) -> Generation:
    """What workers do with an order, step by step, as if the time of each had come."""
    for _ in range(rounds):
        generation.refresh_from_db()
        if generation.is_final:
            break
        now = timezone.now()
        Generation.objects.update(look_at=now)
        Generation.objects.filter(quiet_since__isnull=False).update(quiet_since=now - LONG_AGO)
        GeneratedImage.objects.filter(state=ImageState.RECEIVED).update(look_at=now)
        pipeline.submit(generation.pk)
        pipeline.collect()
        for pk in GeneratedImage.objects.to_store().values_list("pk", flat=True):
            storing.store(pk)
    return generation


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_outputType_and_deliveryMethod_all_ways_store_the_same(
    seeded: Gate, sandbox: Path, books: Books
) -> None:
    """By address or inside the reply, asked for or waited for: the same bytes, seeds and costs, nothing left over."""
    found = {}
    for way in itertools.product(("URL", "base64Data", "dataURI"), ("async", "sync")):
        generation = worked(generate("a fox", results=2, output_type=way[0], delivery_method=way[1]))
        assert (generation.state, generation.stored, generation.cost) == (State.DONE, 2, Decimal("0.07"))
        facts = (
            "position",
            "seed",
            "sha256_received",
            "sha256",
            "size",
            "format",
            "cost",
            "url",
            "spooled_on",
        )
        found[way] = list(generation.images.order_by("position").values_list(*facts))
        assert sent(books, generation)["outputType"] == way[0]
        assert sent(books, generation)["deliveryMethod"] == way[1]
    assert len({str(rows) for rows in found.values()}) == 1
    assert files(sandbox / "spool") == []
    assert len(books.charges()) == 6


@pytest.mark.parametrize("output_format", ["JPG", "PNG", "WEBP"])
def test_outputType_keeps_what_came(output_format: str, seeded: Gate) -> None:
    """In each format what came inside the reply is what is stored, plus the mark."""
    generation = worked(generate("a fox", output_type="dataURI", output_format=output_format))
    image = generation.images.get()
    assert (image.state, image.format) == (ImageState.STORED, output_format)
    with image.file.open() as file:
        assert hashlib.sha256(file.read()).hexdigest() == image.sha256
    assert image.sha256 != image.sha256_received


@pytest.mark.parametrize("output_type", ["base64Data", "dataURI"])
def test_outputType_no_row_has_the_bytes(output_type: str, seeded: Gate) -> None:
    """What comes inside a reply is on the disk alone: rows are as small as ever, and there is no address."""
    generation = generate("a fox", output_type=output_type)
    pipeline.submit(generation.pk)
    turn_to(generation)
    rows = [*Generation.objects.all(), *GeneratedImage.objects.all()]
    assert [image.url for image in generation.images.all()] == [""]
    assert len(serializers.serialize("json", rows)) < 5000
    assert worked(generation).state == State.DONE


def turn_to(generation: Generation) -> None:
    """One poll, whose time has come."""
    Generation.objects.filter(pk=generation.pk).update(look_at=timezone.now())
    pipeline.collect()
    generation.refresh_from_db()


def test_outputType_inline_orders_are_asked_about_alone(seeded: Gate) -> None:
    """Those by address share one request; each of the others has its own, so that no reply grows beyond its limit."""
    orders_of = [generate("a fox", output_type=kind) for kind in ("URL", "URL", "dataURI", "base64Data")]
    for generation in orders_of:
        pipeline.submit(generation.pk)
    before = len(seeded.requests)
    turn_to(orders_of[0])
    Generation.objects.update(look_at=timezone.now())
    pipeline.collect()
    polls = [sorted(task["taskUUID"] for task in tasks) for tasks in seeded.requests[before:]]
    pks = [str(generation.pk) for generation in orders_of]
    assert [pks[2]] in polls
    assert [pks[3]] in polls
    assert all(len(poll) == 1 for poll in polls if {pks[2], pks[3]} & set(poll))


def test_outputType_an_unreadable_inline_reply_does_not_hold_the_others(seeded: Gate) -> None:
    """One whose reply cannot be read is asked about later; those by address, asked before, go on."""
    inside, outside = generate("a fox", output_type="dataURI"), generate("a cat")
    for generation in (inside, outside):
        pipeline.submit(generation.pk)
    Generation.objects.update(look_at=timezone.now())
    seeded.spoil["getResponse"] = [lambda app, environ, start: app(environ, start), unavailable]
    pipeline.collect()
    states = dict(Generation.objects.values_list("pk", "state"))
    assert states == {inside.pk: State.RUNNING, outside.pk: State.STORING}
    assert worked(inside).state == State.DONE


# -- Holding the line ----------------------------------------------------------------------------------------


def test_deliveryMethod_sync_is_one_POST(seeded: Gate, books: Books) -> None:
    """The reply has all results: they are recorded at once, and nobody asks."""
    generation = generate("a fox", delivery_method="sync", results=3)
    found = pipeline.submit(generation.pk)
    generation.refresh_from_db()
    assert (generation.state, generation.received) == (State.STORING, 3)
    assert len(found.store) == 3
    assert [task["taskType"] for task in seeded.posts] == ["imageInference"]
    assert worked(generation).stored == 3
    assert len(books.charges()) == 1


def test_deliveryMethod_sync_partial_failure_keeps_the_rest(seeded: Gate) -> None:
    """One of three fails in the reply itself: two are stored, and the row says so."""
    generation = worked(generate("a fox sandbox:partial", delivery_method="sync", results=3))
    assert (generation.state, generation.stored, generation.failed) == (State.DONE, 2, 1)
    assert generation.cost == Decimal("0.07")


def test_deliveryMethod_sync_fewer_of_a_sequence_is_all(seeded: Gate) -> None:
    """What the provider held the line for is complete: a shorter sequence needs no second look."""
    seeded.spoil["imageInference"] = [fewer]
    generation = generate("a fox", delivery_method="sync", sequence=4)
    pipeline.submit(generation.pk)
    generation.refresh_from_db()
    assert (generation.state, generation.received) == (State.STORING, 3)


def fewer(app: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """All but the last of the results."""
    payload = json.loads(b"".join(app(environ, lambda status, headers: None)))
    payload["data"].pop()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(payload).encode()]


@pytest.mark.parametrize("word", ["fails", "flagged-late"])
def test_deliveryMethod_sync_failure_ends_the_row(word: str, seeded: Gate, books: Books) -> None:
    """What fails while the line is held ends failed, free of charge, and is sent once."""
    generation = worked(generate(f"a fox sandbox:{word}", delivery_method="sync"))
    assert generation.state == State.FAILED
    assert len(seeded.submitted()) == 1
    assert LedgerEntry.objects.balance() == dict.fromkeys(("reserved", "spent", "unconfirmed"), Decimal(0))


@pytest.mark.parametrize("kind", ["URL", "base64Data"])
@pytest.mark.parametrize("happens", [cut, slow, gateway_timeout], ids=["cut", "slow", "504"])
def test_deliveryMethod_sync_unclear_is_asked_about(
    happens: Any, kind: str, seeded: Gate, books: Books, settings: Any
) -> None:
    """The line breaks after the provider took it: it is asked about and never sent again, and its picture comes."""
    settings.SEEDREAM |= {"SYNC_TIMEOUT": 0.3 if happens is slow else 5}
    seeded.spoil["imageInference"] = [happens]
    generation = generate("a fox", delivery_method="sync", output_type=kind)
    pipeline.submit(generation.pk)
    generation.refresh_from_db()
    assert generation.state == State.ASKING
    settings.SEEDREAM |= {"SYNC_TIMEOUT": 5}
    assert worked(generation).state == State.DONE
    assert seeded.submitted() == [str(generation.pk)]
    assert [charge.images for charge in books.charges()] == [1]


def test_deliveryMethod_sync_waits_longer_than_a_poll(seeded: Gate, settings: Any) -> None:
    """The provider may be silent for SYNC_TIMEOUT where it holds the line, for TIMEOUT elsewhere."""
    settings.SEEDREAM |= {"TIMEOUT": 0.3, "SYNC_TIMEOUT": 20}
    seeded.spoil["imageInference"] = [slow, slow]
    held, other = generate("a fox", delivery_method="sync"), generate("a cat")
    for generation in (held, other):
        pipeline.submit(generation.pk)
        generation.refresh_from_db()
    assert (held.state, other.state) == (State.STORING, State.ASKING)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "kind"), [("sync", "URL"), ("async", "dataURI"), ("async", "URL")])
def test_deliveryMethod_the_lease_outlasts_the_wait(
    method: str, kind: str, seeded: Gate, settings: Any
) -> None:
    """While its POST may still wait, nobody takes the row, and its place among the POSTs is not given away."""
    settings.SEEDREAM |= {"LEASE": 30, "SYNC_TIMEOUT": 600}
    held: dict[str, float] = {}

    def look(app: Any, environ: dict[str, Any], start_response: Any) -> Any:
        now = timezone.now()
        held["row"] = (Generation.objects.get().lease_until - now).total_seconds()
        held["place"] = (Beat.objects.get(name__startswith="post").lease_until - now).total_seconds()
        connection.close()
        return app(environ, start_response)

    seeded.spoil["imageInference"] = [look]
    pipeline.submit(generate("a fox", delivery_method=method, output_type=kind).pk)
    longest = 630 if (method, kind) != ("async", "URL") else 30
    assert len(held) == 2
    assert all(longest - 10 < seconds <= longest for seconds in held.values())


def test_deliveryMethod_sync_never_holds_a_web_request(settings: Any, books: Books) -> None:
    """Where huey is in immediate mode the order is sent as async, whatever its row says."""
    settings.SEEDREAM |= {"DELIVERY_METHOD": "sync"}
    generation = made("a fox")
    assert generation.parameters["deliveryMethod"] == "sync"
    assert sent(books, generation)["deliveryMethod"] == "async"
    assert generation.state == State.DONE


# -- ttl, cost, identity --------------------------------------------------------------------------------------


def test_ttl_an_expired_address_is_asked_for_again(seeded: Gate, clock: Clock, books: Books) -> None:
    """The address died before the worker came: the provider hands out a fresh one, and nothing is paid again."""
    generation = generate("a fox", ttl=60)
    pipeline.submit(generation.pk)
    turn_to(generation)
    old = generation.images.get().url
    clock.now += 100
    storing.store(generation.images.get().pk)
    image = generation.images.get()
    assert (image.state, image.trouble) == (ImageState.RECEIVED, "fetch")
    assert image.url
    assert image.url != old
    assert worked(generation).state == State.DONE
    assert len(books.charges()) == 1


def test_ttl_an_address_that_stays_dead_is_told(
    seeded: Gate, clock: Clock, books: Books, editor: User, browser: Browser
) -> None:
    """No fresh address works either: the row ends failed, says so and that it is paid, and its UUID is kept."""
    generation = generate("a fox sandbox:expired", ttl=60, user=editor)
    pipeline.submit(generation.pk)
    turn_to(generation)
    clock.now += 100
    storing.store(generation.images.get().pk)
    past(generation.images.get(), "trouble_since")
    worked(generation)
    image = generation.images.get()
    assert (generation.state, image.state) == (State.FAILED, ImageState.FAILED)
    assert image.image_uuid
    assert generation.cost == Decimal("0.035")
    words = steps.said(browser(editor), generation)
    assert "The picture's address is gone (HTTP status 404)." in words
    assert "It is paid for; its number at the provider is kept." in words


@pytest.mark.parametrize(("word", "cost"), [("", Decimal("0.035")), ("sandbox:nullcost", None)])
@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_includeCost(way: tuple[str, str], word: str, cost: Decimal | None, seeded: Gate) -> None:
    """Always asked for; what no reply names counts by the estimate, unconfirmed."""
    generation = worked(generate(f"a fox {word}", output_type=way[0], delivery_method=way[1]))
    assert generation.parameters["includeCost"] is True
    assert generation.cost == cost
    balance = LedgerEntry.objects.balance()
    assert balance["spent"] == Decimal("0.035")
    assert balance["unconfirmed"] == (Decimal("0.035") if cost is None else 0)


def test_taskType_taskUUID_and_model_are_the_app_s(seeded: Gate) -> None:
    """The kind of task and the model are always the same; the UUID is the row's own key, a version 4."""
    generation = worked(generate("a fox"))
    task = next(task for task in seeded.posts if task["taskType"] == "imageInference")
    assert task["model"] == "bytedance:seedream@5.0-lite"
    assert task["taskUUID"] == str(generation.pk)
    assert generation.pk.version == 4


@pytest.mark.parametrize("keyword", ["task_type", "task_uuid", "model", "include_cost"])
def test_nobody_chooses_them(keyword: str) -> None:
    """Code may not either."""
    with pytest.raises(InvalidOrder, match=keyword):
        generate("a fox", **{keyword: "x"})


# -- What the provider brings by itself -----------------------------------------------------------------------


def test_webhookURL_and_uploadEndpoint_reach_a_listener(
    gate: Gate, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The provider posts the result and puts the file where the settings say, token and all, and no row has these.

    The picture is polled for and stored all the same: nobody here waits for either.
    """
    with serving(Receiver()) as listener:
        settings.SEEDREAM |= {
            "WEBHOOK_URL": f"{listener.root}/hook?token={TOKEN}",
            "UPLOAD_ENDPOINT": lambda generation: f"{listener.root}/{generation.pk}.jpg?signature={TOKEN}",
        }
        generation = made("a fox")
        assert generation.state == State.DONE
        listener.wait_for(2)
    image = generation.images.get()
    got = {method: (path, body) for method, path, _headers, body in listener.got}
    assert got["POST"][0] == f"/hook?token={TOKEN}"
    (result,) = json.loads(got["POST"][1])["data"]
    assert (result["taskUUID"], result["imageUUID"]) == (str(generation.pk), str(image.image_uuid))
    assert got["PUT"][0] == f"/{generation.pk}.jpg?signature={TOKEN}"
    assert hashlib.sha256(got["PUT"][1]).hexdigest() == image.sha256_received
    rows = [*Generation.objects.all(), image]
    assert TOKEN not in serializers.serialize("json", rows)
    assert not [r for r in caplog.records if r.name.startswith("seedream_django") and TOKEN in r.getMessage()]


# -- What the checks say of them ----------------------------------------------------------------------------


def said(settings: Any, **values: Any) -> list[tuple[Any, str]]:
    settings.SEEDREAM = values
    found = [*checks.check_values(), *delivery_checks.check_delivery()]
    assert TOKEN not in str(found)
    return [(message.id, str(message.hint)) for message in found]


@pytest.mark.parametrize(
    ("name", "value", "id", "hint"),
    [
        ("OUTPUT_TYPE", "url", "E010", 'Write "OUTPUT_TYPE": "URL".'),
        ("OUTPUT_TYPE", "base64", "E010", 'Write "OUTPUT_TYPE": "base64Data".'),
        ("OUTPUT_TYPE", None, "E010", 'Write "OUTPUT_TYPE": "URL".'),
        ("DELIVERY_METHOD", "Sync", "E010", 'Write "DELIVERY_METHOD": "sync".'),
        ("DELIVERY_METHOD", "", "E010", 'Write "DELIVERY_METHOD": "async".'),
        ("TTL", 59, "E010", 'Write "TTL": 86400 for a day, or leave it out.'),
        ("TTL", "3600", "E010", 'Write "TTL": 86400 for a day, or leave it out.'),
        ("TTL", 3600.0, "E010", 'Write "TTL": 86400'),
        ("WEBHOOK_URL", f"example.com/{TOKEN}", "E011", '"myproject.delivery.webhook_url"'),
        (
            "WEBHOOK_URL",
            f"ftp://{TOKEN}@example.com/",
            "E011",
            'Write "WEBHOOK_URL": "https://example.com/…"',
        ),
        ("UPLOAD_ENDPOINT", "tests.test_delivery.nothing", "E011", '"myproject.delivery.upload_endpoint"'),
        ("UPLOAD_ENDPOINT", "tests.test_delivery.TOKEN", "E011", '"myproject.delivery.upload_endpoint"'),
        ("UPLOAD_ENDPOINT", 7, "E011", '"myproject.delivery.upload_endpoint"'),
        ("WEBHOOK_URL", f"http://example.com/?t={TOKEN}", "W013", 'Write "WEBHOOK_URL": "https://…".'),
        ("SYNC_TIMEOUT", "300", "E006", 'Its default is "SYNC_TIMEOUT": 300.0.'),
    ],
    ids=lambda value: str(value)[:20],
)
def test_wrong_settings_are_told(name: str, value: Any, id: str, hint: str, settings: Any) -> None:
    """Each wrong value is one message that says what to write, and repeats no address."""
    ((found, text),) = said(settings, **{name: value})
    assert found == f"seedream.{id}"
    assert hint in text


def test_a_ttl_without_addresses_is_told(settings: Any) -> None:
    """A setting that changes nothing is a warning."""
    ((found, hint),) = said(settings, TTL=600, OUTPUT_TYPE="dataURI")
    assert (found, hint) == ("seedream.W014", 'Leave "TTL" out, or write "OUTPUT_TYPE": "URL".')


@pytest.mark.parametrize(
    "values",
    [
        {name: value for name, value in conf.DEFAULTS.items() if name in delivery.SETTINGS},
        {"OUTPUT_TYPE": "dataURI", "DELIVERY_METHOD": "sync"},
        {"TTL": 60, "WEBHOOK_URL": HOOK, "UPLOAD_ENDPOINT": by_order},
        {"WEBHOOK_URL": "tests.test_delivery.by_order", "UPLOAD_ENDPOINT": "http://127.0.0.1:8000/put"},
        {"WEBHOOK_URL": None, "UPLOAD_ENDPOINT": "http://localhost/put"},
    ],
)
def test_right_settings_are_silent(values: dict[str, Any], settings: Any) -> None:
    """What works is not remarked on: an address, a function, a path to one, or nothing."""
    assert said(settings, **values) == []


def test_nobody_else_asks_while_a_long_reply_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as a reply full of pictures may take, no other worker begins to fetch the same."""
    generation = generate("a fox", output_type="base64Data")
    pipeline.submit(generation.pk)
    past(generation, "look_at")
    poll, until = receiving.poll, []

    def slowly(*args: Any) -> Any:
        until.extend(Generation.objects.values_list("look_at", flat=True))
        return poll(*args)

    monkeypatch.setattr(receiving, "poll", slowly)
    pipeline.collect()
    assert until[0] > after(float(conf.SYNC_TIMEOUT) - 10)
    assert carry(generation).state == State.DONE
