"""The same through a real socket and the real transport, with a key that must never come out again."""

from __future__ import annotations

import contextlib
import logging
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.test import Client
from django.urls import reverse

from seedream_django import orders, provider
from seedream_django import sandbox as served
from seedream_django.models import GeneratedImage, Generation, Slot, State
from seedream_django.sandbox import Books

from .gate import KEY, Gate, answering, speaking_to, unavailable
from .steps import carry, past, said, turn
from .test_diagnosis import BROKEN, ENDS

pytestmark = [pytest.mark.django_db, pytest.mark.once]

Browser = Callable[[User], Client]

PAGES = ("admin:seedream_django_generation_change", "seedream_django:status")


def everything_that_comes_out(client: Client, log: str) -> str:
    """Rows, pages, the log, the client's own words."""
    rows = [*Generation.objects.all(), *GeneratedImage.objects.all(), *Slot.objects.all()]
    pages = [client.get(reverse(name, args=[g.pk])) for g in Generation.objects.all() for name in PAGES]
    pages.append(client.get(reverse("admin:seedream_django_generation_changelist")))
    texts = [page.content.decode() for page in pages]
    return "\n".join([serializers.serialize("json", rows), *texts, log, repr(provider.client())])


@pytest.mark.parametrize(("word", "results", "state", "words", "charged"), ENDS, ids=[e[0] for e in ENDS])
def test_words_over_a_socket(
    word: str, results: int, state: State, words: str, charged: int, owner: User, editor: User, browser: Browser,
    gate: Gate, books: Books, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Every failure ends over a socket as it does in process, and the key is in nothing that comes out."""
    caplog.set_level(logging.DEBUG)
    generation = carry(orders.place(f"a fox sandbox:{word}", user=editor, results=results))
    assert generation.state == state
    heard = said(browser(editor), generation)
    assert heard == words or re.fullmatch(words, heard)
    assert [c.images for c in books.charges()] == [charged] * bool(charged)
    out = everything_that_comes_out(browser(owner), caplog.text)
    assert "canary" not in out
    assert str(generation.pk) in out


@pytest.mark.parametrize("word", [word for word, _ in BROKEN])
def test_a_file_that_never_comes(word: str, gate: Gate, editor: User, browser: Browser) -> None:
    """A broken file over a socket ends as failed, with the picture's identity kept."""
    generation = orders.place(f"a fox sandbox:{word}", user=editor)
    turn(3)
    past(generation.images.get(), "trouble_since")
    carry(generation)
    assert said(browser(editor), generation).startswith("The picture was made, but it could not be saved.")
    assert generation.images.get().url


def test_the_wrong_key(gate: Gate, settings: Any, editor: User, browser: Browser, books: Books) -> None:
    """A key that the provider does not know is told as such."""
    settings.SEEDREAM |= {"API_KEY": "canary-not-the-right-one"}
    generation = carry(orders.place("a fox", user=editor))
    provider.client().close()
    assert said(browser(editor), generation) == ENDS[0][3]
    assert (generation.error_code, books.accepted()) == ("invalidApiKey", [])


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "ключ"])
def test_a_key_that_is_none(key: str, gate: Gate, settings: Any, editor: User, browser: Browser) -> None:
    """A key that cannot be sent at all ends with the same words, and without a request."""
    settings.SEEDREAM |= {"API_KEY": key}
    generation = carry(orders.place("a fox", user=editor))
    assert said(browser(editor), generation) == ENDS[0][3]
    assert gate.posts == []


def test_words_of_the_provider_that_hold_the_key(
    gate: Gate, owner: User, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """A provider that repeats the key in its own words does not get it onto our pages."""
    error = {"code": "invalidApiKey", "message": f"The key {KEY} is wrong, see https://x.example/?key={KEY}."}
    gate.spoil["imageInference"] = [answering("400 Bad Request", {"errors": [error]})]
    generation = carry(orders.place("a fox", user=owner))
    assert generation.state == State.FAILED
    assert "[key]" in generation.error_message
    assert "canary" not in everything_that_comes_out(browser(owner), caplog.text)


# -- Nobody there --------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_no_connection_then_one(
    settings: Any, sandbox: Path, editor: User, browser: Browser, books: Books
) -> None:
    """A connection that was never made may be tried again; when the provider is back, the picture comes."""
    port = free_port()
    with speaking_to(settings, f"http://127.0.0.1:{port}/v1"):
        generation, client = orders.place("a fox", user=editor), browser(editor)
        turn()
        assert re.fullmatch(
            r"The provider cannot be reached\. Next try: .+\. Nothing has been charged\. You need not do anything\.",
            said(client, generation),
        )
        with serving(sandbox, port):
            assert carry(generation).state == State.DONE
    assert [c.images for c in books.charges()] == [1]


@contextlib.contextmanager
def serving(folder: Path, port: int) -> Iterator[None]:
    app = served.create_app(folder / "sandbox.sqlite3", key=KEY, latency=0, plain=True)
    with served.running(app, port):
        yield


def test_no_connection_until_the_deadline(settings: Any, editor: User, browser: Browser) -> None:
    """A provider that stays away: failed, free of charge, and where to look."""
    with speaking_to(settings, f"http://127.0.0.1:{free_port()}/v1"):
        generation = orders.place("a fox", user=editor)
        turn()
        Generation.objects.update(deadline=generation.created_at)
        carry(generation)
        assert said(browser(editor), generation) == (
            "The provider cannot be reached. Nothing was charged. "
            "Try again later, or ask an administrator whether the server reaches the internet."
        )


def test_away_after_acceptance(gate: Gate, editor: User, browser: Browser, books: Books) -> None:
    """It took the order and is away since: asked again while there is time, then lost, charged at most once."""
    generation = orders.place("a fox", user=editor)
    turn()
    gate.spoil["getResponse"] = [unavailable] * 9
    turn(3)
    client = browser(editor)
    under_way = "The picture is being made. You may leave this page; what comes is kept."
    assert said(client, generation) == under_way
    past(generation, "deadline")
    turn()
    assert said(client, generation).startswith(
        "The provider did not say what became of this order. It may have"
    )
    gate.spoil["getResponse"] = []
    turn()
    assert said(client, generation).startswith("1 picture came late, after the end.")
    assert [c.images for c in books.charges()] == [1]


def test_lost_while_nobody_answers(gate: Gate, editor: User, books: Books) -> None:
    """Unclear, and then no answer at all until the window is over: lost, not waiting for ever."""
    gate.spoil = {"imageInference": [unavailable], "getResponse": [unavailable] * 9}
    generation = orders.place("a fox", user=editor)
    turn(2)
    past(generation, "ask_until")
    assert carry(generation).state == State.LOST
    assert len(gate.submitted()) == 1


def test_one_client_for_all_calls(gate: Gate, settings: Any) -> None:
    """The client is kept as long as the settings are the same, and shows no key."""
    assert provider.client() is provider.client()
    assert repr(provider.client()).startswith("<Runware http://127.0.0.1:")
