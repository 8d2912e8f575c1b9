"""The studio: the page where orders are placed, with what this person has under way beside the form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from .. import describing, live, notices
from ..entry import host_of
from ..models import Generation, State, Switch
from ..order_forms import OrderForm
from ..panels import Desk
from .elsewhere import Elsewhere
from .shown import STATUS_MEDIA
from .templates import links_for

#: Orders that stand beside the form.
BESIDE = 6
#: How an address names the order that the page has just placed.
ORDERED = "ordered"


def is_popup(request: HttpRequest) -> bool:
    """Whether the page is a window of its own, without the admin's frame; an order's form keeps its address."""
    return IS_POPUP_VAR in request.GET


class StudioPage:
    """The add page of the admin of orders; outside the transaction that the admin opens around its own."""

    admin_site: Any
    opts: Any

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        notices.tell(request)
        initial, placed = self._begins(request)
        form = OrderForm(
            request.POST or None,
            request.FILES or None,
            user=request.user,
            desk=Desk(request.user, host=host_of(request)),
            initial=initial,
            template=request.GET.get("template", ""),
            elsewhere=Elsewhere(self.admin_site, request),
        )
        wanted = not form.arranges and form.is_valid() and not form.asks
        if wanted and (generation := form.place(door="admin")):
            return redirect(self._after(request, generation))
        return TemplateResponse(
            request, "admin/seedream_django/generation/order.html", self._shown(request, form, placed)
        )

    def _after(self, request: HttpRequest, generation: Generation) -> str:
        """This page again, with all that was decided: whoever makes pictures with care makes more than one."""
        page = reverse(f"{self.admin_site.name}:seedream_django_generation_add")
        return f"{page}?{ORDERED}={generation.pk}{f'&{IS_POPUP_VAR}=1' if is_popup(request) else ''}"

    def _shown(self, request: HttpRequest, form: OrderForm, placed: Generation | None) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": _("Edit this picture") if form.edits else _("Generate pictures"),
            "opts": self.opts,
            "form": form,
            "errors": form.errors,
            "add": True,
            "has_view_permission": self.has_view_permission(request),  # type: ignore[attr-defined]
            "media": self.media + form.media + STATUS_MEDIA,  # type: ignore[attr-defined]
            "switch": Switch.current(),
            "is_popup": is_popup(request),
            "template_links": links_for(self.admin_site, request),
            "placed": placed,
            "beside": beside(request),
        }

    def _begins(self, request: HttpRequest) -> tuple[dict[str, Any], Generation | None]:
        """What the address says to begin with, if this person may see or use that; and what was placed just now.

        ``?from=`` an order, or a signed token of a file that the site has; ``?edit=`` a picture, by its number;
        ``?ordered=`` the order that this page has placed. With ``?template=``, by its number, the form itself knows
        what to do.
        """
        given, pk, ordered = (request.GET.get(name, "") for name in ("from", "edit", ORDERED))
        if request.method == "POST":
            # What is sent says it all; a file that the site has need not be read anew each time.
            return {}, None
        if ordered and (placed := self.get_object(request, ordered)):  # type: ignore[attr-defined]
            return OrderForm.initial_from(placed), placed
        if old := self.get_object(request, given):  # type: ignore[attr-defined]
            return OrderForm.initial_from(old), None
        initial = OrderForm.initial_to_edit(pk, token=given, user=request.user)
        if not initial and (pk or given or ordered):
            messages.warning(request, _("What this page was to begin with is gone, or you may not use it."))
        return initial, None


def beside(request: HttpRequest) -> list[dict[str, Any]]:
    """What is told of this person's latest orders: how it stands with them, or what came of them."""
    user: Any = request.user
    mine = (
        Generation.objects.filter(user=user, hidden=False)
        .exclude(state=State.IMPORTED)
        .order_by("-created_at")
    )
    rows = list(mine.prefetch_related("images", describing.edits())[:BESIDE])
    return [told for _pk, told in live.contexts(request, rows, where=live.STUDIO)]
