"""What the page of the queue says: what runs, what waits and why, whose it is, as far as a person may see it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import limits, queue, timing, turns
from ..diagnosis import PATIENCE, WORKER_SILENT, local
from ..entry import status_page
from ..live import SLOW, WATCHING
from ..models import Generation, Priority, State, Turn
from ..people import may_cancel, may_decide
from ..standing import Standing
from ..troubles import reason, why_stopped

#: Orders of each part that are shown, and up to which others are counted.
SHOWN, COUNTED = 50, 1000
#: Milliseconds to the next look where there are more than that.
LONG = 15_000
UNDER_WAY = (State.SUBMITTING, State.ASKING, State.RUNNING, State.STORING)


@dataclass(frozen=True)
class Line:
    """One order: what it is and whose, how it stands, and what this person may do about it."""

    row: Generation
    who: str
    url: str
    how: str
    since: datetime.datetime
    bar: int = 0
    time: str = ""
    tag: str = ""
    is_first: bool = False
    may_cancel: bool = False
    is_paid: bool = False
    may_first: bool = False
    may_before_all: bool = False
    may_back: bool = False


def is_raised(generation: Generation) -> bool:
    """Whether its person put it before their others: not what an owner put before everybody's."""
    return generation.line != Turn.FIRST and generation.priority == Priority.RAISED


