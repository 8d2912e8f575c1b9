"""Carrying out a run for many objects, one bounded step after another.

An object is claimed, ordered, and looked after until its picture is in its field. Between any two of these a worker
may die: the claim keeps what is ordered, so that whoever comes next orders exactly the same, which is the same row.
A run holds no more than a window of unfinished orders, so that a pause means something and others are served as well.
"""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from . import conf, orders, places, plans, prompts, slots, troubles
from .exceptions import InvalidOrder, NoStorage, NotAllowed, OverBudget, SwitchedOff
from .models import (
    WORKING,
    BulkItem,
    BulkRun,
    BulkState,
    Circuit,
    Generation,
    ImageState,
    ItemState,
    Slot,
    State,
    after,
)

logger = logging.getLogger(__name__)

#: How its orders came in, and what they begin their nonce with.
DOOR = "bulk"
#: Orders after which it asks whether to go on.
SAMPLE = 3
#: Unfinished orders of one run.
WINDOW = 8
#: Objects that one step looks at.
BATCH = 50
#: Seconds to the next look while its orders are in work; their ends wake it sooner.
LOOK = 5.0
#: Seconds after which a run that nobody started is removed.
DRAFTS_LAST = 7 * 24 * 60 * 60

#: Why a run paused by itself, and what to do; kept in English, and told in the reader's language.
NO_RIGHT = gettext_noop(
    "Whoever started this is no longer active, or may not do it any more. Another person has to begin a new one."
)
SWITCHED_OFF = gettext_noop("Generating is switched off.")
NO_STORAGE = gettext_noop(
    "Pictures cannot be kept at the moment. Tell an administrator: “manage.py check” says why."
)
OVER_BUDGET = gettext_noop(
    "A budget has no room for the next picture. Have it raised, or wait for its next period, and press “Resume”."
)
NO_FIELD = gettext_noop("The site does not have this field any more.")
BROKEN = gettext_noop(
    "Something went wrong on the site. An administrator finds it in the log; “Resume” tries once more."
)
#: Why one object has no picture.
HELD_BACK = gettext_noop(
    "The safety check flagged its picture: it is put in place once somebody approves it."
)
CANDIDATE = gettext_noop("Its picture waits for approval: it is put in place once somebody approves it.")
CANCELLED = gettext_noop("Its order was cancelled.")
DELETED = gettext_noop("Its order was deleted.")
LOST = gettext_noop("Its order was lost: an owner decides about it.")
NOT_PLACED = gettext_noop("Its picture is there, and could not be put in place.")

#: By what an order was refused with: nothing else can be ordered either.
WHY: dict[type[Exception], str] = {
    OverBudget: OVER_BUDGET,
    SwitchedOff: SWITCHED_OFF,
    NoStorage: NO_STORAGE,
    NotAllowed: NO_RIGHT,
}


# -- What a person decides -----------------------------------------------------------------------------------


def make_sample(run: BulkRun) -> bool:
    """Begin with a few, and then ask."""
    return _go(run, BulkState.SAMPLE, aim=begun(run) + SAMPLE)


def make_rest(run: BulkRun) -> bool:
    return _go(run, BulkState.RUNNING, aim=None)


def pause(run: BulkRun, note: str = "") -> bool:
    """Order nothing more for now; what is ordered comes."""
    return run.step(BulkState.PAUSED, note=note)


def resume(run: BulkRun) -> bool:
    """Go on where it paused: with the sample, or with all."""
    return _go(run, BulkState.RUNNING if run.aim is None else BulkState.SAMPLE)


def cancel(run: BulkRun) -> bool:
    """End it, and stop for nothing what was not sent yet; what was sent comes, and is put in place."""
    if not run.step(BulkState.CANCELLED, note=""):
        return False
    for item in run.items.filter(state=ItemState.ORDERED).select_related("generation"):
        _stop(item.generation)
    return True


def begun(run: BulkRun) -> int:
    """Objects that something was ordered for."""
    ended_badly = Q(state=ItemState.SKIPPED, generation__isnull=False)
    states = (ItemState.ORDERED, ItemState.FILLED, ItemState.FAILED)
    return run.items.filter(Q(state__in=states) | ended_badly).count()


def why_stopped(run: BulkRun) -> str:
    """Why nothing is ordered for it until a person has done something, or blank."""
    model = plans.model_of(run)
    if model is None:
        return NO_FIELD
    if not may_run(run.user) or not slots.may_change(run.user, model):
        return NO_RIGHT
    try:
        orders.check_allowed(run.user)
    except (NotAllowed, SwitchedOff) as error:
        return WHY[type(error)]
    return ""


def is_waiting() -> bool:
    """Whether the provider or the storage is away: that ends by itself, and so does the wait."""
    return Circuit.objects.open().exists()


