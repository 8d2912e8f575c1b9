"""Who did what, in the admin's own log: its history pages show it, and it outlives what it is about.

Nothing is written where ``django.contrib.admin`` is not installed, or where nobody did it: the site's own code has
no history there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import translation


def added(generation: Any) -> None:
    """Say who ordered this. Once an order: whoever places it calls this where the row is new."""
    _write([generation], generation.user, "ADDITION", [{"added": {}}])


def made(obj: models.Model, user: Any) -> None:
    """Say who made this, other than in a form of the admin, which says it by itself."""
    _write([obj], user, "ADDITION", [{"added": {}}])


def changed(obj: models.Model, fields: Sequence[str], user: Any) -> None:
    """Say who changed these fields of an object, in the words that the admin has for it. ``user`` may be a key."""
    all_changed([obj], fields, user)


def all_changed(objs: Sequence[models.Model], fields: Sequence[str], user: Any) -> None:
    """The same of several, a line for each; not one by one."""
    _write(objs, user, "CHANGE", [{"changed": {"fields": list(fields)}}])


def decided(generation: Any, user: Any, words: Any, reason: str = "") -> None:
    """Say who decided what about an order, and why, if they told.

    Lazy ``words`` are kept in the project's language, for all who read.
    """
    with translation.override(settings.LANGUAGE_CODE):
        _write([generation], user, "CHANGE", f"{words} {reason}".strip())


def _write(objs: Sequence[models.Model], user: Any, action: str, message: Any) -> None:
    key = getattr(user, "pk", user)
    if key is None or not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin import models as log

    flag = getattr(log, action)
    log.LogEntry.objects.log_actions(key, objs, flag, change_message=message)
