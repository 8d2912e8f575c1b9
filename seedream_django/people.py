"""Who may decide about an order, and whom to ask who may not."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

#: Who decides about other people's orders, and about money that may be spent twice.
DECIDES = "seedream_django.change_generation"
#: People who are named.
NAMED = 3


def people_with(permission: str) -> str:
    """Those who have a permission, by name, or “an administrator” where nobody can be found."""
    manager: Any = get_user_model()._default_manager
    people: list[Any] = []
    if hasattr(manager, "with_perm"):
        backend = "django.contrib.auth.backends.ModelBackend"
        people = list(manager.with_perm(permission, backend=backend).order_by("pk")[:NAMED])
    names = [person.get_full_name() or person.get_username() for person in people]
    return ", ".join(names) or _("an administrator")


def may_decide(user: Any) -> bool:
    return bool(user.is_active and user.has_perm(DECIDES))


def may_cancel(user: Any, generation: Any) -> bool:
    """Everybody may cancel their own orders."""
    return bool(generation.user_id == user.pk or may_decide(user))
