"""One schedule from its first order to its end."""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
from pathlib import Path

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.db import connection

from seedream_django import marks, pictures, signals
from seedream_django.models import Switch
from seedream_django.runware import client

from . import books, decoder, editors, invariants, ways
from .provider import Provider
from .queue import QUEUE
from .world import Broken, Run, World, entered, world

#: Orders of a schedule at least, all of which are placed before anything goes wrong in other ways.
ROWS = 3
#: Steps of a schedule before the weather calms down.
STEPS = (16, 30)
#: Places in a run at which something may happen to it.
PLACES = {"submit": 14, "store": 34, "collect": 30, "sweep": 24}
#: Tasks that hold a row by a lease.
HOLDING = ("submit", "store")
EVENTS = {"kill": 30, "locked": 20, "slow": 12, "other": 38}


def set_up() -> None:
    """Tables in memory, and the stand-ins that last as long as the process."""
    call_command("migrate", verbosity=0)
    editors.EDITOR.append(User.objects.create_superuser("olga"))
    invariants.install()
    ways.install()
    for name in ("seedream_django", "django.dispatch"):
        logging.getLogger(name).addHandler(invariants.Ears())
        logging.getLogger(name).propagate = False
    signals.submissions_stopped.connect(_stopped)
    for module, name in ((pictures, "inspect"), (pictures, "preview"), (marks, "mark")):
        setattr(module, name, getattr(decoder, name))
    # The client asks for the network when it is made, once for each process; whoever is the provider now answers.
    client.network = lambda *args: _Wire()


class _Wire:
    def handle_request(self, request: object) -> object:
        return world().provider.handle_request(request)

    def close(self) -> None:
        pass


def _stopped(**kwargs: object) -> None:
    world().count("submit-stopped")


def play(seed: int) -> World:
    """Play one schedule. What did not hold is in ``broken``."""
    here = World(seed)
    here.provider = Provider()
    here.intruder = _intrude
    _forget_everything()
    with entered(here), here.clock.ruling(here.rng):
        watch = invariants.Watch(here)
        with contextlib.suppress(Broken):
            _storm(here, watch)
            _calm_down(here, watch)
    return here


def _forget_everything() -> None:
    raw = connection.connection
    raw.execute("PRAGMA foreign_keys = OFF")
    for model in (*apps.get_app_config("seedream_django").get_models(include_auto_created=True), LogEntry):
        raw.execute(f"DELETE FROM {model._meta.db_table}")
    raw.execute("DELETE FROM sim_log")
    raw.execute("DELETE FROM sim_gone")
    raw.execute("DELETE FROM sqlite_sequence WHERE name LIKE 'seedream%'")
    raw.execute("PRAGMA foreign_keys = ON")
    mail.outbox = []
    for spool in Path(tempfile.gettempdir()).iterdir():
        shutil.rmtree(spool)


# -- The storm -----------------------------------------------------------------------------------------------


def _storm(here: World, watch: invariants.Watch) -> None:
    ways.draw(here)
    editors.allow(here)
    while len(watch.known) < ROWS:
        here.run("order", editors.order)
        watch.look()
    for _ in range(here.rng.randint(*STEPS)):
        _step(here)
        watch.look()
    if not here.faults:
        _empty_the_queue(here)
    assert len(watch.known) >= ROWS


def _step(here: World) -> None:
    here.provider.courier.deliver(here)
    choice = here.rng.choices(("task", "sweep", "act", "wait", "trouble"), (60, 6, 18, 8, 8))[0]
    if choice == "task" and here.messages:
        _take(here)
    elif choice == "act":
        _act(here)
    elif choice == "wait":
        seconds = here.rng.choice((1, 5, 20, 60, 130, 400))
        here.tell(f"{seconds} s pass")
        here.clock.sleep(seconds)
    elif choice == "trouble":
        here.rng.choice(TROUBLES)(here)
    else:
        _run_task(here, "sweep", ())


def _take(here: World) -> None:
    """One worker takes a message: mostly one that is due, in no order; waiting for one when none is."""
    due = [message for message in here.messages if message.due <= here.clock.elapsed]
    message = here.rng.choice(due) if due else min(here.messages, key=lambda m: m.due)
    if not due:
        here.clock.sleep(message.due - here.clock.elapsed)
    if here.chance("worker-two", 0.04):
        here.tell(f"{message.name} is handed out twice")
    else:
        here.messages.remove(message)
    _run_task(here, message.name, message.args)


