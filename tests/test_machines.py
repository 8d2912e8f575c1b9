"""The page on growing, done as it is written: each step's settings, and the last step for real."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from huey import PostgresHuey, RedisHuey

from seedream_django import generate, sandbox, sweeping
from seedream_django.models import Beat, GeneratedImage, Generation, State
from seedream_django.sandbox import Books

from .editor import ADD, Editor
from .gate import KEY
from .running import free_port
from .servers import ROOT, Servers
from .stores import CANARY, S3, Store, block, started
from .worker import at_once, idle_queue, wake_scheduled, work
from .workshop import Consumer, Workshop, wait_for

pytestmark = pytest.mark.server

PAGE = "growing.md"
QUEUES = ("Redis", "PostgreSQL")
#: Orders that are placed, by each of two editors.
ORDERS = 30
FINAL = {"done", "failed", "cancelled", "lost"}


def steps(queue: str) -> list[str]:
    """The page's blocks of settings in their order, up to the last machine."""
    wanted = ("one machine", "the database on PostgreSQL", f"the queue on {queue}", "pictures on S3")
    return [block(PAGE, f"settings.py, {what}") for what in wanted]


class Machine(Workshop):
    """Its own folder for everything that is not shared, and the page's settings in a file."""

    def __init__(self, data: Path, blocks: list[str], local: str, shared: dict[str, str]) -> None:
        (data / "tmp").mkdir(parents=True)
        super().__init__(data)
        begin = (
            f"from tests.gaps.settings import *\nfrom pathlib import Path\nBASE_DIR = Path({str(data)!r})\n"
        )
        (data / "grown.py").write_text("\n".join([begin, *blocks, local]))
        self.variables = {
            **shared, "DJANGO_SETTINGS_MODULE": "grown", "PYTHONPATH": f"{data}:{ROOT}", "DEBUG": "0",
            "HOME": str(data), "TMPDIR": str(data / "tmp"), "RUNWARE_API_KEY": KEY,
        }  # fmt: skip

    def web(self) -> int:
        port = free_port()
        self.start("runserver", "--noreload", str(port), log="web.log")
        return port

    def worker(self, name: str) -> Consumer:
        """As the unit on the page starts it, without --no-periodic."""
        log = f"{name}.log"
        options = (
            "--workers",
            "2",
            "--max-delay",
            "1",
            "--graceful-signal",
            "TERM",
            "--shutdown-timeout",
            "60",
        )
        return Consumer(self.start("run_huey", *options, log=log), self.data / log)

    def says(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in self.data.glob("*log"))


@pytest.fixture
def environment(servers: Servers) -> Iterator[Callable[[str], dict[str, str]]]:
    """Variables as in /etc/mysite/env, for a database of the page's name and either queue; all empty."""
    import psycopg

    postgres = servers["postgresql"]

    def do(*lines: str) -> None:
        with psycopg.connect(
            host=postgres["HOST"], dbname="postgres", user="postgres", autocommit=True
        ) as admin:
            for line in lines:
                admin.execute(line)

    def give(queue: str) -> dict[str, str]:
        urls = {
            "Redis": lambda: servers["redis"],
            "PostgreSQL": lambda: f"host={postgres['HOST']} user=mysite dbname=mysite",
        }
        return {
            "SECRET_KEY": "the same on every machine, and long enough for Django's own checks",
            "DATABASE_HOST": postgres["HOST"], "DATABASE_PASSWORD": "none", "QUEUE_URL": urls[queue](),
            "PICTURES_KEY_ID": "a-key-id", "PICTURES_SECRET": CANARY,
        }  # fmt: skip

    do("CREATE ROLE mysite SUPERUSER LOGIN", "CREATE DATABASE mysite OWNER mysite")
    yield give
    do("DROP DATABASE mysite WITH (FORCE)", "DROP ROLE mysite")


# -- Each step -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("queue", QUEUES)
def test_the_checks_have_nothing_to_say(
    queue: str, tmp_path: Path, environment: Callable[[str], dict[str, str]]
) -> None:
    """After every step, up to the last: no error and no warning of this app."""
    blocks = steps(queue)
    for count in range(1, len(blocks) + 1):
        machine = Machine(tmp_path / str(count), blocks[:count], "", environment(queue))
        checked = machine.start("check", "--deploy", log="checked.log")
        assert checked.wait(60) == 0, machine.says()
        assert "seedream." not in machine.says()


