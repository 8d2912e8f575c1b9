"""A provider of nothing but speed: it takes orders, tells of them, and hands out one picture that was made before.

It is a process of its own, so that its work is not counted as anybody's. The sandbox keeps books and paints, and
would be the slowest part of any run; this keeps its tasks in memory and speaks just enough of the contract.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import functools
import json
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

Task = dict[str, Any]
#: A place for base64, so that a reply of 73 MB is made once and not by a JSON writer.
KEYS = {"base64Data": "imageBase64Data", "dataURI": "imageDataURI"}


class Tasks:
    """What was ordered. A task takes ``seconds``, give or take ``spread``, in an order that is always the same."""

    def __init__(self, seconds: float, spread: float, pictures: dict[str, bytes]) -> None:
        self.seconds, self.spread, self.pictures = seconds, spread, pictures
        self.root = ""
        self.clear()

    def clear(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.requests = self.polled = self.put = 0
        self.uploads: list[asyncio.Task[None]] = []

    def accept(self, asked: Task) -> None:
        # The golden ratio spreads them evenly, however many there will be.
        share = len(self.tasks) * 0.618033988749895 % 1
        takes = self.seconds + self.spread * (2 * share - 1)
        kept = {"ready": time.time() + takes, "results": asked.get("numberResults", 1)}
        kept |= {name: asked.get(name) for name in ("width", "outputType", "uploadEndpoint")}
        kept["names"] = [str(uuid.uuid4()) for _ in range(kept["results"])]
        self.tasks[asked["taskUUID"]] = kept
        if kept["uploadEndpoint"]:
            self.uploads.append(asyncio.ensure_future(self.upload(kept, takes)))

    async def upload(self, task: Task, takes: float) -> None:
        # Before it is told: what is told of and not there yet is fetched as any other.
        await asyncio.sleep(takes / 2)
        request = urllib.request.Request(task["uploadEndpoint"], self.picture(task), method="PUT")
        request.add_header("Content-Type", "image/jpeg")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        await asyncio.to_thread(opener.open, request, timeout=60)
        self.put += 1

    def picture(self, task: Task) -> bytes:
        return self.pictures[str(task["width"])]

    def told(self, task_uuid: str) -> list[Task]:
        """The items that a poll gets for one task."""
        self.polled += 1
        task = self.tasks.get(task_uuid)
        if task is None:
            return [{"taskType": "getResponse", "taskUUID": task_uuid, "status": "processing"}]
        about = {"taskType": "imageInference", "taskUUID": task_uuid}
        left = task["ready"] - time.time()
        if left > 0:
            return [{**about, "status": "processing", "progress": max(0, min(99, int(100 - 5 * left)))}]
        return [
            {**about, "status": "success", "cost": 0.035, **self.shown(task, name)} for name in task["names"]
        ]

    def shown(self, task: Task, name: str) -> Task:
        kind = task["outputType"]
        if kind in KEYS:
            return {"imageUUID": name, KEYS[kind]: f"@{kind}@{task['width']}@"}
        return {"imageUUID": name, "imageURL": f"{self.root}/pictures/{task['width']}/{name}.jpg"}

    def answer(self, asked: list[Task]) -> bytes:
        items: list[Task] = []
        for each in asked:
            if each["taskType"] == "getResponse":
                items += self.told(each["taskUUID"])
            else:
                self.accept(each)
                items.append({"taskType": each["taskType"], "taskUUID": each["taskUUID"]})
        return self._with_bytes(json.dumps({"data": items}, separators=(",", ":")).encode())

    def _with_bytes(self, body: bytes) -> bytes:
        for kind in KEYS:
            for width in self.pictures:
                hole = f"@{kind}@{width}@".encode()
                if hole in body:
                    body = body.replace(hole, self.encoded(kind, width))
        return body

    @functools.cache  # noqa: B019 - one object a process
    def encoded(self, kind: str, width: str) -> bytes:
        start = b"data:image/jpeg;base64," if kind == "dataURI" else b""
        return start + base64.b64encode(self.pictures[width])

    def stats(self) -> bytes:
        ready = {task_uuid: task["ready"] for task_uuid, task in self.tasks.items()}
        return json.dumps(
            {"requests": self.requests, "polled": self.polled, "put": self.put, "ready": ready}
        ).encode()


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as far as three kinds of request need it."""

    def __init__(self, tasks: Tasks) -> None:
        self.tasks, self.buffer = tasks, bytearray()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.buffer[:end]).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self.buffer) < end + 4 + length:
                return
            line = bytes(self.buffer[:end]).partition(b"\r\n")[0].decode().split(" ")
            body = bytes(self.buffer[end + 4 : end + 4 + length])
            del self.buffer[: end + 4 + length]
            self.answer(line[0], line[1], body)

    def answer(self, method: str, path: str, body: bytes) -> None:
        paths: dict[str, Callable[[], bytes]] = {
            "/v1": lambda: self.tasks.answer(json.loads(body)),
            "/stats": self.tasks.stats,
            "/tasks": lambda: self.prepare(json.loads(body)),
        }
        counted = path == "/v1" or path.startswith("/pictures/")
        self.tasks.requests += counted
        if path.startswith("/pictures/"):
            return self.send(self.tasks.pictures[path.split("/")[2]], "image/jpeg")
        return self.send(paths[path](), "application/json")

    def prepare(self, given: list[Task]) -> bytes:
        """Forget everything, and take these as if they had just been ordered."""
        self.tasks.clear()
        for each in given:
            self.tasks.accept(each)
        return b"{}"

    def send(self, body: bytes, kind: str) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body if len(body) < 65536 else head.encode())
        if len(body) >= 65536:
            self.transport.write(body)


async def serve(tasks: Tasks) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(tasks), "127.0.0.1", 0, backlog=4096)
    port = server.sockets[0].getsockname()[1]
    tasks.root = f"http://127.0.0.1:{port}"
    print(tasks.root, flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--spread", type=float, default=0)
    parser.add_argument("--pictures", type=Path, required=True, help="a folder with 2048.jpg and so on")
    given = parser.parse_args()
    pictures = {path.stem: path.read_bytes() for path in given.pictures.glob("*.jpg")}
    asyncio.run(serve(Tasks(given.seconds, given.spread, pictures)))


if __name__ == "__main__":
    main()
