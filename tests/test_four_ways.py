"""Four ways home end alike: asked for, waited for, told of or put here, a result is the same row, file and money."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import random
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from seedream_django import files, generate, judging, pace, parts, pipeline, storing, sweeping, tasks
from seedream_django.models import (
    FINAL,
    Beat,
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    LedgerEntry,
    State,
)
from seedream_django.sandbox import Books, create_app, running

from .gate import KEY, Gate, cut, gateway_timeout, speaking_to, unavailable
from .steps import LONG_AGO

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

#: The settings of each way. Told by webhooks alone: nobody asks by himself as long as this takes.
WAYS: dict[str, dict[str, Any]] = {
    "poll": {"POLL_INTERVAL": 0.1},
    "sync": {"DELIVERY_METHOD": "sync", "POLL_INTERVAL": 0.1},
    "webhook": {"WEBHOOK_URL": True, "POLL_INTERVAL": 60},
    "upload": {"UPLOAD_ENDPOINT": True, "POLL_INTERVAL": 0.1},
    "all at once": {
        "DELIVERY_METHOD": "sync",
        "WEBHOOK_URL": True,
        "UPLOAD_ENDPOINT": True,
        "POLL_INTERVAL": 60,
    },
}
USUAL = {"DELIVERY_METHOD": "async", "WEBHOOK_URL": "", "UPLOAD_ENDPOINT": "", "OUTPUT_TYPE": "URL"}
KINDS = ("URL", "base64Data", "dataURI")
SHAPES: dict[str, dict[str, int]] = {"one": {}, "four": {"results": 4}, "sequence": {"sequence": 3}}
SIZE = {"width": 1920, "height": 1920}
#: Seconds until what does not end is taken for stuck.
PATIENCE = 40


@pytest.fixture
def site(settings: Any, sandbox: Path, live_server: Any) -> Iterator[Gate]:
    """A site that the provider reaches, with a queue and a worker; the provider's seeds are always the same."""
    gate = Gate(create_app(sandbox / "sandbox.sqlite3", key=KEY, latency=0, plain=True, seed=7))
    # No circuit is to open here: who would try what it is open for is another test's.
    values = {"HUEY": "tests.test_pipeline.waiting_queue", "CIRCUIT_FAILURES": 1000, **USUAL}
    settings.SEEDREAM |= {"PUBLIC_URL": live_server.url}
    with running(gate) as root, speaking_to(settings, f"{root}/v1", **values):
        yield gate


@pytest.fixture(autouse=True)
def whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "batch", pace.Batch())


def work(step: Callable[[Callable[..., Any], Any], None] = lambda function, *args: function(*args)) -> None:
    """What workers do, each step in its time, until all orders have ended. ``step`` runs one step."""
    until = time.monotonic() + PATIENCE
    while Generation.objects.unfinished().exists():
        assert time.monotonic() < until, list(
            Generation.objects.unfinished().values(
                "state", "attempts", "look_at", "error_kind", "images__trouble"
            )
        )
        for pk in Generation.objects.to_submit().values_list("pk", flat=True):
            step(pipeline.submit, pk)
        step(pipeline.collect)
        for pk in GeneratedImage.objects.to_store().values_list("pk", flat=True):
            step(storing.store, pk)
        for generation in Generation.objects.abandoned():
            step(pipeline.recover, generation)
        tasks.end_stored()
        time.sleep(0.02)


