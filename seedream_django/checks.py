"""System checks: what is wrong with the settings, with what to type instead.

=================  =========================================================================
seedream.E001      ``SEEDREAM["HUEY"]`` does not lead to a usable queue
=================  =========================================================================
"""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from . import queue


@register()
def check_queue(**kwargs: Any) -> list[CheckMessage]:
    """Pictures are made by a worker, so there must be a queue."""
    try:
        queue.bind()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint=_HUEY_HINT, id="seedream.E001")]
    return []


_HUEY_HINT = (
    'Add "huey.contrib.djhuey" to INSTALLED_APPS and HUEY = {"huey_class": "huey.SqliteHuey", '
    '"filename": BASE_DIR / "huey.sqlite3", "immediate": False} to your settings, or name your own Huey in '
    'SEEDREAM = {"HUEY": "myproject.queue.huey"}.'
)
