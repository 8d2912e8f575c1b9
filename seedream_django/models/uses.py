"""Whether anything stands somewhere: what the rows of all installed apps refer to."""

from __future__ import annotations

from typing import Any

from django.db import models, router
from django.db.models import Exists, ForeignObjectRel, OuterRef, Q


def nothing_refers_to(model: type[models.Model], database: str) -> Q:
    """The condition that no row of any app refers to a row of this model; for ``filter()``, in the same query.

    Our own slots count as well: what filled one has stood somewhere. A generic relation is not looked for, since
    nothing says that it is a place.
    """
    nothing = Q()
    for field in _foreign_keys_to(model, database):
        uses = field.model._base_manager.filter(**{field.name: OuterRef(field.target_field.attname)})
        nothing &= ~Q(Exists(uses))
    return nothing


def _foreign_keys_to(model: type[models.Model], database: str) -> list[Any]:
    """Those of every app, without a name to come back by too; many-to-many ones are those of their own tables."""
    relations = model._meta.get_fields(include_hidden=True)
    fields = [
        relation.field
        for relation in relations
        if isinstance(relation, ForeignObjectRel) and not relation.many_to_many
    ]
    return [
        field
        for field in fields
        # A child's row is the row itself, and another database cannot be looked into.
        if not field.remote_field.parent_link
        and router.db_for_read(field.model) == database
        # What another picture was made from stands nowhere.
        and field.model._meta.label != "seedream_django.Reference"
    ]
