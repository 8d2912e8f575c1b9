"""Photos: as many kinds of fields with a file as a site has."""

from __future__ import annotations

import uuid

from django.contrib.contenttypes.fields import GenericForeignKey
from django.core.validators import FileExtensionValidator
from django.db import models

from seedream_django.fields import GeneratedImageField


def by_its_owner(instance: Photo, name: str) -> str:
    """A host that calls its files as it likes."""
    return f"covers/{instance.pk}.jpg"


class Photo(models.Model):
    title = models.CharField(max_length=80)
    file = models.ImageField(upload_to="photos", blank=True, width_field="width", height_field="height")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    #: Without columns for its size, and with NULL for nothing.
    plain = models.FileField(upload_to="plain", blank=True, null=True)
    png = models.FileField(upload_to="png", blank=True, validators=[FileExtensionValidator(["png"])])
    text = models.FileField(upload_to="text", blank=True, validators=[FileExtensionValidator(["txt"])])
    named = models.ImageField(upload_to=by_its_owner, blank=True)
    short = models.ImageField(upload_to="s", blank=True, max_length=24)
    full = models.ImageField(upload_to="s", blank=True, max_length=12)
    picture = GeneratedImageField()

    def __str__(self) -> str:
        return self.title


class Framed(Photo):
    """A child: the columns of its files are its parent's."""

    frame = models.CharField(max_length=20, blank=True)


class Sheet(models.Model):
    """What must have a file, under a key that is no number, with a foreign key that is Django's own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=80)
    summary = models.CharField(max_length=80, blank=True)
    drawn = models.ImageField(upload_to="drawn", width_field="width", height_field="height")
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    paper = models.FileField(upload_to="paper", blank=True)
    picture = models.ForeignKey(
        "seedream_django.GeneratedImage", models.SET_NULL, null=True, blank=True, related_name="sheets"
    )

    def __str__(self) -> str:
        return self.title


class Leaf(models.Model):
    """A row of an inline, which is nothing but its picture."""

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="leaves")
    image = models.ImageField(upload_to="leaves")
    note = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.note


class Slip(models.Model):
    """The same of anything."""

    content_type = models.ForeignKey("contenttypes.ContentType", models.CASCADE)
    object_id = models.CharField(max_length=40)
    of = GenericForeignKey()
    image = models.ImageField(upload_to="slips", blank=True)
    picture = GeneratedImageField()

    def __str__(self) -> str:
        return str(self.object_id)


class Pressed(Sheet):
    """A proxy."""

    class Meta:
        proxy = True


class Bound(Sheet):
    """A child, whose parent has the columns of the pictures."""

    spine = models.CharField(max_length=20, blank=True)


class Card(models.Model):
    """What something else is as well, under a key of its own."""

    number = models.AutoField(primary_key=True)
    motto = models.CharField(max_length=80, blank=True)
    stamp = models.ImageField(upload_to="stamps", blank=True)
    face = GeneratedImageField()

    def __str__(self) -> str:
        return self.motto


class Postcard(Photo, Card):
    """A child of two parents, which know it by different keys."""
