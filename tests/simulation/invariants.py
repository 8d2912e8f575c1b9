"""What must always hold, looked at from outside: the rows, the files, the provider's books.

Steps are written down by triggers in the database, so that no step is missed and none that was rolled back counts.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import logging
import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connection, models

from seedream_django.models import FINAL, STEPS, State

from . import books, decoder, ways
from .reading import BUDGETS, GIVEN, IMAGES, LEDGER, PERIODS, ROWS, dashed, moment, orders, rows
from .settings import KEY, SEEDREAM, SIGNATURE
from .world import Broken, World, playing, world

NAME = re.compile(r"seedream/\d{4}/\d\d/[a-z0-9-]+\.(jpg|webp)|references/\d{4}/\d\d/[a-f0-9-]{36}\.png"
                  r"|inbox/[a-f0-9-]{36}")  # fmt: skip

#: Steps that models allow and nothing takes: what is accepted is ``running`` first, what came is ``storing``.
UNTAKEN = {"submitting→storing", "asking→storing", "asking→failed", "running→done"}
TRANSITIONS = [f"{a}→{b}" for a, following in STEPS.items() for b in following if f"{a}→{b}" not in UNTAKEN]

#: Columns that may have words in them.
TEXTS = (models.CharField, models.TextField, models.JSONField, models.FileField)

_FINAL = ", ".join(f"'{state}'" for state in FINAL)
_NOTED = "INSERT INTO sim_log (kind, pk, old, new, lease, run, now)"
#: What of a ledger entry stays as it is for good; a prompt in it may be taken away.
_MONEY = "kind, at, reserved, spent, unconfirmed, generation_id, image_uuid, periods"
_TRIGGERS = f"""
CREATE TABLE sim_gone (id TEXT PRIMARY KEY, state, estimate, expected, received, failed, doubtful_since, watch_until);
CREATE TABLE sim_log (id INTEGER PRIMARY KEY, kind, pk, old, new, lease, run, now);
CREATE TRIGGER sim_ordered AFTER INSERT ON {ROWS} BEGIN
    {_NOTED} VALUES ('ordered', NEW.id, '', NEW.state, NULL, sim_run(), sim_now());
END;
CREATE TRIGGER sim_step AFTER UPDATE OF state ON {ROWS} WHEN OLD.state <> NEW.state BEGIN
    {_NOTED} VALUES ('step', NEW.id, OLD.state, NEW.state, OLD.lease_until, sim_run(), sim_now());
END;
CREATE TRIGGER sim_deleted AFTER DELETE ON {ROWS} BEGIN
    {_NOTED} VALUES ('deleted', OLD.id, OLD.state, '', NULL, sim_run(), sim_now());
    INSERT INTO sim_gone VALUES (
        OLD.id, OLD.state, OLD.estimate, OLD.expected, OLD.received, OLD.failed,
        OLD.doubtful_since, OLD.watch_until
    );
END;
CREATE TRIGGER sim_received AFTER INSERT ON {IMAGES} BEGIN
    {_NOTED} VALUES (
        'received', NEW.id, (SELECT state FROM {ROWS} WHERE id = NEW.generation_id), NEW.image_uuid, NULL,
        sim_run(), sim_now()
    );
END;
CREATE TRIGGER sim_over AFTER UPDATE OF reserved ON {PERIODS} WHEN NEW.reserved > OLD.reserved
AND NEW.reserved + NEW.spent > (SELECT "limit" FROM {BUDGETS} WHERE id = NEW.budget_id) BEGIN
    {_NOTED} VALUES ('over', NEW.id, OLD.reserved + OLD.spent, NEW.reserved + NEW.spent, NULL, sim_run(), sim_now());
END;
CREATE TRIGGER sim_rewritten AFTER UPDATE OF {_MONEY} ON {LEDGER} BEGIN
    {_NOTED} VALUES ('rewritten', OLD.id, '', '', NULL, sim_run(), sim_now());
