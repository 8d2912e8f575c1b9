"""``seedream_doctor`` and its page: each broken thing is told by its finding, free of charge and of secrets."""

from __future__ import annotations

import io
import json
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage, Storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from seedream_django import circuit, conf, generate, inbox, provider
from seedream_django.doctor import examination, found, keeping, outside, queueing, rows, words
from seedream_django.doctor.sentences import ANYWHERE, SENTENCES
from seedream_django.models import (
    Beat,
    Budget,
    BudgetPeriod,
    Circuit,
    Finding,
    GeneratedImage,
    Generation,
    ImageState,
    Period,
    State,
    Switch,
    after,
)

from .gate import KEY, Gate, answering, speaking_to, unavailable
from .running import free_port
from .worker import idle_queue, pending, work
from .workshop import Workshop, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

PAGE = reverse("admin:seedream_django_finding_changelist")
NOW = reverse("admin:seedream_django_finding_examine")
STATE = reverse("admin:seedream_django_finding_state")
MONEY = reverse("admin:seedream_django_ledgerentry_changelist")

Browser = Callable[[User | None], Client]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs is told after a second here."""
    for module in (found, queueing):
        monkeypatch.setattr(module, "LIMIT", 1.0)
    monkeypatch.setattr(examination, "GRACE", 2.0)


def examined() -> dict[str, Finding]:
    return {one.name: one for one in examination.examine()}


def codes(**wanted: str) -> None:
    """These parts are found like this."""
    findings = examined()
    assert {name: findings[name].code for name in wanted} == wanted


def doctor(*arguments: str) -> tuple[str, str]:
    """What the command prints, and what it ends with: the sentence of its error, or nothing."""
    out = io.StringIO()
    try:
        call_command("seedream_doctor", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error) if error.returncode == 1 else f"{error.returncode}"
    return out.getvalue(), ""


# -- The command ---------------------------------------------------------------------------------------------


def test_a_house_where_all_is_well(settings: Any) -> None:
    """A line for each part; in immediate mode only that is doubtful, and the command ends well."""
    settings.DEBUG = True
    out, error = doctor()
    assert error == ""
    lines = out.splitlines()
    assert [line for line in lines if line.startswith("✗")] == []
    assert sum(line.startswith("✓ well") for line in lines) >= 13
    assert sum(line.startswith("? doubtful") for line in lines) == 2
    assert "\x1b" not in out


def test_colours_are_asked_for_or_for_a_terminal() -> None:
    """A file and a pipe get none; ``--force-color`` gets them, and the words stay."""
    out = io.StringIO()
    call_command("seedream_doctor", "--force-color", stdout=out, force_color=True)
    assert "\x1b[" in out.getvalue()
    assert "well" in out.getvalue()
    assert "\x1b" not in doctor("--no-color")[0]


def test_json_has_the_documented_shape() -> None:
    """``well`` and the findings, each with these names; what is printed is one JSON object and nothing else."""
    out, error = doctor("--json")
    report = json.loads(out)
    assert (report["well"], error) == (True, "")
    assert list(report) == ["well", "findings"]
    shape = ["name", "level", "code", "text", "advice", "facts", "found_at"]
    assert all(list(one) == shape for one in report["findings"])
    names = [one["name"] for one in report["findings"]]
    assert names == [name for name in examination.PARTS if name in names]
    assert {*examination.PARTS} - {*names} == {"webhook", "upload"}


def test_something_ill_ends_with_one() -> None:
    """The parts that are to be mended are named on stderr, and the JSON on stdout is whole all the same."""
    Circuit.objects.create(name=conf.account(), opened_at=timezone.now(), error_kind="quota")
    out, error = doctor("--json")
    assert error == "To be mended: sending."
    report = json.loads(out)
    assert report["well"] is False
    (sending,) = (one for one in report["findings"] if one["name"] == "sending")
    assert (sending["level"], sending["code"]) == ("ill", "stopped")
    assert sending["advice"] == "Top up the account at the provider."


def test_what_is_found_is_kept() -> None:
    """A row for each part; the next examination renews them, and one of a part that is no more goes."""
    Finding.objects.create(name="webhook", level="well", code="came", facts={"seconds": 1})
    findings = examined()
    assert {one.name for one in Finding.objects.all()} == {*findings}
    first = Finding.objects.get(name="key").found_at
    examined()
    assert Finding.objects.get(name="key").found_at > first
    assert Finding.objects.count() == len(findings)


def test_nothing_is_paid(gate: Gate) -> None:
    """The provider gets a sign of life and a question for the balance, and no other task."""
    codes(provider="answers", balance="enough", key="present")
    assert sorted(post["taskType"] for post in gate.posts) == ["accountManagement", "ping"]


# -- Settings and database -----------------------------------------------------------------------------------


def test_errors_in_the_settings(settings: Any) -> None:
    """The ids of the checks, while everything else is examined all the same."""
    settings.SEEDREAM |= {"TYPO": 1}
    finding = examined()["settings"]
    assert (finding.level, finding.facts["ids"][0]) == ("ill", "seedream.E002")
    settings.SILENCED_SYSTEM_CHECKS = finding.facts["ids"]
    codes(settings="right")


def test_warnings_of_the_settings(settings: Any) -> None:
    """Are worth a look, and no error."""
    settings.DEBUG = False
    finding = examined()["settings"]
    assert (finding.level, "seedream.W001" in finding.facts["ids"]) == ("doubtful", True)


def test_without_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to type, asks the database nothing more, and examines what needs none."""
    monkeypatch.setattr(rows, "_is_unmigrated", lambda connection: True)
    out, error = doctor()
    assert error == "To be mended: database."
    assert "“manage.py migrate”" in out
    assert "Provider" in out
    assert "Worker" not in out
    assert not Finding.objects.exists()


