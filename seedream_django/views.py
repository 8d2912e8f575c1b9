"""What an editor does beside a form: ordering in place, cancel, try again, and deciding about what is lost.

No view here calls the provider: they read rows and take orders.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from . import audit, lost, orders, tasks
from .diagnosis import diagnose
from .entry import for_editors, list_page, status_page, visible
from .exceptions import NotTaken
from .live import lost_context
from .models import FINAL, Circuit, Generation, Switch
from .people import may_cancel, may_decide
from .standing import Standing


@require_POST
@for_editors
def cancel(request: HttpRequest, pk: Any) -> HttpResponse:
    """Stop what was not sent yet; what was sent is paid for, and kept out of sight.

    With ``free`` the button said that it costs nothing: if that is no longer so, whoever pressed it decides anew.
    """
    generation = visible(request, pk)
    if not may_cancel(request.user, generation):
        raise Http404
    free = "1" in (request.POST.get("free"), request.GET.get("free"))
    if orders.cancel(generation, hide=not free):
        messages.success(request, str(diagnose(generation)))
    elif generation.state not in FINAL:
        told = _("It had been sent already: it is paid for, and kept out of sight when it comes.")
        if free:
            told = _(
                "It has been sent meanwhile and is paid for, so it goes on. To keep it out of sight, cancel it again."
            )
        messages.warning(request, told)
    return _back(request, generation)


@require_POST
@for_editors
def show(request: HttpRequest, pk: Any) -> HttpResponse:
    """Bring back what was cancelled after it was sent: it is paid for, and kept."""
    generation = visible(request, pk)
    if not may_cancel(request.user, generation):
        raise Http404
    Generation.objects.filter(pk=generation.pk, received__gt=0).update(hidden=False)
    return _back(request, generation)


@require_POST
@for_editors
def try_now(request: HttpRequest) -> HttpResponse:
    """Have what stands in the way of new orders tried at once, by whoever may switch generating off."""
    user: Any = request.user
    if not user.has_perm("seedream_django.change_switch"):
        raise PermissionDenied
    if Circuit.objects.open().exists():
        # A circuit has no page of its own: who looks for this looks where sending is stopped by hand.
        switch, _created = Switch.objects.get_or_create(pk=1)
        audit.decided(switch, user, gettext_lazy("Tried at once what stands in the way of new orders."))
    if tasks.try_now():
        messages.info(request, _("It is being tried now. If that goes well, what waits goes on by itself."))
    else:
        messages.success(request, _("Orders are being sent again already."))
    return _back(request)


@require_POST
@for_editors
def again(request: HttpRequest, pk: Any) -> HttpResponse:
    """Order the same once more, as a new row."""
    generation = visible(request, pk)
    # A double click is one order; once that is taken, the page counts it and the next click is another.
    seen = lost.counted(request.POST.get("count"))
    nonce = f"again:{generation.pk}:{seen}"
    try:
        lost.check_again(generation, request.user)
        new = orders.again(generation, user=request.user, door="again", nonce=nonce, seen=seen)
    except NotTaken as error:
        messages.error(request, orders.in_words(error))
        return _back(request, generation)
    return redirect(status_page(new.pk) or "/")


# -- What is lost --------------------------------------------------------------------------------------------


@require_POST
@for_editors
def ask(request: HttpRequest, pk: Any) -> HttpResponse:
    """Have the provider asked once more what became of a lost order; costs nothing."""
    generation = _to_decide(request, pk)
    if tasks.ask_again(generation):
        audit.decided(generation, request.user, gettext_lazy("Asked the provider once more."))
        messages.success(request, _("The provider is asked once more. What it answers is told here."))
    else:
        messages.warning(request, NOTHING_OPEN)
    return _back(request, generation)


@require_POST
@for_editors
def send_again(request: HttpRequest, pk: Any) -> HttpResponse:
    """Order what is lost as a new row, after saying plainly that it may cost twice."""
    generation = _to_decide(request, pk)
    if not lost.is_open(generation):
        messages.warning(request, NOTHING_OPEN)
        return _back(request, generation)
    if not request.POST.get("confirmed"):
        return _confirm(request, generation, "send_again", _("Send again"))
    # A double click is one order; once that is taken, the page counts it and the next click is another.
    seen = lost.counted(request.POST.get("count"))
    nonce = f"again:{generation.pk}:{seen}"
    try:
        new = lost.send_again(generation, by=request.user, nonce=nonce, seen=seen)
    except NotTaken as error:
        messages.error(request, orders.in_words(error))
        return _back(request, generation)
    audit.decided(generation, request.user, gettext_lazy("Sent it again, as a new order."))
    return redirect(status_page(new.pk) or "/")


@require_POST
@for_editors
def write_off(request: HttpRequest, pk: Any) -> HttpResponse:
    """Count what is reserved for a lost order as spent, after saying what that means."""
    generation, note = _to_decide(request, pk), lost.in_one_line(request.POST.get("note", ""))
    if not lost.is_open(generation):
        messages.warning(request, _("There is nothing to write off: nothing is reserved for this order."))
    elif not request.POST.get("confirmed"):
        return _confirm(request, generation, "write_off", _("Write off"))
    elif lost.write_off(generation, by=request.user, note=note):
        audit.decided(generation, request.user, gettext_lazy("Wrote it off."), note)
        messages.success(request, _("It is written off. If its picture comes after all, it is kept here."))
    return _back(request, generation)


NOTHING_OPEN = gettext_lazy("Nothing is open about this order: there is nothing to decide.")


def _to_decide(request: HttpRequest, pk: Any) -> Generation:
    generation = visible(request, pk)
    if not may_decide(request.user):
        raise Http404
    return generation


def _confirm(request: HttpRequest, generation: Generation, action: str, title: str) -> HttpResponse:
    """The page that says what a decision costs, with the button that makes it."""
    context = {
        **admin.site.each_context(request),
        "title": title,
        "opts": Generation._meta,
        "original": generation,
        "has_view_permission": True,
        "generation": generation,
        "action": reverse(f"seedream_django:{action}", args=[generation.pk]),
        "writes_off": action == "write_off",
        "page": status_page(generation.pk),
        **(lost_context(generation, request.user, Standing([generation])) or {}),
    }
    return TemplateResponse(request, "admin/seedream_django/generation/decide.html", context)


def _back(request: HttpRequest, generation: Generation | None = None) -> HttpResponse:
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return redirect(wanted)
    return redirect((generation and status_page(generation.pk)) or list_page() or "/")
