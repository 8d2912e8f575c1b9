"""Finished pictures: look, name, describe, delete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import actions, origins
from ..models import GeneratedImage, ImageState, Review
from ..troubles import told
from .long import BeforeFilter, LongList
from .reviews import Reviewed, ReviewFilter, approve, reject
from .shown import preview


def has_unsaved(images: Iterable[GeneratedImage]) -> bool:
    """Whether a picture is paid for and not yet in the storage: its row is all that is left of it."""
    return any(image.state == ImageState.RECEIVED for image in images)


@admin.register(GeneratedImage)
class GeneratedImageAdmin(Reviewed, LongList, admin.ModelAdmin):  # type: ignore[type-arg]
    """Finished pictures: look, name, describe, delete."""

    actions = (actions.fetch_again, approve, reject)
    fields = ("large", "title", "alt", "file_link", "facts", "made_from")
    list_display = ("small", "named", "dimensions", "who", "created_at")
    list_display_links = ("small", "named")
    list_filter = (ReviewFilter, BeforeFilter)
    list_per_page = 50
    list_select_related = ("generation__user",)
    readonly_fields = ("large", "safety", "decide_link", "file_link", "facts", "made_from")
    search_fields = ("title", "alt")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        large, *others = self.fields
        if obj is None or not obj.flagged:
            return [large, *others]
        decides = self.has_approve_permission(request) and obj.decision != Review.APPROVED
        return [large, "safety", *(["decide_link"] if decides else []), *others]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GeneratedImage]:
        rows = super().get_queryset(request)
        user: Any = request.user
        if user.has_perm("seedream_django.see_others_prompts"):
            return rows
        return rows.filter(generation__user=user, generation__hidden=False)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what it was made from, what was made from it, and where it can be changed by words."""
        user: Any = request.user
        obj = context["original"]
        order = f"{self.admin_site.name}:seedream_django_generation_add"
        may_edit = user.has_perm("seedream_django.generate") and origins.may_use(obj, user)
        context |= {
            "made_from": origins.shown(obj.generation.references.select_related("file"), user),
            "edited_in": origins.edited_in([obj], user),
            "edit_page": f"{reverse(order)}?edit={obj.pk}" if may_edit else "",
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A picture that is paid for and not yet saved cannot be deleted, nor one of a running generation."""
        objects, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        reason = _("its order is still in work")
        working = [image for image in objs if has_unsaved([image]) or not image.generation.is_final]
        return objects, counts, perms_needed, [*protected, *(f"{image} ({reason})" for image in working)]

    @admin.display(description=gettext_lazy("Picture"))
    def small(self, image: GeneratedImage) -> str:
        return preview(image, 96)

    @admin.display(description=gettext_lazy("Picture"))
    def large(self, image: GeneratedImage) -> str:
        if not image.is_held_back:
            return preview(image, 480)
        told = _("It is blurred, cannot be chosen, and is not shown on the site's pages.")
        return format_html(
            '{}<p class="seedream-told">{}. {}</p>', preview(image, 480), image.why_held_back, told
        )

    @admin.display(description=gettext_lazy("Title"), ordering="title")
    def named(self, image: GeneratedImage) -> SafeString:
        why = image.why_held_back
        told = format_html('<span class="seedream-told">{}</span>', why) if why else ""
        return format_html('<bdi dir="auto">{}</bdi>{}', image, told)

    @admin.display(description=gettext_lazy("Size"))
    def dimensions(self, image: GeneratedImage) -> str:
        return f"{image.width} × {image.height} {image.format}" if image.width else "–"

    @admin.display(description=gettext_lazy("Who"), ordering="generation__user")
    def who(self, image: GeneratedImage) -> str:
        return str(image.generation.user or "–")

    @admin.display(description=gettext_lazy("File"))
    def file_link(self, image: GeneratedImage) -> str:
        if not (image.file or image.private_file):
            return told(image.error) or "–"
        # The file of one that is held back is nobody's to stumble on.
        if image.is_held_back or not (url := image.file_url):
            return " ".join(filter(None, (image.file.name or _("in the private storage"), told(image.error))))
        return format_html('<a href="{}">{}</a>', url, image.file.name)

    @admin.display(description=gettext_lazy("About it"))
    def facts(self, image: GeneratedImage) -> str:
        seed = _("seed %(seed)s") % {"seed": image.seed or "–"}
        return f"{image.width} × {image.height} · {image.format} · {filesizeformat(image.size)} · {seed}"

    @admin.display(description=gettext_lazy("Ordered with"))
    def made_from(self, image: GeneratedImage) -> str:
        url = reverse(f"{self.admin_site.name}:seedream_django_generation_change", args=[image.generation_id])
        return format_html('<a href="{}">{}</a>', url, image.generation)
