"""An approved picture leaves the private storage: copied, checked, saved for all to see, and only then the row.

Every step may be repeated: a worker that dies leaves the picture where it was, and the next one finds what is there.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from . import conf, files, marks, pictures, signals, spool
from .exceptions import StorageAway
from .files import Place
from .models import PRIVATE, DiscardedFile, GeneratedImage, Review, after, picture_storage, private_storage
from .storing import backoff

#: Attempts are counted up to here and then begin anew: the column holds no more than twice as many.
MANY = 15_000
#: Still so: the provider may flag a picture after it was approved, and then it waits again.
APPROVED = Q(review=Review.APPROVED)
#: Longest wait for the next attempt, in seconds. It is never given up: it is paid for, approved, and safe where it is.
LONGEST = 600


def move(pk: int) -> float | None:
    """Move one approved picture. Return the seconds until it should be tried again, or None."""
    image = GeneratedImage.objects.to_move().filter(pk=pk).first()
    if image is None or not image.step(attempts=image.attempts % MANY + 1, lease_until=after(conf.LEASE)):
        return None
    try:
        _move(image)
    except OSError as error:
        trouble = error if isinstance(error, StorageAway) else files.away(error)
        delay = backoff(image.attempts, longest=LONGEST)
        image.step(look_at=after(delay), lease_until=None, error=str(trouble)[:500])
        return delay
    return None


def _move(image: GeneratedImage) -> None:
    storage, places = picture_storage(), files.moved_places(image)
    with files.half_written(spool.half_written(storage), image) as (copied, _marked):
        _fetch(image, copied)
        preview = pictures.preview(copied, conf.PREVIEW_SIZE, marks.packet_for(image.tool))
        # Another worker may hold it by now: this one was too slow. Or the provider flagged it after all.
        if not image.step(APPROVED, lease_until=after(conf.LEASE)):
            return
        files.keep(places)
        files.put(storage, places.file.name, files.Moved(copied), image.sha256)
        files.put(storage, places.preview.name, ContentFile(preview), hashlib.sha256(preview).hexdigest())
    _finish(image, places)


def _fetch(image: GeneratedImage, path: Path) -> None:
    """Copy the file out of the private storage. Raises StorageAway where that is away, or has another file."""
    try:
        with private_storage().open(image.private_file.name or "") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
    except Exception as error:
        # Every storage has errors of its own, and their texts may carry signed addresses.
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise StorageAway(f"The private storage did not give the file ({reason}).") from None
    if spool.sha256(path) != image.sha256:
        raise StorageAway("The private storage has another file than was saved there.")


def _finish(image: GeneratedImage, places: files.Places) -> None:
    left = [Place(PRIVATE, image.private_file.name or "")]
    if image.preview.name != places.preview.name:
        # A candidate's preview is the one that it keeps.
        left.append(Place(conf.STORAGE, image.preview.name or ""))
    columns = {"file": places.file.name, "preview": places.preview.name, "private_file": ""}
    with transaction.atomic():
        moved = image.step(APPROVED, **columns, lease_until=None, error="")
        if moved:
            files.discard(*left)
        else:
            files.discard(*_not_wanted(image, places))
    files.clear(image)
    signals.files_discarded.send_robust(sender=DiscardedFile)
    if moved:
        signals.image_released.send_robust(sender=GeneratedImage, image=image)


def _not_wanted(image: GeneratedImage, places: files.Places) -> list[Place]:
    """What was put for all to see of one that did not move, unless another worker moves it, or has."""
    row = GeneratedImage.objects.select_for_update().filter(pk=image.pk).first()
    if row is None:
        # It was deleted meanwhile: nobody else will remove these files.
        return [*places]
    if row.review == Review.APPROVED or not row.private_file:
        return []
    return [place for place in places if place.name != row.preview.name]
