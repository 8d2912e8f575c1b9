"""The outsider's side: the provider says that a result is ready, and this site asks.

Nothing of a delivery is believed but that it came: its token is judged before anything else of it is looked at, and
its body is read to its end and thrown away. Anybody may knock here, so what a wrong token costs is always the same,
and no database is asked.

======  =====================================================================================================
200     the order is asked about soon; or there was nothing left to ask
202     no such order here (any more)
400     it broke off, or its length is no number
403     the token is wrong, or of a key that is no longer used
405     it is no POST
411     it does not say how long it is
413     it is longer than a result can be
415     it is not JSON
503     the database is away: the provider tries again
======  =====================================================================================================
"""

from __future__ import annotations

import logging
import uuid

from django.contrib.auth.decorators import login_not_required
from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.common import no_append_slash
from django.views.decorators.csrf import csrf_exempt

from . import conf, tasks, tokens
from .delivery import is_inline
from .models import FINAL, Generation, after

logger = logging.getLogger(__name__)

#: Bytes of a delivery at most, but for pictures that come inside.
CAP = 64 * 1024
#: Seconds after the end of its order in which a delivery is a sign of life of the provider's webhooks.
KEPT = 60 * 60
#: Bytes that are read at once.
PIECE = 64 * 1024


@csrf_exempt
@login_not_required
@no_append_slash
# What is noted must be there before a worker is woken, whatever ATOMIC_REQUESTS says.
@transaction.non_atomic_requests
def webhook(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A delivery of the provider about one order."""
    token = tokens.take(request)
    if request.method != "POST":
        return _answer(405, Allow="POST")
    if not tokens.is_good(token, tokens.WEBHOOK, pk):
        return _answer(403)
    if status := _wrong_head(request):
        return _answer(status)
    try:
        return _answer(_hear(request, pk))
    except Error as error:
        # Not by Django's own words and traceback: those could show the address.
        logger.warning("A webhook could not be heeded (%s: %s).", type(error).__name__, error)
        return _answer(503)


def _hear(request: HttpRequest, pk: uuid.UUID) -> int:
    generation = Generation.objects.filter(pk=pk).only("parameters", "state", "finished_at").first()
    if _length(request) > _cap(generation):
        return 413
    if not _is_whole(request):
        return 400
    if generation is None:
        return 202
    tasks.hint(pk, heard=_is_of_today(generation))
    return 200


def _is_of_today(generation: Generation) -> bool:
    """Whether it shows that webhooks arrive. One of an order that ended long ago shows that somebody kept an address:
    the provider has given up by then."""
    ended = generation.finished_at if generation.state in FINAL else None
    return ended is None or ended > after(-KEPT)


# -- What may be looked at before the body -------------------------------------------------------------------


def _wrong_head(request: HttpRequest) -> int:
    """The status that refuses a delivery by its headers, or 0."""
    if request.content_type not in ("", "application/json", "text/json"):
        return 415
    said = str(request.META.get("CONTENT_LENGTH") or "")
    if not said or "HTTP_TRANSFER_ENCODING" in request.META:
        return 411
    if not (said.isascii() and said.isdigit()):
        return 400
    # Python refuses to read a number of thousands of digits.
    return 413 if len(said) > 15 else 0


def _length(request: HttpRequest) -> int:
    return int(request.META["CONTENT_LENGTH"])


def _cap(generation: Generation | None) -> int:
    inline = generation is not None and is_inline(generation)
    # Base64 makes four bytes of three.
    return CAP + (int(conf.MAX_BYTES) * 4 // 3 if inline else 0)


# -- The body ------------------------------------------------------------------------------------------------


def _is_whole(request: HttpRequest) -> bool:
    """Read it to its end, and keep nothing; tell whether it had one."""
    left = _length(request)
    try:
        while left > 0 and (piece := request.read(min(left, PIECE))):
            left -= len(piece)
    except Exception as error:
        # Each server has errors of its own for a sender that went away.
        logger.info("A webhook broke off (%s).", type(error).__name__)
        return False
    return left <= 0


def _answer(status: int, **headers: str) -> HttpResponse:
    headers |= {"Cache-Control": "no-store"}
    return HttpResponse(status=status, content_type="text/plain", headers=headers)
