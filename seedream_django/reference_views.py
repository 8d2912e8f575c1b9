"""Pictures that somebody gave, small, for those who may see them: nothing in the private storage has an address."""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from . import origins, pictures
from .models import ReferenceFile, private_storage

logger = logging.getLogger(__name__)

#: Pixels on the longer side.
SIZE = 320
#: One at a time in each process: decoding takes memory, and a page has up to fourteen of them.
_ONE = threading.Lock()


@require_GET
@never_cache
def reference(request: HttpRequest, pk: int) -> HttpResponse:
    """A small picture of a given file, or 404: for whoever gave it, and who may see an order that is made from it."""
    user: Any = request.user
    if not (user.is_authenticated and user.is_active):
        raise Http404
    file = get_object_or_404(ReferenceFile, pk=pk)
    if not origins.is_light(file) or not origins.may_see(file, user):
        raise Http404
    response = HttpResponse(_small(file), content_type="image/webp")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _small(file: ReferenceFile) -> bytes:
    try:
        with _ONE, private_storage().open(str(file.file.name)) as stream:
            return pictures.preview(stream, SIZE)
    except Exception as error:
        # The storage has errors of its own, and so has a file that is broken behind its header.
        logger.warning("No small picture of reference file %s: %s", file.pk, type(error).__name__)
        raise Http404 from error
