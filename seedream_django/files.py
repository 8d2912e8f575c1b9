"""The files of a picture: what they are called, where they lie, and saving under exactly these names.

All names follow from the picture's UUID, so that a repeat after a crash finds what is there: the same name and
SHA-256 is the same file. What is held back lies in the private storage, under a name that it never has elsewhere; the
preview of what the safety check flagged shows nothing.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.core.files import File
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from . import conf, marks, pictures, prompts, spool
from .exceptions import StorageAway
from .models import (
    PRIVATE,
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    inbox_name,
    picture_storage,
    private_storage,
)
from .models.images import BLURRED_ENDING, PREVIEW_ENDING, PRIVATE_ENDING
from .models.storage import PrivateFolder

logger = logging.getLogger(__name__)

#: Attempts at removing a discarded file.
DISCARD_ATTEMPTS = 100


class Place(NamedTuple):
    """Where one file lies: ``storage`` is an alias in ``STORAGES`` or ``PRIVATE``, as a DiscardedFile has it."""

    storage: str
    name: str

    def open_storage(self) -> Storage:
        return private_storage() if self.storage == PRIVATE else picture_storage()


class Places(NamedTuple):
    """Where a picture's file and its preview lie. A preview is public, always: of what is flagged it is a blur, of a
    candidate a small picture under a name that nobody can guess."""

    file: Place
    preview: Place


def places(image: GeneratedImage, format: str) -> Places:
    """Where the files of a picture go that has just come, in this format."""
    folder = f"{image.created_at.strftime(str(conf.UPLOAD_TO)).strip('/')}/".lstrip("/")
    slug = prompts.slug(image.generation.sent) if conf.SLUG_NAMES else ""
    stem = f"{folder}{slug}-{image.image_uuid}" if slug else f"{folder}{image.image_uuid}"
    ending = f".{pictures.EXTENSIONS[format]}"
    if not image.is_held_back:
        return Places(Place(conf.STORAGE, stem + ending), Place(conf.STORAGE, stem + PREVIEW_ENDING))
    small = BLURRED_ENDING if image.is_blurred else PREVIEW_ENDING
    return Places(Place(PRIVATE, stem + PRIVATE_ENDING + ending), Place(conf.STORAGE, stem + small))


def moved_places(image: GeneratedImage) -> Places:
    """Where the files of an approved picture go: by the names that they have, since the settings may have changed."""
    name, preview = image.public_names()
    return Places(Place(conf.STORAGE, name), Place(conf.STORAGE, preview))


def folder(image: GeneratedImage) -> Path:
    """The folder for what is half-written of a picture: on the file system that its file goes to, if it is one."""
    if not image.is_held_back:
        return spool.half_written(picture_storage())
    return private_folder()


def private_folder() -> Path:
    """The folder for what is half-written in the private storage. Raises StorageAway."""
    storage = private_storage()
    if isinstance(storage, PrivateFolder):
        spool.private(Path(storage.location))
    return spool.half_written(storage)


def inbox_of(image: GeneratedImage) -> list[Place]:
    """Where the provider may have put a picture itself, if it was asked to."""
    if image.generation.inbox_until is None:
        return []
    return [Place(PRIVATE, inbox_name(image.task_uuid or image.generation_id))]


def preview(image: GeneratedImage, path: Path) -> bytes:
    """What everybody may see of a picture: a small one of it, or of what is flagged a blur."""
    make = pictures.blurred if image.is_blurred else pictures.preview
    return make(path, conf.PREVIEW_SIZE, marks.packet_for(image.tool))


# -- Saving --------------------------------------------------------------------------------------------------


def put(storage: Storage, name: str, content: Any, sha256: str) -> None:
    """Save under exactly this name. What is there already and is the same stays; what differs is replaced.

    Raises StorageAway.
    """
    with content:
        try:
            if storage.exists(name):
                if _stored_sha256(storage, name) == sha256:
                    return
                storage.delete(name)
            saved = storage.save(name, content)
            if saved != name:
                # Somebody else saved the same picture a moment ago; the next look finds it.
                storage.delete(saved)
                raise OSError("another name")
        except Exception as error:
            # Every storage has errors of its own, and their texts may carry signed addresses.
            raise away(error) from None


def away(error: Exception) -> StorageAway:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return StorageAway(f"The storage did not take the file ({reason}).")


def _stored_sha256(storage: Storage, name: str) -> str:
    with storage.open(name) as file:
        return spool.digest(file)


class Moved(File):  # type: ignore[type-arg]
    """A file that Django's FileSystemStorage renames into place instead of copying it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


