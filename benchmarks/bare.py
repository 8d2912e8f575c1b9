"""Installed apps that leave a part of the work out, so that the rest of it is measured alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.apps import AppConfig


class Bare(AppConfig):
    """Storing without decoding, mark and preview, for who does none of these is compared.

    What is left: claims, download, SHA-256, the file's name and place, the rows and the money.
    """

    name = "benchmarks.bare"

    def ready(self) -> None:
        from seedream_django import files, marks, pictures

        def unmarked(source: Path, target: Path, xmp: Any = None) -> None:
            os.link(source, target)

        changed: list[tuple[Any, str, Any]] = [
            (pictures, "inspect", pictures.glance),
            (marks, "mark", unmarked),
            (files, "preview", lambda image, path: b"no preview"),
        ]
        for module, name, instead in changed:
            setattr(module, name, instead)


class Noticing(AppConfig):
    """Everything up to the row of the picture, and nothing of what comes after it."""

    name = "benchmarks.bare"

    def ready(self) -> None:
        from seedream_django import storing

        storing.store = lambda pk: None