def test_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error's type and no more, and no traceback."""

    def away(_connection: Any) -> bool:
        raise DatabaseError(f"password={KEY}")

    monkeypatch.setattr(rows, "_is_unmigrated", away)
    out, error = doctor()
    assert error == "To be mended: database."
    assert "does not answer (DatabaseError)" in out
    assert KEY not in out


def test_a_database_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its time, and the rest is examined."""
    monkeypatch.setattr(rows, "_is_unmigrated", lambda connection: time.sleep(2.5))
    assert {one.code for one in examination.examine() if one.name == "database"} == {"too_slow"}


def test_sqlite_that_locks_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mode that the connection really has, and what to type instead."""
    if connection.vendor != "sqlite":
        return
    finding = examined()["database"]
    assert (finding.level, finding.code) == ("well", "ready")
    monkeypatch.setattr(
        type(connections[connection.alias]),
        "transaction_mode",
        property(lambda self: None, lambda self, mode: None),
        raising=False,
    )
    finding = examined()["database"]
    assert (finding.level, finding.code) == ("doubtful", "deferred")
    assert 'DATABASES["default"]["OPTIONS"]' in words.sentences(finding)[1]


# -- Key, provider, balance ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "code", "level"),
    [
        ("", "missing", "ill"),
        (f"{KEY}\n", "bad_form", "ill"),
        (f'"{KEY}"', "bad_form", "ill"),
        (f"{KEY} ", "bad_form", "ill"),
        ("abc", "short", "doubtful"),
        (KEY, "present", "well"),
    ],
)
def test_the_form_of_a_key(settings: Any, key: str, code: str, level: str) -> None:
    """Present or missing, and whether it looks like one; nothing of it is a fact."""
    settings.SEEDREAM |= {"SANDBOX": False, "API_KEY": key}
    assert outside.key() == found.Found("key", level, code)


def test_the_key_of_a_sandbox_that_is_a_server(settings: Any) -> None:
    """Is as short as it likes: it is printed to be copied."""
    settings.SEEDREAM |= {"SANDBOX": False, "API_KEY": "sandbox", "ENDPOINT": "http://127.0.0.1:8765/v1"}
    assert outside.key().code == "present"


def test_the_sandbox_in_production(settings: Any) -> None:
    """Is doubtful where DEBUG is off, and needs no key elsewhere."""
    settings.DEBUG = True
    assert outside.key().level == "well"
    settings.DEBUG = False
    assert outside.key().level == "doubtful"


def test_a_key_that_is_refused(gate: Gate, settings: Any) -> None:
    """By the provider, which is there."""
    settings.SEEDREAM |= {"API_KEY": "another-key-that-nobody-knows"}
    findings = examined()
    assert {findings[name].code for name in ("provider", "balance")} == {"refused"}
    assert "Check the key" in words.sentences(findings["provider"])[1]


def test_a_provider_that_is_away(settings: Any) -> None:
    """Nobody listens there."""
    with speaking_to(settings, f"http://127.0.0.1:{free_port()}/v1"):
        codes(provider="unreachable", balance="unreachable")


