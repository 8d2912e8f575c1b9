"""Addresses that a result may be said to lie at, where each really leads, and what must come of it.

One table. ``test_guard`` sends every row through the client's own download, over its real transport.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

API = "https://api.runware.ai/v1"
SANDBOX = "http://127.0.0.1:8765/v1"
IN_PROCESS = "http://sandbox/v1"
HOSTS = ("*.runware.ai", "cdn.example.com")

PUBLIC, PUBLIC_TOO, PUBLIC_V6 = "93.184.215.14", "93.184.215.15", "2606:4700::1111"
PICTURE = "https://im.runware.ai/a.jpg?sig=signature"

#: What may come of it: the file is there; the address is not even looked up; its name is looked up once and
#: nothing is connected to; the answer is no picture, and nothing else is opened; the name is unknown.
ARRIVES, SHUT, INWARD, STAYS, UNKNOWN = "arrives", "shut", "inward", "stays", "unknown"


@dataclass(frozen=True)
class Row:
    """``first`` is what the name leads to at the first look and ``later`` at every other; ``leads`` is the
    status and ``Location`` that the server answers with; ``dead`` are addresses where nobody answers;
    ``reached`` is the one address where the request must arrive."""

    what: str
    outcome: str
    url: str = PICTURE
    first: tuple[str, ...] = (PUBLIC,)
    later: tuple[str, ...] | None = None
    leads: str = ""
    dead: tuple[str, ...] = ()
    reached: str = PUBLIC
    endpoint: str = API
    environ: Mapping[str, str] = field(default_factory=dict)


def _open(what: str, url: str, **values: object) -> Row:
    return Row(what, ARRIVES, url, **values)  # type: ignore[arg-type]


def _shut(what: str, url: str, **values: object) -> Row:
    return Row(what, SHUT, url, **values)  # type: ignore[arg-type]


def _inward(what: str, *first: str, **values: object) -> Row:
    return Row(what, INWARD, first=first, **values)  # type: ignore[arg-type]


def _redirect(what: str, leads: str) -> Row:
    return Row(what, STAYS, leads=leads)


ADDRESSES = [
    _open("the provider's host", PICTURE),
    _open("its port written out", "https://im.runware.ai:443/a?X-Sig=%2F&b=[1]"),
    _open("two names below", "https://a.b.runware.ai/a"),
    _open("capital letters", "https://IM.Runware.AI/a"),
    _open("a host named as it is", "https://cdn.example.com/a"),
    # -- Schemes
    _shut("no address", ""),
    _shut("no scheme", "im.runware.ai/a"),
    _shut("no host", "https:///a"),
    _shut("two slashes alone", "//im.runware.ai/a"),
    _shut("plain http", "http://im.runware.ai/a"),
    _shut("plain http on the port of https", "http://im.runware.ai:443/a"),
    _shut("ftp", "ftp://im.runware.ai/a"),
    _shut("a file", "file:///etc/passwd"),
    _shut("a file behind the host", "file://im.runware.ai/etc/passwd"),
    _shut("data", "data:image/png;base64,AAAA"),
    _shut("gopher", "gopher://im.runware.ai:6379/_FLUSHALL"),
    _shut("a scheme in capitals", "HTTPS://im.runware.ai/a"),
    _shut("a scheme in a scheme", "https:https://im.runware.ai/a"),
    # -- Hosts
    _shut("the name above the pattern", "https://runware.ai/a"),
    _shut("the provider's name in front", "https://im.runware.ai.evil.com/a"),
    _shut("the provider's name as an ending", "https://evilrunware.ai/a"),
    _shut("a name below one named as it is", "https://sub.cdn.example.com/a"),
    _shut("another host", "https://evil.com/a"),
    _shut("localhost", "https://localhost/a"),
    _shut("the in-process sandbox's name", "https://sandbox/a"),
    _shut("the cloud's metadata by name", "https://metadata.google.internal/a"),
    _shut("a dot at the end", "https://im.runware.ai./a"),
    _shut("an ideographic full stop", "https://im。runware.ai/a"),
    _shut("letters in full width", "https://\uff49\uff4d.runware.ai/a"),
    _shut("a name in Punycode", "https://xn--bcher-kva.runware.ai/a"),
    _shut("a Cyrillic letter", "https://im.runw\u0430re.ai/a"),
    _shut("an empty label", "https://im..runware.ai/a"),
    _shut("a host in percent signs", "https://im%2erunware.ai/a"),
    _shut("a pattern for a host", "https://*.runware.ai/a"),
    # -- Ports
    _shut("another port", "https://im.runware.ai:8443/a"),
    _shut("port 0", "https://im.runware.ai:0/a"),
    _shut("a port beyond the last", "https://im.runware.ai:99999/a"),
    _shut("letters for a port", "https://im.runware.ai:x/a"),
    # -- Userinfo, and what two parsers read differently
    _shut("a password", "https://user:pw@im.runware.ai/a"),
    _shut("a host as the user", "https://evil.com@im.runware.ai/a"),
    _shut("the provider as the user", "https://im.runware.ai@evil.com/a"),
    _shut("a backslash before the at sign", "https://evil.com\\@im.runware.ai/a"),
    _shut("a backslash in the host", "https://evil.com\\.runware.ai/a"),
    _shut("a fragment in the host", "https://evil.com#.runware.ai/a"),
    _shut("a query in the host", "https://evil.com?.runware.ai/a"),
    _shut("a fragment", "https://im.runware.ai/a#b"),
    _shut("a space", "https://im.runware.ai/a b"),
    _shut("a space in front", " https://im.runware.ai/a"),
    _shut("a tab in the scheme", "ht\ttps://im.runware.ai/a"),
    _shut("a second header", "https://im.runware.ai/a\r\nHost: x"),
    _shut("a line's end behind it", "https://im.runware.ai/a\n"),
    _shut("a zero byte", "https://im.runware.ai\x00.evil.com/a"),
    # -- Addresses written out
    _shut("loopback", "https://127.0.0.1/a"),
    _shut("a public address", f"https://{PUBLIC}/a"),
    _shut("loopback of IPv6", "https://[::1]/a"),
    _shut("mapped loopback", "https://[::ffff:127.0.0.1]/a"),
    _shut("a zone", "https://[fe80::1%25eth0]/a"),
    _shut("half a bracket", "https://[::1/a"),
    _shut("one decimal number", "https://2130706433/a"),
    _shut("one hexadecimal number", "https://0x7f000001/a"),
    _shut("hexadecimal parts", "https://0x7f.0.0.1/a"),
    _shut("octal parts", "https://0177.0.0.01/a"),
    _shut("two parts", "https://127.1/a"),
    _shut("digits in full width", "https://\uff11\uff12\uff17.0.0.1/a"),
]

NAMES = [
    # -- What a name of the provider's may lead to at the look that counts
    _inward("loopback", "127.0.0.1"),
    _inward("another loopback", "127.255.255.254"),
    _inward("unspecified", "0.0.0.0"),
    _inward("this network", "0.1.2.3"),
    _inward("private, class A", "10.1.2.3"),
    _inward("private, class B", "172.16.0.1"),
    _inward("private, class C", "192.168.1.1"),
    _inward("carrier-grade NAT", "100.64.0.1"),
    _inward("a cloud's metadata in it", "100.100.100.200"),
    _inward("link-local", "169.254.1.1"),
    _inward("the clouds' metadata", "169.254.169.254"),
    _inward("a cloud's wire server, on an address that looks public", "168.63.129.16"),
    _inward("protocol assignments", "192.0.0.8"),
    _inward("a cloud's metadata in them", "192.0.0.192"),
    _inward("documentation", "192.0.2.1"),
    _inward("documentation, too", "198.51.100.1"),
    _inward("documentation, a third", "203.0.113.1"),
    _inward("benchmarks", "198.18.0.1"),
    _inward("relays from IPv6", "192.88.99.1"),
    _inward("multicast", "224.0.0.1"),
    _inward("global multicast", "232.1.1.1"),
    _inward("reserved", "240.0.0.1"),
    _inward("broadcast", "255.255.255.255"),
    _inward("IPv6 unspecified", "::"),
    _inward("IPv6 loopback", "::1"),
    _inward("IPv6 loopback with a zone", "::1%lo"),
    _inward("IPv6 link-local", "fe80::1"),
    _inward("IPv6 link-local with a zone", "fe80::1%eth0"),
    _inward("IPv6 site-local", "fec0::1"),
    _inward("IPv6 unique local", "fc00::1"),
    _inward("a cloud's metadata in IPv6", "fd00:ec2::254"),
    _inward("IPv6 multicast", "ff02::1"),
    _inward("IPv6 global multicast", "ff0e::1"),
    _inward("IPv6 documentation", "2001:db8::1"),
    _inward("IPv6 documentation, the new", "3fff::1"),
    _inward("IPv6 discarded", "100::1"),
    _inward("IPv6 segments", "5f00::1"),
    _inward("mapped loopback", "::ffff:127.0.0.1"),
    _inward("mapped loopback in hexadecimal", "::ffff:7f00:1"),
    _inward("mapped loopback written out", "0:0:0:0:0:ffff:127.0.0.1"),
    _inward("mapped metadata", "::ffff:169.254.169.254"),
    _inward("a mapped public address", "::ffff:8.8.8.8"),
    _inward("compatible loopback", "::127.0.0.1"),
    _inward("translated loopback", "::ffff:0:127.0.0.1"),
    _inward("loopback through NAT64", "64:ff9b::7f00:1"),
    _inward("metadata through NAT64", "64:ff9b::a9fe:a9fe"),
    _inward("local NAT64", "64:ff9b:1::1"),
    _inward("loopback through 6to4", "2002:7f00:1::1"),
    _inward("Teredo", "2001:0:1::1"),
    _inward("identifiers that are no place", "2001:20::1"),
    # -- Several answers, and none
    _inward("public first, inward behind it", PUBLIC, "10.0.0.1"),
    _inward("inward first, public behind it", "127.0.0.1", PUBLIC),
    _inward("public in IPv6, inward in IPv4", PUBLIC_V6, "192.168.0.1"),
    _inward("one inward among many", PUBLIC, PUBLIC_TOO, PUBLIC_V6, "::1"),
    _inward("an answer without an address"),
    Row("an unknown name", UNKNOWN, "https://gone.runware.ai/a"),
    Row("an unknown name of 300 characters", UNKNOWN, f"https://gone.{'long.' * 60}runware.ai/a"),
    Row("the same address twice", ARRIVES, first=(PUBLIC, PUBLIC)),
    Row("a public address of IPv6", ARRIVES, first=(PUBLIC_V6,), reached=PUBLIC_V6),
    Row("nobody at the first address", ARRIVES, first=(PUBLIC_V6, PUBLIC), dead=(PUBLIC_V6,)),
]

REBINDINGS = [
    Row("loopback at the second look", ARRIVES, later=("127.0.0.1",)),
    Row("metadata at the second look", ARRIVES, later=("169.254.169.254",)),
    Row("IPv6 loopback at the second look", ARRIVES, later=("::1",)),
    Row("another public address at the second look", ARRIVES, later=(PUBLIC_TOO,)),
    Row("nothing at the second look", ARRIVES, later=()),
    Row("nobody at the first address, inward at the second look", ARRIVES, first=(PUBLIC_TOO, PUBLIC),
        later=("10.0.0.1",), dead=(PUBLIC_TOO,)),
    _inward("public only at the second look", "127.0.0.1", later=(PUBLIC,)),
    _inward("mapped first, public at the second look", "::ffff:10.0.0.1", later=(PUBLIC,)),
]  # fmt: skip

REDIRECTS = [
    _redirect("inward", "302 http://127.0.0.1/a"),
    _redirect("inward for good", "301 http://10.0.0.1/a"),
    _redirect("to the metadata", "307 http://169.254.169.254/latest/meta-data/"),
    _redirect("inward by https", "308 https://[::1]/a"),
    _redirect("from https to http", "302 http://im.runware.ai/a.jpg"),
    _redirect("to another host", "302 https://evil.com/a"),
    _redirect("to another host of the provider's", "303 https://other.runware.ai/a"),
    _redirect("to another host without a scheme", "302 //evil.com/a"),
    _redirect("to a file", "302 file:///etc/passwd"),
    _redirect("to data", "302 data:image/png;base64,AAAA"),
    _redirect("with a password", "302 https://user:pw@im.runware.ai/a"),
    _redirect("to itself, for ever", f"302 {PICTURE}"),
    _redirect("from one to the next, for ever", "302 /next"),
    _redirect("to a choice", "300 https://evil.com/a"),
    _redirect("to a proxy", "305 http://127.0.0.1:3128/"),
    _redirect("nowhere", "302 "),
    Row("a picture that names another place", ARRIVES, leads="200 http://127.0.0.1/a"),
]

PROXIES = [
    Row("a proxy for https", ARRIVES, environ={"HTTPS_PROXY": "http://127.0.0.1:3128"}),
    Row("a proxy in small letters", ARRIVES, environ={"https_proxy": "http://10.0.0.1:3128"}),
    Row("a proxy for all", ARRIVES, environ={"ALL_PROXY": "socks5://127.0.0.1:1080"}),
    _inward("a proxy does not stand for a check", "10.0.0.1", environ={"HTTPS_PROXY": "http://127.0.0.1:3128"}),
    Row("a proxy for the sandbox", ARRIVES, "http://localhost:8765/a", first=("127.0.0.1",), reached="127.0.0.1",
        endpoint="http://localhost:8765/v1", environ={"HTTP_PROXY": "http://10.0.0.1:3128"}),
]  # fmt: skip

_HERE = {"first": ("127.0.0.1",), "reached": "127.0.0.1"}
SANDBOXES = [
    # -- The sandbox's own origin is open, on this machine only
    _open("its own file", "http://127.0.0.1:8765/files/a.jpg?sig=1", endpoint=SANDBOX, **_HERE),
    _open("its port left out", "http://localhost:80/a", endpoint="http://localhost/v1", **_HERE),
    _open("on IPv6", "http://[::1]:9/a", endpoint="http://[::1]:9/v1", first=("::1",), reached="::1"),
    _open("in process, should it be named here", "http://sandbox/a", endpoint=IN_PROCESS, **_HERE),
    _open("the provider's beside it", PICTURE, endpoint=SANDBOX),
    _shut("another port beside it", "http://127.0.0.1:8766/a", endpoint=SANDBOX),
    _shut("another scheme beside it", "https://127.0.0.1:8765/a", endpoint=SANDBOX),
    _shut("another name for it", "http://localhost:8765/a", endpoint=SANDBOX),
    _shut("another loopback beside it", "http://127.0.0.2:8765/a", endpoint=SANDBOX),
    _shut("an endpoint in the house is no sandbox", "http://10.0.0.5/a", endpoint="http://10.0.0.5/v1"),
    _shut("a name in the house is no sandbox", "http://gateway/a", endpoint="http://gateway/v1"),
    _shut("a name that begins so is no sandbox", "https://localhost.evil.com/a",
          endpoint="https://localhost.evil.com/v1"),
    Row("its name leads elsewhere in the house", INWARD, "http://localhost:8765/a", first=("10.0.0.1",),
        endpoint="http://localhost:8765/v1"),
    Row("its name leads out", INWARD, "http://localhost:8765/a", first=(PUBLIC,),
        endpoint="http://localhost:8765/v1"),
    Row("in process, its name leads out", INWARD, "http://sandbox/a", first=(PUBLIC,), endpoint=IN_PROCESS),
    Row("the provider's name leads to it", INWARD, first=("127.0.0.1",), endpoint=SANDBOX),
]  # fmt: skip

TABLE = {
    f"{part}: {row.what}": row
    for part, rows in {
        "address": ADDRESSES,
        "name": NAMES,
        "rebinding": REBINDINGS,
        "redirect": REDIRECTS,
        "proxy": PROXIES,
        "sandbox": SANDBOXES,
    }.items()
    for row in rows
}
