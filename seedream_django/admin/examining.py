"""The examination of the house, for the owner: what was found last, and a button that has a worker look again."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ..diagnosis import PATIENCE
from ..doctor import examination
from ..doctor.words import level_of, name_of, sentences, sign_of
from ..models import Finding
from .shown import STATUS_MEDIA, OnlyLookedAt, Styled

logger = logging.getLogger(__name__)

#: Milliseconds to the next look while an examination is asked for: soon at first, then slowly.
SOON, SLOWLY = 1500, 10_000


@admin.register(Finding)
class FindingAdmin(OnlyLookedAt, Styled, admin.ModelAdmin):  # type: ignore[type-arg]
    """What the last examination found. The page reads rows; looking is a worker's business, or the command's."""

    # -- Rights: those of the owner's page

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return bool(user.has_perms(["seedream_django.view_ledgerentry", "seedream_django.see_costs"]))

    # -- Pages

    def get_urls(self) -> list[Any]:
        """No page of one finding: it is a line of the whole."""
        name = "seedream_django_finding"
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name=f"{name}_changelist"),
            path("state/", wrap(self.state_view), name=f"{name}_state"),
            path("now/", wrap(self.examine_view), name=f"{name}_examine"),
        ]

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        self._let_in(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Is all well?"),
            "opts": self.opts,
            "original": _("Is all well?"),
            "has_view_permission": True,
            "media": self.media + STATUS_MEDIA,
            "way": examination.way(),
            **_state(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/seedream_django/finding/page.html", context)

    @method_decorator(require_safe)
    def state_view(self, request: HttpRequest) -> HttpResponse:
        """The part of the page that changes."""
        self._let_in(request)
        return TemplateResponse(request, "admin/seedream_django/finding/state.html", _state())

    @method_decorator(require_POST)
    def examine_view(self, request: HttpRequest) -> HttpResponse:
        """Have a worker examine. Nothing is looked at here."""
        self._let_in(request)
        if examination.way() != "worker":
            messages.warning(request, _("No worker can be asked here: run “manage.py seedream_doctor”."))
        elif not self._ask():
            messages.error(
                request, _("The queue did not take it. “manage.py seedream_doctor” looks without the queue.")
            )
        return redirect(reverse(f"{self.admin_site.name}:seedream_django_finding_changelist"))

    def _ask(self) -> bool:
        try:
            examination.ask()
        except Exception as error:
            # Queues have errors of their own, and their texts may carry an address.
            logger.warning("The queue did not take an examination (%s).", type(error).__name__)
            return False
        return True

    def _let_in(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _state() -> dict[str, Any]:
    """What was found last, and how it stands with an examination that is asked for. Rows alone."""
    order = {name: place for place, name in enumerate(examination.PARTS)}
    findings = sorted(Finding.objects.all(), key=lambda one: order.get(one.name, len(order)))
    since, begun = examination.asked_since()
    return {
        "lines": [_line(one) for one in findings],
        "found_at": max((one.found_at for one in findings), default=None),
        "headline": _headline(findings),
        "tone": _tone(findings),
        **_asked(since, begun),
    }


def _line(finding: Finding) -> dict[str, str]:
    text, advice = sentences(finding)
    return {
        "name": name_of(finding),
        "level": finding.level,
        "word": level_of(finding),
        "sign": sign_of(finding),
        "text": text,
        "advice": advice,
    }


def _headline(findings: list[Finding]) -> str:
    ill = sum(one.level == Finding.Level.ILL for one in findings)
    doubtful = sum(one.level == Finding.Level.DOUBTFUL for one in findings)
    if ill:
        return ngettext("%(count)s part is to be mended.", "%(count)s parts are to be mended.", ill) % {
            "count": ill
        }
    if doubtful:
        text = ngettext(
            "Nothing is to be mended; %(count)s part is worth a look.",
            "Nothing is to be mended; %(count)s parts are worth a look.",
            doubtful,
        )
        return text % {"count": doubtful}
    return _("All is well.") if findings else _("Nothing was examined yet.")


def _tone(findings: list[Finding]) -> str:
    levels = {one.level for one in findings}
    if Finding.Level.ILL in levels:
        return "bad"
    return "warn" if Finding.Level.DOUBTFUL in levels else "good" if findings else "busy"


def _asked(since: Any, begun: bool) -> dict[str, Any]:
    if since is None:
        return {"state": "over", "asked": "", "next": 0}
    waited = timezone.now() - since
    soon = SOON if waited.total_seconds() < examination.TAKES else SLOWLY
    if begun:
        return {"state": "running", "asked": _("A worker is examining."), "next": soon}
    if waited < PATIENCE:
        return {"state": "waiting", "asked": _("It is asked for; a worker begins in a moment."), "next": soon}
    words = _(
        "No worker has begun. Ask an administrator to start one: “manage.py run_huey”. “manage.py seedream_doctor” "
        "looks without one."
    )
    return {"state": "waiting", "asked": words, "since": since, "next": soon}
