"""What the provider's safety check flagged: who may look at it, and what they decide.

Until then it lies in the private storage and is shown to nobody else. Rejected it stays there, and may still be
approved. Approved is final: by the time somebody thinks better of it, it may stand on pages, and is to be deleted.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import audit, signals
from .exceptions import NotAllowed
from .models import GeneratedImage, GeneratedImageQuerySet, ImageState, Review
from .people import may_review, people_to_review

#: From which decisions each may be taken. Blank: flagged before there were any.
FROM = {
    Review.APPROVED: (Review.NONE, Review.WAITING, Review.REJECTED),
    Review.REJECTED: (Review.NONE, Review.WAITING),
}
#: What the history says.
WORDS = {
    Review.APPROVED: gettext_lazy("Approved it, which the provider's safety check had flagged."),
    Review.REJECTED: gettext_lazy("Rejected it, which the provider's safety check had flagged."),
}


def visible_to(user: Any) -> GeneratedImageQuerySet:
    """The pictures whose rows this person may see: everybody's, else one's own that are not hidden."""
    if user.has_perm("seedream_django.see_others_prompts"):
        return GeneratedImage.objects.all()
    return GeneratedImage.objects.filter(generation__user_id=user.pk, generation__hidden=False)


def can_be(image: GeneratedImage, decision: Review) -> bool:
    """Whether this may still be decided about a picture."""
    return bool(image.flagged and image.is_stored and image.decision in FROM[decision])


def decide(image: GeneratedImage, approve: bool, *, by: Any) -> bool:
    """Approve or reject a flagged picture; tell whether that was still to be decided. Of two at once, one does.

    ``by`` is a user, or None for the site's own code. An approved picture moves to the public storage, and is shown
    once it is there; a rejected one stays where it is. Raises NotAllowed for somebody who may not decide about it.
    """
    if by is not None and not (may_review(by) and visible_to(by).filter(pk=image.pk).exists()):
        raise NotAllowed(
            _("You may not decide about this picture. Ask %(people)s.") % {"people": people_to_review()}
        )
    decision, now = Review.APPROVED if approve else Review.REJECTED, timezone.now()
    rows = GeneratedImage.objects.filter(pk=image.pk, state=ImageState.STORED, flagged=True)
    with transaction.atomic():
        if not rows.filter(review__in=FROM[decision]).update(
            review=decision, reviewed_at=now, reviewed_by=by, look_at=now, lease_until=None, error=""
        ):
            return False
        image.refresh_from_db()
        audit.decided(image, by, WORDS[decision])
        transaction.on_commit(partial(_tell, image))
    return True


def _tell(image: GeneratedImage) -> None:
    signals.image_reviewed.send_robust(sender=GeneratedImage, image=image)
    if image.review == Review.APPROVED and not image.private_file:
        # It was flagged before flagged ones were kept apart: there is nothing to move.
        signals.image_released.send_robust(sender=GeneratedImage, image=image)
