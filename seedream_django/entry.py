"""Who comes in at an editor's address, what those are told who may not, and where the admin's own pages are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from .models import Generation

#: What those are told who were logged out meanwhile, of an order that there is and of one that there is not.
KEPT = gettext_lazy("You are logged out. Log in again; your order is kept.")
NOT_TAKEN = gettext_lazy(
    "You are logged out. Nothing was ordered. Copy what you wrote, log in again, and open this page anew."
)


def for_editors(view: Callable[..., HttpResponse], told: Any = KEPT) -> Callable[..., HttpResponse]:
    """Refuse people without an account in words: a redirect to a login page would end up inside the fragment.

    A form of a whole page is led back to that page, which asks them to log in.
    """

    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (request.user.is_authenticated and request.user.is_active):
            if "text/html" in request.headers.get("Accept", "") and (page := status_page(kwargs.get("pk"))):
                return redirect(page)
            # Plain text: the scripts show nothing else that is not a fragment, such as Django's own error pages.
            return HttpResponse(told, status=403, content_type="text/plain; charset=utf-8")
        return view(request, *args, **kwargs)

    return guarded


def host_of(request: HttpRequest) -> str:
    """By what name somebody came here, without the port; blank where that is not one of the site's."""
    try:
        host, _port = split_domain_port(request.get_host())
    except DisallowedHost:
        return ""
    return host


def visible(request: HttpRequest, pk: Any) -> Generation:
    """The order, with its pictures, or 404 for whoever may not see it."""
    rows = Generation.objects.visible_to(request.user).prefetch_related("images")
    return get_object_or_404(rows, pk=pk)


def status_page(pk: Any) -> str:
    """The admin's page of a generation, or blank where the admin does not have one."""
    return _admin_page("change", pk)


def order_page(query: str) -> str:
    """The admin's page for an order that begins with what this says, or blank where the admin does not have one."""
    page = _admin_page("add")
    return page and f"{page}?{query}"


def list_page() -> str:
    """The admin's list of orders, or blank where the admin does not have one."""
    return _admin_page("changelist")


def _admin_page(name: str, *args: Any) -> str:
    try:
        return reverse(f"admin:seedream_django_generation_{name}", args=args)
    except NoReverseMatch:
        return ""
