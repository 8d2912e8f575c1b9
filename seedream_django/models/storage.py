"""Where pictures are kept: the storage that the settings name, or a stand-in that says what is wrong with it."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, InvalidStorageError, Storage, storages

from .. import conf


class NotLoaded(Storage):
    """Stands in for a storage that cannot be loaded: takes nothing, and says why to whoever asks.

    It has no ``path``, as a storage that is no folder.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ImproperlyConfigured(self.reason)

    open = save = delete = exists = listdir = size = url = _refuse


class PrivateFolder(FileSystemStorage):
    """A folder of this machine that nobody serves: for the site's own user alone, and its files have no address.

    Without ``location`` it is ``seedream-private`` in ``BASE_DIR``.
    """

    def __init__(self, location: str | Path | None = None) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)
        self._folder = location

    @property
    def base_location(self) -> str:
        return str(self._folder or conf.private_folder())

    @property
    def location(self) -> str:
        return os.path.abspath(self.base_location)

    def url(self, name: str | None) -> str:
        raise ValueError("What is private has no address.")


def picture_storage() -> Storage:
    """The storage that ``SEEDREAM["STORAGE"]`` names; a callable, so that migrations do not fix it.

    One that cannot be loaded is replaced: the fields ask as they are imported, and a traceback there would keep
    the checks from saying what is wrong.
    """
    try:
        return storages[conf.STORAGE]
    except (ImportError, KeyError, TypeError, ImproperlyConfigured, InvalidStorageError) as error:
        return NotLoaded(f'The storage "{conf.STORAGE}" cannot be loaded: {error}')


def private_storage() -> Storage:
    """Where nothing is served from: what the settings name, else a folder of this machine."""
    if not conf.PRIVATE_STORAGE:
        return PrivateFolder()
    try:
        return storages[conf.PRIVATE_STORAGE]
    except (ImportError, KeyError, TypeError, ImproperlyConfigured, InvalidStorageError) as error:
        return NotLoaded(f'The storage "{conf.PRIVATE_STORAGE}" cannot be loaded: {error}')


def inbox_name(task_uuid: uuid.UUID) -> str:
    """Where in the private storage the provider's own upload of a task lies until it is stored."""
    return f"inbox/{task_uuid}"


def can_keep() -> bool:
    """Whether there is a storage for what is ordered: nothing is paid for that could not be kept."""
    needed = [picture_storage, private_storage] if conf.holds_back() else [picture_storage]
    return not any(isinstance(storage(), NotLoaded) for storage in needed)


def why_public(storage: Storage) -> str:
    """Why the private storage is none, as far as the settings say: ``same`` as the other, ``served``; else blank."""
    aliases = settings.STORAGES
    if conf.PRIVATE_STORAGE and aliases.get(conf.PRIVATE_STORAGE) == aliases.get(conf.STORAGE):
        return "same"
    if not isinstance(storage, FileSystemStorage):
        return ""
    folder = Path(storage.location).resolve()
    served = filter(None, (settings.MEDIA_ROOT, getattr(picture_storage(), "base_location", "")))
    return "served" if any(folder.is_relative_to(Path(one).resolve()) for one in served) else ""
