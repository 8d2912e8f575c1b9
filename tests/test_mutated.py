"""Valid replies, mutated: dropped, doubled, retyped, renamed, moved and spliced.

What may be concluded from a reply is said here a second time, loosely and without the reader's code: no picture
without an item that names task and address, no failure without an error, no "no" beside an acknowledgement.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import logging
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seedream_django import orders, pace, pipeline
from seedream_django.exceptions import NotRun, ProviderError, Refused, SeedreamError
from seedream_django.models import STEPS, GeneratedImage, Generation, State
from seedream_django.runware.client import Inline, Report, Runware, in_process
from seedream_django.sandbox import running

from .gate import KEY, speaking_to
from .raw import chain, told

pytestmark = pytest.mark.once

OURS, OTHERS = (f"6f1f7c1e-3a52-4f0e-9d3b-0f7f5f1f2a0{n}" for n in (1, 2))
IMAGES = [f"0c7a5f0e-52a5-4d84-9a4a-1c1f2f5f9b0{n}" for n in range(8)]
#: In every signed address; it may leave the client in a result's address, and in nothing else.
SIGNATURE = "c4n4ry-s1gn4ture"
QUERY = f"?X-Amz-Expires=60&X-Amz-Signature={SIGNATURE}"
CANARIES = re.compile(rf"{re.escape(KEY)}|{SIGNATURE}", re.IGNORECASE)

#: Words of the provider's in which a secret may hide.
LEAKS = [
    f"Bearer {KEY} is wrong",
    f"Could not open https://im.runware.ai/a.jpg{QUERY}",
    f'HTTPS://IM.RUNWARE.AI/a.jpg{QUERY} and "http://x{QUERY}"',
    f"im.runware.ai/a.jpg{QUERY}",
    f"//im.runware.ai/a.jpg{QUERY}#x",
    f"s3://bucket/a.jpg{QUERY}",
    f"/files/a.jpg?sig={SIGNATURE}",
    f"https://a/b#token={SIGNATURE}",
]


# -- Valid replies -------------------------------------------------------------------------------------------


def done(task: str, number: int, **fields: Any) -> dict[str, Any]:
    url = f"https://im.runware.ai/image/{number}.jpg{QUERY}"
    item = {"taskType": "imageInference", "taskUUID": task, "imageUUID": IMAGES[number], "imageURL": url}
    return {**item, "seed": number, "cost": 0.035, "status": "success", **fields}


def pending(task: str, kind: str = "imageInference") -> dict[str, Any]:
    return {"taskType": kind, "taskUUID": task, "status": "processing", "progress": 40}


def error(task: str, code: str, text: int = 0, kind: str = "imageInference") -> dict[str, Any]:
    return {"code": code, "message": LEAKS[text], "parameter": "width", "taskType": kind, "taskUUID": task}


def archive(task: str, response: Any) -> dict[str, Any]:
    request = [{"taskType": "imageInference", "taskUUID": task, "uploadEndpoint": f"https://b/{QUERY}"}]
    return {"taskType": "getTaskDetails", "taskUUID": task, "request": request, "response": response}


VALID: list[dict[str, Any]] = [
    {"data": [{"taskType": "imageInference", "taskUUID": OURS}]},
    {"data": [done(OURS, 0), done(OURS, 1)]},
    {"data": [done(OURS, 0), pending(OURS), done(OTHERS, 2)]},
    {"data": [pending(OURS), pending(OTHERS, "getResponse")]},
    {"data": [done(OURS, 0)], "errors": [error(OURS, "inferenceError", 1), error(OTHERS, "timeoutProvider", 2)]},
    {"data": [{**error(OURS, "contentPolicyViolation", 3), "status": "error"}, done(OTHERS, 2)]},
    {"data": [{**pending(OURS), "status": "error", "error": error(OURS, "inferenceError", 4)}]},
    {"errors": [error(OURS, "conflictTaskUUID", 5)]},
    {"errors": [error(OURS, "rateLimitExceeded", 6, "getResponse"), error(OTHERS, "invalidApiKey", 0, "getResponse")]},
    {"errors": [error(OURS, "taskFailedOrNotFound", 7, "getTaskDetails")]},
    {"data": [archive(OURS, {"data": [done(OURS, 0)], "errors": [error(OURS, "inferenceError", 1)]})]},
    {"data": archive(OURS, None)},
]  # fmt: skip
STATUSES = {200: 8, 400: 2, 401: 1, 404: 2, 429: 1, 500: 1, 504: 2}

NAMES = sorted(
    {name for reply in VALID for item in reply.get("data", []) for name in item if isinstance(item, dict)}
)
scalars = (
    st.sampled_from(
        [*LEAKS, OURS, OTHERS, *IMAGES[:3], "success", "error", "processing", "getResponse", "", KEY]
    )
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
)
garbage = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*NAMES, "code", "error", "errors", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


# -- Mutations -----------------------------------------------------------------------------------------------


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of the tree but the whole."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield (*path, key)
        yield from places(value, (*path, key))


def mutate(draw: Any, tree: Any) -> None:
    ways = list(places(tree))
    if not ways:
        return
    *parents, last = draw(st.sampled_from(ways))
    parent = tree
    for key in parents:
        parent = parent[key]
    change = draw(st.sampled_from(["drop", "double", "retype", "rename", "move", "splice", "copy"]))
    if change == "drop":
        del parent[last]
    elif change == "retype":
        parent[last] = draw(garbage)
    elif change == "copy":
        away = draw(st.sampled_from(ways))
        value = tree
        for key in away:
            value = value[key]
        parent[last] = copy.deepcopy(value)
    elif isinstance(parent, list):
        new = copy.deepcopy(parent[last]) if change != "splice" else draw(garbage)
        parent.insert(draw(st.integers(0, len(parent))), new)
        if change == "move":
            parent.reverse()
    else:
        name = draw(st.sampled_from([last.upper(), last.lower(), last + " ", *NAMES, "errors", "x"]))
        parent[name] = draw(garbage) if change == "splice" else parent[last]
        if change in ("rename", "move"):
            parent.pop(last) if name != last else None


@st.composite
def mutated(draw: Any, replies: Any = VALID) -> dict[str, Any]:
    tree = copy.deepcopy(draw(st.sampled_from(replies)))
    for _ in range(draw(st.integers(0, 4))):
        mutate(draw, tree)
    return tree


@st.composite
def damaged(draw: Any, reply: dict[str, Any]) -> bytes:
    """Its bytes, with a few of them cut out, doubled or written over.

    Words with an address are left out: what its damaged rest is, nobody can tell.
    """
    text = json.dumps(reply)
    for leak in LEAKS[1:]:
        text = text.replace(json.dumps(leak), '"It broke."')
    body = bytearray(text.encode())
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 12)))
        body[start:end] = draw(
            st.sampled_from([b"", bytes(body[start:end] * 2), b"\xff", b"{", b'"', b"NaN", b"null"])
        )
    return bytes(body)


# -- What may be concluded -----------------------------------------------------------------------------------


def objects(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for value in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from objects(value)


def names(item: dict[str, Any], task: str) -> bool:
    try:
        return uuid.UUID(item.get("taskUUID")) == uuid.UUID(task)
    except (ValueError, TypeError, AttributeError):
        return False


def direct(tree: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = tree.get(name)
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def whole(tree: dict[str, Any], task: str) -> set[uuid.UUID]:
    """The pictures that the reply surely tells of: undamaged where it counts."""
    return {
        uuid.UUID(item["imageUUID"])
        for item in direct(tree, "data")
        if item.get("taskUUID") == task
        and item.get("imageUUID") in IMAGES
        and str(item.get("imageURL")).startswith("https://im.runware.ai/image/")
    }


def addresses(tree: dict[str, Any], task: str) -> set[str]:
    return {str(item.get("imageURL")) for item in objects(tree) if names(item, task)}


def may_fail(tree: dict[str, Any], task: str) -> bool:
    """Some error is there that could be meant for the task: beside the data, or in an item of its own."""
    blamed = any(names(item, task) and str(item.get("status")).lower() == "error" for item in objects(tree))
    return blamed or any(
        name in item and item[name] for item in objects(tree) for name in ("errors", "error")
    )


def check(report: Report, tree: dict[str, Any], task: str) -> None:
    assert {result.url for result in report.results} <= addresses(tree, task)
    assert len({result.image_uuid for result in report.results}) == len(report.results)
    assert not report.failures or may_fail(tree, task)
    assert report.known or not (report.results or report.failures)
    assert not CANARIES.search(repr(report))


@contextmanager
def watched() -> Iterator[None]:
    """Only errors of the tree come out, and no secret: in no message, repr, traceback with its locals, or log."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(f"{record.getMessage()} {record.exc_info}")  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    except SeedreamError as problem:
        lines.append(told(problem))
        lines += [f"caused by {KEY}" for link in chain(problem) if not isinstance(link, SeedreamError)]
        raise
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        assert not CANARIES.search("\n".join(lines))


