"""A picture's file is copied into a field with a file of its own: fetched, cut, marked, saved, and only then the row.

The name is on the slot before anything lies under it, and it is no other slot's: a repeat after a crash finds what is
there, and what is not wanted any more is known and removed. Until the copy is the field's, nothing refers to it.
"""

from __future__ import annotations

import contextlib
import logging
import posixpath
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.validators import FileExtensionValidator, validate_image_file_extension
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_noop

from . import audit, conf, files, marks, pictures, places, prompts, slots, spool
from .exceptions import BadPicture, PictureError, StorageAway
from .models import GeneratedImage, Slot, after, picture_storage
from .storing import MAX_CRASHES, backoff

logger = logging.getLogger(__name__)

#: Attempts are counted up to here and then begin anew: the column holds no more than twice as many.
MANY = 15_000
#: Longest wait for the next attempt, in seconds.
LONGEST = 600
#: Letters that a slot has for what went wrong.
ROOM = 200
#: Formats by their endings, in the order in which they are tried after the picture's own.
ENDINGS = (("JPG", "jpg"), ("JPG", "jpeg"), ("WEBP", "webp"), ("PNG", "png"))
_PIECE = 1 << 18


class _Refused(Exception):
    """Nothing is to be put into the field any more; the words say why."""


class _TakenOver(Exception):
    """Another worker holds the slot, or nobody wants it any more: this one was too slow."""


class _Paths(NamedTuple):
    """What is half-written of one attempt: as fetched, cut, and marked."""

    fetched: Path
    cut: Path
    marked: Path


def copy(pk: int) -> float | None:
    """Fill one slot with a copy. Return the seconds until it should be tried again, or None."""
    slot = Slot.objects.due().select_related("generation", "content_type", "user").filter(pk=pk).first()
    if slot is None or not slot.is_copied or not _claim(slot):
        return None
    try:
        _fill(slot)
    except _TakenOver:
        _let_go(slot)
    except (_Refused, BadPicture) as refused:
        _give_up(slot, str(refused))
    except Exception as error:
        return _again(slot, error)
    return None


def _claim(slot: Slot) -> bool:
    if slot.crashes >= MAX_CRASHES:
        _give_up(slot, "It ended the worker that opened it.")
        return False
    counted = {"attempts": slot.attempts % MANY + 1, "crashes": slot.crashes + 1}
    return slot.step(lease_until=after(conf.LEASE), **counted)


def _fill(slot: Slot) -> None:
    image = slots.picture_for(slot)
    if image is None:
        raise _TakenOver
    obj = _object_of(slot)
    with _half_written(slot) as paths:
        _fetch(image, paths.fetched)
        _name(slot, image, obj)
        facts = _render(slot, image, paths)
        _validate(slot, paths.marked)
        _still_ours(slot)
        _save(slot, paths.marked)
    _finish(slot, image, facts)


def _object_of(slot: Slot) -> models.Model:
    """The object, if its field is still to be filled: what is told at once needs no copy."""
    if note := slots.refusal(slot) or ("" if _free(slot).exists() else _NEWER):
        raise _Refused(note)
    obj: models.Model = _free(slot).get()
    return obj


def _still_ours(slot: Slot, **columns: Any) -> None:
    """Renew the lease before and after a slow part."""
    if not slot.step(lease_until=after(conf.LEASE), **columns):
        raise _TakenOver


# -- What it is called ---------------------------------------------------------------------------------------


def _name(slot: Slot, image: GeneratedImage, obj: models.Model) -> None:
    """Have the name of the copy on the row: nobody else's, and nothing lies under it unless this slot put it there."""
    own = f"{image.image_uuid.hex[:8]}-{slot.pk}"
    if slot.copied and own in slot.copied:
        return
    if slot.copied:
        # Another of the order's pictures became the first one meanwhile.
        slot.discard_copy()
    name = _fitting(slot, image, obj, own)
    try:
        while slot.host_field.storage.exists(name):
            name = _fitting(slot, image, obj, f"{get_random_string(7)}-{own}")
    except _Refused:
        raise
    except Exception as error:
        raise files.away(error) from None
    _still_ours(slot, copied=name)


