"""Taking an order: the only way in.

Every door (admin, field, command, tag, other apps) calls ``place``: it validates, makes the row, reserves its
price, and says ``generation_queued`` once the transaction is committed. It knows no network and no queue.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from . import (
    audit,
    budget,
    conf,
    diagnosis,
    moderation,
    parameters,
    prompts,
    references,
    signals,
    timing,
    turns,
)
from .drafts import (
    DELIVERY,
    KEYWORDS,
    clean,
    digest_of,
    estimate,
    in_words,
    read_size,
    task_for,
    words_of_style,
)
from .exceptions import InvalidOrder, NoStorage, NotAllowed, OrderedMeanwhile, SwitchedOff
from .models import (
    CODE,
    BudgetPeriod,
    GeneratedImage,
    GeneratedImageQuerySet,
    Generation,
    Reference,
    Replacement,
    Role,
    Slot,
    Switch,
    after,
    can_keep,
)

__all__ = [
    "DELIVERY",
    "KEYWORDS",
    "again",
    "cancel",
    "check_allowed",
    "clean",
    "digest_of",
    "estimate",
    "generate",
    "in_words",
    "open_like",
    "place",
    "read_size",
    "taken",
    "task_for",
    "unused_by_digest",
    "unused_like",
    "unused_of",
]

#: Times that an order is tried to be taken while the database is busy with others'.
TRIES = 8

#: Unused pictures are counted up to here.
MANY = 100


def generate(
    prompt: str,
    *,
    size: str | tuple[int, int] | None = None,
    style: str | None = None,
    user: Any = None,
    key: str | None = None,
    **values: Any,
) -> Generation:
    """Order pictures and return the row at once; a worker makes them.

    ``size`` is ``"2848x1600"`` or ``(2848, 1600)`` in pixels, instead of ``width`` and ``height``. ``style`` is the
    name of a Style, whose words follow the prompt. The other keywords are ``results`` (1 to 20), ``sequence`` (1 to
    15 pictures that belong together; fewer may come), ``output_format`` (``JPG``, ``PNG``, ``WEBP``),
    ``output_quality`` (20 to 99), ``optimize_prompt_mode`` (``standard``, ``fast``) and ``references`` (up to 14
    pictures that it is made from, in order, each alone or as a pair with its role; ``references.read`` says what they
    may be). And, of how this order is delivered, ``output_type``, ``delivery_method``, ``ttl``, ``webhook_url`` and
    ``upload_endpoint``, each instead of the setting of that name.

    With ``user`` that person's rights and budgets apply; without, the code orders for the site. The same ``key`` with
    the same order is the same row, and is paid once.

    The row's ``estimate`` is what it costs at most. It is reserved in each budget that applies.

    Raises InvalidOrder (its ``errors`` name the keywords), NotAllowed, OverBudget, SwitchedOff.
    """
    if size is not None:
        values.update(read_size(size))
    if style is not None:
        values["added"] = words_of_style(style)
    return place(prompt, user=user, nonce=key, **values)


def place(
    prompt: str,
    *,
    user: Any = None,
    door: str = "python",
    parent: Generation | None = None,
    slot: Slot | None = None,
    replacement: Replacement | None = None,
    nonce: str | None = None,
    sent: str | None = None,
    added: str = "",
    **values: Any,
) -> Generation:
    """Take one order. The same ``nonce`` with the same order by the same person is the same row.

    ``slot`` is an unsaved Slot that the picture is for, ``replacement`` an unsaved Replacement where it is for a frame
    of a sequence; ``sent`` what ``moderation.check`` said where it was asked already; ``added`` lines of the field and
    of a style, which follow the prompt and are kept apart from it. Raises what ``generate`` raises, before any row is
    made.
    """
    check_allowed(user)
    words = prompts.with_lines(prompt, added) if added else prompt
    order = clean({"prompt": words, **values}, user=user, code=door in CODE)
    prompt_sent = moderation.check(order, user=user) if sent is None else sent
    parent = parent or _edited(order)
    references.keep_all(order["references"], user=user)
    usual = timing.usual(order["results"] * order.get("sequence", 1), order["width"], order["height"])

    def take() -> Generation:
        periods = budget.periods_for(user)
        with transaction.atomic():
            columns = {"user": user, "door": door, "parent": parent, "prompt_sent": prompt_sent}
            columns |= {"usual": usual}
            columns |= {"prompt": prompts.clean(prompt), "added": prompts.clean(added)}
            generation, created = _insert(order, nonce=nonce, **columns)
            if slot is not None:
                _keep_slot(slot, generation)
            if created:
                _begin(generation, order["references"], replacement, periods)
        return generation

    return _patiently(take)


def again(
    generation: Generation,
    *,
    user: Any = None,
    door: str = "python",
    nonce: str | None = None,
    seen: int | None = None,
) -> Generation:
    """Order the same once more: a new row, a new task, paid anew. Slots still empty wait for the new one.

    With ``seen``, how many orders were made from it when this person looked, nothing is ordered where one came in
    between: raises OrderedMeanwhile.

    Raises what ``place`` raises; InvalidOrder, too, for words that the provider's safety check refused or that were
    redacted.
    """
    check_allowed(user)
    if reason := diagnosis.why_not_again(generation):
        raise InvalidOrder({"prompt": [reason]})
    asked = {k: v for k, v in parameters.read(generation.parameters).items() if k in KEYWORDS}
    asked["references"] = references.copies(generation.references.select_related("file", "image"), user=user)
    # Before the transaction: it is somebody else's code, and may ask somebody else.
    words = prompts.with_lines(generation.prompt, generation.added)
    sent = moderation.check({**asked, "prompt": words}, user=user)

    def take() -> Generation:
        with transaction.atomic():
            if seen is not None:
                _check_seen(generation, seen, _once(clean({"prompt": words, **asked}), nonce, user))
            kept: dict[str, Any] = {"parent": generation, "added": generation.added, **asked}
            # Like a slot that is still empty.
            open_ = Replacement.objects.open().filter(pk=generation.pk, generation__stored=0).first()
            kept["replacement"] = open_ and open_.anew()
            new = place(generation.prompt, user=user, door=door, nonce=nonce, sent=sent, **kept)
            # What was chosen is there: it does not wait for another.
            for slot in generation.slots.filter(settled_at__isnull=True, chosen__isnull=True):
                _keep_slot(slot.anew(), new)
        return new

    return _patiently(take)


def unused_like(
    prompt: str,
    *,
    size: str | tuple[int, int] | None = None,
    style: str | None = None,
    user: Any = None,
    **values: Any,
) -> GeneratedImageQuerySet:
    """Pictures of exactly this order that are in no place yet, the newest first: each can be taken for nothing.

    Takes what ``generate`` takes; how many pictures it asks for does not matter. With ``user`` those that this
    person may choose; without, all. Ordering itself never uses one in silence.
    """
    if size is not None:
        values.update(read_size(size))
    words = prompts.with_lines(prompt, words_of_style(style)) if style is not None else prompt
    order = clean({"prompt": words, **values}, user=user, code=True)
    images = GeneratedImage.objects.all() if user is None else GeneratedImage.objects.choosable_by(user)
    return images.filter(generation__digest=digest_of(order)).unused()


def open_like(order: dict[str, Any], *, user: Any = None) -> Generation | None:
    """Exactly this order that may still bring pictures: lost and undecided, else in work; the newest.

    With ``user`` one that this person may see; without, any. What was cancelled is nobody's to wait for.
    """
    rows = Generation.objects.all() if user is None else Generation.objects.visible_to(user)
    alike = rows.filter(digest=digest_of(clean(order, user=user)))
    return alike.undecided().first() or alike.unfinished().filter(hidden=False).first()


def unused_of(generations: Iterable[Generation], *, user: Any) -> int:
    """How many pictures of exactly these orders this person could take for nothing, counted up to ``MANY``."""
    # Of an order whose prompt was taken away nobody knows what was the same.
    digests = {generation.digest for generation in generations} - {""}
    images = GeneratedImage.objects.choosable_by(user).filter(generation__digest__in=digests)
    return images.unused()[:MANY].count() if digests else 0


def unused_by_digest(
    generations: Iterable[Generation], *, user: Any, besides: Q | None = None
) -> dict[str, int]:
    """The same of each, by what was ordered: one query for all. ``besides``: which pictures are not counted."""
    digests = {generation.digest for generation in generations} - {""}
    if not digests:
        return {}
    images = GeneratedImage.objects.choosable_by(user).filter(generation__digest__in=digests).unused()
    images = images.exclude(besides) if besides is not None else images
    counts = images.order_by().values_list("generation__digest").annotate(Count("pk"))
    return {digest: min(count, MANY) for digest, count in counts}


def taken(order: dict[str, Any], *, nonce: str, user: Any = None) -> Generation | None:
    """The row of this order under this nonce, if it was taken already."""
    return (
        Generation.objects.filter(once=_once(clean(order, user=user), nonce, user)).first() if nonce else None
    )


def cancel(generation: Generation, *, hide: bool = True) -> bool:
    """Stop an order that was not sent yet, and give its money back; tell whether it was stopped.

    What was sent is paid for: it is kept out of sight when it comes, or left as it is without ``hide``.
    """
    with transaction.atomic():
        stopped = generation.cancel(hide=hide)
        if stopped:
            budget.settle(generation)
    return stopped


def check_allowed(user: Any) -> None:
    """Raise NotAllowed, SwitchedOff or NoStorage. ``None`` is the site's own code, which may."""
    if user is not None and not (user.is_active and user.has_perm("seedream_django.generate")):
        raise NotAllowed(_("You may not generate pictures. Ask an administrator for the right to."))
    switch = Switch.current()
    if not switch.on:
        reason = switch.reason or _("no reason is given.")
        raise SwitchedOff(_("Generating is switched off: %(reason)s") % {"reason": reason})
    if not can_keep():
        raise NoStorage(
            _("Pictures cannot be kept at the moment. Tell an administrator: “manage.py check” says why.")
        )


