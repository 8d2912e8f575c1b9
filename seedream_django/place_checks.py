"""What is wrong with the places that a site gives to pictures in ``seedream_fields``, and what to write instead.

Of every ModelAdmin and inline the system checks tell, whose ids stand in ``checks``; a form's author hears of it where
it is defined.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.core.validators import FileExtensionValidator
from django.db import models

from .gaps import names_in
from .models import GeneratedImage
from .places import Place, aspect_of, is_text

#: Letters that a field for a picture's title or alternative text must have room for.
ROOM = 80
#: Endings of the files that there may be.
ENDINGS = {"jpg", "jpeg", "webp", "png"}


class Fault(NamedTuple):
    """What is wrong, what to write instead, and the id of the check that says so."""

    text: str
    hint: str
    id: str


# -- Who is told ---------------------------------------------------------------------------------------------


@register(Tags.admin)
def check_places(**kwargs: Any) -> list[CheckMessage]:
    """Every ``seedream_fields`` of the admin names fields that can keep a picture, and says what there is to say."""
    found: list[CheckMessage] = []
    for admin in _admins():
        for fault in [*_misplaced(admin), *_faults(admin), *_doubts(admin)]:
            kind = Error if ".E" in fault.id else Warning
            found.append(kind(fault.text, hint=fault.hint, obj=type(admin), id=fault.id))
    return found


def _misplaced(admin: Any) -> Iterator[Fault]:
    """``seedream_fields`` where nobody reads them: without the mixin, or with one that comes after Django's class."""
    names = [each.__name__ for each in type(admin).__mro__]
    mixin, django = (
        names.index(name) if name in names else None for name in ("SeedreamAdminMixin", "BaseModelAdmin")
    )
    if mixin is None and getattr(admin, "seedream_fields", None):
        text = (
            "It has seedream_fields, but not the mixin that reads them, so no field has “Generate” beside it."
        )
    elif mixin is not None and django is not None and mixin > django:
        text = "SeedreamAdminMixin comes after Django's own class, so no field has “Generate” beside it."
    else:
        return
    kind = "admin.ModelAdmin" if "ModelAdmin" in names else "admin.StackedInline"
    hint = f"class {type(admin).__name__}(SeedreamAdminMixin, {kind}): …"
    yield Fault(text, hint, "seedream.W031")


def demand(form: Any) -> None:
    """Raise ImproperlyConfigured for the first fault of a form's class, naming the line that is to be changed."""
    model = getattr(getattr(form, "Meta", None), "model", None)
    # While Django still loads models nobody knows what a relation leads to.
    if model is None or not apps.models_ready:
        return
    for fault in faults(model, getattr(form, "seedream_fields", {})):
        raise ImproperlyConfigured(f"{form.__module__}.{form.__qualname__}: {fault.text} {fault.hint}")


def _admins() -> Iterator[Any]:
    if not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin import sites

    seen = set()
    for site in sorted(sites.all_sites, key=lambda site: str(site.name)):
        for model, admin in site._registry.items():
            # What is no inline is for the admin's own checks to say.
            inlines = (each(model, site) for each in admin.inlines if getattr(each, "model", None))
            for one in (admin, *inlines):
                if (key := (type(one), one.model)) not in seen:
                    seen.add(key)
                    yield one


def _faults(admin: Any) -> Iterator[Fault]:
    return faults(admin.model, getattr(admin, "seedream_fields", {}))


# -- What is wrong -------------------------------------------------------------------------------------------


def faults(model: type[models.Model], fields: Any) -> Iterator[Fault]:
    """What keeps these places from working."""
    if not isinstance(fields, Mapping):
        text = f"seedream_fields must be a dict; what is there (of type {type(fields).__name__}) is not."
        yield Fault(text, 'Write seedream_fields = {"cover": slot()}.', "seedream.E018")
        return
    for name, place in fields.items():
        said = f'seedream_fields["{name}"]'
        if fault := _wrong_field(model, name, said):
            yield fault
        elif not isinstance(place, Place):
            text = f"{said} must be made by slot(); what is there (of type {type(place).__name__}) is not."
            hint = f'Write "{name}": slot(), with “from seedream_django.places import slot”.'
            yield Fault(text, hint, "seedream.E018")
        else:
            takes_files = isinstance(model._meta.get_field(name), models.FileField)
            yield from _wrong_values(place, said, takes_files)
            yield from _wrong_prompt(model, place, said)
            yield from _wrong_words(model, place, said)


