"""The changelist's actions. Both spend, so both show the price first."""

from __future__ import annotations

import secrets
from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import lost, orders, tasks
from .diagnosis import money, why_not_again
from .exceptions import NotAllowed, NotTaken
from .models import Generation, State
from .people import may_cancel

ENDED_BADLY = (State.FAILED, State.CANCELLED, State.LOST)


@admin.action(description=gettext_lazy("Try again"), permissions=["generate"])
def try_again(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    """Order once more what failed, was cancelled or was lost: new rows."""
    chosen = [generation for generation in queryset if generation.state in ENDED_BADLY]
    chosen = [generation for generation in chosen if not _refused(request, generation)]
    return _confirm_then_order(modeladmin, request, chosen, "try_again", _("Try again"))


@admin.action(description=gettext_lazy("More like this"), permissions=["generate"])
def more_like_this(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    """Order the same with new seeds: variations of what has come."""
    chosen = [generation for generation in queryset if generation.stored]
    return _confirm_then_order(modeladmin, request, chosen, "more_like_this", _("More like this"))


@admin.action(description=gettext_lazy("Cancel, and hide what was sent already"), permissions=["generate"])
def cancel(modeladmin: Any, request: HttpRequest, queryset: Any) -> None:
    """Stop what was not sent, free of charge; what was sent is paid for, and kept out of sight when it comes."""
    working = [row for row in queryset if not row.is_final and may_cancel(request.user, row)]
    stopped = sum(orders.cancel(generation) for generation in working)
    hidden = len(working) - stopped
    if stopped:
        sentence = ngettext(
            "%(count)s order was cancelled before it was sent. Nothing was charged.",
            "%(count)s orders were cancelled before they were sent. Nothing was charged.",
            stopped,
        )
        messages.success(request, sentence % {"count": stopped})
    if hidden:
        sentence = ngettext(
            "%(count)s order had been sent already: it is paid for, and kept out of sight when it comes.",
            "%(count)s orders had been sent already: they are paid for, and kept out of sight when they come.",
            hidden,
        )
        messages.warning(request, sentence % {"count": hidden})
    if not working:
        messages.warning(request, _("Nothing to do: all of these have ended, or are somebody else's."))


@admin.action(description=gettext_lazy("Fetch again what could not be saved"), permissions=["change"])
def fetch_again(modeladmin: Any, request: HttpRequest, queryset: Any) -> None:
    """Give paid pictures that could not be saved another chance. Costs nothing."""
    fetched = sum(tasks.fetch_again(image) for image in queryset)
    if fetched:
        sentence = ngettext(
            "%(count)s picture is fetched again.", "%(count)s pictures are fetched again.", fetched
        )
        messages.success(request, sentence % {"count": fetched})
    else:
        messages.warning(request, _("Nothing to do: all of these are saved, or still being saved."))


def _confirm_then_order(
    modeladmin: Any, request: HttpRequest, chosen: list[Generation], action: str, title: str
) -> HttpResponse | None:
    chosen = _without_final_refusals(request, chosen)
    if not chosen:
        messages.warning(
            request, _("Nothing to do: “%(action)s” does not fit what was chosen.") % {"action": title}
        )
        return None
    if request.POST.get("confirmed"):
        _order(request, chosen)
        return None
    pictures = sum(generation.expected for generation in chosen)
    see_costs = request.user.has_perm("seedream_django.see_costs")
    made_from = dict(
        Generation.objects.filter(parent__in=chosen).values_list("parent").annotate(Count("pk")).order_by()
    )
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": title,
        "opts": modeladmin.opts,
        "original": title,
        "has_view_permission": True,
        "media": modeladmin.media,
        "chosen": chosen,
        "counts": [(f"count-{generation.pk}", made_from.get(generation.pk, 0)) for generation in chosen],
        "pictures": pictures,
        "price": money(orders.estimate(pictures)) if see_costs else "",
        "unused": orders.unused_of(chosen, user=request.user),
        "lost": any(lost.is_open(generation) for generation in chosen),
        "action": action,
        "nonce": secrets.token_urlsafe(16),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/seedream_django/generation/again.html", context)


def _refused(request: HttpRequest, generation: Generation) -> bool:
    """Whether it could cost twice and this person may not decide that, who is then told so."""
    try:
        lost.check_again(generation, request.user)
    except NotAllowed as error:
        messages.error(request, _("“%(prompt)s”: %(error)s") % {"prompt": generation, "error": error})
        return True
    return False


def _without_final_refusals(request: HttpRequest, chosen: list[Generation]) -> list[Generation]:
    """Leave out what is not ordered again with the same words, and say why."""
    reasons = {generation.pk: why_not_again(generation) for generation in chosen}
    for reason, count in Counter(filter(None, reasons.values())).items():
        sentence = ngettext("%(count)s order is left out:", "%(count)s orders are left out:", count)
        messages.warning(request, f"{sentence % {'count': count}} {reason}")
    return [generation for generation in chosen if not reasons[generation.pk]]


def _order(request: HttpRequest, chosen: list[Generation]) -> None:
    taken, nonce = 0, request.POST.get("nonce", "")
    for generation in chosen:
        try:
            lost.check_again(generation, request.user)
            once: dict[str, Any] = {
                "nonce": f"{nonce}:{generation.pk}",
                "seen": lost.counted(request.POST.get(f"count-{generation.pk}")),
            }
            orders.again(generation, user=request.user, door="again", **once)
        except NotTaken as error:
            words = {"prompt": generation, "error": orders.in_words(error)}
            messages.error(request, _("“%(prompt)s”: %(error)s") % words)
        else:
            taken += 1
    if taken:
        sentence = ngettext("%(count)s order was taken.", "%(count)s orders were taken.", taken)
        messages.success(request, sentence % {"count": taken})
