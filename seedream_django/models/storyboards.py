"""Which picture stands in a frame of a sequence, and the orders that are to put another one there.

Models hold state and its legal steps; what concerns many rows is on the QuerySets. No network, no queue.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .. import conf
from .generations import Generation, after
from .images import GeneratedImage, Review


class Frame(models.Model):
    """A frame of a sequence that somebody has had replaced. Where there is no row, the picture that came stands."""

    sequence = models.ForeignKey(
        Generation, models.CASCADE, related_name="replaced_frames", verbose_name=_("sequence")
    )
    number = models.PositiveSmallIntegerField(_("number"), help_text=_("From 1."))
    #: None where the picture that stood here was deleted, or none ever came.
    image = models.ForeignKey(
        GeneratedImage, models.SET_NULL, null=True, related_name="+", verbose_name=_("picture")
    )
    changed_at = models.DateTimeField(pgettext_lazy("moment", "replaced"), null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )

    class Meta:
        verbose_name = _("replaced frame")
        verbose_name_plural = _("replaced frames")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("sequence", "number"), name="seedream_one_frame"),)

    def __str__(self) -> str:
        return str(self.number)

    def put(self, image: GeneratedImage, *, instead: int | None, by: Any) -> bool:
        """Let this picture stand here instead of the one that did; tell whether that one still stood."""
        row = Frame.objects.filter(pk=self.pk, image=instead)
        if not row.update(image=image, changed_at=timezone.now(), changed_by=by):
            return False
        self.refresh_from_db()
        return True


class ReplacementQuerySet(models.QuerySet["Replacement"]):
    def open(self) -> ReplacementQuerySet:
        """Those of which it is not decided whether their picture takes the place."""
        return self.filter(took=None)

    def left(self) -> ReplacementQuerySet:
        """Those whose picture is there and that nobody has seen to, as far as they are not old."""
        since = _since()
        stored = GeneratedImage.objects.shown().filter(generation=OuterRef("pk"))
        young = Q(stored_at__gt=since) | Q(review=Review.APPROVED, reviewed_at__gt=since)
        # Not “generation in …”: a database might go through all pictures for the few orders that are open.
        return self.open().filter(Exists(stored.filter(young)))


def _since() -> datetime.datetime:
    """What came before this is old: nobody sees to it any more."""
    return after(-conf.WATCH - conf.STORE_DEADLINE)


class Replacement(models.Model):
    """That an order is to replace the picture of a frame. ``took`` is None until it is decided, and never changes
    back: whether its picture has stood there, or lies beside as an offer."""

    generation = models.OneToOneField(
        Generation,
        models.CASCADE,
        primary_key=True,
        related_name="replacement",
        verbose_name=pgettext_lazy("of pictures", "order"),
    )
    frame = models.ForeignKey(Frame, models.CASCADE, related_name="replacements", verbose_name=_("frame"))
    replaces = models.ForeignKey(
        GeneratedImage,
        models.SET_NULL,
        null=True,
        related_name="replacements",
        verbose_name=_("picture"),
        help_text=_("What stood there when it was ordered."),
    )
    took = models.BooleanField(null=True, db_index=True)

    objects = ReplacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("replacement")
        verbose_name_plural = _("replacements")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.generation_id)

    @staticmethod
    def is_young(image: GeneratedImage) -> bool:
        """The rule of ``left`` for one picture: whether somebody still sees to it."""
        approved_at = image.reviewed_at if image.review == Review.APPROVED else None
        return any(moment is not None and moment > _since() for moment in (image.stored_at, approved_at))

    def anew(self) -> Replacement:
        """The same for another order, unsaved."""
        return Replacement(frame_id=self.frame_id, replaces_id=self.replaces_id)
