"""The places that wait for a picture."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .generations import Generation
from .images import GeneratedImage, ImageState, Review


class SlotQuerySet(models.QuerySet["Slot"]):
    def waiting(self) -> SlotQuerySet:
        """Slots of known objects that a stored picture could fill now."""
        ready = Q(generation__images__state=ImageState.STORED, generation__hidden=False)
        # In the same filter: one and the same picture must be stored and not held back. NULL: nobody looked.
        free = Q(generation__images__flagged=False) | Q(generation__images__flagged__isnull=True)
        free |= Q(generation__images__review=Review.APPROVED, generation__images__private_file="")
        return self.filter(ready, free, settled_at__isnull=True).exclude(object_id="").distinct()


class Slot(models.Model):
    """A place for a picture: one field of one object, which may not be saved yet."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="slots")
    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=64, blank=True, help_text=_("Blank until the object is saved."))
    field = models.CharField(max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    image = models.ForeignKey(GeneratedImage, models.SET_NULL, null=True, related_name="slots")
    note = models.CharField(max_length=200, blank=True, help_text=_("Why it was not filled."))
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, help_text=_("When it was filled or given up."))

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        indexes = (
            models.Index(fields=("content_type", "object_id", "field"), name="seedream_slot_object"),
            models.Index(fields=("settled_at", "created_at"), name="seedream_slot_waiting"),
        )

    def __str__(self) -> str:
        return (
            f"{self.content_type.app_label}.{self.content_type.model}.{self.field} #{self.object_id or '?'}"
        )