# -- The client ----------------------------------------------------------------------------------------------


class Server:
    """Answers everything with the body and the status at hand."""

    status, body = 200, b"{}"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(f"{self.status} Whatever", [("Content-Type", "application/json")])
        return [self.body]


SERVER = Server()
CLIENT = Runware(KEY, "http://sandbox/v1", transport=in_process(SERVER))
statuses = st.sampled_from([status for status, weight in STATUSES.items() for _ in range(weight)])


def asked(ask: Any) -> Any:
    """What it returns, or the error of the tree that it raises."""
    try:
        with watched():
            return ask()
    except ProviderError as problem:
        return problem


@settings(max_examples=250)
@given(reply=mutated(), status=statuses)
@example(reply={"data": [{"taskUUID": OURS}], "errors": {}}, status=200)
@example(
    reply={"data": [{"taskUUID": OURS, "status": "success"}], "errors": [{"code": "invalidWidth"}]},
    status=400,
)
def test_a_submission(reply: dict[str, Any], status: int) -> None:
    """Never refused, and never called not run, beside a word that it was accepted; never a picture of another task."""
    SERVER.status, SERVER.body = status, json.dumps(reply).encode()
    answer = asked(lambda: CLIENT.submit({"taskUUID": OURS, "positivePrompt": "a fox"}))
    heard = [item for item in direct(reply, "data") if names(item, OURS) and item.get("status") != "error"]
    if isinstance(answer, Report):
        check(answer, reply, OURS)
        assert heard
        assert {result.image_uuid for result in answer.results} >= whole(reply, OURS)
        assert answer.results or answer.processing
        return
    assert isinstance(answer, ProviderError)
    assert not whole(reply, OURS)
    if isinstance(answer, (Refused, NotRun)):
        assert not [item for item in heard if str(item.get("status")).lower() != "error"]
        assert status >= 400 or may_fail(reply, OURS)
        assert status < 500


