"""The local spool: where the bytes of paid pictures wait while the storage is away, because their addresses die.

Each is one finished file under its picture's UUID: whole, checked and marked. Its size and SHA-256 are on the row
before it lies there, and it goes when the row no longer needs it.

What came inside a reply lies here as it came, until it is stored: under its order's UUID as well, since nobody has
checked whose it is. Where it is missing it is asked for again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.storage import Storage

from . import conf
from .exceptions import StorageAway
from .models import GeneratedImage, ImageState

#: How this machine is called on the row of a picture whose bytes wait here.
MACHINE = platform.node()[:100]
#: Folder for what is half-written, in the storage where that is a folder.
HALF_WRITTEN = ".seedream-spool"
#: What is being written: another name until it is complete.
PART = ".part"
#: What came inside a reply: neither checked nor marked.
RECEIVED = ".received"
#: Names that one query asks for: a database takes no more than so many.
PIECE = 500


def private(folder: Path) -> Path:
    """The folder, made for this user's eyes only. Raises StorageAway for one that others may write to."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o022:
        raise StorageAway(
            "The folder for half-written files belongs to somebody else, or others may write to it."
        )
    return folder


def half_written(storage: Storage) -> Path:
    """The folder for what is half-written, on the storage's own file system, so that the last step is a rename."""
    try:
        return private(Path(storage.path(HALF_WRITTEN)))
    except NotImplementedError:
        return private(Path(tempfile.gettempdir()) / f"{HALF_WRITTEN}-{os.getuid()}")


def folder() -> Path:
    """The spool's own folder. Raises OSError where there can be none."""
    return private(conf.spool())


def path_of(image: GeneratedImage) -> Path | None:
    """Where the bytes of a picture wait on this machine, or None if they do not."""
    path = conf.spool() / str(image.image_uuid)
    with contextlib.suppress(OSError):
        return path if path.is_file() else None
    return None


def received(image: GeneratedImage) -> Path | None:
    """Where the bytes of a picture lie that came inside a reply to this machine, or None if they do not."""
    path = conf.spool() / _received(image.generation_id, image.image_uuid)
    with contextlib.suppress(OSError):
        return path if path.is_file() else None
    return None


def receive(generation_id: uuid.UUID, image_uuid: uuid.UUID, path: Path) -> None:
    """Move a file that came inside a reply to where ``received`` finds it. Raises OSError.

    Not synced to disk: after a power cut it is asked for again.
    """
    last = folder() / _received(generation_id, image_uuid)
    try:
        path.replace(last)
    except OSError:
        # From another file system: under its last name only when it is whole.
        part = last.with_name(f"{last.name}.{os.getpid()}{PART}")
        shutil.copyfile(path, part)
        part.chmod(0o600)
        part.replace(last)
        path.unlink(missing_ok=True)


def _received(generation_id: Any, image_uuid: Any) -> str:
    return f"{image_uuid}.{generation_id}{RECEIVED}"


def keep(image: GeneratedImage, path: Path) -> None:
    """Move a complete file into the spool, under its last name only when all of it is on the disk.

    Raises OSError.
    """
    last = folder() / str(image.image_uuid)
    part = last.with_name(f"{last.name}.{os.getpid()}{PART}")
    try:
        shutil.copyfile(path, part)
        part.chmod(0o600)
        _sync(part)
        part.replace(last)
    finally:
        part.unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def drop(image: GeneratedImage) -> None:
    """Remove what waits of a picture: it is stored."""
    for name in (str(image.image_uuid), _received(image.generation_id, image.image_uuid)):
        with contextlib.suppress(OSError):
            (conf.spool() / name).unlink(missing_ok=True)


def clear(parts_older_than: float) -> None:
    """Remove what no row needs any more, and what a dead worker left half-written before that moment.

    A picture that was given up still needs its bytes: they may be all that is left of it. What this database does
    not know may be another's, over the same folder: it goes when no database waits for its storage any longer.
    """
    unknown_older_than = time.time() - conf.STORE_DEADLINE - conf.WATCH
    whole: dict[uuid.UUID, list[Path]] = {}
    for path in _files():
        with contextlib.suppress(OSError):
            if path.name.endswith(PART) and path.stat().st_mtime < parts_older_than:
                path.unlink()
        # What has another name is not ours: whoever put it there may want it.
        with contextlib.suppress(ValueError):
            whole.setdefault(_uuid_in(path.name), []).append(path)
    for image_uuid, state in _states(list(whole)):
        for path in whole.pop(image_uuid):
            if state == ImageState.STORED:
                path.unlink(missing_ok=True)
    for path in (path for paths in whole.values() for path in paths):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < unknown_older_than:
                path.unlink()


def waiting() -> int:
    """How many whole pictures wait here for their storage."""
    return sum("." not in path.name for path in _files())


def _uuid_in(name: str) -> uuid.UUID:
    """The picture that a file of ours is named after. Raises ValueError for another's."""
    return uuid.UUID(name.partition(".")[0] if name.endswith(RECEIVED) else name)


def _states(names: list[uuid.UUID]) -> Iterator[tuple[uuid.UUID, str]]:
    """The pictures of this database that have one of these names, with their states."""
    for start in range(0, len(names), PIECE):
        rows = GeneratedImage.objects.filter(image_uuid__in=names[start : start + PIECE])
        yield from rows.values_list("image_uuid", "state")


def _files() -> list[Path]:
    try:
        return [path for path in conf.spool().iterdir() if path.is_file()]
    except OSError:
        return []


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return digest(file)


def digest(file: Any) -> str:
    """The SHA-256 of an open file, a piece at a time.

    Not by ``hashlib.file_digest``: in a file of SFTPStorage there is nothing for it until somebody has read.
    """
    found = hashlib.sha256()
    while piece := file.read(1 << 16):
        found.update(piece)
    return found.hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
