"""What the page of a run for many objects says: what it would make, at what price, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.contrib.admin.utils import quote
from django.core.paginator import Paginator
from django.db.models import Count
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import budget, bulk, orders, plans, prompts, timing, troubles
from ..diagnosis import money
from ..models import BulkItem, BulkRun, BulkState, ItemState
from ..people import may_decide
from .shown import preview

#: Objects on one page of the list.
LISTED = 50
#: Prompts that are written out before anything is ordered.
WRITTEN_OUT = 3
#: Milliseconds to the next look while it orders, and while only what was ordered comes.
SOON, LATER = 2000, 4000

HEADLINES: dict[str, Any] = {
    BulkState.DRAFT: gettext_lazy("Nothing is ordered yet."),
    BulkState.SAMPLE: gettext_lazy("A sample is being made."),
    BulkState.SAMPLED: gettext_lazy("The sample is ready. Look at it before you go on."),
    BulkState.RUNNING: gettext_lazy("Pictures are being made."),
    BulkState.PAUSED: gettext_lazy("It is paused."),
    BulkState.DONE: gettext_lazy("It is done."),
    BulkState.CANCELLED: gettext_lazy("It is cancelled."),
}
TONES = {
    BulkState.SAMPLE: "busy",
    BulkState.RUNNING: "busy",
    BulkState.PAUSED: "warn",
    BulkState.DONE: "good",
    BulkState.CANCELLED: "warn",
}


class Page:
    """A run as this person sees it; asks for each thing once."""

    def __init__(self, run: BulkRun, user: Any, site: str, show: str = "", page: str = "") -> None:
        self.run, self.user, self.site = run, user, site
        self.costs = user.has_perm("seedream_django.see_costs")
        self.is_owner = run.user_id == user.pk
        self.model = plans.model_of(run)
        self.shows_objects = self.model is not None and _may_see(user, self.model)
        self.counts, self.reasons = _count(run)
        self.show = show if show in ItemState.values else ""
        self.number = page

    # -- How far it is

    @property
    def waiting(self) -> int:
        return self.counts[ItemState.WAITING]

    @property
    def in_work(self) -> int:
        return self.counts[ItemState.ORDERED]

    @property
    def total(self) -> int:
        """What is to be made, and what was."""
        return sum(self.counts.values()) - self.left_out

    @property
    def left_out(self) -> int:
        """Objects that nothing was ordered for."""
        return sum(count for _why, count in self.reasons)

    @property
    def ended(self) -> int:
        return self.total - self.waiting - self.in_work

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was ordered yet."""
        return self.run.state == BulkState.DRAFT

    @property
    def headline(self) -> str:
        return str(HEADLINES[self.run.state])

    @property
    def tone(self) -> str:
        return TONES.get(BulkState(self.run.state), "")

    @cached_property
    def note(self) -> str:
        if self.run.is_working and self.waiting and bulk.is_waiting():
            return _("New orders wait at the moment. It goes on by itself as soon as they are sent again.")
        return _(self.run.note) if self.run.note and self.run.state == BulkState.PAUSED else ""

    @property
    def told(self) -> str:
        """How far it is, in a sentence."""
        words = {"count": self.counts[ItemState.FILLED], "total": self.total}
        text = ngettext(
            "%(count)s of %(total)s is in place.", "%(count)s of %(total)s are in place.", words["count"]
        )
        return text % words

    @property
    def next(self) -> int:
        """Milliseconds to the next look; 0 where nothing changes by itself."""
        return SOON if self.run.is_working else LATER if self.in_work else 0

    @property
    def tallies(self) -> list[dict[str, Any]]:
        """How many objects stand how, each with the list of them."""
        return [
            {"state": state, "label": ItemState(state).label, "count": count}
            for state, count in self.counts.items()
            if count
        ]

    # -- What it would make

    @property
    def is_planned(self) -> bool:
        """Whether its words may be changed by this person now: nothing of it is in work."""
        states = (BulkState.DRAFT, BulkState.SAMPLED, BulkState.PAUSED)
        return self.is_owner and self.run.state in states and not self.in_work and self.model is not None

    @property
    def of_sample(self) -> int:
        return min(bulk.SAMPLE, self.waiting)

    @property
    def failed(self) -> int:
        return self.counts[ItemState.FAILED]

    @property
    def price_of_failed(self) -> str:
        """At most: what has a picture by now, or gets one, is left out."""
        return self._price(self.failed)

    @property
    def price_of_sample(self) -> str:
        return self._price(self.of_sample)

    @property
    def price_of_rest(self) -> str:
        return self._price(self.waiting)

    def _price(self, count: int) -> str:
        return money(orders.estimate(count)) if self.costs else ""

    @property
    def time(self) -> str:
        """About how long all of it takes: as many at once as a run has in work."""
        seconds = timing.usual(1, *plans.size_of(self.run))
        if seconds is None:
            return _("Not known yet: no picture like these was made here.")
        rounds = -(-self.waiting // bulk.WINDOW)
        return _("about %(time)s") % {"time": timing.duration(seconds * max(rounds, 1))}

    @property
    def written_out(self) -> list[dict[str, str]]:
        """The first prompts as they would be sent."""
        if not self.shows_objects:
            return []
        items = list(self.run.items.filter(state=ItemState.WAITING).order_by("position", "pk")[:WRITTEN_OUT])
        objects = plans.objects_of(self.run, [item.object_id for item in items])
        lines = plans.added(self.run)
        return [
            {"object": str(obj), "prompt": prompts.with_lines(plans.prompt_for(self.run, obj), lines)}
            for item in items
            if (obj := objects.get(item.object_id)) is not None
        ]

    @property
    def money(self) -> dict[str, Any]:
        """What is left of the tightest budget, and whether all that waits has room in it."""
        period = budget.tightest(self.run.user) if self.run.user is not None else None
        price = orders.estimate()
        if period is None or not price:
            return {}
        fits = max(0, int(period.left // price))
        room = budget.room(period, self.user, price)
        if fits >= self.waiting:
            return {"room": room}
        text = ngettext(
            "A budget has room for %(fits)s of %(count)s picture. The run pauses there.",
            "A budget has room for %(fits)s of %(count)s pictures. The run pauses there.",
            self.waiting,
        )
        return {"room": room, "over": text % {"fits": fits, "count": self.waiting}}

    # -- What this person may do

    @property
    def can(self) -> dict[str, bool]:
        state, steps = self.run.state, self.is_owner and self.model is not None
        ends = self.is_owner or may_decide(self.user)
        planned = self.waiting > 0 and not self.in_work
        return {
            "sample": steps and state in (BulkState.DRAFT, BulkState.SAMPLED) and planned,
            "rest": steps and state == BulkState.SAMPLED and planned,
            "resume": steps and state == BulkState.PAUSED,
            "again": steps and not self.run.is_working and self.failed > 0,
            "pause": ends and self.run.is_working,
            "cancel": ends and not self.run.is_final,
        }

    # -- The objects

    @property
    def sample(self) -> list[dict[str, Any]]:
        """The pictures that are to be looked at before it goes on."""
        if self.run.state not in (BulkState.SAMPLE, BulkState.SAMPLED):
            return []
        items = self.run.items.filter(generation__isnull=False).order_by("-position", "-pk")
        return self._lines(reversed(items.select_related("generation", "slot__image")[: bulk.SAMPLE]), 240)

    @cached_property
    def listed(self) -> Any:
        """One page of its objects."""
        items = self.run.items.select_related("generation", "slot__image").order_by("position", "pk")
        if self.show:
            items = items.filter(state=self.show)
        paginator = Paginator(items, LISTED)
        # It is known already.
        paginator.count = self.counts[self.show] if self.show else sum(self.counts.values())
        page: Any = paginator.get_page(self.number)
        page.object_list = self._lines(page.object_list, 64)
        return page

    @property
    def query(self) -> str:
        """What the list shows, for the address that the live part is fetched from."""
        return f"show={self.show}&page={self.listed.number}"

    def _lines(self, items: Iterable[BulkItem], size: int) -> list[dict[str, Any]]:
        rows = list(items)
        keys = [item.object_id for item in rows]
        objects = plans.objects_of(self.run, keys) if self.shows_objects else {}
        return [self._line(item, objects.get(item.object_id), size) for item in rows]

    def _line(self, item: BulkItem, obj: Any, size: int) -> dict[str, Any]:
        image = item.slot.image if item.slot is not None else None
        return {
            "item": item,
            "name": str(obj) if obj is not None else str(item),
            "link": self._link(item) if obj is not None else "",
            "state": ItemState(item.state).label,
            "why": _why(item),
            "image": preview(image, size) if image is not None else "",
            "prompt": str(item.generation) if item.generation is not None else "",
            "order": self._order(item),
        }

    def _link(self, item: BulkItem) -> str:
        options: Any = self.model and self.model._meta
        return self._reverse(f"{options.app_label}_{options.model_name}_change", quote(item.object_id))

    def _order(self, item: BulkItem) -> str:
        if item.generation_id is None:
            return ""
        return self._reverse("seedream_django_generation_change", item.generation_id)

    def _reverse(self, name: str, key: Any) -> str:
        try:
            return reverse(f"{self.site}:{name}", args=[key])
        except NoReverseMatch:
            return ""


def _count(run: BulkRun) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """How many objects stand how, and how many of them nothing was ordered for, by the reason."""
    counts = {str(state): 0 for state in ItemState}
    for state, count in run.items.values_list("state").annotate(Count("pk")).order_by():
        counts[state] = count
    left_out = run.items.filter(state=ItemState.SKIPPED, generation=None)
    reasons = left_out.values_list("note").annotate(count=Count("pk")).order_by("-count", "note")
    return counts, [(_(note) if note else "", count) for note, count in reasons[:20]]


def _why(item: BulkItem) -> str:
    if item.state == ItemState.FAILED and item.generation is not None and item.generation.error_kind:
        return troubles.reason(item.generation)
    return troubles.told(_(item.note)) if item.note else ""


def _may_see(user: Any, model: Any) -> bool:
    label, name = model._meta.app_label, model._meta.model_name
    return any(user.has_perm(f"{label}.{action}_{name}") for action in ("view", "change"))