def test_a_provider_that_hangs(settings: Any) -> None:
    """It accepts the connection and says nothing: told after the part's time, while the others are examined."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with speaking_to(settings, f"http://127.0.0.1:{silent.getsockname()[1]}/v1", TIMEOUT=1.5):
            codes(provider="too_slow", balance="too_slow", storage="keeps")


def test_a_provider_in_trouble(gate: Gate) -> None:
    """A proxy's 503."""
    gate.spoil["ping"] = [unavailable]
    codes(provider="trouble")


@pytest.mark.parametrize(
    ("balance", "code"),
    [(0.03, "short"), (0.2, "low"), (10, "enough"), ({"amount": 10}, "enough"), (None, "untold")],
)
def test_the_balance(gate: Gate, balance: Any, code: str) -> None:
    """Against what one picture costs at least."""
    reply = {"data": [{"taskType": "accountManagement", "balance": balance}]}
    gate.spoil["accountManagement"] = [answering("200 OK", reply)]
    codes(balance=code)


def test_the_balance_against_what_waits(gate: Gate) -> None:
    """Orders that are not sent yet count with their prices."""
    Generation.objects.create(prompt="x", state=State.QUEUED, estimate=Decimal("3"))
    reply = {"data": [{"taskType": "accountManagement", "balance": 2.5}]}
    gate.spoil["accountManagement"] = [answering("200 OK", reply)]
    finding = examined()["balance"]
    assert finding.code == "short"
    assert words.sentences(finding)[0] == "$2.50 are left, and what waits costs $3.00."


def test_a_key_that_may_not_see_the_balance(gate: Gate) -> None:
    """403 to that question alone is no trouble."""
    reply = {"errors": [{"code": "forbidden", "message": "no"}]}
    gate.spoil["accountManagement"] = [answering("403 Forbidden", reply)]
    codes(balance="untold", provider="answers")


# -- Storages ------------------------------------------------------------------------------------------------


class Hostile(FileSystemStorage):
    """Goes wrong at one step, with an error whose words hold an address that nobody may see."""

    at = ""

    def _maybe(self, step: str) -> None:
        if self.at == step:
            raise OSError(f"https://bucket.example/?X-Amz-Signature={KEY}")

    def _save(self, name: str, content: Any) -> str:
        name = super()._save(name, content)
        self._maybe("save")
        return name

    def _open(self, name: str, mode: str = "rb") -> Any:
        self._maybe("open")
        return super()._open(name, mode)

    def delete(self, name: str) -> None:
        first, self.at = self.at, "" if self.at == "delete" else self.at
        if first == "delete":
            self.at = "later"
            raise OSError(f"https://bucket.example/?X-Amz-Signature={KEY}")
        super().delete(name)


class Changing(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        return super()._save(name, type(content)(b"something else"))


class Slow(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        name = super()._save(name, content)
        time.sleep(1.5)
        return name


class Addressed(Storage):
    """Keeps nothing on a disk of its own kind, and gives plain addresses to everybody."""

    kept: dict[str, bytes] = {}

    def _save(self, name: str, content: Any) -> str:
        self.kept[name] = content.read()
        return name

    def _open(self, name: str, mode: str = "rb") -> Any:
        return io.BytesIO(self.kept[name])

    def exists(self, name: str) -> bool:
        return name in self.kept

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)

    def url(self, name: str | None) -> str:
        return f"https://bucket.example/{name}"


class Signed(Addressed):
    def url(self, name: str | None) -> str:
        return f"https://bucket.example/{name}?X-Amz-Signature={KEY}"


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "sandbox.sqlite3" not in path.name]


def keep_in(settings: Any, alias: str, backend: type | str, **options: Any) -> None:
    path = backend if isinstance(backend, str) else f"{__name__}.{backend.__qualname__}"
    settings.STORAGES = {**settings.STORAGES, alias: {"BACKEND": path, "OPTIONS": options}}


def test_a_storage_is_tried_and_nothing_stays(sandbox: Path) -> None:
    """Written, read back, removed, in both; not even a folder is left."""
    codes(storage="keeps", private="keeps")
    assert files_below(sandbox) == []
    assert not (sandbox / "media").exists()
    assert not (sandbox / "seedream-private").exists()


def test_folders_that_were_there_stay(sandbox: Path) -> None:
    """Also when they are empty."""
    (sandbox / "media" / "seedream").mkdir(parents=True)
    codes(storage="keeps")
    assert list((sandbox / "media").rglob("*")) == [sandbox / "media" / "seedream"]


