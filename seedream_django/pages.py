"""What the fields of one page have in common, read once for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from . import content, slots
from .models import FINAL, Generation, Slot
from .panels import Desk
from .places import Place, Spot, spot_of


class Page:
    """Gathers the places of a page as its forms are made; what they show is read at the first that asks."""

    def __init__(
        self, user: Any = None, tell: Callable[[str], object] | None = None, *, host: str = ""
    ) -> None:
        self.desk = Desk(user, tell, host=host)
        self._expected: dict[tuple[type[models.Model], str], dict[Any, tuple[Spot, models.Model]]] = {}
        self._pending: dict[Any, Generation] | None = None
        self._stale: dict[Any, str] | None = None

    def __deepcopy__(self, memo: Any) -> Page:
        # Forms copy their fields; the page is the same for all of them.
        return self

    def expect(self, spot: Spot, instance: models.Model) -> None:
        """Say that this place may ask. A place that comes after the first look is looked for anew."""
        places = self._expected.setdefault((type(instance), spot.field), {})
        if spot.pk and spot.pk not in places:
            places[spot.pk] = (spot, instance)
            self._pending = self._stale = None

    def pending(self, spot: Spot, instance: models.Model) -> Generation | None:
        """What was ordered for this place and has not filled it."""
        if not spot.pk or self.desk.user is None:
            return None
        if self._pending is None:
            self._pending = self._read_pending()
        return self._pending.get((type(instance), spot.field, str(instance.pk)))

    @staticmethod
    def is_awaited(spot: Spot) -> bool:
        """Whether a picture may still come to this place."""
        if not spot.pk:
            return False
        kind = ContentType.objects.get_for_model(spot.model)
        waiting = Slot.objects.of(kind, spot.pk, spot.field).filter(settled_at=None, generation__hidden=False)
        return waiting.exclude(generation__state__in=FINAL, generation__stored=0).exists()

    def stale(self, spot: Spot, instance: models.Model) -> str:
        """The text that its picture would be made from now, where that is another than it was; or blank."""
        if not spot.pk or not spot.place.prompt_from or self.desk.user is None:
            return ""
        if self._stale is None:
            self._stale = self._read_stale()
        return self._stale.get((type(instance), spot.field, str(instance.pk)), "")

    def _by_model(self) -> dict[type[models.Model], tuple[list[models.Model], dict[str, Any]]]:
        found: dict[type[models.Model], tuple[list[models.Model], dict[str, Any]]] = {}
        for (model, field), places in self._expected.items():
            instances, fields = found.setdefault(model, ([], {}))
            for spot, instance in places.values():
                fields[field] = spot.place
                if instance not in instances:
                    instances.append(instance)
        return found

    def _read_pending(self) -> dict[Any, Generation]:
        return {
            (model, field, str(pk)): generation
            for model, (instances, fields) in self._by_model().items()
            for (pk, field), generation in slots.pending_for(instances, list(fields), self.desk.user).items()
        }

    def _read_stale(self) -> dict[Any, str]:
        return {
            (model, field, str(pk)): text
            for model, (instances, places) in self._by_model().items()
            for pk, texts in content.stale_among(instances, places, self.desk.user).items()
            for field, text in texts.items()
        }


def first_of(form: Any, name: str, place: Place) -> Spot | None:
    """“Save as new”: the place in the object that the form was opened for, whose picture the copy may keep."""
    if form.seedream_first is None or not form.instance._state.adding:
        return None
    key = form.data.get(form.add_prefix(form.instance._meta.pk.name))
    first = form.seedream_first(str(key or ""))
    return spot_of(first, name, place) if first is not None else None
