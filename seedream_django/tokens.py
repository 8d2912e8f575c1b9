"""Tokens in the addresses that the provider is given: it signs nothing itself.

A token says what it is for and whose it is. It is made with ``SECRET_KEY``, and one of ``SECRET_KEY_FALLBACKS`` is
accepted as well, so that a key can be changed while orders are under way.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

#: What a token may be for; one is never good for the other.
WEBHOOK, UPLOAD = "webhook", "upload"


def make(purpose: str, task_uuid: uuid.UUID) -> str:
    """64 letters and digits."""
    return _signature(purpose, task_uuid, settings.SECRET_KEY)


def is_good(token: str, purpose: str, task_uuid: uuid.UUID) -> bool:
    """Whether it was made by one of the keys. As long a look whatever the token."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    # All of them, always: the time must not tell which key it was.
    return any([constant_time_compare(token, _signature(purpose, task_uuid, key)) for key in keys])  # noqa: C419


def _signature(purpose: str, task_uuid: uuid.UUID, key: str | bytes) -> str:
    salt = f"seedream_django.{purpose}"
    return salted_hmac(salt, str(task_uuid), secret=key, algorithm="sha256").hexdigest()
