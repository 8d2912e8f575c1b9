"""kill -9 of real consumers over a file that the provider put here: one stored picture, one charge, an empty inbox."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from .test_inbox import drawn
from .workshop import Workshop, wait_for

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def put(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose one order was sent by a consumer that died, and whose file was put before anybody knew."""
    workshop = Workshop(
        tmp_path_factory.mktemp("put"), UPLOAD_ENDPOINT=True, PUBLIC_URL="https://www.example.org"
    )
    workshop.run("migrate", "-v", "0")
    workshop.run("seedream_generate", "A red fox in the snow", "--size", "2048x2048")
    workshop.kill_at("submitted", workshop.consumer(gap="submitted"))
    assert workshop.generation()["inbox_until"]
    path = inbox_of(workshop)
    path.parent.mkdir(mode=0o700, parents=True)
    path.write_bytes(drawn())
    return workshop.data


@pytest.fixture
def workshop(put: Path, tmp_path: Path) -> Iterator[Workshop]:
    shutil.copytree(put, tmp_path / "data")
    workshop = Workshop(tmp_path / "data", UPLOAD_ENDPOINT=True, PUBLIC_URL="https://www.example.org")
    yield workshop
    workshop.close()


def inbox_of(workshop: Workshop) -> Path:
    return workshop.data / "private" / "inbox" / str(uuid.UUID(workshop.generation()["id"]))


def private_files(workshop: Workshop) -> list[Path]:
    return [path for path in (workshop.data / "private").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("gap", "state"),
    [
        ("recorded", "received"), ("taken", "received"), ("stored", "received"), ("kept", "stored"),
        ("emptying", "stored"),
    ],
)  # fmt: skip
def test_a_consumer_killed_at_a_gap(workshop: Workshop, gap: str, state: str) -> None:
    """Whatever was done by then, the next one stores what was put, fetches nothing and leaves nothing."""
    workshop.kill_at(gap, workshop.consumer(gap=gap))
    assert [image["state"] for image in workshop.images()] == [state]
    assert inbox_of(workshop).exists()
    workshop.consumer()
    workshop.wait_until_final()
    wait_for(lambda: not private_files(workshop))
    (image,) = workshop.images()
    assert image["sha256_received"] == hashlib.sha256(drawn()).hexdigest()
    assert workshop.files() == workshop.check_kept(image)
    assert len(workshop.charges()) == 1
    wait_for(lambda: not workshop.rows("discardedfile"))
