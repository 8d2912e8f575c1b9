"""The house's own books: files to remove, the owner's off switch, signs of life."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .. import conf, signals
from .generations import Generation, after
from .images import GeneratedImage
from .references import storage_of
from .storage import inbox_name, private_storage

#: What stands for the private storage, whatever the settings call it.
PRIVATE = ""
#: What stands before the name of a field of the host's, ``app.model.field``, whose storage has the file.
FIELD = "field:"


class DiscardedFile(models.Model):
    """A file whose row is gone and that is still to be removed: the queue may forget, a row does not.

    ``storage`` is an alias in ``STORAGES``, ``PRIVATE``, or a field of the host's: ``FIELD`` and its name.
    """

    storage = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=255)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("discarded file")
        verbose_name_plural = _("discarded files")

    def __str__(self) -> str:
        return self.name

    def remove(self) -> None:
        """Have the storage remove the file, then the row. Storages raise errors of their own."""
        storage = self._open_storage()
        storage.delete(self.name)
        # SFTPStorage says nothing of a server that is away.
        if storage.exists(self.name):
            raise FileExistsError(self.name)
        self.delete()

    def _open_storage(self) -> Storage:
        if self.storage == PRIVATE:
            return private_storage()
        if self.storage.startswith(FIELD):
            return storage_of(self.storage.removeprefix(FIELD))
        return storages[self.storage]


def discard_files(instance: GeneratedImage, using: str, **kwargs: Any) -> None:
    """When a picture's row is deleted: note its files in the same transaction, and have them removed after it.

    Its UUID stays with its generation, because the provider goes on telling of all pictures it made.
    """
    generation = Generation.objects.using(using).filter(pk=instance.generation_id).first()
    if generation is not None:
        generation.removed = [*generation.removed, str(instance.image_uuid)]
        generation.save(using=using, update_fields=["removed"])
    names = filter(None, (instance.file.name, instance.preview.name))
    files = [DiscardedFile(storage=conf.STORAGE, name=name) for name in names]
    if instance.private_file:
        files.append(DiscardedFile(storage=PRIVATE, name=instance.private_file.name or ""))
        # A worker that died may have moved it half: no row names these yet.
        files += [DiscardedFile(storage=conf.STORAGE, name=name) for name in instance.public_names()]
    if DiscardedFile.objects.using(using).bulk_create(files):
        transaction.on_commit(lambda: signals.files_discarded.send_robust(sender=DiscardedFile), using=using)


def discard_inbox(instance: Generation, using: str, **kwargs: Any) -> None:
    """When an order is deleted: have removed what the provider may have put into the inbox for it."""
    if instance.inbox_until is None:
        return
    files = [DiscardedFile(storage=PRIVATE, name=inbox_name(task)) for task in instance.task_uuids]
    DiscardedFile.objects.using(using).bulk_create(files)
    transaction.on_commit(lambda: signals.files_discarded.send_robust(sender=DiscardedFile), using=using)


class Switch(models.Model):
    """The owner's off switch: one row. Off means that no order is taken and nothing that waits is sent."""

    on = models.BooleanField(_("generating is on"), default=True)
    reason = models.CharField(
        _("reason"), max_length=200, blank=True, help_text=_("Shown to editors while it is off.")
    )
    changed_at = models.DateTimeField(pgettext_lazy("moment", "changed"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=pgettext_lazy("changed", "by"),
    )

    class Meta:
        verbose_name = _("off switch")
        verbose_name_plural = _("off switch")

    def __str__(self) -> str:
        return str(_("Generating is on") if self.on else _("Generating is off"))

    @classmethod
    def current(cls) -> Switch:
        """The one row, or an unsaved one that is on."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


#: Further than this the clocks of two machines are not apart: a moment that lies so far ahead was written before the
#: clock was set back.
SKEW = datetime.timedelta(seconds=60)


class Beat(models.Model):
    """Who was last seen when, and who holds what: the worker, and the one poller of all processes."""

    name = models.CharField(primary_key=True, max_length=32)
    seen_at = models.DateTimeField()
    holder = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def mark(cls, name: str, *, every: float = 0) -> None:
        """Note that it was seen now; with ``every``, no more often than once in so many seconds."""
        now = timezone.now()
        if every and cls.objects.filter(name=name, seen_at__range=(after(-every), now)).exists():
            return
        # Not update_or_create: of several that make the row at once, MariaDB ends some as a deadlock.
        if not cls.objects.filter(name=name).update(seen_at=now):
            cls.objects.get_or_create(name=name, defaults={"seen_at": now})

    @classmethod
    def last(cls, name: str) -> datetime.datetime | None:
        return cls.objects.filter(name=name).values_list("seen_at", flat=True).first()

    @classmethod
    def is_ahead(cls, name: str) -> bool:
        """Whether it was last seen at a moment that is still to come: the clock was set back since."""
        return cls.objects.filter(name=name, seen_at__gt=timezone.now() + SKEW).exists()

    @classmethod
    def take(cls, name: str, holder: str, seconds: float) -> bool:
        """Take a lease that only one holder has at a time; tell whether it is ours now."""
        now = timezone.now()
        cls.objects.get_or_create(name=name, defaults={"seen_at": now})
        until = now + datetime.timedelta(seconds=seconds)
        free = Q(holder=holder) | Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        free |= Q(lease_until__gt=until + SKEW)
        return bool(cls.objects.filter(free, name=name).update(holder=holder, lease_until=until))

    @classmethod
    def keep(cls, name: str, holder: str, seconds: float) -> bool:
        """Say that the holder is at work; tell whether the lease is still its own.

        It stays its own after it ran out, until another takes it; and who has taken it but was not seen at
        work for that long may be dead, and loses it to whoever is.
        """
        now = timezone.now()
        until, silent = now + datetime.timedelta(seconds=seconds), now - datetime.timedelta(seconds=seconds)
        unheard = Q(seen_at__lt=silent) | Q(seen_at__gt=now + SKEW)
        dead = Q(lease_until__isnull=False) & unheard
        ours = cls.objects.filter(Q(holder=holder) | dead, name=name)
        return bool(ours.update(holder=holder, lease_until=until, seen_at=now))

    @classmethod
    def left(cls, name: str) -> float | None:
        """Seconds until the lease ends, less than none when it is over; None when nobody holds it."""
        until = cls.objects.filter(name=name).values_list("lease_until", flat=True).first()
        return (until - timezone.now()).total_seconds() if until else None

    @classmethod
    def rest(cls, name: str, holder: str) -> None:
        """Let others take the lease; it stays the holder's as long as nobody does."""
        cls.objects.filter(name=name, holder=holder).update(lease_until=None)


class Finding(models.Model):
    """What the last examination found of one part of the house; see ``doctor``.

    ``name`` is the part, ``code`` what was found, ``facts`` the numbers and words of its sentence: no secret among
    them.
    """

    class Level(models.TextChoices):
        WELL = "well", _("all is well")
        DOUBTFUL = "doubtful", _("worth a look")
        ILL = "ill", _("to be mended")

    name = models.CharField(primary_key=True, max_length=32)
    level = models.CharField(max_length=8, choices=Level.choices)
    code = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        verbose_name = _("finding")
        verbose_name_plural = _("findings")

    def __str__(self) -> str:
        return f"{self.name}: {self.code}"


class CircuitQuerySet(models.QuerySet["Circuit"]):
    def present(self) -> CircuitQuerySet:
        """That of the present account at the provider, and that of the storage."""
        return self.filter(name__in=(conf.account(), Circuit.STORAGE))

    def open(self) -> CircuitQuerySet:
        """What stands in the way of new orders now."""
        return self.present().filter(opened_at__isnull=False).order_by("name")


class Circuit(models.Model):
    """Whether orders are being sent: closed as long as all is well, open while something stands in the way.

    One row for each account at the provider (``provider:`` and a digest of its key) and one for the ``storage``.
    While one is open nothing new is sent by any process, and the deadlines of what waits stand still.
    """

    STORAGE = "storage"

    name = models.CharField(primary_key=True, max_length=32)
    failures = models.PositiveIntegerField(default=0, help_text=_("In a row."))
    opened_at = models.DateTimeField(_("since"), null=True)
    probe_at = models.DateTimeField(_("next try"), null=True)
    probes = models.PositiveIntegerField(_("tries"), default=0)
    error_kind = models.CharField(_("kind of error"), max_length=32, blank=True)
    error_code = models.CharField(_("provider's code"), max_length=100, blank=True)
    error_message = models.TextField(_("provider's words"), blank=True)
    #: Since when somebody is to tell of its last step, or is telling; empty once it was told.
    untold_since = models.DateTimeField(null=True, editable=False)

    objects = CircuitQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("circuit")
        verbose_name_plural = _("circuits")

    def __str__(self) -> str:
        return self.name
