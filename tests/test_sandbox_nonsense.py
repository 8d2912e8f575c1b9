"""Whatever is sent, the sandbox answers in the provider's shape: it never fails, and never charges for nonsense."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedream_django import parameters, sandbox

from .sandboxed import KEY, as_base64, connect, order, photo

KINDS = [
    "imageInference", "getResponse", "getTaskDetails", "mediaStorage", "imageUpload", "accountManagement", "ping",
    "authentication",
]  # fmt: skip
FIELDS = [
    *{row.path.partition(".")[0] for row in parameters.PAGE}, "settings", "referenceImages", "operation", "media",
    "image", "startDate", "endDate", "groupBy", "apiKeys", "timezone", "ping", "apiKey",
]  # fmt: skip

#: Words that lead somewhere, so that nonsense reaches more than the first check.
WORDS = [
    "", "x", "upload", "delete", "getUsageActivity", "getDetails", "2026-11-26", "2026-11-01", "UTC", "day", "apiKey",
    "Europe/Paris", "https://example.com/", "http://sandbox/pictures/x.jpg", "data:image/png;base64,AAAA",
    as_base64(photo()), str(uuid.uuid4()), "async", "base64Data", "\ud83d", "\x00", "localtime", "posixrules",
]  # fmt: skip

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=40)
)
names = st.sampled_from(
    [*FIELDS, "bytedance", "maxSequentialImages", "checkContent", "mode", "a.b"]
) | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
changes = st.dictionaries(st.sampled_from(FIELDS), values, max_size=4)


def a_task(kind: str, change: dict[str, Any]) -> dict[str, Any]:
    right = order() if kind == "imageInference" else {}
    return {**right, "taskUUID": str(uuid.uuid4()), "taskType": kind, **change}


tasks = st.builds(a_task, st.sampled_from(KINDS), changes)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    app = sandbox.create_app(tmp_path_factory.mktemp("nonsense") / "s", latency=0, plain=True)
    with connect(app) as client:
        yield client


def answer(client: httpx.Client, body: str, **headers: str) -> dict[str, Any]:
    reply = client.post("/v1", content=body.encode("utf-8", "surrogatepass"), headers=headers)
    assert reply.status_code < 500, reply.text
    assert reply.headers["content-type"] == "application/json"
    told = reply.json()
    assert told.keys() <= {"data", "errors"}
    assert all(told.values())
    for error in told.get("errors", []):
        assert error["code"]
        assert error["message"]
    return dict(told)


@settings(max_examples=400, deadline=None)
@given(st.lists(tasks | values, min_size=1, max_size=3))
def test_nonsense_is_told(client: httpx.Client, sent: list[Any]) -> None:
    """Tasks with wrong values in any field, nested and mixed: JSON, no 5xx, each error with code and message."""
    answer(client, json.dumps(sent))


printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)


@settings(max_examples=100, deadline=None)
@given(printable, st.sampled_from(["/v1", "/pictures/", "/media/", "/"]))
def test_nonsense_in_headers_and_paths(client: httpx.Client, text: str, path: str) -> None:
    """A header's words, a path and a dry run's mark can be anything."""
    ping = json.dumps([{"taskType": "ping", "ping": True}])
    headers = {**KEY, "X-Sandbox": f"x{text}".strip(), "X-Runware-Dry-Run": text.strip()}
    assert client.post("/v1", content=ping, headers=headers).status_code == 400
    assert client.get(f"{path}{quote(text)}").status_code in {404, 405}
