"""What a form wants of a field beyond its value, kept on the object until it is saved, and done then."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models.signals import post_save, pre_save
from django.utils import timezone
from django.utils.translation import gettext as _

from . import describing, slots
from .content import digest, made_from
from .exceptions import NotAllowed
from .models import GeneratedImage, Slot
from .panels import ANYWHERE, InPlaceForm
from .places import Place, key_of, spot_of

logger = logging.getLogger(__name__)

WISHES = "_seedream_wishes"
#: What a form left alone in the fields of an object that it saved, by their names.
LEFT = "_seedream_left"


@dataclass(frozen=True)
class Words:
    """What somebody wrote of a picture, and where it is cut; ``focal`` in percent. None: as it is by now."""

    image: GeneratedImage
    title: str | None = None
    alt: str | None = None
    decorative: bool | None = None
    focal: tuple[int, int] | None = None


@dataclass(frozen=True)
class Wish:
    """Leave the field as it is now in the database, and perhaps more once the object is saved.

    ``slot``: fill it when this slot's picture is ready. ``order``: a checked order to place. ``chosen``: a finished
    picture to copy into a file field. ``was``: the picture that the form showed, for an object that has no row yet.
    ``text``: what the panel filled the prompt of an order from.
    ``leaves``: False where the form gives the field a value, and there are only words to keep. ``tell``: says to the
    person what became of it.
    """

    was: int | None = None
    slot: Slot | None = None
    order: InPlaceForm | None = None
    chosen: GeneratedImage | None = None
    words: Words | None = None
    leaves: bool = True
    text: str = ""
    place: Place = ANYWHERE
    focal: tuple[int, int] | None = None
    user: Any = field(default=None, compare=False)
    tell: Callable[[str], object] | None = field(default=None, compare=False)

    def with_words(self, words: Words | None) -> Wish:
        return replace(self, words=words)


def promise(instance: models.Model, name: str, wish: Wish) -> None:
    """Keep a wish on an object until it is saved."""
    column: Any = instance._meta.get_field(name)
    if (
        wish.was
        and instance._state.adding
        and column.is_relation
        and getattr(instance, column.attname) is None
    ):
        # “Save as new”, or a form that began with a picture: there is no row yet that has it.
        setattr(instance, column.attname, wish.was)
    kept = instance.__dict__.setdefault(WISHES, {})
    kept[name] = replace(wish, words=wish.words or kept[name].words) if name in kept else wish
    # For the instance's own class: a proxy or a child saves under its own name.
    sender = type(instance)
    pre_save.connect(read_again, sender=sender, dispatch_uid=f"seedream_django.read.{sender._meta.label}")
    post_save.connect(fulfil, sender=sender, dispatch_uid=f"seedream_django.{sender._meta.label}")


def read_again(sender: Any, instance: models.Model, **kwargs: Any) -> None:
    """Before it is saved: what the form leaves alone may have been filled since the object was read."""
    wishes = instance.__dict__.get(WISHES, {})
    for name in [name for name, wish in wishes.items() if wish.chosen is not None and not _is_there(wish)]:
        wishes[name] = _undone(instance, name, wishes[name])
    left = [name for name, wish in wishes.items() if wish.leaves]
    # A host may save it once more, when a copy has come; what it gave a field itself since is its own.
    before = instance.__dict__.get(LEFT, {})
    left += [name for name, value in before.items() if name not in wishes and _text(instance, name) == value]
    if left and not instance._state.adding:
        slots.reread(instance, left)


def _is_there(wish: Wish) -> bool:
    """Whether the chosen picture may still be chosen; until the end of the transaction nobody deletes it then."""
    assert wish.chosen is not None
    rows = GeneratedImage.objects.filter(pk=wish.chosen.pk)
    connection = transaction.get_connection(rows.db)
    if connection.in_atomic_block and connection.features.has_select_for_update:
        rows.select_for_update().first()
    return GeneratedImage.objects.choosable_by(wish.user).filter(pk=wish.chosen.pk).exists()


def _undone(instance: models.Model, name: str, wish: Wish) -> Wish:
    """Deleted or held back since the form was checked: the field stays as it was, and all else is saved."""
    column: Any = instance._meta.get_field(name)
    if column.is_relation and instance._state.adding:
        setattr(instance, column.attname, None)
    _tell(wish, _lost(instance, name))
    return replace(wish, chosen=None, slot=None, words=None, leaves=True)


def _lost(instance: models.Model, name: str) -> str:
    column: Any = instance._meta.get_field(name)
    return _(
        "The picture that you chose for “%(field)s” was not put there: it was deleted meanwhile, or you may not "
        "choose it any more. Everything else was saved. Choose another."
    ) % {"field": column.verbose_name}


def _text(instance: models.Model, name: str) -> str:
    column: Any = instance._meta.get_field(name)
    return str(column.value_from_object(instance) or "")


def fulfil(sender: Any, instance: models.Model, using: str, **kwargs: Any) -> None:
    """After an object was saved from a form: bind its slots, place its orders, keep what was written."""
    wishes = instance.__dict__.pop(WISHES, {})
    for name, wish in wishes.items():
        model = instance._meta.get_field(name).model
        if wish.words is not None:
            _describe(wish)
        if wish.order is not None:
            # Once the object is there, in its own database, and the order is in nobody's transaction in ours.
            place = partial(_place, wish, _slot(instance, model, name, wish))
            # Robust: the object is saved, and another field's order must not go with this one's.
            transaction.on_commit(partial(transaction.on_commit, place, robust=True), using=using)
        elif not wish.leaves:
            _record(instance, model, name, wish)
        elif wish.slot is not None:
            _bind(instance, model, name, wish)
        elif wish.chosen is not None:
            _choose(instance, model, name, wish)
    if left := {name: _text(instance, name) for name, wish in wishes.items() if wish.leaves}:
        instance.__dict__.setdefault(LEFT, {}).update(left)


def _bind(instance: models.Model, model: type[models.Model], name: str, wish: Wish) -> None:
    assert wish.slot is not None
    unknown = Slot.objects.filter(pk=wish.slot.pk, object_id="", text_digest="")
    unknown.update(text_digest=_digest(instance, wish))
    slots.bind(wish.slot, instance, model, name, focal=wish.focal or (None, None))
    if not isinstance(model._meta.get_field(name), models.FileField):
        # The slot may just have been filled: a second save() must not write the empty field back.
        instance.refresh_from_db(fields=[name])


def _record(instance: models.Model, model: type[models.Model], name: str, wish: Wish) -> None:
    """Note what text a picture that was chosen stands beside, so that one can be told when that changes."""
    # As it was when it was ordered, where that is known.
    text = (wish.slot and wish.slot.text_digest) or _digest(instance, wish)
    if wish.chosen is None or not (text or wish.slot):
        return
    now = timezone.now()
    columns = {"object_id": key_of(instance, name), "text_digest": text, "image": wish.chosen}
    told = {"settled_at": now, "told_at": now, "mailed_at": now}
    if wish.slot is not None and Slot.objects.filter(pk=wish.slot.pk, object_id="").update(**columns, **told):
        return
    kind = ContentType.objects.get_for_model(model)
    generation = wish.chosen.generation_id
    Slot.objects.create(
        generation_id=generation, content_type=kind, field=name, user=wish.user, **columns, **told
    )


def _digest(instance: models.Model, wish: Wish) -> str:
    return digest(wish.place.prompt_for(instance)) if wish.place.prompt_from else ""


def _slot(instance: models.Model, model: type[models.Model], name: str, wish: Wish) -> Slot:
    assert wish.order is not None
    made = made_from(wish.place, wish.text, wish.order.cleaned_data["prompt"])
    return Slot(
        content_type=ContentType.objects.get_for_model(model),
        object_id=key_of(instance, name),
        field=name,
        user=wish.order.user,
        options=spot_of(instance, name, wish.place).options(),
        text_digest=made or _digest(instance, wish),
    )


def _choose(instance: models.Model, model: type[models.Model], name: str, wish: Wish) -> None:
    assert wish.chosen is not None
    wants: dict[str, Any] = {
        "options": spot_of(instance, name, wish.place).options(),
        "focal": wish.focal or (None, None),
    }
    before = str(getattr(instance, name) or "")
    try:
        slot = slots.choose(wish.chosen, instance, model, name, user=wish.user, replaces=before, **wants)
    except ValueError:
        _tell(wish, _lost(instance, name))
        return
    Slot.objects.filter(pk=slot.pk).update(text_digest=_digest(instance, wish))


def _describe(wish: Wish) -> None:
    words = wish.words
    assert words is not None
    if words.focal is not None:
        across, down = words.focal
        GeneratedImage.objects.filter(pk=words.image.pk).update(focal_x=across, focal_y=down)
    said = {name: getattr(words, name) for name in ("title", "alt", "decorative")}
    if any(value not in (None, getattr(words.image, name)) for name, value in said.items()):
        try:
            describing.describe(words.image, **said, user=wish.user)
        except NotAllowed as refused:
            # Hidden since the form was checked: the object is saved all the same.
            _tell(wish, str(refused))


def _place(wish: Wish, slot: Slot) -> None:
    """Outside the host's transaction: what was saved stays saved, whatever becomes of the order."""
    if wish.order is None or wish.order.place(door="field", slot=slot) is not None:
        return
    reason = " ".join(str(text) for texts in wish.order.errors.values() for text in texts)
    logger.warning("The order for %s was not taken: %s", slot, reason)
    # With the prompt: it is in no form any more, and was not saved with the object.
    words = {"prompt": wish.order.cleaned_data["prompt"], "reason": reason}
    _tell(wish, _("Saved, but this picture was not ordered: “%(prompt)s”. %(reason)s") % words)


def _tell(wish: Wish, text: str) -> None:
    if wish.tell is not None:
        wish.tell(text)
