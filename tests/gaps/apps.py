from __future__ import annotations

import os

from django.apps import AppConfig


class GapsConfig(AppConfig):
    """Opens the gap that ``SEEDREAM_GAP`` names, if it names one."""

    name = "tests.gaps"

    def ready(self) -> None:
        from .named import GAPS

        if name := os.environ.get("SEEDREAM_GAP"):
            GAPS[name]()
