"""The queue as a page of the admin: what runs, what waits and why, whose it is; raise, cancel, pause."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from .. import audit, sweeping, tasks, turns
from ..models import Generation, Switch, Turn
from ..people import may_cancel, may_decide
from .line_page import Page, is_raised
from .shown import STATUS_MEDIA

NAME = "seedream_django_generation"
#: What a person decides about an order that waits, by the last part of the address: what is done, and what the history
#: says of it.
DECISIONS: dict[str, tuple[Any, Any]] = {
    "first": (turns.put_first, gettext_lazy("Put it before the others of its person.")),
    "before-all": (turns.put_before_all, gettext_lazy("Put it before everybody's.")),
    "back": (turns.put_back, gettext_lazy("Put it back into its turn.")),
}
MOVED_ON = gettext_lazy("It does not wait any more. Look at how it stands now.")


class QueuePages:
    """The pages of the queue, for the admin of orders. Who may see the list of orders may see them."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        pages = [
            path("queue/", wrap(self.queue_view), name=f"{NAME}_queue"),
            path("queue/state/", wrap(self.queue_state_view), name=f"{NAME}_queue_state"),
            path("queue/pause/", wrap(self.pause_view), name=f"{NAME}_pause"),
            path("queue/go-on/", wrap(self.go_on_view), name=f"{NAME}_go_on"),
        ]
        for what in DECISIONS:
            address, name = f"queue/<uuid:pk>/{what}/", f"{NAME}_{what.replace('-', '_')}"
            pages.append(path(address, wrap(self.turn_view), {"what": what}, name=name))
        return [*pages, *super().get_urls()]  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"queue_page": self._page(), **(extra_context or {})}
        response: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return response

    # -- Looking

    @method_decorator(require_safe)
    def queue_view(self, request: HttpRequest) -> HttpResponse:
        self._let_in(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Queue"),
            "opts": self.opts,
            "original": _("Queue"),
            "has_view_permission": True,
            "media": self.media + STATUS_MEDIA,  # type: ignore[attr-defined]
            "page": Page(request.user),
        }
        return TemplateResponse(request, "admin/seedream_django/generation/queue.html", context)

    @method_decorator(require_safe)
    def queue_state_view(self, request: HttpRequest) -> HttpResponse:
        """The part of the page that changes."""
        self._let_in(request)
        tasks.tend()
        context = {"page": Page(request.user), "opts": self.opts}
        return TemplateResponse(request, "admin/seedream_django/generation/queue_state.html", context)

    # -- Deciding

    @method_decorator(require_POST)
    def turn_view(self, request: HttpRequest, pk: Any, what: str) -> HttpResponse:
        """Give an order that waits another place: among one's own, or, for those who decide, among all."""
        self._let_in(request)
        generation = Generation.objects.visible_to(request.user).filter(pk=pk).first()
        if generation is None:
            raise Http404
        if not _may_put(request.user, generation, what):
            raise PermissionDenied
        do, words = DECISIONS[what]
        if do(generation):
            audit.decided(generation, request.user, words)
        else:
            messages.warning(request, MOVED_ON)
        return redirect(self._page())

    @method_decorator(require_POST)
    def pause_view(self, request: HttpRequest) -> HttpResponse:
        """Switch generating off, with the reason that is given."""
        reason = " ".join(request.POST.get("reason", "").split())[: _room_for_reason()]
        words = _("Switched off: %(reason)s") % {"reason": reason or _("no reason is given.")}
        self._switch(request, words, on=False, reason=reason)
        return redirect(self._page())

    @method_decorator(require_POST)
    def go_on_view(self, request: HttpRequest) -> HttpResponse:
        """Switch it on again, and have workers look at once at what waited."""
        self._switch(request, gettext_lazy("Switched on."), on=True)
        sweeping.wake_waiting()
        return redirect(self._page())

    def _switch(self, request: HttpRequest, words: Any, **changes: Any) -> None:
        self._let_in(request)
        if not request.user.has_perm("seedream_django.change_switch"):
            raise PermissionDenied
        switch, _created = Switch.objects.get_or_create(pk=1)
        if switch.on == changes["on"]:
            messages.warning(request, _("That was done already. Look at how it stands now."))
            return
        user: Any = request.user
        for name, value in {**changes, "changed_by": user}.items():
            setattr(switch, name, value)
        switch.save()
        audit.decided(switch, user, words)

    def _let_in(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied

    def _page(self) -> str:
        return reverse(f"{self.admin_site.name}:{NAME}_queue")


def _may_put(user: Any, generation: Generation, what: str) -> bool:
    if what == "before-all":
        return may_decide(user)
    if what == "first":
        mine = generation.user_id == user.pk and generation.line != Turn.FIRST
        return bool(mine and user.has_perm("seedream_django.generate"))
    # What an owner put before everybody's is theirs to put back.
    return may_decide(user) or (may_cancel(user, generation) and is_raised(generation))


def _room_for_reason() -> int:
    return int(Switch._meta.get_field("reason").max_length or 0)
