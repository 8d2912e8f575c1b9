"""Styles and templates as a file: taken out by whoever sees them, taken in after a look at what that would do."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from .. import sayings
from ..models import PromptTemplate, Style
from .shown import page

#: One more than a file holds, so that it is told where there are more.
ENOUGH = sayings.MOST_ENTRIES + 1
KINDS = ("style", "prompttemplate")
NAME = "seedream-templates.json"


def may(user: Any, *actions: str, kinds: tuple[str, ...] = KINDS) -> bool:
    """Whether this person has one of these rights to one of these kinds."""
    return any(user.has_perm(f"seedream_django.{action}_{kind}") for action in actions for kind in kinds)


def may_see(user: Any, kind: str) -> bool:
    return may(user, "view", "change", kinds=(kind,))


def _file(styles: Any, templates: Any) -> HttpResponse:
    """Raises BadDocument for more than a file holds."""
    text = sayings.written(styles[:ENOUGH], templates[:ENOUGH])
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{NAME}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@admin.action(description=gettext_lazy("Export as a file (JSON)"), permissions=["view"])
def export_chosen(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    """What is chosen; with templates go the styles that they name, for those who may see these."""
    rows = queryset.order_by("name")[:ENOUGH]
    styles, templates = list(rows), []
    if model_admin.model is PromptTemplate:
        templates = list(rows.select_related("style"))
        named = {template.style.pk: template.style for template in templates if template.style is not None}
        styles = list(named.values()) if may_see(request.user, "style") else []
    try:
        return _file(styles, templates)
    except sayings.BadDocument as error:
        messages.error(request, str(error))
        return None


class SayingsPages:
    """The pages of files, below the list of templates."""

    admin_site: Any

    def get_urls(self) -> list[Any]:
        view, name = self.admin_site.admin_view, "seedream_django_prompttemplate"
        return [
            path("export/", view(self.export_view), name=f"{name}_export"),
            path("import/", view(self.import_view), name=f"{name}_import"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def _lists(self, request: HttpRequest) -> str:
        """The list that this person may see of the two."""
        kind = "prompttemplate" if may_see(request.user, "prompttemplate") else "style"
        return reverse(f"{self.admin_site.name}:seedream_django_{kind}_changelist")

    @method_decorator(require_safe)
    def export_view(self, request: HttpRequest) -> HttpResponse:
        """All that this person may see."""
        if not may(request.user, "view", "change"):
            raise PermissionDenied
        styles, templates = Style.objects.all(), PromptTemplate.objects.select_related("style")
        try:
            return _file(
                styles if may_see(request.user, "style") else styles.none(),
                templates if may_see(request.user, "prompttemplate") else templates.none(),
            )
        except sayings.BadDocument as error:
            messages.error(request, str(error))
            return redirect(self._lists(request))

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """A form; then what a file would do; then, pressed once more, it is done."""
        if not may(request.user, "add", "change"):
            raise PermissionDenied
        text, found, error = _sent(request), None, ""
        if text is not None:
            try:
                found = sayings.look(sayings.read(text), user=request.user)
            except sayings.BadDocument as bad:
                error = str(bad)
        if found is not None and request.POST.get("digest"):
            if told := self._take(request, found):
                messages.warning(request, told)
                found = sayings.look(sayings.read(text or ""), user=request.user)
            else:
                return redirect(self._lists(request))
        return page(
            self,
            request,
            "prompttemplate/import.html",
            _("Import styles and templates"),
            ends=_("Import"),
            may_view=may_see(request.user, "prompttemplate"),
            error=error,
            found=found,
            text=text.decode("utf-8-sig", "replace") if text else "",
            kilobytes=sayings.MOST_BYTES // 1024,
            entries=sayings.MOST_ENTRIES,
        )

    def _take(self, request: HttpRequest, found: sayings.Look) -> str:
        """Take in what was looked at; or say why that is to be looked at anew."""
        if request.POST.get("digest") != found.digest:
            return _("Something changed since you looked. Nothing was taken in: look again.")
        try:
            count = sayings.take(found, user=request.user)
        except IntegrityError:
            return _("Somebody else saved one of these names meanwhile. Nothing was taken in: look again.")
        words = ngettext("%(count)s entry was taken in.", "%(count)s entries were taken in.", count)
        messages.success(request, words % {"count": count})
        return ""


def _sent(request: HttpRequest) -> bytes | None:
    """The file, or what was pasted, up to a little more than may be; None where neither was sent."""
    if request.method != "POST":
        return None
    if file := request.FILES.get("file"):
        return bytes(file.read(sayings.MOST_BYTES + 1))
    # A form writes the ends of lines with two characters, which would count.
    pasted = request.POST.get("document", "").replace("\r\n", "\n")
    return pasted.encode("utf-8", "surrogatepass")
