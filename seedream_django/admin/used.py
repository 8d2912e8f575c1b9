"""Where pictures stand, as a person may see it: by name and with a link, or by kind and number alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..models import GeneratedImage, Slot, Use, places_of

#: Copies that are looked for, the newest first.
COPIES = 20

Seen = dict[type[models.Model], set[Any]]


def places_for(site: Any, request: HttpRequest, images: Any) -> list[SafeString]:
    """Each place in one line: one query for each kind of object among them, beside those that find them."""
    places = places_of(images)
    seen = _seen(site, request, places.named)
    lines = [_line(site, use, seen) for use in places.named]
    return [*lines, format_html("{}", places.others)] if places.more else lines


def copies_for(site: Any, request: HttpRequest, image: GeneratedImage) -> list[SafeString]:
    """The same of the file fields that have a copy of it: those files are the host's own, and stay without it."""
    slots = Slot.objects.filter(image=image).exclude(copied="").order_by("-pk")[:COPIES]
    uses = list(_present(slots))
    seen = _seen(site, request, uses)
    return [format_html("{}, {}", _line(site, use, seen), _("as a copy of its own")) for use in uses]


def _present(slots: QuerySet[Slot]) -> Iterable[Use]:
    """Where a copy is still what the field has."""
    found: dict[Any, list[Slot]] = defaultdict(list)
    for slot in slots:
        found[slot.content_type_id].append(slot)
    for key, theirs in found.items():
        model = ContentType.objects.get_for_id(key).model_class()
        if model is None:
            continue
        rows = model._base_manager.in_bulk({model._meta.pk.to_python(slot.object_id) for slot in theirs})
        by_key = {str(pk): row for pk, row in rows.items()}
        for slot in theirs:
            row = by_key.get(slot.object_id)
            if row is not None and str(getattr(row, slot.field, "")) == slot.copied:
                yield Use(row, _field_name(model, slot.field))


def _field_name(model: type[models.Model], name: str) -> str:
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    return str(field.verbose_name)


def _line(site: Any, use: Use, seen: Seen) -> SafeString:
    if use.row.pk not in seen[type(use.row)]:
        return format_html("{} ({})", use.number, use.field)
    name = format_html('<bdi dir="auto">{}</bdi>', use.row)
    page = use.page(site.name) if type(use.row) in site._registry else ""
    link = format_html('<a href="{}">{}</a>', page, name) if page else name
    return format_html("{}: {} ({})", use.kind, link, use.field)


def _seen(site: Any, request: HttpRequest, uses: Iterable[Use]) -> Seen:
    """Which of these rows this person may see, by what the admin's own page of them says."""
    rows: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for use in uses:
        rows[type(use.row)].append(use.row)
    return defaultdict(set, {model: _seen_of(site, request, model, theirs) for model, theirs in rows.items()})


def _seen_of(site: Any, request: HttpRequest, model: type[models.Model], rows: list[Any]) -> set[Any]:
    page = site._registry.get(model)
    if page is None:
        rights = [f"{model._meta.app_label}.{verb}_{model._meta.model_name}" for verb in ("view", "change")]
        return {row.pk for row in rows if any(_has(request.user, right, row) for right in rights)}
    allowed = [row.pk for row in rows if page.has_view_or_change_permission(request, row)]
    # A page that shows each person only some of its rows says so in its queryset alone.
    there = page.get_queryset(request).filter(pk__in=allowed) if allowed else ()
    return {row.pk for row in there}


def _has(user: Any, right: str, row: models.Model) -> bool:
    return bool(user.has_perm(right) or user.has_perm(right, row))
