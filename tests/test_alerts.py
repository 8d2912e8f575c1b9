"""The owner's mail: what happened, what waits, what to do; no key, no prompt, and never more harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.core import mail

from seedream_django import circuit
from seedream_django.exceptions import Refused
from seedream_django.models import Circuit, Generation, State

from .gate import KEY, Gate, answering
from .worker import idle_queue, order, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

ADDRESSES = ["olga@example.org", "otto@example.org"]


def mailed_by(settings: Any, backend: str) -> None:
    """Send mail through this class, as each version of Django is told to."""
    if django.VERSION >= (6, 1):
        settings.MAILERS = {"default": {"BACKEND": backend}}
    else:
        settings.EMAIL_BACKEND = backend


@pytest.fixture
def huey(settings: Any, sandbox: Path) -> Iterator[Any]:
    mailed_by(settings, "django.core.mail.backends.locmem.EmailBackend")
    settings.SEEDREAM = {**settings.SEEDREAM, "ALERT_EMAILS": ADDRESSES}
    with idle_queue(settings) as huey:
        yield huey


def stop() -> Circuit:
    circuit.refused(Refused("Not enough credits.", kind="quota", code="insufficientCredits"))
    return Circuit.objects.open().get()


def test_one_mail_as_it_stops_and_one_as_it_goes_on(huey: Any) -> None:
    """Everything that an owner needs to know, once; being refused again adds nothing."""
    order(State.QUEUED)
    order(State.QUEUED)
    stopped = stop()
    stop()
    (sent,) = mail.outbox
    assert sent.subject == "AI pictures: new orders are not being sent"
    assert sent.to == ADDRESSES
    for words in (
        "The site's account at the provider has no balance left.\nNo new order is sent until that is over.",
        "In its own words: “Not enough credits.”",
        "2 orders wait. They are kept, and go on by themselves.",
        "Top up the account at the provider.",
        "It is tried again by itself, for the first time at ",
    ):
        assert words in sent.body
    circuit._close(stopped)
    _first, second = mail.outbox
    assert second.subject == "AI pictures: orders are being sent again"
    assert "You need not do anything." in second.body


def test_nobody_to_tell(huey: Any, settings: Any) -> None:
    """By default nobody is mailed."""
    settings.SEEDREAM = {name: value for name, value in settings.SEEDREAM.items() if name != "ALERT_EMAILS"}
    stop()
    assert mail.outbox == []


def test_neither_key_nor_prompt(huey: Any, gate: Gate) -> None:
    """Whatever the provider repeats: a canary key and the words of the order are in no mail and no row."""
    words = f"No credits for “An unmistakable fox” with {KEY}."
    error = {"errors": [{"code": "insufficientCredits", "message": words}]}
    gate.spoil["imageInference"] = [answering("402 Payment Required", error)]
    order(prompt="An unmistakable fox")
    work(huey)
    (sent,) = mail.outbox
    kept = str(list(Circuit.objects.values()))
    for secret in (KEY, "unmistakable"):
        assert secret not in sent.message().as_string()
        assert secret not in kept
    assert Generation.objects.get().error_kind == "quota"


def test_a_mail_server_that_is_away(huey: Any, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the circuit opens and closes as if the mail had been sent."""
    mailed_by(settings, "tests.test_alerts.Away")
    stopped = stop()
    assert "The mail about new orders was not sent." in caplog.text
    circuit._close(stopped)
    assert not Circuit.objects.open().exists()


class Away:
    """A mail backend whose server does not answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise ConnectionRefusedError("The mail server is away.")


def test_in_the_projects_language(huey: Any, settings: Any) -> None:
    """Not in that of whoever's request it happened in; no time zone of theirs either."""
    settings.LANGUAGE_CODE = "de"
    stop()
    (sent,) = mail.outbox
    assert "Das Konto der Website beim Anbieter" in sent.body
