"""Prompts taken away, when their time is over or on request: from orders, titles, the ledger and the admin's log.

Amounts, who and when stay, and so do pictures, their alternative texts and the titles that somebody wrote. What is
still in work keeps its prompt until it has ended, and what is lost until somebody decided about it. Everything goes in
batches, so that memory stays flat, and may be done again after it was interrupted.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from . import prompts
from .models import (
    FINAL,
    BulkRun,
    BulkState,
    GeneratedImage,
    Generation,
    GenerationQuerySet,
    ImageState,
    LedgerEntry,
    Reference,
    ReferenceFile,
    State,
)

#: Rows that are looked at, and changed, at a time.
BATCH = 500
#: What the admin's log has in the place of a prompt. In English, as it is stored and shown without translation.
IN_LOG = "(redacted)"


@dataclass(frozen=True)
class Whose:
    """Which prompts; all that is given must fit.

    ``before``: of orders older than that. ``orders``: of these. ``user``: of this person's. ``who``: of the orders
    of an account that is gone, by the name that the ledger keeps.
    """

    before: datetime.datetime | None = None
    orders: Collection[uuid.UUID] | None = None
    user: Any = None
    who: str = ""

    def rows(self) -> GenerationQuerySet:
        rows = Generation.objects.all()
        if self.before is not None:
            rows = rows.filter(created_at__lt=self.before)
        if self.orders is not None:
            rows = rows.filter(pk__in=self.orders)
        if self.user is not None:
            rows = rows.filter(user=self.user)
        if self.who:
            named = LedgerEntry.objects.filter(user=None, who=self.who)
            rows = rows.filter(user=None, pk__in=named.values("generation_id"))
        return rows

    def entries(self) -> models.QuerySet[LedgerEntry]:
        """The ledger's, whether or not their order is still there."""
        entries = LedgerEntry.objects.all()
        if self.before is not None:
            entries = entries.filter(at__lt=self.before)
        if self.orders is not None:
            entries = entries.filter(generation_id__in=self.orders)
        if self.user is not None:
            entries = entries.filter(user=self.user)
        return entries.filter(user=None, who=self.who) if self.who else entries

    def runs(self) -> models.QuerySet[BulkRun]:
        """Those for many objects that are over and keep their prompt; of single orders they tell nothing."""
        runs = BulkRun.objects.filter(state__in=(BulkState.DONE, BulkState.CANCELLED)).exclude(prompt="")
        if self.before is not None:
            runs = runs.filter(created_at__lt=self.before)
        if self.user is not None:
            runs = runs.filter(user=self.user)
        return runs.none() if self.orders is not None or self.who else runs


@dataclass
class Redacted:
    """How many were touched, or would be; ``left`` orders are still in work, ``undecided`` ones are lost."""

    orders: int = 0
    titles: int = 0
    entries: int = 0
    log: int = 0
    runs: int = 0
    left: int = 0
    undecided: int = 0


def redact(whose: Whose, *, dry_run: bool = False) -> Redacted:
    """Take the prompts away, or only count what would be touched."""
    done = Redacted()
    ended = _ended(whose.rows())
    whole = whose.rows().filter(redacted_at=None)
    done.undecided = whole.undecided().count()
    done.left = whole.exclude(pk__in=ended.values("pk")).count() - done.undecided
    for keys in _batches(ended.filter(redacted_at=None)):
        with transaction.atomic():
            _redact_orders(keys, done, dry_run)
    for keys in _batches(_left_over(whose.entries())):
        done.entries += _redact_entries(LedgerEntry.objects.filter(pk__in=keys), dry_run)
    done.runs = whose.runs().count() if dry_run else whose.runs().update(prompt="")
    if apps.is_installed("django.contrib.admin"):
        _redact_log(whose, done, dry_run)
    return done


def _ended(rows: GenerationQuerySet) -> GenerationQuerySet:
    """Those that nobody works on or decides about: over, and with no picture that is still to be saved."""
    open_ones = GeneratedImage.objects.filter(generation=OuterRef("pk"), state=ImageState.RECEIVED)
    return rows.filter(~Exists(open_ones), state__in=FINAL).exclude(pk__in=_undecided().values("pk"))


def _undecided() -> GenerationQuerySet:
    """Lost, and perhaps still sent again by an owner, for which the prompt is needed."""
    return Generation.objects.all().undecided()


