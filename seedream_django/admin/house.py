"""The house: the owner's off switch."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ..models import Switch


@admin.register(Switch)
class SwitchAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The owner's off switch: one row, no list."""

    fields = ("on", "reason", "changed_by", "changed_at")
    readonly_fields = ("changed_by", "changed_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        switch, _created = Switch.objects.get_or_create(pk=1)
        return redirect(reverse(f"{self.admin_site.name}:seedream_django_switch_change", args=[switch.pk]))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """A history of what was changed, not of who pressed the button."""
        return super().log_change(request, obj, message) if message else None

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        with translation.override(settings.LANGUAGE_CODE):
            reason = form.cleaned_data["reason"]
            if form.has_changed() and not form.cleaned_data["on"]:
                return _("Switched off: %(reason)s") % {"reason": reason or _("no reason is given.")}
            if "on" in form.changed_data:
                return _("Switched on.")
            return super().construct_change_message(request, form, formsets, add)

    def save_model(self, request: HttpRequest, obj: Switch, form: Any, change: bool) -> None:
        user: Any = request.user
        obj.changed_by = user
        super().save_model(request, obj, form, change)
        if not obj.on:
            messages.warning(
                request,
                _("Nothing that waits is sent while it is off. What was sent already is kept when it comes."),
            )
