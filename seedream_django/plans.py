"""What a run for many objects would make: for which of them and in what words, and which are left out, and why.

Nothing here orders anything. Objects are read some hundreds at a time, however many were chosen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from . import content, gaps, parameters, places, prompts, slots
from .models import FINAL, PLANNED, BulkItem, BulkRun, Generation, ImageState, ItemState, Review, Slot, Style
from .places import Place, Spot

#: Objects that are looked at together.
CHUNK = 500

#: Why an object is left out; kept in English, and told in the reader's language.
HAS_ONE = gettext_noop("It has a picture already.")
BEING_MADE = gettext_noop("A picture is being made for it already.")
NO_WORDS = gettext_noop("Its prompt would be empty.")
TOO_LONG = gettext_noop("Its prompt would be too long.")
NOT_ALLOWED = gettext_noop("Whoever started this may not change it.")
GONE = gettext_noop("The object is gone.")

#: Says of an object whether the person may change it.
May = Callable[[Any], bool]

Each = TypeVar("Each")


# -- Which objects -------------------------------------------------------------------------------------------


def begin(
    queryset: models.QuerySet[Any],
    field: str,
    place: Place,
    *,
    user: Any,
    may: May,
    words: Collection[str] | None = None,
    style: Style | None = None,
) -> BulkRun:
    """A run for all objects of this queryset, not started; what is left out is in it as well, with the reason.

    ``words``: the fields that its prompt may begin with where the place does not say, or None for any. ``style``: the
    one that it begins with.
    """
    model = queryset.model
    kind = ContentType.objects.get_for_model(model)
    run = BulkRun(user=user, content_type=kind, field=field, options={"place": asdict(place)})
    run.prompt = place.prompt_from or _first_words(model, words)
    run.shape = place.shape or "1:1"
    if style is not None:
        run.style = style.name
        run.options["style"] = style.words
    _insert(run, queryset.values_list("pk", flat=True).iterator(chunk_size=CHUNK), may=may)
    return run


def anew(run: BulkRun, *, may: May) -> BulkRun:
    """A run for the objects of this one whose picture failed, in its words, not started."""
    place = {name: getattr(run, name) for name in ("user", "content_type", "field")}
    words = {name: getattr(run, name) for name in ("prompt", "shape", "style", "options")}
    new = BulkRun(**place, **words)
    failed = run.items.filter(state=ItemState.FAILED).order_by("position", "pk")
    _insert(new, failed.values_list("object_id", flat=True), may=may)
    return new


def _insert(run: BulkRun, keys: Iterable[Any], *, may: May) -> None:
    """Judge these objects, and write the run with all of them, or nothing."""
    judged: dict[str, str] = {}
    # Before the transaction, and not in it: others could write nothing to SQLite for as long. What changes meanwhile
    # is seen when it is ordered.
    for chunk in _chunks(keys):
        # An object that a list names twice is made a picture for once.
        judged |= judge(run, [str(key) for key in chunk], may=may)
    items = (
        BulkItem(run=run, object_id=key, position=position, **_judgement(why))
        for position, (key, why) in enumerate(judged.items())
    )
    with transaction.atomic():
        run.save(force_insert=True)
        for some in _chunks(items):
            BulkItem.objects.bulk_create(some)


def change(run: BulkRun, *, may: May, **changes: Any) -> bool:
    """Give a run that does not work other words, for what is not made yet; tell whether it could be changed."""
    if run.state not in PLANNED or not run.change(**changes):
        return False
    check(run, may=may)
    return True


def check(run: BulkRun, *, may: May) -> None:
    """Look at every object again that nothing was ordered for."""
    for chunk in _chunks(_unmade(run)):
        state_of = {key: (state, note) for key, state, note in chunk}
        by_reason = defaultdict(list)
        for key, why in judge(run, list(state_of), may=may).items():
            if state_of[key] != ((ItemState.SKIPPED, why) if why else (ItemState.WAITING, "")):
                by_reason[why].append(key)
        for why, keys in by_reason.items():
            # Only what nobody has moved since: a worker may be about to order it.
            rows = BulkItem.objects.filter(run=run, object_id__in=keys, generation=None)
            rows.filter(state__in=(ItemState.WAITING, ItemState.SKIPPED)).update(**_judgement(why))


def judge(run: BulkRun, keys: Sequence[str], *, may: May) -> dict[str, str]:
    """Why nothing is made for each of these objects; blank for what a picture is made for."""
    # In this order: what fills an object between the two is seen in one of them.
    busy = being_made(run, keys)
    found = objects_of(run, keys)
    return {key: why_not(run, found.get(key), busy=key in busy, may=may) for key in keys}


def why_not(run: BulkRun, obj: Any, *, busy: bool, may: May) -> str:
    """Why no picture is made for this object, which is None where it is gone; or blank."""
    if obj is None:
        return GONE
    if value_in(obj, run.field):
        return HAS_ONE
    if busy:
        return BEING_MADE
    if not may(obj):
        return NOT_ALLOWED
    words = prompt_for(run, obj)
    if not words:
        return NO_WORDS
    longest = parameters.BY_KEYWORD["prompt"].maximum or 0
    return TOO_LONG if len(prompts.with_lines(words, added(run))) > longest else ""


def objects_of(run: BulkRun, keys: Collection[str]) -> dict[str, Any]:
    """These objects by their keys as text; without those that are gone."""
    model: Any = model_of(run)
    if model is None:
        return {}
    return {str(obj.pk): obj for obj in model._base_manager.filter(pk__in=list(keys))}


def being_made(run: BulkRun, keys: Collection[str]) -> set[str]:
    """Those of these objects that a picture may still come for, whoever ordered it."""
    kind = kind_of(run)
    if kind is None:
        return set()
    coming = ~Q(generation__state__in=FINAL) | Q(generation__in=Generation.objects.undecided())
    coming |= Q(generation__images__state=ImageState.RECEIVED)
    not_refused = ~Q(generation__images__review=Review.REJECTED)
    coming |= Q(generation__images__state=ImageState.STORED) & not_refused
    known = keys_of_places(run, keys)
    open_slots = Slot.objects.filter(content_type=kind, field=run.field, object_id__in=list(known))
    open_slots = open_slots.filter(coming, settled_at=None, generation__hidden=False)
    return {known[key] for key in open_slots.values_list("object_id", flat=True)}


def keys_of_places(run: BulkRun, keys: Collection[str]) -> dict[str, str]:
    """Objects' keys, by those that the field's places are known by: ``places.key_of``."""
    model: Any = model_of(run)
    of_place = places.declares(model, run.field)._meta.pk
    own = model._meta.pk
    while own != of_place and own.remote_field:
        own = own.target_field
    if own == of_place:
        return {key: key for key in keys}
    # A second parent's field.
    pairs = model._base_manager.filter(pk__in=list(keys)).values_list(of_place.name, "pk")
    return {str(place): str(pk) for place, pk in pairs}


def model_of(run: BulkRun) -> type[models.Model] | None:
    """The model of its objects, if it still has the field."""
    model = run.content_type.model_class()
    try:
        if model is not None:
            model._meta.get_field(run.field)
    except FieldDoesNotExist:
        return None
    return model


def kind_of(run: BulkRun) -> ContentType | None:
    """Of the model that declares the field: for a child it is its parent, where all slots are looked for."""
    model = model_of(run)
    return ContentType.objects.get_for_model(places.declares(model, run.field)) if model else None


def options_of(run: BulkRun) -> dict[str, Any]:
    """What the worker that fills a place has to know, for a slot's row."""
    model: Any = model_of(run)
    return Spot(places.declares(model, run.field), run.field, "", place_of(run), model).options()


