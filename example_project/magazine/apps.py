from __future__ import annotations

from django.apps import AppConfig


class MagazineConfig(AppConfig):
    name = "example_project.magazine"
    label = "magazine"
    verbose_name = "Magazine"
    default_auto_field = "django.db.models.BigAutoField"
