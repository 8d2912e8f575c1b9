"""The places that wait for a picture."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models, router, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import signals
from .generations import Generation
from .house import FIELD, DiscardedFile
from .images import GeneratedImage, ImageState, released


class SlotQuerySet(models.QuerySet["Slot"]):
    def waiting(self) -> SlotQuerySet:
        """Slots of known objects that a stored picture could fill now."""
        # In one filter: one and the same picture must be stored and not held back.
        first = Q(chosen__isnull=True) & _ready("generation__images")
        bound = self.filter(settled_at__isnull=True, generation__hidden=False).exclude(object_id="")
        return bound.filter(first | _ready("chosen")).distinct()

    def due(self) -> SlotQuerySet:
        """Those of ``waiting()`` that no worker is at, and that are not to be tried only later."""
        now = timezone.now()
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        return self.waiting().filter(free, look_at__lte=now)

    def of(self, content_type: ContentType, object_id: str, field: str) -> SlotQuerySet:
        """Those of one place."""
        return self.filter(content_type=content_type, object_id=object_id, field=field)


def _ready(image: str) -> Q:
    """The condition that a picture, by the path to it, is stored and not held back."""
    return Q(**{f"{image}__state": ImageState.STORED}) & released(image)


class Slot(models.Model):
    """A place for a picture: one field of one object, which may not be saved yet."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="slots")
    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=64, blank=True, help_text=_("Blank until the object is saved."))
    field = models.CharField(max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    image = models.ForeignKey(GeneratedImage, models.SET_NULL, null=True, related_name="slots")
    chosen = models.ForeignKey(
        GeneratedImage, models.CASCADE, null=True, related_name="+",
        help_text=_("The one that is to fill it; else the first that is finished."),
    )  # fmt: skip
    options = models.JSONField(
        default=dict, help_text=_("What the field wants of a copy: its ratio and width.")
    )
    focal_x = models.PositiveSmallIntegerField(null=True, help_text=_("What a cut keeps, in percent."))
    focal_y = models.PositiveSmallIntegerField(null=True, help_text=_("What a cut keeps, in percent."))
    replaces = models.TextField(
        blank=True, help_text=_("What the field has that it may replace; blank for nothing.")
    )
    copied = models.CharField(
        max_length=255, blank=True, help_text=_("The name of the copy in the field's own storage.")
    )
    text_digest = models.CharField(
        max_length=64, blank=True, help_text=_("Of the text that the prompt was made from.")
    )
    note = models.CharField(max_length=200, blank=True, help_text=_("Why it was not filled."))
    attempts = models.PositiveSmallIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    trouble_since = models.DateTimeField(null=True, help_text=_("When a copy failed first."))
    lease_until = models.DateTimeField(null=True)
    look_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=200, blank=True, help_text=_("Why a copy did not succeed yet."))
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, help_text=_("When it was filled or given up."))
    told_at = models.DateTimeField(null=True, help_text=_("When its person was told, on a page."))
    mailed_at = models.DateTimeField(null=True, help_text=_("When its person was told, by mail."))

    objects = SlotQuerySet.as_manager()

    #: What a slot says of the picture that it waits for, beside where it is.
    WANTS = ("options", "focal_x", "focal_y", "replaces", "text_digest")

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        indexes = (
            models.Index(fields=("content_type", "object_id", "field"), name="seedream_slot_object"),
            models.Index(fields=("settled_at", "created_at"), name="seedream_slot_waiting"),
            models.Index(fields=("user", "told_at", "settled_at"), name="seedream_slot_told"),
            models.Index(fields=("mailed_at", "settled_at"), name="seedream_slot_mailed"),
        )

    def __str__(self) -> str:
        return (
            f"{self.content_type.app_label}.{self.content_type.model}.{self.field} #{self.object_id or '?'}"
        )

    def anew(self) -> Slot:
        """An unsaved one for the same place, which wants the same, to wait for another order."""
        names = ("content_type", "object_id", "field", "user", *self.WANTS)
        return Slot(**{name: getattr(self, name) for name in names})

    @property
    def model(self) -> type[models.Model] | None:
        """The model of the object, or None where it was uninstalled."""
        return self.content_type.model_class()

    @property
    def kind(self) -> type[models.Model] | None:
        """The model that its form was for, by which a person's rights are named: a proxy or a child of ``model``."""
        try:
            return apps.get_model(self.options["as"])
        except (KeyError, LookupError):
            return self.model

    @property
    def host_field(self) -> Any:
        """The field that it is a place in, or None where the model or the field is gone."""
        try:
            return self.model and self.model._meta.get_field(self.field)
        except FieldDoesNotExist:
            return None

    @property
    def is_copied(self) -> bool:
        """Whether the field has a file of its own, so that the picture's is copied into it; else it refers to it."""
        return isinstance(self.host_field, models.FileField)

    def step(self, **changes: Any) -> bool:
        """Change this row if it still waits and is in the attempt it was read in; tell whether it was."""
        rows = Slot.objects.filter(pk=self.pk, settled_at__isnull=True, attempts=self.attempts)
        moved = rows.update(**changes)
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(moved)

    def discard_copy(self, using: str | None = None) -> None:
        """Have the copy removed that a worker made for it, unless the object has it."""
        if not self.copied or not self.is_copied:
            return
        model: Any = self.model
        if model._base_manager.filter(pk=self.object_id, **{self.field: self.copied}).exists():
            return
        using = using or router.db_for_write(DiscardedFile)
        storage = f"{FIELD}{model._meta.label}.{self.field}"
        DiscardedFile.objects.using(using).create(storage=storage, name=self.copied)
        transaction.on_commit(lambda: signals.files_discarded.send_robust(sender=DiscardedFile), using=using)


def discard_copy(instance: Slot, using: str, **kwargs: Any) -> None:
    """When a slot is deleted that still waits: what a worker copied for it is nobody's. Else it is the object's."""
    if instance.settled_at is None:
        instance.discard_copy(using)
