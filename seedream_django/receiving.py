"""How results reach this machine: the reply to an order, to a question about it, and the bytes of a picture.

Pictures come by address, inside the replies, or into the inbox. What comes inside is on disk before anybody reads the
reply, and in the spool before its row is made; what is missing there, on another machine say, is asked for again.
"""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone

from . import conf, inbox, parts, queue, spool
from .delivery import SYNC, is_inline
from .exceptions import PictureError, ProviderError
from .models import Asked, GeneratedImage, Generation, ImageState
from .provider import client
from .runware.client import Inline
from .runware.replies import Report

logger = logging.getLogger(__name__)

#: Seconds after its news that a picture's upload is waited for; and where the last one did not come either.
PATIENCE, LITTLE_PATIENCE = 15.0, 2.0
#: Workers that may die over an upload; the one after them fetches the picture from the provider.
UPLOAD_CRASHES = 2

# -- Reports -------------------------------------------------------------------------------------------------


def is_held(generation: Generation) -> bool:
    """Whether its POST holds the line. Never inside somebody's request, where huey is in immediate mode."""
    return generation.parameters.get("deliveryMethod") == SYNC and not queue.is_immediate()


def submit(generation: Generation, tasks: Sequence[Mapping[str, Any]]) -> Report:
    """Send all tasks of an order in one POST, once. Raises ProviderError where none of them was taken."""
    with _at_hand(generation) as inline:
        answers = client().submit_all(tasks, inline=inline, seconds=float(conf.SYNC_TIMEOUT))
        report = parts.taken(generation, answers)
        _shelve(report)
    return report


def poll(
    generations: Sequence[Asked], at_once: int = 100, bearable: Callable[[ProviderError], bool] | None = None
) -> dict[uuid.UUID, Report]:
    """Ask about orders in one request; about one whose pictures come inside, alone. Raises ProviderError.

    No more than ``at_once`` tasks are in one request: an order of more is asked about in several. With a ``bearable``
    error in one of these the others count all the same; where nothing else comes it is raised.
    """
    asked = [task for generation in generations for task in generation.task_uuids]
    with _at_hand(*generations) as inline:
        told: dict[uuid.UUID, Report] = {}
        trouble = None
        for start in range(0, len(asked), at_once):
            try:
                told |= client().poll(asked[start : start + at_once], **_asking(inline))
            except ProviderError as error:
                if bearable is None or not bearable(error):
                    raise
                trouble = error
        if trouble is not None and not told:
            raise trouble
        reports = {g.pk: report for g in generations if (report := parts.merged(g, told)) is not None}
        for report in reports.values():
            _shelve(report)
    return reports


def details(generation: Generation, *, of: Sequence[uuid.UUID] = ()) -> Report | None:
    """Ask the archive; ``None`` when it says that it does not know the order. Raises ProviderError.

    Of several tasks each is asked about, or those named by ``of``.
    """
    with _at_hand(generation) as inline:
        asked = {task: client().details(task, **_asking(inline)) for task in of or generation.task_uuids}
        report = parts.merged(generation, {task: found for task, found in asked.items() if found is not None})
        if report is not None:
            _shelve(report)
    return report


def silence(generation: Asked) -> Report:
    """A report that says nothing: still in work, as far as anybody knows."""
    return parts.silence(generation)


def _asking(inline: Inline | None) -> dict[str, Any]:
    # A reply of many megabytes may take its time; any other may not.
    return {"inline": inline, "seconds": float(conf.SYNC_TIMEOUT)} if inline else {}


@contextlib.contextmanager
def _at_hand(*generations: Asked, stem: Path | None = None) -> Iterator[Inline | None]:
    """Where pictures inside the reply go meanwhile, if any may come; what nobody took from there is removed."""
    if stem is None and not any(map(is_inline, generations)):
        yield None
        return
    if stem is None:
        with contextlib.suppress(OSError):
            # Without it they are not kept now, and asked for again.
            spool.folder()
        stem = conf.spool() / f"reply-{uuid.uuid4().hex}"
    try:
        yield Inline(stem, int(conf.MAX_BYTES))
    finally:
        with contextlib.suppress(OSError):
            for path in stem.parent.glob(f"{stem.name}.*{spool.PART}"):
                path.unlink(missing_ok=True)


def _shelve(report: Report) -> None:
    """Move what came inside a reply to where its picture's row finds it, unless that is stored already."""
    found = {r.image_uuid: r.picture.path for r in report.results if r.picture and r.picture.path}
    if not found:
        return
    stored = GeneratedImage.objects.filter(image_uuid__in=found, state=ImageState.STORED)
    for image_uuid in set(found) - set(stored.values_list("image_uuid", flat=True)):
        with contextlib.suppress(OSError):
            spool.receive(report.task_uuid, image_uuid, found[image_uuid])


# -- Bytes ---------------------------------------------------------------------------------------------------