def may_run(user: Any) -> bool:
    """Whether this person may order for many objects at once."""
    rights = ("seedream_django.bulk", "seedream_django.generate")
    return bool(user is not None and user.is_active and user.has_perms(rights))


def _go(run: BulkRun, to: BulkState, **changes: Any) -> bool:
    return run.step(to, note="", look_at=timezone.now(), **changes)


def _stop(generation: Generation | None) -> None:
    """Cancel an order that certainly costs nothing yet, and no other."""
    if generation is None or generation.state != State.QUEUED or generation.doubtful_since is not None:
        return
    if not orders.cancel(generation):
        # It was sent just now: then it is paid for, and nobody asked to hide it.
        Generation.objects.filter(pk=generation.pk).update(hidden=False)


# -- One step ------------------------------------------------------------------------------------------------


class _Interrupted(Exception):
    """Somebody paused or ended the run meanwhile, or another worker has it by now."""


def step(pk: Any, limit: int = WINDOW) -> float | None:
    """Look after what was ordered and order more, at most ``limit``; return the seconds to the next look, or None."""
    run = BulkRun.objects.due().select_related("user", "content_type").filter(pk=pk).first()
    if run is None or not run.take(conf.LEASE):
        return None
    delay: float | None = LOOK
    try:
        delay = _step(run, limit)
    except _Interrupted:
        pass
    except OperationalError:
        # The database is busy: the next look finds all as it is.
        raise
    except Exception:
        logger.exception("Bulk run %s cannot go on.", run.pk)
        if run.is_working:
            pause(run, BROKEN)
    finally:
        run.let_go(LOOK if delay is None else delay)
    return delay


def late(run: BulkRun | None = None) -> None:
    """Say of what was given up that it is in place after all: approved by somebody, or told late."""
    rows = BulkItem.objects.all() if run is None else run.items.all()
    given_up = rows.filter(state__in=(ItemState.SKIPPED, ItemState.FAILED), slot__settled_at__isnull=False)
    given_up.filter(slot__image__isnull=False).update(state=ItemState.FILLED, note="")


def clear() -> None:
    """Remove runs that nobody started; the sweep does."""
    old = BulkRun.objects.filter(state=BulkState.DRAFT, created_at__lt=after(-DRAFTS_LAST))
    for run in old.order_by("created_at")[:1]:
        run.delete()


def _step(run: BulkRun, limit: int) -> float | None:
    for item in _ordered(run):
        _look_after(run, item)
    late(run)
    if not run.is_working:
        return LOOK if _ordered(run).exists() else None
    if why := why_stopped(run):
        pause(run, why)
        return LOOK
    if not is_waiting() and _order_more(run, limit):
        return 0.0
    return _end(run)


def _ordered(run: BulkRun) -> QuerySet[BulkItem]:
    return run.items.filter(state=ItemState.ORDERED).select_related("generation", "slot")


def _order_more(run: BulkRun, limit: int) -> bool:
    """Order for the next objects, as far as there is room; tell whether there is room for more than were looked at."""
    room = min(limit, WINDOW - _ordered(run).count())
    if run.aim is not None:
        room = min(room, run.aim - begun(run))
    if room <= 0:
        return False
    items = list(run.items.filter(state=ItemState.WAITING).order_by("position", "pk")[:BATCH])
    judged = plans.judge(run, [item.object_id for item in items], may=plans.may_change(run.user))
    for item in items:
        if why := judged[item.object_id]:
            item.step(ItemState.SKIPPED, note=why)
        elif _claim(run, item) and _place(run, item):
            room -= 1
        if room <= 0:
            return False
    return len(items) == BATCH


def _end(run: BulkRun) -> float | None:
    """Take the last step where nothing is left to do."""
    if _ordered(run).exists():
        return LOOK
    if not run.items.filter(state=ItemState.WAITING).exists():
        run.step(BulkState.DONE)
    elif run.aim is not None and begun(run) >= run.aim:
        run.step(BulkState.SAMPLED)
    return None if run.state not in WORKING else LOOK


# -- One object ----------------------------------------------------------------------------------------------


def _claim(run: BulkRun, item: BulkItem) -> bool:
    """Make this object ours, of all runs and workers, with what is to be ordered for it; tell whether it is."""
    # The person as they are now: others were ordered since all were looked at together.
    run.refresh_from_db(fields=["user"])
    if why_stopped(run):
        # The next step says why.
        raise _Interrupted
    kind = plans.kind_of(run)
    key = next(iter(plans.keys_of_places(run, [item.object_id])), item.object_id)
    claim = f"{kind and kind.pk}:{key}:{run.field}"
    with transaction.atomic():
        # In one transaction: whoever paused it, or holds it by now, is obeyed.
        if not run.keep(conf.LEASE):
            raise _Interrupted
        try:
            with transaction.atomic():
                is_ours = item.step(ItemState.ORDERED, claim=claim)
        except IntegrityError:
            item.step(ItemState.SKIPPED, note=plans.BEING_MADE)
            return False
        return is_ours and _is_still_wanted(run, item)


