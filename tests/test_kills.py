"""kill -9 of real processes at every named gap: one stored picture, one charge, no stray file."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from .editor import ADD, Editor
from .running import free_port
from .test_references import drawn
from .workshop import Workshop

pytestmark = pytest.mark.once


class Gap(NamedTuple):
    """What is true while a process stands there. ``half`` and ``files`` count half-written and stored files."""

    name: str
    state: str
    image: str = ""
    charged: int = 1
    half: int = 0
    files: int = 0


GAPS = (
    # claimed: the row is ours, nothing was sent
    Gap("claimed", "submitting", charged=0),
    # submitted: the provider has it, the row does not say so
    Gap("submitted", "submitting"),
    Gap("running", "running"),
    # finished: the provider told the result; then the row knows it; then it waits to be stored
    Gap("polled", "running"),
    Gap("recorded", "running", "received"),
    Gap("finished", "storing", "received"),
    Gap("fetching", "storing", "received"),
    # downloaded: the bytes are in a temporary file
    Gap("downloaded", "storing", "received", half=1),
    Gap("half a preview", "storing", "received", half=2, files=1),
    Gap("preview stored", "storing", "received", half=2, files=1),
    # stored: the storage has the file, the row does not say so
    Gap("stored", "storing", "received", files=2),
    Gap("kept", "storing", "stored", files=2),
)


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which one picture is ordered and no consumer has run yet."""
    workshop = Workshop(tmp_path_factory.mktemp("ordered"))
    workshop.run("migrate", "-v", "0")
    workshop.run("createsuperuser", "--noinput")
    workshop.run("seedream_generate", "A red fox in the snow", "--size", "2048x2048")
    return workshop.data


@pytest.fixture
def workshop(ordered: Path, tmp_path: Path) -> Iterator[Workshop]:
    shutil.copytree(ordered, tmp_path / "data")
    workshop = Workshop(tmp_path / "data")
    yield workshop
    workshop.close()


def check_at_gap(workshop: Workshop, gap: Gap) -> None:
    assert workshop.generation()["state"] == gap.state
    assert [image["state"] for image in workshop.images()] == [gap.image] * bool(gap.image)
    assert len(workshop.charges()) == gap.charged
    half = {name for name in workshop.files() if name.startswith(".seedream-spool/")}
    assert (len(half), len(workshop.files() - half)) == (gap.half, gap.files)


def check_outcome(workshop: Workshop) -> None:
    """Every order is one stored picture, one charge of one image, and two files; there is nothing else."""
    generations, images = workshop.rows("generation"), workshop.images()
    assert {row["state"] for row in generations} == {"done"}
    assert {(row["received"], row["stored"], row["failed"]) for row in generations} == {(1, 1, 0)}
    assert sorted(i["generation_id"] for i in images) == sorted(row["id"] for row in generations)
    charged = [(uuid.UUID(charge.task_uuid).hex, charge.images) for charge in workshop.charges()]
    assert sorted(charged) == sorted((row["id"], 1) for row in generations)
    assert workshop.files() == set().union(*(workshop.check_kept(image) for image in images))


@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.name)
def test_a_consumer_killed_at_a_gap(workshop: Workshop, gap: Gap) -> None:
    """It was at the gap, as its row, files and the books show; a restart ends in one of each."""
    consumer = workshop.consumer(gap=gap.name)
    workshop.wait_at(gap.name, consumer)
    check_at_gap(workshop, gap)
    workshop.kill_at(gap.name, consumer)
    check_at_gap(workshop, gap)

    workshop.consumer()
    workshop.wait_until_final()
    check_outcome(workshop)


def test_killed_once_the_references_are_sent(workshop: Workshop) -> None:
    """They are at the provider, the order is not: another takes it up, sends them no second time, pays once."""
    given = workshop.data / "given.png"
    given.write_bytes(drawn())
    workshop.run("seedream_generate", "A grey wolf in the rain", "--reference", str(given))
    workshop.kill_at("references sent", workshop.consumer(gap="references sent"))
    (wolf,) = [row for row in workshop.rows("generation") if "wolf" in row["prompt"]]
    assert wolf["state"] == "queued"
    assert wolf["id"] not in {charge.task_uuid.replace("-", "") for charge in workshop.charges()}
    workshop.consumer()
    workshop.wait_until_final()
    check_outcome(workshop)
    assert [len(workshop.rows(name)) for name in ("reference", "referencefile", "sentmedia")] == [1, 1, 1]


def test_two_workers_killed_with_a_row_each(workshop: Workshop) -> None:
    """Both rows are taken up again by a consumer that was not there before."""
    workshop.run("seedream_generate", "A grey wolf in the rain", "--size", "2048x2048")
    workshop.kill_at("downloaded", workshop.consumer(workers=3, gap="downloaded"), times=2)
    assert [image["state"] for image in workshop.images()] == ["received"] * 2
    workshop.consumer(workers=2)
    workshop.wait_until_final()
    check_outcome(workshop)


def test_killed_again_and_again(workshop: Workshop) -> None:
    """A new consumer dies at another gap each time; the row still comes to its one picture."""
    for gap in ("claimed", "submitted", "recorded", "downloaded", "stored"):
        workshop.kill_at(gap, workshop.consumer(gap=gap))
    workshop.consumer()
    workshop.wait_until_final()
    check_outcome(workshop)
    assert workshop.generation()["crashes"] == 2


def test_a_row_that_kills_every_worker_ends(workshop: Workshop) -> None:
    """After three workers the picture is given up: its UUID and address stay, the charge is one."""
    for _ in range(3):
        workshop.kill_at("opening", workshop.consumer(gap="opening"))
    workshop.consumer()
    (generation,) = workshop.wait_until_final()
    (image,) = workshop.images()
    assert (generation["state"], image["state"]) == ("failed", "failed")
    assert image["url"]
    assert len(workshop.charges()) == 1
    assert workshop.files() == set()


@pytest.mark.parametrize(("gap", "ordered_by_then"), [("inserted", 1), ("ordered", 2)])
def test_a_web_server_killed_while_it_takes_an_order(
    workshop: Workshop, gap: str, ordered_by_then: int
) -> None:
    """Before the commit there is no row; after it a row that nobody queued. Never a charge without a picture."""
    port = free_port()
    server = workshop.start("runserver", "--noreload", f"127.0.0.1:{port}", gap=gap)
    editor = Editor(port, workshop.log)
    with editor.browser:
        editor.log_in()
        editor.browser.timeout = 2
        with pytest.raises(httpx.TimeoutException):
            editor.send(ADD, prompt="A grey wolf in the rain")
    workshop.kill_at(gap, server)
    assert [row["state"] for row in workshop.rows("generation")] == ["queued"] * ordered_by_then
    assert workshop.charges() == []
    workshop.consumer()
    workshop.wait_until_final()
    check_outcome(workshop)


def test_the_queues_file_is_lost(workshop: Workshop) -> None:
    """Deleted with an order in it: the next consumer makes a new one, and its first sweep finds the row."""
    (workshop.data / "queue.sqlite3").unlink()
    workshop.consumer()
    workshop.wait_until_final()
    check_outcome(workshop)
