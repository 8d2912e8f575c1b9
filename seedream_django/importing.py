"""Pictures that were made elsewhere join the library: with what their files say of themselves, and nothing paid.

A file goes where an upload of the provider's would: into the inbox, under the number of an order that was never one
(its state says so). From there the queue takes it in as it takes in every picture: checked from end to end, marked,
previewed, saved, and only then on the row; while the storage is away it waits.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import audit, conf, pictures, prompts, provenance, signals, storing
from .exceptions import BadPicture, Known, NotAllowed, NotImported, StorageAway
from .models import GeneratedImage, Generation, ImageState, Review, State, after, inbox_name, private_storage
from .provenance import Said

#: The right to bring pictures along.
IMPORTS = "seedream_django.add_generatedimage"
#: What an order says of how it came.
DOOR = "import"
#: How long a file waits for a storage that is away; then it is to be given once more.
WAITS = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Look:
    """What a file is and says, before anything is kept of it. ``sha256`` is of its bytes."""

    name: str
    size: int
    sha256: str
    facts: pictures.Facts
    said: Said

    @property
    def once(self) -> str:
        """By which the same bytes are one picture."""
        return hashlib.sha256(f"import {self.sha256}".encode()).hexdigest()


def may_import(user: Any) -> bool:
    """Whether this person brings pictures along."""
    return bool(user.is_active and user.has_perm(IMPORTS))


def look(file: BinaryIO, name: str = "") -> Look:
    """Read a file's header and what it says of itself; it is not decoded. Raises NotImported."""
    sha256, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(1 << 20):
        sha256.update(piece)
        if (size := size + len(piece)) > conf.MAX_BYTES:
            most = {"max": conf.MAX_BYTES >> 20}
            raise NotImported(_("It is too large: a picture may have %(max)s MB at most.") % most)
    try:
        file.seek(0)
        facts = pictures.glance(file)
        said = provenance.read(file, size)
    except BadPicture:
        raise NotImported(_("It is broken, too large, or no picture in PNG, JPG or WEBP.")) from None
    name = prompts.one_line(name.replace("\\", "/").rpartition("/")[2])[:200]
    return Look(name, size, sha256.hexdigest(), facts, said)


def check(seen: Look, *, is_ai: bool = False) -> None:
    """Raise NotImported for what is no picture of AI's, as far as anybody says, and Known for what is there."""
    if seen.said.is_photo:
        raise NotImported(
            _("Its file says that it is a photograph. This is a library of pictures that AI made.")
        )
    if not (is_ai or seen.said.is_ai):
        raise NotImported(_("Its file does not say that AI made it. Say so yourself, if you know."))
    if (there := _there(seen)) is not None and there.is_stored:
        raise Known(_("It is in the library already."), there)


def _there(seen: Look) -> GeneratedImage | None:
    rows = GeneratedImage.objects.select_related("generation")
    given = rows.filter(generation__once=seen.once).first()
    # Else a file of ours that somebody took along and brings back.
    return given or rows.filter(sha256=seen.sha256, state=ImageState.STORED).order_by("pk").first()


def take(
    file: BinaryIO,
    *,
    name: str = "",
    by: Any = None,
    is_ai: bool = False,
    where: Mapping[str, Any] | None = None,
) -> GeneratedImage:
    """Have one file join the library; return its row, whose picture the queue saves.

    ``by`` is a user, or None for the site's own code. ``is_ai``: somebody says that AI made it, where its file does
    not. ``where``: where it was found, to be kept with it as JSON. Raises NotAllowed; NotImported for what is no
    picture of AI's, or no picture; Known for what is there; StorageAway, and then nothing was kept.
    """
    if by is not None and not may_import(by):
        raise NotAllowed(_("You may not bring pictures along. Ask an administrator."))
    seen = look(file, name)
    check(seen, is_ai=is_ai)
    image = _row(seen, by, where or {})
    try:
        _put(file, image)
    except StorageAway as error:
        # The row stays, so that whatever lies there of the file is known; given once more, it goes on from here.
        if image.step(state=ImageState.FAILED, error=str(error)[:500]):
            Generation.objects.filter(pk=image.generation_id).update(failed=1)
        raise
    image.step(look_at=timezone.now())
    transaction.on_commit(partial(signals.image_waiting.send_robust, sender=GeneratedImage, image=image))
    return image


def _row(seen: Look, by: Any, where: Mapping[str, Any]) -> GeneratedImage:
    """The rows of a file that is new. Raises Known."""
    try:
        with transaction.atomic():
            return _new_row(seen, by, where)
    except IntegrityError:
        there = _there(seen)
        if there is None:
            raise
    if there.is_stored:
        raise Known(_("It is in the library already."), there)
    # It could not be saved then, or whoever gave it died over it: the file comes once more.
    with transaction.atomic():
        storing.fetch_again(there)
        again: dict[str, Any] = {"look_at": after(conf.LEASE), "lease_until": None}
        if conf.REVIEW and there.review == Review.NONE:
            # It is given now: as one that is new.
            again["review"] = Review.WAITING
        GeneratedImage.objects.filter(pk=there.pk, state=ImageState.RECEIVED).update(**again)
        cleared = {"failed": 0, "error_kind": "", "error_message": ""}
        until = timezone.now() + WAITS
        Generation.objects.filter(pk=there.generation_id).update(inbox_until=until, **cleared)
    there.refresh_from_db()
    return there


def _new_row(seen: Look, by: Any, where: Mapping[str, Any]) -> GeneratedImage:
    # Its picture was deleted: what comes now is another one.
    Generation.objects.filter(once=seen.once, images=None).update(once=None)
    words = seen.said.prompt or seen.said.description
    task = {"width": seen.facts.width, "height": seen.facts.height, "outputFormat": seen.facts.format}
    generation = Generation.objects.create(
        user=by,
        prompt=words,
        parameters=task,
        door=DOOR,
        once=seen.once,
        state=State.IMPORTED,
        received=1,
        finished_at=timezone.now(),
        inbox_until=timezone.now() + WAITS,
    )
    title = seen.said.title or ("" if words else prompts.title(Path(seen.name).stem))
    image = GeneratedImage.objects.create(
        generation=generation,
        image_uuid=uuid.uuid4(),
        cost=0,
        # Nobody looks before the file is there; if whoever puts it dies, the sweep does.
        look_at=after(conf.LEASE),
        review=Review.WAITING if conf.REVIEW else Review.NONE,
        title=title,
        found={**seen.said.facts(), "name": seen.name, "proposed": title, **where},
        width=seen.facts.width,
        height=seen.facts.height,
        format=seen.facts.format,
    )
    audit.made(image, by)
    return image


def _put(file: BinaryIO, image: GeneratedImage) -> None:
    """Have the bytes in the private storage. Raises StorageAway."""
    storage, name = private_storage(), inbox_name(image.generation_id)
    try:
        if storage.exists(name):
            storage.delete(name)
        file.seek(0)
        if (saved := storage.save(name, File(file, name=name))) != name:
            # Somebody else has just put the same.
            storage.delete(saved)
    except Exception as error:
        # Every storage has errors of its own, and their texts may carry signed addresses.
        raise StorageAway(f"The private storage did not take the file ({type(error).__name__}).") from None
