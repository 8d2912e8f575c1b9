"""What an order says of its pictures that are held back: candidates, and what the provider's safety check flagged."""

from __future__ import annotations

from typing import Any

from django.utils.translation import ngettext, ngettext_lazy

from .models import GeneratedImage, Generation, Review
from .standing import Standing

#: What becomes of candidates, by what was decided.
CANDIDATES: dict[Review, Any] = {
    Review.WAITING: ngettext_lazy("%d picture waits for approval.", "%d pictures wait for approval."),
    Review.REJECTED: ngettext_lazy("%d picture was rejected.", "%d pictures were rejected."),
    Review.APPROVED: ngettext_lazy(
        "%d picture is approved, and being moved.", "%d pictures are approved, and being moved."
    ),
}


def images_of(generation: Generation) -> list[GeneratedImage]:
    return [image for image in generation.shown_images() if image.is_held_back]


def in_words(generation: Generation, standing: Standing) -> str:
    """What became of the pictures that somebody has to decide about, or blank."""
    held = images_of(generation)
    waits = ""
    if waiting := sum(image.decision == Review.WAITING for image in held):
        words = ngettext(
            "Whether it may be used is for %(people)s to decide.",
            "Whether they may be used is for %(people)s to decide.",
            waiting,
        )
        waits = words % {"people": standing.people_to_review(generation)}
    return " ".join(filter(None, (_flagged(held), *_candidates(held), waits)))


def _candidates(held: list[GeneratedImage]) -> list[str]:
    found = [image.decision for image in held if not image.flagged]
    return [words % found.count(decision) for decision, words in CANDIDATES.items() if decision in found]


def _flagged(held: list[GeneratedImage]) -> str:
    """That pictures were flagged by the provider's safety check, or blank."""
    if not (count := sum(bool(image.flagged) for image in held)):
        return ""
    what = ngettext(
        "%(count)s picture was flagged by the provider's safety check: it is blurred here and cannot be chosen.",
        "%(count)s pictures were flagged by the provider's safety check: they are blurred here and cannot be chosen.",
        count,
    )
    return what % {"count": count}