def _run_task(here: World, name: str, args: tuple[object, ...]) -> None:
    event, at = "", 0
    if not here.calm and here.rng.random() < 0.4:
        event = here.rng.choices(list(EVENTS), list(EVENTS.values()))[0]
        at = here.rng.randint(1, PLACES.get(name, 10))
    here.run(name, QUEUE.functions[name], *args, event=event, at=at)


def _act(here: World) -> None:
    names, weights = list(editors.ACTS), [weight for _, weight in editors.ACTS.values()]
    name = here.rng.choices(names, weights)[0]
    event, at = "", 0
    if here.rng.random() < 0.25:
        event, at = here.rng.choices(list(EVENTS), list(EVENTS.values()))[0], here.rng.randint(1, 10)
    here.run(name, editors.ACTS[name][0], event=event, at=at)


def _intrude(run: Run) -> None:
    """Between two statements of one worker another does something; sometimes so late that the lease is over."""
    here = world()
    if len(here.runs) > 2:
        return
    if here.rng.random() < 0.3:
        if run.name in HOLDING:
            here.count("worker-two")
        here.clock.sleep(here.rng.choice((70, 130)))
    choice = here.rng.choices(("same", "sweep", "task", "act", "cancel"), (35, 20, 20, 15, 10))[0]
    if choice == "same" and run.name in PLACES:
        here.count("worker-two")
        _run_task(here, run.name, run.args)
    elif choice == "act":
        _act(here)
    elif choice == "cancel":
        here.run("cancel", editors.cancel)
    elif choice == "task" and here.messages:
        _take(here)
    else:
        _run_task(here, "sweep", ())


# -- Troubles ------------------------------------------------------------------------------------------------


def _empty_the_queue(here: World) -> None:
    here.count("queue-lost")
    here.tell("the queue is emptied")
    here.messages.clear()


def _queue_away(here: World) -> None:
    here.tell("the queue goes away")
    here.away["queue"] = here.clock.elapsed + here.rng.choice((5, 60))


def _disk_away(here: World) -> None:
    here.tell("the storage goes away")
    here.away["disk"] = here.clock.elapsed + here.rng.choice((5, 60, 300, 1500))


def _provider_away(here: World) -> None:
    here.tell("the provider goes away")
    here.away["provider"] = here.clock.elapsed + here.rng.choice((30, 200, 500))


def _jump(here: World) -> None:
    seconds = here.rng.choice((-3600, -200, -30, -2, 2, 30, 200))
    here.count("clock-jump")
    here.tell(f"the clock jumps by {seconds} s")
    here.clock.jump(seconds)


TROUBLES = (
    _empty_the_queue,
    _queue_away,
    _disk_away,
    _disk_away,
    _provider_away,
    _provider_away,
    _jump,
    _jump,
    ways.switch,
    ways.switch,
)


# -- The end -------------------------------------------------------------------------------------------------


def _calm_down(here: World, watch: invariants.Watch) -> None:
    """Everything works again: each row ends in time, what is watched for comes, and the books agree."""
    here.tell("calm")
    here.calm = True
    Switch.objects.update(on=True)
    stride, busy = 80.0, here.clock.elapsed
    for _ in range(200):
        _minute(here, stride)
        watch.look()
        for broken in invariants.overdue(here, watch, stride + 130):
            here.breaks(broken.invariant, broken.what)
        if invariants.unfinished():
            stride, busy = min(stride * 1.5, books.STRIDE), here.clock.elapsed
        elif left := invariants.watched(here):
            # Once all that there is was heard for sure, only the end of the watch is left to see.
            news = max(busy, here.provider.last_word())
            stride = books.STRIDE if here.clock.elapsed < news + books.HEARING else left + 1
        else:
            break
    else:
        here.breaks("I5", "It does not come to rest.")
    for broken in invariants.at_the_end(here, watch):
        here.breaks(broken.invariant, broken.what)
    watch.look()


def _minute(here: World, stride: float) -> None:
    """Time passes; one sweep, and everything that is waiting for it."""
    here.clock.sleep(stride)
    here.provider.courier.deliver(here)
    _run_task(here, "sweep", ())
    for message in sorted((m for m in here.messages if m.due <= here.clock.elapsed), key=lambda m: m.due):
        here.messages.remove(message)
        _run_task(here, message.name, message.args)