def _batches(rows: models.QuerySet[Any]) -> Iterator[list[Any]]:
    """The keys of rows, some at a time; whether those before were changed meanwhile makes no difference."""
    keys: list[Any] = []
    while True:
        rest = rows.filter(pk__gt=keys[-1]) if keys else rows
        keys = list(rest.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not keys:
            return
        yield keys


# -- Orders, their titles and their money --------------------------------------------------------------------


def _redact_orders(keys: list[Any], done: Redacted, dry_run: bool) -> None:
    images = GeneratedImage.objects.filter(pk__in=_with_derived_title(keys))
    entries = LedgerEntry.objects.filter(generation_id__in=keys)
    if dry_run:
        done.orders += len(keys)
        done.titles += images.count()
        done.entries += _redact_entries(entries, dry_run)
        return
    done.titles += images.update(title="")
    done.titles += _redact_imported(keys)
    done.entries += _redact_entries(entries, dry_run)
    # The digest, too: of a short prompt it could be guessed. ``once`` stays, so that nothing is paid twice.
    blank = dict.fromkeys(("prompt", "prompt_sent", "added", "error_message", "digest"), "")
    _redact_references(keys)
    rows = Generation.objects.filter(pk__in=keys, redacted_at=None)
    with transaction.atomic():
        done.orders += rows.update(**blank, redacted_at=timezone.now())
        _redact_refusals(keys)


def _redact_imported(keys: list[Any]) -> int:
    """What files from elsewhere said of themselves; return how many titles went with it, which nobody wrote."""
    images = GeneratedImage.objects.filter(generation__in=keys, generation__state=State.IMPORTED)
    rows = images.values_list("pk", "title", "found")
    theirs = {pk: bool(title) and found.get("proposed") == title for pk, title, found in rows}
    if not theirs:
        return 0
    GeneratedImage.objects.filter(pk__in=theirs).update(found={"redacted": True})
    return GeneratedImage.objects.filter(pk__in=[pk for pk, goes in theirs.items() if goes]).update(title="")


def _redact_refusals(keys: list[Any]) -> None:
    """The provider's words about tasks that it did not take may quote the prompt as well."""
    rows = Generation.objects.filter(pk__in=keys)
    for pk, refused in rows.values_list("pk", "refused"):
        if refused:
            rows.filter(pk=pk).update(refused={task: [*words[:2], ""] for task, words in refused.items()})


def _redact_references(keys: list[Any]) -> None:
    """What they were made from: names, addresses and files go, the files a day later and unless another has them."""
    rows = Reference.objects.filter(generation_id__in=keys)
    ReferenceFile.objects.filter(references__in=rows).touch()
    rows.update(**dict.fromkeys(("label", "url", "place", "name", "sha256"), ""), file=None, media_uuid=None)
    # Other orders were made from their pictures, and call these by their titles, also where they are deleted.
    titles = {title for derived in _derived_titles(keys).values() for title in derived}
    called = Reference.objects.filter(label__in=titles, file=None, place="", url="", media_uuid=None)
    called.update(label="")


def _derived_titles(keys: list[Any]) -> dict[Any, set[str]]:
    texts = Generation.objects.filter(pk__in=keys).values_list("pk", "prompt", "prompt_sent")
    # As every picture is given it, and as long as the column.
    return {
        pk: {f(text) for text in both for f in (prompts.title, _whole_title)} - {""} for pk, *both in texts
    }


def _whole_title(prompt: str) -> str:
    return prompts.title(prompt, 200)


def _with_derived_title(keys: list[Any]) -> list[int]:
    """Pictures whose title is the beginning of their prompt; what somebody wrote is theirs."""
    derived = _derived_titles(keys)
    titles = GeneratedImage.objects.filter(generation__in=keys).exclude(title="")
    named = titles.values_list("pk", "generation_id", "title")
    return [pk for pk, generation, title in named if _is_derived(title, derived[generation])]


def _is_derived(title: str, beginnings: set[str]) -> bool:
    """Whether it is proposed: the beginning of a prompt, or that after the title of what the picture is for."""
    return title in beginnings or any(
        each.startswith(tail[:-1]) if tail.endswith("…") and len(tail) > 1 else each == tail
        for tail in _tails(title)
        for each in beginnings
    )


def _tails(title: str) -> Iterator[str]:
    """What stands after each of its colons, as ``describing`` puts one."""
    parts = title.split(":")
    return (":".join(parts[number:]).strip() for number in range(1, len(parts)))


def _redact_entries(entries: models.QuerySet[LedgerEntry], dry_run: bool) -> int:
    with_prompt = entries.exclude(prompt="")
    return with_prompt.count() if dry_run else LedgerEntry.redact(with_prompt)


def _left_over(entries: models.QuerySet[LedgerEntry]) -> models.QuerySet[LedgerEntry]:
    """Those whose order is gone, or redacted already."""
    with_prompt = Generation.objects.filter(pk=OuterRef("generation_id"), redacted_at=None)
    return entries.exclude(prompt="").filter(~Exists(with_prompt))


# -- The admin's log -----------------------------------------------------------------------------------------


def _redact_log(whose: Whose, done: Redacted, dry_run: bool) -> None:
    """Go through what the log has of orders and pictures, which it names by their prompts and titles."""
    from django.contrib.admin.models import LogEntry

    kinds = ContentType.objects.get_for_models(Generation, GeneratedImage)
    log = LogEntry.objects.filter(content_type__in=kinds.values()).exclude(object_repr=IN_LOG)
    for keys in _batches(log):
        page = list(LogEntry.objects.filter(pk__in=keys))
        orders = [entry for entry in page if entry.content_type_id == kinds[Generation].pk]
        images = [entry for entry in page if entry.content_type_id == kinds[GeneratedImage].pk]
        chosen = [*_of_orders(whose, orders), *_of_images(whose, images)]
        done.log += len(chosen)
        if not dry_run:
            for entry in chosen:
                entry.change_message = _without_words(entry)
                entry.object_repr = IN_LOG
            LogEntry.objects.bulk_update(chosen, ["object_repr", "change_message"])


def _of_orders(whose: Whose, log: list[Any]) -> Iterator[Any]:
    keys = {entry.pk: _uuid(entry.object_id) for entry in log}
    wanted = [key for key in keys.values() if key is not None]
    there = set(Generation.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    ended = set(_ended(whose.rows()).filter(pk__in=wanted).values_list("pk", flat=True))
    paid = set(whose.entries().filter(generation_id__in=wanted).values_list("generation_id", flat=True))
    for entry in log:
        key = keys[entry.pk]
        if key in ended or (key not in there and _fits_gone(whose, entry, key in paid)):
            yield entry


def _of_images(whose: Whose, log: list[Any]) -> Iterator[Any]:
    texts = [str(entry.object_id) for entry in log]
    wanted = [int(text) for text in texts if text.isdecimal() and len(text) < 19]
    rows = GeneratedImage.objects.filter(pk__in=wanted)
    images = {str(image.pk): image for image in rows.only("generation_id", "title")}
    ended = _ended(whose.rows()).filter(pk__in={image.generation_id for image in images.values()})
    chosen = list(ended.values_list("pk", flat=True))
    derived = set(_with_derived_title(chosen))
    for entry in log:
        image = images.get(str(entry.object_id))
        if image is None:
            fits = _fits_gone(whose, entry, paid=False)
        else:
            # A title that somebody wrote stays here as it stays there.
            own = image.pk not in derived and image.title == entry.object_repr
            fits = image.generation_id in chosen and not own
        if fits:
            yield entry


def _fits_gone(whose: Whose, entry: Any, paid: bool) -> bool:
    """Whether to redact what the log says of a row that is gone: by its time, by the ledger, by who did it."""
    if whose.before is not None and entry.action_time >= whose.before:
        return False
    if whose.orders is not None and _uuid(entry.object_id) not in whose.orders:
        return False
    theirs = whose.user is not None and entry.user_id == whose.user.pk
    return paid or theirs or (whose.user is None and not whose.who)


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _without_words(entry: Any) -> str:
    """The log's message without what it quotes; what was done stays."""
    message = str(entry.change_message)
    try:
        steps = json.loads(message)
    except ValueError:
        quoted = entry.object_repr.rstrip("…")
        return "" if quoted and quoted in message else message
    return json.dumps(list(_steps_without_words(steps))) if isinstance(steps, list) else message


def _steps_without_words(steps: Iterable[Any]) -> Iterator[Any]:
    for step in steps:
        parts = step.items() if isinstance(step, dict) else ()
        yield {
            verb: {**what, "object": IN_LOG} if isinstance(what, dict) and "object" in what else what
            for verb, what in parts
        }
