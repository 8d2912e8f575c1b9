"""What pictures are made from: the references of an order, the files that were given, what the provider has of them.

Models hold state and its legal steps; what concerns many rows is on the QuerySets. No network, no queue.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.storage import Storage
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .generations import Generation, after
from .images import GeneratedImage
from .storage import private_storage

#: Seconds after which a file that no order is made from is removed, and how long such a one is looked for.
LEFT_AFTER = 24 * 60 * 60
LOOKED_FOR = 8 * LEFT_AFTER


class Role(models.TextChoices):
    """What a reference is for. The wire has no roles: they are told to the model in words, with the prompt."""

    GUIDE = "", _("a guide")
    EDIT = "edit", _("the picture to change")
    SUBJECT = "subject", _("the subject")
    STYLE = "style", _("the style")
    COMPOSITION = "composition", _("the composition")


class ReferenceFileQuerySet(models.QuerySet["ReferenceFile"]):
    def complete(self) -> ReferenceFileQuerySet:
        return self.filter(size__gt=0)

    def left(self) -> ReferenceFileQuerySet:
        """Those that no order is made from, a day after they were given, or let go."""
        # Not the older ones, which were looked at then: their number grows with the years.
        span = (after(-LOOKED_FOR), after(-LEFT_AFTER))
        return self.filter(created_at__range=span, references=None)

    def touch(self) -> int:
        """As if they were given now."""
        return self.update(created_at=timezone.now())


class ReferenceFile(models.Model):
    """A picture that somebody gave, kept where nobody serves it. Complete once the row knows its size."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    file = models.FileField(_("file"), storage=private_storage, max_length=255)
    label = models.CharField(_("name"), max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    format = models.CharField(_("format"), max_length=4)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    size = models.PositiveBigIntegerField(_("bytes"))
    created_at = models.DateTimeField(pgettext_lazy("moment", "given"), default=timezone.now)

    objects = ReferenceFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("reference file")
        verbose_name_plural = _("reference files")
        indexes = (models.Index(fields=("created_at",), name="seedream_ref_given"),)

    def __str__(self) -> str:
        return self.label


class Reference(models.Model):
    """One picture that an order is made from, in its place. Its name and SHA-256 stay when its source goes.

    The source is one of: a file that was given, an earlier picture, a file that the site has (``place`` is the
    ``app.model.field`` whose storage has it under ``name``), a public address, or a UUID of the provider's.
    """

    generation = models.ForeignKey(
        Generation,
        models.CASCADE,
        related_name="references",
        verbose_name=pgettext_lazy("of pictures", "order"),
    )
    position = models.PositiveSmallIntegerField(_("position"))
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.GUIDE, blank=True)
    file = models.ForeignKey(
        ReferenceFile, models.SET_NULL, null=True, related_name="references", verbose_name=_("file")
    )
    image = models.ForeignKey(
        GeneratedImage, models.SET_NULL, null=True, related_name="+", verbose_name=_("picture")
    )
    place = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=255, blank=True)
    url = models.TextField(_("address"), blank=True)
    media_uuid = models.UUIDField(_("provider's UUID"), null=True)
    label = models.CharField(_("name"), max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("references")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("generation", "position"), name="seedream_ref_position"),
        )

    def __str__(self) -> str:
        return self.label or str(self.media_uuid or "")


def let_go(instance: Reference, using: str, **kwargs: Any) -> None:
    """When a reference is deleted: its file may be nobody's any more, and is looked at a day later."""
    if instance.file_id is not None:
        ReferenceFile.objects.using(using).filter(pk=instance.file_id).touch()


def storage_of(place: str) -> Storage:
    """The storage of a field, by ``app.model.field``. Raises LookupError where there is no such file field."""
    label, _dot, name = place.rpartition(".")
    try:
        field = apps.get_model(label)._meta.get_field(name)
    except ValueError as error:
        raise LookupError(place) from error
    except Exception as error:
        if isinstance(error, LookupError):
            raise
        raise LookupError(place) from error
    if not isinstance(field, models.FileField):
        raise LookupError(place)
    return field.storage


class SentMedia(models.Model):
    """What the provider keeps of the bytes that it was sent once: it need not be sent again while it is used."""

    account = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    media_uuid = models.UUIDField()
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("picture at the provider")
        verbose_name_plural = _("pictures at the provider")
        constraints = (models.UniqueConstraint(fields=("account", "sha256"), name="seedream_media_bytes"),)
        indexes = (models.Index(fields=("used_at",), name="seedream_media_used"),)

    def __str__(self) -> str:
        return str(self.media_uuid)

    @classmethod
    def remember(cls, account: str, sha256: str, media_uuid: Any) -> None:
        """It was sent, or used, just now."""
        values = {"media_uuid": media_uuid, "used_at": timezone.now()}
        # Not update_or_create: of several that make the row at once, MariaDB ends some as a deadlock.
        if not cls.objects.filter(account=account, sha256=sha256).update(**values):
            cls.objects.get_or_create(account=account, sha256=sha256, defaults=values)
