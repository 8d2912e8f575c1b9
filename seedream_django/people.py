"""Who may decide about an order, and whom to ask who may not."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _

#: Who decides about other people's orders, and about money that may be spent twice.
DECIDES = "seedream_django.change_generation"
#: Who decides about what the safety check flagged: of their own, or of everybody's if they may see that.
REVIEWS = "seedream_django.approve"
#: People who are named.
NAMED = 3


def people_with(*permissions: str) -> str:
    """Those of the staff who have all of these, by name, or “an administrator” where nobody can be found."""
    manager: Any = get_user_model()._default_manager
    people: list[Any] = []
    if hasattr(manager, "with_perm"):
        backend = "django.contrib.auth.backends.ModelBackend"
        found = manager.filter(Q(is_staff=True) | Q(is_superuser=True))
        for permission in permissions:
            found = found.filter(pk__in=manager.with_perm(permission, backend=backend).values("pk"))
        people = list(found.order_by("pk")[:NAMED])
    names = [person.get_full_name() or person.get_username() for person in people]
    return ", ".join(names) or _("an administrator")


def people_to_decide() -> str:
    """Those to ask about somebody else's order, which they must be able to see."""
    return people_with(DECIDES, "seedream_django.see_others_prompts")


def people_to_review() -> str:
    """Those to ask about a flagged picture, which they must be able to see."""
    return people_with(REVIEWS, "seedream_django.see_others_prompts")


def may_review(user: Any) -> bool:
    """Whether this person decides about flagged pictures: those that they may see."""
    return bool(user.is_active and user.has_perm(REVIEWS))


def may_decide(user: Any) -> bool:
    return bool(user.is_active and user.has_perm(DECIDES))


def may_cancel(user: Any, generation: Any) -> bool:
    """Everybody may cancel their own orders."""
    return bool(generation.user_id == user.pk or may_decide(user))
