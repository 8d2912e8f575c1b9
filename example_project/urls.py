from __future__ import annotations

import importlib.util  # TEMPORARY

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    *(
        [path("seedream/", include("seedream_django.urls"))]
        if importlib.util.find_spec("seedream_django.urls")
        else []
    ),  # TEMPORARY
    *(
        [path("", include("example_project.magazine.urls"))]
        if "example_project.magazine" in settings.INSTALLED_APPS
        else []
    ),  # TEMPORARY
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),  # only with DEBUG
]
