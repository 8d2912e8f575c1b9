"""What may not be deleted yet: rows that are all that is left of money that was spent, or may have been, and pictures
that stand somewhere."""

from __future__ import annotations

from typing import Any

from django.db.models import ProtectedError, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .generations import Generation
from .images import GeneratedImage, ImageState
from .money import Kind, LedgerEntry
from .states import FINAL, State
from .uses import places_of, something_refers_to, why_used


def why_not(generation: Generation) -> str:
    """Why an order cannot be deleted, with what to do first; blank if it can."""
    if generation.state not in FINAL:
        return _("still in work; cancel it and wait for its end. What comes of it stays hidden")
    if any(image.state == ImageState.RECEIVED for image in generation.images.all()):
        return _("its picture is paid for and not yet saved; wait until it is")
    if generation.state == State.LOST and LedgerEntry.objects.of(generation).balance()["reserved"]:
        return _("it is lost, and its price is still reserved; on its page decide first what is to be done")
    if _may_still_come(generation):
        until = date_format(_local(generation.watch_until), "SHORT_DATETIME_FORMAT")
        return _(
            "what did not come of it may still come, and is paid for then; it is looked for until %(time)s"
        ) % {"time": until}
    return ""


def _may_still_come(generation: Generation) -> bool:
    """Whether the provider may still deliver, and charge, what only this row would take in."""
    if generation.watch_until is None or generation.watch_until <= timezone.now():
        return False
    if generation.received + generation.failed >= generation.expected:
        return False
    # Written off is counted as spent, by somebody who decided: nothing of it is missing in the books.
    return not LedgerEntry.objects.of(generation).filter(kind=Kind.WRITE_OFF).exists()


def _local(moment: Any) -> Any:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def refuse_order(instance: Generation, using: str, **kwargs: Any) -> None:
    """Raise ProtectedError for an order whose fate, or money, is still open."""
    # As it is now: whoever deletes it may have read it long ago.
    row = Generation.objects.using(using).filter(pk=instance.pk).first()
    if row is not None and (reason := why_not(row)):
        raise ProtectedError(f"“{row}”: {reason}.", {instance})


def refuse_picture(instance: GeneratedImage, using: str, **kwargs: Any) -> None:
    """Raise ProtectedError for a picture that is paid for and not yet saved, since its row is all that is left of it,
    and for one that stands somewhere: with the places from which it is to be taken first."""
    rows = GeneratedImage.objects.using(using).filter(pk=instance.pk)
    # One query for what is almost always fine: an order with many pictures asks this for each.
    kept = rows.filter(Q(state=ImageState.RECEIVED) | something_refers_to(GeneratedImage, using))
    state = kept.values_list("state", flat=True).first()
    if state == ImageState.RECEIVED:
        reason = _("it is paid for and not yet saved; wait until it is")
        raise ProtectedError(f"“{instance}”: {reason}.", {instance})
    if state is not None:
        places = places_of([instance], using=using)
        raise ProtectedError(f"“{instance}”: {why_used(places)}.", {place.row for place in places.named})
