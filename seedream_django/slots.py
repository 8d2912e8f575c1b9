"""Places that wait for a picture: a field of an object, filled when the picture is ready.

A slot is made with its order, signed over to the page, bound to the object when the form is saved, and filled
once: if the field still has what it may replace, and the person who ordered may still change the object. A foreign
key is filled here; what has a file of its own is filled by ``copying``, in the queue.
"""

from __future__ import annotations

import contextlib
import datetime
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db import models, router, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from . import audit, conf, places, signals
from .models import CODE, GeneratedImage, Generation, Review, Slot, after

logger = logging.getLogger(__name__)

SALT = "seedream_django.slot"
#: A form may lie open over a long weekend.
TOKEN_AGE = datetime.timedelta(days=7)

#: Across and down in percent; None for the picture's own.
Focal = tuple[int | None, int | None]


# -- From the page to the object -----------------------------------------------------------------------------


def token(slot: Slot, object_pk: Any = "") -> str:
    """What the page keeps of a slot: signed for its person, object and field, so that nobody fills another.

    ``object_pk`` is the object's as the page was made (``places.key_of``), blank for one that is not saved yet.
    """
    claim = [slot.pk, slot.user_id and str(slot.user_id), _label(slot.content_type), slot.field]
    return signing.dumps([*claim, "" if object_pk is None else str(object_pk)], salt=SALT)