# -- Removing ------------------------------------------------------------------------------------------------


def discard(*found: Place) -> None:
    """Note files to be removed by the queue."""
    DiscardedFile.objects.bulk_create(DiscardedFile(storage=p.storage, name=p.name) for p in found if p.name)


def discarded() -> QuerySet[DiscardedFile]:
    """Those that are still to be removed."""
    return DiscardedFile.objects.filter(attempts__lt=DISCARD_ATTEMPTS)


def remove_discarded(limit: int) -> None:
    """Remove so many of them from their storages, the least tried first."""
    for file in discarded().order_by("attempts", "pk")[:limit]:
        if not DiscardedFile.objects.filter(pk=file.pk).exists():
            # Its picture is being stored after all.
            continue
        try:
            file.remove()
        except Exception as error:
            # Storages have errors of their own, and one file must not keep the others.
            logger.warning("Could not remove %s (%s).", file.name, type(error).__name__)
            DiscardedFile.objects.filter(pk=file.pk).update(attempts=F("attempts") + 1)


def empty_inboxes(limit: int) -> None:
    """Have removed what was put too late, or for nothing, once nothing more can be put and nothing waits for it."""
    over = Generation.objects.ended().filter(inbox_until__lt=timezone.now())
    over = over.exclude(images__state=ImageState.RECEIVED)
    for generation in over.order_by("inbox_until")[:limit]:
        with transaction.atomic():
            if generation.change(inbox_until=None):
                discard(*(Place(PRIVATE, inbox_name(task)) for task in generation.task_uuids))


def keep(places: Places) -> None:
    """Take files off that list: what is saved there now is wanted."""
    file, preview = (Q(storage=place.storage, name=place.name) for place in places)
    DiscardedFile.objects.filter(file | preview).delete()


def every_place(image: GeneratedImage) -> list[Place]:
    """Wherever a picture that could not be kept may have something: half of a file, perhaps, that no row names yet."""
    found = {place for format in pictures.EXTENSIONS for place in places(image, format)}
    return sorted({*found, Place(conf.STORAGE, image.preview.name or "")})


# -- What is half-written ------------------------------------------------------------------------------------


@contextlib.contextmanager
def half_written(where: Path, image: GeneratedImage) -> Iterator[tuple[Path, Path]]:
    """Two paths that are this attempt's own, as received and as marked; removed at the end."""
    stem = f"{image.image_uuid}.{image.attempts}"
    paths = [where / f"{stem}.{step}" for step in ("received", "marked")]
    for path in paths:
        path.unlink(missing_ok=True)
    try:
        yield paths[0], paths[1]
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def clear(image: GeneratedImage) -> None:
    """Remove what earlier attempts left, now that nothing of them is wanted any more."""
    with contextlib.suppress(OSError):
        for leftover in folder(image).glob(f"{image.image_uuid}.*"):
            leftover.unlink(missing_ok=True)


def clear_old(oldest: float) -> None:
    """Remove what dead workers left half-written before this moment, a timestamp."""
    for where in {spool.half_written(picture_storage()), *_private_folder()}:
        for path in where.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def _private_folder() -> list[Path]:
    """The folder of the private storage, if it has one: none is made for a site that keeps nothing in it."""
    try:
        where = Path(private_storage().path(spool.HALF_WRITTEN))
    except Exception:
        # It is no folder, or cannot be loaded.
        return []
    return [where] if where.is_dir() else []
