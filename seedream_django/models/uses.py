"""Whether anything stands somewhere, and where: what the rows of all installed apps refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db import models, router
from django.db.models import Exists, ForeignObjectRel, OuterRef, Q
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: Places that are named; of more there is their number.
NAMED = 20
#: Whose rows are no places: what a picture was made from, and what waits for it.
OURS = "seedream_django"
#: Of ours those that say nothing of where a picture stood: what was made from it, who likes it, what it is called,
#: in which frame of its sequence it stands.
NOWHERE = tuple(f"{OURS}.{name}" for name in ("Reference", "Favourite", "Tagging", "Frame", "Replacement"))


@dataclass(frozen=True)
class Use:
    """A row of any app that refers to a picture, and the field in which it does."""

    row: models.Model
    field: str

    @property
    def kind(self) -> str:
        return str(capfirst(str(self.row._meta.verbose_name)))

    @property
    def number(self) -> str:
        """For those who may not see what it is called."""
        return f"{self.kind} #{self.row.pk}"

    def page(self, site: str = "admin") -> str:
        """Where it can be changed, or blank where this admin does not have it."""
        meta = self.row._meta
        try:
            return reverse(f"{site}:{meta.app_label}_{meta.model_name}_change", args=[self.row.pk])
        except NoReverseMatch:
            return ""

    def __str__(self) -> str:
        return f"{self.kind} “{self.row}” ({self.field})"


@dataclass
class Uses:
    """The first of them, and how many there are besides."""

    named: list[Use] = field(default_factory=list)
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.named or self.more)

    def __str__(self) -> str:
        return ", ".join([*map(str, self.named), *filter(None, [self.others])])

    @property
    def others(self) -> str:
        """“and 3 more places”, or blank."""
        if not self.more:
            return ""
        return ngettext("and %(count)s more place", "and %(count)s more places", self.more) % {
            "count": self.more
        }


def why_used(places: Uses) -> str:
    """Why a picture cannot be deleted that stands in these places, with what to do first."""
    return _("it stands in: %(places)s. Take it out there first") % {"places": places}


def places_of(images: Any, limit: int = NAMED, using: str = "") -> Uses:
    """Where these pictures stand, newest first by kind. As many queries for a thousand as for one.

    ``images``: rows, or a QuerySet of them. In the database ``using`` alone: another cannot be looked into. A generic
    relation is not looked for, since nothing says that it is a place, and neither is the name of a file.
    """
    images = images if isinstance(images, models.QuerySet) else list(images)
    places = Uses()
    if not isinstance(images, models.QuerySet) and not images:
        return places
    model: Any = images.model if isinstance(images, models.QuerySet) else type(images[0])
    database = using or router.db_for_read(model)
    for each in _places_in(model, database):
        rows = each.model._base_manager.using(database).filter(**{f"{each.name}__in": images})
        rows = (rows.distinct() if each.many_to_many else rows).order_by("-pk")
        room = limit - len(places.named)
        found = list(rows[: room + 1])
        places.named += [Use(row, str(each.verbose_name)) for row in found[:room]]
        if len(found) > room:
            places.more += rows.count() - room
    return places


def something_refers_to(model: type[models.Model], database: str) -> Q:
    """The condition that a row of this model stands in some place; for ``filter()``, in the same query."""
    places = [each for each in _foreign_keys_to(model, database) if each.model._meta.app_label != OURS]
    # Nothing at all would be the condition that everything fits.
    return reduce(or_, (Q(Exists(_rows_of(each))) for each in places), Q(pk__in=[]))


def place_fields(model: type[models.Model], database: str) -> list[Any]:
    """The fields of other apps' models in which a row of this model may stand."""
    return list(_places_in(model, database))


def keys_in(fields: list[Any], database: str) -> Any:
    """The keys of the rows that these fields have, each as often as they have it: a QuerySet to slice, or None."""
    found = [
        each.model._base_manager.using(database)
        .filter(**{f"{each.name}__isnull": False})
        .order_by()
        .values_list(f"{each.name}__pk", flat=True)
        for each in fields
    ]
    return found[0].union(*found[1:], all=True).order_by() if found else None


def in_one_of(fields: list[Any]) -> Q:
    """The condition that one of these fields has a row; for ``filter()``, in the same query."""
    rows = (each.model._base_manager.filter(**{f"{each.name}__pk": OuterRef("pk")}) for each in fields)
    return reduce(or_, (Q(Exists(each)) for each in rows), Q(pk__in=[]))


def nothing_refers_to(model: type[models.Model], database: str) -> Q:
    """The condition that no row of any app refers to a row of this model; for ``filter()``, in the same query.

    Our own slots count as well: what filled one has stood somewhere. A generic relation is not looked for, since
    nothing says that it is a place.
    """
    nothing = Q()
    for each in _foreign_keys_to(model, database):
        nothing &= ~Q(Exists(_rows_of(each)))
    return nothing


def _rows_of(each: Any) -> models.QuerySet[Any]:
    return each.model._base_manager.filter(**{each.name: OuterRef(each.target_field.attname)})  # type: ignore[no-any-return]


def _places_in(model: type[models.Model], database: str) -> Iterator[Any]:
    """The fields of other apps: a many-to-many one itself, and not the two foreign keys of its table."""
    many = [relation.field for relation in _relations(model) if relation.many_to_many]
    tables = {each.remote_field.through for each in many}
    for each in [*many, *_foreign_keys_to(model, database)]:
        is_ours = each.model._meta.app_label == OURS
        if not is_ours and each.model not in tables and _is_in(each.model, database):
            yield each


def _foreign_keys_to(model: type[models.Model], database: str) -> list[Any]:
    """Those of every app, without a name to come back by too; many-to-many ones are those of their own tables."""
    return [
        relation.field
        for relation in _relations(model)
        # A child's row is the row itself, and another database cannot be looked into.
        if not relation.many_to_many
        and not relation.field.remote_field.parent_link
        and _is_in(relation.field.model, database)
        and relation.field.model._meta.label not in NOWHERE
    ]


def _relations(model: type[models.Model]) -> list[Any]:
    found = model._meta.get_fields(include_hidden=True)
    return [relation for relation in found if isinstance(relation, ForeignObjectRel)]


def _is_in(model: type[models.Model], database: str) -> bool:
    # A copy of the database for reading has the same rows.
    return database in (router.db_for_read(model), router.db_for_write(model))
