"""Where files are kept: both storages, tried with a file of our own, and the spool."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.utils import timezone

from .. import conf, inbox, spool
from ..models import picture_storage, private_storage
from ..models.storage import NotLoaded, why_public
from .found import LIMIT, Found, doubtful, failed, ill, well

#: Bytes on the spool's disk below which it is told, and below which nothing can be kept.
LITTLE, NOTHING_LEFT = 1 << 30, 100 << 20


class _Trouble(Exception):
    """A step did not go: what it was, and the type of what it raised."""

    def __init__(self, code: str, error: str = "") -> None:
        super().__init__(code)
        self.code, self.error = code, error


# -- Storages ------------------------------------------------------------------------------------------------


def pictures() -> Found:
    return _tried("storage", picture_storage(), lambda name: None)


def private() -> Found:
    storage = private_storage()
    if not isinstance(storage, NotLoaded) and why_public(storage):
        return ill("private", "is_public")
    return _tried("private", storage, lambda name: _hidden(storage, name))


def _tried(name: str, storage: Storage, look: Callable[[str], None]) -> Found:
    if isinstance(storage, NotLoaded):
        return ill(name, "not_loaded")
    until, start = time.monotonic() + LIMIT, time.monotonic()
    try:
        with _nothing_left_behind(storage):
            _half_written(storage)
            _write_read_delete(storage, look, until)
    except _Trouble as trouble:
        return ill(name, trouble.code, **({"error": trouble.error} if trouble.error else {}))
    return well(name, "keeps", seconds=round(time.monotonic() - start, 2))


def _half_written(storage: Storage) -> None:
    """Where pictures are written before they get their names, in a storage that is a folder."""
    try:
        folder = Path(storage.path(spool.HALF_WRITTEN))
    except NotImplementedError:
        return
    if folder.exists() and not _is_ours(folder):
        raise _Trouble("foreign")


def _write_read_delete(storage: Storage, look: Callable[[str], None], until: float) -> None:
    wanted = f"{_folder()}seedream-doctor-{uuid.uuid4()}.txt"
    content, saved = f"{uuid.uuid4()}\n".encode(), wanted
    try:
        saved = _step("not_written", lambda: storage.save(wanted, ContentFile(content)))
        # Out of time: what is left of it is for clearing away.
        if time.monotonic() < until and _step("not_read", lambda: _read(storage, saved)) != content:
            raise _Trouble("differs")
        look(saved)
        _step("not_deleted", lambda: storage.delete(saved))
        if _step("not_deleted", lambda: storage.exists(saved)):
            raise _Trouble("not_deleted")
    except BaseException:
        for name in {wanted, saved}:
            with contextlib.suppress(Exception):
                storage.delete(name)
        raise


def _folder() -> str:
    """The folder that pictures go to: rights may differ between folders."""
    folder = timezone.now().strftime(str(conf.UPLOAD_TO)).strip("/")
    return f"{folder}/" if folder else ""


def _read(storage: Storage, name: str) -> bytes:
    with storage.open(name) as file:
        return bytes(file.read(1024))


def _step(code: str, step: Callable[[], Any]) -> Any:
    try:
        return step()
    except Exception as error:
        trouble = _Trouble(code, type(error).__name__)
    # Outside, so that no chain leads to words that may hold an address or a key.
    raise trouble


def _hidden(storage: Storage, name: str) -> None:
    """That what lies in the private storage is not in the public one, and has no address that lasts."""
    if _is_there(picture_storage(), name):
        raise _Trouble("is_public")
    if isinstance(storage, FileSystemStorage):
        return
    try:
        address = str(storage.url(name))
    except Exception:
        return
    # A signed address has its signature in the query, and its end.
    if not urlsplit(address).query:
        raise _Trouble("has_address")


def _is_there(storage: Storage, name: str) -> bool:
    with contextlib.suppress(Exception):
        return storage.exists(name)
    return False


@contextlib.contextmanager
def _nothing_left_behind(storage: Storage) -> Iterator[None]:
    """Folders that the trial made go again: made by another user, they would be closed to the worker."""
    made = []
    if isinstance(storage, FileSystemStorage):
        folder = Path(storage.path(_folder() or ".")).resolve()
        made = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        yield
    finally:
        for one in made:
            with contextlib.suppress(OSError):
                one.rmdir()


def _is_ours(folder: Path) -> bool:
    status = folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


def upload() -> Found:
    """Whether the private storage can take what the provider puts. An address is signed, and thrown away."""
    kind = inbox.kind()
    if not kind:
        return doubtful("upload", "no_way_in")
    if kind == inbox.FOLDER and not conf.PUBLIC_URL:
        return doubtful("upload", "no_public_url")
    try:
        signed = kind == inbox.FOLDER or bool(inbox.signed(uuid.uuid4()))
    except Exception as error:
        return doubtful("upload", "not_signed", error=type(error).__name__)
    if not signed:
        return doubtful("upload", "no_way_in")
    if not inbox.comes():
        return doubtful("upload", "missing")
    return well("upload", "through_us" if kind == inbox.FOLDER else "signs")


# -- The spool -----------------------------------------------------------------------------------------------


def spool_() -> Found:
    """Whether paid pictures could wait on this machine, how much room there is, and what waits."""
    try:
        return _spool(conf.spool())
    except OSError as error:
        return failed("spool", error)


def _spool(folder: Path) -> Found:
    if folder.exists() and not folder.is_dir():
        return ill("spool", "no_folder")
    if folder.exists() and not _is_ours(folder):
        return ill("spool", "foreign")
    nearest = next(one for one in (folder, *folder.absolute().parents) if one.is_dir())
    if not os.access(nearest, os.W_OK | os.X_OK):
        return ill("spool", "not_writable")
    waiting = spool.waiting()
    facts: dict[str, Any] = {"free": shutil.disk_usage(nearest).free, "waiting": waiting}
    if facts["free"] < NOTHING_LEFT:
        return ill("spool", "full", **facts)
    if facts["free"] < LITTLE:
        return doubtful("spool", "little", **facts)
    return doubtful("spool", "waiting", **facts) if waiting else well("spool", "ready", **facts)
