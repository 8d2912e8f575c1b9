"""The sandbox as a server: real sockets, real processes, real signals."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from seedream_django import parameters, sandbox

#: What is looked at here hangs on no version of Python or Django.
pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent
KEY = {"Authorization": "Bearer sandbox"}


def order(**more: Any) -> dict[str, Any]:
    return {
        "taskType": "imageInference",
        "taskUUID": str(uuid.uuid4()),
        "model": parameters.MODEL,
        "positivePrompt": "a red fox",
        "width": 2048,
        "height": 2048,
        **more,
    }


@pytest.fixture
def app(tmp_path: Path) -> sandbox.App:
    return sandbox.create_app(tmp_path / "state.sqlite3", latency=0, plain=True)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def root(app: sandbox.App, lines: list[str]) -> Iterator[str]:
    with sandbox.running(app, log=lines.append) as root:
        yield root


def raw(root: str, request: bytes) -> bytes:
    """Send bytes as they are; return everything that comes back."""
    host, port = root.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_a_picture_over_a_socket(root: str) -> None:
    """The whole way over a real connection, by an address that leads back to the same server."""
    (item,) = httpx.post(f"{root}/v1", json=[order()], headers=KEY).json()["data"]
    assert item["imageURL"].startswith(f"{root}/pictures/")
    reply = httpx.get(item["imageURL"])
    assert int(reply.headers["content-length"]) == len(reply.content)
    assert Image.open(io.BytesIO(reply.content)).size == (2048, 2048)


def test_one_line_a_request_and_no_secret(root: str, lines: list[str]) -> None:
    """Each request is one line with method, path, status; no key, no query, no control character."""
    httpx.post(f"{root}/v1?apiKey=canary", json=[order()], headers={"Authorization": "Bearer canary"})
    httpx.get(f"{root}/%1b[31m?x=canary")
    raw(root, b"GET /\x1b[31m\xff HTTP/1.0\r\n\r\n")
    assert len(lines) == 3
    assert re.fullmatch(r"POST /v1 401 \d+ bytes \d+ ms", lines[0])
    assert all("canary" not in line and line.isprintable() for line in lines)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /v1 HTTP/1.0\r\n\r\n",
        b"POST /v1 HTTP/1.0\r\nContent-Length: 500\r\n\r\n[",
        b"POST /v1 HTTP/1.0\r\nContent-Length: x\r\n\r\n",
        b"POST /v1 HTTP/1.0\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /v1 HTTP/1.0\r\nAuthorization: Bearer \xc3\xa9\r\nContent-Length: 4\r\n\r\n[{}]",
        b"POST /v1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
        b"GET /pictures/../../etc/passwd HTTP/1.0\r\n\r\n",
    ],
)
def test_broken_requests_are_told(root: str, request_bytes: bytes) -> None:
    """Whatever comes over the socket is answered with a 4xx in the provider's shape."""
    reply = raw(root, request_bytes)
    assert re.match(rb"HTTP/1\.[01] 4\d\d ", reply)
    assert b'{"errors": [{"code": "' in reply


def test_many_at_once(root: str, app: sandbox.App) -> None:
    """Forty connections at the same time are all answered, and all charged once."""
    tasks = [order(deliveryMethod="async") for _ in range(40)]

    def send(task: dict[str, Any]) -> int:
        return httpx.post(f"{root}/v1", json=[task], headers=KEY, verify=False).status_code

    with ThreadPoolExecutor(40) as pool:
        assert list(pool.map(send, tasks)) == [200] * 40
    assert len(app.books.charges()) == 40


def test_a_taken_port_is_told(app: sandbox.App, root: str) -> None:
    """A second server on the same port is ``PortTaken``, an ``OSError``."""
    with pytest.raises(sandbox.PortTaken, match="taken"):
        sandbox.bind(app, int(root.rpartition(":")[2]))


def test_stopping_does_not_wait_for_slow_tasks(tmp_path: Path) -> None:
    """A stop takes moments while a sync task still holds the line."""
    app = sandbox.create_app(tmp_path / "s", latency=3, plain=True)
    with sandbox.running(app) as root:
        pending = threading.Thread(target=_ignore_cut, args=(root,), daemon=True)
        pending.start()
        while not app.books.accepted():
            time.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 1


def _ignore_cut(root: str) -> None:
    with suppress(httpx.TransportError):
        httpx.post(f"{root}/v1", json=[order()], headers=KEY, timeout=10)


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("cut", "without sending a response"),
        ("cut-after", "without sending"),
        ("cut-within", "complete message"),
    ],
)
def test_cuts_are_real(root: str, lines: list[str], word: str, error: str) -> None:
    """Over a socket the connection ends before or within the reply, and that is a line of its own as well."""
    with pytest.raises(httpx.RemoteProtocolError, match=error):
        httpx.post(f"{root}/v1", json=[order()], headers={**KEY, "X-Sandbox": word})
    httpx.get(f"{root}/v1")  # the next request is answered, and its line comes after
    until = time.monotonic() + 30
    while len(lines) < 2 and time.monotonic() < until:  # written after it is answered
        time.sleep(0.01)
    assert [line.split()[2] for line in lines] == ["cut", "405"]


