"""Which addresses a result may be fetched from.

Two walls. ``check`` reads the address before anything is opened: https, the provider's hosts, nothing fancy;
or the sandbox's own origin where the endpoint is the sandbox. ``resolve`` stands where the connection is made
and lets only public addresses through, since a name that passed the first wall may lead inward by the second
look.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from ..exceptions import ForbiddenAddress

#: The host of the sandbox in our own process. Should the name resolve somewhere, ``resolve`` wants loopback.
IN_PROCESS_HOST = "sandbox"

_DEFAULT_PORTS = {"http": 80, "https": 443}

#: What ``is_global`` may let through although it can lead inside, or nowhere: tunnels, translators, shared space,
#: the wire server of a cloud (168.63.129.16), and what older Pythons do not know yet.
_INWARD = tuple(
    ipaddress.ip_network(network)
    for network in ("100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "64:ff9b::/96",
                    "64:ff9b:1::/48", "2001::/23", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10")
)  # fmt: skip


def check(url: str, endpoint: str, hosts: Iterable[str]) -> tuple[str, str]:
    """Return ``(scheme, host)`` of an address that may be opened; raise ``ForbiddenAddress`` for any other.

    ``hosts`` are names or patterns such as ``*.runware.ai``, which means every name below, not that name
    itself.
    """
    parts = _split(url)
    if parts is None:
        raise forbidden(url)
    if _is_sandbox(endpoint) and _origin(parts) == _origin(urlsplit(endpoint)):
        return parts.scheme, parts.hostname or ""
    if parts.scheme != "https" or _origin(parts)[2] != 443 or not _matches(parts.hostname or "", hosts):
        raise forbidden(url)
    return parts.scheme, parts.hostname or ""


def bare(url: str) -> str:
    """Return the part of an address that may be shown: the query is a signature, the userinfo a password."""
    text = re.sub(r"//[^/?#\\]*@", "//", re.split(r"[?#]", url, maxsplit=1)[0])
    return re.sub(r"[^\x21-\x7e]", "?", text)[:200]


def forbidden(url: str) -> ForbiddenAddress:
    return ForbiddenAddress(f"{bare(url)} is not an address that results may come from.")


def resolve(host: str, port: int, endpoint: str) -> list[str]:
    """Return the numeric addresses to try. Raises ``ForbiddenAddress``, or ``gaierror`` for an unknown name.

    One inward address among several refuses the name as a whole: a provider's name has none. The sandbox's
    own origin is let through, to loopback only.
    """
    parts = urlsplit(endpoint)
    at_home = _is_sandbox(endpoint) and (host, port) == _origin(parts)[1:]
    found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    addresses = [ipaddress.ip_address(str(text).partition("%")[0]) for text in found]
    if not addresses or not all(a.is_loopback if at_home else is_public(a) for a in addresses):
        raise ForbiddenAddress(f"{host} leads to an address that results may not come from.")
    return [str(address) for address in dict.fromkeys(addresses)]


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address is out on the internet, and hides no other one inside itself."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if address.version == 6 and address.ipv4_mapped is not None:
        return False
    return not any(address in network for network in _INWARD if network.version == address.version)


def _split(url: str) -> SplitResult | None:
    """Take an address apart, unless it holds what two parsers may read differently."""
    if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(?:[/?][\x21\x24-\x5b\x5d-\x7e]*)?", url):
        return None
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and (parts.port is None or parts.port > 0) else None
    except ValueError:
        return None


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)


def _matches(host: str, hosts: Iterable[str]) -> bool:
    """A host is a name of at least two labels; digits alone, or brackets, would be an address written out."""
    if not re.fullmatch(r"(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}", host):
        return False
    fitting = [pattern.lower() for pattern in hosts if fnmatch.fnmatchcase(host, pattern.lower())]
    # A name in other letters may only look like the provider's: of one host among many it must be written out.
    return any("xn--" not in host or "xn--" in pattern or pattern == "*" for pattern in fitting)


def _is_sandbox(endpoint: str) -> bool:
    """Tell whether the endpoint is on this machine: the sandbox, never the provider."""
    host = urlsplit(endpoint).hostname or ""
    if host in ("localhost", IN_PROCESS_HOST):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
