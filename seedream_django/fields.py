"""The model field: a place for a picture on any model."""

from __future__ import annotations

from typing import Any

from django.db import models

from .forms import GeneratedImageChoiceField
from .widgets import GeneratedImageInput
from .wishes import Wish, promise


class GeneratedImageField(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key to GeneratedImage whose form field can also order the picture.

    ::

        class Article(models.Model):
            cover = GeneratedImageField(verbose_name="cover")

    Optional by default. A form that is saved before its picture is ready leaves a Slot, which fills the field later.
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

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.pop("using", None)
        # The admin's raw id and autocomplete widgets hold a number; this field's value is more.
        if not _fits(kwargs.get("widget")):
            kwargs.pop("widget", None)
        # Straight to Field: a ForeignKey would insist on a ModelChoiceField.
        place = {"model": self.model._meta.label_lower, "field": self.name}
        return models.Field.formfield(self, **{"form_class": GeneratedImageChoiceField, **kwargs, **place})

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        """Set a chosen picture; keep a wish until the object has a primary key."""
        if isinstance(data, Wish):
            promise(instance, self.name, data)
        else:
            super().save_form_data(instance, data)


def _fits(widget: Any) -> bool:
    return isinstance(widget, GeneratedImageInput) or (
        isinstance(widget, type) and issubclass(widget, GeneratedImageInput)
    )
