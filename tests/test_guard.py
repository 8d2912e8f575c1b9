"""No address leads inward, however it is written."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream_django.exceptions import ForbiddenAddress
from seedream_django.runware import guard

API = "https://api.runware.ai/v1"
SANDBOX = "http://127.0.0.1:8765/v1"
HOSTS = ("*.runware.ai", "cdn.example.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://im.runware.ai/image/a.jpg",
        "https://im.runware.ai:443/a?X-Sig=%2F&b=[1]",
        "https://a.b.runware.ai/a",
        "https://IM.Runware.AI/a",
        "https://cdn.example.com/a",
    ],
)
def test_the_provider_s_addresses_are_open(url: str) -> None:
    """Every host below the pattern, and the one named as it is."""
    scheme, host = guard.check(url, API, HOSTS)
    assert (scheme, host) == ("https", httpx.URL(url).host)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "im.runware.ai/a",
        "http://im.runware.ai/a",
        "http://im.runware.ai:443/a",
        "ftp://im.runware.ai/a",
        "file:///etc/passwd",
        "https://runware.ai/a",
        "https://im.runware.ai.evil.com/a",
        "https://evilrunware.ai/a",
        "https://sub.cdn.example.com/a",
        "https://im.runware.ai:8443/a",
        "https://im.runware.ai:0/a",
        "https://im.runware.ai:99999/a",
        "https://im.runware.ai:x/a",
        "https://user:pw@im.runware.ai/a",
        "https://evil.com@im.runware.ai/a",
        "https://evil.com\\@im.runware.ai/a",
        "https://evil.com\\.runware.ai/a",
        "https://evil.com#.runware.ai/a",
        "https://evil.com?.runware.ai/a",
        "https://im.runware.ai/a#b",
        "https://im.runware.ai/a b",
        "https://im.runware.ai/a\r\nHost: x",
        "https://im.runware.ai./a",
        "https://im。runware.ai/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://2130706433/a",
        "https://0x7f000001/a",
        "https://127.1/a",
        "https://localhost/a",
        "https://sandbox/a",
        "https:///a",
        "https://[::1/a",
    ],
)
def test_everything_else_is_shut(url: str) -> None:
    """Other schemes, ports, hosts, literals, passwords, and what two parsers may read differently."""
    for endpoint in (API, SANDBOX, "http://sandbox/v1"):
        with pytest.raises(ForbiddenAddress):
            guard.check(url, endpoint, HOSTS)


def test_the_text_shows_no_signature_and_no_password() -> None:
    """The message goes to a row and a log."""
    with pytest.raises(ForbiddenAddress) as caught:
        guard.check("https://user:hidden@evil.com/a\x1b?sig=hidden#hidden", API, HOSTS)
    assert "hidden" not in str(caught.value)
    assert "evil.com/a?" in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (SANDBOX, "http://127.0.0.1:8765/files/a.jpg?sig=1"),
        ("http://localhost/v1", "http://localhost:80/a"),
        ("http://[::1]:9/v1", "http://[::1]:9/a"),
        ("http://sandbox/v1", "http://sandbox/a"),
        (SANDBOX, "https://im.runware.ai/a"),
    ],
)
def test_the_sandbox_serves_its_own_files(endpoint: str, url: str) -> None:
    """Loopback and the in-process host are open to their own origin; the provider's stay open beside it."""
    guard.check(url, endpoint, HOSTS)


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (SANDBOX, "http://127.0.0.1:8766/a"),
        (SANDBOX, "https://127.0.0.1:8765/a"),
        (SANDBOX, "http://localhost:8765/a"),
        (SANDBOX, "http://127.0.0.2:8765/a"),
        ("http://10.0.0.5/v1", "http://10.0.0.5/a"),
        ("http://gateway/v1", "http://gateway/a"),
        ("https://localhost.evil.com/v1", "https://localhost.evil.com/a"),
    ],
)
def test_only_that_origin_and_only_on_this_machine(endpoint: str, url: str) -> None:
    """Another port is another service; an endpoint elsewhere opens nothing but the provider's hosts."""
    with pytest.raises(ForbiddenAddress):
        guard.check(url, endpoint, HOSTS)


@given(st.text(alphabet="htps:/\\@.?#[]%runware.ai127 \t\n", max_size=40))
def test_what_passes_means_the_same_to_httpx(text: str) -> None:
    """No text gets through that our parser and the HTTP library's read as different hosts."""
    try:
        scheme, host = guard.check(f"https://{text}", API, HOSTS)
    except ForbiddenAddress:
        return
    assert (httpx.URL(f"https://{text}").scheme, httpx.URL(f"https://{text}").host) == (scheme, host)
    assert host.endswith(".runware.ai")


# -- Where the connection is made ----------------------------------------------------------------------------

INWARD = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "192.0.0.8", "224.0.0.1", "255.255.255.255", "198.18.0.1", "240.0.0.1",
    "::", "::1", "fe80::1", "fc00::1", "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:1::1",
    "2001:db8::1",
]  # fmt: skip


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443)) for a in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: entries)


@pytest.mark.parametrize("address", INWARD)
def test_inward_addresses_are_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every private, local, reserved, translated or tunnelled one, alone and behind a good one."""
    assert not guard.is_public(ipaddress.ip_address(address))
    for addresses in ([address], ["93.184.215.14", address]):
        answering(monkeypatch, *addresses)
        with pytest.raises(ForbiddenAddress):
            guard.resolve("im.runware.ai", 443, API)


def test_public_addresses_are_returned_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """As numbers, so that the connection is made to what was checked; each once."""
    answering(monkeypatch, "2606:4700::1111", "93.184.215.14", "93.184.215.14")
    assert guard.resolve("im.runware.ai", 443, API) == ["2606:4700::1111", "93.184.215.14"]


def test_no_address_at_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty answer is not "nothing wrong with it"."""
    answering(monkeypatch)
    with pytest.raises(ForbiddenAddress):
        guard.resolve("im.runware.ai", 443, API)


@pytest.mark.parametrize(
    ("host", "port", "address", "fine"),
    [
        ("127.0.0.1", 8765, "127.0.0.1", True),
        ("127.0.0.1", 8765, "10.0.0.1", False),
        ("127.0.0.1", 8765, "93.184.215.14", False),
        ("127.0.0.1", 8766, "127.0.0.1", False),
        ("im.runware.ai", 443, "127.0.0.1", False),
    ],
)
def test_the_sandbox_is_reached_on_loopback_only(
    host: str, port: int, address: str, fine: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own origin may be loopback and nothing else; no other name may lead there."""
    answering(monkeypatch, address)
    if fine:
        assert guard.resolve(host, port, SANDBOX) == [address]
    else:
        with pytest.raises(ForbiddenAddress):
            guard.resolve(host, port, SANDBOX)


def test_a_scope_does_not_hide_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """``fe80::1%eth0`` is the same inward address with a zone behind it."""
    entry: Any = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1%eth0", 443, 0, 2))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [entry])
    with pytest.raises(ForbiddenAddress):
        guard.resolve("im.runware.ai", 443, API)
