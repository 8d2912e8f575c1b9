"""Orders.

Models hold state and its legal steps; what concerns many rows is on the QuerySets. No network, no queue.
"""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from .. import conf, prompts, signals
from .money import LedgerEntry, MoneyField
from .states import FINAL, OPEN, STEPS, State
from .turns import Priority, Turn

if TYPE_CHECKING:
    from .images import GeneratedImage

#: What stands for a prompt that was taken away.
REDACTED = _("(redacted)")


def after(seconds: float) -> datetime.datetime:
    """The moment this many seconds from now."""
    return timezone.now() + datetime.timedelta(seconds=float(seconds))


class Asked(Protocol):
    """What asking about an order needs of it: its row, or a part of that."""

    @property
    def pk(self) -> Any: ...
    @property
    def tasks(self) -> list[str]: ...
    @property
    def refused(self) -> dict[str, list[str]]: ...
    @property
    def is_split(self) -> bool: ...
    @property
    def output_type(self) -> str | None: ...
    @property
    def task_uuids(self) -> list[uuid.UUID]: ...


class GenerationQuerySet(models.QuerySet["Generation"]):
    def unfinished(self) -> GenerationQuerySet:
        return self.exclude(state__in=FINAL)

    def ended(self) -> GenerationQuerySet:
        # Not “state in FINAL”: SQLite without statistics would go through all that ever ended, by their states' index.
        return self.exclude(state__in=OPEN)

    def due(self) -> GenerationQuerySet:
        """Rows that someone should look at now."""
        return self.filter(look_at__lte=timezone.now())

    def to_submit(self) -> GenerationQuerySet:
        return self.due().filter(state=State.QUEUED)

    def to_collect(self) -> GenerationQuerySet:
        """Rows that the provider is asked about: accepted, or unclear."""
        return self.due().in_flight()

    def to_watch(self) -> GenerationQuerySet:
        """Rows that ended early and are still asked about: what comes was paid for."""
        return self.due().ended().filter(watch_until__gt=timezone.now())

    def in_flight(self) -> GenerationQuerySet:
        """Rows that the provider works on, as far as anybody knows."""
        return self.filter(state__in=(State.RUNNING, State.ASKING))

    def awaited(self) -> GenerationQuerySet:
        """Rows of which the provider may still tell something new."""
        before = (State.QUEUED, State.SUBMITTING, State.RUNNING, State.ASKING)
        watched = models.Q(state__in=FINAL, watch_until__gt=timezone.now())
        return self.filter(models.Q(state__in=before) | watched)

    def abandoned(self) -> GenerationQuerySet:
        """Rows whose worker went away while it held them."""
        return self.filter(state=State.SUBMITTING, lease_until__lt=timezone.now())

    def undecided(self) -> GenerationQuerySet:
        """Lost rows that may still turn out to be paid: something stays reserved for them."""
        entries = LedgerEntry.objects.filter(generation_id=models.OuterRef("pk")).order_by()
        sums = entries.values("generation_id").annotate(sum=models.Sum("reserved")).values("sum")
        held = models.Subquery(sums, output_field=MoneyField())
        return self.filter(state=State.LOST).alias(still_held=held).filter(still_held__gt=Decimal(0))

    def visible_to(self, user: Any) -> GenerationQuerySet:
        """Everybody's rows for those who may see others' prompts, else one's own; none for nobody."""
        if user.pk is None:
            return self.none()
        return self if user.has_perm("seedream_django.see_others_prompts") else self.filter(user_id=user.pk)


