"""Where pictures are kept: the storage that the settings name, or a stand-in that says what is wrong with it."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import InvalidStorageError, Storage, storages

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


def picture_storage() -> Storage:
    """The storage that ``SEEDREAM["STORAGE"]`` names; a callable, so that migrations do not fix it.

    One that cannot be loaded is replaced: the fields ask as they are imported, and a traceback there would keep
    the checks from saying what is wrong.
    """
    try:
        return storages[conf.STORAGE]
    except (ImportError, KeyError, TypeError, ImproperlyConfigured, InvalidStorageError) as error:
        return NotLoaded(f'The storage "{conf.STORAGE}" cannot be loaded: {error}')


def can_keep() -> bool:
    """Whether there is a storage for what is ordered: nothing is paid for that could not be kept."""
    return not isinstance(picture_storage(), NotLoaded)
