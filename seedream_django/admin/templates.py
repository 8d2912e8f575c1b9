"""Templates in the admin: written by whom Django's own permissions let, used by everybody who orders."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import prompts
from ..models import MOST, PromptTemplate
from .examples import ExamplePages, may_look
from .sayings import SayingsPages, export_chosen, may, may_see
from .shown import List, with_gaps

#: Words of a search that are looked for: each looks through all texts.
WORDS = 8
#: Characters of a text that a list shows.
SHOWN = 120


def links_for(site: Any, request: HttpRequest) -> list[tuple[str, str]]:
    """Where this person may go from the order page to see more templates: addresses and what they are called."""
    name = f"{site.name}:seedream_django_prompttemplate"
    links = [(reverse(f"{name}_examples"), _("Examples"))]
    if may_see(request.user, "prompttemplate"):
        links.append((reverse(f"{name}_changelist"), _("All templates")))
    return links


class Tools:
    """What stands below the lists of styles and of templates."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "may_look": may_look(request.user),
            "may_import": may(request.user, "add", "change"),
            **(extra_context or {}),
        }
        response: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return response


@admin.register(PromptTemplate)
class PromptTemplateAdmin(ExamplePages, SayingsPages, Tools, List, admin.ModelAdmin):  # type: ignore[type-arg]
    """Prompts with gaps for what changes."""

    actions = (export_chosen,)
    list_display = ("name", "beginning", "style", "shape", "active", "use")
    list_filter = ("active", "shape", "style")
    list_select_related = ("style",)
    list_per_page = 50
    search_fields = ("name", "text")
    search_help_text = gettext_lazy("Words of the name or the text.")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ["name", "text", "description", "style", "shape", "active"]
        return [*fields, "preview", "created_by", "created_at"] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("preview", "created_by", "created_at")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        few = " ".join(prompts.one_line(search_term[:200]).split()[:WORDS])
        return super().get_search_results(request, queryset, few)

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        may = request.user.has_perm("seedream_django.generate")
        return columns if may else [column for column in columns if column != "use"]

    def save_model(self, request: HttpRequest, obj: PromptTemplate, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    # -- Columns, and what its page shows

    @admin.display(description=gettext_lazy("Text"), ordering="text")
    def beginning(self, template: PromptTemplate) -> SafeString:
        return format_html('<span dir="auto">{}</span>', Truncator(template.text).chars(SHOWN))

    @admin.display(description=gettext_lazy("Begin with it"))
    def use(self, template: PromptTemplate) -> SafeString | str:
        if not template.active:
            return "–"
        page = reverse(f"{self.admin_site.name}:seedream_django_generation_add")
        return format_html(
            '<a href="{}?template={}" aria-label="{}">{}</a>',
            page,
            template.pk,
            _("Use “%(name)s”") % {"name": template.name},
            _("Use"),
        )

    @admin.display(description=gettext_lazy("As it is sent"))
    def preview(self, template: PromptTemplate) -> SafeString | str:
        """The whole prompt, its gaps as such, what the style adds, and how long it is."""
        if problem := template.problem():
            return problem
        told = (
            _("%(count)s of %(most)s characters, before the gaps are filled.")
            if template.gaps
            else _("%(count)s of %(most)s characters.")
        )
        return format_html(
            '<blockquote class="seedream-quoted seedream-lines" dir="auto">{}{}</blockquote><p class="help">{}</p>',
            with_gaps(template.text),
            f"\n{template.words}" if template.words else "",
            told % {"count": template.least(), "most": MOST},
        )