def _fitting(slot: Slot, image: GeneratedImage, obj: models.Model, own: str) -> str:
    """A name that the field has room for: of the words before the slot's own part as many as fit."""
    field, ending = slot.host_field, _ending(slot.host_field, image.format)
    words = prompts.slug(image.title or image.generation.sent) if conf.SLUG_NAMES else ""
    while True:
        name = field.generate_filename(obj, f"{words}-{own}.{ending}".lstrip("-"))
        if own not in posixpath.basename(name):
            # The host names its files itself. What is not called as any other can be removed without a doubt.
            stem, dot = posixpath.splitext(name)
            name = f"{stem}-{own}{dot}"
        excess = len(name) - (field.max_length or len(name))
        if excess <= 0:
            return str(name)
        if not words:
            raise _Refused(gettext_noop("The field has no room for the name of a file."))
        words = words[: max(0, len(words) - excess)].rstrip("-")


def _ending(field: Any, format: str) -> str:
    """The picture's own if the field takes it, else another that a picture can have."""
    for _format, ending in sorted(ENDINGS, key=lambda one: one[0] != format):
        if _takes(field, ending):
            return ending
    raise _Refused(gettext_noop("The field takes neither JPG nor PNG nor WEBP."))


def _takes(field: Any, ending: str) -> bool:
    file = ContentFile(b"", name=f"a.{ending}")
    for validator in field.validators:
        if isinstance(validator, FileExtensionValidator) or validator is validate_image_file_extension:
            try:
                validator(file)
            except ValidationError:
                return False
    return True


# -- What it is ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _half_written(slot: Slot) -> Iterator[_Paths]:
    """Paths that are this attempt's own, on the file system of the field's storage; removed at the end.

    With them goes what earlier attempts left.
    """
    try:
        where = spool.half_written(slot.host_field.storage)
        _remove(where, f"slot-{slot.pk}.*")
        attempt = f"slot-{slot.pk}.{slot.attempts}"
        try:
            yield _Paths(*(where / f"{attempt}.{step}" for step in _Paths._fields))
        finally:
            _remove(where, f"{attempt}.*")
    except PictureError:
        raise
    except OSError as error:
        # Our own disk: full, or read-only.
        raise files.away(error) from None


def _remove(where: Path, names: str) -> None:
    for path in where.glob(names):
        path.unlink(missing_ok=True)


def _fetch(image: GeneratedImage, path: Path) -> None:
    """Copy the picture out of its storage, in pieces. Raises StorageAway where that is away, or has another file."""
    try:
        with picture_storage().open(image.file.name or "") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, _PIECE)
    except Exception as error:
        # Every storage has errors of its own, and their texts may carry signed addresses.
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise StorageAway(f"The storage of the pictures did not give the file ({reason}).") from None
    if spool.sha256(path) != image.sha256:
        raise StorageAway("The storage of the pictures has another file than was saved there.")


def _render(slot: Slot, image: GeneratedImage, paths: _Paths) -> pictures.Facts:
    """Cut it to the field's ratio, make it no wider than the field wants it, and see that it has the mark."""
    ending = posixpath.splitext(slot.copied)[1].lstrip(".")
    facts = pictures.rendition(
        paths.fetched,
        paths.cut,
        width=slot.options.get("max_width"),
        aspect=places.aspect_of(ratio) if (ratio := slot.options.get("ratio")) else None,
        focal=_focal(slot, image),
        format=next(format for format, name in ENDINGS if name == ending),
    )
    marks.mark(paths.cut, paths.marked, tool=image.tool)
    if not marks.is_marked(paths.marked):
        raise BadPicture("The mark could not be put into the file.")
    return facts


def _focal(slot: Slot, image: GeneratedImage) -> tuple[int, int]:
    across = image.focal_x if slot.focal_x is None else slot.focal_x
    down = image.focal_y if slot.focal_y is None else slot.focal_y
    return across, down


