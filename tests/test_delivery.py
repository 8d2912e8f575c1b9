"""Delivery: from the settings, or code's word for one order, to the wire and back into a stored picture."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.test import Client
from django.urls import reverse

from seedream_django import checks, conf, delivery, generate, orders
from seedream_django.exceptions import InvalidOrder
from seedream_django.forms import InPlaceForm
from seedream_django.models import Generation, State
from seedream_django.order_forms import OrderForm
from seedream_django.sandbox import Books

from .steps import carry, made

pytestmark = pytest.mark.django_db

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


# -- What the checks say of them ----------------------------------------------------------------------------


def said(settings: Any, **values: Any) -> list[tuple[Any, str]]:
    settings.SEEDREAM = values
    found = [*checks.check_values(), *checks.check_delivery()]
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
