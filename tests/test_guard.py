"""No address leads inward, however it is written, whatever its name leads to, wherever it redirects."""

from __future__ import annotations

import ast
import ipaddress
import logging
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seedream_django
from seedream_django import sandbox as sandboxes
from seedream_django.exceptions import ForbiddenAddress, PictureError
from seedream_django.runware import guard
from seedream_django.runware.client import Runware

from .hostile import (
    API,
    ARRIVES,
    HOSTS,
    IN_PROCESS,
    INWARD,
    PUBLIC,
    SANDBOX,
    SHUT,
    STAYS,
    TABLE,
    UNKNOWN,
    Row,
)

KEY = "canary-4f7a1c9e8b2d4e6f-key"
BYTES = b"picture" * 100


# -- A world in which every name leads where its row says ----------------------------------------------------


class World:
    """Names lead where the row says, and each connection, wherever it is made to, ends at a server in here.

    The client, its transport and the HTTP library are the real ones. What is replaced is what lies below them:
    the look-up of a name, the route to an address, and TLS, which the server in here does not speak.
    """

    def __init__(self, row: Row, patch: pytest.MonkeyPatch) -> None:
        self.row = row
        self.looked: list[str] = []
        self.reached: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self._getaddrinfo, self._connect = socket.getaddrinfo, socket.create_connection
        self._patch = patch
        self.server: Any = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.requests.append(environ)
        status, _, location = (self.row.leads or "200 ").partition(" ")
        headers = [("Content-Type", "image/jpeg"), ("Content-Length", str(len(BYTES)))]
        start_response(f"{status} Word", [*headers, *([("Location", location)] if self.row.leads else [])])
        return [BYTES]

    def turn(self) -> None:
        """From here on sockets live in it."""
        self._patch.setattr(socket, "getaddrinfo", self._look)
        self._patch.setattr(socket, "create_connection", self._go)
        self._patch.setattr("httpcore._backends.sync.SyncStream.start_tls", lambda stream, *a, **k: stream)

    def _look(self, host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if _is_number(host):
            return [_entry(str(host), port)]
        self.looked.append(host)
        if self.row.outcome == UNKNOWN:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        again = self.looked.count(host) > 1 and self.row.later is not None
        return [_entry(address, port) for address in (self.row.later if again else self.row.first) or ()]

    def _go(self, address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        """As the real one does: look up whatever is given, and go to what is found."""
        found = self._look(*address)
        if not found or found[0][4][0] in self.row.dead:
            raise ConnectionRefusedError(address)
        self.reached.append(found[0][4][0])
        return self._connect(self.server, 5)


def _is_number(host: Any) -> bool:
    try:
        return bool(ipaddress.ip_address(str(host).partition("%")[0]))
    except ValueError:
        return False


def _entry(address: str, port: Any) -> Any:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)


def visit(row: Row, endpoint: str, path: Path, patch: pytest.MonkeyPatch) -> tuple[World, Any]:
    """Download a row's address as the app does; return what was seen, and the file or the error."""
    world = World(row, patch)
    with sandboxes.running(world) as root, patch.context() as here:
        world._patch = here
        world.server = ("127.0.0.1", httpx.URL(root).port)
        for name, value in row.environ.items():
            here.setenv(name, value)
        world.turn()
        client = Runware(KEY, endpoint, hosts=HOSTS, timeout=5)
        try:
            return world, client.download(row.url, path)
        except PictureError as error:
            return world, error
        finally:
            client.close()


# -- The table -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLE)
def test_hostile(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is not the provider's is not looked up; what leads inward is not connected to; nothing is followed."""
    caplog.set_level(logging.DEBUG)
    row = TABLE[name]
    # What is shut is shut whoever is spoken to: a sandbox opens its own origin and nothing else.
    endpoints = (API, SANDBOX, IN_PROCESS) if (row.outcome, row.endpoint) == (SHUT, API) else (row.endpoint,)
    for endpoint in endpoints:
        world, came = visit(row, endpoint, tmp_path / "a.jpg", monkeypatch)
        OUTCOMES[row.outcome](row, world, came, tmp_path / "a.jpg")
        assert not {"HTTP_AUTHORIZATION", "HTTP_COOKIE"} & {k for seen in world.requests for k in seen}
        assert "signature" not in f"{came!r}{caplog.text}"
        assert KEY not in f"{came!r}{caplog.text}"


def _arrives(row: Row, world: World, came: Any, path: Path) -> None:
    assert path.read_bytes() == BYTES, came
    assert world.reached == [row.reached]
    assert len(world.requests) == 1
    assert len(world.looked) <= 1


def _shut(row: Row, world: World, came: Any, path: Path) -> None:
    assert type(came) is ForbiddenAddress
    assert (world.looked, world.reached, path.exists()) == ([], [], False)


def _inward(row: Row, world: World, came: Any, path: Path) -> None:
    assert type(came) is ForbiddenAddress
    assert (len(world.looked), world.reached, path.exists()) == (1, [], False)


def _stays(row: Row, world: World, came: Any, path: Path) -> None:
    assert type(came) is PictureError
    assert f"HTTP status {row.leads.partition(' ')[0]}" in str(came)
    assert (len(world.looked), world.reached, path.exists()) == (1, [PUBLIC], False)


def _unknown(row: Row, world: World, came: Any, path: Path) -> None:
    assert type(came) is PictureError
    assert (world.reached, path.exists()) == ([], False)


OUTCOMES = {ARRIVES: _arrives, SHUT: _shut, INWARD: _inward, STAYS: _stays, UNKNOWN: _unknown}


def test_the_table_is_large_and_of_every_kind() -> None:
    """Addresses, names, rebindings and redirects, and enough that must arrive that "refuse all" would fail it."""
    parts = Counter(name.partition(":")[0] for name in TABLE)
    assert min(parts[part] for part in ("address", "name")) >= 40
    assert min(parts.values()) >= 5
    outcomes = Counter(row.outcome for row in TABLE.values())
    assert set(outcomes) == set(OUTCOMES)
    assert outcomes[ARRIVES] >= 20


def test_the_world_leads_inward_where_nobody_guards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard the same rows do reach inward addresses: it is the guard that keeps them out."""
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    for name in ("name: the clouds' metadata", "name: mapped loopback", "name: carrier-grade NAT"):
        path = tmp_path / name.replace(" ", "-")
        world, _ = visit(TABLE[name], API, path, monkeypatch)
        # Python 3.11 writes a mapped address in another way.
        assert [*map(ipaddress.ip_address, world.reached)] == [*map(ipaddress.ip_address, TABLE[name].first)]
        assert path.read_bytes() == BYTES


def test_every_connection_is_checked_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One client, one name: the first picture comes, and once the name leads inward no other does."""
    world = World(Row("", ARRIVES, later=("127.0.0.1",)), monkeypatch)
    with sandboxes.running(world) as root:
        world.server = ("127.0.0.1", httpx.URL(root).port)
        world.turn()
        client = Runware(KEY, API, hosts=HOSTS, timeout=5)
        client.download(world.row.url, tmp_path / "first")
        for _ in range(2):
            with pytest.raises(ForbiddenAddress):
                client.download(world.row.url, tmp_path / "second")
        client.close()
    assert (len(world.looked), world.reached) == (3, [PUBLIC])


# -- What the table cannot say -------------------------------------------------------------------------------


def test_the_text_shows_no_signature_and_no_password() -> None:
    """The message goes to a row and a log."""
    with pytest.raises(ForbiddenAddress) as caught:
        guard.check("https://user:hidden@evil.com/a\x1b?sig=hidden#hidden", API, HOSTS)
    assert "hidden" not in str(caught.value)
    assert "evil.com/a?" in str(caught.value)
    assert "\x1b" not in str(caught.value)


@given(st.text(alphabet="htps:/\\@.?#[]%runware.ai127 \t\n", max_size=40))
def test_what_passes_means_the_same_to_httpx(text: str) -> None:
    """No text gets through that our parser and the HTTP library's read as different hosts."""
    try:
        scheme, host = guard.check(f"https://{text}", API, HOSTS)
    except ForbiddenAddress:
        return
    assert (httpx.URL(f"https://{text}").scheme, httpx.URL(f"https://{text}").host) == (scheme, host)
    assert host.endswith(".runware.ai")


def test_public_addresses_are_tried_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """As numbers, so that the connection is made to what was checked; each once."""
    entries = [_entry(address, 443) for address in ("2606:4700::1111", PUBLIC, PUBLIC)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: entries)
    assert guard.resolve("im.runware.ai", 443, API) == ["2606:4700::1111", PUBLIC]


# -- Nobody else opens an address ----------------------------------------------------------------------------

APP = Path(seedream_django.__file__).parent

#: What can open a connection or an address, in the standard library and beside it.
OPENERS = {
    "socket", "ssl", "http", "urllib", "ftplib", "smtplib", "telnetlib", "xmlrpc", "asyncio", "webbrowser",
    "httpx", "httpcore", "requests", "urllib3", "aiohttp", "pycurl", "boto3",
}  # fmt: skip
#: Of these, what only takes addresses apart, and names of numbers.
HARMLESS = ("urllib.parse.", "http.HTTPStatus")
#: Where connections are made, and the sandbox, which listens on this machine.
ALLOWED = {
    "runware/answers.py", "runware/client.py", "runware/exchange.py", "runware/guard.py", "runware/transport.py",
    "sandbox/courier.py", "sandbox/server.py",
}  # fmt: skip


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_only_the_wire_can_open_a_connection() -> None:
    """No other module has the means to, so that every address that is fetched is fetched by the client."""
    found = {
        str(path.relative_to(APP))
        for path in APP.rglob("*.py")
        for module in imported(path)
        if module.partition(".")[0] in OPENERS and not module.startswith(HARMLESS)
    }
    assert found <= ALLOWED
    assert {"runware/client.py", "runware/transport.py"} <= found


def calls(path: Path, method: str) -> list[ast.Call]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return [n for n in nodes if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == method]


def test_the_client_opens_addresses_in_one_place_that_the_guard_stands_before() -> None:
    """Two calls of a transport: one to the endpoint, one to what the guard let through, over those that it watches."""
    source = (APP / "runware" / "client.py").read_text()
    opened = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    opened = [node for node in opened if getattr(node.func, "attr", "") in ("start", "_open_file")]
    over = sorted(ast.unparse(node.args[0]) for node in opened)
    assert over == ["self._api", "self._files", "self._outside", "transport"]
    (download,) = [
        n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef) and n.name == "download"
    ]
    first = next(n for n in download.body if not isinstance(n, ast.Expr))
    assert ast.unparse(first).startswith("origin = guard.check(")
    assert len(calls(APP / "runware" / "exchange.py", "handle_request")) == 1
    transport: Any = Runware(KEY, API)._files
    assert transport._pool._network_backend._endpoint == API


def test_whoever_fetches_fetches_with_the_client() -> None:
    """``download`` is called of the one client that the settings make, and of nothing else."""
    callers = {
        (str(path.relative_to(APP)), ast.unparse(call.func))
        for path in APP.rglob("*.py")
        for call in calls(path, "download")
    }
    assert callers == {("receiving.py", "client().download")}