def _validate(slot: Slot, path: Path) -> None:
    """Ask what the field asks of every file that is uploaded."""
    with path.open("rb") as opened:
        try:
            slot.host_field.run_validators(File(opened, name=posixpath.basename(slot.copied)))
        except ValidationError as error:
            raise _Refused(f"The field does not take the file: {' '.join(error.messages)}") from None


# -- Where it goes -------------------------------------------------------------------------------------------


def _save(slot: Slot, path: Path) -> None:
    """Have it in the storage under the slot's name. What lies there already and is the same stays."""
    storage, sha256 = slot.host_field.storage, spool.sha256(path)
    try:
        if storage.exists(slot.copied):
            with storage.open(slot.copied) as file:
                if spool.digest(file) == sha256:
                    return
            storage.delete(slot.copied)
        with files.Moved(path) as content:
            saved = storage.save(slot.copied, content, max_length=slot.host_field.max_length)
        if saved != slot.copied:
            _rename(slot, storage, saved)
    except _TakenOver:
        raise
    except Exception as error:
        raise files.away(error) from None


def _rename(slot: Slot, storage: Any, saved: str) -> None:
    """The storage called it otherwise."""
    if storage.exists(slot.copied):
        # A worker that was thought dead has just saved it; the next look finds that.
        storage.delete(saved)
        raise OSError("another name")
    if not slot.step(copied=saved):
        storage.delete(saved)
        raise _TakenOver


def _finish(slot: Slot, image: GeneratedImage, facts: pictures.Facts) -> None:
    with slots.together(slot):
        _still_ours(slot, settled_at=timezone.now())
        # The person as they are now: the work may have taken minutes.
        slot.refresh_from_db(fields=["user"])
        note = slots.refusal(slot) or _put(slot, facts)
        if note:
            slot.discard_copy()
        slots.settled(slot, note, image)


_NEWER = gettext_noop("The field has another picture by now.")


def _put(slot: Slot, facts: pictures.Facts) -> str:
    sizes = slots.size_fields(slot.host_field)
    measured = {getattr(slot.host_field, "width_field", None): facts.width}
    measured |= {getattr(slot.host_field, "height_field", None): facts.height}
    columns: dict[str, Any] = {slot.field: slot.copied, **{size.name: measured[size.name] for size in sizes}}
    if not _free(slot).update(**columns):
        return _NEWER
    obj = _rows(slot).get()
    # The update decided the race; the save tells the host's own receivers (search, caches).
    obj.save(update_fields=list(columns))
    audit.changed(obj, [slot.field], slot.user_id)
    return ""


def _rows(slot: Slot) -> Any:
    model: Any = slot.model
    return model._base_manager.using(slots.database_of(slot)).filter(pk=slot.object_id)


def _free(slot: Slot) -> Any:
    """The object, as long as its field is empty, or has what may be replaced, or the copy itself."""
    names = {"", slot.replaces, slot.copied}
    return _rows(slot).filter(Q(**{f"{slot.field}__in": names}) | Q(**{f"{slot.field}__isnull": True}))


# -- When it goes wrong --------------------------------------------------------------------------------------


def _again(slot: Slot, error: Exception) -> float | None:
    known = isinstance(error, PictureError)
    words = str(error if known else PictureError(f"The site's own code failed ({type(error).__name__})."))
    if not known:
        logger.error("Could not fill slot %s.", slot.pk, exc_info=error)
    since = slot.trouble_since or timezone.now()
    if since < after(-conf.STORE_DEADLINE):
        _give_up(slot, words)
        return None
    delay = backoff(slot.attempts, longest=LONGEST)
    slot.step(look_at=after(delay), lease_until=None, crashes=0, trouble_since=since, error=words[:ROOM])
    return delay


def _give_up(slot: Slot, why: str) -> None:
    with slots.together(slot):
        if slot.step(settled_at=timezone.now()):
            slot.discard_copy()
            slots.settled(slot, why[:ROOM], None)


def _let_go(slot: Slot) -> None:
    """Another worker has it, or the slot is no more: then what this one saved is nobody's."""
    now = Slot.objects.filter(pk=slot.pk).first()
    if now is None or (now.settled_at and now.note):
        slot.discard_copy()