# -- Careless queues -----------------------------------------------------------------------------------------


@pytest.fixture
def careless(request: pytest.FixtureRequest, servers: Servers, settings: Any, sandbox: Path) -> Iterator[Any]:
    """A queue on a server that forgets every fifth task and delivers all others twice."""
    address = servers[request.param]
    name = uuid.uuid4().hex
    huey: Any = (
        RedisHuey(name, url=address, blocking=False)
        if request.param == "redis"
        else PostgresHuey(name, dsn=f"host={address['HOST']} user=postgres dbname=postgres", blocking=False)
    )
    put, count = huey.storage.enqueue, itertools.count(1)

    def enqueue(data: bytes, priority: Any = None) -> None:
        if next(count) % 5:
            put(data, priority)
            put(data, priority)

    huey.storage.enqueue = enqueue
    with idle_queue(settings, huey) as huey:
        yield huey
        huey.storage.flush_all()
        huey.storage.close() if request.param == "postgresql" else huey.storage.pool.disconnect()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("careless", ["redis", "postgresql"], indirect=True)
def test_a_task_that_is_lost_or_comes_twice_does_no_harm(careless: Any, books: Books) -> None:
    """Two workers at once at a queue that keeps no promise: with a sweep now and then each order is charged once."""
    orders = [generate(f"A fox with the number {number}", size="2048x2048") for number in range(20)]
    for _ in range(40):
        at_once(lambda: work(careless, times=40), times=2)
        wake_scheduled(careless, heir=True)
        # Time goes by: also for whoever polled, whose next look may be the task that is lost.
        time.sleep(0.05)
        Beat.objects.filter(name__in=("sweep", "next sweep", "poller")).update(lease_until=None)
        sweeping.sweep()
        if not Generation.objects.exclude(state=State.DONE).exists():
            break
    assert Counter(Generation.objects.values_list("state", flat=True)) == {State.DONE: 20}
    assert Counter(charge.task_uuid for charge in books.charges()) == {str(order.pk): 1 for order in orders}
    assert GeneratedImage.objects.stored().count() == 20


# -- The last step -------------------------------------------------------------------------------------------


class Site:
    """Two machines that share a database, a queue and two buckets; a provider behind a port."""

    def __init__(self, folder: Path, queue: str, shared: dict[str, str], store: Store, provider: str) -> None:
        local = "\n".join([
            f"BUCKET = {{'endpoint_url': 'http://127.0.0.1:{store.port}', 'addressing_style': 'path'}}",  # type: ignore[attr-defined]
            "for place in ('pictures', 'private'):",
            "    STORAGES[place]['OPTIONS'] |= BUCKET",
            f"SEEDREAM |= {{'ENDPOINT': '{provider}/v1', 'LEASE': 4, 'RESULT_HOSTS': ['127.0.0.1']}}",
        ])  # fmt: skip
        self.machines = [Machine(folder / name, steps(queue), local, shared) for name in ("north", "south")]
        self.machines[0].run("migrate", "-v", "0")
        self.machines[0].run("createsuperuser", "--noinput")
        self.clerk = self.machines[0].start("clerk", pipes=True)
        self.editors: list[Editor] = []

    def rows(self, table: str) -> list[dict[str, Any]]:
        assert self.clerk.stdin
        assert self.clerk.stdout
        self.clerk.stdin.write(json.dumps(["rows", table]).encode() + b"\n")
        self.clerk.stdin.flush()
        rows: list[dict[str, Any]] = json.loads(self.clerk.stdout.readline())
        return rows

    def editor(self, machine: Machine) -> Editor:
        editor = Editor(machine.web(), self.says)
        self.editors.append(editor)
        return editor

    def count(self, *states: str) -> int:
        return sum(row["state"] in states for row in self.rows("generation"))

    def says(self) -> str:
        return "\n".join(machine.says() for machine in self.machines)

    def close(self) -> None:
        for machine in self.machines:
            machine.close()
        for editor in self.editors:
            editor.browser.close()
        for pipe in (self.clerk.stdin, self.clerk.stdout):
            assert pipe
            pipe.close()


@pytest.fixture(scope="module")
def bucket() -> Iterator[Store]:
    with started(S3.kind) as store:
        yield store