@pytest.mark.parametrize(
    ("step", "code"), [("save", "not_written"), ("open", "not_read"), ("delete", "not_deleted")]
)
def test_a_storage_that_fails_at_one_step(
    settings: Any, sandbox: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: str
) -> None:
    """It says at which, with the type of the error; its words are nowhere, and what it wrote is removed."""
    monkeypatch.setattr(Hostile, "at", step)
    keep_in(settings, "default", Hostile, location=sandbox / "media")
    out, error = doctor("--json")
    assert error == "To be mended: storage."
    (finding,) = (one for one in json.loads(out)["findings"] if one["name"] == "storage")
    assert (finding["code"], finding["facts"]) == (code, {"error": "OSError"})
    assert KEY not in out
    assert files_below(sandbox / "media") == []


def test_a_storage_that_changes_what_it_is_given(settings: Any, sandbox: Path) -> None:
    """Is found out, and nothing stays."""
    keep_in(settings, "default", Changing, location=sandbox / "media")
    codes(storage="differs")
    assert files_below(sandbox / "media") == []


def test_a_storage_that_takes_too_long(settings: Any, sandbox: Path) -> None:
    """It is told, and the file that it wrote all the same is removed before the command ends."""
    keep_in(settings, "default", Slow, location=sandbox / "media")
    codes(storage="too_slow", private="keeps")
    assert files_below(sandbox / "media") == []


def test_a_storage_that_cannot_be_loaded(settings: Any) -> None:
    """Neither is one that is not there."""
    keep_in(settings, "broken", "no.such.Storage")
    settings.SEEDREAM |= {"STORAGE": "broken", "PRIVATE_STORAGE": "nowhere"}
    codes(storage="not_loaded", private="not_loaded")


def test_the_folder_for_half_written_files_is_others(sandbox: Path) -> None:
    """Others may write to it: pictures would stop at being saved."""
    folder = sandbox / "media" / ".seedream-spool"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    codes(storage="foreign")


def test_a_private_storage_that_is_the_public_one(settings: Any, sandbox: Path) -> None:
    """By the settings, by its folder, or because what is written to it is found in the other."""
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "default"}
    codes(private="is_public")
    keep_in(
        settings, "private", FileSystemStorage.__module__ + ".FileSystemStorage", location=sandbox / "media/p"
    )
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "private"}
    codes(private="is_public")
    keep_in(settings, "default", Addressed)
    keep_in(settings, "private", Signed)
    codes(private="is_public")
    assert Addressed.kept == {}


def test_a_private_storage_with_addresses(settings: Any) -> None:
    """Plain ones are told, signed ones are what it should give; no address is in any row."""
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "private"}
    keep_in(settings, "private", Addressed)
    codes(private="has_address")
    keep_in(settings, "private", Signed)
    codes(private="keeps")
    assert Addressed.kept == {}
    assert "bucket.example" not in str(list(Finding.objects.values()))


def test_a_way_in_for_the_provider(settings: Any) -> None:
    """Only where files are asked for; told are a storage without a way in, and a file that did not come."""
    assert "upload" not in examined()
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True, "PUBLIC_URL": "https://www.example.org"}
    codes(upload="through_us")
    inbox.missed()
    codes(upload="missing")
    inbox.came()
    codes(upload="through_us")
    settings.SEEDREAM |= {"PUBLIC_URL": ""}
    codes(upload="no_public_url")
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "private"}
    keep_in(settings, "private", Signed)
    codes(upload="no_way_in")