def _insert(order: dict[str, Any], *, nonce: str | None, **columns: Any) -> tuple[Generation, bool]:
    task = task_for(order)
    results, sequence = order["results"], order.get("sequence", 1)
    values: dict[str, Any] = {
        **columns,
        "parameters": task,
        "digest": digest_of(order),
        "expected": results * sequence,
        "estimate": estimate(results, sequence),
        "deadline": after(conf.QUEUE_DEADLINE),
        "line": turns.line_of(columns["user"]),
    }
    if not nonce:
        return Generation.objects.create(**values), True
    return Generation.objects.get_or_create(defaults=values, once=_once(order, nonce, columns["user"]))


def _begin(
    generation: Generation,
    rows: list[Reference],
    replacement: Replacement | None,
    periods: list[BudgetPeriod],
) -> None:
    """What a new row begins with, and what a row that is found again has already: its price, above all."""
    _made_from(generation, rows)
    if replacement is not None:
        replacement.generation = generation
        replacement.save(force_insert=True)
    budget.reserve(generation, periods)
    audit.added(generation)
    transaction.on_commit(lambda: _tell(generation))


def _made_from(generation: Generation, rows: list[Reference]) -> None:
    for row in rows:
        # A copy: the order may be tried again, and its rows belong to nobody yet.
        row.pk, row.generation = None, generation
    Reference.objects.bulk_create(rows)


