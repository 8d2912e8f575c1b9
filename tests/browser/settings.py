"""The example project for tests in a browser: without a worker, and with what a test's environment asks for.

``SEEDREAM_TEST_UNFOLD``: django-unfold over the admin. ``SEEDREAM_TEST_IMMEDIATE``: tasks run inside the request, so
that orders are carried out. ``SEEDREAM_TEST_PLAIN``: pictures that take milliseconds. ``SEEDREAM_TEST_REVIEW``: who
decides about new pictures.
"""

from __future__ import annotations

import os

from huey import MemoryHuey

from example_project.settings import *  # noqa: F403
from example_project.settings import INSTALLED_APPS, LANGUAGES, MIDDLEWARE, SEEDREAM

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
HUEY = MemoryHuey("browser", immediate=bool(os.environ.get("SEEDREAM_TEST_IMMEDIATE")))
SEEDREAM = {**SEEDREAM, "SANDBOX_LATENCY": 0, "SANDBOX_PLAIN": bool(os.environ.get("SEEDREAM_TEST_PLAIN"))}
SEEDREAM["REVIEW"] = os.environ.get("SEEDREAM_TEST_REVIEW") or None
# Asked for by the browser's own language; the admin then runs from right to left.
LANGUAGES = [*LANGUAGES, ("ar", "العربيّة"), ("he", "עברית")]

if os.environ.get("SEEDREAM_TEST_UNFOLD"):
    INSTALLED_APPS = ["unfold", *INSTALLED_APPS]
    # Unfold's own pages have scripts and styles inline, and evaluate text.
    MIDDLEWARE = [name for name in MIDDLEWARE if "csp" not in name]