def test_an_address_that_cannot_be_signed(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The type of the error alone; one that can be signed is kept nowhere."""
    settings.SEEDREAM |= {"UPLOAD_ENDPOINT": True, "PUBLIC_URL": "https://www.example.org"}

    def refuses(_task: uuid.UUID) -> str:
        raise ValueError(f"https://bucket.example/?X-Amz-Signature={KEY}")

    monkeypatch.setattr(inbox, "kind", lambda: inbox.S3)
    monkeypatch.setattr(inbox, "signed", refuses)
    finding = examined()["upload"]
    assert (finding.code, finding.facts) == ("not_signed", {"error": "ValueError"})
    monkeypatch.setattr(inbox, "signed", lambda task: f"https://bucket.example/?X-Amz-Signature={KEY}")
    codes(upload="signs")
    assert KEY not in str(list(Finding.objects.values()))


def test_the_spool(settings: Any, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is not made yet is none's fault; one that others may write to is, and so is a file."""
    codes(spool="ready")
    spool = sandbox / "spool"
    assert not spool.exists()
    spool.mkdir(mode=0o700)
    (spool / str(uuid.uuid4())).write_bytes(b"paid")
    (spool / f"{uuid.uuid4()}.{uuid.uuid4()}.received").write_bytes(b"in work")
    finding = examined()["spool"]
    assert (finding.code, finding.facts["waiting"]) == ("waiting", 1)
    monkeypatch.setattr(keeping, "LITTLE", 1 << 60)
    codes(spool="little")
    monkeypatch.setattr(keeping, "NOTHING_LEFT", 1 << 60)
    codes(spool="full")
    spool.chmod(0o777)
    codes(spool="foreign")
    settings.SEEDREAM |= {"SPOOL": sandbox / "sandbox.sqlite3"}
    codes(spool="no_folder")


# -- The queue and its worker --------------------------------------------------------------------------------


@pytest.fixture
def huey(settings: Any) -> Iterator[Any]:
    with idle_queue(settings) as huey:
        yield huey


def test_without_a_worker(huey: Any) -> None:
    """It is told after its time, with what to type; a second examination puts no second question into the queue."""
    out, error = doctor()
    assert error == "To be mended: queue, worker."
    assert "manage.py run_huey" in out
    doctor()
    assert pending(huey) == ["answer"]


def test_a_question_that_was_lost_with_its_queue(huey: Any) -> None:
    """Is asked anew."""
    codes(queue="no_worker")
    huey.flush()
    codes(queue="no_worker")
    assert pending(huey) == ["answer"]


def test_a_worker_that_is_busy(huey: Any) -> None:
    """It was seen, and answers nothing: worth a look, and no alarm."""
    Beat.mark("worker")
    codes(queue="busy", worker="seen")


def test_there_and_back(huey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the worker writes is the answer; an old answer is none."""
    monkeypatch.setattr(queueing, "LIMIT", 20.0)
    for _time in range(2):
        worker = threading.Timer(0.3, lambda: wait_for(lambda: work(huey)))
        worker.start()
        finding = examined()["queue"]
        worker.join()
        assert finding.code in ("works", "slow")
    assert Beat.objects.filter(name__startswith="doctor").count() == 1


def test_a_queue_that_takes_nothing(huey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error's type, and no part of its words."""

    def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError(f"redis://:{KEY}@redis.example")

    monkeypatch.setattr(huey.storage, "enqueue", away)
    out, _error = doctor()
    assert "The queue took no task (ConnectionError)." in out
    assert KEY not in out


def test_no_queue_at_all(settings: Any) -> None:
    """The setting leads nowhere: it says so, and looks at everything else."""
    settings.SEEDREAM |= {"HUEY": "no.such.QUEUE"}
    codes(queue="unusable", worker="no_queue", settings="wrong", storage="keeps")


def test_when_a_worker_was_last_seen(huey: Any) -> None:
    """Never, lately, too long ago, or in the future."""
    assert rows.worker().code == "never"
    Beat.mark("worker")
    assert rows.worker().code == "seen"
    Beat.objects.update(seen_at=after(-7300))
    finding = rows.worker()
    assert finding.code == "silent"
    assert "None was seen for 2 hours" in words.sentences(as_row(finding))[0]
    Beat.objects.update(seen_at=after(3600))
    assert rows.worker().code == "ahead"


def test_a_real_consumer(tmp_path: Path) -> None:
    """The command as a process of its own, on a site with a consumer: all is well, and it ends with 0."""
    workshop = Workshop(tmp_path)
    try:
        workshop.run("migrate", "-v0")
        workshop.consumer()
        wait_for(lambda: any(row["name"] == "worker" for row in workshop.rows("beat")))
        command = workshop.start("seedream_doctor", "--json", pipes=True)
        report = json.loads(command.communicate(timeout=60)[0])
    finally:
        workshop.close()
    found_ = {one["name"]: one["code"] for one in report["findings"]}
    assert (command.returncode, report["well"]) == (0, True)
    assert found_["queue"] in ("works", "slow")
    assert found_["worker"] == "seen"


# -- What waits, and what is stuck ---------------------------------------------------------------------------


def as_row(one: found.Found) -> Finding:
    return Finding(name=one.name, level=one.level, code=one.code, facts=one.facts)


def order(state: str, **values: Any) -> Generation:
    return Generation.objects.create(prompt=f"{KEY} as a prompt", state=state, **values)


def test_orders_that_nobody_looks_at() -> None:
    """Past their time by more than two sweeps; what is only slow is doubtful, and what is over is neither."""
    assert rows.orders().code == "moving"
    order(State.DONE, deadline=after(-9999), created_at=after(-9999))
    order(State.RUNNING, deadline=after(-10))
    assert (rows.orders().code, rows.orders().facts) == ("moving", {"count": 1})
    order(State.STORING, created_at=after(-1200))
    assert (rows.orders().code, rows.orders().facts) == ("long", {"count": 2, "minutes": 20})
    for number, late in enumerate(
        [
            {"state": State.QUEUED, "deadline": after(-200)},
            {"state": State.RUNNING, "deadline": after(-200)},
            {"state": State.SUBMITTING, "lease_until": after(-200)},
            {"state": State.ASKING, "ask_until": after(-200)},
        ],
        1,
    ):
        order(**late)
        assert (rows.orders().level, rows.orders().facts) == ("ill", {"count": number})


def test_clocks_that_stand_still() -> None:
    """What may not go on is not stuck."""
    order(State.QUEUED, deadline=after(-200))
    order(State.RUNNING, deadline=after(-200))
    Beat.mark(circuit.ORDERS)
    assert rows.orders().facts["count"] == 1
    Beat.mark(circuit.QUESTIONS)
    assert rows.orders().code == "moving"


def test_pictures_that_are_not_saved() -> None:
    """Tried again still, or given up lately."""
    row = order(State.STORING)
    image = GeneratedImage.objects.create(
        generation=row, image_uuid=uuid.uuid4(), trouble="store", error="The disk is full."
    )
    assert (rows.pictures().level, rows.pictures().code) == ("doubtful", "trying")
    GeneratedImage.objects.update(state=ImageState.FAILED)
    assert (rows.pictures().code, rows.pictures().facts) == ("given_up", {"count": 1})
    GeneratedImage.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert rows.pictures().code == "saved"
    assert image.pk


def test_lost_the_switch_and_circuits() -> None:
    """Who decides is told; an open circuit names its kind and no word of the provider's."""
    assert (rows.lost().code, rows.switch().code, rows.sending().code) == ("none", "on", "goes")
    place_lost()
    assert rows.lost().facts == {"count": 1}
    Switch.objects.create(pk=1, on=False, reason="Holidays")
    assert rows.switch().level == "doubtful"
    Circuit.objects.create(
        name=conf.account(), opened_at=timezone.now(), error_kind="auth", error_message=f"no key {KEY}"
    )
    Circuit.objects.create(name=Circuit.STORAGE, opened_at=timezone.now(), error_kind="storage")
    finding = rows.sending()
    assert sorted(finding.facts["kinds"]) == ["auth", "storage"]
    text, advice = words.sentences(as_row(finding))
    assert "did not accept the site's key" in text
    assert "does not take any pictures" in text
    assert "Check the key" in advice
    assert KEY not in text + advice


def place_lost() -> Generation:
    """A lost order whose price is still reserved."""
    row = generate("A fox", size="2048x2048")
    Generation.objects.filter(pk=row.pk).update(state=State.LOST, finished_at=timezone.now())
    return row


def test_budgets() -> None:
    """None, room, nearly used up, full; a limit of zero is what was wanted."""
    assert rows.budgets().code == "none"
    budget = Budget.objects.create(limit=Decimal("1"), period=Period.DAY)
    Budget.objects.create(limit=0, period=Period.EVER)
    assert (rows.budgets().code, rows.budgets().facts) == ("room", {"count": 1})
    period = BudgetPeriod.objects.create(budget=budget, start=budget.start(), spent=Decimal("0.95"))
    finding = rows.budgets()
    assert (finding.code, finding.level) == ("nearly", "doubtful")
    assert words.sentences(as_row(finding))[0] == "Nearly used up: the whole installation, a day."
    BudgetPeriod.objects.filter(pk=period.pk).update(spent=Decimal("0.99"))
    assert rows.budgets().code == "full"


def test_webhooks(settings: Any) -> None:
    """Only where this site is told by itself: never, lately, or not for the last order that was done."""
    assert "webhook" not in examined()
    settings.SEEDREAM |= {"WEBHOOK_URL": True, "PUBLIC_URL": "https://www.example.org"}
    codes(webhook="none_yet")
    row = order(State.DONE, hooked=True, finished_at=after(-600))
    assert (rows.webhook().code, rows.webhook().level) == ("never", "doubtful")
    Beat.objects.create(name="webhook", seen_at=after(-900))
    assert rows.webhook().code == "missing"
    Generation.objects.filter(pk=row.pk).update(told_at=after(-610))
    Beat.objects.filter(name="webhook").update(seen_at=after(-610))
    assert rows.webhook().code == "came"
    assert (
        words.sentences(as_row(rows.webhook()))[0]
        == "The provider told of a result 10 minutes before the examination."
    )


# -- Words ---------------------------------------------------------------------------------------------------


FACTS: dict[str, Any] = {
    "ids": ["seedream.E001"], "vendor": "SQLite", "error": "OSError", "alias": "default", "seconds": 3.1,
    "balance": "1.5", "waiting": "0.035", "free": 1 << 30,
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_every_sentence_is_filled(language: str) -> None:
    """Whatever the language: nothing is left open, and whatever is not well says what to do."""
    with translation.override(language):
        pairs = [*SENTENCES, *(("storage", code) for code in ANYWHERE)]
        for name, code in pairs:
            text, advice = words.sentences(Finding(name=name, code=code, facts=FACTS))
            assert "%(" not in text + advice, code
            assert text
        for name, code in words._COUNTED:
            for count in (0, 1, 2):
                facts = {"count": count, "minutes": 20, "kinds": ["quota"], "full": [["", "day"]]}
                facts |= {"nearly": [["edda", "ever"]], "free": 1, "waiting": count}
                text, advice = words.sentences(Finding(name=name, code=code, facts=facts))
                assert "%(" not in text + advice, code


def test_what_another_version_found_is_shown_by_its_code() -> None:
    """A finding that this code does not know does not break the page."""
    assert words.sentences(Finding(name="moon", code="eclipse", facts={})) == ("eclipse", "")
    assert words.name_of(Finding(name="moon")) == "moon"


# -- The page ------------------------------------------------------------------------------------------------


def text_of(client: Client, address: str = PAGE) -> str:
    """What the page says: its words without tags, in one line."""
    response = client.get(address)
    assert response.status_code == 200
    page = response.content.decode()
    inside = page[page.index('id="content"') :] if 'id="content"' in page else page
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", inside)))


def test_who_may_see_it(browser: Browser, person: Callable[..., User], owner: User) -> None:
    """Those who may see the page about money, and nobody else; the same for its button."""
    half = person("half", "view_ledgerentry")
    whole = person("whole", "view_ledgerentry", "see_costs")
    for user, status in ((half, 403), (whole, 200), (owner, 200)):
        client = browser(user)
        assert {client.get(page).status_code for page in (PAGE, STATE)} == {status}
        assert client.post(NOW).status_code == (302 if status == 200 else status)
    assert reverse("admin:login") in browser(None).get(PAGE).url
    assert PAGE not in browser(half).get(reverse("admin:index")).content.decode()
    assert f'href="{PAGE}"' in browser(whole).get(MONEY).content.decode()


def forbidden(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("A page looked at something.")


class Forbidden(Storage):
    save = open = exists = delete = url = size = listdir = path = forbidden


def test_the_page_calls_nothing(huey: Any, gate: Gate, browser: Browser, owner: User, settings: Any) -> None:
    """With storages, sockets, the client and the queue forbidden it shows what was found, in few queries."""
    short = {"balance": "0.02", "waiting": "0.035"}
    Finding.objects.create(name="balance", level="ill", code="short", facts=short)
    Finding.objects.create(name="storage", level="well", code="keeps", facts={"seconds": 0.3})
    client = browser(owner)
    for alias in ("default", "private"):
        keep_in(settings, alias, Forbidden)
    settings.SEEDREAM |= {"PRIVATE_STORAGE": "private"}
    with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as queries:
        patch.setattr(socket.socket, "connect", forbidden)
        patch.setattr(provider, "client", forbidden)
        for name in ("enqueue", "dequeue", "queue_size", "add_to_schedule", "peek_data"):
            patch.setattr(huey.storage, name, forbidden)
        said = text_of(client)
    assert "1 part is to be mended." in said
    assert (
        "✗ ill Balance $0.02 are left, and what waits costs $0.035. Top up the account at the provider."
        in said
    )
    assert "✓ well Storage A file was written" in said
    # The session, the person, the findings, and what is asked for.
    assert len(queries) <= 6
    assert gate.posts == []


def test_before_the_first_examination(huey: Any, browser: Browser, owner: User) -> None:
    """It says that there was none, and what one looks at."""
    assert "Nothing was examined yet." in text_of(browser(owner))


def test_the_button_has_a_worker_examine(huey: Any, browser: Browser, owner: User) -> None:
    """Nothing happens in the request; a second click asks nothing more; the worker looks, and the page shows it."""
    client = browser(owner)
    assert client.post(NOW).status_code == 302
    client.post(NOW)
    assert pending(huey) == ["examine"]
    assert not Finding.objects.exists()
    assert "a worker begins in a moment" in text_of(client)
    assert 'data-next="1500"' in client.get(STATE).content.decode()
    assert work(huey, 1) == ["examine"]
    assert Finding.objects.get(name="queue").code == "works"
    said = text_of(client)
    assert "A worker answered in" in said
    assert "Examine now" in said
    assert "data-next" not in client.get(STATE).content.decode()


def test_no_worker_comes(huey: Any, browser: Browser, owner: User) -> None:
    """The page says since when it waits and what to type; after a minute it may be asked for anew."""
    client = browser(owner)
    client.post(NOW)
    Beat.objects.filter(name=examination.ASKED).update(seen_at=after(-30))
    said = text_of(client)
    assert "No worker has begun." in said
    assert "manage.py run_huey" in said
    client.post(NOW)
    assert len(pending(huey)) == 1
    Beat.objects.filter(name=examination.ASKED).update(seen_at=after(-90))
    client.post(NOW)
    assert len(pending(huey)) == 2
    # Only who was asked last looks.
    examine = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examination, "examine", lambda trip: examine.append(trip()))
        work(huey)
    assert len(examine) == 1


def test_a_worker_that_dies_over_it(huey: Any, browser: Browser, owner: User) -> None:
    """The page does not say for ever that it is at work."""
    client = browser(owner)
    client.post(NOW)
    Beat.objects.filter(name=examination.ASKED).update(lease_until=after(30))
    assert "A worker is examining." in text_of(client)
    Beat.objects.filter(name=examination.ASKED).update(lease_until=after(-1), seen_at=after(-90))
    assert "No worker has begun." in text_of(client)


def test_in_immediate_mode(browser: Browser, owner: User) -> None:
    """A request examines nothing, also when somebody posts: the command does."""
    client = browser(owner)
    said = text_of(client)
    assert "manage.py seedream_doctor" in said
    assert "Examine now" not in said
    client.post(NOW)
    assert not Finding.objects.exists()
    examined()
    assert "✓ well Storage" in text_of(client)


def test_a_queue_that_is_away(
    huey: Any, browser: Browser, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button says so, without the words of its error, and nothing seems to be asked for."""

    def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError(f"redis://:{KEY}@redis.example")

    monkeypatch.setattr(huey.storage, "enqueue", away)
    client = browser(owner)
    page = client.post(NOW, follow=True).content.decode()
    assert "The queue did not take it." in page
    assert KEY not in page
    assert examination.asked_since() == (None, False)


def test_the_button_is_guarded(huey: Any, owner: User) -> None:
    """By POST and by its token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.post(NOW).status_code == 403
    assert client.get(NOW).status_code == 405
    assert pending(huey) == []


# -- Secrets -------------------------------------------------------------------------------------------------


def test_no_secret_comes_out(
    gate: Gate, settings: Any, sandbox: Path, browser: Browser, owner: User, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """A canary is the key, in prompts, in errors of storages and of the provider: nothing that comes out has it."""
    monkeypatch.setattr(Hostile, "at", "save")
    keep_in(settings, "default", Hostile, location=sandbox / "media")
    reply = {"errors": [{"code": "invalidApiKey", "message": f"The key {KEY} is wrong"}]}
    gate.spoil["ping"] = [answering("401 Unauthorized", reply)] * 2
    order(State.RUNNING, deadline=after(-999), error_message=KEY)
    Circuit.objects.create(
        name=conf.account(), opened_at=timezone.now(), error_kind="auth", error_message=KEY
    )
    said = "".join([*doctor(), *doctor("--json"), text_of(browser(owner)), caplog.text])
    said += str(list(Finding.objects.values()))
    assert "To be mended" in said
    assert KEY not in said
