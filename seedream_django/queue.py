"""Binds the host's huey, late. Nothing else in this app knows huey.

Importing ``huey.contrib.djhuey`` without ``settings.HUEY`` and without redis ends the process with
``sys.exit(1)``, and a Huey object may connect when it is imported. So ``@shared_task`` only collects, and
``bind()`` registers what was collected with the Huey that ``SEEDREAM["HUEY"]`` names, when it is first needed
or when Django is ready, whichever comes first.
"""

from __future__ import annotations

import functools
import importlib.util
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import close_old_connections
from django.utils.module_loading import import_string

from . import conf

_collected: dict[str, SharedTask] = {}
_at_startup: list[SharedTask] = []
_lock = threading.RLock()


class SharedTask:
    """A function that the host's huey runs; calling it runs it here and now."""

    def __init__(self, function: Callable[..., Any], name: str, schedule: Callable[[], Any] | None) -> None:
        functools.update_wrapper(self, function)
        self.function, self.name, self.schedule = function, name, schedule

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)

    def enqueue(self, *args: Any, delay: float | None = None) -> None:
        """Queue one run. Raises ImproperlyConfigured without a usable Huey, else what its storage raises."""
        huey = bind()
        wrapper = huey._seedream_tasks[self.name]
        if delay:
            wrapper.schedule(args, delay=delay)
        else:
            wrapper(*args)

    def _register(self, huey: Any) -> Any:
        function = _with_fresh_connections(huey, self.function)
        if self.schedule:
            return huey.periodic_task(self.schedule(), name=self.name)(function)
        return huey.task(name=self.name)(function)


def shared_task(name: str, *, minutes: str | None = None) -> Callable[[Callable[..., Any]], SharedTask]:
    """Collect a task under an explicit name; with ``minutes`` (crontab syntax) a periodic one."""

    def decorator(function: Callable[..., Any]) -> SharedTask:
        schedule = functools.partial(_crontab, minutes) if minutes else None
        _collected[name] = SharedTask(function, name, schedule)
        return _collected[name]

    return decorator


def on_startup(task: SharedTask) -> None:
    """Have each consumer queue this task when it starts."""
    _at_startup.append(task)


def bind() -> Any:
    """Return the host's Huey with every collected task registered on it. Raises ImproperlyConfigured."""
    huey = _resolve(conf.HUEY)
    with _lock:
        registered = huey.__dict__.setdefault("_seedream_tasks", {})
        for name, task in _collected.items():
            if name not in registered:
                registered[name] = task._register(huey)
                if task in _at_startup:
                    huey.on_startup(name)(task.enqueue)
    return huey


def is_immediate() -> bool:
    """Whether tasks run inside the caller: nothing then runs later by itself."""
    return bool(bind().immediate)


def is_waiting() -> bool:
    """Whether other work waits in the queue."""
    return bool(bind().pending_count())


def _resolve(wanted: Any) -> Any:
    try:
        huey = _find(wanted)
    except ImproperlyConfigured:
        raise
    except (Exception, SystemExit) as error:
        # A host's module or function raises what it likes, and djhuey ends the process over its settings.
        reason = (error.__context__ or error) if isinstance(error, SystemExit) else error
        text = f'SEEDREAM["HUEY"] = {wanted!r} fails with {type(reason).__name__}: {reason}'
        raise ImproperlyConfigured(text) from error
    if not hasattr(huey, "periodic_task"):
        raise ImproperlyConfigured(f'SEEDREAM["HUEY"] names {huey!r}, which is not a Huey.')
    return huey


def _find(wanted: Any) -> Any:
    if isinstance(wanted, str):
        if wanted.startswith("huey.contrib.djhuey"):
            look_before_djhuey()
        wanted = import_string(wanted)
    return wanted() if callable(wanted) else wanted


def look_before_djhuey() -> None:
    """Raise ImproperlyConfigured where importing djhuey would end the process, asking for a redis nobody wants."""
    if getattr(settings, "HUEY", None) is None and importlib.util.find_spec("redis") is None:
        raise ImproperlyConfigured(
            'There is no queue: your settings have no HUEY. Add HUEY = {"huey_class": "huey.SqliteHuey", '
            '"filename": BASE_DIR / "huey.sqlite3", "immediate": False}'
        )


def _with_fresh_connections(huey: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any) -> Any:
        # In immediate mode the connection belongs to the request that called.
        if huey.immediate:
            return function(*args)
        close_old_connections()
        try:
            return function(*args)
        finally:
            close_old_connections()

    return run


def _crontab(minutes: str) -> Any:
    from huey import crontab

    return crontab(minute=minutes)
