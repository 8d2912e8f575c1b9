"""The editors' saved words: what a style is called, and what the provider is told where somebody chooses it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import prompts
from ..models import Style
from .sayings import export_chosen
from .shown import List
from .templates import Tools


@admin.register(Style)
class StyleAdmin(Tools, List, admin.ModelAdmin):  # type: ignore[type-arg]
    """Written by whom Django's own permissions let; chosen by everybody who orders."""

    actions = (export_chosen,)
    list_display = ("name", "words", "active", "look")
    list_filter = ("active", "house")
    search_fields = ("name", "words")
    readonly_fields = ("example",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ["name", "words", "active", "house", "host"]
        return [*fields, "example"] if obj else fields

    @admin.display(description=gettext_lazy("Our look"), ordering="house")
    def look(self, style: Style) -> str:
        """Where forms begin with it."""
        return style.host or _("everywhere else") if style.house else "–"

    @admin.display(description=gettext_lazy("Example"))
    def example(self, style: Style) -> str:
        """A whole prompt as it is sent."""
        prompt = prompts.with_lines(_("A red fox in the snow, seen from afar"), prompts.clean(style.words))
        quoted = '<blockquote class="seedream-quoted seedream-lines" dir="auto">{}</blockquote>'
        return format_html(quoted, prompt)