def _edited(order: dict[str, Any]) -> Generation | None:
    """The order whose picture this one changes."""
    images = (row.image for row in order["references"] if row.role == Role.EDIT)
    return next((image.generation for image in images if image is not None), None)


def _check_seen(generation: Generation, seen: int, once: str) -> None:
    """Raise OrderedMeanwhile where others were made from it since; a second click finds the row of the first."""
    # One at a time: two people's nonces are not the same, so nothing else stands between them.
    Generation.objects.select_for_update().get(pk=generation.pk)
    if generation.children.count() != seen and not generation.children.filter(once=once).exists():
        raise OrderedMeanwhile(
            _(
                "The same was ordered again meanwhile, so nothing was ordered now. See what comes of that first."
            )
        )


def _once(order: dict[str, Any], nonce: str | None, user: Any) -> str:
    text = f"{user and user.pk}|{nonce}|{digest_of(order)}|{order['results']}"
    return hashlib.sha256(text.encode()).hexdigest()


def _patiently(take: Callable[[], Generation]) -> Generation:
    """Try the whole once more when the database could not wait for another order; never inside somebody's own."""
    for attempt in range(TRIES):
        try:
            return take()
        except OperationalError:
            if attempt == TRIES - 1 or transaction.get_connection().in_atomic_block:
                raise
            time.sleep(random.uniform(0.02, 0.1) * (attempt + 1))
    raise AssertionError("Either it was taken or it was refused.")


def _keep_slot(slot: Slot, generation: Generation) -> None:
    spot: dict[str, Any] = {
        "content_type": slot.content_type,
        "object_id": slot.object_id,
        "field": slot.field,
        "user": slot.user,
    }
    wants = {name: getattr(slot, name) for name in Slot.WANTS}
    kept, _created = Slot.objects.get_or_create(generation=generation, **spot, defaults=wants)
    slot.pk, slot.generation = kept.pk, generation


def _tell(generation: Generation) -> None:
    # A receiver that fails must not make the order look refused: the row is taken, and the sweep finds it.
    signals.generation_queued.send_robust(sender=Generation, generation=generation)
