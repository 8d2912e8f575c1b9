"""How results come home: the ways that a schedule draws, and what the provider sends of itself on them.

A hint goes to the app's own view, a file into its inbox, which lies in a storage that signs addresses. Both come
early, late, twice, wrong or never, and strangers knock as well; by the poll everything comes all the same.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import RequestFactory
from django.urls import resolve

from seedream_django import inbox
from seedream_django.models import inbox_name

from .reading import ROWS, moment, rows
from .settings import SIGNATURE
from .world import World

SITE, INBOX = "https://magazine.example.org", "https://inbox.example.org"

#: What the settings may say, each as often as it stands here.
METHODS = ("async", "async", "sync")
TYPES = ("URL", "URL", "base64Data", "dataURI")
HOOKS = ("", True)
ENDPOINTS = ("", True)

#: What becomes of a hint, and of a file that is put, with their weights; "" is that all goes well.
HINTS = {"": 60, "lost": 15, "twice": 15, "late": 10}
PUTS = {"": 55, "lost": 10, "late": 12, "twice": 5, "cut": 6, "page": 4, "empty": 4, "too large": 4}
#: What lies in the inbox instead of the picture.
WRONG: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[: len(content) // 2],
    "page": lambda content: b"<html></html>",
    "empty": lambda content: b"",
    "too large": lambda content: b"." * 5000,
}


def install() -> None:
    """The private storage is one that signs addresses for a PUT."""
    settings.SEEDREAM["PUBLIC_URL"] = SITE
    for name, stand_in in (("kind", lambda storage=None: inbox.S3), ("signed", _signed)):
        setattr(inbox, name, stand_in)


def _signed(task_uuid: uuid.UUID) -> str:
    return f"{INBOX}/{inbox_name(task_uuid)}?X-Signature={SIGNATURE}"


def draw(here: World) -> None:
    """Somebody chooses how results come from now on."""
    settings.SEEDREAM |= {
        "DELIVERY_METHOD": here.rng.choice(METHODS),
        "OUTPUT_TYPE": here.rng.choice(TYPES),
        "WEBHOOK_URL": here.rng.choice(HOOKS),
        "UPLOAD_ENDPOINT": here.rng.choice(ENDPOINTS),
    }
    here.tell(f"results come by {[settings.SEEDREAM[name] for name in NAMES]}")


NAMES = ("DELIVERY_METHOD", "OUTPUT_TYPE", "WEBHOOK_URL", "UPLOAD_ENDPOINT")


def switch(here: World) -> None:
    here.count("way-switched")
    draw(here)


# -- What the provider sends of itself -----------------------------------------------------------------------


@dataclass
class Courier:
    """What is on its way: when it is there, and what is done then."""

    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def expect(self, here: World, sent: dict[str, Any], good: list[Any]) -> None:
        """A hint for each result, and its file to where it is wanted."""
        for made in good:
            if address := sent.get("webhookURL"):
                self._hint(here, address, made)
            if address := sent.get("uploadEndpoint"):
                self._put(here, address, made)

    def deliver(self, here: World) -> None:
        """What is there by now."""
        for entry in sorted((e for e in self.due if e[0] <= here.clock.elapsed), key=lambda e: e[0]):
            self.due.remove(entry)
            entry[1]()

    def _hint(self, here: World, address: str, made: Any) -> None:
        fate = "" if here.calm else here.rng.choices(list(HINTS), list(HINTS.values()))[0]
        if fate:
            here.count("hook-lost")
        if fate == "lost":
            return
        wait = here.rng.choice((60, 500)) if fate == "late" else here.rng.choice((0, 0.2, 3))
        for again in range(2 if fate == "twice" else 1):
            self.due.append((made.ready_at + wait + again, lambda: knock(here, address, 200)))
        if not here.calm and here.rng.random() < 0.2:
            wrong = here.rng.choice(STRANGERS)(here, address)
            self.due.append((made.ready_at + wait, lambda: knock(here, wrong, 403)))
            here.count("hook-forged")

    def _put(self, here: World, address: str, made: Any) -> None:
        fate = "" if here.calm else here.rng.choices(list(PUTS), list(PUTS.values()))[0]
        if fate in ("lost", "late"):
            here.count("put-lost")
        elif fate in WRONG:
            here.count("put-wrong")
        if fate == "lost":
            return
        content = WRONG[fate](made.content) if fate in WRONG else made.content
        wait = here.rng.choice((20, 60, 400)) if fate == "late" else here.rng.choice((0, 0, 2, 9))
        for again in range(2 if fate == "twice" else 1):
            at = made.ready_at + wait + again * 30
            self.due.append((at, lambda: _lay_down(here, address, content)))


def _lay_down(here: World, address: str, content: bytes) -> None:
    here.tell("a file is put into the inbox")
    here.files[urlsplit(address).path.lstrip("/")] = content


# -- Knocking ------------------------------------------------------------------------------------------------


def _no_token(here: World, address: str) -> str:
    return address.partition("?")[0]


def _other_token(here: World, address: str) -> str:
    letter = "A" if address[-1] != "A" else "B"
    return address[:-1] + letter if here.rng.random() < 0.5 else address[:-5]


def _other_order(here: World, address: str) -> str:
    """The token of one order at the address of another."""
    place, _, query = address.partition("?")
    path = urlsplit(place).path.split("/")
    number = next(part for part in path if part.count("-") == 4)
    return f"{place.replace(number, str(uuid.uuid4()))}?{query}"


STRANGERS = (_no_token, _other_token, _other_order)


def knock(here: World, address: str, expected: int) -> None:
    """One delivery, with a body that lies about everything."""
    event, at = "", 0
    if not here.calm and here.rng.random() < 0.2:
        event, at = here.rng.choice(("kill", "locked", "other")), here.rng.randint(1, 4)
    here.run("webhook", lambda: _answered(here, address, expected), event=event, at=at)


def _answered(here: World, address: str, expected: int) -> None:
    parts = urlsplit(address)
    lies = [{"taskType": "imageInference", "taskUUID": str(uuid.uuid4()), "imageUUID": str(uuid.uuid4()),
             "imageURL": "https://169.254.169.254/a.jpg", "cost": 99}]  # fmt: skip
    body = json.dumps({"data": lies, "errors": [{"code": "inferenceError", "status": "error"}]})
    request = RequestFactory().post(f"{parts.path}?{parts.query}", body, content_type="application/json")
    found = resolve(parts.path)
    response = found.func(request, *found.args, **found.kwargs)
    here.tell(f"answered {response.status_code}")
    excused = here.current is not None and here.current.excused
    # 202: its order was deleted meanwhile.
    if response.status_code not in (expected, 202 if expected == 200 else 403) and not excused:
        here.breaks("I7", f"A delivery that is to get {expected} got {response.status_code}.")


# -- At the end ----------------------------------------------------------------------------------------------


def may_lie_there(here: World) -> set[str]:
    """Files that the inbox may still have: it is open for their order, or that was deleted before they came."""
    there = {name for name in here.files if name.startswith("inbox/")}
    closed = {
        pk
        for (pk,) in rows(f"SELECT id FROM {ROWS} WHERE inbox_until IS NULL OR inbox_until < ?", moment(here))
    }
    orders = {task.uuid: order for order, tasks in here.provider.posts.items() for task in tasks}
    return {name for name in there if orders.get(name[6:], "").replace("-", "") not in closed}
