"""Keeping a finished picture: fetch, check, mark, store, and only then the row.

A repeat after a crash finds what is there: see ``files``.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import random
import shutil
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from . import (
    budget,
    circuit,
    conf,
    files,
    marks,
    parameters,
    pictures,
    prompts,
    provenance,
    receiving,
    signals,
    spool,
)
from .exceptions import BadPicture, Expired, PictureError, StorageAway
from .models import (
    DiscardedFile,
    GeneratedImage,
    Generation,
    ImageState,
    State,
    after,
)

logger = logging.getLogger(__name__)

#: Workers that may die over one picture (a decoder killed for its memory, say) before it is given up.
MAX_CRASHES = 3
#: Attempts at an address, whatever it answers, after which the provider is asked for another.
STALE = 3


class _TakenOver(Exception):
    """Another worker holds the row: this one was too slow."""


def store(pk: int) -> float | None:
    """Fetch and keep one picture. Return the seconds until it should be tried again, or None."""
    image = GeneratedImage.objects.to_store().select_related("generation").filter(pk=pk).first()
    if image is None:
        return None
    # Before the claim: whoever waits holds nothing, and no attempt is counted.
    if (delay := receiving.seconds_to_upload(image)) and image.step(look_at=after(delay)):
        return delay
    if not _claim(image):
        return None
    try:
        _keep(image)
    except _TakenOver:
        return None
    except PictureError as error:
        return _again_or_fail(image, error)
    return None


def backoff(attempts: int, longest: float = 60) -> float:
    """Seconds: 1, 2, 4 … ``longest``, and up to half as much again, so that workers do not come back together."""
    return min(longest, 2.0 ** min(max(0, attempts - 1), 16)) * (1 + random.random() / 2)


def settle(generation: Generation) -> None:
    """Count what came, what it cost and what is stored, and end the generation when nothing of it is open."""
    with transaction.atomic():
        # Two workers may store the last two pictures at once: whoever counts second must see both.
        locked = Generation.objects.select_for_update().get(pk=generation.pk)
        counts = locked.images.aggregate(
            received=Count("pk"),
            stored=Count("pk", filter=Q(state=ImageState.STORED)),
            open=Count("pk", filter=Q(state=ImageState.RECEIVED)),
            given_up=Count("pk", filter=Q(state=ImageState.FAILED)),
        )
        # What was received stays received, also when its row is deleted.
        counts["received"] = max(counts["received"], locked.received)
        still_open, given_up = counts.pop("open"), counts.pop("given_up")
        _take_over(generation, locked)
        _keep_changes(generation, counts)
        if generation.state == State.STORING and not still_open:
            short = generation.received < generation.expected
            # What was given up is asked for again: the provider may have it at another address.
            end = State.DONE if generation.stored else State.FAILED
            generation.finish(end, watch=short or given_up > 0)
        _keep_changes(generation, {"cost": budget.settle(generation)})


def _take_over(generation: Generation, locked: Generation) -> None:
    """What the locked row says, without reading it once more."""
    for field in Generation._meta.concrete_fields:
        setattr(generation, field.attname, getattr(locked, field.attname))


def _keep_changes(generation: Generation, values: dict[str, Any]) -> None:
    """Write what is not on the row yet. Most orders are settled twice, and nothing is new the second time."""
    new = {name: value for name, value in values.items() if getattr(generation, name) != value}
    if new:
        Generation.objects.filter(pk=generation.pk).update(**new)
    for name, value in new.items():
        setattr(generation, name, value)


def fetch_again(image: GeneratedImage, *, url: str | None = None) -> bool:
    """Give a picture that could not be kept another chance; tell whether it was one.

    With ``url``, where the provider has it now, it is one attempt, also where that is blank, because it came inside a
    reply; without, somebody wants it tried for its time.
    """
    failed = GeneratedImage.objects.filter(pk=image.pk, state=ImageState.FAILED)
    fresh: dict[str, Any] = {"attempts": 0, "lease_until": None, "look_at": timezone.now()}
    fresh |= {"crashes": 0, "trouble": ""} if url is None else {"url": url}
    return bool(failed.update(state=ImageState.RECEIVED, **fresh))


def clear_spool(older_than: float = 24 * 60 * 60) -> None:
    """Remove what a dead worker left half-written, and what waited here for a storage that has it by now."""
    oldest = timezone.now().timestamp() - older_than
    spool.clear(oldest)
    files.clear_old(oldest)


# -- One picture ---------------------------------------------------------------------------------------------


def _claim(image: GeneratedImage) -> bool:
    if image.crashes >= MAX_CRASHES:
        _give_up(image, "It ended the worker that opened it.")
        return False
    if image.attempts >= MAX_CRASHES and image.created_at < after(-conf.STORE_DEADLINE - conf.FETCH_DEADLINE):
        # Whatever it is that no attempt lived to tell: it ends.
        _give_up(image, "It was tried for too long.")
        return False
    # What comes inside a reply may have to be asked for, and then takes its time.
    lease = conf.LEASE if image.url else conf.LEASE + conf.SYNC_TIMEOUT
    return image.step(attempts=image.attempts + 1, lease_until=after(lease))


def _keep(image: GeneratedImage) -> None:
    """Have the whole picture here, then in the storage. While that takes nothing, the bytes wait in the spool."""
    try:
        _keep_in(files.folder(image), image)
    except StorageAway:
        _let_wait(image)
        raise
    except PictureError:
        raise
    except OSError as error:
        # Our own disk: full, or read-only.
        _let_wait(image)
        raise files.away(error) from None


def _keep_in(folder: Path, image: GeneratedImage) -> None:
    with files.half_written(folder, image) as (received, marked):
        columns = _waiting(image, marked) or _fetched(image, received, marked)
        preview = files.preview(image, marked)
        _still_ours(image, crashes=0)
        places = files.places(image, columns["format"])
        # Given up before, it was to be removed from there.
        files.keep(places)
        try:
            _put(places.preview, ContentFile(preview), hashlib.sha256(preview).hexdigest())
            # On the row at once: if the picture never follows, somebody must know what to remove.
            _still_ours(image, preview=places.preview.name)
            _put(places.file, files.Moved(marked), columns["sha256"])
        except StorageAway:
            _to_spool(image, marked, columns)
            raise
    _finish(image, places, columns)


def _put(place: files.Place, content: Any, sha256: str) -> None:
    files.put(place.open_storage(), place.name, content, sha256)


def _fetched(image: GeneratedImage, received: Path, marked: Path) -> dict[str, Any]:
    """Have the picture from the provider, whole and marked; return what its row has to say of it."""
    if (sha256 := receiving.uploaded(image, received)) and (
        columns := _uploaded(image, received, marked, sha256)
    ):
        return columns
    source, sha256 = receiving.fetch(image, received)
    try:
        return _opened(image, source, marked, sha256)
    except PictureError:
        receiving.refuse(image)
        raise


def _uploaded(image: GeneratedImage, received: Path, marked: Path, sha256: str) -> dict[str, Any] | None:
    """The same of a file that the provider put into the inbox; None if it is not what was ordered."""
    crashes = image.crashes
    if image.generation.is_imported:
        return _opened(image, received, marked, sha256)
    with contextlib.suppress(PictureError):
        columns = _opened(image, received, marked, sha256)
        if _was_ordered(image, columns):
            return columns
    receiving.refuse_upload(image)
    for path in (received, marked):
        path.unlink(missing_ok=True)
    _still_ours(image, crashes=crashes)
    return None


def _was_ordered(image: GeneratedImage, columns: dict[str, Any]) -> bool:
    """Whether it is of the size and format that was ordered. It decides whether the picture is fetched, no more."""
    generation = image.generation
    format = generation.parameters.get("outputFormat") or parameters.BY_KEYWORD["output_format"].default
    ordered = (generation.width, generation.height, format)
    return ordered == tuple(columns[name] for name in ("width", "height", "format"))


def _opened(image: GeneratedImage, source: Path, marked: Path, sha256: str) -> dict[str, Any]:
    """Check a file that came and mark it. Raises PictureError."""
    # A file can end the worker that opens it: counted before, forgiven after, so that it ends in time.
    _still_ours(image, crashes=image.crashes + 1)
    facts = pictures.inspect(source)
    mark = provenance.mark if image.generation.is_imported else marks.mark
    mark(source, marked)
    return _columns(facts, marked, sha256)


def _columns(facts: pictures.Facts, marked: Path, sha256_received: str) -> dict[str, Any]:
    return {
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "size": marked.stat().st_size,
        "sha256_received": sha256_received,
        "sha256": spool.sha256(marked),
    }


def _still_ours(image: GeneratedImage, **columns: Any) -> None:
    """Renew the lease after a slow part. Raises _TakenOver if another worker holds the row by now."""
    if not image.step(lease_until=after(conf.LEASE), **columns):
        raise _TakenOver


def _finish(image: GeneratedImage, places: files.Places, columns: dict[str, Any]) -> None:
    title = image.title or prompts.title(image.generation.sent)
    changes = {
        "state": ImageState.STORED,
        "stored_at": timezone.now(),
        "lease_until": None,
        "url": "",
        "error": "",
        "trouble": "",
        "spooled_on": "",
        "private_file" if image.is_held_back else "file": places.file.name,
    }
    with transaction.atomic():
        stored = image.step(**changes, **columns, title=title)
        if stored:
            files.discard(*files.inbox_of(image))
    if stored:
        files.clear(image)
        spool.drop(image)
        if image.generation.inbox_until is not None:
            signals.files_discarded.send_robust(sender=DiscardedFile)
        settle(image.generation)
        signals.image_stored.send_robust(sender=GeneratedImage, image=image)
        circuit.stored()
    elif not GeneratedImage.objects.filter(pk=image.pk).exists():
        # The row was deleted meanwhile: nobody else will remove these files.
        files.discard(*places)


def _again_or_fail(image: GeneratedImage, error: PictureError) -> float | None:
    trouble = "store" if isinstance(error, StorageAway) else "fetch"
    stale = isinstance(error, Expired) or (trouble == "fetch" and image.attempts >= STALE)
    if trouble == "fetch" and image.spooled_on:
        # Another machine has it whole: what this one cannot fetch is not lost, and tells nothing of the storage.
        trouble, error = "spool", PictureError(f"Its bytes wait on the machine {image.spooled_on}.")
    if image.generation.is_imported and isinstance(error, BadPicture):
        # There is nobody to ask for another.
        _give_up(image, str(error))
        return None
    patience = conf.FETCH_DEADLINE if trouble == "fetch" else conf.STORE_DEADLINE
    # The time to store it does not begin anew with each machine that tries.
    goes_on = image.trouble == trouble or {image.trouble, trouble} == {"spool", "store"}
    since = image.trouble_since if goes_on else timezone.now()
    if since is not None and since < after(-patience):
        _give_up(image, str(error))
        return None
    if stale:
        receiving.ask_for_another_address(image)
    delay = backoff(image.attempts, longest=600)
    columns = {"error": str(error)[:500], "trouble": trouble, "trouble_since": since, "crashes": 0}
    image.step(look_at=after(delay), lease_until=None, **columns)
    if isinstance(error, StorageAway):
        circuit.not_stored(image, str(error))
    return delay


def _give_up(image: GeneratedImage, why: str) -> None:
    """Its UUID and address stay on the row, so that it can still be fetched: ``fetch_again``."""
    found = files.every_place(image)
    if image.step(state=ImageState.FAILED, lease_until=None, error=why[:500], preview=""):
        files.discard(*found)
        files.clear(image)
        generation = image.generation
        changes: dict[str, Any] = {"error_kind": "storing", "error_message": why[:500]}
        if generation.is_imported:
            changes["failed"] = 1
        Generation.objects.filter(pk=generation.pk).update(**changes)
        settle(generation)


# -- What waits for the storage ------------------------------------------------------------------------------


def _waiting(image: GeneratedImage, marked: Path) -> dict[str, Any] | None:
    """Have the picture from the spool, if its bytes wait here; return what its row has to say of it."""
    path = spool.path_of(image)
    if path is None:
        if image.spooled_on == spool.MACHINE:
            _still_ours(image, spooled_on="")
        return None
    _still_ours(image, crashes=image.crashes + 1)
    # A copy: it waits until the row says that the storage has it.
    shutil.copyfile(path, marked)
    facts = pictures.Facts(image.format, image.width, image.height)
    if spool.sha256(marked) != image.sha256:
        try:
            facts = pictures.inspect(marked)
        except PictureError:
            marked.unlink()
            spool.drop(image)
            _still_ours(image, crashes=0, spooled_on="")
            return None
    return _columns(facts, marked, image.sha256_received)


def _to_spool(image: GeneratedImage, marked: Path, columns: dict[str, Any]) -> None:
    """Keep a whole, marked picture on this machine. A spool that takes nothing is no reason to give it up."""
    if spool.path_of(image) is not None:
        return
    # First the row, so that whatever lies in the spool is known by its SHA-256. Another worker's row, too: a storage
    # that swallowed this worker's lease will swallow that one's, and the address dies meanwhile.
    rows = GeneratedImage.objects.filter(pk=image.pk, state=ImageState.RECEIVED)
    where = spool.MACHINE
    if not rows.update(spooled_on=where, **columns):
        raise _TakenOver
    try:
        spool.keep(image, marked)
    except OSError as error:
        logger.warning("The spool did not take a picture (%s).", getattr(error, "strerror", error))
        rows.update(spooled_on=(where := ""))
    _still_ours(image, spooled_on=where, **columns)


def _let_wait(image: GeneratedImage) -> None:
    """The storage takes nothing at all: fetch the bytes into the spool before their address dies."""
    if spool.path_of(image) is not None:
        return
    try:
        with files.half_written(spool.folder(), image) as (received, marked):
            _to_spool(image, marked, _fetched(image, received, marked))
    except Expired:
        receiving.ask_for_another_address(image)
    except OSError as error:
        # What is wrong with the picture is told once the storage is back.
        logger.warning("A picture could not be fetched into the spool (%s).", type(error).__name__)
