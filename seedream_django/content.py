"""Prompts from the content: what a form's text says now, and pictures that were made from another one."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext as _

from . import prompts
from .models import Slot
from .places import Place, Spot, cut, declares, fill, key_of, typed_value

#: Who is told nothing of pictures that could be made.
ORDERS = "seedream_django.generate"


def digest(text: str) -> str:
    """What a slot keeps of the text that its picture was made from; blank for no text."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def made_from(place: Place, text: str, prompt: str) -> str:
    """Digest of the ``text`` that a panel filled a prompt from; blank where the prompt is somebody's own words."""
    filled = prompts.clean(text)
    return digest(filled) if place.prompt_from and filled and filled in prompts.clean(prompt) else ""


def typed(spot: Spot, values: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What the spot's prompt begins with, from what stands in a form now: ``text``, and what is ``said`` of it.

    ``values`` are those of the form's controls, by the names of the object's fields.
    """
    model, place = spot.kind or spot.model, spot.place
    whole = fill(
        place.prompt_from, {name: typed_value(model, name, values.get(name, ())) for name in place.names}
    )
    text = cut(whole, place.limit)
    said = "" if text else _("There is no text in the form yet.")
    if text != whole:
        said = _("The text is longer than a prompt may be: its beginning was filled in.")
    return {"text": text, "said": said}


def stale(instance: models.Model, places: Mapping[str, Place], user: Any) -> dict[str, str]:
    """Those fields whose picture was made from another text than there is now, with that text.

    One query for all fields, and none for who may not order. Nothing is ordered, whatever it says.
    """
    return stale_among([instance], places, user).get(instance.pk, {})


def stale_among(
    instances: Collection[models.Model], places: Mapping[str, Place], user: Any
) -> dict[Any, dict[str, str]]:
    """The same of many objects of one model, by their primary keys, in one query as well."""
    told = {name: place for name, place in places.items() if place.prompt_from}
    known = [each for each in instances if each.pk is not None and not each._state.adding]
    if not told or not known or user is None or not user.has_perm(ORDERS):
        return {}
    made = _digests(known, told)
    found: dict[Any, dict[str, str]] = {}
    for each in known:
        for name, place in told.items():
            was = made.get((key_of(each, name), name), {}).get(_content(each, name))
            if was is not None and (text := place.prompt_for(each)) and digest(text) != was:
                found.setdefault(each.pk, {})[name] = text
    return found


def _digests(instances: Collection[models.Model], names: Collection[str]) -> dict[Any, dict[Any, str]]:
    """By object and field: what each picture that was put there was made from, the newest last."""
    places = models.Q()
    for name in names:
        kind = ContentType.objects.get_for_model(declares(type(next(iter(instances))), name))
        keys = [key_of(each, name) for each in instances]
        places |= models.Q(content_type=kind, field=name, object_id__in=keys)
    rows = Slot.objects.filter(places, note="")
    rows = rows.filter(settled_at__isnull=False, image__isnull=False).exclude(text_digest="")
    found: dict[Any, dict[Any, str]] = {}
    columns = ("object_id", "field", "image", "copied", "text_digest")
    for key, name, image, copied, text in rows.order_by("settled_at", "pk").values_list(*columns):
        found.setdefault((key, name), {})[copied or image] = text
    return found


def _content(instance: models.Model, name: str) -> Any:
    """What stands in the field: the name of a file, or the key of a picture."""
    field: Any = instance._meta.get_field(name)
    value = field.value_from_object(instance)
    return value.name if isinstance(field, models.FileField) else value
