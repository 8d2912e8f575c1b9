"""What somebody has to decide about: candidates, and what the provider's safety check flagged.

Until then it lies in the private storage and is on no page. Rejected it stays there, and may still be approved.
Approved is final: by the time somebody thinks better of it, it may stand on pages, and is to be deleted.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import audit, conf, signals
from .exceptions import NotAllowed
from .models import GeneratedImage, GeneratedImageQuerySet, ImageState, Review
from .models.images import DECIDED_ABOUT, REASON_LENGTH
from .people import is_too_close, may_review, reviewers, reviewers_of

#: From which decisions each may be taken. Blank: flagged before there were any.
FROM = {
    Review.APPROVED: (Review.NONE, Review.WAITING, Review.REJECTED),
    Review.REJECTED: (Review.NONE, Review.WAITING),
}
#: What the history says, of what is flagged and of candidates.
WORDS = {
    (Review.APPROVED, True): gettext_lazy("Approved it, which the provider's safety check had flagged."),
    (Review.REJECTED, True): gettext_lazy("Rejected it, which the provider's safety check had flagged."),
    (Review.APPROVED, False): gettext_lazy("Approved it."),
    (Review.REJECTED, False): gettext_lazy("Rejected it."),
}
#: Why pictures are rejected, as a start: the page offers them, and anything else may be written.
REASONS = (
    gettext_lazy("Something in it looks wrong, such as hands, faces or letters."),
    gettext_lazy("It does not show what the text is about."),
    gettext_lazy("It does not fit our look."),
    gettext_lazy("It shows a person, a brand or a place that we may not show."),
    gettext_lazy("Its quality is not good enough."),
)


def visible_to(user: Any) -> GeneratedImageQuerySet:
    """The pictures whose rows this person may see: everybody's, else one's own that are not hidden."""
    if user.has_perm("seedream_django.see_others_prompts"):
        return GeneratedImage.objects.all()
    return GeneratedImage.objects.filter(generation__user_id=user.pk, generation__hidden=False)


def waiting_for(user: Any) -> GeneratedImageQuerySet:
    """What waits for this person's decision, in no order; not what is out of everybody's sight."""
    if not may_review(user):
        return GeneratedImage.objects.none()
    rows = visible_to(user).to_review().filter(generation__hidden=False)
    return rows.exclude(generation__user=user.pk) if conf.REVIEW == "second" else rows


def can_be(image: GeneratedImage, decision: Review) -> bool:
    """Whether this may still be decided about a picture."""
    return image.is_decided_about and image.is_stored and image.decision in FROM[decision]


def needs_reason(image: GeneratedImage) -> bool:
    """Whether whoever rejects it has to say why: of what is flagged everybody knows."""
    return not image.flagged


def decide(
    image: GeneratedImage, approve: bool, *, by: Any, reason: str = "", seen: Review | None = None
) -> bool:
    """Approve or reject a picture; tell whether that was still to be decided. Of two at once, one does.

    ``by`` is a user, or None for the site's own code; ``reason`` is told to who ordered it, up to ``REASON_LENGTH``
    characters. An approved picture moves to the public storage, and is shown once it is there; a rejected one stays
    where it is. ``seen`` is the ``decision`` that whoever decides was shown: where it is another by now, nothing
    changes; without it a rejected picture is approved, too. Raises NotAllowed for somebody who may not decide about
    it: with ``REVIEW`` “second” also for who ordered it, whatever their rights.
    """
    if by is not None:
        _check_may_decide(image, by)
    decision, now = Review.APPROVED if approve else Review.REJECTED, timezone.now()
    why = "" if approve else Truncator(" ".join(reason.split())).chars(REASON_LENGTH)
    rows = GeneratedImage.objects.filter(DECIDED_ABOUT, pk=image.pk, state=ImageState.STORED)
    columns = {"review": decision, "reviewed_at": now, "reviewed_by": by, "reason": why}
    columns |= {"look_at": now, "lease_until": None, "error": "", "to_tell": _to_tell(image, by)}
    # Flagged before there were decisions, it was shown as one that waits.
    before = [each for each in FROM[decision] if seen is None or (each or Review.WAITING) == seen]
    with transaction.atomic():
        if not rows.filter(review__in=before).update(**columns):
            return False
        image.refresh_from_db()
        audit.decided(image, by, WORDS[decision, bool(image.flagged)], why)
        transaction.on_commit(partial(_tell, image))
    return True


def _check_may_decide(image: GeneratedImage, by: Any) -> None:
    if is_too_close(by, image.generation):
        told = _("You ordered this picture, so somebody else decides about it: %(people)s.")
    elif may_review(by) and visible_to(by).filter(pk=image.pk).exists():
        return
    else:
        told = _("You may not decide about this picture. Ask %(people)s.")
    raise NotAllowed(told % {"people": reviewers_of(image.generation, reviewers())})


def _to_tell(image: GeneratedImage, by: Any) -> Any:
    """Who ordered it, where another person decided."""
    user = image.generation.user
    return None if user is None or user == by else user


def _tell(image: GeneratedImage) -> None:
    signals.image_reviewed.send_robust(sender=GeneratedImage, image=image)
    if image.review == Review.APPROVED and not image.private_file:
        # It was flagged before flagged ones were kept apart: there is nothing to move.
        signals.image_released.send_robust(sender=GeneratedImage, image=image)
