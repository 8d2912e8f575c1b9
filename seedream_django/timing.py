"""How long an order takes, and how far it is: seconds from the last ones like it, and a bar that never goes back.

The bar follows from the row and the clock alone. All that it looks at only ever grows while an order goes on (moments
that are written once, counts, the greatest progress), and what the last ones took is frozen on the row when it is
ordered; so whatever happens, asked about or sent again, it does not fall.
"""

from __future__ import annotations

import datetime
import math
from statistics import median
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import Generation, State

#: Of the last orders that ended well so many are looked at, and of those that are like it so many are taken.
LOOKED_AT, TAKEN = 200, 20
#: Seconds, where there was none like it yet.
UNKNOWN = 30
#: Pixels above which a picture is one of the large ones: between those of 2K and of 3K.
LARGE = 7_000_000

#: Where the bar is at most while it waits, and at least when it was sent, was accepted, and when all was received.
WAITING, SENT, ACCEPTED, RECEIVED = 5, 6, 10, 92
#: Where it is when the usual time is over, at most as long as only time goes by, and as long as anything is open.
DUE, BY_TIME, OPEN = 86, 90, 99


def usual(expected: int, width: int, height: int) -> int | None:
    """Seconds from sending to the end: the median of the last ones like it, or None where there were none."""
    done = Generation.objects.filter(state=State.DONE).order_by("-finished_at")
    columns = done.values_list("expected", "parameters", "submitted_at", "finished_at")
    taken = [
        (finished - sent).total_seconds()
        for count, task, sent, finished in columns[:LOOKED_AT]
        if sent and finished and finished >= sent and _is_like(task, count, expected, width * height)
    ]
    return max(1, round(median(taken[:TAKEN]))) if taken else None


def bar(generation: Generation, now: datetime.datetime | None = None) -> int:
    """How far it is, in percent: full once all is stored and the row has ended, and not before."""
    if generation.is_final and generation.stored and not generation.is_short:
        return 100
    now = generation.finished_at or now or timezone.now()
    points = [WAITING * _nearing(_since(generation.created_at, now), UNKNOWN)]
    if generation.submitted_at:
        usual = generation.usual or UNKNOWN
        over = max(0.0, elapsed(generation, now) - usual)
        points.append(_between(SENT, DUE, share(generation, now)) + (BY_TIME - DUE) * _nearing(over, usual))
    if generation.accepted_at:
        points.append(ACCEPTED)
    if came := _came(generation):
        points.append(_between(ACCEPTED, OPEN, came))
    if _all_received(generation):
        points.append(RECEIVED)
    return min(OPEN, int(max(points)))


def share(generation: Generation, now: datetime.datetime | None = None) -> float:
    """How much of the usual time is over, from 0 to 1: by the clock, as the provider says, or by what has come.

    The bar and the seconds that are left both follow from it, so that they say the same.
    """
    if _all_received(generation):
        return 1
    clock = elapsed(generation, now) / (generation.usual or UNKNOWN)
    return min(max(clock, generation.progress / 100, _came(generation)), 1)


def elapsed(generation: Generation, now: datetime.datetime | None = None) -> float:
    """Seconds since it was sent, and before that since it was ordered; until its end."""
    now = generation.finished_at or now or timezone.now()
    return _since(generation.submitted_at or generation.created_at, now)


def seconds_left(generation: Generation, now: datetime.datetime | None = None) -> int | None:
    """About how long it still takes: None where nobody knows, or where it takes longer than the others."""
    if generation.state not in _MAKING or not generation.usual:
        return None
    # Rounded before it is rounded up: 0.15 of 20 is a little more than 3.
    return math.ceil(round(generation.usual * (1 - share(generation, now)), 6)) or None


def words(generation: Generation, now: datetime.datetime | None = None) -> str:
    """How long it has taken, and about how long it still takes; blank where that says nothing."""
    if generation.is_final or generation.hidden:
        return ""
    known = {"time": duration(elapsed(generation, now))}
    if generation.state not in _MAKING:
        known = {"time": duration(_since(generation.created_at, now or timezone.now()))}
        return _("Ordered %(time)s ago.") % known
    if left := seconds_left(generation, now):
        return _("In work for %(time)s; about %(left)s left.") % {**known, "left": duration(left)}
    if generation.usual and not _all_received(generation):
        return _("In work for %(time)s; most take about %(usual)s.") % {
            **known,
            "usual": duration(generation.usual),
        }
    return _("In work for %(time)s.") % known


def duration(seconds: float) -> str:
    """``12 seconds``, and from two minutes on ``2 minutes``."""
    whole = int(seconds)
    if whole < 120:
        return ngettext("%(count)s second", "%(count)s seconds", whole) % {"count": whole}
    return ngettext("%(count)s minute", "%(count)s minutes", whole // 60) % {"count": whole // 60}


#: Something is done about it, so that its time can be told.
_MAKING = (State.SUBMITTING, State.RUNNING, State.STORING)


def _is_like(task: dict[str, Any], count: int, expected: int, pixels: int) -> bool:
    """Whether one that was made says something of this one: as many pictures, as large ones."""
    if count != expected or "width" not in task:
        return False
    large: bool = task["width"] * task["height"] > LARGE
    return large == (pixels > LARGE)


def _came(generation: Generation) -> float:
    # A picture that is deleted on the way has been stored all the same.
    return min((generation.stored + len(generation.removed)) / max(generation.expected, 1), 1)


def _all_received(generation: Generation) -> bool:
    return generation.received + generation.failed >= generation.expected


def _since(moment: datetime.datetime, now: datetime.datetime) -> float:
    return max(0.0, (now - moment).total_seconds())


def _nearing(seconds: float, whole: float) -> float:
    """From 0 towards 1, which it never reaches: about nine tenths when the time is over."""
    return 1 - math.exp(-2.2 * seconds / whole)


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share
