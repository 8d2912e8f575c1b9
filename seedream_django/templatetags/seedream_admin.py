"""What the app's own pages in the admin have in common."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from ..models import Circuit
from ..troubles import owner_advice, why_stopped, words_about

register = template.Library()

#: Whoever has one of these answers for the account, and is told more.
OWNERS_MAY = ("seedream_django.change_switch", "seedream_django.view_ledgerentry")


@register.inclusion_tag("admin/seedream_django/_banner.html", takes_context=True)
def seedream_banner(context: Context) -> dict[str, Any]:
    """``{% seedream_banner %}``: why new orders wait, and nothing while they do not. One query a request."""
    request = context["request"]
    if not hasattr(request, "seedream_stops"):
        request.seedream_stops = list(Circuit.objects.open())
    user = request.user
    return {
        "stops": [
            {
                "circuit": circuit,
                "why": why_stopped(circuit),
                "todo": owner_advice(circuit),
                "words": words_about(circuit),
            }
            for circuit in request.seedream_stops
        ],
        "is_owner": any(user.has_perm(right) for right in OWNERS_MAY),
        "may_try": user.has_perm("seedream_django.change_switch"),
        "page": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("seedream_django/_status.html")
def seedream_status(order: dict[str, Any]) -> dict[str, Any]:
    """``{% seedream_status order %}``: the fragment of one of several orders, with what ``live`` tells of it."""
    return order
