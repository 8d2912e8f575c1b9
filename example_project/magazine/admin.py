from __future__ import annotations

from django.contrib import admin

from seedream_django.admin import SeedreamAdminMixin

from .models import Article, Topic


@admin.register(Article)
class ArticleAdmin(SeedreamAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("title", "topic", "author", "published_at")
    list_filter = ("topic",)
    list_select_related = ("topic",)
    search_fields = ("title", "summary", "body")
    prepopulated_fields = {"slug": ("title",)}
    date_hierarchy = "published_at"


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "description")
    prepopulated_fields = {"slug": ("name",)}
