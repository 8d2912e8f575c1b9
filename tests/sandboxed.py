"""What the tests of the sandbox share: a clock that stands still, a task, a post, a small picture."""

from __future__ import annotations

import base64
import io
import json
import uuid
from typing import Any

import httpx
from PIL import Image

from seedream_django import parameters, sandbox

KEY = {"Authorization": "Bearer sandbox"}


class Clock:
    """A clock that stands still until someone sleeps."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def connect(app: sandbox.App) -> httpx.Client:
    return httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://sandbox", headers=KEY)


def order(prompt: str = "a red fox", **more: Any) -> dict[str, Any]:
    return {
        "taskType": "imageInference",
        "taskUUID": str(uuid.uuid4()),
        "model": parameters.MODEL,
        "positivePrompt": prompt,
        "width": 2048,
        "height": 2048,
        "deliveryMethod": "async",
        **more,
    }


def task(kind: str, **more: Any) -> dict[str, Any]:
    return {"taskType": kind, "taskUUID": str(uuid.uuid4()), **more}


def post(client: httpx.Client, *tasks: Any, **options: Any) -> httpx.Response:
    # By json.dumps, because httpx would not encode the broken Unicode that some tests send.
    return client.post("/v1", content=json.dumps(tasks), **options)


def poll(client: httpx.Client, *orders: dict[str, Any]) -> dict[str, Any]:
    tasks = [{"taskType": "getResponse", "taskUUID": o["taskUUID"]} for o in orders]
    reply = post(client, *tasks)
    assert reply.status_code == 200
    return dict(reply.json())


def made(client: httpx.Client, **more: Any) -> list[dict[str, Any]]:
    """The items of a sync order."""
    reply = post(client, order(**{"deliveryMethod": "sync", **more}))
    assert reply.status_code == 200, reply.json()
    return list(reply.json()["data"])


def error_of(reply: httpx.Response) -> dict[str, Any]:
    body = reply.json()
    assert list(body) == ["errors"]
    assert len(body["errors"]) == 1
    return dict(body["errors"][0])


def photo(size: tuple[int, int] = (64, 48), kind: str = "PNG", colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def as_data_uri(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{as_base64(data)}"
