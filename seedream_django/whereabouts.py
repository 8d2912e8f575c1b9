"""Where in the admin the objects are that pictures wait for, and what they are called there."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import _get_foreign_key
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from .models import Slot
from .prompts import CONTROLS

#: Characters of an object's name.
NAMED = 80


@dataclass
class Thing:
    """An object that is shown on a page of its own, and what became of the pictures for it and its inlines.

    ``name``: where this person may not look at it, what kind of thing it is. ``path``: blank there, and where no page
    has it. ``unfilled``: by the reason, which is blank where an order came to nothing.
    """

    name: str
    path: str = ""
    filled: list[Slot] = field(default_factory=list)
    unfilled: dict[str, list[Slot]] = field(default_factory=dict)

    def add(self, slot: Slot) -> None:
        if slot.settled_at and not slot.note:
            self.filled.append(slot)
        else:
            self.unfilled.setdefault(slot.note, []).append(slot)

    @staticmethod
    def label(slot: Slot) -> str:
        """What the slot's field is called."""
        return str(slot.host_field.verbose_name) if slot.host_field else slot.field


@dataclass(frozen=True)
class Home:
    """The object whose page shows another: itself, or the one that it is an inline of."""

    model: type[models.Model] | None
    column: str
    key: str


def things_of(slots: Collection[Slot], user: Any, request: HttpRequest | None = None) -> Iterable[Thing]:
    """The slots by the objects that are looked at to see them; a few queries for each model, however many there are.

    With a ``request`` names and links are those that its site of the admin shows this person.
    """
    site = _site(request)
    homes = _homes(slots, site)
    shown = {home: Thing(_kind(home)) for home in homes.values()}
    for model, column in {(home.model, home.column) for home in shown}:
        if model is not None:
            theirs = {home.key: home for home in shown if (home.model, home.column) == (model, column)}
            wanted = {f"{column}__in": _fitting(model, column, theirs)}
            for obj, path in _visible(model, wanted, site, user, request):
                thing = shown[theirs[str(getattr(obj, column))]]
                thing.name, thing.path = _name(obj) or thing.name, path
    for slot in slots:
        shown[homes[slot.pk]].add(slot)
    return shown.values()


def _site(request: HttpRequest | None) -> Any:
    """The site of the admin that is looked at, else the default one; None where there is none."""
    if not apps.is_installed("django.contrib.admin"):
        return None
    from django.contrib.admin import sites

    match = getattr(request, "resolver_match", None)
    name = match.namespaces[-1] if match and match.namespaces else ""
    return next((site for site in sites.all_sites if site.name == name), sites.site)


def _kind(home: Home) -> str:
    return str(capfirst(home.model._meta.verbose_name)) if home.model else _("An object")


def _name(obj: models.Model) -> str:
    return Truncator(" ".join(CONTROLS.sub("", str(obj)).split())).chars(NAMED)


def _visible(
    model: type[models.Model], wanted: dict[str, Any], site: Any, user: Any, request: HttpRequest | None
) -> Iterator[tuple[models.Model, str]]:
    """Those objects that this person may look at, each with the address of its page, if it has one."""
    model_admin = site._registry.get(model) if site else None
    asked = model_admin if request else None
    rows = asked.get_queryset(request) if asked else model._base_manager.all()
    for obj in rows.filter(**wanted):
        if asked.has_view_or_change_permission(request, obj) if asked else _may_view(user, obj):
            yield obj, _path(obj, site) if model_admin else ""


def _fitting(model: type[models.Model], column: str, keys: Iterable[str]) -> list[str]:
    """Those keys that a row can have; others are of a time when the model had other ones, or of nothing."""
    field: Any = model._meta.pk if column == "pk" else model._meta.get_field(column)
    found = []
    for key in filter(None, keys):
        with contextlib.suppress(ValidationError):
            field.to_python(key)
            found.append(key)
    return found


def _may_view(user: Any, obj: models.Model) -> bool:
    name = f"{obj._meta.app_label}.{{}}_{obj._meta.model_name}"
    rights = [name.format(action) for action in ("view", "change")]
    return any(user.has_perm(right) or user.has_perm(right, obj) for right in rights)


def _path(obj: models.Model, site: Any) -> str:
    from django.contrib.admin.utils import quote

    name = f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change"
    try:
        return reverse(name, args=[quote(obj.pk)], current_app=site.name)
    except NoReverseMatch:
        return ""


# -- Inlines -------------------------------------------------------------------------------------------------


def _homes(slots: Collection[Slot], site: Any) -> dict[int, Home]:
    """By slot: the object whose page shows it."""
    by_model: dict[Any, list[Slot]] = {}
    for slot in slots:
        by_model.setdefault(slot.content_type.model_class(), []).append(slot)
    found: dict[int, Home] = {}
    for model, theirs in by_model.items():
        ways = list(_ways_up(model, site)) if model and site else []
        objects = {}
        if ways:
            keys = _fitting(model, "pk", [slot.object_id for slot in theirs])
            rows = model._base_manager.filter(pk__in=keys)
            objects = {str(obj.pk): obj for obj in rows}
        for slot in theirs:
            obj = objects.get(slot.object_id)
            up = next((home for way in ways if obj is not None and (home := _up(obj, *way))), None)
            # All that is gone of one kind is one.
            gone = obj is None and bool(ways)
            found[slot.pk] = up or Home(model, "pk", "" if gone else slot.object_id)
    return found


def _ways_up(model: type[models.Model], site: Any) -> Iterator[tuple[Any, Any]]:
    """The models on whose pages this one is edited as an inline, and how."""
    for parent, model_admin in site._registry.items():
        for inline in model_admin.inlines:
            if inline.model._meta.concrete_model is model._meta.concrete_model:
                yield parent, inline


def _up(obj: models.Model, parent: type[models.Model], inline: Any) -> Home | None:
    """The object of this model that has ``obj`` as an inline, or None."""
    if hasattr(inline, "ct_fk_field"):
        kind = ContentType.objects.get_for_model(parent)
        theirs = obj._meta.get_field(inline.ct_field).attname  # type: ignore[union-attr]
        if getattr(obj, theirs) != kind.pk:
            return None
        return Home(parent, "pk", str(getattr(obj, inline.ct_fk_field)))
    key: Any = _get_foreign_key(parent, inline.model, fk_name=inline.fk_name, can_fail=True)
    value = key.value_from_object(obj) if key else None
    return Home(parent, key.target_field.attname, str(value)) if value is not None else None
