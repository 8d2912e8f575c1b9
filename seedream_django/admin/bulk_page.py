"""What the page of a run for many objects says: what it would make, at what price, and how far it is."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import budget, bulk, conf, orders, plans, prompts, timing
from ..diagnosis import money
from ..exceptions import NoStorage, SwitchedOff
from ..held_back import CANDIDATES
from ..models import BulkRun, BulkState, ItemState
from ..people import may_decide, people_with, reviewers, reviewers_of
from . import bulk_rows
from .bulk_rows import HELD, STANDS

#: Objects on one page of the list.
LISTED = 50
#: Prompts that are written out before anything is ordered.
WRITTEN_OUT = 3
#: Milliseconds to the next look while it orders, and while only what was ordered comes.
SOON, LATER = 2000, 4000
#: Who switches generating on and off.
SWITCHES = "seedream_django.change_switch"

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
        self.counts, self.reasons = bulk_rows.count(run)
        self.rows = bulk_rows.Rows(run, user, self.model, self._reverse, named=self.shows_objects)
        self.show = show if show in STANDS else ""
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
        """Objects that nothing more comes for; a picture that waits for a decision may still be put in place."""
        coming = self.counts["review"] + self.counts["approved"]
        return self.total - self.waiting - self.in_work - coming

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was ordered yet."""
        return self.run.state == BulkState.DRAFT

    @property
    def headline(self) -> str:
        return str(HEADLINES[self.run.state])

    @property
    def tone(self) -> str:
        if self.run.state == BulkState.DONE and self.counts["review"]:
            return "warn"
        return TONES.get(BulkState(self.run.state), "")

    @cached_property
    def note(self) -> str:
        """Why nothing more is ordered, and what has to happen first."""
        if self.run.is_working:
            if not self.waiting or not bulk.is_waiting():
                return ""
            return _("New orders wait at the moment. It goes on by itself as soon as they are sent again.")
        if self.stop is not None:
            said = (*self._stopped(self.stop), self._resumes(_("Then press “Resume”.")))
            return " ".join(filter(None, said))
        if self.run.state != BulkState.PAUSED or not self.run.note:
            return ""
        if self.run.note in (bulk.SWITCHED_OFF, bulk.NO_STORAGE):
            return self._resumes(_("What stopped it is over: press “Resume”."))
        return f"{_(self.run.note)} {self._resumes('')}".strip()

    @cached_property
    def stop(self) -> SwitchedOff | None:
        """What nobody can order anything for at the moment, where something is left to be ordered, or None."""
        wanted = self.waiting > 0 or self.run.state == BulkState.PAUSED
        if not (self.can["again"] or (wanted and not self.run.is_final)):
            return None
        try:
            orders.check_allowed(None)
        except SwitchedOff as error:
            return error
        return None

    @property
    def switch(self) -> str:
        """Where this person switches generating on again, or blank."""
        if self.stop is None or isinstance(self.stop, NoStorage) or not self._may_switch:
            return ""
        try:
            return reverse(f"{self.site}:seedream_django_switch_changelist")
        except NoReverseMatch:
            return ""

    @property
    def _may_switch(self) -> bool:
        return bool(self.user.has_perm(SWITCHES))

    def _stopped(self, stop: SwitchedOff) -> tuple[str, str]:
        """What it is, and who ends it and where: a person without the right to is told whom to ask."""
        why = str(stop)
        # The reason was typed by hand, and a sentence follows it.
        why += "" if why[-1] in ".!?…。" else "."
        if isinstance(stop, NoStorage):
            # It says whom to tell.
            return why, ""
        if self._may_switch:
            return why, _("“Off switch” in the admin switches it on again.")
        return why, _("These people can switch it on again: %(people)s.") % {"people": people_with(SWITCHES)}

    def _resumes(self, words: str) -> str:
        """What is said of “Resume” to whoever has that button, and of whom has it to all others."""
        if self.run.state != BulkState.PAUSED or self.run.user is None or self.run.note == bulk.NO_RIGHT:
            return ""
        if self.can["resume"]:
            return words
        if self.model is None:
            return ""
        name = self.run.user.get_full_name() or self.run.user.get_username()
        return _("Whoever began it can resume it: %(name)s.") % {"name": name}

    @property
    def told(self) -> str:
        """How far it is, in sentences."""
        words = {"count": self.counts[ItemState.FILLED], "total": self.total}
        text = ngettext(
            "%(count)s of %(total)s is in place.", "%(count)s of %(total)s are in place.", words["count"]
        )
        # What waits comes last: what is to be done about it follows.
        found = [(decision, self.counts[key]) for key, decision in reversed(HELD.items()) if self.counts[key]]
        held = [str(CANDIDATES[decision] % count) for decision, count in found]
        return " ".join([text % words, *held])

    @cached_property
    def decision(self) -> str:
        """What has to be done about the pictures that wait for a decision, or who does it."""
        if not (count := self.counts["review"]):
            return ""
        if self.rows.decides:
            return ngettext(
                "Look at it and decide: it is put in place once you approve it.",
                "Look at them and decide: each is put in place once you approve it.",
                count,
            )
        text = ngettext(
            "It is put in place once it is approved. These people decide: %(people)s.",
            "Each is put in place once it is approved. These people decide: %(people)s.",
            count,
        )
        return text % {"people": reviewers_of(self.run, reviewers())}

    @property
    def next(self) -> int:
        """Milliseconds to the next look; 0 where nothing changes by itself."""
        return SOON if self.run.is_working else LATER if self.in_work or self.counts["approved"] else 0

    @property
    def tallies(self) -> list[dict[str, Any]]:
        """How many objects stand how, each with the list of them."""
        return [
            {"state": state, "label": bulk_rows.label_of(state, self.run), "count": count}
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
        return _("about %(time)s") % {"time": timing.duration(seconds * rounds)}

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
    def placing(self) -> str:
        """When its pictures are put in place: before anybody looked at them, unless somebody approves them here."""
        if conf.REVIEW:
            return _("Each picture waits for review, and is put in place once it is approved.")
        said = _(
            "Each picture is put in place as soon as it is there, a sample's as well: nobody looks at it before."
        )
        if conf.holds_back():
            said += " " + _("One that the safety check flags is put in place once somebody approves it.")
        return said

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

    # -- What it cost

    @cached_property
    def spent(self) -> dict[str, Any]:
        """What the ledger says of the orders of a run that is over, for those who may see it."""
        # While it looks again by itself, something is still to come.
        if not (self.costs and self.run.is_final) or self.next:
            return {}
        sums = bulk_rows.balance(self.run)
        shown = {name: money(amount) for name, amount in sums.items() if amount or name == "spent"}
        return {**shown, "is_part": bulk_rows.has_deleted(self.run)}

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
        items = bulk_rows.standing(items).select_related("generation", "slot__image")
        return self.rows.of(reversed(items[: bulk.SAMPLE]), 240)

    @cached_property
    def listed(self) -> Any:
        """One page of its objects."""
        items = bulk_rows.narrowed(self.run.items.order_by("position", "pk"), self.show)
        items = items.select_related("generation", "slot__image")
        paginator = Paginator(items, LISTED)
        # It is known already.
        paginator.count = self.counts[self.show] if self.show else sum(self.counts.values())
        page: Any = paginator.get_page(self.number)
        page.object_list = self.rows.of(page.object_list, 64)
        return page

    @property
    def query(self) -> str:
        """What the list shows, for the address that the live part is fetched from."""
        return f"show={self.show}&page={self.listed.number}"

    def _reverse(self, name: str, key: Any) -> str:
        try:
            return reverse(f"{self.site}:{name}", args=[key])
        except NoReverseMatch:
            return ""


def _may_see(user: Any, model: Any) -> bool:
    label, name = model._meta.app_label, model._meta.model_name
    return any(user.has_perm(f"{label}.{action}_{name}") for action in ("view", "change"))