def fetch(image: GeneratedImage, path: Path) -> tuple[Path, str]:
    """Have the bytes of a picture on this machine; return where, and their SHA-256.

    By its address they go to the new file ``path``; what came inside a reply lies elsewhere. Raises PictureError and
    OSError, as ``Runware.download`` does.
    """
    if image.generation.is_imported:
        raise PictureError("The file that was given is not there any more.")
    if not image.url and spool.received(image) is None:
        _ask_for_bytes(image, path)
    if (received := spool.received(image)) is not None:
        return received, spool.sha256(received)
    if path.exists():
        return path, spool.sha256(path)
    if not image.url:
        raise PictureError("The provider does not hand out the picture's bytes.")
    return path, client().download(image.url, path, max_bytes=conf.MAX_BYTES).sha256


def seconds_to_upload(image: GeneratedImage) -> float:
    """Seconds until the upload of a picture is to be looked for again; 0 where it is here, or waited for no longer.

    It is put after the provider has told of it, and of a storage nobody tells us. Looked for at once, then after
    1, 2, 4 and 8 seconds; then the picture is fetched.
    """
    until, now = image.generation.inbox_until, timezone.now()
    if until is None or until < now or image.attempts or image.spooled_on:
        return 0
    waited = (now - image.created_at).total_seconds()
    # Before it was made: the clock was set back.
    if not 0 <= waited < PATIENCE or not _has_place(image) or is_at_hand(image):
        return 0
    patience = PATIENCE if inbox.comes() else LITTLE_PATIENCE
    return min(max(1.0, waited), max(0.0, patience - waited))


def is_at_hand(image: GeneratedImage) -> bool:
    """Whether a picture's bytes came here without being fetched: inside a reply, or into the inbox."""
    if spool.received(image) is not None:
        return True
    return _has_place(image) and bool(inbox.size(_task_of(image)))


def uploaded(image: GeneratedImage, path: Path) -> str | None:
    """Have what the provider put into the inbox in the new file ``path``; return its SHA-256.

    None where there is nothing, or something better.
    """
    if image.crashes >= UPLOAD_CRASHES or not _has_place(image) or spool.received(image):
        return None
    sha256 = inbox.take(_task_of(image), path)
    if image.generation.is_imported:
        # It tells nothing of what the provider puts there.
        return sha256
    if sha256 is not None:
        inbox.came()
    elif image.attempts == 1 and image.generation.inbox_until > timezone.now():  # type: ignore[operator]
        inbox.missed()
    return sha256


def refuse_upload(image: GeneratedImage) -> None:
    """What came into the inbox is not the picture that was ordered."""
    logger.info("What was uploaded for picture %s is not what was ordered; it is fetched.", image.pk)
    inbox.remove(_task_of(image))


def _has_place(image: GeneratedImage) -> bool:
    """Whether a file in the inbox is this picture's. Where several came of one task nobody knows whose it is."""
    if image.generation.inbox_until is None:
        return False
    same_task = image.generation.images.filter(task_uuid=image.task_uuid)
    return not same_task.exclude(pk=image.pk).exists()


def _task_of(image: GeneratedImage) -> uuid.UUID:
    return image.task_uuid or image.generation_id


def refuse(image: GeneratedImage) -> None:
    """What came inside a reply is no picture: the next attempt asks for it again."""
    if (received := spool.received(image)) is not None:
        with contextlib.suppress(OSError):
            received.unlink()


def ask_for_another_address(image: GeneratedImage) -> None:
    """Have the provider asked where a picture is now: its address died."""
    if image.generation.is_imported:
        return
    for report in _answers(image):
        urls = [r.url for r in report.results if r.image_uuid == image.image_uuid and r.url]
        if urls and urls[0] != image.url:
            image.step(url=urls[0])
            return


def _ask_for_bytes(image: GeneratedImage, path: Path) -> None:
    """Ask for what this machine does not have, into ``path`` where the spool takes nothing."""
    for report in _answers(image, stem=path):
        for result in report.results:
            if result.image_uuid != image.image_uuid:
                continue
            if result.url and result.url != image.url:
                image.step(url=result.url)
            if spool.received(image) is None and result.picture and result.picture.path:
                result.picture.path.replace(path)
            return


def _answers(image: GeneratedImage, stem: Path | None = None) -> Iterator[Report]:
    """What the provider says of a picture's order now, then what its archive says of the picture's task."""
    for ask in (_polled, _from_archive):
        with contextlib.suppress(ProviderError), _at_hand(image.generation, stem=stem) as inline:
            if (report := parts.merged(image.generation, ask(image, inline))) is not None:
                _shelve(report)
                yield report


def _polled(image: GeneratedImage, inline: Inline | None) -> dict[uuid.UUID, Report]:
    return client().poll(image.generation.task_uuids, **_asking(inline))


def _from_archive(image: GeneratedImage, inline: Inline | None) -> dict[uuid.UUID, Report]:
    task = image.task_uuid or image.generation_id
    found = client().details(task, **_asking(inline))
    return {task: found} if found is not None else {}
