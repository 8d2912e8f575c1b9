"""Who may decide about an order, and whom to ask who may not."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _

from . import conf

#: Who decides about other people's orders, and about money that may be spent twice.
DECIDES = "seedream_django.change_generation"
#: Who decides about candidates and what the safety check flagged: of their own, or of everybody's if they see that.
REVIEWS = "seedream_django.approve"
#: People who are named.
NAMED = 3


def people_with(*permissions: str) -> str:
    """Those of the staff who have all of these, by name, or “an administrator” where nobody can be found."""
    return _names_of(_found_with(*permissions))


def _found_with(*permissions: str) -> list[Any]:
    """Those of the staff who have all of these: one more than are named, so that one may be left out."""
    manager: Any = get_user_model()._default_manager
    people: list[Any] = []
    if hasattr(manager, "with_perm"):
        backend = "django.contrib.auth.backends.ModelBackend"
        found = manager.filter(Q(is_staff=True) | Q(is_superuser=True))
        for permission in permissions:
            found = found.filter(pk__in=manager.with_perm(permission, backend=backend).values("pk"))
        people = list(found.order_by("pk")[: NAMED + 1])
    return people


def _names_of(people: list[Any]) -> str:
    names = [person.get_full_name() or person.get_username() for person in people[:NAMED]]
    return ", ".join(names) or _("an administrator")


def people_to_decide() -> str:
    """Those to ask about somebody else's order, which they must be able to see."""
    return people_with(DECIDES, "seedream_django.see_others_prompts")


def reviewers() -> list[Any]:
    """Those to ask about a picture that waits for a decision, which they must be able to see."""
    return _found_with(REVIEWS, "seedream_django.see_others_prompts")


def reviewers_of(generation: Any, found: list[Any]) -> str:
    """Those of the ``found`` reviewers who decide about this order's pictures, by name."""
    return _names_of([person for person in found if not is_too_close(person, generation)])


def is_too_close(user: Any, generation: Any) -> bool:
    """Whether somebody else has to decide about this order's pictures, because this person ordered them."""
    return bool(conf.REVIEW == "second" and generation.user_id is not None and generation.user_id == user.pk)


def may_review(user: Any, generation: Any = None) -> bool:
    """Whether this person decides about pictures, those that they may see; with ``generation``, about that one's."""
    if not (user.is_active and user.has_perm(REVIEWS)):
        return False
    return generation is None or not is_too_close(user, generation)


def may_decide(user: Any) -> bool:
    return bool(user.is_active and user.has_perm(DECIDES))


def may_cancel(user: Any, generation: Any) -> bool:
    """Everybody may cancel their own orders."""
    return bool(generation.user_id == user.pk or may_decide(user))