def read(
    text: str,
    *,
    user: Any,
    model: type[models.Model] | str,
    field: str,
    instance: models.Model | None = None,
) -> Slot | None:
    """The slot that ``token()`` made this text of.

    None if it is forged, old, gone, somebody else's, or of another field or object. One that was made for an object
    is taken for a copy that is being added, as “save as new” does.
    """
    try:
        pk, user_id, label, name, object_pk = signing.loads(text, salt=SALT, max_age=TOKEN_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if user is None or user.pk is None or str(user.pk) != user_id:
        return None
    if (label, name) != (_declaring(model, field), field):
        return None
    saved = None if instance is None or instance._state.adding else instance
    if object_pk and saved is not None and object_pk != places.key_of(saved, field):
        return None
    return Slot.objects.select_related("generation").filter(pk=pk).first()


def _label(content_type: ContentType) -> str:
    return f"{content_type.app_label}.{content_type.model}"


def _declaring(model: type[models.Model] | str, field: str) -> str | None:
    """The label of the model that declares the field: for a child model it is its parent."""
    try:
        found: Any = apps.get_model(model) if isinstance(model, str) else model
        return str(places.declares(found, field)._meta.concrete_model._meta.label_lower)
    except (FieldDoesNotExist, LookupError, ValueError):
        return None


def bind(
    slot: Slot,
    instance: models.Model,
    model: type[models.Model],
    field: str,
    *,
    replaces: str = "",
    focal: Focal = (None, None),
) -> None:
    """Tell the slot which object it belongs to, and fill it at once if its picture is there.

    ``model`` is the one that declares the field: for a child model it is its parent. ``replaces`` is what the field
    had when the form was saved and may have no more: a file's name, or the key of what it refers to; blank to fill it
    only if it is empty.
    """
    content_type = ContentType.objects.get_for_model(model)
    unbound = Slot.objects.filter(pk=slot.pk, content_type=content_type, field=field, object_id="")
    key = places.key_of(instance, field)
    columns = {"object_id": key, "replaces": replaces, "look_at": timezone.now()}
    unbound.update(**columns, **_point(focal))
    slot.refresh_from_db()
    if slot.object_id == key:
        fill(slot)


def choose(
    image: GeneratedImage,
    instance: models.Model,
    model: type[models.Model],
    field: str,
    *,
    user: Any,
    options: Mapping[str, Any] | None = None,
    focal: Focal = (None, None),
    replaces: str = "",
) -> Slot:
    """Have a finished picture copied into a field with a file of its own; ``model`` and ``replaces`` as in ``bind``.

    ``options`` as ``Place.options()`` says them. Raises ValueError for a picture that this person may not choose.
    """
    if user is None or not GeneratedImage.objects.choosable_by(user).filter(pk=image.pk).exists():
        raise ValueError("This person may not choose this picture.")
    slot = Slot.objects.create(
        generation=image.generation,
        chosen=image,
        content_type=ContentType.objects.get_for_model(model),
        object_id=places.key_of(instance, field),
        field=field,
        user=user,
        options=dict(options or {}),
        replaces=replaces,
        **_point(focal),
    )
    fill(slot)
    return slot


def _point(focal: Focal) -> dict[str, int]:
    return {f"focal_{axis}": value for axis, value in zip("xy", focal, strict=True) if value is not None}


def reread(instance: models.Model, names: Iterable[str]) -> None:
    """Give an object what the database has now in these of its fields, for a form that was read before.

    Inside a transaction nobody else writes them until its end, where the database has locks for rows.
    """
    if instance.pk is None or instance._state.adding:
        return
    using = instance._state.db or router.db_for_write(type(instance), instance=instance)
    connection = transaction.get_connection(using)
    fields = _with_sizes(instance, names)
    rows = type(instance)._base_manager.using(using).filter(pk=instance.pk)
    if connection.in_atomic_block and connection.features.has_select_for_update:
        rows = rows.select_for_update()
    values = rows.values_list(*(field.attname for field in fields)).first()
    for field, value in zip(fields, values or (), strict=False):
        if isinstance(field, models.FileField):
            # Not through the descriptor: an ImageField's would open the file to measure it.
            instance.__dict__[field.attname] = value
        else:
            setattr(instance, field.attname, value)


def _with_sizes(instance: models.Model, names: Iterable[str]) -> list[Any]:
    fields: list[Any] = [instance._meta.get_field(name) for name in names]
    return [*fields, *(other for field in fields for other in size_fields(field))]


def size_fields(field: Any) -> list[Any]:
    """The fields that an ImageField keeps its width and height in, in this order, as far as it has them."""
    kept = (getattr(field, name, None) for name in ("width_field", "height_field"))
    return [field.model._meta.get_field(name) for name in kept if name]


# -- Filling -------------------------------------------------------------------------------------------------


def fill(slot: Slot) -> bool:
    """Put its picture into the slot's field, once; tell whether it did. Where that takes a worker, have one do it."""
    image = picture_for(slot)
    if image is None or not slot.object_id:
        return False
    if slot.is_copied:
        if Slot.objects.due().filter(pk=slot.pk).exists():
            _tell(signals.slot_waiting, slot)
        return False
    with together(slot):
        if not Slot.objects.filter(pk=slot.pk, settled_at__isnull=True).update(settled_at=timezone.now()):
            return False
        note = refusal(slot) or _put(slot, image)
        settled(slot, note, image)
    return not note


def picture_for(slot: Slot) -> GeneratedImage | None:
    """What fills the slot: the chosen picture, else the first that is finished; never one that is held back."""
    if slot.generation.hidden:
        return None
    images = slot.generation.images.stored().released()
    if slot.chosen_id is not None:
        images = images.filter(pk=slot.chosen_id)
    return images.order_by("position", "pk").first()


@contextlib.contextmanager
def together(slot: Slot) -> Iterator[None]:
    """Change the slot and its object in one transaction; where they are in two databases, the object's ends first."""
    with (
        transaction.atomic(using=router.db_for_write(Slot)),
        transaction.atomic(using=database_of(slot)),
    ):
        yield


def database_of(slot: Slot) -> str:
    return router.db_for_write(slot.model or Slot)


def settled(slot: Slot, note: str, image: GeneratedImage | None) -> None:
    """Say, inside the transaction that settled the slot, what became of it, and tell who listens on commit."""
    columns: dict[str, Any] = {
        "note": note,
        "image": None if note else image,
        "lease_until": None,
        "error": "",
    }
    # News, also where its person was told before that nothing came.
    columns |= {"told_at": None, "mailed_at": None}
    Slot.objects.filter(pk=slot.pk).update(**columns)
    for name, value in columns.items():
        setattr(slot, name, value)
    _tell(signals.slot_settled, slot)


def refusal(slot: Slot) -> str:
    """Why nothing is put into the slot's field any more, or blank."""
    obj: Any = slot.model and places.object_of(slot.kind, slot.model, slot.object_id, database_of(slot))
    if obj is None:
        return gettext_noop("The object is gone.")
    if slot.host_field is None:
        return gettext_noop("The field is gone.")
    if not _may_fill(slot, obj):
        return gettext_noop("The person who ordered it may not change the object any more.")
    if _is_overtaken(slot):
        return gettext_noop("Another picture was chosen meanwhile.")
    return ""


def _may_fill(slot: Slot, obj: models.Model) -> bool:
    if slot.user_id:
        # As what the form was for, or as what has the field.
        return any(may_change(slot.user, kind, obj) for kind in {type(obj), slot.model or type(obj)})
    # The site's own code needs no one's rights; what a person ordered who is gone by now has nobody to answer for it.
    return slot.chosen_id is None and slot.generation.door in CODE


def _is_overtaken(slot: Slot) -> bool:
    """Whether a person chose another picture later, which is still on its way."""
    others = Slot.objects.of(slot.content_type, slot.object_id, slot.field)
    return others.filter(pk__gt=slot.pk, chosen__isnull=False, settled_at__isnull=True).exists()


def _put(slot: Slot, image: GeneratedImage) -> str:
    model: Any = slot.model
    rows = model._base_manager.using(database_of(slot)).filter(pk=slot.object_id)
    free = Q(**{f"{slot.field}__isnull": True}) | Q(**{slot.field: image})
    if slot.replaces.isdecimal():
        free |= Q(**{f"{slot.field}__pk": slot.replaces})
    if not rows.filter(free).update(**{slot.field: image}):
        return gettext_noop("The field has another picture by now.")
    obj = rows.get()
    # The update decided the race; the save tells the host's own receivers (search, caches).
    obj.save(update_fields=[slot.field])
    audit.changed(obj, [slot.field], slot.user_id)
    return ""


def fill_waiting(limit: int = 200) -> int:
    """Fill what a worker that died left behind."""
    return sum(map(_try_to_fill, waiting(limit)))


def waiting(limit: int) -> Iterable[Slot]:
    """What a picture is there for and nobody is at, as far as it is not old."""
    # What failed long ago is not looked through every minute.
    since = after(-conf.WATCH - conf.STORE_DEADLINE)
    approved = GeneratedImage.objects.filter(review=Review.APPROVED, reviewed_at__gt=since)
    young = Q(created_at__gt=since) | Q(look_at__gt=since) | Q(generation__in=approved.values("generation"))
    return Slot.objects.due().filter(young).select_related("generation", "content_type")[:limit]


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


def may_add(user: Any, model: type[models.Model]) -> bool:
    return bool(user.has_perm(f"{model._meta.app_label}.add_{model._meta.model_name}"))


def _try_to_fill(slot: Slot) -> bool:
    try:
        return fill(slot)
    except Exception:
        # The host's own save() and receivers run in it: one that fails must not stop the others.
        logger.exception("Could not fill slot %s.", slot.pk)
        return False


def _tell(signal: Any, slot: Slot) -> None:
    send: Callable[[], Any] = partial(signal.send_robust, sender=Slot, slot=slot)
    transaction.on_commit(send, using=router.db_for_write(Slot))


# -- What an editor who comes back is told -------------------------------------------------------------------


def last_unfilled(instance: models.Model | None, field: str, user: Any) -> Generation | None:
    """The newest order for this place that has not filled it, if this person may see it and it is not old news."""
    return pending_of(instance, [field], user).get(field)


def pending_of(instance: models.Model | None, fields: Iterable[str], user: Any) -> dict[str, Generation]:
    """The same for several fields of an object, in as many queries as for one."""
    found = pending_for([] if instance is None else [instance], fields, user)
    return {field: generation for (_pk, field), generation in found.items()}


def pending_for(
    instances: Iterable[models.Model], fields: Iterable[str], user: Any
) -> dict[tuple[Any, str], Generation]:
    """The same for several objects of one model, by their keys and fields, in as many queries as for one."""
    saved, names = [instance for instance in instances if instance.pk is not None], list(fields)
    if user is None or not saved:
        return {}
    model = type(saved[0])
    kinds = {name: ContentType.objects.get_for_model(places.declares(model, name)).pk for name in names}
    keys = {(places.key_of(each, name), name): each.pk for each in saved for name in names}
    newest = {
        (keys[slot.object_id, slot.field], slot.field): slot
        for slot in _recent({key for key, _name in keys}, kinds)
        if slot.content_type_id == kinds[slot.field] and (slot.object_id, slot.field) in keys
    }
    pending = {place: slot.generation_id for place, slot in newest.items() if _is_pending(slot)}
    if not pending:
        return {}
    visible = Generation.objects.visible_to(user).in_bulk(set(pending.values()))
    return {place: visible[pk] for place, pk in pending.items() if pk in visible}


def _recent(keys: Collection[str], kinds: Mapping[str, Any]) -> Iterable[Slot]:
    """The slots of these places that are not old news, the newest last."""
    slots = Slot.objects.filter(
        content_type__in=set(kinds.values()), object_id__in=list(keys), field__in=list(kinds)
    )
    # What a worker is at is tried for longer.
    young = Q(created_at__gt=after(-conf.WATCH)) | Q(attempts__gt=0)
    kept = GeneratedImage.objects.stored().filter(generation=OuterRef("generation"))
    waits = Exists(kept) & ~Exists(kept.released())
    recent = slots.filter(young).select_related("generation", "content_type").annotate(waits=waits)
    return recent.order_by("created_at", "pk")


def _is_pending(slot: Any) -> bool:
    if slot.settled_at or slot.generation.hidden:
        return False
    # What is copied is on its way also when the picture is there; and nobody may have approved it yet.
    return slot.is_copied or not slot.generation.stored or slot.waits
