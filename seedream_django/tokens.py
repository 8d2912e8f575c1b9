"""Tokens in the addresses that the provider is given: it signs nothing itself.

A token says what it is for and whose it is. It is made with ``SECRET_KEY``, and one of ``SECRET_KEY_FALLBACKS`` is
accepted as well, so that a key can be changed while orders are under way.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.crypto import constant_time_compare, salted_hmac

#: What a token may be for; one is never good for the other.
WEBHOOK, UPLOAD = "webhook", "upload"
#: Characters of a query that is looked through for the token. Ours has 70.
LONGEST_QUERY = 500


class Secret(str):
    """Not to be seen: no traceback that shows its variables shows it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<secret>"


def make(purpose: str, task_uuid: uuid.UUID) -> str:
    """64 letters and digits."""
    return _signature(purpose, task_uuid, settings.SECRET_KEY)


def is_good(token: str, purpose: str, task_uuid: uuid.UUID) -> bool:
    """Whether it was made by one of the keys. As long a look whatever the token."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    # All of them, always: the time must not tell which key it was.
    return any([constant_time_compare(token, _signature(purpose, task_uuid, key)) for key in keys])  # noqa: C419


def take(request: HttpRequest) -> Secret:
    """The token of the address, which from here on nothing shows: no log, no debug page, no mail about an error.

    Not by ``request.GET``, which reads the query as the sender's Content-Type says, and fails over some.
    """
    query = Secret(request.META.get("QUERY_STRING", ""))
    _blot_out(request, query)
    if len(query) > LONGEST_QUERY or not query.isascii():
        return Secret()
    found = [Secret(part[6:]) for part in query.split("&") if part.startswith("token=")]
    return found[0] if len(found) == 1 else Secret()


def _blot_out(request: HttpRequest, query: Secret) -> None:
    """Servers and proxies have names of their own for the whole address, and some log by these at the end."""
    for name, value in request.META.items():
        if query and isinstance(value, str) and f"?{query}" in value:
            request.META[name] = value.replace(f"?{query}", "")
    request.META["QUERY_STRING"] = ""
    request.GET = QueryDict()


def _signature(purpose: str, task_uuid: uuid.UUID, key: str | bytes) -> str:
    salt = f"seedream_django.{purpose}"
    return salted_hmac(salt, str(task_uuid), secret=key, algorithm="sha256").hexdigest()
