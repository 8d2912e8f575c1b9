"""``python -m tests.simulation``: many schedules, or one of them in full. Its processes begin here, too."""

from __future__ import annotations

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.simulation.settings"
django.setup()

from .command import main  # noqa: E402 - it knows the models

if __name__ == "__main__":
    raise SystemExit(main())
