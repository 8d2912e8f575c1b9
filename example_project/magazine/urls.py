from __future__ import annotations

from django.urls import path

from . import views

app_name = "magazine"
urlpatterns = [
    path("", views.front, name="front"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("articles/<slug:slug>/", views.article, name="article"),
    path("articles/<slug:slug>/teaser/", views.teaser, name="teaser"),
]
