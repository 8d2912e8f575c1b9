"""What is told of orders while somebody looks: the context of their fragment, for one or for all on a page.

However many they are, the house is looked at once. The template of the first paint renders every later one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from . import conf, describing, orders, queue, timing
from .diagnosis import Diagnosis, diagnose, money, why_not_again
from .entry import order_page, status_page
from .models import GeneratedImage, Generation, ImageState, State
from .people import may_cancel, may_decide, may_review
from .standing import Standing

#: Milliseconds to the next look of a page, while something happens, while it only waits, and after the end.
FAST, SLOW, WATCHING = 1000, 4000, 30_000

#: Orders that one answer tells of.
MOST = 100

#: Where they are told of, as ``?in=`` says: beside a form's field, beside the form that orders, or on their own page.
FIELD, STUDIO = "field", "studio"

#: An order that this template is given in a page's address, and what is told of it: nothing where it is gone.
Told = tuple[str, dict[str, Any] | None]


def asked_for(request: HttpRequest, keys: Sequence[str]) -> list[Told]:
    """What is told of each of these orders, in their order; of those that are gone or somebody else's nothing."""
    wanted = {key: pk for key in dict.fromkeys(keys[:MOST]) if (pk := _key(key))}
    rows = Generation.objects.visible_to(request.user).filter(pk__in=set(wanted.values()))
    found = dict(contexts(request, list(rows.prefetch_related("images", describing.edits()))))
    return [(key, found.get(wanted.get(key))) for key in dict.fromkeys(keys[:MOST])]


def status_context(request: HttpRequest, generation: Generation) -> dict[str, Any]:
    """What the status template needs of one order."""
    ((_pk, context),) = contexts(request, [generation])
    return context


def contexts(
    request: HttpRequest, generations: Sequence[Generation], where: str = ""
) -> Iterable[tuple[Any, dict[str, Any]]]:
    """What the status template needs of each, by its key."""
    user: Any = request.user
    told = Teller(user, generations, where=where or request.GET.get("in", ""))
    return [(generation.pk, told.of(generation)) for generation in generations]


class Teller:
    """Tells one person of some orders."""

    def __init__(self, user: Any, generations: Sequence[Generation], *, where: str = "") -> None:
        self.user, self.where, self.in_place = user, where, where == FIELD
        self.standing = Standing(generations, user)
        self.sees_costs = user.has_perm("seedream_django.see_costs")
        self.decides = may_decide(user)
        self.may_open = any(
            user.has_perm(f"seedream_django.{verb}_generatedimage") for verb in ("view", "change")
        )
        self.immediate = queue.is_immediate()
        # One moment for the bar and for the seconds beside it.
        self.now = timezone.now()
        # Beside a form nothing is ordered again.
        ended = [] if where in (FIELD, STUDIO) else [row for row in generations if self._may_again(row)]
        # Besides those that are on this page.
        self.unused = orders.unused_by_digest(ended, user=user, besides=Q(generation__in=ended))

    def of(self, generation: Generation) -> dict[str, Any]:
        """What the template needs of one of them."""
        shown = places(generation) if not generation.hidden else []
        words_wanted = any(image is not None for image in shown)
        return {
            "generation": generation,
            "diagnosis": self._diagnosis(generation),
            "places": shown,
            "next": _next_look(generation),
            "layout": _layout(generation),
            "bar": timing.bar(generation, self.now),
            "time": timing.words(generation, self.now),
            "in_place": self.in_place,
            "in_studio": self.where == STUDIO,
            "proposal": describing.proposed_alt(generation) if words_wanted else "",
            "proposed_title": describing.proposed_title(generation) if words_wanted else "",
            "page": status_page(generation.pk),
            "order_page": "" if generation.redacted_at else order_page(f"from={generation.pk}"),
            "edit_page": "" if generation.hidden else order_page("edit="),
            "sandboxed": conf.sandboxed(),
            **self._rights(generation),
            **self._again(generation),
            **self._lost(generation),
        }

    def _diagnosis(self, generation: Generation) -> Diagnosis:
        return diagnose(
            generation,
            costs=self.sees_costs,
            decides=self.decides,
            immediate=self.immediate,
            standing=self.standing,
        )

    def _rights(self, generation: Generation) -> dict[str, Any]:
        mine = may_cancel(self.user, generation)
        return {
            "may_generate": self.user.has_perm("seedream_django.generate"),
            "may_review": may_review(self.user, generation),
            "may_open": self.may_open,
            "may_cancel": mine and not generation.is_final and not generation.hidden,
            "may_show": mine and generation.hidden and generation.received > 0,
            "cancel_label": _("Cancel")
            if generation.is_free
            else _("Cancel and hide; it is paid for already"),
        }

    def _may_again(self, generation: Generation) -> bool:
        return generation.is_final and not self.standing.is_open(generation)

    def _again(self, generation: Generation) -> dict[str, Any]:
        final = generation.is_final
        return {
            "may_again": self._may_again(generation),
            "unused": self.unused.get(generation.digest, 0) if final else 0,
            "may_change": final and (self.decides or not self.standing.is_open(generation)),
            "may_try_again": generation.state in (State.FAILED, State.CANCELLED, State.LOST),
            "why_not_again": why_not_again(generation) if final else "",
            "lead": _lead(generation),
            "again_price": money(orders.estimate(generation.expected)) if self.sees_costs else "",
            "again_count": self.standing.made_from(generation) if final else 0,
        }

    def _lost(self, generation: Generation) -> dict[str, Any]:
        if generation.state != State.LOST:
            return {"lost": None, "sent_again": []}
        lost = lost_context(generation, self.user, self.standing) if self.decides else None
        return {"lost": lost, "sent_again": self._sent_again(generation)}

    def _sent_again(self, generation: Generation) -> list[tuple[str, str]]:
        """The orders that a lost one was sent again as: where this person may see it, or blank, and how it stands."""
        return [
            (status_page(child.pk) if self.standing.sees(child) else "", child.summary())
            for child in self.standing.sent_again_as(generation)
        ]


