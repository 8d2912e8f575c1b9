"""Pictures in the site's own models, for whoever orders: chosen by model, searched for as the host's admin does.

What a person finds is what they may look at in that admin: by its permissions, and its ``get_queryset``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.admin.utils import flatten_fieldsets
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

from .. import references
from ..widgets import address_of

logger = logging.getLogger(__name__)

#: Pictures that are shown at once, and how many of the newest objects are looked through for them.
SHOWN, LOOKED_THROUGH = 12, 2000
OURS = "seedream_django"


@dataclass(frozen=True)
class Found:
    """What there is: each with what the form keeps of it, its name, and where a browser has it; and whether there are
    more than are shown."""

    pictures: list[tuple[str, str, str]]
    more: bool = False


class Elsewhere:
    """The models of one site of the admin, as the person of a request may look at them."""

    def __init__(self, admin_site: Any, request: HttpRequest) -> None:
        self.site, self.request = admin_site, request

    def __deepcopy__(self, memo: Any) -> Elsewhere:
        # Forms copy their widgets; what may be looked at is the same for all of them.
        return self

    @cached_property
    def _fields(self) -> dict[str, tuple[Any, Any]]:
        """The admin and the field of each, by ``app_label.model.field``. No query beyond the person's permissions."""
        return {
            f"{model._meta.label_lower}.{field.name}": (model_admin, field)
            for model, model_admin in self.site._registry.items()
            if model._meta.app_label != OURS
            for field in model._meta.get_fields()
            if isinstance(field, models.ImageField)
            and model_admin.has_view_permission(self.request)
            and self._shows(model_admin, field)
        }

    def _shows(self, model_admin: Any, field: Any) -> bool:
        """Whether the host shows this field on its page or in its list: what it keeps out is kept out here."""
        try:
            # An instance: some admins, as that of users, have other fields for what is new.
            page = flatten_fieldsets(model_admin.get_fieldsets(self.request, model_admin.model()))
        except Exception as error:
            # Code of the host, which may not expect an empty one: no reason for ours to have no page.
            logger.warning("The fields of %s could not be told (%s).", model_admin, type(error).__name__)
            page = []
        return field.name in {*page, *model_admin.get_list_display(self.request)}

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Where there may be pictures, by their keys: “Articles: cover”."""
        found = [
            (key, f"{capfirst(model_admin.opts.verbose_name_plural)}: {field.verbose_name}")
            for key, (model_admin, field) in self._fields.items()
        ]
        return sorted(found, key=lambda each: each[1])

    def find(self, where: str, words: str) -> Found | None:
        """The newest that fit; None where this person may not look. Three queries at most."""
        if where not in self._fields:
            return None
        model_admin, field = self._fields[where]
        rows = self._searched(model_admin, model_admin.get_queryset(self.request), words)
        there = ~models.Q(**{field.name: ""}) & models.Q(**{f"{field.name}__isnull": False})
        found = list(rows.filter(there).order_by("-pk")[: SHOWN + 1])
        seen = [row for row in found[:SHOWN] if model_admin.has_view_permission(self.request, row)]
        return Found([self._shown(row, field) for row in seen], len(found) > SHOWN)

    def _searched(self, model_admin: Any, rows: Any, words: str) -> Any:
        """By the admin's own search, among the newest alone: a table of millions is not gone through."""
        keys = rows.order_by("-pk").values_list("pk", flat=True)
        if oldest := list(keys[LOOKED_THROUGH - 1 : LOOKED_THROUGH]):
            rows = rows.filter(pk__gte=oldest[0])
        if not words.strip() or not model_admin.get_search_fields(self.request):
            return rows
        rows, repeats = model_admin.get_search_results(self.request, rows, words)
        return rows.distinct() if repeats else rows

    def _shown(self, row: Any, field: Any) -> tuple[str, str, str]:
        file = getattr(row, field.name)
        return references.token_of(file, self.request.user), str(row), address_of(file)