def value_in(obj: models.Model, field: str) -> Any:
    """What the field has: a file, the key of a picture, or nothing."""
    found: Any = obj._meta.get_field(field)
    return getattr(obj, found.attname)


def may_change(user: Any) -> May:
    """What the rights of a person say of each object."""
    return lambda obj: slots.may_change(user, type(obj), obj)


def _unmade(run: BulkRun) -> Iterator[tuple[str, str, str]]:
    states = (ItemState.WAITING, ItemState.SKIPPED)
    rows = run.items.filter(state__in=states, generation=None).values_list("object_id", "state", "note", "pk")
    # By key and not by a cursor: the rows are changed on the way.
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1][3]
        yield from ((key, state, note) for key, state, note, _pk in chunk)


def _chunks(rows: Iterable[Each]) -> Iterator[list[Each]]:
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


def _judgement(why: str) -> dict[str, str]:
    return {"state": ItemState.SKIPPED if why else ItemState.WAITING, "note": why}


# -- In what words -------------------------------------------------------------------------------------------


def place_of(run: BulkRun) -> Place:
    """What the field wants, as it was when the run was made."""
    return Place(**run.options.get("place", {}))


def added(run: BulkRun) -> str:
    """The lines that follow each prompt: the field's, and those of the style."""
    return "\n".join(filter(None, (place_of(run).hint, run.options.get("style", ""))))


def prompt_for(run: BulkRun, obj: models.Model) -> str:
    """The run's prompt with this object's own words in it; blank where it has none of them."""
    try:
        names = gaps.names_in(run.prompt)
    except ValueError:
        return ""
    return prompts.clean(places.fill(run.prompt, {name: places.value_of(obj, name) for name in names}))


def size_of(run: BulkRun) -> tuple[int, int]:
    """The smallest size of its shape that is as wide as the field will have it."""
    sizes = parameters.DIMENSIONS[run.shape]
    most = place_of(run).max_width
    return sizes["3K" if most is not None and most > sizes["2K"][0] else "2K"]


def order_for(run: BulkRun, obj: models.Model) -> dict[str, Any]:
    """What is ordered for this object, as ``orders.place`` takes it."""
    width, height = size_of(run)
    return {"prompt": prompt_for(run, obj), "added": added(run), "width": width, "height": height}


def digest_of(run: BulkRun, obj: models.Model) -> str:
    """Of the text that the field's prompt begins with, so that one can be told when it changes; blank for none."""
    place = place_of(run)
    return content.digest(place.prompt_for(obj)) if place.prompt_from else ""


def words_of(model: type[models.Model]) -> Mapping[str, str]:
    """The fields that a prompt may name, and what people call them."""
    fields: list[Any] = [field for field in model._meta.get_fields() if places.is_text(field)]
    return {field.name: str(field.verbose_name) for field in fields if not field.primary_key}


def _first_words(model: type[models.Model], words: Collection[str] | None) -> str:
    for field in model._meta.get_fields():
        fits = type(field) is models.CharField and not field.choices
        if fits and (words is None or field.name in words):
            return f"{{{field.name}}}"
    return ""
