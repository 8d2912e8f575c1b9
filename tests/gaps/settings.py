"""The example project with quick leases, flat pictures, and the gaps; what differs a test says in variables."""

from __future__ import annotations

import json
import os

from example_project.settings import *  # noqa: F403
from example_project.settings import DATABASES, HUEY, INSTALLED_APPS, SEEDREAM, STORAGES
from tests.servers import database_given
from tests.stores import name_localhost

INSTALLED_APPS = [*INSTALLED_APPS, "tests.gaps"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"] = database_given() or DATABASES["default"]
if given := os.environ.get("SEEDREAM_TEST_STORAGES"):
    STORAGES = {**STORAGES, **json.loads(given)}
    name_localhost(setattr)
HUEY = json.loads(os.environ.get("SEEDREAM_TEST_HUEY", "{}")) or HUEY
SEEDREAM = {
    **SEEDREAM,
    "SANDBOX_LATENCY": 0,
    "SANDBOX_PLAIN": True,
    "LEASE": 2,
    "POLL_INTERVAL": 0.2,
    **json.loads(os.environ.get("SEEDREAM_TEST_SETTINGS", "{}")),
}
