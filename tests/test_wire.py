"""What real sockets do to the real transport: a plain server on loopback that sends exactly these bytes."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seedream_django.exceptions import (
    BadPicture,
    Expired,
    ForbiddenAddress,
    NotRun,
    PictureError,
    ProviderError,
    Refused,
    Unclear,
)
from seedream_django.runware.client import REPLY_BYTES, Runware

from .raw import KEY, Server, chain, drip, http, refusal, reply, reset, sending, silence

TASK = "6f1f7c1e-3a52-4f0e-9d3b-0f7f5f1f2a01"
IMAGE = "0c7a5f0e-52a5-4d84-9a4a-1c1f2f5f9b02"
ACK = {"taskType": "imageInference", "taskUUID": TASK}
DONE = {**ACK, "imageUUID": IMAGE, "imageURL": "https://im.runware.ai/a.jpg?sig=s", "cost": 0.035}


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def client(server: Server) -> Iterator[Runware]:
    client = Runware(KEY, f"{server.origin}/v1", timeout=0.3)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Record everything, the HTTP library's debug lines too; whatever the test does, no secret is in it."""
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in caplog.text
    assert "sig=" not in caplog.text


def submit(client: Runware) -> ProviderError:
    return refusal(lambda: client.submit({**ACK, "positivePrompt": "a red fox"}))


# -- Submitting ----------------------------------------------------------------------------------------------

DEEP = b'{"data":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
ERROR = {"code": "inferenceError", "message": "It broke.", "taskUUID": TASK}

UNCLEAR = {
    "HTML with 200": sending(http(b"<html>hello</html>", kind="text/html")),
    "HTML with 502": sending(http(b"<html>Bad Gateway</html>", "502 Bad Gateway", kind="text/html")),
    "503 with an error object": sending(reply({"errors": [{"code": "invalidWidth"}]}, "503 Unavailable")),
    "500 empty": sending(http(b"", "500 Oops")),
    "504 with one scoped error": sending(reply({"errors": [ERROR]}, "504 Timeout")),
    "redirect": sending(http(b"", "307 Temporary Redirect", "Location: /elsewhere")),
    "silence": silence,
    "closed without a word": lambda connection: None,
    "reset": reset,
    "status line cut": sending(b"HTTP/1.1 20"),
    "headers cut": sending(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "body cut": sending(reply({"data": [ACK]})[:-5]),
    "truncated JSON": sending(http(b'{"data":[{"taskType":"imageInf')),
    "empty body": sending(http(b"")),
    "not HTTP": sending(b"\x16\x03\x01\x02\x00\x01 hello\r\n\r\n"),
    "deep nesting": sending(http(DEEP)),
    "not UTF-8": sending(http(b'{"data":"\xff\xfe"}')),
    "a list": sending(reply([ACK])),
    "no task": sending(reply({"data": []})),
    "somebody else's task": sending(reply({"data": [{**ACK, "taskUUID": IMAGE}]})),
    "task without UUID": sending(reply({"data": [{"taskType": "imageInference"}]})),
    "the provider's trouble with 200": sending(reply({"errors": [ERROR]})),
    "too many bytes": sending(http(b'{"data":"' + b"x" * (10 << 20) + b'"}')),
    "gzip bomb": None,  # made where it is used: 10 KB that become 10 MB
    "unknown packing": sending(reply({"data": [ACK]}, "200 OK", "Content-Encoding: br")),
}


@pytest.mark.parametrize("case", [case for case in UNCLEAR if UNCLEAR[case]])
def test_what_may_have_been_paid_is_unclear(case: str, server: Server, client: Runware) -> None:
    """Once the request went out, only a readable answer to our task is one; one request is all there was."""
    script = UNCLEAR[case]
    assert script
    server.script = script
    error = submit(client)
    assert type(error) is Unclear
    assert error.outcome == "unclear"
    assert len(server.requests) == 1


def test_a_packed_bomb_is_unclear(server: Server, client: Runware) -> None:
    """Compression that nobody asked for is undone only up to the cap."""
    packed = gzip.compress(b'{"data":"' + b"x" * (REPLY_BYTES + 100) + b'"}')
    server.script = sending(http(packed, "200 OK", "Content-Encoding: gzip"))
    assert submit(client).outcome == "unclear"
    server.script = sending(
        http(gzip.compress(json.dumps({"data": [ACK]}).encode()), "200 OK", "Content-Encoding: gzip")
    )
    assert client.submit(ACK).known


@pytest.mark.parametrize("part", ["status", "headers", "body"])
def test_a_dripping_server_holds_no_worker(part: str, server: Server, client: Runware) -> None:
    """Bytes that come one by one keep each read alive; the whole exchange still ends, here after 0.6 s."""
    data = reply({"data": [ACK]}, "200 OK", *(f"X-{n}: y" for n in range(20)))
    prompt = {"status": 0, "headers": 30, "body": data.index(b"\r\n\r\n") + 4}[part]
    server.script = lambda connection: (connection.sendall(data[:prompt]), drip(data[prompt:])(connection))[0]
    started = time.monotonic()
    assert submit(client).outcome == "unclear"
    assert time.monotonic() - started < 1.5


def test_a_refused_connection_ran_nothing() -> None:
    """Nobody listens: the one case, with an unknown name, where the task surely never arrived."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = Runware(KEY, f"http://127.0.0.1:{port}/v1", timeout=0.3)
    error = submit(client)
    assert (type(error), error.kind) == (NotRun, "network")
    client.close()


def test_an_unknown_name_ran_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS that fails is no connection, whether it is the provider's name or the cable."""

    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    client = Runware(KEY, "https://api.runware.ai/v1", timeout=0.3)
    assert (type(error := submit(client)), error.kind) == (NotRun, "network")
    client.close()


def test_a_failed_handshake_ran_nothing(server: Server) -> None:
    """A server that speaks no TLS never saw the request: it may be sent again."""
    server.script = sending(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    client = Runware(KEY, server.origin.replace("http:", "https:") + "/v1", timeout=0.3)
    assert (type(error := submit(client)), error.kind) == (NotRun, "network")
    client.close()


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        ("400 Bad Request", "invalidWidth", "validation"),
        ("400 Bad Request", "conflictTaskUUID", "validation"),
        ("400 Bad Request", "invalidProviderContent", "safety"),
        ("401 Unauthorized", "invalidApiKey", "auth"),
        ("402 Payment Required", "insufficientCredits", "quota"),
        ("403 Forbidden", "somethingNew", "auth"),
        ("200 OK", "contentPolicyViolation", "safety"),
    ],
)
def test_a_no_is_a_no(status: str, code: str, kind: str, server: Server, client: Runware) -> None:
    """The provider's code and words survive; its class decides; the key it repeats does not come through."""
    error = {"code": code, "message": f"No, {KEY}!", "parameter": ["width", "height"], "taskUUID": TASK}
    server.script = sending(reply({"errors": [error]}, status))
    problem = submit(client)
    assert (type(problem), problem.kind, problem.code) == (Refused, kind, code)
    assert (problem.message, problem.parameter) == ("No, [key]!", "width, height")


