"""What real servers have sent, over sockets: one reply, and what a submission, a poll and a question make of it.

``test_wire`` holds what a connection does, ``test_replies`` what an item says; here are whole replies, cut, packed,
mislabelled and mixed, and the three answers that a row's fate hangs on.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import logging
import socket
import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from seedream_django.exceptions import ProviderError
from seedream_django.runware.client import Report, Runware

from .raw import KEY, Script, Server, http, refusal, reply, reset, sending

pytestmark = pytest.mark.once

TASK, OTHER = (uuid.UUID(f"6f1f7c1e-3a52-4f0e-9d3b-0f7f5f1f2a0{n}") for n in (1, 2))
IMAGES = [f"0c7a5f0e-52a5-4d84-9a4a-1c1f2f5f9b0{n}" for n in range(5)]
ACK = {"taskType": "imageInference", "taskUUID": str(TASK)}
ECHO = {"taskType": "getResponse", "taskUUID": str(TASK), "status": "processing"}


def done(number: int = 0, **fields: Any) -> dict[str, Any]:
    url = f"https://im.runware.ai/{number}.jpg?sig=s"
    return {**ACK, "imageUUID": IMAGES[number], "imageURL": url, "seed": 7, "cost": 0.035, **fields}


def error(code: str = "inferenceError", **fields: Any) -> dict[str, Any]:
    return {"code": code, "message": "It broke.", **ACK, **fields}


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def client(server: Server) -> Iterator[Runware]:
    client = Runware(KEY, f"{server.origin}/v1", timeout=1)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does, neither the key nor the query of an address is in the log."""
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in caplog.text
    assert "sig=" not in caplog.text


# -- In words ------------------------------------------------------------------------------------------------


def words(report: Report | None) -> str:
    """A report in a few words: "2 done, working 40, failed inferenceError", "echo", "nothing"."""
    if report is None:
        return "unknown"
    said = [f"{len(report.results)} done"] if report.results else []
    if report.processing:
        working = "working" if report.known else "echo"
        said.append(working if report.progress is None else f"{working} {report.progress}")
    said += [f"failed {failure.code}".strip() for failure in report.failures]
    return ", ".join(said) or "nothing"


def _answer(ask: Callable[[], Any]) -> str:
    """What came of it, or the outcome and the class of the error; no secret is in it."""
    try:
        return words(ask())
    except ProviderError as problem:
        raised = problem

        def again() -> None:
            raise raised

        refusal(again)
        return f"{raised.outcome} {raised.kind}"


def submitted(client: Runware) -> str:
    return _answer(lambda: client.submit({**ACK, "positivePrompt": "a red fox"}))


def polled(client: Runware) -> str:
    reports: dict[uuid.UUID, Report] = {}

    def ask() -> Report:
        reports.update(client.poll([TASK, OTHER]))
        return reports.get(TASK, Report(TASK))

    said = _answer(ask)
    assert set(reports) <= {TASK, OTHER}
    return said


def looked_up(client: Runware) -> str:
    return _answer(lambda: client.details(TASK))


ASKED = {"submit": submitted, "poll": polled, "details": looked_up}

UNUSABLE = ("unclear server", "unclear server", "unclear server")
ACCEPTED = ("working", "working", "unclear server")
DONE = ("1 done", "1 done", "unclear server")
NOTHING = ("unclear server", "nothing", "unclear server")


@dataclass(frozen=True)
class Row:
    """``data`` is what the server sends; then what a submission, a poll and a look into the archive make of it."""

    what: str
    data: bytes
    submit: str
    poll: str
    details: str


def row(what: str, payload: Any, expected: tuple[str, str, str], status: str = "200 OK") -> Row:
    return Row(what, payload if isinstance(payload, bytes) else reply(payload, status), *expected)


# -- Shapes --------------------------------------------------------------------------------------------------