@settings(max_examples=250)
@given(reply=mutated(), status=statuses)
def test_a_poll(reply: dict[str, Any], status: int) -> None:
    """Reports of what was asked alone, each picture its own task's, none forgotten that the reply tells of."""
    SERVER.status, SERVER.body = status, json.dumps(reply).encode()
    answer = asked(lambda: CLIENT.poll([uuid.UUID(OURS), uuid.UUID(OTHERS)]))
    reports = {} if isinstance(answer, ProviderError) else answer
    assert set(reports) <= {uuid.UUID(OURS), uuid.UUID(OTHERS)}
    for task in (OURS, OTHERS):
        report = reports.get(uuid.UUID(task), Report(uuid.UUID(task)))
        check(report, reply, task)
        assert {result.image_uuid for result in report.results} >= whole(reply, task)


@settings(max_examples=150)
@given(reply=mutated(), status=statuses)
def test_a_question(reply: dict[str, Any], status: int) -> None:
    """An order is sent again after "unknown": never that but for the one code, and beside no other word."""
    SERVER.status, SERVER.body = status, json.dumps(reply).encode()
    answer = asked(lambda: CLIENT.details(uuid.UUID(OURS)))
    if isinstance(answer, Report):
        check(answer, reply, OURS)
        assert any(names(item, OURS) and "response" in item for item in direct(reply, "data"))
    if answer is None:
        codes = [str(item.get("code")).lower() for item in objects(reply)]
        assert "taskfailedornotfound" in codes
        assert status in (200, 400, 404)
        assert not whole(reply, OURS)
        assert not any("response" in item and names(item, OURS) for item in direct(reply, "data"))


@settings(max_examples=150)
@given(data=st.data(), status=statuses)
def test_bytes(data: Any, status: int) -> None:
    """Broken bytes: something of the tree comes out, no secret with it, and no "unknown" that nobody said."""
    SERVER.status, SERVER.body = status, data.draw(damaged(data.draw(mutated())))
    for ask in (
        lambda: CLIENT.submit({"taskUUID": OURS}),
        lambda: CLIENT.poll([uuid.UUID(OURS)]),
        lambda: CLIENT.details(uuid.UUID(OURS)),
        lambda: CLIENT.balance(),
        lambda: CLIENT.ping(),
        lambda: CLIENT.keep(b"picture", "image/png"),
    ):
        answer = asked(ask)
        assert answer is None or not CANARIES.search(repr(answer))


