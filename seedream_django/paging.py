"""Where in the list of pictures a page begins and ends."""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from .models import GeneratedImage

#: As the index of the newest has them.
ORDER, BACKWARDS = ("-created_at", "position", "id"), ("created_at", "-position", "-id")


class Place(NamedTuple):
    """A place in the list of pictures, the newest first."""

    created_at: datetime.datetime
    position: int
    pk: int

    @classmethod
    def of(cls, image: GeneratedImage) -> Place:
        return cls(image.created_at, image.position, image.pk)

    @classmethod
    def read(cls, text: str) -> Place | None:
        """What ``str()`` of one gave; None for anything else."""
        found = re.fullmatch(r"([-0-9T:.+]{19,32}),([0-9]{1,5}),([0-9]{1,18})", text)
        try:
            moment = parse_datetime(found[1]) if found else None
        except ValueError:
            return None
        if not found or not moment or not 1900 < moment.year < 3000 or is_aware(moment) != settings.USE_TZ:
            return None
        position, pk = int(found[2]), int(found[3])
        return cls(moment, position, pk) if position < 2**15 else None

    def __str__(self) -> str:
        return f"{self.created_at.isoformat()},{self.position},{self.pk}"

    def older(self) -> Q:
        """The condition that a picture comes after this place in the list."""
        at, equal = Q(created_at=self.created_at), Q(position=self.position)
        further = Q(position__gt=self.position) | equal & Q(pk__gt=self.pk)
        # The first part is all that the index needs to begin there.
        return Q(created_at__lte=self.created_at) & (Q(created_at__lt=self.created_at) | at & further)

    def newer(self) -> Q:
        """The condition that it comes before."""
        at, equal = Q(created_at=self.created_at), Q(position=self.position)
        further = Q(position__lt=self.position) | equal & Q(pk__lt=self.pk)
        return Q(created_at__gte=self.created_at) & (Q(created_at__gt=self.created_at) | at & further)

    def is_behind(self, other: Place, back: bool) -> bool:
        """Whether it is reached after the other one, on the way to the older ones or ``back``."""
        here, there = ((place.created_at, -place.position, -place.pk) for place in (self, other))
        return here > there if back else here < there