def _wrong_field(model: type[models.Model], name: Any, said: str) -> Fault | None:
    field = _field(model, name)
    label = model._meta.label
    if field is None:
        return Fault(f"{said}: {label} has no field of this name.", _nearest(model, name), "seedream.E018")
    if isinstance(field, models.FileField) or (
        isinstance(field, models.ForeignKey) and field.related_model is GeneratedImage
    ):
        return None
    text = f"{said}: {label}.{name} (of type {type(field).__name__}) keeps no picture."
    return Fault(
        text,
        "Name an ImageField, a FileField or a ForeignKey to seedream_django.GeneratedImage.",
        "seedream.E018",
    )


def _wrong_values(place: Place, said: str, takes_files: bool) -> Iterator[Fault]:
    texts = [name for name in ("ratio", "hint", "prompt_from", "alt", "title") if not _is_text(place, name)]
    for name in (name for name in texts if name != "ratio"):
        yield Fault(f"{said}: {name} must be a text.", f'Write {name}="…", or leave it out.', "seedream.E019")
    if not _is_ratio(place.ratio):
        what = "is no ratio of width to height" if _is_text(place, "ratio") else "must be a text"
        text = f"{said}: ratio={place.ratio!r} {what}."
        yield Fault(text, 'Write ratio="16:9", or leave it out where any shape will do.', "seedream.E019")
    width = place.max_width
    if width is not None and (not isinstance(width, int) or isinstance(width, bool) or width < 1):
        text = f"{said}: max_width={width!r} is no number of pixels."
        yield Fault(text, "Write max_width=1920, or leave it out.", "seedream.E019")
    elif width is not None and not takes_files:
        text = f"{said}: max_width is of a copy, and this field keeps the picture itself, of which there is none."
        yield Fault(text, "Leave max_width out.", "seedream.E019")
    if "hint" not in texts and place.limit < 1:
        yield Fault(
            f"{said}: hint leaves no room for a prompt.", "Write a line of a few words.", "seedream.E019"
        )


def _is_ratio(value: Any) -> bool:
    try:
        return isinstance(value, str) and (not value or bool(aspect_of(value)))
    except ValueError:
        return False


def _is_text(place: Place, name: str) -> bool:
    return isinstance(getattr(place, name), str)


def _wrong_prompt(model: type[models.Model], place: Place, said: str) -> Iterator[Fault]:
    """Names between braces alone, each of a field of the same object that has a text."""
    if not place.prompt_from or not _is_text(place, "prompt_from"):
        return
    try:
        names = names_in(place.prompt_from)
    except ValueError as error:
        text = f"{said}: prompt_from={place.prompt_from!r} cannot be read: {error}"
        hint = 'Write names of fields in braces, and nothing else in them: prompt_from="{title}. {summary}".'
        yield Fault(text, hint, "seedream.E020")
        return
    if not names:
        text = f"{said}: prompt_from={place.prompt_from!r} names no field, so that it fills in nothing."
        yield Fault(
            text, 'Write the names of fields in braces: prompt_from="{title}. {summary}".', "seedream.E020"
        )
    for name in names:
        field = _field(model, name)
        if field is None:
            text = f"{said}: prompt_from names “{name}”, and {model._meta.label} has no such field."
            yield Fault(text, _nearest(model, name), "seedream.E020")
        elif not is_text(field):
            kind = type(field).__name__
            text = f"{said}: prompt_from names “{name}” (of type {kind}), which has no text of its own."
            yield Fault(
                text,
                "Name fields of the object itself that hold a text, a number or a date.",
                "seedream.E020",
            )


