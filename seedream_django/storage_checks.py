"""System checks of what nobody may see: the spool and the private storage. Their ids stand in ``checks``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.files.storage import FileSystemStorage

from . import conf
from .models import picture_storage, private_storage
from .models.storage import NotLoaded, why_public


@register(Tags.files)
def check_private(**kwargs: Any) -> list[CheckMessage]:
    """What waits for a decision, and what editors give, lies where nobody serves it and every machine sees it."""
    if not isinstance(conf.PRIVATE_STORAGE, str | None):
        return []  # check_values says so
    storage = private_storage()
    if isinstance(storage, NotLoaded):
        return [_no_private_storage(storage)]
    found: list[CheckMessage] = []
    if why := _why_public(storage):
        hint = 'Add another alias to STORAGES that nobody serves: "PRIVATE_STORAGE": "private".'
        text = (
            f"The private storage is not private: {why}. "
            "Everybody could fetch pictures from there that nobody approved."
        )
        found.append(Warning(text, hint=hint, id="seedream.W016"))
    elsewhere = not isinstance(picture_storage(), FileSystemStorage | NotLoaded)
    if not conf.PRIVATE_STORAGE and conf.holds_back() and elsewhere:
        text = (
            "Pictures that wait for a decision are kept on the worker's own disk: a web server on another machine "
            "cannot show them."
        )
        hint = (
            'Add an alias to STORAGES that all machines see and nobody serves: "PRIVATE_STORAGE": "private". '
            'With one machine silence this: SILENCED_SYSTEM_CHECKS = ["seedream.W018"].'
        )
        found.append(Warning(text, hint=hint, id="seedream.W018"))
    return found


def _no_private_storage(storage: NotLoaded) -> CheckMessage:
    alias = conf.PRIVATE_STORAGE
    if alias in settings.STORAGES:
        hint = f'Look at STORAGES["{alias}"], and install what it needs.'
        return Error(storage.reason, hint=hint, id="seedream.E012")
    hint = f'Add "{alias}" to STORAGES, or leave PRIVATE_STORAGE out for a folder of this machine.'
    text = f'SEEDREAM["PRIVATE_STORAGE"] is "{alias}", which is not in STORAGES.'
    return Error(text, hint=hint, id="seedream.E012")


def _why_public(storage: Any) -> str:
    why = why_public(storage)
    if why == "served":
        return f"{Path(storage.location).resolve()} lies among the files that are served"
    return "it is the storage of all other pictures" if why else ""


@register(Tags.files)
def check_spool(**kwargs: Any) -> list[CheckMessage]:
    """While the storage is away paid pictures wait on this machine: in a folder that is ours alone."""
    if not isinstance(conf.SPOOL, str | Path | None):
        return []  # check_values says so
    folder = conf.spool()
    hint = 'Name another folder: "SPOOL": "…", on a disk of this machine that outlasts a restart.'
    served = getattr(picture_storage(), "base_location", None)
    if served and folder.resolve().is_relative_to(Path(served).resolve()):
        text = f"The spool {folder} lies among the files that are served: hidden pictures would wait there."
        return [Warning(text, hint=hint, id="seedream.W012")]
    if not _may_write(folder):
        text = f"The spool {folder} cannot be used: while the storage is away, paid pictures could be lost."
        return [Warning(text, hint=hint, id="seedream.W011")]
    return []


def _may_write(folder: Path) -> bool:
    """Whether this process can keep files there, or make the folder and then do so."""
    if folder.is_dir():
        status = folder.stat()
        ours = status.st_uid == os.getuid() and not status.st_mode & 0o022
        return ours and os.access(folder, os.W_OK | os.X_OK)
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
