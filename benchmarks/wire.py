"""Our client's part of ``against_sdk``: what the SDK does there, done by ``seedream_django.runware`` alone.

Each task is sent in a request of its own, then all in flight are asked about together, once a second, a hundred in a
request; each result goes to disk in one of a few threads. No rows, no queue. Prints, at the end, when each file was
there.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from seedream_django.runware.client import Result, Runware

from .order import TASK

#: Threads that send and fetch, tasks in one question, seconds between two rounds of questions.
THREADS, BATCH, INTERVAL = 4, 100, 1.0


class Wire:
    def __init__(self, root: str, folder: Path) -> None:
        self.client = Runware("a-key-for-benchmarks", f"{root}/v1")
        self.threads = ThreadPoolExecutor(THREADS)
        self.folder = folder
        self.fetched: list[Future[tuple[str, float]]] = []

    def run(self, count: int) -> list[tuple[str, float]]:
        waiting = [uuid.uuid4() for _ in range(count)]
        list(self.threads.map(self.send, waiting))
        while waiting:
            start = time.monotonic()
            ready = {task for some in batched(waiting) for task in self.ask(some)}
            waiting = [task for task in waiting if task not in ready]
            if waiting:
                time.sleep(max(0.0, start + INTERVAL - time.monotonic()))
        return [future.result() for future in self.fetched]

    def send(self, task: uuid.UUID) -> None:
        self.client.submit({**TASK, "taskUUID": str(task)})

    def ask(self, some: list[uuid.UUID]) -> list[uuid.UUID]:
        """Ask about these, have fetched what is ready, and tell which are."""
        found = [(task, report) for task, report in self.client.poll(some).items() if report.results]
        for task, report in found:
            self.fetched += [self.threads.submit(self.fetch, task, result) for result in report.results]
        return [task for task, _ in found]

    def fetch(self, task: uuid.UUID, result: Result) -> tuple[str, float]:
        self.client.download(result.url, self.folder / f"{result.image_uuid}.jpg")
        return str(task), time.time()


def batched(tasks: list[uuid.UUID]) -> list[list[uuid.UUID]]:
    return [tasks[start : start + BATCH] for start in range(0, len(tasks), BATCH)]


def main() -> None:
    root, count, folder = sys.argv[1:]
    print(json.dumps(Wire(root, Path(folder)).run(int(count))), flush=True)
    # Until it was looked at what this process has used.
    sys.stdin.readline()


if __name__ == "__main__":
    main()