class Generation(models.Model):
    """One order. It is one task at the provider, whose ``taskUUID`` *is* its primary key, for good.

    Where each result is put to an address of its own it is one task for each, the first under its primary key:
    ``tasks``. They go in one POST, and are never others.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("made from")
    )
    prompt = models.TextField(_("prompt"), help_text=_("As it was written."))
    prompt_sent = models.TextField(
        _("prompt as sent"), blank=True, help_text=_("Where the site's moderation changed it; else blank.")
    )
    added = models.TextField(
        _("added to the prompt"),
        blank=True,
        help_text=_("Lines of the field and of the style, which follow it."),
    )
    parameters = models.JSONField(
        _("parameters"),
        default=dict,
        help_text=_("The task as it goes to the provider, but for its UUID and prompt."),
    )
    door = models.CharField(_("ordered through"), max_length=32, default="python", editable=False)
    once = models.CharField(  # noqa: DJ001 - unique where there is one, so that NULL is not ""
        max_length=64,
        null=True,
        unique=True,
        editable=False,
        help_text=_("Digest that makes a repeated order the same row."),
    )
    digest = models.CharField(_("request digest"), max_length=64, editable=False)

    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED)
    line = models.CharField(
        max_length=20, default=Turn.SITE, editable=False, help_text=_("With whose orders it waits.")
    )
    priority = models.SmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL, editable=False
    )
    expected = models.PositiveSmallIntegerField(pgettext_lazy("number of pictures", "ordered"), default=1)
    received = models.PositiveSmallIntegerField(pgettext_lazy("number of pictures", "received"), default=0)
    stored = models.PositiveSmallIntegerField(pgettext_lazy("number of pictures", "stored"), default=0)
    failed = models.PositiveSmallIntegerField(pgettext_lazy("number of pictures", "failed"), default=0)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    hidden = models.BooleanField(
        _("hidden"), default=False, help_text=_("Cancelled after it was sent: paid, kept, not shown.")
    )

    tasks = models.JSONField(
        default=list,
        editable=False,
        help_text=_(
            "UUIDs of its tasks, the first its own, where each result is a task; empty where it is one."
        ),
    )
    refused = models.JSONField(
        default=dict,
        editable=False,
        help_text=_("Of several tasks those that the provider did not take, and what it said."),
    )
    hooked = models.BooleanField(
        default=False, editable=False, help_text=_("Whether the provider was asked to tell of each result.")
    )
    told_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When the provider last told of a result.")
    )
    inbox_until = models.DateTimeField(
        null=True, editable=False, help_text=_("Until when its files may be put into the inbox.")
    )

    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    crashes = models.PositiveSmallIntegerField(
        _("crashes"), default=0, help_text=_("Workers that died while they held it.")
    )
    lease_until = models.DateTimeField(null=True, editable=False)
    look_at = models.DateTimeField(default=timezone.now, editable=False)
    quiet_since = models.DateTimeField(null=True, editable=False)
    doubtful_since = models.DateTimeField(
        null=True, editable=False, help_text=_("Since when it is not known whether the provider took it.")
    )
    ask_until = models.DateTimeField(
        null=True, editable=False, help_text=_("Until when it is asked, and may be sent again.")
    )
    asked_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When an owner last had it asked.")
    )
    removed = models.JSONField(
        default=list, editable=False, help_text=_("UUIDs of its pictures that were deleted.")
    )
    deadline = models.DateTimeField(_("deadline"), null=True, editable=False)
    watch_until = models.DateTimeField(null=True, editable=False)

    usual = models.PositiveIntegerField(
        null=True,
        editable=False,
        help_text=_("Seconds that the last ones like it took, when it was ordered."),
    )
    estimate = models.DecimalField(_("estimate"), max_digits=12, decimal_places=6, default=0)
    cost = models.DecimalField(_("cost"), max_digits=12, decimal_places=6, null=True, blank=True)

    error_kind = models.CharField(_("kind of error"), max_length=32, blank=True)
    error_code = models.CharField(_("provider's code"), max_length=100, blank=True)
    error_message = models.TextField(_("provider's words"), blank=True)

    created_at = models.DateTimeField(
        pgettext_lazy("moment", "ordered"), default=timezone.now, editable=False
    )
    submitted_at = models.DateTimeField(pgettext_lazy("moment", "sent"), null=True, editable=False)
    accepted_at = models.DateTimeField(pgettext_lazy("moment", "accepted"), null=True, editable=False)
    finished_at = models.DateTimeField(pgettext_lazy("moment", "finished"), null=True, editable=False)
    redacted_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When its prompt was taken away.")
    )

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("of pictures", "order")
        verbose_name_plural = pgettext_lazy("of pictures", "orders")
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=("-created_at", "-id"), name="seedream_gen_latest"),
            models.Index(fields=("user", "-created_at"), name="seedream_gen_user"),
            models.Index(fields=("digest", "user"), name="seedream_gen_digest"),
            models.Index(fields=("state", "look_at"), name="seedream_gen_look"),
            models.Index(fields=("state", "line", "priority", "look_at"), name="seedream_gen_turn"),
            models.Index(fields=("watch_until",), name="seedream_gen_watch"),
            models.Index(fields=("state", "-finished_at"), name="seedream_gen_ended"),
            models.Index(fields=("state", "-created_at", "-id"), name="seedream_gen_state"),
            models.Index(fields=("inbox_until",), name="seedream_gen_inbox"),
        )
        permissions = (
            ("generate", _("Can generate pictures")),
            ("bulk", _("Can generate pictures for many objects at once")),
            ("approve", _("Can approve pictures")),
            ("see_costs", _("Can see what pictures cost")),
            ("see_others_prompts", _("Can see other people's prompts and pictures")),
        )

    def __str__(self) -> str:
        if self.redacted_at is not None:
            return str(REDACTED)
        return self.prompt if len(self.prompt) <= 60 else f"{self.prompt[:59].rstrip()}…"

    @property
    def sent(self) -> str:
        """The prompt as the provider gets it."""
        return self.prompt_sent or prompts.with_lines(self.prompt, self.added)

    @property
    def task_uuids(self) -> list[uuid.UUID]:
        """Its tasks at the provider: one, which is its own key, or one for each result."""
        return [uuid.UUID(task) for task in self.tasks] or [self.pk]

    @property
    def is_split(self) -> bool:
        """Whether each of its results is a task."""
        return len(self.tasks) > 1

    @property
    def output_type(self) -> str | None:
        """How its pictures come; where nothing is said, by address."""
        kind: str | None = self.parameters.get("outputType")
        return kind

    @property
    def is_imported(self) -> bool:
        """Whether its picture was made elsewhere: then the provider knows nothing of it."""
        return self.state == State.IMPORTED

    @property
    def is_free(self) -> bool:
        """Whether it costs nothing if it is cancelled now: it was not sent, and nobody doubts that."""
        return self.state == State.QUEUED and self.doubtful_since is None

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def width(self) -> int:
        return int(self.parameters["width"])

    @property
    def height(self) -> int:
        return int(self.parameters["height"])

    @property
    def frames(self) -> int:
        """Pictures that a sequence may have at most; 1 where none was asked for."""
        settings = self.parameters.get("providerSettings") or {}
        return int((settings.get("bytedance") or {}).get("maxSequentialImages") or 1)

    @property
    def is_short(self) -> bool:
        """Whether pictures are missing. Of a sequence fewer may come: then it is complete all the same."""
        if self.stored >= self.expected:
            return False
        return self.frames == 1 or bool(self.failed) or not self.stored or self.stored < self.received

    def step(self, to: State, *, lease: float = 0, **changes: Any) -> bool:
        """Move this row from the state and attempt it was read in; tell whether it was still there.

        The one way a state changes: a compare-and-set in the database, so of two workers one wins. ``lease`` is
        the seconds that the mover may keep it. Raises ValueError for a step that does not exist.
        """
        if to not in STEPS.get(State(self.state), ()):
            raise ValueError(f"There is no step from {self.state} to {to}.")
        return self.change(state=to, lease_until=after(lease) if lease else None, **changes)

    def finish(self, to: State, *, watch: bool = False, **changes: Any) -> bool:
        """Take the last step and tell the host. With ``watch`` the provider is still asked, slowly.

        So it is, whatever the end, when an earlier submission may have been accepted after all.
        """
        if watch or self.doubtful_since:
            changes |= {"watch_until": after(conf.WATCH), "look_at": after(60)}
        unsent = self.state == State.QUEUED
        if not self.step(to, finished_at=timezone.now(), **changes):
            return False
        if unsent:
            self._drop_addresses()
        self._tell_finished()
        return True

    def change(self, **changes: Any) -> bool:
        """Update columns if nobody moved the row since it was read, or took its prompt away."""
        as_read = {"state": self.state, "attempts": self.attempts, "redacted_at": self.redacted_at}
        moved = Generation.objects.filter(pk=self.pk, **as_read).update(**changes)
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(moved)

    def cancel(self, *, hide: bool = True) -> bool:
        """Stop it if nothing was sent yet; else ``hide`` what comes. Tell whether it was stopped."""
        queued = Generation.objects.filter(pk=self.pk, state=State.QUEUED)
        ended = {"state": State.CANCELLED, "finished_at": timezone.now(), "hidden": True}
        # An earlier submission may have been accepted after all: then its pictures are looked for.
        watched = {"watch_until": after(conf.WATCH), "look_at": after(60)}
        stopped = queued.filter(doubtful_since=None).update(**ended) or queued.update(**ended, **watched)
        if not stopped and hide:
            Generation.objects.filter(pk=self.pk).unfinished().update(hidden=True)
        self.refresh_from_db()
        if stopped:
            self._drop_addresses()
            self._tell_finished()
        return bool(stopped)

    def _drop_addresses(self) -> None:
        """What was named by address and never fetched: nobody asks for it now, and its query may be a secret."""
        self.references.filter(url__contains="?", file=None).update(url="")

    def _tell_finished(self) -> None:
        # Once it is committed: whoever listens must see what is so, and must not hold up the money.
        transaction.on_commit(
            lambda: signals.generation_finished.send_robust(sender=Generation, generation=self)
        )

    def shown_images(self) -> list[GeneratedImage]:
        """Finished pictures in order; uses what was prefetched."""
        stored = (image for image in self.images.all() if image.is_stored)
        return sorted(stored, key=lambda image: (image.position, image.pk))

    def summary(self) -> str:
        """The outcome in a few words, such as ``3 of 4``."""
        if self.hidden:
            return str(_("cancelled, hidden"))
        if self.state != State.DONE:
            return str(State(self.state).label)
        if self.is_short:
            return str(_("%(stored)s of %(expected)s") % {"stored": self.stored, "expected": self.expected})
        return ngettext("%(count)s picture", "%(count)s pictures", self.stored) % {"count": self.stored}