class Page:
    """The queue as one person sees it. Others' orders are a number for those who may not see others' prompts."""

    def __init__(self, user: Any) -> None:
        self.user, self.now = user, timezone.now()
        self.sees_all = user.has_perm("seedream_django.see_others_prompts")
        self.decides = may_decide(user)
        self.may_pause = user.has_perm("seedream_django.change_switch")

    # -- What is shown

    @cached_property
    def running(self) -> list[Line]:
        rows = Generation.objects.visible_to(self.user).filter(state__in=UNDER_WAY)
        keys = list(rows.order_by("submitted_at", "pk").values_list("pk", flat=True)[:SHOWN])
        return [self._running(row) for row in _in_their_order(keys)]

    @cached_property
    def waiting(self) -> list[Line]:
        return [self._waiting(row) for row in self.standing.generations]

    @cached_property
    def standing(self) -> Standing:
        """The house, and what waits and is shown: first what could be sent now, in its order."""
        mine = turns.in_order().visible_to(self.user)
        keys = list(mine.values_list("pk", flat=True)[:SHOWN])
        later = Generation.objects.visible_to(self.user).filter(state=State.QUEUED, look_at__gt=self.now)
        keys += later.order_by("look_at").values_list("pk", flat=True)[: SHOWN - len(keys)]
        return Standing(_in_their_order(keys), self.user)

    # -- How many

    @cached_property
    def more_running(self) -> str:
        return _more(self._counts[0], len(self.running))

    @cached_property
    def more_waiting(self) -> str:
        return _more(self._counts[1], len(self.waiting))

    @cached_property
    def others(self) -> str:
        """How many are others', for those who see no more of them; blank where there are none."""
        if self.sees_all:
            return ""
        running, waiting = (total - own for total, own in zip(self._all_counts, self._counts, strict=True))
        if not running and not waiting:
            return ""
        words = _("Others' orders: %(running)s under way, %(waiting)s waiting.")
        return words % {"running": _up_to(running), "waiting": _up_to(waiting)}

    @cached_property
    def headline(self) -> str:
        running, waiting = self._all_counts
        if not running and not waiting:
            return _("Nothing runs and nothing waits.")
        return _("%(running)s under way, %(waiting)s waiting.") % {
            "running": _up_to(running),
            "waiting": _up_to(waiting),
        }

    @cached_property
    def _counts(self) -> tuple[int, int]:
        return _count(Generation.objects.visible_to(self.user))

    @cached_property
    def _all_counts(self) -> tuple[int, int]:
        return self._counts if self.sees_all else _count(Generation.objects.all())

    # -- Why nothing is sent

    @property
    def switch(self) -> Any:
        return self.standing.switch

    @cached_property
    def why(self) -> str:
        """Why nothing new is sent, in a sentence; blank where all goes its way."""
        if not self.switch.on:
            why = self.switch.reason or _("no reason is given.")
            return _("Generating is switched off: %(reason)s") % {"reason": why}
        if self.standing.stop:
            return why_stopped(self.standing.stop)
        if not self._all_counts[1]:
            return ""
        if self._has_no_worker():
            return _("No worker is running, so nothing is made yet.")
        if limits.is_full():
            return _(
                "As many orders as the settings allow are under way; each that ends makes room for the next."
            )
        return ""

    def _has_no_worker(self) -> bool:
        rows = Generation.objects.filter(state=State.QUEUED, created_at__lt=self.now - PATIENCE)
        if queue.is_immediate() or not rows.exists():
            return False
        seen = self.standing.worker_seen_at
        return seen is None or self.now - seen > WORKER_SILENT

    @property
    def tone(self) -> str:
        return "warn" if self.why else "busy" if any(self._all_counts) else "good"

    @property
    def next(self) -> int:
        """Milliseconds to the next look."""
        if max(self._all_counts) > COUNTED:
            # To put so many into their order costs more than one looks for.
            return LONG
        return SLOW if any(self._all_counts) else WATCHING

    # -- One order

    def _line(self, row: Generation, **values: Any) -> Line:
        return Line(
            row=row,
            who=str(row.user or _("the site")) if self.sees_all else "",
            url=status_page(row.pk),
            may_cancel=may_cancel(self.user, row) and not row.hidden,
            is_paid=not row.is_free,
            **values,
        )

    def _running(self, row: Generation) -> Line:
        return self._line(
            row,
            how=str(State(row.state).label) if not row.hidden else row.summary(),
            since=row.submitted_at or row.created_at,
            bar=timing.bar(row, self.now),
            time=timing.words(row, self.now),
        )

    def _waiting(self, row: Generation) -> Line:
        first, raised = row.line == Turn.FIRST, is_raised(row)
        mine = row.user_id == self.user.pk and self.user.has_perm("seedream_django.generate")
        return self._line(
            row,
            how=self._why_it_waits(row),
            since=row.created_at,
            tag=_("before everybody's") if first else _("raised") if raised else "",
            is_first=first,
            may_first=mine and not first and not raised,
            may_before_all=self.decides and not first,
            may_back=(self.decides and first) or (raised and may_cancel(self.user, row)),
        )

    def _why_it_waits(self, row: Generation) -> str:
        if row.look_at > self.now:
            at = date_format(local(row.look_at), "TIME_FORMAT")
            if not row.error_kind:
                return _("Next try: %(time)s") % {"time": at}
            return _("%(reason)s Next try: %(time)s") % {"reason": reason(row), "time": at}
        ahead = self.standing.ahead_of(row)
        if not ahead:
            return _("It is next.")
        return ngettext("%(count)s order is ahead.", "%(count)s orders are ahead.", ahead) % {"count": ahead}


def _in_their_order(keys: list[Any]) -> list[Generation]:
    found = Generation.objects.select_related("user").in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _count(rows: QuerySet[Generation]) -> tuple[int, int]:
    """Under way, and waiting; one more than ``COUNTED`` where there are more."""
    under_way = rows.filter(state__in=UNDER_WAY).order_by().values("pk")[: COUNTED + 1].count()
    return under_way, rows.filter(state=State.QUEUED).order_by().values("pk")[: COUNTED + 1].count()


def _more(count: int, shown: int) -> str:
    """That there are others; blank where all are shown."""
    if count <= shown:
        return ""
    if count > COUNTED:
        return _("And more than %(count)s more.") % {"count": COUNTED - shown}
    left = count - shown
    return ngettext("And %(count)s more.", "And %(count)s more.", left) % {"count": left}


def _up_to(count: int) -> str:
    return _("more than %(count)s") % {"count": COUNTED} if count > COUNTED else str(count)