@pytest.mark.parametrize(
    ("header", "wait"), [(["Retry-After: 7"], 7.0), ([], None), (["Retry-After: soon"], None)]
)
def test_a_rate_limit_ran_nothing(
    header: list[str], wait: float | None, server: Server, client: Runware
) -> None:
    """429 may be sent again, after the time that it names, even when its body is a proxy's page."""
    server.script = sending(
        http(b"<html>slow down</html>", "429 Too Many Requests", *header, kind="text/html")
    )
    error = submit(client)
    assert (type(error), error.kind, error.retry_after) == (NotRun, "rate_limit", wait)


@pytest.mark.parametrize(
    "payload",
    [
        {"data": [ACK]},
        {"data": ACK},
        {"data": [ACK], "errors": []},
        {"data": [{**ACK, "surprise": {"a": [1]}, "status": "processing"}], "more": 1},
        {"data": [{"taskUUID": TASK.upper()}]},
        {"data": [None, 7, "x", {"taskUUID": 5}, ACK]},
    ],
)
def test_every_shape_of_an_acknowledgement(payload: Any, server: Server, client: Runware) -> None:
    """A lone object, an empty list of errors, unknown fields and rubbish beside it: all mean accepted."""
    server.script = sending(reply(payload))
    report = client.submit(ACK)
    assert (report.task_uuid, report.known, report.processing) == (uuid.UUID(TASK), True, True)
    assert (report.results, report.failures) == ((), ())


def test_the_request_is_what_the_contract_says(server: Server, client: Runware) -> None:
    """One POST: an array, JSON, the key in its header and nowhere else, no compression asked for."""
    server.script = sending(reply({"data": [ACK]}))
    client.submit({**ACK, "positivePrompt": "ein Füchslein \ud800"})
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1 HTTP/1.1\r\n")
    assert f"Authorization: Bearer {KEY}".encode() in head
    assert b"Accept-Encoding: identity" in head
    assert json.loads(body) == [{**ACK, "positivePrompt": "ein Füchslein \ud800"}]
    assert KEY.encode() not in body


def test_the_environment_s_proxy_is_not_used(
    server: Server, client: Runware, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy from the environment would see the key: it is ignored."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.script = sending(reply({"data": [ACK]}))
    fresh = Runware(KEY, f"{server.origin}/v1", timeout=0.3)
    assert fresh.submit(ACK).known
    fresh.close()


def test_results_of_a_sync_task(server: Server, client: Runware) -> None:
    """A sync reply brings the pictures at once; the address is in no repr."""
    server.script = sending(reply({"data": [DONE]}))
    report = client.submit(ACK)
    assert [str(result.image_uuid) for result in report.results] == [IMAGE]
    assert "sig=" not in repr(report)


def test_a_gateway_s_504_does_not_lose_what_is_done(server: Server, client: Runware) -> None:
    """One of two came before the gateway gave up: it is kept, and the rest is asked for, not written off."""
    server.script = sending(reply({"data": [DONE], "errors": [ERROR]}, "504 Timeout"))
    report = client.submit(ACK)
    assert (len(report.results), report.failures, report.processing) == (1, (), True)


# -- Polling -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", [case for case in UNCLEAR if "200" not in case and "task" not in case.lower()]
)
def test_the_poller_survives_what_servers_send(case: str, server: Server, client: Runware) -> None:
    """Whatever comes, a poll ends in reports or in one exception of the tree, within its time."""
    server.script = UNCLEAR[case] or sending(http(b"\x1f\x8b garbage", "200 OK", "Content-Encoding: gzip"))
    with contextlib.suppress(ProviderError):
        assert all(report.failures for report in client.poll([uuid.UUID(TASK)]).values())
    assert len(server.requests) == 1


