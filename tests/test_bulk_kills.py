"""kill -9 of real consumers in the middle of a run for many objects: each object is ordered and paid once."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from .workshop import Workshop, wait_for

pytestmark = pytest.mark.once

BEGIN = """
from django.contrib.auth.models import User
from example_project.magazine.models import Article, Topic
from seedream_django import bulk, plans
from seedream_django.places import slot
topic = Topic.objects.create(name="Nature", slug="nature")
for number in range(5):
    Article.objects.create(title=f"Fox {number}", slug=f"fox-{number}", topic=topic)
owner = User.objects.get()
place = slot(ratio="1:1", prompt_from="{title}")
run = plans.begin(Article.objects.order_by("pk"), "cover", place, user=owner, may=plans.may_change(owner))
assert bulk.make_sample(run)
"""
REST = """
from seedream_django import bulk
from seedream_django.models import BulkRun
assert bulk.make_rest(BulkRun.objects.get())
"""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which a sample is asked for, and no consumer has run yet."""
    workshop = Workshop(tmp_path_factory.mktemp("begun"))
    workshop.run("migrate", "-v", "0")
    workshop.run("createsuperuser", "--noinput")
    workshop.run("shell", "-v", "0", "-c", BEGIN)
    return workshop.data


@pytest.fixture
def workshop(begun: Path, tmp_path: Path) -> Iterator[Workshop]:
    shutil.copytree(begun, tmp_path / "data")
    workshop = Workshop(tmp_path / "data")
    yield workshop
    workshop.close()


def wait_for_state(workshop: Workshop, state: str) -> None:
    try:
        wait_for(lambda: workshop.rows("bulkrun")[0]["state"] == state, 60)
    except AssertionError:
        raise AssertionError(
            f"{workshop.rows('bulkrun')} {workshop.rows('bulkitem')} {workshop.log()}"
        ) from None


def check_made(workshop: Workshop, count: int) -> None:
    """So many objects have a picture of their own; each was ordered once and charged once."""
    generations = workshop.rows("generation")
    assert len(generations) == len(workshop.rows("slot")) == count
    charged = [(uuid.UUID(charge.task_uuid).hex, charge.images) for charge in workshop.charges()]
    assert sorted(charged) == sorted((row["id"], 1) for row in generations)
    states = [row["state"] for row in workshop.rows("bulkitem")]
    assert sorted(states) == sorted(["filled"] * count + ["waiting"] * (5 - count))
    assert {row["claim"] for row in workshop.rows("bulkitem")} == {None}


@pytest.mark.parametrize("gap", ["object claimed", "object ordered", "object noted"])
def test_killed_with_an_object_in_hand(workshop: Workshop, gap: str) -> None:
    """Again and again: the next consumer goes on with exactly what was claimed."""
    for _ in range(2):
        workshop.kill_at(gap, workshop.consumer(gap=gap))
    consumer = workshop.consumer(workers=2)
    wait_for_state(workshop, "sampled")
    check_made(workshop, 3)
    workshop.kill(consumer)
    # Nobody tells the queue: the first sweep finds it.
    workshop.run("shell", "-v", "0", "-c", REST)
    workshop.kill_at(gap, workshop.consumer(gap=gap))
    workshop.consumer(workers=2)
    wait_for_state(workshop, "done")
    check_made(workshop, 5)
