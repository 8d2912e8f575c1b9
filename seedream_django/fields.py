"""The model field: a place for a picture on any model."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models.signals import post_save
from django.utils.translation import gettext as _

from . import slots
from .forms import GeneratedImageChoiceField, Wish
from .models import Slot
from .widgets import GeneratedImageInput

logger = logging.getLogger(__name__)

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
        if not isinstance(data, Wish):
            super().save_form_data(instance, data)
            return
        if data.was and instance._state.adding and getattr(instance, self.attname) is None:
            # “Save as new”, or a form that began with a picture: there is no row yet that has it.
            setattr(instance, self.attname, data.was)
        instance.__dict__.setdefault(WISHES, {})[self.name] = data
        # For the instance's own class: a proxy or a child saves under its own name.
        sender = type(instance)
        post_save.connect(fulfil, sender=sender, dispatch_uid=f"seedream_django.{sender._meta.label}")


def _fits(widget: Any) -> bool:
    return isinstance(widget, GeneratedImageInput) or (
        isinstance(widget, type) and issubclass(widget, GeneratedImageInput)
    )


def fulfil(sender: Any, instance: models.Model, **kwargs: Any) -> None:
    """After an object with such fields was saved from a form: bind its slots, place its orders."""
    for name, wish in instance.__dict__.pop(WISHES, {}).items():
        model = instance._meta.get_field(name).model
        if wish.order is not None:
            slot = Slot(
                content_type=ContentType.objects.get_for_model(model),
                object_id=str(instance.pk),
                field=name,
                user=wish.order.user,
            )
            transaction.on_commit(partial(_place, wish, slot))
        elif wish.slot is not None:
            slots.bind(wish.slot, instance, model, name)
            # The slot may just have been filled: a second save() must not write the empty field back.
            instance.refresh_from_db(fields=[name])


def _place(wish: Wish, slot: Slot) -> None:
    """Outside the host's transaction: what was saved stays saved, whatever becomes of the order."""
    if wish.order is None or wish.order.place(door="field", slot=slot) is not None:
        return
    reason = " ".join(str(text) for texts in wish.order.errors.values() for text in texts)
    logger.warning("The order for %s was not taken: %s", slot, reason)
    if wish.tell is not None:
        # With the prompt: it is in no form any more, and was not saved with the object.
        words = {"prompt": wish.order.cleaned_data["prompt"], "reason": reason}
        wish.tell(_("Saved, but this picture was not ordered: “%(prompt)s”. %(reason)s") % words)