def test_a_504_with_a_scoped_error_is_the_task_s(server: Server, client: Runware) -> None:
    """Contract 4.4: the gateway's status, but the error names the task: it failed."""
    error = {
        "code": "timeoutProvider",
        "message": "Timed out.",
        "taskUUID": TASK,
        "taskType": "imageInference",
    }
    server.script = sending(reply({"errors": [error]}, "504 Timeout"))
    report = client.poll([uuid.UUID(TASK)])[uuid.UUID(TASK)]
    assert [(f.kind, f.code) for f in report.failures] == [("provider", "timeoutProvider")]


def test_a_rate_limited_poll_ends_no_task(server: Server, client: Runware) -> None:
    """The poll's errors carry our UUIDs too; taken for the tasks' own, a hundred paid rows would be lost."""
    error = {
        "code": "rateLimitExceeded",
        "message": "Slow down.",
        "taskUUID": TASK,
        "taskType": "getResponse",
    }
    server.script = sending(reply({"errors": [error]}, "429 Too Many Requests", "Retry-After: 3"))
    problem = refusal(lambda: client.poll([uuid.UUID(TASK)]))
    assert (problem.kind, problem.retry_after) == ("rate_limit", 3.0)


# -- Downloading ---------------------------------------------------------------------------------------------


def fetched(client: Runware, server: Server, path: Path, **options: Any) -> PictureError:
    with pytest.raises(PictureError) as caught:
        client.download(f"{server.origin}/a.jpg?sig=secret", path, **options)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(list(chain(caught.value)))
    assert not path.exists()
    return caught.value


def test_a_download_over_a_socket(server: Server, client: Runware, tmp_path: Path) -> None:
    """Whole and hashed; the key goes to the API only, never to where pictures lie."""
    server.script = sending(http(b"picture" * 1000, kind="image/jpeg"))
    download = client.download(f"{server.origin}/a.jpg?sig=secret", tmp_path / "a")
    assert (download.size, (tmp_path / "a").stat().st_size) == (7000, 7000)
    assert b"GET /a.jpg?sig=secret HTTP/1.1" in server.requests[0]
    assert KEY.encode() not in server.requests[0]


CUT = {
    "shorter than it said": http(b"picture")[:-3],
    "no body": http(b""),
    "chunks without an end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    "page": http(b"<html>", kind="text/html; charset=utf-8"),
    "502": http(b"<html>", "502 Bad Gateway", kind="text/html"),
    "redirect inward": http(b"", "302 Found", "Location: http://169.254.169.254/latest/meta-data"),
    "packed": http(b"xx", "200 OK", "Content-Encoding: gzip"),
    "nothing": b"",
}


@pytest.mark.parametrize("case", CUT)
def test_a_broken_download_leaves_no_file(case: str, server: Server, client: Runware, tmp_path: Path) -> None:
    """Half a picture is none: one exception, no file, no second request, so none to a redirect's target."""
    server.script = sending(CUT[case])
    assert not isinstance(fetched(client, server, tmp_path / "a"), Expired)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
def test_an_address_that_is_over_is_expired(
    status: str, server: Server, client: Runware, tmp_path: Path
) -> None:
    """These mean: ask the provider for another address."""
    server.script = sending(http(b"<html>", status, kind="text/html"))
    assert isinstance(fetched(client, server, tmp_path / "a"), Expired)


def test_a_dripping_download_ends(server: Server, client: Runware, tmp_path: Path) -> None:
    """The cap on the time is on the whole, not on each read."""
    server.script = drip(http(b"x" * 1000))
    started = time.monotonic()
    fetched(client, server, tmp_path / "a", seconds=0.4)
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("announced", [True, False])
def test_an_endless_download_is_cut(announced: bool, server: Server, client: Runware, tmp_path: Path) -> None:
    """By the header where there is one, by the count where there is none."""
    head = http(b"x" * 5000) if announced else b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 5000
    server.script = sending(head)
    assert isinstance(fetched(client, server, tmp_path / "a", max_bytes=4000), BadPicture)


def test_a_name_that_leads_inward_is_not_opened(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real transport holds the guard: the provider's name with our own address gets no connection."""
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answer)
    client = Runware(KEY, "https://api.runware.ai/v1")
    with pytest.raises(ForbiddenAddress):
        client.download("https://im.runware.ai/a.jpg?sig=secret", tmp_path / "a")
    assert server.requests == []
    client.close()
