from __future__ import annotations

from django.urls import path

from . import json_views, live_views, place_views, reference_views, uploads, views, webhooks

app_name = "seedream_django"
urlpatterns = [
    path("order/", place_views.order_in_place, name="order"),
    path("try-now/", views.try_now, name="try-now"),
    path("reference/<int:pk>/", reference_views.reference, name="reference"),
    path("pictures/<uuid:image_uuid>.json", json_views.picture, name="picture"),
    path("hook/<uuid:pk>/", webhooks.webhook, name="webhook"),
    path("upload/<uuid:pk>/<uuid:task_uuid>/", uploads.upload, name="upload"),
    path("live/", live_views.of_all, name="live"),
    path("<uuid:pk>/status/", live_views.status, name="status"),
    path("<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("<uuid:pk>/show/", views.show, name="show"),
    path("<uuid:pk>/again/", views.again, name="again"),
    path("<uuid:pk>/ask/", views.ask, name="ask"),
    path("<uuid:pk>/send-again/", views.send_again, name="send_again"),
    path("<uuid:pk>/write-off/", views.write_off, name="write_off"),
]
