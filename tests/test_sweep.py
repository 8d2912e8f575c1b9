"""What the sweep finds: rows, pictures and files that nobody looks at."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from seedream_django import conf, storing, sweeping, tasks
from seedream_django.models import (
    Beat,
    Circuit,
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    State,
    Switch,
    after,
)
from seedream_django.spool import HALF_WRITTEN

from .worker import charges, idle_queue, order, pending, wake_scheduled, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def huey(settings: Any, sandbox: Path) -> Iterator[Any]:
    with idle_queue(settings) as huey:
        yield huey


def test_a_sweep_looks_again_when_a_lease_ends(huey: Any) -> None:
    """Once, and when that worker must be dead, rather than with the next minute."""
    order(State.SUBMITTING, lease_until=after(20))
    for _ in range(2):
        sweeping.sweep()
        Beat.objects.filter(name="sweep").update(lease_until=None)
    assert work(huey) == ["sweep"]
    (scheduled,) = huey.scheduled()
    assert 18 < (scheduled.eta - timezone.now().replace(tzinfo=None)).total_seconds() < 22


def test_a_lease_that_ends_while_the_sweep_is_at_work(huey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held when it was looked at, free a moment later: it is looked at again in a second, not with the next minute."""
    sending = order(State.SUBMITTING, lease_until=after(20))

    def end_the_lease() -> None:
        Generation.objects.filter(pk=sending.pk).update(lease_until=after(-0.01))

    steps = list(sweeping.SWEEP)
    steps.insert(steps.index(sweeping._sweep_when_a_lease_ends), end_the_lease)
    monkeypatch.setattr(sweeping, "SWEEP", tuple(steps))
    sweeping.sweep()
    assert work(huey) == ["sweep"]
    (scheduled,) = huey.scheduled()
    assert (scheduled.eta - timezone.now().replace(tzinfo=None)).total_seconds() < 2


def test_a_clock_that_was_set_back(huey: Any) -> None:
    """What was to be looked at an hour ago by the new clock is looked at now, and a lease lasts no longer than one."""
    waiting, sending = order(State.QUEUED), order(State.SUBMITTING, lease_until=after(3700))
    Generation.objects.update(look_at=after(3600))
    Beat.mark("worker")
    sweeping.sweep()
    assert not Generation.objects.due().exists()
    Beat.take("post 1", "a worker that died", 60)
    Circuit.objects.create(name=Circuit.STORAGE, opened_at=timezone.now(), probe_at=after(4000))
    Beat.objects.filter(name="post 1").update(lease_until=after(3660))
    Beat.objects.filter(name="worker").update(seen_at=after(3600))
    Beat.objects.filter(name="sweep").update(lease_until=None)
    sweeping.sweep()
    assert {"submit", "probe"} <= set(work(huey))
    assert not Beat.objects.filter(lease_until__gt=after(conf.LEASE)).exists()
    assert Circuit.objects.get(name=Circuit.STORAGE).probes == 1
    waiting.refresh_from_db()
    sending.refresh_from_db()
    assert waiting.state != State.QUEUED
    assert sending.lease_until < after(conf.LEASE)
    assert not Beat.is_ahead("worker")


def test_a_lease_that_ends_late_is_left_to_the_clock(huey: Any) -> None:
    """Beyond a minute the ordinary sweep comes first."""
    order(State.SUBMITTING, lease_until=after(90))
    sweeping.sweep()
    assert work(huey) == []


def test_sweeps_of_many_workers_become_two(huey: Any) -> None:
    """Each worker of a starting consumer queues one: one runs, and one after it for all the others."""
    order(State.QUEUED)
    for _ in range(8):
        sweeping.sweep()
    assert sorted(pending(huey)) == ["submit", "sweep"]


def test_an_abandoned_row_is_asked_about(huey: Any, sandbox: Path) -> None:
    """Its worker died before the POST or after it: nothing is sent before the provider was asked."""
    generation = order(State.SUBMITTING, lease_until=after(-1), submitted_at=timezone.now(), attempts=1)
    sweeping.sweep()
    generation.refresh_from_db()
    assert (generation.state, generation.crashes) == (State.ASKING, 1)
    assert charges(sandbox) == []
    while generation.state != State.DONE:
        assert work(huey) or wake_scheduled(huey)
        Generation.objects.filter(state=State.QUEUED).update(look_at=timezone.now())
        generation.refresh_from_db()
    assert charges(sandbox) == [(str(generation.pk), 1)]


def test_a_failing_part_does_not_stop_the_sweep(
    huey: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A disk that is read-only or a host's receiver that fails is logged, and rows are still found."""

    def read_only() -> None:
        raise OSError(30, "Read-only file system")

    order(State.RUNNING, "sandbox:stuck")
    monkeypatch.setattr(sweeping, "SWEEP", (read_only, *sweeping.SWEEP))
    sweeping.sweep()
    assert "A part of the sweep failed: read_only" in caplog.text
    assert pending(huey) == ["collect"]


def test_while_switched_off_nothing_is_woken_and_no_time_runs_out(huey: Any) -> None:
    """The owner's pause stops the clock of what waits."""
    generation = order(State.QUEUED, deadline=after(5))
    Switch.objects.create(pk=1, on=False)
    Switch.objects.update(changed_at=after(-300))
    sweeping.sweep()
    assert pending(huey) == []
    generation.refresh_from_db()
    assert generation.deadline is not None
    assert after(300) < generation.deadline < after(310)


def test_pictures_and_ends_that_nobody_saw_to(huey: Any) -> None:
    """A picture made but not stored is stored; a generation whose pictures are all stored ends."""
    generation = order(State.STORING, received=1)
    image = GeneratedImage.objects.create(
        generation=generation, image_uuid=uuid.uuid4(), state=ImageState.STORED
    )
    sweeping.sweep()
    generation.refresh_from_db()
    assert generation.state == State.DONE
    GeneratedImage.objects.filter(pk=image.pk).update(state=ImageState.RECEIVED)
    Beat.objects.all().delete()
    sweeping.sweep()
    assert pending(huey) == ["store"]


def test_discarded_files_are_removed(huey: Any, sandbox: Path) -> None:
    """Deleting a row has its files removed in the queue; a storage that fails is tried again later."""
    generation = order()
    work(huey)
    image = generation.images.get()
    files = [sandbox / "media" / name for name in (image.file.name, image.preview.name)]
    assert all(file.exists() for file in files)
    generation.delete()
    assert pending(huey) == ["discard"]
    work(huey)
    assert not any(file.exists() for file in files)
    assert not DiscardedFile.objects.exists()


def test_a_file_that_cannot_be_removed_stays_noted(
    huey: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The note outlives the storage's bad hour, and the sweep asks again."""

    def away(name: str) -> None:
        raise OSError("away")

    DiscardedFile.objects.create(storage="default", name="a.jpg")
    DiscardedFile.objects.create(storage="no such alias", name="b.jpg")
    monkeypatch.setattr(storages["default"], "delete", away)
    with caplog.at_level(logging.WARNING):
        tasks.discard()
    assert [file.attempts for file in DiscardedFile.objects.all()] == [1, 1]
    sweeping.sweep()
    assert pending(huey) == ["discard"]


def test_the_spool_is_cleared_of_old_files_only(huey: Any, sandbox: Path) -> None:
    """What a dead worker left goes; what a live one writes stays."""
    spool = sandbox / "media" / HALF_WRITTEN
    spool.mkdir(parents=True)
    (spool / "fresh").touch()
    sweeping.sweep()
    assert (spool / "fresh").exists()
    storing.clear_spool(older_than=-1)
    assert not (spool / "fresh").exists()