# -- Pictures inside -----------------------------------------------------------------------------------------


def inside(task: str, number: int, key: str = "imageBase64Data", prefix: str = "") -> dict[str, Any]:
    item = {k: v for k, v in done(task, number).items() if k != "imageURL"}
    return {**item, key: prefix + base64.b64encode(f"picture {number} of {task}".encode()).decode()}


INSIDE: list[dict[str, Any]] = [
    {
        "data": [
            inside(OURS, 0),
            inside(OURS, 1, "imageDataURI", "data:image/jpeg;base64,"),
            inside(OTHERS, 2),
        ]
    },
    {
        "data": [inside(OURS, 0), pending(OURS), inside(OTHERS, 2)],
        "errors": [error(OURS, "inferenceError", 1)],
    },
    {"data": [{**inside(OURS, 0), **done(OURS, 0)}, {**inside(OURS, 1), "imageDataURI": "data:,"}]},
    {
        "data": [inside(OTHERS, 2)],
        "errors": [{"message": '"imageBase64Data":"AAAA" in words', "taskUUID": OURS}],
    },
]


def contents(tree: dict[str, Any], task: str) -> set[bytes]:
    """What every picture holds that some item of this task carries, as far as it is base64 at all."""
    texts = [
        str(item.get(key)).rpartition(",")[2]
        for item in objects(tree)
        if names(item, task)
        for key in ("imageBase64Data", "imageDataURI")
    ]
    found = set()
    for text in texts:
        with suppress(ValueError):
            found.add(base64.b64decode("".join(text.split()) + "=" * (-len("".join(text.split())) % 4)))
    return found


@settings(max_examples=150)
@given(reply=mutated(INSIDE), status=statuses)
def test_pictures_inside(reply: dict[str, Any], status: int) -> None:
    """Each on disk is one that an item of its own task carries, byte for byte; none that is whole is left out."""
    SERVER.status, SERVER.body = status, json.dumps(reply).encode()
    tasks = [uuid.UUID(OURS), uuid.UUID(OTHERS)]
    with TemporaryDirectory() as folder:
        answer = asked(lambda: CLIENT.poll(tasks, inline=Inline(Path(folder) / "reply", 1000)))
        reports = {} if isinstance(answer, ProviderError) else answer
        for task in (OURS, OTHERS):
            report = reports.get(uuid.UUID(task), Report(uuid.UUID(task)))
            check(replace(report, results=tuple(r for r in report.results if r.url)), reply, task)
            kept = {r.image_uuid: r.picture for r in report.results if r.picture and r.picture.path}
            for picture in kept.values():
                assert picture.path
                data = picture.path.read_bytes()
                assert (len(data), hashlib.sha256(data).hexdigest()) == (picture.size, picture.sha256)
                assert data in contents(reply, task)
            assert {r.image_uuid for r in report.results} >= whole_inside(reply, task)


def whole_inside(tree: dict[str, Any], task: str) -> set[uuid.UUID]:
    return {
        uuid.UUID(item["imageUUID"])
        for item in direct(tree, "data")
        if item.get("taskUUID") == task and item.get("imageUUID") in IMAGES and item.get("imageBase64Data")
        if isinstance(item["imageBase64Data"], str)
    }


# -- The rows ------------------------------------------------------------------------------------------------


class Provider(Server):
    """Accepts what is submitted, or says this code, and answers every question with the body at hand."""

    def __init__(self) -> None:
        self.submitted: list[str] = []
        self.refusal = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        (task, *_) = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        submits = task["taskType"] == "imageInference"
        if submits:
            self.submitted.append(task["taskUUID"])
        status = 200 if submits else self.status
        start_response(f"{status} Whatever", [("Content-Type", "application/json")])
        about = {"taskType": "imageInference", "taskUUID": task["taskUUID"]}
        answer = {"errors": [{"code": self.refusal, **about}]} if self.refusal else {"data": [about]}
        return [json.dumps(answer).encode() if submits else self.body]


#: What a poll may be told; and the last word, after which every picture is there.
TOLD = [reply for reply in VALID if "getTaskDetails" not in json.dumps(reply)]
LAST_WORD = {"data": [done(OURS, 0), done(OURS, 1), done(OTHERS, 2)]}


