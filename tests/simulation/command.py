"""The command: plays schedules in some processes, adds up what happened, and says how to see a failure again."""

from __future__ import annotations

import argparse
import concurrent.futures
import gc
import multiprocessing
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.conf import settings

from . import invariants, schedule
from .failures import FAILURES
from .mutants import MUTANTS

#: Schedules that a process plays between two reports.
CHUNK = 10


class Outcome(NamedTuple):
    seed: int
    counts: Counter[str]
    broken: list[str]


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.seed is not None:
        return _tell(options.seed, options.mutant)
    started, counts, broken, played = time.monotonic(), Counter[str](), [], 0
    for outcome in _play(options):
        played += 1
        counts.update(outcome.counts)
        if outcome.broken:
            broken.append(outcome)
            print(_failure(outcome, options.mutant), flush=True)
            if options.mutant:
                return 1
    seconds = time.monotonic() - started
    print(f"{played} schedules in {seconds:.0f} s, {len(broken)} broken.")
    few = [name for name in _counted() if counts[name] < options.least]
    for name in _counted():
        print(f"{counts[name]:8} {name}")
    for name in few:
        print(f"Too rare: {name} happened {counts[name]} times, and {options.least} are asked for.")
    return 1 if broken or few else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=1000, help="how many are played (1000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--seed", type=int, help="play this one alone, and tell all of it")
    parser.add_argument(
        "--least", type=int, default=0, help="how often each step and failure must happen (0)"
    )
    parser.add_argument(
        "--mutant", choices=MUTANTS, help="take this rule out of the app; stop at what notices"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many play at once")
    return parser


def _counted() -> Iterable[str]:
    return [*invariants.TRANSITIONS, *FAILURES]


# -- Playing -------------------------------------------------------------------------------------------------


def _play(options: argparse.Namespace) -> Iterator[Outcome]:
    seeds = range(options.first, options.first + options.schedules)
    chunks = [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)]
    if options.processes == 1 or len(chunks) == 1:
        begin(options.mutant)
        for chunk in chunks:
            for seed in chunk:
                yield play(seed)
        return
    fork = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(options.processes, fork, begin, (options.mutant,)) as pool:
        for outcomes in pool.map(play_all, chunks):
            yield from outcomes


def begin(mutant: str | None) -> None:
    """Make this process ready to play.

    What is half-written is in real files: in the first process's folder, which goes with that one.
    """
    tempfile.tempdir = tempfile.mkdtemp(dir=settings.DATA)
    settings.SEEDREAM["SPOOL"] = f"{tempfile.tempdir}/spool"
    schedule.set_up()
    if mutant:
        MUTANTS[mutant].put()
    # What is there now stays; looking through it again and again took a tenth of the time.
    gc.collect()
    gc.freeze()


def play_all(seeds: Iterable[int]) -> list[Outcome]:
    return [play(seed) for seed in seeds]


def play(seed: int) -> Outcome:
    here = schedule.play(seed)
    return Outcome(seed, here.counts, [str(broken) for broken in here.broken])


# -- Telling -------------------------------------------------------------------------------------------------


def _tell(seed: int, mutant: str | None) -> int:
    begin(mutant)
    here = schedule.play(seed)
    print("\n".join(here.story))
    print(f"Seed {seed}: {len(here.broken)} broken.")
    return 1 if here.broken else 0


def _failure(outcome: Outcome, mutant: str | None) -> str:
    again = f"python -m tests.simulation --seed {outcome.seed}" + (f' --mutant "{mutant}"' if mutant else "")
    return f"Seed {outcome.seed} broke {outcome.broken[0]}\nSee it again: {again}"