SHAPES = [
    row("data is a lone object", {"data": done()}, DONE),
    row("data is a lone acknowledgement", {"data": ACK}, ACCEPTED),
    row("an empty list of errors beside data", {"data": [done()], "errors": []}, DONE),
    row("null errors beside data", {"data": [done()], "errors": None, "error": None}, DONE),
    row("an empty object of errors beside an acknowledgement", {"data": [ACK], "errors": {}}, ACCEPTED),
    row("another's error beside data", {"data": [done()], "errors": [error(taskUUID=str(OTHER))]}, (
        "1 done", "1 done", "unclear provider")),
    row("our own error beside one of two", {"data": [done()], "errors": [error()]}, (
        "1 done, failed inferenceError", "1 done, failed inferenceError", "unclear provider")),
    row("a flat error item", {"data": [{**error(), "status": "error"}]}, (
        "unclear provider", "failed inferenceError", "unclear provider")),
    row("a nested error item", {"data": [{**ACK, "status": "error", "error": {"code": "inferenceError"}}]}, (
        "unclear provider", "failed inferenceError", "unclear provider")),
    row("an error item with a list of errors", {"data": [{**ACK, "status": "error", "errors": [error(), error()]}]}, (
        "unclear provider", "failed inferenceError, failed inferenceError", "unclear provider")),
    row("an error item without any word", {"data": [{**ACK, "status": "error"}]}, (
        "unclear provider", "failed", "unclear provider")),
    row("a lone error object", {"errors": error("invalidWidth")}, (
        "refused validation", "failed invalidWidth", "refused validation")),
    row("a lone error, in the singular", {"error": error("invalidWidth")}, (
        "refused validation", "failed invalidWidth", "refused validation")),
    row("an error that is a text", {"errors": "overloaded"}, ("unclear provider",) * 3),
    row("an error that is null", {"errors": [None]}, UNUSABLE),
    row("errors of nothing beside an acknowledgement", {"data": [ACK], "errors": [None, {}, "", []]}, ACCEPTED),
    row("504 with one scoped error", {"errors": [error("timeoutProvider")]}, (
        "unclear provider", "failed timeoutProvider", "unclear provider"), "504 Gateway Timeout"),
    row("504 with one scoped error beside a result", {"data": [done()], "errors": [error("timeoutProvider")]}, (
        "1 done, working", "1 done, failed timeoutProvider", "unclear provider"), "504 Gateway Timeout"),
    row("504 with the error in the item", {"data": [{**error("timeoutProvider"), "status": "error"}]}, (
        "unclear provider", "failed timeoutProvider", "unclear provider"), "504 Gateway Timeout"),
    row("504 around an acknowledgement", {"data": [ACK]}, (
        "unclear provider", "working", "unclear provider"), "504 Gateway Timeout"),
    row("unknown fields everywhere", {"data": [{**done(), "new": {"a": [1]}, "": 0}], "meta": {"v": 2}}, DONE),
    row("missing seed and cost", {"data": [{k: v for k, v in done().items() if k not in ("seed", "cost")}]}, DONE),
    row("null seed, cost, flag and index", {
        "data": [{**done(), "seed": None, "cost": None, "NSFWContent": None, "resultIndex": None}]}, DONE),
    row("seed and cost as texts", {"data": [done(seed="7", cost="0.035")]}, DONE),
    row("a result among rubbish", {"data": [None, 7, "x", [], {}, {"taskUUID": 5}, done(), [done(1)]]}, DONE),
    row("the same result twice", {"data": [done(), done()]}, DONE),
    row("another task's result", {"data": [done(taskUUID=str(OTHER))]}, NOTHING),
    row("a result of nobody", {"data": [done(taskUUID=None)]}, NOTHING),
    row("the echo of a poll", {"data": [ECHO]}, ("working", "echo", "unclear server")),
    row("done and in work", {"data": [done(), {**ACK, "status": "processing", "progress": 40}]}, (
        "1 done, working 40", "1 done, working 40", "unclear server")),
    row("a status of tomorrow", {"data": [{**ACK, "status": "paused"}]}, ACCEPTED),
    row("a status that is a number", {"data": [{**ACK, "status": 3}]}, ACCEPTED),
    row("an empty object", {}, UNUSABLE),
    row("no data", {"data": []}, NOTHING),
    row("null data", {"data": None}, NOTHING),
    row("data that is a text", {"data": "ok"}, NOTHING),
    row("a list", [ACK], UNUSABLE),
    row("an answer of JSON-RPC", {"jsonrpc": "2.0", "result": ACK}, UNUSABLE),
    row("a problem document", {"type": "about:blank", "title": "Forbidden", "status": 403}, ("refused auth",) * 3,
        "403 Forbidden"),
    row("401 with a body of no use", {"message": "Unauthorized"}, ("refused auth",) * 3, "401 Unauthorized"),
    row("404 of a proxy", {"message": "no route"}, ("refused validation",) * 3, "404 Not Found"),
    row("404 of the archive", {"errors": [error("taskFailedOrNotFound")]}, (
        "refused validation", "failed taskFailedOrNotFound", "unknown"), "404 Not Found"),
    row("the archive knows another not", {"errors": [error("taskFailedOrNotFound", taskUUID=str(OTHER))]}, (
        "refused validation", "nothing", "refused validation"), "404 Not Found"),
    row("the archive knows it and knows it not", {
        "data": [{**ACK, "request": [], "response": {"data": [done()]}}], "errors": [error("taskFailedOrNotFound")],
    }, ("unclear validation", "working, failed taskFailedOrNotFound", "1 done"), "404 Not Found"),
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("row", SHAPES, ids=lambda row: row.what)
def test_shapes(row: Row, asked: str, server: Server, client: Runware) -> None:
    """Each reply means one thing to each question, and one request is all there was."""
    server.script = sending(row.data)
    assert ASKED[asked](client) == getattr(row, asked)
    assert len(server.requests) == 1


# -- Bodies --------------------------------------------------------------------------------------------------


def packed(encoding: str, data: bytes) -> bytes:
    return http(data, "200 OK", f"Content-Encoding: {encoding}")


def chunked(body: bytes, size: int, end: bytes = b"0\r\n\r\n") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


def sized(body: bytes, *lengths: str) -> bytes:
    fields = "".join(f"Content-Length: {length}\r\n" for length in lengths)
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{fields}\r\n".encode() + body


def spliced(text: str, **fields: Any) -> bytes:
    """A finished item beside which one of another task holds this text, which need not be JSON."""
    stranger = json.dumps({**done(1), "taskUUID": str(OTHER), "x": "HERE"}).replace('"HERE"', text)
    return f'{{"data": [{stranger}, {json.dumps(done())}]}}'.encode()


BODY = json.dumps({"data": [done()]}).encode()
BROKEN = ("unclear network",) * 3

BODIES = [
    row("HTML with 200", http(b"<html>hello</html>"), UNUSABLE),
    row("HTML that says it is JSON", http(b"<!doctype html><title>Login</title>", kind="application/json"), UNUSABLE),
    row("JSON that says it is HTML", http(BODY, kind="text/html; charset=iso-8859-1"), DONE),
    row("JSON without a type", sized(BODY, str(len(BODY))), DONE),
    row("an empty body", http(b""), UNUSABLE),
    row("204", b"HTTP/1.1 204 No Content\r\n\r\n", UNUSABLE),
    row("white space", http(b" \r\n\t "), UNUSABLE),
    row("white space around it", http(b"\r\n\r\n  " + BODY + b"\n\n"), DONE),
    row("a page behind it", http(BODY + b"<html>"), UNUSABLE),
    row("two of them", http(BODY + BODY), UNUSABLE),
    row("a guard in front of it", http(b")]}',\n" + BODY), UNUSABLE),
    row("a call around it", http(b"callback(" + BODY + b")"), UNUSABLE),
    row("zero bytes behind it", http(BODY + b"\0\0"), UNUSABLE),
    row("a mark of the byte order", http(b"\xef\xbb\xbf" + BODY), DONE),
    row("UTF-16", http(BODY.decode().encode("utf-16")), DONE),
    row("UTF-32", http(BODY.decode().encode("utf-32")), DONE),
    row("latin-1 in another's words", http(spliced('"Geb\xfchr"').decode().encode("latin-1")), DONE),
    row("half of a pair in another's words", http(spliced('"\\ud83d"')), DONE),
    row("bytes of no encoding in another's words", http(spliced('"HERE"').replace(b"HERE", b"\xff\xfe\x80")), DONE),
    row("NaN in another's item", http(spliced("NaN")), DONE),
    row("infinities in another's item", http(spliced("[Infinity, -Infinity, 1e999]")), DONE),
    row("5,000 digits in another's item", http(spliced("9" * 5000)), DONE),
    row("5,000 digits below zero and behind the point", http(spliced(f"[-{'9' * 5000}, 0.{'3' * 5000}]")), DONE),
    row("300 levels in another's item", http(spliced("[" * 300 + "]" * 300)), DONE),
    row("300,000 levels", http(spliced("[" * 300_000 + "]" * 300_000)), UNUSABLE),
    row("duplicate keys, the last one counts", http(b'{"data": [], ' + BODY[1:]), DONE),
    row("duplicate keys, the last one empty", http(BODY[:-1] + b', "data": []}'), (
        "unclear server", "nothing", "unclear server")),
    row("a duplicate name of the task", http(BODY.replace(
        b'"taskUUID"', b'"taskUUID": "' + str(OTHER).encode() + b'", "taskUUID"')), DONE),
    # -- Lengths and chunks
    row("no length, and the end of the connection", sized(BODY), DONE),
    row("no length, and cut", sized(BODY[:-3]), UNUSABLE),
    row("HTTP/1.0", sized(BODY).replace(b"HTTP/1.1", b"HTTP/1.0"), DONE),
    row("a length too long", sized(BODY, str(len(BODY) + 5)), BROKEN),
    row("a length too short", sized(BODY, str(len(BODY) - 5)), UNUSABLE),
    row("a length of nothing", sized(BODY, "0"), UNUSABLE),
    row("the same length twice", sized(BODY, str(len(BODY)), str(len(BODY))), DONE),
    row("two lengths", sized(BODY, str(len(BODY)), "5"), BROKEN),
    row("a negative length", sized(BODY, "-1"), BROKEN),
    row("a length in words", sized(BODY, "many"), BROKEN),
    row("chunks of seven bytes", chunked(BODY, 7), DONE),
    row("chunks and a trailer", chunked(BODY, 50, b"0\r\nX-Sum: 1\r\n\r\n"), DONE),
    row("chunks without an end", chunked(BODY, 50, b""), BROKEN),
    row("a chunk of letters", chunked(BODY, 50, b"xyz\r\n"), BROKEN),
    row("a chunk longer than it is", chunked(BODY, 50, b"ffff\r\nabc"), BROKEN),
    row("chunks and a length", chunked(BODY, 50).replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n", 1), DONE),
    row("packed for the way", chunked(BODY, 50).replace(b"chunked", b"gzip, chunked", 1), BROKEN),
    # -- Packed, though that was declined
    row("gzip unasked", packed("gzip", gzip.compress(BODY)), DONE),
    row("gzip in capitals", packed("GZIP", gzip.compress(BODY)), DONE),
    row("deflate unasked", packed("deflate", zlib.compress(BODY)), DONE),
    row("gzip that is none", packed("gzip", BODY), UNUSABLE),
    row("gzip that nobody told of", http(gzip.compress(BODY)), UNUSABLE),
    row("gzip cut", packed("gzip", gzip.compress(BODY)[:-20]), UNUSABLE),
    row("gzip with a wrong sum", packed("gzip", gzip.compress(BODY)[:-8] + b"\0" * 8), UNUSABLE),
    row("gzip twice", packed("gzip, gzip", gzip.compress(gzip.compress(BODY))), UNUSABLE),
    row("brotli", packed("br", b"\x0b\x02\x80{}\x03"), UNUSABLE),
    row("identity", packed("identity", BODY), DONE),
    # -- Heads
    row("an early hint before it", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + http(BODY), DONE),
    row("100 before it", b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + http(BODY), DONE),
    row("101", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n" + BODY, BROKEN),
    row("a header of 200,000 bytes", http(BODY, "200 OK", "X-Long: " + "x" * 200_000), BROKEN),
    row("a thousand headers", http(BODY, "200 OK", *(f"X-{n}: y" for n in range(1000))), DONE),
    row("a header without a colon", http(BODY, "200 OK", "nonsense"), BROKEN),
    row("a header of latin-1", http(BODY, "200 OK", "X-Name: HERE").replace(b"HERE", b"M\xfcller"), DONE),
    row("a status without a reason", http(BODY).replace(b" OK", b"", 1), DONE),
    row("a status of 999", http(BODY, "999 What"), ("1 done, working", "1 done", "unclear server")),
    row("a status of four digits", http(BODY, "2000 OK"), BROKEN),
    row("a redirect with a body", http(BODY, "302 Found", "Location: /v2"), UNUSABLE),
    row("HTTP/2's greeting", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BROKEN),
    row("HTTP/0.9", b"<html>hello</html>", BROKEN),
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("row", BODIES, ids=lambda row: row.what)
def test_bodies(row: Row, asked: str, server: Server, client: Runware) -> None:
    """What can be read is read, however it was wrapped; what cannot be is no answer, and never a no."""
    server.script = sending(row.data)
    assert ASKED[asked](client) == getattr(row, asked)
    assert len(server.requests) == 1


SIZES = {
    "7 MB": (lambda: http(padded(7 << 20)), "1 done"),
    "10 MB": (lambda: http(padded(10 << 20)), "unclear server"),
    "10 MB in chunks": (lambda: chunked(padded(10 << 20), 1 << 20), "unclear server"),
    "10 MB of items": (lambda: http(b'{"data": [' + b"{}," * (3 << 20) + BODY[10:]), "unclear server"),
    "10 MB in 10 KB": (lambda: packed("gzip", gzip.compress(padded(10 << 20))), "unclear server"),
}


def padded(size: int) -> bytes:
    return json.dumps({"data": [done()], "more": "x" * size}).encode()


@pytest.mark.parametrize("size", SIZES)
def test_sizes(size: str, server: Server, client: Runware) -> None:
    """A poll of a hundred tasks with twenty pictures each is 1.2 MB: what is far beyond is not read to its end."""
    body, expected = SIZES[size]
    server.script = sending(body())
    assert polled(client) == expected


# -- Uploads -------------------------------------------------------------------------------------------------

NAME = uuid.UUID(IMAGES[0])
UPLOADS = {
    "a list": ({"data": [{"taskType": "mediaStorage", "mediaUUID": str(NAME)}]}, str(NAME)),
    "a lone object": ({"data": {"mediaUUID": str(NAME), "mediaURL": None, "new": 1}}, str(NAME)),
    "rubbish beside it": ({"data": [None, "x", {"mediaUUID": 7}, {"mediaUUID": str(NAME)}]}, str(NAME)),
    "errors of nothing beside it": ({"data": [{"mediaUUID": str(NAME)}], "errors": []}, str(NAME)),
    "another task's": ({"data": [{"taskUUID": str(OTHER), "mediaUUID": str(NAME)}]}, "unclear server"),
    "no UUID": ({"data": [{"mediaUUID": "x"}]}, "unclear server"),
    "no": ({"errors": [{"code": "invalidMedia"}]}, "refused validation"),
    "a list that is empty": ({"data": []}, "unclear server"),
}


@pytest.mark.parametrize("case", UPLOADS)
def test_uploads(case: str, server: Server, client: Runware) -> None:
    """The UUID that the picture is named by from then on, or an error: never that of another upload."""
    payload, expected = UPLOADS[case]
    server.script = sending(reply(payload))
    kept: list[uuid.UUID] = []

    def ask() -> Report:
        kept.append(client.keep(b"picture", "image/png"))
        return Report(TASK)

    said = _answer(ask)
    assert (str(kept[0]) if kept else said) == expected
    assert len(server.requests) == 1


# -- Cut at every place --------------------------------------------------------------------------------------

ARCHIVE = {"data": [{**ACK, "taskType": "getTaskDetails", "request": [ACK], "response": {"data": [done()]}}]}
WHOLE = {
    "submit": (reply({"data": [ACK]}), "working"),
    "poll": (reply({"data": [done()]}), "1 done"),
    "details": (reply(ARCHIVE), "1 done"),
    "in chunks": (chunked(json.dumps({"data": [ACK]}).encode(), 9), "working"),
    "without a length": (sized(json.dumps({"data": [ACK]}).encode()), "working"),
}


def cutting(data: bytes, place: int, end: Script) -> Script:
    return lambda connection: (connection.sendall(data[:place]), end(connection))


@pytest.mark.parametrize("end", [lambda connection: None, reset], ids=["closed", "reset"])
@pytest.mark.parametrize("case", WHOLE)
def test_cut_at_every_place(case: str, end: Script, server: Server, client: Runware) -> None:
    """Wherever the wire breaks before the last byte that counts, nobody knows: never a no, never "unknown"."""
    data, whole = WHOLE[case]
    ask = ASKED.get(case, submitted)
    places = range(0, len(data), 1 if end is not reset else 7)
    for place in places:
        server.script = cutting(data, place, end)
        assert ask(client) in ("unclear network", "unclear server"), data[:place]
    assert len(server.requests) == len(places)
    server.script = sending(data)
    assert ask(client) == whole


# -- In time, and over time ----------------------------------------------------------------------------------


def test_slow_and_whole(server: Server, client: Runware) -> None:
    """Pieces with pauses between them are one reply, as long as the whole stays within its time."""

    def script(connection: socket.socket) -> None:
        data = reply({"data": [ACK]})
        for start in range(0, len(data), 60):
            connection.sendall(data[start : start + 60])
            time.sleep(0.02)

    server.script = script
    assert submitted(client) == "working"


def test_answered_before_it_was_asked(server: Server, client: Runware) -> None:
    """A proxy that refuses before it has read the request, and hangs up: what it says counts, if it arrives."""
    server.script = cutting(
        reply({"errors": [error("rateLimitExceeded")]}, "429 Too Many Requests"), 10_000, reset
    )
    assert submitted(client) in ("not_run rate_limit", "unclear network")


def test_polls_are_cumulative(server: Server, client: Runware) -> None:
    """What was told once is told again, in another order and with another signature: three pictures are three."""
    told = [
        [ECHO],
        [{**ACK, "status": "processing", "progress": 10}],
        [done(1), {**ACK, "status": "processing", "progress": 50}],
        [done(2, imageURL="https://im.runware.ai/2.jpg?sig=t"), done(1), {**ACK, "status": "processing"}],
        [done(0, status="success"), done(1, status="success"), done(2, status="success")],
    ]
    seen: list[tuple[str, set[uuid.UUID]]] = []
    for items in told:
        server.script = sending(reply({"data": items}))
        report = client.poll([TASK])[TASK]
        seen.append((words(report), {result.image_uuid for result in report.results}))
    assert [said for said, _ in seen] == [
        "echo",
        "working 10",
        "1 done, working 50",
        "2 done, working",
        "3 done",
    ]
    assert all(earlier <= later for (_, earlier), (_, later) in itertools.pairwise(seen))


def test_a_hundred_tasks_in_one_reply(server: Server, client: Runware) -> None:
    """Done, in work, failed, unknown, absent and broken side by side: each is judged by itself."""
    tasks = [uuid.uuid4() for _ in range(100)]
    items: list[Any] = []
    errors: list[Any] = []
    for number, task in enumerate(tasks):
        about = {"taskUUID": str(task)}
        items += [
            [{**done(), **about, "imageUUID": str(uuid.uuid4())}],
            [{**ACK, **about, "status": "processing"}],
            [],
            [{**ECHO, **about}],
            [],
            [{**done(), **about, "imageURL": ["x"]}, {"taskUUID": [str(task)]}, f"{task}"],
        ][number % 6]
        errors += [error(**about)] if number % 6 == 2 else []
    server.script = sending(reply({"data": items, "errors": errors}))
    reports = client.poll(tasks)
    said = [words(reports[task]) if task in reports else "absent" for task in tasks]
    assert said[:6] == ["1 done", "working", "failed inferenceError", "echo", "absent", "working"]
    assert said == [said[number % 6] for number in range(100)]
    assert len(server.requests) == 1


# -- One connection, many replies ----------------------------------------------------------------------------

KEPT = reply({"data": [ACK]}, "200 OK", "Set-Cookie: session=1; Path=/").replace(
    b"Connection: close\r\n", b""
)


def test_a_kept_connection_that_dies_with_the_request(server: Server, client: Runware) -> None:
    """The second order goes out on a connection that is closed under it: unclear, and not sent a third time."""

    def script(connection: socket.socket) -> None:
        connection.sendall(KEPT)
        server.read(connection)

    server.script = script
    assert submitted(client) == "working"
    assert submitted(client) == "unclear network"
    assert len(server.requests) == 2


def test_a_kept_connection_that_died_before(server: Server, client: Runware) -> None:
    """One that was closed while nobody used it costs nothing: the next order takes a new one. No cookie goes along."""
    server.script = sending(KEPT)
    for _ in range(3):
        assert submitted(client) == "working"
        time.sleep(0.05)
    assert len(server.requests) == 3
    assert not any(b"cookie" in request.lower() for request in server.requests)


def test_a_length_too_short_spoils_no_other_order(server: Server, client: Runware) -> None:
    """What is left of one reply lies in front of the next on the same connection: unclear, and then it is well."""
    left = KEPT.replace(b"Content-Length: ", b"Content-Length: 1\r\nX-Was: ")

    def script(connection: socket.socket) -> None:
        connection.sendall(left)
        with contextlib.suppress(OSError):
            server.read(connection)
            connection.sendall(KEPT)

    server.script = script
    assert submitted(client) == "unclear server"
    assert submitted(client) in ("unclear network", "unclear server")
    server.script = sending(KEPT)
    assert submitted(client) == "working"
    assert len(server.requests) == 3
