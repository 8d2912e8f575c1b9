"""Pictures for many objects at once: a run, and what became of each object."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .generations import Generation, after
from .places import Slot


class BulkState(models.TextChoices):
    DRAFT = "draft", _("not started")
    SAMPLE = "sample", _("a sample is being made")
    SAMPLED = "sampled", _("the sample is ready")
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


class ItemState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    ORDERED = "ordered", _("being made")
    FILLED = "filled", _("in place")
    SKIPPED = "skipped", _("left out")
    FAILED = "failed", _("failed")


#: The only steps of a run. A sample comes first; ``done`` and ``cancelled`` have none.
RUN_STEPS: dict[BulkState, tuple[BulkState, ...]] = {
    BulkState.DRAFT: (BulkState.SAMPLE, BulkState.CANCELLED),
    BulkState.SAMPLE: (BulkState.SAMPLED, BulkState.DONE, BulkState.PAUSED, BulkState.CANCELLED),
    BulkState.SAMPLED: (BulkState.SAMPLE, BulkState.RUNNING, BulkState.CANCELLED),
    BulkState.RUNNING: (BulkState.PAUSED, BulkState.DONE, BulkState.CANCELLED),
    BulkState.PAUSED: (BulkState.SAMPLE, BulkState.RUNNING, BulkState.CANCELLED),
}
#: Those in which it orders.
WORKING = (BulkState.SAMPLE, BulkState.RUNNING)
#: Those in which its prompt may be changed.
PLANNED = (BulkState.DRAFT, BulkState.SAMPLED, BulkState.PAUSED)

#: The only steps of an object. What was left out may be taken in by another prompt; what comes late is in place late.
ITEM_STEPS: dict[ItemState, tuple[ItemState, ...]] = {
    ItemState.WAITING: (ItemState.ORDERED, ItemState.SKIPPED),
    ItemState.ORDERED: (ItemState.WAITING, ItemState.FILLED, ItemState.SKIPPED, ItemState.FAILED),
    ItemState.SKIPPED: (ItemState.WAITING, ItemState.FILLED),
    ItemState.FAILED: (ItemState.FILLED,),
}
#: Seconds that a run is never put off for: a moment further ahead was written before the clock was set back.
LONGEST_WAIT = 3600.0


def _free() -> Q:
    """That nobody holds it: whoever did let go, or died."""
    over = Q(lease_until__lte=timezone.now()) | Q(lease_until__gt=after(LONGEST_WAIT))
    return over | Q(lease_until__isnull=True)


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    def due(self) -> BulkRunQuerySet:
        """Runs that somebody should look at now: they order, or something that they ordered is not in place yet."""
        now = timezone.now()
        ordered = Exists(BulkItem.objects.filter(run=OuterRef("pk"), state=ItemState.ORDERED))
        stopped = Q(ordered, state__in=(BulkState.PAUSED, BulkState.CANCELLED))
        time_came = Q(look_at__lte=now) | Q(look_at__gt=after(LONGEST_WAIT))
        return self.filter(time_came, _free()).filter(Q(state__in=WORKING) | stopped)

    def visible_to(self, user: Any) -> BulkRunQuerySet:
        """Everybody's for those who may see others' prompts, else one's own; none for nobody."""
        if user.pk is None:
            return self.none()
        return self if user.has_perm("seedream_django.see_others_prompts") else self.filter(user_id=user.pk)


