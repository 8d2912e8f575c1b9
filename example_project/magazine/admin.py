from __future__ import annotations

from django.contrib import admin

from seedream_django.admin import SeedreamAdminMixin, picture

from .models import Article, Photo, Topic
from .pictures import COVER, PHOTO, TEASER


class PhotoInline(SeedreamAdminMixin, admin.StackedInline):  # type: ignore[type-arg]
    model = Photo
    extra = 1
    fields = ("image", "caption", "alt", "position")
    seedream_fields = {"image": PHOTO}


@admin.register(Article)
class ArticleAdmin(SeedreamAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    seedream_fields = {"cover": COVER, "teaser": TEASER}
    inlines = (PhotoInline,)
    fieldsets = (
        (None, {"fields": ("title", "summary", "cover")}),
        ("Text", {"fields": ("body", "quote")}),
        ("Publishing", {"fields": ("topic", "author", "published_at", "slug")}),
        ("A picture in the text", {"fields": ("inset", "caption"), "classes": ("collapse",)}),
        ("A small picture for lists", {"fields": ("teaser", "teaser_alt"), "classes": ("collapse",)}),
    )
    list_display = ("small", "title", "topic", "author", "published_at")
    list_display_links = ("small", "title")
    list_filter = ("topic", ("cover", admin.EmptyFieldListFilter))
    list_select_related = ("topic", "cover")
    list_per_page = 25
    search_fields = ("title", "summary", "body", "author")
    prepopulated_fields = {"slug": ("title",)}
    date_hierarchy = "published_at"

    @admin.display(description="Cover")
    def small(self, article: Article) -> str:
        return picture(article.cover, 64) if article.cover else "No picture yet"


@admin.register(Topic)
class TopicAdmin(SeedreamAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "description")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
