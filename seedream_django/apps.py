from __future__ import annotations

import logging
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_delete, pre_delete
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)


class SeedreamConfig(AppConfig):
    """Ties the rooms together: the one place that knows both who speaks and who listens."""

    name = "seedream_django"
    verbose_name = _("AI pictures")
    default_auto_field = "django.db.models.BigAutoField"

    def __init__(self, app_name: str, app_module: Any) -> None:
        super().__init__(app_name, app_module)
        # Before "huey.contrib.djhuey", if that comes later in INSTALLED_APPS: no check would get to say it.
        if "huey.contrib.djhuey" in settings.INSTALLED_APPS:
            from . import queue

            queue.look_before_djhuey()

    def ready(self) -> None:
        from . import (  # noqa: F401
            alerts,
            bulking,
            checks,
            delivery_checks,
            place_checks,
            queue,
            signals,
            slots,
            storage_checks,
            sweeping,
            tasks,
        )
        from .doctor import examination  # noqa: F401 - a worker must know its tasks

        self._listen()
        self._look_after_deleting()
        self._bind_queue()

    def _listen(self) -> None:
        from . import alerts, bulking, signals, slots, storyboards, sweeping, tasks

        signals.generation_queued.connect(tasks.wake, dispatch_uid="seedream_django.wake")
        signals.image_waiting.connect(tasks.wake_store, dispatch_uid="seedream_django.wake_store")
        signals.files_discarded.connect(tasks.wake_discard, dispatch_uid="seedream_django.wake_discard")
        signals.generation_finished.connect(bulking.wake_for, dispatch_uid="seedream_django.wake_bulk")
        signals.slot_settled.connect(bulking.wake_for_slot, dispatch_uid="seedream_django.wake_bulk_for_slot")
        signals.image_stored.connect(slots.fill_for_image, dispatch_uid="seedream_django.fill")
        signals.image_released.connect(slots.fill_for_image, dispatch_uid="seedream_django.fill_released")
        for signal, name in ((signals.image_stored, "stored"), (signals.image_released, "released")):
            signal.connect(storyboards.take_place, dispatch_uid=f"seedream_django.take_place_{name}")
        signals.slot_waiting.connect(tasks.wake_fill, dispatch_uid="seedream_django.wake_fill")
        signals.image_reviewed.connect(tasks.wake_move, dispatch_uid="seedream_django.wake_move")
        signals.submissions_stopped.connect(tasks.wake_probe, dispatch_uid="seedream_django.wake_probe")
        signals.submissions_resumed.connect(
            sweeping.wake_waiting, dispatch_uid="seedream_django.wake_waiting"
        )
        signals.submissions_stopped.connect(alerts.tell_stopped, dispatch_uid="seedream_django.tell_stopped")
        signals.submissions_resumed.connect(alerts.tell_resumed, dispatch_uid="seedream_django.tell_resumed")

    def _look_after_deleting(self) -> None:
        from .models import (
            GeneratedImage,
            Generation,
            Reference,
            Slot,
            discard_copy,
            discard_files,
            discard_inbox,
            let_go,
            refuse_order,
            refuse_picture,
        )

        pre_delete.connect(refuse_order, sender=Generation, dispatch_uid="seedream_django.refuse_order")
        pre_delete.connect(
            refuse_picture, sender=GeneratedImage, dispatch_uid="seedream_django.refuse_picture"
        )
        post_delete.connect(
            discard_files, sender=GeneratedImage, dispatch_uid="seedream_django.discard_files"
        )
        post_delete.connect(discard_copy, sender=Slot, dispatch_uid="seedream_django.discard_copy")
        post_delete.connect(discard_inbox, sender=Generation, dispatch_uid="seedream_django.discard_inbox")
        post_delete.connect(let_go, sender=Reference, dispatch_uid="seedream_django.let_go")

    def _bind_queue(self) -> None:
        # A consumer must know our tasks before it starts. Where there is no queue (yet), checks say so.
        from . import queue

        try:
            queue.bind()
        except ImproperlyConfigured as error:
            logger.debug("No queue: %s", error)