def test_a_cut_file_is_real(root: str) -> None:
    """``sandbox:cut-file`` ends the connection half-way through the file; the third time all of it comes."""
    asked = order(positivePrompt="sandbox:cut-file")
    (item,) = httpx.post(f"{root}/v1", json=[asked], headers=KEY).json()["data"]
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError, match="complete message"):
            httpx.get(item["imageURL"])
    assert httpx.get(item["imageURL"]).status_code == 200


# -- The command ---------------------------------------------------------------------------------------------


def command(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "django", "seedream_sandbox", *options],
        cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_in_the_background,
    )  # fmt: skip


def _in_the_background() -> None:
    """As a shell starts it with ``&``: SIGINT ignored, unless the command says otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command(tmp_path: Path, how: signal.Signals) -> None:
    """The command tells the two settings, serves, writes a line a request, and stops cleanly on a signal."""
    with command("--port", "0", "--state", str(tmp_path / "s"), "--latency", "0") as process:
        try:
            assert process.stdout is not None
            head = [process.stdout.readline() for _ in range(3)]
            endpoint = head[0].partition("http://")[2].partition(" ")[0]
            assert f'SEEDREAM = {{"API_KEY": "sandbox", "ENDPOINT": "http://{endpoint}"}}' in head[2]
            reply = httpx.post(f"http://{endpoint}", json=[{"taskType": "ping", "ping": True}], headers=KEY)
            assert reply.json() == {"data": [{"taskType": "ping", "pong": True}]}
            assert process.stdout.readline().startswith("POST /v1 200 ")
            process.send_signal(how)
            out, err = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, err) == (0, "")
    assert "stopped" in out


OPTIONS = ("--port", "--state", "--key", "--latency", "--failures", "--seed", "--books")


def test_the_command_has_help() -> None:
    """``--help`` tells what the command does and each option."""
    with command("--help") as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert "no key" in out
    assert all(option in out for option in OPTIONS)


def test_the_command_tells_a_taken_port(tmp_path: Path, root: str) -> None:
    """A taken port ends the command with one line that names ``--port``."""
    with command("--port", root.rpartition(":")[2], "--state", str(tmp_path / "s2")) as process:
        out, err = process.communicate(timeout=20)
    assert process.returncode != 0
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert "--port" in err


def test_the_command_does_not_show_its_own_key(tmp_path: Path) -> None:
    """A key that the caller chose is not repeated."""
    with command("--port", "0", "--state", str(tmp_path / "s"), "--key", "canary") as process:
        try:
            assert process.stdout is not None
            head = "".join(process.stdout.readline() for _ in range(3))
        finally:
            process.terminate()
            process.communicate(timeout=10)
    assert "ENDPOINT" in head
    assert "canary" not in head


def test_the_command_fails_as_often_as_asked(tmp_path: Path) -> None:
    """With ``--failures 1`` each submission fails, in the same way in two runs of one seed; questions do not."""
    runs = [list(failures(tmp_path / name)) for name in ("a", "b")]
    assert runs[0] == runs[1]
    assert 200 not in runs[0]
    assert len(set(runs[0])) > 1


def failures(state: Path) -> Iterator[Any]:
    options = ("--port", "0", "--latency", "0", "--failures", "1", "--seed", "7")
    with command(*options, "--state", str(state)) as process:
        try:
            assert process.stdout is not None
            endpoint = process.stdout.readline().partition("at ")[2].partition(" ")[0]
            ping = httpx.post(endpoint, json=[{"taskType": "ping", "ping": True}], headers=KEY)
            assert ping.status_code == 200
            for _ in range(8):
                try:
                    asked = order(deliveryMethod="async")
                    yield httpx.post(endpoint, json=[asked], headers=KEY).status_code
                except httpx.RemoteProtocolError:
                    yield "cut"
        finally:
            process.terminate()
            process.communicate(timeout=10)


def test_the_command_prints_its_books(tmp_path: Path) -> None:
    """The balance, and a line for each day with its tasks, pictures and dollars; nothing is served."""
    state = tmp_path / "s"
    app = sandbox.create_app(state, latency=0, plain=True, clock=lambda: 1_795_651_200)
    with httpx.Client(
        transport=httpx.WSGITransport(app=app), base_url="http://sandbox", headers=KEY
    ) as client:
        for number in (1, 4):
            client.post("/v1", json=[order(numberResults=number)])
    with command("--books", "--state", str(state)) as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert "Balance: $999.825, after $0.175 for 2 tasks" in out
    assert out.splitlines()[-1].split() == ["2026-11-26", "2", "5", "$0.175"]


@pytest.mark.parametrize(
    ("options", "named"),
    [(("--books",), "--state"), (("--failures", "1.5"), "--failures"), (("--failures", "-0.1"), "--failures"),
     (("--latency", "-1"), "--latency"), (("--latency", "1", "2", "3"), "--latency")],
)  # fmt: skip
def test_the_command_tells_what_is_wrong(tmp_path: Path, options: tuple[str, ...], named: str) -> None:
    """One line that names the option; no books are made where there were none to read."""
    with command(*options, "--state", str(tmp_path / "none")) as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert named in err
    assert "Traceback" not in err
    if options == ("--books",):
        assert list(tmp_path.iterdir()) == []
