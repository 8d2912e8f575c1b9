"""kill -9 of real processes while a picture is kept that waits for a decision, and while an approved one moves:
nothing gets out."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from .workshop import Workshop, wait_for

pytestmark = pytest.mark.once

DECIDE = """
from seedream_django import review
from seedream_django.models import GeneratedImage
assert review.decide(GeneratedImage.objects.get(), True, by=None)
"""


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which a picture is ordered that will be flagged, and no consumer has run yet."""
    workshop = Workshop(tmp_path_factory.mktemp("ordered"))
    workshop.run("migrate", "-v", "0")
    workshop.run("seedream_generate", "A red fox sandbox:nsfw", "--size", "2048x2048")
    return workshop.data


@pytest.fixture(scope="module")
def approved(ordered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, kept and approved, and nobody has moved it."""
    data = tmp_path_factory.mktemp("approved") / "data"
    shutil.copytree(ordered, data)
    workshop = Workshop(data)
    workshop.consumer()
    workshop.wait_until_final()
    workshop.close()
    workshop.run("shell", "-v", "0", "-c", DECIDE)
    return data


@pytest.fixture
def workshop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workshop]:
    """A copy of the folder that the test names."""
    shutil.copytree(request.getfixturevalue(request.param), tmp_path / "data")
    workshop = Workshop(tmp_path / "data")
    yield workshop
    workshop.close()


def private(workshop: Workshop) -> set[str]:
    folder = workshop.data / "private"
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return {name for name in found if not name.startswith(".seedream-spool/")}


def public(workshop: Workshop) -> set[str]:
    return {name for name in workshop.files() if not name.startswith(".seedream-spool/")}


def leftovers(workshop: Workshop) -> list[Path]:
    return [path for path in workshop.data.rglob(".seedream-spool/*") if path.is_file()]


def check_held_back(workshop: Workshop) -> None:
    """One whole file, where nobody serves it; a blur for everybody; one charge; nothing else."""
    (image,) = workshop.images()
    data = (workshop.data / "private" / image["private_file"]).read_bytes()
    assert (image["state"], image["review"], image["file"]) == ("stored", "waiting", "")
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (image["sha256"], image["size"])
    assert (private(workshop), public(workshop)) == ({image["private_file"]}, {image["preview"]})
    assert len(workshop.charges()) == 1


def check_moved(workshop: Workshop) -> None:
    """The same file where everybody may see it, with its own preview; nothing is left anywhere else."""
    (image,) = workshop.images()
    assert (image["private_file"], image["review"]) == ("", "approved")
    wait_for(lambda: (private(workshop), public(workshop)) == (set(), workshop.check_kept(image)))
    assert workshop.rows("discardedfile") == []
    assert (leftovers(workshop), len(workshop.charges())) == ([], 1)


@pytest.mark.parametrize("workshop", ["ordered"], indirect=True)
@pytest.mark.parametrize("gap", ["downloaded", "half a preview", "preview stored", "stored", "kept"])
def test_killed_while_it_is_kept(workshop: Workshop, gap: str) -> None:
    """At no gap is a byte of the picture in the public folder; a restart ends in one private file and one blur."""
    workshop.kill_at(gap, workshop.consumer(gap=gap))
    assert {name.rpartition("-")[2] for name in public(workshop)} <= {"blurred.webp"}
    assert [path for path in leftovers(workshop) if "media" in path.parts] == []
    workshop.consumer()
    workshop.wait_until_final()
    check_held_back(workshop)


class Gap(NamedTuple):
    """What is true while a process stands there: is it still private, and how many public files there are."""

    name: str
    private: bool = True
    files: int = 1


GAPS = (
    Gap("to move"),
    Gap("copied"),
    Gap("half a moved file", files=2),
    Gap("file moved", files=2),
    Gap("preview moved", files=3),
    # moved: the row says so, nobody was told, and what it leaves is still there
    Gap("moved", private=False, files=3),
)


@pytest.mark.parametrize("workshop", ["approved"], indirect=True)
@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.name)
def test_killed_while_it_moves(workshop: Workshop, gap: Gap) -> None:
    """Until the row says that it is there it is still private; whoever comes next moves it, once."""
    workshop.kill_at(gap.name, workshop.consumer(gap=gap.name))
    (image,) = workshop.images()
    assert (bool(image["private_file"]), bool(image["file"])) == (gap.private, not gap.private)
    assert (len(private(workshop)), len(public(workshop))) == (1, gap.files)
    workshop.consumer()
    wait_for(lambda: not workshop.images()[0]["private_file"])
    wait_for(lambda: workshop.rows("discardedfile") == [])
    check_moved(workshop)


@pytest.mark.parametrize("workshop", ["approved"], indirect=True)
def test_the_queue_s_file_is_lost(workshop: Workshop) -> None:
    """With the decision in it: the first sweep of the next consumer finds the row."""
    (workshop.data / "queue.sqlite3").unlink()
    workshop.consumer()
    wait_for(lambda: not workshop.images()[0]["private_file"])
    wait_for(lambda: workshop.rows("discardedfile") == [])
    check_moved(workshop)


@pytest.fixture
def reviewed(tmp_path: Path) -> Iterator[Workshop]:
    """A site that reviews, where a picture is ordered, and no consumer has run yet."""
    workshop = Workshop(tmp_path, REVIEW="own")
    workshop.run("migrate", "-v", "0")
    workshop.run("seedream_generate", "A red fox", "--size", "2048x2048")
    yield workshop
    workshop.close()


def test_a_candidate(reviewed: Workshop) -> None:
    """Killed between preview and file, file and row, and while it moves: its file is private until it has moved, and
    its preview the same one all the time."""
    for gap in ("preview stored", "stored"):
        reviewed.kill_at(gap, reviewed.consumer(gap=gap))
        assert [name for name in public(reviewed) if not name.endswith("-preview.webp")] == []
    reviewed.consumer()
    reviewed.wait_until_final()
    check_held_back(reviewed)
    before = public(reviewed)
    reviewed.close()
    reviewed.run("shell", "-v", "0", "-c", DECIDE)
    reviewed.kill_at("preview moved", reviewed.consumer(gap="preview moved"))
    assert before < public(reviewed)
    reviewed.consumer()
    wait_for(lambda: not reviewed.images()[0]["private_file"])
    check_moved(reviewed)
    assert before < public(reviewed)