@pytest.fixture
def provider(settings: Any, db: None) -> Iterator[Provider]:
    provider = Provider()
    with running(provider) as root, speaking_to(settings, f"{root}/v1"):
        yield provider


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(replies=st.lists(st.tuples(mutated(TOLD), statuses), min_size=1, max_size=3))
def test_rows(replies: list[tuple[dict[str, Any], int]], provider: Provider) -> None:
    """Whatever polls say: one POST a row, legal steps, no picture swapped, and what is paid for still arrives."""
    with transaction.atomic():
        _live_through([*replies, (LAST_WORD, 200)], provider)
        transaction.set_rollback(True)


def _live_through(replies: list[tuple[dict[str, Any], int]], provider: Provider) -> None:
    rows = [orders.place("a fox", results=2), orders.place("a cat")]
    provider.submitted.clear()
    for row in rows:
        pipeline.submit(row.pk)
    trees: list[dict[str, Any]] = []
    for reply, status in replies:
        body = json.dumps(reply).replace(OURS, str(rows[0].pk)).replace(OTHERS, str(rows[1].pk))
        provider.status, provider.body = status, body.encode()
        trees.append(json.loads(body))
        before = [State(row.state) for row in rows if not row.refresh_from_db()]
        pace.batch.size = pace.BATCH  # as if this were the first that was too much
        Generation.objects.update(look_at=timezone.now())
        with watched():
            pipeline.collect()
        for row, state in zip(rows, before, strict=True):
            _look_at(row, state, trees)
    assert provider.submitted == [str(row.pk) for row in rows]


def _look_at(row: Generation, before: State, trees: list[dict[str, Any]]) -> None:
    row.refresh_from_db()
    task, state = str(row.pk), State(row.state)
    assert state == before or state in STEPS.get(before, ())
    assert state not in (State.LOST, State.DONE, State.CANCELLED)
    assert state != State.FAILED or any(may_fail(tree, task) for tree in trees)
    assert not CANARIES.search(f"{row.error_code} {row.error_message}")
    kept = {image.image_uuid: image.url for image in row.images.all()}
    assert {*kept.values()} <= set().union(*(addresses(tree, task) for tree in trees))
    if before != State.STORING:  # then nothing more is asked, until it has ended
        elsewhere = GeneratedImage.objects.exclude(generation=row).values_list("image_uuid", flat=True)
        assert whole(trees[-1], task) <= {*kept, *elsewhere}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reply=mutated(), status=statuses)
def test_rows_in_doubt(reply: dict[str, Any], status: int, provider: Provider) -> None:
    """Perhaps it was taken: it is sent again only after the one code, and given up only after an error of its own."""
    with transaction.atomic():
        provider.refusal, provider.submitted = "internalServerError", []
        row = orders.place("a fox")
        pipeline.submit(row.pk)
        row.refresh_from_db()
        assert row.state == State.ASKING
        body = json.dumps(reply).replace(OURS, str(row.pk))
        provider.status, provider.body = status, body.encode()
        Generation.objects.update(look_at=timezone.now())
        with watched():
            pipeline.collect()
        row.refresh_from_db()
        _judge_doubt(row, json.loads(body), status)
        assert provider.submitted == [str(row.pk)]
        transaction.set_rollback(True)


def _judge_doubt(row: Generation, tree: dict[str, Any], status: int) -> None:
    task = str(row.pk)
    assert row.state in (State.ASKING, State.QUEUED, State.RUNNING, State.STORING, State.FAILED)
    if row.state == State.QUEUED:
        assert "taskfailedornotfound" in [str(item.get("code")).lower() for item in objects(tree)]
        assert status in (200, 400, 404)
        assert not whole(tree, task)
    if row.state == State.FAILED:
        assert may_fail(tree, task)
    if row.state in (State.RUNNING, State.STORING):
        assert any(names(item, task) for item in objects(tree))
    assert {image.url for image in row.images.all()} <= addresses(tree, task)
    assert whole(tree, task) <= {image.image_uuid for image in row.images.all()}


@pytest.mark.parametrize("code", ["conflictTaskUUID", "ConflictTaskUuid", "conflicttaskuuid"])
def test_a_conflict_in_any_spelling(code: str, provider: Provider) -> None:
    """Codes are still being standardised: this one proves that the first submission was taken, however it is spelt."""
    provider.refusal = code
    row = orders.place("a fox")
    pipeline.submit(row.pk)
    row.refresh_from_db()
    assert (row.state, row.error_code) == (State.RUNNING, "")