@pytest.fixture(params=QUEUES)
def site(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    environment: Callable[[str], dict[str, str]],
    bucket: Store,
) -> Iterator[Site]:
    for name in ("my-pictures", "my-private"):
        (bucket.folder / "s3" / name).mkdir(exist_ok=True)
    app = sandbox.create_app(tmp_path / "sandbox.sqlite3", key=KEY, latency=(0.5, 4), plain=True)
    with sandbox.running(app) as provider, contextlib.ExitStack() as stack:
        site = Site(tmp_path, request.param, environment(request.param), bucket, provider)
        stack.callback(site.close)
        yield site
    for path in (bucket.folder / "s3").rglob("*"):
        if path.is_file():
            path.unlink()


def test_two_machines_of_each_kind(site: Site, tmp_path: Path, bucket: Store) -> None:
    """Sixty orders through two web servers; the consumer that polls is killed in the middle; nothing is missing."""
    workers = [machine.worker("worker") for machine in site.machines]
    editors = [site.editor(machine) for machine in site.machines]
    clicks = [threading.Thread(target=place, args=each) for each in zip(editors, ("fox", "owl"), strict=True)]
    for thread in clicks:
        thread.start()
    wait_for(lambda: site.count("done") >= ORDERS // 3, 120)
    poller = wait_for(lambda: next((one for one in workers if "collect" in one.in_hand()), None))
    machine = site.machines[workers.index(poller)]
    machine.kill(poller.process)
    assert site.count("running", "queued", "submitting", "storing"), "It was not in the middle of anything."
    for thread in clicks:
        thread.join(120)
    # What systemd does, a little later: meanwhile the other goes on alone.
    before = site.count("done")
    wait_for(lambda: site.count("done") > before, 60)
    machine.worker("worker-again")
    try:
        wait_for(lambda: site.count(*FINAL) == 2 * ORDERS, 120)
    except AssertionError:
        raise AssertionError(site.says()) from None
    check_books(site, tmp_path, bucket)
    check_pages(site, editors)
    for one in workers:
        assert {"submit", "store"} <= set(one.done()), one.log.read_text()


def place(editor: Editor, what: str) -> None:
    """Log in and order, again and again; every third time three pictures."""
    editor.log_in()
    for number in range(ORDERS):
        results = "3" if number % 3 == 0 else "1"
        page = editor.send(ADD, prompt=f"A {what} with the number {number}", results=results)
        assert "ordered" in page.url.params, page.text


def check_books(site: Site, folder: Path, bucket: Store) -> None:
    """What was charged is what is on the rows is what lies in the bucket, each once."""
    rows, images = site.rows("generation"), site.rows("generatedimage")
    assert Counter(row["state"] for row in rows) == {"done": 2 * ORDERS}
    assert {image["state"] for image in images} == {"stored"}
    charges = Books(folder / "sandbox.sqlite3").charges()
    charged = Counter({charge.task_uuid: charge.images for charge in charges})
    assert len(charges) == len(rows) == 2 * ORDERS
    assert charged == Counter(image["generation_id"] for image in images)
    kept = {
        path.relative_to(bucket.folder / "s3" / "my-pictures") for path in files_in(bucket, "my-pictures")
    }
    assert kept == {Path(image[name]) for image in images for name in ("file", "preview")}
    assert len(kept) == 2 * sum(charged.values())
    assert not list(files_in(bucket, "my-private"))
    for machine in site.machines:
        left = [path for path in (machine.data / "spool").rglob("*") if path.is_file()]
        assert not left, "A picture waits on one machine."


def files_in(bucket: Store, name: str) -> Iterator[Path]:
    return (path for path in (bucket.folder / "s3" / name).rglob("*") if path.is_file())


def check_pages(site: Site, editors: list[Editor]) -> None:
    """Whoever asks whichever web server sees every picture, at an address that shows it."""
    images = Counter(image["generation_id"] for image in site.rows("generatedimage"))
    for editor in editors:
        for pk, count in images.items():
            fragment = editor.browser.get(f"/seedream/{pk}/status/").text
            shown = re.findall(r'<img[^>]* src="(http://127\.0\.0\.1:[^"]+)"', fragment)
            assert len(shown) == count, fragment
        assert httpx.get(shown[0].replace("&amp;", "&"), trust_env=False).status_code == 200
