"""What comes of an order: a row for each result, and what is still told after the end.

Whatever ended early is watched for a while. What comes then was paid for: it is kept under the final state.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from . import circuit, conf, parts, receiving
from .delivery import is_inline
from .exceptions import ProviderError
from .models import GeneratedImage, Generation, ImageState, Review, State, after
from .runware.items import Failure, Result
from .runware.replies import Report
from .storing import MAX_CRASHES, fetch_again, settle

logger = logging.getLogger(__name__)

#: Nothing in work at the provider for this long, in seconds, and what came is all that comes.
QUIET = 5.0
#: Between two looks at what has ended and is only watched, in seconds.
WATCH_INTERVAL = 60.0
#: The same once an owner's question is answered, and of a picture that could not be kept.
SLOW_WATCH_INTERVAL = 600.0
#: What the column holds; the provider makes twenty pictures at most.
LAST_POSITION = 32_767

Waiting = tuple[tuple[int, float], ...]


def record(generation: Generation, results: Iterable[Result]) -> Waiting:
    """Make a row for each result seen for the first time: from here on it cannot be forgotten."""
    new: list[tuple[int, float]] = []
    named: list[tuple[int, Decimal]] = []
    for place, result in enumerate(results):
        columns = {"url": result.url, "seed": result.seed, "cost": result.cost, **_to_decide(result)}
        columns["task_uuid"] = result.task_uuid
        if str(result.image_uuid) in generation.removed:
            continue
        position = min(place if result.index is None else result.index, LAST_POSITION)
        image, created = GeneratedImage.objects.get_or_create(
            image_uuid=result.image_uuid, defaults={"generation": generation, "position": position, **columns}
        )
        if created:
            new.append((image.pk, 0.0))
        elif image.generation_id != generation.pk:
            logger.warning("A result of generation %s carries the UUID of another's picture.", generation.pk)
        else:
            if result.flagged and not image.flagged:
                GeneratedImage.objects.filter(pk=image.pk).update(**_to_decide(result))
            if image.cost is None and result.cost is not None:
                named.append((image.pk, result.cost))
    if new:
        circuit.delivered()
    if named:
        _confirm(generation, named)
    return tuple(new)


def _to_decide(result: Result) -> dict[str, Any]:
    """What the provider's check said, and whether the picture is for no page before somebody decides.

    Kept on the row before the first file: where its files go hangs on it, and the setting may change meanwhile.
    """
    waits = result.flagged or conf.REVIEW
    review = Review.WAITING if waits else Review.NONE
    return {"flagged": result.flagged, "review": review, "to_tell": None}


def _confirm(generation: Generation, named: list[tuple[int, Decimal]]) -> None:
    """The bill came after the pictures: what counted by the estimate is confirmed."""
    with transaction.atomic():
        for pk, cost in named:
            GeneratedImage.objects.filter(pk=pk, cost=None).update(cost=cost)
        settle(generation)


def news(generation: Generation, report: Report) -> Waiting:
    """What comes after the end was paid for: it is kept under the final state, and told."""
    given_up = list(generation.images.filter(state=ImageState.FAILED, crashes__lt=MAX_CRASHES))
    report, answered = _archived(generation, report, given_up)
    images = record(generation, report.results) + _fetch_anew(given_up, report.results)
    changes = _fate(generation, report, answered) if generation.state == State.LOST else {}
    # Where the pictures come inside the replies, each look brings them all.
    slowly = (answered or given_up or is_inline(generation)) and not changes.get("quiet_since")
    with transaction.atomic():
        # Both or neither: what the provider says failed is on the row once its money is free.
        generation.change(look_at=after(SLOW_WATCH_INTERVAL if slowly else WATCH_INTERVAL), **changes)
        if images or changes:
            settle(generation)
    return images


def end_watches(limit: int = 500) -> None:
    """What was watched for long enough: nothing comes any more, and what doubt kept reserved is free again."""
    over = Generation.objects.filter(watch_until__lte=timezone.now())
    over.filter(doubtful_since__isnull=True).update(watch_until=None)
    for generation in over.order_by("watch_until")[:limit]:
        with transaction.atomic():
            if generation.change(watch_until=None):
                settle(generation)


def _archived(generation: Generation, report: Report, given_up: list[GeneratedImage]) -> tuple[Report, bool]:
    """What the archive knows beside the poll, where an owner asked or a picture could not be kept.

    Also whether an owner's question is answered: by the poll, or by an archive that says yes or no.
    """
    asked = generation.asked_at is not None and generation.state == State.LOST
    missing = {image.image_uuid for image in given_up} - {result.image_uuid for result in report.results}
    # Of several tasks the poll may know some, and the archive the others.
    in_part = report.known and bool(report.silent)
    if not missing and (not asked or (report.known and not in_part)):
        return report, asked
    try:
        found = receiving.details(generation, of=report.silent if in_part else ())
    except ProviderError:
        return report, asked and report.known
    if found is not None and in_part:
        return parts.joined(generation, report, found), asked
    return (report if found is None or report.results else found), asked


def _fetch_anew(given_up: list[GeneratedImage], results: Iterable[Result]) -> Waiting:
    """Pictures that were given up and that may be kept now: at another address, or in a storage that is back."""
    urls = {result.image_uuid: result.url for result in results}
    found = []
    for image in given_up:
        url = urls.get(image.image_uuid, image.url)
        # What came inside the reply lies in the spool by now; an upload may have come late.
        anew = url != image.url or receiving.is_at_hand(image)
        if (anew or image.trouble in ("store", "spool")) and fetch_again(image, url=url):
            found.append((image.pk, 0.0))
    return tuple(found)


def _fate(generation: Generation, report: Report, answered: bool) -> dict[str, Any]:
    """What the provider says now of an order that was lost, for its row: it failed, is in work, is unknown."""
    missing = generation.expected - generation.failed - max(generation.received, len(report.results))
    if missing <= 0:
        return {}
    if report.failures and not report.processing:
        since = generation.quiet_since
        if len(report.failures) < missing and (since is None or since > after(-QUIET)):
            return {"quiet_since": since or timezone.now()}
        failed = generation.failed + missing
        changes = {"failed": failed, "quiet_since": None, **words(report.failures[0])}
        # The words may quote a prompt that is gone from here.
        return changes | ({"error_message": ""} if generation.redacted_at else {})
    if not answered or report.results:
        return {}
    kind = "working" if report.known else "unknown"
    return {} if kind == generation.error_kind else {**NO_ERROR, "error_kind": kind}


# -- Words for the row ---------------------------------------------------------------------------------------

NO_ERROR: dict[str, Any] = {"error_kind": "", "error_code": "", "error_message": ""}


def words(error: ProviderError | Failure) -> dict[str, Any]:
    return {"error_kind": error.kind, "error_code": error.code[:100], "error_message": error.message[:500]}
