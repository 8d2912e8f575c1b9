"""The inbox's door where the private storage is a folder: the provider puts a picture here, by one bare PUT.

Whoever has the token may put one file of this size at most, under this one name, while it is waited for. Nothing of
the body is looked at here: a worker takes it like any other file that comes. Its way is the webhook's: the token is
judged before anything else, and what a wrong one costs is always the same, without a query.

======  =====================================================================================================
200     it is here, and a worker looks at it; or its picture is stored already, and it was not read
400     it broke off, is a part of a file, or its length is no number
403     the token is wrong, or of a key that is no longer used
404     no file of this task is waited for (any more)
405     it is no PUT
411     it does not say how long it is
413     it is longer than a picture may be
503     the database or our own disk is away
======  =====================================================================================================
"""

from __future__ import annotations

import logging
import os
import uuid
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import FileSystemStorage
from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.common import no_append_slash
from django.views.decorators.csrf import csrf_exempt

from . import conf, files, inbox, tasks, tokens
from .exceptions import StorageAway
from .models import Generation, ImageState, inbox_name, private_storage

logger = logging.getLogger(__name__)

#: Bytes that are in memory at one moment.
PIECE = 1 << 16


class _BrokenOff(Exception):
    """The sender went away, or sent another number of bytes than it said."""


@csrf_exempt
@login_not_required
@no_append_slash
# What is noted must be there before a worker is woken, whatever ATOMIC_REQUESTS says.
@transaction.non_atomic_requests
def upload(request: HttpRequest, pk: uuid.UUID, task_uuid: uuid.UUID) -> HttpResponse:
    """The file of one task of an order."""
    token = tokens.take(request)
    if request.method != "PUT":
        return _answer(405, Allow="PUT")
    if not tokens.is_good(token, tokens.UPLOAD, task_uuid):
        return _answer(403)
    if status := _wrong_length(request):
        return _answer(status)
    try:
        return _answer(_hear(request, pk, task_uuid))
    except (Error, StorageAway, OSError) as error:
        # Not by Django's own words and traceback: those could show the address.
        logger.warning("An upload could not be taken (%s).", type(error).__name__)
        return _answer(503)


def _wrong_length(request: HttpRequest) -> int:
    """The status that refuses an upload by its headers, or 0."""
    if "HTTP_CONTENT_RANGE" in request.META:
        # A part of a file is none.
        return 400
    said = str(request.META.get("CONTENT_LENGTH") or "")
    if not said or "HTTP_TRANSFER_ENCODING" in request.META:
        return 411
    if not (said.isascii() and said.isdigit()):
        return 400
    # Python refuses to read a number of thousands of digits.
    if len(said) > 15 or int(said) > conf.MAX_BYTES:
        return 413
    return 0 if int(said) else 400


def _hear(request: HttpRequest, pk: uuid.UUID, task_uuid: uuid.UUID) -> int:
    generation = Generation.objects.filter(pk=pk, inbox_until__gt=timezone.now()).first()
    storage = private_storage()
    # It may have been a folder when the address was made.
    is_folder = isinstance(storage, FileSystemStorage)
    if generation is None or task_uuid not in generation.task_uuids or not is_folder:
        return 404
    if _is_stored(generation, task_uuid):
        return 200
    try:
        _take(request, task_uuid, Path(storage.path(inbox_name(task_uuid))))
    except _BrokenOff as error:
        logger.info("An upload broke off (%s).", error)
        return 400
    if not Generation.objects.filter(pk=pk, inbox_until__isnull=False).exists():
        # Deleted, or its inbox emptied, while this came: nobody else would remove it.
        inbox.remove(task_uuid)
        return 404
    tasks.take_upload(generation, task_uuid)
    return 200


def _is_stored(generation: Generation, task_uuid: uuid.UUID) -> bool:
    images = generation.images.filter(state=ImageState.STORED)
    return images.filter(task_uuid=task_uuid if generation.tasks else None).exists()


# -- The body ------------------------------------------------------------------------------------------------


def _take(request: HttpRequest, task_uuid: uuid.UUID, last: Path) -> None:
    """Write the body beside the inbox, and give it its name there once it is whole. Raises _BrokenOff, OSError."""
    path = files.private_folder() / f"{task_uuid}.{uuid.uuid4().hex}.put"
    try:
        _pour(request, path)
        last.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.replace(last)
    finally:
        path.unlink(missing_ok=True)


def _pour(request: HttpRequest, path: Path) -> None:
    left = int(request.META["CONTENT_LENGTH"])
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while left and (piece := _read(request, min(PIECE, left))):
            file.write(piece)
            left -= len(piece)
    if left or _read(request, 1):
        raise _BrokenOff("another length")


def _read(request: HttpRequest, size: int) -> bytes:
    try:
        return request.read(size)
    except Exception as error:
        # Each server has errors of its own for a sender that went away.
        raise _BrokenOff(type(error).__name__) from None


def _answer(status: int, **headers: str) -> HttpResponse:
    headers |= {"Cache-Control": "no-store"}
    return HttpResponse(status=status, content_type="text/plain", headers=headers)