def _is_still_wanted(run: BulkRun, item: BulkItem) -> bool:
    """Write down what is ordered for an object that is ours, as it is now; tell whether anything is to be made."""
    # Once more, now that no other run can make it: somebody else filled its field perhaps.
    busy = plans.being_made(run, [item.object_id])
    obj: Any = plans.objects_of(run, [item.object_id]).get(item.object_id)
    why = plans.why_not(run, obj, busy=bool(busy), may=plans.may_change(run.user))
    if why:
        item.step(ItemState.SKIPPED, note=why)
        return False
    made = {"digest": plans.digest_of(run, obj), "key": places.key_of(obj, run.field)}
    return item.change(order={**plans.order_for(run, obj), **made})


def _place(run: BulkRun, item: BulkItem) -> bool:
    """Order what the claim says, and tell whether it was taken. Done once more, it is the same order."""
    try:
        generation, slot = _take(run, item)
    except (OverBudget, SwitchedOff, NotAllowed) as error:
        item.step(ItemState.WAITING)
        pause(run, WHY[type(error)])
        raise _Interrupted from error
    except InvalidOrder as error:
        with translation.override(settings.LANGUAGE_CODE):
            item.step(ItemState.SKIPPED, note=orders.in_words(error)[:300])
        return False
    _note(run, item, generation, slot)
    return True


def _take(run: BulkRun, item: BulkItem) -> tuple[Generation, Slot]:
    order = dict(item.order)
    slot = Slot(
        content_type=plans.kind_of(run),
        object_id=order.pop("key", item.object_id),
        field=run.field,
        user=run.user,
        options=plans.options_of(run),
        text_digest=order.pop("digest", ""),
    )
    generation = orders.place(user=run.user, door=DOOR, slot=slot, nonce=_nonce(item), **order)
    return generation, slot


def _note(run: BulkRun, item: BulkItem, generation: Generation, slot: Slot | None) -> None:
    """Keep the order with its object."""
    # The prompt is on the order alone, which may have to forget it one day.
    noted = item.change(generation=generation, slot=slot, order={})
    given_up = not noted and not run.items.filter(generation=generation).exists()
    if given_up or BulkRun.objects.filter(pk=run.pk, state=BulkState.CANCELLED).exists():
        _stop(generation)


def _nonce(item: BulkItem) -> str:
    return f"{DOOR}:{item.pk}"


def _look_after(run: BulkRun, item: BulkItem) -> None:
    if item.generation is None and item.order:
        _recover(run, item)
    elif outcome := _outcome(item):
        item.step(outcome[0], note=outcome[1])


def _recover(run: BulkRun, item: BulkItem) -> None:
    """Go on with what a worker that died had claimed: it may have been ordered or not."""
    size = {name: item.order[name] for name in ("width", "height")}
    words = prompts.with_lines(item.order["prompt"], item.order["added"])
    taken = orders.taken({"prompt": words, **size}, nonce=_nonce(item), user=run.user)
    if taken is not None:
        _note(run, item, taken, taken.slots.order_by("pk").first())
    elif run.is_working and not why_stopped(run):
        _place(run, item)
    else:
        item.step(ItemState.WAITING)


def _outcome(item: BulkItem) -> tuple[ItemState, str] | None:
    """What became of what was ordered: its state and why; None while it may still be put in place by itself."""
    generation, slot = item.generation, item.slot
    if generation is None or slot is None:
        return ItemState.FAILED, DELETED
    if slot.settled_at is not None:
        return (ItemState.FILLED, "") if slot.image_id else (ItemState.SKIPPED, slot.note)
    if not generation.is_final:
        return None
    if generation.hidden or generation.state == State.CANCELLED:
        return ItemState.SKIPPED, CANCELLED
    if generation.state == State.LOST and not generation.stored:
        return ItemState.FAILED, LOST
    return _not_in_place(generation)


def _not_in_place(generation: Generation) -> tuple[ItemState, str] | None:
    """The same of an order that ended and has not filled its place."""
    images = list(generation.images.all())
    if any(image.state == ImageState.RECEIVED for image in images):
        return None
    stored = [image for image in images if image.is_stored]
    if not stored:
        with translation.override(settings.LANGUAGE_CODE):
            return ItemState.FAILED, troubles.reason(generation)[:300]
    if all(image.is_held_back for image in stored):
        return ItemState.SKIPPED, HELD_BACK if all(image.flagged for image in stored) else CANDIDATE
    given_up = generation.finished_at is not None and generation.finished_at < after(-conf.STORE_DEADLINE)
    return (ItemState.FAILED, NOT_PLACED) if given_up else None