def stored(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# -- Alike -----------------------------------------------------------------------------------------------------

#: What is no fact of the picture: names, moments, and how it came.
ASIDE = {
    Generation: {
        "id", "tasks", "hooked", "told_at", "inbox_until", "look_at", "quiet_since", "deadline", "created_at",
        "submitted_at", "accepted_at", "finished_at", "parameters", "usual",
    },
    GeneratedImage: {
        "id", "generation", "image_uuid", "task_uuid", "look_at", "created_at", "stored_at", "trouble_since",
    },
}  # fmt: skip


def facts(row: Generation | GeneratedImage, called: str) -> dict[str, Any]:
    """Every other column; ``called`` is its UUID, which is in the names of its files."""
    columns = (field for field in row._meta.concrete_fields if field.name not in ASIDE[type(row)])
    return {field.name: str(field.value_from_object(row)).replace(called, "its-uuid") for field in columns}


def outcome(generation: Generation, books: Books) -> dict[str, Any]:
    """All that there is of an order, but for names and moments."""
    images = list(generation.images.order_by("position"))
    charges = [charge for charge in books.charges() if charge.task_uuid in map(str, generation.task_uuids)]
    entries = LedgerEntry.objects.filter(generation_id=generation.pk)
    return {
        "row": facts(generation, str(generation.pk)),
        "parameters": {**generation.parameters, "outputType": "", "deliveryMethod": ""},
        "pictures": [facts(image, str(image.image_uuid)) for image in images],
        "files": [digests(image) for image in images],
        "ledger": sorted(
            entries.values_list("kind", "reserved", "spent", "unconfirmed", "pictures"), key=str
        ),
        "charged": (sum(c.images for c in charges), sum((c.amount for c in charges), Decimal(0))),
    }


def digests(image: GeneratedImage) -> tuple[str, str]:
    """Of the file, which is marked, and of its preview."""
    content = Path(image.file.path).read_bytes()
    assert b"trainedAlgorithmicMedia" in content
    assert hashlib.sha256(content).hexdigest() == image.sha256 != image.sha256_received
    return image.sha256, hashlib.sha256(Path(image.preview.path).read_bytes()).hexdigest()


def test_four_ways_end_alike(site: Gate, settings: Any, sandbox: Path, books: Books) -> None:
    """By each way, with each kind of output, one result, four or a sequence: the same, and by the way that is set."""
    found: dict[str, dict[str, Any]] = {shape: {} for shape in SHAPES}
    for way, values in WAYS.items():
        settings.SEEDREAM |= {**USUAL, **values}
        site.posts.clear()
        site.fetched.clear()
        placed = {
            (kind, shape): generate("a fox", output_type=kind, **SHAPES[shape], **SIZE)
            for kind, shape in itertools.product(KINDS, SHAPES)
        }
        work()
        for (kind, shape), generation in placed.items():
            generation.refresh_from_db()
            assert generation.state == State.DONE, (way, kind, shape, generation.error_message)
            found[shape][f"{way}, {kind}"] = outcome(generation, books)
        TELLS[way](site, placed)
    for shape, outcomes in found.items():
        assert len(outcomes) == len(WAYS) * len(KINDS)
        first = outcomes["poll, URL"]
        for way, its in outcomes.items():
            assert its == first, (shape, way)
        assert len(first["pictures"]) == {"one": 1, "four": 4, "sequence": 3}[shape]
    assert books.spent() == LedgerEntry.objects.balance()["spent"] == 15 * 8 * Decimal("0.035")
    assert stored(sandbox / "spool") == set()


Placed = dict[tuple[str, str], Generation]


def polls(site: Gate) -> set[str]:
    return {task["taskUUID"] for task in site.posts if task["taskType"] == "getResponse"}


def was_polled(site: Gate, placed: Placed) -> None:
    assert {str(generation.pk) for generation in placed.values()} <= polls(site)
    assert len(site.fetched) == 8


def was_held(site: Gate, placed: Placed) -> None:
    """Nothing was asked: each POST brought all."""
    assert polls(site) == set()


def was_told(site: Gate, placed: Placed) -> None:
    """Nobody asked before the provider told of it."""
    assert all(generation.told_at for generation in placed.values())


def was_put(site: Gate, placed: Placed) -> None:
    """What was put here is not fetched: only of the sequence, which is put nowhere."""
    assert len(site.fetched) == 3
    for (_kind, shape), generation in placed.items():
        assert generation.is_split == (shape == "four")
        assert bool(generation.inbox_until) == (shape != "sequence")


TELLS = {"poll": was_polled, "sync": was_held, "webhook": was_told, "upload": was_put, "all at once": was_put}


# -- Switched in flight ----------------------------------------------------------------------------------------


class Killed(BaseException):
    """A worker's end, in the middle of its work."""


class Storm:
    """Switches the settings every few steps, and kills a worker now and then."""

    def __init__(self, settings: Any, monkeypatch: pytest.MonkeyPatch, dice: random.Random) -> None:
        self.settings, self.dice = settings, dice
        self.steps = self.kills = self.switches = 0
        # After the POST, before the row of a result, before the file, before the row of the file.
        for module, name in ((parts, "taken"), (judging, "record"), (files, "put"), (storing, "_finish")):
            monkeypatch.setattr(module, name, self._deadly(getattr(module, name)))

    def _deadly(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def perhaps(*args: Any, **kwargs: Any) -> Any:
            if self.kills < 12 and self.dice.random() < 0.15:
                self.kills += 1
                for argument in args:
                    if hasattr(argument, "close"):
                        argument.close()  # as the end of a process does
                raise Killed
            return function(*args, **kwargs)

        return perhaps

    def switch(self) -> None:
        self.switches += 1
        way, kind = list(WAYS)[self.switches % len(WAYS)], KINDS[self.switches % 3]
        self.settings.SEEDREAM |= {**USUAL, **WAYS[way], "POLL_INTERVAL": 0.1, "OUTPUT_TYPE": kind}

    def step(self, function: Callable[..., Any], *args: Any) -> None:
        self.steps += 1
        if self.steps % 3 == 0:
            self.switch()
        try:
            function(*args)
        except Killed:
            # As if its leases were over, and what it kept others from asking for could be asked for again.
            Generation.objects.in_flight().update(look_at=timezone.now())
            for rows in (Generation.objects, GeneratedImage.objects, Beat.objects):
                rows.filter(lease_until__isnull=False).update(lease_until=timezone.now() - LONG_AGO)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_switching_loses_nothing(
    seed: int,
    site: Gate,
    settings: Any,
    sandbox: Path,
    books: Books,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A running site, whose settings go round all ways while workers die: charges are rows are files, all ended."""
    dice = random.Random(seed)
    storm = Storm(settings, monkeypatch, dice)
    site.spoil["imageInference"] = dice.choices([site.app, site.app, cut, gateway_timeout, unavailable], k=6)
    site.spoil["imageInference"] = [spoil for spoil in site.spoil["imageInference"] if spoil is not site.app]
    orders = []
    for number, shape in enumerate([*SHAPES] * 4):
        storm.switch()
        orders.append(generate(f"fox number {number}", **SHAPES[shape], **SIZE))
    work(storm.step)
    assert storm.switches > 20
    assert storm.kills > 3
    monkeypatch.undo()
    settings.SEEDREAM |= USUAL
    check_nothing_is_lost(orders, site, sandbox, books)


def check_nothing_is_lost(orders: list[Generation], site: Gate, sandbox: Path, books: Books) -> None:
    rows = list(Generation.objects.all())
    assert {row.pk for row in rows} == {order.pk for order in orders}
    assert {row.state for row in rows} <= set(FINAL)
    assert [(row.summary(), row.error_message) for row in rows if row.state != State.DONE] == []
    # Each charge is of a task of a row, and each task of a row was charged once.
    charged = sorted(charge.task_uuid for charge in books.charges())
    assert charged == sorted(str(task) for row in rows for task in row.task_uuids)
    images = list(GeneratedImage.objects.all())
    assert {image.state for image in images} == {ImageState.STORED}
    assert (
        len(images) == sum(charge.images for charge in books.charges()) == sum(row.expected for row in rows)
    )
    assert {str(image.image_uuid) for image in images} == {
        result.image for task in charged for result in (books.task(task) or (None, []))[1]
    }
    balance = LedgerEntry.objects.balance()
    assert balance == {"reserved": 0, "spent": books.spent(), "unconfirmed": 0}
    named = {str(name) for image in images for name in (image.file.name, image.preview.name)}
    assert stored(sandbox / "media") == named
    for image in images:
        digests(image)
    check_nothing_is_left(sandbox)


def check_nothing_is_left(sandbox: Path) -> None:
    """Neither in the spool nor in the inbox, once its time is over."""
    until = time.monotonic() + 10
    Generation.objects.filter(inbox_until__isnull=False).update(inbox_until=timezone.now() - LONG_AGO)
    while time.monotonic() < until and (
        stored(sandbox / "seedream-private") or DiscardedFile.objects.exists()
    ):
        with contextlib.suppress(Killed):
            sweeping.sweep()
            tasks.discard()
        time.sleep(0.1)
    assert stored(sandbox / "seedream-private") == set()
    assert stored(sandbox / "spool") == set()
