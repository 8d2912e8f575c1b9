"""The inbox's door where the private storage is a folder: the provider puts a picture here, by one bare PUT.

Whoever has the token may put one file of this size at most, under this one name, while it is waited for. Nothing of
the body is looked at here: a worker takes it like any other file that comes.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import FileSystemStorage
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from . import conf, files, tasks, tokens
from .exceptions import StorageAway
from .models import Generation, ImageState, inbox_name, private_storage

#: Bytes that are in memory at one moment.
PIECE = 1 << 16


@csrf_exempt
@login_not_required
@require_http_methods(["PUT"])
def upload(request: HttpRequest, pk: uuid.UUID, task_uuid: uuid.UUID) -> HttpResponse:
    """Take one file. What is refused is refused before its body is read; a bad token without a query."""
    if not tokens.is_good(request.GET.get("token", ""), tokens.UPLOAD, task_uuid):
        return HttpResponse(status=403)
    length = _length(request)
    if length is None:
        return HttpResponse(status=411)
    if not length or length > conf.MAX_BYTES:
        return HttpResponse(status=413 if length else 400)
    generation = Generation.objects.filter(pk=pk, inbox_until__gt=timezone.now()).first()
    if generation is None or task_uuid not in generation.task_uuids:
        return HttpResponse(status=404)
    if _is_stored(generation, task_uuid):
        # Fetched by now, or put a second time: well, and not needed.
        return HttpResponse()
    return _taken(request, generation, task_uuid, length)


def _length(request: HttpRequest) -> int | None:
    text = str(request.META.get("CONTENT_LENGTH") or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _is_stored(generation: Generation, task_uuid: uuid.UUID) -> bool:
    images = generation.images.filter(state=ImageState.STORED)
    return images.filter(task_uuid=task_uuid if generation.tasks else None).exists()


def _taken(request: HttpRequest, generation: Generation, task_uuid: uuid.UUID, length: int) -> HttpResponse:
    storage = private_storage()
    if not isinstance(storage, FileSystemStorage):
        # It was one when the address was made.
        return HttpResponse(status=404)
    try:
        path = files.private_folder() / f"{task_uuid}.{uuid.uuid4().hex}.put"
        last = Path(storage.path(inbox_name(task_uuid)))
        last.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _received(request, path, last, length):
            return HttpResponse(status=400)
    except UnreadablePostError:
        return HttpResponse(status=400)
    except (OSError, StorageAway):
        # Our own disk: full, or read-only.
        return HttpResponse(status=503)
    tasks.take_upload(generation, task_uuid)
    return HttpResponse()


def _received(request: HttpRequest, path: Path, last: Path, length: int) -> bool:
    """Write the body to ``path``, then give it its last name; tell whether it was as long as it was said to be."""
    try:
        left = length
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while left and (piece := request.read(min(PIECE, left))):
                file.write(piece)
                left -= len(piece)
        if left or request.read(1):
            return False
        path.replace(last)
        return True
    finally:
        path.unlink(missing_ok=True)
