"""What another person decided about somebody's pictures, for who ordered them; ``notices`` tells it, once.

What is the same of several is one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import ngettext

from . import conf
from .entry import status_page
from .models import GeneratedImage, Review, after

#: Pictures that are read for one page or one mail.
READ = 500
#: Characters of a picture's name.
NAMED = 80


class Verdict:
    """The same decision about some pictures, for the same reason."""

    def __init__(self, review: str, reason: str, images: list[GeneratedImage]) -> None:
        self.review, self.reason, self.images = review, reason, images

    @property
    def name(self) -> str:
        return Truncator(str(self.images[0])).chars(NAMED)

    @cached_property
    def path(self) -> str:
        """The page of the first one's order."""
        return status_page(self.images[0].generation_id)

    @property
    def linked(self) -> SafeString:
        # A name may be in a language that is written the other way.
        name = format_html("<bdi>{}</bdi>", self.name)
        return format_html('<a href="{}">{}</a>', self.path, name) if self.path else name

    def sentence(self) -> tuple[int, str, dict[str, Any], int]:
        """The level, a text with places for a name and other words, these words, and how many pictures."""
        count = len(self.images)
        words = {"count": count, "reason": self.reason}
        if self.review == Review.APPROVED:
            template = ngettext(
                "“%(name)s”: the picture was approved.",
                "“%(name)s”, and others of yours: %(count)s pictures were approved.",
                count,
            )
            return messages.SUCCESS, template, words, count
        template = ngettext(
            "“%(name)s”: the picture was rejected. %(reason)s",
            "“%(name)s”, and others of yours: %(count)s pictures were rejected. %(reason)s",
            count,
        )
        return messages.WARNING, template, words, count


def untold(since: float, until: float = 0, user: Any = None) -> Any:
    """Pictures about which another person decided between these seconds ago, and whose own nobody told of it.

    Of a site where nothing waits for a decision nothing is asked.
    """
    if not conf.holds_back():
        return GeneratedImage.objects.none()
    # By the index of these few alone; in no order, for which SQLite would take another.
    whose = {"to_tell__isnull": False} if user is None else {"to_tell": user}
    rows = GeneratedImage.objects.filter(reviewed_at__range=(after(-since), after(-until)), **whose)
    return rows.order_by()


def take(user: Any, since: float, until: float = 0) -> list[Verdict]:
    """What this person is to be told, unless somebody else tells of it at this moment."""
    rows = list(untold(since, until, user).order_by("reviewed_at", "pk")[:READ])
    mine = GeneratedImage.objects.filter(pk__in=[image.pk for image in rows], to_tell=user)
    if not rows:
        return []
    with transaction.atomic():
        if mine.update(to_tell=None) < len(rows):
            # Somebody else tells of some of them at this moment. What is left is told next time.
            transaction.set_rollback(True)
            return []
    return list(_alike(rows))


def give_back(verdicts: Iterable[Verdict], user: Any) -> None:
    """Have it told later: it could not be told now."""
    keys = [image.pk for verdict in verdicts for image in verdict.images]
    GeneratedImage.objects.filter(pk__in=keys, to_tell=None).update(to_tell=user)


def _alike(images: Iterable[GeneratedImage]) -> Iterator[Verdict]:
    found: dict[tuple[str, str], list[GeneratedImage]] = {}
    for image in images:
        found.setdefault((image.review, image.reason), []).append(image)
    # What is bad news comes first, as in the other notices.
    for (decision, reason), theirs in sorted(found.items(), key=lambda each: each[0][0] == Review.APPROVED):
        yield Verdict(decision, reason, theirs)
