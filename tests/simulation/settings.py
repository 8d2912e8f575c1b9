"""The tests' settings, with everything that the simulation stands in for."""

from __future__ import annotations

from decimal import Decimal

from tests.settings import *  # noqa: F403

DEBUG = False
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
}
STORAGES = {
    "default": {"BACKEND": "tests.simulation.disk.Disk"},
    "private": {"BACKEND": "tests.simulation.disk.Disk"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
#: Searched for in everything that comes out: the key, and the signature of every address.
KEY = "canary-key-never-to-be-seen"
SIGNATURE = "canary-signature-never-to-be-seen"
SEEDREAM = {
    "API_KEY": KEY,
    "SANDBOX": False,
    "PRIVATE_STORAGE": "private",
    "HUEY": "tests.simulation.queue.QUEUE",
    "ALERT_EMAILS": ("olga@example.org",),
    "PRICE": Decimal("0.035"),
    "MAX_BYTES": 4096,
    "QUEUE_DEADLINE": 400,
    "LEASE": 60,
    "SYNC_TIMEOUT": 100,
    "ASK_WINDOW": 300,
    "RUN_DEADLINE": 400,
    "WATCH": 1800,
    "FETCH_DEADLINE": 300,
    "STORE_DEADLINE": 900,
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LOGGING_CONFIG = None
