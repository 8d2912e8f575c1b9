"""A thousand schedules of everything that goes wrong, and the proof that they would notice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seedream_django.models import STEPS

from .simulation.failures import FAILURES
from .simulation.invariants import TRANSITIONS, UNTAKEN
from .simulation.mutants import MUTANTS

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
#: How long the slowest of these may take on a busy machine, in seconds.
PATIENCE = 1800


def simulate(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own: its clock, chance and database are not these tests'."""
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=ROOT, env={**os.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=PATIENCE,
    )  # fmt: skip


def test_some_schedules() -> None:
    """Nothing breaks in the first sixty; the long test plays a thousand."""
    played = simulate("--schedules", "60", "--processes", "1")
    assert played.returncode == 0, played.stdout + played.stderr


def test_a_schedule_is_played_again_as_it_was() -> None:
    """One seed is one history, in whatever process: a failure in CI is seen again on any machine."""
    first, second = (simulate("--seed", "7", PYTHONHASHSEED=hashes) for hashes in ("1", "2"))
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout == second.stdout
    assert first.stdout.count("\n") > 30


@pytest.mark.long
def test_a_thousand_schedules() -> None:
    """Nothing breaks, and each step of an order and each line of the table of failures happened fifty times."""
    played = simulate("--schedules", "1000", "--least", "50")
    assert played.returncode == 0, played.stdout + played.stderr
    counts = {name: int(count) for count, name in re.findall(r"^ +(\d+) (\S+)$", played.stdout, re.MULTILINE)}
    assert counts.keys() == {*TRANSITIONS, *FAILURES}
    assert min(counts.values()) >= 50


@pytest.mark.long
@pytest.mark.parametrize("name", MUTANTS)
def test_a_rule_taken_out_is_noticed(name: str) -> None:
    """By the invariant that it is there for, within a few hundred schedules; and the seed shows it again."""
    played = simulate("--schedules", "400", "--mutant", name)
    broke = re.match(r"Seed (\d+) broke (\w+):", played.stdout)
    assert broke, played.stdout + played.stderr
    assert played.returncode == 1
    assert broke[2] in MUTANTS[name].invariants
    assert f"--seed {broke[1]} --mutant" in played.stdout
    again = simulate("--seed", broke[1], "--mutant", name)
    assert again.returncode == 1
    assert f"BROKEN {broke[2]}" in again.stdout


def test_every_step_is_counted() -> None:
    """What is not counted is known to be taken by nothing, and breaks the schedule that takes it."""
    assert {*TRANSITIONS, *UNTAKEN} == {f"{a}→{b}" for a, following in STEPS.items() for b in following}


def test_the_table_of_failures_is_the_docs() -> None:
    """Each line that the page has is counted, under the same name and in the same words, and no other."""
    page = (ROOT / "docs" / "failures.md").read_text()
    lines = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \| [^|]+ \| (?:I\d ?)+\|$", page, re.MULTILINE)
    assert [(name, words.strip()) for name, words in lines] == list(FAILURES.items())
