"""An order whose fate nobody knows: what its owner decides.

Nothing here takes the row out of its last state. Its price stays reserved until the provider says what became of
it, or until somebody who may writes it off.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import budget, conf, orders
from .exceptions import NotAllowed
from .models import Generation, State, after
from .people import may_decide, people_to_decide


def is_open(generation: Generation) -> bool:
    """Whether it may still turn out to be paid: nobody said what became of it, and nobody decided."""
    return generation.state == State.LOST and budget.reserved_for(generation) > 0


def check_again(generation: Generation, user: Any) -> None:
    """Raise NotAllowed where ordering the same once more could cost twice and this person may not decide that."""
    if is_open(generation) and not may_decide(user):
        raise NotAllowed(
            _("This order may have been charged already, and would then cost twice. Ask %(people)s.")
            % {"people": people_to_decide()}
        )


def ask(generation: Generation) -> bool:
    """Have the provider asked once more, and watched for as long as after the end; tell whether it is."""
    now = timezone.now()
    lost = Generation.objects.filter(pk=generation.pk, state=State.LOST)
    moments = {"asked_at": now, "look_at": now, "watch_until": after(conf.WATCH), "quiet_since": None}
    # What it answered before is no answer to this.
    return bool(lost.update(**moments, error_kind=""))


def send_again(generation: Generation, *, by: Any, nonce: str, seen: int) -> Generation:
    """Order the same as a new row, which costs anew: twice in all, if the lost one was charged.

    ``seen`` is how often it was sent again when this person decided; raises OrderedMeanwhile if that has changed,
    by another owner say. Raises what ``orders.again`` raises, and NotAllowed.
    """
    check_again(generation, by)
    return orders.again(generation, user=by, door="again", nonce=nonce, seen=seen)


def counted(said: str | None) -> int:
    """How many orders had been made from one when its page was drawn, as the page sends it back."""
    return int(said) if said and re.fullmatch("[0-9]{1,6}", said) else 0


def in_one_line(reason: str) -> str:
    """What somebody typed as their reason, as the ledger's column and every database take it."""
    return " ".join(reason.replace("\0", " ").split())[:200]


def write_off(generation: Generation, *, by: Any, note: str = "") -> bool:
    """Count what is reserved as spent, unconfirmed; tell whether there was anything to decide.

    A picture that comes after all is still kept, and the ledger then says what it really cost.
    """
    with transaction.atomic():
        locked = Generation.objects.select_for_update().get(pk=generation.pk)
        return locked.state == State.LOST and budget.write_off(locked, by=by, note=note) > 0
