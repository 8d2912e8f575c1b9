"""The model field: a place for a picture on any model."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.signals import post_save

from . import slots
from .forms import GeneratedImageChoiceField, Wish
from .models import Slot

WISHES = "_seedream_wishes"


class GeneratedImageField(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key to GeneratedImage whose form field can also order the picture.

    ::

        class Article(models.Model):
            cover = GeneratedImageField(verbose_name="cover")

    Optional by default, and emptied when the picture is deleted. A form that is saved before its picture is
    ready leaves a Slot, which fills the field later.
    """

    def __init__(
        self, to: Any = "seedream_django.GeneratedImage", on_delete: Any = models.SET_NULL, **kwargs: Any
    ) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        # To Django's own field, so that migrations outlive this app.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, private_only, **kwargs)
        if not cls._meta.abstract:
            post_save.connect(fulfil, sender=cls, dispatch_uid=f"seedream_django.{cls._meta.label}")

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.pop("using", None)
        # Straight to Field: a ForeignKey would insist on a ModelChoiceField.
        return models.Field.formfield(
            self,
            **{
                "form_class": GeneratedImageChoiceField,
                **kwargs,
                "model": self.model._meta.label_lower,
                "field": self.name,
            },
        )

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        """Set a chosen picture; keep a wish until the object has a primary key."""
        if isinstance(data, Wish):
            instance.__dict__.setdefault(WISHES, {})[self.name] = data
        else:
            super().save_form_data(instance, data)


def fulfil(sender: Any, instance: models.Model, **kwargs: Any) -> None:
    """After an object with such fields was saved from a form: bind its slots, place its orders."""
    for field, wish in instance.__dict__.pop(WISHES, {}).items():
        if wish.order is not None:
            content_type = ContentType.objects.get_for_model(instance)
            slot = Slot(
                content_type=content_type, object_id=str(instance.pk), field=field, user=wish.order.user
            )
            wish.order.place(door="field", slot=slot)
        elif wish.slot is not None:
            slots.bind(wish.slot, instance)
