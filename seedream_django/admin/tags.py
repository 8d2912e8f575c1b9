"""The tags that all share: what they are called, how many pictures have them, two made one, and one taken away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import collecting
from ..models import Tag, Tagging
from .shown import List


class TagForm(forms.ModelForm):  # type: ignore[type-arg]
    """Another name; one that there is already only for whoever says so."""

    merge = forms.BooleanField(
        label=gettext_lazy("Merge"),
        required=False,
        help_text=gettext_lazy(
            "If there is a tag of this name already, its pictures and these have that one from then on. This cannot be"
            " undone."
        ),
    )

    class Meta:
        model = Tag
        fields = ("name",)

    def clean_name(self) -> str:
        found = collecting.checked([self.cleaned_data["name"]])
        if not found:
            raise ValidationError(_("Write a word that can be seen."))
        return found[0]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        other = collecting.other_of(self.instance, data["name"]) if "name" in data else None
        if other is not None and not data.get("merge"):
            text = _("There is a tag “%(name)s” already. Tick “Merge” to make one of both.")
            self.add_error("name", text % {"name": other})
        return data


@admin.register(Tag)
class TagAdmin(List, admin.ModelAdmin):  # type: ignore[type-arg]
    """For those who may change everybody's pictures: a tag is on pictures that somebody else may not see."""

    form = TagForm
    fields = ("name", "merge")
    list_display = ("name", "pictures")
    list_per_page = 50
    search_fields = ("name",)

    # -- Rights: those to the pictures, since a tag is nothing without them.

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A tag is made when it is first given.
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        needed = ("change_generatedimage", "see_others_prompts")
        return request.user.has_perms([f"seedream_django.{right}" for right in needed])

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    # -- The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        # For the tags of one page, and not for all of them before they are cut: so nobody can sort by it.
        count = Tagging.objects.filter(tag=OuterRef("pk")).order_by().values("tag").annotate(n=Count("pk"))
        rows: QuerySet[Tag] = super().get_queryset(request)
        return rows.annotate(count=Subquery(count.values("n")))

    @admin.display(description=gettext_lazy("Pictures"))
    def pictures(self, tag: Any) -> SafeString | str:
        page = reverse(f"{self.admin_site.name}:seedream_django_generatedimage_changelist")
        return format_html('<a href="{}?tag={}">{}</a>', page, tag.pk, tag.count) if tag.count else "0"

    # -- Changing and deleting

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        kept = collecting.rename(obj, form.cleaned_data["name"])
        # What the page and the log speak of from here on, also where this one became another.
        obj.pk, obj.name, obj.key = kept.pk, kept.name, kept.key

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """By numbers: nobody reads through the pictures, and there may be a hundred thousand."""
        tags = list(objs)
        counts = {
            self.opts.verbose_name_plural: len(tags),
            Tagging._meta.verbose_name_plural: Tagging.objects.filter(tag__in=tags).count(),
        }
        return [str(tag) for tag in tags], counts, set(), []