END;
CREATE TRIGGER sim_torn AFTER DELETE ON {LEDGER} BEGIN
    {_NOTED} VALUES ('rewritten', OLD.id, '', '', NULL, sim_run(), sim_now());
END;
CREATE TRIGGER sim_claimed AFTER UPDATE OF attempts ON {IMAGES} WHEN NEW.attempts > OLD.attempts BEGIN
    {_NOTED} VALUES ('claimed', NEW.id, OLD.state, NEW.state, OLD.lease_until, sim_run(), sim_now());
END;
"""


def install() -> None:
    """Have the database write down what happens to rows."""
    connection.ensure_connection()
    raw = connection.connection
    raw.create_function("sim_run", 0, _present_run)
    raw.create_function("sim_now", 0, lambda: moment(world()) if playing() else "")
    raw.executescript(_TRIGGERS)


def _present_run() -> int:
    run = world().current if playing() else None
    return run.number if run else 0


class Ears(logging.Handler):
    """Hears what is logged: never a secret, and no error that nothing was done to bring about."""

    def emit(self, record: logging.LogRecord) -> None:
        here = world()
        text = self.format(record)
        if KEY in text or SIGNATURE in text or "token=" in text:
            here.breaks("I4", f"In a log: {record.msg!r}")
        if record.levelno >= logging.ERROR and here.current and not here.current.excused:
            here.breaks("robust", f"Logged: {text}")


class Watch:
    """Looks after each step."""

    def __init__(self, here: World) -> None:
        self.here = here
        self.read = self.mails = 0
        self.known: set[str] = set()
        self.claims: dict[str, int] = {}
        #: When each row took its last step.
        self.moved: dict[str, float] = {}
        #: When each row that ended early was last watched.
        self.watched: dict[str, float] = {}

    def look(self) -> None:
        for check in (self._log, self._money, self._books, self._open, self._files, self._secrets):
            check()
        if self.here.broken:
            raise self.here.broken[0]

    # -- I6: steps and leases --------------------------------------------------------------------------------

    def _log(self) -> None:
        for number, kind, pk, old, new, lease, run, now in rows(
            "SELECT * FROM sim_log WHERE id > ? ORDER BY id", self.read
        ):
            self.read = number
            getattr(self, f"_{kind}")(pk, old, new, lease, run, now)

    def _ordered(self, pk: str, old: str, new: str, lease: Any, run: int, now: str) -> None:
        self.known.add(pk)
        if new != State.QUEUED:
            self.here.breaks("I6", f"Row {pk} began as {new}.")

    def _step(self, pk: str, old: str, new: str, lease: Any, run: int, now: str) -> None:
        self.here.counts[f"{old}→{new}"] += 1
        self.moved[pk] = self.here.clock.elapsed
        self.here.tell(f"row {pk[:6]}: {old} → {new}")
        if new not in STEPS.get(State(old), ()):
            self.here.breaks("I6", f"Row {pk} went from {old} to {new}.")
        if f"{old}→{new}" in UNTAKEN:
            self.here.breaks("I6", f"Row {pk} took a step that nothing takes: {old} to {new}.")
        if old == State.SUBMITTING and run != self.claims.get(pk) and lease and lease > now:
            self.here.breaks("I6", f"Row {pk} was taken from its worker before its lease was over.")
        if (old, new) == (State.SUBMITTING, State.FAILED) and dashed(pk) in self.here.provider.conflicts:
            self.here.breaks("I1", f"Row {pk} was told as refused when the provider said that it has it.")
        if new == State.SUBMITTING:
            self.claims[pk] = run

    def _deleted(self, pk: str, old: str, new: str, lease: Any, run: int, now: str) -> None:
        if old not in FINAL:
            self.here.breaks("I2", f"Row {pk} was deleted while it was {old}.")

    def _received(self, pk: int, old: str, new: str, lease: Any, run: int, now: str) -> None:
        self.here.images[pk] = dashed(new)
        if old in FINAL:
            self.here.count("poll-late")

    def _claimed(self, pk: int, old: str, new: str, lease: Any, run: int, now: str) -> None:
        if lease and lease > now:
            self.here.breaks("I6", f"Picture {pk} was taken from its worker before its lease was over.")

    # -- I8: budgets -----------------------------------------------------------------------------------------

    def _over(self, pk: int, old: int, new: int, lease: Any, run: int, now: str) -> None:
        self.here.breaks(
            "I8", f"Something was reserved in period {pk}, which has no room for it ({old} → {new})."
        )

    def _rewritten(self, pk: int, old: str, new: str, lease: Any, run: int, now: str) -> None:
        self.here.breaks("I8", f"Ledger entry {pk} was changed or removed.")

    def _money(self) -> None:
        for broken in books.broken(self.here):
            self.here.breaks(broken.invariant, broken.what)

    # -- I1: one charge a row --------------------------------------------------------------------------------

    def _books(self) -> None:
        for task_uuid in self.here.provider.posts:
            if task_uuid.replace("-", "") not in self.known:
                self.here.breaks("I1", f"Task {task_uuid} has no row.")

    def _open(self) -> None:
        """Remember until when each row is watched: what the provider makes later than that is its own secret."""
        for (pk,) in rows(f"SELECT id FROM {ROWS} WHERE watch_until > ?", moment(self.here)):
            self.watched[pk] = self.here.clock.elapsed

    # -- I3 and I7: files ------------------------------------------------------------------------------------

    def _files(self) -> None:
        for pk, image_uuid, name, size, sha256, preview in rows(
            f"SELECT id, image_uuid, file, size, sha256, preview FROM {IMAGES} WHERE state = 'stored'"
        ):
            problem = self._problem(dashed(image_uuid), name, size, sha256)
            if problem or preview not in self.here.files:
                self.here.breaks("I3", f"Picture {pk}: {problem or 'it has no preview'}.")
        for name in self.here.files:
            if not NAME.fullmatch(name):
                self.here.breaks("I7", f"A file is called {name}.")

    def _problem(self, image_uuid: str, name: str, size: int, sha256: str) -> str:
        data = self.here.files.get(name)
        if data is None:
            return "its file is not there"
        try:
            drawn = decoder.read(data)["uuid"]
        except ValueError:
            return "its file is not whole"
        if drawn != image_uuid:
            return "its file is another picture"
        if (len(data), hashlib.sha256(data).hexdigest()) != (size, sha256):
            return "its file is not the one of its row"
        return ""

    # -- I4: secrets -----------------------------------------------------------------------------------------

    def _secrets(self) -> None:
        for table, texts in rows(_secret_texts()):
            self.here.breaks("I4", f"In a row of {table}: {texts}")
        for sent in mail.outbox[self.mails :]:
            if any(secret in f"{sent.subject}\n{sent.body}" for secret in (KEY, SIGNATURE)):
                self.here.breaks("I4", f"In a mail: {sent.subject}\n{sent.body}")
        self.mails = len(mail.outbox)


@functools.cache
def _secret_texts() -> str:
    """Rows of any table of the app, or of the admin's log, whose texts have a secret in them.

    A signature may be there in one place: the address of a picture that waits at the provider.
    """
    found = []
    for model in (*apps.get_app_config("seedream_django").get_models(include_auto_created=True), LogEntry):
        columns = [f.column for f in model._meta.concrete_fields if isinstance(f, TEXTS)]
        if not columns:
            continue
        table = model._meta.db_table
        texts = " || ' ' || ".join(
            f"coalesce({_but_for_open_addresses(table, name)}, '')" for name in columns
        )
        found.append(f"SELECT '{table}', {texts} AS texts FROM {table}")
    union = " UNION ALL ".join(found)
    return f"SELECT * FROM ({union}) WHERE instr(texts, '{KEY}') OR instr(texts, '{SIGNATURE}')"


def _but_for_open_addresses(table: str, column: str) -> str:
    if (table, column) != (IMAGES, "url"):
        return f'"{column}"'
    return f"CASE state WHEN 'stored' THEN url ELSE replace(url, '{SIGNATURE}', '') END"


# -- At the end ----------------------------------------------------------------------------------------------


def overdue(here: World, watch: Watch, slack: float) -> Iterator[Broken]:
    """I5: rows that should have moved by now, when everything works again."""
    now = here.clock.now()

    def ago(seconds: float) -> str:
        return str((now - datetime.timedelta(seconds=seconds + slack)).replace(tzinfo=None))

    patience = SEEDREAM["FETCH_DEADLINE"] + SEEDREAM["STORE_DEADLINE"] + 700
    late = {
        "queued": f"SELECT id FROM {ROWS} WHERE state = 'queued' AND deadline < '{ago(0)}'",
        "submitting": f"SELECT id FROM {ROWS} WHERE state = 'submitting' AND lease_until < '{ago(0)}'",
        "asking": f"SELECT id FROM {ROWS} WHERE state = 'asking' AND doubtful_since < '{ago(SEEDREAM['ASK_WINDOW'])}'",
        "running": f"SELECT id FROM {ROWS} WHERE state = 'running' AND deadline < '{ago(0)}'",
        "received": f"SELECT id FROM {IMAGES} WHERE state = 'received' AND created_at < '{ago(patience)}'",
        "storing": f"SELECT id FROM {ROWS} WHERE state = 'storing' AND NOT EXISTS "
        f"(SELECT 1 FROM {IMAGES} i WHERE i.generation_id = {ROWS}.id AND i.state = 'received')",
        "in doubt with money held back": f"{_DOUBTFUL} AND watch_until < '{ago(0)}'",
    }
    for state, sql in late.items():
        for (pk,) in rows(sql):
            if here.clock.elapsed - watch.moved.get(pk, 0) < slack:
                continue
            yield Broken("I5", f"{pk} is {state}, and should not be any more.")


#: What ended, but for what is lost, and may still turn out to be charged.
_DOUBTFUL = (
    f"SELECT id FROM {ROWS} WHERE state IN ({_FINAL}) AND state <> 'lost' "
    f"AND (SELECT sum(reserved) FROM {LEDGER} WHERE generation_id = {ROWS}.id) <> 0"
)


def unfinished() -> int:
    (open_rows,), (open_images,) = (
        *rows(f"SELECT count(*) FROM {ROWS} WHERE state NOT IN ({_FINAL})"),
        *rows(f"SELECT count(*) FROM {IMAGES} WHERE state = 'received'"),
    )
    return int(open_rows + open_images) + len(rows(_DOUBTFUL))


def watched(here: World) -> float:
    """For how many seconds some row is still watched."""
    ((until,),) = rows(f"SELECT max(watch_until || '') FROM {ROWS}")
    left = datetime.datetime.fromisoformat(until) - here.clock.now().replace(tzinfo=None) if until else None
    return max(0.0, left.total_seconds()) if left else 0.0


def at_the_end(here: World, watch: Watch) -> Iterator[Broken]:
    """I2 and I1, once nothing moves any more: what was charged is on its row, and no file is nobody's."""
    kept = {dashed(image_uuid) for (image_uuid,) in rows(f"SELECT image_uuid FROM {IMAGES}")}
    removed = dict(rows(f"SELECT id, removed FROM {ROWS}"))
    for order in orders():
        for made in books.told(here, watch.watched, order):
            if not order.is_gone and made.uuid not in kept and made.uuid not in removed[order.pk]:
                yield Broken(
                    "I2", f"{made.uuid} was charged, and is not on row {order.pk}, which is {order.state}."
                )
    yield from books.unequal(here, watch.watched)
    named = {name for pair in rows(f"SELECT file, preview FROM {IMAGES}") for name in pair if name}
    named |= {name for (name,) in rows(f"SELECT file FROM {GIVEN}")}
    for name in sorted(here.files.keys() - named - ways.may_lie_there(here)):
        yield Broken("I3", f"{name} is no row's file.")