def lost_context(generation: Generation, user: Any, standing: Standing) -> dict[str, Any] | None:
    """What an owner may decide about a lost order, with amounts for those who may see them; None for nothing."""
    if generation.state != State.LOST or generation.received + generation.failed >= generation.expected:
        return None
    costs = user.has_perm("seedream_django.see_costs")
    return {
        "open": standing.is_open(generation),
        "asked": generation.asked_at is not None,
        "reserved": money(standing.reserved_for(generation)) if costs else "",
        "price": money(orders.estimate(generation.expected)) if costs else "",
        "count": standing.made_from(generation),
    }


def places(generation: Generation) -> Sequence[GeneratedImage | None]:
    """A place for each picture, in order, so that nothing moves when one comes: the picture, or None until then."""
    images = generation.shown_images()
    missing = 0 if generation.is_final else generation.expected - generation.failed - len(images)
    if missing <= 0:
        return images
    by_position = {image.position: image for image in images}
    found = [by_position.get(position) for position in range(len(images) + missing)]
    # Where a failed one left a gap, a later position has no place here: then they stand in a row.
    fits = len(found) - found.count(None) == len(images)
    return found if fits else [*images, *[None] * missing]


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _layout(generation: Generation) -> str:
    """How broad the pictures are laid out: ``tall`` ones narrower, ``wide`` ones broader than the others."""
    ratio = generation.width / generation.height
    return "tall" if ratio < 0.8 else "wide" if ratio > 2 else ""


def _lead(generation: Generation) -> str:
    """Which of an ended order's buttons leads on: ``again``, ``change`` or, where that could cost twice, none."""
    if generation.hidden and generation.received:
        return ""
    if generation.state == State.LOST or generation.error_kind == "timeout":
        return ""
    return "change" if generation.error_kind in ("safety", "validation") else "again"


def _next_look(generation: Generation) -> int | None:
    if generation.is_final:
        return _next_look_after_the_end(generation)
    return SLOW if generation.state in (State.QUEUED, State.ASKING) and generation.error_kind else FAST


def _next_look_after_the_end(generation: Generation) -> int | None:
    """None once nothing more can come; while it is watched somebody who stays is told what does."""
    if any(image.state == ImageState.RECEIVED or image.is_moving for image in generation.images.all()):
        return FAST
    if generation.watch_until is None or generation.watch_until < timezone.now():
        return None
    waits_for_answer = generation.asked_at is not None and not generation.error_kind
    return SLOW if waits_for_answer and generation.state == State.LOST else WATCHING