def _wrong_words(model: type[models.Model], place: Place, said: str) -> Iterator[Fault]:
    for what in ("alt", "title"):
        if not (name := getattr(place, what)) or not isinstance(name, str):
            continue
        field = _field(model, name)
        if field is None:
            text = f"{said}: {what} names “{name}”, and {model._meta.label} has no such field."
            yield Fault(text, _nearest(model, name), "seedream.E021")
        elif not isinstance(field, models.CharField | models.TextField) or field.choices:
            text = (
                f"{said}: {what} names “{name}” (of type {type(field).__name__}), which takes no free text."
            )
            yield Fault(text, "Name a CharField or a TextField.", "seedream.E021")
        elif field.max_length is not None and field.max_length < ROOM:
            text = f"{said}: {what} names “{name}”, which has room for {field.max_length} letters only."
            yield Fault(text, f"Give it max_length={ROOM} or more, or leave {what} out.", "seedream.E021")


# -- What is doubtful ----------------------------------------------------------------------------------------


def _doubts(admin: Any) -> Iterator[Fault]:
    """What an editor would look for in vain."""
    places = getattr(admin, "seedream_fields", {})
    for name, place in places.items() if isinstance(places, Mapping) else ():
        field = _field(admin.model, name)
        if field is None or not isinstance(place, Place):
            continue
        said = f'seedream_fields["{name}"]'
        if allowed := _endings(field):
            text = f"{said}: the field takes no jpg, webp or png, only {', '.join(sorted(allowed))}."
            yield Fault(
                text, 'Add "jpg" to allowed_extensions: no picture could be put there.', "seedream.W029"
            )
        if not _is_shown(admin, name):
            text = f"{said} is not in the form, so that nobody sees “Generate”."
            hint = f'Add "{name}" to the form’s fields, or take it out of readonly_fields, exclude or seedream_fields.'
            yield Fault(text, hint, "seedream.W030")
            continue
        try:
            hidden = [
                each for each in place.names if _field(admin.model, each) and not _is_shown(admin, each)
            ]
        except (ValueError, TypeError):
            hidden = []
        for each in hidden:
            text = f"{said}: prompt_from names “{each}”, which is not in the form: the button finds no text there."
            yield Fault(
                text, f'Add "{each}" to the form’s fields, or leave it out of prompt_from.', "seedream.W030"
            )


def _endings(field: Any) -> set[str]:
    """The endings that a field is limited to, where no picture of ours has one of them."""
    for validator in field.validators if isinstance(field, models.FileField) else ():
        allowed = getattr(validator, "allowed_extensions", None)
        if (
            isinstance(validator, FileExtensionValidator)
            and allowed is not None
            and not ENDINGS & set(allowed)
        ):
            return set(allowed) or {"none"}
    return set()


def _is_shown(admin: Any, name: str) -> bool:
    """Whether the form has a control for this field, as far as the class says it."""
    from django.contrib.admin.utils import flatten_fieldsets

    if (
        name in admin.readonly_fields
        or name in (admin.exclude or ())
        or not _field(admin.model, name).editable
    ):
        return False
    listed = flatten_fieldsets(admin.fieldsets) if admin.fieldsets else admin.fields
    flat = [each for one in listed or () for each in (one if isinstance(one, list | tuple) else [one])]
    return not flat or name in flat


# -- Names ---------------------------------------------------------------------------------------------------


def _field(model: type[models.Model], name: Any) -> Any:
    try:
        field = model._meta.get_field(name)
    except (FieldDoesNotExist, TypeError):
        return None
    # By its own name: a relation's column is found as well, and so is a relation of another model to this one.
    return field if isinstance(field, models.Field) and field.name == name else None


def _nearest(model: type[models.Model], name: Any) -> str:
    names = sorted(field.name for field in model._meta.fields)
    near = difflib.get_close_matches(str(name), names, n=1)
    return f"Did you mean “{near[0]}”?" if near else f"There are: {', '.join(names)}."
