"""What there is of exactly one order already: told of before the same is paid for once more."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import orders
from .models import GeneratedImage, Generation, State
from .people import may_decide, people_to_decide

#: Unused pictures that are shown before the same is ordered once more.
UNUSED = 8


class Alike:
    """Of an order that a person is about to place; ``told`` is the digest that this person knows of already.

    ``nonce`` is that of the form: what it placed itself, when it was sent before, is no reason to ask.
    """

    def __init__(self, order: dict[str, Any], *, user: Any, told: str = "", nonce: str = "") -> None:
        self.order, self.user, self.nonce = order, user, nonce
        self.digest = orders.digest_of(order)
        self.is_known = told == self.digest

    @cached_property
    def taken(self) -> Generation | None:
        """The row that this very form placed before: it is neither asked about nor paid again."""
        return orders.taken(self.order, nonce=self.nonce, user=self.user)

    @property
    def asks(self) -> bool:
        """Whether this person should be told before anything is paid."""
        return not self.is_known and bool(self.open or self.unused)

    # -- What may still bring pictures

    @cached_property
    def open(self) -> Generation | None:
        """In work, or lost and undecided."""
        found = orders.open_like(self.order, user=self.user) if self.user is not None else None
        return None if found and self.taken else found

    def open_text(self) -> str:
        if self.open is None:
            return ""
        if self.open.state == State.LOST:
            return _("Exactly this is lost: it may have been charged already, and would then cost twice.")
        return _("Exactly this is being made already.")

    @property
    def refusal(self) -> str:
        """Why it cannot be ordered at all: it could cost twice, and others decide that. Else blank."""
        if self.open is None or self.open.state != State.LOST or may_decide(self.user):
            return ""
        return _(
            "Exactly this was ordered already and is lost: it may have been charged, and would then cost twice. "
            "Ask %(people)s."
        ) % {"people": people_to_decide()}

    # -- What came and waits

    @cached_property
    def unused(self) -> list[GeneratedImage]:
        """Pictures that wait to be used, one more than are shown."""
        alike = orders.unused_like(user=self.user, **self.order).select_related("generation")
        found = list(alike[: UNUSED + 1])
        return [] if found and self.taken else found

    def unused_shown(self) -> list[GeneratedImage]:
        return self.unused[:UNUSED]

    def unused_text(self) -> str:
        if not self.unused:
            return ""
        if len(self.unused) > UNUSED:
            return _("More than %(count)s unused pictures of exactly this order exist.") % {"count": UNUSED}
        text = ngettext(
            "%(count)s unused picture of exactly this order exists.",
            "%(count)s unused pictures of exactly this order exist.",
            len(self.unused),
        )
        return text % {"count": len(self.unused)}
