"""Places that wait for a picture: a field of an object, filled when the picture is ready.

A slot is made with its order, signed over to the page, bound to the object when the form is saved, and filled
once: if the field is still empty and the person who ordered may still change the object.
"""

from __future__ import annotations

import datetime
import logging
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db import models, router, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from . import audit, conf
from .models import GeneratedImage, Generation, Review, Slot, after

logger = logging.getLogger(__name__)

SALT = "seedream_django.slot"
#: A form may lie open over a long weekend.
TOKEN_AGE = datetime.timedelta(days=7)


def token(slot: Slot) -> str:
    """What the page keeps of a slot: signed for its person, so that nobody fills another's field."""
    return signing.dumps([slot.pk, slot.user_id and str(slot.user_id)], salt=SALT)


def read(text: str, *, user: Any) -> Slot | None:
    """The slot that ``token()`` made this text of, or None if it is forged, old, gone, or somebody else's."""
    try:
        pk, user_id = signing.loads(text, salt=SALT, max_age=TOKEN_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if user is None or user.pk is None or str(user.pk) != user_id:
        return None
    return Slot.objects.select_related("generation").filter(pk=pk).first()


def bind(slot: Slot, instance: models.Model, model: type[models.Model], field: str) -> None:
    """Tell the slot which object it belongs to, and fill it at once if its picture is there.

    ``model`` is the one that declares the field: for a child model it is its parent.
    """
    content_type = ContentType.objects.get_for_model(model)
    unbound = Slot.objects.filter(pk=slot.pk, content_type=content_type, field=field, object_id="")
    unbound.update(object_id=str(instance.pk))
    slot.refresh_from_db()
    if slot.object_id == str(instance.pk):
        fill(slot)


def fill(slot: Slot) -> bool:
    """Put the first finished picture that is not held back into the slot's field, once; tell whether it did."""
    image = slot.generation.images.stored().unflagged().order_by("position", "pk").first()
    if image is None or not slot.object_id or slot.generation.hidden:
        return False
    model = slot.content_type.model_class()
    with transaction.atomic(using=router.db_for_write(model or Slot)):
        if not Slot.objects.filter(pk=slot.pk, settled_at__isnull=True).update(settled_at=timezone.now()):
            return False
        note = _refusal(slot, model) or _put(slot, image, model)
        Slot.objects.filter(pk=slot.pk).update(note=note, image=None if note else image)
    return not note


def last_unfilled(instance: models.Model | None, field: str, user: Any) -> Generation | None:
    """The newest order for this place that has not filled it, if this person may see it and it is not old news."""
    if instance is None or instance.pk is None or user is None:
        return None
    model = instance._meta.get_field(field).model
    slot = (
        Slot.objects.filter(
            content_type=ContentType.objects.get_for_model(model),
            object_id=str(instance.pk),
            field=field,
            created_at__gt=after(-conf.WATCH),
        )
        .select_related("generation")
        .order_by("-created_at", "-pk")
        .first()
    )
    if slot is None or slot.settled_at or slot.generation.hidden or slot.generation.stored:
        return None
    return Generation.objects.visible_to(user).filter(pk=slot.generation_id).first()


def fill_waiting(limit: int = 200) -> int:
    """Fill what a worker that died left behind."""
    # What failed long ago is not looked through every minute.
    since = after(-conf.WATCH - conf.STORE_DEADLINE)
    approved = GeneratedImage.objects.filter(review=Review.APPROVED, reviewed_at__gt=since)
    young = Q(created_at__gt=since) | Q(generation__in=approved.values("generation"))
    recent = Slot.objects.waiting().filter(young)
    return sum(map(_try_to_fill, recent.select_related("generation", "content_type")[:limit]))


def fill_for_image(image: GeneratedImage, **kwargs: Any) -> None:
    """Fill what waits for this picture; listens to ``image_stored`` and ``image_released``."""
    for slot in Slot.objects.waiting().filter(generation=image.generation_id).select_related("content_type"):
        _try_to_fill(slot)


def may_change(user: Any, model: type[models.Model], obj: models.Model | None = None) -> bool:
    """Whether this person may change objects of this model: all of them, or this one by an object backend."""
    permission = f"{model._meta.app_label}.change_{model._meta.model_name}"
    return bool(
        user and user.is_active and (user.has_perm(permission) or (obj and user.has_perm(permission, obj)))
    )


def _try_to_fill(slot: Slot) -> bool:
    try:
        return fill(slot)
    except Exception:
        # The host's own save() and receivers run in it: one that fails must not stop the others.
        logger.exception("Could not fill slot %s.", slot.pk)
        return False


def _refusal(slot: Slot, model: type[models.Model] | None) -> str:
    obj = model._base_manager.filter(pk=slot.object_id).first() if model else None
    if model is None or obj is None:
        return gettext_noop("The object is gone.")
    if slot.user_id and not may_change(slot.user, model, obj):
        return gettext_noop("The person who ordered it may not change the object any more.")
    return ""


def _put(slot: Slot, image: GeneratedImage, model: Any) -> str:
    empty = model._base_manager.filter(pk=slot.object_id, **{f"{slot.field}__isnull": True})
    if not empty.update(**{slot.field: image}):
        return gettext_noop("The field has another picture by now.")
    obj = model._base_manager.get(pk=slot.object_id)
    # The update decided the race; the save tells the host's own receivers (search, caches).
    obj.save(update_fields=[slot.field])
    audit.changed(obj, [slot.field], slot.user_id)
    return ""