class BulkRun(models.Model):
    """One decision to have a picture made for each of many objects. Its items say which."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    content_type = models.ForeignKey(
        ContentType, models.CASCADE, related_name="+", verbose_name=_("kind of object")
    )
    field = models.CharField(_("field"), max_length=100)
    state = models.CharField(_("state"), max_length=10, choices=BulkState.choices, default=BulkState.DRAFT)
    prompt = models.TextField(_("prompt"), help_text=_("With the names of fields in braces."))
    shape = models.CharField(_("shape"), max_length=8)
    style = models.CharField(_("style"), max_length=60, blank=True)
    options = models.JSONField(
        default=dict, editable=False, help_text=_("What the field wants, and the words of field and style.")
    )
    aim = models.PositiveIntegerField(
        null=True, editable=False, help_text=_("Orders after which it asks whether to go on; empty for all.")
    )
    note = models.CharField(max_length=300, blank=True, help_text=_("Why it does not go on."))
    lease_until = models.DateTimeField(null=True, editable=False)
    look_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(pgettext_lazy("moment", "made"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(pgettext_lazy("moment", "finished"), null=True, editable=False)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk run")
        verbose_name_plural = _("bulk runs")
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=("state", "look_at"), name="seedream_bulk_look"),
            models.Index(fields=("-created_at", "-id"), name="seedream_bulk_latest"),
        )

    def __str__(self) -> str:
        return f"{self.content_type.name}: {self.field}"

    @property
    def is_final(self) -> bool:
        return BulkState(self.state) not in RUN_STEPS

    @property
    def is_working(self) -> bool:
        return self.state in WORKING

    def step(self, to: BulkState, **changes: Any) -> bool:
        """Move it from the state that it was read in; tell whether it was still there. Raises ValueError."""
        if to not in RUN_STEPS.get(BulkState(self.state), ()):
            raise ValueError(f"There is no step from {self.state} to {to}.")
        if to not in RUN_STEPS:
            changes["finished_at"] = timezone.now()
        return self.change(state=to, **changes)

    def change(self, **changes: Any) -> bool:
        """Update columns if nobody moved it since it was read; tell whether they were."""
        changed = BulkRun.objects.filter(pk=self.pk, state=self.state).update(**changes)
        if changed:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(changed)

    # -- One worker at a time

    def take(self, seconds: float) -> bool:
        """Hold it for so long, unless another does; tell whether it is ours."""
        until = after(seconds)
        taken = BulkRun.objects.filter(_free(), pk=self.pk).update(lease_until=until)
        if taken:
            self.lease_until = until
        return bool(taken)

    def keep(self, seconds: float) -> bool:
        """Hold it for longer, if it is still ours and in the state that it was read in."""
        until = after(seconds)
        ours = BulkRun.objects.filter(pk=self.pk, state=self.state, lease_until=self.lease_until)
        kept = ours.update(lease_until=until)
        if kept:
            self.lease_until = until
        return bool(kept)

    def let_go(self, seconds: float) -> None:
        """Let others have it, and have it looked at again after so many seconds."""
        ours = BulkRun.objects.filter(pk=self.pk, lease_until=self.lease_until)
        ours.update(lease_until=None, look_at=after(seconds))


class BulkItem(models.Model):
    """One object of a run."""

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="items")
    object_id = models.CharField(max_length=64)
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=ItemState.choices, default=ItemState.WAITING)
    #: ``content type:object:field`` while its picture is being made, so that no two runs make it twice.
    claim = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - NULL is not ""
    #: What is being ordered, between the claim and its row: tried once more, it is exactly the same.
    order = models.JSONField(default=dict)
    generation = models.ForeignKey(Generation, models.SET_NULL, null=True, related_name="+")
    slot = models.ForeignKey(Slot, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("object of a bulk run")
        verbose_name_plural = _("objects of bulk runs")
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=("run", "object_id"), name="seedream_bulk_object"),)
        indexes = (models.Index(fields=("run", "state", "position"), name="seedream_bulk_next"),)

    def __str__(self) -> str:
        return f"#{self.object_id}"

    def step(self, to: ItemState, **changes: Any) -> bool:
        """Move it from the state that it was read in; tell whether it was still there. Raises ValueError."""
        if to not in ITEM_STEPS.get(ItemState(self.state), ()):
            raise ValueError(f"There is no step from {self.state} to {to}.")
        if to != ItemState.ORDERED:
            # Whatever it was, it is not being ordered now.
            changes |= {"claim": None, "order": {}}
        return self.change(state=to, **changes)

    def change(self, **changes: Any) -> bool:
        """Update columns if nobody moved it since it was read; tell whether they were."""
        changed = BulkItem.objects.filter(pk=self.pk, state=self.state).update(**changes)
        if changed:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(changed)
